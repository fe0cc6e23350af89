//! A plan by the keys that sheets have: stock by item and location, service by customer, hours by resource.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{CostKind, Plan};
use crate::supply::network::NodeId;

/// An item at a location over time, units. Arrivals count where they arrive, so that
/// `stock = stock before + production + purchases + receipts + inbound − outbound − consumed − served − disposal`.
#[derive(Clone, Debug, PartialEq)]
pub struct StockSeries {
    pub item: Arc<str>,
    pub location: Arc<str>,
    /// Own production arriving in stock.
    pub production: Vec<f64>,
    /// Arrivals on contracts.
    pub purchases: Vec<f64>,
    /// Arrivals that were already on order.
    pub receipts: Vec<f64>,
    /// Arrivals over lanes.
    pub inbound: Vec<f64>,
    /// Departures over lanes.
    pub outbound: Vec<f64>,
    /// Taken as components by production that starts.
    pub consumed: Vec<f64>,
    /// Given to customers.
    pub served: Vec<f64>,
    /// Thrown away for want of room.
    pub disposal: Vec<f64>,
    /// Closing stock.
    pub stock: Vec<f64>,
    /// Units below safety stock.
    pub shortfall: Vec<f64>,
}

/// An item for a region and channel over time, units and money.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerSeries {
    pub item: Arc<str>,
    pub region: Arc<str>,
    pub channel: Arc<str>,
    pub demand: Vec<f64>,
    pub served: Vec<f64>,
    /// Late at the end of the period.
    pub backlog: Vec<f64>,
    /// Never to be served.
    pub lost: Vec<f64>,
    /// What the units served cost this plan: purchases, production, overtime, freight, holding, workforce, runs.
    pub supply_cost: Vec<f64>,
    /// What of the opening stock the units served used up, at standard cost. Not a cost of this plan.
    pub opening_value: Vec<f64>,
}

impl CustomerSeries {
    /// Cost of goods sold: what the units served cost this plan, and the stock of its beginning and the deliveries ordered before it that
    /// they use up, at standard cost. Over a plan that closes without stock it is what was there and what is spent on goods.
    pub fn cost_of_goods_sold(&self) -> Vec<f64> {
        self.supply_cost.iter().zip(&self.opening_value).map(|(spent, opening)| spent + opening).collect()
    }
}

/// A resource over time, hours.
#[derive(Clone, Debug, PartialEq)]
pub struct UtilisationSeries {
    pub resource: Arc<str>,
    /// Hours of runs and set-ups, overtime included.
    pub hours: Vec<f64>,
    pub overtime: Vec<f64>,
    /// Regular hours, those of the workers included.
    pub available: Vec<f64>,
    /// Money that one more hour would save.
    pub marginal_value: Vec<f64>,
}

/// One line of a plan's short summary.
#[derive(Clone, Debug, PartialEq)]
pub enum SummaryFigure {
    Number(f64),
    /// A share of one.
    Share(f64),
    Text(&'static str),
}

impl Plan {
    /// Every item at every location where it is stocked.
    pub fn stock_series(&self) -> Vec<StockSeries> {
        let (network, plan) = (&self.network, &self.quantities);
        let periods = network.periods.len();
        let mut series: Vec<StockSeries> = (0..network.nodes.len())
            .map(|index| {
                let zeros = || vec![0.0; periods];
                let node = &network.nodes[index];
                StockSeries {
                    item: network.item_of(NodeId(index)).name.clone(),
                    location: network.locations[node.location.0].name.clone(),
                    production: zeros(),
                    purchases: zeros(),
                    receipts: node.receipts.clone(),
                    inbound: zeros(),
                    outbound: zeros(),
                    consumed: zeros(),
                    served: zeros(),
                    disposal: plan.disposal.of(index).to_vec(),
                    stock: plan.stock.of(index).to_vec(),
                    shortfall: plan.shortfall.of(index).to_vec(),
                }
            })
            .collect();
        for (index, route) in network.routes.iter().enumerate() {
            let made = plan.made.of(index);
            add_later(&mut series[route.node.0].production, made, route.lead_time);
            for component in &route.components {
                add_times(&mut series[component.node.0].consumed, made, component.qty_per);
            }
        }
        for (index, flow) in network.flows.iter().enumerate() {
            let shipped = plan.shipped.of(index);
            add_times(&mut series[flow.from.0].outbound, shipped, 1.0);
            add_later(&mut series[flow.to.0].inbound, shipped, network.lanes[flow.lane.0].lead_time);
        }
        for (index, contract) in network.contracts.iter().enumerate() {
            add_times(&mut series[contract.node.0].purchases, plan.bought.of(index), 1.0);
        }
        for (index, demand) in network.demands.iter().enumerate() {
            add_times(&mut series[demand.node.0].served, plan.served.of(index), 1.0);
        }
        series
    }

    /// Every item for every region and channel that demands it; streams of the same region and channel together.
    pub fn customer_series(&self) -> Vec<CustomerSeries> {
        let network = &self.network;
        let mut found: BTreeMap<[Arc<str>; 3], CustomerSeries> = BTreeMap::new();
        for (index, demand) in network.demands.iter().enumerate() {
            let (item, stream) = (&network.items[demand.item.0].name, &network.streams[demand.stream.0]);
            let key = [item.clone(), stream.region.clone(), stream.channel.clone()];
            let zeros = || vec![0.0; network.periods.len()];
            let series = found.entry(key).or_insert_with(|| CustomerSeries {
                item: item.clone(),
                region: stream.region.clone(),
                channel: stream.channel.clone(),
                demand: zeros(),
                served: zeros(),
                backlog: zeros(),
                lost: zeros(),
                supply_cost: zeros(),
                opening_value: zeros(),
            });
            add_times(&mut series.demand, &demand.quantity, 1.0);
            add_times(&mut series.served, self.quantities.served.of(index), 1.0);
            add_times(&mut series.backlog, self.quantities.backlog.of(index), 1.0);
            add_times(&mut series.lost, self.quantities.lost.of(index), 1.0);
            add_times(&mut series.supply_cost, self.cost_to_serve.served_cost.of(index), 1.0);
            add_times(&mut series.opening_value, self.cost_to_serve.served_opening_value.of(index), 1.0);
        }
        found.into_values().collect()
    }

    /// Every resource.
    pub fn utilisation_series(&self) -> Vec<UtilisationSeries> {
        let (network, plan) = (&self.network, &self.quantities);
        let mut series: Vec<UtilisationSeries> = network
            .resources
            .iter()
            .enumerate()
            .map(|(index, resource)| {
                let mut available = resource.regular_hours.clone();
                if let Some(crew) = &resource.workforce {
                    add_times(&mut available, plan.workers.of(index), crew.hours_per_worker);
                }
                UtilisationSeries {
                    resource: resource.name.clone(),
                    hours: vec![0.0; network.periods.len()],
                    overtime: plan.overtime.of(index).to_vec(),
                    available,
                    marginal_value: self.prices.hour.of(index).to_vec(),
                }
            })
            .collect();
        for (index, route) in network.routes.iter().enumerate() {
            for &(resource, hours) in &route.hours {
                let used = &mut series[resource.0].hours;
                add_times(used, plan.made.of(index), hours);
                if let Some(lot) = &route.lot {
                    let setups = plan.running.of(index).iter().zip(&lot.setup_hours);
                    used.iter_mut().zip(setups).for_each(|(used, (running, setup))| *used += running * setup);
                }
            }
        }
        series
    }

    /// The plan in a few figures, each with its label: what `SUPPLY.SOLVE` shows.
    pub fn summary(&self) -> Vec<(&'static str, SummaryFigure)> {
        use SummaryFigure::{Number, Share, Text};
        let (demand, served, lost) = (self.demand_units(), self.served_units(), self.lost_units());
        let mut lines = vec![("Status", Text(self.status.word())), ("Total cost", Number(self.costs.total()))];
        // Rare kinds are shown only where they occur.
        let rare = [CostKind::Workforce, CostKind::Fixed, CostKind::Disposal];
        let shown = self.costs.iter().filter(|(kind, amount)| !rare.contains(kind) || *amount != 0.0);
        lines.extend(shown.map(|(kind, amount)| (kind.label(), Number(amount))));
        lines.extend([("Demand", Number(demand)), ("Served", Number(served)), ("Lost", Number(lost))]);
        lines.push(("Late unit periods", Number(self.late_unit_periods())));
        if demand > 0.0 {
            lines.push(("Fill rate", Share(self.served_on_time_units() / demand)));
        }
        if !self.status.is_proven() {
            lines.push(("Gap", Share(self.gap())));
        }
        lines
    }

    /// Units served in the period in which they were demanded; what is late is served first.
    pub fn served_on_time_units(&self) -> f64 {
        let mut on_time = 0.0;
        for index in 0..self.network.demands.len() {
            let late_before = [0.0].into_iter().chain(self.quantities.backlog.of(index).iter().copied());
            let served = self.quantities.served.of(index).iter().zip(late_before);
            on_time += served.map(|(served, late)| (served - late).max(0.0)).sum::<f64>();
        }
        on_time
    }
}

fn add_times(sum: &mut [f64], values: &[f64], factor: f64) {
    sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value * factor);
}

/// Adds values as many periods later as `delay`; what falls behind the horizon is dropped.
fn add_later(sum: &mut [f64], values: &[f64], delay: usize) {
    sum.iter_mut().skip(delay).zip(values).for_each(|(sum, value)| *sum += value);
}
