//! What formulas read of frozen versions, looked up in the store.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use grid_engine::plan::{VersionInfo, frozen_measure, sheet_part};
use grid_engine::refs::{Id, SheetId};
use grid_engine::wire::SheetFrame;
use grid_engine::workbook::{VersionMeasure, VersionValues, Workbook};

use crate::scenarios::kept_table;
use crate::store::{Store, StoreError, WorkbookId};

/// A measure of a version, or why there is none.
pub type Found = (VersionMeasure, Result<VersionValues, Arc<str>>);

/// Looks measures up among the versions of a workbook, or of the plan it is a branch of. It blocks.
///
/// # Errors
/// When the store cannot be read.
pub fn find(store: &Store, workbook: WorkbookId, wanted: Vec<VersionMeasure>) -> Result<Vec<Found>, StoreError> {
    let home = store.branch(workbook)?.map_or(workbook, |branch| branch.home);
    let versions = store.versions(home)?;
    let mut frames: BTreeMap<(Id, SheetId), Option<SheetFrame>> = BTreeMap::new();
    let mut found = Vec::new();
    for of in wanted {
        let facts = match versions.iter().find(|version| *version.name == *of.version) {
            None => Err(no_version(&of.version, &versions)),
            Some(version) => {
                let frame = match frames.entry((version.id, of.sheet)) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(place) => place.insert(frame(store, home, version.id, of.sheet)?),
                };
                let facts = frame.as_ref().and_then(|frame| frozen_measure(frame, of.measure));
                facts.ok_or_else(|| format!("the version ‘{}’ does not have this measure", of.version).into())
            }
        };
        found.push((of, facts));
    }
    Ok(found)
}

/// Gives a workbook that nobody has open what its formulas ask for; whether they asked for anything.
///
/// # Errors
/// When the store cannot be read.
pub fn give(store: &Store, id: WorkbookId, workbook: &mut Workbook) -> Result<bool, StoreError> {
    let wanted = workbook.take_wanted_versions();
    let reads_scenarios = workbook.take_wanted_scenarios();
    let any = !wanted.is_empty() || reads_scenarios;
    for (of, facts) in find(store, id, wanted)? {
        workbook.set_version_facts(of, facts);
    }
    if reads_scenarios {
        let home = store.branch(id)?.map_or(id, |branch| branch.home);
        workbook.set_scenarios(Arc::new(kept_table(store, home)?));
    }
    Ok(any)
}

fn no_version(name: &str, versions: &[VersionInfo]) -> Arc<str> {
    let known: Vec<&str> = versions.iter().take(5).map(|version| version.name.as_str()).collect();
    let known =
        if known.is_empty() { "none is frozen yet".to_owned() } else { format!("there are: {}", known.join(", ")) };
    format!("there is no version ‘{name}’; {known}").into()
}

fn frame(store: &Store, home: WorkbookId, version: Id, sheet: SheetId) -> Result<Option<SheetFrame>, StoreError> {
    let part = sheet_part(sheet);
    let bytes = store.version_part(home, version, &part)?;
    let damaged = |error| StoreError::Corrupt(format!("part {part} of version {version}: {error}"));
    bytes.map(|bytes| serde_json::from_slice(&bytes).map_err(damaged)).transpose()
}
