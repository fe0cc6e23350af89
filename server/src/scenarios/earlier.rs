//! Scenarios that were worked out before it was kept which were asked for: found once by what is kept of them.
//!
//! A kept answer says only a hash, so every scenario that the versions of a plan allow is hashed and looked up. What
//! an earlier version of this program worked out is not among them: its answers hold no longer.

use std::collections::HashMap;

use grid_engine::calc::JobKey;
use grid_engine::plan::{Axis, Changes, ScenarioId, VersionInfo};

use super::key::Key;
use crate::store::{Store, StoreError, WorkbookId};

/// Versions looked through, newest first: a million scenarios, a second's work.
const LATEST: usize = 100;

/// Adds the scenarios of a plan that have kept figures to those asked for, in the order in which they were worked out
/// and before all others. Does nothing the second time.
///
/// # Errors
/// When what is kept cannot be read or written.
pub(super) fn remember(store: &Store, home: WorkbookId, versions: &[VersionInfo]) -> Result<(), StoreError> {
    if store.knows_earlier_scenarios(home)? {
        return Ok(());
    }
    let found = among(&store.answer_times(home)?, &versions[..versions.len().min(LATEST)]);
    store.put_earlier_scenarios(home, found).wait()
}

/// The scenarios of these versions that have an answer, those worked out first first.
fn among(kept: &HashMap<JobKey, i64>, versions: &[VersionInfo]) -> Vec<ScenarioId> {
    let of = |axis: Axis| versions.iter().rev().filter(move |version| version.kind.gives(axis));
    let mut found = Vec::new();
    for demand in of(Axis::Demand) {
        let key = Key::begin().with(demand);
        for supply in of(Axis::Supply) {
            let key = key.clone().with(supply);
            for cost in of(Axis::Cost) {
                let key = key.clone().with(cost).end(&Changes::default());
                let scenario = ScenarioId { demand: demand.id, supply: supply.id, cost: cost.id };
                found.extend(kept.get(&key).map(|&at| (at, scenario)));
            }
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, scenario)| scenario).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::key::key_of;
    use super::super::{Scenario, kept_table};
    use super::*;
    use crate::store::{NewVersion, NewWorkbook};
    use grid_engine::plan::{Headline, VersionKind, VersionState};
    use grid_engine::refs::{Id, PersonId};

    fn version(name: &str, kind: VersionKind) -> VersionInfo {
        VersionInfo {
            id: Id::of_key(&[name]),
            name: name.into(),
            kind,
            state: VersionState::Proposed,
            comment: String::new(),
            by: PersonId::of_key(&["ada"]),
            by_name: "Ada".into(),
            at: 1,
            hash: format!("hash of {name}"),
            headline: Headline::default(),
            history: Vec::new(),
            log: None,
            logs: Vec::new(),
            seals: Vec::new(),
        }
    }

    fn scenario([demand, supply, cost]: [&str; 3]) -> ScenarioId {
        let id = |name| Id::of_key(&[name]);
        ScenarioId { demand: id(demand), supply: id(supply), cost: id(cost) }
    }

    #[test]
    fn scenarios_with_figures_are_found_by_their_versions_and_by_nothing_else() {
        // Newest first, as the store gives them.
        let versions = [
            version("Costs", VersionKind::Cost),
            version("High", VersionKind::Demand),
            version("Base", VersionKind::Consensus),
        ];
        let key = |of: Scenario| key_of(&of, &versions).unwrap();
        let (base, high) = (scenario(["Base"; 3]), scenario(["High", "Base", "Costs"]));
        let changed = Scenario { versions: base, changes: "demand:10".parse().unwrap() };
        let no_cost = Scenario::from(scenario(["Base", "Base", "High"]));
        let kept = [(key(high.into()), 5), (key(base.into()), 9), (key(changed), 1), (key(no_cost), 2)];
        assert_eq!(among(&kept.into(), &versions), [high, base]);
    }

    #[test]
    fn an_older_file_shows_what_was_worked_out_in_it_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let home = WorkbookId::named("plan").unwrap();
        let (title, currency) = ("Plan".into(), "EUR".into());
        store.create_workbook(NewWorkbook { id: home, title, currency, rooms: Vec::new(), facts: Vec::new() }).unwrap();
        for name in ["Base", "High"] {
            let (info, parts) = (version(name, VersionKind::Consensus), Vec::new());
            let previous = store.latest_version_hash(home).unwrap();
            store.put_version(home, NewVersion { info, parts }, previous).wait().unwrap();
        }
        let versions = store.versions(home).unwrap();
        let (base, high) = (scenario(["Base"; 3]), scenario(["High"; 3]));
        let keep = |of: ScenarioId| {
            let summary = serde_json::to_vec(&grid_engine::plan::PlanSummary::default()).unwrap();
            store.put_answers(home, vec![(key_of(&of.into(), &versions).unwrap(), summary)]).wait().unwrap();
        };
        keep(base);
        // Asked for since it is kept which are, and not worked out.
        store.put_scenarios(home, vec![high]).wait().unwrap();
        kept_table(&store, home).unwrap();
        assert_eq!(store.scenarios(home).unwrap(), [base, high], "what is older stands before");
        // From then on what is asked for is kept: nothing is looked for again.
        let mixed = scenario(["High", "Base", "Base"]);
        keep(mixed);
        kept_table(&store, home).unwrap();
        assert_eq!(store.scenarios(home).unwrap(), [base, high]);
    }
}
