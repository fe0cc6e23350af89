//! What of a program is not the interface's own: the engine, yrs, Leptos and the libraries below them.

use std::collections::HashSet;
use std::error::Error;
use std::ops::Range;

use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

/// Functions that are the interface's own bear the name of its crate.
const OWN: &str = "equipoise_web";

/// The code and data of a program without the functions that are the interface's own. Generic code that libraries lend
/// it counts as theirs.
pub fn foreign(program: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let at = |range: Range<u64>| -> &[u8] {
        let range = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
        range.and_then(|(start, end)| program.get(start..end)).unwrap_or_default()
    };
    let (mut imported, mut bodies, mut kept, mut own) = (0, Vec::new(), Vec::new(), HashSet::new());
    for payload in Parser::new(0).parse_all(program) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.range()),
            Payload::DataSection(data) => kept.extend_from_slice(at(data.range())),
            Payload::CustomSection(section) => {
                let KnownCustom::Name(names) = section.as_known() else {
                    continue;
                };
                for name in names {
                    let Name::Function(functions) = name? else {
                        continue;
                    };
                    for function in functions {
                        let function = function?;
                        if function.name.contains(OWN) {
                            own.insert(function.index);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    for (index, body) in (imported..).zip(bodies) {
        if !own.contains(&index) {
            kept.extend_from_slice(at(body));
        }
    }
    Ok(kept)
}
