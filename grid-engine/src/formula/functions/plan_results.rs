//! Tables of a solved supply plan. All of them, and `SUPPLY.SOLVE`, are one solve where demand and objective are the same.

use super::args::wrong;
use super::planning::solved;
use super::{Body, Declared, Nature, declare};
use crate::formula::PlanTable;
use crate::formula::ast::Expr;
use crate::formula::eval::{Evaluation, Outcome};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "SUPPLY.RESULT(demand, table, [objective])",
        "The quantities of the supply plan for a demand measure by bucket: a table of the solve SUPPLY.SOLVE makes.",
        "=SUPPLY.RESULT(Demand[Consensus],\"production\")",
        Body::Lazy(result),
    )
    .nature(Nature::Pending)
    .tables(),
    declare(
        "SUPPLY.WHY(demand, [objective])",
        "Every late or lost unit of the supply plan with the limit that causes it, most units first; they add up to the shortage.",
        "=SUPPLY.WHY(Demand[Consensus])",
        Body::Lazy(|evaluation, arguments| take(evaluation, arguments, 1, PlanTable::Why)),
    )
    .nature(Nature::Pending)
    .tables(),
    declare(
        "SUPPLY.DUAL(demand, [objective])",
        "The limits that bind the supply plan, with the money one more hour, unit or m³ of each would save at the most, dearest first.",
        "=SUPPLY.DUAL(Demand[Consensus])",
        Body::Lazy(|evaluation, arguments| take(evaluation, arguments, 1, PlanTable::Dual)),
    )
    .nature(Nature::Pending)
    .tables(),
    declare(
        "SUPPLY.COST(demand, [view], [objective])",
        "What the supply plan costs by kind of cost, pegged to products, customers, channels, regions or raw materials; \
         each view adds up to the plan's cost.",
        "=SUPPLY.COST(Demand[Consensus],\"material\")",
        Body::Lazy(cost),
    )
    .nature(Nature::Pending)
    .tables(),
];

fn result(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let table = match name(evaluation, arguments.get(1))?.as_deref() {
        Some("production") => PlanTable::Production,
        Some("purchases") => PlanTable::Purchases,
        Some("shipments") => PlanTable::Shipments,
        Some("stock") => PlanTable::Stock,
        Some("service") => PlanTable::Service,
        Some("utilisation") => PlanTable::Utilisation,
        Some("network") => PlanTable::Network,
        _ => {
            return Err(wrong("the table is production, purchases, shipments, stock, service, utilisation or network"));
        }
    };
    take(evaluation, arguments, 2, table)
}

fn cost(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let table = match name(evaluation, arguments.get(1))?.as_deref() {
        None | Some("product") => PlanTable::CostByProduct,
        Some("customer") => PlanTable::CostByCustomer,
        Some("channel") => PlanTable::CostByChannel,
        Some("region") => PlanTable::CostByRegion,
        Some("material") => PlanTable::CostByMaterial,
        _ => return Err(wrong("the view is product, customer, channel, region or material")),
    };
    take(evaluation, arguments, 2, table)
}

/// An optional name, in small letters.
fn name(evaluation: &Evaluation<'_>, argument: Option<&Expr>) -> Result<Option<String>, crate::value::CellError> {
    match argument {
        None | Some(Expr::Missing) => Ok(None),
        Some(expr) => Ok(Some(evaluation.value(expr).to_text()?.trim().to_lowercase())),
    }
}

/// A table of the plan for the demand; the objective is the argument at `objective`.
fn take(evaluation: &Evaluation<'_>, arguments: &[Expr], objective: usize, table: PlanTable) -> Outcome {
    solved(evaluation, arguments.first(), arguments.get(objective)).map(|answer| table.of(answer))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::formula::mock::Mock;
    use crate::supply::{RawCell, RawTable};
    use crate::value::Value;

    fn mock() -> Mock {
        let mut mock = Mock { answer: PlanTable::answer(|table| Value::text(format!("{table:?}"))), ..Mock::default() };
        let text = |text: &str| RawCell::Text(text.into());
        let columns = ["item", "stream", "2026-01"].map(Into::into).to_vec();
        let rows = vec![vec![text("A"), text("S1"), RawCell::Number(5.0)]];
        mock.tables.insert("consensus".into(), RawTable { columns, rows });
        mock
    }

    #[test]
    fn each_function_shows_its_table_and_all_are_one_solve() {
        let mock = mock();
        mock.check(&[
            ("SUPPLY.SOLVE(Demand[Consensus])", "\"Summary\""),
            ("SUPPLY.RESULT(Demand[Consensus],\"Stock\")", "\"Stock\""),
            ("SUPPLY.RESULT(Demand[Consensus],\"utilisation\",\"cost\")", "\"Utilisation\""),
            ("SUPPLY.WHY(Demand[Consensus])", "\"Why\""),
            ("SUPPLY.DUAL(Demand[Consensus],)", "\"Dual\""),
            ("SUPPLY.COST(Demand[Consensus])", "\"CostByProduct\""),
            ("SUPPLY.COST(Demand[Consensus],\"Material\")", "\"CostByMaterial\""),
        ]);
        let calls = mock.calls.borrow().clone();
        assert_eq!(calls.len(), 7);
        assert!(calls.iter().all(|call| *call == calls[0]));
        mock.eval("=SUPPLY.WHY(Demand[Consensus],\"profit\")");
        assert_ne!(mock.calls.borrow().last(), calls.last());
    }

    #[test]
    fn tables_views_and_objectives_that_are_none_are_refused_without_a_solve() {
        let mock = mock();
        mock.check(&[
            ("SUPPLY.RESULT(Demand[Consensus],\"dreams\")", "#VALUE!"),
            ("SUPPLY.RESULT(Demand[Consensus],)", "#VALUE!"),
            ("SUPPLY.COST(Demand[Consensus],\"moon\")", "#VALUE!"),
            ("SUPPLY.WHY(Demand[Consensus],\"most\")", "#VALUE!"),
            ("SUPPLY.DUAL(A1)", "#VALUE!"),
            ("SUPPLY.COST(Demand[Consensus],1/0)", "#DIV/0!"),
        ]);
        assert!(mock.calls.borrow().is_empty());
    }
}
