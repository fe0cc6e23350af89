//! Actuals that come in, alerts that are raised and ended by rules, and who may do what.

use equipoise_server::exchange::blueprint::{measure_id, part_id};
use grid_engine::doc::{Guard, Input, Op};
use grid_engine::plan::{ActualsReport, BranchInfo, ImportedActuals};
use grid_engine::refs::{CellRef, ColId};
use grid_engine::wire::{MAX_ACTUALS_FILE, Refusal};
use reqwest::{Method, Response};
use serde_json::json;

use crate::locks::steps;
use crate::peer::Peer;
use crate::plan::{cell, part, row, sheet};
use crate::server::Server;
use crate::versions::freeze;

const PATH: &str = "/api/workbooks/plan/actuals";

async fn import(server: &Server, cookie: &str, table: &str) -> Response {
    server.request(Method::POST, PATH, cookie).body(table.to_owned()).send().await.unwrap()
}

async fn report(server: &Server, cookie: &str, by: &str) -> ActualsReport {
    let answer = server.get(&format!("{PATH}?by={by}"), cookie).await;
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    answer.json().await.unwrap()
}

/// A consensus that plans 100 of everything in April, and 400 in all.
async fn consensus(server: &Server) -> (String, String) {
    let (dan, eva) = (server.sign_in("dan").await, server.sign_in("eva").await);
    let mut ada = Peer::join(server, "ada").await;
    for (item, region) in [("Tea", "North"), ("Soap", "North"), ("Tea", "South"), ("Soap", "South")] {
        for month in ["2026-04", "2026-05", "2026-06"] {
            ada.enter(cell("override", item, region, month), Input::Number(100.0)).await;
        }
        ada.until("the saved mark", |peer| peer.is_saved(part(region))).await;
    }
    let version = freeze(server, &dan, "April plan").await;
    let path = format!("/api/workbooks/plan/versions/{}/consensus", version.id);
    assert_eq!(server.request(Method::POST, &path, &eva).send().await.unwrap().status(), 200);
    (dan, eva)
}

#[tokio::test]
async fn actuals_raise_alerts_that_end_when_they_recover() {
    let mut server = Server::start().await;
    let (dan, eva) = consensus(&server).await;
    assert_eq!(report(&server, &eva, "").await.found.buckets, []);

    let rules = json!([
        { "name": "Low", "by": "Region", "when": "share < 0.9", "until": "share > 0.95", "severity": "critical", "owner": "Nora" },
        { "name": "Other planet", "by": "Planet", "when": "share < 1" },
    ]);
    let put = async |cookie: &str, rules: &serde_json::Value| {
        server.request(Method::PUT, &format!("{PATH}/rules"), cookie).json(rules).send().await.unwrap()
    };
    assert_eq!(put(&eva, &rules).await.status(), 403);
    let wrong = put(&dan, &json!([{ "name": "Low", "when": "moon < 1" }])).await;
    assert_eq!(wrong.status(), 422);
    assert!(wrong.json::<Refusal>().await.unwrap().message.contains("there is no figure \"moon\""));
    assert_eq!(put(&dan, &rules).await.status(), 200);

    let april = |north: f64| {
        format!(
            "item,region,bucket,quantity\nTea,North,2026-04,{north}\nTea,North,2026-04,1\nSoap,North,2026-04,80\nTea,South,2026-04,100\nSoap,South,2026-04,100\n"
        )
    };
    let done: ImportedActuals = import(&server, &dan, &april(79.0)).await.json().await.unwrap();
    assert_eq!((done.lines, done.values, done.buckets.len()), (5, 4, 1));
    let found = report(&server, &eva, "Region").await;
    assert_eq!((found.found.total.actual[0], found.found.total.plan[0]), (360.0, 400.0));
    assert_eq!(found.alerts.len(), 1);
    assert_eq!((&*found.alerts[0].line, &*found.alerts[0].rule.owner), ("North", "Nora"));
    assert_eq!(found.notes.len(), 1, "{:?}", found.notes);
    assert!(!found.may_change);

    // Better, but not yet good; a restart changes nothing of that.
    assert_eq!(import(&server, &dan, &april(104.0)).await.status(), 200);
    server.crash_and_restart().await;
    assert_eq!(report(&server, &eva, "Region").await.alerts.len(), 1);
    assert_eq!(import(&server, &dan, &april(119.0)).await.status(), 200);
    assert_eq!(report(&server, &eva, "Region").await.alerts, []);
    assert_eq!(import(&server, &dan, &april(104.0)).await.status(), 200);
    assert_eq!(report(&server, &eva, "Region").await.alerts, []);
}

#[tokio::test]
async fn a_table_with_a_bad_line_changes_nothing() {
    let server = Server::start().await;
    let (dan, eva) = consensus(&server).await;
    let nora = server.sign_in("nora").await;
    let good = "item,region,date,quantity\nTea,North,2026-04-05,5\n";
    for cookie in [&eva, &nora] {
        assert_eq!(import(&server, cookie, good).await.status(), 403);
    }
    let bad = "item,region,date,quantity\nTea,North,2026-04-05,5\nMilk,North,2026-04-05,5\nTea,North,2026-14-05,x\nTea,South,2027-01-01,1\n";
    let refused = import(&server, &dan, bad).await;
    assert_eq!(refused.status(), 422);
    let message = refused.json::<Refusal>().await.unwrap().message;
    let lines: Vec<&str> = message.lines().collect();
    assert_eq!(lines.len(), 4, "{message}");
    assert!(lines[0].starts_with("actuals line 3, column item, region: Demand has no row Milk / North"), "{message}");
    assert!(lines[3].contains("2027-01 lies outside the plan (2026-01 to 2026-06)"), "{message}");
    assert_eq!(report(&server, &eva, "").await.found.buckets, []);
    let nothing = import(&server, &dan, "item,region,quantity\nTea,North,1\n").await;
    assert!(nothing.json::<Refusal>().await.unwrap().message.contains("no column bucket"));
    assert_eq!(import(&server, &dan, good).await.status(), 200);
    assert_eq!(report(&server, &eva, "").await.found.total.actual, [5.0]);
}

/// The command takes what the page takes, refuses what it refuses, and nothing while a server holds the plan.
#[tokio::test]
async fn actuals_come_in_from_the_command_line_while_no_server_is_there() {
    let mut server = Server::start().await;
    let (dan, _) = consensus(&server).await;
    let rules =
        json!([{ "name": "Low", "by": "Region", "when": "share < 0.9", "severity": "critical", "owner": "Nora" }]);
    let put = server.request(Method::PUT, &format!("{PATH}/rules"), &dan).json(&rules).send().await.unwrap();
    assert_eq!(put.status(), 200);
    let body = json!({ "name": "What if" });
    let made = server.request(Method::POST, "/api/workbooks/plan/branches", &dan).json(&body).send().await.unwrap();
    let branch = made.json::<BranchInfo>().await.unwrap().id.to_string();
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("large.csv");
    std::fs::File::create(&large).unwrap().set_len(MAX_ACTUALS_FILE as u64 + 1).unwrap();
    // Row C3: ten gigabytes of nothing, which take no place on the disk.
    let sparse = folder.path().join("sparse.csv");
    std::fs::File::create(&sparse).unwrap().set_len(10 << 30).unwrap();
    let (good, bad) = (folder.path().join("april.csv"), folder.path().join("bad.csv"));
    std::fs::write(&good, "item,region,bucket,quantity\nTea,North,2026-04,5\nSoap,North,2026-04,6\nTea,South,2026-04,60\nTea,South,2026-04,40\nSoap,South,2026-04,100\n").unwrap();
    std::fs::write(&bad, "item,region,bucket,quantity\nTea,North,2026-04,7\nMilk,North,2026-04,5\n").unwrap();
    let data = server.folder().to_owned();
    let import = |workbook: &str, table: &std::path::Path| {
        let arguments = ["import", "--workbook", workbook, "--data"].map(AsRef::as_ref);
        crate::versions::run(&[&arguments[..], &[data.as_ref(), "--actuals".as_ref(), table.as_ref()]].concat())
    };
    let (code, said) = import("plan", &good);
    assert!(code == 1 && said.contains("a server uses the data folder"), "{said}");
    server.terminate().await;
    for (workbook, table, words) in [
        ("plan", &bad, "actuals line 3, column item, region: Demand has no row Milk / North"),
        ("moon", &good, "there is no workbook \"moon\""),
        (&branch, &good, "is a branch: actuals belong to the plan it came from"),
        ("plan", &large, "is larger than"),
        ("plan", &sparse, "is larger than"),
        ("plan", &folder.path().join("none.csv"), "cannot be read"),
    ] {
        let (code, said) = import(workbook, table);
        assert!(code == 1 && said.contains(words), "{said}");
    }
    let logged = || equipoise_server::store::verify_audit(&data).unwrap().entries;
    let before = logged();
    let (code, said) = import("Plan", &good);
    assert!(code == 0 && said.contains("5 lines of actuals for 1 buckets"), "{said}");
    assert_eq!(logged(), before + 1, "the edit log tells of it, and not of what was refused");
    // Raised before anybody looks.
    let store = equipoise_server::store::Store::open(&data).unwrap();
    let (_, alerts) = store.alerts(grid_engine::refs::SheetId::named("plan").unwrap()).unwrap();
    assert_eq!(alerts.raised.iter().map(|alert| &*alert.line).collect::<Vec<_>>(), ["North"]);
    drop(store);
    server.start_again().await;
    let dan = server.sign_in("dan").await;
    assert_eq!(report(&server, &dan, "").await.found.total.actual, [211.0]);
}

/// A row that came after the consensus sells: it counts with a plan of nothing, is named, and raises alerts. Rows are known by
/// what stands in their keys, whatever their ids.
#[tokio::test]
async fn actuals_of_rows_newer_than_the_consensus_count_and_are_named() {
    let server = Server::start().await;
    let (dan, eva) = consensus(&server).await;
    let rules =
        json!([{ "name": "High", "by": "Region", "when": "share > 1.1", "severity": "critical", "owner": "Nora" }]);
    let put = server.request(Method::PUT, &format!("{PATH}/rules"), &dan).json(&rules).send().await.unwrap();
    assert_eq!(put.status(), 200);
    let mut nora = Peer::join(&server, "nora").await;
    for (id, item) in ["Salt", "Pepper"].map(|item| (row(item, "North"), item)) {
        let key = |measure: &str, text: &str| {
            let col = ColId::fixed(measure_id(measure));
            let cell = CellRef { sheet: sheet("demand"), row: id, col };
            Op::SetCell { cell, input: Some(Input::Text(text.into())), guard: Guard::Always }
        };
        let insert =
            Op::InsertRows { sheet: sheet("demand"), part: Some(part_id("North")), after: None, rows: vec![id] };
        let ops = vec![insert, key("item", item), key("region", "North")];
        steps(&mut nora, part("North"), ops).await;
        nora.until("the row", |peer| peer.is_saved(part("North"))).await;
    }
    let revision = async || -> i64 { server.get("/api/workbooks/plan/revision", &eva).await.json().await.unwrap() };
    let before = revision().await;
    let table = "item,region,bucket,quantity\nTea,North,2026-04,100\nSoap,North,2026-04,100\nTea,South,2026-04,100\nSoap,South,2026-04,100\nSalt,North,2026-04,500\nPepper,North,2026-04,30\n";
    assert_eq!(import(&server, &dan, table).await.status(), 200);
    assert_ne!(revision().await, before, "pages read again what came");
    let found = report(&server, &eva, "Region").await;
    assert_eq!((found.found.total.actual[0], found.found.total.plan[0]), (930.0, 400.0));
    let named: Vec<(&str, f64)> = found.found.unplanned.iter().map(|row| (&*row.name, row.actual)).collect();
    assert_eq!(named, [("Salt / North", 500.0), ("Pepper / North", 30.0)]);
    assert_eq!(found.alerts.iter().map(|alert| &*alert.line).collect::<Vec<_>>(), ["North"]);
}

/// Months that come at once are judged as if they had come one by one, rules that are put again go on where they were, and
/// what cannot be judged is told.
#[tokio::test]
async fn rules_are_judged_month_by_month_and_keep_their_state() {
    let server = Server::start().await;
    let (dan, eva) = consensus(&server).await;
    let rule = |name: &str, when: &str, until: &str, owner: &str| json!({ "name": name, "by": "Region", "when": when, "until": until, "owner": owner });
    let rules = json!([
        rule("Low", "last_share < 0.9", "last_share > 0.95", "nora"),
        rule("Far off", "wape > 0.9", "", "Finance")
    ]);
    let put = async |rules: &serde_json::Value| {
        let put = server.request(Method::PUT, &format!("{PATH}/rules"), &dan).json(rules);
        assert_eq!(put.send().await.unwrap().status(), 200);
    };
    put(&rules).await;
    let month = |month: &str, north: f64, south: f64| {
        let line = |item: &str, region: &str, cases: f64| format!("{item},{region},2026-{month},{cases}\n");
        [("Tea", "North", north), ("Soap", "North", 100.0), ("Tea", "South", south), ("Soap", "South", south)]
            .map(|(item, region, cases)| line(item, region, cases))
            .concat()
    };
    let head = "item,region,bucket,quantity\n";
    // 75 % in April, 92.5 % in May: by May alone nothing would be raised.
    let at_once = format!("{head}{}{}", month("04", 50.0, 0.0), month("05", 85.0, 0.0));
    assert_eq!(import(&server, &dan, &at_once).await.status(), 200);
    let raised = async || {
        let found = report(&server, &eva, "Region").await;
        let of =
            |alert: &grid_engine::plan::Alert| (alert.rule.name.clone(), alert.line.clone(), alert.since.to_string());
        (found.alerts.iter().map(of).collect::<Vec<_>>(), found.notes)
    };
    let low = |line: &str| ("Low".to_owned(), line.to_owned(), "2026-04".to_owned());
    let (alerts, notes) = raised().await;
    assert_eq!(alerts, [low("South"), low("North")]);
    assert_eq!(notes, ["Far off cannot be judged for South in 2026-05: wape has no value, nothing came."]);
    put(&rules).await;
    assert_eq!(raised().await.0, [low("South"), low("North")], "the same rules again");
    let june = format!("{head}{}", month("06", 100.0, 0.0));
    assert_eq!(import(&server, &dan, &june).await.status(), 200);
    assert_eq!(raised().await.0, [low("South")]);
    let answer: serde_json::Value = server.get(PATH, &eva).await.json().await.unwrap();
    let ended = &answer["ended"];
    assert_eq!(ended.as_array().unwrap().len(), 1, "{ended}");
    let told =
        [&ended[0]["alert"]["line"], &ended[0]["alert"]["since"], &ended[0]["alert"]["bucket"], &ended[0]["until"]];
    assert_eq!(told, ["North", "2026-04", "2026-05", "2026-06"]);
}

#[tokio::test]
async fn rules_are_owned_by_people_who_are_there_or_by_roles() {
    let server = Server::start().await;
    let (dan, ada) = (server.sign_in("dan").await, server.sign_in("ada").await);
    let gone = server.request(Method::PUT, "/api/people/sven", &ada).json(&json!({ "disabled": true }));
    assert!(gone.send().await.unwrap().status().is_success());
    let put = async |owner: &str| {
        let rules = json!([{ "name": "Low", "when": "share < 0.9", "owner": owner }]);
        let answer = server.request(Method::PUT, &format!("{PATH}/rules"), &dan).json(&rules).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    for owner in ["", "NORA", "nora", "Finance", "demand planners"] {
        assert_eq!(put(owner).await.0, 200, "{owner}");
    }
    for (owner, words) in
        [("Mia", "Low: its owner \"Mia\" is nobody here"), ("Sven", "Low: its owner \"Sven\" is disabled")]
    {
        let (status, text) = put(owner).await;
        let refusal: Refusal = serde_json::from_str(&text).unwrap();
        assert_eq!((status, &*refusal.code), (422, "alert.owner"));
        assert!(refusal.message.starts_with(words), "{}", refusal.message);
    }
}
