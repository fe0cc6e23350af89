//! Companions of FORECAST: how sure it is, how it was made, how good it has been; and forecasts by more than a history.
//!
//! Companions ask the same question as FORECAST with the same arguments and so share its answer.

mod facts;

use super::args::wrong;
use super::planning::{Asked, ask};
use super::{Body, Declared, Nature, declare};
use crate::formula::ast::Expr;
use crate::formula::eval::{Evaluation, Outcome};
use crate::formula::forecast_answer::Answer;
use crate::value::{Array, CellError, ErrorKind, Value};
use facts::{driven, newcomer, reconciled, sensed, stock_outs};

const fn companion(
    signature: &'static str,
    help: &'static str,
    example: &'static str,
    body: fn(&Evaluation<'_>, &[Expr]) -> Outcome,
) -> Declared {
    declare(signature, help, example, Body::Lazy(body)).nature(Nature::Pending)
}

pub(super) const FUNCTIONS: &[Declared] = &[
    companion(
        "FORECAST.QUANTILE(history, probability, [horizon], [season], [models], [treatment], [calendar])",
        "What demand stays below with a probability, one value per future bucket.",
        "=FORECAST.QUANTILE([@History:all],0.95)",
        quantile,
    ),
    companion(
        "FORECAST.INTERVAL(history, [level], [horizon], [season], [models], [treatment], [calendar])",
        "Bounds that hold demand with a probability: a row of lower and a row of upper ones.",
        "=FORECAST.INTERVAL(B2:Y2,0.8,6,12)",
        interval,
    ),
    companion(
        "FORECAST.METHOD(history, [horizon], [season], [models], [treatment], [calendar])",
        "The methods behind FORECAST with their weights.",
        "=FORECAST.METHOD([@History:all])",
        |evaluation, arguments| plain(evaluation, arguments, |answer| answer.methods()),
    ),
    companion(
        "FORECAST.EXPLANATION(history, [horizon], [season], [models], [treatment], [calendar])",
        "Why FORECAST gives what it gives, in words; also of a FORECAST.NEW, .DRIVERS, .SENSED or .STOCKOUTS inside it.",
        "=FORECAST.EXPLANATION([@History:all])",
        |evaluation, arguments| plain(evaluation, arguments, |answer| answer.explanation()),
    ),
    companion(
        "FORECAST.CLASS(history, [horizon], [season], [models], [treatment], [calendar])",
        "The pattern of demand: smooth, erratic, intermittent, lumpy or constant.",
        "=FORECAST.CLASS([@History:all])",
        |evaluation, arguments| plain(evaluation, arguments, |answer| answer.class()),
    ),
    companion(
        "FORECAST.ACCURACY(history, [measure], [horizon], [season], [models], [treatment], [calendar])",
        "How far FORECAST was off when it forecast the end of the history: MASE, or sMAPE as a share.",
        "=FORECAST.ACCURACY([@History:all],\"smape\")",
        accuracy,
    ),
    companion(
        "FORECAST.OUTLIERS(history, [horizon], [season], [models], [treatment], [calendar])",
        "Outliers and lasting changes of level, a row each: what, at which value, what it was, what was expected there or came after.",
        "=FORECAST.OUTLIERS(B2:Y2)",
        outliers,
    ),
    companion(
        "FORECAST.ERRORS(history, lead_time, [origins], [season], [models], [treatment])",
        "What forecasts made earlier would have missed by over a lead time, actual less forecast: a row for each origin, oldest first, a \
         column for each bucket. INVENTORY.SAFETYSTOCK.EMPIRICAL reads it.",
        "=FORECAST.ERRORS([@History:all],3)",
        facts::errors,
    ),
    companion(
        "FORECAST.DRIVERS(history, drivers, [horizon], [season], [models], [treatment], [calendar])",
        "Forecasts demand that follows prices, promotions or events, known for the buckets to come.",
        "=FORECAST.DRIVERS(B2:Y2,B3:AE4)",
        |evaluation, arguments| driven(evaluation, arguments)?.means(evaluation),
    ),
    companion(
        "FORECAST.EFFECTS(history, drivers, [horizon], [season], [models], [treatment], [calendar])",
        "What each driver does, a row each: the size of its effect and the size's standard error.",
        "=FORECAST.EFFECTS(B2:Y2,B3:AE4)",
        |evaluation, arguments| driven(evaluation, arguments)?.read(evaluation, |answer, _| table(2, answer.effects())),
    ),
    companion(
        "FORECAST.STOCKOUTS(history, in_stock, [horizon], [season], [models], [treatment], [calendar])",
        "Forecasts demand that sales fell short of where there was no stock.",
        "=FORECAST.STOCKOUTS([@History:all],[@Availability:all])",
        |evaluation, arguments| stock_outs(evaluation, arguments)?.means(evaluation),
    ),
    companion(
        "FORECAST.SENSED(history, known, share, [horizon], [season], [models], [treatment], [calendar])",
        "A forecast whose nearest buckets follow what is already ordered or sold of them.",
        "=FORECAST.SENSED(B2:Y2,Z3:AB3,Z4:AB4)",
        |evaluation, arguments| sensed(evaluation, arguments)?.means(evaluation),
    ),
    companion(
        "FORECAST.NEW(history, likes, [horizon], [season], [level], [ramp], [families], [family])",
        "Forecasts a new item by the course of similar items, or of its family, after their launch, or a planned level, and more and more by its own sales.",
        "=FORECAST.NEW(B9:Y9,B2:Y5)",
        |evaluation, arguments| newcomer(evaluation, arguments)?.means(evaluation),
    ),
    companion(
        "FORECAST.RECONCILED(histories, keys, [horizon], [season], [method], [models])",
        "Forecasts rows so that they add up to what is forecast of their groups and their total.",
        "=FORECAST.RECONCILED(C2:Z9,A2:B9,6,12,\"mint\")",
        reconciled,
    ),
];

/// Arguments: a history, one more, options.
fn second(arguments: &[Expr]) -> Result<(&Expr, Option<&Expr>, &[Expr]), CellError> {
    match arguments {
        [source] => Ok((source, None, &[])),
        [source, second, options @ ..] => Ok((source, Some(second), options)),
        [] => Err(wrong("a history is needed")),
    }
}

fn given(evaluation: &Evaluation<'_>, expr: Option<&Expr>) -> Result<Option<Value>, CellError> {
    match expr {
        None | Some(Expr::Missing) => Ok(None),
        Some(expr) => match evaluation.value(expr) {
            Value::Error(error) => Err(error),
            value => Ok(Some(value)),
        },
    }
}

fn array_of(evaluation: &Evaluation<'_>, expr: Option<&Expr>, what: &str) -> Result<std::sync::Arc<Array>, CellError> {
    match given(evaluation, expr)? {
        Some(Value::Array(array)) => Ok(array),
        Some(single) => Ok(Array::single(single).into()),
        None => Err(wrong(what)),
    }
}

fn table(cols: usize, cells: Vec<Value>) -> Option<Value> {
    if cells.is_empty() {
        return Some(Value::Blank);
    }
    Array::new(cells.len() / cols, cols, cells).map(|array| Value::Array(array.into()))
}

/// What a companion asks: for the forecast of a history, or for the one that is written in its place.
fn asked(evaluation: &Evaluation<'_>, source: &Expr, options: &[Expr]) -> Result<Asked, CellError> {
    let Expr::Call(function, arguments) = source else { return ask(evaluation, source, options) };
    let found = match function.info.name {
        "FORECAST.DRIVERS" => driven(evaluation, arguments),
        "FORECAST.STOCKOUTS" => stock_outs(evaluation, arguments),
        "FORECAST.SENSED" => sensed(evaluation, arguments),
        "FORECAST.NEW" => newcomer(evaluation, arguments),
        _ => return ask(evaluation, source, options),
    };
    if options.is_empty() {
        return found;
    }
    Err(wrong(&format!("horizon, season and what follows belong into the {} inside", function.info.name)))
}

fn plain(evaluation: &Evaluation<'_>, arguments: &[Expr], read: fn(&Answer) -> Value) -> Outcome {
    let [source, options @ ..] = arguments else { return Err(wrong("a history is needed")) };
    asked(evaluation, source, options)?.read(evaluation, |answer, _| Some(read(answer)))
}

fn outliers(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let [source, options @ ..] = arguments else { return Err(wrong("a history is needed")) };
    asked(evaluation, source, options)?.read(evaluation, |answer, _| table(4, answer.findings()))
}

fn quantile(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let (source, probability, options) = second(arguments)?;
    let probability = given(evaluation, probability)?.unwrap_or_default().to_number()?;
    let rows = [within(probability)?];
    asked(evaluation, source, options)?.read(evaluation, |answer, gap| quantiles(answer, gap, &rows))
}

fn interval(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let (source, level, options) = second(arguments)?;
    let level = within(given(evaluation, level)?.map_or(Ok(0.8), |level| level.to_number())?)?;
    let rows = [0.5 - level / 2.0, 0.5 + level / 2.0];
    asked(evaluation, source, options)?.read(evaluation, |answer, gap| quantiles(answer, gap, &rows))
}

fn within(probability: f64) -> Result<f64, CellError> {
    let inside = probability > 0.0 && probability < 1.0;
    if inside { Ok(probability) } else { Err(CellError::because(ErrorKind::Num, "a probability lies between 0 and 1")) }
}

fn quantiles(answer: &Answer, gap: usize, probabilities: &[f64]) -> Option<Value> {
    let mut cells = Vec::new();
    for probability in probabilities {
        cells.extend(answer.quantile(*probability)?.into_iter().skip(gap).map(Value::number));
    }
    table(cells.len() / probabilities.len(), cells)
}

fn accuracy(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let (source, measure, options) = second(arguments)?;
    let mase = match given(evaluation, measure)? {
        None => true,
        Some(measure) => match measure.to_text()?.trim().to_lowercase().as_str() {
            "mase" => true,
            "smape" => false,
            _ => return Err(wrong("the measure is mase or smape")),
        },
    };
    asked(evaluation, source, options)?.read(evaluation, |answer, _| Some(answer.accuracy(mase)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;
    use crate::formula::mock::Mock;
    use crate::formula::{ForecastCall, PendingCall};

    const DETAILS: &str = "class\tsmooth\nmethods\tets 60%, theta 40%\nexplanation\twhy\nmase\t0.8\n\
        interval\t80\t8\t9\t12\t15\nfinding\toutlier\t3\t90\t10\neffect\t0.5\t0.1\n";

    fn answering() -> Mock {
        let cells = vec![Value::Number(10.0), Value::Number(12.0), Value::Text(DETAILS.into())];
        Mock { answer: Value::Array(Array::row(cells).unwrap().into()), ..Mock::default() }
    }

    fn call_of(typed: &str) -> ForecastCall {
        let mock = answering();
        mock.eval(typed);
        match mock.calls.borrow_mut().pop() {
            Some(PendingCall::Forecast(call)) => *call,
            other => panic!("{typed}: {other:?}"),
        }
    }

    #[test]
    fn companions_read_one_answer() {
        answering().check(&[
            ("FORECAST({1,2,3},2)", "{10,12}"),
            ("FORECAST.QUANTILE({1,2,3},0.9,2)", "{12,15}"),
            ("FORECAST.QUANTILE({1,2,3},0.5,2)", "{10,12}"),
            ("FORECAST.INTERVAL({1,2,3},,2)", "{8,9;12,15}"),
            ("FORECAST.METHOD({1,2,3},2)", "\"ets 60%, theta 40%\""),
            ("FORECAST.EXPLANATION({1,2,3},2)", "\"why\""),
            ("FORECAST.CLASS({1,2,3},2)", "\"smooth\""),
            ("FORECAST.ACCURACY({1,2,3},,2)", "0.8"),
            ("FORECAST.OUTLIERS({1,2,3},2)", "{\"outlier\",3,90,10}"),
            ("FORECAST.EFFECTS({1,2,3},{0,1,0,1,0})", "{0.5,0.1}"),
            ("FORECAST.QUANTILE({1,2,3},1)", "#NUM!"),
            ("FORECAST.ERRORS({1,2,3},0)", "#NUM!"),
            ("FORECAST.ERRORS({1,2,3},1.5)", "#NUM!"),
            ("FORECAST.ERRORS({1,2,3},1,1000)", "#NUM!"),
            ("FORECAST.ERRORS(FORECAST.NEW({1},{1,2},6,1),2)", "#VALUE!"),
            ("FORECAST.ACCURACY({1,2,3},\"rmse\")", "#VALUE!"),
            ("FORECAST.NEW({1},{1,2;3,4},6,1,,,{\"a\";\"b\"})", "#VALUE!"),
            ("FORECAST.NEW({1},{1,2;3,4},6,1,,,{\"a\"},\"a\")", "#VALUE!"),
            ("FORECAST.EXPLANATION(FORECAST.NEW({1},{1,2},6,1),6)", "#VALUE!"),
            ("FORECAST.EXPLANATION(FORECAST.SENSED({1,2,3},4,0.5,2))", "\"why\""),
            ("FORECAST.RECONCILED({1,2;3,4},{\"a\"})", "#VALUE!"),
            ("FORECAST.RECONCILED({1,2;3,4},{\"a\";\"b\"},2,1,\"best\")", "#VALUE!"),
        ]);
    }

    #[test]
    fn companions_ask_what_forecast_asks() {
        let asked = call_of("=FORECAST({1,2,3},2,4,\"ets\",\"shifts\")");
        assert_eq!((asked.horizon, asked.season, asked.treatment.as_str()), (2, 4, "shifts"));
        for typed in [
            "=FORECAST.QUANTILE({1,2,3},0.9,2,4,\"ets\",\"shifts\")",
            "=FORECAST.INTERVAL({1,2,3},0.9,2,4,\"ets\",\"shifts\")",
            "=FORECAST.ACCURACY({1,2,3},\"mase\",2,4,\"ets\",\"shifts\")",
            "=FORECAST.METHOD({1,2,3},2,4,\"ets\",\"shifts\")",
            "=FORECAST.OUTLIERS({1,2,3},2,4,\"ets\",\"shifts\")",
        ] {
            assert_eq!(call_of(typed), asked, "{typed}");
        }
    }

    /// Whatever is shown of a forecast, its errors are those of the buckets asked for, from the end of what is known.
    #[test]
    fn errors_are_asked_for_by_themselves() {
        let asked = call_of("=FORECAST.ERRORS({1,2,3},2,10,4,\"ets\",\"shifts\")");
        assert_eq!((asked.origins, asked.horizon, asked.gap, asked.season), (10, 2, 0, 4));
        assert_eq!((asked.models.as_str(), asked.treatment.as_str()), ("ets", "shifts"));
        assert_eq!(call_of("=FORECAST.ERRORS({1,2,3},2)").origins, 24);
        assert_eq!(call_of("=FORECAST({1,2,3},2)").origins, 0);
    }

    #[test]
    fn further_facts_reach_the_job() {
        let driven = call_of("=FORECAST.DRIVERS({1,2,3},{0,1,0,1,0;5,5,4,4,5})");
        assert_eq!((driven.horizon, driven.drivers.len(), driven.drivers[1][3]), (2, 2, Some(4.0)));
        assert_eq!(
            call_of("=FORECAST.DRIVERS({1;2;3},{0;1;0;1;0})").drivers.len(),
            1,
            "columns, as the history is one"
        );
        assert_eq!(call_of("=FORECAST.STOCKOUTS({1,2,3},{1,0.5,1})").in_stock, [1.0, 0.5, 1.0]);
        let sensed = call_of("=FORECAST.SENSED({1,2,3},{4,2},{0.6,0.3},2)").known;
        assert_eq!((sensed.len(), sensed[1].quantity, sensed[1].share), (2, 2.0, 0.3));
        let new = call_of("=FORECAST.NEW({5,8},{1,2,4;2,4,8},6,1)");
        assert_eq!((new.history.len(), new.horizon, new.newcomer.unwrap().likes.len()), (2, 6, 2));
        let of_family =
            "=FORECAST.NEW({0,0,0,7},{0,0,0,7;1,2,3,4;5,6,7,8;0,0,9,9},6,1,,,{\"a\";\"A\";\"b\";\"a\"},\"a\")";
        let likes = call_of(of_family).newcomer.unwrap().likes;
        assert_eq!(likes, [[1.0, 2.0, 3.0, 4.0].map(Some).to_vec(), [0.0, 0.0, 9.0, 9.0].map(Some).to_vec()]);
        assert_eq!(
            call_of(&format!("=FORECAST.EXPLANATION({})", &of_family[1..])),
            call_of(of_family),
            "the forecast inside is explained"
        );
        // Where no season is given it is a year, and so much longer the others were sold.
        let young =
            "=FORECAST.NEW((SEQUENCE(1,14)>13)*7,VSTACK(SEQUENCE(1,14),(SEQUENCE(1,14)>4)*1),6,,,,{\"a\";\"a\"},\"a\")";
        assert_eq!(call_of(young).newcomer.unwrap().likes.len(), 1);
        for inside in ["DRIVERS({1,2,3},{0,1,0,1,0})", "STOCKOUTS({1,2,3},{1,0.5,1})", "SENSED({1,2,3},4,0.5)"] {
            let (plain, class) = (format!("=FORECAST.{inside}"), format!("=FORECAST.CLASS(FORECAST.{inside})"));
            assert_eq!(call_of(&class), call_of(&plain), "{inside}");
        }
        let ramp = call_of("=FORECAST.NEW(A1,,6,1,100,3)").newcomer.unwrap();
        assert_eq!((ramp.level, ramp.ramp), (Some(100.0), 3));
        let panel = call_of("=FORECAST.RECONCILED({1,2;3,4},{\"a\";\"b\"},2,1,\"mint\")");
        assert_eq!((panel.horizon, panel.season), (2, 1));
        assert_eq!(panel.panel.unwrap().keys, [["a"], ["b"]]);
    }
}
