//! `equipoise export`, `equipoise verify`.

use std::path::{Path, PathBuf};

use grid_engine::plan::{Origin, VersionInfo, has_head, unsealed_steps};
use grid_engine::refs::{Id, SheetId};

use super::{Refused, read_whole};
use crate::bundles::{prove_seals, prove_values};
use crate::exchange::bundle_file::BundleFile;
use crate::store::{NewVersion, Store};

/// Largest file of a version that is read, in bytes: fifteen times what a server takes.
const MAX_BUNDLE: u64 = 1 << 30;

/// Writes a frozen version into one file that `verify` checks anywhere.
#[derive(clap::Args)]
pub struct Export {
    /// The data folder; the server may be running.
    #[arg(long)]
    data: PathBuf,
    /// The workbook's id, as in its address.
    #[arg(long)]
    workbook: String,
    /// Name or id of the version.
    #[arg(long)]
    version: String,
    /// The file to write.
    #[arg(long)]
    output: PathBuf,
}

/// Verifies a frozen version from its file alone: the hashes, its state and history, and that its values follow from its
/// inputs. `equipoise import --bundle` makes such a file a version of a plan.
#[derive(clap::Args)]
pub struct Verify {
    /// A file written by `export` or downloaded from the versions panel.
    bundle: PathBuf,
    /// Checks the hashes only.
    #[arg(long)]
    hashes_only: bool,
}

/// Runs `equipoise export`.
pub fn export(args: &Export) -> Result<(), Refused> {
    let one = |error: String| vec![error];
    let store = Store::open_existing(&args.data).map_err(|error| one(error.to_string()))?;
    let none = || one(format!("there is no workbook {:?} in {}", args.workbook, args.data.display()));
    let workbook = SheetId(args.workbook.parse::<Id>().map_err(|_| none())?);
    store.workbook(workbook).map_err(|error| one(error.to_string()))?.ok_or_else(none)?;
    let versions = store.versions(workbook).map_err(|error| one(error.to_string()))?;
    let id = super::kpis::named(&versions, &args.version).map_err(one)?.id;
    let version = store.version(workbook, id).map_err(|error| one(error.to_string()))?;
    let (NewVersion { info, parts }, previous) = version.ok_or_else(|| one(format!("the version {id} is gone")))?;
    let bytes = BundleFile { info, previous, parts }.write().map_err(|error| one(error.to_string()))?;
    std::fs::write(&args.output, &bytes)
        .map_err(|error| one(format!("{} cannot be written: {error}", args.output.display())))?;
    println!("{}: {} bytes", args.output.display(), bytes.len());
    Ok(())
}

/// Runs `equipoise verify`.
pub fn verify(args: &Verify) -> Result<(), Refused> {
    let place = args.bundle.display();
    let at_place = |reasons: Refused| placed(&place, reasons);
    let bundle = read(&args.bundle)?;
    let name = &bundle.info.name;
    let came_from = prove_seals(&bundle).map_err(at_place)?;
    println!("{name}: the {} parts are as they were frozen (hash {})", bundle.parts.len(), bundle.info.hash);
    if let Some(Origin { version, .. }) = came_from {
        let VersionInfo { name: there, by_name, hash, .. } = version;
        println!(
            "{name}: it was brought in from a file; frozen by {by_name} as {there:?}, its parts had the hash {hash}"
        );
    }
    println!("{name}: {}", seals_of_states(&bundle.info));
    if !has_head(&bundle.parts) {
        println!(
            "{name}: not covered by the hash, as it was frozen before these were sealed: its name, kind, comment, author \
             and time"
        );
    }
    if args.hashes_only {
        return Ok(());
    }
    let cells = prove_values(&bundle).map_err(|unproven| at_place(unproven.reasons))?;
    println!("{name}: all {cells} values follow from its inputs");
    Ok(())
}

/// Reads a bundle from its file.
pub(super) fn read(path: &Path) -> Result<BundleFile, Refused> {
    let place = path.display();
    let bytes = read_whole(path, MAX_BUNDLE, "")?;
    BundleFile::read(&bytes).map_err(|error| vec![format!("{place}: {error}")])
}

/// Reasons with the file before them.
pub(super) fn placed(place: &impl std::fmt::Display, mut reasons: Refused) -> Refused {
    if let Some(first) = reasons.first_mut() {
        *first = format!("{place}: {first}");
    }
    reasons
}

/// How far a bundle proves its version's state and history. Whoever makes all its seals anew is told by the edit log of its
/// server.
fn seals_of_states(info: &VersionInfo) -> String {
    let state = info.state.word();
    match (unsealed_steps(info), info.seals.last()) {
        (Some(unsealed), Some(seal)) => {
            let steps = info.history.len();
            let before = match unsealed {
                0 => String::new(),
                unsealed => format!(", {unsealed} of them before there were seals"),
            };
            format!(
                "it is {state}; its state and {steps} steps of history{before} are as they were sealed (seal {seal})"
            )
        }
        _ => format!(
            "it says that it is {state}, for which this file is no proof: its state and history were not sealed yet (the \
             edit log of its server has them: `equipoise audit`)"
        ),
    }
}
