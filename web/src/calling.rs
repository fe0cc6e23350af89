//! Calling people in what one writes: which name is being written, and whom it could mean.

use grid_engine::wire::Colleague;

/// People offered at once.
const OFFERED: usize = 6;
/// Longest beginning of a name that is looked up.
const LONGEST_NAME: usize = 40;

/// The name being written after an `@`: where the `@` stands, and what follows it up to the caret.
pub fn naming(text: &str, caret: usize) -> Option<(usize, &str)> {
    let before = text.get(..caret)?;
    let at = before.rfind('@')?;
    let begun = &before[at + 1..];
    let follows_word = before[..at].chars().next_back().is_some_and(char::is_alphanumeric);
    let is_name = !follows_word && begun.len() <= LONGEST_NAME && !begun.starts_with(' ') && !begun.contains('\n');
    is_name.then_some((at, begun))
}

/// The people whose name, or a word of it, begins so.
pub fn offered(people: &[Colleague], begun: &str) -> Vec<Colleague> {
    let begun = begun.to_lowercase();
    let fits = |person: &&Colleague| {
        let name = person.name.to_lowercase();
        name.starts_with(&begun) || name.split(' ').any(|word| word.starts_with(&begun))
    };
    people.iter().filter(fits).take(OFFERED).cloned().collect()
}

/// How many bytes the first units of a text are, as browsers count them.
pub fn bytes_of(text: &str, units: usize) -> usize {
    let mut seen = 0;
    for (at, letter) in text.char_indices() {
        if seen >= units {
            return at;
        }
        seen += letter.len_utf16();
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Colleague {
        Colleague { name: name.to_owned(), title: String::new(), colour: String::new() }
    }

    #[test]
    fn a_name_is_being_written_after_an_at_sign() {
        for (text, expected) in [
            ("@", Some((0, ""))),
            ("ask @Cla", Some((4, "Cla"))),
            ("ask @Claire Du", Some((4, "Claire Du"))),
            ("mail@cla", None),
            ("@ cla", None),
            ("@a\nb", None),
            ("nobody", None),
        ] {
            assert_eq!(naming(text, text.len()), expected, "{text}");
        }
        assert_eq!(naming("@Clarissa", 4), Some((0, "Cla")), "up to the caret");
        assert_eq!(bytes_of("ä😀b", 3), 6);
    }

    #[test]
    fn people_are_offered_by_any_word_of_their_name() {
        let people = [named("Claire Dubois"), named("Dana Clark"), named("Jonas")];
        let names = |begun: &str| offered(&people, begun).into_iter().map(|person| person.name).collect::<Vec<_>>();
        assert_eq!(names("cla"), ["Claire Dubois", "Dana Clark"]);
        assert_eq!(names("claire d"), ["Claire Dubois"]);
        assert_eq!(names("x"), Vec::<String>::new());
        assert_eq!(names("").len(), 3);
    }
}
