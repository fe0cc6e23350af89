//! The process that solved a plan, kept for a while: questions to the plan begin from the basis it holds, in a fraction of
//! the time a solve takes.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use grid_engine::calc::JobKey;
use grid_engine::formula::{PendingCall, SolveCall};
use grid_engine::supply::study::Study;

use super::message::{Report, Task};
use super::process::JobProcess;

/// A process nobody asks for so long is ended: it holds a model in memory.
const KEPT_FOR: Duration = Duration::from_secs(5 * 60);

/// The process of the last plan solved, if it is still there.
#[derive(Clone, Default)]
pub(super) struct KeptProcess(Arc<Mutex<Slot>>);

#[derive(Default)]
struct Slot {
    held: Option<(JobKey, JobProcess)>,
    /// Counts what was put here, so that a timer ends only what it was set for.
    puts: u64,
}

impl KeptProcess {
    /// Solves a plan or answers a study: in the process that holds the study's plan, or else in a new one, which solves that
    /// first. Dropping the future ends the process.
    ///
    /// # Errors
    /// As [`JobProcess::ask`].
    pub async fn solve(
        &self,
        program: &Path,
        call: &Arc<SolveCall>,
        mut progress: impl FnMut(u64, u64, String),
    ) -> Result<Report, String> {
        let base = base_of(call);
        if call.study != Study::Plan
            && let Some(mut process) = self.take(base)
        {
            let task = Task::Study { study: call.study.clone() };
            if let Ok(report) = process.ask(&task, &mut progress).await {
                self.put(base, process);
                return Ok(report);
            }
            // It may have been ended for want of memory: a new one solves the plan again.
        }
        let mut process = JobProcess::start(program)?;
        let report = process.ask(&Task::solve(call, true), progress).await?;
        self.put(base, process);
        Ok(report)
    }

    fn take(&self, base: JobKey) -> Option<JobProcess> {
        let mut slot = self.slot();
        let is_of_base = slot.held.as_ref().is_some_and(|(held, _)| *held == base);
        slot.held.take_if(|_| is_of_base).map(|(_, process)| process)
    }

    fn put(&self, base: JobKey, process: JobProcess) {
        let mut slot = self.slot();
        slot.held = Some((base, process));
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
