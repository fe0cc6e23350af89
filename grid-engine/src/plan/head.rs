//! What a version says of itself: sealed when it is frozen, compared when it is verified.

use serde::{Deserialize, Serialize};

use super::freeze::{FreezeError, SIDE, SUMMARY, chained_hash, json};
use super::reopen::{ReopenError, read};
use super::states::{altered_states, seal_state};
use super::version::{Headline, LogHead, LogStretch, PlanSummary, VersionInfo, VersionKind};
use crate::refs::{Id, PersonId};
use crate::value::order::alike;

/// Name of the part that holds what a version says of itself. Versions that were frozen before there was one say it
/// beside their parts alone, where their hash does not reach.
pub const HEAD: &str = "head";

/// What a version says of itself, without what goes on changing: its state, and how it came there (see [`super::states`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Head {
    id: Id,
    name: String,
    kind: VersionKind,
    comment: String,
    by: PersonId,
    by_name: String,
    at: i64,
    headline: Headline,
    log: Option<LogHead>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    logs: Vec<LogStretch>,
    /// The other parts with their hashes, so that one that was altered can be named. Heads of before lack them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parts: Vec<(String, String)>,
    /// Whether the state it was frozen in was sealed, and each step since. Heads of before did not know of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    seals_states: bool,
}

impl Head {
    fn of(info: &VersionInfo) -> Self {
        let VersionInfo { id, name, kind, comment, by, by_name, at, headline, log, logs, .. } = info.clone();
        Self { id, name, kind, comment, by, by_name, at, headline, log, logs, parts: Vec::new(), seals_states: true }
    }
}

/// Puts what a version says of itself before its other parts, and chains the hash of all to the version before it (`""`
/// for the first). The state it is frozen in is sealed over that, and what it has taken of steps since.
///
/// # Errors
/// When it cannot be written.
pub fn seal(info: &mut VersionInfo, previous: &str, parts: &mut Vec<(String, Vec<u8>)>) -> Result<(), FreezeError> {
    let hashes = parts.iter().map(|part| (part.0.clone(), chained_hash("", std::slice::from_ref(part)))).collect();
    parts.insert(0, json(HEAD, &Head { parts: hashes, ..Head::of(info) })?);
    info.hash = chained_hash(previous, parts);
    info.seals.clear();
    let steps = std::mem::take(&mut info.history);
    seal_state(info);
    for step in steps {
        info.history.push(step);
        seal_state(info);
    }
    Ok(())
}

/// The parts of a bundle that are not those which its head tells of, in words: altered, added, or left out. None where the
/// head does not tell, as it may be what was altered.
pub fn altered_parts(parts: &[(String, Vec<u8>)]) -> Vec<String> {
    let sealed = read::<Head>(parts, HEAD).map(|head| head.parts).unwrap_or_default();
    if sealed.is_empty() {
        return Vec::new();
    }
    let now = parts.iter().filter(|(name, _)| name != HEAD);
    let now: Vec<(String, String)> =
        now.map(|part| (part.0.clone(), chained_hash("", std::slice::from_ref(part)))).collect();
    let find = |all: &[(String, String)], name: &str| all.iter().find(|(other, _)| other == name).cloned();
    let altered = now.iter().filter_map(|(name, hash)| match find(&sealed, name) {
        None => Some(format!("the part {name} was added")),
        Some((_, frozen)) if frozen != *hash => Some(format!("the part {name} is not what was frozen")),
        Some(_) => None,
    });
    let gone = sealed.iter().filter(|(name, _)| find(&now, name).is_none());
    altered.chain(gone.map(|(name, _)| format!("the part {name} was left out"))).collect()
}

/// Whether a bundle seals what its version says of itself.
pub fn has_head(parts: &[(String, Vec<u8>)]) -> bool {
    parts.iter().any(|(name, _)| name == HEAD)
}

/// What a version says of itself otherwise than it did when it was frozen, in words; of a version without [`HEAD`] the
/// figures alone, which its summary holds too. Its state and history must be as they were sealed in either case.
///
/// # Errors
/// Names the part that is missing or damaged.
pub fn altered_head(info: &VersionInfo, parts: &[(String, Vec<u8>)]) -> Result<Vec<String>, ReopenError> {
    let mut altered = if has_head(parts) {
        let head = read(parts, HEAD)?;
        altered(&head, info).into_iter().chain(seals_gone(&head, info)).collect()
    } else {
        wrong_headline(info, parts)?
    };
    altered.extend(altered_states(info));
    Ok(altered)
}

/// The figures a version is listed with that are not those of its summary, in words. Those of one side had the whole plan's
/// once, which their sheets do not tell.
///
/// # Errors
/// Names the part that is missing or damaged.
pub fn wrong_headline(info: &VersionInfo, parts: &[(String, Vec<u8>)]) -> Result<Vec<String>, ReopenError> {
    if parts.iter().any(|(name, _)| name == SIDE) {
        return Ok(Vec::new());
    }
    let summary: PlanSummary = read(parts, SUMMARY)?;
    Ok(differing(&summary.headline, &info.headline))
}

fn altered(head: &Head, info: &VersionInfo) -> Vec<String> {
    let now = Head::of(info);
    let words = [
        ("id", head.id.to_string(), now.id.to_string()),
        ("name", head.name.clone(), now.name),
        ("kind", format!("{:?}", head.kind), format!("{:?}", now.kind)),
        ("comment", head.comment.clone(), now.comment),
        ("by", head.by.to_string(), now.by.to_string()),
        ("by_name", head.by_name.clone(), now.by_name),
        ("at", head.at.to_string(), now.at.to_string()),
        ("log", format!("{:?}", head.log), format!("{:?}", now.log)),
        ("logs", format!("{:?}", head.logs), format!("{:?}", now.logs)),
    ];
    let words = words.into_iter().filter(|(_, frozen, now)| frozen != now);
    let words = words.map(|(field, frozen, now)| format!("{field}: frozen {frozen:?}, now {now:?}"));
    words.chain(differing(&head.headline, &now.headline)).collect()
}

/// Says so where a state that was sealed has no seal any more.
fn seals_gone(head: &Head, info: &VersionInfo) -> Option<String> {
    let gone = head.seals_states && info.seals.first().is_none_or(String::is_empty);
    gone.then(|| "seals: those of its state and history were left out".to_owned())
}

/// Whether a figure is what it was, or none as before. Versions of one side frozen before these were left out had 0 for them.
pub(super) fn are_alike(frozen: Option<f64>, now: Option<f64>) -> bool {
    alike(frozen.unwrap_or_default(), now.unwrap_or_default())
}

fn differing(frozen: &Headline, now: &Headline) -> Vec<String> {
    let figures = [
        ("revenue", frozen.revenue, now.revenue),
        ("cost", frozen.cost, now.cost),
        ("profit", frozen.profit, now.profit),
    ];
    let differing = figures.into_iter().filter(|(_, frozen, now)| !are_alike(*frozen, *now));
    let words = |figure: Option<f64>| figure.map_or_else(|| "nothing".to_owned(), |figure| figure.to_string());
    differing.map(|(figure, frozen, now)| format!("{figure}: frozen {}, now {}", words(frozen), words(now))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{StateChange, VersionState};
    use crate::refs::SheetId;

    fn frozen() -> (VersionInfo, Vec<(String, Vec<u8>)>) {
        let mut info = VersionInfo {
            id: Id::of_name("march"),
            name: "March".into(),
            kind: VersionKind::Consensus,
            state: VersionState::Proposed,
            comment: "As agreed".into(),
            by: PersonId(Id::of_name("dana")),
            by_name: "Dana".into(),
            at: 7,
            hash: String::new(),
            headline: Headline { revenue: Some(84_516_300.488_921_24), cost: Some(3.0), profit: None },
            history: Vec::new(),
            log: Some(LogHead { seq: 12, hash: "ab".into() }),
            logs: Vec::new(),
            seals: Vec::new(),
        };
        let mut parts = vec![("sheets".to_owned(), b"[]".to_vec())];
        seal(&mut info, "before", &mut parts).unwrap();
        (info, parts)
    }

    #[test]
    fn a_part_that_was_altered_is_named() {
        let (_, parts) = frozen();
        assert_eq!(altered_parts(&parts), Vec::<String>::new());
        let mut altered = parts.clone();
        altered[1].1 = b"[1]".to_vec();
        assert_eq!(altered_parts(&altered), ["the part sheets is not what was frozen"]);
        let added = [parts.clone(), vec![("room:x".to_owned(), Vec::new())]].concat();
        assert_eq!(altered_parts(&added), ["the part room:x was added"]);
        assert_eq!(altered_parts(&parts[..1]), ["the part sheets was left out"]);
        assert_eq!(altered_parts(&parts[1..]), Vec::<String>::new(), "without a head nobody can tell");
    }

    #[test]
    fn whatever_a_version_says_of_itself_is_sealed_and_its_state_is_not() {
        let (info, parts) = frozen();
        assert_eq!(info.hash, chained_hash("before", &parts));
        assert_eq!(altered_head(&info, &parts).unwrap(), Vec::<String>::new());
        type Change = fn(&mut VersionInfo);
        let changes: [(&str, Change); 10] = [
            ("id:", |info| info.id = Id::of_name("other")),
            ("name: frozen \"March\", now \"April\"", |info| info.name = "April".into()),
            ("kind:", |info| info.kind = VersionKind::Demand),
            ("comment:", |info| info.comment.clear()),
            ("by:", |info| info.by = PersonId(Id::of_name("eve"))),
            ("by_name:", |info| info.by_name = "Eve".into()),
            ("at: frozen \"7\", now \"8\"", |info| info.at = 8),
            ("log:", |info| info.log = None),
            ("logs:", |info| info.logs.push(LogStretch { workbook: SheetId::named("fair").unwrap(), until: 7 })),
            ("revenue:", |info| info.headline.revenue = Some(100.0)),
        ];
        for (told, change) in changes {
            let mut changed = info.clone();
            change(&mut changed);
            let altered = altered_head(&changed, &parts).unwrap();
            assert!(altered.len() == 1 && altered[0].starts_with(told), "{told} {altered:?}");
            // Frozen so, it would have another hash.
            let mut again = vec![("sheets".to_owned(), b"[]".to_vec())];
            seal(&mut changed, "before", &mut again).unwrap();
            assert_ne!(changed.hash, info.hash, "{told}");
        }
        let mut approved = info;
        approved.state = VersionState::Approved;
        let step = |to| StateChange { to, by: approved.by, by_name: "Dana".into(), at: 9, comment: String::new() };
        let (approval, superseding) = (step(VersionState::Approved), step(VersionState::Superseded));
        approved.history.push(approval);
        seal_state(&mut approved);
        assert_eq!(altered_head(&approved, &parts).unwrap(), Vec::<String>::new());
        let mut stripped = approved.clone();
        stripped.seals.clear();
        let told = altered_head(&stripped, &parts).unwrap();
        assert_eq!(told, ["seals: those of its state and history were left out"]);
        approved.history.push(superseding);
        seal_state(&mut approved);
        assert_eq!(altered_head(&approved, &parts).unwrap().len(), 1, "a state nobody put it into");
    }
}
