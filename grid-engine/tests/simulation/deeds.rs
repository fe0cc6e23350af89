//! What people do, chosen by dice.

use grid_engine::doc::{Accepts, Guard, Input, MeasureKind, Op, SheetMirror, Validation};
use grid_engine::refs::{CellRef, ColId, PersonId, RowId};
use grid_engine::workbook::Workbook;

use crate::dice::Dice;
use crate::plan::{self, FORMULAS, MONTHS, PEOPLE, own_measure};
use crate::table::{measure_id, person, sheet};

/// What is typed into the free sheet.
const TYPED: [&str; 14] = [
    "",
    "1",
    "2.5",
    "text",
    "TRUE",
    "=A1+1",
    "=SUM(A1:B3)",
    "=SUM(A:A)",
    "=B2*2",
    "=$A$2&C1",
    "=SUM(Demand[Uplift])",
    "=vat*10",
    "={1;2}",
    "=IFERROR(D4,\"-\")",
];

/// The operations of one edit; they need not be possible.
pub fn deed(dice: &mut Dice, book: &Workbook, by: PersonId, serial: u32) -> Vec<Op> {
    match dice.roll(24) {
        0..=4 => (0..1 + dice.roll(3)).map(|_| enter(dice, book, by, serial)).collect(),
        5..=8 => (0..1 + dice.roll(2)).filter_map(|_| type_in(dice, book, by)).collect(),
        9 | 10 => vec![insert_rows(dice, book, serial)].into_iter().flatten().collect(),
        11 => delete_rows(dice, book),
        12 => restore_rows(dice, book),
        13 | 14 => move_rows(dice, book),
        15 => columns(dice, book, serial),
        16 | 17 => paste(dice, book),
        18 => sort(dice, book),
        19 => vec![beside(dice, book, serial)],
        20 => vec![beside(dice, book, serial), enter(dice, book, by, serial)],
        21 => vec![Op::SetName {
            name: ["vat", "fx"][dice.roll(2)].into(),
            formula: (dice.roll(4) > 0).then(|| format!("={serial}").into()),
        }],
        22 => structure(dice, book, serial),
        _ => vec![],
    }
}

/// One of these, if there are any.
pub fn pick<T: Copy>(dice: &mut Dice, from: &[T]) -> Option<T> {
    from.get(dice.roll(from.len().max(1))).copied()
}

fn of<'a>(book: &'a Workbook, id: &str) -> &'a SheetMirror {
    book.sheet(sheet(id)).unwrap()
}

fn some_row(dice: &mut Dice, of: &SheetMirror) -> RowId {
    pick(dice, of.rows()).unwrap_or(plan::row("gone"))
}

fn some_col(dice: &mut Dice, of: &SheetMirror) -> ColId {
    pick(dice, of.cols()).unwrap_or(plan::col("gone"))
}

/// A few neighbours.
fn block(dice: &mut Dice, of: &SheetMirror) -> Vec<RowId> {
    let first = dice.roll(of.rows().len().max(1));
    of.rows().iter().skip(first).take(1 + dice.roll(3)).copied().collect()
}

fn which(dice: &mut Dice) -> &'static str {
    ["demand", "notes"][dice.roll(2)]
}

/// An input into the demand sheet.
fn enter(dice: &mut Dice, book: &Workbook, by: PersonId, serial: u32) -> Op {
    let own = PEOPLE.iter().find(|name| person(name) == by).unwrap();
    let name = match dice.roll(7) {
        6 => "Share".to_owned(),
        0 | 1 => own_measure(own),
        2 | 3 => "Uplift".to_owned(),
        4 => "Override".to_owned(),
        _ => "Consensus".to_owned(),
    };
    let demand = of(book, "demand");
    // Few rows, so that people meet.
    let row = demand.rows().get(dice.roll(3)).copied().unwrap_or(plan::row("gone"));
    let col = plan::col(&format!("{}@{}", measure_id(&name), MONTHS[dice.roll(MONTHS.len())]));
    let cell = CellRef { sheet: demand.id(), row, col };
    let input = match dice.roll(8) {
        0 | 1 => None,
        2 if name == "Override" => book.read_entry(cell, by, "=[@Uplift]+1").ok().flatten(),
        _ => Some(Input::Number(f64::from(serial))),
    };
    Op::SetCell { cell, input, guard: Guard::Always }
}

/// An entry into the free sheet.
fn type_in(dice: &mut Dice, book: &Workbook, by: PersonId) -> Option<Op> {
    let notes = of(book, "notes");
    let cell = CellRef { sheet: notes.id(), row: some_row(dice, notes), col: some_col(dice, notes) };
    let input = book.read_entry(cell, by, TYPED[dice.roll(TYPED.len())]).ok()?;
    Some(Op::SetCell { cell, input, guard: Guard::Always })
}

fn insert_rows(dice: &mut Dice, book: &Workbook, serial: u32) -> Vec<Op> {
    let id = which(dice);
    let mirror = of(book, id);
    let part = (id == "demand").then(|| ["de", "at"][dice.roll(2)]);
    let after = if dice.roll(4) == 0 { None } else { pick(dice, mirror.rows()) };
    let after = after.filter(|&row| mirror.part_of(row) == part.map(plan::part));
    let mut rows: Vec<RowId> = (0..1 + dice.roll(3)).map(|at| plan::row(&format!("n{serial}x{at}"))).collect();
    if dice.roll(3) == 0 {
        // Rows of a planning sheet are named by their keys: two people insert the same one.
        rows[0] = plan::row(&format!("{}new{}", part.unwrap_or("nt"), dice.roll(2)));
    }
    if let (0, Some((old, _))) = (dice.roll(3), pick(dice, &mirror.deleted_rows())) {
        rows.push(old);
    }
    let mut ops = vec![Op::InsertRows { sheet: sheet(id), part: part.map(plan::part), after, rows: rows.clone() }];
    if let Some(part) = part {
        let fresh = rows.into_iter().filter(|&row| mirror.part_of(row).is_none());
        ops.extend(fresh.flat_map(|row| plan::keys_of(row, &part.to_uppercase())));
    }
    ops
}

fn delete_rows(dice: &mut Dice, book: &Workbook) -> Vec<Op> {
    let id = which(dice);
    vec![Op::DeleteRows { sheet: sheet(id), rows: block(dice, of(book, id)) }]
}

fn restore_rows(dice: &mut Dice, book: &Workbook) -> Vec<Op> {
    let id = which(dice);
    let deleted = of(book, id).deleted_rows();
    let rows = (0..1 + dice.roll(2)).filter_map(|_| pick(dice, &deleted)).map(|(row, _)| row).collect();
    vec![Op::RestoreRows { sheet: sheet(id), rows }]
}

fn move_rows(dice: &mut Dice, book: &Workbook) -> Vec<Op> {
    let id = which(dice);
    let mirror = of(book, id);
    let after = if dice.roll(4) == 0 { None } else { pick(dice, mirror.rows()) };
    vec![Op::MoveRows { sheet: sheet(id), after, rows: block(dice, mirror) }]
}

fn columns(dice: &mut Dice, book: &Workbook, serial: u32) -> Vec<Op> {
    let notes = of(book, "notes");
    let sheet = notes.id();
    vec![match dice.roll(5) {
        0 => {
            let cols = (0..1 + dice.roll(2)).map(|at| plan::col(&format!("k{serial}x{at}"))).collect();
            Op::InsertCols { sheet, after: pick(dice, notes.cols()), cols }
        }
        1 if notes.cols().len() > 2 => Op::DeleteCols { sheet, cols: vec![some_col(dice, notes)] },
        2 => Op::RestoreCols { sheet, cols: notes.deleted_cols().iter().map(|(col, _)| *col).collect() },
        3 => Op::SetColWidth { sheet, col: some_col(dice, notes), width: Some(50 + serial) },
        _ => Op::MoveCols { sheet, after: Some(some_col(dice, notes)), cols: vec![some_col(dice, notes)] },
    }]
}

/// Copies, fills or cuts a block of the free sheet to another place.
fn paste(dice: &mut Dice, book: &Workbook) -> Vec<Op> {
    let notes = of(book, "notes");
    let is_cut = dice.roll(3) == 0;
    let (from, to) = ((dice.roll(4), dice.roll(3)), (dice.roll(5), dice.roll(3)));
    let place = |at: (usize, usize), down: usize, right: usize| {
        let row = notes.rows().get(at.0 + down)?;
        Some(CellRef { sheet: notes.id(), row: *row, col: *notes.cols().get(at.1 + right)? })
    };
    let height = 1 + dice.roll(3);
    let mut ops = Vec::new();
    for (down, right) in (0..height).flat_map(|down| [(down, 0), (down, 1)]) {
        let (Some(source), Some(target)) = (place(from, down, right), place(to, down, right)) else { continue };
        if is_cut {
            ops.push(Op::SetCell { cell: source, input: None, guard: Guard::Always });
        }
        ops.push(Op::SetCell { cell: target, input: book.entry_moved(source, target), guard: Guard::Always });
    }
    ops
}

/// Puts all rows of a sheet, or of a part, into another order.
fn sort(dice: &mut Dice, book: &Workbook) -> Vec<Op> {
    let id = which(dice);
    let mirror = of(book, id);
    let part = mirror.rows().first().and_then(|&row| mirror.part_of(row));
    let mut rows: Vec<RowId> = mirror.rows().iter().copied().filter(|&row| mirror.part_of(row) == part).collect();
    match dice.roll(2) {
        0 => rows.reverse(),
        _ => rows.sort_unstable(),
    }
    vec![Op::MoveRows { sheet: sheet(id), after: None, rows }]
}

/// What stands beside values: notes, styles.
fn beside(dice: &mut Dice, book: &Workbook, serial: u32) -> Op {
    let mirror = of(book, which(dice));
    let cell = CellRef { sheet: mirror.id(), row: some_row(dice, mirror), col: some_col(dice, mirror) };
    let text = (dice.roll(3) > 0).then(|| format!("said {serial}").into());
    if dice.roll(2) == 0 { Op::SetNote { cell, text } } else { Op::SetStyle { cell, style: text } }
}

/// Measures and sheets.
fn structure(dice: &mut Dice, book: &Workbook, serial: u32) -> Vec<Op> {
    match dice.roll(5) {
        0 => {
            let id = format!("s{}", dice.roll(3));
            let (info, meta) = plan::new_sheet(&id);
            let sheet = info.id;
            let (row, col) = (plan::row(&format!("r{serial}")), plan::col("a"));
            let input = Some(Input::Number(f64::from(serial)));
            let there = book.sheet(sheet).is_some_and(|sheet| sheet.col_index(col).is_some());
            let mut ops = vec![Op::PutSheet { info, meta }];
            ops.push(Op::InsertRows { sheet, part: None, after: None, rows: vec![row] });
            if !there {
                ops.push(Op::InsertCols { sheet, after: None, cols: vec![col] });
            }
            ops.push(Op::SetCell { cell: CellRef { sheet, row, col }, input, guard: Guard::Always });
            ops
        }
        1 => {
            let sheets = book.mirror().sheets();
            let mut info = sheets[dice.roll(sheets.len())].clone();
            let Some(meta) = book.sheet(info.id).map(|sheet| sheet.meta().clone()) else { return Vec::new() };
            info.hidden = !info.hidden;
            vec![Op::PutSheet { info, meta }]
        }
        2 => {
            let accepts = Accepts::Number { least: Some(0.0), most: Some(f64::from(serial)) };
            let rule =
                Validation { accepts, strict: dice.roll(2) == 0, message: String::new(), highlight: String::new() };
            let measure = ["c1", "c2"][dice.roll(2)].parse().unwrap();
            vec![Op::SetValidation { sheet: sheet("notes"), measure, rule: (dice.roll(3) > 0).then_some(rule) }]
        }
        _ => {
            let demand = of(book, "demand");
            let Some(measure) = demand.measures().iter().find(|measure| plan::is_formula(&measure.kind)) else {
                return Vec::new();
            };
            let typed = FORMULAS[dice.roll(FORMULAS.len())];
            let Ok(stored) = book.measure_formula_stored(demand.id(), typed) else { return Vec::new() };
            let measure = grid_engine::doc::Measure { kind: MeasureKind::Formula(stored), ..measure.clone() };
            vec![Op::PutMeasure { sheet: demand.id(), measure }]
        }
    }
}
