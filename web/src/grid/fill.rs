//! Filling cells from their neighbours: series of numbers, dates and names, and formulas that shift.

use grid_engine::calendar::Date;
use grid_engine::refs::a1::{column_index, column_letters};
use grid_engine::value::entry::entry_text_in;
use grid_engine::value::{NumberFormat, Value};

use super::names::{Cycle, named};
use super::selection::{Area, Extent, Spot};
use crate::locale;

/// How dragged cells fill the ones beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// They repeat in turn.
    Copies,
    /// They go on with their series; a single number repeats.
    Series,
    /// The other way round: a single number counts on, and what would go on repeats.
    Turned,
}

/// Continues the entries of one line or column by `count` more, `towards_start` when dragged up or left.
///
/// One number repeats, two or more with an equal step go on with it, in the spelling they have (`12%`); dates go on by days
/// or months, ends of months staying ends; names of months and days, in one of `cycles`, and quarters go on; a text that
/// ends in a number counts on; anything else repeats in turn. Formulas shift from one of the entries to one of those after
/// it, both counted from zero as they come.
pub fn series(
    entries: &[String],
    count: usize,
    towards_start: bool,
    fill: Fill,
    cycles: &[Cycle],
    shift: impl Fn(&str, usize, usize) -> String,
) -> Vec<String> {
    if entries.is_empty() {
        return Vec::new();
    }
    let ordered: Vec<&String> = if towards_start { entries.iter().rev().collect() } else { entries.iter().collect() };
    if let Some(goes_on) = goes_on(&ordered, count, towards_start, fill, cycles) {
        return goes_on;
    }
    let length = ordered.len();
    (0..count)
        .map(|index| {
            let from = index % length;
            let entry = ordered[from];
            let from = if towards_start { length - 1 - from } else { from };
            if entry.starts_with('=') { shift(entry, from, index) } else { entry.clone() }
        })
        .collect()
}

/// The series that entries are of, from the last of them on; `None` where they repeat.
fn goes_on(entries: &[&String], count: usize, backwards: bool, fill: Fill, cycles: &[Cycle]) -> Option<Vec<String>> {
    let numbers: Option<Vec<f64>> = entries.iter().map(|entry| locale::read(entry)).collect();
    let format = numbers.as_ref().and_then(|_| spelling(entries));
    let is_date = format == Some(NumberFormat::Date);
    let direction = if backwards { -1.0 } else { 1.0 };
    let alone = numbers.as_deref().filter(|numbers| numbers.len() == 1 && !is_date);
    let goes_on = match fill {
        Fill::Copies => false,
        Fill::Series => alone.is_none(),
        Fill::Turned => alone.is_some(),
    };
    if !goes_on {
        return None;
    }
    if let Some(numbers) = numbers {
        let dates = Some(&*numbers).filter(|_| is_date);
        if let Some(dates) = dates.and_then(|dates| DateStep::of(dates, backwards)) {
            return Some((1..=count as i32).map(|index| dates.after(index)).collect());
        }
        let step = if numbers.len() == 1 { Some(direction) } else { step(&numbers) }?;
        let last = numbers.last().copied()?;
        return Some((1..=count).map(|index| spelled(last + step * index as f64, format)).collect());
    }
    let texts: Vec<&str> = entries.iter().map(|entry| entry.as_str()).collect();
    if let Some(named) = named(&texts, backwards, cycles) {
        return Some((1..=count as i64).map(named).collect());
    }
    let counted: Vec<(&str, f64, usize)> = texts.iter().map(|entry| numbered(entry)).collect::<Option<_>>()?;
    let &(stem, last, digits) = counted.last()?;
    if counted.iter().any(|one| one.0 != stem) {
        return None;
    }
    let counts: Vec<f64> = counted.iter().map(|one| one.1).collect();
    let step = if counts.len() == 1 { Some(direction) } else { step(&counts) }?;
    let text = |index: usize| format!("{stem}{:0digits$}", (last + step * index as f64).max(0.0) as u64);
    Some((1..=count).map(text).collect())
}

/// How far down a fill handle fills that is pressed twice: to the end of the run of filled cells beside the selection,
/// left of it, or else right of it. `None` where nothing stands beside the line below.
pub fn run_beside(from: Area, extent: Extent, filled: impl Fn(Spot) -> bool) -> Option<usize> {
    let beside = [from.left.checked_sub(1), Some(from.right + 1).filter(|col| *col < extent.cols)];
    let end = |col: usize| (from.bottom + 1..extent.lines).take_while(|&line| filled(Spot { line, col })).last();
    beside.into_iter().flatten().find_map(end)
}

/// The step of an arithmetic series of at least two numbers.
fn step(numbers: &[f64]) -> Option<f64> {
    let (first, second) = (*numbers.first()?, *numbers.get(1)?);
    let step = second - first;
    let tolerance = 1e-9 * numbers.iter().fold(1.0_f64, |most, number| most.max(number.abs()));
    numbers.windows(2).all(|pair| (pair[1] - pair[0] - step).abs() <= tolerance).then_some(step)
}

/// A number without the noise of binary fractions, as its kind is typed.
pub(super) fn spelled(number: f64, format: Option<NumberFormat>) -> String {
    let rounded = (number * 1e9).round() / 1e9;
    let number = if rounded.is_finite() { rounded } else { number };
    entry_text_in(&Value::Number(number), format.unwrap_or_default(), locale::current())
}

/// The format that all entries are spelled in.
fn spelling(entries: &[&String]) -> Option<NumberFormat> {
    let mut formats = entries.iter().map(|entry| locale::spelling(entry));
    let first = formats.next()??;
    formats.all(|format| format == Some(first)).then_some(first)
}

/// How dates go on, from the last of them.
enum DateStep {
    Days(f64, f64),
    /// From a year and month, on a day of the month; 31 is its end.
    Months(i32, i32, u32),
}

impl DateStep {
    /// A single date goes on by days, several by the step they have in common.
    fn of(serials: &[f64], backwards: bool) -> Option<Self> {
        let last = *serials.last()?;
        if serials.len() == 1 {
            return Some(Self::Days(last, if backwards { -1.0 } else { 1.0 }));
        }
        let dates: Vec<(i32, u32, u32)> =
            serials.iter().map(|serial| Date::from_serial(*serial).map(Date::ymd)).collect::<Option<_>>()?;
        let ends = dates.iter().all(|&(year, month, day)| day == Date::days_in_month(year, month));
        let day = if ends { 31 } else { dates[0].2 };
        let months: Vec<f64> = dates.iter().map(|&(year, month, _)| f64::from(year * 12 + month as i32 - 1)).collect();
        let on_that_day = ends || dates.iter().all(|date| date.2 == day);
        match step(&months).filter(|step| *step != 0.0 && on_that_day) {
            Some(step) => Some(Self::Months(*months.last()? as i32, step as i32, day)),
            None => step(serials).map(|step| Self::Days(last, step)),
        }
    }

    /// The date so many steps on.
    fn after(&self, steps: i32) -> String {
        let serial = match *self {
            Self::Days(last, step) => last + step * f64::from(steps),
            Self::Months(last, step, day) => {
                let month = last + step * steps;
                let (year, month) = (month.div_euclid(12), month.rem_euclid(12) as u32 + 1);
                let day = day.min(Date::days_in_month(year, month));
                Date::from_ymd(year, month, day).map_or(f64::NAN, Date::serial)
            }
        };
        if serial >= 1.0 { spelled(serial, Some(NumberFormat::Date)) } else { "#NUM!".to_owned() }
    }
}

/// `SKU-014` is `SKU-`, 14 in three digits.
fn numbered(text: &str) -> Option<(&str, f64, usize)> {
    let digits = text.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (stem, number) = text.split_at(text.len() - digits);
    if stem.is_empty() || stem.starts_with('=') || digits == 0 || digits > 9 {
        return None;
    }
    Some((stem, number.parse().ok()?, digits))
}

/// A formula's A1 references moved by lines and columns, as when it is copied; parts with `$` stay. A reference
/// that would leave the sheet becomes `#REF!`. Structured references are relative by nature and stay as they are.
pub fn shift_formula(formula: &str, lines: i32, cols: i32) -> String {
    let characters: Vec<char> = formula.chars().collect();
    let mut out = String::with_capacity(formula.len());
    let mut at = 0;
    while let Some(&character) = characters.get(at) {
        match character {
            '"' | '\'' => at = copy_until(&characters, at, character, &mut out),
            '[' => at = copy_until(&characters, at, ']', &mut out),
            '$' | '0'..='9' | 'A'..='Z' | 'a'..='z' if WholeRange::at(&characters, at).is_some() => {
                let Some((range, length)) = WholeRange::at(&characters, at) else { continue };
                out.push_str(&range.moved(lines, cols).unwrap_or_else(|| "#REF!".to_owned()));
                at += length;
            }
            '$' | 'A'..='Z' | 'a'..='z' | '_' => {
                let length =
                    characters[at..].iter().take_while(|c| c.is_alphanumeric() || matches!(c, '$' | '_' | '.')).count();
                let word: String = characters[at..at + length].iter().collect();
                let next = characters.get(at + length);
                let named = matches!(next, Some('(' | '[' | '!'));
                match reference(&word).filter(|_| !named) {
                    Some(found) => out.push_str(&found.moved(lines, cols).unwrap_or_else(|| "#REF!".to_owned())),
                    None => out.push_str(&word),
                }
                at += length.max(1);
            }
            // `1E5` is a number, not a cell after a digit.
            '0'..='9' => {
                let length = characters[at..].iter().take_while(|c| c.is_alphanumeric() || **c == '.').count();
                out.extend(&characters[at..at + length]);
                at += length;
            }
            _ => {
                out.push(character);
                at += 1;
            }
        }
    }
    out
}

fn copy_until(characters: &[char], from: usize, end: char, out: &mut String) -> usize {
    out.push(characters[from]);
    let mut at = from + 1;
    while let Some(&character) = characters.get(at) {
        out.push(character);
        at += 1;
        if character == end {
            break;
        }
    }
    at
}

/// Whole columns or rows, `A:$B` or `3:3`: the ends, and which of them stay.
struct WholeRange {
    is_cols: bool,
    ends: [(u32, bool); 2],
}

impl WholeRange {
    /// The one that begins here, and how long it is.
    fn at(characters: &[char], at: usize) -> Option<(Self, usize)> {
        let is_part = |c: &char| c.is_alphanumeric() || matches!(c, '$' | '_' | '.' | ':');
        let length = characters[at..].iter().take_while(|c| is_part(c)).count();
        if matches!(characters.get(at + length), Some('(' | '[' | '!')) {
            return None;
        }
        let text: String = characters[at..at + length].iter().collect();
        let (first, last) = text.split_once(':')?;
        let end = |text: &str| {
            let (fixed, place) = text.strip_prefix('$').map_or((false, text), |place| (true, place));
            let is_cols = place.bytes().all(|byte| byte.is_ascii_alphabetic());
            let is_rows = (1..=7).contains(&place.len()) && place.bytes().all(|byte| byte.is_ascii_digit());
            let index = match (is_cols, is_rows) {
                (true, _) => column_index(place)?,
                (_, true) => place.parse::<u32>().ok()?.checked_sub(1)?,
                _ => return None,
            };
            Some((is_cols, (index, fixed)))
        };
        let ((is_cols, first), (also, last)) = (end(first)?, end(last)?);
        (is_cols == also).then_some((Self { is_cols, ends: [first, last] }, length))
    }

    fn moved(&self, lines: i32, cols: i32) -> Option<String> {
        let by = if self.is_cols { cols } else { lines };
        let [first, last] = self.ends.map(|(index, fixed)| {
            let index = if fixed { index } else { index.checked_add_signed(by)? };
            let place = if self.is_cols { column_letters(index) } else { (index + 1).to_string() };
            Some(format!("{}{place}", if fixed { "$" } else { "" }))
        });
        Some(format!("{}:{}", first?, last?))
    }
}

struct Reference {
    col: u32,
    line: u32,
    fixed_col: bool,
    fixed_line: bool,
}

impl Reference {
    fn moved(&self, lines: i32, cols: i32) -> Option<String> {
        let col = if self.fixed_col { self.col } else { self.col.checked_add_signed(cols)? };
        let line = if self.fixed_line { self.line } else { self.line.checked_add_signed(lines)? };
        let mark = |fixed: bool| if fixed { "$" } else { "" };
        Some(format!("{}{}{}{}", mark(self.fixed_col), column_letters(col), mark(self.fixed_line), line + 1))
    }

    /// The next of `A1`, `$A$1`, `A$1`, `$A1`, as F4 cycles.
    fn cycled(&self) -> Option<String> {
        let (fixed_col, fixed_line) = match (self.fixed_col, self.fixed_line) {
            (false, false) => (true, true),
            (true, true) => (false, true),
            (false, true) => (true, false),
            (true, false) => (false, false),
        };
        Self { fixed_col, fixed_line, ..*self }.moved(0, 0)
    }
}

fn reference(word: &str) -> Option<Reference> {
    let (fixed_col, rest) = word.strip_prefix('$').map_or((false, word), |rest| (true, rest));
    let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (letters, rest) = rest.split_at(letters);
    let (fixed_line, rest) = rest.strip_prefix('$').map_or((false, rest), |rest| (true, rest));
    let col = column_index(letters)?;
    if rest.is_empty() || rest.len() > 7 || !rest.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let line = rest.parse::<u32>().ok()?.checked_sub(1)?;
    Some(Reference { col, line, fixed_col, fixed_line })
}

/// The formula with the `$` of the reference at the caret cycled, and where the caret stands then. After a range both its
/// corners become as the first does; within one only the corner at the caret.
pub fn cycle_absolute(formula: &str, caret: usize) -> Option<(String, usize)> {
    let characters: Vec<char> = formula.chars().collect();
    let part = |c: &char| c.is_ascii_alphanumeric() || *c == '$';
    let before = |end: usize| characters.get(..end).map(|head| head.iter().rev().take_while(|c| part(c)).count());
    let mut start = caret - before(caret)?;
    let end = caret + characters.get(caret..)?.iter().take_while(|c| part(c)).count();
    let word = |start: usize, end: usize| characters.get(start..end).map(|word| word.iter().collect::<String>());
    let first = start.checked_sub(1).filter(|&colon| caret == end && characters[colon] == ':').and_then(|colon| {
        let from = colon - before(colon)?;
        Some((from, reference(&word(from, colon)?)?))
    });
    let last = reference(&word(start, end)?)?;
    let cycled = match first {
        Some((from, first)) => {
            start = from;
            let last = Reference { fixed_col: first.fixed_col, fixed_line: first.fixed_line, ..last };
            format!("{}:{}", first.cycled()?, last.cycled()?)
        }
        None => last.cycled()?,
    };
    let head: String = characters[..start].iter().collect();
    let tail: String = characters[end..].iter().collect();
    let caret = start + cycled.chars().count();
    Some((format!("{head}{cycled}{tail}"), caret))
}

#[cfg(test)]
mod tests {
    use super::super::names::tests::english;
    use super::*;

    fn fill(entries: &[&str], count: usize) -> Vec<String> {
        filled(entries, count, Fill::Series)
    }

    fn filled(entries: &[&str], count: usize, fill: Fill) -> Vec<String> {
        let entries: Vec<String> = entries.iter().map(|entry| (*entry).to_owned()).collect();
        let by = |from: usize, to: usize| (entries.len() + to - from) as i32;
        series(&entries, count, false, fill, &english(), |formula, from, to| shift_formula(formula, by(from, to), 0))
    }

    fn upwards(entries: &[&str], count: usize) -> Vec<String> {
        let entries: Vec<String> = entries.iter().map(|entry| (*entry).to_owned()).collect();
        let by = |from: usize, to: usize| -((from + to + 1) as i32);
        let shift = |formula: &str, from, to| shift_formula(formula, by(from, to), 0);
        series(&entries, count, true, Fill::Series, &[], shift)
    }

    #[test]
    fn series_go_on_as_people_expect() {
        assert_eq!(fill(&["5"], 2), ["5", "5"]);
        assert_eq!(fill(&["1", "2"], 3), ["3", "4", "5"]);
        assert_eq!(fill(&["0.1", "0.2"], 1), ["0.3"]);
        assert_eq!(fill(&["10%", "12.5%"], 2), ["15%", "17.5%"]);
        assert_eq!(fill(&["2026-01-30"], 2), ["2026-01-31", "2026-02-01"]);
        assert_eq!(fill(&["2026-01-05", "2026-01-12"], 2), ["2026-01-19", "2026-01-26"]);
        assert_eq!(fill(&["2026-01-31", "2026-02-28"], 3), ["2026-03-31", "2026-04-30", "2026-05-31"]);
        assert_eq!(fill(&["2025-11-15", "2026-02-15"], 2), ["2026-05-15", "2026-08-15"]);
        assert_eq!(fill(&["SKU-009"], 2), ["SKU-010", "SKU-011"]);
        assert_eq!(fill(&["a", "b"], 3), ["a", "b", "a"]);
        assert_eq!(fill(&["=A1*2"], 2), ["=A2*2", "=A3*2"]);
        assert_eq!(fill(&["1", "2", "4"], 3), ["1", "2", "4"], "no equal step: repeat");
        assert_eq!(fill(&["Nov", "Dec"], 2), ["Jan", "Feb"]);
        assert_eq!(fill(&["Q4 2026"], 2), ["Q1 2027", "Q2 2027"]);
        assert_eq!(upwards(&["3", "5"], 2), ["1", "-1"]);
        assert_eq!(upwards(&["2026-03-31", "2026-04-30"], 2), ["2026-02-28", "2026-01-31"]);
        assert_eq!(upwards(&["2026-03-31"], 1), ["2026-03-30"]);
        assert_eq!(upwards(&["=A8", "=B9"], 3), ["=B7", "=A6", "=B5"]);
    }

    #[test]
    fn ctrl_turns_copies_and_series_round() {
        let turned = |entries: &[&str]| filled(entries, 2, Fill::Turned);
        assert_eq!(turned(&["5"]), ["6", "7"]);
        assert_eq!(turned(&["2026-01-30"]), ["2026-01-30", "2026-01-30"]);
        for entries in [["1", "2"], ["Jan", "Feb"], ["SKU-1", "SKU-2"], ["2026-01-05", "2026-01-12"]] {
            assert_eq!(turned(&entries), entries);
        }
        assert_eq!(turned(&["=A1"]), ["=A2", "=A3"], "formulas follow their cells either way");
        assert_eq!(filled(&["5"], 1, Fill::Copies), ["5"]);
        assert_eq!(filled(&["Jan"], 1, Fill::Copies), ["Jan"]);
    }

    #[test]
    fn a_handle_pressed_twice_fills_beside_a_run() {
        let area = |left, right, bottom| Area { top: 0, left, bottom, right };
        let extent = Extent { lines: 9, cols: 4 };
        // Column A is filled to line 5, column D to line 3.
        let filled = |at: Spot| at.col == 0 && at.line < 5 || at.col == 3 && at.line < 3;
        for (from, end) in [
            (area(1, 1, 0), Some(4)),
            (area(1, 2, 0), Some(4)),
            (area(2, 2, 0), Some(2)),
            (area(2, 2, 2), None),
            (area(0, 0, 0), None),
            (area(3, 3, 0), None),
        ] {
            assert_eq!(run_beside(from, extent, filled), end, "{from:?}");
        }
    }

    #[test]
    fn only_relative_references_shift() {
        for (before, after) in [
            ("=SUM(A1:$B$2)+C$3", "=SUM(B3:$B$2)+D$3"),
            ("=LOG10(A1)&\"A1\"", "=LOG10(B3)&\"A1\""),
            ("=[@A1]*Demand!B2+1E5", "=[@A1]*Demand!C4+1E5"),
            ("='A1 sheet'!A1", "='A1 sheet'!B3"),
            ("=SUM(A:A)+SUM($A:B)", "=SUM(B:B)+SUM($A:C)"),
            ("=SUM(2:$3)+SUM(Plan!C:C)", "=SUM(4:$3)+SUM(Plan!D:D)"),
            ("=SUM([@Stock:-1])+A1:A2", "=SUM([@Stock:-1])+B3:B4"),
        ] {
            assert_eq!(shift_formula(before, 2, 1), after);
        }
        assert_eq!(shift_formula("=A1", -1, 0), "=#REF!");
    }

    #[test]
    fn f4_cycles_through_four_forms() {
        let mut formula = ("=A1+1".to_owned(), 3);
        for expected in ["=$A$1+1", "=A$1+1", "=$A1+1", "=A1+1"] {
            formula = cycle_absolute(&formula.0, formula.1).unwrap_or_default();
            assert_eq!(formula.0, expected);
        }
    }

    #[test]
    fn f4_after_a_range_cycles_both_its_corners() {
        let mut formula = ("=SUM(A1:$B3)".to_owned(), 11);
        for expected in ["=SUM($A$1:$B$3)", "=SUM(A$1:B$3)", "=SUM($A1:$B3)", "=SUM(A1:B3)"] {
            formula = cycle_absolute(&formula.0, formula.1).unwrap_or_default();
            assert_eq!(formula.0, expected);
        }
        assert_eq!(cycle_absolute("=SUM(A1:B3)", 7), Some(("=SUM($A$1:B3)".to_owned(), 9)), "within it only a corner");
    }
}
