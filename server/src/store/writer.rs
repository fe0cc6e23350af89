//! The one writer: a thread that commits what is queued as one transaction, then acknowledges each.
//!
//! `synchronous=FULL` makes every commit wait for the disk. Many small writes therefore share one
//! commit (group commit), and nobody is told "stored" before that commit has returned.

use std::pin::Pin;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::thread::JoinHandle;
use std::time::Instant;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::StoreError;
use crate::metrics::Metrics;

/// Writes waiting for the thread; beyond it callers wait.
const QUEUE: usize = 4096;
/// Writes of one transaction: bounds how long the first of them waits for its acknowledgement.
const BATCH: usize = 1024;

/// A write on its way to the disk: await it, or [`wait`](Self::wait) for it outside of async code.
#[must_use = "a write is durable only once it has answered"]
pub struct Pending<T>(oneshot::Receiver<Result<T, StoreError>>);

impl<T> Pending<T> {
    /// Blocks until the write is on disk.
    ///
    /// # Errors
    /// What the write or its commit failed with; nothing of it is stored then.
    pub fn wait(self) -> Result<T, StoreError> {
        self.0.blocking_recv().unwrap_or(Err(StoreError::Closed))
    }
}

impl<T> Future for Pending<T> {
    type Output = Result<T, StoreError>;
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = ready!(Pin::new(&mut self.0).poll(context));
        Poll::Ready(answer.unwrap_or(Err(StoreError::Closed)))
    }
}

/// The handle to the writer thread; dropping it finishes what is queued.
pub(super) struct Writer {
    queue: Option<SyncSender<Box<dyn Write>>>,
    thread: Option<JoinHandle<()>>,
    trouble: Trouble,
}

/// Why nothing is written any more.
type Trouble = Arc<Mutex<Option<String>>>;

impl Writer {
    /// Starts the thread on its connection.
    pub fn start(connection: Connection, metrics: Arc<Metrics>) -> std::io::Result<Self> {
        let (queue, writes) = sync_channel(QUEUE);
        let trouble = Trouble::default();
        let told = trouble.clone();
        let thread = std::thread::Builder::new()
            .name("store".into())
            .spawn(move || run(connection, &writes, &metrics, &told))?;
        Ok(Self { queue: Some(queue), thread: Some(thread), trouble })
    }

    /// Why nothing is written any more, or why the last write failed for want of room.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Queues a write. It runs inside a savepoint of its own: when it fails, its neighbours stay.
    pub fn write<T, F>(&self, task: F) -> Pending<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, receiver) = oneshot::channel();
        if let Some(queue) = &self.queue {
            // A failed send drops the request and its answer: the caller reads `Closed`.
            let _ = queue.send(Box::new(Request { task: Some(task), result: None, answer }));
        }
        Pending(receiver)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

trait Write: Send {
    /// Runs in the open transaction; whether to keep what it did.
    fn run(&mut self, connection: &Connection) -> bool;
    /// Why it could not be done, once it ran.
    fn error(&self) -> Option<&StoreError>;
    /// Tells the caller, once the commit has returned.
    fn acknowledge(self: Box<Self>, commit: Result<(), StoreError>);
}

struct Request<T, F> {
    task: Option<F>,
    result: Option<Result<T, StoreError>>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Write for Request<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        self.result = self.task.take().map(|task| task(connection));
        matches!(self.result, Some(Ok(_)))
    }

    fn error(&self) -> Option<&StoreError> {
        self.result.as_ref()?.as_ref().err()
    }

    fn acknowledge(self: Box<Self>, commit: Result<(), StoreError>) {
        let result = self.result.unwrap_or(Err(StoreError::Closed));
        // The caller may have stopped waiting; the write stands.
        let _ = self.answer.send(commit.and(result));
    }
}

fn run(connection: Connection, writes: &Receiver<Box<dyn Write>>, metrics: &Metrics, trouble: &Trouble) {
    let mut standing = Standing::default();
    while let Ok(first) = writes.recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(next) = writes.try_recv()
        {
            batch.push(next);
        }
        let started = Instant::now();
        let commit = standing.check().and_then(|()| commit(&connection, &mut batch));
        metrics.committed.note(started.elapsed());
        if let Err(error) = &commit {
            tracing::error!(%error, writes = batch.len(), "commit failed; nothing of it was stored");
            if !connection.is_autocommit() {
                let _ = connection.execute_batch("ROLLBACK");
            }
        }
        let full = batch.iter().filter_map(|write| write.error()).find(|error| error.is_full());
        let state = standing.after(commit.as_ref().err().or(full));
        *trouble.lock().unwrap_or_else(PoisonError::into_inner) = state;
        for write in batch {
            write.acknowledge(commit.clone());
        }
    }
}

/// Whether there may be further commits.
#[derive(Default)]
struct Standing {
    /// Why there may not.
    broken: Option<String>,
}

impl Standing {
    fn check(&self) -> Result<(), StoreError> {
        self.broken.clone().map_or(Ok(()), |reason| Err(StoreError::Broken(reason)))
    }

    /// Takes how a commit went; what is wrong now.
    fn after(&mut self, error: Option<&StoreError>) -> Option<String> {
        if let Some(error) = error.filter(|error| self.broken.is_none() && is_failed_disk(error)) {
            // After a failed fsync the system may have dropped the pages: the next one would succeed and lie.
            self.broken = Some(format!("the disk failed ({error}); restart the server once it is sound"));
        }
        self.broken.clone().or_else(|| error.map(ToString::to_string))
    }
}

fn is_failed_disk(error: &StoreError) -> bool {
    matches!(error, StoreError::Sqlite(error)
        if error.sqlite_error_code() == Some(rusqlite::ErrorCode::SystemIoFailure))
}

fn commit(connection: &Connection, batch: &mut [Box<dyn Write>]) -> Result<(), StoreError> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    for write in batch {
        connection.execute_batch("SAVEPOINT one_write")?;
        let undo = if write.run(connection) { "" } else { "ROLLBACK TO one_write;" };
        // SQLite may take the whole transaction back where a write finds the disk full: the savepoint went with it.
        if let (true, Some(error)) = (connection.is_autocommit(), write.error()) {
            return Err(error.clone());
        }
        connection.execute_batch(&format!("{undo} RELEASE one_write"))?;
    }
    Ok(connection.execute_batch("COMMIT")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writer() -> Writer {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (n INTEGER UNIQUE); CREATE TABLE commits (n)").unwrap();
        Writer::start(connection, Arc::default()).unwrap()
    }

    fn count(writer: &Writer) -> i64 {
        writer.write(|c| Ok(c.query_row("SELECT count(*) FROM t", [], |row| row.get(0))?)).wait().unwrap()
    }

    #[test]
    fn what_queues_up_shares_a_commit() {
        let writer = writer();
        // Holds the thread inside a first commit until all others are queued.
        let (open, gate) = std::sync::mpsc::channel::<()>();
        let first = writer.write(move |_| Ok(gate.recv().is_ok()));
        let (ids, seen) = std::sync::mpsc::channel();
        let others: Vec<_> = (0..50)
            .map(|n| {
                let ids = ids.clone();
                writer.write(move |c| {
                    c.execute("INSERT INTO t VALUES (?1)", [n])?;
                    let _ = ids.send(c.is_autocommit());
                    Ok(())
                })
            })
            .collect();
        open.send(()).unwrap();
        assert!(first.wait().unwrap());
        others.into_iter().for_each(|write| write.wait().unwrap());
        assert!(seen.try_iter().all(|autocommit| !autocommit));
        assert_eq!(count(&writer), 50);
    }

    /// Row D2: a full disk refuses and recovers.
    #[test]
    fn d2_what_has_no_room_is_refused_and_what_has_goes_on() {
        let writer = writer();
        let limit = |pages: i64| {
            writer
                .write(move |c| {
                    let count: i64 = c.query_row("PRAGMA page_count", [], |row| row.get(0))?;
                    Ok(c.query_row(&format!("PRAGMA max_page_count = {}", count + pages), [], |_| Ok(()))?)
                })
                .wait()
                .unwrap();
        };
        limit(0);
        let fill = || {
            writer.write(|c| {
                c.execute_batch("CREATE TABLE IF NOT EXISTS wide (x BLOB); INSERT INTO wide VALUES (zeroblob(9000))")?;
                Ok(())
            })
        };
        let full = fill().wait().unwrap_err();
        assert!(full.is_full(), "{full}");
        assert!(writer.trouble().is_some());
        assert_eq!(count(&writer), 0, "reading goes on");
        limit(100);
        fill().wait().unwrap();
        assert_eq!(writer.trouble(), None);
    }

    /// Row D2: after a failed fsync the system may have dropped the pages, and the next one would lie.
    #[test]
    fn d2_a_failed_disk_ends_writing_until_a_restart() {
        let failed = || {
            let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_FSYNC);
            StoreError::from(rusqlite::Error::SqliteFailure(code, None))
        };
        assert!(is_failed_disk(&failed()));
        let other = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CONSTRAINT);
        assert!(!is_failed_disk(&StoreError::from(rusqlite::Error::SqliteFailure(other, None))));
        let mut state = Standing::default();
        assert_eq!(state.after(Some(&StoreError::Invalid("a bad write".into()))), Some("a bad write".to_owned()));
        assert!(state.broken.is_none(), "what is wrong with a write is not wrong with the disk");
        assert_eq!(state.after(None), None);
        let told = state.after(Some(&failed())).unwrap();
        assert!(told.contains("restart the server"), "{told}");
        assert_eq!(state.after(None), Some(told.clone()), "it stays so");
        let refused = state.check().unwrap_err();
        assert!(matches!(&refused, StoreError::Broken(reason) if *reason == told), "{refused}");
    }

    #[test]
    fn a_failing_write_leaves_its_neighbours() {
        let writer = writer();
        let good = writer.write(|c| Ok(c.execute("INSERT INTO t VALUES (1)", [])?));
        let bad = writer.write(|c| {
            c.execute("INSERT INTO t VALUES (2)", [])?;
            Ok(c.execute("INSERT INTO t VALUES (1)", [])?)
        });
        assert!(good.wait().is_ok());
        assert!(bad.wait().is_err());
        assert_eq!(count(&writer), 1);
    }

    #[test]
    fn queued_writes_finish_when_the_handle_goes() {
        let writer = writer();
        let late = writer.write(|c| Ok(c.execute("INSERT INTO t VALUES (1)", [])?));
        drop(writer);
        assert_eq!(late.wait().unwrap(), 1);
    }
}
