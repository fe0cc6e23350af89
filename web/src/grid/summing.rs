//! Sums that Alt+= begins or writes.

use grid_engine::doc::SheetKind;

use super::autosum::{Held, beside, sums};
use super::handle::Grid;
use super::references::{Reach, reference_to};
use super::selection::{Area, Spot};

impl Grid {
    /// Begins a sum of the numbers beside the active cell; those of several selected cells are written at once. Planning
    /// sheets have measures instead of sums of their cells: there it begins with nothing to add up.
    pub(super) fn sum(&self) {
        let found = self.with(|state| {
            let layout = state.layout.as_ref().filter(|layout| layout.kind == SheetKind::Free)?;
            let held = |at: Spot| match layout.cell(at).map(|cell| state.source.value(cell)) {
                None => Held::Nothing,
                Some(value) if value.is_blank() => Held::Nothing,
                Some(value) if value.as_number().is_some() => Held::Number,
                Some(_) => Held::Other,
            };
            let formula = |at: Spot, area: Area| {
                let reference = reference_to(layout, "", Some(at), area, Reach::Cells, &|_| String::new());
                format!("=SUM({})", reference.unwrap_or_default())
            };
            let at = state.selection.active;
            let area = state.selection.area();
            Some(if area.size() == (1, 1) {
                (beside(at, &held).map(|area| formula(at, area)), Vec::new())
            } else {
                let found = sums(area, state.extent(), &held);
                (None, found.into_iter().map(|(at, area)| (at, formula(at, area))).collect())
            })
        });
        let (begun, written) = found.flatten().unwrap_or_default();
        if written.is_empty() {
            return self.begin(Some(begun.unwrap_or_else(|| "=SUM()".to_owned())), false, false);
        }
        if let Err(reason) = self.write(&written, None) {
            self.refuse(&reason);
        }
    }
}
