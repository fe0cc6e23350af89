//! From tokens to the typed tree.
//!
//! Precedence is climbed with a loop per level, so that long chains cost no stack; nesting is
//! limited to [`MAX_DEPTH`].

mod calls;
mod constants;

use super::ast::{Expr, Operator, Prefix};
use super::functions::Body;
use super::lex::{Spanned, Token, lex};
use super::reference::{self, Place};
use super::{FormulaError, Names};
use crate::refs::CellRef;
use crate::value::ErrorKind;

/// Deepest nesting of parentheses and calls: Excel's limit.
pub const MAX_DEPTH: usize = 64;

/// Reads a formula as typed, with its `=`.
pub fn parse_typed(typed: &str, names: &dyn Names, at: CellRef) -> Result<Expr, FormulaError> {
    let (body, base) = strip_equals(typed)?;
    Parser::new(lex(body, base, false)?, Some(Place { names, at }), typed).whole()
}

/// Reads a formula's stored form, with its `=`.
pub fn parse_stored(stored: &str) -> Result<Expr, FormulaError> {
    let (body, base) = strip_equals(stored)?;
    Parser::new(lex(body, base, true)?, None, stored).whole()
}

fn strip_equals(text: &str) -> Result<(&str, usize), FormulaError> {
    let trimmed = text.trim_start();
    let spaces = text.chars().count() - trimmed.chars().count();
    match trimmed.strip_prefix('=') {
        Some(body) => Ok((body, spaces + 1)),
        None => Err(FormulaError { at: spaces, message: "a formula starts with =".into() }),
    }
}

pub(super) struct Parser<'a> {
    tokens: Vec<Spanned>,
    next: usize,
    depth: usize,
    /// Calls of what calls gave.
    chained: usize,
    end: usize,
    /// `None` reads the stored form.
    pub(super) place: Option<Place<'a>>,
}

impl<'a> Parser<'a> {
    fn new(tokens: Vec<Spanned>, place: Option<Place<'a>>, text: &str) -> Self {
        Self { tokens, next: 0, depth: 0, chained: 0, end: text.chars().count(), place }
    }

    fn whole(mut self) -> Result<Expr, FormulaError> {
        if self.tokens.is_empty() {
            return Err(self.error("the formula is empty"));
        }
        let expr = self.expression()?;
        match self.peek() {
            None => Ok(expr),
            Some(Token::Close) => Err(self.error("there is one ) too many")),
            Some(Token::Comma) => Err(self.error("formulas write decimals with a point, as in 1.5")),
            Some(_) => Err(self.error("an operator is missing here")),
        }
    }

    pub(super) fn error(&self, message: impl Into<String>) -> FormulaError {
        let at = self.tokens.get(self.next).map_or(self.end, |token| token.at);
        FormulaError { at, message: message.into() }
    }

    /// The same, at the token just taken.
    pub(super) fn error_before(&self, message: impl Into<String>) -> FormulaError {
        let at = self.tokens.get(self.next.saturating_sub(1)).map_or(self.end, |token| token.at);
        FormulaError { at, message: message.into() }
    }

    pub(super) fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|token| &token.token)
    }

    pub(super) fn peek_at(&self, offset: usize) -> Option<&Token> {
        self.tokens.get(self.next + offset).map(|token| &token.token)
    }

    pub(super) fn advance(&mut self, tokens: usize) {
        self.next += tokens;
    }

    fn take(&mut self, wanted: &Token) -> bool {
        let found = self.peek() == Some(wanted);
        self.next += usize::from(found);
        found
    }

    fn expression(&mut self) -> Result<Expr, FormulaError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error(format!("the formula is nested deeper than {MAX_DEPTH} levels: use helper cells")));
        }
        let expr = self.chain(0);
        self.depth -= 1;
        expr
    }

    /// Operands joined by operators of `level` or stronger.
    fn chain(&mut self, level: u8) -> Result<Expr, FormulaError> {
        if level > Operator::STRONGEST {
            return self.operand();
        }
        let first = self.chain(level + 1)?;
        let mut rest = Vec::new();
        while let Some(&Token::Operator(operator)) = self.peek() {
            if operator.level() != level {
                break;
            }
            self.next += 1;
            rest.push((operator, self.chain(level + 1)?));
        }
        Ok(if rest.is_empty() { first } else { Expr::Chain(Box::new(first), rest) })
    }

    /// Signs, something that has a value, percent signs.
    fn operand(&mut self) -> Result<Expr, FormulaError> {
        let mut prefixes = Vec::new();
        loop {
            match self.peek() {
                Some(Token::Operator(Operator::Subtract)) => prefixes.push(Prefix::Minus),
                Some(Token::Operator(Operator::Add)) => prefixes.push(Prefix::Plus),
                Some(Token::At) => prefixes.push(Prefix::Single),
                _ => break,
            }
            self.next += 1;
        }
        let mut expr = self.spanned()?;
        let mut others = Vec::new();
        while spans(&expr) && self.meets_another() {
            let other = self.spanned()?;
            if !spans(&other) {
                return Err(self.error_before("an operator is missing before this"));
            }
            others.push(other);
        }
        if !others.is_empty() {
            others.insert(0, expr);
            expr = Expr::Meet(others);
        }
        if !prefixes.is_empty() {
            expr = Expr::Prefix(prefixes, Box::new(expr));
        }
        let mut percents = 0;
        while self.take(&Token::Percent) {
            percents += 1;
        }
        Ok(if percents > 0 { Expr::Percent(percents, Box::new(expr)) } else { expr })
    }

    /// A value, perhaps with `#` after it, or two references with a `:` between them.
    fn spanned(&mut self) -> Result<Expr, FormulaError> {
        let first = self.anchored()?;
        if self.peek() != Some(&Token::Colon) || !spans(&first) {
            return Ok(first);
        }
        self.next += 1;
        let last = self.anchored()?;
        if !spans(&last) {
            return Err(self.error_before("a reference should follow the :"));
        }
        Ok(Expr::Span(Box::new(first), Box::new(last)))
    }

    fn anchored(&mut self) -> Result<Expr, FormulaError> {
        let first = self.primary()?;
        let expr = self.chained(first)?;
        if !spans(&expr) || !self.take(&Token::Hash) {
            return Ok(expr);
        }
        Ok(Expr::Spilled(Box::new(expr)))
    }

    /// A value, or what calling it gives: `LAMBDA(x,x+1)(2)`, `f(1)(2)`. White space before the parenthesis of a
    /// reference is an operator.
    fn chained(&mut self, mut expr: Expr) -> Result<Expr, FormulaError> {
        while self.peek() == Some(&Token::Open)
            && may_be_function(&expr)
            && !(spans(&expr) && self.tokens.get(self.next).is_some_and(|open| open.spaced))
        {
            self.chained += 1;
            if self.chained > MAX_DEPTH {
                return Err(self.error(format!("more than {MAX_DEPTH} calls follow calls: use helper cells")));
            }
            self.next += 1;
            expr = Expr::Invoke(Box::new(expr), self.arguments("the call")?);
        }
        Ok(expr)
    }

    /// Whether white space and a value follow: between references that is an operator.
    fn meets_another(&self) -> bool {
        let starts = |token: &Token| {
            matches!(token, Token::Word(_) | Token::Quoted(_) | Token::Bracket(_) | Token::Number(..) | Token::Open)
        };
        self.tokens.get(self.next).is_some_and(|next| next.spaced && starts(&next.token))
    }

    fn primary(&mut self) -> Result<Expr, FormulaError> {
        if let Some(reference) = reference::parse(self)? {
            return match (reference, self.peek()) {
                // The stored form of a call of something that is no built-in function.
                (Expr::Name(name), Some(Token::Open)) => self.call(&name, &name.to_uppercase()),
                (reference, _) => Ok(reference),
            };
        }
        let Some(token) = self.peek().cloned() else {
            return Err(self.error("the formula ends where a value should follow"));
        };
        self.next += 1;
        match token {
            Token::Number(number, _) if number.is_finite() => Ok(Expr::Number(number)),
            Token::Number(..) => Err(self.error_before("the number is too large")),
            Token::Text(text) => Ok(Expr::Text(text.into())),
            Token::Error(kind) => Ok(Expr::Error(kind)),
            Token::OpenBrace => self.array(),
            Token::Open => {
                let mut inner = self.expression()?;
                if spans(&inner) && self.peek() == Some(&Token::Comma) {
                    inner = self.union(inner)?;
                }
                if !self.take(&Token::Close) {
                    return Err(self.error("a closing ) is missing"));
                }
                Ok(Expr::Group(Box::new(inner)))
            }
            Token::Word(word) => self.word(&word),
            Token::Quoted(_) => Err(self.error_before("a name in quotes needs ! or [ after it; texts stand in \" \"")),
            Token::Operator(operator) => {
                Err(self.error_before(format!("a value is missing before {}", operator.symbol())))
            }
            Token::Close | Token::Comma => Err(self.error_before("a value is missing here")),
            Token::Semicolon => Err(self.error_before("arguments are separated by commas")),
            _ => Err(self.error_before("this has no meaning here")),
        }
    }

    /// After a reference in parentheses: the others, with commas between them.
    fn union(&mut self, first: Expr) -> Result<Expr, FormulaError> {
        let mut parts = vec![first];
        while self.take(&Token::Comma) {
            let part = self.expression()?;
            if !spans(&part) {
                return Err(self.error_before("only references can be joined by commas"));
            }
            parts.push(part);
        }
        Ok(Expr::Union(parts))
    }
}

/// Whether an expression may be an end of a computed range.
fn spans(expr: &Expr) -> bool {
    match expr {
        Expr::Cell(_) | Expr::Range(_) | Expr::Name(_) | Expr::Span(..) | Expr::Spilled(_) | Expr::Meet(_) => true,
        Expr::Group(inner) => spans(inner),
        Expr::Union(_) | Expr::Error(ErrorKind::Ref) | Expr::Unknown(..) | Expr::Invoke(..) => true,
        Expr::Call(function, _) => function.gives_references(),
        _ => false,
    }
}

/// Whether an expression may stand for a function, to be called.
fn may_be_function(expr: &Expr) -> bool {
    match expr {
        Expr::Lambda(_) | Expr::Invoke(..) | Expr::Unknown(..) => true,
        Expr::Group(inner) => may_be_function(inner) || matches!(**inner, Expr::Name(_)),
        Expr::Call(function, _) => matches!(function.body, Body::Means(_)),
        _ => false,
    }
}
