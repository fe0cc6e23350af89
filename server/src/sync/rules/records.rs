//! Records: what sheets, measures, names, notes and rules may say, by the checks that the dialogs' edits go through
//! (`grid_engine::doc::check_sheet` and its neighbours). What stands as it stood is not judged again.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use grid_engine::doc::{
    Entered, Measure, MeasureKind, Mirror, Record, SheetInfo, SheetKind, SheetMirror, Target, Touch, Unfit, Validation,
    check_definition, check_measure, check_note, check_rule, check_sheet, name_key,
};
use grid_engine::formula::Formula;
use grid_engine::refs::{CellRef, ColId, MeasureId, SheetId};
use grid_engine::wire::{Me, Role};

use super::super::admission::Refused;
use super::{Rules, structure};

impl From<Unfit> for Refused {
    fn from(unfit: Unfit) -> Self {
        Self::new(unfit.code, unfit.reason)
    }
}

/// What a record is not what its place holds for.
pub(super) fn unread(what: &str, record: &Record) -> Refused {
    let reason = if let Record::Unread(reason) = record { reason } else { "it is something else" };
    Refused::new("record.form", format!("{what} cannot be read ({reason}): reload the page and enter it anew."))
}

fn check_formula(code: &'static str, of: &str, formula: &str) -> Result<(), Refused> {
    let read = Formula::from_stored(formula);
    read.map(drop)
        .map_err(|error| Refused::new(code, format!("{of}: its formula cannot be read ({error}): type it anew.")))
}

/// How often each name occurs once an update is taken: one that two sheets or measures swap is nobody's twice.
pub(super) struct Names(HashMap<String, usize>);

impl Names {
    fn of<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut found = HashMap::new();
        names.for_each(|name| *found.entry(name_key(name)).or_default() += 1);
        Self(found)
    }

    fn is_shared(&self, name: &str) -> bool {
        self.0.get(&name_key(name)).is_some_and(|count| *count > 1)
    }

    fn of_sheets(mirror: &Mirror, touches: &[Touch]) -> Self {
        let touched: HashSet<SheetId> = touches
            .iter()
            .filter_map(|touch| if let Target::Sheet(id) = touch.target { Some(id) } else { None })
            .collect();
        let kept = mirror.sheets().iter().filter(|info| !touched.contains(&info.id)).map(|info| info.title.as_str());
        Self::of(kept.chain(records(touches).filter_map(|record| match record {
            Record::Sheet(info) => Some(info.title.as_str()),
            _ => None,
        })))
    }

    pub(super) fn of_measures(sheet: &SheetMirror, touches: &[Touch]) -> Self {
        let touched: HashSet<MeasureId> = touches
            .iter()
            .filter_map(|touch| if let Target::Measure(id) = touch.target { Some(id) } else { None })
            .collect();
        let kept = sheet.measures().iter().filter(|measure| !touched.contains(&measure.id));
        let kept = kept.map(|measure| measure.name.as_str());
        Self::of(kept.chain(records(touches).filter_map(|record| match record {
            Record::Measure(measure) => Some(measure.name.as_str()),
            _ => None,
        })))
    }
}

fn records(touches: &[Touch]) -> impl Iterator<Item = &Record> {
    touches.iter().filter_map(|touch| if let Entered::Record(record) = &touch.to { Some(&**record) } else { None })
}

/// The workbook's own document: names, and the list of sheets: what they are called, where they stand, whether they are
/// hidden.
pub(super) fn check_book(me: &Me, mirror: &Mirror, touches: &[Touch]) -> Result<(), Refused> {
    let titles = OnceCell::new();
    touches.iter().try_for_each(|touch| match (touch.target, &touch.to) {
        (Target::Name | Target::Mark, Entered::Nothing) => Ok(()),
        (Target::Name, Entered::Record(record)) => match &**record {
            Record::Name { name, formula } => check_name(mirror, name, formula),
            _ => Err(Refused::new("cell.type", "A name stands for a formula.")),
        },
        (Target::Name, _) => Err(Refused::new("cell.type", "A name stands for a formula.")),
        (Target::Sheet(_), Entered::Record(record)) if me.role == Role::Admin => match &**record {
            Record::Sheet(info) => {
                let titles = titles.get_or_init(|| Names::of_sheets(mirror, touches));
                check_listed(mirror, info, titles)
            }
            other => Err(unread("The entry of a sheet", other)),
        },
        _ => Err(structure()),
    })
}

fn check_name(mirror: &Mirror, name: &str, formula: &str) -> Result<(), Refused> {
    if mirror.names().get(name).is_some_and(|before| **before == *formula) {
        return Ok(());
    }
    check_definition(name, Some(formula))?;
    check_formula("name.formula", name, formula)
}

fn check_listed(mirror: &Mirror, info: &SheetInfo, titles: &Names) -> Result<(), Refused> {
    let before = mirror.sheets().iter().find(|listed| listed.id == info.id);
    check_sheet(info, before, titles.is_shared(&info.title))?;
    let title = &info.title;
    // What planning sheets are made of, and what rights hang on, is not written key by key.
    if before.is_none() && info.kind != SheetKind::Free {
        let message =
            format!("“{title}”: planning sheets come with an import, or are asked for where they are needed.");
        return Err(Refused::new("sheet.kind", message));
    }
    if before.is_none() && !info.role.is_empty() {
        return Err(Refused::new(
            "sheet.role",
            format!("“{title}”: what is added by hand is for nothing in particular."),
        ));
    }
    Ok(())
}

impl Rules<'_> {
    pub(super) fn check_noted(&self, cell: CellRef, record: &Record) -> Result<(), Refused> {
        let at_cell = |refused: Refused| Refused { cells: vec![cell], ..refused };
        let Record::Note(note) = record else { return Err(at_cell(unread("The note", record))) };
        self.check_author(note.by, Some(cell))?;
        let before = self.sheet.note(cell.row, cell.col);
        if before.is_some_and(|before| before.text == note.text) {
            return Ok(());
        }
        check_note(&note.text).map_err(|unfit| at_cell(unfit.into()))
    }

    /// Whether a row or column may be marked as deleted so.
    pub(super) fn check_deletion(&self, record: &Record) -> Result<(), Refused> {
        match record {
            Record::Deletion(by) => self.check_author(*by, None),
            other => Err(unread("What marks a row or column as deleted", other)),
        }
    }

    pub(super) fn check_validation(&self, id: MeasureId, rule: &Validation) -> Result<(), Refused> {
        let col = ColId::fixed(id);
        let is_there = self.has_measure(id)
            || self.sheet.col_index(col).is_some()
            || self.fresh_cols.contains(&col)
            || self.sheet.deleted_cols().iter().any(|(deleted, _)| *deleted == col);
        if !is_there {
            return Err(Refused::new("rule.form", format!("There is no column or measure {id} for the rule.")));
        }
        check_rule(rule).map_err(Refused::from)
    }

    fn has_measure(&self, id: MeasureId) -> bool {
        // Also one that comes and goes with the same update.
        self.sheet.measure(id).is_some() || self.touches.iter().any(|touch| touch.target == Target::Measure(id))
    }

    pub(super) fn check_measure(&self, measure: &Measure) -> Result<(), Refused> {
        let names = self.names.get_or_init(|| Names::of_measures(self.sheet, self.touches));
        let before = self.sheet.measure(measure.id);
        let is_key = |id| self.sheet.measure(id).is_some_and(|key| key.kind == MeasureKind::Key);
        check_measure(measure, before, names.is_shared(&measure.name), &is_key)?;
        let name = &measure.name;
        match &measure.kind {
            MeasureKind::Key | MeasureKind::Layer if before.is_none() => {
                let message = format!("{name}: what rows are known by, and imported figures, come with an import.");
                Err(Refused::new("measure.kind", message))
            }
            MeasureKind::Formula(formula) if before.is_none_or(|before| before.kind != measure.kind) => {
                check_formula("measure.formula", name, formula)
            }
            _ => Ok(()),
        }
    }
}
