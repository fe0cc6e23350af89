//! What the supply plan leaves short of the selected row, and why.

use grid_engine::plan::ShortageLine;
use grid_engine::value::order::sort_by;
use leptos::prelude::*;

use crate::figures;

/// Causes shown until one asks for all.
const SHOWN: usize = 6;

/// Units that one cause keeps from coming in time or at all, in the buckets from the first to the last.
#[derive(Clone)]
struct Kept {
    cause: String,
    kind: String,
    units: f64,
    first: String,
    last: String,
}

/// What is short in all, and each cause with what it keeps back, the largest first. `shortages` are in the order of buckets.
#[component]
pub fn Shortfall(shortages: Vec<ShortageLine>, unit: String) -> impl IntoView {
    let sum = |kind: &str| shortages.iter().filter(|line| line.kind == kind).map(|line| line.units).sum::<f64>();
    let told = [("late", sum("late")), ("never", sum("lost"))]
        .map(|(when, units)| (units >= 0.5).then(|| format!("{} {unit} {when}", figures::grouped(units, 0))));
    let total = format!("By the live supply plan {}.", told.into_iter().flatten().collect::<Vec<_>>().join(", "));
    let causes = StoredValue::new(by_cause(shortages));
    let count = causes.with_value(Vec::len);
    let all = RwSignal::new(count <= SHOWN + 1);
    let shown = move || {
        let most = if all.get() { count } else { SHOWN };
        causes.with_value(|causes| causes.iter().take(most).cloned().map(line).collect_view())
    };
    view! {
        <section class="made" data-testid="shortfall">
            <h4>"What comes late or never"</h4>
            <p>{total}</p>
            <ol class="history">{shown}</ol>
            {move || (!all.get()).then(|| view! {
                <button type="button" class="button small" on:click=move |_| all.set(true)>{format!("{} more causes", count - SHOWN)}</button>
            })}
        </section>
    }
}

fn by_cause(shortages: Vec<ShortageLine>) -> Vec<Kept> {
    let mut causes: Vec<Kept> = Vec::new();
    for ShortageLine { bucket, kind, units, cause, .. } in shortages {
        match causes.iter_mut().find(|kept| kept.cause == cause && kept.kind == kind) {
            Some(kept) => {
                kept.units += units;
                kept.last = bucket;
            }
            None => causes.push(Kept { cause, kind, units, first: bucket.clone(), last: bucket }),
        }
    }
    sort_by(&mut causes, |a, b| b.units.total_cmp(&a.units));
    causes
}

fn line(kept: Kept) -> impl IntoView {
    let when = if kept.kind == "lost" { "never" } else { "late" };
    let buckets = if kept.first == kept.last { kept.first } else { format!("{} to {}", kept.first, kept.last) };
    view! {
        <li>
            <p><b>{figures::grouped(kept.units, 0)}</b><span class="muted">{format!(" {when}, {buckets}")}</span></p>
            <p class="cause">{kept.cause}</p>
        </li>
    }
}
