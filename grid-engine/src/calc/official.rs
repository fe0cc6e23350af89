//! Cells with heavy calls, whose values the server sends to browsers.

use super::calculation::Calculation;
use super::program::{Program, Reader};
use super::store::Spot;
use crate::refs::{CellRef, SheetId};
use crate::value::{CellError, ErrorKind, Value};

impl Calculation {
    /// Takes the server's values for cells with heavy calls, and whether newer ones are being computed.
    pub fn give(&mut self, values: &[(CellRef, Value, bool)]) {
        for (cell, value, pending) in values {
            self.given.insert(*cell, (value.clone(), *pending));
            let Some(spot) = self.store.locate(*cell) else { continue };
            let col = self.store.col(spot);
            let is_free = !self.store.sheet(spot.sheet).planning;
            let elsewhere = col.entered.contains(spot.slot)
                || col.calculated.contains(spot.slot)
                || col.spilled.contains_key(&spot.slot);
            let is_heavy = self
                .store
                .sheet(spot.sheet)
                .program_at(spot.col, spot.slot)
                .is_some_and(|reader| self.is_heavy(reader));
            if !elsewhere && (is_free || is_heavy) {
                self.take_given(spot, *cell);
            }
            if !is_heavy && value.is_blank() && !pending {
                // An array has left the cell.
                self.given.remove(cell);
            }
        }
    }

    /// Shows what was given for a cell, or that nothing has been.
    pub(super) fn take_given(&mut self, spot: Spot, cell: CellRef) {
        let (value, pending) = match self.given.get(&cell) {
            Some((value, pending)) => (value.clone(), *pending),
            None => (Value::Error(CellError::new(ErrorKind::Busy).at(cell)), true),
        };
        self.store.put_pending(spot, pending);
        self.hide(spot, &value);
        if self.store.put(spot, value) {
            self.store.touch(spot);
        }
    }

    /// Shows another side's value in a calculated cell until something it follows from changes; `#HIDDEN!` until that
    /// side says otherwise, since what this side makes of the cells it has would be another figure.
    pub fn correct(&mut self, cell: CellRef, value: Value) {
        let Some(spot) = self.store.locate(cell) else { return };
        let col = self.store.col(spot);
        let calculated = col.calculated.contains(spot.slot) || col.spilled.contains_key(&spot.slot);
        if !calculated || col.entered.contains(spot.slot) {
            return;
        }
        self.hide(spot, &value);
        if self.store.put(spot, value) {
            self.store.touch(spot);
        }
    }

    /// Notes whether a cell's value is kept from this side.
    fn hide(&mut self, spot: Spot, value: &Value) {
        let hidden = &mut self.store.col_mut(spot.sheet, spot.col).hidden;
        match value {
            Value::Error(error) if error.kind == ErrorKind::Hidden => _ = hidden.insert(spot.slot),
            _ => _ = hidden.remove(spot.slot),
        }
    }

    /// Whether a cell's own formula reads the clock or chance.
    pub fn is_volatile(&self, cell: CellRef) -> bool {
        self.store.locate(cell).is_some_and(|spot| {
            let from = self.store.col(spot).spilled.get(&spot.slot).copied().unwrap_or(spot);
            self.store
                .sheet(from.sheet)
                .program_at(from.col, from.slot)
                .and_then(|reader| self.edges.program(reader))
                .is_some_and(Program::is_volatile)
        })
    }

    /// The values of all cells of a sheet that only the server can calculate, and whether newer ones are coming.
    pub fn official(&self, sheet: SheetId) -> Vec<(CellRef, Value, bool)> {
        let Some(index) = self.store.sheet_index(sheet) else { return Vec::new() };
        let of = self.store.sheet(index);
        let mut cells = Vec::new();
        for (place, column) in of.cols.iter().enumerate() {
            let whole = of.is_formula_col(place as u32)
                && of
                    .measure_of_col(place as u32)
                    .and_then(|measure| measure.program)
                    .is_some_and(|reader| self.is_heavy(reader));
            if !whole && column.owns().next().is_none() && column.spilled.is_empty() {
                continue;
            }
            for &slot in &of.rows.order {
                let spot = Spot { sheet: index, col: place as u32, slot };
                if self.is_official(spot)
                    && let Some(cell) = self.store.name(spot)
                {
                    cells.push((cell, column.value(slot).clone(), column.pending.contains(slot)));
                }
            }
        }
        cells
    }

    /// Whether a cell's value follows from a heavy call of its own formula or of the one that spilled over it.
    pub(super) fn is_official(&self, spot: Spot) -> bool {
        let col = self.store.col(spot);
        if col.entered.contains(spot.slot) {
            return false;
        }
        let from = col.spilled.get(&spot.slot).copied().unwrap_or(spot);
        self.store.sheet(from.sheet).program_at(from.col, from.slot).is_some_and(|reader| self.is_heavy(reader))
    }

    fn is_heavy(&self, reader: Reader) -> bool {
        self.edges.program(reader).is_some_and(Program::is_pending)
    }
}
