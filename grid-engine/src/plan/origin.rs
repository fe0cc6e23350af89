//! Where a version came from that was brought in from a file: whoever knows the hash it had there can still prove it.

use serde::{Deserialize, Serialize};

use super::freeze::{FreezeError, chained_hash, json};
use super::head::HEAD;
use super::reopen::{ReopenError, read, unreadable};
use super::version::VersionInfo;

/// Name of the part that says which version a bundle was brought in from. What was frozen here has none.
pub const ORIGIN: &str = "origin";

/// The version a bundle was brought in from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Origin {
    /// What was known of it there, with its hash.
    pub version: VersionInfo,
    /// The hash it was chained to there.
    previous: String,
    /// The parts that told of it there, before all others: its head, and where it came from itself. They are JSON.
    told: Vec<(String, String)>,
}

impl Origin {
    /// Every hash the version had before: where it came from, where it came from to there, and so on.
    pub fn hashes(&self) -> Vec<String> {
        let mut hashes = vec![self.version.hash.clone()];
        let mut earlier = self.earlier();
        // What was told of it before lies within what was told of it after, so that it ends.
        while let Some(before) = earlier {
            hashes.push(before.version.hash.clone());
            earlier = before.earlier();
        }
        hashes
    }

    /// Where it came from to where it came from; unproven.
    fn earlier(&self) -> Option<Self> {
        let told = self.told.iter().find(|(name, _)| name == ORIGIN)?;
        serde_json::from_str(&told.1).ok()
    }
}

/// The parts of a version that is brought in, to be sealed anew: what it said of itself, and what it was chained to, becomes
/// the part [`ORIGIN`], all else stays as it is.
///
/// # Errors
/// When it cannot be written.
pub fn bring_in(
    version: &VersionInfo,
    previous: &str,
    parts: Vec<(String, Vec<u8>)>,
) -> Result<Vec<(String, Vec<u8>)>, FreezeError> {
    let (told, mut kept): (Vec<_>, Vec<_>) = parts.into_iter().partition(|(name, _)| name == HEAD || name == ORIGIN);
    let unwritable = |part: &str, reason: String| FreezeError::Unwritable { part: part.to_owned(), reason };
    let text = |(part, bytes): (String, Vec<u8>)| match String::from_utf8(bytes) {
        Ok(text) => Ok((part, text)),
        Err(error) => Err(unwritable(&part, error.to_string())),
    };
    let told = told.into_iter().map(text).collect::<Result<_, _>>()?;
    kept.insert(0, json(ORIGIN, &Origin { version: version.clone(), previous: previous.to_owned(), told })?);
    Ok(kept)
}

/// Where a bundle's version was brought in from; `None` where it was frozen where it is.
///
/// # Errors
/// When that cannot be read, or the bundle's parts are not those which had the hash it tells of.
pub fn origin(parts: &[(String, Vec<u8>)]) -> Result<Option<Origin>, ReopenError> {
    if !parts.iter().any(|(name, _)| name == ORIGIN) {
        return Ok(None);
    }
    let origin: Origin = read(parts, ORIGIN)?;
    let told = origin.told.iter().map(|(name, text)| (name.clone(), text.clone().into_bytes()));
    let others = parts.iter().filter(|(name, _)| name != HEAD && name != ORIGIN).cloned();
    let there: Vec<_> = told.chain(others).collect();
    let frozen = &origin.version.hash;
    if chained_hash(&origin.previous, &there) != *frozen {
        let reason = format!("the other parts are not those which had the hash {frozen} where it came from");
        return Err(unreadable(ORIGIN, &reason));
    }
    Ok(Some(origin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Headline, VersionKind, VersionState, altered_head, altered_parts, seal};
    use crate::refs::{Id, PersonId};

    fn version(name: &str) -> VersionInfo {
        VersionInfo {
            id: Id::of_name(name),
            name: name.into(),
            kind: VersionKind::Consensus,
            state: VersionState::Draft,
            comment: String::new(),
            by: PersonId(Id::of_name("dana")),
            by_name: "Dana".into(),
            at: 7,
            hash: String::new(),
            headline: Headline::default(),
            history: Vec::new(),
            log: None,
            logs: Vec::new(),
            seals: Vec::new(),
        }
    }

    #[test]
    fn a_version_brought_in_again_and_again_proves_what_it_was_each_time() {
        let mut parts = vec![("engine".to_owned(), b"1".to_vec()), ("room:book".to_owned(), vec![0, 255])];
        let mut march = version("march");
        seal(&mut march, "before", &mut parts).unwrap();
        assert!(origin(&parts).unwrap().is_none(), "it was frozen here");
        let (mut before, mut previous) = (march, "before");
        let mut hashes = Vec::new();
        for (name, chained) in [("april", ""), ("may", "other")] {
            parts = bring_in(&before, previous, parts).unwrap();
            let mut here = version(name);
            seal(&mut here, chained, &mut parts).unwrap();
            let from = origin(&parts).unwrap().unwrap();
            hashes.insert(0, before.hash.clone());
            assert_eq!((&from.version, from.hashes()), (&before, hashes.clone()));
            assert_eq!(altered_head(&here, &parts).unwrap(), Vec::<String>::new());
            assert_eq!(altered_parts(&parts), Vec::<String>::new());
            (before, previous) = (here, chained);
        }
        for part in ["engine", "room:book"] {
            let mut altered = parts.clone();
            altered.iter_mut().find(|(name, _)| name == part).unwrap().1.push(1);
            let told = origin(&altered).unwrap_err().to_string();
            assert!(told.contains("not those which had the hash"), "{told}");
        }
    }
}
