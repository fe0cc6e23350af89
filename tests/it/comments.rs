//! Comments on cells: who may read and write them, whom they call, and that who is confined hears of nothing hidden.

use grid_engine::refs::{CellRef, ColId, MeasureId};
use grid_engine::wire::{Call, CommentThread, CommentsPage, Preferences, Refusal, ToPeer};
use reqwest::{Method, Response};
use serde::Serialize;
use serde_json::json;

use crate::peer::Peer;
use crate::plan::{override_of, sheet};
use crate::server::Server;

const PLAN: &str = "/api/workbooks/plan";

async fn send(server: &Server, cookie: &str, method: Method, path: &str, body: &impl Serialize) -> Response {
    server.request(method, path, cookie).json(body).send().await.unwrap()
}

async fn begin(server: &Server, cookie: &str, cell: CellRef, text: &str) -> Response {
    send(server, cookie, Method::POST, &format!("{PLAN}/threads"), &json!({ "cell": cell, "text": text })).await
}

async fn threads(server: &Server, cookie: &str) -> Vec<CommentThread> {
    let answer = server.get(&format!("{PLAN}/threads"), cookie).await;
    assert_eq!(answer.status(), 200);
    answer.json::<CommentsPage>().await.unwrap().threads
}

async fn inbox(server: &Server, cookie: &str) -> Vec<Call> {
    server.get("/api/inbox", cookie).await.json().await.unwrap()
}

fn said(thread: &CommentThread) -> Vec<(&str, &str)> {
    thread.comments.iter().map(|comment| (&*comment.name, &*comment.text)).collect()
}

fn heard(peer: &Peer) -> usize {
    peer.notices.iter().filter(|notice| **notice == ToPeer::Comments).count()
}

#[tokio::test]
async fn people_talk_about_a_cell_and_are_called_to_it() {
    let mut server = Server::start().await;
    let (nora, dan) = (server.sign_in("nora").await, server.sign_in("dan").await);
    let (vic, eva) = (server.sign_in("vic").await, server.sign_in("eva").await);
    let mut listener = Peer::join(&server, "dan").await;
    let cell = override_of("Tea", "North");
    let thread: i64 = begin(&server, &nora, cell, " Too high, @Dan? And @EVA, @nobody ").await.json().await.unwrap();
    listener.until("word of the comment", |peer| heard(peer) == 1).await;
    let found = threads(&server, &vic).await;
    assert_eq!(
        (found.len(), found[0].cell, said(&found[0])),
        (1, cell, vec![("NORA", "Too high, @Dan? And @EVA, @nobody")])
    );
    // Executives read versions, not the live plan: nobody calls them here.
    assert_eq!(found[0].comments[0].called, ["DAN"]);
    assert_eq!(server.get(&format!("{PLAN}/threads"), &eva).await.status(), 403);
    assert_eq!(begin(&server, &eva, cell, "hm").await.status(), 403);
    let calls = inbox(&server, &dan).await;
    assert_eq!((calls.len(), calls[0].thread, &*calls[0].by, calls[0].read), (1, thread, "NORA", false));
    assert_eq!(inbox(&server, &nora).await, []);

    for nothing in ["", " \n ", "\u{200b}\u{2060}", "\u{2800} \u{3164}"] {
        assert_eq!(begin(&server, &nora, cell, nothing).await.status(), 422, "{nothing:?}");
    }

    // A viewer may speak; answering opens what was closed.
    let state = format!("{PLAN}/threads/{thread}/state");
    assert_eq!(send(&server, &dan, Method::PUT, &state, &json!({ "resolved": true })).await.status(), 200);
    assert_eq!(threads(&server, &nora).await[0].resolved.as_ref().map(|(by, _)| &**by), Some("DAN"));
    let replies = format!("{PLAN}/threads/{thread}/comments");
    let answer = send(&server, &vic, Method::POST, &replies, &json!({ "text": "I see 7" })).await;
    let reply: i64 = answer.json().await.unwrap();
    let found = threads(&server, &nora).await;
    assert_eq!(found[0].resolved, None);
    assert_eq!(said(&found[0])[1], ("VIC", "I see 7"));

    // One changes and takes back one's own.
    let own = format!("{PLAN}/comments/{reply}");
    let change = |text: &str| json!({ "text": text });
    let refused = send(&server, &nora, Method::PUT, &own, &change("mine")).await;
    assert_eq!(refused.status(), 409);
    assert!(refused.json::<Refusal>().await.unwrap().message.contains("by its author alone"));
    assert_eq!(send(&server, &vic, Method::PUT, &own, &change("I see 8, @nora")).await.status(), 200);
    assert_eq!(inbox(&server, &nora).await.len(), 1);
    assert_eq!(send(&server, &vic, Method::PUT, &own, &change("I see 8")).await.status(), 200);
    assert_eq!(inbox(&server, &nora).await, [], "whoever is not called any more");
    assert_eq!(send(&server, &dan, Method::DELETE, &own, &()).await.status(), 409);
    assert_eq!(send(&server, &vic, Method::DELETE, &own, &()).await.status(), 200);
    assert_eq!(said(&threads(&server, &nora).await[0])[1], ("VIC", ""));
    let read = json!({ "comments": [calls[0].comment] });
    assert_eq!(send(&server, &dan, Method::PUT, "/api/inbox", &read).await.status(), 200);

    // All of it is on disk, and in the edit log.
    server.crash_and_restart().await;
    assert!(inbox(&server, &dan).await[0].read);
    let first = threads(&server, &nora).await[0].comments[0].id;
    let first = format!("{PLAN}/comments/{first}");
    assert_eq!(send(&server, &nora, Method::DELETE, &first, &()).await.status(), 200);
    assert_eq!(threads(&server, &nora).await, [], "a thread in which nothing is said any more goes");
    assert_eq!(inbox(&server, &dan).await, []);
    server.terminate().await;
    assert!(equipoise_server::store::verify_audit(server.folder()).unwrap().entries >= 7);
}

#[tokio::test]
async fn what_cannot_be_said_is_refused_with_a_reason() {
    let server = Server::start().await;
    let nora = server.sign_in("nora").await;
    let cell = override_of("Tea", "North");
    let nowhere = CellRef { row: equipoise_server::exchange::blueprint::row_id(&["Milk", "North"]), ..cell };
    for (cell, text, status, words) in [
        (cell, "  ".to_owned(), 422, "1 to 2000 characters"),
        (cell, "x".repeat(2001), 422, "this one has 2001"),
        (cell, "a\u{7}b".to_owned(), 422, "no control characters"),
        (nowhere, "hm".to_owned(), 404, "There is no cell"),
    ] {
        let refused = begin(&server, &nora, cell, &text).await;
        assert_eq!(refused.status(), status, "{words}");
        let message = refused.json::<Refusal>().await.unwrap().message;
        assert!(message.contains(words), "{message}");
    }
    for (method, path) in [
        (Method::POST, "threads/99/comments"),
        (Method::PUT, "comments/99"),
        (Method::DELETE, "comments/99"),
        (Method::PUT, "threads/99/state"),
    ] {
        let body = if path.ends_with("state") { json!({ "resolved": true }) } else { json!({ "text": "hm" }) };
        assert_eq!(send(&server, &nora, method, &format!("{PLAN}/{path}"), &body).await.status(), 404, "{path}");
    }
    let from_elsewhere = reqwest::Client::new()
        .post(format!("http://{}{PLAN}/threads", server.address))
        .header("cookie", &nora)
        .json(&json!({ "cell": cell, "text": "hm" }));
    assert_eq!(from_elsewhere.send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn who_is_confined_hears_of_no_comment_on_hidden_rows() {
    let server = Server::start().await;
    let (ada, sven) = (server.sign_in("ada").await, server.sign_in("sven").await);
    server.confine("nora", &["North", "reads:North"], &ada).await;
    let nora = server.sign_in("nora").await;
    let mut listener = Peer::join(&server, "nora").await;
    let (north, south) = (override_of("Tea", "North"), override_of("Tea", "South"));
    let price = CellRef {
        sheet: sheet("prices"),
        row: equipoise_server::exchange::blueprint::row_id(&["Tea"]),
        col: ColId::fixed(MeasureId::named("netprice").unwrap()),
    };
    for cell in [south, price] {
        let hidden: i64 = begin(&server, &sven, cell, "@NORA must not hear this").await.json().await.unwrap();
        let reply = format!("{PLAN}/threads/{hidden}/comments");
        assert_eq!(send(&server, &nora, Method::POST, &reply, &json!({ "text": "hm" })).await.status(), 403);
        assert_eq!(begin(&server, &nora, cell, "hm").await.status(), 403);
    }
    assert_eq!(threads(&server, &nora).await, []);
    assert_eq!(inbox(&server, &nora).await, []);
    begin(&server, &sven, north, "@NORA may hear this").await;
    listener.until("word of her own row", |peer| heard(peer) > 0).await;
    assert_eq!(heard(&listener), 1, "nothing was told of the others");
    assert_eq!(threads(&server, &nora).await.len(), 1);
    assert_eq!(inbox(&server, &nora).await.len(), 1);
    // What one was called to goes with the right to see it.
    server.confine("nora", &["South", "reads:South"], &ada).await;
    assert_eq!(inbox(&server, &nora).await, []);
    assert_eq!(threads(&server, &nora).await.len(), 1, "that on the row in the South");
}

#[tokio::test]
async fn settings_follow_their_person() {
    let mut server = Server::start().await;
    let (nora, dan) = (server.sign_in("nora").await, server.sign_in("dan").await);
    let of = async |server: &Server, cookie: &str| {
        server.get("/api/preferences", cookie).await.json::<Preferences>().await.unwrap()
    };
    assert_eq!(of(&server, &nora).await, Preferences::default());
    let chosen =
        json!({ "locale": "de-DE", "theme": "dark", "density": "compact", "currency": "symbol", "start": "tower" });
    assert_eq!(send(&server, &nora, Method::PUT, "/api/preferences", &chosen).await.status(), 200);
    for wrong in [json!({ "locale": "<script>" }), json!({ "theme": "pink" })] {
        assert!(send(&server, &nora, Method::PUT, "/api/preferences", &wrong).await.status().is_client_error());
    }
    server.crash_and_restart().await;
    assert_eq!(serde_json::to_value(of(&server, &server.sign_in("nora").await).await).unwrap(), chosen);
    assert_eq!(of(&server, &dan).await, Preferences::default());
    assert_eq!(server.get("/api/preferences", "").await.status(), 401);
}
