//! Names while evaluating: bound by LET and LAMBDA, or defined in the workbook.

use std::sync::Arc;

use super::super::ast::{Expr, Lambda};
use super::{Evaluation, Outcome};
use crate::formula::functions;
use crate::value::{CellError, ErrorKind, Value, same_texts};

/// Bound names, innermost last. Names defined in the workbook do not see them.
#[derive(Default)]
pub struct Scope {
    bound: Vec<(Arc<str>, Bound)>,
    /// Where the names of the expression being evaluated begin.
    visible_from: usize,
}

/// What a name is bound to.
#[derive(Clone)]
pub enum Bound {
    Value(Value),
    Lambda(Arc<Lambda>),
}

/// Which of the names bound so far an expression sees.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sight {
    All,
    Nothing,
}

impl Evaluation<'_> {
    fn bound(&self, name: &str) -> Option<Bound> {
        let scope = self.scope.borrow();
        let visible = scope.bound.get(scope.visible_from..)?;
        visible.iter().rev().find(|(bound, _)| same_texts(bound, name)).map(|(_, value)| value.clone())
    }

    /// Whether LET or LAMBDA gave the name a meaning.
    pub fn is_bound(&self, name: &str) -> bool {
        self.bound(name).is_some()
    }

    /// The value of a name.
    pub(super) fn name(&self, name: &str) -> Outcome {
        match self.bound(name) {
            Some(Bound::Value(Value::Error(error))) => return Err(error),
            Some(Bound::Value(value)) => return Ok(value),
            Some(Bound::Lambda(_)) => {
                return Err(CellError::because(ErrorKind::Calc, format!("{name} is a function: call it, {name}(…)")));
            }
            None => {}
        }
        match self.cells.defined_name(name) {
            Some(formula) => self.nested(Sight::Nothing, || self.value(formula.root())).map_or_else(Err, into_outcome),
            None => Err(CellError::because(ErrorKind::Name, format!("there is no name ‘{name}’"))),
        }
    }

    /// The function a name or expression stands for, if any.
    pub fn lambda_of(&self, expr: &Expr) -> Option<Arc<Lambda>> {
        match expr {
            Expr::Lambda(lambda) => Some(lambda.clone()),
            Expr::Group(inner) => self.lambda_of(inner),
            Expr::Name(name) => self.lambda_named(name),
            _ => None,
        }
    }

    fn lambda_named(&self, name: &str) -> Option<Arc<Lambda>> {
        match self.bound(name) {
            Some(Bound::Lambda(lambda)) => Some(lambda),
            Some(Bound::Value(_)) => None,
            None => match self.cells.defined_name(name)?.root() {
                Expr::Lambda(lambda) => Some(lambda.clone()),
                _ => None,
            },
        }
    }

    /// A call of something that is no built-in function.
    pub(super) fn call_named(&self, name: &str, arguments: &[Expr]) -> Outcome {
        let Some(lambda) = self.lambda_named(name) else {
            if functions::coming() {
                return Err(CellError::because(ErrorKind::Busy, format!("the function {name} is on its way")));
            }
            let hint = functions::similar(name).map(|near| format!(": did you mean {near}?")).unwrap_or_default();
            return Err(CellError::because(ErrorKind::Name, format!("there is no function {name}{hint}")));
        };
        self.invoke(&lambda, arguments.iter().map(|argument| self.value(argument)).collect())
    }

    /// Evaluates a LAMBDA with its parameters bound.
    pub fn invoke(&self, lambda: &Lambda, values: Vec<Value>) -> Outcome {
        if values.len() != lambda.parameters.len() {
            let wanted = lambda.parameters.len();
            return Err(CellError::because(ErrorKind::Value, format!("the LAMBDA takes {wanted} arguments")));
        }
        let from = self.scope.borrow().bound.len();
        let bound = lambda.parameters.iter().cloned().zip(values.into_iter().map(Bound::Value));
        self.scope.borrow_mut().bound.extend(bound);
        let result = self.nested(Sight::All, || self.value(&lambda.body));
        self.scope.borrow_mut().bound.truncate(from);
        result.map_or_else(Err, into_outcome)
    }

    /// Binds one more name while `then` runs.
    pub fn with_name(&self, name: Arc<str>, bound: Bound, then: impl FnOnce() -> Outcome) -> Outcome {
        let from = self.scope.borrow().bound.len();
        self.scope.borrow_mut().bound.push((name, bound));
        let result = then();
        self.scope.borrow_mut().bound.truncate(from);
        result
    }

    /// Runs one level deeper.
    fn nested(&self, sight: Sight, run: impl FnOnce() -> Value) -> Result<Value, CellError> {
        self.spend(1)?;
        let before = self.scope.borrow().visible_from;
        if sight == Sight::Nothing {
            let mut scope = self.scope.borrow_mut();
            scope.visible_from = scope.bound.len();
        }
        let value = run();
        self.scope.borrow_mut().visible_from = before;
        Ok(value)
    }
}

fn into_outcome(value: Value) -> Outcome {
    match value {
        Value::Error(error) => Err(error),
        value => Ok(value),
    }
}
