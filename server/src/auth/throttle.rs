//! Guessing passwords is slowed down.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

/// Wrong passwords for one user from one address before waiting begins.
const FREE: u32 = 5;
/// The wait doubles with every further one, up to this.
const LONGEST: Duration = Duration::from_secs(300);
/// Failures are forgotten after this long without another.
const FORGET: Duration = Duration::from_secs(900);
/// Wrong passwords from one address, whatever the names, before waiting begins there.
const FREE_BY_ADDRESS: f64 = 100.0;
/// Each is forgotten after this long; when all are used up, one more is to be had as often.
const REGAINED: Duration = Duration::from_secs(10);
/// Pairs remembered; beyond it those not heard of for a while go, then all.
const REMEMBERED: usize = 10_000;

/// Failed sign-ins by user name and address, and by address alone: who guesses one password for many names waits too.
#[derive(Default)]
pub struct Throttle {
    failures: HashMap<(String, IpAddr), Failures>,
    by_address: HashMap<IpAddr, Used>,
    /// Who has signed in from where. What others do there keeps none of them waiting: behind a proxy or in one office all
    /// have the same address.
    at_home: HashSet<(String, IpAddr)>,
}

/// How much of what an address may do is used up, as of when.
struct Used {
    failures: f64,
    at: Instant,
}

impl Used {
    fn now(&self, now: Instant) -> f64 {
        let regained = now.saturating_duration_since(self.at).as_secs_f64() / REGAINED.as_secs_f64();
        (self.failures - regained).max(0.0)
    }
}

struct Failures {
    count: u32,
    last: Instant,
}

impl Throttle {
    /// How long this user must wait at this address; `None`: not at all.
    pub fn wait(&self, user: &str, from: IpAddr, now: Instant) -> Option<Duration> {
        let pair = (user.to_owned(), from);
        let by_address = if self.at_home.contains(&pair) { None } else { self.wait_at(from, now) };
        self.wait_of(&pair, now).max(by_address)
    }

    fn wait_at(&self, from: IpAddr, now: Instant) -> Option<Duration> {
        let over = self.by_address.get(&network(from))?.now(now) + 1.0 - FREE_BY_ADDRESS;
        (over > 0.0).then(|| REGAINED.mul_f64(over))
    }

    fn wait_of(&self, pair: &(String, IpAddr), now: Instant) -> Option<Duration> {
        let failures = self.failures.get(pair)?;
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
        if self.by_address.len() >= REMEMBERED {
            self.by_address.retain(|_, used| used.now(now) > 0.0);
            if self.by_address.len() >= REMEMBERED {
                self.by_address.clear();
            }
        }
        let used = self.by_address.entry(network(from)).or_insert(Used { failures: 0.0, at: now });
        *used = Used { failures: (used.now(now) + 1.0).min(FREE_BY_ADDRESS), at: now };
        let failures = self.failures.entry((user.to_owned(), from)).or_insert(Failures { count: 0, last: now });
        if now.duration_since(failures.last) >= FORGET {
            failures.count = 0;
        }
        failures.count += 1;
        failures.last = now;
    }

    /// Notes a right one.
    pub fn succeeded(&mut self, user: &str, from: IpAddr) {
        let pair = (user.to_owned(), from);
        self.failures.remove(&pair);
        if self.at_home.len() >= REMEMBERED {
            self.at_home.clear();
        }
        self.at_home.insert(pair);
    }
}

/// What one owner has: an address, of IPv6 the 2^64 that are given out together.
fn network(from: IpAddr) -> IpAddr {
    match from {
        IpAddr::V4(_) => from,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
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
    fn a4_one_password_for_many_names_gets_slower_too() {
        let mut throttle = Throttle::default();
        let now = Instant::now();
        throttle.succeeded("mia", HERE);
        let free = FREE_BY_ADDRESS as usize;
        (0..free).for_each(|n| {
            assert_eq!(throttle.wait(&format!("name {n}"), HERE, now), None, "{n}");
            throttle.failed(&format!("name {n}"), HERE, now);
        });
        assert_eq!(throttle.wait("another", HERE, now), Some(REGAINED));
        assert_eq!(throttle.wait("another", HERE, now + REGAINED), None, "one after the other");
        assert_eq!(throttle.wait("another", THERE, now), None);
        assert_eq!(throttle.wait("mia", HERE, now), None, "who has signed in from here goes on");
        let of_network = |last: u16| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, last));
        (0..free).for_each(|n| throttle.failed("mia", of_network(n as u16), now));
        assert!(throttle.wait("tom", of_network(5000), now).is_some(), "one owner has many addresses");
    }

    #[test]
    fn memory_is_bounded() {
        let mut throttle = Throttle::default();
        let now = Instant::now();
        (0..REMEMBERED * 2).for_each(|n| throttle.failed(&n.to_string(), HERE, now));
        assert!(throttle.failures.len() <= REMEMBERED);
    }
}
