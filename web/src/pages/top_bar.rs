//! The bar over every page: where one is, where one may go, who one is.

use grid_engine::refs::SheetId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::state::Account;
use crate::ui::{Avatar, Brand, Glyph, Menu, MenuItem, ThemeToggle};

/// The page one is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Workbook,
    Consensus,
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
    let link = move |to: Place, path: String, words: &'static str| {
        view! { <a href=path aria-current=(place == to).then_some("page")>{words}</a> }
    };
    view! {
        <header class="topbar">
            <a class="brand" href="/" aria-label="Equipoise, all workbooks">
                <Brand />
            </a>
            <span class="title">{move || title.get()}</span>
            <nav class="pages" aria-label="Pages">
                {reads_live.then(|| link(Place::Workbook, format!("/w/{workbook}"), "Workbook"))}
                {link(Place::Consensus, format!("/w/{workbook}/consensus"), "Consensus")}
                {link(Place::Compare, format!("/w/{workbook}/compare"), "Compare")}
            </nav>
            <span class="spacer"></span>
            {children.map(|children| children())}
            <ThemeToggle />
            <PersonMenu />
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
        }
    });
    title
}

/// The signed-in person, and the way out.
#[component]
fn PersonMenu() -> impl IntoView {
    let account = Account::current();
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
                <MenuItem icon=Glyph::SignOut on_click=sign_out>"Sign out"</MenuItem>
            </Menu>
        })
    }
}

fn role_words(me: &grid_engine::wire::Me) -> String {
    use grid_engine::wire::Role;
    let role = match me.role {
        Role::Admin => "Administrator",
        Role::Sales => "Sales planner",
        Role::Demand => "Demand planner",
        Role::Supply => "Supply planner",
        Role::Finance => "Finance",
        Role::Executive => "Executive",
        Role::Viewer => "Viewer",
    };
    if me.scope.is_empty() { role.to_owned() } else { format!("{role}, {}", me.scope.join(", ")) }
}
