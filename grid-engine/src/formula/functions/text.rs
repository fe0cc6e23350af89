//! Texts: parts, search, change of case, joining.

use super::args::wrong;
use super::criteria::Pattern;
use super::{Args, Body, Declared, Passing, declare};
use crate::formula::eval::Outcome;
use crate::value::{CellError, Text, Value};

/// Longest text a formula may make: Excel's.
pub(super) const MAX_TEXT: usize = 32_767;

pub(super) const FUNCTIONS: &[Declared] = &[
    declare("LEFT(text, [count])", "The first characters of a text.", "=LEFT(\"SKU-12\",3)", Body::Each(left)),
    declare("RIGHT(text, [count])", "The last characters of a text.", "=RIGHT(\"SKU-12\",2)", Body::Each(right)),
    declare("MID(text, start, count)", "Characters from a place on.", "=MID(\"SKU-12\",5,2)", Body::Each(mid)),
    declare(
        "LEN(text)",
        "The number of characters.",
        "=LEN(\"abc\")",
        Body::Each(|args| Ok(Value::number(args.text(0)?.encode_utf16().count() as f64))),
    ),
    declare(
        "UPPER(text)",
        "The text in capitals.",
        "=UPPER(\"abc\")",
        Body::Each(|args| Ok(Value::text(args.text(0)?.to_uppercase()))),
    ),
    declare(
        "LOWER(text)",
        "The text in small letters.",
        "=LOWER(\"ABC\")",
        Body::Each(|args| Ok(Value::text(args.text(0)?.to_lowercase()))),
    ),
    declare("PROPER(text)", "Every word with a capital first.", "=PROPER(\"ab cd\")", Body::Each(proper)),
    declare(
        "TRIM(text)",
        "The text without needless spaces.",
        "=TRIM(\"  a  b \")",
        Body::Each(|args| {
            let text = args.text(0)?;
            let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
            Ok(Value::text(words.join(" ")))
        }),
    ),
    declare(
        "CLEAN(text)",
        "The text without control characters.",
        "=CLEAN(B2)",
        Body::Each(|args| Ok(Value::text(args.text(0)?.chars().filter(|c| u32::from(*c) >= 32).collect::<String>()))),
    ),
    declare(
        "FIND(sought, text, [start])",
        "The place of a text in another, by exact case.",
        "=FIND(\"-\",\"SKU-12\")",
        Body::Each(find),
    ),
    declare(
        "SEARCH(sought, text, [start])",
        "The place of a text in another, whatever the case, with wildcards.",
        "=SEARCH(\"u?\",\"SKU-12\")",
        Body::Each(search),
    ),
    declare(
        "SUBSTITUTE(text, old, new, [occurrence])",
        "The text with one text replaced by another.",
        "=SUBSTITUTE(\"a-b\",\"-\",\"/\")",
        Body::Each(substitute),
    ),
    declare(
        "REPLACE(text, start, count, new)",
        "The text with characters at a place replaced.",
        "=REPLACE(\"abcd\",2,2,\"x\")",
        Body::Each(replace),
    ),
    declare("CONCAT(text1, [text2], …)", "Joins texts and ranges of them.", "=CONCAT(B2:B9)", Body::Whole(concat)),
    declare("CONCATENATE(text1, [text2], …)", "Joins texts.", "=CONCATENATE(B2,\" \",C2)", Body::Each(concat)),
    declare(
        "TEXTJOIN(separator, skip_empty, text1, [text2], …)",
        "Joins texts with a separator.",
        "=TEXTJOIN(\", \",TRUE,B2:B9)",
        Body::Whole(text_join),
    ),
    declare(
        "EXACT(text1, text2)",
        "Whether two texts are the same, by exact case.",
        "=EXACT(\"a\",\"A\")",
        Body::Each(|args| Ok((args.text(0)? == args.text(1)?).into())),
    ),
    declare("REPT(text, times)", "A text repeated.", "=REPT(\"-\",10)", Body::Each(repeat)),
    declare(
        "T(value)",
        "A text as it is, anything else as an empty text.",
        "=T(B2)",
        Body::Each(|args| Ok(args.value(0).as_text().map_or_else(|| "".into(), Value::from))),
    ),
];

/// A count of characters, not negative.
fn count(args: &Args<'_>, index: usize, default: f64) -> Result<usize, CellError> {
    let count = if index < args.count() { args.number(index)? } else { default };
    if count < 0.0 {
        return Err(wrong("a count must not be negative"));
    }
    Ok(count.min(1e9) as usize)
}

/// A start that counts from 1, as an offset.
fn start(args: &Args<'_>, index: usize) -> Result<usize, CellError> {
    let start = if index < args.count() { args.number(index)? } else { 1.0 };
    if start < 1.0 {
        return Err(wrong("places count from 1"));
    }
    Ok(start.min(1e9) as usize - 1)
}

fn left(args: &Args<'_>) -> Outcome {
    let count = count(args, 1, 1.0)?;
    Ok(Value::text(args.text(0)?.chars().take(count).collect::<String>()))
}

fn right(args: &Args<'_>) -> Outcome {
    let (text, count) = (args.text(0)?, count(args, 1, 1.0)?);
    let skip = text.chars().count().saturating_sub(count);
    Ok(Value::text(text.chars().skip(skip).collect::<String>()))
}

fn mid(args: &Args<'_>) -> Outcome {
    let (start, count) = (start(args, 1)?, count(args, 2, 0.0)?);
    Ok(Value::text(args.text(0)?.chars().skip(start).take(count).collect::<String>()))
}

fn proper(args: &Args<'_>) -> Outcome {
    let mut out = String::new();
    let mut inside = false;
    for c in args.text(0)?.chars() {
        if inside {
            out.extend(c.to_lowercase())
        } else {
            out.extend(c.to_uppercase())
        }
        inside = c.is_alphabetic();
    }
    Ok(Value::text(out))
}

fn find(args: &Args<'_>) -> Outcome {
    let (sought, text, start) = (args.text(0)?, args.text(1)?, start(args, 2)?);
    let sought: Vec<char> = sought.chars().collect();
    let chars: Vec<char> = text.chars().collect();
    if start > chars.len() {
        return Err(wrong("the start lies behind the text"));
    }
    let hit = (start..=chars.len()).find(|&at| chars[at..].starts_with(&sought));
    hit.map(|at| Value::number(at as f64 + 1.0)).ok_or_else(|| wrong("the text sought does not occur"))
}

fn search(args: &Args<'_>) -> Outcome {
    let (pattern, text, start) = (Pattern::new(&args.text(0)?), args.text(1)?, start(args, 2)?);
    let chars: Vec<char> = text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect();
    if start > chars.len() {
        return Err(wrong("the start lies behind the text"));
    }
    args.evaluation.spend(chars.len())?;
    let hit = pattern.find(&chars, start);
    hit.map(|at| Value::number(at as f64 + 1.0)).ok_or_else(|| wrong("the text sought does not occur"))
}

fn substitute(args: &Args<'_>) -> Outcome {
    let (text, old, new) = (args.text(0)?, args.text(1)?, args.text(2)?);
    if old.is_empty() {
        return Ok(Value::Text(text));
    }
    if !args.given(3) {
        return limited(text.replace(&*old, &new));
    }
    let occurrence = args.number(3)?.trunc();
    if occurrence < 1.0 {
        return Err(wrong("occurrences count from 1"));
    }
    match text.match_indices(&*old).nth((occurrence as usize).saturating_sub(1)) {
        Some((at, _)) => limited(format!("{}{new}{}", &text[..at], &text[at + old.len()..])),
        None => Ok(Value::Text(text)),
    }
}

/// A text of the allowed length.
pub(in crate::formula) fn limited(text: String) -> Outcome {
    if text.len() > MAX_TEXT && text.chars().count() > MAX_TEXT {
        return Err(wrong("the text would be longer than 32,767 characters"));
    }
    Ok(Value::text(text))
}

fn replace(args: &Args<'_>) -> Outcome {
    let (text, start, count, new) = (args.text(0)?, start(args, 1)?, count(args, 2, 0.0)?, args.text(3)?);
    let head = text.chars().take(start);
    let tail = text.chars().skip(start.saturating_add(count));
    limited(head.chain(new.chars()).chain(tail).collect())
}

/// The texts of all values from an argument on; the first error wins.
fn texts(args: &Args<'_>, from: usize) -> Result<Vec<Text>, CellError> {
    let mut texts = Vec::new();
    for arg in args.list().iter().skip(from) {
        match &arg.value {
            Value::Array(array) => {
                for value in array.cells() {
                    texts.push(value.to_text()?);
                }
            }
            value => texts.push(value.to_text()?),
        }
    }
    Ok(texts)
}

fn concat(args: &Args<'_>) -> Outcome {
    limited(texts(args, 0)?.concat())
}

fn text_join(args: &Args<'_>) -> Outcome {
    let separators: Vec<_> = match args.value(0) {
        Value::Array(array) => array.cells().iter().map(Value::to_text).collect::<Result<_, _>>()?,
        value => vec![value.to_text()?],
    };
    let skip_empty = args.list().get(1).is_none_or(|arg| arg.passing == Passing::Omitted) || args.bool(1)?;
    let mut out = String::new();
    let kept = texts(args, 2)?.into_iter().filter(|text| !skip_empty || !text.is_empty());
    for (index, text) in kept.enumerate() {
        if index > 0 {
            out.push_str(separators.get((index - 1) % separators.len()).map_or("", |separator| separator));
        }
        out.push_str(&text);
    }
    limited(out)
}

fn repeat(args: &Args<'_>) -> Outcome {
    let (text, times) = (args.text(0)?, args.number(1)?.trunc());
    if times < 0.0 || text.len() as f64 * times > MAX_TEXT as f64 {
        return Err(wrong("the text would be longer than 32,767 characters"));
    }
    Ok(Value::text(text.repeat(times as usize)))
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::{Mock, check};

    #[test]
    fn parts_and_search() {
        check(&[
            ("LEFT(\"größe\",3)", "\"grö\""),
            ("LEFT(\"abc\")", "\"a\""),
            ("LEFT(\"abc\",-1)", "#VALUE!"),
            ("RIGHT(12345,2)", "\"45\""),
            ("MID(\"abcdef\",3,2)", "\"cd\""),
            ("MID(\"abc\",0,1)", "#VALUE!"),
            ("LEN({\"a\",\"bcd\"})", "{1,3}"),
            ("UPPER(\"straße\")", "\"STRASSE\""),
            ("PROPER(\"john's 2nd-hand\")", "\"John'S 2Nd-Hand\""),
            ("TRIM(\"  a   b \")", "\"a b\""),
            ("FIND(\"c\",\"abcabc\",4)", "6"),
            ("FIND(\"C\",\"abc\")", "#VALUE!"),
            ("FIND(\"\",\"abc\")", "1"),
            ("SEARCH(\"C\",\"abc\")", "3"),
            ("SEARCH(\"b?d\",\"abcbd bxd\")", "7"),
            ("SEARCH(\"~?\",\"a?\")", "2"),
            ("SUBSTITUTE(\"a-b-c\",\"-\",\"+\")", "\"a+b+c\""),
            ("SUBSTITUTE(\"a-b-c\",\"-\",\"+\",2)", "\"a-b+c\""),
            ("REPLACE(\"abcd\",2,2,\"x\")", "\"axd\""),
            ("EXACT(\"a\",\"A\")", "FALSE"),
            ("REPT(\"ab\",3)", "\"ababab\""),
            ("REPT(\"ab\",20000)", "#VALUE!"),
        ]);
    }

    #[test]
    fn joining() {
        let mock = Mock::with_rows(&[["a".into(), 1.5.into(), true.into()], ["".into(), "b".into(), "c".into()]]);
        mock.check(&[
            ("CONCAT(A1:C2,\"!\")", "\"a1.5TRUEbc!\""),
            ("CONCATENATE(\"a\",1,TRUE)", "\"a1TRUE\""),
            ("TEXTJOIN(\", \",TRUE,A1:C2)", "\"a, 1.5, TRUE, b, c\""),
            ("TEXTJOIN(\"-\",FALSE,A2:C2)", "\"-b-c\""),
            ("T(1)&T(\"x\")", "\"x\""),
        ]);
    }
}
