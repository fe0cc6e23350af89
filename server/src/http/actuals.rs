//! Plan against actual: actuals come in as tables, alerts are raised and ended by rules.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use grid_engine::plan::{AlertRule, ImportedActuals, check_alert_rules};
use grid_engine::wire::MAX_ACTUALS_FILE;
use serde::Deserialize;

use super::branches::home;
use super::request::{Body, FileBody, LiveSession, Path, Query};
use super::status::Problem;
use crate::actuals::{self, Arrival, Come, Judged, Taken};
use crate::app::App;
use crate::auth::Session;
use crate::store::WorkbookId;
use crate::sync::Command;

/// Largest table of actuals: a year of a large company's order lines.
pub(super) const MAX_FILE: usize = MAX_ACTUALS_FILE;
/// Rules of a workbook at most: more are not read.
const MAX_RULES: usize = 50;

/// One import at a time: each adds to what the one before left.
static IMPORTING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
/// One judgement at a time: each goes on from the one before, and what is imported is judged before anybody looks.
static JUDGING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Which comparison; without anything in all.
#[derive(Clone, Default, Deserialize)]
pub(super) struct Question {
    #[serde(default)]
    by: String,
    #[serde(default)]
    lag: Option<usize>,
}

pub(super) async fn read(
    State(app): State<Arc<App>>,
    session: Session,
    Path(workbook): Path<String>,
    Query(question): Query<Question>,
) -> Result<Json<Judged>, Problem> {
    let home = home(&app, &workbook)?;
    let mut judged = judged(&app, home, question).await?;
    judged.report.may_change = session.me.may_freeze;
    Ok(Json(judged))
}

/// Takes a table of actuals into the live plan.
pub(super) async fn import(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path(workbook): Path<String>,
    FileBody(bytes): FileBody,
) -> Result<Json<ImportedActuals>, Problem> {
    if !session.me.may_freeze {
        return Err(Problem::Forbidden("import actuals"));
    }
    let home = home(&app, &workbook)?;
    let _one = IMPORTING.lock().await;
    let live = app.hub.workbook(home).await?;
    let taken = live.ask(move |replica| actuals::take(&replica.workbook, &bytes)).await?;
    let taken = taken.map_err(|problems| Problem::Invalid(problems.join("\n")))?;
    let arrival = taken.arrival();
    let Taken { sheet, read, facts, .. } = taken;
    let buckets = read.buckets();
    let _judging = JUDGING.lock().await;
    if let Some(facts) = facts {
        // On disk before anyone is told.
        app.store.put_facts(home, vec![(sheet, actuals::layer(), facts.clone())]).await?;
        live.send(Command::Imported(vec![(sheet, actuals::layer(), facts)])).await?;
        app.store.note(crate::clock::now_ms(), session.me.person, "actuals", read.told()).await?;
        app.revisions.changed(home);
    }
    // Every state of the actuals is judged, whether anyone looks or not: alerts depend on what was before.
    judge(&app, home, Question::default(), arrival).await?;
    live.send(Command::VersionsChanged).await?;
    Ok(Json(ImportedActuals { lines: read.lines, values: read.values.len(), buckets }))
}

/// Replaces the rules that are watched.
pub(super) async fn put_rules(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path(workbook): Path<String>,
    Body(rules): Body<Vec<AlertRule>>,
) -> Result<(), Problem> {
    if !session.me.may_freeze {
        return Err(Problem::Forbidden("change alert rules"));
    }
    if rules.len() > MAX_RULES {
        return Err(Problem::Invalid(format!("A workbook has at most {MAX_RULES} alert rules.")));
    }
    check_alert_rules(&rules).map_err(|error| Problem::Invalid(format!("{error}.")))?;
    let home = home(&app, &workbook)?;
    if let Some(problem) = actuals::without_owner(&app.store, &rules)?.into_iter().next() {
        return Err(Problem::AlertOwner(problem));
    }
    app.store.put_alert_rules(home, rules).await?;
    app.revisions.changed(home);
    judged(&app, home, Question::default()).await?;
    Ok(())
}

/// Compares, judges all rules, and keeps what is raised now.
pub(super) async fn judged(app: &Arc<App>, home: WorkbookId, question: Question) -> Result<Judged, Problem> {
    let _judging = JUDGING.lock().await;
    judge(app, home, question, Arrival::default()).await
}

async fn judge(app: &Arc<App>, home: WorkbookId, question: Question, arrival: Arrival) -> Result<Judged, Problem> {
    let live = app.hub.workbook(home).await?;
    let come = live.ask(|replica| Come::of(&replica.workbook)).await?;
    let store = app.store.clone();
    let judge = move || actuals::judge(&store, home, &come, &arrival, (&question.by, question.lag));
    let judged = tokio::task::spawn_blocking(judge).await.map_err(|error| Problem::Invalid(error.to_string()))??;
    if let Some(watch) = judged.news.clone() {
        app.store.put_watch(home, watch).await?;
        app.revisions.changed(home);
    }
    Ok(judged)
}
