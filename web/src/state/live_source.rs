//! The live workbook as the grid reads it.

use grid_engine::doc::{Accepts, Input, MeasureKind, SheetInfo, SheetKind, SheetMirror, Span};
use grid_engine::refs::a1::column_letters;
use grid_engine::refs::{CellRef, MeasureId, RoomId, SheetId};
use grid_engine::value::entry::entry_text_in;
use grid_engine::value::format::display_number;
use grid_engine::value::{NumberFormat, Value};
use grid_engine::wire::{Lock, Role};
use grid_engine::workbook::{Area, Source, Workbook};

use super::Session;
use super::locks::lock_on;
use crate::grid::cell_style::CellStyle;
use crate::grid::highlight::Highlight;
use crate::grid::source::{Face, Shape, SheetSource, face, planning_address};
use crate::grid::trace::Trace;
use crate::locale;
use leptos::prelude::*;

/// Reads from a session.
#[derive(Clone, Copy)]
pub struct LiveSource {
    session: Session,
}

impl LiveSource {
    /// The workbook of a session.
    pub fn new(session: Session) -> Self {
        Self { session }
    }
}

impl SheetSource for LiveSource {
    fn sheets(&self) -> Vec<SheetInfo> {
        self.session
            .read(|book| {
                let open = |info: &&SheetInfo| !info.hidden && book.sheet(info.id).is_some();
                book.mirror().sheets().iter().filter(open).cloned().collect()
            })
            .unwrap_or_default()
    }

    fn shape(&self, sheet: SheetId) -> Option<Shape> {
        self.session
            .read(|book| {
                let mirror = book.sheet(sheet)?;
                let meta = mirror.meta();
                let free = meta.kind == SheetKind::Free;
                let measured = mirror.measures().iter().map(|measure| grid_engine::refs::ColId::fixed(measure.id));
                let cols = if free { mirror.cols().to_vec() } else { measured.collect() };
                Some(Shape {
                    sheet,
                    kind: meta.kind,
                    title: meta.title.clone(),
                    horizon: meta.horizon,
                    measures: mirror.measures().to_vec(),
                    rows: mirror.rows().to_vec(),
                    widths: cols.iter().filter_map(|&col| Some((col, mirror.width(col)?))).collect(),
                    cols: if free { cols } else { Vec::new() },
                })
            })
            .flatten()
    }

    fn face(&self, cell: CellRef) -> Face {
        self.session
            .look(|core| {
                let book = &core.book;
                let view = book.cell(cell);
                let commented = core.commented.contains(&cell);
                let locked = lock_on(&core.locks, book, cell).is_some();
                let style = view.style.map(CellStyle::of).unwrap_or_default();
                if view.source == Source::Empty && !view.pending && view.note.is_none() {
                    return Face { commented, locked, style, ..Face::blank() };
                }
                let wrong = book.sheet(cell.sheet).is_some_and(|sheet| sheet.objection(cell.row, cell.col).is_some());
                let face = face(view.value, book.display(cell), view.source, view.pending, view.note.is_some());
                Face { wrong, commented, locked, style, ..face }
            })
            .unwrap_or_else(Face::blank)
    }

    fn value(&self, cell: CellRef) -> Value {
        self.session.read(|book| book.value(cell).clone()).unwrap_or_default()
    }

    fn entry(&self, cell: CellRef) -> String {
        self.session.read(|book| book.entry_text(cell)).unwrap_or_default()
    }

    fn typed(&self, cell: CellRef) -> String {
        let typed = |book: &Workbook| entry_text_in(book.value(cell), book.format_at(cell), book.locale());
        self.session.read(typed).unwrap_or_default()
    }

    fn highlight(&self, sheet: SheetId, measure: MeasureId) -> Option<Highlight> {
        let of = |book: &Workbook| Highlight::of(&book.sheet(sheet)?.validation(measure)?.highlight);
        self.session.read(of).flatten()
    }

    fn style(&self, cell: CellRef) -> Option<String> {
        self.session.read(|book| book.sheet(cell.sheet)?.style(cell.row, cell.col).map(str::to_owned)).flatten()
    }

    fn explain(&self, cell: CellRef) -> String {
        self.session
            .read(|book| {
                let entered = book.sheet(cell.sheet).and_then(|sheet| sheet.input(cell.row, cell.col));
                let measure = book.sheet(cell.sheet).and_then(|sheet| sheet.measure(cell.col.measure));
                match (entered, measure.map(|measure| &measure.kind)) {
                    (None, Some(MeasureKind::Formula(stored))) if in_span(book, cell) => {
                        book.formula_text(cell, stored)
                    }
                    _ => book.entry_text(cell),
                }
            })
            .unwrap_or_default()
    }

    fn locked(&self, cell: CellRef) -> Option<String> {
        let me = self.session.me.get_untracked()?;
        let (reason, room) = self.session.read(|book| {
            let Some(sheet) = book.sheet(cell.sheet) else {
                return (Some("This sheet is not here any more.".to_owned()), RoomId::Book);
            };
            let room = match sheet.part_of(cell.row) {
                Some(part) => RoomId::Part(cell.sheet, part),
                None => RoomId::Sheet(cell.sheet),
            };
            (kind_lock(book, sheet, cell), room)
        })?;
        if reason.is_some() {
            return reason;
        }
        let lock = self.session.look(|core| lock_on(&core.locks, &core.book, cell).map(Lock::reason)).flatten();
        if lock.is_some() {
            return lock;
        }
        if self.session.may_write(room) {
            return None;
        }
        let title = self.session.read(|book| book.sheet(cell.sheet).map(|sheet| sheet.meta().title.clone())).flatten();
        let title = title.unwrap_or_else(|| "this sheet".to_owned());
        Some(match me.role {
            Role::Sales if matches!(room, RoomId::Part(..)) && !me.scope.is_empty() => {
                format!("You plan {}; other rows of {title} are read-only for you.", me.scope.join(", "))
            }
            Role::Viewer => "You may look at this workbook, but not change it.".to_owned(),
            role => format!("{title} is read-only for your role ({}).", role_name(role)),
        })
    }

    fn written(&self, sheet: SheetId, measure: MeasureId, number: f64) -> String {
        let format = self
            .session
            .read(|book| book.sheet(sheet).and_then(|sheet| sheet.measure(measure).map(|measure| measure.format)))
            .flatten()
            .unwrap_or(NumberFormat::General);
        locale::current().shown(&display_number(number, format))
    }

    fn why_blank(&self, cell: CellRef) -> Option<String> {
        self.session.read(|book| book.why_blank(cell)).flatten()
    }

    fn objection(&self, cell: CellRef) -> Option<String> {
        self.session.read(|book| book.sheet(cell.sheet)?.objection(cell.row, cell.col)).flatten()
    }

    fn choices(&self, cell: CellRef) -> Vec<String> {
        let rule = self.session.read(|book| book.sheet(cell.sheet)?.validation(cell.col.measure).cloned()).flatten();
        match rule.map(|rule| rule.accepts) {
            Some(Accepts::List(values)) => values,
            _ => Vec::new(),
        }
    }

    fn trace(&self, cell: CellRef, way: Trace) -> Vec<Area> {
        self.session
            .with(|core| match way {
                Trace::Precedents => core.book.precedents(cell),
                Trace::Dependents => core.book.dependents(cell),
            })
            .unwrap_or_default()
    }

    fn address(&self, cell: CellRef) -> String {
        self.session
            .read(|book| {
                let sheet = book.sheet(cell.sheet)?;
                let title = &sheet.meta().title;
                if sheet.meta().kind == SheetKind::Free {
                    let col = sheet.col_index(cell.col)?;
                    let row = sheet.row_index(cell.row)?;
                    return Some(format!("{title}!{}{}", column_letters(col as u32), row + 1));
                }
                let keys: Vec<String> = sheet
                    .measures()
                    .iter()
                    .filter(|measure| measure.kind == MeasureKind::Key)
                    .map(|key| key_text(book, CellRef { col: grid_engine::refs::ColId::fixed(key.id), ..cell }))
                    .collect();
                let measure = sheet.measure(cell.col.measure)?;
                Some(planning_address(title, &measure.name, cell.col, &keys))
            })
            .flatten()
            .unwrap_or_else(|| "a deleted cell".to_owned())
    }

    fn note(&self, cell: CellRef) -> Option<String> {
        self.session.read(|book| book.cell(cell).note.map(|note| note.text.clone())).flatten()
    }
}

/// What a key says, of a deleted row too: that has no values any more.
fn key_text(book: &Workbook, key: CellRef) -> String {
    let entered = || match book.sheet(key.sheet)?.input(key.row, key.col)? {
        Input::Text(text) => Some(text.to_string()),
        Input::Number(number) => Some(number.to_string()),
        Input::Bool(_) | Input::Formula(_) => None,
    };
    let shown = book.display(key);
    if shown.is_empty() { entered().unwrap_or_default() } else { shown }
}

fn in_span(book: &Workbook, cell: CellRef) -> bool {
    let Some(sheet) = book.sheet(cell.sheet) else { return true };
    let (Some(measure), Some(horizon), Some(bucket)) =
        (sheet.measure(cell.col.measure), sheet.meta().horizon, cell.col.bucket)
    else {
        return true;
    };
    match measure.span {
        Span::All => true,
        Span::History => bucket < horizon.current,
        Span::Plan => bucket >= horizon.current,
    }
}

/// Why a cell takes no input from anyone.
fn kind_lock(book: &Workbook, sheet: &SheetMirror, cell: CellRef) -> Option<String> {
    let measure = sheet.measure(cell.col.measure)?;
    if !in_span(book, cell) {
        let when = if measure.span == Span::Plan { "before the plan begins" } else { "in the plan" };
        return Some(format!("{} has no cells {when}.", measure.name));
    }
    match measure.kind {
        MeasureKind::Layer => {
            Some(format!("{} is read-only: it comes from imported facts or the solver.", measure.name))
        }
        MeasureKind::Key => Some(format!("{} names the row and cannot be changed here.", measure.name)),
        MeasureKind::Input | MeasureKind::Formula(_) => None,
    }
}

/// A role as people say it.
pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Admin => "administrator",
        Role::Sales => "sales",
        Role::Demand => "demand planning",
        Role::Supply => "supply planning",
        Role::Finance => "finance",
        Role::Executive => "executive",
        Role::Viewer => "viewer",
    }
}
