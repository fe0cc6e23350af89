//! Calls being worked out by several threads, so that none is worked out twice.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use grid_engine::calc::JobKey;

/// How often who waits looks whether it should give up.
const LOOK: Duration = Duration::from_millis(200);

/// The calls that somebody works on.
#[derive(Debug, Default)]
pub struct InFlight {
    keys: Mutex<BTreeSet<JobKey>>,
    ended: Condvar,
}

/// The right to work on a call; it ends when it is dropped.
#[derive(Debug)]
pub struct Turn<'a> {
    of: &'a InFlight,
    key: JobKey,
}

impl InFlight {
    /// Waits until nobody works on a call, and takes it; `None` when it is to be given up.
    pub fn begin(&self, key: JobKey, give_up: impl Fn() -> bool) -> Option<Turn<'_>> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        while !keys.insert(key) {
            if give_up() {
                return None;
            }
            keys = self.ended.wait_timeout(keys, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
        Some(Turn { of: self, key })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.of.keys.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
        self.of.ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn one_works_on_a_call_at_a_time_and_others_go_on() {
        let (flight, at_once, most) = (InFlight::default(), AtomicUsize::new(0), AtomicUsize::new(0));
        let other = flight.begin(JobKey([2; 16]), || false).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let _turn = flight.begin(JobKey([1; 16]), || false).unwrap();
                    most.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::yield_now();
                    at_once.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        assert_eq!(most.load(Ordering::SeqCst), 1);
        assert!(flight.begin(JobKey([2; 16]), || true).is_none(), "who gives up does not wait");
        drop(other);
        assert!(flight.begin(JobKey([2; 16]), || true).is_some());
    }
}
