//! The supply page: what is short and why, what would free it, how full everything is, and what if.

mod asking;
mod bottlenecks;
mod keep;
mod margins;
mod relief;
mod stock;
mod trade_off;
mod verdicts;
mod what_if;

use std::time::Duration;

use grid_engine::calendar::Bucket;
use grid_engine::plan::{Shortage, SolvedSupply, SupplyReport, SupplyState, UtilisationLine};
use grid_engine::refs::SheetId;
use grid_engine::wire::Role;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::pages::{Capacity, Place, Shortages, SupplyNetwork, TopBar, workbook_title};
use crate::state::Account;
use crate::ui::{Badge, Button, EmptyState, Glyph, Notice, Spinner, Tone};
use crate::{api, figures};
use bottlenecks::Bottlenecks;
pub use keep::{KeepFrom, Keeping, keep_dialog};
use relief::ReliefSection;
use stock::StockSection;
use trade_off::TradeOffSection;
use verdicts::VerdictSection;
use what_if::WhatIfSection;

/// Its look; it comes with the part.
const STYLE: &str = include_str!("../../styles/supply.css");
/// How often it looks whether the plan has been solved again.
const EVERY: Duration = Duration::from_secs(2);

/// What is said above the plan.
#[derive(Clone, PartialEq)]
enum Word {
    Loading,
    Current,
    None,
    Solving,
    /// There is no plan, or only the one before: why, and what to do.
    Failed(String, String),
    /// The server did not answer.
    Away(String),
}

/// The page. It follows the plan: solved again, it is shown again.
#[component]
pub fn SupplyPage(workbook: SheetId) -> impl IntoView {
    let word = RwSignal::new(Word::Loading);
    let shown = RwSignal::new(None::<SolvedSupply>);
    follow(workbook, word, shown);
    let asks = Account::current().get_untracked().is_some_and(|me| me.may_read_live && me.role != Role::Viewer);
    let key = Memo::new(move |_| shown.with(|shown| shown.as_ref().map(|shown| shown.key.clone())));
    let title = workbook_title(workbook);
    let body = move || {
        let is_shown = key.with(Option::is_some);
        match (is_shown, word.get()) {
            (false, Word::Loading | Word::Current) => {
                view! { <div class="waiting"><Spinner label="Loading the plan" /></div> }.into_any()
            }
            (false, Word::Solving) => view! {
                <EmptyState
                    icon=Glyph::Clock
                    title="The supply plan is being solved"
                    text="It is shown here as soon as it is there. The workbook goes on meanwhile."
                />
            }
            .into_any(),
            (false, Word::None) => view! {
                <EmptyState
                    icon=Glyph::Table
                    title="No supply plan yet"
                    text="Write =SUPPLY.SOLVE(Demand[Consensus]) into a cell of the workbook. The plan is solved for it and shown here. Plans for other demands are shown in their cells only."
                >
                    <a class="button" href=format!("/w/{workbook}")>"To the workbook"</a>
                </EmptyState>
            }
            .into_any(),
            (is_before, Word::Failed(why, remedy)) => view! {
                <Notice tone=Tone::Bad>
                    {format!("{}: {why}", if is_before { "This is the plan before; there is none for the workbook as it is" } else { "There is no supply plan" })}
                </Notice>
                <p class="muted">{remedy}</p>
                <div class="row">
                    {asks.then(|| view! { <Button class="primary" on_click=move |_| try_again(workbook, word)>"Try again"</Button> })}
                    <a class="button" href=format!("/w/{workbook}")>"To the workbook"</a>
                </div>
            }
            .into_any(),
            (false, Word::Away(why)) => view! { <Notice tone=Tone::Bad>{why}</Notice> }.into_any(),
            (true, _) => ().into_any(),
        }
    };
    // Read, not only tracked: a memo nobody reads follows nothing.
    let plan = move || {
        let _ = key.get()?;
        shown.get_untracked().map(|shown| plan_view(workbook, shown, asks))
    };
    view! {
        <style>{STYLE}</style>
        <div class="reading supply">
            <TopBar workbook=workbook title=title place=Place::Supply />
            <main class="page">
                <header class="plan-head">
                    <div class="words">
                        <h1>"Supply"</h1>
                        <p class="muted">"What plants and materials allow: what is short and why, what would free it, and what if."</p>
                    </div>
                    <div class="actions">
                        {move || shown.with(Option::is_some).then(|| state_badge(word.get()))}
                        {move || (asks && shown.with(Option::is_some)).then(|| view! {
                            <a class="button" href=format!("/w/{workbook}?keep=plan")>"Keep as decisions…"</a>
                        })}
                        <Button icon=Glyph::Print on_click=move |_| drop(window().print())>"Print"</Button>
                    </div>
                </header>
                {body}
                {plan}
            </main>
        </div>
    }
}

/// Reads the plan, and looks now and then whether there is a newer one, until the page is left.
fn follow(workbook: SheetId, word: RwSignal<Word>, shown: RwSignal<Option<SolvedSupply>>) {
    spawn_local(async move {
        let Some(known) = shown.try_with_untracked(|shown| shown.as_ref().map(|shown| shown.key.clone())) else {
            return;
        };
        let next = match api::supply_plan(workbook, &known.unwrap_or_default()).await {
            Ok(SupplyState::Same) => Word::Current,
            Ok(SupplyState::None) => Word::None,
            Ok(SupplyState::Solving) => Word::Solving,
            Ok(SupplyState::Failed { message, remedy }) => {
                shown.try_set(None);
                Word::Failed(message, remedy)
            }
            Ok(SupplyState::Outdated { message, remedy, last }) => {
                if last.is_some() {
                    shown.try_set(last.map(|last| *last));
                }
                Word::Failed(message, remedy)
            }
            Ok(SupplyState::Solved(solved)) => {
                shown.try_set(Some(*solved));
                Word::Current
            }
            Err(refusal) => Word::Away(refusal.message),
        };
        let Some(before) = word.try_get_untracked() else { return };
        if matches!(next, Word::None) {
            // What was shown is no plan of the workbook any more.
            shown.try_set(None);
        }
        if before != next {
            word.try_set(next);
        }
        set_timeout(move || follow(workbook, word, shown), EVERY);
    });
}

/// Has the plan solved anew whose job was cancelled or failed.
fn try_again(workbook: SheetId, word: RwSignal<Word>) {
    spawn_local(async move {
        word.try_set(match api::try_jobs_again(workbook).await {
            Ok(()) => Word::Solving,
            Err(refusal) => Word::Failed(refusal.message, String::new()),
        });
    });
}

fn state_badge(word: Word) -> AnyView {
    match word {
        Word::Solving => view! { <Badge tone=Tone::Accent>"being solved again"</Badge> }.into_any(),
        Word::Away(_) => view! { <Badge tone=Tone::Warn>"offline, as it was"</Badge> }.into_any(),
        Word::Failed(..) => view! { <Badge tone=Tone::Bad>"outdated"</Badge> }.into_any(),
        _ => view! { <Badge tone=Tone::Good>"up to date"</Badge> }.into_any(),
    }
}

fn plan_view(workbook: SheetId, shown: SolvedSupply, asks: bool) -> impl IntoView {
    let SolvedSupply { key, objective, currency, report } = shown;
    let buckets: Vec<Bucket> = report.buckets.iter().filter_map(|name| name.parse().ok()).collect();
    let shortages = shortages(&report);
    let listed: f64 = shortages.iter().map(|shortage| shortage.quantity).sum();
    let more = report.shortage_count.saturating_sub(report.shortages.len());
    let lines = utilisation(&report, &buckets);
    // The what-if form opens at what is worth most.
    let dearest = report.limits.iter().find(|line| line.limit == "Capacity").map(|line| line.of.clone());
    view! {
        {report.warnings.iter().cloned().map(|warning| view! { <Notice tone=Tone::Warn>{warning}</Notice> }).collect_view()}
        <Headline report=report.clone() objective currency=currency.clone() />
        <Shortages shortages all_causes=report.causes.clone() />
        {(more > 0).then(|| view! {
            <p class="muted">{format!("{} units are listed; {more} smaller shortages are in SUPPLY.WHY.", figures::compact(listed))}</p>
        })}
        {(asks && report.shortage_count > 0).then(|| view! { <VerdictSection workbook key=key.clone() /> })}
        {asks.then(|| view! { <ReliefSection workbook key=key.clone() currency=currency.clone() limits=report.limits.len() /> })}
        {asks.then(|| view! { <WhatIfSection workbook key=key.clone() currency=currency.clone() levers=report.levers.clone() buckets=report.buckets.clone() dearest=dearest.clone() /> })}
        <Bottlenecks limits=report.limits.clone() count=report.limit_count names=report.buckets.clone() currency=currency.clone() asks=asks.then(|| (workbook, key.clone())) />
        <Capacity lines />
        <StockSection stocks=report.stocks.clone() count=report.stock_count buckets=buckets.clone() />
        {asks.then(|| view! { <TradeOffSection workbook key=key.clone() currency=currency.clone() has_safety=report.stocks.iter().any(|line| line.safety > 0.0) /> })}
        {(!report.links.is_empty()).then(|| view! { <SupplyNetwork links=report.links.clone() /> })}
    }
}

/// Late and lost units as the other pages list them.
fn shortages(report: &SupplyReport) -> Vec<Shortage> {
    let line = |line: &grid_engine::plan::ShortageLine| {
        Some(Shortage {
            item: line.item.clone(),
            region: format!("{} · {}", line.region, line.channel),
            bucket: line.bucket.parse().ok()?,
            quantity: line.units,
            cause: line.cause_told(),
        })
    };
    report.shortages.iter().filter_map(line).collect()
}

fn utilisation(report: &SupplyReport, buckets: &[Bucket]) -> Vec<UtilisationLine> {
    let line = |line: &grid_engine::plan::ResourceLine| {
        let shares = line.hours.iter().zip(&line.available).map(|(hours, available)| match available {
            available if *available > 0.0 => hours / available,
            // Hours where none are regular are all overtime.
            _ if *hours > 0.0 => 2.0,
            _ => 0.0,
        });
        let by_bucket = buckets.iter().copied().zip(shares).collect();
        UtilisationLine { resource: line.resource.clone(), by_bucket }
    };
    report.resources.iter().map(line).collect()
}

/// The plan in a few figures.
#[component]
fn Headline(report: SupplyReport, objective: String, currency: String) -> impl IntoView {
    let costs: f64 = report.costs.iter().map(|(_, amount)| amount).sum();
    let fill = if report.demand > 0.0 { report.served_on_time / report.demand } else { f64::NAN };
    let tile = |name: &'static str, value: String, about: String| {
        view! {
            <div class="tile">
                <span class="muted">{name}</span>
                <b>{value}</b>
                <span class="muted">{about}</span>
            </div>
        }
    };
    let aim = match objective.as_str() {
        "profit" => "most profit",
        "service" => "best service, then least cost",
        "fair" => "regions served alike, then least cost",
        _ => "least cost",
    };
    let parts = report
        .costs
        .iter()
        .map(|(kind, amount)| view! { <tr><th scope="row">{kind.clone()}</th><td class="number">{figures::compact(*amount)}</td></tr> })
        .collect_view();
    view! {
        <section class="card" aria-label="The plan in a few figures">
            <header class="cardhead">
                <h3>"The plan" <span class="unit">{format!("units, {currency}; solved for {aim}")}</span></h3>
                {(!report.is_optimal).then(|| view! { <Badge tone=Tone::Warn>{match report.gap {
                    Some(gap) => format!("best plan found; the best is better by at most {}", figures::percent(gap)),
                    None => "best plan found, not proven the best".to_owned(),
                }}</Badge> })}
            </header>
            <div class="tiles">
                {tile("Served in time", figures::percent(fill), format!("of {} demanded", figures::compact(report.demand)))}
                {tile("Lost", figures::compact(report.lost), "never served".to_owned())}
                {tile("Late", figures::compact(report.late_unit_periods), "units and periods".to_owned())}
                {tile("Total cost", figures::compact(costs), "penalties included".to_owned())}
                {tile("Revenue less cost", figures::compact(report.revenue - costs), format!("of {} at the items' prices; Profit has net prices", figures::compact(report.revenue)))}
            </div>
            <details>
                <summary>"Costs by kind"</summary>
                <div class="scroll" tabindex="0" role="region" aria-label="Costs by kind">
                    <table class="figures"><tbody>{parts}</tbody></table>
                </div>
            </details>
        </section>
    }
}
