//! Spreading a total over the rows it adds up.

/// The new values of rows whose total becomes `total`: in proportion to `weights`, evenly where these add up to
/// nothing. With `decimals` the values are rounded so that they still add up to the total exactly: the largest
/// remainders are rounded up (Hamilton's method).
///
/// Weights of one sign are expected; a negative one counts as 0.
pub fn spread(total: f64, weights: &[f64], decimals: Option<u32>) -> Vec<f64> {
    let weights: Vec<f64> = weights.iter().map(|weight| weight.max(0.0)).collect();
    let sum: f64 = weights.iter().sum();
    let share = |weight: &f64| if sum > 0.0 { weight / sum } else { 1.0 / weights.len() as f64 };
    let exact: Vec<f64> = weights.iter().map(|weight| total * share(weight)).collect();
    let Some(decimals) = decimals else { return exact };
    let unit = 10_f64.powi(decimals as i32);
    let mut units: Vec<f64> = exact.iter().map(|value| (value * unit).floor()).collect();
    let missing = ((total * unit).round() - units.iter().sum::<f64>()).max(0.0) as usize;
    let remainder = |at: usize| exact[at] * unit - units[at];
    let by_remainder =
        grid_engine::value::order::ordered(units.len(), &mut |a, b| remainder(b).total_cmp(&remainder(a)));
    for &at in by_remainder.iter().take(missing) {
        units[at] += 1.0;
    }
    units.into_iter().map(|value| value / unit).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_total_spreads_in_proportion_and_evenly_over_nothing() {
        assert_eq!(spread(120.0, &[10.0, 30.0], None), [30.0, 90.0]);
        assert_eq!(spread(9.0, &[0.0, 0.0, 0.0], None), [3.0, 3.0, 3.0]);
        assert_eq!(spread(100.0, &[1.0, 1.0, 1.0], Some(0)), [34.0, 33.0, 33.0]);
        assert_eq!(spread(-10.0, &[1.0, 1.0, 2.0], Some(0)), [-2.0, -3.0, -5.0]);
        assert_eq!(spread(5.0, &[], Some(0)), Vec::<f64>::new());
    }

    proptest! {
        #[test]
        fn rounded_parts_add_up_to_the_total(total in -100_000_i32..100_000, weights in prop::collection::vec(0.0..900.0, 1..40)) {
            let parts = spread(f64::from(total), &weights, Some(0));
            prop_assert_eq!(parts.iter().sum::<f64>(), f64::from(total));
            prop_assert!(parts.iter().all(|part| part.fract() == 0.0));
        }
    }
}
