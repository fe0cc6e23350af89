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

/// Where each build tells of its cut.
fn reports() -> PathBuf {
    linked().join("report")
}

/// Where the build in `web/dist` does: which files each part needs, one part a line, and what in each file is not the
/// interface's own. Another target folder has none of it.
pub fn report() -> Result<PathBuf, Failure> {
    let report = reports().join(folder()?.file_name().unwrap_or_default());
    if report.is_dir() { Ok(report) } else { Err(Failure::new("the web interface was built elsewhere")) }
}

/// Trunk's hook: puts the parts in place of the whole among what it staged.
pub fn parts() -> Result<(), Failure> {
    let staging = std::env::var_os("TRUNK_STAGING_DIR")
        .ok_or_else(|| Failure::new("parts: Trunk runs this, see Trunk.toml; build with cargo xtask web"))?;
    let tool = with_tool("build")?;
    shell::run(
        shell::command(tool.join("release/split")).arg(linked().join("equipoise-web.wasm")).arg(staging).arg(reports()),
    )
}

/// Tests what cuts the interface into parts.
pub fn test_tool() -> Result<(), Failure> {
    with_tool("test").map(|_| ())
}

/// Has cargo build or test what cuts the interface into parts. Returns where it is built.
fn with_tool(task: &str) -> Result<PathBuf, Failure> {
    let tool = shell::target().join("split");
    let mut cargo = shell::cargo();
    cargo.args([task, "--locked", "--release", "--quiet", "--manifest-path", "xtask/split/Cargo.toml"]);
    shell::run(cargo.arg("--target-dir").arg(&tool))?;
    Ok(tool)
}

/// The programs that a part of the interface needs besides the main one, by the part's name in `#[wasm_split]`.
pub fn programs_of(part: &str) -> Result<Vec<String>, Failure> {
    let list = report()?.join("parts.txt");
    let known = std::fs::read_to_string(&list).map_err(|error| Failure::new(format!("{}: {error}", list.display())))?;
    let mut lines = known.lines().map(|line| line.split(' '));
    let found = lines.find_map(|mut words| (words.next() == Some(part)).then(|| words.map(str::to_owned).collect()));
    found.ok_or_else(|| Failure::new(format!("the web interface has no part {part}")))
}

/// The folder in `web/dist` with program and parts.
pub fn folder() -> Result<PathBuf, Failure> {
    inside(&dist()).find(|path| path.is_dir()).ok_or_else(|| Failure::new("the web interface is not built"))
}

/// What lies in a folder.
pub fn inside(folder: &Path) -> impl Iterator<Item = PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}
