//! What the supply plan says of each shortage, to end the tree of a service figure in.

use std::collections::BTreeMap;

use super::super::summary::told_shortages;
use super::super::supply_page::ShortageLine;
use crate::calendar::Bucket;
use crate::wire::SheetFrame;

/// Where a plan says nothing of what is short.
const NOT_TOLD: &str = "short, its limit not told";
/// Units a plan tells fewer of than are short, relative to these, that are rounding.
const ROUNDING: f64 = 1e-6;

/// Item, region, channel, and the bucket something was demanded in.
type Demanded = (String, String, String, Bucket);

/// Causes with the units each of them takes.
pub(super) struct Limits(BTreeMap<Demanded, Vec<(String, f64)>>);

impl Limits {
    /// Of every shortage; where a plan holds only those its summary lists, of these.
    pub(super) fn of(frames: &[SheetFrame], reasons: &[ShortageLine]) -> Self {
        let mut limits = Self(BTreeMap::new());
        for line in reasons {
            if let Ok(bucket) = line.bucket.parse() {
                limits.add(
                    (line.item.clone(), line.region.clone(), line.channel.clone(), bucket),
                    &line.cause,
                    line.units,
                );
            }
        }
        if reasons.is_empty() {
            // These name no channel and only the first cause of a region.
            for shortage in told_shortages(frames) {
                let key = (shortage.item, shortage.region, String::new(), shortage.bucket);
                if !limits.0.contains_key(&key) {
                    limits.add(key, &shortage.cause, f64::INFINITY);
                }
            }
        }
        limits
    }

    fn add(&mut self, key: Demanded, cause: &str, units: f64) {
        let cause = without_bucket(cause);
        let causes = self.0.entry(key).or_default();
        match causes.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, sum)) => *sum += units,
            None => causes.push((cause.to_owned(), units)),
        }
    }

    /// The causes of the units a row is short of in a bucket, with the share of each; they sum to 1.
    pub(super) fn shares(&self, [item, region, channel]: [&str; 3], bucket: Bucket, units: f64) -> Vec<(String, f64)> {
        let key = |channel: &str| (item.to_owned(), region.to_owned(), channel.to_owned(), bucket);
        let known = self.0.get(&key(channel)).or_else(|| self.0.get(&key("")));
        let Some(known) = known else { return vec![(NOT_TOLD.to_owned(), 1.0)] };
        let told: f64 = known.iter().map(|(_, units)| units).sum();
        if !told.is_finite() || told <= 0.0 {
            let count = known.len() as f64;
            return known.iter().map(|(cause, _)| (cause.clone(), 1.0 / count)).collect();
        }
        // More may come late than is short here: what comes of earlier buckets counts for this one.
        let is_whole = told >= units * (1.0 - ROUNDING);
        let whole = if is_whole { told } else { units };
        let shares = known.iter().map(|(cause, units)| (cause.clone(), units / whole));
        let rest = (!is_whole).then(|| (NOT_TOLD.to_owned(), 1.0 - told / whole));
        shares.chain(rest).collect()
    }
}

/// A limit is the same in every bucket: `capacity of L1 in 2026-03` is `capacity of L1`.
fn without_bucket(cause: &str) -> &str {
    match cause.rsplit_once(" in ") {
        Some((limit, bucket)) if bucket.parse::<Bucket>().is_ok() => limit,
        _ => cause,
    }
}
