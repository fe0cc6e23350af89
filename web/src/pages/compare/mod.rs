//! Two versions side by side.

mod differences;
mod tables;

use grid_engine::plan::{Comparison, VersionInfo};
use grid_engine::refs::SheetId;
use grid_engine::wire::{Refusal, WorkbookInfo};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

use super::bridge::BridgeView;
use super::consensus::{Failed, Waiting};
use super::top_bar::{Place, TopBar, workbook_title};
use crate::api;
use crate::state::Account;
use crate::ui::{EmptyState, Glyph, IconButton, Select};
use differences::{Controls, Differences, MEASURES, SLICES, Shown};

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
