//! The tower as a file.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use grid_engine::plan::{VersionInfo, VersionState};
use serde::Deserialize;

use super::actuals;
use super::branches::home;
use super::files::FileKind;
use super::reading::Version;
use super::request::{Path, Query};
use super::scenarios::{self, matrix};
use super::status::Problem;
use super::variations::cases;
use crate::app::App;
use crate::auth::Session;
use crate::exchange::plan_file::Pages;
use crate::exchange::plan_file::reports::TowerReport;

/// Versions looked back over: two years of monthly ones.
const BACK: usize = 24;

/// Which cases of which version; none where no version is named.
#[derive(Deserialize)]
pub(super) struct Profitability {
    varied: Option<String>,
    #[serde(default)]
    cases: String,
}

/// Everything on the tower; its bottlenecks are those of the live plan, for those who do not read it of the consensus.
pub(super) async fn file(
    State(app): State<Arc<App>>,
    session: Session,
    kind: FileKind,
    Path(workbook): Path<String>,
    Query(question): Query<scenarios::Question>,
    Query(profitability): Query<Profitability>,
) -> Result<Response, Problem> {
    let home = home(&app, &workbook)?;
    let versions = app.store.versions(home)?;
    let matrix = matrix(&app, home, &versions, &question)?;
    let varied = match &profitability.varied {
        Some(version) => Some((named(&versions, version), cases(&app, &workbook, version, &profitability.cases)?)),
        None => None,
    };
    let find = |version: &str| Version::find(&app, &session, &workbook, version);
    let mut course = Vec::new();
    for version in versions.iter().take(BACK).rev() {
        course.push((version.name.clone(), find(&version.id.to_string())?.summary(&app).await?));
    }
    let consensus = versions.iter().find(|version| version.state == VersionState::Consensus).or(versions.first());
    let read = match consensus {
        Some(version) if !session.me.may_read_live => find(&version.id.to_string())?,
        _ => find("live")?,
    };
    let summary = read.in_full(&app).await?;
    let actuals = actuals::judged(&app, home, actuals::Question::default()).await?.report;
    let names = versions.into_iter().map(|version| (version.id, version.name)).collect();
    let pages = Pages::of_tower(&TowerReport { matrix, names, varied, course, actuals, summary });
    kind.answer("Tower".to_owned(), pages).await
}

/// What a version is called; its id where there is none.
fn named(versions: &[VersionInfo], id: &str) -> String {
    let found = versions.iter().find(|version| version.id.to_string() == id);
    found.map_or_else(|| id.to_owned(), |version| version.name.clone())
}
