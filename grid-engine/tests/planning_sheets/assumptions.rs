//! What a row's plan rests on.

use grid_engine::plan::{Assumptions, assumptions};

use crate::table::{Table, measure, months};

/// A demand sheet of two items in two regions, with prices, a budget, routes, their resources, and the hours of these.
fn plan() -> Table {
    let mut table = Table::server();
    let time = months("2026-01", 1, 3);
    table.planning(
        "demand",
        "Demand",
        "demand",
        time,
        &["Item", "Region"],
        &[measure("Family", false), measure("Plan", true)],
    );
    table.planning("prices", "Prices", "", time, &["Item"], &[measure("Price", true)]);
    table.planning("budget", "Budget", "", time, &["Family", "Region"], &[measure("Revenue", true)]);
    table.planning("routes", "Routings", "", time, &["Route"], &[measure("Item", false), measure("Cost", false)]);
    table.planning("times", "Line times", "", time, &["Route", "Resource"], &[measure("Hours per unit", false)]);
    table.planning("hours", "Capacity", "", time, &["Resource", "Kind"], &[measure("Hours", true)]);
    table.planning("stock", "Stock policy", "", time, &["Item", "Location"], &[measure("Safety", false)]);
    let rates = [measure("Location", false), measure("Rate", false)];
    table.planning("rates", "Overtime rates", "", time, &["Resource"], &rates);
    table.planning("fixed", "Decisions", "", time, &["Kind", "Item"], &[measure("Units", true)]);
    table.planning("result", "Profit", "profit", time, &["Item"], &[]);
    for (item, family) in [("Tea", "Drinks"), ("Soap", "Care")] {
        for region in ["North", "South"] {
            table.row("demand", &[item, region]);
            table.enter(table.at("demand", &[item, region], "Family", ""), family);
        }
        table.row("prices", &[item]);
        table.row("result", &[item]);
    }
    for region in ["North", "South"] {
        table.row("budget", &["Drinks", region]);
        table.enter(
            table.at("budget", &["Drinks", region], "Revenue", "2026-02"),
            if region == "North" { "70" } else { "30" },
        );
    }
    table.enter(table.at("prices", &["Tea"], "Price", "2026-02"), "2");
    table.enter(table.at("prices", &["Tea"], "Price", "2026-03"), "3");
    table.enter(table.at("prices", &["Soap"], "Price", "2026-02"), "9");
    for (route, item, resource) in [("Tea @ A", "Tea", "L1"), ("Tea @ B", "Tea", "L2"), ("Soap @ A", "Soap", "L3")] {
        table.row("routes", &[route]);
        table.enter(table.at("routes", &[route], "Item", ""), item);
        table.enter(table.at("routes", &[route], "Cost", ""), "1");
        table.row("times", &[route, resource]);
        table.enter(table.at("times", &[route, resource], "Hours per unit", ""), "0.5");
        table.row("hours", &[resource, "regular"]);
        table.enter(table.at("hours", &[resource, "regular"], "Hours", "2026-02"), "160");
        table.row("rates", &[resource]);
        table.enter(table.at("rates", &[resource], "Location", ""), "A");
        table.enter(table.at("rates", &[resource], "Rate", ""), "40");
    }
    table.row("stock", &["Tea", "A"]);
    table.enter(table.at("stock", &["Tea", "A"], "Safety", ""), "5");
    // Another kind of thing than kinds of hours.
    table.row("fixed", &["production", "Tea"]);
    table.enter(table.at("fixed", &["production", "Tea"], "Units", "2026-02"), "9");
    table.recalculate();
    table
}

fn told(found: &[Assumptions]) -> Vec<String> {
    let rows = found.iter().flat_map(|sheet| {
        sheet.rows.iter().map(|row| {
            let figures = row.figures.iter().map(|figure| format!("{} {}", figure.name, figure.text));
            format!("{} [{}] {}", sheet.title, row.label, figures.collect::<Vec<_>>().join(", "))
        })
    });
    let mut rows: Vec<String> = rows.collect();
    rows.sort();
    rows
}

#[test]
fn a_row_rests_on_what_other_sheets_say_of_its_item_its_family_and_its_lines() {
    let table = plan();
    let cell = table.at("demand", &["Tea", "North"], "Plan", "2026-02");
    assert_eq!(
        told(&assumptions(&table.book, cell)),
        [
            "Budget [] Revenue 2026-02 70",
            "Capacity [L1 · regular] Hours 2026-02 160",
            "Capacity [L2 · regular] Hours 2026-02 160",
            "Decisions [production] Units 2026-02 9",
            "Line times [Tea @ A · L1] Hours per unit 0.5",
            "Line times [Tea @ B · L2] Hours per unit 0.5",
            "Overtime rates [L1] Rate 40",
            "Overtime rates [L2] Rate 40",
            "Prices [] Price 2026-02 2",
            "Routings [Tea @ A] Cost 1",
            "Routings [Tea @ B] Cost 1",
            "Stock policy [A] Safety 5",
        ]
    );
}

#[test]
fn timed_assumptions_are_those_of_the_bucket_one_stands_in() {
    let table = plan();
    let prices = |month: &str| {
        let cell = table.at("demand", &["Tea", "South"], "Plan", month);
        told(&assumptions(&table.book, cell)).into_iter().filter(|line| line.starts_with("Prices")).collect::<Vec<_>>()
    };
    assert_eq!(prices("2026-03"), ["Prices [] Price 2026-03 3"]);
    // No price is entered there, and none is made up.
    assert!(prices("2026-04").is_empty());
    // Beside the time axis it is the first planned bucket.
    let cell = table.at("demand", &["Tea", "South"], "Family", "");
    assert!(told(&assumptions(&table.book, cell)).contains(&"Budget [] Revenue 2026-02 30".to_owned()));
}

#[test]
fn many_rows_are_counted_and_a_free_sheet_rests_on_nothing() {
    let mut table = plan();
    for place in 0..9 {
        let route = format!("Tea @ {place}");
        table.row("routes", &[&route]);
        table.enter(table.at("routes", &[&route], "Item", ""), "Tea");
        table.enter(table.at("routes", &[&route], "Cost", ""), "1");
    }
    table.free("own", "Own", 2, 2);
    table.recalculate();
    let cell = table.at("demand", &["Tea", "North"], "Plan", "2026-02");
    let found = assumptions(&table.book, cell);
    let routes = found.iter().find(|sheet| sheet.title == "Routings");
    assert_eq!(routes.map(|sheet| (sheet.rows.len(), sheet.more)), Some((6, 5)));
    assert!(assumptions(&table.book, table.a1("own", "A1")).is_empty());
}
