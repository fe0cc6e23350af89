//! The workbook page: the grid with everything around it, live or on a frozen version.

mod cell_history;
mod comments;
mod define;
mod files;
mod format_menu;
mod help;
mod sheets;
mod side;
mod status;
mod toolbar;
mod work_queue;

use std::rc::Rc;

use grid_engine::doc::SheetInfo;
use grid_engine::plan::VersionInfo;
use grid_engine::refs::{Id, SheetId};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Place, TopBar};
use crate::api;
use crate::branches;
use crate::grid::{Cursor, FormulaBar, Grid, GridView};
use crate::parts::{Maker, later, part, wasm_split};
use crate::state::{FrozenSource, LiveSource, NoticeBoard, Opening, SaveMark, Session, SheetSource};
use crate::ui::{Avatar, Button, EmptyState, Glyph, IconButton, Notice, Progress, Tone, use_theme};
use define::DefineDialog;
use help::KeyboardHelp;
use side::SidePanel;
use status::StatusBar;
use toolbar::Toolbar;

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

    let is_branch = RwSignal::new(false);
    spawn_local(async move {
        if let Ok(list) = api::branch_titles(workbook).await {
            is_branch.try_set(list.iter().any(|branch| branch.id == workbook));
        }
    });
    let panel = RwSignal::new(initial_panel());
    let save_words = move || match session.saved.get() {
        SaveMark::Saved => ("saved", "Saved".to_owned()),
        SaveMark::Saving => ("saving", "Saving…".to_owned()),
        SaveMark::Offline(0) => ("offline", "Offline".to_owned()),
        SaveMark::Offline(1) => ("offline", "Offline · 1 unsent edit".to_owned()),
        SaveMark::Offline(count) => ("offline", format!("Offline · {count} unsent edits")),
        SaveMark::NotAccepted(1) => ("refused", "1 edit not accepted".to_owned()),
        SaveMark::NotAccepted(count) => ("refused", format!("{count} edits not accepted")),
    };
    let save_help = move || match session.saved.get() {
        SaveMark::Saved => "Every edit is stored on the server",
        SaveMark::Saving => "Edits are on their way to the server",
        SaveMark::Offline(_) => "Edits are kept in this browser and sent when the connection is back",
        SaveMark::NotAccepted(_) => "Press to see what was not accepted, and why",
    };
    let people = Memo::new(move |_| {
        let mut seen = std::collections::BTreeSet::new();
        session.peers.with(|peers| {
            peers
                .iter()
                .filter(|peer| seen.insert(peer.place.person))
                .map(|peer| (peer.client, peer.place.clone()))
                .collect::<Vec<_>>()
        })
    });
    let go_to_person = move |client: u64| {
        let place = session
            .peers
            .with_untracked(|peers| peers.iter().find(|peer| peer.client == client).map(|peer| peer.place.clone()));
        match place.map(|place| (place.sheet, place.row.zip(place.col))) {
            Some((Some(sheet), Some((row, col)))) => grid.go_to(grid_engine::refs::CellRef { sheet, row, col }),
            Some((Some(sheet), None)) => grid.show(sheet),
            _ => {}
        }
    };
    let title = Signal::derive(move || session.title.get());
    view! {
        <div class="shell workbook" class:is-branch=move || is_branch.get() data-opening=move || opening_word(&session.opening.get())>
            <TopBar workbook title place=Place::Workbook>
                <button
                    type="button"
                    class="save-button tip-end"
                    data-tip=save_help
                    on:click=move |_| {
                        if matches!(session.saved.get_untracked(), SaveMark::NotAccepted(_)) {
                            panel.set(Some("declined".to_owned()));
                        }
                    }
                >
                    <span class=move || format!("save-state {}", save_words().0) role="status" data-testid="saved">
                        {move || save_words().1}
                    </span>
                </button>
                <span class="avatars here" data-testid="people">
                    {move || {
                        people
                            .get()
                            .into_iter()
                            .take(5)
                            .map(|(client, place)| {
                                view! {
                                    <button type="button" class="avatar-button" on:click=move |_| go_to_person(client) aria-label=format!("Go to {}", place.name)>
                                        <Avatar name=place.name.clone() colour=place.colour />
                                    </button>
                                }
                            })
                            .collect_view()
                    }}
                </span>
                <IconButton
                    icon=Glyph::Panel
                    label="Side panel"
                    class="tip-end"
                    pressed=Signal::derive(move || panel.with(Option::is_some))
                    on_click=move |_| panel.update(|panel| *panel = if panel.is_some() { None } else { Some("versions".to_owned()) })
                />
            </TopBar>
            <FormulaBar grid />
            <div class="workarea">
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
                {later(beside, BesideGrid { session, grid, panel, on_go: Callback::new(go_to_person) })}
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
    Ok(|(grid, session)| view! { <KeyboardHelp grid /> <DefineDialog grid session /> }.into_any())
}

/// What only frozen versions need.
#[wasm_split(beside, fallible, wasm_split_path = leptos::wasm_split)]
fn frozen() -> Maker<(SheetId, Id)> {
    Ok(|(workbook, version)| view! { <FrozenPage workbook version /> }.into_any())
}

/// A frozen version, read-only.
#[component]
fn FrozenPage(workbook: SheetId, version: Id) -> impl IntoView {
    let notices = NoticeBoard::current();
    let source = FrozenSource::new("This version");
    let grid = Grid::new(Rc::new(source.clone()), None, notices);
    let source = StoredValue::new_local(source);
    let sheets = RwSignal::new(Vec::<SheetInfo>::new());
    let info = RwSignal::new(None::<VersionInfo>);
    let title = RwSignal::new(String::new());
    let failed = RwSignal::new(None::<String>);
    let loading = RwSignal::new(true);

    spawn_local(async move {
        if let Ok(list) = api::workbooks().await {
            let name = list.into_iter().find(|known| known.id == workbook).map(|known| known.title);
            title.try_set(name.unwrap_or_default());
        }
        match api::versions(workbook).await {
            Ok(list) => {
                let found = list.into_iter().find(|known| known.id == version);
                if let Some(found) = &found {
                    source.try_with_value(|source| source.set_name(&found.name));
                }
                info.try_set(found);
            }
            Err(refusal) => {
                failed.try_set(Some(refusal.message));
            }
        }
        match api::version_sheets(workbook, version).await {
            Ok(list) => {
                source.try_with_value(|source| source.set_sheets(list));
                sheets.try_set(source.try_with_value(SheetSource::sheets).unwrap_or_default());
                open_first(grid, sheets);
            }
            Err(refusal) => {
                failed.try_set(Some(refusal.message));
            }
        }
    });
    // A sheet is fetched when it is first looked at.
    Effect::new(move || {
        let Some(sheet) = grid.sheet.get() else { return };
        if source.try_with_value(|source| source.has(sheet)) != Some(false) {
            return;
        }
        loading.set(true);
        spawn_local(async move {
            match api::version_sheet(workbook, version, sheet).await {
                Ok(frame) => {
                    source.try_with_value(|source| source.put(frame));
                    grid.restructured();
                    grid.focus();
                }
                Err(refusal) => {
                    failed.try_set(Some(refusal.message));
                }
            }
            loading.try_set(false);
        });
    });
    let name = move || {
        info.with(|info| info.as_ref().map(|info| info.name.clone()).unwrap_or_else(|| "Frozen version".to_owned()))
    };
    let frozen_by = move || {
        info.with(|info| {
            info.as_ref().map(|info| format!("frozen by {} on {}", info.by_name, crate::ui::moment(info.at)))
        })
    };
    view! {
        <div class="shell workbook frozen" data-opening=move || if loading.get() { "loading" } else { "open" }>
            <TopBar workbook title=Signal::derive(move || title.get()) place=Place::Workbook>
                <span class="save-state frozen" data-testid="saved">"Read-only"</span>
            </TopBar>
            <FormulaBar grid />
            <div class="workarea">
                <div class="gridarea">
                    <div class="frozen-strip" role="status">
                        <strong>{name}</strong>
                        <span class="muted">{frozen_by}</span>
                        <span class="spacer"></span>
                        <a href=format!("/w/{workbook}/consensus?version={version}")>"Read as a page"</a>
                        <a href=format!("/w/{workbook}/compare?a={version}&b=live")>"Compare with live"</a>
                    </div>
                    <Toolbar grid session=None />
                    <div class="canvas-host">
                        <GridView grid label=sheet_label(grid, sheets) next_sheet=turn(grid, sheets) />
                        {move || match failed.get() {
                            Some(message) => Some(view! { <div class="grid-cover"><Notice tone=Tone::Bad>{message}</Notice></div> }.into_any()),
                            None if loading.get() => Some(view! { <OpeningState opening=Opening::Connecting /> }.into_any()),
                            None => empty_sheet(grid),
                        }}
                    </div>
                </div>
            </div>
            <StatusBar grid sheets session=None />
            <KeyboardHelp grid />
        </div>
    }
}

/// What stands in place of the grid while it is not there yet.
#[component]
fn OpeningState(opening: Opening) -> impl IntoView {
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
fn empty_sheet(grid: Grid) -> Option<AnyView> {
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

fn open_first(grid: Grid, sheets: RwSignal<Vec<SheetInfo>>) {
    let shown = grid.sheet.get_untracked();
    let first = sheets.with_untracked(|sheets| {
        let still_there = sheets.iter().any(|sheet| Some(sheet.id) == shown);
        let demand = sheets.iter().find(|sheet| sheet.role == "demand");
        if still_there { None } else { demand.or_else(|| sheets.first()).map(|sheet| sheet.id) }
    });
    if let Some(first) = first {
        grid.show(first);
        if let Some(rows) = asked_rows() {
            grid.change_view(|view| view.filter = rows);
        }
    }
}

/// The rows the address asks for: words of their texts, as in the filter.
fn asked_rows() -> Option<String> {
    let search = window().location().search().ok()?;
    let rows = search.trim_start_matches('?').split('&').find_map(|pair| pair.strip_prefix("rows="))?;
    js_sys::decode_uri_component(rows).ok().map(String::from)
}

/// Turns to the next or previous sheet, round at the ends.
fn turn(grid: Grid, sheets: RwSignal<Vec<SheetInfo>>) -> Callback<bool> {
    Callback::new(move |forward: bool| {
        let next = sheets.with_untracked(|sheets| {
            let at = sheets.iter().position(|sheet| Some(sheet.id) == grid.sheet.get_untracked())?;
            let step = if forward { 1 } else { sheets.len() - 1 };
            sheets.get((at + step) % sheets.len()).map(|sheet| sheet.id)
        });
        if let Some(next) = next {
            grid.show(next);
        }
    })
}

fn sheet_label(grid: Grid, sheets: RwSignal<Vec<SheetInfo>>) -> Signal<String> {
    Signal::derive(move || {
        let shown = grid.sheet.get();
        sheets.with(|sheets| {
            sheets.iter().find(|sheet| Some(sheet.id) == shown).map(|sheet| sheet.title.clone()).unwrap_or_default()
        })
    })
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
    if window().location().search().is_ok_and(|search| search.contains("merge=")) {
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
