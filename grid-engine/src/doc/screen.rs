//! A non-recursive look at an update's bytes before anything decodes them.
//!
//! The document library decodes nested values recursively (a 16 kB frame overflows the stack, which
//! nothing can catch) and trusts declared counts. So this walk, whose memory does not depend on what
//! the bytes claim, lets only through what our schema writes: plain values set in known root maps.
//! The format is the lib0 update encoding, version 1.

use std::collections::{BTreeMap, HashSet};

use super::causality::{Id, Reference, is_acyclic};
use super::root::Root;
use crate::refs::RoomId;

/// Largest update and largest stored state.
pub(super) const MAX_BYTES: usize = 16 << 20;
/// Objects in a cell's value are never deeper: a measure with a formula is two levels.
pub(super) const MAX_DEPTH: usize = 4;
/// Longest text a person may enter, in bytes.
pub(super) const MAX_TEXT: usize = 4096;
/// Row and column ids, joined, are well below; names of ranges are capped at it.
const MAX_KEY: usize = 256;
/// Decoding costs quadratic time in the number of writers.
const MAX_WRITERS: u64 = 10_000;
/// Client ids are whole numbers that JavaScript holds exactly.
const MAX_CLIENT: u64 = (1 << 53) - 1;
/// Clocks are subtracted as signed 32-bit numbers.
const MAX_CLOCK: u64 = i32::MAX as u64;

/// What an acceptable update mentions.
#[derive(Debug, Default)]
pub(super) struct Screened {
    /// Roots in which it sets keys for the first time.
    pub roots: Vec<Root>,
    /// By writer: first and next clock of what it brings.
    pub writers: BTreeMap<u64, (u64, u64)>,
    /// By writer: the clock that must be known for everything it refers to, deletions included.
    pub needs: BTreeMap<u64, u64>,
}

/// Walks an update for a room; the error says what is wrong at which byte.
pub(super) fn screen_update(room: RoomId, bytes: &[u8]) -> Result<Screened, String> {
    if bytes.len() > MAX_BYTES {
        return Err(format!("{} bytes are more than the {MAX_BYTES} an update may have", bytes.len()));
    }
    let mut reader = Reader { bytes, at: 0 };
    let result = walk(room, &mut reader);
    result.map_err(|reason| format!("{reason} (byte {})", reader.at))
}

/// Checks an encoded state vector's declared count.
pub(super) fn screen_state_vector(bytes: &[u8]) -> Result<(), String> {
    let mut reader = Reader { bytes, at: 0 };
    let writers = reader.count(2)?;
    for _ in 0..writers {
        reader.number(MAX_CLIENT)?;
        reader.number(MAX_CLOCK)?;
    }
    reader.end().map_err(str::to_owned)
}

fn walk(room: RoomId, reader: &mut Reader<'_>) -> Result<Screened, &'static str> {
    let mut seen = Screened::default();
    let mut names = HashSet::new();
    let mut references = Vec::new();
    let writers = reader.count(3)?;
    if writers > MAX_WRITERS {
        return Err("too many writers");
    }
    for _ in 0..writers {
        let blocks = reader.count(2)?;
        let client = reader.number(MAX_CLIENT)?;
        let first = reader.number(MAX_CLOCK)?;
        let mut clock = first;
        for _ in 0..blocks {
            let (length, origin) = walk_block(room, reader, &mut seen, &mut names)?;
            match origin {
                Some(to) if to.0 != client => references.push(Reference { from: (client, clock), to }),
                Some((_, earlier)) if earlier >= clock => return Err("a block refers to a later one"),
                _ => {}
            }
            clock += length;
            if clock > MAX_CLOCK {
                return Err("a clock runs over");
            }
        }
        if seen.writers.insert(client, (first, clock)).is_some() {
            return Err("a writer occurs twice");
        }
    }
    let deleters = reader.count(2)?;
    for _ in 0..deleters {
        let client = reader.number(MAX_CLIENT)?;
        let ranges = reader.count(2)?;
        let mut last = 0;
        for _ in 0..ranges {
            let start = reader.number(MAX_CLOCK)?;
            let length = reader.number(MAX_CLOCK)?;
            if length == 0 || start < last || start + length > MAX_CLOCK {
                return Err("a deletion range is empty, out of order or too long");
            }
            last = start + length;
        }
        seen.need(client, last);
    }
    reader.end()?;
    if !is_acyclic(&seen.writers, &references) {
        return Err("blocks refer to each other in a circle");
    }
    Ok(seen)
}

const ORIGIN: u8 = 0b1000_0000;
const RIGHT_ORIGIN: u8 = 0b0100_0000;
const KEY: u8 = 0b0010_0000;
const GC: u8 = 0;
const DELETED: u8 = 1;
const ANY: u8 = 8;
const SKIP: u8 = 10;

/// One block: its length in clock ticks, and the block it refers to.
fn walk_block<'a>(
    room: RoomId,
    reader: &mut Reader<'a>,
    seen: &mut Screened,
    names: &mut HashSet<&'a str>,
) -> Result<(u64, Option<Id>), &'static str> {
    let mut origin = None;
    let info = reader.byte()?;
    let length = match info {
        GC => reader.number(MAX_CLOCK)?,
        SKIP => return Err("it leaves changes out"),
        _ => {
            // Keys of a map have an earlier value to their left at most; anything else is a list or a text.
            if info & RIGHT_ORIGIN != 0 {
                return Err("only keys of maps may be set");
            }
            if info & ORIGIN != 0 {
                let client = reader.number(MAX_CLIENT)?;
                let clock = reader.number(MAX_CLOCK - 1)?;
                seen.need(client, clock + 1);
                origin = Some((client, clock));
            } else {
                if reader.number(1)? != 1 {
                    return Err("nested maps are not part of the schema");
                }
                let name = reader.text(MAX_KEY)?;
                if names.insert(name) {
                    let root = Root::parse(name).filter(|root| root.belongs(room));
                    seen.roots.push(root.ok_or("a root that this room does not have")?);
                }
                if info & KEY == 0 {
                    return Err("only keys of maps may be set");
                }
                reader.text(MAX_KEY)?;
            }
            match info & 0b0001_1111 {
                DELETED => reader.number(MAX_CLOCK)?,
                ANY => walk_value(reader)?,
                _ => return Err("nested documents, lists, texts and binaries are not part of the schema"),
            }
        }
    };
    if length == 0 { Err("an empty block") } else { Ok((length, origin)) }
}

/// A key's value, without recursion: `open` holds how many values each level still expects.
fn walk_value(reader: &mut Reader<'_>) -> Result<u64, &'static str> {
    if reader.count(1)? != 1 {
        return Err("a key has one value");
    }
    let mut open = [(0_u64, false); MAX_DEPTH + 1];
    open[0] = (1, false);
    let mut depth = 0;
    loop {
        let (left, keyed) = open[depth];
        if left == 0 {
            if depth == 0 {
                return Ok(1);
            }
            depth -= 1;
            continue;
        }
        open[depth].0 -= 1;
        if keyed {
            reader.text(MAX_KEY)?;
        }
        match reader.byte()? {
            // Undefined, null, the truth values.
            120 | 121 | 126 | 127 => {}
            125 => reader.signed()?,
            124 => reader.skip(4)?,
            122 | 123 => reader.skip(8)?,
            119 => _ = reader.text(MAX_TEXT)?,
            kind @ (117 | 118) => {
                let keyed = kind == 118;
                let count = reader.count(if keyed { 2 } else { 1 })?;
                depth += 1;
                *open.get_mut(depth).ok_or("values are nested too deep")? = (count, keyed);
            }
            _ => return Err("a value of a kind that cells do not have"),
        }
    }
}

impl Screened {
    fn need(&mut self, client: u64, clock: u64) {
        let known = self.needs.entry(client).or_default();
        *known = clock.max(*known);
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

const SHORT: &str = "the bytes end too early";

impl<'a> Reader<'a> {
    fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    fn byte(&mut self) -> Result<u8, &'static str> {
        let byte = *self.bytes.get(self.at).ok_or(SHORT)?;
        self.at += 1;
        Ok(byte)
    }

    fn skip(&mut self, length: usize) -> Result<(), &'static str> {
        if length > self.left() {
            return Err(SHORT);
        }
        self.at += length;
        Ok(())
    }

    fn number(&mut self, max: u64) -> Result<u64, &'static str> {
        let mut number = 0_u64;
        // Eight bytes of seven bits hold every number allowed here.
        for shift in (0..56).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return if number <= max { Ok(number) } else { Err("a number is out of range") };
            }
        }
        Err("a number has too many digits")
    }

    /// A signed whole number: the first byte has six bits and the sign. What is longer overflows the decoder.
    fn signed(&mut self) -> Result<(), &'static str> {
        for _ in 0..9 {
            if self.byte()? < 0x80 {
                return Ok(());
            }
        }
        Err("a number has too many digits")
    }

    /// How many things follow that take at least `least` bytes each.
    fn count(&mut self, least: usize) -> Result<u64, &'static str> {
        let count = self.number(MAX_CLOCK)?;
        if count > (self.left() / least) as u64 { Err("a count is larger than what follows") } else { Ok(count) }
    }

    fn text(&mut self, max: usize) -> Result<&'a str, &'static str> {
        let length = self.number(MAX_CLOCK)? as usize;
        let start = self.at;
        self.skip(length)?;
        if length > max {
            return Err("a text is too long");
        }
        std::str::from_utf8(&self.bytes[start..start + length]).map_err(|_| "a text is not UTF-8")
    }

    fn end(&self) -> Result<(), &'static str> {
        if self.left() == 0 { Ok(()) } else { Err("bytes after the end") }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use yrs::updates::decoder::Decode;
    use yrs::{Any, Array, Doc, Map, ReadTxn, StateVector, Text, Transact};

    use super::super::dice::Dice;
    use super::super::room::{Gaps, Room};
    use super::super::stories::replicas;
    use super::*;

    fn room() -> RoomId {
        "demand".parse().unwrap()
    }

    fn refusal(bytes: &[u8]) -> String {
        let mut room = Room::new(room(), 1);
        let reason = room.apply_update(bytes, Gaps::Wait).unwrap_err();
        assert_eq!(room.encode_state(None).unwrap(), [0, 0], "nothing was taken over");
        reason
    }

    /// An update of one block by writer 9: a key of `c:price` with these raw content bytes.
    fn cell_update(content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![1, 1, 9, 0, 0b0010_1000, 1, 7];
        bytes.extend(b"c:price\x02r1");
        bytes.extend(content);
        bytes.push(0);
        bytes
    }

    fn made_by(write: impl FnOnce(&Doc)) -> Vec<u8> {
        let doc = Doc::with_client_id(9);
        write(&doc);
        doc.transact().encode_diff_v1(&StateVector::default())
    }

    #[test]
    fn what_our_own_documents_encode_passes() {
        let plan = replicas(1).remove(0);
        for id in plan.known_rooms() {
            let state = plan.encode_state(id, None).unwrap();
            let screened = screen_update(id, &state).unwrap();
            assert!(!screened.roots.is_empty());
            screen_state_vector(&plan.state_vector(id).unwrap()).unwrap();
        }
        screen_update(room(), &cell_update(&[1, 125, 5])).unwrap();
    }

    #[test]
    fn a_deeply_nested_value_is_refused_before_it_is_decoded() {
        for levels in [8_000, 1_000_000] {
            let lists = [vec![1], [117, 1].repeat(levels), vec![126]].concat();
            assert!(refusal(&cell_update(&lists)).contains("nested too deep"));
            let objects = [vec![1], [118, 1, 1, b'k'].repeat(levels), vec![126]].concat();
            assert!(refusal(&cell_update(&objects)).contains("nested too deep"));
        }
        let allowed = [vec![1], [117, 1].repeat(MAX_DEPTH), vec![126]].concat();
        screen_update(room(), &cell_update(&allowed)).unwrap();
    }

    #[test]
    fn nested_documents_are_refused() {
        // Each block a map inside the one before.
        let mut bytes = vec![1, 0x90, 0x4e, 9, 0];
        bytes.extend([0b0010_0111, 1, 7]);
        bytes.extend(b"c:price\x02r1\x01");
        for clock in 0..9_999_u32 {
            bytes.extend([0b0010_0111, 0, 9]);
            let mut rest = clock;
            while rest >= 0x80 {
                bytes.push((rest as u8 & 0x7f) | 0x80);
                rest >>= 7;
            }
            bytes.push(rest as u8);
            bytes.extend(b"\x01k\x01");
        }
        bytes.push(0);
        assert!(refusal(&bytes).contains("not part of the schema"));
    }

    #[test]
    fn counts_that_cannot_be_are_refused() {
        let huge = [0xff, 0xff, 0xff, 0x7f];
        let bombs: [Vec<u8>; 8] = [
            // Writers, blocks, values, list, object, deleting writers, deletion ranges, text length.
            huge.to_vec(),
            [&[1][..], &huge, &[9, 0]].concat(),
            cell_update(&huge),
            cell_update(&[&[1, 117][..], &huge].concat()),
            cell_update(&[&[1, 118][..], &huge].concat()),
            [&[0][..], &huge].concat(),
            [&[0, 1, 9][..], &huge].concat(),
            cell_update(&[&[1, 119][..], &huge].concat()),
        ];
        for bomb in bombs {
            assert!(!refusal(&bomb).is_empty(), "{bomb:?}");
        }
        assert!(screen_state_vector(&huge).is_err());
        assert!(Room::new(room(), 1).encode_state(Some(&huge)).is_err());
    }

    #[test]
    fn clocks_and_ids_that_overflow_the_decoder_are_refused() {
        let far = [0xff, 0xff, 0xff, 0xff, 0x07];
        for bytes in [
            // A run of clocks beyond the largest; skipped ones; an empty run; a deletion that wraps; a writer twice.
            [&[1, 2, 9, 0, 0][..], &far, &[0, 5, 0]].concat(),
            vec![1, 2, 9, 0, 10, 5, 0, 5, 0],
            vec![1, 1, 9, 0, 0, 0, 0],
            [&[0, 1, 9, 1][..], &far, &[5]].concat(),
            vec![2, 1, 9, 0, 0, 1, 1, 9, 1, 0, 1, 0],
            // A signed number and a writer id with too many digits.
            cell_update(&[&[1, 125][..], &[0xff; 12], &[0]].concat()),
            [&[1, 1][..], &[0xff; 9], &[1, 0, 0, 1, 0]].concat(),
        ] {
            assert!(!refusal(&bytes).is_empty(), "{bytes:?}");
        }
    }

    #[test]
    fn what_is_not_a_key_of_a_known_map_is_refused() {
        for (write, reason) in [
            (made_by(|doc| doc.get_or_insert_text("c:price").push(&mut doc.transact_mut(), "hi")), "maps"),
            (made_by(|doc| _ = doc.get_or_insert_array("c:price").push_back(&mut doc.transact_mut(), 1)), "maps"),
            (made_by(|doc| _ = doc.get_or_insert_map("secret").insert(&mut doc.transact_mut(), "a", 1)), "root"),
            (made_by(|doc| _ = doc.get_or_insert_map("sheets").insert(&mut doc.transact_mut(), "a", 1)), "root"),
            (
                made_by(|doc| {
                    let map = doc.get_or_insert_map("c:price");
                    map.insert(&mut doc.transact_mut(), "r1", yrs::MapPrelim::default());
                }),
                "schema",
            ),
            (
                made_by(|doc| {
                    let map = doc.get_or_insert_map("c:price");
                    map.insert(&mut doc.transact_mut(), "r1", Any::String("x".repeat(MAX_TEXT + 1).into()));
                }),
                "too long",
            ),
        ] {
            let refused = refusal(&write);
            assert!(refused.contains(reason), "{refused}");
        }
        let mut padded = cell_update(&[1, 126]);
        padded.push(0);
        assert!(refusal(&padded).contains("after the end"));
        assert!(refusal(&vec![0; MAX_BYTES + 1]).contains("bytes are more"));
    }

    #[test]
    fn damaged_updates_never_take_the_process_down() {
        let plan = replicas(1).remove(0);
        let states: Vec<_> = plan.known_rooms().iter().map(|&id| (id, plan.encode_state(id, None).unwrap())).collect();
        for seed in 0..3000 {
            let mut dice = Dice(seed);
            let (id, mut bytes) = states[dice.roll(states.len())].clone();
            for _ in 0..1 + dice.roll(3) {
                let at = dice.roll(bytes.len());
                match dice.roll(4) {
                    0 => bytes.truncate(at.max(1)),
                    1 => _ = bytes.remove(at),
                    2 => bytes.insert(at, dice.roll(256) as u8),
                    _ => bytes[at] = dice.roll(256) as u8,
                }
                if bytes.is_empty() {
                    break;
                }
            }
            let mut room = Room::open(id, 1, &states.iter().find(|(other, _)| *other == id).unwrap().1).unwrap();
            let mut fresh = Room::new(id, 1);
            for room in [&mut room, &mut fresh] {
                if room.apply_update(&bytes, Gaps::Wait).is_ok() {
                    room.encode_state(None).unwrap();
                    room.entries(|_, _, _| {});
                }
            }
        }
    }

    fn write_number(bytes: &mut Vec<u8>, mut number: u64) {
        while number >= 0x80 {
            bytes.push((number as u8 & 0x7f) | 0x80);
            number >>= 7;
        }
        bytes.push(number as u8);
    }

    /// An update that is well formed and means ill: writers, clocks, origins and deletions at random.
    fn hostile(dice: &mut Dice, room: &Room) -> Vec<u8> {
        let known = StateVector::decode_v1(&room.state_vector()).unwrap();
        let known = |writer: u8| known.get(&yrs::ClientID::new(writer.into())) as usize;
        let mut bytes = Vec::new();
        let mut writers = vec![1, 2, 9];
        writers.rotate_left(dice.roll(3));
        writers.truncate(1 + dice.roll(3));
        write_number(&mut bytes, writers.len() as u64);
        for writer in writers {
            let blocks = 1 + dice.roll(5);
            write_number(&mut bytes, blocks as u64);
            bytes.push(writer);
            let again = dice.roll(6).min(known(writer));
            write_number(&mut bytes, (known(writer) - again + dice.roll(6) / 5) as u64);
            for _ in 0..blocks {
                let kind = [GC, DELETED, ANY, ANY, ANY][dice.roll(5)];
                if kind == GC {
                    bytes.extend([kind, 1 + dice.roll(4) as u8]);
                    continue;
                }
                if dice.roll(2) == 0 {
                    let other = [1, 2, 9][dice.roll(3)];
                    let clock = dice.roll(known(other) + 3) as u8;
                    bytes.extend([kind | ORIGIN | KEY, other, clock]);
                } else {
                    bytes.extend([kind | KEY, 1]);
                    let name = ["\x06rowPos", "\x03c:a", "\x06rowDel", "\x03c:b"][dice.roll(4)];
                    bytes.extend(name.as_bytes());
                    bytes.extend([2, b'r', b'1' + dice.roll(3) as u8]);
                }
                if kind == ANY {
                    bytes.extend([1, 125, dice.roll(60) as u8]);
                } else {
                    bytes.push(1 + dice.roll(3) as u8);
                }
            }
        }
        let deleters = dice.roll(3);
        write_number(&mut bytes, deleters as u64);
        for writer in [1, 9].into_iter().take(deleters) {
            let start = dice.roll(known(writer) + 1) as u8;
            bytes.extend([writer, 2, start, 1 + dice.roll(3) as u8, start + 4, 1 + dice.roll(3) as u8]);
        }
        bytes
    }

    #[test]
    fn well_formed_updates_that_mean_ill_are_survived() {
        let mut applied = 0;
        for seed in 0..1500 {
            let mut dice = Dice(seed);
            let id = "summary".parse().unwrap();
            for gaps in [Gaps::Wait, Gaps::Refuse] {
                let mut room = Room::new(id, 1);
                for turn in 0..12 {
                    let update = hostile(&mut dice, &room);
                    if screen_update(id, &update).is_ok() {
                        match room.apply_update(&update, gaps) {
                            Ok(_) => applied += 1,
                            Err(reason) => assert!(reason.contains("not arrived"), "seed {seed}, {turn}: {reason}"),
                        }
                    }
                    let key = format!("r{turn}");
                    let value = Some(Any::Bool(true));
                    room.write(&[super::super::room::Entry { root: Root::RowDel, key: key.into(), value }]);
                    room.entries(|_, _, _| {});
                }
                let state = room.encode_state(None).unwrap();
                Room::open(id, 2, &state).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            }
        }
        assert!(applied > 10_000, "only {applied} updates came through");
    }
}
