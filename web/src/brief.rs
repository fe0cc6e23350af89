//! What executives ask of a plan, answered from its figures.

use std::collections::BTreeMap;

use grid_engine::plan::{
    BucketLine, Decision, Headline, KpiLine, PlanSummary, Shortage, SliceLine, UtilisationLine, VersionChanges,
};
use grid_engine::value::order::sort_by;

use crate::figures::{change, compact, day, difference_in_unit, grouped, in_unit, percent, signed};

/// A question and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub question: &'static str,
    pub text: String,
    /// The part of the page that says more.
    pub section: &'static str,
}

/// What is known beside the plan itself; what is on its way is not there yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Around {
    /// The version before, by its name.
    pub before: Option<(String, Headline)>,
    pub changes: Option<VersionChanges>,
    pub decisions: Option<Vec<Decision>>,
}

/// Ten answers, each from what the plan holds; a question the plan has no figures for is told so.
///
/// `families` reach as far back as the plan reaches ahead.
pub fn brief(plan: &PlanSummary, families: &[SliceLine], around: &Around) -> Vec<Answer> {
    let answer = |question, section, text: Option<String>| {
        let text = text.unwrap_or_else(|| "The plan holds no figures for it.".to_owned());
        Answer { question, text, section }
    };
    vec![
        answer("What will we sell and earn?", "headline", money(plan)),
        answer("Does it meet the budget?", "families", budget(&plan.by_bucket, families)),
        answer("Do we grow?", "families", growth(families)),
        answer("What changed since the last plan, and who changed it?", "changes", changes(plan, around)),
        answer("Will customers get what they order?", "figures", service(plan)),
        answer("What stands in the way?", "capacity", limits(plan)),
        answer("Where does the profit come from?", "families", profit(families)),
        answer("How much is tied up in stock?", "figures", kpis(&plan.kpis, &["stock_days", "inventory_turnover"])),
        answer("How far can the forecast be trusted?", "figures", kpis(&plan.kpis, &["forecast_accuracy", "bias"])),
        answer("What has to be decided, by whom and when?", "decisions", decisions(around.decisions.as_deref())),
    ]
}

fn money(plan: &PlanSummary) -> Option<String> {
    let months = plan.by_bucket.iter().filter(|line| line.revenue.is_some()).count();
    let Headline { revenue, profit, .. } = plan.headline;
    (months > 0 && revenue != 0.0).then(|| {
        let margin = percent(profit / revenue);
        let currency = &plan.currency;
        format!(
            "{} {currency} in {months} periods, of which {} {currency} ({margin}) stay as profit.",
            compact(revenue),
            compact(profit)
        )
    })
}

fn budget(buckets: &[BucketLine], families: &[SliceLine]) -> Option<String> {
    let both = buckets.iter().filter_map(|line| line.revenue.zip(line.budget));
    let (planned, budget) = both.fold((0.0, 0.0), |(planned, budget), (a, b)| (planned + a, budget + b));
    let off = change(budget, planned)?;
    let meets = if off >= 0.0 { "Yes" } else { "No" };
    let by_family = families.iter().filter_map(|line| Some((line, change(line.budget?, line.revenue)?)));
    let furthest = by_family.max_by(|(a, _), (b, _)| missing(a).total_cmp(&missing(b)));
    let furthest = furthest
        .filter(|(line, _)| missing(line) > 0.0)
        .map(|(line, off)| format!(" {} misses most: {} ({}).", line.name, compact(missing(line)), in_percent(off)));
    Some(format!(
        "{meets}: {} of revenue against {} ({}).{}",
        compact(planned),
        compact(budget),
        in_percent(off),
        furthest.unwrap_or_default()
    ))
}

/// What a slice earns less than its budget.
fn missing(line: &SliceLine) -> f64 {
    line.budget.map_or(0.0, |budget| budget - line.revenue)
}

fn growth(families: &[SliceLine]) -> Option<String> {
    let sum = |figure: fn(&SliceLine) -> f64| families.iter().map(figure).sum::<f64>();
    let all = change(sum(|line| line.history), sum(|line| line.demand))?;
    let each = || families.iter().filter_map(|line| Some((&line.name, change(line.history, line.demand)?)));
    let most = each().max_by(|(_, a), (_, b)| a.total_cmp(b));
    let least = each().min_by(|(_, a), (_, b)| a.total_cmp(b));
    let ends = most.zip(least).filter(|(most, least)| most != least);
    let told = |(name, share): (&String, f64)| format!("{name} {}", in_percent(share));
    let ends = ends.map(|(most, least)| format!(" {}, {}.", told(most), told(least))).unwrap_or_default();
    Some(format!("{} in units against the year before.{ends}", in_percent(all)))
}

fn changes(plan: &PlanSummary, around: &Around) -> Option<String> {
    let Some((name, before)) = &around.before else { return Some("It is the first plan.".to_owned()) };
    let by = plan.headline.profit - before.profit;
    let profit = format!("Profit is {} against “{name}”.", signed(compact(by), by));
    let Some(found) = &around.changes else { return Some(profit) };
    let moved = found.after - found.before;
    let share = change(found.before, found.after).map(|share| format!(" ({})", in_percent(share))).unwrap_or_default();
    let who = found.people.iter().take(2).map(|who| who.in_short()).collect::<Vec<_>>().join(" · ");
    let who = if who.is_empty() { String::new() } else { format!(" {who}.") };
    Some(format!(
        "Demand moved by {} units{share} in {} rows.{who} {profit}",
        signed(grouped(moved, 0), moved),
        found.row_count
    ))
}

fn service(plan: &PlanSummary) -> Option<String> {
    let short: f64 = plan.by_family.iter().map(|line| (line.demand - line.served).max(0.0)).sum();
    let known = kpis(&plan.kpis, &["unit_fill_rate", "otif"]);
    let units = if short > 0.0 {
        format!("{} units are late or never served.", compact(short))
    } else {
        "Everything is served in time.".to_owned()
    };
    Some(match known {
        Some(known) => format!("{known} {units}"),
        None if plan.by_family.is_empty() => return None,
        None => units,
    })
}

fn limits(plan: &PlanSummary) -> Option<String> {
    let full: Vec<&str> =
        plan.utilisation.iter().filter(|line| is_full(line)).map(|line| line.resource.as_str()).collect();
    let most = by_cause(&plan.shortages)
        .first()
        .map(|(cause, units)| format!("Most of all {cause}: {} units of the largest shortages.", compact(*units)));
    let full = match full.len() {
        0 => (!plan.utilisation.is_empty()).then(|| "No resource reaches its limit.".to_owned()),
        count => {
            Some(format!("{count} of {} resources reach their limit: {}.", plan.utilisation.len(), full.join(", ")))
        }
    };
    let words: Vec<String> = most.into_iter().chain(full).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Quantities by what stands in the way, the largest first, without the bucket: a line that is full for three months is
/// one cause.
pub fn by_cause(shortages: &[Shortage]) -> Vec<(&str, f64)> {
    let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
    for shortage in shortages {
        let cause = shortage.cause.rsplit_once(" in ").map_or(shortage.cause.as_str(), |(cause, _)| cause);
        *sums.entry(cause).or_default() += shortage.quantity;
    }
    let mut sums: Vec<(&str, f64)> = sums.into_iter().collect();
    sort_by(&mut sums, |(_, a), (_, b)| b.total_cmp(a));
    sums
}

fn is_full(line: &UtilisationLine) -> bool {
    const FULL: f64 = 0.9995;
    line.by_bucket.iter().any(|(_, load)| *load >= FULL)
}

fn profit(families: &[SliceLine]) -> Option<String> {
    let each = || families.iter().filter(|line| line.revenue > 0.0);
    let all: f64 = each().map(|line| line.profit).sum();
    let first = each().max_by(|a, b| a.profit.total_cmp(&b.profit)).filter(|_| all > 0.0)?;
    let thinnest = each().min_by(|a, b| (a.profit / a.revenue).total_cmp(&(b.profit / b.revenue)))?;
    Some(format!(
        "{} ({} of it) from {}. Least is kept of the revenue of {}: {}.",
        compact(first.profit),
        percent(first.profit / all),
        first.name,
        thinnest.name,
        percent(thinnest.profit / thinnest.revenue)
    ))
}

/// Key figures that the scorecard holds, with their targets.
fn kpis(all: &[KpiLine], wanted: &[&str]) -> Option<String> {
    let found = wanted.iter().filter_map(|id| all.iter().find(|kpi| kpi.id == *id));
    let said = found.filter_map(|kpi| {
        let value = kpi.value?;
        let target = kpi.target.map(|target| {
            let meets = if kpi.better.meets(value, target) { "on target" } else { "off target" };
            format!(" ({meets}, {} from {})", difference_in_unit(value - target, &kpi.unit), in_unit(target, &kpi.unit))
        });
        Some(format!("{} {}{}", kpi.name, in_unit(value, &kpi.unit), target.unwrap_or_default()))
    });
    let said: Vec<String> = said.collect();
    (!said.is_empty()).then(|| format!("{}.", said.join("; ")))
}

fn decisions(all: Option<&[Decision]>) -> Option<String> {
    let Some(all) = all else { return Some("No decision is noted.".to_owned()) };
    let open: Vec<String> = all
        .iter()
        .filter(|decision| decision.chosen.is_empty())
        .map(|decision| {
            let by = if decision.due.is_empty() { String::new() } else { format!(" by {}", day(&decision.due)) };
            format!(
                "{} ({}{by})",
                decision.what,
                if decision.owner.is_empty() { "nobody yet" } else { &decision.owner }
            )
        })
        .collect();
    Some(if open.is_empty() { "Nothing is open.".to_owned() } else { format!("{}.", open.join("; ")) })
}

fn in_percent(share: f64) -> String {
    signed(percent(share), share)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use grid_engine::kpi::Better;
    use grid_engine::plan::WhoChanged;

    use super::*;

    fn family(name: &str, figures: [f64; 6]) -> SliceLine {
        let [demand, served, revenue, profit, history, budget] = figures;
        let name = name.to_owned();
        SliceLine { name, demand, served, revenue, cost: revenue - profit, profit, history, budget: Some(budget) }
    }

    fn plan() -> PlanSummary {
        let bucket = |bucket: &str, revenue: f64, budget: f64| BucketLine {
            bucket: bucket.parse().unwrap(),
            history: None,
            baseline: None,
            consensus: Some(1.0),
            served: None,
            revenue: Some(revenue),
            cost: None,
            profit: None,
            budget: Some(budget),
        };
        let short = |cause: &str, quantity: f64| Shortage {
            item: "Tea".to_owned(),
            region: "North".to_owned(),
            bucket: "2026-04".parse().unwrap(),
            quantity,
            cause: cause.to_owned(),
        };
        let kpi = |id: &str, name: &str, value: f64, target: f64| KpiLine {
            id: id.to_owned(),
            name: name.to_owned(),
            value: Some(value),
            unit: "%".to_owned(),
            target: Some(target),
            better: Better::Higher,
            definition: String::new(),
            reason: None,
        };
        PlanSummary {
            currency: "EUR".to_owned(),
            headline: Headline { revenue: 300.0, cost: 200.0, profit: 100.0 },
            kpis: vec![kpi("unit_fill_rate", "Unit fill rate", 0.96, 0.98), kpi("bias", "Bias", 0.03, 0.01)],
            by_family: vec![
                family("Tea", [100.0, 90.0, 200.0, 80.0, 80.0, 250.0]),
                family("Soap", [50.0, 50.0, 100.0, 20.0, 70.0, 50.0]),
            ],
            by_bucket: vec![bucket("2026-04", 100.0, 150.0), bucket("2026-05", 200.0, 150.0)],
            utilisation: vec![
                UtilisationLine { resource: "L1".to_owned(), by_bucket: vec![("2026-04".parse().unwrap(), 1.0)] },
                UtilisationLine { resource: "L2".to_owned(), by_bucket: vec![("2026-04".parse().unwrap(), 0.4)] },
            ],
            shortages: vec![
                short("capacity of L1 in 2026-04", 6.0),
                short("capacity of L1 in 2026-05", 3.0),
                short("lead time", 8.0),
            ],
            ..PlanSummary::default()
        }
    }

    fn texts(plan: &PlanSummary, around: &Around) -> Vec<String> {
        brief(plan, &plan.by_family, around).into_iter().map(|answer| answer.text.replace('\u{202f}', " ")).collect()
    }

    #[test]
    fn ten_questions_are_answered_from_the_plan() {
        let who = WhoChanged { name: "Ada".to_owned(), rows: 1, entries: 2, whys: vec!["Fair".to_owned()] };
        let around = Around {
            before: Some(("March".to_owned(), Headline { revenue: 0.0, cost: 0.0, profit: 130.0 })),
            changes: Some(VersionChanges {
                before: 100.0,
                after: 150.0,
                rows: Vec::new(),
                row_count: 3,
                people: vec![who],
            }),
            decisions: Some(vec![
                Decision {
                    what: "Third shift".into(),
                    owner: "Max".into(),
                    due: "2026-04-30".into(),
                    ..Decision::default()
                },
                Decision { what: "Made".into(), chosen: "so".into(), ..Decision::default() },
            ]),
        };
        let expected = [
            "300 EUR in 2 periods, of which 100 EUR (33.3 %) stay as profit.",
            "Yes: 300 of revenue against 300 (0.0 %). Tea misses most: 50.0 (−20.0 %).",
            "0.0 % in units against the year before. Tea +25.0 %, Soap −28.6 %.",
            "Demand moved by +50 units (+50.0 %) in 3 rows. Ada: Fair. Profit is −30.0 against “March”.",
            "Unit fill rate 96.0 % (off target, −2.0 pp from 98.0 %). 10.0 units are late or never served.",
            "Most of all capacity of L1: 9 units of the largest shortages. 1 of 2 resources reach their limit: L1.",
            "80.0 (80.0 % of it) from Tea. Least is kept of the revenue of Soap: 20.0 %.",
            "The plan holds no figures for it.",
            "Bias 3.0 % (on target, +2.0 pp from 1.0 %).",
            "Third shift (Max by 30 Apr 2026).",
        ];
        assert_eq!(texts(&plan(), &around), expected);
    }

    #[test]
    fn what_is_not_there_is_told_and_nothing_is_made_up() {
        let told = texts(&PlanSummary::default(), &Around::default());
        let none = "The plan holds no figures for it.";
        let expected =
            [none, none, none, "It is the first plan.", none, none, none, none, none, "No decision is noted."];
        assert_eq!(told, expected);
    }
}
