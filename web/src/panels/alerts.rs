//! Alerts: what departs from the plan by rule, how badly, and who sees to it.

use grid_engine::plan::{ActualsReport, Alert, Severity};
use grid_engine::refs::SheetId;
use grid_engine::wire::Refusal;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::ui::{Badge, EmptyState, Glyph, Notice, Spinner, Tone};

/// An alert in words, with its severity before them.
pub fn alert_words(alert: &Alert) -> impl IntoView + use<> {
    let (tone, word) = match alert.rule.severity {
        Severity::Critical => (Tone::Bad, "Critical"),
        Severity::Warning => (Tone::Warn, "Warning"),
        Severity::Info => (Tone::Neutral, "Info"),
    };
    let title = match (&*alert.rule.by, &*alert.line) {
        ("", _) => alert.rule.name.clone(),
        (_, line) => format!("{}: {line}", alert.rule.name),
    };
    let owner = if alert.rule.owner.is_empty() { "no owner".to_owned() } else { alert.rule.owner.clone() };
    view! {
        <Badge tone=tone>{word}</Badge>
        <div class="words">
            <strong>{title}</strong>
            <p>{alert.words.clone()}</p>
            <p class="muted">{format!("{owner}; since {}; while {}", alert.since, alert.rule.when)}</p>
        </div>
    }
}

/// The alerts of plan against actual, the worst first; read anew when a version changes.
#[component]
pub fn AlertsPanel(workbook: SheetId, #[prop(into)] changed: Signal<u64>) -> impl IntoView {
    let found = RwSignal::new(None::<Result<ActualsReport, Refusal>>);
    Effect::new(move || {
        changed.track();
        spawn_local(async move {
            let answer = api::actuals(workbook, "").await;
            found.try_set(Some(answer));
        });
    });
    move || match found.get() {
        None => view! { <div class="panel-body inset"><Spinner /></div> }.into_any(),
        Some(Err(refusal)) => {
            view! { <div class="panel-body inset"><Notice tone=Tone::Bad>{refusal.message}</Notice></div> }.into_any()
        }
        Some(Ok(report)) => body(workbook, report).into_any(),
    }
}

fn body(workbook: SheetId, report: ActualsReport) -> impl IntoView {
    let mut alerts = report.alerts;
    alerts.sort_by_key(|alert| std::cmp::Reverse(alert.rule.severity));
    let list = match (report.version.is_some(), alerts.is_empty()) {
        (false, _) => view! {
            <EmptyState icon=Glyph::Flag title="No consensus yet" text="Once a version is the consensus, what comes is measured against it." />
        }
        .into_any(),
        (true, true) if report.found.buckets.is_empty() => view! {
            <EmptyState icon=Glyph::Clock title="Nothing has come yet" text="Import the month's actuals on the tower; rules then say where they depart from the plan." />
        }
        .into_any(),
        (true, true) => {
            view! { <EmptyState icon=Glyph::Check title="No alert" text="Every rule is kept." /> }.into_any()
        }
        (true, false) => {
            let lines = alerts.iter().map(|alert| view! { <li>{alert_words(alert)}</li> }).collect_view();
            view! { <ul class="history">{lines}</ul> }.into_any()
        }
    };
    view! {
        <div class="panel-body inset" data-testid="panel-alerts">
            {list}
            <p><a href=format!("/w/{workbook}/tower")>"Open the tower"</a></p>
        </div>
    }
}
