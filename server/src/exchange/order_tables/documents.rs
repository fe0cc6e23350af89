//! Order documents: `orders.csv` with the dates of each order, `order_lines.csv` with what was ordered.
//!
//! * orders: `order`, `required_date`, `shipped_date` (empty: not yet shipped), and where known `order_date`, `customer`,
//!   `country` or `region`;
//! * lines: `order`, `product`, `quantity`, `unit_price`, and where known `discount` (a share).
//!
//! Facts run to the last day an order was taken or shipped. An order is due when it has been shipped or its required day
//! lies before that day; an order not yet due says nothing about service. Demand is what was ordered, by product, country
//! and the month it was required in; months that were not over by the last day belong to the plan.

use std::collections::BTreeMap;
use std::path::Path;

use grid_engine::calendar::{Bucket, Date, Grain};
use grid_engine::doc::NumberFormat;

use super::super::blueprint::{Blueprint, Entry, MeasureBlueprint, RowBlueprint, SheetBlueprint, measure_id, row_id};
use super::super::plan_sheets::{self, MASTER_DATA, Shape};
use super::super::table_file::{Problems, TableFile};
use super::{Fact, FactRow, Imported, Product, facts_sheet, item_sheets, plan_after, products};
use grid_engine::refs::ColId;

const KEYS: [&str; 2] = ["Item", "Region"];

/// What the scorecard says of orders.
const KPIS: [(&str, &str, &str); 3] = [
    ("otif", "Orders", "=KPI(\"otif\",Orders[Quantity due],Orders[Quantity shipped],Orders[Days late])"),
    ("order_fill_rate", "Orders", "=KPI(\"order_fill_rate\",SUM(Orders[On time]),COUNT(Orders[Quantity due]))"),
    ("revenue", "Order lines", "=KPI(\"revenue\",'Order lines'[Quantity],'Order lines'[Net price])"),
];

struct Order {
    customer: String,
    region: String,
    ordered: Option<Date>,
    required: Option<Date>,
    shipped: Option<Date>,
    quantity: f64,
}

struct Line {
    order: String,
    /// Counts from 1 within the order.
    number: usize,
    product: String,
    quantity: f64,
    price: f64,
    discount: f64,
}

struct Orders {
    by_name: BTreeMap<String, Order>,
    lines: Vec<Line>,
    /// The last day something happened.
    last_day: Option<Date>,
}

pub(super) fn read(folder: &Path, title: &str, currency: &str) -> Result<Imported, Vec<String>> {
    let mut problems = Problems::default();
    let orders = Orders::read(folder, &mut problems);
    let known = products(folder, &mut problems);
    problems.into_result()?;
    let required = || orders.by_name.values().filter_map(|order| order.required);
    let (Some(last_day), Some(first)) = (orders.last_day, required().min()) else {
        return Err(vec!["orders.csv: holds no order".to_owned()]);
    };
    let month = |day| Bucket::containing(day, Grain::Month);
    let current = month(last_day).max(month(first).plus(1));
    let horizon = plan_after(month(first), current);
    let shape = Shape { horizon, keys: &KEYS, partition: Some("Region"), unit: "pcs", currency };
    let product = |id: &str| {
        let found = known.iter().find(|(known, _)| known == id).map(|(_, product)| product.clone());
        found.unwrap_or_else(|| Product { name: id.to_owned(), family: "Other".to_owned(), price: 0.0 })
    };
    let sold: BTreeMap<&str, Product> =
        orders.lines.iter().map(|line| (&*line.product, product(&line.product))).collect();
    let name_of = |id: &str| sold.get(id).map_or(id, |product| &product.name).to_owned();

    let mut demand: BTreeMap<Vec<String>, BTreeMap<Bucket, f64>> = BTreeMap::new();
    let (mut open, mut quantity) = (0_usize, 0.0);
    for line in &orders.lines {
        let Some((order, day)) = orders.by_name.get(&line.order).and_then(|order| Some((order, order.required?)))
        else {
            continue;
        };
        let months = demand.entry(vec![name_of(&line.product), order.region.clone()]).or_default();
        if month(day) < horizon.current {
            *months.entry(month(day)).or_default() += line.quantity;
            quantity += line.quantity;
        } else {
            open += 1;
        }
    }
    let history = demand.iter().map(|(key, months)| {
        let began = months.keys().next().copied().unwrap_or(horizon.current);
        let past = horizon.buckets().take(horizon.current_index());
        let value = |month| if month < began { f64::NAN } else { months.get(&month).copied().unwrap_or(0.0) };
        (row_id(key), past.map(value).collect())
    });
    let demand_sheet = plan_sheets::demand(&shape)
        .rows(demand.keys().map(|key| RowBlueprint { key: key.clone(), cells: Vec::new() }))
        .facts("history", Some(horizon.first), history.collect());
    let [prices, items] = item_sheets(sold.values(), &shape);
    let sheets = vec![
        demand_sheet,
        plan_sheets::order_kpis(&KPIS),
        prices,
        orders.sheet(last_day),
        orders.line_sheet(&name_of),
        items,
    ];
    let due = orders.by_name.values().filter(|order| order.is_due(last_day)).count();
    let told = format!(
        "{} orders ({due} of them due by {last_day}) with {} lines; {quantity} units in months {} to {}, {open} lines \
         required later",
        orders.by_name.len(),
        orders.lines.len(),
        horizon.first,
        horizon.current.plus(-1),
    );
    let blueprint = Blueprint { title: title.to_owned(), currency: currency.to_owned(), sheets };
    Ok(Imported { blueprint, told })
}

impl Order {
    fn is_due(&self, last_day: Date) -> bool {
        self.shipped.is_some() || self.required.is_some_and(|day| day < last_day)
    }
}

impl Orders {
    fn read(folder: &Path, problems: &mut Problems) -> Self {
        let mut all = Self { by_name: BTreeMap::new(), lines: Vec::new(), last_day: None };
        let table = TableFile::read(folder, "orders", true, &["order", "required_date", "shipped_date"], problems);
        for row in table.rows() {
            let Some(name) = row.name("order", problems) else { continue };
            let mut day = |column: &str, may_be_empty: bool| {
                if may_be_empty && row.text(column).is_empty() { None } else { row.date(column, problems) }
            };
            let (ordered, required, shipped) =
                (day("order_date", true), day("required_date", false), day("shipped_date", true));
            all.last_day = all.last_day.max(ordered).max(shipped);
            let region = ["country", "region"].into_iter().map(|column| row.text(column)).find(|text| !text.is_empty());
            let order = Order {
                customer: row.text("customer").to_owned(),
                region: region.unwrap_or("Everywhere").to_owned(),
                ordered,
                required,
                shipped,
                quantity: 0.0,
            };
            if all.by_name.insert(name.to_owned(), order).is_some() {
                row.problem("order", &format!("{name:?} stands in the file twice"), problems);
            }
        }
        let columns = ["order", "product", "quantity", "unit_price"];
        let table = TableFile::read(folder, "order_lines", true, &columns, problems);
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for row in table.rows() {
            let (order, product) = (row.name("order", problems), row.name("product", problems));
            let number = |column, problems: &mut Problems| row.number(column, 0.0, problems);
            let quantity = number("quantity", problems);
            let price = number("unit_price", problems);
            let discount = number("discount", problems);
            if let Some(share) = discount.filter(|share| *share > 1.0) {
                row.problem("discount", &format!("{share} is not a share from 0 to 1"), problems);
            }
            let Some(name) = order else { continue };
            let Some(order) = all.by_name.get_mut(name) else {
                row.problem("order", &format!("{name:?} is not in orders.csv"), problems);
                continue;
            };
            let (Some(product), Some(quantity), Some(price), Some(discount)) = (product, quantity, price, discount)
            else {
                continue;
            };
            order.quantity += quantity;
            let count = counts.entry(name).or_default();
            *count += 1;
            all.lines.push(Line {
                order: name.to_owned(),
                number: *count,
                product: product.to_owned(),
                quantity,
                price,
                discount,
            });
        }
        all
    }

    /// One row for each order: when it was required and shipped, and how many days late that was.
    fn sheet(&self, last_day: Date) -> SheetBlueprint {
        const LAYERS: [Fact; 6] = [
            ("ordered", "Ordered on", NumberFormat::Date, "", "The day the order was taken."),
            ("required", "Required", NumberFormat::Date, "", "The day it was to be shipped by."),
            ("shipped", "Shipped", NumberFormat::Date, "", "The day it was shipped; empty where it is open."),
            (
                "due",
                "Quantity due",
                NumberFormat::Whole,
                "pcs",
                "Ordered units of orders that are shipped or past their day.",
            ),
            ("sent", "Quantity shipped", NumberFormat::Whole, "pcs", "Units shipped."),
            (
                "late",
                "Days late",
                NumberFormat::Whole,
                "days",
                "Days from the required day to the shipment; below 0 is early.",
            ),
        ];
        let serial = |day: Option<Date>| day.map_or(f64::NAN, Date::serial);
        let rows = self.by_name.iter().map(|(name, order)| {
            let due = if order.is_due(last_day) { order.quantity } else { f64::NAN };
            let late = order.shipped.zip(order.required).map(|(shipped, required)| shipped.days() - required.days());
            let sent = if order.shipped.is_some() { order.quantity } else { f64::NAN };
            let values = vec![
                serial(order.ordered),
                serial(order.required),
                serial(order.shipped),
                due,
                sent,
                late.map_or(f64::NAN, f64::from),
            ];
            let cells = [("Customer", &order.customer), ("Country", &order.region)];
            let cells = cells.into_iter().filter(|(_, text)| !text.is_empty());
            let cells = cells.map(|(id, text)| (ColId::fixed(measure_id(id)), Entry::Text(text.clone()))).collect();
            FactRow { key: vec![name.clone()], values, cells }
        });
        let text = |id: &str| MeasureBlueprint::input(id, id).shown(NumberFormat::Text, "");
        let sheet = SheetBlueprint::planning("orders", "Orders", &["Order"]).group(MASTER_DATA);
        let sheet = sheet.measure(text("Customer")).measure(text("Country"));
        facts_sheet(sheet, &LAYERS, rows.collect()).measure(
            MeasureBlueprint::formula("ontime", "On time", "=IF(ISBLANK([@Days late]),0,IF([@Days late]<=0,1,0))")
                .shown(NumberFormat::Whole, "")
                .help("1 where the order was shipped by the day it was required."),
        )
    }

    /// One row for each line of an order.
    fn line_sheet(&self, name_of: &dyn Fn(&str) -> String) -> SheetBlueprint {
        const LAYERS: [Fact; 3] = [
            ("quantity", "Quantity", NumberFormat::General, "pcs", "Units ordered."),
            ("price", "Unit price", NumberFormat::Price, "", "List price of a unit."),
            ("discount", "Discount", NumberFormat::Percent, "", "Share taken off the list price."),
        ];
        let rows = self.lines.iter().map(|line| FactRow {
            key: vec![line.order.clone(), line.number.to_string()],
            values: vec![line.quantity, line.price, line.discount],
            cells: vec![(ColId::fixed(measure_id("product")), Entry::Text(name_of(&line.product)))],
        });
        let sheet = SheetBlueprint::planning("orderlines", "Order lines", &["Order", "Line"]).group(MASTER_DATA);
        let sheet = sheet.measure(MeasureBlueprint::input("product", "Product").shown(NumberFormat::Text, ""));
        facts_sheet(sheet, &LAYERS, rows.collect())
            .measure(
                MeasureBlueprint::formula("netprice", "Net price", "=[@Unit price]*(1-[@Discount])")
                    .shown(NumberFormat::Price, "")
                    .help("What a unit was sold at."),
            )
            .measure(
                MeasureBlueprint::formula("netsales", "Net sales", "=[@Quantity]*[@Net price]")
                    .shown(NumberFormat::Money, "")
                    .help("Quantity at net price."),
            )
    }
}
