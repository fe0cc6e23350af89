//! Freezing a plan: everything a version holds, in one hash-chained bundle.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::frame::frames;
use super::row_shortages::shortages;
use super::scenario::axis_of;
use super::summary::summarise;
use super::version::{Headline, PlanSummary, VersionKind};
use crate::calendar::Bucket;
use crate::doc::SheetInfo;
use crate::refs::{MeasureId, RoomId, RowId, SheetId};
use crate::wire::{Scalar, SheetFrame};
use crate::workbook::{Facts, ScenarioTable, VersionMeasure, VersionValues, Workbook};

/// Name of the part that holds the [`PlanSummary`].
pub const SUMMARY: &str = "summary";
/// Name of the part that holds the list of sheets.
pub const SHEETS: &str = "sheets";

/// Name of the part that holds what formulas read of other versions, where they do: without it nobody could calculate
/// the values again from the bundle alone.
pub const VERSIONS: &str = "versions";
/// Name of the part that holds the scenario matrix, where formulas read it.
pub const SCENARIOS: &str = "scenarios";

/// Name of the part that holds all shortages of the supply plan with their causes, where there is one: the sheets show the
/// largest. Versions frozen before have none.
pub const REASONS: &str = "reasons";

/// Name of the part that says which side of a plan a bundle holds; a whole plan has none, and nor has a version of one side
/// that was frozen when these held every sheet.
pub const SIDE: &str = "side";

/// Which side of a plan a bundle holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrozenSide {
    pub kind: VersionKind,
    /// The sheets it stands for. The bundle's others are there because the values of these follow from them.
    pub own: Vec<SheetId>,
    /// All sheets of the plan it was frozen from, in tab order.
    pub all: Vec<SheetInfo>,
}

/// A measure of another version, as formulas read it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct FrozenRead {
    version: String,
    sheet: SheetId,
    measure: MeasureId,
    rows: Vec<RowId>,
    first: Option<Bucket>,
    width: usize,
    values: Vec<Option<f64>>,
    /// What is no number, by its place. Bundles of before had only numbers, and formulas read the rest as blank.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    others: Vec<(usize, Scalar)>,
    /// Buckets before the version's plan. Formulas of a bundle without it read the rows and buckets of its own sheets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    history: Option<usize>,
}

impl FrozenRead {
    fn of(of: &VersionMeasure, read: VersionValues) -> Self {
        let VersionValues { numbers, others, history } = read;
        Self {
            version: of.version.to_string(),
            sheet: of.sheet,
            measure: of.measure,
            rows: numbers.rows,
            first: numbers.first,
            width: numbers.width,
            values: numbers.values.iter().map(|value| value.is_finite().then_some(*value)).collect(),
            others: others.iter().map(|(place, value)| (*place, value.into())).collect(),
            history,
        }
    }

    /// As a workbook takes it.
    pub(super) fn read(self) -> (VersionMeasure, VersionValues) {
        let of = VersionMeasure { version: self.version.into(), sheet: self.sheet, measure: self.measure };
        let values = self.values.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect();
        let numbers = Facts { rows: self.rows, first: self.first, width: self.width, values };
        let others = self.others.into_iter().map(|(place, value)| (place, value.into())).collect();
        (of, VersionValues { numbers, others, history: self.history })
    }
}

/// Name of the part that holds a sheet's frame.
pub fn sheet_part(sheet: SheetId) -> String {
    format!("sheet:{sheet}")
}

/// A frozen plan before it has a name: its parts in the order they are hashed.
///
/// Values as JSON (`summary`, `sheets`, `sheet:<id>`), the documents they came from in their own encoding
/// (`room:<id>`), and the engine's version (`engine`).
#[derive(Clone, Debug)]
pub struct Bundle {
    pub parts: Vec<(String, Vec<u8>)>,
    pub headline: Headline,
    pub summary: PlanSummary,
}

/// Why a plan cannot be frozen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FreezeError {
    /// Frozen values must belong to the frozen inputs.
    #[error("{0} cells are still being calculated: freeze when the jobs are done")]
    Pending(usize),
    /// What sheets show of supply is of the plan before, which these inputs do not give.
    #[error(
        "the supply plan could not be solved, and what its sheets show is of the plan before: {0}. Put that right first; the demand \
         and cost sides can be frozen alone"
    )]
    Unsolved(String),
    #[error("the part {part} cannot be written: {reason}")]
    Unwritable { part: String, reason: String },
}

/// Freezes the workbook as it is.
///
/// # Errors
/// While a job is computing, or where there is no supply plan: a version whose values are not those of its inputs could never be
/// verified.
pub fn freeze(workbook: &Workbook, title: &str, currency: &str) -> Result<Bundle, FreezeError> {
    freeze_kind(workbook, VersionKind::Consensus, title, currency)
}

/// Freezes what a version of this kind stands for: the whole plan, or the sheets of one side and what their values follow
/// from, so that they can be calculated from the bundle alone, and nothing is said of what these do not tell.
///
/// # Errors
/// See [`freeze`].
pub fn freeze_kind(workbook: &Workbook, kind: VersionKind, title: &str, currency: &str) -> Result<Bundle, FreezeError> {
    let sheets = workbook.mirror().sheets();
    let official = sheets.iter().flat_map(|sheet| workbook.official(sheet.id));
    // What is shown until the final answer comes may not be what comes where the version is verified.
    let waiting = official.filter(|(_, _, pending)| *pending).count() + workbook.early_answers();
    if waiting > 0 {
        return Err(FreezeError::Pending(waiting));
    }
    if kind.tells_supply()
        && let Some(reason) = workbook.unsolved()
    {
        return Err(FreezeError::Unsolved(reason));
    }
    let mut frames = frames(workbook);
    let side = FrozenSide::of(workbook, kind);
    if let Some(side) = &side {
        let needed = workbook.sheets_needed(&side.own.iter().copied().collect());
        frames.retain(|frame| needed.contains(&frame.info.id));
    }
    let summary = summarise(&frames, title, currency);
    let infos: Vec<&SheetInfo> = frames.iter().map(|frame| &frame.info).collect();
    let mut parts = vec![
        ("engine".to_owned(), env!("CARGO_PKG_VERSION").as_bytes().to_vec()),
        json(SUMMARY, &summary)?,
        json(SHEETS, &infos)?,
    ];
    if let Some(side) = &side {
        parts.push(json(SIDE, side)?);
    }
    for frame in &frames {
        parts.push(json::<SheetFrame>(&sheet_part(frame.info.id), frame)?);
    }
    let read: Vec<FrozenRead> =
        workbook.version_facts().into_iter().map(|(of, facts)| FrozenRead::of(of, facts)).collect();
    if !read.is_empty() {
        parts.push(json(VERSIONS, &read)?);
    }
    if let Some(scenarios) = workbook.scenarios().filter(|scenarios| !scenarios.lines.is_empty()) {
        parts.push(json::<ScenarioTable>(SCENARIOS, scenarios)?);
    }
    let shown = |sheet| infos.iter().any(|info| info.id == sheet);
    if let Some((_, reasons)) = shortages(workbook).filter(|(sheet, reasons)| shown(*sheet) && !reasons.is_empty()) {
        parts.push(json(REASONS, &reasons)?);
    }
    let holds = |room: &RoomId| room.sheet().is_none_or(|sheet| infos.iter().any(|info| info.id == sheet));
    for room in workbook.known_rooms().into_iter().filter(holds) {
        parts.push((format!("room:{room}"), state(workbook, room)?));
    }
    Ok(Bundle { headline: summary.headline, parts, summary })
}

impl FrozenSide {
    /// `None` for a whole plan.
    fn of(workbook: &Workbook, kind: VersionKind) -> Option<Self> {
        let axis = kind.axis()?;
        let all = workbook.mirror().sheets().to_vec();
        let own = all.iter().filter(|info| axis_of(&info.role) == axis).map(|info| info.id).collect();
        Some(Self { kind, own, all })
    }
}

pub(super) fn json<T: Serialize>(part: &str, value: &T) -> Result<(String, Vec<u8>), FreezeError> {
    let bytes = serde_json::to_vec(value)
        .map_err(|error| FreezeError::Unwritable { part: part.to_owned(), reason: error.to_string() })?;
    Ok((part.to_owned(), bytes))
}

fn state(workbook: &Workbook, room: RoomId) -> Result<Vec<u8>, FreezeError> {
    workbook
        .encode_state(room, None)
        .map_err(|error| FreezeError::Unwritable { part: format!("room:{room}"), reason: error.to_string() })
}

/// The hash of a bundle, chained to the version before it (`""` for the first): SHA-256 over the previous hash,
/// then each part's name, length and bytes. Changing, dropping or reordering anything changes it.
pub fn chained_hash(previous: &str, parts: &[(String, Vec<u8>)]) -> String {
    let mut hash = Sha256::new();
    let mut feed = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    feed(previous.as_bytes());
    for (name, bytes) in parts {
        feed(name.as_bytes());
        feed(bytes);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_change_changes_the_hash() {
        let parts = |name: &str, bytes: &[u8]| vec![(name.to_owned(), bytes.to_vec()), ("b".to_owned(), vec![1])];
        let hash = chained_hash("", &parts("a", b"12"));
        assert_eq!(hash.len(), 64);
        assert_eq!(hash, chained_hash("", &parts("a", b"12")));
        for other in [
            chained_hash("x", &parts("a", b"12")),
            chained_hash("", &parts("a", b"13")),
            chained_hash("", &parts("a1", b"2")),
            chained_hash("", &parts("a", b"12")[..1]),
            chained_hash("", &parts("a", b"12").into_iter().rev().collect::<Vec<_>>()),
        ] {
            assert_ne!(hash, other);
        }
    }
}
