//! Buckets as words.

use grid_engine::calendar::{Bucket, Grain};

use crate::figures::MONTHS;

/// The short label under an axis: `Mar`, `W05`.
pub fn short(bucket: Bucket) -> String {
    let (_, part) = bucket.year_and_part();
    match bucket.grain() {
        Grain::Month => MONTHS.get(part as usize - 1).copied().unwrap_or_default().to_owned(),
        Grain::Week => format!("W{part:02}"),
    }
}

/// The label of a read-out: `Mar 2026`, `W05 2026`.
pub fn long(bucket: Bucket) -> String {
    format!("{} {}", short(bucket), bucket.year_and_part().0)
}

/// Where a year begins among the buckets, and its number; the first bucket always counts.
pub fn years(buckets: &[Bucket]) -> Vec<(usize, i32)> {
    let mut years: Vec<(usize, i32)> = Vec::new();
    for (index, bucket) in buckets.iter().enumerate() {
        let year = bucket.year_and_part().0;
        if years.last().is_none_or(|(_, last)| *last != year) {
            years.push((index, year));
        }
    }
    years
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_read_as_words() {
        let start: Bucket = "2025-11".parse().unwrap();
        assert_eq!((short(start), long(start)), ("Nov".to_owned(), "Nov 2025".to_owned()));
        assert_eq!(long("2026-W05".parse().unwrap()), "W05 2026");
        let buckets: Vec<Bucket> = (0..16).map(|index| start.plus(index)).collect();
        assert_eq!(years(&buckets), [(0, 2025), (2, 2026), (14, 2027)]);
    }
}
