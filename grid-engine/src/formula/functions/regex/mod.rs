//! Regular expressions: the dialect of PCRE2, which Excel's functions take.
//!
//! Patterns are read into a small program, which a backtracking machine with a budget of steps runs.

mod machine;
mod program;
mod read;
mod set;
mod tree;

use std::sync::Arc;

use super::args::{not_found, wrong};
use super::{Args, Body, Declared, declare};
use crate::formula::eval::{Evaluation, Outcome};
use crate::value::{Array, CellError, Value};
use machine::{Found, Machine};
use program::Program;

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "REGEXTEST(text, pattern, [ignore_case])",
        "Whether any part of a text matches a regular expression.",
        "=REGEXTEST(\"SKU-12\",\"[0-9]+$\")",
        Body::Each(|args| {
            let pattern = Pattern::given(args, 1, 2)?;
            Ok(pattern.is_in(args.evaluation, &args.text(0)?)?.into())
        }),
    ),
    declare(
        "REGEXEXTRACT(text, pattern, [mode], [ignore_case])",
        "What matches a regular expression: 0 the first match, 1 all matches, 2 the groups of the first match.",
        "=REGEXEXTRACT(\"SKU-12\",\"[0-9]+\")",
        Body::Each(extract),
    ),
    declare(
        "REGEXREPLACE(text, pattern, new, [occurrence], [ignore_case])",
        "The text with what matches a regular expression replaced: all matches, or one counted from the start or \
         (negative) the end. $1 stands for the first group.",
        "=REGEXREPLACE(\"SKU-12\",\"([A-Z]+)-([0-9]+)\",\"$2/$1\")",
        Body::Each(replace),
    ),
];

/// A regular expression, ready to be sought in texts.
pub(super) struct Pattern {
    program: Program,
}

/// A match in a text: its characters' places, whole and by group.
type Match = Found;

impl Pattern {
    /// Reads a pattern; `#VALUE!` says what is wrong with it.
    pub(super) fn new(pattern: &str, ignore_case: bool) -> Result<Self, CellError> {
        Program::of(pattern, ignore_case)
            .map(|program| Self { program })
            .map_err(|problem| wrong(&format!("the regular expression {problem}")))
    }

    /// The pattern at argument `index`, with what argument `case` says of capitals: 0 they matter, 1 they do not.
    fn given(args: &Args<'_>, index: usize, case: usize) -> Result<Self, CellError> {
        let ignore_case = match args.integer_or(case, 0)? {
            0 => false,
            1 => true,
            _ => return Err(wrong("the case argument is 0 where case matters, or 1")),
        };
        Self::new(&args.text(index)?, ignore_case)
    }

    /// Whether any part of a text matches.
    pub(super) fn is_in(&self, evaluation: &Evaluation<'_>, text: &str) -> Result<bool, CellError> {
        let text: Vec<char> = text.chars().collect();
        Ok(self.first(evaluation, &text)?.is_some())
    }

    /// The first match. Steps count as values computed, so that a pattern sought in many cells has an end too.
    fn first(&self, evaluation: &Evaluation<'_>, text: &[char]) -> Result<Option<Match>, CellError> {
        let mut machine = Machine::new(&self.program, text);
        let found = machine.next_from(0)?;
        evaluation.spend(machine.steps_taken())?;
        Ok(found)
    }

    /// All matches from left to right, none within another.
    fn all(&self, evaluation: &Evaluation<'_>, text: &[char]) -> Result<Vec<Match>, CellError> {
        let mut machine = Machine::new(&self.program, text);
        let (mut found, mut from) = (Vec::new(), 0);
        while from <= text.len() {
            let Some(next) = machine.next_from(from)? else { break };
            let (start, end) = next.whole();
            from = if end == start { end + 1 } else { end };
            found.push(next);
        }
        evaluation.spend(machine.steps_taken())?;
        Ok(found)
    }
}

fn part(text: &[char], place: Option<(usize, usize)>) -> String {
    place.and_then(|(start, end)| text.get(start..end)).unwrap_or_default().iter().collect()
}

fn extract(args: &Args<'_>) -> Outcome {
    let pattern = Pattern::given(args, 1, 3)?;
    let text: Vec<char> = args.text(0)?.chars().collect();
    let none = || not_found("nothing matches the regular expression");
    let mode = args.integer_or(2, 0)?;
    if mode == 1 {
        let all = pattern.all(args.evaluation, &text)?;
        let parts = all.iter().map(|found| Value::text(part(&text, Some(found.whole())))).collect();
        return Array::row(parts).map(|parts| Value::Array(Arc::new(parts))).ok_or_else(none);
    }
    let first = pattern.first(args.evaluation, &text)?.ok_or_else(none)?;
    let whole = || Value::text(part(&text, Some(first.whole())));
    match mode {
        0 => Ok(whole()),
        2 => {
            let groups: Vec<Value> = first.groups().map(|group| Value::text(part(&text, group))).collect();
            Ok(Array::row(groups).map_or_else(whole, |groups| Value::Array(Arc::new(groups))))
        }
        _ => Err(wrong("the mode is 0 the first match, 1 all matches or 2 the groups")),
    }
}

fn replace(args: &Args<'_>) -> Outcome {
    let pattern = Pattern::given(args, 1, 4)?;
    let (source, new) = (args.text(0)?, args.text(2)?);
    let text: Vec<char> = source.chars().collect();
    let occurrence = args.integer_or(3, 0)?;
    let all = pattern.all(args.evaluation, &text)?;
    let chosen = match occurrence {
        0 => all.as_slice(),
        counted => {
            let place = if counted > 0 { counted - 1 } else { all.len() as i64 + counted };
            usize::try_from(place).ok().and_then(|place| all.get(place..=place)).unwrap_or_default()
        }
    };
    let (mut result, mut at) = (String::new(), 0);
    for found in chosen {
        let (start, end) = found.whole();
        result.push_str(&part(&text, Some((at, start))));
        insert(&mut result, &new, &pattern.program, found, &text)?;
        at = end;
        if result.len() > 4 * super::text::MAX_TEXT {
            break;
        }
    }
    result.push_str(&part(&text, Some((at, text.len()))));
    if result.encode_utf16().count() > super::text::MAX_TEXT {
        return Err(wrong("the text would be too long"));
    }
    Ok(Value::text(result))
}

/// Appends the replacement: `$1`, `${1}`, `$name` and `${name}` stand for groups, `$0` for the match, `$$` for a dollar.
fn insert(result: &mut String, new: &str, program: &Program, found: &Match, text: &[char]) -> Result<(), CellError> {
    let mut rest = new;
    while let Some(dollar) = rest.find('$') {
        result.push_str(&rest[..dollar]);
        rest = &rest[dollar + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            result.push('$');
            rest = after;
            continue;
        }
        let (name, after) = match rest.strip_prefix('{').map(|inside| inside.split_once('}')) {
            Some(braced) => braced.ok_or_else(|| wrong("a } is missing in the replacement"))?,
            None => {
                let digits = rest.starts_with(|c: char| c.is_ascii_digit());
                let within = |c: char| if digits { c.is_ascii_digit() } else { c.is_ascii_alphanumeric() || c == '_' };
                rest.split_at(rest.find(|c| !within(c)).unwrap_or(rest.len()))
            }
        };
        let group = name.parse().ok().or_else(|| program.group_named(name));
        let group = group.filter(|group| *group <= program.groups);
        let group = group.ok_or_else(|| wrong("the replacement names a group that is not there"))?;
        result.push_str(&part(text, found.group(group)));
        rest = after;
    }
    result.push_str(rest);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn tested() {
        check(&[
            ("REGEXTEST(\"alfalfa\",\"a\")", "TRUE"),
            ("REGEXTEST(\"alfalfa\",\"[a-z]\")", "TRUE"),
            ("REGEXTEST(\"alfalfa\",\"[A-Z]\")", "FALSE"),
            ("REGEXTEST(\"alfalfa\",\"[A-Z]\",1)", "TRUE"),
            ("REGEXTEST(\"alfalfa\",\"[aeiou]\")", "TRUE"),
            ("REGEXTEST(\"alfalfa\",\"[0-9]\")", "FALSE"),
            ("REGEXTEST({\"(378) 555-4195\",\"878 555 8622\"},\"^\\([0-9]{3}\\) [0-9]{3}-[0-9]{4}$\")", "{TRUE,FALSE}"),
            ("REGEXTEST(\"a\",\"(\")", "#VALUE!"),
            ("REGEXTEST(\"a\",\"a\",2)", "#VALUE!"),
            ("REGEXTEST(1200,\"^12\")", "TRUE"),
        ]);
    }

    #[test]
    fn extracted() {
        check(&[
            ("REGEXEXTRACT(\"DylanWilliams\",\"[A-Z][a-z]+\")", "\"Dylan\""),
            ("REGEXEXTRACT(\"DylanWilliams\",\"[A-Z][a-z]+\",1)", "{\"Dylan\",\"Williams\"}"),
            ("REGEXEXTRACT(\"SKU-014/DE\",\"(\\w+)-(\\d+)/(\\w\\w)\",2)", "{\"SKU\",\"014\",\"DE\"}"),
            ("REGEXEXTRACT(\"abc\",\"\\d\")", "#N/A"),
            ("REGEXEXTRACT(\"abc\",\"\\d\",1)", "#N/A"),
            ("REGEXEXTRACT(\"abc\",\"b\",3)", "#VALUE!"),
            ("REGEXEXTRACT(\"price: 12.50 EUR\",\"(?<=: )[\\d.]+(?= EUR)\")", "\"12.50\""),
            ("REGEXEXTRACT(\"hello hello\",\"(\\w+) \\1\")", "\"hello hello\""),
        ]);
    }

    #[test]
    fn replaced() {
        check(&[
            ("REGEXREPLACE(\"(378) 555-4195\",\"[0-9]+-\",\"***-\")", "\"(378) ***-4195\""),
            ("REGEXREPLACE(\"SoniaBrown\",\"([A-Z][a-z]+)([A-Z][a-z]+)\",\"$2, $1\")", "\"Brown, Sonia\""),
            ("REGEXREPLACE(\"a1b2c3\",\"\\d\",\"-\",2)", "\"a1b-c3\""),
            ("REGEXREPLACE(\"a1b2c3\",\"\\d\",\"-\",-1)", "\"a1b2c-\""),
            ("REGEXREPLACE(\"a1b2c3\",\"\\d\",\"-\",4)", "\"a1b2c3\""),
            ("REGEXREPLACE(\"a1\",\"(?<digit>\\d)\",\"${digit}$$\")", "\"a1$\""),
            ("REGEXREPLACE(\"a1\",\"\\d\",\"$3\")", "#VALUE!"),
            ("REGEXREPLACE(\"abc\",\"\",\"-\")", "\"-a-b-c-\""),
            ("REGEXREPLACE(\"ABC\",\"b\",\"x\",0,1)", "\"AxC\""),
        ]);
    }

    #[test]
    fn c1_hopeless_patterns_end_with_a_limit() {
        check(&[
            ("REGEXTEST(REPT(\"a\",40),\"^(a+)+$\")", "TRUE"),
            ("REGEXTEST(REPT(\"a\",40)&\"b\",\"^(a+)+$\")", "#LIMIT!"),
            ("REGEXTEST(\"a\",\"((a{500}){500}){500}\")", "#VALUE!"),
            ("REGEXTEST(\"a\",REPT(\"(\",1000)&REPT(\")\",1000))", "#VALUE!"),
        ]);
    }
}
