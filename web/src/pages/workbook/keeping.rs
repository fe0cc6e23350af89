//! Where a workbook's page asks to keep quantities of the plan: a tool over the sheets that show it, and the address.

use grid_engine::doc::MeasureKind;
use grid_engine::refs::{CellRef, ColId};
use leptos::prelude::*;

use crate::address::asked;
use crate::app::Router;
use crate::grid::Grid;
use crate::parts::later;
use crate::state::Session;
use crate::supply::{KeepFrom, Keeping, keep_dialog};
use crate::ui::{Glyph, Icon};

/// Roles of sheets that show the plan or its decisions.
const ROLES: [&str; 2] = ["supply", "supply.decisions"];
/// The dialog, once it is asked for.
#[component]
pub fn KeepAsked(grid: Grid, session: Session) -> impl IntoView {
    let keeping = use_context::<Keeping>()?;
    if asked("keep").is_some() {
        // Read again, the page is the sheets.
        Router::current().replace(&format!("/w/{}", session.workbook));
        keeping.0.set(Some(KeepFrom::default()));
    }
    let is_asked = Memo::new(move |_| keeping.0.with(Option::is_some));
    Some(move || is_asked.get().then(|| later(keep_dialog, (grid, session, keeping))))
}

/// The button over a sheet of the plan: it begins with the item and bucket that are selected.
#[component]
pub fn KeepTool(grid: Grid, session: Session) -> impl IntoView {
    let keeping = use_context::<Keeping>()?;
    let is_there = Memo::new(move |_| {
        session.opening.track();
        let sheet = grid.sheet.get();
        let shows = |book: &grid_engine::workbook::Workbook| {
            let info = book.mirror().sheets().iter().find(|info| Some(info.id) == sheet);
            info.is_some_and(|info| ROLES.contains(&info.role.as_str()))
        };
        session.read(shows).unwrap_or(false)
    });
    let open = move |_| keeping.0.set(Some(selected(grid, session)));
    Some(view! {
        <Show when=move || is_there.get()>
            <button type="button" class="button quiet small" aria-label="Keep as decisions…" on:click=open>
                <Icon name=Glyph::Flag />
                <span class="tool-words">"Keep as decisions…"</span>
            </button>
        </Show>
    })
}

/// The item of the row that is selected, and its bucket.
fn selected(grid: Grid, session: Session) -> KeepFrom {
    let Some(cell) = grid.subject().and_then(|subject| subject.cell) else { return KeepFrom::default() };
    let item = session.read(|book| {
        let measures = book.sheet(cell.sheet)?.measures();
        let item = measures.iter().find(|one| one.kind == MeasureKind::Key && one.name.eq_ignore_ascii_case("item"))?;
        Some(book.display(CellRef { col: ColId::fixed(item.id), ..cell }))
    });
    KeepFrom { item: item.flatten().filter(|item| !item.is_empty()), bucket: cell.col.bucket }
}
