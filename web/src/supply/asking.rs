//! Questions to the plan, and their answers as tables.

use grid_engine::plan::{AskPlan, PlanAnswer};
use grid_engine::refs::SheetId;
use grid_engine::supply::study::Study;
use grid_engine::value::Value;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::{Notice, Spinner, Tone};
use crate::{api, figures};

/// How a question stands.
#[derive(Clone, PartialEq)]
pub enum Asked {
    Not,
    Waiting,
    /// A heading and rows.
    Answer(Vec<Vec<Value>>),
    Refused(String),
}

/// Asks; one that takes long is asked again until it is answered.
pub fn ask(workbook: SheetId, key: String, study: Study, to: RwSignal<Asked>) {
    to.set(Asked::Waiting);
    spawn_local(async move {
        let question = AskPlan { key, study };
        loop {
            let answer = match api::ask_plan(workbook, &question).await {
                Ok(PlanAnswer::Working) if !to.is_disposed() => continue,
                Ok(PlanAnswer::Working) => return,
                Ok(PlanAnswer::Done { table }) => Asked::Answer(table),
                Ok(PlanAnswer::Failed { message }) => Asked::Refused(message),
                Ok(PlanAnswer::Outdated) => Asked::Refused(
                    "The plan has changed meanwhile and is being solved again: ask once it is there.".to_owned(),
                ),
                Err(refusal) => Asked::Refused(refusal.message),
            };
            to.try_set(answer);
            return;
        }
    });
}

/// What stands in place of an answer that is not there.
pub fn meanwhile(asked: &Asked, waiting: &'static str) -> Option<AnyView> {
    match asked {
        Asked::Waiting => Some(
            view! { <div class="waiting small"><Spinner label=waiting /><span class="muted">{waiting}</span></div> }
                .into_any(),
        ),
        Asked::Refused(why) => {
            let why = why.clone();
            Some(view! { <Notice tone=Tone::Warn>{why}</Notice> }.into_any())
        }
        Asked::Not | Asked::Answer(_) => None,
    }
}

/// A section whose question is asked by itself, and its answer shown as a table.
#[component]
pub fn AnswerSection(
    title: &'static str,
    /// Of the figures.
    #[prop(into)]
    unit: String,
    /// What is asked, in words.
    about: &'static str,
    asked: RwSignal<Asked>,
    /// What is being done meanwhile.
    waiting: &'static str,
    /// What is said where there is nothing to tell.
    none: &'static str,
    /// Draws the rows of the answer, without its heading.
    lines: fn(&[Vec<Value>]) -> AnyView,
) -> impl IntoView {
    let body = move || {
        asked.with(|asked| {
            meanwhile(asked, waiting).unwrap_or_else(|| match asked {
                Asked::Answer(table) if table.len() > 1 => lines(&table[1..]),
                _ => view! { <p class="muted">{none}</p> }.into_any(),
            })
        })
    };
    view! {
        <section class="card" aria-label=title>
            <header class="cardhead">
                <h3>{title} <span class="unit">{unit}</span></h3>
                <p class="muted">{about}</p>
            </header>
            {body}
        </section>
    }
}

/// A figure of a row, or that it is not known.
pub fn figure(row: &[Value], column: usize) -> String {
    figures::known(number(row, column), figures::compact)
}

/// A cell's text; empty where it has none.
pub fn text(row: &[Value], column: usize) -> String {
    match row.get(column) {
        Some(Value::Text(text)) => text.to_string(),
        _ => String::new(),
    }
}

/// A cell's number, where it has one.
pub fn number(row: &[Value], column: usize) -> Option<f64> {
    match row.get(column) {
        Some(Value::Number(number)) => Some(*number),
        _ => None,
    }
}
