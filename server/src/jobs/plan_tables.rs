//! The tables that `SUPPLY.RESULT`, `SUPPLY.WHY`, `SUPPLY.DUAL` and `SUPPLY.COST` show of a solved plan: a header, then a row
//! for each line.

use std::collections::BTreeMap;
use std::sync::Arc;

use grid_engine::formula::PlanTable;
use grid_engine::plan::ShortageLine;
use grid_engine::supply::Plan;
use grid_engine::supply::cost_to_serve::{View, to_cents};
use grid_engine::supply::network::NodeId;
use grid_engine::supply::plan::{CostKind, Grid};
use grid_engine::value::order::sort_largest_first;
use grid_engine::value::{Array, ErrorKind, Value};

use super::summary::cause;
use super::supply_links::links;

/// Smaller quantities are the solver's rounding.
pub(super) const DUST: f64 = 1e-6;

/// A table of the plan; the summary is made elsewhere.
pub(super) fn plan_table(plan: &Plan, table: PlanTable) -> Value {
    match table {
        PlanTable::Summary => Value::Blank,
        PlanTable::Production => production(plan),
        PlanTable::Purchases => purchases(plan),
        PlanTable::Shipments => shipments(plan),
        PlanTable::Stock => stock(plan),
        PlanTable::Service => service(plan),
        PlanTable::Utilisation => utilisation(plan),
        PlanTable::Network => links(plan),
        PlanTable::Why => why(plan),
        PlanTable::Dual => dual(plan),
        PlanTable::CostByProduct => cost(plan, View::Product, "Product"),
        PlanTable::CostByCustomer => cost(plan, View::Customer, "Customer"),
        PlanTable::CostByChannel => cost(plan, View::Channel, "Channel"),
        PlanTable::CostByRegion => cost(plan, View::Region, "Region"),
        PlanTable::CostByMaterial => cost(plan, View::Material, "Material"),
    }
}

/// Rows under their header; each has as many cells.
pub(super) fn rectangle(header: Vec<Value>, rows: impl IntoIterator<Item = Vec<Value>>) -> Value {
    let cols = header.len();
    let mut cells = header;
    rows.into_iter().for_each(|row| cells.extend(row));
    let array = Array::new(cells.len() / cols.max(1), cols, cells);
    array.map_or(Value::error(ErrorKind::Calc), |array| Value::Array(array.into()))
}

/// A quantity without the solver's rounding.
pub(super) fn quantity(value: f64) -> Value {
    Value::number((value / DUST).round() * DUST)
}

fn texts(names: &[&str]) -> Vec<Value> {
    names.iter().map(Value::text).collect()
}

/// Keys, then a column for each bucket.
fn by_bucket(plan: &Plan, keys: &[&str], rows: impl IntoIterator<Item = (Vec<Arc<str>>, Vec<f64>)>) -> Value {
    let mut header = texts(keys);
    header.extend(plan.network.periods.iter().map(Value::text));
    let line = |(keys, series): (Vec<Arc<str>>, Vec<f64>)| {
        keys.iter().map(Value::text).chain(series.into_iter().map(quantity)).collect()
    };
    rectangle(header, rows.into_iter().map(line))
}

/// Of a grid, the objects that have anything.
fn filled(grid: &Grid, objects: usize) -> impl Iterator<Item = (usize, Vec<f64>)> {
    (0..objects)
        .map(|index| (index, grid.of(index).to_vec()))
        .filter(|(_, series)| series.iter().any(|one| *one > DUST))
}

fn place(plan: &Plan, node: NodeId) -> [Arc<str>; 2] {
    let location = plan.network.nodes[node.0].location;
    [plan.network.item_of(node).name.clone(), plan.network.locations[location.0].name.clone()]
}

fn production(plan: &Plan) -> Value {
    let routes = &plan.network.routes;
    let rows = filled(&plan.quantities.made, routes.len()).map(|(index, series)| {
        let [item, location] = place(plan, routes[index].node);
        (vec![routes[index].name.clone(), item, location], series)
    });
    by_bucket(plan, &["Route", "Item", "Location"], rows)
}

fn purchases(plan: &Plan) -> Value {
    let network = &plan.network;
    let rows = filled(&plan.quantities.bought, network.contracts.len()).map(|(index, series)| {
        let contract = &network.contracts[index];
        let supplier = &network.suppliers[contract.supplier.0];
        let [item, location] = place(plan, contract.node);
        (vec![contract.name.clone(), supplier.name.clone(), supplier.mode.clone(), item, location], series)
    });
    by_bucket(plan, &["Contract", "Supplier", "Mode", "Item", "Location"], rows)
}

fn shipments(plan: &Plan) -> Value {
    let network = &plan.network;
    let rows = filled(&plan.quantities.shipped, network.flows.len()).map(|(index, series)| {
        let flow = &network.flows[index];
        let ([item, from], [_, to]) = (place(plan, flow.from), place(plan, flow.to));
        (vec![network.lanes[flow.lane.0].name.clone(), item, from, to], series)
    });
    by_bucket(plan, &["Lane", "Item", "From", "To"], rows)
}

fn stock(plan: &Plan) -> Value {
    let lines = plan.stock_series().into_iter();
    let rows = lines.flat_map(|line| {
        let row = |what: &str, series| (vec![line.item.clone(), line.location.clone(), what.into()], series);
        let short = line.shortfall.iter().any(|units| *units > DUST);
        let stock = row("closing stock", line.stock);
        std::iter::once(stock).chain(short.then(|| row("below safety stock", line.shortfall))).collect::<Vec<_>>()
    });
    by_bucket(plan, &["Item", "Location", "Figure"], rows)
}

fn service(plan: &Plan) -> Value {
    let rows = plan.customer_series().into_iter().flat_map(|line| {
        let figures = [("demand", line.demand), ("served", line.served), ("late", line.backlog), ("lost", line.lost)];
        let key = [line.item, line.region, line.channel];
        figures.map(|(what, series)| (key.iter().cloned().chain([what.into()]).collect(), series))
    });
    by_bucket(plan, &["Item", "Region", "Channel", "Figure"], rows)
}

fn utilisation(plan: &Plan) -> Value {
    let rows = plan.utilisation_series().into_iter().flat_map(|line| {
        let figures = [("hours", line.hours), ("overtime", line.overtime), ("regular hours", line.available)];
        figures.map(|(what, series)| (vec![line.resource.clone(), what.into()], series))
    });
    by_bucket(plan, &["Resource", "Figure"], rows)
}

fn why(plan: &Plan) -> Value {
    let row = |line: ShortageLine| {
        let mut row = texts(&[&line.item, &line.region, &line.channel, &line.bucket, &line.kind]);
        row.extend([quantity(line.units), Value::text(line.cause)]);
        row
    };
    let header = texts(&["Item", "Region", "Channel", "Bucket", "Shortage", "Units", "Cause"]);
    rectangle(header, shortage_lines(plan).into_iter().map(row))
}

/// What is late or lost by customer, bucket and cause, most units first.
pub(super) fn shortage_lines(plan: &Plan) -> Vec<ShortageLine> {
    let network = &plan.network;
    let mut units: BTreeMap<(usize, usize, &str, String), f64> = BTreeMap::new();
    for reason in &plan.reasons {
        let key = (reason.demand.0, reason.period, reason.kind.key(), cause(plan, reason));
        *units.entry(key).or_default() += reason.quantity;
    }
    let mut lines: Vec<_> = units.into_iter().collect();
    sort_largest_first(&mut lines, |line| line.1);
    let line = |((demand, period, kind, cause), units): ((usize, usize, &str, String), f64)| {
        let demand = &network.demands[demand];
        let stream = &network.streams[demand.stream.0];
        ShortageLine {
            item: network.items[demand.item.0].name.to_string(),
            region: stream.region.to_string(),
            channel: stream.channel.to_string(),
            bucket: network.periods[period].to_string(),
            kind: kind.to_owned(),
            units,
            cause,
        }
    };
    lines.into_iter().map(line).collect()
}

/// A kind of limit in words, and what one more of it is; `None` for the sums that every plan must keep, whose marginal
/// values are those of the units themselves.
pub(super) fn limit_words(kind: &str) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        "CAP" => ("Capacity", "hour"),
        "OVERTIME" | "WOT" => ("Overtime", "hour"),
        "WORK" => ("Workers", "worker"),
        "SUP" => ("Supplier", "unit"),
        "LANE" => ("Lane", "m³"),
        "STOR" => ("Storage", "m³"),
        "THRU" => ("Goods received", "unit"),
        "SS" => ("Safety stock", "unit less"),
        "MAXSTOCK" => ("Largest stock", "unit"),
        "TERMINAL" => ("Closing stock", "unit less"),
        "MAXRUN" => ("Largest run", "unit"),
        "MINRUN" => ("Smallest run", "unit less"),
        _ => return None,
    })
}

fn dual(plan: &Plan) -> Value {
    let binding = plan.constraints.iter().filter(|line| line.marginal_value > DUST);
    let mut lines: Vec<_> = binding.filter_map(|line| Some((limit_words(line.kind)?, line))).collect();
    sort_largest_first(&mut lines, |line| line.1.marginal_value);
    let rows = lines.into_iter().map(|((limit, unit), line)| {
        let mut row = texts(&[limit, &line.object, &plan.network.periods[line.period], unit]);
        row.push(quantity(line.marginal_value));
        row
    });
    rectangle(texts(&["Limit", "Of", "Bucket", "One more", "Saves"]), rows)
}

/// A row for each key, a column for each kind of cost that occurs, and totals, in cents that add up both ways.
fn cost(plan: &Plan, view: View, title: &str) -> Value {
    let lines = plan.cost_to_serve.roll_up(&plan.network, view);
    let cents = to_cents(&lines.iter().map(|line| line.amount).collect::<Vec<_>>());
    let kinds: Vec<CostKind> =
        CostKind::ALL.into_iter().filter(|kind| lines.iter().any(|line| line.kind == *kind)).collect();
    let mut rows: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (line, amount) in lines.iter().zip(cents) {
        let row = rows.entry(&line.key).or_insert_with(|| vec![0.0; kinds.len() + 1]);
        let place = kinds.iter().position(|kind| *kind == line.kind);
        place.into_iter().chain([kinds.len()]).for_each(|place| row[place] += amount);
    }
    let mut total = vec![0.0; kinds.len() + 1];
    rows.values().for_each(|row| total.iter_mut().zip(row).for_each(|(sum, amount)| *sum += amount));
    let mut rows: Vec<_> = rows.into_iter().collect();
    sort_largest_first(&mut rows, |row| row.1[kinds.len()]);
    rows.push(("Total", total));
    let header = texts(&[title]).into_iter().chain(kinds.iter().map(|kind| Value::text(kind.label())));
    let in_cents = |amount: f64| Value::number((amount * 100.0).round() / 100.0);
    let row = |(key, amounts): (&str, Vec<f64>)| {
        std::iter::once(Value::text(key)).chain(amounts.into_iter().map(in_cents)).collect::<Vec<_>>()
    };
    rectangle(header.chain([Value::text("Total")]).collect(), rows.into_iter().map(row))
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::exchange::supply_csv::SupplyTables;
    use grid_engine::supply::{RawTable, SolveOptions, solve_tables};

    /// The tables of a planning rule's story: its own in place of those of the base.
    pub(in crate::jobs) fn tables(rule: &str) -> BTreeMap<String, RawTable> {
        let stories = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/scenarios"));
        let folder = tempfile::tempdir().unwrap();
        for tables in [stories.join("base"), stories.join(rule).join("tables")] {
            for file in std::fs::read_dir(tables).unwrap() {
                let file = file.unwrap();
                std::fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
            }
        }
        SupplyTables::read(folder.path(), "base").unwrap().tables
    }

    /// The solved plan of a story.
    pub(in crate::jobs) fn plan(rule: &str) -> Plan {
        solve_tables(&tables(rule), &SolveOptions::default(), &mut |_| ()).unwrap()
    }

    pub(in crate::jobs) fn array(plan: &Plan, table: PlanTable) -> Arc<Array> {
        match plan_table(plan, table) {
            Value::Array(array) => array,
            other => unreachable!("{table:?}: {other:?}"),
        }
    }

    /// The sum of a column's numbers below the header, over rows with this text in column `of`.
    fn sum(array: &Array, column: usize, of: Option<(usize, &str)>) -> f64 {
        let wanted = |row: &usize| {
            of.is_none_or(|(column, text)| array.get(*row, column).unwrap().to_text().unwrap().as_str() == text)
        };
        (1..array.rows()).filter(wanted).map(|row| array.get(row, column).unwrap().to_number().unwrap()).sum()
    }

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-4 * b.abs().max(1.0), "{a} is not {b}");
    }

    #[test]
    fn the_reasons_add_up_to_what_is_short() {
        let plan = plan("capacity_short");
        let why = array(&plan, PlanTable::Why);
        assert!(plan.lost_units() > 0.0);
        near(sum(&why, 5, Some((4, "lost"))), plan.lost_units());
        let cause = why.get(1, 6).unwrap().to_text().unwrap();
        assert!(cause.starts_with("capacity of "), "{cause}");
    }

    #[test]
    fn every_view_adds_up_to_the_cost_of_the_plan() {
        let plan = plan("two_plants");
        use PlanTable::{CostByChannel, CostByCustomer, CostByMaterial, CostByProduct, CostByRegion};
        for view in [CostByProduct, CostByCustomer, CostByChannel, CostByRegion, CostByMaterial] {
            let costs = array(&plan, view);
            let (total, last) = (costs.cols() - 1, costs.rows() - 1);
            near(costs.get(last, total).unwrap().to_number().unwrap(), plan.costs.total());
            near(sum(&costs, total, None), 2.0 * plan.costs.total());
        }
    }

    #[test]
    fn limits_that_bind_come_first_by_what_they_would_save() {
        let plan = plan("capacity_short");
        let dual = array(&plan, PlanTable::Dual);
        let worth: Vec<f64> = (1..dual.rows()).map(|row| dual.get(row, 4).unwrap().to_number().unwrap()).collect();
        assert!(
            !worth.is_empty() && worth.is_sorted_by(|a, b| a >= b) && worth.iter().all(|one| *one > 0.0),
            "{worth:?}"
        );
        assert_eq!(dual.get(1, 0).unwrap().to_text().unwrap().as_str(), "Capacity");
        // Without scarcity nothing is worth more.
        let idle = self::plan("no_demand");
        assert_eq!(array(&idle, PlanTable::Dual).rows(), 1);
    }

    #[test]
    fn quantities_are_those_of_the_plan() {
        let plan = plan("two_plants");
        let total = |table, keys: usize, of| {
            let array = array(&plan, table);
            (keys..array.cols()).map(|column| sum(&array, column, of)).sum::<f64>()
        };
        near(total(PlanTable::Production, 3, None), plan.quantities.made.total());
        near(total(PlanTable::Purchases, 5, None), plan.quantities.bought.total());
        near(total(PlanTable::Shipments, 4, None), plan.quantities.shipped.total());
        near(total(PlanTable::Stock, 3, Some((2, "closing stock"))), plan.quantities.stock.total());
        near(total(PlanTable::Service, 4, Some((3, "served"))), plan.served_units());
        near(total(PlanTable::Utilisation, 2, Some((1, "overtime"))), plan.quantities.overtime.total());
        assert!(plan.quantities.made.total() > 0.0 && plan.quantities.shipped.total() > 0.0);
    }
}
