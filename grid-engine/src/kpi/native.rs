//! Key figures whose arithmetic is more than a ratio of sums.

use serde::{Deserialize, Serialize};

use super::Column;
use crate::finance::diluted_earnings;
use crate::forecast::accuracy::{self, Outcome};

/// The arithmetic by name. The order of inputs is that of the dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Native {
    ForecastAccuracy,
    Wape,
    Mape,
    Smape,
    Mase,
    Bias,
    TrackingSignal,
    ForecastValueAdded,
    CappedShare,
    OnTimeInFull,
    ServiceLevel,
    ClosingVersusPlan,
    InventoryTurnover,
    StockDays,
    LostSales,
    SumOfProducts,
    ExpediteCost,
    PlanInstability,
    ReturnOnAssets,
    EarningsPerShare,
}

impl Native {
    pub(super) fn evaluate(self, inputs: &[Column]) -> Result<f64, String> {
        match (self, inputs) {
            (Self::ForecastAccuracy, [forecast, actual]) => wape(forecast, actual).map(|wape| (1.0 - wape).max(0.0)),
            (Self::Wape, [forecast, actual]) => wape(forecast, actual),
            (Self::Mape, [forecast, actual]) => {
                accuracy::mape(&outcomes(forecast, actual)?).ok_or_else(|| zero(actual.name))
            }
            (Self::Smape, [forecast, actual]) => {
                accuracy::smape(&outcomes(forecast, actual)?).ok_or_else(|| nothing(actual.name))
            }
            (Self::Mase, [forecast, actual, history, season]) => mase(forecast, actual, history, season),
            (Self::Bias, [forecast, actual]) => {
                accuracy::bias(&outcomes(forecast, actual)?).ok_or_else(|| zero(actual.name))
            }
            (Self::TrackingSignal, [forecast, actual]) => accuracy::tracking_signal(&outcomes(forecast, actual)?)
                .ok_or_else(|| "the forecast has no error to relate its bias to".to_owned()),
            (Self::ForecastValueAdded, [before, after, actual]) => Ok(wape(before, actual)? - wape(after, actual)?),
            (Self::CappedShare, [done, asked]) => capped_share(done, asked),
            (Self::OnTimeInFull, [ordered, delivered, late_days, tolerance, window_days]) => {
                on_time_in_full(ordered, delivered, late_days, tolerance, window_days)
            }
            (Self::ServiceLevel, [stock]) => service_level(stock),
            (Self::ClosingVersusPlan, [actual, plan]) => closing_versus_plan(actual, plan),
            (Self::InventoryTurnover, [cogs, stock, periods_per_year]) => {
                let annual = mean(cogs)? * one(periods_per_year)?;
                divide(annual, mean(stock)?, stock.name)
            }
            (Self::StockDays, [stock, cogs, days]) => {
                let per_day = divide(cogs.total(), one(days)?, days.name)?;
                divide(mean(stock)?, per_day, cogs.name)
            }
            (Self::LostSales, [demand, shipped, backordered, price]) => {
                sum_known(inputs, &[*demand, *price], |row, known| {
                    (known[0] - flow(shipped, row) - flow(backordered, row)).max(0.0) * known[1]
                })
            }
            (Self::SumOfProducts, factors) => sum_known(inputs, factors, |_, known| known.iter().product()),
            (Self::ExpediteCost, [quantity, premium, overtime]) => {
                let factors = [*quantity, *premium];
                Ok(sum_known(&factors, &factors, |_, known| known.iter().product())? + overtime.total())
            }
            (Self::PlanInstability, both @ [_, previous]) => {
                let change = sum_known(inputs, both, |_, known| (known[0] - known[1]).abs())?;
                divide(change, sum_known(inputs, both, |_, known| known[1])?, previous.name)
            }
            (Self::ReturnOnAssets, [income, assets]) => divide(income.total(), mean(assets)?, assets.name),
            (Self::EarningsPerShare, [income, preferred, add_back, shares, dilutive]) => {
                let ordinary = income.total() - preferred.total();
                diluted_earnings(ordinary, add_back.total(), shares.total(), dilutive.total())
                    .ok_or_else(|| zero(shares.name))
            }
            _ => Err("the definition's inputs do not fit its formula".to_owned()),
        }
    }
}

/// A quotient, or why there is none.
pub(super) fn divide(numerator: f64, denominator: f64, name: &str) -> Result<f64, String> {
    if denominator == 0.0 { Err(zero(name)) } else { Ok(numerator / denominator) }
}

fn zero(name: &str) -> String {
    format!("{name} is zero")
}

/// Why an input without any value gives no figure.
pub(super) fn nothing(name: &str) -> String {
    format!("{name} is empty")
}

/// A quantity that flows: nothing recorded is nothing moved.
fn flow(column: &Column, row: usize) -> f64 {
    column.at(row).unwrap_or(0.0)
}

fn one(column: &Column) -> Result<f64, String> {
    column.known().next().ok_or_else(|| nothing(column.name))
}

fn mean(column: &Column) -> Result<f64, String> {
    let count = column.known().count();
    if count == 0 { Err(nothing(column.name)) } else { Ok(column.total() / count as f64) }
}

/// How many rows the inputs have together: all the same, those of one value aside.
fn rows(inputs: &[Column]) -> Result<usize, String> {
    let mut sized = inputs.iter().filter_map(|column| column.len().map(|len| (column.name, len)));
    let Some((name, len)) = sized.next() else { return Ok(1) };
    match sized.find(|(_, other)| *other != len) {
        Some((other_name, other)) => Err(format!("{name} has {len} values, {other_name} has {other}")),
        None => Ok(len),
    }
}

fn sum_rows(inputs: &[Column], row: impl Fn(usize) -> f64) -> Result<f64, String> {
    Ok((0..rows(inputs)?).map(row).sum())
}

/// The sum over the rows in which these inputs are all known, of what is made of them.
fn sum_known(inputs: &[Column], needed: &[Column], row: impl Fn(usize, &[f64]) -> f64) -> Result<f64, String> {
    let values = |at: usize| needed.iter().map(|column| column.at(at)).collect::<Option<Vec<f64>>>();
    let mut sum = None;
    for at in 0..rows(inputs)? {
        if let Some(known) = values(at) {
            *sum.get_or_insert(0.0) += row(at, &known);
        }
    }
    sum.ok_or_else(|| {
        let names: Vec<&str> = needed.iter().map(|column| column.name).collect();
        format!("no row has {} together", names.join(", "))
    })
}

/// The buckets where both the forecast and the actual are known.
fn outcomes(forecast: &Column, actual: &Column) -> Result<Vec<Outcome>, String> {
    let rows = rows(&[*forecast, *actual])?;
    let known: Vec<Outcome> =
        (0..rows).filter_map(|row| Some(Outcome { forecast: forecast.at(row)?, actual: actual.at(row)? })).collect();
    if known.is_empty() {
        return Err(format!("no bucket has both {} and {}", forecast.name, actual.name));
    }
    Ok(known)
}

fn wape(forecast: &Column, actual: &Column) -> Result<f64, String> {
    accuracy::wape(&outcomes(forecast, actual)?).ok_or_else(|| zero(actual.name))
}

fn mase(forecast: &Column, actual: &Column, history: &Column, season: &Column) -> Result<f64, String> {
    let season = one(season)?;
    if !(1.0..=10_000.0).contains(&season) {
        return Err(format!("season is {season}; it must be 1 or more buckets"));
    }
    let known: Vec<f64> = history.known().collect();
    accuracy::mase(&outcomes(forecast, actual)?, &known, season as usize)
        .ok_or_else(|| "the history is shorter than a season or never changes".to_owned())
}

/// Σ min(done, asked) ÷ Σ asked: doing more in one bucket does not make up for less in another.
fn capped_share(done: &Column, asked: &Column) -> Result<f64, String> {
    let capped = sum_rows(&[*done, *asked], |row| flow(done, row).min(flow(asked, row)).max(0.0))?;
    let asked_total = sum_rows(&[*done, *asked], |row| flow(asked, row))?;
    divide(capped, asked_total, asked.name)
}

/// The input of OTIF that lines without a delivery do not have.
pub(super) const LATE_DAYS: &str = "late_days";

fn on_time_in_full(
    ordered: &Column,
    delivered: &Column,
    late_days: &Column,
    tolerance: &Column,
    window_days: &Column,
) -> Result<f64, String> {
    let (tolerance, window_days) = (one(tolerance)?, one(window_days)?);
    let lines = rows(&[*ordered, *delivered, *late_days])?;
    if late_days.is_empty() && delivered.known().any(|quantity| quantity > 0.0) {
        return Err(nothing(late_days.name));
    }
    let due: Vec<usize> = (0..lines).filter(|line| ordered.at(*line).is_some_and(|quantity| quantity > 0.0)).collect();
    let good = due.iter().filter(|line| {
        let in_full = flow(delivered, **line) >= (1.0 - tolerance) * flow(ordered, **line);
        // A line without delivery is open and past due: it fails.
        in_full && late_days.at(**line).is_some_and(|days| days <= window_days)
    });
    divide(good.count() as f64, due.len() as f64, ordered.name)
}

fn service_level(stock: &Column) -> Result<f64, String> {
    let periods = stock.known().count();
    if periods == 0 {
        return Err(nothing(stock.name));
    }
    Ok(stock.known().filter(|stock| *stock > 0.0).count() as f64 / periods as f64)
}

/// Closing values compared: the last known bucket of each.
fn closing_versus_plan(actual: &Column, plan: &Column) -> Result<f64, String> {
    rows(&[*actual, *plan])?;
    let last = |column: &Column| column.known().last().ok_or_else(|| nothing(column.name));
    let (actual, planned) = (last(actual)?, last(plan)?);
    divide(actual - planned, planned, plan.name)
}
