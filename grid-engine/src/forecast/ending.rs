//! Items that have ended: demand that stopped and, by all the item has shown, does not come back.

/// The chance below which silence is no longer taken for one of the item's pauses.
const CHANCE: f64 = 0.000_5;
/// The fewest silent buckets.
const LEAST: usize = 3;

/// Silent buckets at the end of a history that has ended; `None` for one that goes on.
///
/// By the share of buckets without demand before (with the rule of succession), so long a silence would be rarer than
/// [`CHANCE`]; it is also more than twice as long as any pause before. Items with a season must have shown two seasons, or
/// be silent for more than one: the first summer without demand for snow shovels is not their end.
pub(super) fn silent_end(values: &[f64], season: usize) -> Option<usize> {
    let last = values.iter().rposition(|value| *value != 0.0)?;
    let silent = values.len() - 1 - last;
    let first = values.iter().position(|value| *value != 0.0)?;
    let active = &values[first..=last];
    if silent < LEAST || active.len() < LEAST || (active.len() < 2 * season && silent <= season) {
        return None;
    }
    let pauses = active.split(|value| *value != 0.0).map(<[f64]>::len);
    let (longest, zeros) = pauses.fold((0, 0), |(longest, zeros), pause| (longest.max(pause), zeros + pause));
    let share = (zeros as f64 + 1.0) / (active.len() as f64 + 2.0);
    (silent > 2 * longest && share.powf(silent as f64) < CHANCE).then_some(silent)
}

/// The most that may yet be demanded in a bucket, at a level in (0, 1) and a step from 0 on. By the rule of succession demand
/// is back by then with a chance of (step + 1) ÷ (silent + step + 2), and has then its usual sizes.
pub(super) fn upper_bound(values: &[f64], silent: usize, level: f64, step: usize) -> f64 {
    let (ahead, silent) = (step as f64 + 1.0, silent as f64);
    let chance = ahead / (silent + 1.0 + ahead);
    if chance <= 1.0 - level {
        return 0.0;
    }
    let mut sizes: Vec<f64> = values.iter().copied().filter(|value| *value > 0.0).collect();
    sizes.sort_unstable_by(f64::total_cmp);
    let within = 1.0 - (1.0 - level) / chance;
    let rank = (within * sizes.len() as f64).ceil() as usize;
    sizes.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::planted::Noise;

    #[test]
    fn ended_items_are_seen_and_pauses_are_not() {
        let with_end = |mut values: Vec<f64>, silent: usize| {
            values.extend(vec![0.0; silent]);
            values
        };
        // Never a bucket without demand: share 1/26, so three silent buckets are enough.
        assert_eq!(silent_end(&with_end(vec![10.0; 24], 3), 12), Some(3));
        assert_eq!(silent_end(&with_end(vec![10.0; 24], 2), 12), None);
        // Demand every other bucket: share 12/25, eleven silent buckets are (12/25)^11 = 0.0003.
        let every_other: Vec<f64> = (0..24).map(|at| f64::from(at % 2)).collect();
        assert_eq!(silent_end(&with_end(every_other.clone(), 10), 1), None);
        assert_eq!(silent_end(&with_end(every_other, 11), 1), Some(11));
        // A pause of six, and then one of ten, of an item that else sells always: it has been away before.
        let away = [vec![10.0; 30], vec![0.0; 6], vec![10.0; 10]].concat();
        assert_eq!(silent_end(&with_end(away.clone(), 10), 12), None);
        assert_eq!(silent_end(&with_end(away, 13), 12), Some(13));
        assert_eq!(silent_end(&[0.0; 20], 1), None);
        assert_eq!(silent_end(&[], 1), None);
    }

    #[test]
    fn the_season_without_demand_is_no_end() {
        // Demand in five months of twelve; the history ends within the silence, the first or a later one.
        let shovel = |at: usize| if at % 12 < 5 { 40.0 } else { 0.0 };
        for length in [9, 11, 22, 35, 47] {
            let values: Vec<f64> = (0..length).map(shovel).collect();
            assert_eq!(silent_end(&values, 12), None, "{length}");
        }
    }

    #[test]
    fn intermittent_items_rarely_seem_ended() {
        let mut alarms = 0;
        for seed in 0..500 {
            let mut noise = Noise::new(seed);
            let chance = 0.1 + 0.8 * noise.share();
            let values: Vec<f64> = (0..60).map(|_| f64::from(u8::from(noise.share() < chance))).collect();
            alarms += usize::from(silent_end(&values, 1).is_some());
        }
        assert!(alarms <= 2, "{alarms} of 500");
    }

    #[test]
    fn what_may_come_back_by_hand() {
        // Eight silent buckets: back in the first bucket with a chance of one in ten, by the fourth with 4 in 13.
        let values = [4.0, 6.0, 5.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let upper = |level: f64, step: usize| upper_bound(&values, 8, level, step);
        // Above 0 in one case of ten: 95 % hold the lower half of the sizes. 4 in 13 leave out less than one in five by
        // holding the lowest third (1 − 0.2 × 13/4 = 0.35, two of three).
        assert_eq!((upper(0.8, 0), upper(0.95, 0)), (0.0, 5.0));
        assert_eq!((upper(0.8, 3), upper(0.95, 3)), (5.0, 6.0));
    }
}
