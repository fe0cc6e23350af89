//! The definitions the product comes with.

use std::sync::LazyLock;

use super::{Better, Definition, Formula, Input, Native, Unit};

/// All definitions, in the order people read them: forecast, service, supply, stock, plan, money.
pub fn all() -> &'static [Definition] {
    &DEFINITIONS
}

/// A definition by id.
///
/// ```
/// use grid_engine::kpi;
/// assert_eq!(kpi::find("otif").map(|kpi| kpi.name.as_str()), Some("On time in full"));
/// assert_eq!(kpi::find("no such figure"), None);
/// ```
pub fn find(id: &str) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|definition| definition.id == id)
}

const TEXTBOOK: &str = "Hyndman & Athanasopoulos; Silver, Pyke & Thomas; Gilliland";
const ASCM: &str = "ASCM/APICS dictionary";
const SCOR: &str = "SCOR";
const ACCOUNTING: &str = "Accounting";

use Better::{Higher, Lower, NearZero};
use Unit::{Count, Days, Money, MoneyPerShare, Number, Percent, Points, Times};

static DEFINITIONS: LazyLock<Vec<Definition>> = LazyLock::new(|| {
    let mut all = forecast_figures();
    all.extend(service_figures());
    all.extend(supply_figures());
    all.extend(money_figures());
    all
});

fn forecast_figures() -> Vec<Definition> {
    let native = |id, name, unit, better, inputs, formula, words| {
        define(id, name, unit, better, inputs, Formula::Native(formula), words, TEXTBOOK)
    };
    vec![
        native(
            "forecast_accuracy",
            "Forecast accuracy",
            Percent,
            Higher,
            "forecast, actual",
            Native::ForecastAccuracy,
            "1 − Σ|actual − forecast| ÷ Σ actual, not below 0",
        ),
        native(
            "wape",
            "Weighted absolute percentage error",
            Percent,
            Lower,
            "forecast, actual",
            Native::Wape,
            "Σ|actual − forecast| ÷ Σ actual",
        ),
        native(
            "mape",
            "Mean absolute percentage error",
            Percent,
            Lower,
            "forecast, actual",
            Native::Mape,
            "Mean of |actual − forecast| ÷ actual over buckets with demand",
        ),
        native(
            "smape",
            "Symmetric MAPE",
            Percent,
            Lower,
            "forecast, actual",
            Native::Smape,
            "Mean of 2·|actual − forecast| ÷ (|actual| + |forecast|)",
        ),
        native(
            "mase",
            "Mean absolute scaled error",
            Number,
            Lower,
            "forecast, actual, history, season=1",
            Native::Mase,
            "Mean |actual − forecast| ÷ mean in-sample error of the seasonal naive forecast; below 1 beats it",
        ),
        native(
            "bias",
            "Bias",
            Percent,
            NearZero,
            "forecast, actual",
            Native::Bias,
            "Σ(forecast − actual) ÷ Σ actual; positive is over-forecast, nearest to 0 is best",
        ),
        define(
            "tracking_signal",
            "Tracking signal",
            Number,
            NearZero,
            "forecast, actual",
            Formula::Native(Native::TrackingSignal),
            "Σ(forecast − actual) ÷ mean |error|; positive is over-forecast, beyond ±4 is an alarm",
            ASCM,
        ),
        native(
            "fva",
            "Forecast value added",
            Points,
            Higher,
            "previous, forecast, actual",
            Native::ForecastValueAdded,
            "WAPE of the previous step's forecast − WAPE of this step's; positive means this step helped",
        ),
    ]
}

fn service_figures() -> Vec<Definition> {
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

fn supply_figures() -> Vec<Definition> {
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

fn money_figures() -> Vec<Definition> {
    let fraction = |id, name, formula, words| ratio(id, name, Percent, Higher, formula, words, ACCOUNTING);
    vec![
        define(
            "revenue",
            "Revenue",
            Money,
            Higher,
            "quantity, price, fx=1",
            Formula::Native(Native::SumOfProducts),
            "Σ quantity · net price · exchange rate",
            ACCOUNTING,
        ),
        ratio(
            "gross_profit",
            "Gross profit",
            Money,
            Higher,
            "revenue - cogs",
            "Revenue − cost of goods sold",
            ACCOUNTING,
        ),
        fraction("gross_margin", "Gross profit margin", "revenue - cogs / revenue", "Gross profit ÷ revenue"),
        fraction("profit_margin", "Profit margin", "net_income / revenue", "Net income ÷ revenue"),
        fraction(
            "nwc_ratio",
            "Net working capital ratio",
            "current_assets - current_liabilities / total_assets",
            "(Current assets − current liabilities) ÷ total assets",
        ),
        ratio(
            "current_ratio",
            "Current ratio",
            Times,
            Higher,
            "current_assets / current_liabilities",
            "Current assets ÷ current liabilities",
            ACCOUNTING,
        ),
        define(
            "return_on_assets",
            "Return on assets",
            Percent,
            Higher,
            "net_income, total_assets",
            Formula::Native(Native::ReturnOnAssets),
            "Net income ÷ mean total assets",
            ACCOUNTING,
        ),
        define(
            "eps_diluted",
            "Earnings per share (diluted)",
            MoneyPerShare,
            Higher,
            "net_income, preferred_dividends, dilutive_add_back, shares, dilutive_shares=0",
            Formula::Native(Native::EarningsPerShare),
            "(Net income − preferred dividends + dilutive add-back) ÷ (weighted shares + dilutive shares)",
            "Accounting (IAS 33)",
        ),
        ratio(
            "cash_flow",
            "Cash flow",
            Money,
            Higher,
            "net_income + depreciation - nwc_change",
            "Net income + depreciation − change of net working capital",
            ACCOUNTING,
        ),
        ratio(
            "cash_to_cash",
            "Cash-to-cash",
            Days,
            Lower,
            "inventory_days + receivable_days - payable_days",
            "Days of inventory + days of receivables − days of payables",
            SCOR,
        ),
        fraction("market_share", "Market share", "own / market", "Own sales ÷ market, in units or value"),
        ratio(
            "cost_to_serve",
            "Cost to serve",
            Percent,
            Lower,
            "cost / revenue",
            "Production, material, holding, transport, expedite and backlog cost of the slice ÷ its revenue",
            ACCOUNTING,
        ),
    ]
}

#[expect(clippy::too_many_arguments, reason = "one line of the dictionary")]
fn define(
    id: &str,
    name: &str,
    unit: Unit,
    better: Better,
    inputs: &str,
    formula: Formula,
    words: &str,
    source: &str,
) -> Definition {
    Definition {
        id: id.to_owned(),
        name: name.to_owned(),
        unit,
        better,
        inputs: inputs.split(", ").map(input).collect(),
        formula,
        words: words.to_owned(),
        source: source.to_owned(),
    }
}

/// `name` or `name=default`.
fn input(text: &str) -> Input {
    match text.split_once('=') {
        Some((name, default)) => Input { name: name.to_owned(), default: default.parse().ok() },
        None => Input { name: text.to_owned(), default: None },
    }
}

/// Sums over sums, written `a - b / c`: everything before the slash over everything after it.
fn ratio(id: &str, name: &str, unit: Unit, better: Better, formula: &str, words: &str, source: &str) -> Definition {
    let (top, bottom) = formula.split_once(" / ").unwrap_or((formula, ""));
    let (numerator, denominator) = (terms(top), terms(bottom));
    let mut inputs: Vec<&str> = Vec::new();
    for (_, name) in numerator.iter().chain(&denominator) {
        if !inputs.contains(&name.as_str()) {
            inputs.push(name);
        }
    }
    let inputs = inputs.join(", ");
    define(id, name, unit, better, &inputs, Formula::Ratio { numerator, denominator }, words, source)
}

fn terms(text: &str) -> Vec<(f64, String)> {
    let mut sign = 1.0;
    let mut terms = Vec::new();
    for word in text.split_whitespace() {
        match word {
            "+" => sign = 1.0,
            "-" => sign = -1.0,
            name => terms.push((sign, name.to_owned())),
        }
    }
    terms
}
