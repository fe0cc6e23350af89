//! A frozen version with drivers changed, over HTTP: read as far as it is, and worked out on request.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use grid_engine::plan::{Changes, ScenarioId, Varied, VersionInfo};
use grid_engine::refs::Id;
use grid_engine::wire::Role;
use serde::Deserialize;

use super::branches::home_of;
use super::request::{LiveSession, Path, Query};
use super::status::Problem;
use super::workbooks::workbook_id;
use crate::app::App;
use crate::auth::Session;
use crate::scenarios::{MAX_CELLS, Scenario};
use crate::store::WorkbookId;

/// Which changes: `demand:-10,price:5`, several of them apart by semicolons; nothing is the version as it is.
#[derive(Deserialize)]
pub(super) struct Question {
    #[serde(default)]
    changes: String,
}

/// What an address asks for.
struct Asked {
    home: WorkbookId,
    versions: Vec<VersionInfo>,
    scenarios: Vec<Scenario>,
}

impl Asked {
    fn read(app: &App, (workbook, version): (&str, &str), question: &Question) -> Result<Self, Problem> {
        let home = home_of(app, workbook_id(workbook)?)?;
        let versions = app.store.versions(home)?;
        let none = || Problem::NotFound(format!("version {version:?}"));
        let id: Id = version.parse().map_err(|_| none())?;
        if !versions.iter().any(|known| known.id == id) {
            return Err(none());
        }
        let all: Vec<&str> = question.changes.split(';').collect();
        if all.len() > MAX_CELLS {
            return Err(Problem::Invalid(format!("At most {MAX_CELLS} changes are worked out at once.")));
        }
        let versions_of = ScenarioId { demand: id, supply: id, cost: id };
        let scenario = |text: &&str| match text.parse::<Changes>() {
            Ok(changes) => Ok(Scenario { versions: versions_of, changes }),
            Err(error) => Err(Problem::Invalid(format!("{error}."))),
        };
        let scenarios = all.iter().map(scenario).collect::<Result<_, _>>()?;
        Ok(Self { home, versions, scenarios })
    }
}

pub(super) async fn read(
    State(app): State<Arc<App>>,
    _: Session,
    Path((workbook, version)): Path<(String, String)>,
    Query(question): Query<Question>,
) -> Result<Json<Vec<Varied>>, Problem> {
    let asked = Asked::read(&app, (&workbook, &version), &question)?;
    let mut all = Vec::new();
    for scenario in &asked.scenarios {
        let (state, summary) = app.scenarios.cell(asked.home, scenario, &asked.versions)?;
        all.push(Varied::new(&scenario.changes, state, summary.as_ref()));
    }
    Ok(Json(all))
}

pub(super) async fn run(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path((workbook, version)): Path<(String, String)>,
    Query(question): Query<Question>,
) -> Result<(), Problem> {
    if session.me.role == Role::Viewer {
        return Err(Problem::Forbidden("calculate scenarios"));
    }
    let asked = Asked::read(&app, (&workbook, &version), &question)?;
    let named = app.store.workbook(asked.home)?.ok_or_else(|| Problem::NotFound(format!("workbook {workbook:?}")))?;
    app.scenarios.ask(asked.home, (&named.0, &named.1), &asked.scenarios, &asked.versions)?;
    Ok(())
}
