//! What the supply page shows of a solved plan, and the answers to questions asked there.

use serde::{Deserialize, Serialize};

use super::LinkLine;
use crate::supply::study::{LeverChoices, Study};
use crate::value::Value;

/// A solved supply plan for people who read it. Series have one value a bucket of `buckets`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SupplyReport {
    /// Names of the buckets, in order.
    pub buckets: Vec<String>,
    /// Money minimised, and the plan's costs by kind in words.
    pub objective: f64,
    pub costs: Vec<(String, f64)>,
    pub revenue: f64,
    /// Units.
    pub demand: f64,
    pub served: f64,
    pub served_on_time: f64,
    pub lost: f64,
    pub late_unit_periods: f64,
    /// Whether no plan is better; otherwise the search ended at its time limit.
    pub is_optimal: bool,
    /// Where it did: the share of the objective by which the best plan may be lower, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<f64>,
    /// What in the tables is not wrong but may not be meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Limits that bind, most worth first; the first of them.
    pub limits: Vec<LimitLine>,
    /// How many bind.
    #[serde(default)]
    pub limit_count: usize,
    /// All that is late or lost in units by cause, most first.
    #[serde(default)]
    pub causes: Vec<(String, f64)>,
    /// What is late or lost with its cause, most units first; the first of them.
    pub shortages: Vec<ShortageLine>,
    /// How many there are.
    pub shortage_count: usize,
    pub resources: Vec<ResourceLine>,
    /// Stock by item and place: those in trouble first; the first of them.
    pub stocks: Vec<StockLine>,
    pub stock_count: usize,
    pub links: Vec<LinkLine>,
    /// What a what-if can change.
    pub levers: Vec<LeverChoices>,
}

/// A limit that binds in some bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LimitLine {
    /// What is limited, in words: `Capacity`, `Supplier` …
    pub limit: String,
    pub of: String,
    /// What one more is: `hour`, `unit`, `m³`.
    pub unit: String,
    /// Money one more would save, by bucket; 0 where the limit does not bind.
    pub saves: Vec<f64>,
}

/// Units of one customer that come late or never, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShortageLine {
    pub item: String,
    pub region: String,
    pub channel: String,
    pub bucket: String,
    /// `late` or `lost`.
    pub kind: String,
    pub units: f64,
    pub cause: String,
}

impl ShortageLine {
    /// The cause as a list of causes has it, where late and lost units stand side by side.
    pub fn cause_told(&self) -> String {
        format!("{}{}", self.cause, if self.kind == "late" { " (late)" } else { "" })
    }
}

/// Hours of a resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResourceLine {
    pub resource: String,
    pub hours: Vec<f64>,
    pub overtime: Vec<f64>,
    /// Regular hours.
    pub available: Vec<f64>,
}

/// An item at a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StockLine {
    pub item: String,
    pub location: String,
    /// Closing stock.
    pub stock: Vec<f64>,
    /// Units below safety stock.
    pub below: Vec<f64>,
    /// What goes out: served, sent on and used up.
    pub outflow: Vec<f64>,
    pub safety: f64,
    /// `None` where unlimited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub largest: Option<f64>,
}

impl StockLine {
    /// Days that the closing stock of a bucket lasts at the outflows that follow; `None` where it outlasts the plan.
    pub fn cover_days(&self, bucket: usize, days_of_bucket: f64) -> Option<f64> {
        let mut left = *self.stock.get(bucket)?;
        let mut days = 0.0;
        for out in self.outflow.iter().skip(bucket + 1) {
            if *out > left {
                return Some(days + if *out > 0.0 { left / out * days_of_bucket } else { 0.0 });
            }
            left -= out;
            days += days_of_bucket;
        }
        None
    }
}

/// A supply plan that was solved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SolvedSupply {
    /// Changes with every input.
    pub key: String,
    pub objective: String,
    pub currency: String,
    pub report: SupplyReport,
}

/// How the supply plan of a workbook stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SupplyState {
    /// No cell asks for a supply plan.
    None,
    /// It is being solved, or waits for its inputs to rest.
    Solving,
    /// There is no plan; why, and what to do.
    Failed { message: String, remedy: String },
    /// There is no plan for the inputs as they are; why, and what to do. `last` is the plan before, which sheets go on showing; `None` where
    /// it is the one that was asked about.
    Outdated { message: String, remedy: String, last: Option<Box<SolvedSupply>> },
    /// Solved.
    Solved(Box<SolvedSupply>),
    /// The plan with the key that was asked about still holds.
    Same,
}

/// A question to the plan with this key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AskPlan {
    pub key: String,
    pub study: Study,
}

/// How a question stands. One that is being worked out is asked again until it is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum PlanAnswer {
    Working,
    /// The plan asked about is not the plan any more.
    Outdated,
    Failed {
        message: String,
    },
    /// A heading and rows, as the function of the same question spills them.
    Done {
        table: Vec<Vec<Value>>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stock_covers_what_goes_out_after_it() {
        let line = |stock: f64, outflow: &[f64]| StockLine {
            item: String::new(),
            location: String::new(),
            stock: vec![stock; outflow.len()],
            below: Vec::new(),
            outflow: outflow.to_vec(),
            safety: 0.0,
            largest: None,
        };
        assert_eq!(line(45.0, &[0.0, 30.0, 30.0]).cover_days(0, 30.0), Some(45.0));
        assert_eq!(line(0.0, &[9.0, 30.0]).cover_days(0, 30.0), Some(0.0));
        assert_eq!(line(60.0, &[9.0, 30.0, 30.0]).cover_days(0, 30.0), None, "it outlasts the plan");
        assert_eq!(line(60.0, &[9.0]).cover_days(0, 30.0), None, "nothing is known of what follows");
        assert_eq!(line(1.0, &[9.0]).cover_days(5, 30.0), None);
    }
}
