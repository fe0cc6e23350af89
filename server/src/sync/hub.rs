//! The open workbooks of this process: each opened once, by whoever comes first.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::runtime::Handle;
use tokio::sync::{Mutex, OnceCell, mpsc, oneshot};

use super::command::{Command, LiveWorkbook, QUEUE};
use super::peer::PeerNumber;
use super::replica::{Load, LoadError, Replica};
use crate::store::{Store, WorkbookId};

/// Formulas may nest and chain deeply; the evaluation's own limits are below this.
const STACK: usize = 64 << 20;

/// A workbook that does not answer for this long is not waited for.
const BUSY: std::time::Duration = std::time::Duration::from_secs(1);

/// All open workbooks.
pub struct Hub {
    store: Store,
    /// The program started for jobs.
    program: PathBuf,
    open: Mutex<HashMap<WorkbookId, Arc<OnceCell<Running>>>>,
    next_peer: Arc<AtomicU64>,
}

struct Running {
    workbook: LiveWorkbook,
    ended: Mutex<Option<oneshot::Receiver<()>>>,
}

impl Hub {
    /// A hub without open workbooks; `program` is started for jobs.
    pub fn new(store: Store, program: PathBuf) -> Self {
        Self { store, program, open: Mutex::default(), next_peer: Arc::new(AtomicU64::new(1)) }
    }

    /// Numbers for new peers.
    pub fn peer_numbers(&self) -> impl Fn() -> PeerNumber + Send + use<> {
        let next = self.next_peer.clone();
        move || PeerNumber(next.fetch_add(1, Ordering::Relaxed))
    }

    /// The workbook, opened if need be. However many ask at once, it is loaded once.
    ///
    /// # Errors
    /// When it does not exist or something of it cannot be read: it is never opened with less than was stored.
    pub async fn workbook(&self, id: WorkbookId) -> Result<LiveWorkbook, LoadError> {
        let cell = {
            let mut open = self.open.lock().await;
            let cell = open.entry(id).or_default();
            if cell.get().is_some_and(|running| running.workbook.commands.is_closed()) {
                *cell = Arc::default();
            }
            cell.clone()
        };
        let opened = cell.get_or_try_init(|| self.start(id)).await.map(|running| running.workbook.clone());
        if opened.is_err() {
            // Names of workbooks there are not must not pile up.
            let mut open = self.open.lock().await;
            if open.get(&id).is_some_and(|cell| !cell.initialized()) {
                open.remove(&id);
            }
        }
        opened
    }

    async fn start(&self, id: WorkbookId) -> Result<Running, LoadError> {
        let (commands, queue) = mpsc::channel(QUEUE);
        let (loaded, when_loaded) = oneshot::channel();
        let (ending, ended) = oneshot::channel();
        let (store, program, handle) = (self.store.clone(), self.program.clone(), Handle::current());
        let sender = commands.clone();
        let body = move || {
            // Dropped when this thread ends, however it ends.
            let _ending: oneshot::Sender<()> = ending;
            let _entered = handle.enter();
            let replica = match Replica::load(store, id, program, sender) {
                Ok(replica) => replica,
                Err(error) => return drop(loaded.send(Err(error))),
            };
            drop(loaded.send(Ok(())));
            handle.block_on(replica.run(queue));
        };
        std::thread::Builder::new()
            .name(format!("workbook {id}"))
            .stack_size(STACK)
            .spawn(body)
            .map_err(|error| LoadError::Thread(error.to_string()))?;
        when_loaded.await.unwrap_or_else(|_| Err(LoadError::Thread("it ended while loading".into())))?;
        Ok(Running { workbook: LiveWorkbook { commands }, ended: Mutex::new(Some(ended)) })
    }

    /// How much is going on in every open workbook; one that is busy for long is left out.
    pub async fn loads(&self) -> Vec<Load> {
        let open: Vec<_> = self.open.lock().await.values().cloned().collect();
        let mut loads = Vec::new();
        for running in open.iter().filter_map(|cell| cell.get()) {
            let asked = tokio::time::timeout(BUSY, running.workbook.ask(Replica::load_of)).await;
            loads.extend(asked.ok().and_then(Result::ok));
        }
        loads
    }

    /// Finishes every open workbook: what has arrived is stored and acknowledged, connections are closed.
    pub async fn stop(&self) {
        let open: Vec<_> = self.open.lock().await.drain().map(|(_, cell)| cell).collect();
        let mut ending = Vec::new();
        for running in open.iter().filter_map(|cell| cell.get()) {
            if running.workbook.send(Command::Stop).await.is_ok() {
                ending.extend(running.ended.lock().await.take());
            }
        }
        for ended in ending {
            let _ = ended.await;
        }
    }
}
