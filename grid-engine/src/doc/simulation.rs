//! Three people edit at random, their updates travel at random; in the end all see the same.
#![allow(clippy::unwrap_used)]

use std::fmt::Write;

use super::dice::Dice;
use super::replicas::{cell, edit, id, meet, replicas, set};
use super::*;
use crate::refs::*;

/// All that a mirror holds, as text.
pub(super) fn describe(documents: &Documents) -> String {
    let mut out = describe_seen(documents);
    for sheet in documents.mirror().open_sheets() {
        writeln!(out, "{:?} {:?}", sheet.deleted_rows(), sheet.deleted_cols()).unwrap();
    }
    out
}

/// The same without what was deleted.
pub(super) fn describe_seen(documents: &Documents) -> String {
    let mirror = documents.mirror();
    let mut out = String::new();
    writeln!(out, "{:?} {:?}", mirror.sheets(), mirror.names()).unwrap();
    for sheet in mirror.open_sheets() {
        writeln!(out, "{:?}\n{:?}", sheet.meta(), sheet.measures()).unwrap();
        writeln!(out, "{:?}", sheet.rows()).unwrap();
        for (place, input) in sheet.inputs() {
            writeln!(out, "{place:?} {input:?} {:?}", sheet.contributions(place.row, place.col)).unwrap();
        }
        for &col in sheet.cols() {
            write!(out, "{col} {:?};", sheet.width(col)).unwrap();
            for &row in sheet.rows() {
                let extras = (sheet.note(row, col), sheet.style(row, col));
                if extras != (None, None) {
                    writeln!(out, "{row} {col} {extras:?}").unwrap();
                }
            }
        }
    }
    out
}

fn rebuilt(documents: &Documents) -> Documents {
    let mut copy = Documents::new(99);
    for room in documents.known_rooms() {
        copy.open_room(room, &documents.encode_state(room, None).unwrap()).unwrap();
    }
    copy
}

fn random_op(dice: &mut Dice, documents: &Documents, serial: u32) -> Op {
    let planning = dice.roll(2) == 0;
    let sheet: SheetId = id(if planning { "demand" } else { "summary" });
    let mirror = documents.mirror().sheet(sheet).unwrap();
    let some_row = |dice: &mut Dice| *dice.pick(mirror.rows()).unwrap_or(&id("gone"));
    let some_col = |dice: &mut Dice| *dice.pick(mirror.cols()).unwrap_or(&id("gone"));
    let some_deleted = |dice: &mut Dice| dice.pick(&mirror.deleted_rows()).map_or(id("gone"), |&(row, _)| row);
    let rows = |dice: &mut Dice| {
        let first = dice.roll(mirror.rows().len().max(1));
        mirror.rows().iter().skip(first).take(1 + dice.roll(3)).copied().collect::<Vec<_>>()
    };
    let after = |dice: &mut Dice| if dice.roll(4) == 0 { None } else { dice.pick(mirror.rows()).copied() };
    let place = CellRef { sheet, row: some_row(dice), col: some_col(dice) };
    match dice.roll(20) {
        0..=5 => {
            let input = match dice.roll(6) {
                0 => None,
                1 => Some(Input::Text(format!("'text {serial}").into())),
                2 => Some(Input::Formula(format!("={serial}+1").into())),
                3 => Some(Input::Bool(serial.is_multiple_of(2))),
                _ => Some(Input::Number(f64::from(serial) / 4.0)),
            };
            set(place, input)
        }
        6 | 7 => {
            let col = format!("uplift@2026-0{}", 1 + dice.roll(6));
            let place = CellRef { sheet: id("demand"), ..cell("demand", "de1", &col) };
            set(place, (dice.roll(4) > 0).then_some(Input::Number(f64::from(serial))))
        }
        8 | 9 => {
            let part = planning.then(|| id(["de", "at"][dice.roll(2)]));
            let after = after(dice).filter(|&row| !planning || mirror.part_of(row) == part);
            let old = [some_deleted(dice), some_row(dice)][dice.roll(2)];
            let mut rows: Vec<RowId> = (0..1 + dice.roll(3)).map(|at| id(&format!("n{serial}x{at}"))).collect();
            if dice.roll(3) == 0 && old != id("gone") {
                rows.push(old);
            }
            Op::InsertRows { sheet, part, after, rows }
        }
        10 | 11 => Op::DeleteRows { sheet, rows: rows(dice) },
        12 => Op::RestoreRows { sheet, rows: vec![some_deleted(dice)] },
        13 | 14 => Op::MoveRows { sheet, after: after(dice), rows: rows(dice) },
        15 => match dice.roll(4) {
            0 => Op::InsertCols { sheet, after: None, cols: vec![id(&format!("k{serial}"))] },
            1 => Op::DeleteCols { sheet, cols: vec![some_col(dice)] },
            2 => Op::MoveCols { sheet, after: Some(some_col(dice)), cols: vec![some_col(dice)] },
            _ => Op::RestoreCols { sheet, cols: mirror.deleted_cols().iter().map(|&(col, _)| col).collect() },
        },
        16 => Op::SetNote { cell: place, text: (dice.roll(3) > 0).then(|| format!("note {serial}").into()) },
        17 => Op::SetStyle { cell: place, style: (dice.roll(3) > 0).then(|| format!("style{serial}").into()) },
        18 => Op::SetColWidth { sheet, col: some_col(dice), width: Some(50 + serial % 100) },
        _ => Op::SetName { name: ["vat", "fx"][dice.roll(2)].into(), formula: Some(format!("={serial}").into()) },
    }
}

fn simulate(seed: u64) {
    let mut dice = Dice(seed);
    let mut plan = replicas(3);
    let people = ["ada", "bob", "eve"];
    // What is on its way to each replica.
    let mut mail: Vec<Vec<(RoomId, Vec<u8>)>> = vec![Vec::new(); 3];
    for serial in 0..60 {
        let here = dice.roll(3);
        let by = people[here];
        let applied = match dice.roll(12) {
            0 => plan[here].undo(id(by), 1),
            1 => plan[here].redo(id(by), 1),
            _ => {
                let ops = (0..1 + dice.roll(3)).map(|_| random_op(&mut dice, &plan[here], serial)).collect();
                let before = describe(&plan[here]);
                let applied = plan[here].apply(&edit(by, ops));
                if applied.is_err() {
                    assert_eq!(describe(&plan[here]), before, "seed {seed}: a refused edit left traces");
                }
                applied.ok()
            }
        };
        for (to, inbox) in mail.iter_mut().enumerate().filter(|(to, _)| *to != here) {
            // Some mail is lost, as when a line is cut; meeting again makes up for it.
            let lost = dice.roll(5) == 0 && to != 0;
            inbox.extend(applied.iter().filter(|_| !lost).flat_map(|applied| applied.updates.clone()));
        }
        let to = dice.roll(3);
        for _ in 0..dice.roll(6) {
            if !mail[to].is_empty() {
                // In any order: what comes early waits.
                let (room, update) = {
                    let at = dice.roll(mail[to].len());
                    mail[to].swap_remove(at)
                };
                plan[to].apply_update(room, &update).unwrap();
            }
        }
        if dice.roll(15) == 0 {
            assert_eq!(describe(&plan[here]), describe(&rebuilt(&plan[here])), "seed {seed}, edit {serial}");
        }
    }
    meet(&mut plan);
    let state = describe(&plan[0]);
    for documents in &plan {
        assert_eq!(describe(documents), state, "seed {seed}: replicas differ");
        assert_eq!(describe(&rebuilt(documents)), state, "seed {seed}: the mirror is not what the documents say");
    }
}

#[test]
fn all_replicas_converge_and_the_mirror_follows() {
    for seed in 0..150 {
        simulate(seed);
    }
}
