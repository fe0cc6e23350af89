//! What is known of numbers that pass one by one.

/// Count, sum and extremes so far; the sum with Neumaier's compensation, so that the order of a long column does not
/// show in the last digits.
#[derive(Clone, Copy, Debug)]
pub struct Running {
    pub count: usize,
    sum: f64,
    lost: f64,
    pub least: f64,
    pub greatest: f64,
}

impl Default for Running {
    fn default() -> Self {
        Self { count: 0, sum: 0.0, lost: 0.0, least: f64::INFINITY, greatest: f64::NEG_INFINITY }
    }
}

impl Running {
    /// Takes one more number.
    pub fn add(&mut self, number: f64) {
        let next = self.sum + number;
        self.lost +=
            if self.sum.abs() >= number.abs() { (self.sum - next) + number } else { (number - next) + self.sum };
        self.sum = next;
        self.count += 1;
        self.least = self.least.min(number);
        self.greatest = self.greatest.max(number);
    }

    /// The sum of all.
    pub fn total(&self) -> f64 {
        if self.lost.is_finite() { self.sum + self.lost } else { self.sum }
    }
}
