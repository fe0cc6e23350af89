//! How far from the forecast the truth may be: conformal intervals from backtest errors.
//!
//! A series has a few dozen backtest errors of its own, too few for a quantile at every step. So the errors of all
//! steps are brought to the first step's size by how errors of this series grow ([`super::growth`]), their quantile is
//! taken as in split conformal prediction, and it is pooled with what many series of real demand showed. Pooled scores,
//! scaled by each series' own error, keep their coverage where model-based intervals are too narrow.

use super::growth;
use super::normal::normal_quantile;

/// The weights were chosen on the same errors, so the future's are larger; most of all the rare large ones. A line in the
/// normal quantile, by the coverage of later windows inside the known histories of five families.
const CAUTION: (f64, f64) = (0.72, 0.18);
/// How much more so the less errors grow: where the season is most of a series, methods differ by how they fit it, and
/// choosing among them flatters most.
const FLATTERED: f64 = 0.35;
/// Errors from others that count as much as the series' own.
const POOLED: f64 = 30.0;

/// Half width per step for one level in (0, 1), in the unit of `errors`, which hold (step ahead from 0, error).
///
/// `unit` is what errors would be measured in if there were none: the seasonal naive error. They grow with the steps to the
/// `power`.
pub(super) fn half_widths(errors: &[(usize, f64)], unit: f64, power: f64, level: f64, horizon: usize) -> Vec<f64> {
    let growth = |step: usize| (1.0 + step as f64).powf(power);
    let mut scores: Vec<f64> = errors.iter().map(|(step, error)| error.abs() / growth(*step)).collect();
    scores.sort_unstable_by(f64::total_cmp);
    let count = scores.len() as f64;
    let normal = normal_quantile(0.5 + level / 2.0);
    // What other series show at this level, for a series whose mean absolute score is 1.
    let typical = 1.25 * normal * (1.0 + 0.12 * normal);
    let mean =
        if scores.is_empty() { 0.6 * unit } else { (scores.iter().sum::<f64>() + 4.0 * 0.6 * unit) / (count + 4.0) };
    let pooled = typical * mean;
    let rank = ((count + 1.0) * level).ceil() as usize;
    // Beyond the largest own error the pooled quantile speaks alone.
    let own =
        scores.get(rank.wrapping_sub(1)).copied().unwrap_or_else(|| pooled.max(scores.last().copied().unwrap_or(0.0)));
    let share = count / (count + POOLED);
    let first = share * own + (1.0 - share) * pooled;
    let caution = (CAUTION.0 + CAUTION.1 * normal) * (1.0 + FLATTERED * (growth::USUAL - power));
    (0..horizon).map(|step| caution * first * growth(step)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wider_for_higher_levels_and_later_steps() {
        let errors: Vec<(usize, f64)> = (0..18).map(|step| (step, ((step * 7) % 5) as f64 - 2.0)).collect();
        let (eighty, ninety_five) = (half_widths(&errors, 1.0, 0.4, 0.8, 12), half_widths(&errors, 1.0, 0.4, 0.95, 12));
        assert!(eighty.iter().zip(&ninety_five).all(|(narrow, wide)| narrow < wide));
        assert!(eighty.windows(2).all(|pair| pair[0] < pair[1]));
        let flat = half_widths(&errors, 1.0, 0.0, 0.8, 12);
        assert!(flat.iter().all(|width| *width == flat[0]), "errors that do not grow");
    }

    #[test]
    fn errors_of_later_steps_count_by_their_growth_and_little_growth_asks_for_caution() {
        let first = |step: usize, error: f64, power: f64| half_widths(&[(step, error); 20], 1.0, power, 0.8, 1)[0];
        // An error of the fourth step is 4^0.4 times one of the first.
        assert!((first(3, 4_f64.powf(0.4), 0.4) - first(0, 1.0, 0.4)).abs() < 1e-12);
        assert!((first(0, 1.0, 0.0) / first(0, 1.0, 0.4) - 1.14).abs() < 1e-12, "0.35 of the 0.4 that is usual");
    }

    #[test]
    fn no_errors_at_all_still_give_a_width() {
        assert!(half_widths(&[], 2.0, 0.4, 0.8, 3).iter().all(|width| *width > 0.0));
        assert_eq!(half_widths(&[], 0.0, 0.4, 0.8, 2), [0.0, 0.0]);
    }
}
