//! What the cells of a column or measure accept.

use grid_engine::doc::{Accepts, Op, Validation};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::{Definer, called, line, may_define};
use crate::grid::Subject;
use crate::locale;
use crate::ui::{Segmented, Select};

const KINDS: [(&str, &str); 5] = [
    ("any", "Anything"),
    ("number", "Numbers"),
    ("whole", "Whole numbers"),
    ("list", "One of a list"),
    ("text", "Texts up to a length"),
];

/// The rule of the selected column or measure.
#[component]
pub fn ValidationForm(definer: Definer, subject: Subject) -> impl IntoView {
    let found = subject.measure.and_then(|measure| Some((measure, called(definer, subject.sheet, measure)?)));
    let Some((measure, name)) = found else {
        return view! { <p class="muted">"Select a cell of the column or measure first."</p> }.into_any();
    };
    let sheet = subject.sheet;
    let rule = definer.session.read(|book| book.sheet(sheet).and_then(|it| it.validation(measure).cloned())).flatten();
    if !may_define(definer, sheet) {
        let words = match &rule {
            Some(rule) if rule.accepts != Accepts::Any => format!("{name}: {}.", rule.expected()),
            _ => format!("{name} takes whatever its format allows."),
        };
        return view! { <p>{words}</p> <p class="muted">"An administrator can change it."</p> }.into_any();
    }
    let limit = |limit: Option<f64>| limit.map(locale::typed).unwrap_or_default();
    let (mut kind, mut least, mut most, mut list, mut longest) =
        ("any", String::new(), String::new(), String::new(), "80".to_owned());
    match rule.as_ref().map(|rule| &rule.accepts) {
        Some(Accepts::Number { least: from, most: to }) => (kind, least, most) = ("number", limit(*from), limit(*to)),
        Some(Accepts::Whole { least: from, most: to }) => (kind, least, most) = ("whole", limit(*from), limit(*to)),
        Some(Accepts::List(values)) => (kind, list) = ("list", values.join("\n")),
        Some(Accepts::Text { longest: length }) => (kind, longest) = ("text", length.to_string()),
        Some(Accepts::Any) | None => {}
    }
    let kind = RwSignal::new(kind.to_owned());
    let (least, most, list, longest) =
        (RwSignal::new(least), RwSignal::new(most), RwSignal::new(list), RwSignal::new(longest));
    let strict = RwSignal::new(rule.as_ref().is_none_or(|rule| rule.strict).to_string());
    // It stands beside what cells accept, and stays.
    let highlight = rule.as_ref().map(|rule| rule.highlight.clone()).unwrap_or_default();
    let message = RwSignal::new(rule.map(|rule| rule.message).unwrap_or_default());
    let accepts = move || -> Result<Option<Accepts>, String> {
        let number = |text: RwSignal<String>| {
            let text = text.get_untracked();
            let text = text.trim();
            if text.is_empty() {
                return Ok(None);
            }
            locale::read(text).map(Some).ok_or_else(|| format!("“{text}” is not a number."))
        };
        Ok(Some(match kind.get_untracked().as_str() {
            "number" => Accepts::Number { least: number(least)?, most: number(most)? },
            "whole" => Accepts::Whole { least: number(least)?, most: number(most)? },
            "list" => {
                let text = list.get_untracked();
                let entries = text.lines().map(str::trim).filter(|entry| !entry.is_empty());
                Accepts::List(entries.map(str::to_owned).collect())
            }
            "text" => {
                let length = longest.get_untracked();
                let longest =
                    length.trim().parse().map_err(|_| format!("“{length}” is not a number of characters."))?;
                Accepts::Text { longest }
            }
            _ => return Ok(None),
        }))
    };
    let keep = move |event: SubmitEvent| {
        event.prevent_default();
        match accepts() {
            Ok(accepts) => {
                let (strict, message) = (strict.get_untracked() == "true", message.get_untracked().trim().to_owned());
                let highlight = highlight.clone();
                let accepts = accepts.or((!highlight.is_empty()).then_some(Accepts::Any));
                let rule = accepts.map(|accepts| Validation { accepts, strict, message, highlight });
                definer.make(vec![Op::SetValidation { sheet, measure, rule }], true);
            }
            Err(problem) => definer.refuse(problem),
        }
    };
    let limits = move || {
        match kind.get().as_str() {
        "number" | "whole" => view! {
            <div class="pair">
                {line("At least", "least", "", least, false)}
                {line("At most", "most", "", most, false)}
            </div>
        }
        .into_any(),
        "list" => view! {
            <label class="field">
                <span class="label">"Entries, one on each line"</span>
                <textarea class="input" name="list" rows="6" prop:value=list on:input=move |event| list.set(event_target_value(&event))></textarea>
                <span class="hint">"Cells offer them: Alt and the down key open the list."</span>
            </label>
        }
        .into_any(),
        "text" => line("Characters at most", "longest", "", longest, false).into_any(),
        _ => ().into_any(),
    }
    };
    let is_ruled = move || kind.with(|kind| kind != "any");
    let kinds = KINDS.iter().map(|(value, words)| ((*value).to_owned(), (*words).to_owned())).collect::<Vec<_>>();
    view! {
        <form class="stack" on:submit=keep novalidate=true>
            {definer.problem()}
            <div class="field">
                <span class="label">{format!("{name} accepts")}</span>
                <Select label="Accepts" options=Signal::stored(kinds) value=kind on_change=move |value| kind.set(value) />
            </div>
            {limits}
            <Show when=is_ruled>
                <div class="field">
                    <span class="label">"Other entries"</span>
                    <Segmented
                        label="Other entries"
                        options=vec![("true".to_owned(), "Are refused".to_owned()), ("false".to_owned(), "Are marked".to_owned())]
                        value=strict
                        on_change=move |value| strict.set(value)
                    />
                    <span class="hint">"What stands there already stays, and is marked. Formulas are not judged."</span>
                </div>
                {line("What people read then", "message", "Empty: a sentence made from the rule.", message, false)}
            </Show>
            {definer.actions("Keep the rule")}
        </form>
    }
    .into_any()
}
