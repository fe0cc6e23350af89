//! Plan against actual: actuals come in as tables, alerts are raised and ended by rules.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use grid_engine::plan::{
    self, ActualsReport, Alert, AlertRule, ImportedActuals, PlanVsActual, VersionState, check_alert_rules,
    comparable_by, judge_alerts, plan_vs_actual,
};
use grid_engine::refs::{Id, MeasureId};
use grid_engine::wire::{MAX_ACTUALS_FILE, SheetFrame};
use grid_engine::workbook::Facts;
use serde::Deserialize;

use super::branches::home;
use super::reading::frozen_sheet;
use super::request::{Body, LiveSession};
use super::status::Problem;
use crate::app::App;
use crate::auth::Session;
use crate::exchange::actuals_csv;
use crate::store::WorkbookId;
use crate::sync::Command;

/// Largest table of actuals: a year of a large company's order lines.
pub(super) const MAX_FILE: usize = MAX_ACTUALS_FILE;
/// Versions that were committed to, looked through for what was planned at a lag.
const EARLIER: usize = 6;
/// Rules of a workbook at most: more are not read.
const MAX_RULES: usize = 50;
/// The layer that actuals stand in.
const LAYER: &str = "history";

/// One import at a time: each adds to what the one before left.
static IMPORTING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Which comparison.
#[derive(Deserialize)]
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
) -> Result<Json<ActualsReport>, Problem> {
    let home = home(&app, &workbook)?;
    let mut report = judged(&app, home, question).await?;
    report.may_change = session.me.may_freeze;
    Ok(Json(report))
}

/// Takes a table of actuals into the live plan.
pub(super) async fn import(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path(workbook): Path<String>,
    bytes: Bytes,
) -> Result<Json<ImportedActuals>, Problem> {
    if !session.me.may_freeze {
        return Err(Problem::Forbidden("import actuals"));
    }
    let home = home(&app, &workbook)?;
    let _one = IMPORTING.lock().await;
    let live = app.hub.workbook(home).await?;
    let layer = layer();
    let read = live
        .ask(move |replica| {
            let mirror = replica.workbook.mirror();
            let none = || vec!["this workbook has no demand sheet that actuals could stand in".to_owned()];
            let info = mirror.sheets().iter().find(|info| info.role == "demand").ok_or_else(none)?;
            let sheet = mirror.sheet(info.id).ok_or_else(none)?;
            if sheet.measure(layer).is_none() {
                return Err(vec![format!("{} has no layer History that actuals could stand in", info.title)]);
            }
            let read = actuals_csv::read(&bytes, sheet)?;
            let facts = plan::with_actuals(replica.workbook.facts(info.id, layer), &read.values);
            Ok((info.id, read, facts))
        })
        .await?;
    let (sheet, read, facts) = read.map_err(|problems| Problem::Invalid(problems.join("\n")))?;
    let mut buckets: Vec<_> = read.values.iter().map(|(_, bucket, _)| *bucket).collect();
    buckets.sort();
    buckets.dedup();
    if let Some(facts) = facts {
        // On disk before anyone is told.
        app.store.put_facts(home, vec![(sheet, layer, facts.clone())]).await?;
        live.send(Command::Imported(vec![(sheet, layer, facts)])).await?;
        let body = format!("{} lines of actuals for {} buckets", read.lines, buckets.len());
        app.store.note(crate::clock::now_ms(), session.me.person, "actuals", body).await?;
    }
    // Every state of the actuals is judged, whether anyone looks or not: alerts depend on what was before.
    judged(&app, home, Question { by: String::new(), lag: None }).await?;
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
    app.store.put_alert_rules(home, rules).await?;
    judged(&app, home, Question { by: String::new(), lag: None }).await?;
    Ok(())
}

/// Compares, judges all rules, and keeps what is raised now.
async fn judged(app: &Arc<App>, home: WorkbookId, question: Question) -> Result<ActualsReport, Problem> {
    let (rules, before) = app.store.alerts(home)?;
    let versions = app.store.versions(home)?;
    let was_decided = |state| matches!(state, VersionState::Consensus | VersionState::Superseded);
    let Some(consensus) = versions.iter().find(|version| version.state == VersionState::Consensus) else {
        return Ok(ActualsReport { rules, ..ActualsReport::default() });
    };
    let earlier: Vec<Id> = versions
        .iter()
        .filter(|version| version.id != consensus.id && was_decided(version.state))
        .map(|version| version.id)
        .take(EARLIER)
        .collect();
    let version = (consensus.id, consensus.name.clone());
    let live = app.hub.workbook(home).await?;
    let layer = layer();
    let facts = live
        .ask(move |replica| {
            let info = replica.workbook.mirror().sheets().iter().find(|info| info.role == "demand")?;
            replica.workbook.facts(info.id, layer).cloned()
        })
        .await?;
    let app_there = app.clone();
    let judge = move || -> Result<ActualsReport, Problem> {
        let frame = frozen_sheet(&app_there, home, version.0, "demand")?;
        let earlier: Vec<SheetFrame> =
            earlier.into_iter().map(|id| frozen_sheet(&app_there, home, id, "demand")).collect::<Result<_, _>>()?;
        let facts = facts.unwrap_or_default();
        Ok(report(&frame, &earlier, &facts, version, &question, rules, &before))
    };
    let report = tokio::task::spawn_blocking(judge).await.map_err(|error| Problem::Invalid(error.to_string()))??;
    let (_, before) = app.store.alerts(home)?;
    if before != report.alerts {
        app.store.put_alerts(home, report.alerts.clone()).await?;
    }
    Ok(report)
}

fn report(
    frame: &SheetFrame,
    earlier: &[SheetFrame],
    facts: &Facts,
    version: (Id, String),
    question: &Question,
    rules: Vec<AlertRule>,
    before: &[Alert],
) -> ActualsReport {
    let lag = question.lag.unwrap_or(1).clamp(1, 24);
    let mut notes = Vec::new();
    let mut known: Vec<PlanVsActual> = Vec::new();
    let mut by = |by: &str| -> Result<PlanVsActual, String> {
        if let Some(found) = known.iter().find(|found| found.by == by) {
            return Ok(found.clone());
        }
        let found = plan_vs_actual(frame, earlier, facts, by, lag).map_err(|error| error.to_string())?;
        known.push(found.clone());
        Ok(found)
    };
    let mut alerts: Vec<Alert> = Vec::new();
    for rule in &rules {
        let judged =
            by(&rule.by).and_then(|found| judge_alerts(rule, &found, before).map_err(|error| error.to_string()));
        match judged {
            Ok(raised) => alerts.extend(raised),
            Err(reason) => notes.push(format!("{} is not watched: {reason}.", rule.name)),
        }
    }
    alerts.sort_by_key(|alert| std::cmp::Reverse(alert.rule.severity));
    let found = by(&question.by).unwrap_or_else(|reason| {
        notes.push(format!("{reason}."));
        PlanVsActual::default()
    });
    ActualsReport {
        version: Some(version),
        found,
        columns: comparable_by(frame),
        alerts,
        rules,
        notes,
        may_change: false,
    }
}

fn layer() -> MeasureId {
    crate::exchange::blueprint::measure_id(LAYER)
}
