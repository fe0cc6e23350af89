//! Building the server and the web interface.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::shell::{self, Failure};
use crate::web;

/// Everything the interface is made of.
const SOURCES: [&str; 13] = [
    ".cargo/config.toml",
    "web/src",
    "web/styles",
    "web/index.html",
    "web/away.js",
    "web/Cargo.toml",
    "grid-engine/src",
    "grid-engine/Cargo.toml",
    "xtask/split/src",
    "xtask/split/Cargo.lock",
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
];

/// Builds `web/dist`, unless nothing it is made of is newer.
pub fn web() -> Result<(), Failure> {
    let root = shell::root();
    let built = root.join("web/dist/index.html");
    let newest = SOURCES.iter().filter_map(|source| newest(&root.join(source))).max();
    if modified(&built) > newest && web::report().is_ok() {
        return Ok(());
    }
    shell::say("building the web interface");
    // Trunk must not look for tools in the network; what Cargo needs is fetched before.
    shell::run(shell::cargo().args(["fetch", "--locked"]))?;
    shell::run(shell::cargo().args(["fetch", "--locked", "--manifest-path", "xtask/split/Cargo.toml"]))?;
    shell::run(shell::command("trunk").args(["build", "--release", "--offline"]).env_remove("NO_COLOR"))
}

/// Builds the server and returns where its program lies.
pub fn server() -> Result<PathBuf, Failure> {
    shell::say("building the server");
    // The whole workspace at once: the tests then find every dependency built with the same features.
    shell::run(shell::cargo().args(["build", "--locked", "--bins"]))?;
    Ok(shell::target().join("debug/equipoise"))
}

/// Installs the stock Yjs client the sync tests run under Node.
pub fn node_packages() -> Result<(), Failure> {
    let folder = shell::root().join("tests/node");
    if modified(&folder.join("node_modules/.package-lock.json")) >= modified(&folder.join("package-lock.json")) {
        return Ok(());
    }
    shell::run(shell::command("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(folder))
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|data| data.modified()).ok()
}

fn newest(path: &Path) -> Option<SystemTime> {
    let inside =
        std::fs::read_dir(path).into_iter().flatten().flatten().filter_map(|entry| newest(&entry.path())).max();
    inside.max(modified(path))
}
