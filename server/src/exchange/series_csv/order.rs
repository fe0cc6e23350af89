//! From rows in any order to series in the order of time.

use grid_engine::forecast::Driver;

use super::{Further, MOST_BUCKETS, Problems, Row, SeriesRow, Step};

/// Puts rows in the order of their periods, with missing periods as missing values.
pub(super) fn fill(
    series: &mut [SeriesRow],
    mut rows: Vec<Row>,
    step: Step,
    column: &str,
    further: Further,
    problems: &mut Problems,
) {
    rows.sort_by_key(|row| (row.series, row.test, row.period, row.line));
    for pair in rows.windows(2) {
        if (pair[0].series, pair[0].period, pair[0].test) == (pair[1].series, pair[1].period, pair[1].test) {
            let label = step.label(pair[1].period);
            let (id, line, first) = (&series[pair[1].series].id, pair[1].line, pair[0].line);
            problems.add(format!("line {line}, column {column}: {label} of {id} is already on line {first}"));
        }
    }
    for group in rows.chunk_by(|a, b| a.series == b.series && a.test == b.test) {
        let [first, .., last] = group else {
            let row = &group[0];
            let target = &mut series[row.series];
            if row.test {
                target.test.push(row.value);
            } else {
                target.first = row.period;
                target.history.push(row.value);
            }
            continue;
        };
        let target = &mut series[first.series];
        if last.period.saturating_sub(first.period) >= MOST_BUCKETS {
            let (label, id) = (step.label(last.period), &target.id);
            problems.add(format!(
                "line {}, column {column}: {label} of {id} is more than {MOST_BUCKETS} periods after its first",
                last.line
            ));
            continue;
        }
        let mut values = vec![None; (last.period - first.period) as usize + 1];
        for row in group {
            values[(row.period - first.period) as usize] = row.value;
        }
        if first.test {
            target.test = values;
        } else {
            target.first = first.period;
            target.history = values;
        }
    }
    if !(further.regressors.is_empty() && further.optional.is_empty()) && problems.total == 0 {
        for group in rows.chunk_by(|a, b| a.series == b.series) {
            drive(&mut series[group[0].series], group, further);
        }
    }
}

/// Collects what drives a series, and further numbers. Rows after its last value are buckets to come, as rows marked `test` are.
fn drive(target: &mut SeriesRow, rows: &[Row], further: Further) {
    if let Some(last) = target.history.iter().rposition(Option::is_some) {
        target.history.truncate(last + 1);
    }
    let periods = rows.iter().map(|row| row.period - target.first).max().map_or(0, |last| last.max(-1) + 1);
    let values = |number: usize| {
        let mut values = vec![None; usize::try_from(periods).unwrap_or(0)];
        for row in rows {
            let place = usize::try_from(row.period - target.first).ok();
            if let Some(value) = place.and_then(|place| values.get_mut(place)) {
                *value = row.drivers[number];
            }
        }
        values
    };
    let regressors = further.regressors;
    let drivers = regressors.iter().enumerate().map(|(at, name)| Driver { name: name.clone(), values: values(at) });
    target.drivers = drivers.collect();
    target.optional = (0..further.optional.len()).map(|at| values(regressors.len() + at)).collect();
}
