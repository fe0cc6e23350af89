//! The supply network as a table of links, for `SUPPLY.RESULT(…, "network")` and the picture drawn from it.

use std::collections::BTreeMap;

use grid_engine::plan::{LinkKind, LinkLine};
use grid_engine::supply::Plan;
use grid_engine::value::Value;
use grid_engine::value::order::first_largest;

use super::plan_tables::{quantity, rectangle};

/// What flows over a link, and how far its limit was used, by bucket.
struct Link {
    kind: LinkKind,
    from: String,
    to: String,
    by: String,
    /// Units; hours of a resource.
    amount: f64,
    /// Used and allowed by bucket, in units of the limit; empty where there is none.
    limit: Vec<(f64, f64)>,
}

/// A row for each supplier and where it delivers, lane, resource, and region and from where it is served.
///
/// `Used` is the share of the limit used in the bucket where it is largest, of a region the share of its demand served
/// over all buckets; blank where nothing limits.
pub(super) fn links(plan: &Plan) -> Value {
    let header = ["Kind", "From", "To", "By", "Amount", "Used", "In"].map(Value::text).to_vec();
    let row = |link: LinkLine| {
        let [kind, from, to, by] = [link.kind.key(), &link.from, &link.to, &link.by].map(Value::text);
        let used = link.used.map_or(Value::text(""), quantity);
        vec![kind, from, to, by, quantity(link.amount), used, Value::text(&link.bucket)]
    };
    rectangle(header, link_lines(plan).into_iter().map(row))
}

/// The same as lines.
pub(super) fn link_lines(plan: &Plan) -> Vec<LinkLine> {
    let limited = supplies(plan).into_iter().chain(lanes(plan)).chain(resources(plan));
    let lines = limited.map(|link| {
        let most = fullest(&link.limit);
        let bucket = most.map_or(String::new(), |(bucket, _)| plan.network.periods[bucket].to_string());
        link.line(most.map(|(_, share)| share), bucket)
    });
    lines.chain(services(plan).into_iter().map(|(link, served)| link.line(served, String::new()))).collect()
}

/// The first of the buckets where most of what is allowed is used, and its share.
fn fullest(limit: &[(f64, f64)]) -> Option<(usize, f64)> {
    let limited = limit.iter().enumerate().filter(|(_, (_, allowed))| allowed.is_finite() && *allowed > 0.0);
    first_largest(limited.map(|(bucket, (used, allowed))| (bucket, used / allowed)))
}

impl Link {
    fn line(self, used: Option<f64>, bucket: String) -> LinkLine {
        LinkLine { kind: self.kind, from: self.from, to: self.to, by: self.by, amount: self.amount, used, bucket }
    }
}

/// A supplier's limit holds for all places it delivers to.
fn supplies(plan: &Plan) -> Vec<Link> {
    let network = &plan.network;
    let mut used = vec![vec![0.0; network.periods.len()]; network.suppliers.len()];
    let mut amounts: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    for (index, contract) in network.contracts.iter().enumerate() {
        let bought = plan.quantities.bought.of(index);
        used[contract.supplier.0].iter_mut().zip(bought).for_each(|(sum, units)| *sum += units);
        let place = network.nodes[contract.node.0].location.0;
        *amounts.entry((contract.supplier.0, place)).or_default() += bought.iter().sum::<f64>();
    }
    let link = |((supplier, place), amount): ((usize, usize), f64)| Link {
        kind: LinkKind::Supply,
        from: network.suppliers[supplier].name.to_string(),
        to: network.locations[place].name.to_string(),
        by: network.suppliers[supplier].mode.to_string(),
        amount,
        limit: used[supplier].iter().copied().zip(network.suppliers[supplier].capacity.iter().copied()).collect(),
    };
    amounts.into_iter().map(link).collect()
}

fn lanes(plan: &Plan) -> Vec<Link> {
    let network = &plan.network;
    let lane = |(index, lane): (usize, &grid_engine::supply::network::Lane)| {
        let (mut units, mut used) = (0.0, vec![0.0; network.periods.len()]);
        for (flow, ends) in network.flows.iter().enumerate().filter(|(_, flow)| flow.lane.0 == index) {
            let shipped = plan.quantities.shipped.of(flow);
            units += shipped.iter().sum::<f64>();
            let volume = network.item_of(ends.from).volume;
            used.iter_mut().zip(shipped).for_each(|(sum, shipped)| *sum += shipped * volume);
        }
        Link {
            kind: LinkKind::Lane,
            from: network.locations[lane.from.0].name.to_string(),
            to: network.locations[lane.to.0].name.to_string(),
            by: lane.mode.to_string(),
            amount: units,
            limit: used.into_iter().zip(lane.capacity_m3.iter().copied()).collect(),
        }
    };
    network.lanes.iter().enumerate().map(lane).collect()
}

/// A resource stands where the routes run that use it.
fn resources(plan: &Plan) -> Vec<Link> {
    let network = &plan.network;
    let series = plan.utilisation_series();
    let of = |(index, series): (usize, &grid_engine::supply::plan::UtilisationSeries)| {
        let route = network.routes.iter().find(|route| route.hours.iter().any(|(resource, _)| resource.0 == index));
        let place = route.map(|route| network.nodes[route.node.0].location.0);
        Link {
            kind: LinkKind::Resource,
            from: place.map_or(String::new(), |place| network.locations[place].name.to_string()),
            to: String::new(),
            by: series.resource.to_string(),
            amount: series.hours.iter().sum(),
            limit: series.hours.iter().copied().zip(series.available.iter().copied()).collect(),
        }
    };
    series.iter().enumerate().map(of).collect()
}

/// Regions with the share of their demand that is served; `None` where nothing is demanded.
fn services(plan: &Plan) -> Vec<(Link, Option<f64>)> {
    let network = &plan.network;
    let mut sums: BTreeMap<(usize, &str), (f64, f64)> = BTreeMap::new();
    for (index, demand) in network.demands.iter().enumerate() {
        let place = network.nodes[demand.node.0].location.0;
        let sum = sums.entry((place, &network.streams[demand.stream.0].region)).or_default();
        sum.0 += demand.quantity.iter().sum::<f64>();
        sum.1 += plan.quantities.served.of(index).iter().sum::<f64>();
    }
    let service = |((place, region), (wanted, served)): ((usize, &str), (f64, f64))| {
        let link = Link {
            kind: LinkKind::Service,
            from: network.locations[place].name.to_string(),
            to: region.to_owned(),
            by: String::new(),
            amount: served,
            limit: Vec::new(),
        };
        (link, (wanted > 0.0).then(|| served / wanted))
    };
    sums.into_iter().map(service).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use grid_engine::formula::PlanTable;

    use super::super::plan_tables::tests::{array, plan};

    /// The rows of a kind as text: from, to, by, amount, used, in.
    fn rows(rule: &str, kind: &str) -> Vec<String> {
        let links = array(&plan(rule), PlanTable::Network);
        let text = |row: usize, column: usize| links.get(row, column).unwrap().to_text().unwrap().to_string();
        let of_kind = (1..links.rows()).filter(|row| text(*row, 0) == kind);
        of_kind.map(|row| (1..links.cols()).map(|column| text(row, column)).collect::<Vec<_>>().join(",")).collect()
    }

    #[test]
    fn of_full_buckets_the_first_is_named_however_their_sums_are_rounded() {
        let bits = f64::EPSILON * 4.0;
        for sums in [[9.0, 9.0, 9.0], [9.0 - bits, 9.0, 9.0 + bits], [9.0, 9.0 + bits, 9.0 - bits]] {
            let limit: Vec<(f64, f64)> = [3.0].into_iter().chain(sums).map(|used| (used, 9.0)).collect();
            assert_eq!(super::fullest(&limit).map(|(bucket, _)| bucket), Some(1), "{sums:?}");
        }
        assert_eq!(super::fullest(&[(4.0, f64::INFINITY), (0.0, 0.0)]), None);
    }

    #[test]
    fn links_say_how_far_their_limits_are_used() {
        let found = [
            ("capacity_short", "resource"),
            ("capacity_short", "supply"),
            ("capacity_short", "service"),
            ("lane_full", "lane"),
            ("no_demand", "service"),
        ]
        .map(|(rule, kind)| rows(rule, kind).join("; "));
        let known = [
            "WORKS,,SAW,42,1.4,m1",
            "FOREST,WORKS,regular,42,0.14,m1",
            "DEPOT,NORTH,,42,0.913043,",
            "WORKS,DEPOT,road,24,1,m1",
            "DEPOT,NORTH,,0,,",
        ];
        assert_eq!(found, known);
    }
}
