//! `split PROGRAM.wasm STAGING`: cuts the linked interface where `#[wasm_split]` says, puts the parts in place of the
//! whole that Trunk staged, and prints which files each part needs.

mod cut;
mod stage;

use std::error::Error;
use std::path::PathBuf;
use std::process::Command;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [program, staging] = arguments.as_slice() else { return Err("split PROGRAM.wasm STAGING".into()) };
    let made = staging.join("parts");
    std::fs::create_dir_all(&made)?;
    let parts = cut::cut(program, &made)?;
    bind(&made)?;
    stage::put(&made, staging)?;
    for (part, files) in parts {
        println!("{part} {}", files.join(" "));
    }
    Ok(())
}

/// Writes the JavaScript side of the main program.
fn bind(made: &std::path::Path) -> Result<(), Box<dyn Error>> {
    let main = made.join(cut::MAIN);
    let mut bindgen = Command::new("wasm-bindgen");
    bindgen.args(["--target", "web", "--no-typescript", "--remove-name-section", "--remove-producers-section"]);
    // The other parts call into the main program through its table of functions, an export of the linker.
    bindgen.args(["--keep-lld-exports", "--out-name", "app"]);
    if !bindgen.arg("--out-dir").arg(made).arg(&main).status()?.success() {
        return Err("wasm-bindgen failed".into());
    }
    Ok(std::fs::remove_file(main)?)
}
