//! Filling cells from their neighbours: as copies, or going on with their series.

use wasm_bindgen::JsValue;

use super::fill::{Fill, run_beside, series, shift_formula};
use super::handle::Grid;
use super::names::Cycle;
use super::selection::{Area, Spot, Way};
use super::writing::MOST_CELLS;
use crate::locale;

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
        self.fill_from(from, area, Fill::Copies);
        self.with(|state| state.selection = selected);
        self.selection_changed();
    }

    /// Fills down from the selection as far as the cells beside it are filled. Where the measures of a row stand under
    /// one another, the lines below are other measures, and nothing is filled.
    pub(super) fn fill_beside(&self) {
        let found = self.with(|state| {
            let from = state.selection.area();
            let is_list = state.layout.as_ref().is_some_and(|layout| layout.stride() == 1);
            let bottom = run_beside(from, state.extent(), |at| state.filled(at)).filter(|_| is_list)?;
            Some((from, Area { bottom, ..from }))
        });
        if let Some((from, into)) = found.flatten() {
            self.fill_from(from, into, Fill::Series);
        }
    }

    /// Fills `into` from its part `from`.
    pub(super) fn fill_from(&self, from: Area, into: Area, fill: Fill) {
        let down = into.top != from.top || into.bottom != from.bottom;
        let backwards = into.top < from.top || into.left < from.left;
        let Some(source) = self.source() else { return };
        let entry = |at: Spot| self.cell_at(at).map(|cell| source.entry(cell)).unwrap_or_default();
        let style = |at: Spot| self.cell_at(at).and_then(|cell| source.style(cell));
        let numbers = self.with(|state| {
            let layout = state.layout.as_ref().filter(|_| down)?;
            Some((into.top..=into.bottom).map(|line| layout.number(line)).collect::<Vec<_>>())
        });
        let numbers = numbers.flatten().unwrap_or_default();
        let cycles = if fill == Fill::Copies { Vec::new() } else { cycles() };
        let (mut entries, mut styles) = (Vec::new(), Vec::new());
        let across = if down { from.left..=from.right } else { from.top..=from.bottom };
        for lane in across {
            let at =
                |index: usize| if down { Spot { line: index, col: lane } } else { Spot { line: lane, col: index } };
            let (start, end) = if down { (from.top, from.bottom) } else { (from.left, from.right) };
            let (first, last) = if down { (into.top, into.bottom) } else { (into.left, into.right) };
            let known: Vec<String> = (start..=end).map(|index| entry(at(index))).collect();
            let targets: Vec<usize> =
                if backwards { (first..start).rev().collect() } else { (end + 1..=last).collect() };
            // Lines by their numbers: some may be out of view between them.
            let place =
                |index: usize| numbers.get(index.wrapping_sub(first)).copied().flatten().unwrap_or(index) as i32;
            let shift = |formula: &str, source: usize, target: usize| {
                let by = place(targets[target]) - place(start + source);
                if down { shift_formula(formula, by, 0) } else { shift_formula(formula, 0, by) }
            };
            let texts = series(&known, targets.len(), backwards, fill, &cycles, shift);
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

/// The names of days and months, short and long, in English and in the person's language, as the browser knows them.
fn cycles() -> Vec<Cycle> {
    let mut cycles = Vec::new();
    for tag in ["en-US", &locale::tag()] {
        for (unit, count) in [("weekday", 7), ("month", 12)] {
            for form in ["short", "long"] {
                let options = js_sys::Object::new();
                let _ = js_sys::Reflect::set(&options, &unit.into(), &form.into());
                let options = JsValue::from(options);
                let name = |at: i32| {
                    // A Monday, and the first of a month.
                    let (month, day) = if count == 7 { (0, 1 + at) } else { (at, 1) };
                    let date = js_sys::Date::new_with_year_month_day(2024, month, day);
                    String::from(date.to_locale_date_string(tag, &options))
                };
                let names: Cycle = (0..count).map(name).collect();
                // Where names are cut short with a dot, people leave it out.
                if names.iter().any(|name| name.ends_with('.')) {
                    cycles.push(names.iter().map(|name| name.trim_end_matches('.').to_owned()).collect());
                }
                cycles.push(names);
            }
        }
    }
    cycles
}
