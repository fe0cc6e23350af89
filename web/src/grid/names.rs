//! Names that go on: months, days of the week, quarters.

/// Names that follow one another and begin again after the last.
pub type Cycle = Vec<String>;

/// What comes so many places after the last of some entries.
pub type GoesOn<'a> = Box<dyn Fn(i64) -> String + 'a>;

/// As many characters may stand between a quarter and its year: `Q4 FY26`, `2026 / Q4`.
const BETWEEN: usize = 4;

/// How entries go on that are all names of one cycle (`Jan`, `Feb`), or quarters (`Q4 2026`). One alone goes on by one
/// place, several by the step they have in common; `None` where they have none, and where they are no such names.
pub fn named<'a>(entries: &[&'a str], backwards: bool, cycles: &'a [Cycle]) -> Option<GoesOn<'a>> {
    let last: &'a str = entries.last()?.trim();
    for cycle in cycles {
        let place = |entry: &&str| {
            let entry = entry.trim().to_lowercase();
            cycle.iter().position(|name| name.to_lowercase() == entry).map(|at| at as i64)
        };
        let Some(places) = entries.iter().map(place).collect::<Option<Vec<i64>>>() else { continue };
        let round = cycle.len() as i64;
        let (step, from) = (step(&places, Some(round), backwards)?, *places.last()?);
        return Some(Box::new(move |steps| {
            let at = (from + step * steps).rem_euclid(round);
            cycle.get(at as usize).map(|name| cased(name, last)).unwrap_or_default()
        }));
    }
    let quarters: Vec<Quarter<'a>> = entries.iter().map(|entry| Quarter::read(entry.trim())).collect::<Option<_>>()?;
    let first = quarters.first()?;
    if quarters.iter().any(|quarter| quarter.written != first.written) {
        return None;
    }
    let places: Vec<i64> = quarters.iter().map(|quarter| quarter.place).collect();
    let round = (first.written.digits == 0).then_some(4);
    let (step, from, written) = (step(&places, round, backwards)?, *places.last()?, first.written);
    Some(Box::new(move |steps| written.text(from + step * steps)))
}

/// The step of places that follow one another evenly, the shorter way round where they begin again after `round`.
fn step(places: &[i64], round: Option<i64>, backwards: bool) -> Option<i64> {
    let between = |pair: &[i64]| {
        let step = pair[1] - pair[0];
        let Some(round) = round else { return step };
        let ahead = step.rem_euclid(round);
        if ahead * 2 > round { ahead - round } else { ahead }
    };
    let mut steps = places.windows(2).map(between);
    let first = steps.next().unwrap_or(if backwards { -1 } else { 1 });
    (first != 0 && steps.all(|step| step == first)).then_some(first)
}

/// A name in capitals, in small letters or with a capital first, as another one is written.
fn cased(name: &str, like: &str) -> String {
    if like == like.to_lowercase() {
        return name.to_lowercase();
    }
    if like == like.to_uppercase() {
        return name.to_uppercase();
    }
    let mut letters = name.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// A quarter, counted from the year 0; without a year from the first.
struct Quarter<'a> {
    place: i64,
    written: Written<'a>,
}

/// How a quarter is written: `Q4 2026` and `FY26-Q4` have what is between, the second what is before; without a year
/// there are no digits of it.
#[derive(Clone, Copy, PartialEq)]
struct Written<'a> {
    before: &'a str,
    between: &'a str,
    letter: &'a str,
    digits: usize,
    is_year_first: bool,
}

impl<'a> Quarter<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let is_quarter = |at: usize| {
            let (letter, number) = (text.as_bytes().get(at)?, text.as_bytes().get(at + 1)?);
            (matches!(letter, b'Q' | b'q') && matches!(number, b'1'..=b'4')).then(|| i64::from(number - b'1'))
        };
        let end = text.len().checked_sub(2)?;
        let count = |text: &str| text.bytes().rev().take_while(u8::is_ascii_digit).count();
        let (quarter, at, year, before, between) = if let Some(quarter) = is_quarter(0) {
            let rest = &text[2..];
            let (between, year) = rest.split_at(rest.len() - count(rest));
            (quarter, 0, year, "", between)
        } else {
            let quarter = is_quarter(end)?;
            let head = &text[..end];
            let dated = head.trim_end_matches(|c: char| !c.is_ascii_digit());
            let (before, year) = dated.split_at(dated.len() - count(dated));
            (quarter, end, year, before, &head[dated.len()..])
        };
        let is_alone = at == 0 && year.is_empty() && between.is_empty();
        let is_between = between.chars().count() <= BETWEEN && !between.contains(|c: char| c.is_ascii_digit());
        // `Q12` is no quarter, and `Q1 5` none of a year.
        let is_dated = matches!(year.len(), 2 | 4) && is_between && (at > 0 || !between.is_empty());
        if !is_alone && !is_dated {
            return None;
        }
        let place = year.parse::<i64>().unwrap_or(0) * 4 + quarter;
        let letter = &text[at..=at];
        Some(Self { place, written: Written { before, between, letter, digits: year.len(), is_year_first: at > 0 } })
    }
}

impl Written<'_> {
    fn text(&self, place: i64) -> String {
        let Self { before, between, letter, digits, is_year_first } = *self;
        let quarter = place.rem_euclid(4) + 1;
        if digits == 0 {
            return format!("{letter}{quarter}");
        }
        let year = place.div_euclid(4).rem_euclid(10_i64.pow(digits as u32));
        if is_year_first {
            format!("{before}{year:0digits$}{between}{letter}{quarter}")
        } else {
            format!("{letter}{quarter}{between}{year:0digits$}")
        }
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use proptest::prelude::*;

    pub fn english() -> Vec<Cycle> {
        let days = "Mon Tue Wed Thu Fri Sat Sun";
        let months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec";
        let long = "January February March April May June July August September October November December";
        let french = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre";
        [days, months, long, french].map(|names| names.split(' ').map(str::to_owned).collect()).to_vec()
    }

    fn next(entries: &str, backwards: bool) -> Option<String> {
        let entries: Vec<&str> = entries.split(", ").collect();
        named(&entries, backwards, &english()).map(|goes_on| [1, 2].map(goes_on).join(", "))
    }

    #[test]
    fn names_and_quarters_go_on() {
        for (entries, after, before) in [
            ("Jan", "Feb, Mar", "Dec, Nov"),
            ("Nov, Dec", "Jan, Feb", "Jan, Feb"),
            ("Jan, Apr", "Jul, Oct", "Jul, Oct"),
            ("Mar, Feb", "Jan, Dec", "Jan, Dec"),
            ("JUN", "JUL, AUG", "MAY, APR"),
            ("december", "january, february", "november, october"),
            ("April, May", "June, July", "June, July"),
            ("Sat", "Sun, Mon", "Fri, Thu"),
            ("Juillet", "Août, Septembre", "Juin, Mai"),
            ("Q4", "Q1, Q2", "Q3, Q2"),
            ("Q4 2026", "Q1 2027, Q2 2027", "Q3 2026, Q2 2026"),
            ("Q1/26", "Q2/26, Q3/26", "Q4/25, Q3/25"),
            ("q4 99", "q1 00, q2 00", "q3 99, q2 99"),
            ("Q4 2025, Q4 2026", "Q4 2027, Q4 2028", "Q4 2027, Q4 2028"),
            ("2026-Q4", "2027-Q1, 2027-Q2", "2026-Q3, 2026-Q2"),
            ("FY26 Q3", "FY26 Q4, FY27 Q1", "FY26 Q2, FY26 Q1"),
            ("2026Q4", "2027Q1, 2027Q2", "2026Q3, 2026Q2"),
        ] {
            assert_eq!(next(entries, false).as_deref(), Some(after), "{entries}");
            assert_eq!(next(entries, true).as_deref(), Some(before), "{entries} backwards");
        }
        for other in ["Jan, Mon", "Jan, Jan", "Q5", "Q12", "FAQ1", "Q1 5", "Q1 2026, 2026 Q2", "Market", "é", ""] {
            assert_eq!(next(other, false), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader_and_what_goes_on_comes_back(text in "[QqFé/ -]{0,3}[0-9]{0,4}[ -é]?[Qq]?[0-9]?", steps in 1_i64..40) {
            if let Some(goes_on) = named(&[&text], false, &[]) {
                let there = goes_on(steps);
                let back = named(&[&there], true, &[]).map(|goes_on| goes_on(steps));
                prop_assert_eq!(back.as_deref(), Some(text.trim()));
            }
        }
    }
}
