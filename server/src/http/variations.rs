//! A frozen version with drivers changed, over HTTP: read as far as it is, and worked out on request.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use grid_engine::plan::{Changes, ScenarioId, Varied, VersionInfo};
use grid_engine::refs::Id;
use grid_engine::wire::Role;
use serde::Deserialize;

use super::branches::home_of;
use super::request::{Path, Query};
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

impl Question {
    fn all(&self) -> Vec<&str> {
        self.changes.split(';').collect()
    }
}

/// What an address asks for.
struct Asked {
    home: WorkbookId,
    versions: Vec<VersionInfo>,
    scenarios: Vec<Scenario>,
}

impl Asked {
    fn read(app: &App, (workbook, version): (&str, &str), all: &[&str]) -> Result<Self, Problem> {
        let home = home_of(app, workbook_id(workbook)?)?;
        let versions = app.store.versions(home)?;
        let none = || Problem::NotFound(format!("version {version:?}"));
        let id: Id = version.parse().map_err(|_| none())?;
        if !versions.iter().any(|known| known.id == id) {
            return Err(none());
        }
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

    /// What is known of each.
    fn known(&self, app: &App) -> Result<Vec<Varied>, Problem> {
        let varied = |scenario: &Scenario| {
            let (state, summary) = app.scenarios.cell(self.home, scenario, &self.versions)?;
            Ok(Varied::new(&scenario.changes, state, summary.as_ref()))
        };
        self.scenarios.iter().map(varied).collect()
    }
}

pub(super) async fn read(
    State(app): State<Arc<App>>,
    _: Session,
    Path((workbook, version)): Path<(String, String)>,
    Query(question): Query<Question>,
) -> Result<Json<Vec<Varied>>, Problem> {
    Asked::read(&app, (&workbook, &version), &question.all())?.known(&app).map(Json)
}

/// What is known of cases of a version, each named on a line of its own: the name, a tab and its changes.
pub(super) fn cases(app: &App, workbook: &str, version: &str, lines: &str) -> Result<Vec<(String, Varied)>, Problem> {
    let case = |line: &str| match line.split_once('\t') {
        Some((name, changes)) => Ok((name.to_owned(), changes.to_owned())),
        None => Err(Problem::Invalid(format!(
            "{line:?} is no case: write its name, a tab and its changes, e.g. demand:-10."
        ))),
    };
    let (names, changes): (Vec<String>, Vec<String>) =
        lines.lines().map(case).collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
    let changes: Vec<&str> = changes.iter().map(String::as_str).collect();
    let known = Asked::read(app, (workbook, version), &changes)?.known(app)?;
    Ok(names.into_iter().zip(known).collect())
}

pub(super) async fn run(
    State(app): State<Arc<App>>,
    session: Session,
    Path((workbook, version)): Path<(String, String)>,
    Query(question): Query<Question>,
) -> Result<(), Problem> {
    if session.me.role == Role::Viewer {
        return Err(Problem::Forbidden("calculate scenarios"));
    }
    let asked = Asked::read(&app, (&workbook, &version), &question.all())?;
    let named = app.store.workbook(asked.home)?.ok_or_else(|| Problem::NotFound(format!("workbook {workbook:?}")))?;
    app.scenarios.ask(asked.home, (&named.0, &named.1), &asked.scenarios, &asked.versions)?;
    Ok(())
}
