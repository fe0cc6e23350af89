//! The sheets every planning workbook has, whatever company it is for.

use grid_engine::calendar::{Grain, Horizon};
use grid_engine::doc::{NumberFormat, Span};

use super::blueprint::{Entry, MeasureBlueprint, RowBlueprint, SheetBlueprint, measure_id};
use grid_engine::refs::ColId;

/// Tab groups.
pub const PLAN: &str = "Plan";
pub const ASSUMPTIONS: &str = "Assumptions";
pub const MASTER_DATA: &str = "Master data";

/// How a company's plan is cut.
pub struct Shape<'a> {
    pub horizon: Horizon,
    /// What demand is keyed by, the item first.
    pub keys: &'a [&'a str],
    /// The key that splits demand into rooms, where there is one.
    pub partition: Option<&'a str>,
    /// Name of a unit of demand, e.g. `cases`.
    pub unit: &'a str,
    pub currency: &'a str,
}

/// The demand sheet, without rows.
pub fn demand(shape: &Shape) -> SheetBlueprint {
    let (unit, currency) = (shape.unit, shape.currency);
    let whole = NumberFormat::Whole;
    let sheet =
        SheetBlueprint::planning("demand", "Demand", shape.keys).role("demand").group(PLAN).horizon(shape.horizon);
    let sheet = match shape.partition {
        Some(key) => sheet.partitioned_by(key),
        None => sheet,
    };
    sheet
        .measure(MeasureBlueprint::formula("family", "Family", "=Items[@Family]").shown(NumberFormat::Text, ""))
        .measure(
            MeasureBlueprint::layer("history", "History")
                .timed(Span::History)
                .shown(whole, unit)
                .help("What was ordered, by the bucket it was due."),
        )
        .measure(
            MeasureBlueprint::layer("lag1", "Forecast lag 1")
                .timed(Span::History)
                .shown(whole, unit)
                .help("The consensus forecast as it stood one bucket before."),
        )
        .measure(
            MeasureBlueprint::formula("baseline", "Baseline", "=FORECAST([@History:all])")
                .timed(Span::Plan)
                .shown(whole, unit)
                .help("The statistical forecast of this row's history."),
        )
        .measure(
            MeasureBlueprint::input("override", "Override")
                .timed(Span::Plan)
                .shown(whole, unit)
                .help("Replaces the baseline where you know better. The last entry counts; say why in a note."),
        )
        .measure(
            MeasureBlueprint::input("uplift", "Uplift")
                .timed(Span::Plan)
                .additive()
                .shown(whole, unit)
                .help("Comes on top, for promotions and events. Everyone's contribution is added."),
        )
        .measure(
            MeasureBlueprint::formula(
                "consensus",
                "Consensus",
                "=IF(ISBLANK([@Override]),IFNA([@Baseline],0),[@Override])+[@Uplift]",
            )
            .timed(Span::Plan)
            .shown(whole, unit)
            .help("What the company plans to sell."),
        )
        .measure(
            MeasureBlueprint::formula("revenue", "Revenue", "=[@Consensus]*Prices[@Net price]")
                .timed(Span::Plan)
                .shown(NumberFormat::Money, currency)
                .help("Consensus at net prices."),
        )
}

/// Net prices by item, without rows.
pub fn prices(shape: &Shape) -> SheetBlueprint {
    SheetBlueprint::planning("prices", "Prices", &["Item"])
        .role("prices")
        .group(ASSUMPTIONS)
        .horizon(shape.horizon)
        .measure(MeasureBlueprint::formula("family", "Family", "=Items[@Family]").shown(NumberFormat::Text, ""))
        .measure(
            MeasureBlueprint::input("netprice", "Net price")
                .timed(Span::Plan)
                .shown(NumberFormat::Price, shape.currency)
                .help("Per unit, after rebates. Finance changes it live; revenue follows at once."),
        )
}

/// What the supply plan serves, and what that earns: one row for each row of demand.
pub fn profit(shape: &Shape, keys: impl IntoIterator<Item = Vec<String>>) -> SheetBlueprint {
    let (unit, currency) = (shape.unit, shape.currency);
    let (whole, money) = (NumberFormat::Whole, NumberFormat::Money);
    let layer = |id: &str, name: &str, format, unit: &str, help: &str| {
        MeasureBlueprint::layer(id, name).timed(Span::Plan).shown(format, unit).help(help)
    };
    let formula = |id: &str, name: &str, text: &str, format, unit: &str, help: &str| {
        MeasureBlueprint::formula(id, name, text).timed(Span::Plan).shown(format, unit).help(help)
    };
    SheetBlueprint::planning("profit", "Profit", shape.keys)
        .role("profit")
        .group(PLAN)
        .horizon(shape.horizon)
        .measure(MeasureBlueprint::formula("family", "Family", "=Items[@Family]").shown(NumberFormat::Text, ""))
        .measure(formula("demand", "Demand", "=Demand[@Consensus]", whole, unit, "The demand version the supply plan answers."))
        .measure(layer("served", "Served", whole, unit, "Delivered in this bucket, late deliveries of earlier demand included."))
        .measure(layer("backlog", "Backlog", whole, unit, "Still owed at the end of the bucket.").stock())
        .measure(layer("lost", "Lost", whole, unit, "Never delivered."))
        .measure(formula("revenue", "Revenue", "=[@Served]*Prices[@Net price]", money, currency, "Served units at net prices."))
        .measure(layer(
            "supplycost",
            "Supply cost",
            money,
            currency,
            "Purchase, production, overtime, freight, holding and lateness of the served units, traced along the plan's flows.",
        ))
        .measure(formula("lostsales", "Lost sales", "=[@Lost]*Prices[@Net price]", money, currency, "Units never delivered, at net prices."))
        .measure(formula("profit", "Profit", "=[@Revenue]-[@Supply cost]", money, currency, "Revenue less supply cost."))
        .measure(formula(
            "fill",
            "Fill rate",
            "=IF([@Demand]>0,[@Served]/[@Demand],\"\")",
            NumberFormat::Percent,
            "",
            "Served units over demanded units.",
        ))
        .rows(keys.into_iter().map(|key| RowBlueprint { key, cells: Vec::new() }))
}

/// Stock and flows by item and location, filled by the solver.
pub fn supply(shape: &Shape, nodes: impl IntoIterator<Item = Vec<String>>) -> SheetBlueprint {
    let layer = |id: &str, name: &str, help: &str| {
        MeasureBlueprint::layer(id, name).timed(Span::Plan).shown(NumberFormat::Whole, shape.unit).help(help)
    };
    SheetBlueprint::planning("supply", "Supply", &["Item", "Location"])
        .role("supply")
        .group(PLAN)
        .horizon(shape.horizon)
        .measure(layer("production", "Production", "Production started in the bucket."))
        .measure(layer("purchases", "Purchases", "Arrivals from suppliers, scheduled receipts included."))
        .measure(layer("inbound", "Inbound", "Arrivals from other locations."))
        .measure(layer("outbound", "Outbound", "Shipped to other locations."))
        .measure(layer("consumed", "Consumed", "Taken by production as a component."))
        .measure(layer("stock", "Stock", "Closing stock.").stock())
        .measure(layer("shortfall", "Below safety", "Units missing to the safety stock.").stock())
        .measure(
            MeasureBlueprint::formula("stockvalue", "Stock value", "=[@Stock]*'Stock policy'[@Unit value]")
                .timed(Span::Plan)
                .shown(NumberFormat::Money, shape.currency)
                .stock()
                .help("Closing stock at cost."),
        )
        .rows(nodes.into_iter().map(|key| RowBlueprint { key, cells: Vec::new() }))
}

/// Load of each resource, filled by the solver.
pub fn utilisation(shape: &Shape, resources: impl IntoIterator<Item = String>) -> SheetBlueprint {
    let hours = |id: &str, name: &str, help: &str| {
        MeasureBlueprint::layer(id, name).timed(Span::Plan).shown(NumberFormat::Whole, "h").help(help)
    };
    SheetBlueprint::planning("utilisation", "Utilisation", &["Resource"])
        .role("utilisation")
        .group(PLAN)
        .horizon(shape.horizon)
        .measure(hours("hours", "Hours", "Hours of production planned."))
        .measure(hours("overtime", "Overtime", "Hours beyond the regular ones."))
        .measure(hours("available", "Available", "Regular hours."))
        .measure(
            MeasureBlueprint::formula("utilisation", "Utilisation", "=IF([@Available]>0,[@Hours]/[@Available],\"\")")
                .timed(Span::Plan)
                .shown(NumberFormat::Percent, "")
                .help("Planned hours over regular hours; above 100 % is overtime."),
        )
        .rows(resources.into_iter().map(|resource| RowBlueprint { key: vec![resource], cells: Vec::new() }))
}

/// Items with the attributes other sheets look up, without rows.
pub fn items(currency: &str) -> SheetBlueprint {
    SheetBlueprint::table(
        "products",
        "Items",
        &["Item"],
        &[
            ("Family", NumberFormat::Text, ""),
            ("Volume", NumberFormat::General, "m³"),
            ("Price", NumberFormat::Price, currency),
        ],
    )
    .group(MASTER_DATA)
}

/// One KPI of the scorecard: its id in the dictionary, the formula that feeds it, and its target.
type KpiRow = (&'static str, &'static str, Option<f64>);

/// What every plan is judged by. Forecast figures compare what was forecast one bucket ahead with what came.
const KPIS: [KpiRow; 11] = [
    (
        "forecast_accuracy",
        "=KPI(\"forecast_accuracy\",Demand[Forecast lag 1, history],Demand[History, history])",
        Some(0.85),
    ),
    ("wape", "=KPI(\"wape\",Demand[Forecast lag 1, history],Demand[History, history])", Some(0.15)),
    ("bias", "=KPI(\"bias\",Demand[Forecast lag 1, history],Demand[History, history])", Some(0.05)),
    ("unit_fill_rate", "=KPI(\"unit_fill_rate\",Profit[Served, plan],Profit[Demand, plan])", Some(0.98)),
    ("otif", "=KPI(\"otif\",Profit[Demand, plan],Profit[Served, plan],0,0.005)", Some(0.95)),
    ("utilisation", "=KPI(\"utilisation\",Utilisation[Hours, plan],Utilisation[Available, plan])", Some(0.85)),
    (
        "stock_days",
        "=KPI(\"stock_days\",SUM(Supply[Stock value, plan])/COLUMNS(Supply[Stock value, plan]),SUM(Profit[Supply cost, plan]),\
         COLUMNS(Supply[Stock value, plan])*BUCKETDAYS)",
        Some(30.0),
    ),
    ("lost_sales", "=KPI(\"lost_sales\",Profit[Lost sales, plan],0)", Some(0.0)),
    ("revenue", "=KPI(\"revenue\",Profit[Revenue, plan],1)", None),
    ("gross_profit", "=KPI(\"gross_profit\",SUM(Profit[Revenue, plan]),SUM(Profit[Supply cost, plan]))", None),
    ("gross_margin", "=KPI(\"gross_margin\",SUM(Profit[Revenue, plan]),SUM(Profit[Supply cost, plan]))", Some(0.40)),
];

/// The KPI scorecard of a plan; without resources there is no utilisation to judge.
pub fn kpis(shape: &Shape, has_resources: bool) -> SheetBlueprint {
    let days = match shape.horizon.current.grain() {
        Grain::Month => "30.4",
        Grain::Week => "7",
    };
    let judged = KPIS.iter().filter(|(kpi, ..)| has_resources || *kpi != "utilisation");
    scorecard(&["KPI"]).rows(judged.map(|(kpi, formula, target)| {
        score_row(vec![(*kpi).to_owned()], &formula.replace("BUCKETDAYS", days), *target)
    }))
}

/// The scorecard of orders: the same key figure may stand there several times, each `Of` something else.
pub fn order_kpis(rows: &[(&str, &str, &str)]) -> SheetBlueprint {
    let row =
        |(kpi, of, formula): &(&str, &str, &str)| score_row(vec![(*kpi).to_owned(), (*of).to_owned()], formula, None);
    scorecard(&["KPI", "Of"]).rows(rows.iter().map(row))
}

fn score_row(key: Vec<String>, formula: &str, target: Option<f64>) -> RowBlueprint {
    let value = (ColId::fixed(measure_id("value")), Entry::from(formula));
    let target = target.map(|target| (ColId::fixed(measure_id("target")), Entry::Number(target)));
    RowBlueprint { key, cells: std::iter::once(value).chain(target).collect() }
}

fn scorecard(keys: &[&str]) -> SheetBlueprint {
    let text = |id: &str, name: &str, formula: &str| {
        MeasureBlueprint::formula(id, name, formula).shown(NumberFormat::Text, "")
    };
    SheetBlueprint::planning("kpis", "KPIs", keys)
        .role("kpis")
        .group(PLAN)
        .measure(text("name", "Name", "=KPI.NAME([@KPI])"))
        .measure(text("reading", "Reading", "=KPI.TEXT([@KPI],[@Value])").help("The value as people read it."))
        .measure(MeasureBlueprint::input("target", "Target").shown(NumberFormat::General, ""))
        .measure(text("definition", "Definition", "=KPI.DEFINITION([@KPI])"))
        .measure(
            MeasureBlueprint::input("value", "Value")
                .shown(NumberFormat::General, "")
                .help("The formula that computes it."),
        )
}

/// Rows of the network sheet with a number format: the demo company has a third of that, and each is a key in the document.
const LINKS: u32 = 300;

/// What flows over every link of the supply network, of the same solve as the summary's.
pub fn network() -> SheetBlueprint {
    SheetBlueprint::free("network", "Network")
        .role("network")
        // A link of each supplier and mode to each plant, and of each plant to each region: more than a notebook has rows.
        .long(1_000)
        .group(PLAN)
        .widths(&[90, 150, 150, 130, 110, 90, 90])
        .format(4, "whole", LINKS)
        .format(5, "percent", LINKS)
        .cell(0, 0, "=SUPPLY.RESULT(Demand[Consensus],\"network\",\"cost\")")
}

/// The control sheet: the supply solve and the money that follows from it.
pub fn summary() -> SheetBlueprint {
    SheetBlueprint::free("summary", "Summary")
        .role("summary")
        .group(PLAN)
        .widths(&[330, 130, 320, 200, 130])
        .cell(0, 0, "Supply plan for the consensus demand")
        .cell(1, 0, "=SUPPLY.SOLVE(Demand[Consensus],\"cost\")")
        .cell(0, 3, "Profit and loss of the plan")
        .cell(1, 3, "Demand at net prices")
        .cell(1, 4, "=ROUND(SUM(Demand[Revenue, plan]),0)")
        .cell(2, 3, "Revenue of served demand")
        .cell(2, 4, "=ROUND(SUM(Profit[Revenue, plan]),0)")
        .cell(3, 3, "Supply cost")
        .cell(3, 4, "=ROUND(SUM(Profit[Supply cost, plan]),0)")
        .cell(4, 3, "Profit")
        .cell(4, 4, "=E3-E4")
        .cell(5, 3, "Margin")
        .cell(5, 4, "=IF(E3>0,TEXT(E5/E3,\"0.0%\"),\"\")")
        .cell(6, 3, "Lost sales")
        .cell(6, 4, "=ROUND(SUM(Profit[Lost sales, plan]),0)")
}
