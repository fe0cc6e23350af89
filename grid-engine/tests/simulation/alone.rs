//! What holds for one person alone: what is done and taken back has not happened.

use grid_engine::doc::{Edit, Input, Op};
use grid_engine::refs::CellRef;
use grid_engine::workbook::Side;
use proptest::prelude::*;

use crate::deeds;
use crate::dice::Dice;
use crate::plan::{self, PEOPLE};
use crate::table::{Table, person, sheet};

fn desk() -> Table {
    let mut table = plan::make().copy(Side::Browser, 10);
    table.recalculate();
    table
}

/// Does what the dice say, if it can be done and undone. Whether there is something to undo then.
fn act(table: &mut Table, seed: u64, serial: u32) -> bool {
    let ops = deeds::deed(&mut Dice(seed), &table.book, person(PEOPLE[0]), serial);
    // A new sheet stays, and so does what is made of it.
    if ops.iter().any(|op| matches!(op, Op::PutSheet { .. })) {
        return false;
    }
    // At the time everything is undone and redone: notes bear it.
    let edit = Edit { by: person(PEOPLE[0]), at: 1, why: None, ops };
    table.book.apply(&edit).is_ok_and(|applied| !applied.inverse.ops.is_empty())
}

/// What is seen: documents without what is hidden in them, and all values.
fn seen(table: &mut Table) -> String {
    table.recalculate();
    let mut text = format!("{:?}", table.book.mirror());
    for info in table.book.mirror().sheets() {
        let of = table.book.sheet(info.id).unwrap();
        for (row, col) in of.rows().iter().flat_map(|row| of.cols().iter().map(move |col| (*row, *col))) {
            text += &format!("{:?};", table.book.value(CellRef { sheet: info.id, row, col }));
        }
    }
    text
}

/// The formulas of the free sheet as stored, and as people read them.
fn formulas(table: &Table) -> Vec<(CellRef, String, String)> {
    let notes = table.book.sheet(sheet("notes")).unwrap();
    let formulas = notes.inputs().filter_map(|(cell, input)| match input {
        Input::Formula(stored) => Some((cell, stored.to_string(), table.book.entry_text(cell))),
        _ => None,
    });
    formulas.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, max_shrink_iters: 3000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_undone_is_as_it_was_and_what_is_redone_as_it_became(seeds in prop::collection::vec(any::<u64>(), 1..25)) {
        let mut table = desk();
        let by = person(PEOPLE[0]);
        let mut states = vec![seen(&mut table)];
        for (serial, seed) in seeds.iter().enumerate() {
            if act(&mut table, *seed, serial as u32) {
                states.push(seen(&mut table));
            }
        }
        for state in states.iter().rev().skip(1) {
            prop_assert!(table.book.undo(by, 1).is_some());
            prop_assert_eq!(&seen(&mut table), state);
        }
        prop_assert!(table.book.undo(by, 1).is_none());
        for state in &states[1..] {
            prop_assert!(table.book.redo(by, 1).is_some());
            prop_assert_eq!(&seen(&mut table), state);
        }
        prop_assert!(table.book.redo(by, 1).is_none());
    }

    #[test]
    fn formulas_shift_with_what_is_inserted_and_back(
        seeds in prop::collection::vec(any::<u64>(), 1..20),
        places in prop::collection::vec((any::<bool>(), 0_usize..8, 1_usize..4), 1..8),
    ) {
        let mut table = desk();
        for (serial, seed) in seeds.iter().enumerate() {
            act(&mut table, *seed, serial as u32);
        }
        // What is deleted reads as something else: here all is there.
        let notes = table.book.sheet(sheet("notes")).unwrap();
        let (rows, cols) = (notes.deleted_rows(), notes.deleted_cols());
        table.edit("ada", vec![
            Op::RestoreRows { sheet: sheet("notes"), rows: rows.into_iter().map(|(row, _)| row).collect() },
            Op::RestoreCols { sheet: sheet("notes"), cols: cols.into_iter().map(|(col, _)| col).collect() },
        ]);
        let (before, values) = (formulas(&table), seen(&mut table));
        let mut inserted = Vec::new();
        for (at, (down, place, count)) in places.into_iter().enumerate() {
            let of = table.book.sheet(sheet("notes")).unwrap();
            let op = if down {
                let rows = (0..count).map(|number| plan::row(&format!("in{at}x{number}"))).collect();
                Op::InsertRows { sheet: of.id(), part: None, after: of.rows().get(place).copied(), rows }
            } else {
                let cols = (0..count).map(|number| plan::col(&format!("in{at}x{number}"))).collect();
                Op::InsertCols { sheet: of.id(), after: of.cols().get(place).copied(), cols }
            };
            inserted.push(op.clone());
            table.edit("ada", vec![op]);
            for (cell, stored, text) in formulas(&table) {
                // What people read is what is stored, wherever everything stands now.
                if !text.contains("#REF!") {
                    prop_assert_eq!(table.book.formula_stored(cell, &text).unwrap(), stored);
                }
            }
        }
        let deletions = inserted.into_iter().map(|op| match op {
            Op::InsertRows { sheet, rows, .. } => Op::DeleteRows { sheet, rows },
            Op::InsertCols { sheet, cols, .. } => Op::DeleteCols { sheet, cols },
            other => other,
        });
        table.edit("ada", deletions.collect());
        prop_assert_eq!(formulas(&table), before);
        prop_assert_eq!(seen(&mut table), values);
    }
}
