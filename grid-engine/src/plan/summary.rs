//! What an executive reads of a plan: money and units by slice and bucket, KPIs, what is short and why.

use std::collections::BTreeMap;
use std::ops::Add;

use super::frame::FrameReader;
use super::lifecycle::item_lives;
use super::links::links;
use super::version::{BucketLine, Headline, KpiLine, PlanSummary, Shortage, SliceLine, UtilisationLine};
use crate::calendar::Bucket;
use crate::doc::{Measure, MeasureKind};
use crate::kpi::{self, Better};
use crate::refs::MeasureId;
use crate::value::order::sort_largest_first;
use crate::wire::{Scalar, SheetFrame};

/// Shortages listed at most: a page is read, not searched.
const SHORTAGES: usize = 12;
/// History shown before the plan, in buckets of a season.
const SEASONS_SHOWN: usize = 2;

/// Summarises a plan from its frames; what a sheet is missing for stays empty.
pub fn summarise(frames: &[SheetFrame], workbook: &str, currency: &str) -> PlanSummary {
    let mut by_bucket = bucket_lines(frames);
    let (by_family, by_region) = slices(frames);
    for line in &mut by_bucket {
        line.profit = line.revenue.zip(line.cost).map(|(revenue, cost)| revenue - cost);
    }
    let total = |figure: fn(&BucketLine) -> Option<f64>| by_bucket.iter().filter_map(figure).reduce(Add::add);
    let (revenue, cost) = (total(|line| line.revenue), total(|line| line.cost));
    let headline = Headline { revenue, cost, profit: revenue.zip(cost).map(|(revenue, cost)| revenue - cost) };
    PlanSummary {
        workbook: workbook.to_owned(),
        currency: currency.to_owned(),
        headline,
        kpis: kpi_lines(frames),
        by_family,
        by_region,
        by_bucket,
        utilisation: utilisation(frames),
        shortages: shortages(frames),
        causes: Vec::new(),
        links: links(frames),
        lives: item_lives(frames),
        unsolved: None,
    }
}

/// A measure's total over all rows of the sheet with this role, by bucket.
fn totals(frames: &[SheetFrame], role: &str, measure: &str) -> BTreeMap<Bucket, f64> {
    let mut totals = BTreeMap::new();
    let Some((reader, measure)) = FrameReader::of_role(frames, role)
        .and_then(|reader| reader.measure(measure).map(|measure| measure.id).map(|measure| (reader, measure)))
    else {
        return totals;
    };
    for bucket in reader.buckets().0 {
        let values = (0..reader.len()).filter_map(|row| reader.at(measure, row, bucket));
        let (count, sum) = values.fold((0, 0.0), |(count, sum), value| (count + 1, sum + value));
        if count > 0 {
            totals.insert(bucket, sum);
        }
    }
    totals
}

fn bucket_lines(frames: &[SheetFrame]) -> Vec<BucketLine> {
    let Some(demand) = FrameReader::of_role(frames, "demand") else {
        return Vec::new();
    };
    let (buckets, current) = demand.buckets();
    let season = buckets.first().map_or(12, |bucket| bucket.grain().season());
    let [history, baseline, consensus] =
        ["history", "baseline", "consensus"].map(|measure| totals(frames, "demand", measure));
    let [served, revenue, cost] = ["served", "revenue", "supplycost"].map(|measure| totals(frames, "profit", measure));
    let budget = totals(frames, "budget", "revenue");
    let shown = buckets.into_iter().skip(current.saturating_sub(season * SEASONS_SHOWN));
    shown
        .map(|bucket| BucketLine {
            bucket,
            history: history.get(&bucket).copied(),
            baseline: baseline.get(&bucket).copied(),
            consensus: consensus.get(&bucket).copied(),
            served: served.get(&bucket).copied(),
            revenue: revenue.get(&bucket).copied(),
            cost: cost.get(&bucket).copied(),
            profit: None,
            budget: budget.get(&bucket).copied(),
        })
        .collect()
}

/// Lines by family and by the demand sheet's partition (its regions), largest revenue first. What is demanded is told by the
/// sheet of profit, or by that of demand where a version holds no other.
fn slices(frames: &[SheetFrame]) -> (Vec<SliceLine>, Vec<SliceLine>) {
    let mut families = BTreeMap::new();
    let mut regions = BTreeMap::new();
    if let Some(demand) = FrameReader::of_role(frames, "demand") {
        let region = demand.frame().meta.partition;
        let (buckets, current) = demand.buckets();
        let season = buckets.first().map_or(12, |bucket| bucket.grain().season());
        let last_season = &buckets[current.saturating_sub(season)..current];
        add(&demand, &mut families, &mut regions, region, last_season, "history", |line, value| line.history += value);
        let planned = &buckets[current..];
        fn more(sum: &mut Option<f64>, value: f64) {
            *sum.get_or_insert(0.0) += value;
        }
        if let Some(profit) = FrameReader::of_role(frames, "profit") {
            let mut add = |measure, into: fn(&mut SliceLine, f64)| {
                add(&profit, &mut families, &mut regions, region, planned, measure, into);
            };
            add("demand", |line, value| more(&mut line.demand, value));
            add("served", |line, value| more(&mut line.served, value));
            add("revenue", |line, value| more(&mut line.revenue, value));
            add("supplycost", |line, value| more(&mut line.cost, value));
        } else {
            add(&demand, &mut families, &mut regions, region, planned, "consensus", |line, value| {
                more(&mut line.demand, value);
            });
        }
        if let Some(budget) = FrameReader::of_role(frames, "budget") {
            add(&budget, &mut families, &mut regions, region, planned, "revenue", |line, value| {
                more(&mut line.budget, value);
            });
        }
    }
    (sorted(families), sorted(regions))
}

fn add<'a>(
    reader: &FrameReader<'a>,
    families: &mut BTreeMap<&'a str, SliceLine>,
    regions: &mut BTreeMap<&'a str, SliceLine>,
    region: Option<MeasureId>,
    buckets: &[Bucket],
    measure: &str,
    into: impl Fn(&mut SliceLine, f64),
) {
    let Some(measure) = reader.measure(measure).map(|measure| measure.id) else {
        return;
    };
    let family = reader.measure("family").map(|measure: &Measure| measure.id);
    for row in 0..reader.len() {
        let value = buckets.iter().filter_map(|&bucket| reader.at(measure, row, bucket)).reduce(Add::add);
        for (key, lines) in [(family, &mut *families), (region, &mut *regions)] {
            if let Some(key) = key.filter(|key| reader.frame().measures.iter().any(|measure| measure.id == *key)) {
                let line = lines.entry(reader.text(key, row)).or_default();
                value.into_iter().for_each(|value| into(line, value));
            }
        }
    }
}

fn sorted(lines: BTreeMap<&str, SliceLine>) -> Vec<SliceLine> {
    let mut lines: Vec<SliceLine> = lines
        .into_iter()
        .filter(|(name, _)| !name.is_empty())
        .map(|(name, line)| {
            let profit = line.revenue.zip(line.cost).map(|(revenue, cost)| revenue - cost);
            SliceLine { name: name.to_owned(), profit, ..line }
        })
        .collect();
    sort_largest_first(&mut lines, |line| line.revenue.or(line.demand).unwrap_or_default());
    lines
}

/// The scorecard.
pub(super) fn kpi_lines(frames: &[SheetFrame]) -> Vec<KpiLine> {
    let Some(sheet) = FrameReader::of_role(frames, "kpis") else {
        return Vec::new();
    };
    let [Some(key), Some(value), Some(target)] = ["kpi", "value", "target"].map(|id| sheet.measure(id)) else {
        return Vec::new();
    };
    // A scorecard with a second key has the same figure of several things.
    let of = sheet.measure("of").filter(|measure| measure.kind == MeasureKind::Key);
    // What a row says of its figure counts before the dictionary, so that a version keeps the definition as it was.
    let said =
        |id: &str, row: usize| sheet.measure(id).map(|it| sheet.text(it.id, row).trim()).filter(|it| !it.is_empty());
    let lines = (0..sheet.len()).filter_map(|row| {
        let key = Some(sheet.text(key.id, row).trim()).filter(|key| !key.is_empty())?;
        let definition = kpi::find(&key.to_lowercase());
        let shown = sheet.number(value.id, row);
        let of = of.map(|of| sheet.text(of.id, row)).unwrap_or_default();
        let name = said("name", row).or_else(|| Some(definition?.name.as_str()));
        let name = name.map_or_else(|| kpi::name_of(key), str::to_owned);
        let words = said("definition", row).or_else(|| Some(definition?.words.as_str()));
        let unit = said("unit", row).or_else(|| Some(definition?.unit.in_words())).unwrap_or_default();
        let better = said("better", row).and_then(Better::named).or_else(|| Some(definition?.better));
        Some(KpiLine {
            id: kpi::figure_id(key, of),
            name: if of.is_empty() { name } else { format!("{name}: {of}") },
            value: shown,
            unit: symbol(unit).to_owned(),
            target: sheet.number(target.id, row),
            better: better.unwrap_or(Better::Higher),
            definition: words
                .or_else(|| said("rule", row))
                .or_else(|| sheet.entered(value.id, row))
                .unwrap_or_default()
                .to_owned(),
            reason: if shown.is_none() {
                sheet.reason(value.id, row).or_else(|| Some("not computed yet".to_owned()))
            } else {
                None
            },
        })
    });
    lines.collect()
}

/// The unit as pages show it.
fn symbol(unit: &str) -> &str {
    match unit {
        "money per share" => "money",
        "count" => "",
        unit => unit,
    }
}

fn utilisation(frames: &[SheetFrame]) -> Vec<UtilisationLine> {
    let Some(sheet) = FrameReader::of_role(frames, "utilisation") else {
        return Vec::new();
    };
    let Some(measure) = sheet.measure("utilisation").map(|measure| measure.id) else {
        return Vec::new();
    };
    let (buckets, current) = sheet.buckets();
    let lines = (0..sheet.len()).map(|row| UtilisationLine {
        resource: sheet.key_text(row),
        by_bucket: buckets[current..]
            .iter()
            .filter_map(|&bucket| Some((bucket, sheet.at(measure, row, bucket)?)))
            .collect(),
    });
    lines.filter(|line| !line.by_bucket.is_empty()).collect()
}

fn shortages(frames: &[SheetFrame]) -> Vec<Shortage> {
    let mut shortages = told_shortages(frames);
    shortages.truncate(SHORTAGES);
    shortages
}

/// What the summary sheet's solve says is short: lines of item, place, bucket, quantity and cause.
pub(super) fn told_shortages(frames: &[SheetFrame]) -> Vec<Shortage> {
    let Some(sheet) = FrameReader::of_role(frames, "summary") else {
        return Vec::new();
    };
    let columns: Vec<&[Scalar]> = sheet.frame().columns.iter().map(|column| column.values.as_slice()).collect();
    let lines = (0..sheet.len()).filter_map(|row| {
        let [Scalar::Text(what), Scalar::Number(quantity), Scalar::Text(cause)] =
            [columns.first()?.get(row)?, columns.get(1)?.get(row)?, columns.get(2)?.get(row)?]
        else {
            return None;
        };
        let (place, bucket) = what.strip_prefix(SHORT)?.rsplit_once(", ")?;
        let (item, region) = place.split_once(" / ")?;
        Some(Shortage {
            item: item.to_owned(),
            region: region.to_owned(),
            bucket: bucket.parse().ok()?,
            quantity: *quantity,
            cause: cause.to_string(),
        })
    });
    lines.collect()
}

/// How a line of the solve's answer that names a shortage begins: `Short: Still 1 L / DACH, 2027-04`.
pub const SHORT: &str = "Short: ";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;
    use crate::calendar::Horizon;
    use crate::refs::RowId;

    /// A planning sheet of three months, the first of them history: its measures with their values by row.
    fn sheet(role: &str, keys: &[[&str; 3]], timed: &[(&str, &[[f64; 3]])]) -> SheetFrame {
        let months = ["2026-03", "2026-04", "2026-05"];
        let [first, current, last] = months.map(|month| month.parse().unwrap());
        let measure = |id: &str, timed: bool| json!({"id": id, "name": id, "kind": if timed { "input" } else { "key" }, "timed": timed, "order": 0});
        let names = ["item", "family", "region"];
        let text = |place: usize| keys.iter().map(|key| key[place]).collect::<Vec<_>>();
        let mut columns: Vec<_> = (0..3).map(|place| json!({"col": names[place], "values": text(place)})).collect();
        for (id, rows) in timed {
            let column = |(place, month): (usize, &&str)| json!({"col": format!("{id}@{month}"), "values": rows.iter().map(|row| row[place]).collect::<Vec<_>>()});
            columns.extend(months.iter().enumerate().map(column));
        }
        let measures =
            names.iter().map(|name| measure(name, false)).chain(timed.iter().map(|(id, _)| measure(id, true)));
        serde_json::from_value(json!({
            "info": {"id": role, "title": role, "kind": "planning", "position": "a", "role": role},
            "meta": {
                "kind": "planning", "title": role, "epoch": 0, "horizon": Horizon { first, current, last }, "partition": "region",
            },
            "measures": measures.collect::<Vec<_>>(),
            "columns": columns,
            "rows": keys.iter().map(|key| RowId::of_key(&key[..1])).collect::<Vec<_>>(),
        }))
        .unwrap()
    }

    const KEYS: [[&str; 3]; 2] = [["Still", "Water", "North"], ["Cola", "Soft", "South"]];

    #[test]
    fn a_version_of_demand_tells_demand_and_nothing_of_money_or_service() {
        let plan: (&str, &[[f64; 3]]) = ("consensus", &[[1.0, 10.0, 20.0], [1.0, 5.0, 5.0]]);
        let demand = sheet("demand", &KEYS, &[plan, ("history", &[[8.0, 0.0, 0.0], [9.0, 0.0, 0.0]])]);
        let told = summarise(&[demand], "Plan", "EUR");
        assert_eq!(told.headline, Headline::default());
        let line = |name: &str, demand: f64, history: f64| SliceLine {
            name: name.into(),
            demand: Some(demand),
            history,
            ..SliceLine::default()
        };
        assert_eq!(told.by_family, [line("Water", 30.0, 8.0), line("Soft", 10.0, 9.0)]);
        assert_eq!(told.by_region, [line("North", 30.0, 8.0), line("South", 10.0, 9.0)]);
        assert!(!told.tells_service());
        // What is not there is left out of files, not written as a zero of either sign.
        let text = serde_json::to_string(&told.headline).unwrap();
        assert_eq!(text, r#"{"revenue":null,"cost":null,"profit":null}"#);
        assert_eq!(summarise(&[], "Plan", "EUR").headline, Headline::default());
    }

    #[test]
    fn a_whole_plan_tells_what_its_sheets_hold() {
        let demand = sheet("demand", &KEYS, &[("consensus", &[[1.0, 10.0, 20.0], [1.0, 5.0, 5.0]])]);
        let profit = sheet(
            "profit",
            &KEYS,
            &[
                ("demand", &[[0.0, 10.0, 20.0], [0.0, 5.0, 5.0]]),
                ("served", &[[0.0, 10.0, 18.0], [0.0, 5.0, 5.0]]),
                ("revenue", &[[0.0, 40.0, 72.0], [0.0, 50.0, 50.0]]),
                ("supplycost", &[[0.0, 20.0, 30.0], [0.0, 40.0, 70.0]]),
            ],
        );
        let told = summarise(&[demand, profit], "Plan", "EUR");
        assert_eq!(told.headline, Headline { revenue: Some(212.0), cost: Some(160.0), profit: Some(52.0) });
        let profits: Vec<_> =
            told.by_family.iter().map(|line| (line.name.as_str(), line.served, line.profit)).collect();
        assert_eq!(profits, [("Water", Some(28.0), Some(62.0)), ("Soft", Some(10.0), Some(-10.0))]);
        assert!(told.tells_service());
        // Summaries of before, which had numbers throughout, are read.
        let of_before = r#"{"revenue":0.0,"cost":-0.0,"profit":0.0}"#;
        assert_eq!(serde_json::from_str::<Headline>(of_before).unwrap().revenue, Some(0.0));
    }
}
