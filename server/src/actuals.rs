//! Actuals of a plan: taken in as tables, by the server or by a command, and judged by the rules that are watched.

use std::collections::BTreeSet;

use grid_engine::calendar::Bucket;
use grid_engine::doc::SheetInfo;
use grid_engine::plan::{
    self, ActualsReport, AlertRule, EndedAlert, PlanVsActual, SHEETS, VersionState, Watch, Watched, actuals_until,
    comparable_by, plan_vs_actual, role_of_owner, sheet_part, watch_alerts, with_actuals,
};
use grid_engine::refs::{Id, MeasureId, RowId, SheetId};
use grid_engine::wire::SheetFrame;
use grid_engine::workbook::{Facts, Workbook};
use serde::Serialize;
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
    /// What stood in the layer before.
    before: Option<Facts>,
}

impl Taken {
    /// How the layer came to be what it is.
    pub fn arrival(&self) -> Arrival {
        Arrival { before: self.before.clone(), values: self.read.values.clone() }
    }
}

/// Actuals that have come in, to be judged bucket by bucket as if they had come so.
#[derive(Clone, Default)]
pub struct Arrival {
    /// The layer before.
    before: Option<Facts>,
    values: Vec<(RowId, Bucket, f64)>,
}

impl Arrival {
    /// The layer after each bucket that came but the last, after which it is as it is; buckets before `first` are nobody's plan.
    fn steps(&self, first: Option<Bucket>) -> impl Iterator<Item = Facts> {
        let buckets: BTreeSet<Bucket> = self.values.iter().map(|(_, bucket, _)| *bucket).collect();
        let last = buckets.last().copied();
        let steps = buckets.into_iter().filter(move |bucket| first.is_none_or(|first| *bucket >= first));
        steps.filter(move |bucket| Some(*bucket) != last).filter_map(move |until| {
            let come: Vec<_> = self.values.iter().filter(|(_, bucket, _)| *bucket <= until).copied().collect();
            with_actuals(self.before.as_ref(), &come)
        })
    }
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
    let before = workbook.facts(info.id, layer()).cloned();
    let facts = with_actuals(before.as_ref(), &read.values);
    Ok(Taken { sheet: info.id, read, facts, before })
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

/// A comparison with what its rules come to.
#[derive(Serialize)]
pub struct Judged {
    #[serde(flatten)]
    pub report: ActualsReport,
    /// Alerts that were raised and have ended, the latest first.
    pub ended: Vec<EndedAlert>,
    /// What is to be known of the rules at the next judgement; `None`: as before.
    #[serde(skip)]
    pub news: Option<Watch>,
}

/// Compares actuals with the consensus and judges all rules, bucket by bucket of what has arrived; without a consensus there is
/// nothing to compare with, and what is raised stays. It reads the store: not for a thread that serves requests.
///
/// # Errors
/// When the store cannot be read.
pub fn judge(
    store: &Store,
    home: WorkbookId,
    come: &Come,
    arrival: &Arrival,
    question: (&str, Option<usize>),
) -> Result<Judged, StoreError> {
    let (rules, before) = store.alerts(home)?;
    let versions = store.versions(home)?;
    let was_decided = |state| matches!(state, VersionState::Consensus | VersionState::Superseded);
    let Some(consensus) = versions.iter().find(|version| version.state == VersionState::Consensus) else {
        let report = ActualsReport { rules, ..ActualsReport::default() };
        return Ok(Judged { report, ended: before.ended, news: None });
    };
    let earlier = versions.iter().filter(|version| version.id != consensus.id && was_decided(version.state));
    let earlier = earlier.take(EARLIER).map(|version| demand_of(store, home, version.id));
    let comparing = Comparing {
        frame: demand_of(store, home, consensus.id)?,
        earlier: earlier.collect::<Result<_, _>>()?,
        come,
        lag: question.1.unwrap_or(1).clamp(1, 24),
    };
    let first = comparing.frame.meta.horizon.map(|horizon| horizon.current);
    let mut watch = before.clone();
    for facts in arrival.steps(first) {
        watch = comparing.watched(&rules, &watch, &facts).watch;
    }
    let Watched { watch, mut notes } = comparing.watched(&rules, &watch, &come.facts);
    notes.extend(without_owner(store, &rules)?);
    let found = comparing.compare(question.0, &come.facts).unwrap_or_else(|reason| {
        notes.push(format!("{reason}."));
        PlanVsActual::default()
    });
    let report = ActualsReport {
        version: Some((consensus.id, consensus.name.clone())),
        found,
        columns: comparable_by(&comparing.frame),
        alerts: watch.raised.clone(),
        rules,
        notes,
        may_change: false,
    };
    Ok(Judged { report, ended: watch.ended.clone(), news: (watch != before).then_some(watch) })
}

/// Rules whose owner cannot see to them, each with the reason: an owner is a person who may sign in, a role, or left open.
///
/// # Errors
/// When people cannot be read.
pub fn without_owner(store: &Store, rules: &[AlertRule]) -> Result<Vec<String>, StoreError> {
    let people = store.people()?;
    let problem = |rule: &AlertRule| {
        let owner = rule.owner.trim();
        if owner.is_empty() || role_of_owner(owner).is_some() {
            return None;
        }
        let is_meant = |name: &str| name.trim().to_lowercase() == owner.to_lowercase();
        let named = people.iter().filter(|person| is_meant(&person.name) || is_meant(&person.user));
        let what = match named.map(|person| person.disabled).reduce(|all, disabled| all && disabled) {
            None => "is nobody here",
            Some(true) => "is disabled",
            Some(false) => return None,
        };
        let roles = plan::owner_roles().collect::<Vec<_>>().join(", ");
        Some(format!(
            "{}: its owner {owner:?} {what}; name a person as People lists them, or a role: {roles}.",
            rule.name
        ))
    };
    Ok(rules.iter().filter_map(problem).collect())
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

/// What actuals are set beside.
struct Comparing<'a> {
    /// The demand of the consensus, and of what was committed to before.
    frame: SheetFrame,
    earlier: Vec<SheetFrame>,
    come: &'a Come,
    lag: usize,
}

impl Comparing<'_> {
    fn compare(&self, by: &str, facts: &Facts) -> Result<PlanVsActual, String> {
        let now = self.come.rows.as_ref().unwrap_or(&self.frame);
        plan_vs_actual(&self.frame, now, &self.earlier, facts, by, self.lag).map_err(|error| error.to_string())
    }

    /// What rules come to in a state of the actuals.
    fn watched(&self, rules: &[AlertRule], before: &Watch, facts: &Facts) -> Watched {
        let mut known: Vec<(String, Option<Bucket>, Result<PlanVsActual, String>)> = Vec::new();
        watch_alerts(rules, before, |by, until| {
            if let Some((.., found)) = known.iter().find(|(column, last, _)| column == by && *last == until) {
                return found.clone();
            }
            let found = match until {
                Some(until) => self.compare(by, &actuals_until(facts, until)),
                None => self.compare(by, facts),
            };
            known.push((by.to_owned(), until, found.clone()));
            found
        })
    }
}
