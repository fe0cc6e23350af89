//! The matrix: which versions, what is known of each scenario, and the rule that ranks them.

use grid_engine::plan::{Axis, CellState, Matrix, MatrixCell, ScenarioId, VersionInfo};
use grid_engine::refs::{Id, SheetId};
use grid_engine::wire::Role;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::detail::Detail;
use super::follow::{load_while_busy, stop};
use crate::address::{asked, keep};
use crate::refresh::on_news;
use crate::state::{Account, NoticeBoard, Tone as NoticeTone};
use crate::ui::{Badge, Button, ButtonKind, Notice, Progress, Tone};
use crate::{api, figures};

/// What ranks until somebody writes something else.
const RULE: &str = "profit";
/// Versions of one side chosen at first, newest first.
const FIRST: usize = 2;

const SIDES: [(&str, &str, Axis); 3] = [
    ("Demand from", "What customers will want", Axis::Demand),
    ("Supply from", "Capacity, materials, stock policy", Axis::Supply),
    ("Prices and costs from", "Net prices and cost rates", Axis::Cost),
];

/// The sides with how many versions are chosen at first, and what their versions are called in the address.
const AXES: [(Axis, usize); 3] = [(Axis::Demand, FIRST), (Axis::Supply, FIRST), (Axis::Cost, 1)];
const IN_ADDRESS: [&str; 3] = ["demand", "supply", "cost"];

/// Versions chosen on each side.
type Chosen = [RwSignal<Vec<Id>>; 3];

/// The matrix with everything around it; `told` is told which scenarios it shows, as the server is asked for them.
#[component]
pub fn MatrixSection(
    workbook: SheetId,
    versions: Memo<Vec<VersionInfo>>,
    news: Signal<i64>,
    told: WriteSignal<Option<String>>,
    reload: Callback<()>,
) -> impl IntoView {
    let notices = NoticeBoard::current();
    let newest = |axis: Axis, count: usize| -> Vec<Id> {
        versions.with_untracked(|versions| {
            versions.iter().filter(|version| version.kind.gives(axis)).take(count).map(|version| version.id).collect()
        })
    };
    let first = AXES.map(|(axis, count)| newest(axis, count));
    // What the address names, as far as it is there.
    let named = |(axis, name): (Axis, &str)| -> Vec<Id> {
        let asked = ids_of(&asked(name).unwrap_or_default());
        versions.with_untracked(|versions| {
            let gives = |id: &Id| versions.iter().any(|version| version.id == *id && version.kind.gives(axis));
            asked.into_iter().filter(gives).collect()
        })
    };
    let [demand, supply, cost] = [0, 1, 2].map(|side| {
        let named = named((AXES[side].0, IN_ADDRESS[side]));
        RwSignal::new(if named.is_empty() { first[side].clone() } else { named })
    });
    let chosen: Chosen = [demand, supply, cost];
    let rule = RwSignal::new(asked("rule").unwrap_or_else(|| RULE.to_owned()));
    let matrix = RwSignal::new(None::<Matrix>);
    let refused = RwSignal::new(None::<String>);
    let open = RwSignal::new(asked("scenario").and_then(|text| scenario_of(&text)));
    let may_run = Account::current().get_untracked().is_some_and(|me| me.role != Role::Viewer);
    let question = move || {
        let ids = |side: RwSignal<Vec<Id>>| side.get().iter().map(Id::to_string).collect::<Vec<_>>().join(",");
        let rule = String::from(js_sys::encode_uri_component(rule.get().trim()));
        format!("demand={}&supply={}&cost={}&rule={rule}", ids(chosen[0]), ids(chosen[1]), ids(chosen[2]))
    };
    let turn = StoredValue::new(0_u32);
    let load = move || {
        let question = untrack(question);
        turn.update_value(|turn| *turn += 1);
        let mine = turn.get_value();
        spawn_local(async move {
            let answer = api::scenarios(workbook, &question).await;
            // Meanwhile something else may have been asked.
            if turn.try_get_value() != Some(mine) {
                return;
            }
            match answer {
                Ok(found) => {
                    refused.try_set(None);
                    matrix.try_set(Some(found));
                }
                Err(refusal) => drop(refused.try_set(Some(refusal.message))),
            }
        });
    };
    Effect::new(move || {
        told.set(Some(question()));
        load();
    });
    // As long as nobody has chosen otherwise, a link leads to what is newest then.
    Effect::new(move || {
        let sides = chosen.map(|side| side.get());
        let rule = rule.with(|rule| rule.trim().to_owned());
        let is_shown = |scenario: &ScenarioId| {
            let ids = [scenario.demand, scenario.supply, scenario.cost];
            sides.iter().zip(ids).all(|(side, id)| side.contains(&id))
        };
        let scenario = open.get().filter(is_shown).map(text_of).unwrap_or_default();
        let is_first = sides == first && rule == RULE && scenario.is_empty();
        let [demand, supply, cost] = sides.map(|side| if is_first { String::new() } else { joined(&side) });
        let rule = if rule == RULE { String::new() } else { rule };
        keep([("demand", demand), ("supply", supply), ("cost", cost), ("rule", rule), ("scenario", scenario)]);
    });
    let is_busy = Memo::new(move |_| {
        let busy = |cell: &MatrixCell| matches!(cell.state, CellState::Waiting | CellState::Running { .. });
        matrix.with(|matrix| matrix.as_ref().is_some_and(|matrix| matrix.cells.iter().any(busy)))
    });
    load_while_busy(matrix, is_busy, turn, load);
    on_news(news, load);
    // Drawn anew only where something is another.
    let shown = Memo::new(move |_| matrix.get());
    let pressed = Memo::new(move |_| {
        let scenario = open.get()?;
        shown.with(|shown| {
            let cells = &shown.as_ref()?.cells;
            // What is not worked out yet has nothing to tell.
            let is_it = |cell: &&MatrixCell| cell.scenario == scenario && cell.state == CellState::Done;
            Some((cells.iter().find(is_it)?.clone(), cells.clone()))
        })
    });
    let run = move |_| {
        let question = untrack(question);
        spawn_local(async move {
            if let Err(refusal) = api::run_scenarios(workbook, &question).await {
                notices.say(NoticeTone::Bad, "The scenarios were not started", refusal.message);
            }
            load();
        });
    };
    let done = move || {
        matrix.with(|matrix| {
            let cells = matrix.as_ref().map_or(&[][..], |matrix| &matrix.cells);
            let done = cells.iter().filter(|cell| cell.state == CellState::Done).count();
            (done, cells.len())
        })
    };
    let share = Signal::derive(move || {
        let (done, all) = done();
        Some(done as f64 / all.max(1) as f64)
    });
    view! {
        <section class="card matrix-card" aria-label="Scenarios">
            <header class="cardhead">
                <h3>"Scenarios"</h3>
                <p class="muted">"Every combination is solved once and kept; choosing it again costs nothing."</p>
            </header>
            <div class="sides">
                {SIDES.iter().zip(chosen).map(|((name, help, axis), chosen)| view! { <Sides name help axis=*axis versions chosen /> }).collect_view()}
            </div>
            <div class="matrix-tools">
                <label class="rule">
                    <span class="label">"Rank by"</span>
                    <input
                        class="input"
                        name="rule"
                        prop:value=rule
                        on:change=move |event| rule.set(event_target_value(&event))
                        title="Figures by their ids: profit, revenue, cost, and the key figures; + - * /, if(…), min, max"
                    />
                </label>
                {move || (may_run && done().0 < done().1 && !is_busy.get()).then(|| {
                    let (done, all) = done();
                    view! { <Button kind=ButtonKind::Primary on_click=run>{format!("Calculate {} scenarios", all - done)}</Button> }
                })}
                {move || is_busy.get().then(|| {
                    view! {
                        <span class="busy"><Progress share=share label="Scenarios calculated" /></span>
                        <Button on_click=move |_| stop(workbook, notices, load)>"Stop"</Button>
                    }
                })}
            </div>
            {move || refused.get().map(|words| view! { <Notice tone=Tone::Bad>{words}</Notice> })}
            {move || matrix.with(|matrix| matrix.as_ref()?.rule_error.clone()).map(|words| {
                view! { <Notice tone=Tone::Warn>{format!("The rule cannot be used: {words}. Ranked by profit.")}</Notice> }
            })}
            {move || shown.get().map(|matrix| view! { <Cells matrix versions chosen open /> })}
            {move || pressed.get().map(|(cell, all)| view! { <Detail workbook cell all versions reload /> })}
        </section>
    }
}

/// Ids as an address holds them, apart by points.
fn joined(ids: &[Id]) -> String {
    ids.iter().map(Id::to_string).collect::<Vec<_>>().join(".")
}

fn ids_of(text: &str) -> Vec<Id> {
    text.split('.').filter_map(|id| id.parse().ok()).collect()
}

fn text_of(ScenarioId { demand, supply, cost }: ScenarioId) -> String {
    joined(&[demand, supply, cost])
}

fn scenario_of(text: &str) -> Option<ScenarioId> {
    match *ids_of(text).as_slice() {
        [demand, supply, cost] => Some(ScenarioId { demand, supply, cost }),
        _ => None,
    }
}

/// The versions of one side.
#[component]
fn Sides(
    name: &'static str,
    help: &'static str,
    axis: Axis,
    versions: Memo<Vec<VersionInfo>>,
    chosen: RwSignal<Vec<Id>>,
) -> impl IntoView {
    let line = move |version: VersionInfo| {
        let id = version.id;
        let toggle = move |event| {
            let wanted = event_target_checked(&event);
            chosen.update(|chosen| {
                chosen.retain(|known| *known != id);
                if wanted {
                    chosen.push(id);
                }
            });
        };
        view! {
            <label class="choice-line">
                <input type="checkbox" prop:checked=move || chosen.with(|chosen| chosen.contains(&id)) on:change=toggle />
                <span class="truncate">{version.name}</span>
            </label>
        }
    };
    view! {
        <fieldset class="axis">
            <legend>{name}</legend>
            <p class="muted">{help}</p>
            <div class="choices">{move || versions.get().into_iter().filter(|version| version.kind.gives(axis)).map(line).collect_view()}</div>
        </fieldset>
    }
}

/// What a version is called.
pub fn name_of(versions: Memo<Vec<VersionInfo>>, id: Id) -> String {
    versions.with_untracked(|versions| {
        versions.iter().find(|version| version.id == id).map(|version| version.name.clone()).unwrap_or_default()
    })
}

/// Rows are demand (and prices where there are several), columns supply.
#[component]
fn Cells(
    matrix: Matrix,
    versions: Memo<Vec<VersionInfo>>,
    chosen: Chosen,
    open: RwSignal<Option<ScenarioId>>,
) -> impl IntoView {
    let (demand, supply, cost) = (chosen[0].get_untracked(), chosen[1].get_untracked(), chosen[2].get_untracked());
    if matrix.cells.is_empty() {
        return view! { <p class="muted">"Choose at least one version on each side."</p> }.into_any();
    }
    let several_costs = cost.len() > 1;
    let place = |d: Id, s: Id, c: Id| {
        let is_it = |cell: &MatrixCell| (cell.scenario.demand, cell.scenario.supply, cell.scenario.cost) == (d, s, c);
        matrix.cells.iter().position(is_it)
    };
    let scores = matrix.cells.iter().filter_map(|cell| cell.ranking.as_ref()?.score);
    let (least, most) = scores.fold((f64::MAX, f64::MIN), |(least, most), score| (least.min(score), most.max(score)));
    let highest = matrix.cells.iter().filter_map(profit_of).fold(f64::MIN, f64::max);
    let cell = |at: Option<usize>| {
        at.and_then(|at| matrix.cells.get(at)).map(|cell| cell_view(cell, (least, most), highest, open))
    };
    let mut rows = Vec::new();
    for &d in &demand {
        for &c in &cost {
            let name = name_of(versions, d);
            let with = several_costs
                .then(|| view! { <span class="muted">{format!("prices of {}", name_of(versions, c))}</span> });
            let cells = supply.iter().map(|&s| cell(place(d, s, c))).collect_view();
            rows.push(view! { <tr><th scope="row"><b>{name}</b>{with}</th>{cells}</tr> });
        }
    }
    let head = supply.iter().map(|&s| view! { <th scope="col">{name_of(versions, s)}</th> }).collect_view();
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Scenario matrix">
            <table class="matrix">
                <thead><tr><th><span class="muted">"Demand ↓ · Supply →"</span></th>{head}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn profit_of(cell: &MatrixCell) -> Option<f64> {
    cell.figures.iter().find(|figure| figure.id == "profit")?.value
}

/// A scenario: its profit, how much less that is than the highest, and its place by a score between the least and the most.
fn cell_view(
    cell: &MatrixCell,
    (least, most): (f64, f64),
    highest: f64,
    open: RwSignal<Option<ScenarioId>>,
) -> AnyView {
    let inside = match &cell.state {
        CellState::Open => view! { <span class="muted">"not calculated"</span> }.into_any(),
        CellState::Waiting => view! { <span class="muted">"waiting"</span> }.into_any(),
        CellState::Running { message } => view! { <span class="muted running">{message.clone()}</span> }.into_any(),
        CellState::Failed { message } => view! { <span class="failed">{message.clone()}</span> }.into_any(),
        CellState::Done => {
            let at = cell.scenario;
            let ranking = cell.ranking.clone().unwrap_or_default();
            let profit = profit_of(cell);
            // Plans that round to the same figure are told apart by it.
            let words = match profit.map(|profit| highest - profit) {
                Some(below) if below >= 0.5 => format!("profit, {} less", figures::compact(below)),
                _ => "profit".to_owned(),
            };
            let profit = profit.map_or_else(|| figures::MISSING.to_owned(), figures::compact);
            let share =
                ranking.score.map_or(0.0, |score| if most > least { (score - least) / (most - least) } else { 1.0 });
            let tint = format!("--share: {:.0}%", 8.0 + 34.0 * share);
            let dominated = ranking.dominated_by.is_some();
            let place = ranking.place();
            let unranked = ranking.reason.map(|reason| format!("not ranked: {reason}"));
            return view! {
                <td class="scenario" class:is-dominated=dominated style=tint>
                    <button type="button" aria-expanded=move || (open.get() == Some(at)).to_string() on:click=move |_| open.update(|open| *open = if *open == Some(at) { None } else { Some(at) })>
                        <b>{profit}</b>
                        {place.map(|place| view! { <Badge tone=if ranking.rank == Some(1) { Tone::Accent } else { Tone::Neutral }>{format!("#{place}")}</Badge> })}
                        <span class="muted">{if dominated { "dominated".to_owned() } else { words }}</span>
                        {unranked.map(|words| view! { <span class="muted">{words}</span> })}
                    </button>
                </td>
            }
            .into_any();
        }
    };
    view! { <td class="scenario is-open">{inside}</td> }.into_any()
}
