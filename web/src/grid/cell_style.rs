//! How a cell is written besides its number format: the words of its style in documents.
//!
//! A style is words, such as `percent bold fill-yellow`: the name of a number format, and one word for everything else. Words
//! that nobody here knows are kept, so that a newer version's styles survive this one.

/// The colours of text and ground, by their words in documents. Themes say what each looks like.
pub const COLOURS: [&str; 8] = ["red", "orange", "yellow", "green", "teal", "blue", "purple", "grey"];

/// What a word is one of: a cell has one word of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of<'a> {
    Alignment,
    Ink,
    Fill,
    Format,
    /// Any other: on or off by itself.
    Itself(&'a str),
}

const ALIGNMENTS: [&str; 3] = ["left", "center", "right"];
const MARKS: [&str; 5] = ["bold", "italic", "underline", "strike", "heading"];
const INK: &str = "ink-";
const FILL: &str = "fill-";

fn of(word: &str) -> Of<'_> {
    match word {
        _ if ALIGNMENTS.contains(&word) => Of::Alignment,
        _ if word.starts_with(INK) => Of::Ink,
        _ if word.starts_with(FILL) => Of::Fill,
        _ if MARKS.contains(&word) => Of::Itself(word),
        _ => Of::Format,
    }
}

/// Whether a style has a word.
pub fn has(style: &str, word: &str) -> bool {
    style.split(' ').any(|known| known == word)
}

/// A style with a word, in place of the one it had of the same sort; `on` false: without it. `None`: nothing is left of it.
pub fn with(style: &str, word: &str, on: bool) -> Option<String> {
    let kept = style.split(' ').filter(|known| !known.is_empty() && of(known) != of(word));
    joined(kept.chain(on.then_some(word)))
}

/// A style with another number format; `None`: the format of its measure.
pub fn with_format(style: &str, format: Option<&str>) -> Option<String> {
    joined(style.split(' ').filter(|known| !known.is_empty() && of(known) != Of::Format).chain(format))
}

/// A style that has kept its number format alone.
pub fn plain(style: &str) -> Option<String> {
    joined(style.split(' ').filter(|known| !known.is_empty() && of(known) == Of::Format))
}

fn joined<'a>(words: impl Iterator<Item = &'a str>) -> Option<String> {
    let words: Vec<&str> = words.collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// A style as a cell is painted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CellStyle {
    pub bold: bool,
    pub italic: bool,
    pub underline: bool,
    pub strike: bool,
    pub heading: bool,
    /// To the right (`Some(1)`), the middle (0) or the left (−1); `None`: as its contents are written.
    pub side: Option<i8>,
    /// Places among [`COLOURS`].
    pub ink: Option<usize>,
    pub fill: Option<usize>,
}

impl CellStyle {
    /// Reads a style's words.
    pub fn of(style: &str) -> Self {
        let mut found = Self::default();
        let colour = |name: &str| COLOURS.iter().position(|known| *known == name);
        for word in style.split(' ') {
            match word {
                "bold" => found.bold = true,
                "italic" => found.italic = true,
                "underline" => found.underline = true,
                "strike" => found.strike = true,
                "heading" => found.heading = true,
                "left" => found.side = Some(-1),
                "center" => found.side = Some(0),
                "right" => found.side = Some(1),
                _ => {
                    found.ink = word.strip_prefix(INK).and_then(colour).or(found.ink);
                    found.fill = word.strip_prefix(FILL).and_then(colour).or(found.fill);
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_has_one_word_of_each_sort() {
        let style = with("percent bold", "fill-yellow", true);
        assert_eq!(style.as_deref(), Some("percent bold fill-yellow"));
        assert_eq!(with("percent bold fill-yellow", "fill-red", true).as_deref(), Some("percent bold fill-red"));
        assert_eq!(with("percent bold fill-yellow", "bold", false).as_deref(), Some("percent fill-yellow"));
        assert_eq!(with("bold", "bold", false), None);
        assert_eq!(with("left", "center", true).as_deref(), Some("center"));
        assert_eq!(with_format("percent bold", Some("whole")).as_deref(), Some("bold whole"));
        assert_eq!(with_format("percent bold", None).as_deref(), Some("bold"));
        assert_eq!(with_format("percent", None), None);
        assert_eq!(plain("heading whole ink-red").as_deref(), Some("whole"));
        assert!(has("whole bold", "bold") && !has("whole bold", "bol"));
    }

    #[test]
    fn styles_are_read_as_they_are_written() {
        let all = "whole bold italic underline strike center ink-red fill-grey";
        let expected = CellStyle {
            bold: true,
            italic: true,
            underline: true,
            strike: true,
            heading: false,
            side: Some(0),
            ink: Some(0),
            fill: Some(7),
        };
        assert_eq!(CellStyle::of(all), expected);
        assert_eq!(CellStyle::of("whole ink-mauve blink"), CellStyle::default());
    }
}
