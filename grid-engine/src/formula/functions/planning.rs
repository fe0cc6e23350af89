//! From cells to the planning rooms: the only place that knows both.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::args::{not_found, wrong};
use super::forecast_calendar::calendar;
use super::supply_tables::with_streams;
use super::two_forecasts::linear;
use super::{Body, Declared, Nature, declare};
use crate::formula::ast::Expr;
use crate::formula::eval::{Evaluation, Outcome};
use crate::formula::forecast_answer::Answer;
use crate::formula::{ForecastCall, MeasureRef, PendingCall, PlanTable, SolveCall, When};
use crate::supply::study::Study;
use crate::supply::{RawTable, TABLE_NAMES};
use crate::value::{Array, CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "FORECAST(history, [horizon], [season], [models], [treatment], [calendar])",
        "Forecasts a row of history, one value per future bucket; a job computes it. With a number and two series, as \
         FORECAST(x, known_y, known_x), it is FORECAST.LINEAR.",
        "=FORECAST([@History:all])",
        Body::Lazy(forecast),
    )
    .nature(Nature::Pending),
    declare(
        "SUPPLY.SOLVE(demand, [objective])",
        "Plans supply for a demand measure at least cost (or profit, service) and gives a summary; a job computes it.",
        "=SUPPLY.SOLVE(Demand[Consensus])",
        Body::Lazy(solve),
    )
    .nature(Nature::Pending)
    .tables(),
];

/// Most buckets a forecast may reach ahead.
const MAX_HORIZON: i64 = 520;

fn forecast(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    if let Some(outcome) = linear(evaluation, arguments) {
        return outcome;
    }
    let [source, options @ ..] = arguments else { return Err(wrong("FORECAST needs a history")) };
    ask(evaluation, source, options)?.means(evaluation)
}

/// A forecast to be asked for.
pub(super) struct Asked {
    pub call: ForecastCall,
}

/// A history with the options horizon, season, models, treatment, calendar.
pub(super) fn ask(evaluation: &Evaluation<'_>, source: &Expr, options: &[Expr]) -> Result<Asked, CellError> {
    let (history, open) = history(evaluation, source)?;
    let known = history.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
    if known == 0 {
        return Err(not_found("FORECAST needs at least one number of history"));
    }
    // What is not yet known of the history lies between it and the buckets asked for.
    let gap = if open.is_some() { history.len() - known } else { 0 };
    let trailing = open.unwrap_or(history.len() - known);
    let mut asked = Asked::over(evaluation, history[..known].to_vec(), trailing, options)?;
    asked.leave_out(gap);
    asked.call.calendar = calendar(evaluation, source, options.get(4), known)?;
    Ok(asked)
}

impl Asked {
    /// The options over numbers; `trailing` buckets are forecast where no horizon is given.
    pub fn over(
        evaluation: &Evaluation<'_>,
        history: Vec<Option<f64>>,
        trailing: usize,
        options: &[Expr],
    ) -> Result<Self, CellError> {
        let option = |index: usize| match options.get(index) {
            None | Some(Expr::Missing) => Ok(None),
            Some(expr) => match evaluation.value(expr) {
                Value::Error(error) => Err(error),
                value => Ok(Some(value)),
            },
        };
        let word = |index: usize, usual: &str| match option(index)? {
            Some(value) => value.to_text().map(|text| text.trim().to_lowercase()),
            None => Ok(usual.to_owned()),
        };
        let season = match option(1)? {
            Some(value) => value.to_number()?.trunc() as i64,
            None => evaluation.at.col.bucket.map_or(0, |bucket| bucket.grain().season() as i64),
        };
        let horizon = match option(0)? {
            Some(value) => value.to_number()?.trunc() as i64,
            None if trailing > 0 => trailing as i64,
            None => season.max(12),
        };
        if !(1..=MAX_HORIZON).contains(&horizon) || !(0..=MAX_HORIZON).contains(&season) {
            let reason = format!("horizon and season lie within 1 to {MAX_HORIZON}");
            return Err(CellError::because(ErrorKind::Num, reason));
        }
        let call = ForecastCall {
            history,
            horizon: horizon as usize,
            season: season as usize,
            models: word(2, "auto")?,
            treatment: word(3, "none")?,
            ..ForecastCall::default()
        };
        Ok(Self { call })
    }

    /// Has the forecast begin some buckets before those that are shown.
    pub fn leave_out(&mut self, gap: usize) {
        self.call.horizon += gap;
        self.call.gap = gap;
    }

    /// What `read` finds in the answer, told how many buckets are not shown.
    pub fn read(self, evaluation: &Evaluation<'_>, read: impl FnOnce(&Answer, usize) -> Option<Value>) -> Outcome {
        let gap = self.call.gap;
        match evaluation.cells.pending(PendingCall::Forecast(Box::new(self.call)), evaluation.at) {
            Value::Array(answer) => read(&Answer::new(&answer), gap).ok_or_else(|| CellError::new(ErrorKind::Calc)),
            other => Ok(other),
        }
    }

    /// One value per bucket.
    pub fn means(self, evaluation: &Evaluation<'_>) -> Outcome {
        self.read(evaluation, |answer, gap| {
            let shown = answer.mean.get(gap..).unwrap_or_default().to_vec();
            Array::row(shown).map(|row| Value::Array(row.into()))
        })
    }

    /// The answer as it is.
    pub fn whole(self, evaluation: &Evaluation<'_>) -> Outcome {
        Ok(evaluation.cells.pending(PendingCall::Forecast(Box::new(self.call)), evaluation.at))
    }
}

/// A row of history; for a whole measure, what lies before the current bucket, and how many buckets are open.
pub(super) fn history(
    evaluation: &Evaluation<'_>,
    source: &Expr,
) -> Result<(Vec<Option<f64>>, Option<usize>), CellError> {
    if let Expr::Measure(reference) = source
        && reference.when == When::All
    {
        let at = |when| evaluation.cells.measure(&MeasureRef { when, ..reference.clone() }, evaluation.at);
        if let (Value::Array(past), Value::Array(plan)) = (at(When::History), at(When::Plan)) {
            let values = numbers(&past)?;
            // Facts already known of open buckets belong to the history too: then it is taken whole.
            if plan.rows() == 1 && numbers(&plan)?.iter().all(Option::is_none) {
                return Ok((values, Some(plan.cols())));
            }
        }
    }
    match evaluation.value(source) {
        Value::Error(error) => Err(error),
        Value::Array(array) => Ok((numbers(&array)?, None)),
        single => Ok((numbers(&Array::single(single))?, None)),
    }
}

/// The values of one row or one column; `None` where blank.
pub(super) fn numbers(array: &Array) -> Result<Vec<Option<f64>>, CellError> {
    if array.rows() > 1 && array.cols() > 1 {
        return Err(wrong("FORECAST takes one row or one column of history"));
    }
    array.cells().iter().map(known_number).collect()
}

/// A number, if there is one.
pub(super) fn known_number(value: &Value) -> Result<Option<f64>, CellError> {
    match value {
        Value::Blank => Ok(None),
        Value::Text(text) if text.trim().is_empty() => Ok(None),
        value => value.to_number().map(Some),
    }
}

fn solve(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    solved(evaluation, arguments.first(), arguments.get(1)).map(|answer| PlanTable::Summary.of(answer))
}

/// The answer of a solve for a demand measure, as [`PlanTable`] takes it apart.
pub(super) fn solved(evaluation: &Evaluation<'_>, demand: Option<&Expr>, objective: Option<&Expr>) -> Outcome {
    studied(evaluation, demand, objective, Study::Plan)
}

/// The answer of a study of the plan for a demand measure.
pub(super) fn studied(
    evaluation: &Evaluation<'_>,
    demand: Option<&Expr>,
    objective: Option<&Expr>,
    study: Study,
) -> Outcome {
    let Some(Expr::Measure(demand)) = demand else {
        return Err(wrong("supply is planned for a measure of a demand sheet, such as Demand[Consensus]"));
    };
    let objective = match objective {
        None | Some(Expr::Missing) => "cost".to_owned(),
        Some(expr) => evaluation.value(expr).to_text()?.trim().to_lowercase(),
    };
    if !matches!(objective.as_str(), "cost" | "profit" | "service" | "fair") {
        return Err(wrong("the objective is cost, profit, service or fair"));
    }
    let of_consensus = demand.version.is_none() && demand.measure.is_plan_demand();
    // A browser takes answers from the server, cell by cell: what a job is asked with is no part of its program.
    let tables = if cfg!(target_arch = "wasm32") { BTreeMap::new() } else { supply_tables(evaluation, demand)? };
    let call = SolveCall { tables, objective, of_consensus, study };
    Ok(evaluation.cells.pending(PendingCall::Solve(Arc::new(call)), evaluation.at))
}

/// The sheets with the roles of the supply model, and the demand that is planned for. Tables without a sheet are left out.
fn supply_tables(evaluation: &Evaluation<'_>, demand: &MeasureRef) -> Result<BTreeMap<String, RawTable>, CellError> {
    let table = |name: &&str| Some(((*name).to_owned(), evaluation.cells.table(&format!("supply.{name}"))?));
    let mut tables: BTreeMap<String, RawTable> = TABLE_NAMES.iter().filter_map(table).collect();
    let demand = evaluation.cells.measure_table(demand, evaluation.at)?;
    let demand = with_streams(&demand, tables.get("streams"))?;
    tables.insert("demand_base".to_owned(), demand);
    Ok(tables)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::formula::CalendarCall;
    use crate::formula::mock::{Mock, measure, sheet};
    use crate::supply::RawCell;

    fn series(values: &[Option<f64>]) -> Vec<Value> {
        values.iter().map(|value| value.map_or(Value::Blank, Value::Number)).collect()
    }

    fn forecast_of(mock: &Mock, typed: &str) -> ForecastCall {
        mock.eval(typed);
        match mock.calls.borrow_mut().pop() {
            Some(PendingCall::Forecast(call)) => *call,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn history_ends_with_its_last_number() {
        let mut mock = Mock::default();
        let values = series(&[Some(1.0), None, Some(3.0), None, None, None]);
        mock.measures.insert((sheet("sheet1"), measure("history")), vec![values]);
        let call = forecast_of(&mock, "=FORECAST([@History:all])");
        assert_eq!(call.history, [Some(1.0), None, Some(3.0)]);
        assert_eq!((call.horizon, call.season, call.models.as_str()), (3, 0, "auto"));
        let call = forecast_of(&mock, "=FORECAST({1,2,3,4},6,4,\"Theta, ETS\")");
        assert_eq!((call.history.len(), call.horizon, call.season, call.models.as_str()), (4, 6, 4, "theta, ets"));
    }

    #[test]
    fn a_gap_before_the_plan_is_forecast_too_but_not_shown() {
        let mut mock = Mock {
            answer: Value::Array(Array::row((1..=4).map(|n| f64::from(n).into()).collect()).unwrap().into()),
            ..Mock::default()
        };
        let values = series(&[Some(1.0), Some(2.0), None, None, None, None]);
        mock.measures.insert((sheet("sheet1"), measure("history")), vec![values]);
        assert_eq!(forecast_of(&mock, "=FORECAST([@History:all])").horizon, 4);
        mock.check(&[("FORECAST([@History:all])", "{2,3,4}")]);
    }

    #[test]
    fn the_calendar_is_that_of_the_sheet_or_of_dates() {
        let mut mock = Mock::default();
        let values = series(&[Some(1.0), Some(2.0), Some(3.0), None]);
        mock.measures.insert((sheet("sheet1"), measure("history")), vec![values]);
        let january = crate::calendar::Date::from_ymd(2026, 1, 1).unwrap().days();
        let months = CalendarCall { first_day: january, daily: false };
        assert_eq!(forecast_of(&mock, "=FORECAST([@History:all],,,,,TRUE)").calendar, Some(months));
        assert_eq!(forecast_of(&mock, "=FORECAST.INTERVAL([@History:all],0.8,,,,,TRUE)").calendar, Some(months));
        assert_eq!(forecast_of(&mock, "=FORECAST([@History:all],,,,,FALSE)").calendar, None);
        let days = "=FORECAST({1,2,3},2,7,,,DATE(2026,1,1)+{0,1,2,3,4})";
        assert_eq!(forecast_of(&mock, days).calendar, Some(CalendarCall { first_day: january, daily: true }));
        // Dates are needed of what is known.
        let known = "=FORECAST(HSTACK({1,2,3},Z9),2,7,,,DATE(2026,1,1)+{0,1,2})";
        assert_eq!(forecast_of(&mock, known).calendar, Some(CalendarCall { first_day: january, daily: true }));
        mock.check(&[
            ("FORECAST({1,2,3},2,12,,,TRUE)", "#VALUE!"),
            ("FORECAST({1,2,3},2,12,,,{5,9})", "#VALUE!"),
            ("FORECAST({1,2,3},2,12,,,\"soon\")", "#VALUE!"),
        ]);
    }

    #[test]
    fn bad_histories_are_refused() {
        Mock::default().check(&[
            ("FORECAST({\"a\",1})", "#VALUE!"),
            ("FORECAST({1,2;3,4})", "#VALUE!"),
            ("FORECAST(A1:C1)", "#N/A"),
            ("FORECAST({1,2},0)", "#NUM!"),
            ("SUPPLY.SOLVE(A1)", "#VALUE!"),
        ]);
    }

    #[test]
    fn demand_meets_its_streams() {
        let mut mock = Mock::default();
        let text = |text: &str| RawCell::Text(text.into());
        let columns = |names: &[&str]| names.iter().map(|name| Arc::from(*name)).collect::<Vec<Arc<str>>>();
        mock.tables.insert(
            "supply.streams".into(),
            RawTable {
                columns: columns(&["stream", "region", "channel", "loc"]),
                rows: vec![vec![text("S1"), text("DE"), text("Retail"), text("D1")]],
            },
        );
        mock.tables.insert(
            "consensus".into(),
            RawTable {
                columns: columns(&["item", "region", "channel", "2026-01"]),
                rows: vec![vec![text("A"), text("de"), text("Retail"), RawCell::Number(5.0)]],
            },
        );
        assert_eq!(mock.eval("=SUPPLY.SOLVE(Demand[Consensus])"), Value::Number(0.0));
        let calls = mock.calls.borrow();
        let Some(PendingCall::Solve(call)) = calls.last() else { panic!() };
        let demand = &call.tables["demand_base"];
        assert_eq!(demand.columns, columns(&["item", "stream", "2026-01"]));
        assert_eq!(demand.rows, [[text("A"), text("S1"), RawCell::Number(5.0)]]);
        assert_eq!(call.objective, "cost");
    }
}
