//! The answers to what a formula asks for: cells, ranges, measures, tables, places and heavy calls.

use std::sync::Arc;

use super::super::cache::Key;
use super::super::naming::Naming;
use super::super::store::{NONE, Spot};
use super::super::tables;
use super::{Certainty, KnownRange, Reading, busy, gather, gone};
use crate::calendar::Bucket;
use crate::formula::{
    Cells, Formula, Hidden, Lanes, MeasureRef, Names, PendingCall, RangeRef, Running, ScenarioTable, Slice,
};
use crate::refs::{CellRef, SheetId};
use crate::supply::RawTable;
use crate::value::{Array, CellError, ErrorKind, Value};

impl Cells for Reading<'_> {
    fn value(&self, cell: CellRef) -> Value {
        if self.blocked.get() {
            return busy();
        }
        match self.store().locate(cell) {
            Some(spot) if self.store().sheet(spot.sheet).open => self.known_value(spot),
            _ => Value::Error(gone("the cell was deleted")),
        }
    }

    fn range(&self, range: &RangeRef) -> Result<Arc<Array>, CellError> {
        let KnownRange { sheet, of, places, rows, cols } = self.known_range(range)?;
        let (mut cache, key) = (self.around.cache.borrow_mut(), Key::Range(range.clone()));
        if let [col] = *cols
            && !cache.has(of, &key, &mut std::iter::once(col))
            && let Some(part) =
                cache.part(of, (sheet, col), &places, || gather(of, &of.rows.order, &mut std::iter::once(col), 1))
        {
            return Ok(part);
        }
        cache.get(of, key, &mut cols.iter().copied(), || gather(of, rows, &mut cols.iter().copied(), cols.len()))
    }

    fn running(&self, range: &RangeRef) -> Result<Running, CellError> {
        let KnownRange { sheet, of, places, rows, cols } = self.known_range(range)?;
        let mut lanes = Lanes::default();
        match *cols {
            [col] => {
                let column = &of.cols[col as usize];
                let add =
                    |lanes: &mut Lanes, from: usize| lanes.take(rows[from..].iter().map(|&slot| column.value(slot)));
                let (tick, run) = (column.tick.max(of.laid_out), (places.start, rows.len()));
                lanes = self.around.totals.borrow_mut().total((sheet, col), tick, run, add)?;
            }
            _ => {
                let row = |&slot: &u32| cols.iter().map(move |&col| of.cols[col as usize].value(slot));
                lanes.take(rows.iter().flat_map(row))?;
            }
        }
        Ok(lanes.together())
    }

    fn measure(&self, reference: &MeasureRef, at: CellRef) -> Value {
        if self.blocked.get() {
            return busy();
        }
        self.measure_value(reference, at).unwrap_or_else(Value::Error)
    }

    fn measures(&self, reference: &MeasureRef, versions: [Option<Arc<str>>; 2], at: CellRef) -> [Value; 2] {
        if self.blocked.get() {
            return [busy(), busy()];
        }
        self.side_by_side(reference, versions, at)
            .unwrap_or_else(|error| [Value::Error(error.clone()), Value::Error(error)])
    }

    fn measure_of(&self, reference: &MeasureRef, at: CellRef, slice: &Slice) -> Result<Value, CellError> {
        if self.blocked.get() { Ok(busy()) } else { self.sliced(reference, at, slice) }
    }

    fn first_bucket(&self, reference: &MeasureRef, at: CellRef) -> Option<Bucket> {
        self.first_bucket_of(reference, at)
    }

    fn pending(&self, call: PendingCall, _at: CellRef) -> Value {
        if self.blocked.get() {
            return busy();
        }
        let (asked, answer) = self.around.answers.ask(call);
        self.asked.borrow_mut().push(asked);
        answer.unwrap_or_else(|| {
            self.rely_at_most(Certainty::Waiting);
            busy()
        })
    }

    fn scenarios(&self) -> Option<Arc<ScenarioTable>> {
        if self.blocked.get() {
            return None;
        }
        let table = self.around.versions.scenarios();
        if table.is_none() {
            self.rely_at_most(Certainty::Waiting);
        }
        table.cloned()
    }

    fn table(&self, role: &str) -> Option<RawTable> {
        if self.blocked.get() {
            return None;
        }
        tables::table(self, self.store(), role)
    }

    fn keyed_row(&self, role: &str, measures: &[&str], is_meant: &dyn Fn(&[&str]) -> bool) -> Option<CellRef> {
        tables::keyed_row(self.store(), role, measures, is_meant)
    }

    fn in_bucket(&self, reference: &MeasureRef, at: CellRef, bucket: Bucket) -> Result<MeasureRef, String> {
        self.confined_to(reference, at, bucket)
    }

    fn measure_table(&self, reference: &MeasureRef, at: CellRef) -> Result<RawTable, CellError> {
        if self.blocked.get() {
            return Err(CellError::new(ErrorKind::Busy));
        }
        let own = self.own_spot(at).ok_or_else(|| gone("the formula's own cell is gone"))?;
        let (sheet, measure) = self.target(reference, own)?;
        tables::measure_table(self, self.store(), sheet, measure)
    }

    fn position(&self, cell: CellRef) -> Option<(u32, u32)> {
        self.asks_for_places();
        let spot = self.store().locate(cell)?;
        let sheet = self.store().sheet(spot.sheet);
        let col = sheet.col_place[spot.col as usize];
        (col != NONE).then(|| (sheet.rows.place(spot.slot), col))
    }

    fn now(&self) -> f64 {
        self.around.now
    }

    fn seed(&self) -> u64 {
        self.around.seed
    }

    fn cell_at(&self, sheet: SheetId, row: u32, col: u32) -> Option<CellRef> {
        self.asks_for_places();
        let index = self.store().sheet_index(sheet)?;
        let of = self.store().sheet(index);
        let Some((&slot, &col)) = of.rows.order.get(row as usize).zip(of.col_order.get(col as usize)) else {
            self.around.beyond.borrow_mut().note(index, row.saturating_add(1), col.saturating_add(1));
            return None;
        };
        self.store().name(Spot { sheet: index, col, slot })
    }

    fn sheet_by_title(&self, title: &str) -> Option<SheetId> {
        Naming(self.store()).sheet_by_title(title)
    }

    fn title_of(&self, sheet: SheetId) -> Option<String> {
        self.asks_for_places();
        Naming(self.store()).sheet_title(sheet).map(str::to_owned)
    }

    fn defined_name(&self, name: &str) -> Option<Formula> {
        self.around.names.get(&name.to_lowercase()).cloned()
    }

    fn has_formula(&self, cell: CellRef) -> bool {
        self.program(cell).is_some_and(|(_, program)| program.shape.error().is_none())
    }

    fn is_total(&self, cell: CellRef) -> bool {
        self.program(cell).is_some_and(|(_, program)| program.shape.is_total)
    }

    fn hidden(&self, cell: CellRef) -> Option<Hidden> {
        self.around.hidden.get(&(cell.sheet, cell.row)).copied()
    }

    fn formula(&self, cell: CellRef) -> Option<Formula> {
        let (reader, _) = self.program(cell)?;
        Formula::from_stored(&self.around.edges.stored(reader, self.store())?).ok()
    }

    fn formula_text(&self, cell: CellRef) -> Option<String> {
        self.asks_for_places();
        Some(self.formula(cell)?.print(&Naming(self.store()), cell))
    }

    fn spilled(&self, cell: CellRef) -> Option<RangeRef> {
        self.asks_for_places();
        let last = *self.around.spills.covered(self.store().locate(cell)?).last()?;
        let last = self.store().name(last)?;
        Some(RangeRef { sheet: cell.sheet, rows: Some((cell.row, last.row)), cols: Some((cell.col, last.col)) })
    }

    fn reads_beyond(&self) {
        self.reads_beyond.set(true);
    }

    fn sheet_place(&self, sheet: SheetId) -> Option<(usize, usize)> {
        self.asks_for_places();
        let open = || self.store().sheets.iter().filter(|sheet| sheet.open);
        Some((open().position(|other| other.id == sheet)? + 1, open().count()))
    }
}
