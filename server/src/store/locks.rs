//! What nobody may change at present.

use grid_engine::refs::PersonId;
use grid_engine::wire::{Lock, MAX_LOCKS, NewLock};
use rusqlite::OptionalExtension;

use super::audit::{self, NewEntry};
use super::{Pending, Store, StoreError, WorkbookId, parse};

/// A lock to be put, and what the edit log says of it.
pub struct StoredLock {
    pub of: NewLock,
    pub by: PersonId,
    pub at: i64,
    pub note: String,
}

impl Store {
    /// The locks of a workbook, oldest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn locks(&self, workbook: WorkbookId) -> Result<Vec<Lock>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT locks.id, person, coalesce(people.name, ''), locks.at, body FROM locks
                 LEFT JOIN people ON people.id = person WHERE workbook = ?1 ORDER BY locks.id",
            )?;
            let mut rows = statement.query([workbook.to_string()])?;
            let mut locks = Vec::new();
            while let Some(row) = rows.next()? {
                let (person, body): (String, String) = (row.get(1)?, row.get(4)?);
                let of = serde_json::from_str(&body)
                    .map_err(|error| StoreError::Corrupt(format!("a lock is damaged: {error}")))?;
                locks.push(Lock {
                    id: row.get(0)?,
                    of,
                    by: parse(&person, "the person")?,
                    by_name: row.get(2)?,
                    at: row.get(3)?,
                });
            }
            Ok(locks)
        })
    }

    /// Puts a lock on; its number.
    pub fn put_lock(&self, workbook: WorkbookId, lock: StoredLock) -> Pending<i64> {
        let key = self.audit_key();
        self.write(move |connection| {
            let workbook = workbook.to_string();
            let standing: i64 =
                connection
                    .query_row("SELECT count(*) FROM locks WHERE workbook = ?1", [&workbook], |row| row.get(0))?;
            if standing >= MAX_LOCKS as i64 {
                return Err(StoreError::Invalid(format!("{MAX_LOCKS} locks stand: take some off first")));
            }
            let StoredLock { of, by, at, note } = lock;
            let body = serde_json::to_string(&of).map_err(|error| StoreError::Invalid(error.to_string()))?;
            connection.execute(
                "INSERT INTO locks (workbook, person, at, body) VALUES (?1, ?2, ?3, ?4)",
                (&workbook, by.to_string(), at, body),
            )?;
            let id = connection.last_insert_rowid();
            let entry =
                NewEntry { at, person: by, workbook: &workbook, room: "", kind: "lock", body: &note, content: &[] };
            audit::append(connection, &key, &entry)?;
            Ok(id)
        })
    }

    /// Takes a lock off, and says so in the edit log.
    pub fn take_lock_off(&self, workbook: WorkbookId, id: i64, by: PersonId, at: i64, note: String) -> Pending<()> {
        let key = self.audit_key();
        self.write(move |connection| {
            let workbook = workbook.to_string();
            let gone = connection
                .query_row("DELETE FROM locks WHERE workbook = ?1 AND id = ?2 RETURNING id", (&workbook, id), |row| {
                    row.get::<_, i64>(0)
                })
                .optional()?;
            if gone.is_none() {
                return Err(StoreError::Missing(format!("the lock {id}")));
            }
            let entry =
                NewEntry { at, person: by, workbook: &workbook, room: "", kind: "unlock", body: &note, content: &[] };
            audit::append(connection, &key, &entry).map(|_| ())
        })
    }
}
