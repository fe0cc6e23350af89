//! What people see who may not see every row.
//!
//! Whoever is confined to some parts (`reads:DACH`) joins no room of another part. But values follow from rows: totals,
//! forecasts, plans. So each calculated value carries whether it follows, however far, from a row outside those parts;
//! such a person gets `#HIDDEN!` in its place. An administrator can publish a sheet: its values go out as they are,
//! though the rows they follow from do not.

use std::collections::{BTreeMap, BTreeSet};

use grid_engine::doc::{Measure, MeasureKind, Merge, Mirror, SheetMirror};
use grid_engine::refs::{CellRef, ColId, MeasureId, PartId, RoomId, SheetId};
use grid_engine::value::{CellError, ErrorKind, Value};
use grid_engine::wire::{CellValue, Me};
use grid_engine::workbook::{Facts, Reach, Seed, Workbook};

use super::presence::retold;

/// The key values of the parts a person is confined to; none: the person sees every row.
pub fn confined_to(me: &Me) -> Vec<String> {
    let mut labels: Vec<String> = me.reads().map(str::to_owned).collect();
    labels.sort();
    labels.dedup();
    labels
}

/// Whether a person may read a room of the live workbook.
pub fn may_read(me: &Me, mirror: &Mirror, room: RoomId) -> bool {
    let labels = confined_to(me);
    me.may_read_live
        && match room {
            RoomId::Part(sheet, part) => {
                labels.is_empty() || mirror.sheet(sheet).is_some_and(|of| shows(of, part, &labels))
            }
            RoomId::Book | RoomId::Sheet(_) => true,
        }
}

/// Whether a person may see what is entered in a row. Rows of a partitioned sheet that belong to no part are nobody's.
pub fn sees_row(me: &Me, mirror: &Mirror, cell: CellRef) -> bool {
    let labels = confined_to(me);
    labels.is_empty() || mirror.sheet(cell.sheet).is_some_and(|sheet| row_shows(sheet, cell, &labels))
}

/// Whether a person may read what is said about a cell. What a cell of an unpartitioned sheet shows may follow from hidden
/// rows, and so may what people say of it: who is confined reads that of published sheets alone.
pub fn sees_comments(me: &Me, mirror: &Mirror, cell: CellRef) -> bool {
    if !me.is_confined() {
        return me.may_read_live;
    }
    let is_partitioned = mirror.sheet(cell.sheet).is_some_and(|sheet| sheet.meta().partition.is_some());
    me.may_read_live && (is_partitioned || is_published(mirror, cell.sheet)) && sees_row(me, mirror, cell)
}

/// The same by the key values somebody is confined to; none: every row.
pub(super) fn row_shows(sheet: &SheetMirror, cell: CellRef, labels: &[String]) -> bool {
    labels.is_empty()
        || sheet.meta().partition.is_none()
        || sheet.part_of(cell.row).is_some_and(|part| shows(sheet, part, labels))
}

fn shows(sheet: &SheetMirror, part: PartId, labels: &[String]) -> bool {
    sheet.meta().parts.get(&part).is_some_and(|label| labels.contains(label))
}

/// Whether the layers of a sheet reach a person: those of partitioned sheets by row, others come out of the whole plan.
pub fn sees_layers(me: &Me, mirror: &Mirror, sheet: SheetId) -> bool {
    !me.is_confined()
        || is_published(mirror, sheet)
        || mirror.sheet(sheet).is_some_and(|sheet| sheet.meta().partition.is_some())
}

/// The rows of a layer that a person may see.
pub fn seen_facts(me: &Me, mirror: &Mirror, sheet: SheetId, facts: Facts) -> Facts {
    if !me.is_confined() || mirror.sheet(sheet).is_some_and(|sheet| sheet.meta().partition.is_none()) {
        return facts;
    }
    let mut seen = Facts { rows: Vec::new(), values: Vec::new(), ..facts };
    for (&row, values) in facts.rows.iter().zip(facts.values.chunks(facts.width.max(1))) {
        if sees_row(me, mirror, CellRef { sheet, row, col: nowhere() }) {
            seen.rows.push(row);
            seen.values.extend_from_slice(values);
        }
    }
    seen
}

/// An encoded presence update as a person may see it: people are there, but not in which hidden row they are.
pub(super) fn seen_presence(me: &Me, mirror: &Mirror, update: &[u8]) -> Vec<u8> {
    if !me.is_confined() {
        return update.to_vec();
    }
    // Nobody's bytes come here unread; should they, they say nothing.
    retold(update, |state| seen_place(me, mirror, state)).unwrap_or_else(|_| vec![0])
}

/// What a presence state says besides is not ours to judge: it is left out.
const PRESENCE: [&str; 7] = ["person", "name", "colour", "sheet", "row", "col", "editing"];

fn seen_place(me: &Me, mirror: &Mirror, state: &str) -> String {
    let Ok(serde_json::Value::Object(mut place)) = serde_json::from_str(state) else { return "null".to_owned() };
    place.retain(|key, _| PRESENCE.contains(&key.as_str()));
    let id = |key: &str| place.get(key).and_then(|value| value.as_str()).unwrap_or_default();
    let cell = match (id("sheet").parse(), id("row").parse()) {
        (Ok(sheet), Ok(row)) => Some(CellRef { sheet, row, col: nowhere() }),
        _ => None,
    };
    if !cell.is_some_and(|cell| sees_row(me, mirror, cell)) {
        for key in ["row", "col", "editing"] {
            place.remove(key);
        }
    }
    serde_json::Value::Object(place).to_string()
}

/// A column, where only the row matters.
pub(super) fn nowhere() -> ColId {
    ColId::fixed(MeasureId::of_key(&[]))
}

fn is_published(mirror: &Mirror, sheet: SheetId) -> bool {
    mirror.sheets().iter().any(|info| info.id == sheet && info.published)
}

/// What follows from hidden rows, by the parts people are confined to.
#[derive(Default)]
pub(super) struct Sight {
    reaches: BTreeMap<Vec<String>, Reach>,
}

impl Sight {
    /// Works out anew what may not be shown to each of these groups.
    pub fn look(&mut self, workbook: &mut Workbook, groups: impl Iterator<Item = Vec<String>>) {
        let groups: BTreeSet<Vec<String>> = groups.filter(|labels| !labels.is_empty()).collect();
        let looked = groups.into_iter().map(|labels| (hidden_from(workbook, &labels), labels));
        self.reaches = looked.map(|(reach, labels)| (labels, reach)).collect();
    }

    /// Whether somebody is confined.
    pub fn is_needed(&self) -> bool {
        !self.reaches.is_empty()
    }

    /// The values of a sheet as such people see them; `None` where they see all.
    pub fn seen(
        &self,
        workbook: &Workbook,
        labels: &[String],
        sheet: SheetId,
        cells: &[CellValue],
    ) -> Option<Vec<CellValue>> {
        if labels.is_empty() {
            return None;
        }
        // Nothing is known of this group yet: nothing is shown.
        let Some((reach, of)) = self.reaches.get(labels).zip(workbook.sheet(sheet)) else { return Some(Vec::new()) };
        let published = is_published(workbook.mirror(), sheet);
        let seen = |value: &CellValue| {
            let cell = CellRef { sheet, row: value.row, col: value.col };
            if !row_shows(of, cell, labels) {
                return None;
            }
            let hides = !published && workbook.is_reached(reach, cell);
            Some(if hides { hidden(cell) } else { value.clone() })
        };
        Some(cells.iter().filter_map(seen).collect())
    }

    /// Whether such people see what a cell's formula makes.
    pub fn shows(&self, workbook: &Workbook, labels: &[String], cell: CellRef) -> bool {
        let published = is_published(workbook.mirror(), cell.sheet);
        labels.is_empty()
            || self.reaches.get(labels).zip(workbook.sheet(cell.sheet)).is_some_and(|(reach, of)| {
                row_shows(of, cell, labels) && (published || !workbook.is_reached(reach, cell))
            })
    }

    /// The calculated cells of a sheet in which such people see something else than their own side makes of the rows
    /// they have.
    pub fn corrected(&self, workbook: &Workbook, labels: &[String], sheet: SheetId) -> Vec<CellRef> {
        let reach = self.reaches.get(labels);
        reach.map(|reach| workbook.reached_formulas(reach, sheet)).unwrap_or_default()
    }
}

fn hidden(cell: CellRef) -> CellValue {
    let value = Value::Error(CellError::new(ErrorKind::Hidden));
    CellValue { row: cell.row, col: cell.col, value: (&value).into(), pending: false }
}

/// Everything that follows from rows outside these parts, and from what comes out of the whole plan.
fn hidden_from(workbook: &mut Workbook, labels: &[String]) -> Reach {
    let mut seeds = Vec::new();
    let mirror = workbook.mirror();
    for sheet in mirror.open_sheets() {
        if sheet.meta().partition.is_some() {
            let hides =
                |row: &&grid_engine::refs::RowId| !sheet.part_of(**row).is_some_and(|part| shows(sheet, part, labels));
            seeds.push(Seed::Rows(sheet.id(), sheet.rows().iter().filter(hides).copied().collect()));
            // A share tells of the other weights of its group, unless the group lies in one part.
            let spans = |measure: &&Measure| match measure.merge {
                Merge::Allocation { within } => within.is_none() || within != sheet.meta().partition,
                Merge::Override | Merge::Additive => false,
            };
            seeds.extend(sheet.measures().iter().filter(spans).map(|shares| Seed::Measure(sheet.id(), shares.id)));
        } else if !is_published(mirror, sheet.id()) {
            let layers = sheet.measures().iter().filter(|measure| measure.kind == MeasureKind::Layer);
            seeds.extend(layers.map(|layer| Seed::Measure(sheet.id(), layer.id)));
        }
    }
    let published: Vec<SheetId> = mirror.sheets().iter().filter(|info| info.published).map(|info| info.id).collect();
    workbook.reach(&seeds, &|sheet| published.contains(&sheet))
}
