//! Why a figure differs between two versions.

use grid_engine::plan::{BRIDGED_KPIS, Bridge, BridgePart, WhoChanged};
use grid_engine::refs::SheetId;
use grid_engine::wire::Refusal;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::plan::person;
use crate::address::{asked as asked_for, keep};
use crate::charts::{Step, Waterfall};
use crate::ui::{Downloads, Notice, Select};
use crate::{api, figures};

const MONEY: [(&str, &str); 3] = [("profit", "Profit"), ("revenue", "Revenue"), ("cost", "Cost")];
/// Lines of a cause shown at most.
const SHOWN: usize = 10;

/// The bridge between two of the versions side by side (ids, or `live`, with their names), with what is behind each step
/// by a level of the plan.
#[component]
pub fn BridgeView(workbook: SheetId, sides: Signal<Vec<(String, String)>>, by: Memo<String>) -> impl IntoView {
    let first = MONEY[0].0;
    let linked = asked_for("figure").filter(|figure| bridged().iter().any(|(known, _)| known == figure));
    let figure = RwSignal::new(linked.unwrap_or_else(|| first.to_owned()));
    let answer = RwSignal::new(None::<Result<Bridge, Refusal>>);
    // Places among the sides: whatever stands there is bridged.
    let pair = RwSignal::new(asked_for("bridge").and_then(|text| pair_of(&text)).unwrap_or((0, 1)));
    Effect::new(move || {
        let figure = Some(figure.get()).filter(|figure| figure != first).unwrap_or_default();
        let pair = Some(pair.get()).filter(|pair| *pair != (0, 1)).map(text_of).unwrap_or_default();
        keep([("figure", figure), ("bridge", pair)]);
    });
    let placed = Memo::new(move |_| {
        let (from, to) = pair.get();
        if sides.with(|sides| from.max(to) < sides.len()) { (from, to) } else { (0, 1) }
    });
    let ends = Memo::new(move |_| {
        let (from, to) = placed.get();
        let end = |place: usize| sides.with(|sides| sides.get(place).cloned().unwrap_or_default());
        (end(from), end(to))
    });
    let asked = Memo::new(move |_| {
        let ((a, _), (b, _)) = ends.get();
        (a, b, figure.get(), by.get())
    });
    Effect::new(move || {
        let question = asked.get();
        if question.0.is_empty() || question.1.is_empty() || question.3.is_empty() {
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
            Ok(bridge) => {
                let ((_, name_a), (_, name_b)) = ends.get();
                view! { <Steps bridge name_a name_b /> }.into_any()
            }
            Err(refusal) => view! { <Notice>{refusal.message}</Notice> }.into_any(),
        })
    };
    // Files hold every line of every cause, not only those that are shown.
    let file =
        move |ending: &str| asked.with(|(a, b, figure, by)| api::bridge_file(workbook, ending, a, b, figure, by));
    view! {
        <section class="part" data-testid="bridge">
            <header class="cardhead">
                <h2>"Why it differs"</h2>
                <Show when=move || sides.with(|sides| sides.len() > 2)>
                    <Ends sides placed pair />
                </Show>
                <span class="spacer"></span>
                <Downloads of="The bridge" address=file />
                <Select label="Figure" options=Signal::stored(bridged()) value=figure on_change=move |value| figure.set(value) />
            </header>
            <div class="card">{body}</div>
        </section>
    }
}

/// Places as an address names them, by the letters that stand for its versions: `ac` from the first to the third.
fn text_of((from, to): (usize, usize)) -> String {
    [from, to].iter().filter_map(|place| ('a'..='e').nth(*place)).collect()
}

fn pair_of(text: &str) -> Option<(usize, usize)> {
    let mut places = text.chars().map(|letter| ('a'..='e').position(|known| known == letter));
    let pair = (places.next()??, places.next()??);
    (pair.0 != pair.1 && places.next().is_none()).then_some(pair)
}

/// The figures that have a bridge: those of the profit and loss, then key figures.
fn bridged() -> Vec<(String, String)> {
    MONEY.iter().chain(&BRIDGED_KPIS).map(|(id, name)| ((*id).to_owned(), (*name).to_owned())).collect()
}

/// Which two are bridged. Choosing the other end turns the bridge round.
#[component]
fn Ends(
    sides: Signal<Vec<(String, String)>>,
    placed: Memo<(usize, usize)>,
    pair: RwSignal<(usize, usize)>,
) -> impl IntoView {
    let options = Signal::derive(move || {
        sides.with(|sides| {
            sides.iter().enumerate().map(|(place, (_, name))| (place.to_string(), name.clone())).collect::<Vec<_>>()
        })
    });
    let from = Signal::derive(move || placed.get().0.to_string());
    let to = Signal::derive(move || placed.get().1.to_string());
    let choose = move |place: String, is_from: bool| {
        let Ok(place) = place.parse::<usize>() else { return };
        let (from, to) = placed.get_untracked();
        pair.set(match is_from {
            true if place == to => (to, from),
            false if place == from => (to, from),
            true => (place, to),
            false => (from, place),
        });
    };
    view! {
        <span class="ends">
            <Select label="Bridge from" options value=from on_change=move |place: String| choose(place, true) />
            <span class="muted">"to"</span>
            <Select label="Bridge to" options value=to on_change=move |place: String| choose(place, false) />
        </span>
    }
}

#[component]
fn Steps(bridge: Bridge, name_a: String, name_b: String) -> impl IntoView {
    let change = |part: &BridgePart| Step { name: part.cause.name().to_owned(), value: part.value, total: false };
    let mut steps = vec![Step { name: name_a, value: bridge.from, total: true }];
    steps.extend(bridge.parts.iter().map(change));
    steps.push(Step { name: name_b, value: bridge.to, total: true });
    let unit = bridge.unit.clone();
    let parts = bridge.parts.into_iter().map(|part| view! { <Part part unit=unit.clone() /> }).collect_view();
    view! {
        <Waterfall title="Bridge" steps unit=bridge.unit />
        <div class="causes">{parts}</div>
    }
}

/// One cause, opening to its lines and to who entered what it may come from.
#[component]
fn Part(part: BridgePart, unit: String) -> impl IntoView {
    let (name, meaning) = (part.cause.name(), part.cause.meaning());
    let value = |value: f64| figures::difference_in_unit(value, &unit);
    let rest: f64 = part.lines.iter().skip(SHOWN).map(|line| line.value).sum();
    let others = (part.lines.len() > SHOWN).then(|| {
        let name = format!("{} others", part.lines.len() - SHOWN);
        view! { <tr><th scope="row">{name}</th><td class="number">{value(rest)}</td><td></td></tr> }
    });
    let people = (!part.people.is_empty()).then(|| {
        let people = part.people.into_iter().map(person).collect_view();
        view! { <p class="muted">"Entered between the two in all rows of the sheets it comes from, also where nothing moved:"</p> <ul class="who">{people}</ul> }
    });
    let lines = part
        .lines
        .into_iter()
        .take(SHOWN)
        .map(|line| {
            view! {
                <tr>
                    <th scope="row">{line.name}</th>
                    <td class="number">{value(line.value)}</td>
                    <td class="reason muted">{line.people.iter().map(WhoChanged::in_short).collect::<Vec<_>>().join(" · ")}</td>
                </tr>
            }
        })
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
            {people}
        </details>
    }
}
