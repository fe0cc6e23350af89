//! Paints the visible part of the grid on a canvas.

use grid_engine::doc::{MeasureKind, SheetKind};
use grid_engine::refs::MeasureId;
use grid_engine::workbook::Source;
use web_sys::CanvasRenderingContext2d as Context;

use super::layout::{Across, HEADER, Layout, Line};
use super::selection::{Area, Spot};
use super::source::Face;
use super::state::GridState;
use super::theme::Theme;
use crate::locale;

const PAD: f64 = 8.0;

/// The measure people agree on stands out among the stacked lines.
const PLAN_MEASURE: &str = "consensus";

/// The colours of references while a formula is written; they stand out on light and dark alike.
pub(super) const MENTIONED: [&str; 6] = ["#2f7de1", "#d9541e", "#8b5cf6", "#12938a", "#d6336c", "#b7791f"];

/// What painting found that matters to the caller.
#[derive(Clone, Copy, Debug, Default)]
pub struct Painted {
    /// Cells whose newer value is being computed are in view: paint again soon.
    pub pending: bool,
}

/// Paints everything. `pulse` in 0–1 moves with time, for cells being computed.
pub fn paint(context: &Context, state: &mut GridState, theme: &Theme, ratio: f64, pulse: f64) -> Painted {
    let port = state.port;
    let _ = context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
    context.set_fill_style_str(&theme.ground);
    context.fill_rect(0.0, 0.0, port.width, port.height);
    let Some(layout) = state.layout.take() else { return Painted::default() };
    let mut painter = Painter { context, theme, layout: &layout, state, ratio, pulse, painted: Painted::default() };
    painter.everything();
    let painted = painter.painted;
    state.layout = Some(layout);
    painted
}

pub(super) struct Painter<'a> {
    pub(super) context: &'a Context,
    theme: &'a Theme,
    pub(super) layout: &'a Layout,
    pub(super) state: &'a mut GridState,
    ratio: f64,
    pulse: f64,
    painted: Painted,
}

/// How a cell's text looks.
struct Look {
    colour: String,
    ground: Option<String>,
    weight: u16,
    italic: bool,
}

impl Painter<'_> {
    fn everything(&mut self) {
        let port = self.state.port;
        let edge = self.layout.frozen_width().min(port.width);
        let columns = port.columns(self.layout);
        let frozen = 0..self.layout.frozen;
        self.clipped(edge, HEADER, port.width - edge, port.height - HEADER, |this| {
            this.cells(columns.clone());
            this.now_line();
            this.marks();
        });
        self.clipped(0.0, HEADER, edge, port.height - HEADER, |this| {
            this.context.set_fill_style_str(&this.theme.ground);
            this.context.fill_rect(0.0, HEADER, edge, port.height - HEADER);
            this.cells(frozen.clone());
            this.labels();
            this.gutter();
            this.marks();
        });
        self.clipped(edge, 0.0, port.width - edge, HEADER, |this| this.headers(columns.clone(), edge));
        self.clipped(0.0, 0.0, edge, HEADER, |this| this.headers(frozen.clone(), 0.0));
        self.edges(edge);
    }

    fn clipped(&mut self, x: f64, y: f64, width: f64, height: f64, draw: impl FnOnce(&mut Self)) {
        if width <= 0.0 || height <= 0.0 {
            return;
        }
        self.context.save();
        self.context.begin_path();
        self.context.rect(x, y, width, height);
        self.context.clip();
        draw(self);
        self.context.restore();
    }

    fn top(&self, line: usize) -> f64 {
        HEADER + line as f64 * self.state.port.line - self.state.port.scroll_y
    }

    fn left(&self, col: usize) -> f64 {
        self.layout.x(col, self.state.port.scroll_x)
    }

    pub(super) fn fill(&self, colour: &str, x: f64, y: f64, width: f64, height: f64) {
        self.context.set_fill_style_str(colour);
        self.context.fill_rect(x, y, width, height);
    }

    /// A hairline that is one device pixel wide on every screen.
    fn rule(&self, colour: &str, x: f64, y: f64, width: f64, height: f64) {
        let snap = |value: f64| (value * self.ratio).round() / self.ratio;
        let hair = 1.0 / self.ratio.max(1.0).floor();
        let (x, y) = (snap(x), snap(y));
        self.fill(
            colour,
            x - if width == 0.0 { hair } else { 0.0 },
            y - if height == 0.0 { hair } else { 0.0 },
            width.max(hair),
            height.max(hair),
        );
    }

    fn font(&self, weight: u16, italic: bool, size: f64) {
        let style = if italic { "italic " } else { "" };
        self.context.set_font(&format!("{style}{weight} {size}px {}", self.theme.font));
    }

    /// Text within a width: numbers that do not fit become `####`, other text ends in `…`.
    fn text(&self, text: &str, x: f64, y: f64, width: f64, right: bool, colour: &str) {
        if text.is_empty() || width <= 0.0 {
            return;
        }
        let measured = |text: &str| self.context.measure_text(text).map_or(0.0, |metrics| metrics.width());
        let full = measured(text);
        let mut shown = text.to_owned();
        if full > width {
            if right {
                shown = self.shortened(text, width).unwrap_or_else(|| "#".repeat(((width / 9.0) as usize).max(1)));
            } else {
                let count = text.chars().count();
                let mut keep = ((count as f64 * width / full) as usize).min(count);
                loop {
                    shown = text.chars().take(keep).collect::<String>().trim_end().to_owned() + "…";
                    if keep == 0 || measured(&shown) <= width {
                        break;
                    }
                    keep -= 1;
                }
            }
        }
        self.context.set_fill_style_str(colour);
        self.context.set_text_align(if right { "right" } else { "left" });
        self.context.set_text_baseline("middle");
        let _ = self.context.fill_text(&shown, if right { x + width } else { x }, y);
    }

    /// A number as exactly as fits, at last in thousands, millions or billions; `None` when nothing does.
    fn shortened(&self, text: &str, width: f64) -> Option<String> {
        let number = locale::bare(text)?;
        let fits = |text: &String| self.context.measure_text(text).is_ok_and(|metrics| metrics.width() <= width);
        let plain = (0..=6).rev().map(|decimals| locale::current().shown(&format!("{number:.decimals$}")));
        let whole = number.abs() < 1000.0 || number.fract() != 0.0;
        let units = [(1e3, "K"), (1e6, "M"), (1e9, "B")];
        let (unit, name) = units.into_iter().rev().find(|(unit, _)| number.abs() >= *unit).unwrap_or(units[0]);
        let short = (0..=2)
            .rev()
            .map(|decimals| locale::current().shown(&format!("{:.decimals$}\u{2009}{name}", number / unit)));
        plain.filter(|_| whole).chain(short).find(fits)
    }

    fn cells(&mut self, columns: std::ops::Range<usize>) {
        let lines = self.state.port.lines(self.layout);
        let columns_are_keys = columns.end <= self.layout.frozen;
        for line in lines.clone() {
            let takes_input = self.takes_input(line);
            let is_group = matches!(self.layout.lines.get(line), Some(Line::Group { .. }));
            let y = self.top(line);
            if is_group {
                let left = columns.clone().next().map_or(0.0, |col| self.left(col));
                self.fill(&self.theme.group, left, y, self.state.port.width, self.state.port.line);
            }
            for col in columns.clone() {
                self.cell(Spot { line, col }, takes_input, lines.start == line);
            }
        }
        // Lines between cells: light within a row's stack, stronger between rows.
        let bottom = self.top(lines.end).min(self.state.port.height);
        let right = columns.clone().next_back().map_or(0.0, |col| self.left(col) + self.layout.columns[col].width);
        let left = columns.clone().next().map_or(0.0, |col| self.left(col));
        for col in columns {
            let x = self.left(col) + self.layout.columns[col].width;
            self.rule(&self.theme.line, x, HEADER, 0.0, bottom - HEADER);
        }
        let stacked = self.layout.slots.len() > 1;
        for line in lines {
            let ends = self.layout.starts_block(line + 1);
            if stacked && columns_are_keys && !ends {
                continue;
            }
            let colour = if ends && stacked { &self.theme.line_strong } else { &self.theme.line };
            self.rule(colour, left, self.top(line + 1), right - left, 0.0);
        }
    }

    /// Whether a line takes this person's input in the plan.
    fn takes_input(&self, line: usize) -> bool {
        let Some(measure) = self.layout.measure(line) else { return false };
        let col = self.layout.current_col().unwrap_or(self.layout.frozen);
        measure.kind == MeasureKind::Input
            && self.layout.cell(Spot { line, col }).is_some_and(|cell| {
                // A lock is of some cells, and those are painted as such.
                self.state.source.locked(cell).is_none() || self.state.source.face(cell).locked
            })
    }

    fn cell(&mut self, at: Spot, takes_input: bool, first_in_view: bool) {
        let Some(column) = self.layout.columns.get(at.col) else { return };
        let (x, y, width) = (self.left(at.col), self.top(at.line), column.width);
        let middle = y + self.state.port.line / 2.0 + 0.5;
        if let Some(Line::Group { group, slot }) = self.layout.lines.get(at.line).copied() {
            return self.group_cell(at, group, slot, x, y, width);
        }
        let Some(cell) = self.layout.cell(at) else { return };
        let timed = matches!(column.across, Across::Time(_));
        let stacked = self.layout.slots.len() > 1;
        let fixed = matches!(column.across, Across::Fixed(_));
        // Keys and attributes are written once for a row's stack.
        if fixed && stacked && !self.layout.starts_block(at.line) && !first_in_view {
            return;
        }
        if timed && !self.layout.in_span(at) {
            self.fill(&self.theme.readonly, x, y, width, self.state.port.line);
            return;
        }
        let face = self.state.source.face(cell);
        let look = self.look(at, cell.col.measure, &face, takes_input && timed);
        if let Some(ground) = &look.ground {
            self.fill(ground, x, y, width, self.state.port.line);
        }
        if face.pending {
            self.painted.pending = true;
            self.context.set_global_alpha(0.45 + 0.45 * self.pulse);
        }
        self.font(look.weight, look.italic, 12.5);
        let mut room = width - 2.0 * PAD;
        if self.layout.kind == SheetKind::Free && !face.right {
            room += self.blank_after(at);
        }
        self.text(&face.text, x + PAD, middle, room, face.right, &look.colour);
        self.context.set_global_alpha(1.0);
        if face.note {
            self.corner(x + width, y);
        }
        if face.commented {
            self.comment_corner(x, y);
        }
        if face.wrong {
            self.underline(x, y, width);
        }
    }

    /// Room of the blank cells right of a text, which it may use.
    fn blank_after(&self, at: Spot) -> f64 {
        let mut room = 0.0;
        for col in at.col + 1..self.layout.columns.len() {
            let next = Spot { col, ..at };
            let blank = self.layout.cell(next).is_none_or(|cell| self.state.source.value(cell).is_blank());
            if room > 600.0 || !blank {
                break;
            }
            room += self.layout.columns[col].width;
        }
        room
    }

    fn group_cell(&mut self, at: Spot, group: u32, slot: u16, x: f64, y: f64, width: f64) {
        let middle = y + self.state.port.line / 2.0 + 0.5;
        if at.col == 0 && slot == 0 {
            let Some(group) = self.layout.groups.get(group as usize) else { return };
            self.triangle(x + 13.0, middle, group.collapsed);
            self.font(600, false, 12.5);
            let name = if group.name.is_empty() { "(none)" } else { &group.name };
            let text = format!("{name}  ({})", group.rows.len());
            let room = self.layout.label_left() - x - 30.0;
            self.text(&text, x + 24.0, middle, room, false, &self.theme.text);
            return;
        }
        let Some(measure) = self.layout.measure(at.line) else { return };
        let (sheet, measure) = (self.layout.sheet, measure.id);
        let total = self.state.total(self.layout, at);
        if let Some(total) = total {
            let text = self.state.source.written(sheet, measure, total);
            self.font(600, false, 12.5);
            self.text(&text, x + PAD, middle, width - 2.0 * PAD, true, &self.theme.text_2);
        }
    }

    fn triangle(&self, x: f64, y: f64, collapsed: bool) {
        self.context.set_fill_style_str(&self.theme.text_2);
        self.context.begin_path();
        if collapsed {
            self.context.move_to(x - 2.5, y - 4.0);
            self.context.line_to(x + 3.0, y);
            self.context.line_to(x - 2.5, y + 4.0);
        } else {
            self.context.move_to(x - 4.0, y - 2.5);
            self.context.line_to(x + 4.0, y - 2.5);
            self.context.line_to(x, y + 3.0);
        }
        self.context.fill();
    }

    /// The mark of an entry that is not what the cell accepts.
    fn underline(&self, x: f64, y: f64, width: f64) {
        self.fill(&self.theme.error, x + 1.0, y + self.state.port.line - 3.0, width - 2.0, 2.0);
    }

    /// The mark of a note, in the upper right corner.
    fn corner(&self, right: f64, y: f64) {
        self.context.set_fill_style_str(&self.theme.note);
        self.context.begin_path();
        self.context.move_to(right - 7.0, y);
        self.context.line_to(right, y);
        self.context.line_to(right, y + 7.0);
        self.context.fill();
    }

    /// The mark of a comment, in the upper left corner.
    fn comment_corner(&self, left: f64, y: f64) {
        self.context.set_fill_style_str(&self.theme.accent);
        self.context.begin_path();
        self.context.move_to(left, y);
        self.context.line_to(left + 8.0, y);
        self.context.line_to(left, y + 8.0);
        self.context.fill();
    }

    fn look(&self, at: Spot, measure: MeasureId, face: &Face, takes_input: bool) -> Look {
        let theme = self.theme;
        let forecast = self.layout.measure(at.line).is_some_and(
            |measure| matches!(&measure.kind, MeasureKind::Formula(formula) if formula.contains("FORECAST")),
        );
        let is_plan = measure.to_string() == PLAN_MEASURE;
        let past = match (self.layout.columns.get(at.col).map(|column| column.across), self.layout.current) {
            (Some(Across::Time(bucket)), Some(current)) => bucket < current,
            _ => false,
        };
        let (colour, ground) = match face.source {
            _ if face.hidden => (&theme.history, None),
            _ if face.error => (&theme.error, takes_input.then_some(&theme.input_ground)),
            Source::OverriddenFormula => (&theme.overridden, Some(&theme.overridden_ground)),
            Source::Layer if past => (&theme.history, None),
            Source::Layer => (&theme.layer, None),
            Source::Formula | Source::Spill if forecast => (&theme.baseline, None),
            Source::Formula | Source::Spill => (&theme.formula, takes_input.then_some(&theme.input_ground)),
            Source::Input if self.layout.measure(at.line).is_some() => {
                (&theme.input, takes_input.then_some(&theme.input_ground))
            }
            Source::Empty => (&theme.text, takes_input.then_some(&theme.input_ground)),
            Source::Input | Source::Key => (&theme.text, None),
        };
        let ground = if face.locked { Some(&theme.readonly) } else { ground };
        let weight = match face.source {
            Source::Key => 600,
            Source::OverriddenFormula => 600,
            _ if is_plan => 600,
            Source::Input if self.layout.measure(at.line).is_some() => 600,
            _ => 400,
        };
        Look { colour: colour.clone(), ground: ground.cloned(), weight, italic: face.pending }
    }

    /// The names of the stacked measures.
    fn labels(&mut self) {
        if self.layout.label <= 0.0 {
            return;
        }
        let x = self.layout.label_left();
        let width = self.layout.label;
        let lines = self.state.port.lines(self.layout);
        for line in lines {
            let y = self.top(line);
            let Some(measure) = self.layout.measure(line) else { continue };
            let is_group = matches!(self.layout.lines.get(line), Some(Line::Group { .. }));
            self.fill(if is_group { &self.theme.group } else { &self.theme.header }, x, y, width, self.state.port.line);
            let strong = is_group || measure.id.to_string() == PLAN_MEASURE;
            self.font(if strong { 600 } else { 450 }, false, 12.0);
            let colour = if strong { &self.theme.text } else { &self.theme.text_2 };
            let middle = y + self.state.port.line / 2.0 + 0.5;
            self.text(&measure.name, x + PAD + 2.0, middle, width - 2.0 * PAD, false, colour);
            // On a telephone there is no room for units.
            if !measure.unit.is_empty() && width > 96.0 {
                self.font(400, false, 10.5);
                self.text(&measure.unit, x + PAD, middle, width - 2.0 * PAD + 2.0, true, &self.theme.text_3);
            }
            let ends = self.layout.starts_block(line + 1) && self.layout.slots.len() > 1;
            let rule = if ends { &self.theme.line_strong } else { &self.theme.line };
            self.rule(rule, x, y + self.state.port.line, width, 0.0);
        }
    }

    /// The row numbers of a free sheet.
    fn gutter(&mut self) {
        if self.layout.gutter <= 0.0 {
            return;
        }
        let selected = self.state.selection.area();
        for line in self.state.port.lines(self.layout) {
            let y = self.top(line);
            let within = (selected.top..=selected.bottom).contains(&line);
            self.fill(
                if within { &self.theme.group } else { &self.theme.header },
                0.0,
                y,
                self.layout.gutter,
                self.state.port.line,
            );
            self.font(if within { 600 } else { 400 }, false, 11.5);
            let text = (line + 1).to_string();
            self.text(
                &text,
                0.0,
                y + self.state.port.line / 2.0 + 0.5,
                self.layout.gutter - PAD,
                true,
                &self.theme.text_2,
            );
            self.rule(&self.theme.line, 0.0, y + self.state.port.line, self.layout.gutter, 0.0);
        }
    }

    fn headers(&mut self, columns: std::ops::Range<usize>, left: f64) {
        self.fill(&self.theme.header, left, 0.0, self.state.port.width - left, HEADER);
        let selected = self.state.selection.area();
        let first = columns.start;
        for col in columns {
            let Some(column) = self.layout.columns.get(col) else { continue };
            let x = self.left(col);
            if (selected.left..=selected.right).contains(&col) {
                self.fill(&self.theme.group, x, 0.0, column.width, HEADER);
            }
            let room = column.width - 2.0 * PAD;
            self.sort_mark(column.across, x + column.width - 9.0);
            match column.across {
                Across::Time(bucket) => {
                    let past = self.layout.current.is_some_and(|current| bucket < current);
                    let (_, part) = bucket.year_and_part();
                    // The year is said where it begins and where the view begins.
                    if part == 1 || col == first {
                        self.font(600, false, 11.0);
                        self.text(&column.over, x + PAD, 12.0, room.max(30.0), true, &self.theme.text_2);
                    }
                    self.font(if past { 450 } else { 600 }, false, 12.0);
                    let colour = if past { &self.theme.text_3 } else { &self.theme.text };
                    self.text(&column.title, x + PAD, 27.5, room, true, colour);
                }
                Across::Fixed(_) => {
                    self.font(600, false, 12.0);
                    let middle = if column.over.is_empty() { HEADER / 2.0 + 0.5 } else { 14.0 };
                    self.text(&column.title, x + PAD, middle, room, false, &self.theme.text_2);
                    self.font(400, false, 10.5);
                    self.text(&column.over, x + PAD, 28.0, room, false, &self.theme.text_3);
                }
                Across::Free(_) => {
                    self.font(500, false, 11.5);
                    self.context.set_text_align("center");
                    self.context.set_text_baseline("middle");
                    self.context.set_fill_style_str(&self.theme.text_2);
                    let _ = self.context.fill_text(&column.title, x + column.width / 2.0, HEADER / 2.0 + 0.5);
                }
            }
            self.rule(&self.theme.line, x + column.width, 0.0, 0.0, HEADER);
        }
    }

    /// An arrow on the column whose values give the rows their order.
    fn sort_mark(&self, across: Across, x: f64) {
        let Some(sort) = self.state.view.sort else { return };
        let is_it = match across {
            Across::Fixed(index) => {
                sort.by.bucket.is_none()
                    && self.layout.measures.get(index).is_some_and(|measure| measure.id == sort.by.measure)
            }
            Across::Time(bucket) => sort.by.bucket == Some(bucket),
            Across::Free(_) => false,
        };
        if is_it {
            let (tip, base) = if sort.descending { (HEADER - 4.0, HEADER - 9.0) } else { (HEADER - 9.0, HEADER - 4.0) };
            self.context.set_fill_style_str(&self.theme.accent);
            self.context.begin_path();
            self.context.move_to(x - 4.0, base);
            self.context.line_to(x + 4.0, base);
            self.context.line_to(x, tip);
            self.context.fill();
        }
    }

    /// Where the plan begins.
    fn now_line(&self) {
        let Some(col) = self.layout.current_col() else { return };
        let x = self.left(col);
        let bottom = self.top(self.layout.lines.len()).min(self.state.port.height);
        self.context.set_global_alpha(0.55);
        self.fill(&self.theme.now, x - 1.5, HEADER, 2.0, bottom - HEADER);
        self.context.set_global_alpha(1.0);
    }

    pub(super) fn area_box(&self, area: Area) -> (f64, f64, f64, f64) {
        let (x, y) = (self.left(area.left), self.top(area.top));
        let right = self.left(area.right) + self.layout.columns.get(area.right).map_or(0.0, |column| column.width);
        (x, y, right - x, self.top(area.bottom + 1) - y)
    }

    /// Selection, copied area, fill, and the others' cursors.
    fn marks(&mut self) {
        if self.layout.lines.is_empty() || self.layout.columns.is_empty() {
            return;
        }
        let selection = self.state.selection.clone();
        for area in selection.areas() {
            if area.size() != (1, 1) || !selection.others.is_empty() {
                let (x, y, width, height) = self.area_box(area);
                self.fill(&self.theme.selection, x, y, width, height);
            }
        }
        let outline = |this: &Self, area: Area, colour: &str, width: f64| {
            let (x, y, w, h) = this.area_box(area);
            this.context.set_stroke_style_str(colour);
            this.context.set_line_width(width);
            this.context.stroke_rect(x - 0.5, y - 0.5, w, h);
        };
        if let Some(copied) = self.state.copied {
            let _ = self.context.set_line_dash(&js_sys::Array::of2(&4.0.into(), &3.0.into()));
            outline(self, copied, &self.theme.accent, 1.5);
            let _ = self.context.set_line_dash(&js_sys::Array::new());
        }
        for (index, mentioned) in self.state.mentioned.iter().enumerate() {
            let colour = MENTIONED[index % MENTIONED.len()];
            let (x, y, width, height) = self.area_box(*mentioned);
            self.context.set_global_alpha(0.1);
            self.fill(colour, x, y, width, height);
            self.context.set_global_alpha(1.0);
            outline(self, *mentioned, colour, 2.0);
        }
        self.trace();
        let area = selection.area();
        outline(self, area, &self.theme.accent, if area.size() == (1, 1) { 2.0 } else { 1.5 });
        if area.size() != (1, 1) {
            let at = selection.active;
            outline(self, Area { top: at.line, left: at.col, bottom: at.line, right: at.col }, &self.theme.accent, 2.0);
        }
        if let Some(filling) = self.state.filling {
            let _ = self.context.set_line_dash(&js_sys::Array::of2(&2.0.into(), &2.0.into()));
            outline(self, filling, &self.theme.text_2, 1.5);
            let _ = self.context.set_line_dash(&js_sys::Array::new());
        }
        let (x, y, width, height) = self.area_box(area);
        self.fill(&self.theme.ground, x + width - 4.5, y + height - 4.5, 8.0, 8.0);
        self.fill(&self.theme.accent, x + width - 3.5, y + height - 3.5, 6.0, 6.0);
        self.cursors();
    }

    fn cursors(&self) {
        for cursor in &self.state.cursors {
            let Some(at) = self.layout.spot(cursor.cell) else { continue };
            let area = Area { top: at.line, left: at.col, bottom: at.line, right: at.col };
            let (x, y, width, height) = self.area_box(area);
            self.context.set_stroke_style_str(&cursor.colour);
            self.context.set_line_width(2.0);
            self.context.stroke_rect(x - 0.5, y - 0.5, width, height);
            if !cursor.named {
                self.fill(&cursor.colour, x - 1.5, y - 4.0, 8.0, 4.0);
                continue;
            }
            self.font(600, false, 10.5);
            let name = cursor.name.split(' ').next().unwrap_or_default();
            let label = if cursor.editing { format!("{name} is typing") } else { name.to_owned() };
            let wide = self.context.measure_text(&label).map_or(40.0, |metrics| metrics.width()) + 10.0;
            // Above the cell, or below it when that would be under the header.
            let top = if y - 16.0 >= HEADER { y - 16.0 } else { y + height };
            self.fill(&cursor.colour, x - 1.5, top, wide, 16.0);
            self.text(&label, x + 3.5, top + 8.5, wide, false, "#ffffff");
        }
    }

    /// The borders of what does not scroll.
    fn edges(&self, edge: f64) {
        let port = self.state.port;
        self.rule(&self.theme.line_strong, 0.0, HEADER, port.width, 0.0);
        if edge > 0.0 {
            let bottom = port.height.min(self.top(self.layout.lines.len()));
            self.rule(&self.theme.line_strong, edge, 0.0, 0.0, bottom);
            if port.scroll_x > 0.5 {
                // A soft shadow says that columns lie underneath.
                for step in 0..5 {
                    self.context.set_global_alpha(0.05 - f64::from(step) * 0.01);
                    self.fill("#000000", edge + f64::from(step), 0.0, 1.0, bottom);
                }
                self.context.set_global_alpha(1.0);
            }
        }
        if self.layout.label > 0.0 {
            self.rule(
                &self.theme.line,
                self.layout.label_left(),
                0.0,
                0.0,
                port.height.min(self.top(self.layout.lines.len())),
            );
        }
    }
}
