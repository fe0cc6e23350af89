//! Plan against actual: what came, beside what was committed to, and where the running quarter is heading.
//!
//! * A bucket counts once a fact is known in it; rows without a fact in it then sold nothing.
//! * Facts of rows that came after the plan count with a plan of nothing, and the rows are named. A row that has the keys
//!   of a planned one is that row, whatever its id.
//! * The lagged plan is that of the version whose own first planned bucket lies `lag` buckets before the one after: at
//!   lag 1 what was planned for a bucket when it was the next one.
//! * The quarter heads for what came so far and the rest of the plan, at the share of plan reached so far (run rate).
//!
//! Error is actual less plan; bias and WAPE are those of the key figures, with the plan as forecast.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::alerts::{Alert, AlertRule};
use super::frame::FrameReader;
use crate::calendar::{Bucket, Grain};
use crate::doc::MeasureKind;
use crate::refs::{ColId, Id, MeasureId, RowId};
use crate::value::order::sort_by;
use crate::wire::SheetFrame;
use crate::workbook::Facts;

/// Actuals beside a plan, in all and by a key or another untimed column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlanVsActual {
    pub by: String,
    /// Planned buckets with actuals, oldest first.
    pub buckets: Vec<Bucket>,
    /// The quarter of the last of them, as `2026-04 to 2026-06`.
    pub period: String,
    pub total: ActualLine,
    /// Largest departure first.
    pub lines: Vec<ActualLine>,
    /// Rows with actuals that the plan does not have, the largest first; they count in the total and on their lines.
    #[serde(default)]
    pub unplanned: Vec<UnplannedRow>,
}

/// A row that came after the plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UnplannedRow {
    /// Its key, e.g. `Still 0.33 L / DACH / Kiosk`.
    pub name: String,
    /// What came of it in all buckets shown.
    pub actual: f64,
}

/// Actuals beside a plan on one line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ActualLine {
    /// Empty for the total.
    pub name: String,
    /// By bucket.
    pub actual: Vec<f64>,
    pub plan: Vec<f64>,
    /// What was planned at the lag asked for; `None` where no version says it.
    pub lagged: Vec<Option<f64>>,
    /// Σ|actual − plan| ÷ Σ actual over rows and buckets.
    pub wape: Option<f64>,
    /// Σ(plan − actual) ÷ Σ actual; positive is over-planned.
    pub bias: Option<f64>,
    /// The quarter's plan, and what it is heading for.
    pub period_plan: f64,
    pub projected: f64,
}

/// What is shown of plan and actual: the comparison, and what is watched.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ActualsReport {
    /// The consensus compared with; `None`: there is none yet.
    pub version: Option<(Id, String)>,
    pub found: PlanVsActual,
    /// Columns to compare by.
    pub columns: Vec<String>,
    /// Worst first.
    pub alerts: Vec<Alert>,
    pub rules: Vec<AlertRule>,
    /// Rules that cannot be judged, and why.
    pub notes: Vec<String>,
    /// Whether the person who asks may import actuals and change rules.
    pub may_change: bool,
}

/// What an import of actuals did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedActuals {
    /// Lines of the file, and values of rows and buckets they became.
    pub lines: usize,
    pub values: usize,
    /// The buckets they are of, oldest first.
    pub buckets: Vec<Bucket>,
}

/// Why actuals cannot be set beside a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActualsError {
    #[error("the version's demand sheet has no timed measure Consensus, which actuals are compared with")]
    NoPlan,
    #[error("the version's demand sheet has no column {0:?} to compare by")]
    NoKey(String),
}

/// Sets actuals beside the consensus of a demand sheet. `now` is the sheet as it is by now (its untimed columns do), for rows
/// that came since; `earlier` are the demand sheets of other versions that were committed to, for the plan at `lag` buckets.
///
/// # Errors
/// When the sheet lacks the plan or the column to compare by.
pub fn plan_vs_actual(
    consensus: &SheetFrame,
    now: &SheetFrame,
    earlier: &[SheetFrame],
    actuals: &Facts,
    by: &str,
    lag: usize,
) -> Result<PlanVsActual, ActualsError> {
    let side = Side::read(consensus)?;
    let line_of = side.line_of(by)?;
    let facts = Known::read(actuals);
    let (buckets, current) = side.reader.buckets();
    let planned = &buckets[current.min(buckets.len())..];
    let shown: Vec<Bucket> = planned.iter().copied().filter(|&bucket| facts.knows(bucket)).collect();
    let Some(&last) = shown.last() else {
        return Ok(PlanVsActual { by: by.to_owned(), ..PlanVsActual::default() });
    };
    let quarter: Vec<Bucket> =
        planned.iter().copied().filter(|bucket| quarter_of(*bucket) == quarter_of(last)).collect();
    let mut older: Vec<Side> = earlier.iter().filter_map(|frame| Side::read(frame).ok()).collect();
    older.push(Side::read(consensus)?);

    let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
    let mut all = Sum::new(shown.len());
    let lagged: Vec<Option<&Side>> = shown.iter().map(|&bucket| lagged_side(&older, bucket, lag)).collect();
    let now = FrameReader::new(now);
    let mut unplanned = Vec::new();
    for CountedRow { planned, ids, place: (reader, row) } in counted_rows(&side, &now, &facts, &shown) {
        let name = line_of.map_or("", |measure| reader.text(measure, row));
        let line = sums.entry(name).or_insert_with(|| Sum::new(shown.len()));
        let plan_of = |bucket: Bucket| planned.map_or(0.0, |row| side.at(row, bucket));
        let actual_of = |bucket: Bucket| ids.iter().filter_map(|id| facts.at(*id, bucket)).sum::<f64>();
        for (place, &bucket) in shown.iter().enumerate() {
            let (actual, plan) = (actual_of(bucket), plan_of(bucket));
            let planned_then = |older: &Side| ids.iter().find_map(|id| older.of_row(*id, bucket)).unwrap_or(0.0);
            let then = lagged[place].map(planned_then);
            for sum in [&mut *line, &mut all] {
                sum.take(place, actual, plan, then);
            }
        }
        if planned.is_none() {
            let actual = shown.iter().map(|&bucket| actual_of(bucket)).sum();
            unplanned.push(UnplannedRow { name: reader.key_text(row), actual });
        }
        for &bucket in &quarter {
            let (plan, known) = (plan_of(bucket), facts.knows(bucket));
            let actual = actual_of(bucket);
            for sum in [&mut *line, &mut all] {
                sum.period_plan += plan;
                if known { sum.period_actual += actual } else { sum.period_rest += plan }
            }
        }
    }
    let mut lines: Vec<ActualLine> =
        sums.into_iter().filter(|_| line_of.is_some()).map(|(name, sum)| sum.line(name)).collect();
    let departure =
        |line: &ActualLine| line.actual.iter().zip(&line.plan).map(|(actual, plan)| actual - plan).sum::<f64>();
    sort_by(&mut lines, |a, b| departure(b).abs().total_cmp(&departure(a).abs()));
    let period = match (quarter.first(), quarter.last()) {
        (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
        (Some(only), _) => only.to_string(),
        _ => String::new(),
    };
    sort_by(&mut unplanned, |a, b| b.actual.abs().total_cmp(&a.actual.abs()));
    Ok(PlanVsActual { by: by.to_owned(), buckets: shown, period, total: all.line(""), lines, unplanned })
}

/// A row whose actuals count.
struct CountedRow<'r, 'f> {
    /// Its place in the plan; `None`: it is not planned.
    planned: Option<usize>,
    /// Under what ids its facts stand.
    ids: Vec<RowId>,
    /// Where its texts stand.
    place: (&'r FrameReader<'f>, usize),
}

/// The rows of the plan in their order, then those that came since and have actuals.
fn counted_rows<'r, 'f>(
    side: &'r Side<'f>,
    now: &'r FrameReader<'f>,
    facts: &Known<'_>,
    shown: &[Bucket],
) -> Vec<CountedRow<'r, 'f>> {
    let planned = side.reader.frame().rows.iter().enumerate();
    let mut counted: Vec<CountedRow> = planned
        .map(|(row, id)| CountedRow { planned: Some(row), ids: vec![*id], place: (&side.reader, row) })
        .collect();
    let has_come = |id: RowId| shown.iter().any(|&bucket| facts.at(id, bucket).is_some());
    let since = now.frame().rows.iter().enumerate().filter(|(_, id)| !side.rows.contains_key(*id) && has_come(**id));
    let mut since = since.peekable();
    if since.peek().is_none() {
        return counted;
    }
    let by_key: HashMap<String, usize> = (0..side.reader.len()).map(|row| (side.reader.key_text(row), row)).collect();
    for (row, id) in since {
        match by_key.get(&now.key_text(row)).and_then(|&row| counted.get_mut(row)) {
            Some(known) => known.ids.push(*id),
            None => counted.push(CountedRow { planned: None, ids: vec![*id], place: (now, row) }),
        }
    }
    counted
}

/// The year and quarter a bucket lies in; a 53rd week belongs to the fourth.
fn quarter_of(bucket: Bucket) -> (i32, u32) {
    let (year, part) = bucket.year_and_part();
    let length = match bucket.grain() {
        Grain::Month => 3,
        Grain::Week => 13,
    };
    (year, ((part - 1) / length).min(3))
}

/// The version that planned a bucket `lag` buckets ahead, or the newest of those that planned it earlier.
fn lagged_side<'a, 'f>(sides: &'a [Side<'f>], bucket: Bucket, lag: usize) -> Option<&'a Side<'f>> {
    let ahead = |side: &Side| Some(bucket.since(side.current?)? + 1);
    let fit = sides.iter().filter_map(|side| Some((ahead(side)?, side)));
    fit.filter(|(ahead, _)| *ahead >= lag as i32).min_by_key(|(ahead, _)| *ahead).map(|(_, side)| side)
}

/// A version's demand sheet.
struct Side<'a> {
    reader: FrameReader<'a>,
    plan: MeasureId,
    current: Option<Bucket>,
    rows: HashMap<RowId, usize>,
}

impl<'a> Side<'a> {
    fn read(frame: &'a SheetFrame) -> Result<Self, ActualsError> {
        let reader = FrameReader::new(frame);
        let plan = reader.measure("consensus").filter(|measure| measure.timed).ok_or(ActualsError::NoPlan)?.id;
        let current = frame.meta.horizon.map(|horizon| horizon.current);
        let rows = frame.rows.iter().enumerate().map(|(place, row)| (*row, place)).collect();
        Ok(Self { reader, plan, current, rows })
    }

    /// The column lines are named by; `None`: only the total.
    fn line_of(&self, by: &str) -> Result<Option<MeasureId>, ActualsError> {
        if by.is_empty() {
            return Ok(None);
        }
        let mut texts = self
            .reader
            .frame()
            .measures
            .iter()
            .filter(|measure| !measure.timed && matches!(measure.kind, MeasureKind::Key | MeasureKind::Formula(_)));
        let found = texts.find(|found| found.name.eq_ignore_ascii_case(by) || found.id.to_string() == by);
        found.map(|found| Some(found.id)).ok_or_else(|| ActualsError::NoKey(by.to_owned()))
    }

    fn at(&self, row: usize, bucket: Bucket) -> f64 {
        self.reader.at(self.plan, row, bucket).unwrap_or(0.0)
    }

    fn of_row(&self, row: RowId, bucket: Bucket) -> Option<f64> {
        self.reader.at(self.plan, *self.rows.get(&row)?, bucket)
    }
}

/// Facts by row and bucket.
struct Known<'a> {
    facts: &'a Facts,
    rows: HashMap<RowId, usize>,
    buckets: Vec<bool>,
}

impl<'a> Known<'a> {
    fn read(facts: &'a Facts) -> Self {
        let rows = facts.rows.iter().enumerate().map(|(place, row)| (*row, place)).collect();
        let mut buckets = vec![false; facts.width];
        for values in facts.values.chunks(facts.width.max(1)) {
            for (known, value) in buckets.iter_mut().zip(values) {
                *known |= value.is_finite();
            }
        }
        Self { facts, rows, buckets }
    }

    fn step(&self, bucket: Bucket) -> Option<usize> {
        usize::try_from(bucket.since(self.facts.first?)?).ok().filter(|step| *step < self.facts.width)
    }

    fn knows(&self, bucket: Bucket) -> bool {
        self.step(bucket).is_some_and(|step| self.buckets[step])
    }

    fn at(&self, row: RowId, bucket: Bucket) -> Option<f64> {
        let place = self.rows.get(&row)? * self.facts.width + self.step(bucket)?;
        self.facts.values.get(place).copied().filter(|value| value.is_finite())
    }
}

/// A line on its way.
struct Sum {
    actual: Vec<f64>,
    plan: Vec<f64>,
    lagged: Vec<Option<f64>>,
    /// Σ|actual − plan| over rows and buckets.
    absolute_error: f64,
    period_plan: f64,
    period_actual: f64,
    /// Planned in the buckets of the quarter that are still to come.
    period_rest: f64,
}

impl Sum {
    fn new(buckets: usize) -> Self {
        Self {
            actual: vec![0.0; buckets],
            plan: vec![0.0; buckets],
            lagged: vec![None; buckets],
            absolute_error: 0.0,
            period_plan: 0.0,
            period_actual: 0.0,
            period_rest: 0.0,
        }
    }

    fn take(&mut self, place: usize, actual: f64, plan: f64, lagged: Option<f64>) {
        self.actual[place] += actual;
        self.plan[place] += plan;
        if let Some(lagged) = lagged {
            *self.lagged[place].get_or_insert(0.0) += lagged;
        }
        self.absolute_error += (actual - plan).abs();
    }

    fn line(self, name: &str) -> ActualLine {
        let (actual, plan) = (self.actual.iter().sum::<f64>(), self.plan.iter().sum::<f64>());
        let of_actual = |error: f64| (actual != 0.0).then(|| error / actual);
        // Without a plan so far there is no rate to go by: the rest is taken as planned.
        let rate = if plan > 0.0 { actual / plan } else { 1.0 };
        ActualLine {
            name: name.to_owned(),
            wape: of_actual(self.absolute_error),
            bias: of_actual(plan - actual),
            actual: self.actual,
            plan: self.plan,
            lagged: self.lagged,
            period_plan: self.period_plan,
            projected: self.period_actual + self.period_rest * rate,
        }
    }
}

/// Puts actuals into a layer: what is known there stays unless it is said anew. `None`: nothing is said.
pub fn with_actuals(layer: Option<&Facts>, news: &[(RowId, Bucket, f64)]) -> Option<Facts> {
    let said = || news.iter().map(|(_, bucket, _)| *bucket);
    let (mut first, mut last) = (said().min()?, said().max()?);
    let old = layer.filter(|old| old.width > 0).and_then(|old| Some((old, old.first?)));
    if let Some((old, start)) = old {
        first = first.min(start);
        last = last.max(start.plus(old.width as i32 - 1));
    }
    let width = usize::try_from(last.since(first)?).ok()? + 1;
    let mut rows: Vec<RowId> = old.map(|(old, _)| old.rows.clone()).unwrap_or_default();
    let mut places: HashMap<_, usize> = rows.iter().enumerate().map(|(place, row)| (*row, place)).collect();
    for (row, ..) in news {
        places.entry(*row).or_insert_with(|| {
            rows.push(*row);
            rows.len() - 1
        });
    }
    let mut values = vec![f64::NAN; rows.len() * width];
    if let Some((old, start)) = old {
        let shift = usize::try_from(start.since(first)?).ok()?;
        for (row, line) in old.values.chunks(old.width).enumerate() {
            values[row * width + shift..row * width + shift + line.len()].copy_from_slice(line);
        }
    }
    for (row, bucket, value) in news {
        let place = places.get(row)? * width + usize::try_from(bucket.since(first)?).ok()?;
        values[place] = *value;
    }
    Some(Facts { rows, first: Some(first), width, values })
}

/// What of actuals is of a bucket or an earlier one.
pub fn actuals_until(actuals: &Facts, last: Bucket) -> Facts {
    let steps = actuals.first.and_then(|first| last.since(first));
    let keep = steps.map_or(actuals.width, |steps| usize::try_from(steps + 1).unwrap_or(0).min(actuals.width));
    let rows = actuals.values.chunks(actuals.width.max(1));
    let values = rows.flat_map(|row| row.iter().take(keep).copied()).collect();
    Facts { rows: actuals.rows.clone(), first: actuals.first, width: keep, values }
}

/// The columns of a demand sheet that lines can be named by: its keys, and texts looked up for them.
pub fn comparable_by(frame: &SheetFrame) -> Vec<String> {
    let reader = FrameReader::new(frame);
    let texts = frame.measures.iter().filter(|measure| !measure.timed);
    let has_text = |id: MeasureId| (0..reader.len()).any(|row| !reader.text(id, row).is_empty());
    let known = |id: MeasureId| frame.columns.iter().any(|column| column.col == ColId::fixed(id));
    texts.filter(|measure| known(measure.id) && has_text(measure.id)).map(|measure| measure.name.clone()).collect()
}
