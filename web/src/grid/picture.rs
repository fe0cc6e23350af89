//! What a frame shows, line by line. Where two frames are alike nothing is painted again: an edit changes a few lines of
//! many, and people wait for it.

use std::ops::Range;

use grid_engine::doc::{Measure, MeasureKind, Span};

use super::layout::{Across, Layout, PLAN_MEASURE};
use super::selection::{Area, Spot};
use super::source::Face;
use super::state::{Cursor, GridState};
use super::viewport::Viewport;

/// A frame, as far as it can differ from the next one while layout and colours stay.
#[derive(Clone, Debug)]
pub struct Picture {
    port: Viewport,
    /// The scrolling columns in view.
    pub columns: Range<usize>,
    /// The scrolling lines in view.
    pub lines: Range<usize>,
    frozen: usize,
    frozen_lines: usize,
    shown: Vec<Shown>,
    /// Columns of the selection: their headings stand out.
    headed: (usize, usize),
    marks: Vec<(Area, Mark)>,
    /// The others' cells in view.
    pub cursors: Vec<(Spot, Cursor)>,
}

/// A line as it is shown.
#[derive(Clone, Debug, PartialEq)]
struct Shown {
    cells: Vec<Content>,
    /// The measures that take this person's input in the plan, of those that run through the line.
    takes_input: Vec<bool>,
    /// The values of the line's sparkline, and how many of them are history; empty where it has none.
    course: Course,
}

/// Values over time, and how many of them are past.
pub type Course = (Vec<Option<f64>>, usize);

/// What stands at a place.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    Nothing,
    Cell(Face),
    /// A group's total in words.
    Total(String),
}

/// What lies over cells.
#[derive(Clone, Debug, PartialEq)]
enum Mark {
    Selection { filled: bool },
    Active,
    Copied,
    Mentioned(usize),
    Filling,
    Cursor(Cursor),
}

/// What of a frame has to be painted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stale {
    Everything,
    /// Some lines, and the headings of columns or not.
    Lines {
        lines: Vec<usize>,
        headings: bool,
    },
}

impl Picture {
    /// What is to be seen now.
    pub fn take(state: &mut GridState, layout: &Layout) -> Self {
        let port = state.port;
        let (columns, lines) = (port.columns(layout), port.lines(layout));
        let places = || (0..layout.frozen).chain(columns.clone());
        let frozen_lines = port.frozen(layout);
        let all: Vec<usize> = port.shown(layout).collect();
        let shown = all.iter().map(|&line| {
            let content = |col: usize, state: &mut GridState| content(state, layout, Spot { line, col }, lines.start);
            Shown {
                cells: places().map(|col| content(col, state)).collect(),
                takes_input: takes_input(state, layout, line),
                course: course(state, layout, line),
            }
        });
        let shown = shown.collect();
        let cell_of = |cursor: &Cursor| {
            let mut of_row = all.iter().filter(|line| layout.row(**line) == Some(cursor.cell.row));
            of_row.find_map(|&line| {
                let col = places().find(|&col| layout.cell(Spot { line, col }) == Some(cursor.cell))?;
                Some(Spot { line, col })
            })
        };
        let cursors: Vec<(Spot, Cursor)> =
            state.cursors.iter().filter_map(|cursor| Some((cell_of(cursor)?, cursor.clone()))).collect();
        let selected = state.selection.area();
        let marks = marks(state, &cursors);
        let headed = (selected.left, selected.right);
        Self { port, columns, lines, frozen: layout.frozen, frozen_lines, shown, headed, marks, cursors }
    }

    /// What has to be painted where `before` is on the screen. Layout and colours are those of then.
    pub fn stale_since(&self, before: &Self) -> Stale {
        if (self.port, &self.columns, &self.lines) != (before.port, &before.columns, &before.lines) {
            return Stale::Everything;
        }
        let gone = before.marks.iter().filter(|mark| !self.marks.contains(mark));
        let come = self.marks.iter().filter(|mark| !before.marks.contains(mark));
        let touched: Vec<Area> = gone.chain(come).map(|(area, _)| *area).collect();
        // Under frozen lines other ones stand than those that follow them, and what reaches out of them lies over these.
        if self.frozen_lines > 0 && touched.iter().any(|area| area.top <= self.frozen_lines) {
            return Stale::Everything;
        }
        // Outlines, handles and names reach into the lines above and below.
        let is_touched = |line: usize| touched.iter().any(|area| area.top <= line + 1 && line <= area.bottom + 1);
        let lines = self.all_lines().zip(self.shown.iter().zip(&before.shown));
        let changed = lines.filter(|(line, (now, then))| now != then || now.pulses() || is_touched(*line));
        Stale::Lines { lines: changed.map(|(line, _)| line).collect(), headings: self.headed != before.headed }
    }

    /// The lines in view, the frozen ones first.
    pub fn all_lines(&self) -> impl Iterator<Item = usize> + use<> {
        (0..self.frozen_lines).chain(self.lines.clone())
    }

    /// Whether a newer value is being computed for a cell in view.
    pub fn is_pending(&self) -> bool {
        self.shown.iter().any(Shown::pulses)
    }

    /// What stands at a place in view.
    pub fn content(&self, at: Spot) -> &Content {
        let col = if at.col < self.frozen { at.col } else { at.col - self.columns.start.min(at.col) + self.frozen };
        self.line(at.line).and_then(|shown| shown.cells.get(col)).unwrap_or(&Content::Nothing)
    }

    /// Whether the measure of a place takes this person's input in the plan.
    pub fn takes_input(&self, layout: &Layout, at: Spot) -> bool {
        let among = if layout.is_flat { layout.slot(at) } else { Some(0) };
        self.line(at.line).zip(among).is_some_and(|(shown, among)| shown.takes_input.get(among) == Some(&true))
    }

    /// What a line's sparkline shows.
    pub fn course(&self, line: usize) -> Option<&Course> {
        self.line(line).map(|shown| &shown.course).filter(|(values, _)| !values.is_empty())
    }

    fn line(&self, line: usize) -> Option<&Shown> {
        let hidden = if line < self.frozen_lines { 0 } else { self.lines.start.checked_sub(self.frozen_lines)? };
        self.shown.get(line.checked_sub(hidden)?)
    }
}

impl Shown {
    /// Cells being computed move with time.
    fn pulses(&self) -> bool {
        self.cells.iter().any(|content| matches!(content, Content::Cell(face) if face.pending))
    }
}

fn content(state: &mut GridState, layout: &Layout, at: Spot, first: usize) -> Content {
    if let Some(cell) = layout.cell(at) {
        // Keys and attributes are written once for a row's stack.
        let is_fixed = matches!(layout.columns.get(at.col).map(|column| column.across), Some(Across::Fixed(_)));
        let is_said = is_fixed && !layout.slots.is_empty() && !layout.starts_block(at.line) && at.line != first;
        let cell = if is_said { layout.key_under(at) } else { Some(cell).filter(|_| layout.in_span(at)) };
        return cell.map_or(Content::Nothing, |cell| {
            let shade = state.shade(layout, cell);
            Content::Cell(Face { shade, ..state.source.face(cell) })
        });
    }
    let written = state.total(layout, at).zip(layout.measure(at));
    written.map_or(Content::Nothing, |(total, measure)| {
        Content::Total(state.source.written(layout.sheet, measure.id, total))
    })
}

fn takes_input(state: &GridState, layout: &Layout, line: usize) -> Vec<bool> {
    let takes = |slot: usize| {
        let at = Spot { line, col: layout.current_col(slot).unwrap_or(layout.frozen) };
        layout.measure(at).is_some_and(|measure| measure.kind == MeasureKind::Input)
            && layout.cell(at).is_some_and(|cell| {
                // A lock is of some cells, and those are painted as such.
                state.source.locked(cell).is_none() || state.source.face(cell).locked
            })
    };
    slots(layout, line).map(takes).collect()
}

/// The measures on show that run through a line.
fn slots(layout: &Layout, line: usize) -> std::ops::Range<usize> {
    if layout.is_flat {
        return 0..layout.slots.len();
    }
    let slot = layout.slot(Spot { line, col: 0 }).unwrap_or(0);
    slot..slot + 1
}

/// The values of a line from its first bucket to its last; where measures lie side by side, those of history and after
/// them those of the plan people agree on.
fn course(state: &mut GridState, layout: &Layout, line: usize) -> Course {
    let mut course = Course::default();
    if layout.sparkline <= 0.0 {
        return course;
    }
    let all = slots(layout, line);
    let measure = |slot: usize| layout.slots.get(slot).and_then(|&index| layout.measures.get(index));
    let find = |is_it: &dyn Fn(&Measure) -> bool| all.clone().find(|&slot| measure(slot).is_some_and(is_it));
    let plan = find(&|measure| measure.id.to_string() == PLAN_MEASURE).unwrap_or(all.start);
    let history = find(&|measure| measure.span == Span::History && measure.kind == MeasureKind::Layer);
    let history = history.filter(|_| measure(plan).is_some_and(|measure| measure.span == Span::Plan));
    for slot in history.into_iter().chain([plan]) {
        let current = layout.current_col(slot).unwrap_or(usize::MAX);
        for col in layout.time_cols(slot) {
            let at = Spot { line, col };
            if layout.in_span(at) {
                course.0.push(match layout.cell(at) {
                    Some(cell) => state.source.value(cell).as_number(),
                    None => state.total(layout, at),
                });
                course.1 += usize::from(Some(slot) == history || col < current);
            }
        }
    }
    course
}

fn marks(state: &GridState, cursors: &[(Spot, Cursor)]) -> Vec<(Area, Mark)> {
    let alone = |at: Spot| Area::between(at, at);
    let selection = &state.selection;
    let is_wide = selection.is_wide();
    let mut marks: Vec<(Area, Mark)> =
        selection.others.iter().map(|&area| (area, Mark::Selection { filled: true })).collect();
    marks.push((selection.area(), Mark::Selection { filled: is_wide }));
    marks.push((alone(selection.active), Mark::Active));
    marks.extend(state.copied.iter().map(|&area| (area, Mark::Copied)));
    marks.extend(state.mentioned.iter().enumerate().map(|(index, &area)| (area, Mark::Mentioned(index))));
    marks.extend(state.filling.map(|area| (area, Mark::Filling)));
    marks.extend(cursors.iter().map(|(at, cursor)| (alone(*at), Mark::Cursor(cursor.clone()))));
    marks
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::cell::RefCell;
    use std::collections::HashMap;
    use std::rc::Rc;

    use grid_engine::doc::SheetInfo;
    use grid_engine::refs::{CellRef, MeasureId, SheetId};
    use grid_engine::value::Value;
    use grid_engine::workbook;

    use super::super::layout::HEADER;
    use super::super::layout::tests::demand;
    use super::super::source::{Shape, SheetSource};
    use super::super::trace::Trace;
    use super::*;

    /// A hundred rows of two measures, and what was entered into them.
    #[derive(Default)]
    struct Entered(RefCell<HashMap<CellRef, Face>>);

    impl SheetSource for Entered {
        fn sheets(&self) -> Vec<SheetInfo> {
            Vec::new()
        }
        fn shape(&self, _: SheetId) -> Option<Shape> {
            Some(demand(100))
        }
        fn face(&self, cell: CellRef) -> Face {
            self.0.borrow().get(&cell).cloned().unwrap_or_else(Face::blank)
        }
        fn value(&self, cell: CellRef) -> Value {
            self.face(cell).text.parse().map_or(Value::Blank, Value::Number)
        }
        fn entry(&self, _: CellRef) -> String {
            String::new()
        }
        fn typed(&self, _: CellRef) -> String {
            String::new()
        }
        fn style(&self, _: CellRef) -> Option<String> {
            None
        }
        fn explain(&self, _: CellRef) -> String {
            String::new()
        }
        fn locked(&self, _: CellRef) -> Option<String> {
            None
        }
        fn written(&self, _: SheetId, _: MeasureId, number: f64) -> String {
            number.to_string()
        }
        fn address(&self, _: CellRef) -> String {
            String::new()
        }
        fn note(&self, _: CellRef) -> Option<String> {
            None
        }
        fn why_blank(&self, _: CellRef) -> Option<String> {
            None
        }
        fn objection(&self, _: CellRef) -> Option<String> {
            None
        }
        fn choices(&self, _: CellRef) -> Vec<String> {
            Vec::new()
        }
        fn trace(&self, _: CellRef, _: Trace) -> Vec<workbook::Area> {
            Vec::new()
        }
    }

    fn picture(state: &mut GridState) -> Picture {
        let layout = state.layout.take().unwrap();
        let picture = Picture::take(state, &layout);
        state.layout = Some(layout);
        picture
    }

    fn shown() -> (Rc<Entered>, GridState) {
        let source = Rc::new(Entered::default());
        let mut state = GridState::new(source.clone());
        (state.port.width, state.port.height) = (900.0, HEADER + 20.0 * state.port.line);
        state.show("demand".parse().unwrap());
        state.selection.put(Spot { line: 1, col: 5 });
        (source, state)
    }

    #[test]
    fn only_lines_that_look_different_are_painted_again() {
        let (source, mut state) = shown();
        let before = picture(&mut state);
        let nothing = Stale::Lines { lines: vec![], headings: false };
        assert_eq!(picture(&mut state).stale_since(&before), nothing);
        let cell = state.layout.as_ref().unwrap().cell(Spot { line: 9, col: 6 }).unwrap();
        source.0.borrow_mut().insert(cell, Face { text: "7".into(), ..Face::blank() });
        let entered = picture(&mut state);
        assert_eq!(entered.stale_since(&before), Stale::Lines { lines: vec![9], headings: false });
        assert_eq!(entered.content(Spot { line: 9, col: 6 }), &Content::Cell(source.face(cell)));
        // Where the selection was and where it is, with the lines its outline reaches into; its column's heading too.
        state.selection.put(Spot { line: 5, col: 6 });
        let moved = Stale::Lines { lines: vec![0, 1, 2, 4, 5, 6], headings: true };
        assert_eq!(picture(&mut state).stale_since(&entered), moved);
    }

    #[test]
    fn a_sparkline_changes_with_values_that_are_out_of_view() {
        for has_sparklines in [false, true] {
            let (source, mut state) = shown();
            state.view.has_sparklines = has_sparklines;
            state.port.width = 560.0;
            state.lay_out();
            let before = picture(&mut state);
            let layout = state.layout.as_ref().unwrap();
            let at = Spot { line: 9, col: layout.columns.len() - 1 };
            assert!(!before.columns.contains(&at.col));
            source.0.borrow_mut().insert(layout.cell(at).unwrap(), Face { text: "7".into(), ..Face::blank() });
            let lines = if has_sparklines { vec![9] } else { vec![] };
            assert_eq!(picture(&mut state).stale_since(&before), Stale::Lines { lines, headings: false });
        }
    }

    #[test]
    fn what_is_computed_moves_and_other_views_are_painted_whole() {
        let (source, mut state) = shown();
        let cell = state.layout.as_ref().unwrap().cell(Spot { line: 3, col: 6 }).unwrap();
        source.0.borrow_mut().insert(cell, Face { pending: true, ..Face::blank() });
        let before = picture(&mut state);
        assert_eq!(picture(&mut state).stale_since(&before), Stale::Lines { lines: vec![3], headings: false });
        state.port.scroll_y = 1.0;
        assert_eq!(picture(&mut state).stale_since(&before), Stale::Everything);
    }

    #[test]
    fn others_are_marked_where_they_are_in_view() {
        let (_, mut state) = shown();
        let before = picture(&mut state);
        let layout = state.layout.as_ref().unwrap();
        let cursor =
            |cell: CellRef| Cursor { cell, name: "Jonas".into(), colour: "#345".into(), editing: false, named: true };
        let (in_view, below) =
            (layout.cell(Spot { line: 11, col: 7 }).unwrap(), layout.cell(Spot { line: 150, col: 7 }).unwrap());
        state.cursors = vec![cursor(in_view), cursor(below)];
        let with = picture(&mut state);
        assert_eq!(with.cursors.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [Spot { line: 11, col: 7 }]);
        assert_eq!(with.stale_since(&before), Stale::Lines { lines: vec![10, 11, 12], headings: false });
        state.cursors[0].named = false;
        assert_ne!(picture(&mut state).stale_since(&with), Stale::Lines { lines: vec![], headings: false });
    }
}
