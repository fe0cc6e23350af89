//! A figure with one driver after another lower and higher than planned.

use leptos::html;
use leptos::prelude::*;

use super::legend::{Legend, Mark};
use super::save::Save;
use super::width::use_width;
use crate::charts::scale::{Linear, nice_ticks};
use crate::figures;

const ROW: f64 = 30.0;
const TOP: f64 = 8.0;
const BOTTOM: f64 = 26.0;
/// Room for the drivers' names, and for the figures at the ends of bars.
const NAMES: f64 = 120.0;
const FIGURES: f64 = 60.0;

const LOWER: &str = "var(--chart-2)";
const HIGHER: &str = "var(--chart-1)";

/// A tornado: from the figure as planned to what it is with the driver lower and higher, the widest on top.
#[component]
pub fn TornadoChart(#[prop(into)] title: String, base: f64, bars: Vec<(String, f64, f64)>) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let width = use_width(node);
    let one = |(name, low, high): &(String, f64, f64)| {
        format!("{name} {} to {}", figures::compact(*low), figures::compact(*high))
    };
    let words = bars.iter().map(one).collect::<Vec<_>>().join(", ");
    let height = TOP + ROW * bars.len() as f64 + BOTTOM;
    let drawing = move || draw(&bars, base, width.get(), height);
    view! {
        <div class="chart" node_ref=node>
            <svg
                viewBox=move || format!("0 0 {} {height}", width.get())
                role="img"
                aria-label=format!("{title}, {} as planned: {words}", figures::compact(base))
            >
                {drawing}
            </svg>
            <Legend entries=vec![("Lower".to_owned(), LOWER, Mark::Bars), ("Higher".to_owned(), HIGHER, Mark::Bars)] />
            <Save node name=title.clone() />
        </div>
    }
}

fn draw(bars: &[(String, f64, f64)], base: f64, width: f64, height: f64) -> impl IntoView + use<> {
    let ends = bars.iter().flat_map(|(_, low, high)| [*low, *high]);
    let (least, most) = ends.fold((base, base), |(least, most), end| (least.min(end), most.max(end)));
    let x = Linear::new((least, most), (NAMES + FIGURES, width - FIGURES));
    let ticks = nice_ticks(least, most, ((width - NAMES) / 110.0).clamp(2.0, 6.0) as usize);
    let ticks: Vec<f64> = ticks.into_iter().filter(|tick| (least..=most).contains(tick)).collect();
    let axis = figures::ticks(&ticks, "")
        .into_iter()
        .zip(&ticks)
        .map(|(label, tick)| {
            let at = x.at(*tick);
            view! {
                <line class="link" x1=at x2=at y1=TOP y2=height - BOTTOM></line>
                <text class="axis" x=at y=height - 8.0 text-anchor="middle">{label}</text>
            }
        })
        .collect_view();
    let middle = x.at(base);
    let rows = bars
        .iter()
        .enumerate()
        .map(|(index, (name, low, high))| {
            let y = TOP + ROW * index as f64 + 4.0;
            let side = |end: f64, colour: &'static str, sign: &'static str| {
                let at = x.at(end);
                let (text, anchor) = if end < base { (at - 5.0, "end") } else { (at + 5.0, "start") };
                let change = figures::signed(figures::compact(end - base), end - base);
                (end != base).then(|| {
                    view! {
                        <rect x=at.min(middle) y=y width=(at - middle).abs().max(1.0) height=ROW - 8.0 rx="2" fill=colour>
                            <title>{format!("{name} {sign}: {}", figures::compact(end))}</title>
                        </rect>
                        <text class="value" x=text y=y + 15.0 text-anchor=anchor>{change}</text>
                    }
                })
            };
            let bars = [side(*low, LOWER, "lower"), side(*high, HIGHER, "higher")];
            view! {
                <text class="axis" x=NAMES - 6.0 y=y + 15.0 text-anchor="end">{name.clone()}</text>
                {bars}
            }
        })
        .collect_view();
    view! { {axis}{rows}<line class="zero" x1=middle x2=middle y1=TOP y2=height - BOTTOM></line> }
}
