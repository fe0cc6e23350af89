//! What drives a key figure that misses its target: a tree to open branch by branch.

use grid_engine::plan::{CauseNode, KpiLine, RootCause, has_root_cause};
use grid_engine::refs::SheetId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::address::{asked, keep};
use crate::refresh::renew_known;
use crate::ui::{Notice, Segmented, Spinner, Tone};
use crate::{api, figures};

/// The tree of one of the key figures that miss their targets.
#[component]
pub fn Causes(
    workbook: SheetId,
    version: Memo<String>,
    missed: Memo<Option<Vec<KpiLine>>>,
    news: Signal<i64>,
) -> impl IntoView {
    let known = Memo::new(move |_| {
        let missed = missed.get().unwrap_or_default().into_iter().filter(|kpi| has_root_cause(&kpi.id));
        missed.map(|kpi| (kpi.id, kpi.name)).collect::<Vec<(String, String)>>()
    });
    let wanted = RwSignal::new(asked("kpi").unwrap_or_default());
    Effect::new(move || keep([("kpi", wanted.get())]));
    // The first until one is chosen, and where what was chosen meets its target by now.
    let chosen = Memo::new(move |_| {
        let wanted = wanted.get();
        known.with(|known| known.iter().find(|(id, _)| *id == wanted).or(known.first()).map(|(id, _)| id.clone()))
    });
    let found = RwSignal::new(None::<Result<RootCause, String>>);
    Effect::new(move |before: Option<Option<String>>| {
        news.track();
        let (kpi, version) = (chosen.get(), version.get());
        if before.flatten() != kpi {
            found.set(None);
        }
        let question = kpi.clone();
        if let Some(of) = kpi.clone() {
            spawn_local(async move {
                let answer = api::root_cause(workbook, &version, &of).await;
                // Meanwhile another figure may have been chosen.
                if chosen.try_get_untracked().is_some_and(|now| now == question) {
                    renew_known(found, answer.map_err(|refusal| refusal.message));
                }
            });
        }
        kpi
    });
    let is_any = Memo::new(move |_| !known.with(Vec::is_empty));
    let others = move || {
        let others = missed.get().unwrap_or_default().into_iter().filter(|kpi| !has_root_cause(&kpi.id));
        let others: Vec<String> = others.map(|kpi| kpi.name).collect();
        (!others.is_empty()).then(|| {
            let words = format!("No sum over the plan’s rows, so without a tree: {}.", others.join(", "));
            view! { <p class="muted">{words}</p> }
        })
    };
    move || {
        is_any.get().then(|| {
            view! {
                <section class="card" aria-label="Root causes">
                    <header class="cardhead">
                        <h3>"Why"</h3>
                        {move || view! {
                            <Segmented
                                label="Key figure"
                                options=known.get()
                                value=Signal::derive(move || chosen.get().unwrap_or_default())
                                on_change=move |kpi| wanted.set(kpi)
                            />
                        }}
                    </header>
                    {move || match found.get() {
                        None => view! { <div class="waiting"><Spinner label="Looking for causes" /></div> }.into_any(),
                        Some(Err(words)) => view! { <Notice tone=Tone::Warn>{words}</Notice> }.into_any(),
                        Some(Ok(cause)) => view! { <Tree cause /> }.into_any(),
                    }}
                    {others}
                </section>
            }
        })
    }
}

#[component]
fn Tree(cause: RootCause) -> impl IntoView {
    let RootCause { kpi, gap, unit, root } = cause;
    let whole = root.value;
    let mut levels = Vec::new();
    let mut inner = root.children.first();
    while let Some(node) = inner {
        levels.push(node.level.to_lowercase());
        inner = node.children.first();
    }
    let words = if whole == 0.0 {
        "Nothing is missing.".to_owned()
    } else {
        format!("{gap}: {}. {} by {}; the parts add up.", amount(&root, &unit, &kpi.unit), kpi.name, levels.join(", "))
    };
    view! {
        <p class="muted">{words}</p>
        <ul class="cause-tree">{nodes(root.children, whole, &unit, &kpi.unit, true)}</ul>
    }
}

fn amount(node: &CauseNode, unit: &str, kpi_unit: &str) -> String {
    let value = figures::compact(node.value);
    match (unit, kpi_unit) {
        ("money", "money") => value,
        (_, "%") => format!("{value} {unit}, {}", figures::percent(node.points)),
        _ => format!("{value} {unit}, {}", figures::in_unit(node.points, kpi_unit)),
    }
}

fn nodes(children: Vec<CauseNode>, whole: f64, unit: &str, kpi_unit: &str, open: bool) -> Vec<AnyView> {
    let node = |(at, node): (usize, CauseNode)| {
        let share = if whole == 0.0 { 0.0 } else { (node.value / whole).clamp(-1.0, 1.0) };
        let amount = amount(&node, unit, kpi_unit);
        let line = view! {
            <span class="cause-name" title=node.level.clone()>{node.name.clone()}</span>
            <span class="cause-bar" aria-hidden="true"><i style:width=format!("{:.1}%", share.abs() * 100.0) class:good=share < 0.0></i></span>
            <span class="number muted">{amount}</span>
        };
        if node.children.is_empty() {
            return view! { <li><div class="cause-line">{line}</div></li> }.into_any();
        }
        // The way of the largest contributions stands open.
        let is_open = open && at == 0;
        let inner = nodes(node.children, whole, unit, kpi_unit, is_open);
        view! { <li><details open=is_open><summary class="cause-line">{line}</summary><ul>{inner}</ul></details></li> }
            .into_any()
    };
    children.into_iter().enumerate().map(node).collect()
}
