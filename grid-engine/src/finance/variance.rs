//! Why the money of two plans differs: volume, price and mix.

use std::collections::BTreeMap;

/// One product, customer or material in two plans.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Line {
    /// Units before and after.
    pub units: [f64; 2],
    /// Money a unit before and after: a net price or a unit cost. Before, it counts even where there were no units
    /// (the list price of a product not yet sold).
    pub rates: [f64; 2],
}

/// A difference of money by its causes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Variance {
    /// More or fewer units in all, at the average rate before.
    pub volume: f64,
    /// Other rates, on the units after.
    pub price: f64,
    /// Dearer or cheaper lines in the same number of units, at the rates before.
    pub mix: f64,
}

impl Variance {
    /// The whole difference.
    pub fn total(&self) -> f64 {
        self.volume + self.price + self.mix
    }
}

/// Splits the change of `Σ units · rate` exactly into volume, price and mix (Horngren ch. 14, sales-volume, sales-mix and
/// price variances). Where nothing was sold before there is no mix to compare with: what is new is volume.
///
/// ```
/// # use grid_engine::finance::{Line, variance};
/// // 10 units more in all, of which the dear product gained more; and the cheap one's price rose by 1.
/// let dear = Line { units: [50.0, 60.0], rates: [20.0, 20.0] };
/// let cheap = Line { units: [50.0, 50.0], rates: [10.0, 11.0] };
/// let change = variance(&[dear, cheap]);
/// assert_eq!((change.volume, change.price, change.mix), (150.0, 50.0, 50.0));
/// assert_eq!(change.total(), 1750.0 - 1500.0);
/// ```
pub fn variance(lines: &[Line]) -> Variance {
    let sum = |of: fn(&Line) -> f64| lines.iter().map(of).sum::<f64>();
    let units = [sum(|line| line.units[0]), sum(|line| line.units[1])];
    let before = sum(|line| line.units[0] * line.rates[0]);
    let after_at_old_rates = sum(|line| line.units[1] * line.rates[0]);
    let price = sum(|line| line.units[1] * (line.rates[1] - line.rates[0]));
    if units[0] == 0.0 {
        return Variance { volume: after_at_old_rates - before, price, mix: 0.0 };
    }
    let volume = (units[1] - units[0]) * (before / units[0]);
    Variance { volume, price, mix: after_at_old_rates - before - volume }
}

/// Change of each kind of money from one plan to another, the largest first; kinds that did not change are left out.
/// They sum to the change of the whole.
///
/// ```
/// # use grid_engine::finance::changes_by_kind;
/// let before = [("freight", 10.0), ("holding", 4.0)];
/// let after = [("freight", 12.0), ("holding", 4.0), ("overtime", 5.0)];
/// assert_eq!(changes_by_kind(before, after), [("overtime", 5.0), ("freight", 2.0)]);
/// ```
pub fn changes_by_kind<K: Ord>(
    before: impl IntoIterator<Item = (K, f64)>,
    after: impl IntoIterator<Item = (K, f64)>,
) -> Vec<(K, f64)> {
    let mut changes: BTreeMap<K, f64> = BTreeMap::new();
    for (kind, amount) in after {
        *changes.entry(kind).or_default() += amount;
    }
    for (kind, amount) in before {
        *changes.entry(kind).or_default() -= amount;
    }
    let mut changes: Vec<(K, f64)> = changes.into_iter().filter(|(_, change)| *change != 0.0).collect();
    changes.sort_by(|left, right| right.1.abs().total_cmp(&left.1.abs()));
    changes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_start_from_nothing_is_volume() {
        let new = Line { units: [0.0, 10.0], rates: [5.0, 6.0] };
        assert_eq!(variance(&[new]), Variance { volume: 50.0, price: 10.0, mix: 0.0 });
        assert_eq!(variance(&[]), Variance::default());
    }

    proptest! {
        #[test]
        fn the_parts_always_sum_to_the_difference(
            lines in prop::collection::vec((0_u16..500, 0_u16..500, 0_u16..90, 0_u16..90), 0..6)
        ) {
            let lines: Vec<Line> = lines
                .into_iter()
                .map(|(before, after, old, new)| Line {
                    units: [before.into(), after.into()],
                    rates: [old.into(), new.into()],
                })
                .collect();
            let money = |side: usize| lines.iter().map(|line| line.units[side] * line.rates[side]).sum::<f64>();
            prop_assert!((variance(&lines).total() - (money(1) - money(0))).abs() < 1e-6);
        }

        #[test]
        fn equal_rates_leave_nothing_to_price_and_mix(units in prop::collection::vec((0_u16..500, 0_u16..500), 1..6)) {
            let line = |(before, after): (u16, u16)| Line {
                units: [before.into(), after.into()],
                rates: [7.0, 7.0],
            };
            let change = variance(&units.into_iter().map(line).collect::<Vec<_>>());
            prop_assert!(change.price == 0.0 && change.mix.abs() < 1e-6);
        }
    }
}
