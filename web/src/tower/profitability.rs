//! What profit hangs on: cases of revenue against cases of cost, and each driver alone, lower and higher than planned.

mod cases;
mod grid;

use std::collections::BTreeMap;

use grid_engine::plan::{CellState, Changes, Driver, Swing, Varied, VersionInfo, VersionState, tornado};
use grid_engine::refs::{Id, SheetId};
use grid_engine::wire::{Refusal, Role};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::follow::{load_while_busy, stop};
use crate::address::{asked, keep};
use crate::charts::TornadoChart;
use crate::refresh::on_news;
use crate::state::{Account, NoticeBoard, Tone as NoticeTone};
use crate::ui::{Button, ButtonKind, Notice, Progress, Select, Tone};
use crate::{api, figures};
use cases::{COST, Case, CaseTable, Cases, REVENUE};
use grid::ProfitGrid;

/// By how much each driver is changed alone, in percent.
const SWINGS: [u32; 4] = [2, 5, 10, 20];
/// Until somebody chooses.
const SWING: u32 = 10;

/// What is known, by changes as a text.
type Known = BTreeMap<String, Varied>;

/// The section with all that is in it; `told` is told its cases, as the tower's file is asked for them.
#[component]
pub fn ProfitabilitySection(
    workbook: SheetId,
    versions: Memo<Vec<VersionInfo>>,
    news: Signal<i64>,
    told: WriteSignal<String>,
) -> impl IntoView {
    let notices = NoticeBoard::current();
    let may_run = Account::current().get_untracked().is_some_and(|me| me.role != Role::Viewer);
    let first = versions.with_untracked(|versions| {
        let consensus = versions.iter().find(|version| version.state == VersionState::Consensus);
        consensus.or(versions.first()).map(|version| version.id)
    });
    let first = first.unwrap_or_else(|| Id::of_name("none"));
    let known_version = |id: &Id| versions.with_untracked(|versions| versions.iter().any(|one| one.id == *id));
    let linked = asked("varied").and_then(|id| id.parse().ok()).filter(known_version);
    let version = RwSignal::new(linked.unwrap_or(first));
    let linked = asked("swing").and_then(|swing| swing.parse().ok()).filter(|swing| SWINGS.contains(swing));
    let swing = RwSignal::new(linked.unwrap_or(SWING));
    Effect::new(move || {
        let told = |text: String, is_first: bool| if is_first { String::new() } else { text };
        let (version, swing) = (version.get(), swing.get());
        keep([
            ("varied", told(version.to_string(), version == first)),
            ("swing", told(swing.to_string(), swing == SWING)),
        ]);
    });
    let [revenue, cost] = [Cases::load(workbook, &REVENUE), Cases::load(workbook, &COST)];
    let known = RwSignal::new(Known::new());
    let refused = RwSignal::new(None::<Refusal>);
    // The plan itself, each driver alone, and each case with each other one, with their names.
    let named = move || {
        let mut named = vec![("As planned".to_owned(), String::new())];
        for driver in Driver::ALL {
            named.extend(sides(driver, swing.get()).map(|changes| (driver.name().to_owned(), changes.to_string())));
        }
        for of_revenue in revenue.all.get() {
            let with = |of_cost: &Case| (format!("{} · {}", of_revenue.name, of_cost.name), of_revenue.with(of_cost));
            named.extend(cost.all.get().iter().map(with));
        }
        named
    };
    let wanted = move || {
        let mut wanted: Vec<_> = named().into_iter().map(|(_, changes)| changes).collect();
        wanted.sort_unstable();
        wanted.dedup();
        wanted
    };
    Effect::new(move || {
        let lines: Vec<_> = named().into_iter().map(|(name, changes)| format!("{name}\t{changes}")).collect();
        told.set(format!("varied={}&cases={}", version.get(), js_sys::encode_uri_component(&lines.join("\n"))));
    });
    let question = move || String::from(js_sys::encode_uri_component(&wanted().join(";")));
    let turn = StoredValue::new(0_u32);
    let load = move || {
        let (of, changes) = (version.get_untracked(), untrack(question));
        turn.update_value(|turn| *turn += 1);
        let mine = turn.get_value();
        spawn_local(async move {
            let answer = api::variations(workbook, of, &changes).await;
            // Meanwhile something else may have been asked.
            if turn.try_get_value() != Some(mine) {
                return;
            }
            match answer {
                Ok(found) => {
                    refused.try_set(None);
                    known.try_set(found.into_iter().map(|one| (one.changes.clone(), one)).collect());
                }
                Err(refusal) => drop(refused.try_set(Some(refusal))),
            }
        });
    };
    Effect::new(move || {
        question();
        version.track();
        load();
    });
    let is_busy = Memo::new(move |_| known.with(|known| known.values().any(is_on_its_way)));
    load_while_busy(known, is_busy, turn, load);
    on_news(news, load);
    let run = move |_| {
        let (of, changes) = (version.get_untracked(), untrack(question));
        spawn_local(async move {
            if let Err(refusal) = api::run_variations(workbook, of, &changes).await {
                notices.say(NoticeTone::Bad, "Nothing was started", refusal.message);
            }
            load();
        });
    };
    let open = move || known.with(|known| known.values().filter(|one| one.state == CellState::Open).count());
    let share = Signal::derive(move || {
        known.with(|known| {
            let ended = known.values().filter(|one| !is_on_its_way(one) && one.state != CellState::Open).count();
            Some(ended as f64 / known.len().max(1) as f64)
        })
    });
    let names = Signal::derive(move || {
        let named = |version: &VersionInfo| (version.id.to_string(), version.name.clone());
        versions.with(|versions| versions.iter().map(named).collect::<Vec<_>>())
    });
    let swings: Vec<(String, String)> =
        SWINGS.iter().map(|swing| (swing.to_string(), format!("± {swing} %"))).collect();
    view! {
        <section class="card profitability" aria-label="Profitability">
            <header class="cardhead">
                <h3>"Profitability"</h3>
                <p class="muted">
                    "A version solved again with demand, prices, costs and capacity changed. Each change is worked out once and kept."
                </p>
            </header>
            <div class="matrix-tools">
                <label class="field">
                    <span class="label">"Version"</span>
                    <Select
                        label="Version"
                        options=names
                        value=Signal::derive(move || version.get().to_string())
                        on_change=move |id: String| {
                            if let Ok(id) = id.parse() {
                                version.set(id);
                            }
                        }
                    />
                </label>
                <label class="field">
                    <span class="label">"Each driver alone"</span>
                    <Select
                        label="Each driver alone"
                        options=Signal::stored(swings)
                        value=Signal::derive(move || swing.get().to_string())
                        on_change=move |percent: String| {
                            if let Ok(percent) = percent.parse() {
                                swing.set(percent);
                            }
                        }
                    />
                </label>
                {move || (may_run && open() > 0 && !is_busy.get()).then(|| {
                    view! { <Button kind=ButtonKind::Primary on_click=run>{format!("Calculate {} plans", open())}</Button> }
                })}
                {move || is_busy.get().then(|| {
                    view! {
                        <span class="busy"><Progress share=share label="Plans calculated" /></span>
                        <Button on_click=move |_| stop(workbook, notices, load)>"Stop"</Button>
                    }
                })}
            </div>
            {move || refused.get().map(|refusal| view! { <Notice tone=Tone::Bad>{refusal.message}</Notice> })}
            {move || known.with(|known| swings_of(known, swing.get()))}
            <ProfitGrid known revenue=revenue.all cost=cost.all />
            <details class="cases">
                <summary>"Change the cases"</summary>
                <p class="muted">"Percentages of what is planned. They are kept in this browser."</p>
                <CaseTable title="Revenue" cases=revenue drivers=&REVENUE />
                <CaseTable title="Costs" cases=cost drivers=&COST />
            </details>
        </section>
    }
}

/// A driver lower and higher by some percent.
fn sides(driver: Driver, percent: u32) -> [Changes; 2] {
    [-1.0, 1.0].map(|sign| Changes::one(driver, sign * f64::from(percent) / 100.0))
}

fn is_on_its_way(one: &Varied) -> bool {
    matches!(one.state, CellState::Waiting | CellState::Running { .. })
}

/// What one change brings.
fn profit_of(known: &Known, changes: &str) -> Option<f64> {
    known.get(changes)?.headline?.profit
}

/// The tornado, and what could not be changed.
fn swings_of(known: &Known, percent: u32) -> Option<AnyView> {
    let base = profit_of(known, "")?;
    let mut swings = Vec::new();
    let mut left_out = Vec::new();
    for driver in Driver::ALL {
        let [low, high] = sides(driver, percent).map(|changes| changes.to_string());
        if let (Some(low), Some(high)) = (profit_of(known, &low), profit_of(known, &high)) {
            swings.push(Swing { driver, low, high });
        } else if let Some(Varied { state: CellState::Failed { message }, .. }) = known.get(&low) {
            left_out.push(format!("{}: {message}", driver.name()));
        }
    }
    // Of those that are there already, another may turn out wider.
    let is_whole = swings.len() + left_out.len() == Driver::ALL.len();
    let swings = tornado(swings);
    let said = swings.first().filter(|widest| widest.width() > 0.0).map(|widest| {
        let low = figures::signed(figures::compact(widest.low - base), widest.low - base);
        let high = figures::signed(figures::compact(widest.high - base), widest.high - base);
        let driver = widest.driver.name().to_lowercase();
        let profit = if is_whole { "Profit" } else { "So far, profit" };
        format!("{profit} hangs most on {driver}: {low} with {percent} % less, {high} with {percent} % more.")
    });
    let bars = swings.iter().map(|swing| (swing.driver.name().to_owned(), swing.low, swing.high)).collect::<Vec<_>>();
    Some(
        view! {
            <h4>{format!("Profit with one driver {percent} % lower or higher")}</h4>
            {said.map(|words| view! { <p>{words}</p> })}
            {(!bars.is_empty()).then(|| view! { <TornadoChart title="Profit by driver" base bars /> })}
            {(!left_out.is_empty()).then(|| view! { <p class="muted">{left_out.join(" ")}</p> })}
        }
        .into_any(),
    )
}
