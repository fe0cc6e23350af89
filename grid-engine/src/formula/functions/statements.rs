//! Financial statements of the plan in cells, and their lines for key figures.

use super::args::{not_found, wrong};
use super::{Args, Body, Declared, Nature, declare};
use crate::formula::eval::Outcome;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "FINANCE.STATEMENTS(inputs, amounts, revenue, cost, stock)",
        "Income, cash flow, balance sheet and their ratios by bucket, from what the plan earns, costs and stores and from the opening position; lines that lack an input name it.",
        "=FINANCE.STATEMENTS(Inputs[Input],Inputs[Amount],Profit[Revenue, plan],Profit[Supply cost, plan],Supply[Stock value, plan])",
        Body::Lazy(table::statements),
    )
    .nature(Nature::Pending),
    declare(
        "FINANCE.LINE(statements, line, [part])",
        "A line of FINANCE.STATEMENTS: the opening where there is one and every bucket, or the whole plan's figure. Blank where an input is missing.",
        "=FINANCE.LINE({\"\",\"Plan\",\"Opening\",\"2026-11\";\"Revenue\",5,\"\",5},\"revenue\")",
        Body::Whole(line),
    ),
];

/// Columns before the buckets: the line's name, the plan's figure, the opening.
const PLAN: usize = 1;
const OPENING: usize = 2;

fn line(args: &Args<'_>) -> Outcome {
    let (statements, name) = (args.array(0)?, args.text(1)?);
    let is_plan = match args.text_or(2, "buckets")?.trim().to_lowercase().as_str() {
        "buckets" => false,
        "plan" => true,
        _ => return Err(wrong("the part is buckets or plan")),
    };
    let is_meant =
        |row: &&[Value]| matches!(&row[0], Value::Text(text) if text.trim().eq_ignore_ascii_case(name.trim()));
    let row = statements.cells().chunks(statements.cols()).find(is_meant);
    let row = row.filter(|row| row.len() > OPENING).ok_or_else(|| not_found(&format!("there is no line ‘{name}’")))?;
    match &row[PLAN] {
        // In place of a figure, what it lacks.
        Value::Text(lacks) if !lacks.is_empty() => {
            Ok(args.evaluation.blank_because(format!("{} {lacks}", row[0].to_text()?)))
        }
        figure if is_plan => Ok(figure.clone()),
        _ => {
            let from = if row[OPENING].as_number().is_some() { OPENING } else { OPENING + 1 };
            let buckets = crate::value::Array::row(row[from..].to_vec());
            buckets.map(|row| Value::Array(row.into())).ok_or_else(|| wrong("the statements have no bucket"))
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod table {
    use std::sync::Arc;

    use super::wrong;
    use crate::calendar::Bucket;
    use crate::finance::{PlannedMoney, STATEMENT_INPUTS, StatementLine, statement_lines};
    use crate::formula::ast::Expr;
    use crate::formula::eval::{Evaluation, Outcome};
    use crate::formula::functions::planning::known_number;
    use crate::value::{Array, CellError, ErrorKind, Value};

    /// Days of a bucket that is of no planning sheet.
    const DAYS: f64 = 30.0;

    pub(super) fn statements(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
        let [names, amounts, revenue, cost, stock] = arguments else {
            return Err(wrong("statements need inputs, amounts, revenue, cost and stock"));
        };
        let (names, amounts) = (array(evaluation, names)?, array(evaluation, amounts)?);
        let entered = entered(names.cells(), amounts.cells())?;
        let first = match revenue {
            Expr::Measure(reference) => evaluation.cells.first_bucket(reference, evaluation.at),
            _ => None,
        };
        let (revenue, cogs) = (by_bucket(evaluation, revenue)?, by_bucket(evaluation, cost)?);
        let inventory = by_bucket(evaluation, stock)?;
        for (what, series) in [("cost", &cogs), ("stock", &inventory)] {
            if series.len() != revenue.len() {
                return Err(wrong(&format!("revenue has {} buckets, {what} {}", revenue.len(), series.len())));
            }
        }
        let buckets = (0..revenue.len()).map(|at| first.map(|first| first.plus(at as i32)));
        let days: Vec<f64> = buckets.clone().map(|bucket| bucket.map_or(DAYS, |it| f64::from(it.days()))).collect();
        let heads =
            buckets.enumerate().map(|(at, bucket)| bucket.map_or((at + 1).to_string(), |it: Bucket| it.to_string()));
        let plan = PlannedMoney { days: &days, revenue: &revenue, cogs: &cogs, inventory: &inventory };
        let mut cells: Vec<Value> = ["", "Plan", "Opening"].map(Value::text).to_vec();
        cells.extend(heads.map(Value::text));
        let lines = statement_lines(&plan, &entered);
        let rows = lines.len() + 1;
        cells.extend(lines.into_iter().flat_map(row));
        let table = Array::new(rows, cells.len() / rows, cells).ok_or_else(|| CellError::new(ErrorKind::Calc))?;
        Ok(Value::Array(table.into()))
    }

    fn row(line: StatementLine) -> impl Iterator<Item = Value> {
        // An empty text stays empty where an array spills; a blank is read as nought there.
        let figure =
            |value: Option<f64>| value.filter(|it| it.is_finite()).map_or_else(|| Value::text(""), Value::number);
        let whole = match line.missing.as_slice() {
            [] => figure(line.whole),
            missing => Value::text(format!("needs {}", missing.join(", "))),
        };
        [Value::text(line.name), whole, figure(line.opening)].into_iter().chain(line.buckets.into_iter().map(figure))
    }

    fn array(evaluation: &Evaluation<'_>, expr: &Expr) -> Result<Arc<Array>, CellError> {
        match evaluation.value(expr) {
            Value::Array(array) => Ok(array),
            Value::Error(error) => Err(error),
            single => Ok(Array::single(single).into()),
        }
    }

    /// Amounts by the inputs' names; what nobody entered is not known. Other names are somebody's own.
    fn entered(names: &[Value], amounts: &[Value]) -> Result<[Option<f64>; STATEMENT_INPUTS.len()], CellError> {
        let mut known = [None; STATEMENT_INPUTS.len()];
        for (name, amount) in names.iter().zip(amounts) {
            let name = name.to_text()?;
            if let Some(at) = STATEMENT_INPUTS.iter().position(|input| input.name.eq_ignore_ascii_case(name.trim())) {
                known[at] = known_number(amount)?;
            }
        }
        Ok(known)
    }

    /// The sum over the rows, bucket by bucket; texts and blanks are nothing.
    fn by_bucket(evaluation: &Evaluation<'_>, expr: &Expr) -> Result<Vec<f64>, CellError> {
        let array = array(evaluation, expr)?;
        let mut sums = vec![0.0; array.cols()];
        for row in array.cells().chunks(array.cols()) {
            for (sum, value) in sums.iter_mut().zip(row) {
                match value {
                    Value::Error(error) => return Err(error.clone()),
                    value => *sum += value.as_number().unwrap_or(0.0),
                }
            }
        }
        Ok(sums)
    }
}

/// Browsers show what the server calculates: the statements are no part of what they fetch.
#[cfg(target_arch = "wasm32")]
mod table {
    use crate::formula::ast::Expr;
    use crate::formula::eval::{Evaluation, Outcome};
    use crate::value::{CellError, ErrorKind};

    pub(super) fn statements(_: &Evaluation<'_>, _: &[Expr]) -> Outcome {
        Err(CellError::new(ErrorKind::Busy))
    }
}

#[cfg(test)]
mod tests {
    use crate::formula::Formula;
    use crate::formula::mock::{Mock, home};
    use crate::value::Value;

    const NAMES: &str = "{\"Opening cash\";\"Opening receivables\";\"Opening inventory\";\"Opening payables\";\"Fixed assets\";\
        \"Depreciation\";\"Overheads\";\"Debt\";\"Interest rate\";\"Tax rate\";\"Receivable days\";\"Payable days\";\"Shares\";\
        \"Dilutive shares\";\"Dilutive add-back\";\"Preferred dividends\"}";

    /// The worked example of the finance room.
    fn with(tax: &str, read: &str) -> String {
        let amounts = format!("{{800;900;400;300;2000;50;200;1460;0.1;{tax};45;15;100;25;4;10}}");
        let table = format!("FINANCE.STATEMENTS({NAMES},{amounts},{{600,700;400,500}},{{600,700}},{{440,430}})");
        read.replace("TABLE", &table)
    }

    #[test]
    fn statements_are_lines_by_bucket() {
        for (read, expected) in [
            ("INDEX(TABLE,1,4)", "\"1\""),
            ("INDEX(TABLE,11,1)", "\"Net income\""),
            ("INDEX(TABLE,11,2)", "282"),
            ("FINANCE.LINE(TABLE,\"net income\")", "{103.5,178.5}"),
            ("FINANCE.LINE(TABLE,\"Cash\")", "{800,523.5,377}"),
            ("FINANCE.LINE(TABLE,\"Cash\",\"plan\")", "377"),
            ("FINANCE.LINE(TABLE,\"Cash\",\"year\")", "#VALUE!"),
            ("FINANCE.LINE(TABLE,\"Goodwill\")", "#N/A"),
            (
                "KPI(\"return_on_assets\",FINANCE.LINE(TABLE,\"Net income\"),FINANCE.LINE(TABLE,\"Total assets\"))",
                "FINANCE.LINE(TABLE,\"Return on assets\",\"plan\")",
            ),
            (
                "KPI(\"inventory_turnover\",FINANCE.LINE(TABLE,\"COGS\"),FINANCE.LINE(TABLE,\"Inventory\"),365/30)",
                "FINANCE.LINE(TABLE,\"Inventory turns\",\"plan\")",
            ),
        ] {
            Mock::default().check(&[(&with("0.25", read), &with("0.25", expected))]);
        }
    }

    #[test]
    fn what_an_input_is_missing_for_is_blank_and_names_it() {
        let tax = |read: &str| with("\"\"", read);
        let mock = Mock::default();
        mock.check(&[
            (&tax("INDEX(TABLE,11,2)"), "\"needs Tax rate\""),
            (&tax("FINANCE.LINE(TABLE,\"Profit before tax\")"), "{138,238}"),
        ]);
        let margin = tax("=KPI(\"profit_margin\",FINANCE.LINE(TABLE,\"Net income\"),FINANCE.LINE(TABLE,\"Revenue\"))");
        assert_eq!(mock.eval(&margin), Value::Blank);
        let why = Formula::parse(&margin, &mock, home()).ok().and_then(|it| it.why_blank(&mock, home()));
        assert_eq!(why.as_deref(), Some("net_income is empty: Net income needs Tax rate"));
        // What another figure was blank for is no reason of this one.
        let other = tax("=IF(ISBLANK(FINANCE.LINE(TABLE,\"Net income\")),KPI(\"gross_margin\",0,1))");
        let why = Formula::parse(&other, &mock, home()).ok().and_then(|it| it.why_blank(&mock, home()));
        assert_eq!(why.as_deref(), Some("revenue is zero"));
    }
}
