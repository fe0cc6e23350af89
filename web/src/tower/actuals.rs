//! Plan against actual on the tower: the comparison, actuals to import, alerts and what to do about them.

use grid_engine::plan::{ActualsReport, Alert, NewBranch};
use grid_engine::refs::SheetId;
use grid_engine::wire::{MAX_ACTUALS_FILE, Role};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::rules::Rules;
use crate::api;
use crate::pages::ActualsTable;
use crate::panels::alert_words;
use crate::state::{Account, NoticeBoard, Sending, Tone as NoticeTone};
use crate::ui::{Badge, Button, ChosenFile, EmptyState, FileButton, Glyph, Notice, Select, Spinner, Tone};

/// The section.
#[component]
pub fn ActualsSection(workbook: SheetId) -> impl IntoView {
    let by = RwSignal::new(String::new());
    let report = RwSignal::new(None::<Result<ActualsReport, String>>);
    let load = move || {
        let by = by.get_untracked();
        spawn_local(async move {
            let answer = api::actuals(workbook, &by).await;
            report.try_set(Some(answer.map_err(|refusal| refusal.message)));
        });
    };
    Effect::new(move || {
        by.track();
        load();
    });
    let reload = Callback::new(move |()| load());
    let body = move || match report.get() {
        None => view! { <div class="waiting"><Spinner label="Comparing plan and actual" /></div> }.into_any(),
        Some(Err(words)) => view! { <Notice tone=Tone::Bad>{words}</Notice> }.into_any(),
        Some(Ok(report)) => view! { <Report workbook report by reload /> }.into_any(),
    };
    view! {
        <section class="card actuals" aria-label="Plan against actual">
            <header class="cardhead">
                <h3>"Plan against actual"</h3>
                <p class="muted">"What came, beside the consensus; alerts are raised by rules, and a revision begins with a branch."</p>
            </header>
            {body}
        </section>
    }
}

#[component]
fn Report(workbook: SheetId, report: ActualsReport, by: RwSignal<String>, reload: Callback<()>) -> impl IntoView {
    let ActualsReport { version, found, columns, alerts, rules, notes, may_change } = report;
    let Some((_, name)) = version else {
        return view! {
            <EmptyState
                icon=Glyph::Flag
                title="No consensus to compare with"
                text="Actuals are set beside the version that was marked as the consensus."
            />
        }
        .into_any();
    };
    let is_empty = found.buckets.is_empty();
    let options: Vec<(String, String)> = std::iter::once((String::new(), "In all".to_owned()))
        .chain(columns.iter().map(|column| (column.clone(), format!("By {}", column.to_lowercase()))))
        .collect();
    view! {
        <div class="matrix-tools no-print">
            <Select label="Compare" options=Signal::stored(options) value=by on_change=move |value| by.set(value) />
            {may_change.then(|| view! { <Import workbook reload /> })}
        </div>
        {notes.into_iter().map(|note| view! { <Notice tone=Tone::Warn>{note}</Notice> }).collect_view()}
        {if is_empty {
            view! {
                <EmptyState
                    icon=Glyph::Clock
                    title="No actuals yet"
                    text=format!("As soon as actuals of a month or week that “{name}” planned are imported, they stand here beside it. The table has the key columns of the demand sheet, bucket or date, and quantity.")
                />
            }
            .into_any()
        } else {
            view! {
                <p class="muted">{format!("Compared with “{name}”.")}</p>
                <Alerts workbook alerts />
                <ActualsTable found />
            }
            .into_any()
        }}
        {may_change.then(|| view! { <Rules workbook rules columns reload /> })}
    }
    .into_any()
}

#[component]
fn Alerts(workbook: SheetId, alerts: Vec<Alert>) -> impl IntoView {
    if alerts.is_empty() {
        return view! { <p><Badge tone=Tone::Good>"No alert"</Badge>" Every rule is kept."</p> }.into_any();
    }
    let may_revise = Account::current().get_untracked().is_some_and(|me| me.may_read_live && me.role != Role::Viewer);
    let line = |alert: Alert| {
        view! {
            <li>
                {alert_words(&alert)}
                {may_revise.then(|| view! { <Revise workbook alert /> })}
            </li>
        }
    };
    view! { <ul class="alerts">{alerts.into_iter().map(line).collect_view()}</ul> }.into_any()
}

/// Makes a branch of the live plan and opens it on the rows an alert is about.
#[component]
fn Revise(workbook: SheetId, alert: Alert) -> impl IntoView {
    let notices = NoticeBoard::current();
    let busy = RwSignal::new(false);
    let revise = move |_| {
        let what = if alert.line.is_empty() { &alert.rule.name } else { &alert.line };
        let new = NewBranch {
            name: format!("Revise {what} {}", alert.bucket).chars().take(80).collect(),
            comment: format!("{}: {}", alert.rule.name, alert.words),
            version: None,
        };
        let rows = String::from(js_sys::encode_uri_component(&alert.line));
        busy.set(true);
        spawn_local(async move {
            match api::make_branch(workbook, &new).await {
                Ok(branch) => {
                    let _ = window().location().set_href(&format!("/w/{}?rows={rows}", branch.id));
                }
                Err(refusal) => {
                    busy.try_set(false);
                    notices.say(NoticeTone::Bad, "The branch was not made", refusal.message);
                }
            }
        });
    };
    view! { <Button class="small no-print" disabled=busy on_click=revise>"Revise"</Button> }
}

/// Takes a table of actuals from this computer.
#[component]
fn Import(workbook: SheetId, reload: Callback<()>) -> impl IntoView {
    let sending = Sending::new();
    let notices = NoticeBoard::current();
    let take = move |ChosenFile { file, .. }| {
        sending.send(api::import_actuals(workbook, file), move |done| {
            let count = done.buckets.len();
            let words = format!("{} lines, {} values in {count} months or weeks.", done.lines, done.values);
            notices.say(NoticeTone::Good, "Actuals imported", words);
            reload.run(());
        });
    };
    view! {
        <FileButton
            words="Import actuals"
            busy_words="Importing…"
            busy=sending.busy
            accept=".csv,text/csv"
            limit=MAX_ACTUALS_FILE
            on_file=take
            on_refused=move |words| sending.refuse(words)
        />
        {move || sending.refused.get().map(|words| view! {
            <Notice tone=Tone::Bad>
                <p>"Nothing was imported:"</p>
                <ul>{words.lines().map(|line| view! { <li>{line.to_owned()}</li> }).collect_view()}</ul>
            </Notice>
        })}
    }
}
