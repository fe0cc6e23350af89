//! Forecasts that cells ask for.

use grid_engine::calendar::Date;
use grid_engine::forecast::hierarchy::{Base, Hierarchy, Reconciliation};
use grid_engine::forecast::{
    self, DateStep, Dates, Driver, Forecast, ForecastError, InTurn, Models, Newcomer, Options, Request,
    forecast_newcomer, season_length,
};
use grid_engine::formula::forecast_answer::{LEVELS, answer_of};
use grid_engine::formula::{CalendarCall, ForecastCall, NewcomerCall, PanelCall};
use grid_engine::value::{Array, Value};

use super::child::failed;

/// One row of values and what companions of FORECAST read, or the error with the reason. A panel has a row for each series.
pub(super) fn answer(call: &ForecastCall) -> Value {
    let found = match &call.panel {
        Some(panel) => reconciled(call, panel),
        None if call.origins > 0 => errors(call),
        None => one(call).map_err(|reason| reason.to_string()).map(|forecast| answer_of(&forecast, call.gap)),
    };
    match found {
        Ok(answer) => answer.unwrap_or_else(|| failed("there is nothing to show")),
        Err(reason) => failed(&reason),
    }
}

fn options(call: &ForecastCall, history: &[Option<f64>]) -> Result<Options, ForecastError> {
    let models: Models = call.models.parse()?;
    let season = match call.season {
        0 => season_length(&history.iter().flatten().copied().collect::<Vec<f64>>()),
        season => season,
    };
    let treatment = call.treatment.parse()?;
    Ok(Options { horizon: call.horizon, season, models, treatment, levels: LEVELS.to_vec() })
}

fn one(call: &ForecastCall) -> Result<Forecast, ForecastError> {
    if let Some(NewcomerCall { likes, level, ramp }) = &call.newcomer {
        let longest = likes.iter().max_by_key(|like| like.len()).map_or(&call.history, |like| like);
        let likes: Vec<&[Option<f64>]> = likes.iter().map(Vec::as_slice).collect();
        let new = Newcomer { own: &call.history, likes: &likes, level: *level, ramp: *ramp };
        return forecast_newcomer(&new, &options(call, longest)?);
    }
    let drivers: Vec<Driver> = call
        .drivers
        .iter()
        .enumerate()
        .map(|(at, values)| Driver { name: format!("driver {}", at + 1), values: values.clone() })
        .collect();
    let plain = Request::new(&call.history, options(call, &call.history)?);
    let dates = call.calendar.map(|CalendarCall { first_day, daily }| Dates {
        first: Date::from_days(first_day),
        step: if daily { DateStep::Day } else { DateStep::Month },
    });
    let request = Request { drivers: &drivers, in_stock: &call.in_stock, dates, ..plain };
    let mut forecast = forecast::forecast_all(&[request], 1, &InTurn).pop().unwrap_or(Err(ForecastError::Empty))?;
    forecast::sense(&mut forecast, &call.known);
    Ok(forecast)
}

/// What forecasts from earlier origins missed by, a row for each.
fn errors(call: &ForecastCall) -> Result<Option<Value>, String> {
    let options = options(call, &call.history).map_err(|reason| reason.to_string())?;
    let found = forecast::rolling_errors(&call.history, &options, call.horizon, call.origins);
    let rows = found.map_err(|reason| reason.to_string())?;
    if rows.len() < 2 {
        let (buckets, ahead) = (call.history.len(), call.horizon);
        return Err(format!("{buckets} buckets of history are too few to forecast {ahead} of them twice"));
    }
    let cells = rows.iter().flatten().copied().map(Value::number).collect();
    Ok(Array::new(rows.len(), call.horizon, cells).map(|array| Value::Array(array.into())))
}

/// Rows that add up to the forecasts of their groups.
fn reconciled(call: &ForecastCall, panel: &PanelCall) -> Result<Option<Value>, String> {
    let names: Vec<String> =
        (1..=panel.keys.first().map_or(0, Vec::len)).map(|number| format!("key {number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let keys: Vec<Vec<&str>> = panel.keys.iter().map(|keys| keys.iter().map(String::as_str).collect()).collect();
    let hierarchy = Hierarchy::of_keys(&names, &keys);
    let mut rows = panel.rows.clone();
    for group in hierarchy.groups() {
        let bucket = |at: usize| {
            let known = group.members.iter().filter_map(|member| *panel.rows[*member].get(at)?);
            known.fold(None, |sum: Option<f64>, value| Some(sum.unwrap_or(0.0) + value))
        };
        rows.push((0..panel.rows.first().map_or(0, Vec::len)).map(bucket).collect());
    }
    let whole = rows.get(panel.rows.len()).or(rows.first()).cloned().unwrap_or_default();
    let options = options(call, &whole).map_err(|reason| reason.to_string())?;
    let requests: Vec<Request> = rows.iter().map(|row| Request::new(row, options.clone())).collect();
    let found = forecast::forecast_all(&requests, 1, &InTurn);
    let named = |(at, found): (usize, Result<Forecast, ForecastError>)| {
        found.map_err(|reason| format!("row {}: {reason}", at + 1))
    };
    let forecasts: Vec<Forecast> = found.into_iter().enumerate().map(named).collect::<Result<_, _>>()?;
    let base: Vec<Base> =
        forecasts.iter().map(|one| Base { mean: &one.mean, errors: &one.explanation.misses }).collect();
    let how = match panel.how.as_str() {
        "top-down" => Reconciliation::TopDown,
        "mint" => Reconciliation::MinTrace,
        _ => Reconciliation::BottomUp,
    };
    let agreed = hierarchy.reconcile(&base, how, &[]).map_err(|reason| reason.to_string())?;
    let cells = agreed.into_iter().take(panel.rows.len()).flatten().map(Value::number).collect();
    Ok(Array::new(panel.rows.len(), call.horizon, cells).map(|array| Value::Array(array.into())))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;

    fn months(level: f64) -> Vec<Option<f64>> {
        (0..60_u32).map(|t| Some(level * (1.0 + f64::from(t % 12) / 12.0 + f64::from(t * 7 % 5) / 50.0))).collect()
    }

    fn call(history: Vec<Option<f64>>) -> ForecastCall {
        ForecastCall { history, horizon: 4, season: 12, models: "auto".into(), ..ForecastCall::default() }
    }

    fn array(call: &ForecastCall) -> std::sync::Arc<Array> {
        match answer(call) {
            Value::Array(array) => array,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_season_nobody_gave_is_found() {
        let found = array(&ForecastCall { season: 0, ..call(months(100.0)) });
        assert_eq!(found.cells()[..4], array(&call(months(100.0))).cells()[..4]);
    }

    #[test]
    fn rows_add_up_to_their_total() {
        let rows = vec![months(100.0), months(50.0), months(20.0)];
        let keys = [["N", "a"], ["N", "b"], ["S", "a"]].map(|key| key.map(str::to_owned).to_vec()).to_vec();
        for how in ["bottom-up", "top-down", "mint"] {
            let panel = PanelCall { rows: rows.clone(), keys: keys.clone(), how: how.into() };
            let found = array(&ForecastCall { panel: Some(panel), ..call(Vec::new()) });
            assert_eq!((found.rows(), found.cols()), (3, 4), "{how}");
        }
        let short = PanelCall { rows: vec![vec![None], vec![Some(1.0)]], keys: Vec::new(), how: "mint".into() };
        let reason = answer(&ForecastCall { panel: Some(short), ..call(Vec::new()) });
        assert!(reason.as_error().is_some_and(|error| error.detail().is_some_and(|text| text.contains("row 1"))));
    }

    #[test]
    fn errors_have_a_row_for_each_origin() {
        let found = array(&ForecastCall { origins: 24, horizon: 3, ..call(months(100.0)) });
        assert_eq!((found.rows(), found.cols()), (24, 3));
        assert!(found.cells().iter().all(|error| error.to_number().is_ok_and(|error| error.abs() < 60.0)));
        let reason = answer(&ForecastCall { origins: 24, ..call(months(100.0)[..6].to_vec()) });
        assert!(reason.as_error().is_some_and(|error| error.detail().is_some_and(|text| text.contains("too few"))));
    }

    #[test]
    fn whatever_was_asked_with_is_heard() {
        let first = |call: &ForecastCall| array(call).cells()[0].to_number().unwrap();
        let plain = call(months(100.0));
        let raised = vec![forecast::Known { quantity: 500.0, share: 0.5 }];
        assert!(first(&ForecastCall { known: raised, ..plain.clone() }) > 500.0);
        let mut promotion: Vec<Option<f64>> = (0..64).map(|t| Some(f64::from(u8::from(t % 7 == 3)))).collect();
        promotion[60] = Some(1.0);
        let mut promoted = plain.clone();
        for (value, promotion) in promoted.history.iter_mut().zip(&promotion) {
            *value = value.zip(*promotion).map(|(value, promotion)| value * (1.0 + promotion));
        }
        promoted.drivers = vec![promotion];
        assert!(first(&promoted) > 1.5 * first(&plain));
        let mut short = plain.clone();
        short.history[54..].fill(Some(0.0));
        let sold_out = ForecastCall { in_stock: [vec![1.0; 54], vec![0.0; 6]].concat(), ..short.clone() };
        assert!(first(&sold_out) > 0.8 * first(&plain) && first(&short) < 0.5 * first(&plain));
        // Months of 2015 to 2019 that sell 3 % more per trading day, weekdays less 5/2 of the days at weekends; January 2020 has
        // 23 weekdays and 8 days at weekends, 3 above the balance.
        let first_day = Date::from_ymd(2015, 1, 1).unwrap().days();
        let mut traded = plain.clone();
        for (at, value) in traded.history.iter_mut().enumerate() {
            let (year, month) = (2015 + at as i32 / 12, at as u32 % 12 + 1);
            let days = (1..=Date::days_in_month(year, month)).filter_map(|day| Date::from_ymd(year, month, day));
            let balance: f64 = days.map(|day| if day.iso_weekday() > 5 { -2.5 } else { 1.0 }).sum();
            *value = value.map(|value| value * (0.03 * balance).exp());
        }
        traded.calendar = Some(CalendarCall { first_day, daily: false });
        let share = first(&traded) / first(&plain);
        assert!((1.06..1.13).contains(&share), "e^(0.03 × 3) is 1.094: {share}");
        let told = array(&traded).cells().last().unwrap().to_text().unwrap().to_string();
        assert!(told.contains("trading days"), "{told}");
        let new = NewcomerCall { likes: vec![months(100.0)], level: None, ramp: 0 };
        assert!(first(&ForecastCall { history: Vec::new(), newcomer: Some(new), ..plain }) > 20.0);
    }
}
