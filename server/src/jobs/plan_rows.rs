//! A solved plan as rows of the sheets that show it.

use grid_engine::supply::Plan;

use super::message::{SolvedRow, SolvedTable};

/// The plan's rows, by the roles of sheets.
pub(super) fn tables_of(plan: &Plan) -> Vec<SolvedTable> {
    let supply = plan.stock_series().into_iter().map(|series| SolvedRow {
        key: vec![series.item, series.location],
        values: vec![
            series.production,
            series.purchases,
            series.inbound,
            series.outbound,
            series.consumed,
            series.stock,
            series.shortfall,
        ],
    });
    let profit = plan.customer_series().into_iter().map(|series| {
        let cost = series.cost_of_goods_sold();
        SolvedRow {
            key: vec![series.item, series.region, series.channel],
            values: vec![series.served, series.backlog, series.lost, cost],
        }
    });
    let utilisation = plan.utilisation_series().into_iter().map(|series| SolvedRow {
        key: vec![series.resource],
        values: vec![series.hours, series.overtime, series.available],
    });
    vec![
        table("supply", &["production", "purchases", "inbound", "outbound", "consumed", "stock", "shortfall"], supply),
        table("profit", &["served", "backlog", "lost", "supplycost"], profit),
        table("utilisation", &["hours", "overtime", "available"], utilisation),
    ]
}

fn table(role: &str, measures: &[&str], rows: impl Iterator<Item = SolvedRow>) -> SolvedTable {
    SolvedTable {
        role: role.to_owned(),
        measures: measures.iter().map(|&measure| measure.to_owned()).collect(),
        rows: rows.collect(),
    }
}
