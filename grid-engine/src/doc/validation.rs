//! Rules of a column or measure: what its cells accept, and how their values stand out.

use serde::{Deserialize, Serialize};

use super::schema::Input;

/// Values one list offers: more than anybody reads.
pub(super) const MAX_LIST: usize = 200;

/// What may be entered. Dates are numbers, as everywhere; formulas are not judged, since what they give may change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Accepts {
    /// Whatever there is.
    Any,
    /// Numbers from `least` to `most`, both included.
    Number { least: Option<f64>, most: Option<f64> },
    /// The same without decimals.
    Whole { least: Option<f64>, most: Option<f64> },
    /// One of these texts; case does not count.
    List(Vec<String>),
    /// Texts of so many characters at most.
    Text { longest: usize },
}

/// A rule for all cells of a column or measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    pub accepts: Accepts,
    /// Whether other entries are refused; otherwise they are only marked. What was entered before the rule came, or at
    /// the same moment, stays and is marked.
    pub strict: bool,
    /// What the person reads who enters something else; empty for a sentence of our own.
    #[serde(default)]
    pub message: String,
    /// How values stand out (conditional format), in words that interfaces know, such as `bars blue` or `below 0 red`;
    /// empty: they do not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub highlight: String,
}

impl Validation {
    /// Why an input is not what the rule accepts; `None` where it is.
    ///
    /// ```
    /// # use grid_engine::doc::{Accepts, Input, Validation};
    /// let accepts = Accepts::Whole { least: Some(0.0), most: None };
    /// let rule = Validation { accepts, strict: true, message: String::new(), highlight: String::new() };
    /// assert_eq!(rule.objection(&Input::Number(12.0)), None);
    /// assert_eq!(rule.objection(&Input::Number(1.5)).as_deref(), Some("a whole number of at least 0 is expected"));
    /// ```
    pub fn objection(&self, input: &Input) -> Option<String> {
        let is_within = |least: Option<f64>, most: Option<f64>, number: f64| {
            least.is_none_or(|least| least <= number) && most.is_none_or(|most| number <= most)
        };
        let is_accepted = match (&self.accepts, input) {
            (Accepts::Any, _) | (_, Input::Formula(_)) => true,
            (Accepts::Number { least, most }, Input::Number(number)) => is_within(*least, *most, *number),
            (Accepts::Whole { least, most }, Input::Number(number)) => {
                number.fract() == 0.0 && is_within(*least, *most, *number)
            }
            (Accepts::List(values), Input::Text(text)) => {
                values.iter().any(|value| value.to_lowercase() == text.to_lowercase())
            }
            (Accepts::List(values), Input::Number(number)) => values.iter().any(|value| *value == number.to_string()),
            (Accepts::Text { longest }, Input::Text(text)) => text.chars().count() <= *longest,
            _ => false,
        };
        (!is_accepted).then(|| if self.message.is_empty() { self.expected() } else { self.message.clone() })
    }

    /// What the rule accepts, in words.
    pub fn expected(&self) -> String {
        let limits = |least: &Option<f64>, most: &Option<f64>| match (least, most) {
            (Some(least), Some(most)) => format!(" from {least} to {most}"),
            (Some(least), None) => format!(" of at least {least}"),
            (None, Some(most)) => format!(" of at most {most}"),
            (None, None) => String::new(),
        };
        let what = match &self.accepts {
            Accepts::Number { least, most } => format!("a number{}", limits(least, most)),
            Accepts::Whole { least, most } => format!("a whole number{}", limits(least, most)),
            Accepts::List(values) => format!("one of {}", values.join(", ")),
            Accepts::Text { longest } => format!("a text of at most {longest} characters"),
            Accepts::Any => "anything".to_owned(),
        };
        format!("{what} is expected")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::replicas::{cell, edit, id, input, meet, replicas, set, text};
    use super::*;
    use crate::doc::Op;

    fn rule(accepts: Accepts, strict: bool) -> Option<Validation> {
        Some(Validation { accepts, strict, message: String::new(), highlight: String::new() })
    }

    fn put(rule: Option<Validation>) -> Op {
        Op::SetValidation { sheet: id("summary"), measure: id("a"), rule }
    }

    #[test]
    fn rules_say_what_they_accept() {
        let list = Accepts::List(vec!["Open".into(), "7".into()]);
        let few = Accepts::Number { least: Some(-1.0), most: Some(1.0) };
        for (accepts, input, accepted) in [
            (&few, Input::Number(1.0), true),
            (&few, Input::Number(1.01), false),
            (&few, text("one"), false),
            (&few, Input::Formula("=99".into()), true),
            (&list, text("OPEN"), true),
            (&list, text("Shut"), false),
            (&list, Input::Number(7.0), true),
            (&Accepts::Text { longest: 3 }, text("äöü"), true),
            (&Accepts::Text { longest: 3 }, text("four"), false),
            (&Accepts::Whole { least: None, most: None }, Input::Bool(true), false),
        ] {
            let found = rule(accepts.clone(), true).unwrap().objection(&input);
            assert_eq!(found.is_none(), accepted, "{accepts:?} {input:?}: {found:?}");
        }
    }

    #[test]
    fn a_strict_rule_refuses_and_what_was_there_is_marked() {
        let mut plan = replicas(2);
        let (place, other) = (cell("summary", "r1", "a"), cell("summary", "r2", "a"));
        let positive = Accepts::Number { least: Some(0.0), most: None };
        plan[0].apply(&edit("ada", vec![put(rule(positive.clone(), true))])).unwrap();
        // Bob has not heard of the rule: what he enters stays, and everybody sees that it should not.
        plan[1].apply(&edit("bob", vec![set(place, Input::Number(-5.0))])).unwrap();
        meet(&mut plan);
        for documents in &mut plan {
            let sheet = documents.mirror().sheet(place.sheet).unwrap();
            assert_eq!(sheet.objection(place.row, place.col).as_deref(), Some("a number of at least 0 is expected"));
            assert_eq!(sheet.objection(other.row, other.col), None);
            assert!(documents.apply(&edit("bob", vec![set(other, Input::Number(-1.0))])).is_err());
            documents.apply(&edit("bob", vec![set(other, Input::Number(2.0))])).unwrap();
        }
        plan[0].apply(&edit("ada", vec![put(rule(positive, false))])).unwrap();
        plan[0].apply(&edit("ada", vec![set(other, Input::Number(-2.0))])).unwrap();
        (0..2).for_each(|_| _ = plan[0].undo(id("ada"), 1).unwrap());
        assert_eq!(input(&plan[0], other), Some(Input::Number(2.0)));
        assert!(plan[0].apply(&edit("ada", vec![set(other, Input::Number(-2.0))])).is_err(), "strict again");
        plan[0].apply(&edit("ada", vec![put(None)])).unwrap();
        plan[0].apply(&edit("ada", vec![set(other, Input::Number(-2.0))])).unwrap();
    }

    #[test]
    fn a_rule_must_make_sense() {
        let mut plan = replicas(1);
        let long = Accepts::List(vec!["x".into(); MAX_LIST + 1]);
        let upside_down = Accepts::Number { least: Some(2.0), most: Some(1.0) };
        for accepts in
            [long, upside_down, Accepts::List(Vec::new()), Accepts::Whole { least: Some(f64::NAN), most: None }]
        {
            assert!(plan[0].apply(&edit("ada", vec![put(rule(accepts, true))])).is_err());
        }
        let nowhere = Op::SetValidation { sheet: id("summary"), measure: id("zz"), rule: None };
        assert!(plan[0].apply(&edit("ada", vec![nowhere])).is_err());
    }
}
