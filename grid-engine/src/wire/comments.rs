//! What people say to each other about cells: threads of comments, and who is called in them.
//!
//! A thread belongs to a cell by its ids, so that it goes where the cell goes. `@` and a person's name calls that
//! person; the text stays as it was written, and both sides find the names in it with [`mentions`].

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::refs::{CellRef, PersonId, SheetId};

/// Longest comment, in characters.
pub const MAX_COMMENT: usize = 2000;

/// A thread on a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentThread {
    pub id: i64,
    pub cell: CellRef,
    /// In the order they were written; never empty.
    pub comments: Vec<Comment>,
    /// Who closed it, and when (milliseconds since 1970).
    pub resolved: Option<(String, i64)>,
}

/// One comment.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Comment {
    pub id: i64,
    pub by: PersonId,
    pub name: String,
    pub colour: String,
    /// Milliseconds since 1970.
    pub at: i64,
    /// When its author changed it last.
    pub edited: Option<i64>,
    /// Empty where its author has taken it back.
    pub text: String,
    /// Names called in it.
    pub called: Vec<String>,
}

/// All threads of a workbook that a person sees.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentsPage {
    /// Those with the newest comment first.
    pub threads: Vec<CommentThread>,
    /// Who can be called.
    pub people: Vec<Colleague>,
}

/// Someone who can be called in a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Colleague {
    pub name: String,
    /// What this person does, in words.
    pub title: String,
    pub colour: String,
}

/// A thread to begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewThread {
    pub cell: CellRef,
    pub text: String,
}

/// What a comment says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommentText {
    pub text: String,
}

/// Whether a thread is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThreadState {
    pub resolved: bool,
}

/// A comment in which somebody was called, in that person's inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    pub comment: i64,
    pub thread: i64,
    pub workbook: SheetId,
    /// The workbook's title.
    pub title: String,
    pub cell: CellRef,
    pub by: String,
    pub colour: String,
    pub at: i64,
    pub text: String,
    pub read: bool,
}

/// Calls that were read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadCalls {
    pub comments: Vec<i64>,
}

/// Where a text calls people: the places of `@name` and the index of the name. Of names that begin alike the longest
/// counts; case does not matter.
///
/// ```
/// # use grid_engine::wire::mentions;
/// assert_eq!(mentions("ask @Jo Ann!", &["Jo", "Jo Ann"]), [(4..11, 1)]);
/// ```
pub fn mentions(text: &str, names: &[&str]) -> Vec<(Range<usize>, usize)> {
    let mut found = Vec::new();
    let mut from = 0;
    for (at, _) in text.match_indices('@') {
        // An address such as mail@example calls nobody.
        let follows_word = text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        if at < from || follows_word {
            continue;
        }
        let rest = &text[at + 1..];
        let called = names.iter().enumerate().filter_map(|(index, name)| {
            let length = prefix(rest, name)?;
            let ends = rest[length..].chars().next().is_none_or(|next| !next.is_alphanumeric());
            ends.then_some((length, index))
        });
        if let Some((length, index)) = called.max_by_key(|(length, _)| *length) {
            from = at + 1 + length;
            found.push((at..from, index));
        }
    }
    found
}

/// How many bytes of a text say a name at its beginning, in whatever case.
fn prefix(text: &str, name: &str) -> Option<usize> {
    let mut length = 0;
    let mut letters = text.chars();
    for wanted in name.chars() {
        let found = letters.next()?;
        if !found.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
        length += found.len_utf8();
    }
    (length > 0).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_where_people_are_called() {
        const PEOPLE: [&str; 4] = ["Jo", "Jo Ann", "Änne Öz", "Max"];
        for (text, expected) in [
            ("@Jo look", &["Jo"][..]),
            ("@jo ann, @MAX", &["Jo Ann", "Max"]),
            ("@Joachim", &[]),
            ("mail@Max", &[]),
            ("(@änne öz)", &["Änne Öz"]),
            ("@@Max", &["Max"]),
            ("@", &[]),
            ("@Jo Anna", &["Jo"]),
        ] {
            let found: Vec<&str> = mentions(text, &PEOPLE).into_iter().map(|(_, index)| PEOPLE[index]).collect();
            assert_eq!(found, expected, "{text}");
        }
        assert_eq!(mentions("ä @Änne Öz.", &PEOPLE), [(3..13, 2)]);
    }
}
