//! Records from people who may write them: what no dialog would save is refused with its code, whoever made the bytes.
//!
//! Tests are named by the rows of the list of bad inputs.

use equipoise_server::store::{NewWorkbook, Store, WorkbookId, person_id};
use grid_engine::doc::{Edit, MeasureKind, Op, SheetInfo};
use grid_engine::refs::{CellRef, MeasureId, RoomId};
use grid_engine::wire::ToPeer;
use serde_json::{Value, json};
use yrs::updates::decoder::Decode;
use yrs::{Any, Doc, Map, Out, ReadTxn, Transact, Update};

use crate::admission::forged;
use crate::peer::Peer;
use crate::plan::{override_of, part, price_of, row, sheet};
use crate::server::Server;

fn any(value: &Value) -> Any {
    serde_json::from_value(value.clone()).unwrap()
}

/// Sends one key of a root map as a fresh peer; the code and words of the refusal, nothing where it is taken.
async fn answer_to(server: &Server, user: &str, room: RoomId, client: u64, write: (&str, &str, &Value)) -> Said {
    let mut peer = Peer::join(server, user).await;
    let (root, key, value) = write;
    peer.send_update(room, forged(client, &[(root.to_owned(), key.to_owned(), any(value))])).await;
    peer.until("an answer", |peer| !peer.refused.is_empty() || peer.is_saved_of(room, client)).await;
    let refused = peer.refused.pop();
    peer.leave().await;
    assert!(server.is_well().await);
    let Some(ToPeer::Refused { code, message, cells, .. }) = refused else { return Said::default() };
    Said { code, message, cells }
}

#[derive(Debug, Default)]
struct Said {
    code: String,
    message: String,
    cells: Vec<CellRef>,
}

/// An object with some fields changed; `null` takes one away.
fn with(of: &impl serde::Serialize, changes: Value) -> Value {
    let mut value = serde_json::to_value(of).unwrap();
    let fields = value.as_object_mut().unwrap();
    for (name, to) in changes.as_object().unwrap() {
        if to.is_null() { drop(fields.remove(name)) } else { drop(fields.insert(name.clone(), to.clone())) }
    }
    value
}

/// Everything a workbook's own documents say, to see that nothing has changed.
fn all_of(peer: &Peer) -> String {
    let mirror = peer.workbook.mirror();
    let measures: Vec<_> =
        mirror.open_sheets().map(|sheet| (sheet.meta().clone(), sheet.measures().to_vec())).collect();
    format!("{:?} {:?} {measures:?}", mirror.sheets(), mirror.names())
}

#[tokio::test]
async fn b6_what_no_dialog_would_save_of_sheets_measures_and_names_is_refused() {
    let server = Server::start().await;
    let mut ada = Peer::join(&server, "ada").await;
    let demand = RoomId::Sheet(sheet("demand"));
    ada.until("the plan", |peer| peer.workbook.sheet(sheet("demand")).is_some()).await;
    let before = all_of(&ada);
    let info: SheetInfo = ada.workbook.mirror().sheets()[0].clone();
    let (id, other) = (info.id.to_string(), ada.workbook.mirror().sheets()[1].title.clone());
    let measure = |name: &str| {
        let sheet = ada.workbook.sheet(sheet("demand")).unwrap();
        sheet.measure(MeasureId::named(name).unwrap()).unwrap().clone()
    };
    let (over, item, uplift) = (measure("override"), measure("item"), measure("uplift"));
    let long = "x".repeat(4000);
    let book = RoomId::Book;
    let sheets = |what, changes, code, word| (what, book, "sheets", id.clone(), with(&info, changes), code, word);
    let measures = |what, of: &grid_engine::doc::Measure, changes, code, word| {
        (what, demand, "measures", of.id.to_string(), with(of, changes), code, word)
    };
    let name = |what, name: &str, to: Value, code, word| (what, book, "names", name.to_owned(), to, code, word);
    let nested = json!([[[[1]]]]);
    let fresh = with(&info, json!({ "id": "other", "title": "Other", "role": "" }));
    let cases: Vec<(&str, RoomId, &str, String, Value, &str, &str)> = vec![
        sheets("a title of control characters", json!({ "title": "\u{1b}[2J" }), "sheet.title", "control"),
        sheets("an invisible title", json!({ "title": "De\u{200b}mand" }), "sheet.title", "invisible"),
        sheets("a title of 4 kB", json!({ "title": long }), "sheet.title", "100 bytes"),
        sheets("no title", json!({ "title": "" }), "sheet.title", "100 bytes"),
        sheets("another sheet's title", json!({ "title": other.to_uppercase() }), "sheet.title", "already"),
        sheets("a title that is none", json!({ "title": 7 }), "record.form", "expected a string"),
        sheets("a title missing", json!({ "title": null }), "record.form", "missing field `title`"),
        sheets("an unknown kind", json!({ "kind": "pivot" }), "record.form", "pivot"),
        sheets("another kind", json!({ "kind": "free" }), "sheet.kind", "another sheet instead"),
        sheets("another role", json!({ "role": "prices" }), "sheet.role", "another sheet instead"),
        sheets(
            "a colour that is none",
            json!({ "colour": "red; background: url(//x)" }),
            "record.form",
            "one of `red`",
        ),
        sheets("a position of control characters", json!({ "position": "\u{0}" }), "sheet.place", "place"),
        ("a new planning sheet", book, "sheets", "other".into(), fresh.clone(), "sheet.kind", "import"),
        (
            "a new sheet with a role",
            book,
            "sheets",
            "other".into(),
            with(&fresh, json!({ "kind": "free", "role": "demand" })),
            "sheet.role",
            "nothing in particular",
        ),
        ("a list for a sheet", book, "sheets", id.clone(), json!([1]), "acl.write", ""),
        ("a member", book, "members", "eve".into(), json!({ "role": "admin" }), "acl.write", ""),
        measures("an unknown kind", &over, json!({ "kind": "magic" }), "record.form", "magic"),
        measures("an unknown merge", &over, json!({ "merge": "vote" }), "record.form", "vote"),
        measures("a key that becomes an input", &item, json!({ "kind": "input" }), "measure.kind", "another measure"),
        measures(
            "an input that becomes a key",
            &over,
            json!({ "kind": "key", "timed": false }),
            "measure.kind",
            "Override",
        ),
        measures("an additive formula", &uplift, json!({ "kind": { "formula": "=1" } }), "measure.merge", "additive"),
        measures(
            "what is no formula",
            &over,
            json!({ "kind": { "formula": "=SUM((" } }),
            "measure.formula",
            "Override",
        ),
        measures("a formula without =", &over, json!({ "kind": { "formula": "1" } }), "measure.formula", "="),
        measures("another's name", &over, json!({ "name": "UPLIFT" }), "measure.name", "already"),
        measures("a name of control characters", &over, json!({ "name": "a\u{7}" }), "measure.name", "control"),
        measures("a unit of 4 kB", &over, json!({ "unit": long }), "measure.text", "too long"),
        measures(
            "shares within no key",
            &over,
            json!({ "merge": { "allocation": { "within": "uplift" } } }),
            "measure.merge",
            "key",
        ),
        measures("a field nested too deep", &over, json!({ "more": nested }), "update.depth", "deep"),
        name("a cell's address", "A1", json!("=1"), "name.form", "A1"),
        name("the other address", "R1C1", json!("=1"), "name.form", "R1C1"),
        name("a truth value", "TRUE", json!("=1"), "name.form", "TRUE"),
        name("control characters", "a\u{7}b", json!("=1"), "name.form", "control"),
        name("what is no formula", "vat", json!("=SUM(("), "name.formula", "vat"),
        name("a number", "vat", json!(0.2), "cell.type", "formula"),
        name("an object", "vat", json!({ "formula": "=1" }), "cell.type", "formula"),
        (
            "a rule by which nothing fits",
            demand,
            "rules",
            "override".into(),
            json!({ "accepts": { "list": [] }, "strict": true }),
            "rule.form",
            "nothing could be entered",
        ),
        (
            "a rule of no known kind",
            demand,
            "rules",
            "override".into(),
            json!({ "accepts": "all", "strict": true }),
            "record.form",
            "all",
        ),
        (
            "a rule for no measure",
            demand,
            "rules",
            "nowhere".into(),
            json!({ "accepts": { "text": { "longest": 3 } }, "strict": true }),
            "rule.form",
            "nowhere",
        ),
    ];
    for (at, (what, room, root, key, value, code, word)) in cases.iter().enumerate() {
        let said = answer_to(&server, "ada", *room, 5_000 + at as u64, (root, key, value)).await;
        assert_eq!(said.code, *code, "{what}: {said:?}");
        assert!(said.message.contains(word), "{what}: {said:?}");
    }
    let seen = Peer::join(&server, "ada").await;
    assert_eq!(all_of(&seen), before);
    // What is as a dialog saves it is taken, with what a newer program says of it beside.
    let fine: [(RoomId, &str, &str, Value); 4] = [
        (book, "sheets", &id, with(&info, json!({ "title": "Demand plan", "pinned": { "by": "ada", "to": [1, 2] } }))),
        (demand, "measures", "override", with(&over, json!({ "name": "Own figure", "later": true }))),
        (book, "names", "vat", json!("=0.2")),
        (demand, "rules", "override", json!({ "accepts": { "number": { "least": 0 } }, "strict": true })),
    ];
    for (at, (room, root, key, value)) in fine.iter().enumerate() {
        let said = answer_to(&server, "ada", *room, 6_000 + at as u64, (root, key, value)).await;
        assert_eq!(said.code, "", "{root}: {said:?}");
    }
    let seen = Peer::join(&server, "ada").await;
    assert_eq!(seen.workbook.mirror().sheets()[0].title, "Demand plan");
    let renamed = seen.workbook.sheet(sheet("demand")).unwrap().measure(over.id).unwrap();
    assert_eq!((renamed.name.as_str(), &renamed.kind), ("Own figure", &MeasureKind::Input));
}

#[tokio::test]
async fn b5_b6_a_note_says_what_it_says_in_its_authors_name() {
    let server = Server::start().await;
    let cell = override_of("Tea", "North");
    let key = format!("{}:{}", cell.row, cell.col);
    let (dan, nora) = (person_id("dan").to_string(), person_id("nora").to_string());
    let cases = [
        ("somebody else's", json!({ "text": "Agreed", "by": nora, "at": 1 }), "acl.write", "somebody else's name"),
        ("nobody's", json!({ "text": "Agreed", "at": 1 }), "record.form", "missing field `by`"),
        ("no text", json!({ "text": { "html": "<b>" }, "by": dan, "at": 1 }), "record.form", "expected a string"),
        ("no time", json!({ "text": "Agreed", "by": dan, "at": "today" }), "record.form", "invalid type"),
        ("control characters", json!({ "text": "\u{1b}[2J", "by": dan, "at": 1 }), "note.text", "control characters"),
        ("a list", json!(["Agreed"]), "cell.type", ""),
        ("a text alone", json!("Agreed"), "cell.type", ""),
    ];
    for (at, (what, note, code, word)) in cases.iter().enumerate() {
        let said = answer_to(&server, "dan", part("North"), 5_000 + at as u64, ("notes", &key, note)).await;
        assert_eq!((said.code.as_str(), said.cells.as_slice()), (*code, &[cell][..]), "{what}: {said:?}");
        assert!(said.message.contains(word), "{what}: {said:?}");
    }
    let mark = json!({ "by": dan });
    let tea = row("Tea", "North").to_string();
    let said = answer_to(&server, "dan", part("North"), 5_100, ("rowDel", &tea, &mark)).await;
    assert_eq!(said.code, "record.form", "a mark without a time: {said:?}");
    let fine = json!({ "text": "Agreed\nwith the customer", "by": dan, "at": 1, "mood": "glad" });
    let said = answer_to(&server, "dan", part("North"), 5_200, ("notes", &key, &fine)).await;
    assert_eq!(said.code, "", "{said:?}");
    let seen = Peer::join(&server, "vic").await;
    let note = seen.workbook.sheet(cell.sheet).unwrap().note(cell.row, cell.col).unwrap();
    assert_eq!((note.text.as_str(), note.by), ("Agreed\nwith the customer", person_id("dan")));
}

/// What an earlier program let in is read and kept; it is judged where it is changed.
#[tokio::test]
async fn b6_what_was_stored_before_opens_and_can_be_kept() {
    const ODD: &str = "De\u{7}mand";
    let mut server = Server::start().await;
    assert_eq!(server.terminate().await, Some(0));
    // A second plan like the first, but for a title, a name and a note no dialog would save.
    let id = WorkbookId::named("odd").unwrap();
    let folder = server.folder().to_owned();
    let keep = move || {
        let store = Store::open(&folder).unwrap();
        let rooms = store.load_rooms(WorkbookId::named("plan").unwrap()).unwrap();
        let rooms = rooms.into_iter().map(|kept| {
            let doc = Doc::with_client_id(4_711);
            for bytes in [kept.checkpoint].into_iter().chain(kept.updates) {
                doc.transact_mut().apply_update(Update::decode_v1(&bytes).unwrap()).unwrap();
            }
            if kept.room == RoomId::Book {
                let (sheets, names) = (doc.get_or_insert_map("sheets"), doc.get_or_insert_map("names"));
                let mut change = doc.transact_mut();
                let Some(Out::Any(listed)) = sheets.get(&change, "demand") else { unreachable!() };
                let mut info: Value = serde_json::to_value(&listed).unwrap();
                info["title"] = json!(ODD);
                sheets.insert(&mut change, "demand", any(&info));
                names.insert(&mut change, "A1", "=SUM((");
                drop(change);
            }
            if kept.room == part("North") {
                let notes = doc.get_or_insert_map("notes");
                let cell = override_of("Tea", "North");
                notes.insert(&mut doc.transact_mut(), format!("{}:{}", cell.row, cell.col), any(&json!({ "text": 7 })));
            }
            let state = doc.transact().encode_state_as_update_v1(&yrs::StateVector::default());
            (kept.room, state)
        });
        let (title, currency) = ("Odd".into(), "EUR".into());
        store.create_workbook(NewWorkbook { id, title, currency, rooms: rooms.collect(), facts: Vec::new() }).unwrap();
    };
    tokio::task::spawn_blocking(keep).await.unwrap();
    server.start_again().await;
    let mut ada = Peer::join_workbook(&server, "ada", "odd").await;
    let info = ada.workbook.mirror().sheets().iter().find(|info| info.id == sheet("demand")).cloned().unwrap();
    assert_eq!(info.title, ODD);
    assert!(ada.workbook.mirror().names().contains_key("A1"));
    let meta = ada.workbook.sheet(info.id).unwrap().meta().clone();
    let ops = vec![
        Op::PutSheet { info: SheetInfo { hidden: true, ..info }, meta },
        Op::SetName { name: "A1".into(), formula: None },
    ];
    for (room, update) in ada.workbook.apply(&Edit { by: ada.me, at: 1, why: None, ops }).unwrap().updates {
        ada.send_update(room, update).await;
    }
    ada.until("the saved mark", |peer| peer.is_saved(RoomId::Book)).await;
    assert!(ada.refused.is_empty(), "{:?}", ada.refused);
    ada.enter(price_of("Tea"), grid_engine::doc::Input::Number(3.0)).await;
    ada.until("editing goes on", |peer| peer.is_saved(RoomId::Sheet(sheet("prices")))).await;
}
