//! The sockets: between a peer's connection and the workbook's task.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use grid_engine::refs::RoomId;
use grid_engine::wire::{FromPeer, MAX_FRAME, Me, RoomRequest, split_address};
use tokio::sync::watch;
use tokio::time::Instant;

use super::closing::Closing;
use super::command::{Command, Held, LiveWorkbook};
use super::line::Line;
use super::peer::{Asks, OutboxReader, PeerNumber, outbox, shared_outbox};
use super::pieces::{Pieces, Taken};
use super::protocol::{PeerMessage, read_frame};

/// Rooms on one connection: more than a workbook may have.
const MAX_JOINED: usize = 4000;
/// Largest text a peer may send on `/live`.
const MAX_TEXT: usize = 64 << 10;
/// A connection without life this long after a ping is dead.
const PING_EVERY: Duration = Duration::from_secs(25);
/// A peer that does not take its farewell does without.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// Frames of one peer that are taken in a second; beyond it they wait in the peer's own network, not in our memory.
const FRAMES_PER_SECOND: u32 = 500;

/// Whether a session still stands as it was when the socket was opened; the closing to send where not.
pub type StillValid = Arc<dyn Fn() -> Option<Closing> + Send + Sync>;

/// What a socket asks again and again, and when to ask at once.
pub struct Standing {
    pub still_valid: StillValid,
    /// Moves when somebody's rights may have changed.
    pub rights: watch::Receiver<u64>,
}

/// Serves one room to one peer, who may have written before under the ids named, until either ends it.
pub async fn serve_room(
    socket: WebSocket,
    workbook: LiveWorkbook,
    peer: PeerNumber,
    me: Arc<Me>,
    (room, writers): (RoomId, Vec<u64>),
    standing: Standing,
) {
    let (line, stream) = open(socket);
    let (outbox, reader) = outbox(&workbook.sending, Some(line.clone()));
    let join = Command::JoinRoom { peer, me, room, writers, outbox };
    let read = |message, pieces: &mut Pieces| match message {
        Message::Binary(bytes) if bytes.len() > MAX_FRAME => Err(Closing::too_large(MAX_FRAME, bytes.len())),
        Message::Binary(bytes) => sync_command(peer, &bytes, pieces),
        Message::Text(_) => Err(Closing { code: 1003, reason: "this socket takes binary frames".into() }),
        _ => Ok(Vec::new()),
    };
    serve_one((line, stream), workbook, peer, join, reader, standing, read).await;
}

/// Serves the rooms a peer joins, on one connection, until either ends it.
pub async fn serve_rooms(
    socket: WebSocket,
    workbook: LiveWorkbook,
    next_peer: impl Fn() -> PeerNumber + Send + 'static,
    me: Arc<Me>,
    standing: Standing,
) {
    let (line, stream) = open(socket);
    let (outbox, reader) = shared_outbox(&workbook.sending, Some(line.clone()));
    let mut joined: HashMap<RoomId, PeerNumber> = HashMap::new();
    let read = |message: Message, pieces: &mut Pieces| match message {
        Message::Binary(bytes) if bytes.len() > MAX_FRAME => Err(Closing::too_large(MAX_FRAME, bytes.len())),
        Message::Binary(bytes) => {
            let Some((room, frame)) = split_address(&bytes) else {
                return Err(Closing::malformed("frame.malformed: there is no room before the frame"));
            };
            let Some(&peer) = joined.get(&room) else { return Ok(Vec::new()) };
            sync_command(peer, frame, pieces)
        }
        Message::Text(text) => match serde_json::from_str(&text) {
            Ok(RoomRequest::Join { .. }) if joined.len() >= MAX_JOINED => Err(Closing::full()),
            Ok(RoomRequest::Join { room, writers }) => {
                let peer = next_peer();
                let before = joined.insert(room, peer).map(|peer| Command::Leave { peer });
                let outbox = outbox.of_room(room);
                let join = Command::JoinRoom { peer, me: me.clone(), room, writers, outbox };
                Ok(before.into_iter().chain([join]).collect())
            }
            Ok(RoomRequest::Leave { room }) => {
                Ok(joined.remove(&room).map(|peer| Command::Leave { peer }).into_iter().collect())
            }
            Ok(RoomRequest::Remade { room, age }) => {
                Ok(joined.get(&room).map(|&peer| Command::Remade { peer, age }).into_iter().collect())
            }
            Err(error) => Err(Closing::malformed(format!("message.malformed: {error}"))),
        },
        _ => Ok(Vec::new()),
    };
    serve((line, stream), &workbook, reader, standing, read).await;
    for peer in joined.into_values() {
        let _ = workbook.send(Command::Leave { peer }).await;
    }
}

/// Serves values and notices to one peer until either ends it.
pub async fn serve_live(socket: WebSocket, workbook: LiveWorkbook, peer: PeerNumber, me: Arc<Me>, standing: Standing) {
    let (line, stream) = open(socket);
    let (outbox, reader) = outbox(&workbook.sending, Some(line.clone()));
    let join = Command::JoinLive { peer, me, outbox };
    let read = |message, _: &mut Pieces| match message {
        Message::Text(text) if text.len() > MAX_TEXT => Err(Closing::too_large(MAX_TEXT, text.len())),
        Message::Text(text) => match serde_json::from_str::<FromPeer>(&text) {
            Ok(message) => Ok(vec![Command::Live { peer, message, held: Held::new() }]),
            Err(error) => Err(Closing::malformed(format!("message.malformed: {error}"))),
        },
        Message::Binary(_) => Err(Closing { code: 1003, reason: "this socket takes text frames".into() }),
        _ => Ok(Vec::new()),
    };
    serve_one((line, stream), workbook, peer, join, reader, standing, read).await;
}

/// What a frame of a room asks the workbook's task to do: nothing, while more of it must come.
fn sync_command(peer: PeerNumber, frame: &[u8], pieces: &mut Pieces) -> Result<Vec<Command>, Closing> {
    let (read, held) = match pieces.take(peer, frame)? {
        Taken::Part => return Ok(Vec::new()),
        Taken::Frame(frame) => (read_frame(frame), Held::new()),
        Taken::Whole(frame, held) => (read_frame(&frame), held),
    };
    Ok(vec![match read {
        Ok(message) => Command::Sync { peer, message, arrived: std::time::Instant::now(), held },
        Err(error) => Command::Malformed { peer, reason: error.to_string() },
    }])
}

/// Waits with a question until the connection has read most of what it asked before.
async fn pace(command: &mut Command, asks: &Asks) {
    match command {
        Command::Sync { message: PeerMessage::Step1(_) | PeerMessage::QueryAwareness, held, .. }
        | Command::Live { message: FromPeer::Watch { .. }, held, .. } => held.extend(asks.next().await),
        _ => {}
    }
}

/// Serves a connection that is one peer of the workbook.
async fn serve_one(
    (line, stream): (Arc<Line>, SplitStream<WebSocket>),
    workbook: LiveWorkbook,
    peer: PeerNumber,
    join: Command,
    reader: OutboxReader,
    standing: Standing,
    read: impl FnMut(Message, &mut Pieces) -> Result<Vec<Command>, Closing>,
) {
    if workbook.send(join).await.is_err() {
        farewell(&line, Closing::again("workbook.reopening")).await;
        return;
    }
    serve((line, stream), &workbook, reader, standing, read).await;
    // The task may have ended, and with it the peer's place there.
    let _ = workbook.send(Command::Leave { peer }).await;
}

/// A socket's two directions.
fn open(socket: WebSocket) -> (Arc<Line>, SplitStream<WebSocket>) {
    let (sink, stream) = socket.split();
    (Arc::new(Line::new(sink)), stream)
}

async fn serve(
    (line, stream): (Arc<Line>, SplitStream<WebSocket>),
    workbook: &LiveWorkbook,
    reader: OutboxReader,
    standing: Standing,
    read: impl FnMut(Message, &mut Pieces) -> Result<Vec<Command>, Closing>,
) {
    let asks = reader.asks();
    let closing = tokio::select! {
        biased;
        closing = write_all(&line, reader, standing) => closing,
        closing = read_all(stream, workbook, &asks, read) => closing,
    };
    if let Some(closing) = closing {
        farewell(&line, closing).await;
    }
}

/// Sends what is queued, until told to close (`Some`) or the network ends (`None`).
async fn write_all(line: &Line, mut reader: OutboxReader, mut standing: Standing) -> Option<Closing> {
    let mut ping = tokio::time::interval(PING_EVERY);
    ping.tick().await;
    // The server is ending and tells of no more changes.
    let mut orphaned = false;
    loop {
        let (message, size, leaving) = tokio::select! {
            biased;
            closing = &mut reader.close => return Some(closing.unwrap_or_else(|_| Closing::again("workbook.reopening"))),
            queued = reader.queue.recv() => match queued {
                Some(queued) => (queued.message, Some(queued.size), queued.leaving),
                None => return Some(Closing::again("workbook.reopening")),
            },
            changed = standing.rights.changed(), if !orphaned => {
                orphaned = changed.is_err();
                match (standing.still_valid)() {
                    Some(closing) => return Some(closing),
                    None => continue,
                }
            }
            _ = ping.tick() => match (standing.still_valid)() {
                Some(closing) => return Some(closing),
                None => (Some(Message::Ping(Default::default())), None, reader.leaving()),
            },
        };
        let patience = size.unwrap_or_default().patience();
        let sending = async {
            match message {
                Some(message) => line.send(message).await,
                None => line.flush().await,
            }
        };
        let sent = tokio::select! {
            biased;
            closing = &mut reader.close => return Some(closing.unwrap_or_else(|_| Closing::again("workbook.reopening"))),
            sent = tokio::time::timeout(patience, sending) => sent,
        };
        drop(leaving);
        match sent {
            Ok(Ok(())) => size.into_iter().for_each(|size| reader.sent(size)),
            Ok(Err(_)) => return None,
            Err(_) => return Some(Closing::again("too.slow")),
        }
    }
}

/// Passes on what the peer sends, until it breaks a rule (`Some`) or ends (`None`).
async fn read_all(
    mut stream: SplitStream<WebSocket>,
    workbook: &LiveWorkbook,
    asks: &Asks,
    mut read: impl FnMut(Message, &mut Pieces) -> Result<Vec<Command>, Closing>,
) -> Option<Closing> {
    let mut pieces = Pieces::new(&workbook.budget);
    let mut second = Instant::now();
    let mut taken = 0;
    loop {
        let message = match pieces.until() {
            None => stream.next().await,
            Some(until) => match tokio::time::timeout_at(until, stream.next()).await {
                Ok(message) => message,
                Err(_) => return Some(Closing::again("too.slow")),
            },
        };
        let message = match message? {
            Ok(message) => message,
            Err(error) => return unreadable(&error.to_string()),
        };
        taken += 1;
        if taken > FRAMES_PER_SECOND {
            tokio::time::sleep_until(second + Duration::from_secs(1)).await;
        }
        if second.elapsed() >= Duration::from_secs(1) {
            (second, taken) = (Instant::now(), 1);
        }
        let commands = match read(message, &mut pieces) {
            Ok(commands) => commands,
            Err(closing) => return Some(closing),
        };
        for mut command in commands {
            pace(&mut command, asks).await;
            if workbook.send(command).await.is_err() {
                return Some(Closing::again("workbook.reopening"));
            }
        }
    }
}

/// What to say of bytes that are no message; nothing where the network has ended.
fn unreadable(error: &str) -> Option<Closing> {
    // The library tells kinds of errors apart only in words.
    if error.contains("Message too long") || error.contains("Space limit") {
        return Some(Closing { code: 1009, reason: format!("frame.too_large({MAX_FRAME}): {error}") });
    }
    let is_protocol = error.starts_with("WebSocket protocol error") && !error.contains("without closing handshake");
    is_protocol.then(|| Closing { code: 1002, reason: format!("frame.malformed: {error}") })
}

async fn farewell(line: &Line, closing: Closing) {
    // A close frame has room for 123 bytes of reason.
    let mut end = closing.reason.len().min(123);
    while !closing.reason.is_char_boundary(end) {
        end -= 1;
    }
    let frame = CloseFrame { code: closing.code, reason: closing.reason[..end].into() };
    let _ = tokio::time::timeout(CLOSE_LIMIT, line.send(Message::Close(Some(frame)))).await;
}
