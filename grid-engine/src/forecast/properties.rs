//! What holds for every series.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn options(horizon: usize, season: usize) -> Options {
    Options { horizon, season, ..Options::default() }
}

/// Histories as they come: gaps, zeros, level changes, sizes from cents to billions.
fn histories() -> impl Strategy<Value = Vec<Option<f64>>> {
    let value = prop_oneof![
        6 => (0.0..1000.0_f64).prop_map(Some),
        2 => Just(Some(0.0)),
        1 => Just(None),
        1 => (-1e9..1e9_f64).prop_map(Some),
    ];
    prop::collection::vec(value, 0..60)
}

fn known(history: &[Option<f64>]) -> bool {
    history.iter().any(Option::is_some)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// A forecast or a reason; never a bad number, never negative from what never was.
    #[test]
    fn finite_in_finite_out(history in histories(), horizon in 1..30_usize, season in 1..13_usize) {
        match forecast(&history, &options(horizon, season)) {
            Ok(result) => {
                prop_assert_eq!(result.mean.len(), horizon);
                prop_assert!(result.mean.iter().all(|value| value.is_finite()));
                let weights: f64 = result.explanation.members.iter().map(|member| member.weight).sum();
                prop_assert!((weights - 1.0).abs() < 1e-9);
                for interval in &result.intervals {
                    for (step, mean) in result.mean.iter().enumerate() {
                        prop_assert!(interval.lower[step] <= *mean && *mean <= interval.upper[step]);
                    }
                }
                if history.iter().flatten().all(|value| *value >= 0.0) {
                    prop_assert!(result.mean.iter().chain(&result.intervals[0].lower).all(|value| *value >= 0.0));
                }
            }
            Err(reason) => prop_assert!(!known(&history), "{}", reason),
        }
    }

    #[test]
    fn the_same_twice(history in histories()) {
        prop_assert_eq!(forecast(&history, &options(6, 4)), forecast(&history, &options(6, 4)));
    }

    /// Asking for more buckets leaves the first ones as they were.
    #[test]
    fn longer_horizons_begin_alike(history in histories(), season in 1..13_usize) {
        if let (Ok(short), Ok(long)) = (forecast(&history, &options(5, season)), forecast(&history, &options(20, season))) {
            prop_assert_eq!(&short.mean[..], &long.mean[..5]);
            prop_assert_eq!(&short.intervals[0].upper[..], &long.intervals[0].upper[..5]);
        }
    }

    /// Another unit gives the same forecast in that unit; powers of two lose no digit.
    #[test]
    fn units_do_not_matter(history in histories(), power in -20..20_i32) {
        let factor = f64::from(power).exp2();
        let scaled: Vec<Option<f64>> = history.iter().map(|value| value.map(|value| value * factor)).collect();
        if let (Ok(plain), Ok(scaled)) = (forecast(&history, &options(6, 4)), forecast(&scaled, &options(6, 4))) {
            for (plain, scaled) in plain.mean.iter().zip(&scaled.mean) {
                prop_assert_eq!(plain * factor, *scaled);
            }
        }
    }

    /// Whatever drives a series: a forecast or a reason, its first buckets the same for longer horizons.
    #[test]
    fn driven_forecasts_are_numbers(history in histories(), drive in prop::collection::vec(-1e3..1e3_f64, 80)) {
        let drivers = [("a", 1.0), ("b", 0.0)].map(|(name, floor)| Driver {
            name: name.to_owned(),
            values: drive.iter().map(|value| Some(value.max(floor) * (1.0 + floor))).collect(),
        });
        let run = |horizon| forecast_all(
            &[Request { drivers: &drivers, ..Request::new(&history, options(horizon, 4)) }], 1, &InTurn,
        ).remove(0);
        if let (Ok(short), Ok(long)) = (run(5), run(9)) {
            prop_assert!(long.mean.iter().all(|value| value.is_finite()));
            prop_assert_eq!(&short.mean[..], &long.mean[..5]);
            for interval in &long.intervals {
                for (step, mean) in long.mean.iter().enumerate() {
                    prop_assert!(interval.lower[step] <= *mean && *mean <= interval.upper[step]);
                }
            }
            if history.iter().flatten().all(|value| *value >= 0.0) {
                prop_assert!(long.mean.iter().chain(&long.intervals[1].lower).all(|value| *value >= 0.0));
            }
        } else {
            prop_assert!(!known(&history));
        }
    }

    /// A driver that never changes changes nothing.
    #[test]
    fn constant_drivers_do_nothing(history in histories(), level in -10.0..10.0_f64) {
        let drivers = [Driver { name: "a".to_owned(), values: vec![Some(level); 70] }];
        let driven = forecast_all(
            &[Request { drivers: &drivers, ..Request::new(&history, options(6, 4)) }], 1, &InTurn,
        ).remove(0);
        if let (Ok(driven), Ok(plain)) = (driven, forecast(&history, &options(6, 4))) {
            for (driven, plain) in driven.mean.iter().zip(&plain.mean) {
                prop_assert!((driven - plain).abs() <= 1e-6 * plain.abs().max(1e-6), "{} {}", driven, plain);
            }
        }
    }

    /// A missing bucket before the first value changes nothing.
    #[test]
    fn what_precedes_the_first_value_is_ignored(history in histories(), before in 1..10_usize) {
        let mut longer = vec![None; before];
        longer.extend_from_slice(&history);
        match (forecast(&history, &options(6, 4)), forecast(&longer, &options(6, 4))) {
            (Ok(short), Ok(long)) => prop_assert_eq!(short.mean, long.mean),
            (Err(_), Err(_)) => {}
            (short, long) => prop_assert!(false, "{short:?} {long:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    /// Histories longer than a fit looks at, gappy anywhere.
    #[test]
    fn long_gappy_histories_are_forecast(
        values in prop::collection::vec(0.0..1000.0_f64, 900..3000),
        gaps in prop::collection::vec((0..3000_usize, 1..40_usize), 0..90),
        season in prop_oneof![Just(1_usize), Just(7), Just(12)],
    ) {
        let mut history: Vec<Option<f64>> = values.into_iter().map(Some).collect();
        // Wherever the cut is, the bucket there is one of the missing.
        let cut = history.len().saturating_sub(1_000);
        for (from, width) in gaps.into_iter().chain([(cut, 1)]) {
            history.iter_mut().skip(from).take(width).for_each(|value| *value = None);
        }
        prop_assume!(known(&history));
        let result = forecast(&history, &options(4, season));
        prop_assert!(result.is_ok_and(|result| result.mean.iter().all(|value| value.is_finite())));
    }
}

#[test]
fn c2_every_bad_input_gets_its_reason() {
    let reason = |history: &[Option<f64>], options: &Options| forecast(history, options).unwrap_err();
    let good = [Some(1.0), Some(2.0), Some(4.0)];
    assert_eq!(reason(&[], &options(3, 1)), ForecastError::Empty);
    assert_eq!(reason(&[None; 4], &options(3, 1)), ForecastError::AllMissing { buckets: 4 });
    assert_eq!(reason(&[Some(1.0), Some(f64::INFINITY)], &options(3, 1)), ForecastError::NotFinite { at: 1 });
    assert_eq!(reason(&good, &options(0, 1)), ForecastError::Horizon { horizon: 0, most: 1000 });
    assert_eq!(reason(&good, &options(3, 0)), ForecastError::Season { season: 0, most: 1000 });
    let level = Options { levels: vec![100.0], ..options(3, 1) };
    assert_eq!(reason(&good, &level), ForecastError::Level { level: 100.0 });
    let only = Options { models: Models::Only(vec![Method::Ar]), ..options(3, 1) };
    assert_eq!(reason(&good, &only), ForecastError::TooShort { points: 3, models: "ar".to_owned() });
}

#[test]
fn c2_constant_single_and_zero_series_repeat() {
    for (history, note) in
        [(vec![Some(7.0); 30], Note::Constant), (vec![Some(7.0)], Note::OnePoint), (vec![Some(0.0); 9], Note::Constant)]
    {
        let result = forecast(&history, &options(3, 12)).unwrap();
        assert_eq!(result.mean, [history[0].unwrap(); 3]);
        assert_eq!(result.explanation.notes, [note]);
    }
}

#[test]
fn c2_extreme_sizes_stay_numbers() {
    for size in [1e-320, 1e-300, 1e12, 1e300, f64::MAX / 2.0] {
        let history: Vec<Option<f64>> = (0..40).map(|t| Some(size * (1.0 + f64::from(t % 5) / 8.0))).collect();
        let result = forecast(&history, &options(12, 4)).unwrap();
        assert!(result.mean.iter().all(|value| value.is_finite() && *value > 0.0), "{size} {:?}", result.mean);
    }
    let mixed = [Some(1e308), Some(-1e308), Some(1.0), Some(0.0), Some(1e-308), Some(1e308), Some(3.0), Some(-1e308)];
    assert!(forecast(&mixed, &options(3, 2)).unwrap().mean.iter().all(|value| value.is_finite()));
}

#[test]
fn a_trailing_gap_is_bridged() {
    let season = [10.0, 20.0, 40.0, 20.0];
    let mut history: Vec<Option<f64>> = (0..40).map(|t| Some(season[t % 4])).collect();
    let whole = forecast(&history, &options(5, 4)).unwrap();
    history.push(None);
    let gappy = forecast(&history, &options(4, 4)).unwrap();
    assert_eq!(gappy.mean, whole.mean[1..]);
    assert_eq!(gappy.explanation.notes, [Note::TrailingGap { buckets: 1 }]);
    assert!((gappy.mean[0] - 20.0).abs() < 1.0, "{:?}", gappy.mean);
}

#[test]
fn every_method_runs_alone() {
    let history: Vec<Option<f64>> =
        (0..60).map(|t| Some((50.0 + f64::from(t)) * [0.8, 1.0, 1.3, 0.9][t as usize % 4])).collect();
    for method in Method::ALL.into_iter().filter(|method| ![Method::Global, Method::Zero].contains(method)) {
        let alone = Options { models: Models::Only(vec![method]), ..options(4, 4) };
        let result = forecast(&history, &alone).unwrap();
        assert_eq!(result.explanation.members.len(), 1, "{}", method.name());
        assert!(result.mean.iter().all(|value| (10.0..400.0).contains(value)), "{} {:?}", method.name(), result.mean);
    }
}

/// Others know two.
#[test]
fn two_years_that_are_the_same_come_again() {
    let year = [50.0, 60.0, 90.0, 120.0, 150.0, 180.0, 200.0, 170.0, 130.0, 100.0, 70.0, 40.0];
    let history: Vec<Option<f64>> = year.iter().chain(&year).map(|value| Some(*value)).collect();
    let found = forecast(&history, &options(12, 12)).unwrap();
    let off: f64 = year.iter().zip(&found.mean).map(|(truth, mean)| (mean - truth).abs() / truth).sum();
    assert!(found.explanation.seasonal && off / 12.0 < 0.08, "{off} {found:?}");
}

/// Many companies know two years and a half.
#[test]
fn thirty_months_are_enough_to_forecast_their_season() {
    let mut noise = super::planted::Noise::new(3);
    let truth = |month: u32| 200.0 * (1.0 + 0.4 * (std::f64::consts::TAU * f64::from(month) / 12.0).cos());
    let history: Vec<Option<f64>> = (0..30).map(|month| Some(truth(month) + 4.0 * noise.normal())).collect();
    let found = forecast(&history, &options(12, 12)).unwrap();
    let off: f64 = (30..42).zip(&found.mean).map(|(month, mean)| (mean - truth(month)).abs() / truth(month)).sum();
    assert!(found.explanation.seasonal && off / 12.0 < 0.08, "{off} {found:?}");
}
