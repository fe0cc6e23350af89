//! What stands above and below such a figure, line by line.

use std::collections::BTreeMap;

use crate::calendar::Bucket;
use crate::plan::bridge::BridgeError;
use crate::plan::frame::FrameReader;
use crate::plan::level::Level;
use crate::refs::MeasureId;
use crate::wire::SheetFrame;

/// What is summed.
#[derive(Clone, Copy)]
pub(super) enum Terms {
    /// Planned values of a measure of the sheet with this role.
    Planned(&'static str, &'static str),
    /// Stock at cost, and what the statements open with where a version has them.
    Stock,
    /// Forecast less actual, where both are known.
    Errors,
    /// The size of each bucket's total error.
    ErrorSizes,
    /// The size of each bucket's total change of demand from a season before.
    SeasonalSteps,
}

pub(super) const STOCK: (&str, &str) = ("supply", "stockvalue");
/// The role of the sheet that says with which stock a plan begins, and its row; versions of before statements have none.
pub(super) const OPENING: (&str, &str) = ("finance.inputs", "Opening inventory");

impl Terms {
    /// The role of the sheet it is summed from.
    pub(super) fn role(self) -> &'static str {
        match self {
            Self::Planned(role, _) => role,
            Self::Stock => STOCK.0,
            Self::Errors | Self::ErrorSizes | Self::SeasonalSteps => "demand",
        }
    }
}

/// What a row adds in a bucket.
pub(super) struct Term {
    pub line: String,
    /// `None`: before all of them, as an opening stock is.
    pub bucket: Option<Bucket>,
    pub value: f64,
}

/// What is summed, by line at a level of its sheet; where that has no such level, by its rows.
pub(super) fn terms(frames: &[SheetFrame], terms: Terms, by: &str) -> Result<Vec<Term>, BridgeError> {
    let role = terms.role();
    let missing = |name: &str| BridgeError::NoMeasure { sheet: role.to_owned(), measure: name.to_owned() };
    let find = |name: &str| FrameReader::of_role(frames, role).ok_or_else(|| missing(name));
    let measure = |reader: &FrameReader<'_>, name: &str| -> Result<MeasureId, BridgeError> {
        Ok(reader.measure(name).filter(|measure| measure.timed).ok_or_else(|| missing(name))?.id)
    };
    let (name, opening) = match terms {
        Terms::Planned(_, name) => (name, None),
        Terms::Stock => (STOCK.1, opening_stock(frames)),
        Terms::Errors | Terms::ErrorSizes | Terms::SeasonalSteps => ("history", None),
    };
    let reader = find(name)?;
    let known = measure(&reader, name)?;
    let level = Level::named(reader.frame(), by);
    let (all, current) = reader.buckets();
    let (past, plan) = all.split_at(current.min(all.len()));
    let mut found = Vec::new();
    found.extend(opening.map(|value| Term { line: "Opening stock".to_owned(), bucket: None, value }));
    let lag = if matches!(terms, Terms::Errors | Terms::ErrorSizes) { Some(measure(&reader, "lag1")?) } else { None };
    for row in 0..reader.len() {
        let line = level.as_ref().map_or_else(|| reader.key_text(row), |level| level.line(&reader, row).into_owned());
        let mut add = |bucket: Bucket, value: f64| found.push(Term { line: line.clone(), bucket: Some(bucket), value });
        let at = |measure: MeasureId, bucket: Bucket| reader.at(measure, row, bucket);
        match (terms, lag) {
            (Terms::Planned(..) | Terms::Stock, _) => {
                plan.iter().for_each(|&bucket| at(known, bucket).into_iter().for_each(|value| add(bucket, value)));
            }
            (_, Some(lag)) => {
                for &bucket in past {
                    if let (Some(said), Some(came)) = (at(lag, bucket), at(known, bucket)) {
                        add(bucket, said - came);
                    }
                }
            }
            (_, None) => {
                let season = past.first().map_or(1, |first| first.grain().season());
                for (&before, &bucket) in past.iter().zip(past.iter().skip(season)) {
                    add(bucket, at(known, bucket).unwrap_or(0.0) - at(known, before).unwrap_or(0.0));
                }
            }
        }
    }
    if matches!(terms, Terms::ErrorSizes | Terms::SeasonalSteps) {
        turn_to_sizes(&mut found);
    }
    Ok(found)
}

/// Gives each term the sign of its bucket's total, so that terms sum to the sizes of totals.
fn turn_to_sizes(terms: &mut [Term]) {
    let mut totals: BTreeMap<Bucket, f64> = BTreeMap::new();
    for term in terms.iter() {
        term.bucket.into_iter().for_each(|bucket| *totals.entry(bucket).or_default() += term.value);
    }
    for term in terms {
        let is_negative = term.bucket.and_then(|bucket| totals.get(&bucket)).is_some_and(|total| *total < 0.0);
        term.value = if is_negative { -term.value } else { term.value };
    }
}

/// The stock a plan begins with, where its statements have it.
fn opening_stock(frames: &[SheetFrame]) -> Option<f64> {
    let reader = FrameReader::of_role(frames, OPENING.0)?;
    let amount = reader.measure("amount")?.id;
    let row = (0..reader.len()).find(|row| reader.key_text(*row) == OPENING.1)?;
    reader.number(amount, row)
}
