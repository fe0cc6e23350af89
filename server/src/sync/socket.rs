//! The sockets: between a peer's connection and the workbook's task.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use grid_engine::refs::RoomId;
use grid_engine::wire::{FromPeer, Me};
use tokio::time::Instant;

use super::command::{Command, LiveWorkbook};
use super::peer::{Closing, OutboxReader, PeerNumber, cost, outbox};
use super::protocol::{MAX_FRAME, read_frame};

/// Largest text a peer may send on `/live`.
const MAX_TEXT: usize = 64 << 10;
/// A connection without life this long after a ping is dead.
const PING_EVERY: Duration = Duration::from_secs(25);
/// Reading a frame takes at most this long, or the reader is as good as gone.
const SEND_LIMIT: Duration = Duration::from_secs(30);
/// A peer that does not take its farewell does without.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// Frames of one peer that are taken in a second; beyond it they wait in the peer's own network, not in our memory.
const FRAMES_PER_SECOND: u32 = 500;

/// Whether a session still stands as it was when the socket was opened; the closing to send where not.
pub type StillValid = Arc<dyn Fn() -> Option<Closing> + Send + Sync>;

/// Serves one room to one peer until either ends it.
pub async fn serve_room(
    socket: WebSocket,
    workbook: LiveWorkbook,
    peer: PeerNumber,
    me: Arc<Me>,
    room: RoomId,
    still_valid: StillValid,
) {
    let (outbox, reader) = outbox();
    let join = Command::JoinRoom { peer, me, room, outbox };
    serve(socket, workbook, peer, join, reader, still_valid, |message| match message {
        Message::Binary(bytes) if bytes.len() > MAX_FRAME => Err(Closing::too_large(MAX_FRAME, bytes.len())),
        Message::Binary(bytes) => Ok(Some(match read_frame(&bytes) {
            Ok(message) => Command::Sync { peer, message },
            Err(error) => Command::Malformed { peer, reason: error.to_string() },
        })),
        Message::Text(_) => Err(Closing { code: 1003, reason: "this socket takes binary frames".into() }),
        _ => Ok(None),
    })
    .await;
}

/// Serves values and notices to one peer until either ends it.
pub async fn serve_live(
    socket: WebSocket,
    workbook: LiveWorkbook,
    peer: PeerNumber,
    me: Arc<Me>,
    still_valid: StillValid,
) {
    let (outbox, reader) = outbox();
    let join = Command::JoinLive { peer, me, outbox };
    serve(socket, workbook, peer, join, reader, still_valid, |message| match message {
        Message::Text(text) if text.len() > MAX_TEXT => Err(Closing::too_large(MAX_TEXT, text.len())),
        Message::Text(text) => match serde_json::from_str::<FromPeer>(&text) {
            Ok(message) => Ok(Some(Command::Live { peer, message })),
            Err(error) => Err(Closing::malformed(format!("message.malformed: {error}"))),
        },
        Message::Binary(_) => Err(Closing { code: 1003, reason: "this socket takes text frames".into() }),
        _ => Ok(None),
    })
    .await;
}

async fn serve(
    socket: WebSocket,
    workbook: LiveWorkbook,
    peer: PeerNumber,
    join: Command,
    reader: OutboxReader,
    still_valid: StillValid,
    read: impl Fn(Message) -> Result<Option<Command>, Closing>,
) {
    let (mut sink, stream) = socket.split();
    if workbook.send(join).await.is_err() {
        farewell(&mut sink, Closing::again("workbook.reopening")).await;
        return;
    }
    let closing = tokio::select! {
        closing = write_all(&mut sink, reader, still_valid) => closing,
        closing = read_all(stream, &workbook, read) => closing,
    };
    if let Some(closing) = closing {
        farewell(&mut sink, closing).await;
    }
    // The task may have ended, and with it the peer's place there.
    let _ = workbook.send(Command::Leave { peer }).await;
}

/// Sends what is queued, until told to close (`Some`) or the network ends (`None`).
async fn write_all(
    sink: &mut SplitSink<WebSocket, Message>,
    mut reader: OutboxReader,
    still_valid: StillValid,
) -> Option<Closing> {
    let mut ping = tokio::time::interval(PING_EVERY);
    ping.tick().await;
    loop {
        let message = tokio::select! {
            biased;
            closing = &mut reader.close => return Some(closing.unwrap_or_else(|_| Closing::again("workbook.reopening"))),
            message = reader.queue.recv() => match message {
                Some(message) => message,
                None => return Some(Closing::again("workbook.reopening")),
            },
            _ = ping.tick() => match still_valid() {
                Some(closing) => return Some(closing),
                None => Message::Ping(Default::default()),
            },
        };
        let is_queued = !matches!(message, Message::Ping(_));
        let size = cost(&message);
        let sent = tokio::select! {
            biased;
            closing = &mut reader.close => return Some(closing.unwrap_or_else(|_| Closing::again("workbook.reopening"))),
            sent = tokio::time::timeout(SEND_LIMIT, sink.send(message)) => sent,
        };
        match sent {
            Ok(Ok(())) if is_queued => reader.sent(size),
            Ok(Ok(())) => {}
            Ok(Err(_)) => return None,
            Err(_) => return Some(Closing::again("too.slow")),
        }
    }
}

/// Passes on what the peer sends, until it breaks a rule (`Some`) or ends (`None`).
async fn read_all(
    mut stream: SplitStream<WebSocket>,
    workbook: &LiveWorkbook,
    read: impl Fn(Message) -> Result<Option<Command>, Closing>,
) -> Option<Closing> {
    let mut second = Instant::now();
    let mut taken = 0;
    while let Some(Ok(message)) = stream.next().await {
        taken += 1;
        if taken > FRAMES_PER_SECOND {
            tokio::time::sleep_until(second + Duration::from_secs(1)).await;
        }
        if second.elapsed() >= Duration::from_secs(1) {
            (second, taken) = (Instant::now(), 1);
        }
        match pass_on(message, workbook, &read).await {
            ControlFlow::Continue(()) => {}
            ControlFlow::Break(closing) => return Some(closing),
        }
    }
    None
}

async fn pass_on(
    message: Message,
    workbook: &LiveWorkbook,
    read: &impl Fn(Message) -> Result<Option<Command>, Closing>,
) -> ControlFlow<Closing> {
    match read(message) {
        Ok(None) => ControlFlow::Continue(()),
        Ok(Some(command)) => match workbook.send(command).await {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(Closing::again("workbook.reopening")),
        },
        Err(closing) => ControlFlow::Break(closing),
    }
}

async fn farewell(sink: &mut SplitSink<WebSocket, Message>, closing: Closing) {
    // A close frame has room for 123 bytes of reason.
    let mut end = closing.reason.len().min(123);
    while !closing.reason.is_char_boundary(end) {
        end -= 1;
    }
    let frame = CloseFrame { code: closing.code, reason: closing.reason[..end].into() };
    let _ = tokio::time::timeout(CLOSE_LIMIT, sink.send(Message::Close(Some(frame)))).await;
}
