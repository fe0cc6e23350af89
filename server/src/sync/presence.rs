//! Who is in the workbook: relayed while they are connected, never stored.

use std::collections::HashMap;

use grid_engine::wire::Me;

use super::admission::{Bucket, Pace};
use super::peer::PeerNumber;
use super::protocol::{BadFrame, Reader, write_number};

/// Largest presence update of one frame.
const MAX_BYTES: usize = 16 << 10;
/// Largest state of one client: name, colour, cell, selection.
const MAX_STATE: usize = 2 << 10;
/// A stock client passes on what it hears of others; more than this many at once is no presence.
const MAX_ENTRIES: u64 = 1000;

/// Moves of one person that others are told of: at once, and per second in the long run.
const MOVES: Pace = Pace { burst: 30.0, per_second: 10.0 };

/// Why presence is not passed on.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PresenceRefused {
    #[error(transparent)]
    Bad(#[from] BadFrame),
    /// It says that somebody else is there.
    #[error("it bears the name of somebody else, or is no object")]
    Foreign,
    /// It is kept, for newcomers and for the next move that is told; milliseconds until one is.
    #[error("rate({per_second}, {0})", per_second = MOVES.per_second)]
    TooFast(u64),
}

/// The presence of all connected clients of a room.
#[derive(Default)]
pub struct Presence {
    clients: HashMap<u64, Entry>,
    /// Last clock of clients that left, so that an echo by someone else does not bring them back.
    left: HashMap<u64, u64>,
}

struct Entry {
    owner: PeerNumber,
    clock: u64,
    state: String,
    bucket: Bucket,
}

impl Presence {
    /// Takes an encoded awareness update of a peer; what of it is news to the others, encoded.
    ///
    /// A peer speaks for one client, the first it names. Stock clients also pass on what they heard of others:
    /// that is ignored, not refused.
    ///
    /// # Errors
    /// For bytes that are no awareness update or too large, for a state of somebody else than `who`, and for more moves than
    /// anyone can follow. `now` is in milliseconds.
    pub fn take(
        &mut self,
        owner: PeerNumber,
        who: &Me,
        update: &[u8],
        now: i64,
    ) -> Result<Option<Vec<u8>>, PresenceRefused> {
        if update.len() > MAX_BYTES {
            return Err(BadFrame(MAX_BYTES).into());
        }
        let mut reader = Reader { bytes: update, at: 0 };
        let count = reader.number()?;
        if count > MAX_ENTRIES {
            return Err(BadFrame(0).into());
        }
        let mut news = None;
        for _ in 0..count {
            let (client, clock) = (reader.number()?, reader.number()?);
            let at = reader.at;
            let state = std::str::from_utf8(reader.block()?).map_err(|_| BadFrame(at))?;
            if state.len() > MAX_STATE {
                return Err(BadFrame(at).into());
            }
            if self.speaks(owner, client) && !is_of(who, state) {
                return Err(PresenceRefused::Foreign);
            }
            if self.accept(owner, client, clock, state, now) {
                news = Some(encode([(client, clock, state)].into_iter()));
            }
        }
        if reader.at != update.len() {
            return Err(BadFrame(reader.at).into());
        }
        let entry = self.clients.values_mut().find(|entry| entry.owner == owner).filter(|_| news.is_some());
        entry.map_or(Ok(()), |entry| entry.bucket.take(1.0, now)).map_err(PresenceRefused::TooFast)?;
        Ok(news)
    }

    /// Whether a peer would be heard as a client: it is its own, or the first it names.
    fn speaks(&self, owner: PeerNumber, client: u64) -> bool {
        match self.clients.get(&client) {
            Some(entry) => entry.owner == owner,
            None => !self.clients.values().any(|entry| entry.owner == owner),
        }
    }

    fn accept(&mut self, owner: PeerNumber, client: u64, clock: u64, state: &str, now: i64) -> bool {
        match self.clients.get_mut(&client) {
            Some(entry) if entry.owner == owner && clock > entry.clock => {
                (entry.clock, entry.state) = (clock, state.to_owned());
                true
            }
            Some(_) => false,
            None => {
                let speaks_already = self.clients.values().any(|entry| entry.owner == owner);
                let echo = self.left.get(&client).is_some_and(|last| clock <= *last);
                if speaks_already || echo || state == "null" {
                    return false;
                }
                self.left.remove(&client);
                let bucket = Bucket::new(MOVES, now);
                self.clients.insert(client, Entry { owner, clock, state: state.to_owned(), bucket });
                true
            }
        }
    }

    /// Everyone present, encoded for a newcomer; `None` for an empty room.
    pub fn everyone(&self) -> Option<Vec<u8>> {
        if self.clients.is_empty() {
            return None;
        }
        Some(encode(self.clients.iter().map(|(client, entry)| (*client, entry.clock, entry.state.as_str()))))
    }

    /// Forgets a peer that has gone; what to tell the others, encoded.
    pub fn leave(&mut self, owner: PeerNumber) -> Option<Vec<u8>> {
        let (client, clock) =
            self.clients.iter().find(|(_, entry)| entry.owner == owner).map(|(c, e)| (*c, e.clock))?;
        self.clients.remove(&client);
        if self.left.len() >= MAX_ENTRIES as usize {
            self.left.clear();
        }
        self.left.insert(client, clock);
        Some(encode([(client, clock, "null")].into_iter()))
    }
}

/// Whether a state can be a person's: `null`, or an object that says nothing else of who they are than we know. What stock
/// clients call people is theirs: nothing of ours reads it.
fn is_of(who: &Me, state: &str) -> bool {
    use serde_json::Value;
    match serde_json::from_str(state) {
        Ok(Value::Null) => true,
        Ok(Value::Object(fields)) => {
            let says = |field: &str, what: &str| fields.get(field).is_none_or(|said| said.as_str() == Some(what));
            says("person", &who.person.to_string()) && says("name", &who.name)
        }
        _ => false,
    }
}

/// An encoded update with every state told in other words.
pub fn retold(update: &[u8], words: impl Fn(&str) -> String) -> Result<Vec<u8>, BadFrame> {
    let mut reader = Reader { bytes: update, at: 0 };
    let mut entries = Vec::new();
    for _ in 0..reader.number()? {
        let (client, clock, at) = (reader.number()?, reader.number()?, reader.at);
        let state = std::str::from_utf8(reader.block()?).map_err(|_| BadFrame(at))?;
        entries.push((client, clock, words(state)));
    }
    Ok(encode(entries.iter().map(|(client, clock, state)| (*client, *clock, state.as_str()))))
}

fn encode<'a>(entries: impl ExactSizeIterator<Item = (u64, u64, &'a str)>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_number(&mut bytes, entries.len() as u64);
    for (client, clock, state) in entries {
        write_number(&mut bytes, client);
        write_number(&mut bytes, clock);
        write_number(&mut bytes, state.len() as u64);
        bytes.extend_from_slice(state.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use grid_engine::refs::PersonId;
    use grid_engine::wire::Role;
    use yrs::sync::AwarenessUpdate;
    use yrs::updates::decoder::Decode;

    const MIA: PeerNumber = PeerNumber(1);
    const TOM: PeerNumber = PeerNumber(2);

    fn me(name: &str) -> Me {
        Me {
            person: name.to_lowercase().parse().unwrap_or_else(|_| PersonId::of_key(&[name])),
            name: name.to_owned(),
            role: Role::Sales,
            scope: Vec::new(),
            colour: String::new(),
            may_freeze: false,
            may_mark_consensus: false,
            may_read_live: true,
        }
    }

    fn of(client: u64, clock: u64, state: &str) -> Vec<u8> {
        encode([(client, clock, state)].into_iter())
    }

    #[test]
    fn what_is_relayed_is_an_awareness_update() {
        let mut presence = Presence::default();
        let news = presence.take(MIA, &me("Mia"), &of(7, 1, r#"{"name":"Mia"}"#), 0).unwrap().unwrap();
        let update = AwarenessUpdate::decode_v1(&news).unwrap();
        assert_eq!(update.clients.len(), 1);
        assert_eq!(presence.everyone(), Some(news));
    }

    #[test]
    fn nobody_speaks_for_someone_else() {
        let mut presence = Presence::default();
        presence.take(MIA, &me("Mia"), &of(7, 1, "{}"), 0).unwrap();
        presence.take(TOM, &me("Tom"), &of(8, 1, "{}"), 0).unwrap();
        assert_eq!(presence.take(TOM, &me("Tom"), &of(7, 9, r#"{"forged":1}"#), 0), Ok(None));
        assert_eq!(presence.take(TOM, &me("Tom"), &of(9, 1, "{}"), 0), Ok(None), "one client a connection");
        assert!(presence.take(MIA, &me("Mia"), &of(7, 2, r#"{"cell":1}"#), 0).unwrap().is_some());
        assert_eq!(presence.take(MIA, &me("Mia"), &of(7, 1, "{}"), 0), Ok(None), "an old state");
    }

    #[test]
    fn nobody_says_that_somebody_else_is_there() {
        let mut presence = Presence::default();
        for state in [r#"{"person":"tom"}"#, r#"{"person":"mia","name":"Tom"}"#, r#"{"person":7}"#, "{", "[1]", "7", ""]
        {
            assert_eq!(presence.take(MIA, &me("Mia"), &of(7, 1, state), 0), Err(PresenceRefused::Foreign), "{state}");
        }
        assert_eq!(presence.everyone(), None);
        // A stock client calls people as it likes, under another name than ours.
        for (clock, state) in [(1, r#"{"person":"mia","name":"Mia"}"#), (2, r#"{"user":{"name":"M."}}"#), (3, "null")] {
            assert!(presence.take(MIA, &me("Mia"), &of(7, clock, state), 0).unwrap().is_some(), "{state}");
        }
        // What it heard of others it may pass on.
        presence.take(TOM, &me("Tom"), &of(8, 1, r#"{"name":"Tom"}"#), 0).unwrap();
        assert_eq!(presence.take(MIA, &me("Mia"), &of(8, 9, r#"{"name":"Tom"}"#), 0), Ok(None));
    }

    #[test]
    fn an_echo_does_not_bring_back_who_left() {
        let mut presence = Presence::default();
        presence.take(MIA, &me("Mia"), &of(7, 3, "{}"), 0).unwrap();
        assert_eq!(presence.leave(MIA), Some(of(7, 3, "null")));
        assert_eq!(presence.take(TOM, &me("Tom"), &of(7, 3, "{}"), 0), Ok(None));
        assert_eq!(presence.everyone(), None);
        assert!(presence.take(MIA, &me("Mia"), &of(7, 4, "{}"), 0).unwrap().is_some(), "a reconnection");
    }

    #[test]
    fn bombs_are_refused() {
        let mut presence = Presence::default();
        assert!(presence.take(MIA, &me("Mia"), &of(7, 1, &"x".repeat(MAX_STATE + 1)), 0).is_err());
        assert!(presence.take(MIA, &me("Mia"), &[0xff, 0xff, 0xff, 0x0f], 0).is_err());
        assert!(presence.take(MIA, &me("Mia"), &[1, 7, 1, 9, b'{'], 0).is_err());
    }

    /// Row B8.
    #[test]
    fn b8_more_moves_than_anyone_can_follow_are_kept_and_not_told() {
        let mut presence = Presence::default();
        let told = (1..=100).filter(|clock| presence.take(MIA, &me("Mia"), &of(7, *clock, "{}"), 0).is_ok()).count();
        assert_eq!(told, MOVES.burst as usize);
        assert_eq!(presence.take(MIA, &me("Mia"), &of(7, 101, "{}"), 0), Err(PresenceRefused::TooFast(100)));
        assert_eq!(presence.everyone(), Some(of(7, 101, "{}")));
        assert!(presence.take(MIA, &me("Mia"), &of(7, 102, "{}"), 100).unwrap().is_some());
    }
}
