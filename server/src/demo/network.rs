//! Plants, lines, materials, suppliers, lanes and stock of the demo company, as sheets of the supply model.
//!
//! Capacities are set against the load of last year's orders, so that the story holds for every seed: the can
//! line in Lyon is short around its maintenance and in summer, and citrus concentrate is scarce in spring.

use std::collections::BTreeMap;

use grid_engine::calendar::Horizon;
use grid_engine::doc::{NumberFormat, Span};
use grid_engine::refs::ColId;

use super::catalogue::{CHANNELS, Item, Life, REGIONS};
use super::orders::Row;
use crate::exchange::blueprint::{Entry, MeasureBlueprint, RowBlueprint, SheetBlueprint, measure_id};
use crate::exchange::plan_sheets::{ASSUMPTIONS, MASTER_DATA};

struct Plant {
    name: &'static str,
    /// Conversion cost against the average plant.
    cost: f64,
}

const PLANTS: [Plant; 3] =
    [Plant { name: "Lyon", cost: 1.05 }, Plant { name: "Leipzig", cost: 1.0 }, Plant { name: "Porto", cost: 0.88 }];

/// Distribution centres and the freight per m³ from Lyon, Leipzig and Porto.
const CENTRES: [(&str, [f64; 3]); 3] =
    [("DC Duisburg", [19.0, 13.0, 34.0]), ("DC Orleans", [12.0, 21.0, 26.0]), ("DC Zaragoza", [18.0, 33.0, 14.0])];

struct Material {
    name: &'static str,
    supplier: &'static str,
    cost: f64,
    lead_time: u32,
    /// What the supplier can deliver against what is normally needed.
    slack: f64,
    /// Premium price and share of normal need for expedited deliveries, where the supplier offers them.
    expedite: Option<(f64, f64)>,
}

const MATERIALS: [Material; 14] = [
    material("PET preform", "Plastipoint", 0.042, 1, 1.5, None),
    material("Can body", "Metalpack", 0.098, 2, 1.35, Some((1.35, 0.10))),
    material("Cap", "Plastipoint", 0.008, 1, 1.6, None),
    material("Label", "Etikett Nord", 0.005, 1, 2.0, None),
    material("Carton", "Kartonia", 0.12, 1, 1.5, None),
    material("Film", "Plastipoint", 0.012, 1, 1.6, None),
    material("Gift box", "Kartonia", 1.6, 2, 2.2, None),
    material("Sugar", "Sucra", 0.92, 1, 1.5, None),
    material("CO2", "Gasline", 0.9, 0, 1.8, None),
    material("Tea extract", "Camellia Trading", 9.5, 2, 1.4, None),
    material("Citrus concentrate", "Citrovia", 4.4, 2, 1.0, Some((1.85, 0.07))),
    material("Apple concentrate", "Pomona", 3.1, 1, 1.5, None),
    material("Caffeine blend", "Camellia Trading", 68.0, 2, 1.5, None),
    material("Oats", "Avena Mills", 2.0, 1, 1.6, None),
];

/// Cocoa has two sources, one nearer and dearer.
const COCOA: [Material; 2] =
    [material("Cocoa", "Theobroma", 8.6, 2, 1.1, None), material("Cocoa", "Kakao Direkt", 10.2, 1, 0.5, None)];

const fn material(
    name: &'static str,
    supplier: &'static str,
    cost: f64,
    lead_time: u32,
    slack: f64,
    expedite: Option<(f64, f64)>,
) -> Material {
    Material { name, supplier, cost, lead_time, slack, expedite }
}

/// The network: its sheets, and what other sheets need to know of it.
pub struct Network {
    pub sheets: Vec<SheetBlueprint>,
    /// Item and location of every stock node.
    pub nodes: Vec<Vec<String>>,
    pub resources: Vec<String>,
}

/// Monthly averages of what must be made, from last year's orders.
struct Load {
    /// Cases a month by item.
    items: Vec<f64>,
    /// Cases a month by item and distribution centre.
    centres: BTreeMap<(usize, &'static str), f64>,
    /// Units a month by material and plant.
    materials: BTreeMap<(&'static str, &'static str), f64>,
    /// Hours a month by line; the plant beside it.
    lines: BTreeMap<&'static str, (&'static str, f64)>,
}

impl Load {
    fn of(items: &[Item], rows: &[Row]) -> Self {
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
    let stock = stock_policy(items, &load, currency);
    Network {
        nodes: stock.1,
        resources,
        sheets: vec![
            capacity(&load, horizon),
            supplier_capacity(&load, horizon),
            stock.0,
            contracts(&load, currency),
            routings(items, currency),
            lanes(currency),
            resource_rates(&load, currency),
            service_cost(items, currency),
            products(items, currency),
            materials(),
            locations(),
            streams(),
            bom(items),
            routing_resources(items),
            scheduled_receipts(&load, horizon),
        ],
    }
}

/// Regular and overtime hours. The can line in Lyon runs near its limit and stands for maintenance in March and April.
fn capacity(load: &Load, horizon: Horizon) -> SheetBlueprint {
    let month = |place: usize| horizon.current.plus(place as i32).year_and_part();
    let rows = load.lines.iter().flat_map(|(line, (_, hours))| {
        let slack = match *line {
            "LYS-CAN" => 1.0,
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
fn supplier_capacity(load: &Load, horizon: Horizon) -> SheetBlueprint {
    let mut limits: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
    let months = horizon.len() - horizon.current_index();
    for material in MATERIALS.iter().chain(&COCOA) {
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
fn stock_policy(items: &[Item], load: &Load, currency: &str) -> (SheetBlueprint, Vec<Vec<String>>) {
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
        let cost =
            MATERIALS.iter().chain(&COCOA).find(|material| material.name == *component).map_or(0.0, |found| found.cost);
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

/// Who delivers what where, how fast and at what price.
fn contracts(load: &Load, currency: &str) -> SheetBlueprint {
    let mut rows = Vec::new();
    for material in MATERIALS.iter().chain(&COCOA) {
        for ((_, plant), _) in load.materials.iter().filter(|((name, _), _)| *name == material.name) {
            let mut contract = |mode: &str, lead_time: u32, cost: f64| {
                let key = format!("{} {} {plant} {mode}", material.supplier, material.name);
                rows.push(row(
                    &[&key],
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
            contract("regular", material.lead_time, material.cost);
            if let Some((premium, _)) = material.expedite {
                contract("expedite", 0, material.cost * premium);
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

fn route(item: &Item, plant: &str) -> String {
    format!("{} @ {plant}", item.name)
}

fn routings(items: &[Item], currency: &str) -> SheetBlueprint {
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

fn lanes(currency: &str) -> SheetBlueprint {
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

fn resource_rates(load: &Load, currency: &str) -> SheetBlueprint {
    let rows = load.lines.iter().map(|(line, (plant, _))| {
        row(&[line], vec![("Location", text(plant)), ("Ot cost per hour", Entry::Number(640.0))])
    });
    let columns = [("Location", NumberFormat::Text, ""), ("Ot cost per hour", NumberFormat::Price, currency)];
    SheetBlueprint::table("resources", "Overtime rates", &["Resource"], &columns).group(ASSUMPTIONS).rows(rows)
}

fn service_cost(items: &[Item], currency: &str) -> SheetBlueprint {
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

fn products(items: &[Item], currency: &str) -> SheetBlueprint {
    let rows = items.iter().map(|item| {
        row(
            &[item.name],
            vec![
                ("Family", text(item.family.name)),
                ("Volume", Entry::Number(item.family.volume)),
                ("Price", Entry::Number(item.price)),
            ],
        )
    });
    crate::exchange::plan_sheets::items(currency).rows(rows)
}

fn materials() -> SheetBlueprint {
    let names = MATERIALS.iter().chain(&COCOA[..1]).map(|material| material.name);
    let rows = names.map(|name| row(&[name], vec![("Kind", text("raw")), ("Volume", Entry::Number(0.0))]));
    let columns = [("Kind", NumberFormat::Text, ""), ("Volume", NumberFormat::General, "m³")];
    SheetBlueprint::table("materials", "Materials", &["Item"], &columns).group(MASTER_DATA).rows(rows)
}

fn locations() -> SheetBlueprint {
    let plants = PLANTS.iter().map(|plant| row(&[plant.name], vec![("Type", text("plant"))]));
    let centres = CENTRES.iter().map(|(centre, _)| row(&[centre], vec![("Type", text("dc"))]));
    let columns = [("Type", NumberFormat::Text, ""), ("Storage m3", NumberFormat::Whole, "m³")];
    SheetBlueprint::table("locations", "Locations", &["Location"], &columns)
        .group(MASTER_DATA)
        .rows(plants.chain(centres))
}

fn streams() -> SheetBlueprint {
    let rows = REGIONS.iter().flat_map(|region| {
        CHANNELS.iter().map(move |channel| {
            row(
                &[&format!("{} {}", region.name, channel.name)],
                vec![
                    ("Region", text(region.name)),
                    ("Channel", text(channel.name)),
                    ("Location", text(region.centre)),
                    ("Allow backlog", Entry::Number(1.0)),
                    ("Allow lost", Entry::Number(1.0)),
                ],
            )
        })
    });
    let columns = [
        ("Region", NumberFormat::Text, ""),
        ("Channel", NumberFormat::Text, ""),
        ("Location", NumberFormat::Text, ""),
        ("Allow backlog", NumberFormat::Whole, ""),
        ("Allow lost", NumberFormat::Whole, ""),
    ];
    SheetBlueprint::table("streams", "Streams", &["Stream"], &columns).group(MASTER_DATA).rows(rows)
}

fn bom(items: &[Item]) -> SheetBlueprint {
    let rows = items.iter().flat_map(|item| {
        item.family.lines.iter().flat_map(move |(plant, _)| {
            item.family.recipe.iter().map(move |(component, quantity)| {
                row(&[&route(item, plant), component], vec![("Qty per", Entry::Number(*quantity))])
            })
        })
    });
    SheetBlueprint::table(
        "bom",
        "Bill of materials",
        &["Route", "Component"],
        &[("Qty per", NumberFormat::General, "")],
    )
    .group(MASTER_DATA)
    .rows(rows)
}

fn routing_resources(items: &[Item]) -> SheetBlueprint {
    let rows = items.iter().flat_map(|item| {
        item.family.lines.iter().map(move |(plant, line)| {
            row(
                &[&route(item, plant), line],
                vec![("Hours per unit", Entry::Number(item.family.hours_per_thousand / 1000.0))],
            )
        })
    });
    let columns = [("Hours per unit", NumberFormat::General, "h")];
    SheetBlueprint::table("routing_resources", "Line times", &["Route", "Resource"], &columns)
        .group(MASTER_DATA)
        .rows(rows)
}

/// Deliveries on the way: what lead times keep from being ordered anew.
fn scheduled_receipts(load: &Load, horizon: Horizon) -> SheetBlueprint {
    let rows = load.materials.iter().filter_map(|((component, plant), monthly)| {
        let lead_time = MATERIALS.iter().chain(&COCOA).find(|material| material.name == *component)?.lead_time as usize;
        (lead_time > 0).then(|| {
            series(&[component, plant], horizon, "Units", |place| if place < lead_time { monthly.round() } else { 0.0 })
        })
    });
    wide("scheduled_receipts", "Scheduled receipts", &["Item", "Location"], "Units", "units", horizon)
        .group(MASTER_DATA)
        .rows(rows.collect::<Vec<_>>())
}
