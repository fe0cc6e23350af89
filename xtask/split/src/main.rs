//! `split PROGRAM.wasm STAGING REPORT`: cuts the linked interface where `#[wasm_split]` says and puts the parts in place
//! of the whole that Trunk staged. A folder in `REPORT`, named as the build is, tells which files each part needs, and
//! what is not the interface's own in each of them.

mod cut;
mod measure;
mod order;
mod pack;
mod stage;

use std::error::Error;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [program, staging, report] = arguments.as_slice() else {
        return Err("split PROGRAM.wasm STAGING REPORT".into());
    };
    let made = staging.join("parts");
    std::fs::create_dir_all(&made)?;
    let parts = cut::cut(program, &made)?;
    bind(&made)?;
    let mut told = Vec::new();
    for file in cut::programs(&made)? {
        let mut own = measure::own(&std::fs::read(&file)?)?;
        cut::shorten(&file, &mut own)?;
        told.push((file.file_stem().unwrap_or_default().to_owned(), measure::foreign(&std::fs::read(&file)?, &own)?));
    }
    let folder = stage::put(&made, staging)?;
    pack::pack(&folder)?;
    let mut list = String::new();
    for (part, files) in parts {
        writeln!(list, "{part} {}", files.join(" "))?;
    }
    let report = report.join(folder.file_name().unwrap_or_default());
    write(&report, &told)?;
    // What is weighed is packed like what is sent.
    pack::pack(&report)?;
    Ok(std::fs::write(report.join("parts.txt"), list)?)
}

/// Writes files into a new folder, the only one beside it.
fn write(folder: &Path, files: &[(OsString, Vec<u8>)]) -> Result<(), Box<dyn Error>> {
    if let Some(beside) = folder.parent().filter(|beside| beside.exists()) {
        std::fs::remove_dir_all(beside)?;
    }
    std::fs::create_dir_all(folder)?;
    for (name, bytes) in files {
        std::fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}

/// Writes the JavaScript side of the main program.
fn bind(made: &Path) -> Result<(), Box<dyn Error>> {
    let main = made.join(cut::MAIN);
    let mut bindgen = Command::new("wasm-bindgen");
    bindgen.args(["--target", "web", "--no-typescript", "--no-demangle", "--out-name", "app"]);
    // The other parts call into the main program through its table of functions, an export of the linker.
    bindgen.arg("--keep-lld-exports");
    if !bindgen.arg("--out-dir").arg(made).arg(&main).status()?.success() {
        return Err("wasm-bindgen failed".into());
    }
    Ok(std::fs::remove_file(main)?)
}
