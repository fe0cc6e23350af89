//! Rooms that go on in a fresh document: see [`super::epoch`].

use super::DocError;
use super::change::Change;
use super::documents::{Documents, distinct};
use super::room::Room;
use crate::refs::RoomId;

/// What taking over another epoch of a room brought about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rebased {
    /// What is no longer as it was, in order and without repetition.
    pub changes: Vec<Change>,
    /// The edits made here that the new document did not have; `None`: it had them all.
    pub repeated: Option<Repeated>,
}

/// Edits that were made again in a new document.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeated {
    /// Up to this clock of their writer the document had them.
    pub had: u64,
    /// All others, as one update for the server.
    pub update: Vec<u8>,
}

impl Documents {
    /// Remembers from now on what is written here, until [`Documents::acknowledge`]: for peers of a server, which may
    /// have to make it again.
    pub fn keep_unsent(&mut self) {
        self.keeps_unsent = true;
        self.rooms.values_mut().for_each(Room::keep_unsent);
    }

    /// The server has on disk what was written here up to its encoded state vector.
    pub fn acknowledge(&mut self, room: RoomId, vector: &[u8]) {
        if let Some(open) = self.rooms.get_mut(&room) {
            open.acknowledge(vector);
        }
    }

    /// Whether a peer with this encoded state vector may go on with what it holds of a room. One that holds a document
    /// of another epoch must begin with an empty one. `is_known` tells the writers this workbook has ever had.
    pub fn is_of_epoch(&self, room: RoomId, peer: &[u8], is_known: &dyn Fn(u64) -> bool) -> Result<bool, DocError> {
        let open = self.rooms.get(&room).ok_or(DocError::NoRoom(room))?;
        open.is_of_epoch(peer, is_known).map_err(|reason| DocError::Malformed { room, reason })
    }

    /// How often a room was rebased; 0 for one that is not open.
    pub fn epoch(&self, room: RoomId) -> u32 {
        self.rooms.get(&room).map_or(0, Room::epoch)
    }

    /// Whether what was overwritten in a room outgrows what is there. Only who examines updates can tell.
    pub fn is_outgrown(&self, room: RoomId) -> bool {
        self.rooms.get(&room).and_then(Room::weight).is_some_and(super::epoch::Weight::is_outgrown)
    }

    /// The state of a room's next epoch: what it holds, in a fresh document. The room itself stays as it is until
    /// [`Documents::rebase`].
    pub fn next_epoch(&mut self, room: RoomId) -> Result<Vec<u8>, DocError> {
        let open = self.rooms.get_mut(&room).ok_or(DocError::NoRoom(room))?;
        open.next_epoch().map_err(|reason| DocError::Malformed { room, reason })
    }

    /// Writers that the state of a room's next epoch says nothing of, each with the clock after its last change. Whoever
    /// may be asked for what they have written must note them: see [`super::swept_runs`].
    pub fn forgotten(&self, room: RoomId, next: &[u8]) -> Result<Vec<(u64, u64)>, DocError> {
        let open = self.rooms.get(&room).ok_or(DocError::NoRoom(room))?;
        open.forgotten(next).map_err(|reason| DocError::Malformed { room, reason })
    }

    /// How many changes of a writer a room has heard of; 0 for one that is not open.
    pub fn clock_of(&self, room: RoomId, writer: u64) -> u64 {
        self.rooms.get(&room).map_or(0, |open| open.clock_of(writer))
    }

    /// Goes on with a room in the document of another epoch, from its state. What was written here and is not in it is
    /// written again; what can be undone stays so, because undoing asks what cells hold, not who wrote them. Nothing
    /// changes on an error.
    pub fn rebase(&mut self, room: RoomId, state: &[u8]) -> Result<Rebased, DocError> {
        let open = self.rooms.get_mut(&room).ok_or(DocError::NoRoom(room))?;
        let (changed, repeated) = open.rebase(state).map_err(|reason| DocError::Malformed { room, reason })?;
        let had = open.clock_of(open.client());
        let again = (!repeated.is_empty()).then(|| Repeated { had, update: open.write(&repeated) });
        let mut changes = self.absorb(room, &changed);
        changes.extend(self.absorb(room, &repeated));
        Ok(Rebased { changes: distinct(changes), repeated: again })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeMap;

    use super::super::replicas::{cell, edit, id, input, replicas, row, set};
    use super::*;
    use crate::doc::{Input, MAKER, Op, is_reserved, swept_runs};
    use crate::refs::RoomId;

    fn number(number: f64) -> Input {
        Input::Number(number)
    }

    const NOBODY: fn(u64) -> bool = |_| false;

    /// Two replicas that keep what is unsent, the first of them the server's.
    fn server_and_peer() -> (Documents, Documents) {
        let mut both = replicas(2);
        let (mut peer, server) = (both.remove(1), both.remove(0));
        peer.keep_unsent();
        (server, peer)
    }

    fn take(server: &mut Documents, updates: &[(RoomId, Vec<u8>)]) {
        updates.iter().for_each(|(room, update)| _ = server.apply_update(*room, update).unwrap());
    }

    #[test]
    fn the_next_epoch_holds_what_the_last_one_held() {
        let (mut server, _) = server_and_peer();
        let sheet = id("summary");
        let place = |row| cell("summary", row, "a");
        let ops = vec![
            set(place("r1"), number(1.0)),
            set(place("r2"), Input::Formula("=1+1".into())),
            set(cell("demand", "de1", "uplift@2026-04"), number(3.0)),
            Op::SetNote { cell: place("r1"), text: Some("why".into()) },
            Op::SetStyle { cell: place("r1"), style: Some("bold".into()) },
            Op::MoveRows { sheet, after: None, rows: vec![row("r3")] },
            Op::DeleteRows { sheet, rows: vec![row("r2")] },
            Op::SetName { name: "vat".into(), formula: Some("=0.2".into()) },
        ];
        server.apply(&edit("ada", ops)).unwrap();
        let before = format!("{:#?}", server.mirror());
        for room in server.known_rooms() {
            let state = server.next_epoch(room).unwrap();
            assert_eq!(server.next_epoch(room).unwrap(), state, "whoever asks gets the same");
            let rebased = server.rebase(room, &state).unwrap();
            assert_eq!(rebased, Rebased::default(), "{room}");
        }
        let epochs = |text: &str| text.replace("epoch: 0", "epoch: 1");
        assert_eq!(format!("{:#?}", server.mirror()), epochs(&before));
        server.apply(&edit("ada", vec![Op::RestoreRows { sheet, rows: vec![row("r2")] }])).unwrap();
        assert_eq!(input(&server, place("r2")), Some(Input::Formula("=1+1".into())));
    }

    #[test]
    fn a_thousand_overwrites_leave_nothing_behind() {
        let (mut server, _) = server_and_peer();
        let room: RoomId = id("summary");
        // One after the other, so that their tombstones do not merge.
        let place = |value: u32| cell("summary", ["r1", "r2"][value as usize % 2], "a");
        let empty = server.next_epoch(room).unwrap().len();
        for value in 0..1000 {
            server.apply(&edit("ada", vec![set(place(value), number(f64::from(value)))])).unwrap();
        }
        let before = server.encode_state(room, None).unwrap().len();
        let state = server.next_epoch(room).unwrap();
        assert!(before > 5000 && state.len() < empty + 60, "{before} → {}", state.len());
        server.rebase(room, &state).unwrap();
        assert!(server.encode_state(room, None).unwrap().len() <= state.len() + 8);
        assert_eq!(input(&server, place(999)), Some(number(999.0)));
    }

    #[test]
    fn peers_of_the_past_are_told_from_new_ones() {
        let (mut server, peer) = server_and_peer();
        let room: RoomId = id("summary");
        let old = peer.state_vector(room).unwrap();
        assert_eq!(server.is_of_epoch(room, &old, &NOBODY), Ok(true));
        let state = server.next_epoch(room).unwrap();
        server.rebase(room, &state).unwrap();
        let current = server.state_vector(room).unwrap();
        let fresh = [1, 77, 5];
        for (vector, expected) in [(&old[..], false), (&current, true), (&[0], true), (&fresh, true)] {
            assert_eq!(server.is_of_epoch(room, vector, &NOBODY), Ok(expected), "{vector:?}");
        }
        assert_eq!(server.is_of_epoch(room, &fresh, &|writer| writer == 77), Ok(false), "a writer of long ago");
        assert!(server.is_of_epoch(room, &[9], &NOBODY).is_err());
        let again = server.next_epoch(room).unwrap();
        server.rebase(room, &again).unwrap();
        assert_eq!(server.is_of_epoch(room, &current, &NOBODY), Ok(false));
        let made = [1, MAKER as u8, 5];
        assert_eq!(server.is_of_epoch(room, &made, &NOBODY), Ok(false), "a copy that nobody had written in yet");
        assert_eq!(server.mirror().sheet(id("summary")).unwrap().meta().epoch, 2);
        assert!(!is_reserved((1 << 32) - 1), "stock clients have ids of 32 bits");
    }

    #[test]
    fn unsent_edits_are_made_again_exactly_once() {
        let (mut server, mut peer) = server_and_peer();
        let room: RoomId = id("demand~de");
        let place = |month: &str| cell("demand", "de1", &format!("override@2026-{month}"));
        let write = |peer: &mut Documents, month, value: Option<f64>| {
            peer.apply(&edit("bob", vec![set(place(month), value.map(number))])).unwrap().updates
        };
        let sent = write(&mut peer, "03", Some(1.0));
        take(&mut server, &sent);
        peer.acknowledge(room, &server.state_vector(room).unwrap());
        // Arrived, but the peer has not heard so; then somebody has written over it.
        let sent = write(&mut peer, "04", Some(2.0));
        take(&mut server, &sent);
        server.apply(&edit("ada", vec![set(place("04"), number(20.0))])).unwrap();
        // Not arrived.
        write(&mut peer, "05", Some(3.0));
        write(&mut peer, "03", None);
        let state = server.next_epoch(room).unwrap();
        server.rebase(room, &state).unwrap();
        write(&mut peer, "06", Some(4.0));
        let rebased = peer.rebase(room, &state).unwrap();
        server.apply_update(room, &rebased.repeated.unwrap().update).unwrap();
        for documents in [&server, &peer] {
            let held = ["03", "04", "05", "06"].map(|month| input(documents, place(month)));
            assert_eq!(held, [None, Some(number(20.0)), Some(number(3.0)), Some(number(4.0))]);
        }
        assert_eq!(server.state_vector(room), peer.state_vector(room));
        // What was undone after all of that is what was done before it.
        peer.undo(id("bob"), 1).unwrap();
        assert_eq!(input(&peer, place("06")), None);
        peer.undo(id("bob"), 1).unwrap();
        assert_eq!(input(&peer, place("03")), Some(number(1.0)));
    }

    #[test]
    fn who_was_away_for_several_epochs_has_unsent_edits_made_again_exactly_once() {
        let room: RoomId = id("demand~de");
        let place = |month: &str| cell("demand", "de1", &format!("override@2026-{month}"));
        for epochs in 1..5 {
            let (mut server, mut peer) = server_and_peer();
            let write = |peer: &mut Documents, month, value| {
                peer.apply(&edit("bob", vec![set(place(month), number(value))])).unwrap().updates
            };
            // Arrived without the peer's having heard so; not arrived; and somebody has written over the first.
            let arrived = write(&mut peer, "04", 1.0);
            take(&mut server, &arrived);
            write(&mut peer, "05", 2.0);
            server.apply(&edit("ada", vec![set(place("04"), number(10.0))])).unwrap();
            let mut forgotten = BTreeMap::new();
            for _ in 0..epochs {
                let next = server.next_epoch(room).unwrap();
                forgotten.extend(server.forgotten(room, &next).unwrap());
                server.rebase(room, &next).unwrap();
            }
            let writer = peer.rooms[&room].client();
            assert_eq!(forgotten.contains_key(&writer), epochs > 1, "{epochs} epochs");
            forgotten.retain(|known, _| *known == writer);
            if !forgotten.is_empty() {
                let changes = server.apply_update(room, &swept_runs(&forgotten)).unwrap();
                assert_eq!(changes, [], "nothing that can be seen");
            }
            let state = server.encode_state(room, None).unwrap();
            let repeated = peer.rebase(room, &state).unwrap().repeated.unwrap();
            assert!(repeated.had > 0, "{epochs} epochs");
            server.apply_update(room, &repeated.update).unwrap();
            for documents in [&server, &peer] {
                let held = ["04", "05"].map(|month| input(documents, place(month)));
                assert_eq!(held, [Some(number(10.0)), Some(number(2.0))], "{epochs} epochs");
            }
            assert_eq!(server.state_vector(room), peer.state_vector(room));
        }
    }

    #[test]
    fn what_overwrites_the_past_is_refused() {
        let (mut server, mut peer) = server_and_peer();
        let room: RoomId = id("summary");
        let place = cell("summary", "r1", "a");
        let sent = peer.apply(&edit("bob", vec![set(place, number(1.0))])).unwrap().updates;
        take(&mut server, &sent);
        let state = server.next_epoch(room).unwrap();
        server.rebase(room, &state).unwrap();
        let late = peer.apply(&edit("bob", vec![set(place, number(2.0))])).unwrap().updates;
        assert_eq!(server.examine(room, &late[0].1).err().unwrap().code, "room.epoch");
    }
}
