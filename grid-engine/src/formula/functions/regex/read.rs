//! From the text of a regular expression to its tree.

use super::set::{Kind, Set, lower};
use super::tree::{Greed, Node, Place, Tree};

/// What is wrong with a pattern, after "the regular expression".
pub type Problem = &'static str;

/// Deepest nesting of groups: reading recurses, in the browser too.
const MAX_DEPTH: usize = 60;
/// Most repetitions a `{}` may ask for.
const MAX_REPEAT: u32 = 1_000;

struct Reader<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    flags: Flags,
    groups: usize,
    names: Vec<(String, usize)>,
    depth: usize,
}

#[derive(Clone, Copy, Default)]
struct Flags {
    ignore_case: bool,
    lines: bool,
    dot_all: bool,
    spaced: bool,
}

pub fn read(pattern: &str, ignore_case: bool) -> Result<Tree, Problem> {
    let flags = Flags { ignore_case, ..Flags::default() };
    let mut reader = Reader { rest: pattern.chars().peekable(), flags, groups: 0, names: Vec::new(), depth: 0 };
    let root = reader.either()?;
    if reader.rest.next().is_some() {
        return Err("has one ) too many");
    }
    Ok(Tree { root, groups: reader.groups, names: reader.names })
}

impl Reader<'_> {
    fn take(&mut self, wanted: char) -> bool {
        self.rest.next_if_eq(&wanted).is_some()
    }

    fn take_all(&mut self, wanted: &str) -> bool {
        let mut ahead = self.rest.clone();
        if wanted.chars().any(|c| ahead.next() != Some(c)) {
            return false;
        }
        self.rest = ahead;
        true
    }

    fn either(&mut self) -> Result<Node, Problem> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("is nested too deeply");
        }
        let flags = self.flags;
        let mut branches = vec![self.sequence()?];
        while self.take('|') {
            branches.push(self.sequence()?);
        }
        self.flags = flags;
        self.depth -= 1;
        Ok(if branches.len() == 1 { branches.swap_remove(0) } else { Node::Either(branches) })
    }

    fn sequence(&mut self) -> Result<Node, Problem> {
        let mut parts = Vec::new();
        while let Some(&c) = self.rest.peek() {
            if c == '|' || c == ')' {
                break;
            }
            if self.flags.spaced && (c.is_whitespace() || c == '#') {
                self.rest.next();
                if c == '#' {
                    while self.rest.next().is_some_and(|c| c != '\n') {}
                }
                continue;
            }
            if self.take_all("\\Q") {
                while !self.take_all("\\E") {
                    let Some(c) = self.rest.next() else { break };
                    parts.push(self.char(c));
                }
                // What repeats is the last character.
                if let Some(last) = parts.pop() {
                    let last = self.repeated(last)?;
                    parts.push(last);
                }
                continue;
            }
            let part = self.part()?;
            let part = self.repeated(part)?;
            parts.push(part);
        }
        Ok(if parts.len() == 1 { parts.swap_remove(0) } else { Node::Sequence(parts) })
    }

    fn char(&self, c: char) -> Node {
        let ignore_case = self.flags.ignore_case;
        Node::Char { c: if ignore_case { lower(c) } else { c }, ignore_case }
    }

    fn set(&self, set: Set) -> Node {
        Node::Set { set: Box::new(set), ignore_case: self.flags.ignore_case }
    }

    fn part(&mut self) -> Result<Node, Problem> {
        let Some(c) = self.rest.next() else { return Ok(Node::Empty) };
        Ok(match c {
            '.' => Node::Any { line_ends: self.flags.dot_all },
            '^' => Node::At(if self.flags.lines { Place::LineStart } else { Place::Start }),
            '$' => Node::At(if self.flags.lines { Place::LineEnd } else { Place::End }),
            '[' => self.bracket()?,
            '(' => self.group()?,
            '\\' => self.escape()?,
            '*' | '+' | '?' => return Err("repeats nothing"),
            c => self.char(c),
        })
    }

    /// Quantifiers after a part.
    fn repeated(&mut self, node: Node) -> Result<Node, Problem> {
        let mut node = node;
        loop {
            let (least, most) = match self.rest.peek() {
                Some('*') => (0, None),
                Some('+') => (1, None),
                Some('?') => (0, Some(1)),
                Some('{') => match self.braces()? {
                    Some(bounds) => bounds,
                    None => return Ok(node),
                },
                _ => return Ok(node),
            };
            if self.rest.peek() != Some(&'{') {
                self.rest.next();
            } else {
                while self.rest.next().is_some_and(|c| c != '}') {}
            }
            let greed = if self.take('?') {
                Greed::Least
            } else if self.take('+') {
                Greed::Possessive
            } else {
                Greed::Most
            };
            node = Node::Repeat { node: Box::new(node), least, most, greed };
        }
    }

    /// `{n}`, `{n,}`, `{n,m}` or `{,m}` ahead; other braces are themselves.
    fn braces(&self) -> Result<Option<(u32, Option<u32>)>, Problem> {
        let inside: String = self.rest.clone().skip(1).take_while(|c| *c != '}').take(12).collect();
        if self.rest.clone().nth(1 + inside.chars().count()) != Some('}') {
            return Ok(None);
        }
        let number = |text: &str| text.parse::<u32>().ok();
        let bounds = match inside.split_once(',') {
            None => number(&inside).map(|count| (count, Some(count))),
            Some(("", most)) => number(most).map(|most| (0, Some(most))),
            Some((least, "")) => number(least).map(|least| (least, None)),
            Some((least, most)) => number(least).zip(number(most).map(Some)),
        };
        match bounds {
            Some((least, most)) if most.is_some_and(|most| most < least) => Err("repeats at most less than at least"),
            Some((least, most)) if least.max(most.unwrap_or(0)) > MAX_REPEAT => Err("repeats too often"),
            bounds => Ok(bounds),
        }
    }

    fn group(&mut self) -> Result<Node, Problem> {
        if !self.take('?') {
            return self.captured(None);
        }
        let look = |ahead, negated| move |node| Node::Look { node: Box::new(node), ahead, negated };
        if self.take(':') {
            self.closed()
        } else if self.take('=') {
            self.closed().map(look(true, false))
        } else if self.take('!') {
            self.closed().map(look(true, true))
        } else if self.take_all("<=") {
            self.closed().map(look(false, false))
        } else if self.take_all("<!") {
            self.closed().map(look(false, true))
        } else if self.take('>') {
            self.closed().map(|node| Node::Atomic(Box::new(node)))
        } else if self.take('#') {
            while self.rest.next_if(|c| *c != ')').is_some() {}
            self.close().map(|()| Node::Empty)
        } else if self.take_all("P<") || self.take('<') {
            let name = self.until('>')?;
            self.captured(Some(name))
        } else if self.take('\'') {
            let name = self.until('\'')?;
            self.captured(Some(name))
        } else {
            self.flags_and_group()
        }
    }

    /// `(?i)` for the rest of the group, `(?i:…)` for what is inside.
    fn flags_and_group(&mut self) -> Result<Node, Problem> {
        let (before, mut on) = (self.flags, true);
        loop {
            let flag = match self.rest.next() {
                Some(')') => return Ok(Node::Empty),
                Some(':') => {
                    let inside = self.closed();
                    self.flags = before;
                    return inside;
                }
                Some('-') => {
                    on = false;
                    continue;
                }
                Some('i') => &mut self.flags.ignore_case,
                Some('m') => &mut self.flags.lines,
                Some('s') => &mut self.flags.dot_all,
                Some('x') => &mut self.flags.spaced,
                _ => return Err("has an unknown kind of group"),
            };
            *flag = on;
        }
    }

    fn captured(&mut self, name: Option<String>) -> Result<Node, Problem> {
        self.groups += 1;
        let number = self.groups;
        self.names.extend(name.map(|name| (name, number)));
        Ok(Node::Group { number, node: Box::new(self.closed()?) })
    }

    /// What is inside a group, and its `)`.
    fn closed(&mut self) -> Result<Node, Problem> {
        let inside = self.either()?;
        self.close().map(|()| inside)
    }

    fn close(&mut self) -> Result<(), Problem> {
        if self.take(')') { Ok(()) } else { Err("lacks a )") }
    }

    fn until(&mut self, end: char) -> Result<String, Problem> {
        let mut name = String::new();
        loop {
            match self.rest.next() {
                Some(c) if c == end && !name.is_empty() => return Ok(name),
                Some(c) if c.is_alphanumeric() || c == '_' || c == '&' => name.push(c),
                _ => return Err("has a name that is none"),
            }
        }
    }

    fn escape(&mut self) -> Result<Node, Problem> {
        let Some(c) = self.rest.next() else { return Err("ends with a \\") };
        let ignore_case = self.flags.ignore_case;
        Ok(match c {
            'b' => Node::At(Place::WordEdge),
            'B' => Node::At(Place::NoWordEdge),
            'A' | 'G' => Node::At(Place::Start),
            'Z' => Node::At(Place::End),
            'z' => Node::At(Place::VeryEnd),
            'N' => Node::Any { line_ends: false },
            'R' => Node::Either(vec![
                Node::Sequence(['\r', '\n'].map(|c| Node::Char { c, ignore_case: false }).to_vec()),
                self.set(Set { ranges: vec![('\n', '\r'), ('\u{85}', '\u{85}')], ..Set::default() }),
            ]),
            'k' => {
                let end = match self.rest.next() {
                    Some('<') => '>',
                    Some('{') => '}',
                    Some('\'') => '\'',
                    _ => return Err("has a name that is none"),
                };
                let name = self.until(end)?;
                let group = self.names.iter().find(|(known, _)| *known == name).map(|found| found.1);
                Node::Back { group: group.ok_or("refers to a group that is not there")?, ignore_case }
            }
            '1'..='9' => {
                let mut group = c as usize - '0' as usize;
                while let Some(digit) = self.rest.peek().and_then(|c| c.to_digit(10)).filter(|_| group < 100) {
                    group = group * 10 + digit as usize;
                    self.rest.next();
                }
                Node::Back { group, ignore_case }
            }
            'p' | 'P' => {
                let (kind, negated) = self.property(c == 'P')?;
                self.set(Set { kinds: vec![(kind, negated)], ..Set::default() })
            }
            c => {
                let mut set = Set::default();
                if set.add_class(c) {
                    self.set(set)
                } else {
                    let c = self.escaped(c)?;
                    self.char(c)
                }
            }
        })
    }

    /// After `\p` or `\P`: the kind, and whether all else is meant.
    fn property(&mut self, negated: bool) -> Result<(Kind, bool), Problem> {
        let name = if self.take('{') {
            let turned = self.take('^');
            (self.until('}')?, negated != turned)
        } else {
            (self.rest.next().map(String::from).unwrap_or_default(), negated)
        };
        Kind::named(&name.0).map(|kind| (kind, name.1)).ok_or("names an unknown kind of character")
    }

    /// A set after its `[`.
    fn bracket(&mut self) -> Result<Node, Problem> {
        let mut set = Set { is_negated: self.take('^'), ..Set::default() };
        let mut is_first = true;
        loop {
            let Some(c) = self.rest.next() else { return Err("lacks a ]") };
            if c == ']' && !is_first {
                return Ok(self.set(set));
            }
            is_first = false;
            if c == '[' && self.take(':') {
                let turned = self.take('^');
                let name = self.until(':')?;
                if turned || !self.take(']') || !set.add_posix(&name) {
                    return Err("names an unknown class");
                }
                continue;
            }
            let Some(first) = self.member(c, &mut set)? else { continue };
            let mut ahead = self.rest.clone();
            let is_range = ahead.next() == Some('-') && ahead.next().is_some_and(|end| end != ']');
            if !is_range {
                set.ranges.push((first, first));
                continue;
            }
            self.rest.next();
            let end = self.rest.next().unwrap_or_default();
            match self.member(end, &mut set)? {
                Some(last) if last < first => return Err("has a range that ends before it begins"),
                Some(last) => set.ranges.push((first, last)),
                None => set.ranges.extend([(first, first), ('-', '-')]),
            }
        }
    }

    /// One character of a set; `None` where a class was added.
    fn member(&mut self, c: char, set: &mut Set) -> Result<Option<char>, Problem> {
        if c != '\\' {
            return Ok(Some(c));
        }
        match self.rest.next() {
            None => Err("ends with a \\"),
            Some('b') => Ok(Some('\u{8}')),
            Some(c @ ('p' | 'P')) => {
                let kind = self.property(c == 'P')?;
                set.kinds.push(kind);
                Ok(None)
            }
            Some(c) if set.add_class(c) => Ok(None),
            Some(c) => self.escaped(c).map(Some),
        }
    }

    /// The character an escape stands for.
    fn escaped(&mut self, c: char) -> Result<char, Problem> {
        Ok(match c {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'f' => '\u{c}',
            'v' => '\u{b}',
            'a' => '\u{7}',
            'e' => '\u{1b}',
            '0' => '\0',
            'x' => {
                let digits = if self.take('{') {
                    self.until('}')?
                } else {
                    let mut digits = String::new();
                    while let Some(digit) = self.rest.next_if(|c| digits.len() < 2 && c.is_ascii_hexdigit()) {
                        digits.push(digit);
                    }
                    digits
                };
                let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                code.ok_or("names a character that is none")?
            }
            c if c.is_ascii_alphanumeric() => return Err("has an unknown escape"),
            c => c,
        })
    }
}
