//! In which order functions pack best: gzip finds again what it has seen in the last 32 kB only, and a linker puts
//! functions down as it comes by them.

use std::collections::HashMap;

/// What is compared: every run of so many bytes.
const RUN: usize = 6;
/// Runs that more functions share say nothing about which of them are alike.
const COMMON: usize = 60;
/// How much the size of the function before weighs beside the next one's: small ones would otherwise always be alike.
const BEFORE: f64 = 0.3;

/// The numbers of functions so that each stands behind one like it, as a walk from nearest neighbour to nearest neighbour.
pub fn alike(bodies: &[&[u8]]) -> Vec<usize> {
    let runs: Vec<Vec<u64>> = bodies.iter().map(|body| runs(body)).collect();
    let mut having: HashMap<u64, Vec<usize>> = HashMap::new();
    for (function, runs) in runs.iter().enumerate() {
        for &run in runs {
            having.entry(run).or_default().push(function);
        }
    }
    having.retain(|_, functions| functions.len() < COMMON);
    let mut left: Vec<bool> = vec![true; bodies.len()];
    let mut shared: Vec<u32> = vec![0; bodies.len()];
    let mut order = Vec::with_capacity(bodies.len());
    let mut first_left = 0;
    let mut next = (0..bodies.len()).max_by_key(|&function| bodies[function].len());
    while let Some(at) = next {
        left[at] = false;
        order.push(at);
        let mut met = Vec::new();
        for &function in runs[at].iter().filter_map(|run| having.get(run)).flatten().filter(|&&it| left[it]) {
            if shared[function] == 0 {
                met.push(function);
            }
            shared[function] += 1;
        }
        let before = BEFORE * runs[at].len() as f64;
        let nearness = |function: &usize| f64::from(shared[*function]) / (runs[*function].len() as f64 + before);
        next = met.iter().copied().max_by(|a, b| nearness(a).total_cmp(&nearness(b)).then(b.cmp(a)));
        if next.is_none() {
            while left.get(first_left) == Some(&false) {
                first_left += 1;
            }
            next = (first_left < bodies.len()).then_some(first_left);
        }
        met.iter().for_each(|&function| shared[function] = 0);
    }
    order
}

/// The runs of a function, each once.
fn runs(body: &[u8]) -> Vec<u64> {
    let number = |run: &[u8]| run.iter().fold(0, |number, &byte| number << 8 | u64::from(byte));
    let mut runs: Vec<u64> = body.windows(RUN).map(number).collect();
    runs.sort_unstable();
    runs.dedup();
    runs
}

#[cfg(test)]
mod tests {
    use super::{COMMON, alike};

    /// Pieces of endless texts that have nothing in common: which text, and how much of it.
    fn body(pieces: &[(u32, usize)]) -> Vec<u8> {
        let piece = |&(text, length): &(u32, usize)| {
            let next = |seed: &u32| Some(seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
            std::iter::successors(Some(text * 7919), next).skip(1).take(length).map(|seed| (seed >> 24) as u8)
        };
        pieces.iter().flat_map(piece).collect()
    }

    fn order(bodies: &[Vec<u8>]) -> Vec<usize> {
        alike(&bodies.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    #[test]
    fn functions_stand_behind_those_like_them() {
        let (sum, text, other): (&[u8], &[u8], &[u8]) = (b"a sum of numbers", b"texts put together", b"0123456");
        let bodies = [text, sum, other, &sum[1..], &text[1..]];
        assert_eq!(alike(&bodies), [0, 4, 1, 3, 2]);
        assert!(alike(&[]).is_empty());
    }

    /// A text of n bytes has n - 5 runs.
    #[test]
    fn the_next_one_shares_most_of_itself_by_hand() {
        // The largest, of 195 runs, begins. It shares 75 with the first, of 185, 5 with the second, of 5, and 45 with the last, of
        // 65: 0.31, 0.08 and 0.36 of theirs and of 58.5 more. The last shares the 5 of the second as well, and nothing with the first.
        let bodies =
            [body(&[(2, 80), (8, 110)]), body(&[(1, 10)]), body(&[(1, 100), (2, 100)]), body(&[(1, 50), (9, 20)])];
        assert_eq!(order(&bodies), [2, 3, 1, 0]);
        // What repeats itself shares each of its runs once.
        let bodies = [body(&[(1, 12); 20]), body(&[(1, 60), (2, 60), (3, 200)]), body(&[(2, 40), (7, 10)])];
        assert_eq!(order(&bodies), [1, 2, 0]);
        // Of two that are as near, the first: the same program is cut alike every time.
        assert_eq!(order(&[body(&[(1, 100)]), body(&[(1, 50)]), body(&[(1, 50)])]), [0, 1, 2]);
    }

    #[test]
    fn what_many_functions_begin_with_makes_none_alike() {
        let bodies = |many: u32| {
            let mut bodies = vec![body(&[(1, 100), (2, 50), (3, 100)]), body(&[(1, 100)]), body(&[(2, 30), (4, 60)])];
            bodies.extend((2..many).map(|other| body(&[(1, 100), (100 + other, 50)])));
            bodies
        };
        let common = COMMON as u32;
        assert_eq!(order(&bodies(common - 1))[..2], [0, 1]);
        assert_eq!(order(&bodies(common))[..2], [0, 2]);
    }
}
