//! The sheets every planning workbook has, whatever company it is for.

use grid_engine::calendar::{Grain, Horizon};
use grid_engine::doc::{NumberFormat, Span};
use grid_engine::kpi::{self, Unit};
use grid_engine::refs::ColId;
use grid_engine::workbook::HEADING_STYLE;

use super::blueprint::{Entry, MeasureBlueprint, RowBlueprint, SheetBlueprint, measure_id, row_id};
use super::statement_sheets;

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

impl Shape<'_> {
    /// Days of a bucket, as formulas have them.
    pub(super) fn bucket_days(&self) -> &'static str {
        match self.horizon.current.grain() {
            Grain::Month => "30.4",
            Grain::Week => "7",
        }
    }
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
    // A row whose demand row is deleted counts nowhere: it is marked, and may be deleted too.
    let source = format!("Demand[@{}]", shape.keys[0]);
    SheetBlueprint::planning("profit", "Profit", shape.keys)
        .role("profit")
        .group(PLAN)
        .horizon(shape.horizon)
        .measure(MeasureBlueprint::formula("family", "Family", "=Items[@Family]").shown(NumberFormat::Text, ""))
        .measure(formula(
            "demand",
            "Demand",
            &format!("=IF(ISNA({source}),\"\",Demand[@Consensus])"),
            whole,
            unit,
            "The demand version the supply plan answers.",
        ))
        .measure(layer("served", "Served", whole, unit, "Delivered in this bucket, late deliveries of earlier demand included."))
        .measure(layer("backlog", "Backlog", whole, unit, "Still owed at the end of the bucket.").stock())
        .measure(layer("lost", "Lost", whole, unit, "Never delivered."))
        .measure(formula("revenue", "Revenue", "=[@Served]*Prices[@Net price]", money, currency, "Served units at net prices."))
        .measure(layer(
            "supplycost",
            "Supply cost",
            money,
            currency,
            "Cost of the goods served: purchase, production, overtime, freight and holding, traced along the plan's flows, and the opening stock they use up at standard cost.",
        ))
        .measure(formula("lostsales", "Lost sales", "=[@Lost]*Prices[@Net price]", money, currency, "Units never delivered, at net prices."))
        .measure(formula("profit", "Profit", "=[@Revenue]-[@Supply cost]", money, currency, "Revenue less supply cost."))
        .measure(formula(
            "fill",
            "Fill rate",
            "=IF(N([@Demand])>0,[@Served]/[@Demand],\"\")",
            NumberFormat::Percent,
            "",
            "Served units over demanded units.",
        ))
        .measure(formula(
            "ontime",
            "On time",
            "=IF(OR(ISBLANK([@Served]),NOT(ISNUMBER([@Demand]))),\"\",MAX(0,[@Demand]-[@Backlog]-[@Lost]))",
            whole,
            unit,
            "What is delivered of this bucket's demand by its end. What is owed from earlier is delivered first, and late.",
        ))
        .measure(
            MeasureBlueprint::formula(
                "source",
                "Source",
                &format!("=IF(ISNA({source}),\"no row in Demand: does not count\",\"\")"),
            )
            .shown(NumberFormat::Text, "")
            .help("Says so where the row of demand that this one shows is gone."),
        )
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

/// What was forecast for a bucket in all rows together, and what came in the rows that have both; blank for a bucket without
/// any. A signal over time is told from these: of the errors of single rows the sum outgrows every limit.
const FORECAST_BY_BUCKET: &str =
    "IF(MMULT(EACHROW,BOTH)=0,\"\",MMULT(EACHROW,IF(BOTH,Demand[Forecast lag 1, history],0)))";
const ACTUAL_BY_BUCKET: &str = "IF(MMULT(EACHROW,BOTH)=0,\"\",MMULT(EACHROW,IF(BOTH,Demand[History, history],0)))";
const HISTORY_BY_BUCKET: &str = "MMULT(EACHROW,IF(ISNUMBER(Demand[History, history]),Demand[History, history],0))";
/// Which rows and buckets have both, and a row of ones that adds rows up.
const BOTH: &str = "ISNUMBER(Demand[Forecast lag 1, history])*ISNUMBER(Demand[History, history])";
const EACH_ROW: &str = "SEQUENCE(1,ROWS(Demand[History, history]),1,0)";

/// What every plan is judged by. Forecast figures compare what was forecast one bucket ahead with what came. An input that no
/// sheet of a plan holds is an empty one, `{""}`, which leaves the figure blank and is named there; whoever has it puts the
/// cells with it in its place.
const KPIS: [KpiRow; 19] = [
    (
        "forecast_accuracy",
        "=KPI(\"forecast_accuracy\",Demand[Forecast lag 1, history],Demand[History, history])",
        Some(0.85),
    ),
    ("wape", "=KPI(\"wape\",Demand[Forecast lag 1, history],Demand[History, history])", Some(0.15)),
    ("mape", "=KPI(\"mape\",Demand[Forecast lag 1, history],Demand[History, history])", None),
    ("smape", "=KPI(\"smape\",Demand[Forecast lag 1, history],Demand[History, history])", None),
    ("mase", "=KPI(\"mase\",FORECASTBYBUCKET,ACTUALBYBUCKET,HISTORYBYBUCKET,SEASON)", None),
    ("bias", "=KPI(\"bias\",Demand[Forecast lag 1, history],Demand[History, history])", Some(0.05)),
    ("tracking_signal", "=KPI(\"tracking_signal\",FORECASTBYBUCKET,ACTUALBYBUCKET)", None),
    ("order_fill_rate", "=KPI(\"order_fill_rate\",{\"\"},{\"\"})", None),
    ("unit_fill_rate", "=KPI(\"unit_fill_rate\",Profit[On time, plan],Profit[Demand, plan])", Some(0.98)),
    ("otif", "=KPI(\"otif\",Profit[Demand, plan],Profit[On time, plan],0,0.005)", Some(0.95)),
    ("production_attainment", "=KPI(\"production_attainment\",{\"\"},SUM(Supply[Production, plan]))", None),
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
    ("cost_to_serve", "=KPI(\"cost_to_serve\",SUM(Profit[Supply cost, plan]),SUM(Profit[Revenue, plan]))", None),
    ("market_share", "=KPI(\"market_share\",SUM(Profit[Revenue, plan]),{\"\"})", None),
];

/// The KPI scorecard of a plan, which has the sheets of [`statement_sheets`], too; without resources there is no utilisation to judge.
pub fn kpis(shape: &Shape, has_resources: bool) -> SheetBlueprint {
    let days = shape.bucket_days();
    let judged = KPIS.iter().copied().filter(|(kpi, ..)| has_resources || *kpi != "utilisation");
    let stated = statement_sheets::KPIS.iter().map(|(kpi, formula)| (*kpi, *formula, None));
    let area = statement_sheets::area(shape);
    let season = shape.horizon.current.grain().season().to_string();
    let rows = judged.chain(stated).map(|(kpi, formula, target)| {
        let formula = formula.replace("BUCKETDAYS", days).replace("STATEMENTS", &area).replace("SEASON", &season);
        let sums = [("FORECASTBYBUCKET", FORECAST_BY_BUCKET), ("ACTUALBYBUCKET", ACTUAL_BY_BUCKET)];
        let parts = [("HISTORYBYBUCKET", HISTORY_BY_BUCKET), ("BOTH", BOTH), ("EACHROW", EACH_ROW)];
        let formula = sums.into_iter().chain(parts).fold(formula, |text, (name, part)| text.replace(name, part));
        score_row(vec![kpi.to_owned()], &formula, target)
    });
    scored(&["KPI"], rows)
}

/// The scorecard of orders: the same key figure may stand there several times, each `Of` something else.
pub fn order_kpis(rows: &[(&str, &str, &str)]) -> SheetBlueprint {
    let row =
        |(kpi, of, formula): &(&str, &str, &str)| score_row(vec![(*kpi).to_owned(), (*of).to_owned()], formula, None);
    scored(&["KPI", "Of"], rows.iter().map(row))
}

/// A scorecard with these rows, each shown in the unit of its key figure.
fn scored(keys: &[&str], rows: impl Iterator<Item = RowBlueprint>) -> SheetBlueprint {
    let rows: Vec<RowBlueprint> = rows.collect();
    let shown = in_units(scorecard(keys), rows.iter().map(|row| row.key.as_slice()));
    shown.rows(rows)
}

/// A scorecard whose rows of these keys show value and target in the unit of their key figure.
pub fn in_units<'a>(scorecard: SheetBlueprint, keys: impl Iterator<Item = &'a [String]>) -> SheetBlueprint {
    keys.fold(scorecard, |sheet, key| {
        let Some(format) = key.first().and_then(|kpi| kpi::find(kpi)).map(|definition| format_of(definition.unit))
        else {
            return sheet;
        };
        let cell =
            |sheet: SheetBlueprint, measure| sheet.styled(row_id(key), ColId::fixed(measure_id(measure)), format);
        cell(cell(sheet, "value"), "target")
    })
}

/// The number format of a unit, by the name documents have for it.
fn format_of(unit: Unit) -> &'static str {
    match unit {
        Unit::Percent | Unit::Points => "percent",
        Unit::Money | Unit::Count => "whole",
        Unit::MoneyPerShare => "price",
        Unit::Days | Unit::Times | Unit::Number => "decimal",
    }
}

fn score_row(key: Vec<String>, formula: &str, target: Option<f64>) -> RowBlueprint {
    let value = (ColId::fixed(measure_id("value")), Entry::from(formula));
    let target = target.map(|target| (ColId::fixed(measure_id("target")), Entry::Number(target)));
    RowBlueprint { key, cells: std::iter::once(value).chain(target).collect() }
}

/// The rule, where it is what the value is computed by; it is not where a row has a formula of its own.
const DEFINITION: &str =
    "=IF(AND([@Rule]<>\"\",ISNUMBER(SEARCH(\"KPI.RULE(\",FORMULATEXT([@Value])))),[@Rule],KPI.DEFINITION([@KPI]))";

/// A scorecard without rows.
pub fn scorecard(keys: &[&str]) -> SheetBlueprint {
    let text = |id: &str, name: &str, formula: &str| {
        MeasureBlueprint::formula(id, name, formula).shown(NumberFormat::Text, "")
    };
    SheetBlueprint::planning("kpis", "KPIs", keys)
        .role("kpis")
        .group(PLAN)
        .measure(text("name", "Name", "=KPI.NAME([@KPI])"))
        .measure(text("reading", "Reading", "=KPI.TEXT([@KPI],[@Value],[@Unit])").help("The value as people read it."))
        .measure(MeasureBlueprint::input("target", "Target").shown(NumberFormat::General, ""))
        .measure(text("definition", "Definition", DEFINITION))
        .measure(
            MeasureBlueprint::formula("value", "Value", "=KPI.RULE([@Rule])")
                .shown(NumberFormat::General, "")
                .help("The formula that computes it; where none is entered, the rule does."),
        )
        .measure(text("unit", "Unit", "=KPI.UNIT([@KPI])").help("%, pp, money, days, × or a word of your own."))
        .measure(
            text("better", "Better", "=KPI.BETTER([@KPI])")
                .help("Which values are better than the target: higher, lower, or near zero."),
        )
        .measure(
            MeasureBlueprint::input("rule", "Rule")
                .shown(NumberFormat::Text, "")
                .help("A figure of your own, from others by their ids: gross_profit / revenue * 100."),
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

/// How far down the figures of a solve reach on the control sheet.
const SUMMARY_ROWS: u32 = 24;

/// The control sheet: the supply solve, the money that follows from it, and demand that no row of profit shows.
pub fn summary(shape: &Shape) -> SheetBlueprint {
    let keys = |sheet: &str| {
        let parts: Vec<String> = shape.keys.iter().map(|key| format!("{sheet}[{key}]")).collect();
        parts.join("&\" / \"&")
    };
    let (demanded, shown) = (keys("Demand"), keys("Profit"));
    let unshown = format!("FILTER({demanded},ISNA(XMATCH({demanded},{shown})))");
    let sheet = SheetBlueprint::free("summary", "Summary").format_row(0, 0..5, HEADING_STYLE);
    // Sums of money, hours and a share on the left, money on the right.
    let sheet = (1..SUMMARY_ROWS)
        .fold(sheet, |sheet, row| sheet.format_row(row, 1..2, "decimal").format_row(row, 4..5, "whole"));
    sheet
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
        .cell(7, 3, "Demand without a row in Profit")
        .cell(7, 4, "=ROUND(SUM(Demand[Consensus, plan])-SUM(Profit[Demand, plan]),0)")
        .cell(8, 3, &*format!("=IF(E8=0,\"\",\"Add to Profit: \"&TEXTJOIN(\"; \",TRUE,TAKE({unshown},5)))"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use grid_engine::calendar::Bucket;
    use grid_engine::doc::{Edit, Guard, Input, Op};
    use grid_engine::plan::{KpiLine, frames, summarise};
    use grid_engine::refs::{CellRef, Id, PersonId, SheetId};
    use grid_engine::value::Value;
    use grid_engine::workbook::{Clock, Workbook};

    use super::super::blueprint::{Blueprint, row_id};
    use super::*;

    const KEYS: [&str; 2] = ["Item", "Region"];
    const MONTHS: [&str; 2] = ["2026-11", "2026-12"];

    fn bucket(text: &str) -> Bucket {
        text.parse().unwrap()
    }

    fn cell(sheet: &str, key: [&str; 2], measure: &str, month: &str) -> CellRef {
        let sheet = SheetId(Id::of_name(sheet));
        let measure = measure_id(measure);
        let bucket = (!month.is_empty()).then(|| bucket(month));
        CellRef { sheet, row: row_id(&key), col: ColId { measure, bucket } }
    }

    fn row(key: [&str; 2], asked: [f64; 2]) -> RowBlueprint {
        let cells = MONTHS
            .iter()
            .zip(asked)
            .map(|(month, asked)| (ColId::timed(measure_id("override"), bucket(month)), Entry::Number(asked)));
        RowBlueprint { key: key.map(str::to_owned).to_vec(), cells: cells.collect() }
    }

    /// Tea is short by fifty in November and delivers them in December, where as much is owed again; soap is on time.
    fn solved() -> Workbook {
        let horizon = Horizon { first: bucket("2026-10"), current: bucket(MONTHS[0]), last: bucket(MONTHS[1]) };
        let shape = Shape { horizon, keys: &KEYS, partition: None, unit: "pcs", currency: "EUR" };
        let (tea, soap) = (["Tea", "North"], ["Soap", "North"]);
        let facts = |tea_has: [f64; 2], soap_has: [f64; 2]| {
            vec![(row_id(&tea), tea_has.to_vec()), (row_id(&soap), soap_has.to_vec())]
        };
        let first = Some(horizon.current);
        let profit = profit(&shape, [tea, soap].map(|key| key.map(str::to_owned).to_vec()))
            .facts("served", first, facts([50.0, 100.0], [10.0, 10.0]))
            .facts("backlog", first, facts([50.0, 50.0], [0.0, 0.0]))
            .facts("lost", first, facts([0.0, 0.0], [0.0, 0.0]));
        let judged = KPIS.iter().filter(|(kpi, ..)| ["unit_fill_rate", "otif"].contains(kpi));
        let scores = judged.map(|(kpi, formula, target)| score_row(vec![(*kpi).to_owned()], formula, *target));
        let own = RowBlueprint {
            key: vec!["missing_fill".to_owned()],
            cells: vec![(ColId::fixed(measure_id("rule")), Entry::from("1 - unit_fill_rate"))],
        };
        let sheets = vec![
            demand(&shape).rows([row(tea, [100.0; 2]), row(soap, [10.0; 2])]),
            profit,
            scorecard(&["KPI"]).rows(scores.chain([own])),
            summary(&shape),
            prices(&shape),
            items("EUR"),
        ];
        let blueprint = Blueprint { title: "Plan".into(), currency: "EUR".into(), sheets };
        blueprint.build(PersonId(Id::of_name("ada")), 0).unwrap()
    }

    fn edit(book: &mut Workbook, ops: Vec<Op>) {
        book.apply(&Edit { by: PersonId(Id::of_name("ada")), at: 0, why: None, ops }).unwrap();
    }

    fn figure(book: &mut Workbook, id: &str) -> KpiLine {
        book.recalculate(Clock { now: 46_000.0, seed: 1 });
        let summary = summarise(&frames(book), "Plan", "EUR");
        summary.kpis.into_iter().find(|line| line.id == id).unwrap()
    }

    #[test]
    fn what_is_delivered_late_was_not_served_by_its_due_date() {
        let mut book = solved();
        let fill = figure(&mut book, "unit_fill_rate");
        assert_eq!(fill.value, Some(120.0 / 220.0), "{fill:?}");
        assert_eq!(figure(&mut book, "otif").value, Some(0.5));
    }

    #[test]
    fn a_row_of_ones_own_stands_among_the_key_figures() {
        let mut book = solved();
        let own = figure(&mut book, "missing_fill");
        assert!((own.value.unwrap() - 100.0 / 220.0).abs() < 1e-12, "{own:?}");
        assert_eq!((&*own.name, &*own.definition), ("Missing fill", "1 - unit_fill_rate"));
    }

    /// A rule beside a formula computes nothing, and so defines nothing.
    #[test]
    fn the_definition_is_of_what_is_calculated() {
        let mut book = solved();
        let defined = figure(&mut book, "unit_fill_rate").definition;
        let cell = CellRef {
            sheet: SheetId(Id::of_name("kpis")),
            row: row_id(&["unit_fill_rate"]),
            col: ColId::fixed(measure_id("rule")),
        };
        let input = Some(Input::Text("otif * 2".into()));
        edit(&mut book, vec![Op::SetCell { cell, input, guard: Guard::Always }]);
        let fill = figure(&mut book, "unit_fill_rate");
        assert_eq!((fill.value, fill.definition), (Some(120.0 / 220.0), defined));
    }

    #[test]
    fn a_row_whose_demand_is_deleted_does_not_count_and_is_marked() {
        let mut book = solved();
        let soap = ["Soap", "North"];
        let sheet = SheetId(Id::of_name("demand"));
        edit(&mut book, vec![Op::DeleteRows { sheet, rows: vec![row_id(&soap)] }]);
        let fill = figure(&mut book, "unit_fill_rate");
        assert_eq!(fill.value, Some(0.5), "{fill:?}");
        assert_eq!(figure(&mut book, "otif").value, Some(0.0));
        let marked = |book: &Workbook, key| book.value(cell("profit", key, "source", "")).clone();
        assert_eq!(marked(&book, soap), Value::text("no row in Demand: does not count"));
        assert_eq!(marked(&book, ["Tea", "North"]), Value::text(""));
    }

    #[test]
    fn demand_that_no_row_of_profit_shows_is_named() {
        let mut book = solved();
        figure(&mut book, "otif");
        let named = |book: &Workbook, place: (usize, usize)| {
            let sheet = SheetId(Id::of_name("summary"));
            let of = book.sheet(sheet).unwrap();
            book.value(CellRef { sheet, row: of.rows()[place.0], col: of.cols()[place.1] }).clone()
        };
        assert_eq!((named(&book, (7, 4)), named(&book, (8, 3))), (Value::Number(0.0), Value::text("")));
        let milk = ["Milk", "South"];
        let sheet = SheetId(Id::of_name("demand"));
        let set = |measure: &str, month: &str, input| Op::SetCell {
            cell: cell("demand", milk, measure, month),
            input: Some(input),
            guard: Guard::Always,
        };
        let mut ops = vec![Op::InsertRows { sheet, part: None, after: None, rows: vec![row_id(&milk)] }];
        ops.extend(KEYS.iter().zip(milk).map(|(key, text)| set(key, "", Input::Text(text.into()))));
        ops.extend(MONTHS.map(|month| set("override", month, Input::Number(7.0))));
        edit(&mut book, ops);
        figure(&mut book, "otif");
        assert_eq!(named(&book, (7, 4)), Value::Number(14.0));
        assert_eq!(named(&book, (8, 3)), Value::text("Add to Profit: Milk / South"));
    }
}
