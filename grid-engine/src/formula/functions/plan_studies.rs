//! Questions to a supply plan: what if, what would free it, what service costs in stock. Each is a study of the plan that
//! `SUPPLY.SOLVE` makes for the same demand and objective.

use super::args::{out_of_range, wrong};
use super::planning::{numbers, studied};
use super::{Body, Declared, Nature, declare};
use crate::formula::ast::Expr;
use crate::formula::eval::{Evaluation, Outcome};
use crate::supply::study::{Change, MAX_STEPS, PRESENT_LEVEL, SERVICE_LEVELS, Study};
use crate::value::{Array, CellError, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "SUPPLY.WHATIF(demand, what, of, change, [from], [until], [objective])",
        "What the supply plan would come to with something changed: costs, service and profit beside those of the plan as it is.",
        "=SUPPLY.WHATIF(Demand[Consensus],\"capacity\",\"Line 1\",\"+10%\")",
        Body::Lazy(what_if),
    )
    .nature(Nature::Pending)
    .tables(),
    declare(
        "SUPPLY.RELIEF(demand, [objective])",
        "What would free the supply plan: each limit that binds, what a tenth more of it would save and free, and what that costs; most \
         saved for the money first.",
        "=SUPPLY.RELIEF(Demand[Consensus])",
        Body::Lazy(|evaluation, arguments| studied(evaluation, arguments.first(), arguments.get(1), Study::Relief)),
    )
    .nature(Nature::Pending)
    .tables(),
    declare(
        "SUPPLY.BUTFOR(demand, [objective])",
        "Whether the causes of shortages hold: the supply plan solved again without each class of limits that units are put down to, and \
         what comes then.",
        "=SUPPLY.BUTFOR(Demand[Consensus])",
        Body::Lazy(|evaluation, arguments| studied(evaluation, arguments.first(), arguments.get(1), Study::ButFor)),
    )
    .nature(Nature::Pending)
    .tables(),
    declare(
        "INVENTORY.TRADEOFF(demand, [service_levels], [present], [objective])",
        "Stock against service and cost: the supply plan solved for each service level with the safety stocks it needs.",
        "=INVENTORY.TRADEOFF(Demand[Consensus],{0.9,0.95,0.99})",
        Body::Lazy(trade_off),
    )
    .nature(Nature::Pending)
    .tables(),
];

fn what_if(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let mut columns = Vec::new();
    for place in 1..=5 {
        columns.push(texts(evaluation, arguments.get(place))?);
    }
    let rows = columns.iter().map(Vec::len).max().unwrap_or_default();
    if let Some(uneven) = columns.iter().find(|column| column.len() > 1 && column.len() != rows) {
        let words = format!("a what-if with {rows} changes has one with {} rows: give each as many", uneven.len());
        return Err(wrong(&words));
    }
    let mut changes = Vec::new();
    for row in 0..rows {
        let [what, of, change, from, until] = [0, 1, 2, 3, 4].map(|column: usize| {
            let column: &Vec<String> = &columns[column];
            column.get(if column.len() == 1 { 0 } else { row }).map_or("", String::as_str)
        });
        // A blank row of a range is no change.
        if what.is_empty() && change.is_empty() && rows > 1 {
            continue;
        }
        changes.push(Change::read(what, of, change, from, until).map_err(|error| wrong(&error.to_string()))?);
    }
    if changes.is_empty() || changes.len() > MAX_STEPS {
        return Err(wrong(&format!("a what-if changes 1 to {MAX_STEPS} things")));
    }
    studied(evaluation, arguments.first(), arguments.get(6), Study::WhatIf { changes })
}

/// An argument's texts, row by row; one where it is a single value, none where it is left out.
fn texts(evaluation: &Evaluation<'_>, argument: Option<&Expr>) -> Result<Vec<String>, CellError> {
    let text = |value: &Value| value.to_text().map(|text| text.trim().to_owned());
    match argument {
        None | Some(Expr::Missing) => Ok(Vec::new()),
        Some(expr) => match evaluation.value(expr) {
            Value::Error(error) => Err(error),
            Value::Array(array) => array.cells().iter().map(text).collect(),
            single => Ok(vec![text(&single)?]),
        },
    }
}

fn trade_off(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let given = |place: usize| match arguments.get(place) {
        None | Some(Expr::Missing) => Ok(None),
        Some(expr) => match evaluation.value(expr) {
            Value::Error(error) => Err(error),
            value => Ok(Some(value)),
        },
    };
    let levels: Vec<f64> = match given(1)? {
        None => SERVICE_LEVELS.to_vec(),
        Some(Value::Array(array)) => numbers(&array)?.into_iter().flatten().collect(),
        Some(single) => numbers(&Array::single(single))?.into_iter().flatten().collect(),
    };
    let present = given(2)?.map_or(Ok(PRESENT_LEVEL), |value| value.to_number())?;
    if levels.is_empty() || levels.len() > MAX_STEPS || levels.iter().any(|level| !(0.5..1.0).contains(level)) {
        return Err(out_of_range(&format!("1 to {MAX_STEPS} service levels lie within 0.5 to below 1")));
    }
    if !(present > 0.5 && present < 1.0) {
        return Err(out_of_range("the present service level lies between 0.5 and 1"));
    }
    studied(evaluation, arguments.first(), arguments.get(3), Study::TradeOff { levels, present })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::formula::PendingCall;
    use crate::formula::mock::Mock;
    use crate::supply::study::{Lever, Step};
    use crate::supply::{RawCell, RawTable};

    fn mock() -> Mock {
        let mut mock = Mock { answer: Value::text("answer"), ..Mock::default() };
        let text = |text: &str| RawCell::Text(text.into());
        let columns = ["item", "stream", "2026-01"].map(Into::into).to_vec();
        let rows = vec![vec![text("A"), text("S1"), RawCell::Number(5.0)]];
        mock.tables.insert("consensus".into(), RawTable { columns, rows });
        mock
    }

    fn study_of(mock: &Mock, typed: &str) -> Study {
        let value = mock.eval(typed);
        match mock.calls.borrow_mut().pop() {
            Some(PendingCall::Solve(call)) => call.study.clone(),
            other => panic!("{typed} asked {other:?} and is {value:?}"),
        }
    }

    #[test]
    fn one_change_is_read_as_it_is_written() {
        let study = study_of(&mock(), "=SUPPLY.WHATIF(Demand[Consensus],\"Safety stock\",\"A\",\"-20%\")");
        let change =
            Change { lever: Lever::SafetyStock, of: "A".into(), step: Step::Times(0.8), from: None, until: None };
        assert_eq!(study, Study::WhatIf { changes: vec![change] });
        let study =
            study_of(&mock(), "=SUPPLY.WHATIF(Demand[Consensus],\"capacity\",\"Line 1\",120,\"2026-01\",\"2026-03\")");
        let Study::WhatIf { changes } = study else { panic!("{study:?}") };
        assert_eq!(changes[0].step, Step::To(120.0));
        assert_eq!((changes[0].from.as_deref(), changes[0].until.as_deref()), (Some("2026-01"), Some("2026-03")));
    }

    #[test]
    fn several_changes_stand_in_rows_and_single_values_are_for_all() {
        let typed = "=SUPPLY.WHATIF(Demand[Consensus],{\"capacity\";\"price\"},{\"L1\";\"A\"},\"+5%\")";
        let Study::WhatIf { changes } = study_of(&mock(), typed) else { panic!() };
        assert_eq!(changes.iter().map(|change| change.lever).collect::<Vec<_>>(), [Lever::Capacity, Lever::Price]);
        assert!(changes.iter().all(|change| change.step == Step::Times(1.05)));
    }

    #[test]
    fn studies_that_make_no_sense_are_refused_without_a_solve() {
        let mock = mock();
        mock.check(&[
            ("SUPPLY.WHATIF(Demand[Consensus],\"luck\",\"A\",\"+1\")", "#VALUE!"),
            ("SUPPLY.WHATIF(Demand[Consensus],\"price\",\"A\",\"more\")", "#VALUE!"),
            ("SUPPLY.WHATIF(Demand[Consensus],\"price\",{\"A\";\"B\"},{\"+1\";\"+2\";\"+3\"})", "#VALUE!"),
            ("SUPPLY.WHATIF(A1,\"price\",\"A\",\"+1\")", "#VALUE!"),
            ("SUPPLY.WHATIF(Demand[Consensus],\"price\",\"A\",1/0)", "#DIV/0!"),
            ("SUPPLY.RELIEF(Demand[Consensus],\"most\")", "#VALUE!"),
            ("SUPPLY.BUTFOR(A1)", "#VALUE!"),
            ("INVENTORY.TRADEOFF(Demand[Consensus],{0.9,1})", "#NUM!"),
            ("INVENTORY.TRADEOFF(Demand[Consensus],0.9,0.4)", "#NUM!"),
        ]);
        assert!(mock.calls.borrow().is_empty());
    }

    #[test]
    fn but_for_asks_for_the_plan_of_its_objective() {
        let mock = mock();
        assert_eq!(study_of(&mock, "=SUPPLY.BUTFOR(Demand[Consensus],\"service\")"), Study::ButFor);
    }

    #[test]
    fn a_trade_off_has_levels_of_its_own() {
        let Study::TradeOff { levels, present } = study_of(&mock(), "=INVENTORY.TRADEOFF(Demand[Consensus])") else {
            panic!()
        };
        assert_eq!((levels.as_slice(), present), (SERVICE_LEVELS.as_slice(), PRESENT_LEVEL));
        let Study::TradeOff { levels, present } =
            study_of(&mock(), "=INVENTORY.TRADEOFF(Demand[Consensus],{0.9;0.8},0.9)")
        else {
            panic!()
        };
        assert_eq!((levels.as_slice(), present), ([0.9, 0.8].as_slice(), 0.9));
    }
}
