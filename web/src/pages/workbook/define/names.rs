//! The names formulas may use, and what they stand for.

use grid_engine::doc::Op;
use grid_engine::refs::RoomId;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::{Definer, line};
use crate::grid::{Subject, reader_of_names};
use crate::ui::Button;

/// The list of names, and a form for one.
#[component]
pub fn NamesForm(definer: Definer, subject: Subject) -> impl IntoView {
    let session = definer.session;
    let writes = session.may_write(RoomId::Book);
    let at = subject.cell.unwrap_or(reader_of_names(subject.sheet));
    let names = Memo::new(move |_| {
        session.structure.track();
        session.values.track();
        let read = |book: &grid_engine::workbook::Workbook| {
            let names = book.mirror().names().iter();
            names.map(|(name, stored)| (name.to_string(), book.formula_text(at, stored))).collect::<Vec<_>>()
        };
        session.read(read).unwrap_or_default()
    });
    let title = session.read(|book| book.sheet(subject.sheet).map(|sheet| sheet.meta().title.clone())).flatten();
    let selected = definer.grid.selected_reference(&title.unwrap_or_default()).unwrap_or_default();
    let (name, refers) = (RwSignal::new(String::new()), RwSignal::new(selected));
    let keep = move |event: SubmitEvent| {
        event.prevent_default();
        let (wanted, text) = (name.get_untracked().trim().to_owned(), refers.get_untracked().trim().to_owned());
        let text = if text.starts_with('=') { text } else { format!("={text}") };
        let stored = session.read(|book| book.formula_stored(at, &text));
        match stored {
            Some(Ok(stored)) => {
                let known = names.with_untracked(|names| {
                    names.iter().find(|(name, _)| name.to_lowercase() == wanted.to_lowercase()).cloned()
                });
                let name_as_known = known.map_or(wanted, |(name, _)| name);
                let op = Op::SetName { name: name_as_known.into(), formula: Some(stored.into()) };
                if definer.make(vec![op], false) {
                    name.set(String::new());
                    refers.set(String::new());
                }
            }
            Some(Err(error)) => definer.refuse(format!("{text}: {error}")),
            None => {}
        }
    };
    let remove = move |name: String| {
        definer.make(vec![Op::SetName { name: name.into(), formula: None }], false);
    };
    let list = move || {
        let names = names.get();
        if names.is_empty() {
            return view! { <p class="muted">"No names yet. A name stands for a cell, a range, a number or a formula, and reads better than an address: =Units*price_increase."</p> }.into_any();
        }
        let line = |(known, text): (String, String)| {
            let (change, gone) = ((known.clone(), text.clone()), known.clone());
            view! {
                <tr>
                    <th scope="row">{known}</th>
                    <td><code>{text}</code></td>
                    {writes.then(|| view! {
                        <td class="tools">
                            <Button class="small" on_click=move |_| { name.set(change.0.clone()); refers.set(change.1.clone()); }>"Change"</Button>
                            <Button class="small" on_click=move |_| remove(gone.clone())>"Remove"</Button>
                        </td>
                    })}
                </tr>
            }
        };
        view! { <table class="names"><tbody>{names.into_iter().map(line).collect_view()}</tbody></table> }.into_any()
    };
    view! {
        <form class="stack" on:submit=keep novalidate=true>
            {definer.problem()}
            {list}
            {if writes {
                view! {
                    {line("Name", "name", "Letters, digits, . and _; not an address such as Q4.", name, false)}
                    {line("Stands for", "refers", "A range, a number or a formula. It starts with what is selected.", refers, false)}
                    {definer.actions("Keep the name")}
                }.into_any()
            } else {
                view! { <p class="muted">"Names are changed by an administrator: they reach into everybody's sheets."</p> }.into_any()
            }}
        </form>
    }
}
