//! What stays in view around the cells: headers, the names of stacked measures, row numbers, and their borders.

use super::super::layout::{Across, HEADER, Line};
use super::super::selection::Spot;
use super::{PAD, PLAN_MEASURE, Painter};

impl Painter<'_> {
    pub(super) fn headers(&mut self, columns: std::ops::Range<usize>, left: f64) {
        self.fill(&self.theme.header, left, 0.0, self.state.port.width - left, HEADER);
        let selected = self.state.selection.area();
        let (first, all) = (columns.start, columns.clone());
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
                    if !self.layout.is_flat && (part == 1 || col == first) {
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
                    self.centred(&column.title, x + column.width / 2.0, HEADER / 2.0 + 0.5, &self.theme.text_2);
                }
            }
            let rule = if self.layout.ends_measure(col) { &self.theme.line_strong } else { &self.theme.line };
            self.rule(rule, x + column.width, 0.0, 0.0, HEADER);
        }
        self.names_side_by_side(all, left);
    }

    /// The measures that lie side by side, each over its part that is in view.
    fn names_side_by_side(&self, columns: std::ops::Range<usize>, left: f64) {
        if !self.layout.is_flat {
            return;
        }
        let mut from = columns.start;
        while let Some(column) = self.layout.columns.get(from).filter(|_| from < columns.end) {
            let next = (from + 1..columns.end).find(|&col| self.layout.columns[col].slot != column.slot);
            let to = next.unwrap_or(columns.end);
            if let Across::Time(_) = column.across {
                let strong = self
                    .layout
                    .measure(Spot { line: 0, col: from })
                    .is_some_and(|it| it.id.to_string() == PLAN_MEASURE);
                let x = self.left(from).max(left);
                self.font(if strong { 700 } else { 600 }, false, 11.5);
                let colour = if strong { &self.theme.text } else { &self.theme.text_2 };
                self.text(&column.over, x + PAD, 12.0, self.left(to) - x - 2.0 * PAD, false, colour);
            }
            from = to;
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
            Across::Free(col) => sort.by == col,
        };
        if is_it {
            let (tip, base) = if sort.descending { (HEADER - 4.0, HEADER - 9.0) } else { (HEADER - 9.0, HEADER - 4.0) };
            self.ink(&self.theme.accent);
            self.context.begin_path();
            self.context.move_to(x - 4.0, base);
            self.context.line_to(x + 4.0, base);
            self.context.line_to(x, tip);
            self.context.fill();
        }
    }

    /// The names of the stacked measures.
    pub(super) fn labels(&mut self) {
        if self.layout.label <= 0.0 {
            return;
        }
        let x = self.layout.label_left();
        let width = self.layout.label;
        for &line in self.lines {
            let y = self.top(line);
            let Some(measure) = self.layout.measure(Spot { line, col: 0 }) else { continue };
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
            let ends = self.layout.starts_block(line + 1) && self.layout.stride() > 1;
            let rule = if ends { &self.theme.line_strong } else { &self.theme.line };
            self.rule(rule, x, y + self.state.port.line, width, 0.0);
        }
    }

    /// The heading of the sparklines.
    pub(super) fn sparkline_heading(&self) {
        let room = self.layout.sparkline - 2.0 * PAD;
        self.font(600, false, 12.0);
        self.text("Trend", self.layout.sparkline_left() + PAD, HEADER / 2.0 + 0.5, room, false, &self.theme.text_2);
    }

    /// The row numbers of a free sheet.
    pub(super) fn gutter(&mut self) {
        if self.layout.gutter <= 0.0 {
            return;
        }
        let selected = self.state.selection.area();
        for &line in self.lines {
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
            // The sheet's own number of the row, wherever this person's order and filters put it.
            let text = self.layout.number(line).map(|row| (row + 1).to_string()).unwrap_or_default();
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

    /// The borders of what does not scroll.
    pub(super) fn edges(&self, edge: f64) {
        let port = self.state.port;
        self.rule(&self.theme.line_strong, 0.0, HEADER, port.width, 0.0);
        self.rule(&self.theme.line_strong, 0.0, port.split(self.layout), port.width, 0.0);
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
