//! What a person may do to the keys of a room, and what the keys may hold.

use std::collections::{HashMap, HashSet};

use grid_engine::doc::{
    Entered, Input, Measure, MeasureKind, Merge, Mirror, SheetKind, SheetMirror, Target, Touch, position,
};
use grid_engine::refs::{CellRef, ColId, MeasureId, PersonId, RoomId, RowId};
use grid_engine::value::NumberFormat;
use grid_engine::wire::{Lock, Locks, Me, Role};

use super::admission::Refused;
use super::grants::{Scope, may_write};
use super::sight::{confined_to, nowhere, row_shows};
use crate::store::is_unseen;

/// Whole numbers beyond it are not exact, and no plan has them.
const LARGEST: f64 = 9_007_199_254_740_992.0;
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
        return touches.iter().try_for_each(|touch| match (touch.target, &touch.to) {
            (Target::Name, Entered::Nothing | Entered::Input(Input::Formula(_))) => Ok(()),
            (Target::Mark, Entered::Nothing) => Ok(()),
            (Target::Name, _) => Err(Refused::new("cell.type", "A name stands for a formula.")),
            // The list of sheets: what they are called, where they stand, whether they are hidden.
            (Target::Structure, Entered::Record { .. }) if me.role == Role::Admin => Ok(()),
            _ => Err(structure()),
        });
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
            (Target::Note(cell), Entered::Record { by }) => {
                self.check_place(cell)?;
                self.check_author(*by, Some(cell))
            }
            (Target::Style(cell) | Target::Note(cell), _) => {
                Err(Refused::at("cell.type", "It is no style or note.", [cell]))
            }
            (Target::Row(row), Entered::Input(Input::Text(position))) => self.check_row(row, position),
            (Target::Column(_), Entered::Input(Input::Text(_))) if is_free => Ok(()),
            (Target::Column(_) | Target::ColumnDeletion(_), _) if !is_free => Err(structure()),
            (Target::Row(_) | Target::Column(_), Entered::Nothing) => {
                Err(Refused::new("acl.delete", "Rows and columns are marked as deleted, not taken out."))
            }
            (Target::RowDeletion(row), to @ (Entered::Nothing | Entered::Record { .. })) => {
                self.check_known(row, if *to == Entered::Nothing { "acl.write" } else { "acl.delete" }, None)?;
                self.check_scope(row, None)?;
                if let Entered::Record { by } = to { self.check_author(*by, None) } else { Ok(()) }
            }
            (Target::ColumnDeletion(_), Entered::Nothing) => Ok(()),
            (Target::ColumnDeletion(_), Entered::Record { by }) => self.check_author(*by, None),
            (Target::Width(_), Entered::Nothing | Entered::Input(Input::Number(_))) => Ok(()),
            (Target::Validation(_), Entered::Nothing | Entered::Record { .. }) if self.me.role == Role::Admin => Ok(()),
            (Target::Measure(_), Entered::Record { .. }) if !is_free && self.me.role == Role::Admin => Ok(()),
            // Rows are known by their keys, and layers come from outside.
            (Target::Measure(id), Entered::Nothing) if !is_free && self.me.role == Role::Admin => {
                let kind = self.sheet.measure(id).map(|measure| &measure.kind);
                let may_go = matches!(kind, None | Some(MeasureKind::Input | MeasureKind::Formula(_)));
                if may_go { Ok(()) } else { Err(structure()) }
            }
            (Target::Validation(_) | Target::Measure(_), _) => Err(structure()),
            // A free sheet's title and the like; what a planning sheet is made of comes with an import.
            (Target::Structure, Entered::Input(_)) if is_free && self.me.role == Role::Admin => Ok(()),
            (Target::Structure, _) => Err(structure()),
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
            Target::Width(_) | Target::Mark | Target::Name | Target::Structure | Target::Stray => (None, None),
        };
        let Some(lock) = lock else { return Ok(()) };
        let code = if touch.to == Entered::Nothing { "acl.delete" } else { "acl.write" };
        Err(Refused::at(code, Lock::reason(lock), cell))
    }

    /// Nobody writes in somebody else's name.
    fn check_author(&self, by: Option<PersonId>, cell: Option<CellRef>) -> Result<(), Refused> {
        if by == Some(self.me.person) {
            return Ok(());
        }
        Err(Refused::at("acl.write", "It bears somebody else's name.", cell))
    }

    /// The cell must be one of the sheet's, here and in this person's scope.
    fn check_place(&self, cell: CellRef) -> Result<(), Refused> {
        let refuse = |why: &str| Err(Refused::at("acl.write", why, [cell]));
        self.check_known(cell.row, "acl.write", Some(cell))?;
        let known_col = match self.sheet.meta().kind {
            SheetKind::Planning => self.sheet.col_index(cell.col).is_some(),
            SheetKind::Free => {
                self.sheet.col_index(cell.col).is_some()
                    || self.fresh_cols.contains(&cell.col)
                    || self.sheet.deleted_cols().iter().any(|(col, _)| *col == cell.col)
            }
        };
        if !known_col {
            return refuse("There is no such column.");
        }
        if !self.scope.has_measure(cell.col.measure) {
            return refuse("The measure is not one of yours.");
        }
        self.check_scope(cell.row, Some(cell))
    }

    /// Whether the sheet has a row, as far as this person sees: whether one is there that they may not see is not told.
    fn is_known(&self, row: RowId) -> bool {
        let cell = CellRef { sheet: self.sheet.id(), row, col: nowhere() };
        let is_there = self.sheet.row_index(row).is_some() || self.sheet.is_deleted(row);
        is_there && row_shows(self.sheet, cell, &confined_to(self.me))
    }

    /// The row must be one of this room's, or come with the update.
    fn check_known(&self, row: RowId, code: &'static str, cell: Option<CellRef>) -> Result<(), Refused> {
        if self.is_known(row) {
            let part = if let RoomId::Part(_, part) = self.room { Some(part) } else { None };
            if self.sheet.part_of(row) == part {
                return Ok(());
            }
            return Err(Refused::at(code, "The row lies in another part of the sheet.", cell));
        }
        if self.fresh_rows.contains(&row) {
            return Ok(());
        }
        Err(Refused::at(code, "There is no such row.", cell))
    }

    /// A row that moves stays in its part and in this person's scope; one that is new brings its key, of which its id is
    /// made: so nobody adds a row twice, takes another part's, or learns which ones are there.
    fn check_row(&self, row: RowId, position: &str) -> Result<(), Refused> {
        let refuse = |code, why: &str| Err(Refused::new(code, why));
        if !position::is_of_row(position) {
            return refuse("cell.type", "It is no position of a row.");
        }
        self.check_known(row, "acl.write", None)?;
        if !self.is_known(row) && self.sheet.meta().kind == SheetKind::Planning {
            let keys = self.sheet.measures().iter().filter(|measure| measure.kind == MeasureKind::Key);
            let texts: Option<Vec<&str>> = keys.map(|key| self.fresh_key(row, key)).collect();
            match texts {
                None => return refuse("cell.type", "A new row brings its keys with it, as texts."),
                Some(texts) if RowId::of_key(&texts) != row => {
                    return refuse("acl.write", "A new row's id is made of its keys, so that no row is there twice.");
                }
                Some(_) => {}
            }
        }
        self.check_scope(row, None)
    }

    /// A key that a row brings with it.
    fn fresh_key(&self, row: RowId, key: &Measure) -> Option<&str> {
        match self.fresh_keys.get(&(row, key.id))? {
            Input::Text(text) => Some(text),
            _ => None,
        }
    }

    fn check_scope(&self, row: RowId, cell: Option<CellRef>) -> Result<(), Refused> {
        let key = |measure: &Measure| self.key_of(row, measure);
        if self.scope.has_row(self.sheet.measures(), key) {
            return Ok(());
        }
        Err(Refused::at("acl.write", "The row is not one of yours.", cell))
    }

    fn key_of(&self, row: RowId, measure: &Measure) -> Option<String> {
        let fresh = || self.fresh_keys.get(&(row, measure.id)).copied();
        match self.sheet.input(row, ColId::fixed(measure.id)).or_else(fresh)? {
            Input::Text(text) | Input::Formula(text) => Some(text.to_string()),
            Input::Number(number) => Some(number.to_string()),
            Input::Bool(truth) => Some(truth.to_string()),
        }
    }

    fn check_cell(&self, cell: CellRef, person: Option<PersonId>, to: &Entered) -> Result<(), Refused> {
        self.check_place(cell)?;
        let measure = match self.sheet.meta().kind {
            SheetKind::Planning => self.sheet.measure(cell.col.measure),
            SheetKind::Free => None,
        };
        let code = if *to == Entered::Nothing { "acl.delete" } else { "acl.write" };
        let read_only = |why: &str| Err(Refused::at(code, why, [cell]));
        let is_additive = measure.is_some_and(|measure| measure.merge == Merge::Additive);
        if person.is_some_and(|person| person != self.me.person) {
            return read_only("It is somebody else's contribution.");
        }
        if is_additive != person.is_some() {
            return Err(Refused::at(
                "cell.type",
                "Contributions belong to additive measures, and to a person.",
                [cell],
            ));
        }
        match measure.map(|measure| &measure.kind) {
            Some(MeasureKind::Layer) => return read_only("Its values come from outside and are not entered."),
            Some(MeasureKind::Key) => return self.check_key(cell, to),
            _ => {}
        }
        if measure.is_some_and(|measure| !measure.span.covers(cell.col, self.sheet.meta())) {
            return read_only("Its measure has no cells in this bucket.");
        }
        match to {
            Entered::Nothing => Ok(()),
            Entered::Input(input) => self.check_input(cell, measure, input),
            Entered::Record { .. } | Entered::Other => {
                Err(Refused::at("cell.type", "A cell holds a number, a truth value or a text.", [cell]))
            }
        }
    }

    /// A row's key comes with the row and stays as it is.
    fn check_key(&self, cell: CellRef, to: &Entered) -> Result<(), Refused> {
        let before = self.sheet.input(cell.row, cell.col);
        let refuse = |code, why: &str| Err(Refused::at(code, why, [cell]));
        match to {
            Entered::Input(input) if before.is_none() || before == Some(input) => {
                if let Input::Formula(_) = input {
                    return refuse("cell.type", "A key is a text or a number, not a formula.");
                }
                let meta = self.sheet.meta();
                if let (RoomId::Part(_, part), Input::Text(text)) = (self.room, input)
                    && meta.partition == Some(cell.col.measure)
                    && meta.parts.get(&part).is_some_and(|label| **label != **text)
                {
                    return refuse("acl.write", "The row's key is that of another part.");
                }
                self.check_input(cell, None, input)
            }
            Entered::Nothing if before.is_none() => Ok(()),
            Entered::Nothing => refuse("acl.delete", "A row's key stays as it is."),
            _ => refuse("acl.write", "A row's key stays as it is: insert a row with the new key instead."),
        }
    }

    fn check_input(&self, cell: CellRef, measure: Option<&Measure>, input: &Input) -> Result<(), Refused> {
        let refuse = |code, why: &str| Err(Refused::at(code, why, [cell]));
        let is_numeric = measure.is_some_and(|measure| {
            measure.merge == Merge::Additive
                || !matches!(measure.format, NumberFormat::General | NumberFormat::Text | NumberFormat::Date)
        });
        if let Some(objection) =
            self.sheet.validation(cell.col.measure).filter(|rule| rule.strict).and_then(|rule| rule.objection(input))
        {
            return Err(Refused::at("cell.rule", objection, [cell]));
        }
        let is_share = measure.is_some_and(|measure| measure.merge.is_allocation());
        match input {
            Input::Number(number) if !number.is_finite() => refuse("cell.range", "A cell holds finite numbers only."),
            Input::Number(number) if measure.is_some() && number.abs() >= LARGEST => {
                refuse("cell.range", "The number is too large to be exact.")
            }
            Input::Number(number) if *number < 0.0 && self.is_demand(measure) => {
                refuse("cell.range", "Demand is not negative.")
            }
            Input::Number(number) if *number < 0.0 && is_share => refuse("cell.range", "A share is not negative."),
            Input::Number(_) => Ok(()),
            _ if is_share => refuse("cell.type", "A share is a number."),
            Input::Formula(_) if measure.is_some_and(|measure| measure.merge == Merge::Additive) => {
                refuse("cell.type", "Contributions are numbers.")
            }
            Input::Bool(_) | Input::Text(_) if is_numeric => refuse("cell.type", "The measure takes numbers."),
            Input::Text(text) | Input::Formula(text) if text.chars().any(is_unseen) => {
                refuse("cell.type", "The text has control or invisible characters.")
            }
            _ => Ok(()),
        }
    }

    /// Quantities people will want; what they add or take away may be negative.
    fn is_demand(&self, measure: Option<&Measure>) -> bool {
        self.role == "demand" && measure.is_some_and(|measure| measure.timed && measure.merge == Merge::Override)
    }
}
