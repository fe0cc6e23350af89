//! How the person at this browser writes numbers and dates: as the browser's language does, unless they chose.

use std::cell::{Cell, RefCell};

use grid_engine::formula::{from_local, to_local};
use grid_engine::value::entry::read_number_in;
use grid_engine::value::{Locale, NumberFormat};

/// What can be chosen, each by a language that writes so, with an example.
pub const CHOICES: [(&str, &str); 5] = [
    ("en-US", "1,234.5 · 3/31/2026"),
    ("en-GB", "1,234.5 · 31/3/2026"),
    ("de-DE", "1.234,5 · 31.3.2026"),
    ("fr-FR", "1\u{202f}234,5 · 31/3/2026"),
    ("de-CH", "1’234.5 · 31.3.2026"),
];

thread_local! {
    static CURRENT: Cell<Option<Locale>> = const { Cell::new(None) };
    static TAG: RefCell<String> = const { RefCell::new(String::new()) };
    static SIGNS: Cell<bool> = const { Cell::new(false) };
}

/// The locale everything is shown and read in.
pub fn current() -> Locale {
    CURRENT.get().unwrap_or_default()
}

/// Takes a locale by its language tag.
pub fn take(tag: &str) {
    CURRENT.set(Some(Locale::of(tag)));
    TAG.with_borrow_mut(|kept| tag.clone_into(kept));
}

/// The tag of the language names are read in.
pub fn tag() -> String {
    let tag = TAG.with_borrow(String::clone);
    if tag.is_empty() { CHOICES[0].0.to_owned() } else { tag }
}

/// A number with all its digits, as it would be typed.
pub fn typed(number: f64) -> String {
    current().shown(&number.to_string())
}

/// A part of a formula as it would be typed.
pub fn in_formula(text: &str) -> String {
    to_local(text, current()).into_owned()
}

/// A number as it was typed.
pub fn read(text: &str) -> Option<f64> {
    read_number_in(text.trim(), current()).map(|(number, _)| number)
}

/// A formula as it was typed, in the signs of English; every character stays where it is.
pub fn plain_formula(typed: &str) -> String {
    from_local(typed, current()).into_owned()
}

/// The format that the spelling of a number asks for.
pub fn spelling(text: &str) -> Option<NumberFormat> {
    read_number_in(text.trim(), current()).and_then(|(_, format)| format)
}

/// A number that stands in a text without any other sign.
pub fn bare(text: &str) -> Option<f64> {
    let Locale { decimal, group, .. } = current();
    let is_group = |c: char| c == group || group == ' ' && c == '\u{202f}';
    let plain: String = text.chars().filter(|c| !is_group(*c)).map(|c| if c == decimal { '.' } else { c }).collect();
    plain.parse().ok()
}

/// Currencies and their signs, where the sign is plain to whoever reads it.
const SYMBOLS: [(&str, &str); 14] = [
    ("BRL", "R$"),
    ("CNY", "¥"),
    ("CZK", "Kč"),
    ("DKK", "kr."),
    ("EUR", "€"),
    ("GBP", "£"),
    ("INR", "₹"),
    ("JPY", "¥"),
    ("KRW", "₩"),
    ("NOK", "kr"),
    ("PLN", "zł"),
    ("SEK", "kr"),
    ("TRY", "₺"),
    ("USD", "$"),
];

/// Whether currencies are named by their signs.
pub fn show_symbols(wanted: bool) {
    SIGNS.set(wanted);
}

/// A currency as it is named beside figures: its code, or its sign where the person chose so and there is one.
pub fn currency(code: &str) -> String {
    let sign = SYMBOLS.iter().find(|(known, _)| SIGNS.get() && *known == code).map(|(_, sign)| *sign);
    sign.unwrap_or(code).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_typed_and_read_as_the_locale_writes_them() {
        for (tag, number, text) in [("en-US", 1234.5, "1234.5"), ("de-DE", -0.25, "-0,25"), ("fr-FR", 7.0, "7")] {
            take(tag);
            assert_eq!((typed(number).as_str(), read(text)), (text, Some(number)), "{tag}");
        }
        take("de-DE");
        assert_eq!([read("1.234,5"), bare("1.234,5"), bare("12 %")], [Some(1234.5), Some(1234.5), None]);
        take("fr-FR");
        assert_eq!(bare("1\u{202f}234,5"), Some(1234.5));
        take("en-US");
    }

    #[test]
    fn a_currency_is_named_by_its_code_or_its_sign() {
        assert_eq!(currency("EUR"), "EUR");
        show_symbols(true);
        assert_eq!([currency("EUR"), currency("CHF")], ["€", "CHF"]);
        show_symbols(false);
    }
}
