//! A small plan, and a branch of it.

use grid_engine::doc::{Edit, Guard, Input, Op};
use grid_engine::plan::{
    Choice, Difference, Direction, Held, Inputs, LostEdit, Place, Settled, States, branch_differences, inputs,
    merge_ops,
};
use grid_engine::refs::{CellRef, ColId, RowId};
use grid_engine::workbook::Side;

use super::table::{Table, additive, bucket, measure, measure_id, months, person, sheet};

pub const ROWS: [&str; 4] = ["tea", "soap", "salt", "rice"];
/// Rows that either side may add.
pub const NEW: [&str; 3] = ["oil", "oats", "figs"];
pub const MONTHS: [&str; 2] = ["2026-01", "2026-02"];

/// A plan, and a branch of it.
pub struct Forked {
    pub base: Inputs,
    pub live: Table,
    pub branch: Table,
    pub settled: Vec<Settled>,
}

pub fn plan() -> Table {
    let mut plan = Table::server();
    let measures = [measure("Override", true), additive("Uplift")];
    plan.planning("demand", "Demand", "demand", months("2026-01", 0, 2), &["Item"], &measures);
    plan.edit("ada", vec![insert(None, &ROWS)]);
    for (place, name) in ROWS.iter().enumerate() {
        plan.edit("ada", vec![set(key(name), Some(Input::Text((*name).into())))]);
        plan.edit("ada", vec![set(cell("Override", name, 0), Some(Input::Number(place as f64)))]);
        plan.edit("ada", vec![set(cell("Uplift", name, 0), Some(Input::Number(1.0)))]);
    }
    plan
}

pub fn row(name: &str) -> RowId {
    RowId::named(name).unwrap()
}

pub fn key(name: &str) -> CellRef {
    CellRef { sheet: sheet("demand"), row: row(name), col: ColId::fixed(measure_id("Item")) }
}

pub fn cell(measure: &str, name: &str, month: usize) -> CellRef {
    CellRef { sheet: sheet("demand"), row: row(name), col: ColId::timed(measure_id(measure), bucket(MONTHS[month])) }
}

pub fn set(cell: CellRef, input: Option<Input>) -> Op {
    Op::SetCell { cell, input, guard: Guard::Always }
}

pub fn insert(after: Option<&str>, names: &[&str]) -> Op {
    let rows = names.iter().map(|name| row(name)).collect();
    Op::InsertRows { sheet: sheet("demand"), part: None, after: after.map(row), rows }
}

pub fn shift(after: Option<&str>, name: &str) -> Op {
    Op::MoveRows { sheet: sheet("demand"), after: after.map(row), rows: vec![row(name)] }
}

pub fn delete(name: &str) -> Op {
    Op::DeleteRows { sheet: sheet("demand"), rows: vec![row(name)] }
}

impl Forked {
    pub fn of(plan: &Table) -> Self {
        let base = inputs(plan.book.mirror());
        let (live, branch) = (plan.copy(Side::Server, 7), plan.copy(Side::Server, 8));
        Self { base, live, branch, settled: Vec::new() }
    }

    pub fn differences(&self, direction: Direction) -> Vec<Difference> {
        let (branch, live) = (inputs(self.branch.book.mirror()), inputs(self.live.book.mirror()));
        branch_differences(States { base: &self.base, branch: &branch, live: &live }, direction, &self.settled)
    }

    /// Takes differences over as `choose` says, as one edit by Mia; the edit.
    pub fn take(&mut self, direction: Direction, choose: impl Fn(&Difference) -> Option<Choice>) -> Edit {
        let found = self.differences(direction);
        let mut taken = Vec::new();
        for difference in found {
            let Some(choice) = choose(&difference) else { continue };
            self.settled.retain(|settled| settled.place != difference.place);
            self.settled.push(difference.settle(choice, direction));
            if choice == Choice::Theirs {
                taken.push(difference);
            }
        }
        let target = if direction == Direction::Merge { &mut self.live } else { &mut self.branch };
        let ops = merge_ops(&taken, target.book.mirror(), person("mia"));
        let edit = Edit { by: person("mia"), at: 9, why: None, ops };
        target.book.apply(&edit).unwrap();
        edit
    }

    /// What differs, a line each.
    pub fn told(&self, direction: Direction) -> Vec<String> {
        let number = |held: &Option<Held>| match held {
            Some(Held::Input(Input::Number(number))) => number.to_string(),
            Some(Held::Input(Input::Formula(text))) => text.to_string(),
            Some(_) => "there".to_owned(),
            None => "-".to_owned(),
        };
        let name = |place: &Place| match place {
            Place::Cell(cell) => format!("{}.{}", cell.row, cell.col.measure),
            Place::Row(_, row) => format!("row {row}"),
            Place::Order(_, row) => format!("order of {row}"),
            other => format!("{other:?}"),
        };
        let line = |d: &Difference| {
            let lost =
                |lost: &LostEdit| format!("; {} {} {}", name(&lost.place), number(&lost.base), number(&lost.ours));
            let lost: String = d.lost.iter().map(lost).collect();
            let (base, ours, theirs) = (number(&d.base), number(&d.ours), number(&d.theirs));
            format!("{} {base} {ours} {theirs} {:?}{lost}", name(&d.place), d.kind)
        };
        self.differences(direction).iter().map(line).collect()
    }
}
