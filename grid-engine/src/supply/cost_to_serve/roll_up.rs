//! Pegged costs by product, by customer and by raw material, published in cents that add up.

use std::collections::BTreeMap;

use super::{Beneficiary, CostToServe, Peg};
use crate::supply::network::Network;
use crate::supply::plan::CostKind;

/// A way to look at the same money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// By the item demanded or held.
    Product,
    /// By demand stream.
    Customer,
    Channel,
    Region,
    /// By raw material paid for or scarce.
    Material,
}

impl View {
    /// Every view.
    pub const ALL: [Self; 5] = [Self::Product, Self::Customer, Self::Channel, Self::Region, Self::Material];

    /// The view's name in files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Customer => "customer",
            Self::Channel => "channel",
            Self::Region => "region",
            Self::Material => "material",
        }
    }

    /// Where a peg stands in this view. Keys in brackets are not a product, customer or material.
    fn key_of(self, network: &Network, peg: &Peg) -> String {
        let own = match (self, peg.beneficiary) {
            (Self::Material, _) => peg.material.map(|item| network.items[item.0].name.to_string()),
            (_, Beneficiary::Idle(_)) => return "(idle)".to_owned(),
            (Self::Product, Beneficiary::Stock(node)) => Some(network.item_of(node).name.to_string()),
            (_, Beneficiary::Stock(_)) => return "(stock)".to_owned(),
            (view, Beneficiary::Demand(demand)) => {
                let demand = &network.demands[demand.0];
                let stream = &network.streams[demand.stream.0];
                Some(match view {
                    Self::Customer => stream.name.to_string(),
                    Self::Channel => stream.channel.to_string(),
                    Self::Region => stream.region.to_string(),
                    Self::Product | Self::Material => network.items[demand.item.0].name.to_string(),
                })
            }
        };
        own.unwrap_or_else(|| "(no material)".to_owned())
    }
}

/// A line of a view.
#[derive(Clone, Debug, PartialEq)]
pub struct CostLine {
    pub view: View,
    /// Product, stream, channel, region or material; `(stock)`, `(idle)`, `(no material)` for the rest.
    pub key: String,
    pub kind: CostKind,
    /// Money.
    pub amount: f64,
}

impl CostToServe {
    /// A view's lines by key and kind. They sum to the plan's costs.
    pub fn roll_up(&self, network: &Network, view: View) -> Vec<CostLine> {
        let mut lines: BTreeMap<(String, CostKind), f64> = BTreeMap::new();
        for peg in &self.pegs {
            *lines.entry((view.key_of(network, peg), peg.kind)).or_default() += peg.amount;
        }
        let line = |((key, kind), amount)| CostLine { view, key, kind, amount };
        lines.into_iter().map(line).collect()
    }
}

/// Rounds amounts to cents so that their sum is the rounded sum: each is cut down to a cent, and the cents left go
/// to those that lost most (largest remainder, Hamilton's method).
pub fn to_cents(amounts: &[f64]) -> Vec<f64> {
    let cents: Vec<f64> = amounts.iter().map(|amount| (amount * 100.0).floor()).collect();
    let target = (amounts.iter().sum::<f64>() * 100.0).round();
    let left = (target - cents.iter().sum::<f64>()).max(0.0) as usize;
    let mut order: Vec<usize> = (0..amounts.len()).collect();
    let remainder = |place: &usize| amounts[*place] * 100.0 - cents[*place];
    order.sort_by(|a, b| remainder(b).total_cmp(&remainder(a)).then(a.cmp(b)));
    let mut rounded = cents.clone();
    order.into_iter().take(left).for_each(|place| rounded[place] += 1.0);
    rounded.into_iter().map(|cents| cents / 100.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cents_add_up_to_the_rounded_sum() {
        assert_eq!(to_cents(&[1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0]), [0.34, 0.33, 0.33]);
        assert_eq!(to_cents(&[0.005, 0.004, 0.0]), [0.01, 0.0, 0.0]);
        assert_eq!(to_cents(&[-0.004, 10.004]), [0.0, 10.0]);
        assert!(to_cents(&[]).is_empty());
    }
}
