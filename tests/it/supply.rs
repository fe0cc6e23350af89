//! The supply plan over HTTP, and questions to it: answered from the process that solved it, kept, and never of another plan.

use std::path::Path;
use std::time::Duration;

use equipoise_server::exchange::blueprint::{SheetBlueprint, measure_id, row_id};
use grid_engine::calendar::Bucket;
use grid_engine::doc::Input;
use grid_engine::plan::{
    AskPlan, CellState, Matrix, PlanAnswer, PlanSummary, PlannedQuantities, SupplyReport, SupplyState,
};
use grid_engine::refs::{CellRef, ColId, Id, SheetId};
use grid_engine::supply::study::{Change, Study};
use grid_engine::value::Value;
use grid_engine::wire::Refusal;
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::jobs::{children, table, timed};
use crate::peer::Peer;
use crate::plan::{self, bucket, sheet};
use crate::server::{PATIENCE, Server};
use crate::versions::freeze_of;

const WORKBOOK: &str = "chairs";
const PATH: &str = "/api/workbooks/chairs/supply";
const MONTHS: i32 = 3;

/// Ten hours a month for a chair an hour, eight chairs asked for a month and 26 in the last: eight of them are lost.
fn fill(folder: &Path) {
    plan::fill(folder);
    let months: Vec<Bucket> = (0..MONTHS).map(|month| bucket("2026-01").plus(month)).collect();
    let texts = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let none = f64::NAN;
    let sheets = vec![
        table("products", &["item", "family"], &["volume", "price"], vec![(texts(&["CHAIR", "F"]), vec![0.1, 50.0])]),
        table("locations", &["loc", "type"], &["storage_m3"], vec![(texts(&["P", "plant"]), vec![none])]),
        table(
            "stock_policy",
            &["item", "loc"],
            &["initial", "safety", "hold_cost", "ss_penalty", "max"],
            vec![(texts(&["CHAIR", "P"]), vec![0.0, 0.0, 1.0, 0.0, none])],
        ),
        table(
            "routings",
            &["route", "item", "loc"],
            &["lead_time", "unit_cost"],
            vec![(texts(&["MAKE", "CHAIR", "P"]), vec![0.0, 2.0])],
        ),
        table(
            "routing_resources",
            &["route", "resource"],
            &["hours_per_unit"],
            vec![(texts(&["MAKE", "SAW"]), vec![1.0])],
        ),
        table("resources", &["resource", "loc"], &["ot_cost_per_hour"], vec![(texts(&["SAW", "P"]), vec![9.0])]),
        timed(
            SheetBlueprint::planning("capacity", "capacity", &["resource", "kind"]).role("supply.capacity"),
            &months,
            vec![
                (texts(&["SAW", "regular_hours"]), vec![10.0; months.len()]),
                (texts(&["SAW", "max_overtime_hours"]), vec![0.0; months.len()]),
            ],
        ),
        table(
            "streams",
            &["stream", "region", "channel", "loc"],
            &["allow_backlog"],
            vec![(texts(&["S", "DE", "Shop", "P"]), vec![0.0])],
        ),
        table(
            "service_cost",
            &["item", "channel"],
            &["late_cost", "lost_cost"],
            vec![(texts(&["CHAIR", "Shop"]), vec![5.0, 90.0])],
        ),
        timed(
            SheetBlueprint::planning("demand", "Demand", &["Item", "Region", "Channel"]).role("demand"),
            &months,
            vec![(texts(&["CHAIR", "DE", "Shop"]), vec![8.0, 8.0, 22.0])],
        ),
        SheetBlueprint::free("summary", "Summary").cell(0, 0, "=SUPPLY.SOLVE(Demand[Value])").cell(
            40,
            0,
            "=SUPPLY.WHATIF(Demand[Value],\"capacity\",\"SAW\",\"+1\")",
        ),
    ];
    plan::keep(folder, WORKBOOK, "Chairs", sheets);
}

async fn state(server: &Server, cookie: &str, known: &str) -> SupplyState {
    let answer = server.get(&format!("{PATH}?known={known}"), cookie).await;
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    answer.json().await.unwrap()
}

/// The plan, once it is solved and another than the one known.
async fn solved(server: &Server, cookie: &str, known: &str) -> (String, SupplyReport) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        match state(server, cookie, known).await {
            SupplyState::Solved(solved) => return (solved.key, solved.report),
            SupplyState::Solving | SupplyState::Same => {}
            other => panic!("{other:?}"),
        }
        assert!(tokio::time::Instant::now() < deadline, "no plan");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn what_if(of: &str, step: &str) -> Study {
    Study::WhatIf { changes: vec![Change::read("capacity", of, step, "", "").unwrap()] }
}

async fn ask(server: &Server, cookie: &str, key: &str, study: Study) -> PlanAnswer {
    let body = AskPlan { key: key.to_owned(), study };
    loop {
        let answer = server.request(Method::POST, PATH, cookie).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
        match answer.json().await.unwrap() {
            PlanAnswer::Working => {}
            other => return other,
        }
    }
}

/// A figure before and after.
fn figure(answer: &PlanAnswer, name: &str) -> (f64, f64) {
    let PlanAnswer::Done { table } = answer else { panic!("{answer:?}") };
    let row = table.iter().find(|row| row[0] == Value::text(name)).unwrap_or_else(|| panic!("no {name} in {table:?}"));
    (row[1].to_number().unwrap(), row[2].to_number().unwrap())
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_read_asked_and_asked_again_after_it_changed() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().to_owned();
    tokio::task::spawn_blocking(move || fill(&path)).await.unwrap();
    let server = Server::serve(folder).await;
    let (dan, vic, eva) = (server.sign_in("dan").await, server.sign_in("vic").await, server.sign_in("eva").await);
    let (key, report) = solved(&server, &vic, "").await;
    assert_eq!((report.demand, report.lost), (38.0, 8.0));
    assert_eq!(state(&server, &dan, &key).await, SupplyState::Same);
    assert_eq!(server.get(PATH, &eva).await.status(), 403, "the live plan is not for executives");

    let first = ask(&server, &dan, &key, what_if("SAW", "+1")).await;
    assert_eq!(figure(&first, "Lost"), (8.0, 5.0));
    assert_eq!(figure(&ask(&server, &dan, &key, what_if("saw", "=0")).await, "Lost"), (8.0, 38.0));
    assert_eq!(ask(&server, &dan, &key, what_if("SAW", "+1")).await, first);
    assert_eq!(children(server.pid()).len(), 1, "the process that solved the plan answers the questions");
    let PlanAnswer::Done { table } = ask(&server, &dan, &key, Study::Relief).await else { panic!("no relief") };
    assert_eq!(table[1][..2], [Value::text("Capacity"), Value::text("SAW")]);
    let PlanAnswer::Done { table } = ask(&server, &dan, &key, Study::Quantities).await else { panic!("no quantities") };
    let planned = PlannedQuantities::read(&table).expect("a table of quantities");
    assert_eq!(planned.buckets, (0..MONTHS).map(|month| bucket("2026-01").plus(month)).collect::<Vec<_>>());
    let [line] = &planned.lines[..] else { panic!("{planned:?}") };
    assert_eq!((line.kind.as_str(), line.object.as_str(), line.item.as_str()), ("production", "MAKE", "CHAIR"));
    assert_eq!(line.units, [10.0; 3]);
    let PlanAnswer::Done { table } = ask(&server, &dan, &key, Study::Margins).await else { panic!("no margins") };
    assert_eq!(table[1][..2], [Value::text("Capacity"), Value::text("SAW")]);
    let PlanAnswer::Failed { message } = ask(&server, &dan, &key, what_if("AXE", "+1")).await else { panic!("an axe") };
    assert!(message.contains("SAW"), "{message}");
    let forbidden = AskPlan { key: key.clone(), study: Study::Relief };
    assert_eq!(server.request(Method::POST, PATH, &vic).json(&forbidden).send().await.unwrap().status(), 403);

    // A cell asks the same question, and asks it of the new plan.
    let mut ada = Peer::join_workbook(&server, "ada", WORKBOOK).await;
    let demand = CellRef {
        sheet: sheet("demand"),
        row: row_id(&["CHAIR", "DE", "Shop"]),
        col: ColId::timed(measure_id("value"), bucket("2026-03")),
    };
    ada.enter(demand, Input::Number(30.0)).await;
    let (next, report) = solved(&server, &dan, &key).await;
    assert_eq!(report.lost, 16.0);
    assert_eq!(ask(&server, &dan, &key, Study::Relief).await, PlanAnswer::Outdated);
    assert_eq!(figure(&ask(&server, &dan, &next, what_if("SAW", "+1")).await, "Lost"), (16.0, 13.0));
    assert!(server.is_well().await);
}

/// Where the tables give no plan, sheets go on showing the one before: it is not frozen or ranked as the workbook's.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_plan_nothing_is_frozen_or_ranked_as_if_there_were_one() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().to_owned();
    tokio::task::spawn_blocking(move || fill(&path)).await.unwrap();
    let server = Server::serve(folder).await;
    let dan = server.sign_in("dan").await;
    solved(&server, &dan, "").await;
    let good = freeze_of(&server, &dan, WORKBOOK, "Good", "consensus").await;
    let mut ada = Peer::join_workbook(&server, "ada", WORKBOOK).await;
    let cost = CellRef {
        sheet: SheetId(Id::of_name("service_cost")),
        row: row_id(&["CHAIR", "Shop"]),
        col: ColId::fixed(measure_id("lost_cost")),
    };
    ada.enter(cost, Input::Text("dear".into())).await;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let (message, remedy, last) = loop {
        if let SupplyState::Outdated { message, remedy, last } = state(&server, &dan, "").await {
            break (message, remedy, last.expect("the plan before"));
        }
        assert!(tokio::time::Instant::now() < deadline, "it does not fail");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert!(message.contains("service_cost") && remedy.starts_with("Correct"), "{message} {remedy}");
    assert_eq!(last.report.lost, 8.0, "pages go on showing the plan before");
    let same = state(&server, &dan, &last.key).await;
    assert!(matches!(same, SupplyState::Outdated { last: None, .. }), "what is known is not sent again");

    for kind in ["consensus", "supply"] {
        let body = json!({ "name": "Bad", "kind": kind, "comment": "" });
        let path = format!("/api/workbooks/{WORKBOOK}/versions");
        let answer = server.request(Method::POST, &path, &dan).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 409, "{kind}");
        let refusal: Refusal = answer.json().await.unwrap();
        assert_eq!(refusal.code, "version.unsolved");
        assert!(
            refusal.message.contains("could not be solved") && refusal.message.contains("service_cost"),
            "{refusal:?}"
        );
    }
    let path = format!("/api/workbooks/{WORKBOOK}/versions/live/summary");
    let told: PlanSummary = server.get(&path, &dan).await.json().await.unwrap();
    assert!(told.unsolved.is_some_and(|why| why.contains("service_cost")));
    // Costs by themselves say nothing of supply.
    let dear = freeze_of(&server, &dan, WORKBOOK, "Dear", "cost").await;
    let path = format!(
        "/api/workbooks/{WORKBOOK}/scenarios?demand={}&supply={}&cost={},{}",
        good.id, good.id, good.id, dear.id
    );
    assert_eq!(server.request(Method::POST, &path, &dan).send().await.unwrap().status(), 200);
    let states = loop {
        let found: Matrix = server.get(&path, &dan).await.json().await.unwrap();
        let states: Vec<CellState> = found.cells.into_iter().map(|cell| cell.state).collect();
        if states.iter().all(|state| matches!(state, CellState::Done | CellState::Failed { .. })) {
            break states;
        }
        assert!(tokio::time::Instant::now() < deadline, "{states:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let [CellState::Done, CellState::Failed { message }] = &states[..] else { panic!("{states:?}") };
    assert!(message.contains("cannot be solved") && message.contains("service_cost"), "{message}");
}
