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
    use super::alike;

    #[test]
    fn functions_stand_behind_those_like_them() {
        let (sum, text, other): (&[u8], &[u8], &[u8]) = (b"a sum of numbers", b"texts put together", b"0123456");
        let bodies = [text, sum, other, &sum[1..], &text[1..]];
        assert_eq!(alike(&bodies), [0, 4, 1, 3, 2]);
        assert!(alike(&[]).is_empty());
    }
}
