//! What people are to be told when they are back.

use grid_engine::refs::PersonId;
use grid_engine::wire::ToPeer;

use super::{Pending, Store, StoreError, WorkbookId, parse};

/// Notices kept for one person in one workbook; older ones give way.
pub const MAX_NOTICES: usize = 50;

impl Store {
    /// The notices of a workbook, oldest first, and whom they are for.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn notices(&self, workbook: WorkbookId) -> Result<Vec<(PersonId, ToPeer)>, StoreError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT person, body FROM notices WHERE workbook = ?1 ORDER BY id")?;
            let mut rows = statement.query([workbook.to_string()])?;
            let mut notices = Vec::new();
            while let Some(row) = rows.next()? {
                let (person, body): (String, String) = (row.get(0)?, row.get(1)?);
                match serde_json::from_str(&body) {
                    Ok(notice) => notices.push((parse(&person, "the person")?, notice)),
                    // No reason to keep a workbook closed.
                    Err(error) => tracing::warn!(%workbook, person, %error, "a notice cannot be read"),
                }
            }
            Ok(notices)
        })
    }

    /// Keeps a notice for somebody who is away.
    pub fn keep_notice(&self, workbook: WorkbookId, person: PersonId, at: i64, notice: ToPeer) -> Pending<()> {
        self.write(move |connection| {
            let body = serde_json::to_string(&notice).map_err(|error| StoreError::Invalid(error.to_string()))?;
            let of = (workbook.to_string(), person.to_string());
            connection.execute(
                "INSERT INTO notices (workbook, person, at, body) VALUES (?1, ?2, ?3, ?4)",
                (&of.0, &of.1, at, body),
            )?;
            connection.execute(
                "DELETE FROM notices WHERE workbook = ?1 AND person = ?2 AND id <= (
                    SELECT id FROM notices WHERE workbook = ?1 AND person = ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3)",
                (of.0, of.1, MAX_NOTICES as i64),
            )?;
            Ok(())
        })
    }

    /// Takes the notices of somebody away: they were told.
    pub fn forget_notices(&self, workbook: WorkbookId, person: PersonId) -> Pending<()> {
        self.write(move |connection| {
            connection.execute(
                "DELETE FROM notices WHERE workbook = ?1 AND person = ?2",
                (workbook.to_string(), person.to_string()),
            )?;
            Ok(())
        })
    }
}
