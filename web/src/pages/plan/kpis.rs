//! Key figures with target and definition.

use grid_engine::kpi::Better;
use grid_engine::plan::KpiLine;
use leptos::prelude::*;

use crate::figures;
use crate::ui::{Badge, Tone};

/// Whether a key figure meets its target; `None` without value or target.
fn verdict(kpi: &KpiLine) -> Option<bool> {
    let (value, target) = kpi.value.zip(kpi.target)?;
    Some(kpi.better.meets(value, target))
}

/// A card for each key figure.
#[component]
pub fn KpiCards(kpis: Vec<KpiLine>, currency: String) -> impl IntoView {
    let cards = kpis
        .into_iter()
        .map(|kpi| {
            let badge = verdict(&kpi).map(|met| {
                if met {
                    view! { <Badge tone=Tone::Good>"On target"</Badge> }.into_any()
                } else {
                    view! { <Badge tone=Tone::Bad>"Off target"</Badge> }.into_any()
                }
            });
            let value =
                kpi.value.map_or_else(|| figures::MISSING.to_owned(), |value| figures::in_unit(value, &kpi.unit));
            let money = (kpi.unit == "money" && kpi.value.is_some()).then(|| currency.clone());
            let target = kpi.target.map(|target| {
                let bound = match kpi.better {
                    Better::Higher => "at least ",
                    Better::Lower => "at most ",
                    Better::NearZero => "within ±",
                };
                format!("Target {bound}{}", figures::in_unit(target, &kpi.unit))
            });
            view! {
                <article class="kpi" data-kpi=kpi.id>
                    <header>
                        <h3>{kpi.name}</h3>
                        {badge}
                    </header>
                    <p class="value">
                        <b>{value}</b>
                        <span class="unit">{money}</span>
                    </p>
                    {target.map(|target| view! { <p class="target">{target}</p> })}
                    {kpi.reason.filter(|_| kpi.value.is_none()).map(|reason| view! { <p class="target">{reason}</p> })}
                    <p class="definition">{kpi.definition}</p>
                </article>
            }
        })
        .collect_view();
    view! { <div class="kpis">{cards}</div> }
}
