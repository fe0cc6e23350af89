//! What a forecasting job answers: the values, and behind them a text that companions of FORECAST read. One answer serves
//! them all, so nothing is computed twice.
//!
//! The text is lines of fields with tabs between them, the first field saying what the line holds.

use std::fmt::Write;

use crate::forecast::{Forecast, Interval, normal_quantile};
use crate::value::{Array, Value};

/// Levels of the intervals that an answer holds, in per cent; probabilities between them are interpolated.
pub const LEVELS: [f64; 4] = [50.0, 80.0, 95.0, 99.0];

pub(super) const CLASS: &str = "class";
const METHODS: &str = "methods";
pub(super) const EXPLANATION: &str = "explanation";
pub(super) const SMAPE: &str = "smape";
pub(super) const MASE: &str = "mase";
const INTERVAL: &str = "interval";
pub(super) const FINDING: &str = "finding";
const EFFECT: &str = "effect";
pub(super) const MEMBER: &str = "member";
pub(super) const GAP: &str = "gap";
/// What a finding is, where it is no shift.
pub(super) const OUTLIER: &str = "outlier";

pub(super) type Fields<'a> = std::str::Split<'a, char>;

/// The answer of a forecast with intervals of [`LEVELS`] whose first `gap` buckets are not shown; one row, the text in its
/// last cell.
pub fn answer_of(forecast: &Forecast, gap: usize) -> Option<Value> {
    let mut cells: Vec<Value> = forecast.mean.iter().copied().map(Value::number).collect();
    cells.push(Value::Text(details_of(forecast, gap).into()));
    Array::row(cells).map(|row| Value::Array(row.into()))
}

fn details_of(forecast: &Forecast, gap: usize) -> String {
    let explanation = &forecast.explanation;
    let mut text = format!("{CLASS}\t{}\n", explanation.class.name());
    // Writing to a string cannot fail.
    let mut line = |name: &str, fields: &str| {
        let _ = writeln!(text, "{name}\t{fields}");
    };
    line(GAP, &gap.to_string());
    for member in &explanation.members {
        let error = |error: Option<f64>| error.map(|error| format!("{error:.4e}")).unwrap_or_default();
        let errors = format!("{}\t{}", error(member.backtest_smape), error(member.backtest_mase));
        line(MEMBER, &format!("{}\t{:.4}\t{errors}", member.method.title(), member.weight));
    }
    let mut members: Vec<_> = explanation.members.iter().filter(|member| member.weight >= 0.005).collect();
    members.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let shares = members.iter().map(|member| format!("{} {:.0}%", member.method.name(), 100.0 * member.weight));
    line(METHODS, &shares.collect::<Vec<_>>().join(", "));
    for reason in explanation.sentences() {
        line(EXPLANATION, &reason);
    }
    if let Some(backtest) = explanation.backtest {
        line(SMAPE, &format!("{:.6}", backtest.smape));
        line(MASE, &format!("{:.6}", backtest.mase));
    }
    for Interval { level, lower, upper } in &forecast.intervals {
        let bounds = lower.iter().chain(upper).map(|bound| format!("{bound:.5e}"));
        line(INTERVAL, &format!("{level}\t{}", bounds.collect::<Vec<_>>().join("\t")));
    }
    for outlier in &explanation.outliers {
        line(FINDING, &format!("{OUTLIER}\t{}\t{}\t{:.6e}", outlier.at + 1, outlier.value, outlier.expected));
    }
    for shift in &explanation.shifts {
        line(FINDING, &format!("shift\t{}\t{:.6e}\t{:.6e}", shift.at + 1, shift.before, shift.after));
    }
    for effect in &explanation.effects {
        line(EFFECT, &format!("{:.6e}\t{:.6e}", effect.size, effect.error));
    }
    text
}

/// A job's answer as functions read it.
pub(super) struct Answer<'a> {
    pub mean: &'a [Value],
    details: &'a str,
}

impl<'a> Answer<'a> {
    pub(super) fn new(answer: &'a Array) -> Self {
        match answer.cells() {
            [mean @ .., Value::Text(details)] => Self { mean, details },
            mean => Self { mean, details: "" },
        }
    }

    /// The fields of the lines of one kind.
    pub(super) fn lines(&self, name: &'static str) -> impl Iterator<Item = Fields<'a>> + use<'a> {
        self.details.lines().filter_map(move |line| {
            let mut fields = line.split('\t');
            (fields.next() == Some(name)).then_some(fields)
        })
    }

    fn text(&self, name: &'static str) -> Value {
        self.lines(name)
            .next()
            .and_then(|mut fields| fields.next())
            .map_or(Value::Blank, |text| Value::Text(text.into()))
    }

    pub(super) fn class(&self) -> Value {
        self.text(CLASS)
    }

    pub(super) fn methods(&self) -> Value {
        self.text(METHODS)
    }

    pub(super) fn explanation(&self) -> Value {
        let reasons: Vec<&str> = self.lines(EXPLANATION).filter_map(|mut fields| fields.next()).collect();
        if reasons.is_empty() { Value::Blank } else { Value::Text(reasons.join("; ").into()) }
    }

    /// Backtest error by its name, `smape` or `mase`; blank without a backtest.
    pub(super) fn accuracy(&self, mase: bool) -> Value {
        self.number(if mase { MASE } else { SMAPE }).map_or(Value::Blank, Value::number)
    }

    pub(super) fn number(&self, name: &'static str) -> Option<f64> {
        self.lines(name).next()?.next()?.parse().ok()
    }

    pub(super) fn means(&self) -> Option<Vec<f64>> {
        self.mean.iter().map(|value| value.to_number().ok()).collect()
    }

    /// Outliers and shifts: what, which value of the history, what it was, what it would be expected to be.
    pub(super) fn findings(&self) -> Vec<Value> {
        let cell = |text: &str| text.parse().map_or_else(|_| Value::Text(text.into()), Value::number);
        self.lines(FINDING).flat_map(|fields| fields.map(cell)).collect()
    }

    /// Size and standard error of each driver's effect.
    pub(super) fn effects(&self) -> Vec<Value> {
        self.lines(EFFECT).flatten().map(|text| text.parse().map_or(Value::Blank, Value::number)).collect()
    }

    /// The value that demand stays below with a probability, one per bucket: between the levels that are known, distances
    /// from the mean go as those of the normal distribution.
    pub(super) fn quantile(&self, probability: f64) -> Option<Vec<f64>> {
        let mean = self.means()?;
        let reach = normal_quantile(probability);
        let side = usize::from(reach > 0.0);
        let mut known: Vec<(f64, Vec<f64>)> = vec![(0.0, mean.clone())];
        for mut fields in self.lines(INTERVAL) {
            let level: f64 = fields.next()?.parse().ok()?;
            let bounds: Vec<f64> = fields.map(|bound| bound.parse().ok()).collect::<Option<_>>()?;
            if bounds.len() != 2 * mean.len() {
                return None;
            }
            let half = &bounds[side * mean.len()..][..mean.len()];
            known.push((normal_quantile(0.5 + level / 200.0), half.to_vec()));
        }
        let above = known.iter().position(|(at, _)| *at >= reach.abs()).unwrap_or(known.len() - 1).max(1);
        let [(from, near), (to, far)] = known.get(above - 1..=above)? else { return None };
        let share = (reach.abs() - from) / (to - from);
        // Beyond the widest interval it goes on alike; what was never negative stays so.
        let floor =
            if known.iter().all(|(_, values)| values.iter().all(|value| *value >= 0.0)) { 0.0 } else { f64::MIN };
        Some(near.iter().zip(far).map(|(near, far)| (near + share * (far - near)).max(floor)).collect())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;
    use crate::forecast::{Options, forecast};

    fn answer() -> (Forecast, Value) {
        let value = |t: u32| 100.0 + f64::from(t * 7 % 11) + if t == 20 { 300.0 } else { 0.0 };
        let history: Vec<Option<f64>> = (0..48).map(|t| Some(value(t))).collect();
        let options = Options { horizon: 3, season: 1, levels: LEVELS.to_vec(), ..Options::default() };
        let found = forecast(&history, &options).unwrap();
        let value = answer_of(&found, 0).unwrap();
        (found, value)
    }

    #[test]
    fn what_is_written_is_read() {
        let (found, value) = answer();
        let Value::Array(array) = &value else { panic!() };
        let read = Answer::new(array);
        assert_eq!(read.mean.len(), 3);
        assert_eq!(read.class(), Value::Text("smooth".into()));
        assert_eq!(read.findings()[..3], [Value::Text("outlier".into()), Value::Number(21.0), Value::Number(408.0)]);
        for (level, probability) in [(1, 0.9), (2, 0.975)] {
            for (read, found) in read.quantile(probability).unwrap().iter().zip(&found.intervals[level].upper) {
                assert!((read / found - 1.0).abs() < 1e-4, "{read} {found}");
            }
        }
        assert_eq!(read.quantile(0.5).unwrap(), found.mean);
        let (low, lower, lowest) =
            (read.quantile(0.2).unwrap(), read.quantile(0.1).unwrap(), read.quantile(0.001).unwrap());
        assert!(low[0] > lower[0] && lower[0] > lowest[0] && lowest[0] >= 0.0);
    }

    #[test]
    fn a_plain_row_has_no_details() {
        let row = Array::row(vec![Value::Number(1.0)]).unwrap();
        let read = Answer::new(&row);
        assert_eq!((read.mean.len(), read.class(), read.accuracy(true)), (1, Value::Blank, Value::Blank));
        assert!(read.quantile(0.9).is_none() && read.findings().is_empty());
    }
}
