//! What if one number were another: a form that answers in seconds.

use grid_engine::refs::SheetId;
use grid_engine::supply::study::{Change, Lever, LeverChoices, Study};
use grid_engine::value::Value;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::asking::{Asked, ask, meanwhile, number, text};
use crate::figures;
use crate::ui::{Button, ButtonKind, FiguresTable, Head, Notice, Select, Tone};

/// Changes by which people begin; lead times are whole buckets.
const FIRST: &str = "+10%";
const FIRST_OF_LEAD_TIME: &str = "-1";

/// The form, and what came of the last question.
#[component]
pub fn WhatIfSection(
    workbook: SheetId,
    key: String,
    currency: String,
    levers: Vec<LeverChoices>,
    buckets: Vec<String>,
    /// The resource whose hours are worth most, where they are worth anything.
    dearest: Option<String>,
) -> impl IntoView {
    let options: Vec<(String, String)> =
        levers.iter().map(|one| (one.lever.key().to_owned(), sentence(one.lever.key()))).collect();
    let what = RwSignal::new(options.first().map(|(value, _)| value.clone()).unwrap_or_default());
    let levers = StoredValue::new(levers);
    let chosen = move || levers.with_value(|levers| levers.iter().find(|one| one.lever.key() == what.get()).cloned());
    let first_name = move || chosen().and_then(|one| one.names.first().cloned()).unwrap_or_default();
    let of = RwSignal::new(dearest.unwrap_or_else(|| untrack(first_name)));
    let change = RwSignal::new(FIRST.to_owned());
    let (from, until) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let wrong = RwSignal::new(None::<String>);
    let asked = RwSignal::new(Asked::Not);
    let question = RwSignal::new(String::new());
    let choose = move |lever: String| {
        let first = |lever: &str| if lever == Lever::LeadTime.key() { FIRST_OF_LEAD_TIME } else { FIRST };
        if change.with_untracked(|change| change == first(&what.get_untracked())) {
            change.set(first(&lever).to_owned());
        }
        what.set(lever);
        of.set(untrack(first_name));
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let by_bucket = untrack(chosen).is_some_and(|one| one.by_bucket);
        let when = |bucket: RwSignal<String>| if by_bucket { bucket.get_untracked() } else { String::new() };
        let (what, of, step) = (what.get_untracked(), of.get_untracked(), change.get_untracked());
        match Change::read(&what, &of, &step, &when(from), &when(until)) {
            Ok(change) => {
                let whose = if of.trim().is_empty() { "everything".to_owned() } else { of };
                wrong.set(None);
                question.set(format!("{} of {whose} {step}", sentence(&what)));
                ask(workbook, key.clone(), Study::WhatIf { changes: vec![change] }, asked);
            }
            Err(error) => wrong.set(Some(format!("{error}."))),
        }
    };
    let names = move || {
        let names = chosen().map(|one| one.names).unwrap_or_default();
        names.into_iter().map(|name| view! { <option value=name></option> }).collect_view()
    };
    let bucket_options = move |every: &'static str| {
        let mut options = vec![(String::new(), every.to_owned())];
        options.extend(buckets.iter().map(|bucket| (bucket.clone(), bucket.clone())));
        options
    };
    let (firsts, lasts) = (StoredValue::new(bucket_options("the first")), StoredValue::new(bucket_options("the last")));
    view! {
        <section class="card" class:no-print=move || !matches!(asked.get(), Asked::Answer(_)) aria-label="What if">
            <header class="cardhead">
                <h3>"What if" <span class="unit">{format!("{currency}, units")}</span></h3>
                <p class="muted">"One number changed, the plan solved again from where it is. Nothing in the workbook changes."</p>
            </header>
            <form class="what-if no-print" on:submit=submit>
                <label class="field">
                    <span class="label">"What"</span>
                    <Select label="What is changed" options value=what on_change=choose />
                </label>
                <label class="field">
                    <span class="label">{move || format!("Of which {}", chosen().map(|one| one.of).unwrap_or_default())}</span>
                    <input class="input" name="of" list="what-if-names" autocomplete="off" prop:value=of on:input=move |event| of.set(event_target_value(&event)) placeholder="all of them" />
                    <datalist id="what-if-names">{names}</datalist>
                </label>
                <label class="field narrow">
                    <span class="label">"Change"</span>
                    <input class="input" name="change" autocomplete="off" prop:value=change on:input=move |event| change.set(event_target_value(&event)) title="+10% or -10%, +20 or -20, or what it is to be" />
                </label>
                {move || chosen().is_some_and(|one| one.by_bucket).then(|| view! {
                    <label class="field narrow">
                        <span class="label">"From"</span>
                        <Select label="First bucket" options=firsts.get_value() value=from on_change=move |value| from.set(value) />
                    </label>
                    <label class="field narrow">
                        <span class="label">"Until"</span>
                        <Select label="Last bucket" options=lasts.get_value() value=until on_change=move |value| until.set(value) />
                    </label>
                })}
                <Button kind=ButtonKind::Primary role="submit" disabled=Signal::derive(move || asked.get() == Asked::Waiting)>"Try it"</Button>
            </form>
            {move || wrong.get().map(|words| view! { <Notice tone=Tone::Bad>{words}</Notice> })}
            <div aria-live="polite">
                {move || {
                    let now = asked.get();
                    meanwhile(&now, "Solving the plan with the change").or_else(|| match &now {
                        Asked::Answer(table) => Some(answer(&question.get_untracked(), table.get(1..).unwrap_or_default())),
                        _ => None,
                    })
                }}
            </div>
        </section>
    }
}

/// Figures of which less is better.
fn is_burden(figure: &str) -> bool {
    !matches!(figure, "Revenue" | "Profit" | "Served" | "Fill rate" | "Demand")
}

fn answer(question: &str, rows: &[Vec<Value>]) -> AnyView {
    let row_of = |name: &str| rows.iter().find(|row| text(row, 0) == name).and_then(|row| number(row, 3));
    let (profit, lost) = (row_of("Profit").unwrap_or_default(), row_of("Lost").unwrap_or_default());
    let change = |value: f64| figures::signed(figures::compact(value), value);
    let words = format!("{question}: profit {}, lost units {}.", change(profit), change(lost));
    let lines = rows
        .iter()
        .map(|row| {
            let name = text(row, 0);
            let is_share = name == "Fill rate";
            let shown = |column: usize| {
                let show = if is_share { figures::percent } else { figures::compact };
                number(row, column).map_or_else(|| figures::MISSING.to_owned(), show)
            };
            let by = number(row, 3).unwrap_or_default();
            let difference = if is_share { figures::difference_in_unit(by, "%") } else { change(by) };
            // What is the same but for rounding is neither good nor bad.
            let matters = by.abs() > 1e-6 * (1.0 + number(row, 1).unwrap_or_default().abs());
            let good = matters && (by < 0.0) == is_burden(&name) && name != "Demand";
            let bad = matters && !good && name != "Demand";
            view! {
                <tr>
                    <th scope="row">{name.clone()}</th>
                    <td class="number">{shown(1)}</td>
                    <td class="number">{shown(2)}</td>
                    <td class="number" class:good=good class:bad=bad>{if matters { difference } else { figures::MISSING.to_owned() }}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <p class="answer"><b>{words}</b></p>
        <FiguresTable
            label="The plan before and after"
            heads=vec![
                Head::words("Figure"), Head::numbers("As it is"), Head::numbers("What if"),
                Head::numbers("Difference"),
            ]
        >
            {lines}
        </FiguresTable>
    }
    .into_any()
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
