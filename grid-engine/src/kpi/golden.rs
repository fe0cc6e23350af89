//! Key figures of real orders, computed independently. They need the development data beside the repository.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use super::find;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");

/// Rows of a file without quotes, header first; `None` where there is no development data.
fn rows(file: &str) -> Option<Vec<Vec<String>>> {
    let path = Path::new(DATA).join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: no {}", path.display());
        return None;
    };
    Some(text.lines().map(|line| line.split(',').map(|field| field.trim().to_owned()).collect()).collect())
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// The numbers of a table whose first column is the date, by day and product.
fn table(file: &str) -> Option<Vec<Vec<f64>>> {
    let days = rows(file)?;
    Some(days[1..].iter().map(|day| day[1..].iter().map(|cell| number(cell).unwrap_or(0.0)).collect()).collect())
}

fn known(values: impl IntoIterator<Item = f64>) -> Vec<Option<f64>> {
    values.into_iter().map(Some).collect()
}

fn percent(id: &str, inputs: &[&[Option<f64>]]) -> f64 {
    let result = find(id).unwrap().evaluate(inputs);
    (result.value.unwrap() * 1e4).round() / 100.0
}

#[test]
fn northwind_orders_shipped_by_their_required_date() {
    let Some(orders) = rows("northwind/orders.csv") else { return };
    let column = |name: &str| orders[0].iter().position(|header| header == name).unwrap();
    let (required, shipped) = (column("required_date"), column("shipped_date"));
    let shipped_orders: Vec<&Vec<String>> = orders[1..].iter().filter(|order| !order[shipped].is_empty()).collect();
    // Dates as YYYY-MM-DD compare as texts.
    let late = known(shipped_orders.iter().map(|order| if order[shipped] > order[required] { 1.0 } else { 0.0 }));
    assert_eq!(late.len(), 809);
    assert_eq!(percent("otif", &[&[Some(1.0)], &[Some(1.0)], &late]), 95.43);
}

#[test]
fn northwind_net_sales() {
    let Some(lines) = rows("northwind/order_lines.csv") else { return };
    let values = |at: usize| lines[1..].iter().map(move |line| number(&line[at]).unwrap());
    let net = known(values(2).zip(values(4)).map(|(price, discount)| price * (1.0 - discount)));
    let quantity = known(values(3));
    let revenue = find("revenue").unwrap().evaluate(&[&quantity, &net]).value.unwrap();
    assert!((revenue - 1_265_793.04).abs() < 0.005, "{revenue}");
}

#[test]
fn supplygraph_fill_over_all_days() {
    let (Some(orders), Some(deliveries)) = (table("supplygraph/sales_orders.csv"), table("supplygraph/deliveries.csv"))
    else {
        return;
    };
    let total = |days: &[Vec<f64>]| [Some(days.iter().flatten().sum::<f64>())];
    assert_eq!(percent("unit_fill_rate", &[&total(&deliveries), &total(&orders)]), 98.71);
}

/// Sums of whole weeks by product, week by week; the last days that make no week are left out.
fn weeks(days: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let sum = |week: &[Vec<f64>]| (0..week[0].len()).map(|product| week.iter().map(|day| day[product]).sum()).collect();
    days.chunks_exact(7).map(sum).collect()
}

#[test]
fn supplygraph_by_week_and_product() {
    let (Some(orders), Some(deliveries), Some(production)) = (
        table("supplygraph/sales_orders.csv"),
        table("supplygraph/deliveries.csv"),
        table("supplygraph/production.csv"),
    ) else {
        return;
    };
    let [orders, deliveries, production] = [orders, deliveries, production].map(|days| weeks(&days));
    let flat = |weeks: &[Vec<f64>]| known(weeks.iter().flatten().copied());
    assert_eq!(percent("unit_fill_rate", &[&flat(&deliveries), &flat(&orders)]), 92.27);
    let total = |weeks: &[Vec<f64>]| [Some(weeks.iter().flatten().sum::<f64>())];
    assert_eq!(percent("utilisation", &[&total(&production), &total(&orders)]), 99.34);

    let last = &orders[orders.len() - 12..];
    let naive = &orders[orders.len() - 13..orders.len() - 1];
    assert_eq!(percent("wape", &[&flat(naive), &flat(last)]), 36.77);
    let averages: Vec<Vec<f64>> = (orders.len() - 12..orders.len())
        .map(|week| {
            let mean = |product: usize| orders[week - 4..week].iter().map(|past| past[product]).sum::<f64>() / 4.0;
            (0..orders[week].len()).map(mean).collect()
        })
        .collect();
    assert_eq!(percent("wape", &[&flat(&averages), &flat(last)]), 33.96);
}
