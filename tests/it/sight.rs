//! Someone who may see some rows only learns nothing of the others: not from rooms, layers or versions, and not from
//! values that follow from them.

use grid_engine::doc::{Edit, Input, Measure, Merge, Op};
use grid_engine::refs::{CellRef, ColId, MeasureId, RoomId};
use grid_engine::wire::{FactsData, Scalar, ToPeer};
use reqwest::Method;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use yrs::block::ClientID;
use yrs::sync::AwarenessUpdate;
use yrs::sync::awareness::AwarenessUpdateEntry;
use yrs::updates::encoder::Encode;

use crate::peer::{Peer, connect};
use crate::plan::{override_of, part, row, sheet};
use crate::server::Server;

/// A demand no other number of the plan can be taken for.
const SOUTH: f64 = 514_229.0;

/// The plan, with nora confined to the North, and a price that is the sum of all regions' overrides.
async fn start() -> (Server, Peer, CellRef) {
    let server = Server::start().await;
    let cookie = server.sign_in("ada").await;
    server.confine("nora", &["North", "reads:North"], &cookie).await;
    let mut ada = Peer::join(&server, "ada").await;
    ada.enter(override_of("Tea", "South"), Input::Number(SOUTH)).await;
    ada.enter(override_of("Tea", "North"), Input::Number(7.0)).await;
    let total = CellRef {
        sheet: sheet("prices"),
        row: equipoise_server::exchange::blueprint::row_id(&["Tea"]),
        col: ColId::fixed(MeasureId::named("netprice").unwrap()),
    };
    let stored = ada.workbook.formula_stored(total, "=SUM(Demand[Override])*1").unwrap();
    ada.enter(total, Input::Formula(stored.into())).await;
    let rooms = [part("South"), part("North"), RoomId::Sheet(sheet("prices"))];
    ada.until("the saved marks", |peer| rooms.iter().all(|room| peer.is_saved(*room))).await;
    (server, ada, total)
}

fn has_heard_of(peer: &Peer, number: f64) -> bool {
    peer.notices.iter().any(|notice| serde_json::to_string(notice).unwrap().contains(&format!("{number}")))
}

/// Lets a sheet's values go out to everyone.
async fn publish(ada: &mut Peer, id: &str) {
    let info = ada.workbook.mirror().sheets().iter().find(|info| info.id == sheet(id)).cloned().unwrap();
    let meta = ada.workbook.sheet(sheet(id)).unwrap().meta().clone();
    let info = grid_engine::doc::SheetInfo { published: true, ..info };
    let edit = Edit { by: ada.me, at: 2, why: None, ops: vec![Op::PutSheet { info, meta }] };
    for (room, update) in ada.workbook.apply(&edit).unwrap().updates {
        ada.send_update(room, update).await;
    }
    ada.until("the saved mark", |peer| peer.is_saved(RoomId::Book)).await;
}

#[tokio::test]
async fn who_is_confined_cannot_make_a_published_sheet_tell_of_hidden_rows() {
    let (server, mut ada, _) = start().await;
    let cookie = server.sign_in("ada").await;
    server.confine("dan", &["reads:North"], &cookie).await;
    let writes = |peer: &Peer| peer.grants.iter().any(|grant| grant.room == part("North") && grant.write);
    assert!(writes(&Peer::join(&server, "dan").await), "a planner writes the rows he sees");
    publish(&mut ada, "demand").await;
    let mut dan = Peer::join(&server, "dan").await;
    assert!(!writes(&dan));
    let own = override_of("Tea", "North");
    let spying = dan.workbook.formula_stored(own, "=SUM(Demand[Override])").unwrap();
    dan.enter(own, Input::Formula(spying.into())).await;
    dan.until("the refusal", |peer| peer.refusals.contains(&(part("North"), "acl.write".into()))).await;
    assert!(!has_heard_of(&dan, SOUTH + 7.0));
}

#[tokio::test]
async fn a_value_that_follows_from_hidden_rows_is_hidden() {
    let (server, mut ada, total) = start().await;
    let mut nora = Peer::join(&server, "nora").await;
    assert!(!nora.grants.iter().any(|grant| grant.room == part("South")));
    nora.watch(&["prices", "demand"]).await;
    let hidden = |peer: &Peer| peer.told(total).last().is_some_and(|value| format!("{value:?}").contains("HIDDEN"));
    nora.until("the hidden total", hidden).await;
    let before = nora.told(total).len();
    ada.enter(override_of("Tea", "South"), Input::Number(SOUTH + 1.0)).await;
    nora.until("the hidden total again", |peer| peer.told(total).len() > before).await;
    assert!(hidden(&nora));
    for number in [SOUTH, SOUTH + 7.0, SOUTH + 1.0, SOUTH + 8.0] {
        assert!(!has_heard_of(&nora, number), "{number}");
    }
    // Her own rows are told as to everyone, and the sum she makes of them herself stays her own.
    let consensus = crate::plan::cell("consensus", "Tea", "North", "2026-04");
    nora.enter(override_of("Tea", "North"), Input::Number(11.0)).await;
    nora.until("her own value", |peer| peer.told(consensus).last().is_some_and(|it| format!("{it:?}").contains("11")))
        .await;
    assert!(hidden(&nora));
}

/// A share of a group is its weight divided by the sum of all: it would tell of hidden weights.
#[tokio::test]
async fn a_share_within_a_group_with_hidden_rows_is_hidden() {
    let (server, mut ada, _) = start().await;
    let region = MeasureId::named("region").unwrap();
    let measure = |id: &str, within: Option<MeasureId>| -> Measure {
        let merge = Merge::Allocation { within };
        let json = json!({ "id": id, "name": id, "kind": "input", "timed": true, "order": 9, "merge": merge });
        serde_json::from_value(json).unwrap()
    };
    for measure in [measure("split", None), measure("inside", Some(region))] {
        let ops = vec![Op::PutMeasure { sheet: sheet("demand"), measure }];
        for (room, update) in ada.workbook.apply(&Edit { by: ada.me, at: 3, why: None, ops }).unwrap().updates {
            ada.send_update(room, update).await;
        }
    }
    let demand = RoomId::Sheet(sheet("demand"));
    ada.until("the measures", |peer| peer.is_saved(demand)).await;
    let share = |measure: &str, region: &str| crate::plan::cell(measure, "Tea", region, "2026-04");
    for (region, weight) in [("South", 999.0), ("North", 1.0)] {
        ada.enter(share("split", region), Input::Number(weight)).await;
        ada.enter(share("inside", region), Input::Number(weight)).await;
    }
    ada.until("the saved marks", |peer| [part("South"), part("North")].iter().all(|room| peer.is_saved(*room))).await;
    let mut nora = Peer::join(&server, "nora").await;
    nora.watch(&["demand"]).await;
    let (split, inside) = (override_of("Tea", "North"), override_of("Soap", "North"));
    for (cell, of) in [(split, "split"), (inside, "inside")] {
        let stored = ada.workbook.formula_stored(cell, &format!("=[@{of}]*1")).unwrap();
        nora.enter(cell, Input::Formula(stored.into())).await;
    }
    let told = |peer: &Peer, cell| format!("{:?}", peer.told(cell).last());
    nora.until("the hidden share", |peer| told(peer, split).contains("HIDDEN")).await;
    nora.until("the share within her region", |peer| told(peer, inside).contains("Number")).await;
    assert!(!has_heard_of(&nora, 0.001));
}

#[tokio::test]
async fn an_administrator_publishes_a_sheet() {
    let (server, mut ada, total) = start().await;
    let mut nora = Peer::join(&server, "nora").await;
    nora.watch(&["prices"]).await;
    nora.until("the hidden total", |peer| !peer.told(total).is_empty()).await;
    publish(&mut ada, "prices").await;
    ada.enter(override_of("Tea", "South"), Input::Number(SOUTH)).await;
    ada.enter(override_of("Tea", "North"), Input::Number(8.0)).await;
    nora.until("the published total", |peer| has_heard_of(peer, SOUTH + 8.0)).await;
    assert!(nora.input(override_of("Tea", "South")).is_none(), "the rows stay hidden");
}

#[tokio::test]
async fn rooms_layers_history_and_versions_keep_hidden_rows() {
    let (server, _ada, _) = start().await;
    let cookie = server.sign_in("nora").await;
    let mut socket = connect(&server, "/sync/plan/demand~south", &cookie).await.unwrap();
    use futures_util::StreamExt;
    let first = socket.next().await.unwrap().unwrap();
    assert!(
        matches!(&first, tokio_tungstenite::tungstenite::Message::Close(Some(frame)) if u16::from(frame.code) == 4403),
        "{first:?}"
    );
    let facts =
        server.get("/api/workbooks/plan/facts/demand/history", &cookie).await.json::<FactsData>().await.unwrap();
    let mut expected = vec![row("Tea", "North"), row("Soap", "North")];
    let mut rows = facts.rows.clone();
    expected.sort();
    rows.sort();
    assert_eq!(rows, expected);
    assert_eq!(facts.values.len(), facts.rows.len() * facts.width);
    let history =
        |cell: CellRef| format!("/api/workbooks/plan/history?sheet={}&row={}&col={}", cell.sheet, cell.row, cell.col);
    assert_eq!(server.get(&history(override_of("Tea", "South")), &cookie).await.status(), 403);
    assert_eq!(server.get(&history(override_of("Tea", "North")), &cookie).await.status(), 200);
    let whole = [
        "versions",
        "versions/live/summary",
        "versions/live/causes/otif",
        "actuals",
        "compare?a=live&b=live",
        "bridge?a=live&b=live&kpi=profit",
        "bridge/file.csv?a=live&b=live&figure=profit&by=item",
        "tower/file.xlsx?demand=&supply=&cost=",
    ];
    for path in whole {
        assert_eq!(server.get(&format!("/api/workbooks/plan/{path}"), &cookie).await.status(), 403, "{path}");
    }
}

#[tokio::test]
async fn a_version_a_formula_names_is_read_by_the_server_and_hidden_from_who_is_confined() {
    let (server, mut ada, total) = start().await;
    let dan = server.sign_in("dan").await;
    let stored = ada.workbook.formula_stored(total, "=SUM(Demand@'Before'[Override])").unwrap();
    ada.enter(total, Input::Formula(stored.into())).await;
    ada.until("the saved mark", |peer| peer.is_saved(RoomId::Sheet(sheet("prices")))).await;
    ada.watch(&["prices"]).await;
    let says = |number: f64| move |peer: &Peer| peer.told(total).last() == Some(&Scalar::Number(number));
    let missing =
        |peer: &Peer| peer.told(total).last().is_some_and(|it| format!("{it:?}").contains("no version ‘Before’"));
    ada.until("that there is no such version", missing).await;
    let own = override_of("Tea", "North");
    crate::versions::freeze(&server, &dan, "Before").await;
    ada.until("the version's sum", says(SOUTH + 7.0)).await;
    // The version stays as it is, whatever is entered later.
    ada.enter(own, Input::Number(8.0)).await;
    ada.until("the saved mark", |peer| peer.is_saved(part("North"))).await;

    let mut nora = Peer::join(&server, "nora").await;
    nora.watch(&["prices", "demand"]).await;
    let hidden = |cell: CellRef| {
        move |peer: &Peer| peer.told(cell).last().is_some_and(|it| format!("{it:?}").contains("HIDDEN"))
    };
    nora.until("the hidden sum", hidden(total)).await;
    // Nor by a formula of her own, in a row of hers.
    for spying in ["=SUM(Demand@'Before'[Override])", "=SUM(VERSION.DIFF(Demand[Override],\"Before\"))"] {
        let before = nora.told(own).len();
        let stored = nora.workbook.formula_stored(own, spying).unwrap();
        nora.enter(own, Input::Formula(stored.into())).await;
        nora.until("her hidden sum", |peer| peer.told(own).len() > before && hidden(own)(peer)).await;
    }
    assert!(!has_heard_of(&nora, SOUTH + 7.0) && !has_heard_of(&nora, SOUTH));
    assert_eq!(ada.told(total).last(), Some(&Scalar::Number(SOUTH + 7.0)));
}

fn place(client: u64, clock: u32, of: CellRef) -> Message {
    let json = json!({ "person": "ada", "name": "ADA", "colour": "#345", "sheet": of.sheet, "row": of.row, "col": of.col,
        "editing": true, "beside": format!("in {}", of.row) });
    let entry = AwarenessUpdateEntry { clock, json: json.to_string().into() };
    let update = AwarenessUpdate { clients: [(ClientID::new(client), entry)].into() };
    Message::binary(yrs::sync::Message::Awareness(update).encode_v1())
}

#[tokio::test]
async fn presence_does_not_tell_of_hidden_rows() {
    let (server, mut ada, _) = start().await;
    let (south, north) = (override_of("Tea", "South"), override_of("Tea", "North"));
    let mut nora = Peer::join(&server, "nora").await;
    let book = Some(RoomId::Book);
    let told = |peer: &Peer| peer.presence.get(&77).cloned().unwrap_or_default();
    ada.send(book, place(77, 1, south)).await;
    nora.until("that Ada is there", |peer| told(peer).contains("ADA")).await;
    let hidden = |peer: &Peer| !told(peer).contains(&south.row.to_string()) && !told(peer).contains("editing");
    assert!(hidden(&nora), "{}", told(&nora));
    ada.send(book, place(77, 2, north)).await;
    nora.until("where she is now", |peer| told(peer).contains(&north.row.to_string())).await;
    ada.send(book, place(77, 3, south)).await;
    nora.until("that she has left", hidden).await;
    // Nor does it to who comes later, and everyone else sees all of it.
    let mut later = Peer::join(&server, "nora").await;
    later.until("Ada", |peer| told(peer).contains("ADA")).await;
    assert!(hidden(&later), "{}", told(&later));
    let mut vic = Peer::join(&server, "vic").await;
    vic.until("where she is", |peer| told(peer).contains(&south.row.to_string())).await;
}

/// Else a formula could ask by it whether a hidden value lies above a number.
#[tokio::test]
async fn jobs_do_not_tell_of_hidden_rows() {
    let (server, mut ada, _) = start().await;
    let mut nora = Peer::join(&server, "nora").await;
    let (own, south) = (override_of("Tea", "North"), override_of("Tea", "South"));
    let above = format!("[c:{}:{}:{}:--]>1", south.sheet, south.row, south.col);
    let spying = format!("=IF({above},SUM(FORECAST({{1;2;3;4;5;6;7;8;9;10;11;12}})),0)");
    nora.enter(own, Input::Formula(spying.into())).await;
    let is_job = |notice: &ToPeer| matches!(notice, ToPeer::Job { .. });
    ada.until("the job", |peer| peer.notices.iter().any(is_job)).await;
    // What comes later has come, so the job would have.
    ada.enter(own, Input::Number(8.0)).await;
    nora.until("ada's edit", |peer| peer.input(own) == Some(Input::Number(8.0))).await;
    assert!(!nora.notices.iter().any(is_job), "{:?}", nora.notices);
    let cookie = server.sign_in("nora").await;
    let answer = server.request(Method::POST, "/api/workbooks/plan/jobs/1/cancel", &cookie).send().await.unwrap();
    assert_eq!(answer.status(), 403, "whether there is one is not told either");
}

#[tokio::test]
async fn a_refusal_does_not_tell_whether_a_hidden_row_is_there() {
    let (server, _, _) = start().await;
    let mut words = Vec::new();
    for row in [row("Tea", "South"), "nowhere".parse().unwrap()] {
        let mut nora = Peer::join(&server, "nora").await;
        let doc = yrs::Doc::with_client_id(4_711 + words.len() as u64);
        let root = doc.get_or_insert_map(format!("c:{}", override_of("Tea", "North").col));
        yrs::Map::insert(&root, &mut yrs::Transact::transact_mut(&doc), row.to_string(), 9);
        let update = yrs::ReadTxn::encode_diff_v1(&yrs::Transact::transact(&doc), &yrs::StateVector::default());
        nora.send_update(part("North"), update).await;
        nora.until("the refusal", |peer| !peer.refused.is_empty()).await;
        let ToPeer::Refused { code, message, .. } = nora.refused.remove(0) else { unreachable!() };
        words.push((code, message));
    }
    assert_eq!(words[0], words[1]);
}

/// A branch is a workbook of its own, with the rows of all parts: it tells a confined person as little as the plan does.
#[tokio::test]
async fn branches_tell_of_hidden_rows_as_little_as_the_plan() {
    let (server, _, total) = start().await;
    let (ada, nora_cookie) = (server.sign_in("ada").await, server.sign_in("nora").await);
    let made = json!({ "name": "What if" });
    let branch = server.request(Method::POST, "/api/workbooks/plan/branches", &ada).json(&made).send().await.unwrap();
    let branch: serde_json::Value = branch.json().await.unwrap();
    let branch = branch["id"].as_str().unwrap().to_owned();
    let frozen = server.sign_in("dan").await;
    let version = crate::versions::freeze(&server, &frozen, "Whole").await.id;
    for path in [
        "plan/branches".to_owned(),
        format!("plan/versions/branch.{branch}/summary"),
        format!("plan/versions/branch.{branch}/sheets/demand"),
        format!("plan/versions/{version}/causes/revenue"),
        format!("plan/versions/live/changes?since={version}"),
        "plan/shortages?sheet=demand&row=x".to_owned(),
        "plan/versions/live/causes/revenue".to_owned(),
        format!("plan/compare?a=live&b=branch.{branch}&measure=override&by=region"),
        "plan/file.csv?sheet=demand".to_owned(),
        format!("{branch}/branch"),
        format!("{branch}/branches"),
        format!("{branch}/branch/differences?direction=merge"),
        format!("{branch}/branch/differences?direction=rebase"),
        format!("{branch}/versions"),
        format!("{branch}/versions/live/sheets/demand"),
        format!("{branch}/versions/{version}/bundle"),
        format!("{branch}/file.xlsx"),
        format!("{branch}/actuals"),
        format!("{branch}/scenarios?demand=&supply=&cost="),
    ] {
        assert_eq!(server.get(&format!("/api/workbooks/{path}"), &nora_cookie).await.status(), 403, "{path}");
    }
    for (path, body) in [
        ("plan/branches".to_owned(), json!({ "name": "Mine" })),
        (format!("{branch}/branch/settled"), json!({ "settled": [] })),
        (format!("{branch}/versions"), json!({ "name": "Mine", "kind": "demand", "comment": "" })),
        (format!("{branch}/sheets/demand/reading"), json!({})),
    ] {
        let path = format!("/api/workbooks/{path}");
        let answer = server.request(Method::POST, &path, &nora_cookie).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 403, "{path}");
    }
    let CellRef { sheet: of, row, col } = override_of("Tea", "South");
    let history = format!("/api/workbooks/{branch}/history?sheet={of}&row={row}&col={col}");
    assert_eq!(server.get(&history, &nora_cookie).await.status(), 403);
    let layer = format!("/api/workbooks/{branch}/facts/demand/history");
    let seen: FactsData = server.get(&layer, &nora_cookie).await.json().await.unwrap();
    assert!(!seen.rows.is_empty() && !seen.rows.contains(&row), "{seen:?}");

    // Opened by its id, it has her own part and nothing that follows from another.
    let mut nora = Peer::join_workbook(&server, "nora", &branch).await;
    assert!(nora.grants.iter().all(|grant| grant.room != part("South")), "{:?}", nora.grants);
    assert_eq!(nora.input(override_of("Tea", "North")), Some(Input::Number(7.0)));
    nora.watch(&["prices", "demand"]).await;
    nora.until("the hidden total", |peer| {
        peer.told(total).last().is_some_and(|value| format!("{value:?}").contains("HIDDEN"))
    })
    .await;
    assert!(!has_heard_of(&nora, SOUTH) && !has_heard_of(&nora, SOUTH + 7.0));
    let refused = connect(&server, &format!("/sync/{branch}/{}", part("South")), &nora_cookie).await;
    let mut socket = refused.unwrap();
    let closing = futures_util::StreamExt::next(&mut socket).await;
    assert!(format!("{closing:?}").contains("acl.read"), "{closing:?}");
}
