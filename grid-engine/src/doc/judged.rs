//! What is said of an update before it is applied holds afterwards.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;

use yrs::{Map, ReadTxn, Transact};

use super::dice::Dice;
use super::epoch::write_number;
use super::examine::{Entered, Examined, Record, Target, Touch};
use super::hostile::hostile;
use super::ledger::Ledger;
use super::replicas::{cell, edit, replicas, set};
use super::room::Room;
use super::{Documents, Input, Op};
use crate::refs::RoomId;

fn touches(there: &mut Documents, room: RoomId, update: &[u8]) -> Vec<Touch> {
    there.examine(room, update).unwrap().touches
}

#[test]
fn an_edit_touches_its_cells() {
    let mut plan = replicas(2);
    let (price, other) = (cell("summary", "r1", "a"), cell("summary", "r2", "b"));
    let ops = vec![set(price, Input::Number(5.0)), set(other, Input::Text("x".into()))];
    let sent = plan[0].apply(&edit("ada", ops)).unwrap().updates;
    let (room, update) = &sent[0];
    let expected = vec![
        Touch { target: Target::Cell(price, None), to: Entered::Input(Input::Number(5.0)) },
        Touch { target: Target::Cell(other, None), to: Entered::Input(Input::Text("x".into())) },
    ];
    let mut found = touches(&mut plan[1], *room, update);
    found.sort_by_key(|touch| format!("{:?}", touch.target));
    assert_eq!(found, expected);
    plan[1].apply_update(*room, update).unwrap();
    assert!(plan[1].examine(*room, update).unwrap().is_empty(), "known already");
    // Overwriting names no key; clearing names no block, and marks that something was cleared.
    for (input, to) in [
        (Some(Input::Number(-3.0)), Entered::Input(Input::Number(-3.0))),
        (Some(Input::Bool(true)), Entered::Input(Input::Bool(true))),
        (Some(Input::Number(0.5)), Entered::Input(Input::Number(0.5))),
        (None, Entered::Nothing),
    ] {
        let sent = plan[0].apply(&edit("ada", vec![set(price, input)])).unwrap().updates;
        let (room, update) = &sent[0];
        let mark = (to == Entered::Nothing).then_some(Touch { target: Target::Mark, to: Entered::Nothing });
        let expected: Vec<Touch> = mark.into_iter().chain([Touch { target: Target::Cell(price, None), to }]).collect();
        assert_eq!(touches(&mut plan[1], *room, update), expected);
        plan[1].apply_update(*room, update).unwrap();
    }
}

/// Sets a key of a root map to an object, as any client may.
fn forged(root: &str, key: &str, value: serde_json::Value) -> Vec<u8> {
    let doc = yrs::Doc::with_client_id(77);
    let map = doc.get_or_insert_map(root);
    let value: yrs::Any = serde_json::from_value(value).unwrap();
    map.insert(&mut doc.transact_mut(), key, value);
    doc.transact().encode_diff_v1(&yrs::StateVector::default())
}

#[test]
fn records_are_handed_on_as_what_their_places_hold() {
    let mut plan = replicas(1);
    let list = serde_json::json!({ "list": ["x"] });
    let info = |more: serde_json::Value| {
        let mut info = serde_json::json!({ "id": "other", "title": "T", "kind": "free", "position": "a" });
        info.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        info
    };
    let cases = [
        ("summary", "notes", "r1:a", serde_json::json!({ "text": "Why?", "by": "ada", "at": 1 }), "Note("),
        ("summary", "notes", "r1:a", serde_json::json!({ "text": "Why?", "at": 1 }), "missing field `by`"),
        ("summary", "notes", "r1:a", serde_json::json!({ "text": 7, "by": "ada", "at": 1 }), "invalid type"),
        ("summary", "rowDel", "r1", serde_json::json!({ "by": "ada", "at": 1 }), "Deletion("),
        ("summary", "rowDel", "r1", serde_json::json!({ "by": "ada" }), "missing field `at`"),
        ("summary", "rules", "a", serde_json::json!({ "accepts": list, "strict": true }), "Validation("),
        ("summary", "rules", "a", serde_json::json!({ "accepts": "all", "strict": true }), "unknown variant `all`"),
        ("summary", "c:a", "r1", serde_json::json!({}), "nothing here is an object"),
        ("book", "sheets", "summary", info(serde_json::json!({})), "Sheet("),
        // What a newer program writes beside what this one knows.
        ("book", "sheets", "summary", info(serde_json::json!({ "later": { "deep": [1] } })), "Sheet("),
        ("book", "sheets", "summary", info(serde_json::json!({ "kind": "pivot" })), "unknown variant `pivot`"),
        ("book", "sheets", "summary", info(serde_json::json!({ "hidden": "yes" })), "invalid type"),
        ("book", "sheets", "summary", info(serde_json::json!({ "colour": "#fff" })), "unknown variant `#fff`"),
    ];
    for (room, root, key, value, expected) in cases {
        let found = touches(&mut plan[0], room.parse().unwrap(), &forged(root, key, value.clone()));
        let [Touch { to: Entered::Record(record), .. }] = &found[..] else { panic!("{value}: {found:?}") };
        let said = format!("{record:?}");
        assert!(said.contains(expected) && !said.contains(" line "), "{value}: {said}");
        if let Record::Sheet(info) = &**record {
            assert_eq!(info.id.to_string(), "summary", "the key is what it is known by");
        }
    }
    // A record is bounded as a whole, however short its texts are.
    let huge = serde_json::json!({ "text": "", "by": "ada", "at": 1, "more": vec!["x".repeat(4000); 300] });
    let found = touches(&mut plan[0], "summary".parse().unwrap(), &forged("notes", "r1:a", huge));
    assert!(format!("{found:?}").contains("more than the 1048576 it may have"), "{found:?}");
    let named = forged("names", "A1", serde_json::json!("=1"));
    let expected = Record::Name { name: "A1".into(), formula: "=1".into() };
    let touch = Touch { target: Target::Name, to: Entered::Record(Box::new(expected)) };
    assert_eq!(touches(&mut plan[0], RoomId::Book, &named), [touch]);
}

#[test]
fn ten_bytes_that_delete_everything_are_seen_through() {
    let mut plan = replicas(2);
    let cells: Vec<_> = ["r1", "r2", "r3"].map(|row| cell("summary", row, "a")).to_vec();
    let ops = cells.iter().map(|&cell| set(cell, Input::Number(1.0))).collect();
    let (room, update) = plan[0].apply(&edit("ada", ops)).unwrap().updates.remove(0);
    plan[1].apply_update(room, &update).unwrap();
    let examined = plan[1].examine(room, &update).unwrap();
    assert!(examined.is_empty());
    // One writer, one range over its whole clock.
    let writers = Ledger::of_state(room, &plan[1].encode_state(room, None).unwrap()).unwrap();
    let mut forged = vec![0, 1, 1, 1, 0];
    write_number(&mut forged, writers.known(1));
    let erased: BTreeSet<String> =
        touches(&mut plan[1], room, &forged).iter().map(|touch| format!("{:?}", touch.target)).collect();
    for cell in cells {
        assert!(erased.contains(&format!("{:?}", Target::Cell(cell, None))), "{cell:?} in {erased:?}");
    }
}

#[test]
fn a_few_bytes_do_not_claim_billions_of_ticks() {
    let mut plan = replicas(1);
    let bomb = [&[1, 1, 9, 0, 0][..], &[0xff, 0xff, 0xff, 0xff, 0x03], &[0]].concat();
    let unfit = plan[0].examine("summary".parse().unwrap(), &bomb).err().unwrap();
    assert_eq!(unfit.code, "update.count");
}

/// Everything two ledgers say of each tick.
fn ledger_text(ledger: &Ledger) -> Vec<String> {
    let said = |writer: u64, clock: u64| {
        let key = ledger.key_of((writer, clock)).and_then(|number| ledger.key(number));
        let alive = ledger.alive(writer, clock..clock + 1).count();
        format!("{writer}.{clock}: {:?} {alive}", key.filter(|_| alive == 1))
    };
    [1, 2, 9].iter().flat_map(|&writer| (0..ledger.known(writer)).map(move |clock| said(writer, clock))).collect()
}

#[test]
fn nothing_changes_that_was_not_foretold() {
    let id: RoomId = "summary".parse().unwrap();
    let (mut applied, mut dropped) = (0, 0);
    for seed in 0..2500 {
        let mut dice = Dice(seed);
        let mut room = Room::new(id, 1);
        for turn in 0..12 {
            let mut foretold: BTreeSet<String> = BTreeSet::new();
            let mut staged: Vec<Examined> = Vec::new();
            for _ in 0..=dice.roll(3) {
                let update = hostile(&mut dice, &room);
                let Ok(examined) = room.examine(&update) else { continue };
                foretold.extend(examined.touches.iter().map(|touch| format!("{:?}", touch.target)));
                if dice.roll(4) == 0 {
                    dropped += 1;
                    continue;
                }
                let again = room.examine(&update).unwrap();
                room.stage(examined);
                staged.push(again);
            }
            if dice.roll(4) == 0 {
                room.drop_staged();
                staged.into_iter().for_each(|examined| room.stage(examined));
            }
            let (entries, merged) = room.apply_staged().unwrap_or_else(|error| panic!("seed {seed}, {turn}: {error}"));
            for entry in &entries {
                let target = super::examine::target(id, entry.root, &entry.key);
                assert!(foretold.contains(&format!("{target:?}")), "seed {seed}, {turn}: {target:?} in {foretold:?}");
            }
            applied += 1;
            let state = room.encode_state(None).unwrap();
            let kept = room.ledger().map(ledger_text).unwrap_or_default();
            if !kept.is_empty() {
                assert_eq!(kept, ledger_text(&Ledger::of_state(id, &state).unwrap()), "seed {seed}, {turn}");
            }
            assert!(!merged.is_empty());
        }
    }
    assert!(applied > 10_000 && dropped > 1000, "{applied} {dropped}");
}

#[test]
fn what_is_dropped_leaves_no_trace() {
    let mut plan = replicas(2);
    let place = cell("summary", "r1", "a");
    let ops: Vec<Op> = vec![set(place, Input::Number(7.0))];
    let (room, update) = plan[0].apply(&edit("ada", ops)).unwrap().updates.remove(0);
    let examined = plan[1].examine(room, &update).unwrap();
    plan[1].stage(room, examined);
    assert!(plan[1].examine(room, &update).unwrap().is_empty());
    plan[1].drop_staged(room);
    assert!(!plan[1].examine(room, &update).unwrap().is_empty());
    assert_eq!(plan[1].mirror().sheet(place.sheet).unwrap().input(place.row, place.col), None);
}

/// What an update meets at a third place, each as writer, seen, void.
fn met(there: &mut Documents, room: RoomId, update: &[u8]) -> Vec<(u64, bool, bool)> {
    let examined = there.examine(room, update).unwrap();
    let met = examined.overwrites.iter().map(|over| (over.writer, over.was_seen, over.is_void)).collect();
    there.stage(room, examined);
    met
}

#[test]
fn who_overwrites_what_they_had_not_seen_meets_its_writer() {
    // Of two at once the document keeps one, whoever comes first: both orders are met alike.
    for order in [[0, 1], [1, 0]] {
        for turns in [1, 2] {
            let mut plan = replicas(3);
            let place = cell("summary", "r1", "a");
            let writer = |who: usize| who as u64 + 1;
            let sent = [0, 1].map(|who| {
                let ops = vec![set(place, Input::Number(who as f64 + 5.0))];
                plan[who].apply(&edit("ada", ops)).unwrap().updates.remove(0)
            });
            let [first, second] = order.map(|who| (who, sent[who].clone()));
            let room = sent[0].0;
            assert_eq!(met(&mut plan[2], room, &first.1.1), []);
            if turns == 2 {
                plan[2].apply_staged(room).unwrap();
            }
            assert_eq!(met(&mut plan[2], room, &second.1.1), [(writer(first.0), false, false)], "{order:?} {turns}");
            let (_, merged) = plan[2].apply_staged(room).unwrap();
            // Who writes on in the knowledge of both meets the one that stands, and had seen it.
            let state = plan[2].encode_state(room, None).unwrap();
            let stands = plan[2].mirror().sheet(place.sheet).unwrap().input(place.row, place.col).cloned();
            let Some(Input::Number(stands)) = stands else { panic!("{merged:?}") };
            let (winner, loser) = if stands == 5.0 { (0, 1) } else { (1, 0) };
            plan[loser].apply_update(room, &state).unwrap();
            let sent = plan[loser].apply(&edit("ada", vec![set(place, Input::Number(9.0))])).unwrap().updates.remove(0);
            assert_eq!(met(&mut plan[2], room, &sent.1), [(writer(winner), true, false)], "{order:?} {turns}");
            // And is itself what the next one meets, dropped or not.
            plan[2].drop_staged(room);
            assert_eq!(met(&mut plan[2], room, &sent.1), [(writer(winner), true, false)]);
            plan[2].apply_staged(room).unwrap();
            let sent =
                plan[winner].apply(&edit("ada", vec![set(place, Input::Number(8.0))])).unwrap().updates.remove(0);
            assert_eq!(met(&mut plan[2], room, &sent.1), [(writer(loser), false, false)]);
        }
    }
}

#[test]
fn who_clears_what_was_overwritten_meanwhile_meets_its_writer() {
    let mut plan = replicas(3);
    let place = cell("summary", "r1", "a");
    let (room, update) = plan[0].apply(&edit("ada", vec![set(place, Input::Number(1.0))])).unwrap().updates.remove(0);
    plan[1].apply_update(room, &update).unwrap();
    plan[2].apply_update(room, &update).unwrap();
    let (_, overwritten) = plan[1].apply(&edit("bo", vec![set(place, Input::Number(2.0))])).unwrap().updates.remove(0);
    let (_, cleared) = plan[0].apply(&edit("ada", vec![set(place, None)])).unwrap().updates.remove(0);
    assert_eq!(met(&mut plan[2], room, &overwritten), [(1, true, false)]);
    plan[2].apply_staged(room).unwrap();
    assert_eq!(met(&mut plan[2], room, &cleared), [(2, false, true)]);
    plan[2].apply_staged(room).unwrap();
    assert_eq!(plan[2].mirror().sheet(place.sheet).unwrap().input(place.row, place.col), Some(&Input::Number(2.0)));
    // A whole history deletes much that is gone already, and is nobody's step.
    let history = plan[0].encode_state(room, None).unwrap();
    let again = plan[2].examine(room, &history).unwrap();
    assert!(again.is_empty());
}
