//! Signing in.

use grid_engine::wire::{About, DemoUser, Login as Credentials};
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::state::Account;
use crate::ui::{Avatar, Brand, Button, ButtonKind, Notice, Spinner, ThemeToggle, Tone};

/// Colours of the demo people's cards, before the server has said theirs.
const COLOURS: [&str; 7] = ["#3a4fd0", "#0b8a7d", "#b1407f", "#a86a00", "#3c7fb0", "#7b6ad8", "#5f7d22"];

/// What stands in the way of signing in.
#[derive(Clone, Debug, PartialEq)]
enum Trouble {
    /// The server's words.
    Refused(String),
    /// Which field is empty.
    Missing(&'static str),
}

/// The sign-in page; it sets the [`Account`].
#[component]
pub fn Login() -> impl IntoView {
    let account = Account::current();
    let about = RwSignal::new(None::<Result<About, String>>);
    // Who is being signed in; empty for the form.
    let busy = RwSignal::new(None::<String>);
    let trouble = RwSignal::new(None::<Trouble>);
    spawn_local(async move {
        about.try_set(Some(api::about().await.map_err(|refusal| refusal.message)));
    });
    let sign_in = Callback::new(move |(card, credentials): (String, Credentials)| {
        if busy.get_untracked().is_some() {
            return;
        }
        busy.set(Some(card));
        trouble.set(None);
        spawn_local(async move {
            let answer = api::login(&credentials).await;
            busy.try_set(None);
            match answer {
                Ok(me) => account.set(Some(me)),
                Err(refusal) => {
                    trouble.try_set(Some(Trouble::Refused(refusal.message)));
                }
            }
        });
    });
    let cards = move || {
        let About { demo_users, .. } = about.get()?.ok()?;
        (!demo_users.is_empty()).then(|| view! { <DemoPeople people=demo_users busy=busy sign_in=sign_in /> })
    };
    let unreachable = move || {
        let message = about.get()?.err()?;
        Some(view! {
            <Notice tone=Tone::Bad>
                {message} " " <button class="link" type="button" on:click=move |_| { let _ = window().location().reload(); }>"Try again"</button>
            </Notice>
        })
    };
    let has_demo = move || about.with(|about| matches!(about, Some(Ok(about)) if !about.demo_users.is_empty()));
    // Not followed as a link of these pages: the server sends on to the provider.
    let company = move || {
        let offered = about.with(|about| matches!(about, Some(Ok(about)) if about.company_accounts));
        offered.then(|| view! { <a class="button large wide" href="/api/oidc/begin?to=/">"Sign in with your company account"</a> })
    };
    view! {
        <main class="login">
            <div class="corner">
                <ThemeToggle />
            </div>
            <div class="sheet" class:with-demo=has_demo>
                <section class="entry">
                    <div class="brandline">
                        <Brand />
                        <span>"Equipoise"</span>
                    </div>
                    <h1>"Sign in"</h1>
                    <p class="lead">"Demand, supply and money in one shared plan."</p>
                    {unreachable}
                    <Form busy=busy trouble=trouble sign_in=sign_in />
                    {company}
                </section>
                {cards}
            </div>
            <footer class="muted">
                {move || about.get().and_then(Result::ok).map(|about| format!("Equipoise {}", about.version))}
            </footer>
        </main>
    }
}

#[component]
fn Form(
    busy: RwSignal<Option<String>>,
    trouble: RwSignal<Option<Trouble>>,
    sign_in: Callback<(String, Credentials)>,
) -> impl IntoView {
    let (user, password) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let (Some(user), Some(password)) = (user.get_untracked(), password.get_untracked()) else { return };
        let credentials = Credentials { user: user.value().trim().to_owned(), password: password.value() };
        let empty = if credentials.user.is_empty() {
            Some(("user", user))
        } else if credentials.password.is_empty() {
            Some(("password", password))
        } else {
            None
        };
        if let Some((field, element)) = empty {
            trouble.set(Some(Trouble::Missing(field)));
            let _ = element.focus();
            return;
        }
        sign_in.run((String::new(), credentials));
    };
    let missing = move |field: &'static str| trouble.with(|trouble| *trouble == Some(Trouble::Missing(field)));
    let message = move || {
        trouble.get().map(|trouble| {
            let words = match trouble {
                Trouble::Refused(message) => message,
                Trouble::Missing("user") => "Enter your user name.".to_owned(),
                Trouble::Missing(_) => "Enter your password.".to_owned(),
            };
            view! { <Notice tone=Tone::Bad>{words}</Notice> }
        })
    };
    let waits = move || busy.with(|busy| busy.as_deref() == Some(""));
    view! {
        <form on:submit=submit novalidate=true>
            {message}
            <label class="field">
                <span class="label">"User name"</span>
                <input
                    class="input large"
                    name="user"
                    autocomplete="username"
                    autocapitalize="none"
                    spellcheck="false"
                    autofocus=true
                    node_ref=user
                    aria-invalid=move || missing("user").to_string()
                />
            </label>
            <label class="field">
                <span class="label">"Password"</span>
                <input
                    class="input large"
                    name="password"
                    type="password"
                    autocomplete="current-password"
                    node_ref=password
                    aria-invalid=move || missing("password").to_string()
                />
            </label>
            <Button kind=ButtonKind::Primary class="large wide" role="submit" disabled=Signal::derive(move || busy.get().is_some())>
                {move || if waits() { "Signing in…" } else { "Sign in" }}
            </Button>
        </form>
    }
}

#[component]
fn DemoPeople(
    people: Vec<DemoUser>,
    busy: RwSignal<Option<String>>,
    sign_in: Callback<(String, Credentials)>,
) -> impl IntoView {
    let cards = people
        .into_iter()
        .zip(COLOURS.into_iter().cycle())
        .map(|(person, colour)| {
            let DemoUser { user, password, name, title } = person;
            let (mine, label) = (user.clone(), format!("Sign in as {name}, {title}"));
            let is_busy = move || busy.with(|busy| busy.as_deref() == Some(mine.as_str()));
            view! {
                <button
                    type="button"
                    class="person"
                    data-user=user.clone()
                    aria-label=label
                    disabled=move || busy.get().is_some()
                    on:click=move |_| sign_in.run((user.clone(), Credentials { user: user.clone(), password: password.clone() }))
                >
                    <Avatar name=name.clone() colour=colour class="large plain" />
                    <span>
                        <strong>{name}</strong>
                        <small>{title}</small>
                    </span>
                    {move || is_busy().then(|| view! { <Spinner label="Signing in" /> })}
                </button>
            }
        })
        .collect_view();
    view! {
        <section class="demo" aria-label="Demo company">
            <h2>"Try the demo company"</h2>
            <p class="muted">"One click signs you in. Open a second window as someone else to plan together."</p>
            <div class="people">{cards}</div>
        </section>
    }
}
