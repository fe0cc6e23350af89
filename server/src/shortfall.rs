//! All that a supply plan leaves short, as pages and files tell it: the sheets show the largest alone.

use std::collections::BTreeMap;

use grid_engine::plan::{Shortage, ShortageLine};
use grid_engine::value::order::sort_largest_first;

/// Units late or lost by what stands in the way, most first, without the bucket: a line that is full for three months is one
/// cause.
pub fn by_cause(lines: &[ShortageLine]) -> Vec<(String, f64)> {
    let mut units: BTreeMap<&str, f64> = BTreeMap::new();
    for line in lines {
        let cause = line.cause.rsplit_once(" in ").map_or(line.cause.as_str(), |(cause, _)| cause);
        *units.entry(cause).or_default() += line.units;
    }
    let mut causes: Vec<_> = units.into_iter().map(|(cause, units)| (cause.to_owned(), units)).collect();
    sort_largest_first(&mut causes, |cause| cause.1);
    causes
}

/// Every shortage over all channels, late and lost together, as the summary has the largest of them; most units first.
pub fn shortages(lines: &[ShortageLine]) -> Vec<Shortage> {
    let mut units: BTreeMap<[&str; 4], f64> = BTreeMap::new();
    for line in lines {
        *units.entry([&line.item, &line.region, &line.bucket, &line.cause]).or_default() += line.units;
    }
    let shortage = |([item, region, bucket, cause], quantity): ([&str; 4], f64)| {
        let bucket = bucket.parse().ok()?;
        Some(Shortage { item: item.to_owned(), region: region.to_owned(), bucket, quantity, cause: cause.to_owned() })
    };
    let mut shortages: Vec<Shortage> = units.into_iter().filter_map(shortage).collect();
    sort_largest_first(&mut shortages, |shortage| shortage.quantity);
    shortages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shortage_counts_however_many_there_are() {
        let line = |place: usize, kind: &str, channel: &str| ShortageLine {
            item: format!("Tea {place}"),
            region: "North".into(),
            channel: channel.into(),
            bucket: format!("2026-{:02}", place % 12 + 1),
            kind: kind.into(),
            units: place as f64 + 1.0,
            cause: if place < 20 {
                format!("capacity of L1 in 2026-{:02}", place % 12 + 1)
            } else {
                "lead time of Tin".into()
            },
        };
        let lines: Vec<ShortageLine> =
            (0..30).flat_map(|place| [line(place, "late", "Retail"), line(place, "lost", "Export")]).collect();
        assert_eq!(by_cause(&lines), [("lead time of Tin".to_owned(), 510.0), ("capacity of L1".to_owned(), 420.0)]);
        let all = shortages(&lines);
        assert_eq!((all.len(), all[0].quantity, &*all[0].item), (30, 60.0, "Tea 29"));
        assert_eq!(all.iter().map(|it| it.quantity).sum::<f64>(), 930.0, "what the causes come to");
    }
}
