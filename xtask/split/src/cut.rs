//! Cutting one program into several.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::error::Error;
use std::ops::Range;
use std::path::{Path, PathBuf};

use wasm_encoder::reencode::{Error as Unreadable, Reencode};
use wasm_encoder::{CodeSection, FunctionSection, Module, TypeSection};
use wasmparser::{CodeSectionReader, FunctionSectionReader, Parser, Payload, TypeRef, TypeSectionReader};

use crate::order;

/// What is left of the program for wasm-bindgen.
pub const MAIN: &str = "app.wasm";

/// Cuts a program. The main part is left for wasm-bindgen, the others lie beside it as browsers fetch them; returned
/// are the files that each part needs.
pub fn cut(program: &Path, folder: &Path) -> Result<BTreeMap<String, Vec<String>>, Box<dyn Error>> {
    let program = std::fs::read(program)?;
    let mut options = wasm_split_cli_support::Options::new(&program);
    let main = folder.join(MAIN);
    options.output_dir = folder;
    options.main_out_path = &main;
    options.main_module = "./app.js";
    let split = wasm_split_cli_support::transform(options)?;
    let mut parts: BTreeMap<_, _> = split.prefetch_map.into_iter().collect();
    parts.values_mut().for_each(|files| files.sort());
    Ok(parts)
}

/// The programs in a folder.
pub fn programs(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let files = std::fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    Ok(files.filter(|file| file.extension().is_some_and(|kind| kind == "wasm")).collect())
}

/// Takes a program over without custom sections, and with those types only that it uses: every part comes with the
/// types of the whole, which together were a tenth of what a browser fetches. Functions that are alike stand together.
#[derive(Default)]
struct Brief {
    /// Types in use, by their numbers before; while they are being found, all of them keep theirs.
    used: BTreeSet<u32>,
    /// What they are numbered then.
    numbers: Option<BTreeMap<u32, u32>>,
    /// How many functions are imported: they come first and stay there.
    imported: u32,
    /// Where each function of the program's own stands then.
    places: Vec<u32>,
}

impl Brief {
    /// Things of the program's own functions in their new order.
    fn ordered<T>(&self, things: Vec<T>) -> Vec<T> {
        if self.places.is_empty() {
            return things;
        }
        let mut placed: Vec<(u32, T)> = self.places.iter().copied().zip(things).collect();
        placed.sort_by_key(|(place, _)| *place);
        placed.into_iter().map(|(_, thing)| thing).collect()
    }

    /// The number a function has then.
    fn function(&self, number: u32) -> u32 {
        let place = number.checked_sub(self.imported).and_then(|own| self.places.get(own as usize));
        place.map_or(number, |place| self.imported + place)
    }
}

impl Reencode for Brief {
    type Error = std::convert::Infallible;

    fn type_index(&mut self, number: u32) -> Result<u32, Unreadable<Self::Error>> {
        self.used.insert(number);
        Ok(self.numbers.as_ref().and_then(|numbers| numbers.get(&number).copied()).unwrap_or(number))
    }

    fn function_index(&mut self, number: u32) -> Result<u32, Unreadable<Self::Error>> {
        Ok(self.function(number))
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Unreadable<Self::Error>> {
        let types = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for number in self.ordered(types) {
            functions.function(self.type_index(number)?);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Unreadable<Self::Error>> {
        let bodies = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for body in self.ordered(bodies) {
            self.parse_function_body(code, body)?;
        }
        Ok(())
    }

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: TypeSectionReader<'_>,
    ) -> Result<(), Unreadable<Self::Error>> {
        // The compiler makes every type a group of its own.
        for (group, number) in section.into_iter().zip(0..) {
            // While they are being found, what types say of one another does not count.
            if self.numbers.as_ref().is_some_and(|numbers| numbers.contains_key(&number)) {
                self.parse_recursive_type_group(types.ty(), group?)?;
            }
        }
        Ok(())
    }

    fn parse_custom_section(
        &mut self,
        _module: &mut Module,
        _section: wasmparser::CustomSectionReader<'_>,
    ) -> Result<(), Unreadable<Self::Error>> {
        Ok(())
    }
}

/// Writes a program anew: with room left for addresses, as the linker leaves it, and with names of functions it is a
/// twentieth and half as long again, and packed a twentieth longer with its functions in the linker's order. Among the
/// numbers of functions in `own`, those are put that they have then.
pub fn shorten(part: &Path, own: &mut HashSet<u32>) -> Result<(), Box<dyn Error>> {
    let long = std::fs::read(part)?;
    let mut brief = Brief::default();
    let mut found = Module::new();
    brief.parse_core_module(&mut found, Parser::new(0), &long)?;
    brief.numbers = Some(brief.used.iter().copied().zip(0..).collect());
    let found = found.finish();
    let Functions { imported, bodies } = functions(&found)?;
    brief.imported = imported;
    brief.places = vec![0; bodies.len()];
    for (place, function) in (0..).zip(order::alike(&bodies)) {
        brief.places[function] = place;
    }
    let mut short = Module::new();
    brief.parse_core_module(&mut short, Parser::new(0), &long)?;
    *own = own.iter().map(|&number| brief.function(number)).collect();
    Ok(std::fs::write(part, short.finish())?)
}

/// The functions of a program.
#[derive(Default)]
pub struct Functions<'a> {
    /// How many it imports: they are numbered first.
    pub imported: u32,
    /// The bodies of its own.
    pub bodies: Vec<&'a [u8]>,
}

/// The functions of a program.
pub fn functions(program: &[u8]) -> Result<Functions<'_>, Box<dyn Error>> {
    let mut functions = Functions::default();
    for payload in Parser::new(0).parse_all(program) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    functions.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => functions.bodies.push(at(program, body.range())),
            _ => {}
        }
    }
    Ok(functions)
}

/// The bytes of a program in a range of its own.
pub fn at(program: &[u8], range: Range<u64>) -> &[u8] {
    let range = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
    range.and_then(|(start, end)| program.get(start..end)).unwrap_or_default()
}
