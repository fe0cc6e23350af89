//! `forecast --hierarchy`: series and their groups, brought into agreement.

use std::path::Path;

use grid_engine::forecast::hierarchy::{Base, Held, Hierarchy, HierarchyError, Node, Reconciliation};
use grid_engine::forecast::{Forecast, ForecastError, Options};

use super::rows::forecast_rows;
use super::{Args, Reconcile, Refused};
use crate::exchange::series_csv::{SeriesFile, SeriesRow};

type Forecasts = Vec<Result<Forecast, ForecastError>>;

/// Forecasts that add up. The groups follow the series of the file.
pub(super) fn forecast(args: &Args, file: &mut SeriesFile, options: &[Options]) -> Result<Forecasts, Refused> {
    if !args.regressors.is_empty() && args.reconcile != Reconcile::BottomUp {
        let only = "--regressors drive series, not groups; with --hierarchy they go with --reconcile bottom-up only";
        return Err(vec![only.to_owned()]);
    }
    if let Some(at) =
        options.iter().position(|one| (one.horizon, one.season) != (options[0].horizon, options[0].season))
    {
        let (one, first) = (&file.series[at].id, &file.series[0].id);
        return Err(vec![format!("--hierarchy needs one horizon and season for all; {one} has others than {first}")]);
    }
    let names: Vec<&str> = args.hierarchy.iter().map(String::as_str).collect();
    let keys: Vec<Vec<&str>> =
        file.series.iter().map(|series| series.keys.iter().take(names.len()).map(String::as_str).collect()).collect();
    let hierarchy = Hierarchy::of_keys(&names, &keys);
    align(&mut file.series, options[0].horizon);
    let count = file.series.len();
    for group in hierarchy.groups() {
        let series = sum(&file.series[..count], &group.members);
        file.series.push(SeriesRow { id: group.name.clone(), ..series });
    }
    let found = forecast_rows(args, file, &vec![options[0].clone(); file.series.len()])?;
    let failed = |(series, found): (&SeriesRow, &Result<Forecast, ForecastError>)| {
        found.as_ref().err().map(|error| format!("series {}: {}", series.id, super::in_periods(error, series, file)))
    };
    let failures: Vec<String> = file.series.iter().zip(&found).filter_map(failed).collect();
    if !failures.is_empty() {
        return Err(failures);
    }
    let mut forecasts: Vec<Forecast> = found.into_iter().flatten().collect();
    let base: Vec<Base> =
        forecasts.iter().map(|one| Base { mean: &one.mean, errors: &one.explanation.misses }).collect();
    let held = args.held.as_ref().map_or(Ok(Vec::new()), |path| held(path, &file.series, count))?;
    let how = match args.reconcile {
        Reconcile::BottomUp => Reconciliation::BottomUp,
        Reconcile::TopDown => Reconciliation::TopDown,
        Reconcile::Mint => Reconciliation::MinTrace,
    };
    let agreed = hierarchy.reconcile(&base, how, &held).map_err(|error| vec![told(&error, &file.series, count)])?;
    for (forecast, agreed) in forecasts.iter_mut().zip(agreed) {
        move_to(forecast, agreed);
    }
    Ok(forecasts.into_iter().map(Ok).collect())
}

/// What is wrong with values that are held, in the names and steps of the file.
fn told(error: &HierarchyError, series: &[SeriesRow], count: usize) -> String {
    let name = |node: &Node| {
        let at = match *node {
            Node::Series(at) => at,
            Node::Group(at) => count + at,
        };
        series.get(at).map_or_else(|| format!("{node:?}"), |series| series.id.clone())
    };
    match error {
        HierarchyError::Conflict { step } => {
            let step = step + 1;
            format!("--held: the values at step {step} contradict each other, or say the same twice; release one")
        }
        HierarchyError::Nowhere { node, step } => {
            format!("--held: {} has no step {}, the horizon ends before", name(node), step + 1)
        }
        error => error.to_string(),
    }
}

/// Gives all series the same first and last period: what is not there is not known. Drivers begin where histories do.
fn align(series: &mut [SeriesRow], horizon: usize) {
    let first = series.iter().map(|one| one.first).min().unwrap_or(0);
    let end = series.iter().map(|one| one.first + one.history.len() as i64).max().unwrap_or(0);
    for one in series {
        let before = (one.first - first) as usize;
        one.history.splice(0..0, std::iter::repeat_n(None, before));
        one.history.resize((end - first) as usize, None);
        for driver in &mut one.drivers {
            driver.values.splice(0..0, std::iter::repeat_n(None, before));
            driver.values.truncate(one.history.len() + horizon);
        }
        for numbers in &mut one.optional {
            numbers.splice(0..0, std::iter::repeat_n(None, before));
        }
        one.first = first;
    }
}

/// What several series make together: known where any of them is.
fn sum(series: &[SeriesRow], members: &[usize]) -> SeriesRow {
    let first = &series[members[0]];
    let bucket = |at: usize| {
        let known = members.iter().filter_map(|member| series[*member].history[at]);
        known.fold(None, |sum: Option<f64>, value| Some(sum.unwrap_or(0.0) + value))
    };
    SeriesRow {
        dataset: first.dataset.clone(),
        history: (0..first.history.len()).map(bucket).collect(),
        first: first.first,
        ..SeriesRow::default()
    }
}

/// Moves the intervals along with the mean.
fn move_to(forecast: &mut Forecast, agreed: Vec<f64>) {
    let floor = if forecast.mean.iter().all(|value| *value >= 0.0) { 0.0 } else { f64::NEG_INFINITY };
    for (step, mean) in agreed.iter().enumerate() {
        let by = mean - forecast.mean[step];
        for interval in &mut forecast.intervals {
            interval.lower[step] = (interval.lower[step] + by).max(floor).min(*mean);
            interval.upper[step] = (interval.upper[step] + by).max(*mean);
        }
    }
    forecast.mean = agreed;
}

/// Reads the values that are to stay.
fn held(path: &Path, series: &[SeriesRow], count: usize) -> Result<Vec<Held>, Refused> {
    let unreadable = |error: csv::Error| vec![format!("{}: {error}", path.display())];
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(unreadable)?;
    let headers = reader.headers().map_err(unreadable)?.clone();
    let column = |name: &str| {
        let at = headers.iter().position(|header| header.trim_start_matches('\u{feff}').eq_ignore_ascii_case(name));
        at.ok_or_else(|| vec![format!("{}: line 1: no column {name}", path.display())])
    };
    let (id, step, value) = (column("series_id")?, column("step")?, column("value")?);
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(0, csv::Position::line);
        let place = series.iter().position(|series| series.id == record[id]);
        let node = place.map(|at| if at < count { Node::Series(at) } else { Node::Group(at - count) });
        let ahead = record[step].parse().ok().filter(|step: &usize| *step > 0);
        let number = record[value].parse().ok().filter(|value: &f64| value.is_finite());
        match (node, ahead, number) {
            (Some(node), Some(ahead), Some(value)) => found.push(Held { node, step: ahead - 1, value }),
            (None, ..) => problems.push(format!("line {line}, column series_id: no series or group {:?}", &record[id])),
            (_, None, _) => {
                problems.push(format!("line {line}, column step: {:?} is no step from 1 on", &record[step]))
            }
            _ => problems.push(format!("line {line}, column value: {:?} is not a finite number", &record[value])),
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(first: i64, values: &[f64]) -> SeriesRow {
        SeriesRow { first, history: values.iter().map(|value| Some(*value)).collect(), ..SeriesRow::default() }
    }

    #[test]
    fn series_of_different_length_meet_in_their_sum() {
        let mut all = [series(3, &[1.0, 2.0]), series(1, &[10.0, 20.0, 30.0])];
        align(&mut all, 2);
        assert_eq!(all[0].history, [None, None, Some(1.0), Some(2.0)]);
        assert_eq!(all[1].history, [Some(10.0), Some(20.0), Some(30.0), None]);
        assert_eq!(sum(&all, &[0, 1]).history, [Some(10.0), Some(20.0), Some(31.0), Some(2.0)]);
    }
}
