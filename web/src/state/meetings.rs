//! Two people at one cell or row: both are told, and may take the other's value with one click.

use grid_engine::doc::{Input, Op};
use grid_engine::refs::CellRef;
use grid_engine::value::Value;
use grid_engine::wire::{Scalar, ToPeer};
use leptos::prelude::*;

use super::{LiveSource, Opening, Session, SheetSource, Tone};
use crate::ui::moment;

/// What was longer ago is told with its time, in milliseconds.
const NOW: i64 = 60_000;

impl Session {
    /// Shows a meeting, at once or when the workbook is open.
    pub(super) fn hear_of_meeting(self, message: ToPeer) {
        if self.opening.with_untracked(|opening| *opening == Opening::Open) {
            self.show_meeting(message);
        } else {
            self.with(|core| core.met.push(message));
        }
    }

    /// Shows whom this person met while away.
    pub(super) fn show_met(self) {
        let met = self.with(|core| std::mem::take(&mut core.met)).unwrap_or_default();
        met.into_iter().for_each(|message| self.show_meeting(message));
    }

    fn show_meeting(self, message: ToPeer) {
        match message {
            ToPeer::Conflict { cell, by_name, at, mine, theirs, holds, .. } => {
                let title = format!("{by_name} edited the same cell{}", when(at));
                self.show_cell(cell, title, &mine, &theirs, &holds);
            }
            ToPeer::RowConflict { sheet, row, by_name, at, deleted, .. } => {
                let when = when(at);
                let (title, text) = if deleted {
                    (
                        format!("{by_name} was editing the row you deleted{when}"),
                        "What they entered is kept with the row.",
                    )
                } else {
                    (format!("{by_name} deleted the row you edited{when}"), "What you entered is kept with the row.")
                };
                self.notices.offer(Tone::Warn, title, text, "Restore the row", move || {
                    let restore = Op::RestoreRows { sheet, rows: vec![row] };
                    if let Err(error) = self.edit(vec![restore], Some("Restored after a race")) {
                        self.notices.say(Tone::Warn, "Not restored", error.to_string());
                    }
                });
            }
            _ => {}
        }
    }

    fn show_cell(self, cell: CellRef, title: String, mine: &Scalar, theirs: &Scalar, holds: &Scalar) {
        let source = LiveSource::new(self);
        let words = |scalar: &Scalar| {
            let value = Value::from(scalar.clone());
            match &value {
                Value::Blank => "nothing".to_owned(),
                Value::Number(number) => source.written(cell.sheet, cell.col.measure, *number),
                Value::Text(text) => text.to_string(),
                other => format!("{other:?}"),
            }
        };
        let (label, other) = if holds == mine { ("Take theirs", theirs) } else { ("Restore mine", mine) };
        let kept = if holds == mine {
            "Yours stands".to_owned()
        } else if holds == theirs {
            "Theirs stands".to_owned()
        } else {
            format!("It holds {} now", words(holds))
        };
        let text =
            format!("{}: you entered {}, they entered {}. {kept}.", source.address(cell), words(mine), words(theirs));
        let other = other.clone();
        self.notices.offer(Tone::Warn, title, text, label, move || {
            let input = match Value::from(other.clone()) {
                Value::Number(number) => Some(Input::Number(number)),
                Value::Bool(truth) => Some(Input::Bool(truth)),
                Value::Text(text) if text.starts_with('=') => Some(Input::Formula(text.into())),
                Value::Text(text) => Some(Input::Text(text.into())),
                _ => None,
            };
            let op = Op::SetCell { cell, input, guard: Default::default() };
            if let Err(error) = self.edit(vec![op], Some("Chosen after a simultaneous edit")) {
                self.notices.say(Tone::Warn, "Not changed", error.to_string());
            }
        });
    }
}

/// When it was, where that is not now.
fn when(at: i64) -> String {
    if js_sys::Date::now() as i64 - at < NOW { String::new() } else { format!(" on {}", moment(at)) }
}
