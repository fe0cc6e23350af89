//! Names while evaluating: bound by LET and LAMBDA, or defined in the workbook.

use std::sync::Arc;

use super::super::ast::{Expr, Lambda, Parameter};
use super::{Evaluation, Meaning};
use crate::formula::functions::{self, Function};
use crate::value::{CellError, ErrorKind, Value, same_texts};

/// How deeply functions may hold functions they were made of, which is also how deeply they are let go.
const MAX_HELD: u32 = 400;

/// The names an expression sees, innermost first. Those around a LAMBDA go with it wherever it is called.
pub type Scope = Option<Arc<Binding>>;

/// One name and what it is bound to.
pub struct Binding {
    name: Arc<str>,
    meaning: Meaning,
    outer: Scope,
    /// How deeply functions bound here and further out hold functions.
    held: u32,
}

impl Drop for Binding {
    /// Lets go of what is further out one by one: there may be many.
    fn drop(&mut self) {
        let mut outer = self.outer.take();
        while let Some(mut binding) = outer.and_then(Arc::into_inner) {
            outer = binding.outer.take();
        }
    }
}

/// A function as a value.
#[derive(Clone)]
pub enum Callable {
    /// A LAMBDA and the names around it.
    Lambda(Arc<Lambda>, Scope),
    BuiltIn(&'static Function),
}

impl Callable {
    /// A built-in function as a LAMBDA of so many parameters.
    pub fn with_parameters(function: &'static Function, count: usize) -> Self {
        let names: Vec<Arc<str>> = (1..=count).map(|place| format!("value{place}").into()).collect();
        let body = Expr::Call(function, names.iter().cloned().map(Expr::Name).collect());
        let parameters = names.into_iter().map(|name| Parameter { name, optional: false }).collect();
        Self::Lambda(Arc::new(Lambda { parameters, body }), None)
    }

    /// How many parameters it has at most; none are known of a built-in function.
    pub fn parameters(&self) -> usize {
        match self {
            Self::Lambda(lambda, _) => lambda.parameters.len(),
            Self::BuiltIn(_) => 0,
        }
    }

    fn held(&self) -> u32 {
        match self {
            Self::Lambda(_, scope) => held(scope) + 1,
            Self::BuiltIn(_) => 0,
        }
    }
}

fn held(scope: &Scope) -> u32 {
    scope.as_ref().map_or(0, |binding| binding.held)
}

fn with(outer: Scope, name: Arc<str>, meaning: Meaning) -> Scope {
    let function = if let Meaning::Function(callable) = &meaning { callable.held() } else { 0 };
    let held = held(&outer).max(function);
    Some(Arc::new(Binding { name, meaning, outer, held }))
}

impl Evaluation<'_> {
    fn bound(&self, name: &str) -> Option<Meaning> {
        let scope = self.scope.borrow();
        let mut next = scope.as_ref();
        while let Some(binding) = next {
            if same_texts(&binding.name, name) {
                return Some(binding.meaning.clone());
            }
            next = binding.outer.as_ref();
        }
        None
    }

    /// What a name stands for; `None` where nothing gave it a meaning.
    pub(super) fn named(&self, name: &str) -> Option<Result<Meaning, CellError>> {
        self.bound(name).map(Ok).or_else(|| self.defined(name))
    }

    /// What a name of the workbook stands for. It does not see names bound by LET and LAMBDA.
    pub fn defined(&self, name: &str) -> Option<Result<Meaning, CellError>> {
        let formula = self.cells.defined_name(name)?;
        Some(self.within(None, || self.meaning(formula.root())))
    }

    /// A LAMBDA with the names it sees.
    pub(super) fn callable(&self, lambda: &Arc<Lambda>) -> Result<Callable, CellError> {
        let callable = Callable::Lambda(lambda.clone(), self.scope.borrow().clone());
        if callable.held() > MAX_HELD {
            return Err(CellError::because(ErrorKind::Limit, "LAMBDAs are made of each other too deeply"));
        }
        Ok(callable)
    }

    /// A call of something that is no built-in function.
    pub(super) fn call_named(&self, name: &str, arguments: &[Expr]) -> Result<Meaning, CellError> {
        match self.named(name) {
            Some(Ok(Meaning::Function(callable))) => self.invoke(&callable, self.meanings(arguments)),
            Some(Ok(Meaning::Value(Value::Error(error))) | Err(error)) => Err(error),
            _ if functions::coming() => {
                Err(CellError::because(ErrorKind::Busy, format!("the function {name} is on its way")))
            }
            _ => {
                let hint = functions::similar(name).map(|near| format!(": did you mean {near}?")).unwrap_or_default();
                Err(CellError::because(ErrorKind::Name, format!("there is no function {name}{hint}")))
            }
        }
    }

    /// A call of what an expression stands for.
    pub(super) fn call_given(&self, callee: &Expr, arguments: &[Expr]) -> Result<Meaning, CellError> {
        match self.meaning(callee)? {
            Meaning::Function(callable) => self.invoke(&callable, self.meanings(arguments)),
            _ => Err(CellError::because(ErrorKind::Value, "only a LAMBDA can be called")),
        }
    }

    fn meanings(&self, arguments: &[Expr]) -> Vec<Meaning> {
        let given = |expr: &Expr| match expr {
            Expr::Missing => Meaning::Omitted,
            expr => self.meaning_or_error(expr),
        };
        arguments.iter().map(given).collect()
    }

    /// What an expression stands for, an error being a value.
    pub fn meaning_or_error(&self, expr: &Expr) -> Meaning {
        self.meaning(expr).unwrap_or_else(|error| Meaning::Value(Value::Error(error)))
    }

    /// Calls a function with its parameters bound.
    pub fn invoke(&self, callable: &Callable, given: Vec<Meaning>) -> Result<Meaning, CellError> {
        let (lambda, around) = match callable {
            Callable::Lambda(lambda, around) => (lambda, around),
            Callable::BuiltIn(function) => {
                let info = &function.info;
                let too_many = info.max_arguments.is_some_and(|max| given.len() > usize::from(max));
                if given.len() < usize::from(info.min_arguments) || too_many {
                    return Err(CellError::because(ErrorKind::Value, format!("it is {}", info.signature)));
                }
                return self.invoke(&Callable::with_parameters(function, given.len()), given);
            }
        };
        let needed = lambda.parameters.iter().rposition(|parameter| !parameter.optional).map_or(0, |last| last + 1);
        let most = lambda.parameters.len();
        if !(needed..=most).contains(&given.len()) {
            let wanted = if needed == most { most.to_string() } else { format!("{needed} to {most}") };
            return Err(CellError::because(ErrorKind::Value, format!("the LAMBDA takes {wanted} arguments")));
        }
        let given = given.into_iter().chain(std::iter::repeat(Meaning::Omitted));
        let scope = lambda
            .parameters
            .iter()
            .zip(given)
            .fold(around.clone(), |scope, (parameter, meaning)| with(scope, parameter.name.clone(), meaning));
        self.within(scope, || self.meaning(&lambda.body))
    }

    /// Binds names by [`Evaluation::bind`] for as long as `run` takes.
    pub fn keeping_names<T>(&self, run: impl FnOnce() -> T) -> T {
        let before = self.scope.borrow().clone();
        let result = run();
        self.scope.replace(before);
        result
    }

    /// Binds a name from here on.
    pub fn bind(&self, name: Arc<str>, meaning: Meaning) {
        let around = self.scope.take();
        self.scope.replace(with(around, name, meaning));
    }

    /// Runs with these names.
    fn within(&self, scope: Scope, run: impl FnOnce() -> Result<Meaning, CellError>) -> Result<Meaning, CellError> {
        self.spend(1)?;
        self.keeping_names(|| {
            self.scope.replace(scope);
            run()
        })
    }
}
