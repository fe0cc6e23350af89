//! The workbook page: the grid with everything around it, live or on a frozen version.

mod assumed;
mod cell_history;
mod comments;
mod covers;
mod define;
mod dragging;
mod files;
mod following;
mod format_menu;
mod frozen_page;
mod keeping;
mod people_here;
mod regions;
mod row_over_time;
mod saved;
mod sheets;
mod side;
mod status;
mod toolbar;
mod turning;
mod which_plan;
mod work_queue;

use std::rc::Rc;

use grid_engine::doc::SheetInfo;
use grid_engine::refs::{Id, SheetId};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Place, TopBar};
use crate::api;
use crate::branches;
use crate::grid::{Cursor, FormulaBar, Grid, GridView};
use crate::pages::keys::KeyboardHelp;
use crate::parts::{Maker, later, part, wasm_split};
use crate::state::{LiveSource, NoticeBoard, Opening, Session, SheetSource as _};
use crate::supply::Keeping;
use crate::ui::{Glyph, IconButton, use_theme};
use covers::{OpeningState, empty_sheet};
use define::DefineDialog;
use frozen_page::FrozenPage;
use keeping::KeepAsked;
use people_here::PeopleHere;
use saved::SavedMark;
use side::SidePanel;
use status::StatusBar;
use toolbar::Toolbar;
use turning::{open_first, sheet_label, turn};
use which_plan::{ShareButton, plan_menu};

/// A workbook, live or as a frozen version.
#[component]
pub fn WorkbookPage(workbook: SheetId, version: Option<Id>) -> impl IntoView {
    match version {
        None => view! { <LivePage workbook /> }.into_any(),
        Some(version) => part(frozen, (workbook, version), crate::app::waiting),
    }
}

/// The live workbook.
#[component]
fn LivePage(workbook: SheetId) -> impl IntoView {
    let notices = NoticeBoard::current();
    let session = Session::new(workbook, notices);
    session.connect();
    on_cleanup(move || session.close());
    let grid = Grid::new(Rc::new(LiveSource::new(session)), Some(session), notices);
    let sheets = RwSignal::new(Vec::<SheetInfo>::new());
    let is_open = Memo::new(move |_| session.opening.get() == Opening::Open);
    let router = crate::app::Router::current();

    Effect::new(move || {
        if session.me.with(|me| me.as_ref().is_some_and(|me| !me.may_read_live)) {
            router.replace(&format!("/w/{workbook}/consensus"));
        }
    });
    Effect::new(move || {
        session.structure.track();
        if !is_open.get() {
            return;
        }
        let found = LiveSource::new(session).sheets();
        if sheets.with_untracked(|known| *known != found) {
            sheets.set(found);
        }
        grid.restructured();
        open_first(grid, sheets);
    });
    Effect::new(move || {
        session.values.track();
        grid.values_changed();
    });
    Effect::new(move || {
        let sheet = grid.sheet.get();
        if let (Some(_), true) = (sheet, is_open.get()) {
            let watched = sheets.with(|sheets| sheets.iter().map(|sheet| sheet.id).collect());
            session.tell(&grid_engine::wire::FromPeer::Watch { sheets: watched });
        }
    });
    Effect::new(move || {
        let sheet = grid.sheet.get();
        let cursors = session.peers.with(|peers| {
            let cursor = |place: &crate::sync::Place| {
                let (on, row, col) = (place.sheet?, place.row?, place.col?);
                let cell = grid_engine::refs::CellRef { sheet: on, row, col };
                (Some(on) == sheet).then(|| Cursor {
                    cell,
                    name: place.name.clone(),
                    colour: place.colour.clone(),
                    editing: place.editing,
                    named: true,
                })
            };
            peers.iter().filter_map(|peer| cursor(&peer.place)).collect()
        });
        grid.set_cursors(cursors);
    });

    provide_context(Keeping(RwSignal::new(None)));
    let is_branch = RwSignal::new(false);
    spawn_local(async move {
        match api::branch_titles(workbook).await {
            Ok(list) => {
                is_branch.try_set(list.iter().any(|branch| branch.id == workbook));
            }
            // Nobody would ever open it: connecting goes on for ever then.
            Err(refusal) if refusal.code == "not_found" => {
                let words = format!("{} It was deleted, or the link is not whole.", refusal.message);
                session.opening.try_set(Opening::Failed(words));
            }
            Err(_) => {}
        }
    });
    let panel = session.panel;
    panel.set(initial_panel());
    let (followed, on_go) = following::following(session, grid);
    let title = Signal::derive(move || session.title.get());
    view! {
        <div class="shell workbook" class:is-branch=move || is_branch.get() data-opening=move || opening_word(&session.opening.get())>
            <TopBar workbook title place=Place::Workbook>
                // People come and go on the side where nothing stands.
                <PeopleHere session followed on_go />
                {later(plan_menu, (workbook, None))}
                <SavedMark session panel />
                <ShareButton grid />
                <IconButton
                    icon=Glyph::Panel
                    label="Side panel"
                    class="tip-end"
                    pressed=Signal::derive(move || panel.with(Option::is_some))
                    on_click=move |_| panel.update(|panel| *panel = if panel.is_some() { None } else { Some("versions".to_owned()) })
                />
            </TopBar>
            <FormulaBar grid />
            <div class="workarea" class:with-panel=move || panel.with(Option::is_some)>
                <div class="gridarea">
                    {move || is_branch.get().then(|| later(branches::strip, session))}
                    <Toolbar grid session=Some(session) />
                    <div class="canvas-host">
                        <GridView grid label=sheet_label(grid, sheets) next_sheet=turn(grid, sheets) />
                        {move || match session.opening.get() {
                            Opening::Open => empty_sheet(grid),
                            other => Some(view! { <OpeningState opening=other /> }.into_any()),
                        }}
                    </div>
                </div>
                {later(beside, BesideGrid { session, grid, panel, on_go })}
            </div>
            <StatusBar grid sheets session=Some(session) />
            {later(dialogs, (grid, session))}
        </div>
    }
}

/// What the side panel is about.
#[derive(Clone, Copy)]
struct BesideGrid {
    session: Session,
    grid: Grid,
    panel: RwSignal<Option<String>>,
    on_go: Callback<u64>,
}

/// The side panel: it comes after the sheet.
#[wasm_split(beside, fallible, wasm_split_path = leptos::wasm_split)]
fn beside() -> Maker<BesideGrid> {
    Ok(|BesideGrid { session, grid, panel, on_go }| view! { <SidePanel session grid panel on_go /> }.into_any())
}

/// Dialogs: the keys, and what the sheet is made of.
#[wasm_split(beside, fallible, wasm_split_path = leptos::wasm_split)]
fn dialogs() -> Maker<(Grid, Session)> {
    Ok(|(grid, session)| {
        regions::follow_f6(grid);
        view! { <KeyboardHelp open=grid.help /> <DefineDialog grid session /> <KeepAsked grid session /> }.into_any()
    })
}

/// What only frozen versions need.
#[wasm_split(beside, fallible, wasm_split_path = leptos::wasm_split)]
fn frozen() -> Maker<(SheetId, Id)> {
    Ok(|(workbook, version)| view! { <FrozenPage workbook version /> }.into_any())
}

fn opening_word(opening: &Opening) -> &'static str {
    match opening {
        Opening::Connecting => "connecting",
        Opening::Loading { .. } => "loading",
        Opening::Open => "open",
        Opening::Failed(_) => "failed",
    }
}

/// The side panel starts open where there is room for it.
fn initial_panel() -> Option<String> {
    const ROOMY: f64 = 1200.0;
    // What is asked for stands in that panel.
    if crate::address::asked("merge").is_some() {
        return Some("versions".to_owned());
    }
    let width = window().inner_width().ok().and_then(|width| width.as_f64()).unwrap_or(0.0);
    (width >= ROOMY).then(|| "row".to_owned())
}

/// Repaints a grid when the theme changes.
pub(super) fn follow_theme(grid: Grid) {
    let theme = use_theme();
    Effect::new(move || {
        theme.track();
        grid.theme_changed();
    });
}
