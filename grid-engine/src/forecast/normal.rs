//! The standard normal distribution.

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

/// Probability that a standard normal value is at most `x` (West 2005, after Hart; absolute error below 1e-14).
pub fn normal_share(x: f64) -> f64 {
    const TOP: [f64; 7] = [
        0.035_262_496_599_891_1,
        0.700_383_064_443_688,
        6.373_962_203_531_65,
        33.912_866_078_383,
        112.079_291_497_871,
        221.213_596_169_931,
        220.206_867_912_376,
    ];
    const BOTTOM: [f64; 8] = [
        0.088_388_347_648_318_4,
        1.755_667_163_182_64,
        16.064_177_579_207,
        86.780_732_202_946_1,
        296.564_248_779_674,
        637.333_633_378_831,
        793.826_512_519_948,
        440.413_735_824_752,
    ];
    let size = x.abs();
    let horner = |coefficients: &[f64]| coefficients.iter().fold(0.0, |sum, c| sum * size + c);
    let density = (-size * size / 2.0).exp();
    let beyond = if size > 37.0 {
        0.0
    } else if size < 7.071_067_811_865_47 {
        density * horner(&TOP) / horner(&BOTTOM)
    } else {
        let fraction = (1..=4).rev().fold(size + 0.65, |sum, n| size + f64::from(n) / sum);
        density / fraction / 2.506_628_274_631
    };
    if x > 0.0 { 1.0 - beyond } else { beyond }
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
    fn quantile_and_share_are_inverse() {
        for probability in [1e-9, 0.001, 0.2, 0.5, 0.77, 0.999] {
            assert!((normal_share(normal_quantile(probability)) - probability).abs() < 1e-8, "{probability}");
        }
        assert!((normal_share(1.959_963_985) - 0.975).abs() < 1e-9);
        assert_eq!((normal_share(-50.0), normal_share(50.0)), (0.0, 1.0));
    }
}
