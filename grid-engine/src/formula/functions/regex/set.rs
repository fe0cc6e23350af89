//! Sets of characters: `[a-z_]`, `\d`, `\p{Lu}`.

/// Characters by range and by kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Set {
    pub ranges: Vec<(char, char)>,
    /// Kinds, each perhaps turned round.
    pub kinds: Vec<(Kind, bool)>,
    /// It is everything else.
    pub is_negated: bool,
}

/// Kinds that need more than a few ranges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Letter,
    Upper,
    Lower,
    Number,
    Space,
    Punctuation,
    Control,
}

impl Kind {
    fn holds(self, c: char) -> bool {
        match self {
            Self::Letter => c.is_alphabetic(),
            Self::Upper => c.is_uppercase(),
            Self::Lower => c.is_lowercase(),
            Self::Number => c.is_numeric(),
            Self::Space => c.is_whitespace(),
            Self::Punctuation => {
                c.is_ascii_punctuation() && !"$+<=>^`|~".contains(c)
                    || matches!(c, '¡' | '§' | '«' | '¶' | '·' | '»' | '¿' | '‐'..='‧' | '‰'..='⁞' | '、'..='〃')
            }
            Self::Control => c.is_control(),
        }
    }

    /// By the names of Unicode categories.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "L" | "L&" => Self::Letter,
            "Lu" => Self::Upper,
            "Ll" => Self::Lower,
            "N" | "Nd" => Self::Number,
            "Z" | "Zs" => Self::Space,
            "P" => Self::Punctuation,
            "C" | "Cc" => Self::Control,
            _ => return None,
        })
    }
}

impl Set {
    pub fn contains(&self, c: char, ignore_case: bool) -> bool {
        let found = self.has(c) || ignore_case && (self.has(lower(c)) || c.to_uppercase().any(|upper| self.has(upper)));
        found != self.is_negated
    }

    fn has(&self, c: char) -> bool {
        self.ranges.iter().any(|(first, last)| (*first..=*last).contains(&c))
            || self.kinds.iter().any(|(kind, negated)| kind.holds(c) != *negated)
    }

    /// Adds what `\d`, `\w`, `\s`, `\h` and their capitals stand for: ASCII, as PCRE2 has it. `false` for others.
    pub fn add_class(&mut self, letter: char) -> bool {
        let ranges: &[(char, char)] = match letter.to_ascii_lowercase() {
            'd' => &[('0', '9')],
            'w' => &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
            's' => &[('\t', '\r'), (' ', ' ')],
            'h' => &[('\t', '\t'), (' ', ' '), ('\u{a0}', '\u{a0}')],
            _ => return false,
        };
        if letter.is_ascii_lowercase() {
            self.ranges.extend_from_slice(ranges);
            return true;
        }
        let mut next = '\0';
        for &(first, last) in ranges {
            if next < first {
                self.ranges.extend(char::from_u32(first as u32 - 1).map(|before| (next, before)));
            }
            next = char::from_u32(last as u32 + 1).unwrap_or(char::MAX);
        }
        self.ranges.push((next, char::MAX));
        true
    }

    /// Adds a POSIX class such as `alpha`. `false` for unknown names.
    pub fn add_posix(&mut self, name: &str) -> bool {
        let ranges: &[(char, char)] = match name {
            "alpha" => &[('A', 'Z'), ('a', 'z')],
            "digit" => &[('0', '9')],
            "alnum" => &[('0', '9'), ('A', 'Z'), ('a', 'z')],
            "upper" => &[('A', 'Z')],
            "lower" => &[('a', 'z')],
            "space" => &[('\t', '\r'), (' ', ' ')],
            "blank" => &[('\t', '\t'), (' ', ' ')],
            "punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
            "xdigit" => &[('0', '9'), ('A', 'F'), ('a', 'f')],
            "word" => &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
            "cntrl" => &[('\0', '\u{1f}'), ('\u{7f}', '\u{7f}')],
            "print" => &[(' ', '~')],
            "graph" => &[('!', '~')],
            _ => return false,
        };
        self.ranges.extend_from_slice(ranges);
        true
    }
}

/// The small letter of a capital.
pub fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}
