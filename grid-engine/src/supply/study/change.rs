//! One thing changed: which number, of what, by how much, in which buckets.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::Lever;
use super::lever::Link;
use crate::supply::network::{Lot, Network};
use crate::supply::ordering::node_order;

/// By how much.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    To(f64),
    By(f64),
    Times(f64),
}

impl Step {
    /// Reads `120` or `=120` (to), `+20` or `-20` (by), `+10%` or `-10%` (by a share).
    ///
    /// # Errors
    /// Texts of other forms.
    pub fn read(text: &str) -> Result<Self, ChangeError> {
        let wrong = || ChangeError::Step(text.to_owned());
        let typed = text.trim().replace('−', "-");
        let number = |text: &str| {
            let found = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
            found.ok_or_else(wrong)
        };
        let is_signed = typed.starts_with(['+', '-']);
        match (typed.strip_suffix('%'), typed.strip_prefix('=')) {
            (Some(share), None) if is_signed => Ok(Self::Times(1.0 + number(share)? / 100.0)),
            (None, Some(to)) => number(to).map(Self::To),
            (None, None) if is_signed => number(&typed).map(Self::By),
            (None, None) => number(&typed).map(Self::To),
            _ => Err(wrong()),
        }
    }

    fn of(self, value: f64) -> f64 {
        match self {
            Self::To(to) => to,
            Self::By(by) => value + by,
            Self::Times(factor) => value * factor,
        }
    }
}

/// A change of one lever.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub lever: Lever,
    /// The name of what is changed, whatever its case; empty for everything.
    pub of: String,
    pub step: Step,
    /// First and last bucket by name; the first and the last there are where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// Why a change cannot be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ChangeError {
    #[error("{0:?} is no change: write 120 (to this), +20 or -20 (by this), +10% or -10%")]
    Step(String),
    #[error("{0:?} is nothing that can be changed: it is {choices}", choices = levers())]
    Lever(String),
    #[error("no {what} is called {name:?}{known}")]
    NoSuch { what: &'static str, name: String, known: String },
    #[error("no bucket is called {name:?}: they go from {first} to {last}")]
    NoBucket { name: String, first: String, last: String },
    #[error("the first bucket, {0}, comes after the last, {1}")]
    Backwards(String, String),
    #[error("{0} is one number for all buckets: leave the buckets out")]
    NotByBucket(&'static str),
    #[error("{lever} of {name} is unlimited, so there is nothing to add to: write what it is to be")]
    Unlimited { lever: &'static str, name: String },
    #[error("{lever} of {name} would be {value}, and must be 0 or more and at most 1e15")]
    Range { lever: &'static str, name: String, value: f64 },
    #[error("lead time of {name} would be {value}: write a whole number of buckets, 0 to {MOST_BUCKETS}, or +1 or -1")]
    NotWhole { name: String, value: f64 },
    #[error("lead time of {name} is {before}, so it cannot be {less} less: it is never below 0")]
    BelowNothing { name: String, before: f64, less: f64 },
    #[error("with lead time 0, goods would go round on lane {0} within a bucket: leave one bucket")]
    Loop(String),
}

/// Larger numbers are no plan's.
const LARGEST: f64 = 1e15;

/// Names of what there is that a message tells.
const SHOWN: usize = 6;

/// The longest lead time, as in the tables.
const MOST_BUCKETS: f64 = 10_000.0;

fn levers() -> String {
    let keys: Vec<&str> = Lever::ALL.into_iter().map(Lever::key).collect();
    keys.join(", ")
}

impl Change {
    /// A change from texts, as formulas and command lines have them; empty buckets mean all.
    ///
    /// # Errors
    /// See [`ChangeError`].
    pub fn read(lever: &str, of: &str, step: &str, from: &str, until: &str) -> Result<Self, ChangeError> {
        let bucket = |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
        let of = of.trim();
        Ok(Self {
            lever: Lever::named(lever).ok_or_else(|| ChangeError::Lever(lever.to_owned()))?,
            of: if of == "*" { String::new() } else { of.to_owned() },
            step: Step::read(step)?,
            from: bucket(from),
            until: bucket(until),
        })
    }

    /// Makes the change.
    ///
    /// # Errors
    /// See [`ChangeError`]; the network is half changed then.
    pub fn apply(&self, network: &mut Network) -> Result<(), ChangeError> {
        let buckets = self.buckets(network)?;
        for object in self.objects(network)? {
            if self.lever == Lever::FreightCost {
                self.change_freight(network, object)?;
                continue;
            }
            if self.lever == Lever::LeadTime {
                self.change_lead_time(network, object)?;
                continue;
            }
            if matches!(self.lever, Lever::SmallestRun | Lever::LargestRun) {
                let periods = network.periods.len();
                network.routes[object].lot.get_or_insert_with(|| Lot::none(periods));
            }
            let name = self.lever.names(network, object).swap_remove(0);
            let step = |value: &mut f64| {
                let lever = self.lever.key();
                if value.is_infinite() && !matches!(self.step, Step::To(_)) {
                    return Err(ChangeError::Unlimited { lever, name: name.clone() });
                }
                // What is taken away goes to nothing at the least.
                let changed = if let Step::By(by) = self.step { (*value + by).max(0.0) } else { self.step.of(*value) };
                if !(0.0..=LARGEST).contains(&changed) {
                    return Err(ChangeError::Range { lever, name: name.clone(), value: changed });
                }
                *value = changed;
                Ok(())
            };
            values(network, self.lever, object, buckets.clone()).into_iter().try_for_each(step)?;
        }
        Ok(())
    }

    /// What is meant, by index: those whose own name it is, or else those that belong to what is called so.
    fn objects(&self, network: &Network) -> Result<Vec<usize>, ChangeError> {
        let all = 0..self.lever.objects(network);
        if self.of.is_empty() && !all.is_empty() {
            return Ok(all.collect());
        }
        let wanted = self.of.to_lowercase();
        let is_called =
            |object: &usize| self.lever.names(network, *object).iter().any(|name| name.to_lowercase() == wanted);
        let found: Vec<usize> = all.filter(is_called).collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let mut known: Vec<String> = super::lever_choices(network)
            .into_iter()
            .filter(|choices| choices.lever == self.lever)
            .flat_map(|choices| choices.names)
            .collect();
        if known.len() > SHOWN {
            known.truncate(SHOWN);
            known.push("…".to_owned());
        }
        let known = if known.is_empty() { String::new() } else { format!(": there are {}", known.join(", ")) };
        Err(ChangeError::NoSuch { what: self.lever.of_what(), name: self.of.clone(), known })
    }

    fn buckets(&self, network: &Network) -> Result<RangeInclusive<usize>, ChangeError> {
        if !self.lever.is_by_bucket() && (self.from.is_some() || self.until.is_some()) {
            return Err(ChangeError::NotByBucket(self.lever.key()));
        }
        let last = network.periods.len().saturating_sub(1);
        let place = |name: &Option<String>, otherwise: usize| match name {
            None => Ok(otherwise),
            Some(name) => {
                let found = network.periods.iter().position(|period| period.eq_ignore_ascii_case(name.trim()));
                found.ok_or_else(|| {
                    let named = |at: usize| network.periods.get(at).map(ToString::to_string).unwrap_or_default();
                    ChangeError::NoBucket { name: name.clone(), first: named(0), last: named(last) }
                })
            }
        };
        let (from, until) = (place(&self.from, 0)?, place(&self.until, last)?);
        if from > until {
            let named = |name: &Option<String>, at: usize| {
                name.clone().or_else(|| network.periods.get(at).map(ToString::to_string)).unwrap_or_default()
            };
            return Err(ChangeError::Backwards(named(&self.from, from), named(&self.until, until)));
        }
        Ok(from..=until)
    }

    /// Lead times are whole buckets, and a lane without one must not close a circle.
    fn change_lead_time(&self, network: &mut Network, object: usize) -> Result<(), ChangeError> {
        let link = Link::of(network, object);
        let before = *link.lead_time(network) as f64;
        let after = self.step.of(before);
        if let Step::By(by) = self.step
            && after < 0.0
        {
            let name = self.lever.names(network, object).swap_remove(0);
            return Err(ChangeError::BelowNothing { name, before, less: -by });
        }
        if after.fract() != 0.0 || !(0.0..=MOST_BUCKETS).contains(&after) {
            let name = self.lever.names(network, object).swap_remove(0);
            return Err(ChangeError::NotWhole { name, value: after });
        }
        set_lead_time(network, link, after as usize)
    }

    /// Freight is a rate of the lane and a cost of every flow on it.
    fn change_freight(&self, network: &mut Network, lane: usize) -> Result<(), ChangeError> {
        let held = &network.lanes[lane];
        let before = (held.cost_per_m3, held.cost_per_unit);
        let after = match self.step {
            Step::Times(factor) => (before.0 * factor, before.1 * factor),
            Step::By(by) => ((before.0 + by).max(0.0), before.1),
            Step::To(to) => (to, before.1),
        };
        if !(0.0..=LARGEST).contains(&after.0) || !(0.0..=LARGEST).contains(&after.1) {
            let name = held.name.to_string();
            return Err(ChangeError::Range { lever: self.lever.key(), name, value: after.0 });
        }
        (network.lanes[lane].cost_per_m3, network.lanes[lane].cost_per_unit) = after;
        let Network { flows, nodes, items, .. } = network;
        for flow in flows.iter_mut().filter(|flow| flow.lane.0 == lane) {
            let volume = items[nodes[flow.from.0].item.0].volume;
            flow.unit_cost = after.0 * volume + after.1;
        }
        Ok(())
    }
}

/// The numbers of one object.
fn values(network: &mut Network, lever: Lever, object: usize, buckets: RangeInclusive<usize>) -> Vec<&mut f64> {
    match lever {
        Lever::Capacity => within(&mut network.resources[object].regular_hours, buckets),
        Lever::Overtime => within(&mut network.resources[object].max_overtime_hours, buckets),
        Lever::Supplier => within(&mut network.suppliers[object].capacity, buckets),
        Lever::Lane => within(&mut network.lanes[object].capacity_m3, buckets),
        Lever::Demand => within(&mut network.demands[object].quantity, buckets),
        Lever::ProductionCost => within(&mut network.routes[object].unit_cost, buckets),
        Lever::OvertimeCost => vec![&mut network.resources[object].ot_cost_per_hour],
        Lever::PurchaseCost => vec![&mut network.contracts[object].unit_cost],
        Lever::SmallestRun => runs(network, object).map(|lot| within(&mut lot.min_run, buckets)).unwrap_or_default(),
        Lever::LargestRun => runs(network, object).map(|lot| within(&mut lot.max_run, buckets)).unwrap_or_default(),
        Lever::Decision => {
            let decided = network.decisions[object].quantity.get_mut(buckets);
            decided.map(|some| some.iter_mut().flatten().collect()).unwrap_or_default()
        }
        Lever::FreightCost | Lever::LeadTime => Vec::new(),
        Lever::Storage => vec![&mut network.locations[object].storage_m3],
        Lever::Throughput => vec![&mut network.locations[object].throughput],
        Lever::Price => vec![&mut network.items[object].price],
        Lever::SafetyStock => vec![&mut network.nodes[object].safety],
        Lever::LargestStock => vec![&mut network.nodes[object].max],
        Lever::HoldingCost => vec![&mut network.nodes[object].hold_cost],
        Lever::LostCost => vec![&mut network.demands[object].lost_cost],
        Lever::LateCost => vec![&mut network.demands[object].late_cost],
    }
}

/// Gives a contract, route or lane another lead time.
///
/// # Errors
/// A lane that would close a circle within a bucket; the network is changed all the same.
pub(super) fn set_lead_time(network: &mut Network, link: Link, buckets: usize) -> Result<(), ChangeError> {
    *link.lead_time(network) = buckets;
    if let Link::Lane(lane) = link {
        network.order = node_order(network).map_err(|_| ChangeError::Loop(network.lanes[lane].name.to_string()))?;
    }
    Ok(())
}

fn runs(network: &mut Network, route: usize) -> Option<&mut Lot> {
    network.routes[route].lot.as_mut()
}

fn within(series: &mut [f64], buckets: RangeInclusive<usize>) -> Vec<&mut f64> {
    series.get_mut(buckets).map(|some| some.iter_mut().collect()).unwrap_or_default()
}
