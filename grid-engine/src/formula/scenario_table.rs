//! The scenario matrix as formulas read it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Scenarios side by side: what `SCENARIO` shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScenarioTable {
    /// Figures that scenarios are compared by, as rules name them and as people read them: `("otif", "OTIF")`.
    pub figures: Vec<(Arc<str>, Arc<str>)>,
    pub lines: Vec<ScenarioLine>,
}

/// A scenario: three versions by their names, and how far it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScenarioLine {
    pub demand: Arc<str>,
    pub supply: Arc<str>,
    pub cost: Arc<str>,
    /// `done`, `calculating`, `waiting`, `failed`, `open`.
    pub status: Arc<str>,
    /// One for each figure of the table; `None` where it is not known or not defined.
    pub values: Vec<Option<f64>>,
    /// Place among all scenarios that are done, by profit; 1 is the best.
    pub rank: Option<u32>,
}
