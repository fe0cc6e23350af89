//! How a branch and the plan it came from differ, cell by cell: a three-way comparison of what people entered.
//!
//! Documents are not merged as CRDTs here: that would give every cell to whoever has the higher writer id. What both
//! sides held when they parted (the base) says who changed what, and where both did, a person decides.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::inputs::{Held, Inputs, Place};
use crate::doc::Input;
use crate::refs::{CellRef, SheetId};

/// Changes told of what a deletion would take with it; the others are counted.
const LOST_TOLD: usize = 40;

/// Which way changes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From the branch into the plan it came from.
    Merge,
    /// From that plan into the branch.
    Rebase,
}

impl Direction {
    /// The side that is changed.
    pub fn target(self) -> Side {
        match self {
            Self::Merge => Side::Live,
            Self::Rebase => Side::Branch,
        }
    }
}

/// One of the two states that have a base in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    Branch,
    Live,
}

/// The three states.
#[derive(Clone, Copy)]
pub struct States<'a> {
    /// As it was when they parted.
    pub base: &'a Inputs,
    pub branch: &'a Inputs,
    pub live: &'a Inputs,
}

/// Why a change cannot simply be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conflict {
    /// Both sides changed it, to different things.
    BothChanged,
    /// The same, one side to a formula and the other to a value.
    FormulaAgainstValue,
    /// One side changed something in a row or column that the other has deleted.
    DeletedAgainstEdit,
    /// Both sides moved the row or column.
    Order,
}

/// What sort of difference it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Only the side it comes from changed it.
    Change,
    /// Contributions to an additive measure: what was added there is added here too, whatever was added here.
    Addition,
    Conflict(Conflict),
}

/// One thing the side that changes come from (theirs) has and the side they go to (ours) has not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    pub place: Place,
    pub base: Option<Held>,
    pub ours: Option<Held>,
    pub theirs: Option<Held>,
    pub kind: Kind,
    /// Where theirs deleted a row, column or measure in which ours changed cells: the first of these changes, which go
    /// with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<LostEdit>,
    /// How many of them there are in all.
    #[serde(default, skip_serializing_if = "is_none_lost")]
    pub lost_count: usize,
}

/// An entry, note or format that one side changed, in a row, column or measure that the other has deleted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LostEdit {
    pub place: Place,
    pub base: Option<Held>,
    pub ours: Option<Held>,
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_none_lost(count: &usize) -> bool {
    *count == 0
}

impl Difference {
    /// Whether a person has to decide.
    pub fn is_conflict(&self) -> bool {
        matches!(self.kind, Kind::Conflict(_))
    }

    /// What is remembered of a decision on it.
    pub fn settle(&self, choice: Choice, direction: Direction) -> Settled {
        let taken = choice == Choice::Theirs;
        Settled {
            place: self.place.clone(),
            agreed: self.theirs.clone(),
            side: direction.target(),
            before: taken.then(|| self.ours.clone()),
        }
    }
}

/// What becomes of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// Leaves the side changes go to as it is.
    Ours,
    /// Takes the change.
    Theirs,
}

/// A decision on a difference: from then on both sides are compared with what was agreed, so that nothing is
/// merged or asked about twice. It is void again where the change that carried it out was undone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settled {
    pub place: Place,
    /// What the side the change came from held.
    pub agreed: Option<Held>,
    /// The side the change was made on.
    pub side: Side,
    /// What that side held before; absent where it was left as it is.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "some")]
    pub before: Option<Option<Held>>,
}

/// Keeps `Some(None)` apart from `None`: an absent field against `null`.
mod some {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Held;

    #[allow(clippy::option_option)]
    pub fn serialize<S: Serializer>(value: &Option<Option<Held>>, serializer: S) -> Result<S::Ok, S::Error> {
        value.as_ref().and_then(Option::as_ref).serialize(serializer)
    }

    #[allow(clippy::option_option)]
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Held>>, D::Error> {
        Option::<Held>::deserialize(deserializer).map(Some)
    }
}

/// What a merge or rebase would bring, in the order of places.
pub fn branch_differences(states: States<'_>, direction: Direction, settled: &[Settled]) -> Vec<Difference> {
    let (ours, theirs) = match direction {
        Direction::Merge => (states.live, states.branch),
        Direction::Rebase => (states.branch, states.live),
    };
    let base = Base::new(states, settled);
    let mut places: HashSet<&Place> = HashSet::new();
    places
        .extend(theirs.held.iter().filter(|(place, held)| !same(base.get(place), Some(held))).map(|(place, _)| place));
    places.extend(states.base.held.keys().filter(|place| !theirs.held.contains_key(place)));
    places.extend(base.agreed.keys().filter(|place| !theirs.held.contains_key(place)));
    let is_frame = |place: &Place| matches!(place, Place::Row(..) | Place::Column(..) | Place::Measure(..));
    let is_deletion = |place: &&Place| is_frame(place) && !theirs.held.contains_key(*place);
    let deleted: HashSet<&Place> = places.iter().copied().filter(is_deletion).collect();
    let edited = if deleted.is_empty() { Edited::default() } else { Edited::of(ours, &base, &deleted) };
    let comparison = Comparison { base: &base, ours, theirs, edited };
    let mut found: Vec<Difference> = places.into_iter().filter_map(|place| comparison.at(place)).collect();
    comparison.add_moves_along(&mut found);
    found.sort_by(|a, b| a.place.cmp(&b.place));
    found
}

/// Cells a side changed, by the row, column and measure each is in.
#[derive(Default)]
struct Edited<'a> {
    inside: HashMap<Place, Vec<&'a Place>>,
}

impl<'a> Edited<'a> {
    /// Those in the places that are deleted: others need not be known.
    fn of(side: &'a Inputs, base: &Base<'a>, deleted: &HashSet<&Place>) -> Self {
        let is_changed = |place: &&Place| !same(side.get(place), base.get(place));
        let here = side.held.keys();
        let cleared = base.inputs.held.keys().filter(|place| !side.held.contains_key(place));
        let mut edited = Self::default();
        for place in here.chain(cleared).filter(is_changed) {
            let Some(cell) = place.cell() else { continue };
            let frames = [Place::Row(cell.sheet, cell.row)].into_iter().chain(columns_of(cell));
            for frame in frames.filter(|frame| deleted.contains(&frame)) {
                edited.inside.entry(frame).or_default().push(place);
            }
        }
        edited
    }

    /// What was changed there that a person would miss: entries first, then notes and formats.
    fn told(&self, frame: &Place) -> Vec<&'a Place> {
        let mut places = self.inside.get(frame).cloned().unwrap_or_default();
        places.sort_unstable();
        places
    }
}

/// What the sides are compared with: their common past, and what was agreed since.
struct Base<'a> {
    inputs: &'a Inputs,
    agreed: HashMap<&'a Place, Option<&'a Held>>,
}

impl<'a> Base<'a> {
    fn new(states: States<'a>, settled: &'a [Settled]) -> Self {
        let stands = |mark: &&Settled| {
            let side = if mark.side == Side::Live { states.live } else { states.branch };
            let undone = |before: &Option<Held>| {
                let (now, before) = (side.get(&mark.place), before.as_ref());
                // What was moved may stand behind the same one as before, and has been moved all the same.
                let is_back = match (now.and_then(Held::position), before.and_then(Held::position)) {
                    (Some(now), Some(before)) => now == before,
                    _ => same(now, before),
                };
                is_back && !same(before, mark.agreed.as_ref())
            };
            !mark.before.as_ref().is_some_and(undone)
        };
        let agreed = settled.iter().filter(stands).map(|mark| (&mark.place, mark.agreed.as_ref())).collect();
        Self { inputs: states.base, agreed }
    }

    fn get(&self, place: &Place) -> Option<&'a Held> {
        self.agreed.get(place).copied().unwrap_or_else(|| self.inputs.get(place))
    }
}

struct Comparison<'a> {
    base: &'a Base<'a>,
    ours: &'a Inputs,
    theirs: &'a Inputs,
    /// What ours has changed, where theirs deletes anything.
    edited: Edited<'a>,
}

impl Comparison<'_> {
    fn at(&self, place: &Place) -> Option<Difference> {
        let (base, ours, theirs) = (self.base.get(place), self.ours.get(place), self.theirs.get(place));
        // What is gone with its row, column or sheet is told by these.
        if theirs.is_none() && !has_frame(self.theirs, place, self.base) {
            return None;
        }
        // What was cleared in a row that is deleted here would come back with the row.
        let is_gone = self.is_gone(place);
        if same(theirs, base) || (same(theirs, ours) && !is_gone) {
            return None;
        }
        // Where a row or column stands is a difference only where it is on both sides.
        if matches!(place, Place::Order(..) | Place::ColumnOrder(..))
            && (ours.is_none() || theirs.is_none() || base.is_none())
        {
            return None;
        }
        let ours_changed = !same(ours, base);
        let kind = match place {
            _ if theirs.is_none() && self.edited.inside.contains_key(place) => {
                Kind::Conflict(Conflict::DeletedAgainstEdit)
            }
            _ if is_gone => Kind::Conflict(Conflict::DeletedAgainstEdit),
            // It comes with its row.
            Place::Cell(_) | Place::Note(_) | Place::Style(_) if !has_frame(self.ours, place, self.base) => {
                Kind::Change
            }
            Place::Cell(cell) if self.ours.additive.contains(&(cell.sheet, cell.col.measure)) => Kind::Addition,
            _ if !ours_changed => Kind::Change,
            Place::Order(..) | Place::ColumnOrder(..) => Kind::Conflict(Conflict::Order),
            _ if is_formula(ours) != is_formula(theirs) => Kind::Conflict(Conflict::FormulaAgainstValue),
            _ => Kind::Conflict(Conflict::BothChanged),
        };
        let own = |held: Option<&Held>| held.cloned();
        let gone = if theirs.is_none() { self.edited.told(place) } else { Vec::new() };
        let lost = |gone: &&Place| {
            let (base, ours) = (self.base.get(gone), self.ours.get(gone));
            LostEdit { place: Place::clone(gone), base: own(base), ours: own(ours) }
        };
        Some(Difference {
            place: place.clone(),
            base: own(base),
            ours: own(ours),
            theirs: own(theirs),
            kind,
            lost: gone.iter().take(LOST_TOLD).map(lost).collect(),
            lost_count: gone.len(),
        })
    }

    /// Adds the moves that go with others: all that theirs has moved on a sheet where anything moves or comes, for where
    /// each stands hangs on the others; and the move of a row that ours has deleted and an edit takes back.
    fn add_moves_along(&self, found: &mut Vec<Difference>) {
        let order_of = |place: &Place| matches!(place, Place::Order(..) | Place::ColumnOrder(..));
        let places = |place: &Place| order_of(place) || matches!(place, Place::Row(..) | Place::Column(..));
        let sheets: HashSet<Option<SheetId>> =
            found.iter().filter(|found| places(&found.place)).map(|found| found.place.sheet()).collect();
        let gone = found.iter().filter(|found| self.is_gone(&found.place)).filter_map(|found| found.place.cell());
        let returning: HashSet<Place> = gone.map(|cell| Place::Order(cell.sheet, cell.row)).collect();
        if sheets.is_empty() && returning.is_empty() {
            return;
        }
        let known: HashSet<Place> = found.iter().map(|found| found.place.clone()).collect();
        for (place, theirs) in &self.theirs.held {
            let (Some(base), ours) = (self.base.get(place), self.ours.get(place)) else { continue };
            let goes_along = if ours.is_some() { sheets.contains(&place.sheet()) } else { returning.contains(place) };
            if !order_of(place) || base.position() == theirs.position() || known.contains(place) || !goes_along {
                continue;
            }
            let both = ours.is_some_and(|ours| ours.position() != base.position() && !ours.same(theirs));
            found.push(Difference {
                place: place.clone(),
                base: Some(base.clone()),
                ours: ours.cloned(),
                theirs: Some(theirs.clone()),
                kind: if both { Kind::Conflict(Conflict::Order) } else { Kind::Change },
                lost: Vec::new(),
                lost_count: 0,
            });
        }
    }

    /// Whether ours has deleted the row, column or measure that a changed cell is in.
    fn is_gone(&self, place: &Place) -> bool {
        let gone = |frame: &Place| self.base.get(frame).is_some() && self.ours.get(frame).is_none();
        place.cell().is_some_and(|cell| gone(&Place::Row(cell.sheet, cell.row)) || columns_of(cell).iter().any(gone))
    }
}

/// Whether the row, column and sheet of a place are there, so that nothing at the place means that it was cleared.
fn has_frame(inputs: &Inputs, place: &Place, base: &Base<'_>) -> bool {
    let is_there = |frame: Place| inputs.get(&frame).is_some();
    let sheet = place.sheet().is_none_or(|sheet| is_there(Place::Sheet(sheet)));
    match place {
        Place::Name(_) => true,
        // Sheets are hidden, never deleted.
        Place::Sheet(_) => false,
        Place::Measure(..) | Place::Rule(..) | Place::Row(..) | Place::Column(..) => sheet,
        Place::Order(..) | Place::ColumnOrder(..) => false,
        Place::Width(of, col) => {
            sheet && (is_there(Place::Column(*of, *col)) || is_there(Place::Measure(*of, col.measure)))
        }
        Place::Cell(cell) | Place::Note(cell) | Place::Style(cell) => {
            let stands = |column: Place| base.get(&column).is_none() || is_there(column);
            sheet && is_there(Place::Row(cell.sheet, cell.row)) && columns_of(*cell).into_iter().all(stands)
        }
    }
}

/// What a cell stands in besides its row: a column of a free sheet, or a measure.
fn columns_of(cell: CellRef) -> [Place; 2] {
    [Place::Column(cell.sheet, cell.col), Place::Measure(cell.sheet, cell.col.measure)]
}

pub(super) fn same(a: Option<&Held>, b: Option<&Held>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.same(b),
        (None, None) => true,
        _ => false,
    }
}

fn is_formula(held: Option<&Held>) -> bool {
    matches!(held, Some(Held::Input(Input::Formula(_))))
}
