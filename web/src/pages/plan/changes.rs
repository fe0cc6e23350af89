//! What changed in the demand since another version, by whom and why.

use grid_engine::plan::{ChangeEdit, RowChange, VersionChanges, WhoChanged};
use grid_engine::refs::SheetId;
use grid_engine::value::Value;
use grid_engine::value::entry::entry_text_in;
use grid_engine::wire::{Refusal, Scalar};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::{Notice, moment};
use crate::{api, figures, locale};

/// Entries of one person for one reason that are shown one by one.
const AT_ONCE: usize = 3;
/// Rows shown until one asks for all that are told of.
const SHOWN: usize = 10;

/// The rows that moved most from one version to another (ids with names; the other may be `live`), each opening to what people
/// entered there.
#[component]
pub fn WhatChanged(
    workbook: SheetId,
    from: (String, String),
    to: (String, String),
    /// What the section is called where a link leads to it.
    #[prop(optional)]
    id: &'static str,
    /// Hears what was found.
    #[prop(optional, into)]
    on_found: Option<Callback<VersionChanges>>,
) -> impl IntoView {
    let ((since, from), (version, to)) = (from, to);
    let words = format!("Demand, from “{from}” to “{to}”");
    let found = RwSignal::new(None::<Result<VersionChanges, Refusal>>);
    spawn_local(async move {
        let answer = api::version_changes(workbook, &version, &since).await;
        if let (Ok(changes), Some(on_found)) = (&answer, on_found) {
            on_found.try_run(changes.clone());
        }
        found.try_set(Some(answer));
    });
    move || {
        let body = match found.get()? {
            Err(refusal) => view! { <Notice>{refusal.message}</Notice> }.into_any(),
            Ok(changes) if changes.rows.is_empty() => {
                view! { <p class="muted">"The demand is the same in every row."</p> }.into_any()
            }
            Ok(changes) => view! { <Changes changes /> }.into_any(),
        };
        let words = words.clone();
        Some(view! {
            <section class="part" id=id data-testid="changes">
                <header class="cardhead">
                    <h2>"What changed, by whom and why"</h2>
                    <p class="muted">{words}</p>
                </header>
                <div class="card">{body}</div>
            </section>
        })
    }
}

#[component]
fn Changes(changes: VersionChanges) -> impl IntoView {
    let VersionChanges { before, after, rows, row_count, people, unmoved } = changes;
    let (units, share) = (after - before, figures::change(before, after));
    let share = share.map(|share| format!(" ({})", figures::signed(figures::percent(share), share)));
    let total = format!(
        "{} units{} in the buckets both plan; {row_count} rows moved.",
        figures::signed(figures::grouped(units, 0), units),
        share.unwrap_or_default()
    );
    let any = !people.is_empty();
    // A bridge counts these too: it tells who entered something where a cause comes from, not what came of it.
    let elsewhere = (unmoved.entries > 0).then(|| {
        let (entries, rows) = (count(unmoved.entries, "entry", "entries"), count(unmoved.rows, "row", "rows"));
        view! { <p class="muted">{format!("{entries} in {rows} more of the sheet moved nothing; a bridge counts them too.")}</p> }
    });
    let people = people.into_iter().map(person).collect_view();
    let told = rows.len();
    let all = RwSignal::new(told <= SHOWN);
    let rows = StoredValue::new(rows);
    let shown = move || {
        let most = if all.get() { told } else { SHOWN };
        rows.with_value(|rows| rows.iter().take(most).cloned().map(row).collect_view())
    };
    view! {
        <p>{total}</p>
        {any.then(|| view! { <p class="muted">"What people entered in the rows that moved:"</p> })}
        <ul class="who">{people}</ul>
        {elsewhere}
        <div class="causes">{shown}</div>
        {move || (!all.get()).then(|| view! {
            <button type="button" class="button small no-print" on:click=move |_| all.set(true)>{format!("{} more rows", told - SHOWN)}</button>
        })}
    }
}

/// Who entered how much, and why.
pub fn person(who: WhoChanged) -> impl IntoView {
    let did = format!(" {} in {}", count(who.entries, "entry", "entries"), count(who.rows, "row", "rows"));
    let whys = (!who.whys.is_empty()).then(|| format!(": {}", who.whys.join("; ")));
    view! { <li><b>{who.name}</b>{did}{whys}</li> }
}

fn count(number: usize, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

/// A row, opening to its entries; one that nobody touched says what that means.
fn row(row: RowChange) -> impl IntoView {
    let moved = row.after - row.before;
    let who = match row.edits.first() {
        Some(ChangeEdit { name, why: Some(why), .. }) => format!("{name}: {why}"),
        Some(ChangeEdit { name, .. }) => name.clone(),
        None => "Nobody’s entry: it follows from a forecast or a formula".to_owned(),
    };
    let mut entries = Vec::new();
    for edits in row.edits.chunk_by(|a, b| (&a.name, &a.why) == (&b.name, &b.why)) {
        entries.extend(edits.iter().take(AT_ONCE).cloned().map(|edit| entry(edit).into_any()));
        if edits.len() > AT_ONCE {
            let more = format!("and {} more of the same person for the same reason", edits.len() - AT_ONCE);
            entries.push(view! { <li class="muted">{more}</li> }.into_any());
        }
    }
    let units = |units: f64| figures::grouped(units, 0);
    // What went from one bucket to another moved twice and changes nothing in all.
    let between = row.moved - moved.abs();
    let mut totals = format!("{} to {}", units(row.before), units(row.after));
    if between >= 1.0 {
        totals.push_str(&format!("; {} units went from one bucket to another", units(between / 2.0)));
    }
    view! {
        <details>
            <summary class="moved">
                <b>{row.title}</b>
                <span class="number strong">{figures::signed(figures::grouped(moved, 0), moved)}</span>
                <span class="meaning">{who}</span>
            </summary>
            <p class="muted">{totals}</p>
            <ul class="entries">{entries}</ul>
        </details>
    }
}

fn entry(edit: ChangeEdit) -> impl IntoView {
    let words = |scalar: Scalar| match Value::from(scalar) {
        Value::Blank => "nothing".to_owned(),
        Value::Number(number) => figures::grouped(number, if number.fract() == 0.0 { 0 } else { 2 }),
        // As it is stored a formula names its cells by ids, which say nothing.
        Value::Text(text) if text.starts_with('=') => "a formula".to_owned(),
        value => entry_text_in(&value, Default::default(), locale::current()),
    };
    let what = format!("{}: {} instead of {}", edit.what, words(edit.new), words(edit.old));
    let who = format!("{}, {}", edit.name, moment(edit.at));
    let why = edit.why.map(|why| view! { <q>{why}</q> });
    view! { <li>{what}" "<span class="muted">{who}</span>" "{why}</li> }
}
