//! Whether two programs have calculated the same.

use grid_engine::value::{ErrorKind, Value};

/// Numbers agree to this share of the larger one.
const RELATIVE: f64 = 5e-8;
/// What is smaller than this is nothing.
const NOTHING: f64 = 1e-12;

/// Whether a calculated value is the expected one: numbers to 5e-8 relative, errors by kind, texts and truth values
/// exactly. Nothing and an empty text are the same, for files do not tell them apart.
pub fn agree(got: &Value, expected: &Value) -> bool {
    match (got, expected) {
        (Value::Number(a), Value::Number(b)) => {
            (a - b).abs() <= RELATIVE * a.abs().max(b.abs()) || (a - b).abs() <= NOTHING
        }
        (Value::Text(text), Value::Blank) | (Value::Blank, Value::Text(text)) => text.is_empty(),
        // Some programs write errors as texts.
        (Value::Error(error), Value::Text(code)) => error.kind.code() == &**code,
        (a, b) => a == b,
    }
}

/// The error with this code, e.g. `#DIV/0!`.
pub fn error_named(code: &str) -> Option<Value> {
    ErrorKind::ALL.into_iter().find(|kind| kind.code() == code).map(Value::from)
}
