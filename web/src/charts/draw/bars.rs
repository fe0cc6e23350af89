//! Horizontal bars: a table whose cells hold bars, so that it reads as one.

use leptos::html;
use leptos::prelude::*;

use super::save::Save;
use crate::charts::scale::{Linear, extent};

/// One line of a [`BarList`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bar {
    pub name: String,
    pub value: f64,
    /// The value in words.
    pub text: String,
    /// A line to compare with: the budget, last year.
    pub mark: Option<f64>,
    /// A further word on the right, e.g. the margin.
    pub note: String,
}

/// Bars from zero, negative ones to the left, in the given order.
#[component]
pub fn BarList(
    /// What the table shows, for screen readers.
    #[prop(into)]
    caption: String,
    bars: Vec<Bar>,
    #[prop(default = "var(--chart-1)")] colour: &'static str,
    #[prop(default = "var(--chart-down)")] negative: &'static str,
    /// Whether the names are long, and worth room.
    #[prop(optional)]
    long_names: bool,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let name = caption.clone();
    let ends = bars.iter().flat_map(|bar| [Some(bar.value), bar.mark]).flatten().chain([0.0]);
    let (low, high) = extent(ends).unwrap_or((0.0, 1.0));
    let scale = Linear::new((low, if high > low { high } else { low + 1.0 }), (0.0, 100.0));
    let zero = scale.at(0.0);
    let has_notes = bars.iter().any(|bar| !bar.note.is_empty());
    let rows = bars
        .into_iter()
        .map(|bar| {
            let end = scale.at(bar.value);
            let (left, width) = (zero.min(end), (end - zero).abs());
            let paint = if bar.value < 0.0 { negative } else { colour };
            view! {
                <tr>
                    <th scope="row" class="truncate">{bar.name}</th>
                    <td class="track" aria-hidden="true">
                        <div>
                            <i class="bar" style=format!("left:{left:.2}%;width:{width:.2}%;background:{paint}")></i>
                            {bar.mark.map(|mark| view! { <i class="mark" style=format!("left:{:.2}%", scale.at(mark))></i> })}
                        </div>
                    </td>
                    <td class="number">{bar.text}</td>
                    {has_notes.then(|| view! { <td class="number note">{bar.note}</td> })}
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="chart" node_ref=node>
            <table class="barlist" class:long-names=long_names>
                <caption class="sr-only">{caption}</caption>
                <tbody>{rows}</tbody>
            </table>
            <Save node name />
        </div>
    }
}
