//! Seasonal ARIMA by conditional sum of squares: the average over a handful of orders and both ways of differencing, of
//! the series and, where it is positive, of its logarithms.

use super::Sample;
use crate::forecast::simplex::{Axis, Point, minimise};

/// Autoregressive and moving average terms, without and with season; all on the differenced series.
#[derive(Clone, Copy, Debug)]
struct Order {
    ar: usize,
    ma: usize,
    seasonal_ar: usize,
    seasonal_ma: usize,
    /// A constant: the mean of the differenced series.
    constant: bool,
}

const fn order(ar: usize, ma: usize, seasonal_ar: usize, seasonal_ma: usize, constant: bool) -> Order {
    Order { ar, ma, seasonal_ar, seasonal_ma, constant }
}

/// For series differenced both ways: the airline model and its neighbours.
const AIRLINE: [Order; 3] = [order(0, 1, 0, 1, false), order(1, 1, 0, 1, false), order(2, 0, 0, 1, false)];
/// For series differenced by season only.
const SEASONAL: [Order; 2] = [order(1, 0, 0, 1, true), order(1, 1, 0, 1, true)];
/// For series differenced once.
const PLAIN: [Order; 4] =
    [order(0, 1, 0, 0, false), order(1, 1, 0, 0, false), order(0, 1, 0, 0, true), order(2, 1, 0, 0, false)];
/// For series differenced once, with a weak season.
const WEAK: [Order; 2] = [order(0, 1, 1, 0, false), order(1, 1, 1, 0, false)];

/// The most terms a product of two polynomials has.
const MOST_TERMS: usize = 6;

/// Lags with their weights.
#[derive(Clone, Copy, Default)]
struct Terms {
    lags: [(usize, f64); MOST_TERMS],
    count: usize,
}

impl Terms {
    fn push(&mut self, lag: usize, weight: f64) {
        if self.count < MOST_TERMS {
            self.lags[self.count] = (lag, weight);
            self.count += 1;
        }
    }

    fn iter(&self) -> impl Iterator<Item = &(usize, f64)> {
        self.lags[..self.count].iter()
    }

    /// Σ wᵢ·seriesₜ₋ᵢ, 0 before the start.
    #[inline]
    fn apply(&self, series: &[f64], at: usize) -> f64 {
        let mut sum = 0.0;
        for (lag, weight) in self.iter() {
            if at >= *lag {
                sum += weight * series[at - lag];
            }
        }
        sum
    }
}

/// Autocorrelation at the seasonal lag, in standard errors, from which on the series is differenced by season.
const CLEAR_EVIDENCE: f64 = 1.2;

/// How fast an order's weight falls with its distance in AICc from the best one: far flatter than the textbook's 2,
/// because averaging forecast better than choosing on all of five families.
const TEMPER: f64 = 10.0;

pub(super) fn arima(sample: &Sample, horizon: usize) -> Option<Vec<f64>> {
    let plain = averaged(sample, sample.series, horizon)?;
    if !sample.positive {
        return Some(plain);
    }
    // Whether growth and season go by amounts or by factors is rarely clear: both count alike.
    let logarithms: Vec<f64> = sample.series.iter().map(|value| value.ln()).collect();
    let last = *logarithms.last()?;
    let factors = averaged(sample, &logarithms, horizon)?;
    let back = |(plain, log): (f64, f64)| plain.midpoint(log.clamp(last - 4.0, last + 4.0).exp());
    Some(plain.into_iter().zip(factors).map(back).collect())
}

/// The average over orders, weighted by exp(−ΔAICc ÷ [`TEMPER`]).
fn averaged(sample: &Sample, levels: &[f64], horizon: usize) -> Option<Vec<f64>> {
    let (n, season) = (levels.len(), sample.season);
    if n < 10 {
        return None;
    }
    let mut models: Vec<(f64, Vec<f64>)> = Vec::with_capacity(6);
    // Per point, so that models which lose more points to differencing compare.
    let mut keep = |fit: &Fit, points: usize, path: Vec<f64>| models.push((fit.aicc / points as f64 * n as f64, path));
    if sample.evidence > CLEAR_EVIDENCE && n >= 3 * season + 6 {
        let once = difference(levels, season);
        let twice = difference(&once, 1);
        for fit in AIRLINE.iter().filter_map(|order| fit(&twice, *order, season)) {
            let changes = integrate(&once, 1, &fit.forecast(&twice, horizon));
            keep(&fit, twice.len(), integrate(levels, season, &changes));
        }
        for fit in SEASONAL.iter().filter_map(|order| fit(&once, *order, season)) {
            keep(&fit, once.len(), integrate(levels, season, &fit.forecast(&once, horizon)));
        }
    } else {
        let once = difference(levels, 1);
        let weak: &[Order] = if season > 1 && n >= 3 * season { &WEAK } else { &[] };
        for fit in PLAIN.iter().chain(weak).filter_map(|order| fit(&once, *order, season)) {
            keep(&fit, once.len(), integrate(levels, 1, &fit.forecast(&once, horizon)));
        }
    }
    let best = models.iter().map(|(aicc, _)| *aicc).fold(f64::INFINITY, f64::min);
    let (mut path, mut total) = (vec![0.0; horizon], 0.0);
    for (aicc, model) in &models {
        let weight = ((best - aicc) / TEMPER).exp();
        total += weight;
        path.iter_mut().zip(model).for_each(|(sum, value)| *sum += weight * value);
    }
    path.iter_mut().for_each(|value| *value /= total);
    (total > 0.0).then_some(path)
}

fn difference(series: &[f64], lag: usize) -> Vec<f64> {
    series[lag.min(series.len())..].iter().zip(series).map(|(now, before)| now - before).collect()
}

/// Undoes a difference for values after the end of `series`.
fn integrate(series: &[f64], lag: usize, changes: &[f64]) -> Vec<f64> {
    let mut values: Vec<f64> = series[series.len() - lag..].to_vec();
    for (step, change) in changes.iter().enumerate() {
        values.push(values[step] + change);
    }
    values.split_off(lag)
}

struct Fit {
    aicc: f64,
    ar: Terms,
    ma: Terms,
    mean: f64,
    errors: Vec<f64>,
}

fn fit(series: &[f64], order: Order, season: usize) -> Option<Fit> {
    let dims = order.ar + order.ma + order.seasonal_ar + order.seasonal_ma;
    let n = series.len();
    if n < dims + 6 {
        return None;
    }
    let mean = if order.constant { series.iter().sum::<f64>() / n as f64 } else { 0.0 };
    let mut axes = Vec::with_capacity(dims);
    axes.extend((0..order.ar).map(|lag| Axis::new(if lag == 0 { 0.3 } else { 0.0 }, 0.2, -0.97, 0.97)));
    axes.extend((0..order.ma).map(|_| Axis::new(-0.4, 0.3, -0.97, 0.97)));
    axes.extend((0..order.seasonal_ar).map(|_| Axis::new(0.2, 0.2, -0.9, 0.9)));
    axes.extend((0..order.seasonal_ma).map(|_| Axis::new(-0.5, 0.3, -0.95, 0.95)));
    let centred: Vec<f64> = series.iter().map(|value| value - mean).collect();
    let mut errors = vec![0.0; n];
    let skip = (order.ar + order.seasonal_ar * season).min(n / 3);
    let (point, _) = minimise(&axes, 45 * dims, |point| {
        let (ar, ma) = polynomials(point, order, season);
        squares(&centred, &ar, &ma, skip, &mut errors)
    });
    let (ar, ma) = polynomials(&point, order, season);
    let sum = squares(&centred, &ar, &ma, skip, &mut errors);
    let used = (n - skip) as f64;
    let parameters = dims as f64 + 1.0 + f64::from(u8::from(order.constant));
    let correction = used - parameters - 1.0;
    if !sum.is_finite() || correction < 1.0 {
        return None;
    }
    // Per point, so that orders which skip more points at the start compare.
    let aicc =
        n as f64 * (sum / used).max(1e-18).ln() + 2.0 * parameters + 2.0 * parameters * (parameters + 1.0) / correction;
    Some(Fit { aicc, ar, ma, mean, errors })
}

/// The products (1 − Σφ)(1 − Φ) and (1 + Σθ)(1 + Θ) as weighted lags.
fn polynomials(point: &Point, order: Order, season: usize) -> (Terms, Terms) {
    let (ar, rest) = point.split_at(order.ar);
    let (ma, rest) = rest.split_at(order.ma);
    let (seasonal_ar, rest) = rest.split_at(order.seasonal_ar);
    let seasonal_ma = &rest[..order.seasonal_ma];
    (product(ar, seasonal_ar, season, -1.0), product(ma, seasonal_ma, season, 1.0))
}

fn product(plain: &[f64], seasonal: &[f64], season: usize, cross_sign: f64) -> Terms {
    let mut terms = Terms::default();
    for (lag, weight) in plain.iter().enumerate() {
        terms.push(lag + 1, *weight);
    }
    for (number, weight) in seasonal.iter().enumerate() {
        let shift = (number + 1) * season;
        terms.push(shift, *weight);
        for (lag, other) in plain.iter().enumerate() {
            terms.push(shift + lag + 1, cross_sign * weight * other);
        }
    }
    terms
}

/// Sum of squared errors from `skip` on; errors before it are 0.
fn squares(series: &[f64], ar: &Terms, ma: &Terms, skip: usize, errors: &mut [f64]) -> f64 {
    errors[..skip].fill(0.0);
    let mut sum = 0.0;
    for at in skip..series.len() {
        let error = series[at] - ar.apply(series, at) - ma.apply(errors, at);
        errors[at] = error;
        sum += error * error;
        if sum > 1e12 {
            return f64::INFINITY;
        }
    }
    sum
}

impl Fit {
    fn forecast(&self, series: &[f64], horizon: usize) -> Vec<f64> {
        let n = series.len();
        let mut values: Vec<f64> = series.iter().map(|value| value - self.mean).collect();
        let mut errors = self.errors.clone();
        for _ in 0..horizon {
            let at = values.len();
            let next = self.ar.apply(&values, at) + self.ma.apply(&errors, at);
            values.push(next);
            errors.push(0.0);
        }
        values[n..].iter().map(|value| value + self.mean).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integrating_undoes_differencing() {
        let series = [3.0, 5.0, 4.0, 8.0, 9.0, 7.0, 12.0];
        for lag in [1, 3] {
            let changes = difference(&series, lag);
            let back = integrate(&series[..4], lag, &changes[4 - lag..]);
            assert_eq!(back, series[4..]);
        }
    }

    #[test]
    fn seasonal_product_has_its_cross_term() {
        let mut point = [0.0; crate::forecast::simplex::MOST];
        (point[0], point[1]) = (-0.4, -0.6);
        let (_, ma) = polynomials(&point, order(0, 1, 0, 1, false), 12);
        let lags: Vec<_> = ma.iter().copied().collect();
        assert_eq!(lags, [(1, -0.4), (12, -0.6), (13, 0.24)]);
    }
}
