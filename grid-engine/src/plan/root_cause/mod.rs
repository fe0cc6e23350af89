//! From a key figure to what drives it: a tree of contributions by family, item, region and cause that sums exactly.
//!
//! What a figure is short of perfect (or of its target, for a margin) is a sum over the rows of the plan, so it is taken
//! apart without a remainder. The leaves are constraints (what the solver names as binding), forecast errors, or margins
//! that people decide on with prices and cost rates.

#[cfg(test)]
mod tests;

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
const KNOWN: [&str; 7] = ["unit_fill_rate", "otif", "lost_sales", "forecast_accuracy", "wape", "bias", "gross_margin"];

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
    let (demand, served) =
        (demand.ok_or(CauseError::Missing("demand"))?, served.ok_or(CauseError::Missing("served units"))?);
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
                "otif" => {
                    (f64::from(u8::from(asked > 0.0 && done < IN_FULL * asked)), f64::from(u8::from(asked > 0.0)))
                }
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
