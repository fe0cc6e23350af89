//! Inserting, deleting and moving rows and columns.

use super::handle::Grid;
use super::layout::{Across, Layout};
use super::references::{mentions, range};
use super::selection::{Area, Selection, Spot};
use crate::state::Tone;
use grid_engine::doc::{Op, SheetKind};
use grid_engine::refs::{CellRef, ColId, Id, MeasureId, RoomId, RowId, SheetId};

/// Rows or columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    Rows,
    Cols,
}

/// As many rows or columns one gesture may insert.
const MOST_INSERTED: usize = 1_000;

/// How a free sheet becomes larger, and its cells as they are then.
pub(super) struct Growth {
    sheet: SheetId,
    rows: Vec<RowId>,
    cols: Vec<ColId>,
    /// What adds the new ones.
    pub(super) ops: Vec<Op>,
}

impl Growth {
    pub(super) fn cell(&self, at: Spot) -> Option<CellRef> {
        Some(CellRef { sheet: self.sheet, row: *self.rows.get(at.line)?, col: *self.cols.get(at.col)? })
    }
}

/// What a gesture on rows or columns works on.
struct Strip<T> {
    sheet: SheetId,
    /// Everything along the axis, in the sheet's order.
    all: Vec<T>,
    /// The selected ones, in order.
    chosen: Vec<T>,
}

impl<T: Copy + PartialEq> Strip<T> {
    /// What stands before the first chosen one.
    fn before(&self) -> Option<T> {
        let first = self.chosen.first()?;
        self.all.iter().position(|id| id == first)?.checked_sub(1).map(|at| self.all[at])
    }

    /// What the chosen ones stand after when they move by one, and whether they can.
    fn step(&self, forward: bool) -> Option<Option<T>> {
        let place = |id: &T| self.all.iter().position(|known| known == id);
        if forward {
            let next = place(self.chosen.last()?)? + 1;
            return self.all.get(next).map(|&next| Some(next));
        }
        let first = place(self.chosen.first()?)?;
        (first > 0).then(|| first.checked_sub(2).map(|at| self.all[at]))
    }
}

impl Grid {
    /// Inserts as many rows or columns as are selected, before or after them.
    pub fn insert(&self, axis: Axis, after: bool) {
        let Some((op, area)) = self
            .with(|state| {
                let (layout, area) = (state.layout.as_ref()?, state.selection.area());
                Some(match axis {
                    Axis::Rows => {
                        let strip = rows(layout, &state.selection);
                        let fresh = (0..area.size().0.min(MOST_INSERTED)).map(|_| RowId(fresh_id())).collect();
                        let after_row = if after { strip.chosen.last().copied() } else { strip.before() };
                        (Op::InsertRows { sheet: strip.sheet, part: None, after: after_row, rows: fresh }, area)
                    }
                    Axis::Cols => {
                        let strip = cols(layout, &state.selection);
                        let fresh = (0..area.size().1.min(MOST_INSERTED))
                            .map(|_| ColId::fixed(MeasureId(fresh_id())))
                            .collect();
                        let after_col = if after { strip.chosen.last().copied() } else { strip.before() };
                        (Op::InsertCols { sheet: strip.sheet, after: after_col, cols: fresh }, area)
                    }
                })
            })
            .flatten()
        else {
            return;
        };
        let (lines, cols) = area.size();
        let shifted = match (axis, after) {
            (_, false) => area,
            (Axis::Rows, true) => Area { top: area.bottom + 1, bottom: area.bottom + lines, ..area },
            (Axis::Cols, true) => Area { left: area.right + 1, right: area.right + cols, ..area },
        };
        if self.restructure(op) {
            self.with(|state| state.selection.cover(shifted));
            self.selection_changed();
        }
    }

    /// The rows and columns that have to come for what a formula refers to on its own sheet, as `=SUM(A1:A5000)` does where
    /// there are 200: in other spreadsheets they are all there from the beginning. Beyond the most that are added so the
    /// formula is refused, and whole columns (`A:A`) are the way.
    pub(super) fn room_for(&self, formula: &str) -> Option<Growth> {
        let areas = mentions(formula).into_iter().filter_map(|mention| range(&mention.text));
        let block = areas.reduce(|a, b| Area { bottom: a.bottom.max(b.bottom), right: a.right.max(b.right), ..a })?;
        self.room(block)
    }

    /// Makes a free sheet larger for the array that the formula at a place has no room for.
    pub(super) fn grow_for_spill(&self, at: Spot) {
        let Some((session, cell)) = self.session.zip(self.cell_at(at)) else { return };
        let wanted = session.read(|book| book.room_for_spill(cell)).flatten();
        let Some((rows @ 1.., cols @ 1..)) = wanted else { return };
        let block = Area { top: 0, left: 0, bottom: rows as usize - 1, right: cols as usize - 1 };
        if let Some(growth) = self.room(block)
            && session.edit(growth.ops, None).is_ok()
        {
            self.restructured();
        }
    }

    /// What makes a free sheet reach to the end of a block, as far as sheets grow by themselves.
    fn room(&self, block: Area) -> Option<Growth> {
        const MOST: Spot = Spot { line: 20_000, col: 702 };
        let is_near = block.bottom < MOST.line && block.right < MOST.col;
        is_near.then(|| self.growth(Area { top: 0, left: 0, ..block })).flatten()
    }

    /// The rows and columns that have to come at the end of a free sheet for a block that reaches beyond it, as far as
    /// this person may add them. `None`: the block is inside, or nothing can be added.
    pub(super) fn growth(&self, block: Area) -> Option<Growth> {
        let session = self.session.filter(|_| self.may_restructure().0)?;
        let mut growth = self.with(|state| {
            let (layout, extent) = (state.layout.as_ref()?, state.extent());
            let (sheet, mut cols) = (layout.sheet, cols(layout, &state.selection).all);
            let mut rows = session.read(|book| book.sheet(sheet).map(|sheet| sheet.rows().to_vec())).flatten()?;
            // Where rows are filtered, the view does not end where the sheet does.
            if (rows.len(), cols.len()) != (extent.lines, extent.cols) {
                return None;
            }
            let (last_row, last_col) = (rows.last().copied(), cols.last().copied());
            let more_rows: Vec<RowId> = (rows.len()..=block.bottom).map(|_| RowId(fresh_id())).collect();
            let more_cols: Vec<ColId> =
                (cols.len()..=block.right).map(|_| ColId::fixed(MeasureId(fresh_id()))).collect();
            rows.extend(&more_rows);
            cols.extend(&more_cols);
            let mut ops = Vec::new();
            if !more_rows.is_empty() {
                ops.push(Op::InsertRows { sheet, part: None, after: last_row, rows: more_rows });
            }
            if !more_cols.is_empty() {
                ops.push(Op::InsertCols { sheet, after: last_col, cols: more_cols });
            }
            Some(Growth { sheet, rows, cols, ops })
        })??;
        // Only a lock of the whole sheet is against it, and then against rows and columns alike.
        if let Some(reason) = growth.ops.iter().find_map(|op| session.lock_against(op)) {
            self.notices.say(Tone::Warn, "The sheet was not made larger", reason);
            growth.ops.clear();
        }
        (!growth.ops.is_empty()).then_some(growth)
    }

    /// Deletes the selected rows or columns.
    pub fn delete(&self, axis: Axis) {
        let op = self
            .with(|state| {
                let layout = state.layout.as_ref()?;
                Some(match axis {
                    Axis::Rows => {
                        let strip = rows(layout, &state.selection);
                        Op::DeleteRows { sheet: strip.sheet, rows: strip.chosen }
                    }
                    Axis::Cols => {
                        let strip = cols(layout, &state.selection);
                        Op::DeleteCols { sheet: strip.sheet, cols: strip.chosen }
                    }
                })
            })
            .flatten();
        let count = match &op {
            Some(Op::DeleteRows { rows, .. }) => rows.len(),
            Some(Op::DeleteCols { cols, .. }) => cols.len(),
            _ => 0,
        };
        let Some(op) = op.filter(|_| count > 0) else { return };
        if self.restructure(op) {
            let what = match (axis, count) {
                (Axis::Rows, 1) => "Row deleted".to_owned(),
                (Axis::Rows, count) => format!("{count} rows deleted"),
                (Axis::Cols, 1) => "Column deleted".to_owned(),
                (Axis::Cols, count) => format!("{count} columns deleted"),
            };
            self.notices.say(Tone::Info, what, "Ctrl+Z brings back what was deleted, with its values.");
        }
    }

    /// Moves the selected rows or columns by one place.
    pub fn shift(&self, axis: Axis, forward: bool) {
        let op = self
            .with(|state| {
                let layout = state.layout.as_ref()?;
                Some(match axis {
                    Axis::Rows => {
                        let strip = rows(layout, &state.selection);
                        Op::MoveRows { sheet: strip.sheet, after: strip.step(forward)?, rows: strip.chosen }
                    }
                    Axis::Cols => {
                        let strip = cols(layout, &state.selection);
                        Op::MoveCols { sheet: strip.sheet, after: strip.step(forward)?, cols: strip.chosen }
                    }
                })
            })
            .flatten();
        // The selection follows its cells by itself.
        if let Some(op) = op {
            self.restructure(op);
        }
    }

    /// Whether rows and columns of the sheet on show can be inserted and moved by this person, and rows deleted.
    pub fn may_restructure(&self) -> (bool, bool) {
        let Some(session) = self.session else { return (false, false) };
        let found = self.with(|state| {
            let layout = state.layout.as_ref()?;
            Some((layout.sheet, layout.kind, layout.row(state.selection.active.line)?))
        });
        let Some((sheet, kind, row)) = found.flatten() else { return (false, false) };
        let part = session.read(|book| book.sheet(sheet).and_then(|sheet| sheet.part_of(row))).flatten();
        let room = part.map_or(RoomId::Sheet(sheet), |part| RoomId::Part(sheet, part));
        let writes = session.may_write(room);
        (writes && kind == SheetKind::Free, writes)
    }

    /// Columns where whole columns are selected, rows otherwise.
    pub(super) fn selected_axis(&self) -> Axis {
        let whole = self.with(|state| {
            let (area, extent) = (state.selection.area(), state.extent());
            area.top == 0 && area.bottom + 1 == extent.lines && area.size().1 < extent.cols
        });
        if whole == Some(true) { Axis::Cols } else { Axis::Rows }
    }

    fn restructure(&self, op: Op) -> bool {
        let Some(session) = self.session else { return false };
        if let Some(reason) = session.lock_against(&op) {
            self.notices.say(Tone::Warn, "The sheet was not changed", reason);
            return false;
        }
        match session.edit(vec![op], None) {
            Ok(()) => {
                self.restructured();
                true
            }
            Err(error) => {
                self.notices.say(Tone::Warn, "The sheet was not changed", error.to_string());
                false
            }
        }
    }
}

fn rows(layout: &Layout, selection: &Selection) -> Strip<RowId> {
    let mut chosen: Vec<RowId> = Vec::new();
    let mut areas: Vec<Area> = selection.areas().collect();
    grid_engine::value::order::sort_by_key(&mut areas, |area| area.top);
    for row in areas.iter().flat_map(|area| area.top..=area.bottom).filter_map(|line| layout.row(line)) {
        if chosen.last() != Some(&row) && !chosen.contains(&row) {
            chosen.push(row);
        }
    }
    Strip { sheet: layout.sheet, all: layout.rows().to_vec(), chosen }
}

fn cols(layout: &Layout, selection: &Selection) -> Strip<ColId> {
    let free = |column: &super::layout::Column| match column.across {
        Across::Free(col) => Some(col),
        Across::Fixed(_) | Across::Time(_) => None,
    };
    let chosen = (0..layout.columns.len())
        .filter(|&at| selection.areas().any(|area| (area.left..=area.right).contains(&at)))
        .filter_map(|at| free(&layout.columns[at]))
        .collect();
    Strip { sheet: layout.sheet, all: layout.columns.iter().filter_map(free).collect(), chosen }
}

/// An id nobody else has drawn.
pub fn fresh_id() -> Id {
    let draw = || (js_sys::Math::random() * f64::from(u32::MAX)) as u64;
    Id::from_number((draw() << 32) | draw())
}
