//! A running server: started, served, and ended in order.

use std::fs::{File, TryLockError};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::auth::{Oidc, RightsWatch, SignIn};
use crate::branch::Bases;
use crate::config::Config;
use crate::http;
use crate::revisions::Revisions;
use crate::scenario_news;
use crate::scenarios::Scenarios;
use crate::store::{Store, StoreError};
use crate::sync::{Hub, Seats};

/// What is under way when the server is told to stop may take this long to finish.
const FAREWELL: Duration = Duration::from_secs(5);
/// Held while a server uses the data folder: two would each keep documents the other does not know of.
const LOCK_FILE: &str = "equipoise.lock";

/// Some twenty windows with every room of a workbook open.
const SOCKETS_PER_PERSON: usize = 400;

/// Everything requests need.
pub struct App {
    pub config: Config,
    pub store: Store,
    pub hub: Hub,
    /// What branches that were compared lately began with.
    pub bases: Bases,
    pub scenarios: Scenarios,
    pub revisions: Revisions,
    pub sign_in: SignIn,
    /// Sign-in with accounts kept elsewhere, where it is set up.
    pub oidc: Option<Oidc>,
    pub rights: RightsWatch,
    /// Open sockets by address and by person.
    pub seats: Seats,
    /// What came of opening every workbook once; empty until then.
    pub opened: OnceLock<Opened>,
    /// Every socket holds a copy, so that the end of the last one is seen.
    pub sockets: mpsc::Sender<()>,
}

/// Workbooks opened ahead of the first visitor.
#[derive(Default)]
pub struct Opened {
    pub count: usize,
    /// Those that could not be, and why.
    pub failed: Vec<String>,
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("another server uses the data folder {0}; stop it or choose another folder")]
    InUse(String),
    #[error("the data folder {path} cannot be locked: {error}")]
    Lock { path: String, error: std::io::Error },
    #[error("cannot listen on {address}: {error}")]
    Listen { address: SocketAddr, error: std::io::Error },
    #[error("serving failed: {0}")]
    Serve(std::io::Error),
}

/// Serves until `stop` resolves; `ready` is told the address once requests are answered.
///
/// # Errors
/// See [`StartError`].
pub async fn serve(
    config: Config,
    ready: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), StartError> {
    std::fs::create_dir_all(&config.data)
        .map_err(|error| StartError::Lock { path: config.data.display().to_string(), error })?;
    let _lock = lock(&config.data)?;
    let store = Store::open_checked(&config.data)?;
    let address = config.listen;
    let listener = TcpListener::bind(address).await.map_err(|error| StartError::Listen { address, error })?;
    let address = listener.local_addr().map_err(|error| StartError::Listen { address, error })?;
    // A saved mark follows an update at once; held back until that is confirmed, it would come 40 ms late.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::warn!(%error, "small frames of a connection may be held back");
        }
    });
    let (sockets, mut all_closed) = mpsc::channel(1);
    let (news, heard) = mpsc::unbounded_channel();
    let hub = Hub::new(store.clone(), config.job_program.clone(), news.clone());
    let seats = Seats::new(config.sockets_per_address, SOCKETS_PER_PERSON);
    let oidc = config.oidc.clone().zip(config.public_url.as_deref()).map(|(oidc, url)| Oidc::new(oidc, url));
    let app = Arc::new(App {
        bases: Bases::default(),
        scenarios: Scenarios::new(store.clone(), config.job_program.clone(), news),
        revisions: Revisions::default(),
        sign_in: SignIn::new()?,
        oidc,
        rights: RightsWatch::default(),
        seats,
        opened: OnceLock::new(),
        config,
        store,
        hub,
        sockets,
    });
    let router = http::router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let stopping = app.clone();
    let (stopped, when_stopped) = tokio::sync::oneshot::channel::<()>();
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        stop.await;
        tracing::info!("stopping");
        tokio::spawn(async move {
            stopping.hub.stop().await;
            drop(stopped);
        });
    });
    ready(address);
    tokio::spawn(scenario_news::tell(Arc::downgrade(&app), heard));
    tokio::spawn(open_all(app.clone()));
    let watching = Arc::downgrade(&app);
    let watch = tokio::spawn(async move {
        if let Some(app) = watching.upgrade() {
            app.rights.run(&app.store).await;
        }
    });
    let sweeping = app.clone();
    let sweep = tokio::spawn(async move { sweeping.hub.forget_idle(sweeping.config.idle).await });
    // New connections end at once; requests under way and open sockets get a moment.
    let served = tokio::select! {
        served = server.into_future() => served.map_err(StartError::Serve),
        () = async {
            let _ = when_stopped.await;
            tokio::time::sleep(FAREWELL).await;
        } => Ok(()),
    };
    watch.abort();
    sweep.abort();
    drop(app);
    let _ = tokio::time::timeout(FAREWELL, all_closed.recv()).await;
    served
}

/// Opens every workbook ahead of the first visitor.
async fn open_all(app: Arc<App>) {
    let workbooks = app.store.list_workbooks().unwrap_or_default();
    let mut opened = Opened::default();
    for workbook in workbooks {
        match app.hub.workbook(workbook.id).await {
            Ok(_) => opened.count += 1,
            Err(error) => {
                tracing::error!(workbook = %workbook.id, %error, "a workbook cannot be opened");
                opened.failed.push(format!("{}: {error}", workbook.id));
            }
        }
    }
    // It is opened once.
    let _ = app.opened.set(opened);
}

/// Keeps a data folder for this process, for as long as the file is held.
///
/// # Errors
/// When another process has it, or it cannot be written to.
pub fn lock(data: &Path) -> Result<File, StartError> {
    let path = data.join(LOCK_FILE);
    let name = data.display().to_string();
    let file = File::create(path).map_err(|error| StartError::Lock { path: name.clone(), error })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartError::InUse(name)),
        Err(TryLockError::Error(error)) => Err(StartError::Lock { path: name, error }),
    }
}
