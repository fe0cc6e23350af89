//! Filling cells from their neighbours: as copies, or going on with their series.

use super::fill::{series, shift_formula};
use super::handle::Grid;
use super::selection::{Area, Spot, Way};
use super::writing::MOST_CELLS;

impl Grid {
    /// Fills the selection from its first line (or column, to the right); where it is one line, from the one before.
    pub(super) fn fill_selection(&self, way: Way) {
        let Some(selected) = self.with(|state| state.selection.clone()) else { return };
        let mut area = selected.area();
        let (first, last) = if way == Way::Down { (&mut area.top, area.bottom) } else { (&mut area.left, area.right) };
        if *first == last {
            let Some(before) = first.checked_sub(1) else { return };
            *first = before;
        }
        let from = if way == Way::Down { Area { bottom: area.top, ..area } } else { Area { right: area.left, ..area } };
        self.fill_from(from, area, true);
        self.with(|state| state.selection = selected);
        self.selection_changed();
    }

    /// Fills `into` from its part `from`: as copies, or going on with series.
    pub(super) fn fill_from(&self, from: Area, into: Area, copies: bool) {
        let down = into.top != from.top || into.bottom != from.bottom;
        let backwards = into.top < from.top || into.left < from.left;
        let Some(source) = self.source() else { return };
        let entry = |at: Spot| self.cell_at(at).map(|cell| source.entry(cell)).unwrap_or_default();
        let style = |at: Spot| self.cell_at(at).and_then(|cell| source.style(cell));
        let (mut entries, mut styles) = (Vec::new(), Vec::new());
        let across = if down { from.left..=from.right } else { from.top..=from.bottom };
        for lane in across {
            let at =
                |index: usize| if down { Spot { line: index, col: lane } } else { Spot { line: lane, col: index } };
            let (start, end) = if down { (from.top, from.bottom) } else { (from.left, from.right) };
            let (first, last) = if down { (into.top, into.bottom) } else { (into.left, into.right) };
            let known: Vec<String> = (start..=end).map(|index| entry(at(index))).collect();
            let shift = |formula: &str, by: i32| {
                if down { shift_formula(formula, by, 0) } else { shift_formula(formula, 0, by) }
            };
            let targets: Vec<usize> =
                if backwards { (first..start).rev().collect() } else { (end + 1..=last).collect() };
            let texts = if copies {
                let text = known.first().cloned().unwrap_or_default();
                let step =
                    |distance: usize| if text.starts_with('=') { shift(&text, distance as i32) } else { text.clone() };
                (1..=targets.len()).map(step).collect()
            } else {
                series(&known, targets.len(), backwards, shift)
            };
            // Formats repeat as the entries do, from the end that is gone on from.
            let mut known: Vec<Option<String>> = (start..=end).map(|index| style(at(index))).collect();
            if backwards {
                known.reverse();
            }
            let own = targets.iter().zip(known.iter().cycle());
            styles.extend(own.filter_map(|(&index, style)| Some((at(index), style.clone()?))));
            entries.extend(targets.into_iter().map(at).zip(texts));
        }
        entries.truncate(MOST_CELLS);
        if entries.is_empty() {
            return;
        }
        match self.write_styled(None, &entries, &styles, None) {
            Ok(()) => {
                self.with(|state| state.selection.cover(into));
                self.selection_changed();
            }
            Err(reason) => self.refuse(&reason),
        }
    }
}
