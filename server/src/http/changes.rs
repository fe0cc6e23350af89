//! What changed from one version to another, by whom and why.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use grid_engine::plan::{ChangeEdit, Entered, Unmoved, VersionChanges, lines_by_row, moved_rows};
use grid_engine::refs::{CellRef, RowId};
use grid_engine::value::order::sort_by;
use grid_engine::wire::{CellEdit, SheetFrame};
use serde::Deserialize;

use super::reading::Version;
use super::request::{Path, Query};
use super::status::Problem;
use crate::app::App;
use crate::auth::Session;

/// Edits read of one sheet, the newest: who changed a plan is told, not each of many thousands.
const UPDATES: u32 = 2_000;

/// The version before.
#[derive(Deserialize)]
pub(super) struct Question {
    since: String,
}

/// Of the demand: rows whose consensus is another, with what people entered in them on the plan between the two.
pub(super) async fn read(
    State(app): State<Arc<App>>,
    session: Session,
    Path((workbook, version)): Path<(String, String)>,
    Query(Question { since }): Query<Question>,
) -> Result<Json<VersionChanges>, Problem> {
    let before = Version::find(&app, &session, &workbook, &since)?;
    if before.frozen.is_none() {
        return Err(Problem::NotFound(format!("frozen version {since:?}")));
    }
    let after = Version::find(&app, &session, &workbook, &version)?;
    let logs = before.logs_until(&after);
    let (before, after) = (before.sheet_of_role(&app, "demand").await?, after.sheet_of_role(&app, "demand").await?);
    let store = app.store.clone();
    let found = tokio::task::spawn_blocking(move || {
        let mut entries: HashMap<RowId, Vec<ChangeEdit>> = HashMap::new();
        for &(log, between) in &logs {
            for (cell, edit) in store.sheet_history(log, after.info.id, between, UPDATES)? {
                entries.entry(cell.row).or_default().push(told(&after, cell, edit));
            }
        }
        entries.values_mut().for_each(|edits| sort_by(edits, |a, b| b.at.cmp(&a.at)));
        let found = VersionChanges::of(moved_rows(&before, &after), |row: RowId| {
            Ok::<_, Problem>(entries.remove(&row).unwrap_or_default())
        })?;
        let unmoved = Unmoved { rows: entries.len(), entries: entries.values().map(Vec::len).sum() };
        Ok::<_, Problem>(VersionChanges { unmoved, ..found })
    });
    Ok(Json(found.await.map_err(|error| Problem::Invalid(error.to_string()))??))
}

/// What people entered between two versions in sheets that a bridge's causes come from, each in its line at a level of the
/// plan.
pub(super) async fn entered(app: &App, a: &Version, b: &Version, by: &str) -> Result<Vec<Entered>, Problem> {
    let logs = a.logs_until(b);
    let mut found = Vec::new();
    for sheet in b.sheets(app).await?.into_iter().filter(|sheet| !sheet.role.is_empty()) {
        let (store, logs, id) = (app.store.clone(), logs.clone(), sheet.id);
        let entries = tokio::task::spawn_blocking(move || {
            let history = |&(log, between): &(_, _)| store.sheet_history(log, id, between, UPDATES);
            logs.iter().map(history).collect::<Result<Vec<_>, _>>()
        });
        let entries = entries.await.map_err(|error| Problem::Invalid(error.to_string()))??;
        if entries.iter().all(Vec::is_empty) {
            continue;
        }
        let lines = lines_by_row(&b.sheet(app, id).await?, by);
        found.extend(entries.into_iter().flatten().map(|(cell, CellEdit { name, why, .. })| Entered {
            role: sheet.role.clone(),
            row: (id, cell.row),
            line: lines.get(&cell.row).cloned(),
            name,
            why: why.filter(|why| !why.trim().is_empty()),
        }));
    }
    Ok(found)
}

fn told(frame: &SheetFrame, cell: CellRef, edit: CellEdit) -> ChangeEdit {
    let measure = frame.measures.iter().find(|measure| measure.id == cell.col.measure);
    let measure = measure.map_or_else(|| cell.col.measure.to_string(), |measure| measure.name.clone());
    let what = cell.col.bucket.map_or(measure.clone(), |bucket| format!("{measure} {bucket}"));
    let CellEdit { name, at, old, new, why, .. } = edit;
    ChangeEdit { name, at, what, old, new, why: why.filter(|why| !why.trim().is_empty()) }
}
