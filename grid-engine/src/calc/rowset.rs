//! Sets of rows.

/// A set of row slots of one sheet.
#[derive(Clone, Debug, Default)]
pub(super) struct RowSet {
    words: Vec<u64>,
    len: usize,
}

impl RowSet {
    /// Whether the row is in the set.
    pub(super) fn contains(&self, slot: u32) -> bool {
        self.words.get(slot as usize / 64).is_some_and(|word| word & bit(slot) != 0)
    }

    /// Adds a row; `false` when it was there.
    pub(super) fn insert(&mut self, slot: u32) -> bool {
        let place = slot as usize / 64;
        if place >= self.words.len() {
            self.words.resize(place + 1, 0);
        }
        let added = self.words[place] & bit(slot) == 0;
        self.words[place] |= bit(slot);
        self.len += usize::from(added);
        added
    }

    /// Takes a row out; `false` when it was not there.
    pub(super) fn remove(&mut self, slot: u32) -> bool {
        let Some(word) = self.words.get_mut(slot as usize / 64) else { return false };
        let there = *word & bit(slot) != 0;
        *word &= !bit(slot);
        self.len -= usize::from(there);
        there
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The rows, by slot.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().enumerate().flat_map(|(place, &word)| {
            std::iter::successors(Some(word), |rest| Some(rest & rest.wrapping_sub(1)))
                .take_while(|&rest| rest != 0)
                .map(move |rest| place as u32 * 64 + rest.trailing_zeros())
        })
    }

    /// Adds the rows of `other` that are also in `allowed`; `seen` gets those that are new here.
    pub(super) fn absorb(&mut self, other: &Self, allowed: &Self, seen: &mut Self) {
        let words = other.words.len().min(allowed.words.len());
        if self.words.len() < words {
            self.words.resize(words, 0);
        }
        if seen.words.len() < words {
            seen.words.resize(words, 0);
        }
        for place in 0..words {
            let fresh = other.words[place] & allowed.words[place] & !self.words[place];
            if fresh != 0 {
                self.words[place] |= fresh;
                self.len += fresh.count_ones() as usize;
                seen.len += (fresh & !seen.words[place]).count_ones() as usize;
                seen.words[place] |= fresh;
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
