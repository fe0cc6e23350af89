//! Checks on what the web interface is made of.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::setup::WASM_TARGET;
use crate::shell::{self, Failure};
use crate::web;

/// What browsers fetch, in thousands of bytes as sent, for one purpose after another: what was reached, and a little room.
const SIGN_IN_KB: u64 = 190;
const READING_KB: u64 = 474;
const SHEET_KB: u64 = 872;
const EVERYTHING_KB: u64 = 1948;
/// Of what a sheet fetches, engine, yrs and Leptos.
const SHELL_KB: u64 = 450;

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
    let (dist, folder, report) = (web::dist(), web::folder()?, web::report()?);
    let part = |name: &str| -> Result<Vec<PathBuf>, Failure> {
        Ok(web::programs_of(name)?.into_iter().map(|program| folder.join(format!("{program}.wasm"))).collect())
    };
    let program = ["app.js", "app_bg.wasm", "__wasm_split.js"].map(|name| folder.join(name));
    // What stands in for the server is fetched when the page is done.
    let at_once = |path: &PathBuf| path.is_file() && !path.ends_with("away.js");
    let page: Vec<PathBuf> = web::inside(&dist).filter(at_once).chain(program).collect();
    let with = |name: &str| Ok::<_, Failure>([page.clone(), part(name)?].concat());
    let everything = web::inside(&dist).chain(web::inside(&folder)).filter(|path| is_fetched(path));
    let sheet = web::programs_of("workbook")?.into_iter().chain(["app_bg".to_owned()]);
    let figures = [
        ("to sign in", page.clone(), SIGN_IN_KB),
        ("to read a consensus page", with("reading")?, READING_KB),
        ("to see and edit a first sheet", with("workbook")?, SHEET_KB),
        ("everything", everything.collect(), EVERYTHING_KB),
    ];
    let mut above = None;
    shell::say("the web interface as browsers fetch it, gzipped (over HTTPS, by Brotli):");
    for (what, files, limit) in figures {
        let [gzip, brotli] = [sum(&files, &[".gz"])? / 1000, sum(&files, &[".br", ".gz"])? / 1000];
        shell::say(&format!("  {gzip:4} kB {what} (limit {limit}; {brotli})"));
        above = above.or((gzip > limit).then_some(what));
    }
    let what = "engine, yrs and Leptos of a sheet";
    let shell_files: Vec<PathBuf> = sheet.map(|program| report.join(program)).collect();
    let shell_kb = sum(&shell_files, &[".gz"])? / 1000;
    shell::say(&format!("  {shell_kb:4} kB {what} (limit {SHELL_KB})"));
    match above.or((shell_kb > SHELL_KB).then_some(what)) {
        Some(what) => Err(Failure::new(format!("the web interface is above its limit: {what}"))),
        None => Ok(()),
    }
}

/// Whether a file is fetched as it is; packed ones are sent in place of others.
fn is_fetched(path: &Path) -> bool {
    path.is_file() && path.extension().is_none_or(|kind| kind != "gz" && kind != "br")
}

/// The size of files as sent to who takes files with these endings, the first first.
fn sum(files: &[PathBuf], endings: &[&str]) -> Result<u64, Failure> {
    files.iter().map(|file| sent(file, endings)).sum()
}

/// The size of a file as sent: packed with the build, or at its first request.
fn sent(path: &Path, endings: &[&str]) -> Result<u64, Failure> {
    let packed = |ending: &&str| {
        let mut packed = path.as_os_str().to_owned();
        packed.push(ending);
        std::fs::metadata(packed).ok().map(|about| about.len())
    };
    endings.iter().find_map(packed).map_or_else(|| gzipped(path), Ok)
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
