//! The foot of the workbook: sheet tabs, running jobs, and sum, average and count of the selection.

use grid_engine::doc::SheetInfo;
use leptos::prelude::*;

use super::sheets::{AddSheet, SheetMenu, SheetTools, colour_name};
use crate::figures::grouped;
use crate::grid::Grid;
use crate::parts::{Maker, later, wasm_split};
use crate::state::Session;
use crate::ui::{Glyph, IconButton, Progress, on_resize};

/// Tabs and status.
#[component]
pub fn StatusBar(grid: Grid, sheets: RwSignal<Vec<SheetInfo>>, session: Option<Session>) -> impl IntoView {
    let tools = session.map(|session| SheetTools::new(session, grid));
    // An open menu stays while others change the workbook.
    let may_change = Memo::new(move |_| tools.is_some_and(|tools| tools.allowed()));
    let tabs = move || {
        let sheets = sheets.get();
        let mut last_group = String::new();
        sheets
            .into_iter()
            .map(|sheet| {
                let id = sheet.id;
                let starts = sheet.group != last_group;
                last_group.clone_from(&sheet.group);
                let group = (starts && !sheet.group.is_empty())
                    .then(|| view! { <span class="group" role="presentation">{sheet.group.clone()}</span> });
                view! {
                    {group}
                    <button
                        type="button"
                        role="tab"
                        data-sheet=id.to_string()
                        data-colour=sheet.colour.map(|colour| colour_name(Some(colour)))
                        aria-selected=move || (grid.sheet.get() == Some(id)).to_string()
                        draggable=move || may_change.get().to_string()
                        on:click=move |_| grid.show(id)
                        on:dblclick=move |_| {
                            if let Some(tools) = tools.filter(SheetTools::allowed) {
                                tools.rename(id);
                            }
                        }
                        on:contextmenu=move |event| {
                            if let Some(tools) = tools.filter(SheetTools::allowed) {
                                event.prevent_default();
                                tools.open(id, (f64::from(event.client_x()), f64::from(event.client_y())));
                            }
                        }
                    >
                        {sheet.title}
                    </button>
                }
            })
            .collect_view()
    };
    let is_counted = Memo::new(move |_| grid.stats.with(|stats| stats.filled > 1 || stats.numbers > 1));
    // The chosen tab stays in view when it is reached by the keyboard, and when figures or a job beside it take its room.
    let strip = NodeRef::<leptos::html::Div>::new();
    let reveal = move || {
        let Some((strip, sheet)) = strip.get_untracked().zip(grid.sheet.get_untracked()) else { return };
        if let Ok(Some(tab)) = strip.query_selector(&format!("[data-sheet='{sheet}']")) {
            let (left, right) = (strip.get_bounding_client_rect(), tab.get_bounding_client_rect());
            if right.left() < left.left() || right.right() > left.right() {
                let tab: web_sys::HtmlElement = wasm_bindgen::JsCast::unchecked_into(tab);
                strip.set_scroll_left(tab.offset_left() - strip.offset_left() - 120);
            }
        }
    };
    on_resize(strip, reveal);
    Effect::new(move || {
        grid.sheet.track();
        sheets.track();
        // A new sheet's tab is there with the next frame.
        request_animation_frame(reveal);
    });
    // A plain mouse wheel runs along the tabs.
    let on_wheel = move |event: web_sys::WheelEvent| {
        if let Some(strip) = strip.get_untracked() {
            strip.set_scroll_left(strip.scroll_left() + (event.delta_y() + event.delta_x()) as i32);
        }
    };
    let figure = |value: f64| grouped(value, if value.abs() >= 1000.0 { 0 } else { 2 });
    let figures = move || {
        let stats = grid.stats.get();
        // Texts have a count alone.
        let sum_and_mean = (stats.numbers > 0).then(|| (figure(stats.sum), figure(stats.sum / stats.numbers as f64)));
        is_counted.get().then(|| (sum_and_mean, stats.numbers.max(stats.filled)))
    };
    view! {
        <footer class="tabbar">
            <div class="sheets" role="tablist" aria-label="Sheets" node_ref=strip on:wheel=on_wheel>
                {tabs}
            </div>
            {move || tools.filter(|_| may_change.get()).map(|tools| later(sheet_tools, tools))}
            {session.map(|session| view! { <RunningJob session /> })}
            <div class="statusbar" role="status" aria-label="Selection">
                {move || {
                    figures()
                        .map(|(sum_and_mean, count)| {
                            let sum_and_mean = sum_and_mean.map(|(sum, mean)| view! {
                                <span>"Sum "<b data-testid="sum">{sum}</b></span>
                                <span>"Average "<b data-testid="average">{mean}</b></span>
                            });
                            view! {
                                {sum_and_mean}
                                <span>"Count "<b data-testid="count">{count}</b></span>
                            }
                        })
                }}
            </div>
        </footer>
    }
}

/// What changes the list of sheets.
#[wasm_split(beside, fallible, wasm_split_path = leptos::wasm_split)]
fn sheet_tools() -> Maker<SheetTools> {
    Ok(|tools| view! { <AddSheet tools /> <SheetMenu tools /> }.into_any())
}

/// The job that runs now, with its progress and a way to stop it.
#[component]
fn RunningJob(session: Session) -> impl IntoView {
    let job = Memo::new(move |_| session.jobs.with(|jobs| jobs.first().cloned()));
    move || {
        job.get().map(|job| {
            let id = job.id;
            let share = (job.total > 0).then(|| job.done as f64 / job.total as f64);
            let more = session.jobs.with(Vec::len).saturating_sub(1);
            let words = if more > 0 { format!("{} (and {more} more)", job.title) } else { job.title.clone() };
            view! {
                <div class="running-job" role="status" data-testid="job" title=job.message.clone()>
                    <span class="truncate">{words}</span>
                    <Progress share=Signal::stored(share) label=job.title />
                    <IconButton icon=Glyph::Close label="Cancel this job" class="small tip-end" on_click=move |_| session.cancel_job(id) />
                </div>
            }
        })
    }
}
