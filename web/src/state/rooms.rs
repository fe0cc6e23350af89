//! The rooms of a session on their one connection: joining them, what arrives in them, and where it meets one's own edits.

use std::time::Duration;

use grid_engine::refs::RoomId;
use grid_engine::wire::{RoomClosed, RoomGrant, Scalar, split_address};
use leptos::prelude::*;

use super::clock;
use super::core::{Core, RoomLink};
use super::own_edits::OwnEdit;
use super::session::{Opening, Session};
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
            core.made.retain(|room| !core.grants.contains_key(room));
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

    pub(super) fn open(self, room: RoomId, replay: Vec<OwnEdit>) {
        let opened = self.with(|core| core.book.open_room(room, &[]).map_err(|error| error.to_string()));
        if let Some(Err(reason)) = opened {
            self.opening.set(Opening::Failed(reason));
            return;
        }
        self.with(|core| {
            core.rooms.insert(room, RoomLink::new(replay));
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
                let unsent = self.with(|core| {
                    // What is of the past is of no use to the server.
                    let joined = core.rooms.get_mut(&room).filter(|joined| !joined.past)?;
                    joined.answered = true;
                    match core.send_missing(room, &theirs) {
                        Some(()) => None,
                        None => Some(core.take_room(room)),
                    }
                });
                // More than goes in one frame was made meanwhile: edit by edit it does.
                if let Some(unsent) = unsent.flatten() {
                    self.open(room, unsent);
                }
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
                self.with(Core::send_place);
            }
            Received::Denied(reason) => leptos::logging::warn!("room {room}: {reason}"),
        }
    }

    /// Applies another person's change.
    fn receive(self, room: RoomId, update: &[u8]) {
        let received = self.with(|core| {
            core.unconfirmed.forget();
            core.book.apply_update(room, update)
        });
        match received {
            Some(Ok(())) if self.opening.with_untracked(|opening| *opening == Opening::Open) => self.recalculate_soon(),
            Some(Err(error)) => {
                leptos::logging::warn!("{error}");
                self.with(|core| core.join_room(room));
            }
            Some(Ok(())) | None => {}
        }
    }

    /// Goes on with a room in the document of another epoch; what the server did not have of our edits is sent again.
    fn replace(self, room: RoomId, state: &[u8]) {
        let replaced = self.with(|core| {
            core.unconfirmed.forget();
            let again = core.book.rebase(room, state)?;
            let clocks = again.as_ref().map(|again| (again.had as u32, core.book.clock_of(room, core.client) as u32));
            let earlier = core.edits.rebased(room, core.client, clocks);
            if let Some(joined) = core.rooms.get_mut(&room) {
                (joined.past, joined.answered) = (false, true);
                joined.replay.extend(earlier);
            }
            if let Some(again) = again {
                core.edits.oldest(room).into_iter().for_each(|made| core.say_remade(room, made));
                core.send_room(room, message::update(again.update));
            }
            Ok::<_, grid_engine::doc::DocError>(())
        });
        if let Some(Err(error)) = replaced {
            leptos::logging::warn!("{error}");
        }
        self.recalculate_soon();
        self.keep_unsent();
    }

    /// A room is up to date.
    fn arrived(self, room: RoomId) {
        let replay = self.with(|core| {
            let joined = core.rooms.get_mut(&room)?;
            (joined.synced, joined.here, joined.lost_at) = (true, true, None);
            Some(std::mem::take(&mut joined.replay))
        });
        self.make_again(replay.flatten().unwrap_or_default());
        self.progress();
        self.refresh_saved();
    }
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
