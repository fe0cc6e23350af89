//! From a key figure to what drives it: a tree of contributions by family, item, region and cause that sums exactly.
//!
//! What a figure is short of perfect (or of its target, for a margin) is a sum over the rows of the plan, so it is taken
//! apart without a remainder. The leaves are constraints (what the solver names as binding), forecast errors, or margins
//! that people decide on with prices and cost rates.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::frame::FrameReader;
use super::summary::{kpi_lines, told_shortages};
use super::version::KpiLine;
use crate::calendar::Bucket;
use crate::doc::MeasureKind;
use crate::refs::MeasureId;
use crate::value::order::sort_by;
use crate::wire::SheetFrame;

/// Children shown of one node; the others are one child, so that the sum stays exact.
const SHOWN: usize = 8;
/// A line is in full from this share of what was demanded on, as the scorecard counts it.
const IN_FULL: f64 = 0.995;

/// Figures that can be taken apart.
const KNOWN: [&str; 7] =
    ["unit_fill_rate", "otif", "lost_sales", "forecast_accuracy", "wape", "bias", "gross_margin"];

/// A key figure taken apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RootCause {
    pub kpi: KpiLine,
    /// What the contributions are, in words.
    pub gap: String,
    /// `units`, `lines` or `money`.
    pub unit: String,
    pub root: CauseNode,
}

/// A node of the tree; its children sum to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CauseNode {
    /// What its name is one of: `Family`, `Item`, `Region`, `Cause`; empty for the root.
    pub level: String,
    pub name: String,
    /// In the unit of the tree.
    pub value: f64,
    /// The same as a part of the figure: 0.01 is a percentage point. For money it is the value.
    pub points: f64,
    /// Largest first.
    pub children: Vec<CauseNode>,
}

/// Why a figure cannot be taken apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CauseError {
    #[error("the scorecard has no key figure {0:?}")]
    NoFigure(String),
    #[error("{0} is not a sum over the rows of the plan; these are: {known}", known = KNOWN.join(", "))]
    NoSum(String),
    #[error("{0} has no target to be measured by: enter one on the scorecard")]
    NoTarget(String),
    #[error("the plan has no {0} to take the figure apart by")]
    Missing(&'static str),
}

/// One contribution and where it stands.
struct Leaf {
    path: [String; 4],
    value: f64,
}

const LEVELS: [&str; 4] = ["Family", "Item", "Region", "Cause"];

/// Whether a key figure can be taken apart.
pub fn has_root_cause(kpi: &str) -> bool {
    KNOWN.contains(&kpi)
}

/// Takes a key figure of the scorecard apart.
///
/// # Errors
/// When the plan lacks what the figure is made of.
pub fn root_cause(frames: &[SheetFrame], kpi: &str) -> Result<RootCause, CauseError> {
    let line = kpi_lines(frames).into_iter().find(|line| line.id == kpi);
    let line = line.ok_or_else(|| CauseError::NoFigure(kpi.to_owned()))?;
    let (leaves, whole, gap, unit) = match kpi {
        "unit_fill_rate" | "otif" | "lost_sales" => service(frames, kpi)?,
        "forecast_accuracy" | "wape" | "bias" => forecast(frames, kpi)?,
        "gross_margin" => margin(frames, line.target.ok_or_else(|| CauseError::NoTarget(line.name.clone()))?)?,
        _ => return Err(CauseError::NoSum(line.name)),
    };
    let root = tree(&leaves, 0, String::new(), String::new(), whole);
    Ok(RootCause { kpi: line, gap: gap.to_owned(), unit: unit.to_owned(), root })
}

type Leaves = (Vec<Leaf>, f64, &'static str, &'static str);

/// What supply does not deliver in time, with the limit the solver names.
fn service(frames: &[SheetFrame], kpi: &str) -> Result<Leaves, CauseError> {
    let rows = Rows::of(frames, "profit")?;
    let [demand, served] = ["demand", "served"].map(|name| rows.timed(name));
    let (demand, served) = (demand.ok_or(CauseError::Missing("demand"))?, served.ok_or(CauseError::Missing("served units"))?);
    let lost = rows.timed("lostsales");
    let mut limits: BTreeMap<(String, String, Bucket), String> = BTreeMap::new();
    for shortage in told_shortages(frames) {
        let cause = shortage.cause.strip_suffix(&format!(" in {}", shortage.bucket)).unwrap_or(&shortage.cause);
        limits.entry((shortage.item, shortage.region, shortage.bucket)).or_insert_with(|| cause.to_owned());
    }
    let (mut leaves, mut whole) = (Vec::new(), 0.0);
    for row in 0..rows.reader.len() {
        let [family, item, region] = rows.path(row);
        for &bucket in &rows.plan {
            let at = |measure| rows.reader.at(measure, row, bucket).unwrap_or(0.0);
            let (asked, done) = (at(demand), at(served));
            let (value, part) = match kpi {
                "otif" => (f64::from(u8::from(asked > 0.0 && done < IN_FULL * asked)), f64::from(u8::from(asked > 0.0))),
                "lost_sales" => (lost.map_or(0.0, at), 0.0),
                _ => (asked - done.min(asked).max(0.0), asked),
            };
            whole += part;
            if value != 0.0 {
                let limit = limits.get(&(item.clone(), region.clone(), bucket)).cloned();
                let cause = limit.unwrap_or_else(|| "short, its limit not told".to_owned());
                leaves.push(Leaf { path: [family.clone(), item.clone(), region.clone(), cause], value });
            }
        }
    }
    Ok(match kpi {
        "otif" => (leaves, whole, "Lines not served in full in their bucket", "lines"),
        "lost_sales" => (leaves, 1.0, "Units never delivered, at net prices", "money"),
        _ => (leaves, whole, "Units not served in their bucket", "units"),
    })
}

/// What the forecast one bucket ahead missed.
fn forecast(frames: &[SheetFrame], kpi: &str) -> Result<Leaves, CauseError> {
    let rows = Rows::of(frames, "demand")?;
    let (actual, forecast) = (
        rows.timed("history").ok_or(CauseError::Missing("history"))?,
        rows.timed("lag1").ok_or(CauseError::Missing("forecast at lag 1"))?,
    );
    let (mut leaves, mut whole) = (Vec::new(), 0.0);
    for row in 0..rows.reader.len() {
        let [family, item, region] = rows.path(row);
        for &bucket in &rows.history {
            let at = |measure| rows.reader.at(measure, row, bucket);
            let (Some(came), Some(said)) = (at(actual), at(forecast)) else { continue };
            whole += came;
            let error = said - came;
            let value = if kpi == "bias" { error } else { error.abs() };
            if error != 0.0 {
                let cause = if error > 0.0 { "forecast too high" } else { "forecast too low" };
                leaves.push(Leaf { path: [family.clone(), item.clone(), region.clone(), cause.to_owned()], value });
            }
        }
    }
    let gap = if kpi == "bias" { "Forecast less actual" } else { "Units forecast wrongly, too high or too low" };
    Ok((leaves, whole, gap, "units"))
}

/// What is missing to the target margin: negative where a row earns more than that.
fn margin(frames: &[SheetFrame], target: f64) -> Result<Leaves, CauseError> {
    let rows = Rows::of(frames, "profit")?;
    let (revenue, cost) = (
        rows.timed("revenue").ok_or(CauseError::Missing("revenue"))?,
        rows.timed("supplycost").ok_or(CauseError::Missing("supply cost"))?,
    );
    let (mut leaves, mut whole) = (Vec::new(), 0.0);
    for row in 0..rows.reader.len() {
        let [family, item, region] = rows.path(row);
        let sum = |measure| rows.plan.iter().filter_map(|&bucket| rows.reader.at(measure, row, bucket)).sum::<f64>();
        let (earned, spent) = (sum(revenue), sum(cost));
        whole += earned;
        let value = target * earned - (earned - spent);
        if value != 0.0 {
            let cause = if value > 0.0 { "costs too much for its price" } else { "earns more than the target" };
            leaves.push(Leaf { path: [family, item, region, cause.to_owned()], value });
        }
    }
    Ok((leaves, whole, "Profit missing to the target margin", "money"))
}

/// The rows of a sheet with their place in the tree.
struct Rows<'a> {
    reader: FrameReader<'a>,
    history: Vec<Bucket>,
    plan: Vec<Bucket>,
    family: Option<MeasureId>,
    item: Option<MeasureId>,
    region: Option<MeasureId>,
}

impl<'a> Rows<'a> {
    fn of(frames: &'a [SheetFrame], role: &'static str) -> Result<Self, CauseError> {
        let reader = FrameReader::of_role(frames, role).ok_or(CauseError::Missing(role))?;
        let (buckets, current) = reader.buckets();
        let (history, plan) = buckets.split_at(current.min(buckets.len()));
        let keys = || reader.frame().measures.iter().filter(|measure| measure.kind == MeasureKind::Key);
        let id = |name: &str| reader.measure(name).filter(|measure| !measure.timed).map(|measure| measure.id);
        let item = id("item").or_else(|| keys().next().map(|key| key.id));
        let region = id("region").or_else(|| keys().map(|key| key.id).find(|key| Some(*key) != item));
        let (history, plan, family) = (history.to_vec(), plan.to_vec(), id("family"));
        Ok(Self { history, plan, family, item, region, reader })
    }

    fn timed(&self, name: &str) -> Option<MeasureId> {
        self.reader.measure(name).filter(|measure| measure.timed).map(|measure| measure.id)
    }

    fn path(&self, row: usize) -> [String; 3] {
        [self.family, self.item, self.region].map(|measure| {
            let text = measure.map_or("", |measure| self.reader.text(measure, row));
            if text.is_empty() { "(none)".to_owned() } else { text.to_owned() }
        })
    }
}

fn tree(leaves: &[Leaf], depth: usize, level: String, name: String, whole: f64) -> CauseNode {
    let of = |value: f64| if whole == 0.0 { 0.0 } else { value / whole };
    let mut groups: BTreeMap<&str, Vec<Leaf>> = BTreeMap::new();
    if depth < LEVELS.len() {
        for leaf in leaves {
            let copy = Leaf { path: leaf.path.clone(), value: leaf.value };
            groups.entry(&leaf.path[depth]).or_default().push(copy);
        }
    }
    let mut children: Vec<CauseNode> = groups
        .into_iter()
        .map(|(name, leaves)| tree(&leaves, depth + 1, LEVELS[depth].to_owned(), name.to_owned(), whole))
        .collect();
    sort_by(&mut children, |a, b| b.value.abs().total_cmp(&a.value.abs()));
    if children.len() > SHOWN + 1 {
        let rest = children.split_off(SHOWN);
        let value = rest.iter().map(|node| node.value).sum();
        children.push(CauseNode {
            level: LEVELS[depth].to_owned(),
            name: format!("{} others", rest.len()),
            value,
            points: of(value),
            children: Vec::new(),
        });
    }
    // Its own value is the sum of its children, to the last bit: what is shown adds up.
    let value = if children.is_empty() {
        leaves.iter().map(|leaf| leaf.value).sum()
    } else {
        children.iter().map(|child| child.value).sum()
    };
    CauseNode { level, name, value, points: of(value), children }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::calendar::Horizon;
    use crate::kpi;
    use crate::refs::RowId;

    type Row = (u8, u8, [f64; 2], [f64; 2], [f64; 2], [f64; 2]);

    /// A plan of two months of history and two planned ones: by row family, region, history, lag forecast, demand, served.
    fn plan(rows: &[Row], scores: &[(&str, f64, Option<f64>)]) -> Vec<SheetFrame> {
        let months = ["2026-01", "2026-02", "2026-03", "2026-04"];
        let horizon = Horizon {
            first: months[0].parse().unwrap(),
            current: months[2].parse().unwrap(),
            last: months[3].parse().unwrap(),
        };
        let sheet = |role: &str, keys: &[(&str, Vec<String>)], timed: &[(&str, usize, fn(&Row) -> [f64; 2])]| {
            let mut columns: Vec<Value> =
                keys.iter().map(|(name, texts)| json!({"col": name, "values": texts})).collect();
            let mut measures: Vec<Value> = keys
                .iter()
                .enumerate()
                .map(|(order, (name, _))| json!({"id": name, "name": name, "kind": "key", "timed": false, "order": order}))
                .collect();
            for (name, from, values) in timed {
                measures.push(json!({"id": name, "name": name, "kind": "input", "timed": true, "order": 9}));
                for place in 0..2 {
                    let values: Vec<f64> = rows.iter().map(|row| values(row)[place]).collect();
                    columns.push(json!({"col": format!("{name}@{}", months[from + place]), "values": values}));
                }
            }
            serde_json::from_value(json!({
                "info": {"id": role, "title": role, "kind": "planning", "position": "a", "role": role},
                "meta": {"kind": "planning", "title": role, "epoch": 0, "horizon": horizon},
                "measures": measures, "columns": columns,
                "rows": (0..rows.len()).map(|at| RowId::of_key(&[&at.to_string()])).collect::<Vec<_>>(),
            }))
            .unwrap()
        };
        let texts = |of: &dyn Fn(usize, &Row) -> String| rows.iter().enumerate().map(|(at, row)| of(at, row)).collect();
        let keys: Vec<(&str, Vec<String>)> = vec![
            ("item", texts(&|at, _| format!("i{at}"))),
            ("region", texts(&|_, row| format!("r{}", row.1))),
            ("family", texts(&|_, row| format!("f{}", row.0))),
        ];
        let demand = sheet("demand", &keys, &[("history", 0, |row| row.2), ("lag1", 0, |row| row.3)]);
        let profit = sheet(
            "profit",
            &keys,
            &[
                ("demand", 2, |row| row.4),
                ("served", 2, |row| row.5),
                ("revenue", 2, |row| row.5.map(|units| units * 3.0)),
                ("supplycost", 2, |row| row.4),
            ],
        );
        let number = |id: &str| json!({"id": id, "name": id, "kind": "input", "timed": false, "order": 1});
        let kpis: SheetFrame = serde_json::from_value(json!({
            "info": {"id": "kpis", "title": "KPIs", "kind": "planning", "position": "b", "role": "kpis"},
            "meta": {"kind": "planning", "title": "KPIs", "epoch": 0},
            "measures": [{"id": "kpi", "name": "KPI", "kind": "key", "timed": false, "order": 0}, number("value"), number("target")],
            "columns": [
                {"col": "kpi", "values": scores.iter().map(|score| score.0).collect::<Vec<_>>()},
                {"col": "value", "values": scores.iter().map(|score| score.1).collect::<Vec<_>>()},
                {"col": "target", "values": scores.iter().map(|score| score.2).collect::<Vec<_>>()},
            ],
            "rows": scores.iter().map(|score| RowId::of_key(&[score.0])).collect::<Vec<_>>(),
        }))
        .unwrap();
        let told = |at: usize| -> Value {
            match at {
                0 => json!(["Short: i0 / r0, 2026-03"]),
                1 => json!([5.0]),
                _ => json!(["capacity of L1 in 2026-03"]),
            }
        };
        let summary: SheetFrame = serde_json::from_value(json!({
            "info": {"id": "summary", "title": "Summary", "kind": "free", "position": "c", "role": "summary"},
            "meta": {"kind": "free", "title": "Summary", "epoch": 0},
            "measures": [],
            "columns": (0..3).map(|at| json!({"col": format!("c{at}"), "values": told(at)})).collect::<Vec<_>>(),
            "rows": [RowId::of_key(&["x"])],
        }))
        .unwrap();
        vec![demand, profit, kpis, summary]
    }

    fn adds_up(node: &CauseNode) -> bool {
        let sum: f64 = node.children.iter().map(|child| child.value).sum();
        node.children.is_empty() || (sum == node.value && node.children.iter().all(adds_up))
    }

    #[test]
    fn a_fill_rate_ends_in_the_limits_the_solver_names() {
        let rows = [
            (0, 0, [1.0; 2], [1.0; 2], [10.0, 10.0], [5.0, 10.0]),
            (1, 0, [1.0; 2], [1.0; 2], [10.0, 10.0], [10.0, 8.0]),
        ];
        let frames = plan(&rows, &[("unit_fill_rate", 0.825, Some(0.98)), ("stock_days", 3.0, None)]);
        let found = root_cause(&frames, "unit_fill_rate").unwrap();
        assert_eq!((found.root.value, found.root.points), (7.0, 0.175));
        assert_eq!(found.root.points, 1.0 - 0.825);
        let path = |node: &CauseNode| {
            let mut names = Vec::new();
            let mut node = node;
            while let Some(first) = node.children.first() {
                names.push(format!("{} {}", first.level, first.name));
                node = first;
            }
            names
        };
        assert_eq!(path(&found.root), ["Family f0", "Item i0", "Region r0", "Cause capacity of L1"]);
        let refused = |kpi: &str| root_cause(&frames, kpi).unwrap_err();
        assert_eq!(refused("otif"), CauseError::NoFigure("otif".into()));
        assert_eq!(refused("stock_days"), CauseError::NoSum("Stock days".into()));
    }

    #[test]
    fn a_margin_needs_a_target_to_fall_short_of() {
        let rows = [(0, 0, [1.0; 2], [1.0; 2], [10.0, 10.0], [5.0, 10.0])];
        assert!(matches!(root_cause(&plan(&rows, &[("gross_margin", 0.5, None)]), "gross_margin"), Err(CauseError::NoTarget(_))));
        let found = root_cause(&plan(&rows, &[("gross_margin", 25.0 / 45.0, Some(0.6))]), "gross_margin").unwrap();
        // Revenue 45, cost 20: 27 was to be earned.
        assert!((found.root.value - 2.0).abs() < 1e-9 && (found.root.points - (0.6 - 25.0 / 45.0)).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn trees_add_up_to_the_figure(
            rows in prop::collection::vec(
                (0_u8..3, 0_u8..3, prop::array::uniform2(0_u16..90), prop::array::uniform2(0_u16..90),
                 prop::array::uniform2(0_u16..90), prop::array::uniform2(0_u16..90)),
                1..40,
            )
        ) {
            let rows: Vec<Row> = rows
                .into_iter()
                .map(|(family, region, a, b, c, d)| (family, region, a.map(f64::from), b.map(f64::from), c.map(f64::from), d.map(f64::from)))
                .collect();
            let flat = |of: fn(&Row) -> [f64; 2]| rows.iter().flat_map(of).map(Some).collect::<Vec<_>>();
            let (history, lag, demand, served) = (flat(|row| row.2), flat(|row| row.3), flat(|row| row.4), flat(|row| row.5));
            let one = [Some(0.0)];
            for (id, inputs) in [
                ("unit_fill_rate", vec![&served[..], &demand]),
                ("otif", vec![&demand[..], &served, &one, &[Some(0.005)]]),
                ("wape", vec![&lag[..], &history]),
                ("bias", vec![&lag[..], &history]),
            ] {
                let Some(value) = kpi::find(id).unwrap().evaluate(&inputs).value else { continue };
                let found = root_cause(&plan(&rows, &[(id, value, None)]), id).unwrap();
                prop_assert!(adds_up(&found.root));
                let missing = if ["wape", "bias"].contains(&id) { value } else { 1.0 - value };
                prop_assert!((found.root.points - missing).abs() < 1e-9, "{} {} {}", id, found.root.points, missing);
            }
        }
    }
}
