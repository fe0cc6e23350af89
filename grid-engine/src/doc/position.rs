//! Positions as text: between any two there is always another.
//!
//! A place is a fractional index in the manner of Figma and of David Greenspan's article
//! "Implementing fractional indexing": an order-preserving whole number, then a fraction, both in
//! digits `0–9A–Za–z`, whose byte order is their numeric order. Appending costs no length.
//!
//! Rows need more: two people who insert blocks at the same place at once would get the same
//! places, and their rows would interleave. So a row's position is a path of steps
//! `place . writer counter`: the writer's id keeps a block together, and the counter orders the rows
//! in it. Who goes on typing after (or before) an own row only counts on.

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Ends a place; sorts before every digit, so that a place sorts before its own fractions.
const STOP: char = '.';

fn digit(byte: u8) -> Option<usize> {
    DIGITS.iter().position(|&digit| digit == byte)
}

/// A whole number whose text sorts as the numbers do, and is never the beginning of another's:
/// `a0` is 0, `aZ` 35, `b00` 62, `Zz` −1. The letter tells sign and number of digits.
fn whole(number: i64) -> String {
    let (negative, mut rest) = if number < 0 { (true, number.unsigned_abs() - 1) } else { (false, number as u64) };
    let mut length = 1;
    let mut span = 62_u64;
    while rest >= span {
        rest -= span;
        length += 1;
        // Eleven digits hold every 64-bit number; the twelfth would overflow the span.
        match span.checked_mul(62) {
            Some(next) => span = next,
            None => break,
        }
    }
    let mut digits = Vec::with_capacity(length + 1);
    for _ in 0..length {
        let value = (rest % 62) as usize;
        digits.push(DIGITS[if negative { 61 - value } else { value }]);
        rest /= 62;
    }
    digits.push(if negative { b'Z' - (length as u8 - 1) } else { b'a' + (length as u8 - 1) });
    digits.iter().rev().map(|&digit| char::from(digit)).collect()
}

/// Reads the whole number a text starts with, and how many bytes it takes.
fn read_whole(text: &str) -> Option<(i64, usize)> {
    let header = *text.as_bytes().first()?;
    let (negative, length) = match header {
        b'a'..=b'k' => (false, usize::from(header - b'a') + 1),
        b'P'..=b'Z' => (true, usize::from(b'Z' - header) + 1),
        _ => return None,
    };
    let digits = text.as_bytes().get(1..=length)?;
    let mut number = 0_u64;
    for &byte in digits {
        let value = digit(byte)? as u64;
        number = number.checked_mul(62)?.checked_add(if negative { 61 - value } else { value })?;
    }
    let mut span = 1_u64;
    for _ in 1..length {
        span = span.checked_mul(62)?;
        number = number.checked_add(span)?;
    }
    let number = i64::try_from(number).ok()?;
    Some((if negative { -number - 1 } else { number }, length + 1))
}

/// A digit string strictly between two fractions; `None` above is 1. Neither ends in `0`, nor does the result.
fn fraction_between(below: &[u8], above: Option<&[u8]>) -> String {
    let mut result = String::new();
    let mut above = above;
    let mut at = 0;
    loop {
        let low = below.get(at).and_then(|&byte| digit(byte)).unwrap_or(0);
        let high = match above {
            Some(above) => above.get(at).and_then(|&byte| digit(byte)).unwrap_or(0),
            None => DIGITS.len(),
        };
        at += 1;
        if high > low + 1 {
            result.push(char::from(DIGITS[(low + high) / 2]));
            return result;
        }
        result.push(char::from(DIGITS[low]));
        if high > low {
            // Neighbours: what follows the lower digit has no upper bound any more.
            above = None;
        } else if above.is_some_and(|above| at >= above.len()) {
            // Equal so far and nothing left above: the bounds were not in order.
            return result;
        }
    }
}

/// Whether a text is a place: a whole number, then a fraction that does not end in `0`.
fn is_place(text: &str) -> bool {
    read_whole(text).is_some_and(|(_, length)| {
        let fraction = &text.as_bytes()[length..];
        fraction.iter().all(|&byte| digit(byte).is_some()) && fraction.last() != Some(&b'0')
    })
}

/// A place between two others, `None` for the ends. It serves for tabs, whose order nobody fights over.
///
/// Texts that are not places, or not in order, count as absent: the result is then a place, but not
/// necessarily between them.
///
/// ```
/// # use grid_engine::doc::position::between;
/// let first = between(None, None);
/// let second = between(Some(&first), None);
/// let middle = between(Some(&first), Some(&second));
/// assert!(first < middle && middle < second);
/// ```
pub fn between(below: Option<&str>, above: Option<&str>) -> String {
    let below = below.filter(|text| is_place(text));
    let above = above.filter(|&text| is_place(text) && below.is_none_or(|below| below < text));
    let split = |text: &str| read_whole(text).map(|(number, length)| (number, text.as_bytes()[length..].to_vec()));
    match (below.and_then(split), above.and_then(split)) {
        (None, None) => whole(0),
        (Some((number, _)), None) => whole(number.saturating_add(1)),
        (None, Some((number, fraction))) if fraction.is_empty() => whole(number.saturating_sub(1)),
        (None, Some((number, _))) => whole(number),
        (Some((low, low_fraction)), Some((high, high_fraction))) => {
            if low == high {
                return whole(low) + &fraction_between(&low_fraction, Some(&high_fraction));
            }
            let next = whole(low + 1);
            let above_next = high > low + 1 || !high_fraction.is_empty();
            if above_next { next } else { whole(low) + &fraction_between(&low_fraction, None) }
        }
    }
}

/// One step of a row's position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Step<'a> {
    place: &'a str,
    writer: i64,
    counter: i64,
    /// Where in the text this step's counter starts, and where the step ends.
    counter_at: usize,
    end: usize,
}

/// The steps of a row's position; `None` for a text that is none.
fn steps(text: &str) -> Option<Vec<Step<'_>>> {
    let mut steps = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let stop = at + text.get(at..)?.find(STOP)?;
        let place = &text[at..stop];
        let (writer, writer_length) = read_whole(text.get(stop + 1..)?)?;
        let counter_at = stop + 1 + writer_length;
        let (counter, counter_length) = read_whole(text.get(counter_at..)?)?;
        if !is_place(place) {
            return None;
        }
        at = counter_at + counter_length;
        steps.push(Step { place, writer, counter, counter_at, end: at });
    }
    Some(steps)
}

/// `count` positions in order between two others (`None` for the ends), for rows inserted or moved by `writer`.
///
/// Blocks that two writers insert at the same place at the same time do not interleave, and neither do
/// rows they go on adding one by one below (or above) their own.
///
/// ```
/// # use grid_engine::doc::position::n_between;
/// let mine = n_between(None, None, 2, 7);
/// let theirs = n_between(None, None, 2, 8);
/// assert!(mine[0] < mine[1] && mine[1] < theirs[0] && theirs[0] < theirs[1]);
/// ```
pub fn n_between(below: Option<&str>, above: Option<&str>, count: usize, writer: u64) -> Vec<String> {
    let writer = (writer & ((1 << 53) - 1)) as i64;
    let below_steps = below.and_then(steps).unwrap_or_default();
    let above_steps = above.and_then(steps).unwrap_or_default();
    let many = count as i64;
    // Counting on from an own row keeps the block together and the texts short.
    if let (Some(text), Some(step)) = (below, below_steps.last())
        && step.writer == writer
    {
        let run = run(&text[..step.counter_at], step.counter.saturating_add(1), count);
        if run.last().is_none_or(|last| above.is_none_or(|above| last.as_str() < above)) {
            return run;
        }
    }
    if let (Some(text), Some(step)) = (above, above_steps.last())
        && step.writer == writer
    {
        let run = run(&text[..step.counter_at], step.counter.saturating_sub(many), count);
        if run.first().is_none_or(|first| below.is_none_or(|below| first.as_str() > below)) {
            return run;
        }
    }
    let prefix = new_step(below, &below_steps, &above_steps);
    run(&format!("{prefix}{STOP}{}", whole(writer)), 0, count)
}

/// Whether a text is a row's position, as [`n_between`] makes them.
///
/// ```
/// # use grid_engine::doc::position::{is_of_row, n_between};
/// assert!(n_between(None, None, 2, 7).iter().all(|position| is_of_row(position)));
/// assert!(!is_of_row("") && !is_of_row("a0.zz"));
/// ```
pub fn is_of_row(text: &str) -> bool {
    steps(text).is_some_and(|steps| !steps.is_empty())
}

/// Whether a text is a position of a column.
pub fn is_of_column(text: &str) -> bool {
    is_place(text) || is_of_row(text)
}

/// Who made a row's position (the low 53 bits of a writer's id).
pub(super) fn writer_of(position: &str) -> Option<i64> {
    steps(position)?.last().map(|step| step.writer)
}

fn run(prefix: &str, first: i64, count: usize) -> Vec<String> {
    (0..count as i64).map(|offset| format!("{prefix}{}", whole(first.saturating_add(offset)))).collect()
}

/// Path and place of a new step between two positions.
fn new_step(below: Option<&str>, below_steps: &[Step<'_>], above_steps: &[Step<'_>]) -> String {
    let shared = below_steps
        .iter()
        .zip(above_steps)
        .take_while(|(a, b)| a.place == b.place && a.writer == b.writer && a.counter == b.counter)
        .count();
    let path = |depth: usize| {
        let end = depth.checked_sub(1).and_then(|last| below_steps.get(last)).map_or(0, |step| step.end);
        below.unwrap_or_default()[..end].to_owned()
    };
    match (below_steps.get(shared), above_steps.get(shared)) {
        // Same place on both sides, other writers or counters: step in below the lower one.
        (Some(low), Some(high)) if low.place == high.place => {
            let inner = below_steps.get(shared + 1).map(|step| step.place);
            path(shared + 1) + &between(inner, None)
        }
        (low, high) => path(shared) + &between(low.map(|step| step.place), high.map(|step| step.place)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::dice::Dice;
    use super::*;

    #[test]
    fn whole_numbers_sort_as_texts() {
        let mut numbers: Vec<i64> = (-5000..5000).collect();
        numbers.extend([i64::from(u32::MAX), (1 << 53) - 1, -(1 << 53)]);
        numbers.sort_unstable();
        let texts: Vec<String> = numbers.iter().map(|&number| whole(number)).collect();
        assert!(texts.is_sorted_by(|a, b| a < b));
        for (number, text) in numbers.iter().zip(&texts) {
            assert_eq!(read_whole(text), Some((*number, text.len())), "{text}");
        }
    }

    #[test]
    fn there_is_always_a_place_between() {
        for seed in 0..20 {
            let mut dice = Dice(seed);
            let mut places = vec![between(None, None)];
            for _ in 0..300 {
                let at = dice.roll(places.len() + 1);
                let below = at.checked_sub(1).map(|at| places[at].as_str());
                let above = places.get(at).map(String::as_str);
                let place = between(below, above);
                assert!(below.is_none_or(|below| below < place.as_str()), "seed {seed}: {below:?} {place}");
                assert!(above.is_none_or(|above| place.as_str() < above), "seed {seed}: {place} {above:?}");
                places.insert(at, place);
            }
        }
    }

    #[test]
    fn rows_of_several_writers_always_find_room() {
        for seed in 0..30 {
            let mut dice = Dice(seed);
            let mut rows: Vec<String> = Vec::new();
            for _ in 0..200 {
                let at = dice.roll(rows.len() + 1);
                let count = 1 + dice.roll(3);
                let below = at.checked_sub(1).map(|at| rows[at].clone());
                let above = rows.get(at).cloned();
                let new = n_between(below.as_deref(), above.as_deref(), count, dice.roll(3) as u64 + 1);
                rows.splice(at..at, new);
                assert!(rows.is_sorted_by(|a, b| a < b), "seed {seed}: {below:?} {above:?} {rows:?}");
            }
        }
    }

    #[test]
    fn appending_stays_short() {
        let mut rows: Vec<String> = Vec::new();
        for turn in 0..2000 {
            // Two people take turns at the end of the sheet.
            rows.extend(n_between(rows.last().map(String::as_str), None, 1, turn % 2 + 4_000_000_000));
        }
        assert!(rows.is_sorted_by(|a, b| a < b));
        assert!(rows.iter().all(|row| row.len() < 24), "{:?}", rows.last());
    }

    #[test]
    fn rows_typed_one_by_one_do_not_interleave() {
        for downwards in [true, false] {
            let (top, bottom) = (n_between(None, None, 1, 1).remove(0), n_between(None, None, 2, 1).remove(1));
            let block = |writer: u64| {
                let mut rows: Vec<String> = Vec::new();
                for _ in 0..100 {
                    if downwards {
                        let below = rows.last().unwrap_or(&top).clone();
                        rows.extend(n_between(Some(&below), Some(&bottom), 1, writer));
                    } else {
                        let above = rows.first().unwrap_or(&bottom).clone();
                        rows.splice(0..0, n_between(Some(&top), Some(&above), 1, writer));
                    }
                }
                rows
            };
            let (mine, theirs) = (block(7), block(9));
            assert!(mine.is_sorted() && theirs.is_sorted());
            assert!(mine.last() < theirs.first(), "{mine:?} {theirs:?}");
        }
    }

    #[test]
    fn foreign_texts_are_survived() {
        for (below, above) in [("zzz", "zzzz"), ("", "!"), ("a0", "a0"), ("é", "b"), ("a0.", "a0.."), ("b", "a")] {
            assert_eq!(n_between(Some(below), Some(above), 3, 5).len(), 3);
            assert!(!between(Some(below), Some(above)).is_empty());
        }
    }
}
