//! Tables of days by product: `sales_orders.csv`, and where known `deliveries.csv`, `production.csv`,
//! `factory_issue.csv`. The first column is `date`, every other one a product.
//!
//! Weeks of seven days are counted from the first day on, so that each is whole; the days after the last whole week are
//! told in the sheet of days only. A week stands in the ISO week that has most of its days.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use grid_engine::calendar::{Bucket, Date, Grain};
use grid_engine::doc::{NumberFormat, Span};
use grid_engine::refs::RowId;

use super::super::blueprint::{Blueprint, MeasureBlueprint, RowBlueprint, SheetBlueprint, row_id};
use super::super::plan_sheets::{self, MASTER_DATA, Shape};
use super::super::table_file::{Problems, TableFile};
use super::{Fact, FactRow, Imported, Product, facts_sheet, item_sheets, plan_after, products};

const WEEK: i32 = 7;
const ORDERS: &str = "sales_orders";
/// Tables beside the orders: file, layer, name, meaning.
const BESIDE: [(&str, &str, &str, &str); 3] = [
    ("deliveries", "delivered", "Delivered", "What was delivered to customers."),
    ("production", "produced", "Produced", "What was produced."),
    ("factory_issue", "issued", "Issued", "What left the factories for distribution."),
];

/// What the scorecard says of daily tables, and the table beside the orders each line needs.
const KPIS: [(&str, &str, &str, Option<&str>); 5] = [
    (
        "unit_fill_rate",
        "All days",
        "=KPI(\"unit_fill_rate\",SUM(Days[Delivered]),SUM(Days[Ordered]))",
        Some("deliveries"),
    ),
    (
        "unit_fill_rate",
        "Weeks by product",
        "=KPI(\"unit_fill_rate\",Demand[Delivered, history],Demand[History, history])",
        Some("deliveries"),
    ),
    (
        "utilisation",
        "Production of orders",
        "=KPI(\"utilisation\",SUM(Demand[Produced, history]),SUM(Demand[History, history]))",
        Some("production"),
    ),
    (
        "wape",
        "Naive forecast, last 12 weeks",
        "=KPI(\"wape\",TAKE(Demand[Naive forecast, history],,-12),TAKE(Demand[History, history],,-12))",
        None,
    ),
    (
        "wape",
        "Four-week average, last 12 weeks",
        "=KPI(\"wape\",TAKE(Demand[Four-week average, history],,-12),TAKE(Demand[History, history],,-12))",
        None,
    ),
];

/// A table: for each day its values, in the order of the products.
struct Days {
    by_day: BTreeMap<Date, Vec<f64>>,
}

pub(super) fn read(folder: &Path, title: &str, currency: &str) -> Result<Imported, Vec<String>> {
    let mut problems = Problems::default();
    let table = TableFile::read(folder, ORDERS, true, &["date"], &mut problems);
    let items: Vec<String> = table.header().iter().filter(|name| !name.eq_ignore_ascii_case("date")).cloned().collect();
    let mut seen = BTreeSet::new();
    for item in items.iter().filter(|item| !seen.insert(item.to_lowercase())) {
        problems.file(&table.name, &format!("has two columns {item:?}"));
    }
    problems.into_result()?;
    let mut problems = Problems::default();
    let orders = Days::read(&table, &items, None, &mut problems);
    let mut beside = Vec::new();
    for (file, ..) in BESIDE {
        let table = TableFile::read(folder, file, false, &["date"], &mut problems);
        for name in table.header().iter().filter(|name| !name.eq_ignore_ascii_case("date") && !items.contains(name)) {
            problems.file(&table.name, &format!("has a column {name:?} that {ORDERS}.csv has not"));
        }
        beside.push((!table.header().is_empty()).then(|| Days::read(&table, &items, Some(&orders), &mut problems)));
    }
    let known = products(folder, &mut problems);
    problems.into_result()?;
    let (Some(first), Some(last)) = (orders.by_day.keys().next().copied(), orders.by_day.keys().last().copied()) else {
        return Err(vec![format!("{ORDERS}.csv: holds no day")]);
    };
    let weeks = (last.days() - first.days() + 1) / WEEK;
    if weeks == 0 {
        return Err(vec![format!("{ORDERS}.csv: holds less than one whole week of seven days from {first} on")]);
    }
    let bucket = Bucket::containing(first.plus_days(WEEK / 2), Grain::Week);
    let horizon = plan_after(bucket, bucket.plus(weeks));
    let shape = Shape { horizon, keys: &["Item"], partition: None, unit: "pcs", currency };
    let product = |id: &String| {
        let family = known.iter().find(|(known, _)| known == id).map(|(_, product)| product.family.clone());
        Product { name: id.clone(), family: family.unwrap_or_else(|| "Other".to_owned()), price: 0.0 }
    };
    let named: Vec<Product> = items.iter().map(product).collect();
    let weekly = |days: &Days| days.weekly(&items, first, weeks);
    let mut demand = plan_sheets::demand(&shape)
        .rows(items.iter().map(|item| RowBlueprint { key: vec![item.clone()], cells: Vec::new() }))
        .facts("history", Some(horizon.first), weekly(&orders));
    for ((_, id, name, help), days) in BESIDE.iter().zip(&beside) {
        let Some(days) = days else { continue };
        let layer = MeasureBlueprint::layer(id, name).timed(Span::History).shown(NumberFormat::Whole, "pcs").help(help);
        demand = demand.measure(layer).facts(id, Some(horizon.first), weekly(days));
    }
    for (id, name, formula, help) in [
        ("naive", "Naive forecast", "=[@History:-1]", "The week before."),
        (
            "average",
            "Four-week average",
            "=IF(ISBLANK([@History:-4]),\"\",([@History:-1]+[@History:-2]+[@History:-3]+[@History:-4])/4)",
            "The mean of the four weeks before.",
        ),
    ] {
        let forecast = MeasureBlueprint::formula(id, name, formula).timed(Span::History);
        demand = demand.measure(forecast.shown(NumberFormat::Whole, "pcs").help(help));
    }
    let has = |file: &str| BESIDE.iter().zip(&beside).any(|((known, ..), days)| *known == file && days.is_some());
    let judged: Vec<(&str, &str, &str)> = KPIS
        .iter()
        .filter(|(.., needs)| needs.is_none_or(has))
        .map(|(kpi, of, formula, _)| (*kpi, *of, *formula))
        .collect();
    let [prices, item_sheet] = item_sheets(named.iter(), &shape);
    let sheets = vec![demand, plan_sheets::order_kpis(&judged), prices, day_sheet(&orders, &beside), item_sheet];
    let told = format!(
        "{} days of {} products: {weeks} whole weeks from {first} on, {} days after the last of them",
        orders.by_day.len(),
        items.len(),
        (last.days() - first.days() + 1) % WEEK,
    );
    let blueprint = Blueprint { title: title.to_owned(), currency: currency.to_owned(), sheets };
    Ok(Imported { blueprint, told })
}

impl Days {
    /// Reads a table; days that the orders do not have are problems.
    fn read(table: &TableFile, items: &[String], orders: Option<&Self>, problems: &mut Problems) -> Self {
        let mut by_day = BTreeMap::new();
        let columns: Vec<String> = items.iter().map(|item| item.to_lowercase()).collect();
        for row in table.rows() {
            let values = columns.iter().zip(items).map(|(column, item)| row.number_named(column, item, 0.0, problems));
            let values: Vec<f64> = values.map(Option::unwrap_or_default).collect();
            let Some(day) = row.date("date", problems) else { continue };
            if orders.is_some_and(|orders| !orders.by_day.contains_key(&day)) {
                row.problem("date", &format!("{ORDERS}.csv has no such day"), problems);
            } else if by_day.insert(day, values).is_some() {
                row.problem("date", "this day stands in the file twice", problems);
            }
        }
        Self { by_day }
    }

    /// Each product's whole weeks from a day on.
    fn weekly(&self, items: &[String], first: Date, weeks: i32) -> Vec<(RowId, Vec<f64>)> {
        let mut sums = vec![vec![0.0; weeks as usize]; items.len()];
        for (day, values) in &self.by_day {
            let week = (day.days() - first.days()) / WEEK;
            for (sums, value) in sums.iter_mut().zip(values) {
                if let Some(sum) = sums.get_mut(week as usize) {
                    *sum += value;
                }
            }
        }
        items.iter().map(|item| row_id(std::slice::from_ref(item))).zip(sums).collect()
    }
}

/// All products together, day by day.
fn day_sheet(orders: &Days, beside: &[Option<Days>]) -> SheetBlueprint {
    let mut layers: Vec<Fact> = vec![("ordered", "Ordered", NumberFormat::Whole, "pcs", "What customers ordered.")];
    let mut tables = vec![orders];
    for ((_, id, name, help), days) in BESIDE.iter().zip(beside) {
        if let Some(days) = days {
            layers.push((id, name, NumberFormat::Whole, "pcs", help));
            tables.push(days);
        }
    }
    let sum = |days: &Days, day: &Date| days.by_day.get(day).map_or(f64::NAN, |values| values.iter().sum());
    let rows = orders.by_day.keys().map(|day| FactRow {
        key: vec![day.to_string()],
        values: tables.iter().map(|days| sum(days, day)).collect(),
        cells: Vec::new(),
    });
    let sheet = SheetBlueprint::planning("days", "Days", &["Day"]).group(MASTER_DATA);
    facts_sheet(sheet, &layers, rows.collect())
}
