//! The scenario matrix over HTTP: read as far as it is, and worked out on request.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use grid_engine::plan::{
    Axis, CellState, Matrix, MatrixCell, ProposeScenario, ScenarioId, StateChange, VersionInfo, VersionKind,
    VersionState, rank, ranked_figures,
};
use grid_engine::refs::Id;
use grid_engine::wire::{FreezeVersion, Role};
use serde::Deserialize;

use super::branches::home;
use super::request::{Body, Path, Query};
use super::status::Problem;
use super::versions::{check_new, keep_version};
use crate::app::App;
use crate::auth::Session;
use crate::clock::now_ms;
use crate::lineage;
use crate::scenarios::{MAX_CELLS, Scenario};
use crate::store::WorkbookId;
use crate::sync::Command;

/// Which matrix: versions apart by commas, and the rule that ranks.
#[derive(Deserialize)]
pub(super) struct Question {
    demand: String,
    supply: String,
    cost: String,
    #[serde(default)]
    rule: String,
}

impl Question {
    /// The scenarios, of versions that stand for the side they are asked for.
    fn cells(&self, versions: &[VersionInfo]) -> Result<Vec<ScenarioId>, Problem> {
        let ids = |text: &str| -> Result<Vec<Id>, Problem> {
            let parts = text.split(',').filter(|part| !part.is_empty());
            parts.map(|part| part.parse::<Id>().map_err(|_| Problem::NotFound(format!("version {part:?}")))).collect()
        };
        let (demand, supply, cost) = (ids(&self.demand)?, ids(&self.supply)?, ids(&self.cost)?);
        check_sides(versions, [&demand, &supply, &cost])?;
        if demand.len() * supply.len() * cost.len() > MAX_CELLS {
            return Err(Problem::Invalid(format!(
                "A matrix has at most {MAX_CELLS} scenarios: choose fewer versions."
            )));
        }
        let mut cells = Vec::new();
        for &demand in &demand {
            for &supply in &supply {
                cells.extend(cost.iter().map(|&cost| ScenarioId { demand, supply, cost }));
            }
        }
        Ok(cells)
    }
}

/// Whether versions stand for the sides they are taken for: demand, supply, prices and costs.
fn check_sides(versions: &[VersionInfo], [demand, supply, cost]: [&[Id]; 3]) -> Result<(), Problem> {
    let sides =
        [(demand, Axis::Demand, "demand"), (supply, Axis::Supply, "supply"), (cost, Axis::Cost, "prices and costs")];
    for (ids, axis, side) in sides {
        let other = versions.iter().find(|version| ids.contains(&version.id) && !version.kind.gives(axis));
        if let Some(version) = other {
            return Err(Problem::Invalid(format!(
                "{:?} was not frozen for its {side}: choose a whole plan, or a version that was.",
                version.name
            )));
        }
    }
    Ok(())
}

pub(super) async fn read(
    State(app): State<Arc<App>>,
    _: Session,
    Path(workbook): Path<String>,
    Query(question): Query<Question>,
) -> Result<Json<Matrix>, Problem> {
    let home = home(&app, &workbook)?;
    matrix(&app, home, &app.store.versions(home)?, &question).map(Json)
}

/// The scenarios as far as they are, ranked.
pub(super) fn matrix(
    app: &App,
    home: WorkbookId,
    versions: &[VersionInfo],
    question: &Question,
) -> Result<Matrix, Problem> {
    let mut cells = Vec::new();
    for scenario in question.cells(versions)? {
        let (state, summary) = app.scenarios.cell(home, &scenario.into(), versions)?;
        let figures = summary.as_ref().map(ranked_figures).unwrap_or_default();
        cells.push(MatrixCell { scenario, state, figures, ranking: None });
    }
    let rule = if question.rule.trim().is_empty() { "profit" } else { question.rule.trim() };
    let done: Vec<usize> = (0..cells.len()).filter(|&at| matches!(cells[at].state, CellState::Done)).collect();
    let figures: Vec<_> = done.iter().map(|&at| cells[at].figures.clone()).collect();
    let (rankings, rule_error) = match rank(rule, &figures) {
        Ok(rankings) => (rankings, None),
        Err(error) => (rank("profit", &figures).unwrap_or_default(), Some(error.to_string())),
    };
    for (&at, mut ranking) in done.iter().zip(rankings) {
        // Among all cells, not only those that are done.
        ranking.dominated_by = ranking.dominated_by.and_then(|by| done.get(by).copied());
        cells[at].ranking = Some(ranking);
    }
    Ok(Matrix { cells, rule_error })
}

/// Works out what is missing. Scenarios are made of frozen versions alone, so whoever reads these may ask, without the right to
/// see the live plan; viewers start nothing.
pub(super) async fn run(
    State(app): State<Arc<App>>,
    session: Session,
    Path(workbook): Path<String>,
    Query(question): Query<Question>,
) -> Result<(), Problem> {
    if session.me.role == Role::Viewer {
        return Err(Problem::Forbidden("calculate scenarios"));
    }
    let home = home(&app, &workbook)?;
    let named = app.store.workbook(home)?.ok_or_else(|| Problem::NotFound(format!("workbook {workbook:?}")))?;
    let versions = app.store.versions(home)?;
    let cells = question.cells(&versions)?;
    app.store.put_scenarios(home, cells.clone()).await?;
    let cells: Vec<Scenario> = cells.into_iter().map(Into::into).collect();
    app.scenarios.ask(home, (&named.0, &named.1), &cells, &versions)?;
    Ok(())
}

/// Freezes a scenario as a version people can decide on.
pub(super) async fn propose(
    State(app): State<Arc<App>>,
    session: Session,
    Path(workbook): Path<String>,
    Body(request): Body<ProposeScenario>,
) -> Result<Json<VersionInfo>, Problem> {
    if !session.me.may_freeze {
        return Err(Problem::Forbidden("freeze a version"));
    }
    let home = home(&app, &workbook)?;
    let name = request.name.trim().to_owned();
    let versions = app.store.versions(home)?;
    check_new(&name, &request.comment, &versions)?;
    let ScenarioId { demand, supply, cost } = request.scenario;
    check_sides(&versions, [&[demand], &[supply], &[cost]])?;
    let named = app.store.workbook(home)?.ok_or_else(|| Problem::NotFound(format!("workbook {workbook:?}")))?;
    let logs = lineage::of_scenario(home, request.scenario, &versions);
    let frozen = app.scenarios.freeze(home, named, request.scenario, &versions).await;
    let (bundle, at) = frozen.map_err(Problem::Invalid)?;
    let request = FreezeVersion { name, kind: VersionKind::Consensus, comment: request.comment };
    // Its time is that of its sides, so that it can be calculated again; its history says when it was proposed.
    let proposed = StateChange {
        to: VersionState::Proposed,
        by: session.me.person,
        by_name: session.me.name.clone(),
        at: now_ms(),
        comment: String::new(),
    };
    let info = keep_version(&app, home, &session, request, bundle, (at, logs, vec![proposed])).await?;
    // Whoever has the workbook open is told; where nobody has, nobody is.
    if let Ok(live) = app.hub.workbook(home).await {
        let _ = live.send(Command::VersionsChanged).await;
    }
    Ok(Json(info))
}

pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    session: Session,
    Path(workbook): Path<String>,
) -> Result<(), Problem> {
    if session.me.role == Role::Viewer {
        return Err(Problem::Forbidden("stop scenarios"));
    }
    app.scenarios.cancel(home(&app, &workbook)?);
    Ok(())
}
