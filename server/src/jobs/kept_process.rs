//! The process that solved a plan, kept for a while: questions to the plan begin from the basis it holds, in a fraction of
//! the time a solve takes, and so does the next plan where an edit has only changed numbers.
//!
//! Of several plans that are equally good the one that comes hangs on where a solve begins, and what is kept and frozen must not hang on
//! what was solved before. So a plan solved from the last one is shown at once, and solved afresh in a process of its own after that.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use grid_engine::calc::JobKey;
use grid_engine::formula::{PendingCall, SolveCall};
use grid_engine::supply::study::Study;

use super::message::{KeptAnswer, Report, Task};
use super::process::JobProcess;

/// A process nobody asks for so long is ended: it holds a model in memory.
const KEPT_FOR: Duration = Duration::from_secs(5 * 60);

/// A solve from the last plan may take as long as one that began afresh, or so long where that is less: then it is not worth its while.
const LEAST_PATIENCE: Duration = Duration::from_secs(2);

/// The process of the last plan solved, if it is still there.
#[derive(Clone, Default)]
pub(super) struct KeptProcess(Arc<Mutex<Slot>>);

#[derive(Default)]
struct Slot {
    held: Option<Kept>,
    /// Counts what was put here, so that a timer ends only what it was set for.
    puts: u64,
}

struct Kept {
    base: JobKey,
    objective: String,
    /// How long it took to solve a plan afresh.
    took: Duration,
    process: JobProcess,
}

impl KeptProcess {
    /// Solves a plan or answers a study: in the process that holds the study's plan, or else in a new one, which solves that
    /// first. A plan is solved from the last one where the process that holds that can; `early` hears of that, and the report is that of
    /// a new process all the same. Dropping the future ends the process that works, not the one that holds the last plan.
    ///
    /// # Errors
    /// As [`JobProcess::ask`].
    pub async fn solve(
        &self,
        program: &Path,
        call: &Arc<SolveCall>,
        mut progress: impl FnMut(u64, u64, String),
        early: impl FnOnce(KeptAnswer),
    ) -> Result<Report, String> {
        let base = base_of(call);
        if call.study == Study::Plan {
            if let Some(answer) = self.solve_again(base, call, &mut progress).await {
                early(answer);
                progress(0, 0, "Solved from the last plan; making sure by solving it afresh".to_owned());
            }
        } else if let Some(mut kept) = self.take(|kept| kept.base == base) {
            let task = Task::Study { study: call.study.clone() };
            if let Ok(report) = kept.process.ask(&task, &mut progress).await {
                self.put(kept);
                return Ok(report);
            }
            // It may have been ended for want of memory: a new one solves the plan again.
        }
        let mut process = JobProcess::start(program)?;
        let began = Instant::now();
        let report = process.ask(&Task::solve(call, true), progress).await?;
        self.put(Kept { base, objective: call.objective.clone(), took: began.elapsed(), process });
        Ok(report)
    }

    /// The plan from the last one, where the process that holds that is there and can.
    async fn solve_again(
        &self,
        base: JobKey,
        call: &SolveCall,
        progress: &mut impl FnMut(u64, u64, String),
    ) -> Option<KeptAnswer> {
        let mut kept = self.take(|kept| kept.objective == call.objective)?;
        let patience = kept.took.max(LEAST_PATIENCE);
        let asked = tokio::time::timeout(patience, kept.process.ask(&Task::again(call), progress)).await;
        // A process that is too slow, or crashed, is ended.
        let answer = match asked.ok()?.ok()? {
            Report::Solved(answer) => Some(answer),
            _ => None,
        };
        if answer.is_some() {
            kept.base = base;
        }
        self.put(kept);
        answer
    }

    /// Whether a plan for this aim may be solved from the last one.
    pub fn holds(&self, objective: &str) -> bool {
        self.slot().held.as_ref().is_some_and(|kept| kept.objective == objective)
    }

    fn take(&self, is_it: impl FnOnce(&Kept) -> bool) -> Option<Kept> {
        let mut slot = self.slot();
        let found = slot.held.as_ref().is_some_and(is_it);
        slot.held.take_if(|_| found)
    }

    fn put(&self, kept: Kept) {
        let mut slot = self.slot();
        slot.held = Some(kept);
        slot.puts += 1;
        let (put, weak) = (slot.puts, Arc::downgrade(&self.0));
        drop(slot);
        tokio::spawn(async move {
            tokio::time::sleep(KEPT_FOR).await;
            if let Some(slot) = weak.upgrade() {
                let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
                if slot.puts == put {
                    slot.held = None;
                }
            }
        });
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        // Each change is made at once: what is there is whole after any panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the plan is known by that a call asks for or about.
pub(super) fn base_of(call: &Arc<SolveCall>) -> JobKey {
    match call.study {
        Study::Plan => JobKey::of(&PendingCall::Solve(call.clone())),
        _ => JobKey::of(&PendingCall::Solve(Arc::new(call.base()))),
    }
}
