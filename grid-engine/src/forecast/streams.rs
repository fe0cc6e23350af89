//! What each step of making a forecast was worth: statistics, sales, marketing, consensus against what happened.

use std::collections::{BTreeMap, BTreeSet};

use super::accuracy::{self, Outcome};

/// One forecast of one bucket as it stood at a lag, and what happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub series: String,
    /// Number of the bucket.
    pub period: i64,
    /// Buckets between making the forecast and the bucket it is for.
    pub lag: u32,
    /// Whose step it is: `statistical`, `sales`, …
    pub stream: String,
    /// Who made it; empty where nobody in particular did.
    pub person: String,
    pub outcome: Outcome,
}

/// How good one stream was, or one person's part of it.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamAccuracy {
    pub stream: String,
    /// `None` for the whole stream.
    pub person: Option<String>,
    pub lag: u32,
    pub buckets: usize,
    /// Shares; `None` where nothing was demanded.
    pub wape: Option<f64>,
    pub bias: Option<f64>,
    /// Mean over series of errors in mean changes of what happened from bucket to bucket.
    pub mase: Option<f64>,
    /// Sum of errors in mean absolute errors; beyond ±4 the forecast is out of control.
    pub tracking_signal: Option<f64>,
    /// WAPE of the step before less WAPE of this one, over the buckets that both have: positive where the step helped.
    pub value_added: Option<f64>,
    /// Buckets that this step changed.
    pub changed: usize,
    /// Of those, how many came closer to what happened.
    pub improved: usize,
}

/// A stream's place among the steps, and its entry.
type Step<'a> = (usize, &'a Entry);

/// Scores every stream at every lag, in the order of `steps`, then by lag, the whole stream before its persons.
///
/// The step before a stream is the next earlier one of `steps` that has the bucket too. Forecast value added as Gilliland
/// (2002) defines it. Streams that `steps` does not name are left out.
///
/// ```
/// use grid_engine::forecast::accuracy::Outcome;
/// use grid_engine::forecast::streams::{Entry, score};
/// let entry = |stream: &str, forecast: f64| Entry {
///     series: "A".into(),
///     period: 1,
///     lag: 1,
///     stream: stream.into(),
///     person: String::new(),
///     outcome: Outcome { actual: 100.0, forecast },
/// };
/// let found = score(&[entry("statistical", 80.0), entry("sales", 95.0)], &["statistical", "sales"]);
/// assert_eq!(found[0].wape, Some(0.2));
/// assert!(found[1].value_added.is_some_and(|added| (added - 0.15).abs() < 1e-12), "15 points closer");
/// ```
pub fn score(entries: &[Entry], steps: &[&str]) -> Vec<StreamAccuracy> {
    let rank = |entry: &Entry| steps.iter().position(|step| *step == entry.stream);
    let mut by_bucket: BTreeMap<(u32, &str, i64), Vec<Step>> = BTreeMap::new();
    let mut groups: BTreeSet<(usize, u32, Option<&str>)> = BTreeSet::new();
    for (place, entry) in entries.iter().filter_map(|entry| Some((rank(entry)?, entry))) {
        by_bucket.entry((entry.lag, &entry.series, entry.period)).or_default().push((place, entry));
        groups.insert((place, entry.lag, None));
        if !entry.person.is_empty() {
            groups.insert((place, entry.lag, Some(&entry.person)));
        }
    }
    let scales = scales(entries);
    let group = |(place, lag, person): (usize, u32, Option<&str>)| {
        let mut all: Vec<&Entry> = Vec::new();
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for ((of_lag, ..), bucket) in &by_bucket {
            let is_own =
                |(at, entry): &&(usize, &Entry)| *at == place && person.is_none_or(|person| entry.person == person);
            let Some((_, own)) = bucket.iter().find(is_own).filter(|_| *of_lag == lag) else { continue };
            all.push(own);
            if let Some((_, earlier)) = bucket.iter().filter(|(at, _)| *at < place).max_by_key(|(at, _)| *at) {
                before.push(earlier.outcome);
                after.push(own.outcome);
            }
        }
        let outcomes: Vec<Outcome> = all.iter().map(|entry| entry.outcome).collect();
        let error = |outcome: &Outcome| (outcome.forecast - outcome.actual).abs();
        let changed: Vec<(f64, f64)> = before
            .iter()
            .zip(&after)
            .filter(|(before, after)| before.forecast != after.forecast)
            .map(|(before, after)| (error(before), error(after)))
            .collect();
        let scaled: Vec<f64> =
            all.iter().filter_map(|entry| Some(error(&entry.outcome) / scales.get(entry.series.as_str())?)).collect();
        StreamAccuracy {
            stream: steps[place].to_owned(),
            person: person.map(str::to_owned),
            lag,
            buckets: all.len(),
            wape: accuracy::wape(&outcomes),
            bias: accuracy::bias(&outcomes),
            mase: (!scaled.is_empty()).then(|| scaled.iter().sum::<f64>() / scaled.len() as f64),
            tracking_signal: accuracy::tracking_signal(&outcomes),
            value_added: accuracy::wape(&before).zip(accuracy::wape(&after)).map(|(before, after)| before - after),
            changed: changed.len(),
            improved: changed.iter().filter(|(before, after)| after < before).count(),
        }
    };
    groups.into_iter().map(group).collect()
}

/// Mean absolute change of what happened from bucket to bucket, by series; none for series that did not change.
fn scales(entries: &[Entry]) -> BTreeMap<&str, f64> {
    let mut actuals: BTreeMap<&str, BTreeMap<i64, f64>> = BTreeMap::new();
    for entry in entries {
        actuals.entry(&entry.series).or_default().insert(entry.period, entry.outcome.actual);
    }
    let scale = |periods: BTreeMap<i64, f64>| {
        let values: Vec<f64> = periods.into_values().collect();
        accuracy::seasonal_naive_error(&values, 1).filter(|scale| *scale > 0.0)
    };
    actuals.into_iter().filter_map(|(series, periods)| Some((series, scale(periods)?))).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn entry(stream: &str, person: &str, period: i64, forecast: f64, actual: f64) -> Entry {
        let outcome = Outcome { actual, forecast };
        Entry { series: "A".into(), period, lag: 1, stream: stream.into(), person: person.into(), outcome }
    }

    /// Two buckets of 100 and 200. Statistics are off by 10 and 20, sales change the first to the better (5) and the second
    /// to the worse (40): WAPE 10 % before and 15 % after, one of two changes helped.
    #[test]
    fn value_added_by_hand() {
        let entries = [
            entry("statistical", "", 1, 90.0, 100.0),
            entry("statistical", "", 2, 220.0, 200.0),
            entry("sales", "ann", 1, 105.0, 100.0),
            entry("sales", "bob", 2, 240.0, 200.0),
            entry("gossip", "", 1, 1.0, 100.0),
        ];
        let found = score(&entries, &["statistical", "sales"]);
        let names: Vec<_> = found.iter().map(|one| (one.stream.as_str(), one.person.as_deref())).collect();
        let people = [("statistical", None), ("sales", None), ("sales", Some("ann")), ("sales", Some("bob"))];
        assert_eq!(names, people);
        assert!((found[0].wape.unwrap() - 0.1).abs() < 1e-12 && found[0].value_added.is_none());
        assert!((found[1].value_added.unwrap() + 0.05).abs() < 1e-12);
        assert_eq!((found[1].changed, found[1].improved), (2, 1));
        assert!((found[2].value_added.unwrap() - 0.05).abs() < 1e-12, "ann: 10 % to 5 %");
        assert!((found[3].value_added.unwrap() + 0.1).abs() < 1e-12, "bob: 10 % to 20 %");
        assert_eq!(found[1].mase, Some(0.225), "errors 5 and 40 in changes of 100");
        assert_eq!(found[1].tracking_signal, Some(2.0));
    }

    #[test]
    fn lags_stay_apart_and_nothing_is_no_score() {
        let mut late = entry("sales", "", 1, 50.0, 100.0);
        late.lag = 3;
        let found = score(&[late, entry("sales", "", 1, 100.0, 100.0)], &["sales"]);
        assert_eq!(found.iter().map(|one| (one.lag, one.wape)).collect::<Vec<_>>(), [(1, Some(0.0)), (3, Some(0.5))]);
        assert_eq!(found[0].mase, None);
        assert!(score(&[], &["sales"]).is_empty());
    }
}
