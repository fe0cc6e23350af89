//! What structured references mean to a formula while it is evaluated.

use std::ops::Range;
use std::sync::Arc;

use super::super::cache::Key;
use super::super::matching::Match;
use super::super::rowset::RowSet;
use super::super::sheet::{Measure, Sheet};
use super::super::store::Spot;
use super::super::version_facts::Extent;
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
        let own = self.own_spot(at)?;
        if let Some(version) = &reference.version {
            let (extent, _) = self.version_value(reference, version, own, at).ok()?;
            return extent.cols.first().copied().flatten().filter(|_| extent.cols.len() > 1);
        }
        let (sheet, measure) = self.target(reference, own).ok()?;
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
            return Ok(self.version_value(reference, version, own, at)?.1);
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

    /// A reference into a frozen version, with the rows and buckets of its cells.
    fn version_value(
        &self,
        reference: &MeasureRef,
        version: &Arc<str>,
        own: Spot,
        at: CellRef,
    ) -> Result<(Extent, Value), CellError> {
        // A browser holds no versions and takes such values from the server: what reads them is no part of its program.
        if cfg!(target_arch = "wasm32") {
            self.rely_at_most(Certainty::Waiting);
            return Ok((Extent::default(), busy()));
        }
        let index = match reference.sheet {
            None => own.sheet,
            Some(id) => self.sheet_index(id)?,
        };
        let live = self.store().sheet(index);
        let row = if reference.own_row { live.rows.id(self.own_row_in(index, own)?) } else { None };
        let found = self.around.versions.read(version, live, reference, row, at)?;
        Ok(found.unwrap_or_else(|| {
            self.rely_at_most(Certainty::Waiting);
            (Extent::default(), busy())
        }))
    }

    /// The same reference into two versions, `None` being the live sheet, with the same rows and buckets in both.
    pub(super) fn side_by_side(
        &self,
        reference: &MeasureRef,
        versions: [Option<Arc<str>>; 2],
        at: CellRef,
    ) -> Result<[Value; 2], CellError> {
        if cfg!(target_arch = "wasm32") {
            self.rely_at_most(Certainty::Waiting);
            return Ok([busy(), busy()]);
        }
        let own = self.own_spot(at).ok_or_else(|| gone("the formula's own cell is gone"))?;
        let side = |version: Option<Arc<str>>| match version {
            Some(version) => self.version_value(reference, &version, own, at),
            None => Ok((self.live_extent(reference, own, at)?, self.measure_value(reference, at)?)),
        };
        let [one, other] = versions;
        Ok(Extent::aligned([side(one)?, side(other)?]))
    }

    /// The rows and buckets of a reference's cells in the live sheet.
    fn live_extent(&self, reference: &MeasureRef, own: Spot, at: CellRef) -> Result<Extent, CellError> {
        let (sheet, measure) = self.target(reference, own)?;
        let of = self.store().sheet(sheet);
        let cols = match self.columns(of, measure, reference.when, at)? {
            Columns::One(col) => col..col + 1,
            Columns::Many(cols) => cols,
            Columns::Outside => 0..0,
        };
        let bucket = |col: u32| of.horizon.filter(|_| measure.timed)?.bucket_at((col - measure.first_col) as usize);
        let rows = match reference.own_row {
            true => of.rows.id(self.own_row_in(sheet, own)?).into_iter().collect(),
            false => of.rows.order.iter().filter_map(|&slot| of.rows.id(slot)).collect(),
        };
        Ok(Extent { rows, cols: cols.map(bucket).collect() })
    }

    /// What a reference reads of one bucket: the bucket itself where it reads several and that one is among them. What names
    /// its bucket, and what has none in the own row, stays as it is. An error says what has nothing of that bucket.
    pub(super) fn confined_to(
        &self,
        reference: &MeasureRef,
        at: CellRef,
        bucket: Bucket,
    ) -> Result<MeasureRef, String> {
        let target = self.own_spot(at).and_then(|own| self.target(reference, own).ok());
        let Some((sheet, measure)) = target else { return Ok(reference.clone()) };
        let of = self.store().sheet(sheet);
        let Some(horizon) = of.horizon.filter(|_| measure.timed) else {
            return if reference.own_row {
                Ok(reference.clone())
            } else {
                Err(format!("{} of {} has no values by bucket", measure.name, of.title))
            };
        };
        let current = horizon.current_index();
        let is_read = match (reference.when, horizon.index_of(bucket)) {
            (When::Here(_) | When::At(_), _) => return Ok(reference.clone()),
            (When::All, place) => place.is_some(),
            (When::History, place) => place.is_some_and(|place| place < current),
            (When::Plan, place) => place.is_some_and(|place| place >= current),
        };
        let words = || format!("{} of {} is not read in {bucket} here", measure.name, of.title);
        is_read.then(|| MeasureRef { when: When::At(bucket), ..reference.clone() }).ok_or_else(words)
    }

    /// The rows of a structured reference that have a text among their keys and attributes, or its bucket: where it names a
    /// version, those the version has.
    pub(super) fn sliced(&self, reference: &MeasureRef, at: CellRef, slice: &Slice) -> Result<Value, CellError> {
        let version = reference.version.as_ref().or(slice.version.as_ref());
        let reference = &MeasureRef { version: version.cloned(), ..reference.clone() };
        if let Some(bucket) = slice.bucket {
            let confined = self.confined_to(reference, at, bucket);
            return self.measure_value(&confined.map_err(|words| CellError::because(ErrorKind::Na, words))?, at);
        }
        let value = self.measure_value(reference, at)?;
        let Value::Array(array) = &value else { return Ok(value) };
        if reference.own_row {
            return Ok(value);
        }
        let own = self.own_spot(at).ok_or_else(|| gone("the formula's own cell is gone"))?;
        let (sheet, _) = self.target(reference, own)?;
        let of = self.store().sheet(sheet);
        let own_rows = |version: &&Arc<str>| self.around.versions.has_own_rows(version, of.id, reference.measure);
        let version = version.filter(own_rows);
        let mut texts = Vec::new();
        for measure in of.measures.iter().filter(|measure| !measure.timed) {
            let texts_of = MeasureRef { version: version.cloned(), measure: measure.id, ..reference.clone() };
            match self.measure_value(&texts_of, at) {
                Ok(Value::Array(array)) => texts.push(array),
                Ok(Value::Error(error)) => return Ok(Value::Error(error)),
                // The version has no such measure.
                Ok(_) | Err(_) => {}
            }
        }
        let has_text = |row: usize| {
            texts.iter().any(|array| match array.get(row, 0) {
                Some(Value::Text(text)) => text.as_str().eq_ignore_ascii_case(&slice.text),
                _ => false,
            })
        };
        let (mut rows, mut cells) = (0, Vec::new());
        for row in (0..array.rows()).filter(|row| has_text(*row)) {
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
