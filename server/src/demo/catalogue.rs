//! What the demo company sells, where, and to whom.

use super::chance::Chance;

/// A product family: how its demand moves through the year and what it is made of.
pub struct Family {
    pub name: &'static str,
    pub items: &'static [&'static str],
    /// Demand relative to an average month, January first.
    pub season: [f64; 12],
    /// Growth a year, 0.05 = 5 %.
    pub growth: f64,
    /// Cases a month of a typical item over all regions.
    pub monthly_cases: f64,
    /// Euro per case.
    pub price: f64,
    /// Share of months in which a slow row sells at all.
    pub intermittent: Option<f64>,
    /// The line that makes it at each plant that can: (plant, line).
    pub lines: &'static [(&'static str, &'static str)],
    /// Raw materials per case.
    pub recipe: &'static [(&'static str, f64)],
    /// m³ per case.
    pub volume: f64,
    /// Line hours per thousand cases.
    pub hours_per_thousand: f64,
}

const SUMMER: [f64; 12] = [0.72, 0.75, 0.86, 0.96, 1.12, 1.32, 1.45, 1.36, 1.06, 0.90, 0.76, 0.74];
const MILD: [f64; 12] = [0.94, 0.95, 0.98, 1.00, 1.03, 1.07, 1.08, 1.05, 1.00, 0.98, 0.96, 0.96];
const WINTER: [f64; 12] = [1.18, 1.12, 1.02, 0.95, 0.88, 0.84, 0.82, 0.85, 0.96, 1.06, 1.14, 1.18];
const GIFTS: [f64; 12] = [0.25, 0.60, 0.45, 0.80, 0.55, 0.40, 0.35, 0.40, 0.60, 1.40, 3.00, 3.20];

/// Eight families, sixty items.
pub const FAMILIES: [Family; 8] = [
    Family {
        name: "Still water",
        items: &[
            "Still 0.33 L",
            "Still 0.5 L",
            "Still 0.75 L Sport",
            "Still 1 L",
            "Still 1.5 L",
            "Still 2 L",
            "Still 5 L",
            "Still Kids 0.25 L",
        ],
        season: SUMMER,
        growth: 0.02,
        monthly_cases: 21_000.0,
        price: 3.4,
        intermittent: None,
        lines: &[("Leipzig", "LEJ-PET"), ("Porto", "OPO-PET")],
        recipe: &[("PET preform", 24.0), ("Cap", 24.0), ("Label", 24.0)],
        volume: 0.021,
        hours_per_thousand: 2.3,
    },
    Family {
        name: "Sparkling water",
        items: &[
            "Sparkling 0.33 L can",
            "Sparkling 0.5 L",
            "Sparkling 1 L",
            "Sparkling 1.5 L",
            "Sparkling Lime 0.33 L can",
            "Sparkling Lime 0.5 L",
            "Sparkling Peach 0.5 L",
            "Sparkling Mint 0.33 L can",
            "Sparkling Grapefruit 0.33 L can",
        ],
        season: SUMMER,
        growth: 0.08,
        monthly_cases: 16_000.0,
        price: 5.2,
        intermittent: None,
        lines: &[("Lyon", "LYS-CAN")],
        recipe: &[("Can body", 24.0), ("CO2", 0.12), ("Label", 24.0)],
        volume: 0.019,
        hours_per_thousand: 2.9,
    },
    Family {
        name: "Iced tea",
        items: &[
            "Iced Tea Lemon 0.5 L",
            "Iced Tea Lemon 1.5 L",
            "Iced Tea Peach 0.5 L",
            "Iced Tea Peach 1.5 L",
            "Iced Tea Green 0.5 L",
            "Iced Tea Zero 0.5 L",
            "Iced Tea Zero 1.5 L",
        ],
        season: SUMMER,
        growth: 0.04,
        monthly_cases: 12_500.0,
        price: 7.9,
        intermittent: None,
        lines: &[("Lyon", "LYS-PET"), ("Porto", "OPO-PET")],
        recipe: &[
            ("PET preform", 12.0),
            ("Cap", 12.0),
            ("Label", 12.0),
            ("Tea extract", 0.09),
            ("Sugar", 0.42),
            ("Citrus concentrate", 0.16),
        ],
        volume: 0.020,
        hours_per_thousand: 2.8,
    },
    Family {
        name: "Juice",
        items: &[
            "Apple Juice 1 L",
            "Apple Juice 0.2 L",
            "Orange Juice 1 L",
            "Orange Juice 0.2 L",
            "Multivitamin 1 L",
            "Citrus Mix 1 L",
            "Cloudy Apple 0.75 L",
            "Tomato Juice 0.75 L",
        ],
        season: MILD,
        growth: -0.02,
        monthly_cases: 9_000.0,
        price: 11.8,
        intermittent: None,
        lines: &[("Leipzig", "LEJ-CTN"), ("Porto", "OPO-CTN")],
        recipe: &[
            ("Carton", 12.0),
            ("Cap", 12.0),
            ("Apple concentrate", 0.55),
            ("Citrus concentrate", 0.34),
            ("Sugar", 0.10),
        ],
        volume: 0.015,
        hours_per_thousand: 3.4,
    },
    Family {
        name: "Energy drinks",
        items: &[
            "Volt Original 0.25 L can",
            "Volt Zero 0.25 L can",
            "Volt Original 0.5 L can",
            "Volt Zero 0.5 L can",
            "Volt Berry 0.25 L can",
            "Volt Mango 0.25 L can",
            "Volt Focus 0.25 L can",
        ],
        season: MILD,
        growth: 0.12,
        monthly_cases: 9_500.0,
        price: 16.5,
        intermittent: None,
        lines: &[("Lyon", "LYS-CAN"), ("Leipzig", "LEJ-CAN")],
        recipe: &[("Can body", 24.0), ("CO2", 0.10), ("Sugar", 0.66), ("Caffeine blend", 0.03)],
        volume: 0.013,
        hours_per_thousand: 2.7,
    },
    Family {
        name: "Syrup",
        items: &[
            "Syrup Raspberry 0.7 L",
            "Syrup Elderflower 0.7 L",
            "Syrup Lemon 0.7 L",
            "Syrup Cola 0.5 L",
            "Syrup Ginger 0.5 L",
            "Syrup Barista 1 L",
        ],
        season: WINTER,
        growth: 0.0,
        monthly_cases: 2_600.0,
        price: 19.9,
        intermittent: None,
        lines: &[("Porto", "OPO-CTN")],
        recipe: &[("PET preform", 6.0), ("Cap", 6.0), ("Label", 6.0), ("Sugar", 2.6), ("Citrus concentrate", 0.12)],
        volume: 0.009,
        hours_per_thousand: 4.1,
    },
    Family {
        name: "Snack bars",
        items: &[
            "Oat Bar Classic",
            "Oat Bar Cocoa",
            "Oat Bar Berry",
            "Nut Bar Almond",
            "Nut Bar Hazelnut",
            "Protein Bar Vanilla",
            "Protein Bar Cocoa",
            "Kids Bar Apple",
            "Kids Bar Banana",
        ],
        season: MILD,
        growth: 0.06,
        monthly_cases: 5_200.0,
        price: 22.4,
        intermittent: None,
        lines: &[("Leipzig", "LEJ-BAR")],
        recipe: &[("Oats", 1.6), ("Cocoa", 0.24), ("Sugar", 0.5), ("Film", 40.0)],
        volume: 0.007,
        hours_per_thousand: 5.2,
    },
    Family {
        name: "Gift sets",
        items: &["Tasting Box", "Barista Box", "Party Box", "Hotel Minibar Set", "Winter Edition", "Sampler Mini"],
        season: GIFTS,
        growth: 0.03,
        monthly_cases: 320.0,
        price: 41.0,
        intermittent: Some(0.42),
        lines: &[("Porto", "OPO-BOX")],
        recipe: &[("Gift box", 6.0), ("Film", 6.0), ("Cocoa", 0.5), ("Sugar", 0.8)],
        volume: 0.018,
        hours_per_thousand: 14.0,
    },
];

/// A sales region and the distribution centre that serves it.
pub struct Region {
    pub name: &'static str,
    pub share: f64,
    pub growth: f64,
    pub centre: &'static str,
    /// How far the region's own forecasts ran above what was then ordered.
    pub forecast_bias: f64,
}

pub const REGIONS: [Region; 5] = [
    Region { name: "DACH", share: 0.31, growth: 0.01, centre: "DC Duisburg", forecast_bias: 0.02 },
    Region { name: "France", share: 0.24, growth: 0.02, centre: "DC Orleans", forecast_bias: -0.03 },
    Region { name: "Iberia", share: 0.17, growth: -0.01, centre: "DC Zaragoza", forecast_bias: 0.21 },
    Region { name: "Nordics", share: 0.12, growth: 0.03, centre: "DC Duisburg", forecast_bias: 0.01 },
    Region { name: "UK & Ireland", share: 0.16, growth: 0.0, centre: "DC Orleans", forecast_bias: -0.01 },
];

/// A sales channel: its share, how noisy it is, and how badly it takes a late delivery.
pub struct Channel {
    pub name: &'static str,
    pub share: f64,
    pub noise: f64,
    /// Share of the price that a unit late by a month costs.
    pub late_share: f64,
    /// Share of the price that a unit never delivered costs: the sale and goodwill. More than a unit costs, or it would not pay to serve.
    pub lost_share: f64,
}

pub const CHANNELS: [Channel; 3] = [
    Channel { name: "Retail", share: 0.62, noise: 0.06, late_share: 0.10, lost_share: 1.40 },
    Channel { name: "E-commerce", share: 0.14, noise: 0.13, late_share: 0.06, lost_share: 1.25 },
    Channel { name: "Foodservice", share: 0.24, noise: 0.10, late_share: 0.04, lost_share: 1.15 },
];

/// Where an item is in its life.
#[derive(Clone, Copy, PartialEq)]
pub enum Life {
    Running,
    /// On sale since this many months.
    New(usize),
    /// Sold out by this many months before now.
    Ending(usize),
}

/// An item as the generator knows it.
pub struct Item {
    pub name: &'static str,
    pub family: &'static Family,
    /// Its size against a typical item of the family.
    pub weight: f64,
    pub price: f64,
    pub life: Life,
}

/// All sixty items. What is new and what ends is part of the story, not of chance.
pub fn items(seed: u64) -> Vec<Item> {
    let all = FAMILIES.iter().flat_map(|family| family.items.iter().map(move |name| (family, *name)));
    all.map(|(family, name)| {
        let mut chance = Chance::of(seed, name);
        let life = match name {
            "Sparkling Grapefruit 0.33 L can" => Life::New(7),
            "Volt Focus 0.25 L can" => Life::New(5),
            "Iced Tea Zero 1.5 L" => Life::New(11),
            "Tomato Juice 0.75 L" => Life::Ending(2),
            "Syrup Cola 0.5 L" => Life::Ending(4),
            _ => Life::Running,
        };
        let price = (family.price * chance.between(0.85, 1.2) * 20.0).round() / 20.0;
        Item { name, family, weight: (0.45 * chance.normal()).exp(), price, life }
    })
    .collect()
}
