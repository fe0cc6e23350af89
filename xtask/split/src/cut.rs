//! Cutting one program into several.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::{Path, PathBuf};

use wasm_encoder::reencode::{Error as Unreadable, Reencode};
use wasm_encoder::{Module, TypeSection};
use wasmparser::TypeSectionReader;

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
/// types of the whole, which together were a tenth of what a browser fetches.
#[derive(Default)]
struct Brief {
    /// Types in use, by their numbers before; while they are being found, all of them keep theirs.
    used: BTreeSet<u32>,
    /// What they are numbered then.
    numbers: Option<BTreeMap<u32, u32>>,
}

impl Reencode for Brief {
    type Error = std::convert::Infallible;

    fn type_index(&mut self, number: u32) -> Result<u32, Unreadable<Self::Error>> {
        self.used.insert(number);
        Ok(self.numbers.as_ref().and_then(|numbers| numbers.get(&number).copied()).unwrap_or(number))
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
/// twentieth and half as long again.
pub fn shorten(part: &Path) -> Result<(), Box<dyn Error>> {
    let long = std::fs::read(part)?;
    let mut brief = Brief::default();
    brief.parse_core_module(&mut Module::new(), wasmparser::Parser::new(0), &long)?;
    brief.numbers = Some(brief.used.iter().copied().zip(0..).collect());
    let mut short = Module::new();
    brief.parse_core_module(&mut short, wasmparser::Parser::new(0), &long)?;
    std::fs::write(part, short.finish())?;
    Ok(())
}
