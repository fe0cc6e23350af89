//! What was written here and is not known to have arrived: when a room goes on in another document, it is made again.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use yrs::Any;

use super::room::Entry;
use super::root::Root;

/// A key of a root map.
type Key = (Root, Arc<str>);

/// The writes of one transaction.
struct Step {
    /// The writer's clock after it.
    clock: u64,
    /// Each entry, and what its key held before.
    entries: Vec<(Entry, Option<Any>)>,
}

/// What a room's own writer has written and the server has not confirmed, oldest first.
#[derive(Default)]
pub(super) struct Unsent {
    steps: VecDeque<Step>,
}

impl Unsent {
    /// Notes a transaction, and its writer's clock after it.
    pub fn note(&mut self, clock: u64, entries: Vec<(Entry, Option<Any>)>) {
        self.steps.push_back(Step { clock, entries });
    }

    /// Forgets what is on the server's disk: what was written up to this clock.
    pub fn acknowledge(&mut self, clock: u64) {
        while self.steps.front().is_some_and(|step| step.clock <= clock) {
            self.steps.pop_front();
        }
    }

    /// What must be written into a document that has heard of this writer up to `known`, so that nothing is lost and
    /// nothing done twice. `now` says what its keys hold.
    ///
    /// A key that was set is set again. A key that was cleared is cleared only while it holds what was cleared then:
    /// what somebody else has entered since was never meant.
    pub fn to_repeat(&self, known: u64, now: impl Fn(Root, &str) -> Option<Any>) -> Vec<Entry> {
        let mut order: Vec<Key> = Vec::new();
        let mut held: HashMap<Key, Option<Any>> = HashMap::new();
        for (entry, before) in self.steps.iter().filter(|step| step.clock > known).flat_map(|step| &step.entries) {
            let key = (entry.root, entry.key.clone());
            let holds = held.get(&key).cloned().unwrap_or_else(|| now(entry.root, &entry.key));
            if entry.value.is_none() && holds != *before {
                continue;
            }
            if held.insert(key.clone(), entry.value.clone()).is_none() {
                order.push(key);
            }
        }
        let changed = order.into_iter().filter_map(|(root, key)| {
            let value = held.remove(&(root, key.clone())).flatten();
            (now(root, &key) != value).then_some(Entry { root, key, value })
        });
        changed.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: &str, value: Option<i64>) -> Entry {
        Entry { root: Root::RowDel, key: key.into(), value: value.map(Any::from) }
    }

    fn repeated(unsent: &Unsent, known: u64, held: &[(&str, i64)]) -> Vec<(String, Option<Any>)> {
        let now = |_: Root, key: &str| held.iter().find(|(name, _)| *name == key).map(|(_, value)| Any::from(*value));
        unsent.to_repeat(known, now).into_iter().map(|entry| (entry.key.to_string(), entry.value)).collect()
    }

    #[test]
    fn what_has_arrived_is_not_done_twice() {
        let mut unsent = Unsent::default();
        unsent.note(1, vec![(entry("a", Some(1)), None)]);
        unsent.note(2, vec![(entry("a", Some(2)), Some(Any::from(1)))]);
        unsent.note(3, vec![(entry("b", Some(3)), None)]);
        assert_eq!(
            repeated(&unsent, 0, &[]),
            [("a".to_owned(), Some(Any::from(2))), ("b".to_owned(), Some(Any::from(3)))]
        );
        // Somebody has written over what had arrived.
        assert_eq!(repeated(&unsent, 2, &[("a", 7)]), [("b".to_owned(), Some(Any::from(3)))]);
        assert_eq!(repeated(&unsent, 3, &[]), []);
        unsent.acknowledge(2);
        assert_eq!(repeated(&unsent, 0, &[]), [("b".to_owned(), Some(Any::from(3)))]);
    }

    #[test]
    fn a_key_is_cleared_only_while_it_holds_what_was_cleared() {
        let mut unsent = Unsent::default();
        unsent.note(6, vec![(entry("a", None), Some(Any::from(1)))]);
        assert_eq!(repeated(&unsent, 5, &[("a", 1)]), [("a".to_owned(), None)], "not arrived");
        assert_eq!(repeated(&unsent, 5, &[("a", 2)]), [], "somebody else's");
        assert_eq!(repeated(&unsent, 6, &[("a", 1)]), [], "arrived, and somebody has set it again");
        unsent.acknowledge(5);
        assert_eq!(repeated(&unsent, 5, &[("a", 1)]).len(), 1, "that was said of an earlier change");
        unsent.acknowledge(6);
        assert_eq!(repeated(&unsent, 5, &[("a", 1)]), []);
    }

    #[test]
    fn what_was_set_and_cleared_again_leaves_nothing() {
        let mut unsent = Unsent::default();
        unsent.note(1, vec![(entry("a", Some(1)), None)]);
        unsent.note(2, vec![(entry("a", None), Some(Any::from(1)))]);
        assert_eq!(repeated(&unsent, 0, &[]), []);
        assert_eq!(repeated(&unsent, 1, &[("a", 1)]), [("a".to_owned(), None)], "only the first had arrived");
    }
}
