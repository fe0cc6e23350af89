//! What drives a key figure.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use grid_engine::plan::{RootCause, root_cause};

use super::reading::Version;
use super::request::Path;
use super::status::Problem;
use crate::app::App;
use crate::auth::Session;

/// The sheets a figure is taken apart by.
const ROLES: [&str; 6] = ["demand", "profit", "kpis", "summary", "supply", "utilisation"];

pub(super) async fn read(
    State(app): State<Arc<App>>,
    session: Session,
    Path((workbook, version, kpi)): Path<(String, String, String)>,
) -> Result<Json<RootCause>, Problem> {
    let version = Version::find(&app, &session, &workbook, &version)?;
    let mut frames = Vec::new();
    for info in version.sheets(&app).await?.iter().filter(|info| ROLES.contains(&info.role.as_str())) {
        frames.push(version.sheet(&app, info.id).await?);
    }
    let reasons = version.reasons(&app).await?;
    let found = tokio::task::spawn_blocking(move || root_cause(&frames, &reasons, &kpi)).await;
    let found = found.map_err(|error| Problem::Invalid(error.to_string()))?;
    Ok(Json(found.map_err(|error| Problem::Invalid(format!("{error}.")))?))
}
