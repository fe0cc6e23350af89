//! Whose changes bear which writer id.
//!
//! A document knows authors only by these numbers, so a number must never change hands: our own client gets one from
//! the server, a stock client's is bound to its person at the first use.

use std::collections::HashMap;

use grid_engine::doc::is_reserved;
use grid_engine::refs::PersonId;
use rand::Rng;
use rand::rngs::StdRng;

/// Writer ids are whole numbers that JavaScript holds exactly.
const LARGEST: u64 = (1 << 53) - 1;

/// The bindings of one workbook.
pub(super) struct Writers {
    bound: HashMap<u64, Binding>,
    chance: StdRng,
}

#[derive(Clone, Copy)]
struct Binding {
    person: PersonId,
    stored: bool,
}

/// What a writer id is to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// Theirs; `first_use` when this must be stored.
    Own { first_use: bool },
    /// Somebody else's, or of a time when nobody's was noted.
    Foreign,
}

impl Writers {
    /// The bindings as stored, and where new ids come from.
    pub fn new(stored: Vec<(u64, PersonId)>, chance: StdRng) -> Self {
        let bound = stored.into_iter().map(|(writer, person)| (writer, Binding { person, stored: true }));
        Self { bound: bound.collect(), chance }
    }

    /// A fresh id for a person.
    pub fn issue(&mut self, person: PersonId) -> u64 {
        loop {
            let writer = self.chance.random_range(1..=LARGEST);
            if is_reserved(writer) {
                continue;
            }
            if let std::collections::hash_map::Entry::Vacant(free) = self.bound.entry(writer) {
                free.insert(Binding { person, stored: false });
                return writer;
            }
        }
    }

    /// Claims an id for a person who writes with it; `used` says whether the document has changes under it already.
    pub fn claim(&mut self, writer: u64, person: PersonId, used: bool) -> Claim {
        match self.bound.get(&writer) {
            Some(binding) if binding.person == person => Claim::Own { first_use: !binding.stored },
            Some(_) => Claim::Foreign,
            None if used || is_reserved(writer) => Claim::Foreign,
            None => {
                self.bound.insert(writer, Binding { person, stored: false });
                Claim::Own { first_use: true }
            }
        }
    }

    /// Whether a document has, or has ever had, changes under an id.
    pub fn has_written(&self, writer: u64) -> bool {
        self.bound.get(&writer).is_some_and(|binding| binding.stored)
    }

    /// The person an id belongs to.
    pub fn person_of(&self, writer: u64) -> Option<PersonId> {
        self.bound.get(&writer).map(|binding| binding.person)
    }

    /// Notes that a binding is on disk.
    pub fn stored(&mut self, writer: u64) {
        if let Some(binding) = self.bound.get_mut(&writer) {
            binding.stored = true;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn an_id_never_changes_hands() {
        let (ada, eve) = (PersonId::named("ada").unwrap(), PersonId::named("eve").unwrap());
        let mut writers = Writers::new(vec![(5, ada)], StdRng::seed_from_u64(1));
        assert_eq!(writers.claim(5, ada, true), Claim::Own { first_use: false });
        assert_eq!(writers.claim(5, eve, true), Claim::Foreign);
        assert_eq!(writers.claim(6, eve, true), Claim::Foreign, "of an author nobody noted");
        assert_eq!(writers.claim(LARGEST, eve, false), Claim::Foreign, "of an epoch, nobody's");
        assert!(writers.has_written(5) && !writers.has_written(7));
        assert_eq!(writers.claim(7, eve, false), Claim::Own { first_use: true });
        assert_eq!(writers.claim(7, ada, false), Claim::Foreign);
        let issued = writers.issue(ada);
        assert_eq!(writers.claim(issued, eve, false), Claim::Foreign, "given out, not used yet");
        assert_eq!(writers.claim(issued, ada, false), Claim::Own { first_use: true });
        writers.stored(issued);
        assert_eq!(writers.claim(issued, ada, true), Claim::Own { first_use: false });
    }
}
