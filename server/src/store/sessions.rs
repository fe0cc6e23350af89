//! Sessions, known by the hash of their token: a stolen file opens nothing.

use grid_engine::refs::PersonId;
use rusqlite::OptionalExtension;

use super::people::{Person, person, person_columns};
use super::{Pending, Store, StoreError};

impl Store {
    /// Keeps a session until `expires_at` (milliseconds since 1970) and forgets those that have expired by `now`.
    pub fn put_session(&self, token_hash: [u8; 32], person: PersonId, now: i64, expires_at: i64) -> Pending<()> {
        self.write(move |connection| {
            connection.execute("DELETE FROM sessions WHERE expires_at <= ?1", [now])?;
            connection.execute(
                "INSERT INTO sessions (token_hash, person, expires_at) VALUES (?1, ?2, ?3)",
                (token_hash, person.to_string(), expires_at),
            )?;
            Ok(())
        })
    }

    /// Whose session this is, and until when; `None` for an unknown or expired one.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn session(&self, token_hash: &[u8; 32], now: i64) -> Result<Option<(Person, i64)>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, user, name, title, role, scope, colour, expires_at
                 FROM sessions JOIN people ON people.id = person WHERE token_hash = ?1 AND expires_at > ?2 AND disabled = 0",
            )?;
            let found = statement
                .query_row((token_hash, now), |row| Ok((person_columns(row)?, row.get::<_, i64>(7)?)))
                .optional()?;
            found.map(|(columns, expires_at)| Ok((person(columns)?, expires_at))).transpose()
        })
    }

    /// Ends a session.
    pub fn end_session(&self, token_hash: [u8; 32]) -> Pending<()> {
        self.write(move |connection| {
            connection.execute("DELETE FROM sessions WHERE token_hash = ?1", [token_hash])?;
            Ok(())
        })
    }
}
