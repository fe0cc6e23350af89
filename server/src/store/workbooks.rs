//! Workbooks: listed, and created whole or not at all.

use grid_engine::refs::{MeasureId, RoomId, SheetId};
use grid_engine::wire::WorkbookInfo;
use grid_engine::workbook::Facts;
use rusqlite::OptionalExtension;

use super::{Store, StoreError, parse};
use crate::clock::now_ms;

/// The id of a workbook.
pub type WorkbookId = SheetId;

/// A workbook to create.
pub struct NewWorkbook {
    pub id: WorkbookId,
    pub title: String,
    /// ISO 4217, e.g. `EUR`.
    pub currency: String,
    /// Every room with its whole state as one update (encoding v1).
    pub rooms: Vec<(RoomId, Vec<u8>)>,
    /// Layers: actuals and whatever else is known at once.
    pub facts: Vec<(SheetId, MeasureId, Facts)>,
}

impl Store {
    /// Creates a workbook with its rooms and facts in one transaction: nothing is half-imported.
    ///
    /// # Errors
    /// [`StoreError::Exists`] for an id in use.
    pub fn create_workbook(&self, new: NewWorkbook) -> Result<(), StoreError> {
        self.write(move |connection| {
            let id = new.id.to_string();
            let taken =
                connection.query_row("SELECT 1 FROM workbooks WHERE id = ?1", [&id], |_| Ok(())).optional()?.is_some();
            if taken {
                return Err(StoreError::Exists(format!("a workbook with the id {id}")));
            }
            connection.execute(
                "INSERT INTO workbooks (id, title, currency, created_at) VALUES (?1, ?2, ?3, ?4)",
                (&id, &new.title, &new.currency, now_ms()),
            )?;
            for (room, state) in &new.rooms {
                super::rooms::insert(connection, new.id, *room, state)?;
            }
            for (sheet, measure, facts) in &new.facts {
                super::facts::put(connection, new.id, *sheet, *measure, facts)?;
            }
            Ok(())
        })
        .wait()
    }

    /// All workbooks without their branches, oldest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn list_workbooks(&self) -> Result<Vec<WorkbookInfo>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, title FROM workbooks WHERE id NOT IN (SELECT id FROM branches) ORDER BY created_at, rowid",
            )?;
            let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
            rows.map(|row| {
                let (id, title) = row?;
                Ok(WorkbookInfo { id: parse(&id, "workbook")?, title })
            })
            .collect()
        })
    }

    /// A workbook's title and currency; `None` where there is no such workbook. A branch's title says what it is.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn workbook(&self, id: WorkbookId) -> Result<Option<(String, String)>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT CASE WHEN parent.title IS NULL THEN own.title ELSE own.title || ' (branch of ' || parent.title || ')' END,
                        own.currency
                 FROM workbooks own LEFT JOIN branches ON branches.id = own.id
                 LEFT JOIN workbooks parent ON parent.id = branches.parent WHERE own.id = ?1",
            )?;
            Ok(statement.query_row([id.to_string()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
        })
    }
}
