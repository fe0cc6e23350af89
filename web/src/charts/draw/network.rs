//! A supply network: who supplies whom, how much flows, and what is full.

use leptos::html;
use leptos::prelude::*;

use super::save::Save;
use super::width::use_width;
use crate::charts::network::Network;
use crate::figures;

const ROW: f64 = 44.0;
const BOX: f64 = 28.0;
const TOP: f64 = 8.0;
/// The widest and the thinnest line.
const WIDE: f64 = 9.0;
const THIN: f64 = 1.2;
/// As full as what is still shown as 100.
const FULL: f64 = 0.995;
const NEARLY: f64 = 0.85;

/// The picture of a network; `words` say what matters in it.
#[component]
pub fn NetworkChart(#[prop(into)] title: String, words: String, network: Network) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let width = use_width(node);
    let height = TOP * 2.0 + ROW * network.rows as f64;
    let drawing = move || draw(&network, width.get(), height);
    view! {
        <div class="chart network" node_ref=node>
            <svg viewBox=move || format!("0 0 {} {height}", width.get()) role="img" aria-label=format!("{title}: {words}")>
                {drawing}
            </svg>
            <Save node name=title.clone() />
        </div>
    }
}

fn colour(used: Option<f64>) -> &'static str {
    match used {
        Some(share) if share >= FULL => "var(--chart-down)",
        Some(share) if share >= NEARLY => "var(--chart-3)",
        _ => "var(--chart-8)",
    }
}

fn draw(network: &Network, width: f64, height: f64) -> impl IntoView + use<> {
    let step = width / network.columns.max(1) as f64;
    let side = (step * 0.62).clamp(40.0, 150.0);
    let column_rows = |column| network.spots.iter().filter(|spot| spot.column == column).count() as f64;
    let places: Vec<(f64, f64)> = network
        .spots
        .iter()
        .map(|spot| {
            let gap = (height - TOP * 2.0) / column_rows(spot.column);
            (step * (spot.column as f64 + 0.5) - side / 2.0, TOP + gap * (spot.row as f64 + 0.5))
        })
        .collect();
    let most = network.ties.iter().map(|tie| tie.amount).fold(1.0, f64::max);
    let ties = network
        .ties
        .iter()
        .map(|tie| {
            let ((from, y1), (x2, y2)) = (places[tie.from], places[tie.to]);
            let x1 = from + side;
            let bend = ((x2 - x1) / 2.0).max(24.0);
            let path = format!("M{x1:.1} {y1:.1}C{:.1} {y1:.1} {:.1} {y2:.1} {x2:.1} {y2:.1}", x1 + bend, x2 - bend);
            let thickness = THIN + (WIDE - THIN) * (tie.amount / most).sqrt();
            let ends = format!("{} → {}", network.spots[tie.from].name, network.spots[tie.to].name);
            let full = tie.used.map(|used| format!(", {}", figures::percent(used))).unwrap_or_default();
            let service = tie.kind == grid_engine::plan::LinkKind::Service;
            let stroke = if service { "var(--chart-8)" } else { colour(tie.used) };
            view! {
                <path class="tie" d=path fill="none" stroke=stroke stroke-width=thickness stroke-opacity="0.55">
                    <title>{format!("{ends}: {}{full}", figures::compact(tie.amount))}</title>
                </path>
            }
        })
        .collect_view();
    // About six and a half pixels to a letter.
    let letters = ((side - 10.0) / 6.5).max(3.0) as usize;
    let last = network.columns.saturating_sub(1);
    let spots = network
        .spots
        .iter()
        .zip(&places)
        .map(|(spot, &(x, y))| {
            let share = spot.used.map(|used| format!(" {}", figures::percent(used))).unwrap_or_default();
            let room = letters.saturating_sub(share.chars().count()).max(2);
            let name = match spot.name.chars().count() > room {
                true => spot.name.chars().take(room - 1).chain(['…']).collect(),
                false => spot.name.clone(),
            };
            // A region is well where it gets everything, the others where they are not full.
            let stroke = match spot.used {
                Some(served) if spot.column == last => if served < FULL { "var(--chart-down)" } else { "var(--chart-up)" },
                used => colour(used),
            };
            view! {
                <rect x=x y=y - BOX / 2.0 width=side height=BOX rx="5" fill="var(--surface)" stroke=stroke stroke-width="1.5"></rect>
                <text x=x + side / 2.0 y=y + 4.0 text-anchor="middle">
                    {format!("{name}{share}")}<title>{format!("{}{share}", spot.name)}</title>
                </text>
            }
        })
        .collect_view();
    view! { {ties}{spots} }
}
