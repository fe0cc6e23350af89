//! What changed from one version to another, by whom and why.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use grid_engine::plan::{ChangeEdit, VersionChanges, VersionInfo, moved_rows};
use grid_engine::refs::{CellRef, RowId};
use grid_engine::wire::{CellEdit, SheetFrame};
use serde::Deserialize;

use super::branches::home;
use super::reading::Version;
use super::status::Problem;
use crate::app::App;
use crate::auth::Session;
use crate::clock::now_ms;

/// Entries told of one row.
const ENTRIES: u32 = 20;

/// The plan as it is now, which changes after a version are asked of, too.
const LIVE: &str = "live";

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
    let home = home(&app, &workbook)?;
    let frozen = app.store.versions(home)?;
    let at = |id: &str| -> Result<i64, Problem> {
        let is_it = |info: &&VersionInfo| info.id.to_string() == id;
        let found = frozen.iter().find(is_it).map(|info| info.at);
        found.ok_or_else(|| Problem::NotFound(format!("version {id:?}")))
    };
    let until = if version == LIVE { now_ms() } else { at(&version)? };
    let between = (at(&since)?, until);
    let sides =
        [Version::find(&app, &session, &workbook, &since)?, Version::find(&app, &session, &workbook, &version)?];
    let [before, after] = &sides;
    let (before, after) = (before.sheet_of_role(&app, "demand").await?, after.sheet_of_role(&app, "demand").await?);
    let store = app.store.clone();
    let found = tokio::task::spawn_blocking(move || {
        VersionChanges::of(moved_rows(&before, &after), |row: RowId| {
            let sheet = after.info.id;
            let entries = store.row_history(home, (sheet, row), between, ENTRIES)?;
            Ok::<_, Problem>(entries.into_iter().map(|(cell, edit)| told(&after, cell, edit)).collect())
        })
    });
    Ok(Json(found.await.map_err(|error| Problem::Invalid(error.to_string()))??))
}

fn told(frame: &SheetFrame, cell: CellRef, edit: CellEdit) -> ChangeEdit {
    let measure = frame.measures.iter().find(|measure| measure.id == cell.col.measure);
    let measure = measure.map_or_else(|| cell.col.measure.to_string(), |measure| measure.name.clone());
    let what = cell.col.bucket.map_or(measure.clone(), |bucket| format!("{measure} {bucket}"));
    let CellEdit { name, at, old, new, why, .. } = edit;
    ChangeEdit { name, at, what, old, new, why: why.filter(|why| !why.trim().is_empty()) }
}
