//! How production, stock and the plan itself did.

use super::super::Better::{Higher, Lower, NearZero};
use super::super::Unit::{Count, Days, Money, Percent, Times};
use super::super::{Definition, Formula, Native};
use super::{ASCM, SCOR, TEXTBOOK, define, ratio};

pub(super) fn figures() -> Vec<Definition> {
    vec![
        define(
            "production_attainment",
            "Production plan attainment",
            Percent,
            Higher,
            "actual, plan",
            Formula::Native(Native::CappedShare),
            "Σ min(actual, plan) ÷ Σ plan; no credit for overbuilding",
            ASCM,
        ),
        ratio(
            "utilisation",
            "Capacity utilisation",
            Percent,
            Higher,
            "load / available",
            "Load hours ÷ available hours",
            ASCM,
        ),
        define(
            "inventory_vs_plan",
            "Inventory versus plan",
            Percent,
            NearZero,
            "actual, plan",
            Formula::Native(Native::ClosingVersusPlan),
            "(closing stock − planned closing stock) ÷ planned",
            ASCM,
        ),
        define(
            "inventory_turnover",
            "Inventory turnover",
            Times,
            Higher,
            "cogs, stock, periods_per_year=12",
            Formula::Native(Native::InventoryTurnover),
            "Cost of goods sold per year ÷ mean stock at cost",
            ASCM,
        ),
        define(
            "stock_days",
            "Stock days",
            Days,
            Lower,
            "stock, cogs, days=30",
            Formula::Native(Native::StockDays),
            "Mean stock ÷ (cost of goods sold ÷ days they cover)",
            SCOR,
        ),
        define(
            "expedite_cost",
            "Expedite cost",
            Money,
            Lower,
            "quantity, premium, overtime_premium=0",
            Formula::Native(Native::ExpediteCost),
            "Σ expedited quantity · premium + overtime premium",
            ASCM,
        ),
        ratio(
            "plan_changes",
            "Plan changes inside the frozen fence",
            Count,
            Lower,
            "changes",
            "Changes to cells inside the frozen fence in the cycle",
            TEXTBOOK,
        ),
        define(
            "plan_instability",
            "Plan instability",
            Percent,
            Lower,
            "current, previous",
            Formula::Native(Native::PlanInstability),
            "Σ|this version − previous version| ÷ Σ previous version, on the buckets both have",
            TEXTBOOK,
        ),
        ratio(
            "decision_execution",
            "Decision execution rate",
            Percent,
            Higher,
            "done / due",
            "Actions done by their deadline ÷ actions due",
            "Equipoise",
        ),
    ]
}
