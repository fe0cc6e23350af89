//! A regular expression as a tree.

use super::set::Set;

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Empty,
    Char {
        c: char,
        ignore_case: bool,
    },
    /// `.`, with line ends if so told.
    Any {
        line_ends: bool,
    },
    Set {
        set: Box<Set>,
        ignore_case: bool,
    },
    At(Place),
    Sequence(Vec<Node>),
    Either(Vec<Node>),
    Repeat {
        node: Box<Node>,
        least: u32,
        most: Option<u32>,
        greed: Greed,
    },
    Group {
        number: usize,
        node: Box<Node>,
    },
    /// What a group matched, again.
    Back {
        group: usize,
        ignore_case: bool,
    },
    Look {
        node: Box<Node>,
        ahead: bool,
        negated: bool,
    },
    /// Once matched, never tried otherwise.
    Atomic(Box<Node>),
}

/// Places between characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Start,
    LineStart,
    /// The end, or before a last line end.
    End,
    LineEnd,
    VeryEnd,
    WordEdge,
    NoWordEdge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Greed {
    Most,
    Least,
    /// The most, and never less.
    Possessive,
}

/// A pattern as a tree.
pub struct Tree {
    pub root: Node,
    pub groups: usize,
    pub names: Vec<(String, usize)>,
}
