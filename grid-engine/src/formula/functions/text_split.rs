//! Cutting texts at separators.

use super::args::{not_found, wrong};
use super::{Args, Body, Declared, declare};
use crate::formula::eval::Outcome;
use crate::value::{CellError, ErrorKind, Text, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "TEXTBEFORE(text, separator, [occurrence], [ignore_case], [end_counts], [if_not_found])",
        "What stands before a separator.",
        "=TEXTBEFORE(\"SKU-12\",\"-\")",
        Body::Lifted(single, |args| around(args, true)),
    ),
    declare(
        "TEXTAFTER(text, separator, [occurrence], [ignore_case], [end_counts], [if_not_found])",
        "What stands after a separator.",
        "=TEXTAFTER(\"SKU-12\",\"-\")",
        Body::Lifted(single, |args| around(args, false)),
    ),
    declare(
        "TEXTSPLIT(text, columns, [rows], [skip_empty], [ignore_case], [padding])",
        "Cuts a text into columns and rows.",
        "=TEXTSPLIT(\"a,b;c,d\",\",\",\";\")",
        Body::Lifted(|index| index == 0, split),
    ),
];

/// Separators may be several at once, so they are taken whole.
fn single(index: usize) -> bool {
    index != 1
}

fn separators(args: &Args<'_>, index: usize) -> Result<Vec<Text>, CellError> {
    match args.value(index) {
        Value::Array(array) => array.cells().iter().map(Value::to_text).collect(),
        value => Ok(vec![value.to_text()?]),
    }
}

/// Start and end of every separator in a text, in bytes.
fn occurrences(text: &str, separators: &[Text], ignore_case: bool) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let hit = separators.iter().filter(|separator| !separator.is_empty()).find_map(|separator| {
            let head = rest.get(..separator.len())?;
            let same = if ignore_case { head.to_lowercase() == separator.to_lowercase() } else { head == &**separator };
            same.then_some(separator.len())
        });
        match hit {
            Some(length) => {
                found.push((at, at + length));
                at += length;
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    found
}

fn around(args: &Args<'_>, before: bool) -> Outcome {
    if let Some(error) = args.list().iter().take(5).find_map(|arg| arg.value.as_error()) {
        return Err(error.clone());
    }
    let (text, separators, occurrence) = (args.text(0)?, separators(args, 1)?, args.number_or(2, 1.0)?.floor() as i64);
    let is_flag = |index| -> Result<bool, CellError> { Ok((0..=1).contains(&args.integer_or(index, 0)?)) };
    if !is_flag(3)? || !is_flag(4)? {
        return Err(wrong("case and ends are 0 or 1"));
    }
    if args.given(2) && separators.iter().all(|separator| separator.len() > text.len()) {
        return Err(wrong("the separator is longer than the text"));
    }
    if occurrence == 0 || occurrence.unsigned_abs() as usize > text.len().max(1) {
        return Err(wrong("the occurrence must be 1 or more, or negative from the end"));
    }
    let mut places = if separators.iter().any(|separator| separator.is_empty()) {
        // An empty separator stands at the very start (or, counted from the end, there).
        vec![if occurrence > 0 { (0, 0) } else { (text.len(), text.len()) }]
    } else {
        occurrences(&text, &separators, args.integer_or(3, 0)? != 0)
    };
    if args.integer_or(4, 0)? != 0 {
        match occurrence > 0 {
            true => places.push((text.len(), text.len())),
            false => places.insert(0, (0, 0)),
        }
    }
    let index = if occurrence > 0 {
        Some(occurrence as usize - 1)
    } else {
        places.len().checked_sub(occurrence.unsigned_abs() as usize)
    };
    match index.and_then(|index| places.get(index)) {
        Some(&(start, end)) => Ok(Value::text(if before { &text[..start] } else { &text[end..] })),
        None if args.given(5) && args.value(5).is_blank() => Ok(Value::text("")),
        None if args.given(5) => Ok(args.value(5).clone()),
        None => Err(not_found("the separator does not occur so often")),
    }
}

/// Of an array of texts the first part of each: what lifts it takes one value for each place.
fn split(args: &Args<'_>) -> Outcome {
    let text = args.text(0)?;
    for index in [1, 2] {
        if args.given(index) && separators(args, index)?.iter().any(|separator| separator.is_empty()) {
            return Err(wrong("a separator is empty"));
        }
    }
    let (skip_empty, ignore_case) = (args.bool_or(3, false)?, args.integer_or(4, 0)? != 0);
    let cut = |text: &str, separators: &[Text]| {
        let mut parts = Vec::new();
        let mut from = 0;
        for (start, end) in occurrences(text, separators, ignore_case) {
            parts.push(text[from..start].to_owned());
            from = end;
        }
        parts.push(text[from..].to_owned());
        parts.retain(|part| !skip_empty || !part.is_empty());
        parts
    };
    let rows = if args.given(2) { cut(&text, &separators(args, 2)?) } else { vec![text.to_string()] };
    let columns = if args.given(1) { separators(args, 1)? } else { Vec::new() };
    let cells: Vec<Vec<String>> = rows.iter().map(|row| cut(row, &columns)).collect();
    let width = cells.iter().map(Vec::len).max().unwrap_or(0);
    let padding = if args.given(5) { args.value(5).clone() } else { ErrorKind::Na.into() };
    args.evaluation.array(cells.len(), width, |row, col| {
        cells.get(row).and_then(|row| row.get(col)).map_or_else(|| padding.clone(), Value::text)
    })
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn cutting() {
        check(&[
            ("TEXTBEFORE(\"a-b-c\",\"-\")", "\"a\""),
            ("TEXTBEFORE(\"a-b-c\",\"-\",2)", "\"a-b\""),
            ("TEXTBEFORE(\"a-b-c\",\"-\",-1)", "\"a-b\""),
            ("TEXTAFTER(\"a-b-c\",\"-\",-1)", "\"c\""),
            ("TEXTAFTER(\"axb\",\"X\")", "#N/A"),
            ("TEXTAFTER(\"axb\",\"X\",1,1)", "\"b\""),
            ("TEXTAFTER(\"a\",\"-\",1,0,1)", "\"\""),
            ("TEXTBEFORE(\"a\",\"-\",1,0,0,\"none\")", "\"none\""),
            ("TEXTBEFORE(\"a+b-c\",{\"-\",\"+\"})", "\"a\""),
            ("TEXTSPLIT(\"a,b;c\",\",\",\";\")", "{\"a\",\"b\";\"c\",#N/A}"),
            ("TEXTSPLIT({\"a,b\";\"c,d\"},\",\")", "{\"a\";\"c\"}"),
            ("TEXTSPLIT(\"abc\",\"\")", "#VALUE!"),
            ("TEXTSPLIT(\"a,,b\",\",\",,TRUE)", "{\"a\",\"b\"}"),
        ]);
    }
}
