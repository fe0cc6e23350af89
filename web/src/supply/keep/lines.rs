//! The lines that are meant, each with a mark that leaves it out.

use std::collections::BTreeSet;

use grid_engine::plan::KeptLine;
use grid_engine::value::order::sort_by;
use leptos::prelude::*;

use crate::charts::Sparkline;
use crate::figures;
use crate::ui::{FiguresTable, Head};

/// Lines shown; the others are kept all the same.
const SHOWN: usize = 150;

/// A line with what is meant of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Kind, object and item.
    of: [String; 3],
    /// Units by bucket.
    units: Vec<f64>,
}

impl Line {
    pub fn of(kept: &KeptLine<'_>) -> Self {
        let line = kept.line;
        let of = [&line.kind, &line.object, &line.item].map(Clone::clone);
        Self { of, units: kept.units.iter().map(|(_, units)| *units).collect() }
    }

    /// What no other line is called.
    pub fn name(&self) -> String {
        self.of.join("\n")
    }
}

/// The lines, those with most units first.
#[component]
pub fn Lines(lines: Memo<Vec<Line>>, left_out: RwSignal<BTreeSet<String>>) -> impl IntoView {
    let body = move || {
        let mut lines = lines.get();
        let total = |line: &Line| line.units.iter().sum::<f64>();
        sort_by(&mut lines, |a, b| total(b).total_cmp(&total(a)));
        let several = lines.iter().any(|line| line.units.len() > 1);
        let more = lines.len().saturating_sub(SHOWN);
        lines.truncate(SHOWN);
        let rows = lines.into_iter().map(|line| row(line, left_out)).collect_view();
        let words = format!("{more} more with less are kept too. Choose one item to see them.");
        let mut heads = vec![Head::words("Of"), Head::numbers("Units")];
        if several {
            heads.insert(1, Head::words("Over time"));
        }
        view! {
            <FiguresTable label="Quantities to keep" heads>{rows}</FiguresTable>
            {(more > 0).then(|| view! { <p class="muted">{words}</p> })}
        }
    };
    view! { <div class="keep-lines">{body}</div> }
}

fn row(line: Line, left_out: RwSignal<BTreeSet<String>>) -> AnyView {
    let name = StoredValue::new(line.name());
    let [kind, object, item] = line.of;
    // Routes and contracts mostly bear the name of their item.
    let about = if object.contains(&item) { kind } else { format!("{kind}, {item}") };
    let is_kept = move || left_out.with(|left_out| name.with_value(|name| !left_out.contains(name)));
    let turn = move |event| {
        let kept = event_target_checked(&event);
        left_out.update(|left_out| {
            let name = name.get_value();
            let _ = if kept { left_out.remove(&name) } else { left_out.insert(name) };
        });
    };
    let (total, several) = (line.units.iter().sum::<f64>(), line.units.len() > 1);
    let values: Vec<Option<f64>> = line.units.into_iter().map(Some).collect();
    let over_time = several.then(|| view! { <td class="spark"><Sparkline values label=object.clone() /></td> });
    view! {
        <tr>
            <th scope="row">
                <label class="check"><input type="checkbox" prop:checked=is_kept on:change=turn /><span>{object}" "<span class="muted">{about}</span></span></label>
            </th>
            {over_time}
            <td class="number">{figures::grouped(total, 0)}</td>
        </tr>
    }
    .into_any()
}
