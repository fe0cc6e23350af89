//! What is known of numbers that pass one by one.

use crate::value::{CellError, Value};

/// Count, sum and extremes so far; the sum with what its rounding loses, so that the order of a long column does not
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
        // What rounding lost, without asking which of the two is the larger: Knuth's sum of two, exact like Neumaier's
        // and without its branch.
        let taken = next - self.sum;
        self.lost += (self.sum - (next - taken)) + (number - taken);
        self.sum = next;
        self.count += 1;
        // Comparisons, not `min`: no number of a cell is NaN, for which that would look each time.
        self.least = if number < self.least { number } else { self.least };
        self.greatest = if number > self.greatest { number } else { self.greatest };
    }

    /// Takes all of another's numbers.
    pub fn absorb(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        let count = self.count + other.count;
        let (least, greatest) = (self.least.min(other.least), self.greatest.max(other.greatest));
        self.add(other.sum);
        self.lost += other.lost;
        (self.count, self.least, self.greatest) = (count, least, greatest);
    }

    /// The sum of all.
    pub fn total(&self) -> f64 {
        if self.lost.is_finite() { self.sum + self.lost } else { self.sum }
    }
}

/// Numbers taken in turns by several sums, which a processor adds up side by side; which number goes where depends on
/// its place alone, so the result is always the same, and the same when they are taken piece by piece.
#[derive(Clone, Debug, Default)]
pub struct Lanes {
    /// The next number goes to the first of them.
    lanes: [Running; 4],
    /// How far they were turned for that.
    turned: usize,
}

impl Lanes {
    /// Takes the numbers of values by place, up to the first error.
    pub fn take<'a>(&mut self, mut values: impl Iterator<Item = &'a Value>) -> Result<(), CellError> {
        loop {
            for next in 0..self.lanes.len() {
                match values.next() {
                    Some(Value::Number(number)) => self.lanes[next].add(*number),
                    Some(Value::Error(error)) => return Err(error.clone()),
                    Some(_) => {}
                    None => {
                        self.lanes.rotate_left(next);
                        self.turned = (self.turned + next) % self.lanes.len();
                        return Ok(());
                    }
                }
            }
        }
    }

    /// What is known of all of them.
    pub fn together(&self) -> Running {
        let mut all = Running::default();
        // From the lane of the first number on.
        let (later, sooner) = self.lanes.split_at((self.lanes.len() - self.turned) % self.lanes.len());
        sooner.iter().chain(later).for_each(|lane| all.absorb(lane));
        all
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn lanes_find_what_one_finds() {
        let values: Vec<Value> = (0..1003).map(|n| Value::Number(f64::from(n % 37) * 0.1 - 1.0)).collect();
        let mut one = Running::default();
        values.iter().filter_map(Value::as_number).for_each(|number| one.add(number));
        let mut lanes = Lanes::default();
        lanes.take(values.iter()).unwrap();
        let all = lanes.together();
        assert_eq!((all.count, all.least, all.greatest), (one.count, one.least, one.greatest));
        assert!((all.total() - one.total()).abs() < 1e-12);
        let mixed = [Value::Blank, Value::text("7"), 2.0.into(), crate::value::ErrorKind::Na.into(), 3.0.into()];
        assert!(Lanes::default().take(mixed.iter()).is_err());
    }

    #[test]
    fn pieces_come_to_what_the_whole_does_to_the_last_bit() {
        let values: Vec<Value> = (0..103).map(|n| Value::Number(f64::from(n * 37 % 101) * 0.1)).collect();
        let mut whole = Lanes::default();
        whole.take(values.iter()).unwrap();
        for length in 1..9 {
            let mut pieces = Lanes::default();
            values.chunks(length).for_each(|piece| pieces.take(piece.iter()).unwrap());
            assert_eq!(format!("{pieces:?}"), format!("{whole:?}"), "in pieces of {length}");
            let [all, one] = [&pieces, &whole].map(|lanes| format!("{:?}", lanes.together()));
            assert_eq!(all, one, "in pieces of {length}");
        }
    }

    #[test]
    fn nothing_is_nothing() {
        assert_eq!(Lanes::default().together().count, 0);
        assert_eq!(Lanes::default().together().total(), 0.0);
    }
}
