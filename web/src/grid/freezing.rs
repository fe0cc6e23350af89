//! Keeping rows and columns of a free sheet in view while the rest scrolls, in this person's view.

use leptos::prelude::*;

use super::context_menu::MenuOn;
use super::handle::Grid;
use super::layout::{Across, Freeze, Layout};
use super::selection::Spot;
use crate::state::Settings;
use crate::ui::MenuItem;

impl Grid {
    /// Keeps rows and columns in view, also when this browser comes back.
    fn freeze(&self, freeze: Freeze) {
        let Some(sheet) = self.sheet.get_untracked() else { return };
        Settings::remember_freeze(sheet, freeze);
        self.change_view(|view| view.freeze = freeze);
        self.focus();
    }

    /// What can be frozen at the active cell, or up to the row or column a menu is about, each with its words.
    fn freezes(&self, on: MenuOn) -> Vec<(String, Freeze)> {
        let found = self.with(|state| {
            let layout = state.layout.as_ref()?;
            let (now, at) = (state.view.freeze, state.selection.active);
            let mut found = match on {
                MenuOn::Column(col) => vec![up_to(layout, now, None, Some(col))?],
                MenuOn::Line => vec![up_to(layout, now, Some(at.line), None)?],
                MenuOn::Cells => {
                    let before = (at.line.checked_sub(1), at.col.checked_sub(1));
                    let around = up_to(layout, Freeze::default(), before.0, before.1);
                    let [row, col] = [(Some(0), None), (None, Some(0))];
                    let ends = [row, col].into_iter().filter_map(|(line, col)| up_to(layout, now, line, col));
                    let title = &layout.columns.get(at.col)?.title;
                    let words = format!("Freeze above and left of {title}{}", layout.number(at.line)? + 1);
                    ends.chain(around.map(|(_, freeze)| (words, freeze))).collect()
                }
            };
            if now != Freeze::default() {
                found.push(("Unfreeze".to_owned(), Freeze::default()));
            }
            Some(found)
        });
        found.flatten().unwrap_or_default()
    }
}

/// What keeps rows down to a line and columns up to one in view, besides what is frozen across them now. `None` on
/// planning sheets, whose keys stay in view by themselves, where nothing is named, and for lines that are not where their
/// rows are.
fn up_to(layout: &Layout, now: Freeze, line: Option<usize>, col: Option<usize>) -> Option<(String, Freeze)> {
    let col = match col {
        Some(col) => match layout.columns.get(col)?.across {
            Across::Free(id) => Some((id, layout.columns.get(col)?.title.clone())),
            Across::Fixed(_) | Across::Time(_) => return None,
        },
        None => None,
    };
    layout.cell(Spot::default()).filter(|_| layout.gutter > 0.0)?;
    let line = line.filter(|line| layout.number(*line) == Some(*line));
    let row = line.and_then(|line| layout.row(line));
    let words = match (&col, line) {
        (Some((_, title)), _) => format!("Freeze up to column {title}"),
        (None, line) => format!("Freeze up to row {}", line? + 1),
    };
    Some((words, Freeze { row: row.or(now.row), col: col.map(|(col, _)| col).or(now.col) }))
}

/// Entries of a menu that freeze rows and columns of a free sheet, and let them go.
#[component]
pub fn FreezeItems(
    grid: Grid,
    on: MenuOn,
    /// Whether a rule parts them from what is above.
    #[prop(optional)]
    ruled: bool,
) -> impl IntoView {
    let freezes = grid.freezes(on);
    let rule = (ruled && !freezes.is_empty()).then(|| view! { <div class="menu-rule"></div> });
    let items = freezes.into_iter().map(move |(words, freeze)| {
        view! { <MenuItem on_click=move |()| grid.freeze(freeze)>{words}</MenuItem> }
    });
    (rule, items.collect_view())
}
