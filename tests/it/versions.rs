//! Freezing, marking, reading and comparing over HTTP.

use grid_engine::doc::Input;
use grid_engine::plan::{Comparison, VersionInfo, VersionState};
use reqwest::Method;
use serde_json::{Value, json};

use crate::peer::Peer;
use crate::plan::{override_of, part};
use crate::server::{PATIENCE, Server};

/// Freezes once the forecasts are there.
async fn freeze(server: &Server, cookie: &str, name: &str) -> VersionInfo {
    let body = json!({ "name": name, "kind": "consensus", "comment": "" });
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let request = server.request(Method::POST, "/api/workbooks/plan/versions", cookie).json(&body);
        let answer = request.send().await.unwrap();
        if answer.status() != 409 || tokio::time::Instant::now() > deadline {
            assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
            return answer.json().await.unwrap();
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_frozen_version_stays_as_it_was() {
    let server = Server::start().await;
    let (dan, eva, vic) = (server.sign_in("dan").await, server.sign_in("eva").await, server.sign_in("vic").await);
    let march = freeze(&server, &dan, "March").await;
    let mut nora = Peer::join(&server, "nora").await;
    nora.enter(override_of("Tea", "North"), Input::Number(1000.0)).await;
    nora.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
    let april = freeze(&server, &dan, "April").await;
    assert_ne!(march.hash, april.hash);

    let path = format!("/api/workbooks/plan/versions/{}/consensus", march.id);
    assert_eq!(server.request(Method::POST, &path, &dan).send().await.unwrap().status(), 403);
    let marked: VersionInfo = server.request(Method::POST, &path, &eva).send().await.unwrap().json().await.unwrap();
    assert_eq!(marked.state, VersionState::Consensus);

    let list: Vec<VersionInfo> = server.get("/api/workbooks/plan/versions", &eva).await.json().await.unwrap();
    assert_eq!(list.iter().map(|version| version.name.as_str()).collect::<Vec<_>>(), ["April", "March"]);
    let path = format!("/api/workbooks/plan/versions/{}/sheets", march.id);
    let sheets: Vec<Value> = server.get(&path, &eva).await.json().await.unwrap();
    assert_eq!(sheets.len(), 2);
    let frame: Value = server.get(&format!("{path}/demand"), &eva).await.json().await.unwrap();
    assert_eq!(frame["rows"].as_array().unwrap().len(), 4);

    let (a, b) = (march.id, april.id);
    let path = format!("/api/workbooks/plan/compare?a={a}&b={b}&measure=consensus&by=region");
    let comparison: Comparison = server.get(&path, &eva).await.json().await.unwrap();
    assert_eq!(comparison.lines[0].name, "North", "the largest difference first");
    assert!(comparison.lines[0].total_b > comparison.lines[0].total_a + 500.0, "{comparison:?}");
    assert_eq!(comparison.lines[1].total_a, comparison.lines[1].total_b);
    let path = format!("/api/workbooks/plan/compare?a={a}&b=live&measure=consensus&by=region");
    assert_eq!(server.get(&path, &eva).await.status(), 403, "live is not hers to see");
    assert_eq!(server.get(&path, &vic).await.status(), 200);
    let again = json!({ "name": "March", "kind": "demand", "comment": "" });
    let answer = server.request(Method::POST, "/api/workbooks/plan/versions", &dan).json(&again).send().await.unwrap();
    assert_eq!(answer.status(), 422);
}

#[tokio::test]
async fn wrong_requests_are_refused_in_words() {
    let server = Server::start().await;
    let vic = server.sign_in("vic").await;
    for (path, cookie, status) in [
        ("/api/me", "", 401),
        ("/api/workbooks/plan/versions", "", 401),
        ("/api/workbooks/nowhere/facts", &*vic, 404),
        ("/api/workbooks/plan/facts/demand/nothing", &*vic, 404),
        ("/api/workbooks/plan/versions/xyz/summary", &*vic, 404),
        ("/api/workbooks/plan/compare?a=live&b=live&measure=consensus&by=moon", &*vic, 422),
        ("/api/nowhere", &*vic, 404),
    ] {
        let answer = server.get(path, cookie).await;
        assert_eq!(answer.status(), status, "{path}");
        let refusal: grid_engine::wire::Refusal = answer.json().await.unwrap();
        assert!(!refusal.code.is_empty() && !refusal.message.is_empty(), "{path}");
    }
    let body = json!({ "name": "Mine", "kind": "demand", "comment": "" });
    let path = "/api/workbooks/plan/versions";
    let answer = server.request(Method::POST, path, &vic).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 403);
    let answer = server.request(Method::POST, "/api/login", "").body("{").send().await.unwrap();
    assert_eq!(answer.status(), 400);
}
