//! From tables to a network: every row read, every reference found, every problem located.

mod decisions;
mod demand;
mod items;
mod making;
mod moving;
mod order;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::RawTable;
use super::lint::{Lint, Problem, TableView};
use super::network::{Network, NodeId};

/// Longest horizon: ten years of weeks.
const MAX_PERIODS: usize = 520;

/// The tables of a supply model, besides its demand versions `demand_…`.
pub const TABLE_NAMES: [&str; 22] = [
    "periods",
    "products",
    "materials",
    "locations",
    "stock_policy",
    "routings",
    "routing_resources",
    "bom",
    "resources",
    "capacity",
    "contracts",
    "supplier_capacity",
    "scheduled_receipts",
    "lanes",
    "lane_capacity",
    "streams",
    "service_cost",
    "workforce",
    "routing_lot",
    "routing_lot_wide",
    "routing_cost_wide",
    "decisions",
];

/// Reads the tables of one demand version (`base` reads `demand_base`).
///
/// Columns are found by their exact name, further columns are ignored. Blank cells: 0 for demand, receipts, opening
/// stock, safety stock, volume and price; no limit for storage, throughput, maximum stock, supplier and lane capacity
/// and the largest run; not decided for decisions; refused elsewhere.
///
/// # Errors
///
/// Every problem found, in the order of the tables.
pub fn read_network(tables: &BTreeMap<String, RawTable>, demand: &str) -> Result<Network, Vec<Problem>> {
    let lint = Lint::default();
    let mut reading = Reading { lint: &lint, tables, names: Names::default(), network: Network::default() };
    reading.read_periods();
    if !reading.network.periods.is_empty() {
        reading.read_items();
        reading.read_locations();
        reading.read_nodes();
        reading.read_resources();
        reading.read_routes();
        reading.read_contracts();
        reading.read_lanes();
        reading.read_demand(demand);
        reading.read_decisions();
        reading.order_nodes();
        if lint.is_clean() {
            reading.check_sources(demand);
        }
    }
    if reading.network.periods.is_empty() {
        // Nothing can be read without periods, but what else is missing is said in the same breath.
        for table in ["products", "locations", "stock_policy", "streams", "service_cost"] {
            reading.required(table, &[]);
        }
        reading.required(&format!("demand_{demand}"), &[]);
    }
    let network = Network { extremes: lint.extremes(), warnings: lint.warnings(), ..reading.network };
    if lint.is_clean() { Ok(network) } else { Err(lint.into_problems()) }
}

/// Names already met, each with its index.
#[derive(Default)]
struct Names {
    items: HashMap<Arc<str>, usize>,
    locations: HashMap<Arc<str>, usize>,
    nodes: HashMap<(usize, usize), NodeId>,
    resources: HashMap<Arc<str>, usize>,
    /// Where resources are, as far as it could be read.
    resource_locations: Vec<Option<usize>>,
    routes: HashMap<Arc<str>, usize>,
    /// Routes whose item or location could not be read: what else depends on those is not reported again.
    unplaced_routes: HashSet<usize>,
    /// Streams whose location could not be read.
    unplaced_streams: HashSet<usize>,
    contracts: HashMap<Arc<str>, usize>,
    lanes: HashMap<Arc<str>, usize>,
    streams: HashMap<Arc<str>, usize>,
}

/// The network as far as it has been read.
struct Reading<'a> {
    lint: &'a Lint,
    tables: &'a BTreeMap<String, RawTable>,
    names: Names,
    network: Network,
}

impl<'a> Reading<'a> {
    fn required(&self, table: &str, columns: &[&str]) -> Option<TableView<'a>> {
        TableView::open(self.lint, self.tables, table, true, columns)
    }

    fn optional(&self, table: &str, columns: &[&str]) -> Option<TableView<'a>> {
        TableView::open(self.lint, self.tables, table, false, columns)
    }

    fn read_periods(&mut self) {
        let Some(table) = self.required("periods", &["period", "month_index"]) else { return };
        let mut found: Vec<(f64, Arc<str>)> = Vec::new();
        for row in table.rows() {
            let (Some(period), Some(index)) =
                (row.key("period"), row.count("month_index", super::lint::Blank::Refused))
            else {
                continue;
            };
            if found.iter().any(|(_, known)| *known == period) {
                row.report(Some("period"), format!("{period:?} appears twice"));
            } else if found.iter().any(|(known, _)| *known == index) {
                row.report(Some("month_index"), format!("{index} appears twice"));
            } else {
                found.push((index, period));
            }
        }
        if found.is_empty() && table.is_whole() {
            table.report(None, "there are no periods");
        }
        if found.len() > MAX_PERIODS {
            table.report(None, format!("{} periods, but at most {MAX_PERIODS} are planned", found.len()));
            return;
        }
        found.sort_by(|left, right| left.0.total_cmp(&right.0));
        self.network.periods = found.into_iter().map(|(_, period)| period).collect();
    }
}

/// Enters a name; reports and gives `None` where it is there already.
fn enter(row: &super::lint::RowView<'_>, column: &str, known: &mut HashMap<Arc<str>, usize>) -> Option<Arc<str>> {
    let name = row.key(column)?;
    let next = known.len();
    if known.contains_key(&name) {
        row.report(Some(column), format!("{name:?} appears twice"));
        return None;
    }
    known.insert(name.clone(), next);
    Some(name)
}
