//! The sheets planners change: capacities, stock, contracts, lanes and what they cost.

use std::collections::BTreeMap;

use grid_engine::calendar::Horizon;
use grid_engine::doc::NumberFormat;

use super::super::catalogue::{CHANNELS, Item};
use super::load::Load;
use super::places::{CENTRES, Material, PLANTS, sources};
use super::{round_to, route, row, series, text, wide};
use crate::exchange::blueprint::{Entry, RowBlueprint, SheetBlueprint};
use crate::exchange::plan_sheets::ASSUMPTIONS;

/// Regular and overtime hours. The can line in Lyon has a tenth less than it needs and stands for maintenance in March and April.
pub(super) fn capacity(load: &Load, horizon: Horizon) -> SheetBlueprint {
    let month = |place: usize| horizon.current.plus(place as i32).year_and_part();
    let rows = load.lines.iter().flat_map(|(line, (_, hours))| {
        let slack = match *line {
            "LYS-CAN" => 0.9,
            "LEJ-CAN" => 1.06,
            "LYS-PET" => 1.28,
            _ => 1.42,
        };
        let regular = move |place: usize| {
            let (year, month) = month(place);
            let maintenance = if *line == "LYS-CAN" && year == 2027 && (month == 3 || month == 4) { 0.55 } else { 1.0 };
            let holidays = if month == 8 || month == 12 { 0.93 } else { 1.0 };
            round_to(hours * slack * maintenance * holidays, 1.0)
        };
        [
            series(&[line, "regular_hours"], horizon, "Hours", regular),
            series(&[line, "max_overtime_hours"], horizon, "Hours", move |place| round_to(regular(place) * 0.12, 1.0)),
        ]
    });
    wide("capacity", "Capacity", &["Resource", "Kind"], "Hours", "h", horizon).group(ASSUMPTIONS).rows(rows)
}

/// What suppliers can deliver. The citrus harvest fails: from February to June Citrovia delivers a third.
pub(super) fn supplier_capacity(load: &Load, horizon: Horizon) -> SheetBlueprint {
    let mut limits: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
    let months = horizon.len() - horizon.current_index();
    for material in sources() {
        let need: f64 =
            load.materials.iter().filter(|((name, _), _)| *name == material.name).map(|(_, units)| units).sum();
        for place in 0..months {
            let (year, month) = horizon.current.plus(place as i32).year_and_part();
            let harvest = if material.name == "Citrus concentrate" && year == 2027 && (2..=6).contains(&month) {
                0.5
            } else {
                1.0
            };
            let mut add = |mode, units: f64| {
                limits.entry((material.supplier, mode)).or_insert_with(|| vec![0.0; months])[place] += units;
            };
            // Summer needs most of what a year needs.
            add("regular", need * material.slack * 1.3 * harvest);
            if let Some((_, share)) = material.expedite {
                add("expedite", need * share);
            }
        }
    }
    let rows: Vec<RowBlueprint> = limits
        .iter()
        .map(|((supplier, mode), units)| {
            series(&[supplier, mode], horizon, "Units", |place| round_to(units[place], 10.0))
        })
        .collect();
    wide("supplier_capacity", "Supplier capacity", &["Supplier", "Mode"], "Units", "units", horizon)
        .group(ASSUMPTIONS)
        .rows(rows)
}

/// Opening stock, safety stock and what holding costs; with the list of nodes.
pub(super) fn stock_policy(items: &[Item], load: &Load, currency: &str) -> (SheetBlueprint, Vec<Vec<String>>) {
    let mut rows = Vec::new();
    let mut node = |item: &str, location: &str, initial: f64, safety: f64, value: f64| {
        // 1.1 % of the value a month; falling below safety costs four times as much.
        let hold = value * 0.011;
        let number = |value: f64| Entry::Number((value * 1e5).round() / 1e5);
        rows.push(row(
            &[item, location],
            vec![
                ("Initial", Entry::Number(initial.round())),
                ("Safety", Entry::Number(safety.round())),
                ("Hold cost", number(hold)),
                ("Ss penalty", number(hold * 4.0)),
                ("Unit value", number(value)),
            ],
        ));
    };
    for (place, item) in items.iter().enumerate() {
        for (plant, _) in item.family.lines {
            node(item.name, plant, load.items[place] * 0.05, 0.0, item.price * 0.45);
        }
        for (centre, _) in CENTRES {
            let monthly = load.centres.get(&(place, centre)).copied().unwrap_or_default();
            node(item.name, centre, monthly * 0.75, monthly * 0.4, item.price * 0.5);
        }
    }
    for ((component, plant), monthly) in &load.materials {
        let cost = sources().find(|material| material.name == *component).map_or(0.0, |found| found.cost);
        node(component, plant, monthly * 1.1, monthly * 0.3, cost);
    }
    let nodes = rows.iter().map(|row| row.key.clone()).collect();
    let columns = [
        ("Initial", NumberFormat::Whole, "units"),
        ("Safety", NumberFormat::Whole, "units"),
        ("Max", NumberFormat::Whole, "units"),
        ("Hold cost", NumberFormat::General, currency),
        ("Ss penalty", NumberFormat::General, currency),
        ("Unit value", NumberFormat::Price, currency),
    ];
    (
        SheetBlueprint::table("stock_policy", "Stock policy", &["Item", "Location"], &columns)
            .group(ASSUMPTIONS)
            .rows(rows),
        nodes,
    )
}

fn contract(material: &Material, plant: &str, mode: &str) -> String {
    format!("{} {} {plant} {mode}", material.supplier, material.name)
}

/// Who delivers what where, how fast and at what price.
pub(super) fn contracts(load: &Load, currency: &str) -> SheetBlueprint {
    let mut rows = Vec::new();
    for material in sources() {
        for ((_, plant), _) in load.materials.iter().filter(|((name, _), _)| *name == material.name) {
            let mut offer = |mode: &str, lead_time: u32, cost: f64| {
                rows.push(row(
                    &[&contract(material, plant, mode)],
                    vec![
                        ("Item", text(material.name)),
                        ("Location", text(plant)),
                        ("Supplier", text(material.supplier)),
                        ("Mode", text(mode)),
                        ("Lead time", Entry::Number(f64::from(lead_time))),
                        ("Unit cost", Entry::Number((cost * 1e4).round() / 1e4)),
                    ],
                ));
            };
            offer("regular", material.lead_time, material.cost);
            if let Some((premium, _)) = material.expedite {
                offer("expedite", 0, material.cost * premium);
            }
        }
    }
    let columns = [
        ("Item", NumberFormat::Text, ""),
        ("Location", NumberFormat::Text, ""),
        ("Supplier", NumberFormat::Text, ""),
        ("Mode", NumberFormat::Text, ""),
        ("Lead time", NumberFormat::Whole, "months"),
        ("Unit cost", NumberFormat::General, currency),
    ];
    SheetBlueprint::table("contracts", "Contracts", &["Contract"], &columns).group(ASSUMPTIONS).rows(rows)
}

pub(super) fn routings(items: &[Item], currency: &str) -> SheetBlueprint {
    let rows = items.iter().flat_map(|item| {
        item.family.lines.iter().map(move |(plant, _)| {
            let cost = PLANTS.iter().find(|known| known.name == *plant).map_or(1.0, |known| known.cost);
            row(
                &[&route(item, plant)],
                vec![
                    ("Item", text(item.name)),
                    ("Location", text(plant)),
                    ("Lead time", Entry::Number(0.0)),
                    ("Unit cost", Entry::Number(round_to(item.price * 0.24 * cost, 0.001))),
                ],
            )
        })
    });
    let columns = [
        ("Item", NumberFormat::Text, ""),
        ("Location", NumberFormat::Text, ""),
        ("Lead time", NumberFormat::Whole, "months"),
        ("Unit cost", NumberFormat::General, currency),
    ];
    SheetBlueprint::table("routings", "Routings", &["Route"], &columns).group(ASSUMPTIONS).rows(rows)
}

/// What people decide of production and purchases: blank until they do.
pub(super) fn decisions(items: &[Item], load: &Load, horizon: Horizon) -> SheetBlueprint {
    let made = items.iter().flat_map(|item| {
        item.family.lines.iter().map(|(plant, _)| row(&["production", &route(item, plant), item.name], Vec::new()))
    });
    let bought = sources().flat_map(|material| {
        let plants = load.materials.keys().filter(move |(name, _)| *name == material.name).map(|(_, plant)| plant);
        let modes = || ["regular", "expedite"].into_iter().take(1 + usize::from(material.expedite.is_some()));
        plants.flat_map(move |plant| {
            modes().map(move |mode| row(&["purchase", &contract(material, plant, mode), material.name], Vec::new()))
        })
    });
    wide("decisions", "Decisions", &["Kind", "Object", "Item"], "Units", "units", horizon)
        .group(ASSUMPTIONS)
        .rows(made.chain(bought))
}

pub(super) fn lanes(currency: &str) -> SheetBlueprint {
    let rows = CENTRES.iter().flat_map(|(centre, freight)| {
        PLANTS.iter().zip(freight).map(move |(plant, cost)| {
            row(
                &[&format!("{} > {centre}", plant.name)],
                vec![
                    ("From", text(plant.name)),
                    ("To", text(centre)),
                    ("Mode", text("road")),
                    ("Lead time", Entry::Number(0.0)),
                    ("Cost per m3", Entry::Number(*cost)),
                ],
            )
        })
    });
    let columns = [
        ("From", NumberFormat::Text, ""),
        ("To", NumberFormat::Text, ""),
        ("Mode", NumberFormat::Text, ""),
        ("Lead time", NumberFormat::Whole, "months"),
        ("Cost per m3", NumberFormat::Price, currency),
    ];
    SheetBlueprint::table("lanes", "Lanes", &["Lane"], &columns).group(ASSUMPTIONS).rows(rows)
}

pub(super) fn resource_rates(load: &Load, currency: &str) -> SheetBlueprint {
    let rows = load.lines.iter().map(|(line, (plant, _))| {
        row(&[line], vec![("Location", text(plant)), ("Ot cost per hour", Entry::Number(640.0))])
    });
    let columns = [("Location", NumberFormat::Text, ""), ("Ot cost per hour", NumberFormat::Price, currency)];
    SheetBlueprint::table("resources", "Overtime rates", &["Resource"], &columns).group(ASSUMPTIONS).rows(rows)
}

pub(super) fn service_cost(items: &[Item], currency: &str) -> SheetBlueprint {
    let rows = items.iter().flat_map(|item| {
        CHANNELS.iter().map(move |channel| {
            row(
                &[item.name, channel.name],
                vec![
                    ("Late cost", Entry::Number(round_to(item.price * channel.late_share, 0.01))),
                    ("Lost cost", Entry::Number(round_to(item.price * channel.lost_share, 0.01))),
                ],
            )
        })
    });
    let columns = [("Late cost", NumberFormat::Price, currency), ("Lost cost", NumberFormat::Price, currency)];
    SheetBlueprint::table("service_cost", "Service cost", &["Item", "Channel"], &columns).group(ASSUMPTIONS).rows(rows)
}
