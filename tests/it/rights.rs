//! The server decides who may read and write what, however a client behaves.

use grid_engine::doc::Input;
use grid_engine::refs::RoomId;
use tokio_tungstenite::tungstenite::Error;

use crate::peer::{Peer, connect};
use crate::plan::{override_of, part, sheet};
use crate::server::Server;

fn may_write(peer: &Peer, room: RoomId) -> bool {
    peer.grants.iter().any(|grant| grant.room == room && grant.write)
}

fn status(error: &Error) -> u16 {
    let Error::Http(answer) = error else { panic!("{error}") };
    answer.status().as_u16()
}

#[tokio::test]
async fn a_sales_planner_writes_one_region_only() {
    let server = Server::start().await;
    let mut nora = Peer::join(&server, "nora").await;
    assert!(may_write(&nora, part("North")) && !may_write(&nora, part("South")));
    assert!(!may_write(&nora, RoomId::Sheet(sheet("demand"))) && !may_write(&nora, RoomId::Book));
    let foreign = override_of("Tea", "South");
    nora.enter(foreign, Input::Number(1.0)).await;
    nora.until("the refusal", |peer| peer.refusals.contains(&(part("South"), "acl.write".into()))).await;
    nora.until("the close", |peer| peer.closed.contains(&(Some(part("South")), 4403))).await;
    let mut sven = Peer::join(&server, "sven").await;
    assert_eq!(sven.input(foreign), None);
    sven.enter(foreign, Input::Number(2.0)).await;
    sven.until("the saved mark", |peer| peer.is_saved(part("South"))).await;
    let own = override_of("Tea", "North");
    nora.enter(own, Input::Number(3.0)).await;
    nora.until("her own region still works", |peer| peer.is_saved(part("North"))).await;
}

#[tokio::test]
async fn a_reader_who_only_reads_is_not_refused() {
    let server = Server::start().await;
    let mut sven = Peer::join(&server, "sven").await;
    let cell = override_of("Soap", "South");
    sven.enter(cell, Input::Number(2.0)).await;
    sven.enter(cell, Input::Number(3.0)).await;
    sven.until("the saved mark", |peer| peer.is_saved(part("South"))).await;
    let mut vic = Peer::join(&server, "vic").await;
    vic.until("the value", |peer| peer.input(cell) == Some(Input::Number(3.0))).await;
    assert!(vic.refusals.is_empty() && vic.closed.is_empty(), "{:?} {:?}", vic.refusals, vic.closed);
}

#[tokio::test]
async fn an_executive_opens_no_live_room() {
    let server = Server::start().await;
    let mut eva = Peer::join(&server, "eva").await;
    assert!(eva.grants.is_empty());
    let cookie = server.sign_in("eva").await;
    for room in ["book", "demand", "prices"] {
        let mut socket = connect(&server, &format!("/sync/plan/{room}"), &cookie).await.unwrap();
        use futures_util::StreamExt;
        let first = socket.next().await.unwrap().unwrap();
        let code = match first {
            tokio_tungstenite::tungstenite::Message::Close(Some(frame)) => u16::from(frame.code),
            other => panic!("{room}: {other:?}"),
        };
        assert_eq!(code, 4403, "{room}");
    }
    assert_eq!(server.get("/api/workbooks/plan/facts", &cookie).await.status(), 403);
    assert_eq!(server.get("/api/workbooks/plan/versions/live/summary", &cookie).await.status(), 403);
    eva.watch(&["demand"]).await;
    let mut nora = Peer::join(&server, "nora").await;
    nora.enter(override_of("Tea", "North"), Input::Number(9.0)).await;
    nora.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
    assert!(eva.notices.len() == 1, "only the greeting: {:?}", eva.notices);
}

#[tokio::test]
async fn sockets_take_a_session_and_our_own_origin() {
    let server = Server::start().await;
    let anonymous = connect(&server, "/sync/plan/book", "equipoise_session=no").await.unwrap_err();
    assert_eq!(status(&anonymous), 401);
    let cookie = server.sign_in("ada").await;
    for path in ["/sync/nowhere/book", "/sync/plan/NO~~", "/live/nowhere"] {
        assert_eq!(status(&connect(&server, path, &cookie).await.unwrap_err()), 404, "{path}");
    }
    let foreign = server.get("/live/plan", &cookie).await.status();
    assert!(foreign.is_client_error());
    let forged = server
        .request(reqwest::Method::POST, "/api/logout", &cookie)
        .header("origin", "http://evil.example")
        .send()
        .await
        .unwrap();
    assert_eq!(forged.status(), 403);
    assert_eq!(server.get("/api/me", &cookie).await.status(), 200, "still signed in");
}
