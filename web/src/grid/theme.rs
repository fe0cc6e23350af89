//! The colours of the canvas, read from the same tokens as everything else.

use web_sys::{CssStyleDeclaration, Element};

use super::cell_style::COLOURS;

/// What the painter paints with.
#[derive(Clone, Debug)]
pub struct Theme {
    pub ground: String,
    pub text: String,
    pub text_2: String,
    pub text_3: String,
    pub line: String,
    pub line_strong: String,
    pub accent: String,
    pub header: String,
    pub group: String,
    pub readonly: String,
    pub selection: String,
    pub now: String,
    pub history: String,
    pub baseline: String,
    pub input: String,
    pub input_ground: String,
    pub formula: String,
    pub overridden: String,
    pub overridden_ground: String,
    pub layer: String,
    pub error: String,
    pub note: String,
    /// What people colour text and ground with, in the order of [`COLOURS`].
    pub inks: [String; COLOURS.len()],
    pub fills: [String; COLOURS.len()],
    /// The font's families.
    pub font: String,
}

impl Theme {
    /// Reads the tokens as they hold at an element.
    pub fn read(element: &Element) -> Option<Self> {
        let style: CssStyleDeclaration = web_sys::window()?.get_computed_style(element).ok()??;
        let token = |name: &str| style.get_property_value(name).unwrap_or_default().trim().to_owned();
        Some(Self {
            ground: token("--surface"),
            text: token("--cell-text"),
            text_2: token("--text-2"),
            text_3: token("--text-3"),
            line: token("--cell-grid-line"),
            line_strong: token("--line-strong"),
            accent: token("--accent"),
            header: token("--cell-header-ground"),
            group: token("--cell-group-ground"),
            readonly: token("--cell-readonly-ground"),
            selection: token("--cell-selection"),
            now: token("--cell-now-line"),
            history: token("--cell-history"),
            baseline: token("--cell-baseline"),
            input: token("--cell-input"),
            input_ground: token("--cell-input-ground"),
            formula: token("--cell-formula"),
            overridden: token("--cell-overridden"),
            overridden_ground: token("--cell-overridden-ground"),
            layer: token("--cell-layer"),
            error: token("--cell-error"),
            note: token("--warn"),
            inks: COLOURS.map(|name| token(&format!("--ink-{name}"))),
            fills: COLOURS.map(|name| token(&format!("--fill-{name}"))),
            font: token("--font"),
        })
    }
}
