//! Questions to the plan, and their answers as tables.

use grid_engine::plan::{AskPlan, PlanAnswer};
use grid_engine::refs::SheetId;
use grid_engine::supply::study::Study;
use grid_engine::value::Value;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::ui::{Notice, Spinner, Tone};

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
