//! Sets of rows.

/// A set of row slots of one sheet: bits from the word of its lowest row on, so that a few rows far down cost little.
#[derive(Clone, Debug, Default)]
pub(super) struct RowSet {
    words: Vec<u64>,
    /// The place of the first word.
    base: usize,
    len: usize,
}

impl RowSet {
    /// Whether the row is in the set.
    pub(super) fn contains(&self, slot: u32) -> bool {
        let place = (slot as usize / 64).checked_sub(self.base);
        place.and_then(|place| self.words.get(place)).is_some_and(|word| word & bit(slot) != 0)
    }

    /// Adds a row; `false` when it was there.
    pub(super) fn insert(&mut self, slot: u32) -> bool {
        let place = self.reach(slot as usize / 64, slot as usize / 64 + 1);
        let word = &mut self.words.as_mut_slice()[place];
        let added = *word & bit(slot) == 0;
        *word |= bit(slot);
        self.len += usize::from(added);
        added
    }

    /// Takes a row out; `false` when it was not there.
    pub(super) fn remove(&mut self, slot: u32) -> bool {
        let place = (slot as usize / 64).checked_sub(self.base);
        let Some(word) = place.and_then(|place| self.words.get_mut(place)) else { return false };
        let there = *word & bit(slot) != 0;
        *word &= !bit(slot);
        self.len -= usize::from(there);
        there
    }

    /// Makes room for the words from one place up to another; where the first of them is.
    fn reach(&mut self, from: usize, to: usize) -> usize {
        if self.words.is_empty() {
            self.base = from;
        } else if from < self.base {
            self.words.splice(0..0, std::iter::repeat_n(0, self.base - from));
            self.base = from;
        }
        if to - self.base > self.words.len() {
            self.words.resize(to - self.base, 0);
        }
        from - self.base
    }

    fn word(&self, place: usize) -> u64 {
        place.checked_sub(self.base).and_then(|place| self.words.get(place)).copied().unwrap_or(0)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The rows, by slot.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        let base = self.base;
        self.words.iter().enumerate().flat_map(move |(place, &word)| {
            std::iter::successors(Some(word), |rest| Some(rest & rest.wrapping_sub(1)))
                .take_while(|&rest| rest != 0)
                .map(move |rest| (base + place) as u32 * 64 + rest.trailing_zeros())
        })
    }

    /// Adds the rows of `other` that are also in `allowed`; `seen` gets those that are new here.
    pub(super) fn absorb(&mut self, other: &Self, allowed: &Self, seen: &mut Self) {
        let end = |set: &Self| set.base + set.words.len();
        let (from, to) = (other.base.max(allowed.base), end(other).min(end(allowed)));
        if from >= to {
            return;
        }
        let (mine, new) = (self.reach(from, to), seen.reach(from, to));
        for step in 0..to - from {
            let fresh = other.word(from + step) & allowed.word(from + step) & !self.words[mine + step];
            if fresh != 0 {
                self.words[mine + step] |= fresh;
                self.len += fresh.count_ones() as usize;
                seen.len += (fresh & !seen.words[new + step]).count_ones() as usize;
                seen.words[new + step] |= fresh;
            }
        }
    }
}

impl FromIterator<u32> for RowSet {
    fn from_iter<I: IntoIterator<Item = u32>>(slots: I) -> Self {
        let mut set = Self::default();
        slots.into_iter().for_each(|slot| {
            set.insert(slot);
        });
        set
    }
}

fn bit(slot: u32) -> u64 {
    1 << (slot % 64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn a_row_set_is_a_set(steps in prop::collection::vec((any::<bool>(), 0_u32..300), 0..200)) {
            let (mut set, mut model) = (RowSet::default(), BTreeSet::new());
            for (add, slot) in steps {
                if add {
                    prop_assert_eq!(set.insert(slot), model.insert(slot));
                } else {
                    prop_assert_eq!(set.remove(slot), model.remove(&slot));
                }
            }
            prop_assert_eq!(set.len(), model.len());
            prop_assert_eq!(set.iter().collect::<Vec<_>>(), model.into_iter().collect::<Vec<_>>());
        }

        #[test]
        fn absorbing_adds_what_is_allowed(
            mine: Vec<u8>, other: Vec<u8>, allowed: Vec<u8>
        ) {
            let set = |slots: &[u8]| slots.iter().map(|&slot| u32::from(slot)).collect::<RowSet>();
            let mut sum = set(&mine);
            let mut seen = RowSet::default();
            sum.absorb(&set(&other), &set(&allowed), &mut seen);
            let fresh: BTreeSet<u8> =
                other.iter().copied().filter(|slot| allowed.contains(slot) && !mine.contains(slot)).collect();
            prop_assert_eq!(seen.iter().collect::<Vec<_>>(), fresh.iter().map(|&slot| u32::from(slot)).collect::<Vec<_>>());
            let all: BTreeSet<u8> = mine.into_iter().chain(fresh).collect();
            prop_assert_eq!(sum.len(), all.len());
        }
    }
}
