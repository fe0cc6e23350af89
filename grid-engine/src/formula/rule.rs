//! The rule language: conditions and figures over named measures, e.g. `otif < 0.95 && stock_days > 45`.
//!
//! Planners write rules for alerts, allocation and key figures. Numbers are always decimal (`1 / 2` is 0.5), a name
//! without a value makes the result blank, and what has no finite result is an error value.

use std::collections::BTreeMap;

use evalexpr::{Context, EvalexprError, EvalexprResult, Node, Operator, Value as RuleValue, build_operator_tree};

use crate::value::{CellError, ErrorKind, Value};

/// Longest rule, in characters.
const MAX_LENGTH: usize = 2_000;
/// Deepest nesting of parentheses and signs.
const MAX_NESTING: usize = 48;

/// Why a text is not a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RuleError(pub(crate) String);

/// A rule, ready to evaluate.
///
/// Operators: `+ - * / % ^`, `< <= > >= == !=`, `&& || !`; functions: `if(condition, a, b)`, `min`, `max`, `floor`,
/// `round`, `ceil`, `math::abs`, `math::sqrt`, `math::ln` and their kin.
///
/// ```
/// # use grid_engine::formula::rule::Rule;
/// # use grid_engine::value::Value;
/// let rule = Rule::parse("otif < 0.95 && stock_days > 45").unwrap();
/// assert_eq!(rule.names(), ["otif", "stock_days"]);
/// let value = rule.evaluate(|name| Some(if name == "otif" { 0.9 } else { 60.0 }));
/// assert_eq!(value, Value::Bool(true));
/// ```
#[derive(Clone, Debug)]
pub struct Rule {
    tree: Node,
    names: Vec<String>,
}

impl Rule {
    /// Reads a rule.
    ///
    /// Errors: what is wrong, in words. A rule may not assign, hold texts or be nested too deeply.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        if text.trim().is_empty() {
            return Err(RuleError("the rule is empty".into()));
        }
        if text.chars().count() > MAX_LENGTH {
            return Err(RuleError(format!("a rule has at most {MAX_LENGTH} characters")));
        }
        check_nesting(text)?;
        let mut tree = build_operator_tree(text).map_err(|error| RuleError(error.to_string()))?;
        make_decimal(&mut tree)?;
        let mut names: Vec<String> = Vec::new();
        for name in tree.iter_read_variable_identifiers() {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        let rule = Self { tree, names };
        rule.check_operands()?;
        Ok(rule)
    }

    /// The library reads `1 +` and complains only when it is evaluated: so it is, once, with any numbers.
    fn check_operands(&self) -> Result<(), RuleError> {
        let values = self.names.iter().map(|name| (name.as_str(), RuleValue::Float(1.0))).collect();
        match self.tree.eval_with_context(&Measures { values }) {
            Err(
                error @ (EvalexprError::WrongOperatorArgumentAmount { .. }
                | EvalexprError::WrongFunctionArgumentAmount { .. }),
            ) => Err(RuleError(format!("the rule is not complete: {}", told(&error)))),
            _ => Ok(()),
        }
    }

    /// The measures it speaks of, each once, in order of appearance.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Its value: a truth value or a number. Blank where a name has no value, `#NUM!` where the result is not
    /// finite, `#VALUE!` where truth values and numbers are mixed up.
    pub fn evaluate(&self, value_of: impl Fn(&str) -> Option<f64>) -> Value {
        let mut values = BTreeMap::new();
        for name in &self.names {
            match value_of(name) {
                Some(number) => values.insert(name.as_str(), RuleValue::Float(number)),
                None => return Value::Blank,
            };
        }
        value(&self.tree, &Measures { values })
    }
}

/// What a part of a rule comes to. The library compares infinities, so that `1 / 0 > 1` would hold: what has no finite value
/// is neither more nor less than another. A condition that another decides by itself (`plan > 0 && actual / plan < 1`) need
/// have no value.
fn value(node: &Node, measures: &Measures<'_>) -> Value {
    use Operator::{And, Eq, Geq, Gt, Leq, Lt, Neq, Or, RootNode};
    let of = |child: &Node| value(child, measures);
    match (node.operator(), node.children()) {
        (RootNode, [only]) => of(only),
        (decisive @ (And | Or), [one, other]) => {
            let decides = Value::Bool(*decisive == Or);
            match (of(one), of(other)) {
                (Value::Error(_), found) | (found, Value::Error(_)) if found == decides => decides,
                (error @ Value::Error(_), _) | (_, error @ Value::Error(_)) => error,
                _ => whole(node, measures),
            }
        }
        (Eq | Neq | Gt | Lt | Geq | Leq, sides) => {
            let error = sides.iter().map(of).find(|side| matches!(side, Value::Error(_)));
            error.unwrap_or_else(|| whole(node, measures))
        }
        _ => whole(node, measures),
    }
}

/// What the library makes of a part of a rule.
fn whole(node: &Node, measures: &Measures<'_>) -> Value {
    match node.eval_with_context(measures) {
        Ok(RuleValue::Float(number)) => Value::number(number),
        Ok(RuleValue::Int(number)) => Value::number(number as f64),
        Ok(RuleValue::Boolean(truth)) => Value::Bool(truth),
        Ok(_) => Value::Error(CellError::because(ErrorKind::Value, "a rule gives a number or a truth value")),
        Err(EvalexprError::DivisionError { .. }) => ErrorKind::Div0.into(),
        Err(error) => Value::Error(CellError::because(ErrorKind::Value, told(&error))),
    }
}

/// Why a rule has no value; where a condition stands in a sum, or a number for a condition, what to write.
fn told(error: &EvalexprError) -> String {
    use EvalexprError::{ExpectedBoolean, ExpectedFloat, ExpectedNumber, ExpectedNumberOrString};
    match error {
        ExpectedNumber { actual: RuleValue::Boolean(_) }
        | ExpectedFloat { actual: RuleValue::Boolean(_) }
        | ExpectedNumberOrString { actual: RuleValue::Boolean(_) } => {
            "a condition is no number to reckon with: write if(condition, 1, 0)".to_owned()
        }
        ExpectedBoolean { .. } => "a number is no condition: compare it, such as otif < 0.95".to_owned(),
        error => error.to_string().trim_end_matches('.').to_owned(),
    }
}

/// What rules may look up: the measures' values, and the built-in functions.
struct Measures<'a> {
    values: BTreeMap<&'a str, RuleValue>,
}

impl Context for Measures<'_> {
    fn get_value(&self, identifier: &str) -> Option<&RuleValue> {
        self.values.get(identifier)
    }

    fn call_function(&self, identifier: &str, _argument: &RuleValue) -> EvalexprResult<RuleValue> {
        Err(EvalexprError::FunctionIdentifierNotFound(identifier.to_owned()))
    }

    fn are_builtin_functions_disabled(&self) -> bool {
        false
    }

    fn set_builtin_functions_disabled(&mut self, _disabled: bool) -> EvalexprResult<()> {
        Err(EvalexprError::BuiltinFunctionsCannotBeDisabled)
    }
}

/// Refuses nesting that would use up the stack of the library's parser, which descends once per parenthesis,
/// sign and power.
fn check_nesting(text: &str) -> Result<(), RuleError> {
    let (mut depth, mut signs) = (0_usize, 0_usize);
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '!' | '-' | '^' => signs += 1,
            c if c.is_whitespace() => {}
            _ => signs = 0,
        }
        if depth + signs > MAX_NESTING {
            return Err(RuleError(format!("a rule is nested at most {MAX_NESTING} levels deep")));
        }
    }
    Ok(())
}

/// Makes whole numbers decimal and refuses what a rule may not do.
fn make_decimal(node: &mut Node) -> Result<(), RuleError> {
    match node.operator_mut() {
        Operator::Const { value } => match value {
            RuleValue::Int(number) => *value = RuleValue::Float(*number as f64),
            RuleValue::Float(_) | RuleValue::Boolean(_) => {}
            _ => return Err(RuleError("a rule holds numbers and truth values, no texts".into())),
        },
        Operator::Assign
        | Operator::AddAssign
        | Operator::SubAssign
        | Operator::MulAssign
        | Operator::DivAssign
        | Operator::ModAssign
        | Operator::ExpAssign
        | Operator::AndAssign
        | Operator::OrAssign
        | Operator::VariableIdentifierWrite { .. } => {
            return Err(RuleError("a rule does not assign: write == to compare".into()));
        }
        Operator::Chain => return Err(RuleError("a rule is one expression, without ;".into())),
        Operator::FunctionIdentifier { identifier } if !is_known(identifier) => {
            return Err(RuleError(format!("there is no function {identifier}")));
        }
        _ => {}
    }
    node.children_mut().iter_mut().try_for_each(make_decimal)
}

/// Functions of numbers and truth values; those of texts, and chance, are left out.
fn is_known(name: &str) -> bool {
    matches!(name, "if" | "min" | "max" | "floor" | "round" | "ceil")
        || name.strip_prefix("math::").is_some_and(|name| {
            matches!(name, "abs" | "sqrt" | "ln" | "log10" | "log2" | "exp" | "pow" | "is_nan" | "is_finite")
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(rule: &str, expected: Value) {
        let values = |name: &str| match name {
            "otif" => Some(0.9),
            "stock_days" => Some(60.0),
            "zero" => Some(0.0),
            _ => None,
        };
        assert_eq!(Rule::parse(rule).unwrap().evaluate(values), expected, "{rule}");
    }

    #[test]
    fn rules_compare_and_compute() {
        check("otif < 0.95 && stock_days > 45", true.into());
        check("otif >= 0.95 || stock_days == 60", true.into());
        check("1 / 2", 0.5.into());
        check("stock_days / 7 * 2 ^ 2", (60.0 / 7.0 * 4.0).into());
        check("if(otif < 0.95, 1, 0)", 1.0.into());
        check("max(otif, 2, 1.5) + min(3, 4)", 5.0.into());
        check("math::abs(-3)", 3.0.into());
    }

    #[test]
    fn what_has_no_value_says_so() {
        check("unknown > 1", Value::Blank);
        check("1 / zero", ErrorKind::Num.into());
        for compared in ["1 / zero > 1", "zero / zero < 1", "(1 / zero > 1) && otif < 1", "otif > 1 || 1 / zero > 1"] {
            check(compared, ErrorKind::Num.into());
        }
        // What decides by itself needs no other.
        check("zero > 0 && 1 / zero > 1", false.into());
        check("1 / zero > 1 || otif < 1", true.into());
        check("otif && true", ErrorKind::Value.into());
        let words = |rule: &str| match Rule::parse(rule).unwrap().evaluate(|_| Some(2.0)) {
            Value::Error(error) => error.detail().unwrap().to_string(),
            other => unreachable!("{rule}: {other:?}"),
        };
        for rule in ["profit - 10 * (otif < 0.98)", "(otif > 1) + profit", "-(otif > 1)", "max(1, otif) ^ (otif > 1)"] {
            assert_eq!(words(rule), "a condition is no number to reckon with: write if(condition, 1, 0)", "{rule}");
        }
        assert!(words("otif && true").starts_with("a number is no condition"));
    }

    #[test]
    fn rules_that_do_more_are_refused() {
        for rule in ["", "a = 1", "a += 1", "a; b", "\"text\"", "str::to_uppercase(a)", "1 +", "f(1)", "random()"] {
            assert!(Rule::parse(rule).is_err(), "{rule}");
        }
        for deep in ["(".repeat(10_000), "-".repeat(1_000) + "1", "!".repeat(1_000) + "true", "2^".repeat(500) + "2"] {
            let _ = Rule::parse(&deep);
        }
        assert!(Rule::parse(&"1+".repeat(5_000)).is_err());
    }
}
