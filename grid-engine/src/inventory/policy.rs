//! How much to keep of every item at every place: a service level for each class, exceptions by item, and the safety
//! stock they ask for (Silver, Pyke & Thomas 2017, chapters 2 and 6).

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use super::{Abc, LeadTimeErrors, Xyz, abc, empirical_safety_stock, rare_safety_stock, xyz};
use crate::forecast::classify;

/// What is wanted of a class, or of an item in its place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rule {
    /// Probability that a replenishment cycle passes without stockout, from 0.5 to below 1.
    pub service_level: Option<f64>,
    /// Safety stock that lasts longer than so many days of mean demand is cut to that; `None` for no such limit.
    pub most_cover: Option<f64>,
}

/// What is wanted of the nine classes.
pub type Policy = BTreeMap<(Abc, Xyz), Rule>;

/// What is another for an item than for its class, and how it is replenished.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Exception {
    pub rule: Rule,
    /// Buckets between ordering and receiving, review included; 1 where nothing is said.
    pub lead_time: Option<f64>,
    /// Its standard deviation, in buckets; 0 where nothing is said.
    pub lead_time_deviation: Option<f64>,
}

/// Exceptions by keys such as item and place, in any case; an empty part of a key stands for all.
///
/// ```
/// use grid_engine::inventory::{Exception, Exceptions};
/// let mut exceptions = Exceptions::default();
/// exceptions.add(&["Tea", ""], Exception { lead_time: Some(2.0), ..Exception::default() });
/// exceptions.add(&["Tea", "Hub"], Exception { lead_time_deviation: Some(0.5), ..Exception::default() });
/// let tea = exceptions.of(&["tea", "hub"]);
/// assert_eq!((tea.lead_time, tea.lead_time_deviation), (Some(2.0), Some(0.5)));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Exceptions {
    by_key: HashMap<Vec<String>, Exception>,
    /// Which parts of a key are given, for each pattern there is; those that give most first.
    patterns: Vec<Vec<bool>>,
}

/// An item at a place, as its policy sees it.
#[derive(Clone, Copy, Debug)]
pub struct Position<'a> {
    /// By past bucket, oldest first; `None` where it is not known.
    pub demand: &'a [Option<f64>],
    /// What had been forecast of these buckets; shorter or empty where nothing had.
    pub forecast: &'a [Option<f64>],
    /// Demand of the buckets to come; the past goes on where none is given.
    pub plan: &'a [f64],
    /// Of what was demanded, for the class.
    pub value: f64,
    pub exception: Exception,
}

/// What a policy proposes for a position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proposal {
    pub abc: Abc,
    pub xyz: Xyz,
    /// `None` where neither class nor item has one.
    pub service_level: Option<f64>,
    pub from: LevelFrom,
    /// In units; `None` where it cannot be told.
    pub safety_stock: Option<f64>,
    /// How many days of mean demand the safety stock lasts; `None` where nothing is demanded.
    pub cover_days: Option<f64>,
    pub basis: Basis,
    /// Whether the longest cover allowed has cut the safety stock.
    pub is_cut: bool,
}

/// Where a service level comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LevelFrom {
    Segment,
    Override,
}

/// What a safety stock was told from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// A quantile of the forecast's own errors.
    Errors,
    /// Too few of them: the normal distribution with their deviation.
    FewErrors,
    /// Rare demand: what was demanded over the lead time.
    Orders,
    /// No forecast was kept: how demand varied about its mean.
    Variation,
    /// Nothing is demanded any more.
    NoDemand,
    /// Neither class nor item has a service level.
    NoLevel,
    /// Hardly anything is known of the past.
    NoHistory,
}

impl Exceptions {
    /// Adds one; the first of a key counts.
    pub fn add<S: AsRef<str>>(&mut self, key: &[S], exception: Exception) {
        let key: Vec<String> = key.iter().map(read).collect();
        let pattern: Vec<bool> = key.iter().map(|part| !part.is_empty()).collect();
        if !self.patterns.contains(&pattern) {
            self.patterns.push(pattern);
            // Of two that give as many parts, the one that gives the earlier.
            self.patterns.sort_by_key(|given| {
                let count = given.iter().filter(|part| **part).count();
                std::cmp::Reverse((count, given.clone()))
            });
        }
        self.by_key.entry(key).or_insert(exception);
    }

    /// What holds for a key: each thing by the exception that names most of the key among those that say it.
    pub fn of<S: AsRef<str>>(&self, key: &[S]) -> Exception {
        let key: Vec<String> = key.iter().map(read).collect();
        let matching = self.patterns.iter().filter(|pattern| pattern.len() == key.len()).filter_map(|pattern| {
            let masked: Vec<String> = key
                .iter()
                .zip(pattern)
                .map(|(part, given)| if *given { part.clone() } else { String::new() })
                .collect();
            self.by_key.get(&masked)
        });
        matching.fold(Exception::default(), |sum, next| Exception {
            rule: sum.rule.or(next.rule),
            lead_time: sum.lead_time.or(next.lead_time),
            lead_time_deviation: sum.lead_time_deviation.or(next.lead_time_deviation),
        })
    }
}

/// A part of a key as it is compared.
fn read<S: AsRef<str>>(part: &S) -> String {
    part.as_ref().trim().to_lowercase()
}

impl Rule {
    /// What it leaves open, by another.
    fn or(self, other: Self) -> Self {
        Self {
            service_level: self.service_level.or(other.service_level),
            most_cover: self.most_cover.or(other.most_cover),
        }
    }
}

impl fmt::Display for LevelFrom {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Segment => "segment",
            Self::Override => "override",
        })
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Errors => "forecast errors",
            Self::FewErrors => "few forecast errors, as if normal",
            Self::Orders => "rare demand, by its orders",
            Self::Variation => "variation of demand, no forecast kept",
            Self::NoDemand => "no demand planned",
            Self::NoLevel => "no service level",
            Self::NoHistory => "no history",
        })
    }
}

/// What a policy proposes for every position, in their order; a bucket has so many days.
///
/// Classes compare all positions given. A position's own service level and cover count before those of its class. Stock
/// is told from the errors of the forecasts that were kept ([`empirical_safety_stock`]), for rare demand from its
/// orders ([`rare_safety_stock`]), without forecasts from how demand varied about its mean, and is none where nothing
/// is planned.
///
/// ```
/// use grid_engine::inventory::{Exception, LevelFrom, Policy, Position, Rule, propose};
/// let demand = [90.0, 112.0, 95.0, 104.0, 120.0, 87.0, 101.0, 99.0, 108.0, 93.0, 106.0, 97.0].map(Some);
/// let forecast = [Some(100.0); 12];
/// let tea = Position { demand: &demand, forecast: &forecast, plan: &[], value: 1.0, exception: Exception::default() };
/// let levels = |level| Rule { service_level: Some(level), ..Rule::default() };
/// let wanted = Position { exception: Exception { rule: levels(0.99), ..tea.exception }, ..tea };
/// let policy = Policy::from([((grid_engine::inventory::Abc::A, grid_engine::inventory::Xyz::X), levels(0.9))]);
/// let found = propose(&[tea, wanted], &policy, 30.0);
/// assert_eq!((found[0].from, found[1].from), (LevelFrom::Segment, LevelFrom::Override));
/// assert!(found[0].safety_stock < found[1].safety_stock);
/// ```
pub fn propose(positions: &[Position<'_>], policy: &Policy, days: f64) -> Vec<Proposal> {
    let values: Vec<f64> = positions.iter().map(|position| position.value).collect();
    let classes = abc(&values);
    positions.iter().zip(classes).map(|(position, abc)| position.proposal(abc, policy, days)).collect()
}

impl Position<'_> {
    fn proposal(&self, abc: Abc, policy: &Policy, days: f64) -> Proposal {
        let known: Vec<f64> = self.demand.iter().flatten().copied().collect();
        let xyz = xyz(&known);
        let own = self.exception.rule;
        let rule = own.or(policy.get(&(abc, xyz)).copied().unwrap_or_default());
        let rate = if self.plan.is_empty() { mean(&known) } else { mean(self.plan) }.max(0.0);
        let (stock, basis) = match rule.service_level {
            None => (None, Basis::NoLevel),
            Some(_) if rate == 0.0 => (Some(0.0), Basis::NoDemand),
            Some(level) => self.stock(&known, rate, level),
        };
        let most = rule.most_cover.map_or(f64::INFINITY, |cover| cover * rate / days);
        let safety_stock = stock.map(|stock| stock.min(most));
        Proposal {
            abc,
            xyz,
            service_level: rule.service_level,
            from: if own.service_level.is_some() { LevelFrom::Override } else { LevelFrom::Segment },
            safety_stock,
            cover_days: safety_stock.filter(|_| rate > 0.0).map(|stock| stock / rate * days),
            basis,
            is_cut: stock > safety_stock,
        }
    }

    fn stock(&self, known: &[f64], rate: f64, level: f64) -> (Option<f64>, Basis) {
        let lead_time = self.exception.lead_time.unwrap_or(1.0);
        let deviation = self.exception.lead_time_deviation.unwrap_or(0.0);
        if classify(known).has_many_zeros()
            && let Some(stock) = rare_safety_stock(known, rate, lead_time, deviation, level)
        {
            return (Some(stock), Basis::Orders);
        }
        let both = self.demand.iter().zip(self.forecast).filter_map(|(demand, forecast)| demand.zip(*forecast));
        let mut errors: Vec<f64> = both.map(|(demand, forecast)| demand - forecast).collect();
        let kept = errors.len() > 1;
        if !kept {
            let mean = mean(known);
            errors = known.iter().map(|demand| demand - mean).collect();
        }
        if errors.len() < 2 {
            return (None, Basis::NoHistory);
        }
        let Some(errors) = LeadTimeErrors::of_buckets(&errors, lead_time) else { return (None, Basis::NoHistory) };
        let basis = match (kept, errors.are_enough()) {
            (false, _) => Basis::Variation,
            (true, true) => Basis::Errors,
            (true, false) => Basis::FewErrors,
        };
        (empirical_safety_stock(&errors, rate, deviation, level), basis)
    }
}

/// 0 of none.
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const LEVEL_90: Rule = Rule { service_level: Some(0.9), most_cover: None };

    fn policy(rules: &[(Abc, Xyz, Rule)]) -> Policy {
        rules.iter().map(|(abc, xyz, rule)| ((*abc, *xyz), *rule)).collect()
    }

    fn usual() -> Policy {
        let all = [Abc::A, Abc::B, Abc::C].into_iter();
        all.flat_map(|abc| [Xyz::X, Xyz::Y, Xyz::Z].map(|xyz| ((abc, xyz), LEVEL_90))).collect()
    }

    fn position<'a>(demand: &'a [Option<f64>], forecast: &'a [Option<f64>]) -> Position<'a> {
        Position { demand, forecast, plan: &[], value: 1.0, exception: Exception::default() }
    }

    /// Nine months missed by these, of which the largest is the 90 % quantile.
    const MISSES: [f64; 9] = [-4.0, 3.0, 0.0, -2.0, 1.0, 8.0, -3.0, -1.0, 2.0];

    fn nine() -> (Vec<Option<f64>>, Vec<Option<f64>>) {
        (MISSES.iter().map(|miss| Some(60.0 + miss)).collect(), vec![Some(60.0); 9])
    }

    /// 8 units are four days of 60 in a month of 30 days: 8 / 60 · 30.
    #[test]
    fn a_class_holds_what_its_level_asks_for() {
        let (demand, forecast) = nine();
        let plan = [50.0, 70.0];
        let found = propose(&[Position { plan: &plan, ..position(&demand, &forecast) }], &usual(), 30.0)[0];
        assert_eq!((found.abc, found.xyz, found.service_level), (Abc::A, Xyz::X, Some(0.9)));
        assert_eq!((found.from, found.basis, found.is_cut), (LevelFrom::Segment, Basis::Errors, false));
        assert!((found.safety_stock.unwrap() - 8.0).abs() < 1e-9 && (found.cover_days.unwrap() - 4.0).abs() < 1e-9);
    }

    /// A class raised to 99 % holds more, in that class alone; an item's own level wins over it.
    #[test]
    fn classes_differ_and_items_win() {
        let (demand, forecast) = nine();
        let raised = Rule { service_level: Some(0.99), most_cover: None };
        let own = Exception { rule: Rule { service_level: Some(0.7), most_cover: None }, ..Exception::default() };
        let large = Position { value: 100.0, ..position(&demand, &forecast) };
        let positions = [large, Position { value: 2.0, ..large }, Position { value: 90.0, exception: own, ..large }];
        let of = |policy: &Policy| propose(&positions, policy, 30.0);
        let (before, after) = (of(&usual()), of(&policy(&[(Abc::A, Xyz::X, raised), (Abc::C, Xyz::X, LEVEL_90)])));
        assert_eq!([before[0].abc, before[1].abc, before[2].abc], [Abc::A, Abc::C, Abc::A]);
        assert!(after[0].safety_stock.unwrap() > 1.2 * before[0].safety_stock.unwrap());
        assert_eq!(after[1], before[1]);
        assert_eq!((after[2].service_level, after[2].from), (Some(0.7), LevelFrom::Override));
        assert!((after[2].safety_stock.unwrap() - 2.0).abs() < 1e-9);
    }

    /// Three days of 60 a month are 6; an item may have its own.
    #[test]
    fn cover_cuts_the_stock() {
        let (demand, forecast) = nine();
        let rule = Rule { most_cover: Some(3.0), ..LEVEL_90 };
        let own = Exception { rule: Rule { service_level: None, most_cover: Some(1.0) }, ..Exception::default() };
        let plan = [60.0];
        let one = Position { plan: &plan, ..position(&demand, &forecast) };
        let found = propose(&[one, Position { exception: own, ..one }], &policy(&[(Abc::A, Xyz::X, rule)]), 30.0);
        assert_eq!((found[0].safety_stock, found[0].cover_days, found[0].is_cut), (Some(6.0), Some(3.0), true));
        assert_eq!((found[1].safety_stock, found[1].from), (Some(2.0), LevelFrom::Segment));
    }

    #[test]
    fn what_stock_is_told_from() {
        let known = |values: &[f64]| values.iter().copied().map(Some).collect::<Vec<_>>();
        let (demand, forecast) = nine();
        let rare = known(&[0.0, 0.0, 0.0, 4.0].repeat(12));
        let (none, single, short) = (known(&[0.0; 12]), known(&[5.0]), &forecast[..4]);
        for (one, basis) in [
            (position(&demand, &forecast), Basis::Errors),
            (position(&demand, short), Basis::FewErrors),
            (position(&demand, &[None, None]), Basis::Variation),
            (position(&rare, &[]), Basis::Orders),
            (position(&none, &[]), Basis::NoDemand),
            (position(&single, &[]), Basis::NoHistory),
            (Position { plan: &[0.0, 0.0], ..position(&demand, &forecast) }, Basis::NoDemand),
        ] {
            let found = propose(&[one], &usual(), 30.0)[0];
            assert_eq!(found.basis, basis, "{one:?}");
            assert_eq!(found.safety_stock.is_none(), basis == Basis::NoHistory, "{one:?}");
        }
        let found = propose(&[position(&demand, &forecast)], &Policy::default(), 30.0)[0];
        assert_eq!((found.basis, found.safety_stock, found.cover_days), (Basis::NoLevel, None, None));
        // An order of 4 in four months: three more than the mean of one.
        assert_eq!(propose(&[position(&rare, &[])], &usual(), 30.0)[0].safety_stock, Some(3.0));
    }

    /// Errors that last add up over a lead time of three: 3 · 8 where they always were 8, and a lead time that varies
    /// adds 1.2816 · 60 · 0.5 in squares of what lies beyond their mean, which is nothing here.
    #[test]
    fn lead_times_are_those_of_the_item() {
        let (demand, forecast) = (vec![Some(68.0); 30], vec![Some(60.0); 30]);
        let plan = [60.0];
        let of = |lead_time, lead_time_deviation| {
            let exception = Exception { lead_time, lead_time_deviation, ..Exception::default() };
            let one = Position { plan: &plan, exception, ..position(&demand, &forecast) };
            propose(&[one], &usual(), 30.0)[0].safety_stock.unwrap()
        };
        assert!((of(None, None) - 8.0).abs() < 1e-9 && (of(Some(3.0), None) - 24.0).abs() < 1e-9);
        assert!((of(Some(3.0), Some(0.5)) - (24.0 + 38.447)).abs() < 1e-3);
    }

    #[test]
    fn exceptions_that_name_more_win() {
        let level = |level: f64| Exception {
            rule: Rule { service_level: Some(level), most_cover: None },
            ..Exception::default()
        };
        let mut exceptions = Exceptions::default();
        exceptions.add(&["", "Hub"], level(0.8));
        exceptions.add(&["Tea", ""], level(0.9));
        exceptions.add(&["Tea", "Hub"], level(0.99));
        exceptions.add(&["Tea", "Hub"], level(0.6));
        exceptions.add(&["Milk", "Hub"], Exception { lead_time: Some(2.0), ..Exception::default() });
        let of = |key: [&str; 2]| exceptions.of(&key).rule.service_level;
        assert_eq!(of(["TEA ", "hub"]), Some(0.99), "the first of the same key");
        assert_eq!((of(["Tea", "Shop"]), of(["Milk", "Hub"]), of(["Milk", "Shop"])), (Some(0.9), Some(0.8), None));
        assert_eq!(exceptions.of(&["Milk", "Hub"]).lead_time, Some(2.0));
    }
}
