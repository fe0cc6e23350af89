//! What is told of the selection: to the formula bar at once, to the panels beside the grid a moment later.

use std::time::Duration;

use grid_engine::refs::CellRef;
use grid_engine::value::Value;
use leptos::prelude::*;

use super::handle::Grid;
use super::selection::Area;
use crate::locale;

/// What the formula bar and the panels know of the active cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Active {
    pub cell: Option<CellRef>,
    pub address: String,
    /// Formula, value or text, as the formula bar shows it.
    pub text: String,
    pub locked: Option<String>,
    pub note: Option<String>,
    /// What is wrong, in words, when the cell holds an error.
    pub error: Option<String>,
}

/// Sum, average and count of the selection.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stats {
    pub sum: f64,
    pub numbers: usize,
    pub filled: usize,
    /// All cells, blank ones too.
    pub cells: usize,
}

/// The selection's statistics stop at this many cells: beyond, the answer would come late.
const STATS_CELLS: usize = 100_000;

impl Grid {
    /// The selection has moved: tells everyone who follows it.
    pub(super) fn selection_changed(&self) {
        self.refresh_active();
        self.follow_soon();
        self.share_place();
        self.redraw();
    }

    pub(super) fn refresh_active(&self) {
        let active = self.with(|state| {
            let layout = state.layout.as_ref()?;
            let at = state.selection.active;
            let Some(cell) = layout.cell(at) else {
                return Some(Active {
                    cell: None,
                    address: layout.total_in_words(at),
                    text: state.total_at(layout, at).map(locale::typed).unwrap_or_default(),
                    // Whether it spreads down is asked when someone types.
                    locked: None,
                    note: None,
                    error: None,
                });
            };
            let source = &state.source;
            let error = source.objection(cell).map(|objection| format!("Not what this cell accepts: {objection}."));
            let error = match source.value(cell) {
                Value::Error(error) => {
                    let origin = error.origin().filter(|origin| *origin != cell);
                    let from = origin.map(|origin| format!(" It comes from {}.", source.address(origin)));
                    let why = error.detail().map_or(error.kind.meaning(), AsRef::as_ref);
                    let stop = if why.ends_with(['.', '?', '!']) { "" } else { "." };
                    Some(format!("{}: {why}{stop}{}", error.kind.code(), from.unwrap_or_default()))
                }
                Value::Blank => error.or_else(|| source.why_blank(cell).map(|why| format!("Blank: {why}."))),
                _ => error,
            };
            Some(Active {
                cell: Some(cell),
                address: source.address(cell),
                text: source.explain(cell),
                locked: source.locked(cell),
                note: source.note(cell),
                error,
            })
        });
        let Some(active) = active else { return };
        if self.active.with_untracked(|known| *known != active) {
            self.active.set(active);
        }
    }

    /// What is said beside the grid of the selection follows once the grid itself is painted.
    fn follow_soon(&self) {
        if self.follow_due.try_get_value() != Some(false) {
            return;
        }
        self.follow_due.set_value(true);
        let grid = *self;
        set_timeout(
            move || {
                grid.follow_due.try_set_value(false);
                grid.count();
                grid.tell_selected();
            },
            Duration::from_millis(40),
        );
    }

    /// Tells the panels beside the grid which cell is selected.
    fn tell_selected(&self) {
        let Some(session) = self.session else { return };
        let cell = self.with(|state| state.active_cell()).flatten();
        if session.selected.try_get_untracked().is_some_and(|told| told != cell) {
            session.selected.set(cell);
        }
        let rows = self.with(|state| state.selected_rows()).unwrap_or_default();
        if session.selected_rows.try_with_untracked(|told| *told != rows) == Some(true) {
            session.selected_rows.set(rows);
        }
    }

    fn count(&self) {
        let stats = self.with(|state| {
            let mut stats = Stats::default();
            let Some(layout) = state.layout.take() else { return stats };
            let areas: Vec<Area> = state.selection.areas().collect();
            stats.cells = areas.iter().map(|area| area.size().0 * area.size().1).sum();
            let spots = areas.into_iter().flat_map(|area| area.spots().map(move |at| (area, at)));
            for (area, at) in spots.take(STATS_CELLS) {
                if !layout.shows_first(area, at) {
                    continue;
                }
                let number = match layout.cell(at) {
                    Some(cell) => {
                        let value = state.source.value(cell);
                        stats.filled += usize::from(!value.is_blank());
                        value.as_number()
                    }
                    None => state.total(&layout, at),
                };
                if let Some(number) = number {
                    stats.sum += number;
                    stats.numbers += 1;
                }
            }
            state.layout = Some(layout);
            stats
        });
        if let Some(stats) = stats
            && self.stats.get_untracked() != stats
        {
            self.stats.set(stats);
        }
    }
}
