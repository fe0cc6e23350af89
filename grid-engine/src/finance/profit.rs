//! Revenue, cost, profit and margin.

/// Money earned by units sold at net prices: `Σ units · price`. The shorter series sets the length.
///
/// ```
/// # use grid_engine::finance::revenue;
/// assert_eq!(revenue(&[10.0, 4.0], &[2.5, 3.0]), 37.0);
/// ```
pub fn revenue(units: &[f64], prices: &[f64]) -> f64 {
    units.iter().zip(prices).map(|(units, price)| units * price).sum()
}

/// What is earned and what it costs, in one currency.
///
/// ```
/// # use grid_engine::finance::Profit;
/// let plan = Profit { revenue: 200.0, cost: 150.0 };
/// assert_eq!(plan.amount(), 50.0);
/// assert_eq!(plan.margin(), Some(0.25));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Profit {
    pub revenue: f64,
    pub cost: f64,
}

impl Profit {
    /// Revenue less cost.
    pub fn amount(&self) -> f64 {
        self.revenue - self.cost
    }

    /// Profit as a share of revenue; `None` without revenue.
    pub fn margin(&self) -> Option<f64> {
        (self.revenue != 0.0).then(|| self.amount() / self.revenue)
    }

    /// Cost as a share of revenue, the cost to serve; `None` without revenue.
    pub fn cost_to_serve(&self) -> Option<f64> {
        (self.revenue != 0.0).then(|| self.cost / self.revenue)
    }
}

impl std::ops::Add for Profit {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { revenue: self.revenue + other.revenue, cost: self.cost + other.cost }
    }
}

impl std::iter::Sum for Profit {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), std::ops::Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_revenue_gives_no_ratio() {
        let nothing_sold = Profit { revenue: 0.0, cost: 5.0 };
        assert_eq!((nothing_sold.amount(), nothing_sold.margin(), nothing_sold.cost_to_serve()), (-5.0, None, None));
    }

    #[test]
    fn parts_sum_to_the_whole() {
        let parts = [Profit { revenue: 100.0, cost: 60.0 }, Profit { revenue: 50.0, cost: 70.0 }];
        assert_eq!(parts.into_iter().sum::<Profit>(), Profit { revenue: 150.0, cost: 130.0 });
    }
}
