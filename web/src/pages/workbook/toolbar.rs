//! The tool bar over the grid: undo, filter, grouping, measures, and what the colours mean.

use grid_engine::doc::{Measure, MeasureKind};
use grid_engine::refs::MeasureId;
use leptos::prelude::*;

use super::define::DefineMenu;
use super::files::FileMenu;
use super::follow_theme;
use super::format_menu::{FormatMenu, StyleMenu};
use super::keeping::KeepTool;
use crate::grid::{FreezeItems, Grid, MenuOn};
use crate::parts::{Maker, later, wasm_split};
use crate::state::Session;
use crate::ui::{Glyph, Icon, IconButton, Menu, MenuChoice, Select};

/// The tools of a grid; those that edit are there with a session.
#[component]
pub fn Toolbar(grid: Grid, session: Option<Session>) -> impl IntoView {
    follow_theme(grid);
    view! {
        <div class="toolbar" role="toolbar" aria-label="Sheet tools">
            {later(tools, (grid, session))}
        </div>
    }
}

/// They come after the sheet; their bar keeps their room.
#[wasm_split(beside, fallible, wasm_split_path = leptos::wasm_split)]
fn tools() -> Maker<(Grid, Option<Session>)> {
    Ok(|(grid, session)| view! { <Tools grid session /> }.into_any())
}

#[component]
fn Tools(grid: Grid, session: Option<Session>) -> impl IntoView {
    let measures = Memo::new(move |_| {
        grid.sheet.track();
        grid.size.track();
        grid.measures()
    });
    let filter = RwSignal::new(String::new());
    let group = RwSignal::new(String::new());
    Effect::new(move || {
        grid.sheet.track();
        // The filter is cleared elsewhere too; rows come back then.
        grid.size.track();
        let view = grid.view();
        filter.set(view.filter);
        group.set(view.group.map(|group| group.to_string()).unwrap_or_default());
    });
    let groups = Signal::derive(move || {
        let mut options = vec![(String::new(), "No groups".to_owned())];
        options.extend(measures.with(|measures| {
            measures
                .iter()
                .filter(|measure| !measure.timed)
                .map(|measure| (measure.id.to_string(), format!("By {}", measure.name.to_lowercase())))
                .collect::<Vec<_>>()
        }));
        options
    });
    let is_stacked = move || measures.with(|measures| measures.iter().any(|measure| measure.timed));
    // Planning sheets keep their keys in view by themselves.
    let is_free = move || grid.size.get().0 > 0 && measures.with(Vec::is_empty);
    let only = move || {
        measures.with(|measures| {
            let mut timed = measures.iter().filter(|measure| measure.timed);
            match (timed.next(), timed.next()) {
                (Some(one), None) if one.unit.is_empty() => Some(one.name.clone()),
                (Some(one), None) => Some(format!("{}, {}", one.name, one.unit)),
                _ => None,
            }
        })
    };
    let set_filter = move |text: String| {
        filter.set(text.clone());
        grid.change_view(|view| view.filter = text);
    };
    let set_group = move |id: String| {
        group.set(id.clone());
        grid.change_view(|view| {
            view.group = id.parse::<MeasureId>().ok();
            view.collapsed.clear();
        });
    };
    view! {
            {session
                .map(|session| {
                    view! {
                        <IconButton icon=Glyph::Undo label="Undo your last edit (Ctrl+Z)" on_click=move |_| grid.step_back(false) />
                        <IconButton icon=Glyph::Redo label="Redo (Ctrl+Y)" on_click=move |_| grid.step_back(true) />
                        <FormatMenu grid />
                        <StyleMenu grid />
                        <DefineMenu grid session />
                        <FileMenu grid session />
                        <KeepTool grid session />
                        <span class="tool-rule"></span>
                    }
                })}
            <label class="filter-box">
                <Icon name=Glyph::Search />
                <input
                    class="grid-filter"
                    type="search"
                    placeholder="Filter rows"
                    aria-label="Filter rows by their texts"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=move || filter.get()
                    on:input=move |event| set_filter(event_target_value(&event))
                    on:keydown=move |event| {
                        if event.key() == "Enter" || event.key() == "Escape" {
                            event.prevent_default();
                            if event.key() == "Escape" {
                                set_filter(String::new());
                            }
                            grid.focus();
                        }
                    }
                />
            </label>
            <Show when=move || grid.arranged.get()>
                <button
                    type="button"
                    class="button quiet small arranged"
                    title="You see the rows sorted, or without those you filtered away. Others do not."
                    aria-label="Take your order and filters away"
                    on:click=move |_| {
                        grid.change_view(|view| {
                            view.sort = None;
                            view.excluded.clear();
                        });
                        // The button goes with what it takes away.
                        grid.focus();
                    }
                >
                    <span class="narrow-words">"Your order and filters"</span>
                    <Icon name=Glyph::Close />
                </button>
            </Show>
            <Show when=is_free>
                <Menu label="What of the sheet stays in view" class="quiet" face=view_face>
                    <FreezeItems grid on=MenuOn::Cells />
                </Menu>
            </Show>
            <Show when=is_stacked>
                <Select label="Group rows" options=groups value=group on_change=set_group />
                <Show when=move || !group.with(String::is_empty)>
                    <button type="button" class="button quiet small" on:click=move |_| grid.collapse_all(true)>"Collapse"</button>
                    <button type="button" class="button quiet small" on:click=move |_| grid.collapse_all(false)>"Expand"</button>
                </Show>
                <Menu label="What the sheet shows" class="quiet" face=view_face>
                    <ViewItems grid measures />
                </Menu>
                {move || only().map(|words| view! { <strong class="only-measure">{words}</strong> })}
            </Show>
            <span class="spacer"></span>
            <Legend measures />
            <IconButton icon=Glyph::Search label="Find (Ctrl+F)" on_click=move |_| grid.finding.set(Some(false)) />
            <IconButton icon=Glyph::Help label="Keyboard (F1)" class="tip-end desk-only" on_click=move |_| grid.help.set(true) />
    }
}

fn view_face() -> impl IntoView {
    view! { <Icon name=Glyph::Table /> <span class="tool-words">"View"</span> <Icon name=Glyph::ChevronDown /> }
}

/// How the sheet is laid out, and which of its measures are shown.
#[component]
fn ViewItems(grid: Grid, measures: Memo<Vec<Measure>>) -> impl IntoView {
    let shown = RwSignal::new(grid.view());
    let change = move |change: &dyn Fn()| {
        change();
        shown.set(grid.view());
    };
    let timed: Vec<Measure> = measures.get().into_iter().filter(|measure| measure.timed).collect();
    let is_many = timed.len() > 1;
    let lines = [("Measures stacked", false), ("Measures side by side", true)].map(|(words, is_flat)| {
        let is_on = Signal::derive(move || shown.with(|view| view.is_flat == is_flat));
        view! {
            <MenuChoice role="menuitemradio" is_on on_click=move || change(&|| grid.lay_flat(is_flat))>{words}</MenuChoice>
        }
    });
    let listed = timed.into_iter().map(|measure| {
        let id = measure.id;
        let is_on = Signal::derive(move || shown.with(|view| !view.hidden.contains(&id)));
        let toggle = move || {
            change(&|| {
                grid.change_view(|view| {
                    if !view.hidden.remove(&id) {
                        view.hidden.insert(id);
                    }
                });
            });
        };
        view! {
            <MenuChoice role="menuitemcheckbox" is_on on_click=toggle title=measure.help>{measure.name}</MenuChoice>
        }
    });
    view! {
        {is_many.then(|| view! { {lines.collect_view()} <div class="menu-rule"></div> })}
        <MenuChoice
            role="menuitemcheckbox"
            is_on=Signal::derive(move || shown.with(|view| view.has_sparklines))
            on_click=move || change(&|| grid.show_sparklines(!grid.view().has_sparklines))
        >
            "Sparklines"
        </MenuChoice>
        {is_many.then(|| view! { <div class="menu-rule"></div> {listed.collect_view()} })}
    }
}

/// What the colours of the cells mean, for the kinds of cells this sheet has.
#[component]
fn Legend(measures: Memo<Vec<Measure>>) -> impl IntoView {
    let entries = move || {
        measures.with(|measures| {
            let has = |test: &dyn Fn(&Measure) -> bool| measures.iter().any(|measure| measure.timed && test(measure));
            let is_forecast =
                |kind: &MeasureKind| matches!(kind, MeasureKind::Formula(text) if text.contains("FORECAST"));
            [
                (
                    "--cell-history",
                    "History",
                    has(&|m| m.kind == MeasureKind::Layer && m.span == grid_engine::doc::Span::History),
                ),
                ("--cell-baseline", "Forecast", has(&|m| is_forecast(&m.kind))),
                ("--cell-input", "Input", has(&|m| m.kind == MeasureKind::Input)),
                (
                    "--cell-formula",
                    "Formula",
                    has(&|m| matches!(m.kind, MeasureKind::Formula(_)) && !is_forecast(&m.kind)),
                ),
                ("--cell-overridden", "Overridden", has(&|m| matches!(m.kind, MeasureKind::Formula(_)))),
                (
                    "--cell-layer",
                    "Solver",
                    has(&|m| m.kind == MeasureKind::Layer && m.span == grid_engine::doc::Span::Plan),
                ),
            ]
            .into_iter()
            .filter(|(.., there)| *there)
            .collect::<Vec<_>>()
        })
    };
    view! {
        <div class="legend-strip" role="group" tabindex="0" aria-label="Colours of the cells" style=("--entries", move || entries().len().to_string())>
            <div>
                {move || {
                    entries()
                        .into_iter()
                        .map(|(token, words, _)| view! { <span style=("--swatch", format!("var({token})"))><i></i><b>{words}</b></span> })
                        .collect_view()
                }}
            </div>
        </div>
    }
}
