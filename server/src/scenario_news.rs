//! Tells formulas how the scenario matrix stands: `SCENARIO` reads what is kept of it, and what is being worked out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Weak};

use grid_engine::workbook::ScenarioTable;
use tokio::sync::mpsc;

use crate::app::App;
use crate::store::{StoreError, WorkbookId};
use crate::sync::Command;

/// Something about the matrix of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Formulas of a workbook read the matrix, of the plan it is or is a branch of.
    Wanted(WorkbookId),
    /// Scenarios of a plan stand otherwise than before.
    Changed(WorkbookId),
}

/// Where it is told.
pub type News = mpsc::UnboundedSender<Heard>;

/// Gives workbooks the matrix they ask for, and every change of it from then on, until nobody can tell of any. One after
/// the other, so that what was read earlier never comes later.
pub async fn tell(app: Weak<App>, mut heard: mpsc::UnboundedReceiver<Heard>) {
    let mut readers: BTreeSet<WorkbookId> = BTreeSet::new();
    while let Some(first) = heard.recv().await {
        // What has gathered meanwhile is answered at once.
        let mut all = vec![first];
        while let Ok(more) = heard.try_recv() {
            all.push(more);
        }
        let Some(app) = app.upgrade() else { return };
        for heard in &all {
            if let Heard::Changed(plan) = heard {
                app.revisions.changed(*plan);
            }
        }
        let wanted = |heard: &Heard| match heard {
            Heard::Wanted(workbook) => Some(*workbook),
            Heard::Changed(_) => None,
        };
        let asking: BTreeSet<WorkbookId> = all.iter().filter_map(wanted).collect();
        readers.extend(&asking);
        let mut tables: BTreeMap<WorkbookId, Arc<ScenarioTable>> = BTreeMap::new();
        for reader in readers.clone() {
            let told = one(&app, reader, asking.contains(&reader), &all, &mut tables).await;
            match told {
                Ok(true) => {}
                // It asks again when it is opened again.
                Ok(false) => drop(readers.remove(&reader)),
                Err(error) => {
                    tracing::error!(workbook = %reader, %error, "scenarios that formulas read were not found")
                }
            }
        }
    }
}

/// Tells one workbook, where it is to hear; whether it is open.
async fn one(
    app: &Arc<App>,
    reader: WorkbookId,
    asks: bool,
    heard: &[Heard],
    tables: &mut BTreeMap<WorkbookId, Arc<ScenarioTable>>,
) -> Result<bool, StoreError> {
    let home = app.store.branch(reader)?.map_or(reader, |branch| branch.home);
    if !asks && !heard.contains(&Heard::Changed(home)) {
        return Ok(true);
    }
    // Who asks may still be opening; who has asked before may be gone.
    let live = if asks { app.hub.workbook(reader).await.ok() } else { app.hub.if_open(reader).await };
    let Some(live) = live else { return Ok(false) };
    let table = match tables.get(&home) {
        Some(known) => known.clone(),
        None => {
            let reading = app.clone();
            let found = tokio::task::spawn_blocking(move || reading.scenarios.table(home)).await;
            let table = found.map_err(|error| StoreError::Invalid(error.to_string()))??;
            tables.entry(home).or_insert(Arc::new(table)).clone()
        }
    };
    Ok(live.send(Command::Scenarios(table)).await.is_ok())
}
