//! The rooms of a session on their one connection: joining them, what arrives in them, and where it meets one's own edits.

use std::time::Duration;

use grid_engine::doc::{Edit, Op};
use grid_engine::refs::{CellRef, RoomId};
use grid_engine::value::Value;
use grid_engine::wire::{FromPeer, RoomClosed, RoomGrant, Scalar, split_address};
use leptos::prelude::*;

use super::session::{Opening, RoomLink, Session};
use super::{SheetSource, Tone, clock};
use crate::sync::message::{self, Received};
use crate::sync::{FORBIDDEN, LinkEvent, PAST, SIGNED_OUT};

/// A room the server closed is joined again after this.
const REJOIN_AFTER: Duration = Duration::from_secs(1);

impl Session {
    /// Opens the rooms granted, and closes those no longer.
    pub(super) fn join(self, grants: Vec<RoomGrant>) {
        let fresh: Vec<RoomId> = grants.iter().map(|grant| grant.room).collect();
        self.with(|core| {
            core.grants = grants.iter().map(|grant| (grant.room, grant.write)).collect();
            let gone: Vec<RoomId> = core.rooms.keys().copied().filter(|room| !fresh.contains(room)).collect();
            for room in gone {
                core.leave_room(room);
                core.rooms.remove(&room);
                core.book.close_room(room);
            }
        });
        for room in fresh {
            let known = self.with(|core| core.rooms.contains_key(&room)).unwrap_or(true);
            if !known {
                self.open(room, Vec::new());
            }
        }
    }

    pub(super) fn open(self, room: RoomId, replay: Vec<Edit>) {
        let opened = self.with(|core| core.book.open_room(room, &[]).map_err(|error| error.to_string()));
        if let Some(Err(reason)) = opened {
            self.opening.set(Opening::Failed(reason));
            return;
        }
        self.with(|core| {
            core.rooms.insert(room, RoomLink { synced: false, answered: false, past: false, here: false, replay });
            core.join_room(room);
        });
    }

    pub(super) fn hear_sync(self, event: LinkEvent) {
        match event {
            LinkEvent::Open => {
                self.with(|core| {
                    let rooms: Vec<RoomId> = core.rooms.keys().copied().collect();
                    rooms.into_iter().for_each(|room| core.join_room(room));
                });
            }
            LinkEvent::Bytes(frame) => {
                let Some((room, frame)) = split_address(&frame) else { return };
                message::read(frame).into_iter().for_each(|message| self.answer(room, message));
            }
            LinkEvent::Text(text) => match serde_json::from_str::<RoomClosed>(&text) {
                Ok(RoomClosed { room, code, reason }) => self.closed(room, code, &reason),
                Err(error) => leptos::logging::warn!("a message of the server was not understood: {error}"),
            },
            LinkEvent::Closed { code, reason } => {
                self.with(|core| {
                    core.rooms.values_mut().for_each(RoomLink::interrupt);
                    core.presence.clear();
                });
                self.show_peers();
                if code == SIGNED_OUT {
                    self.lost(code, &reason);
                }
                self.refresh_saved();
            }
        }
    }

    /// The server closed a room. Where it tells more on `/live`, that comes first and the room is open anew by then.
    fn closed(self, room: RoomId, code: u16, reason: &str) {
        leptos::logging::warn!("room {room} was closed: {reason} ({code})");
        let again = self.with(|core| {
            let joined = core.rooms.get_mut(&room)?;
            joined.interrupt();
            joined.past |= code == PAST;
            (code == PAST).then(|| core.join_room(room))
        });
        self.refresh_saved();
        if again.flatten().is_some() {
            return;
        }
        if !matches!(code, SIGNED_OUT | FORBIDDEN) {
            let again = move || {
                self.with(|core| {
                    if core.rooms.get(&room).is_some_and(|joined| !joined.synced) {
                        core.join_room(room);
                    }
                });
            };
            set_timeout(again, REJOIN_AFTER);
        }
    }

    fn answer(self, room: RoomId, message: Received) {
        match message {
            Received::StateVector(theirs) => {
                self.with(|core| {
                    // What is of the past is of no use to the server.
                    let Some(joined) = core.rooms.get_mut(&room).filter(|joined| !joined.past) else { return };
                    joined.answered = true;
                    let Ok(update) = core.book.encode_state(room, Some(&theirs)) else { return };
                    core.send_room(room, &message::missing(update));
                });
            }
            Received::Missing(update) => {
                let was_past = self.with(|core| core.rooms.get(&room).is_some_and(|joined| joined.past));
                if was_past == Some(true) {
                    self.replace(room, &update)
                } else {
                    self.receive(room, &update)
                }
                self.arrived(room);
            }
            Received::Update(update) => self.receive(room, &update),
            Received::Presence(said) => {
                let changed = self.with(|core| core.presence.hear(core.client, said, clock::now()));
                if changed == Some(true) {
                    self.show_peers();
                }
            }
            Received::PresenceQuery => {
                self.with(super::session::Core::send_place);
            }
            Received::Denied(reason) => leptos::logging::warn!("room {room}: {reason}"),
        }
    }

    /// Applies another person's change, and tells where it met an own one.
    fn receive(self, room: RoomId, update: &[u8]) {
        let met = self.with(|core| {
            let input = |book: &grid_engine::workbook::Workbook, cell: CellRef| {
                book.sheet(cell.sheet).and_then(|sheet| sheet.input(cell.row, cell.col).cloned())
            };
            let standing: Vec<_> =
                core.edits.written(room).into_iter().filter(|(cell, mine)| input(&core.book, *cell) == *mine).collect();
            core.unconfirmed.forget();
            core.book.apply_update(room, update)?;
            let met: Vec<_> = standing
                .into_iter()
                .filter_map(|(cell, mine)| {
                    let theirs = input(&core.book, cell);
                    (theirs != mine).then_some((cell, mine, theirs))
                })
                .filter(|(cell, ..)| !is_additive(&core.book, *cell))
                .collect();
            met.iter().for_each(|(cell, ..)| core.edits.forget_cell(*cell));
            Ok::<_, grid_engine::doc::DocError>(met)
        });
        match met {
            Some(Ok(met)) => {
                for (cell, mine, theirs) in met {
                    let (mine, theirs) = (scalar(mine), scalar(theirs));
                    let by = self.person_at(cell);
                    let name = by.as_ref().map_or_else(|| "Someone".to_owned(), |(_, name)| name.clone());
                    if let Some(by) = by.map(|(person, _)| person).or(self.me.get_untracked().map(|me| me.person)) {
                        self.tell(&FromPeer::Conflict { cell, by, mine: mine.clone(), theirs: theirs.clone() });
                    }
                    self.show_conflict(cell, &name, &mine, &theirs);
                }
                if self.opening.with_untracked(|opening| *opening == Opening::Open) {
                    self.recalculate_soon();
                }
            }
            Some(Err(error)) => {
                leptos::logging::warn!("{error}");
                self.with(|core| core.join_room(room));
            }
            None => {}
        }
    }

    /// Goes on with a room in the document of another epoch; what the server did not have of our edits is sent again.
    fn replace(self, room: RoomId, state: &[u8]) {
        let replaced = self.with(|core| {
            core.unconfirmed.forget();
            let again = core.book.rebase(room, state)?;
            let vector = core.book.state_vector(room).unwrap_or_default();
            let clock = again.as_ref().map(|_| message::clock_of(&vector, core.client));
            core.edits.rebased(room, clock, clock::now());
            if let Some(joined) = core.rooms.get_mut(&room) {
                (joined.past, joined.answered) = (false, true);
            }
            again.into_iter().for_each(|update| core.send_room(room, &message::update(update)));
            Ok::<_, grid_engine::doc::DocError>(())
        });
        if let Some(Err(error)) = replaced {
            leptos::logging::warn!("{error}");
        }
        self.recalculate_soon();
        self.keep_unsent();
    }

    /// Who stands on a cell.
    fn person_at(self, cell: CellRef) -> Option<(grid_engine::refs::PersonId, String)> {
        let at = |place: &crate::sync::Place| {
            place.sheet == Some(cell.sheet) && place.row == Some(cell.row) && place.col.is_some()
        };
        self.peers.with_untracked(|peers| {
            let exact = peers.iter().find(|peer| at(&peer.place) && peer.place.col == Some(cell.col));
            exact
                .or_else(|| peers.iter().find(|peer| at(&peer.place)))
                .map(|peer| (peer.place.person, peer.place.name.clone()))
        })
    }

    pub(super) fn show_conflict(self, cell: CellRef, name: &str, mine: &Scalar, theirs: &Scalar) {
        let source = super::LiveSource::new(self);
        let words = |scalar: &Scalar| {
            let value = Value::from(scalar.clone());
            match &value {
                Value::Blank => "nothing".to_owned(),
                Value::Number(number) => source.written(cell.sheet, cell.col.measure, *number),
                Value::Text(text) => text.to_string(),
                other => format!("{other:?}"),
            }
        };
        let stands = self.read(|book| Some(scalar(book.sheet(cell.sheet)?.input(cell.row, cell.col).cloned())));
        let mine_stands = stands.flatten().as_ref() == Some(mine);
        let (label, other) = if mine_stands { ("Take theirs", theirs) } else { ("Restore mine", mine) };
        let kept = if mine_stands { "Yours stands" } else { "Theirs stands" };
        let title = format!("{name} edited the same cell");
        let text =
            format!("{}: you entered {}, they entered {}. {kept}.", source.address(cell), words(mine), words(theirs));
        let other = other.clone();
        self.notices.offer(Tone::Warn, title, text, label, move || {
            let input = match Value::from(other.clone()) {
                Value::Number(number) => Some(grid_engine::doc::Input::Number(number)),
                Value::Bool(truth) => Some(grid_engine::doc::Input::Bool(truth)),
                Value::Text(text) if text.starts_with('=') => Some(grid_engine::doc::Input::Formula(text.into())),
                Value::Text(text) => Some(grid_engine::doc::Input::Text(text.into())),
                _ => None,
            };
            let op = Op::SetCell { cell, input, guard: Default::default() };
            if let Err(error) = self.edit(vec![op], Some("Chosen after a simultaneous edit")) {
                self.notices.say(Tone::Warn, "Not changed", error.to_string());
            }
        });
    }

    /// A room is up to date.
    fn arrived(self, room: RoomId) {
        let replay = self.with(|core| {
            let joined = core.rooms.get_mut(&room)?;
            joined.synced = true;
            joined.here = true;
            Some(std::mem::take(&mut joined.replay))
        });
        for edit in replay.flatten().unwrap_or_default() {
            if let Err(error) = self.make(edit.clone()) {
                self.decline(edit, &error.to_string());
            }
        }
        self.progress();
        self.refresh_saved();
    }
}

fn is_additive(book: &grid_engine::workbook::Workbook, cell: CellRef) -> bool {
    book.sheet(cell.sheet)
        .and_then(|sheet| sheet.measure(cell.col.measure))
        .is_some_and(|measure| measure.merge == grid_engine::doc::Merge::Additive)
}

pub(super) fn scalar(input: Option<grid_engine::doc::Input>) -> Scalar {
    use grid_engine::doc::Input;
    match input {
        None => Scalar::Blank(()),
        Some(Input::Number(number)) => Scalar::Number(number),
        Some(Input::Bool(truth)) => Scalar::Bool(truth),
        Some(Input::Text(text) | Input::Formula(text)) => Scalar::Text(text.into()),
    }
}
