//! Which plan one is looking at (the live one, a branch, or a frozen version), the way to the others, and the link to it.

use grid_engine::plan::{VersionInfo, VersionState};
use grid_engine::refs::{Id, SheetId};
use grid_engine::wire::WorkbookInfo;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::app::Router;
use crate::grid::Grid;
use crate::parts::{Maker, wasm_split};
use crate::state::Account;
use crate::ui::{Glyph, Icon, IconButton, Menu, MenuItem};

/// Older versions are found in the panel of versions.
const MOST_VERSIONS: usize = 8;

/// Where one can go from here.
#[derive(Clone, Default)]
struct Plans {
    /// The workbook all of them belong to.
    home: Option<SheetId>,
    branches: Vec<WorkbookInfo>,
    versions: Vec<VersionInfo>,
}

/// The menu of plans; it comes after the sheet.
#[wasm_split(forms, fallible, wasm_split_path = leptos::wasm_split)]
pub(super) fn plan_menu() -> Maker<(SheetId, Option<Id>)> {
    Ok(|(workbook, version)| view! { <PlanMenu workbook version /> }.into_any())
}

#[component]
fn PlanMenu(workbook: SheetId, version: Option<Id>) -> impl IntoView {
    let plans = RwSignal::new(Plans::default());
    spawn_local(async move {
        let home = api::branch(workbook).await.ok().flatten().map_or(workbook, |branch| branch.home);
        // Whoever may not read the live plan is shown the versions alone.
        let branches = api::branch_titles(home).await.unwrap_or_default();
        let versions = api::versions(home).await.unwrap_or_default();
        plans.try_set(Plans { home: Some(home), branches, versions });
    });
    let reads_live = Account::current().get_untracked().is_some_and(|me| me.may_read_live);
    let name = move || {
        plans.with(|plans| match version {
            Some(version) => plans.versions.iter().find(|known| known.id == version).map(|known| known.name.clone()),
            None if plans.home == Some(workbook) => Some("Live".to_owned()),
            None => plans.branches.iter().find(|branch| branch.id == workbook).map(|branch| branch.title.clone()),
        })
    };
    let router = Router::current();
    let item = move |path: String, words: AnyView, is_here: bool| {
        view! { <MenuItem checked=is_here on_click=move |()| router.go(&path)>{words}</MenuItem> }
    };
    let items = move || {
        let Plans { home, branches, versions } = plans.get();
        let home = home.unwrap_or(workbook);
        let is_live = version.is_none() && home == workbook;
        let older = versions.len().saturating_sub(MOST_VERSIONS);
        let versions =
            versions.into_iter().enumerate().filter(|(at, known)| *at < MOST_VERSIONS || Some(known.id) == version);
        view! {
            {reads_live.then(|| item(format!("/w/{home}"), "Live".into_any(), is_live))}
            {(!branches.is_empty()).then(|| view! { <p class="menu-label">"Branches"</p> })}
            {branches
                .into_iter()
                .map(|branch| item(format!("/w/{}", branch.id), branch.title.into_any(), version.is_none() && branch.id == workbook))
                .collect_view()}
            <p class="menu-label">"Frozen versions"</p>
            {versions
                .map(|(_, known)| {
                    let mark = (known.state == VersionState::Consensus)
                        .then(|| view! { <span class="sr-only">"the consensus"</span> <Icon name=Glyph::Flag /> });
                    let words = view! { {known.name} {mark} }.into_any();
                    item(format!("/w/{home}/v/{}", known.id), words, Some(known.id) == version)
                })
                .collect_view()}
            {(older > 0).then(|| view! { <p class="menu-label">{format!("{older} more in the panel of versions")}</p> })}
        }
    };
    move || {
        name().map(|name| {
            let label = format!("Plan: {name}");
            view! {
                <Menu label class="quiet small plan-menu" end=true face=move || view! { <Icon name=Glyph::Snapshot /> <span class="truncate">{name.clone()}</span> <Icon name=Glyph::ChevronDown /> }>
                    {items()}
                </Menu>
            }
        })
    }
}

/// Puts a link to where one is on the clipboard.
#[component]
pub(super) fn ShareButton(grid: Grid) -> impl IntoView {
    view! { <IconButton icon=Glyph::Link label="Copy a link to this cell" class="share tip-end" on_click=move |_| grid.copy_link() /> }
}
