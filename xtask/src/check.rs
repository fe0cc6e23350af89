//! Checks on what the web interface is made of.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use crate::setup::WASM_TARGET;
use crate::shell::{self, Failure};

/// Above this the interface is too heavy for a first visit.
const WEB_LIMIT_KB: u64 = 1100;

/// The interface holds the document library, and nothing that only a server can run.
pub fn web_dependencies() -> Result<(), Failure> {
    let mut tree = shell::cargo();
    tree.args([
        "tree",
        "--locked",
        "--package",
        "equipoise-web",
        "--target",
        WASM_TARGET,
        "--edges",
        "normal",
        "--prefix",
        "none",
    ]);
    let tree = shell::output(&mut tree).ok_or_else(|| Failure::new("cargo tree failed"))?;
    let has = |name: &str| tree.lines().any(|line| line.split(' ').next() == Some(name));
    for needed in ["yrs", "grid-engine", "leptos"] {
        if !has(needed) {
            return Err(Failure::new(format!("the web interface no longer depends on {needed}")));
        }
    }
    for foreign in ["polars", "rusqlite", "good_lp", "axum", "tokio"] {
        if has(foreign) {
            return Err(Failure::new(format!("the web interface depends on {foreign}, which belongs to the server")));
        }
    }
    Ok(())
}

/// Reports the interface's size as sent, and fails above the limit.
pub fn web_size() -> Result<(), Failure> {
    let dist = shell::root().join("web/dist");
    let mut total = 0;
    for entry in std::fs::read_dir(&dist).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|kind| ["wasm", "js", "css", "html"].iter().any(|known| kind == *known)) {
            total += gzipped(&path)?;
        }
    }
    shell::say(&format!("the web interface is {} kB gzipped (limit {WEB_LIMIT_KB})", total / 1000));
    if total / 1000 > WEB_LIMIT_KB {
        return Err(Failure::new("the web interface is above its size limit: look at its dependencies"));
    }
    Ok(())
}

fn gzipped(path: &Path) -> Result<u64, Failure> {
    let read = |error: std::io::Error| Failure::new(format!("{}: {error}", path.display()));
    let bytes = std::fs::read(path).map_err(read)?;
    let mut gzip =
        shell::command("gzip").args(["-9", "-c"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(read)?;
    let mut input = gzip.stdin.take();
    // Written from a thread of its own: gzip fills its output pipe before it has read all its input.
    let writer = std::thread::spawn(move || input.as_mut().map_or(Ok(()), |pipe| pipe.write_all(&bytes)));
    let output = gzip.wait_with_output().map_err(read)?;
    writer.join().map_err(|_| Failure::new("gzip could not be fed"))?.map_err(read)?;
    Ok(output.stdout.len() as u64)
}
