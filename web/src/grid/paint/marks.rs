//! What lies over the cells: the selection, areas in the making, references, and the other people.

use super::super::layout::HEADER;
use super::super::selection::{Area, Spot};
use super::Painter;

/// The colours of references while a formula is written; they stand out on light and dark alike.
pub(in super::super) const MENTIONED: [&str; 6] = ["#2f7de1", "#d9541e", "#8b5cf6", "#12938a", "#d6336c", "#b7791f"];

impl Painter<'_> {
    /// Where the plan begins.
    pub(super) fn now_line(&self) {
        let bottom = self.top(self.layout.lines.len()).min(self.state.port.height);
        let side_by_side = if self.layout.is_flat { self.layout.slots.len() } else { 1 };
        self.context.set_global_alpha(0.55);
        for col in (0..side_by_side).filter_map(|slot| self.layout.current_col(slot)) {
            self.fill(&self.theme.now, self.left(col) - 1.5, HEADER, 2.0, bottom - HEADER);
        }
        self.context.set_global_alpha(1.0);
    }

    /// Selection, copied area, fill, and the others' cursors.
    pub(super) fn marks(&mut self) {
        if self.layout.lines.is_empty() || self.layout.columns.is_empty() {
            return;
        }
        let selection = self.state.selection.clone();
        for area in selection.areas().filter(|area| self.is_in_part(*area)) {
            if area.size() != (1, 1) || !selection.others.is_empty() {
                let (x, y, width, height) = self.area_box(area);
                self.fill(&self.theme.selection, x, y, width, height);
            }
        }
        let outline = |this: &Self, area: Area, colour: &str, width: f64| {
            if !this.is_in_part(area) {
                return;
            }
            let (x, y, w, h) = this.area_box(area);
            this.context.set_stroke_style_str(colour);
            this.context.set_line_width(width);
            this.context.stroke_rect(x - 0.5, y - 0.5, w, h);
        };
        for &copied in &self.state.copied {
            let _ = self.context.set_line_dash(&js_sys::Array::of2(&4.0.into(), &3.0.into()));
            outline(self, copied, &self.theme.accent, 1.5);
            let _ = self.context.set_line_dash(&js_sys::Array::new());
        }
        let mentioned = self.state.mentioned.iter().enumerate();
        for (index, mentioned) in mentioned.filter(|(_, area)| self.is_in_part(**area)) {
            let colour = MENTIONED[index % MENTIONED.len()];
            let (x, y, width, height) = self.area_box(*mentioned);
            self.context.set_global_alpha(0.1);
            self.fill(colour, x, y, width, height);
            self.context.set_global_alpha(1.0);
            outline(self, *mentioned, colour, 2.0);
        }
        self.trace();
        self.pen.forget();
        let area = selection.area();
        outline(self, area, &self.theme.accent, if area.size() == (1, 1) { 2.0 } else { 1.5 });
        if area.size() != (1, 1) {
            let at = selection.active;
            outline(self, Area::between(at, at), &self.theme.accent, 2.0);
        }
        if let Some(filling) = self.state.filling {
            let _ = self.context.set_line_dash(&js_sys::Array::of2(&2.0.into(), &2.0.into()));
            outline(self, filling, &self.theme.text_2, 1.5);
            let _ = self.context.set_line_dash(&js_sys::Array::new());
        }
        let corner = Spot { line: area.bottom, col: area.right };
        if self.is_in_part(Area::between(corner, corner)) {
            let (x, y, width, height) = self.area_box(area);
            self.fill(&self.theme.ground, x + width - 4.5, y + height - 4.5, 8.0, 8.0);
            self.fill(&self.theme.accent, x + width - 3.5, y + height - 3.5, 6.0, 6.0);
        }
        self.cursors();
    }

    fn cursors(&self) {
        for (at, cursor) in &self.picture.cursors {
            let area = Area::between(*at, *at);
            if !self.is_in_part(area) {
                continue;
            }
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
            let wide = self.measured(&label) + 10.0;
            // Above the cell, or below it when that would be under the header.
            let top = if y - 16.0 >= HEADER { y - 16.0 } else { y + height };
            self.fill(&cursor.colour, x - 1.5, top, wide, 16.0);
            self.text(&label, x + 3.5, top + 8.5, wide, false, "#ffffff");
        }
    }
}
