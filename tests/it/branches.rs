//! Branches over real sockets: made, edited with others, merged with conflicts, rebased, deleted.

use equipoise_server::exchange::blueprint::measure_id;
use grid_engine::doc::{Edit, Guard, Input, Op, SheetInfo, SheetKind, SheetMeta};
use grid_engine::plan::{
    BranchDifferences, BranchInfo, Choice, Comparison, Conflict, Difference, Direction, Held, Kind, NamedDifference,
    Place, SettleBranch, Settled, merge_ops,
};
use grid_engine::refs::{CellRef, ColId, Id, RoomId, RowId, SheetId};
use grid_engine::wire::{FactsData, ToPeer};
use reqwest::Method;
use serde_json::json;

use crate::peer::Peer;
use crate::plan::{cell, override_of, part};
use crate::server::Server;
use crate::versions::freeze;

pub async fn branch(server: &Server, cookie: &str, of: &str, body: serde_json::Value) -> BranchInfo {
    let path = format!("/api/workbooks/{of}/branches");
    let answer = server.request(Method::POST, &path, cookie).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    answer.json().await.unwrap()
}

async fn differences(server: &Server, cookie: &str, branch: &BranchInfo, direction: &str) -> Vec<NamedDifference> {
    let path = format!("/api/workbooks/{}/branch/differences?direction={direction}", branch.id);
    let answer = server.get(&path, cookie).await;
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    let found: BranchDifferences = answer.json().await.unwrap();
    assert_eq!(found.total, found.differences.len());
    found.differences
}

/// Says what is decided, as the interface does before it makes the edit.
async fn settle(server: &Server, cookie: &str, branch: &BranchInfo, settled: Vec<Settled>, layers: bool) -> u16 {
    let path = format!("/api/workbooks/{}/branch/settled", branch.id);
    let body = SettleBranch { settled, layers };
    server.request(Method::POST, &path, cookie).json(&body).send().await.unwrap().status().as_u16()
}

/// Takes differences over into the workbook a peer of Ada's has joined: the decisions first, then one edit.
async fn merge(
    server: &Server,
    cookie: &str,
    branch: &BranchInfo,
    direction: Direction,
    decided: &[(Difference, Choice)],
    peer: &mut Peer,
) {
    let settled = decided.iter().map(|(difference, choice)| difference.settle(*choice, direction)).collect();
    assert_eq!(settle(server, cookie, branch, settled, false).await, 200);
    let taken =
        decided.iter().filter(|(_, choice)| *choice == Choice::Theirs).map(|(difference, _)| difference.clone());
    let ops = merge_ops(&taken.collect::<Vec<_>>(), peer.workbook.mirror(), peer.me);
    edit(server, peer, Some(&format!("Merge “{}”", branch.name)), ops).await;
}

fn told(found: &[NamedDifference]) -> Vec<String> {
    let number = |held: &Option<Held>| match held {
        Some(Held::Input(Input::Number(number))) => number.to_string(),
        Some(_) => "there".to_owned(),
        None => "-".to_owned(),
    };
    let line = |named: &NamedDifference| {
        let NamedDifference { difference: Difference { base, ours, theirs, kind, .. }, name, .. } = named;
        format!("{} | {} | {} {} {} {kind:?}", name.row, name.column, number(base), number(ours), number(theirs))
    };
    found.iter().map(line).collect()
}

async fn enter(peer: &mut Peer, cell: CellRef, number: f64, region: &str) {
    peer.enter(cell, Input::Number(number)).await;
    peer.until("the saved mark", |peer| peer.is_saved(part(region))).await;
}

#[tokio::test]
async fn a_branch_is_edited_with_others_and_merged_with_its_conflicts() {
    let server = Server::start().await;
    let (ada, nora_cookie) = (server.sign_in("ada").await, server.sign_in("nora").await);
    let mut live = Peer::join(&server, "ada").await;
    enter(&mut live, override_of("Tea", "North"), 100.0, "North").await;
    let what_if = branch(&server, &nora_cookie, "plan", json!({ "name": "Price +3 %" })).await;
    let id = what_if.id.to_string();

    // The same people, the same rights, the same rooms.
    let mut nora = Peer::join_workbook(&server, "nora", &id).await;
    let mut dan = Peer::join_workbook(&server, "dan", &id).await;
    assert_eq!(nora.input(override_of("Tea", "North")), Some(Input::Number(100.0)), "it began as live was");
    enter(&mut nora, override_of("Tea", "North"), 150.0, "North").await;
    dan.until("Nora's edit", |dan| dan.input(override_of("Tea", "North")) == Some(Input::Number(150.0))).await;
    enter(&mut dan, override_of("Soap", "South"), 70.0, "South").await;
    enter(&mut dan, cell("uplift", "Tea", "South", "2026-05"), 5.0, "South").await;
    nora.enter(override_of("Soap", "South"), Input::Number(1.0)).await;
    nora.until("a refusal", |nora| !nora.refusals.is_empty()).await;

    // Live goes on meanwhile, and knows nothing of it.
    assert_eq!(live.input(override_of("Soap", "South")), None);
    enter(&mut live, override_of("Tea", "North"), 120.0, "North").await;
    enter(&mut live, cell("uplift", "Tea", "South", "2026-05"), 2.0, "South").await;
    enter(&mut live, override_of("Soap", "North"), 33.0, "North").await;

    let found = differences(&server, &ada, &what_if, "merge").await;
    assert_eq!(
        told(&found),
        [
            "Tea · North | Override 2026-04 | 100 120 150 Conflict(BothChanged)",
            "Soap · South | Override 2026-04 | - - 70 Change",
            "Tea · South | Uplift 2026-05 | - 2 5 Addition",
        ]
    );
    assert!(found.iter().all(|named| named.objection.is_none()), "all of it is hers to merge");
    let for_nora = differences(&server, &nora_cookie, &what_if, "merge").await;
    let objections: Vec<bool> = for_nora.iter().map(|named| named.objection.is_some()).collect();
    assert_eq!(objections, [false, true, true], "the South is not Nora's to write, by merging either");

    let decided: Vec<_> = found.into_iter().map(|named| (named.difference, Choice::Theirs)).collect();
    merge(&server, &ada, &what_if, Direction::Merge, &decided, &mut live).await;
    assert_eq!(live.input(override_of("Tea", "North")), Some(Input::Number(150.0)));
    assert_eq!(live.input(override_of("Soap", "South")), Some(Input::Number(70.0)));
    assert_eq!(live.input(cell("uplift", "Tea", "South", "2026-05")), Some(Input::Number(7.0)), "added, not replaced");
    assert_eq!(told(&differences(&server, &ada, &what_if, "merge").await), Vec::<String>::new());
    let CellRef { sheet, row, col } = override_of("Soap", "South");
    let path = format!("/api/workbooks/plan/history?sheet={sheet}&row={row}&col={col}");
    let history: serde_json::Value = server.get(&path, &ada).await.json().await.unwrap();
    assert_eq!(history[0]["name"], "ADA", "attributed to whoever merged");

    // One undo takes all of it back, and then it differs as before.
    let undone = live.workbook.undo(live.me, 6).unwrap();
    for (room, update) in undone.updates {
        live.send_update(room, update).await;
        live.until("the saved mark", |peer| peer.is_saved(room)).await;
    }
    assert_eq!(differences(&server, &ada, &what_if, "merge").await.len(), 3);

    // Rebase: what live has and the branch has not, the conflict decided for the branch.
    let found = differences(&server, &ada, &what_if, "rebase").await;
    assert_eq!(found.len(), 3, "{:?}", told(&found));
    let decided: Vec<_> = found
        .into_iter()
        .map(|named| {
            let keep = named.difference.is_conflict();
            (named.difference, if keep { Choice::Ours } else { Choice::Theirs })
        })
        .collect();
    let mut ada_there = Peer::join_workbook(&server, "ada", &id).await;
    merge(&server, &ada, &what_if, Direction::Rebase, &decided, &mut ada_there).await;
    assert_eq!(ada_there.input(override_of("Soap", "North")), Some(Input::Number(33.0)));
    assert_eq!(ada_there.input(override_of("Tea", "North")), Some(Input::Number(150.0)), "kept");
    assert_eq!(told(&differences(&server, &ada, &what_if, "rebase").await), Vec::<String>::new());
    let left = differences(&server, &ada, &what_if, "merge").await;
    assert!(left.iter().all(|named| named.difference.kind != Kind::Conflict(Conflict::BothChanged)), "{left:?}");
}

/// Makes an edit in a workbook, with rooms of sheets that come with it.
async fn edit(server: &Server, peer: &mut Peer, why: Option<&str>, ops: Vec<Op>) {
    let edit = Edit { by: peer.me, at: 5, why: why.map(Into::into), ops };
    for (room, update) in peer.workbook.apply(&edit).unwrap().updates {
        if !peer.grants.iter().any(|grant| grant.room == room) {
            peer.rejoin(server, "ada", room).await;
        }
        peer.send_update(room, update).await;
        peer.until("the saved mark", |peer| peer.is_saved(room)).await;
    }
}

/// Rows and sheets that one side has added, with what stands in them.
#[tokio::test]
async fn rows_and_sheets_that_were_added_are_merged_and_brought_in_like_everything_else() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let mut live = Peer::join(&server, "ada").await;
    let what_if = branch(&server, &ada, "plan", json!({ "name": "Cocoa" })).await;
    let mut there = Peer::join_workbook(&server, "ada", &what_if.id.to_string()).await;

    let set = |cell: CellRef, input: Input| Op::SetCell { cell, input: Some(input), guard: Guard::Always };
    let added = |item: &str, units: f64| {
        let cell = override_of(item, "North");
        let key = |of: &str, text: &str| {
            let col = ColId::fixed(measure_id(of));
            set(CellRef { col, ..cell }, Input::Text(text.into()))
        };
        let RoomId::Part(sheet, part) = part("North") else { unreachable!() };
        let rows = vec![cell.row];
        let row = Op::InsertRows { sheet, part: Some(part), after: None, rows };
        vec![row, key("item", item), key("region", "North"), set(cell, Input::Number(units))]
    };
    edit(&server, &mut there, None, added("Cocoa", 40.0)).await;
    let notes = SheetId::named("notes").unwrap();
    let info = SheetInfo {
        id: notes,
        title: "Notes".into(),
        kind: SheetKind::Free,
        position: "zz".into(),
        role: Default::default(),
        group: String::new(),
        hidden: false,
        published: false,
        colour: None,
    };
    let meta = SheetMeta {
        kind: SheetKind::Free,
        title: "Notes".into(),
        epoch: 0,
        horizon: None,
        partition: None,
        parts: Default::default(),
    };
    let (row, col) = (RowId(Id::of_name("row")), ColId::fixed(measure_id("col")));
    let content = vec![
        Op::PutSheet { info, meta },
        Op::InsertCols { sheet: notes, after: None, cols: vec![col] },
        Op::InsertRows { sheet: notes, part: None, after: None, rows: vec![row] },
        set(CellRef { sheet: notes, row, col }, Input::Text("Why cocoa".into())),
    ];
    edit(&server, &mut there, None, content).await;
    edit(&server, &mut live, None, added("Milk", 9.0)).await;

    for (direction, to) in [(Direction::Merge, &mut live), (Direction::Rebase, &mut there)] {
        let asked = if direction == Direction::Merge { "merge" } else { "rebase" };
        let found = differences(&server, &ada, &what_if, asked).await;
        let refused: Vec<_> = found.iter().filter_map(|named| named.objection.clone()).collect();
        assert_eq!(refused, Vec::<String>::new(), "{asked}");
        let decided: Vec<_> = found.into_iter().map(|named| (named.difference, Choice::Theirs)).collect();
        merge(&server, &ada, &what_if, direction, &decided, to).await;
        assert_eq!(told(&differences(&server, &ada, &what_if, asked).await), Vec::<String>::new(), "{asked}");
    }
    for peer in [&live, &there] {
        assert_eq!(peer.input(override_of("Cocoa", "North")), Some(Input::Number(40.0)));
        assert_eq!(peer.input(override_of("Milk", "North")), Some(Input::Number(9.0)));
    }
    assert_eq!(live.input(CellRef { sheet: notes, row, col }), Some(Input::Text("Why cocoa".into())));
}

#[tokio::test]
async fn what_a_deleted_row_would_take_with_it_is_named() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let mut live = Peer::join(&server, "ada").await;
    enter(&mut live, override_of("Tea", "North"), 100.0, "North").await;
    let what_if = branch(&server, &ada, "plan", json!({ "name": "Without tea" })).await;
    let mut here = Peer::join_workbook(&server, "ada", &what_if.id.to_string()).await;
    let CellRef { sheet, row, .. } = override_of("Tea", "North");
    edit(&server, &mut here, None, vec![Op::DeleteRows { sheet, rows: vec![row] }]).await;
    enter(&mut live, override_of("Tea", "North"), 120.0, "North").await;
    enter(&mut live, cell("uplift", "Tea", "North", "2026-05"), 5.0, "North").await;

    let found = differences(&server, &ada, &what_if, "merge").await;
    assert_eq!(told(&found), ["Tea · North |  | there there - Conflict(DeletedAgainstEdit)"]);
    let lost = found[0].difference.lost.iter().zip(&found[0].lost);
    let number = |held: &Option<Held>| match held {
        Some(Held::Input(Input::Number(number))) => number.to_string(),
        other => format!("{other:?}"),
    };
    let mut lost: Vec<_> =
        lost.map(|(it, name)| format!("{} {} {}", name.column, number(&it.base), number(&it.ours))).collect();
    lost.sort();
    assert_eq!(lost, ["Override 2026-04 100 120", "Uplift 2026-05 None 5"]);
    // Seen from the branch, the same edits are what comes into a row that is gone.
    let found = differences(&server, &ada, &what_if, "rebase").await;
    assert_eq!(
        told(&found),
        [
            "Tea · North | Override 2026-04 | 100 - 120 Conflict(DeletedAgainstEdit)",
            "Tea · North | Uplift 2026-05 | - - 5 Conflict(DeletedAgainstEdit)",
        ]
    );
}

#[tokio::test]
async fn a_branch_of_a_version_begins_as_the_version_was() {
    let server = Server::start().await;
    let (dan, ada) = (server.sign_in("dan").await, server.sign_in("ada").await);
    let mut live = Peer::join(&server, "ada").await;
    enter(&mut live, override_of("Tea", "North"), 100.0, "North").await;
    let march = freeze(&server, &dan, "March").await;
    enter(&mut live, override_of("Tea", "North"), 200.0, "North").await;
    let of_march = branch(&server, &dan, "plan", json!({ "name": "What March could be", "version": march.id })).await;
    assert_eq!(of_march.version_name.as_deref(), Some("March"));
    let there = Peer::join_workbook(&server, "ada", &of_march.id.to_string()).await;
    assert_eq!(there.input(override_of("Tea", "North")), Some(Input::Number(100.0)));
    assert_eq!(told(&differences(&server, &ada, &of_march, "merge").await), Vec::<String>::new());
    let behind = differences(&server, &ada, &of_march, "rebase").await;
    assert_eq!(told(&behind), ["Tea · North | Override 2026-04 | 100 100 200 Change"]);

    // It is compared with the versions of the plan, and frozen among them.
    let path =
        format!("/api/workbooks/plan/compare?a={}&b=branch.{}&measure=consensus&by=region", march.id, of_march.id);
    let comparison: Comparison = server.get(&path, &dan).await.json().await.unwrap();
    assert_eq!(comparison.b, "What March could be");
    assert!(comparison.lines.iter().all(|line| (line.total_a - line.total_b).abs() < 1e-6), "{comparison:?}");

    // A branch of the branch is merged into it.
    let further = branch(&server, &dan, &of_march.id.to_string(), json!({ "name": "Further" })).await;
    assert_eq!((further.parent, further.home), (of_march.id, of_march.home));
    let list: Vec<BranchInfo> = server.get("/api/workbooks/plan/branches", &dan).await.json().await.unwrap();
    assert_eq!(list.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["Further", "What March could be"]);
}

#[tokio::test]
async fn branches_are_refused_and_deleted_in_words() {
    let server = Server::start().await;
    let (vic, eva, nora, dan) = (
        server.sign_in("vic").await,
        server.sign_in("eva").await,
        server.sign_in("nora").await,
        server.sign_in("dan").await,
    );
    let make = |cookie: String, body: serde_json::Value| {
        let request = server.request(Method::POST, "/api/workbooks/plan/branches", &cookie).json(&body);
        async move { request.send().await.unwrap() }
    };
    for (cookie, body, status) in [
        (&vic, json!({ "name": "Mine" }), 403),
        (&eva, json!({ "name": "Mine" }), 403),
        (&nora, json!({ "name": "  " }), 422),
        (&nora, json!({ "name": "Mine", "version": "zzzz" }), 404),
    ] {
        assert_eq!(make(cookie.clone(), body.clone()).await.status(), status, "{body}");
    }
    let mine = branch(&server, &nora, "plan", json!({ "name": "Mine", "comment": "What if" })).await;
    assert_eq!(make(nora.clone(), json!({ "name": "mine" })).await.status(), 409, "the name is taken");
    for (name, status) in [("M\u{456}ne", 409), ("Mi\u{200b}ne", 422), ("Live", 422)] {
        assert_eq!(make(nora.clone(), json!({ "name": name })).await.status(), status, "{name:?}");
    }
    let path = format!("/api/workbooks/{}/branch", mine.id);
    let read: Option<BranchInfo> = server.get(&path, &nora).await.json().await.unwrap();
    assert_eq!(read.as_ref(), Some(&mine));
    let live: Option<BranchInfo> = server.get("/api/workbooks/plan/branch", &nora).await.json().await.unwrap();
    assert_eq!(live, None, "the plan itself is no branch");
    let home: serde_json::Value = server.get("/api/workbooks", &nora).await.json().await.unwrap();
    assert_eq!(home.as_array().unwrap().len(), 1, "branches are no workbooks of the list");

    let mut there = Peer::join_workbook(&server, "nora", &mine.id.to_string()).await;
    assert_eq!(server.request(Method::DELETE, &path, &dan).send().await.unwrap().status(), 403, "it is Nora's");
    assert_eq!(server.request(Method::DELETE, &path, &nora).send().await.unwrap().status(), 200);
    there.until("the closing", |peer| peer.closed.len() > 1).await;
    assert_eq!(server.request(Method::DELETE, &path, &nora).send().await.unwrap().status(), 404);
    assert_eq!(server.request(Method::DELETE, "/api/workbooks/plan/branch", &nora).send().await.unwrap().status(), 404);
    let log = equipoise_server::store::verify_audit(server.folder()).unwrap();
    assert!(log.entries >= 2, "making and deleting are in the edit log");
}

/// A decision is void until what it decided has happened: a merge that was refused, or never sent, is asked about again.
#[tokio::test]
async fn what_was_decided_and_not_done_is_asked_about_again() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let what_if = branch(&server, &ada, "plan", json!({ "name": "What if" })).await;
    let mut there = Peer::join_workbook(&server, "ada", &what_if.id.to_string()).await;
    enter(&mut there, override_of("Tea", "North"), 5.0, "North").await;
    let found = differences(&server, &ada, &what_if, "merge").await;
    let settled = vec![found[0].difference.settle(Choice::Theirs, Direction::Merge)];
    assert_eq!(settle(&server, &ada, &what_if, settled, false).await, 200);
    assert_eq!(differences(&server, &ada, &what_if, "merge").await, found);
    let mut live = Peer::join(&server, "ada").await;
    let Place::Cell(place) = found[0].difference.place else { panic!("{found:?}") };
    let ops = vec![Op::SetCell { cell: place, input: Some(Input::Number(5.0)), guard: Guard::Always }];
    for (room, update) in live.workbook.apply(&Edit { by: live.me, at: 1, why: None, ops }).unwrap().updates {
        live.send_update(room, update).await;
        live.until("the saved mark", |peer| peer.is_saved(room)).await;
    }
    assert_eq!(differences(&server, &ada, &what_if, "merge").await, []);
}

/// Actuals come into the plan alone; a branch has them once it follows the plan, and of hidden rows no more than before.
#[tokio::test]
async fn layers_that_came_into_the_plan_since_reach_a_branch_that_follows_it() {
    let mut server = Server::start().await;
    let (ada, dan) = (server.sign_in("ada").await, server.sign_in("dan").await);
    server.confine("nora", &["North", "reads:North"], &ada).await;
    let what_if = branch(&server, &ada, "plan", json!({ "name": "What if" })).await;
    let layers = async |server: &Server, direction: &str| {
        let path = format!("/api/workbooks/{}/branch/differences?direction={direction}", what_if.id);
        server.get(&path, &ada).await.json::<BranchDifferences>().await.unwrap().layers
    };
    let actual = async |server: &Server, workbook: &str, user: &str, region: &str| -> Option<f64> {
        let cookie = server.sign_in(user).await;
        let path = format!("/api/workbooks/{workbook}/facts/demand/history");
        let facts: FactsData = server.get(&path, &cookie).await.json().await.unwrap();
        let at = facts.rows.iter().position(|row| *row == crate::plan::row("Tea", region))?;
        // April has a place of its own once it has come.
        if facts.width > 3 { facts.values[at * facts.width + 3] } else { None }
    };
    let branch_id = what_if.id.to_string();
    assert_eq!(layers(&server, "rebase").await, 0, "it begins with the plan's");
    let mut there = Peer::join_workbook(&server, "ada", &branch_id).await;
    let table = "item,region,bucket,quantity\nTea,North,2026-04,81\nTea,South,2026-04,82\n";
    let import = server.request(Method::POST, "/api/workbooks/plan/actuals", &dan).body(table);
    assert_eq!(import.send().await.unwrap().status(), 200);
    assert_eq!((layers(&server, "rebase").await, layers(&server, "merge").await), (1, 0));
    let follow =
        async |server: &Server, cookie: &str, layers: bool| settle(server, cookie, &what_if, Vec::new(), layers).await;
    // Nobody who is confined, nor a viewer, and nothing by decisions alone.
    let (nora, vic) = (server.sign_in("nora").await, server.sign_in("vic").await);
    assert_eq!((follow(&server, &nora, true).await, follow(&server, &vic, true).await), (403, 403));
    assert_eq!(follow(&server, &ada, false).await, 200);
    assert_eq!(layers(&server, "rebase").await, 1);
    assert_eq!(follow(&server, &ada, true).await, 200);
    there.until("the newer layer", |peer| peer.notices.iter().any(|it| matches!(it, ToPeer::Facts { .. }))).await;
    assert_eq!(layers(&server, "rebase").await, 0);
    for _ in 0..2 {
        assert_eq!(actual(&server, &branch_id, "ada", "South").await, Some(82.0));
        assert_eq!(actual(&server, &branch_id, "nora", "North").await, Some(81.0));
        assert_eq!(actual(&server, &branch_id, "nora", "South").await, None, "not hers to see");
        server.crash_and_restart().await;
    }
    // Whoever brought them in puts them back, and nobody else but an administrator: dan has not.
    let put_back = async |server: &Server, user: &str| {
        let cookie = server.sign_in(user).await;
        let path = format!("/api/workbooks/{branch_id}/branch/layers");
        server.request(Method::DELETE, &path, &cookie).send().await.unwrap().status()
    };
    let mut there = Peer::join_workbook(&server, "ada", &branch_id).await;
    assert_eq!(put_back(&server, "dan").await, 403);
    assert_eq!(put_back(&server, "ada").await, 200);
    there.until("the layer from before", |peer| peer.notices.iter().any(|it| matches!(it, ToPeer::Facts { .. }))).await;
    assert_eq!(put_back(&server, "ada").await, 422, "once");
    for _ in 0..2 {
        assert_eq!(actual(&server, &branch_id, "ada", "South").await, None, "as it began");
        server.crash_and_restart().await;
    }
    // It can bring them in again.
    let path_of_differences = format!("/api/workbooks/{branch_id}/branch/differences?direction=rebase");
    let found = async |server: &Server, cookie: &str| -> BranchDifferences {
        server.get(&path_of_differences, cookie).await.json().await.unwrap()
    };
    let ada = server.sign_in("ada").await;
    assert_eq!((found(&server, &ada).await.layers, found(&server, &ada).await.taken), (1, None));
    let dan = server.sign_in("dan").await;
    assert_eq!(follow(&server, &dan, true).await, 200);
    assert_eq!(
        found(&server, &ada).await.taken.map(|taken| (taken.by_name, taken.layers)),
        Some(("DAN".to_owned(), 1))
    );
    assert_eq!(actual(&server, &branch_id, "ada", "North").await, Some(81.0));
    assert_eq!(put_back(&server, "ada").await, 200, "an administrator may");
    assert_eq!(follow(&server, &dan, true).await, 200);
    // The next import is one it has not got again.
    let later = "item,region,bucket,quantity\nTea,North,2026-04,90\n";
    let import = server.request(Method::POST, "/api/workbooks/plan/actuals", &dan).body(later);
    assert_eq!(import.send().await.unwrap().status(), 200);
    assert_eq!(actual(&server, &branch_id, "ada", "North").await, Some(81.0));
    assert_eq!(follow(&server, &ada, true).await, 200);
    assert_eq!(actual(&server, &branch_id, "ada", "North").await, Some(90.0));
}
