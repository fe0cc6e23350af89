//! Running a formula's code: the same results as walking its tree, without walking it.

use smallvec::SmallVec;

use super::{Arg, Args, Evaluation, beyond_blanks, broadcast, operators};
use crate::formula::code::{Code, Given, Op, Operands};
use crate::formula::functions::{Body, Function};
use crate::value::{CellError, ErrorKind, Value};

type Stack = SmallVec<[Value; 6]>;

impl Evaluation<'_> {
    /// The value the code leaves; `None` where values turn up that only the tree handles.
    pub(in crate::formula) fn run(&self, code: &Code, operands: &dyn Operands) -> Option<Value> {
        let ops = code.ops();
        let mut stack = Stack::new();
        let mut place = 0;
        while let Some(op) = ops.get(place) {
            place += 1;
            match op {
                Op::Push(value) => stack.push(value.clone()),
                Op::Cell(index) => stack.push(operands.cell(usize::from(*index))),
                Op::Range(index) => {
                    let array = operands.range(usize::from(*index)).map(|range| self.cells.range(range))?;
                    stack.push(array.map_or_else(Value::Error, Value::Array));
                }
                Op::Measure(reference) => stack.push(self.cells.measure(reference, self.at)),
                Op::Apply(operator) => {
                    let right = stack.pop()?;
                    let left = stack.last_mut()?;
                    *left = operators::apply(self, *operator, left, &right);
                }
                Op::Negate => {
                    let value = stack.last_mut()?;
                    *value = operators::negate(self, value).unwrap_or_else(Value::Error);
                }
                Op::Percent => {
                    let value = stack.last_mut()?;
                    *value = operators::percent(self, value).unwrap_or_else(Value::Error);
                }
                Op::Call(function, given) => {
                    let first = stack.len().checked_sub(given.len())?;
                    let value = self.call_with(function, given, stack.drain(first..));
                    stack.push(value.unwrap_or_else(Value::Error));
                }
                Op::Stream(function, index) => {
                    let value = self.stream(function, operands.range(usize::from(*index))?);
                    stack.push(value.unwrap_or_else(Value::Error));
                }
                Op::Branch(otherwise, end) => {
                    let condition = stack.pop()?;
                    if matches!(condition, Value::Array(_)) {
                        return None;
                    }
                    match self.spend(1).and_then(|()| condition.to_bool()) {
                        Ok(true) => {}
                        Ok(false) => place = *otherwise as usize,
                        Err(error) => {
                            stack.push(Value::Error(error));
                            place = *end as usize;
                        }
                    }
                }
                Op::Jump(to) => place = *to as usize,
                Op::Keep(end, only_missing) => match stack.last()? {
                    Value::Array(_) => return None,
                    Value::Error(error) if !only_missing || error.kind == ErrorKind::Na => {
                        stack.pop();
                    }
                    _ => place = *end as usize,
                },
            }
        }
        stack.pop()
    }

    fn call_with(
        &self,
        function: &Function,
        given: &[Given],
        values: impl Iterator<Item = Value>,
    ) -> Result<Value, CellError> {
        self.spend(1)?;
        let list: SmallVec<[Arg; 4]> = values
            .zip(given)
            .map(|(value, given)| Arg {
                beyond: beyond_blanks(&value, given.whole_cols, given.whole_rows),
                value,
                passing: given.passing,
            })
            .collect();
        self.apply(function, &list)
    }

    /// Calls a function that wants values with these.
    pub(super) fn apply(&self, function: &Function, list: &[Arg]) -> Result<Value, CellError> {
        match function.body {
            Body::Whole(body) => body(&Args::new(self, list)),
            Body::Lifted(lifts, body) => broadcast(self, list, lifts, &|list| body(&Args::new(self, list))),
            Body::Each(body) => {
                broadcast(self, list, |_| true, &|list| match list.iter().find_map(|arg| arg.value.as_error()) {
                    Some(error) => Err(error.clone()),
                    None => body(&Args::new(self, list)),
                })
            }
            // It wants expressions; the compiler leaves it to the tree.
            Body::Lazy(_) | Body::Means(_) => Err(CellError::new(ErrorKind::Calc)),
        }
    }

    /// A result from the numbers of a range as they pass.
    pub(super) fn stream(&self, function: &Function, range: &crate::formula::RangeRef) -> Result<Value, CellError> {
        let stream = function.stream.ok_or_else(|| CellError::new(ErrorKind::Calc))?;
        stream(&self.cells.running(range)?)
    }
}
