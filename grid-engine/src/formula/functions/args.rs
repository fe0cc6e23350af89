//! The arguments of a call, read the way functions want them.

use std::sync::Arc;

use crate::formula::eval::Evaluation;
use crate::value::entry::read_number;
use crate::value::{Array, CellError, ErrorKind, NumberFormat, Text, Value};

/// How an argument reached the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passing {
    /// A value typed or computed in place.
    Direct,
    /// What cells hold.
    Reference,
    /// Left out between commas.
    Omitted,
}

/// One argument.
#[derive(Clone, Debug)]
pub struct Arg {
    pub value: Value,
    pub passing: Passing,
    /// Blank cells a whole row or column has besides those of the sheet.
    pub beyond: u64,
}

/// All arguments of a call.
pub struct Args<'a> {
    pub evaluation: &'a Evaluation<'a>,
    list: &'a [Arg],
}

impl<'a> Args<'a> {
    pub fn new(evaluation: &'a Evaluation<'a>, list: &'a [Arg]) -> Self {
        Self { evaluation, list }
    }

    pub fn count(&self) -> usize {
        self.list.len()
    }

    /// All of them, in order.
    pub fn list(&self) -> &'a [Arg] {
        self.list
    }

    /// Whether an argument was given, and not left out between commas.
    pub fn given(&self, index: usize) -> bool {
        self.list.get(index).is_some_and(|arg| arg.passing != Passing::Omitted)
    }

    /// The value; blank where there is none.
    pub fn value(&self, index: usize) -> &'a Value {
        self.list.get(index).map_or(&Value::Blank, |arg| &arg.value)
    }

    /// Blank cells of a whole row or column besides those of the sheet.
    pub fn beyond(&self, index: usize) -> u64 {
        self.list.get(index).map_or(0, |arg| arg.beyond)
    }

    pub fn number(&self, index: usize) -> Result<f64, CellError> {
        self.evaluation.number(self.value(index))
    }

    /// The number, or what stands for it when it is left out.
    pub fn number_or(&self, index: usize, default: f64) -> Result<f64, CellError> {
        if self.given(index) { self.number(index) } else { Ok(default) }
    }

    /// The number without its fraction, towards zero.
    pub fn integer(&self, index: usize) -> Result<i64, CellError> {
        Ok(self.number(index)?.trunc() as i64)
    }

    pub fn integer_or(&self, index: usize, default: i64) -> Result<i64, CellError> {
        if self.given(index) { self.integer(index) } else { Ok(default) }
    }

    pub fn text(&self, index: usize) -> Result<Text, CellError> {
        self.value(index).to_text()
    }

    pub fn text_or(&self, index: usize, default: &str) -> Result<Text, CellError> {
        if self.given(index) { self.text(index) } else { Ok(default.into()) }
    }

    pub fn bool(&self, index: usize) -> Result<bool, CellError> {
        self.value(index).to_bool()
    }

    pub fn bool_or(&self, index: usize, default: bool) -> Result<bool, CellError> {
        if self.given(index) { self.bool(index) } else { Ok(default) }
    }

    /// The value as a rectangle; a single value is 1 × 1. The error, if it is one.
    pub fn array(&self, index: usize) -> Result<Arc<Array>, CellError> {
        match self.value(index) {
            Value::Array(array) => Ok(array.clone()),
            Value::Error(error) => Err(error.clone()),
            value => Ok(Arc::new(Array::single(value.clone()))),
        }
    }

    /// The numbers of all arguments as the functions of the former Analysis ToolPak see them: texts in cells are
    /// read, truth values are refused, blanks do not count, and an argument left out is `#N/A`.
    pub fn strict_numbers(&self) -> Result<Vec<f64>, CellError> {
        let mut numbers = Vec::new();
        for arg in self.list {
            let values = match &arg.value {
                Value::Array(array) => array.cells(),
                single => std::slice::from_ref(single),
            };
            for value in values {
                match value {
                    _ if arg.passing == Passing::Omitted => return Err(CellError::new(ErrorKind::Na)),
                    Value::Blank => {}
                    value => numbers.push(strict_number(value)?),
                }
            }
        }
        Ok(numbers)
    }

    /// The numbers of all arguments from `from` on, as aggregates see them: in references and arrays only
    /// numbers count; values given directly must be numbers or read as such. The first error wins.
    pub fn numbers(&self, from: usize) -> Result<Vec<f64>, CellError> {
        let mut numbers = Vec::new();
        for arg in self.list.iter().skip(from) {
            collect_numbers(arg, &mut numbers)?;
        }
        Ok(numbers)
    }
}

/// A number; a date as text only without spaces around it.
pub fn unpadded_number(value: &Value) -> Result<f64, CellError> {
    match value {
        Value::Text(text)
            if text.trim().len() < text.len() && matches!(read_number(text), Some((_, Some(NumberFormat::Date)))) =>
        {
            Err(wrong("a date with spaces around it is not a number here"))
        }
        value => value.to_number(),
    }
}

/// The same, but no truth value.
pub fn strict_number(value: &Value) -> Result<f64, CellError> {
    match value {
        Value::Bool(_) => Err(wrong("a truth value is not a number here")),
        value => unpadded_number(value),
    }
}

/// The numbers of one argument, by the same rule.
pub fn collect_numbers(arg: &Arg, numbers: &mut Vec<f64>) -> Result<(), CellError> {
    match (&arg.value, arg.passing) {
        (Value::Array(array), _) => {
            for value in array.cells() {
                match value {
                    Value::Number(number) => numbers.push(*number),
                    Value::Error(error) => return Err(error.clone()),
                    _ => {}
                }
            }
        }
        (Value::Number(number), _) => numbers.push(*number),
        (Value::Error(error), _) => return Err(error.clone()),
        (_, Passing::Reference) => {}
        (value, _) => numbers.push(value.to_number()?),
    }
    Ok(())
}

/// `#NUM!`.
pub fn out_of_range(detail: &str) -> CellError {
    CellError::because(ErrorKind::Num, detail)
}

/// `#VALUE!`.
pub fn wrong(detail: &str) -> CellError {
    CellError::because(ErrorKind::Value, detail)
}

/// `#N/A`.
pub fn not_found(detail: &str) -> CellError {
    CellError::because(ErrorKind::Na, detail)
}
