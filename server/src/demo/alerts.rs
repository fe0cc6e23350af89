//! What the demo company watches over plan and actual, and who sees to it.

use grid_engine::plan::{AlertRule, default_alert_rules, role_of_owner};

use super::people::PEOPLE;

/// The rules the product comes with. What is one person's work is theirs by name; several sales planners share theirs.
pub fn alert_rules() -> Vec<AlertRule> {
    let mut rules = default_alert_rules();
    for rule in &mut rules {
        let role = role_of_owner(&rule.owner);
        let mut people = PEOPLE.iter().filter(|person| Some(person.role) == role);
        if let (Some(only), None) = (people.next(), people.next()) {
            rule.owner = only.name.to_owned();
        }
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_an_owner() {
        let owners: Vec<String> = alert_rules().into_iter().map(|rule| rule.owner).collect();
        assert_eq!(owners, ["Fiona Grant", "Sales planners", "Sales planners", "Dana Okafor"]);
    }
}
