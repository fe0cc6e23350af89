//! Plan against actual on the tower: the comparison, actuals to import, alerts and what to do about them.

use grid_engine::plan::{ActualsReport, Alert, NewBranch};
use grid_engine::refs::SheetId;
use grid_engine::wire::{MAX_ACTUALS_FILE, Role};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::rules::Rules;
use crate::address::{asked, keep};
use crate::api;
use crate::pages::ActualsTable;
use crate::panels::alert_words;
use crate::refresh::renew_known;
use crate::state::{Account, NoticeBoard, Sending, Tone as NoticeTone};
use crate::ui::{Badge, Button, ChosenFile, EmptyState, FileButton, Glyph, Notice, Select, Spinner, Tone};

/// The section.
#[component]
pub fn ActualsSection(workbook: SheetId, news: Signal<i64>) -> impl IntoView {
    let by = RwSignal::new(asked("by").unwrap_or_default());
    Effect::new(move || keep([("by", by.get())]));
    let report = RwSignal::new(None::<Result<ActualsReport, String>>);
    let load = move || {
        let question = by.get_untracked();
        spawn_local(async move {
            let answer = api::actuals(workbook, &question).await;
            // Meanwhile another comparison may have been chosen.
            if by.try_get_untracked().is_some_and(|now| now == question) {
                renew_known(report, answer.map_err(|refusal| refusal.message));
            }
        });
    };
    Effect::new(move || {
        by.track();
        news.track();
        load();
    });
    let reload = Callback::new(move |()| load());
    let known = Memo::new(move |_| report.with(|report| report.as_ref()?.as_ref().ok().cloned()));
    let stage = Memo::new(move |_| {
        report.with(|report| match report {
            None => Stage::Loading,
            Some(Err(words)) => Stage::Failed(words.clone()),
            Some(Ok(report)) if report.version.is_none() => Stage::NoConsensus,
            Some(Ok(_)) => Stage::Ready,
        })
    });
    let body = move || match stage.get() {
        Stage::Loading => view! { <div class="waiting"><Spinner label="Comparing plan and actual" /></div> }.into_any(),
        Stage::Failed(words) => view! { <Notice tone=Tone::Bad>{words}</Notice> }.into_any(),
        Stage::NoConsensus => view! {
            <EmptyState
                icon=Glyph::Flag
                title="No consensus to compare with"
                text="Actuals are set beside the version that was marked as the consensus."
            />
        }
        .into_any(),
        Stage::Ready => view! { <Report workbook known by reload /> }.into_any(),
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

/// What stands in the section.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    Loading,
    Failed(String),
    NoConsensus,
    Ready,
}

/// The comparison with the forms around it, which stay as they are while figures change.
#[component]
fn Report(
    workbook: SheetId,
    known: Memo<Option<ActualsReport>>,
    by: RwSignal<String>,
    reload: Callback<()>,
) -> impl IntoView {
    let columns = Memo::new(move |_| known.get().unwrap_or_default().columns);
    let rules = Memo::new(move |_| known.get().unwrap_or_default().rules);
    let may_change = Memo::new(move |_| known.with(|known| known.as_ref().is_some_and(|report| report.may_change)));
    let options = Signal::derive(move || {
        let by = |column: String| (column.clone(), format!("By {}", column.to_lowercase()));
        let mut options = vec![(String::new(), "In all".to_owned())];
        options.extend(columns.get().into_iter().map(by));
        options
    });
    view! {
        <div class="matrix-tools no-print">
            <Select label="Compare" options value=by on_change=move |value| by.set(value) />
            {move || may_change.get().then(|| view! { <Import workbook reload /> })}
        </div>
        {move || known.get().map(|report| view! { <Compared workbook report /> })}
        {move || may_change.get().then(|| view! { <Rules workbook rules columns reload /> })}
    }
}

#[component]
fn Compared(workbook: SheetId, report: ActualsReport) -> impl IntoView {
    let ActualsReport { version, found, alerts, notes, .. } = report;
    let name = version.map(|(_, name)| name).unwrap_or_default();
    view! {
        {notes.into_iter().map(|note| view! { <Notice tone=Tone::Warn>{note}</Notice> }).collect_view()}
        {if found.buckets.is_empty() {
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
    }
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
                <ul class="who">{words.lines().map(|line| view! { <li>{line.to_owned()}</li> }).collect_view()}</ul>
            </Notice>
        })}
    }
}
