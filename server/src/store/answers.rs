//! Answers of heavy calls, kept by the hash of their inputs.

use std::collections::HashMap;

use grid_engine::calc::JobKey;
use rusqlite::OptionalExtension;

use super::branches::ANCESTRY;
use super::{Pending, Store, StoreError, WorkbookId, pack, unpack};
use crate::clock::now_ms;

/// Answers kept per workbook; the oldest go first. Enough for ten full forecasts of the demo company.
const KEPT: u32 = 20_000;

impl Store {
    /// Keeps the answers of calls by their keys.
    pub fn put_answers(&self, workbook: WorkbookId, answers: Vec<(JobKey, Vec<u8>)>) -> Pending<()> {
        self.write(move |connection| {
            let (id, now) = (workbook.to_string(), now_ms());
            let mut statement = connection.prepare_cached(
                "INSERT INTO answers (workbook, key, at, body) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET at = excluded.at, body = excluded.body",
            )?;
            for (key, body) in &answers {
                statement.execute((&id, key.0, now, pack(body)))?;
            }
            connection.execute(
                "DELETE FROM answers WHERE workbook = ?1 AND rowid NOT IN
                    (SELECT rowid FROM answers WHERE workbook = ?1 ORDER BY at DESC, rowid DESC LIMIT ?2)",
                (&id, KEPT),
            )?;
            Ok(())
        })
    }

    /// The keys of a workbook's own answers, with when each was kept, in milliseconds since 1970.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn answer_times(&self, workbook: WorkbookId) -> Result<HashMap<JobKey, i64>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT key, at FROM answers WHERE workbook = ?1")?;
            let rows = statement
                .query_map([workbook.to_string()], |row| Ok((JobKey(row.get::<_, [u8; 16]>(0)?), row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The answer of a call, where one is kept: here, or in a workbook this one is a branch of.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn answer(&self, workbook: WorkbookId, key: JobKey) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!(
                "{ANCESTRY} SELECT body FROM answers WHERE workbook IN ancestry AND key = ?2 LIMIT 1"
            ))?;
            let found: Option<Vec<u8>> =
                statement.query_row((workbook.to_string(), key.0), |row| row.get(0)).optional()?;
            found.map(|packed| unpack(&packed, &format!("the answer {key}"))).transpose()
        })
    }
}
