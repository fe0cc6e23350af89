//! What is watched over plan and actual, and what is raised at present.

use grid_engine::plan::{AlertRule, EndedAlert, JudgedRule, Watch, default_alert_rules};
use rusqlite::OptionalExtension;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Pending, Store, StoreError, WorkbookId};

/// What is kept of rules beside the alerts that are raised.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Past {
    ended: Vec<EndedAlert>,
    judged: Vec<JudgedRule>,
}

impl Store {
    /// The rules of a workbook (those the product comes with until some are written), and what is known of them.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn alerts(&self, workbook: WorkbookId) -> Result<(Vec<AlertRule>, Watch), StoreError> {
        let found: Option<(Option<String>, String, String)> = self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT rules, raised, past FROM alerts WHERE workbook = ?1")?;
            let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
            Ok(statement.query_row([workbook.to_string()], read).optional()?)
        })?;
        let (rules, raised, past) = found.unwrap_or_else(|| (None, "[]".to_owned(), "{}".to_owned()));
        let rules = rules.map_or_else(|| Ok(default_alert_rules()), |text| from_text(&text))?;
        let Past { ended, judged } = from_text(&past)?;
        Ok((rules, Watch { raised: from_text(&raised)?, ended, judged }))
    }

    /// Replaces the rules of a workbook.
    pub fn put_alert_rules(&self, workbook: WorkbookId, rules: Vec<AlertRule>) -> Pending<()> {
        self.write(move |connection| {
            connection.execute(
                "INSERT INTO alerts (workbook, rules) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET rules = excluded.rules",
                (workbook.to_string(), to_text(&rules)?),
            )?;
            Ok(())
        })
    }

    /// Replaces what is known of the rules.
    pub fn put_watch(&self, workbook: WorkbookId, watch: Watch) -> Pending<()> {
        self.write(move |connection| {
            let Watch { raised, ended, judged } = watch;
            connection.execute(
                "INSERT INTO alerts (workbook, raised, past) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET raised = excluded.raised, past = excluded.past",
                (workbook.to_string(), to_text(&raised)?, to_text(&Past { ended, judged })?),
            )?;
            Ok(())
        })
    }
}

fn to_text<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Invalid(error.to_string()))
}

fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(format!("alerts are damaged: {error}")))
}
