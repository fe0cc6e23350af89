//! Workbooks, their jobs, and the server's own health.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use grid_engine::wire::{Role, WorkbookInfo};
use tokio::sync::oneshot;

use super::request::LiveSession;
use super::status::Problem;
use crate::app::App;
use crate::auth::Session;
use crate::store::WorkbookId;
use crate::sync::{Command, LiveWorkbook};

pub(super) async fn list(State(app): State<Arc<App>>, _: Session) -> Result<Json<Vec<WorkbookInfo>>, Problem> {
    Ok(Json(app.store.list_workbooks()?))
}

pub(super) async fn cancel_job(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path((workbook, job)): Path<(String, u64)>,
) -> Result<(), Problem> {
    if session.me.role == Role::Viewer {
        return Err(Problem::Forbidden("stop a job"));
    }
    let workbook = open(&app, &workbook).await?;
    let (found, answer) = oneshot::channel();
    workbook.send(Command::CancelJob { id: job, found }).await?;
    if answer.await.unwrap_or(false) { Ok(()) } else { Err(Problem::NotFound(format!("running job {job}"))) }
}

pub(super) async fn health(State(app): State<Arc<App>>) -> Result<&'static str, Problem> {
    app.store.check()?;
    Ok("ok")
}

/// Reads a workbook's id from an address.
pub(super) fn workbook_id(text: &str) -> Result<WorkbookId, Problem> {
    text.parse().map_err(|_| Problem::NotFound(format!("workbook {text:?}")))
}

/// The workbook of an address, opened if need be.
pub(super) async fn open(app: &App, workbook: &str) -> Result<LiveWorkbook, Problem> {
    Ok(app.hub.workbook(workbook_id(workbook)?).await?)
}
