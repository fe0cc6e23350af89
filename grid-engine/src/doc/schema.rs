//! What documents hold, as domain types.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::calendar::Horizon;
use crate::refs::{ColId, MeasureId, PartId, PersonId, SheetId};
use crate::value::NumberFormat;

/// What a person entered into a cell.
///
/// In the document: a number, a truth value, or a string. A string that starts with `=` is a formula
/// in its stored form (ids, not A1); a text that starts with `=` or `'` carries a leading `'`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Input {
    Number(f64),
    Bool(bool),
    Text(Arc<str>),
    /// A formula's stored text, including its `=`.
    Formula(Arc<str>),
}

/// Keyed rows × measures × time, or an ordinary grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SheetKind {
    Planning,
    Free,
}

/// What a sheet is for, where planning functions must find it: `supply.capacity` is the table
/// `capacity` of the supply model, `demand` the demand sheet. Empty for any other sheet.
pub type SheetRole = String;

/// A sheet's entry in the workbook's document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SheetInfo {
    pub id: SheetId,
    pub title: String,
    pub kind: SheetKind,
    /// Fractional position among the tabs.
    pub position: String,
    #[serde(default)]
    pub role: SheetRole,
    /// Tabs of one group stand together, e.g. `Plan`, `Master data`.
    #[serde(default)]
    pub group: String,
    #[serde(default)]
    pub hidden: bool,
    /// Its values are for everyone, also those that follow from rows a person may not see.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub published: bool,
    /// The colour of its tab, for everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<TabColour>,
}

/// A colour of a sheet's tab; what it looks like is the theme's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TabColour {
    Red,
    Orange,
    Green,
    Teal,
    Blue,
    Purple,
}

/// A sheet's own settings (the map `meta` of its room).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SheetMeta {
    pub kind: SheetKind,
    pub title: String,
    /// How often the room was rebased. It comes from the room; no edit changes it.
    pub epoch: u32,
    /// Planning sheets with time.
    #[serde(default)]
    pub horizon: Option<Horizon>,
    /// The key measure whose values split this sheet into rooms.
    #[serde(default)]
    pub partition: Option<MeasureId>,
    /// The parts and the key value each stands for.
    #[serde(default)]
    pub parts: BTreeMap<PartId, String>,
}

/// How the cells of a measure come about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MeasureKind {
    /// Part of the row's key, e.g. SKU: text, untimed, entered with the row.
    Key,
    /// Entered by people.
    Input,
    /// Read-only facts from outside the documents: actuals, solver output.
    Layer,
    /// One formula for the whole measure, in stored form with its `=`; a cell may override it with an input.
    Formula(String),
}

/// What happens when two people write a cell of the measure at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Merge {
    /// Last write wins; both people are told.
    #[default]
    Override,
    /// Each person's contribution is kept; the cell is their sum.
    Additive,
    /// What is entered are weights; a cell is its share of the weights of all live rows with the same value in the key
    /// `within` (`None`: of all rows), so that shares add up to 100 %.
    Allocation { within: Option<MeasureId> },
}

impl Merge {
    /// Whether cells are shares of a whole.
    pub fn is_allocation(self) -> bool {
        matches!(self, Self::Allocation { .. })
    }
}

/// How a measure rolls up over rows, and over time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Aggregate {
    #[default]
    Sum,
    Mean,
    /// Sum over rows, last value over time: stocks.
    Last,
    /// No roll-up: prices, texts.
    None,
}

/// The buckets in which a timed measure has cells; outside it is blank and takes no input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Span {
    #[default]
    All,
    /// Before the horizon's current bucket: actuals.
    History,
    /// From the current bucket on: overrides, consensus, solver output.
    Plan,
}

impl Span {
    /// Whether a measure with it has cells in a column.
    pub fn covers(self, col: ColId, meta: &SheetMeta) -> bool {
        let (Some(bucket), Some(horizon)) = (col.bucket, meta.horizon) else { return true };
        let in_plan = bucket.since(horizon.current).is_some_and(|steps| steps >= 0);
        match self {
            Self::All => true,
            Self::History => !in_plan,
            Self::Plan => in_plan,
        }
    }
}

/// A measure of a planning sheet (the map `measures` of its room).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    pub id: MeasureId,
    pub name: String,
    pub kind: MeasureKind,
    /// Whether it has a cell per bucket, or one per row.
    pub timed: bool,
    #[serde(default)]
    pub span: Span,
    #[serde(default)]
    pub merge: Merge,
    #[serde(default)]
    pub aggregate: Aggregate,
    #[serde(default)]
    pub format: NumberFormat,
    /// Shown once beside the name: `pcs`, `EUR`, `h`.
    #[serde(default)]
    pub unit: String,
    /// Position among the measures.
    pub order: u32,
    /// One sentence for the people who use it.
    #[serde(default)]
    pub help: String,
}

/// A comment or reason on a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub text: String,
    pub by: PersonId,
    /// Milliseconds since 1970.
    pub at: i64,
}
