//! Forecasts by more than a history: drivers, stock-outs, what is already ordered, similar items, and groups.

use super::super::args::{out_of_range, wrong};
use super::super::planning::{Asked, ask, history, known_number, numbers};
use super::{array_of, given, second};
use crate::forecast::{Known, shows_the_way};
use crate::formula::ast::Expr;
use crate::formula::eval::{Evaluation, Outcome};
use crate::formula::{NewcomerCall, PanelCall};
use crate::value::{Array, CellError, Value};

/// With drivers, one per row, or one per column where there are more rows than columns.
pub(super) fn driven(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Result<Asked, CellError> {
    let (source, drivers, options) = second(arguments)?;
    let mut asked = ask(evaluation, source, options)?;
    let array =
        array_of(evaluation, drivers, "drivers are needed: a row each, over the history and the buckets to come")?;
    let drivers = lines(&array, asked.call.history.len())?;
    let reach = drivers.iter().map(Vec::len).min().unwrap_or(0);
    let ahead = reach.saturating_sub(asked.call.history.len());
    if matches!(options.first(), None | Some(Expr::Missing)) && ahead > asked.call.gap {
        asked.call.horizon = ahead;
    }
    asked.call.drivers = drivers;
    Ok(asked)
}

/// Rows of numbers, or columns where the array is upright and as high as a history is long.
fn lines(array: &Array, length: usize) -> Result<Vec<Vec<Option<f64>>>, CellError> {
    let upright = array.rows() > array.cols() && array.rows() >= length;
    let (count, along) = if upright { (array.cols(), array.rows()) } else { (array.rows(), array.cols()) };
    let cell = |line: usize, at: usize| {
        let place = if upright { at * array.cols() + line } else { line * array.cols() + at };
        known_number(&array.cells()[place])
    };
    (0..count).map(|line| (0..along).map(|at| cell(line, at)).collect()).collect()
}

pub(super) fn stock_outs(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Result<Asked, CellError> {
    let (source, stock, options) = second(arguments)?;
    let mut asked = ask(evaluation, source, options)?;
    let stock = numbers(&*array_of(evaluation, stock, "the share of each bucket in stock is needed")?)?;
    asked.call.in_stock = stock.into_iter().map(|share| share.unwrap_or(1.0)).take(asked.call.history.len()).collect();
    Ok(asked)
}

pub(super) fn sensed(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Result<Asked, CellError> {
    let [source, known, share, options @ ..] = arguments else {
        return Err(wrong("what is known of the buckets to come is needed, and the share that usually is"));
    };
    let mut asked = ask(evaluation, source, options)?;
    let known = numbers(&*array_of(evaluation, Some(known), "what is known of the buckets to come is needed")?)?;
    let shares = numbers(&*array_of(evaluation, Some(share), "the share that is usually known is needed")?)?;
    // One share is that of every bucket.
    let share = |at: usize| shares.get(if shares.len() == 1 { 0 } else { at }).copied().flatten().unwrap_or(0.0);
    let of_bucket =
        |(at, quantity): (usize, Option<f64>)| Known { quantity: quantity.unwrap_or(0.0), share: share(at) };
    // Nothing is known of what lies between the history and the first bucket shown.
    let before = std::iter::repeat_n(Known { quantity: 0.0, share: 0.0 }, asked.call.gap);
    asked.call.known = before.chain(known.into_iter().enumerate().map(of_bucket)).collect();
    Ok(asked)
}

/// A new item; with families, those of its own that were sold for a season longer show it the way.
pub(super) fn newcomer(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Result<Asked, CellError> {
    let (source, likes, options) = second(arguments)?;
    let (mut own, open) = history(evaluation, source)?;
    let mut likes = match given(evaluation, likes)? {
        Some(Value::Array(array)) => lines(&array, own.len().max(2))?,
        _ => Vec::new(),
    };
    let option = |at: usize| given(evaluation, options.get(at));
    let number = |at: usize| option(at)?.map(|value| value.to_number()).transpose();
    let (level, ramp) = (number(2)?, number(3)?.unwrap_or(0.0).clamp(0.0, 1000.0) as usize);
    let mut gap = 0;
    if open.is_some() || likes.iter().all(|like| like.len() == own.len()) {
        // All end with the last bucket of which anything is known.
        likes.iter_mut().for_each(|like| like.truncate(own.len()));
        let last = |values: &Vec<Option<f64>>| values.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        let known = likes.iter().chain([&own]).map(last).max().unwrap_or(0);
        gap = if open.is_some() { own.len() - known } else { 0 };
        likes.iter_mut().for_each(|like| like.truncate(known));
        own.truncate(known);
    }
    let mut asked = Asked::over(evaluation, own, open.unwrap_or(0), &options[..options.len().min(2)])?;
    asked.leave_out(gap);
    if let Some(families) = option(4)? {
        let family = option(5)?.ok_or_else(|| wrong("with families, the item's own family is needed"))?.to_text()?;
        let families = match families {
            Value::Array(array) => array,
            single => Array::single(single).into(),
        };
        if families.cells().len() != likes.len() {
            let (there, wanted) = (families.cells().len(), likes.len());
            return Err(wrong(&format!("{there} families are given for {wanted} histories")));
        }
        let mut members = families.cells().iter().map(|one| same_text(one, &family));
        likes.retain(|_| members.next().unwrap_or(false));
        let season = if asked.call.season == 0 { 12 } else { asked.call.season };
        likes.retain(|like| shows_the_way(&asked.call.history, like, season));
    }
    asked.call.newcomer = Some(NewcomerCall { likes, level, ramp });
    Ok(asked)
}

/// Origins of [`errors`] where none are given, and the most of them: each costs a forecast.
const ORIGINS: f64 = 24.0;
const MOST_ORIGINS: f64 = 60.0;
/// The longest lead time, in buckets.
const MOST_AHEAD: f64 = 104.0;

/// The errors of a history's own forecasts, as the job answers them.
pub(super) fn errors(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let (source, lead_time, options) = second(arguments)?;
    if let Expr::Call(function, _) = source
        && function.info.name.starts_with("FORECAST")
    {
        return Err(wrong(&format!("errors are those of forecasts of a history, not of {}", function.info.name)));
    }
    let whole = |value: Option<Value>, most: f64, what: &str| {
        let number = value.map_or(Ok(ORIGINS), |value| value.to_number())?;
        let possible = number.fract() == 0.0 && (1.0..=most).contains(&number);
        if possible {
            Ok(number as usize)
        } else {
            Err(out_of_range(&format!("{what} is a whole number from 1 to {most}")))
        }
    };
    let lead_time = given(evaluation, lead_time)?.ok_or_else(|| wrong("a lead time in buckets is needed"))?;
    let ahead = whole(Some(lead_time), MOST_AHEAD, "the lead time")?;
    let origins = whole(given(evaluation, options.first())?, MOST_ORIGINS, "the number of origins")?;
    let further = options.get(1..).unwrap_or_default();
    let mut asked = ask(evaluation, source, &[&[Expr::Missing][..], further].concat())?;
    (asked.call.horizon, asked.call.gap, asked.call.origins) = (ahead, 0, origins);
    asked.whole(evaluation)
}

fn same_text(value: &Value, text: &str) -> bool {
    value.to_text().is_ok_and(|own| own.trim().to_lowercase() == text.trim().to_lowercase())
}

pub(super) fn reconciled(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let (source, keys, options) = second(arguments)?;
    let histories = array_of(evaluation, Some(source), "histories are needed, a row each")?;
    let keys = array_of(evaluation, keys, "keys are needed: for every row what it belongs to")?;
    if keys.rows() != histories.rows() {
        return Err(wrong("there are as many rows of keys as of histories"));
    }
    let rows: Vec<Vec<Option<f64>>> = histories
        .cells()
        .chunks(histories.cols())
        .map(|row| row.iter().map(known_number).collect())
        .collect::<Result<_, _>>()?;
    let keys: Vec<Vec<String>> = keys
        .cells()
        .chunks(keys.cols())
        .map(|row| row.iter().map(|key| key.to_text().map(|text| text.to_string())).collect())
        .collect::<Result<_, _>>()?;
    let how = given(evaluation, options.get(2))?
        .map_or(Ok("bottom-up".to_owned()), |how| how.to_text().map(|text| text.trim().to_lowercase()))?;
    if !matches!(how.as_str(), "bottom-up" | "top-down" | "mint") {
        return Err(wrong("the method is bottom-up, top-down or mint"));
    }
    let mut options: Vec<Expr> = options.to_vec();
    if options.len() > 2 {
        options.remove(2);
    }
    let mut asked = Asked::over(evaluation, Vec::new(), 0, &options)?;
    asked.call.panel = Some(PanelCall { rows, keys, how });
    asked.whole(evaluation)
}
