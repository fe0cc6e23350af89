//! A formula with what calculation must know of it.

use std::sync::Arc;

use super::ids::{IdMap, IdSet};
use crate::formula::{Formula, MeasureRef, RangeRef, Read};
use crate::refs::CellRef;
use crate::value::{CellError, ErrorKind, Value};

/// Functions whose value depends on the column they stand in.
const COLUMN_FUNCTIONS: [&str; 4] = ["COLUMN(", "CELL(", "ADDRESS(", "OFFSET("];

/// A formula as calculation keeps it.
#[derive(Debug)]
pub(super) struct Program {
    pub stored: Arc<str>,
    /// The formula, or the value of a text that is none.
    pub formula: Result<Formula, Value>,
    pub reads: Reads,
    /// It holds a call that only a job answers.
    pub pending: bool,
    /// Its value may differ from column to column even where it reads the same.
    pub knows_column: bool,
}

/// What a formula reads, its defined names included.
#[derive(Debug, Default)]
pub(super) struct Reads {
    pub cells: Vec<CellRef>,
    pub ranges: Vec<RangeRef>,
    pub measures: Vec<MeasureRef>,
    /// Roles of sheets read as tables, perhaps ending in `*`.
    pub tables: Vec<&'static str>,
    pub volatile: bool,
    /// A defined name occurs in it.
    pub named: bool,
}

impl Program {
    /// Reads a stored formula. What is no formula evaluates to `#NAME?`.
    pub(super) fn compile(stored: &Arc<str>, names: &IdMap<String, Formula>) -> Self {
        let formula = Formula::from_stored(stored).map_err(|error| {
            Value::Error(CellError::because(ErrorKind::Name, format!("this is not a formula: {error}")))
        });
        let mut program = Self {
            stored: stored.clone(),
            formula,
            reads: Reads::default(),
            pending: false,
            knows_column: COLUMN_FUNCTIONS.iter().any(|function| stored.contains(function)),
        };
        let mut open: Vec<Formula> = program.formula.iter().cloned().collect();
        let mut seen = IdSet::<String>::default();
        while let Some(formula) = open.pop() {
            program.pending |= formula.is_pending();
            program.reads.volatile |= formula.is_volatile();
            for read in formula.reads() {
                match read {
                    Read::Cell(cell) => push(&mut program.reads.cells, cell),
                    Read::Range(range) => push(&mut program.reads.ranges, range),
                    Read::Measure(reference) => push(&mut program.reads.measures, reference),
                    Read::Table(role) => push(&mut program.reads.tables, role),
                    Read::Volatile => program.reads.volatile = true,
                    Read::Name(name) => {
                        program.reads.named = true;
                        let name = name.to_lowercase();
                        if let Some(named) = names.get(&name)
                            && seen.insert(name)
                        {
                            open.push(named.clone());
                        }
                    }
                }
            }
        }
        program
    }

    /// Whether a sheet with this role is read as a table.
    pub(super) fn reads_table(&self, role: &str) -> bool {
        self.reads.tables.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => role.starts_with(start),
            None => role == *pattern,
        })
    }
}

fn push<T: PartialEq>(list: &mut Vec<T>, item: T) {
    // A formula's own reads are each listed once already; only those of its names may repeat, and names are few.
    if list.len() > 64 || !list.contains(&item) {
        list.push(item);
    }
}
