//! A study's answer as rows under a heading, for cells, files and pages alike.

/// A cell of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum StudyCell {
    Text(String),
    Number(f64),
    /// Nothing is known, such as a price the tables do not give.
    Unknown,
}

/// Rows of as many cells as there are columns.
#[derive(Clone, Debug, PartialEq)]
pub struct StudyTable {
    pub header: Vec<String>,
    pub rows: Vec<Vec<StudyCell>>,
}

impl From<&str> for StudyCell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for StudyCell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<f64> for StudyCell {
    /// A number without the solver's rounding.
    fn from(number: f64) -> Self {
        const DUST: f64 = 1e-6;
        let rounded = (number / DUST).round() * DUST;
        if rounded.is_finite() { Self::Number(rounded + 0.0) } else { Self::Unknown }
    }
}

impl From<Option<f64>> for StudyCell {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Self::Unknown, Self::from)
    }
}
