//! How far from the forecast the truth may be: conformal intervals from backtest errors.
//!
//! A series has a few dozen backtest errors of its own, too few for a quantile at every step. So the errors of all
//! steps are brought to the first step's size by a common growth curve, their quantile is taken as in split conformal
//! prediction, and it is pooled with what many series of real demand showed. Pooled scores, scaled by each series'
//! own error, keep their coverage where model-based intervals are too narrow.

/// Growth of errors with the steps ahead: (1 + step)^GROWTH.
const GROWTH: f64 = 0.28;
/// Errors from others that count as much as the series' own.
const POOLED: f64 = 30.0;

/// Half width per step for one level in (0, 1), in the unit of `errors`, which hold (step ahead from 0, error).
///
/// `unit` is what errors would be measured in if there were none: the seasonal naive error.
pub(super) fn half_widths(errors: &[(usize, f64)], unit: f64, level: f64, horizon: usize) -> Vec<f64> {
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
    (0..horizon).map(|step| first * growth(step)).collect()
}

fn growth(step: usize) -> f64 {
    (1.0 + step as f64).powf(GROWTH)
}

/// Standard normal quantile (Acklam's rational approximation, relative error below 1.2e-9).
pub fn normal_quantile(probability: f64) -> f64 {
    const A: [f64; 6] = [
        -39.696_830_286_653_76,
        220.946_098_424_520_5,
        -275.928_510_446_968_7,
        138.357_751_867_269,
        -30.664_798_066_147_16,
        2.506_628_277_459_239,
    ];
    const B: [f64; 5] = [
        -54.476_098_798_224_06,
        161.585_836_858_040_9,
        -155.698_979_859_886_6,
        66.801_311_887_719_72,
        -13.280_681_552_885_72,
    ];
    const C: [f64; 6] = [
        -0.007_784_894_002_430_293,
        -0.322_396_458_041_136_5,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 4] =
        [0.007_784_695_709_041_462, 0.322_467_129_070_039_8, 2.445_134_137_142_996, 3.754_408_661_907_416];
    let horner = |coefficients: &[f64], x: f64| coefficients.iter().fold(0.0, |sum, c| sum * x + c);
    let tail = |p: f64| {
        let q = (-2.0 * p.ln()).sqrt();
        horner(&C, q) / (horner(&D, q) * q + 1.0)
    };
    let p = probability.clamp(1e-300, 1.0 - 1e-16);
    if p < 0.024_25 {
        tail(p)
    } else if p > 1.0 - 0.024_25 {
        -tail(1.0 - p)
    } else {
        let (q, r) = (p - 0.5, (p - 0.5) * (p - 0.5));
        horner(&A, r) * q / (horner(&B, r) * r + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_quantiles_as_tabulated() {
        for (probability, quantile) in [
            (0.5, 0.0),
            (0.9, 1.281_551_565_5),
            (0.95, 1.644_853_627),
            (0.975, 1.959_963_985),
            (0.999, 3.090_232_306),
            (0.01, -2.326_347_874),
        ] {
            assert!((normal_quantile(probability) - quantile).abs() < 1e-8, "{probability}");
        }
    }

    #[test]
    fn wider_for_higher_levels_and_later_steps() {
        let errors: Vec<(usize, f64)> = (0..18).map(|step| (step, ((step * 7) % 5) as f64 - 2.0)).collect();
        let (eighty, ninety_five) = (half_widths(&errors, 1.0, 0.8, 12), half_widths(&errors, 1.0, 0.95, 12));
        assert!(eighty.iter().zip(&ninety_five).all(|(narrow, wide)| narrow < wide));
        assert!(eighty.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn no_errors_at_all_still_give_a_width() {
        assert!(half_widths(&[], 2.0, 0.8, 3).iter().all(|width| *width > 0.0));
        assert_eq!(half_widths(&[], 0.0, 0.8, 2), [0.0, 0.0]);
    }
}
