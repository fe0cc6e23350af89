//! What the selected row rests on, as the sheets stand.

use std::time::Duration;

use grid_engine::doc::MeasureKind;
use grid_engine::plan::assumptions;
use grid_engine::refs::{CellRef, ColId};
use grid_engine::workbook::Workbook;
use leptos::prelude::*;

use crate::panels::Assumed;
use crate::state::Session;

/// Moves and values come in bursts; other sheets are looked through once they rest this long.
const REST: Duration = Duration::from_millis(250);

/// Found anew as one moves and as values change, while somebody looks at it.
pub fn assumed(session: Session) -> Signal<Assumed> {
    let found = RwSignal::new(None);
    let due = StoredValue::new(false);
    Effect::new(move || {
        session.selected.track();
        session.values.track();
        session.structure.track();
        if due.get_value() {
            return;
        }
        due.set_value(true);
        set_timeout(
            move || {
                due.try_set_value(false);
                let Some(Some(cell)) = session.selected.try_get_untracked() else { return };
                let now = session.read(|book| row_in_words(book, cell).map(|row| (row, assumptions(book, cell))));
                found.try_set(now.flatten());
            },
            REST,
        );
    });
    // What is the same is not drawn anew.
    Memo::new(move |_| found.get()).into()
}

/// A row by its keys, e.g. `SKU-014 · DE · Retail`; `None` for a sheet without keys.
pub fn row_in_words(book: &Workbook, cell: CellRef) -> Option<String> {
    let keys = book.sheet(cell.sheet)?.measures().iter().filter(|measure| measure.kind == MeasureKind::Key);
    let keys: Vec<String> = keys.map(|key| book.display(CellRef { col: ColId::fixed(key.id), ..cell })).collect();
    (!keys.is_empty()).then(|| keys.join(" · "))
}
