//! The ten questions executives ask of a plan, answered from its figures.

use std::collections::BTreeMap;

use grid_engine::plan::{
    Action, Alert, BucketLine, CyclePage, Headline, ItemLife, KpiLine, PlanSummary, Severity, Shortage, SliceLine,
    StepKind, UtilisationLine, VersionChanges,
};
use grid_engine::value::order::sort_by;

use crate::figures::{change, compact, day, difference_in_unit, grouped, in_unit, percent, signed};

#[cfg(test)]
mod tests;

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
    /// The present month's cycle.
    pub cycle: Option<CyclePage>,
    /// What plan against actual raised.
    pub alerts: Vec<Alert>,
}

/// Ten answers, each from what the plan and the cycle hold; a question there are no figures for is told so.
///
/// `families` reach as far back as the plan reaches ahead.
pub fn brief(plan: &PlanSummary, families: &[SliceLine], around: &Around) -> Vec<Answer> {
    let answer = |question, section, text: Option<String>| {
        let text = text.unwrap_or_else(|| "The plan holds no figures for it.".to_owned());
        Answer { question, text, section }
    };
    let cycle = around.cycle.as_ref();
    let items = if plan.lives.is_empty() { "families" } else { "items" };
    vec![
        answer("What has changed since last month?", "changes", changes(plan, around)),
        answer("How are we executing against our metrics?", "figures", metrics(&plan.kpis, cycle)),
        answer("How are the product families performing?", "families", performance(families)),
        answer("Are we on plan financially?", "headline", finances(plan, families)),
        answer("Which risks are there?", "capacity", risks(plan, &around.alerts)),
        answer("Which decisions are needed now?", "decisions", decisions(cycle)),
        answer("Is product development on track?", items, development(plan, cycle)),
        answer("What are the critical constraints?", "capacity", limits(plan)),
        answer("Does the long-term plan need revision?", "over-time", long_term(plan)),
        answer("Which follow-ups are open?", "decisions", follow_ups(cycle)),
    ]
}

/// Parts of an answer as one text; `None` where there is no part.
fn together(parts: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn money(plan: &PlanSummary) -> Option<String> {
    let months = plan.by_bucket.iter().filter(|line| line.revenue.is_some()).count();
    let Headline { revenue, profit, .. } = plan.headline;
    let (margin, currency) = (percent(plan.headline.margin().filter(|_| months > 0)?), &plan.currency);
    Some(format!(
        "{} {currency} in {months} periods, of which {} {currency} ({margin}) stay as profit.",
        compact(revenue?),
        compact(profit?)
    ))
}

fn finances(plan: &PlanSummary, families: &[SliceLine]) -> Option<String> {
    together([money(plan), budget(&plan.by_bucket, families)])
}

fn performance(families: &[SliceLine]) -> Option<String> {
    together([growth(families), profit(families)])
}

fn budget(buckets: &[BucketLine], families: &[SliceLine]) -> Option<String> {
    let both = buckets.iter().filter_map(|line| line.revenue.zip(line.budget));
    let (planned, budget) = both.fold((0.0, 0.0), |(planned, budget), (a, b)| (planned + a, budget + b));
    let off = change(budget, planned)?;
    let by_family = families.iter().filter_map(|line| Some((line, change(line.budget?, line.revenue?)?)));
    let furthest = by_family.max_by(|(a, _), (b, _)| missing(a).total_cmp(&missing(b)));
    let furthest = furthest
        .filter(|(line, _)| missing(line) > 0.0)
        .map(|(line, off)| format!(" {} misses most: {} ({}).", line.name, compact(missing(line)), in_percent(off)));
    Some(format!(
        "Revenue is {} against {} in the budget ({}).{}",
        compact(planned),
        compact(budget),
        in_percent(off),
        furthest.unwrap_or_default()
    ))
}

/// What a slice earns less than its budget.
fn missing(line: &SliceLine) -> f64 {
    line.budget.zip(line.revenue).map_or(0.0, |(budget, revenue)| budget - revenue)
}

fn growth(families: &[SliceLine]) -> Option<String> {
    let planned = || families.iter().filter_map(|line| Some((&line.name, line.history, line.demand?)));
    let (history, demand) = planned().fold((0.0, 0.0), |(sold, plan), (_, a, b)| (sold + a, plan + b));
    let all = change(history, demand)?;
    let each = || planned().filter_map(|(name, history, demand)| Some((name, change(history, demand)?)));
    let most = each().max_by(|(_, a), (_, b)| a.total_cmp(b));
    let least = each().min_by(|(_, a), (_, b)| a.total_cmp(b));
    let ends = most.zip(least).filter(|(most, least)| most != least);
    let told = |(name, share): (&String, f64)| format!("{name} {}", in_percent(share));
    let ends = ends.map(|(most, least)| format!(" {}, {}.", told(most), told(least))).unwrap_or_default();
    Some(format!("{} in units against the year before.{ends}", in_percent(all)))
}

fn changes(plan: &PlanSummary, around: &Around) -> Option<String> {
    let Some((name, before)) = &around.before else { return Some("It is the first plan.".to_owned()) };
    // A version of one side says nothing of the money.
    let by = plan.headline.profit.zip(before.profit).map(|(now, before)| now - before);
    let profit = by.map(|by| format!("Profit is {} against “{name}”.", signed(compact(by), by)));
    let Some(found) = &around.changes else { return profit };
    let moved = found.after - found.before;
    let share = change(found.before, found.after).map(|share| format!(" ({})", in_percent(share))).unwrap_or_default();
    let who = found.people.iter().take(2).map(|who| who.in_short()).collect::<Vec<_>>().join(" · ");
    let who = if who.is_empty() { String::new() } else { format!(" {who}.") };
    let units = signed(grouped(moved, 0), moved);
    together([Some(format!("Demand moved by {units} units{share} in {} rows.{who}", found.row_count)), profit])
}

fn limits(plan: &PlanSummary) -> Option<String> {
    let full: Vec<&str> =
        plan.utilisation.iter().filter(|line| is_full(line)).map(|line| line.resource.as_str()).collect();
    // Versions of before all shortages were kept know the largest.
    let most = match plan.causes.first() {
        Some((cause, units)) => Some(format!("Most of all {cause}: {} units.", compact(*units))),
        None => by_cause(&plan.shortages)
            .first()
            .map(|(cause, units)| format!("Most of all {cause}: {} units of the largest shortages.", compact(*units))),
    };
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

/// The load from which a resource counts as full.
const FULL: f64 = 0.9995;

fn is_full(line: &UtilisationLine) -> bool {
    line.by_bucket.iter().any(|(_, load)| *load >= FULL)
}

fn profit(families: &[SliceLine]) -> Option<String> {
    let earning = families.iter().filter_map(|line| Some((&line.name, line.profit?, line.revenue?)));
    let each: Vec<_> = earning.filter(|(.., revenue)| *revenue > 0.0).collect();
    let all = each.iter().fold(0.0, |sum, (_, profit, _)| sum + profit);
    let (first, most, _) = each.iter().max_by(|a, b| a.1.total_cmp(&b.1)).filter(|_| all > 0.0)?;
    let kept = |(_, profit, revenue): &(&String, f64, f64)| profit / revenue;
    let thinnest = each.iter().min_by(|a, b| kept(a).total_cmp(&kept(b)))?;
    Some(format!(
        "{} ({} of it) from {first}. Least is kept of the revenue of {}: {}.",
        compact(*most),
        percent(most / all),
        thinnest.0,
        percent(kept(thinnest))
    ))
}

/// How the scorecard stands to its targets, what is furthest off, and how reliably decisions are carried out.
fn metrics(all: &[KpiLine], cycle: Option<&CyclePage>) -> Option<String> {
    let judged: Vec<(&KpiLine, f64, f64)> = all.iter().filter_map(|kpi| Some((kpi, kpi.value?, kpi.target?))).collect();
    let mut off: Vec<&(&KpiLine, f64, f64)> =
        judged.iter().filter(|(kpi, value, target)| !kpi.better.meets(*value, *target)).collect();
    let met = judged.len() - off.len();
    let distance = |(_, value, target): &(&KpiLine, f64, f64)| (value - target).abs() / target.abs().max(1e-9);
    sort_by(&mut off, |a, b| distance(b).total_cmp(&distance(a)));
    let told = off.iter().take(3).map(|(kpi, value, target)| {
        let by = difference_in_unit(value - target, &kpi.unit);
        format!("{} {} ({by} from {})", kpi.name, in_unit(*value, &kpi.unit), in_unit(*target, &kpi.unit))
    });
    let told = told.collect::<Vec<_>>().join("; ");
    let met = (!judged.is_empty()).then(|| format!("{met} of {} key figures meet their targets.", judged.len()));
    let furthest = (!told.is_empty()).then(|| format!("Furthest off: {told}."));
    let done = cycle.and_then(|page| page.execution_rate);
    let done = done.map(|rate| format!("Of all actions that were due, {} were done by their day.", percent(rate)));
    together([met, furthest, done])
}

fn risks(plan: &PlanSummary, alerts: &[Alert]) -> Option<String> {
    let late = plan.by_family.iter().filter_map(|line| Some((line.demand? - line.served?).max(0.0)));
    let late = late.reduce(|sum, units| sum + units);
    let service = late.map(|late| match late > 0.0 {
        true => format!("{} units are late or never served.", compact(late)),
        false => "Everything is served in time.".to_owned(),
    });
    let critical = alerts.iter().filter(|alert| alert.rule.severity == Severity::Critical).count();
    let names: Vec<String> = alerts
        .iter()
        .take(2)
        .map(|alert| match alert.line.as_str() {
            "" => alert.rule.name.clone(),
            line => format!("{} ({line})", alert.rule.name),
        })
        .collect();
    let raised = (!alerts.is_empty()).then(|| {
        let count = if alerts.len() == 1 { "1 alert".to_owned() } else { format!("{} alerts", alerts.len()) };
        let critical = if critical > 0 { format!(", {critical} critical") } else { String::new() };
        format!("{count} from actuals{critical}: {}.", names.join("; "))
    });
    let trust = plan.kpis.iter().find(|kpi| kpi.id == "forecast_accuracy");
    let trust = trust.and_then(|kpi| Some(format!("{} {}.", kpi.name, in_unit(kpi.value?, &kpi.unit))));
    together([service, raised, trust])
}

/// The product review, and the items that begin or end.
fn development(plan: &PlanSummary, cycle: Option<&CyclePage>) -> Option<String> {
    let step =
        cycle.and_then(|page| Some((page, page.cycle.steps.iter().find(|step| step.kind == StepKind::Product)?)));
    let review = step.map(|(page, step)| match &step.done {
        Some(done) => format!("The product review is closed ({}).", done.by),
        None => format!("The product review is open ({}).", who_and_when(&step.owner, &step.due, &page.today)),
    });
    let list = |begin: &str, told: Vec<String>| {
        let more = told.len().saturating_sub(3);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        let told: Vec<String> = told.into_iter().take(3).collect();
        (!told.is_empty()).then(|| format!("{begin}: {}{more}.", told.join("; ")))
    };
    let new = |life: &ItemLife| {
        let short: f64 = plan.shortages.iter().filter(|line| line.item == life.item).map(|line| line.quantity).sum();
        let short = if short > 0.0 { format!(", {} short", compact(short)) } else { String::new() };
        let planned = format!("{} planned{short}", compact(life.planned));
        let sold = if life.sold > 0.0 { format!("{} sold, ", compact(life.sold)) } else { String::new() };
        Some(format!("{} from {} ({sold}{planned})", life.item, life.begins?))
    };
    let ending = |life: &ItemLife| Some(format!("{} with {}", life.item, life.ends?));
    together([
        review,
        list("New", plan.lives.iter().filter_map(new).collect()),
        list("Ending", plan.lives.iter().filter_map(ending).collect()),
    ])
}

/// The later half of the plan against its limits and its budget.
fn long_term(plan: &PlanSummary) -> Option<String> {
    /// Revenue so much below the budget calls for another plan.
    const SLACK: f64 = -0.02;
    let planned: Vec<&BucketLine> = plan.by_bucket.iter().filter(|line| line.consensus.is_some()).collect();
    let later = planned.get(planned.len() / 2..)?;
    let from = later.first()?.bucket;
    let full: Vec<&str> = plan
        .utilisation
        .iter()
        .filter(|line| line.by_bucket.iter().any(|(bucket, load)| *bucket >= from && *load >= FULL))
        .map(|line| line.resource.as_str())
        .collect();
    let both = later.iter().filter_map(|line| line.revenue.zip(line.budget));
    let (revenue, budget) = both.fold((0.0, 0.0), |(revenue, budget), (a, b)| (revenue + a, budget + b));
    let off = change(budget, revenue);
    if plan.utilisation.is_empty() && off.is_none() {
        return None;
    }
    let needs = !full.is_empty() || off.is_some_and(|off| off < SLACK);
    let limits = match full.as_slice() {
        [] => "no resource reaches its limit".to_owned(),
        [one] => format!("{one} reaches its limit"),
        several => format!("{} reach their limits", several.join(", ")),
    };
    let money = off.map(|off| format!(", and revenue is {} against the budget", in_percent(off))).unwrap_or_default();
    Some(format!("{}: from {from} on {limits}{money}.", if needs { "Yes" } else { "No" }))
}

fn decisions(cycle: Option<&CyclePage>) -> Option<String> {
    let Some(page) = cycle.filter(|page| !page.cycle.decisions.is_empty()) else {
        return Some("No decision is noted.".to_owned());
    };
    let open = page.cycle.decisions.iter().filter(|decision| decision.chosen.is_empty());
    let open: Vec<String> = open
        .map(|decision| format!("{} ({})", decision.what, who_and_when(&decision.owner, &decision.due, &page.today)))
        .collect();
    Some(if open.is_empty() { "All are made.".to_owned() } else { format!("{}.", open.join("; ")) })
}

fn follow_ups(cycle: Option<&CyclePage>) -> Option<String> {
    let actions = || cycle.into_iter().flat_map(|page| page.cycle.decisions.iter().flat_map(|it| &it.actions));
    if actions().next().is_none() {
        return Some("No action is noted.".to_owned());
    }
    let today = cycle.map(|page| page.today.as_str()).unwrap_or_default();
    let told = |action: &Action| format!("{} ({})", action.what, who_and_when(&action.owner, &action.due, today));
    let open: Vec<String> = actions().filter(|action| action.done.is_empty()).map(told).collect();
    Some(if open.is_empty() { "All are done.".to_owned() } else { format!("{}.", open.join("; ")) })
}

/// `Ada by 30 Apr 2026`, and whether that day is over.
fn who_and_when(owner: &str, due: &str, today: &str) -> String {
    let owner = if owner.is_empty() { "nobody yet" } else { owner };
    match due {
        "" => owner.to_owned(),
        due if due < today => format!("{owner}, overdue since {}", day(due)),
        due => format!("{owner} by {}", day(due)),
    }
}

fn in_percent(share: f64) -> String {
    signed(percent(share), share)
}
