//! Why a figure differs between two versions.

use grid_engine::plan::{Bridge, BridgePart, Cause};
use grid_engine::refs::SheetId;
use grid_engine::wire::Refusal;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::charts::{Step, Waterfall};
use crate::ui::{Notice, Segmented};
use crate::{api, figures};

const FIGURES: [(&str, &str); 3] = [("profit", "Profit"), ("revenue", "Revenue"), ("cost", "Cost")];
/// Lines of a cause shown at most.
const SHOWN: usize = 10;

/// What a cause is called, and what it means.
fn words(cause: Cause) -> (&'static str, &'static str) {
    match cause {
        Cause::Volume => ("Volume", "More or less demand in total, at the mean value of a unit"),
        Cause::Mix => ("Mix", "Demand moved to products and customers worth more or less than the mean"),
        Cause::Constraint => ("Constraint", "Demand that supply can or cannot serve"),
        Cause::Price => ("Price", "Other prices for what is served"),
        Cause::Cost => ("Cost", "Other supply cost of what is served"),
        Cause::Timing => ("Timing", "The same units in months with other prices"),
        Cause::Horizon => ("Horizon", "Months that only one of the versions plans"),
    }
}

/// The bridge between two versions (ids, or `live`), with what is behind each step by `by`.
#[component]
pub fn BridgeView(
    workbook: SheetId,
    a: RwSignal<String>,
    b: RwSignal<String>,
    by: RwSignal<String>,
    name_a: Signal<String>,
    name_b: Signal<String>,
) -> impl IntoView {
    let figure = RwSignal::new(FIGURES[0].0.to_owned());
    let answer = RwSignal::new(None::<Result<Bridge, Refusal>>);
    let asked = Memo::new(move |_| (a.get(), b.get(), figure.get(), by.get()));
    Effect::new(move || {
        let question = asked.get();
        if question.0.is_empty() || question.1.is_empty() {
            return;
        }
        spawn_local(async move {
            let (a, b, figure, by) = &question;
            let bridge = api::bridge(workbook, a, b, figure, by).await;
            // A later question may have been asked meanwhile.
            if asked.try_get_untracked().is_some_and(|now| now == question) {
                answer.try_set(Some(bridge));
            }
        });
    });
    let body = move || {
        answer.get().map(|answer| match answer {
            Ok(bridge) if bridge.parts.is_empty() => {
                view! { <Notice>"Both versions come to the same figure in the same way."</Notice> }.into_any()
            }
            Ok(bridge) => view! { <Steps bridge name_a=name_a.get() name_b=name_b.get() /> }.into_any(),
            Err(refusal) => view! { <Notice>{refusal.message}</Notice> }.into_any(),
        })
    };
    view! {
        <section class="part" data-testid="bridge">
            <header class="cardhead">
                <h2>"Why it differs"</h2>
                <Segmented label="Figure" options=FIGURES.map(|(id, name)| (id.to_owned(), name.to_owned())).to_vec() value=figure on_change=move |value| figure.set(value) />
            </header>
            <div class="card">{body}</div>
        </section>
    }
}

#[component]
fn Steps(bridge: Bridge, name_a: String, name_b: String) -> impl IntoView {
    let change = |part: &BridgePart| Step { name: words(part.cause).0.to_owned(), value: part.value, total: false };
    let mut steps = vec![Step { name: name_a, value: bridge.from, total: true }];
    steps.extend(bridge.parts.iter().map(change));
    steps.push(Step { name: name_b, value: bridge.to, total: true });
    let parts = bridge.parts.into_iter().map(|part| view! { <Part part /> }).collect_view();
    view! {
        <Waterfall title="Bridge" steps />
        <div class="causes">{parts}</div>
    }
}

/// One cause, opening to its lines.
#[component]
fn Part(part: BridgePart) -> impl IntoView {
    let (name, meaning) = words(part.cause);
    let value = |value: f64| figures::signed(figures::compact(value), value);
    let rest: f64 = part.lines.iter().skip(SHOWN).map(|line| line.value).sum();
    let others = (part.lines.len() > SHOWN).then(|| {
        let name = format!("{} others", part.lines.len() - SHOWN);
        view! { <tr><th scope="row">{name}</th><td class="number">{value(rest)}</td></tr> }
    });
    let lines = part
        .lines
        .into_iter()
        .take(SHOWN)
        .map(|line| view! { <tr><th scope="row">{line.name}</th><td class="number">{value(line.value)}</td></tr> })
        .collect_view();
    view! {
        <details>
            <summary>
                <b>{name}</b>
                <span class="number strong">{value(part.value)}</span>
                <span class="meaning">{meaning}</span>
            </summary>
            <table class="figures">
                <tbody>{lines}{others}</tbody>
            </table>
        </details>
    }
}
