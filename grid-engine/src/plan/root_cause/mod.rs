//! From a key figure to what drives it: a tree of contributions by family, item, region and cause that sums exactly.
//!
//! What a figure is short of perfect (or off its target by, for a margin, utilisation or stock) is a sum over the rows of
//! the plan, so it is taken apart without a remainder. The leaves are constraints (what the solver names as binding),
//! forecast errors, or margins that people decide on with prices and cost rates.

mod balances;
mod limits;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::frame::FrameReader;
use super::summary::kpi_lines;
use super::supply_page::ShortageLine;
use super::version::KpiLine;
use crate::calendar::Bucket;
use crate::doc::MeasureKind;
use crate::refs::MeasureId;
use crate::value::order::sort_by;
use crate::wire::SheetFrame;
use limits::Limits;

/// Children shown of one node; the others are one child, so that the sum stays exact.
const SHOWN: usize = 8;
/// A line is in full from this share of what was demanded on, as the scorecard counts it.
const IN_FULL: f64 = 0.995;

/// Figures that can be taken apart.
const KNOWN: [&str; 11] = [
    "unit_fill_rate",
    "otif",
    "lost_sales",
    "forecast_accuracy",
    "wape",
    "bias",
    "gross_margin",
    "utilisation",
    "stock_days",
    "revenue",
    "gross_profit",
];

/// A key figure taken apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RootCause {
    pub kpi: KpiLine,
    /// What the contributions are, in words.
    pub gap: String,
    /// `units`, `lines`, `hours` or `money`.
    pub unit: String,
    pub root: CauseNode,
}

/// A node of the tree; its children sum to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CauseNode {
    /// What its name is one of: `Family`, `Item`, `Region`, `Place`, `Resource`, `Bucket`, `Cause`; empty for the root.
    pub level: String,
    pub name: String,
    /// In the unit of the tree.
    pub value: f64,
    /// The same as a part of the figure: 0.01 is a percentage point, 1 a day. For money it is the value.
    pub points: f64,
    /// Largest first.
    pub children: Vec<CauseNode>,
}

/// Why a figure cannot be taken apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CauseError {
    #[error("the scorecard has no key figure {0:?}")]
    NoFigure(String),
    #[error("{0} is neither a sum over the rows of the plan nor one over another; these are: {known}", known = KNOWN.join(", "))]
    NoSum(String),
    #[error("{0} has no target to be measured by: enter one on the scorecard")]
    NoTarget(String),
    #[error("{0} has no value to be taken apart: see its row of the scorecard")]
    NoValue(String),
    #[error("the plan has no {0} to take the figure apart by")]
    Missing(&'static str),
}

/// One contribution and where it stands.
struct Leaf {
    /// A name for each level.
    path: Vec<String>,
    value: f64,
}

/// What a figure is the sum of.
struct Leaves {
    levels: &'static [&'static str],
    leaves: Vec<Leaf>,
    /// What the sum is divided by.
    whole: f64,
    gap: &'static str,
    unit: &'static str,
}

const LEVELS: [&str; 4] = ["Family", "Item", "Region", "Cause"];

/// Whether a key figure can be taken apart.
pub fn has_root_cause(kpi: &str) -> bool {
    KNOWN.contains(&kpi)
}

/// Takes a key figure of the scorecard apart. `reasons` are all shortages of the supply plan with their causes; without them
/// there are those that the summary lists.
///
/// # Errors
/// When the plan lacks what the figure is made of.
pub fn root_cause(frames: &[SheetFrame], reasons: &[ShortageLine], kpi: &str) -> Result<RootCause, CauseError> {
    let line = kpi_lines(frames).into_iter().find(|line| line.id == kpi);
    let line = line.ok_or_else(|| CauseError::NoFigure(kpi.to_owned()))?;
    let Leaves { levels, leaves, whole, gap, unit } = match kpi {
        "unit_fill_rate" | "otif" | "lost_sales" => service(frames, &Limits::of(frames, reasons), kpi)?,
        "forecast_accuracy" | "wape" | "bias" => forecast(frames, kpi)?,
        "gross_margin" => margin(frames, line.target.ok_or_else(|| CauseError::NoTarget(line.name.clone()))?)?,
        "utilisation" => balances::utilisation(frames, line.target)?,
        "stock_days" => balances::stock_days(frames, &line)?,
        "revenue" | "gross_profit" => balances::money(frames, kpi)?,
        _ => return Err(CauseError::NoSum(line.name)),
    };
    let leaves: Vec<&Leaf> = leaves.iter().collect();
    let root = tree(&leaves, levels, (String::new(), String::new()), whole);
    Ok(RootCause { kpi: line, gap: gap.to_owned(), unit: unit.to_owned(), root })
}

/// What supply does not deliver in time, with the limits the solver names.
fn service(frames: &[SheetFrame], limits: &Limits, kpi: &str) -> Result<Leaves, CauseError> {
    let rows = Rows::of(frames, "profit")?;
    // What is delivered by its due date, as the scorecard counts it; plans of before only have what is delivered at all.
    let (demand, served) = (rows.timed("demand"), rows.timed("ontime").or_else(|| rows.timed("served")));
    let (demand, served) =
        (demand.ok_or(CauseError::Missing("demand"))?, served.ok_or(CauseError::Missing("served units"))?);
    let lost = rows.timed("lostsales");
    let channel = rows.key("channel");
    let (mut leaves, mut whole) = (Vec::new(), 0.0);
    for row in 0..rows.reader.len() {
        let [_, item, region] = rows.path(row);
        let channel = channel.map_or("", |channel| rows.reader.text(channel, row));
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
            if value == 0.0 {
                continue;
            }
            let mut shares = limits.shares([&item, &region, channel], bucket, asked - done.min(asked).max(0.0));
            if kpi == "otif" {
                // A line is one, whatever keeps most of it back.
                sort_by(&mut shares, |a, b| b.1.total_cmp(&a.1));
                shares.truncate(1);
                shares.iter_mut().for_each(|(_, share)| *share = 1.0);
            }
            let Some(((last, _), others)) = shares.split_last() else { continue };
            let mut rest = value;
            for (cause, share) in others {
                rest -= value * share;
                leaves.push(Leaf { path: rows.path_to(row, cause), value: value * share });
            }
            leaves.push(Leaf { path: rows.path_to(row, last), value: rest });
        }
    }
    let (whole, gap, unit) = match kpi {
        "otif" => (whole, "Lines not served in full in their bucket", "lines"),
        "lost_sales" => (1.0, "Units never delivered, at net prices", "money"),
        _ => (whole, "Units not served in their bucket", "units"),
    };
    Ok(Leaves { levels: &LEVELS, leaves, whole, gap, unit })
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
        for &bucket in &rows.history {
            let at = |measure| rows.reader.at(measure, row, bucket);
            let (Some(came), Some(said)) = (at(actual), at(forecast)) else { continue };
            whole += came;
            let error = said - came;
            let value = if kpi == "bias" { error } else { error.abs() };
            if error != 0.0 {
                let cause = if error > 0.0 { "forecast too high" } else { "forecast too low" };
                leaves.push(Leaf { path: rows.path_to(row, cause), value });
            }
        }
    }
    let gap = if kpi == "bias" { "Forecast less actual" } else { "Units forecast wrongly, too high or too low" };
    Ok(Leaves { levels: &LEVELS, leaves, whole, gap, unit: "units" })
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
        let (earned, spent) = (rows.sum(revenue, row), rows.sum(cost, row));
        whole += earned;
        let value = target * earned - (earned - spent);
        if value != 0.0 {
            let cause = if value > 0.0 { "costs too much for its price" } else { "earns more than the target" };
            leaves.push(Leaf { path: rows.path_to(row, cause), value });
        }
    }
    Ok(Leaves { levels: &LEVELS, leaves, whole, gap: "Profit missing to the target margin", unit: "money" })
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

    fn key(&self, name: &str) -> Option<MeasureId> {
        self.reader.measure(name).filter(|measure| measure.kind == MeasureKind::Key).map(|measure| measure.id)
    }

    /// A measure over all planned buckets.
    fn sum(&self, measure: MeasureId, row: usize) -> f64 {
        self.plan.iter().filter_map(|&bucket| self.reader.at(measure, row, bucket)).sum()
    }

    fn path_to(&self, row: usize, cause: &str) -> Vec<String> {
        self.path(row).into_iter().chain([cause.to_owned()]).collect()
    }

    fn path(&self, row: usize) -> [String; 3] {
        [self.family, self.item, self.region].map(|measure| {
            let text = measure.map_or("", |measure| self.reader.text(measure, row));
            if text.is_empty() { "(none)".to_owned() } else { text.to_owned() }
        })
    }
}

fn tree(leaves: &[&Leaf], levels: &[&str], (level, name): (String, String), whole: f64) -> CauseNode {
    let of = |value: f64| if whole == 0.0 { 0.0 } else { value / whole };
    let Some((inner, below)) = levels.split_first() else {
        let value = leaves.iter().map(|leaf| leaf.value).sum();
        return CauseNode { level, name, value, points: of(value), children: Vec::new() };
    };
    let mut groups: BTreeMap<&str, Vec<&Leaf>> = BTreeMap::new();
    for leaf in leaves {
        let place = leaf.path.len() - levels.len();
        groups.entry(&leaf.path[place]).or_default().push(leaf);
    }
    let mut children: Vec<CauseNode> = groups
        .into_iter()
        .map(|(name, leaves)| tree(&leaves, below, ((*inner).to_owned(), name.to_owned()), whole))
        .collect();
    sort_by(&mut children, |a, b| b.value.abs().total_cmp(&a.value.abs()));
    if children.len() > SHOWN + 1 {
        let rest = children.split_off(SHOWN);
        let value = rest.iter().map(|node| node.value).sum();
        children.push(CauseNode {
            level: (*inner).to_owned(),
            name: format!("{} others", rest.len()),
            value,
            points: of(value),
            children: Vec::new(),
        });
    }
    // Its own value is the sum of its children, to the last bit: what is shown adds up.
    let value = children.iter().map(|child| child.value).sum();
    CauseNode { level, name, value, points: of(value), children }
}
