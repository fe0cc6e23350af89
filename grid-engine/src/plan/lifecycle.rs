//! Items that begin or end around a plan, as its demand sheet shows them.

use std::collections::BTreeMap;

use super::frame::FrameReader;
use super::version::ItemLife;
use crate::doc::MeasureKind;
use crate::refs::MeasureId;
use crate::value::order::sort_by;
use crate::wire::SheetFrame;

/// Items told of at most.
const MOST: usize = 12;

/// Items first sold within the season before the plan or in it, and items whose plan ends at least a quarter of a season
/// before its horizon does; the largest planned or sold quantity first.
///
/// An item's first bucket is only known where history reaches further back: what was sold from the first bucket on began
/// at some time before.
pub fn item_lives(frames: &[SheetFrame]) -> Vec<ItemLife> {
    let Some(demand) = FrameReader::of_role(frames, "demand") else { return Vec::new() };
    let [Some(history), Some(consensus)] = ["history", "consensus"].map(|id| demand.measure(id)) else {
        return Vec::new();
    };
    let keys = || demand.frame().measures.iter().filter(|measure| measure.kind == MeasureKind::Key);
    let Some(item) = demand.measure("item").or_else(|| keys().min_by_key(|measure| measure.order)) else {
        return Vec::new();
    };
    let (buckets, current) = demand.buckets();
    let season = buckets.first().map_or(12, |bucket| bucket.grain().season());
    let mut courses: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for row in 0..demand.len() {
        let course = courses.entry(demand.text(item.id, row)).or_insert_with(|| vec![0.0; buckets.len()]);
        let measure = |place: usize| -> MeasureId { if place < current { history.id } else { consensus.id } };
        for (place, bucket) in buckets.iter().enumerate() {
            course[place] += demand.at(measure(place), row, *bucket).unwrap_or_default();
        }
    }
    // A plan without history tells of no item when it began.
    if !courses.values().any(|course| course[..current].iter().any(|sold| *sold > 0.0)) {
        return Vec::new();
    }
    let lives = courses.into_iter().filter(|(name, _)| !name.is_empty()).filter_map(|(name, course)| {
        let first = course.iter().position(|units| *units > 0.0)?;
        let last = course.iter().rposition(|units| *units > 0.0)?;
        let begins = (first > 0 && first + season >= current).then(|| buckets[first]);
        let recent = current.saturating_sub(season);
        let sold: f64 = course[recent..current].iter().sum();
        let ends = (sold > 0.0 && last + season.div_ceil(4) < buckets.len()).then(|| buckets[last]);
        let planned = course[current..].iter().sum();
        (begins.is_some() || ends.is_some()).then(|| ItemLife { item: name.to_owned(), begins, ends, sold, planned })
    });
    let mut lives: Vec<ItemLife> = lives.collect();
    sort_by(&mut lives, |a, b| b.planned.max(b.sold).total_cmp(&a.planned.max(a.sold)));
    lives.truncate(MOST);
    lives
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;
    use crate::calendar::{Bucket, Horizon};
    use crate::refs::RowId;

    /// Three years of months: what was sold in the first two, what is planned in the third.
    fn plan(rows: &[(&str, [f64; 24], [f64; 12])]) -> SheetFrame {
        let months: Vec<String> = (0..36).map(|place| format!("{}-{:02}", 2024 + place / 12, place % 12 + 1)).collect();
        let horizon = Horizon {
            first: months[0].parse().unwrap(),
            current: months[24].parse().unwrap(),
            last: months[35].parse().unwrap(),
        };
        let measure = |id: &str, kind: &str, order: u32| json!({"id": id, "name": id, "kind": kind, "timed": kind != "key", "order": order});
        let mut columns = vec![json!({"col": "item", "values": rows.iter().map(|row| row.0).collect::<Vec<_>>()})];
        for (place, month) in months.iter().enumerate() {
            let (measure, values): (_, Vec<f64>) = match place.checked_sub(24) {
                None => ("history", rows.iter().map(|row| row.1[place]).collect()),
                Some(ahead) => ("consensus", rows.iter().map(|row| row.2[ahead]).collect()),
            };
            columns.push(json!({"col": format!("{measure}@{month}"), "values": values}));
        }
        serde_json::from_value(json!({
            "info": {"id": "demand", "title": "Demand", "kind": "planning", "position": "a", "role": "demand"},
            "meta": {"kind": "planning", "title": "Demand", "epoch": 0, "horizon": horizon},
            "measures": [measure("item", "key", 0), measure("history", "input", 1), measure("consensus", "input", 2)],
            "columns": columns,
            "rows": rows.iter().map(|row| RowId::of_key(&[row.0])).collect::<Vec<_>>(),
        }))
        .unwrap()
    }

    fn sold(from: usize, until: usize) -> [f64; 24] {
        std::array::from_fn(|place| if (from..until).contains(&place) { 10.0 } else { 0.0 })
    }

    fn planned(from: usize, until: usize) -> [f64; 12] {
        std::array::from_fn(|place| if (from..until).contains(&place) { 20.0 } else { 0.0 })
    }

    #[test]
    fn items_that_begin_or_end_are_told_with_when() {
        let found = item_lives(&[plan(&[
            ("Runs", sold(0, 24), planned(0, 12)),
            ("Began in August", sold(19, 24), planned(0, 12)),
            ("Began long ago", sold(3, 24), planned(0, 12)),
            ("Comes in April", sold(0, 0), planned(3, 12)),
            ("Ends in February", sold(0, 24), planned(0, 2)),
            ("Ended in November", sold(0, 23), planned(0, 0)),
            ("Gone for years", sold(0, 5), planned(0, 0)),
            ("Sells until October", sold(0, 24), planned(0, 10)),
            ("Never sold", sold(0, 0), planned(0, 0)),
        ])]);
        let told = found.iter().map(|life| {
            let bucket = |bucket: Option<Bucket>| bucket.map_or_else(|| "-".to_owned(), |bucket| bucket.to_string());
            let (begins, ends) = (bucket(life.begins), bucket(life.ends));
            format!("{}: {begins} {ends}, {} sold, {} planned", life.item, life.sold, life.planned)
        });
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                "Began in August: 2025-08 -, 50 sold, 240 planned",
                "Comes in April: 2026-04 -, 0 sold, 180 planned",
                "Ends in February: - 2026-02, 120 sold, 40 planned",
                "Ended in November: - 2025-11, 110 sold, 0 planned",
            ]
        );
    }

    #[test]
    fn a_plan_without_history_tells_of_no_item() {
        assert!(item_lives(&[plan(&[("Tea", sold(0, 0), planned(0, 12))])]).is_empty());
        assert!(item_lives(&[]).is_empty());
    }
}
