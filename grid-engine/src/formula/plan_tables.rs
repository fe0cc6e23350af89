//! What a solved plan answers: several tables at once, so that every `SUPPLY` function of the same demand reads one solve.

use crate::value::{Array, CellError, ErrorKind, Value};

/// A table of a solved plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanTable {
    /// Label, value, and for a shortage its cause.
    Summary,
    Production,
    Purchases,
    Shipments,
    Stock,
    Service,
    Utilisation,
    /// Links between suppliers, places and regions, with what flows over them.
    Network,
    /// Shortages with their causes.
    Why,
    /// Limits that bind, with their marginal values.
    Dual,
    CostByProduct,
    CostByCustomer,
    CostByChannel,
    CostByRegion,
    CostByMaterial,
}

impl PlanTable {
    /// Every table, in the order in which an answer holds them.
    pub const ALL: [Self; 15] = [
        Self::Summary,
        Self::Production,
        Self::Purchases,
        Self::Shipments,
        Self::Stock,
        Self::Service,
        Self::Utilisation,
        Self::Network,
        Self::Why,
        Self::Dual,
        Self::CostByProduct,
        Self::CostByCustomer,
        Self::CostByChannel,
        Self::CostByRegion,
        Self::CostByMaterial,
    ];

    /// The answer that holds every table: one row of them, each an array of its own.
    pub fn answer(table: impl FnMut(Self) -> Value) -> Value {
        let tables = Array::row(Self::ALL.into_iter().map(table).collect());
        tables.map_or(Value::error(ErrorKind::Calc), |tables| Value::Array(tables.into()))
    }

    /// The table out of an answer; an error and what else is no such answer stay what they are.
    pub fn of(self, answer: Value) -> Value {
        match answer {
            Value::Array(tables) if tables.rows() == 1 && tables.cols() == Self::ALL.len() => {
                let missing = || Value::Error(CellError::because(ErrorKind::Na, "the plan has no such table"));
                tables.get(0, self as usize).cloned().unwrap_or_else(missing)
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_table_comes_out_where_it_went_in() {
        let answer = PlanTable::answer(|table| Value::text(format!("{table:?}")));
        for table in PlanTable::ALL {
            assert_eq!(table.of(answer.clone()), Value::text(format!("{table:?}")));
        }
    }

    #[test]
    fn a_plan_that_failed_stays_an_error() {
        let failed = Value::Error(CellError::because(ErrorKind::Na, "no plan"));
        assert_eq!(PlanTable::Why.of(failed.clone()), failed);
    }
}
