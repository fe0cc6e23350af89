//! Completion while a formula is typed.

/// The function name being typed before the caret, e.g. `SU` in `=1+SU|`.
pub fn typed_name(text: &str, caret: usize) -> Option<&str> {
    let head = head(text, caret)?;
    if !head.starts_with('=') || in_quotes(head) {
        return None;
    }
    let start = head.rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '_')).map_or(0, |at| at + 1);
    let word = head.get(start..)?;
    word.starts_with(|c: char| c.is_ascii_alphabetic()).then_some(word)
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

/// The text with the name before the caret replaced by a call of `function`, and the caret inside it.
pub fn complete(text: &str, caret: usize, function: &str) -> (String, usize) {
    let typed = typed_name(text, caret).unwrap_or_default().chars().count();
    let characters: Vec<char> = text.chars().collect();
    let start = caret.saturating_sub(typed).min(characters.len());
    let end = caret.min(characters.len());
    let head: String = characters[..start].iter().collect();
    let tail: String = characters[end..].iter().collect();
    let opening = if tail.starts_with('(') { "" } else { "(" };
    let caret = start + function.chars().count() + opening.len();
    (format!("{head}{function}{opening}{tail}"), caret)
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
        assert_eq!(typed_name("SU", 2), None);
        assert_eq!(typed_name("=A1+", 4), None);
        assert_eq!(complete("=1+SU+2", 5, "SUM"), ("=1+SUM(+2".to_owned(), 7));
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
