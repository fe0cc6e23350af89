//! How the values of a column or measure stand out: its conditional format.

use grid_engine::doc::{Accepts, Op, Validation};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::{Definer, called, line, may_define};
use crate::grid::Subject;
use crate::grid::cell_style::COLOURS;
use crate::grid::highlight::Highlight;
use crate::locale;
use crate::ui::Select;

const KINDS: [(&str, &str); 7] = [
    ("", "Like all others"),
    ("bars", "Data bars"),
    ("high", "Colour scale, high is good"),
    ("low", "Colour scale, low is good"),
    ("above", "Values above a limit"),
    ("below", "Values below a limit"),
    ("between", "Values between two limits"),
];

/// The conditional format of the selected column or measure.
#[component]
pub fn HighlightForm(definer: Definer, subject: Subject) -> impl IntoView {
    let found = subject.measure.and_then(|measure| Some((measure, called(definer, subject.sheet, measure)?)));
    let Some((measure, name)) = found else {
        return view! { <p class="muted">"Select a cell of the column or measure first."</p> }.into_any();
    };
    let sheet = subject.sheet;
    if !may_define(definer, sheet) {
        return view! { <p class="muted">"An administrator says which values of a measure stand out."</p> }.into_any();
    }
    let rule = definer.session.read(|book| book.sheet(sheet).and_then(|it| it.validation(measure).cloned())).flatten();
    let now = rule.as_ref().and_then(|rule| Highlight::of(&rule.highlight));
    let limit = |limit: Option<f64>| limit.map(locale::typed).unwrap_or_default();
    let (kind, from, to, place) = match now {
        None => ("", None, None, 2),
        Some(Highlight::Bars(colour)) => ("bars", None, None, colour),
        Some(Highlight::Scale { high_is_good }) => (if high_is_good { "high" } else { "low" }, None, None, 2),
        Some(Highlight::Rule { least, most, colour }) => match (least, most) {
            (Some(_), Some(_)) => ("between", least, most, colour),
            (Some(_), None) => ("above", least, None, colour),
            (None, _) => ("below", most, None, colour),
        },
    };
    let kind = RwSignal::new(kind.to_owned());
    let (first, second) = (RwSignal::new(limit(from)), RwSignal::new(limit(to)));
    let colour = RwSignal::new(COLOURS[place].to_owned());
    let wanted = move || -> Result<Option<Highlight>, String> {
        let number = |text: RwSignal<String>| {
            let text = text.get_untracked();
            locale::read(text.trim()).ok_or_else(|| format!("“{text}” is not a number."))
        };
        let colour = colour.with_untracked(|name| COLOURS.iter().position(|known| known == name)).unwrap_or(0);
        Ok(Some(match kind.get_untracked().as_str() {
            "bars" => Highlight::Bars(colour),
            "high" => Highlight::Scale { high_is_good: true },
            "low" => Highlight::Scale { high_is_good: false },
            "above" => Highlight::Rule { least: Some(number(first)?), most: None, colour },
            "below" => Highlight::Rule { least: None, most: Some(number(first)?), colour },
            "between" => {
                let (least, most) = (number(first)?, number(second)?);
                if least > most {
                    return Err("The first limit is above the second.".to_owned());
                }
                Highlight::Rule { least: Some(least), most: Some(most), colour }
            }
            _ => return Ok(None),
        }))
    };
    let keep = move |event: SubmitEvent| {
        event.prevent_default();
        match wanted() {
            Ok(wanted) => {
                let highlight = wanted.map(|wanted| wanted.words()).unwrap_or_default();
                let plain = || Validation {
                    accepts: Accepts::Any,
                    strict: false,
                    message: String::new(),
                    highlight: String::new(),
                };
                let rule = Validation { highlight, ..rule.clone().unwrap_or_else(plain) };
                let says_nothing = rule.accepts == Accepts::Any && rule.highlight.is_empty();
                definer.make(vec![Op::SetValidation { sheet, measure, rule: (!says_nothing).then_some(rule) }], true);
            }
            Err(problem) => definer.refuse(problem),
        }
    };
    let limits = move || match kind.get().as_str() {
        "above" | "below" => line("Limit", "first", "", first, false).into_any(),
        "between" => view! {
            <div class="pair">
                {line("From", "first", "", first, false)}
                {line("To", "second", "", second, false)}
            </div>
        }
        .into_any(),
        _ => ().into_any(),
    };
    let is_coloured = move || kind.with(|kind| !matches!(kind.as_str(), "" | "high" | "low"));
    let all = |options: &[(&str, &str)]| {
        let option = |(value, words): &(&str, &str)| ((*value).to_owned(), (*words).to_owned());
        Signal::stored(options.iter().map(option).collect::<Vec<_>>())
    };
    let colours = COLOURS.map(|name| (name, name));
    view! {
        <form class="stack" on:submit=keep novalidate=true>
            {definer.problem()}
            <div class="field">
                <span class="label">{format!("{name} looks")}</span>
                <Select label="How values stand out" options=all(&KINDS) value=kind on_change=move |value| kind.set(value) />
                <span class="hint">"For everyone. Bars and scales go from the lowest to the highest of all its values."</span>
            </div>
            {limits}
            <Show when=is_coloured>
                <div class="field">
                    <span class="label">"Colour"</span>
                    <Select label="Colour" options=all(&colours) value=colour on_change=move |value| colour.set(value) />
                </div>
            </Show>
            {definer.actions("Keep")}
        </form>
    }
    .into_any()
}
