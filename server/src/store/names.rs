//! Names that people choose versions and branches by, in lists and in formulas: none may be taken for another.

use grid_engine::value::is_unseen;
use unicode_security::confusable_detection::skeleton;

/// Longest name and comment, in characters.
const MAX_NAME: usize = 120;
pub(crate) const MAX_COMMENT: usize = 4000;

/// What stands for the plan as it is now where a version is asked for.
const LIVE: &str = "live";
/// A character nobody sees, though it is a letter to Unicode.
const BLANK_BRAILLE: char = '\u{2800}';

/// What is wrong with the name or comment of a version or branch, whatever others are called, in a sentence.
pub(crate) fn flaw_of_name(what: &str, name: &str, comment: &str) -> Option<String> {
    if name.is_empty() || name.chars().count() > MAX_NAME || comment.chars().count() > MAX_COMMENT {
        return Some(format!(
            "{what} has a name of 1 to {MAX_NAME} characters and a comment of at most {MAX_COMMENT}."
        ));
    }
    let reason = unfit_name(name)?;
    Some(format!("{what} cannot be named {name:?}, which {reason}: choose another name."))
}

/// What is wrong with a name beside these, in a sentence: it is one of theirs, or would be taken for it.
pub(crate) fn taken_name<'a>(name: &str, others: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let other = others.into_iter().find(|other| are_alike(other, name))?;
    Some(if other == name {
        format!("A version is named {name:?} already.")
    } else {
        format!(
            "{name:?} would be taken for the version {other:?}: choose a name that differs from it in more than how it is \
             written."
        )
    })
}

/// Why a version or branch may not be called so, whatever others are called; `None` where it may.
pub(crate) fn unfit_name(name: &str) -> Option<&'static str> {
    if name.chars().any(|character| character.is_control() || is_invisible(character)) {
        return Some("holds a character that cannot be seen");
    }
    are_alike(name, LIVE).then_some("is kept for the live plan")
}

/// Whether two names are the same to a reader: by small and capital letters, by spaces, or by letters of other scripts that
/// look the same (Unicode's list of confusables, UTS #39).
pub(crate) fn are_alike(one: &str, other: &str) -> bool {
    let [one, other] = [one, other].map(|name| {
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        // As written and in small letters: a capital I looks like an l, a small one does not.
        [looks(&name), looks(&name.to_lowercase())]
    });
    one.iter().zip(&other).any(|(one, other)| one == other)
}

fn looks(name: &str) -> String {
    skeleton(name).collect::<String>().to_lowercase()
}

/// Whether a text has anything a reader sees.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|character| character.is_whitespace() || is_invisible(character))
}

fn is_invisible(character: char) -> bool {
    // What a skeleton leaves out, a display leaves out.
    is_unseen(character) || character == BLANK_BRAILLE || skeleton(character.encode_utf8(&mut [0; 4])).next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c4_names_that_read_the_same_are_alike() {
        for (one, other) in [
            ("March", "march"),
            ("ÄRA", "ära"),
            ("March", "M\u{430}rch"),
            ("March", "Ｍarch"),
            ("March plan", "March\u{a0}plan"),
            ("March plan", "March  plan"),
            ("Plan O", "plan 0"),
            ("Plan I", "Plan l"),
            ("caf\u{e9}", "cafe\u{301}"),
            ("2026-10", "2026\u{2010}10"),
        ] {
            assert!(are_alike(one, other) && are_alike(other, one), "{one:?} {other:?}");
        }
        for (one, other) in
            [("March", "March 2"), ("Plan 2", "Plan 3"), ("cafe", "caf\u{e9}"), ("销售", "销量"), ("V1", "V2")]
        {
            assert!(!are_alike(one, other), "{one:?} {other:?}");
        }
    }

    #[test]
    fn c4_names_that_cannot_be_read_are_unfit() {
        for name in [
            "Mar\u{200b}ch",
            "Mar\u{ad}ch",
            "Mar\u{3164}ch",
            "\u{2066}March",
            "Mar\u{2800}ch",
            "a\nb",
            "live",
            "LIVE",
            "l\u{456}ve",
        ] {
            assert!(unfit_name(name).is_some(), "{name:?}");
        }
        for name in ["March", "Q2 – as agreed (2)", "План", "销售计划", "Prévision d’été", "Live plan of May"]
        {
            assert_eq!(unfit_name(name), None, "{name:?}");
        }
    }

    #[test]
    fn b6_a_text_of_nothing_to_see_is_blank() {
        for text in ["", " \n", "\u{200b}\u{200d}", "\u{2800} \u{3164}", "\u{feff}\u{2063}"] {
            assert!(is_blank(text), "{text:?}");
        }
        assert!(!is_blank("\u{200b}.") && !is_blank("é"));
    }
}
