//! A cell's value in JSON: `null`, a number, a truth value, a text, or `{"error": "#N/A", "detail": …}`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::value::{CellError, ErrorKind, Value};

/// A single value on the wire.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    Blank(()),
    Number(f64),
    Bool(bool),
    Text(Arc<str>),
    Error {
        error: Arc<str>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<Arc<str>>,
    },
}

impl From<&Value> for Scalar {
    /// An array stands as its first value.
    fn from(value: &Value) -> Self {
        match value {
            Value::Blank => Self::Blank(()),
            Value::Number(number) => Self::Number(*number),
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Text(text) => Self::Text(text.clone()),
            Value::Error(error) => Self::Error { error: error.kind.code().into(), detail: error.detail.clone() },
            Value::Array(array) => array.get(0, 0).map_or(Self::Blank(()), Self::from),
        }
    }
}

impl From<Scalar> for Value {
    fn from(scalar: Scalar) -> Self {
        match scalar {
            Scalar::Blank(()) => Self::Blank,
            Scalar::Number(number) => Self::number(number),
            Scalar::Bool(truth) => Self::Bool(truth),
            Scalar::Text(text) => Self::Text(text),
            Scalar::Error { error, detail } => {
                let kind = ErrorKind::ALL.into_iter().find(|kind| kind.code() == &*error).unwrap_or(ErrorKind::Value);
                Self::Error(CellError { kind, origin: None, detail })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cross_the_wire_unchanged() {
        for value in [Value::Blank, 1.5.into(), true.into(), "a".into(), ErrorKind::Div0.into()] {
            let text = serde_json::to_string(&Scalar::from(&value)).unwrap();
            assert_eq!(Value::from(serde_json::from_str::<Scalar>(&text).unwrap()), value, "{text}");
        }
    }
}
