//! The A1 form of a position, as people read and type it.

/// The letters of a zero-based column: 0 is `A`, 25 `Z`, 26 `AA`.
///
/// ```
/// # use grid_engine::refs::a1::{column_letters, column_index};
/// assert_eq!(column_letters(701), "ZZ");
/// assert_eq!(column_index("ZZ"), Some(701));
/// ```
pub fn column_letters(mut index: u32) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(b'A' + (index % 26) as u8);
        match (index / 26).checked_sub(1) {
            Some(rest) => index = rest,
            None => break,
        }
    }
    letters.iter().rev().map(|&letter| char::from(letter)).collect()
}

/// The zero-based column of its letters; `None` for anything but 1–3 letters (Excel's limit).
pub fn column_index(letters: &str) -> Option<u32> {
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    letters
        .bytes()
        .try_fold(0_u32, |sum, byte| {
            let letter = byte.to_ascii_uppercase();
            letter.is_ascii_uppercase().then(|| sum * 26 + u32::from(letter - b'A') + 1)
        })
        .map(|count| count - 1)
}

/// Whether a text can name something in formulas, by Excel's rule: a letter, `_` or `\` first, then letters, digits, `.`,
/// `_`, `\` and `?`; and it must not read as a cell (`Q4`, `R1C1`) or a truth value.
///
/// ```
/// # use grid_engine::refs::a1::is_name;
/// assert!(is_name("price_increase") && is_name("Prices.2026"));
/// assert!(!is_name("Q4") && !is_name("price increase") && !is_name("R2C3") && !is_name("true"));
/// ```
pub fn is_name(text: &str) -> bool {
    let inner = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '\\' | '?');
    let starts_well = text.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '\\'));
    starts_well && text.chars().all(inner) && !reads_as_cell(&text.to_ascii_uppercase())
}

/// Whether a word in capitals is an address, in either notation, or a truth value.
fn reads_as_cell(word: &str) -> bool {
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    let letters = word.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (column, line) = word.split_at(letters);
    let is_a1 = !line.is_empty() && is_number(line) && column_index(column).is_some_and(|column| column < 16_384);
    let is_r1c1 = word.strip_prefix('R').is_some_and(|rest| {
        let (line, column) = rest.split_once('C').unwrap_or((rest, ""));
        is_number(line) && is_number(column)
    });
    is_a1 || is_r1c1 || word.strip_prefix('C').is_some_and(is_number) || matches!(word, "TRUE" | "FALSE")
}
