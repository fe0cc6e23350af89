//! The six steps with their gates, and who has submitted.

use grid_engine::plan::{CyclePage, Gate, PartState, Step};
use leptos::prelude::*;

use super::Editor;
use super::entry::entry;
use crate::api;
use crate::figures::day;
use crate::ui::{Badge, Button, Glyph, Icon, Tone, moment};

/// The steps, in the order of the month.
#[component]
pub fn Steps(editor: Editor, page: CyclePage) -> impl IntoView {
    let next = page.cycle.steps.iter().position(|step| step.done.is_none());
    let cards = page.cycle.steps.clone().into_iter().enumerate().map(|(place, step)| {
        let gates: Vec<Gate> = page.gates.iter().filter(|gate| gate.step == step.kind).cloned().collect();
        let may_say = page.may_lead || step.owner == page.me;
        let is_late = step.done.is_none() && !step.due.is_empty() && step.due < page.today;
        card(editor, &page, place, step, gates, (may_say, is_late, next == Some(place)))
    });
    view! { <ol class="steps">{cards.collect_view()}</ol> }
}

fn card(
    editor: Editor,
    page: &CyclePage,
    place: usize,
    step: Step,
    gates: Vec<Gate>,
    (may_say, is_late, is_next): (bool, bool, bool),
) -> impl IntoView + use<> {
    let kind = step.kind;
    let is_done = step.done.is_some();
    let state = match (&step.done, is_late, is_next) {
        (Some(_), ..) => view! { <Badge tone=Tone::Good>"Done"</Badge> }.into_any(),
        (None, true, _) => view! { <Badge tone=Tone::Bad>"Overdue"</Badge> }.into_any(),
        (None, false, true) => view! { <Badge tone=Tone::Accent>"Now"</Badge> }.into_any(),
        (None, false, false) => view! { <Badge>"Later"</Badge> }.into_any(),
    };
    let who = if page.may_lead {
        let names = format!("people-{place}");
        let options = page.people.iter().map(|name| view! { <option value=name.clone()></option> }).collect_view();
        view! {
            <div class="who">
                <input class="input" aria-label=format!("Owner of {}", kind.title()) placeholder="Owner" list=names.clone() value=step.owner.clone()
                    on:input=move |event| { let text = event_target_value(&event); editor.change(|cycle| cycle.steps[place].owner = text.trim().to_owned()); } />
                <datalist id=names>{options}</datalist>
                {entry("date", Some(format!("{} is due on", kind.title())), step.due.clone(), move |text| {
                    editor.change(|cycle| cycle.steps[place].due = text);
                })}
            </div>
        }
        .into_any()
    } else {
        let owner = if step.owner.is_empty() { "No owner yet".to_owned() } else { step.owner.clone() };
        let due = if step.due.is_empty() { "no date yet".to_owned() } else { format!("due {}", day(&step.due)) };
        view! { <p class="who"><strong>{owner}</strong> <span class="muted">{due}</span></p> }.into_any()
    };
    let say = move |done: bool| {
        let (workbook, month) = (editor.workbook, editor.month());
        editor.act(async move { api::cycle_step(workbook, &month, kind, done).await });
    };
    let gates = gates.into_iter().map(|gate| {
        let (icon, class) = if gate.passed { (Glyph::Check, "gate open") } else { (Glyph::Close, "gate") };
        let state = if gate.passed { "Holds: " } else { "Does not hold: " };
        view! { <li class=class><Icon name=icon /><span class="sr-only">{state}</span>{gate.words}</li> }
    });
    view! {
        <li class="card step" class:done=is_done class:next=is_next aria-current=is_next.then_some("step")>
            <header>
                <span class="number">{place + 1}</span>
                <h3>{kind.title()}</h3>
                {state}
            </header>
            <p class="muted">{kind.purpose()}</p>
            <ul class="gates">{gates.collect_view()}</ul>
            {who}
            <footer>
                {step.done.map(|done| view! { <span class="muted">{format!("{}, {}", done.by, moment(done.at))}</span> })}
                {may_say.then(|| view! {
                    <Button class="small" on_click=move |_| say(!is_done)>{if is_done { "Not done after all" } else { "Mark as done" }}</Button>
                })}
            </footer>
        </li>
    }
}

/// Who has submitted which part of the demand.
#[component]
pub fn Submissions(editor: Editor, parts: Vec<PartState>) -> impl IntoView {
    let line = move |part: PartState| {
        let is_submitted = part.submitted.is_some();
        let label = part.label.clone();
        let say = move |_| {
            let (workbook, month, label) = (editor.workbook, editor.month(), label.clone());
            editor.act(async move { api::submit_part(workbook, &month, &label, !is_submitted).await });
        };
        let planners = if part.planners.is_empty() { "–".to_owned() } else { part.planners.join(", ") };
        let changed = part.changed.map(|change| {
            view! { <Badge tone=Tone::Warn>"Changed since"</Badge> <span class="muted">{format!("{}, {}", change.by, moment(change.at))}</span> }
        });
        let state = match part.submitted {
            Some(done) => view! { <Badge tone=Tone::Good>"Submitted"</Badge> <span class="muted">{format!("{}, {}", done.by, moment(done.at))}</span> {changed} }.into_any(),
            None => view! { <Badge tone=Tone::Warn>"Not yet"</Badge> }.into_any(),
        };
        view! {
            <tr>
                <th scope="row">{part.label}</th>
                <td>{planners}</td>
                <td class="state">{state}</td>
                <td>{part.is_mine.then(|| view! { <Button class="small no-print" on_click=say>{if is_submitted { "Take back" } else { "Submit" }}</Button> })}</td>
            </tr>
        }
    };
    let lines = parts.into_iter().map(line).collect_view();
    view! {
        <section class="card">
            <header class="cardhead"><h3>"Demand submitted"</h3></header>
            <div class="scroll" tabindex="0" role="region" aria-label="Demand submitted">
                <table class="figures submissions">
                    <thead><tr>{["Part", "Planned by", "", ""].map(|head| view! { <th scope="col">{head}</th> }).collect_view()}</tr></thead>
                    <tbody>{lines}</tbody>
                </table>
            </div>
        </section>
    }
}
