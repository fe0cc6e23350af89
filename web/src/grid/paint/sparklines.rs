//! Values over time, small enough for a line: beside the names of the measures, and as a cell that `SPARKLINE` draws.

use super::super::layout::Line;
use super::Painter;

/// The characters `SPARKLINE` draws with, low to high.
const LOW_TO_HIGH: std::ops::RangeInclusive<char> = '\u{2581}'..='\u{2588}';

/// Whether a cell's text is a course of values rather than words.
pub(super) fn is_bars(text: &str) -> bool {
    text.starts_with(|first| LOW_TO_HIGH.contains(&first) || first == ' ')
        && text.chars().all(|one| LOW_TO_HIGH.contains(&one) || one == ' ')
        && text.contains(|one| LOW_TO_HIGH.contains(&one))
}

impl Painter<'_> {
    /// The course of every line: history pale, the plan strong, a dot where it ends.
    pub(super) fn sparklines(&self) {
        const PAD_X: f64 = 8.0;
        let (left, width, height) = (self.layout.sparkline_left(), self.layout.sparkline, self.state.port.line);
        if width <= 0.0 {
            return;
        }
        for &line in self.lines {
            let y = self.top(line);
            let is_group = matches!(self.layout.lines.get(line), Some(Line::Group { .. }));
            self.fill(if is_group { &self.theme.group } else { &self.theme.header }, left, y, width, height);
            let strong = self.layout.stride() > 1 && self.layout.starts_block(line + 1);
            let rule = if strong { &self.theme.line_strong } else { &self.theme.line };
            self.rule(rule, left, y + height, width, 0.0);
            let Some((values, past)) = self.picture.course(line) else { continue };
            let told = || values.iter().flatten().copied();
            let (low, high) = told().fold((f64::MAX, f64::MIN), |(low, high), one| (low.min(one), high.max(one)));
            if low > high {
                continue;
            }
            let step = (width - 2.0 * PAD_X) / (values.len().max(2) - 1) as f64;
            let place = |index: usize, value: f64| {
                let share = if high > low { (value - low) / (high - low) } else { 0.5 };
                (left + PAD_X + index as f64 * step, y + height - 4.0 - share * (height - 8.0))
            };
            // The plan goes on from where history ends.
            self.curve(&values[..*past], &self.theme.history, 1.0, place);
            let from = past.saturating_sub(1);
            self.curve(&values[from..], &self.theme.accent, 1.5, |index, value| place(from + index, value));
            if let Some((x, y)) = values.iter().rposition(Option::is_some).and_then(|at| Some(place(at, values[at]?))) {
                self.fill(&self.theme.accent, x - 1.5, y - 1.5, 3.0, 3.0);
            }
        }
        self.rule(&self.theme.line, left, 0.0, 0.0, self.top(self.layout.lines.len()).min(self.state.port.height));
    }

    /// A line through values; it breaks where one is missing.
    fn curve(&self, values: &[Option<f64>], colour: &str, width: f64, place: impl Fn(usize, f64) -> (f64, f64)) {
        self.context.set_stroke_style_str(colour);
        self.context.set_line_width(width);
        self.context.begin_path();
        let mut goes_on = false;
        for (index, value) in values.iter().enumerate() {
            match value {
                Some(value) if goes_on => {
                    let (x, y) = place(index, *value);
                    self.context.line_to(x, y);
                }
                Some(value) => {
                    let (x, y) = place(index, *value);
                    self.context.move_to(x, y);
                }
                None => {}
            }
            goes_on = value.is_some();
        }
        self.context.stroke();
    }

    /// What `SPARKLINE` draws, over the whole width of its cell.
    pub(super) fn bars(&self, text: &str, (x, y, width): (f64, f64, f64)) {
        let count = text.chars().count().max(1);
        let step = width / count as f64;
        let gap = if step > 3.0 { 1.0 } else { 0.0 };
        let room = self.state.port.line - 6.0;
        for (index, level) in text.chars().enumerate().filter(|(_, one)| *one != ' ') {
            let height = room * f64::from(level as u32 - *LOW_TO_HIGH.start() as u32 + 1) / 8.0;
            let bottom = y + self.state.port.line - 3.0;
            // Sharp edges, so that columns of one height look alike.
            let edge = |index: usize| ((x + index as f64 * step) * self.ratio).round() / self.ratio;
            let wide = (edge(index + 1) - edge(index) - gap).max(1.0);
            self.fill(&self.theme.accent, edge(index), bottom - height, wide, height);
        }
    }
}
