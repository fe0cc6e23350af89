//! Why a key figure differs between two versions: a sum, or a sum over another, by the lines it is made of.
//!
//! With `n` and `d` what a line adds to numerator and denominator, `r = n/d` its own figure, `R = Σn/Σd` the whole one and
//! `w = d/Σd` its weight, in the first version and in the second (′):
//!
//! * rate `n′/Σd′ − w′·r`: lines that do better or worse than they did, at their new weights;
//! * weight `w′·r − n/Σd − (w′ − w)·R`: more weight for lines that did better or worse than the whole;
//! * horizon: what is due to buckets only one of the versions has.
//!
//! They sum to `R′ − R`. A line without weight in the first version takes the whole's figure for its own.
//! Source: shift-share analysis (Dunn, 1960), as variance analysis has it for rates.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::bridge::{Bridge, BridgeError, Cause, Figure, NOTHING, bridge, parts};
use super::frame::FrameReader;
use super::level::Level;
use super::ratio_bridge;
use super::statement_bridge;
use super::summary::kpi_lines;
use crate::calendar::Bucket;
use crate::doc::MeasureKind;
use crate::kpi;
use crate::refs::MeasureId;
use crate::wire::SheetFrame;

/// A line is in full from this share of what was demanded on, as the scorecard counts it.
const IN_FULL: f64 = 0.995;
/// The scorecard's figure may differ from the sum by this share: it sums in another order.
const SAME: f64 = 1e-7;

/// How a figure is made of the measures of a sheet's rows.
struct Recipe {
    kpi: &'static str,
    role: &'static str,
    /// Each by its id; where a sheet of an earlier program lacks it, by the one after it.
    measures: [&'static [&'static str]; 2],
    /// Of the measures in a bucket: what they add to numerator and denominator.
    terms: fn(f64, f64) -> (f64, f64),
    /// What the sum is taken from: an accuracy is 1 less an error.
    less_from: Option<f64>,
    /// Whether there is nothing to divide by.
    is_sum: bool,
}

impl Recipe {
    const fn ratio(
        kpi: &'static str,
        role: &'static str,
        measures: [&'static [&'static str]; 2],
        terms: fn(f64, f64) -> (f64, f64),
    ) -> Self {
        Self { kpi, role, measures, terms, less_from: None, is_sum: false }
    }
}

/// The key figures that [`bridge_kpi`] knows, by their ids in the dictionary with their names there: pages that offer them
/// need no dictionary.
pub const BRIDGED_KPIS: [(&str, &str); 23] = [
    ("unit_fill_rate", "Unit fill rate"),
    ("otif", "On time in full"),
    ("gross_profit", "Gross profit"),
    ("gross_margin", "Gross profit margin"),
    ("cost_to_serve", "Cost to serve"),
    ("wape", "Weighted absolute percentage error"),
    ("mape", "Mean absolute percentage error"),
    ("smape", "Symmetric MAPE"),
    ("mase", "Mean absolute scaled error"),
    ("bias", "Bias"),
    ("tracking_signal", "Tracking signal"),
    ("forecast_accuracy", "Forecast accuracy"),
    ("utilisation", "Capacity utilisation"),
    ("lost_sales", "Lost sales"),
    ("stock_days", "Stock days"),
    ("inventory_turnover", "Inventory turnover"),
    ("profit_margin", "Profit margin"),
    ("nwc_ratio", "Net working capital ratio"),
    ("current_ratio", "Current ratio"),
    ("return_on_assets", "Return on assets"),
    ("eps_diluted", "Earnings per share (diluted)"),
    ("cash_flow", "Cash flow"),
    ("cash_to_cash", "Cash-to-cash"),
];

/// What is delivered of a bucket's demand by its end.
const IN_TIME: &[&str] = &["ontime", "served"];
const FORECAST: [&[&str]; 2] = [&["history"], &["lag1"]];

const RECIPES: [Recipe; 11] = [
    Recipe::ratio("unit_fill_rate", "profit", [&["demand"], IN_TIME], |asked, done| (done.min(asked).max(0.0), asked)),
    Recipe::ratio("otif", "profit", [&["demand"], IN_TIME], |asked, done| {
        let is_due = f64::from(u8::from(asked > 0.0));
        (if done < IN_FULL * asked { 0.0 } else { is_due }, is_due)
    }),
    Recipe::ratio("gross_margin", "profit", [&["revenue"], &["supplycost"]], |earned, spent| (earned - spent, earned)),
    Recipe::ratio("cost_to_serve", "profit", [&["revenue"], &["supplycost"]], |earned, spent| (spent, earned)),
    Recipe::ratio("wape", "demand", FORECAST, |came, said| ((said - came).abs(), came)),
    // Means over buckets are sums of their errors over how many there are.
    Recipe::ratio("mape", "demand", FORECAST, |came, said| {
        if came == 0.0 { (0.0, 0.0) } else { ((said - came).abs() / came.abs(), 1.0) }
    }),
    Recipe::ratio("smape", "demand", FORECAST, |came, said| {
        let size = came.abs() + said.abs();
        (if size == 0.0 { 0.0 } else { 2.0 * (said - came).abs() / size }, 1.0)
    }),
    Recipe::ratio("bias", "demand", FORECAST, |came, said| (said - came, came)),
    Recipe {
        less_from: Some(1.0),
        ..Recipe::ratio("forecast_accuracy", "demand", FORECAST, |came, said| ((said - came).abs(), came))
    },
    Recipe::ratio("utilisation", "utilisation", [&["available"], &["hours"]], |available, hours| (hours, available)),
    Recipe {
        is_sum: true,
        ..Recipe::ratio("lost_sales", "profit", [&["lostsales"], &["lostsales"]], |lost, _| (lost, 0.0))
    },
];

/// Revenue less supply cost: bridged as profit is, by price, volume and mix.
const GROSS_PROFIT: &str = "gross_profit";

/// The roles of sheets that tell more of a key figure where a version has them.
pub fn further_roles_of_kpi(kpi: &str) -> Vec<&'static str> {
    ratio_bridge::further_roles(kpi)
}

/// The roles of the sheets whose rows a key figure is made of; none where it is no sum over rows.
pub fn roles_of_kpi(kpi: &str) -> Vec<&'static str> {
    if kpi == GROSS_PROFIT {
        return vec!["profit"];
    }
    let one = RECIPES.iter().find(|recipe| recipe.kpi == kpi).map(|recipe| vec![recipe.role]);
    one.or_else(|| ratio_bridge::roles(kpi)).or_else(|| statement_bridge::roles(kpi)).unwrap_or_default()
}

/// Why a key figure of the dictionary has no bridge.
fn why_none(kpi: &str) -> &'static str {
    match kpi {
        "revenue" => "it is bridged by price, volume and mix: ask for revenue itself",
        "fva" => "it is one error less another over the same buckets: bridge each of the two",
        "cancelled_orders" | "order_fill_rate" => "it counts orders, and sheets of a plan hold quantities by bucket",
        "service_level" => "it counts buckets of the stock that its formula names, where a plan has several",
        "production_attainment" | "inventory_vs_plan" => {
            "it sets what came against a plan, and a version holds its plan alone"
        }
        "expedite_cost" => "the plan's sheets do not hold what is expedited by row",
        "market_share" => "no sheet of a plan holds the market",
        "plan_changes" | "plan_instability" => "it compares versions itself",
        "decision_execution" => "it counts actions, not quantities of the plan",
        _ => "it is made of other figures by a formula or rule: bridge those",
    }
}

/// Bridges a key figure between two versions, broken down by a [`Level`] of the sheet it is made of; where that sheet has no
/// such level, as hours have no family, by its rows. Of the frames of a version those are read that hold its rows and the scorecard.
///
/// # Errors
/// When the figure is no sum over rows or lines, a sheet lacks what it is made of, or the scorecard counts it in another way.
pub fn bridge_kpi(a: &[SheetFrame], b: &[SheetFrame], kpi: &str, by: &str) -> Result<Bridge, BridgeError> {
    if let Some(bridge) = ratio_bridge::bridge(a, b, kpi, by) {
        return bridge;
    }
    if let Some(bridge) = statement_bridge::bridge(a, b, kpi) {
        return bridge;
    }
    if kpi == GROSS_PROFIT {
        return bridge_gross_profit(a, b, by);
    }
    let known = RECIPES.iter().find(|recipe| recipe.kpi == kpi);
    let recipe = known.ok_or_else(|| BridgeError::NoSum {
        kpi: kpi.to_owned(),
        why: why_none(kpi),
        known: BRIDGED_KPIS.map(|(id, _)| id).to_vec(),
    })?;
    let (side_a, side_b) = (Lines::read(a, recipe, by)?, Lines::read(b, recipe, by)?);
    let both: BTreeSet<Bucket> = side_a.buckets.intersection(&side_b.buckets).copied().collect();
    let (first, second) = (side_a.sums(Some(&both)), side_b.sums(Some(&both)));
    let (whole_a, whole_b) = (side_a.sums(None), side_b.sums(None));
    for (side, whole) in [(&side_a, &whole_a), (&side_b, &whole_b)] {
        side.check(recipe, whole)?;
    }
    let (from, to) = (figure(recipe, &whole_a), figure(recipe, &whole_b));
    if !recipe.is_sum && (first.below == 0.0 || second.below == 0.0) {
        return Err(BridgeError::NoCommon { kpi: kpi.to_owned() });
    }
    let sign = if recipe.less_from.is_some() { -1.0 } else { 1.0 };
    let mut effects: BTreeMap<(Cause, Cow<'_, str>), f64> = BTreeMap::new();
    let mut add = |cause: Cause, line: &str, value: f64| {
        *effects.entry((cause, Cow::Owned(line.to_owned()))).or_default() += sign * value;
    };
    let names: BTreeSet<&String> = whole_a.lines.keys().chain(whole_b.lines.keys()).collect();
    for name in names {
        let of = |sums: &Sums| sums.lines.get(name).copied().unwrap_or_default();
        let ((n, d), (n2, d2)) = (of(&first), of(&second));
        if recipe.is_sum {
            add(Cause::Amount, name, n2 - n);
            add(Cause::Horizon, name, (of(&whole_b).0 - n2) - (of(&whole_a).0 - n));
            continue;
        }
        let own = if d == 0.0 { first.above / first.below } else { n / d };
        let (weight, weight2) = (d / first.below, d2 / second.below);
        add(Cause::Rate, name, n2 / second.below - weight2 * own);
        let moved = weight2 * own - n / first.below - (weight2 - weight) * (first.above / first.below);
        add(Cause::Weight, name, moved);
        let beyond = |whole: &Sums, common: &Sums| of(whole).0 / whole.below - of(common).0 / common.below;
        add(Cause::Horizon, name, beyond(&whole_b, &second) - beyond(&whole_a, &first));
    }
    let unit = kpi_unit(kpi);
    Ok(Bridge { from, to, unit, parts: parts(effects, NOTHING * from.abs().max(to.abs())) })
}

fn bridge_gross_profit(a: &[SheetFrame], b: &[SheetFrame], by: &str) -> Result<Bridge, BridgeError> {
    let sheet = |frames: &'_ [SheetFrame]| {
        let missing = || BridgeError::NoMeasure { sheet: "profit".to_owned(), measure: "revenue".to_owned() };
        frames.iter().position(|frame| frame.info.role == "profit").ok_or_else(missing)
    };
    let (first, second) = (&a[sheet(a)?], &b[sheet(b)?]);
    let keys = first.measures.iter().filter(|measure| matches!(measure.kind, MeasureKind::Key));
    let rows = keys.map(|measure| measure.id.to_string()).collect::<Vec<_>>().join(",");
    let by = if Level::named(first, by).is_some() { by } else { &rows };
    let bridge = bridge(first, second, Figure::Profit, by)?;
    check_shown(GROSS_PROFIT, shown(a, GROSS_PROFIT), bridge.from)?;
    check_shown(GROSS_PROFIT, shown(b, GROSS_PROFIT), bridge.to)?;
    Ok(bridge)
}

/// As the scorecard says it.
pub(super) fn kpi_unit(id: &str) -> String {
    kpi::find(id).map_or_else(String::new, |definition| definition.unit.in_words().to_owned())
}

fn figure(recipe: &Recipe, sums: &Sums) -> f64 {
    let value = if recipe.is_sum { sums.above } else { sums.above / sums.below };
    recipe.less_from.map_or(value, |whole| whole - value)
}

/// What the lines of one version add up to.
#[derive(Default)]
struct Sums {
    above: f64,
    below: f64,
    /// Numerator and denominator by line.
    lines: BTreeMap<String, (f64, f64)>,
}

/// Numerator and denominator of a version by line and bucket.
struct Lines {
    buckets: BTreeSet<Bucket>,
    terms: Vec<(String, Bucket, (f64, f64))>,
    /// What its scorecard shows.
    shown: Option<f64>,
}

impl Lines {
    fn read(frames: &[SheetFrame], recipe: &Recipe, by: &str) -> Result<Self, BridgeError> {
        let missing =
            |measure: &str| BridgeError::NoMeasure { sheet: recipe.role.to_owned(), measure: measure.to_owned() };
        let reader = FrameReader::of_role(frames, recipe.role).ok_or_else(|| missing(recipe.measures[0][0]))?;
        let measure = |names: &[&str]| -> Result<MeasureId, BridgeError> {
            let mut found = names.iter().filter_map(|name| reader.measure(name).filter(|measure| measure.timed));
            found.next().map(|measure| measure.id).ok_or_else(|| missing(names[0]))
        };
        let [first, second] = [measure(recipe.measures[0])?, measure(recipe.measures[1])?];
        let level = Level::named(reader.frame(), by);
        let (all, current) = reader.buckets();
        // What was forecast is judged by what came, everything else is planned.
        let is_past = recipe.role == "demand";
        let (past, plan) = all.split_at(current.min(all.len()));
        let mut found = Self { buckets: BTreeSet::new(), terms: Vec::new(), shown: None };
        for row in 0..reader.len() {
            let line = match &level {
                Some(level) => level.line(&reader, row).into_owned(),
                None => reader.key_text(row),
            };
            for &bucket in if is_past { past } else { plan } {
                found.buckets.insert(bucket);
                let (one, other) = (reader.at(first, row, bucket), reader.at(second, row, bucket));
                let (one, other) = match (one, other) {
                    // A forecast is judged where both are known.
                    (Some(one), Some(other)) => (one, other),
                    _ if is_past => continue,
                    _ => (one.unwrap_or(0.0), other.unwrap_or(0.0)),
                };
                found.terms.push((line.clone(), bucket, (recipe.terms)(one, other)));
            }
        }
        found.shown = shown(frames, recipe.kpi);
        Ok(found)
    }

    /// Over some buckets; over all where none are named.
    fn sums(&self, buckets: Option<&BTreeSet<Bucket>>) -> Sums {
        let mut sums = Sums::default();
        for (line, bucket, (above, below)) in &self.terms {
            if buckets.is_none_or(|buckets| buckets.contains(bucket)) {
                sums.above += above;
                sums.below += below;
                let of = sums.lines.entry(line.clone()).or_default();
                *of = (of.0 + above, of.1 + below);
            }
        }
        sums
    }

    /// Whether the scorecard counts the figure as this does.
    fn check(&self, recipe: &Recipe, whole: &Sums) -> Result<(), BridgeError> {
        let kpi = || recipe.kpi.to_owned();
        if !recipe.is_sum && whole.below == 0.0 {
            return Err(BridgeError::NoCommon { kpi: kpi() });
        }
        check_shown(recipe.kpi, self.shown, figure(recipe, whole))
    }
}

/// What a version's scorecard shows of a key figure.
pub(super) fn shown(frames: &[SheetFrame], kpi: &str) -> Option<f64> {
    kpi_lines(frames).into_iter().find(|line| line.id == kpi).and_then(|line| line.value)
}

/// Whether the scorecard counts a figure as the rows of the plan come to it.
pub(super) fn check_shown(kpi: &str, shown: Option<f64>, counted: f64) -> Result<(), BridgeError> {
    match shown {
        Some(shown) if (shown - counted).abs() > SAME * shown.abs().max(counted.abs()).max(1e-9) => {
            Err(BridgeError::CountedOtherwise { kpi: kpi.to_owned(), shown, counted })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::refs::RowId;

    /// A row: its number, then demand, served, revenue and cost by month.
    type Line = (u8, Vec<[f64; 4]>);

    /// A profit sheet from `first` on, with two lines in each family, and a scorecard that shows `shown`.
    fn plan(first: &str, rows: &[Line], shown: &[(&str, f64)]) -> Vec<SheetFrame> {
        let months = rows.first().map_or(1, |row| row.1.len());
        let first: Bucket = first.parse().unwrap();
        let buckets: Vec<Bucket> = (0..months).map(|month| first.plus(month as i32)).collect();
        let key = |id: &str| json!({"id": id, "name": id, "kind": "key", "timed": false, "order": 0});
        let names = ["demand", "served", "revenue", "supplycost", "lostsales"];
        let mut measures = vec![key("item"), key("family")];
        measures.extend(names.map(|id| json!({"id": id, "name": id, "kind": "layer", "timed": true, "order": 1})));
        let texts = |of: &dyn Fn(u8) -> String| rows.iter().map(|row| of(row.0)).collect::<Vec<_>>();
        let mut columns = vec![
            json!({"col": "item", "values": texts(&|row| format!("i{row}"))}),
            json!({"col": "family", "values": texts(&|row| format!("f{}", row / 2))}),
        ];
        for (which, name) in names.iter().enumerate() {
            for (month, bucket) in buckets.iter().enumerate() {
                let value = |row: &Line| row.1[month].get(which).copied().unwrap_or(row.1[month][0] * 2.0);
                let values: Vec<f64> = rows.iter().map(value).collect();
                columns.push(json!({"col": format!("{name}@{bucket}"), "values": values}));
            }
        }
        let profit = json!({
            "info": {"id": "profit", "title": "Profit", "kind": "planning", "position": "a", "role": "profit"},
            "meta": {"kind": "planning", "title": "Profit", "epoch": 0,
                "horizon": {"first": buckets[0], "current": buckets[0], "last": buckets[months - 1]}},
            "measures": measures, "columns": columns,
            "rows": rows.iter().map(|row| RowId::of_key(&[&row.0.to_string()])).collect::<Vec<_>>(),
        });
        let number = |id: &str| json!({"id": id, "name": id, "kind": "input", "timed": false, "order": 1});
        let kpis = json!({
            "info": {"id": "kpis", "title": "KPIs", "kind": "planning", "position": "b", "role": "kpis"},
            "meta": {"kind": "planning", "title": "KPIs", "epoch": 0},
            "measures": [{"id": "kpi", "name": "KPI", "kind": "key", "timed": false, "order": 0}, number("value"), number("target")],
            "columns": [
                {"col": "kpi", "values": shown.iter().map(|shown| shown.0).collect::<Vec<_>>()},
                {"col": "value", "values": shown.iter().map(|shown| shown.1).collect::<Vec<_>>()},
            ],
            "rows": shown.iter().map(|shown| RowId::of_key(&[shown.0])).collect::<Vec<_>>(),
        });
        [profit, kpis].map(|sheet| serde_json::from_value(sheet).unwrap()).into()
    }

    fn told(bridge: &Bridge) -> Vec<(Cause, f64)> {
        bridge.parts.iter().map(|part| (part.cause, (part.value * 1e9).round() / 1e9)).collect()
    }

    #[test]
    fn a_fill_rate_moves_with_how_lines_are_served_and_with_their_weight() {
        let line = |row, asked: f64, served: f64| (row, vec![[asked, served, 0.0, 0.0]]);
        let before = plan("2026-04", &[line(0, 100.0, 90.0), line(2, 100.0, 50.0)], &[("unit_fill_rate", 0.7)]);
        // The first is served better.
        let better = plan("2026-04", &[line(0, 100.0, 100.0), line(2, 100.0, 50.0)], &[("unit_fill_rate", 0.75)]);
        let found = bridge_kpi(&before, &better, "unit_fill_rate", "Family").unwrap();
        assert_eq!((found.from, found.to, &*found.unit), (0.7, 0.75, "%"));
        assert_eq!(told(&found), [(Cause::Rate, 0.05)]);
        assert_eq!((&*found.parts[0].lines[0].name, found.parts[0].lines.len()), ("f0", 1));
        // More is asked of the one that is served well: nothing is served better or worse.
        let other = plan("2026-04", &[line(0, 300.0, 270.0), line(2, 100.0, 50.0)], &[]);
        assert_eq!(told(&bridge_kpi(&before, &other, "unit_fill_rate", "Family").unwrap()), [(Cause::Weight, 0.1)]);
        // One more month, served in full.
        let longer = [
            (0, vec![[100.0, 90.0, 0.0, 0.0], [200.0, 200.0, 0.0, 0.0]]),
            (2, vec![[100.0, 50.0, 0.0, 0.0], [0.0; 4]]),
        ];
        let longer = bridge_kpi(&before, &plan("2026-04", &longer, &[]), "unit_fill_rate", "Family").unwrap();
        assert_eq!(told(&longer), [(Cause::Horizon, 0.15)]);
    }

    #[test]
    fn what_has_no_bridge_says_why() {
        let rows = [(0, vec![[10.0, 5.0, 9.0, 3.0]])];
        let (told, silent) = (plan("2026-04", &rows, &[("unit_fill_rate", 0.6)]), plan("2026-04", &rows, &[]));
        let refused = |a, b, kpi| bridge_kpi(a, b, kpi, "Family").unwrap_err();
        let told_of = |kpi| refused(&silent, &silent, kpi).to_string();
        assert!(told_of("fva").starts_with("fva has no bridge: it is one error less another"), "{}", told_of("fva"));
        assert!(told_of("market_share").contains("no sheet of a plan holds the market"));
        assert!(told_of("my own").contains("made of other figures"));
        assert!(matches!(refused(&silent, &silent, "stock_days"), BridgeError::NoMeasure { .. }));
        assert!(matches!(refused(&silent, &silent, "wape"), BridgeError::NoMeasure { .. }));
        let otherwise = BridgeError::CountedOtherwise { kpi: "unit_fill_rate".into(), shown: 0.6, counted: 0.5 };
        assert_eq!(refused(&silent, &told, "unit_fill_rate"), otherwise);
        let later = plan("2026-08", &rows, &[]);
        assert!(matches!(refused(&silent, &later, "unit_fill_rate"), BridgeError::NoCommon { .. }));
        let sum = bridge_kpi(&silent, &later, "lost_sales", "Family").unwrap();
        assert_eq!((sum.from, sum.to, sum.parts.len()), (20.0, 20.0, 0), "what goes is what comes");
    }

    #[test]
    fn gross_profit_has_the_parts_of_profit() {
        // Ten more units of the first row, at a cost of 2 more each.
        let a = plan("2026-04", &[(0, vec![[10.0, 10.0, 100.0, 60.0]])], &[("gross_profit", 40.0)]);
        let b = plan("2026-04", &[(0, vec![[20.0, 20.0, 200.0, 160.0]])], &[("gross_profit", 40.0)]);
        let found = bridge_kpi(&a, &b, "gross_profit", "Family").unwrap();
        let parts: Vec<(Cause, f64)> = found.parts.iter().map(|part| (part.cause, part.value)).collect();
        assert_eq!((parts, &*found.unit), (vec![(Cause::Volume, 40.0), (Cause::Cost, -40.0)], "money"));
        let otherwise = plan("2026-04", &[(0, vec![[10.0, 10.0, 100.0, 60.0]])], &[("gross_profit", 41.0)]);
        assert!(matches!(
            bridge_kpi(&a, &otherwise, "gross_profit", "Family"),
            Err(BridgeError::CountedOtherwise { .. })
        ));
    }

    #[test]
    fn what_is_offered_is_known_and_called_as_in_the_dictionary() {
        for (id, name) in &BRIDGED_KPIS {
            assert_eq!(*name, kpi::find(id).unwrap().name);
            assert!(!roles_of_kpi(id).is_empty(), "{id}");
        }
        for definition in kpi::all() {
            let has_bridge = BRIDGED_KPIS.iter().any(|(id, _)| *id == definition.id);
            assert_eq!(has_bridge, !roles_of_kpi(&definition.id).is_empty(), "{}", definition.id);
        }
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_difference(
            before in prop::collection::btree_map(0_u8..9, prop::array::uniform2(prop::array::uniform4(1_u16..900)), 1..8),
            after in prop::collection::btree_map(0_u8..9, prop::array::uniform2(prop::array::uniform4(1_u16..900)), 1..8),
            later in 0_i32..2,
        ) {
            let lines = |rows: &BTreeMap<u8, [[u16; 4]; 2]>| {
                let months = |months: &[[u16; 4]; 2]| months.iter().map(|month| month.map(f64::from)).collect();
                rows.iter().map(|(row, of)| (*row, months(of))).collect::<Vec<Line>>()
            };
            let first: Bucket = "2026-04".parse().unwrap();
            let (a, b) = (plan("2026-04", &lines(&before), &[]), plan(&first.plus(later).to_string(), &lines(&after), &[]));
            for kpi in ["unit_fill_rate", "otif", "gross_profit", "gross_margin", "cost_to_serve", "lost_sales"] {
                let found = bridge_kpi(&a, &b, kpi, "Family").unwrap();
                let sum: f64 = found.parts.iter().map(|part| part.value).sum();
                let largest = found.from.abs().max(found.to.abs()).max(1.0);
                prop_assert!((sum - (found.to - found.from)).abs() < 1e-9 * largest, "{} {:?}", kpi, found);
                for part in &found.parts {
                    let lines: f64 = part.lines.iter().map(|line| line.value).sum();
                    prop_assert!((lines - part.value).abs() < 1e-9 * largest);
                }
            }
        }
    }
}
