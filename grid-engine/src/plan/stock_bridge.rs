//! Why a figure that sets one sum against another of its own rows differs between two versions: stock stands in other rows than
//! cost, and errors in other buckets than the steps of the history they are measured by.
//!
//! With `S` the sum above and `C` the sum below, in the first version and in the second (′), and `k` what the one over the
//! other is counted in, the figure is `k·S/C`:
//!
//! * what stands above `k·(s′ − s)/C`: lines that come to more or less;
//! * what stands below `−k·S′·(c′ − c)/(C·C′)`: lines that come to more or less, for the sum above there is;
//! * horizon: what is due to buckets only one of the versions has.
//!
//! They sum to the difference. This is the sequential attribution of a ratio, numerator first (Das Gupta, Standardization and
//! Decomposition of Rates, 1993). The size of a bucket's total is the sum over lines of what each adds to it, with the
//! total's sign, so that sizes of errors are sums over lines too.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::bridge::{Bridge, BridgeError, Cause, NOTHING, parts};
use super::frame::FrameReader;
use super::kpi_bridge::{check_shown, kpi_unit, shown};
use super::level::Level;
use crate::calendar::{Bucket, Grain};
use crate::refs::MeasureId;
use crate::wire::SheetFrame;

/// What is summed.
#[derive(Clone, Copy)]
enum Terms {
    /// Planned values of a measure of the sheet with this role.
    Planned(&'static str, &'static str),
    /// Stock at cost, and what the statements open with where a version has them.
    Stock,
    /// Forecast less actual, where both are known.
    Errors,
    /// The size of each bucket's total error.
    ErrorSizes,
    /// The size of each bucket's total change of demand from a season before.
    SeasonalSteps,
}

const STOCK: (&str, &str) = ("supply", "stockvalue");
const COST: Terms = Terms::Planned("profit", "supplycost");
/// The role of the sheet that says with which stock a plan begins, and its row; versions of before statements have none.
const OPENING: (&str, &str) = ("finance.inputs", "Opening inventory");

/// A figure that is a sum over another, of other rows.
struct Recipe {
    kpi: &'static str,
    above: Terms,
    below: Terms,
    /// What lines of numerator and denominator make.
    causes: [Cause; 2],
    /// What one over the other is counted in, as the scorecard does.
    scale: fn(Count) -> f64,
}

/// What a figure is counted over.
#[derive(Clone, Copy)]
struct Count {
    grain: Grain,
    /// Buckets of what stands above and below.
    above: f64,
    below: f64,
    /// Whether an opening stands below, too.
    opens: bool,
}

/// Days of a bucket, as the scorecard has them.
fn days(grain: Grain) -> f64 {
    match grain {
        Grain::Month => 30.4,
        Grain::Week => 7.0,
    }
}

const RECIPES: [Recipe; 4] = [
    Recipe {
        kpi: "stock_days",
        above: Terms::Planned(STOCK.0, STOCK.1),
        below: COST,
        causes: [Cause::Amount, Cause::Usage],
        scale: |count| days(count.grain),
    },
    Recipe {
        kpi: "inventory_turnover",
        above: COST,
        below: Terms::Stock,
        causes: [Cause::Usage, Cause::Amount],
        // Mean cost of a bucket, in a year, over mean stock.
        scale: |count| match (count.opens, count.grain) {
            (true, grain) => 365.0 / days(grain) * (count.below + 1.0) / count.above,
            (false, Grain::Month) => 12.0,
            (false, Grain::Week) => 52.0,
        },
    },
    Recipe {
        kpi: "tracking_signal",
        above: Terms::Errors,
        below: Terms::ErrorSizes,
        causes: [Cause::Amount, Cause::Yardstick],
        scale: |count| count.above,
    },
    Recipe {
        kpi: "mase",
        above: Terms::ErrorSizes,
        below: Terms::SeasonalSteps,
        causes: [Cause::Amount, Cause::Yardstick],
        scale: |count| count.below / count.above,
    },
];

impl Terms {
    fn role(self) -> &'static str {
        match self {
            Self::Planned(role, _) => role,
            Self::Stock => STOCK.0,
            Self::Errors | Self::ErrorSizes | Self::SeasonalSteps => "demand",
        }
    }
}

/// The roles of the sheets whose rows a figure is made of; `None` for any other figure.
pub(super) fn roles(kpi: &str) -> Option<Vec<&'static str>> {
    let recipe = RECIPES.iter().find(|recipe| recipe.kpi == kpi)?;
    let mut roles = vec![recipe.above.role()];
    roles.extend(Some(recipe.below.role()).filter(|role| *role != roles[0]));
    Some(roles)
}

/// Roles of sheets that tell more of a figure where a version has them.
pub(super) fn further_roles(kpi: &str) -> Vec<&'static str> {
    let opens = RECIPES.iter().any(|recipe| recipe.kpi == kpi && matches!(recipe.below, Terms::Stock));
    if opens { vec![OPENING.0] } else { Vec::new() }
}

/// Bridges such a figure, see [`super::bridge_kpi`]; `None` for any other figure.
pub(super) fn bridge(a: &[SheetFrame], b: &[SheetFrame], kpi: &str, by: &str) -> Option<Result<Bridge, BridgeError>> {
    RECIPES.iter().find(|recipe| recipe.kpi == kpi).map(|recipe| recipe.bridge(a, b, by))
}

impl Recipe {
    fn bridge(&self, a: &[SheetFrame], b: &[SheetFrame], by: &str) -> Result<Bridge, BridgeError> {
        let (side_a, side_b) = (Side::as_shown(a, self, by)?, Side::as_shown(b, self, by)?);
        let both: BTreeSet<Bucket> = side_a.buckets.intersection(&side_b.buckets).copied().collect();
        let (first, second) = (side_a.sums(self, Some(&both)), side_b.sums(self, Some(&both)));
        let (whole_a, whole_b) = (side_a.sums(self, None), side_b.sums(self, None));
        for sums in [&first, &second, &whole_a, &whole_b] {
            if sums.below.total == 0.0 || sums.above.buckets.is_empty() {
                return Err(BridgeError::NoCommon { kpi: self.kpi.to_owned() });
            }
        }
        let (from, to) = (whole_a.figure(), whole_b.figure());
        let mut effects: BTreeMap<(Cause, Cow<'_, str>), f64> = BTreeMap::new();
        let mut add = |cause: Cause, line: &str, value: f64| {
            *effects.entry((cause, Cow::Owned(line.to_owned()))).or_default() += value;
        };
        let [amount, usage] = self.causes;
        let scale = second.scale;
        let names: BTreeSet<&String> = [&first, &second, &whole_a, &whole_b]
            .into_iter()
            .flat_map(|sums| sums.above.lines.keys().chain(sums.below.lines.keys()))
            .collect();
        let (above, old, new) = (second.above.total, first.below.total, second.below.total);
        for name in names {
            add(amount, name, scale * (second.above.of(name) - first.above.of(name)) / old);
            add(usage, name, -scale * above * (second.below.of(name) - first.below.of(name)) / (old * new));
            let share = |sums: &Sums| sums.above.of(name) / sums.below.total;
            let beyond_b = whole_b.scale * share(&whole_b) - second.scale * share(&second);
            let beyond_a = whole_a.scale * share(&whole_a) - first.scale * share(&first);
            // Where one counts otherwise than the other, such as without an opening stock.
            let recounted = (second.scale - first.scale) * share(&first);
            add(Cause::Horizon, name, beyond_b - beyond_a + recounted);
        }
        let nothing = NOTHING * from.abs().max(to.abs());
        Ok(Bridge { from, to, unit: kpi_unit(self.kpi), parts: parts(effects, nothing) })
    }
}

/// Lines and what they add up to.
#[derive(Default)]
struct Total {
    total: f64,
    lines: BTreeMap<String, f64>,
    buckets: BTreeSet<Bucket>,
}

impl Total {
    fn of(&self, line: &str) -> f64 {
        self.lines.get(line).copied().unwrap_or_default()
    }

    fn take(&mut self, term: &Term) {
        self.total += term.value;
        self.buckets.extend(term.bucket);
        match self.lines.get_mut(&term.line) {
            Some(line) => *line += term.value,
            None => drop(self.lines.insert(term.line.clone(), term.value)),
        }
    }
}

struct Sums {
    above: Total,
    below: Total,
    scale: f64,
}

impl Sums {
    fn figure(&self) -> f64 {
        self.scale * self.above.total / self.below.total
    }
}

/// What a row adds in a bucket.
struct Term {
    line: String,
    /// `None`: before all of them, as an opening stock is.
    bucket: Option<Bucket>,
    value: f64,
}

/// Numerator and denominator of a version by line and bucket.
struct Side {
    grain: Grain,
    buckets: BTreeSet<Bucket>,
    above: Vec<Term>,
    below: Vec<Term>,
}

impl Side {
    /// As the version's scorecard counts: with the opening stock, or as scorecards of before statements do without.
    fn as_shown(frames: &[SheetFrame], recipe: &Recipe, by: &str) -> Result<Self, BridgeError> {
        let shown = shown(frames, recipe.kpi);
        let mut side = Self::read(frames, recipe, by)?;
        let counted = |side: &Self| side.sums(recipe, None).figure();
        let fits = |side: &Self| check_shown(recipe.kpi, shown, counted(side));
        if fits(&side).is_err() && side.opens() {
            let with_opening = fits(&side);
            side.below.retain(|term| term.bucket.is_some());
            return if fits(&side).is_ok() { Ok(side) } else { with_opening.map(|()| side) };
        }
        if side.sums(recipe, None).below.total == 0.0 {
            return Err(BridgeError::NoCommon { kpi: recipe.kpi.to_owned() });
        }
        fits(&side).map(|()| side)
    }

    fn read(frames: &[SheetFrame], recipe: &Recipe, by: &str) -> Result<Self, BridgeError> {
        let above = terms(frames, recipe.above, by)?;
        let below = terms(frames, recipe.below, by)?;
        let buckets: BTreeSet<Bucket> = above.iter().chain(&below).filter_map(|term| term.bucket).collect();
        let grain = buckets.first().map_or(Grain::Month, |first| first.grain());
        Ok(Self { grain, buckets, above, below })
    }

    fn opens(&self) -> bool {
        self.below.iter().any(|term| term.bucket.is_none())
    }

    /// Over some buckets; over all where none are named.
    fn sums(&self, recipe: &Recipe, buckets: Option<&BTreeSet<Bucket>>) -> Sums {
        let is_meant =
            |term: &&Term| term.bucket.is_none_or(|bucket| buckets.is_none_or(|buckets| buckets.contains(&bucket)));
        let total = |terms: &[Term]| {
            let mut total = Total::default();
            terms.iter().filter(is_meant).for_each(|term| total.take(term));
            total
        };
        let (above, below) = (total(&self.above), total(&self.below));
        let (over, under) = (above.buckets.len() as f64, below.buckets.len() as f64);
        let count = Count { grain: self.grain, above: over, below: under, opens: self.opens() };
        Sums { scale: (recipe.scale)(count), above, below }
    }
}

/// What is summed, by line at a level of its sheet; where that has no such level, by its rows.
fn terms(frames: &[SheetFrame], terms: Terms, by: &str) -> Result<Vec<Term>, BridgeError> {
    let role = terms.role();
    let missing = |name: &str| BridgeError::NoMeasure { sheet: role.to_owned(), measure: name.to_owned() };
    let find = |name: &str| FrameReader::of_role(frames, role).ok_or_else(|| missing(name));
    let measure = |reader: &FrameReader<'_>, name: &str| -> Result<MeasureId, BridgeError> {
        Ok(reader.measure(name).filter(|measure| measure.timed).ok_or_else(|| missing(name))?.id)
    };
    let (name, opening) = match terms {
        Terms::Planned(_, name) => (name, None),
        Terms::Stock => (STOCK.1, opening_stock(frames)),
        Terms::Errors | Terms::ErrorSizes | Terms::SeasonalSteps => ("history", None),
    };
    let reader = find(name)?;
    let known = measure(&reader, name)?;
    let level = Level::named(reader.frame(), by);
    let (all, current) = reader.buckets();
    let (past, plan) = all.split_at(current.min(all.len()));
    let mut found = Vec::new();
    found.extend(opening.map(|value| Term { line: "Opening stock".to_owned(), bucket: None, value }));
    let lag = if matches!(terms, Terms::Errors | Terms::ErrorSizes) { Some(measure(&reader, "lag1")?) } else { None };
    for row in 0..reader.len() {
        let line = level.as_ref().map_or_else(|| reader.key_text(row), |level| level.line(&reader, row).into_owned());
        let mut add = |bucket: Bucket, value: f64| found.push(Term { line: line.clone(), bucket: Some(bucket), value });
        let at = |measure: MeasureId, bucket: Bucket| reader.at(measure, row, bucket);
        match (terms, lag) {
            (Terms::Planned(..) | Terms::Stock, _) => {
                plan.iter().for_each(|&bucket| at(known, bucket).into_iter().for_each(|value| add(bucket, value)));
            }
            (_, Some(lag)) => {
                for &bucket in past {
                    if let (Some(said), Some(came)) = (at(lag, bucket), at(known, bucket)) {
                        add(bucket, said - came);
                    }
                }
            }
            (_, None) => {
                let season = past.first().map_or(1, |first| first.grain().season());
                for (&before, &bucket) in past.iter().zip(past.iter().skip(season)) {
                    add(bucket, at(known, bucket).unwrap_or(0.0) - at(known, before).unwrap_or(0.0));
                }
            }
        }
    }
    if matches!(terms, Terms::ErrorSizes | Terms::SeasonalSteps) {
        turn_to_sizes(&mut found);
    }
    Ok(found)
}

/// Gives each term the sign of its bucket's total, so that terms sum to the sizes of totals.
fn turn_to_sizes(terms: &mut [Term]) {
    let mut totals: BTreeMap<Bucket, f64> = BTreeMap::new();
    for term in terms.iter() {
        term.bucket.into_iter().for_each(|bucket| *totals.entry(bucket).or_default() += term.value);
    }
    for term in terms {
        let is_negative = term.bucket.and_then(|bucket| totals.get(&bucket)).is_some_and(|total| *total < 0.0);
        term.value = if is_negative { -term.value } else { term.value };
    }
}

/// The stock a plan begins with, where its statements have it.
fn opening_stock(frames: &[SheetFrame]) -> Option<f64> {
    let reader = FrameReader::of_role(frames, OPENING.0)?;
    let amount = reader.measure("amount")?.id;
    let row = (0..reader.len()).find(|row| reader.key_text(*row) == OPENING.1)?;
    reader.number(amount, row)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::plan::bridge_kpi;
    use crate::refs::RowId;

    /// A sheet of one measure by item; the values of each row month by month.
    fn sheet(role: &str, measure: &str, first: &str, rows: &[(u8, Vec<f64>)]) -> SheetFrame {
        let months = rows.first().map_or(1, |row| row.1.len());
        let first: Bucket = first.parse().unwrap();
        let buckets: Vec<Bucket> = (0..months).map(|month| first.plus(month as i32)).collect();
        let items: Vec<String> = rows.iter().map(|row| format!("i{}", row.0)).collect();
        let mut columns = vec![json!({"col": "item", "values": items})];
        for (month, bucket) in buckets.iter().enumerate() {
            let values: Vec<f64> = rows.iter().map(|row| row.1[month]).collect();
            columns.push(json!({"col": format!("{measure}@{bucket}"), "values": values}));
        }
        serde_json::from_value(json!({
            "info": {"id": role, "title": role, "kind": "planning", "position": "a", "role": role},
            "meta": {"kind": "planning", "title": role, "epoch": 0,
                "horizon": {"first": buckets[0], "current": buckets[0], "last": buckets[months - 1]}},
            "measures": [
                {"id": "item", "name": "Item", "kind": "key", "timed": false, "order": 0},
                {"id": measure, "name": measure, "kind": "layer", "timed": true, "order": 1},
            ],
            "columns": columns,
            "rows": rows.iter().map(|row| RowId::of_key(&[&row.0.to_string()])).collect::<Vec<_>>(),
        }))
        .unwrap()
    }

    fn plan(first: &str, stock: &[(u8, Vec<f64>)], cost: &[(u8, Vec<f64>)]) -> Vec<SheetFrame> {
        vec![sheet("supply", "stockvalue", first, stock), sheet("profit", "supplycost", first, cost)]
    }

    #[test]
    fn days_of_stock_move_with_stock_and_with_what_is_used_up() {
        let before = plan("2026-04", &[(1, vec![50.0]), (2, vec![50.0])], &[(1, vec![40.0]), (2, vec![60.0])]);
        let told = |after: &[SheetFrame], kpi: &str| {
            let found = bridge_kpi(&before, after, kpi, "Item").unwrap();
            let parts = found.parts.iter().map(|part| (part.cause, part.value, part.lines[0].name.clone()));
            (found.from, found.to, found.unit.clone(), parts.collect::<Vec<_>>())
        };
        let more = plan("2026-04", &[(1, vec![50.0]), (2, vec![75.0])], &[(1, vec![40.0]), (2, vec![60.0])]);
        let (from, to, unit, parts) = told(&more, "stock_days");
        assert_eq!((from, to, &*unit), (30.4, 38.0, "days"));
        assert!(matches!(&parts[..], [(Cause::Amount, days, item)] if (days - 7.6).abs() < 1e-9 && item == "i2"));
        // Twice as much is used up of the first.
        let used = plan("2026-04", &[(1, vec![50.0]), (2, vec![50.0])], &[(1, vec![140.0]), (2, vec![60.0])]);
        let (_, to, _, parts) = told(&used, "stock_days");
        assert!((to - 15.2).abs() < 1e-9);
        assert!(matches!(&parts[..], [(Cause::Usage, days, item)] if (days + 15.2).abs() < 1e-9 && item == "i1"));
        let (from, to, unit, parts) = told(&used, "inventory_turnover");
        assert_eq!((from, to, &*unit), (12.0, 24.0, "×"));
        assert!(matches!(&parts[..], [(Cause::Usage, times, _)] if (times - 12.0).abs() < 1e-9));
        let none = plan("2026-04", &[(1, vec![50.0])], &[(1, vec![0.0])]);
        assert!(matches!(bridge_kpi(&before, &none, "stock_days", "Item"), Err(BridgeError::NoCommon { .. })));
    }

    /// Stock of 100 and 200 at the closes of two months, after 150 to begin with, and 300 used up in each.
    #[test]
    fn turnover_is_counted_with_the_opening_stock_as_the_scorecard_does() {
        let with = |mut plan: Vec<SheetFrame>, opening: Option<f64>, shown: f64| {
            let sheet = |role: &str, ids: [&str; 2], columns: serde_json::Value| -> SheetFrame {
                let measure = |id: &&str| json!({"id": id, "name": id, "kind": if *id == ids[0] { "key" } else { "input" }, "timed": false, "order": 0});
                let mut measures: Vec<_> = ids.iter().map(measure).collect();
                measures.push(json!({"id": "target", "name": "target", "kind": "input", "timed": false, "order": 2}));
                serde_json::from_value(json!({
                    "info": {"id": &role[..4], "title": role, "kind": "planning", "position": "a", "role": role},
                    "meta": {"kind": "planning", "title": role, "epoch": 0}, "measures": measures, "columns": columns,
                    "rows": [RowId::of_key(&["x"])],
                }))
                .unwrap()
            };
            let columns =
                json!([{"col": "kpi", "values": ["inventory_turnover"]}, {"col": "value", "values": [shown]}]);
            plan.push(sheet("kpis", ["kpi", "value"], columns));
            plan.extend(opening.map(|opening| {
                let columns = json!([{"col": "input", "values": [OPENING.1]}, {"col": "amount", "values": [opening]}]);
                sheet(OPENING.0, ["input", "amount"], columns)
            }));
            plan
        };
        let of = |second: f64| plan("2026-04", &[(1, vec![100.0, second])], &[(1, vec![300.0, 300.0])]);
        let year = 365.0 / 30.4;
        let before = with(of(200.0), Some(150.0), 300.0 * year / 150.0);
        let after = with(of(350.0), Some(150.0), 300.0 * year / 200.0);
        let found = bridge_kpi(&before, &after, "inventory_turnover", "Item").unwrap();
        let parts: Vec<(Cause, &str)> = found.parts.iter().map(|part| (part.cause, &*part.lines[0].name)).collect();
        assert_eq!(parts, [(Cause::Amount, "i1")], "{found:?}");
        assert!(
            (found.from - 2.0 * year).abs() < 1e-9 && (found.parts[0].value + year / 2.0).abs() < 1e-9,
            "{found:?}"
        );
        // More to begin with.
        let found =
            bridge_kpi(&before, &with(of(200.0), Some(300.0), year * 300.0 / 200.0), "inventory_turnover", "Item");
        assert_eq!(found.unwrap().parts[0].lines[0].name, "Opening stock");
        // A scorecard of before statements counts without, whatever the statements say.
        let plain = with(of(200.0), Some(150.0), 12.0 * 300.0 / 150.0);
        assert_eq!(bridge_kpi(&plain, &plain, "inventory_turnover", "Item").unwrap().from, 24.0);
        let odd = with(of(200.0), Some(150.0), 7.0);
        let refused = bridge_kpi(&odd, &before, "inventory_turnover", "Item").unwrap_err();
        assert!(
            matches!(refused, BridgeError::CountedOtherwise { counted, .. } if (counted - 2.0 * year).abs() < 1e-9)
        );
    }

    /// An item: its number, its history month by month, and the forecast of the last of these.
    type Forecast = (u8, Vec<f64>, Vec<f64>);

    /// A demand sheet of items.
    fn demand(first: &str, rows: &[Forecast]) -> Vec<SheetFrame> {
        let months = rows[0].1.len();
        let known = rows[0].2.len();
        let first: Bucket = first.parse().unwrap();
        let bucket = |month: usize| first.plus(month as i32);
        let mut columns =
            vec![json!({"col": "item", "values": rows.iter().map(|row| format!("i{}", row.0)).collect::<Vec<_>>()})];
        for month in 0..months {
            let came: Vec<f64> = rows.iter().map(|row| row.1[month]).collect();
            columns.push(json!({"col": format!("history@{}", bucket(month)), "values": came}));
            if month + known >= months {
                let said: Vec<f64> = rows.iter().map(|row| row.2[month + known - months]).collect();
                columns.push(json!({"col": format!("lag1@{}", bucket(month)), "values": said}));
            }
        }
        let measure = |id: &str, timed: bool| json!({"id": id, "name": id, "kind": if timed { "layer" } else { "key" }, "timed": timed, "order": 0});
        vec![
            serde_json::from_value(json!({
                "info": {"id": "demand", "title": "Demand", "kind": "planning", "position": "a", "role": "demand"},
                "meta": {"kind": "planning", "title": "Demand", "epoch": 0,
                    "horizon": {"first": first, "current": bucket(months), "last": bucket(months)}},
                "measures": [measure("item", false), measure("history", true), measure("lag1", true)],
                "columns": columns,
                "rows": rows.iter().map(|row| RowId::of_key(&[&row.0.to_string()])).collect::<Vec<_>>(),
            }))
            .unwrap(),
        ]
    }

    proptest! {
        /// Signals over time are those of all rows together, as the dictionary counts them, and fall apart by line.
        #[test]
        fn signals_of_forecasts_sum_to_the_difference(
            rows in prop::array::uniform2(prop::collection::btree_map(0_u8..5, (prop::array::uniform20(1_u16..900), prop::array::uniform5(1_u16..900)), 1..5)),
            later in 0_i32..3,
        ) {
            let first: Bucket = "2024-01".parse().unwrap();
            let frames = [0, 1].map(|at| {
                let rows = rows[at].iter().map(|(row, (came, said))| {
                    (*row, came.iter().copied().map(f64::from).collect(), said.iter().copied().map(f64::from).collect())
                });
                let rows: Vec<Forecast> = rows.collect();
                (demand(&first.plus(later * at as i32).to_string(), &rows), rows)
            });
            let total = |rows: &[Forecast], of: fn(&Forecast) -> &[f64]| -> Vec<f64> {
                (0..of(&rows[0]).len()).map(|month| rows.iter().map(|row| of(row)[month]).sum()).collect()
            };
            for kpi in ["tracking_signal", "mase"] {
                let Ok(found) = bridge_kpi(&frames[0].0, &frames[1].0, kpi, "Item") else { continue };
                for (end, (_, rows)) in [found.from, found.to].into_iter().zip(&frames) {
                    let (came, said) = (total(rows, |row| &row.1), total(rows, |row| &row.2));
                    let some = |values: &[f64]| values.iter().copied().map(Some).collect::<Vec<_>>();
                    let (said, last, came) = (some(&said), some(&came[came.len() - said.len()..]), some(&came));
                    let inputs: Vec<&[Option<f64>]> =
                        if kpi == "mase" { vec![&said, &last, &came, &[Some(12.0)]] } else { vec![&said, &last] };
                    let told = crate::kpi::find(kpi).unwrap().evaluate(&inputs).value.unwrap();
                    prop_assert!((told - end).abs() < 1e-9 * told.abs().max(1.0), "{} {} {}", kpi, told, end);
                }
                let largest = found.from.abs().max(found.to.abs()).max(1.0);
                let sum: f64 = found.parts.iter().map(|part| part.value).sum();
                prop_assert!((sum - (found.to - found.from)).abs() < 1e-9 * largest, "{} {:?}", kpi, found);
                for part in &found.parts {
                    let lines: f64 = part.lines.iter().map(|line| line.value).sum();
                    prop_assert!((lines - part.value).abs() < 1e-9 * largest, "{:?}", part);
                }
            }
        }

        #[test]
        fn parts_sum_to_the_difference(
            stocks in prop::array::uniform2(prop::collection::btree_map(0_u8..6, prop::array::uniform2(1_u16..900), 1..6)),
            costs in prop::array::uniform2(prop::collection::btree_map(0_u8..6, prop::array::uniform2(1_u16..900), 1..6)),
            later in 0_i32..2,
        ) {
            let rows = |of: &BTreeMap<u8, [u16; 2]>| -> Vec<(u8, Vec<f64>)> {
                of.iter().map(|(row, of)| (*row, of.map(f64::from).to_vec())).collect()
            };
            let first: Bucket = "2026-04".parse().unwrap();
            let a = plan("2026-04", &rows(&stocks[0]), &rows(&costs[0]));
            let b = plan(&first.plus(later).to_string(), &rows(&stocks[1]), &rows(&costs[1]));
            for kpi in ["stock_days", "inventory_turnover"] {
                let found = bridge_kpi(&a, &b, kpi, "Item").unwrap();
                let sum: f64 = found.parts.iter().map(|part| part.value).sum();
                let largest = found.from.abs().max(found.to.abs()).max(1.0);
                prop_assert!((sum - (found.to - found.from)).abs() < 1e-9 * largest, "{} {:?}", kpi, found);
            }
        }
    }
}
