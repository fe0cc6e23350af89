//! Compact code of formulas whose parts are known beforehand: operators and ordinary functions over numbered
//! operands. What looks at expressions themselves (LET, OFFSET, arrays in IF …) stays with the tree.

use std::sync::Arc;

use super::ast::{Expr, Operator, Prefix};
use super::eval::Evaluation;
use super::functions::{Body, Function, Passing, surely_enough};
use super::{MeasureRef, RangeRef};
use crate::refs::CellRef;
use crate::value::Value;

/// What a formula's numbered references stand for in one cell.
pub trait Operands {
    /// The value of a cell it refers to.
    fn cell(&self, index: usize) -> Value;
    /// A rectangle it refers to.
    fn range(&self, index: usize) -> Option<&RangeRef>;
}

/// Instructions for a machine with a stack of values.
#[derive(Debug)]
pub struct Code {
    ops: Vec<Op>,
}

#[derive(Debug)]
pub(super) enum Op {
    Push(Value),
    Cell(u16),
    Range(u16),
    Measure(Arc<MeasureRef>),
    Apply(Operator),
    Negate,
    Percent,
    /// Calls a function with the topmost values.
    Call(&'static Function, Box<[Given]>),
    /// A function of one range, from its numbers as they pass.
    Stream(&'static Function, u16),
    /// Goes on where the topmost value holds; jumps to the first place where it does not and to the second, with the
    /// error in its stead, where it is none.
    Branch(u32, u32),
    Jump(u32),
    /// Keeps the topmost value and jumps unless it is an error to catch (only `#N/A` where so marked).
    Keep(u32, bool),
}

/// How an argument is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    pub passing: Passing,
    /// A range of whole columns or whole rows.
    pub whole_cols: bool,
    pub whole_rows: bool,
}

/// Code under construction, with the references met so far.
struct Compiler<'a> {
    ops: Vec<Op>,
    cells: &'a [CellRef],
    ranges: &'a [RangeRef],
    next_cell: usize,
    next_range: usize,
}

impl Code {
    /// The code of a tree whose references are these, in order of appearance; `None` where only the tree will do.
    pub fn compile(root: &Expr, cells: &[CellRef], ranges: &[RangeRef]) -> Option<Self> {
        let mut compiler = Compiler { ops: Vec::new(), cells, ranges, next_cell: 0, next_range: 0 };
        compiler.expr(root)?;
        let all_met = compiler.next_cell == cells.len() && compiler.next_range == ranges.len();
        all_met.then_some(Self { ops: compiler.ops })
    }

    pub(super) fn ops(&self) -> &[Op] {
        &self.ops
    }
}

impl Compiler<'_> {
    fn expr(&mut self, expr: &Expr) -> Option<()> {
        let op = match expr {
            Expr::Number(number) => Op::Push(Value::Number(*number)),
            Expr::Text(text) => Op::Push(Value::Text(text.clone())),
            Expr::Bool(truth) => Op::Push(Value::Bool(*truth)),
            Expr::Error(kind) => Op::Push(Value::error(*kind)),
            Expr::Missing => Op::Push(Value::Blank),
            Expr::Array(array) => Op::Push(Value::Array(array.clone())),
            Expr::Cell(at) => {
                let index = self.next_cell;
                if self.cells.get(index) != Some(&at.cell) {
                    return None;
                }
                self.next_cell += 1;
                Op::Cell(u16::try_from(index).ok()?)
            }
            Expr::Range(at) => Op::Range(self.range(&at.range)?),
            Expr::Measure(reference) => Op::Measure(Arc::new(reference.clone())),
            Expr::Group(inner) => return self.expr(inner),
            Expr::Prefix(prefixes, inner) if !prefixes.contains(&Prefix::Single) => {
                self.expr(inner)?;
                let minuses = prefixes.iter().filter(|prefix| **prefix == Prefix::Minus);
                self.ops.extend(minuses.map(|_| Op::Negate));
                return Some(());
            }
            Expr::Percent(count, inner) => {
                self.expr(inner)?;
                self.ops.extend((0..*count).map(|_| Op::Percent));
                return Some(());
            }
            Expr::Chain(first, rest) => {
                self.expr(first)?;
                for (operator, operand) in rest {
                    self.expr(operand)?;
                    self.ops.push(Op::Apply(*operator));
                }
                return Some(());
            }
            Expr::Call(function, arguments) => return self.call(function, arguments),
            _ => return None,
        };
        self.ops.push(op);
        Some(())
    }

    fn range(&mut self, range: &RangeRef) -> Option<u16> {
        let index = self.next_range;
        if self.ranges.get(index) != Some(range) {
            return None;
        }
        self.next_range += 1;
        u16::try_from(index).ok()
    }

    fn call(&mut self, function: &'static Function, arguments: &[Expr]) -> Option<()> {
        match (function.info.name, arguments) {
            ("IF", [condition, then, rest @ ..]) if rest.len() <= 1 => {
                return self.choice(condition, then, rest.first());
            }
            ("IFERROR" | "IFNA", [value, fallback]) => {
                self.expr(value)?;
                let keep = self.placeholder();
                self.expr(fallback)?;
                self.ops[keep] = Op::Keep(self.here()?, function.info.name == "IFNA");
                return Some(());
            }
            _ => {}
        }
        if matches!(function.body, Body::Lazy(_) | Body::Means(_)) || (function.grows && !surely_enough(arguments)) {
            return None;
        }
        if let (Some(_), [Expr::Range(at)]) = (function.stream, arguments) {
            let range = self.range(&at.range)?;
            self.ops.push(Op::Stream(function, range));
            return Some(());
        }
        for argument in arguments {
            self.expr(argument)?;
        }
        let given = |argument: &Expr| {
            let range = if let Expr::Range(at) = argument { Some(&at.range) } else { None };
            Given {
                passing: super::eval::passing(argument),
                whole_cols: range.is_some_and(|range| range.rows.is_none()),
                whole_rows: range.is_some_and(|range| range.cols.is_none()),
            }
        };
        self.ops.push(Op::Call(function, arguments.iter().map(given).collect()));
        Some(())
    }

    /// IF: an empty branch gives 0, a missing one the truth value itself.
    fn choice(&mut self, condition: &Expr, then: &Expr, otherwise: Option<&Expr>) -> Option<()> {
        self.expr(condition)?;
        let branch = self.placeholder();
        self.side(Some(then), true)?;
        let jump = self.placeholder();
        let second = self.here()?;
        self.side(otherwise, false)?;
        let end = self.here()?;
        self.ops[branch] = Op::Branch(second, end);
        self.ops[jump] = Op::Jump(end);
        Some(())
    }

    fn side(&mut self, expr: Option<&Expr>, truth: bool) -> Option<()> {
        match expr {
            Some(Expr::Missing) => self.ops.push(Op::Push(Value::Number(0.0))),
            Some(expr) => self.expr(expr)?,
            None => self.ops.push(Op::Push(Value::Bool(truth))),
        }
        Some(())
    }

    fn placeholder(&mut self) -> usize {
        self.ops.push(Op::Jump(0));
        self.ops.len() - 1
    }

    fn here(&self) -> Option<u32> {
        u32::try_from(self.ops.len()).ok()
    }
}

impl Code {
    /// Runs it; `None` where values turn up that only the tree handles (arrays as conditions).
    pub fn run(&self, evaluation: &Evaluation<'_>, operands: &dyn Operands) -> Option<Value> {
        evaluation.run(self, operands)
    }
}
