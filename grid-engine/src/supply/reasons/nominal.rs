//! What a unit costs at each place and time where nothing limits it, and by which way.

use crate::supply::network::{Network, NodeId};

/// Where the cheapest unit at a node and period comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Source {
    Nowhere,
    Contract(usize),
    Route(usize),
    Flow(usize),
}

/// Whatever makes, buys or brings what is at each node.
pub(super) fn sources_of(network: &Network) -> Vec<Vec<Source>> {
    let mut into: Vec<Vec<Source>> = vec![Vec::new(); network.nodes.len()];
    network.contracts.iter().enumerate().for_each(|(index, one)| into[one.node.0].push(Source::Contract(index)));
    network.routes.iter().enumerate().for_each(|(index, one)| into[one.node.0].push(Source::Route(index)));
    network.flows.iter().enumerate().for_each(|(index, one)| into[one.to.0].push(Source::Flow(index)));
    into
}

/// Whether units may wait from one bucket to the next where they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waiting {
    No,
    Yes,
}

/// The cheapest nominal source and cost of a unit at every node and period. Contracts count even inside their lead
/// time, whose rent then tells; routes and lanes only where the plan reaches back far enough. Where no way leads to its end, the one that
/// wants for least leads to what is missing, at an infinite cost.
pub(super) fn cheapest(network: &Network, into: &[Vec<Source>], waiting: Waiting) -> (Vec<Source>, Vec<f64>) {
    let periods = network.periods.len();
    let mut sources = vec![Source::Nowhere; network.nodes.len() * periods];
    let mut costs = vec![WayCost { missing: 1.0, money: 0.0 }; sources.len()];
    for period in 0..periods {
        for node in &network.order {
            let place = node.0 * periods + period;
            let ways =
                into[node.0].iter().filter_map(|&source| Some((cost_of(network, &costs, source, period)?, source)));
            let best = ways.reduce(|best, other| if other.0.is_less(best.0) { other } else { best });
            if let Some((cost, source)) = best {
                (costs[place], sources[place]) = (cost, source);
            }
            if waiting == Waiting::Yes && period > 0 {
                let before = costs[place - 1];
                let kept = WayCost { money: before.money + network.nodes[node.0].hold_cost, ..before };
                if kept.is_less(costs[place]) {
                    costs[place] = kept;
                }
            }
        }
    }
    let money = |cost: &WayCost| if cost.missing > 0.0 { f64::INFINITY } else { cost.money };
    (sources, costs.iter().map(money).collect())
}

/// What a unit costs on a way: units that nothing can bring in time, which count before money.
#[derive(Clone, Copy, Debug, PartialEq)]
struct WayCost {
    missing: f64,
    money: f64,
}

impl WayCost {
    fn is_less(self, than: Self) -> bool {
        (self.missing, self.money) < (than.missing, than.money)
    }
}

/// What a unit costs by one source; `None` where it would have had to set out before the plan begins.
fn cost_of(network: &Network, costs: &[WayCost], source: Source, period: usize) -> Option<WayCost> {
    let periods = network.periods.len();
    let cost_at = |node: NodeId, at: usize| costs[node.0 * periods + at];
    Some(match source {
        Source::Nowhere => return None,
        Source::Contract(index) => WayCost { missing: 0.0, money: network.contracts[index].unit_cost },
        Source::Route(index) => {
            let route = &network.routes[index];
            let start = period.checked_sub(route.lead_time)?;
            let used = route.components.iter().filter(|component| component.qty_per > 0.0);
            used.fold(WayCost { missing: 0.0, money: route.unit_cost[start] }, |sum, one| {
                let part = cost_at(one.node, start);
                let (missing, money) = (one.qty_per * part.missing, one.qty_per * part.money);
                WayCost { missing: sum.missing + missing, money: sum.money + money }
            })
        }
        Source::Flow(index) => {
            let flow = &network.flows[index];
            let sent = period.checked_sub(network.lanes[flow.lane.0].lead_time)?;
            let part = cost_at(flow.from, sent);
            WayCost { money: flow.unit_cost + part.money, ..part }
        }
    })
}
