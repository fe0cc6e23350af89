//! Bytes that mean ill, and what becomes of them.
#![allow(clippy::unwrap_used, clippy::panic)]

use yrs::updates::decoder::Decode;
use yrs::{Any, Array, Doc, Map, ReadTxn, StateVector, Text, Transact};

use super::dice::Dice;
use super::epoch::write_number;
use super::replicas::replicas;
use super::room::Room;
use super::root::Root;
use super::screen::{
    ANY, DELETED, GC, KEY, MAX_BYTES, MAX_DEPTH, MAX_TEXT, ORIGIN, screen_state_vector, screen_update,
};
use crate::refs::RoomId;

fn room() -> RoomId {
    "demand".parse().unwrap()
}

fn refusal(bytes: &[u8]) -> String {
    let mut room = Room::new(room(), 1);
    let reason = room.apply_update(bytes).unwrap_err();
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
        let screened = screen_update(id, &state, MAX_BYTES).unwrap();
        assert!(!screened.roots.is_empty());
        screen_state_vector(&plan.state_vector(id).unwrap()).unwrap();
    }
    screen_update(room(), &cell_update(&[1, 125, 5]), MAX_BYTES).unwrap();
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
    screen_update(room(), &cell_update(&allowed), MAX_BYTES).unwrap();
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
            if room.apply_update(&bytes).is_ok() {
                room.encode_state(None).unwrap();
                room.entries(|_, _, _| {});
            }
        }
    }
}

/// An update that is well formed and means ill: writers, clocks, origins and deletions at random.
pub(super) fn hostile(dice: &mut Dice, room: &Room) -> Vec<u8> {
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
    for seed in 0..3000 {
        let mut dice = Dice(seed);
        let id = "summary".parse().unwrap();
        let mut room = Room::new(id, 1);
        for turn in 0..12 {
            let update = hostile(&mut dice, &room);
            if screen_update(id, &update, MAX_BYTES).is_ok() {
                match room.apply_update(&update) {
                    Ok(_) => applied += 1,
                    Err(reason) => assert!(reason.contains("not arrived"), "seed {seed}, {turn}: {reason}"),
                }
            }
            let key = format!("r{turn}");
            let value = Some(Any::Bool(true));
            room.write(&[super::room::Entry { root: Root::RowDel, key: key.into(), value }]);
            room.entries(|_, _, _| {});
        }
        let state = room.encode_state(None).unwrap();
        Room::open(id, 2, &state).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
    assert!(applied > 10_000, "only {applied} updates came through");
}
