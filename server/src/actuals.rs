//! Actuals of a plan: taken in as tables, by the server or by a command, and judged by the rules that are watched.

use grid_engine::doc::SheetInfo;
use grid_engine::plan::{
    self, ActualsReport, Alert, AlertRule, PlanVsActual, SHEETS, VersionState, comparable_by, judge_alerts,
    plan_vs_actual, sheet_part,
};
use grid_engine::refs::{Id, MeasureId, SheetId};
use grid_engine::wire::SheetFrame;
use grid_engine::workbook::{Facts, Workbook};
use serde::de::DeserializeOwned;

use crate::exchange::actuals_csv::{self, Actuals};
use crate::store::{Store, StoreError, WorkbookId};

/// Versions that were committed to, looked through for what was planned at a lag.
const EARLIER: usize = 6;
/// The layer that actuals stand in.
const LAYER: &str = "history";

/// A table of actuals that a plan can take in.
pub struct Taken {
    pub sheet: SheetId,
    pub read: Actuals,
    /// The layer with them; `None` where the table has no values.
    pub facts: Option<Facts>,
}

/// Reads a table of actuals against a plan; nothing is changed yet.
///
/// # Errors
/// Every problem as line, column and reason.
pub fn take(workbook: &Workbook, bytes: &[u8]) -> Result<Taken, Vec<String>> {
    let mirror = workbook.mirror();
    let none = || vec!["this workbook has no demand sheet that actuals could stand in".to_owned()];
    let info = mirror.sheets().iter().find(|info| info.role == "demand").ok_or_else(none)?;
    let sheet = mirror.sheet(info.id).ok_or_else(none)?;
    if sheet.measure(layer()).is_none() {
        return Err(vec![format!("{} has no layer History that actuals could stand in", info.title)]);
    }
    let read = actuals_csv::read(bytes, workbook, sheet)?;
    let facts = plan::with_actuals(workbook.facts(info.id, layer()), &read.values);
    Ok(Taken { sheet: info.id, read, facts })
}

/// What has come, and the rows it stands in as they are called by now.
#[derive(Clone, Default)]
pub struct Come {
    pub facts: Facts,
    /// The untimed columns of the demand sheet; `None` where there is none.
    pub rows: Option<SheetFrame>,
}

impl Come {
    /// Of a plan as it is.
    pub fn of(workbook: &Workbook) -> Self {
        let info = workbook.mirror().sheets().iter().find(|info| info.role == "demand");
        info.map_or_else(Self::default, |info| Self {
            facts: workbook.facts(info.id, layer()).cloned().unwrap_or_default(),
            rows: plan::row_texts(workbook, info.id),
        })
    }
}

/// The layer that actuals stand in.
pub fn layer() -> MeasureId {
    crate::exchange::blueprint::measure_id(LAYER)
}

/// Compares actuals with the consensus and judges all rules; without a consensus there is nothing to compare with, and what
/// is raised stays. It reads the store: not for a thread that serves requests.
///
/// # Errors
/// When the store cannot be read.
pub fn judge(
    store: &Store,
    home: WorkbookId,
    come: &Come,
    by: &str,
    lag: Option<usize>,
) -> Result<ActualsReport, StoreError> {
    let (rules, before) = store.alerts(home)?;
    let versions = store.versions(home)?;
    let was_decided = |state| matches!(state, VersionState::Consensus | VersionState::Superseded);
    let Some(consensus) = versions.iter().find(|version| version.state == VersionState::Consensus) else {
        return Ok(ActualsReport { rules, ..ActualsReport::default() });
    };
    let earlier = versions.iter().filter(|version| version.id != consensus.id && was_decided(version.state));
    let earlier = earlier.take(EARLIER).map(|version| demand_of(store, home, version.id));
    let earlier: Vec<SheetFrame> = earlier.collect::<Result<_, _>>()?;
    let frame = demand_of(store, home, consensus.id)?;
    let version = (consensus.id, consensus.name.clone());
    Ok(report(&frame, &earlier, come, version, (by, lag), rules, &before))
}

/// The demand sheet of a frozen version.
fn demand_of(store: &Store, home: WorkbookId, version: Id) -> Result<SheetFrame, StoreError> {
    let sheets: Vec<SheetInfo> = part(store, home, version, SHEETS)?;
    let found = sheets.iter().find(|info| info.role == "demand");
    let found = found.ok_or_else(|| StoreError::Missing(format!("demand sheet in version {version}")))?;
    part(store, home, version, &sheet_part(found.id))
}

fn part<T: DeserializeOwned>(store: &Store, home: WorkbookId, version: Id, part: &str) -> Result<T, StoreError> {
    let bytes = store.version_part(home, version, part)?;
    let bytes = bytes.ok_or_else(|| StoreError::Missing(format!("part {part} in version {version}")))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| StoreError::Corrupt(format!("part {part} of version {version}: {error}")))
}

fn report(
    frame: &SheetFrame,
    earlier: &[SheetFrame],
    come: &Come,
    version: (Id, String),
    question: (&str, Option<usize>),
    rules: Vec<AlertRule>,
    before: &[Alert],
) -> ActualsReport {
    let lag = question.1.unwrap_or(1).clamp(1, 24);
    let mut notes = Vec::new();
    let mut known: Vec<PlanVsActual> = Vec::new();
    let mut by = |by: &str| -> Result<PlanVsActual, String> {
        if let Some(found) = known.iter().find(|found| found.by == by) {
            return Ok(found.clone());
        }
        let now = come.rows.as_ref().unwrap_or(frame);
        let found = plan_vs_actual(frame, now, earlier, &come.facts, by, lag).map_err(|error| error.to_string())?;
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
    let found = by(question.0).unwrap_or_else(|reason| {
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
