//! A workbook: the documents people share and the values that follow from them.

use std::collections::BTreeSet;

use crate::calc::JobKey;
use crate::doc::{DocError, Edit, EditError, Input, Mirror, Note, SheetMirror};
use crate::formula::{FormulaError, PendingCall};
use crate::refs::{CellRef, MeasureId, PersonId, RoomId, RowId, SheetId};
use crate::value::Value;

/// Where this workbook lives, which decides who answers heavy functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Heavy functions become [`JobRequest`]s; their answers come through [`Workbook::complete`].
    Server,
    /// Cells with heavy functions show what the server sent through [`Workbook::set_official`].
    Browser,
}

/// What time and chance are during one recalculation.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Now, as a spreadsheet serial.
    pub now: f64,
    /// Seed of `RAND` and its kin.
    pub seed: u64,
}

/// What applying an edit brought about.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// The document updates to send and store, one per room touched, in y-protocol encoding v1.
    pub updates: Vec<(RoomId, Vec<u8>)>,
}

/// What changed since the last recalculation.
#[derive(Clone, Debug, Default)]
pub struct Recalculated {
    /// Cells whose value or pending state is another than before.
    pub changed: Vec<CellRef>,
    /// Sheets whose rows, columns, measures or settings changed: redraw them whole.
    pub restructured: BTreeSet<SheetId>,
    /// Heavy calls without an answer yet (server only).
    pub requests: Vec<JobRequest>,
}

/// A heavy call whose answer a job must compute.
#[derive(Clone, Debug)]
pub struct JobRequest {
    /// Hash of function and inputs: equal inputs share one answer.
    pub key: JobKey,
    /// The cell that asks first.
    pub cell: CellRef,
    pub call: PendingCall,
}

/// Facts of a layer: rows × buckets of numbers, `NaN` where nothing is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    pub rows: Vec<RowId>,
    /// First bucket of the values; `None` for an untimed layer (one value a row).
    pub first: Option<crate::calendar::Bucket>,
    /// Buckets per row (1 for an untimed layer).
    pub width: usize,
    /// Row after row.
    pub values: Vec<f64>,
}

/// How a cell came to its value; the grid colours by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Empty,
    Input,
    Formula,
    /// A cell of a formula measure in which a person entered something else.
    OverriddenFormula,
    Layer,
    Key,
    /// Part of an array that spilled from another cell.
    Spill,
}

/// Everything the interface shows of one cell.
#[derive(Clone, Debug)]
pub struct CellView<'a> {
    pub value: &'a Value,
    pub source: Source,
    /// A job is computing a newer value; `value` is the last one.
    pub pending: bool,
    pub note: Option<&'a Note>,
    /// Each person's contribution, on an additive measure.
    pub contributions: &'a [(PersonId, f64)],
    pub style: Option<&'a str>,
}

/// A workbook in memory.
pub struct Workbook {
    _private: (),
}

#[allow(unused_variables)]
impl Workbook {
    /// An empty workbook; `client` is the writer id of the edits made here.
    pub fn new(side: Side, client: u64) -> Self {
        todo!()
    }

    /// Opens a room from its stored state (empty for a new one).
    pub fn open_room(&mut self, room: RoomId, state: &[u8]) -> Result<(), DocError> {
        todo!()
    }

    /// Forgets a room and everything in it, e.g. when the right to read it ends.
    pub fn close_room(&mut self, room: RoomId) {
        todo!()
    }

    /// Rooms the documents mention: the book, its sheets and their parts, open or not.
    pub fn known_rooms(&self) -> Vec<RoomId> {
        todo!()
    }

    /// Whether a room is open here.
    pub fn has_room(&self, room: RoomId) -> bool {
        todo!()
    }

    /// Applies a peer's update (encoding v1). Nothing changes on an error.
    pub fn apply_update(&mut self, room: RoomId, update: &[u8]) -> Result<(), DocError> {
        todo!()
    }

    /// The encoded state vector of a room: what it has seen.
    pub fn state_vector(&self, room: RoomId) -> Option<Vec<u8>> {
        todo!()
    }

    /// What a peer with this encoded state vector lacks; the whole state for `None`.
    pub fn encode_state(&self, room: RoomId, since: Option<&[u8]>) -> Result<Vec<u8>, DocError> {
        todo!()
    }

    /// Applies a person's edit, all of it or nothing, and remembers how to undo it.
    pub fn apply(&mut self, edit: &Edit) -> Result<Applied, EditError> {
        todo!()
    }

    /// Undoes the person's latest edit made here, where its cells still hold what they left. `None`: nothing to undo.
    pub fn undo(&mut self, by: PersonId, at: i64) -> Option<Applied> {
        todo!()
    }

    /// Does again what was undone last.
    pub fn redo(&mut self, by: PersonId, at: i64) -> Option<Applied> {
        todo!()
    }

    /// Replaces the facts of a layer measure.
    pub fn set_facts(&mut self, sheet: SheetId, measure: MeasureId, facts: Facts) {
        todo!()
    }

    /// The facts of a layer measure.
    pub fn facts(&self, sheet: SheetId, measure: MeasureId) -> Option<&Facts> {
        todo!()
    }

    /// Takes the server's values for cells with heavy functions, and whether a newer one is being computed.
    pub fn set_official(&mut self, values: &[(CellRef, Value, bool)]) {
        todo!()
    }

    /// Cells with heavy functions and their values, for a browser that has just joined.
    pub fn official(&self, sheet: SheetId) -> Vec<(CellRef, Value, bool)> {
        todo!()
    }

    /// Brings all values up to date with documents, facts and answers.
    pub fn recalculate(&mut self, clock: Clock) -> Recalculated {
        todo!()
    }

    /// Hands in a job's answer; the next recalculation uses it where the inputs are still the same.
    pub fn complete(&mut self, key: JobKey, answer: Value) {
        todo!()
    }

    /// The documents in columnar form.
    pub fn mirror(&self) -> &Mirror {
        todo!()
    }

    /// One sheet of the mirror.
    pub fn sheet(&self, sheet: SheetId) -> Option<&SheetMirror> {
        todo!()
    }

    /// A cell's value, `Blank` for any cell there is not.
    pub fn value(&self, cell: CellRef) -> &Value {
        todo!()
    }

    /// A cell with all that is known about it.
    pub fn cell(&self, cell: CellRef) -> CellView<'_> {
        todo!()
    }

    /// Reads what a person typed into a cell: number, date, percentage, text, formula. `None` clears.
    pub fn read_entry(&self, cell: CellRef, text: &str) -> Result<Option<Input>, FormulaError> {
        todo!()
    }

    /// What the editor of a cell starts with.
    pub fn entry_text(&self, cell: CellRef) -> String {
        todo!()
    }

    /// A cell's value as the grid shows it, by its measure's number format.
    pub fn display(&self, cell: CellRef) -> String {
        todo!()
    }

    /// A formula's stored text as people read it at `cell`.
    pub fn formula_text(&self, cell: CellRef, stored: &str) -> String {
        todo!()
    }

    /// The stored form of a formula as typed at `cell`.
    pub fn formula_stored(&self, cell: CellRef, typed: &str) -> Result<String, FormulaError> {
        todo!()
    }
}
