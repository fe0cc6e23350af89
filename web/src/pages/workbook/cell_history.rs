//! The history of the selected cell, read from the server's edit log as one moves and as edits are stored.

use std::time::Duration;

use grid_engine::refs::CellRef;
use grid_engine::value::{Value, entry::entry_text_in};
use grid_engine::wire::{CellEdit, Scalar};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::locale;
use crate::panels::{History, HistoryLine};
use crate::state::{LiveSource, SaveMark, Session, SheetSource};
use crate::ui::moment;

/// Whoever moves on within this time asks nothing of the server.
const REST: Duration = Duration::from_millis(180);

/// The history of the session's selected cell; it is read only while someone looks at it.
pub fn cell_history(session: Session) -> Signal<History> {
    let history = RwSignal::new(History::Nowhere);
    Effect::new(move || {
        let Some(cell) = session.selected.get() else { return history.set(History::Nowhere) };
        // What is on its way to the server is not in its log yet.
        if session.saved.get() == SaveMark::Saving {
            return;
        }
        if history.with_untracked(|known| matches!(known, History::Nowhere)) {
            history.set(History::Reading);
        }
        set_timeout(
            move || {
                if session.selected.try_get_untracked().flatten() != Some(cell) {
                    return;
                }
                spawn_local(async move {
                    let answer = api::cell_history(session.workbook, cell).await;
                    if session.selected.try_get_untracked().flatten() != Some(cell) {
                        return;
                    }
                    history.try_set(match answer {
                        Ok(edits) => History::Here {
                            address: LiveSource::new(session).address(cell),
                            lines: edits.into_iter().map(|edit| line(session, cell, edit)).collect(),
                        },
                        Err(refusal) => History::Failed(refusal.message),
                    });
                });
            },
            REST,
        );
    });
    history.into()
}

fn line(session: Session, cell: CellRef, edit: CellEdit) -> HistoryLine {
    let words = |scalar: Scalar| match Value::from(scalar) {
        Value::Number(number) => LiveSource::new(session).written(cell.sheet, cell.col.measure, number),
        Value::Text(text) if text.starts_with('=') => {
            session.read(|book| book.formula_text(cell, &text)).unwrap_or_else(|| text.to_string())
        }
        value => entry_text_in(&value, Default::default(), locale::current()),
    };
    HistoryLine {
        when: moment(edit.at),
        who: edit.name,
        old: words(edit.old),
        new: words(edit.new),
        why: edit.why.filter(|why| !why.is_empty()),
    }
}
