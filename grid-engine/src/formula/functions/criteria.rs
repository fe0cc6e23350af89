//! Conditions written as values: `">=10"`, `"A*"`, `5`.

use std::cmp::Ordering;

use crate::value::{ErrorKind, Value, compare_numbers, compare_texts, entry::read_number, same_texts};

/// A condition on one cell.
#[derive(Clone, Debug)]
pub(super) struct Criterion {
    relation: Relation,
    operand: Operand,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Relation {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Unequal => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

#[derive(Clone, Debug)]
enum Operand {
    Number(f64),
    Bool(bool),
    Error(ErrorKind),
    Text(Pattern),
    /// `=` and `<>` alone ask whether a cell is blank.
    Nothing,
    /// An empty text asks for blank cells and empty texts.
    Empty,
}

impl Criterion {
    /// Reads a criterion as SUMIFS and its kin take it. A blank cell as criterion means 0.
    pub(super) fn read(value: &Value) -> Self {
        let text = match value {
            Value::Text(text) => text,
            Value::Blank => return Self { relation: Relation::Equal, operand: Operand::Number(0.0) },
            Value::Number(number) => return Self { relation: Relation::Equal, operand: Operand::Number(*number) },
            Value::Bool(truth) => return Self { relation: Relation::Equal, operand: Operand::Bool(*truth) },
            Value::Error(error) => return Self { relation: Relation::Equal, operand: Operand::Error(error.kind) },
            Value::Array(array) => return Self::read(array.first()),
        };
        let marks = [
            ("<=", Relation::LessOrEqual),
            (">=", Relation::GreaterOrEqual),
            ("<>", Relation::Unequal),
            ("<", Relation::Less),
            (">", Relation::Greater),
            ("=", Relation::Equal),
        ];
        let marked = marks.iter().find_map(|(mark, relation)| Some((*relation, text.strip_prefix(mark)?)));
        let (relation, operand) = match marked {
            Some((relation, "")) => (relation, Operand::Nothing),
            Some((relation, rest)) => (relation, operand(rest)),
            None if text.is_empty() => (Relation::Equal, Operand::Empty),
            None => (Relation::Equal, operand(text)),
        };
        Self { relation, operand }
    }

    /// What a cell must equal to meet the condition, where it must equal one value.
    pub(super) fn sought(&self) -> Option<Value> {
        match &self.operand {
            _ if self.relation != Relation::Equal => None,
            Operand::Number(number) => Some(Value::Number(*number)),
            Operand::Bool(truth) => Some(Value::Bool(*truth)),
            Operand::Text(pattern) if pattern.parts.is_none() => Some(Value::text(&pattern.text)),
            _ => None,
        }
    }

    /// Whether it compares numbers with one: no other cell can meet it then.
    pub(super) fn compares(&self) -> bool {
        matches!(self.operand, Operand::Number(_)) && !matches!(self.relation, Relation::Equal | Relation::Unequal)
    }

    /// How many of these numbers, the least first, meet the condition, where it compares with a number and no other cell can
    /// meet it.
    pub(super) fn count_of(&self, sorted: &[f64]) -> Option<usize> {
        let Operand::Number(wanted) = self.operand else { return None };
        let below = |or_equal: bool| {
            sorted.partition_point(|number| {
                let order = compare_numbers(*number, wanted);
                order.is_lt() || (or_equal && order.is_eq())
            })
        };
        match self.relation {
            Relation::Less => Some(below(false)),
            Relation::LessOrEqual => Some(below(true)),
            Relation::Greater => Some(sorted.len() - below(true)),
            Relation::GreaterOrEqual => Some(sorted.len() - below(false)),
            Relation::Equal | Relation::Unequal => None,
        }
    }

    /// Whether a cell meets the condition.
    pub(super) fn holds(&self, value: &Value) -> bool {
        let relation = self.relation;
        let unequal = relation == Relation::Unequal;
        match (&self.operand, value) {
            (Operand::Number(wanted), Value::Number(number)) => relation.holds(compare_numbers(*number, *wanted)),
            // A text that is the number counts as equal to it.
            (Operand::Number(wanted), Value::Text(text)) if relation == Relation::Equal => {
                read_number(text).is_some_and(|(number, _)| number == *wanted)
            }
            (Operand::Bool(wanted), Value::Bool(truth)) => relation.holds(truth.cmp(wanted)),
            (Operand::Error(wanted), Value::Error(error)) => (error.kind == *wanted) != unequal,
            (Operand::Text(pattern), Value::Text(text)) => match relation {
                Relation::Equal | Relation::Unequal => pattern.matches(text) != unequal,
                _ => relation.holds(compare_texts(text, &pattern.text)),
            },
            (Operand::Nothing, value) => match relation {
                Relation::Equal => value.is_blank(),
                Relation::Unequal => !value.is_blank(),
                _ => false,
            },
            (Operand::Empty, value) => value.is_blank() || value.as_text() == Some(""),
            _ => unequal,
        }
    }
}

fn operand(text: &str) -> Operand {
    if let Some((number, _)) = read_number(text) {
        return Operand::Number(number);
    }
    let upper = text.to_ascii_uppercase();
    match upper.as_str() {
        "TRUE" => Operand::Bool(true),
        "FALSE" => Operand::Bool(false),
        code => match ErrorKind::ALL.into_iter().find(|kind| kind.code() == code) {
            Some(kind) => Operand::Error(kind),
            None => Operand::Text(Pattern::new(text)),
        },
    }
}

/// A text with `*` for any characters, `?` for one, `~` before one that stands for itself; whatever the case.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    text: String,
    /// `None`: no wildcard, compare as texts.
    parts: Option<Vec<Part>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Any,
    One,
    Char(char),
}

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        if !text.contains(['*', '?', '~']) {
            return Self { text: text.to_owned(), parts: None };
        }
        let mut parts = Vec::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '*' if parts.last() == Some(&Part::Any) => {}
                '*' => parts.push(Part::Any),
                '?' => parts.push(Part::One),
                '~' => parts.extend(chars.next().into_iter().flat_map(char::to_lowercase).map(Part::Char)),
                c => parts.extend(c.to_lowercase().map(Part::Char)),
            }
        }
        Self { text: text.to_owned(), parts: Some(parts) }
    }

    /// Whether the whole text fits.
    pub(super) fn matches(&self, text: &str) -> bool {
        let Some(parts) = &self.parts else { return same_texts(text, &self.text) };
        if text.is_ascii() {
            let bytes = text.as_bytes();
            return fits(parts, bytes.len(), &|at| char::from(bytes[at].to_ascii_lowercase()));
        }
        let chars: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
        fits(parts, chars.len(), &|at| chars[at])
    }

    /// The first place (in characters, from `from`) where the pattern fits, and so many characters.
    pub(super) fn find(&self, chars: &[char], from: usize) -> Option<usize> {
        let plain: Vec<Part>;
        let parts = match &self.parts {
            Some(parts) => parts,
            None => {
                plain = self.text.chars().flat_map(char::to_lowercase).map(Part::Char).collect();
                &plain
            }
        };
        let mut open = parts.clone();
        if open.last() != Some(&Part::Any) {
            open.push(Part::Any);
        }
        (from..=chars.len()).find(|&start| fits(&open, chars.len() - start, &|at| chars[start + at]))
    }
}

/// Whether a text of so many characters fits. Greedy matching that goes back to the last `*` only, so it takes at most the product of both
/// lengths.
fn fits(parts: &[Part], length: usize, char_at: &dyn Fn(usize) -> char) -> bool {
    let (mut part, mut at) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while at < length {
        match parts.get(part) {
            Some(Part::Any) => {
                star = Some((part, at));
                part += 1;
            }
            Some(Part::One) => (part, at) = (part + 1, at + 1),
            Some(Part::Char(c)) if *c == char_at(at) => (part, at) = (part + 1, at + 1),
            _ => match &mut star {
                Some((after, seen)) => {
                    *seen += 1;
                    (part, at) = (*after + 1, *seen);
                }
                None => return false,
            },
        }
    }
    parts.iter().skip(part).all(|part| *part == Part::Any)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn criteria_are_read_as_in_excel() {
        let blank = Value::Blank;
        for (criterion, value, holds) in [
            (Value::from(">=10"), Value::from(10.0), true),
            (">=10".into(), 9.0.into(), false),
            (">=10".into(), "11".into(), false),
            ("10".into(), 10.0.into(), true),
            (10.0.into(), "10".into(), true),
            ("<>10".into(), "x".into(), true),
            ("<>10".into(), blank.clone(), true),
            ("a*".into(), "ABC".into(), true),
            ("a?c".into(), "abc".into(), true),
            ("a?c".into(), "abbc".into(), false),
            ("a~*".into(), "a*".into(), true),
            ("a~*".into(), "ab".into(), false),
            ("<>a*".into(), "abc".into(), false),
            ("=".into(), blank.clone(), true),
            ("=".into(), "".into(), false),
            ("<>".into(), blank.clone(), false),
            ("<>".into(), 0.0.into(), true),
            ("".into(), "".into(), true),
            (blank.clone(), 0.0.into(), true),
            (blank, Value::Blank, false),
            (">b".into(), "c".into(), true),
            ("TRUE".into(), true.into(), true),
            (true.into(), 1.0.into(), false),
            ("#N/A".into(), ErrorKind::Na.into(), true),
            ("2026-11-22".into(), 46_348.0.into(), true),
        ] {
            assert_eq!(Criterion::read(&criterion).holds(&value), holds, "{criterion:?} {value:?}");
        }
    }

    #[test]
    fn hostile_patterns_do_not_explode() {
        let pattern = Pattern::new(&"*a".repeat(500));
        assert!(!pattern.matches(&"a".repeat(499)));
        assert!(pattern.matches(&"a".repeat(2_000)));
    }
}
