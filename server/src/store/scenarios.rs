//! Which scenarios were asked for.

use grid_engine::plan::ScenarioId;

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
            connection.execute(
                "DELETE FROM scenarios WHERE workbook = ?1 AND seq NOT IN
                    (SELECT seq FROM scenarios WHERE workbook = ?1 ORDER BY seq DESC LIMIT ?2)",
                (&home, KEPT),
            )?;
            Ok(())
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
