//! The tower: scenarios side by side, key figures from version to version, and what stands in the way.

mod actuals;
mod causes;
mod detail;
mod follow;
mod matrix;
mod profitability;
mod rules;
mod trends;

use grid_engine::plan::{KpiLine, PlanSummary, VersionInfo, VersionState};
use grid_engine::refs::SheetId;
use grid_engine::wire::Refusal;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::pages::{Capacity, KpiCards, Place, Shortages, SupplyNetwork, TopBar, workbook_title};
use crate::refresh::{on_news, renew_known, revision};
use crate::state::Account;
use crate::ui::{Button, Downloads, EmptyState, Glyph, Notice, Spinner, Tone};
use actuals::ActualsSection;
use causes::Causes;
use matrix::MatrixSection;
use profitability::ProfitabilitySection;
use trends::Trends;

/// Its look; it comes with the part.
const STYLE: &str = include_str!("../../styles/tower.css");

/// The page.
#[component]
pub fn Tower(workbook: SheetId) -> impl IntoView {
    let versions = RwSignal::new(None::<Result<Vec<VersionInfo>, Refusal>>);
    let load = move || {
        spawn_local(async move {
            renew_known(versions, api::versions(workbook).await);
        });
    };
    load();
    let news = revision(workbook);
    on_news(news, load);
    let reload = Callback::new(move |()| load());
    // Which scenarios stand in the matrix, and which cases below, as the server is asked for them.
    let scenarios = RwSignal::new(None::<String>);
    let cases = RwSignal::new(String::new());
    let title = workbook_title(workbook);
    // Versions that are added or marked later come to the sections, which stay with all that was done in them.
    let list = Memo::new(move |_| versions.with(|list| list.as_ref()?.as_ref().ok().cloned()).unwrap_or_default());
    let stage = Memo::new(move |_| {
        versions.with(|versions| match versions {
            None => Stage::Loading,
            Some(Err(refusal)) => Stage::Failed(refusal.message.clone()),
            Some(Ok(list)) if list.is_empty() => Stage::Empty,
            Some(Ok(_)) => Stage::Ready,
        })
    });
    let body = move || {
        match stage.get() {
        Stage::Loading => view! { <div class="waiting"><Spinner label="Loading the versions" /></div> }.into_any(),
        Stage::Failed(words) => view! {
            <Notice tone=Tone::Bad>{words}</Notice>
            <Button on_click=move |_| load()>"Try again"</Button>
        }
        .into_any(),
        Stage::Empty => view! {
            <EmptyState
                icon=Glyph::Snapshot
                title="No version to compare yet"
                text="Freeze the plan in the workbook's versions panel. Scenarios put the demand, the supply and the prices of frozen versions together."
            >
                <a class="button" href=format!("/w/{workbook}")>"To the workbook"</a>
            </EmptyState>
        }
        .into_any(),
        Stage::Ready => view! {
            <ActualsSection workbook news />
            <MatrixSection workbook versions=list news told=scenarios.write_only() reload />
            <ProfitabilitySection workbook versions=list news told=cases.write_only() />
            <Trends workbook versions=list />
            <Bottlenecks workbook versions=list news />
        }
        .into_any(),
    }
    };
    view! {
        <style>{STYLE}</style>
        <div class="reading tower">
            <TopBar workbook=workbook title=title place=Place::Tower />
            <main class="page">
                <header class="plan-head">
                    <div class="words">
                        <h1>"Tower"</h1>
                        <p class="muted">"Which plan to execute: scenarios side by side, how key figures moved, and what stands in the way."</p>
                    </div>
                    <div class="actions">
                        <a class="button" href=format!("/w/{workbook}/compare")>"Compare and bridge"</a>
                        {move || scenarios.with(Option::is_some).then(|| {
                            let file = move |ending: &str| api::tower_file(workbook, ending, &scenarios.get().unwrap_or_default(), &cases.get());
                            view! { <Downloads of="The tower" address=file /> }
                        })}
                        <Button icon=Glyph::Print on_click=move |_| drop(window().print())>"Print"</Button>
                    </div>
                </header>
                {body}
            </main>
        </div>
    }
}

/// What stands on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    Loading,
    Failed(String),
    /// No version is frozen yet.
    Empty,
    Ready,
}

/// The key figures that miss their target.
fn misses(kpis: &[KpiLine]) -> Vec<KpiLine> {
    let misses =
        |kpi: &&KpiLine| kpi.value.zip(kpi.target).is_some_and(|(value, target)| !kpi.better.meets(value, target));
    kpis.iter().filter(misses).cloned().collect()
}

/// Key figures that miss their target.
#[component]
fn OffTarget(kpis: Vec<KpiLine>, currency: String) -> impl IntoView {
    let missed = misses(&kpis);
    let words = match missed.len() {
        0 => "Every key figure with a target meets it.".to_owned(),
        1 => "One key figure misses its target.".to_owned(),
        count => format!("{count} key figures miss their targets."),
    };
    view! {
        <section class="card">
            <header class="cardhead">
                <h3>"Off target"</h3>
                <p class="muted">{words}</p>
            </header>
            <KpiCards kpis=missed currency />
        </section>
    }
}

/// What stands in the way: of the live plan, or for those who do not read it of the consensus.
#[component]
fn Bottlenecks(workbook: SheetId, versions: Memo<Vec<VersionInfo>>, news: Signal<i64>) -> impl IntoView {
    let reads_live = Account::current().get_untracked().is_some_and(|me| me.may_read_live);
    let read_of = Memo::new(move |_| {
        versions.with(|versions| {
            let consensus = versions.iter().find(|version| version.state == VersionState::Consensus);
            match (reads_live, consensus.or(versions.first())) {
                (true, _) | (_, None) => ("live".to_owned(), "the plan as it is".to_owned()),
                (false, Some(version)) => (version.id.to_string(), format!("“{}”", version.name)),
            }
        })
    });
    let summary = RwSignal::new(None::<Result<PlanSummary, Refusal>>);
    Effect::new(move || {
        news.track();
        let asked = read_of.get();
        spawn_local(async move {
            let answer = api::summary(workbook, &asked.0).await;
            // Meanwhile another version may have become the consensus.
            if read_of.try_get_untracked().is_some_and(|now| now == asked) {
                renew_known(summary, answer);
            }
        });
    });
    let version = Memo::new(move |_| read_of.get().0);
    let missed = Memo::new(move |_| {
        summary.with(|summary| summary.as_ref().and_then(|summary| Some(misses(&summary.as_ref().ok()?.kpis))))
    });
    let unsolved = Memo::new(move |_| summary.with(|summary| summary.as_ref()?.as_ref().ok()?.unsolved.clone()));
    view! {
        <h2>"Bottlenecks of "{move || read_of.get().1}</h2>
        {move || unsolved.get().map(|why| view! {
            <Notice tone=Tone::Warn>
                <p>{format!("The supply plan could not be solved: {why}. What is shown of supply, its causes too, is of the plan before.")}</p>
                {reads_live.then(|| view! { <a href=format!("/w/{workbook}")>"Change it in the workbook"</a> })}
            </Notice>
        })}
        <Causes workbook version missed news />
        {move || match summary.get() {
            None => view! { <div class="waiting"><Spinner label="Loading the plan" /></div> }.into_any(),
            Some(Err(refusal)) => view! { <Notice tone=Tone::Bad>{refusal.message}</Notice> }.into_any(),
            Some(Ok(summary)) => view! {
                <OffTarget kpis=summary.kpis currency=summary.currency />
                <Capacity lines=summary.utilisation />
                <Shortages shortages=summary.shortages all_causes=summary.causes />
                {(!summary.links.is_empty()).then(|| view! { <SupplyNetwork links=summary.links /> })}
            }
            .into_any(),
        }}
    }
}
