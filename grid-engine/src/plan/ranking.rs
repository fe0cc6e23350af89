//! Which scenario to take: scores by a rule people write, what is better nowhere, strengths and weaknesses in words.

use serde::{Deserialize, Serialize};

use super::version::PlanSummary;
use crate::formula::rule::{Rule, RuleError};
use crate::kpi::Better;
use crate::value::format::round_decimal;
use crate::value::order::alike;
use crate::value::{CellError, ErrorKind, Value};

/// A figure that scenarios are compared by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankedFigure {
    /// The name it has in rules: `profit`, `revenue`, `cost`, or a KPI's id.
    pub id: String,
    pub name: String,
    pub unit: String,
    pub value: Option<f64>,
    pub target: Option<f64>,
    pub better: Better,
}

/// What a scenario is judged by: money, and the key figures.
pub fn ranked_figures(summary: &PlanSummary) -> Vec<RankedFigure> {
    let money = |id: &str, name: &str, value: Option<f64>, better: Better| RankedFigure {
        id: id.to_owned(),
        name: name.to_owned(),
        unit: "money".to_owned(),
        value,
        target: None,
        better,
    };
    let headline = summary.headline;
    let money = [
        money("profit", "Profit", headline.profit, Better::Higher),
        money("revenue", "Revenue", headline.revenue, Better::Higher),
        money("cost", "Supply cost", headline.cost, Better::Lower),
    ];
    let is_other = |id: &str| money.iter().all(|figure| figure.id != id);
    let kpis = summary.kpis.iter().filter(|kpi| is_other(&kpi.id)).map(|kpi| RankedFigure {
        id: kpi.id.clone(),
        name: kpi.name.clone(),
        unit: kpi.unit.clone(),
        value: kpi.value,
        target: kpi.target,
        better: kpi.better,
    });
    let kpis: Vec<RankedFigure> = kpis.collect();
    money.into_iter().chain(kpis).collect()
}

/// A figure's course over versions, oldest first: those that do not have it, as versions of one side, are no gap in it but
/// not part of it.
pub fn course(versions: &[Vec<RankedFigure>], id: &str) -> Vec<f64> {
    versions.iter().filter_map(|figures| figures.iter().find(|figure| figure.id == id)?.value).collect()
}

/// A scenario's place among others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ranking {
    /// `None`: the rule speaks of something this scenario has no value for; `reason` says what.
    pub score: Option<f64>,
    pub reason: Option<String>,
    /// 1 is the best score; scenarios whose scores are shown as the same share a rank, and the next one counts them all
    /// (standard competition ranking: 1, 1, 3).
    pub rank: Option<usize>,
    /// Whether others share the rank.
    #[serde(default)]
    pub is_tied: bool,
    /// Another scenario that is as good in everything and better in something.
    pub dominated_by: Option<usize>,
    pub strengths: Vec<String>,
    pub weaknesses: Vec<String>,
}

impl Ranking {
    /// The rank as people read it: `1`, or `1=` where others share it.
    pub fn place(&self) -> Option<String> {
        self.rank.map(|rank| format!("{rank}{}", if self.is_tied { "=" } else { "" }))
    }
}

/// Decimals that a score is shown and told apart with: a sum of money to the cent, a share to the hundredth of a per cent.
fn decimals(score: f64) -> i32 {
    if score.abs() < 10.0 { 4 } else { 2 }
}

/// A score as it is shown.
pub fn shown_score(score: f64) -> f64 {
    round_decimal(score, decimals(score))
}

/// A share of a score that is below what a solved plan is exact to.
const LAST_BITS: f64 = 1e-10;

/// Whether two scores are shown as the same, or differ by a solver's rounding alone.
fn is_tie(best: f64, score: f64) -> bool {
    (best - score).abs() <= LAST_BITS * best.abs() || shown_score(best) == shown_score(score)
}

/// Differences below this share of the spread are no strength and no weakness.
const NOTABLE: f64 = 0.25;
/// Sentences of one kind: more are not read.
const SENTENCES: usize = 3;

/// Ranks scenarios by a rule over their figures, e.g. `profit + 200000 * otif`.
///
/// # Errors
/// What is wrong with the rule: it cannot be read, speaks of a figure no scenario has, or has a value for none of them.
pub fn rank(rule: &str, scenarios: &[Vec<RankedFigure>]) -> Result<Vec<Ranking>, RuleError> {
    let rule = Rule::parse(rule)?;
    let mut known: Vec<&str> = Vec::new();
    for figure in scenarios.iter().flatten() {
        if !known.contains(&figure.id.as_str()) {
            known.push(&figure.id);
        }
    }
    let unknown = rule.names().iter().find(|name| !known.contains(&name.as_str()));
    if let Some(name) = unknown.filter(|_| !known.is_empty()) {
        return Err(RuleError(format!("scenarios have no figure {name:?}; there are: {}", known.join(", "))));
    }
    let mut rankings: Vec<Ranking> = scenarios.iter().map(|figures| score(&rule, figures)).collect();
    if let Some(reason) = rankings.first().filter(|_| rankings.iter().all(|it| it.score.is_none())) {
        return Err(RuleError(reason.reason.clone().unwrap_or_default()));
    }
    let mut order: Vec<usize> = (0..rankings.len()).filter(|&at| rankings[at].score.is_some()).collect();
    order.sort_by(|&a, &b| rankings[b].score.partial_cmp(&rankings[a].score).unwrap_or(std::cmp::Ordering::Equal));
    let mut best = 0;
    for place in 0..order.len() {
        let score = |place: usize| rankings[order[place]].score.unwrap_or_default();
        let is_tied = place > 0 && is_tie(score(best), score(place));
        best = if is_tied { best } else { place };
        rankings[order[best]].is_tied |= is_tied;
        rankings[order[place]].is_tied = is_tied;
        rankings[order[place]].rank = Some(best + 1);
    }
    for (at, figures) in scenarios.iter().enumerate() {
        rankings[at].dominated_by = (0..scenarios.len()).find(|&by| by != at && dominates(&scenarios[by], figures));
        (rankings[at].strengths, rankings[at].weaknesses) = words(at, scenarios);
    }
    Ok(rankings)
}

fn score(rule: &Rule, figures: &[RankedFigure]) -> Ranking {
    let value = |name: &str| figures.iter().find(|figure| figure.id == name)?.value;
    let missing = rule.names().iter().find(|name| value(name).is_none());
    let (score, reason) = match rule.evaluate(value) {
        Value::Number(number) => (Some(number), None),
        Value::Bool(truth) => (Some(f64::from(u8::from(truth))), None),
        Value::Error(error) => (None, Some(told(&error))),
        _ => (None, missing.map(|name| format!("{name} has no value here"))),
    };
    Ranking { score, reason, ..Ranking::default() }
}

/// Why a rule has no value, in words.
fn told(error: &CellError) -> String {
    match (error.kind, error.detail()) {
        (_, Some(detail)) => detail.to_string(),
        (ErrorKind::Div0 | ErrorKind::Num, None) => {
            "the rule has no finite value, such as when it divides by 0".to_owned()
        }
        (kind, None) => kind.code().to_owned(),
    }
}

/// How much better a figure is than another, in its own unit: positive is better.
fn gain(figure: &RankedFigure, other: &RankedFigure) -> Option<f64> {
    let (value, than) = (figure.value?, other.value?);
    // Solved plans differ in their last bits, which are no gain.
    let difference = if alike(value, than) { 0.0 } else { value - than };
    match figure.better {
        Better::Higher => Some(difference),
        Better::Lower => Some(-difference),
        Better::NearZero if alike(value.abs(), than.abs()) => Some(0.0),
        Better::NearZero => Some(than.abs() - value.abs()),
    }
}

fn dominates(a: &[RankedFigure], b: &[RankedFigure]) -> bool {
    let mut is_better = false;
    for figure in a {
        let Some(other) = b.iter().find(|other| other.id == figure.id) else { continue };
        match gain(figure, other) {
            Some(gain) if gain < 0.0 => return false,
            Some(gain) => is_better |= gain > 0.0,
            None => {}
        }
    }
    is_better
}

/// What stands out in a scenario: where it is best or worst of all, and targets met or missed.
fn words(at: usize, scenarios: &[Vec<RankedFigure>]) -> (Vec<String>, Vec<String>) {
    let mut strengths: Vec<(f64, String)> = Vec::new();
    let mut weaknesses: Vec<(f64, String)> = Vec::new();
    for figure in &scenarios[at] {
        let others: Vec<&RankedFigure> = scenarios
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != at)
            .filter_map(|(_, figures)| figures.iter().find(|other| other.id == figure.id && other.value.is_some()))
            .collect();
        let gains: Vec<f64> = others.iter().filter_map(|other| gain(figure, other)).collect();
        let Some(value) = figure.value.filter(|_| !gains.is_empty()) else { continue };
        let values = others.iter().filter_map(|other| other.value).chain([value]);
        let (least, most) =
            values.fold((f64::MAX, f64::MIN), |(least, most), value| (least.min(value), most.max(value)));
        let spread = most - least;
        let mean = gains.iter().sum::<f64>() / gains.len() as f64;
        if spread <= 1e-9 * least.abs().max(most.abs()) || mean.abs() < NOTABLE * spread {
            continue;
        }
        let share = mean.abs() / spread;
        let shown = shown(figure);
        let is_best = gains.iter().all(|gain| *gain >= 0.0);
        let is_worst = gains.iter().all(|gain| *gain <= 0.0);
        let name = &figure.name;
        match mean > 0.0 {
            true if is_best => strengths.push((1.0 + share, format!("{name} {shown}, the best of all"))),
            true => strengths.push((share, format!("{name} {shown}, better than most"))),
            false if is_worst => weaknesses.push((1.0 + share, format!("{name} {shown}, the worst of all"))),
            false => weaknesses.push((share, format!("{name} {shown}, worse than most"))),
        }
    }
    let told = |mut found: Vec<(f64, String)>| {
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        found.into_iter().take(SENTENCES).map(|(_, words)| words).collect()
    };
    (told(strengths), told(weaknesses))
}

fn shown(figure: &RankedFigure) -> String {
    let value = figure.value.unwrap_or_default();
    match figure.unit.as_str() {
        "%" => format!("{:.1} %", value * 100.0),
        "money" if value.abs() >= 1e6 => format!("{:.2} M", value / 1e6),
        "money" if value.abs() >= 1e3 => format!("{:.0} k", value / 1e3),
        unit => format!("{value:.1} {unit}").trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn figures(profit: f64, otif: Option<f64>, days: f64) -> Vec<RankedFigure> {
        let figure = |id: &str, unit: &str, value, better| RankedFigure {
            id: id.into(),
            name: id.to_uppercase(),
            unit: unit.into(),
            value,
            target: None,
            better,
        };
        vec![
            figure("profit", "money", Some(profit), Better::Higher),
            figure("otif", "%", otif, Better::Higher),
            figure("days", "days", Some(days), Better::Lower),
        ]
    }

    #[test]
    fn the_rule_decides_and_what_is_better_nowhere_is_said() {
        let scenarios =
            [figures(100.0, Some(0.9), 40.0), figures(90.0, Some(0.99), 40.0), figures(80.0, Some(0.9), 45.0)];
        let ranks = |rule: &str| {
            let ranked = rank(rule, &scenarios).unwrap();
            ranked.iter().map(|ranking| ranking.rank.unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(ranks("profit"), [1, 2, 3]);
        assert_eq!(ranks("profit + 1000 * otif"), [2, 1, 3]);
        let ranked = rank("profit", &scenarios).unwrap();
        assert_eq!(ranked.iter().map(|one| one.dominated_by).collect::<Vec<_>>(), [None, None, Some(0)]);
        assert_eq!(ranked[1].strengths, ["OTIF 99.0 %, the best of all", "DAYS 40.0 days, the best of all"]);
        assert_eq!(ranked[2].weaknesses[0], "DAYS 45.0 days, the worst of all");
    }

    #[test]
    fn scenarios_shown_with_the_same_score_share_a_rank() {
        let places = |scores: &[f64]| {
            let scenarios: Vec<_> = scores.iter().map(|score| figures(*score, None, 40.0)).collect();
            let ranked = rank("profit", &scenarios).unwrap();
            ranked.iter().map(|one| one.place().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(places(&[90.0, 100.0, 100.0, 80.0]), ["3", "1=", "1=", "4"]);
        // To the cent, and a solver's last bits are nobody's merit.
        assert_eq!(places(&[100.001, 100.002, 100.02]), ["2=", "2=", "1"]);
        assert_eq!(places(&[12_345_678.911, 12_345_678.912, 12_345_678.95]), ["2=", "2=", "1"]);
        // A share is told apart where a sum of money is not.
        assert_eq!(places(&[0.954, 0.953, 0.95301]), ["1", "2=", "2="]);
        assert_eq!(places(&[5.0, 5.0, 5.0]), ["1="; 3]);
    }

    #[test]
    fn a_course_goes_on_over_versions_that_do_not_have_the_figure() {
        let versions =
            [figures(1.0, Some(0.9), 40.0), figures(2.0, None, 41.0), Vec::new(), figures(3.0, Some(0.8), 42.0)];
        assert_eq!(course(&versions, "otif"), [0.9, 0.8]);
        assert_eq!((course(&versions, "profit"), course(&versions, "moon")), (vec![1.0, 2.0, 3.0], Vec::new()));
    }

    #[test]
    fn what_has_no_value_is_not_ranked_and_says_why() {
        let scenarios = [figures(100.0, None, 40.0), figures(90.0, Some(0.9), 40.0)];
        let ranked = rank("otif", &scenarios).unwrap();
        assert_eq!((ranked[0].rank, ranked[1].rank), (None, Some(1)));
        assert_eq!(ranked[0].reason.as_deref(), Some("otif has no value here"));
        assert!(rank("profit +", &scenarios).is_err());
    }

    #[test]
    fn a_rule_that_ranks_nothing_says_what_is_wrong_with_it() {
        let scenarios = [figures(100.0, None, 40.0), figures(90.0, None, 0.0)];
        let refused = |rule: &str| rank(rule, &scenarios).unwrap_err().to_string();
        assert_eq!(refused("nope + 1"), "scenarios have no figure \"nope\"; there are: profit, otif, days");
        assert_eq!(refused("otif"), "otif has no value here");
        assert_eq!(refused("1 / 0"), "the rule has no finite value, such as when it divides by 0");
        assert!(refused("profit - 1000000 * (days < 10)").contains("write if(condition, 1, 0)"));
        // Where some have a value, the others say why they have none.
        let ranked = rank("profit / days", &scenarios).unwrap();
        assert_eq!((ranked[0].rank, ranked[1].rank), (Some(1), None));
        assert!(ranked[1].reason.as_ref().unwrap().contains("no finite value"), "{ranked:?}");
        // As long as nothing is calculated, no figure is known.
        assert_eq!(rank("nope", &[]), Ok(Vec::new()));
    }

    #[test]
    fn the_last_bits_of_a_solved_plan_are_no_gain() {
        let scenarios = [figures(100.0, Some(1.0), 40.0), figures(90.0, Some(1.0 + f64::EPSILON), 40.0)];
        assert_eq!(rank("profit", &scenarios).unwrap()[1].dominated_by, Some(0));
    }
}
