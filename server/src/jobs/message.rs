//! What the server and its job processes say to each other: JSON, one message a line.

use std::collections::BTreeMap;
use std::sync::Arc;

use grid_engine::calc::JobKey;
use grid_engine::formula::{ForecastCall, SolveCall};
use grid_engine::plan::SupplyReport;
use grid_engine::supply::study::Study;
use grid_engine::supply::{RawCell, RawTable};
use grid_engine::value::Value;
use serde::{Deserialize, Serialize};

/// The one line a job reads.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Task {
    Forecast {
        calls: Vec<ForecastCall>,
    },
    /// Solves a plan, and answers a question to it where one is asked. Whoever keeps the process has questions later.
    Solve {
        tables: BTreeMap<String, Table>,
        objective: String,
        study: Study,
        keep: bool,
    },
    /// Solves a plan from the one solved last, where only numbers differ.
    Again {
        tables: BTreeMap<String, Table>,
        objective: String,
    },
    /// A question to the plan solved last.
    Study {
        study: Study,
    },
    /// Proves the values of a version's bundle, in base 64.
    Prove {
        bundle: String,
    },
}

/// A line a job writes.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Report {
    Progress {
        done: u64,
        total: u64,
        message: String,
    },
    /// One answer per series, in order.
    Forecasts {
        answers: Vec<Value>,
    },
    /// A plan, or the answer to a question about one.
    Solved(KeptAnswer),
    /// The plan cannot be solved from the last one.
    Afresh,
    /// What does not hold of a bundle.
    Proven {
        problems: Vec<String>,
        /// The engine that froze it, where that is another one.
        frozen_by: Option<String>,
    },
}

/// A table of the supply model.
#[derive(Serialize, Deserialize)]
pub(super) struct Table {
    columns: Vec<Arc<str>>,
    rows: Vec<Vec<Cell>>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Cell {
    Blank(()),
    Number(f64),
    Text(Arc<str>),
}

impl From<&RawTable> for Table {
    fn from(table: &RawTable) -> Self {
        let cell = |cell: &RawCell| match cell {
            RawCell::Blank => Cell::Blank(()),
            RawCell::Number(number) => Cell::Number(*number),
            RawCell::Text(text) => Cell::Text(text.clone()),
        };
        Self { columns: table.columns.clone(), rows: table.rows.iter().map(|r| r.iter().map(cell).collect()).collect() }
    }
}

impl From<Table> for RawTable {
    fn from(table: Table) -> Self {
        let cell = |cell| match cell {
            Cell::Blank(()) => RawCell::Blank,
            Cell::Number(number) => RawCell::Number(number),
            Cell::Text(text) => RawCell::Text(text),
        };
        let rows = table.rows.into_iter().map(|row| row.into_iter().map(cell).collect()).collect();
        Self { columns: table.columns, rows }
    }
}

impl Task {
    pub(super) fn solve(call: &SolveCall, keep: bool) -> Self {
        Self::Solve { tables: tables_of(call), objective: call.objective.clone(), study: call.study.clone(), keep }
    }

    /// The plan of a call, from the one the process has solved before.
    pub(super) fn again(call: &SolveCall) -> Self {
        Self::Again { tables: tables_of(call), objective: call.objective.clone() }
    }
}

fn tables_of(call: &SolveCall) -> BTreeMap<String, Table> {
    call.tables.iter().map(|(name, table)| (name.clone(), table.into())).collect()
}

/// What a solved plan shows: its rows, and its page where the plan has one.
#[derive(Clone, Debug, PartialEq)]
pub struct SolvedPlan {
    /// The solve.
    pub key: JobKey,
    pub tables: Vec<SolvedTable>,
    pub report: Option<Box<SupplyReport>>,
}

/// What a solved plan says of the rows of one sheet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SolvedTable {
    /// Role of the sheet, e.g. `supply`.
    pub role: String,
    /// Ids of the measures, in the order of each row's values.
    pub measures: Vec<String>,
    pub rows: Vec<SolvedRow>,
}

/// A row by its key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SolvedRow {
    /// Values of the sheet's key measures in order, e.g. item and location.
    pub key: Vec<Arc<str>>,
    /// One series per measure, one value per planned bucket.
    pub values: Vec<Vec<f64>>,
}

/// An answer as the store keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptAnswer {
    pub value: Value,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<SolvedTable>,
    /// Of a plan, what its page shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Box<SupplyReport>>,
}

impl From<Value> for KeptAnswer {
    /// An answer that is no plan.
    fn from(value: Value) -> Self {
        Self { value, tables: Vec::new(), report: None }
    }
}

/// An answer with its key.
pub(super) type Answer = (JobKey, Value);
