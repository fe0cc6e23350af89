//! Maps keyed by ids.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// A map keyed by something made of ids, which are well spread already: hashing is one multiplication per word.
pub(super) type IdMap<K, V> = HashMap<K, V, BuildHasherDefault<IdHasher>>;
/// A set of such keys.
pub(super) type IdSet<K> = HashSet<K, BuildHasherDefault<IdHasher>>;

/// Multiplies and rotates. The order of a map with it is the same in every process, so results are too.
#[derive(Clone, Copy, Default)]
pub(super) struct IdHasher(u64);

impl IdHasher {
    fn feed(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.feed(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.feed(u64::from(number));
    }

    fn write_u32(&mut self, number: u32) {
        self.feed(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.feed(number);
    }

    fn write_usize(&mut self, number: usize) {
        self.feed(number as u64);
    }

    fn finish(&self) -> u64 {
        // The table takes its place from the low bits, where a multiplication mixes least.
        self.0 ^ (self.0 >> 29)
    }
}
