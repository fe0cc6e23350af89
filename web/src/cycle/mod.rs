//! The month's cycle: where it stands, who has submitted, what was decided.

mod decisions;
mod entry;
mod steps;

use grid_engine::plan::{Cycle, CyclePage};
use grid_engine::refs::SheetId;
use grid_engine::wire::Refusal;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, Answer};
use crate::pages::{Place, TopBar, workbook_title};
use crate::ui::{Button, ButtonKind, Glyph, Notice, Select, Spinner, Tone};
use decisions::Decisions;
pub use decisions::{CycleDecisions, action_words, outcome};
use steps::{Steps, Submissions};

/// Its look; it comes with the part.
const STYLE: &str = include_str!("../../styles/cycle.css");

/// A cycle on its page.
#[derive(Clone, Copy)]
struct Editor {
    workbook: SheetId,
    /// As the server has it.
    page: RwSignal<Option<Result<CyclePage, Refusal>>>,
    /// As it is being changed. Typing changes it without drawing anything anew.
    draft: StoredValue<Cycle>,
    is_changed: RwSignal<bool>,
    refused: RwSignal<Option<String>>,
}

impl Editor {
    fn load(self, month: Option<String>) {
        spawn_local(async move {
            let answer = api::cycle(self.workbook, month.as_deref()).await;
            if let Ok(page) = &answer {
                let _ = self.draft.try_set_value(page.cycle.clone());
            }
            self.is_changed.try_set(false);
            self.refused.try_set(None);
            self.page.try_set(Some(answer));
        });
    }

    fn month(self) -> String {
        self.draft.with_value(|cycle| cycle.month.clone())
    }

    /// What somebody types.
    fn change(self, change: impl FnOnce(&mut Cycle)) {
        self.draft.update_value(change);
        self.is_changed.set(true);
    }

    /// Does something at once; not while something is written that showing it anew would lose.
    fn act(self, request: impl Future<Output = Answer<()>> + 'static) {
        if self.is_changed.get_untracked() {
            self.refused.set(Some("Save what you have changed first.".to_owned()));
        } else {
            self.send(request);
        }
    }

    /// Asks the server, and shows what came of it.
    fn send(self, request: impl Future<Output = Answer<()>> + 'static) {
        let month = self.month();
        spawn_local(async move {
            match request.await {
                Ok(()) => self.load(Some(month)),
                Err(refusal) => drop(self.refused.try_set(Some(refusal.message))),
            }
        });
    }

    fn save(self) {
        let (workbook, cycle) = (self.workbook, self.draft.get_value());
        self.send(async move { api::put_cycle(workbook, &cycle).await });
    }
}

/// The page.
#[component]
pub fn CycleSteps(workbook: SheetId) -> impl IntoView {
    let editor = Editor {
        workbook,
        page: RwSignal::new(None),
        draft: StoredValue::new(Cycle::default()),
        is_changed: RwSignal::new(false),
        refused: RwSignal::new(None),
    };
    editor.load(None);
    let title = workbook_title(workbook);
    let body = move || match editor.page.get() {
        None => view! { <div class="waiting"><Spinner label="Loading the cycle" /></div> }.into_any(),
        Some(Err(refusal)) => view! {
            <Notice tone=Tone::Bad>{refusal.message}</Notice>
            <Button on_click=move |_| editor.load(None)>"Try again"</Button>
        }
        .into_any(),
        Some(Ok(page)) => view! { <Body editor page /> }.into_any(),
    };
    view! {
        <style>{STYLE}</style>
        <div class="reading cycle">
            <TopBar workbook=workbook title=title place=Place::Cycle />
            <main class="page">{body}</main>
        </div>
    }
}

#[component]
fn Body(editor: Editor, page: CyclePage) -> impl IntoView {
    let leads = page.may_lead;
    let months: Vec<(String, String)> = page.months.iter().map(|month| (month.clone(), month_words(month))).collect();
    let month = page.cycle.month.clone();
    let done = page.cycle.steps.iter().filter(|step| step.done.is_some()).count();
    let failing = page.gates.iter().filter(|gate| !gate.passed).count();
    let words = match (done, failing) {
        (6, _) => "Every step is done.".to_owned(),
        (done, 0) => format!("{done} of 6 steps are done, and every gate is open."),
        (done, 1) => format!("{done} of 6 steps are done; 1 gate is not open yet."),
        (done, gates) => format!("{done} of 6 steps are done; {gates} gates are not open yet."),
    };
    let text = move |label: &'static str, value: String, change: fn(&mut Cycle, String)| {
        if !leads {
            return view! { <h3>{label}</h3> <p class="written">{if value.is_empty() { "Nothing written yet.".to_owned() } else { value }}</p> }
                .into_any();
        }
        view! {
            <label class="field">
                <span class="label">{label}</span>
                <textarea class="input" rows="5" prop:value=value on:input=move |event| {
                    let text = event_target_value(&event);
                    editor.change(|cycle| change(cycle, text));
                }></textarea>
            </label>
        }
        .into_any()
    };
    view! {
        <header class="plan-head">
            <div class="words">
                <h1>{format!("Cycle {}", month_words(&month))}</h1>
                <p class="muted">{words}</p>
            </div>
            <div class="actions">
                <Select label="Month" options=Signal::stored(months) value=Signal::stored(month) on_change=move |month| editor.load(Some(month)) />
                <Button icon=Glyph::Print on_click=move |_| drop(window().print())>"Print"</Button>
                {leads.then(|| view! {
                    <Button kind=ButtonKind::Primary disabled=Signal::derive(move || !editor.is_changed.get()) on_click=move |_| editor.save()>"Save"</Button>
                })}
            </div>
        </header>
        {move || editor.refused.get().map(|words| view! { <Notice tone=Tone::Bad>{words}</Notice> })}
        <Steps editor page=page.clone() />
        <Submissions editor parts=page.parts.clone() />
        <Decisions editor page=page.clone() />
        <section class="card pair">
            <div>{text("Agenda", page.cycle.agenda.clone(), |cycle, text| cycle.agenda = text)}</div>
            <div>{text("Minutes", page.cycle.minutes.clone(), |cycle, text| cycle.minutes = text)}</div>
        </section>
    }
}

/// `November 2026`.
fn month_words(month: &str) -> String {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let read = month.split_once('-').and_then(|(year, number)| {
        Some(format!("{} {year}", NAMES.get(number.parse::<usize>().ok()?.checked_sub(1)?)?))
    });
    read.unwrap_or_else(|| month.to_owned())
}
