//! Checks on what the web interface is made of.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::setup::WASM_TARGET;
use crate::shell::{self, Failure};
use crate::web;

/// What browsers fetch, in thousands of bytes as sent, for one purpose after another: what was reached, and a little room.
const SIGN_IN_KB: u64 = 190;
const READING_KB: u64 = 456;
const SHEET_KB: u64 = 826;
const EVERYTHING_KB: u64 = 1799;
/// Of what a sheet fetches, engine, yrs and Leptos.
const SHELL_KB: u64 = 448;

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

/// Reports the interface's size as sent, and fails where it is above its limits.
pub fn web_size() -> Result<(), Failure> {
    let (folder, report) = (web::folder()?, web::report()?);
    let part = |name: &str| -> Result<u64, Failure> {
        sum(web::programs_of(name)?.into_iter().map(|program| folder.join(format!("{program}.wasm"))))
    };
    let page = sum(web::inside(&web::dist()).filter(|path| path.is_file()))?
        + sum(["app.js", "app_bg.wasm", "__wasm_split.js"].map(|name| folder.join(name)))?;
    let sheet = web::programs_of("workbook")?.into_iter().chain(["app_bg".to_owned()]);
    let figures = [
        ("to sign in", page, SIGN_IN_KB),
        ("to read a consensus page", page + part("reading")?, READING_KB),
        ("to see and edit a first sheet", page + part("workbook")?, SHEET_KB),
        (
            "everything",
            sum(web::inside(&web::dist()).chain(web::inside(&folder)).filter(|path| is_fetched(path)))?,
            EVERYTHING_KB,
        ),
        ("engine, yrs and Leptos of a sheet", sum(sheet.map(|program| report.join(program)))?, SHELL_KB),
    ];
    shell::say("the web interface as browsers fetch it, gzipped:");
    for (what, bytes, limit) in figures {
        shell::say(&format!("  {:4} kB {what} (limit {limit})", bytes / 1000));
    }
    match figures.iter().find(|(_, bytes, limit)| bytes / 1000 > *limit) {
        Some((what, ..)) => Err(Failure::new(format!("the web interface is above its limit: {what}"))),
        None => Ok(()),
    }
}

/// Whether a file is fetched as it is; packed ones are sent in place of others.
fn is_fetched(path: &Path) -> bool {
    path.is_file() && path.extension().is_none_or(|kind| kind != "gz")
}

/// The size of files as sent.
fn sum(files: impl IntoIterator<Item = PathBuf>) -> Result<u64, Failure> {
    files.into_iter().map(|file| sent(&file)).sum()
}

/// The size of a file as sent: packed with the build, or at its first request.
fn sent(path: &Path) -> Result<u64, Failure> {
    let mut packed = path.as_os_str().to_owned();
    packed.push(".gz");
    std::fs::metadata(packed).map_or_else(|_| gzipped(path), |about| Ok(about.len()))
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
