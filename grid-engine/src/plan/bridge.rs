//! Why a figure of the plan differs between two versions, in parts that sum to the difference exactly.
//!
//! Price-volume-mix analysis on the rows of the profit sheet, with what was not served and what moved in time apart.
//! With unit values `r` (revenue) and `c` (cost) of the first version, quantities served `Q = D − S` (demand less
//! what is not served), and `M` the first version's mean value of a unit:
//!
//! * volume `ΔD·M`, mix `ΔD·(r − c − M)`, constraint `−ΔS·(r − c)`;
//! * price `Σ Q₂·Δp` by bucket, timing `Σ Q₂·p₁ − Q₂·r`: the same units in buckets with other prices;
//! * cost `−Q₂·Δc`; horizon: buckets only one of the versions plans.
//!
//! A row the first version does not have takes the second's unit values: it is all volume, mix and constraint.
//! Source: price-volume-mix variance analysis (Horngren, Datar & Rajan, Cost Accounting, flexible budgets).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::changes::{WhoChanged, who_changed};
use super::frame::FrameReader;
use super::level::Level;
use super::scenario::{Axis, axis_of};
use crate::calendar::Bucket;
use crate::refs::{MeasureId, RowId, SheetId};
use crate::wire::SheetFrame;

/// A figure that can be bridged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Figure {
    Profit,
    Revenue,
    Cost,
}

impl Figure {
    /// The figure of this id.
    pub fn named(id: &str) -> Option<Self> {
        [Self::Profit, Self::Revenue, Self::Cost].into_iter().find(|figure| figure.name().eq_ignore_ascii_case(id))
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Profit => "Profit",
            Self::Revenue => "Revenue",
            Self::Cost => "Cost",
        }
    }
}

/// What made a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// Demand in total, at the mean value of a unit.
    Volume,
    /// Demand for units worth more or less than the mean.
    Mix,
    /// Demand that supply could not serve.
    Constraint,
    Price,
    Cost,
    /// The same units in buckets with other prices.
    Timing,
    /// Lines whose own figure is another.
    Rate,
    /// Lines with more or less weight in the whole figure.
    Weight,
    /// What lines come to, of a figure that is their sum.
    Amount,
    /// What is used up, of a figure that sets stock against it.
    Usage,
    /// What a signal is measured by, such as the size of errors.
    Yardstick,
    /// What the income statement earns and spends.
    Earned,
    /// What stands in the balance sheet.
    Balance,
    /// The company's shares, and what they could become.
    Shares,
    /// Buckets that only one of the versions plans.
    Horizon,
}

impl Cause {
    const ALL: [Self; 7] =
        [Self::Volume, Self::Mix, Self::Constraint, Self::Price, Self::Cost, Self::Timing, Self::Horizon];

    /// Whether what is entered in sheets of a role can make it. What is planned beyond the other version's months is nobody's
    /// entry.
    pub fn comes_from(self, role: &str) -> bool {
        match self {
            Self::Volume | Self::Mix | Self::Timing => axis_of(role) == Axis::Demand,
            Self::Constraint => axis_of(role) == Axis::Supply,
            Self::Price => role == "prices",
            Self::Cost => role != "prices" && axis_of(role) != Axis::Demand,
            Self::Rate | Self::Amount | Self::Usage | Self::Yardstick | Self::Earned | Self::Balance => true,
            Self::Shares => role == "finance.inputs",
            Self::Weight => axis_of(role) == Axis::Demand,
            Self::Horizon => false,
        }
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Volume => "Volume",
            Self::Mix => "Mix",
            Self::Constraint => "Constraint",
            Self::Price => "Price",
            Self::Cost => "Cost",
            Self::Timing => "Timing",
            Self::Rate => "Rate",
            Self::Weight => "Weight",
            Self::Amount => "Amount",
            Self::Usage => "Usage",
            Self::Yardstick => "Yardstick",
            Self::Earned => "Income",
            Self::Balance => "Balance sheet",
            Self::Shares => "Shares",
            Self::Horizon => "Horizon",
        }
    }

    /// What it means, for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Volume => "More or less demand in total, at the mean value of a unit",
            Self::Mix => "Demand moved to products and customers worth more or less than the mean",
            Self::Constraint => "Demand that supply can or cannot serve",
            Self::Price => "Other prices for what is served",
            Self::Cost => "Other supply cost of what is served",
            Self::Timing => "The same units in months with other prices",
            Self::Rate => "Lines whose own figure is better or worse than it was",
            Self::Weight => "More of the whole in lines that did better or worse than it",
            Self::Amount => "Lines that come to more or less than they did",
            Self::Usage => "More or less used up, at cost, for the same stock",
            Self::Yardstick => "What it is measured by is larger or smaller",
            Self::Earned => "Lines of the income statement that come to more or less",
            Self::Balance => "Lines of the balance sheet that come to more or less",
            Self::Shares => "More or fewer shares, and what conversion would bring",
            Self::Horizon => "Months that only one of the versions plans",
        }
    }
}

/// The way from a figure of one version to that of another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bridge {
    pub from: f64,
    pub to: f64,
    /// As the scorecard says it: `money`, `days`, `×`, or `%` where 0.01 is a percentage point.
    #[serde(default)]
    pub unit: String,
    /// Their values sum to `to − from`; causes without effect are left out.
    pub parts: Vec<BridgePart>,
}

/// What one cause contributes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BridgePart {
    pub cause: Cause,
    pub value: f64,
    /// By the key asked for; they sum to the value. Largest effect first.
    pub lines: Vec<BridgeLine>,
    /// Who entered something that may have made it, once [`Bridge::tell`] has been told.
    #[serde(default)]
    pub people: Vec<WhoChanged>,
}

/// What one cause contributes on one line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BridgeLine {
    pub name: String,
    pub value: f64,
    /// Who entered something in its rows.
    #[serde(default)]
    pub people: Vec<WhoChanged>,
}

/// What a person entered in a sheet between the two versions.
#[derive(Clone, Debug, PartialEq)]
pub struct Entered {
    /// The role of the sheet.
    pub role: String,
    pub row: (SheetId, RowId),
    /// The line of the bridge the row belongs to; `None` where the sheet is not told by that level.
    pub line: Option<String>,
    pub name: String,
    pub why: Option<String>,
}

impl Bridge {
    /// Puts beside causes and lines who entered what they may come from.
    pub fn tell(&mut self, entries: &[Entered]) {
        let people = |entries: &[&Entered]| {
            who_changed(entries.iter().map(|entry| (entry.row, entry.name.as_str(), entry.why.as_deref())))
        };
        for part in &mut self.parts {
            let here: Vec<&Entered> = entries.iter().filter(|entry| part.cause.comes_from(&entry.role)).collect();
            part.people = people(&here);
            // An import enters many thousands, and lines are many: each entry is looked at once.
            let mut by_line: HashMap<&str, Vec<&Entered>> = HashMap::new();
            for entry in here {
                if let Some(line) = &entry.line {
                    by_line.entry(line).or_default().push(entry);
                }
            }
            for line in &mut part.lines {
                line.people = by_line.get(line.name.as_str()).map(|entries| people(entries)).unwrap_or_default();
            }
        }
    }
}

/// Why there is no bridge.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BridgeError {
    #[error("the sheet {sheet} has no measure {measure:?}, which a bridge is made of")]
    NoMeasure { sheet: String, measure: String },
    #[error("the sheet {sheet} has no column {by:?} to break the bridge down by")]
    NoKey { sheet: String, by: String },
    #[error("{kpi} has no bridge: {why}; these have one: {known}", known = known.join(", "))]
    NoSum { kpi: String, why: &'static str, known: Vec<&'static str> },
    #[error("{kpi} cannot be bridged: in one of the versions, {what}")]
    Lacks { kpi: String, what: String },
    #[error("{kpi} cannot be bridged: in the months both versions have, one of them has nothing to divide by")]
    NoCommon { kpi: String },
    #[error(
        "{kpi} cannot be bridged: the scorecard counts {shown}, the rows of the plan come to {counted}; see its formula on the scorecard"
    )]
    CountedOtherwise { kpi: String, shown: f64, counted: f64 },
}

/// Effects below this share of the figures are rounding.
pub(super) const NOTHING: f64 = 1e-12;

/// Bridges a figure between the profit sheets of two versions, broken down by a [`Level`].
///
/// # Errors
/// When a sheet lacks what the bridge is made of.
pub fn bridge(a: &SheetFrame, b: &SheetFrame, figure: Figure, by: &str) -> Result<Bridge, BridgeError> {
    let (side_a, side_b) = (Side::read(a, by)?, Side::read(b, by)?);
    let common: BTreeSet<Bucket> = side_a.buckets.intersection(&side_b.buckets).copied().collect();
    let (rows_a, rows_b) = (side_a.rows(&common), side_b.rows(&common));
    let weights = match figure {
        Figure::Profit => (1.0, -1.0),
        Figure::Revenue => (1.0, 0.0),
        Figure::Cost => (0.0, 1.0),
    };
    let mean_unit = mean_unit(rows_a.values(), weights).or_else(|| mean_unit(rows_b.values(), weights)).unwrap_or(0.0);

    let mut effects: BTreeMap<(Cause, Cow<'_, str>), f64> = BTreeMap::new();
    let keys: BTreeSet<&String> = rows_a.keys().chain(rows_b.keys()).collect();
    let none = Row::default();
    for key in keys {
        let (first, second) = (rows_a.get(key).unwrap_or(&none), rows_b.get(key).unwrap_or(&none));
        let line = if second.line.is_empty() { &first.line } else { &second.line };
        for (cause, value) in Cause::ALL.into_iter().zip(row_effects(first, second, weights, mean_unit)) {
            *effects.entry((cause, line.clone())).or_default() += value;
        }
    }
    for (side, sign) in [(&side_a, -1.0), (&side_b, 1.0)] {
        let beyond: BTreeSet<Bucket> = side.buckets.difference(&common).copied().collect();
        for row in side.rows(&beyond).into_values() {
            let value = sign * row.total(weights);
            *effects.entry((Cause::Horizon, row.line)).or_default() += value;
        }
    }
    let total = |side: &Side| side.rows(&side.buckets).values().map(|row| row.total(weights)).sum::<f64>();
    let (from, to) = (total(&side_a), total(&side_b));
    Ok(Bridge { from, to, unit: "money".to_owned(), parts: parts(effects, NOTHING * from.abs().max(to.abs())) })
}

/// One version's profit sheet.
struct Side<'a> {
    reader: FrameReader<'a>,
    buckets: BTreeSet<Bucket>,
    level: Level,
    measures: [MeasureId; 4],
}

/// Quantities and money of one row in some buckets.
#[derive(Default)]
struct Row<'a> {
    line: Cow<'a, str>,
    demand: f64,
    served: f64,
    revenue: f64,
    cost: f64,
    /// Served and revenue by bucket.
    by_bucket: BTreeMap<Bucket, (f64, f64)>,
}

impl<'a> Side<'a> {
    fn read(frame: &'a SheetFrame, by: &str) -> Result<Self, BridgeError> {
        let reader = FrameReader::new(frame);
        let sheet = || frame.info.title.clone();
        let level = Level::named(frame, by).ok_or_else(|| BridgeError::NoKey { sheet: sheet(), by: by.to_owned() })?;
        let measure = |name: &str| {
            let found = reader.measure(name).filter(|measure| measure.timed).map(|measure| measure.id);
            found.ok_or_else(|| BridgeError::NoMeasure { sheet: sheet(), measure: name.to_owned() })
        };
        let measures = [measure("demand")?, measure("served")?, measure("revenue")?, measure("supplycost")?];
        let (buckets, current) = reader.buckets();
        Ok(Self { buckets: buckets.into_iter().skip(current).collect(), reader, level, measures })
    }

    /// Rows by their key, so that those of two versions meet.
    fn rows(&self, buckets: &BTreeSet<Bucket>) -> BTreeMap<String, Row<'a>> {
        let mut rows: BTreeMap<String, Row<'a>> = BTreeMap::new();
        for place in 0..self.reader.len() {
            let row = rows.entry(self.reader.key_text(place)).or_default();
            row.line = self.level.line(&self.reader, place);
            for &bucket in buckets {
                let [demand, served, revenue, cost] =
                    self.measures.map(|measure| self.reader.at(measure, place, bucket).unwrap_or(0.0));
                row.demand += demand;
                row.served += served;
                row.revenue += revenue;
                row.cost += cost;
                let in_bucket = row.by_bucket.entry(bucket).or_default();
                *in_bucket = (in_bucket.0 + served, in_bucket.1 + revenue);
            }
        }
        rows
    }
}

impl Row<'_> {
    fn total(&self, (revenue, cost): (f64, f64)) -> f64 {
        revenue * self.revenue + cost * self.cost
    }

    /// Revenue and cost of a unit.
    fn units(&self) -> Option<(f64, f64)> {
        (self.served != 0.0).then(|| (self.revenue / self.served, self.cost / self.served))
    }

    fn price(&self, bucket: Bucket) -> Option<f64> {
        let (served, revenue) = self.by_bucket.get(&bucket)?;
        (*served != 0.0).then(|| revenue / served)
    }
}

/// What a unit is worth over all rows.
fn mean_unit<'a>(rows: impl Iterator<Item = &'a Row<'a>>, weights: (f64, f64)) -> Option<f64> {
    let (units, value) = rows.fold((0.0, 0.0), |(units, value), row| (units + row.served, value + row.total(weights)));
    (units != 0.0).then(|| value / units)
}

/// The effects in the order of [`Cause::ALL`].
fn row_effects(a: &Row, b: &Row, (of_revenue, of_cost): (f64, f64), mean_unit: f64) -> [f64; 7] {
    let (revenue, cost) = a.units().or_else(|| b.units()).unwrap_or((0.0, 0.0));
    let unit = of_revenue * revenue + of_cost * cost;
    let demand = b.demand - a.demand;
    let short = (b.demand - b.served) - (a.demand - a.served);
    let more = b.served - a.served;
    let price: f64 = b
        .by_bucket
        .iter()
        .map(|(bucket, (served, money))| {
            let before = a.price(*bucket).or(a.units().map(|(revenue, _)| revenue)).or_else(|| b.price(*bucket));
            money - served * before.unwrap_or(0.0)
        })
        .sum();
    // What revenue changed by at unchanged quantities, whatever the reason.
    let at_same_units = b.revenue - a.revenue - more * revenue;
    [
        demand * mean_unit,
        demand * (unit - mean_unit),
        -short * unit,
        of_revenue * price,
        of_cost * (b.cost - a.cost - more * cost),
        of_revenue * (at_same_units - price),
        0.0,
    ]
}

pub(super) fn parts(effects: BTreeMap<(Cause, Cow<'_, str>), f64>, nothing: f64) -> Vec<BridgePart> {
    let mut parts: Vec<BridgePart> = Vec::new();
    // Ordered by cause first.
    for ((cause, name), value) in effects {
        if parts.last().is_none_or(|part| part.cause != cause) {
            parts.push(BridgePart { cause, value: 0.0, lines: Vec::new(), people: Vec::new() });
        }
        if let Some(part) = parts.last_mut() {
            part.value += value;
            part.lines.push(BridgeLine { name: name.into_owned(), value, people: Vec::new() });
        }
    }
    for part in &mut parts {
        part.lines.retain(|line| line.value.abs() > nothing);
        part.lines.sort_by(|x, y| y.value.abs().total_cmp(&x.value.abs()));
    }
    parts.retain(|part| !part.lines.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    /// A row: item, region, then demand, served, revenue and cost by bucket.
    type Line = (&'static str, &'static str, Vec<[f64; 4]>);

    fn sheet(current: &str, last: &str, rows: &[Line]) -> SheetFrame {
        let key = |id: &str, name: &str| json!({"id": id, "name": name, "kind": "key", "timed": false, "order": 0});
        let names = ["demand", "served", "revenue", "supplycost"];
        let mut columns = vec![
            json!({"col": "item", "values": rows.iter().map(|row| row.0).collect::<Vec<_>>()}),
            json!({"col": "region", "values": rows.iter().map(|row| row.1).collect::<Vec<_>>()}),
        ];
        let mut measures = vec![key("item", "Item"), key("region", "Region")];
        let horizon = json!({"first": current, "current": current, "last": last});
        let buckets: crate::calendar::Horizon = serde_json::from_value(horizon.clone()).unwrap();
        for (which, name) in names.into_iter().enumerate() {
            measures.push(json!({"id": name, "name": name, "kind": "layer", "timed": true, "order": 2}));
            for (place, bucket) in buckets.buckets().enumerate() {
                let values: Vec<f64> = rows.iter().map(|row| row.2[place][which]).collect();
                columns.push(json!({"col": format!("{name}@{bucket}"), "values": values}));
            }
        }
        serde_json::from_value(json!({
            "info": {"id": "profit", "title": "Profit", "kind": "planning", "position": "a", "role": "profit"},
            "meta": {"kind": "planning", "title": "Profit", "epoch": 0, "horizon": horizon},
            "measures": measures, "columns": columns,
            "rows": rows.iter().map(|row| crate::refs::RowId::of_key(&[row.0, row.1])).collect::<Vec<_>>(),
        }))
        .unwrap()
    }

    #[test]
    fn causes_are_told_with_who_entered_what_they_come_from() {
        let plan = |demand: f64, price: f64| {
            let line = |item, units: f64| (item, "North", vec![[units, units, units * price, units]]);
            sheet("2026-04", "2026-04", &[line("Tea", demand), line("Soap", 50.0)])
        };
        let mut found = bridge(&plan(100.0, 2.0), &plan(120.0, 3.0), Figure::Profit, "item").unwrap();
        let entered = |role: &str, line: Option<&str>, name: &str, why: Option<&str>| Entered {
            role: role.to_owned(),
            row: (role.parse().unwrap(), RowId::of_key(&[line.unwrap_or_default()])),
            line: line.map(str::to_owned),
            name: name.to_owned(),
            why: why.map(str::to_owned),
        };
        found.tell(&[
            entered("demand", Some("Tea"), "Nora", Some("Fair")),
            entered("demand", Some("Tea"), "Nora", Some("Fair")),
            entered("prices", None, "Fay", Some("New list")),
            entered("capacity", None, "Max", None),
        ]);
        let who = |people: &[WhoChanged]| people.iter().map(|who| (who.name.clone(), who.entries)).collect::<Vec<_>>();
        let part = |cause: Cause| found.parts.iter().find(|part| part.cause == cause).unwrap();
        assert_eq!(who(&part(Cause::Volume).people), [("Nora".to_owned(), 2)]);
        assert_eq!(part(Cause::Volume).people[0].whys, ["Fair"]);
        assert_eq!(who(&part(Cause::Price).people), [("Fay".to_owned(), 1)]);
        let line = |cause: Cause, name: &str| part(cause).lines.iter().find(|line| line.name == name).unwrap();
        assert_eq!(who(&line(Cause::Volume, "Tea").people), [("Nora".to_owned(), 2)]);
        assert_eq!(who(&line(Cause::Price, "Soap").people), [], "prices that are not told by item are nobody's of one");
    }

    fn told(bridge: &Bridge) -> Vec<(Cause, f64)> {
        bridge.parts.iter().map(|part| (part.cause, (part.value * 1e6).round() / 1e6)).collect()
    }

    #[test]
    fn each_cause_alone_is_named_alone() {
        // Ten units at 5 each, costing 3; as many of another item at 9, costing 3: a unit is worth 4 on the average.
        let base = |tea: [f64; 4]| {
            sheet(
                "2026-01",
                "2026-01",
                &[("Tea", "North", vec![tea]), ("Soap", "North", vec![[10.0, 10.0, 90.0, 30.0]])],
            )
        };
        let a = base([10.0, 10.0, 50.0, 30.0]);
        let check = |tea: [f64; 4], figure, expected: &[(Cause, f64)]| {
            let found = bridge(&a, &base(tea), figure, "item").unwrap();
            assert_eq!(told(&found), expected);
        };
        check([10.0, 10.0, 50.0, 30.0], Figure::Profit, &[]);
        check([10.0, 10.0, 60.0, 30.0], Figure::Profit, &[(Cause::Price, 10.0)]);
        check([10.0, 10.0, 50.0, 35.0], Figure::Profit, &[(Cause::Cost, -5.0)]);
        check([10.0, 10.0, 50.0, 35.0], Figure::Cost, &[(Cause::Cost, 5.0)]);
        check([12.0, 12.0, 60.0, 36.0], Figure::Profit, &[(Cause::Volume, 8.0), (Cause::Mix, -4.0)]);
        check([10.0, 7.0, 35.0, 21.0], Figure::Profit, &[(Cause::Constraint, -6.0)]);
        check([10.0, 7.0, 35.0, 21.0], Figure::Revenue, &[(Cause::Constraint, -15.0)]);
    }

    #[test]
    fn units_in_dearer_months_are_timing_and_new_months_the_horizon() {
        let a = sheet("2026-01", "2026-02", &[("Tea", "North", vec![[5.0, 5.0, 10.0, 0.0], [5.0, 5.0, 20.0, 0.0]])]);
        let b = sheet("2026-01", "2026-02", &[("Tea", "North", vec![[3.0, 3.0, 6.0, 0.0], [7.0, 7.0, 28.0, 0.0]])]);
        assert_eq!(told(&bridge(&a, &b, Figure::Profit, "region").unwrap()), [(Cause::Timing, 4.0)]);
        let later = sheet("2026-02", "2026-02", &[("Tea", "North", vec![[5.0, 5.0, 20.0, 0.0]])]);
        assert_eq!(told(&bridge(&a, &later, Figure::Profit, "region").unwrap()), [(Cause::Horizon, -10.0)]);
    }

    #[test]
    fn what_is_missing_is_named() {
        let a = sheet("2026-01", "2026-01", &[("Tea", "North", vec![[1.0; 4]])]);
        let error = bridge(&a, &a, Figure::Profit, "moon").unwrap_err();
        assert_eq!(error.to_string(), "the sheet Profit has no column \"moon\" to break the bridge down by");
        let mut bare = a.clone();
        bare.measures.retain(|measure| measure.name != "revenue");
        assert!(matches!(bridge(&a, &bare, Figure::Profit, "item"), Err(BridgeError::NoMeasure { .. })));
    }

    prop_compose! {
        fn lines()(cells in prop::collection::vec(
            (0..4_usize, prop::collection::vec((0.0..50.0_f64, 0.0..1.0_f64, 0.0..9.0_f64, -5.0..40.0_f64, any::<bool>()), 3)), 0..4)
        ) -> Vec<Line> {
            let mut lines: BTreeMap<usize, Line> = BTreeMap::new();
            for (which, months) in cells {
                let (item, region) = [("Tea", "North"), ("Tea", "South"), ("Soap", "North"), ("Jam", "South")][which];
                let months = months.into_iter().map(|(demand, share, price, cost, any)| {
                    let served = if any { demand * share } else { 0.0 };
                    [demand, served, served * price, cost]
                });
                lines.insert(which, (item, region, months.collect()));
            }
            lines.into_values().collect()
        }
    }

    proptest! {
        #[test]
        fn parts_and_lines_sum_to_the_difference(first in lines(), second in lines(), which in 0..3_usize, rolled: bool) {
            let figure = [Figure::Profit, Figure::Revenue, Figure::Cost][which];
            let a = sheet("2026-01", "2026-03", &first);
            let b = if rolled { sheet("2026-02", "2026-04", &second) } else { sheet("2026-01", "2026-03", &second) };
            let found = bridge(&a, &b, figure, "item").unwrap();
            let sum: f64 = found.parts.iter().map(|part| part.value).sum();
            prop_assert!((sum - (found.to - found.from)).abs() < 1e-6, "{found:?}");
            for part in &found.parts {
                let lines: f64 = part.lines.iter().map(|line| line.value).sum();
                prop_assert!((lines - part.value).abs() < 1e-6, "{part:?}");
            }
        }
    }
}
