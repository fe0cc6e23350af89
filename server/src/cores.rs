//! The processor's cores, for the engine, which has no threads of its own.

use grid_engine::forecast::Executor;
use rayon::prelude::*;

/// Runs tasks on all cores.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cores;

impl Executor for Cores {
    fn map<T: Send>(&self, count: usize, task: &(dyn Fn(usize) -> T + Sync)) -> Vec<T> {
        (0..count).into_par_iter().map(task).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_in_order() {
        assert_eq!(Cores.map(1_000, &|at| at * 2), (0..1_000).map(|at| at * 2).collect::<Vec<_>>());
    }
}
