//! Two people at one cell: both learn of it, and of both values, from the one who knows who wrote what.
//!
//! They met where the later one had not seen what the earlier one wrote, which the update itself says, or where one
//! wrote over the other within a moment, which is the same to people. A row that one deletes and the other edits is
//! told likewise. Additions of several people to one cell add up and are no race. `untold` tells them.

use std::collections::{BTreeSet, HashMap};

use grid_engine::doc::{Entered, Examined, Overwrite, Target};
use grid_engine::refs::{CellRef, PersonId, RoomId, RowId, SheetId};
use grid_engine::wire::{Scalar, ToPeer};

use super::admission::{NAMED, scalar_of};
use super::replica::Replica;
use crate::store::NewNotice;

/// What is written over this soon was written at the same time, as people see it, in milliseconds.
const MOMENT: i64 = 3_000;
/// Cells of one update that are remembered for a moment: who pastes more is not typing.
const TYPED: usize = 100;
/// All that are remembered.
const MOST: usize = 10_000;

/// Who wrote which cell a moment ago.
#[derive(Default)]
pub(super) struct Lately(HashMap<CellRef, (i64, PersonId)>);

impl Lately {
    fn note(&mut self, cells: &[CellRef], person: PersonId, now: i64) {
        if cells.len() > TYPED {
            return;
        }
        if self.0.len() + cells.len() > MOST {
            self.0.retain(|_, (at, _)| is_of_moment(*at, now));
        }
        if self.0.len() + cells.len() <= MOST {
            self.0.extend(cells.iter().map(|cell| (*cell, (now, person))));
        }
    }

    fn writer(&self, cell: CellRef, now: i64) -> Option<PersonId> {
        self.0.get(&cell).filter(|(at, _)| is_of_moment(*at, now)).map(|(_, person)| *person)
    }

    fn editors(&self, sheet: SheetId, row: RowId, now: i64) -> BTreeSet<PersonId> {
        let here =
            self.0.iter().filter(|(cell, (at, _))| (cell.sheet, cell.row) == (sheet, row) && is_of_moment(*at, now));
        here.map(|(_, (_, person))| *person).collect()
    }
}

fn is_of_moment(at: i64, now: i64) -> bool {
    (now - at).abs() < MOMENT
}

/// A meeting of two people.
#[derive(Clone, Debug, PartialEq)]
pub enum Race {
    Cell { cell: CellRef, later: (PersonId, Scalar), earlier: (PersonId, Scalar) },
    Row { sheet: SheetId, row: RowId, deleted_by: PersonId, edited_by: PersonId },
}

impl Replica {
    /// Whom an update meets, before it is staged. `is_step`: it is what somebody has just done, not all they ever did.
    pub(super) fn races(&mut self, person: PersonId, room: RoomId, examined: &Examined, is_step: bool) -> Vec<Race> {
        let now = self.now;
        let overwrites: HashMap<CellRef, &Overwrite> =
            examined.overwrites.iter().map(|overwrite| (overwrite.cell, overwrite)).collect();
        let mut races = Vec::new();
        let mut cells = Vec::new();
        let restored = |row: RowId| {
            examined
                .touches
                .iter()
                .any(|touch| touch.target == Target::RowDeletion(row) && touch.to == Entered::Nothing)
        };
        let mut rows = BTreeSet::new();
        for touch in &examined.touches {
            match touch.target {
                Target::Cell(cell, contribution) => {
                    cells.push(cell);
                    if races.len() >= NAMED {
                        continue;
                    }
                    let is_deleted = self.workbook.sheet(cell.sheet).is_some_and(|sheet| sheet.is_deleted(cell.row));
                    if is_deleted && rows.insert(cell.row) && !restored(cell.row) {
                        let by = self.workbook.deleted_by(room, cell.row).filter(|by| *by != person);
                        races.extend(by.map(|deleted_by| Race::Row {
                            sheet: cell.sheet,
                            row: cell.row,
                            deleted_by,
                            edited_by: person,
                        }));
                    }
                    if contribution.is_none() {
                        let new = scalar_of(&touch.to);
                        races.extend(self.met(cell, overwrites.get(&cell).copied(), person, new));
                    }
                }
                Target::RowDeletion(row) if touch.to != Entered::Nothing => {
                    let Some(sheet) = room.sheet() else { continue };
                    let others = self.lately.editors(sheet, row, now).into_iter().filter(|by| *by != person);
                    races.extend(others.map(|edited_by| Race::Row { sheet, row, deleted_by: person, edited_by }));
                }
                _ => {}
            }
        }
        let voids = examined.overwrites.iter().filter(|overwrite| overwrite.is_void && is_step);
        races
            .extend(voids.filter_map(|overwrite| self.met(overwrite.cell, Some(overwrite), person, Scalar::Blank(()))));
        self.lately.note(&cells, person, now);
        races.truncate(NAMED);
        races
    }

    /// Whether somebody else wrote a cell at the same time.
    fn met(&self, cell: CellRef, over: Option<&Overwrite>, person: PersonId, new: Scalar) -> Option<Race> {
        let old = self.turn.written.get(&(cell, None)).cloned().unwrap_or_else(|| self.entered(cell, None));
        let lately = self.lately.writer(cell, self.now);
        let other = match over {
            Some(over) => {
                let writer = self.writers.person_of(over.writer);
                writer.filter(|writer| !over.was_seen || lately == Some(*writer))
            }
            // What stood there was taken away a moment ago.
            None => lately.filter(|_| old == Scalar::Blank(())),
        };
        let other = other.filter(|other| *other != person && new != old)?;
        Some(Race::Cell { cell, later: (person, new), earlier: (other, old) })
    }

    /// What the people of each meeting are to be told. What stands is filled in when they are.
    pub(super) fn notices_of(&mut self, races: Vec<Race>) -> Vec<NewNotice> {
        let at = self.now;
        let mut notices = Vec::new();
        for race in races {
            match race {
                Race::Cell { cell, later, earlier } => {
                    for ((person, mine), (by, theirs)) in [(&later, &earlier), (&earlier, &later)] {
                        let number = self.untold.number();
                        let notice = ToPeer::Conflict {
                            number,
                            cell,
                            by: *by,
                            by_name: self.name_of(*by),
                            at,
                            mine: mine.clone(),
                            theirs: theirs.clone(),
                            holds: Scalar::Blank(()),
                        };
                        notices.push(NewNotice { person: *person, number, notice });
                    }
                }
                Race::Row { sheet, row, deleted_by, edited_by } => {
                    for (person, by) in [(deleted_by, edited_by), (edited_by, deleted_by)] {
                        let number = self.untold.number();
                        let (by_name, deleted) = (self.name_of(by), person == deleted_by);
                        let notice = ToPeer::RowConflict { number, sheet, row, by, by_name, at, deleted };
                        notices.push(NewNotice { person, number, notice });
                    }
                }
            }
        }
        notices
    }

    fn name_of(&self, person: PersonId) -> String {
        self.names.get(&person).cloned().unwrap_or_else(|| "Someone".to_owned())
    }
}
