//! Alerts: rules over plan and actual, with severity and owner, that do not flutter.
//!
//! A rule has two conditions in the rule language: `when` raises the alert on a line, `until` ends it once `when` holds no
//! more. Between the two it stays as it was (hysteresis), so that a figure near its limit does not come and go. A condition
//! without a value changes nothing, and the rule is said not to be judged there. Rules are judged bucket by bucket
//! ([`watch_alerts`]), however many buckets came at once.

mod watch;

use serde::{Deserialize, Serialize};

use super::actuals::ActualLine;
use crate::calendar::Bucket;
use crate::formula::rule::{Rule, RuleError};
use crate::value::Value;
use crate::wire::Role;

pub use watch::{EndedAlert, JudgedRule, Watch, Watched, watch_alerts};

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
    /// Who sees to it: a person by name or user name, or a role, see [`role_of_owner`]; empty: nobody.
    #[serde(default)]
    pub owner: String,
}

impl AlertRule {
    /// Whether it asks what another asks, whoever owns it and however bad it is: then what was judged of one holds for the
    /// other.
    pub fn asks_the_same(&self, other: &Self) -> bool {
        let asked = |rule: &Self| [&rule.name, &rule.by, &rule.when, &rule.until].map(|text| text.trim().to_owned());
        asked(self) == asked(other)
    }
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

/// A figure: its name, how it is read from a line, and what is the matter where it has no value.
type Figure = (&'static str, fn(&ActualLine) -> Option<f64>, &'static str);

const NO_PLAN: &str = "nothing was planned";
const NO_ACTUAL: &str = "nothing came";
const NO_PERIOD: &str = "nothing is planned in the quarter";

/// What rules may speak of.
const FIGURES: [Figure; 12] = [
    ("actual", |line| Some(line.actual.iter().sum()), ""),
    ("plan", |line| Some(line.plan.iter().sum()), ""),
    ("difference", |line| Some(line.actual.iter().sum::<f64>() - line.plan.iter().sum::<f64>()), ""),
    ("share", |line| ratio(line.actual.iter().sum(), line.plan.iter().sum()), NO_PLAN),
    ("last_actual", |line| line.actual.last().copied(), NO_ACTUAL),
    ("last_plan", |line| line.plan.last().copied(), NO_PLAN),
    ("last_share", |line| ratio(*line.actual.last()?, *line.plan.last()?), NO_PLAN),
    ("wape", |line| line.wape, NO_ACTUAL),
    ("bias", |line| line.bias, NO_ACTUAL),
    ("projected", |line| Some(line.projected), ""),
    ("period_plan", |line| Some(line.period_plan), ""),
    ("projected_share", |line| ratio(line.projected, line.period_plan), NO_PERIOD),
];

fn ratio(above: f64, below: f64) -> Option<f64> {
    (below != 0.0).then(|| above / below)
}

/// Roles as owners of rules: whoever has the role sees to it.
const OWNER_ROLES: [(&str, Role); 7] = [
    ("Sales planners", Role::Sales),
    ("Demand planners", Role::Demand),
    ("Supply planners", Role::Supply),
    ("Finance", Role::Finance),
    ("Executives", Role::Executive),
    ("Administrators", Role::Admin),
    ("Viewers", Role::Viewer),
];

/// The role that a rule's owner stands for, such as `Sales planners`; `None`: it is a person's name.
pub fn role_of_owner(owner: &str) -> Option<Role> {
    let found = OWNER_ROLES.iter().find(|(words, _)| words.eq_ignore_ascii_case(owner.trim()));
    found.map(|(_, role)| *role)
}

/// The roles that may own a rule, as a rule names them.
pub fn owner_roles() -> impl Iterator<Item = &'static str> {
    OWNER_ROLES.iter().map(|(words, _)| *words)
}

/// The names of the figures that rules may speak of.
pub fn alert_figures() -> impl Iterator<Item = &'static str> {
    FIGURES.iter().map(|(name, ..)| *name)
}

/// What is watched until somebody writes rules. Owners are roles: who the people are is not known here.
pub fn default_alert_rules() -> Vec<AlertRule> {
    let rule = |name: &str, by: &str, [when, until]: [&str; 2], severity, owner: &str| AlertRule {
        name: name.to_owned(),
        by: by.to_owned(),
        when: when.to_owned(),
        until: until.to_owned(),
        severity,
        owner: owner.to_owned(),
    };
    let quarter = ["projected_share < 0.95", "projected_share > 0.97"];
    let [below, above, far_off] =
        [["share < 0.9", "share > 0.95"], ["share > 1.1", "share < 1.05"], ["wape > 0.5", "wape < 0.4"]];
    vec![
        rule("Quarter below plan", "", quarter, Severity::Critical, "Finance"),
        rule("Sales below plan", "Region", below, Severity::Warning, "Sales planners"),
        rule("Sales above plan", "Region", above, Severity::Warning, "Sales planners"),
        rule("Plan far off by item", "Item", far_off, Severity::Info, "Demand planners"),
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A rule by region that raises and ends with these conditions.
    pub(super) fn rule(when: &str, until: &str) -> AlertRule {
        AlertRule {
            name: "low".into(),
            by: "Region".into(),
            when: when.into(),
            until: until.into(),
            ..AlertRule::default()
        }
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

    #[test]
    fn every_default_rule_is_owned_by_a_role() {
        for rule in default_alert_rules() {
            assert!(role_of_owner(&rule.owner).is_some(), "{rule:?}");
        }
        assert_eq!((role_of_owner("sales planners "), role_of_owner("Nora")), (Some(Role::Sales), None));
    }
}
