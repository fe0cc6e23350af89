//! Putting the parts in place of the whole among what Trunk staged.

use std::error::Error;
use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use sha2::{Digest as _, Sha256, Sha384};

/// Loaded by the script; told to browsers in the page, so that they need not read the script first.
const LINKS: &str = "__wasm_split.js";
/// The end of the name under which Trunk stages a program.
const PROGRAM: &str = "_bg.wasm";

/// Moves what was made into a folder named by its contents, so that browsers may keep it for ever, and lets the page
/// name it, digests included. Returned is the folder.
pub fn put(made: &Path, staging: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let build = name(made)?;
    let folder = staging.join(&build);
    std::fs::rename(made, &folder)?;
    let page_path = staging.join("index.html");
    let mut page = std::fs::read_to_string(&page_path)?;
    let program = program(staging)?;
    for (ending, file) in [(".js", "app.js"), (PROGRAM, "app_bg.wasm")] {
        let whole = staging.join(format!("{program}{ending}"));
        let name = whole.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        page = exchange(&page, name, &format!("{build}/{file}"))?;
        page = exchange(&page, &digest(&whole)?, &digest(&folder.join(file))?)?;
        std::fs::remove_file(whole)?;
    }
    let script = page.find("<link rel=\"modulepreload\"").ok_or("the page preloads no script")?;
    let address = page.get(script..).and_then(|rest| rest.split('"').nth(3)).ok_or("the script has no address")?;
    let links = format!(
        "<link rel=\"modulepreload\" href=\"{}\" crossorigin=\"anonymous\" integrity=\"{}\">",
        address.replace("app.js", LINKS),
        digest(&folder.join(LINKS))?
    );
    page.insert_str(script, &links);
    std::fs::write(page_path, page)?;
    Ok(folder)
}

/// A name for what lies in a folder: the same for the same files.
fn name(folder: &Path) -> Result<String, Box<dyn Error>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    files.sort();
    let mut hasher = Sha256::new();
    for file in files {
        hasher.update(file.file_name().unwrap_or_default().as_encoded_bytes());
        hasher.update(std::fs::read(file)?);
    }
    Ok(hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}

/// What the whole program is called, whose script has the same name.
fn program(staging: &Path) -> Result<String, Box<dyn Error>> {
    let files = std::fs::read_dir(staging)?.flatten().map(|entry| entry.file_name());
    let mut found = files.filter_map(|name| name.to_str()?.strip_suffix(PROGRAM).map(str::to_owned));
    match (found.next(), found.next()) {
        (Some(name), None) => Ok(name),
        _ => Err(format!("not exactly one file {PROGRAM} was staged").into()),
    }
}

fn digest(file: &Path) -> Result<String, Box<dyn Error>> {
    Ok(format!("sha384-{}", BASE64_STANDARD.encode(Sha384::digest(std::fs::read(file)?))))
}

fn exchange(page: &str, old: &str, new: &str) -> Result<String, Box<dyn Error>> {
    if page.contains(old) { Ok(page.replace(old, new)) } else { Err(format!("the page does not name {old}").into()) }
}
