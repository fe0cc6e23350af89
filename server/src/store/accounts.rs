//! Accounts with a sign-in provider, each known by the subject that the provider gives to nobody else.

use grid_engine::refs::PersonId;
use rusqlite::OptionalExtension;

use super::{Store, StoreError, parse};

impl Store {
    /// Whose account a provider's subject is; `None`: nobody has come with it yet.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn account(&self, issuer: &str, subject: &str) -> Result<Option<PersonId>, StoreError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT person FROM accounts WHERE issuer = ?1 AND subject = ?2")?;
            let found = statement.query_row([issuer, subject], |row| row.get::<_, String>(0)).optional()?;
            found.map(|person| parse(&person, "person")).transpose()
        })
    }

    /// Ties a provider's account to a person until the person is disabled. `false`: the person has come with another account
    /// of this provider before.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn tie_account(&self, issuer: &str, subject: &str, person: PersonId) -> Result<bool, StoreError> {
        let (issuer, subject) = (issuer.to_owned(), subject.to_owned());
        self.write(move |connection| {
            let tied = connection.execute(
                "INSERT INTO accounts (issuer, subject, person) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                (issuer, subject, person.to_string()),
            )?;
            Ok(tied == 1)
        })
        .wait()
    }
}
