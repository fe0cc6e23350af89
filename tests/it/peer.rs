//! A peer: a replica of what its person may read, kept up to date over real sockets.

use std::collections::HashMap;

use equipoise_server::store::person_id;
use futures_util::stream::SplitSink;
use futures_util::{SinkExt, StreamExt};
use grid_engine::doc::{Edit, Guard, Input, Op};
use grid_engine::refs::{CellRef, PersonId, RoomId};
use grid_engine::wire::{FromPeer, RoomGrant, Scalar, ToPeer, pieces};
use grid_engine::workbook::{Side, Workbook};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use yrs::StateVector;
use yrs::block::ClientID;
use yrs::sync::{Message as YMessage, SyncMessage};
use yrs::updates::decoder::Decode;
use yrs::updates::encoder::Encode;

use crate::plan::WORKBOOK;
use crate::server::{PATIENCE, Server};

pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Opens a WebSocket of a signed-in person.
pub async fn connect(server: &Server, path: &str, cookie: &str) -> Result<Socket, tungstenite::Error> {
    let mut request = format!("ws://{}{path}", server.address).into_client_request()?;
    request.headers_mut().insert("cookie", cookie.parse().unwrap());
    request.headers_mut().insert("origin", format!("http://{}", server.address).parse().unwrap());
    Ok(tokio_tungstenite::connect_async(request).await?.0)
}

/// Where a message came from: a room, or `/live`.
type Source = Option<RoomId>;

pub struct Peer {
    pub me: PersonId,
    /// The id of its workbook.
    joined: String,
    pub workbook: Workbook,
    pub grants: Vec<RoomGrant>,
    pub refusals: Vec<(RoomId, String)>,
    /// Close codes by socket.
    pub closed: Vec<(Source, u16)>,
    /// Everything else that came on `/live`.
    pub notices: Vec<ToPeer>,
    /// Presence updates heard, as JSON by client.
    pub presence: HashMap<u64, String>,
    /// The writer id the server gave out.
    pub writer: u64,
    pub incarnation: String,
    /// Rooms the server closed because what is held of them is of another epoch.
    pub past: Vec<RoomId>,
    /// Refusals whole, beside their codes in `refusals`.
    pub refused: Vec<ToPeer>,
    saved: HashMap<RoomId, StateVector>,
    synced: Vec<RoomId>,
    sockets: HashMap<Source, SplitSink<Socket, Message>>,
    inbox: mpsc::UnboundedReceiver<(Source, Message)>,
    arrivals: mpsc::UnboundedSender<(Source, Message)>,
}

impl Peer {
    /// Signs in, joins `/live` and every room one may read, and waits until all are there.
    pub async fn join(server: &Server, user: &str) -> Self {
        Self::join_workbook(server, user, WORKBOOK).await
    }

    /// The same in another workbook, e.g. a branch.
    pub async fn join_workbook(server: &Server, user: &str, joined: &str) -> Self {
        let cookie = server.sign_in(user).await;
        let (arrivals, inbox) = mpsc::unbounded_channel();
        let mut peer = Self {
            me: person_id(user),
            joined: joined.to_owned(),
            workbook: Workbook::new(Side::Browser, 0),
            grants: Vec::new(),
            refusals: Vec::new(),
            closed: Vec::new(),
            notices: Vec::new(),
            presence: HashMap::new(),
            writer: 0,
            incarnation: String::new(),
            past: Vec::new(),
            refused: Vec::new(),
            saved: HashMap::new(),
            synced: Vec::new(),
            sockets: HashMap::new(),
            inbox,
            arrivals,
        };
        peer.open(server, None, &cookie).await;
        peer.until("a greeting", |peer| !peer.notices.is_empty()).await;
        let rooms: Vec<RoomId> = peer.grants.iter().map(|grant| grant.room).collect();
        for room in &rooms {
            peer.workbook.open_room(*room, &[]).unwrap();
            peer.open(server, Some(*room), &cookie).await;
        }
        peer.until("all rooms", |peer| rooms.iter().all(|room| peer.synced.contains(room))).await;
        peer
    }

    async fn open(&mut self, server: &Server, source: Source, cookie: &str) {
        let path = match source {
            Some(room) => format!("/sync/{}/{room}?writers={}", self.joined, self.writer),
            None => format!("/live/{}", self.joined),
        };
        let (mut sink, mut stream) = connect(server, &path, cookie).await.unwrap().split();
        if let Some(room) = source {
            let is_past = self.past.contains(&room);
            let held = StateVector::decode_v1(&self.workbook.state_vector(room).unwrap()).unwrap();
            let vector = if is_past { StateVector::default() } else { held };
            sink.send(Message::binary(YMessage::Sync(SyncMessage::SyncStep1(vector)).encode_v1())).await.unwrap();
        }
        self.sockets.insert(source, sink);
        let arrivals = self.arrivals.clone();
        tokio::spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                let _ = arrivals.send((source, message));
            }
        });
    }

    /// Cuts the line of a room.
    pub async fn hang_up(&mut self, room: RoomId) {
        self.sockets.remove(&Some(room)).unwrap().close().await.unwrap();
    }

    /// Cuts the line on which the server says what is saved.
    pub async fn hang_up_live(&mut self) {
        self.sockets.remove(&None).unwrap().close().await.unwrap();
    }

    /// Joins a room again with what is held of it, or with nothing where that is of the past.
    pub async fn rejoin(&mut self, server: &Server, user: &str, room: RoomId) {
        let cookie = server.sign_in(user).await;
        self.open(server, Some(room), &cookie).await;
    }

    /// Joins everything again after the server was away.
    pub async fn come_back(&mut self, server: &Server, user: &str) {
        self.closed.clear();
        let cookie = server.sign_in(user).await;
        self.open(server, None, &cookie).await;
        for room in self.grants.iter().map(|grant| grant.room).collect::<Vec<_>>() {
            self.open(server, Some(room), &cookie).await;
        }
    }

    /// Up to where the server has called this peer's own changes saved.
    pub fn saved_clock(&self, room: RoomId) -> u32 {
        self.saved.get(&room).map_or(0, |saved| saved.get(&ClientID::new(self.writer)))
    }

    /// Enters something into a cell and keeps it.
    pub fn enter_offline(&mut self, cell: CellRef, input: Option<Input>) {
        let ops = vec![Op::SetCell { cell, input, guard: Guard::Always }];
        self.workbook.apply(&Edit { by: self.me, at: 1, why: None, ops }).unwrap();
    }

    /// Enters something into a cell and sends it.
    pub async fn enter(&mut self, cell: CellRef, input: Input) {
        let ops = vec![Op::SetCell { cell, input: Some(input), guard: Guard::Always }];
        let edit = Edit { by: self.me, at: 1, why: None, ops };
        for (room, update) in self.workbook.apply(&edit).unwrap().updates {
            self.send_update(room, update).await;
        }
    }

    /// Sends a change, a large one in pieces.
    pub async fn send_update(&mut self, room: RoomId, update: Vec<u8>) {
        for piece in pieces(YMessage::Sync(SyncMessage::Update(update)).encode_v1()) {
            self.send(Some(room), Message::binary(piece)).await;
        }
    }

    pub async fn watch(&mut self, sheets: &[&str]) {
        let sheets = sheets.iter().map(|id| crate::plan::sheet(id)).collect();
        let text = serde_json::to_string(&FromPeer::Watch { sheets }).unwrap();
        self.send(None, Message::text(text)).await;
    }

    /// Says that notices were seen.
    pub async fn see(&mut self, notices: Vec<u64>) {
        let text = serde_json::to_string(&FromPeer::Told { notices }).unwrap();
        self.send(None, Message::text(text)).await;
    }

    pub async fn send(&mut self, source: Source, message: Message) {
        // A socket the server has closed is noticed through its close frame.
        let _ = self.sockets.get_mut(&source).unwrap().send(message).await;
    }

    /// Leaves, as a closed browser tab does.
    pub async fn leave(mut self) {
        for sink in self.sockets.values_mut() {
            sink.close().await.unwrap();
        }
    }

    pub fn input(&self, cell: CellRef) -> Option<Input> {
        self.workbook.sheet(cell.sheet)?.input(cell.row, cell.col).cloned()
    }

    /// What this peer was told of a cell's value, the latest last.
    pub fn told(&self, cell: CellRef) -> Vec<Scalar> {
        let values = |notice: &ToPeer| match notice {
            ToPeer::Values { sheet, cells } | ToPeer::Official { sheet, cells } if *sheet == cell.sheet => cells
                .iter()
                .filter(|value| (value.row, value.col) == (cell.row, cell.col))
                .map(|value| value.value.clone())
                .collect(),
            _ => Vec::new(),
        };
        self.notices.iter().flat_map(values).collect()
    }

    /// Whether the server has said that everything this peer wrote into a room is on disk.
    pub fn is_saved(&self, room: RoomId) -> bool {
        let own = ClientID::new(self.writer);
        let clock = StateVector::decode_v1(&self.workbook.state_vector(room).unwrap()).unwrap().get(&own);
        self.saved.get(&room).is_some_and(|saved| saved.get(&own) >= clock)
    }

    /// Whether the server has said that something another client wrote into a room over this peer's line is on disk.
    pub fn is_saved_of(&self, room: RoomId, client: u64) -> bool {
        self.saved.get(&room).is_some_and(|saved| saved.get(&ClientID::new(client)) > 0)
    }

    /// Takes messages until something is so.
    pub async fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while !is_so(self) {
            let message = tokio::time::timeout_at(deadline, self.inbox.recv()).await;
            let Ok(Some((source, message))) = message else {
                panic!("waited in vain for {what}; refused: {:?}, closed: {:?}", self.refusals, self.closed)
            };
            self.take(source, message).await;
        }
    }

    async fn take(&mut self, source: Source, message: Message) {
        match (source, message) {
            (_, Message::Close(frame)) => {
                let code = frame.map_or(1005, |frame: CloseFrame| frame.code.into());
                self.closed.push((source, code));
                self.past.extend(source.filter(|_| code == 4409));
            }
            (Some(room), Message::Binary(bytes)) => match YMessage::decode_v1(&bytes).unwrap() {
                YMessage::Sync(SyncMessage::SyncStep1(_)) if self.past.contains(&room) => {}
                YMessage::Sync(SyncMessage::SyncStep1(vector)) => {
                    let missing = self.workbook.encode_state(room, Some(&vector.encode_v1())).unwrap();
                    let answer = YMessage::Sync(SyncMessage::SyncStep2(missing)).encode_v1();
                    for piece in pieces(answer) {
                        self.send(source, Message::binary(piece)).await;
                    }
                }
                YMessage::Sync(SyncMessage::SyncStep2(update)) => {
                    if let Some(at) = self.past.iter().position(|past| *past == room) {
                        self.past.swap_remove(at);
                        if let Some(again) = self.workbook.rebase(room, &update).unwrap() {
                            self.send_update(room, again.update).await;
                        }
                    } else {
                        self.workbook.apply_update(room, &update).unwrap();
                    }
                    self.synced.push(room);
                }
                YMessage::Sync(SyncMessage::Update(update)) => self.workbook.apply_update(room, &update).unwrap(),
                YMessage::Awareness(update) => {
                    for (client, entry) in update.clients {
                        self.presence.insert(client.get(), entry.json.to_string());
                    }
                }
                _ => {}
            },
            (None, Message::Text(text)) => match serde_json::from_str(&text).unwrap() {
                refused @ ToPeer::Refused { .. } => {
                    if let ToPeer::Refused { room, code, .. } = &refused {
                        self.refusals.push((*room, code.clone()));
                    }
                    self.refused.push(refused);
                }
                ToPeer::Saved { room, state } => {
                    let state = decode_base64(&state);
                    self.workbook.acknowledge(room, &state);
                    let state = StateVector::decode_v1(&state).unwrap();
                    self.saved.entry(room).or_default().merge(state);
                }
                ToPeer::Hello { rooms, writer, incarnation, .. } => {
                    self.grants.clone_from(&rooms);
                    // Whoever comes back writes on under the first id.
                    if self.writer == 0 {
                        self.workbook.set_client(writer);
                        self.writer = writer;
                    }
                    self.incarnation = incarnation;
                    self.notices.push(ToPeer::Rooms { rooms });
                }
                notice => self.notices.push(notice),
            },
            _ => {}
        }
    }
}

fn decode_base64(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u8> = text.trim_end_matches('=').bytes().map(digit).collect();
    let join = |group: &[u8]| {
        let bits = group.iter().fold(0_u32, |bits, digit| (bits << 6) | u32::from(*digit)) << (6 * (4 - group.len()));
        bits.to_be_bytes()[1..group.len()].to_vec()
    };
    digits.chunks(4).flat_map(join).collect()
}
