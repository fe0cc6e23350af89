//! The typed tree of a formula.

use std::sync::Arc;

use super::functions::Function;
use super::{MeasureRef, RangeRef};
use crate::refs::CellRef;
use crate::value::{Array, ErrorKind, Text};

/// A formula or a part of one.
///
/// Operators of one precedence stand in one flat [`Expr::Chain`], so that a sum of ten thousand
/// terms is neither walked nor dropped recursively; only nesting a person typed nests here.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    Number(f64),
    Text(Text),
    Bool(bool),
    Error(ErrorKind),
    /// An omitted argument: `IF(A1,,2)`.
    Missing,
    Cell(CellAt),
    Range(RangeAt),
    Measure(MeasureRef),
    /// The rectangle two computed references span: `A1:INDEX(A:A,5)`.
    Span(Box<Expr>, Box<Expr>),
    /// The array that spilled from a cell: `A1#`.
    Spilled(Box<Expr>),
    /// The cells several references have in common: `A1:C3 B2:D4`.
    Meet(Vec<Expr>),
    /// Several references as one: `(A1:B2,D4)`.
    Union(Vec<Expr>),
    /// A defined name, or a name bound by LET or LAMBDA.
    Name(Arc<str>),
    /// `{1,2;3,4}`.
    Array(Arc<Array>),
    /// `-`, `+` and `@` before an operand, outermost first.
    Prefix(Vec<Prefix>, Box<Expr>),
    /// An operand followed by so many `%`.
    Percent(usize, Box<Expr>),
    /// Left-associative operators of one precedence.
    Chain(Box<Expr>, Vec<(Operator, Expr)>),
    /// Parentheses as typed.
    Group(Box<Expr>),
    Call(&'static Function, Vec<Expr>),
    /// A call of something that is no function: `#NAME?`, unless a name bound to a LAMBDA.
    Unknown(Arc<str>, Vec<Expr>),
    /// `LAMBDA(x, y, x+y)`.
    Lambda(Arc<Lambda>),
    /// A call of what an expression gives: `LAMBDA(x, x+1)(2)`, `f(1)(2)`.
    Invoke(Box<Expr>, Vec<Expr>),
}

/// A function a person wrote inside a formula.
#[derive(Clone, Debug, PartialEq)]
pub struct Lambda {
    pub parameters: Vec<Parameter>,
    pub body: Expr,
}

/// What a LAMBDA calls a value it is given.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    pub name: Arc<str>,
    /// `[y]`: it may be left out.
    pub optional: bool,
}

/// A cell, and which of its coordinates stay when the formula is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellAt {
    pub cell: CellRef,
    pub row_fixed: bool,
    pub col_fixed: bool,
}

/// A rectangle, and which of its edges stay when the formula is copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeAt {
    pub range: RangeRef,
    pub rows_fixed: (bool, bool),
    pub cols_fixed: (bool, bool),
}

/// What stands before an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    Minus,
    Plus,
    /// `@`: the one value of a range that lies in the formula's row or column.
    Single,
}

impl Prefix {
    /// As typed.
    pub fn symbol(self) -> char {
        match self {
            Self::Minus => '-',
            Self::Plus => '+',
            Self::Single => '@',
        }
    }
}

/// What stands between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Join,
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

impl Operator {
    /// Binding strength: comparisons 0, `&` 1, sums 2, products 3, `^` 4. All associate to the left, `^` too.
    pub fn level(self) -> u8 {
        match self {
            Self::Equal | Self::Unequal | Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => 0,
            Self::Join => 1,
            Self::Add | Self::Subtract => 2,
            Self::Multiply | Self::Divide => 3,
            Self::Power => Self::STRONGEST,
        }
    }

    /// The level of `^`.
    pub const STRONGEST: u8 = 4;

    /// As typed.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Unequal => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Join => "&",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Power => "^",
        }
    }
}

impl Expr {
    /// Calls `visit` for this node and every node below it, parents first.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        visit(self);
        match self {
            Self::Prefix(_, inner) | Self::Percent(_, inner) | Self::Group(inner) | Self::Spilled(inner) => {
                inner.walk(visit);
            }
            Self::Meet(parts) | Self::Union(parts) => parts.iter().for_each(|part| part.walk(visit)),
            Self::Span(first, last) => {
                first.walk(visit);
                last.walk(visit);
            }
            Self::Chain(first, rest) => {
                first.walk(visit);
                rest.iter().for_each(|(_, operand)| operand.walk(visit));
            }
            Self::Call(_, arguments) | Self::Unknown(_, arguments) => {
                arguments.iter().for_each(|argument| argument.walk(visit));
            }
            Self::Lambda(lambda) => lambda.body.walk(visit),
            Self::Invoke(callee, arguments) => {
                callee.walk(visit);
                arguments.iter().for_each(|argument| argument.walk(visit));
            }
            _ => {}
        }
    }

    /// This tree with every reference replaced by what `change` makes of it.
    pub fn map_references(&self, change: &dyn Fn(&Expr) -> Option<Expr>) -> Expr {
        let map = |inner: &Expr| inner.map_references(change);
        let all = |list: &[Expr]| list.iter().map(map).collect::<Vec<_>>();
        match self {
            Self::Cell(_) | Self::Range(_) | Self::Measure(_) | Self::Name(_) => {
                change(self).unwrap_or_else(|| self.clone())
            }
            Self::Prefix(prefixes, inner) => Self::Prefix(prefixes.clone(), Box::new(map(inner))),
            Self::Percent(count, inner) => Self::Percent(*count, Box::new(map(inner))),
            Self::Group(inner) => Self::Group(Box::new(map(inner))),
            Self::Span(first, last) => Self::Span(Box::new(map(first)), Box::new(map(last))),
            Self::Spilled(inner) => Self::Spilled(Box::new(map(inner))),
            Self::Meet(parts) => Self::Meet(all(parts)),
            Self::Union(parts) => Self::Union(all(parts)),
            Self::Chain(first, rest) => {
                Self::Chain(Box::new(map(first)), rest.iter().map(|(op, operand)| (*op, map(operand))).collect())
            }
            Self::Call(function, arguments) => Self::Call(function, all(arguments)),
            Self::Unknown(name, arguments) => Self::Unknown(name.clone(), all(arguments)),
            Self::Lambda(lambda) => {
                Self::Lambda(Arc::new(Lambda { parameters: lambda.parameters.clone(), body: map(&lambda.body) }))
            }
            Self::Invoke(callee, arguments) => Self::Invoke(Box::new(map(callee)), all(arguments)),
            _ => self.clone(),
        }
    }
}
