//! Order lines, summed by row and week.

use std::collections::{BTreeMap, BTreeSet};

use grid_engine::calendar::{Bucket, Grain, Horizon};

use super::Tables;
use crate::exchange::table_file::{Problems, TableFile};

/// Order lines in these states never became demand.
const NOT_DEMAND: [&str; 3] = ["canceled", "inquiry", "quote"];

/// Item, location, customer.
pub(super) type Key = (String, String, String);

/// Order lines summed by row and week.
pub(super) struct Orders {
    pub lines: usize,
    pub counted: usize,
    pub by_week: BTreeMap<Key, BTreeMap<Bucket, f64>>,
}

impl Orders {
    pub fn read(tables: &Tables, problems: &mut Problems) -> Self {
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

    pub fn weeks(&self) -> Option<(Bucket, Bucket)> {
        let weeks = || self.by_week.values().flat_map(BTreeMap::keys).copied();
        Some((weeks().min()?, weeks().max()?))
    }

    /// Each row's series; weeks without orders had no demand, from the item's first order on.
    pub fn series(&self, horizon: Horizon) -> Vec<(Vec<String>, Vec<f64>)> {
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
