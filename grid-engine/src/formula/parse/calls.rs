//! Words: defined names, truth values, and calls of functions with their arguments.

use std::sync::Arc;

use super::super::ast::{Expr, Lambda, Parameter};
use super::super::functions::{self, Function};
use super::super::lex::{Token, is_word};
use super::super::{FormulaError, files, reference};
use super::Parser;

/// Most arguments of one call: Excel's limit.
const MAX_ARGUMENTS: usize = 255;

/// How files mark an optional parameter of LAMBDA.
const OPTIONAL_IN_FILES: &str = "_xlop.";

impl<'a> Parser<'a> {
    pub(super) fn word(&mut self, word: &str) -> Result<Expr, FormulaError> {
        // Files mark the parameters of LAMBDA, the names of LET, and functions given to functions.
        let marked = ["_xlpm.", OPTIONAL_IN_FILES, "_xleta."].iter().find_map(|mark| word.strip_prefix(mark));
        let word = marked.unwrap_or(word);
        let upper = word.to_uppercase();
        if self.peek() == Some(&Token::Open) {
            // Newer functions carry these marks in files.
            let without = |name, mark| str::strip_prefix(name, mark).unwrap_or(name);
            return self.call(word, ["_XLFN.", "_XLWS.", "_XLUDF."].into_iter().fold(&upper, without));
        }
        match upper.as_str() {
            "TRUE" => return Ok(Expr::Bool(true)),
            "FALSE" => return Ok(Expr::Bool(false)),
            _ => {}
        }
        if self.place.is_none() || !starts_name(word) || word.contains('$') {
            return Err(self.error_before(format!("{word} is neither a cell nor a name")));
        }
        Ok(Expr::Name(self.named(word)))
    }

    pub(super) fn call(&mut self, word: &str, name: &str) -> Result<Expr, FormulaError> {
        let start = self.next - 1;
        self.next += 1;
        let parameters = if name == "LAMBDA" { self.parameters() } else { Vec::new() };
        let mut arguments = self.arguments(name)?;
        let error =
            |message: String| Err(FormulaError { at: self.tokens.get(start).map_or(0, |token| token.at), message });
        if parameters.len() + arguments.len() > MAX_ARGUMENTS {
            return error(format!("{name} has more than {MAX_ARGUMENTS} arguments"));
        }
        if name == "LAMBDA" {
            return match (arguments.pop(), arguments.is_empty()) {
                (Some(body), true) => Ok(Expr::Lambda(Arc::new(Lambda { parameters, body }))),
                _ => error("LAMBDA takes names and then what to compute from them: LAMBDA(x, x+1)".into()),
            };
        }
        if let Some(operator) = files::operator(name, &mut arguments) {
            return Ok(operator);
        }
        let Some(function) = functions::find(functions::meant(name, &arguments)) else {
            return Ok(Expr::Unknown(word.into(), arguments));
        };
        match arity_problem(function, arguments.len()) {
            Some(problem) => error(problem),
            None => Ok(Expr::Call(function, arguments)),
        }
    }

    /// Arguments up to the closing parenthesis, the opening one being taken.
    pub(super) fn arguments(&mut self, name: &str) -> Result<Vec<Expr>, FormulaError> {
        let mut arguments = Vec::new();
        if self.take(&Token::Close) {
            return Ok(arguments);
        }
        loop {
            let omitted = matches!(self.peek(), Some(Token::Comma | Token::Close));
            arguments.push(if omitted { Expr::Missing } else { self.expression()? });
            if self.take(&Token::Close) {
                return Ok(arguments);
            }
            if !self.take(&Token::Comma) {
                return Err(self.error(match self.peek() {
                    None => format!("the closing ) of {name} is missing"),
                    Some(Token::Semicolon) => "arguments are separated by commas".into(),
                    Some(_) => "a comma or an operator is missing here".into(),
                }));
            }
        }
    }

    /// The names at the start of LAMBDA's arguments.
    fn parameters(&mut self) -> Vec<Parameter> {
        let mut parameters = Vec::new();
        while self.peek_at(1) == Some(&Token::Comma)
            && let Some(parameter) = self.parameter()
        {
            parameters.push(parameter);
            self.advance(2);
        }
        parameters
    }

    /// What the next token is as a parameter: `y`, or `[y]` where it may be left out.
    fn parameter(&self) -> Option<Parameter> {
        match (self.peek()?, self.place) {
            (Token::Word(word), Some(_)) => {
                let optional = word.strip_prefix(OPTIONAL_IN_FILES);
                let name = optional.unwrap_or_else(|| word.strip_prefix("_xlpm.").unwrap_or(word));
                is_name(name).then(|| Parameter { name: self.named(name), optional: optional.is_some() })
            }
            (Token::Bracket(inside), Some(_)) => {
                let name = inside.trim();
                is_name(name).then(|| Parameter { name: self.named(name), optional: true })
            }
            (Token::Bracket(inside), None) => {
                reference::parameter(inside).map(|(name, optional)| Parameter { name: name.into(), optional })
            }
            _ => None,
        }
    }

    /// A name as it is known in the whole workbook.
    fn named(&self, word: &str) -> Arc<str> {
        let alias = self.place.and_then(|place| place.names.name_of_sheet(place.at.sheet, word));
        alias.unwrap_or_else(|| word.into())
    }
}

/// Whether a word may be the name of a value.
fn is_name(word: &str) -> bool {
    starts_name(word)
        && word.chars().all(|c| is_word(c) && c != '$')
        && !reference::looks_like_position(word)
        && !["TRUE", "FALSE"].iter().any(|truth| word.eq_ignore_ascii_case(truth))
}

fn starts_name(word: &str) -> bool {
    word.chars().next().is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | '\\'))
}

/// What is wrong with so many arguments, if anything.
fn arity_problem(function: &Function, count: usize) -> Option<String> {
    let (name, signature) = (function.info.name, function.info.signature);
    if count < usize::from(function.info.min_arguments) {
        Some(format!("{name} needs more arguments: {signature}"))
    } else if function.info.max_arguments.is_some_and(|max| count > usize::from(max)) {
        Some(format!("{name} has too many arguments: {signature}"))
    } else {
        None
    }
}
