//! A cell's value in JSON: `null`, a number, a truth value, a text, or `{"error": "#N/A", "detail": …}`.

use std::sync::Arc;

use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::value::{CellError, ErrorKind, Text, Value};

/// A single value on the wire.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Scalar {
    Blank(()),
    Number(f64),
    Bool(bool),
    Text(Text),
    Error {
        error: Arc<str>,
        #[serde(skip_serializing_if = "Option::is_none")]
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
            Value::Error(error) => Self::Error { error: error.kind.code().into(), detail: error.detail().cloned() },
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
                Self::Error(detail.map_or_else(|| CellError::new(kind), |detail| CellError::because(kind, detail)))
            }
        }
    }
}

/// Read by what stands there: trying the kinds in turn would copy every value of a sheet first.
impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("a cell's value")
    }

    fn visit_unit<E: Error>(self) -> Result<Scalar, E> {
        Ok(Scalar::Blank(()))
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Scalar, E> {
        Ok(Scalar::Bool(truth))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Scalar, E> {
        Ok(Scalar::Number(number as f64))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Scalar, E> {
        Ok(Scalar::Number(number as f64))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Scalar, E> {
        Ok(Scalar::Number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Scalar, A::Error> {
        let (mut error, mut detail) = (None, None);
        while let Some(name) = fields.next_key::<String>()? {
            match name.as_str() {
                "error" => error = Some(fields.next_value::<Arc<str>>()?),
                "detail" => detail = fields.next_value::<Option<Arc<str>>>()?,
                _ => drop(fields.next_value::<IgnoredAny>()?),
            }
        }
        let error = error.ok_or_else(|| A::Error::missing_field("error"))?;
        Ok(Scalar::Error { error, detail })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cross_the_wire_unchanged() {
        let explained = Value::Error(CellError::because(ErrorKind::Num, "no rate was found"));
        for value in
            [Value::Blank, 1.5.into(), (-7.0).into(), true.into(), "a".into(), ErrorKind::Div0.into(), explained]
        {
            let text = serde_json::to_string(&Scalar::from(&value)).unwrap();
            assert_eq!(Value::from(serde_json::from_str::<Scalar>(&text).unwrap()), value, "{text}");
        }
    }
}
