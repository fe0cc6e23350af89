//! The bar over every page: where one is, where one may go, who one is.

use grid_engine::refs::SheetId;
use grid_engine::wire::Role;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::app::Router;
use crate::parts::{Maker, later, wasm_split};
use crate::state::{Account, role_title};
use crate::ui::{Avatar, Brand, Glyph, Menu, MenuItem, ThemeToggle};

/// The page one is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Workbook,
    Consensus,
    Tower,
    Supply,
    Cycle,
    Compare,
}

/// The top bar. `children` stand between the pages' links and the person, e.g. the save state.
#[component]
pub fn TopBar(
    workbook: SheetId,
    /// The workbook's title.
    #[prop(into)]
    title: Signal<String>,
    place: Place,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let account = Account::current();
    let reads_live = account.get_untracked().is_some_and(|me| me.may_read_live);
    let pages = pages(workbook, reads_live);
    let link = move |&(to, words, ref path): &Page| {
        view! { <a href=path.clone() aria-current=(place == to).then_some("page")>{words}</a> }
    };
    view! {
        <header class="topbar">
            <a class="brand" href="/" aria-label="Equipoise, all workbooks">
                <Brand />
            </a>
            <span class="title">{move || title.get()}</span>
            <nav class="pages" aria-label="Pages">
                {pages.iter().map(link).collect_view()}
            </nav>
            <span class="spacer"></span>
            {children.map(|children| children())}
            {reads_live.then(inbox_place)}
            {(place != Place::Workbook).then(|| later(keys, ()))}
            <ThemeToggle />
            <PersonMenu pages=pages.clone() place=Some(place) />
        </header>
    }
}

/// A page of a workbook: what it is called, and its path.
type Page = (Place, &'static str, String);

/// The pages of a workbook a person may read.
fn pages(workbook: SheetId, reads_live: bool) -> Vec<Page> {
    let all = [
        (Place::Workbook, "Workbook", ""),
        (Place::Consensus, "Consensus", "/consensus"),
        (Place::Tower, "Tower", "/tower"),
        (Place::Supply, "Supply", "/supply"),
        (Place::Cycle, "Cycle", "/cycle"),
        (Place::Compare, "Compare", "/compare"),
    ];
    all.into_iter()
        .filter(|(place, ..)| reads_live || !matches!(place, Place::Workbook | Place::Supply))
        .map(|(place, words, path)| (place, words, format!("/w/{workbook}{path}")))
        .collect()
}

/// The inbox comes after the page: what stands beside it does not move then.
fn inbox_place() -> impl IntoView {
    view! { <span class="inbox-place">{later(inbox, ())}</span> }
}

/// Where one was called in comments.
#[wasm_split(forms, fallible, wasm_split_path = leptos::wasm_split)]
fn inbox() -> Maker<()> {
    Ok(|()| view! { <super::inbox::Inbox /> }.into_any())
}

/// The keys; sheets show them by themselves.
#[wasm_split(forms, fallible, wasm_split_path = leptos::wasm_split)]
fn keys() -> Maker<()> {
    Ok(|()| view! { <super::keys::KeyboardHelp /> }.into_any())
}

/// The bar over pages that belong to no workbook.
#[component]
pub fn PlainBar() -> impl IntoView {
    view! {
        <header class="topbar">
            <a class="brand" href="/" aria-label="Equipoise, all workbooks">
                <Brand />
            </a>
            <nav class="pages" aria-label="Pages">
                <a href="/">"Workbooks"</a>
            </nav>
            <span class="spacer"></span>
            {Account::current().get_untracked().is_some_and(|me| me.may_read_live).then(inbox_place)}
            {later(keys, ())}
            <ThemeToggle />
            <PersonMenu pages=Vec::new() place=None />
        </header>
    }
}

/// The title of a workbook, once the server has said it.
pub fn workbook_title(workbook: SheetId) -> RwSignal<String> {
    let title = RwSignal::new(String::new());
    spawn_local(async move {
        let list = api::workbooks().await.unwrap_or_default();
        if let Some(info) = list.into_iter().find(|info| info.id == workbook) {
            title.try_set(info.title);
        } else if let Ok(list) = api::branch_titles(workbook).await
            && let Some(branch) = list.into_iter().find(|branch| branch.id == workbook)
        {
            title.try_set(format!("{} (branch)", branch.title));
        }
    });
    title
}

/// The signed-in person, and the way out; the pages too, where the bar has no room for them.
#[component]
fn PersonMenu(pages: Vec<Page>, place: Option<Place>) -> impl IntoView {
    let pages = StoredValue::new(pages);
    let account = Account::current();
    let router = Router::current();
    let sign_out = move |()| {
        spawn_local(async move {
            // Whatever the answer: this window forgets who was here.
            let _ = api::logout().await;
            account.set(None);
        });
    };
    move || {
        let me = account.get()?;
        let (name, colour) = (me.name.clone(), me.colour.clone());
        Some(view! {
            <Menu label=format!("Account of {name}") class="quiet person-button" end=true face=move || view! { <Avatar name=name.clone() colour=colour.clone() class="plain" /> }>
                <div class="menu-person">
                    <strong>{me.name.clone()}</strong>
                    <span class="muted">{role_words(&me)}</span>
                </div>
                <div class="menu-rule"></div>
                <div class="menu-pages" role="group" aria-label="Pages">
                    {pages
                        .get_value()
                        .into_iter()
                        .map(|(to, words, path)| {
                            let is_here = place == Some(to);
                            view! { <MenuItem checked=is_here on_click=move |()| router.go(&path)>{words}</MenuItem> }
                        })
                        .collect_view()}
                    <div class="menu-rule"></div>
                </div>
                {(me.role == Role::Admin)
                    .then(|| view! { <MenuItem icon=Glyph::People on_click=move |()| router.go("/people")>"People"</MenuItem> })}
                <MenuItem icon=Glyph::Lock on_click=move |()| router.go("/tokens")>"Access tokens"</MenuItem>
                <MenuItem icon=Glyph::Sliders on_click=move |()| router.go("/settings")>"Settings"</MenuItem>
                <div class="menu-rule"></div>
                <MenuItem icon=Glyph::SignOut on_click=sign_out>"Sign out"</MenuItem>
            </Menu>
        })
    }
}

fn role_words(me: &grid_engine::wire::Me) -> String {
    let role = role_title(me.role);
    if me.scope.is_empty() { role.to_owned() } else { format!("{role}, {}", me.scope.join(", ")) }
}
