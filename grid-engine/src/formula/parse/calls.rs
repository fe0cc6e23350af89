//! Words: defined names, truth values, and calls of functions with their arguments.

use std::sync::Arc;

use super::super::ast::{Expr, Lambda};
use super::super::functions::{self, Function};
use super::super::lex::Token;
use super::super::{FormulaError, files};
use super::{MAX_DEPTH, Parser};

/// Most arguments of one call: Excel's limit.
const MAX_ARGUMENTS: usize = 255;

impl<'a> Parser<'a> {
    pub(super) fn word(&mut self, word: &str) -> Result<Expr, FormulaError> {
        // Files mark the parameters of LAMBDA, the names of LET, and functions given to functions.
        let word = word.strip_prefix("_xlpm.").or_else(|| word.strip_prefix("_xleta.")).unwrap_or(word);
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
        let starts_well = word.chars().next().is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | '\\'));
        if self.place.is_none() || !starts_well || word.contains('$') {
            return Err(self.error_before(format!("{word} is neither a cell nor a name")));
        }
        let alias = self.place.and_then(|place| place.names.name_of_sheet(place.at.sheet, word));
        Ok(Expr::Name(alias.unwrap_or_else(|| word.into())))
    }

    pub(super) fn call(&mut self, word: &str, name: &str) -> Result<Expr, FormulaError> {
        let start = self.next - 1;
        self.next += 1;
        let mut arguments = Vec::new();
        if !self.take(&Token::Close) {
            loop {
                let omitted = matches!(self.peek(), Some(Token::Comma | Token::Close));
                arguments.push(if omitted { Expr::Missing } else { self.expression()? });
                if self.take(&Token::Close) {
                    break;
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
        let error =
            |message: String| Err(FormulaError { at: self.tokens.get(start).map_or(0, |token| token.at), message });
        if arguments.len() > MAX_ARGUMENTS {
            return error(format!("{name} has more than {MAX_ARGUMENTS} arguments"));
        }
        if name == "LAMBDA" {
            let Some(lambda) = lambda(arguments) else {
                return error("LAMBDA takes names and then what to compute from them: LAMBDA(x, x+1)".into());
            };
            if self.peek() != Some(&Token::Open) {
                return Ok(Expr::Lambda(lambda));
            }
            let Expr::Unknown(_, arguments) = self.call_of_lambda()? else { return Ok(Expr::Lambda(lambda)) };
            return Ok(Expr::Invoke(lambda, arguments));
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

    /// The arguments after `LAMBDA(…)`, as a nameless call.
    fn call_of_lambda(&mut self) -> Result<Expr, FormulaError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error("the formula is nested too deeply"));
        }
        let call = self.call("", "");
        self.depth -= 1;
        call
    }
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

/// `LAMBDA`'s arguments: names, then the body.
fn lambda(mut arguments: Vec<Expr>) -> Option<Arc<Lambda>> {
    let body = arguments.pop()?;
    let parameters = arguments
        .into_iter()
        .map(|argument| match argument {
            Expr::Name(name) => Some(name),
            _ => None,
        })
        .collect::<Option<Vec<_>>>()?;
    Some(Arc::new(Lambda { parameters, body }))
}
