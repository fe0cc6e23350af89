//! A table with bars or tinted cells, redrawn as a drawing: where each box and each text stands on the screen.

use std::fmt::Write as _;

use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Element;

/// The marks of a drawing that looks as the element does, from its upper left corner.
pub(super) fn marks(root: &Element) -> Result<String, JsValue> {
    let mut out = String::new();
    let origin = root.get_bounding_client_rect();
    let all = root.query_selector_all("th, td, .track > div, .bar, .mark")?;
    for place in 0..all.length() {
        let Some(element) = all.item(place).and_then(|node| node.dyn_into::<Element>().ok()) else { continue };
        mark(&mut out, &element, origin.x(), origin.y())?;
    }
    Ok(out)
}

fn mark(out: &mut String, element: &Element, left: f64, top: f64) -> Result<(), JsValue> {
    let Some(style) = window().get_computed_style(element)? else { return Ok(()) };
    let of = |name: &str| style.get_property_value(name).unwrap_or_default();
    let bounds = element.get_bounding_client_rect();
    let (x, y, width, height) = (bounds.x() - left, bounds.y() - top, bounds.width(), bounds.height());
    if let Some(ground) = plain_colour(&of("background-color")) {
        let _ = write!(
            out,
            r#"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" rx="2" fill="{ground}"/>"#
        );
    }
    let is_leaf = element.child_element_count() == 0;
    let text = element.text_content().unwrap_or_default();
    if !is_leaf || text.trim().is_empty() {
        return Ok(());
    }
    let pixels = |name: &str| of(name).trim_end_matches("px").parse::<f64>().unwrap_or(0.0);
    let (start, anchor) = match of("text-align").as_str() {
        "right" | "end" => (x + width - pixels("padding-right"), "end"),
        "center" => (x + width / 2.0, "middle"),
        _ => (x + pixels("padding-left"), "start"),
    };
    let colour = plain_colour(&of("color")).unwrap_or_else(|| "#000".to_owned());
    let _ = write!(
        out,
        r#"<text x="{start:.1}" y="{:.1}" text-anchor="{anchor}" dominant-baseline="central" font-family="{}" font-size="{}" font-weight="{}" fill="{colour}">{}</text>"#,
        y + height / 2.0,
        of("font-family").replace('"', "'"),
        of("font-size"),
        of("font-weight"),
        escape(text.trim())
    );
    Ok(())
}

/// A colour as every program reads it; `None` where there is none to see.
fn plain_colour(computed: &str) -> Option<String> {
    if computed.is_empty() || computed == "transparent" || computed.ends_with(", 0)") {
        return None;
    }
    // What is mixed in style sheets comes as shares of one.
    let Some(shares) = computed.strip_prefix("color(srgb ").and_then(|rest| rest.strip_suffix(')')) else {
        return Some(computed.to_owned());
    };
    let channels: Vec<u8> = shares
        .split([' ', '/'])
        .filter_map(|share| share.parse::<f64>().ok())
        .take(3)
        .map(|share| (share * 255.0).round().clamp(0.0, 255.0) as u8)
        .collect();
    match *channels.as_slice() {
        [red, green, blue] => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
        _ => None,
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
