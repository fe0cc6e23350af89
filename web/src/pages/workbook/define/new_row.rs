//! A row of a planning sheet, named by its keys.

use grid_engine::doc::{Guard, Input, Measure, MeasureKind, Op};
use grid_engine::refs::{CellRef, ColId, PartId, RoomId, RowId, SheetId};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::Definer;
use crate::grid::Subject;

/// Known values a key offers.
const MOST_OFFERED: usize = 500;

/// The keys of a new row.
#[component]
pub fn RowForm(definer: Definer, subject: Subject) -> impl IntoView {
    let (session, sheet) = (definer.session, subject.sheet);
    let keys: Vec<Measure> = session
        .read(|book| {
            let measures = book.sheet(sheet)?.measures().iter();
            Some(measures.filter(|measure| measure.kind == MeasureKind::Key).cloned().collect())
        })
        .flatten()
        .unwrap_or_default();
    if keys.is_empty() {
        return view! { <p class="muted">"Rows of this sheet have no keys; they come with an import."</p> }.into_any();
    }
    let fields: Vec<(Measure, RwSignal<String>, Vec<String>)> = keys
        .into_iter()
        .map(|key| {
            let stands = subject.cell.map(|cell| text_of(definer, sheet, cell.row, &key)).unwrap_or_default();
            let known = known(definer, sheet, &key);
            (key, RwSignal::new(stands), known)
        })
        .collect();
    let inputs = fields
        .iter()
        .map(|(key, value, known)| {
            let (value, list) = (*value, format!("known-{}", key.id));
            view! {
                <label class="field">
                    <span class="label">{key.name.clone()}</span>
                    <input class="input" name=key.id.to_string() list=list.clone() maxlength="120" autocomplete="off" prop:value=value on:input=move |event| value.set(event_target_value(&event)) />
                    <datalist id=list>{known.iter().map(|known| view! { <option value=known.clone()></option> }).collect_view()}</datalist>
                </label>
            }
        })
        .collect_view();
    let fields = StoredValue::new(fields);
    let keep = move |event: SubmitEvent| {
        event.prevent_default();
        let values = fields.with_value(|fields| {
            fields
                .iter()
                .map(|(key, value, _)| (key.clone(), value.get_untracked().trim().to_owned()))
                .collect::<Vec<_>>()
        });
        match ops(definer, sheet, subject.cell.map(|cell| cell.row), &values) {
            Ok((row, ops)) => {
                if definer.make(ops, true) {
                    let first = ColId::fixed(values[0].0.id);
                    definer.grid.go_to(CellRef { sheet, row, col: first });
                }
            }
            Err(problem) => definer.refuse(problem),
        }
    };
    view! {
        <form class="stack" on:submit=keep novalidate=true>
            {definer.problem()}
            {inputs}
            <p class="muted">"A row is known by its keys: they stay as they are. Its other cells are filled afterwards."</p>
            {definer.actions("Add the row")}
        </form>
    }
    .into_any()
}

fn text_of(definer: Definer, sheet: SheetId, row: RowId, key: &Measure) -> String {
    definer.session.read(|book| book.display(CellRef { sheet, row, col: ColId::fixed(key.id) })).unwrap_or_default()
}

/// What the rows of a sheet hold for a key, each once.
fn known(definer: Definer, sheet: SheetId, key: &Measure) -> Vec<String> {
    let rows = definer.session.read(|book| book.sheet(sheet).map(|sheet| sheet.rows().to_vec())).flatten();
    let mut seen = std::collections::BTreeSet::new();
    seen.extend(rows.unwrap_or_default().into_iter().map(|row| text_of(definer, sheet, row, key)));
    seen.into_iter().take(MOST_OFFERED).collect()
}

/// The edit that adds the row, after `beside` where that lies in the same part.
fn ops(
    definer: Definer,
    sheet: SheetId,
    beside: Option<RowId>,
    values: &[(Measure, String)],
) -> Result<(RowId, Vec<Op>), String> {
    if let Some((key, _)) = values.iter().find(|(_, value)| value.is_empty()) {
        return Err(format!("{} is missing: a row is known by all of its keys.", key.name));
    }
    let parts: Vec<&str> = values.iter().map(|(_, value)| value.as_str()).collect();
    let row = RowId::of_key(&parts);
    let place = definer.session.read(|book| -> Result<(Option<PartId>, Option<RowId>, bool), String> {
        let sheet = book.sheet(sheet).ok_or("The sheet is not here any more.")?;
        if sheet.row_index(row).is_some() {
            return Err("There is a row with these keys already.".to_owned());
        }
        let meta = sheet.meta();
        let part = match meta.partition.and_then(|by| values.iter().find(|(key, _)| key.id == by)) {
            Some((key, value)) => {
                let found = meta.parts.iter().find(|(_, label)| *label == value).map(|(part, _)| *part);
                let labels = || meta.parts.values().map(String::as_str).collect::<Vec<_>>().join(", ");
                Some(found.ok_or_else(|| {
                    format!("{} “{value}” has no part of the sheet yet. There are: {}.", key.name, labels())
                })?)
            }
            None => None,
        };
        let same_part = |other: &RowId| sheet.part_of(*other) == part;
        let after = beside.filter(same_part).or_else(|| sheet.rows().iter().rev().find(|row| same_part(row)).copied());
        Ok((part, after, sheet.is_deleted(row)))
    });
    let (part, after, was_deleted) = place.ok_or("The workbook is busy; try again.")??;
    let room = part.map_or(RoomId::Sheet(sheet), |part| RoomId::Part(sheet, part));
    if !definer.session.may_write(room) {
        return Err("These rows are read-only for you.".to_owned());
    }
    if was_deleted {
        return Ok((row, vec![Op::RestoreRows { sheet, rows: vec![row] }]));
    }
    let mut ops = vec![Op::InsertRows { sheet, part, after, rows: vec![row] }];
    ops.extend(values.iter().map(|(key, value)| Op::SetCell {
        cell: CellRef { sheet, row, col: ColId::fixed(key.id) },
        input: Some(Input::Text(value.as_str().into())),
        guard: Guard::Always,
    }));
    Ok((row, ops))
}
