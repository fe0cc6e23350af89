//! What a row's plan rests on: the prices, costs, limits and policies other sheets hold for the same item, region or line.

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::Horizon;
use crate::doc::{Measure, MeasureKind, SheetKind, SheetMirror};
use crate::refs::{CellRef, ColId, MeasureId, RowId, SheetId};
use crate::workbook::Workbook;

/// Rows told of one sheet at most.
const ROWS: usize = 6;
/// How many steps away from the row: its item, the item's routes, their resources, the resources' hours.
const STEPS: usize = 3;

/// A sheet with rows that a row's plan rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumptions {
    pub sheet: SheetId,
    pub title: String,
    pub rows: Vec<AssumedRow>,
    /// Rows beyond those told.
    pub more: usize,
}

/// One row of it: what tells it from the others, and what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumedRow {
    pub row: RowId,
    /// The keys that do not follow from what led here, e.g. `Leipzig`; empty where it is the only one.
    pub label: String,
    pub figures: Vec<AssumedFigure>,
}

/// What was assumed: where it stands, what it is called, and its value as the grid shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumedFigure {
    pub cell: CellRef,
    pub name: String,
    pub text: String,
    pub unit: String,
}

/// Texts by the measure they stand in.
type Known = BTreeMap<MeasureId, BTreeSet<String>>;

/// The rows of other planning sheets that say something about the same things as the row of `at`, nearest first.
///
/// A row is about the same thing if it has a text in common with it and contradicts it in none: a price of the item, a
/// budget of its family in its region, but not that of another region. What such rows are keyed by leads on to rows with
/// the same key: from the item to its routes, from these to the resources, from these to their hours. Such keys say no
/// more than that: what kind of decision there is of an item says nothing against kinds of hours. Figures that people enter are told, timed ones in
/// the bucket of `at`, or the first planned one where that lies before the plan; the demand sheet itself rests on others and is left out, as are cells
/// without a value.
pub fn assumptions(book: &Workbook, at: CellRef) -> Vec<Assumptions> {
    let Some(own) = book.sheet(at.sheet).filter(|sheet| sheet.meta().kind == SheetKind::Planning) else {
        return Vec::new();
    };
    let mut said = Known::new();
    for measure in texts(own) {
        learn(&mut said, measure.id, text(book, at.sheet, at.row, measure.id));
    }
    let mut known = said.clone();
    let infos = book.mirror().sheets().iter();
    let mut left: Vec<_> = infos.filter(|info| info.id != at.sheet && info.role != "demand" && !info.hidden).collect();
    let mut found = Vec::new();
    for _ in 0..STEPS {
        let mut next = known.clone();
        left.retain(|info| {
            let Some(sheet) = book.sheet(info.id).filter(|sheet| sheet.meta().kind == SheetKind::Planning) else {
                return false;
            };
            if !sheet.measures().iter().any(is_entered) {
                return false;
            }
            let rows: Vec<RowId> = sheet
                .rows()
                .iter()
                .copied()
                .filter(|&row| is_about(book, info.id, sheet, row, (&said, &known)))
                .collect();
            for measure in sheet.measures().iter().filter(|measure| measure.kind == MeasureKind::Key) {
                if !known.contains_key(&measure.id) {
                    rows.iter().for_each(|&row| learn(&mut next, measure.id, text(book, info.id, row, measure.id)));
                }
            }
            let mut told = tell(book, info.id, sheet, at, &rows, &known);
            if !told.is_empty() {
                let more = told.len().saturating_sub(ROWS);
                told.truncate(ROWS);
                found.push(Assumptions { sheet: info.id, title: info.title.clone(), rows: told, more });
            }
            rows.is_empty()
        });
        known = next;
    }
    found
}

/// Measures whose texts say what a row is about.
fn texts(sheet: &SheetMirror) -> impl Iterator<Item = &Measure> {
    sheet.measures().iter().filter(|measure| !measure.timed)
}

fn is_entered(measure: &Measure) -> bool {
    measure.kind == MeasureKind::Input
}

fn text(book: &Workbook, sheet: SheetId, row: RowId, measure: MeasureId) -> Option<String> {
    book.value(CellRef { sheet, row, col: ColId::fixed(measure) }).as_text().map(str::to_owned)
}

fn learn(known: &mut Known, measure: MeasureId, text: Option<String>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        known.entry(measure).or_default().insert(text);
    }
}

/// Whether a row agrees with what the row asked about says in every text that both have, and in one of these or in a key
/// that is known.
fn is_about(book: &Workbook, id: SheetId, sheet: &SheetMirror, row: RowId, (said, known): (&Known, &Known)) -> bool {
    let mut agrees = false;
    for measure in texts(sheet) {
        let is_said = said.contains_key(&measure.id);
        let Some(values) = known.get(&measure.id).filter(|_| is_said || measure.kind == MeasureKind::Key) else {
            continue;
        };
        match book.value(CellRef { sheet: id, row, col: ColId::fixed(measure.id) }).as_text() {
            Some(text) if values.contains(text) => agrees = true,
            Some(text) if is_said && !text.is_empty() => return false,
            _ => {}
        }
    }
    agrees
}

fn tell(
    book: &Workbook,
    id: SheetId,
    sheet: &SheetMirror,
    at: CellRef,
    rows: &[RowId],
    known: &Known,
) -> Vec<AssumedRow> {
    // Before the plan, and where the sheet is of another grain or time, its first planned bucket.
    let planned = |horizon: Horizon| {
        let asked = at.col.bucket.filter(|bucket| horizon.index_of(*bucket) >= Some(horizon.current_index()));
        asked.unwrap_or(horizon.current)
    };
    let bucket = sheet.meta().horizon.map(planned);
    let one = |row: RowId| {
        let figures = sheet.measures().iter().filter(|measure| is_entered(measure)).filter_map(|measure| {
            let col = if measure.timed { ColId::timed(measure.id, bucket?) } else { ColId::fixed(measure.id) };
            let cell = CellRef { sheet: id, row, col };
            let value = book.value(cell);
            let says_something = !value.is_blank() && value.as_error().is_none();
            // What led here is no news.
            let is_known =
                value.as_text().is_some_and(|text| known.get(&measure.id).is_some_and(|it| it.contains(text)));
            let name = match measure.timed.then_some(bucket).flatten() {
                Some(bucket) => format!("{} {bucket}", measure.name),
                None => measure.name.clone(),
            };
            (says_something && !is_known).then(|| AssumedFigure {
                cell,
                name,
                text: book.display(cell),
                unit: measure.unit.clone(),
            })
        });
        let figures: Vec<AssumedFigure> = figures.collect();
        let keys = sheet.measures().iter().filter(|measure| measure.kind == MeasureKind::Key);
        // A key is left out where nothing else can stand there.
        let told = keys.filter_map(|key| {
            let text = text(book, id, row, key.id)?;
            let only = known.get(&key.id).filter(|values| values.len() == 1);
            (!only.is_some_and(|values| values.contains(&text))).then_some(text)
        });
        let label: Vec<String> = told.collect();
        (!figures.is_empty()).then(|| AssumedRow { row, label: label.join(" · "), figures })
    };
    rows.iter().filter_map(|&row| one(row)).collect()
}
