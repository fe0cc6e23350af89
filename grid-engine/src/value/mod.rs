//! What a cell holds after calculation.

mod array;
mod coerce;
pub mod entry;
mod entry_date;
mod error;
pub mod format;
mod known;
mod locale;
pub mod order;
mod places;
mod ranked;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A text that is shared, not copied.
pub use arcstr::ArcStr as Text;
pub use array::Array;
pub use coerce::{compare_numbers, compare_texts, same_texts};
pub(crate) use entry_date::{read_date_time, read_day_of_year};
pub use error::{CellError, ErrorKind};
pub use format::NumberFormat;
pub use locale::{DateOrder, Locale};

/// Whether a character is not seen where it stands and makes two texts look alike; line breaks and tabs are seen.
pub fn is_unseen(character: char) -> bool {
    (character.is_control() && !matches!(character, '\n' | '\t'))
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// A calculated value. Evaluation is total: an error is a value too.
///
/// Dates are Excel serial numbers (1 = 1900-01-01), as in every spreadsheet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// Nothing entered: 0 to arithmetic, `""` to text.
    #[default]
    Blank,
    /// Always finite; operations that would not be give `#NUM!` or `#DIV/0!`.
    Number(f64),
    Bool(bool),
    Text(Text),
    Error(CellError),
    /// A rectangle of values, from a range or an array formula; it spills where it is a cell's result.
    Array(Arc<Array>),
}

// Sheets and ranges are columns of values: what one takes, memory and the speed of sums pay a hundred thousand times.
const _: () = assert!(size_of::<Value>() == 16);

impl Value {
    /// A number, or `#NUM!` where it is not finite.
    pub fn number(number: f64) -> Self {
        if number.is_finite() { Self::Number(number) } else { Self::error(ErrorKind::Num) }
    }

    /// A text.
    pub fn text(text: impl AsRef<str>) -> Self {
        Self::Text(Text::from(text.as_ref()))
    }

    /// An error without a known origin; the calculation adds the cell.
    pub fn error(kind: ErrorKind) -> Self {
        Self::Error(CellError::new(kind))
    }

    /// The number itself, without coercion: `None` for anything else.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The text itself, without coercion.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The error, if this is one.
    pub fn as_error(&self) -> Option<&CellError> {
        match self {
            Self::Error(error) => Some(error),
            _ => None,
        }
    }

    /// Whether nothing was entered.
    pub fn is_blank(&self) -> bool {
        matches!(self, Self::Blank)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::number(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<ErrorKind> for Value {
    fn from(kind: ErrorKind) -> Self {
        Self::error(kind)
    }
}
