//! Evaluating what is out of date, each thing after what it needs.

use super::calculation::Calculation;
use super::ids::IdMap;
use super::jobs::Asker;
use super::program::{Program, Reader};
use super::reading::{Certainty, Read, Reading, Surroundings};
use super::sheet::{Measure, Sheet};
use super::store::Spot;
use crate::value::{Array, CellError, ErrorKind, Value};

/// Times one cell may be evaluated because it turned out to need yet another cell.
const MAX_ATTEMPTS: usize = 20_000;

/// What is evaluated at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Unit {
    Cell(Spot),
    /// A row of a measure whose formula is the same in all buckets.
    Row {
        sheet: u32,
        measure: u32,
        slot: u32,
    },
}

/// A unit under evaluation and what it waits for.
struct Frame {
    unit: Unit,
    waits: std::vec::IntoIter<Spot>,
    attempts: usize,
}

impl Calculation {
    /// Evaluates everything that is out of date in these columns, and whatever that needs, as long as it may go on. Returns
    /// whether nothing is left.
    pub(super) fn settle_all(
        &mut self,
        cols: &[(u32, u32)],
        now: f64,
        seed: u64,
        may_go_on: &mut dyn FnMut() -> bool,
    ) -> bool {
        for (at, &(sheet, col)) in cols.iter().enumerate() {
            let rows: Vec<u32> = self.store.col_mut(sheet, col).dirty.iter().collect();
            for slot in rows {
                let spot = Spot { sheet, col, slot };
                if !self.store.is_dirty(spot) {
                    continue;
                }
                if !may_go_on() {
                    self.put_back_dirty_cols(&cols[at..]);
                    return false;
                }
                self.settle(spot, now, seed);
            }
        }
        true
    }

    /// Evaluates one cell. What it needs first is kept on a path of its own, so chains may be of any length;
    /// whatever is met again on that path forms a circle.
    fn settle(&mut self, first: Spot, now: f64, seed: u64) {
        let unit = self.unit_of(first);
        let (value, read) = self.evaluate(unit, now, seed);
        if read.missing.is_empty() {
            return self.finish(unit, value, read);
        }
        let mut path = vec![Frame { unit, waits: read.missing.into_iter(), attempts: 1 }];
        let mut depth_of: IdMap<Unit, usize> = IdMap::default();
        while let Some(frame) = path.last_mut() {
            if let Some(spot) = frame.waits.next() {
                if !self.store.is_dirty(spot) {
                    continue;
                }
                let unit = self.unit_of(spot);
                if depth_of.is_empty() {
                    depth_of.insert(path[0].unit, 0);
                }
                match depth_of.get(&unit) {
                    Some(&depth) => {
                        for frame in path.drain(depth..) {
                            depth_of.remove(&frame.unit);
                            self.finish(frame.unit, circle(), Read::nothing());
                        }
                    }
                    None => {
                        depth_of.insert(unit, path.len());
                        path.push(Frame::new(unit));
                    }
                }
                continue;
            }
            let unit = frame.unit;
            frame.attempts += 1;
            let attempts = frame.attempts;
            let (value, read) = self.evaluate(unit, now, seed);
            if read.missing.is_empty() || attempts > MAX_ATTEMPTS {
                let value = if read.missing.is_empty() { value } else { Value::error(ErrorKind::Limit) };
                self.finish(unit, value, read);
                path.pop();
                depth_of.remove(&unit);
            } else if let Some(frame) = path.last_mut() {
                frame.waits = read.missing.into_iter();
            }
        }
    }

    fn unit_of(&self, spot: Spot) -> Unit {
        let sheet = self.store.sheet(spot.sheet);
        let col = &sheet.cols[spot.col as usize];
        if let Some(&anchor) = col.spilled.get(&spot.slot) {
            return Unit::Cell(anchor);
        }
        match sheet.measure_of_col(spot.col) {
            Some(measure) if measure.same_in_all_buckets && !col.has_own(spot.slot) => {
                Unit::Row { sheet: spot.sheet, measure: col.measure, slot: spot.slot }
            }
            _ => Unit::Cell(spot),
        }
    }

    /// The formula of a unit and the cell it is evaluated at.
    fn formula_of(&self, unit: Unit) -> Option<(Reader, Spot)> {
        match unit {
            Unit::Cell(spot) => Some((self.store.sheet(spot.sheet).program_at(spot.col, spot.slot)?, spot)),
            Unit::Row { sheet, measure, slot } => {
                let of = self.store.sheet(sheet);
                let measure = &of.measures[measure as usize];
                Some((measure.program?, Spot { sheet, col: first_open_col(of, measure), slot }))
            }
        }
    }

    /// Who asks for the heavy calls of the formula that gives a cell its value.
    pub(super) fn asker_of(&self, spot: Spot) -> Option<Asker> {
        let unit = self.unit_of(spot);
        let (_, at) = self.formula_of(unit)?;
        self.asker(unit, at)
    }

    fn asker(&self, unit: Unit, at: Spot) -> Option<Asker> {
        Some(Asker { cell: self.store.name(at)?, whole_row: matches!(unit, Unit::Row { .. }) })
    }

    fn evaluate(&self, unit: Unit, now: f64, seed: u64) -> (Value, Read) {
        let formula = self
            .formula_of(unit)
            .and_then(|(reader, spot)| Some((reader, self.edges.program(reader)?, self.store.name(spot)?, spot)));
        let Some((reader, program, at, spot)) = formula else { return (Value::Blank, Read::nothing()) };
        let around = Surroundings::of(self, now, seed);
        let reading = Reading::new(&around, at, spot);
        let value = reading.evaluate(reader, program);
        (value, reading.finish())
    }

    /// Writes the result of a unit into its cells, or, while an answer is missing, marks them as waiting.
    pub(super) fn finish(&mut self, unit: Unit, value: Value, read: Read) {
        let Some((reader, spot)) = self.formula_of(unit) else {
            return self.clean(unit);
        };
        if read.positional {
            self.edges.positional.insert(reader);
        }
        if read.beyond {
            self.edges.volatile.insert(reader);
        }
        let mut again = Vec::new();
        if self.edges.program(reader).is_some_and(Program::is_pending)
            && let Some(asker) = self.asker(unit, spot)
        {
            again = self.answers.try_again(asker, &read.asked);
            let requests = self.answers.note(asker, read.asked);
            self.requests.extend(requests);
        }
        let of = self.store.sheet(spot.sheet);
        match unit {
            Unit::Cell(spot) => match of.measure_of_col(spot.col) {
                Some(measure) => {
                    let offset = of.cols[spot.col as usize].offset;
                    let value = in_bucket(&value, of, measure, offset);
                    self.show(spot, value, read.certainty);
                }
                None => self.finish_free(spot, value, read.certainty),
            },
            Unit::Row { sheet, measure, slot } => {
                let measure = &of.measures[measure as usize];
                let values: Vec<(Spot, Value)> = of
                    .cols_of(measure)
                    .map(|col| Spot { sheet, col, slot })
                    .filter(|spot| {
                        let col = &of.cols[spot.col as usize];
                        col.calculated.contains(slot) && !col.has_own(slot)
                    })
                    .map(|spot| (spot, in_bucket(&value, of, measure, of.cols[spot.col as usize].offset)))
                    .collect();
                values.into_iter().for_each(|(spot, value)| self.show(spot, value, read.certainty));
            }
        }
        self.soil_askers(again);
    }

    /// Nothing is left to calculate in a unit.
    fn clean(&mut self, unit: Unit) {
        let (sheet, cols, slot) = match unit {
            Unit::Cell(spot) => (spot.sheet, spot.col..spot.col + 1, spot.slot),
            Unit::Row { sheet, measure, slot } => {
                let of = self.store.sheet(sheet);
                (sheet, of.cols_of(&of.measures[measure as usize]), slot)
            }
        };
        for col in cols {
            self.store.col_mut(sheet, col).dirty.remove(slot);
        }
    }

    /// Puts a calculated value into a cell. One that waits for a job goes on showing its last value.
    pub(super) fn show(&mut self, spot: Spot, value: Value, certainty: Certainty) {
        let value = match value {
            Value::Error(error) if error.origin().is_none() => match self.store.name(spot) {
                Some(cell) => Value::Error(error.at(cell)),
                None => Value::Error(error),
            },
            value => value,
        };
        let col = self.store.col_mut(spot.sheet, spot.col);
        col.dirty.remove(spot.slot);
        let waits = certainty == Certainty::Waiting;
        let keeps_last = waits && col.held.contains(spot.slot);
        if !waits {
            col.held.insert(spot.slot);
        }
        if certainty == Certainty::Sure {
            col.tentative.remove(spot.slot);
        } else {
            col.tentative.insert(spot.slot);
        }
        self.store.put_pending(spot, waits);
        if !keeps_last {
            self.store.put(spot, value);
        }
    }

    /// Ends a recalculation that would not: what is still out of date is part of a circle.
    pub(super) fn give_up(&mut self, cols: &[(u32, u32)]) {
        for &(sheet, col) in cols {
            let rows: Vec<u32> = self.store.col_mut(sheet, col).dirty.iter().collect();
            for slot in rows {
                let spot = Spot { sheet, col, slot };
                if self.store.is_dirty(spot) {
                    self.given_up.extend(self.store.name(spot));
                    self.finish(self.unit_of(spot), circle(), Read::nothing());
                }
            }
        }
    }
}

impl Frame {
    fn new(unit: Unit) -> Self {
        Self { unit, waits: Vec::new().into_iter(), attempts: 0 }
    }
}

fn circle() -> Value {
    Value::error(ErrorKind::Circ)
}

/// The column a row's formula is evaluated at: that of the current bucket, or the first there is.
fn first_open_col(of: &Sheet, measure: &Measure) -> u32 {
    let cols = of.cols_of(measure);
    let current = of.horizon.map_or(0, |horizon| horizon.current_index()) as u32;
    if measure.timed { (measure.first_col + current).clamp(cols.start, cols.end.max(1) - 1) } else { cols.start }
}

/// What of a formula's result stands in a bucket. One row of values fills all buckets where there are as many,
/// and otherwise those from the current one on.
fn in_bucket(value: &Value, of: &Sheet, measure: &Measure, offset: usize) -> Value {
    let Value::Array(array) = value else { return value.clone() };
    let single = array.cells().len() == 1;
    if single {
        return array.get(0, 0).cloned().unwrap_or_default();
    }
    let horizon = of.horizon.filter(|_| measure.timed && array.rows() == 1);
    let Some(horizon) = horizon else {
        let detail = format!("{} holds one value per cell, and this gives {}", measure.name, size(array));
        return Value::Error(CellError::because(ErrorKind::Spill, detail));
    };
    let first = if array.cols() == horizon.len() { 0 } else { horizon.current_index() };
    offset.checked_sub(first).and_then(|place| array.get(0, place)).cloned().unwrap_or_default()
}

/// Rows × columns in words.
pub(super) fn size(array: &Array) -> String {
    format!("{} × {} values", array.rows(), array.cols())
}
