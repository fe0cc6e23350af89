//! A demand planner's work queue: the rows that are worth a look, the largest first (management by exception).
//!
//! A plan of a thousand rows is not read row by row. What people look at are rows whose consensus has moved since the
//! last version, rows where they depart from the forecast, rows that were forecast badly of late (Gilliland, The
//! Business Forecasting Deal: effort belongs where error and volume meet), and rows that plan nothing.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::frame::FrameReader;
use crate::calendar::Bucket;
use crate::refs::{CellRef, ColId, MeasureId, RowId};
use crate::value::order::sort_by;
use crate::wire::SheetFrame;

/// Why a row is in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Exception {
    /// It sold, and nothing is planned in one of the first buckets, without anybody having said so.
    Nothing,
    /// Its consensus is another than in the version compared with.
    Changed,
    /// Its consensus departs from the statistical forecast.
    Departs,
    /// Its forecasts were far from what came.
    Inaccurate,
}

/// A row to look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueueLine {
    pub why: Exception,
    /// The row's key as people read it.
    pub row: String,
    /// Where to begin: the bucket with the largest difference.
    pub cell: CellRef,
    pub bucket: Bucket,
    /// Units over all buckets: planned now less than before or less than the forecast, or the sum of absolute errors.
    pub units: f64,
    /// The same as a share: of the version, of the forecast, of what came (WAPE). `None` where that is nothing.
    pub share: Option<f64>,
}

/// A consensus that has moved or departs by less than this share is nothing to look at.
const NOTABLE: f64 = 0.1;
/// Nor is an error below this share of what came.
const BAD_WAPE: f64 = 0.4;
/// Buckets of history whose forecasts are judged.
const JUDGED: usize = 6;
/// Buckets of the plan in which something must be planned.
const NEAR: usize = 3;
/// Lines of one kind: more than anybody works through.
const MOST: usize = 100;

/// The rows of a demand sheet to look at, by kind and then by units. `before` is the same sheet in the version to compare
/// with. Without a consensus measure there is no queue.
///
/// Source of WAPE: `kpis.md`'s definition, Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 5.8.
pub fn queue(now: &SheetFrame, before: Option<&SheetFrame>) -> Vec<QueueLine> {
    let reader = FrameReader::new(now);
    let Some(consensus) = reader.measure("consensus").map(|measure| measure.id) else { return Vec::new() };
    let measure = |id: &str| reader.measure(id).map(|measure| measure.id);
    let (buckets, current) = reader.buckets();
    let (history, plan) = buckets.split_at(current.min(buckets.len()));
    let before = before.map(|frame| (FrameReader::new(frame), places(frame)));
    let entry = measure("override").unwrap_or(consensus);
    let mut lines = Vec::new();
    for (row, &id) in now.rows.iter().enumerate() {
        let planned = |bucket: Bucket| reader.at(consensus, row, bucket);
        let at = |measure: MeasureId, bucket: Bucket| CellRef {
            sheet: now.info.id,
            row: id,
            col: ColId::timed(measure, bucket),
        };
        let mut line = |why, bucket, measure, units, share| {
            lines.push(QueueLine { why, row: reader.key_text(row), cell: at(measure, bucket), bucket, units, share });
        };
        let differs = |of: &dyn Fn(Bucket) -> Option<f64>| {
            difference(plan.iter().filter_map(|&bucket| Some((bucket, planned(bucket)?, of(bucket)?))))
        };
        if let Some((reader, places)) = &before
            && let Some(&place) = places.get(&id)
            && let Some(was) = reader.measure("consensus")
            && let Some((bucket, units, share)) = differs(&|bucket| reader.at(was.id, place, bucket))
        {
            line(Exception::Changed, bucket, consensus, units, share);
        }
        if let Some(baseline) = measure("baseline")
            && let Some((bucket, units, share)) = differs(&|bucket| reader.at(baseline, row, bucket))
        {
            line(Exception::Departs, bucket, entry, units, share);
        }
        if let Some((actual, forecast)) = measure("history").zip(measure("lag1")) {
            let recent = &history[history.len().saturating_sub(JUDGED)..];
            let pairs = recent.iter().filter_map(|&bucket| {
                Some((bucket, reader.at(actual, row, bucket)?, reader.at(forecast, row, bucket)?))
            });
            let (mut error, mut sold, mut worst) = (0.0, 0.0, None::<(f64, Bucket)>);
            for (bucket, came, said) in pairs {
                let off = (came - said).abs();
                (error, sold) = (error + off, sold + came);
                if worst.is_none_or(|(most, _)| off > most) {
                    worst = Some((off, bucket));
                }
            }
            let wape = (sold > 0.0).then(|| error / sold);
            if let Some((_, bucket)) = worst.filter(|_| wape.is_none_or(|wape| wape > BAD_WAPE) && error > 0.0) {
                line(Exception::Inaccurate, bucket, actual, error, wape);
            }
        }
        let sold = measure("history").is_some_and(|actual| {
            history.iter().rev().take(JUDGED).any(|&bucket| reader.at(actual, row, bucket).is_some_and(|it| it > 0.0))
        });
        // A zero that somebody entered is a decision.
        let is_decided = |bucket: Bucket| entry != consensus && reader.at(entry, row, bucket).is_some();
        let empty = |bucket: &&Bucket| planned(**bucket).is_none_or(|it| it == 0.0) && !is_decided(**bucket);
        if let Some(&bucket) = plan.iter().take(NEAR).find(empty).filter(|_| sold) {
            line(Exception::Nothing, bucket, entry, 0.0, None);
        }
    }
    sort_by(&mut lines, |a, b| a.why.cmp(&b.why).then(b.units.abs().total_cmp(&a.units.abs())));
    let mut taken: BTreeMap<Exception, usize> = BTreeMap::new();
    lines.retain(|line| {
        let count = taken.entry(line.why).or_default();
        *count += 1;
        *count <= MOST
    });
    lines
}

/// Where the rows of a frame stand.
fn places(frame: &SheetFrame) -> HashMap<RowId, usize> {
    frame.rows.iter().enumerate().map(|(place, row)| (*row, place)).collect()
}

/// The bucket that differs most, the sum of all differences, and that as a share, where it is notable.
fn difference(pairs: impl Iterator<Item = (Bucket, f64, f64)>) -> Option<(Bucket, f64, Option<f64>)> {
    let (mut units, mut base, mut moved, mut most) = (0.0, 0.0, 0.0, None::<(f64, Bucket)>);
    for (bucket, now, was) in pairs {
        let by = now - was;
        (units, base, moved) = (units + by, base + was.abs(), moved + by.abs());
        if by != 0.0 && most.is_none_or(|(most, _)| by.abs() > most) {
            most = Some((by.abs(), bucket));
        }
    }
    let (_, bucket) = most?;
    let is_notable = base == 0.0 || moved / base >= NOTABLE;
    is_notable.then(|| (bucket, units, (base > 0.0).then(|| units / base)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json};

    use super::*;
    use crate::calendar::Horizon;

    type Row = (&'static str, [f64; 3], [f64; 3], [f64; 2], [Value; 2]);

    /// A demand sheet of months from 2026-01, the plan from 2026-04: by row history, lag forecast, baseline, consensus.
    fn demand(rows: &[Row]) -> SheetFrame {
        let months = ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05"];
        let horizon = Horizon {
            first: months[0].parse().unwrap(),
            current: months[3].parse().unwrap(),
            last: months[4].parse().unwrap(),
        };
        let mut columns = vec![json!({"col": "item", "values": rows.iter().map(|row| row.0).collect::<Vec<_>>()})];
        let mut put = |measure: &str, month: &str, values: Vec<Value>| {
            columns.push(json!({"col": format!("{measure}@{month}"), "values": values}));
        };
        for (place, month) in months.iter().enumerate() {
            if place < 3 {
                put("history", month, rows.iter().map(|row| json!(row.1[place])).collect());
                put("lag1", month, rows.iter().map(|row| json!(row.2[place])).collect());
            } else {
                put("baseline", month, rows.iter().map(|row| json!(row.3[place - 3])).collect());
                put("consensus", month, rows.iter().map(|row| row.4[place - 3].clone()).collect());
            }
        }
        let measure = |id: &str, kind: &str, order: u32| {
            let timed = kind != "key";
            json!({"id": id, "name": id, "kind": kind, "timed": timed, "order": order})
        };
        serde_json::from_value(json!({
            "info": {"id": "demand", "title": "Demand", "kind": "planning", "position": "a", "role": "demand"},
            "meta": {"kind": "planning", "title": "Demand", "epoch": 0, "horizon": horizon},
            "measures": [measure("item", "key", 0), measure("history", "layer", 1), measure("lag1", "layer", 2),
                measure("baseline", "layer", 3), measure("consensus", "input", 4)],
            "columns": columns,
            "rows": rows.iter().map(|row| RowId::of_key(&[row.0])).collect::<Vec<_>>(),
        }))
        .unwrap()
    }

    fn told(lines: &[QueueLine]) -> Vec<(Exception, &str, String, f64, Option<f64>)> {
        let share = |line: &QueueLine| line.share.map(|share| (share * 1000.0).round() / 1000.0);
        lines.iter().map(|line| (line.why, &*line.row, line.bucket.to_string(), line.units, share(line))).collect()
    }

    #[test]
    fn each_row_is_told_for_what_is_wrong_with_it_the_largest_first() {
        let good = [100.0; 3];
        let now = demand(&[
            ("calm", good, [95.0, 104.0, 101.0], [100.0, 100.0], [json!(100), json!(105)]),
            ("over", good, good, [100.0, 100.0], [json!(110), json!(150)]),
            ("more", good, good, [1000.0, 1000.0], [json!(1000), json!(700)]),
            ("wrong", [10.0, 20.0, 30.0], [20.0, 5.0, 30.0], [20.0, 20.0], [json!(20), json!(20)]),
            ("empty", good, good, [0.0, 0.0], [json!(null), json!(0)]),
        ]);
        assert_eq!(
            told(&queue(&now, None)),
            [
                (Exception::Nothing, "empty", "2026-04".to_owned(), 0.0, None),
                (Exception::Departs, "more", "2026-05".to_owned(), -300.0, Some(-0.15)),
                (Exception::Departs, "over", "2026-05".to_owned(), 60.0, Some(0.3)),
                (Exception::Inaccurate, "wrong", "2026-02".to_owned(), 25.0, Some(0.417)),
            ]
        );
    }

    #[test]
    fn rows_are_compared_with_the_version_by_their_keys() {
        let good = [1.0; 3];
        let row =
            |name, consensus: [i32; 2]| (name, good, good, consensus.map(f64::from), consensus.map(|it| json!(it)));
        let before = demand(&[row("gone", [5, 5]), row("tea", [100, 100]), row("soap", [50, 50])]);
        let now = demand(&[row("soap", [50, 51]), row("tea", [100, 140]), row("new", [9, 9])]);
        let found = queue(&now, Some(&before));
        assert_eq!(told(&found), [(Exception::Changed, "tea", "2026-05".to_owned(), 40.0, Some(0.2))]);
        assert_eq!(found[0].cell.row, RowId::of_key(&["tea"]));
    }
}
