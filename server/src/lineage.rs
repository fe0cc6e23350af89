//! Which edit logs hold what was entered in a plan: its own, and those of what it began with.

use std::collections::BTreeMap;

use grid_engine::plan::{LogStretch, ScenarioId, VersionInfo};

use crate::store::{Store, StoreError, WorkbookId};

/// Of a workbook until some moment: its own log, and where it is a branch those of its parent, or of the version it was made
/// from, up to where it began.
///
/// # Errors
/// When the store cannot be read.
pub fn of_workbook(store: &Store, workbook: WorkbookId, until: i64) -> Result<Vec<LogStretch>, StoreError> {
    let mut found = vec![LogStretch { workbook, until }];
    let mut next = store.branch(workbook)?;
    while let Some(branch) = next {
        let version = match branch.version {
            Some(id) => store.versions(branch.home)?.into_iter().find(|version| version.id == id),
            None => None,
        };
        if let Some(version) = version {
            found.extend(of_version(branch.home, &version));
            break;
        }
        found.push(LogStretch { workbook: branch.parent, until: branch.at });
        next = store.branch(branch.parent)?;
    }
    Ok(found)
}

/// Of a frozen version of a plan. One that was frozen before versions told is taken for one of the plan itself.
pub fn of_version(home: WorkbookId, version: &VersionInfo) -> Vec<LogStretch> {
    match version.logs.as_slice() {
        [] => vec![LogStretch { workbook: home, until: version.at }],
        logs => logs.to_vec(),
    }
}

/// Of a scenario: those of the versions it is put together from.
pub fn of_scenario(home: WorkbookId, scenario: ScenarioId, versions: &[VersionInfo]) -> Vec<LogStretch> {
    let mut until: BTreeMap<WorkbookId, i64> = BTreeMap::new();
    for version in versions.iter().filter(|version| scenario.has(version.id)) {
        for stretch in of_version(home, version) {
            let known = until.entry(stretch.workbook).or_insert(stretch.until);
            *known = stretch.until.max(*known);
        }
    }
    until.into_iter().map(|(workbook, until)| LogStretch { workbook, until }).collect()
}

/// What was entered between two plans: from when until when in each log that one of them follows farther than the other.
pub fn between(a: &[LogStretch], b: &[LogStretch]) -> Vec<(WorkbookId, (i64, i64))> {
    let mut ends: BTreeMap<WorkbookId, [i64; 2]> = BTreeMap::new();
    for (side, logs) in [a, b].into_iter().enumerate() {
        for stretch in logs {
            ends.entry(stretch.workbook).or_default()[side] = stretch.until;
        }
    }
    let differing = ends.into_iter().filter(|(_, [a, b])| a != b);
    differing.map(|(workbook, [a, b])| (workbook, (a.min(b), a.max(b)))).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn logs(stretches: &[(&str, i64)]) -> Vec<LogStretch> {
        let stretch =
            |(name, until): &(&str, i64)| LogStretch { workbook: WorkbookId::named(name).unwrap(), until: *until };
        stretches.iter().map(stretch).collect()
    }

    fn told(a: &[(&str, i64)], b: &[(&str, i64)]) -> Vec<(String, i64, i64)> {
        let found = between(&logs(a), &logs(b)).into_iter();
        found.map(|(workbook, (after, until))| (workbook.to_string(), after, until)).collect()
    }

    #[test]
    fn what_lies_between_two_plans_is_what_only_one_of_them_followed() {
        let line = |name: &str, after, until| (name.to_owned(), after, until);
        assert_eq!(told(&[("plan", 10)], &[("plan", 30)]), [line("plan", 10, 30)]);
        // A branch made at 20 and frozen at 50: its own entries, and the plan's until it began.
        let branch = [("fair", 50), ("plan", 20)];
        assert_eq!(told(&[("plan", 10)], &branch), [line("fair", 0, 50), line("plan", 10, 20)]);
        assert_eq!(told(&branch, &[("plan", 20)]), [line("fair", 0, 50)]);
        // What others entered in the plan meanwhile is the plan's alone.
        assert_eq!(told(&branch, &[("plan", 60)]), [line("fair", 0, 50), line("plan", 20, 60)]);
        assert_eq!(told(&branch, &[("fair", 40), ("plan", 20)]), [line("fair", 40, 50)]);
        assert_eq!(told(&branch, &branch), []);
    }
}
