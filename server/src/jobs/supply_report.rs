//! A solved plan as its page shows it.

use std::collections::BTreeMap;

use grid_engine::plan::{LimitLine, ResourceLine, ShortageLine, StockLine, SupplyReport};
use grid_engine::supply::Plan;
use grid_engine::supply::plan::StockSeries;
use grid_engine::supply::study::{Outcome, lever_choices};
use grid_engine::value::order::sort_largest_first;

use super::plan_tables::{DUST, limit_words, shortage_lines};
use super::supply_links::link_lines;

/// Shortages, and items at places, that a page lists: more would not be read, and a page is not a table.
const SHORTAGES: usize = 120;
const STOCKS: usize = 300;
const LIMITS: usize = 60;

/// What the page shows.
pub(super) fn report_of(plan: &Plan) -> SupplyReport {
    let outcome = Outcome::of(plan);
    let mut shortages = shortage_lines(plan);
    let (shortage_count, causes) = (shortages.len(), by_cause(&shortages));
    let mut limits = limits(plan);
    let limit_count = limits.len();
    limits.truncate(LIMITS);
    shortages.truncate(SHORTAGES);
    let mut stocks = stocks(plan);
    let stock_count = stocks.len();
    stocks.truncate(STOCKS);
    let costs = plan.costs.iter().filter(|(_, amount)| *amount != 0.0);
    SupplyReport {
        buckets: plan.network.periods.iter().map(ToString::to_string).collect(),
        objective: outcome.objective,
        costs: costs.map(|(kind, amount)| (kind.label().to_owned(), amount)).collect(),
        revenue: outcome.revenue,
        demand: outcome.demand,
        served: outcome.served,
        served_on_time: outcome.served_on_time,
        lost: outcome.lost,
        late_unit_periods: outcome.late_unit_periods,
        is_optimal: plan.status.is_proven(),
        gap: Some(plan.gap()).filter(|gap| !plan.status.is_proven() && gap.is_finite()),
        warnings: plan.network.warnings.iter().map(ToString::to_string).collect(),
        limits,
        limit_count,
        causes,
        shortages,
        shortage_count,
        resources: resources(plan),
        stocks,
        stock_count,
        links: link_lines(plan),
        levers: lever_choices(&plan.network),
    }
}

fn limits(plan: &Plan) -> Vec<LimitLine> {
    let buckets = plan.network.periods.len();
    let mut found: BTreeMap<(&str, &str, &str), Vec<f64>> = BTreeMap::new();
    for line in plan.constraints.iter().filter(|line| line.marginal_value > DUST) {
        if let Some((limit, unit)) = limit_words(line.kind) {
            let saves = found.entry((limit, &line.object, unit)).or_insert_with(|| vec![0.0; buckets]);
            saves[line.period] = line.marginal_value;
        }
    }
    let line = |((limit, of, unit), saves): ((&str, &str, &str), Vec<f64>)| LimitLine {
        limit: limit.to_owned(),
        of: of.to_owned(),
        unit: unit.to_owned(),
        saves,
    };
    let mut lines: Vec<LimitLine> = found.into_iter().map(line).collect();
    let most = |line: &LimitLine| line.saves.iter().copied().fold(0.0, f64::max);
    sort_largest_first(&mut lines, most);
    lines
}

/// Units by cause, most first.
fn by_cause(shortages: &[ShortageLine]) -> Vec<(String, f64)> {
    let mut units: BTreeMap<String, f64> = BTreeMap::new();
    for line in shortages {
        *units.entry(line.cause_told()).or_default() += line.units;
    }
    let mut causes: Vec<_> = units.into_iter().collect();
    sort_largest_first(&mut causes, |cause| cause.1);
    causes
}

fn resources(plan: &Plan) -> Vec<ResourceLine> {
    let line = |series: grid_engine::supply::plan::UtilisationSeries| ResourceLine {
        resource: series.resource.to_string(),
        hours: series.hours,
        overtime: series.overtime,
        available: series.available,
    };
    plan.utilisation_series().into_iter().map(line).collect()
}

/// Items below their safety stock or at their largest first, then those with most stock.
fn stocks(plan: &Plan) -> Vec<StockLine> {
    let line = |(series, node): (StockSeries, &grid_engine::supply::network::Node)| {
        let out = series.served.iter().zip(&series.outbound).zip(&series.consumed);
        StockLine {
            item: series.item.to_string(),
            location: series.location.to_string(),
            outflow: out.map(|((served, sent), used)| served + sent + used).collect(),
            stock: series.stock,
            below: series.shortfall,
            safety: node.safety,
            largest: node.max.is_finite().then_some(node.max),
        }
    };
    let mut lines: Vec<StockLine> =
        plan.stock_series().into_iter().zip(&plan.network.nodes).map(line).filter(is_used).collect();
    let sum = |values: &[f64]| values.iter().sum::<f64>();
    lines.sort_by(|a, b| a.item.cmp(&b.item));
    sort_largest_first(&mut lines, |line| sum(&line.stock));
    sort_largest_first(&mut lines, |line| sum(&line.below));
    lines
}

/// Whether anything is or should be there.
fn is_used(line: &StockLine) -> bool {
    line.safety > 0.0 || line.stock.iter().chain(&line.outflow).any(|units| *units > DUST)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::jobs::plan_tables::tests::plan;

    #[test]
    fn a_report_says_what_the_plan_says() {
        let plan = plan("capacity_short");
        let report = report_of(&plan);
        assert_eq!((report.lost, report.demand, report.is_optimal), (4.0, 46.0, true));
        let costs: f64 = report.costs.iter().map(|(_, amount)| amount).sum();
        assert!((costs - plan.costs.total()).abs() < 1e-6);
        assert_eq!(report.limits[0].of, "SAW");
        assert!(report.limit_count >= report.limits.len() && report.limit_count > 0);
        let short: f64 = report.causes.iter().map(|(_, units)| units).sum();
        assert!((short - plan.reasons.iter().map(|reason| reason.quantity).sum::<f64>()).abs() < 1e-6);
        assert!(report.causes[0].0.contains("SAW"), "{:?}", report.causes);
        assert!(report.limits[0].saves[2] > 0.0);
        assert_eq!((report.shortages[0].bucket.as_str(), report.shortages[0].units), ("m3", 4.0));
        assert!(report.shortages[0].cause.contains("SAW"));
        assert_eq!(report.resources[0].available, [10.0; 3]);
        let depot = report.stocks.iter().find(|line| line.location == "DEPOT").unwrap();
        assert!((depot.outflow.iter().sum::<f64>() - 42.0).abs() < 1e-6);
        let told = serde_json::from_str::<SupplyReport>(&serde_json::to_string(&report).unwrap()).unwrap();
        // What is read of a share may be off by its last digit.
        for (told, link) in told.links.iter().zip(&report.links) {
            assert!((told.used.unwrap_or(0.0) - link.used.unwrap_or(0.0)).abs() < 1e-12);
        }
        assert_eq!(SupplyReport { links: report.links.clone(), ..told }, report);
    }

    #[test]
    fn stocks_below_their_safety_come_first_and_idle_ones_are_left_out() {
        let report = report_of(&plan("safety_stock"));
        let worst = report.stocks.iter().map(|line| line.below.iter().sum::<f64>()).collect::<Vec<_>>();
        assert!(worst.is_sorted_by(|a, b| a >= b), "{worst:?}");
        // Nobody wants anything: what lies at the depot stays there, and nothing is anywhere else.
        let left: Vec<String> = report_of(&plan("no_demand")).stocks.into_iter().map(|line| line.location).collect();
        assert_eq!(left, ["DEPOT"]);
    }
}
