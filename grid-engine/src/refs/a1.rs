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
