//! Safety stock from service level and uncertainty (Silver, Pyke & Thomas 2017, chapter 6).

use crate::forecast::{normal_quantile, normal_share};

/// What may happen between ordering and receiving. All per bucket, lead times in buckets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Uncertainty {
    /// Mean demand.
    pub demand: f64,
    /// Standard deviation of the forecast error; of demand where it is not forecast.
    pub demand_deviation: f64,
    /// Mean lead time, review period included.
    pub lead_time: f64,
    /// Standard deviation of the lead time.
    pub lead_time_deviation: f64,
}

impl Uncertainty {
    /// Standard deviation of demand over the lead time: √(L·σ² + d²·s²).
    pub fn over_lead_time(&self) -> f64 {
        let from_demand = self.lead_time * self.demand_deviation.powi(2);
        let from_lead_time = (self.demand * self.lead_time_deviation).powi(2);
        (from_demand + from_lead_time).sqrt()
    }

    fn is_valid(&self) -> bool {
        [self.demand, self.demand_deviation, self.lead_time, self.lead_time_deviation]
            .iter()
            .all(|value| value.is_finite() && *value >= 0.0)
    }
}

/// Stock to keep so that a replenishment cycle passes without stockout with probability `service_level`.
///
/// Never negative: a service level below one half needs no safety stock. `None` for negative or infinite inputs and for a
/// level outside 0–1; 1 itself would need infinite stock.
///
/// ```
/// use grid_engine::inventory::{Uncertainty, safety_stock};
/// // Demand 100 ± 20 a week, lead time 4 weeks exactly, 95 %: 1.645 · 20 · √4 = 65.8.
/// let weeks = Uncertainty { demand: 100.0, demand_deviation: 20.0, lead_time: 4.0, lead_time_deviation: 0.0 };
/// assert_eq!(safety_stock(&weeks, 0.95).map(|units| (units * 10.0).round() / 10.0), Some(65.8));
/// assert_eq!(safety_stock(&weeks, 1.0), None);
/// ```
pub fn safety_stock(uncertainty: &Uncertainty, service_level: f64) -> Option<f64> {
    let possible = uncertainty.is_valid() && service_level > 0.0 && service_level < 1.0;
    let stock = normal_quantile(service_level).max(0.0) * uncertainty.over_lead_time();
    (possible && stock.is_finite()).then_some(stock)
}

/// The cycle service level that a safety stock gives: the inverse of [`safety_stock`]. `None` where nothing is uncertain.
///
/// ```
/// use grid_engine::inventory::{Uncertainty, service_level};
/// let weeks = Uncertainty { demand: 100.0, demand_deviation: 20.0, lead_time: 4.0, lead_time_deviation: 0.0 };
/// assert_eq!(service_level(&weeks, 65.79).map(|level| (level * 1000.0).round()), Some(950.0));
/// ```
pub fn service_level(uncertainty: &Uncertainty, safety_stock: f64) -> Option<f64> {
    let deviation = uncertainty.over_lead_time();
    (uncertainty.is_valid() && deviation > 0.0 && safety_stock.is_finite())
        .then(|| normal_share(safety_stock / deviation))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Both sources: √(9·25² + 100²·1.5²) = √(5625 + 22500) = 167.7; at 97.5 % times 1.96.
    #[test]
    fn lead_time_uncertainty_adds() {
        let both = Uncertainty { demand: 100.0, demand_deviation: 25.0, lead_time: 9.0, lead_time_deviation: 1.5 };
        assert!((both.over_lead_time() - 167.705).abs() < 1e-3);
        assert!((safety_stock(&both, 0.975).unwrap() - 328.696).abs() < 1e-2);
    }

    #[test]
    fn stock_and_level_are_inverse() {
        let any = Uncertainty { demand: 10.0, demand_deviation: 3.0, lead_time: 2.0, lead_time_deviation: 0.5 };
        for level in [0.5, 0.8, 0.9, 0.99, 0.999] {
            let stock = safety_stock(&any, level).unwrap();
            assert!((service_level(&any, stock).unwrap() - level).abs() < 1e-6, "{level}");
        }
    }

    #[test]
    fn nonsense_has_no_answer() {
        let negative = Uncertainty { demand: -1.0, demand_deviation: 1.0, lead_time: 1.0, lead_time_deviation: 0.0 };
        assert_eq!(safety_stock(&negative, 0.9), None);
        let certain = Uncertainty { demand: 1.0, demand_deviation: 0.0, lead_time: 1.0, lead_time_deviation: 0.0 };
        assert_eq!((safety_stock(&certain, 0.9), service_level(&certain, 1.0)), (Some(0.0), None));
        assert_eq!(safety_stock(&certain, f64::NAN), None);
        assert_eq!(safety_stock(&certain, 0.0), None);
    }
}
