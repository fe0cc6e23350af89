//! Orders and master data in frePPLe's table names, as a planning workbook by week.
//!
//! `demand.csv` holds order lines; they are summed by item, location and ISO week of the due date. Cancelled orders,
//! inquiries and quotes are no demand. Lead times of days become whole weeks, to the nearest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use grid_engine::calendar::{Bucket, Grain, Horizon};
use grid_engine::doc::NumberFormat;
use grid_engine::refs::ColId;

use super::blueprint::{Blueprint, Entry, RowBlueprint, SheetBlueprint, measure_id, row_id};
use super::plan_sheets::{self, ASSUMPTIONS, MASTER_DATA, Shape};
use super::table_file::{Problems, TableFile, TableRow};

/// Weeks planned ahead: half a year.
const PLANNED: i32 = 26;
const KEYS: [&str; 3] = ["Item", "Region", "Channel"];
/// Order lines in these states never became demand.
const NOT_DEMAND: [&str; 3] = ["canceled", "inquiry", "quote"];

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

/// Item, location, customer.
type Key = (String, String, String);

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

/// Order lines summed by row and week.
struct Orders {
    lines: usize,
    counted: usize,
    by_week: BTreeMap<Key, BTreeMap<Bucket, f64>>,
}

impl Orders {
    fn read(tables: &Tables, problems: &mut Problems) -> Self {
        let items = names(&tables.item, problems);
        let locations = names(&tables.location, problems);
        let mut seen = BTreeSet::new();
        let mut orders = Self { lines: 0, counted: 0, by_week: BTreeMap::new() };
        for row in tables.demand.rows() {
            orders.lines += 1;
            let known = |column, names: &BTreeSet<&str>, file: &str, problems: &mut Problems| {
                let name = row.name(column, problems)?;
                if !names.contains(name) {
                    row.problem(column, &format!("{name:?} is not in {file}"), problems);
                    return None;
                }
                Some(name.to_owned())
            };
            let item = known("item", &items, "item.csv", problems);
            let location = known("location", &locations, "location.csv", problems);
            let due = row.date("due", problems);
            let quantity = row.number("quantity", 0.0, problems);
            let name = row.name("name", problems);
            if name.is_some_and(|name| !seen.insert(name)) {
                row.problem("name", "this order line stands in the file twice", problems);
            }
            if NOT_DEMAND.contains(&row.text("status").to_lowercase().as_str()) {
                continue;
            }
            if let (Some(item), Some(location), Some(due), Some(quantity)) = (item, location, due, quantity) {
                let customer = Some(row.text("customer")).filter(|name| !name.is_empty()).unwrap_or("All customers");
                let week = Bucket::containing(due, Grain::Week);
                *orders.by_week.entry((item, location, customer.to_owned())).or_default().entry(week).or_default() +=
                    quantity;
                orders.counted += 1;
            }
        }
        orders
    }

    fn weeks(&self) -> Option<(Bucket, Bucket)> {
        let weeks = || self.by_week.values().flat_map(BTreeMap::keys).copied();
        Some((weeks().min()?, weeks().max()?))
    }

    /// Each row's series; weeks without orders had no demand, from the item's first order on.
    fn series(&self, horizon: Horizon) -> Vec<(Vec<String>, Vec<f64>)> {
        let line = |(key, weeks): (&Key, &BTreeMap<Bucket, f64>)| {
            let began = weeks.keys().next().copied().unwrap_or(horizon.current);
            let past = horizon.buckets().take(horizon.current_index());
            let values =
                past.map(|week| if week < began { f64::NAN } else { weeks.get(&week).copied().unwrap_or(0.0) });
            (vec![key.0.clone(), key.1.clone(), key.2.clone()], values.collect())
        };
        self.by_week.iter().map(line).collect()
    }
}

fn names<'a>(table: &'a TableFile, problems: &mut Problems) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    for row in table.rows() {
        if let Some(name) = row.name("name", problems)
            && !names.insert(name)
        {
            row.problem("name", &format!("{name:?} stands in the file twice"), problems);
        }
    }
    names
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
    vec![
        demand,
        plan_sheets::summary(),
        plan_sheets::supply(&shape, master.nodes.iter().map(|node| vec![node.0.clone(), node.1.clone()])),
        plan_sheets::profit(&shape, keys()),
        plan_sheets::network(),
        plan_sheets::kpis(&shape, false),
        plan_sheets::prices(&shape).rows(master.prices.iter().map(|(item, price)| price_row(item, *price, horizon))),
        master.stock_policy(tables, problems),
        master.contracts(tables, problems),
        master.lanes(tables, problems),
        master.service_cost(&customers),
        master.products(),
        master.locations(),
        streams(&customers),
    ]
}

/// Items that are sold, their prices, and where they lie.
struct Master {
    currency: String,
    prices: BTreeMap<String, f64>,
    families: BTreeMap<String, String>,
    volumes: BTreeMap<String, f64>,
    nodes: BTreeSet<(String, String)>,
}

impl Master {
    fn read(tables: &Tables, sold: &BTreeSet<&str>, currency: &str, problems: &mut Problems) -> Self {
        let mut master = Self {
            currency: currency.to_owned(),
            prices: BTreeMap::new(),
            families: BTreeMap::new(),
            volumes: BTreeMap::new(),
            nodes: BTreeSet::new(),
        };
        for row in tables.item.rows().filter(|row| sold.contains(row.text("name"))) {
            let name = row.text("name").to_owned();
            let family =
                [row.text("category"), row.text("owner")].into_iter().find(|text| !text.is_empty()).unwrap_or("Other");
            master.families.insert(name.clone(), family.to_owned());
            master.prices.insert(name.clone(), row.number("cost", 0.0, problems).unwrap_or(0.0));
            // frePPLe's volumes have no fixed unit; litres are the likeliest.
            master.volumes.insert(name, row.number("volume", 0.0, problems).unwrap_or(0.0) / 1000.0);
        }
        for (table, columns) in [
            (&tables.demand, &["location"][..]),
            (&tables.itemdistribution, &["origin", "destination"]),
            (&tables.itemsupplier, &["location"]),
        ] {
            for row in table.rows().filter(|row| sold.contains(row.text("item"))) {
                for column in columns.iter().filter(|column| !row.text(column).is_empty()) {
                    master.nodes.insert((row.text("item").to_owned(), row.text(column).to_owned()));
                }
            }
        }
        master
    }

    /// Opening stock from the buffers. Holding a week costs 0.4 % of the price; falling below safety four times that.
    fn stock_policy(&self, tables: &Tables, problems: &mut Problems) -> SheetBlueprint {
        let mut stock = BTreeMap::new();
        for row in tables.buffer.rows() {
            let onhand = row.number("onhand", 0.0, problems).unwrap_or(0.0);
            let minimum = row.number("minimum", 0.0, problems).unwrap_or(0.0);
            stock.insert((row.text("item").to_owned(), row.text("location").to_owned()), (onhand, minimum));
        }
        let rows = self.nodes.iter().map(|node| {
            let (initial, safety) = stock.get(node).copied().unwrap_or((0.0, 0.0));
            let value = self.prices.get(&node.0).copied().unwrap_or(0.0);
            let hold = (value * 0.004 * 1e4).round() / 1e4;
            let cells = [
                ("Initial", initial),
                ("Safety", safety),
                ("Hold cost", hold),
                ("Ss penalty", hold * 4.0),
                ("Unit value", value),
            ];
            plain_row(&[&node.0, &node.1], cells.map(|(name, number)| (name, Entry::Number(number))))
        });
        let columns = ["Initial", "Safety", "Max", "Hold cost", "Ss penalty", "Unit value"]
            .map(|name| (name, NumberFormat::General, ""));
        SheetBlueprint::table("stock_policy", "Stock policy", &["Item", "Location"], &columns)
            .group(ASSUMPTIONS)
            .rows(rows)
    }

    fn contracts(&self, tables: &Tables, problems: &mut Problems) -> SheetBlueprint {
        let mut rows = Vec::new();
        for row in tables.itemsupplier.rows().filter(|row| self.prices.contains_key(row.text("item"))) {
            let (supplier, item, location) = (row.text("supplier"), row.text("item"), row.text("location"));
            let places: Vec<&str> = match location {
                "" => self.nodes.iter().filter(|node| node.0 == item).map(|node| node.1.as_str()).collect(),
                one => vec![one],
            };
            let cost = row.number("cost", 0.0, problems).unwrap_or(0.0);
            let weeks = weeks(&row, problems);
            for place in places {
                rows.push(plain_row(
                    &[&format!("{supplier}: {item} to {place}")],
                    [
                        ("Item", Entry::from(item)),
                        ("Location", Entry::from(place)),
                        ("Supplier", Entry::from(supplier)),
                        ("Mode", Entry::from("regular")),
                        ("Lead time", Entry::Number(weeks)),
                        ("Unit cost", Entry::Number(cost)),
                    ],
                ));
            }
        }
        let columns = [
            ("Item", NumberFormat::Text, ""),
            ("Location", NumberFormat::Text, ""),
            ("Supplier", NumberFormat::Text, ""),
            ("Mode", NumberFormat::Text, ""),
            ("Lead time", NumberFormat::Whole, "weeks"),
            ("Unit cost", NumberFormat::Price, &self.currency),
        ];
        SheetBlueprint::table("contracts", "Contracts", &["Contract"], &columns).group(ASSUMPTIONS).rows(rows)
    }

    /// One lane per pair of places; its lead time is the shortest of the items that use it.
    fn lanes(&self, tables: &Tables, problems: &mut Problems) -> SheetBlueprint {
        let mut lanes: BTreeMap<(&str, &str), f64> = BTreeMap::new();
        for row in tables.itemdistribution.rows().filter(|row| self.prices.contains_key(row.text("item"))) {
            let weeks = weeks(&row, problems);
            let lane = lanes.entry((row.text("origin"), row.text("destination"))).or_insert(weeks);
            *lane = lane.min(weeks);
        }
        let rows = lanes.into_iter().map(|((from, to), weeks)| {
            plain_row(
                &[&format!("{from} > {to}")],
                [
                    ("From", Entry::from(from)),
                    ("To", Entry::from(to)),
                    ("Mode", Entry::from("road")),
                    ("Lead time", Entry::Number(weeks)),
                    ("Cost per m3", Entry::Number(0.0)),
                    // Moving nothing for nothing is not free: without a small cost the solver may ship at whim.
                    ("Cost per unit", Entry::Number(0.01)),
                ],
            )
        });
        let columns = [
            ("From", NumberFormat::Text, ""),
            ("To", NumberFormat::Text, ""),
            ("Mode", NumberFormat::Text, ""),
            ("Lead time", NumberFormat::Whole, "weeks"),
            ("Cost per m3", NumberFormat::Price, &self.currency),
            ("Cost per unit", NumberFormat::Price, &self.currency),
        ];
        SheetBlueprint::table("lanes", "Lanes", &["Lane"], &columns).group(ASSUMPTIONS).rows(rows)
    }

    /// A unit late by a week costs a twentieth of its price; one never delivered costs its price.
    fn service_cost(&self, customers: &BTreeSet<(&str, &str)>) -> SheetBlueprint {
        let channels: BTreeSet<&str> = customers.iter().map(|(_, customer)| *customer).collect();
        let rows = self.prices.iter().flat_map(|(item, price)| {
            channels.iter().map(move |channel| {
                let late = (price * 5.0).round() / 100.0;
                plain_row(&[item, channel], [("Late cost", Entry::Number(late)), ("Lost cost", Entry::Number(*price))])
            })
        });
        let currency = self.currency.as_str();
        let columns = [("Late cost", NumberFormat::Price, currency), ("Lost cost", NumberFormat::Price, currency)];
        SheetBlueprint::table("service_cost", "Service cost", &["Item", "Channel"], &columns)
            .group(ASSUMPTIONS)
            .rows(rows)
    }

    fn products(&self) -> SheetBlueprint {
        let rows = self.prices.iter().map(|(item, price)| {
            let family = self.families.get(item).map_or("Other", String::as_str);
            let volume = self.volumes.get(item).copied().unwrap_or(0.0);
            let cells =
                [("Family", Entry::from(family)), ("Volume", Entry::Number(volume)), ("Price", Entry::Number(*price))];
            plain_row(&[item], cells)
        });
        plan_sheets::items(&self.currency).rows(rows)
    }

    fn locations(&self) -> SheetBlueprint {
        let places: BTreeSet<&str> = self.nodes.iter().map(|node| node.1.as_str()).collect();
        let rows = places.into_iter().map(|place| plain_row(&[place], [("Type", Entry::from("dc"))]));
        let columns = [("Type", NumberFormat::Text, ""), ("Storage m3", NumberFormat::Whole, "m³")];
        SheetBlueprint::table("locations", "Locations", &["Location"], &columns).group(MASTER_DATA).rows(rows)
    }
}

/// A lead time of days as whole weeks, to the nearest.
fn weeks(row: &TableRow<'_>, problems: &mut Problems) -> f64 {
    (row.number("leadtime_days", 0.0, problems).unwrap_or(0.0) / 7.0).round()
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
