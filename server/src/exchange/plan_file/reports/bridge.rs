//! A bridge as one table: where it starts, each cause with the lines behind it, and where it ends.

use grid_engine::plan::{Bridge, WhoChanged};

use super::super::Pages;
use super::{PageCell, blank, figure, heads, page, text};

fn who(people: &[WhoChanged]) -> PageCell {
    match people {
        [] => blank(),
        people => text(&people.iter().map(WhoChanged::in_short).collect::<Vec<_>>().join(" · ")),
    }
}

impl Pages {
    /// The bridge from the version named first to the other, its causes broken down by `by`. A cause stands in a row of its
    /// own before its lines, which sum to it.
    pub fn of_bridge(bridge: &Bridge, (from, to): (&str, &str), by: &str) -> Self {
        let end =
            |name: &str, value: f64| vec![text(name), blank(), figure(Some(value), &bridge.unit), blank(), blank()];
        let mut rows = vec![end(from, bridge.from)];
        for part in &bridge.parts {
            let name = part.cause.name();
            rows.push(vec![
                text(name),
                blank(),
                figure(Some(part.value), &bridge.unit),
                text(part.cause.meaning()),
                who(&part.people),
            ]);
            let line = |line: &grid_engine::plan::BridgeLine| {
                vec![text(name), text(&line.name), figure(Some(line.value), &bridge.unit), blank(), who(&line.people)]
            };
            rows.extend(part.lines.iter().map(line));
        }
        rows.push(end(to, bridge.to));
        Self {
            sheets: vec![page("Bridge", heads(["Step", by, "Value", "Meaning", "Entered by"]), 2, rows)],
            names: Vec::new(),
        }
    }
}
