//! What stands over the grid while there is nothing in it to see.

use leptos::prelude::*;

use crate::grid::Grid;
use crate::state::Opening;
use crate::ui::{Button, EmptyState, Glyph, Progress};

/// What stands in place of the grid while it is not there yet.
#[component]
pub(super) fn OpeningState(opening: Opening) -> impl IntoView {
    match opening {
        Opening::Failed(reason) => view! {
            <div class="grid-cover">
                <EmptyState icon=Glyph::Lock title="The workbook is not open" text=reason>
                    <Button on_click=move |_| crate::app::Router::current().go("/")>"Back"</Button>
                </EmptyState>
            </div>
        }
        .into_any(),
        Opening::Loading { done, total } => view! {
            <div class="grid-cover" aria-busy="true">
                <div class="opening">
                    <Progress share=Signal::stored(Some(done as f64 / total.max(1) as f64)) label="Opening the workbook" />
                    <span class="muted">"Opening the workbook"</span>
                </div>
            </div>
        }
        .into_any(),
        Opening::Connecting | Opening::Open => view! {
            <div class="grid-cover" aria-busy="true">
                <div class="opening">
                    <Progress share=Signal::stored(None) label="Connecting" />
                    <span class="muted">"Opening the workbook"</span>
                </div>
            </div>
        }
        .into_any(),
    }
}

/// Says what to do on a sheet with no lines.
pub(super) fn empty_sheet(grid: Grid) -> Option<AnyView> {
    grid.sheet.get()?;
    if grid.size.get().0 > 0 {
        return None;
    }
    let filtered = !grid.view().filter.is_empty();
    let (title, text) = if filtered {
        ("No row matches the filter", "Try fewer words, or clear the filter to see every row.")
    } else {
        ("Nothing here yet", "This sheet fills when its rows are imported or the plan is solved.")
    };
    let clear = move |_| grid.change_view(|view| view.filter.clear());
    Some(
        view! {
            <div class="grid-cover below-header">
                <EmptyState icon=Glyph::Table title=title text=text>
                    {filtered.then(|| view! { <Button on_click=clear>"Clear the filter"</Button> })}
                </EmptyState>
            </div>
        }
        .into_any(),
    )
}
