//! What a sheet's rooms write into its mirror, entry by entry.

use yrs::Any;

use super::super::change::Change;
use super::super::epoch::EPOCH;
use super::super::part_mirror::{PartChange, PartMirror};
use super::super::root::{Root, parse_width_key};
use super::super::schema::{Measure, SheetKind};
use super::super::stored::{read_number, read_record, read_text};
use super::SheetMirror;
use crate::refs::{CellRef, MeasureId, PartId};
use crate::value::order;

impl SheetMirror {
    pub(in crate::doc) fn open_part(&mut self, part: Option<PartId>) {
        if self.part(part).is_none() {
            self.parts.push((part, PartMirror::default()));
        }
        self.stale_rows = true;
    }

    /// Forgets a room; `true` when the sheet has none left.
    pub(in crate::doc) fn close_part(&mut self, part: Option<PartId>) -> bool {
        self.parts.retain(|(id, _)| *id != part);
        if part.is_none() {
            let parts = std::mem::take(&mut self.parts);
            *self = Self { parts, ..Self::new(self.id) };
        }
        self.stale_rows = true;
        self.parts.is_empty()
    }

    /// Takes over one entry of a room's document.
    pub(in crate::doc) fn absorb(
        &mut self,
        part: Option<PartId>,
        root: Root,
        key: &str,
        value: Option<&Any>,
    ) -> Option<Change> {
        match root {
            // A part's own settings are of no interest to anybody but its room.
            Root::Meta if part.is_some() => None,
            Root::Meta => self.absorb_setting(key, value),
            Root::Parts => {
                let part = key.parse().ok()?;
                match value.and_then(read_text) {
                    Some(label) => _ = self.meta.parts.insert(part, label.to_string()),
                    None => _ = self.meta.parts.remove(&part),
                }
                self.stale_rows = true;
                Some(Change::Meta(self.id))
            }
            Root::Measures => {
                let id: MeasureId = key.parse().ok()?;
                self.measures.retain(|measure| measure.id != id);
                // The key is the measure's identity, whatever the record says.
                if let Some(measure) = value.and_then(read_record::<Measure>) {
                    self.measures.push(Measure { id, ..measure });
                }
                order::sort_by_key(&mut self.measures, |measure| (measure.order, measure.id));
                self.measure_places = self.measures.iter().enumerate().map(|(at, measure)| (measure.id, at)).collect();
                self.stale_cols = true;
                Some(Change::Measures(self.id))
            }
            Root::ColPos => {
                let position = value.and_then(read_text).cloned();
                self.col_places.entry(key.parse().ok()?).or_default().position = position;
                self.stale_cols = true;
                Some(Change::Cols(self.id))
            }
            Root::ColDel => {
                self.col_places.entry(key.parse().ok()?).or_default().deleted = value.is_some();
                self.stale_cols = true;
                Some(Change::Cols(self.id))
            }
            Root::ColMeta => {
                let col = parse_width_key(key)?;
                match value.and_then(read_number) {
                    Some(width) => _ = self.widths.insert(col, width as u32),
                    None => _ = self.widths.remove(&col),
                }
                Some(Change::Width(self.id, col))
            }
            Root::Rules => {
                let measure = key.parse().ok()?;
                match value.and_then(read_record) {
                    Some(rule) => _ = self.rules.insert(measure, rule),
                    None => _ = self.rules.remove(&measure),
                }
                Some(Change::Validation(self.id, measure))
            }
            _ => {
                let sheet = self.id;
                let (_, mirror) = self.parts.iter_mut().find(|(id, _)| *id == part)?;
                Some(match mirror.absorb(root, key, value)? {
                    PartChange::Rows => {
                        self.stale_rows = true;
                        Change::Rows(sheet)
                    }
                    PartChange::Cell(row, col) => {
                        self.note_weight(col);
                        Change::Cell(CellRef { sheet, row, col })
                    }
                    PartChange::Style(row, col) => Change::Style(CellRef { sheet, row, col }),
                    PartChange::Note(row, col) => Change::Note(CellRef { sheet, row, col }),
                })
            }
        }
    }

    fn absorb_setting(&mut self, key: &str, value: Option<&Any>) -> Option<Change> {
        match key {
            "kind" => {
                let kind = value.and_then(read_record);
                self.described = kind.is_some();
                self.meta.kind = kind.unwrap_or(SheetKind::Free);
            }
            "title" => self.meta.title = value.and_then(read_text).map(|title| title.to_string()).unwrap_or_default(),
            EPOCH => {
                self.meta.epoch = value.and_then(read_number).unwrap_or_default() as u32;
                // Nothing anybody sees follows from it.
                return None;
            }
            "horizon" => self.meta.horizon = value.and_then(read_record),
            "partition" => self.meta.partition = value.and_then(read_text).and_then(|id| id.parse().ok()),
            _ => return None,
        }
        self.stale_cols = true;
        Some(Change::Meta(self.id))
    }
}
