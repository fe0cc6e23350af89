//! The scenario matrix over HTTP: put together from versions, calculated once, ranked, proposed.

use std::time::Duration;

use equipoise_server::exchange::workbook_file;
use grid_engine::doc::Input;
use grid_engine::plan::{BranchInfo, CellState, Matrix, PlanSummary, ScenarioId, Varied, VersionInfo, VersionState};
use grid_engine::refs::CellRef;
use grid_engine::wire::Refusal;
use reqwest::Method;
use serde_json::json;

use crate::bundles::verified;
use crate::peer::Peer;
use crate::plan::{override_of, part, price_of};
use crate::server::{PATIENCE, Server};
use crate::versions::freeze;

async fn matrix(server: &Server, cookie: &str, question: &str) -> Matrix {
    let answer = server.get(&format!("/api/workbooks/plan/scenarios?{question}"), cookie).await;
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    answer.json().await.unwrap()
}

/// Calculates all scenarios and waits for them.
pub async fn calculated(server: &Server, cookie: &str, question: &str) -> Matrix {
    let path = format!("/api/workbooks/plan/scenarios?{question}");
    assert_eq!(server.request(Method::POST, &path, cookie).send().await.unwrap().status(), 200);
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let found = matrix(server, cookie, question).await;
        if found.cells.iter().all(|cell| matches!(cell.state, CellState::Done | CellState::Failed { .. })) {
            return found;
        }
        assert!(tokio::time::Instant::now() < deadline, "{found:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn scenarios_are_put_together_calculated_once_ranked_and_proposed() {
    let server = Server::start_with_profit().await;
    let (dan, eva, vic) = (server.sign_in("dan").await, server.sign_in("eva").await, server.sign_in("vic").await);
    let low = freeze(&server, &dan, "Low demand").await;
    let mut ada = Peer::join(&server, "ada").await;
    ada.enter(override_of("Tea", "North"), Input::Number(1000.0)).await;
    ada.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
    let high = freeze(&server, &dan, "High demand").await;

    let question = format!("demand={},{}&supply={}&cost={}", low.id, high.id, low.id, high.id);
    let open = matrix(&server, &dan, &question).await;
    assert!(open.cells.iter().all(|cell| cell.state == CellState::Open), "{open:?}");
    let path = format!("/api/workbooks/plan/scenarios?{question}");
    // An executive reads frozen versions, and scenarios are made of nothing else; only a viewer starts nothing.
    for (cookie, status) in [(&vic, 403), (&eva, 200)] {
        assert_eq!(server.request(Method::POST, &path, cookie).send().await.unwrap().status(), status);
    }
    let body = json!({ "scenario": { "demand": low.id, "supply": low.id, "cost": low.id }, "name": "Mine" });
    let propose = server.request(Method::POST, "/api/workbooks/plan/scenarios/propose", &eva).json(&body);
    let refused: Refusal = propose.send().await.unwrap().json().await.unwrap();
    assert_eq!(refused.message, "You do not have the right to freeze a version.");
    let done = calculated(&server, &dan, &question).await;
    assert!(done.cells.iter().all(|cell| cell.state == CellState::Done), "{done:?}");
    // Known to everyone from now on, for good.
    assert_eq!(matrix(&server, &eva, &question).await, done);
    let scenarios: Vec<_> = done.cells.iter().map(|cell| cell.scenario).collect();
    let scenario = |demand: &VersionInfo| ScenarioId { demand: demand.id, supply: low.id, cost: high.id };
    assert_eq!(scenarios, [scenario(&low), scenario(&high)]);

    // A rule that says nothing is told, and ranked otherwise.
    let wrong = matrix(&server, &dan, &format!("{question}&rule=profit%20%2B")).await;
    assert!(wrong.rule_error.is_some());
    let unknown = matrix(&server, &dan, &format!("{question}&rule=moon")).await;
    let words = unknown.rule_error.unwrap();
    assert!(words.starts_with("scenarios have no figure \"moon\"; there are: profit, revenue, cost"), "{words}");
    assert!(unknown.cells.iter().all(|cell| cell.ranking.as_ref().unwrap().rank.is_some()), "ranked by profit");
    // The tower as a file holds them as they are ranked, and what else stands on it.
    let file = |ending: &str| format!("/api/workbooks/plan/tower/file.{ending}?{question}");
    let csv = server.get(&file("csv"), &eva).await.text().await.unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    let ranks: Vec<_> = done.cells.iter().map(|cell| cell.ranking.as_ref().unwrap().rank.unwrap()).collect();
    assert_eq!(lines.len(), 3, "{csv}");
    assert!(lines[0].contains("Demand from,Supply from,Prices and costs from,State,Rank,Score,Dominated by,"), "{csv}");
    assert!(lines[1].starts_with(&format!("Low demand,Low demand,High demand,calculated,{}", ranks[0])), "{csv}");
    assert!(lines[2].starts_with(&format!("High demand,Low demand,High demand,calculated,{}", ranks[1])), "{csv}");
    let unranked = server.get(&format!("{}&rule=1%2F0", file("csv")), &eva).await.text().await.unwrap();
    let ends = unranked.lines().skip(1).filter(|line| line.contains("no finite value")).count();
    assert_eq!(ends, 2, "the file says why the rule ranks nothing: {unranked}");
    let bytes = server.get(&file("xlsx"), &eva).await.bytes().await.unwrap();
    let book = workbook_file::read_bytes(&bytes).unwrap();
    let titles: Vec<&str> = book.sheets.iter().map(|sheet| &*sheet.title).collect();
    assert_eq!(titles[..3], ["Scenarios", "Versions", "Key figures"]);
    let missing = format!("demand=zzzz&supply={}&cost={}", low.id, low.id);
    let gone = matrix(&server, &dan, &missing).await;
    assert!(matches!(gone.cells[0].state, CellState::Failed { .. }));

    // What is proposed is a version like any other: it holds the demand of one and the prices of the other.
    let body = json!({ "scenario": scenario(&high), "name": "Proposal" });
    let path = "/api/workbooks/plan/scenarios/propose";
    let answer = server.request(Method::POST, path, &dan).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    let proposed: VersionInfo = answer.json().await.unwrap();
    let summary = |id| {
        let path = format!("/api/workbooks/plan/versions/{id}/summary");
        let (server, eva) = (&server, &eva);
        async move { server.get(&path, eva).await.json::<PlanSummary>().await.unwrap() }
    };
    assert_eq!((proposed.at, proposed.made_at() > high.at), (high.at, true), "its figures are of the newest side");
    let step = &proposed.history[0];
    assert_eq!(
        (step.to, step.by_name.as_str(), proposed.state),
        (VersionState::Proposed, "DAN", VersionState::Proposed)
    );
    let bundle = server.get(&format!("/api/workbooks/plan/versions/{}/bundle", proposed.id), &dan).await;
    let (code, said) = verified(&bundle.bytes().await.unwrap());
    assert_eq!(code, 0, "{said}");
    let (of_proposal, of_high) = (summary(proposed.id).await, summary(high.id).await);
    assert_eq!(of_proposal.by_bucket, of_high.by_bucket);
    assert_eq!(server.request(Method::POST, path, &vic).json(&body).send().await.unwrap().status(), 403);
    assert_eq!(
        server.request(Method::POST, path, &dan).json(&body).send().await.unwrap().status(),
        422,
        "the name is taken"
    );
}

#[tokio::test]
async fn a_version_with_drivers_changed_is_calculated_once_and_says_what_it_cannot_change() {
    let server = Server::start_with_profit().await;
    let (dan, vic) = (server.sign_in("dan").await, server.sign_in("vic").await);
    let version = freeze(&server, &dan, "Plan").await;
    let path = |changes: &str| format!("/api/workbooks/plan/versions/{}/variations?changes={changes}", version.id);
    let asked = path(";demand:10;price:5,demand:-5;capacity:-10");
    assert_eq!(server.request(Method::POST, &asked, &vic).send().await.unwrap().status(), 403);
    assert_eq!(server.request(Method::POST, &asked, &dan).send().await.unwrap().status(), 200);
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let done: Vec<Varied> = loop {
        let found: Vec<Varied> = server.get(&asked, &dan).await.json().await.unwrap();
        let ended = |one: &Varied| matches!(one.state, CellState::Done | CellState::Failed { .. });
        if found.iter().all(ended) {
            break found;
        }
        assert!(tokio::time::Instant::now() < deadline, "{found:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let changes: Vec<&str> = done.iter().map(|one| one.changes.as_str()).collect();
    assert_eq!(changes, ["", "demand:10", "demand:-5,price:5", "capacity:-10"]);
    assert!(done[..3].iter().all(|one| one.state == CellState::Done && one.headline.is_some()), "{done:?}");
    let message = "the plan has no numbers for capacity.".to_owned();
    assert_eq!(done[3].state, CellState::Failed { message });
    // The tower's file tells of the cases with their names.
    let scenario = format!("demand={0}&supply={0}&cost={0}", version.id);
    let file =
        |cases: &str| format!("/api/workbooks/plan/tower/file.xlsx?{scenario}&varied={}&cases={cases}", version.id);
    let bytes = server.get(&file("As%20planned%09%0AStrong%09demand:10"), &dan).await.bytes().await.unwrap();
    let book = workbook_file::read_bytes(&bytes).unwrap();
    let page = book.sheets.iter().find(|sheet| &*sheet.title == "Profitability").unwrap();
    let at =
        |row, col| page.cells.iter().find(|cell| (cell.row, cell.col) == (row, col)).map(|cell| cell.value.clone());
    let profit = |at: usize| done[at].headline.unwrap().profit.unwrap();
    let told = |row| [0, 1, 2, 3, 6, 7].map(|col| at(row, col));
    let texts = |name: &str, changes: &str| ["Plan", name, changes, "calculated"].map(|word| Some(word.into()));
    let more = profit(1) - profit(0);
    assert!(more > 0.0, "{done:?}");
    assert_eq!(told(1)[..2], texts("As planned", "")[..2]);
    assert_eq!(told(1)[4..], [Some(profit(0).into()), Some(0.0.into())]);
    assert_eq!(told(2)[..4], texts("Strong", "Demand +10\u{202f}%"));
    assert_eq!(told(2)[4..], [Some(profit(1).into()), Some(more.into())]);
    assert_eq!(server.get(&file("demand:10"), &dan).await.status(), 422);
    for (changes, said) in [("rain:5", "there are: demand"), ("price:-95", "-90 to 900"), ("price", "-90 to 900")] {
        let answer = server.get(&path(changes), &dan).await;
        assert_eq!(answer.status(), 422);
        let words = answer.text().await.unwrap();
        assert!(words.contains(said), "{words}");
    }
    assert_eq!(server.get(&path(&";".repeat(60)), &dan).await.status(), 422);
}

fn says(cell: CellRef, words: &'static str) -> impl Fn(&Peer) -> bool {
    move |peer| peer.told(cell).last().is_some_and(|value| format!("{value:?}").contains(words))
}

#[tokio::test]
async fn formulas_read_the_matrix_hear_of_every_change_and_hide_it_from_who_is_confined() {
    let mut server = Server::start_with_profit().await;
    let (admin, dan) = (server.sign_in("ada").await, server.sign_in("dan").await);
    server.confine("nora", &["North", "reads:North"], &admin).await;
    let cell = price_of("Tea");
    let mut ada = Peer::join(&server, "ada").await;
    ada.watch(&["prices"]).await;
    let stored = ada.workbook.formula_stored(cell, "=TEXTJOIN(\"/\",FALSE,SCENARIO(,,,\"status\"))").unwrap();
    ada.enter(cell, Input::Formula(stored.into())).await;
    ada.until("that there is no matrix", says(cell, "no scenario has been calculated yet")).await;

    let (low, high) = (freeze(&server, &dan, "Low").await, freeze(&server, &dan, "High").await);
    let question = format!("demand={},{}&supply={}&cost={}", low.id, high.id, low.id, low.id);
    calculated(&server, &dan, &question).await;
    // Nobody has touched the formula since.
    ada.until("both scenarios", says(cell, "done/done")).await;
    // One is as good as the other: they share the first rank.
    let picked = "=SCENARIO(\"High\",,,\"rank\")&\" of \"&COUNT(SCENARIO(,,,\"rank\"))&INDEX(SCENARIO(),2,2)";
    let stored = ada.workbook.formula_stored(cell, picked).unwrap();
    ada.enter(cell, Input::Formula(stored.into())).await;
    ada.until("what is picked", says(cell, "1 of 2Low")).await;
    // A branch reads the matrix of the plan it came from.
    let body = json!({ "name": "What if" });
    let made = server.request(Method::POST, "/api/workbooks/plan/branches", &dan).json(&body).send().await.unwrap();
    let branch = made.json::<BranchInfo>().await.unwrap().id.to_string();
    let mut there = Peer::join_workbook(&server, "ada", &branch).await;
    there.watch(&["prices"]).await;
    there.until("the plan's matrix", says(cell, "1 of 2Low")).await;
    // A further scenario: three of them now, the new one as good as the others.
    let more = format!("demand={}&supply={}&cost={}", low.id, high.id, low.id);
    calculated(&server, &dan, &more).await;
    ada.until("the third", says(cell, "1 of 3Low")).await;
    there.until("the third in the branch", says(cell, "1 of 3Low")).await;
    let mut nora = Peer::join(&server, "nora").await;
    nora.watch(&["prices"]).await;
    nora.until("the hidden matrix", says(cell, "HIDDEN")).await;
    assert!(!nora.notices.iter().any(|notice| format!("{notice:?}").contains("of 3Low")));

    // What was worked out is there after a restart.
    server.crash_and_restart().await;
    let mut ada = Peer::join(&server, "ada").await;
    ada.watch(&["prices"]).await;
    ada.until("the kept matrix", says(cell, "1 of 3Low")).await;
}
