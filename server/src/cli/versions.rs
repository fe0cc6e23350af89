//! `equipoise export`, `equipoise verify`.

use std::path::PathBuf;

use grid_engine::plan::{
    altered_head, altered_parts, chained_hash, differences, frames, frozen_frames, has_head, reopen, wrong_figures,
    wrong_headline, wrong_reasons,
};
use grid_engine::refs::{Id, SheetId};

use super::Refused;
use crate::clock::clock_at;
use crate::exchange::bundle_file::BundleFile;
use crate::jobs::settle;
use crate::store::{NewVersion, Store};

/// Differing cells listed at most.
const LISTED: usize = 20;

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

/// Verifies a frozen version from its file alone: the hashes, and that its values follow from its inputs.
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
    let bytes = std::fs::read(&args.bundle).map_err(|error| vec![format!("{place} cannot be read: {error}")])?;
    let bundle = BundleFile::read(&bytes).map_err(|error| vec![format!("{place}: {error}")])?;
    let name = &bundle.info.name;
    let hash = chained_hash(&bundle.previous, &bundle.parts);
    if hash != bundle.info.hash {
        let frozen = &bundle.info.hash;
        let whole =
            format!("{place}: the content of {name:?} is not what was frozen: its hash is {hash}, frozen was {frozen}");
        return Err([whole].into_iter().chain(altered_parts(&bundle.parts)).collect());
    }
    let unreadable = |error: String| vec![format!("{place}: {error}")];
    let altered = altered_head(&bundle.info, &bundle.parts).map_err(|error| unreadable(error.to_string()))?;
    if !altered.is_empty() {
        let first = format!("{place}: what {name:?} says of itself is not what was frozen");
        return Err([first].into_iter().chain(altered).collect());
    }
    println!("{name}: the {} parts are as they were frozen (hash {hash})", bundle.parts.len());
    println!("{name}: not covered by the hash: {}", uncovered(&bundle));
    println!("{name}: it says that it is {}, for which this file is no proof", bundle.info.state.word());
    if args.hashes_only {
        return Ok(());
    }
    let mut workbook = reopen(&bundle.parts).map_err(|error| unreadable(error.to_string()))?;
    settle(&mut workbook, clock_at(bundle.info.at)).map_err(unreadable)?;
    let frozen = frozen_frames(&bundle.parts).map_err(|error| unreadable(error.to_string()))?;
    let cells: usize = frozen.iter().flat_map(|frame| &frame.columns).map(|column| column.values.len()).sum();
    let mut wrong = wrong_figures(&bundle.parts, &frozen).map_err(|error| unreadable(error.to_string()))?;
    wrong.extend(wrong_headline(&bundle.info, &bundle.parts).map_err(|error| unreadable(error.to_string()))?);
    if !wrong.is_empty() {
        let first = format!("{place}: figures of {name:?} do not follow from its values");
        return Err([first].into_iter().chain(wrong).collect());
    }
    if let Some(wrong) = wrong_reasons(&bundle.parts, &workbook).map_err(|error| unreadable(error.to_string()))? {
        return Err(vec![format!("{place}: {name:?}: {wrong}")]);
    }
    let (count, mut told) = differences(&frozen, &frames(&workbook), LISTED);
    if count > 0 {
        told.insert(0, format!("{place}: {count} of {cells} values do not follow from the inputs of {name:?}"));
        let engine = bundle.parts.iter().find(|(part, _)| part == "engine").map(|(_, bytes)| bytes.as_slice());
        if engine != Some(env!("CARGO_PKG_VERSION").as_bytes()) {
            told.push("it was frozen by another version of the engine, which may calculate differently".to_owned());
        }
        return Err(told);
    }
    println!("{name}: all {cells} values follow from its inputs");
    Ok(())
}

/// What of a bundle could be written anew without its hash telling.
fn uncovered(bundle: &BundleFile) -> &'static str {
    if has_head(&bundle.parts) {
        "its state and history, which change after it is frozen (the edit log of its server seals them: `equipoise audit`)"
    } else {
        "its state and history (the edit log of its server seals them: `equipoise audit`), and, as it was frozen before these were sealed, its name, kind, comment, author and time"
    }
}
