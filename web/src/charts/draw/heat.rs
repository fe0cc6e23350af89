//! Load over time as a tinted table.

use grid_engine::calendar::Bucket;
use leptos::html;
use leptos::prelude::*;

use super::save::Save;
use crate::charts::time;
use crate::figures;

/// How heavy a load is: nothing, light, normal, high, full, over.
fn level(share: f64) -> &'static str {
    match share {
        share if share.is_nan() || share <= 0.0 => "none",
        share if share < 0.6 => "light",
        share if share < 0.85 => "normal",
        share if share < 0.95 => "high",
        // Up to what is still shown as 100.
        share if share < 1.005 => "full",
        _ => "over",
    }
}

/// A row for each name, a column for each bucket, a share in each cell (1.0 = full).
#[component]
pub fn HeatMap(
    #[prop(into)] caption: String,
    buckets: Vec<Bucket>,
    /// Names and their values in the order of `buckets`.
    rows: Vec<(String, Vec<Option<f64>>)>,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let (label, name) = (caption.clone(), caption.clone());
    // Where a year begins it stands above, as in the sheet.
    let year = |bucket: &Bucket| bucket.year_and_part().0;
    let begins = |at: usize| at == 0 || year(&buckets[at]) != year(&buckets[at - 1]);
    let head = buckets
        .iter()
        .enumerate()
        .map(|(at, bucket)| {
            let year = begins(at).then(|| view! { <small>{year(bucket)}" "</small> });
            view! { <th scope="col" title=time::long(*bucket)>{year}{time::short(*bucket)}</th> }
        })
        .collect_view();
    let body = rows
        .into_iter()
        .map(|(name, values)| {
            let cells = values
                .into_iter()
                .zip(&buckets)
                .map(|(value, bucket)| {
                    let share = value.unwrap_or(f64::NAN);
                    let words = format!("{name}, {}: {}", time::long(*bucket), figures::percent(share));
                    let text =
                        value.map_or_else(|| figures::MISSING.to_owned(), |share| figures::grouped(share * 100.0, 0));
                    view! { <td class=level(share) title=words>{text}</td> }
                })
                .collect_view();
            view! { <tr><th scope="row">{name.clone()}</th>{cells}</tr> }
        })
        .collect_view();
    view! {
        <div class="chart heat-chart" node_ref=node>
        <div class="heat" tabindex="0" role="region" aria-label=label>
            <table>
                <caption class="sr-only">{caption}</caption>
                <thead>
                    <tr>
                        <td></td>
                        {head}
                    </tr>
                </thead>
                <tbody>{body}</tbody>
            </table>
        </div>
        <Save node name />
        </div>
    }
}
