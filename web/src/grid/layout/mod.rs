//! Where everything stands: lines down, columns across, in CSS pixels.
//!
//! A planning sheet with several timed measures stacks them: each row of the sheet becomes one line per
//! measure, with time running across. Laid flat it has one line per row, and the measures side by side, each with
//! its time. Other sheets have one line per row. Keys, the names of the measures and the sparklines stay in view
//! while the rest scrolls.
//!
//! ```text
//! gutter │ frozen columns │ label │ sparkline │ scrolling columns …
//! ```

mod columns;
pub mod places;

use std::collections::{BTreeMap, BTreeSet};

use grid_engine::calendar::Bucket;
use grid_engine::doc::{Measure, SheetKind};
use grid_engine::refs::{ColId, MeasureId, RowId, SheetId};

use super::arrange::{Cells, Sort, arrange, frozen_rows};
use super::source::Shape;
use columns::{columns, freeze, label_width};

/// Height of a line.
pub const LINE: f64 = 24.0;
/// Height of a line where people want to see more at once.
pub const COMPACT_LINE: f64 = 20.0;
/// Height of the header.
pub const HEADER: f64 = 40.0;
const GUTTER: f64 = 46.0;
const NARROWEST: f64 = 36.0;
/// Average advance of a character of the grid's font, until it is measured.
pub const CHARACTER: f64 = 7.1;
/// Below this a view is a telephone's: the row's first key stays in view, and it and the names of measures are cut.
const NARROW: f64 = 520.0;
const NARROW_KEY: f64 = 92.0;
const NARROW_LABEL: f64 = 92.0;
const SPARKLINE: f64 = 108.0;

/// The measure people agree on: it stands out among the others.
pub const PLAN_MEASURE: &str = "consensus";

/// The last row and the last column of a free sheet that stay in view, as a person chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Freeze {
    pub row: Option<RowId>,
    pub col: Option<ColId>,
}

/// What a person chose to see of a sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// One line per row, the measures side by side, rather than one line per measure.
    pub is_flat: bool,
    /// The course of every line beside its name.
    pub has_sparklines: bool,
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
    /// What stays in view while the rest scrolls.
    pub freeze: Freeze,
    /// Texts of untimed measures, or of a free sheet's columns, whose rows are not shown.
    pub excluded: BTreeMap<MeasureId, BTreeSet<String>>,
}

/// A line of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// One measure of one row; `slot` is 0 where a row has one line.
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
    /// Where measures lie side by side: which of them its bucket is of.
    pub slot: u16,
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
    /// How many leading lines do not scroll, as long as the others keep room.
    pub frozen_lines: usize,
    /// Timed measures on show, as indexes into `measures`: stacked under each row, or side by side.
    pub slots: Vec<usize>,
    /// Measures lie side by side.
    pub is_flat: bool,
    pub measures: Vec<Measure>,
    /// Row numbers of free sheets; 0 elsewhere.
    pub gutter: f64,
    /// Width of the names of the stacked measures; 0 where there are none.
    pub label: f64,
    /// Width of the sparklines; 0 where there are none.
    pub sparkline: f64,
    /// The bucket planning starts with.
    pub current: Option<Bucket>,
    rows: Vec<RowId>,
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
        let is_flat = view.is_flat && slots.len() > 1;
        let stride = if is_flat { 1 } else { slots.len().max(1) as u16 };
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
        let mut columns = columns(shape, view, &slots, is_flat, character, cells);
        for &(index, dragged) in &view.widths {
            if let Some(column) = columns.get_mut(index) {
                column.width = dragged.max(NARROWEST);
            }
        }
        // A single measure needs no name on every line: the tool bar says it once.
        let label = if stride < 2 { 0.0 } else { label_width(shape, &slots, character) };
        let narrow = width < NARROW;
        let label = if narrow { label.min(NARROW_LABEL) } else { label };
        if let Some(first) = columns.first_mut().filter(|_| narrow && shape.kind == SheetKind::Planning) {
            first.width = first.width.min(NARROW_KEY);
        }
        let gutter = if shape.kind == SheetKind::Free { GUTTER } else { 0.0 };
        let sparkline = if view.has_sparklines && !slots.is_empty() && !narrow { SPARKLINE } else { 0.0 };
        let frozen = freeze(&mut columns, shape, view, width - label - sparkline - gutter);
        Self {
            sheet: shape.sheet,
            kind: shape.kind,
            lines,
            groups,
            columns,
            frozen,
            frozen_lines: frozen_rows(shape, view),
            slots,
            is_flat,
            measures: shape.measures.clone(),
            gutter,
            label,
            sparkline,
            current: shape.horizon.map(|horizon| horizon.current),
            rows: shape.rows.clone(),
        }
    }

    /// Width of everything that does not scroll.
    pub fn frozen_width(&self) -> f64 {
        self.sparkline_left() + self.sparkline
    }

    /// Left edge of the sparklines.
    pub fn sparkline_left(&self) -> f64 {
        self.label_left() + self.label
    }

    /// How many lines a row or a total has.
    pub fn stride(&self) -> usize {
        if self.is_flat { 1 } else { self.slots.len().max(1) }
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
}

#[cfg(test)]
pub mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use grid_engine::calendar::Horizon;
    use grid_engine::doc::MeasureKind;

    use super::super::selection::Spot;

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
    fn keys_without_room_beside_the_first_stand_under_it() {
        let more = ["region", "channel"].map(|key| measure(key, MeasureKind::Key, false));
        let mut shape = demand(2);
        shape.measures.extend(more);
        let layout = Layout::new(&shape, &View::default(), 390.0, CHARACTER, &text);
        assert_eq!(layout.frozen, 1);
        let under = |line: usize| layout.key_under(Spot { line, col: 0 }).map(|cell| cell.col.to_string());
        assert_eq!([under(0), under(1), under(3)], [None, Some("region".to_owned()), Some("region".to_owned())]);
        assert_eq!(layout.key_under(Spot { line: 1, col: 1 }), None);
        let wide = Layout::new(&shape, &View::default(), 1400.0, CHARACTER, &text);
        assert_eq!(wide.key_under(Spot { line: 1, col: 0 }), None, "in view as columns");
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
        let total = |line: usize, col: usize| layout.total_in_words(Spot { line, col });
        assert_eq!(total(3, 5), "Total of override 2026-01 · Family 1");
        assert_eq!(total(0, 0), "Total of history · Family 0");
    }

    #[test]
    fn keys_give_up_width_before_one_of_them_goes_out_of_view() {
        let mut shape = demand(2);
        let keys = ["item", "region", "channel"];
        shape.measures = keys.map(|name| measure(name, MeasureKind::Key, false)).to_vec();
        shape.measures.push(measure("override", MeasureKind::Input, true));
        let named = |_: RowId, key: MeasureId| if key.to_string() == "item" { "x".repeat(20) } else { "short".into() };
        let layout = |width: f64, widths: Vec<(usize, f64)>| {
            Layout::new(&shape, &View { widths, ..View::default() }, width, CHARACTER, &named)
        };
        let widths = |layout: &Layout| layout.columns[..3].iter().map(|column| column.width).collect::<Vec<_>>();
        let wide = layout(2000.0, Vec::new());
        let narrower = layout(640.0, Vec::new());
        assert_eq!((wide.frozen, narrower.frozen), (3, 3));
        assert!(widths(&narrower)[0] < widths(&wide)[0], "the widest gives");
        assert_eq!(widths(&narrower)[1..], widths(&wide)[1..], "and only it, as far as it can");
        assert!(narrower.frozen_width() <= 640.0 * 0.45 + narrower.label);
        // What a person chose stays, and what would be too narrow to read scrolls away instead.
        let dragged = layout(640.0, vec![(0, 200.0)]);
        assert_eq!(dragged.columns[0].width, 200.0);
        assert!(layout(300.0, Vec::new()).frozen < 3);
    }

    #[test]
    fn a_narrow_view_lets_columns_scroll() {
        let layout = Layout::new(&demand(2), &View::default(), 320.0, CHARACTER, &text);
        assert_eq!(layout.frozen, 1);
        assert_eq!(layout.x(1, 30.0), layout.frozen_width() - 30.0);
    }
}
