//! How much must be made, moved and bought, from last year's orders.

use std::collections::BTreeMap;

use super::super::catalogue::{Item, Life};
use super::super::orders::Row;

/// Monthly averages of what must be made, from last year's orders.
pub(super) struct Load {
    /// Cases a month by item.
    pub items: Vec<f64>,
    /// Cases a month by item and distribution centre.
    pub centres: BTreeMap<(usize, &'static str), f64>,
    /// Units a month by material and plant.
    pub materials: BTreeMap<(&'static str, &'static str), f64>,
    /// Hours a month by line; the plant beside it.
    pub lines: BTreeMap<&'static str, (&'static str, f64)>,
}

impl Load {
    pub(super) fn of(items: &[Item], rows: &[Row]) -> Self {
        let mut load = Self {
            items: vec![0.0; items.len()],
            centres: BTreeMap::new(),
            materials: BTreeMap::new(),
            lines: BTreeMap::new(),
        };
        for row in rows {
            let item = &items[row.item];
            let months = if let Life::New(months) = item.life { months.min(12) } else { 12 };
            let ahead = if matches!(item.life, Life::Ending(_)) { 0.1 } else { 1.0 + item.family.growth };
            let monthly = row.last_year() / months as f64 * ahead;
            load.items[row.item] += monthly;
            *load.centres.entry((row.item, row.region.centre)).or_default() += monthly;
        }
        for (item, cases) in items.iter().zip(&load.items) {
            let share = cases / item.family.lines.len() as f64;
            for (plant, line) in item.family.lines {
                load.lines.entry(line).or_insert((plant, 0.0)).1 += share * item.family.hours_per_thousand / 1000.0;
                for (component, quantity) in item.family.recipe {
                    *load.materials.entry((component, plant)).or_default() += share * quantity;
                }
            }
        }
        load
    }
}
