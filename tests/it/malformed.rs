//! Bytes from anyone: refused with a reason, and the server lives.

use futures_util::{SinkExt, StreamExt};
use grid_engine::doc::Input;
use grid_engine::wire::ToPeer;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use yrs::{Doc, Map, ReadTxn, StateVector, Transact};

use crate::peer::{Peer, connect};
use crate::plan::{override_of, part};
use crate::server::{PATIENCE, Server};

/// Sends one message to a room, twice if it is only refused the first time, and gives the code it is closed with.
async fn answer_to(server: &Server, cookie: &str, room: &str, message: Message) -> u16 {
    let mut socket = connect(server, &format!("/sync/plan/{room}"), cookie).await.unwrap();
    socket.send(message.clone()).await.unwrap();
    // A socket that is closed already takes no second one.
    let _ = socket.send(message).await;
    let closed = async {
        while let Some(message) = socket.next().await {
            if let Ok(Message::Close(Some(frame))) = message {
                return frame.code.into();
            }
        }
        0
    };
    tokio::time::timeout(PATIENCE, closed).await.unwrap()
}

/// A frame with an update.
fn update(body: &[u8]) -> Message {
    let mut frame = vec![0, 2];
    let mut length = body.len();
    while length >= 0x80 {
        frame.push(length as u8 | 0x80);
        length >>= 7;
    }
    frame.push(length as u8);
    frame.extend_from_slice(body);
    Message::binary(frame)
}

/// An update that sets a key of the root `meta` to arrays nested this deep.
fn nested(depth: usize) -> Vec<u8> {
    // One writer with one block: client 9, clock 0, content Any under root `meta`, key `x`.
    let mut body = vec![1, 1, 9, 0, 0x28, 1, 4, b'm', b'e', b't', b'a', 1, b'x', 1];
    for _ in 0..depth {
        body.extend([117, 1]);
    }
    body.extend([126, 0]);
    body
}

/// A change in the update encoding version 2, which nobody sends here.
fn second_encoding() -> Vec<u8> {
    let doc = Doc::with_client_id(9);
    let map = doc.get_or_insert_map("c:override");
    map.insert(&mut doc.transact_mut(), "row", 5);
    doc.transact().encode_state_as_update_v2(&StateVector::default())
}

#[tokio::test]
async fn b1_fragments_are_put_together_and_judged_as_a_whole() {
    let server = Server::start().await;
    let cookie = server.sign_in("ada").await;
    let path = format!("/sync/plan/{}", part("North"));
    let fragment = |bytes: Vec<u8>, code, last| Message::Frame(Frame::message(bytes, OpCode::Data(code), last));
    let closing = async |messages: Vec<Message>| {
        let mut socket = connect(&server, &path, &cookie).await.unwrap();
        for message in messages {
            let _ = socket.send(message).await;
        }
        let closed = async {
            while let Some(message) = socket.next().await {
                if let Ok(Message::Close(Some(frame))) = message {
                    return (u16::from(frame.code), frame.reason.to_string());
                }
            }
            panic!("no farewell");
        };
        tokio::time::timeout(PATIENCE, closed).await.unwrap()
    };
    let mut parts = vec![fragment(vec![0; 1 << 20], Data::Binary, false)];
    parts.extend((0..4).map(|_| fragment(vec![0; 1 << 20], Data::Continue, false)));
    let (code, reason) = closing(parts).await;
    assert_eq!(code, 1009);
    assert!(reason.starts_with("frame.too_large(262144"), "{reason}");
    let twice = vec![
        fragment(vec![0, 2], Data::Binary, false),
        fragment(vec![3, 0, 0, 7], Data::Continue, true),
        update(&[0, 0, 7]),
    ];
    let (code, reason) = closing(twice).await;
    assert_eq!(code, 4400);
    assert!(reason.starts_with("update.malformed"), "{reason}");
    // Compression was not agreed on.
    let mut compressed = Frame::message(vec![0, 2, 2, 0, 0], OpCode::Data(Data::Binary), true);
    compressed.header_mut().rsv1 = true;
    let (code, reason) = closing(vec![Message::Frame(compressed)]).await;
    assert_eq!(code, 1002, "{reason}");
    assert!(server.is_well().await);
}

#[tokio::test]
async fn b1_b2_malformed_bytes_are_refused_and_the_server_lives() {
    let server = Server::start().await;
    let cookie = server.sign_in("ada").await;
    let room = part("North").to_string();
    let claims_millions = [0xff, 0xff, 0xff, 0x7f, 1, 1, 0];
    let cases: Vec<(&str, Message, u16)> = vec![
        ("no protocol", Message::binary(vec![250, 1, 2, 3]), 4400),
        ("nothing", Message::binary(Vec::new()), 4400),
        ("a cut update", update(&[1, 1, 9]), 4400),
        ("trailing bytes", update(&[0, 0, 0]), 4400),
        ("a count without substance", update(&claims_millions), 4400),
        ("deep nesting", update(&nested(100_000)), 4400),
        ("the second encoding", update(&second_encoding()), 4400),
        ("a wrong tag", Message::binary(vec![0, 9, 0]), 4400),
        ("noise", update(&[0xa7; 5000]), 4400),
        ("a state vector without substance", Message::binary([&[0, 0, 7][..], &claims_millions].concat()), 4400),
        ("text", Message::text("hello"), 1003),
        ("too much", Message::binary(vec![0; (256 << 10) + 1]), 1009),
    ];
    for (what, message, expected) in cases {
        assert_eq!(answer_to(&server, &cookie, &room, message).await, expected, "{what}");
        assert!(server.is_well().await, "after {what}");
    }
    let presence_bomb = Message::binary(vec![1, 5, 0xff, 0xff, 0xff, 0xff, 0x0f]);
    assert_eq!(answer_to(&server, &cookie, "book", presence_bomb).await, 4400);
    let mut nora = Peer::join(&server, "nora").await;
    nora.enter(override_of("Tea", "North"), Input::Number(5.0)).await;
    nora.until("editing goes on", |peer| peer.is_saved(part("North"))).await;
}

#[tokio::test]
async fn b2_a_malformed_update_is_answered_with_its_place_and_the_second_closes() {
    let server = Server::start().await;
    let mut nora = Peer::join(&server, "nora").await;
    nora.send_update(part("North"), vec![0, 0, 7]).await;
    nora.until("the refusal", |peer| peer.refusals.contains(&(part("North"), "update.malformed".into()))).await;
    let Some(ToPeer::Refused { message, .. }) = nora.refused.first() else { unreachable!() };
    assert!(message.contains("byte 2"), "where it goes wrong: {message}");
    assert!(nora.closed.is_empty(), "the first time it may go on");
    nora.send_update(part("North"), vec![0, 0, 7]).await;
    nora.until("the close", |peer| peer.closed.contains(&(Some(part("North")), 4400))).await;
}

#[tokio::test]
async fn b3_an_update_with_a_gap_is_refused() {
    let server = Server::start().await;
    let mut nora = Peer::join(&server, "nora").await;
    let cell = override_of("Tea", "North");
    let ops = |value| grid_engine::doc::Edit {
        by: nora.me,
        at: 1,
        why: None,
        ops: vec![grid_engine::doc::Op::SetCell {
            cell,
            input: Some(Input::Number(value)),
            guard: grid_engine::doc::Guard::Always,
        }],
    };
    let (first, second) = (ops(1.0), ops(2.0));
    nora.workbook.apply(&first).unwrap();
    let later = nora.workbook.apply(&second).unwrap().updates;
    for (room, update) in later {
        nora.send_update(room, update).await;
    }
    nora.until("the refusal", |peer| !peer.refusals.is_empty()).await;
}
