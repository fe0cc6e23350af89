//! A measure of two versions side by side, rolled up by a key and over time.

use std::collections::BTreeMap;

use grid_engine::calendar::Bucket;
use grid_engine::doc::{Measure, SheetInfo, Span};
use grid_engine::plan::{ComparisonLine, FrameReader};
use grid_engine::refs::SheetId;
use grid_engine::wire::SheetFrame;
use polars::prelude::{Column, DataFrame, NamedFrom, PolarsError, Series};

/// Why two versions cannot be compared so.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    #[error("{sheet} has no timed measure {measure:?}")]
    NoMeasure { sheet: String, measure: String },
    #[error("{sheet} has no column {by:?} to compare by")]
    NoKey { sheet: String, by: String },
    #[error("the roll-up failed: {0}")]
    Polars(#[from] PolarsError),
}

/// The sheet that holds a measure people compare: money and service are the profit sheet's, stock the supply
/// sheet's, everything a person or a forecast says of demand is the demand sheet's.
pub fn sheet_of_measure(sheets: &[SheetInfo], measure: &str) -> Option<SheetId> {
    let role = match measure {
        "revenue" | "profit" | "supplycost" | "served" | "backlog" | "lost" | "demand" => "profit",
        "production" | "purchases" | "inbound" | "outbound" | "consumed" | "stock" | "shortfall" => "supply",
        "hours" | "overtime" | "available" | "utilisation" => "utilisation",
        _ => "demand",
    };
    sheets.iter().find(|info| info.role == role).map(|info| info.id)
}

/// The buckets and lines of a comparison of one sheet's frames, largest absolute difference first.
///
/// A row of one version that the other does not have counts there as zero.
///
/// # Errors
/// When version `a` has no such timed measure or nothing to compare by of that name.
pub fn compare(
    a: &SheetFrame,
    b: &SheetFrame,
    measure: &str,
    by: &str,
) -> Result<(Vec<Bucket>, Vec<ComparisonLine>), CompareError> {
    let buckets = buckets(a, b, measure)?;
    let long = long(a, &buckets, measure, by, true)?.vstack(&long(b, &buckets, measure, by, false)?)?;
    let sums = roll_up(&long)?;
    let names = sums.column("name")?.str()?.iter();
    let places = sums.column("bucket")?.u32()?.iter();
    let (values_a, values_b) = (sums.column("a")?.f64()?.iter(), sums.column("b")?.f64()?.iter());
    let mut lines: BTreeMap<&str, ComparisonLine> = BTreeMap::new();
    for (((name, place), value_a), value_b) in names.zip(places).zip(values_a).zip(values_b) {
        let (Some(name), Some(place)) = (name, place) else { continue };
        let line = lines.entry(name).or_insert_with(|| ComparisonLine {
            name: name.to_owned(),
            a: vec![0.0; buckets.len()],
            b: vec![0.0; buckets.len()],
            total_a: 0.0,
            total_b: 0.0,
        });
        line.a[place as usize] = value_a.unwrap_or(0.0);
        line.b[place as usize] = value_b.unwrap_or(0.0);
    }
    let mut lines: Vec<ComparisonLine> = lines.into_values().collect();
    for line in &mut lines {
        (line.total_a, line.total_b) = (line.a.iter().sum(), line.b.iter().sum());
    }
    let difference = |line: &ComparisonLine| (line.total_a - line.total_b).abs();
    lines.sort_by(|x, y| difference(y).total_cmp(&difference(x)));
    Ok((buckets, lines))
}

/// What polars' eager groups still do without the query planner, whose compilation would double the build.
#[allow(deprecated)]
fn roll_up(long: &DataFrame) -> Result<DataFrame, PolarsError> {
    let mut sums = long.group_by_stable(["name", "bucket"])?.select(["a", "b"]).sum()?;
    sums.set_column_names(&["name", "bucket", "a", "b"])?;
    Ok(sums)
}

/// The buckets both versions' values lie in: the planned ones, or the past of a measure that has only a past.
fn buckets(a: &SheetFrame, b: &SheetFrame, measure: &str) -> Result<Vec<Bucket>, CompareError> {
    let span = timed(a, measure)?.span;
    let mut buckets: Vec<Bucket> = Vec::new();
    for frame in [a, b] {
        let (all, current) = FrameReader::new(frame).buckets();
        buckets.extend(if span == Span::History { &all[..current] } else { &all[current..] });
    }
    buckets.sort_unstable();
    buckets.dedup();
    Ok(buckets)
}

fn timed<'a>(frame: &'a SheetFrame, measure: &str) -> Result<&'a Measure, CompareError> {
    let found = frame.measures.iter().find(|found| found.timed && found.id.to_string() == measure);
    found.ok_or_else(|| CompareError::NoMeasure { sheet: frame.info.title.clone(), measure: measure.to_owned() })
}

/// One row per row and bucket with a value: the name of its line, the bucket's place, the value under `a` or `b`.
fn long(
    frame: &SheetFrame,
    buckets: &[Bucket],
    measure: &str,
    by: &str,
    is_a: bool,
) -> Result<DataFrame, CompareError> {
    let measure = timed(frame, measure)?.id;
    let key = frame
        .measures
        .iter()
        .find(|found| !found.timed && (found.name.eq_ignore_ascii_case(by) || found.id.to_string() == by))
        .ok_or_else(|| CompareError::NoKey { sheet: frame.info.title.clone(), by: by.to_owned() })?
        .id;
    let reader = FrameReader::new(frame);
    let (mut names, mut places, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..reader.len() {
        let name = reader.text(key, row);
        for (place, &bucket) in (0_u32..).zip(buckets) {
            if let Some(value) = reader.at(measure, row, bucket) {
                names.push(name);
                places.push(place);
                values.push(value);
            }
        }
    }
    let zeros = vec![0.0; values.len()];
    let (values_a, values_b) = if is_a { (values, zeros) } else { (zeros, values) };
    let columns = vec![
        Column::from(Series::new("name".into(), names)),
        Column::from(Series::new("bucket".into(), places)),
        Column::from(Series::new("a".into(), values_a)),
        Column::from(Series::new("b".into(), values_b)),
    ];
    Ok(DataFrame::new(columns[0].len(), columns)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    /// A demand sheet with these rows: item, region, and consensus in 2026-04 and 2026-05.
    fn frame(rows: &[(&str, &str, [Option<f64>; 2])]) -> SheetFrame {
        let key = |id: &str, name: &str| json!({"id": id, "name": name, "kind": "key", "timed": false, "order": 0});
        let numbers = |month: usize| rows.iter().map(|(_, _, values)| values[month]).collect::<Vec<_>>();
        serde_json::from_value(json!({
            "info": {"id": "demand", "title": "Demand", "kind": "planning", "position": "a", "role": "demand"},
            "meta": {"kind": "planning", "title": "Demand", "epoch": 0,
                "horizon": {"first": "2026-03", "current": "2026-04", "last": "2026-05"}},
            "measures": [key("item", "Item"), key("region", "Region"),
                {"id": "consensus", "name": "Consensus", "kind": "input", "timed": true, "order": 2}],
            "rows": rows.iter().map(|(item, region, _)| grid_engine::refs::RowId::of_key(&[item, region])).collect::<Vec<_>>(),
            "columns": [
                {"col": "item", "values": rows.iter().map(|(item, _, _)| item).collect::<Vec<_>>()},
                {"col": "region", "values": rows.iter().map(|(_, region, _)| region).collect::<Vec<_>>()},
                {"col": "consensus@2026-03", "values": rows.iter().map(|_| 999.0).collect::<Vec<_>>()},
                {"col": "consensus@2026-04", "values": numbers(0)},
                {"col": "consensus@2026-05", "values": numbers(1)},
            ],
        }))
        .unwrap()
    }

    fn line(name: &str, a: [f64; 2], b: [f64; 2]) -> ComparisonLine {
        ComparisonLine { name: name.into(), a: a.into(), b: b.into(), total_a: a.iter().sum(), total_b: b.iter().sum() }
    }

    #[test]
    fn lines_are_sums_by_key_and_bucket_with_the_largest_difference_first() {
        let a = frame(&[
            ("Tea", "North", [Some(10.0), Some(20.0)]),
            ("Soap", "North", [Some(1.0), None]),
            ("Tea", "South", [Some(5.0), Some(5.0)]),
        ]);
        let b = frame(&[("Tea", "North", [Some(11.0), Some(20.0)]), ("Tea", "East", [Some(0.0), Some(40.0)])]);
        let (buckets, lines) = compare(&a, &b, "consensus", "region").unwrap();
        assert_eq!(buckets.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2026-04", "2026-05"]);
        let expected = [
            line("East", [0.0, 0.0], [0.0, 40.0]),
            line("South", [5.0, 5.0], [0.0, 0.0]),
            line("North", [11.0, 20.0], [11.0, 20.0]),
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_version_equals_itself() {
        let a = frame(&[("Tea", "North", [Some(0.1), Some(0.2)]), ("Soap", "South", [None, Some(3.0)])]);
        let (_, lines) = compare(&a, &a, "consensus", "item").unwrap();
        assert!(lines.len() == 2 && lines.iter().all(|line| line.a == line.b));
    }

    #[test]
    fn what_there_is_not_is_named() {
        let a = frame(&[]);
        assert!(compare(&a, &a, "consensus", "region").unwrap().1.is_empty());
        assert!(matches!(compare(&a, &a, "moon", "region"), Err(CompareError::NoMeasure { .. })));
        assert!(matches!(compare(&a, &a, "item", "region"), Err(CompareError::NoMeasure { .. })), "not timed");
        assert!(matches!(compare(&a, &a, "consensus", "moon"), Err(CompareError::NoKey { .. })));
    }
}
