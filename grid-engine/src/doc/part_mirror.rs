//! The rows and cells of one room in columns.

use std::sync::Arc;

use yrs::Any;

use super::hash::IdMap;
use super::root::{Root, parse_cell_key, parse_note_key};
use super::schema::{Input, Note};
use super::stored::{read_input, read_number, read_record, read_text};
use crate::refs::{ColId, PersonId, RowId};
use crate::value::order::sort_by;

/// Rows and cells of a room: each row has a slot, each column is dense by slot.
#[derive(Default)]
pub(super) struct PartMirror {
    slots: IdMap<RowId, u32>,
    rows: Vec<Slot>,
    /// Slots of rows that have a position, deleted ones included, by position and then id.
    order: Vec<u32>,
    stale: bool,
    columns: IdMap<ColId, Column>,
    styles: IdMap<(RowId, ColId), Arc<str>>,
    notes: IdMap<(RowId, ColId), Note>,
}

#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub row: RowId,
    /// `None`: the room has a cell of this row but not, or not yet, the row.
    pub position: Option<Arc<str>>,
    pub deleted: bool,
}

#[derive(Default)]
struct Column {
    cells: Vec<Option<Input>>,
    /// Cells with contributions: what is under them, and whose they are, by person.
    shared: IdMap<u32, Shared>,
}

#[derive(Default)]
struct Shared {
    base: Option<Input>,
    contributions: Vec<(PersonId, f64)>,
}

/// What an entry of this room changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PartChange {
    Rows,
    Cell(RowId, ColId),
    Style(RowId, ColId),
    Note(RowId, ColId),
}

impl PartMirror {
    /// Takes over one entry of the document; `None` where it means nothing here.
    pub(super) fn absorb(&mut self, root: Root, key: &str, value: Option<&Any>) -> Option<PartChange> {
        match root {
            Root::RowPos => {
                let slot = self.slot(key.parse().ok()?);
                self.rows[slot as usize].position = value.and_then(read_text).cloned();
                self.stale = true;
                Some(PartChange::Rows)
            }
            Root::RowDel => {
                let slot = self.slot(key.parse().ok()?);
                self.rows[slot as usize].deleted = value.is_some();
                Some(PartChange::Rows)
            }
            Root::Cells(col) => {
                let (row, person) = parse_cell_key(key)?;
                let slot = self.slot(row);
                let column = self.columns.entry(col).or_default();
                match person {
                    None => column.set(slot, value.and_then(read_input)),
                    Some(person) => column.contribute(slot, person, value.and_then(read_number)),
                }
                Some(PartChange::Cell(row, col))
            }
            Root::Format(col) => {
                let row = key.parse().ok()?;
                match value.and_then(read_text) {
                    Some(style) => _ = self.styles.insert((row, col), style.clone()),
                    None => _ = self.styles.remove(&(row, col)),
                }
                Some(PartChange::Style(row, col))
            }
            Root::Notes => {
                let (row, col) = parse_note_key(key)?;
                match value.and_then(read_record) {
                    Some(note) => _ = self.notes.insert((row, col), note),
                    None => _ = self.notes.remove(&(row, col)),
                }
                Some(PartChange::Note(row, col))
            }
            _ => None,
        }
    }

    fn slot(&mut self, row: RowId) -> u32 {
        *self.slots.entry(row).or_insert_with(|| {
            self.rows.push(Slot { row, position: None, deleted: false });
            (self.rows.len() - 1) as u32
        })
    }

    /// Puts the rows in order after positions have changed.
    pub(super) fn settle(&mut self) {
        if !self.stale {
            return;
        }
        self.stale = false;
        // What was in order stays nearly so, which the sort makes use of.
        let rows = &self.rows;
        let mut listed = vec![false; rows.len()];
        self.order.retain(|&slot| rows[slot as usize].position.is_some());
        self.order.iter().for_each(|&slot| listed[slot as usize] = true);
        let fresh = (0..rows.len() as u32).filter(|&slot| !listed[slot as usize]);
        self.order.extend(fresh.filter(|&slot| rows[slot as usize].position.is_some()));
        sort_by(&mut self.order, |&a, &b| {
            let (a, b) = (&rows[a as usize], &rows[b as usize]);
            a.position.cmp(&b.position).then(a.row.cmp(&b.row))
        });
    }

    /// Rows with a position in order, deleted ones included.
    pub(super) fn ordered(&self) -> impl DoubleEndedIterator<Item = (u32, &Slot)> {
        self.order.iter().map(|&slot| (slot, &self.rows[slot as usize]))
    }

    pub(super) fn row(&self, row: RowId) -> Option<&Slot> {
        self.slots.get(&row).map(|&slot| &self.rows[slot as usize])
    }

    /// The position above which a row inserted after `after` must stay, and the one below which.
    pub(super) fn room_after(&self, after: Option<RowId>) -> (Option<Arc<str>>, Option<Arc<str>>) {
        let below = after.and_then(|row| self.row(row)?.position.clone());
        // Deleted rows keep their places: they may come back. Equal places leave no room between them.
        let start = match &below {
            Some(below) => {
                self.order.partition_point(|&slot| self.rows[slot as usize].position.as_ref() <= Some(below))
            }
            None => 0,
        };
        let above = self.order.get(start).and_then(|&slot| self.rows[slot as usize].position.clone());
        (below, above)
    }

    pub(super) fn input(&self, slot: u32, col: ColId) -> Option<&Input> {
        self.columns.get(&col)?.cells.get(slot as usize)?.as_ref()
    }

    pub(super) fn contributions(&self, slot: u32, col: ColId) -> &[(PersonId, f64)] {
        let shared = self.columns.get(&col).and_then(|column| column.shared.get(&slot));
        shared.map_or(&[], |shared| &shared.contributions)
    }

    /// What a cell holds by itself, without contributions.
    pub(super) fn base(&self, row: RowId, col: ColId) -> Option<&Input> {
        let column = self.columns.get(&col)?;
        let slot = *self.slots.get(&row)?;
        match column.shared.get(&slot) {
            Some(shared) => shared.base.as_ref(),
            None => column.cells.get(slot as usize)?.as_ref(),
        }
    }

    /// The contributions to a cell, whether its row is deleted or not.
    pub(super) fn row_contributions(&self, row: RowId, col: ColId) -> &[(PersonId, f64)] {
        self.slots.get(&row).map_or(&[], |&slot| self.contributions(slot, col))
    }

    /// What one person contributed to a cell.
    pub(super) fn contribution(&self, row: RowId, col: ColId, person: PersonId) -> Option<f64> {
        self.row_contributions(row, col).iter().find(|(by, _)| *by == person).map(|&(_, number)| number)
    }

    /// Styles of cells, in no order, those of deleted rows too.
    pub(super) fn styles(&self) -> impl Iterator<Item = (RowId, ColId, &Arc<str>)> {
        self.styles.iter().map(|(&(row, col), style)| (row, col, style))
    }

    /// Notes on cells, in no order, those in deleted rows too.
    pub(super) fn notes(&self) -> impl Iterator<Item = (RowId, ColId, &Note)> {
        self.notes.iter().map(|(&(row, col), note)| (row, col, note))
    }

    pub(super) fn style(&self, row: RowId, col: ColId) -> Option<&Arc<str>> {
        self.styles.get(&(row, col))
    }

    pub(super) fn note(&self, row: RowId, col: ColId) -> Option<&Note> {
        self.notes.get(&(row, col))
    }
}

impl Column {
    fn set(&mut self, slot: u32, input: Option<Input>) {
        match self.shared.get_mut(&slot) {
            Some(shared) => {
                shared.base = input;
                self.sum(slot);
            }
            None => self.put(slot, input),
        }
    }

    fn contribute(&mut self, slot: u32, person: PersonId, number: Option<f64>) {
        if number.is_none() && !self.shared.contains_key(&slot) {
            return;
        }
        let base = self.cells.get(slot as usize).cloned().flatten();
        let shared = self.shared.entry(slot).or_insert_with(|| Shared { base, contributions: Vec::new() });
        match (shared.contributions.binary_search_by_key(&person, |&(by, _)| by), number) {
            (Ok(at), Some(number)) => shared.contributions[at].1 = number,
            (Ok(at), None) => _ = shared.contributions.remove(at),
            (Err(at), Some(number)) => shared.contributions.insert(at, (person, number)),
            (Err(_), None) => {}
        }
        self.sum(slot);
    }

    /// The cell is the sum of its contributions, in the order of persons so that every peer rounds alike.
    fn sum(&mut self, slot: u32) {
        let Some(shared) = self.shared.get(&slot) else { return };
        if shared.contributions.is_empty() {
            let base = self.shared.remove(&slot).and_then(|shared| shared.base);
            return self.put(slot, base);
        }
        let base = match shared.base {
            Some(Input::Number(number)) => number,
            _ => 0.0,
        };
        let sum = shared.contributions.iter().fold(base, |sum, (_, number)| sum + number);
        self.put(slot, Some(Input::Number(sum.clamp(f64::MIN, f64::MAX))));
    }

    fn put(&mut self, slot: u32, input: Option<Input>) {
        let slot = slot as usize;
        if slot >= self.cells.len() {
            if input.is_none() {
                return;
            }
            self.cells.resize(slot + 1, None);
        }
        self.cells[slot] = input;
    }
}
