//! Alerts: rules over plan and actual, with severity and owner, that do not flutter.
//!
//! A rule has two conditions in the rule language: `when` raises the alert on a line, `until` ends it. Between the two
//! it stays as it was (hysteresis), so that a figure near its limit does not come and go. A condition without a value
//! changes nothing.

use serde::{Deserialize, Serialize};

use super::actuals::{ActualLine, PlanVsActual};
use crate::calendar::Bucket;
use crate::formula::rule::{Rule, RuleError};
use crate::value::Value;
use crate::value::format::grouped;

/// How bad it is; the worst last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Info,
    #[default]
    Warning,
    Critical,
}

/// A rule that watches every line of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertRule {
    pub name: String,
    /// The column whose lines it watches; empty: the total.
    #[serde(default)]
    pub by: String,
    /// Raises the alert, e.g. `share < 0.9`.
    pub when: String,
    /// Ends it, e.g. `share > 0.95`; empty: as soon as `when` no longer holds.
    #[serde(default)]
    pub until: String,
    #[serde(default)]
    pub severity: Severity,
    /// Who sees to it.
    #[serde(default)]
    pub owner: String,
}

/// A rule that holds on a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    pub rule: AlertRule,
    /// The line; empty for the total.
    pub line: String,
    /// The last bucket with actuals when it was raised, and now.
    pub since: Bucket,
    pub bucket: Bucket,
    /// What is the matter, in figures.
    pub words: String,
}

/// Why a rule cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AlertError {
    #[error("a rule has a name")]
    NoName,
    #[error("two rules are named {0:?}")]
    TwoOfAName(String),
    #[error("{name}: the condition {condition:?} cannot be used: {error}")]
    Rule { name: String, condition: String, error: RuleError },
    #[error("{name}: {condition:?} is a number and no condition: compare it, such as share < 0.9")]
    Number { name: String, condition: String },
    #[error("{name}: there is no figure {figure:?}; there are: {known}")]
    Figure { name: String, figure: String, known: String },
}

/// A figure's name and how it is read from a line.
type Figure = (&'static str, fn(&ActualLine) -> Option<f64>);

/// What rules may speak of.
const FIGURES: [Figure; 12] = [
    ("actual", |line| Some(line.actual.iter().sum())),
    ("plan", |line| Some(line.plan.iter().sum())),
    ("difference", |line| Some(line.actual.iter().sum::<f64>() - line.plan.iter().sum::<f64>())),
    ("share", |line| ratio(line.actual.iter().sum(), line.plan.iter().sum())),
    ("last_actual", |line| line.actual.last().copied()),
    ("last_plan", |line| line.plan.last().copied()),
    ("last_share", |line| ratio(*line.actual.last()?, *line.plan.last()?)),
    ("wape", |line| line.wape),
    ("bias", |line| line.bias),
    ("projected", |line| Some(line.projected)),
    ("period_plan", |line| Some(line.period_plan)),
    ("projected_share", |line| ratio(line.projected, line.period_plan)),
];

fn ratio(above: f64, below: f64) -> Option<f64> {
    (below != 0.0).then(|| above / below)
}

/// The names of the figures that rules may speak of.
pub fn alert_figures() -> impl Iterator<Item = &'static str> {
    FIGURES.iter().map(|(name, _)| *name)
}

/// What is watched until somebody writes rules.
pub fn default_alert_rules() -> Vec<AlertRule> {
    let rule = |name: &str, by: &str, when: &str, until: &str, severity| AlertRule {
        name: name.to_owned(),
        by: by.to_owned(),
        when: when.to_owned(),
        until: until.to_owned(),
        severity,
        owner: String::new(),
    };
    vec![
        rule("Quarter below plan", "", "projected_share < 0.95", "projected_share > 0.97", Severity::Critical),
        rule("Sales below plan", "Region", "share < 0.9", "share > 0.95", Severity::Warning),
        rule("Sales above plan", "Region", "share > 1.1", "share < 1.05", Severity::Warning),
        rule("Plan far off by item", "Item", "wape > 0.5", "wape < 0.4", Severity::Info),
    ]
}

/// Checks rules before they are kept.
///
/// # Errors
/// Names the rule and what is wrong with it.
pub fn check_alert_rules(rules: &[AlertRule]) -> Result<(), AlertError> {
    for (place, rule) in rules.iter().enumerate() {
        if rule.name.trim().is_empty() {
            return Err(AlertError::NoName);
        }
        if rules[..place].iter().any(|other| other.name == rule.name) {
            return Err(AlertError::TwoOfAName(rule.name.clone()));
        }
        for condition in
            [&rule.when, &rule.until].into_iter().enumerate().filter(|(at, text)| *at == 0 || !text.is_empty())
        {
            let (_, condition) = condition;
            let read = parse(rule, condition)?;
            if let Some(figure) = read.names().iter().find(|name| alert_figures().all(|known| known != **name)) {
                let known = alert_figures().collect::<Vec<_>>().join(", ");
                return Err(AlertError::Figure { name: rule.name.clone(), figure: figure.clone(), known });
            }
            // With any figures, it is true or not.
            if let Value::Number(_) = read.evaluate(|_| Some(1.0)) {
                return Err(AlertError::Number { name: rule.name.clone(), condition: condition.clone() });
            }
        }
    }
    Ok(())
}

fn parse(rule: &AlertRule, condition: &str) -> Result<Rule, AlertError> {
    Rule::parse(condition).map_err(|error| AlertError::Rule {
        name: rule.name.clone(),
        condition: condition.to_owned(),
        error,
    })
}

/// The alerts of a rule over a comparison by its column, given those raised before; the worst departure first.
///
/// # Errors
/// When a condition cannot be read.
pub fn judge_alerts(rule: &AlertRule, found: &PlanVsActual, before: &[Alert]) -> Result<Vec<Alert>, AlertError> {
    let when = parse(rule, &rule.when)?;
    let until = if rule.until.trim().is_empty() { None } else { Some(parse(rule, &rule.until)?) };
    let Some(&bucket) = found.buckets.last() else { return Ok(Vec::new()) };
    let lines = if rule.by.is_empty() { std::slice::from_ref(&found.total) } else { &found.lines };
    let alerts = lines.iter().filter_map(|line| {
        let old = before.iter().find(|alert| alert.rule.name == rule.name && alert.line == line.name);
        let holds = |condition: &Rule| {
            let figure = |name: &str| FIGURES.iter().find(|(known, _)| *known == name).and_then(|(_, read)| read(line));
            match condition.evaluate(figure) {
                Value::Bool(truth) => Some(truth),
                _ => None,
            }
        };
        let raised = match (old, &until) {
            (None, _) => holds(&when) == Some(true),
            (Some(_), Some(until)) => holds(until) != Some(true),
            (Some(_), None) => holds(&when) != Some(false),
        };
        raised.then(|| Alert {
            rule: rule.clone(),
            line: line.name.clone(),
            since: old.map_or(bucket, |old| old.since),
            bucket,
            words: words(line, &found.period),
        })
    });
    Ok(alerts.collect())
}

fn words(line: &ActualLine, period: &str) -> String {
    let (actual, plan) = (line.actual.iter().sum::<f64>(), line.plan.iter().sum::<f64>());
    let share =
        |share: Option<f64>| share.map_or_else(String::new, |share| format!(" ({} %)", grouped(share * 100.0, 0)));
    format!(
        "{} came of {} planned{}; {period} is heading for {} of {}{}",
        grouped(actual, 0),
        grouped(plan, 0),
        share(ratio(actual, plan)),
        grouped(line.projected, 0),
        grouped(line.period_plan, 0),
        share(ratio(line.projected, line.period_plan)),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn found(share: f64) -> PlanVsActual {
        let line = |name: &str, actual: f64| ActualLine {
            name: name.to_owned(),
            actual: vec![actual],
            plan: vec![100.0],
            lagged: vec![None],
            period_plan: 300.0,
            projected: actual * 3.0,
            ..ActualLine::default()
        };
        PlanVsActual {
            by: "Region".to_owned(),
            buckets: vec!["2026-04".parse().unwrap()],
            period: "2026-04 to 2026-06".to_owned(),
            total: line("", 100.0 * share),
            lines: vec![line("North", 100.0 * share), line("South", 100.0)],
            ..PlanVsActual::default()
        }
    }

    fn rule(when: &str, until: &str) -> AlertRule {
        AlertRule {
            name: "low".into(),
            by: "Region".into(),
            when: when.into(),
            until: until.into(),
            ..AlertRule::default()
        }
    }

    #[test]
    fn an_alert_stays_between_its_two_limits() {
        let rule = rule("share < 0.9", "share > 0.95");
        let mut alerts = Vec::new();
        // Raised below 0.9, kept up to 0.95, ended above, not raised again before 0.9.
        for (share, raised) in [(0.92, 0), (0.89, 1), (0.92, 1), (0.95, 1), (0.96, 0), (0.92, 0), (0.5, 1)] {
            alerts = judge_alerts(&rule, &found(share), &alerts).unwrap();
            assert_eq!(alerts.len(), raised, "{share}");
        }
        assert_eq!(alerts[0].line, "North");
        assert_eq!(
            alerts[0].words,
            "50 came of 100 planned (50 %); 2026-04 to 2026-06 is heading for 150 of 300 (50 %)"
        );
    }

    #[test]
    fn without_a_second_limit_it_ends_when_the_first_no_longer_holds() {
        let rule = rule("share < 0.9", "");
        let raised = judge_alerts(&rule, &found(0.8), &[]).unwrap();
        assert_eq!(judge_alerts(&rule, &found(0.85), &raised).unwrap().len(), 1);
        assert_eq!(judge_alerts(&rule, &found(0.9), &raised).unwrap().len(), 0);
    }

    #[test]
    fn what_has_no_value_changes_nothing() {
        let rule = rule("wape > 0.1", "wape < 0.05");
        let old =
            judge_alerts(&super::AlertRule { when: "share > 0".into(), ..rule.clone() }, &found(1.0), &[]).unwrap();
        assert_eq!(old.len(), 2);
        assert_eq!(judge_alerts(&rule, &found(1.0), &old).unwrap().len(), 2, "they stay");
        assert_eq!(judge_alerts(&rule, &found(1.0), &[]).unwrap().len(), 0, "none is raised");
    }

    #[test]
    fn rules_are_refused_with_their_name_and_reason() {
        let refused = |rules: &[AlertRule]| check_alert_rules(rules).err().map(|error| error.to_string());
        assert_eq!(refused(&default_alert_rules()), None);
        let odd = refused(&[rule("moon < 1", "")]).unwrap();
        assert!(odd.starts_with("low: there is no figure \"moon\"; there are: actual, plan,"), "{odd}");
        let broken = refused(&[rule("share <", "")]).unwrap();
        assert!(broken.starts_with("low: the condition \"share <\" cannot be used: "), "{broken}");
        for number in ["share", "share * 2", "if(share < 1, 1, 0)"] {
            let told = refused(&[rule(number, "")]).unwrap();
            assert!(told.contains("is a number and no condition"), "{told}");
        }
        assert_eq!(
            refused(&[rule("share < 1", ""), rule("share < 1", "")]),
            Some("two rules are named \"low\"".into())
        );
        assert_eq!(
            refused(&[AlertRule { name: " ".into(), ..rule("share < 1", "") }]),
            Some("a rule has a name".into())
        );
    }
}
