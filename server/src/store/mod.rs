//! The store: one SQLite file `equipoise.db` in the data folder.
//!
//! Writes go through one thread with group commit ([`Pending`] answers after the disk has them);
//! reads take short connections of their own. Only this room knows SQL.

mod accounts;
mod alerts;
mod answers;
mod audit;
mod backup;
mod blobs;
mod branches;
mod comments;
mod contents;
mod cycles;
mod facts;
mod locks;
mod names;
mod notices;
mod people;
mod preferences;
mod rooms;
mod scenarios;
mod schema;
mod sessions;
mod settings;
mod sharing;
mod taken;
mod tokens;
mod versions;
mod workbooks;
mod writer;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags};

use crate::metrics::Metrics;

pub use audit::{AuditReport, CellChange, EditRecord, verify_audit};
pub use backup::{back_up, restore};
pub use branches::{BranchStart, NewStoredBranch};
pub use comments::NewCall;
pub use facts::StoredFacts;
pub use locks::StoredLock;
pub(crate) use names::{MAX_COMMENT, are_alike, flaw_of_name, is_blank, taken_name, unfit_name};
pub use notices::{MAX_NOTICES, NewNotice};
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
    /// A name or a text that may not be; the message says what may.
    #[error("{0}")]
    Unfit(String),
    /// The disk failed once: what it says afterwards cannot be relied upon.
    #[error("{0}")]
    Broken(String),
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
    audit_key: audit::AuditKey,
    metrics: Arc<Metrics>,
    writer: writer::Writer,
}

impl Store {
    /// Opens the data folder, making folder and file when missing.
    ///
    /// # Errors
    /// When the folder cannot be written, the file is damaged, or a newer program made it.
    pub fn open(data_dir: &Path) -> Result<Self, StoreError> {
        Self::start(data_dir, |_, _| Ok(()))
    }

    /// Opens a data folder that must be there: for commands that only read.
    ///
    /// # Errors
    /// When the folder holds no data, and as [`Store::open`].
    pub fn open_existing(data_dir: &Path) -> Result<Self, StoreError> {
        if !data_dir.join(FILE).is_file() {
            return Err(StoreError::Missing(format!("data file {}", data_dir.join(FILE).display())));
        }
        Self::open(data_dir)
    }

    /// Opens the data folder as [`Store::open`] does, and reads every page first and what it holds: what is damaged must not be
    /// served, nor built upon.
    ///
    /// # Errors
    /// As [`Store::open`]; the damaged page, room, layer or version is named.
    pub fn open_checked(data_dir: &Path) -> Result<Self, StoreError> {
        let store = Self::start(data_dir, backup::check_pages)?;
        store.read(contents::check)?;
        Ok(store)
    }

    fn start(
        data_dir: &Path,
        check: impl FnOnce(&Connection, &Path) -> Result<(), StoreError>,
    ) -> Result<Self, StoreError> {
        private_folder(data_dir)?;
        let path = data_dir.join(FILE);
        let fail = |error| StoreError::Folder { path: path.clone(), error: Arc::new(error) };
        // A key without what was sealed with it: the file was lost or emptied, and an empty one must not take its place.
        let key = data_dir.join(audit::KEY_FILE);
        if path.metadata().map_or(0, |about| about.len()) == 0 && key.exists() {
            return Err(StoreError::Corrupt(format!(
                "{} is missing or empty, but {} is there: the data was lost. Restore a backup (equipoise restore); to begin \
                 anew, remove that key as well",
                path.display(),
                key.display()
            )));
        }
        if !path.exists() {
            private_file(&path).map_err(fail)?;
        }
        let mut connection = Connection::open(&path)?;
        set_up(&connection)?;
        let damaged = |error: rusqlite::Error| match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => StoreError::Corrupt(
                format!("{} is damaged ({error}). Restore a backup (equipoise restore)", path.display()),
            ),
            Some(
                rusqlite::ErrorCode::SystemIoFailure | rusqlite::ErrorCode::DiskFull | rusqlite::ErrorCode::CannotOpen,
            ) => StoreError::Broken(format!(
                "{} cannot be written ({error}): is the disk full, or the folder read-only?",
                path.display()
            )),
            _ => error.into(),
        };
        connection.pragma_update(None, "journal_mode", "WAL").map_err(damaged)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        // A slow reader must not let the write-ahead log grow for ever.
        connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
        check(&connection, &path)?;
        let audit_key = schema::migrate(&mut connection, |connection, found| {
            let key = audit::AuditKey::load(data_dir, connection)?;
            if found < schema::SEALED {
                key.seal_found_end(connection)?;
            } else {
                key.check_end(connection, data_dir)?;
            }
            if found < schema::WITH_TAIL_SUMS {
                sharing::sum_found_tails(connection)?;
            }
            Ok(key)
        })?;
        let metrics = Arc::<Metrics>::default();
        let writer = writer::Writer::start(connection, metrics.clone()).map_err(fail)?;
        Ok(Self(Arc::new(Inner { path, readers: Mutex::default(), audit_key, metrics, writer })))
    }

    fn audit_key(&self) -> audit::AuditKey {
        self.0.audit_key.clone()
    }

    /// What the server measures.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.0.metrics
    }

    /// Why nothing is written any more; `None` while all is well.
    pub fn trouble(&self) -> Option<String> {
        self.0.writer.trouble()
    }

    /// Why nothing is written any more, asked anew: where the last write failed, for want of room say, another is tried, for
    /// nobody may come who would write while this is said. `None` while all is well.
    pub async fn trouble_now(&self) -> Option<String> {
        self.trouble()?;
        // A few pages, gone again with the same commit.
        let tried =
            "INSERT INTO settings VALUES ('tried', hex(zeroblob(8192))); DELETE FROM settings WHERE name = 'tried'";
        // How it went is what the writer tells next.
        let _ = self.write(move |connection| Ok(connection.execute_batch(tried)?)).await;
        self.trouble()
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

    /// Bytes of the data file that hold something: what was freed is used again before the file grows.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn used_bytes(&self) -> Result<u64, StoreError> {
        self.read(|connection| {
            let figure = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, u32>(0));
            let pages = figure("page_count")?.saturating_sub(figure("freelist_count")?);
            Ok(u64::from(pages) * u64::from(figure("page_size")?))
        })
    }

    /// Whether the store answers (for the health check).
    ///
    /// # Errors
    /// When it does not.
    pub fn check(&self) -> Result<(), StoreError> {
        self.read(|c| Ok(c.query_row("SELECT 1", [], |_| Ok(()))?))
    }
}

/// Opens a folder's data beside the server that may be using it.
fn open_for_reading(folder: &Path) -> Result<Connection, StoreError> {
    let path = folder.join(FILE);
    if !path.exists() {
        return Err(StoreError::Missing(format!("the data file {}", path.display())));
    }
    let connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    set_up(&connection)?;
    let Err(error) = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())) else {
        return Ok(connection);
    };
    if error.sqlite_error_code() != Some(rusqlite::ErrorCode::CannotOpen) {
        return Err(error.into());
    }
    // Beside a file with a write-ahead log SQLite makes another, which a folder nobody may write does not let it. Where
    // there is no log to read, the file alone is all there is.
    let log = folder.join(format!("{FILE}-wal"));
    if std::fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        return Err(StoreError::Broken(format!(
            "{} cannot be read while {} is there and the folder is read-only: copy the folder to where it can be \
             written",
            path.display(),
            log.display()
        )));
    }
    let address = format!("file:{}?immutable=1", uri_path(&path));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(address, flags)?;
    set_up(&connection)?;
    Ok(connection)
}

/// A path as an address of SQLite's has it.
fn uri_path(path: &Path) -> String {
    let escaped = |byte: u8| match byte {
        b'?' | b'#' | b'%' => format!("%{byte:02x}"),
        _ => char::from(byte).to_string(),
    };
    path.to_string_lossy().bytes().map(escaped).collect()
}

/// Makes a folder that only this user may read.
fn private_folder(folder: &Path) -> Result<(), StoreError> {
    let made = if folder.exists() {
        Ok(())
    } else {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)
    };
    made.map_err(|error| StoreError::Folder { path: folder.to_owned(), error: Arc::new(error) })
}

/// Makes a new file that only this user may read: it holds people's plans, and the hashes of their passwords.
fn private_file(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use grid_engine::refs::PersonId;

    use super::*;

    #[tokio::test]
    async fn d2_a_disk_that_has_room_again_is_found_out_without_a_visitor() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let limit = |more: i64| {
            store.write(move |connection| {
                let count: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
                let limit = format!("PRAGMA max_page_count = {}", count + more);
                Ok(connection.query_row(&limit, [], |_| Ok(()))?)
            })
        };
        assert_eq!(store.trouble_now().await, None);
        limit(0).await.unwrap();
        let note = store.note(1, PersonId::named("ada").unwrap(), "person", "x".repeat(20_000)).await;
        let full = note.unwrap_err();
        assert!(full.is_full(), "{full:?}");
        assert!(store.trouble_now().await.is_some(), "as full as before");
        limit(100).await.unwrap();
        assert_eq!(store.trouble_now().await, None);
    }
}
