//! What drives a key figure that misses its target: a tree to open branch by branch.

use grid_engine::plan::{CauseNode, KpiLine, RootCause, has_root_cause};
use grid_engine::refs::SheetId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::{Notice, Segmented, Spinner, Tone};
use crate::{api, figures};

/// The tree of one of these key figures.
#[component]
pub fn Causes(workbook: SheetId, version: String, kpis: Vec<KpiLine>) -> impl IntoView {
    let known: Vec<(String, String)> =
        kpis.into_iter().filter(|kpi| has_root_cause(&kpi.id)).map(|kpi| (kpi.id, kpi.name)).collect();
    let Some((first, _)) = known.first().cloned() else { return ().into_any() };
    let chosen = RwSignal::new(first);
    let found = RwSignal::new(None::<Result<RootCause, String>>);
    Effect::new(move || {
        let (kpi, version) = (chosen.get(), version.clone());
        found.set(None);
        spawn_local(async move {
            let answer = api::root_cause(workbook, &version, &kpi).await;
            // Meanwhile another figure may have been chosen.
            if chosen.try_get_untracked().is_some_and(|now| now == kpi) {
                found.try_set(Some(answer.map_err(|refusal| refusal.message)));
            }
        });
    });
    view! {
        <section class="card" aria-label="Root causes">
            <header class="cardhead">
                <h3>"Why"</h3>
                <Segmented label="Key figure" options=known value=chosen on_change=move |kpi| chosen.set(kpi) />
            </header>
            {move || match found.get() {
                None => view! { <div class="waiting"><Spinner label="Looking for causes" /></div> }.into_any(),
                Some(Err(words)) => view! { <Notice tone=Tone::Warn>{words}</Notice> }.into_any(),
                Some(Ok(cause)) => view! { <Tree cause /> }.into_any(),
            }}
        </section>
    }
    .into_any()
}

#[component]
fn Tree(cause: RootCause) -> impl IntoView {
    let RootCause { kpi, gap, unit, root } = cause;
    let whole = root.value;
    let words = if whole == 0.0 {
        "Nothing is missing.".to_owned()
    } else {
        format!(
            "{gap}: {}. {} by family, item, region and cause; the parts add up.",
            amount(&root, &unit, &kpi.unit),
            kpi.name
        )
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
        _ => format!("{value} {unit}, {}", figures::percent(node.points)),
    }
}

fn nodes(children: Vec<CauseNode>, whole: f64, unit: &str, kpi_unit: &str, open: bool) -> Vec<AnyView> {
    let node = |(at, node): (usize, CauseNode)| {
        let share = if whole == 0.0 { 0.0 } else { (node.value / whole).clamp(-1.0, 1.0) };
        let amount = amount(&node, unit, kpi_unit);
        let line = view! {
            <span class="cause-name truncate" title=node.level.clone()>{node.name.clone()}</span>
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
