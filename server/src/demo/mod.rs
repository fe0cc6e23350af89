//! The demo company: a consumer-goods maker made up from a seed, with a story worth opening.
//!
//! Sixty items in eight families, five regions × three channels, three years of orders, three plants. The can line
//! in Lyon is short around its maintenance in spring and in summer, citrus concentrate is scarce after a failed
//! harvest, Iberia over-forecasts by a fifth, and a summer promotion comes on top.

mod alerts;
mod catalogue;
mod chance;
mod company;
mod cycle;
mod network;
mod orders;
pub mod people;

pub use alerts::alert_rules;
pub use company::{Company, found};
pub use cycle::plan_cycle;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use grid_engine::plan;
    use grid_engine::workbook::Clock;

    use super::*;
    use crate::clock::now_ms;
    use crate::jobs::settle;
    use crate::store::person_id;

    #[test]
    fn the_story_can_be_read_from_the_plan() {
        let company = found(1, "2026-11".parse().unwrap());
        let mut workbook =
            company.blueprint.build(person_id("admin"), now_ms()).unwrap_or_else(|error| panic!("{error}"));
        for edit in company.entries(&workbook, person_id, now_ms()).unwrap() {
            workbook.apply(&edit).unwrap();
        }
        settle(&mut workbook, Clock { now: 46_348.0, seed: 1 }).unwrap();
        let summary = plan::summarise(&plan::frames(&workbook), "demo", "EUR");
        assert_eq!((summary.by_family.len(), summary.by_region.len()), (8, 5));
        let value = |id: &str| summary.kpis.iter().find(|kpi| kpi.id == id).and_then(|kpi| kpi.value).unwrap();
        assert!(value("bias") > 0.01, "Iberia pulls the forecasts up: {}", value("bias"));
        assert!((0.8..0.999).contains(&value("unit_fill_rate")), "some demand is short: {}", value("unit_fill_rate"));
        assert!(summary.headline.profit.unwrap() > 0.0);
        let blamed = |words: &str| summary.shortages.iter().any(|short| short.cause.contains(words));
        assert!(blamed("LYS-CAN") || blamed("Citrus"), "the squeeze has a name: {:?}", summary.shortages);
        // Every figure that misses its target has a tree; what is short ends in limits the plan names.
        let (_, reasons) = plan::shortages(&workbook).unwrap();
        let frames = plan::frames(&workbook);
        let misses = |kpi: &&plan::KpiLine| {
            kpi.value.zip(kpi.target).is_some_and(|(value, target)| !kpi.better.meets(value, target))
        };
        for kpi in summary.kpis.iter().filter(misses) {
            let found = plan::root_cause(&frames, &reasons, &kpi.id).unwrap_or_else(|error| panic!("{error}"));
            assert!(found.root.value != 0.0, "{}", kpi.name);
        }
        // The scorecard has what people ask for first; what the plan has no input for says which.
        for id in ["mape", "smape", "mase", "tracking_signal", "cost_to_serve"] {
            assert!(value(id).is_finite(), "{id}");
        }
        let reason = |id: &str| summary.kpis.iter().find(|kpi| kpi.id == id).and_then(|kpi| kpi.reason.clone());
        for (id, missing) in
            [("order_fill_rate", "filled"), ("production_attainment", "actual"), ("market_share", "market")]
        {
            assert_eq!(reason(id), Some(format!("{missing} is empty")), "{id}");
        }
        // What a bridge is offered of can be bridged, and comes to what the scorecard shows.
        for (id, name) in plan::BRIDGED_KPIS {
            let found =
                plan::bridge_kpi(&frames, &frames, id, "Item").unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!((found.from - value(id)).abs() <= 1e-6 * found.from.abs().max(1.0), "{name}: {found:?}");
        }
        let fill = plan::root_cause(&frames, &reasons, "unit_fill_rate").unwrap().root;
        assert!(units_of(&fill, "short, its limit not told") < 0.01 * fill.value, "{fill:?}");
        let frozen = plan::freeze(&workbook, "demo", "EUR").unwrap();
        assert!(frozen.parts.iter().any(|(name, _)| name == plan::REASONS));
        assert_eq!(plan::wrong_reasons(&frozen.parts, &workbook), Ok(None));
    }

    /// What a tree's causes of a name come to.
    fn units_of(node: &plan::CauseNode, name: &str) -> f64 {
        let inner: f64 = node.children.iter().map(|child| units_of(child, name)).sum();
        if node.name == name { node.value } else { inner }
    }
}
