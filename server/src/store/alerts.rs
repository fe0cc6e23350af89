//! What is watched over plan and actual, and what is raised at present.

use grid_engine::plan::{Alert, AlertRule, default_alert_rules};
use rusqlite::OptionalExtension;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Pending, Store, StoreError, WorkbookId};

impl Store {
    /// The rules of a workbook (those the product comes with until some are written), and the alerts raised.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn alerts(&self, workbook: WorkbookId) -> Result<(Vec<AlertRule>, Vec<Alert>), StoreError> {
        let found: Option<(Option<String>, String)> = self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT rules, raised FROM alerts WHERE workbook = ?1")?;
            Ok(statement.query_row([workbook.to_string()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
        })?;
        let (rules, raised) = found.unwrap_or_else(|| (None, "[]".to_owned()));
        let rules = rules.map_or_else(|| Ok(default_alert_rules()), |text| from_text(&text))?;
        Ok((rules, from_text(&raised)?))
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

    /// Replaces the alerts that are raised.
    pub fn put_alerts(&self, workbook: WorkbookId, raised: Vec<Alert>) -> Pending<()> {
        self.write(move |connection| {
            connection.execute(
                "INSERT INTO alerts (workbook, raised) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET raised = excluded.raised",
                (workbook.to_string(), to_text(&raised)?),
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
