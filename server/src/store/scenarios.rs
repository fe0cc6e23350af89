//! Which scenarios were asked for.

use grid_engine::plan::ScenarioId;
use rusqlite::{Connection, OptionalExtension};

use super::{Pending, Store, StoreError, WorkbookId, parse};

/// Scenarios kept per plan, ten of the largest matrices; those asked for first go first.
const KEPT: u32 = 600;

impl Store {
    /// Keeps in mind that scenarios were asked for.
    pub fn put_scenarios(&self, home: WorkbookId, scenarios: Vec<ScenarioId>) -> Pending<()> {
        self.write(move |connection| {
            let home = home.to_string();
            let mut statement = connection.prepare_cached(
                "INSERT INTO scenarios (workbook, demand, supply, cost) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            )?;
            for ScenarioId { demand, supply, cost } in &scenarios {
                statement.execute((&home, demand.to_string(), supply.to_string(), cost.to_string()))?;
            }
            keep_latest(connection, &home)
        })
    }

    /// Whether scenarios from before it was kept which were asked for have been looked for.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn knows_earlier_scenarios(&self, home: WorkbookId) -> Result<bool, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT 1 FROM settings WHERE name = ?1")?;
            Ok(statement.query_row([looked_for(home)], |_| Ok(())).optional()?.is_some())
        })
    }

    /// Puts scenarios before all that were asked for, in this order, and keeps in mind that they were looked for.
    pub fn put_earlier_scenarios(&self, home: WorkbookId, earlier: Vec<ScenarioId>) -> Pending<()> {
        self.write(move |connection| {
            let first: i64 =
                connection.query_row("SELECT min(0, coalesce(min(seq), 0)) FROM scenarios", [], |row| row.get(0))?;
            let name = looked_for(home);
            let home = home.to_string();
            let mut statement = connection.prepare_cached(
                "INSERT INTO scenarios (seq, workbook, demand, supply, cost) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO NOTHING",
            )?;
            for (seq, ScenarioId { demand, supply, cost }) in (first - earlier.len() as i64..).zip(&earlier) {
                statement.execute((seq, &home, demand.to_string(), supply.to_string(), cost.to_string()))?;
            }
            connection.execute("INSERT INTO settings (name, value) VALUES (?1, '1') ON CONFLICT DO NOTHING", [name])?;
            keep_latest(connection, &home)
        })
    }

    /// The scenarios of a plan that were asked for, in the order in which they first were.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn scenarios(&self, home: WorkbookId) -> Result<Vec<ScenarioId>, StoreError> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT demand, supply, cost FROM scenarios WHERE workbook = ?1 ORDER BY seq")?;
            let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
            let rows = statement.query_map([home.to_string()], read)?;
            let scenario = |row: rusqlite::Result<(String, String, String)>| {
                let (demand, supply, cost) = row?;
                let id = |text: &str| parse(text, "version");
                Ok(ScenarioId { demand: id(&demand)?, supply: id(&supply)?, cost: id(&cost)? })
            };
            rows.map(scenario).collect()
        })
    }
}

/// The setting that says that earlier scenarios of a plan were looked for.
fn looked_for(home: WorkbookId) -> String {
    format!("earlier scenarios of {home}")
}

fn keep_latest(connection: &Connection, home: &str) -> Result<(), StoreError> {
    connection.execute(
        "DELETE FROM scenarios WHERE workbook = ?1 AND seq NOT IN
            (SELECT seq FROM scenarios WHERE workbook = ?1 ORDER BY seq DESC LIMIT ?2)",
        (home, KEPT),
    )?;
    Ok(())
}
