//! Two people at one cell or row: both are told, and may take the other's value with one click. The server tells again
//! at every visit what nobody has said to have seen. The newest is shown over the page; all of them lie in a tray.

use std::sync::Arc;

use grid_engine::doc::{Input, Op};
use grid_engine::refs::CellRef;
use grid_engine::value::Value;
use grid_engine::wire::{FromPeer, Scalar, ToPeer};
use leptos::prelude::*;

use super::core::Core;
use super::notices::Action;
use super::{LiveSource, Opening, Session, SheetSource, Tone};
use crate::ui::moment;

/// What was longer ago is told with its time, in milliseconds.
const NOW: i64 = 60_000;

/// The panel that all meetings lie in.
pub const MEETINGS: &str = "conflicts";

/// A meeting in words.
#[derive(Clone)]
pub struct Meeting {
    pub title: String,
    pub text: String,
    /// The cell they met in; none for a whole row.
    pub cell: Option<CellRef>,
    /// What can be done about it.
    pub actions: Vec<Action>,
}

impl Session {
    /// Shows a meeting, at once or when the workbook is open.
    pub(super) fn hear_of_meeting(self, number: u64, message: ToPeer) {
        self.with(|core| core.met.insert(number, message));
        self.show_met();
    }

    /// The meetings this person has not seen, the newest first, by their numbers; reading follows changes.
    pub fn meetings(self) -> Vec<(u64, Meeting)> {
        self.met.track();
        let known = self.with(|core| core.met.iter().rev().map(|(number, met)| (*number, met.clone())).collect());
        let known: Vec<_> = known.unwrap_or_default();
        known.into_iter().filter_map(|(number, met)| Some((number, self.words_of(met)?))).collect()
    }

    /// Shows the newest meeting this person has not seen, as soon as the workbook can say where it was.
    pub(super) fn show_met(self) {
        if self.opening.with_untracked(|opening| *opening != Opening::Open) {
            return;
        }
        self.met.update(|changes| *changes += 1);
        let newest = |core: &mut Core| {
            let newest = core.met.last_key_value().map(|(number, message)| (*number, message.clone()));
            (core.met_shown.take(), newest, core.met.len())
        };
        let Some((shown, newest, count)) = self.with(newest) else { return };
        shown.into_iter().for_each(|shown| self.notices.dismiss(shown));
        // Whoever looks into the tray sees them there.
        if self.panel.with_untracked(|panel| panel.as_deref() == Some(MEETINGS)) {
            return;
        }
        let Some((number, message)) = newest else { return };
        let Some(Meeting { mut title, text, mut actions, .. }) = self.words_of(message) else {
            return self.saw(vec![number]);
        };
        if count > 1 {
            title = format!("{title} · {} more", count - 1);
            // They stay unseen: the tray is where they are seen.
            let see_all = move || {
                self.with(|core| core.met_shown = None);
                self.panel.set(Some(MEETINGS.to_owned()));
            };
            actions.push((format!("See all {count}"), Arc::new(see_all)));
        }
        let closed = move || {
            if self.with(|core| core.met_shown.is_some()) == Some(true) {
                self.saw(vec![number]);
            }
        };
        let shown = self.notices.hold(title, text, actions, closed);
        self.with(|core| core.met_shown = Some(shown));
    }

    /// This person has seen meetings: the server need not tell of them again.
    pub fn saw(self, numbers: Vec<u64>) {
        let left = |core: &mut Core| numbers.iter().filter(|number| core.met.contains_key(number)).copied().collect();
        let notices: Vec<u64> = self.with(left).unwrap_or_default();
        if !notices.is_empty() {
            self.forget_meetings(&notices);
            self.tell(&FromPeer::Told { notices });
        }
    }

    /// They were seen in another window, or in this one.
    pub(super) fn forget_meetings(self, numbers: &[u64]) {
        let forget = |core: &mut Core| numbers.iter().filter(|number| core.met.remove(number).is_some()).count();
        if self.with(forget).is_some_and(|forgotten| forgotten > 0) {
            self.show_met();
        }
    }

    /// What a meeting says, and what can be done about it.
    fn words_of(self, message: ToPeer) -> Option<Meeting> {
        match message {
            ToPeer::Conflict { cell, by_name, at, mine, theirs, holds, .. } => {
                let title = format!("{by_name} edited the same cell{}", when(at));
                let (text, actions) = self.words_of_cell(cell, &mine, &theirs, &holds);
                Some(Meeting { title, text, cell: Some(cell), actions })
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
                let restore = move || {
                    let restore = Op::RestoreRows { sheet, rows: vec![row] };
                    if let Err(error) = self.edit(vec![restore], Some("Restored after a race")) {
                        self.notices.say(Tone::Warn, "Not restored", error.to_string());
                    }
                };
                let actions: Vec<Action> = vec![("Restore the row".to_owned(), Arc::new(restore))];
                Some(Meeting { title, text: text.to_owned(), cell: None, actions })
            }
            _ => None,
        }
    }

    fn words_of_cell(self, cell: CellRef, mine: &Scalar, theirs: &Scalar, holds: &Scalar) -> (String, Vec<Action>) {
        let source = LiveSource::new(self);
        let words = |scalar: &Scalar, does: &str, is_empty: &str| {
            let value = Value::from(scalar.clone());
            let value = match &value {
                Value::Blank => return is_empty.to_owned(),
                Value::Number(number) => source.written(cell.sheet, cell.col.measure, *number),
                Value::Text(text) => text.to_string(),
                other => format!("{other:?}"),
            };
            format!("{does} {value}")
        };
        let kept = if holds == mine {
            "Yours stands".to_owned()
        } else if holds == theirs {
            "Theirs stands".to_owned()
        } else {
            words(holds, "It holds", "It is empty") + " now"
        };
        let [mine_said, theirs_said] = [mine, theirs].map(|value| words(value, "entered", "cleared it"));
        let text = format!("{}: you {mine_said}, they {theirs_said}. {kept}.", source.address(cell));
        let mut actions: Vec<Action> = Vec::new();
        for (label, value) in [("Restore mine", mine), ("Take theirs", theirs)] {
            if value != holds {
                let value = value.clone();
                actions.push((label.to_owned(), Arc::new(move || self.choose(cell, value.clone()))));
            }
        }
        (text, actions)
    }

    /// Has a cell hold one of the values two people met with.
    fn choose(self, cell: CellRef, value: Scalar) {
        let input = match Value::from(value) {
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
    }
}

/// When it was, where that is not now.
fn when(at: i64) -> String {
    if js_sys::Date::now() as i64 - at < NOW { String::new() } else { format!(" on {}", moment(at)) }
}
