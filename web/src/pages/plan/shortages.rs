//! What is not served in time, and why.

use grid_engine::plan::Shortage;
use grid_engine::value::order::sort_by;
use leptos::prelude::*;

use crate::brief::by_cause;
use crate::charts::{Bar, BarList};
use crate::figures;
use crate::ui::{Button, EmptyState, FiguresTable, Glyph, Head};

/// Lines shown before the reader asks for all.
const SHOWN: usize = 10;
/// Causes worth a bar.
const CAUSES: usize = 6;

/// Shortages by cause, and the largest of them.
#[component]
pub fn Shortages(
    shortages: Vec<Shortage>,
    /// All units by cause, where only the largest shortages are listed.
    #[prop(optional)]
    all_causes: Vec<(String, f64)>,
) -> impl IntoView {
    if shortages.is_empty() {
        return view! {
            <section class="card">
                <EmptyState icon=Glyph::Check title="Everything is served in time" text="The plan meets all demand with the capacity and materials there are." />
            </section>
        }
        .into_any();
    }
    let of_all = !all_causes.is_empty();
    let listed = by_cause(&shortages).into_iter().map(|(cause, units)| (cause.to_owned(), units));
    let mut causes: Vec<(String, f64)> = if of_all { all_causes } else { listed.collect() };
    let total: f64 = causes.iter().map(|(_, units)| units).sum();
    if causes.len() > CAUSES + 1 {
        let rest = causes.split_off(CAUSES);
        causes.push((format!("{} other causes", rest.len()), rest.iter().map(|(_, units)| units).sum()));
    }
    let causes: Vec<Bar> = causes.iter().map(bar).collect();
    let mut shortages = shortages;
    sort_by(&mut shortages, |a, b| b.quantity.total_cmp(&a.quantity));
    let count = shortages.len();
    let about = match (figures::compact(total), of_all) {
        (units, true) => format!("{units} units late or lost in all; the {count} largest shortages are listed below"),
        (units, false) => format!("{units} units late or lost in the {count} largest shortages"),
    };
    let all = RwSignal::new(false);
    // On paper all of them are there.
    let rows = shortages
        .into_iter()
        .enumerate()
        .map(|(at, shortage)| {
            let is_paper_only = move || at >= SHOWN && !all.get();
            view! {
                <tr class:paper-only=is_paper_only>
                    <th scope="row">{shortage.item}</th>
                    <td>{shortage.region}</td>
                    <td>{shortage.bucket.to_string()}</td>
                    <td class="number">{figures::compact(shortage.quantity)}</td>
                    <td class="reason">{shortage.cause}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="card">
            <header class="cardhead">
                <h3>"Shortages by cause" <span class="unit">"units"</span></h3>
                <p class="muted">{about}</p>
            </header>
            <BarList caption="Shortages by cause" bars=causes colour="var(--chart-down)" long_names=true />
        </section>
        <section class="card">
            <header class="cardhead">
                <h3>"Largest shortages" <span class="unit">"units"</span></h3>
            </header>
            <FiguresTable
                label="Largest shortages"
                heads=vec![
                    Head::words("Item"), Head::words("Region"), Head::words("Period"), Head::numbers("Short"),
                    Head::words("Cause"),
                ]
            >
                {rows}
            </FiguresTable>
            {(count > SHOWN)
                .then(|| {
                    view! {
                        <div class="more">
                            <Button class="small" on_click=move |_| all.update(|all| *all = !*all)>
                                {move || if all.get() { "Show the largest only".to_owned() } else { format!("Show all {count}") }}
                            </Button>
                        </div>
                    }
                })}
        </section>
    }
    .into_any()
}

fn bar((cause, units): &(String, f64)) -> Bar {
    Bar { name: sentence(cause), value: *units, text: figures::compact(*units), ..Bar::default() }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
