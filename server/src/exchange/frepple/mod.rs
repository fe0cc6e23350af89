//! Orders and master data in frePPLe's table names, as a planning workbook by week.
//!
//! `demand.csv` holds order lines; they are summed by item, location and ISO week of the due date. Cancelled orders,
//! inquiries and quotes are no demand. Lead times of days become whole weeks, to the nearest.

mod master;
mod orders;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use grid_engine::calendar::Horizon;
use grid_engine::doc::NumberFormat;
use grid_engine::refs::ColId;

use super::blueprint::{Blueprint, Entry, RowBlueprint, SheetBlueprint, measure_id, row_id};
use super::plan_sheets::{self, MASTER_DATA, Shape};
use super::table_file::{Problems, TableFile};
use super::{policy_sheets, statement_sheets};

use master::Master;
use orders::Orders;

/// Weeks planned ahead: half a year.
const PLANNED: i32 = 26;
const KEYS: [&str; 3] = ["Item", "Region", "Channel"];

/// A folder read and found good.
pub struct Import {
    pub blueprint: Blueprint,
    /// Order lines in the file, and how many of them are demand.
    pub order_lines: usize,
    pub counted_lines: usize,
    pub quantity: f64,
    pub horizon: Horizon,
}

struct Tables {
    item: TableFile,
    location: TableFile,
    demand: TableFile,
    buffer: TableFile,
    itemsupplier: TableFile,
    itemdistribution: TableFile,
}

/// Reads a folder as a workbook called `title`.
///
/// # Errors
/// Every problem as file, line, column and reason; nothing is taken over from a folder with problems.
pub fn read(folder: &Path, title: &str, currency: &str) -> Result<Import, Vec<String>> {
    let mut problems = Problems::default();
    let tables = Tables::read(folder, &mut problems);
    let orders = Orders::read(&tables, &mut problems);
    problems.into_result()?;
    let Some((first, last)) = orders.weeks() else {
        return Err(vec!["demand.csv: holds no demand (every line is cancelled, an inquiry or a quote)".to_owned()]);
    };
    let current = last.plus(1);
    let horizon = Horizon { first, current, last: current.plus(PLANNED - 1) };
    let mut problems = Problems::default();
    let sheets = sheets(&tables, &orders, horizon, currency, &mut problems);
    problems.into_result()?;
    Ok(Import {
        blueprint: Blueprint { title: title.to_owned(), currency: currency.to_owned(), sheets },
        order_lines: orders.lines,
        counted_lines: orders.counted,
        quantity: orders.by_week.values().flat_map(BTreeMap::values).sum(),
        horizon,
    })
}

impl Tables {
    fn read(folder: &Path, problems: &mut Problems) -> Self {
        Self {
            item: TableFile::read(folder, "item", true, &["name"], problems),
            location: TableFile::read(folder, "location", true, &["name"], problems),
            demand: TableFile::read(folder, "demand", true, &["name", "item", "location", "due", "quantity"], problems),
            buffer: TableFile::read(folder, "buffer", false, &["item", "location"], problems),
            itemsupplier: TableFile::read(folder, "itemsupplier", false, &["supplier", "item"], problems),
            itemdistribution: TableFile::read(
                folder,
                "itemdistribution",
                false,
                &["item", "origin", "destination"],
                problems,
            ),
        }
    }
}

fn sheets(
    tables: &Tables,
    orders: &Orders,
    horizon: Horizon,
    currency: &str,
    problems: &mut Problems,
) -> Vec<SheetBlueprint> {
    let shape = Shape { horizon, keys: &KEYS, partition: Some("Region"), unit: "pcs", currency };
    let series = orders.series(horizon);
    let keys = || series.iter().map(|(key, _)| key.clone());
    let sold: BTreeSet<&str> = orders.by_week.keys().map(|(item, _, _)| item.as_str()).collect();
    let master = Master::read(tables, &sold, currency, problems);
    let demand = plan_sheets::demand(&shape).rows(keys().map(|key| RowBlueprint { key, cells: Vec::new() })).facts(
        "history",
        Some(horizon.first),
        series.iter().map(|(key, values)| (row_id(key), values.clone())).collect(),
    );
    let customers: BTreeSet<(&str, &str)> =
        orders.by_week.keys().map(|(_, location, customer)| (location.as_str(), customer.as_str())).collect();
    let places: BTreeSet<[&str; 2]> =
        orders.by_week.keys().map(|(item, place, _)| [item, place].map(String::as_str)).collect();
    let positions = places.into_iter().map(|[item, place]| policy_sheets::position(item, place, None));
    let mut sheets = vec![
        demand,
        plan_sheets::summary(&shape),
        plan_sheets::supply(&shape, master.nodes.iter().map(|node| vec![node.0.clone(), node.1.clone()])),
        plan_sheets::profit(&shape, keys()),
        plan_sheets::network(),
        statement_sheets::statements(&shape),
        plan_sheets::kpis(&shape, false),
        plan_sheets::prices(&shape).rows(master.prices.iter().map(|(item, price)| price_row(item, *price, horizon))),
        statement_sheets::inputs(&shape, |_| None),
        master.stock_policy(tables, problems),
        master.contracts(tables, problems),
        master.lanes(tables, problems),
        master.service_cost(&customers),
        master.products(),
        master.locations(),
        streams(&customers),
    ];
    sheets.extend(policy_sheets::sheets(&shape, positions));
    sheets
}

fn streams(customers: &BTreeSet<(&str, &str)>) -> SheetBlueprint {
    let rows = customers.iter().map(|(location, customer)| {
        plain_row(
            &[&format!("{location}, {customer}")],
            [
                ("Region", Entry::from(*location)),
                ("Channel", Entry::from(*customer)),
                ("Location", Entry::from(*location)),
                ("Allow backlog", Entry::Number(1.0)),
            ],
        )
    });
    let columns = [
        ("Region", NumberFormat::Text, ""),
        ("Channel", NumberFormat::Text, ""),
        ("Location", NumberFormat::Text, ""),
        ("Allow backlog", NumberFormat::Whole, ""),
    ];
    SheetBlueprint::table("streams", "Streams", &["Stream"], &columns).group(MASTER_DATA).rows(rows)
}

fn plain_row<const N: usize>(key: &[&str], cells: [(&str, Entry); N]) -> RowBlueprint {
    RowBlueprint {
        key: key.iter().map(|part| (*part).to_owned()).collect(),
        cells: cells.into_iter().map(|(name, entry)| (ColId::fixed(measure_id(name)), entry)).collect(),
    }
}

fn price_row(item: &str, price: f64, horizon: Horizon) -> RowBlueprint {
    let planned = horizon.buckets().skip(horizon.current_index());
    let cells = planned.map(|bucket| (ColId::timed(measure_id("netprice"), bucket), Entry::Number(price)));
    RowBlueprint { key: vec![item.to_owned()], cells: cells.collect() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn the_tennis_orders_come_in_whole() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/tennis"));
        if !folder.exists() {
            println!("skipped: {} is not there", folder.display());
            return;
        }
        let import = read(folder, "tennis", "EUR").unwrap_or_else(|problems| panic!("{problems:?}"));
        let demand = std::fs::read_to_string(folder.join("demand.csv")).unwrap();
        let quantities = demand.lines().skip(1).map(|line| line.split(',').nth(5).unwrap().parse::<f64>().unwrap());
        assert_eq!((import.order_lines, import.counted_lines), (3294, 3294));
        assert_eq!(import.quantity, quantities.sum::<f64>());
    }

    #[test]
    fn c3_one_bad_row_refuses_the_whole_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("item.csv"), "name\nball\n").unwrap();
        std::fs::write(folder.path().join("location.csv"), "name\nshop\n").unwrap();
        let orders = "name,item,location,due,quantity\na,ball,shop,2021-01-04,2\nb,bat,shop,2021-01-05,1\na,ball,shop,2021-01-06,1\n";
        std::fs::write(folder.path().join("demand.csv"), orders).unwrap();
        let problems = read(folder.path(), "x", "EUR").err().unwrap();
        assert_eq!(
            problems,
            [
                "demand.csv line 3, column item: \"bat\" is not in item.csv",
                "demand.csv line 4, column name: this order line stands in the file twice",
            ]
        );
    }
}
