//! What is done to a history before it is forecast, on request, and how it is told: the recorded values are never
//! replaced, the forecast reads others in their place and lists them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::methods::Sample;
use super::series::Prepared;
use super::shift::{self, Step};
use super::{ForecastError, Outlier, outlier};

/// What is to be done to a history. Nothing, unless asked for: a finding is a proposal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Treatment {
    /// Read outliers as what their neighbours suggest.
    pub outliers: bool,
    /// Bring what precedes a level shift to the level after it.
    pub shifts: bool,
}

impl FromStr for Treatment {
    type Err = ForecastError;

    /// `none` (or nothing), or some of `outliers` and `shifts`, separated by commas.
    ///
    /// ```
    /// use grid_engine::forecast::Treatment;
    /// assert_eq!("none".parse(), Ok(Treatment::default()));
    /// assert_eq!("Outliers, shifts".parse(), Ok(Treatment { outliers: true, shifts: true }));
    /// assert!("everything".parse::<Treatment>().is_err());
    /// ```
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut treatment = Self::default();
        for name in text.split(',').map(|name| name.trim().to_lowercase()) {
            match name.as_str() {
                "" | "none" => {}
                "outliers" => treatment.outliers = true,
                "shifts" => treatment.shifts = true,
                _ => return Err(ForecastError::UnknownTreatment { name }),
            }
        }
        Ok(treatment)
    }
}

/// A lasting change of level, found in a history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shift {
    /// Position in the history of the first bucket at the new level.
    pub at: usize,
    /// Levels before and after, without the season.
    pub before: f64,
    pub after: f64,
}

/// A value that was read as another one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Position in the history.
    pub at: usize,
    /// `None` where it was missing.
    pub recorded: Option<f64>,
    pub used: f64,
    pub cause: Cause,
}

/// Why a value was read as another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// There was nothing to sell, so more was wanted than sold.
    StockOut,
    Outlier,
    /// It was sold at a level that has since been left for good.
    Shift,
}

impl fmt::Display for Cause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::StockOut => "stock-out",
            Self::Outlier => "outlier",
            Self::Shift => "shift",
        })
    }
}

/// What stands out of a history, in its own unit, and what was done about it.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub outliers: Vec<Outlier>,
    pub shifts: Vec<Shift>,
    pub changes: Vec<Change>,
}

/// Looks for outliers and shifts; treats the values as asked.
pub(super) fn examine(prepared: &mut Prepared, season: usize, treatment: Treatment) -> Findings {
    let sample = Sample::new(&prepared.values, season);
    let (first, scale) = (prepared.first, prepared.scale);
    let outliers = outlier::outliers(&sample);
    let steps = shift::steps(&sample);
    let mut findings = Findings {
        outliers: outliers
            .iter()
            .map(|(at, expected)| Outlier {
                at: first + at,
                value: sample.series[*at] * scale,
                expected: expected * scale,
            })
            .collect(),
        shifts: steps.iter().map(|step| told(step, &sample, first, scale)).collect(),
        changes: Vec::new(),
    };
    let never_negative = prepared.values.iter().all(|value| *value >= 0.0);
    let mut treated = prepared.values.clone();
    let mut causes: Vec<Option<Cause>> = vec![None; treated.len()];
    if treatment.outliers {
        for (at, expected) in outliers {
            (treated[at], causes[at]) = (expected, Some(Cause::Outlier));
        }
    }
    if treatment.shifts {
        for step in &steps {
            for (value, cause) in treated[..step.at].iter_mut().zip(&mut causes) {
                *value = step.lift(*value);
                cause.get_or_insert(Cause::Shift);
            }
        }
    }
    if never_negative {
        treated.iter_mut().for_each(|value| *value = value.max(0.0));
    }
    for (at, cause) in causes.into_iter().enumerate() {
        let Some(cause) = cause else { continue };
        let recorded = Some(prepared.values[at] * scale);
        findings.changes.push(Change { at: first + at, recorded, used: treated[at] * scale, cause });
    }
    prepared.values = treated;
    findings
}

/// A shift with the levels on both sides of it, of up to a year of months.
fn told(step: &Step, sample: &Sample, first: usize, scale: f64) -> Shift {
    const LEVEL: usize = 12;
    let level = |from: usize, to: usize| super::combine::median(&mut sample.adjusted[from..to].to_vec());
    let after = level(step.at, (step.at + LEVEL).min(sample.adjusted.len()));
    // The step, not another median: a trend on the way is none of it.
    let before = if step.relative { after / step.size.exp() } else { after - step.size };
    Shift { at: first + step.at, before: before * scale, after: after * scale }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::forecast::planted::Noise;
    use crate::forecast::{Options, forecast};

    /// A level of 100 that becomes 40 in the fifth year, with a spike in the third.
    fn shop() -> Vec<Option<f64>> {
        let mut noise = Noise::new(3);
        let season = |at: usize| 1.0 + 0.3 * (at as f64 * std::f64::consts::TAU / 12.0).sin();
        let value = |at: usize, noise: &mut Noise| {
            let level = if at < 50 { 100.0 } else { 40.0 };
            if at == 30 { 400.0 } else { level * season(at) * (1.0 + 0.04 * noise.normal()) }
        };
        (0..60).map(|at| Some(value(at, &mut noise))).collect()
    }

    fn run(treatment: &str) -> crate::forecast::Forecast {
        let options = Options { horizon: 12, treatment: treatment.parse().unwrap(), ..Options::default() };
        forecast(&shop(), &options).unwrap()
    }

    #[test]
    fn findings_are_shown_and_change_nothing_by_themselves() {
        let plain = run("none").explanation;
        assert_eq!(plain.shifts.len(), 1);
        let shift = &plain.shifts[0];
        assert!(shift.at.abs_diff(50) <= 1 && (shift.after - 40.0).abs() < 4.0, "{shift:?}");
        assert!((shift.before - 100.0).abs() < 10.0, "{shift:?}");
        assert!(plain.outliers.iter().any(|outlier| outlier.at == 30));
        assert!(plain.changes.is_empty());
    }

    #[test]
    fn treated_values_are_listed_and_forecasts_keep_to_the_new_level() {
        let truth: Vec<f64> =
            (60..72).map(|at| 40.0 * (1.0 + 0.3 * (f64::from(at) * std::f64::consts::TAU / 12.0).sin())).collect();
        let error = |mean: &[f64]| mean.iter().zip(&truth).map(|(a, b)| (a - b).abs()).sum::<f64>();
        let (plain, treated) = (run("none"), run("outliers,shifts"));
        assert!(error(&treated.mean) < 0.6 * error(&plain.mean), "{:?} {:?}", treated.mean, plain.mean);
        let changes = &treated.explanation.changes;
        let spike = changes.iter().find(|change| change.at == 30).unwrap();
        assert_eq!((spike.recorded, spike.cause), (Some(400.0), Cause::Outlier));
        assert!((20.0..90.0).contains(&spike.used), "at the new level: {spike:?}");
        // Every change lies before the shift or is an outlier, and tells what was recorded.
        let history = shop();
        for change in changes {
            assert!(change.cause == Cause::Outlier || change.at < 52, "{change:?}");
            assert!((change.recorded.unwrap() / history[change.at].unwrap() - 1.0).abs() < 1e-12);
        }
    }
}
