//! Many at once, slow ones, and nobody at all.

use std::time::Instant;

use equipoise_tests::program;
use futures_util::{SinkExt, StreamExt};
use grid_engine::doc::{Edit, Guard, Input, Op};
use grid_engine::refs::RoomId;
use grid_engine::wire::Refusal;
use tokio_tungstenite::tungstenite::Message;
use yrs::block::ClientID;
use yrs::sync::awareness::AwarenessUpdateEntry;
use yrs::sync::{AwarenessUpdate, Message as YMessage, SyncMessage};
use yrs::updates::decoder::Decode;
use yrs::updates::encoder::Encode;
use yrs::{Doc, StateVector, Transact, Update};

use crate::peer::{Peer, connect};
use crate::plan::{cell, override_of, part};
use crate::server::{PATIENCE, Server};

fn presence(client: u64, clock: u32, json: &str) -> Message {
    let entry = AwarenessUpdateEntry { clock, json: json.into() };
    let update = AwarenessUpdate { clients: [(ClientID::new(client), entry)].into() };
    Message::binary(YMessage::Awareness(update).encode_v1())
}

#[tokio::test]
async fn b8_presence_is_small_ones_own_and_not_too_often() {
    let server = Server::start().await;
    let (mut nora, mut dan) = (Peer::join(&server, "nora").await, Peer::join(&server, "dan").await);
    let book = Some(RoomId::Book);
    nora.send(book, presence(77, 1, r#"{"name":"NORA"}"#)).await;
    dan.until("Nora", |peer| peer.presence.contains_key(&77)).await;
    // In her name: it is not passed on, and neither is a second client of one connection.
    dan.send(book, presence(77, 9, r#"{"name":"Forged"}"#)).await;
    dan.send(book, presence(78, 1, r#"{"name":"DAN"}"#)).await;
    dan.send(book, presence(79, 1, r#"{"name":"Also Dan"}"#)).await;
    nora.until("Dan", |peer| peer.presence.get(&78).is_some_and(|json| json.contains("DAN"))).await;
    for clock in 2..100 {
        dan.send(book, presence(78, clock, &format!(r#"{{"at":{clock}}}"#))).await;
    }
    dan.enter(override_of("Tea", "North"), Input::Number(3.0)).await;
    nora.until("what came after", |peer| peer.input(override_of("Tea", "North")) == Some(Input::Number(3.0))).await;
    let mut vic = Peer::join(&server, "vic").await;
    vic.until("who is there", |peer| peer.presence.contains_key(&77) && peer.presence.contains_key(&78)).await;
    assert!(vic.presence[&77].contains("NORA"), "{:?}", vic.presence);
    assert!(!nora.presence.contains_key(&79) && !vic.presence.contains_key(&79), "{:?}", vic.presence);
    assert!(server.metric("equipoise_refusals_total{code=\"rate\"}").await >= 1.0);
    // As much of it as a frame holds is refused, the second time for good.
    let large = presence(78, 200, &format!("\"{}\"", "x".repeat((256 << 10) - 100)));
    for _ in 0..2 {
        dan.send(book, large.clone()).await;
    }
    dan.until("the close", |peer| peer.closed.contains(&(book, 4400))).await;
    assert!(server.is_well().await);
}

#[tokio::test]
async fn b9_one_address_has_so_many_sockets() {
    let server = Server::start_with(&["--sockets-per-address", "3"]).await;
    let cookie = server.sign_in("dan").await;
    let origin = format!("http://{}", server.address);
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(connect(&server, "/live/plan", &cookie).await.unwrap());
    }
    let refused = server.ask_for_socket("/live/plan", &cookie, Some(&origin)).await;
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.json::<Refusal>().await.unwrap().code, "room.full");
    open.pop().unwrap().close(None).await.unwrap();
    let deadline = Instant::now() + PATIENCE;
    while connect(&server, "/live/plan", &cookie).await.is_err() {
        assert!(Instant::now() < deadline, "a place that was left is free again");
    }
}

#[tokio::test]
async fn b9_a_socket_nobody_reads_is_sent_away_and_comes_back_to_everything() {
    let server = Server::start().await;
    let room = part("North");
    let cookie = server.sign_in("vic").await;
    let mut slow = connect(&server, &format!("/sync/plan/{room}"), &cookie).await.unwrap();
    let ask = YMessage::Sync(SyncMessage::SyncStep1(StateVector::default())).encode_v1();
    slow.send(Message::binary(ask.clone())).await.unwrap();
    let mut nora = Peer::join(&server, "nora").await;
    let months = ["2026-04", "2026-05", "2026-06"];
    let mut last = None;
    let mut queued: f64 = 0.0;
    // More than the server holds for one peer, and the system's own buffers for a connection.
    for round in 0..900 {
        let text = Input::Text(format!("{round} {}", "x".repeat(4000)).into());
        let set = |item, month| Op::SetCell {
            cell: cell("override", item, "North", month),
            input: Some(text.clone()),
            guard: Guard::Always,
        };
        let ops = ["Tea", "Soap"].iter().flat_map(|item| months.iter().map(move |month| set(item, month))).collect();
        let edit = Edit { by: nora.me, at: 1, why: None, ops };
        for (room, update) in nora.workbook.apply(&edit).unwrap().updates {
            nora.send_update(room, update).await;
        }
        // Of what arrives together others hear only the last.
        nora.until("the saved mark", |peer| peer.is_saved(room)).await;
        last = Some(text);
        if round % 20 == 0 {
            queued = queued.max(server.metric("equipoise_queue_bytes").await);
        }
        // Below the 200 updates a second that one connection may send, however quick the machine is.
        tokio::time::sleep(std::time::Duration::from_millis(6)).await;
    }
    // It is told why where it takes its farewell in time; the line ends in any case, rather than with a gap.
    let ended = async {
        while let Some(Ok(message)) = slow.next().await {
            if let Message::Close(Some(frame)) = message {
                assert_eq!((u16::from(frame.code), frame.reason.as_str()), (1013, "too.slow"));
            }
        }
    };
    tokio::time::timeout(PATIENCE, ended).await.expect("it is sent away");
    assert!(server.metric("equipoise_longest_queue_bytes").await < 1e6, "nothing is kept for it");
    assert!(queued > 0.0, "what waited for it was to be seen");
    // Twenty megabytes were stored meanwhile: the write-ahead log has not grown behind who does not read.
    let log = std::fs::metadata(server.folder().join("equipoise.db-wal")).unwrap().len();
    assert!(log < 12 << 20, "{log} bytes");
    let again = Peer::join(&server, "vic").await;
    assert_eq!(again.input(override_of("Tea", "North")), last, "nothing is missing");
}

#[tokio::test]
async fn d7_a_hundred_first_openings_are_one_and_nobody_sees_less_than_all() {
    let server = Server::start_with(&["--idle-seconds", "1"]).await;
    let mut nora = Peer::join(&server, "nora").await;
    let tea = override_of("Tea", "North");
    nora.enter(tea, Input::Number(7.0)).await;
    nora.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
    nora.leave().await;
    // Nobody has it open: it is forgotten, and its memory with it.
    let deadline = Instant::now() + PATIENCE;
    while server.metric("equipoise_workbooks").await > 0.0 {
        assert!(Instant::now() < deadline, "it is never forgotten");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    let openings = || {
        let log = std::fs::read_to_string(server.folder().join("server.log")).unwrap();
        log.matches("workbook opened").count()
    };
    let before = openings();
    let cookie = server.sign_in("vic").await;
    let ask = YMessage::Sync(SyncMessage::SyncStep1(StateVector::default())).encode_v1();
    let path = format!("/sync/plan/{}", part("North"));
    let first_state = async || {
        let mut socket = connect(&server, &path, &cookie).await.unwrap();
        socket.send(Message::binary(ask.clone())).await.unwrap();
        while let Some(Ok(message)) = socket.next().await {
            if let Ok(YMessage::Sync(SyncMessage::SyncStep2(state))) = YMessage::decode_v1(&message.into_data()) {
                let doc = Doc::new();
                doc.transact_mut().apply_update(Update::decode_v1(&state).unwrap()).unwrap();
                return doc.get_or_insert_map(format!("c:{}", tea.col)).to_json_of(&doc, &tea.row.to_string());
            }
        }
        panic!("no state");
    };
    let all = futures_util::future::join_all((0..100).map(|_| first_state()));
    let states = tokio::time::timeout(PATIENCE, all).await.unwrap();
    assert!(states.iter().all(|state| state.as_deref() == Some("7")), "{states:?}");
    assert_eq!(openings() - before, 1, "opened once");
}

#[tokio::test]
async fn d7_what_cannot_be_read_is_not_served_empty_and_not_written_over() {
    let mut server = Server::start().await;
    assert_eq!(server.terminate().await, Some(0));
    let path = server.folder().join("equipoise.db");
    let flip = |from: u8, to: u8| {
        let mut bytes = std::fs::read(&path).unwrap();
        let mut flipped = 0;
        for at in 0..bytes.len() - 6 {
            if bytes[at] == from && &bytes[at + 1..at + 6] == b"rices" {
                bytes[at] = to;
                flipped += 1;
            }
        }
        std::fs::write(&path, bytes).unwrap();
        flipped
    };
    assert!(flip(b'P', b'Q') > 0);
    let mut again = tokio::process::Command::new(program());
    again.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(server.folder()).kill_on_drop(true);
    let refused = tokio::time::timeout(PATIENCE, again.output()).await.unwrap().unwrap();
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && words.contains("checkpoint of room") && words.contains("restore"), "{words}");
    flip(b'Q', b'P');
    server.start_again().await;
    let dan = Peer::join(&server, "dan").await;
    assert_eq!(dan.workbook.mirror().sheets().len(), 2, "it is all there still");
}

trait OneKey {
    /// What a key holds, as JSON.
    fn to_json_of(&self, doc: &Doc, key: &str) -> Option<String>;
}

impl OneKey for yrs::MapRef {
    fn to_json_of(&self, doc: &Doc, key: &str) -> Option<String> {
        match yrs::Map::get(self, &doc.transact(), key)? {
            yrs::Out::Any(value) => Some(value.to_string()),
            _ => None,
        }
    }
}
