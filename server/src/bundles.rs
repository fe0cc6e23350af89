//! Bundles of frozen versions: what is proven of one from its file alone, and how it comes in as a version of a plan.
//!
//! A version that comes in is sealed anew, in the chain of the plan it comes into, under the name it is given there and as a
//! draft, whatever it was elsewhere: what a company has decided is decided by its own people. Its part `origin` proves the
//! hash it had where it came from. It may be of another company: what it holds is read and compared like any version, and
//! none of the edit logs here is taken for what was entered in it.

use grid_engine::plan::{
    LogStretch, Origin, StateChange, VersionInfo, VersionState, altered_head, altered_parts, bring_in as as_parts,
    chained_hash, differences, frames, frozen_frames, origin, reopen, wrong_figures, wrong_headline, wrong_reasons,
};
use grid_engine::refs::{Id, PersonId, SheetId};

use crate::clock::clock_at;
use crate::exchange::bundle_file::BundleFile;
use crate::jobs::settle;
use crate::store::{NewVersion, Pending, Store, StoreError, WorkbookId, flaw_of_name, taken_name, unfit_name};

/// Differing cells listed at most.
const LISTED: usize = 20;
/// Of a hash, what tells it from others at a glance.
const SHORT_HASH: usize = 12;

/// Whether a bundle's parts, what its version says of itself and its states are as they were sealed; where it was brought
/// in from, if it was.
///
/// # Errors
/// In words: first that something is not what was frozen, then what.
pub fn prove_seals(bundle: &BundleFile) -> Result<Option<Origin>, Vec<String>> {
    let BundleFile { info, previous, parts } = bundle;
    let name = &info.name;
    let hash = chained_hash(previous, parts);
    if hash != info.hash {
        let frozen = &info.hash;
        let whole = format!("the content of {name:?} is not what was frozen: its hash is {hash}, frozen was {frozen}");
        return Err([whole].into_iter().chain(altered_parts(parts)).collect());
    }
    let altered = altered_head(info, parts).map_err(|error| vec![error.to_string()])?;
    if !altered.is_empty() {
        let first = format!("what {name:?} says of itself is not what was frozen");
        return Err([first].into_iter().chain(altered).collect());
    }
    origin(parts).map_err(|error| vec![error.to_string()])
}

/// Why the values of a bundle are not proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unproven {
    /// First how much does not follow, then what.
    pub reasons: Vec<String>,
    /// The version of the engine that froze it, where it is not this one, which may calculate differently. All that can be
    /// told then is that nothing was altered since.
    pub frozen_by: Option<String>,
}

impl Unproven {
    /// What was frozen cannot even be read.
    fn unreadable(error: &dyn std::fmt::Display) -> Self {
        Self { reasons: vec![error.to_string()], frozen_by: None }
    }

    /// What was frozen is not what is calculated here.
    fn differing(mut reasons: Vec<String>, bundle: &BundleFile) -> Self {
        let engine = bundle.parts.iter().find(|(part, _)| part == "engine");
        let engine = engine.map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned());
        let frozen_by = engine.filter(|engine| engine != ENGINE);
        if let Some(engine) = &frozen_by {
            reasons.push(format!(
                "it was frozen by version {engine} of the engine, and {ENGINE} may calculate differently"
            ));
        }
        Self { reasons, frozen_by }
    }
}

/// The version of this engine, as bundles have it.
const ENGINE: &str = env!("CARGO_PKG_VERSION");

/// Calculates everything in a bundle again; how many values follow from its inputs as they were frozen. It takes as long as
/// the plan's forecasts and solves do.
///
/// # Errors
/// See [`Unproven`].
pub fn prove_values(bundle: &BundleFile) -> Result<usize, Unproven> {
    let BundleFile { info, parts, .. } = bundle;
    let name = &info.name;
    let unreadable = |error: &dyn std::fmt::Display| Unproven::unreadable(error);
    let mut workbook = reopen(parts).map_err(|error| unreadable(&error))?;
    settle(&mut workbook, clock_at(info.at)).map_err(|error| unreadable(&error))?;
    if info.kind.tells_supply()
        && let Some(reason) = workbook.unsolved()
    {
        let told = format!(
            "the supply plan of {name:?} cannot be solved, so that its figures do not follow from it: {reason}"
        );
        return Err(Unproven::differing(vec![told], bundle));
    }
    let frozen = frozen_frames(parts).map_err(|error| unreadable(&error))?;
    let cells: usize = frozen.iter().flat_map(|frame| &frame.columns).map(|column| column.values.len()).sum();
    let mut wrong = wrong_figures(parts, &frozen).map_err(|error| unreadable(&error))?;
    wrong.extend(wrong_headline(info, parts).map_err(|error| unreadable(&error))?);
    if !wrong.is_empty() {
        let first = format!("figures of {name:?} do not follow from its values");
        return Err(Unproven::differing([first].into_iter().chain(wrong).collect(), bundle));
    }
    if let Some(wrong) = wrong_reasons(parts, &workbook).map_err(|error| unreadable(&error))? {
        return Err(Unproven::differing(vec![format!("{name:?}: {wrong}")], bundle));
    }
    let (count, mut told) = differences(&frozen, &frames(&workbook), LISTED);
    if count > 0 {
        told.insert(0, format!("{count} of {cells} values do not follow from the inputs of {name:?}"));
        return Err(Unproven::differing(told, bundle));
    }
    Ok(cells)
}

/// Why a bundle that is whole does not become a version of a plan.
#[derive(Debug, thiserror::Error)]
pub enum NotBroughtIn {
    /// Another name would do.
    #[error("{0} Bring it in under another name.")]
    Name(String),
    #[error("{0}")]
    There(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The name under which a bundle may become a version of a plan: its own, or the one it is given.
///
/// # Errors
/// Where its content is there already, or the name is another version's or unfit.
pub fn name_for(store: &Store, home: WorkbookId, bundle: &BundleFile, given: &str) -> Result<String, NotBroughtIn> {
    let versions = store.versions(home)?;
    let before = |origin: Option<Origin>| origin.map(|origin| origin.hashes()).unwrap_or_default();
    let mut known = before(origin(&bundle.parts).ok().flatten());
    known.push(bundle.info.hash.clone());
    for version in &versions {
        let came_as = before(store.version_origin(home, version.id)?);
        if known.contains(&version.hash) || known.iter().any(|hash| came_as.contains(hash)) {
            let VersionInfo { name, .. } = version;
            return Err(NotBroughtIn::There(format!(
                "This version is there already, as {name:?}: nothing was brought in."
            )));
        }
    }
    let name = if given.trim().is_empty() { bundle.info.name.trim() } else { given.trim() };
    let taken = || taken_name(name, versions.iter().map(|version| version.name.as_str()));
    match flaw_of_name("A version", name, &bundle.info.comment).or_else(taken) {
        Some(reason) => Err(NotBroughtIn::Name(reason)),
        None => Ok(name.to_owned()),
    }
}

/// Who brings a version in.
pub struct Bringer {
    pub person: PersonId,
    pub name: String,
}

/// Makes a bundle a version of a plan, under a name from [`name_for`]: a draft as of the moment it was frozen, by whoever
/// brings it in, who is told of beside whoever froze it. It must be proven before; what is not, because another engine froze
/// it, is told in its history for good.
///
/// # Errors
/// When the store cannot be read or it cannot be written.
pub fn bring_in(
    store: &Store,
    home: WorkbookId,
    bundle: BundleFile,
    name: String,
    by: Bringer,
    unproven: Option<&Unproven>,
    now: i64,
) -> Result<(VersionInfo, Pending<()>), StoreError> {
    let BundleFile { info: there, previous, parts } = bundle;
    let parts = as_parts(&there, &previous, parts).map_err(|error| StoreError::Invalid(error.to_string()))?;
    let id = Id::from_number(rand::random());
    // An entry of the edit log has a hash that nobody makes without its key: who knows one froze the version here.
    let is_own = match &there.log {
        Some(head) => store.has_log_entry(head)?,
        None => false,
    };
    let logs = if is_own && !there.logs.is_empty() {
        there.logs.clone()
    } else {
        vec![LogStretch { workbook: SheetId(id), until: there.at }]
    };
    let froze = if unfit_name(&there.by_name).is_none() { there.by_name.as_str() } else { "somebody" };
    let short = there.hash.get(..SHORT_HASH).unwrap_or_default();
    let mut comment = format!("Brought in from a file: frozen as “{}” by {froze}, hash {short}….", there.name);
    if let Some(Unproven { reasons, .. }) = unproven {
        let first = reasons.first().map(String::as_str).unwrap_or_default();
        comment.push_str(&format!(" Taken as frozen by another engine: {first}."));
    }
    let Bringer { person, name: by_name } = by;
    let info = VersionInfo {
        id,
        name,
        kind: there.kind,
        state: VersionState::Draft,
        comment: there.comment,
        by: person,
        by_name: format!("{froze} (brought in by {by_name})"),
        at: there.at,
        hash: String::new(),
        headline: there.headline,
        history: vec![StateChange { to: VersionState::Draft, by: person, by_name, at: now, comment }],
        log: None,
        logs,
        seals: Vec::new(),
    };
    store.freeze_version(home, NewVersion { info, parts })
}
