//! The parts a section of a format consists of: digits, literal texts, runs of date letters.

use super::super::args::wrong;
use super::languages::Language;
use crate::value::CellError;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    Literal(String),
    /// `0`, `#` or `?`.
    Digit(char),
    Point,
    Comma,
    Percent,
    /// `E+00` or `E-00`: whether a plus is shown.
    Exponent(bool),
    Slash,
    General,
    /// A run of one of `y m d h s`, or fractions of seconds.
    Time(char, usize),
    /// `[h]`, `[m]`, `[s]`: elapsed.
    Elapsed(char, usize),
    AmPm(bool),
    /// Of the names of months and days.
    Language(&'static Language),
}

impl Part {
    pub(super) fn is_date(&self) -> bool {
        matches!(self, Self::Time(..) | Self::Elapsed(..) | Self::AmPm(_))
    }
}

pub(super) fn parse(section: &str) -> Result<Vec<Part>, CellError> {
    let chars: Vec<char> = section.chars().collect();
    let mut parts: Vec<Part> = Vec::new();
    let mut at = 0;
    let literal = |parts: &mut Vec<Part>, c: char| match parts.last_mut() {
        Some(Part::Literal(text)) => text.push(c),
        _ => parts.push(Part::Literal(c.to_string())),
    };
    let starts = |at: usize, text: &str| {
        let here: String = chars.iter().skip(at).take(text.chars().count()).collect();
        here.eq_ignore_ascii_case(text)
    };
    let is_letter = |at: usize| chars.get(at).is_some_and(|c| c.is_alphabetic());
    while let Some(&c) = chars.get(at) {
        match c {
            '"' => {
                at += 1;
                while let Some(&c) = chars.get(at) {
                    if c == '"' {
                        break;
                    }
                    literal(&mut parts, c);
                    at += 1;
                }
            }
            '\\' => {
                at += 1;
                chars.get(at).iter().for_each(|c| literal(&mut parts, **c));
            }
            // A blank as wide as the next character, and a filler.
            '_' => {
                at += 1;
                literal(&mut parts, ' ');
            }
            '*' => at += 1,
            '[' => {
                let end = chars.iter().skip(at).position(|c| *c == ']').map(|offset| at + offset);
                let Some(end) = end else { return Err(wrong("a ] is missing in the format")) };
                let inside: String = chars[at + 1..end].iter().collect();
                let first = inside.chars().next().unwrap_or(' ').to_ascii_lowercase();
                if matches!(first, 'h' | 'm' | 's') && inside.chars().all(|c| c.to_ascii_lowercase() == first) {
                    parts.push(Part::Elapsed(first, inside.len()));
                } else if let Some(currency) = inside.strip_prefix('$') {
                    let (currency, locale) = currency.split_once('-').unwrap_or((currency, ""));
                    currency.chars().for_each(|c| literal(&mut parts, c));
                    parts.extend(Language::of(locale).map(Part::Language));
                }
                at = end;
            }
            '0' | '#' | '?' => parts.push(Part::Digit(c)),
            '.' => parts.push(Part::Point),
            ',' => parts.push(Part::Comma),
            '%' => parts.push(Part::Percent),
            '/' if parts.iter().any(|part| matches!(part, Part::Digit(_))) => parts.push(Part::Slash),
            'E' | 'e' if matches!(chars.get(at + 1), Some('+' | '-')) => {
                parts.push(Part::Exponent(chars.get(at + 1) == Some(&'+')));
                at += 1;
            }
            _ if starts(at, "general") => {
                parts.push(Part::General);
                at += 6;
            }
            _ if starts(at, "am/pm") => {
                parts.push(Part::AmPm(true));
                at += 4;
            }
            _ if starts(at, "a/p") => {
                parts.push(Part::AmPm(false));
                at += 2;
            }
            'y' | 'Y' | 'm' | 'M' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' => {
                let low = c.to_ascii_lowercase();
                let run = chars.iter().skip(at).take_while(|next| next.to_ascii_lowercase() == low).count();
                parts.push(Part::Time(low, run));
                at += run - 1;
            }
            // The year of the era, which in the calendar of all these languages is the year.
            'e' if !section.contains(['0', '#', '?']) && !is_letter(at.wrapping_sub(1)) && !is_letter(at + 1) => {
                parts.push(Part::Time('y', 4));
            }
            c => literal(&mut parts, c),
        }
        at += 1;
    }
    Ok(parts)
}
