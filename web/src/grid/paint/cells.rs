//! The cells: their values and totals, the colours that say where a value comes from, and the marks in their corners.

use grid_engine::doc::{MeasureKind, SheetKind};
use grid_engine::refs::MeasureId;
use grid_engine::workbook::Source;

use super::super::cell_style::CellStyle;
use super::super::highlight::Shade;
use super::super::layout::{Across, HEADER, Line};
use super::super::picture::Content;
use super::super::selection::Spot;
use super::super::source::Face;
use super::sparklines::is_bars;
use super::{PAD, PLAN_MEASURE, Painter};

/// The colours of bad and good values among those people choose from: red and green.
const HEAT: (usize, usize) = (0, 3);

/// How a cell's text looks.
struct Look<'a> {
    colour: &'a str,
    ground: Option<&'a str>,
    weight: u16,
    italic: bool,
}

impl Painter<'_> {
    pub(super) fn cells(&mut self, columns: std::ops::Range<usize>) {
        let columns_are_keys = columns.end <= self.layout.frozen;
        for &line in self.lines {
            let is_group = matches!(self.layout.lines.get(line), Some(Line::Group { .. }));
            let y = self.top(line);
            if is_group {
                let left = columns.clone().next().map_or(0.0, |col| self.left(col));
                self.fill(&self.theme.group, left, y, self.state.port.width, self.state.port.line);
            }
            for col in columns.clone() {
                self.cell(Spot { line, col });
            }
        }
        // Lines between cells: light within a row's stack, stronger between rows.
        let last = self.picture.all_lines().last().map_or(HEADER, |line| self.bottom(line));
        let bottom = last.max(self.state.port.split(self.layout)).min(self.state.port.height);
        let right = columns.clone().next_back().map_or(0.0, |col| self.left(col) + self.layout.columns[col].width);
        let left = columns.clone().next().map_or(0.0, |col| self.left(col));
        for col in columns {
            let x = self.left(col) + self.layout.columns[col].width;
            let colour = if self.layout.ends_measure(col) { &self.theme.line_strong } else { &self.theme.line };
            self.rule(colour, x, HEADER, 0.0, bottom - HEADER);
        }
        let stacked = self.layout.stride() > 1;
        for &line in self.lines {
            let ends = self.layout.starts_block(line + 1);
            if stacked && columns_are_keys && !ends {
                continue;
            }
            let colour = if ends && stacked { &self.theme.line_strong } else { &self.theme.line };
            self.rule(colour, left, self.bottom(line), right - left, 0.0);
        }
    }

    fn cell(&self, at: Spot) {
        let Some(column) = self.layout.columns.get(at.col) else { return };
        let (x, y, width) = (self.left(at.col), self.top(at.line), column.width);
        let middle = y + self.state.port.line / 2.0 + 0.5;
        if let Some(Line::Group { group, slot }) = self.layout.lines.get(at.line).copied() {
            return self.group_cell(at, group, slot, x, y, width);
        }
        let Some(cell) = self.layout.cell(at) else { return };
        let timed = matches!(column.across, Across::Time(_));
        if timed && !self.layout.in_span(at) {
            self.fill(&self.theme.readonly, x, y, width, self.state.port.line);
            return;
        }
        let Content::Cell(face) = self.picture.content(at) else { return };
        let takes_input = timed && self.picture.takes_input(self.layout, at);
        let look = self.look(at, cell.col.measure, face, takes_input);
        let style = face.style;
        // What a person chose stands over what says where a value comes from; a lock is shown all the same.
        let own = style.fill.filter(|_| !face.locked).map(|place| self.theme.fills[place].as_str());
        if let Some(ground) = own.or(look.ground) {
            self.fill(ground, x, y, width, self.state.port.line);
        }
        if let Some(shade) = face.shade {
            self.shade(shade, x, y, width);
        }
        if face.pending {
            self.context.set_global_alpha(0.45 + 0.45 * self.pulse);
        }
        // A key written under the first one says less of the row than that.
        let weight = if self.layout.key_under(at).is_some() { 450 } else { look.weight };
        let is_free = self.layout.kind == SheetKind::Free;
        let is_heading = is_free && style.heading;
        let weight = if is_heading || style.bold { weight.max(650) } else { weight };
        // A heading stands over what is under it, to the same side.
        let right = match self.picture.content(Spot { line: at.line + 1, ..at }) {
            _ if style.side.is_some() => style.side == Some(1),
            Content::Cell(under) if is_heading => under.right,
            _ => face.right,
        };
        self.font(weight, look.italic || style.italic, 12.5);
        let mut room = width - 2.0 * PAD;
        let mut left = x + PAD;
        if is_free && !right && style.side != Some(0) {
            room += self.blank_after(at);
        }
        // Numbers stand in the middle only where they fit: cut, they say so as elsewhere.
        let free = if style.side == Some(0) { room - self.measured(&face.text) } else { 0.0 };
        if free > 0.0 {
            left += free / 2.0;
            room -= free / 2.0;
        }
        let colour = style.ink.filter(|_| !face.error).map_or(look.colour, |place| self.theme.inks[place].as_str());
        if is_bars(&face.text) {
            self.bars(&face.text, (x + PAD, y, width - 2.0 * PAD));
        } else {
            self.text(&face.text, left, middle, room, right, colour);
            if style.underline || style.strike {
                self.lines_of(&face.text, (left, middle, room), right, style);
            }
        }
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

    /// How a value stands out, under its text.
    fn shade(&self, shade: Shade, x: f64, y: f64, width: f64) {
        let (theme, height) = (self.theme, self.state.port.line);
        match shade {
            Shade::Ground(colour) => self.fill(&theme.fills[colour], x, y, width, height),
            Shade::Bar { from, to, colour } => {
                let room = width - 4.0;
                self.fill(&theme.fills[colour], x + 2.0 + from * room, y + 3.0, (to - from) * room, height - 6.0);
            }
            Shade::Heat(good) => {
                let colour = &theme.fills[if good < 0.0 { HEAT.0 } else { HEAT.1 }];
                let share = (good.abs() * 100.0).round();
                self.fill(&format!("color-mix(in srgb, {colour} {share}%, {})", theme.ground), x, y, width, height);
            }
        }
    }

    /// The lines under and through a text.
    fn lines_of(&self, text: &str, (left, middle, room): (f64, f64, f64), right: bool, style: CellStyle) {
        let width = self.measured(text).min(room);
        let x = if right { left + room - width } else { left };
        for (_, below) in [(style.underline, 6.0), (style.strike, 0.0)].into_iter().filter(|(is_on, _)| *is_on) {
            self.context.fill_rect(x, middle + below, width, 1.0);
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

    fn group_cell(&self, at: Spot, group: u32, slot: u16, x: f64, y: f64, width: f64) {
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
        if let Content::Total(text) = self.picture.content(at) {
            self.font(600, false, 12.5);
            self.text(text, x + PAD, middle, width - 2.0 * PAD, true, &self.theme.text_2);
        }
    }

    fn triangle(&self, x: f64, y: f64, collapsed: bool) {
        self.ink(&self.theme.text_2);
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
        self.ink(&self.theme.note);
        self.context.begin_path();
        self.context.move_to(right - 7.0, y);
        self.context.line_to(right, y);
        self.context.line_to(right, y + 7.0);
        self.context.fill();
    }

    /// The mark of a comment, in the upper left corner.
    fn comment_corner(&self, left: f64, y: f64) {
        self.ink(&self.theme.accent);
        self.context.begin_path();
        self.context.move_to(left, y);
        self.context.line_to(left + 8.0, y);
        self.context.line_to(left, y + 8.0);
        self.context.fill();
    }

    fn look(&self, at: Spot, measure: MeasureId, face: &Face, takes_input: bool) -> Look<'_> {
        let theme = self.theme;
        let forecast = self.layout.measure(at).is_some_and(
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
            Source::Input if self.layout.measure(at).is_some() => {
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
            Source::Input if self.layout.measure(at).is_some() => 600,
            _ => 400,
        };
        Look { colour, ground: ground.map(String::as_str), weight, italic: face.pending }
    }
}
