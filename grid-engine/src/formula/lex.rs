//! From characters to tokens.

use super::FormulaError;
use super::ast::Operator;
use crate::value::ErrorKind;

/// Longest formula text, in characters: Excel's 8,192 with room for stored ids.
pub const MAX_LENGTH: usize = 131_072;

/// A token and the zero-based character it starts at.
#[derive(Clone, Debug, PartialEq)]
pub struct Spanned {
    pub at: usize,
    pub token: Token,
    /// Whether white space stands before it.
    pub spaced: bool,
}

/// The smallest parts of a formula.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A number and its text (`3` may turn out to be a row).
    Number(f64, String),
    /// `"text"`, unescaped.
    Text(String),
    /// `'quoted name'`, unescaped.
    Quoted(String),
    /// Letters, digits, `_ . $ \ ?`: a cell, function, name or sheet.
    Word(String),
    /// The inside of `[…]`, raw.
    Bracket(String),
    Error(ErrorKind),
    Operator(Operator),
    Percent,
    At,
    Hash,
    Colon,
    Bang,
    Comma,
    Semicolon,
    Open,
    Close,
    OpenBrace,
    CloseBrace,
}

/// Cuts a formula (without its `=`) into tokens. `base` is added to positions; in stored form texts
/// carry `\` escapes.
pub fn lex(text: &str, base: usize, stored: bool) -> Result<Vec<Spanned>, FormulaError> {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() > MAX_LENGTH {
        return Err(error(base, "the formula is too long"));
    }
    let mut lexer = Lexer { chars: &chars, at: 0, base, stored };
    let mut tokens = Vec::new();
    loop {
        let before = lexer.at;
        while lexer.peek().is_some_and(char::is_whitespace) {
            lexer.at += 1;
        }
        let start = lexer.at;
        match lexer.token()? {
            Some(token) => tokens.push(Spanned { at: base + start, token, spaced: start > before }),
            None => return Ok(tokens),
        }
    }
}

fn error(at: usize, message: impl Into<String>) -> FormulaError {
    FormulaError { at, message: message.into() }
}

struct Lexer<'a> {
    chars: &'a [char],
    at: usize,
    base: usize,
    stored: bool,
}

/// Whether a character may stand in a word.
pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '\\' | '?')
}

impl Lexer<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next_is(&self, offset: usize, wanted: char) -> bool {
        self.chars.get(self.at + offset) == Some(&wanted)
    }

    fn token(&mut self) -> Result<Option<Token>, FormulaError> {
        let Some(c) = self.peek() else { return Ok(None) };
        let digit_follows = self.chars.get(self.at + 1).is_some_and(char::is_ascii_digit);
        let single = match c {
            '"' => return self.quoted('"').map(|text| Some(Token::Text(text))),
            '\'' => return self.quoted('\'').map(|text| Some(Token::Quoted(text))),
            '[' => return self.bracket().map(Some),
            '#' => return Ok(Some(self.error_or_hash())),
            '0'..='9' => return Ok(Some(self.number())),
            '.' if digit_follows => return Ok(Some(self.number())),
            '<' if self.next_is(1, '=') => (2, Token::Operator(Operator::LessOrEqual)),
            '<' if self.next_is(1, '>') => (2, Token::Operator(Operator::Unequal)),
            '>' if self.next_is(1, '=') => (2, Token::Operator(Operator::GreaterOrEqual)),
            '<' => (1, Token::Operator(Operator::Less)),
            '>' => (1, Token::Operator(Operator::Greater)),
            '=' => (1, Token::Operator(Operator::Equal)),
            '&' => (1, Token::Operator(Operator::Join)),
            '+' => (1, Token::Operator(Operator::Add)),
            '-' | '−' => (1, Token::Operator(Operator::Subtract)),
            '*' => (1, Token::Operator(Operator::Multiply)),
            '/' => (1, Token::Operator(Operator::Divide)),
            '^' => (1, Token::Operator(Operator::Power)),
            '%' => (1, Token::Percent),
            '@' => (1, Token::At),
            ':' => (1, Token::Colon),
            '!' => (1, Token::Bang),
            ',' => (1, Token::Comma),
            ';' => (1, Token::Semicolon),
            '(' => (1, Token::Open),
            ')' => (1, Token::Close),
            '{' => (1, Token::OpenBrace),
            '}' => (1, Token::CloseBrace),
            c if is_word(c) => return Ok(Some(self.word())),
            other => return Err(error(self.base + self.at, format!("‘{other}’ has no meaning in a formula"))),
        };
        self.at += single.0;
        Ok(Some(single.1))
    }

    fn word(&mut self) -> Token {
        let start = self.at;
        while self.peek().is_some_and(is_word) {
            self.at += 1;
        }
        Token::Word(self.chars[start..self.at].iter().collect())
    }

    /// Digits, a decimal point and an exponent. An `E` without digits after it is not one.
    fn number(&mut self) -> Token {
        let start = self.at;
        self.digits();
        if self.next_is(0, '.') {
            self.at += 1;
            self.digits();
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            let sign = usize::from(self.next_is(1, '+') || self.next_is(1, '-'));
            if self.chars.get(self.at + 1 + sign).is_some_and(char::is_ascii_digit) {
                self.at += 1 + sign;
                self.digits();
            }
        }
        let mut text: String = self.chars[start..self.at].iter().collect();
        if self.peek().is_some_and(is_word) {
            // A name that starts with a digit, say an unquoted sheet title.
            let Token::Word(rest) = self.word() else { return Token::Number(0.0, text) };
            text.push_str(&rest);
            return Token::Word(text);
        }
        Token::Number(text.parse().unwrap_or(f64::INFINITY), text)
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
    }

    /// Text up to the closing quote; a doubled quote stands for one.
    fn quoted(&mut self, quote: char) -> Result<String, FormulaError> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.at += 1;
            if c == quote {
                if self.peek() != Some(quote) {
                    return Ok(text);
                }
                self.at += 1;
            } else if c == '\\' && self.stored {
                text.push(self.escape()?);
                continue;
            }
            text.push(c);
        }
        Err(error(self.base + start, format!("a closing {quote} is missing")))
    }

    /// After a backslash of the stored form: `\` or `u{1f600}`.
    fn escape(&mut self) -> Result<char, FormulaError> {
        let start = self.at;
        self.at += 1;
        match self.chars.get(start) {
            Some('\\') => Some('\\'),
            Some('u') => {
                let end = self.chars[self.at..].iter().position(|&c| c == '}').map(|offset| self.at + offset);
                let digits: Option<String> =
                    end.and_then(|end| Some(self.chars.get(self.at + 1..end)?.iter().collect()));
                self.at = end.map_or(self.chars.len(), |end| end + 1);
                digits.and_then(|digits| char::from_u32(u32::from_str_radix(&digits, 16).ok()?))
            }
            _ => None,
        }
        .ok_or_else(|| error(self.base + start, "this is not an escape of the stored form"))
    }

    /// The raw inside of brackets, with `'` escaping the next character and brackets nesting.
    fn bracket(&mut self) -> Result<Token, FormulaError> {
        let start = self.at;
        let mut depth = 0;
        while let Some(c) = self.peek() {
            self.at += 1;
            match c {
                '\'' => self.at += 1,
                '[' => depth += 1,
                ']' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(Token::Bracket(self.chars[start + 1..self.at - 1].iter().collect()));
            }
        }
        Err(error(self.base + start, "a closing ] is missing"))
    }

    fn error_or_hash(&mut self) -> Token {
        for kind in ErrorKind::ALL {
            let code = kind.code();
            let here = self.chars[self.at..].iter().take(code.len());
            if here.clone().count() == code.len() && here.map(char::to_ascii_uppercase).eq(code.chars()) {
                self.at += code.len();
                return Token::Error(kind);
            }
        }
        self.at += 1;
        Token::Hash
    }
}
