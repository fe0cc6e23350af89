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
            let list = api::versions(workbook).await;
            versions.try_set(Some(list));
        });
    };
    load();
    let reload = Callback::new(move |()| load());
    // Which scenarios stand in the matrix, and which cases below, as the server is asked for them.
    let scenarios = RwSignal::new(None::<String>);
    let cases = RwSignal::new(String::new());
    let title = workbook_title(workbook);
    let body = move || {
        match versions.get() {
        None => view! { <div class="waiting"><Spinner label="Loading the versions" /></div> }.into_any(),
        Some(Err(refusal)) => view! {
            <Notice tone=Tone::Bad>{refusal.message}</Notice>
            <Button on_click=move |_| load()>"Try again"</Button>
        }
        .into_any(),
        Some(Ok(list)) if list.is_empty() => view! {
            <EmptyState
                icon=Glyph::Snapshot
                title="No version to compare yet"
                text="Freeze the plan in the workbook's versions panel. Scenarios put the demand, the supply and the prices of frozen versions together."
            >
                <a class="button" href=format!("/w/{workbook}")>"To the workbook"</a>
            </EmptyState>
        }
        .into_any(),
        Some(Ok(list)) => view! {
            <ActualsSection workbook />
            <MatrixSection workbook versions=list.clone() told=scenarios.write_only() reload />
            <ProfitabilitySection workbook versions=list.clone() told=cases.write_only() />
            <Trends workbook versions=list.clone() />
            <Bottlenecks workbook versions=list />
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
fn Bottlenecks(workbook: SheetId, versions: Vec<VersionInfo>) -> impl IntoView {
    let reads_live = Account::current().get_untracked().is_some_and(|me| me.may_read_live);
    let consensus = versions.iter().find(|version| version.state == VersionState::Consensus).or(versions.first());
    let (id, name) = match (reads_live, consensus) {
        (true, _) | (_, None) => ("live".to_owned(), "the live plan".to_owned()),
        (false, Some(version)) => (version.id.to_string(), format!("“{}”", version.name)),
    };
    let summary = RwSignal::new(None::<Result<PlanSummary, Refusal>>);
    let read_of = StoredValue::new(id.clone());
    spawn_local(async move {
        let answer = api::summary(workbook, &id).await;
        summary.try_set(Some(answer));
    });
    view! {
        <h2>"Bottlenecks of "{name}</h2>
        {move || match summary.get() {
            None => view! { <div class="waiting"><Spinner label="Loading the plan" /></div> }.into_any(),
            Some(Err(refusal)) => view! { <Notice tone=Tone::Bad>{refusal.message}</Notice> }.into_any(),
            Some(Ok(summary)) => view! {
                <Causes workbook version=read_of.get_value() kpis=misses(&summary.kpis) />
                <OffTarget kpis=summary.kpis currency=summary.currency />
                <Capacity lines=summary.utilisation />
                <Shortages shortages=summary.shortages />
                {(!summary.links.is_empty()).then(|| view! { <SupplyNetwork links=summary.links /> })}
            }
            .into_any(),
        }}
    }
}
