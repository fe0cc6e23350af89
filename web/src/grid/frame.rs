//! When the grid is painted, and what lies over the painting: the input, and the mirror for screen readers.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::CanvasRenderingContext2d;

use super::handle::Grid;
use super::mirror;
use super::paint::paint;
use super::selection::Spot;
use super::theme::Theme;

/// The input's upper and lower border, in CSS pixels.
const BORDERS: f64 = 4.0;

const MIRROR_PAUSE: Duration = Duration::from_millis(60);

/// Where the input stands over the grid: left, top and width, its cell, and the text that gives it its height.
#[derive(Clone, PartialEq)]
pub(super) struct Placed {
    place: [f64; 3],
    at: Spot,
    text: Option<String>,
}

impl Grid {
    /// Paints with the next frame, once for everything that happens until then. The mirror waits for no frame: one can be
    /// long in coming, and who reads the page rather than looks at it is told what stands.
    pub fn redraw(&self) {
        self.mirror_soon();
        if self.frame_due.try_get_value() != Some(false) {
            return;
        }
        self.frame_due.set_value(true);
        let grid = *self;
        request_animation_frame(move || grid.paint_due());
    }

    /// Paints what a person's key or press has changed as soon as all that follows from it is done: the browser shows it
    /// with its next frame, which then waits for no painting.
    pub(super) fn answer(&self) {
        if self.frame_due.try_get_value() == Some(true) {
            let grid = *self;
            set_timeout(move || grid.paint_due(), Duration::ZERO);
        }
    }

    fn paint_due(&self) {
        if self.frame_due.try_get_value() == Some(true) {
            self.frame_due.set_value(false);
            self.frame();
        }
    }

    fn frame(&self) {
        let (Some(canvas), Some(scroller)) = (self.canvas.get_untracked(), self.scroller.get_untracked()) else {
            return;
        };
        let ratio = window().device_pixel_ratio().max(1.0);
        let Ok(Some(context)) = canvas.get_context("2d") else { return };
        let context: CanvasRenderingContext2d = context.unchecked_into();
        if self.theme.with_value(Option::is_none) {
            let theme = Theme::read(&canvas);
            if let Some(theme) = &theme {
                self.measure_font(&context, theme);
            }
            self.theme.set_value(theme);
        }
        let Some(theme) = self.theme.get_value() else { return };
        let pulse = js_sys::Math::sin(js_sys::Date::now() / 280.0) / 2.0 + 0.5;
        let painted = self.with(|state| {
            state.port.scroll_x = f64::from(scroller.scroll_left());
            state.port.scroll_y = f64::from(scroller.scroll_top());
            let (width, height) = (state.port.width * ratio, state.port.height * ratio);
            if canvas.width() != width as u32 || canvas.height() != height as u32 {
                canvas.set_width(width as u32);
                canvas.set_height(height as u32);
                state.painted = None;
                let size = format!("width:{}px;height:{}px", state.port.width, state.port.height);
                let _ = canvas.set_attribute("style", &size);
                if let Some(mirror) = self.mirror.get_untracked() {
                    let _ = mirror.set_attribute("style", &size);
                }
            }
            paint(&context, state, &theme, ratio, pulse)
        });
        self.place_input();
        if painted.is_some_and(|painted| painted.pending) {
            let grid = *self;
            set_timeout(move || grid.redraw(), Duration::from_millis(90));
        }
    }

    /// Learns how wide the font's characters are, and lays out anew where they are wider or narrower than thought.
    fn measure_font(&self, context: &CanvasRenderingContext2d, theme: &Theme) {
        const SAMPLE: &str = "SKU-014 Beverages 0.33 L Retail DACH";
        context.set_font(&format!("600 12.5px {}", theme.font));
        let Ok(metrics) = context.measure_text(SAMPLE) else { return };
        let character = metrics.width() / SAMPLE.chars().count() as f64;
        let other = self.with(|state| {
            let other = (state.character - character).abs() > 0.1;
            state.character = character;
            if other {
                state.lay_out();
            }
            other
        });
        if other == Some(true) {
            self.after_layout();
        }
    }

    /// Keeps the input over the active cell, so that the editor opens there and screen magnifiers follow.
    fn place_input(&self) {
        let Some(input) = self.input.get_untracked() else { return };
        let placed = self.with(|state| {
            let layout = state.layout.as_ref()?;
            let edited = self.editing.with_untracked(|editing| {
                editing.as_ref().filter(|editing| editing.sheet == layout.sheet).map(|editing| editing.at)
            });
            let at = edited.unwrap_or(state.selection.active);
            let width = layout.columns.get(at.col)?.width;
            let (x, y) = (layout.x(at.col, state.port.scroll_x), state.port.top(layout, at.line));
            Some((x, y, width, state.port, at))
        });
        let Some((x, y, width, port, at)) = placed.flatten() else { return };
        let text = self.editing.with_untracked(|editing| editing.as_ref().map(|editing| editing.text.clone()));
        let width = match &text {
            // The editor grows with its text as far as there is room.
            Some(text) => {
                let longest = text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
                (longest as f64 * 7.6 + 24.0).clamp(width + 1.0, (port.width - x - 8.0).max(width + 1.0))
            }
            None => width,
        };
        let placed = Placed { place: [x - 1.0, y - 1.0, width + 1.0], at, text };
        if self.input_at.try_get_value().flatten().as_ref() == Some(&placed) {
            return;
        }
        let style = web_sys::HtmlElement::style(&input);
        let set = |name: &str, value: f64| drop(style.set_property(name, &format!("{value}px")));
        ["left", "top", "width"].into_iter().zip(placed.place).for_each(|(name, value)| set(name, value));
        let one_line = port.line + 1.0;
        set("height", one_line);
        if placed.text.is_some() {
            // Only the browser knows where the text wraps. Below the view nothing of it could be read.
            let whole = f64::from(input.scroll_height()) + BORDERS;
            let height = whole.clamp(one_line, (port.height - y).max(one_line));
            set("height", height);
            let _ = style.set_property("overflow-y", if whole > height { "auto" } else { "hidden" });
        }
        self.input_at.set_value(Some(placed));
        let _ = input.set_attribute("aria-activedescendant", &mirror::element_id(at));
    }

    /// Writes the ARIA mirror shortly: not with every frame, so that scrolling stays smooth.
    fn mirror_soon(&self) {
        if self.mirror_due.try_get_value() != Some(false) {
            return;
        }
        self.mirror_due.set_value(true);
        let grid = *self;
        set_timeout(
            move || {
                if grid.mirror_due.try_set_value(false).is_none() {
                    grid.write_mirror();
                }
            },
            MIRROR_PAUSE,
        );
    }

    fn write_mirror(&self) {
        let Some(mirror) = self.mirror.get_untracked() else { return };
        let Some(rows) = self.with(mirror::rows) else { return };
        self.mirrored.with_value(|before| mirror::write(&mirror, before, &rows));
        self.mirrored.set_value(rows);
    }
}
