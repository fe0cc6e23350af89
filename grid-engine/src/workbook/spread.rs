//! Typing over a total: it spreads down over the rows it adds up.

use super::{Source, Workbook};
use crate::doc::{Aggregate, Guard, Input, Measure, MeasureKind, Merge, Op};
use crate::refs::{CellRef, ColId, MeasureId, PersonId, RowId, SheetId};
use crate::value::NumberFormat;
use crate::value::order::ordered;

/// The statistical forecast: what entered measures are spread by.
const BASELINE: &str = "baseline";
/// What is smaller than this part of the figures is the error of adding them up.
const NOTHING: f64 = 1e-9;

/// How a row under a total takes part when the total is spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It takes its share.
    Free,
    /// Somebody decided on it: it keeps what it holds as long as the free rows can make up the total.
    Overridden,
    /// It may not be changed.
    Locked,
}

/// A row under a total.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Leaf {
    pub holds: f64,
    /// What its share follows: the second counts where the first is nothing in every row that takes part. Below 0 they
    /// count as 0.
    pub weights: [f64; 2],
    pub standing: Standing,
}

/// Why a total cannot be spread.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SpreadError {
    #[error("{0} is read-only: it comes from imported facts or the solver.")]
    ReadOnly(String),
    #[error("{0} does not add up over rows, so its total cannot be spread.")]
    NoSum(String),
    #[error("{0} holds shares of a whole. Change those of its rows.")]
    Shares(String),
    #[error("None of these rows is yours to change.")]
    AllLocked,
    /// What the rows that may not be changed hold.
    #[error("Rows you may not change hold {0} already: the others cannot make up this total.")]
    TooMuchLocked(String),
    #[error("This measure is not here any more.")]
    NoMeasure,
}

/// The new values of rows whose total becomes `total`; `None` for those that keep what they hold.
///
/// What the rows that keep theirs leave of the total goes to the others in proportion to their weights, evenly where
/// all weights are 0. With `decimals` shares are whole multiples of the last digit: the largest remainders are rounded
/// up (Hamilton's method), and what the digits cannot hold goes to the largest share, so that the sum is the total.
///
/// Overridden rows give way where the free ones cannot make up the total: there are none, or they would have to turn
/// against its sign.
///
/// ```
/// use grid_engine::workbook::{Leaf, Standing, spread};
/// let leaf = |holds, standing| Leaf { holds, weights: [holds, 0.0], standing };
/// let rows = [leaf(10.0, Standing::Free), leaf(30.0, Standing::Free), leaf(60.0, Standing::Locked)];
/// assert_eq!(spread(180.0, &rows, Some(0)), Ok(vec![Some(30.0), Some(90.0), None]));
/// ```
///
/// # Errors
/// Where every row is locked, or locked rows alone hold more than the total.
pub fn spread(total: f64, leaves: &[Leaf], decimals: Option<u32>) -> Result<Vec<Option<f64>>, SpreadError> {
    if leaves.iter().all(|leaf| leaf.standing == Standing::Locked) {
        return Err(SpreadError::AllLocked);
    }
    let first_then: [fn(Standing) -> bool; 2] = [|it| it == Standing::Free, |it| it != Standing::Locked];
    for takes in first_then {
        let free: Vec<&Leaf> = leaves.iter().filter(|leaf| takes(leaf.standing)).collect();
        let kept: f64 = leaves.iter().filter(|leaf| !takes(leaf.standing)).map(|leaf| leaf.holds).sum();
        let rest = total - kept;
        let rest = if rest.abs() <= NOTHING * total.abs().max(kept.abs()) { 0.0 } else { rest };
        let turns = if total < 0.0 { rest > 0.0 } else { rest < 0.0 };
        if !free.is_empty() && !turns {
            let mut shares = shares(rest, &weights(&free), decimals).into_iter();
            return Ok(leaves.iter().map(|leaf| takes(leaf.standing).then(|| shares.next()).flatten()).collect());
        }
    }
    let locked: f64 = leaves.iter().filter(|leaf| leaf.standing == Standing::Locked).map(|leaf| leaf.holds).sum();
    Err(SpreadError::TooMuchLocked(crate::value::format::display_number(locked, NumberFormat::General)))
}

/// The weights that say something, none below 0.
fn weights(free: &[&Leaf]) -> Vec<f64> {
    let of = |which: usize| free.iter().map(|leaf| leaf.weights[which].max(0.0)).collect::<Vec<f64>>();
    let first = of(0);
    if first.iter().any(|weight| *weight > 0.0) { first } else { of(1) }
}

fn shares(total: f64, weights: &[f64], decimals: Option<u32>) -> Vec<f64> {
    let sum: f64 = weights.iter().sum();
    let share = |weight: &f64| if sum > 0.0 { weight / sum } else { 1.0 / weights.len() as f64 };
    let exact: Vec<f64> = weights.iter().map(|weight| total * share(weight)).collect();
    let Some(decimals) = decimals else { return exact };
    let unit = 10_f64.powi(decimals as i32);
    let mut units: Vec<f64> = exact.iter().map(|value| (value * unit).floor()).collect();
    let wanted = (total * unit).round();
    let missing = (wanted - units.iter().sum::<f64>()).max(0.0) as usize;
    let remainder = |at: usize| exact[at] * unit - units[at];
    for &at in ordered(units.len(), &mut |a, b| remainder(b).total_cmp(&remainder(a))).iter().take(missing) {
        units[at] += 1.0;
    }
    let mut rounded: Vec<f64> = units.iter().map(|value| value / unit).collect();
    let beyond = total - wanted / unit;
    if beyond.abs() > NOTHING * total.abs()
        && let Some(largest) = (0..rounded.len()).max_by(|&a, &b| exact[a].abs().total_cmp(&exact[b].abs()))
    {
        rounded[largest] += beyond;
    }
    rounded
}

impl Workbook {
    /// The rows under the total of `rows` at a column, as far as a total of this measure can be spread. Entered measures
    /// follow the baseline, which has a value in every row, and then what they hold; formulas the other way round.
    fn leaves(
        &self,
        (sheet, rows, col): (SheetId, &[RowId], ColId),
        may_write: impl Fn(CellRef) -> bool,
    ) -> Result<(Vec<Leaf>, &Measure), SpreadError> {
        let mirror = self.sheet(sheet).ok_or(SpreadError::NoMeasure)?;
        let measure = mirror.measure(col.measure).ok_or(SpreadError::NoMeasure)?;
        if !matches!(measure.kind, MeasureKind::Input | MeasureKind::Formula(_)) {
            return Err(SpreadError::ReadOnly(measure.name.clone()));
        }
        if !matches!(measure.aggregate, Aggregate::Sum | Aggregate::Last) {
            return Err(SpreadError::NoSum(measure.name.clone()));
        }
        if measure.merge.is_allocation() {
            return Err(SpreadError::Shares(measure.name.clone()));
        }
        let baseline = MeasureId::named(BASELINE).ok().filter(|&id| mirror.measure(id).is_some());
        let baseline = baseline.map(|measure| ColId { measure, ..col });
        let number = |row, col| self.value(CellRef { sheet, row, col }).as_number().unwrap_or(0.0);
        let leaf = |&row: &RowId| {
            let cell = CellRef { sheet, row, col };
            let holds = number(row, col);
            let mut weights = [holds, baseline.map_or(0.0, |baseline| number(row, baseline))];
            if measure.kind == MeasureKind::Input {
                weights.reverse();
            }
            let standing = match self.cell(cell).source {
                _ if !may_write(cell) => Standing::Locked,
                Source::OverriddenFormula => Standing::Overridden,
                _ => Standing::Free,
            };
            Leaf { holds, weights, standing }
        };
        let leaves: Vec<Leaf> = rows.iter().map(leaf).collect();
        match leaves.iter().all(|leaf| leaf.standing == Standing::Locked) {
            true => Err(SpreadError::AllLocked),
            false => Ok((leaves, measure)),
        }
    }

    /// Why nobody can type over the total of `rows` at a column, whatever they type; `Ok` where it can be spread.
    ///
    /// # Errors
    /// What is said of the measure, or that `may_write` is true of no row.
    pub fn check_total(
        &self,
        total: (SheetId, &[RowId], ColId),
        may_write: impl Fn(CellRef) -> bool,
    ) -> Result<(), SpreadError> {
        self.leaves(total, may_write).map(drop)
    }

    /// The steps by which the total of `rows` at a column becomes `total`, by [`spread`], with the digits the measure
    /// shows; for `None` the steps that clear what was entered. On an additive measure the person's own contributions
    /// change. Cells for which `may_write` is false stay as they are.
    ///
    /// # Errors
    /// What is said of the measure, and those of [`spread`].
    pub fn spread_total(
        &self,
        (sheet, rows, col): (SheetId, &[RowId], ColId),
        total: Option<f64>,
        by: PersonId,
        may_write: impl Fn(CellRef) -> bool,
    ) -> Result<Vec<Op>, SpreadError> {
        let (leaves, measure) = self.leaves((sheet, rows, col), may_write)?;
        let set = |row: RowId, input| Op::SetCell { cell: CellRef { sheet, row, col }, input, guard: Guard::Always };
        let Some(total) = total else {
            let writable = rows.iter().zip(&leaves).filter(|(_, leaf)| leaf.standing != Standing::Locked);
            return Ok(writable.map(|(&row, _)| set(row, None)).collect());
        };
        let decimals = match measure.format {
            NumberFormat::Whole | NumberFormat::Money => Some(0),
            NumberFormat::Decimal | NumberFormat::Price => Some(2),
            _ => None,
        };
        let shares = spread(total, &leaves, decimals)?;
        let entered = |row: RowId, share: f64| match measure.merge {
            Merge::Additive => self.contribution_for(CellRef { sheet, row, col }, by, share),
            _ => Some(Input::Number(share)),
        };
        let changed = rows.iter().zip(shares).filter_map(|(&row, share)| Some((row, share?)));
        Ok(changed.map(|(row, share)| set(row, entered(row, share))).collect())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn free(weights: &[f64]) -> Vec<Leaf> {
        weights.iter().map(|&weight| Leaf { holds: weight, weights: [weight, 0.0], standing: Standing::Free }).collect()
    }

    fn spread_free(total: f64, weights: &[f64], decimals: Option<u32>) -> Vec<f64> {
        spread(total, &free(weights), decimals).unwrap().into_iter().map(Option::unwrap).collect()
    }

    #[test]
    fn a_total_spreads_in_proportion_and_evenly_over_nothing() {
        assert_eq!(spread_free(120.0, &[10.0, 30.0], None), [30.0, 90.0]);
        assert_eq!(spread_free(9.0, &[0.0, 0.0, 0.0], None), [3.0, 3.0, 3.0]);
        assert_eq!(spread_free(100.0, &[1.0, 1.0, 1.0], Some(0)), [34.0, 33.0, 33.0]);
        assert_eq!(spread_free(-10.0, &[1.0, 1.0, 2.0], Some(0)), [-2.0, -3.0, -5.0]);
        assert_eq!(spread_free(10.05, &[1.0, 3.0], Some(0)), [2.0, 8.05], "more digits than are shown");
        assert_eq!(spread(5.0, &[], Some(0)), Err(SpreadError::AllLocked));
    }

    #[test]
    fn the_second_weights_count_where_the_first_are_nothing() {
        let leaf = |weights, standing| Leaf { holds: 0.0, weights, standing };
        let rows =
            [leaf([0.0, 1.0], Standing::Free), leaf([0.0, 3.0], Standing::Free), leaf([9.0, 0.0], Standing::Locked)];
        assert_eq!(spread(8.0, &rows, None), Ok(vec![Some(2.0), Some(6.0), None]));
    }

    #[test]
    fn rows_that_are_locked_or_decided_on_keep_what_they_hold() {
        let leaf = |holds: f64, standing| Leaf { holds, weights: [holds, 0.0], standing };
        let (free, own, locked) = (Standing::Free, Standing::Overridden, Standing::Locked);
        let rows = [leaf(10.0, free), leaf(50.0, own), leaf(40.0, locked)];
        assert_eq!(spread(120.0, &rows, Some(0)), Ok(vec![Some(30.0), None, None]));
        // The free row cannot go below nothing, so what was decided gives way; what is locked never does.
        assert_eq!(spread(70.0, &rows, Some(0)), Ok(vec![Some(5.0), Some(25.0), None]));
        assert_eq!(spread(30.0, &rows, Some(0)), Err(SpreadError::TooMuchLocked("40".into())));
        let decided = [leaf(10.0, own), leaf(30.0, own)];
        assert_eq!(spread(80.0, &decided, Some(0)), Ok(vec![Some(20.0), Some(60.0)]), "all of them were decided on");
        assert_eq!(spread(8.0, &[leaf(1.0, locked)], None), Err(SpreadError::AllLocked));
    }

    fn leaf() -> impl Strategy<Value = Leaf> {
        let standing =
            prop_oneof![3 => Just(Standing::Free), 1 => Just(Standing::Overridden), 1 => Just(Standing::Locked)];
        ((0..90_000_u32).prop_map(|cents| f64::from(cents) / 100.0), 0.0..900.0, standing)
            .prop_map(|(holds, weight, standing)| Leaf { holds, weights: [weight, holds], standing })
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_total(
            cents in 0..10_000_000_i64,
            leaves in prop::collection::vec(leaf(), 1..40),
            decimals in prop::option::of(0..3_u32),
        ) {
            let total = cents as f64 / 100.0;
            let Ok(spread) = spread(total, &leaves, decimals) else {
                let locked: f64 = leaves.iter().filter(|it| it.standing == Standing::Locked).map(|it| it.holds).sum();
                prop_assert!(locked > total || leaves.iter().all(|it| it.standing == Standing::Locked));
                return Ok(());
            };
            let sum: f64 = spread.iter().zip(&leaves).map(|(share, leaf)| share.unwrap_or(leaf.holds)).sum();
            prop_assert!((sum - total).abs() < 1e-6, "{} is not {}", sum, total);
            prop_assert!(spread.iter().flatten().all(|share| *share >= -1e-6));
            prop_assert!(spread.iter().zip(&leaves).all(|(share, leaf)| leaf.standing != Standing::Locked || share.is_none()));
            if let Some(decimals) = decimals {
                let unit = 10_f64.powi(decimals as i32);
                let broken = spread.iter().flatten().filter(|share| ((*share * unit).round() - *share * unit).abs() > 1e-6);
                prop_assert!(broken.count() <= 1, "only the largest share holds what the digits cannot");
            }
        }
    }
}
