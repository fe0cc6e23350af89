//! Two versions side by side.

use std::cmp::Ordering;

use grid_engine::plan::{Comparison, ComparisonLine, KpiLine, VersionInfo};
use grid_engine::refs::SheetId;
use grid_engine::value::order::sort_by;
use grid_engine::wire::{Refusal, WorkbookInfo};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

use super::bridge::BridgeView;
use super::consensus::{Failed, Waiting};
use super::top_bar::{Place, TopBar, workbook_title};
use crate::charts::{Mark, Series, Sparkline, TimeChart};
use crate::state::Account;
use crate::ui::{EmptyState, Glyph, IconButton, Notice, Segmented, Select, Tone};
use crate::{api, figures};

/// Lines drawn at most; the rest is summed up in one.
const SHOWN: usize = 60;

/// Measures worth comparing, by id: what they are called and whether they are money.
const MEASURES: [(&str, &str, bool); 8] = [
    ("consensus", "Consensus demand", false),
    ("served", "Served in time", false),
    ("revenue", "Revenue", true),
    ("supplycost", "Supply cost", true),
    ("profit", "Profit", true),
    ("override", "Overrides", false),
    ("uplift", "Uplifts", false),
    ("baseline", "Statistical baseline", false),
];
const SLICES: [(&str, &str); 4] =
    [("family", "Family"), ("region", "Region"), ("item", "Item"), ("channel", "Channel")];

/// Before the id of a branch, where a version is meant.
const BRANCH: &str = "branch.";

/// Compares versions `a` and `b` (ids, or `live`) of a workbook.
#[component]
pub fn Compare(workbook: SheetId, a: String, b: String) -> impl IntoView {
    let reads_live = Account::current().get_untracked().is_some_and(|me| me.may_read_live);
    let versions = RwSignal::new(None::<Result<Vec<VersionInfo>, Refusal>>);
    let (a, b) = (RwSignal::new(a), RwSignal::new(b));
    let measure = RwSignal::new(MEASURES[0].0.to_owned());
    let by = RwSignal::new(SLICES[0].0.to_owned());
    let title = workbook_title(workbook);
    let load_versions = move || {
        spawn_local(async move {
            let answer = api::versions(workbook).await;
            if let Ok(list) = &answer {
                choose_sides(list, reads_live, a, b);
            }
            versions.try_set(Some(answer));
        });
    };
    load_versions();

    let answer = RwSignal::new(None::<Result<Comparison, Refusal>>);
    let asked = Memo::new(move |_| (a.get(), b.get(), measure.get(), by.get()));
    let ask = move || {
        let question = asked.get_untracked();
        if question.0.is_empty() || question.1.is_empty() {
            return;
        }
        spawn_local(async move {
            let (a, b, measure, by) = &question;
            let comparison = api::compare(workbook, a, b, measure, by).await;
            // A later question may have been asked meanwhile.
            if asked.try_get_untracked().is_some_and(|now| now == question) {
                answer.try_set(Some(comparison));
            }
        });
    };
    Effect::new(move || {
        let (a, b, ..) = asked.get();
        if !a.is_empty() && !b.is_empty() {
            if let Ok(history) = window().history() {
                let path = format!("/w/{workbook}/compare?a={a}&b={b}");
                let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
            }
            ask();
        }
    });

    let branches = RwSignal::new(Vec::<WorkbookInfo>::new());
    if reads_live {
        spawn_local(async move {
            if let Ok(list) = api::branch_titles(workbook).await {
                branches.try_set(list);
            }
        });
    }
    let names = Signal::derive(move || {
        let mut names: Vec<(String, String)> = Vec::new();
        if reads_live {
            let is_branch = branches.with(|list| list.iter().any(|branch| branch.id == workbook));
            let live = if is_branch { "This branch" } else { "Live plan" };
            names.push(("live".to_owned(), live.to_owned()));
        }
        versions.with(|list| {
            if let Some(Ok(list)) = list {
                names.extend(list.iter().map(|version| (version.id.to_string(), version.name.clone())));
            }
        });
        branches.with(|list| {
            names.extend(
                list.iter().map(|branch| (format!("{BRANCH}{}", branch.id), format!("Branch: {}", branch.title))),
            );
        });
        names
    });
    let name_of = move |id: &str| {
        names.with(|names| {
            names.iter().find(|(value, _)| value == id).map_or_else(|| id.to_owned(), |(_, name)| name.clone())
        })
    };
    // The last answer stays in sight until the next is here.
    let shown = RwSignal::new(None::<Shown>);
    Effect::new(move || {
        if let Some(Ok(comparison)) = answer.get() {
            let (name_a, name_b) = (name_of(&a.get_untracked()), name_of(&b.get_untracked()));
            let measure = measure.get_untracked();
            let by = by.get_untracked();
            shown.set(Some(Shown { comparison, name_a, name_b, measure, by }));
        }
    });
    let stage = Memo::new(move |_| match (versions.get(), answer.get()) {
        (None, _) => Stage::Loading,
        (Some(Err(refusal)), _) => Stage::NoVersions(refusal),
        (Some(Ok(_)), _) if names.with(|names| names.len() < 2) => Stage::Nothing,
        (_, Some(Err(refusal))) => Stage::Failed(refusal),
        _ if shown.with(Option::is_none) => Stage::Loading,
        _ => Stage::Ready,
    });
    let body = move || {
        match stage.get() {
        Stage::Loading => view! { <Waiting words="Comparing" /> }.into_any(),
        Stage::NoVersions(refusal) => {
            view! { <Failed refusal=refusal again=Callback::new(move |()| load_versions()) /> }.into_any()
        }
        Stage::Nothing => view! {
            <EmptyState
                icon=Glyph::Compare
                title="Nothing to compare yet"
                text="Comparing takes two versions. Freeze the live plan in the workbook's Versions panel, then come back."
            >
                {reads_live.then(|| view! { <a class="button primary" href=format!("/w/{workbook}")>"Open the workbook"</a> })}
            </EmptyState>
        }
        .into_any(),
        Stage::Failed(refusal) => view! {
            <Failed refusal=refusal again=Callback::new(move |()| ask()) />
            <Controls measure=measure by=by />
        }
        .into_any(),
        Stage::Ready => {
            let (name_a, name_b) = (Signal::derive(move || name_of(&a.get())), Signal::derive(move || name_of(&b.get())));
            let bridge = view! { <BridgeView workbook a b by name_a name_b /> }.into_any();
            view! { <Differences shown=shown measure=measure by=by bridge /> }.into_any()
        }
    }
    };
    let swap = move |_| {
        let (left, right) = (a.get_untracked(), b.get_untracked());
        a.set(right);
        b.set(left);
    };
    view! {
        <div class="reading">
            <TopBar workbook=workbook title=title place=Place::Compare />
            <main class="page">
                <header class="plan-head">
                    <div class="words">
                        <p class="eyebrow">"Compare"</p>
                        <h1>"What is different"</h1>
                    </div>
                </header>
                <div class="sides">
                    <span class="side first"><Select label="Version A" options=names value=a on_change=move |value| a.set(value) /></span>
                    <IconButton icon=Glyph::Swap label="Swap the sides" on_click=swap />
                    <span class="side second"><Select label="Version B" options=names value=b on_change=move |value| b.set(value) /></span>
                </div>
                {body}
            </main>
        </div>
    }
}

/// Fills sides the address left open: the consensus (or the latest) against live, or the latest two.
fn choose_sides(list: &[VersionInfo], reads_live: bool, a: RwSignal<String>, b: RwSignal<String>) {
    use grid_engine::plan::VersionState;
    let known = |id: &str| {
        ((id == "live" || id.starts_with(BRANCH)) && reads_live)
            || list.iter().any(|version| version.id.to_string() == id)
    };
    let (side_a, side_b) = (a.get_untracked(), b.get_untracked());
    let new_b = if known(&side_b) {
        side_b
    } else if reads_live {
        "live".to_owned()
    } else {
        list.first().map(|version| version.id.to_string()).unwrap_or_default()
    };
    let others = || list.iter().filter(|version| version.id.to_string() != new_b);
    let new_a = if known(&side_a) {
        side_a
    } else {
        let consensus = others().find(|version| version.state == VersionState::Consensus);
        consensus.or_else(|| others().next()).map(|version| version.id.to_string()).unwrap_or_default()
    };
    a.set(new_a);
    b.set(new_b);
}

/// What stands on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    Loading,
    NoVersions(Refusal),
    /// Fewer than two versions.
    Nothing,
    Failed(Refusal),
    Ready,
}

/// An answer with the question it belongs to.
#[derive(Clone, Debug, PartialEq)]
struct Shown {
    comparison: Comparison,
    name_a: String,
    name_b: String,
    measure: String,
    by: String,
}

#[component]
fn Differences(
    shown: RwSignal<Option<Shown>>,
    measure: RwSignal<String>,
    by: RwSignal<String>,
    bridge: AnyView,
) -> impl IntoView {
    // Key figures do not depend on measure and lines: they stay while those change.
    let kpis = Memo::new(move |_| {
        shown.with(|shown| {
            shown.as_ref().map(|shown| (shown.comparison.kpis.clone(), shown.name_a.clone(), shown.name_b.clone()))
        })
    });
    let key_figures = move || {
        let (kpis, name_a, name_b) = kpis.get().filter(|(kpis, ..)| !kpis.is_empty())?;
        Some(view! {
            <section class="part">
                <h2>"Key figures"</h2>
                <div class="card">
                    <KpiTable kpis=kpis name_a=name_a name_b=name_b />
                </div>
            </section>
        })
    };
    let lines = move || shown.get().map(|shown| view! { <Lines shown=shown /> });
    view! {
        {key_figures}
        {bridge}
        <section class="part">
            <header class="cardhead">
                <h2>"Plan"</h2>
                <Controls measure=measure by=by />
            </header>
            {lines}
        </section>
    }
}

/// Which measure, and what its lines are.
#[component]
fn Controls(measure: RwSignal<String>, by: RwSignal<String>) -> impl IntoView {
    let measures =
        MEASURES.iter().map(|(value, words, _)| ((*value).to_owned(), (*words).to_owned())).collect::<Vec<_>>();
    let slices = SLICES.iter().map(|(value, words)| ((*value).to_owned(), (*words).to_owned())).collect::<Vec<_>>();
    view! {
        <div class="controls">
            <Select label="Measure" options=Signal::stored(measures) value=measure on_change=move |value| measure.set(value) />
            <Segmented label="Lines" options=slices value=by on_change=move |value| by.set(value) />
        </div>
    }
}

#[component]
fn Lines(shown: Shown) -> impl IntoView {
    let Shown { comparison: Comparison { buckets, lines, .. }, name_a, name_b, measure, by } = shown;
    if lines.is_empty() {
        return view! { <Notice>"Neither version has values of this measure."</Notice> }.into_any();
    }
    let sum = |pick: fn(&ComparisonLine) -> &Vec<f64>| -> Vec<Option<f64>> {
        (0..buckets.len())
            .map(|index| {
                Some(lines.iter().filter_map(|line| pick(line).get(index)).filter(|value| value.is_finite()).sum())
            })
            .collect()
    };
    let series = vec![
        Series {
            name: name_a.clone(),
            colour: "var(--chart-history)",
            mark: Mark::Dashed,
            values: sum(|line| &line.a),
        },
        Series {
            name: name_b.clone(),
            colour: "var(--chart-consensus)",
            mark: Mark::Line,
            values: sum(|line| &line.b),
        },
    ];
    let (words, is_money) = MEASURES
        .iter()
        .find(|(id, ..)| *id == measure)
        .map_or(("Plan", false), |(_, words, is_money)| (*words, *is_money));
    let noun = SLICES.iter().find(|(id, _)| *id == by).map_or("Line", |(_, words)| *words);
    view! {
        <div class="card">
            <h3>{words} <span class="unit">{if is_money { "money" } else { "units" }}</span></h3>
            <TimeChart title=format!("{words}: {name_a} and {name_b}") buckets=buckets series=series height=220.0 from_zero=false />
        </div>
        <div class="card">
            <LineTable lines=lines noun=noun name_a=name_a name_b=name_b />
        </div>
    }
    .into_any()
}

#[component]
fn KpiTable(kpis: Vec<(KpiLine, KpiLine)>, name_a: String, name_b: String) -> impl IntoView {
    let half = kpis.len() / 2;
    let rows = kpis
        .into_iter()
        .enumerate()
        .map(|(index, (a, b))| {
            // Lower rows open their tip upwards: the table cuts off what hangs out below.
            let tip = if index < half { "tip-start defined" } else { "tip-start tip-up defined" };
            let text = |kpi: &KpiLine| {
                kpi.value.map_or_else(|| figures::MISSING.to_owned(), |value| figures::in_unit(value, &kpi.unit))
            };
            let difference = a.value.zip(b.value).map(|(a, b)| b - a);
            let change = difference
                .map_or_else(|| figures::MISSING.to_owned(), |change| figures::difference_in_unit(change, &b.unit));
            // What is shown as no difference has no colour.
            let is_seen = change.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
            let tone = match a.value.zip(b.value) {
                Some((before, after)) if is_seen && b.better.is_improvement(before, after) => Tone::Good,
                Some(_) if is_seen => Tone::Bad,
                _ => Tone::Neutral,
            };
            view! {
                <tr>
                    <th scope="row">
                        <span data-tip=b.definition.clone() class=tip tabindex="0">{b.name.clone()}</span>
                    </th>
                    <td class="number">{text(&a)}</td>
                    <td class="number">{text(&b)}</td>
                    <td class=format!("number tone-{}", tone.class())>{change}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Key figures of both versions">
            <table class="figures">
                <thead>
                    <tr>
                        <th scope="col">"Key figure"</th>
                        <th scope="col" class="number">{name_a}</th>
                        <th scope="col" class="number">{name_b}</th>
                        <th scope="col" class="number">"Difference"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
fn LineTable(lines: Vec<ComparisonLine>, noun: &'static str, name_a: String, name_b: String) -> impl IntoView {
    let mut lines = lines;
    let weight = |line: &ComparisonLine| (line.total_b - line.total_a).abs();
    sort_by(&mut lines, |a, b| weight(b).partial_cmp(&weight(a)).unwrap_or(Ordering::Equal));
    let total = sum_of("Total", &lines);
    let rest = (lines.len() > SHOWN).then(|| sum_of(&format!("{} others", lines.len() - SHOWN), &lines[SHOWN..]));
    lines.truncate(SHOWN);
    let widest = lines.iter().map(weight).fold(0.0, f64::max);
    let row = move |line: ComparisonLine| {
        let change = line.total_b - line.total_a;
        let share = figures::change(line.total_a, line.total_b);
        let width = if widest > 0.0 { (change.abs() / widest * 50.0).min(50.0) } else { 0.0 };
        let left = if change < 0.0 { 50.0 - width } else { 50.0 };
        let side = if change < 0.0 { "down" } else { "up" };
        let spark = |values: &[f64]| values.iter().map(|value| value.is_finite().then_some(*value)).collect::<Vec<_>>();
        view! {
            <tr>
                <th scope="row">{line.name.clone()}</th>
                <td class="spark">
                    <Sparkline values=spark(&line.a) second=spark(&line.b) label=format!("{} over time in both versions", line.name) />
                </td>
                <td class="number">{figures::compact(line.total_a)}</td>
                <td class="number">{figures::compact(line.total_b)}</td>
                <td class="diverging" aria-hidden="true">
                    <div><i class=side style=format!("left:{left:.2}%;width:{width:.2}%")></i></div>
                </td>
                <td class="number strong">{figures::signed(figures::compact(change), change)}</td>
                <td class="number">{share.map_or_else(|| figures::MISSING.to_owned(), |share| figures::signed(figures::percent(share), share))}</td>
            </tr>
        }
    };
    let rows = lines.into_iter().chain(rest).map(row).collect_view();
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Lines of both versions, largest difference first">
            <table class="figures">
                <thead>
                    <tr>
                        <th scope="col">{noun}</th>
                        <th scope="col">"Over time"</th>
                        <th scope="col" class="number">{name_a}</th>
                        <th scope="col" class="number">{name_b}</th>
                        <th scope="col"></th>
                        <th scope="col" class="number">"Difference"</th>
                        <th scope="col" class="number">"%"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
                <tfoot>{row(total)}</tfoot>
            </table>
        </div>
    }
}

fn sum_of(name: &str, lines: &[ComparisonLine]) -> ComparisonLine {
    let mut sum = ComparisonLine { name: name.to_owned(), a: Vec::new(), b: Vec::new(), total_a: 0.0, total_b: 0.0 };
    let add = |into: &mut Vec<f64>, values: &[f64]| {
        into.resize(into.len().max(values.len()), 0.0);
        into.iter_mut().zip(values).for_each(|(sum, value)| *sum += if value.is_finite() { *value } else { 0.0 });
    };
    for line in lines {
        add(&mut sum.a, &line.a);
        add(&mut sum.b, &line.b);
        sum.total_a += line.total_a;
        sum.total_b += line.total_b;
    }
    sum
}
