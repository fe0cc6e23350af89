//! What of a program is not the interface's own: the engine, yrs, Leptos and the libraries below them.

use std::collections::HashSet;
use std::error::Error;

use wasmparser::{KnownCustom, Name, Parser, Payload};

use crate::cut;

/// Functions that are the interface's own bear the name of its crate: where they stand, among the types they were made
/// for, or as the crate that had generic code of a library made for it.
const OWN: &str = "equipoise_web";

/// The numbers of a program's functions that are the interface's own, by their names as mangled.
pub fn own(program: &[u8]) -> Result<HashSet<u32>, Box<dyn Error>> {
    let mut own = HashSet::new();
    for payload in Parser::new(0).parse_all(program) {
        let Payload::CustomSection(section) = payload? else { continue };
        let KnownCustom::Name(names) = section.as_known() else { continue };
        for name in names {
            let Name::Function(functions) = name? else { continue };
            for function in functions {
                let function = function?;
                if function.name.contains(OWN) {
                    own.insert(function.index);
                }
            }
        }
    }
    Ok(own)
}

/// The code and data of a program as sent, without those functions.
pub fn foreign(program: &[u8], own: &HashSet<u32>) -> Result<Vec<u8>, Box<dyn Error>> {
    let cut::Functions { imported, bodies } = cut::functions(program)?;
    let foreign = (imported..).zip(bodies).filter(|(number, _)| !own.contains(number));
    let mut kept: Vec<u8> = foreign.flat_map(|(_, body)| body).copied().collect();
    for payload in Parser::new(0).parse_all(program) {
        if let Payload::DataSection(data) = payload? {
            kept.extend_from_slice(cut::at(program, data.range()));
        }
    }
    Ok(kept)
}
