//! What structured references mean to a formula while it is evaluated.

use std::ops::Range;
use std::sync::Arc;

use super::super::cache::Key;
use super::super::matching::Match;
use super::super::rowset::RowSet;
use super::super::sheet::{Measure, Sheet};
use super::super::store::Spot;
use super::{Certainty, Reading, busy, gather, gone};
use crate::calendar::{Bucket, Horizon};
use crate::formula::{MeasureRef, Slice, When};
use crate::refs::CellRef;
use crate::value::{Array, CellError, ErrorKind, Value};

/// The columns a structured reference means.
enum Columns {
    One(u32),
    Many(Range<u32>),
    /// A bucket beyond the horizon.
    Outside,
}

impl<'a> Reading<'a> {
    /// Where the formula's own cell is; nearly always that of the evaluation itself.
    pub(super) fn own_spot(&self, at: CellRef) -> Option<Spot> {
        if at == self.at { Some(self.spot) } else { self.store().locate(at) }
    }

    /// The sheet and measure a reference names.
    pub(super) fn target(&self, reference: &MeasureRef, own: Spot) -> Result<(u32, &'a Measure), CellError> {
        let sheet = match reference.sheet {
            None => own.sheet,
            Some(id) => self.sheet_index(id)?,
        };
        let of = self.store().sheet(sheet);
        match of.measure_index(reference.measure) {
            Some(index) => Ok((sheet, &of.measures[index as usize])),
            None => Err(gone(format!("{} has no measure {} any more", of.title, reference.measure))),
        }
    }

    /// The first bucket of a reference's columns; `None` for one bucket, or a measure without buckets.
    pub(super) fn first_bucket_of(&self, reference: &MeasureRef, at: CellRef) -> Option<Bucket> {
        let (sheet, measure) = self.target(reference, self.own_spot(at)?).ok()?;
        let horizon = self.store().sheet(sheet).horizon.filter(|_| measure.timed)?;
        match reference.when {
            When::All | When::History => horizon.bucket_at(0),
            When::Plan => horizon.bucket_at(horizon.current_index()),
            When::Here(_) | When::At(_) => None,
        }
    }

    fn columns(&self, of: &Sheet, measure: &Measure, when: When, at: CellRef) -> Result<Columns, CellError> {
        if !measure.timed {
            return Ok(Columns::One(measure.first_col));
        }
        let one = |offset: Option<usize>| {
            offset.map_or(Columns::Outside, |offset| Columns::One(measure.first_col + offset as u32))
        };
        let many = |range: Range<usize>| {
            let first = measure.first_col;
            if range.is_empty() {
                Columns::Outside
            } else {
                Columns::Many(first + range.start as u32..first + range.end as u32)
            }
        };
        let len = of.horizon.map_or(0, |horizon| horizon.len());
        let current = of.horizon.map_or(0, |horizon: Horizon| horizon.current_index());
        Ok(match when {
            When::Here(steps) => {
                let Some(bucket) = at.col.bucket else {
                    return Err(CellError::because(
                        ErrorKind::Value,
                        format!(
                            "{} has a value per bucket, and this cell has no bucket: name one, or all",
                            measure.name
                        ),
                    ));
                };
                one(of.offset_of(bucket.plus(steps)))
            }
            When::At(bucket) => one(of.offset_of(bucket)),
            When::All => many(0..len),
            When::History => many(0..current),
            When::Plan => many(current..len),
        })
    }

    /// The row of `sheet` that the own row meets.
    fn own_row_in(&self, sheet: u32, own: Spot) -> Result<u32, CellError> {
        if sheet == own.sheet {
            return Ok(own.slot);
        }
        let (own_sheet, other) = (self.store().sheet(own.sheet), self.store().sheet(sheet));
        let made;
        let met = match self.around.matches.get(own.sheet, sheet) {
            Some(met) => met,
            None => {
                made = Match::between(own_sheet, other);
                &made
            }
        };
        if let Some(refusal) = &met.refusal {
            return Err(gone(refusal));
        }
        met.row(own.slot)
            .ok_or_else(|| CellError::because(ErrorKind::Na, format!("{} has no row for this row's key", other.title)))
    }

    /// The cells a structured reference means here: their sheet, columns and rows. `None` where there are none.
    pub(in crate::calc) fn reached(&self, reference: &MeasureRef, at: CellRef) -> Option<(u32, Range<u32>, RowSet)> {
        let own = self.own_spot(at)?;
        let (sheet, measure) = self.target(reference, own).ok()?;
        let of = self.store().sheet(sheet);
        let cols = match self.columns(of, measure, reference.when, at).ok()? {
            Columns::One(col) => col..col + 1,
            Columns::Many(cols) => cols,
            Columns::Outside => return None,
        };
        let rows = if reference.own_row {
            [self.own_row_in(sheet, own).ok()?].into_iter().collect()
        } else {
            of.rows.live.clone()
        };
        Some((sheet, cols, rows))
    }

    pub(super) fn measure_value(&self, reference: &MeasureRef, at: CellRef) -> Result<Value, CellError> {
        let own = self.own_spot(at).ok_or_else(|| gone("the formula's own cell is gone"))?;
        if let Some(version) = &reference.version {
            let sheet = self.store().sheet(match reference.sheet {
                None => own.sheet,
                Some(id) => self.sheet_index(id)?,
            });
            let row = if reference.own_row {
                let index = self.store().sheet_index(sheet.id).unwrap_or(own.sheet);
                Some(self.own_row_in(index, own)?)
            } else {
                None
            };
            let row = row.and_then(|row| sheet.rows.id(row));
            let found = self.around.versions.read(version, sheet, reference, row, at)?;
            return Ok(found.unwrap_or_else(|| {
                self.rely_at_most(Certainty::Waiting);
                busy()
            }));
        }
        let (sheet, measure) = self.target(reference, own)?;
        let of = self.store().sheet(sheet);
        let columns = self.columns(of, measure, reference.when, at)?;
        if reference.own_row {
            let slot = self.own_row_in(sheet, own)?;
            return Ok(match columns {
                Columns::Outside => Value::Blank,
                Columns::One(col) => self.known_value(Spot { sheet, col, slot }),
                Columns::Many(cols) => {
                    if !self.all_known(sheet, &mut cols.clone(), &[slot]) {
                        return Ok(busy());
                    }
                    let cells = cols.map(|col| of.cols[col as usize].value(slot).clone()).collect();
                    Array::row(cells).map_or(Value::Blank, |array| Value::Array(Arc::new(array)))
                }
            });
        }
        let cols = match columns {
            Columns::Outside => return Ok(Value::Blank),
            Columns::One(col) => col..col + 1,
            Columns::Many(cols) => cols,
        };
        self.block(sheet, &of.rows.order, cols.clone(), Key::Columns(sheet, cols))
    }

    /// The rows of a structured reference that have a text among their keys and attributes.
    pub(super) fn sliced(&self, reference: &MeasureRef, at: CellRef, slice: &Slice) -> Result<Value, CellError> {
        let version = reference.version.as_ref().or(slice.version.as_ref());
        let value = self.measure_value(&MeasureRef { version: version.cloned(), ..reference.clone() }, at)?;
        let Value::Array(array) = &value else { return Ok(value) };
        if reference.own_row {
            return Ok(value);
        }
        let own = self.own_spot(at).ok_or_else(|| gone("the formula's own cell is gone"))?;
        let (sheet, _) = self.target(reference, own)?;
        let of = self.store().sheet(sheet);
        let texts: Vec<u32> = of.measures.iter().filter(|it| !it.timed).map(|it| it.first_col).collect();
        if !self.all_known(sheet, &mut texts.iter().copied(), &of.rows.order) {
            return Ok(busy());
        }
        let has_text = |slot: u32| {
            texts.iter().any(|&col| match of.cols[col as usize].value(slot) {
                Value::Text(text) => text.as_str().eq_ignore_ascii_case(&slice.text),
                _ => false,
            })
        };
        let (mut rows, mut cells) = (0, Vec::new());
        for (row, _) in of.rows.order.iter().enumerate().filter(|(_, slot)| has_text(**slot)) {
            rows += 1;
            cells.extend((0..array.cols()).map(|col| array.get(row, col).cloned().unwrap_or_default()));
        }
        let none = || {
            let words = format!("no row of {} has ‘{}’ among its keys and attributes", of.title, slice.text);
            CellError::because(ErrorKind::Na, words)
        };
        Array::new(rows, array.cols(), cells).map(|array| Value::Array(Arc::new(array))).ok_or_else(none)
    }

    /// All rows of a run of columns, as an array.
    fn block(&self, sheet: u32, rows: &[u32], cols: Range<u32>, key: Key) -> Result<Value, CellError> {
        let of = self.store().sheet(sheet);
        if rows.is_empty() {
            return Ok(Value::Blank);
        }
        if !self.all_known(sheet, &mut cols.clone(), rows) {
            return Ok(busy());
        }
        let array = self
            .around
            .cache
            .borrow_mut()
            .get(of, key, &mut cols.clone(), || gather(of, rows, &mut cols.clone(), cols.len()))?;
        Ok(Value::Array(array))
    }
}
