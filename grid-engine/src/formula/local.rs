//! Formulas as they are written where a comma stands before decimals.
//!
//! There a semicolon separates arguments, and a full stop the columns of an array constant, as in Excel: `=ROUND(A1*1,5;2)`,
//! `={1,5.2;3.4}`. Formulas are stored with the signs of English. Signs are exchanged one for one, so that a place in one
//! text is the same place in the other. Texts, quoted titles and what stands in square brackets are the same everywhere.

use std::borrow::Cow;

use crate::value::Locale;

/// A formula in English signs, or a part of one, as people with this locale read it.
///
/// ```
/// use grid_engine::{formula, value::Locale};
/// let german = Locale::of("de-DE");
/// assert_eq!(formula::to_local("=ROUND(A1*1.5,2)", german), "=ROUND(A1*1,5;2)");
/// assert_eq!(formula::from_local("=ROUND(A1*1,5;2)", german), "=ROUND(A1*1.5,2)");
/// ```
pub fn to_local(text: &str, locale: Locale) -> Cow<'_, str> {
    exchange(text, locale, &|sign, place| match (sign, place.in_array) {
        ('.', _) if place.in_number => ',',
        (',', true) => '.',
        (',', false) => ';',
        _ => sign,
    })
}

/// A formula as typed with this locale, in English signs.
///
/// A comma that no digit stands on both sides of, or that follows a reference, separates arguments as well, so that a formula
/// written in English is mostly understood; between digits it stands before decimals.
pub fn from_local(typed: &str, locale: Locale) -> Cow<'_, str> {
    exchange(typed, locale, &|sign, place| match (sign, place.in_array) {
        (',', _) if place.in_number => '.',
        (';', false) | ('.' | '\\', true) => ',',
        _ => sign,
    })
}

/// Where a sign stands.
#[derive(Clone, Copy)]
struct Place {
    /// Between the braces of an array constant.
    in_array: bool,
    /// Before a digit, and after one of the same number or where a number may begin.
    in_number: bool,
}

/// The run of characters a place belongs to.
#[derive(Clone, Copy, PartialEq)]
enum Run {
    Number,
    /// A name, or a reference.
    Word,
    /// What came last is a sign after which a value begins.
    Opening,
    Other,
}

fn exchange<'a>(text: &'a str, locale: Locale, other: &dyn Fn(char, Place) -> char) -> Cow<'a, str> {
    if locale.decimal != ',' {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    let (mut run, mut in_array, mut brackets, mut quote) = (Run::Other, false, 0_u32, None);
    while let Some(character) = characters.next() {
        if let Some(end) = quote {
            quote = Some(end).filter(|end| *end != character);
        } else if brackets > 0 || character == '[' {
            out.push(character);
            match character {
                '[' => brackets += 1,
                ']' => brackets = brackets.saturating_sub(1),
                // The next one is a letter of the name.
                '\'' => out.extend(characters.next()),
                _ => {}
            }
            run = Run::Word;
            continue;
        } else {
            let before_digit = characters.peek().is_some_and(char::is_ascii_digit);
            let in_number = before_digit && matches!(run, Run::Number | Run::Opening);
            let is_in_name = run == Run::Word && !in_array && matches!(character, '.' | '\\');
            if matches!(character, ',' | ';' | '.' | '\\') && !is_in_name {
                let sign = other(character, Place { in_array, in_number });
                run = match character {
                    ',' | '.' if in_number => Run::Number,
                    // A comma that is understood, but not this locale's, may stand before another one.
                    ',' if sign == ',' => Run::Other,
                    _ => Run::Opening,
                };
                out.push(sign);
                continue;
            }
            quote = Some(character).filter(|it| matches!(it, '"' | '\''));
            in_array = character == '{' || in_array && character != '}';
            run = match character {
                '0'..='9' if run != Run::Word => Run::Number,
                'e' | 'E' if run == Run::Number => Run::Number,
                '.' | '\\' => run,
                '=' | '(' | '{' | '+' | '-' | '*' | '/' | '^' | '&' | '<' | '>' | ':' => Run::Opening,
                ' ' | '\n' if run == Run::Opening => Run::Opening,
                '_' | '$' | '!' | '#' | '@' => Run::Word,
                letter if letter.is_alphanumeric() => Run::Word,
                _ => Run::Other,
            };
        }
        out.push(character);
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_those_of_the_locale() {
        let german = Locale::of("de-DE");
        for (english, local) in [
            ("=SUM(A1,B2:B9,1.5)", "=SUM(A1;B2:B9;1,5)"),
            ("=IF(A1>.5,\"a,b;c.d\",'p,q.r'!A1)", "=IF(A1>,5;\"a,b;c.d\";'p,q.r'!A1)"),
            ("={1,2.5;\"x,y\",-4}*2", "={1.2,5;\"x,y\".-4}*2"),
            (
                "=SUMIFS(Demand[Consensus, 2026-03],Demand[Item],A1)",
                "=SUMIFS(Demand[Consensus, 2026-03];Demand[Item];A1)",
            ),
            ("=FORECAST.ETS(A1,B1,C1)+1.5E-3", "=FORECAST.ETS(A1;B1;C1)+1,5E-3"),
            ("=IF(A1,,0.5)", "=IF(A1;;0,5)"),
            ("=STDEV.S(A1:A9,2)", "=STDEV.S(A1:A9;2)"),
            ("=SUM((A1,B1),3:5)", "=SUM((A1;B1);3:5)"),
        ] {
            assert_eq!(to_local(english, german), local);
            assert_eq!(from_local(local, german), english);
            assert_eq!(from_local(english, Locale::default()), english);
        }
    }

    #[test]
    fn formulas_in_english_are_understood_where_they_can_be() {
        let german = Locale::of("de-DE");
        for (typed, english) in [
            ("=ROUND(A1,2)", "=ROUND(A1,2)"),
            ("=SUM(A1,B1, 5)", "=SUM(A1,B1, 5)"),
            ("=A1*1.5", "=A1*1.5"),
            ("=SUM(1,5)", "=SUM(1.5)"),
            ("={1\\2;3}", "={1,2;3}"),
        ] {
            assert_eq!(from_local(typed, german), english);
        }
    }
}
