//! Number formats as TEXT takes them: `#,##0.0`, `0.00%`, `yyyy-mm-dd`, `[<10]…;…`.

mod dates;
mod fractions;
mod languages;
mod numbers;
mod parts;

use super::args::wrong;
use crate::formula::eval::Evaluation;
use crate::value::{CellError, Value, format};
use dates::date_text;
use numbers::number_text;
use parts::{Part, parse};

/// A value in a format. Truth values and texts without a text section stay as they are.
pub(super) fn format(evaluation: &Evaluation<'_>, value: &Value, code: &str) -> Result<String, CellError> {
    let sections = split_sections(code);
    let number = match value {
        Value::Text(text) => match evaluation.number(value) {
            Ok(number) => number,
            Err(_) => {
                let section = sections.get(3).or(sections.iter().find(|section| section.contains('@')));
                return Ok(section.map_or_else(|| text.to_string(), |section| with_text(section, text)));
            }
        },
        Value::Bool(truth) => return Ok(if *truth { "TRUE" } else { "FALSE" }.to_owned()),
        value => value.to_number()?,
    };
    let (section, number, signed) = choose(&sections, number);
    if has_text(&section) {
        let plain = if signed { number } else { -number };
        return Ok(with_text(&section, &format::general(plain)));
    }
    let parts = parse(&section)?;
    if parts.is_empty() {
        return Ok(String::new());
    }
    if parts.iter().any(|part| matches!(part, Part::General)) {
        let text: Vec<String> = parts
            .iter()
            .map(|part| match part {
                Part::General => format::general(number),
                Part::Literal(text) => text.clone(),
                _ => String::new(),
            })
            .collect();
        return Ok(text.concat());
    }
    if parts.iter().any(Part::is_date) {
        if parts.contains(&Part::Digit('#')) || parts.contains(&Part::Digit('?')) {
            return Err(wrong("a format shows a date or a number, not both"));
        }
        return date_text(&parts, number);
    }
    Ok(number_text(&parts, number, signed))
}

/// Sections at `;` outside quotes.
fn split_sections(code: &str) -> Vec<String> {
    let mut sections = vec![String::new()];
    let mut chars = code.chars();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        if c == ';' && !quoted {
            sections.push(String::new());
            continue;
        }
        quoted ^= c == '"';
        if let Some(section) = sections.last_mut() {
            section.push(c);
            if c == '\\' && !quoted {
                section.extend(chars.next());
            }
        }
    }
    sections
}

/// The section for a number, the number it shows, and whether it still needs its sign.
///
/// A section that only negative numbers come to shows them without their sign: what it is for says that they are.
fn choose(sections: &[String], number: f64) -> (String, f64, bool) {
    let sections = &sections[..sections.len().min(3)];
    let get = |index: usize| sections.get(index).cloned().unwrap_or_default();
    let conditions = [condition(&get(0)), condition(&get(1))];
    let is_bare = conditions.iter().all(Option::is_none);
    for (index, found) in conditions.iter().enumerate() {
        if let Some((condition, rest)) = found
            && condition.holds(number)
        {
            let is_negative = condition.is_for_negatives();
            return (rest.clone(), if is_negative { number.abs() } else { number }, !is_negative);
        }
        // Before a section with a condition, one without is for positive numbers.
        if index == 0 && found.is_none() && !is_bare && number > 0.0 {
            return (get(0), number, true);
        }
    }
    let negative = (get(1), -number, false);
    if is_bare {
        return match sections.len() {
            2 | 3 if number < 0.0 => negative,
            3 if number == 0.0 => (get(2), number, true),
            _ => (get(0), number, true),
        };
    }
    let rest = match (sections.len(), &conditions) {
        // No section is for it.
        (1, _) => return ("General".to_owned(), number, true),
        (2, [Some(_), None]) => get(1),
        (2, [_, second]) if second.is_some() => get(0),
        (_, [_, None]) if number < 0.0 => return negative,
        _ => get(2),
    };
    let is_negative = number < 0.0 && conditions.iter().flatten().any(|(condition, _)| condition.holds_above_zero());
    (rest, if is_negative { -number } else { number }, !is_negative)
}

/// A condition of a section: its sign and the number it compares with.
struct Condition(&'static str, f64);

impl Condition {
    fn holds(&self, number: f64) -> bool {
        let limit = self.1;
        match self.0 {
            "<=" => number <= limit,
            ">=" => number >= limit,
            "<>" => number != limit,
            "<" => number < limit,
            ">" => number > limit,
            _ => number == limit,
        }
    }

    /// Whether it holds for negative numbers only; 0 has no sign to show.
    fn is_for_negatives(&self) -> bool {
        match self.0 {
            "<" | "<=" => self.1 <= 0.0,
            "=" => self.1 < 0.0,
            _ => false,
        }
    }

    /// Whether it holds for all numbers above 0, which leaves negative ones to the others.
    fn holds_above_zero(&self) -> bool {
        match self.0 {
            ">" | ">=" => self.1 <= 0.0,
            "<>" => self.1 < 0.0,
            _ => false,
        }
    }
}

/// `[<100]` among what stands in brackets at the start of a section, such as `[Red]` and `[$€-407]`, and the section
/// without it.
fn condition(section: &str) -> Option<(Condition, String)> {
    let mut rest = section;
    loop {
        rest = rest.trim_start();
        let (inside, after) = rest.strip_prefix('[')?.split_once(']')?;
        let marks = ["<=", ">=", "<>", "<", ">", "="];
        if let Some(mark) = marks.into_iter().find(|mark| inside.starts_with(mark)) {
            let limit: f64 = inside[mark.len()..].trim().parse().ok()?;
            let before = &section[..section.len() - rest.len()];
            return Some((Condition(mark, limit), format!("{before}{after}")));
        }
        rest = after;
    }
}

/// Whether a section shows texts, which numbers become there.
fn has_text(section: &str) -> bool {
    let (mut quoted, mut escaped) = (false, false);
    section.chars().any(|c| {
        quoted ^= c == '"' && !escaped;
        let found = c == '@' && !quoted && !escaped;
        escaped = c == '\\' && !escaped;
        found
    })
}

/// A text section: `@` stands for the text.
fn with_text(section: &str, text: &str) -> String {
    let mut out = String::new();
    let mut chars = section.chars();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            '\\' => out.extend(chars.next()),
            '@' if !quoted => out.push_str(text),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn numbers_in_formats() {
        for (number, code, text) in [
            ("1234.567", "#,##0.00", "1,234.57"),
            ("1234.5", "0", "1235"),
            ("0.5", "0%", "50%"),
            ("0.12345", "0.0%", "12.3%"),
            ("5", "000", "005"),
            ("1234567", "#,##0,", "1,235"),
            ("12345678", "0.0,,\" M\"", "12.3 M"),
            ("-5", "0;(0)", "(5)"),
            ("0", "0;-0;\"zero\"", "zero"),
            ("-1.5", "0.0", "-1.5"),
            ("1.5", "0.###", "1.5"),
            ("1", "0.###", "1."),
            ("12345", "0.00E+00", "1.23E+04"),
            ("0.00012", "0.0E-0", "1.2E-4"),
            ("1234", "$#,##0", "$1,234"),
            ("5", "\"n = \"0", "n = 5"),
            ("0.75", "# ?/?", " 3/4"),
            ("1.5", "General", "1.5"),
            ("123", "[<100]0.0;0", "123"),
            ("5", "[<100]0.0;0", "5.0"),
            ("1234567890", "#,###", "1,234,567,890"),
            ("1234567890", "000-000-0000", "123-456-7890"),
            (".5", "#.00", ".50"),
            // A number that rounds to nothing has no sign (Excel, for TEXT).
            ("-0.001", "0.00", "0.00"),
            ("-0.4", "0", "0"),
        ] {
            check(&[(&format!("TEXT({number},\"{}\")", code.replace('"', "\"\"")), &format!("\"{text}\""))]);
        }
    }

    #[test]
    fn sections_by_condition() {
        for (number, code, text) in [
            ("50", "[Blue][>=1000]0.0,\"K\";0", "50"),
            ("1500", "[Blue][>=1000]0.0,\"K\";0", "1.5K"),
            ("50", "[Color 10][>=1000]0.0,\"K\";0", "50"),
            ("1500", "[$€-407] [>=1000]0.0,\"K\";0", "€ 1.5K"),
            ("5", "[>3][Green]0.0;0", "5.0"),
            ("-15", "[>=1000]0.0,\"K\";0", "-15"),
            ("-1500", "[>=1000]0.0,\"K\";[<=-1000]-0.0,\"K\";0", "-1.5K"),
            ("-1500", "[>=1000]0.0,\"K\";[<=-1000](0.0,\"K\");0", "(1.5K)"),
            ("-5", "[>=1000]0.0,\"K\";[<=-1000]-0.0,\"K\";0", "-5"),
            ("-20", "[<-10]#\" Wow\"", "20 Wow"),
            ("-5", "[>-10]#\" Wow\"", "-5 Wow"),
            ("-2", "[>=-1]0;0", "2"),
            ("-2", "[>=1]0;0", "-2"),
            ("-2", "[>0]0;0", "2"),
            ("-25", "[Red][<=0]General;[Blue][>=25]General;[Green]General", "25"),
            ("-5", "[<0](0);0", "(5)"),
            ("-12.3", "[<=9999999]###\\-####;0", "--12"),
            ("-25", "[Red][<=-25]General;[Blue][>=25]General;[Green]General", "25"),
            ("10", "[>=100]0.00", "10"),
            ("-10", "0.00;[>=100]0.000", "-10.00"),
            ("-10", "[>=100]0.00;0.000;0.0000", "10.000"),
            ("10", "[>=100]0.00;0.000;0.0000", "10.0000"),
            ("5", "[$EUR] 0", "EUR 5"),
        ] {
            check(&[(&format!("TEXT({number},\"{}\")", code.replace('"', "\"\"")), &format!("\"{text}\""))]);
        }
    }

    #[test]
    fn dates_in_formats() {
        for (serial, code, text) in [
            ("46348", "yyyy-mm-dd", "2026-11-22"),
            ("46348", "d mmm yy", "22 Nov 26"),
            ("46348", "dddd, mmmm d", "Sunday, November 22"),
            ("46348.75", "hh:mm", "18:00"),
            ("46348.75", "h:mm AM/PM", "6:00 PM"),
            ("1.5", "[h]:mm", "36:00"),
            ("46348.5", "yyyy-mm-dd hh:mm:ss", "2026-11-22 12:00:00"),
            ("46348", "mm/dd/yyyy", "11/22/2026"),
            ("46112", "[$-407]mmmm", "März"),
            ("46112", "[$-de-DE]ddd d. mmm", "Di 31. Mrz"),
            ("46112", "[$-40C]dddd d mmmm", "mardi 31 mars"),
            ("46112", "[$-409]mmmmm mmm", "M Mar"),
            ("46112", "e", "2026"),
        ] {
            check(&[(&format!("TEXT({serial},\"{code}\")"), &format!("\"{text}\""))]);
        }
        check(&[
            ("TEXT(\"abc\",\"0\")", "\"abc\""),
            ("TEXT(\"abc\",\"@!\")", "\"abc!\""),
            ("TEXT(TRUE,\"0\")", "\"TRUE\""),
        ]);
    }
}
