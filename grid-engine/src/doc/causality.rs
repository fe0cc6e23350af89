//! Whether the blocks of an update can be placed one after the other.
//!
//! Blocks of one writer follow each other by clock, and each may refer to one block of any writer. An update
//! in which two blocks wait for each other would never be finished with; the document library keeps such
//! leftovers and fails on them later.

use std::collections::{BTreeMap, HashMap};

/// A block's writer and clock.
pub(super) type Id = (u64, u64);

/// A block that refers to another writer's block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reference {
    pub from: Id,
    pub to: Id,
}

/// Whether no blocks wait for each other. `writers` holds first and next clock by writer; references of one
/// writer come in the order of its clock.
pub(super) fn is_acyclic(writers: &BTreeMap<u64, (u64, u64)>, references: &[Reference]) -> bool {
    // References to blocks that are not in the update wait for nothing in it.
    let inside = |to: Id| writers.get(&to.0).is_some_and(|&(first, next)| (first..next).contains(&to.1));
    let mut queues: HashMap<u64, Vec<Reference>> = HashMap::new();
    for reference in references.iter().rev().filter(|reference| inside(reference.to)) {
        queues.entry(reference.from.0).or_default().push(*reference);
    }
    // A writer with references left is placed up to the first of them; the others are placed whole.
    let placed_to = |queues: &HashMap<u64, Vec<Reference>>, writer: u64| {
        queues.get(&writer).and_then(|queue| queue.last()).map_or(u64::MAX, |reference| reference.from.1)
    };
    let mut ready: Vec<u64> = queues.keys().copied().collect();
    let mut waiting: HashMap<u64, BTreeMap<u64, Vec<u64>>> = HashMap::new();
    while let Some(writer) = ready.pop() {
        while let Some(reference) = queues.get(&writer).and_then(|queue| queue.last()).copied() {
            if placed_to(&queues, reference.to.0) <= reference.to.1 {
                waiting.entry(reference.to.0).or_default().entry(reference.to.1).or_default().push(writer);
                break;
            }
            queues.get_mut(&writer).and_then(Vec::pop);
        }
        // Whoever waited for what is placed now goes on.
        let placed = placed_to(&queues, writer);
        if let Some(others) = waiting.get_mut(&writer) {
            let still = others.split_off(&placed);
            ready.extend(std::mem::replace(others, still).into_values().flatten());
        }
    }
    queues.values().all(Vec::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(writers: &[(u64, u64, u64)], references: &[(Id, Id)]) -> bool {
        let writers = writers.iter().map(|&(writer, first, next)| (writer, (first, next))).collect();
        let references: Vec<Reference> = references.iter().map(|&(from, to)| Reference { from, to }).collect();
        is_acyclic(&writers, &references)
    }

    #[test]
    fn turns_are_fine_and_circles_are_not() {
        assert!(check(&[(1, 0, 9), (2, 0, 9)], &[]));
        assert!(check(&[(1, 0, 9), (2, 0, 9)], &[((1, 3), (2, 2)), ((1, 8), (2, 8)), ((2, 4), (1, 7))]));
        assert!(!check(&[(1, 0, 9), (2, 0, 9)], &[((1, 3), (2, 5)), ((2, 4), (1, 3))]));
        // Through a third writer; and to a block that came with an earlier update.
        let circle = [((1, 1), (2, 5)), ((2, 5), (3, 0)), ((3, 0), (1, 6))];
        assert!(!check(&[(1, 0, 9), (2, 0, 9), (3, 0, 9)], &circle));
        assert!(check(&[(1, 0, 9), (2, 0, 9), (3, 2, 9)], &circle));
    }

    #[test]
    fn a_long_game_of_turns_takes_no_long_time() {
        let turns: Vec<_> = (0..100_000).flat_map(|at| [((1, at), (2, at)), ((2, at + 1), (1, at))]).collect();
        assert!(check(&[(1, 0, 100_000), (2, 0, 100_001)], &turns));
    }
}
