//! Row B5: locked cells, and frozen versions, are written by nobody on any path.

use equipoise_server::exchange::blueprint::part_id;
use equipoise_server::store::verify_audit;
use grid_engine::doc::{Edit, Guard, Input, Op};
use grid_engine::refs::{ColId, MeasureId, RoomId};
use grid_engine::wire::{Lock, LockedRows, NewLock, ToPeer};
use reqwest::Method;
use serde_json::json;
use tokio_tungstenite::tungstenite::Error;

use crate::peer::{Peer, connect};
use crate::plan::{cell, override_of, part, row, sheet};
use crate::server::Server;

const PATH: &str = "/api/workbooks/plan/locks";

async fn lock(server: &Server, cookie: &str, rows: LockedRows, cols: Vec<ColId>) -> Lock {
    let of = NewLock { sheet: sheet("demand"), rows, cols, why: "Agreed in the review.".into() };
    let answer = server.request(Method::POST, PATH, cookie).json(&of).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    answer.json().await.unwrap()
}

async fn take_off(server: &Server, cookie: &str, lock: &Lock) -> u16 {
    server.request(Method::DELETE, &format!("{PATH}/{}", lock.id), cookie).send().await.unwrap().status().as_u16()
}

/// Makes steps here and sends them to a room.
/// Makes an edit of one room as a browser would.
pub async fn steps(peer: &mut Peer, room: RoomId, ops: Vec<Op>) {
    let edit = Edit { by: peer.me, at: 1, why: None, ops };
    let applied = peer.workbook.apply(&edit).unwrap();
    for (_, update) in applied.updates {
        peer.send_update(room, update).await;
    }
}

fn said(peer: &Peer) -> Option<(String, String)> {
    peer.refused.iter().rev().find_map(|refused| match refused {
        ToPeer::Refused { code, message, .. } => Some((code.clone(), message.clone())),
        _ => None,
    })
}

#[tokio::test]
async fn b5_what_is_locked_stays_until_the_lock_is_taken_off() {
    let server = Server::start().await;
    let (dan, ada) = (server.sign_in("dan").await, server.sign_in("ada").await);
    let first = lock(&server, &dan, LockedRows::These(vec![row("Tea", "North")]), Vec::new()).await;

    // Those who come later are told, and nobody writes: neither the region's planner, nor who put it on, nor an admin.
    for (user, erases) in [("nora", false), ("dan", false), ("ada", true)] {
        let mut peer = Peer::join(&server, user).await;
        let told = |peer: &Peer| {
            peer.notices.iter().any(|it| matches!(it, ToPeer::Locks { locks } if locks == std::slice::from_ref(&first)))
        };
        peer.until("the locks", told).await;
        let target = override_of("Tea", "North");
        if erases {
            // There is nothing to erase in the cell; the row itself is.
            let ops = vec![Op::DeleteRows { sheet: target.sheet, rows: vec![target.row] }];
            steps(&mut peer, part("North"), ops).await;
        } else {
            peer.enter(target, Input::Number(7.0)).await;
        }
        peer.until("the refusal", |peer| !peer.refusals.is_empty()).await;
        let (code, words) = said(&peer).unwrap();
        assert_eq!(
            (code.as_str(), words.as_str()),
            ("acl.write", "It is locked by DAN: Agreed in the review."),
            "{user}"
        );
    }

    // Rows beside it are written as before, notes and styles of it are not.
    let mut nora = Peer::join(&server, "nora").await;
    nora.enter(override_of("Soap", "North"), Input::Number(3.0)).await;
    nora.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
    let target = override_of("Tea", "North");
    steps(&mut nora, part("North"), vec![Op::SetNote { cell: target, text: Some("Why?".into()) }]).await;
    nora.until("the refusal", |peer| !peer.refusals.is_empty()).await;

    // Who did not put it on does not take it off, unless they administer.
    let fred = server.sign_in("fred").await;
    assert_eq!(take_off(&server, &fred, &first).await, 403);
    assert_eq!(take_off(&server, &ada, &first).await, 200);
    assert_eq!(take_off(&server, &ada, &first).await, 404);
    let mut nora = Peer::join(&server, "nora").await;
    assert!(!nora.notices.iter().any(|it| matches!(it, ToPeer::Locks { .. })), "{:?}", nora.notices);
    nora.enter(target, Input::Number(8.0)).await;
    nora.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
    assert!(nora.refusals.is_empty());
}

#[tokio::test]
async fn b5_columns_parts_and_sheets_are_locked_with_what_is_added_to_them() {
    let server = Server::start().await;
    let dan = server.sign_in("dan").await;
    let may = cell("override", "Tea", "South", "2026-05");
    let month = lock(&server, &dan, LockedRows::All, vec![may.col]).await;
    let mut sven = Peer::join(&server, "sven").await;
    sven.enter(override_of("Tea", "South"), Input::Number(1.0)).await;
    sven.until("April is open", |peer| peer.is_saved(part("South"))).await;
    sven.enter(may, Input::Number(1.0)).await;
    sven.until("May is not", |peer| !peer.refusals.is_empty()).await;
    assert_eq!(take_off(&server, &dan, &month).await, 200);

    let south = lock(&server, &dan, LockedRows::Part(part_id("South")), Vec::new()).await;
    let mut sven = Peer::join(&server, "sven").await;
    sven.enter(may, Input::Number(1.0)).await;
    sven.until("the part is locked", |peer| !peer.refusals.is_empty()).await;
    let mut nora = Peer::join(&server, "nora").await;
    nora.enter(override_of("Tea", "North"), Input::Number(1.0)).await;
    nora.until("the other is not", |peer| peer.is_saved(part("North"))).await;
    assert_eq!(take_off(&server, &dan, &south).await, 200);

    let all = lock(&server, &dan, LockedRows::All, Vec::new()).await;
    let key = |measure: &str, text: &str| {
        let col = ColId::fixed(MeasureId::named(measure).unwrap());
        let cell = grid_engine::refs::CellRef { sheet: sheet("demand"), row: row("Salt", "North"), col };
        Op::SetCell { cell, input: Some(Input::Text(text.into())), guard: Guard::Always }
    };
    let insert = Op::InsertRows {
        sheet: sheet("demand"),
        part: Some(part_id("North")),
        after: None,
        rows: vec![row("Salt", "North")],
    };
    let ops = vec![insert.clone(), key("item", "Salt"), key("region", "North")];
    let mut nora = Peer::join(&server, "nora").await;
    steps(&mut nora, part("North"), vec![insert]).await;
    nora.until("nothing is added", |peer| !peer.refusals.is_empty()).await;
    assert!(said(&nora).unwrap().1.starts_with("It is locked"), "{:?}", nora.refused);
    assert_eq!(take_off(&server, &dan, &all).await, 200);
    let mut nora = Peer::join(&server, "nora").await;
    steps(&mut nora, part("North"), ops).await;
    nora.until("now it is", |peer| peer.is_saved(part("North"))).await;
    assert!(nora.refusals.is_empty());
}

#[tokio::test]
async fn b5_locks_outlive_the_server_and_are_in_the_edit_log() {
    let mut server = Server::start().await;
    let before = verify_audit(server.folder()).unwrap().entries;
    let dan = server.sign_in("dan").await;
    let kept = lock(&server, &dan, LockedRows::All, Vec::new()).await;
    server.crash_and_restart().await;
    let dan = server.sign_in("dan").await;
    let list: Vec<Lock> = server.get(PATH, &dan).await.json().await.unwrap();
    assert_eq!(list, std::slice::from_ref(&kept));
    let mut nora = Peer::join(&server, "nora").await;
    nora.enter(override_of("Tea", "North"), Input::Number(7.0)).await;
    nora.until("the refusal", |peer| !peer.refusals.is_empty()).await;
    assert_eq!(take_off(&server, &dan, &kept).await, 200);
    assert_eq!(server.terminate().await, Some(0));
    // Nobody wrote anything: the log holds the lock and its end besides.
    assert_eq!(verify_audit(server.folder()).unwrap().entries, before + 2);
}

#[tokio::test]
async fn locks_name_what_is_there_and_are_put_by_those_who_may() {
    let server = Server::start().await;
    let put = |cookie: String, rows: serde_json::Value, cols: serde_json::Value, why: String| {
        let of = json!({ "sheet": "demand", "rows": rows, "cols": cols, "why": why });
        let request = server.request(Method::POST, PATH, &cookie).json(&of);
        async move {
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        }
    };
    for (user, rows, cols, why, status, words) in [
        ("nora", json!("all"), json!([]), "", 403, "lock cells of this sheet"),
        ("fred", json!("all"), json!([]), "", 403, "lock cells of this sheet"),
        ("vic", json!("all"), json!([]), "", 403, "lock cells of this sheet"),
        ("eva", json!("all"), json!([]), "", 403, "see the live plan"),
        ("dan", json!({ "these": [] }), json!([]), "", 422, "between 1 and 10000 rows"),
        ("dan", json!({ "these": ["nothere"] }), json!([]), "", 422, "There is no row nothere on Demand."),
        ("dan", json!({ "part": "moon" }), json!([]), "", 422, "Demand has no such part."),
        ("dan", json!("all"), json!(["override@1999-01"]), "", 422, "There is no column override@1999-01 on Demand."),
        ("dan", json!("all"), json!([]), "a\u{202e}b", 422, "cannot be seen"),
        ("dan", json!("some"), json!([]), "", 400, "unknown variant"),
    ] {
        let (got, text) = put(server.sign_in(user).await, rows, cols, why.to_owned()).await;
        assert_eq!(got, status, "{user}: {text}");
        assert!(text.contains(words), "{user}: {text}");
    }
    let ada = server.sign_in("ada").await;
    assert_eq!(server.request(Method::DELETE, &format!("{PATH}/77"), &ada).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn b5_a_frozen_version_has_no_path_that_writes_it() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let version = crate::versions::freeze(&server, &ada, "March").await.id;
    for path in [format!("/sync/{version}"), format!("/sync/{version}/demand"), format!("/live/{version}")] {
        let refused = connect(&server, &path, &ada).await.unwrap_err();
        let Error::Http(answer) = refused else { panic!("{refused}") };
        assert_eq!(answer.status(), 403, "{path}");
        let body = String::from_utf8(answer.body().clone().unwrap_or_default()).unwrap();
        assert!(body.contains("version.frozen"), "{path}: {body}");
    }
    let of_sheet = format!("/api/workbooks/plan/versions/{version}/sheets/demand");
    for (method, path) in [
        (Method::PUT, of_sheet.clone()),
        (Method::POST, of_sheet.clone()),
        (Method::PATCH, of_sheet.clone()),
        (Method::DELETE, of_sheet),
        (Method::DELETE, format!("/api/workbooks/plan/versions/{version}/summary")),
    ] {
        let answer = server.request(method.clone(), &path, &ada).send().await.unwrap();
        let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
        assert!(status == 405 && text.contains("version.frozen"), "{method} {path}: {status} {text}");
    }
    // As a workbook of its own it takes nothing either.
    let of = json!({ "sheet": "demand", "rows": "all" });
    let path = format!("/api/workbooks/{version}/locks");
    let answer = server.request(Method::POST, &path, &ada).json(&of).send().await.unwrap();
    assert!(answer.text().await.unwrap().contains("version.frozen"));
}
