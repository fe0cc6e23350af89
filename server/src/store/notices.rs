//! What people are to be told until they have seen it.

use grid_engine::refs::PersonId;
use grid_engine::wire::ToPeer;
use rusqlite::Connection;

use super::{Pending, Store, StoreError, WorkbookId, parse};

/// Notices kept for one person in one workbook; older ones give way.
pub const MAX_NOTICES: usize = 50;

/// Something that a person is to be told.
#[derive(Clone, Debug)]
pub struct NewNotice {
    pub person: PersonId,
    /// Rises within the workbook.
    pub number: u64,
    pub notice: ToPeer,
}

/// Keeps notices, with what gave rise to them.
pub(super) fn keep(connection: &Connection, workbook: &str, notices: &[NewNotice]) -> Result<(), StoreError> {
    for NewNotice { person, number, notice } in notices {
        let body = serde_json::to_string(notice).map_err(|error| StoreError::Invalid(error.to_string()))?;
        let person = person.to_string();
        connection
            .prepare_cached("INSERT INTO notices (workbook, person, number, body) VALUES (?1, ?2, ?3, ?4)")?
            .execute((workbook, &person, *number as i64, body))?;
        connection
            .prepare_cached(
                "DELETE FROM notices WHERE workbook = ?1 AND person = ?2 AND number <= (SELECT number FROM notices
                 WHERE workbook = ?1 AND person = ?2 ORDER BY number DESC LIMIT 1 OFFSET ?3)",
            )?
            .execute((workbook, &person, MAX_NOTICES as i64))?;
    }
    Ok(())
}

impl Store {
    /// The notices of a workbook, oldest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn notices(&self, workbook: WorkbookId) -> Result<Vec<NewNotice>, StoreError> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT person, number, body FROM notices WHERE workbook = ?1 ORDER BY number")?;
            let mut rows = statement.query([workbook.to_string()])?;
            let mut notices = Vec::new();
            while let Some(row) = rows.next()? {
                let (person, number, body): (String, i64, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
                match serde_json::from_str(&body) {
                    Ok(notice) => {
                        notices.push(NewNotice {
                            person: parse(&person, "the person")?,
                            number: number as u64,
                            notice,
                        });
                    }
                    // No reason to keep a workbook closed.
                    Err(error) => tracing::warn!(%workbook, person, %error, "a notice cannot be read"),
                }
            }
            Ok(notices)
        })
    }

    /// Takes notices away that somebody has seen.
    pub fn forget_notices(&self, workbook: WorkbookId, person: PersonId, numbers: Vec<u64>) -> Pending<()> {
        self.write(move |connection| {
            let mut statement =
                connection.prepare_cached("DELETE FROM notices WHERE workbook = ?1 AND person = ?2 AND number = ?3")?;
            let (workbook, person) = (workbook.to_string(), person.to_string());
            for number in &numbers {
                statement.execute((&workbook, &person, *number as i64))?;
            }
            Ok(())
        })
    }
}
