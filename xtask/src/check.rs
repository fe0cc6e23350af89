//! Checks on what the web interface is made of.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::setup::WASM_TARGET;
use crate::shell::{self, Failure};
use crate::web;

/// What a browser fetches before a sheet can be seen and edited, in thousands of bytes as sent: what was reached, and
/// a little room.
const FIRST_SHEET_LIMIT_KB: u64 = 915;

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

/// Reports the interface's size as sent, and fails where the first sheet is above its limit.
pub fn web_size() -> Result<(), Failure> {
    let program = web::folder()?;
    let page = sum(web::inside(&web::dist()).filter(|path| path.is_file()))?
        + sum(["app.js", "app_bg.wasm", "__wasm_split.js"].map(|name| program.join(name)))?;
    let (sheet, reading) = (page + sum(web::files_of("workbook")?)?, page + sum(web::files_of("reading")?)?);
    let everything = sum(web::inside(&web::dist()).chain(web::inside(&program)).filter(|path| path.is_file()))?;
    let kb = |bytes: u64| bytes / 1000;
    shell::say(&format!(
        "the web interface, gzipped: page and Leptos {} kB, with the first sheet {} kB (limit {FIRST_SHEET_LIMIT_KB}), \
         with a page to read {} kB, everything {} kB",
        kb(page),
        kb(sheet),
        kb(reading),
        kb(everything)
    ));
    if kb(sheet) > FIRST_SHEET_LIMIT_KB {
        return Err(Failure::new("the first sheet is above its size limit: look at what the workbook page reaches"));
    }
    Ok(())
}

/// The size of files as sent.
fn sum(files: impl IntoIterator<Item = PathBuf>) -> Result<u64, Failure> {
    files.into_iter().map(|file| gzipped(&file)).sum()
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
