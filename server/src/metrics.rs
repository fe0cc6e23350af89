//! What the server counts and measures, in the text form of Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds of the histograms' buckets, in seconds.
const BOUNDS: [f64; 13] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0];

/// Everything measured since the server started.
#[derive(Default)]
pub struct Metrics {
    /// From an update's arrival until it is on disk and told so.
    pub acknowledged: Histogram,
    /// One commit with its wait for the disk.
    pub committed: Histogram,
    pub recalculated: Histogram,
    /// Updates taken, and frames sent with them.
    pub updates: AtomicU64,
    pub frames: AtomicU64,
    refusals: Mutex<BTreeMap<String, u64>>,
}

/// How often something took how long.
#[derive(Default)]
pub struct Histogram {
    counts: [AtomicU64; BOUNDS.len()],
    count: AtomicU64,
    micros: AtomicU64,
}

impl Histogram {
    /// Notes one duration.
    pub fn note(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        if let Some(at) = BOUNDS.iter().position(|bound| seconds <= *bound) {
            self.counts[at].fetch_add(1, Ordering::Relaxed);
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(took.as_micros() as u64, Ordering::Relaxed);
    }

    fn write(&self, text: &mut String, name: &str, help: &str) {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} histogram");
        let mut sum = 0;
        for (bound, count) in BOUNDS.iter().zip(&self.counts) {
            sum += count.load(Ordering::Relaxed);
            let _ = writeln!(text, "{name}_bucket{{le=\"{bound}\"}} {sum}");
        }
        let count = self.count.load(Ordering::Relaxed);
        let seconds = self.micros.load(Ordering::Relaxed) as f64 / 1e6;
        let _ = writeln!(text, "{name}_bucket{{le=\"+Inf\"}} {count}\n{name}_sum {seconds}\n{name}_count {count}");
    }
}

impl Metrics {
    /// Counts a refusal by its code.
    pub fn refused(&self, code: &str) {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        match refusals.get_mut(code) {
            Some(count) => *count += 1,
            None => _ = refusals.insert(code.to_owned(), 1),
        }
    }

    /// Everything, as Prometheus reads it.
    pub fn text(&self) -> String {
        let mut text = String::new();
        self.acknowledged.write(&mut text, "equipoise_ack_seconds", "From an update's arrival until it is on disk.");
        self.committed.write(&mut text, "equipoise_commit_seconds", "One commit of the store with its fsync.");
        self.recalculated.write(&mut text, "equipoise_recalculation_seconds", "One recalculation of a workbook.");
        for (name, help, counter) in [
            ("equipoise_updates_total", "Updates stored.", &self.updates),
            ("equipoise_update_frames_total", "Frames sent to other peers with updates.", &self.frames),
        ] {
            let value = counter.load(Ordering::Relaxed);
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}");
        }
        let name = "equipoise_refusals_total";
        let _ = writeln!(text, "# HELP {name} Updates, frames and requests refused, by code.\n# TYPE {name} counter");
        for (code, count) in self.refusals.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let _ = writeln!(text, "{name}{{code=\"{code}\"}} {count}");
        }
        text
    }
}

/// Appends gauges that are read when asked.
pub fn write_gauge(text: &mut String, name: &str, help: &str, value: f64) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_add_up() {
        let metrics = Metrics::default();
        for millis in [0, 3, 3, 700, 60_000] {
            metrics.acknowledged.note(Duration::from_millis(millis));
        }
        metrics.refused("acl.write");
        metrics.refused("acl.write");
        let text = metrics.text();
        for line in [
            "equipoise_ack_seconds_bucket{le=\"0.0005\"} 1",
            "equipoise_ack_seconds_bucket{le=\"0.005\"} 3",
            "equipoise_ack_seconds_bucket{le=\"1\"} 4",
            "equipoise_ack_seconds_bucket{le=\"+Inf\"} 5",
            "equipoise_ack_seconds_count 5",
            "equipoise_refusals_total{code=\"acl.write\"} 2",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
    }
}
