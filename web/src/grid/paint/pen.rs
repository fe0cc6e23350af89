//! What everything is painted with: filled boxes, hairlines, and text that fits its room.

use super::Painter;
use crate::locale;

impl Painter<'_> {
    pub(in super::super) fn fill(&self, colour: &str, x: f64, y: f64, width: f64, height: f64) {
        self.context.set_fill_style_str(colour);
        self.context.fill_rect(x, y, width, height);
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
        let style = if italic { "italic " } else { "" };
        self.context.set_font(&format!("{style}{weight} {size}px {}", self.theme.font));
    }

    /// Text within a width: numbers that do not fit become `####`, other text ends in `…`.
    pub(super) fn text(&self, text: &str, x: f64, y: f64, width: f64, right: bool, colour: &str) {
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
}
