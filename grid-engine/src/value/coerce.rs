//! How values turn into numbers, texts and truth values, and how they compare: Excel's rules.

use std::cmp::Ordering;

use super::{Array, CellError, ErrorKind, Text, Value, entry, format};

impl Value {
    /// The number arithmetic sees: blank is 0, truth is 1, a text is read as if typed (`"12%"`).
    ///
    /// Errors: the value's own error; `#VALUE!` for a text that is no number. An array counts as its first value.
    pub fn to_number(&self) -> Result<f64, CellError> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Blank => Ok(0.0),
            Self::Bool(truth) => Ok(f64::from(u8::from(*truth))),
            Self::Text(text) => entry::read_number(text)
                .map(|(number, _)| number)
                .ok_or_else(|| CellError::because(ErrorKind::Value, format!("“{text}” is not a number"))),
            Self::Error(error) => Err(error.clone()),
            Self::Array(array) => array.first().to_number(),
        }
    }

    /// The text `&` sees: blank is `""`, numbers in up to 15 digits, `TRUE` and `FALSE`.
    pub fn to_text(&self) -> Result<Text, CellError> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::Blank => Ok("".into()),
            Self::Number(number) => Ok(format::general_text(*number).into()),
            Self::Bool(truth) => Ok(if *truth { "TRUE" } else { "FALSE" }.into()),
            Self::Error(error) => Err(error.clone()),
            Self::Array(array) => array.first().to_text(),
        }
    }

    /// The truth a condition sees: numbers other than 0 are true, blank is false, `"TRUE"` is true.
    pub fn to_bool(&self) -> Result<bool, CellError> {
        match self {
            Self::Bool(truth) => Ok(*truth),
            Self::Number(number) => Ok(*number != 0.0),
            Self::Blank => Ok(false),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Ok(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Ok(false),
            Self::Text(text) => {
                Err(CellError::because(ErrorKind::Value, format!("“{text}” is neither true nor false")))
            }
            Self::Error(error) => Err(error.clone()),
            Self::Array(array) => array.first().to_bool(),
        }
    }

    /// Excel's order: numbers before texts before truth values; texts whatever their case; blank is the
    /// other side's zero. Errors count as equal to each other and come last.
    pub fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => compare_numbers(*a, *b),
            (Self::Text(a), Self::Text(b)) => compare_texts(a, b),
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Blank, Self::Blank) => Ordering::Equal,
            (Self::Blank, other) => other.zero().compare(other),
            (value, Self::Blank) => value.compare(&value.zero()),
            (Self::Array(a), b) => a.first().compare(b),
            (a, Self::Array(b)) => a.compare(b.first()),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }

    /// What blank is beside a value of this type.
    fn zero(&self) -> Self {
        match self {
            Self::Text(_) => Self::text(""),
            Self::Bool(_) => Self::Bool(false),
            Self::Error(_) => Self::Number(0.0),
            Self::Array(array) => array.first().zero(),
            Self::Number(_) | Self::Blank => Self::Number(0.0),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Blank | Self::Number(_) => 0,
            Self::Text(_) => 1,
            Self::Bool(_) => 2,
            Self::Error(_) | Self::Array(_) => 3,
        }
    }
}

impl Array {
    /// The top left value.
    pub fn first(&self) -> &Value {
        self.cells().first().unwrap_or(&Value::Blank)
    }
}

/// Numbers compare in 15 digits, as Excel shows them: `0.1+0.2 = 0.3`.
pub fn compare_numbers(a: f64, b: f64) -> Ordering {
    if a == b || (a - b).abs() <= a.abs().max(b.abs()) * 1e-15 {
        return Ordering::Equal;
    }
    a.total_cmp(&b)
}

/// Texts compare whatever their case, letters with accents beside the letters they are of: `Ähre` before `Apfel`.
pub fn compare_texts(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() {
        let lower = |byte: u8| byte.to_ascii_lowercase();
        return a.bytes().map(lower).cmp(b.bytes().map(lower));
    }
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    a.chars().map(base).cmp(b.chars().map(base)).then_with(|| a.cmp(&b))
}

/// The letter a Latin one with an accent is of; any other character itself.
fn base(c: char) -> char {
    /// For U+00C0 to U+017F.
    const BASES: &[u8] = b"aaaaaaaceeeeiiiidnooooo*ouuuuytsaaaaaaaceeeeiiiidnooooo/ouuuuyty\
        aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll\
        lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
    let place = (c as usize).checked_sub(0xc0);
    place.and_then(|place| BASES.get(place)).map_or(c, |base| char::from(*base))
}

/// Whether texts are the same whatever their case.
pub fn same_texts(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || (!(a.is_ascii() && b.is_ascii()) && a.to_lowercase() == b.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_rank_numbers_texts_truths() {
        let ordered: [Value; 6] = [(-1.0).into(), 2.0.into(), "".into(), "b".into(), false.into(), true.into()];
        for (index, a) in ordered.iter().enumerate() {
            for (other, b) in ordered.iter().enumerate() {
                assert_eq!(a.compare(b), index.cmp(&other), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn blank_is_the_other_sides_zero() {
        for value in [0.0.into(), "".into(), false.into(), Value::Blank] {
            assert_eq!(Value::Blank.compare(&value), Ordering::Equal, "{value:?}");
            assert_eq!(value.compare(&Value::Blank), Ordering::Equal, "{value:?}");
        }
        assert_eq!(Value::Blank.compare(&"a".into()), Ordering::Less);
    }

    #[test]
    fn comparing_forgives_binary_noise_and_case() {
        assert_eq!(Value::from(0.1 + 0.2).compare(&0.3.into()), Ordering::Equal);
        assert_eq!(Value::from("Straße ÄÖ").compare(&"straße äö".into()), Ordering::Equal);
        assert_eq!(Value::from(1.0).compare(&1.000_000_000_000_1.into()), Ordering::Less);
    }

    #[test]
    fn accents_count_after_letters() {
        let ordered =
            ["Ähre", "Apfel", "cote", "coté", "côte", "e", "é", "ea", "f", "Łódź", "Lyon", "ß", "Zug", "Zürich", "Ω"];
        for (index, a) in ordered.iter().enumerate() {
            for (other, b) in ordered.iter().enumerate() {
                assert_eq!(compare_texts(a, &b.to_uppercase().replace("SS", "ß")), index.cmp(&other), "{a} {b}");
                assert_eq!(compare_texts(a, b).is_eq(), same_texts(a, b), "{a} {b}");
            }
        }
    }

    #[test]
    fn texts_are_read_as_numbers_where_they_are_numbers() {
        for (text, number) in [("12", 12.0), (" 1,200.5 ", 1200.5), ("12%", 0.12), ("-3", -3.0), ("1e3", 1000.0)] {
            assert_eq!(Value::from(text).to_number(), Ok(number), "{text}");
        }
        assert!(Value::from("abc").to_number().is_err());
        assert!(Value::from("").to_number().is_err());
    }
}
