//! One connection, as the workbook's task sees it: a bounded outbox, and a way to close it.
//!
//! News (what others do) and answers (what the peer asked for: the state of a room, the values of a sheet) wait in one
//! queue, in order, and are counted apart. A reader whom news pile up for is too slow. Answers are as large as what was
//! asked for, however fast it is read, so whoever asks waits instead: the next question is taken when most of the last
//! answers are gone ([`Asks`]).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::ws::Message;
use grid_engine::refs::RoomId;
use grid_engine::wire::{RoomClosed, addressed};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::closing::Closing;
use super::line::{AtOnce, Line};

/// News that may wait for a slow reader, in bytes, before it is sent away to join afresh.
const MAX_NEWS: usize = 1 << 20;
/// A message counts for no more than this: a bulk edit that others must hear is not slow reading.
const MOST_OF_ONE: usize = MAX_NEWS / 4;
/// Answers that may wait, in bytes. Who asks is slowed long before; values also come when they change.
const MAX_ANSWERS: usize = 64 << 20;
/// Answers that may wait when the next question is taken, in bytes.
const FEW_ANSWERS: usize = 1 << 20;
/// Questions taken before the first is answered.
const ASKS: usize = 4;
/// Larger ones are left to the connection's own task: the workbook's has others to tell.
const SMALL: usize = 16 << 10;
/// What a message costs beside its bytes, so that a flood of tiny ones is bounded too.
const MESSAGE_COST: usize = 64;

/// Tells connections apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PeerNumber(pub u64);

/// What a message is to a peer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sent {
    /// What has happened.
    #[default]
    News,
    /// What the peer asked for.
    Answer,
}

/// A message on its way to a peer.
pub struct Queued {
    /// `None`: the line has it already, and the network is to take it.
    pub message: Option<Message>,
    pub size: Size,
    /// Until it has left.
    pub leaving: Leaving,
}

/// Messages of all of a workbook's connections that wait for the network.
#[derive(Default)]
pub struct Sending {
    messages: AtomicUsize,
    /// The last one has left.
    all_left: Notify,
}

impl Sending {
    /// Waits until nothing waits.
    pub async fn all_left(&self) {
        while self.messages.load(Ordering::Relaxed) > 0 {
            self.all_left.notified().await;
        }
    }
}

/// Counts a message as waiting until it is dropped.
pub struct Leaving(Arc<Waiting>);

impl Leaving {
    fn new(waiting: &Arc<Waiting>) -> Self {
        waiting.messages.fetch_add(1, Ordering::AcqRel);
        waiting.of_workbook.messages.fetch_add(1, Ordering::Relaxed);
        Self(waiting.clone())
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.messages.fetch_sub(1, Ordering::AcqRel);
        if self.0.of_workbook.messages.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.0.of_workbook.all_left.notify_one();
        }
    }
}

/// What a message counts for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Size {
    bytes: usize,
    sent: Sent,
}

/// What waits for the network on one connection.
struct Waiting {
    of_workbook: Arc<Sending>,
    messages: AtomicUsize,
    bytes: AtomicUsize,
    news: AtomicUsize,
    answers: AtomicUsize,
    /// Something has left.
    left: Notify,
}

impl Waiting {
    fn new(of_workbook: &Arc<Sending>) -> Arc<Self> {
        let [messages, bytes, news, answers] = [0; 4].map(AtomicUsize::new);
        Arc::new(Self { of_workbook: of_workbook.clone(), messages, bytes, news, answers, left: Notify::new() })
    }

    fn is_full(&self, sent: Sent) -> bool {
        match sent {
            Sent::News => self.news.load(Ordering::Relaxed) > MAX_NEWS,
            Sent::Answer => self.answers.load(Ordering::Relaxed) > MAX_ANSWERS,
        }
    }

    /// Counts a message: as bytes, and as what it is.
    fn count(&self, size: Size, step: impl Fn(&AtomicUsize, usize)) {
        let cost = MESSAGE_COST + size.bytes;
        step(&self.bytes, cost);
        match size.sent {
            Sent::News => step(&self.news, cost.min(MOST_OF_ONE)),
            Sent::Answer => step(&self.answers, cost),
        }
    }
}

impl Size {
    fn of(message: &Message, sent: Sent) -> Self {
        let bytes = match message {
            Message::Text(text) => text.len(),
            Message::Binary(bytes) => bytes.len(),
            _ => 0,
        };
        Self { bytes, sent }
    }

    /// How long the network may take at most: half a minute, and a second more for every 32 kB.
    pub fn patience(self) -> Duration {
        Duration::from_secs(30) + Duration::from_millis(self.bytes as u64 / 32)
    }
}

/// Where messages to a peer are queued. Never waits: a peer whose queue is full is closed, because leaving a
/// message out would silently lose a change.
pub struct Outbox {
    queue: mpsc::UnboundedSender<Queued>,
    waiting: Arc<Waiting>,
    line: Option<Arc<Line>>,
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
    pub queue: mpsc::UnboundedReceiver<Queued>,
    waiting: Arc<Waiting>,
    pub close: oneshot::Receiver<Closing>,
}

/// Paces what a connection asks for.
pub struct Asks {
    open: Arc<Semaphore>,
    waiting: Arc<Waiting>,
}

impl Asks {
    /// Waits until the next question may be taken. It is open until what is returned is dropped: its answer must be
    /// queued by then.
    pub async fn next(&self) -> Option<OwnedSemaphorePermit> {
        let permit = self.open.clone().acquire_owned().await.ok();
        while self.waiting.answers.load(Ordering::Relaxed) > FEW_ANSWERS {
            self.waiting.left.notified().await;
        }
        permit
    }
}

/// A new outbox and its reader. Without a line everything is queued.
pub fn outbox(sending: &Arc<Sending>, line: Option<Arc<Line>>) -> (Outbox, OutboxReader) {
    let (sender, queue) = mpsc::unbounded_channel();
    let (close_sender, close) = oneshot::channel();
    let waiting = Waiting::new(sending);
    let outbox = Outbox { queue: sender, waiting: waiting.clone(), line, end: End::Connection(close_sender) };
    (outbox, OutboxReader { queue, waiting, close })
}

/// Gives rooms their outboxes on one connection.
pub struct SharedOutbox {
    queue: mpsc::UnboundedSender<Queued>,
    waiting: Arc<Waiting>,
    line: Option<Arc<Line>>,
    end: SharedEnd,
}

/// Taken by whoever closes the connection.
type SharedEnd = Arc<Mutex<Option<oneshot::Sender<Closing>>>>;

/// An outbox for many rooms, and its reader.
pub fn shared_outbox(sending: &Arc<Sending>, line: Option<Arc<Line>>) -> (SharedOutbox, OutboxReader) {
    let (queue, reader) = mpsc::unbounded_channel();
    let (close_sender, close) = oneshot::channel();
    let waiting = Waiting::new(sending);
    let outbox = SharedOutbox { queue, waiting: waiting.clone(), line, end: Arc::new(Mutex::new(Some(close_sender))) };
    (outbox, OutboxReader { queue: reader, waiting, close })
}

impl SharedOutbox {
    /// The outbox of one room.
    pub fn of_room(&self, room: RoomId) -> Outbox {
        let (queue, waiting, line) = (self.queue.clone(), self.waiting.clone(), self.line.clone());
        Outbox { queue, waiting, line, end: End::Room(room, self.end.clone()) }
    }
}

impl Outbox {
    /// Queues a message. A peer too far behind is closed instead.
    pub fn send(&mut self, message: Message, sent: Sent) {
        if self.waiting.is_full(sent) {
            self.close(Closing::again("too.slow"));
            return;
        }
        let message = match (&self.end, message) {
            (End::Closed, _) => return,
            (End::Room(room, _), Message::Binary(frame)) => Message::Binary(addressed(*room, &frame).into()),
            (_, message) => message,
        };
        self.queue(message, sent);
    }

    /// Sends a message at once where nothing waits before it, and queues it otherwise.
    fn queue(&self, message: Message, sent: Sent) {
        let size = Size::of(&message, sent);
        let is_free = || self.waiting.messages.load(Ordering::Acquire) == 0;
        let message = match &self.line {
            Some(line) if size.bytes <= SMALL && is_free() => match line.at_once(message, is_free) {
                AtOnce::Sent => return,
                AtOnce::Begun => None,
                AtOnce::NotNow(message) => Some(message),
            },
            _ => Some(message),
        };
        self.waiting.count(size, |count, cost| _ = count.fetch_add(cost, Ordering::Relaxed));
        // The socket may have gone meanwhile; its departure is on its way here.
        let leaving = Leaving::new(&self.waiting);
        let _ = self.queue.send(Queued { message, size, leaving });
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
                    Ok(text) => self.queue(Message::Text(text.into()), Sent::News),
                    Err(error) => tracing::error!(%error, "a farewell cannot be written as JSON"),
                }
            }
            End::Closed => {}
        }
    }

    /// Bytes that wait for the network.
    pub fn waiting(&self) -> usize {
        self.waiting.bytes.load(Ordering::Relaxed)
    }

    /// Whether it was closed from here.
    pub fn is_closed(&self) -> bool {
        matches!(self.end, End::Closed)
    }
}

impl OutboxReader {
    /// Counts a message that the socket itself is about to send.
    pub fn leaving(&self) -> Leaving {
        Leaving::new(&self.waiting)
    }

    /// Notes that a message has left for the network.
    pub fn sent(&self, size: Size) {
        self.waiting.count(size, |count, cost| _ = count.fetch_sub(cost, Ordering::Relaxed));
        self.waiting.left.notify_one();
    }

    /// Paces what the connection asks for.
    pub fn asks(&self) -> Asks {
        Asks { open: Arc::new(Semaphore::new(ASKS)), waiting: self.waiting.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(length: usize) -> Message {
        Message::Binary(vec![0; length].into())
    }

    /// Row B9.
    #[test]
    fn b9_a_reader_too_far_behind_is_closed_and_told_why() {
        let (mut outbox, mut reader) = outbox(&Arc::default(), None);
        let each = MAX_NEWS / 8 - MESSAGE_COST;
        for _ in 0..8 {
            outbox.send(bytes(each), Sent::News);
        }
        outbox.send(bytes(1), Sent::News);
        assert!(!outbox.is_closed(), "up to the limit");
        outbox.send(bytes(1), Sent::News);
        assert!(outbox.is_closed());
        assert_eq!(reader.close.try_recv().unwrap().code, 1013);
        let queued = std::iter::from_fn(|| reader.queue.try_recv().ok()).count();
        assert_eq!(queued, 9, "nothing is sent after a gap");
    }

    /// Row B9.
    #[test]
    fn b9_what_was_asked_for_and_one_bulk_edit_are_not_slow_reading() {
        let (mut outbox, _reader) = outbox(&Arc::default(), None);
        outbox.send(bytes(8 * MAX_NEWS), Sent::Answer);
        outbox.send(bytes(4 * MAX_NEWS), Sent::News);
        outbox.send(bytes(1), Sent::News);
        assert!(!outbox.is_closed());
        for _ in 0..MAX_ANSWERS / MAX_NEWS {
            outbox.send(bytes(MAX_NEWS), Sent::Answer);
        }
        assert!(outbox.is_closed(), "answers have an end too");
    }

    #[tokio::test]
    async fn who_asks_waits_until_it_has_read() {
        let (mut outbox, mut reader) = outbox(&Arc::default(), None);
        let asks = reader.asks();
        let is_next = async || tokio::time::timeout(Duration::from_millis(20), asks.next()).await.is_ok();
        let open: Vec<_> = [asks.next().await, asks.next().await, asks.next().await, asks.next().await].into();
        assert!(!is_next().await, "four questions are open");
        drop(open);
        assert!(is_next().await);
        outbox.send(bytes(FEW_ANSWERS + 1), Sent::Answer);
        assert!(!is_next().await, "the answer is not read yet");
        let size = reader.queue.try_recv().unwrap().size;
        reader.sent(size);
        assert!(is_next().await);
    }

    #[test]
    fn a_room_that_closes_leaves_the_connection_to_the_others() {
        let (shared, mut reader) = shared_outbox(&Arc::default(), None);
        let (mut first, mut second) = (shared.of_room(RoomId::Book), shared.of_room("demand".parse().unwrap()));
        first.close(Closing::forbidden("acl.write"));
        first.send(bytes(1), Sent::News);
        second.send(Message::Binary(vec![2].into()), Sent::News);
        let told = reader.queue.try_recv().unwrap().message.unwrap().into_text().unwrap();
        assert_eq!(told.as_str(), r#"{"room":"book","code":4403,"reason":"acl.write"}"#);
        assert_eq!(reader.queue.try_recv().unwrap().message.unwrap().into_data().as_ref(), b"\x06demand\x02");
        assert!(reader.queue.try_recv().is_err() && reader.close.try_recv().is_err());
        assert!(first.is_closed() && !second.is_closed());
        second.close(Closing::restart());
        assert_eq!(reader.close.try_recv().unwrap().code, 1012);
    }

    #[test]
    fn a_reader_that_keeps_up_stays() {
        let (mut outbox, mut reader) = outbox(&Arc::default(), None);
        for _ in 0..100 {
            outbox.send(bytes(MAX_NEWS), Sent::News);
            let size = reader.queue.try_recv().unwrap().size;
            reader.sent(size);
        }
        assert!(!outbox.is_closed());
    }
}
