//! Key figures from version to version.

use grid_engine::plan::{RankedFigure, VersionInfo, course, ranked_figures};
use grid_engine::refs::SheetId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::charts::{Sparkline, extent};
use crate::refresh::renew;
use crate::ui::Spinner;
use crate::{api, figures};

/// Versions looked back over.
const BACK: usize = 6;

/// A line for each figure: its course over the last versions, the newest value, and the change.
#[component]
pub fn Trends(workbook: SheetId, versions: Memo<Vec<VersionInfo>>) -> impl IntoView {
    // Oldest first, as one reads time.
    let shown = Memo::new(move |_| {
        let named = |version: &VersionInfo| (version.id.to_string(), version.name.clone());
        versions.with(|versions| versions.iter().take(BACK).rev().map(named).collect::<Vec<_>>())
    });
    let found = RwSignal::new(None::<(Vec<Vec<RankedFigure>>, String)>);
    Effect::new(move || {
        let asked = shown.get();
        spawn_local(async move {
            let (mut all, mut currency) = (Vec::new(), String::new());
            for (version, _) in &asked {
                let summary = api::summary(workbook, version).await;
                all.push(summary.as_ref().map(ranked_figures).unwrap_or_default());
                if let Ok(summary) = summary {
                    currency = summary.currency;
                }
            }
            // Meanwhile another version may have been frozen.
            if shown.try_get_untracked().is_some_and(|now| now == asked) {
                renew(found, Some((all, currency)));
            }
        });
    });
    let span = move || {
        shown.with(|shown| match shown.as_slice() {
            [(_, first), .., (_, last)] => format!("From “{first}” to “{last}”."),
            _ => "A second version shows a trend.".to_owned(),
        })
    };
    view! {
        <section class="card">
            <header class="cardhead">
                <h3>"From version to version"</h3>
                <p class="muted">{span}</p>
            </header>
            {move || match found.get() {
                None => view! { <div class="waiting"><Spinner label="Loading the versions" /></div> }.into_any(),
                Some((all, currency)) => view! {
                    <div class="scroll" tabindex="0" role="region" aria-label="Key figures by version">
                        <table class="figures trends"><tbody>{lines(&all, &currency)}</tbody></table>
                    </div>
                }
                .into_any(),
            }}
        </section>
    }
}

fn lines(all: &[Vec<RankedFigure>], currency: &str) -> Vec<AnyView> {
    // What there is to tell of: the figures of a version that has most of them.
    let fullest = all.iter().max_by_key(|figures| figures.iter().filter(|figure| figure.value.is_some()).count());
    let line = |figure: &RankedFigure| {
        let known = course(all, &figure.id);
        // From the first version to the last that have the figure: those of one side say nothing of it.
        let change = match known.as_slice() {
            [first, .., last] => figures::difference_in_unit(last - first, &figure.unit),
            _ => String::new(),
        };
        // A figure that is shown the same throughout has a flat course.
        let (low, high) = extent(known.iter().copied()).unwrap_or_default();
        let is_flat = !figures::is_change(high - low, &figure.unit);
        let values = known.iter().map(|value| Some(if is_flat { low } else { *value })).collect();
        let unit = (figure.unit == "money").then(|| view! { " " <span class="unit">{currency.to_owned()}</span> });
        let value =
            known.last().map_or_else(|| figures::MISSING.to_owned(), |value| figures::in_unit(*value, &figure.unit));
        view! {
            <tr>
                <th scope="row">{figure.name.clone()}{unit}</th>
                <td class="spark"><Sparkline values=values label=figure.name.clone() /></td>
                <td class="number"><b>{value}</b></td>
                <td class="number muted">{change}</td>
            </tr>
        }
        .into_any()
    };
    fullest.map(|figures| figures.iter().map(line).collect()).unwrap_or_default()
}
