//! Where values are in a list, found without reading it: what makes the thousandth lookup in a table as quick as one in ten rows.

use super::Value;
use super::entry::read_number;
use super::known::Known;

/// Lists that are shorter are read.
const FEW: usize = 64;
/// Lists that are read less often are not worth the pass that notes their places.
const READS: u8 = 3;
const NONE: u32 = u32::MAX;

/// The places of a list that is asked for them again and again.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct KnownPlaces(Known<Places>);

impl KnownPlaces {
    /// Places of `count` values, `list` giving each, of which those of a value are among; `None` where reading all is as quick.
    pub fn of<'a>(&self, value: &Value, count: usize, list: impl Fn(usize) -> &'a Value) -> Option<Candidates<'_>> {
        if count < FEW || count >= NONE as usize {
            return None;
        }
        Some(self.0.get(READS, || Places::of(count, list))?.candidates(value))
    }
}

/// Chains of places whose values may be equal, each in ascending order.
#[derive(Debug)]
struct Places {
    /// The first place of each chain; a power of two.
    heads: Vec<u32>,
    /// The next place of the same chain.
    next: Vec<u32>,
}

impl Places {
    fn of<'a>(count: usize, list: impl Fn(usize) -> &'a Value) -> Self {
        let mut heads = vec![NONE; count.next_power_of_two()];
        let mut next = vec![NONE; count];
        for place in (0..count).rev() {
            let head = hash(list(place)) as usize & (heads.len() - 1);
            next[place] = std::mem::replace(&mut heads[head], place as u32);
        }
        Self { heads, next }
    }

    fn candidates(&self, value: &Value) -> Candidates<'_> {
        let chain = |hash: u32| hash as usize & (self.heads.len() - 1);
        let mut chains = match number_of(value) {
            Some(number) => {
                let [near, other] = near(number).map(|step| chain(hash_of_step(step)));
                [self.heads[near], if near == other { NONE } else { self.heads[other] }]
            }
            None => [self.heads[chain(hash(value))], NONE],
        };
        chains.sort_unstable();
        Candidates { next: &self.next, chains, from: 0, to: NONE as usize }
    }
}

/// Places in ascending order, among which are all of a value.
#[derive(Debug)]
pub(crate) struct Candidates<'a> {
    next: &'a [u32],
    chains: [u32; 2],
    /// The part of the list that is asked; places count from its beginning.
    from: usize,
    to: usize,
}

impl Candidates<'_> {
    /// Those between two places, counted from the first of them.
    pub(super) fn between(self, from: usize, to: usize) -> Self {
        Self { from, to, ..self }
    }
}

impl Iterator for Candidates<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        loop {
            let chain = usize::from(self.chains[1] < self.chains[0]);
            let place = self.chains[chain] as usize;
            self.chains[chain] = *self.next.get(place).filter(|_| place < self.to)?;
            if place >= self.from {
                return Some(place - self.from);
            }
        }
    }
}

/// Numbers that [compare as equal](super::compare_numbers) are at most so many representable ones apart.
const REACH: u64 = 9;

/// A number's place among those representable; zero and its negative share one.
fn rank(number: f64) -> u64 {
    (number + 0.0).to_bits()
}

/// The step a rank is in: wider than twice the reach, so that equal numbers are in two of them at most.
fn step(rank: u64) -> u64 {
    rank >> 5
}

/// The steps in which numbers are that equal one.
fn near(number: f64) -> [u64; 2] {
    let rank = rank(number);
    [step(rank.saturating_sub(REACH)), step(rank.saturating_add(REACH))]
}

fn hash_of_step(step: u64) -> u32 {
    (step.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}

/// The number that a value is or that its text is read as: `"5"` meets a criterion of 5.
fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Text(text) => read_number(text).map(|(number, _)| number),
        _ => None,
    }
}

/// Equal for values that lookups and criteria take for equal, but for numbers that are [`near`].
fn hash(value: &Value) -> u32 {
    if let Some(number) = number_of(value) {
        return hash_of_step(step(rank(number)));
    }
    // FNV-1a (Fowler, Noll, Vo 1991).
    let of_bytes = |bytes: &mut dyn Iterator<Item = u8>| {
        bytes.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    };
    match value {
        Value::Text(text) if text.is_ascii() => of_bytes(&mut text.bytes().map(|byte| byte.to_ascii_lowercase())),
        Value::Text(text) => of_bytes(&mut text.to_lowercase().bytes()),
        Value::Bool(truth) => u32::from(*truth),
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::value::{Array, compare_numbers, same_texts};

    fn value() -> impl Strategy<Value = Value> {
        let number = prop_oneof![
            (-3_i8..4).prop_map(f64::from),
            Just(-0.0),
            (1_u64..40).prop_map(|ulps| f64::from_bits(1.0_f64.to_bits() - 20 + ulps)),
            (0_u64..20).prop_map(|ulps| f64::from_bits(0.3_f64.to_bits() - 10 + ulps)),
        ];
        const TEXTS: [&str; 14] =
            ["a", "A", "ä", "Ä", "1", " 1", "1.0", "x", "", "K", "\u{212a}", "3 Mar 2024", "ΣΑΣ", "σας"];
        prop_oneof![
            4 => number.prop_map(Value::Number),
            3 => prop::sample::select(&TEXTS[..]).prop_map(Value::text),
            1 => any::<bool>().prop_map(Value::Bool),
            1 => Just(Value::Blank),
        ]
    }

    /// Whether a lookup or a criterion takes the values for equal.
    fn equal(a: &Value, b: &Value) -> bool {
        match (a, b) {
            (Value::Number(a), Value::Number(b)) => compare_numbers(*a, *b).is_eq(),
            (Value::Text(a), Value::Text(b)) => same_texts(a, b),
            (Value::Number(number), Value::Text(text)) | (Value::Text(text), Value::Number(number)) => {
                read_number(text).is_some_and(|(read, _)| read == *number)
            }
            (a, b) => a == b,
        }
    }

    proptest! {
        #[test]
        fn all_equal_values_are_among_the_candidates(list in prop::collection::vec(value(), FEW..200), sought in value()) {
            let array = Array::column(list.clone()).unwrap();
            let wanted: Vec<usize> = (0..list.len()).filter(|place| equal(&list[*place], &sought)).collect();
            for _ in 0..READS {
                prop_assert!(array.candidates(&sought).is_none());
            }
            let candidates: Vec<usize> = array.candidates(&sought).unwrap().collect();
            prop_assert!(candidates.is_sorted_by(|a, b| a < b));
            let found: Vec<usize> = candidates.into_iter().filter(|place| equal(&list[*place], &sought)).collect();
            prop_assert_eq!(&found, &wanted);
            // A part of a list finds in the whole's places what lies in it.
            let whole = std::sync::Arc::new(array);
            let (from, count) = (list.len() / 3, list.len() / 2);
            let part = Array::part(&whole, from, count).unwrap();
            let found: Vec<usize> = part.candidates(&sought).unwrap().collect();
            prop_assert!(found.iter().all(|place| *place < count));
            let found: Vec<usize> = found.into_iter().filter(|place| equal(&part.cells()[*place], &sought)).collect();
            let inside = wanted.iter().filter_map(|place| place.checked_sub(from)).filter(|place| *place < count);
            prop_assert_eq!(found, inside.collect::<Vec<_>>());
        }
    }
}
