//! Why a figure that sets stock against what is used up differs between two versions: stock stands in other rows than cost.
//!
//! With `S` the stock at cost and `C` the supply cost, each summed over rows and buckets, in the first version and in the
//! second (′), and `k` the days of a bucket, days of stock are `k·S/C`:
//!
//! * amount `k·(s′ − s)/C`: lines of stock that come to more or less;
//! * usage `−k·S′·(c′ − c)/(C·C′)`: lines that use up more or less, for the stock there is;
//! * horizon: what is due to buckets only one of the versions has.
//!
//! They sum to the difference. Turnover `k·C/S` is the same with the two changing places.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::bridge::{Bridge, BridgeError, Cause, NOTHING, parts};
use super::frame::FrameReader;
use super::kpi_bridge::{check_shown, kpi_unit, shown};
use super::level::Level;
use crate::calendar::{Bucket, Grain};
use crate::wire::SheetFrame;

/// Rows of a sheet by its role, and one of its measures.
type Rows = (&'static str, &'static str);

const STOCK: Rows = ("supply", "stockvalue");
const COST: Rows = ("profit", "supplycost");

/// A figure that is a sum over another, of other rows.
struct Recipe {
    kpi: &'static str,
    above: Rows,
    below: Rows,
    /// What lines of numerator and denominator make.
    causes: [Cause; 2],
    /// What one over the other is counted in.
    scale: fn(Grain) -> f64,
}

const RECIPES: [Recipe; 2] = [
    Recipe {
        kpi: "stock_days",
        above: STOCK,
        below: COST,
        causes: [Cause::Amount, Cause::Usage],
        scale: |grain| match grain {
            // As the scorecard counts them.
            Grain::Month => 30.4,
            Grain::Week => 7.0,
        },
    },
    Recipe {
        kpi: "inventory_turnover",
        above: COST,
        below: STOCK,
        causes: [Cause::Usage, Cause::Amount],
        scale: |grain| match grain {
            Grain::Month => 12.0,
            Grain::Week => 52.0,
        },
    },
];

/// The roles of the sheets whose rows a figure is made of; `None` for any other figure.
pub(super) fn roles(kpi: &str) -> Option<Vec<&'static str>> {
    let recipe = RECIPES.iter().find(|recipe| recipe.kpi == kpi)?;
    Some(vec![recipe.above.0, recipe.below.0])
}

/// Bridges such a figure, see [`super::bridge_kpi`]; `None` for any other figure.
pub(super) fn bridge(a: &[SheetFrame], b: &[SheetFrame], kpi: &str, by: &str) -> Option<Result<Bridge, BridgeError>> {
    RECIPES.iter().find(|recipe| recipe.kpi == kpi).map(|recipe| recipe.bridge(a, b, by))
}

impl Recipe {
    fn bridge(&self, a: &[SheetFrame], b: &[SheetFrame], by: &str) -> Result<Bridge, BridgeError> {
        let (side_a, side_b) = (Side::read(a, self, by)?, Side::read(b, self, by)?);
        let both: BTreeSet<Bucket> = side_a.buckets.intersection(&side_b.buckets).copied().collect();
        let (first, second) = (side_a.sums(Some(&both)), side_b.sums(Some(&both)));
        let (whole_a, whole_b) = (side_a.sums(None), side_b.sums(None));
        for sums in [&first, &second, &whole_a, &whole_b] {
            if sums.below.total == 0.0 {
                return Err(BridgeError::NoCommon { kpi: self.kpi.to_owned() });
            }
        }
        let (from, to) = (side_a.scale * whole_a.figure(), side_b.scale * whole_b.figure());
        check_shown(self.kpi, shown(a, self.kpi), from)?;
        check_shown(self.kpi, shown(b, self.kpi), to)?;
        let mut effects: BTreeMap<(Cause, Cow<'_, str>), f64> = BTreeMap::new();
        let mut add = |cause: Cause, line: &str, value: f64| {
            *effects.entry((cause, Cow::Owned(line.to_owned()))).or_default() += value;
        };
        let [amount, usage] = self.causes;
        let scale = side_b.scale;
        let names: BTreeSet<&String> = [&first, &second, &whole_a, &whole_b]
            .into_iter()
            .flat_map(|sums| sums.above.lines.keys().chain(sums.below.lines.keys()))
            .collect();
        let (above, old, new) = (second.above.total, first.below.total, second.below.total);
        for name in names {
            add(amount, name, scale * (second.above.of(name) - first.above.of(name)) / old);
            add(usage, name, -scale * above * (second.below.of(name) - first.below.of(name)) / (old * new));
            let share = |sums: &Sums| sums.above.of(name) / sums.below.total;
            let beyond_b = side_b.scale * (share(&whole_b) - share(&second));
            let beyond_a = side_a.scale * (share(&whole_a) - share(&first));
            // Where the buckets of one are other than those of the other, as weeks are not months.
            let regrained = (side_b.scale - side_a.scale) * share(&first);
            add(Cause::Horizon, name, beyond_b - beyond_a + regrained);
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
}

impl Total {
    fn of(&self, line: &str) -> f64 {
        self.lines.get(line).copied().unwrap_or_default()
    }

    fn add(&mut self, line: &str, value: f64) {
        self.total += value;
        *self.lines.entry(line.to_owned()).or_default() += value;
    }
}

#[derive(Default)]
struct Sums {
    above: Total,
    below: Total,
}

impl Sums {
    fn figure(&self) -> f64 {
        self.above.total / self.below.total
    }
}

/// Numerator and denominator of a version by line and bucket.
struct Side {
    scale: f64,
    buckets: BTreeSet<Bucket>,
    above: Vec<(String, Bucket, f64)>,
    below: Vec<(String, Bucket, f64)>,
}

impl Side {
    fn read(frames: &[SheetFrame], recipe: &Recipe, by: &str) -> Result<Self, BridgeError> {
        let mut buckets = BTreeSet::new();
        let above = lines(frames, recipe.above, by, &mut buckets)?;
        let below = lines(frames, recipe.below, by, &mut buckets)?;
        let scale = buckets.first().map_or(0.0, |first| (recipe.scale)(first.grain()));
        Ok(Self { scale, buckets, above, below })
    }

    /// Over some buckets; over all where none are named.
    fn sums(&self, buckets: Option<&BTreeSet<Bucket>>) -> Sums {
        let mut sums = Sums::default();
        let is_meant = |bucket: &Bucket| buckets.is_none_or(|buckets| buckets.contains(bucket));
        for (line, _, value) in self.above.iter().filter(|(_, bucket, _)| is_meant(bucket)) {
            sums.above.add(line, *value);
        }
        for (line, _, value) in self.below.iter().filter(|(_, bucket, _)| is_meant(bucket)) {
            sums.below.add(line, *value);
        }
        sums
    }
}

/// A measure's planned values by line, at a level of its sheet; where that has no such level, by its rows.
fn lines(
    frames: &[SheetFrame],
    (role, name): Rows,
    by: &str,
    buckets: &mut BTreeSet<Bucket>,
) -> Result<Vec<(String, Bucket, f64)>, BridgeError> {
    let missing = || BridgeError::NoMeasure { sheet: role.to_owned(), measure: name.to_owned() };
    let reader = FrameReader::of_role(frames, role).ok_or_else(missing)?;
    let measure = reader.measure(name).filter(|measure| measure.timed).ok_or_else(missing)?.id;
    let level = Level::named(reader.frame(), by);
    let (all, current) = reader.buckets();
    let plan = all.get(current..).unwrap_or_default();
    buckets.extend(plan);
    let mut found = Vec::new();
    for row in 0..reader.len() {
        let line = match &level {
            Some(level) => level.line(&reader, row).into_owned(),
            None => reader.key_text(row),
        };
        let values = plan.iter().filter_map(|bucket| Some((*bucket, reader.at(measure, row, *bucket)?)));
        found.extend(values.map(|(bucket, value)| (line.clone(), bucket, value)));
    }
    Ok(found)
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

    proptest! {
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
