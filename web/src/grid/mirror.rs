//! The visible window as an ARIA grid, for screen readers and whoever else reads pages rather than pixels.
//! Its cells lie exactly over the painted ones.

use std::fmt::Write as _;

use grid_engine::doc::MeasureKind;
use web_sys::Element;

use super::layout::{Across, HEADER, Layout, Line};
use super::selection::Spot;
use super::state::GridState;

/// The id of a cell's element, which the input names as the active one.
pub fn element_id(at: Spot) -> String {
    format!("cell-{}-{}", at.line, at.col)
}

/// The headings and rows of the visible window, each as HTML.
pub fn rows(state: &mut GridState) -> Vec<String> {
    let Some(layout) = state.layout.take() else { return Vec::new() };
    let columns: Vec<usize> = (0..layout.frozen).chain(state.port.columns(&layout)).collect();
    let mut rows = vec![headings(state, &layout, &columns)];
    rows.extend(state.port.shown(&layout).map(|line| row(state, &layout, &columns, line)));
    state.layout = Some(layout);
    rows
}

/// Puts rows in the place of those on the page: only those that are others, as long as there are as many.
pub fn write(mirror: &Element, before: &[String], rows: &[String]) {
    if before.len() != rows.len() {
        return mirror.set_inner_html(&rows.concat());
    }
    let mut element = mirror.first_element_child();
    for (before, row) in before.iter().zip(rows) {
        let Some(here) = element else { return mirror.set_inner_html(&rows.concat()) };
        element = here.next_element_sibling();
        if before != row {
            here.set_outer_html(row);
        }
    }
}

fn headings(state: &GridState, layout: &Layout, columns: &[usize]) -> String {
    let mut out = String::from("<div role=\"row\" aria-rowindex=\"1\">");
    for &col in columns {
        let column = &layout.columns[col];
        let over = if column.over.is_empty() { String::new() } else { format!(" {}", column.over) };
        let _ = write!(
            out,
            "<div role=\"columnheader\" aria-colindex=\"{}\" style=\"{}\">{}{}</div>",
            col + 1,
            place(layout.x(col, state.port.scroll_x), 0.0, column.width, HEADER),
            escape(&column.title),
            escape(&over)
        );
    }
    out.push_str("</div>");
    out
}

fn row(state: &mut GridState, layout: &Layout, columns: &[usize], line: usize) -> String {
    let port = state.port;
    let mut out = String::with_capacity(4 * 1024);
    let y = port.top(layout, line);
    let is_under = line >= port.frozen(layout) && y + port.line / 2.0 < port.split(layout);
    let row = layout.row(line).map(|row| format!(" data-row=\"{row}\"")).unwrap_or_default();
    let _ = write!(out, "<div role=\"row\" aria-rowindex=\"{}\"{row}>", line + 2);
    let group = match layout.lines.get(line) {
        Some(Line::Group { group, .. }) => layout.groups.get(*group as usize),
        _ => None,
    };
    if layout.label > 0.0
        && let Some(measure) = layout.measure(Spot { line, col: 0 })
    {
        let _ = write!(
            out,
            "<div role=\"rowheader\" style=\"{}\">{}</div>",
            place(layout.label_left(), y, layout.label, port.line),
            escape(&measure.name)
        );
    }
    for &col in columns {
        let at = Spot { line, col };
        let x = layout.x(col, port.scroll_x);
        // What lies under frozen columns and lines cannot be pressed.
        let hidden = is_under || col >= layout.frozen && x + layout.columns[col].width / 2.0 < layout.frozen_width();
        let style = place(x, y, layout.columns[col].width, port.line);
        let under = if hidden { " data-under=\"true\"" } else { "" };
        let id = element_id(at);
        let selected = state.selection.areas().any(|area| area.contains(at));
        if let Some(group) = group {
            let is_first = col == 0 && layout.starts_block(line);
            let text = match state.total(layout, at) {
                Some(total) => layout
                    .measure(at)
                    .map(|measure| state.source.written(layout.sheet, measure.id, total))
                    .unwrap_or_default(),
                None if is_first => group.name.clone(),
                None => String::new(),
            };
            let expanded = if is_first { format!(" aria-expanded=\"{}\"", !group.collapsed) } else { String::new() };
            // Totals of what people plan spread down; those of facts do not.
            let readonly = layout.measure(at).is_none_or(|measure| measure.kind == MeasureKind::Layer);
            let _ = write!(
                out,
                "<div role=\"gridcell\" id=\"{id}\" aria-colindex=\"{}\" data-total=\"{}\" aria-readonly=\"{readonly}\" aria-selected=\"{selected}\"{expanded}{under} style=\"{style}\">{}</div>",
                col + 1,
                layout.measure(at).map(|measure| measure.id.to_string()).unwrap_or_default(),
                escape(&text)
            );
            continue;
        }
        let (Some(cell), true) = (layout.cell(at), layout.in_span(at)) else { continue };
        let face = state.source.face(cell);
        let readonly = state.source.locked(cell).is_some();
        let measure = match layout.columns[col].across {
            Across::Time(_) => layout.measure(at).map(|measure| format!(" data-measure=\"{}\"", measure.id)),
            _ => None,
        };
        let pending = if face.pending { " aria-busy=\"true\"" } else { "" };
        let commented = if face.commented { " data-commented=\"true\" aria-description=\"has comments\"" } else { "" };
        let wrong = if face.wrong { " aria-invalid=\"true\"" } else { "" };
        let _ = write!(
            out,
            "<div role=\"gridcell\" id=\"{id}\" aria-colindex=\"{}\" data-row=\"{}\" data-col=\"{}\"{} data-source=\"{:?}\" aria-readonly=\"{readonly}\" aria-selected=\"{selected}\"{pending}{wrong}{commented}{under} style=\"{style}\">{}</div>",
            col + 1,
            cell.row,
            cell.col,
            measure.unwrap_or_default(),
            face.source,
            escape(&face.text)
        );
    }
    out.push_str("</div>");
    out
}

fn place(x: f64, y: f64, width: f64, height: f64) -> String {
    format!("left:{x:.0}px;top:{y:.0}px;width:{width:.0}px;height:{height:.0}px")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
