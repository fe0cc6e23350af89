//! What the figures of scenarios are kept under.

use grid_engine::calc::JobKey;
use grid_engine::plan::{Changes, ScenarioId, VersionInfo};
use sha2::{Digest, Sha256};

use super::Scenario;

/// What a cell is kept under; `None` where one of its versions is gone.
pub(super) fn key_of(scenario: &Scenario, versions: &[VersionInfo]) -> Option<JobKey> {
    let ScenarioId { demand, supply, cost } = scenario.versions;
    let mut key = Key::begin();
    for id in [demand, supply, cost] {
        key = key.with(versions.iter().find(|version| version.id == id)?);
    }
    Some(key.end(&scenario.changes))
}

/// The making of a cell's key: the engine that calculates, its versions by their hashes, and what is changed in them.
#[derive(Clone)]
pub(super) struct Key(Sha256);

impl Key {
    pub(super) fn begin() -> Self {
        // Cells of before could hold figures of another plan where theirs has none.
        Self(Sha256::new().chain_update(b"solved scenario").chain_update(env!("CARGO_PKG_VERSION")))
    }

    pub(super) fn with(self, version: &VersionInfo) -> Self {
        Self(self.0.chain_update(&version.hash))
    }

    pub(super) fn end(self, changes: &Changes) -> JobKey {
        let mut key = [0; 16];
        key.copy_from_slice(&self.0.chain_update(changes.to_string()).finalize()[..16]);
        JobKey(key)
    }
}
