//! Questions to a solved plan that only further solves answer: what if one number were another, what would free a
//! shortage, what does service cost in stock. Each re-solve begins from the basis of the plan before it.
//!
//! A study begins from a resolver that has just solved the base and takes its re-solves in a fixed order, so that equal
//! questions get equal answers, even where several plans are equally good.

mod change;
mod lever;
mod outcome;
mod quantities;
mod relief;
mod table;
mod trade_off;
mod what_if;

use serde::{Deserialize, Serialize};

pub use change::{Change, ChangeError, Step};
pub use lever::{Lever, LeverChoices, lever_choices};
pub use outcome::Outcome;
pub use relief::margins::{Margin, margins};
pub use relief::{Relief, reliefs};
pub use table::{StudyCell, StudyTable};
pub use trade_off::{TradeOffPoint, trade_off};
pub use what_if::{WhatIf, what_if};

use super::but_for::{Verdict, verdicts};
use super::network::Network;
use super::plan::Plan;
use super::resolver::Resolver;
use super::solving::SolveError;

/// Service levels of a trade-off curve where none are given.
pub const SERVICE_LEVELS: [f64; 7] = [0.5, 0.8, 0.9, 0.95, 0.975, 0.99, 0.995];
/// The service level that safety stocks are taken to stand for, where nothing else is said.
pub const PRESENT_LEVEL: f64 = 0.95;
/// Most re-solves a study may ask for.
pub const MAX_STEPS: usize = 24;

/// What is asked of a plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "study", rename_all = "snake_case")]
pub enum Study {
    /// The plan itself.
    #[default]
    Plan,
    /// The plan with numbers changed, all of them at once.
    WhatIf { changes: Vec<Change> },
    /// What it makes, buys and ships, as rows of the table of decisions.
    Quantities,
    /// What each binding limit would give, by a step of it.
    Relief,
    /// Which of the reasons for shortages a plan without such limits confirms.
    ButFor,
    /// What one more and one less of the dearest limits come to, beside what their prices say.
    Margins,
    /// Stock against service and cost, by a plan for each service level.
    TradeOff {
        levels: Vec<f64>,
        /// The service level that the present safety stocks stand for.
        present: f64,
    },
}

/// Why a study has no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StudyError {
    #[error(transparent)]
    Change(#[from] ChangeError),
    #[error(transparent)]
    Solve(#[from] SolveError),
    #[error("{0}")]
    Question(String),
}

/// Whether a question can be asked of the plan of a network, before that is solved.
///
/// # Errors
/// A change that names nothing or cannot be made.
pub fn check(network: &Network, question: &Study) -> Result<(), StudyError> {
    match question {
        Study::WhatIf { changes } => what_if::changed(network, changes).map(|_| ()),
        _ => Ok(()),
    }
}

/// Answers a study of a plan; `resolver` has just solved it. `progress` hears how many re-solves are done, and of how many.
///
/// # Errors
/// See [`StudyError`]; [`Study::Plan`] is no question.
pub fn study(
    base: &Plan,
    question: &Study,
    resolver: &mut Resolver,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<StudyTable, StudyError> {
    match question {
        Study::Plan => Err(StudyError::Question("the plan itself is no question to it".to_owned())),
        Study::WhatIf { changes } => Ok(what_if(base, changes, resolver)?.table()),
        Study::Quantities => Ok(quantities::table(base)),
        Study::Relief => Ok(relief::table(&reliefs(base, resolver, progress)?)),
        Study::ButFor => Ok(verdict_table(&verdicts(base, resolver, progress)?)),
        Study::Margins => Ok(relief::margins::table(base, &margins(base, resolver, progress)?)),
        Study::TradeOff { levels, present } => {
            Ok(trade_off::table(&trade_off(base, levels, *present, resolver, progress)?))
        }
    }
}

/// The verdicts as rows, a class of limits each.
fn verdict_table(verdicts: &[Verdict]) -> StudyTable {
    let header = ["Cause", "Units", "Units that come", "Verdict", "Lost without", "Late without", "Cost without"];
    let row = |one: &Verdict| {
        let without = one.without;
        let figures = [without.lost_units, without.late_unit_periods, without.cost];
        let mut row: Vec<StudyCell> = vec![without.class.key().into(), one.blamed.into(), one.come.into()];
        row.push(one.word().into());
        row.extend(figures.map(StudyCell::from));
        row
    };
    StudyTable { header: header.map(str::to_owned).into(), rows: verdicts.iter().map(row).collect() }
}

/// Solves a changed network without explaining it.
fn solve_again(network: Network, resolver: &mut Resolver) -> Result<Plan, StudyError> {
    Ok(resolver.solve_unexplained(network, &mut |_| ())?)
}
