//! What a plan does that people can decide: every run, purchase and shipment, bucket by bucket.

use super::{StudyCell, StudyTable};
use crate::supply::network::{ContractId, Decided, FlowId, Network, RouteId};
use crate::supply::plan::Plan;

/// Decimals of a quantity that are the plan's; further ones are the solver's rounding. Many more than people read: a plan
/// that keeps all of them must still find every balance closed.
const DECIMALS: f64 = 1e9;

/// Kind, object and item as the table of decisions has them, then a column for each bucket. What is not planned is there too,
/// with zeros: to keep a bucket is to keep that nothing else happens in it.
pub(super) fn table(plan: &Plan) -> StudyTable {
    let network = &plan.network;
    let routes = (0..network.routes.len()).map(|at| (Decided::Production(RouteId(at)), plan.quantities.made.of(at)));
    let contracts =
        (0..network.contracts.len()).map(|at| (Decided::Purchase(ContractId(at)), plan.quantities.bought.of(at)));
    let flows = (0..network.flows.len()).map(|at| (Decided::Shipment(FlowId(at)), plan.quantities.shipped.of(at)));
    let mut header: Vec<String> = ["Kind", "Object", "Item"].map(str::to_owned).into();
    header.extend(network.periods.iter().map(ToString::to_string));
    let row = |(of, units): (Decided, &[f64])| {
        let names: [StudyCell; 3] = [of.kind().into(), named(of, network).into(), item(of, network).into()];
        names.into_iter().chain(units.iter().map(|units| exact(*units))).collect()
    };
    StudyTable { header, rows: routes.chain(contracts).chain(flows).map(row).collect() }
}

fn exact(units: f64) -> StudyCell {
    StudyCell::Number((units * DECIMALS).round() / DECIMALS)
}

/// The route, contract or lane.
fn named(of: Decided, network: &Network) -> String {
    match of {
        Decided::Production(_) | Decided::Purchase(_) => of.object(network),
        Decided::Shipment(flow) => network.lanes[network.flows[flow.0].lane.0].name.to_string(),
    }
}

fn item(of: Decided, network: &Network) -> String {
    network.item_of(of.node(network)).name.to_string()
}
