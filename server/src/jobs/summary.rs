//! A plan's summary, as `SUPPLY.SOLVE` shows it, and its shortages in words.

use std::collections::BTreeMap;

use grid_engine::plan::SHORT;
use grid_engine::supply::Plan;
use grid_engine::supply::plan::SummaryFigure;
use grid_engine::supply::reasons::{Limit, Reason};
use grid_engine::value::order::sort_largest_first;
use grid_engine::value::{Array, ErrorKind, Value};

/// Shortages named in the summary, the largest first.
const SHORTAGES: usize = 12;

/// Three columns: label, value, and for a shortage its cause.
pub(super) fn summary(plan: &Plan) -> Value {
    let figures = plan.summary().into_iter().map(|(label, figure)| {
        let value = match figure {
            SummaryFigure::Number(number) | SummaryFigure::Share(number) => Value::number(number),
            SummaryFigure::Text(text) => Value::text(text),
        };
        [Value::text(label), value, Value::text("")]
    });
    let shortages = shortages(plan).into_iter().take(SHORTAGES).map(|(what, quantity, cause)| {
        [Value::text(format!("{SHORT}{what}")), Value::number(quantity), Value::text(cause)]
    });
    let lines: Vec<[Value; 3]> = figures.chain(shortages).collect();
    Array::new(lines.len(), 3, lines.concat()).map_or(Value::error(ErrorKind::Calc), |array| Value::Array(array.into()))
}

/// What is late or lost over all channels: `item / region, period`, units, and the limit that causes it; most units first.
fn shortages(plan: &Plan) -> Vec<(String, f64, String)> {
    let network = &plan.network;
    let mut units: BTreeMap<(String, String), f64> = BTreeMap::new();
    for reason in &plan.reasons {
        let demand = &network.demands[reason.demand.0];
        let (item, region) = (&network.items[demand.item.0].name, &network.streams[demand.stream.0].region);
        let what = format!("{item} / {region}, {}", network.periods[reason.period]);
        *units.entry((what, cause(plan, reason))).or_default() += reason.quantity;
    }
    let mut lines: Vec<_> = units.into_iter().map(|((what, cause), units)| (what, units, cause)).collect();
    sort_largest_first(&mut lines, |line| line.1);
    lines
}

/// A limit in words.
pub(super) fn cause(plan: &Plan, reason: &Reason) -> String {
    let object = reason.cause.object(&plan.network);
    let period = &plan.network.periods[reason.cause_period];
    match reason.cause {
        Limit::Capacity(_) => format!("capacity of {object} in {period}"),
        Limit::Supplier { item, .. } => {
            format!("{} from {object} in {period}", plan.network.items[item.0].name)
        }
        Limit::NoSource { .. } => format!("nothing makes or brings {object}"),
        Limit::LeadTime { .. } => format!("lead time of {object}"),
        Limit::Lane(_) => format!("room on {object} in {period}"),
        Limit::Throughput(_) => format!("goods received at {object} in {period}"),
        Limit::SafetyStock(_) => format!("safety stock of {object} in {period}"),
        Limit::ClosingStock(_) => format!("closing stock of {object}"),
        Limit::LargestStock(_) => format!("largest stock of {object} in {period}"),
        Limit::Storage(_) => format!("storage in {object} in {period}"),
        Limit::Lot(_) => format!("run size of {object} in {period}"),
        Limit::Decision(_) => format!("decision on {object} in {period}"),
        Limit::Economic => "not worth serving at these costs".to_owned(),
    }
}
