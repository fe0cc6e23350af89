//! Heavy calls: who waits for them, what they answered.

use std::sync::Arc;

use super::ids::{IdMap, IdSet};
use super::job_key::JobKey;
use crate::formula::{PendingCall, SolveCall};
use crate::refs::CellRef;
use crate::supply::study::Study;
use crate::value::Value;

/// Answers kept though no cell needs them now: an undone edit finds its old answer again.
const MAX_SPARE_ANSWERS: usize = 10_000;

/// The order in which plans for several objectives are taken for the company's.
const OBJECTIVES: [&str; 4] = ["cost", "service", "profit", "fair"];

/// A heavy call whose answer a job must compute.
#[derive(Clone, Debug)]
pub struct JobRequest {
    /// Hash of function and inputs: equal inputs share one answer.
    pub key: JobKey,
    /// The cell that asks first.
    pub cell: CellRef,
    pub call: PendingCall,
}

/// A heavy call a formula has just made; the call itself only where its answer is not known.
pub(super) struct Asked {
    pub key: JobKey,
    pub call: Option<PendingCall>,
    /// Of a call for a supply plan, what the plan is made of.
    pub plan: Option<Arc<SolveCall>>,
}

/// A supply plan that some cell shows.
#[derive(Clone, Debug)]
pub struct AskedPlan {
    pub key: JobKey,
    pub call: Arc<SolveCall>,
    /// The first cell that asks for it.
    pub cell: CellRef,
    /// What it came to; `None` while it is being solved.
    pub answer: Option<Value>,
    /// Whether the answer only says why there is none: the job was cancelled or failed.
    pub is_given_up: bool,
    /// Whether the answer is shown until the final one comes.
    pub is_early: bool,
}

/// Who made a heavy call: a cell, or the whole row of its measure that is calculated at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Asker {
    pub cell: CellRef,
    pub whole_row: bool,
}

/// Answers by call, and who asked.
#[derive(Default)]
pub(super) struct Answers {
    answers: IdMap<JobKey, Value>,
    asked_by: IdMap<Asker, Vec<JobKey>>,
    askers: IdMap<JobKey, Vec<Asker>>,
    requested: IdSet<JobKey>,
    /// Answers that only say why there is none: of jobs that were cancelled or failed.
    given_up: IdSet<JobKey>,
    /// Answers to show until the final one comes.
    early: IdSet<JobKey>,
    /// The supply plans that are asked for.
    plans: IdMap<JobKey, Arc<SolveCall>>,
}

impl Answers {
    /// The answer of a call, if it is known.
    pub(super) fn ask(&self, call: PendingCall) -> (Asked, Option<Value>) {
        let key = JobKey::of(&call);
        let plan = match &call {
            PendingCall::Solve(call) if call.study == Study::Plan => Some(call.clone()),
            _ => None,
        };
        match self.answers.get(&key) {
            Some(answer) => (Asked { key, call: None, plan }, Some(answer.clone())),
            None => (Asked { key, call: Some(call), plan }, None),
        }
    }

    /// Notes what an asker asks now, in place of what it asked before; the calls that a job must be found for.
    pub(super) fn note(&mut self, asker: Asker, asked: Vec<Asked>) -> Vec<JobRequest> {
        if asked.is_empty() && !self.asked_by.contains_key(&asker) {
            return Vec::new();
        }
        let still = |key: &JobKey| asked.iter().any(|asked| asked.key == *key);
        let before = self.asked_by.remove(&asker).unwrap_or_default();
        for key in before.iter().filter(|key| !still(key)) {
            if let Some(askers) = self.askers.get_mut(key) {
                askers.retain(|other| *other != asker);
                if askers.is_empty() {
                    self.askers.remove(key);
                    self.plans.remove(key);
                    // Whoever asks again later must get a job again, should this one be given up meanwhile.
                    self.requested.remove(key);
                    // Nor may an answer that was to be followed by another be taken for that one.
                    if self.given_up.remove(key) | self.early.remove(key) {
                        self.answers.remove(key);
                    }
                }
            }
        }
        let mut requests = Vec::new();
        let mut keys = Vec::new();
        for Asked { key, call, plan } in asked {
            if keys.contains(&key) {
                continue;
            }
            keys.push(key);
            if !before.contains(&key) {
                self.askers.entry(key).or_default().push(asker);
            }
            if let Some(plan) = plan {
                self.plans.insert(key, plan);
            }
            if let Some(call) = call
                && self.requested.insert(key)
            {
                requests.push(JobRequest { key, cell: asker.cell, call });
            }
        }
        if !keys.is_empty() {
            self.asked_by.insert(asker, keys);
        }
        requests
    }

    /// What was answered to somebody so far.
    pub(super) fn of(&self, asker: Asker) -> impl Iterator<Item = &Value> {
        self.asked_by.get(&asker).into_iter().flatten().filter_map(|key| self.answers.get(key))
    }

    /// Whether a cell waits for this answer.
    pub(super) fn is_wanted(&self, key: JobKey) -> bool {
        self.askers.contains_key(&key) && !self.answers.contains_key(&key)
    }

    /// Whether a cell asks for this answer, known or not.
    pub(super) fn is_asked(&self, key: JobKey) -> bool {
        self.askers.contains_key(&key)
    }

    /// Of the supply plans that cells ask for, the company's: that for least cost before those for other objectives, then that
    /// of the first cell. Which it is follows from what is asked for alone, never from which was solved last.
    pub(super) fn plan(&self, only_of_consensus: bool) -> Option<AskedPlan> {
        let of_company = self.plans.iter().filter(|(_, call)| call.of_consensus || !only_of_consensus);
        let ranked = of_company.filter_map(|(key, call)| {
            let cell = self.askers.get(key)?.iter().map(|asker| asker.cell).min()?;
            let objective = OBJECTIVES.iter().position(|objective| *objective == call.objective);
            Some(((objective.unwrap_or(OBJECTIVES.len()), cell), key, call))
        });
        let ((_, cell), key, call) = ranked.min_by_key(|(rank, ..)| *rank)?;
        let (is_given_up, is_early) = (self.given_up.contains(key), self.early.contains(key));
        let answer = self.answers.get(key).cloned();
        Some(AskedPlan { key: *key, call: call.clone(), cell, answer, is_given_up, is_early })
    }

    /// Notes why a call has no answer; who asked for it.
    pub(super) fn give_up(&mut self, key: JobKey, reason: Value) -> Vec<Asker> {
        let askers = self.put(key, reason);
        self.given_up.insert(key);
        askers
    }

    /// Takes an answer to show until the final one comes; who asked for it.
    pub(super) fn put_early(&mut self, key: JobKey, answer: Value) -> Vec<Asker> {
        if !self.is_asked(key) {
            return Vec::new();
        }
        let askers = self.put(key, answer);
        self.requested.insert(key);
        self.early.insert(key);
        askers
    }

    /// How many calls have an answer that another one is to follow.
    pub(super) fn early(&self) -> usize {
        self.early.len()
    }

    /// Forgets why calls had no answer that this asker now asks as well; who else asks them.
    pub(super) fn try_again(&mut self, asker: Asker, asked: &[Asked]) -> Vec<Asker> {
        let is_new = |key: &JobKey| self.askers.get(key).is_none_or(|askers| !askers.contains(&asker));
        let keys: Vec<JobKey> =
            asked.iter().map(|asked| asked.key).filter(|key| self.given_up.contains(key) && is_new(key)).collect();
        keys.into_iter().flat_map(|key| self.forget(key).into_iter().chain([asker])).collect()
    }

    /// The calls that were given up, in order.
    pub(super) fn given_up(&self) -> Vec<JobKey> {
        let mut keys: Vec<JobKey> = self.given_up.iter().copied().collect();
        keys.sort_unstable();
        keys
    }

    /// Takes an answer; who asked for it.
    pub(super) fn put(&mut self, key: JobKey, answer: Value) -> Vec<Asker> {
        self.requested.remove(&key);
        self.given_up.remove(&key);
        self.early.remove(&key);
        if self.answers.len() > self.askers.len() + MAX_SPARE_ANSWERS {
            let askers = &self.askers;
            self.answers.retain(|key, _| askers.contains_key(key));
        }
        self.answers.insert(key, answer);
        self.askers.get(&key).cloned().unwrap_or_default()
    }

    /// Forgets an answer so that it is asked for anew; who used it.
    pub(super) fn forget(&mut self, key: JobKey) -> Vec<Asker> {
        self.requested.remove(&key);
        self.given_up.remove(&key);
        self.early.remove(&key);
        self.answers.remove(&key);
        self.askers.get(&key).cloned().unwrap_or_default()
    }
}
