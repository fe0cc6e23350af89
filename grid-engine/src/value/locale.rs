//! How people of a country write numbers and dates.

use super::{NumberFormat, Value, format};

/// The signs in numbers and the order in dates.
///
/// ```
/// # use grid_engine::value::{Locale, entry::read_number_in};
/// let german = Locale::of("de-DE");
/// assert_eq!(read_number_in("1.234,5", german).map(|read| read.0), Some(1234.5));
/// assert_eq!(read_number_in("31/3/2026", german).map(|read| read.0), Some(46_112.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locale {
    /// Before decimals.
    pub decimal: char,
    /// Between thousands; a space stands for all kinds of it.
    pub group: char,
    pub date: DateOrder,
}

/// Which part of a date comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    MonthFirst,
    DayFirst,
    YearFirst,
}

impl Default for Locale {
    /// That of the United States, as in formulas and files.
    fn default() -> Self {
        Self { decimal: '.', group: ',', date: DateOrder::MonthFirst }
    }
}

impl Locale {
    /// By a language tag such as `de-CH`, as browsers tell it. Source: Unicode CLDR, numbers and dates.
    pub fn of(tag: &str) -> Self {
        let (language, country) = tag.split_once(['-', '_']).unwrap_or((tag, ""));
        let (language, country) = (language.to_lowercase(), country.to_uppercase());
        let (decimal, group) = match (language.as_str(), country.as_str()) {
            ("de" | "it" | "rm", "CH" | "LI") => ('.', '’'),
            ("es", "MX" | "US" | "PR" | "GT" | "HN" | "NI" | "PA" | "PE" | "SV" | "DO") => ('.', ','),
            ("de" | "nl" | "da" | "it" | "es" | "id" | "tr" | "el" | "hr" | "sl" | "sr" | "ro" | "is" | "vi", _) => {
                (',', '.')
            }
            ("pt", "PT") => (',', ' '),
            ("pt", _) => (',', '.'),
            (
                "fr" | "sv" | "nb" | "nn" | "no" | "fi" | "cs" | "sk" | "pl" | "hu" | "bg" | "ru" | "uk" | "et" | "lv"
                | "lt",
                _,
            ) => (',', ' '),
            _ => ('.', ','),
        };
        let date = match (language.as_str(), country.as_str()) {
            ("en" | "es", "US") | ("en", "") => DateOrder::MonthFirst,
            ("zh" | "ja" | "ko" | "hu" | "lt" | "sv", _) | ("en", "CA") => DateOrder::YearFirst,
            _ => DateOrder::DayFirst,
        };
        Self { decimal, group, date }
    }

    /// A number written in this locale as everyone's formulas have it, commas between thousands.
    pub(super) fn plain(self, text: &str) -> String {
        let is_group = |c: char| match self.group {
            ' ' => matches!(c, ' ' | '\u{a0}' | '\u{202f}'),
            '’' => matches!(c, '’' | '\''),
            group => c == group,
        };
        let chars: Vec<char> = text.chars().collect();
        let is_digit = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit);
        let plain = |(at, &c): (usize, &char)| match c {
            c if c == self.decimal => '.',
            // Spaces beside signs are just that.
            c if is_group(c) && (self.group != ' ' || is_digit(at.checked_sub(1)) && is_digit(Some(at + 1))) => ',',
            // No sign of this locale: the whole is no number of it.
            '.' | ',' => '?',
            c => c,
        };
        chars.iter().enumerate().map(plain).collect()
    }

    /// A value as the grid shows it.
    pub fn display(self, value: &Value, format: NumberFormat) -> String {
        match value {
            Value::Number(number) => self.shown(&format::display_number(*number, format)),
            value => format::display(value, format),
        }
    }

    /// A number written as everyone's formulas have it, as this locale writes it.
    pub fn shown(self, plain: &str) -> String {
        let own = |c: char| match c {
            '.' => self.decimal,
            ',' if self.group == ' ' => '\u{202f}',
            ',' => self.group,
            c => c,
        };
        plain.chars().map(own).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_by_language() {
        for (tag, decimal, group, date) in [
            ("en-US", '.', ',', DateOrder::MonthFirst),
            ("en", '.', ',', DateOrder::MonthFirst),
            ("en-GB", '.', ',', DateOrder::DayFirst),
            ("de-DE", ',', '.', DateOrder::DayFirst),
            ("de_AT", ',', '.', DateOrder::DayFirst),
            ("de-CH", '.', '’', DateOrder::DayFirst),
            ("fr-FR", ',', ' ', DateOrder::DayFirst),
            ("sv-SE", ',', ' ', DateOrder::YearFirst),
            ("es-MX", '.', ',', DateOrder::DayFirst),
            ("pt-BR", ',', '.', DateOrder::DayFirst),
            ("ja-JP", '.', ',', DateOrder::YearFirst),
            ("", '.', ',', DateOrder::DayFirst),
        ] {
            assert_eq!(Locale::of(tag), Locale { decimal, group, date }, "{tag}");
        }
        assert_eq!(Locale::of("en-US"), Locale::default());
        assert_eq!(Locale::of("de-DE").shown("-1,234.5 %"), "-1.234,5 %");
        assert_eq!(Locale::of("fr-FR").shown("1,234.5"), "1\u{202f}234,5");
    }
}
