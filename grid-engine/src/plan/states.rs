//! How a version came to its state: every step is sealed over the one before it, so that one that was altered can be named.
//!
//! The first seal is over the version's hash and the state it was frozen in, each further one over the seal before it and
//! who put it into which state, when and why. Whoever makes all seals anew is told by the edit log, which has them too.

use super::freeze::chained_hash;
use super::version::{StateChange, VersionInfo, VersionState};

/// Every state a version may have been frozen in.
const STATES: [VersionState; 5] = [
    VersionState::Draft,
    VersionState::Proposed,
    VersionState::Approved,
    VersionState::Consensus,
    VersionState::Superseded,
];

/// Seals the state a version was just frozen in or put into. Steps of before there were seals stay without.
pub fn seal_state(info: &mut VersionInfo) {
    info.seals.resize(info.history.len(), String::new());
    let seal = match info.history.split_last() {
        None => of_beginning(info, info.state),
        Some((step, before)) => of_step(&seal_after(info, before), step),
    };
    info.seals.push(seal);
}

/// What of a version's state and history is not as it was sealed, in words.
pub fn altered_states(info: &VersionInfo) -> Vec<String> {
    let mut altered = Vec::new();
    let (sealed, there) = (info.seals.len(), info.history.len() + 1);
    if sealed > there {
        altered.push(format!("history: {} of its {} steps are left out", sealed - there, sealed - 1));
    }
    if let Some(first) = info.seals.first().filter(|first| !first.is_empty()) {
        let frozen = if info.history.is_empty() { std::slice::from_ref(&info.state) } else { &STATES };
        if !frozen.iter().any(|state| of_beginning(info, *state) == *first) {
            altered.push(format!("state: it was not frozen as {}", info.state.word()));
        }
    }
    for (at, step) in info.history.iter().enumerate().filter(|_| sealed > 0) {
        let words = || format!("step {}, {} by {}", at + 1, step.to.word(), step.by_name);
        match info.seals.get(at + 1) {
            None => altered.push(format!("history: {} was added", words())),
            Some(seal) if seal.is_empty() => {}
            Some(seal) if of_step(&seal_after(info, &info.history[..at]), step) != *seal => {
                altered.push(format!("history: {} is not as it was taken", words()));
            }
            Some(_) => {}
        }
    }
    if let Some(last) = info.history.last().filter(|last| last.to != info.state) {
        altered.push(format!("state: {:?}, while its history ends with {:?}", info.state, last.to));
    }
    altered
}

/// How many steps of a version's history were taken before there were seals; `None` where its state has no seal at all.
pub fn unsealed_steps(info: &VersionInfo) -> Option<usize> {
    info.seals.last().filter(|last| !last.is_empty())?;
    Some(info.seals.iter().skip(1).filter(|seal| seal.is_empty()).count())
}

/// The seal after these first steps of its history. Those that have none are sealed by the next one that has.
fn seal_after(info: &VersionInfo, steps: &[StateChange]) -> String {
    match (info.seals.get(steps.len()).filter(|seal| !seal.is_empty()), steps.split_last()) {
        (Some(seal), _) => seal.clone(),
        (None, Some((step, before))) => of_step(&seal_after(info, before), step),
        (None, None) => info.hash.clone(),
    }
}

fn of_beginning(info: &VersionInfo, state: VersionState) -> String {
    chained_hash(&info.hash, &[("frozen".to_owned(), state.word().as_bytes().to_vec())])
}

fn of_step(before: &str, StateChange { to, by, by_name, at, comment }: &StateChange) -> String {
    let said = [
        ("to", to.word().to_owned()),
        ("by", by.to_string()),
        ("by_name", by_name.clone()),
        ("at", at.to_string()),
        ("comment", comment.clone()),
    ];
    let said: Vec<_> = said.into_iter().map(|(name, value)| (name.to_owned(), value.into_bytes())).collect();
    chained_hash(before, &said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Headline, VersionKind};
    use crate::refs::{Id, PersonId};

    fn frozen() -> VersionInfo {
        VersionInfo {
            id: Id::of_name("march"),
            name: "March".into(),
            kind: VersionKind::Consensus,
            state: VersionState::Proposed,
            comment: String::new(),
            by: PersonId(Id::of_name("dana")),
            by_name: "Dana".into(),
            at: 7,
            hash: "ab".into(),
            headline: Headline::default(),
            history: Vec::new(),
            log: None,
            logs: Vec::new(),
            seals: Vec::new(),
        }
    }

    fn put(info: &mut VersionInfo, to: VersionState, name: &str, at: i64) {
        info.state = to;
        let by = PersonId(Id::of_name(name));
        info.history.push(StateChange { to, by, by_name: name.into(), at, comment: format!("at {at}") });
    }

    fn decided() -> VersionInfo {
        let mut info = frozen();
        seal_state(&mut info);
        for (to, at) in [(VersionState::Approved, 8), (VersionState::Consensus, 9), (VersionState::Superseded, 10)] {
            put(&mut info, to, "Eva", at);
            seal_state(&mut info);
        }
        info
    }

    #[test]
    fn whatever_is_done_to_a_state_or_a_step_is_named() {
        assert_eq!(altered_states(&decided()), Vec::<String>::new());
        assert_eq!(unsealed_steps(&decided()), Some(0));
        type Change = fn(&mut VersionInfo);
        let second = "history: step 2, the consensus by ";
        let cases: [(Change, &[&str]); 9] = [
            (|info| info.history[1].comment.clear(), &["history: step 2, the consensus by Eva is not as it was taken"]),
            (|info| info.history[1].by_name = "Eve".into(), &["history: step 2, the consensus by Eve is not"]),
            (|info| info.history[1].by = PersonId(Id::of_name("eve")), &[second]),
            (|info| info.history[1].at = 1, &[second]),
            (|info| info.history[1].to = VersionState::Approved, &["history: step 2, approved by Eva is not"]),
            (
                |info| info.state = VersionState::Consensus,
                &["state: Consensus, while its history ends with Superseded"],
            ),
            (
                |info| {
                    info.history.pop();
                    info.state = VersionState::Consensus;
                },
                &["history: 1 of its 3 steps are left out"],
            ),
            (
                |info| drop(info.history.remove(0)),
                &["history: 1 of its 3 steps", "history: step 1, the consensus", "history: step 2, superseded"],
            ),
            (
                |info| put(info, VersionState::Consensus, "Eve", 11),
                &["history: step 4, the consensus by Eve was added"],
            ),
        ];
        for (change, expected) in cases {
            let mut changed = decided();
            change(&mut changed);
            let told = altered_states(&changed);
            let fits = told.len() == expected.len() && told.iter().zip(expected).all(|(t, e)| t.starts_with(e));
            assert!(fits, "{told:?} {expected:?}");
        }
        let mut never = frozen();
        seal_state(&mut never);
        assert_eq!(altered_states(&never), Vec::<String>::new());
        never.state = VersionState::Approved;
        assert_eq!(altered_states(&never), ["state: it was not frozen as approved"]);
    }

    #[test]
    fn steps_of_before_there_were_seals_are_told_apart_and_sealed_by_the_next() {
        let mut info = frozen();
        assert_eq!((altered_states(&info), unsealed_steps(&info)), (Vec::new(), None));
        put(&mut info, VersionState::Approved, "Eva", 8);
        assert_eq!((altered_states(&info), unsealed_steps(&info)), (Vec::new(), None));
        put(&mut info, VersionState::Consensus, "Eva", 9);
        seal_state(&mut info);
        assert_eq!((altered_states(&info), unsealed_steps(&info)), (Vec::new(), Some(1)));
        info.history[0].by_name = "Eve".into();
        assert_eq!(altered_states(&info), ["history: step 2, the consensus by Eva is not as it was taken"]);
    }
}
