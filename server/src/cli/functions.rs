//! `equipoise functions`.

use std::io::Write;

use grid_engine::formula::functions::FunctionInfo;

use super::Refused;
use crate::functions::{about, arguments, example_result, named};

/// Lists the functions formulas know: name, signature, meaning. One name alone is explained in full.
#[derive(clap::Args)]
pub struct Args {
    /// A function's name, or words its meaning, name or category contains; all functions without.
    words: Vec<String>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Refused> {
    let text = match args.words.as_slice() {
        [name] if named(name).is_some() => named(name).map(explained).unwrap_or_default(),
        words => about(words).map(line).collect(),
    };
    if text.is_empty() {
        return Err(vec![format!("no function is about ‘{}’: try another word", args.words.join(" "))]);
    }
    // Who reads may stop in the middle: `equipoise functions | head`.
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(())
}

fn line(function: &'static FunctionInfo) -> String {
    format!("{}\t{}\t{}\n", function.name, function.signature, function.help)
}

fn explained(function: &'static FunctionInfo) -> String {
    let mut text = format!("{}\n{}\n\n", function.signature, function.help);
    for argument in arguments(function) {
        let optional = if argument.optional { " (optional)" } else { "" };
        text += &format!("  {}{optional}: {}\n", argument.name, argument.meaning);
    }
    let result = example_result(function).map(|result| format!("  gives {result}")).unwrap_or_default();
    text += &format!("\nExample: {}{result}\nSource: {}\n", function.example, function.source);
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_function_is_explained_whole() {
        let text = explained(named("sumif").unwrap());
        assert!(text.starts_with("SUMIF(range, criterion, [sum_range])\n"), "{text}");
        for part in ["\n  range: ", "\n  sum_range (optional): ", "\nExample: =SUMIF(", "\nSource: "] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert_eq!(line(named("PI").unwrap()).matches('\t').count(), 2);
    }
}
