//! What the functions of formulas mean, for people who read: their arguments described, and the reference page.
//!
//! The texts are many and the browser downloads enough, so they are here and not in the engine.

pub mod page;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use grid_engine::formula::functions::{FunctionInfo, catalogue};
use grid_engine::value::Value;
use grid_engine::workbook::{Clock, PlainBook};

/// What arguments mean. Its first line says how to read it.
const TEXTS: &str = include_str!("arguments.tsv");

/// An argument of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argument {
    pub name: &'static str,
    pub optional: bool,
    pub meaning: &'static str,
}

/// A line of the texts.
struct Line {
    parameter: &'static str,
    functions: Vec<&'static str>,
    meaning: &'static str,
}

impl Line {
    /// How closely it is about a function: its name, the beginning of it, or any; `None` for others.
    fn closeness(&self, function: &str) -> Option<usize> {
        let close = |pattern: &str| match pattern.strip_suffix('*') {
            Some(start) => function.starts_with(start).then_some(start.len()),
            None => (pattern == function).then_some(usize::MAX),
        };
        self.functions.iter().filter_map(|pattern| close(pattern)).max()
    }
}

static LINES: LazyLock<Vec<Line>> = LazyLock::new(|| {
    let read = |line: &'static str| {
        let mut fields = line.splitn(3, '\t');
        let (parameter, functions, meaning) = (fields.next()?, fields.next()?, fields.next()?);
        Some(Line { parameter, functions: functions.split(' ').collect(), meaning })
    };
    TEXTS.lines().skip(1).filter_map(read).collect()
});

/// A function's arguments in order; one without a text has an empty meaning.
pub fn arguments(function: &FunctionInfo) -> Vec<Argument> {
    let (_, inside) = function.signature.split_once('(').unwrap_or(("", ""));
    let parameters = inside.trim_end_matches(')').split(", ").filter(|parameter| !matches!(*parameter, "" | "…"));
    parameters
        .map(|parameter| {
            let name = parameter.trim_matches(['[', ']']);
            let of = |wanted: &str| {
                let lines = LINES.iter().filter(|line| line.parameter == wanted);
                let close = lines.filter_map(|line| Some((line.closeness(function.name)?, line.meaning)));
                close.max_by_key(|(closeness, _)| *closeness)
            };
            // Of equally close ones the last counts: that of the name as it is.
            let found = of(name.trim_end_matches(|c: char| c.is_ascii_digit())).into_iter().chain(of(name));
            let meaning = found.max_by_key(|(closeness, _)| *closeness).map_or("", |(_, meaning)| meaning);
            Argument { name, optional: parameter.starts_with('['), meaning }
        })
        .collect()
}

/// A function by its name, in any case.
pub fn named(name: &str) -> Option<&'static FunctionInfo> {
    catalogue().find(|function| function.name.eq_ignore_ascii_case(name))
}

/// What each function gives, by name, as the formula editor asks for it.
pub fn meanings() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let meanings: BTreeMap<_, _> = catalogue().map(|function| (function.name, function.help)).collect();
        // Names and texts are always written.
        serde_json::to_string(&meanings).unwrap_or_default()
    });
    &TEXT
}

/// The functions of whose name, category or meaning every word is a part.
pub fn about(words: &[String]) -> impl Iterator<Item = &'static FunctionInfo> {
    let words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    catalogue().filter(move |function| {
        let text = format!("{} {} {}", function.name, function.category.title(), function.help).to_lowercase();
        words.iter().all(|word| text.contains(word))
    })
}

/// Most values of an array that are shown as the result of an example.
const MOST_SHOWN: usize = 12;

/// What a function's example gives, where that depends on no cell, day or chance.
pub fn example_result(function: &FunctionInfo) -> Option<String> {
    let mut book = PlainBook::default();
    let sheet = book.add_sheet("Sheet1");
    let formula = book.read(sheet, 0, 0, function.example).ok()?;
    if !formula.reads().is_empty() || formula.is_volatile() || formula.is_pending() {
        return None;
    }
    book.put_formula(sheet, 0, 0, &formula);
    book.calculate(Clock { now: 0.0, seed: 1 });
    let mut last = (0, 0);
    for (row, col) in book.spilled(sheet, 0, 0) {
        last = (last.0.max(row), last.1.max(col));
    }
    let shown = |row: u32, col: u32| match book.value(sheet, row, col) {
        Value::Text(text) => format!("\"{text}\""),
        value => grid_engine::value::format::display(value, grid_engine::value::NumberFormat::General),
    };
    if (last.0 as usize + 1) * (last.1 as usize + 1) > MOST_SHOWN {
        return Some(format!("{}, …", shown(0, 0)));
    }
    let row = |row: u32| (0..=last.1).map(|col| shown(row, col)).collect::<Vec<_>>().join(", ");
    Some((0..=last.0).map(row).collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_argument_of_every_function_is_described() {
        let mut missing = Vec::new();
        for function in catalogue() {
            let bare = arguments(function).into_iter().filter(|argument| argument.meaning.is_empty());
            missing.extend(bare.map(|argument| format!("{} of {}", argument.name, function.name)));
        }
        assert_eq!(missing, Vec::<String>::new());
    }

    #[test]
    fn every_text_is_of_some_function() {
        let used: BTreeSet<&str> = catalogue().flat_map(arguments).map(|argument| argument.meaning).collect();
        let unused: Vec<_> =
            LINES.iter().filter(|line| !used.contains(line.meaning)).map(|line| line.meaning).collect();
        assert_eq!(unused, Vec::<&str>::new());
        for line in LINES.iter() {
            for name in line.functions.iter().filter(|name| !name.ends_with('*')) {
                assert!(named(name).is_some(), "{name} of {} is no function", line.parameter);
            }
        }
    }

    #[test]
    fn examples_without_cells_give_values() {
        let mut shown = 0;
        for function in catalogue() {
            if let Some(result) = example_result(function) {
                shown += 1;
                let wants_error = ["NA", "ERROR.TYPE"].contains(&function.name);
                assert!(!result.starts_with('#') || wants_error, "{} gives {result}", function.example);
            }
        }
        assert!(shown > 250, "{shown}");
    }

    #[test]
    fn functions_are_found_by_what_they_do() {
        let found = |words: &[&str]| -> Vec<&str> {
            about(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()).map(|found| found.name).collect()
        };
        assert_eq!(found(&["regular", "replaced"]), ["REGEXREPLACE"]);
        assert!(found(&["forecast.ets"]).len() == 4 && found(&["no such thing"]).is_empty());
    }
}
