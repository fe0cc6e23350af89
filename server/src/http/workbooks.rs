//! Workbooks, their jobs, and what became of their cells.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use grid_engine::formula::ForecastDetails;
use grid_engine::refs::CellRef;
use grid_engine::wire::{CellEdit, Role, WorkbookInfo};
use tokio::sync::oneshot;

use super::request::{LiveSession, Path, Query};
use super::status::Problem;
use crate::app::App;
use crate::auth::Session;
use crate::store::WorkbookId;
use crate::sync::{Command, LiveWorkbook, LoadError, sees_row};

pub(super) async fn list(State(app): State<Arc<App>>, _: Session) -> Result<Json<Vec<WorkbookInfo>>, Problem> {
    Ok(Json(app.store.list_workbooks()?))
}

pub(super) async fn cancel_job(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path((workbook, job)): Path<(String, u64)>,
) -> Result<(), Problem> {
    // Who does not see every row is not told of jobs, not even whether there is one.
    if session.me.role == Role::Viewer || session.me.is_confined() {
        return Err(Problem::Forbidden("stop a job"));
    }
    let workbook = open(&app, &workbook).await?;
    let (found, answer) = oneshot::channel();
    workbook.send(Command::CancelJob { id: job, found }).await?;
    if answer.await.unwrap_or(false) { Ok(()) } else { Err(Problem::NotFound(format!("running job {job}"))) }
}

pub(super) async fn try_jobs_again(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path(workbook): Path<String>,
) -> Result<(), Problem> {
    if session.me.role == Role::Viewer {
        return Err(Problem::Forbidden("start a job"));
    }
    Ok(open(&app, &workbook).await?.send(Command::TryAgain).await?)
}

/// A cell to look up.
#[derive(serde::Deserialize)]
pub(super) struct CellQuery {
    sheet: String,
    row: String,
    col: String,
}

impl CellQuery {
    fn cell(self) -> Result<CellRef, Problem> {
        let Self { sheet, row, col } = self;
        match (sheet.parse(), row.parse(), col.parse()) {
            (Ok(sheet), Ok(row), Ok(col)) => Ok(CellRef { sheet, row, col }),
            _ => Err(Problem::NotFound(format!("cell {sheet}/{row}/{col}"))),
        }
    }
}

/// Changes of one cell that are listed.
const HISTORY: u32 = 200;

/// How the forecast that a cell shows was made.
pub(super) async fn forecast(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path(workbook): Path<String>,
    Query(query): Query<CellQuery>,
) -> Result<Json<Option<ForecastDetails>>, Problem> {
    let cell = query.cell()?;
    let live = open(&app, &workbook).await?;
    let found =
        live.ask(move |replica| replica.shows_made(&session.me, cell).then(|| replica.workbook.forecast_of(cell)));
    found.await?.map(Json).ok_or(Problem::Forbidden("see what that cell follows from"))
}

pub(super) async fn history(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path(workbook): Path<String>,
    Query(query): Query<CellQuery>,
) -> Result<Json<Vec<CellEdit>>, Problem> {
    let cell = query.cell()?;
    if session.me.is_confined() {
        let me = session.me.clone();
        let live = open(&app, &workbook).await?;
        if !live.ask(move |replica| sees_row(&me, replica.workbook.mirror(), cell)).await? {
            return Err(Problem::Forbidden("see that row"));
        }
    }
    Ok(Json(app.store.cell_history(workbook_id(&workbook)?, cell, HISTORY)?))
}

/// Reads a workbook's id from an address.
pub(super) fn workbook_id(text: &str) -> Result<WorkbookId, Problem> {
    text.parse().map_err(|_| Problem::NotFound(format!("workbook {text:?}")))
}

/// The workbook of an address, opened if need be.
pub(super) async fn open(app: &App, workbook: &str) -> Result<LiveWorkbook, Problem> {
    match app.hub.workbook(workbook_id(workbook)?).await {
        // Whoever takes a version for a workbook wants to write it.
        Err(LoadError::Missing(id)) if app.store.is_version(id.0)? => Err(Problem::Frozen),
        opened => Ok(opened?),
    }
}
