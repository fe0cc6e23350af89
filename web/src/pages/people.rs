//! People and what they may do: the administrator's page.

use grid_engine::wire::{PersonInfo, PutPerson, Role};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::top_bar::PlainBar;
use crate::api;
use crate::state::role_title;
use crate::ui::{Avatar, Badge, Button, ButtonKind, Dialog, Glyph, Notice, Select, Tone};

/// Roles in the order in which they are offered, with what each may do.
const ROLES: [(Role, &str); 7] = [
    (Role::Sales, "Writes demand, within the scope below."),
    (Role::Demand, "Writes demand everywhere and freezes demand versions."),
    (Role::Supply, "Writes capacity, materials and stock policy, and starts solves."),
    (Role::Finance, "Writes prices and cost rates."),
    (Role::Executive, "Reads frozen versions and marks the consensus."),
    (Role::Viewer, "Reads everything, changes nothing."),
    (Role::Admin, "May do everything, people included."),
];

/// Whom a form is about.
#[derive(Clone, PartialEq)]
enum Subject {
    New,
    Known(PersonInfo),
}

/// Everyone who may sign in; each can be changed, nobody is deleted: what they did stays theirs.
#[component]
pub fn People() -> impl IntoView {
    let people = RwSignal::new(None::<api::Answer<Vec<PersonInfo>>>);
    let subject = RwSignal::new(Subject::New);
    let open = RwSignal::new(false);
    let load = move || {
        spawn_local(async move {
            let answer = api::people().await;
            people.try_set(Some(answer));
        });
    };
    load();
    let change = move |whom: Subject| {
        subject.set(whom);
        open.set(true);
    };
    let table = move |list: Vec<PersonInfo>| {
        let rows = list.into_iter().map(|person| view! { <Line person=person on_change=change /> }).collect_view();
        view! {
            <div class="scroll">
                <table class="figures people-table">
                    <thead>
                        <tr>
                            <th>"Name"</th>
                            <th>"User name"</th>
                            <th>"Role"</th>
                            <th>"Confined to"</th>
                            <th><span class="sr-only">"Actions"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    };
    let title = Signal::derive(move || match subject.get() {
        Subject::New => "Add a person".to_owned(),
        Subject::Known(person) => format!("Change {}", person.name),
    });
    view! {
        <div class="reading">
        <PlainBar />
        <main class="page people-page">
            <div class="page-head">
                <h1>"People"</h1>
                <Button kind=ButtonKind::Primary icon=Glyph::Plus on_click=move |_| change(Subject::New)>"Add a person"</Button>
            </div>
            <p class="muted">"Changes hold at once, also for windows that are open. What people did stays in the edit log."</p>
            {move || people.get().map(|answer| match answer {
                Ok(list) => table(list).into_any(),
                Err(refusal) => view! { <Notice tone=Tone::Bad>{refusal.message}</Notice> }.into_any(),
            })}
        </main>
        </div>
        <Dialog open=open title=title>
            <Form subject=subject.get_untracked() open=open on_saved=move |()| load() />
        </Dialog>
    }
}

#[component]
fn Line(person: PersonInfo, #[prop(into)] on_change: Callback<Subject>) -> impl IntoView {
    let scope = if person.scope.is_empty() { "everything".to_owned() } else { person.scope.join(", ") };
    let label = format!("Change {}", person.name);
    let disabled = person.disabled;
    view! {
        <tr class:is-disabled=disabled>
            <td>
                <span class="who">
                    <Avatar name=person.name.clone() colour=person.colour.clone() class="plain" />
                    <span>
                        <strong>{person.name.clone()}</strong>
                        <small class="muted">{person.title.clone()}</small>
                    </span>
                    {disabled.then(|| view! { <Badge tone=Tone::Warn>"May not sign in"</Badge> })}
                </span>
            </td>
            <td>{person.user.clone()}</td>
            <td>{role_title(person.role)}</td>
            <td class="muted">{scope}</td>
            <td>
                <button type="button" class="button small" aria-label=label on:click=move |_| on_change.run(Subject::Known(person.clone()))>
                    "Change"
                </button>
            </td>
        </tr>
    }
}

#[component]
fn Form(subject: Subject, open: RwSignal<bool>, #[prop(into)] on_saved: Callback<()>) -> impl IntoView {
    let known = match subject {
        Subject::Known(person) => Some(person),
        Subject::New => None,
    };
    let is_new = known.is_none();
    let field = |read: fn(&PersonInfo) -> String| RwSignal::new(known.as_ref().map(read).unwrap_or_default());
    let user = field(|person| person.user.clone());
    let name = field(|person| person.name.clone());
    let title = field(|person| person.title.clone());
    let scope = field(|person| person.scope.join(", "));
    let colour = RwSignal::new(known.as_ref().map_or("#0f766e".to_owned(), |person| person.colour.clone()));
    let password = RwSignal::new(String::new());
    let disabled = RwSignal::new(known.as_ref().is_some_and(|person| person.disabled));
    let place = |role: Role| ROLES.iter().position(|(of, _)| *of == role).unwrap_or(0);
    let role = RwSignal::new(known.as_ref().map_or(0, |person| place(person.role)).to_string());
    let chosen = move || ROLES.get(role.get().parse::<usize>().unwrap_or(0)).unwrap_or(&ROLES[0]);
    let options: Vec<(String, String)> =
        ROLES.iter().enumerate().map(|(index, (role, _))| (index.to_string(), role_title(*role).to_owned())).collect();
    let (busy, refused) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let secret = password.get_untracked();
        let change = PutPerson {
            name: Some(name.get_untracked().trim().to_owned()).filter(|name| !name.is_empty()),
            title: Some(title.get_untracked().trim().to_owned()),
            role: Some(untrack(chosen).0),
            scope: Some(parts(&scope.get_untracked())),
            colour: Some(colour.get_untracked()),
            password: Some(secret).filter(|secret| !secret.is_empty()),
            disabled: Some(disabled.get_untracked()),
        };
        let whom = user.get_untracked().trim().to_owned();
        if whom.is_empty() {
            return refused.set(Some("Give a user name to sign in with, without spaces.".to_owned()));
        }
        if is_new && change.password.is_none() {
            return refused.set(Some("A new person needs a first password.".to_owned()));
        }
        busy.set(true);
        refused.set(None);
        spawn_local(async move {
            let answer = api::put_person(&whom, &change).await;
            busy.try_set(false);
            match answer {
                Ok(_) => {
                    open.set(false);
                    on_saved.run(());
                }
                Err(refusal) => {
                    refused.try_set(Some(refusal.message));
                }
            }
        });
    };
    let text = move |label: &'static str, key: &'static str, value: RwSignal<String>, read_only: bool| {
        view! {
            <label class="field">
                <span class="label">{label}</span>
                <input class="input" name=key autocomplete="off" maxlength="120" readonly=read_only prop:value=value on:input=move |event| value.set(event_target_value(&event)) />
            </label>
        }
    };
    let hint =
        if is_new { "They can be given another one at any time." } else { "Empty: the password stays as it is." };
    view! {
        <form class="stack" on:submit=submit novalidate=true>
            {move || refused.get().map(|words| view! { <Notice tone=Tone::Bad>{words}</Notice> })}
            {text("User name", "user", user, !is_new)}
            {text("Name", "name", name, false)}
            {text("What they do", "title", title, false)}
            <div class="field">
                <span class="label">"Role"</span>
                <Select label="Role" options=Signal::stored(options) value=role on_change=move |value| role.set(value) />
                <span class="hint">{move || chosen().1}</span>
            </div>
            <label class="field">
                <span class="label">"Confined to"</span>
                <input class="input" name="scope" autocomplete="off" placeholder="everything" prop:value=scope on:input=move |event| scope.set(event_target_value(&event)) />
                <span class="hint">
                    "Separated by commas: a region such as " <code>"DACH"</code> ", " <code>"sheet:demand"</code> ", " <code>"measure:override"</code>
                    " or a key such as " <code>"channel=Retail"</code> ", which a sales planner's region comes with. " <code>"reads:DACH"</code>
                    " hides the other rows of sheets that are split by region; sheets that are not (a budget, prices) are seen whole."
                </span>
            </label>
            <label class="field">
                <span class="label">"Password"</span>
                <input class="input" name="password" type="password" autocomplete="new-password" prop:value=password on:input=move |event| password.set(event_target_value(&event)) />
                <span class="hint">{hint}</span>
            </label>
            <label class="field">
                <span class="label">"Colour of the cursor"</span>
                <input class="input swatch" name="colour" type="color" prop:value=colour on:input=move |event| colour.set(event_target_value(&event)) />
            </label>
            {(!is_new).then(|| view! {
                <label class="check">
                    <input type="checkbox" name="disabled" prop:checked=disabled on:change=move |event| disabled.set(event_target_checked(&event)) />
                    <span>"May not sign in any more"</span>
                </label>
            })}
            <div class="actions">
                <Button on_click=move |_| open.set(false)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary role="submit" disabled=busy>{move || if busy.get() { "Saving…" } else { "Save" }}</Button>
            </div>
        </form>
    }
}

/// The entries of a list with commas.
fn parts(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
