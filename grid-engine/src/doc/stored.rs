//! Values as documents store them: plain JSON-like values, so that any Yjs client can read them.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use yrs::{Any, Number};

use super::schema::Input;
use super::screen::{MAX_DEPTH, MAX_TEXT};

/// An input as stored: a number, a truth value, or a string whose first character tells formula from text.
pub(super) fn store_input(input: &Input) -> Any {
    match input {
        Input::Number(number) => store_number(*number),
        Input::Bool(truth) => Any::Bool(*truth),
        Input::Text(text) if text.starts_with(['=', '\'']) => Any::String(format!("'{text}").into()),
        Input::Text(text) | Input::Formula(text) => Any::String(text.clone()),
    }
}

/// A stored cell as an input; `None` for anything a cell cannot hold (a stray client's object, a NaN).
pub(super) fn read_input(stored: &Any) -> Option<Input> {
    Some(match stored {
        Any::Number(_) => Input::Number(read_number(stored)?),
        Any::Bool(truth) => Input::Bool(*truth),
        Any::String(text) => match text.as_bytes().first() {
            Some(b'=') => Input::Formula(text.clone()),
            Some(b'\'') => Input::Text(Arc::from(&text[1..])),
            _ => Input::Text(text.clone()),
        },
        _ => return None,
    })
}

/// A number as stored; whole numbers in the short form that every client writes.
pub(super) fn store_number(number: f64) -> Any {
    Any::Number(Number::try_i64(number))
}

/// A stored finite number.
pub(super) fn read_number(stored: &Any) -> Option<f64> {
    match stored {
        Any::Number(Number::Int(number)) => Some(*number as f64),
        Any::Number(Number::Float(number)) => Some(*number).filter(|number| number.is_finite()),
        _ => None,
    }
}

/// A stored string.
pub(super) fn read_text(stored: &Any) -> Option<&Arc<str>> {
    match stored {
        Any::String(text) => Some(text),
        _ => None,
    }
}

/// A record (a measure, a note, a sheet's entry) as a plain object.
///
/// By way of JSON text: what records are made of is then compiled for one format, not for two.
pub(super) fn store_record<T: Serialize>(record: &T) -> Result<Any, String> {
    let json = serde_json::to_string(record).map_err(|error| error.to_string())?;
    serde_json::from_str(&json).map_err(|error| error.to_string())
}

/// A stored plain object as a record; `None` where it is not one.
pub(super) fn read_record<T: DeserializeOwned>(stored: &Any) -> Option<T> {
    parse_record(stored).ok()
}

/// The same, saying what is wrong with it.
pub(super) fn parse_record<T: DeserializeOwned>(stored: &Any) -> Result<T, serde_json::Error> {
    serde_json::from_str(&serde_json::to_string(stored)?)
}

/// About how many bytes a value takes; `None` for one that peers would refuse: a text too long, too deep a nesting.
pub(super) fn weigh(stored: &Any) -> Option<usize> {
    fn at(stored: &Any, depth: usize) -> Option<usize> {
        let all = |mut inner: &mut dyn Iterator<Item = &Any>| {
            let weights = (depth < MAX_DEPTH).then_some(&mut inner)?;
            weights.try_fold(8, |sum, value| Some(sum + at(value, depth + 1)?))
        };
        match stored {
            Any::String(text) => (text.len() <= MAX_TEXT).then_some(text.len() + 4),
            Any::Array(values) => all(&mut values.iter()),
            Any::Map(entries) => {
                let keys: usize = entries.keys().map(|key| key.len() + 2).sum();
                Some(keys + all(&mut entries.values())?)
            }
            Any::Buffer(_) => None,
            _ => Some(9),
        }
    }
    at(stored, 0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn inputs_read_back() {
        for input in [
            Input::Number(12.0),
            Input::Number(-0.1),
            Input::Number(1e300),
            Input::Bool(true),
            Input::Text("plain".into()),
            Input::Text("=not a formula".into()),
            Input::Text("'quoted".into()),
            Input::Text("".into()),
            Input::Formula("=1+1".into()),
        ] {
            assert_eq!(read_input(&store_input(&input)), Some(input));
        }
    }

    #[test]
    fn only_scalars_are_inputs() {
        for stored in
            [Any::Null, Any::Undefined, Any::Array(Arc::from([Any::Null])), Any::Number(Number::Float(f64::NAN))]
        {
            assert_eq!(read_input(&stored), None);
        }
    }

    #[test]
    fn what_peers_would_refuse_has_no_weight() {
        assert_eq!(weigh(&Any::String("x".repeat(MAX_TEXT).into())), Some(MAX_TEXT + 4));
        assert_eq!(weigh(&Any::String("x".repeat(MAX_TEXT + 1).into())), None);
        let nested = |levels| (0..levels).fold(Any::Null, |inner, _| Any::Array(Arc::from([inner])));
        assert!(weigh(&nested(MAX_DEPTH)).is_some());
        assert_eq!(weigh(&nested(MAX_DEPTH + 1)), None);
    }
}
