//! The months' cycles, and who has submitted.

use grid_engine::plan::{Cycle, Done};
use grid_engine::refs::RoomId;
use rusqlite::{Connection, OptionalExtension};

use super::{Pending, Store, StoreError, WorkbookId};

impl Store {
    /// The cycles of a workbook, newest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn cycles(&self, workbook: WorkbookId) -> Result<Vec<Cycle>, StoreError> {
        let texts: Vec<String> = self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT body FROM cycles WHERE workbook = ?1 ORDER BY month DESC")?;
            let rows = statement.query_map([workbook.to_string()], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })?;
        texts.iter().map(|text| read_cycle(text)).collect()
    }

    /// Changes the cycle of a month, from what it is at that moment; `change` may refuse, and then nothing changes.
    pub fn change_cycle(
        &self,
        workbook: WorkbookId,
        month: String,
        change: impl FnOnce(&mut Cycle) -> Result<(), String> + Send + 'static,
    ) -> Pending<()> {
        self.write(move |connection| {
            let mut cycle = match find(connection, workbook, &month)? {
                Some(text) => read_cycle(&text)?,
                None => Cycle::of_month(&month).ok_or_else(|| StoreError::Invalid(format!("{month:?} is no month")))?,
            };
            change(&mut cycle).map_err(StoreError::Invalid)?;
            cycle.revision += 1;
            let text = serde_json::to_string(&cycle).map_err(|error| StoreError::Invalid(error.to_string()))?;
            connection.execute(
                "INSERT INTO cycles (workbook, month, body) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET body = excluded.body",
                (workbook.to_string(), &month, text),
            )?;
            Ok(())
        })
    }

    /// Who has submitted which parts for a month, by their key values.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn submissions(&self, workbook: WorkbookId, month: &str) -> Result<Vec<(String, Done)>, StoreError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT part, by, at FROM submissions WHERE workbook = ?1 AND month = ?2")?;
            let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, Done { by: row.get(1)?, at: row.get(2)? }));
            let rows = statement.query_map((workbook.to_string(), month), read)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Who changed a room last since a part was submitted, if anyone.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn changed_since_submission(
        &self,
        workbook: WorkbookId,
        month: &str,
        part: &str,
        room: RoomId,
    ) -> Result<Option<Done>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT coalesce(people.name, ''), audit.at FROM submissions
                 JOIN audit ON audit.seq > submissions.seq LEFT JOIN people ON people.id = audit.person
                 WHERE submissions.workbook = ?1 AND month = ?2 AND part = ?3
                    AND audit.workbook = ?1 AND audit.room = ?4 AND audit.kind = 'edit'
                 ORDER BY audit.seq DESC LIMIT 1",
            )?;
            let read = |row: &rusqlite::Row<'_>| Ok(Done { by: row.get(0)?, at: row.get(1)? });
            let found = statement.query_row((workbook.to_string(), month, part, room.to_string()), read);
            Ok(found.optional()?)
        })
    }

    /// Says that a part is submitted for a month, or takes that back.
    pub fn submit(&self, workbook: WorkbookId, month: String, part: String, done: Option<Done>) -> Pending<()> {
        self.write(move |connection| {
            let workbook = workbook.to_string();
            match done {
                Some(Done { by, at }) => connection.execute(
                    "INSERT INTO submissions (workbook, month, part, by, at, seq)
                    VALUES (?1, ?2, ?3, ?4, ?5, (SELECT coalesce(max(seq), 0) FROM audit))
                    ON CONFLICT DO UPDATE SET by = excluded.by, at = excluded.at, seq = excluded.seq",
                    (workbook, month, part, by, at),
                )?,
                None => connection.execute(
                    "DELETE FROM submissions WHERE workbook = ?1 AND month = ?2 AND part = ?3",
                    (workbook, month, part),
                )?,
            };
            Ok(())
        })
    }
}

fn find(connection: &Connection, workbook: WorkbookId, month: &str) -> Result<Option<String>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT body FROM cycles WHERE workbook = ?1 AND month = ?2")?;
    Ok(statement.query_row((workbook.to_string(), month), |row| row.get(0)).optional()?)
}

fn read_cycle(text: &str) -> Result<Cycle, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(format!("a cycle is damaged: {error}")))
}
