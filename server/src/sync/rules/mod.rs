//! What a person may do to the keys of a room, and what the keys may hold.

#[cfg(test)]
mod admitted;
mod cells;
mod records;
mod rows;

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;

use grid_engine::doc::{Entered, Input, MeasureKind, Mirror, Record, SheetKind, SheetMirror, Target, Touch, position};
use grid_engine::refs::{CellRef, ColId, MeasureId, PersonId, RoomId, RowId};
use grid_engine::wire::{Lock, Locks, Me, Role};

use super::admission::Refused;
use super::grants::{Scope, may_write};
use records::{Names, check_book, unread};

/// Widths of columns, in CSS pixels.
const WIDTHS: RangeInclusive<f64> = 0.0..=10_000.0;
/// Longest name of a style.
const MAX_STYLE: usize = 100;

/// A room as people call it: `Demand, France`.
fn place_of(mirror: &Mirror, room: RoomId) -> String {
    let Some(sheet) = room.sheet().and_then(|sheet| mirror.sheet(sheet)) else { return room.to_string() };
    let meta = sheet.meta();
    match room {
        RoomId::Part(_, part) => match meta.parts.get(&part) {
            Some(label) => format!("{}, {label}", meta.title),
            None => meta.title.clone(),
        },
        RoomId::Book | RoomId::Sheet(_) => meta.title.clone(),
    }
}

/// Checks everything an update would touch.
pub(super) fn check(me: &Me, mirror: &Mirror, locks: &Locks, room: RoomId, touches: &[Touch]) -> Result<(), Refused> {
    if !may_write(me, mirror, room) {
        let erases = !touches.is_empty() && touches.iter().all(|touch| touch.to == Entered::Nothing);
        let code = if erases { "acl.delete" } else { "acl.write" };
        let place = place_of(mirror, room);
        return Err(Refused::at(code, format!("{} may read {place}, not change it.", me.name), cells(touches)));
    }
    let Some(sheet) = room.sheet() else {
        return check_book(me, mirror, touches);
    };
    let empty;
    let mirror_of = match mirror.sheet(sheet) {
        Some(found) => found,
        // A free sheet that was just listed holds nothing yet.
        None if mirror.sheets().iter().any(|info| info.id == sheet && info.kind == SheetKind::Free) => {
            empty = SheetMirror::new(sheet);
            &empty
        }
        None => return Err(Refused::new("acl.write", format!("The sheet {sheet} is not there."))),
    };
    let role = mirror.sheets().iter().find(|info| info.id == sheet).map_or("", |info| info.role.as_str());
    let added =
        |target: fn(&Target) -> bool| touches.iter().filter(move |t| target(&t.target) && t.to != Entered::Nothing);
    let fresh_rows: HashSet<RowId> =
        added(|target| matches!(target, Target::Row(_))).filter_map(|touch| row_of(touch.target)).collect();
    let rules = Rules {
        me,
        locks,
        sheet: mirror_of,
        role,
        room,
        touches,
        names: OnceCell::new(),
        scope: Scope::of(me),
        fresh_keys: keys_of(mirror_of, &fresh_rows, touches),
        fresh_rows,
        fresh_cols: added(|target| matches!(target, Target::Column(_)))
            .filter_map(|touch| col_of(touch.target))
            .collect(),
    };
    touches.iter().try_for_each(|touch| rules.check(touch))
}

fn cells(touches: &[Touch]) -> impl Iterator<Item = CellRef> {
    touches.iter().filter_map(|touch| match touch.target {
        Target::Cell(cell, _) | Target::Style(cell) | Target::Note(cell) => Some(cell),
        _ => None,
    })
}

/// The keys that rows bring with them.
fn keys_of<'a>(
    sheet: &SheetMirror,
    rows: &HashSet<RowId>,
    touches: &'a [Touch],
) -> HashMap<(RowId, MeasureId), &'a Input> {
    let is_key = |id| sheet.measure(id).is_some_and(|measure| measure.kind == MeasureKind::Key);
    let key = |touch: &'a Touch| match (touch.target, &touch.to) {
        (Target::Cell(cell, None), Entered::Input(input)) if rows.contains(&cell.row) && is_key(cell.col.measure) => {
            Some(((cell.row, cell.col.measure), input))
        }
        _ => None,
    };
    touches.iter().filter_map(key).collect()
}

fn row_of(target: Target) -> Option<RowId> {
    if let Target::Row(row) = target { Some(row) } else { None }
}

fn col_of(target: Target) -> Option<ColId> {
    if let Target::Column(col) = target { Some(col) } else { None }
}

fn structure() -> Refused {
    Refused::new("acl.write", "Sheets, measures and settings are not changed this way.")
}

struct Rules<'a> {
    me: &'a Me,
    locks: &'a Locks,
    sheet: &'a SheetMirror,
    role: &'a str,
    room: RoomId,
    touches: &'a [Touch],
    /// The names of the sheet's measures once the update is taken.
    names: OnceCell<Names>,
    scope: Scope<'a>,
    fresh_rows: HashSet<RowId>,
    fresh_cols: HashSet<ColId>,
    /// The keys of fresh rows.
    fresh_keys: HashMap<(RowId, MeasureId), &'a Input>,
}

impl Rules<'_> {
    fn check(&self, touch: &Touch) -> Result<(), Refused> {
        self.check_locks(touch)?;
        let is_free = self.sheet.meta().kind == SheetKind::Free;
        match (touch.target, &touch.to) {
            (Target::Cell(cell, person), to) => self.check_cell(cell, person, to),
            (Target::Mark, Entered::Nothing) => Ok(()),
            (Target::Style(cell), Entered::Nothing) => self.check_place(cell),
            (Target::Style(cell), Entered::Input(Input::Text(name))) if name.len() <= MAX_STYLE => {
                self.check_place(cell)
            }
            (Target::Note(cell), Entered::Nothing) => self.check_place(cell),
            (Target::Note(cell), Entered::Record(record)) => {
                self.check_place(cell)?;
                self.check_noted(cell, record)
            }
            (Target::Style(cell) | Target::Note(cell), _) => {
                Err(Refused::at("cell.type", "It is no style or note.", [cell]))
            }
            (Target::Row(row), Entered::Input(Input::Text(position))) => self.check_row(row, position),
            (Target::Column(_), Entered::Input(Input::Text(place))) if is_free && position::is_of_column(place) => {
                Ok(())
            }
            (Target::Column(_) | Target::ColumnDeletion(_), _) if !is_free => Err(structure()),
            (Target::Row(_) | Target::Column(_), Entered::Nothing) => {
                Err(Refused::new("acl.delete", "Rows and columns are marked as deleted, not taken out."))
            }
            (Target::RowDeletion(row), to @ (Entered::Nothing | Entered::Record(_))) => {
                let code = if *to == Entered::Nothing { "acl.write" } else { "acl.delete" };
                self.check_known(row, code, None)?;
                self.check_whole_row(row, code)?;
                if let Entered::Record(record) = to { self.check_deletion(record) } else { Ok(()) }
            }
            (Target::ColumnDeletion(_), Entered::Nothing) => Ok(()),
            (Target::ColumnDeletion(_), Entered::Record(record)) => self.check_deletion(record),
            (Target::Width(_), Entered::Nothing) => Ok(()),
            (Target::Width(_), Entered::Input(Input::Number(width))) if WIDTHS.contains(width) => Ok(()),
            (Target::Validation(_), Entered::Nothing) if self.me.role == Role::Admin => Ok(()),
            (Target::Validation(id), Entered::Record(record)) if self.me.role == Role::Admin => match &**record {
                Record::Validation(rule) => self.check_validation(id, rule),
                other => Err(unread("What cells accept", other)),
            },
            (Target::Measure(_), Entered::Record(record)) if !is_free && self.me.role == Role::Admin => match &**record
            {
                Record::Measure(measure) => self.check_measure(measure),
                other => Err(unread("The measure", other)),
            },
            // Rows are known by their keys, and layers come from outside.
            (Target::Measure(id), Entered::Nothing) if !is_free && self.me.role == Role::Admin => {
                let kind = self.sheet.measure(id).map(|measure| &measure.kind);
                let may_go = matches!(kind, None | Some(MeasureKind::Input | MeasureKind::Formula(_)));
                if may_go { Ok(()) } else { Err(structure()) }
            }
            (Target::Validation(_) | Target::Measure(_), _) => Err(structure()),
            // A free sheet's title and the like; what a planning sheet is made of comes with an import.
            (Target::Setting(setting), Entered::Input(input)) if is_free && self.me.role == Role::Admin => {
                setting.check(input, &self.sheet.meta().title).map_err(Refused::from)
            }
            (Target::Setting(_) | Target::Structure, _) => Err(structure()),
            (_, _) => Err(Refused::new("cell.type", "It is not what such a key holds.")),
        }
    }

    /// What is locked stays: values, styles and notes of its cells, their rows and columns, and what a column is.
    fn check_locks(&self, touch: &Touch) -> Result<(), Refused> {
        let sheet = self.sheet.id();
        let part = |row| match self.room {
            RoomId::Part(_, part) => Some(part),
            RoomId::Book | RoomId::Sheet(_) => self.sheet.part_of(row),
        };
        let (lock, cell) = match touch.target {
            Target::Cell(cell, _) | Target::Style(cell) | Target::Note(cell) => {
                (self.locks.of_cell(cell, part(cell.row)), Some(cell))
            }
            Target::Row(row) if self.sheet.row_index(row).is_none() && !self.sheet.is_deleted(row) => {
                (self.locks.of_whole(sheet, part(row)), None)
            }
            Target::Row(row) | Target::RowDeletion(row) => (self.locks.of_row(sheet, row, part(row)), None),
            Target::Column(col) if self.fresh_cols.contains(&col) && self.sheet.col_index(col).is_none() => {
                (self.locks.of_whole(sheet, None), None)
            }
            Target::Column(col) | Target::ColumnDeletion(col) => (self.locks.of_col(sheet, col), None),
            Target::Measure(measure) | Target::Validation(measure) => (self.locks.of_measure(sheet, measure), None),
            Target::Width(_)
            | Target::Mark
            | Target::Name
            | Target::Sheet(_)
            | Target::Setting(_)
            | Target::Structure
            | Target::Stray => (None, None),
        };
        let Some(lock) = lock else { return Ok(()) };
        let code = if touch.to == Entered::Nothing { "acl.delete" } else { "acl.write" };
        Err(Refused::at(code, Lock::reason(lock), cell))
    }

    /// Nobody writes in somebody else's name.
    fn check_author(&self, by: PersonId, cell: Option<CellRef>) -> Result<(), Refused> {
        if by == self.me.person {
            return Ok(());
        }
        Err(Refused::at("acl.write", "It bears somebody else's name.", cell))
    }
}
