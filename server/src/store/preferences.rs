//! How people have the interface.

use grid_engine::refs::PersonId;
use grid_engine::wire::Preferences;
use rusqlite::OptionalExtension;

use super::{Pending, Store, StoreError};

impl Store {
    /// What a person chose; the defaults where nothing was.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn preferences(&self, person: PersonId) -> Result<Preferences, StoreError> {
        let found: Option<String> = self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT body FROM preferences WHERE person = ?1")?;
            Ok(statement.query_row([person.to_string()], |row| row.get(0)).optional()?)
        })?;
        // What a newer program has written and this one does not know is no reason to keep somebody out.
        Ok(found.and_then(|body| serde_json::from_str(&body).ok()).unwrap_or_default())
    }

    /// Keeps what a person chose.
    pub fn put_preferences(&self, person: PersonId, preferences: Preferences) -> Pending<()> {
        self.write(move |connection| {
            let body = serde_json::to_string(&preferences).map_err(|error| StoreError::Invalid(error.to_string()))?;
            connection.execute(
                "INSERT INTO preferences (person, body) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET body = excluded.body",
                (person.to_string(), body),
            )?;
            Ok(())
        })
    }
}
