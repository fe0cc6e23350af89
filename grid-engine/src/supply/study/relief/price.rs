//! What a step of a limit costs, as far as the tables say.

use super::super::Lever;
use super::super::lever::Link;
use super::binding::Binding;
use crate::supply::network::{ContractId, LaneId, Network, SupplierId};
use crate::supply::plan::{ConstraintLine, Plan};

/// How much of the step the plan takes, over all buckets.
pub(super) fn used(plan: &Plan, binding: &Binding, object: &str) -> f64 {
    let kind = match binding.lever {
        Lever::Capacity => "CAP",
        Lever::Overtime => "OVERTIME",
        Lever::Supplier => "SUP",
        Lever::Lane => "LANE",
        Lever::LeadTime => return came_sooner(plan, binding),
        _ => return 0.0,
    };
    let is_moved = |line: &&ConstraintLine| {
        line.kind == kind && line.object == object && binding.worth.iter().any(|(bucket, _)| *bucket == line.period)
    };
    plan.constraints.iter().filter(is_moved).map(|line| (binding.step - line.slack).max(0.0)).sum()
}

/// Units that a contract brought in the bucket that its shorter lead time opened.
fn came_sooner(plan: &Plan, binding: &Binding) -> f64 {
    match Link::of(&plan.network, binding.object) {
        Link::Contract(index) => {
            binding.worth.iter().map(|(bucket, _)| plan.quantities.bought.of(index)[*bucket]).sum()
        }
        Link::Route(_) | Link::Lane(_) => 0.0,
    }
}

/// Money a unit of the step; `None` where the tables give no price.
pub(super) fn rate(network: &Network, binding: &Binding) -> Option<f64> {
    match binding.lever {
        Lever::Capacity | Lever::Overtime => {
            let resource = &network.resources[binding.object];
            (resource.ot_cost_per_hour > 0.0).then_some(resource.ot_cost_per_hour)
        }
        Lever::Supplier => dearer_contract(network, SupplierId(binding.object)),
        Lever::Lane => dearer_lane(network, LaneId(binding.object)),
        Lever::LeadTime => match Link::of(network, binding.object) {
            Link::Contract(index) => quicker_contract(network, ContractId(index)),
            Link::Route(_) | Link::Lane(_) => None,
        },
        _ => None,
    }
}

/// What another contract for the same goods asks on top, at the least: what an expedited unit costs more.
fn dearer_contract(network: &Network, supplier: SupplierId) -> Option<f64> {
    let own = (0..network.contracts.len()).map(ContractId).filter(|id| network.contracts[id.0].supplier == supplier);
    let premiums = own.flat_map(|own| {
        let own = &network.contracts[own.0];
        let others = network.contracts.iter().filter(move |one| one.node == own.node && one.supplier != supplier);
        others.map(move |one| one.unit_cost - own.unit_cost)
    });
    premiums.filter(|premium| *premium > 0.0).reduce(f64::min)
}

/// What another lane between the same places asks on top for a m³, at the least.
fn dearer_lane(network: &Network, lane: LaneId) -> Option<f64> {
    let own = &network.lanes[lane.0];
    let is_beside = |one: &&crate::supply::network::Lane| (one.from, one.to) == (own.from, own.to);
    let premiums = network.lanes.iter().filter(is_beside).map(|one| one.cost_per_m3 - own.cost_per_m3);
    premiums.filter(|premium| *premium > 0.0).reduce(f64::min)
}

/// What a quicker contract for the same goods asks on top, at the least.
fn quicker_contract(network: &Network, contract: ContractId) -> Option<f64> {
    let own = &network.contracts[contract.0];
    let quicker = network.contracts.iter().filter(|one| one.node == own.node && one.lead_time < own.lead_time);
    quicker.map(|one| one.unit_cost - own.unit_cost).filter(|premium| *premium > 0.0).reduce(f64::min)
}
