//! From rows of a file to forecasts: with what was in stock, which items are new, and what is known of buckets to come.

use std::collections::HashMap;

use grid_engine::calendar::Date;
use grid_engine::forecast::{
    self, DateStep, Dates, Forecast, ForecastError, Known, Newcomer, Options, Request, forecast_newcomer,
};

use super::{Args, Refused};
use crate::cores::Cores;
use crate::exchange::series_csv::{Amount, SeriesFile, SeriesRow, Step};

/// Separates the ids of similar items.
const AND: char = '|';

/// The columns with numbers that rows may leave empty.
pub(super) fn optional_columns(args: &Args) -> Vec<Amount> {
    let columns = [(&args.in_stock, 1.0), (&args.known, f64::INFINITY), (&args.known_share, 1.0)];
    let named = columns.into_iter().filter_map(|(name, most)| Some(Amount { name: name.clone()?, most }));
    named.collect()
}

/// The columns with texts that stay the same through a series: what groups it, what it is like, and last its family.
pub(super) fn text_columns(args: &Args) -> Vec<String> {
    args.hierarchy.iter().chain(&args.like).chain(&args.family).cloned().collect()
}

/// One forecast per row, in order; `options` too.
///
/// # Errors
/// Where a series is like one that is not there.
pub(super) fn forecast_rows(
    args: &Args,
    file: &SeriesFile,
    options: &[Options],
) -> Result<Vec<Result<Forecast, ForecastError>>, Refused> {
    let stock: Vec<Vec<f64>> = file.series.iter().map(|row| in_stock(args, row)).collect();
    let mut requests = Vec::with_capacity(file.series.len());
    for ((row, options), in_stock) in file.series.iter().zip(options).zip(&stock) {
        let dates = dates(file.step, row.first);
        let plain = Request::new(&row.history, options.clone());
        requests.push(Request { drivers: &row.drivers, in_stock, dates, ..plain });
    }
    let mut found = forecast::forecast_all(&requests, args.seed, &Cores);
    let (now, families) = (end(file), families(args, file));
    for (at, row) in file.series.iter().enumerate() {
        if args.like.is_some() && !like(args, row).is_empty() {
            found[at] = newcomer(row, &named(args, file, row)?, now, &options[at]);
        } else if let Some(family) = family(args, row) {
            let kin = families.get(&(row.dataset.as_str(), family)).map_or(&[][..], Vec::as_slice);
            let likes = elders(row, kin, now, options[at].season);
            if !likes.is_empty() {
                found[at] = newcomer(row, &likes, now, &options[at]);
            }
        }
    }
    if args.known.is_some() {
        for (row, forecast) in file.series.iter().zip(&mut found) {
            let known = known(args, row, file.step)?;
            if let Ok(forecast) = forecast {
                forecast::sense(forecast, &known);
            }
        }
    }
    Ok(found)
}

fn dates(step: Step, first: i64) -> Option<Dates> {
    let (step, first) = match step {
        Step::Day => (DateStep::Day, Date::from_days(i32::try_from(first).ok()?)),
        Step::Month => {
            let (year, month) = (i32::try_from(first.div_euclid(12)).ok()?, first.rem_euclid(12) as u32 + 1);
            (DateStep::Month, Date::from_ymd(year, month, 1)?)
        }
        Step::Week | Step::Index => return None,
    };
    Some(Dates { first, step })
}

/// Empty cells, and rows that are not there, were in stock.
fn in_stock(args: &Args, row: &SeriesRow) -> Vec<f64> {
    match row.optional.first().filter(|_| args.in_stock.is_some()) {
        Some(shares) => shares.iter().take(row.history.len()).map(|share| share.unwrap_or(1.0)).collect(),
        None => Vec::new(),
    }
}

/// What is known of the buckets after the history.
///
/// # Errors
/// Where a quantity stands without its share: how much more is to come could not be told.
fn known(args: &Args, row: &SeriesRow, step: Step) -> Result<Vec<Known>, Refused> {
    let [quantities, shares] = &row.optional[usize::from(args.in_stock.is_some()).min(row.optional.len())..] else {
        return Ok(Vec::new());
    };
    let (known, share) = (args.known.as_deref().unwrap_or_default(), args.known_share.as_deref().unwrap_or_default());
    let ahead = quantities.iter().zip(shares).enumerate().skip(row.history.len());
    ahead
        .map(|(at, pair)| match pair {
            (Some(quantity), None) if *quantity != 0.0 => Err(vec![format!(
                "series {}, {}, column {share}: empty, and column {known} has {quantity}; give the share of the demand that is \
                 usually known by then",
                row.id,
                step.label(row.first + at as i64)
            )]),
            (quantity, share) => Ok(Known { quantity: quantity.unwrap_or(0.0), share: share.unwrap_or(0.0) }),
        })
        .collect()
}

fn like<'r>(args: &Args, row: &'r SeriesRow) -> &'r str {
    row.keys.get(args.hierarchy.len()).map_or("", String::as_str)
}

/// The family of a series; `None` without one.
fn family<'r>(args: &Args, row: &'r SeriesRow) -> Option<&'r str> {
    let place = args.hierarchy.len() + usize::from(args.like.is_some());
    row.keys.get(place).map(String::as_str).filter(|family| args.family.is_some() && !family.is_empty())
}

/// The similar items that a new one names.
fn named<'f>(args: &Args, file: &'f SeriesFile, row: &SeriesRow) -> Result<Vec<&'f SeriesRow>, Refused> {
    let of = |name: &str| {
        let found = file.series.iter().find(|other| other.id == name && other.dataset == row.dataset);
        found.ok_or_else(|| {
            vec![format!("series {}: it is like {name:?}, but there is no such series (ids go apart by {AND})", row.id)]
        })
    };
    like(args, row).split(AND).map(str::trim).filter(|name| !name.is_empty()).map(of).collect()
}

/// Series by data set and family.
fn families<'f>(args: &Args, file: &'f SeriesFile) -> HashMap<(&'f str, &'f str), Vec<&'f SeriesRow>> {
    let mut all: HashMap<(&str, &str), Vec<&SeriesRow>> = HashMap::new();
    for row in &file.series {
        if let Some(family) = family(args, row) {
            all.entry((&row.dataset, family)).or_default().push(row);
        }
    }
    all
}

/// Those of its family that can show a series in its first two seasons the way; none for older series.
fn elders<'f>(row: &SeriesRow, kin: &[&'f SeriesRow], now: i64, season: usize) -> Vec<&'f SeriesRow> {
    let own = until(row, now);
    if forecast::age(&own) >= 2 * season.max(1) {
        return Vec::new();
    }
    kin.iter().copied().filter(|other| forecast::shows_the_way(&own, &until(other, now), season)).collect()
}

/// The period after the last one of which any series is known.
fn end(file: &SeriesFile) -> i64 {
    let end = |row: &SeriesRow| Some(row.first + row.history.iter().rposition(Option::is_some)? as i64 + 1);
    file.series.iter().filter_map(end).max().unwrap_or(0)
}

/// A history up to a period; what is not there is not known.
fn until(row: &SeriesRow, now: i64) -> Vec<Option<f64>> {
    let mut history = if row.history.iter().any(Option::is_some) { row.history.clone() } else { Vec::new() };
    if !history.is_empty() {
        history.resize((now - row.first).max(0) as usize, None);
    }
    history
}

/// A new item by similar ones; all histories end before the period `now`.
fn newcomer(row: &SeriesRow, likes: &[&SeriesRow], now: i64, options: &Options) -> Result<Forecast, ForecastError> {
    let likes: Vec<Vec<Option<f64>>> = likes.iter().map(|other| until(other, now)).collect();
    let likes: Vec<&[Option<f64>]> = likes.iter().map(Vec::as_slice).collect();
    forecast_newcomer(&Newcomer { own: &until(row, now), likes: &likes, level: None, ramp: 0 }, options)
}
