//! Versions side by side.

mod chosen;
mod differences;
mod tables;

use grid_engine::plan::{Comparison, VersionInfo};
use grid_engine::refs::SheetId;
use grid_engine::wire::{Refusal, WorkbookInfo};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::bridge::BridgeView;
use super::consensus::{Failed, Waiting};
use super::plan::WhatChanged;
use super::top_bar::{Place, TopBar, workbook_title};
use crate::address::{asked as asked_for, keep};
use crate::api;
use crate::refresh::{on_news, renew, renew_known, revision};
use crate::state::Account;
use crate::ui::{Button, Downloads, EmptyState, Glyph};
use chosen::{BRANCH, Chosen, fill};
use differences::{Controls, Differences, MEASURES, Shown};

/// Compares versions of a workbook (ids, `live`, or `branch.` and an id), the base first.
#[component]
pub fn Compare(workbook: SheetId, versions: Vec<String>) -> impl IntoView {
    let reads_live = Account::current().get_untracked().is_some_and(|me| me.may_read_live);
    let frozen = RwSignal::new(None::<Result<Vec<VersionInfo>, Refusal>>);
    // Nothing is asked until all that the address leaves open is filled.
    let chosen = RwSignal::new(Vec::<String>::new());
    let first = MEASURES[0].0;
    let linked = asked_for("measure").filter(|id| MEASURES.iter().any(|(known, ..)| known == id));
    let measure = RwSignal::new(linked.unwrap_or_else(|| first.to_owned()));
    // Empty: the level with the fewest lines.
    let by = RwSignal::new(asked_for("by").unwrap_or_default());
    let title = workbook_title(workbook);
    let wanted = StoredValue::new(versions);
    // What was filled in last: as long as nobody has chosen otherwise, it follows the consensus.
    let filled = StoredValue::new(Vec::<String>::new());
    let load_versions = move || {
        spawn_local(async move {
            let answer = api::versions(workbook).await;
            if let Ok(list) = &answer
                && chosen.try_get_untracked().is_some_and(|now| filled.with_value(|filled| *filled == now))
            {
                let sides = wanted.with_value(|asked| fill(asked, list, reads_live));
                filled.set_value(sides.clone());
                renew(chosen, sides);
            }
            renew_known(frozen, answer);
        });
    };
    load_versions();

    let answer = RwSignal::new(None::<Result<Comparison, Refusal>>);
    let asked = Memo::new(move |_| (chosen.get(), measure.get(), by.get()));
    let is_whole = |chosen: &[String]| chosen.len() > 1 && chosen.iter().all(|id| !id.is_empty());
    let ask = move || {
        let question = asked.get_untracked();
        if !is_whole(&question.0) {
            return;
        }
        spawn_local(async move {
            let (versions, measure, by) = &question;
            let comparison = api::compare(workbook, versions, measure, by).await;
            // A later question may have been asked meanwhile.
            if asked.try_get_untracked().is_some_and(|now| now == question) {
                renew(answer, Some(comparison));
            }
        });
    };
    Effect::new(move || {
        let (versions, measure, by) = asked.get();
        if is_whole(&versions) {
            let version = |place: usize| versions.get(place).cloned().unwrap_or_default();
            let measure = if measure == first { String::new() } else { measure };
            keep([
                ("a", version(0)),
                ("b", version(1)),
                ("c", version(2)),
                ("d", version(3)),
                ("e", version(4)),
                ("measure", measure),
                ("by", by),
            ]);
            ask();
        }
    });

    let branches = RwSignal::new(Vec::<WorkbookInfo>::new());
    let load_branches = move || {
        spawn_local(async move {
            if let Ok(list) = api::branch_titles(workbook).await {
                renew(branches, list);
            }
        });
    };
    if reads_live {
        load_branches();
    }
    on_news(revision(workbook), move || {
        load_versions();
        ask();
        if reads_live {
            load_branches();
        }
    });
    let names = Signal::derive(move || {
        let mut names: Vec<(String, String)> = Vec::new();
        if reads_live {
            let is_branch = branches.with(|list| list.iter().any(|branch| branch.id == workbook));
            let live = if is_branch { "This branch" } else { "Live plan" };
            names.push(("live".to_owned(), live.to_owned()));
        }
        frozen.with(|list| {
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
    let sides = Signal::derive(move || {
        let name_of = |id: &String| {
            names.with(|names| {
                names.iter().find(|(value, _)| value == id).map_or_else(|| id.clone(), |(_, name)| name.clone())
            })
        };
        chosen.with(|chosen| chosen.iter().map(|id| (id.clone(), name_of(id))).collect::<Vec<_>>())
    });
    // The last answer stays in sight until the next is here.
    let shown = RwSignal::new(None::<Shown>);
    Effect::new(move || {
        if let Some(Ok(comparison)) = answer.get() {
            let names = sides.get_untracked().into_iter().map(|(_, name)| name).collect();
            shown.set(Some(Shown { comparison, names }));
        }
    });
    let levels = Memo::new(move |_| {
        shown.with(|shown| shown.as_ref().map(|shown| shown.comparison.levels.clone()).unwrap_or_default())
    });
    let level = Memo::new(move |_| match by.get() {
        by if by.is_empty() => {
            shown.with(|shown| shown.as_ref().map(|shown| shown.comparison.by.clone()).unwrap_or_default())
        }
        by => by,
    });
    let stage = Memo::new(move |_| match (frozen.get(), answer.get()) {
        (None, _) => Stage::Loading,
        (Some(Err(refusal)), _) => Stage::NoVersions(refusal),
        (Some(Ok(_)), _) if names.with(|names| names.len() < 2) => Stage::Nothing,
        (_, Some(Err(refusal))) => Stage::Failed(refusal),
        _ if shown.with(Option::is_none) => Stage::Loading,
        _ => Stage::Ready,
    });
    let body = move || {
        let controls = move || view! { <Controls measure by level levels /> }.into_any();
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
            {controls()}
        }
        .into_any(),
        Stage::Ready => {
            // Between the first two: the edit log tells of the plan, from the one frozen on.
            let pair = Memo::new(move |_| sides.with(|sides| sides.get(..2).map(<[_]>::to_vec)));
            let changes = move || {
                let [from, to] = <[(String, String); 2]>::try_from(pair.get()?).ok()?;
                let is_told = from.0 != "live" && [&from, &to].iter().all(|(id, _)| !id.starts_with(BRANCH));
                is_told.then(|| view! { <WhatChanged workbook from to /> })
            };
            let bridge = view! {
                <BridgeView workbook sides by=level />
                {changes}
            }
            .into_any();
            view! { <Differences shown controls=controls() bridge /> }.into_any()
        }
    }
    };
    // Files hold every line, not only those that are drawn.
    let file = move |ending: &str| {
        asked.with(|(versions, measure, by)| api::comparison_file(workbook, ending, versions, measure, by))
    };
    let taken = move || {
        (stage.get() == Stage::Ready).then(|| {
            view! {
                <div class="tools no-print">
                    <Downloads of="The comparison" address=file />
                    <Button icon=Glyph::Print on_click=move |_| drop(window().print())>"Print"</Button>
                </div>
            }
        })
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
                    {taken}
                </header>
                <Chosen chosen names />
                {body}
            </main>
        </div>
    }
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
