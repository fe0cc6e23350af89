//! What a measure of a planning sheet is.

use grid_engine::doc::{Aggregate, Measure, MeasureKind, Merge, NumberFormat, Op, SheetKind, Span};
use grid_engine::refs::{MeasureId, SheetId};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::{Definer, line, may_define};
use crate::grid::{Subject, fresh_id};
use crate::ui::{Button, Select};

const FORMATS: [(NumberFormat, &str); 8] = [
    (NumberFormat::General, "Automatic"),
    (NumberFormat::Whole, "Whole numbers"),
    (NumberFormat::Decimal, "Two decimals"),
    (NumberFormat::Percent, "Percent"),
    (NumberFormat::Money, "Money"),
    (NumberFormat::Price, "Money with cents"),
    (NumberFormat::Date, "Date"),
    (NumberFormat::Text, "Text"),
];
const AGGREGATES: [(Aggregate, &str); 4] = [
    (Aggregate::Sum, "Sum"),
    (Aggregate::Mean, "Mean"),
    (Aggregate::Last, "Sum of rows, last bucket: stocks"),
    (Aggregate::None, "No totals: prices, rates"),
];
const SPANS: [(Span, &str); 3] = [(Span::All, "All buckets"), (Span::History, "History"), (Span::Plan, "Plan")];

/// The place of a choice, as selects name it.
fn place<T: PartialEq>(choices: &[(T, &'static str)], chosen: &T) -> RwSignal<String> {
    RwSignal::new(choices.iter().position(|(choice, _)| choice == chosen).unwrap_or(0).to_string())
}

fn chosen<T: Copy>(choices: &[(T, &'static str)], at: RwSignal<String>) -> T {
    let at = at.get_untracked().parse::<usize>().unwrap_or(0);
    choices.get(at).unwrap_or(&choices[0]).0
}

fn select<T>(label: &'static str, choices: &[(T, &'static str)], value: RwSignal<String>) -> impl IntoView + use<T> {
    let words = choices.iter().enumerate().map(|(at, (_, words))| (at.to_string(), (*words).to_owned()));
    let options: Signal<Vec<(String, String)>> = Signal::stored(words.collect());
    view! {
        <div class="field">
            <span class="label">{label}</span>
            <Select label=label options value on_change=move |at| value.set(at) />
        </div>
    }
}

/// A new measure, before anybody said what it is.
fn blank(order: u32) -> Measure {
    Measure {
        id: MeasureId(fresh_id()),
        name: String::new(),
        kind: MeasureKind::Input,
        timed: true,
        span: Span::Plan,
        merge: Merge::Override,
        aggregate: Aggregate::Sum,
        format: NumberFormat::Whole,
        unit: String::new(),
        order,
        help: String::new(),
    }
}

/// The ways two people's entries meet, by this sheet's keys.
fn merges(measures: &[Measure]) -> Vec<(Merge, String)> {
    let mut merges = vec![
        (Merge::Override, "The last entry counts; both people are told".to_owned()),
        (Merge::Additive, "Contributions of each person add up".to_owned()),
        (Merge::Allocation { within: None }, "Shares of all rows add up to 100 %".to_owned()),
    ];
    let keys = measures.iter().filter(|measure| measure.kind == MeasureKind::Key);
    merges.extend(keys.map(|key| {
        (
            Merge::Allocation { within: Some(key.id) },
            format!("Shares within a {} add up to 100 %", key.name.to_lowercase()),
        )
    }));
    merges
}

/// The selected measure, or a `fresh` one.
#[component]
pub fn MeasureForm(definer: Definer, subject: Subject, fresh: bool) -> impl IntoView {
    let sheet = subject.sheet;
    let measures = definer
        .session
        .read(|book| book.sheet(sheet).map(|sheet| sheet.measures().to_vec()))
        .flatten()
        .unwrap_or_default();
    let order = measures.iter().map(|measure| measure.order + 1).max().unwrap_or(0);
    let stands = measures.iter().find(|measure| Some(measure.id) == subject.measure).cloned();
    let Some(measure) =
        (if fresh { Some(blank(order)) } else { stands }).filter(|_| subject.kind == SheetKind::Planning)
    else {
        return view! { <p class="muted">"Select a cell of the measure first."</p> }.into_any();
    };
    if !may_define(definer, sheet) {
        return view! { <About definer sheet measure /> }.into_any();
    }
    let formula = match &measure.kind {
        MeasureKind::Formula(stored) => {
            definer.session.read(|book| book.measure_formula_text(sheet, stored)).unwrap_or_default()
        }
        _ => String::new(),
    };
    let is_formula = matches!(measure.kind, MeasureKind::Formula(_));
    // What rows are known by, and what comes from outside, stays that.
    let is_open = matches!(measure.kind, MeasureKind::Input | MeasureKind::Formula(_));
    let merges = merges(&measures);
    let merge_at = merges.iter().position(|(merge, _)| *merge == measure.merge).unwrap_or(0);
    let merge = RwSignal::new(merge_at.to_string());
    let (name, unit) = (RwSignal::new(measure.name.clone()), RwSignal::new(measure.unit.clone()));
    let (help, formula) = (RwSignal::new(measure.help.clone()), RwSignal::new(formula));
    let kind = RwSignal::new(if is_formula { "formula" } else { "input" }.to_owned());
    let (format, aggregate) = (place(&FORMATS, &measure.format), place(&AGGREGATES, &measure.aggregate));
    let (span, timed) = (place(&SPANS, &measure.span), RwSignal::new(measure.timed));
    let kinds = vec![
        ("input".to_owned(), "Entered by people".to_owned()),
        ("formula".to_owned(), "Calculated; a cell may be overridden".to_owned()),
    ];
    let merge_options: Vec<(String, String)> =
        merges.iter().enumerate().map(|(at, (_, words))| (at.to_string(), words.clone())).collect();
    let has_formula = move || is_open && kind.with(|kind| kind == "formula");
    let is_timed = measure.timed;
    let id = measure.id;
    let delete = (!fresh && is_open).then(|| {
        let delete = move |_| {
            definer.make(vec![Op::DeleteMeasure { sheet, measure: id }], true);
        };
        view! {
            <div class="field">
                <div><Button class="small" on_click=delete>"Delete the measure"</Button></div>
                <span class="hint">"Formulas that read it show #REF! then. Undo brings it back with what was entered."</span>
            </div>
        }
    });
    let keep = move |event: SubmitEvent| {
        event.prevent_default();
        let mut measure = Measure {
            name: name.get_untracked().trim().to_owned(),
            unit: unit.get_untracked().trim().to_owned(),
            help: help.get_untracked().trim().to_owned(),
            format: chosen(&FORMATS, format),
            aggregate: chosen(&AGGREGATES, aggregate),
            span: chosen(&SPANS, span),
            timed: timed.get_untracked(),
            ..measure.clone()
        };
        if untrack(has_formula) {
            let typed = formula.get_untracked().trim().to_owned();
            let typed = if typed.starts_with('=') { typed } else { format!("={typed}") };
            match definer.session.read(|book| book.measure_formula_stored(sheet, &typed)) {
                Some(Ok(stored)) => (measure.kind, measure.merge) = (MeasureKind::Formula(stored), Merge::Override),
                Some(Err(error)) => return definer.refuse(format!("{typed}: {error}")),
                None => return,
            }
        } else if is_open {
            let at = merge.get_untracked().parse::<usize>().unwrap_or(0);
            measure.kind = MeasureKind::Input;
            measure.merge = merges.get(at).map_or(Merge::Override, |(merge, _)| *merge);
        }
        definer.make(vec![Op::PutMeasure { sheet, measure }], true);
    };
    view! {
        <form class="stack" on:submit=keep novalidate=true>
            {definer.problem()}
            <div class="pair">
                {line("Name", "name", "", name, false)}
                {line("Unit", "unit", "", unit, false)}
            </div>
            {is_open.then(|| view! {
                <div class="field">
                    <span class="label">"Its cells are"</span>
                    <Select label="Its cells are" options=Signal::stored(kinds) value=kind on_change=move |value| kind.set(value) />
                </div>
                <Show when=has_formula>
                    {line("Formula of every cell", "formula", "Other measures of the row as [@Name], an earlier bucket as [@Name:-1].", formula, false)}
                </Show>
                <Show when=move || !has_formula()>
                    <div class="field">
                        <span class="label">"When two people enter the same cell"</span>
                        <Select label="When two people enter the same cell" options=Signal::stored(merge_options.clone()) value=merge on_change=move |at| merge.set(at) />
                    </div>
                </Show>
            })}
            <div class="pair">
                {select("Shown as", &FORMATS, format)}
                {select("Totals", &AGGREGATES, aggregate)}
            </div>
            {fresh.then(|| view! {
                <label class="check">
                    <input type="checkbox" name="timed" prop:checked=timed on:change=move |event| timed.set(event_target_checked(&event)) />
                    <span>"A cell for each bucket, not one for the row"</span>
                </label>
            })}
            <Show when=move || is_open && (is_timed || timed.get())>{select("Has cells in", &SPANS, span)}</Show>
            {line("What it means", "help", "One sentence for the people who use it.", help, false)}
            {delete}
            {definer.actions(if fresh { "Add the measure" } else { "Keep the measure" })}
        </form>
    }
    .into_any()
}

/// What a measure is, for those who may not change it.
#[component]
fn About(definer: Definer, sheet: SheetId, measure: Measure) -> impl IntoView {
    let kind = match &measure.kind {
        MeasureKind::Key => "Part of what a row is known by.".into_any(),
        MeasureKind::Input => "Entered by people.".into_any(),
        MeasureKind::Layer => "Comes from imported facts or the solver.".into_any(),
        MeasureKind::Formula(stored) => {
            let text = definer.session.read(|book| book.measure_formula_text(sheet, stored)).unwrap_or_default();
            view! { <code>{text}</code> }.into_any()
        }
    };
    view! {
        <p><strong>{measure.name}</strong> {(!measure.unit.is_empty()).then(|| format!(", {}", measure.unit))}</p>
        {(!measure.help.is_empty()).then(|| view! { <p>{measure.help.clone()}</p> })}
        <p>{kind}</p>
        <p class="muted">"An administrator can change it."</p>
    }
}
