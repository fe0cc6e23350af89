//! The open workbooks of this process: each opened once, by whoever comes first.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::{Mutex, OnceCell, mpsc, oneshot};

use super::command::{Command, LiveWorkbook, QUEUE};
use super::host::{Host, Load};
use super::peer::{PeerNumber, Sending};
use super::pieces::Budget;
use super::replica::LoadError;
use crate::scenario_news::News;
use crate::store::{Store, WorkbookId};

/// Formulas may nest and chain deeply; the evaluation's own limits are below this.
const STACK: usize = 64 << 20;

/// A workbook that does not answer for this long is not waited for.
const BUSY: Duration = Duration::from_secs(1);

/// All open workbooks.
pub struct Hub {
    store: Store,
    /// The program started for jobs.
    program: PathBuf,
    news: News,
    open: Mutex<HashMap<WorkbookId, Arc<OnceCell<Running>>>>,
    next_peer: Arc<AtomicU64>,
    budget: Budget,
}

struct Running {
    /// The one sender that is kept: any other is somebody's who uses the workbook.
    workbook: LiveWorkbook,
    ended: Mutex<Option<oneshot::Receiver<()>>>,
    /// When somebody was last seen using it.
    used: std::sync::Mutex<Instant>,
}

impl Running {
    /// Whether nobody has used the workbook for this long. Whoever asks holds the list of open ones, so that nobody
    /// comes meanwhile.
    fn is_idle(&self, idle: Duration) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if self.workbook.commands.strong_count() > 1 {
            *used = Instant::now();
        }
        used.elapsed() >= idle
    }

    /// Has it finish what has arrived, and waits for that.
    async fn end(&self) {
        if self.workbook.send(Command::Stop).await.is_ok()
            && let Some(ended) = self.ended.lock().await.take()
        {
            let _ = ended.await;
        }
    }
}

impl Hub {
    /// A hub without open workbooks; `program` is started for jobs, `news` hears which workbooks read scenarios.
    pub fn new(store: Store, program: PathBuf, news: News) -> Self {
        Self {
            store,
            program,
            news,
            open: Mutex::default(),
            next_peer: Arc::new(AtomicU64::new(1)),
            budget: Budget::default(),
        }
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

    /// The workbook, where it is open.
    pub async fn if_open(&self, id: WorkbookId) -> Option<LiveWorkbook> {
        let open = self.open.lock().await;
        open.get(&id)?.get().map(|running| running.workbook.clone())
    }

    async fn start(&self, id: WorkbookId) -> Result<Running, LoadError> {
        let (commands, queue) = mpsc::channel(QUEUE);
        let (loaded, when_loaded) = oneshot::channel();
        let (ending, ended) = oneshot::channel();
        let (store, program, handle) = (self.store.clone(), self.program.clone(), Handle::current());
        let news = self.news.clone();
        let sending = Arc::<Sending>::default();
        let leaving = sending.clone();
        let sender = commands.downgrade();
        let body = move || {
            // Dropped when this thread ends, however it ends.
            let _ending: oneshot::Sender<()> = ending;
            let _entered = handle.enter();
            let host = match Host::load(store, id, program, sender, news, leaving) {
                Ok(host) => host,
                Err(error) => return drop(loaded.send(Err(error))),
            };
            drop(loaded.send(Ok(())));
            handle.block_on(host.run(queue));
        };
        std::thread::Builder::new()
            .name(format!("workbook {id}"))
            .stack_size(STACK)
            .spawn(body)
            .map_err(|error| LoadError::Thread(error.to_string()))?;
        when_loaded.await.unwrap_or_else(|_| Err(LoadError::Thread("it ended while loading".into())))?;
        let used = std::sync::Mutex::new(Instant::now());
        let workbook = LiveWorkbook { commands, budget: self.budget.clone(), sending };
        Ok(Running { workbook, ended: Mutex::new(Some(ended)), used })
    }

    /// Forgets workbooks that nobody has open, for as long as this future is polled. All they hold is on disk; the next
    /// one who comes opens them again.
    pub async fn forget_idle(&self, idle: Duration) {
        loop {
            tokio::time::sleep((idle / 4).clamp(Duration::from_millis(200), Duration::from_secs(60))).await;
            let mut open = self.open.lock().await;
            let cells: Vec<_> = open.iter().map(|(id, cell)| (*id, cell.clone())).collect();
            for (id, cell) in cells {
                // Ours, the list's, and nobody's who is about to use it.
                if Arc::strong_count(&cell) > 2 || !cell.get().is_some_and(|running| running.is_idle(idle)) {
                    continue;
                }
                let Some(running) = cell.get() else { continue };
                if running.workbook.load().await.is_ok_and(|load| load.is_idle) {
                    running.end().await;
                    open.remove(&id);
                    tracing::info!(workbook = %id, "closed: nobody has it open");
                }
            }
        }
    }

    /// Ends a workbook's task, where it has one: whoever is connected is sent away.
    pub async fn close(&self, id: WorkbookId) {
        let mut open = self.open.lock().await;
        if let Some(running) = open.remove(&id).as_ref().and_then(|cell| cell.get()) {
            running.end().await;
        }
    }

    /// How much is going on in every open workbook; one that is busy for long is left out.
    pub async fn loads(&self) -> Vec<Load> {
        let open: Vec<_> = self.open.lock().await.values().cloned().collect();
        let mut loads = Vec::new();
        for running in open.iter().filter_map(|cell| cell.get()) {
            let asked = tokio::time::timeout(BUSY, running.workbook.load()).await;
            loads.extend(asked.ok().and_then(Result::ok));
        }
        loads
    }

    /// Finishes every open workbook: what has arrived is stored and acknowledged, connections are closed.
    pub async fn stop(&self) {
        let open: Vec<_> = self.open.lock().await.drain().map(|(_, cell)| cell).collect();
        futures_util::future::join_all(open.iter().filter_map(|cell| cell.get()).map(Running::end)).await;
    }
}
