//! What two sides do to a plan at random, and what people mean by merging it.

use std::collections::BTreeMap;

use grid_engine::doc::{Edit, Input};
use grid_engine::plan::Choice;
use proptest::prelude::*;

use super::forked::{MONTHS, NEW, ROWS, cell, delete, insert, key, row, set, shift};
use super::table::{Table, person, sheet};

/// What somebody does to one side.
#[derive(Clone, Debug)]
pub enum Deed {
    Enter {
        row: usize,
        month: usize,
        number: Option<u8>,
    },
    Formula {
        row: usize,
        month: usize,
    },
    Add {
        row: usize,
        month: usize,
        number: u8,
    },
    Delete {
        row: usize,
    },
    /// A row that is new, behind another.
    Insert {
        row: usize,
        after: Option<usize>,
    },
    Move {
        row: usize,
        after: Option<usize>,
    },
}

impl Deed {
    /// Whether it changes which rows there are, or where.
    pub fn is_of_rows(&self) -> bool {
        matches!(self, Self::Delete { .. } | Self::Insert { .. } | Self::Move { .. })
    }

    /// Whether it adds a row.
    pub fn adds(&self, wanted: usize) -> bool {
        matches!(self, Self::Insert { row, .. } if *row == wanted)
    }
}

/// What a row is called: those the plan begins with, then those that may be added.
fn name(place: usize) -> &'static str {
    ROWS.into_iter().chain(NEW).nth(place).unwrap()
}

const ALL: usize = ROWS.len() + NEW.len();

/// Deeds that leave the rows there are in their order.
pub fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    proptest::collection::vec(in_rows(ROWS.len()), 0..12)
}

/// Deeds that add and move rows, too.
pub fn deeds_with_rows() -> impl Strategy<Value = Vec<Deed>> {
    let after = || proptest::option::of(0..ALL);
    let deed = prop_oneof![
        4 => in_rows(ALL),
        2 => (ROWS.len()..ALL, after()).prop_map(|(row, after)| Deed::Insert { row, after }),
        2 => (0..ALL, after()).prop_map(|(row, after)| Deed::Move { row, after }),
    ];
    proptest::collection::vec(deed, 0..16)
}

fn in_rows(rows: usize) -> impl Strategy<Value = Deed> {
    let at = move || (0..rows, 0..MONTHS.len());
    prop_oneof![
        4 => (at(), proptest::option::of(0_u8..4)).prop_map(|((row, month), number)| Deed::Enter { row, month, number }),
        1 => at().prop_map(|(row, month)| Deed::Formula { row, month }),
        2 => (at(), 1_u8..4).prop_map(|((row, month), number)| Deed::Add { row, month, number }),
        1 => (0..rows).prop_map(|row| Deed::Delete { row }),
    ]
}

/// The model: what stands in each cell, and which rows there are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    pub rows: BTreeMap<usize, ()>,
    pub cells: BTreeMap<(usize, usize), String>,
    pub sums: BTreeMap<(usize, usize), i32>,
}

impl Model {
    pub fn of(table: &Table) -> Self {
        let demand = table.book.sheet(sheet("demand")).unwrap();
        let mut model = Self::default();
        let here = (0..ALL).map(|place| (place, name(place))).filter(|(_, name)| demand.row_index(row(name)).is_some());
        for (place, name) in here {
            model.rows.insert(place, ());
            for month in 0..MONTHS.len() {
                match demand.input(row(name), cell("Override", name, month).col) {
                    Some(Input::Number(number)) => drop(model.cells.insert((place, month), number.to_string())),
                    Some(Input::Formula(text)) => drop(model.cells.insert((place, month), text.to_string())),
                    _ => {}
                }
                if let Some(Input::Number(sum)) = demand.input(row(name), cell("Uplift", name, month).col) {
                    model.sums.insert((place, month), *sum as i32);
                }
            }
        }
        model
    }

    /// What a person expects of merging `theirs` into `ours`, every conflict decided the same way.
    pub fn merged(base: &Self, ours: &Self, theirs: &Self, conflicts: Choice) -> Self {
        let mut merged = ours.clone();
        for row in base.rows.keys() {
            let of_row = |model: &Self| {
                let cells: Vec<_> = (0..MONTHS.len()).map(|m| model.cells.get(&(*row, m)).cloned()).collect();
                let sums: Vec<_> = (0..MONTHS.len()).map(|m| model.sums.get(&(*row, m)).copied()).collect();
                (cells, sums)
            };
            let (here, there) = (ours.rows.contains_key(row), theirs.rows.contains_key(row));
            if !there && here {
                let is_conflict = of_row(ours) != of_row(base);
                if !is_conflict || conflicts == Choice::Theirs {
                    merged.rows.remove(row);
                    merged.cells.retain(|(of, _), _| of != row);
                    merged.sums.retain(|(of, _), _| of != row);
                }
            }
            if !there || (!here && (of_row(theirs) == of_row(base) || conflicts == Choice::Ours)) {
                continue;
            }
            if !here {
                // Taken back with what it held when it was deleted; see the test for what that is.
                merged.rows.insert(*row, ());
                continue;
            }
            for month in 0..MONTHS.len() {
                let at = (*row, month);
                let (b, o, t) = (base.cells.get(&at), ours.cells.get(&at), theirs.cells.get(&at));
                if t != b && t != o && (o == b || conflicts == Choice::Theirs) {
                    match t {
                        Some(text) => drop(merged.cells.insert(at, text.clone())),
                        None => drop(merged.cells.remove(&at)),
                    }
                }
                let sum = |model: &Self| model.sums.get(&at).copied().unwrap_or(0);
                if sum(theirs) != sum(base) && sum(theirs) != sum(ours) {
                    let total = sum(ours) + sum(theirs) - sum(base);
                    merged.sums.insert(at, total);
                }
            }
        }
        for row in theirs.rows.keys().filter(|row| !base.rows.contains_key(row)) {
            let is_in_both = merged.rows.insert(*row, ()).is_some();
            for month in 0..MONTHS.len() {
                let at = (*row, month);
                // A cell both have filled is a conflict; one that only one of them has is not.
                if let Some(text) = theirs.cells.get(&at)
                    && (!ours.cells.contains_key(&at) || conflicts == Choice::Theirs)
                {
                    merged.cells.insert(at, text.clone());
                }
                if let Some(sum) = theirs.sums.get(&at).filter(|sum| !is_in_both || ours.sums.get(&at) != Some(sum)) {
                    *merged.sums.entry(at).or_default() += sum;
                }
            }
        }
        merged.sums.retain(|_, sum| *sum != 0);
        merged
    }
}

/// The rows of a side in their order.
pub fn order(table: &Table) -> Vec<String> {
    table.book.sheet(sheet("demand")).unwrap().rows().iter().map(ToString::to_string).collect()
}

pub fn act(table: &mut Table, by: &str, deeds: &[Deed]) {
    for deed in deeds {
        let ops = match *deed {
            Deed::Enter { row, month, number } => {
                vec![set(cell("Override", name(row), month), number.map(|number| Input::Number(number.into())))]
            }
            Deed::Formula { row, month } => {
                vec![set(cell("Override", name(row), month), Some(Input::Formula("=1+1".into())))]
            }
            Deed::Add { row, month, number } => {
                vec![set(cell("Uplift", name(row), month), Some(Input::Number(number.into())))]
            }
            Deed::Delete { row } => vec![delete(name(row))],
            Deed::Insert { row, after } => {
                let keyed = set(key(name(row)), Some(Input::Text(name(row).into())));
                vec![insert(after.map(name), &[name(row)]), keyed]
            }
            Deed::Move { row, after } => vec![shift(after.map(name), name(row))],
        };
        // What a row that is not there refuses is nothing done.
        let _ = table.book.apply(&Edit { by: person(by), at: 1, why: None, ops });
    }
}
