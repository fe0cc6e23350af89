//! How a person has the interface: kept on the server, so that it follows them to another browser.

use serde::{Deserialize, Serialize};

/// What a person chose; what an older or newer page does not know keeps its default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Language tag of how numbers and dates are written; empty: as the browser's language does.
    pub locale: String,
    pub theme: ThemeChoice,
    pub density: Density,
    pub currency: CurrencyStyle,
    pub start: StartPage,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    /// As the system has it.
    #[default]
    System,
    Light,
    Dark,
}

/// How high the rows of sheets and tables are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Density {
    #[default]
    Comfortable,
    Compact,
}

/// How a currency is named beside figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CurrencyStyle {
    /// `EUR`
    #[default]
    Code,
    /// `€`, where there is one.
    Symbol,
}

/// The page a workbook opens with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StartPage {
    #[default]
    Workbook,
    Consensus,
    Tower,
    Cycle,
}

impl Preferences {
    /// What is wrong with them, if anything.
    pub fn problem(&self) -> Option<String> {
        let is_tag = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let fits = self.locale.len() <= 35 && self.locale.chars().all(is_tag);
        (!fits).then(|| "The locale is a language tag such as de-DE, or empty for the browser's.".to_owned())
    }
}
