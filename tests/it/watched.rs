//! Rights that change while people are connected, copies of the data, and what watchers of the server see.

use std::time::{Duration, Instant};

use equipoise_server::store;
use grid_engine::doc::Input;
use grid_engine::wire::{CellEdit, FromPeer, IssuedToken, PersonInfo, Scalar};
use reqwest::Method;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::peer::{Peer, connect};
use crate::plan::{override_of, part};
use crate::server::Server;

#[tokio::test]
async fn a6_a_changed_role_reaches_open_connections_at_once() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let mut nora = Peer::join(&server, "nora").await;
    let cell = override_of("Tea", "North");
    nora.enter(cell, Input::Number(1.0)).await;
    nora.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
    let put = |user: &str, change: serde_json::Value, by: &str| {
        server.request(Method::PUT, &format!("/api/people/{user}"), by).json(&change).send()
    };
    let answer = put("nora", json!({ "role": "viewer" }), &ada).await.unwrap();
    assert_eq!(answer.json::<PersonInfo>().await.unwrap().role, grid_engine::wire::Role::Viewer);
    nora.until("every socket closed", |peer| peer.closed.len() == peer.grants.len() + 1).await;
    assert!(nora.closed.iter().all(|(_, code)| *code == 4403), "{:?}", nora.closed);
    let again = Peer::join(&server, "nora").await;
    assert!(again.grants.iter().all(|grant| !grant.write));
    let nora = server.sign_in("nora").await;
    assert_eq!(put("nora", json!({ "role": "admin" }), &nora).await.unwrap().status(), 403);
    assert_eq!(server.get("/api/people", &nora).await.status(), 403);
    assert_eq!(put("ada", json!({ "disabled": true }), &ada).await.unwrap().status(), 409, "nobody would be left");
}

#[tokio::test]
async fn a6_edits_that_were_not_acknowledged_are_refused() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let mut nora = Peer::join(&server, "nora").await;
    let (cell, room) = (override_of("Tea", "North"), part("North"));
    nora.hang_up(room).await;
    nora.enter_offline(cell, Some(Input::Number(9.0)));
    let change = server.request(Method::PUT, "/api/people/nora", &ada).json(&json!({ "role": "viewer" })).send();
    assert_eq!(change.await.unwrap().status(), 200);
    nora.until("the others closed", |peer| peer.closed.len() >= peer.grants.len()).await;
    nora.come_back(&server, "nora").await;
    nora.until("the refusal", |peer| peer.refusals.contains(&(room, "acl.write".into()))).await;
    assert!(!nora.is_saved(room));
    assert_eq!(Peer::join(&server, "vic").await.input(cell), None);
}

#[tokio::test]
async fn a6_another_process_that_disables_someone_is_noticed() {
    let server = Server::start().await;
    let mut nora = Peer::join(&server, "nora").await;
    let folder = server.folder().to_owned();
    let disabled = tokio::process::Command::new(equipoise_tests::program())
        .args(["person", "--user", "nora", "--disable", "--data"])
        .arg(&folder)
        .status();
    assert!(disabled.await.unwrap().success());
    nora.until("every socket closed", |peer| peer.closed.len() == peer.grants.len() + 1).await;
    assert!(nora.closed.iter().all(|(_, code)| *code == 4401), "{:?}", nora.closed);
}

#[tokio::test]
async fn a6_a_token_taken_back_closes_what_it_opened() {
    use futures_util::StreamExt;
    use tokio_tungstenite::tungstenite::client::IntoClientRequest;
    let server = Server::start().await;
    let dan = server.sign_in("dan").await;
    let new = json!({ "name": "ticker", "days": 1 });
    let issued: IssuedToken =
        server.request(Method::POST, "/api/tokens", &dan).json(&new).send().await.unwrap().json().await.unwrap();
    let mut sockets = Vec::new();
    for path in ["/live/plan".to_owned(), "/sync/plan".to_owned(), format!("/sync/plan/{}", part("North"))] {
        let mut request = format!("ws://{}{path}", server.address).into_client_request().unwrap();
        request.headers_mut().insert("authorization", format!("Bearer {}", issued.secret).parse().unwrap());
        sockets.push(tokio_tungstenite::connect_async(request).await.unwrap().0);
    }
    let path = format!("/api/tokens/{}", issued.token.id);
    assert_eq!(server.request(Method::DELETE, &path, &dan).send().await.unwrap().status(), 200);
    for socket in &mut sockets {
        let code = loop {
            match tokio::time::timeout(crate::server::PATIENCE, socket.next()).await.unwrap() {
                Some(Ok(Message::Close(Some(frame)))) => break u16::from(frame.code),
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(code, 4401);
    }
}

#[tokio::test]
async fn a7_signing_out_closes_the_sockets_of_that_session() {
    let server = Server::start().await;
    let mut dan = Peer::join(&server, "dan").await;
    let cookie = server.sign_in("dan").await;
    let mut socket = connect(&server, "/live/plan", &cookie).await.unwrap();
    assert_eq!(server.request(Method::POST, "/api/logout", &cookie).send().await.unwrap().status(), 200);
    use futures_util::StreamExt;
    let code = loop {
        match tokio::time::timeout(crate::server::PATIENCE, socket.next()).await.unwrap() {
            Some(Ok(Message::Close(Some(frame)))) => break u16::from(frame.code),
            Some(Ok(_)) => {}
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(code, 4401);
    dan.enter(override_of("Tea", "North"), Input::Number(2.0)).await;
    dan.until("his other session goes on", |peer| peer.is_saved(part("North"))).await;
}

#[tokio::test]
async fn a3_state_changing_requests_of_other_sites_are_refused() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let cross = server.request(Method::POST, "/api/logout", &ada).header("sec-fetch-site", "cross-site");
    let bare = reqwest::Client::new().post(format!("http://{}/api/logout", server.address)).header("cookie", &ada);
    for forged in [cross, bare] {
        let refused = forged.send().await.unwrap();
        assert_eq!(refused.status(), 403);
        assert_eq!(refused.json::<grid_engine::wire::Refusal>().await.unwrap().code, "csrf");
    }
    let answer = server.get("/api/me", &ada).await;
    assert!(answer.headers().contains_key("x-request-id"));
    assert_eq!(answer.status(), 200, "still signed in");
}

#[tokio::test]
async fn a_script_signs_in_with_a_token_until_it_ends() {
    let server = Server::start().await;
    let dan = server.sign_in("dan").await;
    let new = json!({ "name": "nightly export", "days": 30 });
    let unseen = json!({ "name": "\u{200b}", "days": 30 });
    assert_eq!(server.request(Method::POST, "/api/tokens", &dan).json(&unseen).send().await.unwrap().status(), 422);
    let issued: IssuedToken =
        server.request(Method::POST, "/api/tokens", &dan).json(&new).send().await.unwrap().json().await.unwrap();
    let with_token = |method, path: &str| {
        let url = format!("http://{}{path}", server.address);
        reqwest::Client::new().request(method, url).bearer_auth(&issued.secret)
    };
    assert_eq!(with_token(Method::GET, "/api/me").send().await.unwrap().status(), 200);
    let more = with_token(Method::POST, "/api/tokens").json(&new).send().await.unwrap();
    assert_eq!(more.status(), 403, "a token issues no tokens");
    let file = std::fs::read(server.folder().join("equipoise.db-wal")).unwrap();
    assert!(!file.windows(issued.secret.len()).any(|window| window == issued.secret.as_bytes()));
    let path = format!("/api/tokens/{}", issued.token.id);
    assert_eq!(server.request(Method::DELETE, &path, &dan).send().await.unwrap().status(), 200);
    assert_eq!(with_token(Method::GET, "/api/me").send().await.unwrap().status(), 401);
    let endless = json!({ "name": "x", "days": 4000 });
    let refused = server.request(Method::POST, "/api/tokens", &dan).json(&endless).send().await.unwrap();
    assert!(refused.status().is_client_error());
}

#[tokio::test]
async fn the_history_of_a_cell_says_who_when_what_and_why() {
    let server = Server::start().await;
    let cell = override_of("Tea", "North");
    let mut nora = Peer::join(&server, "nora").await;
    nora.enter(cell, Input::Number(5.0)).await;
    nora.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
    let why = FromPeer::Why { room: part("North"), writer: nora.writer, clock: 1, why: "Summer fair".into() };
    nora.send(None, Message::text(serde_json::to_string(&why).unwrap())).await;
    let mut dan = Peer::join(&server, "dan").await;
    let forged = FromPeer::Why { room: part("North"), writer: nora.writer, clock: 1, why: "Forged".into() };
    dan.send(None, Message::text(serde_json::to_string(&forged).unwrap())).await;
    dan.enter(cell, Input::Number(7.0)).await;
    dan.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
    let path = format!("/api/workbooks/plan/history?sheet={}&row={}&col={}", cell.sheet, cell.row, cell.col);
    let cookie = server.sign_in("vic").await;
    let deadline = Instant::now() + crate::server::PATIENCE;
    // The reason travels on another socket and may come last.
    let edits = loop {
        let edits: Vec<CellEdit> = server.get(&path, &cookie).await.json().await.unwrap();
        if edits.len() == 2 && edits[1].why.is_some() {
            break edits;
        }
        assert!(Instant::now() < deadline, "{edits:?}");
    };
    let said: Vec<_> =
        edits.iter().map(|edit| (edit.name.as_str(), &edit.old, &edit.new, edit.why.as_deref())).collect();
    let (five, seven) = (Scalar::Number(5.0), Scalar::Number(7.0));
    assert_eq!(said, [("DAN", &five, &seven, None), ("NORA", &Scalar::Blank(()), &five, Some("Summer fair"))]);
    assert!(edits[0].seq > edits[1].seq && edits[0].at >= edits[1].at);
    assert!(store::verify_audit(server.folder()).unwrap().entries >= 3);
    let eva = server.sign_in("eva").await;
    assert_eq!(server.get(&path, &eva).await.status(), 403, "executives see frozen versions");
}

#[tokio::test]
async fn d5_a_backup_under_load_is_whole_and_a_restore_begins_anew() {
    let server = Server::start().await;
    let cell = override_of("Tea", "North");
    let mut nora = Peer::join(&server, "nora").await;
    nora.enter(cell, Input::Number(1.0)).await;
    nora.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
    let place = tempfile::TempDir::new().unwrap();
    let backup = place.path().join("monday.db");
    let (folder, to) = (server.folder().to_owned(), backup.clone());
    let copying = tokio::task::spawn_blocking(move || store::back_up(&folder, &to));
    for value in 2..40 {
        nora.enter(cell, Input::Number(f64::from(value))).await;
    }
    copying.await.unwrap().unwrap();
    nora.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
    let before = nora.incarnation.clone();
    let restored = tempfile::TempDir::new().unwrap();
    let into = restored.path().to_owned();
    tokio::task::spawn_blocking(move || store::restore(&backup, &into)).await.unwrap().unwrap();
    let other = Server::serve(restored).await;
    let mut again = Peer::join(&other, "nora").await;
    assert_ne!(again.incarnation, before);
    assert!(matches!(again.input(cell), Some(Input::Number(value)) if (1.0..40.0).contains(&value)));
    let cookie = other.sign_in("nora").await;
    for path in
        [format!("/sync/plan/{}?incarnation={before}", part("North")), format!("/sync/plan?incarnation={before}")]
    {
        assert!(connect(&other, &path, &cookie).await.unwrap_err().to_string().contains("409"));
    }
    again.enter(cell, Input::Number(99.0)).await;
    again.until("editing goes on", |peer| peer.is_saved(part("North"))).await;
}

#[tokio::test]
async fn d2_a_damaged_file_is_not_served() {
    let mut server = Server::start().await;
    assert_eq!(server.terminate().await, Some(0));
    let path = server.folder().join("equipoise.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let page = bytes.len() / 2 / 4096 * 4096;
    bytes[page..page + 64].iter_mut().for_each(|byte| *byte = 0xa5);
    std::fs::write(&path, bytes).unwrap();
    let mut serving = tokio::process::Command::new(equipoise_tests::program());
    serving.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(server.folder());
    let refused = serving.output().await.unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("equipoise.db") && said.contains("restore"), "{said}");
}

/// What is refused over HTTP is counted beside what is refused over sockets, each by its code.
#[tokio::test]
async fn refused_requests_are_counted_by_their_codes() {
    let server = Server::start().await;
    let cookie = server.sign_in("nora").await;
    let origin = format!("http://{}", server.address);
    for _ in 0..2 {
        assert_eq!(server.get("/api/me", "").await.status(), 401);
    }
    assert_eq!(server.get("/api/nowhere", &cookie).await.status(), 404);
    assert_eq!(server.get("/api/me", &cookie).await.status(), 200);
    let forged = reqwest::Client::new().put(format!("{origin}/api/inbox")).header("cookie", &cookie);
    assert_eq!(forged.send().await.unwrap().status(), 403);
    assert_eq!(server.ask_for_socket("/live/plan", "", Some(&origin)).await.status(), 401);
    for (code, count) in [("auth.required", 3.0), ("not_found", 1.0), ("csrf", 1.0)] {
        assert_eq!(server.metric(&format!("equipoise_refusals_total{{code=\"{code}\"}}")).await, count, "{code}");
    }
}

#[tokio::test]
async fn watchers_see_what_is_going_on() {
    let server = Server::start().await;
    let mut nora = Peer::join(&server, "nora").await;
    nora.enter(override_of("Tea", "North"), Input::Number(5.0)).await;
    nora.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
    nora.enter(override_of("Tea", "South"), Input::Number(5.0)).await;
    nora.until("the refusal", |peer| !peer.refusals.is_empty()).await;
    let text = server.get("/metrics", "").await.text().await.unwrap();
    for line in ["equipoise_updates_total 1", "equipoise_refusals_total{code=\"acl.write\"} 1", "equipoise_store_ok 1"]
    {
        assert!(text.lines().any(|found| found == line), "{line} in {text}");
    }
    let has_moved = |name: &str| {
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.is_some_and(|value| value.parse::<f64>().unwrap() > 0.0)
    };
    for name in [
        "equipoise_ack_seconds_count",
        "equipoise_commit_seconds_count",
        "equipoise_recalculation_seconds_count",
        "equipoise_rooms",
        "equipoise_peers",
        "equipoise_workbooks",
    ] {
        assert!(has_moved(name), "{name} in {text}");
    }
    for name in ["equipoise_queue_bytes ", "equipoise_longest_queue_bytes ", "equipoise_oldest_job_seconds "] {
        assert!(text.lines().any(|line| line.starts_with(name)), "{name} in {text}");
    }
    let deadline = Instant::now() + crate::server::PATIENCE;
    while server.get("/readyz", "").await.status() != 200 {
        assert!(Instant::now() < deadline, "never ready");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
