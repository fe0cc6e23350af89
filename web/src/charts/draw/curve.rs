//! One quantity against another, a point for each plan: what more of the one takes of the other.

use leptos::html;
use leptos::prelude::*;

use super::save::Save;
use super::width::use_width;
use crate::charts::path;
use crate::charts::scale::{Linear, extent, nice_ticks};
use crate::figures;

const LEFT: f64 = 64.0;
const RIGHT: f64 = 28.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 44.0;
const HEIGHT: f64 = 250.0;

/// A point and what it stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct CurvePoint {
    pub x: f64,
    pub y: f64,
    pub name: String,
    /// Whether it is the one to look at.
    pub marked: bool,
}

/// A line through points in their order. `across` and `up` name the axes, each with the unit of its values.
#[component]
pub fn CurveChart(
    #[prop(into)] title: String,
    across: (&'static str, &'static str),
    up: (&'static str, &'static str),
    points: Vec<CurvePoint>,
    colour: &'static str,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let width = use_width(node);
    let told = points.iter().map(|point| {
        let (x, y) = (figures::in_unit(point.x, across.1), figures::in_unit(point.y, up.1));
        format!("{}: {y} at {x}", point.name)
    });
    let words = format!("{title}. {} against {}. {}", up.0, across.0, told.collect::<Vec<_>>().join("; "));
    let drawing = move || draw(&points, width.get(), across, up, colour);
    view! {
        <figure class="chart-figure">
            <div class="chart" node_ref=node>
                <svg viewBox=move || format!("0 0 {} {HEIGHT}", width.get()) role="img" aria-label=words>
                    {drawing}
                </svg>
                <Save node name=title.clone() />
            </div>
        </figure>
    }
}

fn draw(
    points: &[CurvePoint],
    width: f64,
    across: (&'static str, &'static str),
    up: (&'static str, &'static str),
    colour: &'static str,
) -> impl IntoView + use<> {
    let bottom = HEIGHT - BOTTOM;
    let ends = |ticks: &[f64]| (ticks.first().copied().unwrap_or(0.0), ticks.last().copied().unwrap_or(1.0));
    let (low, high) = extent(points.iter().map(|point| point.x)).unwrap_or((0.0, 1.0));
    let x_ticks = nice_ticks(low, high, (width / 140.0).max(2.0) as usize);
    let (low, high) = extent(points.iter().map(|point| point.y)).unwrap_or((0.0, 1.0));
    let y_ticks = nice_ticks(low, high, 4);
    let x = Linear::new(ends(&x_ticks), (LEFT, width - RIGHT));
    let y = Linear::new(ends(&y_ticks), (bottom, TOP));
    let rules = figures::ticks(&y_ticks, up.1)
        .into_iter()
        .zip(&y_ticks)
        .map(|(label, tick)| {
            let at = y.at(*tick);
            view! {
                <line class="rule" x1=LEFT x2=width - RIGHT y1=at y2=at></line>
                <text class="axis" x=LEFT - 8.0 y=at + 4.0 text-anchor="end">{label}</text>
            }
        })
        .collect_view();
    let labels = figures::ticks(&x_ticks, across.1)
        .into_iter()
        .zip(&x_ticks)
        .map(|(label, tick)| view! { <text class="axis" x=x.at(*tick) y=bottom + 16.0 text-anchor="middle">{label}</text> })
        .collect_view();
    let places: Vec<Option<(f64, f64)>> = points.iter().map(|point| Some((x.at(point.x), y.at(point.y)))).collect();
    let mut free_from = f64::MIN;
    let dots = points
        .iter()
        .map(|point| {
            let (left, top) = (x.at(point.x), y.at(point.y));
            // Names that would stand on each other are left out; the table has them all.
            let shows = point.marked || left > free_from;
            if shows {
                free_from = left + 46.0;
            }
            let anchor = if left > width - RIGHT - 30.0 { "end" } else { "middle" };
            view! {
                <circle class="dot" class:marked=point.marked cx=left cy=top r=if point.marked { 5.5 } else { 3.5 } fill=colour></circle>
                {shows.then(|| view! { <text class="axis" x=left y=top - 9.0 text-anchor=anchor>{point.name.clone()}</text> })}
            }
        })
        .collect_view();
    view! {
        {rules}
        {labels}
        <text class="axis year" x=(LEFT + width - RIGHT) / 2.0 y=bottom + 36.0 text-anchor="middle">{across.0}</text>
        <text class="axis year" x=4.0 y=10.0>{up.0}</text>
        <path class="line" stroke=colour d=path::line(&places)></path>
        {dots}
    }
}
