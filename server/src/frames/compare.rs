//! A measure of several versions side by side, rolled up to a level and over time.

use std::collections::BTreeMap;

use grid_engine::calendar::Bucket;
use grid_engine::doc::{Measure, Span};
use grid_engine::plan::{ComparisonLine, FrameReader, Level};
use grid_engine::wire::SheetFrame;
use polars::prelude::{Column, DataFrame, NamedFrom, PolarsError, Series};

/// Why versions cannot be compared so.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    #[error(
        "the sheet {sheet} of {version:?} has no timed measure {measure:?}: compare by another, or leave the version out"
    )]
    NoMeasure { version: String, sheet: String, measure: String },
    #[error(
        "the sheet {sheet} of {version:?} has no column {by:?} to compare by: choose another, or leave the version out"
    )]
    NoKey { version: String, sheet: String, by: String },
    #[error("the roll-up failed: {0}")]
    Polars(#[from] PolarsError),
}

/// The sheet of a version.
pub struct VersionFrame {
    /// What the version is called.
    pub version: String,
    pub frame: SheetFrame,
}

/// The role of the sheet that holds a measure people compare: money and service are the profit sheet's, stock the
/// supply sheet's, everything a person or a forecast says of demand is the demand sheet's.
pub fn role_of_measure(measure: &str) -> &'static str {
    match measure {
        "revenue" | "profit" | "supplycost" | "served" | "backlog" | "lost" | "demand" => "profit",
        "production" | "purchases" | "inbound" | "outbound" | "consumed" | "stock" | "shortfall" => "supply",
        "hours" | "overtime" | "available" | "utilisation" => "utilisation",
        _ => "demand",
    }
}

/// The buckets and lines of a comparison of one sheet in several versions, largest absolute difference from the first
/// version first. Each version is rolled up on its own, so that one more costs what it holds.
///
/// A row of one version that another does not have counts there as zero.
///
/// # Errors
/// When a version has no such timed measure or nothing to compare by of that name.
pub fn compare(
    versions: &[VersionFrame],
    measure: &str,
    by: &str,
) -> Result<(Vec<Bucket>, Vec<ComparisonLine>), CompareError> {
    let buckets = buckets(versions, measure)?;
    let mut lines: BTreeMap<String, Vec<Vec<f64>>> = BTreeMap::new();
    for (number, version) in versions.iter().enumerate() {
        let sums = roll_up(&long(version, &buckets, measure, by)?)?;
        let (names, places) = (sums.column("name")?.str()?.iter(), sums.column("bucket")?.u32()?.iter());
        for ((name, place), value) in names.zip(places).zip(sums.column("value")?.f64()?.iter()) {
            let (Some(name), Some(place), Some(value)) = (name, place, value) else { continue };
            if !lines.contains_key(name) {
                lines.insert(name.to_owned(), vec![vec![0.0; buckets.len()]; versions.len()]);
            }
            if let Some(line) = lines.get_mut(name) {
                line[number][place as usize] = value;
            }
        }
    }
    let mut lines: Vec<_> = lines.into_iter().map(|(name, values)| ComparisonLine::of(name, values)).collect();
    lines.sort_by(|x, y| y.largest_difference().total_cmp(&x.largest_difference()));
    Ok((buckets, lines))
}

/// What polars' eager groups still do without the query planner, whose compilation would double the build.
#[allow(deprecated)]
fn roll_up(long: &DataFrame) -> Result<DataFrame, PolarsError> {
    let mut sums = long.group_by_stable(["name", "bucket"])?.select(["value"]).sum()?;
    sums.set_column_names(&["name", "bucket", "value"])?;
    Ok(sums)
}

/// The buckets the versions' values lie in: the planned ones, or the past of a measure that has only a past.
fn buckets(versions: &[VersionFrame], measure: &str) -> Result<Vec<Bucket>, CompareError> {
    let mut buckets: Vec<Bucket> = Vec::new();
    for version in versions {
        let span = timed(version, measure)?.span;
        let (all, current) = FrameReader::new(&version.frame).buckets();
        buckets.extend(if span == Span::History { &all[..current] } else { &all[current..] });
    }
    buckets.sort_unstable();
    buckets.dedup();
    Ok(buckets)
}

fn timed<'a>(of: &'a VersionFrame, measure: &str) -> Result<&'a Measure, CompareError> {
    let found = of.frame.measures.iter().find(|found| found.timed && found.id.to_string() == measure);
    found.ok_or_else(|| CompareError::NoMeasure {
        version: of.version.clone(),
        sheet: of.frame.info.title.clone(),
        measure: measure.to_owned(),
    })
}

/// One row per row and bucket with a value: the name of its line, the bucket's place, the value.
fn long(of: &VersionFrame, buckets: &[Bucket], measure: &str, by: &str) -> Result<DataFrame, CompareError> {
    let measure = timed(of, measure)?.id;
    let level = Level::named(&of.frame, by).ok_or_else(|| CompareError::NoKey {
        version: of.version.clone(),
        sheet: of.frame.info.title.clone(),
        by: by.to_owned(),
    })?;
    let reader = FrameReader::new(&of.frame);
    let (mut names, mut places, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..reader.len() {
        let name = level.line(&reader, row);
        for (place, &bucket) in (0_u32..).zip(buckets) {
            if let Some(value) = reader.at(measure, row, bucket) {
                names.push(name.clone());
                places.push(place);
                values.push(value);
            }
        }
    }
    let columns = vec![
        Column::from(Series::new("name".into(), names)),
        Column::from(Series::new("bucket".into(), places)),
        Column::from(Series::new("value".into(), values)),
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

    fn versions<const N: usize>(frames: [SheetFrame; N]) -> Vec<VersionFrame> {
        let named = |(at, frame)| VersionFrame { version: format!("Version {at}"), frame };
        frames.into_iter().enumerate().map(named).collect()
    }

    fn line<const N: usize>(name: &str, by_version: [[f64; 2]; N]) -> ComparisonLine {
        ComparisonLine::of(name.into(), by_version.map(Vec::from).into())
    }

    #[test]
    fn lines_are_sums_by_key_and_bucket_with_the_largest_difference_first() {
        let a = frame(&[
            ("Tea", "North", [Some(10.0), Some(20.0)]),
            ("Soap", "North", [Some(1.0), None]),
            ("Tea", "South", [Some(5.0), Some(5.0)]),
        ]);
        let b = frame(&[("Tea", "North", [Some(11.0), Some(20.0)]), ("Tea", "East", [Some(0.0), Some(40.0)])]);
        let (buckets, lines) = compare(&versions([a, b]), "consensus", "region").unwrap();
        assert_eq!(buckets.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2026-04", "2026-05"]);
        let expected = [
            line("East", [[0.0, 0.0], [0.0, 40.0]]),
            line("South", [[5.0, 5.0], [0.0, 0.0]]),
            line("North", [[11.0, 20.0], [11.0, 20.0]]),
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_version_equals_itself() {
        let a = frame(&[("Tea", "North", [Some(0.1), Some(0.2)]), ("Soap", "South", [None, Some(3.0)])]);
        let (_, lines) = compare(&versions([a.clone(), a]), "consensus", "item").unwrap();
        assert!(lines.len() == 2 && lines.iter().all(|line| line.a == line.b));
    }

    #[test]
    fn any_number_of_versions_stand_beside_the_first_at_any_level() {
        let a = frame(&[("Tea", "North", [Some(10.0), None]), ("Tea", "South", [Some(5.0), Some(5.0)])]);
        let b = frame(&[("Tea", "North", [Some(12.0), None]), ("Tea", "South", [Some(5.0), Some(5.0)])]);
        let c = frame(&[("Tea", "North", [Some(10.0), None]), ("Soap", "South", [Some(1.0), Some(8.0)])]);
        let versions = versions([a, b, c]);
        let at = |by| compare(&versions, "consensus", by).unwrap().1;
        // Two more of the second version weigh more than one less of the third.
        let by_region = [
            line("North", [[10.0, 0.0], [12.0, 0.0], [10.0, 0.0]]),
            line("South", [[5.0, 5.0], [5.0, 5.0], [1.0, 8.0]]),
        ];
        assert_eq!(at("region"), by_region);
        let rows = [
            line("Tea / South", [[5.0, 5.0], [5.0, 5.0], [0.0, 0.0]]),
            line("Soap / South", [[0.0, 0.0], [0.0, 0.0], [1.0, 8.0]]),
            line("Tea / North", [[10.0, 0.0], [12.0, 0.0], [10.0, 0.0]]),
        ];
        assert_eq!(at("item,region"), rows);
    }

    #[test]
    fn what_there_is_not_is_named_with_the_version_that_lacks_it() {
        let a = frame(&[]);
        let pair = versions([a.clone(), a.clone()]);
        assert!(compare(&pair, "consensus", "region").unwrap().1.is_empty());
        for (measure, by, said) in [
            ("moon", "region", "the sheet Demand of \"Version 0\" has no timed measure \"moon\""),
            ("item", "region", "the sheet Demand of \"Version 0\" has no timed measure \"item\""),
            ("consensus", "moon", "the sheet Demand of \"Version 0\" has no column \"moon\" to compare by"),
        ] {
            let error = compare(&pair, measure, by).unwrap_err().to_string();
            assert!(error.starts_with(said), "{error}");
        }
        let mut bare = a.clone();
        bare.measures.retain(|measure| !measure.timed);
        let error = compare(&versions([a.clone(), a, bare]), "consensus", "region").unwrap_err().to_string();
        assert!(error.contains("of \"Version 2\""), "{error}");
    }
}
