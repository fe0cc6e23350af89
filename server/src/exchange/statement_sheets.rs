//! The sheets of a plan's financial statements: what people enter, and what follows from it and the plan.

use std::ops::Range;

use grid_engine::doc::NumberFormat;
use grid_engine::finance::{LineKind, STATEMENT_INPUTS, statement_names};
use grid_engine::refs::ColId;
use grid_engine::refs::a1::column_letters;
use grid_engine::workbook::HEADING_STYLE;

use super::blueprint::{Entry, MeasureBlueprint, RowBlueprint, SheetBlueprint, measure_id, row_id};
use super::plan_sheets::{ASSUMPTIONS, PLAN, Shape};

/// The role of the sheet of inputs.
pub const INPUTS_ROLE: &str = "finance.inputs";

/// What the statements need besides the plan. What is not `known` is blank until somebody enters it, but for opening
/// inventory, which the stock policy tells.
pub fn inputs(shape: &Shape, known: impl Fn(&str) -> Option<f64>) -> SheetBlueprint {
    let rows = STATEMENT_INPUTS.iter().map(|input| {
        let amount = match input.name {
            "Opening inventory" => Some(Entry::from("=SUMPRODUCT('Stock policy'[Initial],'Stock policy'[Unit value])")),
            name => known(name).map(Entry::Number),
        };
        let unit = match unit_of(input.name) {
            Of::Rate => "share",
            Of::Days => "days",
            Of::Shares => "shares",
            Of::Money => shape.currency,
        };
        let cells = [("amount", amount), ("unit", Some(unit.into())), ("meaning", Some(input.meaning.into()))];
        let cells = cells.into_iter().filter_map(|(id, entry)| Some((ColId::fixed(measure_id(id)), entry?)));
        RowBlueprint { key: vec![input.name.to_owned()], cells: cells.collect() }
    });
    let sheet = SheetBlueprint::planning("statement_inputs", "Statement inputs", &["Input"])
        .role(INPUTS_ROLE)
        .group(ASSUMPTIONS)
        .measure(
            MeasureBlueprint::input("amount", "Amount")
                .shown(NumberFormat::General, "")
                .help("What is left blank leaves blank what needs it on the sheet Statements."),
        )
        .measure(MeasureBlueprint::input("unit", "Unit").shown(NumberFormat::Text, ""))
        .measure(MeasureBlueprint::input("meaning", "Meaning").shown(NumberFormat::Text, ""))
        .rows(rows);
    STATEMENT_INPUTS.iter().fold(sheet, |sheet, input| {
        let format = match unit_of(input.name) {
            Of::Rate => "percent",
            Of::Money | Of::Shares => "whole",
            Of::Days => return sheet,
        };
        sheet.styled(row_id(&[input.name]), ColId::fixed(measure_id("amount")), format)
    })
}

/// What an input's amount is an amount of.
enum Of {
    Money,
    Rate,
    Days,
    Shares,
}

fn unit_of(input: &str) -> Of {
    match input {
        name if name.ends_with("rate") => Of::Rate,
        name if name.ends_with("days") => Of::Days,
        name if name.to_lowercase().ends_with("shares") => Of::Shares,
        _ => Of::Money,
    }
}

/// The row in which the table of the statements begins, its headings; columns before the buckets.
const TABLE: u32 = 2;
const BEFORE_BUCKETS: u32 = 3;

fn columns(shape: &Shape) -> u32 {
    let planned = shape.horizon.len() - shape.horizon.current_index();
    BEFORE_BUCKETS + planned as u32
}

/// The cells that the statements spill over, as formulas of other sheets name them.
pub fn area(shape: &Shape) -> String {
    let last = column_letters(columns(shape) - 1);
    format!("Statements!$A${}:${last}${}", TABLE + 1, TABLE + 1 + statement_names().count() as u32)
}

/// The statements by bucket.
pub fn statements(shape: &Shape) -> SheetBlueprint {
    let columns = columns(shape);
    let sheet = SheetBlueprint::free("statements", "Statements")
        .role("statements")
        .group(PLAN)
        .wide(columns)
        .widths(&[210, 130, 110])
        .cell(0, 0, "Income, cash flow and balance sheet of the plan, by bucket. What a line lacks stands in its place: enter it in Statement inputs.")
        .cell(
            TABLE,
            0,
            "=FINANCE.STATEMENTS('Statement inputs'[Input],'Statement inputs'[Amount],Profit[Revenue, plan],\
             Profit[Supply cost, plan],Supply[Stock value, plan])",
        );
    let across: Range<u32> = 1..columns;
    let sheet = sheet.format_row(TABLE, 0..columns, HEADING_STYLE);
    statement_names().zip(TABLE + 1..).fold(sheet, |sheet, ((_, kind), row)| {
        let format = match kind {
            LineKind::Flow | LineKind::Balance => "whole",
            LineKind::Share => "percent",
            LineKind::Number => "decimal",
        };
        sheet.format_row(row, across.clone(), format)
    })
}

/// Key figures of the scorecard that the statements feed: id and formula, in which `STATEMENTS` is their area.
pub const KPIS: [(&str, &str); 8] = [
    (
        "inventory_turnover",
        "=KPI(\"inventory_turnover\",FINANCE.LINE(STATEMENTS,\"COGS\"),FINANCE.LINE(STATEMENTS,\"Inventory\"),365/BUCKETDAYS)",
    ),
    (
        "profit_margin",
        "=KPI(\"profit_margin\",FINANCE.LINE(STATEMENTS,\"Net income\"),FINANCE.LINE(STATEMENTS,\"Revenue\"))",
    ),
    (
        "nwc_ratio",
        "=KPI(\"nwc_ratio\",FINANCE.LINE(STATEMENTS,\"Current assets\",\"plan\"),\
         FINANCE.LINE(STATEMENTS,\"Current liabilities\",\"plan\"),FINANCE.LINE(STATEMENTS,\"Total assets\",\"plan\"))",
    ),
    (
        "current_ratio",
        "=KPI(\"current_ratio\",FINANCE.LINE(STATEMENTS,\"Current assets\",\"plan\"),\
         FINANCE.LINE(STATEMENTS,\"Current liabilities\",\"plan\"))",
    ),
    (
        "return_on_assets",
        "=KPI(\"return_on_assets\",FINANCE.LINE(STATEMENTS,\"Net income\"),FINANCE.LINE(STATEMENTS,\"Total assets\"))",
    ),
    (
        "eps_diluted",
        "=KPI(\"eps_diluted\",FINANCE.LINE(STATEMENTS,\"Net income\",\"plan\"),\
         FINANCE.LINE(STATEMENTS,\"Preferred dividends\",\"plan\"),FINANCE.LINE(STATEMENTS,\"Dilutive add-back\",\"plan\"),\
         FINANCE.LINE(STATEMENTS,\"Shares\",\"plan\"),FINANCE.LINE(STATEMENTS,\"Dilutive shares\",\"plan\"))",
    ),
    (
        "cash_flow",
        "=KPI(\"cash_flow\",FINANCE.LINE(STATEMENTS,\"Net income\"),FINANCE.LINE(STATEMENTS,\"Depreciation\"),\
         FINANCE.LINE(STATEMENTS,\"Change of working capital\"))",
    ),
    (
        "cash_to_cash",
        "=KPI(\"cash_to_cash\",FINANCE.LINE(STATEMENTS,\"Days of inventory\",\"plan\"),\
         FINANCE.LINE(STATEMENTS,\"Days of receivables\",\"plan\"),FINANCE.LINE(STATEMENTS,\"Days of payables\",\"plan\"))",
    ),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use grid_engine::calendar::Horizon;
    use grid_engine::plan::{frames, summarise};
    use grid_engine::refs::PersonId;
    use grid_engine::workbook::{Clock, Workbook};

    use super::super::blueprint::{Blueprint, row_id};
    use super::super::plan_sheets;
    use super::*;

    const KEYS: [&str; 2] = ["Item", "Region"];

    /// Tea sells 100 and 200 at 10 each, costs 600 and 1,100, and stands in stock with 40 and 60 at 5 each.
    fn solved(known: impl Fn(&str) -> Option<f64>) -> Workbook {
        let months = ["2026-11", "2026-12"].map(|month| month.parse().unwrap());
        let horizon = Horizon { first: "2026-10".parse().unwrap(), current: months[0], last: months[1] };
        let shape = Shape { horizon, keys: &KEYS, partition: None, unit: "pcs", currency: "EUR" };
        let fixed = |id: &str, value: f64| (ColId::fixed(measure_id(id)), Entry::Number(value));
        let (tea, node) = (vec!["Tea".to_owned(), "North".to_owned()], vec!["Tea".to_owned(), "Hub".to_owned()]);
        let facts = |key: &[String], values: [f64; 2]| vec![(row_id(key), values.to_vec())];
        let price = months.map(|month| (ColId::timed(measure_id("netprice"), month), Entry::Number(10.0)));
        let columns = [("Initial", NumberFormat::Whole, ""), ("Unit value", NumberFormat::Price, "")];
        let profit = plan_sheets::profit(&shape, [tea.clone()])
            .facts("served", Some(months[0]), facts(&tea, [100.0, 200.0]))
            .facts("supplycost", Some(months[0]), facts(&tea, [600.0, 1100.0]));
        let sheets = vec![
            plan_sheets::demand(&shape).rows([RowBlueprint { key: tea, cells: Vec::new() }]),
            profit,
            plan_sheets::supply(&shape, [node.clone()]).facts("stock", Some(months[0]), facts(&node, [40.0, 60.0])),
            statements(&shape),
            plan_sheets::kpis(&shape, false),
            plan_sheets::prices(&shape).rows([RowBlueprint { key: vec!["Tea".to_owned()], cells: price.to_vec() }]),
            plan_sheets::items("EUR"),
            SheetBlueprint::table("stock_policy", "Stock policy", &["Item", "Location"], &columns)
                .rows([RowBlueprint { key: node, cells: vec![fixed("Initial", 30.0), fixed("Unit value", 5.0)] }]),
            inputs(&shape, known),
        ];
        let blueprint = Blueprint { title: "Plan".into(), currency: "EUR".into(), sheets };
        let mut book = blueprint.build(PersonId(grid_engine::refs::Id::of_name("ada")), 0).unwrap();
        book.recalculate(Clock { now: 46_000.0, seed: 1 });
        book
    }

    /// Every input is nought but those named. Net income is 3,000 − 1,700 − 2 · 100 = 1,100, a fifth of it tax: 880.
    /// Opening stock is 150, closing 300: cash is 500 + 880 − 150 = 1,230, and assets 650, 650 + 320 − 0 and 1,530.
    #[test]
    fn the_scorecard_fills_from_the_statements() {
        let known = |name: &str| match name {
            "Opening cash" => Some(500.0),
            "Overheads" => Some(100.0),
            "Tax rate" => Some(0.2),
            "Shares" => Some(110.0),
            _ => Some(0.0),
        };
        let summary = summarise(&frames(&solved(known)), "Plan", "EUR");
        let value = |id: &str| summary.kpis.iter().find(|line| line.id == id).unwrap().value;
        let near = |id: &str, expected: f64| {
            let found = value(id);
            assert!(found.is_some_and(|found| (found - expected).abs() < 1e-9), "{id}: {found:?}, not {expected}");
        };
        near("profit_margin", 880.0 / 3000.0);
        near("cash_flow", 880.0 - 150.0);
        near("eps_diluted", 8.0);
        near("nwc_ratio", 1.0);
        // The first month earns (1,000 − 600 − 100) · 0.8 = 240: assets of 650, 890 and 1,530.
        near("return_on_assets", 880.0 / ((650.0 + 890.0 + 1530.0) / 3.0));
        // Mean stock of 150, 200 and 300 lasts 61 of 1,700's days; customers and suppliers are paid at once.
        near("cash_to_cash", 650.0 / 3.0 * 61.0 / 1700.0);
        near("inventory_turnover", 850.0 * 365.0 / 30.4 / (650.0 / 3.0));
        assert_eq!(value("current_ratio"), None, "nothing is owed");
    }

    #[test]
    fn what_is_not_entered_is_named() {
        let summary = summarise(&frames(&solved(|name| (name != "Tax rate").then_some(1.0))), "Plan", "EUR");
        let line = |id: &str| summary.kpis.iter().find(|line| line.id == id).unwrap();
        let reason = line("eps_diluted").reason.clone().unwrap();
        assert!(reason.contains("Net income needs Tax rate"), "{reason}");
        assert!(line("inventory_turnover").value.is_some(), "which no tax is needed for");
    }
}
