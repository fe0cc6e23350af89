//! Personal access tokens, known by their hash as sessions are.

use grid_engine::refs::{Id, PersonId};
use grid_engine::wire::TokenInfo;
use rusqlite::OptionalExtension;

use super::people::{Person, person, person_columns};
use super::{Pending, Store, StoreError, parse};

impl Store {
    /// Keeps a token.
    pub fn put_token(&self, person: PersonId, hash: [u8; 32], info: TokenInfo) -> Pending<()> {
        self.write(move |connection| {
            connection.execute(
                "INSERT INTO tokens (id, hash, person, name, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                (info.id.to_string(), hash, person.to_string(), info.name, info.created_at, info.expires_at),
            )?;
            Ok(())
        })
    }

    /// Whose token this is; `None` for an unknown or expired one, or where the person may not sign in any more.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn token_person(&self, hash: &[u8; 32], now: i64) -> Result<Option<Person>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT people.id, user, people.name, title, role, scope, colour
                 FROM tokens JOIN people ON people.id = person
                 WHERE hash = ?1 AND expires_at > ?2 AND disabled = 0",
            )?;
            statement.query_row((hash, now), person_columns).optional()?.map(person).transpose()
        })
    }

    /// A person's tokens, newest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn tokens(&self, person: PersonId) -> Result<Vec<TokenInfo>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, name, created_at, expires_at FROM tokens WHERE person = ?1 ORDER BY created_at DESC",
            )?;
            let rows = statement.query_map([person.to_string()], |row| {
                Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })?;
            rows.map(|row| {
                let (id, name, created_at, expires_at) = row?;
                Ok(TokenInfo { id: parse(&id, "token")?, name, created_at, expires_at })
            })
            .collect()
        })
    }

    /// Ends a person's token.
    pub fn end_token(&self, person: PersonId, id: Id) -> Pending<()> {
        self.write(move |connection| {
            let ended = connection
                .execute("DELETE FROM tokens WHERE id = ?1 AND person = ?2", (id.to_string(), person.to_string()))?;
            if ended == 0 { Err(StoreError::Missing(format!("token {id}"))) } else { Ok(()) }
        })
    }
}
