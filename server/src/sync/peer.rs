//! One connection, as the workbook's task sees it: a bounded outbox, and a way to close it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::ws::Message;
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

    /// A frame over the limit.
    pub fn too_large(limit: usize, got: usize) -> Self {
        Self { code: 1009, reason: format!("frame.too_large({limit}, {got})") }
    }

    /// More connections than the workbook can serve.
    pub fn full() -> Self {
        Self { code: 4429, reason: "room.full".into() }
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
    close: Option<oneshot::Sender<Closing>>,
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
    let outbox = Outbox { queue: sender, waiting: waiting.clone(), close: Some(close_sender) };
    (outbox, OutboxReader { queue, waiting, close })
}

impl Outbox {
    /// Queues a message. A peer too far behind is closed instead.
    pub fn send(&mut self, message: Message) {
        if self.waiting.load(Ordering::Relaxed) > MAX_WAITING {
            self.close(Closing::again("too.slow"));
            return;
        }
        self.waiting.fetch_add(cost(&message), Ordering::Relaxed);
        // The socket may have gone meanwhile; its departure is on its way here.
        let _ = self.queue.send(message);
    }

    /// Closes the connection; what is queued is dropped.
    pub fn close(&mut self, closing: Closing) {
        if let Some(close) = self.close.take() {
            let _ = close.send(closing);
        }
    }

    /// Whether it was closed from here.
    pub fn is_closed(&self) -> bool {
        self.close.is_none()
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
