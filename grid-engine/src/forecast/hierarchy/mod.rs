//! Forecasts that add up: totals, groups and series of one plan brought into agreement.
//!
//! All three ways are one projection. Forecasts ŷ of groups and series move to C·y = d with the least Σ of squared moves
//! measured by W: y = ŷ − W·Cᵀ·(C·W·Cᵀ)⁻¹·(C·ŷ − d), where C says what adds up to what and which values are held
//! (Wickramasuriya, Athanasopoulos & Hyndman 2019, in its form by constraints: as large as the number of groups, not of
//! series). With W the covariance of past errors, shrunk towards its diagonal, this is MinT; with W the series' own sizes
//! and the groups left out it is pro rata, from the bottom or from the total.

mod covariance;

use std::collections::BTreeMap;

use covariance::Covariance;

/// Series and the groups they add up to.
#[derive(Clone, Debug, PartialEq)]
pub struct Hierarchy {
    series: usize,
    groups: Vec<Group>,
}

/// A sum of series.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// `total`, or keys with their values: `family=Bikes,region=North`.
    pub name: String,
    /// Positions of its series, in rising order.
    pub members: Vec<usize>,
}

/// How forecasts of groups and series are brought into agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reconciliation {
    /// Groups are the sums of their series.
    BottomUp,
    /// The total's own forecast, spread in proportion to the series' forecasts: for sparse series.
    TopDown,
    /// All forecasts count, the more the better they were in the past.
    MinTrace,
}

/// A value that must not move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Held {
    pub node: Node,
    /// From 0.
    pub step: usize,
    pub value: f64,
}

/// A place in the hierarchy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    Series(usize),
    /// Position in [`Hierarchy::groups`].
    Group(usize),
}

/// What is known about one node: the forecast, and errors of past forecasts, the latest last.
#[derive(Clone, Copy, Debug)]
pub struct Base<'a> {
    pub mean: &'a [f64],
    pub errors: &'a [f64],
}

/// Why forecasts cannot be brought into agreement.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum HierarchyError {
    #[error("{given} forecasts for {needed} series and groups")]
    Count { given: usize, needed: usize },
    #[error("forecasts reach {shortest} to {longest} steps ahead; all must reach alike")]
    Horizon { shortest: usize, longest: usize },
    #[error("a value is held at {node:?}, step {step}, which is not there")]
    Nowhere { node: Node, step: usize },
    #[error("the values held at step {step} contradict each other, or say the same twice; release one")]
    Conflict { step: usize },
}

/// Passes that hold series at zero instead of letting them fall below.
const PASSES: usize = 12;

impl Hierarchy {
    /// The total and every combination of keys, one list of values per series: with keys family and region also the
    /// families, the regions and each family in each region. Groups of the same series as another are left out, as are
    /// single series.
    ///
    /// ```
    /// use grid_engine::forecast::hierarchy::Hierarchy;
    /// let keys = [["Bikes", "North"], ["Bikes", "South"], ["Boats", "South"]];
    /// let hierarchy = Hierarchy::of_keys(&["family", "region"], &keys.map(Vec::from));
    /// let names: Vec<&str> = hierarchy.groups().iter().map(|group| group.name.as_str()).collect();
    /// assert_eq!(names, ["total", "family=Bikes", "region=South"]);
    /// ```
    pub fn of_keys(names: &[&str], values: &[Vec<&str>]) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        for chosen in 0..1_u32 << names.len().min(16) {
            let mut found: BTreeMap<Vec<&str>, Vec<usize>> = BTreeMap::new();
            let picked = |at: &usize| chosen >> at & 1 == 1;
            for (series, keys) in values.iter().enumerate() {
                let key = (0..names.len()).filter(picked).map(|at| keys.get(at).copied().unwrap_or("")).collect();
                found.entry(key).or_default().push(series);
            }
            for (key, members) in found {
                let parts =
                    (0..names.len()).filter(picked).zip(key).map(|(at, value)| format!("{}={value}", names[at]));
                let name = if chosen == 0 { "total".to_owned() } else { parts.collect::<Vec<_>>().join(",") };
                if members.len() > 1 && groups.iter().all(|group| group.members != members) {
                    groups.push(Group { name, members });
                }
            }
        }
        Self { series: values.len(), groups }
    }

    /// The groups, the total first.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Forecasts that add up, those of the series first, then those of the groups: `base` in the same order.
    ///
    /// Held values stay as they are. Series do not fall below zero where none of the series' own forecasts does.
    ///
    /// ```
    /// use grid_engine::forecast::hierarchy::{Base, Hierarchy, Reconciliation};
    /// let hierarchy = Hierarchy::of_keys(&[], &[vec![], vec![]]);
    /// let (a, b, total) = ([30.0], [10.0], [50.0]);
    /// let base = [&a, &b, &total].map(|mean| Base { mean, errors: &[] });
    /// let spread = hierarchy.reconcile(&base, Reconciliation::TopDown, &[])?;
    /// assert_eq!(spread, [[37.5], [12.5], [50.0]]);
    /// # Ok::<(), grid_engine::forecast::hierarchy::HierarchyError>(())
    /// ```
    ///
    /// # Errors
    /// See [`HierarchyError`].
    pub fn reconcile(
        &self,
        base: &[Base],
        how: Reconciliation,
        held: &[Held],
    ) -> Result<Vec<Vec<f64>>, HierarchyError> {
        let nodes = self.series + self.groups.len();
        if base.len() != nodes {
            return Err(HierarchyError::Count { given: base.len(), needed: nodes });
        }
        let longest = base.iter().map(|one| one.mean.len()).max().unwrap_or(0);
        let shortest = base.iter().map(|one| one.mean.len()).min().unwrap_or(0);
        if shortest != longest {
            return Err(HierarchyError::Horizon { shortest, longest });
        }
        let there = |held: &Held| match held.node {
            Node::Series(at) => at < self.series && held.step < longest,
            Node::Group(at) => at < self.groups.len() && held.step < longest,
        };
        if let Some(Held { node, step, .. }) = held.iter().find(|held| !there(held)) {
            return Err(HierarchyError::Nowhere { node: *node, step: *step });
        }
        let covariance = Covariance::of(base);
        let mut found = vec![Vec::with_capacity(longest); nodes];
        for step in 0..longest {
            let mut held: Vec<(Node, f64)> =
                held.iter().filter(|held| held.step == step).map(|held| (held.node, held.value)).collect();
            let total = self.groups.iter().position(|group| group.members.len() == self.series);
            if let (Reconciliation::TopDown, Some(total)) = (how, total)
                && !held.iter().any(|(node, _)| *node == Node::Group(total))
            {
                held.push((Node::Group(total), base[self.series + total].mean[step]));
            }
            let own: Vec<f64> = base.iter().map(|one| one.mean[step]).collect();
            let floor = own[..self.series].iter().all(|value| *value >= 0.0);
            let mut values = Vec::new();
            for _ in 0..PASSES {
                values = match how {
                    Reconciliation::MinTrace => self.project(&own, &held, &covariance),
                    Reconciliation::BottomUp | Reconciliation::TopDown => self.pro_rata(&own, &held),
                }
                .ok_or(HierarchyError::Conflict { step })?;
                let is_held = |at: usize| held.iter().any(|(node, _)| *node == Node::Series(at));
                let below: Vec<usize> = (0..self.series).filter(|at| values[*at] < 0.0 && !is_held(*at)).collect();
                if below.is_empty() || !floor {
                    break;
                }
                held.extend(below.into_iter().map(|at| (Node::Series(at), 0.0)));
            }
            let sums = self.groups.iter().map(|group| group.members.iter().map(|member| values[*member]).sum());
            let all: Vec<f64> = values.iter().copied().chain(sums).collect();
            found.iter_mut().zip(all).for_each(|(path, value)| path.push(value));
        }
        Ok(found)
    }

    /// Series moved in proportion to their sizes until what is held holds.
    fn pro_rata(&self, own: &[f64], held: &[(Node, f64)]) -> Option<Vec<f64>> {
        let own = &own[..self.series];
        let size = own.iter().map(|value| value.abs()).sum::<f64>() / own.len().max(1) as f64;
        let weights: Vec<f64> = own.iter().map(|value| value.abs().max(1e-9 * size).max(1e-12)).collect();
        let rows: Vec<(Vec<(usize, f64)>, f64)> = held
            .iter()
            .map(|(node, value)| match node {
                Node::Series(at) => (vec![(*at, 1.0)], *value),
                Node::Group(at) => (self.groups[*at].members.iter().map(|member| (*member, 1.0)).collect(), *value),
            })
            .collect();
        Covariance { variances: weights, shared: Vec::new(), share: 0.0 }.project(own, &rows)
    }

    /// Series and groups moved by how their errors went together.
    fn project(&self, own: &[f64], held: &[(Node, f64)], covariance: &Covariance) -> Option<Vec<f64>> {
        let sum = |(at, group): (usize, &Group)| {
            let mut row = vec![(self.series + at, 1.0)];
            row.extend(group.members.iter().map(|member| (*member, -1.0)));
            (row, 0.0)
        };
        let mut rows: Vec<(Vec<(usize, f64)>, f64)> = self.groups.iter().enumerate().map(sum).collect();
        rows.extend(held.iter().map(|(node, value)| match node {
            Node::Series(at) => (vec![(*at, 1.0)], *value),
            Node::Group(at) => (vec![(self.series + at, 1.0)], *value),
        }));
        let mut values = covariance.project(own, &rows)?;
        values.truncate(self.series);
        Some(values)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn two() -> Hierarchy {
        Hierarchy::of_keys(&[], &[vec![], vec![]])
    }

    fn base<'a>(means: &'a [Vec<f64>], errors: &'a [Vec<f64>]) -> Vec<Base<'a>> {
        let at = |number: usize| errors.get(number).map_or(&[][..], |errors| &errors[..]);
        means.iter().enumerate().map(|(number, mean)| Base { mean, errors: at(number) }).collect()
    }

    /// Uncorrelated errors of variances 1, 1 and 2, forecasts 10, 20 and 34: the gap of 4 is shared 1 : 1 : 2 by hand.
    #[test]
    fn least_moves_by_hand() {
        let covariance = Covariance { variances: vec![1.0, 1.0, 2.0], shared: Vec::new(), share: 0.0 };
        let values = two().project(&[10.0, 20.0, 34.0], &[], &covariance).unwrap();
        assert!((values[0] - 11.0).abs() < 1e-12 && (values[1] - 21.0).abs() < 1e-12, "{values:?}");
    }

    /// The same with W = [[2, 1, 0], [1, 2, 0], [0, 0, 3]] written as D + E·Eᵀ: C·W·Cᵀ = 3 + 6 = 9 for C = (−1, −1, 1),
    /// W·Cᵀ = (−3, −3, 3), so the gap of 4 moves the series by 4/3 each.
    #[test]
    fn errors_that_go_together_by_hand() {
        let covariance = Covariance { variances: vec![1.0, 1.0, 3.0], shared: vec![vec![1.0, 1.0, 0.0]], share: 1.0 };
        let values = two().project(&[10.0, 20.0, 34.0], &[], &covariance).unwrap();
        assert!((values[0] - 10.0 - 4.0 / 3.0).abs() < 1e-12 && (values[1] - 20.0 - 4.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn held_values_stay_and_contradictions_are_refused() {
        let (means, errors) = (vec![vec![10.0], vec![30.0], vec![60.0]], vec![vec![1.0, -1.0, 2.0, 0.5]; 3]);
        for how in [Reconciliation::BottomUp, Reconciliation::TopDown, Reconciliation::MinTrace] {
            let hold = |node, value| Held { node, step: 0, value };
            let one = two().reconcile(&base(&means, &errors), how, &[hold(Node::Series(0), 12.0)]).unwrap();
            assert!((one[0][0] - 12.0).abs() < 1e-9, "{how:?} {one:?}");
            let total = two().reconcile(&base(&means, &errors), how, &[hold(Node::Group(0), 80.0)]).unwrap();
            assert!((total[2][0] - 80.0).abs() < 1e-9, "{how:?} {total:?}");
            let all = [hold(Node::Series(0), 1.0), hold(Node::Series(1), 2.0), hold(Node::Group(0), 9.0)];
            let refused = two().reconcile(&base(&means, &errors), how, &all);
            assert_eq!(refused, Err(HierarchyError::Conflict { step: 0 }));
        }
        let outside = [Held { node: Node::Series(7), step: 0, value: 1.0 }];
        let refused = two().reconcile(&base(&means, &errors), Reconciliation::BottomUp, &outside);
        assert_eq!(refused, Err(HierarchyError::Nowhere { node: Node::Series(7), step: 0 }));
    }

    #[test]
    fn no_series_falls_below_zero() {
        let (means, errors) =
            (vec![vec![1.0], vec![100.0], vec![60.0]], vec![vec![5.0, -5.0], vec![1.0, 1.0], vec![0.1, 0.1]]);
        let found = two().reconcile(&base(&means, &errors), Reconciliation::MinTrace, &[]).unwrap();
        assert!(found[0][0] >= -1e-12 && (found[0][0] + found[1][0] - found[2][0]).abs() < 1e-9, "{found:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        /// Whatever the forecasts: groups are the sums of their series, and what adds up already does not move.
        #[test]
        fn forecasts_add_up(
            values in prop::collection::vec(0.0..1e6_f64, 24),
            errors in prop::collection::vec(-1e3..1e3_f64, 60),
        ) {
            let keys: Vec<Vec<&str>> =
                (0..6).map(|n| vec![["a", "b"][n % 2], ["x", "y", "z"][n / 2]]).collect();
            let hierarchy = Hierarchy::of_keys(&["family", "region"], &keys);
            let nodes = 6 + hierarchy.groups().len();
            prop_assert_eq!(nodes, 12);
            let means: Vec<Vec<f64>> = values.chunks(2).map(<[f64]>::to_vec).collect();
            let errors: Vec<Vec<f64>> = errors.chunks(5).map(<[f64]>::to_vec).collect();
            for how in [Reconciliation::BottomUp, Reconciliation::TopDown, Reconciliation::MinTrace] {
                let found = hierarchy.reconcile(&base(&means, &errors), how, &[]).unwrap();
                for (group, path) in hierarchy.groups().iter().zip(&found[6..]) {
                    for (step, value) in path.iter().enumerate() {
                        let sum: f64 = group.members.iter().map(|member| found[*member][step]).sum();
                        prop_assert!((sum - value).abs() <= 1e-9 * sum.abs().max(1.0));
                    }
                }
                let again = hierarchy.reconcile(&base(&found, &errors), how, &[]).unwrap();
                for (once, twice) in found.iter().flatten().zip(again.iter().flatten()) {
                    prop_assert!((once - twice).abs() <= 1e-6 * once.abs().max(1.0), "{} {}", once, twice);
                }
            }
        }
    }
}
