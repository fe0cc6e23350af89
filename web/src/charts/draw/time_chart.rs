//! Series over buckets: lines, areas and stacked bars, an interval, history apart from plan.

use grid_engine::calendar::Bucket;
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html;
use leptos::prelude::*;

use super::legend::{Legend, Mark};
use super::save::Save;
use super::width::use_width;
use crate::charts::path;
use crate::charts::scale::{Linear, Places, extent, label_every, nice_ticks};
use crate::charts::stack::stack;
use crate::charts::time;
use crate::figures;

const LEFT: f64 = 52.0;
const RIGHT: f64 = 8.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 36.0;

/// A series of a [`TimeChart`]; one value for each of its buckets.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub name: String,
    /// A CSS colour, e.g. `var(--chart-consensus)`.
    pub colour: &'static str,
    pub mark: Mark,
    pub values: Vec<Option<f64>>,
}

/// What the chart shows; all series are as long as `buckets`.
#[derive(Clone, Debug, PartialEq)]
struct Picture {
    buckets: Vec<Bucket>,
    series: Vec<Series>,
    /// Lower and upper end of the prediction interval.
    band: Vec<Option<(f64, f64)>>,
    /// Index of the first planned bucket.
    plan_from: Option<usize>,
    height: f64,
}

/// A chart over time. Pointing at it, or the arrow keys, read out a bucket.
#[component]
pub fn TimeChart(
    /// What it shows, in words.
    #[prop(into)]
    title: String,
    buckets: Vec<Bucket>,
    series: Vec<Series>,
    #[prop(optional)] band: Vec<Option<(f64, f64)>>,
    /// The first planned bucket: the ground changes there.
    #[prop(optional)]
    plan_from: Option<Bucket>,
    #[prop(default = 260.0)] height: f64,
    /// Whether the value axis must include zero; bars always do.
    #[prop(default = true)]
    from_zero: bool,
) -> impl IntoView {
    let plan_from = plan_from.and_then(|plan| buckets.iter().position(|bucket| *bucket >= plan));
    let legend: Vec<_> = series.iter().map(|series| (series.name.clone(), series.colour, series.mark)).collect();
    let table = table(&buckets, &series);
    let picture = StoredValue::new(Picture { buckets, series, band, plan_from, height });
    let node = NodeRef::<html::Div>::new();
    let width = use_width(node);
    let pointed = RwSignal::new(None::<usize>);
    let count = picture.with_value(|picture| picture.buckets.len());
    let places = Memo::new(move |_| Places::new(count, LEFT, width.get() - RIGHT));
    let on_move = move |event: PointerEvent| {
        let Some(element) = node.get_untracked() else { return };
        let pixel = f64::from(event.client_x()) - element.get_bounding_client_rect().left();
        pointed.set(places.get_untracked().index_at(pixel));
    };
    let on_key = move |event: KeyboardEvent| {
        let at = pointed.get_untracked();
        let next = match event.key().as_str() {
            "ArrowRight" => at.map_or(0, |at| (at + 1).min(count.saturating_sub(1))),
            "ArrowLeft" => at.map_or(count.saturating_sub(1), |at| at.saturating_sub(1)),
            "Escape" => return pointed.set(None),
            _ => return,
        };
        event.prevent_default();
        pointed.set(Some(next));
    };
    let drawing = move || picture.with_value(|picture| draw(picture, width.get(), from_zero));
    let cursor = move || {
        pointed.get().map(|index| {
            let x = places.get().middle(index);
            view! { <line class="cursor" x1=x x2=x y1=TOP y2=height - BOTTOM></line> }
        })
    };
    let readout = move || {
        let index = pointed.get()?;
        let middle = places.get().middle(index);
        // On the side with more room.
        let side = if middle > width.get() / 2.0 {
            format!("right:{:.0}px", width.get() - middle + 10.0)
        } else {
            format!("left:{:.0}px", middle + 10.0)
        };
        picture.with_value(|picture| {
            let bucket = picture.buckets.get(index)?;
            let lines = picture
                .series
                .iter()
                .filter_map(|series| {
                    let value = series.values.get(index).copied().flatten()?;
                    Some(view! {
                        <div>
                            <i class=series.mark.class() style=("--swatch", series.colour)></i>
                            <span>{series.name.clone()}</span>
                            <b>{figures::compact(value)}</b>
                        </div>
                    })
                })
                .collect_view();
            let interval = picture.band.get(index).copied().flatten().map(|(low, high)| {
                view! { <div><i></i><span>"Interval"</span><b>{format!("{} – {}", figures::compact(low), figures::compact(high))}</b></div> }
            });
            Some(view! { <div class="readout" style=side><strong>{time::long(*bucket)}</strong>{lines}{interval}</div> })
        })
    };
    view! {
        <figure class="chart-figure">
            <Legend entries=legend />
            <div
                class="chart"
                node_ref=node
                tabindex="0"
                role="group"
                aria-label=format!("{title}. Arrow keys read the values.")
                on:pointermove=on_move
                on:pointerleave=move |_| pointed.set(None)
                on:blur=move |_| pointed.set(None)
                on:keydown=on_key
            >
                // Of its own height before its width is known: nothing under it moves then.
                <svg
                    viewBox=move || format!("0 0 {} {height}", width.get())
                    style=format!("height:{height}px")
                    aria-hidden="true"
                >
                    {drawing}
                    {cursor}
                </svg>
                <Save node name=title.clone() />
                <div aria-live="polite">{readout}</div>
            </div>
            <div class="sr-only">
                <table>
                    <caption>{title}</caption>
                    {table}
                </table>
            </div>
        </figure>
    }
}

fn draw(picture: &Picture, width: f64, from_zero: bool) -> impl IntoView + use<> {
    let Picture { buckets, series, band, plan_from, height } = picture;
    let bottom = height - BOTTOM;
    let bars: Vec<&Series> = series.iter().filter(|series| series.mark == Mark::Bars).collect();
    let stacked = stack(&bars.iter().map(|series| series.values.as_slice()).collect::<Vec<_>>());
    let values = series
        .iter()
        .filter(|series| series.mark != Mark::Bars)
        .flat_map(|series| series.values.iter().flatten().copied());
    let ends = stacked.iter().flatten().flat_map(|(from, to)| [*from, *to]);
    let edges = band.iter().flatten().flat_map(|(low, high)| [*low, *high]);
    let zero = (from_zero || !bars.is_empty()).then_some(0.0);
    let (low, high) = extent(values.chain(ends).chain(edges).chain(zero)).unwrap_or((0.0, 1.0));
    let ticks = nice_ticks(low, high, (height / 60.0) as usize);
    let y = Linear::new((ticks.first().copied().unwrap_or(0.0), ticks.last().copied().unwrap_or(1.0)), (bottom, TOP));
    let x = Places::new(buckets.len(), LEFT, width - RIGHT);

    let plan = plan_from.map(|index| {
        let left = x.left(index);
        view! {
            <rect class="plan" x=left y=TOP width=(width - RIGHT - left).max(0.0) height=bottom - TOP></rect>
            <line class="now" x1=left x2=left y1=TOP y2=bottom></line>
        }
    });
    let grid = figures::ticks(&ticks, "")
        .into_iter()
        .zip(&ticks)
        .map(|(label, tick)| {
            let at = y.at(*tick);
            view! {
                <line class=if *tick == 0.0 { "zero" } else { "rule" } x1=LEFT x2=width - RIGHT y1=at y2=at></line>
                <text class="axis" x=LEFT - 8.0 y=at + 4.0 text-anchor="end">{label}</text>
            }
        })
        .collect_view();
    let every = label_every(x.step(), 34.0);
    let labels = buckets
        .iter()
        .enumerate()
        // Counted from each year's start, so that the same months are named every year.
        .filter(|(_, bucket)| (bucket.year_and_part().1 as usize - 1).is_multiple_of(every))
        .map(|(index, bucket)| view! { <text class="axis" x=x.middle(index) y=bottom + 15.0 text-anchor="middle">{time::short(*bucket)}</text> })
        .collect_view();
    let years = time::years(buckets);
    let year_labels = years
        .iter()
        .enumerate()
        .filter(|(place, (index, _))| {
            let until = years.get(place + 1).map_or(buckets.len(), |(next, _)| *next);
            (until - index) as f64 * x.step() >= 34.0
        })
        .map(|(_, (index, year))| view! { <text class="axis year" x=x.left(*index) + 2.0 y=bottom + 30.0>{year.to_string()}</text> })
        .collect_view();

    let place = |values: &[Option<f64>]| -> Vec<Option<(f64, f64)>> {
        values.iter().enumerate().map(|(index, value)| value.map(|value| (x.middle(index), y.at(value)))).collect()
    };
    let interval = (!band.is_empty()).then(|| {
        let upper = place(&band.iter().map(|ends| ends.map(|(_, high)| high)).collect::<Vec<_>>());
        let lower = place(&band.iter().map(|ends| ends.map(|(low, _)| low)).collect::<Vec<_>>());
        view! { <path class="band" d=path::area(&upper, &lower)></path> }
    });
    let bar_width = (x.step() * 0.7).min(36.0);
    let bars = bars
        .iter()
        .zip(&stacked)
        .map(|(series, ends)| {
            let rects = ends
                .iter()
                .enumerate()
                .filter(|(_, (from, to))| from != to)
                .map(|(index, (from, to))| {
                    let (a, b) = (y.at(*from), y.at(*to));
                    view! { <rect x=x.middle(index) - bar_width / 2.0 y=a.min(b) width=bar_width height=(a - b).abs()></rect> }
                })
                .collect_view();
            view! { <g fill=series.colour>{rects}</g> }
        })
        .collect_view();
    let lines = series
        .iter()
        .filter(|series| series.mark != Mark::Bars)
        .map(|series| {
            let points = place(&series.values);
            let ground = (series.mark == Mark::Area).then(|| {
                let floor: Vec<_> =
                    points.iter().map(|point| point.map(|(x, _)| (x, y.at(0.0).clamp(TOP, bottom)))).collect();
                view! { <path class="ground" fill=series.colour d=path::area(&points, &floor)></path> }
            });
            view! { {ground}<path class=series.mark.class() stroke=series.colour d=path::line(&points)></path> }
        })
        .collect_view();
    view! { {plan}{grid}{labels}{year_labels}{interval}{bars}{lines} }
}

fn table(buckets: &[Bucket], series: &[Series]) -> impl IntoView + use<> {
    let head = series.iter().map(|series| view! { <th scope="col">{series.name.clone()}</th> }).collect_view();
    let rows = buckets
        .iter()
        .enumerate()
        .map(|(index, bucket)| {
            let cells = series
                .iter()
                .map(|series| {
                    let value = series.values.get(index).copied().flatten();
                    view! { <td>{value.map(figures::compact)}</td> }
                })
                .collect_view();
            view! { <tr><th scope="row">{time::long(*bucket)}</th>{cells}</tr> }
        })
        .collect_view();
    view! {
        <thead>
            <tr><th scope="col">"Period"</th>{head}</tr>
        </thead>
        <tbody>{rows}</tbody>
    }
}
