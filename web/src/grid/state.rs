//! What one grid shows and where the person is in it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use grid_engine::doc::{Aggregate, MeasureKind, SheetKind};
use grid_engine::refs::{CellRef, ColId, MeasureId, RowId, SheetId};
use grid_engine::workbook::HEADING_STYLE;

use super::arrange::{Cells, heading_rows};
use super::cell_style;
use super::highlight::Shade;
use super::layout::{Across, Layout, Line, View};
use super::picture::Picture;
use super::selection::{Area, Extent, Selection, Spot, Way};
use super::source::SheetSource;
use super::trace::Traced;
use super::viewport::Viewport;

/// Another person's cell, ready to be painted.
#[derive(Clone, Debug, PartialEq)]
pub struct Cursor {
    pub cell: CellRef,
    pub name: String,
    pub colour: String,
    pub editing: bool,
    /// The name is shown: the person is typing, or has just come here.
    pub named: bool,
}

/// What was cut and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    /// As it lies on the clipboard: when something else lies there, it is not cut any more.
    pub own: String,
    /// Line by line.
    pub cells: Vec<Vec<CellRef>>,
}

/// A grid's state; the browser layer paints it and turns keys and clicks into calls.
pub struct GridState {
    pub source: Rc<dyn SheetSource>,
    pub sheet: Option<SheetId>,
    pub layout: Option<Layout>,
    pub view: View,
    /// How a sheet is shown that has not been looked at yet.
    pub first_view: View,
    pub port: Viewport,
    pub selection: Selection,
    /// What was copied last, marked until Escape or the next edit.
    pub copied: Vec<Area>,
    /// What was cut last and has not been pasted.
    pub cut: Option<Cut>,
    /// What the formula being written refers to, in the order of its text.
    pub mentioned: Vec<Area>,
    /// What is being traced, marked until Escape.
    pub traced: Option<Traced>,
    /// Where a fill handle is being dragged to.
    pub filling: Option<Area>,
    pub cursors: Vec<Cursor>,
    /// What is on the screen; `None` where everything has to be painted.
    pub painted: Option<Picture>,
    /// Average advance of a character of the grid's font, in CSS pixels.
    pub character: f64,
    /// Where each sheet was left.
    left: BTreeMap<SheetId, Left>,
    /// Totals of groups, until values change.
    totals: HashMap<(u32, u16, usize), Option<f64>>,
    /// Lowest and highest value of columns and measures, until values change.
    ranges: HashMap<MeasureId, (f64, f64)>,
}

/// Values that are looked at for the lowest and highest; of more rows, every so many.
const LOOKED_AT: usize = 100_000;

/// How a sheet was left, to come back to.
#[derive(Clone)]
struct Left {
    view: View,
    selection: Selection,
    scroll: (f64, f64),
}

/// The cells of one sheet of a source.
struct Reading<'a> {
    source: &'a dyn SheetSource,
    sheet: SheetId,
    /// Those of a free sheet.
    cols: &'a [ColId],
}

impl Cells for Reading<'_> {
    fn text(&self, row: RowId, measure: MeasureId) -> String {
        self.source.face(CellRef { sheet: self.sheet, row, col: ColId::fixed(measure) }).text
    }

    fn number(&self, row: RowId, col: ColId) -> Option<f64> {
        self.source.value(CellRef { sheet: self.sheet, row, col }).as_number()
    }

    fn is_heading(&self, row: RowId) -> bool {
        let mut cells = self.cols.iter().map(|&col| CellRef { sheet: self.sheet, row, col });
        cells.any(|cell| self.source.style(cell).is_some_and(|style| cell_style::has(&style, HEADING_STYLE)))
    }
}

impl GridState {
    /// A grid on a source, showing nothing yet.
    pub fn new(source: Rc<dyn SheetSource>) -> Self {
        Self {
            source,
            sheet: None,
            layout: None,
            view: View::default(),
            first_view: View::default(),
            port: Viewport::default(),
            selection: Selection::default(),
            copied: Vec::new(),
            cut: None,
            mentioned: Vec::new(),
            traced: None,
            filling: None,
            cursors: Vec::new(),
            painted: None,
            character: super::layout::CHARACTER,
            left: BTreeMap::new(),
            totals: HashMap::new(),
            ranges: HashMap::new(),
        }
    }

    /// What was copied is marked no more, and what was cut stays where it is.
    pub fn forget_copied(&mut self) {
        self.copied.clear();
        self.cut = None;
    }

    /// Turns to another sheet, where it was left, or at its first plan bucket.
    pub fn show(&mut self, sheet: SheetId) {
        if self.sheet == Some(sheet) {
            return;
        }
        if let Some(old) = self.sheet {
            let scroll = (self.port.scroll_x, self.port.scroll_y);
            self.left.insert(old, Left { view: self.view.clone(), selection: self.selection.clone(), scroll });
        }
        self.sheet = Some(sheet);
        self.copied.clear();
        let back = self.left.get(&sheet).cloned();
        let (scroll_x, scroll_y) = back.as_ref().map_or((0.0, 0.0), |left| left.scroll);
        (self.port.scroll_x, self.port.scroll_y) = (scroll_x, scroll_y);
        let fresh = back.is_none();
        (self.view, self.selection) = match back {
            Some(left) => (left.view, left.selection),
            None => (self.first_view.clone(), Selection::default()),
        };
        self.layout = None;
        self.lay_out();
        if fresh {
            self.start();
        }
    }

    /// Lays the sheet out anew, keeping the selection on the same cells.
    pub fn lay_out(&mut self) {
        self.painted = None;
        let Some(shape) = self.sheet.and_then(|sheet| self.source.shape(sheet)) else {
            self.layout = None;
            return;
        };
        let cells = Reading { source: &*self.source, sheet: shape.sheet, cols: &shape.cols };
        let layout = Layout::new(&shape, &self.view, self.port.width, self.character, &cells);
        let first = self.layout.is_none();
        if let Some(old) = &self.layout {
            let moved = |at: Spot| old.anchor(at).and_then(|anchor| layout.find(anchor)).unwrap_or(at);
            let selection = &mut self.selection;
            (selection.active, selection.anchor, selection.focus) =
                (moved(selection.active), moved(selection.anchor), moved(selection.focus));
        }
        self.layout = Some(layout);
        self.selection.fit(self.extent());
        self.forget_values();
        if first && self.selection == Selection::default() {
            self.start();
        }
    }

    /// How many leading rows are headings rather than values of a column that is to be filtered.
    pub fn headings(&self, measure: MeasureId) -> usize {
        let Some(shape) = self.sheet.and_then(|sheet| self.source.shape(sheet)) else { return 0 };
        let mut view = self.view.clone();
        view.excluded.entry(measure).or_default();
        heading_rows(&shape, &view, &Reading { source: &*self.source, sheet: shape.sheet, cols: &shape.cols })
    }

    /// The first place to be: the first cell that takes input in the first plan bucket.
    fn start(&mut self) {
        let Some(layout) = &self.layout else { return };
        let is_input = |slot: &usize| {
            let measure = layout.slots.get(*slot).and_then(|&index| layout.measures.get(index));
            measure.is_some_and(|measure| measure.kind == MeasureKind::Input)
        };
        let slot = (0..layout.slots.len()).find(is_input).unwrap_or(0);
        let Some(current) = layout.current_col(slot) else {
            self.selection.put(Spot { line: 0, col: layout.frozen.min(layout.columns.len().saturating_sub(1)) });
            return;
        };
        let line = layout.line_of(slot).min(layout.lines.len().saturating_sub(1));
        self.port.scroll_x = self.left_of(current);
        self.selection.put(Spot { line, col: current });
    }

    /// Where to scroll to for a column and a little of what comes before it in its measure.
    pub fn left_of(&self, col: usize) -> f64 {
        const BEFORE: usize = 3;
        let Some(layout) = &self.layout else { return 0.0 };
        let slot = |col: usize| layout.columns.get(col).map(|column| column.slot);
        let from = (col.saturating_sub(BEFORE).max(layout.frozen)..=col).find(|&from| slot(from) == slot(col));
        from.and_then(|from| layout.columns.get(from)).map_or(0.0, |column| column.left)
    }

    /// Values have changed.
    pub fn forget_values(&mut self) {
        self.totals.clear();
        self.ranges.clear();
    }

    /// How a cell's value stands out.
    pub fn shade(&mut self, layout: &Layout, cell: CellRef) -> Option<Shade> {
        let highlight = self.source.highlight(cell.sheet, cell.col.measure)?;
        let value = self.source.value(cell).as_number()?;
        let range = if highlight.is_relative() { self.range(layout, cell) } else { (value, value) };
        highlight.shade(value, range)
    }

    /// The lowest and highest value of a cell's column or measure, over all its rows and buckets.
    fn range(&mut self, layout: &Layout, of: CellRef) -> (f64, f64) {
        let measure = of.col.measure;
        if let Some(range) = self.ranges.get(&measure) {
            return *range;
        }
        let mut cols = vec![of.col];
        let buckets = layout.columns.iter().filter_map(|column| match column.across {
            Across::Time(bucket) => Some(ColId::timed(measure, bucket)),
            _ => None,
        });
        cols.extend(buckets.filter(|_| of.col.bucket.is_some()));
        cols.dedup();
        let rows = self.source.shape(layout.sheet).map(|shape| shape.rows).unwrap_or_default();
        let step = (rows.len() * cols.len()).div_ceil(LOOKED_AT).max(1);
        let mut range = (f64::INFINITY, f64::NEG_INFINITY);
        for &row in rows.iter().step_by(step) {
            for &col in &cols {
                if let Some(value) = self.source.value(CellRef { sheet: layout.sheet, row, col }).as_number() {
                    range = (range.0.min(value), range.1.max(value));
                }
            }
        }
        self.ranges.insert(measure, range);
        range
    }

    /// Lines and columns.
    pub fn extent(&self) -> Extent {
        self.layout.as_ref().map_or(Extent { lines: 0, cols: 0 }, |layout| Extent {
            lines: layout.lines.len(),
            cols: layout.columns.len(),
        })
    }

    /// Where the far corner of an area goes with Ctrl and an arrow: to the edge of the data along the line or column of the corner
    /// it grows from, wherever the far corner is.
    pub fn edge_of_data(&self, anchor: Spot, focus: Spot, way: Way) -> Spot {
        let filled = |at: Spot| self.filled(at);
        match way {
            Way::Left | Way::Right => {
                Spot { line: focus.line, ..self.extent().jump(Spot { line: anchor.line, ..focus }, way, filled) }
            }
            Way::Up | Way::Down => {
                Spot { col: focus.col, ..self.extent().jump(Spot { col: anchor.col, ..focus }, way, filled) }
            }
        }
    }

    /// The last line and column in which anything stands, as spreadsheets end; a planning sheet is used to its end.
    pub fn last_used(&self) -> Spot {
        let extent = self.extent();
        let last = Spot { line: extent.lines.saturating_sub(1), col: extent.cols.saturating_sub(1) };
        if self.layout.as_ref().is_none_or(|layout| layout.kind == SheetKind::Planning) {
            return last;
        }
        let (lines, cols) = (extent.lines, extent.cols);
        let line = (0..lines).rev().find(|&line| (0..cols).any(|col| self.filled(Spot { line, col })));
        let Some(line) = line else { return Spot::default() };
        let col = (0..cols).rev().find(|&col| (0..=line).any(|line| self.filled(Spot { line, col })));
        Spot { line, col: col.unwrap_or_default() }
    }

    /// The active cell; `None` on a total.
    pub fn active_cell(&self) -> Option<CellRef> {
        self.layout.as_ref()?.cell(self.selection.active)
    }

    /// The rows of the selection in its order, the first thousand, each by its cell in the active column: with a group's
    /// total all rows of the group.
    pub fn selected_rows(&self) -> Vec<CellRef> {
        const MOST: usize = 1_000;
        let Some(layout) = &self.layout else { return Vec::new() };
        let Some(col) = layout.col_id(self.selection.active) else { return Vec::new() };
        let lines = self.selection.areas().flat_map(|area| area.top..=area.bottom).take(MOST * layout.stride());
        let rows = lines.flat_map(|line| match layout.lines.get(line) {
            Some(Line::Group { group, .. }) => {
                layout.groups.get(*group as usize).map(|group| group.rows.clone()).unwrap_or_default()
            }
            Some(Line::Row { row, .. }) => vec![*row],
            None => Vec::new(),
        });
        let mut seen = BTreeSet::new();
        let rows = rows.filter(|row| seen.insert(*row)).take(MOST);
        rows.filter_map(|row| Some(CellRef { sheet: layout.sheet, row: layout.row_at(row)?, col })).collect()
    }

    /// Whether a place shows something.
    pub fn filled(&self, at: Spot) -> bool {
        let Some(cell) = self.layout.as_ref().and_then(|layout| layout.cell(at)) else { return false };
        !self.source.value(cell).is_blank()
    }

    /// A group's total at a place, as its measure rolls up over rows.
    pub fn total(&mut self, layout: &Layout, at: Spot) -> Option<f64> {
        let Line::Group { group, slot } = *layout.lines.get(at.line)? else { return None };
        if let Some(known) = self.totals.get(&(group, slot, at.col)) {
            return *known;
        }
        let total = self.total_at(layout, at);
        self.totals.insert((group, slot, at.col), total);
        total
    }

    /// The same, worked out anew.
    pub fn total_at(&self, layout: &Layout, at: Spot) -> Option<f64> {
        let Line::Group { group, .. } = *layout.lines.get(at.line)? else { return None };
        let Across::Time(_) = layout.columns.get(at.col)?.across else { return None };
        let measure = layout.measure(at)?;
        let col = layout.col_id(at)?;
        let (mut sum, mut count) = (0.0, 0_usize);
        for &row in &layout.groups.get(group as usize)?.rows {
            let cell = CellRef { sheet: layout.sheet, row: layout.row_at(row)?, col };
            if let Some(number) = self.source.value(cell).as_number() {
                sum += number;
                count += 1;
            }
        }
        match (measure.aggregate, count) {
            (_, 0) | (Aggregate::None, _) => None,
            (Aggregate::Sum | Aggregate::Last, _) => Some(sum),
            (Aggregate::Mean, count) => Some(sum / count as f64),
        }
    }
}
