//! From rows of a file to forecasts: with what was in stock, which items are new, and what is known of buckets to come.

use grid_engine::calendar::Date;
use grid_engine::forecast::{
    self, DateStep, Dates, Forecast, ForecastError, Known, Newcomer, Options, Request, forecast_newcomer,
};

use super::{Args, Refused};
use crate::cores::Cores;
use crate::exchange::series_csv::{SeriesFile, SeriesRow, Step};

/// Separates the ids of similar items.
const AND: char = '|';

/// The columns with numbers that rows may leave empty.
pub(super) fn optional_columns(args: &Args) -> Vec<String> {
    args.in_stock.iter().chain(&args.known).chain(&args.known_share).cloned().collect()
}

/// The columns with texts that stay the same through a series: what groups it, and last what it is like.
pub(super) fn text_columns(args: &Args) -> Vec<String> {
    args.hierarchy.iter().chain(&args.like).cloned().collect()
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
    if args.like.is_some() {
        for (at, row) in file.series.iter().enumerate().filter(|(_, row)| !like(args, row).is_empty()) {
            found[at] = newcomer(args, file, row, &options[at])?;
        }
    }
    if args.known.is_some() {
        for (row, forecast) in file.series.iter().zip(&mut found) {
            if let Ok(forecast) = forecast {
                forecast::sense(forecast, &known(args, row));
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
fn known(args: &Args, row: &SeriesRow) -> Vec<Known> {
    let [quantities, shares] = &row.optional[usize::from(args.in_stock.is_some()).min(row.optional.len())..] else {
        return Vec::new();
    };
    let ahead = quantities.iter().zip(shares).skip(row.history.len());
    ahead.map(|(quantity, share)| Known { quantity: quantity.unwrap_or(0.0), share: share.unwrap_or(0.0) }).collect()
}

fn like<'r>(args: &Args, row: &'r SeriesRow) -> &'r str {
    row.keys.get(args.hierarchy.len()).map_or("", String::as_str)
}

/// A new item by the similar ones it names.
fn newcomer(
    args: &Args,
    file: &SeriesFile,
    row: &SeriesRow,
    options: &Options,
) -> Result<Result<Forecast, ForecastError>, Refused> {
    let end = |row: &SeriesRow| Some(row.first + row.history.iter().rposition(Option::is_some)? as i64 + 1);
    let now = file.series.iter().filter_map(end).max().unwrap_or(0);
    let mut likes: Vec<&[Option<f64>]> = Vec::new();
    for name in like(args, row).split(AND).map(str::trim).filter(|name| !name.is_empty()) {
        let found = file.series.iter().find(|other| other.id == name && other.dataset == row.dataset);
        let other = found.ok_or_else(|| {
            vec![format!("series {}: it is like {name:?}, but there is no such series (ids go apart by {AND})", row.id)]
        })?;
        likes.push(&other.history[..(now - other.first).clamp(0, other.history.len() as i64) as usize]);
    }
    // All histories end with the same bucket; what is not there is not known.
    let mut own = if row.history.iter().any(Option::is_some) { row.history.clone() } else { Vec::new() };
    if !own.is_empty() {
        own.resize((now - row.first).max(0) as usize, None);
    }
    Ok(forecast_newcomer(&Newcomer { own: &own, likes: &likes, level: None, ramp: 0 }, options))
}
