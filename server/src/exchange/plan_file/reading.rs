//! A file read as changes of a sheet: what people did to it in a spreadsheet, as one edit they can look at and undo.
//!
//! Rows are found by their keys and columns by their headings, in any order, as [`super`] writes them. Only what people
//! enter is taken over; calculated and imported figures come back with the file and are left as they are.

use std::collections::{HashMap, HashSet};

use grid_engine::doc::{Guard, Input, Measure, Merge, Op, SheetKind, SheetMirror};
use grid_engine::refs::{CellRef, ColId, PartId, PersonId, RowId, SheetId};
use grid_engine::value::entry::read_number_in;
use grid_engine::value::{Locale, NumberFormat, Value};
use grid_engine::wire::FileReading;
use grid_engine::workbook::Workbook;

use super::headings::{Column, Headings};
use super::table::{Line, Table};
use crate::exchange::table_file::Problems;

/// Changes of one edit at most: more do not fit into what a browser may send at once.
const MAX_CHANGES: usize = 40_000;

/// How a file is to be read.
pub struct Reader<'a> {
    /// Whose edit it will be.
    pub by: PersonId,
    /// Why this person may not make some steps, if so.
    pub objection: &'a dyn Fn(&[Op]) -> Option<String>,
    /// How texts write numbers.
    pub locale: Locale,
    /// An empty cell empties the sheet's; otherwise it leaves it alone.
    pub clears: bool,
    /// Keys the sheet does not have become rows of it; otherwise they are problems.
    pub adds_rows: bool,
}

impl Reader<'_> {
    /// Reads a table for a sheet.
    ///
    /// # Errors
    /// Every problem with line, column and reason; then nothing is to be changed.
    pub fn read(&self, workbook: &Workbook, sheet: SheetId, table: &Table) -> Result<FileReading, Vec<String>> {
        let of = workbook.sheet(sheet).ok_or_else(|| vec!["The sheet is not there any more.".to_owned()])?;
        let reading = match of.meta().kind {
            SheetKind::Planning => self.planning(workbook, of, table)?,
            SheetKind::Free => self.free(workbook, of, table)?,
        };
        let changes = reading.set + reading.cleared;
        if changes > MAX_CHANGES {
            return Err(vec![format!(
                "{changes} cells would change; {MAX_CHANGES} at once are the most: cut the file into several"
            )]);
        }
        Ok(reading)
    }

    fn planning(&self, workbook: &Workbook, sheet: &SheetMirror, table: &Table) -> Result<FileReading, Vec<String>> {
        let (headings, lines) = Headings::read(sheet, table)?;
        let mut reading = FileReading::default();
        let mut problems = Problems::default();
        let mut rows = Rows::of(workbook, sheet, &headings.keys);
        for line in lines.iter().filter(|line| !line.cells.iter().all(Value::is_blank)) {
            let mut problem = |place: usize, reason: &str| {
                problems.cell(&table.name, line.number, &headings.names[place], reason);
            };
            let (row, fresh) = match rows.find(&headings, line, self.adds_rows) {
                Ok(found) => found,
                Err((place, reason)) => {
                    problem(place, &reason);
                    continue;
                }
            };
            if let Some(reason) = (!fresh.is_empty()).then(|| (self.objection)(&fresh)).flatten() {
                problem(headings.key_places[0], &reason);
                continue;
            }
            reading.added += usize::from(!fresh.is_empty());
            reading.ops.extend(fresh.iter().cloned());
            for (place, column) in headings.columns.iter().enumerate() {
                let Column::Cells(measure, col) = column else { continue };
                let cell = CellRef { sheet: sheet.id(), row, col: *col };
                let change = self.change(workbook, sheet, measure, cell, line.cell(place));
                let taken = change.and_then(|change| self.take(&mut reading, cell, change, &fresh));
                if let Err(reason) = taken {
                    problem(place, &reason);
                }
            }
        }
        problems.into_result()?;
        reading.left_out = headings.left_out;
        Ok(reading)
    }

    /// What a cell of a measure becomes.
    fn change(
        &self,
        workbook: &Workbook,
        sheet: &SheetMirror,
        measure: &Measure,
        cell: CellRef,
        value: &Value,
    ) -> Result<Change, String> {
        if value.is_blank() {
            let holds = sheet.input(cell.row, cell.col).is_some();
            return Ok(if self.clears && holds { Change::To(None) } else { Change::None });
        }
        let takes_dates = matches!(measure.format, NumberFormat::Date | NumberFormat::General);
        let input = match (measure.format, self.number(value, takes_dates)) {
            (NumberFormat::Text, _) => Input::Text(text_of(value).trim().into()),
            (_, Ok(number)) => Input::Number(number),
            (NumberFormat::General, Err(_)) => Input::Text(text_of(value).trim().into()),
            (_, Err(reason)) => return Err(reason),
        };
        if holds(workbook.value(cell), &input) {
            return Ok(Change::Same);
        }
        match input {
            // The cell is to show this number: what others have contributed stays.
            Input::Number(number) if measure.merge == Merge::Additive => {
                let entry = workbook.read_entry(cell, self.by, &format!("={number}"));
                entry.map(Change::To).map_err(|error| error.message)
            }
            input => Ok(Change::To(Some(input))),
        }
    }

    /// Notes a change as a step of the edit; `fresh` are the steps that make its row, if it is new.
    fn take(&self, reading: &mut FileReading, cell: CellRef, change: Change, fresh: &[Op]) -> Result<(), String> {
        let input = match change {
            Change::None => return Ok(()),
            Change::Same => {
                reading.same += 1;
                return Ok(());
            }
            Change::To(input) => input,
        };
        let is_cleared = input.is_none();
        let step = Op::SetCell { cell, input, guard: Guard::Always };
        let steps: Vec<Op> = fresh.iter().cloned().chain([step.clone()]).collect();
        if let Some(reason) = (self.objection)(&steps) {
            return Err(reason);
        }
        reading.ops.push(step);
        *if is_cleared { &mut reading.cleared } else { &mut reading.set } += 1;
        Ok(())
    }

    fn number(&self, value: &Value, takes_dates: bool) -> Result<f64, String> {
        match value {
            Value::Number(number) => Ok(*number),
            Value::Bool(truth) => Ok(f64::from(u8::from(*truth))),
            Value::Text(text) => match read_number_in(text.trim(), self.locale) {
                Some((_, Some(NumberFormat::Date))) if !takes_dates => Err(format!("“{text}” is a date, not a number")),
                Some((number, _)) => Ok(number),
                None => Err(format!("“{text}” is not a number")),
            },
            other => Err(format!("{} is not a number", text_of(other))),
        }
    }

    /// A free sheet is taken from its first cell on.
    fn free(&self, workbook: &Workbook, sheet: &SheetMirror, table: &Table) -> Result<FileReading, Vec<String>> {
        let mut reading = FileReading::default();
        let mut problems = Problems::default();
        let (rows, cols) = (sheet.rows(), sheet.cols());
        let wide = table.lines.iter().map(|line| line.cells.len()).max().unwrap_or(0);
        let high = table.lines.last().map_or(0, |line| line.number as usize);
        if high > rows.len() || wide > cols.len() {
            let (has, of) = (rows.len(), cols.len());
            let reason =
                format!("has {high} rows and {wide} columns, the sheet {has} and {of}: insert what is missing");
            problems.file(&table.name, &reason);
        }
        problems.into_result()?;
        let mut problems = Problems::default();
        for line in &table.lines {
            let Some(&row) = rows.get(line.number as usize - 1) else { continue };
            for (&col, value) in cols.iter().zip(&line.cells) {
                let cell = CellRef { sheet: sheet.id(), row, col };
                let change = match self.free_input(value, table.is_text) {
                    None if self.clears && sheet.input(row, col).is_some() => Change::To(None),
                    None => Change::None,
                    Some(input) if holds(workbook.value(cell), &input) => Change::Same,
                    Some(input) => Change::To(Some(input)),
                };
                if let Err(reason) = self.take(&mut reading, cell, change, &[]) {
                    let place = sheet.col_index(col).unwrap_or(0) as u32;
                    problems.cell(&table.name, line.number, &grid_engine::refs::a1::column_letters(place), &reason);
                }
            }
        }
        problems.into_result()?;
        Ok(reading)
    }

    fn free_input(&self, value: &Value, is_text: bool) -> Option<Input> {
        Some(match value {
            Value::Blank => return None,
            Value::Number(number) => Input::Number(*number),
            Value::Bool(truth) => Input::Bool(*truth),
            Value::Text(text) => match read_number_in(text.trim(), self.locale).filter(|_| is_text) {
                Some((number, _)) => Input::Number(number),
                None => Input::Text(text.as_str().into()),
            },
            other => Input::Text(text_of(other).into()),
        })
    }
}

/// What becomes of a cell.
enum Change {
    None,
    Same,
    To(Option<Input>),
}

/// Whether a cell shows what an input would have it show, up to what fifteen digits tell apart.
fn holds(current: &Value, input: &Input) -> bool {
    match (current, input) {
        (Value::Number(now), Input::Number(then)) => (now - then).abs() <= 1e-14 * now.abs().max(then.abs()),
        (Value::Text(now), Input::Text(then)) => now.as_str() == &**then,
        (Value::Bool(now), Input::Bool(then)) => now == then,
        _ => false,
    }
}

pub(super) fn text_of(value: &Value) -> String {
    value.to_text().map_or_else(|error| error.kind.code().to_owned(), |text| text.to_string())
}

/// The rows of a sheet by what stands in their keys; `None` where several have the same.
pub fn rows_by_key(workbook: &Workbook, sheet: &SheetMirror, keys: &[&Measure]) -> HashMap<Vec<String>, Option<RowId>> {
    let mut known: HashMap<Vec<String>, Option<RowId>> = HashMap::with_capacity(sheet.rows().len());
    for &row in sheet.rows() {
        let cell = |key: &&Measure| CellRef { sheet: sheet.id(), row, col: ColId::fixed(key.id) };
        let key = keys.iter().map(|key| text_of(workbook.value(cell(key))).trim().to_owned()).collect();
        known.entry(key).and_modify(|row| *row = None).or_insert(Some(row));
    }
    known
}

/// The rows of a sheet as the lines of a file meet them.
struct Rows<'a> {
    sheet: &'a SheetMirror,
    known: HashMap<Vec<String>, Option<RowId>>,
    seen: HashSet<Vec<String>>,
    /// The row after which the next new one of a part comes.
    last: HashMap<Option<PartId>, RowId>,
}

impl<'a> Rows<'a> {
    fn of(workbook: &Workbook, sheet: &'a SheetMirror, keys: &[&Measure]) -> Self {
        let last = sheet.rows().iter().map(|&row| (sheet.part_of(row), row)).collect();
        Self { sheet, known: rows_by_key(workbook, sheet, keys), seen: HashSet::new(), last }
    }

    /// The row of a line, with the steps that add it where it is new; or the column at fault and why.
    fn find(&mut self, of: &Headings<'_>, line: &Line, adds: bool) -> Result<(RowId, Vec<Op>), (usize, String)> {
        let key: Vec<String> = of.key_places.iter().map(|&at| text_of(line.cell(at)).trim().to_owned()).collect();
        if let Some(place) = key.iter().position(String::is_empty) {
            return Err((of.key_places[place], "is empty: a row is known by all its keys".to_owned()));
        }
        let refuse = |reason: &str| Err((of.key_places[0], format!("{}: {reason}", key.join(" / "))));
        if !self.seen.insert(key.clone()) {
            return refuse("an earlier line is of the same row");
        }
        match self.known.get(&key) {
            Some(Some(row)) => Ok((*row, Vec::new())),
            Some(None) => refuse("several rows of the sheet have these keys"),
            None if adds => self.add(of, &key).or_else(|reason| refuse(&reason)),
            None => refuse("the sheet has no such row: have new rows added, or leave the line out"),
        }
    }

    /// The steps that add a row, below the others of its part.
    fn add(&mut self, of: &Headings<'_>, key: &[String]) -> Result<(RowId, Vec<Op>), String> {
        let texts: Vec<&str> = key.iter().map(String::as_str).collect();
        let (row, meta, sheet) = (RowId::of_key(&texts), self.sheet.meta(), self.sheet.id());
        let by = meta.partition.and_then(|by| of.keys.iter().position(|key| key.id == by));
        let part = by.map(|by| {
            let found = meta.parts.iter().find(|(_, label)| **label == key[by]).map(|(part, _)| *part);
            let labels = || meta.parts.values().map(String::as_str).collect::<Vec<_>>().join(", ");
            found.ok_or_else(|| format!("{} has no part of the sheet; there are {}", key[by], labels()))
        });
        let part = part.transpose()?;
        if self.sheet.is_deleted(row) {
            return Ok((row, vec![Op::RestoreRows { sheet, rows: vec![row] }]));
        }
        let after = self.last.insert(part, row);
        let mut ops = vec![Op::InsertRows { sheet, part, after, rows: vec![row] }];
        ops.extend(of.keys.iter().zip(key).map(|(measure, text)| Op::SetCell {
            cell: CellRef { sheet, row, col: ColId::fixed(measure.id) },
            input: Some(Input::Text(text.as_str().into())),
            guard: Guard::Always,
        }));
        Ok((row, ops))
    }
}
