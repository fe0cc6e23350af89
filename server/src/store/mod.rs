//! The store: one SQLite file `equipoise.db` in the data folder.
//!
//! Writes go through one thread with group commit ([`Pending`] answers after the disk has them);
//! reads take short connections of their own. Only this room knows SQL.

mod answers;
mod facts;
mod people;
mod rooms;
mod schema;
mod sessions;
mod versions;
mod workbooks;
mod writer;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags};

pub use facts::StoredFacts;
pub(crate) use people::{MAX_PASSWORD, hash_password, is_password};
pub use people::{NewPerson, Person, person_id};
pub use rooms::{AppendedUpdate, NewUpdate, StoredRoom};
pub use versions::NewVersion;
pub use workbooks::{NewWorkbook, WorkbookId};
pub use writer::Pending;

/// Name of the database in the data folder.
const FILE: &str = "equipoise.db";
/// Readers kept open between reads; more are opened under load and closed after.
const IDLE_READERS: usize = 4;

/// Why the store could not do what was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the data file: {0}")]
    Sqlite(Arc<rusqlite::Error>),
    #[error("the data folder {path}: {error}")]
    Folder { path: PathBuf, error: Arc<std::io::Error> },
    /// What is stored cannot be read back; the message says what and where.
    #[error("{0}")]
    Corrupt(String),
    #[error("{0} exists already")]
    Exists(String),
    #[error("{0} does not exist")]
    Missing(String),
    #[error("{0}")]
    Invalid(String),
    #[error("the store is closed")]
    Closed,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(Arc::new(error))
    }
}

impl StoreError {
    /// Whether the disk is full: reading goes on, nothing can be acknowledged.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Sqlite(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull))
    }
}

/// The store of one data folder. Clones share it; the last one to go finishes what is queued.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    path: PathBuf,
    readers: Mutex<Vec<Connection>>,
    writer: writer::Writer,
}

impl Store {
    /// Opens the data folder, making folder and file when missing.
    ///
    /// # Errors
    /// When the folder cannot be written, the file is damaged, or a newer program made it.
    pub fn open(data_dir: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(data_dir)
            .map_err(|error| StoreError::Folder { path: data_dir.to_owned(), error: Arc::new(error) })?;
        let path = data_dir.join(FILE);
        let mut connection = Connection::open(&path)?;
        set_up(&connection)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        // A slow reader must not let the write-ahead log grow for ever.
        connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
        schema::migrate(&mut connection)?;
        let writer = writer::Writer::start(connection)
            .map_err(|error| StoreError::Folder { path: path.clone(), error: Arc::new(error) })?;
        Ok(Self(Arc::new(Inner { path, readers: Mutex::default(), writer })))
    }

    /// Reads with a connection of its own, so that no reader waits for the writer.
    fn read<T>(&self, task: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let idle = self.readers().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => {
                let connection = Connection::open_with_flags(&self.0.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
                set_up(&connection)?;
                connection
            }
        };
        let result = task(&connection);
        let mut readers = self.readers();
        if readers.len() < IDLE_READERS {
            readers.push(connection);
        }
        result
    }

    fn readers(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        // The list is whole after any panic: it is only pushed to and popped from.
        self.0.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write<T, F>(&self, task: F) -> Pending<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.0.writer.write(task)
    }

    /// Whether the store answers (for the health check).
    ///
    /// # Errors
    /// When it does not.
    pub fn check(&self) -> Result<(), StoreError> {
        self.read(|c| Ok(c.query_row("SELECT 1", [], |_| Ok(()))?))
    }
}

fn set_up(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    // A damaged or forged file must not run functions hidden in its schema.
    connection.pragma_update(None, "trusted_schema", "OFF")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Compresses a blob for the store.
fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    // Writing to memory cannot fail; an empty blob would be refused when read back.
    encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default()
}

/// The bytes of a packed blob; `what` names it where it is damaged.
fn unpack(packed: &[u8], what: &str) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    flate2::read::ZlibDecoder::new(packed)
        .read_to_end(&mut bytes)
        .map_err(|error| StoreError::Corrupt(format!("{what} is damaged: {error}")))?;
    Ok(bytes)
}

/// Reads an id from a text column.
fn parse<T: std::str::FromStr>(text: &str, what: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt(format!("{what} {text:?} in the data file is not valid")))
}
