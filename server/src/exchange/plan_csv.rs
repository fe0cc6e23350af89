//! A solved plan as CSV files and a summary, and the answers to questions about it.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io;
use std::path::Path;

use grid_engine::supply::Plan;
use grid_engine::supply::cost_to_serve::{View, to_cents};
use grid_engine::supply::network::NodeId;
use grid_engine::supply::plan::CostKind;
use grid_engine::supply::study::{StudyCell, StudyTable};
use serde_json::json;

/// Quantities below this are rounding of the solver and left out of the lists of flows.
const DUST: f64 = 1e-9;

/// Writes a plan's CSV files to a folder, which is made where missing.
///
/// # Errors
///
/// What the file system says.
pub fn write_plan(plan: &Plan, folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    write_flows(plan, folder)?;
    write_stock(plan, folder)?;
    write_service(plan, folder)?;
    write_utilisation(plan, folder)?;
    write_constraints(plan, folder)?;
    write_reasons(plan, folder)?;
    write_costs(plan, folder)
}

/// Writes `summary.json`. `seconds` are the times of the phases, by name.
///
/// # Errors
///
/// What the file system says.
pub fn write_summary(plan: &Plan, seconds: &BTreeMap<&'static str, f64>, folder: &Path) -> io::Result<()> {
    let costs: serde_json::Map<String, serde_json::Value> =
        plan.costs.iter().map(|(kind, amount)| (kind.key().to_owned(), json!(amount))).collect();
    let summary = json!({
        "status": plan.status.word(),
        "objective": plan.objective,
        "bound": plan.bound,
        "gap": plan.gap(),
        "costs": costs,
        "total_cost": plan.costs.total(),
        "demand_units": plan.demand_units(),
        "served_units": plan.served_units(),
        "lost_units": plan.lost_units(),
        "late_unit_periods": plan.late_unit_periods(),
        "rows": plan.statistics.rows,
        "cols": plan.statistics.columns,
        "nonzeros": plan.statistics.nonzeros,
        "seconds": seconds,
        "iterations": plan.statistics.iterations,
        "solver": plan.statistics.solver,
    });
    let text = serde_json::to_string_pretty(&summary)?;
    std::fs::write(folder.join("summary.json"), text + "\n")
}

/// A CSV file being written.
struct Output(csv::Writer<std::fs::File>);

impl Output {
    fn create(folder: &Path, name: &str, header: &[&str]) -> io::Result<Self> {
        let mut writer = csv::Writer::from_path(folder.join(name))?;
        writer.write_record(header)?;
        Ok(Self(writer))
    }

    fn row(&mut self, cells: &[&dyn Display]) -> io::Result<()> {
        self.0.write_record(cells.iter().map(ToString::to_string))?;
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A quantity without the digits that are rounding.
fn plain(value: f64) -> f64 {
    let rounded = (value * 1e9).round() / 1e9;
    if rounded.is_finite() { rounded + 0.0 } else { value }
}

fn write_flows(plan: &Plan, folder: &Path) -> io::Result<()> {
    let (network, quantities) = (&plan.network, &plan.quantities);
    let filled = |series: &[f64]| -> Vec<(usize, f64)> {
        series.iter().copied().enumerate().filter(|(_, units)| *units > DUST).collect()
    };
    let mut out = Output::create(folder, "production.csv", &["route", "period", "quantity"])?;
    for (index, route) in network.routes.iter().enumerate() {
        for (period, units) in filled(quantities.made.of(index)) {
            out.row(&[&route.name, &network.periods[period], &plain(units)])?;
        }
    }
    out.finish()?;
    let mut out = Output::create(folder, "shipments.csv", &["lane", "item", "period", "quantity"])?;
    for (index, flow) in network.flows.iter().enumerate() {
        let (lane, item) = (&network.lanes[flow.lane.0].name, &network.item_of(flow.from).name);
        for (period, units) in filled(quantities.shipped.of(index)) {
            out.row(&[lane, item, &network.periods[period], &plain(units)])?;
        }
    }
    out.finish()?;
    let mut out = Output::create(folder, "purchases.csv", &["contract", "period", "quantity"])?;
    for (index, contract) in network.contracts.iter().enumerate() {
        for (period, units) in filled(quantities.bought.of(index)) {
            out.row(&[&contract.name, &network.periods[period], &plain(units)])?;
        }
    }
    out.finish()
}

fn write_stock(plan: &Plan, folder: &Path) -> io::Result<()> {
    let (network, quantities) = (&plan.network, &plan.quantities);
    let mut out = Output::create(folder, "stock.csv", &["item", "loc", "period", "quantity", "safety_shortfall"])?;
    for (index, node) in network.nodes.iter().enumerate() {
        let (item, place) = (&network.item_of(NodeId(index)).name, &network.locations[node.location.0].name);
        let (stock, short) = (quantities.stock.of(index), quantities.shortfall.of(index));
        for (period, name) in network.periods.iter().enumerate() {
            out.row(&[item, place, name, &plain(stock[period]), &plain(short[period])])?;
        }
    }
    out.finish()
}

fn write_service(plan: &Plan, folder: &Path) -> io::Result<()> {
    let (network, quantities) = (&plan.network, &plan.quantities);
    let header = ["item", "stream", "period", "served", "backlog", "lost"];
    let mut out = Output::create(folder, "service.csv", &header)?;
    for (index, demand) in network.demands.iter().enumerate() {
        let (item, stream) = (&network.items[demand.item.0].name, &network.streams[demand.stream.0].name);
        for (period, name) in network.periods.iter().enumerate() {
            let at = |series: &[f64]| plain(series[period]);
            let (served, late) = (at(quantities.served.of(index)), at(quantities.backlog.of(index)));
            out.row(&[item, stream, name, &served, &late, &at(quantities.lost.of(index))])?;
        }
    }
    out.finish()
}

fn write_utilisation(plan: &Plan, folder: &Path) -> io::Result<()> {
    let header = ["resource", "period", "hours", "overtime", "available", "marginal_value"];
    let mut out = Output::create(folder, "utilisation.csv", &header)?;
    for series in plan.utilisation_series() {
        for (period, name) in plan.network.periods.iter().enumerate() {
            let at = |values: &[f64]| plain(values[period]);
            let (hours, overtime) = (at(&series.hours), at(&series.overtime));
            let (available, value) = (at(&series.available), at(&series.marginal_value));
            out.row(&[&series.resource, name, &hours, &overtime, &available, &value])?;
        }
    }
    out.finish()
}

fn write_constraints(plan: &Plan, folder: &Path) -> io::Result<()> {
    let header = ["kind", "object", "period", "slack", "marginal_value"];
    let mut out = Output::create(folder, "constraints.csv", &header)?;
    for line in &plan.constraints {
        // No limit, no slack.
        let slack = if line.slack.is_finite() { plain(line.slack).to_string() } else { String::new() };
        out.row(&[&line.kind, &line.object, &plan.network.periods[line.period], &slack, &plain(line.marginal_value)])?;
    }
    out.finish()
}

fn write_reasons(plan: &Plan, folder: &Path) -> io::Result<()> {
    let network = &plan.network;
    let header = ["item", "stream", "period", "kind", "quantity", "cause", "object", "cause_period"];
    let mut out = Output::create(folder, "reasons.csv", &header)?;
    for reason in &plan.reasons {
        let demand = &network.demands[reason.demand.0];
        let (item, stream) = (&network.items[demand.item.0].name, &network.streams[demand.stream.0].name);
        let (period, cause_period) = (&network.periods[reason.period], &network.periods[reason.cause_period]);
        let object = reason.cause.object(network);
        let (kind, class) = (reason.kind.key(), reason.cause.class());
        out.row(&[item, stream, period, &kind, &plain(reason.quantity), &class, &object, cause_period])?;
    }
    out.finish()
}

/// Each view in cents that sum to the plan's cost in cents.
fn write_costs(plan: &Plan, folder: &Path) -> io::Result<()> {
    let mut out = Output::create(folder, "cost_to_serve.csv", &["view", "key", "cost kind", "amount"])?;
    for view in View::ALL {
        let lines = plan.cost_to_serve.roll_up(&plan.network, view);
        let amounts: Vec<f64> = lines.iter().map(|line| line.amount).collect();
        for (line, amount) in lines.iter().zip(to_cents(&amounts)) {
            out.row(&[&view.key(), &line.key, &CostKind::key(line.kind), &format!("{amount:.2}")])?;
        }
    }
    out.finish()
}

/// Writes the answer to a question about a plan.
///
/// # Errors
///
/// What the file system says.
pub fn write_study(table: &StudyTable, folder: &Path, name: &str) -> io::Result<()> {
    // Names of columns are those of cells, as files have them.
    let header: Vec<String> = table.header.iter().map(|name| name.to_lowercase().replace(' ', "_")).collect();
    let mut out = Output::create(folder, name, &header.iter().map(String::as_str).collect::<Vec<_>>())?;
    for row in &table.rows {
        let cell = |cell: &StudyCell| match cell {
            StudyCell::Text(text) => text.clone(),
            StudyCell::Number(number) => plain(*number).to_string(),
            StudyCell::Unknown => String::new(),
        };
        let cells: Vec<String> = row.iter().map(cell).collect();
        out.row(&cells.iter().map(|cell| cell as &dyn Display).collect::<Vec<_>>())?;
    }
    out.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_that_are_rounding_are_dropped() {
        assert_eq!(plain(0.1 + 0.2).to_string(), "0.3");
        assert_eq!(plain(-1e-13).to_string(), "0");
        assert_eq!(plain(1e300), 1e300);
    }
}
