//! A small workbook for tests: a free sheet and two planning sheets.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::HashMap;
use std::sync::Arc;

use super::{Cells, Formula, MeasureRef, Names, PendingCall, RangeRef, ScenarioTable, When};
use crate::calendar::Bucket;
use crate::refs::{CellRef, ColId, MeasureId, RowId, SheetId};
use crate::supply::RawTable;
use crate::value::{Array, CellError, ErrorKind, Value};

pub const ROWS: u32 = 60;
pub const COLS: u32 = 64;

/// `Sheet1` and `My sheet` are free; `Demand` and `Prices` have rows × measures.
#[derive(Default)]
pub struct Mock {
    pub cells: HashMap<CellRef, Value>,
    pub names: HashMap<String, String>,
    pub measures: HashMap<(SheetId, MeasureId), Vec<Vec<Value>>>,
    pub tables: HashMap<String, RawTable>,
    pub scenarios: Option<Arc<ScenarioTable>>,
    pub answer: Value,
    pub calls: std::cell::RefCell<Vec<PendingCall>>,
}

pub const TITLES: [(&str, &str); 5] = [
    ("sheet1", "Sheet1"),
    ("mysheet", "My sheet"),
    ("demand", "Demand"),
    ("prices", "Prices"),
    ("policy", "Stock policy"),
];

/// Measures every planning sheet has here.
pub const MEASURES: [(&str, &str); 8] = [
    ("consensus", "Consensus"),
    ("baseline", "Baseline"),
    ("history", "History"),
    ("netprice", "Net price"),
    ("stock", "Stock"),
    ("family", "Family"),
    ("odd", "Odd [x], y: it's @home"),
    ("safety", "Safety"),
];

pub fn sheet(id: &str) -> SheetId {
    SheetId::named(id).unwrap()
}

pub fn measure(id: &str) -> MeasureId {
    MeasureId::named(id).unwrap()
}

pub fn row(index: u32) -> RowId {
    RowId::named(&format!("r{}", index + 1)).unwrap()
}

pub fn col(index: u32) -> ColId {
    ColId::fixed(MeasureId::named(&format!("c{}", index + 1)).unwrap())
}

pub fn cell(row_index: u32, col_index: u32) -> CellRef {
    CellRef { sheet: sheet("sheet1"), row: row(row_index), col: col(col_index) }
}

/// Where formulas stand in tests: the last cell of `Sheet1`, out of the way.
pub fn home() -> CellRef {
    cell(ROWS - 1, COLS - 1)
}

fn index(text: &str, mark: char, count: u32) -> Option<u32> {
    text.strip_prefix(mark)?.parse::<u32>().ok()?.checked_sub(1).filter(|index| *index < count)
}

impl Mock {
    /// Values of `Sheet1`, row by row from A1.
    pub fn with_rows<const C: usize>(rows: &[[Value; C]]) -> Self {
        let mut mock = Self::default();
        for (r, values) in rows.iter().enumerate() {
            for (c, value) in values.iter().enumerate() {
                mock.cells.insert(cell(r as u32, c as u32), value.clone());
            }
        }
        mock
    }

    /// Evaluates a formula typed at [`home`].
    pub fn eval(&self, typed: &str) -> Value {
        match Formula::parse(typed, self, home()) {
            Ok(formula) => formula.evaluate(self, home()),
            Err(error) => Value::text(format!("{error}")),
        }
    }

    /// Asserts that each formula gives what the formula beside it gives, numbers to 1e-9 relative.
    #[track_caller]
    pub fn check(&self, cases: &[(&str, &str)]) {
        let mut wrong = String::new();
        for (formula, expected) in cases {
            let got = self.eval(&format!("={formula}"));
            let want = self.eval(&format!("={expected}"));
            if !alike(&got, &want) {
                wrong += &format!("{formula}\n   gives {got:?}\n   not   {want:?}\n");
            }
        }
        assert!(wrong.is_empty(), "\n{wrong}");
    }
}

/// Equal, numbers up to rounding.
pub fn alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-6),
        (Value::Array(a), Value::Array(b)) => {
            a.rows() == b.rows() && a.cols() == b.cols() && a.cells().iter().zip(b.cells()).all(|(a, b)| alike(a, b))
        }
        (a, b) => a == b,
    }
}

/// The empty mock, for formulas without references.
#[track_caller]
pub fn check(cases: &[(&str, &str)]) {
    Mock::default().check(cases);
}

impl Names for Mock {
    fn sheet_by_title(&self, title: &str) -> Option<SheetId> {
        TITLES.iter().find(|(_, name)| name.eq_ignore_ascii_case(title)).map(|(id, _)| sheet(id))
    }
    fn sheet_title(&self, wanted: SheetId) -> Option<&str> {
        TITLES.iter().find(|(id, _)| sheet(id) == wanted).map(|(_, title)| *title)
    }
    fn measure_by_name(&self, _: SheetId, name: &str) -> Option<MeasureId> {
        MEASURES.iter().find(|(_, title)| title.eq_ignore_ascii_case(name)).map(|(id, _)| measure(id))
    }
    fn measure_name(&self, _: SheetId, wanted: MeasureId) -> Option<&str> {
        MEASURES.iter().find(|(id, _)| measure(id) == wanted).map(|(_, title)| *title)
    }
    fn row_at(&self, _: SheetId, index: u32) -> Option<RowId> {
        (index < ROWS).then(|| row(index))
    }
    fn col_at(&self, _: SheetId, index: u32) -> Option<ColId> {
        (index < COLS).then(|| col(index))
    }
    fn row_index(&self, _: SheetId, row: RowId) -> Option<u32> {
        index(&row.to_string(), 'r', ROWS)
    }
    fn col_index(&self, _: SheetId, col: ColId) -> Option<u32> {
        index(&col.to_string(), 'c', COLS)
    }
    fn defined_name(&self, name: &str) -> Option<Arc<str>> {
        self.names.get(&name.to_lowercase()).map(|stored| stored.as_str().into())
    }
}

impl Cells for Mock {
    fn value(&self, cell: CellRef) -> Value {
        self.cells.get(&cell).cloned().unwrap_or_default()
    }
    fn range(&self, range: &RangeRef) -> Result<Arc<Array>, CellError> {
        let gone = || CellError::new(ErrorKind::Ref);
        let span = |pair: Option<(Option<u32>, Option<u32>)>, count: u32| match pair {
            None => Ok((0, count - 1)),
            Some((Some(a), Some(b))) => Ok((a.min(b), a.max(b))),
            Some(_) => Err(gone()),
        };
        let rows = range.rows.map(|(a, b)| (self.row_index(range.sheet, a), self.row_index(range.sheet, b)));
        let cols = range.cols.map(|(a, b)| (self.col_index(range.sheet, a), self.col_index(range.sheet, b)));
        let ((top, bottom), (left, right)) = (span(rows, ROWS)?, span(cols, COLS)?);
        let mut values = Vec::new();
        for r in top..=bottom {
            for c in left..=right {
                values.push(self.value(CellRef { sheet: range.sheet, row: row(r), col: col(c) }));
            }
        }
        let array = Array::new((bottom - top + 1) as usize, (right - left + 1) as usize, values);
        array.map(Arc::new).ok_or_else(gone)
    }
    /// Rows are those of the measure; the own row is the first; three buckets of history, the rest plan.
    fn measure(&self, reference: &MeasureRef, at: CellRef) -> Value {
        let home = reference.sheet.unwrap_or(at.sheet);
        let Some(rows) = self.measures.get(&(home, reference.measure)) else { return ErrorKind::Ref.into() };
        let rows = if reference.own_row { &rows[..1] } else { &rows[..] };
        let first: Bucket = "2026-01".parse().unwrap();
        let width = rows[0].len();
        let places = match reference.when {
            When::All => 0..width,
            When::History => 0..width.min(3),
            When::Plan => width.min(3)..width,
            When::Here(step) => (step + 3) as usize..(step + 4) as usize,
            When::At(bucket) => {
                let place = bucket.since(first).unwrap() as usize;
                place..place + 1
            }
        };
        let places = if width == 1 { 0..1 } else { places };
        let cells: Vec<Value> = rows.iter().flat_map(|row| row[places.clone()].to_vec()).collect();
        match Array::new(rows.len(), places.len(), cells) {
            Some(array) if array.cells().len() == 1 => array.first().clone(),
            Some(array) => Value::Array(array.into()),
            None => ErrorKind::Ref.into(),
        }
    }
    fn first_bucket(&self, _: &MeasureRef, _: CellRef) -> Option<Bucket> {
        "2026-01".parse().ok()
    }
    fn pending(&self, call: PendingCall, _: CellRef) -> Value {
        self.calls.borrow_mut().push(call);
        self.answer.clone()
    }
    fn scenarios(&self) -> Option<Arc<ScenarioTable>> {
        self.scenarios.clone()
    }
    fn table(&self, role: &str) -> Option<RawTable> {
        self.tables.get(role).cloned()
    }
    fn measure_table(&self, reference: &MeasureRef, _: CellRef) -> Result<RawTable, CellError> {
        self.tables.get(&reference.measure.to_string()).cloned().ok_or_else(|| CellError::new(ErrorKind::Ref))
    }
    fn position(&self, cell: CellRef) -> Option<(u32, u32)> {
        Some((self.row_index(cell.sheet, cell.row)?, self.col_index(cell.sheet, cell.col)?))
    }
    fn now(&self) -> f64 {
        46_348.5
    }
    fn seed(&self) -> u64 {
        7
    }
    fn cell_at(&self, sheet: SheetId, row_index: u32, col_index: u32) -> Option<CellRef> {
        (row_index < ROWS && col_index < COLS).then(|| CellRef { sheet, row: row(row_index), col: col(col_index) })
    }
    fn defined_name(&self, name: &str) -> Option<Formula> {
        Names::defined_name(self, name).and_then(|stored| Formula::from_stored(&stored).ok())
    }
}
