//! What is to be decided this month, and who does what about it, beside the sheet.

use grid_engine::plan::{CyclePage, Decision, Step};
use grid_engine::refs::SheetId;
use grid_engine::wire::Refusal;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::cycle::{action_words, outcome};
use crate::figures::day;
use crate::ui::{EmptyState, Glyph, Notice, Spinner, Tone};

/// The present month's decisions, what is open first, and the step that is next.
#[component]
pub fn DecisionsPanel(workbook: SheetId) -> impl IntoView {
    let found = RwSignal::new(None::<Result<CyclePage, Refusal>>);
    spawn_local(async move {
        let answer = api::cycle(workbook, None).await;
        found.try_set(Some(answer));
    });
    move || match found.get() {
        None => view! { <div class="panel-body inset"><Spinner /></div> }.into_any(),
        Some(Err(refusal)) => {
            view! { <div class="panel-body inset"><Notice tone=Tone::Bad>{refusal.message}</Notice></div> }.into_any()
        }
        Some(Ok(page)) => body(workbook, page).into_any(),
    }
}

fn body(workbook: SheetId, page: CyclePage) -> impl IntoView {
    let CyclePage { cycle, today, .. } = page;
    let done = cycle.steps.iter().filter(|step| step.done.is_some()).count();
    let next = cycle.steps.iter().find(|step| step.done.is_none()).map(next_step);
    let stands = format!("{done} of {} steps are done.{}", cycle.steps.len(), next.unwrap_or_default());
    let (open, made): (Vec<Decision>, Vec<Decision>) =
        cycle.decisions.into_iter().partition(|decision| decision.chosen.is_empty());
    let list = if open.is_empty() && made.is_empty() {
        view! { <EmptyState icon=Glyph::Flag title="Nothing is to be decided" text="Decisions of the month are noted on the cycle's page." /> }
            .into_any()
    } else {
        let all = open.into_iter().chain(made).map(|decision| one(decision, &today)).collect_view();
        view! { <ol class="history">{all}</ol> }.into_any()
    };
    view! {
        <div class="panel-body inset" data-testid="panel-decisions">
            <h3>{format!("Cycle {}", cycle.month)}</h3>
            <p class="muted">{stands}</p>
            {list}
            <p><a href=format!("/w/{workbook}/cycle")>"Open the cycle"</a></p>
        </div>
    }
}

fn next_step(step: &Step) -> String {
    let owner = if step.owner.is_empty() { "no owner" } else { &step.owner };
    let due = if step.due.is_empty() { String::new() } else { format!(", due {}", day(&step.due)) };
    format!(" Next: {} ({owner}{due}).", step.kind.title())
}

fn one(decision: Decision, today: &str) -> impl IntoView + use<> {
    let said = outcome(&decision, today);
    let owner = if decision.owner.is_empty() { "No owner".to_owned() } else { decision.owner };
    let actions: Vec<_> =
        decision.actions.iter().map(|action| view! { <li>{action_words(action, today)}</li> }).collect();
    view! {
        <li>
            <p><b>{decision.what}</b></p>
            <p class="muted">{format!("{owner} · {said}")}</p>
            {(!actions.is_empty()).then(|| view! { <ul>{actions}</ul> })}
        </li>
    }
}
