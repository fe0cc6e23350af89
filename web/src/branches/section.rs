//! The branches of a workbook, in the versions panel.

use grid_engine::plan::{BranchInfo, Direction};
use grid_engine::refs::SheetId;
use grid_engine::wire::{Refusal, Role};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::create::CreateDialog;
use super::merge::MergeDialog;
use super::{STYLE, Start};
use crate::address::asked;
use crate::api;
use crate::app::Router;
use crate::state::{NoticeBoard, Session, Tone as NoticeTone};
use crate::ui::{Badge, Button, Glyph, Icon, Menu, MenuItem, Notice, Tone, moment};

/// The branches that come from the open workbook, and the button that makes the next.
#[component]
pub fn BranchesSection(session: Session, start: RwSignal<Option<Start>>) -> impl IntoView {
    let workbook = session.workbook;
    let notices = NoticeBoard::current();
    let router = Router::current();
    let list = RwSignal::new(None::<Result<Vec<BranchInfo>, Refusal>>);
    let merging = RwSignal::new(None::<BranchInfo>);
    let to_merge = StoredValue::new(asked("merge"));
    let load = move || {
        spawn_local(async move {
            let answer = api::branches(workbook).await;
            if let (Ok(list), Some(wanted)) = (&answer, to_merge.try_get_value().flatten())
                && let Some(found) = list.iter().find(|branch| branch.id.to_string() == wanted)
            {
                to_merge.set_value(None);
                merging.try_set(Some(found.clone()));
            }
            list.try_set(Some(answer));
        });
    };
    Effect::new(move || {
        session.versions.track();
        load();
    });
    let may_make = move || session.me.with(|me| me.as_ref().is_some_and(|me| me.role != Role::Viewer));
    let on_made = move |branch: BranchInfo| {
        notices.say(
            NoticeTone::Good,
            "Branch made",
            format!("“{}” is open. Nothing you change here reaches the plan until it is merged.", branch.name),
        );
        router.go(&format!("/w/{}", branch.id));
    };
    let on_made = Callback::new(on_made);
    let delete = Callback::new(move |branch: BranchInfo| {
        let sure =
            format!("Delete the branch “{}” with everything changed in it? This cannot be taken back.", branch.name);
        if !window().confirm_with_message(&sure).unwrap_or(false) {
            return;
        }
        spawn_local(async move {
            match api::delete_branch(branch.id).await {
                Ok(()) => {
                    notices.say(NoticeTone::Info, "Branch deleted", format!("“{}” is gone.", branch.name));
                    load();
                }
                Err(refusal) => notices.say(NoticeTone::Bad, "The branch was not deleted", refusal.message),
            }
        });
    });
    let body = move || {
        match list.get() {
        None => ().into_any(),
        Some(Err(refusal)) => view! { <div class="inset"><Notice tone=Tone::Bad>{refusal.message}</Notice></div> }.into_any(),
        Some(Ok(list)) if list.is_empty() => view! {
            <p class="muted branch-none">"Try a change without touching the plan: a branch is a copy that costs only its edits, and is merged back cell by cell."</p>
        }
        .into_any(),
        Some(Ok(list)) => list
            .into_iter()
            .map(|branch| view! { <BranchLine session branch merging delete /> })
            .collect_view()
            .into_any(),
    }
    };
    view! {
        <style>{STYLE}</style>
        <section class="branches" aria-label="Branches">
            <header class="branches-head">
                <h3>"Branches"</h3>
                {move || {
                    may_make().then(|| view! { <Button class="small" icon=Glyph::Plus on_click=move |_| start.set(Some(None))>"New branch"</Button> })
                }}
            </header>
            {body}
        </section>
        <CreateDialog workbook start on_made />
        {move || merging.get().map(|branch| {
            view! { <MergeDialog session branch direction=Direction::Merge on_close=move |_| { merging.set(None); leave_query(router, workbook); } /> }
        })}
    }
}

/// Takes what was asked for out of the address, so that loading the page again does not ask again.
fn leave_query(router: Router, workbook: SheetId) {
    if asked("merge").is_some() {
        router.replace(&format!("/w/{workbook}"));
    }
}

#[component]
fn BranchLine(
    session: Session,
    branch: BranchInfo,
    merging: RwSignal<Option<BranchInfo>>,
    delete: Callback<BranchInfo>,
) -> impl IntoView {
    let workbook = session.workbook;
    let id = branch.id;
    let is_here = id == workbook;
    let is_ours = branch.parent == workbook;
    let may_merge = move || session.me.with(|me| me.as_ref().is_some_and(|me| me.role != Role::Viewer));
    let by = branch.by;
    let may_delete =
        move || session.me.with(|me| me.as_ref().is_some_and(|me| me.person == by || me.role == Role::Admin));
    let begins = branch.version_name.clone().map_or_else(
        || if is_ours { String::new() } else { format!(" · from {}", branch.parent_name) },
        |name| format!(" · from “{name}”"),
    );
    let home = branch.home;
    let router = Router::current();
    let go = move |path: String| router.go(&path);
    let (for_menu, for_delete, for_button) = (branch.clone(), branch.clone(), branch.clone());
    let label = format!("Actions for {}", branch.name);
    let menu = move || {
        let (merge, gone) = (for_menu.clone(), for_delete.clone());
        view! {
            <MenuItem icon=Glyph::Table on_click=move |()| go(format!("/w/{id}"))>"Open"</MenuItem>
            <MenuItem icon=Glyph::Compare on_click=move |()| go(format!("/w/{home}/compare?a=live&b=branch.{id}"))>"Compare figures with live"</MenuItem>
            {(is_ours && may_merge()).then(|| {
                view! { <MenuItem icon=Glyph::Swap on_click=move |()| merging.set(Some(merge.clone()))>"Differences and merge"</MenuItem> }
            })}
            {(may_delete() && !is_here).then(|| {
                view! {
                    <div class="menu-rule"></div>
                    <MenuItem icon=Glyph::Close on_click=move |()| delete.run(gone.clone())>"Delete"</MenuItem>
                }
            })}
        }
    };
    view! {
        <article class="version branch" class:is-open=is_here data-branch=id.to_string()>
            <header>
                <a class="truncate" href=format!("/w/{id}")>{branch.name.clone()}</a>
                {is_here.then(|| view! { <Badge tone=Tone::Warn>"Open"</Badge> })}
                <Menu label=label class="quiet square small" end=true face=|| view! { <Icon name=Glyph::More /> }>
                    {menu()}
                </Menu>
            </header>
            <p class="muted">{format!("{} · {}{begins}", branch.by_name, moment(branch.at))}</p>
            {(!branch.comment.is_empty()).then(|| view! { <p class="said">{branch.comment.clone()}</p> })}
            {move || {
                let branch = for_button.clone();
                (is_ours && may_merge()).then(|| {
                    view! { <div><Button class="small" icon=Glyph::Swap on_click=move |_| merging.set(Some(branch.clone()))>"Differences and merge"</Button></div> }
                })
            }}
        </article>
    }
}
