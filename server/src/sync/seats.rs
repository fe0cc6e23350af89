//! How many sockets one address and one person may have open.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use grid_engine::refs::PersonId;

/// The sockets that are open.
pub struct Seats {
    taken: Arc<Mutex<Taken>>,
    per_address: usize,
    per_person: usize,
}

#[derive(Default)]
struct Taken {
    addresses: HashMap<IpAddr, usize>,
    people: HashMap<PersonId, usize>,
}

/// A place for one socket, free again when it is dropped.
pub struct Seat {
    taken: Arc<Mutex<Taken>>,
    address: IpAddr,
    person: PersonId,
}

impl Seats {
    /// No socket yet, and this many at most.
    pub fn new(per_address: usize, per_person: usize) -> Self {
        Self { taken: Arc::default(), per_address, per_person }
    }

    /// A place for a socket; `None` when all are taken.
    pub fn take(&self, address: IpAddr, person: PersonId) -> Option<Seat> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let by_address = taken.addresses.get(&address).copied().unwrap_or(0);
        let by_person = taken.people.get(&person).copied().unwrap_or(0);
        if by_address >= self.per_address || by_person >= self.per_person {
            return None;
        }
        taken.addresses.insert(address, by_address + 1);
        taken.people.insert(person, by_person + 1);
        Some(Seat { taken: self.taken.clone(), address, person })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        fn leave<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, usize>, key: &K) {
            if let Some(count) = counts.get_mut(key) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(key);
                }
            }
        }
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        leave(&mut taken.addresses, &self.address);
        leave(&mut taken.people, &self.person);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Row B9.
    #[test]
    fn b9_an_address_and_a_person_have_so_many_sockets() {
        let seats = Seats::new(3, 2);
        let (here, there) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([10, 0, 0, 1]));
        let (ada, eve) = (PersonId::named("ada").unwrap(), PersonId::named("eve").unwrap());
        let first = seats.take(here, ada).unwrap();
        let _second = seats.take(here, ada).unwrap();
        assert!(seats.take(there, ada).is_none(), "the third of one person");
        let _third = seats.take(here, eve).unwrap();
        assert!(seats.take(here, eve).is_none(), "the fourth of one address");
        drop(first);
        assert!(seats.take(here, eve).is_some());
    }
}
