//! Two people with a copy of the same plan each, and what they do to it.

use grid_engine::doc::{Guard, Input, Op};
use grid_engine::refs::{CellRef, RowId};
use grid_engine::workbook::Side;

use super::table::{Table, person, sheet};

/// Ada and Bob, each with a copy of the same plan; they hear of each other when they meet.
pub struct Two {
    pub ada: Table,
    pub bob: Table,
}

impl Two {
    /// A free sheet of 6 × 4 with these entries.
    pub fn over(entries: &[(&str, &str)]) -> Self {
        let mut made = Table::server();
        made.free("notes", "Notes", 6, 4);
        entries.iter().for_each(|(a1, text)| made.set("notes", a1, text));
        Self::of(&made)
    }

    pub fn of(made: &Table) -> Self {
        let mut two = Self { ada: made.copy(Side::Browser, 7), bob: made.copy(Side::Browser, 8) };
        // Values are there, so that what follows is calculated in steps.
        two.ada.recalculate();
        two.bob.recalculate();
        two
    }

    /// They hear of each other; then documents, mirrors and values agree, here and with what is made from nothing.
    pub fn meet(&mut self) {
        for room in self.ada.book.known_rooms() {
            let (ada, bob) = (&mut self.ada.book, &mut self.bob.book);
            let for_bob = ada.encode_state(room, bob.state_vector(room).as_deref()).unwrap();
            let for_ada = bob.encode_state(room, ada.state_vector(room).as_deref()).unwrap();
            ada.apply_update(room, &for_ada).unwrap();
            bob.apply_update(room, &for_bob).unwrap();
        }
        self.ada.recalculate();
        self.bob.recalculate();
        assert_eq!(self.ada.picture(), self.bob.picture());
        assert_eq!(self.ada.difference(&self.bob), None);
        let fresh = self.ada.afresh(&[]);
        assert_eq!(self.ada.picture(), fresh.picture());
        assert_eq!(self.ada.difference(&fresh), None);
    }

    /// Cells of the free sheet as both see them.
    pub fn shown(&mut self, cells: &str) -> String {
        let shown = self.ada.shown("notes", cells);
        assert_eq!(self.bob.shown("notes", cells), shown);
        shown
    }
}

pub fn row(id: &str) -> RowId {
    RowId::named(id).unwrap()
}

pub fn rows(ids: &[&str]) -> Vec<RowId> {
    ids.iter().map(|id| row(id)).collect()
}

pub fn insert(after: Option<&str>, ids: &[&str]) -> Op {
    Op::InsertRows { sheet: sheet("notes"), part: None, after: after.map(row), rows: rows(ids) }
}

pub fn delete(ids: &[&str]) -> Op {
    Op::DeleteRows { sheet: sheet("notes"), rows: rows(ids) }
}

pub fn move_after(after: Option<&str>, ids: &[&str]) -> Op {
    Op::MoveRows { sheet: sheet("notes"), after: after.map(row), rows: rows(ids) }
}

pub fn set(cell: CellRef, input: Option<Input>) -> Op {
    Op::SetCell { cell, input, guard: Guard::Always }
}

pub fn type_in(table: &mut Table, by: &str, a1: &str, text: &str) {
    let cell = table.a1("notes", a1);
    table.type_as(by, cell, text);
}

/// Copies cells to others, as pasting or filling does; cutting also clears where they were.
pub fn paste(table: &mut Table, by: &str, pairs: &[(&str, &str)], cut: bool) {
    let mut ops = Vec::new();
    for (from, to) in pairs {
        let (from, to) = (table.a1("notes", from), table.a1("notes", to));
        ops.push(set(to, table.book.entry_moved(from, to)));
        ops.extend(cut.then(|| set(from, None)));
    }
    table.edit(by, ops);
}

pub fn undo(table: &mut Table, by: &str) {
    table.book.undo(person(by), 1).unwrap();
}

pub fn order(table: &Table) -> String {
    let rows = table.book.sheet(sheet("notes")).unwrap().rows();
    rows.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
