//! Many rooms on one connection, as the browser opens them.

use equipoise_server::store::person_id;
use futures_util::{SinkExt, StreamExt};
use grid_engine::doc::{Edit, Guard, Input, Op};
use grid_engine::refs::{CellRef, RoomId};
use grid_engine::wire::{RoomClosed, RoomRequest, Scalar, addressed, split_address};
use grid_engine::workbook::{Side, Workbook};
use tokio_tungstenite::tungstenite::Message;
use yrs::StateVector;
use yrs::sync::{Message as YMessage, SyncMessage};
use yrs::updates::decoder::Decode;
use yrs::updates::encoder::Encode;

use crate::peer::{Peer, Socket, connect};
use crate::plan::{override_of, part, sheet};
use crate::races::conflicts;
use crate::server::{PATIENCE, Server};

struct Shared {
    socket: Socket,
    workbook: Workbook,
}

impl Shared {
    async fn join(&mut self, room: RoomId) {
        self.workbook.open_room(room, &[]).unwrap();
        self.ask(RoomRequest::Join { room, writers: Vec::new() }).await;
        self.send(room, SyncMessage::SyncStep1(StateVector::default())).await;
        loop {
            let Ok((from, message)) = self.next().await else { panic!("{room} was closed") };
            assert_eq!(from, room);
            if let SyncMessage::SyncStep2(update) = message {
                self.workbook.apply_update(room, &update).unwrap();
                return;
            }
        }
    }

    async fn ask(&mut self, request: RoomRequest) {
        self.socket.send(Message::text(serde_json::to_string(&request).unwrap())).await.unwrap();
    }

    async fn send(&mut self, room: RoomId, message: SyncMessage) {
        let frame = addressed(room, &YMessage::Sync(message).encode_v1());
        self.socket.send(Message::binary(frame)).await.unwrap();
    }

    async fn enter(&mut self, cell: CellRef, number: f64) {
        let ops = vec![Op::SetCell { cell, input: Some(Input::Number(number)), guard: Guard::Always }];
        let edit = Edit { by: person_id("nora"), at: 1, why: None, ops };
        for (room, update) in self.workbook.apply(&edit).unwrap().updates {
            self.send(room, SyncMessage::Update(update)).await;
        }
    }

    /// The next message of a room, or that one was closed.
    async fn next(&mut self) -> Result<(RoomId, SyncMessage), RoomClosed> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next()).await.unwrap().unwrap().unwrap();
            match message {
                Message::Text(text) => return Err(serde_json::from_str(&text).unwrap()),
                Message::Binary(bytes) => {
                    let (room, frame) = split_address(&bytes).unwrap();
                    if let YMessage::Sync(message) = YMessage::decode_v1(frame).unwrap() {
                        return Ok((room, message));
                    }
                }
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn rooms_on_one_connection_are_refused_each_for_itself() {
    let server = Server::start().await;
    let cookie = server.sign_in("nora").await;
    let socket = connect(&server, "/sync/plan", &cookie).await.unwrap();
    let mut nora = Shared { socket, workbook: Workbook::new(Side::Browser, 77) };
    // Before it is joined, a room takes nothing.
    nora.send(part("North"), SyncMessage::Update(vec![9, 9, 9])).await;
    for room in [RoomId::Book, RoomId::Sheet(sheet("demand")), part("North"), part("South")] {
        nora.join(room).await;
    }
    let (own, foreign) = (override_of("Tea", "North"), override_of("Tea", "South"));
    nora.enter(foreign, 1.0).await;
    let closed = loop {
        if let Err(closed) = nora.next().await {
            break closed;
        }
    };
    assert_eq!((closed.room, closed.code), (part("South"), 4403));
    nora.enter(own, 3.0).await;
    let mut sven = Peer::join(&server, "sven").await;
    sven.until("nora's edit", |peer| peer.input(own) == Some(Input::Number(3.0))).await;
    assert_eq!(sven.input(foreign), None);

    nora.workbook.close_room(part("South"));
    nora.join(part("South")).await;
    sven.enter(foreign, Input::Number(2.0)).await;
    loop {
        if let (room, SyncMessage::Update(update)) = nora.next().await.unwrap() {
            nora.workbook.apply_update(room, &update).unwrap();
            if room == part("South") {
                break;
            }
        }
    }
    let input = nora.workbook.sheet(foreign.sheet).unwrap().input(foreign.row, foreign.col).cloned();
    assert_eq!(input, Some(Input::Number(2.0)), "a room closed is joined again");

    nora.socket.send(Message::binary(vec![200, 1])).await.unwrap();
    let end = loop {
        match tokio::time::timeout(PATIENCE, nora.socket.next()).await.unwrap().unwrap().unwrap() {
            Message::Close(frame) => break u16::from(frame.unwrap().code),
            _ => continue,
        }
    };
    assert_eq!(end, 4400, "a frame without a room ends the connection");
}

/// Where a room went on in its next epoch, a browser makes again what it had not sent: the update knows of all that stands.
#[tokio::test]
async fn an_edit_made_anew_meets_who_wrote_since_it_was_made() {
    let server = Server::start().await;
    let (mut dan, mut live) = (Peer::join(&server, "dan").await, Peer::join(&server, "nora").await);
    let (tea, soap, room) = (override_of("Tea", "North"), override_of("Soap", "North"), part("North"));
    for (cell, number) in [(tea, 7.0), (soap, 8.0)] {
        dan.enter(cell, Input::Number(number)).await;
        dan.until("the saved mark", |peer| peer.is_saved(room)).await;
    }
    // Longer than a moment ago, in which people meet whatever they have seen.
    tokio::time::sleep(std::time::Duration::from_millis(3_100)).await;
    let cookie = server.sign_in("nora").await;
    let socket = connect(&server, "/sync/plan", &cookie).await.unwrap();
    let mut nora = Shared { socket, workbook: Workbook::new(Side::Browser, 77) };
    for room in [RoomId::Book, RoomId::Sheet(sheet("demand")), room] {
        nora.join(room).await;
    }
    // What was there when she made her edit she had seen.
    nora.ask(RoomRequest::Remade { room, age: 1_000 }).await;
    nora.enter(soap, 6.0).await;
    nora.ask(RoomRequest::Remade { room, age: 60_000 }).await;
    nora.enter(tea, 5.0).await;
    let (his, hers) = (Scalar::Number(7.0), Scalar::Number(5.0));
    dan.until("the notice", |peer| !conflicts(peer).is_empty()).await;
    live.until("the notice", |peer| !conflicts(peer).is_empty()).await;
    assert_eq!(conflicts(&dan), [(tea, "NORA".to_owned(), his.clone(), hers.clone(), false)]);
    assert_eq!(conflicts(&live), [(tea, "DAN".to_owned(), hers, his, true)]);
    // It was said of one update only.
    nora.enter(soap, 9.0).await;
    dan.until("her latest", |peer| peer.input(soap) == Some(Input::Number(9.0))).await;
    assert_eq!((conflicts(&dan).len(), conflicts(&live).len()), (1, 1));
}

/// What was cleared leaves nothing that an entry could be seen to follow: the edit log tells who cleared it since it was made.
#[tokio::test]
async fn an_entry_made_without_knowing_of_a_clear_meets_who_cleared() {
    let server = Server::start().await;
    let (mut dan, mut live) = (Peer::join(&server, "dan").await, Peer::join(&server, "nora").await);
    let (tea, room) = (override_of("Tea", "North"), part("North"));
    dan.enter(tea, Input::Number(5.0)).await;
    dan.until("the saved mark", |peer| peer.is_saved(room)).await;
    let cookie = server.sign_in("nora").await;
    let socket = connect(&server, "/sync/plan", &cookie).await.unwrap();
    let mut nora = Shared { socket, workbook: Workbook::new(Side::Browser, 77) };
    for room in [RoomId::Book, RoomId::Sheet(sheet("demand")), room] {
        nora.join(room).await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(3_100)).await;
    let ops = vec![Op::SetCell { cell: tea, input: None, guard: Guard::Always }];
    let clear = Edit { by: dan.me, at: 1, why: None, ops };
    for (room, update) in dan.workbook.apply(&clear).unwrap().updates {
        dan.send_update(room, update).await;
    }
    dan.until("the saved mark", |peer| peer.is_saved(room)).await;
    // She had lost the line before, and enters something over what was there.
    tokio::time::sleep(std::time::Duration::from_millis(3_100)).await;
    nora.ask(RoomRequest::Remade { room, age: 6_000 }).await;
    nora.enter(tea, 7.0).await;
    let (empty, hers) = (Scalar::Blank(()), Scalar::Number(7.0));
    for peer in [&mut dan, &mut live] {
        peer.until("the notice", |peer| !conflicts(peer).is_empty()).await;
    }
    assert_eq!(conflicts(&dan), [(tea, "NORA".to_owned(), empty.clone(), hers.clone(), false)]);
    assert_eq!(conflicts(&live), [(tea, "DAN".to_owned(), hers, empty, true)]);
}
