//! From the tree of a regular expression to a program for the machine.

use super::read::{Problem, read};
use super::set::Set;
use super::tree::{Greed, Node, Place};

/// One step; numbers are places in the program.
#[derive(Debug)]
pub enum Step {
    Char {
        c: char,
        ignore_case: bool,
    },
    Any {
        line_ends: bool,
    },
    Set {
        set: Box<Set>,
        ignore_case: bool,
    },
    At(Place),
    /// Goes on at the first, and at the second where that leads nowhere.
    Split(usize, usize),
    Jump(usize),
    /// Notes the place in the text.
    Save(usize),
    /// Leaves a loop whose last round matched nothing.
    LeaveIfStill {
        noted: usize,
        to: usize,
    },
    Back {
        group: usize,
        ignore_case: bool,
    },
    /// What follows up to [`Step::Done`] must match here, or must not; then on at `after`.
    Look {
        ahead: bool,
        negated: bool,
        after: usize,
    },
    /// The same, and the text it matched is taken.
    Atomic {
        after: usize,
    },
    Done,
}

/// A pattern ready to run.
pub struct Program {
    pub steps: Vec<Step>,
    pub groups: usize,
    /// Places noted: two for the match and for each group, and one for each loop.
    pub slots: usize,
    names: Vec<(String, usize)>,
}

/// Longest program: counted repetitions are written out.
const MAX_STEPS: usize = 20_000;

impl Program {
    pub fn of(pattern: &str, ignore_case: bool) -> Result<Self, Problem> {
        let tree = read(pattern, ignore_case)?;
        let slots = 2 * (tree.groups + 1);
        let mut program = Self { steps: Vec::new(), groups: tree.groups, slots, names: tree.names };
        program.write(&tree.root)?;
        program.steps.push(Step::Done);
        Ok(program)
    }

    pub fn group_named(&self, name: &str) -> Option<usize> {
        self.names.iter().find(|(known, _)| known == name).map(|found| found.1)
    }

    fn push(&mut self, step: Step) -> Result<usize, Problem> {
        if self.steps.len() >= MAX_STEPS {
            return Err("is too long");
        }
        self.steps.push(step);
        Ok(self.steps.len() - 1)
    }

    fn write(&mut self, node: &Node) -> Result<(), Problem> {
        match node {
            Node::Empty => {}
            Node::Char { c, ignore_case } => drop(self.push(Step::Char { c: *c, ignore_case: *ignore_case })?),
            Node::Any { line_ends } => drop(self.push(Step::Any { line_ends: *line_ends })?),
            Node::Set { set, ignore_case } => {
                self.push(Step::Set { set: set.clone(), ignore_case: *ignore_case })?;
            }
            Node::At(place) => drop(self.push(Step::At(*place))?),
            Node::Sequence(parts) => parts.iter().try_for_each(|part| self.write(part))?,
            Node::Either(branches) => self.either(branches)?,
            Node::Repeat { node, least, most, greed: Greed::Possessive } => {
                let at = self.push(Step::Done)?;
                self.repeat(node, *least, *most, true)?;
                let after = self.push(Step::Done)? + 1;
                self.steps[at] = Step::Atomic { after };
            }
            Node::Repeat { node, least, most, greed } => self.repeat(node, *least, *most, *greed == Greed::Most)?,
            Node::Group { number, node } => {
                self.push(Step::Save(2 * number))?;
                self.write(node)?;
                self.push(Step::Save(2 * number + 1))?;
            }
            Node::Back { group, .. } if *group > self.groups => return Err("refers to a group that is not there"),
            Node::Back { group, ignore_case } => {
                self.push(Step::Back { group: *group, ignore_case: *ignore_case })?;
            }
            Node::Look { node, ahead, negated } => {
                let at = self.push(Step::Done)?;
                self.write(node)?;
                let after = self.push(Step::Done)? + 1;
                self.steps[at] = Step::Look { ahead: *ahead, negated: *negated, after };
            }
            Node::Atomic(node) => {
                let at = self.push(Step::Done)?;
                self.write(node)?;
                let after = self.push(Step::Done)? + 1;
                self.steps[at] = Step::Atomic { after };
            }
        }
        Ok(())
    }

    fn either(&mut self, branches: &[Node]) -> Result<(), Problem> {
        let mut ends = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            if index + 1 == branches.len() {
                self.write(branch)?;
                continue;
            }
            let split = self.push(Step::Done)?;
            self.write(branch)?;
            ends.push(self.push(Step::Done)?);
            self.steps[split] = Step::Split(split + 1, self.steps.len());
        }
        let end = self.steps.len();
        ends.into_iter().for_each(|jump| self.steps[jump] = Step::Jump(end));
        Ok(())
    }

    fn repeat(&mut self, node: &Node, least: u32, most: Option<u32>, greedy: bool) -> Result<(), Problem> {
        for _ in 0..least {
            self.write(node)?;
        }
        let split = |inside: usize, outside: usize| {
            if greedy { Step::Split(inside, outside) } else { Step::Split(outside, inside) }
        };
        let Some(most) = most else {
            let at = self.push(Step::Done)?;
            let noted = self.slots;
            self.slots += 1;
            self.push(Step::Save(noted))?;
            self.write(node)?;
            let leave = self.push(Step::Done)?;
            let end = self.push(Step::Jump(at))? + 1;
            self.steps[leave] = Step::LeaveIfStill { noted, to: end };
            self.steps[at] = split(at + 1, end);
            return Ok(());
        };
        let mut splits = Vec::new();
        for _ in least..most {
            splits.push(self.push(Step::Done)?);
            self.write(node)?;
        }
        let end = self.steps.len();
        splits.into_iter().for_each(|at| self.steps[at] = split(at + 1, end));
        Ok(())
    }
}
