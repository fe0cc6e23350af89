//! What is to be decided, what was, and what people do about it.

use grid_engine::plan::{Action, Cycle, CyclePage, Decision};
use grid_engine::refs::SheetId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Editor;
use super::entry::entry;
use crate::figures::day;
use crate::refresh::{on_news, renew};
use crate::ui::{Button, Glyph};
use crate::{api, figures};

/// Decisions with their follow-up actions.
#[component]
pub fn Decisions(editor: Editor, page: CyclePage) -> impl IntoView {
    let leads = page.may_lead;
    // Drawn anew when something is added or taken away, not while somebody types.
    let shape = RwSignal::new(0_u32);
    let reshape = move |change: &dyn Fn(&mut Cycle)| {
        editor.change(|cycle| change(cycle));
        shape.update(|shape| *shape += 1);
    };
    let today = page.today.clone();
    let rate = page
        .execution_rate
        .map(|rate| format!("Of all actions that were due, {} were done by their day.", figures::in_unit(rate, "%")));
    let list = move || {
        shape.track();
        let decisions = editor.draft.with_value(|cycle| cycle.decisions.clone());
        if decisions.is_empty() {
            return view! { <p class="muted">"Nothing is to be decided yet."</p> }.into_any();
        }
        let today = today.clone();
        let one = move |(place, decision): (usize, Decision)| {
            if leads {
                editable(editor, place, decision, reshape).into_any()
            } else {
                readable(decision, &today).into_any()
            }
        };
        decisions.into_iter().enumerate().map(one).collect_view().into_any()
    };
    view! {
        <section class="card decisions">
            <header class="cardhead">
                <h3>"Decisions"</h3>
                {rate.map(|words| view! { <p class="muted">{words}</p> })}
            </header>
            {list}
            {leads.then(|| view! {
                <div class="actions no-print">
                    <Button icon=Glyph::Plus on_click=move |_| reshape(&|cycle| cycle.decisions.push(Decision::default()))>"Add a decision"</Button>
                </div>
            })}
        </section>
    }
}

/// The decisions of the present month's cycle to read; nothing where there are none.
#[component]
pub fn CycleDecisions(
    workbook: SheetId,
    news: Signal<i64>,
    /// Hears the cycle.
    #[prop(into)]
    on_found: Callback<CyclePage>,
) -> impl IntoView {
    let found = RwSignal::new(None::<CyclePage>);
    let load = move || {
        spawn_local(async move {
            if let Ok(page) = api::cycle(workbook, None).await {
                on_found.try_run(page.clone());
                renew(found, Some(page).filter(|page| !page.cycle.decisions.is_empty()));
            }
        });
    };
    load();
    on_news(news, load);
    move || {
        let CyclePage { cycle, today, .. } = found.get()?;
        let open = cycle.decisions.iter().filter(|decision| decision.chosen.is_empty()).count();
        let words = match open {
            0 => "All are made.".to_owned(),
            1 => "One is needed.".to_owned(),
            open => format!("{open} are needed."),
        };
        // What is open comes first.
        let (needed, made): (Vec<Decision>, Vec<Decision>) =
            cycle.decisions.into_iter().partition(|decision| decision.chosen.is_empty());
        let all = needed.into_iter().chain(made).map(|decision| readable(decision, &today)).collect_view();
        Some(view! {
            <section class="part" id="decisions" data-testid="decisions">
                <header class="cardhead">
                    <h2>"Decisions"</h2>
                    <p class="muted">{words}</p>
                </header>
                <div class="card decisions">{all}</div>
            </section>
        })
    }
}

/// What became of a decision, or when it is due.
pub fn outcome(decision: &Decision, today: &str) -> String {
    let is_late = decision.chosen.is_empty() && !decision.due.is_empty() && *decision.due < *today;
    match (decision.chosen.is_empty(), is_late) {
        (false, _) => format!("Decided: {}", decision.chosen),
        (true, true) if !decision.escalation.is_empty() => {
            format!("Overdue since {}: goes to {}", day(&decision.due), decision.escalation)
        }
        (true, true) => format!("Overdue since {}", day(&decision.due)),
        (true, false) => {
            let due = if decision.due.is_empty() { "somebody says when".to_owned() } else { day(&decision.due) };
            format!("Open until {due}")
        }
    }
}

/// An action with who does it, and whether it is done, due or overdue.
pub fn action_words(action: &Action, today: &str) -> String {
    let state = match (action.done.as_str(), action.due.as_str()) {
        ("", "") => "open".to_owned(),
        ("", due) if due < today => format!("overdue since {}", day(due)),
        ("", due) => format!("due {}", day(due)),
        (done, _) => format!("done {}", day(done)),
    };
    let owner = if action.owner.is_empty() { "no owner" } else { &action.owner };
    format!("{} – {owner}, {state}", action.what)
}

fn readable(decision: Decision, today: &str) -> impl IntoView + use<> {
    let outcome = outcome(&decision, today);
    let options = decision
        .options
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| view! { <li>{line.to_owned()}</li> });
    let actions = decision.actions.iter().map(|action| view! { <li>{action_words(action, today)}</li> });
    view! {
        <article class="decision">
            <h4>{decision.what.clone()}</h4>
            <p class="muted">{format!("{} · {outcome}", if decision.owner.is_empty() { "No owner" } else { &decision.owner })}</p>
            <ul>{options.collect_view()}</ul>
            <ul class="follow">{actions.collect_view()}</ul>
        </article>
    }
}

fn editable(
    editor: Editor,
    place: usize,
    decision: Decision,
    reshape: impl Fn(&dyn Fn(&mut Cycle)) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let field = move |label: &'static str, kind: &'static str, value: String, set: fn(&mut Decision, String)| {
        view! {
            <label class="field">
                <span class="label">{label}</span>
                {entry(kind, None, value, move |text| {
                    editor.change(|cycle| set(&mut cycle.decisions[place], text));
                })}
            </label>
        }
    };
    let action_line = move |(number, action): (usize, Action)| {
        let cell = move |label: &'static str, kind: &'static str, value: String, set: fn(&mut Action, String)| {
            view! {
                <td data-label=label>
                    {entry(kind, Some(label.to_owned()), value, move |text| {
                        editor.change(|cycle| set(&mut cycle.decisions[place].actions[number], text));
                    })}
                </td>
            }
        };
        view! {
            <tr>
                {cell("Action", "text", action.what, |action, text| action.what = text)}
                {cell("Owner of the action", "text", action.owner, |action, text| action.owner = text)}
                {cell("Due on", "date", action.due, |action, text| action.due = text)}
                {cell("Done on", "date", action.done, |action, text| action.done = text)}
                <td><Button class="small" on_click=move |_| reshape(&|cycle| drop(cycle.decisions[place].actions.remove(number)))>"Remove"</Button></td>
            </tr>
        }
    };
    let actions = decision.actions.clone();
    view! {
        <article class="decision">
            {field("To be decided", "text", decision.what, |it, text| it.what = text)}
            <div class="fields">
                {field("Owner", "text", decision.owner, |it, text| it.owner = text)}
                {field("Decided by", "date", decision.due, |it, text| it.due = text)}
                {field("Goes to, if it is not", "text", decision.escalation, |it, text| it.escalation = text)}
            </div>
            <label class="field">
                <span class="label">"Alternatives, one on each line"</span>
                <textarea class="input" rows="2" prop:value=decision.options on:input=move |event| {
                    let text = event_target_value(&event);
                    editor.change(|cycle| cycle.decisions[place].options = text);
                }></textarea>
            </label>
            {field("What was decided", "text", decision.chosen, |it, text| it.chosen = text)}
            {(!actions.is_empty()).then(|| view! {
                <div class="scroll" tabindex="0" role="region" aria-label="Actions">
                    <table class="figures">
                        <thead><tr>{["Action", "Owner", "Due", "Done", ""].map(|head| view! { <th scope="col">{head}</th> }).collect_view()}</tr></thead>
                        <tbody>{actions.into_iter().enumerate().map(action_line).collect_view()}</tbody>
                    </table>
                </div>
            })}
            <div class="actions no-print">
                <Button class="small" on_click=move |_| reshape(&|cycle| cycle.decisions[place].actions.push(Action::default()))>"Add an action"</Button>
                <Button class="small" on_click=move |_| reshape(&|cycle| drop(cycle.decisions.remove(place)))>"Remove the decision"</Button>
            </div>
        </article>
    }
}
