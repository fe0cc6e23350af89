//! Three years of orders, and what people forecast at the time.

use grid_engine::calendar::Bucket;

use super::catalogue::{CHANNELS, Channel, Item, Life, REGIONS, Region};
use super::chance::Chance;

/// Months of history.
pub const HISTORY: usize = 36;
/// Months for which a forecast of the time is known.
pub const FORECAST_KNOWN: usize = 12;

/// One row of demand: an item in a region and channel.
pub struct Row {
    pub item: usize,
    pub region: &'static Region,
    pub channel: &'static Channel,
    /// Cases ordered, oldest month first; `NaN` before an item's launch.
    pub history: Vec<f64>,
    /// The consensus forecast one month ahead, for the last [`FORECAST_KNOWN`] months.
    pub forecast: Vec<f64>,
}

impl Row {
    /// The row's key on the demand sheet.
    pub fn key(&self, items: &[Item]) -> Vec<String> {
        [items[self.item].name, self.region.name, self.channel.name].map(str::to_owned).to_vec()
    }

    /// Cases of the last twelve months.
    pub fn last_year(&self) -> f64 {
        self.history.iter().rev().take(12).filter(|cases| !cases.is_nan()).sum()
    }
}

/// A promotion that ran: every summer the sparkling range, each autumn the bars.
fn promotion(item: &Item, region: &Region, month: u32, chance: &mut Chance) -> f64 {
    match (item.family.name, month) {
        ("Sparkling water", 6) if region.name != "Iberia" => chance.between(1.28, 1.45),
        ("Snack bars", 9) if region.name == "DACH" || region.name == "UK & Ireland" => chance.between(1.2, 1.35),
        ("Energy drinks", 3) if region.name == "Nordics" => chance.between(1.25, 1.4),
        _ => 1.0,
    }
}

/// All rows, `first` being the oldest month.
pub fn rows(seed: u64, items: &[Item], first: Bucket) -> Vec<Row> {
    let mut rows = Vec::new();
    for (place, item) in items.iter().enumerate() {
        for region in &REGIONS {
            for channel in &CHANNELS {
                rows.push(row(seed, place, item, region, channel, first));
            }
        }
    }
    rows
}

fn row(seed: u64, place: usize, item: &Item, region: &'static Region, channel: &'static Channel, first: Bucket) -> Row {
    let mut chance = Chance::of(seed, &format!("{}/{}/{}", item.name, region.name, channel.name));
    let taste = (0.25 * chance.normal()).exp();
    let level = item.family.monthly_cases * item.weight * region.share * channel.share * taste;
    let growth = 1.0 + item.family.growth + region.growth;
    let mut history = Vec::with_capacity(HISTORY);
    for month in 0..HISTORY {
        let (_, calendar_month) = first.plus(month as i32).year_and_part();
        let season = item.family.season[calendar_month as usize - 1];
        let trend = growth.powf((month as f64 - HISTORY as f64) / 12.0);
        let noise = (channel.noise * chance.normal()).exp();
        let promotion = promotion(item, region, calendar_month, &mut chance);
        let life = match item.life {
            Life::Running => 1.0,
            Life::New(months) if month + months < HISTORY => f64::NAN,
            // Distribution is built up over half a year.
            Life::New(months) => ((month + months - HISTORY + 1) as f64 / 6.0).min(1.0),
            Life::Ending(ended) => (((HISTORY - ended) as f64 - month as f64) / 10.0).clamp(0.0, 1.0),
        };
        let sold = item.family.intermittent.is_none_or(|share| {
            let share = if season > 1.0 { (share * 1.6).min(1.0) } else { share };
            chance.happens(share)
        });
        let cases = if sold || life.is_nan() { level * season * trend * noise * promotion * life } else { 0.0 };
        let size = item.family.intermittent.filter(|_| cases > 0.0).map_or(1.0, |share| 1.0 / share);
        history.push((cases * size).round());
    }
    let forecast = history[HISTORY - FORECAST_KNOWN..]
        .iter()
        .map(|actual| {
            let error = region.forecast_bias + 0.07 * chance.normal();
            if actual.is_nan() { f64::NAN } else { (actual * (1.0 + error)).max(0.0).round() }
        })
        .collect();
    Row { item: place, region, channel, history, forecast }
}
