//! Constant arrays: `{1,2;3,4}`.

use std::sync::Arc;

use super::super::FormulaError;
use super::super::ast::{Expr, Operator};
use super::super::lex::Token;
use super::Parser;
use crate::value::{Array, Value};

impl<'a> Parser<'a> {
    /// After `{`: rows separated by `;`, values by `,`.
    pub(super) fn array(&mut self) -> Result<Expr, FormulaError> {
        let mut cells = Vec::new();
        let (mut rows, mut width) = (1, None);
        loop {
            cells.push(self.constant()?);
            if self.take(&Token::Comma) {
                continue;
            }
            let row_width = cells.len() / rows;
            if cells.len() % rows != 0 || width.is_some_and(|width| width != row_width) {
                return Err(self.error("the rows of an array constant must be equally long"));
            }
            width = Some(row_width);
            if self.take(&Token::Semicolon) {
                rows += 1;
                continue;
            }
            if !self.take(&Token::CloseBrace) {
                return Err(self.error("a closing } is missing"));
            }
            return Array::new(rows, row_width, cells)
                .map(|array| Expr::Array(Arc::new(array)))
                .ok_or_else(|| self.error("an array constant needs a value"));
        }
    }

    fn constant(&mut self) -> Result<Value, FormulaError> {
        let mut sign = 1.0;
        while let Some(&Token::Operator(operator @ (Operator::Subtract | Operator::Add))) = self.peek() {
            self.next += 1;
            sign *= if operator == Operator::Subtract { -1.0 } else { 1.0 };
        }
        let token = self.peek().cloned();
        self.next += 1;
        match token {
            Some(Token::Number(number, _)) if number.is_finite() => {
                let mut number = number * sign;
                while self.take(&Token::Percent) {
                    number /= 100.0;
                }
                Ok(Value::Number(number))
            }
            Some(Token::Text(text)) => Ok(Value::Text(text.into())),
            Some(Token::Error(kind)) => Ok(kind.into()),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("true") => Ok(true.into()),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("false") => Ok(false.into()),
            _ => Err(self.error_before("an array constant holds numbers, texts, TRUE and FALSE only")),
        }
    }
}
