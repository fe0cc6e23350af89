//! Cutting cells and pasting them elsewhere: what refers to them follows, as in Excel.

use std::collections::HashMap;

use super::Workbook;
use crate::doc::{Guard, Input, MeasureKind, Merge, Op};
use crate::formula::lead;
use crate::refs::CellRef;

impl Workbook {
    /// Whether a cell's entry can be moved: contributions and shares belong to people and groups, not to the cell alone.
    pub fn is_movable(&self, cell: CellRef) -> bool {
        let measure = self.sheet(cell.sheet).and_then(|sheet| sheet.measure(cell.col.measure));
        measure.is_none_or(|measure| measure.merge == Merge::Override)
    }

    /// What moving cells does, each pair from where to where: their entries, number formats and notes go along, their
    /// formulas go on referring to what they refer to, and formulas elsewhere, those of measures and names too, refer to
    /// the cells where they stand now. A rectangle follows when both its corners move.
    ///
    /// Formulas in cells for which `may_write` is false are left as they are. The result is one edit's work, so that it
    /// is undone at once.
    ///
    /// ```
    /// # use grid_engine::workbook::{Side, Workbook};
    /// let workbook = Workbook::new(Side::Server, 1);
    /// assert!(workbook.move_cells(&[], |_| true).is_empty());
    /// ```
    pub fn move_cells(&self, pairs: &[(CellRef, CellRef)], may_write: impl Fn(CellRef) -> bool) -> Vec<Op> {
        let to: HashMap<CellRef, CellRef> = pairs.iter().copied().filter(|(from, to)| from != to).collect();
        let targets: std::collections::HashSet<CellRef> = to.values().copied().collect();
        let moved = |cell: CellRef| to.get(&cell).copied();
        let set = |cell, input| Op::SetCell { cell, input, guard: Guard::Always };
        let mut ops = Vec::new();
        let mut emptied = Vec::new();
        for &(from, target) in pairs.iter().filter(|(from, to)| from != to) {
            let Some(sheet) = self.sheet(from.sheet) else { continue };
            let input =
                sheet.input(from.row, from.col).map(|input| led(input, &moved).unwrap_or_else(|| input.clone()));
            ops.push(set(target, input));
            let style = sheet.style(from.row, from.col);
            let note = sheet.note(from.row, from.col);
            let replaced = self.sheet(target.sheet);
            if style.is_some() || replaced.is_some_and(|sheet| sheet.style(target.row, target.col).is_some()) {
                ops.push(Op::SetStyle { cell: target, style: style.map(Into::into) });
            }
            if note.is_some() || replaced.is_some_and(|sheet| sheet.note(target.row, target.col).is_some()) {
                ops.push(Op::SetNote { cell: target, text: note.map(|note| note.text.as_str().into()) });
            }
            if !targets.contains(&from) {
                emptied.push(set(from, None));
                emptied.extend(style.map(|_| Op::SetStyle { cell: from, style: None }));
                emptied.extend(note.map(|_| Op::SetNote { cell: from, text: None }));
            }
        }
        ops.extend(emptied);
        if !to.is_empty() {
            self.lead_others(
                &moved,
                &|cell| !to.contains_key(&cell) && !targets.contains(&cell) && may_write(cell),
                &mut ops,
            );
        }
        ops
    }

    /// Leads formulas that stay where they are to cells that have moved.
    fn lead_others(
        &self,
        moved: &dyn Fn(CellRef) -> Option<CellRef>,
        is_meant: &dyn Fn(CellRef) -> bool,
        ops: &mut Vec<Op>,
    ) {
        for info in self.mirror().sheets() {
            let Some(sheet) = self.sheet(info.id) else { continue };
            for (cell, input) in sheet.inputs() {
                if let Some(input) = led(input, moved).filter(|_| is_meant(cell)) {
                    ops.push(Op::SetCell { cell, input: Some(input), guard: Guard::Always });
                }
            }
            for measure in sheet.measures() {
                if let MeasureKind::Formula(stored) = &measure.kind
                    && let Some(stored) = lead(stored, moved)
                {
                    let measure = crate::doc::Measure { kind: MeasureKind::Formula(stored), ..measure.clone() };
                    ops.push(Op::PutMeasure { sheet: info.id, measure });
                }
            }
        }
        for (name, stored) in self.mirror().names() {
            if let Some(stored) = lead(stored, moved) {
                ops.push(Op::SetName { name: name.clone(), formula: Some(stored.into()) });
            }
        }
    }
}

/// A formula whose references follow; `None` for what refers to no cell that has moved.
fn led(input: &Input, moved: &dyn Fn(CellRef) -> Option<CellRef>) -> Option<Input> {
    let Input::Formula(stored) = input else { return None };
    lead(stored, moved).map(|stored| Input::Formula(stored.into()))
}
