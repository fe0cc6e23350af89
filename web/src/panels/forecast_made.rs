//! How the selected row's forecast was made, and how good its methods have been.

use grid_engine::calendar::Bucket;
use grid_engine::formula::{ForecastDetails, MethodShare, OutlierFound, SHOWN_LEVEL};
use leptos::prelude::*;

use crate::figures;
use crate::ui::{FiguresTable, Head};

/// The reasons in words, every method with its part and its errors in the backtest, and what in the history stands out.
/// `buckets` are those of the row.
#[component]
pub fn ForecastMade(details: ForecastDetails, buckets: Vec<Bucket>) -> impl IntoView {
    let ForecastDetails { methods, reasons, outliers, smape, mase, .. } = details;
    let reasons = reasons.into_iter().map(|reason| view! { <li>{sentence(&reason)}</li> }).collect_view();
    let combined = (smape.is_some() && methods.len() > 1).then(|| {
        let errors = [error(smape.map(figures::percent)), error(mase.map(|mase| figures::grouped(mase, 2)))];
        view! { <tr><th scope="row">"Combined"</th><td class="number"></td>{errors}</tr> }.into_any()
    });
    let heads = vec![Head::words("Method"), Head::numbers("Part"), Head::numbers("sMAPE"), Head::numbers("MASE")];
    let lines = methods.into_iter().map(method).collect_view();
    let outliers = outliers.into_iter().filter_map(|found| outlier(found, &buckets)).collect_view();
    view! {
        <section class="made" data-testid="forecast-made">
            <h4>"How it is forecast"</h4>
            <ul>{reasons}{outliers}</ul>
            <FiguresTable label="Methods and their errors" heads foot=combined.unwrap_or_else(|| ().into_any())>{lines}</FiguresTable>
            <p class="muted">
                {format!(
                    "Errors of the backtest: forecasts of months already known, from what was known before them. MASE counts in errors of repeating the last season over the known history. Parts are those the backtest decides; the middle of all methods counts beside them. The band holds {SHOWN_LEVEL:.0} % of outcomes."
                )}
            </p>
        </section>
    }
}

/// A reason begins small where it is one of several in a cell.
fn sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

fn error(words: Option<String>) -> impl IntoView {
    view! { <td class="number">{words.unwrap_or_else(|| figures::MISSING.to_owned())}</td> }
}

fn method(method: MethodShare) -> impl IntoView {
    let lost = method.weight == 0.0;
    let part = if lost { "lost".to_owned() } else { figures::percent(method.weight) };
    view! {
        <tr class:muted=lost>
            <th scope="row">{method.name}</th>
            <td class="number" title=lost.then_some("Its backtest was no better than the seasonal naive forecast's")>{part}</td>
            {error(method.smape.map(figures::percent))}
            {error(method.mase.map(|mase| figures::grouped(mase, 2)))}
        </tr>
    }
}

fn outlier(found: OutlierFound, buckets: &[Bucket]) -> Option<impl IntoView> {
    let bucket = buckets.get(found.at)?;
    let words = format!(
        "Outlier in {bucket}: {}, where {} would be expected.",
        figures::grouped(found.value, 0),
        figures::grouped(found.expected, 0)
    );
    Some(view! { <li>{words}</li> })
}
