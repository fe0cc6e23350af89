//! The columns of the file, and what their cells may hold.

use std::collections::HashMap;

use csv::StringRecord;
use grid_engine::calendar::Date;

use super::{Further, Row, SeriesRow};

/// Where the columns are.
pub(super) struct Columns {
    id: usize,
    pub period: usize,
    pub dated: bool,
    value: usize,
    dataset: Option<usize>,
    split: Option<usize>,
    horizon: Option<usize>,
    season: Option<usize>,
    regressors: Vec<usize>,
    optional: Vec<(usize, f64)>,
    keys: Vec<usize>,
}

impl Columns {
    pub fn find(headers: &StringRecord, further: Further) -> Result<Self, Vec<String>> {
        let at = |name: &str| {
            headers.iter().position(|header| header.trim_start_matches('\u{feff}').eq_ignore_ascii_case(name))
        };
        let need = |name: &str| at(name).ok_or_else(|| format!("line 1: no column {name}"));
        let mut missing: Vec<String> = Vec::new();
        let mut all = |names: &[String]| -> Vec<usize> {
            names.iter().filter_map(|name| need(name).map_err(|what| missing.push(what)).ok()).collect()
        };
        let amounts: Vec<String> = further.optional.iter().map(|amount| amount.name.clone()).collect();
        let (regressors, optional, keys) = (all(further.regressors), all(&amounts), all(further.keys));
        let optional = optional.into_iter().zip(further.optional.iter().map(|amount| amount.most)).collect();
        let period = at("period_index").map(|at| (at, false)).or_else(|| at("date").map(|at| (at, true)));
        let period = period.ok_or_else(|| "line 1: no column period_index or date".to_owned());
        match (need("series_id"), period, need("value")) {
            (Ok(id), Ok((period, dated)), Ok(value)) if missing.is_empty() => Ok(Self {
                id,
                period,
                dated,
                value,
                dataset: at("dataset"),
                split: at("split"),
                horizon: at("horizon"),
                season: at("seasonality"),
                regressors,
                optional,
                keys,
            }),
            (id, period, value) => {
                missing.splice(0..0, [id.err(), period.err(), value.err()].into_iter().flatten());
                Err(missing)
            }
        }
    }

    /// The row, or the column and what is wrong there.
    pub fn read(
        &self,
        record: &StringRecord,
        series: &mut Vec<SeriesRow>,
        by_name: &mut HashMap<(String, String), usize>,
    ) -> Result<Row, (usize, String)> {
        let text = |column: Option<usize>| column.and_then(|at| record.get(at)).unwrap_or("");
        let (dataset, id) = (text(self.dataset), text(Some(self.id)));
        if id.is_empty() {
            return Err((self.id, "empty; every row names its series".to_owned()));
        }
        let period = period(text(Some(self.period)), self.dated).map_err(|what| (self.period, what))?;
        let value = value(text(Some(self.value))).map_err(|what| (self.value, what))?;
        let test = match text(self.split) {
            "" | "train" => false,
            "test" => true,
            other => return Err((self.split.unwrap_or(0), format!("{other:?} is neither train nor test"))),
        };
        let mut drivers = Vec::with_capacity(self.regressors.len());
        for column in &self.regressors {
            let driver = self::value(text(Some(*column))).map_err(|what| (*column, what))?;
            if driver.is_none() && (value.is_some() || test) {
                return Err((
                    *column,
                    "empty; a row with a value, and one to be forecast, needs every regressor".to_owned(),
                ));
            }
            drivers.push(driver);
        }
        for (column, most) in &self.optional {
            let amount = self::value(text(Some(*column))).and_then(|amount| within(amount, *most));
            drivers.push(amount.map_err(|what| (*column, what))?);
        }
        let horizon = count(text(self.horizon)).map_err(|what| (self.horizon.unwrap_or(0), what))?;
        let season = count(text(self.season)).map_err(|what| (self.season.unwrap_or(0), what))?;
        let key = (dataset.to_owned(), id.to_owned());
        let number = *by_name.entry(key).or_insert_with_key(|(dataset, id)| {
            series.push(SeriesRow { dataset: dataset.clone(), id: id.clone(), ..SeriesRow::default() });
            series.len() - 1
        });
        let known = &mut series[number];
        for (place, column) in self.keys.iter().enumerate() {
            let key = text(Some(*column));
            match known.keys.get(place) {
                None => known.keys.push(key.to_owned()),
                Some(before) if before != key => {
                    return Err((*column, format!("{key:?}, but {before:?} in an earlier row of {id}")));
                }
                Some(_) => {}
            }
        }
        for (kept, given, column) in
            [(&mut known.horizon, horizon, self.horizon), (&mut known.season, season, self.season)]
        {
            match (*kept, given) {
                (Some(before), Some(now)) if before != now => {
                    return Err((column.unwrap_or(0), format!("{now}, but {before} in an earlier row of {id}")));
                }
                (None, Some(now)) => *kept = Some(now),
                _ => {}
            }
        }
        let line = record.position().map_or(0, csv::Position::line);
        Ok(Row { series: number, line, period, value, test, drivers })
    }
}

/// A period as written: a whole number, or the days since 1970-01-01 of a date.
fn period(text: &str, dated: bool) -> Result<i64, String> {
    if !dated {
        return text.parse().map_err(|_| format!("{text:?} is not a whole number"));
    }
    let day = if text.len() == 7 { format!("{text}-01") } else { text.to_owned() };
    let date: Date = day.parse().map_err(|what| format!("{text:?}: {what} (or YYYY-MM)"))?;
    Ok(i64::from(date.days()))
}

fn value(text: &str) -> Result<Option<f64>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Some(value)),
        Ok(_) => Err(format!("{text:?} is not a finite number; leave it empty where the value is missing")),
        Err(_) if text.contains(',') => Err(format!("{text:?}: use a decimal point and no thousands separators")),
        Err(_) => Err(format!("{text:?} is not a number")),
    }
}

/// An amount from 0 to `most`, or what is wrong with it.
fn within(amount: Option<f64>, most: f64) -> Result<Option<f64>, String> {
    match amount {
        Some(amount) if most.is_finite() && !(0.0..=most).contains(&amount) => {
            Err(format!("{amount} is outside 0 to {most}; a share is meant, 0.95 for 95 %"))
        }
        Some(amount) if amount < 0.0 => Err(format!("{amount} is negative")),
        _ => Ok(amount),
    }
}

fn count(text: &str) -> Result<Option<usize>, String> {
    match text.parse() {
        _ if text.is_empty() => Ok(None),
        Ok(count) if count > 0 => Ok(Some(count)),
        _ => Err(format!("{text:?} is not a whole number above zero")),
    }
}
