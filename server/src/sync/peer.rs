//! One connection, as the workbook's task sees it: a bounded outbox, and a way to close it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::ws::Message;
use grid_engine::refs::RoomId;
use grid_engine::wire::{RoomClosed, addressed};
use tokio::sync::{mpsc, oneshot};

/// Bytes that may wait for a slow reader before it is sent away to join afresh: the values of the largest sheets,
/// which a peer asks for all at once.
const MAX_WAITING: usize = 8 << 20;
/// What a message costs beside its bytes, so that a flood of tiny ones is bounded too.
const MESSAGE_COST: usize = 64;

/// Tells connections apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PeerNumber(pub u64);

/// Why a connection is closed. The codes are WebSocket close codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    pub code: u16,
    pub reason: String,
}

impl Closing {
    /// The bytes were not acceptable.
    pub fn malformed(reason: impl Into<String>) -> Self {
        Self { code: 4400, reason: reason.into() }
    }

    /// The session has ended.
    pub fn signed_out() -> Self {
        Self { code: 4401, reason: "auth.required".into() }
    }

    /// Not this person's to read or write.
    pub fn forbidden(reason: impl Into<String>) -> Self {
        Self { code: 4403, reason: reason.into() }
    }

    /// The peer reads too slowly, or the workbook must be opened afresh: join again.
    pub fn again(reason: impl Into<String>) -> Self {
        Self { code: 1013, reason: reason.into() }
    }

    /// What it wrote was understood and is not taken; what it holds of the room is not what others hold.
    pub fn refused(reason: impl Into<String>) -> Self {
        Self { code: 4422, reason: reason.into() }
    }

    /// What it holds of the room is of another epoch: it must begin with an empty document.
    pub fn past() -> Self {
        Self { code: 4409, reason: "room.epoch: the room goes on in a fresh document; begin with an empty one".into() }
    }

    /// A frame over the limit.
    pub fn too_large(limit: usize, got: usize) -> Self {
        Self { code: 1009, reason: format!("frame.too_large({limit}, {got})") }
    }

    /// More connections than the workbook can serve.
    pub fn full() -> Self {
        Self { code: 4429, reason: "room.full".into() }
    }

    /// Whether it concerns all that is on the connection.
    fn is_of_connection(&self) -> bool {
        matches!(self.code, 1012 | 1013)
    }

    /// The server goes down and will be back.
    pub fn restart() -> Self {
        Self { code: 1012, reason: "server.restart".into() }
    }
}

/// Where messages to a peer are queued. Never waits: a peer whose queue is full is closed, because leaving a
/// message out would silently lose a change.
pub struct Outbox {
    queue: mpsc::UnboundedSender<Message>,
    waiting: Arc<AtomicUsize>,
    end: End,
}

/// What closing an outbox closes.
enum End {
    /// A connection of its own.
    Connection(oneshot::Sender<Closing>),
    /// A room among others on one connection, and that connection.
    Room(RoomId, SharedEnd),
    Closed,
}

/// The socket's end of an [`Outbox`].
pub struct OutboxReader {
    pub queue: mpsc::UnboundedReceiver<Message>,
    waiting: Arc<AtomicUsize>,
    pub close: oneshot::Receiver<Closing>,
}

/// A new outbox and its reader.
pub fn outbox() -> (Outbox, OutboxReader) {
    let (sender, queue) = mpsc::unbounded_channel();
    let (close_sender, close) = oneshot::channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    let outbox = Outbox { queue: sender, waiting: waiting.clone(), end: End::Connection(close_sender) };
    (outbox, OutboxReader { queue, waiting, close })
}

/// Gives rooms their outboxes on one connection.
pub struct SharedOutbox {
    queue: mpsc::UnboundedSender<Message>,
    waiting: Arc<AtomicUsize>,
    end: SharedEnd,
}

/// Taken by whoever closes the connection.
type SharedEnd = Arc<Mutex<Option<oneshot::Sender<Closing>>>>;

/// An outbox for many rooms, and its reader.
pub fn shared_outbox() -> (SharedOutbox, OutboxReader) {
    let (queue, reader) = mpsc::unbounded_channel();
    let (close_sender, close) = oneshot::channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    let outbox = SharedOutbox { queue, waiting: waiting.clone(), end: Arc::new(Mutex::new(Some(close_sender))) };
    (outbox, OutboxReader { queue: reader, waiting, close })
}

impl SharedOutbox {
    /// The outbox of one room.
    pub fn of_room(&self, room: RoomId) -> Outbox {
        Outbox { queue: self.queue.clone(), waiting: self.waiting.clone(), end: End::Room(room, self.end.clone()) }
    }
}

impl Outbox {
    /// Queues a message. A peer too far behind is closed instead.
    pub fn send(&mut self, message: Message) {
        if self.waiting.load(Ordering::Relaxed) > MAX_WAITING {
            self.close(Closing::again("too.slow"));
            return;
        }
        let message = match (&self.end, message) {
            (End::Closed, _) => return,
            (End::Room(room, _), Message::Binary(frame)) => Message::Binary(addressed(*room, &frame).into()),
            (_, message) => message,
        };
        self.queue(message);
    }

    fn queue(&self, message: Message) {
        self.waiting.fetch_add(cost(&message), Ordering::Relaxed);
        // The socket may have gone meanwhile; its departure is on its way here.
        let _ = self.queue.send(message);
    }

    /// Closes the connection, and drops what is queued. For a room on a shared connection only the room is closed,
    /// unless the connection itself is too slow or the server ends.
    pub fn close(&mut self, closing: Closing) {
        match std::mem::replace(&mut self.end, End::Closed) {
            End::Connection(close) => drop(close.send(closing)),
            End::Room(_, shared) if closing.is_of_connection() => {
                let close = shared.lock().ok().and_then(|mut end| end.take());
                drop(close.map(|close| close.send(closing)));
            }
            End::Room(room, _) => {
                let Closing { code, reason } = closing;
                match serde_json::to_string(&RoomClosed { room, code, reason }) {
                    Ok(text) => self.queue(Message::Text(text.into())),
                    Err(error) => tracing::error!(%error, "a farewell cannot be written as JSON"),
                }
            }
            End::Closed => {}
        }
    }

    /// Bytes that wait for the network.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Whether it was closed from here.
    pub fn is_closed(&self) -> bool {
        matches!(self.end, End::Closed)
    }
}

impl OutboxReader {
    /// Notes that a message has left for the network.
    pub fn sent(&self, cost: usize) {
        self.waiting.fetch_sub(cost, Ordering::Relaxed);
    }
}

/// What a message counts for.
pub fn cost(message: &Message) -> usize {
    MESSAGE_COST
        + match message {
            Message::Text(text) => text.len(),
            Message::Binary(bytes) => bytes.len(),
            _ => 0,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_too_far_behind_is_closed_and_told_why() {
        let (mut outbox, mut reader) = outbox();
        let large = Message::Binary(vec![0; MAX_WAITING + 1].into());
        outbox.send(large.clone());
        assert!(!outbox.is_closed(), "one large message is always sent: a room's state");
        outbox.send(large.clone());
        assert!(outbox.is_closed());
        assert_eq!(reader.close.try_recv().unwrap().code, 1013);
        assert!(reader.queue.try_recv().is_ok());
        assert!(reader.queue.try_recv().is_err(), "nothing is sent after a gap");
    }

    #[test]
    fn a_room_that_closes_leaves_the_connection_to_the_others() {
        let (shared, mut reader) = shared_outbox();
        let (mut first, mut second) = (shared.of_room(RoomId::Book), shared.of_room("demand".parse().unwrap()));
        first.close(Closing::forbidden("acl.write"));
        first.send(Message::Binary(vec![1].into()));
        second.send(Message::Binary(vec![2].into()));
        let told = reader.queue.try_recv().unwrap().into_text().unwrap();
        assert_eq!(told.as_str(), r#"{"room":"book","code":4403,"reason":"acl.write"}"#);
        assert_eq!(reader.queue.try_recv().unwrap().into_data().as_ref(), b"\x06demand\x02");
        assert!(reader.queue.try_recv().is_err() && reader.close.try_recv().is_err());
        assert!(first.is_closed() && !second.is_closed());
        second.close(Closing::restart());
        assert_eq!(reader.close.try_recv().unwrap().code, 1012);
    }

    #[test]
    fn a_reader_that_keeps_up_stays() {
        let (mut outbox, mut reader) = outbox();
        for _ in 0..100 {
            outbox.send(Message::Binary(vec![0; MAX_WAITING / 4].into()));
            let message = reader.queue.try_recv().unwrap();
            reader.sent(cost(&message));
        }
        assert!(!outbox.is_closed());
    }
}
