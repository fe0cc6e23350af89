//! Revenue, cost, profit and margin in large figures.

use grid_engine::plan::Headline;
use leptos::prelude::*;

use crate::figures;
use crate::ui::Tone;

/// The headline, and how it differs from an earlier version.
#[component]
pub fn HeadlineFigures(headline: Headline, before: Option<(String, Headline)>, currency: String) -> impl IntoView {
    let figure = |name: &'static str, pick: fn(&Headline) -> Option<f64>, more_is_better: bool| {
        let value = pick(&headline);
        let change = before.as_ref().and_then(|(_, before)| figures::change(pick(before)?, value?));
        let change = change.map(|share| {
            (figures::signed(figures::percent(share), share), tone(if more_is_better { share } else { -share }))
        });
        let unit = if value.is_some() { currency.clone() } else { "not part of this version".to_owned() };
        (name, figures::known(value, figures::compact), unit, change)
    };
    let now = headline.margin();
    let points = before
        .as_ref()
        .and_then(|(_, before)| before.margin())
        .zip(now)
        .map(|(before, now)| (figures::difference_in_unit(now - before, "%"), tone(now - before)));
    let cards = [
        figure("Revenue", |of| of.revenue, true),
        figure("Supply cost", |of| of.cost, false),
        figure("Profit", |of| of.profit, true),
        ("Profit margin", figures::known(now, figures::percent), String::new(), points),
    ];
    let against = before.as_ref().map(|(name, _)| name.clone());
    view! {
        <dl class="headline">
            {cards
                .into_iter()
                .map(|(name, value, unit, change)| {
                    view! {
                        <div>
                            <dt>{name}</dt>
                            <dd>
                                <b>{value}</b>
                                <span class="unit">{unit}</span>
                            </dd>
                            {change.map(|(text, tone)| view! { <dd class=format!("change {}", tone.class())>{text}</dd> })}
                        </div>
                    }
                })
                .collect_view()}
        </dl>
        {against.map(|name| view! { <p class="against muted">"Changes are against “"{name}"”."</p> })}
    }
}

/// Good, bad, or too small to matter.
fn tone(change: f64) -> Tone {
    match change {
        change if change > 0.0005 => Tone::Good,
        change if change < -0.0005 => Tone::Bad,
        _ => Tone::Neutral,
    }
}
