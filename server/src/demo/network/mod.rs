//! Plants, lines, materials, suppliers, lanes and stock of the demo company, as sheets of the supply model.
//!
//! Capacities are set against the load of last year's orders, so that the story holds for every seed: the can
//! line in Lyon is short around its maintenance and in summer, and citrus concentrate is scarce in spring.

mod assumptions;
mod load;
mod master_data;
mod places;

use grid_engine::calendar::Horizon;
use grid_engine::doc::{NumberFormat, Span};
use grid_engine::refs::ColId;

use super::catalogue::Item;
use super::orders::Row;
use crate::exchange::blueprint::{Entry, MeasureBlueprint, RowBlueprint, SheetBlueprint, measure_id};
use load::Load;

/// The network: its sheets, and what other sheets need to know of it.
pub struct Network {
    pub sheets: Vec<SheetBlueprint>,
    /// Item and location of every stock node.
    pub nodes: Vec<Vec<String>>,
    pub resources: Vec<String>,
}

fn text(value: &str) -> Entry {
    Entry::Text(value.to_owned())
}

fn row(key: &[&str], cells: Vec<(&str, Entry)>) -> RowBlueprint {
    RowBlueprint {
        key: key.iter().map(|part| (*part).to_owned()).collect(),
        cells: cells.into_iter().map(|(name, entry)| (ColId::fixed(measure_id(name)), entry)).collect(),
    }
}

/// A row of a wide table: one number per planned bucket.
fn series(key: &[&str], horizon: Horizon, measure: &str, values: impl Fn(usize) -> f64) -> RowBlueprint {
    let buckets = horizon.buckets().skip(horizon.current_index());
    let cells = buckets
        .enumerate()
        .map(|(place, bucket)| (ColId::timed(measure_id(measure), bucket), Entry::Number(values(place))));
    RowBlueprint { key: key.iter().map(|part| (*part).to_owned()).collect(), cells: cells.collect() }
}

fn wide(table: &str, title: &str, keys: &[&str], measure: &str, unit: &str, horizon: Horizon) -> SheetBlueprint {
    SheetBlueprint::table(table, title, keys, &[])
        .horizon(horizon)
        .measure(MeasureBlueprint::input(measure, measure).timed(Span::Plan).shown(NumberFormat::Whole, unit))
}

fn round_to(value: f64, step: f64) -> f64 {
    (value / step).round() * step
}

/// Builds the network for a company with these items and orders.
pub fn build(items: &[Item], rows: &[Row], horizon: Horizon, currency: &str) -> Network {
    let load = Load::of(items, rows);
    let resources = load.lines.keys().map(|line| (*line).to_owned()).collect();
    let (stock, nodes) = assumptions::stock_policy(items, &load, currency);
    Network {
        nodes,
        resources,
        sheets: vec![
            assumptions::capacity(&load, horizon),
            assumptions::supplier_capacity(&load, horizon),
            stock,
            assumptions::contracts(&load, currency),
            assumptions::routings(items, currency),
            assumptions::lanes(currency),
            assumptions::decisions(items, &load, horizon),
            assumptions::resource_rates(&load, currency),
            assumptions::service_cost(items, currency),
            master_data::products(items, currency),
            master_data::materials(),
            master_data::locations(),
            master_data::streams(),
            master_data::bom(items),
            master_data::routing_resources(items),
            master_data::scheduled_receipts(&load, horizon),
        ],
    }
}

fn route(item: &Item, plant: &str) -> String {
    format!("{} @ {plant}", item.name)
}
