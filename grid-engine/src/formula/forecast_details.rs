//! How a forecast was made, as the interface shows it beside a row.

use serde::{Deserialize, Serialize};

use super::forecast_answer::{Answer, CLASS, EXPLANATION, FINDING, Fields, GAP, MASE, MEMBER, OUTLIER, SMAPE};
use crate::value::Value;

/// How a forecast was made and how good it has been, for people who ask why.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ForecastDetails {
    /// By bucket, from the first that is shown.
    pub mean: Vec<f64>,
    /// The truth lies between these with a probability of [`SHOWN_LEVEL`] per cent.
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
    /// The pattern of demand: smooth, erratic, intermittent, lumpy or constant.
    pub class: String,
    /// Best in the backtest first.
    pub methods: Vec<MethodShare>,
    /// Why, one reason each.
    pub reasons: Vec<String>,
    /// Error of the combination in the backtest, as a fraction, 0 to 2; `None` without one.
    pub smape: Option<f64>,
    /// The same in errors of the seasonal naive forecast.
    pub mase: Option<f64>,
    pub outliers: Vec<OutlierFound>,
}

/// A method and how good it has been.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MethodShare {
    /// What people call it.
    pub name: String,
    /// Between 0 and 1, in the part of the combination that the backtest decides; 0 where it lost to the seasonal naive forecast.
    /// The middle of all methods and what other series taught count beside it.
    pub weight: f64,
    pub smape: Option<f64>,
    pub mase: Option<f64>,
}

/// A value of the history that does not fit its neighbourhood.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OutlierFound {
    /// Its place in the history, from 0.
    pub at: usize,
    pub value: f64,
    pub expected: f64,
}

/// The interval that people are shown, in per cent.
pub const SHOWN_LEVEL: f64 = 80.0;

impl ForecastDetails {
    /// What an answer tells; `None` where it is none of one series.
    pub fn of(answer: &Value) -> Option<Self> {
        let Value::Array(array) = answer else { return None };
        let answer = Answer::new(array);
        let gap = answer.number(GAP)? as usize;
        let shown = |values: Option<Vec<f64>>| values.unwrap_or_default().into_iter().skip(gap).collect();
        let tail = (1.0 - SHOWN_LEVEL / 100.0) / 2.0;
        let mut methods: Vec<MethodShare> = answer.lines(MEMBER).filter_map(MethodShare::read).collect();
        let error = |method: &MethodShare| method.mase.unwrap_or(f64::MAX);
        methods.sort_by(|a, b| error(a).total_cmp(&error(b)).then(b.weight.total_cmp(&a.weight)));
        let outlier = |mut fields: Fields<'_>| {
            let place: usize =
                fields.next().filter(|what| *what == OUTLIER).and_then(|_| fields.next()?.parse().ok())?;
            let (value, expected) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
            Some(OutlierFound { at: place.checked_sub(1)?, value, expected })
        };
        let all = |name| answer.lines(name).filter_map(|mut fields| fields.next());
        Some(Self {
            mean: shown(answer.means()),
            lower: shown(answer.quantile(tail)),
            upper: shown(answer.quantile(1.0 - tail)),
            class: all(CLASS).next().unwrap_or_default().to_owned(),
            methods,
            reasons: all(EXPLANATION).map(str::to_owned).collect(),
            smape: answer.number(SMAPE),
            mase: answer.number(MASE),
            outliers: answer.lines(FINDING).filter_map(outlier).collect(),
        })
    }
}

impl MethodShare {
    fn read(mut fields: Fields<'_>) -> Option<Self> {
        let name = fields.next()?.to_owned();
        let mut number = || fields.next()?.parse().ok();
        Some(Self { name, weight: number()?, smape: number(), mase: number() })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::forecast_answer::{LEVELS, answer_of};
    use super::*;
    use crate::forecast::{Options, forecast};
    use crate::value::Array;

    #[test]
    fn details_begin_with_the_first_bucket_shown_and_tell_of_methods_that_lost() {
        let value = |t: u32| 100.0 + f64::from(t * 7 % 11) + if t == 20 { 300.0 } else { 0.0 };
        let history: Vec<Option<f64>> = (0..48).map(|t| Some(value(t))).collect();
        let options = Options { horizon: 3, season: 1, levels: LEVELS.to_vec(), ..Options::default() };
        let found = forecast(&history, &options).unwrap();
        let told = ForecastDetails::of(&answer_of(&found, 1).unwrap()).unwrap();
        assert_eq!(told.mean, found.mean[1..], "from the first bucket that is shown");
        for (told, found) in told.lower.iter().zip(&found.intervals[1].lower[1..]) {
            assert!((told / found - 1.0).abs() < 1e-4, "{told} {found}");
        }
        assert_eq!((told.lower.len(), told.upper.len(), told.class.as_str()), (2, 2, "smooth"));
        assert_eq!(told.methods.len(), found.explanation.members.len());
        let errors: Vec<f64> = told.methods.iter().filter_map(|method| method.mase).collect();
        assert!(errors.is_sorted() && !errors.is_empty(), "{errors:?}");
        assert!(
            (told.methods.iter().map(|method| method.weight).sum::<f64>() - 1.0).abs() < 0.01,
            "{:?}",
            told.methods
        );
        assert_eq!((told.outliers[0].at, told.outliers[0].value), (20, 408.0));
        assert_eq!(told.reasons, found.explanation.sentences());
    }

    #[test]
    fn a_plain_row_has_no_details() {
        let row = Array::row(vec![Value::Number(1.0)]).unwrap();
        assert_eq!(ForecastDetails::of(&Value::Array(row.into())), None);
        assert_eq!(ForecastDetails::of(&Value::Number(1.0)), None);
    }
}
