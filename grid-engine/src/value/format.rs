//! How values are displayed.

use serde::{Deserialize, Serialize};

/// How numbers of a measure are displayed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NumberFormat {
    /// As many digits as needed.
    #[default]
    General,
    /// Grouped, no decimals: `12,400`.
    Whole,
    /// Grouped, two decimals.
    Decimal,
    /// `12.3 %` of a stored 0.123.
    Percent,
    /// Whole currency units.
    Money,
    /// Currency with cents.
    Price,
    Date,
    Text,
}
