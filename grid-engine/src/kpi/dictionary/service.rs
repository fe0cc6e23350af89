//! How well customers were served.

use super::super::Better::{Higher, Lower};
use super::super::Unit::{Money, Percent};
use super::super::{Definition, Formula, Native};
use super::{ASCM, SCOR, TEXTBOOK, define, ratio};

pub(super) fn figures() -> Vec<Definition> {
    vec![
        ratio(
            "cancelled_orders",
            "Cancelled orders",
            Percent,
            Lower,
            "cancelled / ordered",
            "Cancelled quantity or lines ÷ ordered",
            ASCM,
        ),
        ratio(
            "order_fill_rate",
            "Order fill rate",
            Percent,
            Higher,
            "filled / due",
            "Orders wholly shipped by their due date ÷ orders due",
            ASCM,
        ),
        define(
            "unit_fill_rate",
            "Unit fill rate",
            Percent,
            Higher,
            "served, ordered",
            Formula::Native(Native::CappedShare),
            "Σ min(served by due date, ordered) ÷ Σ ordered",
            TEXTBOOK,
        ),
        define(
            "otif",
            "On time in full",
            Percent,
            Higher,
            "ordered, delivered, late_days, tolerance=0, window_days=0",
            Formula::Native(Native::OnTimeInFull),
            "Lines delivered with at least (1 − tolerance) of the ordered quantity and no later than the window ÷ lines due; \
             open past-due lines fail",
            SCOR,
        ),
        define(
            "service_level",
            "Service level",
            Percent,
            Higher,
            "stock",
            Formula::Native(Native::ServiceLevel),
            "Periods that close with stock ÷ periods",
            TEXTBOOK,
        ),
        define(
            "lost_sales",
            "Lost sales",
            Money,
            Lower,
            "demand, shipped, backordered=0, price=1",
            Formula::Native(Native::LostSales),
            "Σ max(0, demand − shipped − backordered) · price",
            TEXTBOOK,
        ),
    ]
}
