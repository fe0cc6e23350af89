//! Master data and assumptions of what is sold.

use std::collections::{BTreeMap, BTreeSet};

use grid_engine::doc::NumberFormat;

use super::{Tables, plain_row};
use crate::exchange::blueprint::{Entry, SheetBlueprint};
use crate::exchange::plan_sheets::{self, ASSUMPTIONS, MASTER_DATA};
use crate::exchange::table_file::{Problems, TableRow};

/// Items that are sold, their prices, and where they lie.
pub(super) struct Master {
    currency: String,
    pub prices: BTreeMap<String, f64>,
    families: BTreeMap<String, String>,
    volumes: BTreeMap<String, f64>,
    pub nodes: BTreeSet<(String, String)>,
}

impl Master {
    pub fn read(tables: &Tables, sold: &BTreeSet<&str>, currency: &str, problems: &mut Problems) -> Self {
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
    pub fn stock_policy(&self, tables: &Tables, problems: &mut Problems) -> SheetBlueprint {
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

    pub fn contracts(&self, tables: &Tables, problems: &mut Problems) -> SheetBlueprint {
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
    pub fn lanes(&self, tables: &Tables, problems: &mut Problems) -> SheetBlueprint {
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
    pub fn service_cost(&self, customers: &BTreeSet<(&str, &str)>) -> SheetBlueprint {
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

    pub fn products(&self) -> SheetBlueprint {
        let rows = self.prices.iter().map(|(item, price)| {
            let family = self.families.get(item).map_or("Other", String::as_str);
            let volume = self.volumes.get(item).copied().unwrap_or(0.0);
            let cells =
                [("Family", Entry::from(family)), ("Volume", Entry::Number(volume)), ("Price", Entry::Number(*price))];
            plain_row(&[item], cells)
        });
        plan_sheets::items(&self.currency).rows(rows)
    }

    pub fn locations(&self) -> SheetBlueprint {
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
