//! Locking what is selected, and the locks of the sheet.

use grid_engine::doc::{MeasureKind, SheetKind};
use grid_engine::refs::a1::column_letters;
use grid_engine::refs::{CellRef, ColId, RowId, SheetId};
use grid_engine::wire::{Lock, LockedRows, MAX_LOCK_REASON, NewLock};
use grid_engine::workbook::Workbook;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Definer;
use crate::api;
use crate::grid::{Block, Subject};
use crate::locale;
use crate::ui::{Button, ButtonKind, Select, moment};

/// `3 rows`, `1 row`.
fn counted(count: usize, what: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{} {what}{ending}", locale::current().shown(&count.to_string()))
}

/// The first of some rows or columns by its name, and how many more there are.
fn named(first: Option<String>, count: usize) -> String {
    let first = first.unwrap_or_else(|| "What was deleted since".to_owned());
    if count > 1 { format!("{first} and {} more", locale::current().shown(&(count - 1).to_string())) } else { first }
}

fn row_name(book: &Workbook, sheet: SheetId, row: RowId) -> Option<String> {
    let mirror = book.sheet(sheet)?;
    let at = mirror.row_index(row)?;
    if mirror.meta().kind == SheetKind::Free {
        return Some(format!("Row {}", at + 1));
    }
    let keys = mirror.measures().iter().filter(|measure| measure.kind == MeasureKind::Key);
    let texts: Vec<String> = keys.map(|key| book.display(CellRef { sheet, row, col: ColId::fixed(key.id) })).collect();
    Some(texts.join(" / "))
}

fn col_name(book: &Workbook, sheet: SheetId, col: ColId) -> Option<String> {
    let mirror = book.sheet(sheet)?;
    match (mirror.measure(col.measure), col.bucket) {
        (Some(measure), Some(bucket)) => Some(format!("{} {bucket}", measure.name)),
        (Some(measure), None) => Some(measure.name.clone()),
        (None, _) => Some(format!("Column {}", column_letters(mirror.col_index(col)? as u32))),
    }
}

/// What is locked, in words.
fn locked(definer: Definer, lock: &Lock) -> String {
    let NewLock { sheet, rows, cols, .. } = &lock.of;
    let words = |book: &Workbook| {
        let rows = match rows {
            LockedRows::All if cols.is_empty() => "The whole sheet".to_owned(),
            LockedRows::All => "Every row".to_owned(),
            LockedRows::Part(part) => {
                let label = book.sheet(*sheet).and_then(|mirror| mirror.meta().parts.get(part).cloned());
                named(label, 1)
            }
            LockedRows::These(rows) => named(rows.iter().find_map(|&row| row_name(book, *sheet, row)), rows.len()),
        };
        let col = cols.iter().find_map(|&col| col_name(book, *sheet, col));
        if cols.is_empty() { rows } else { format!("{rows}: {}", named(col, cols.len())) }
    };
    definer.session.read(words).unwrap_or_default()
}

/// The ways to lock what is selected, by their names in the form.
fn ways(definer: Definer, block: Option<&Block>) -> Vec<(String, String, LockedRows, bool)> {
    let mut ways = Vec::new();
    if let Some(block) = block {
        let (rows, cols) = (counted(block.rows.len(), "row"), counted(block.cols.len(), "column"));
        let these = || LockedRows::These(block.rows.clone());
        ways.push(("cells".to_owned(), format!("The selected cells: {rows}, {cols}"), these(), true));
        ways.push(("rows".to_owned(), format!("Their rows: {rows}, every column"), these(), false));
        ways.push(("columns".to_owned(), format!("Their columns: {cols}, every row"), LockedRows::All, true));
        let first = block.rows.first().copied();
        let part = definer.session.read(|book| {
            let sheet = book.sheet(block.sheet)?;
            let part = sheet.part_of(first?)?;
            Some((part, sheet.meta().parts.get(&part)?.clone()))
        });
        if let Some((part, label)) = part.flatten() {
            ways.push(("part".to_owned(), format!("All of {label}"), LockedRows::Part(part), false));
        }
    }
    ways.push(("sheet".to_owned(), "The whole sheet".to_owned(), LockedRows::All, false));
    ways
}

/// The locks of the sheet, and a form for one more.
#[component]
pub fn LocksForm(definer: Definer, subject: Subject) -> impl IntoView {
    let (session, sheet) = (definer.session, subject.sheet);
    let block = definer.grid.selected_block();
    let ways = StoredValue::new(ways(definer, block.as_ref()));
    let cols = StoredValue::new(block.map(|block| block.cols).unwrap_or_default());
    let way = RwSignal::new(ways.with_value(|ways| ways[0].0.clone()));
    let why = RwSignal::new(String::new());
    let keep = move |event: SubmitEvent| {
        event.prevent_default();
        let chosen = ways.with_value(|ways| ways.iter().find(|it| it.0 == way.get_untracked()).cloned());
        let Some((_, _, rows, by_cols)) = chosen else { return };
        let cols = if by_cols { cols.get_value() } else { Vec::new() };
        let new = NewLock { sheet, rows, cols, why: why.get_untracked().trim().to_owned() };
        spawn_local(async move {
            match api::put_lock(session.workbook, &new).await {
                Ok(_) => definer.open.set(false),
                Err(error) => definer.refuse(error.message),
            }
        });
    };
    let take_off = move |id: i64| {
        spawn_local(async move {
            if let Err(error) = api::take_lock_off(session.workbook, id).await {
                definer.refuse(error.message);
            }
        });
    };
    let list = move || {
        let locks = session.locks_of(sheet);
        if locks.is_empty() {
            return view! { <p class="muted">"Nothing of this sheet is locked. A lock keeps values, notes and formats as they are, for everyone, until it is taken off."</p> }.into_any();
        }
        let line = |lock: Lock| {
            let (id, may) = (lock.id, session.may_unlock(&lock));
            let who = format!("{}, {}", lock.by_name, moment(lock.at));
            let why = lock.of.why.clone();
            view! {
                <tr>
                    <th scope="row">{locked(definer, &lock)}</th>
                    <td>{(!why.is_empty()).then(|| view! { <span>{why}</span> <br /> })}<span class="muted">{who}</span></td>
                    <td class="tools">{may.then(|| view! { <Button class="small" on_click=move |_| take_off(id)>"Take off"</Button> })}</td>
                </tr>
            }
        };
        view! { <table class="names"><tbody>{locks.into_iter().map(line).collect_view()}</tbody></table> }.into_any()
    };
    let options = ways.with_value(|ways| ways.iter().map(|it| (it.0.clone(), it.1.clone())).collect::<Vec<_>>());
    view! {
        <form class="stack" on:submit=keep novalidate=true>
            {definer.problem()}
            {list}
            {if session.may_lock(sheet) {
                view! {
                    <label class="field">
                        <span class="label">"Lock"</span>
                        <Select label="What is locked" options=options value=way on_change=move |chosen| way.set(chosen) />
                    </label>
                    <label class="field">
                        <span class="label">"Why"</span>
                        <input class="input" name="why" maxlength=MAX_LOCK_REASON autocomplete="off" autofocus=true prop:value=why on:input=move |event| why.set(event_target_value(&event)) />
                        <span class="hint">"Whoever runs into the lock reads it."</span>
                    </label>
                    <div class="actions">
                        <Button on_click=move |_| definer.open.set(false)>"Cancel"</Button>
                        <Button kind=ButtonKind::Primary role="submit">"Lock"</Button>
                    </div>
                }.into_any()
            } else {
                view! { <p class="muted">"Those lock cells who freeze versions, in sheets they write. Who put a lock on takes it off, and so may administrators."</p> }.into_any()
            }}
        </form>
    }
}
