//! Help with a formula while it is typed, and what it still lacks when it is entered.

/// The name of a function, or one people defined, being typed before the caret, e.g. `SU` in `=1+SU|`.
pub fn typed_name(text: &str, caret: usize) -> Option<&str> {
    let head = head(text, caret)?;
    if !head.starts_with('=') || in_quotes(head) {
        return None;
    }
    let word = head.rsplit(|c: char| !(c.is_alphanumeric() || c == '.' || c == '_')).next()?;
    // The second column of `A:C` is no name.
    let first = head.strip_suffix(word).and_then(|before| before.strip_suffix(':')).unwrap_or_default();
    if first.ends_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    word.starts_with(|c: char| c.is_alphabetic() || c == '_').then_some(word)
}

/// The function whose arguments the caret stands in, and which argument, e.g. (`IF`, 1) in `=IF(A1,|`.
pub fn open_call(text: &str, caret: usize) -> Option<(&str, usize)> {
    let head = head(text, caret)?;
    if !head.starts_with('=') {
        return None;
    }
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut quoted = false;
    let mut brackets = 0_u32;
    for (at, character) in head.char_indices() {
        match character {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '[' => brackets += 1,
            ']' => brackets = brackets.saturating_sub(1),
            _ if brackets > 0 => {}
            '(' => open.push((at, 0)),
            ')' => {
                open.pop();
            }
            ',' | ';' => {
                if let Some(last) = open.last_mut() {
                    last.1 += 1;
                }
            }
            _ => {}
        }
    }
    let &(at, argument) = open.last()?;
    let name = &head[..at];
    let start = name.rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '_')).map_or(0, |at| at + 1);
    let name = &name[start..];
    (!name.is_empty()).then_some((name, argument))
}

/// The text with the name before the caret replaced by `name`, and the caret after it; inside its brackets where it is
/// called.
pub fn complete(text: &str, caret: usize, name: &str, is_called: bool) -> (String, usize) {
    let typed = typed_name(text, caret).unwrap_or_default().chars().count();
    let characters: Vec<char> = text.chars().collect();
    let start = caret.saturating_sub(typed).min(characters.len());
    let end = caret.min(characters.len());
    let head: String = characters[..start].iter().collect();
    let tail: String = characters[end..].iter().collect();
    let opening = if is_called && !tail.starts_with('(') { "(" } else { "" };
    let caret = start + name.chars().count() + usize::from(is_called);
    (format!("{head}{name}{opening}{tail}"), caret)
}

/// A formula with the brackets closed that are still open at its end, as spreadsheets enter it; any other text as it is.
pub fn closed(text: &str) -> String {
    let mut open = 0_usize;
    // Within quotes and square brackets round ones are letters like others.
    let mut until = None;
    for character in text.chars().filter(|_| text.starts_with('=')) {
        match (until, character) {
            (Some(end), _) => until = until.filter(|_| character != end),
            (None, '"' | '\'') => until = Some(character),
            (None, '[') => until = Some(']'),
            (None, '(') => open += 1,
            (None, ')') => open = open.saturating_sub(1),
            _ => {}
        }
    }
    // What a quote was opened for is not known: the formula is refused as it stands.
    if until.is_some() { text.to_owned() } else { format!("{text}{}", ")".repeat(open)) }
}

fn head(text: &str, caret: usize) -> Option<&str> {
    let end = text.char_indices().nth(caret).map_or(text.len(), |(at, _)| at);
    text.get(..end)
}

fn in_quotes(text: &str) -> bool {
    text.matches('"').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_before_the_caret_is_completed() {
        assert_eq!(typed_name("=1+SU", 5), Some("SU"));
        assert_eq!(typed_name("=SUPPLY.S", 9), Some("SUPPLY.S"));
        assert_eq!(typed_name("=\"SU", 4), None);
        assert_eq!(typed_name("=SUM(A:A", 8), None);
        assert_eq!(typed_name("=SUM(A1:IN", 10), Some("IN"));
        assert_eq!(typed_name("SU", 2), None);
        assert_eq!(typed_name("=A1+", 4), None);
        assert_eq!(complete("=1+SU+2", 5, "SUM", true), ("=1+SUM(+2".to_owned(), 7));
        assert_eq!(complete("=SU(1)", 3, "SUM", true), ("=SUM(1)".to_owned(), 5));
        assert_eq!(typed_name("=2*Grö", 6), Some("Grö"));
        assert_eq!(complete("=2*Grö+1", 6, "Größe", false), ("=2*Größe+1".to_owned(), 8));
    }

    #[test]
    fn brackets_left_open_are_closed() {
        for (typed, entered) in [
            ("=SUM(A1:A3", "=SUM(A1:A3)"),
            ("=IF(A1>1,MAX(B1,2", "=IF(A1>1,MAX(B1,2))"),
            ("=SUM(A1)", "=SUM(A1)"),
            ("=LEN(\"(\"", "=LEN(\"(\")"),
            ("=SUM('a(b'!A1,[@x(y]", "=SUM('a(b'!A1,[@x(y])"),
            ("=LEN(\"a", "=LEN(\"a"),
            ("(see below", "(see below"),
        ] {
            assert_eq!(closed(typed), entered);
        }
    }

    #[test]
    fn the_innermost_open_call_is_explained() {
        assert_eq!(open_call("=IF(SUM(1,2),", 13), Some(("IF", 1)));
        assert_eq!(open_call("=IF(SUM(1,2),", 10), Some(("SUM", 1)));
        assert_eq!(open_call("=IF(\"a,(\",", 10), Some(("IF", 1)));
        assert_eq!(open_call("=SUM(Demand[Consensus, plan],", 29), Some(("SUM", 1)));
        assert_eq!(open_call("=(1", 3), None);
    }
}
