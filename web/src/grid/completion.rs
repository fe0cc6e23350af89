//! The list under the editor: functions and the signature of the one being called, or the entries a cell accepts.
//!
//! What they give is told by the server, asked when the first formula is typed; until then there are names.

use std::collections::BTreeMap;

use grid_engine::formula::functions::{FunctionInfo, catalogue};
use grid_engine::value::order::sort_by_key;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::entry::{complete, open_call, typed_name};
use super::handle::Grid;
use crate::api;
use crate::locale;

/// As many as fit without covering the sheet.
const MOST: usize = 8;

const LIST_WIDTH: f64 = 360.0;
const LIST_HEIGHT: f64 = 410.0;

/// Where something `width` by `height` stands by the editor: under it, or over it where there is no room below; under
/// the formula bar where that is typed in.
pub(super) fn under_editor(grid: Grid, width: f64, height: f64) -> String {
    let in_bar = grid.editing.with_untracked(|editing| editing.as_ref().is_some_and(|editing| editing.in_bar));
    if let Some(bar) = grid.bar.get_untracked().filter(|_| in_bar) {
        let bounds = bar.get_bounding_client_rect();
        let (left, top) = (bounds.left(), bounds.bottom() + 2.0);
        return format!("position:fixed;left:{left}px;top:{top}px;max-width:{width}px");
    }
    let Some(input) = grid.input.get() else { return String::new() };
    let style = web_sys::HtmlElement::style(&input);
    // The editor's place as the grid set it: its layout may not have happened yet.
    let number = |name: &str| {
        let text = style.get_property_value(name).unwrap_or_default();
        text.trim_end_matches("px").parse::<f64>().unwrap_or(0.0)
    };
    let (room_x, room_y) = grid.with(|state| (state.port.width, state.port.height)).unwrap_or_default();
    let left = number("left").min(room_x - width - 8.0).max(4.0);
    let (top, bottom) = (number("top"), number("top") + number("height") + 4.0);
    if bottom + height > room_y && top > room_y / 2.0 {
        // Its own height is not known, so it hangs from its lower edge.
        return format!("left:{left}px;top:{}px;transform:translateY(-100%);max-width:{width}px", top - 4.0);
    }
    format!("left:{left}px;top:{bottom}px;max-width:{width}px")
}

/// What the list offers for a text: functions that begin as it ends, the signature of the open call, or entries.
#[derive(Clone, PartialEq)]
enum Offer {
    Names(Vec<Named>),
    Signature { function: FunctionInfo, argument: usize },
    Choices(Vec<String>),
}

/// What a formula can name: a function, or one of the workbook's names with what it stands for.
#[derive(Clone, PartialEq)]
enum Named {
    Function(FunctionInfo),
    Name(String, String),
}

impl Named {
    fn name(&self) -> &str {
        match self {
            Self::Function(function) => function.name,
            Self::Name(name, _) => name,
        }
    }
}

/// The entries of the cell's list that a text may become; all of them where it is one already.
fn choices(grid: Grid, text: &str) -> Option<Offer> {
    let (cell, source) = (grid.subject()?.cell?, grid.source()?);
    let mut values = source.choices(cell);
    let typed = text.trim().to_lowercase();
    if !values.iter().any(|value| value.to_lowercase() == typed) {
        values.retain(|value| value.to_lowercase().contains(&typed));
    }
    (!values.is_empty()).then_some(Offer::Choices(values))
}

fn offer(grid: Grid, text: &str, caret: usize) -> Option<Offer> {
    if let Some(typed) = typed_name(text, caret) {
        let typed = typed.to_uppercase();
        let functions = catalogue().filter(|function| function.name.starts_with(&typed)).copied().map(Named::Function);
        let names = grid.names().into_iter().filter(|(name, _)| name.to_uppercase().starts_with(&typed));
        let mut found: Vec<Named> = names.map(|(name, stands)| Named::Name(name, stands)).chain(functions).collect();
        // What is typed in full comes first, and the workbook's own names before functions.
        sort_by_key(&mut found, |named| {
            let name = named.name();
            (name.len() != typed.len(), matches!(named, Named::Function(_)), name.len())
        });
        found.truncate(MOST);
        if !found.is_empty() {
            return Some(Offer::Names(found));
        }
    }
    let (name, argument) = open_call(text, caret)?;
    let name = name.to_uppercase();
    let function = *catalogue().find(|function| function.name == name)?;
    Some(Offer::Signature { function, argument })
}

/// An entry of a list. Pressing it takes it, and the editor keeps the focus.
fn entry(
    index: usize,
    chosen: RwSignal<Option<usize>>,
    take: impl Fn() + 'static,
    words: impl IntoView + 'static,
) -> impl IntoView {
    let press = move |event: web_sys::PointerEvent| {
        event.prevent_default();
        event.stop_propagation();
        take();
    };
    view! {
        <div role="option" aria-selected=move || (chosen.get() == Some(index)).to_string() on:pointerdown=press>
            {words}
        </div>
    }
}

/// Completion for a grid's editor; it stands under the editor and follows it.
#[component]
pub fn Completion(grid: Grid) -> impl IntoView {
    let caret = move |text: &str| {
        let of_field = grid.field().and_then(|input| input.selection_start().ok().flatten());
        // The field may not have taken the text yet.
        of_field.map_or_else(|| text.chars().count(), |at| at as usize).max(1)
    };
    let offered = Memo::new(move |_| {
        let editing = grid.editing.get()?;
        if !editing.text.starts_with('=') {
            return choices(grid, &editing.text);
        }
        offer(grid, &locale::plain_formula(&editing.text), caret(&editing.text))
    });
    let meaning = meanings(offered);
    // Of the entries none is marked at first: what was typed may be meant as it is.
    let chosen = RwSignal::new(None::<usize>);
    Effect::new(move || chosen.set(offered.with(|offered| (!matches!(offered, Some(Offer::Choices(_)))).then_some(0))));
    let take = move |named: &Named| {
        let Some(field) = grid.field() else { return };
        let is_called = matches!(named, Named::Function(_));
        let (text, at) = complete(&field.value(), caret(&field.value()), named.name(), is_called);
        grid.put_in_field(&text, at);
        grid.retype(text);
        grid.focus();
    };
    let enter = move |value: &str| {
        grid.put_in_field(value, value.chars().count());
        grid.retype(value.to_owned());
    };
    // Keys reach the list before the editor takes them.
    for field in [grid.input, grid.bar] {
        Effect::new(move || {
            let Some(field) = field.get() else { return };
            let on_key = move |event: web_sys::KeyboardEvent| {
                let offer = offered.get_untracked();
                let count = match &offer {
                    Some(Offer::Names(list)) => list.len(),
                    Some(Offer::Choices(list)) => list.len(),
                    _ => return,
                };
                let marked = chosen.get_untracked();
                match (event.key().as_str(), offer) {
                    ("ArrowDown", _) => chosen.set(Some(marked.map_or(0, |at| (at + 1) % count))),
                    ("ArrowUp", _) => chosen.set(Some(marked.map_or(count - 1, |at| (at + count - 1) % count))),
                    ("Tab", Some(Offer::Names(list))) => marked.and_then(|at| list.get(at)).into_iter().for_each(take),
                    // The key goes on to the editor, which then takes the entry and moves.
                    ("Tab" | "Enter", Some(Offer::Choices(list))) => {
                        return marked.and_then(|at| list.get(at)).into_iter().for_each(|value| enter(value));
                    }
                    _ => return,
                }
                event.prevent_default();
                event.stop_immediate_propagation();
            };
            let on_key = wasm_bindgen::closure::Closure::<dyn Fn(web_sys::KeyboardEvent)>::new(on_key);
            let callback: &js_sys::Function = wasm_bindgen::JsCast::unchecked_ref(on_key.as_ref());
            let _ = field.add_event_listener_with_callback_and_bool("keydown", callback, true);
            // It lives as long as the field.
            on_key.forget();
        });
    }
    let style = move || {
        grid.editing.track();
        under_editor(grid, LIST_WIDTH, LIST_HEIGHT)
    };
    move || {
        offered.get().map(|offer| match offer {
            Offer::Names(list) => view! {
                <div class="grid-completion" role="listbox" aria-label="Functions and names" style=style>
                    {list
                        .into_iter()
                        .enumerate()
                        .map(|(index, named)| {
                            let name = named.name().to_owned();
                            let says = match &named {
                                Named::Function(function) => {
                                    let name = function.name;
                                    (move || meaning(name)).into_any()
                                }
                                Named::Name(_, stands) => stands.clone().into_any(),
                            };
                            entry(index, chosen, move || take(&named), view! { <b>{name}</b> <span>{says}</span> })
                        })
                        .collect_view()}
                    <small>"Tab takes the marked one"</small>
                </div>
            }
            .into_any(),
            Offer::Choices(list) => view! {
                <div class="grid-completion choices" role="listbox" aria-label="What the cell accepts" style=style>
                    {list
                        .into_iter()
                        .enumerate()
                        .map(|(index, value)| {
                            let shown = value.clone();
                            let take = move || {
                                enter(&value);
                                grid.commit(None, false);
                            };
                            entry(index, chosen, take, shown)
                        })
                        .collect_view()}
                </div>
            }
            .into_any(),
            Offer::Signature { function, argument } => view! {
                <div class="grid-completion signature" role="note" style=style>
                    <code>{signature(function.signature, argument)}</code>
                    <span>{move || meaning(function.name)}</span>
                    // The editor keeps the focus while the page opens.
                    <a
                        href=format!("/help/functions#{}", function.name)
                        target="_blank"
                        on:pointerdown=|event| event.prevent_default()
                    >
                        "Arguments and example"
                    </a>
                </div>
            }
            .into_any(),
        })
    }
}

/// What functions give, asked of the server once something is offered; asked again where it could not be reached.
fn meanings(offered: Memo<Option<Offer>>) -> impl Fn(&str) -> Option<String> + Copy + Send + Sync + 'static {
    let known = RwSignal::new(None::<BTreeMap<String, String>>);
    let asked = StoredValue::new(false);
    Effect::new(move || {
        if !offered.with(Option::is_some) || asked.get_value() {
            return;
        }
        asked.set_value(true);
        spawn_local(async move {
            match api::meanings().await {
                Ok(meanings) => drop(known.try_set(Some(meanings))),
                Err(_) => drop(asked.try_update_value(|asked| *asked = false)),
            }
        });
    });
    move |name| known.with(|known| known.as_ref()?.get(name).cloned())
}

/// The signature with the argument being typed in bold.
fn signature(text: &'static str, argument: usize) -> impl IntoView {
    let (head, rest) = text.split_once('(').unwrap_or((text, ""));
    let rest = rest.strip_suffix(')').unwrap_or(rest);
    let parts: Vec<&str> = rest.split(", ").collect();
    // `…` stands for more of the last.
    let marked = argument.min(parts.len().saturating_sub(1));
    let arguments = parts
        .into_iter()
        .enumerate()
        .map(|(index, part)| {
            let comma = if index == 0 { String::new() } else { locale::in_formula(", ") };
            if index == marked { view! { {comma}<b>{part}</b> }.into_any() } else { view! { {comma}{part} }.into_any() }
        })
        .collect_view();
    view! { {head}"("{arguments}")" }
}
