//! What everything is painted with: filled boxes, hairlines, and text that fits its room.

use std::cell::{Cell, RefCell};

use super::Painter;
use crate::locale;

/// How the canvas is set at present: it is told only what changes, because each word to it costs.
#[derive(Default)]
pub(super) struct Pen {
    ink: RefCell<String>,
    font: Cell<Option<Font>>,
    right: Cell<Option<bool>>,
    /// Width of a digit in each font used so far.
    digits: RefCell<Vec<(Font, f64)>>,
}

/// Weight, slant and size.
type Font = (u16, bool, f64);

impl Pen {
    /// The canvas has gone back to what it was set to before.
    pub(super) fn forget(&self) {
        self.ink.borrow_mut().clear();
        self.font.set(None);
        self.right.set(None);
    }
}

impl Painter<'_> {
    pub(in super::super) fn fill(&self, colour: &str, x: f64, y: f64, width: f64, height: f64) {
        self.ink(colour);
        self.context.fill_rect(x, y, width, height);
    }

    /// The colour of what is filled and written from now on.
    pub(super) fn ink(&self, colour: &str) {
        let mut ink = self.pen.ink.borrow_mut();
        if *ink != colour {
            self.context.set_fill_style_str(colour);
            colour.clone_into(&mut ink);
        }
    }

    /// A hairline that is one device pixel wide on every screen.
    pub(super) fn rule(&self, colour: &str, x: f64, y: f64, width: f64, height: f64) {
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

    pub(super) fn font(&self, weight: u16, italic: bool, size: f64) {
        if self.pen.font.replace(Some((weight, italic, size))) == Some((weight, italic, size)) {
            return;
        }
        let style = if italic { "italic " } else { "" };
        self.context.set_font(&format!("{style}{weight} {size}px {}", self.theme.font));
    }

    /// Text within a width: numbers that do not fit become `####`, other text ends in `…`.
    pub(super) fn text(&self, text: &str, x: f64, y: f64, width: f64, right: bool, colour: &str) {
        if text.is_empty() || width <= 0.0 {
            return;
        }
        let cut = if self.surely_fits(text, width) { None } else { self.cut(text, width, right) };
        self.ink(colour);
        if self.pen.right.replace(Some(right)) != Some(right) {
            self.context.set_text_align(if right { "right" } else { "left" });
            self.context.set_text_baseline("middle");
        }
        let _ = self.context.fill_text(cut.as_deref().unwrap_or(text), if right { x + width } else { x }, y);
    }

    /// A short text around a place.
    pub(super) fn centred(&self, text: &str, x: f64, y: f64, colour: &str) {
        self.ink(colour);
        self.pen.right.set(None);
        self.context.set_text_align("center");
        self.context.set_text_baseline("middle");
        let _ = self.context.fill_text(text, x, y);
    }

    /// Whether a number is known to fit without measuring it: figures are set in digits of one width, and nothing else
    /// in them is wider.
    fn surely_fits(&self, text: &str, width: f64) -> bool {
        let is_figure = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b',' | b'.' | b'-' | b' '));
        let Some(font) = self.pen.font.get().filter(|_| is_figure) else { return false };
        let mut digits = self.pen.digits.borrow_mut();
        let known = digits.iter().find(|(of, _)| *of == font).map(|(_, digit)| *digit);
        let digit = known.unwrap_or_else(|| {
            let digit = self.measured("0");
            digits.push((font, digit));
            digit
        });
        text.len() as f64 * digit <= width
    }

    /// What is shown of a text that does not fit; `None` where it does.
    fn cut(&self, text: &str, width: f64, right: bool) -> Option<String> {
        let full = self.measured(text);
        if full <= width {
            return None;
        }
        if right {
            let hashes = || "#".repeat(((width / 9.0) as usize).max(1));
            return Some(self.shortened(text, width).unwrap_or_else(hashes));
        }
        let count = text.chars().count();
        let mut keep = ((count as f64 * width / full) as usize).min(count);
        loop {
            let shown = text.chars().take(keep).collect::<String>().trim_end().to_owned() + "…";
            if keep == 0 || self.measured(&shown) <= width {
                return Some(shown);
            }
            keep -= 1;
        }
    }

    pub(super) fn measured(&self, text: &str) -> f64 {
        self.context.measure_text(text).map_or(0.0, |metrics| metrics.width())
    }

    /// A number as exactly as fits, at last in thousands, millions or billions; `None` when nothing does.
    fn shortened(&self, text: &str, width: f64) -> Option<String> {
        let number = locale::bare(text)?;
        let fits = |text: &String| self.measured(text) <= width;
        let plain = (0..=6).rev().map(|decimals| locale::current().shown(&format!("{number:.decimals$}")));
        let whole = number.abs() < 1000.0 || number.fract() != 0.0;
        let units = [(1e3, "K"), (1e6, "M"), (1e9, "B")];
        let (unit, name) = units.into_iter().rev().find(|(unit, _)| number.abs() >= *unit).unwrap_or(units[0]);
        let short = (0..=2)
            .rev()
            .map(|decimals| locale::current().shown(&format!("{:.decimals$}\u{2009}{name}", number / unit)));
        plain.filter(|_| whole).chain(short).find(fits)
    }
}
