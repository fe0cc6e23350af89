//! Where everything stands: lines down, columns across, in CSS pixels.
//!
//! A planning sheet with several timed measures stacks them: each row of the sheet becomes one line per
//! measure, with time running across. Other sheets have one line per row. Keys and the names of the
//! measures stay in view while the rest scrolls.
//!
//! ```text
//! gutter │ frozen columns │ label │ scrolling columns …
//! ```

use std::collections::{BTreeMap, BTreeSet};

use grid_engine::calendar::{Bucket, Grain};
use grid_engine::doc::{Measure, MeasureKind, NumberFormat, SheetKind, Span};
use grid_engine::refs::a1::column_letters;
use grid_engine::refs::{CellRef, ColId, MeasureId, RowId, SheetId};
use grid_engine::value::order::sort_by_key;

use super::arrange::{Cells, Sort, arrange};
use super::selection::Spot;
use super::source::Shape;
use crate::figures::MONTHS;

/// Height of a line.
pub const LINE: f64 = 24.0;
/// Height of a line where people want to see more at once.
pub const COMPACT_LINE: f64 = 20.0;
/// Height of the header.
pub const HEADER: f64 = 40.0;
const GUTTER: f64 = 46.0;
const BUCKET: f64 = 76.0;
const FREE: f64 = 96.0;
const NARROWEST: f64 = 36.0;
/// Average advance of a character of the grid's font, until it is measured.
pub const CHARACTER: f64 = 7.1;
/// Below this a view is a telephone's: the row's first key stays in view, and it and the names of measures are cut.
const NARROW: f64 = 520.0;
const NARROW_KEY: f64 = 92.0;
const NARROW_LABEL: f64 = 92.0;
/// Frozen columns may take this share of the view before they scroll like the others.
const FROZEN_SHARE: f64 = 0.45;

/// What a person chose to see of a sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// Rows with equal text in this measure form a group.
    pub group: Option<MeasureId>,
    /// Groups that show only their totals.
    pub collapsed: BTreeSet<String>,
    /// Rows whose keys contain all words of this.
    pub filter: String,
    /// Measures not shown.
    pub hidden: BTreeSet<MeasureId>,
    /// Widths dragged here, by column index.
    pub widths: Vec<(usize, f64)>,
    /// The order of the rows, where it is not the sheet's own.
    pub sort: Option<Sort>,
    /// Texts of untimed measures whose rows are not shown.
    pub excluded: BTreeMap<MeasureId, BTreeSet<String>>,
}

/// A line of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// One measure of one row; in a flat layout `slot` is 0.
    Row { row: u32, slot: u16 },
    /// One measure of a group's total.
    Group { group: u32, slot: u16 },
}

/// A group of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub name: String,
    pub rows: Vec<u32>,
    pub collapsed: bool,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Across {
    /// A measure without time: a key, or an attribute. Its index among the measures.
    Fixed(usize),
    /// A bucket.
    Time(Bucket),
    /// A column of a free sheet.
    Free(ColId),
}

/// A column of the grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub across: Across,
    pub width: f64,
    /// Left edge within its zone (frozen, or scrolling).
    pub left: f64,
    pub title: String,
    /// The year over a month or week; the unit under a measure.
    pub over: String,
}

/// A sheet laid out.
#[derive(Clone, Debug)]
pub struct Layout {
    pub sheet: SheetId,
    pub kind: SheetKind,
    pub lines: Vec<Line>,
    pub groups: Vec<Group>,
    pub columns: Vec<Column>,
    /// How many leading columns do not scroll.
    pub frozen: usize,
    /// Timed measures stacked under each row, as indexes into `measures`; one line per row when empty.
    pub slots: Vec<usize>,
    pub measures: Vec<Measure>,
    /// Row numbers of free sheets; 0 elsewhere.
    pub gutter: f64,
    /// The names of the stacked measures; 0 in a flat layout.
    pub label: f64,
    /// The bucket planning starts with.
    pub current: Option<Bucket>,
    rows: Vec<RowId>,
}

/// A place of the grid by the ids behind it, which survive inserts and moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    pub row: RowId,
    pub slot: u16,
    pub across: Across,
}

impl Layout {
    /// Lays out a sheet for a view `width` wide and a font whose characters are `character` wide on average.
    pub fn new(shape: &Shape, view: &View, width: f64, character: f64, cells: &dyn Cells) -> Self {
        let slots: Vec<usize> = shape
            .measures
            .iter()
            .enumerate()
            .filter(|(_, measure)| measure.timed && shape.horizon.is_some() && !view.hidden.contains(&measure.id))
            .map(|(index, _)| index)
            .collect();
        let (shown, groups) = arrange(shape, view, cells);
        let stride = slots.len().max(1) as u16;
        let mut lines = Vec::with_capacity(shown.len() * usize::from(stride));
        let push_row = |lines: &mut Vec<Line>, row: u32| lines.extend((0..stride).map(|slot| Line::Row { row, slot }));
        if groups.is_empty() {
            shown.iter().for_each(|&row| push_row(&mut lines, row));
        }
        for (group, members) in groups.iter().enumerate() {
            lines.extend((0..stride).map(|slot| Line::Group { group: group as u32, slot }));
            if !members.collapsed {
                members.rows.iter().for_each(|&row| push_row(&mut lines, row));
            }
        }
        let mut columns = columns(shape, view, &slots, character, cells);
        for &(index, dragged) in &view.widths {
            if let Some(column) = columns.get_mut(index) {
                column.width = dragged.max(NARROWEST);
            }
        }
        // A single measure needs no name on every line: the tool bar says it once.
        let label = if slots.len() < 2 { 0.0 } else { label_width(shape, &slots, character) };
        let narrow = width < NARROW;
        let label = if narrow { label.min(NARROW_LABEL) } else { label };
        if let Some(first) = columns.first_mut().filter(|_| narrow && shape.kind == SheetKind::Planning) {
            first.width = first.width.min(NARROW_KEY);
        }
        let gutter = if shape.kind == SheetKind::Free { GUTTER } else { 0.0 };
        let frozen = freeze(&mut columns, shape, width - label - gutter);
        Self {
            sheet: shape.sheet,
            kind: shape.kind,
            lines,
            groups,
            columns,
            frozen,
            slots,
            measures: shape.measures.clone(),
            gutter,
            label,
            current: shape.horizon.map(|horizon| horizon.current),
            rows: shape.rows.clone(),
        }
    }

    /// Width of everything that does not scroll.
    pub fn frozen_width(&self) -> f64 {
        self.gutter + self.label_left() - self.gutter + self.label
    }

    /// Left edge of the measure names.
    pub fn label_left(&self) -> f64 {
        let keys = self.columns[..self.frozen].last().map_or(0.0, |column| column.left + column.width);
        self.gutter + keys
    }

    /// Width of all that scrolls.
    pub fn scroll_width(&self) -> f64 {
        match self.columns.last() {
            Some(column) if self.frozen < self.columns.len() => column.left + column.width,
            _ => 0.0,
        }
    }

    /// Height of all lines.
    pub fn height(&self, line: f64) -> f64 {
        self.lines.len() as f64 * line
    }

    /// Left edge of a column in the view, when scrolled by `scroll`.
    pub fn x(&self, col: usize, scroll: f64) -> f64 {
        match self.columns.get(col) {
            Some(column) if col < self.frozen => self.gutter + column.left,
            Some(column) => self.frozen_width() + column.left - scroll,
            None => self.frozen_width() + self.scroll_width() - scroll,
        }
    }

    /// The row of the sheet a line belongs to; `None` for a total.
    pub fn row(&self, line: usize) -> Option<RowId> {
        match *self.lines.get(line)? {
            Line::Row { row, .. } => self.rows.get(row as usize).copied(),
            Line::Group { .. } => None,
        }
    }

    /// All rows of the sheet in its order, filtered ones included.
    pub fn rows(&self) -> &[RowId] {
        &self.rows
    }

    /// The row with this number, as lines count them.
    pub fn row_at(&self, row: u32) -> Option<RowId> {
        self.rows.get(row as usize).copied()
    }

    /// The measure whose values a line carries across time.
    pub fn measure(&self, line: usize) -> Option<&Measure> {
        let slot = match *self.lines.get(line)? {
            Line::Row { slot, .. } | Line::Group { slot, .. } => slot,
        };
        self.measures.get(*self.slots.get(usize::from(slot))?)
    }

    /// The column of the sheet under a line and a column of the grid.
    pub fn col_id(&self, at: Spot) -> Option<ColId> {
        match self.columns.get(at.col)?.across {
            Across::Fixed(index) => Some(ColId::fixed(self.measures.get(index)?.id)),
            Across::Time(bucket) => Some(ColId::timed(self.measure(at.line)?.id, bucket)),
            Across::Free(col) => Some(col),
        }
    }

    /// The cell at a place; `None` on a total.
    pub fn cell(&self, at: Spot) -> Option<CellRef> {
        Some(CellRef { sheet: self.sheet, row: self.row(at.line)?, col: self.col_id(at)? })
    }

    /// Whether the measure of a line has cells in this column at all.
    pub fn in_span(&self, at: Spot) -> bool {
        let (Some(Across::Time(bucket)), Some(measure), Some(current)) =
            (self.columns.get(at.col).map(|column| column.across), self.measure(at.line), self.current)
        else {
            return true;
        };
        match measure.span {
            Span::All => true,
            Span::History => bucket < current,
            Span::Plan => bucket >= current,
        }
    }

    /// Whether a line is the first of its row or total.
    pub fn starts_block(&self, line: usize) -> bool {
        match self.lines.get(line) {
            Some(Line::Row { slot, .. } | Line::Group { slot, .. }) => *slot == 0,
            None => true,
        }
    }

    /// Where a cell stands; `None` when it is filtered away, collapsed or not of this sheet.
    pub fn spot(&self, cell: CellRef) -> Option<Spot> {
        if cell.sheet != self.sheet {
            return None;
        }
        let wanted = self.rows.iter().position(|&row| row == cell.row)? as u32;
        let (slot, across) = match cell.col.bucket {
            Some(bucket) => {
                let slot = self
                    .slots
                    .iter()
                    .position(|&slot| self.measures.get(slot).is_some_and(|measure| measure.id == cell.col.measure))?;
                (slot as u16, Across::Time(bucket))
            }
            None => match self.measures.iter().position(|measure| measure.id == cell.col.measure) {
                Some(index) => (0, Across::Fixed(index)),
                None => (0, Across::Free(cell.col)),
            },
        };
        let line = self.lines.iter().position(|line| *line == Line::Row { row: wanted, slot })?;
        let col = self.columns.iter().position(|column| column.across == across)?;
        Some(Spot { line, col })
    }

    /// What a place stands for, by ids.
    pub fn anchor(&self, at: Spot) -> Option<Anchor> {
        let Line::Row { row, slot } = *self.lines.get(at.line)? else { return None };
        Some(Anchor { row: self.row_at(row)?, slot, across: self.columns.get(at.col)?.across })
    }

    /// Where an anchor stands now.
    pub fn find(&self, anchor: Anchor) -> Option<Spot> {
        let row = self.rows.iter().position(|&row| row == anchor.row)? as u32;
        let line = self.lines.iter().position(|line| *line == Line::Row { row, slot: anchor.slot })?;
        let col = self.columns.iter().position(|column| column.across == anchor.across)?;
        Some(Spot { line, col })
    }

    /// The first column of the plan, when time runs across.
    pub fn current_col(&self) -> Option<usize> {
        let current = self.current?;
        self.columns.iter().position(|column| column.across == Across::Time(current))
    }
}

fn columns(shape: &Shape, view: &View, slots: &[usize], character: f64, cells: &dyn Cells) -> Vec<Column> {
    let given = |col: ColId| shape.widths.iter().find(|(known, _)| *known == col).map(|&(_, width)| f64::from(width));
    let column = |across, width: f64, title: String, over: String| Column { across, width, left: 0.0, title, over };
    if shape.kind == SheetKind::Free {
        return shape
            .cols
            .iter()
            .enumerate()
            .map(|(index, &col)| {
                let next = shape.cols.get(index + 1).copied();
                let width = given(col).unwrap_or_else(|| free_width(shape, col, next, character, cells));
                column(Across::Free(col), width, column_letters(index as u32), String::new())
            })
            .collect();
    }
    let mut columns: Vec<Column> = shape
        .measures
        .iter()
        .enumerate()
        .filter(|(_, measure)| !measure.timed && !view.hidden.contains(&measure.id))
        .map(|(index, measure)| {
            let width =
                given(ColId::fixed(measure.id)).unwrap_or_else(|| fixed_width(shape, measure, character, cells));
            column(Across::Fixed(index), width, measure.name.clone(), measure.unit.clone())
        })
        .collect();
    // Keys first: they name the row.
    sort_by_key(&mut columns, |column| match column.across {
        Across::Fixed(index) => shape.measures.get(index).is_none_or(|measure| measure.kind != MeasureKind::Key),
        _ => true,
    });
    if let (Some(horizon), false) = (shape.horizon, slots.is_empty()) {
        // Buckets in which no measure on show has cells are left out.
        let spans: Vec<Span> = slots.iter().filter_map(|&slot| shape.measures.get(slot)).map(|one| one.span).collect();
        let past = spans.iter().any(|span| *span != Span::Plan);
        let ahead = spans.iter().any(|span| *span != Span::History);
        let shown = |bucket: &Bucket| if *bucket < horizon.current { past } else { ahead };
        columns.extend(horizon.buckets().filter(shown).map(|bucket| {
            let (over, title) = bucket_title(bucket);
            column(Across::Time(bucket), BUCKET, title, over)
        }));
    }
    columns
}

/// Wide enough for the numbers of a free column, and for texts that have a filled neighbour to their right.
fn free_width(shape: &Shape, col: ColId, next: Option<ColId>, character: f64, cells: &dyn Cells) -> f64 {
    const SAMPLE: usize = 120;
    const WIDEST: f64 = 260.0;
    let longest = shape
        .rows
        .iter()
        .take(SAMPLE)
        .filter_map(|&row| {
            let here = cells.text(row, col.measure);
            let crowded = next.is_some_and(|next| !cells.text(row, next.measure).is_empty());
            (!here.is_empty() && crowded).then(|| here.chars().count())
        })
        .max()
        .unwrap_or(0);
    (longest as f64 * character + 20.0).clamp(FREE, WIDEST)
}

/// The year over it, and the name of a bucket within its year.
pub fn bucket_title(bucket: Bucket) -> (String, String) {
    let (year, part) = bucket.year_and_part();
    let name = match bucket.grain() {
        Grain::Month => MONTHS.get(part as usize - 1).map_or_else(String::new, |name| (*name).to_owned()),
        Grain::Week => format!("W{part:02}"),
    };
    (year.to_string(), name)
}

fn fixed_width(shape: &Shape, measure: &Measure, character: f64, cells: &dyn Cells) -> f64 {
    // Enough rows to be right nearly always, few enough to cost nothing.
    const SAMPLE: usize = 200;
    let step = (shape.rows.len() / SAMPLE).max(1);
    let longest = shape
        .rows
        .iter()
        .step_by(step)
        .map(|&row| cells.text(row, measure.id).chars().count())
        .chain([measure.name.chars().count(), measure.unit.chars().count()])
        .max()
        .unwrap_or(0);
    let narrowest = if matches!(measure.format, NumberFormat::Text | NumberFormat::General) { 56.0 } else { 76.0 };
    (longest as f64 * character + 22.0).clamp(narrowest, 180.0)
}

fn label_width(shape: &Shape, slots: &[usize], character: f64) -> f64 {
    let longest = slots
        .iter()
        .filter_map(|&slot| shape.measures.get(slot))
        .map(|measure| {
            let unit = measure.unit.chars().count();
            measure.name.chars().count() + if unit == 0 { 0 } else { unit + 2 }
        })
        .max()
        .unwrap_or(0);
    (longest as f64 * character * 0.96 + 26.0).clamp(84.0, 210.0)
}

/// Decides which leading columns stay, and places all columns within their zones.
fn freeze(columns: &mut [Column], shape: &Shape, width: f64) -> usize {
    let fixed = columns.iter().take_while(|column| matches!(column.across, Across::Fixed(_))).count();
    let keys = columns
        .iter()
        .take_while(|column| {
            matches!(column.across, Across::Fixed(index)
                if shape.measures.get(index).is_some_and(|measure| measure.kind == MeasureKind::Key))
        })
        .count();
    // A flat sheet freezes its keys, a stacked one its attributes too, as long as time keeps its room.
    let wanted = if fixed == columns.len() { keys } else { fixed };
    let mut frozen = 0;
    let mut taken = 0.0;
    while frozen < wanted && taken + columns[frozen].width <= (width * FROZEN_SHARE).max(NARROW_KEY) {
        taken += columns[frozen].width;
        frozen += 1;
    }
    let mut left = 0.0;
    for (index, column) in columns.iter_mut().enumerate() {
        if index == frozen {
            left = 0.0;
        }
        column.left = left;
        left += column.width;
    }
    frozen
}

#[cfg(test)]
pub mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use grid_engine::calendar::Horizon;

    pub fn measure(id: &str, kind: MeasureKind, timed: bool) -> Measure {
        serde_json::from_value(serde_json::json!({
            "id": id, "name": id, "kind": kind, "timed": timed, "order": 0
        }))
        .unwrap()
    }

    pub fn demand(rows: usize) -> Shape {
        Shape {
            sheet: "demand".parse().unwrap(),
            kind: SheetKind::Planning,
            title: "Demand".to_owned(),
            horizon: Some(Horizon {
                first: "2025-10".parse().unwrap(),
                current: "2026-01".parse().unwrap(),
                last: "2026-06".parse().unwrap(),
            }),
            measures: vec![
                measure("family", MeasureKind::Input, false),
                measure("item", MeasureKind::Key, false),
                measure("history", MeasureKind::Layer, true),
                measure("override", MeasureKind::Input, true),
            ],
            rows: (0..rows).map(|row| RowId::of_key(&[&row.to_string()])).collect(),
            cols: Vec::new(),
            widths: Vec::new(),
        }
    }

    pub fn text(row: RowId, measure: MeasureId) -> String {
        let number = (0..99).find(|number: &usize| RowId::of_key(&[&number.to_string()]) == row).unwrap_or(0);
        match measure.to_string().as_str() {
            "family" => format!("Family {}", number % 2),
            _ => format!("SKU-{number:03}"),
        }
    }

    #[test]
    fn timed_measures_stack_under_each_row_and_keys_come_first() {
        let layout = Layout::new(&demand(3), &View::default(), 1400.0, CHARACTER, &text);
        assert_eq!(layout.lines.len(), 6);
        assert_eq!(layout.columns[0].title, "item");
        assert_eq!((layout.frozen, layout.columns.len()), (2, 2 + 9));
        let at = layout.cell(Spot { line: 3, col: 2 + 3 }).unwrap();
        assert_eq!((at.row, at.col.to_string().as_str()), (RowId::of_key(&["1"]), "override@2026-01"));
        assert_eq!(layout.spot(at), Some(Spot { line: 3, col: 5 }));
    }

    #[test]
    fn filters_and_groups_choose_the_lines() {
        let filtered = View { filter: "sku-00 family 1".to_owned(), ..View::default() };
        let layout = Layout::new(&demand(4), &filtered, 1400.0, CHARACTER, &text);
        assert_eq!(layout.row(0), Some(RowId::of_key(&["1"])));
        assert_eq!(layout.lines.len(), 4);

        let grouped = View {
            group: Some("family".parse().unwrap()),
            collapsed: BTreeSet::from(["Family 0".to_owned()]),
            ..View::default()
        };
        let layout = Layout::new(&demand(4), &grouped, 1400.0, CHARACTER, &text);
        assert_eq!(layout.lines[0], Line::Group { group: 0, slot: 0 });
        assert_eq!(layout.lines[2], Line::Group { group: 1, slot: 0 }, "the first group is collapsed");
        assert_eq!(layout.lines.len(), 2 + 2 + 4);
        assert_eq!(layout.cell(Spot { line: 0, col: 5 }), None);
    }

    #[test]
    fn a_narrow_view_lets_columns_scroll() {
        let layout = Layout::new(&demand(2), &View::default(), 320.0, CHARACTER, &text);
        assert_eq!(layout.frozen, 1);
        assert_eq!(layout.x(1, 30.0), layout.frozen_width() - 30.0);
    }

    #[test]
    fn an_anchor_follows_its_row() {
        let before = Layout::new(&demand(3), &View::default(), 1400.0, CHARACTER, &text);
        let anchor = before.anchor(Spot { line: 5, col: 4 }).unwrap();
        let mut shape = demand(3);
        shape.rows.swap(0, 2);
        let after = Layout::new(&shape, &View::default(), 1400.0, CHARACTER, &text);
        assert_eq!(after.find(anchor), Some(Spot { line: 1, col: 4 }));
    }
}
