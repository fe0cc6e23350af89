//! Where one was called in comments: a badge in the top bar, and the way to the cell.

use std::time::Duration;

use grid_engine::wire::Call;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::app::Router;
use crate::state::Talk;
use crate::ui::{Avatar, Glyph, Icon, Menu, MenuItem, moment};

/// Its look; it comes with the part.
const STYLE: &str = include_str!("../../styles/inbox.css");

/// Pages without a live connection hear of calls this often.
const EVERY: Duration = Duration::from_secs(60);

/// The badge and its list.
#[component]
pub fn Inbox() -> impl IntoView {
    let talk = Talk::current();
    let calls = RwSignal::new(Vec::<Call>::new());
    let load = move || {
        spawn_local(async move {
            // Whoever cannot be asked now is asked again.
            if let Ok(found) = api::inbox().await {
                calls.try_set(found);
            }
        });
    };
    Effect::new(move || {
        talk.news.track();
        load();
    });
    if let Ok(every) = set_interval_with_handle(load, EVERY) {
        on_cleanup(move || every.clear());
    }
    let unread = Memo::new(move |_| calls.with(|calls| calls.iter().filter(|call| !call.read).count()));
    let mark = move |comments: Vec<i64>| {
        calls.update(|calls| {
            calls.iter_mut().filter(|call| comments.contains(&call.comment)).for_each(|call| call.read = true);
        });
        spawn_local(async move { drop(api::read_calls(comments).await) });
    };
    let router = Router::current();
    let go = move |call: &Call| {
        mark(vec![call.comment]);
        talk.asked.set(Some((call.workbook, call.thread)));
        router.go(&format!("/w/{}", call.workbook));
    };
    let all = move |()| {
        mark(calls.with_untracked(|calls| calls.iter().map(|call| call.comment).collect()));
    };
    let line = move |call: Call| {
        let shown = call.clone();
        view! {
            <button type="button" class="menu-item call" role="menuitem" class:unread=!call.read on:click=move |_| go(&call)>
                <Avatar name=shown.by.clone() colour=shown.colour class="plain" />
                <span>
                    <b>{shown.by}</b>
                    <small class="muted">{format!(" · {} · {}", shown.title, moment(shown.at))}</small>
                    <span class="words">{shown.text}</span>
                </span>
            </button>
        }
    };
    let face = move || {
        view! {
            <Icon name=Glyph::Bell />
            {move || (unread.get() > 0).then(|| view! { <span class="unread-count">{move || unread.get()}</span> })}
        }
    };
    move || {
        let label = match unread.get() {
            0 => "Inbox".to_owned(),
            1 => "Inbox, 1 unread".to_owned(),
            count => format!("Inbox, {count} unread"),
        };
        view! {
            <style>{STYLE}</style>
            <span class="inbox" data-unread=unread>
                <Menu label=label class="quiet square" end=true face=face>
                    <div class="menu-heading">"Where you were called"</div>
                    {move || calls.with(Vec::is_empty).then(|| view! { <p class="menu-empty muted">"Nobody has called you with @ in a comment yet."</p> })}
                    {move || calls.get().into_iter().map(line).collect_view()}
                    {move || (unread.get() > 0).then(|| view! {
                        <div class="menu-rule"></div>
                        <MenuItem icon=Glyph::Check on_click=all>"Mark all as read"</MenuItem>
                    })}
                </Menu>
            </span>
        }
    }
}
