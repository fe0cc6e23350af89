//! How people of a country write numbers and dates.

use super::{NumberFormat, Value, format};
use crate::calendar::Date;

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
    /// How dates are read.
    pub date: DateOrder,
    /// Between the parts of a date that is shown; `None`: shown as `2026-03-31`.
    pub date_sign: Option<char>,
}

/// Which part of a date comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    MonthFirst,
    DayFirst,
    YearFirst,
}

impl Default for Locale {
    /// Numbers as in the United States, dates as 2026-03-31: as in formulas and files.
    fn default() -> Self {
        Self { decimal: '.', group: ',', date: DateOrder::MonthFirst, date_sign: None }
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
        let date_sign = match language.as_str() {
            _ if date == DateOrder::YearFirst => None,
            "nl" => Some('-'),
            "de" | "rm" | "da" | "nb" | "nn" | "no" | "fi" | "cs" | "sk" | "pl" | "bg" | "ru" | "uk" | "et" | "lv"
            | "tr" | "hr" | "sl" | "sr" | "ro" | "is" => Some('.'),
            "it" if country == "CH" => Some('.'),
            _ => Some('/'),
        };
        Self { decimal, group, date, date_sign }
    }

    /// A day as the grid shows it: `31.3.2026`.
    pub fn day(self, day: Date) -> String {
        let (year, month, day_of_month) = day.ymd();
        match (self.date_sign, self.date) {
            (Some(sign), DateOrder::DayFirst) => format!("{day_of_month}{sign}{month}{sign}{year}"),
            (Some(sign), DateOrder::MonthFirst) => format!("{month}{sign}{day_of_month}{sign}{year}"),
            (None, _) | (_, DateOrder::YearFirst) => day.to_string(),
        }
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
            Value::Number(number) if format == NumberFormat::Date && self.date_sign.is_some() => {
                Date::from_serial(*number).map_or_else(|| format::display(value, format), |day| self.day(day))
            }
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
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::value::entry::read_number_in;

    #[test]
    fn locales_by_language() {
        let day = Date::from_ymd(2026, 3, 31).unwrap();
        for (tag, decimal, group, date, shown) in [
            ("en-US", '.', ',', DateOrder::MonthFirst, "3/31/2026"),
            ("en", '.', ',', DateOrder::MonthFirst, "3/31/2026"),
            ("en-GB", '.', ',', DateOrder::DayFirst, "31/3/2026"),
            ("de-DE", ',', '.', DateOrder::DayFirst, "31.3.2026"),
            ("de_AT", ',', '.', DateOrder::DayFirst, "31.3.2026"),
            ("de-CH", '.', '’', DateOrder::DayFirst, "31.3.2026"),
            ("fr-FR", ',', ' ', DateOrder::DayFirst, "31/3/2026"),
            ("nl-NL", ',', '.', DateOrder::DayFirst, "31-3-2026"),
            ("sv-SE", ',', ' ', DateOrder::YearFirst, "2026-03-31"),
            ("es-MX", '.', ',', DateOrder::DayFirst, "31/3/2026"),
            ("pt-BR", ',', '.', DateOrder::DayFirst, "31/3/2026"),
            ("ja-JP", '.', ',', DateOrder::YearFirst, "2026-03-31"),
            ("", '.', ',', DateOrder::DayFirst, "31/3/2026"),
        ] {
            let locale = Locale::of(tag);
            assert_eq!((locale.decimal, locale.group, locale.date), (decimal, group, date), "{tag}");
            assert_eq!(locale.display(&Value::Number(day.serial()), NumberFormat::Date), shown, "{tag}");
            // What is shown is read back as the same day.
            assert_eq!(read_number_in(shown, locale).map(|read| read.0), Some(day.serial()), "{tag}");
        }
        let us = Locale { date_sign: None, ..Locale::of("en-US") };
        assert_eq!(us, Locale::default());
        assert_eq!(Locale::default().display(&Value::Number(day.serial()), NumberFormat::Date), "2026-03-31");
        assert_eq!(Locale::of("de-DE").shown("-1,234.5 %"), "-1.234,5 %");
        assert_eq!(Locale::of("fr-FR").shown("1,234.5"), "1\u{202f}234,5");
    }
}
