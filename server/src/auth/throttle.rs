//! Guessing passwords is slowed down.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Wrong passwords for one user from one address before waiting begins.
const FREE: u32 = 5;
/// The wait doubles with every further one, up to this.
const LONGEST: Duration = Duration::from_secs(300);
/// Failures are forgotten after this long without another.
const FORGET: Duration = Duration::from_secs(900);
/// Pairs remembered; beyond it those not heard of for a while go, then all.
const REMEMBERED: usize = 10_000;

/// Failed sign-ins by user name and address.
#[derive(Default)]
pub struct Throttle {
    failures: HashMap<(String, IpAddr), Failures>,
}

struct Failures {
    count: u32,
    last: Instant,
}

impl Throttle {
    /// How long this user must wait at this address; `None`: not at all.
    pub fn wait(&self, user: &str, from: IpAddr, now: Instant) -> Option<Duration> {
        let failures = self.failures.get(&(user.to_owned(), from))?;
        let doublings = failures.count.checked_sub(FREE)?;
        let wait = Duration::from_secs(1 << doublings.min(10)).min(LONGEST);
        (failures.last + wait).checked_duration_since(now).filter(|wait| !wait.is_zero())
    }

    /// Notes a wrong password.
    pub fn failed(&mut self, user: &str, from: IpAddr, now: Instant) {
        if self.failures.len() >= REMEMBERED {
            self.failures.retain(|_, failures| now.duration_since(failures.last) < FORGET);
            if self.failures.len() >= REMEMBERED {
                self.failures.clear();
            }
        }
        let failures = self.failures.entry((user.to_owned(), from)).or_insert(Failures { count: 0, last: now });
        if now.duration_since(failures.last) >= FORGET {
            failures.count = 0;
        }
        failures.count += 1;
        failures.last = now;
    }

    /// Notes a right one.
    pub fn succeeded(&mut self, user: &str, from: IpAddr) {
        self.failures.remove(&(user.to_owned(), from));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::net::Ipv4Addr;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const THERE: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));

    #[test]
    fn guessing_gets_slower_and_slower() {
        let mut throttle = Throttle::default();
        let now = Instant::now();
        for _ in 0..FREE - 1 {
            throttle.failed("mia", HERE, now);
            assert_eq!(throttle.wait("mia", HERE, now), None);
        }
        let waits = [1, 2, 4, 8].map(|seconds| {
            throttle.failed("mia", HERE, now);
            (throttle.wait("mia", HERE, now), Some(Duration::from_secs(seconds)))
        });
        assert!(waits.iter().all(|(found, expected)| found == expected), "{waits:?}");
        assert_eq!(throttle.wait("mia", THERE, now), None, "nobody locks someone else out from afar");
        assert_eq!(throttle.wait("mia", HERE, now + Duration::from_secs(8)), None);
        (0..50).for_each(|_| throttle.failed("mia", HERE, now));
        assert_eq!(throttle.wait("mia", HERE, now), Some(LONGEST));
        throttle.succeeded("mia", HERE);
        assert_eq!(throttle.wait("mia", HERE, now), None);
    }

    #[test]
    fn memory_is_bounded() {
        let mut throttle = Throttle::default();
        let now = Instant::now();
        (0..REMEMBERED * 2).for_each(|n| throttle.failed(&n.to_string(), HERE, now));
        assert!(throttle.failures.len() <= REMEMBERED);
    }
}
