//! The frozen plan for people who read.

use grid_engine::plan::{Alert, Headline, PlanSummary, PlanVsActual, VersionInfo, VersionKind, VersionState};
use grid_engine::refs::{Id, SheetId};
use grid_engine::wire::Refusal;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::plan::{
    ActualsTable, Capacity, HeadlineFigures, ItemLives, KpiCards, OverTime, ProfitBridge, Shortages, SliceTable,
    Slices, SupplyNetwork, WhatChanged, at_plan_length,
};
use super::top_bar::{Place, TopBar, workbook_title};
use crate::address::{asked, keep};
use crate::brief::{Answer, Around, brief};
use crate::cycle::CycleDecisions;
use crate::panels::{MarkAsked, Marking, mark_dialog, state_badge, state_history};
use crate::parts::later;
use crate::refresh::{on_news, renew, renew_known, revision};
use crate::state::Account;
use crate::ui::{Button, ButtonKind, Downloads, EmptyState, Glyph, Notice, Select, Spinner, Tone, moment};
use crate::{api, figures};

/// The consensus of a workbook, or another version one chooses.
#[component]
pub fn Consensus(workbook: SheetId) -> impl IntoView {
    let versions = RwSignal::new(None::<Result<Vec<VersionInfo>, Refusal>>);
    let chosen = RwSignal::new(asked("version").and_then(|version| version.parse().ok()));
    let load_versions = move || {
        spawn_local(async move {
            renew_known(versions, api::versions(workbook).await);
        });
    };
    load_versions();
    let news = revision(workbook);
    on_news(news, load_versions);
    let list = Memo::new(move |_| versions.with(|list| list.as_ref()?.as_ref().ok().cloned()).unwrap_or_default());
    // The version asked for, else the consensus; other versions only when one chooses them.
    let shown = Memo::new(move |_| {
        list.with(|list| match chosen.get() {
            Some(id) => list.iter().find(|version| version.id == id).cloned(),
            None => list.iter().find(|version| version.state == VersionState::Consensus).cloned(),
        })
    });
    // What is read stays in sight until the next is here.
    let read = RwSignal::new(None::<Reading>);
    Effect::new(move || {
        let Some(version) = shown.get() else { return };
        let before = list.with(|list| earlier(list, &version));
        let known = read.with_untracked(|read| read.as_ref().filter(|read| read.version.id == version.id).cloned());
        if let Some(Reading { summary: Ok(summary), .. }) = known {
            return renew(read, Some(Reading { version, before, summary: Ok(summary) }));
        }
        spawn_local(async move {
            let summary = api::summary(workbook, &version.id.to_string()).await;
            // Meanwhile the reader may have turned to another version.
            if shown.try_get_untracked().flatten().is_some_and(|now| now.id == version.id) {
                renew(read, Some(Reading { version, before, summary }));
            }
        });
    });
    let choose = Callback::new(move |id: Option<Id>| {
        chosen.set(id);
        keep([("version", id.map(|id| id.to_string()).unwrap_or_default())]);
    });
    let title = workbook_title(workbook);
    let stage = Memo::new(move |_| match versions.get() {
        None => Stage::Loading("Loading the versions"),
        Some(Err(refusal)) => Stage::Failed(refusal),
        Some(Ok(_)) if shown.with(Option::is_none) => Stage::NoConsensus,
        Some(Ok(_)) => read.get().map_or(Stage::Loading("Loading the plan"), |read| Stage::Plan(Box::new(read))),
    });
    let reload = Callback::new(move |()| load_versions());
    let body = move || match stage.get() {
        Stage::Loading(words) => view! { <Waiting words /> }.into_any(),
        Stage::Failed(refusal) => view! { <Failed refusal=refusal again=reload /> }.into_any(),
        Stage::NoConsensus => {
            (move || view! { <NoConsensus workbook=workbook versions=list.get() choose=choose /> }).into_any()
        }
        Stage::Plan(read) => view! { <Plan workbook read=*read versions=list news choose reload /> }.into_any(),
    };
    view! {
        <div class="reading">
            <TopBar workbook=workbook title=title place=Place::Consensus />
            <main class="page">{body}</main>
        </div>
    }
}

/// A version that is read, with the one before it to measure against.
#[derive(Clone, Debug, PartialEq)]
struct Reading {
    version: VersionInfo,
    before: Option<VersionInfo>,
    summary: Result<PlanSummary, Refusal>,
}

/// What stands on the page.
#[derive(Clone, Debug, PartialEq)]
enum Stage {
    Loading(&'static str),
    Failed(Refusal),
    NoConsensus,
    Plan(Box<Reading>),
}

/// A version with everything people read of it.
#[component]
fn Plan(
    workbook: SheetId,
    read: Reading,
    versions: Memo<Vec<VersionInfo>>,
    news: Signal<i64>,
    choose: Callback<Option<Id>>,
    reload: Callback<()>,
) -> impl IntoView {
    let Reading { version, before, summary } = read;
    let id = version.id;
    let may_mark = Account::current().get_untracked().is_some_and(|me| me.may_mark_consensus)
        && version.state != VersionState::Consensus
        && version.state.may_become(VersionState::Consensus)
        && version.kind == VersionKind::Consensus;
    let marking = RwSignal::new(None::<Marking>);
    let of = version.clone();
    let mark = move |_| {
        marking
            .set(Some(versions.with_untracked(|versions| Marking::new(of.clone(), VersionState::Consensus, versions))))
    };
    let named = |version: &VersionInfo| (version.id.to_string(), version.name.clone());
    let options = Signal::derive(move || versions.with(|versions| versions.iter().map(named).collect::<Vec<_>>()));
    let compare_with = before.as_ref().map_or_else(|| "live".to_owned(), |before| before.id.to_string());
    // What changed up to it, and what is proposed since.
    let up_to_it = before.as_ref().map(|before| (named(before), named(&version)));
    let (of, compared) = (version.clone(), before.as_ref().map(|before| before.id));
    let since = Memo::new(move |_| {
        versions.with(|versions| {
            newer(versions, &of).filter(|newer| compared != Some(newer.id)).map(|newer| (named(&of), named(newer)))
        })
    });
    let baseline: Option<(String, Headline)> = before.map(|before| (before.name, before.headline));
    let headline = version.headline;
    let around = RwSignal::new(Around { before: baseline.clone(), ..Around::default() });
    let on_changes = move |found| around.update(|around| around.changes = Some(found));
    let on_cycle = move |found| around.update(|around| around.cycle = Some(found));
    let on_alerts = move |found| around.update(|around| around.alerts = found);
    let is_consensus = version.state == VersionState::Consensus;
    let sections = match summary {
        Err(refusal) => view! { <Notice tone=Tone::Bad>{refusal.message}</Notice> }.into_any(),
        Ok(summary) => view! { <Sections summary headline baseline around is_consensus /> }.into_any(),
    };
    view! {
        <header class="plan-head">
            <div class="words">
                <p class="eyebrow">{state_badge(version.state)}</p>
                <h1>{version.name.clone()}</h1>
                <p class="muted">
                    {format!("Frozen by {} on {}", version.by_name, moment(version.made_at()))}
                    <span class="seal" title=format!("SHA-256 {}", version.hash)>
                        {format!("seal {}", version.hash.get(..10).unwrap_or(&version.hash))}
                    </span>
                </p>
            </div>
            <div class="tools no-print">
                <Select
                    label="Version"
                    options
                    value=Signal::stored(id.to_string())
                    on_change=move |value: String| choose.run(value.parse().ok())
                />
                <a class="button" href=format!("/w/{workbook}/compare?a={compare_with}&b={id}")>"Compare"</a>
                <a class="button" href=format!("/w/{workbook}/v/{id}")>"Open sheets"</a>
                <Downloads of="This version" address=move |ending| api::version_file(workbook, id, ending) />
                <Button icon=Glyph::Print on_click=move |_| { let _ = window().print(); }>"Print"</Button>
                {may_mark
                    .then(|| {
                        view! {
                            <Button kind=ButtonKind::Primary icon=Glyph::Flag on_click=mark>
                                "Mark as consensus…"
                            </Button>
                        }
                    })}
            </div>
        </header>
        {may_mark.then(|| later(mark_dialog, MarkAsked { workbook, asked: marking, on_marked: reload }))}
        {(!version.comment.is_empty()).then(|| view! { <p class="comment">{version.comment.clone()}</p> })}
        {state_history(&version.history)}
        {sections}
        {up_to_it.map(|(from, to)| view! { <WhatChanged workbook from to id="changes" on_found=on_changes /> })}
        {move || since.get().map(|(from, to)| view! { <WhatChanged workbook from to /> })}
        {is_consensus.then(|| view! { <CycleDecisions workbook news on_found=on_cycle /> })}
        {is_consensus.then(|| view! { <Actuals workbook news on_alerts /> })}
    }
}

/// What came of the consensus so far, by the demand sheet's regions or first column.
#[component]
fn Actuals(
    workbook: SheetId,
    news: Signal<i64>,
    /// Hears which alerts there are.
    #[prop(into)]
    on_alerts: Callback<Vec<Alert>>,
) -> impl IntoView {
    let found = RwSignal::new(None::<PlanVsActual>);
    let load = move || {
        spawn_local(async move {
            let Ok(report) = api::actuals(workbook, "").await else { return };
            let by = report.columns.iter().find(|column| *column == "Region").or(report.columns.first()).cloned();
            let report = match by.filter(|_| !report.found.buckets.is_empty()) {
                Some(by) => api::actuals(workbook, &by).await.unwrap_or(report),
                None => report,
            };
            on_alerts.try_run(report.alerts);
            renew(found, Some(report.found).filter(|found| !found.buckets.is_empty()));
        });
    };
    load();
    on_news(news, load);
    move || {
        found.get().map(|found| {
            view! {
                <section class="part">
                    <h2>"Plan against actual"</h2>
                    <div class="card"><ActualsTable found /></div>
                </section>
            }
        })
    }
}

#[component]
fn Sections(
    summary: PlanSummary,
    headline: Headline,
    baseline: Option<(String, Headline)>,
    around: RwSignal<Around>,
    is_consensus: bool,
) -> impl IntoView {
    let plan = summary.clone();
    let tells_service = summary.tells_service();
    let PlanSummary {
        currency,
        kpis,
        by_family,
        by_region,
        by_bucket,
        utilisation,
        shortages,
        causes,
        links,
        lives,
        ..
    } = summary;
    let by_family = at_plan_length(by_family, &by_bucket);
    let by_region = at_plan_length(by_region, &by_bucket);
    let families = by_family.clone();
    let answers = move || {
        // Decisions and what follows from them stand with the consensus.
        let answers = around.with(|around| brief(&plan, &families, around));
        let answers = answers.into_iter().filter(|answer| is_consensus || answer.section != "decisions");
        let line = |answer: Answer| {
            let Answer { question, text, section } = answer;
            // The address of the page stays: its base is not the page.
            let show = move |event: web_sys::MouseEvent| {
                event.prevent_default();
                if let Some(section) = document().get_element_by_id(section) {
                    section.scroll_into_view();
                }
            };
            view! { <li><a href=format!("#{section}") on:click=show>{question}</a><p>{text}</p></li> }
        };
        answers.map(line).collect_view()
    };
    view! {
        <section id="headline" aria-label="Headline">
            <HeadlineFigures headline=headline before=baseline currency=currency.clone() />
        </section>
        <section class="part" data-testid="brief">
            <h2>"In brief"</h2>
            <ol class="card brief">{answers}</ol>
        </section>
        {(!kpis.is_empty())
            .then(|| {
                view! {
                    <section class="part" id="figures">
                        <h2>"Key figures"</h2>
                        <KpiCards kpis=kpis currency=currency.clone() />
                    </section>
                }
            })}
        <section class="part" id="over-time">
            <h2>"Over time"</h2>
            <OverTime lines=by_bucket currency=currency.clone() />
        </section>
        <section class="part" id="families">
            <h2>"Families and regions"</h2>
            <div class="pair">
                <Slices noun="Family" lines=by_family.clone() currency=currency.clone() />
                <Slices noun="Region" lines=by_region.clone() currency=currency.clone() />
            </div>
            <ProfitBridge lines=by_family.clone() currency=currency.clone() />
            <div class="card">
                <SliceTable noun="Family" lines=by_family />
                <SliceTable noun="Region" lines=by_region />
            </div>
        </section>
        {(!lives.is_empty()).then(|| view! { <ItemLives lives /> })}
        <section class="part" id="capacity">
            <h2>"Capacity and shortages"</h2>
            {(!utilisation.is_empty()).then(|| view! { <Capacity lines=utilisation /> })}
            {if tells_service {
                view! { <Shortages shortages=shortages all_causes=causes /> }.into_any()
            } else {
                view! { <p class="muted">"What is served, and what stands in the way, is not part of this version."</p> }.into_any()
            }}
            {(!links.is_empty()).then(|| view! { <SupplyNetwork links /> })}
        </section>
    }
}

/// Before anyone has decided: what there is to choose from, or how to get there.
#[component]
fn NoConsensus(workbook: SheetId, versions: Vec<VersionInfo>, choose: Callback<Option<Id>>) -> impl IntoView {
    let me = Account::current().get_untracked();
    let reads_live = me.as_ref().is_some_and(|me| me.may_read_live);
    let may_mark = me.is_some_and(|me| me.may_mark_consensus);
    let text = match (versions.is_empty(), may_mark, reads_live) {
        (true, _, true) => {
            "Freeze the live plan in the workbook's Versions panel. Once a version is marked as consensus, everyone reads it here."
        }
        (true, _, false) => {
            "The planners have not frozen a version yet. As soon as one is marked as consensus, it appears here."
        }
        (false, true, _) => {
            "These versions are frozen. Open one, and mark it as consensus when it is the plan the company commits to."
        }
        (false, false, _) => "These versions are frozen, but none is the consensus yet.",
    };
    let cards = versions
        .into_iter()
        .map(|version| {
            let (id, made) = (version.id, moment(version.made_at()));
            view! {
                <button type="button" class="version-card" on:click=move |_| choose.run(Some(id))>
                    <strong>{version.name}</strong>
                    <span class="muted">{format!("{}, {made}", version.by_name)}</span>
                    <span class="figures-line">
                        <span>"Revenue " <b>{figures::known(version.headline.revenue, figures::compact)}</b></span>
                        <span>"Profit " <b>{figures::known(version.headline.profit, figures::compact)}</b></span>
                    </span>
                </button>
            }
        })
        .collect_view();
    view! {
        <EmptyState icon=Glyph::Flag title="No consensus yet" text=text>
            {reads_live.then(|| view! { <a class="button primary" href=format!("/w/{workbook}")>"Open the workbook"</a> })}
        </EmptyState>
        <div class="version-cards">{cards}</div>
    }
}

/// A page's content on its way.
#[component]
pub(super) fn Waiting(words: &'static str) -> impl IntoView {
    view! {
        <div class="waiting" aria-busy="true">
            <Spinner label=words />
            <span class="muted">{words}"…"</span>
        </div>
    }
}

/// What could not be loaded, and the way to try again.
#[component]
pub(super) fn Failed(refusal: Refusal, again: Callback<()>) -> impl IntoView {
    view! {
        <EmptyState icon=Glyph::Alert title="This could not be loaded" text=refusal.message>
            <Button kind=ButtonKind::Primary on_click=move |_| again.run(())>"Try again"</Button>
        </EmptyState>
    }
}

/// The version before this one to measure against: the consensus it superseded, else the one frozen before.
fn earlier(versions: &[VersionInfo], version: &VersionInfo) -> Option<VersionInfo> {
    // Made the consensus again, it supersedes a plan that was frozen after it.
    let marked = version.history.iter().rev().find(|step| step.to == VersionState::Consensus).map(|step| step.at);
    let gave_way = |other: &&VersionInfo| {
        other.history.iter().any(|step| step.to == VersionState::Superseded && Some(step.at) == marked)
    };
    if let Some(other) = versions.iter().filter(|other| other.id != version.id).find(gave_way) {
        return Some(other.clone());
    }
    let before = || versions.iter().filter(|other| other.id != version.id && other.made_at() < version.made_at());
    before()
        .filter(|other| matches!(other.state, VersionState::Consensus | VersionState::Superseded))
        .max_by_key(|other| other.made_at())
        .or_else(|| before().max_by_key(|other| other.made_at()))
        .cloned()
}

/// The newest whole plan frozen after this one.
fn newer<'a>(versions: &'a [VersionInfo], version: &VersionInfo) -> Option<&'a VersionInfo> {
    let whole =
        versions.iter().filter(|other| other.kind == VersionKind::Consensus && other.made_at() > version.made_at());
    whole.max_by_key(|other| other.made_at())
}
