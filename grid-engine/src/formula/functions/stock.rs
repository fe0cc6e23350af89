//! Stock in cells: how much to keep, where, how long it lasts, which items matter.

use std::sync::Arc;

use super::args::{collect_numbers, out_of_range, wrong};
use super::{Args, Body, Declared, declare};
use crate::formula::eval::Outcome;
use crate::inventory::{
    Abc, PlacementError, Stage, Uncertainty, Xyz, abc, cover_days, place_safety_stock, project_stock, safety_stock,
    service_level, xyz,
};
use crate::value::{Array, CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "INVENTORY.SAFETYSTOCK(service_level, deviation, lead_time, [demand], [lead_time_deviation])",
        "The stock that keeps a replenishment cycle without stockout with this probability.",
        "=INVENTORY.SAFETYSTOCK(0.95,20,4)",
        Body::Each(|args| {
            let level = args.number(0)?;
            let stock = safety_stock(&uncertainty(args)?, level);
            stock.map(Value::number).ok_or_else(|| {
                out_of_range("the service level lies between 0 and 1, deviations and times are not negative")
            })
        }),
    ),
    declare(
        "INVENTORY.SERVICELEVEL(stock, deviation, lead_time, [demand], [lead_time_deviation])",
        "The probability of a replenishment cycle without stockout that a safety stock gives.",
        "=INVENTORY.SERVICELEVEL(65.79,20,4)",
        Body::Each(|args| {
            let stock = args.number(0)?;
            let level = service_level(&uncertainty(args)?, stock);
            level.map(Value::number).ok_or_else(|| out_of_range("nothing is uncertain, or a deviation is negative"))
        }),
    ),
    declare(
        "INVENTORY.COVER(stock, demand, [days])",
        "How many days a stock covers the coming demand; #N/A where it outlasts the demand given.",
        "=INVENTORY.COVER(45,{30,30},30)",
        Body::Whole(cover),
    ),
    declare(
        "INVENTORY.PROJECT(opening, receipts, demand)",
        "The stock at the close of every bucket, and below it what is owed; columns where demand is a column.",
        "=INVENTORY.PROJECT(50,{0,100},{70,40})",
        Body::Whole(project),
    ),
    declare(
        "INVENTORY.ABC(values)",
        "The class of each item by its share of all value: A the first 80 %, B the next 15 %, C the rest.",
        "=INVENTORY.ABC({15;75;4;6})",
        Body::Whole(|args| {
            let values = args.array(0)?;
            let numbers: Vec<f64> = values.cells().iter().map(|value| value.as_number().unwrap_or(0.0)).collect();
            let letter = |class| match class {
                Abc::A => "A",
                Abc::B => "B",
                Abc::C => "C",
            };
            let classes = abc(&numbers).into_iter().map(|class| letter(class).into()).collect();
            rectangle(values.rows(), values.cols(), classes)
        }),
    ),
    declare(
        "INVENTORY.XYZ(demand)",
        "The class of each row by how its demand varies: X steady, Y varying, Z erratic.",
        "=INVENTORY.XYZ({10,12,11;0,30,0})",
        Body::Whole(|args| {
            let demand = args.array(0)?;
            let rows = demand.cells().chunks(demand.cols());
            let class = |row: &[Value]| {
                let numbers: Vec<f64> = row.iter().map(|value| value.as_number().unwrap_or(0.0)).collect();
                match xyz(&numbers) {
                    Xyz::X => "X",
                    Xyz::Y => "Y",
                    Xyz::Z => "Z",
                }
            };
            rectangle(demand.rows(), 1, rows.map(|row| class(row).into()).collect())
        }),
    ),
    declare(
        "INVENTORY.PLACE(stages, links)",
        "Where in a network to keep safety stock: quoted time, net lead time, safety stock and its cost by stage.",
        "=INVENTORY.PLACE({\"Mill\",2,1,10,1.64,0,\"\";\"Shop\",2,5,10,1.64,0,0},{\"Mill\",\"Shop\"})",
        Body::Whole(place),
    ),
];

fn uncertainty(args: &Args<'_>) -> Result<Uncertainty, CellError> {
    let varies = args.number_or(4, 0.0)? != 0.0;
    if varies && matches!(args.value(3), Value::Blank) {
        return Err(wrong("a deviation of the lead time needs the demand of a period, the fourth argument"));
    }
    Ok(Uncertainty {
        demand_deviation: args.number(1)?,
        lead_time: args.number(2)?,
        demand: args.number_or(3, 0.0)?,
        lead_time_deviation: args.number_or(4, 0.0)?,
    })
}

fn rectangle(rows: usize, cols: usize, cells: Vec<Value>) -> Outcome {
    let array = Array::new(rows, cols, cells).ok_or_else(|| CellError::new(ErrorKind::Calc))?;
    Ok(Value::Array(Arc::new(array)))
}

/// The numbers of one argument, blanks and texts in cells counting as nothing moved.
fn series(args: &Args<'_>, index: usize) -> Result<Vec<f64>, CellError> {
    args.array(index)?
        .cells()
        .iter()
        .map(|value| match value {
            Value::Error(error) => Err(error.clone()),
            value => Ok(value.as_number().unwrap_or(0.0)),
        })
        .collect()
}

/// Refuses quantities below nothing.
fn not_negative(values: &[f64], what: &str) -> Result<(), CellError> {
    match values.iter().position(|value| *value < 0.0) {
        None => Ok(()),
        Some(at) => Err(CellError::because(
            ErrorKind::Num,
            format!("{what}: number {} is {}, and none may be negative", at + 1, values[at]),
        )),
    }
}

fn cover(args: &Args<'_>) -> Outcome {
    /// A month.
    const DAYS: f64 = 30.0;
    let (stock, demand) = (args.number(0)?, series(args, 1)?);
    not_negative(&demand, "demand")?;
    let mut days = Vec::new();
    if let Some(given) = args.list().get(2) {
        collect_numbers(given, &mut days)?;
    }
    // One number is the length of every bucket.
    let days = match days.as_slice() {
        [] => vec![DAYS; demand.len()],
        [each] => vec![*each; demand.len()],
        each if each.len() == demand.len() => each.to_vec(),
        _ => return Err(wrong("days are one number, or one for each bucket of the demand")),
    };
    not_negative(&days, "days")?;
    let longer = || CellError::because(ErrorKind::Na, "the stock outlasts the demand given");
    cover_days(stock, &demand, &days).map(Value::number).ok_or_else(longer)
}

fn project(args: &Args<'_>) -> Outcome {
    let (opening, receipts, demand) = (args.number(0)?, series(args, 1)?, series(args, 2)?);
    not_negative(&receipts, "receipts")?;
    not_negative(&demand, "demand")?;
    let closes = project_stock(opening, &receipts, &demand);
    let upright = args.array(2)?.cols() == 1 && closes.len() > 1;
    let (stock, backlog) = (closes.iter().map(|it| it.stock.into()), closes.iter().map(|it| it.backlog.into()));
    if upright {
        let cells = stock.zip(backlog).flat_map(|(stock, backlog): (Value, Value)| [stock, backlog]).collect();
        return rectangle(closes.len(), 2, cells);
    }
    rectangle(2, closes.len(), stock.chain(backlog).collect())
}

fn place(args: &Args<'_>) -> Outcome {
    const COLUMNS: usize = 7;
    let (table, links) = (args.array(0)?, args.array(1)?);
    if table.cols() != COLUMNS || links.cols() != 2 {
        return Err(wrong(
            "stages have seven columns: name, processing, holding cost, deviation, safety factor, supplied within, \
             promised within (blank: no customers outside); links two: from, to",
        ));
    }
    let name = |value: &Value| match value {
        Value::Text(text) => text.trim().to_lowercase(),
        other => other.as_number().map(|number| number.to_string()).unwrap_or_default(),
    };
    let (mut names, mut shown, mut stages) = (Vec::new(), Vec::new(), Vec::new());
    for row in table.cells().chunks(COLUMNS).filter(|row| !name(&row[0]).is_empty()) {
        let number = |at: usize| {
            let number = row[at].as_number().filter(|number| *number >= 0.0);
            number.ok_or_else(|| wrong(&format!("column {} of {} is a number of at least 0", at + 1, name(&row[0]))))
        };
        let buckets = |at: usize| {
            let whole = number(at)?;
            if whole.fract() == 0.0 && whole <= f64::from(u32::MAX) {
                Ok(whole as u32)
            } else {
                Err(wrong(&format!("column {} of {} is a whole number of buckets", at + 1, name(&row[0]))))
            }
        };
        let promised = row[6].as_number().is_some().then(|| buckets(6)).transpose()?;
        stages.push(Stage {
            processing: buckets(1)?,
            holding_cost: number(2)?,
            deviation: number(3)?,
            safety_factor: number(4)?,
            supplied_within: buckets(5)?,
            promised_within: promised,
        });
        names.push(name(&row[0]));
        shown.push(row[0].clone());
    }
    let mut pairs = Vec::new();
    for pair in links.cells().chunks(2).filter(|pair| !name(&pair[0]).is_empty()) {
        let find = |value: &Value| {
            let wanted = name(value);
            let found = names.iter().position(|name| *name == wanted);
            found.ok_or_else(|| wrong(&format!("no stage is called ‘{wanted}’")))
        };
        pairs.push((find(&pair[0])?, find(&pair[1])?));
    }
    let placed = place_safety_stock(&stages, &pairs).map_err(|error| match error {
        PlacementError::Empty => wrong("there are no stages"),
        PlacementError::Invalid(at) => wrong(&format!("{}: a cost, deviation or factor cannot be", names[at])),
        other => wrong(&other.to_string()),
    })?;
    let cells = shown.into_iter().zip(&placed).flat_map(|(name, one)| {
        let [quoted, net] = [one.outbound, one.net_lead_time].map(|time| Value::from(f64::from(time)));
        [name, quoted, net, one.safety_stock.into(), one.cost.into()]
    });
    rectangle(placed.len(), 5, cells.collect())
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn stock_functions_translate_and_refuse() {
        check(&[
            ("ROUND(INVENTORY.SAFETYSTOCK(0.95,20,4),1)", "65.8"),
            ("ROUND(INVENTORY.SAFETYSTOCK(0.95,20,4,100,0.5),1)", "105.3"),
            ("INVENTORY.SAFETYSTOCK(1,20,4)", "#NUM!"),
            ("INVENTORY.SAFETYSTOCK(0.95,20,4,,0.5)", "#VALUE!"),
            ("ROUND(INVENTORY.SAFETYSTOCK(0.95,20,4,,0),1)", "65.8"),
            ("INVENTORY.COVER(45,{30,30},-30)", "#NUM!"),
            ("INVENTORY.COVER(45,{30,-30})", "#NUM!"),
            ("INVENTORY.PROJECT(50,{-80,100},{70,40})", "#NUM!"),
            ("INVENTORY.PROJECT(50,{80,100},{70,-40})", "#NUM!"),
            ("ROUND(INVENTORY.SERVICELEVEL(65.79,20,4),3)", "0.95"),
            ("INVENTORY.SERVICELEVEL(10,0,4)", "#NUM!"),
            ("INVENTORY.COVER(45,{30,30},{31,28})", "45"),
            ("INVENTORY.COVER(45,{30,30})", "45"),
            ("INVENTORY.COVER(99,{30,30})", "#N/A"),
            ("INVENTORY.COVER(45,{30,30},{1,2,3})", "#VALUE!"),
            ("INDEX(INVENTORY.PROJECT(50,{0,100},{70,40}),1,2)", "40"),
            ("INDEX(INVENTORY.PROJECT(50,{0,100},{70,40}),2,1)", "20"),
            ("INDEX(INVENTORY.PROJECT(50,{0;100},{70;40}),1,2)", "20"),
            ("TEXTJOIN(\"\",TRUE,INVENTORY.ABC({15;75;4;6}))", "\"AACB\""),
            ("TEXTJOIN(\"\",TRUE,INVENTORY.XYZ({10,12,11;0,30,0}))", "\"XZ\""),
            ("INDEX(INVENTORY.PLACE({\"a\",2,1,1,1,0,\"\";\"b\",2,10,1,1,0,0},{\"A\",\"B\"}),2,3)", "2"),
            ("INVENTORY.PLACE({\"a\",2,1,1,1,0,0},{\"a\",\"c\"})", "#VALUE!"),
            ("INVENTORY.PLACE({\"a\",2.5,1,1,1,0,0},{\"\",\"\"})", "#VALUE!"),
            ("INVENTORY.PLACE({1,2},{1,2})", "#VALUE!"),
        ]);
    }
}
