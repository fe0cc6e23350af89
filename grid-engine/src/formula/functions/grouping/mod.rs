//! Totals of values by groups of rows, and of columns: GROUPBY and PIVOTBY.

mod layout;
mod lines;

use std::sync::Arc;

use super::args::wrong;
use super::lambda::{array, function_given, single};
use super::{Body, Declared, declare, find};
use crate::formula::ast::Expr;
use crate::formula::eval::{Callable, Evaluation, Meaning, Outcome};
use crate::value::{Array, CellError, Text, Value};
use lines::{Axis, Line, Order};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "GROUPBY(rows, values, function, [headers], [totals], [order], [keep], [relationship])",
        "Values gathered by the groups of their rows, with totals.",
        "=GROUPBY(A2:A9,C2:C9,SUM)",
        Body::Lazy(group_by),
    ),
    declare(
        "PIVOTBY(rows, columns, values, function, [headers], [row_totals], [row_order], [column_totals], [column_order], \
         [keep], [relationship], [relative_to])",
        "Values gathered by the groups of their rows and of their columns, with totals.",
        "=PIVOTBY(A2:A9,B2:B9,C2:C9,SUM)",
        Body::Lazy(pivot_by),
    ),
];

/// What to gather values with.
struct Gather {
    lambda: Callable,
    title: Text,
}

/// What a column's share is taken of, where a function takes a part and a whole.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whole {
    Column,
    Row,
    All,
    ParentColumn,
    ParentRow,
}

/// A call, read.
struct Table<'a> {
    evaluation: &'a Evaluation<'a>,
    values: Arc<Array>,
    gathers: Vec<Gather>,
    /// The places of rows that count.
    kept: Vec<usize>,
    has_headers: bool,
    shows_headers: bool,
}

impl<'a> Table<'a> {
    fn read(
        evaluation: &'a Evaluation<'a>,
        fields: &[&Array],
        values: Arc<Array>,
        function: &Expr,
        headers: Option<f64>,
        keep: Option<Arc<Array>>,
    ) -> Result<Self, CellError> {
        if fields.iter().any(|field| field.rows() != values.rows()) {
            return Err(wrong("rows, columns and values must be equally long"));
        }
        let looks_headed =
            matches!(values.get(0, 0), Some(Value::Text(_))) && matches!(values.get(1, 0), Some(Value::Number(_)));
        let (has_headers, shows_headers) = match headers {
            None => (looks_headed, looks_headed && fields.iter().any(|field| field.cols() > 1)),
            Some(0.0) => (false, false),
            Some(1.0) => (true, false),
            Some(2.0) => (false, true),
            Some(3.0) => (true, true),
            Some(_) => return Err(wrong("headers go from 0 to 3")),
        };
        let first = usize::from(has_headers);
        let mut kept: Vec<usize> = (first..values.rows()).collect();
        if let Some(keep) = keep {
            // Conditions may come with a place for the heading, or without.
            let shift = match keep.cells().len() {
                length if length == values.rows() => 0,
                length if length + first == values.rows() => first,
                _ => return Err(wrong("what to keep must be as long as the values")),
            };
            let mut chosen = Vec::with_capacity(kept.len());
            for row in kept {
                if keep.cells()[row - shift].to_bool()? {
                    chosen.push(row);
                }
            }
            kept = chosen;
        }
        if kept.is_empty() {
            return Err(CellError::because(crate::value::ErrorKind::Calc, "no rows are left"));
        }
        let gathers = gathers(evaluation, function)?;
        Ok(Self { evaluation, values, gathers, kept, has_headers, shows_headers })
    }

    /// How many results a group has.
    fn width(&self) -> usize {
        self.values.cols() * self.gathers.len()
    }

    /// One result of a group of rows, the whole it is a part of beside it.
    fn result(&self, index: usize, rows: &[usize], whole: &[usize]) -> Value {
        let (col, gather) = (index / self.gathers.len(), &self.gathers[index % self.gathers.len()]);
        let column = |rows: &[usize]| {
            self.evaluation.array(rows.len(), 1, |row, _| self.values.get(rows[row], col).cloned().unwrap_or_default())
        };
        let arguments = match gather.lambda.parameters() {
            2 => column(rows).and_then(|part| Ok(vec![part, column(whole)?])),
            _ => column(rows).map(|part| vec![part]),
        };
        single(arguments.and_then(|arguments| {
            let arguments = arguments.into_iter().map(Meaning::Value).collect();
            self.evaluation.value_of(self.evaluation.invoke(&gather.lambda, arguments)?)
        }))
    }

    /// A field's or value's heading, or a made one.
    fn header(&self, of: &Array, col: usize, made: &str) -> Value {
        if self.has_headers {
            of.get(0, col).cloned().unwrap_or_default()
        } else {
            Value::text(format!("{made} {}", col + 1))
        }
    }
}

/// The functions given: one, or several side by side in HSTACK or VSTACK.
fn gathers(evaluation: &Evaluation<'_>, expr: &Expr) -> Result<Vec<Gather>, CellError> {
    let several = match expr {
        Expr::Call(function, parts) if matches!(function.info.name, "HSTACK" | "VSTACK") => parts.as_slice(),
        one => std::slice::from_ref(one),
    };
    let read = |expr: &Expr| {
        let named = match expr {
            Expr::Name(name) => find(&name.to_uppercase()),
            _ => None,
        };
        let takes = named.map_or(1, |function| usize::from(function.info.min_arguments).clamp(1, 2));
        let title: Text = named.map_or("CUSTOM", |function| function.info.name).into();
        function_given(evaluation, Some(expr), takes).map(|lambda| Gather { lambda, title })
    };
    several.iter().map(read).collect()
}

/// Optional arguments by place.
struct Options<'a> {
    evaluation: &'a Evaluation<'a>,
    arguments: &'a [Expr],
}

impl Options<'_> {
    fn given(&self, index: usize) -> Option<&Expr> {
        self.arguments.get(index).filter(|expr| **expr != Expr::Missing)
    }

    fn number(&self, index: usize) -> Result<Option<f64>, CellError> {
        let number = |expr| self.evaluation.value(expr).to_number().map(f64::trunc);
        self.given(index).map(number).transpose()
    }

    fn array(&self, index: usize) -> Result<Option<Arc<Array>>, CellError> {
        self.given(index).map(|expr| array(self.evaluation, expr)).transpose()
    }

    /// Columns to order by, negative for descending.
    fn order(&self, index: usize, columns: usize) -> Result<Vec<Order>, CellError> {
        let Some(list) = self.array(index)? else { return Ok(Vec::new()) };
        list.cells().iter().map(|value| Order::read(value.to_number()?, columns)).collect()
    }

    /// Totals: how many levels, and whether they come first.
    fn totals(&self, index: usize, levels: usize) -> Result<(usize, bool), CellError> {
        let depth = self.number(index)?.unwrap_or(1.0);
        if depth.abs() > levels as f64 {
            return Err(wrong("there are not so many levels to total"));
        }
        Ok((depth.abs() as usize, depth < 0.0))
    }

    /// Whether fields are a hierarchy (0) rather than a table (1).
    fn hierarchy(&self, index: usize, totals: usize) -> Result<bool, CellError> {
        match self.number(index)? {
            None | Some(0.0) => Ok(true),
            Some(1.0) if totals < 2 => Ok(false),
            Some(1.0) => Err(wrong("the fields of a table have no totals between them")),
            Some(_) => Err(wrong("the relationship is 0 hierarchy or 1 table")),
        }
    }
}

fn group_by(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let [rows, values, function, ..] = arguments else { return Err(wrong("rows, values and a function are needed")) };
    let options = Options { evaluation, arguments };
    let (fields, values) = (array(evaluation, rows)?, array(evaluation, values)?);
    let table = Table::read(evaluation, &[&fields], values, function, options.number(3)?, options.array(6)?)?;
    let (totals, first) = options.totals(4, fields.cols())?;
    let hierarchy = options.hierarchy(7, totals)?;
    let order = options.order(5, fields.cols() + table.width())?;
    let axis = Axis::of(&table, &fields, &order, hierarchy);
    layout::grouped(&table, &fields, &axis.lines(totals, first))
}

fn pivot_by(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let [rows, columns, values, function, ..] = arguments else {
        return Err(wrong("rows, columns, values and a function are needed"));
    };
    let options = Options { evaluation, arguments };
    let (down, across) = (array(evaluation, rows)?, array(evaluation, columns)?);
    let values = array(evaluation, values)?;
    let table = Table::read(evaluation, &[&down, &across], values, function, options.number(4)?, options.array(9)?)?;
    let whole = match options.number(11)?.unwrap_or(0.0) {
        0.0 => Whole::Column,
        1.0 => Whole::Row,
        2.0 => Whole::All,
        3.0 => Whole::ParentColumn,
        4.0 => Whole::ParentRow,
        _ => return Err(wrong("relative_to goes from 0 to 4")),
    };
    let (row_totals, rows_first) = options.totals(5, down.cols())?;
    let (column_totals, columns_first) = options.totals(7, across.cols())?;
    let hierarchy = options.hierarchy(10, row_totals.max(column_totals))?;
    let row_order = options.order(6, down.cols() + table.width())?;
    let column_order = options.order(8, across.cols() + table.width())?;
    let lines = |fields: &Array, order: &[Order], totals, first| {
        Axis::of(&table, fields, order, hierarchy).lines(totals, first)
    };
    let rows: Vec<Line> = lines(&down, &row_order, row_totals, rows_first);
    let columns: Vec<Line> = lines(&across, &column_order, column_totals, columns_first);
    layout::pivoted(&table, &down, &rows, &columns, whole)
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::Mock;
    use crate::value::Value;

    fn sales() -> Mock {
        Mock::with_rows(&[
            ["Region", "Product", "Year", "Sales"].map(Value::text),
            ["North".into(), "Tea".into(), 2025.0.into(), 10.0.into()],
            ["South".into(), "Tea".into(), 2025.0.into(), 20.0.into()],
            ["North".into(), "Milk".into(), 2026.0.into(), 30.0.into()],
            ["South".into(), "Milk".into(), 2026.0.into(), 5.0.into()],
            ["North".into(), "Tea".into(), 2026.0.into(), 1.0.into()],
        ])
    }

    #[test]
    fn grouped() {
        sales().check(&[
            ("GROUPBY(A2:A6,D2:D6,SUM)", "{\"North\",41;\"South\",25;\"Total\",66}"),
            ("GROUPBY(A1:A6,D1:D6,SUM)", "{\"North\",41;\"South\",25;\"Total\",66}"),
            ("GROUPBY(A1:A6,D1:D6,SUM,3,0)", "{\"Region\",\"Sales\";\"North\",41;\"South\",25}"),
            ("GROUPBY(A2:A6,D2:D6,SUM,2,0)", "{\"Row Field 1\",\"Value 1\";\"North\",41;\"South\",25}"),
            ("GROUPBY(A2:A6,D2:D6,SUM,,0,-2)", "{\"North\",41;\"South\",25}"),
            ("GROUPBY(A2:A6,D2:D6,SUM,,0,2)", "{\"South\",25;\"North\",41}"),
            ("GROUPBY(A2:A6,D2:D6,SUM,,-1)", "{\"Total\",66;\"North\",41;\"South\",25}"),
            ("GROUPBY(A2:A6,D2:D6,SUM,,,,B2:B6=\"Tea\")", "{\"North\",11;\"South\",20;\"Total\",31}"),
            ("GROUPBY({\"a\";\"A\"},{1;2},SUM)", "{\"a\",3;\"Total\",3}"),
            ("GROUPBY(A2:A6,C2:D6,MAX,,0)", "{\"North\",2026,30;\"South\",2026,20}"),
            ("GROUPBY(A2:A6,D2:D6,LAMBDA(x,SUM(x)*2),,0)", "{\"North\",82;\"South\",50}"),
            ("GROUPBY(A2:A6,D2:D6,PERCENTOF,,0)", "{\"North\",0.621212121212121;\"South\",0.378787878787879}"),
            ("GROUPBY(A2:A6,D2:D6,HSTACK(SUM,COUNT),,0)", "{\"\",\"SUM\",\"COUNT\";\"North\",41,3;\"South\",25,2}"),
        ]);
    }

    #[test]
    fn hierarchies_and_tables() {
        sales().check(&[
            (
                "GROUPBY(A2:B6,D2:D6,SUM,,2)",
                "{\"North\",\"Milk\",30;\"North\",\"Tea\",11;\"North\",\"\",41;\"South\",\"Milk\",5;\"South\",\"Tea\",20;\
                 \"South\",\"\",25;\"Grand Total\",\"\",66}",
            ),
            (
                "GROUPBY(A2:B6,D2:D6,SUM,,0,3)",
                "{\"South\",\"Milk\",5;\"South\",\"Tea\",20;\"North\",\"Tea\",11;\"North\",\"Milk\",30}",
            ),
            (
                "GROUPBY(A2:B6,D2:D6,SUM,,0,3,,1)",
                "{\"South\",\"Milk\",5;\"North\",\"Tea\",11;\"South\",\"Tea\",20;\"North\",\"Milk\",30}",
            ),
            ("INDEX(GROUPBY(A2:B6,D2:D6,SUM,,0,{1,-2}),1,2)", "\"Tea\""),
            ("GROUPBY(A2:A6,D2:D6,SUM,,2)", "#VALUE!"),
            ("GROUPBY(A2:A6,D2:D5,SUM)", "#VALUE!"),
            ("GROUPBY(A2:A6,D2:D6,SUM,4)", "#VALUE!"),
            ("GROUPBY(A2:A6,D2:D6,SUM,,,5)", "#VALUE!"),
            ("GROUPBY(A2:A6,D2:D6,SUM,,,,C2:C6<0)", "#CALC!"),
            ("GROUPBY(A2:A6,D2:D6,5)", "#VALUE!"),
        ]);
    }

    #[test]
    fn pivoted() {
        sales().check(&[
            (
                "PIVOTBY(A2:A6,C2:C6,D2:D6,SUM)",
                "{\"\",2025,2026,\"Total\";\"North\",10,31,41;\"South\",20,5,25;\"Total\",30,36,66}",
            ),
            (
                "PIVOTBY(B2:B6,C2:C6,D2:D6,SUM,,0,,0)",
                "{\"\",2025,2026;\"Milk\",\"\",35;\"Tea\",30,1}",
            ),
            (
                "PIVOTBY(B1:B6,C1:C6,D1:D6,SUM,3,0,,0)",
                "{\"Product\",2025,2026;\"Milk\",\"\",35;\"Tea\",30,1}",
            ),
            (
                "PIVOTBY(A2:A6,C2:C6,D2:D6,PERCENTOF,,0,,0,,,,1)",
                "{\"\",2025,2026;\"North\",0.24390243902439,0.75609756097561;\"South\",0.8,0.2}",
            ),
            (
                "PIVOTBY(A2:A6,C2:C6,D2:D6,PERCENTOF,,0,,0)",
                "{\"\",2025,2026;\"North\",0.333333333333333,0.861111111111111;\"South\",0.666666666666667,0.138888888888889}",
            ),
            ("INDEX(PIVOTBY(A2:A6,C2:C6,D2:D6,SUM,,0,,0,-1),1,2)", "2026"),
            (
                "PIVOTBY(A2:A6,C2:C6,D2:D6,HSTACK(SUM,COUNT),,0,,0)",
                "{\"\",2025,2025,2026,2026;\"\",\"SUM\",\"COUNT\",\"SUM\",\"COUNT\";\"North\",10,1,31,2;\"South\",20,1,5,1}",
            ),
        ]);
    }
}
