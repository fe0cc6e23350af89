//! From one level to another, step by step.

use leptos::html;
use leptos::prelude::*;

use super::save::Save;
use super::width::use_width;
use crate::charts::scale::{Linear, Places};
use crate::charts::stack::{Step, axis, fold, waterfall};
use crate::figures;

const HEIGHT: f64 = 240.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 34.0;
/// A step narrower than this cannot hold its figure.
const STEP: f64 = 62.0;

/// A waterfall: totals stand on zero, changes hang between them.
#[component]
pub fn Waterfall(
    #[prop(into)] title: String,
    steps: Vec<Step>,
    /// Of the figures; money where it is not told.
    #[prop(optional)]
    unit: String,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let width = use_width(node);
    let words = steps
        .iter()
        .map(|step| format!("{} {}", step.name, figures::in_unit(step.value, &unit)))
        .collect::<Vec<_>>()
        .join(", ");
    let cut = if axis(&waterfall(&steps)).0 > 0.0 { ", on an axis that does not begin at zero" } else { "" };
    let label = format!("{title}{cut}: {words}");
    let drawing = move || draw(&steps, &unit, width.get());
    view! {
        <div class="chart waterfall" node_ref=node>
            <svg viewBox=move || format!("0 0 {} {HEIGHT}", width.get()) role="img" aria-label=label>
                {drawing}
            </svg>
            <Save node name=title />
        </div>
    }
}

/// Two slanted strokes across a bar: what stands under them is left out.
fn break_mark(left: f64, right: f64) -> String {
    let (left, right, low) = (left - 3.0, right + 3.0, HEIGHT - BOTTOM - 10.0);
    let high = low - 8.0;
    format!("M{left} {low} L{right} {high} V{} L{left} {}", high + 5.0, low + 5.0)
}

fn draw(steps: &[Step], unit: &str, width: f64) -> impl IntoView + use<> {
    let steps = fold(steps, (width / STEP) as usize);
    let bars = waterfall(&steps);
    let bounds = axis(&bars);
    let is_cut = bounds.0 > 0.0;
    let y = Linear::new(bounds, (HEIGHT - BOTTOM, if is_cut { TOP + 16.0 } else { TOP }));
    let said = is_cut.then(|| {
        let words = format!("The axis begins at {}, not at zero", figures::in_unit(bounds.0, unit));
        view! { <text class="axis" x="0" y="10">{words}</text> }
    });
    let places = Places::new(steps.len(), 0.0, width);
    let bar = (places.step() * 0.62).min(84.0);
    let zero = y.at(bounds.0.max(0.0));
    // About seven pixels to a letter of the axis' size.
    let letters = ((places.step() - 4.0) / 6.2).max(3.0) as usize;
    let parts = steps
        .iter()
        .zip(&bars)
        .enumerate()
        .map(|(index, (step, (from, to)))| {
            let middle = places.middle(index);
            let (a, b) = (y.at(from.max(bounds.0)), y.at(*to));
            let colour = match (step.total, step.value < 0.0) {
                (true, _) => "var(--chart-1)",
                (false, true) => "var(--chart-down)",
                (false, false) => "var(--chart-up)",
            };
            let value = if step.total { figures::in_unit(step.value, unit) } else { figures::difference_in_unit(step.value, unit) };
            let name = if step.name.chars().count() > letters {
                step.name.chars().take(letters - 1).chain(['…']).collect()
            } else {
                step.name.clone()
            };
            let link = (index + 1 < steps.len()).then(|| {
                view! { <line class="link" x1=middle + bar / 2.0 x2=places.middle(index + 1) - bar / 2.0 y1=b y2=b></line> }
            });
            view! {
                <rect x=middle - bar / 2.0 y=a.min(b) width=bar height=(a - b).abs().max(1.0) rx="2" fill=colour></rect>
                {(is_cut && step.total).then(|| view! { <path class="break" d=break_mark(middle - bar / 2.0, middle + bar / 2.0)></path> })}
                {link}
                <text class="value" x=middle y=a.min(b) - 6.0 text-anchor="middle">{value}</text>
                <text class="axis" x=middle y=HEIGHT - 12.0 text-anchor="middle">{name}<title>{step.name.clone()}</title></text>
            }
        })
        .collect_view();
    view! { <line class="zero" x1="0" x2=width y1=zero y2=zero></line>{said}{parts} }
}
