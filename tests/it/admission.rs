//! Updates from people: what is not theirs to write is refused with a code, whoever made the bytes.
//!
//! Tests are named by the rows of the list of bad inputs.

use std::collections::BTreeMap;

use grid_engine::doc::position::n_between;
use grid_engine::doc::{Edit, Input, Op, SheetInfo, SheetKind, SheetMeta};
use grid_engine::refs::{CellRef, RoomId, RowId};
use grid_engine::wire::ToPeer;
use yrs::block::ClientID;
use yrs::sync::{Message as YMessage, SyncMessage};
use yrs::updates::decoder::Decode;
use yrs::updates::encoder::Encode;
use yrs::{Any, Doc, Map, Number, ReadTxn, Transact, Update};

use crate::peer::Peer;
use crate::plan::{cell, override_of, part, row, sheet};
use crate::server::Server;

/// An update that sets keys of root maps, written by a client of its own.
pub fn forged(client: u64, writes: &[(String, String, Any)]) -> Vec<u8> {
    let doc = Doc::with_client_id(client);
    for (root, key, value) in writes {
        let map = doc.get_or_insert_map(root.as_str());
        map.insert(&mut doc.transact_mut(), key.as_str(), value.clone());
    }
    doc.transact().encode_diff_v1(&yrs::StateVector::default())
}

fn write(cell: CellRef, value: Any) -> (String, String, Any) {
    (format!("c:{}", cell.col), cell.row.to_string(), value)
}

fn number(value: f64) -> Any {
    Any::Number(Number::Float(value))
}

/// What marks a row as deleted, by somebody.
fn mark_of(user: &str) -> Any {
    let mark = serde_json::json!({ "by": equipoise_server::store::person_id(user), "at": 1 });
    serde_json::from_value(mark).unwrap()
}

/// Sends an update as a fresh peer and gives the refusal's code and cells; the server lives and the cell is as before.
async fn refusal_of(server: &Server, user: &str, room: RoomId, update: Vec<u8>) -> (String, Vec<CellRef>) {
    let mut peer = Peer::join(server, user).await;
    peer.send_update(room, update).await;
    peer.until("the refusal", |peer| !peer.refused.is_empty()).await;
    let ToPeer::Refused { code, cells, .. } = peer.refused.remove(0) else { unreachable!() };
    peer.leave().await;
    assert!(server.is_well().await);
    (code, cells)
}

#[tokio::test]
async fn b5_b6_what_a_cell_may_not_hold_is_refused_with_its_code() {
    let server = Server::start().await;
    let tea = override_of("Tea", "North");
    let history = cell("history", "Tea", "North", "2026-01");
    let past = cell("override", "Tea", "North", "2026-01");
    let foreign = override_of("Tea", "South");
    let nowhere = CellRef { row: "nowhere".parse().unwrap(), ..tea };
    let stray = CellRef { col: "stray".parse().unwrap(), ..tea };
    let key = CellRef { col: "item".parse().unwrap(), ..tea };
    let text = |text: &str| Any::String(text.into());
    let cases: Vec<(&str, CellRef, Any, &str)> = vec![
        ("not a number", tea, number(f64::NAN), "cell.range"),
        ("infinite", tea, number(f64::INFINITY), "cell.range"),
        ("huge", tea, number(1e308), "cell.range"),
        ("inexact", tea, number(9_007_199_254_740_994.0), "cell.range"),
        ("negative demand", tea, number(-1.0), "cell.range"),
        ("an array", tea, Any::Array([Any::Null].into()), "cell.type"),
        ("an object", tea, Any::Map(std::collections::HashMap::new().into()), "cell.type"),
        ("nothing at all", tea, Any::Null, "cell.type"),
        ("control characters", tea, text("a\u{7}b"), "cell.type"),
        ("invisible characters", tea, text("a\u{200b}b"), "cell.type"),
        ("a layer", history, number(1.0), "acl.write"),
        ("a closed month", past, number(1.0), "acl.write"),
        ("no such row", nowhere, number(1.0), "acl.write"),
        ("no such column", stray, number(1.0), "acl.write"),
        ("a row's key", key, text("Coffee"), "acl.write"),
        ("a row of another part", foreign, number(1.0), "acl.write"),
    ];
    for (at, (what, cell, value, expected)) in cases.into_iter().enumerate() {
        let update = forged(1_000 + at as u64, &[write(cell, value)]);
        let (code, cells) = refusal_of(&server, "dan", part("North"), update).await;
        assert_eq!((code.as_str(), cells.as_slice()), (expected, &[cell][..]), "{what}");
    }
    let too_long = forged(77, &[write(tea, text(&"x".repeat(5000)))]);
    assert_eq!(refusal_of(&server, "dan", part("North"), too_long).await.0, "update.malformed");
    let contribution = |person: &str| {
        let uplift = cell("uplift", "Tea", "North", "2026-05");
        (format!("c:{}", uplift.col), format!("{}+{person}", uplift.row), number(1.0))
    };
    let other = equipoise_server::store::person_id("nora").to_string();
    let in_her_name = forged(78, &[contribution(&other)]);
    assert_eq!(refusal_of(&server, "dan", part("North"), in_her_name).await.0, "acl.write");
    let meta = forged(79, &[("meta".into(), "title".into(), text("Mine now"))]);
    let demand = RoomId::Sheet(sheet("demand"));
    assert_eq!(refusal_of(&server, "ada", demand, meta).await.0, "acl.write", "structure has its own commands");
    let mut nora = Peer::join(&server, "nora").await;
    assert_eq!(nora.input(tea), None);
    nora.enter(tea, Input::Number(5.0)).await;
    nora.until("editing goes on", |peer| peer.is_saved(part("North"))).await;
}

#[tokio::test]
async fn b3_bombs_are_refused_by_what_they_are() {
    let server = Server::start().await;
    let tea = override_of("Tea", "North");
    let name = format!("c:{}", tea.col);
    // One writer, one block: a key of the override column; then the value.
    let block = |value: &[u8]| {
        let mut bytes = vec![1, 1, 9, 0, 0x28, 1, name.len() as u8];
        bytes.extend(name.as_bytes());
        bytes.extend([tea.row.to_string().len() as u8]);
        bytes.extend(tea.row.to_string().as_bytes());
        bytes.extend(value);
        bytes.push(0);
        bytes
    };
    let deep = [&[1][..], &[117, 1].repeat(8000), &[126]].concat();
    let room = part("North");
    assert_eq!(refusal_of(&server, "dan", room, block(&deep)).await.0, "update.depth");
    let claims = [0xff, 0xff, 0xff, 0x7f];
    assert_eq!(refusal_of(&server, "dan", room, claims.to_vec()).await.0, "update.count");
    assert_eq!(refusal_of(&server, "dan", room, [&[0][..], &claims].concat()).await.0, "update.count");
    let billions = [&[1, 1, 9, 0, 0][..], &[0xff, 0xff, 0xff, 0xff, 0x03], &[0]].concat();
    assert_eq!(refusal_of(&server, "dan", room, billions).await.0, "update.count");
    let skipped = [&[1, 1, 9, 7, 0, 1][..], &[0]].concat();
    assert_eq!(refusal_of(&server, "dan", room, skipped).await.0, "update.gap");
    let two = [forged(500, &[write(tea, number(1.0))]), forged(501, &[write(tea, number(2.0))])];
    let merged = yrs::merge_updates_v1(&two).unwrap();
    assert_eq!(refusal_of(&server, "dan", room, merged).await.0, "update.writer");
}

#[tokio::test]
async fn b3_a_writer_id_is_one_persons_for_good() {
    let server = Server::start().await;
    let room = part("North");
    let (tea, soap) = (override_of("Tea", "North"), override_of("Soap", "North"));
    let mut dan = Peer::join(&server, "dan").await;
    dan.enter(tea, Input::Number(3.0)).await;
    dan.until("the saved mark", |peer| peer.is_saved(room)).await;
    // Nora goes on under Dan's id, where his changes end.
    let state = dan.workbook.encode_state(room, None).unwrap();
    let doc = Doc::with_client_id(dan.writer);
    doc.transact_mut().apply_update(Update::decode_v1(&state).unwrap()).unwrap();
    let before = doc.transact().state_vector();
    doc.get_or_insert_map(format!("c:{}", soap.col)).insert(&mut doc.transact_mut(), soap.row.to_string(), 9);
    let in_his_name = doc.transact().encode_diff_v1(&before);
    assert_eq!(refusal_of(&server, "nora", room, in_his_name.clone()).await.0, "update.writer");
    dan.send_update(room, in_his_name).await;
    dan.until("his own", |peer| peer.refused.is_empty()).await;
    let mut vic = Peer::join(&server, "vic").await;
    vic.until("what he wrote himself", |peer| peer.input(soap) == Some(Input::Number(9.0))).await;
}

#[tokio::test]
async fn b4_a_delete_set_over_others_cells_is_seen_through() {
    let server = Server::start().await;
    let (north, south) = (part("North"), part("South"));
    let mut dan = Peer::join(&server, "dan").await;
    let months = ["2026-04", "2026-05", "2026-06"];
    for month in months {
        dan.enter(cell("override", "Tea", "South", month), Input::Number(3.0)).await;
        dan.enter(cell("uplift", "Tea", "North", month), Input::Number(3.0)).await;
    }
    for room in [north, south] {
        dan.until("the saved mark", |peer| peer.is_saved(room)).await;
    }
    let everything = |clock: u8| {
        let mut bytes = vec![0, 1];
        let mut writer = dan.writer;
        while writer >= 0x80 {
            bytes.push(writer as u8 | 0x80);
            writer >>= 7;
        }
        bytes.extend([writer as u8, 1, 0, clock]);
        bytes
    };
    let (code, cells) = refusal_of(&server, "nora", south, everything(3)).await;
    assert_eq!(code, "acl.delete");
    assert!(months.iter().all(|month| cells.contains(&cell("override", "Tea", "South", month))), "{cells:?}");
    let (code, cells) = refusal_of(&server, "nora", north, everything(3)).await;
    assert_eq!((code.as_str(), cells.len()), ("acl.delete", 1), "her own region, his contributions");
    let mut vic = Peer::join(&server, "vic").await;
    let kept = cell("override", "Tea", "South", "2026-04");
    vic.until("nothing was lost", |peer| peer.input(kept) == Some(Input::Number(3.0))).await;
}

#[tokio::test]
async fn b4_rows_are_added_moved_and_deleted_in_their_own_part_alone() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let north = part("North");
    let text = |text: &str| Any::String(text.into());
    let place = n_between(None, None, 1, 7).remove(0);
    let position = |row: RowId, at: &str| ("rowPos".to_owned(), row.to_string(), text(at));
    let keys = |row: RowId, item: &str, region: &str| {
        let key = |measure: &str, value| (format!("c:{measure}"), row.to_string(), text(value));
        [key("item", item), key("region", region)]
    };
    let brought = |row: RowId, at: &str, item: &str, region: &str| {
        [position(row, at)].into_iter().chain(keys(row, item, region)).collect::<Vec<_>>()
    };
    let (known, foreign, fresh) = (row("Tea", "North"), row("Tea", "South"), row("Coffee", "North"));
    let other = RowId::of_key(&["another"]);
    let deletion = |row: RowId| ("rowDel".to_owned(), row.to_string(), mark_of("nora"));
    let cases = [
        ("another part's row", vec![position(foreign, &place)], "acl.write"),
        ("another part's row, called one of this", brought(foreign, &place, "Coffee", "North"), "acl.write"),
        ("another part's row with its own key", brought(foreign, &place, "Tea", "South"), "acl.write"),
        ("another part's row deleted", vec![deletion(foreign)], "acl.delete"),
        ("no row at all deleted", vec![deletion(other)], "acl.delete"),
        ("a row there is already, under another id", brought(other, &place, "Tea", "North"), "acl.write"),
        ("a row without keys", vec![position(fresh, &place)], "cell.type"),
        ("a row with half its key", brought(fresh, &place, "Coffee", "North")[..2].to_vec(), "cell.type"),
        ("no position", brought(fresh, "", "Coffee", "North"), "cell.type"),
        ("what is no position", brought(fresh, "\u{0}\u{202e}", "Coffee", "North"), "cell.type"),
        (
            "a number for a key",
            {
                let mut number_key = brought(fresh, &place, "Coffee", "North");
                number_key[1].2 = number(4711.0);
                number_key
            },
            "cell.type",
        ),
    ];
    for (at, (what, writes, expected)) in cases.iter().enumerate() {
        let (code, _) = refusal_of(&server, "nora", north, forged(2_000 + at as u64, writes)).await;
        assert_eq!(code, *expected, "{what}");
    }
    // A confined person learns nothing of rows they do not see: the same words, whether one is there or not.
    server.confine("nora", &["North", "reads:North"], &ada).await;
    let mut said = Vec::new();
    for (at, row) in [foreign, other].into_iter().enumerate() {
        let mut nora = Peer::join(&server, "nora").await;
        nora.send_update(north, forged(3_000 + at as u64, &brought(row, &place, "Coffee", "North"))).await;
        nora.until("the refusal", |peer| !peer.refused.is_empty()).await;
        let ToPeer::Refused { code, message, .. } = nora.refused.remove(0) else { unreachable!() };
        said.push((code, message));
        nora.leave().await;
    }
    assert_eq!(said[0], said[1]);
    // What is hers she moves and adds.
    let mut nora = Peer::join(&server, "nora").await;
    let own = [vec![position(known, &place)], brought(fresh, &place, "Coffee", "North")].concat();
    nora.send_update(north, forged(4_000, &own)).await;
    nora.until("the saved mark", |peer| peer.is_saved(north)).await;
    assert!(nora.refused.is_empty(), "{:?}", nora.refused);
}

#[tokio::test]
async fn what_is_refused_is_named_and_the_rest_goes_on() {
    let server = Server::start().await;
    let mut nora = Peer::join(&server, "nora").await;
    let (good, bad) = (override_of("Tea", "North"), override_of("Soap", "North"));
    nora.enter(good, Input::Number(5.0)).await;
    nora.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
    nora.enter(bad, Input::Number(-5.0)).await;
    nora.until("the refusal", |peer| !peer.refused.is_empty()).await;
    let ToPeer::Refused { room, code, clocks, cells, .. } = nora.refused.remove(0) else { unreachable!() };
    assert_eq!((room, code.as_str(), cells), (part("North"), "cell.range", vec![bad]));
    let (writer, from, to) = clocks.unwrap();
    assert_eq!((writer, to - from), (nora.writer, 1));
    nora.until("the close", |peer| peer.closed.contains(&(Some(part("North")), 4422))).await;
    let mut again = Peer::join(&server, "nora").await;
    assert_eq!((again.input(good), again.input(bad)), (Some(Input::Number(5.0)), None));
    again.enter(bad, Input::Number(6.0)).await;
    again.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
}

#[tokio::test]
async fn scopes_confine_to_measures_and_to_rows() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let change = serde_json::json!({ "scope": ["North", "measure:uplift", "Item=Tea"] });
    let answer = server.request(reqwest::Method::PUT, "/api/people/nora", &ada).json(&change).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    // What is misspelt would confine nothing: it is refused, and she stays confined as she was.
    for wrong in ["Itm=Tea", "measure:Uplift", "reads:Nort", "South-East"] {
        let change = serde_json::json!({ "scope": [wrong] });
        let answer = server.request(reqwest::Method::PUT, "/api/people/nora", &ada).json(&change).send().await.unwrap();
        assert_eq!(answer.status(), 422, "{wrong}");
        let words = answer.text().await.unwrap();
        assert!(words.contains("There are: "), "{words}");
    }
    let mut nora = Peer::join(&server, "nora").await;
    let uplift = |item| cell("uplift", item, "North", "2026-05");
    nora.enter(uplift("Tea"), Input::Number(1.0)).await;
    nora.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
    nora.enter(uplift("Soap"), Input::Number(1.0)).await;
    nora.until("the refusal", |peer| peer.refusals.contains(&(part("North"), "acl.write".into()))).await;
    let mut nora = Peer::join(&server, "nora").await;
    nora.enter(override_of("Tea", "North"), Input::Number(1.0)).await;
    nora.until("the refusal", |peer| peer.refusals.contains(&(part("North"), "acl.write".into()))).await;
    // A row holds measures that are not hers: she neither deletes nor moves it.
    let tea = row("Tea", "North").to_string();
    let deletion = ("rowDel".to_owned(), tea.clone(), mark_of("nora"));
    let (code, _) = refusal_of(&server, "nora", part("North"), forged(7_001, &[deletion])).await;
    assert_eq!(code, "acl.delete");
    let place = Any::String(n_between(None, None, 1, 7).remove(0).into());
    let (code, _) =
        refusal_of(&server, "nora", part("North"), forged(7_002, &[("rowPos".to_owned(), tea, place)])).await;
    assert_eq!(code, "acl.write");
}

#[tokio::test]
async fn b8_a_state_vector_bomb_is_refused() {
    let server = Server::start().await;
    let mut dan = Peer::join(&server, "dan").await;
    let vector: yrs::StateVector = (1..100_000).map(|client| (ClientID::new(client), 1)).collect();
    let frame = YMessage::Sync(SyncMessage::SyncStep1(vector)).encode_v1();
    let message = tokio_tungstenite::tungstenite::Message::binary(frame);
    for _ in 0..2 {
        dan.send(Some(part("North")), message.clone()).await;
    }
    dan.until("an answer", |peer| !peer.closed.is_empty() || !peer.refused.is_empty()).await;
    assert!(server.is_well().await);
}

/// Row B6 where no measure says what a cell takes: what no spreadsheet holds, and places and widths that are none.
#[tokio::test]
async fn b6_free_sheets_hold_numbers_a_spreadsheet_holds() {
    let server = Server::start().await;
    let notes = sheet("notes");
    let room = RoomId::Sheet(notes);
    let mut ada = Peer::join(&server, "ada").await;
    let info = SheetInfo {
        id: notes,
        title: "Notes".into(),
        kind: SheetKind::Free,
        role: String::new(),
        ..ada.workbook.mirror().sheets()[0].clone()
    };
    let meta = SheetMeta {
        kind: SheetKind::Free,
        title: "Notes".into(),
        epoch: 0,
        horizon: None,
        partition: None,
        parts: BTreeMap::new(),
    };
    let (first, top) = ("a".parse().unwrap(), "r1".parse().unwrap());
    let ops = vec![
        Op::PutSheet { info, meta },
        Op::InsertCols { sheet: notes, after: None, cols: vec![first] },
        Op::InsertRows { sheet: notes, part: None, after: None, rows: vec![top] },
    ];
    let edit = Edit { by: ada.me, at: 1, why: None, ops };
    let updates = ada.workbook.apply(&edit).unwrap().updates;
    for (room, update) in updates.iter().filter(|(room, _)| *room == RoomId::Book) {
        ada.send_update(*room, update.clone()).await;
    }
    ada.until("the saved mark", |peer| peer.is_saved(RoomId::Book)).await;
    // The room is made a moment after the sheet is listed.
    let mut ada = loop {
        let ada = Peer::join(&server, "ada").await;
        if ada.grants.iter().any(|grant| grant.room == room) {
            break ada;
        }
    };
    for (room, update) in updates.into_iter().filter(|(room, _)| *room != RoomId::Book) {
        ada.send_update(room, update).await;
    }
    ada.until("the saved mark", |peer| peer.is_saved(room)).await;
    let at = CellRef { sheet: notes, row: top, col: first };
    let width = |value: f64| ("colMeta".to_owned(), "a.width".to_owned(), number(value));
    let cases = [
        ("larger than any", write(at, number(1e308)), "cell.range"),
        ("a whole number that would be another", write(at, Any::Number(Number::Int((1 << 53) + 1))), "cell.type"),
        ("a column at no place", ("colPos".to_owned(), "b".to_owned(), Any::String("zzz\0".into())), "cell.type"),
        ("no width", width(f64::NAN), "cell.type"),
        ("less than nothing", width(-1e9), "cell.type"),
    ];
    for (number, (what, write, expected)) in cases.into_iter().enumerate() {
        let update = forged(2_000 + number as u64, &[write]);
        assert_eq!(refusal_of(&server, "dan", room, update).await.0, expected, "{what}");
    }
    for (number, fine) in [write(at, number(1e307)), width(120.0)].into_iter().enumerate() {
        ada.send_update(room, forged(3_000 + number as u64, &[fine])).await;
    }
    let mut vic = Peer::join(&server, "vic").await;
    vic.until("what is fine", |peer| peer.input(at) == Some(Input::Number(1e307))).await;
    assert!(ada.refused.is_empty(), "{:?}", ada.refused);
}
