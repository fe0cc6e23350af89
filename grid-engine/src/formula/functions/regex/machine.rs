//! Runs the program of a regular expression over a text, trying what is left where a way leads nowhere.

use super::program::{Program, Step};
use super::set::lower;
use super::tree::Place;
use crate::value::{CellError, ErrorKind};

/// Most steps for one text: well-behaved patterns take a few per character, hopeless ones as many as they get.
const MAX_STEPS: usize = 2_000_000;

/// A place not noted yet.
const NONE: usize = usize::MAX;

/// A match: places of its characters, and of its groups'.
pub struct Found {
    slots: Vec<usize>,
    groups: usize,
}

impl Found {
    /// Start and end of the whole.
    pub fn whole(&self) -> (usize, usize) {
        self.group(0).unwrap_or_default()
    }

    /// Start and end of a group that took part.
    pub fn group(&self, number: usize) -> Option<(usize, usize)> {
        let (start, end) = (*self.slots.get(2 * number)?, *self.slots.get(2 * number + 1)?);
        (start != NONE && end != NONE).then_some((start, end))
    }

    pub fn groups(&self) -> impl Iterator<Item = Option<(usize, usize)>> {
        (1..=self.groups).map(|number| self.group(number))
    }
}

/// What to go back to.
enum Choice {
    Way { step: usize, at: usize },
    Slot { slot: usize, was: usize },
}

pub struct Machine<'a> {
    program: &'a Program,
    text: &'a [char],
    slots: Vec<usize>,
    steps_left: usize,
}

impl<'a> Machine<'a> {
    pub fn new(program: &'a Program, text: &'a [char]) -> Self {
        Self { program, text, slots: vec![NONE; program.slots], steps_left: MAX_STEPS }
    }

    /// Steps taken so far.
    pub fn steps_taken(&self) -> usize {
        MAX_STEPS - self.steps_left
    }

    /// The first match that begins at a place or after it.
    pub fn next_from(&mut self, from: usize) -> Result<Option<Found>, CellError> {
        for start in from..=self.text.len() {
            self.slots.fill(NONE);
            if let Some(end) = self.run(0, start, None)? {
                let mut slots = self.slots.clone();
                (slots[0], slots[1]) = (start, end);
                return Ok(Some(Found { slots, groups: self.program.groups }));
            }
        }
        Ok(None)
    }

    /// Runs from a step to [`Step::Done`], there at a given end if there is one; the end of the match.
    fn run(&mut self, first: usize, start: usize, wanted_end: Option<usize>) -> Result<Option<usize>, CellError> {
        let program = self.program;
        let mut choices: Vec<Choice> = Vec::new();
        let (mut step, mut at) = (first, start);
        loop {
            let Some(left) = self.steps_left.checked_sub(1) else {
                return Err(CellError::because(ErrorKind::Limit, "the regular expression has too much to try"));
            };
            self.steps_left = left;
            let next = self.text.get(at).copied();
            let went = match program.steps.get(step) {
                Some(Step::Char { c, ignore_case }) => self.one(
                    next.is_some_and(|next| next == *c || *ignore_case && lower(next) == *c),
                    &mut step,
                    &mut at,
                ),
                Some(Step::Any { line_ends }) => {
                    self.one(next.is_some_and(|next| *line_ends || next != '\n'), &mut step, &mut at)
                }
                Some(Step::Set { set, ignore_case }) => {
                    self.one(next.is_some_and(|next| set.contains(next, *ignore_case)), &mut step, &mut at)
                }
                Some(Step::At(place)) => {
                    step += 1;
                    self.is_at(*place, at)
                }
                Some(Step::Split(first, second)) => {
                    choices.push(Choice::Way { step: *second, at });
                    step = *first;
                    true
                }
                Some(Step::Jump(to)) => {
                    step = *to;
                    true
                }
                Some(Step::Save(slot)) => {
                    self.note(*slot, at, &mut choices);
                    step += 1;
                    true
                }
                Some(Step::LeaveIfStill { noted, to }) => {
                    step = if self.slots[*noted] == at { *to } else { step + 1 };
                    true
                }
                Some(Step::Back { group, ignore_case }) => {
                    step += 1;
                    self.again(*group, *ignore_case, &mut at)
                }
                Some(Step::Look { ahead, negated, after }) => {
                    let before = self.slots.clone();
                    let found = self.look(step + 1, at, *ahead)?;
                    self.keep(before, found && !negated, &mut choices);
                    step = *after;
                    found != *negated
                }
                Some(Step::Atomic { after }) => {
                    let before = self.slots.clone();
                    let end = self.run(step + 1, at, None)?;
                    self.keep(before, end.is_some(), &mut choices);
                    step = *after;
                    at = end.unwrap_or(at);
                    end.is_some()
                }
                Some(Step::Done) | None => {
                    if wanted_end.is_none_or(|end| end == at) {
                        return Ok(Some(at));
                    }
                    false
                }
            };
            if went {
                continue;
            }
            loop {
                match choices.pop() {
                    Some(Choice::Way { step: other, at: there }) => {
                        (step, at) = (other, there);
                        break;
                    }
                    Some(Choice::Slot { slot, was }) => self.slots[slot] = was,
                    None => return Ok(None),
                }
            }
        }
    }

    /// One character further, if it fits.
    fn one(&self, fits: bool, step: &mut usize, at: &mut usize) -> bool {
        *step += 1;
        *at += 1;
        fits
    }

    fn note(&mut self, slot: usize, at: usize, choices: &mut Vec<Choice>) {
        choices.push(Choice::Slot { slot, was: self.slots[slot] });
        self.slots[slot] = at;
    }

    /// After a match within the match: its groups stay, to be undone when going back; or all is as before.
    fn keep(&mut self, before: Vec<usize>, keeps: bool, choices: &mut Vec<Choice>) {
        if !keeps {
            self.slots = before;
            return;
        }
        for (slot, was) in before.into_iter().enumerate().filter(|(slot, was)| self.slots[*slot] != *was) {
            choices.push(Choice::Slot { slot, was });
        }
    }

    fn look(&mut self, step: usize, at: usize, ahead: bool) -> Result<bool, CellError> {
        if ahead {
            return Ok(self.run(step, at, None)?.is_some());
        }
        for start in (0..=at).rev() {
            if self.run(step, start, Some(at))?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What a group matched, again. A group that took no part matches nowhere.
    fn again(&self, group: usize, ignore_case: bool, at: &mut usize) -> bool {
        let (start, end) = (self.slots[2 * group], self.slots[2 * group + 1]);
        let Some(same) = self.text.get(start..end) else { return false };
        let Some(here) = self.text.get(*at..*at + same.len()) else { return false };
        *at += same.len();
        here.iter().zip(same).all(|(a, b)| a == b || ignore_case && lower(*a) == lower(*b))
    }

    fn is_at(&self, place: Place, at: usize) -> bool {
        let (text, end) = (self.text, self.text.len());
        let word = |c: Option<&char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || *c == '_');
        let edge = || word(at.checked_sub(1).and_then(|before| text.get(before))) != word(text.get(at));
        match place {
            Place::Start => at == 0,
            Place::LineStart => at == 0 || text[at - 1] == '\n',
            Place::End => at == end || at + 1 == end && text[at] == '\n',
            Place::LineEnd => at == end || text[at] == '\n',
            Place::VeryEnd => at == end,
            Place::WordEdge => edge(),
            Place::NoWordEdge => !edge(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::Pattern;

    /// The first match in a text, `-` for none.
    fn first(pattern: &str, text: &str) -> String {
        let text: Vec<char> = text.chars().collect();
        let pattern = Pattern::new(pattern, false).unwrap();
        let found = super::Machine::new(&pattern.program, &text).next_from(0).unwrap();
        found.map_or("-".into(), |found| text[found.whole().0..found.whole().1].iter().collect())
    }

    #[test]
    fn what_patterns_mean() {
        for (pattern, text, expected) in [
            ("a|ab", "ab", "a"),
            ("(?:a|ab)$", "ab", "ab"),
            ("a+?", "aaa", "a"),
            ("<.+>", "<a><b>", "<a><b>"),
            ("<.+?>", "<a><b>", "<a>"),
            ("a{2,3}", "aaaa", "aaa"),
            ("a{,2}b", "aaab", "aab"),
            ("a{x}", "a{x}", "a{x}"),
            ("[^a-c]+", "abcxyz", "xyz"),
            ("[]a]+", "]a", "]a"),
            ("[a\\]\\d-]+", "1-a]", "1-a]"),
            ("[[:alpha:]]+", "12ab", "ab"),
            ("\\D+", "12ab34", "ab"),
            ("\\bcat\\b", "concat cat", "cat"),
            ("(?i)SKU", "sku", "sku"),
            ("(?i:a)B", "AB", "AB"),
            ("(?i:a)B", "Ab", "-"),
            ("^b", "a\nb", "-"),
            ("(?m)^b", "a\nb", "b"),
            ("a.b", "a\nb", "-"),
            ("(?s)a.b", "a\nb", "a\nb"),
            ("b$", "ab\n", "b"),
            ("b\\z", "ab\n", "-"),
            ("(?<!a)b", "ab b", "b"),
            ("(?<=a+)b", "aab", "b"),
            ("(?!ab)a\\w", "ab ac", "ac"),
            ("(?>a+)ab", "aaab", "-"),
            ("a++ab", "aaab", "-"),
            ("(a*)*b", "aab", "aab"),
            ("(a|b)*?c", "abc", "abc"),
            ("(?<x>.)\\k<x>", "abccd", "cc"),
            ("(a)?\\1b", "b", "-"),
            ("\\Qa.b\\E+", "a.bb", "a.bb"),
            ("\\x41\\x{e4}", "Aä", "Aä"),
            ("\\p{Lu}\\p{Ll}+", "Ärger", "Ärger"),
            ("(?x) a b # two\n c", "abc", "abc"),
            ("\\.", "a.b", "."),
            ("", "abc", ""),
        ] {
            assert_eq!(first(pattern, text), expected, "{pattern} in {text}");
        }
    }

    #[test]
    fn what_is_no_pattern() {
        for pattern in
            ["(", ")", "a)", "[a", "*", "a{3,2}", "\\2(a)", "(?<>a)", "\\p{Xx}", "\\", "(?q)", "[z-a]", "\\k<x>"]
        {
            assert!(Pattern::new(pattern, false).is_err(), "{pattern}");
        }
    }
}
