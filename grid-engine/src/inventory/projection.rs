//! Stock bucket by bucket, and how long it lasts.

/// One bucket's close.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Projected {
    pub stock: f64,
    /// Demand not yet served, carried into the next bucket.
    pub backlog: f64,
    /// Demand served in the bucket, of this and earlier buckets.
    pub served: f64,
}

/// Stock at the close of every bucket: opening + receipts − demand, what is short being owed to the next bucket.
///
/// As long as the longer of the two series; a missing value moves nothing.
///
/// ```
/// use grid_engine::inventory::project_stock;
/// let closes = project_stock(50.0, &[0.0, 100.0], &[70.0, 40.0]);
/// assert_eq!((closes[0].stock, closes[0].backlog), (0.0, 20.0));
/// assert_eq!((closes[1].stock, closes[1].served), (40.0, 60.0));
/// ```
pub fn project_stock(opening: f64, receipts: &[f64], demand: &[f64]) -> Vec<Projected> {
    let (mut stock, mut backlog) = (opening.max(0.0), (-opening).max(0.0));
    (0..receipts.len().max(demand.len()))
        .map(|bucket| {
            let at = |series: &[f64]| series.get(bucket).copied().filter(|value| value.is_finite()).unwrap_or(0.0);
            let available = stock + at(receipts);
            let wanted = backlog + at(demand);
            let served = wanted.min(available.max(0.0));
            stock = available - served;
            backlog = wanted - served;
            Projected { stock, backlog, served }
        })
        .collect()
}

/// Days that stock covers the coming demand, part of a bucket included.
///
/// `days` are those of each bucket. `None` where demand does not use the stock up within the series: the cover is
/// longer than the plan looks ahead.
///
/// ```
/// use grid_engine::inventory::cover_days;
/// assert_eq!(cover_days(45.0, &[30.0, 30.0], &[31.0, 28.0]), Some(45.0)); // 31 + half of 28
/// assert_eq!(cover_days(99.0, &[30.0, 30.0], &[31.0, 28.0]), None);
/// ```
pub fn cover_days(stock: f64, demand: &[f64], days: &[f64]) -> Option<f64> {
    let (mut left, mut covered) = (stock, 0.0);
    if left <= 0.0 {
        return Some(0.0);
    }
    for (demand, days) in demand.iter().zip(days) {
        if *demand > 0.0 && left <= *demand {
            return Some(covered + days * left / demand);
        }
        left -= demand.max(0.0);
        covered += days;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_between_buckets() {
        let (receipts, demand) = ([5.0, 0.0, 30.0, 2.0], [9.0, 4.0, 11.0, 30.0]);
        let closes = project_stock(6.0, &receipts, &demand);
        for (bucket, close) in closes.iter().enumerate() {
            let received: f64 = receipts[..=bucket].iter().sum();
            let demanded: f64 = demand[..=bucket].iter().sum();
            assert!((close.stock - close.backlog - (6.0 + received - demanded)).abs() < 1e-9);
            assert!(close.stock >= 0.0 && close.backlog >= 0.0 && close.served >= 0.0);
            assert!(close.stock == 0.0 || close.backlog == 0.0, "no stock while something is owed");
        }
    }

    #[test]
    fn an_opening_debt_is_served_first() {
        let closes = project_stock(-10.0, &[25.0], &[5.0]);
        assert_eq!(closes, [Projected { stock: 10.0, backlog: 0.0, served: 15.0 }]);
    }

    #[test]
    fn no_stock_covers_no_day_and_no_demand_all_days() {
        assert_eq!(cover_days(0.0, &[1.0], &[30.0]), Some(0.0));
        assert_eq!(cover_days(5.0, &[0.0, 0.0], &[30.0, 30.0]), None);
        assert_eq!(cover_days(5.0, &[0.0, 10.0], &[30.0, 30.0]), Some(45.0));
    }
}
