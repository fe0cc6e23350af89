//! One's own access tokens: what scripts sign in with.

use grid_engine::wire::{IssuedToken, NewToken, TokenInfo};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::top_bar::PlainBar;
use crate::api;
use crate::ui::{Button, ButtonKind, Notice, Tone, moment};

/// Tokens that are good, and a form for a new one. A secret is shown once, when it is made.
#[component]
pub fn Tokens() -> impl IntoView {
    let tokens = RwSignal::new(None::<api::Answer<Vec<TokenInfo>>>);
    let issued = RwSignal::new(None::<IssuedToken>);
    let load = move || {
        spawn_local(async move {
            let answer = api::tokens().await;
            tokens.try_set(Some(answer));
        });
    };
    load();
    let end = move |token: TokenInfo| {
        spawn_local(async move {
            if let Err(refusal) = api::end_token(token.id).await {
                tokens.try_set(Some(Err(refusal)));
                return;
            }
            if issued.with_untracked(|issued| issued.as_ref().is_some_and(|issued| issued.token.id == token.id)) {
                issued.set(None);
            }
            load();
        });
    };
    let table = move |list: Vec<TokenInfo>| {
        if list.is_empty() {
            return view! { <p class="muted">"You have no tokens."</p> }.into_any();
        }
        let rows = list
            .into_iter()
            .map(|token| {
                let (label, mine) = (format!("Revoke {}", token.name), token.clone());
                view! {
                    <tr>
                        <td><strong>{token.name}</strong></td>
                        <td class="muted">{moment(token.created_at)}</td>
                        <td class="muted">{moment(token.expires_at)}</td>
                        <td><button type="button" class="button small" aria-label=label on:click=move |_| end(mine.clone())>"Revoke"</button></td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            <div class="scroll">
                <table class="figures people-table">
                    <thead>
                        <tr>
                            <th>"For"</th>
                            <th>"Made"</th>
                            <th>"Good until"</th>
                            <th><span class="sr-only">"Actions"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <div class="reading">
        <PlainBar />
        <main class="page people-page">
            <div class="page-head">
                <h1>"Access tokens"</h1>
            </div>
            <p class="muted">
                "A script that sends a token as " <code>"Authorization: Bearer …"</code> " acts as you, with your rights. Revoke it when it is not needed any more. What it may ask for: "
                <a href="/help/api" target="_blank">"the requests of this server"</a> "."
            </p>
            {move || issued.get().map(|issued| view! {
                <Notice tone=Tone::Good>
                    {format!("The secret of “{}”. It is shown this once:", issued.token.name)}
                    <pre class="secret">{issued.secret}</pre>
                </Notice>
            })}
            {move || tokens.get().map(|answer| match answer {
                Ok(list) => table(list),
                Err(refusal) => view! { <Notice tone=Tone::Bad>{refusal.message}</Notice> }.into_any(),
            })}
            <Form on_issued=move |token| {
                issued.set(Some(token));
                load();
            } />
        </main>
        </div>
    }
}

#[component]
fn Form(#[prop(into)] on_issued: Callback<IssuedToken>) -> impl IntoView {
    let (name, days) = (RwSignal::new(String::new()), RwSignal::new("90".to_owned()));
    let refused = RwSignal::new(None::<String>);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let new = NewToken {
            name: name.get_untracked().trim().to_owned(),
            days: days.get_untracked().trim().parse().unwrap_or(0),
        };
        if new.name.is_empty() {
            return refused.set(Some("Say what the token is for, so that it can be told from others.".to_owned()));
        }
        refused.set(None);
        spawn_local(async move {
            match api::issue_token(&new).await {
                Ok(token) => {
                    name.try_set(String::new());
                    on_issued.run(token);
                }
                Err(refusal) => {
                    refused.try_set(Some(refusal.message));
                }
            }
        });
    };
    view! {
        <form class="token-form" on:submit=submit novalidate=true>
            {move || refused.get().map(|words| view! { <Notice tone=Tone::Bad>{words}</Notice> })}
            <label class="field">
                <span class="label">"What it is for"</span>
                <input class="input" name="name" maxlength="80" autocomplete="off" prop:value=name on:input=move |event| name.set(event_target_value(&event)) />
            </label>
            <label class="field">
                <span class="label">"Good for how many days (1 to 366)"</span>
                <input class="input" name="days" type="number" min="1" max="366" prop:value=days on:input=move |event| days.set(event_target_value(&event)) />
            </label>
            <Button kind=ButtonKind::Primary role="submit">"Make a token"</Button>
        </form>
    }
}
