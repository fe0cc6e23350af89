//! Cutting the web interface into the parts a browser fetches, between Trunk's building and its serving.
//!
//! Trunk runs this as a hook (`Trunk.toml`), so that `trunk build` and `trunk serve` make the same files as `cargo xtask`.

use std::path::{Path, PathBuf};

use crate::setup::WASM_TARGET;
use crate::shell::{self, Failure};

/// Where the built interface lies.
pub fn dist() -> PathBuf {
    shell::root().join("web/dist")
}

/// Where Cargo puts the linked interface.
fn linked() -> PathBuf {
    shell::target().join(WASM_TARGET).join("web")
}

/// Which files each part of the interface needs besides the main program, one part a line.
fn list() -> PathBuf {
    linked().join("parts.txt")
}

/// Trunk's hook: puts the parts in place of the whole among what it staged.
pub fn parts() -> Result<(), Failure> {
    let staging = std::env::var_os("TRUNK_STAGING_DIR")
        .ok_or_else(|| Failure::new("parts: Trunk runs this, see Trunk.toml; build with cargo xtask web"))?;
    let tool = shell::target().join("split");
    let mut cargo = shell::cargo();
    cargo.args(["build", "--locked", "--release", "--quiet", "--manifest-path", "xtask/split/Cargo.toml"]);
    shell::run(cargo.arg("--target-dir").arg(&tool))?;
    let mut split = shell::command(tool.join("release/split"));
    split.arg(linked().join("equipoise-web.wasm")).arg(staging).stderr(std::process::Stdio::inherit());
    let parts =
        shell::output(&mut split).ok_or_else(|| Failure::new("the web interface could not be cut: see above"))?;
    std::fs::write(list(), parts).map_err(|error| Failure::new(format!("{}: {error}", list().display())))
}

/// The files that a part of the interface needs, by its name in `#[wasm_split]`, as they lie in `web/dist`.
pub fn files_of(part: &str) -> Result<Vec<PathBuf>, Failure> {
    let known =
        std::fs::read_to_string(list()).map_err(|error| Failure::new(format!("{}: {error}", list().display())))?;
    let mut lines = known.lines().map(|line| line.split(' '));
    let found = lines.find_map(|mut words| (words.next() == Some(part)).then(|| words.collect::<Vec<_>>()));
    let names = found.ok_or_else(|| Failure::new(format!("the web interface has no part {part}")))?;
    let folder = folder()?;
    Ok(names.iter().map(|name| folder.join(format!("{name}.wasm"))).collect())
}

/// The folder in `web/dist` with program and parts.
pub fn folder() -> Result<PathBuf, Failure> {
    inside(&dist()).find(|path| path.is_dir()).ok_or_else(|| Failure::new("the web interface is not built"))
}

/// What lies in a folder.
pub fn inside(folder: &Path) -> impl Iterator<Item = PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}
