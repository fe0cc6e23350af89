//! Versions side by side, as answers and as files, and why they differ. `live` stands for the plan as it is now.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use grid_engine::plan::{self, Bridge, Comparison, Figure};
use serde::Deserialize;

use super::changes;
use super::files::FileKind;
use super::reading::Version;
use super::request::{Path, Query};
use super::status::Problem;
use crate::app::App;
use crate::auth::Session;
use crate::exchange::plan_file::Pages;
use crate::frames::{self, CompareError, VersionFrame};

/// Which comparison.
#[derive(Deserialize)]
pub(super) struct Question {
    a: String,
    b: String,
    c: Option<String>,
    d: Option<String>,
    e: Option<String>,
    measure: String,
    /// Empty: the level with the fewest lines.
    by: String,
}

pub(super) async fn compare(
    State(app): State<Arc<App>>,
    session: Session,
    Path(workbook): Path<String>,
    Query(question): Query<Question>,
) -> Result<Json<Comparison>, Problem> {
    compared(&app, &session, &workbook, question).await.map(Json)
}

/// The same as a file.
pub(super) async fn compare_file(
    State(app): State<Arc<App>>,
    session: Session,
    kind: FileKind,
    Path(workbook): Path<String>,
    Query(question): Query<Question>,
) -> Result<Response, Problem> {
    let comparison = compared(&app, &session, &workbook, question).await?;
    let name = format!("{} of {}", comparison.measure, comparison.names().collect::<Vec<_>>().join(", "));
    kind.answer(name, Pages::of_comparison(&comparison)).await
}

async fn compared(
    app: &Arc<App>,
    session: &Session,
    workbook: &str,
    question: Question,
) -> Result<Comparison, Problem> {
    let Question { a, b, c, d, e, measure, by } = question;
    let asked = [Some(a), Some(b), c, d, e].into_iter().flatten();
    let found = asked.map(|version| Version::find(app, session, workbook, &version));
    let found = found.collect::<Result<Vec<_>, _>>()?;
    let (mut versions, mut kpis) = (Vec::new(), Vec::new());
    for version in &found {
        let frame = version.sheet_of_role(app, frames::role_of_measure(&measure)).await?;
        versions.push(VersionFrame { version: version.name.clone(), frame });
        kpis.push(version.summary(app).await?.kpis);
    }
    let compared = tokio::task::spawn_blocking(move || {
        let levels = plan::levels(&versions[0].frame);
        let by = if by.is_empty() { levels.first().cloned().unwrap_or_default() } else { by };
        let (buckets, lines) = frames::compare(&versions, &measure, &by)?;
        let mut names = versions.into_iter().map(|version| version.version);
        let (a, b) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
        let (further, kpis) = (names.collect(), plan::kpis_beside(&kpis));
        Ok::<_, CompareError>(Comparison { a, b, further, measure, by, levels, buckets, lines, kpis })
    });
    Ok(compared.await.map_err(|error| Problem::Invalid(error.to_string()))??)
}

/// Which bridge.
#[derive(Deserialize)]
pub(super) struct BridgeQuestion {
    a: String,
    b: String,
    /// `profit`, `revenue`, `cost`, or a key figure's id.
    figure: String,
    by: String,
}

pub(super) async fn bridge(
    State(app): State<Arc<App>>,
    session: Session,
    Path(workbook): Path<String>,
    Query(question): Query<BridgeQuestion>,
) -> Result<Json<Bridge>, Problem> {
    let (bridge, _) = bridged(&app, &session, &workbook, &question).await?;
    Ok(Json(bridge))
}

/// The same as a file.
pub(super) async fn bridge_file(
    State(app): State<Arc<App>>,
    session: Session,
    kind: FileKind,
    Path(workbook): Path<String>,
    Query(question): Query<BridgeQuestion>,
) -> Result<Response, Problem> {
    let (bridge, [from, to]) = bridged(&app, &session, &workbook, &question).await?;
    let name = format!("{} from {from} to {to}", question.figure);
    kind.answer(name, Pages::of_bridge(&bridge, (&from, &to), &question.by)).await
}

/// A bridge, and the names of its ends.
async fn bridged(
    app: &Arc<App>,
    session: &Session,
    workbook: &str,
    BridgeQuestion { a, b, figure, by }: &BridgeQuestion,
) -> Result<(Bridge, [String; 2]), Problem> {
    let (a, b) = (Version::find(app, session, workbook, a)?, Version::find(app, session, workbook, b)?);
    let (figure, by) = (figure.clone(), by.clone());
    let money = Figure::named(&figure);
    let roles = if money.is_some() { vec!["profit"] } else { plan::roles_of_kpi(&figure) };
    let (mut frames_a, mut frames_b) = (Vec::new(), Vec::new());
    for role in roles {
        frames_a.push(a.sheet_of_role(app, role).await?);
        frames_b.push(b.sheet_of_role(app, role).await?);
    }
    if money.is_none() {
        for role in plan::further_roles_of_kpi(&figure).into_iter().chain(["kpis"]) {
            frames_a.extend(a.sheet_of_role_if_any(app, role).await?);
            frames_b.extend(b.sheet_of_role_if_any(app, role).await?);
        }
    }
    let entered = changes::entered(app, &a, &b, &by).await?;
    let bridge = tokio::task::spawn_blocking(move || match money {
        Some(money) => plan::bridge(&frames_a[0], &frames_b[0], money, &by),
        None => plan::bridge_kpi(&frames_a, &frames_b, &figure, &by),
    });
    let bridge = bridge.await;
    let mut bridge = bridge.map_err(|error| Problem::Invalid(error.to_string()))??;
    bridge.tell(&entered);
    Ok((bridge, [a.name, b.name]))
}
