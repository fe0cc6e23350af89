//! The supply network of a plan: a picture, and the same as a table.

use grid_engine::plan::{LinkKind, LinkLine};
use grid_engine::value::order::sort_by;
use leptos::prelude::*;

use crate::charts::{Network, NetworkChart};
use crate::figures;
use crate::ui::{FiguresTable, Head};

/// From here on a limit counts as reached.
const FULL: f64 = 0.995;

/// Suppliers, places and regions with what flows between them.
#[component]
pub fn SupplyNetwork(links: Vec<LinkLine>) -> impl IntoView {
    let is_full = |link: &&LinkLine| link.kind != LinkKind::Service && link.used.is_some_and(|used| used >= FULL);
    let full: Vec<String> = links.iter().filter(is_full).map(name).collect();
    let words = match full.as_slice() {
        [] => "No supplier, lane or resource is at its limit.".to_owned(),
        [one] => format!("{one} reaches its limit."),
        [first, rest @ ..] => format!("{first} and {} more reach their limits.", rest.len()),
    };
    let network = Network::of(&links);
    let mut links = links;
    let rank = |link: &LinkLine| if link.kind == LinkKind::Service { -1.0 } else { link.used.unwrap_or(0.0) };
    sort_by(&mut links, |a, b| rank(b).total_cmp(&rank(a)).then(b.amount.total_cmp(&a.amount)));
    let rows = links
        .into_iter()
        .map(|link| {
            let used = link.used.map_or_else(|| figures::MISSING.to_owned(), figures::percent);
            view! {
                <tr>
                    <th scope="row">{name(&link)}</th>
                    <td>{word(link.kind)}</td>
                    <td class="number">{figures::compact(link.amount)}</td>
                    <td class="number">{used}</td>
                    <td>{link.bucket}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="card">
            <header class="cardhead">
                <h3>"Supply network" <span class="unit">"units over the plan, share of limits"</span></h3>
                <p class="muted">{words.clone()}</p>
            </header>
            <NetworkChart title="Supply network" words network />
            <details>
                <summary>"As a table"</summary>
                <FiguresTable
                    label="Links of the supply network"
                    heads=vec![
                        Head::words("Link"), Head::words("Kind"), Head::numbers("Units or hours"),
                        Head::numbers("Used or served"), Head::words("Most in"),
                    ]
                >
                    {rows}
                </FiguresTable>
            </details>
        </section>
    }
}

fn name(link: &LinkLine) -> String {
    let by = if link.by.is_empty() { String::new() } else { format!(" ({})", link.by) };
    match link.kind {
        LinkKind::Resource => format!("{} at {}", link.by, link.from),
        _ => format!("{} → {}{by}", link.from, link.to),
    }
}

fn word(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Supply => "supplier",
        LinkKind::Lane => "lane",
        LinkKind::Resource => "resource",
        LinkKind::Service => "region served",
    }
}
