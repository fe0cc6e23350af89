//! Sheets as files for a spreadsheet, and what people changed there brought back.

use grid_engine::wire::{FileReading, MAX_SHEETS_FILE};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::grid::Grid;
use crate::state::{Session, Settings};
use crate::ui::{Button, ButtonKind, ChosenFile, Dialog, FileButton, Glyph, Icon, Menu, MenuItem, Notice, Tone};

/// The menu of files, with the dialog that reads one.
#[component]
pub fn FileMenu(grid: Grid, session: Session) -> impl IntoView {
    let open = RwSignal::new(false);
    let workbook = session.workbook;
    let take = move |ending: &'static str, only: bool| {
        let sheet = grid.sheet.get_untracked().filter(|_| only);
        drop(window().location().set_href(&api::sheet_file(workbook, ending, sheet)));
    };
    view! {
        <Menu label="Files" class="quiet" face=|| view! { <Icon name=Glyph::Download /> <span class="tool-words">"File"</span> <Icon name=Glyph::ChevronDown /> }>
            <MenuItem icon=Glyph::Download on_click=move |()| take("xlsx", true)>"This sheet as Excel"</MenuItem>
            <MenuItem icon=Glyph::Download on_click=move |()| take("xlsx", false)>"All sheets as Excel"</MenuItem>
            <MenuItem icon=Glyph::Download on_click=move |()| take("csv", true)>"This sheet as CSV"</MenuItem>
            <div class="menu-rule"></div>
            <MenuItem icon=Glyph::Table on_click=move |()| open.set(true)>"Take changes from a file…"</MenuItem>
        </Menu>
        <Dialog open title="Take changes from a file" on_close=move |()| grid.focus()>
            <ReadingForm grid session open />
        </Dialog>
    }
}

#[component]
fn ReadingForm(grid: Grid, session: Session, open: RwSignal<bool>) -> impl IntoView {
    let (adds, clears, busy) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    let refused = RwSignal::new(None::<String>);
    let reading = RwSignal::new(None::<FileReading>);
    let chosen = StoredValue::new_local(None::<ChosenFile>);
    let name = move || chosen.with_value(|chosen| chosen.as_ref().map(|file| file.name.clone())).unwrap_or_default();
    let sheet = grid.sheet.get_untracked();
    let tag = StoredValue::new(Settings::current().tag());
    let read = move || {
        let (Some(sheet), Some(ChosenFile { file, .. })) = (sheet, chosen.get_value()) else { return };
        reading.set(None);
        refused.set(None);
        busy.set(true);
        let how =
            format!("locale={}&adds_rows={}&clears={}", tag.get_value(), adds.get_untracked(), clears.get_untracked());
        spawn_local(async move {
            let answer = api::read_file(session.workbook, sheet, &how, file).await;
            // Whoever closed the dialog does not wait for it.
            busy.try_set(false);
            match answer {
                Ok(found) => drop(reading.try_set(Some(found))),
                Err(refusal) => drop(refused.try_set(Some(refusal.message))),
            }
        });
    };
    let choose = move |file: ChosenFile| {
        chosen.set_value(Some(file));
        read();
    };
    let make = move |_| {
        let Some(found) = reading.get_untracked() else { return };
        match session.edit(found.ops, Some(&format!("from {}", name()))) {
            Ok(()) => {
                grid.restructured();
                open.set(false);
            }
            Err(error) => refused.set(Some(error.to_string())),
        }
    };
    let option = move |words: &'static str, value: RwSignal<bool>| {
        view! {
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=value
                    on:change=move |event| {
                        value.set(event_target_checked(&event));
                        read();
                    }
                />
                {words}
            </label>
        }
    };
    view! {
        <div class="stack">
            <p>"Rows are found by their keys, columns by their headings, as in a downloaded file. You see what would change before it does."</p>
            {option("Add rows whose keys are new", adds)}
            {option("Empty cells empty the sheet\u{2019}s", clears)}
            <FileButton
                words="Choose an Excel or CSV file"
                busy_words="Reading…"
                busy
                accept=".xlsx,.csv,.tsv,.txt"
                limit=MAX_SHEETS_FILE
                on_file=choose
                on_refused=move |words| {
                    reading.set(None);
                    refused.set(Some(words));
                }
            />
            {move || refused.get().map(|words| view! {
                <Notice tone=Tone::Bad>
                    <p>"Nothing was changed:"</p>
                    <ul class="scrolled">{words.lines().map(|line| view! { <li>{line.to_owned()}</li> }).collect_view()}</ul>
                </Notice>
            })}
            {move || reading.get().map(|found| view! { <Found found name=name() /> })}
            <div class="actions">
                <Button on_click=move |_| open.set(false)>"Cancel"</Button>
                <Button
                    kind=ButtonKind::Primary
                    disabled=Signal::derive(move || reading.with(|found| found.as_ref().is_none_or(|found| found.ops.is_empty())))
                    on_click=make
                >
                    "Change the sheet"
                </Button>
            </div>
        </div>
    }
}

/// What was found in a file, in words.
#[component]
fn Found(found: FileReading, name: String) -> impl IntoView {
    let count = |number: usize, one: &str, many: &str| match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        number => Some(format!("{number} {many}")),
    };
    let parts = [
        count(found.set, "cell changes", "cells change"),
        count(found.cleared, "cell is emptied", "cells are emptied"),
        count(found.added, "row is added", "rows are added"),
        count(found.same, "cell is as it was", "cells are as they were"),
    ];
    let words: Vec<String> = parts.into_iter().flatten().collect();
    let words = if words.is_empty() { "nothing that people enter".to_owned() } else { words.join(", ") };
    view! {
        <Notice tone=Tone::Neutral>
            <p>{format!("{name}: {words}.")}</p>
            {(!found.left_out.is_empty()).then(|| view! {
                <p>"Not read:"</p>
                <ul class="scrolled">{found.left_out.iter().map(|line| view! { <li>{line.clone()}</li> }).collect_view()}</ul>
            })}
        </Notice>
    }
}
