//! The dictionary of key figures: every definition is data, shown in words beside its value.
//!
//! A denominator that is zero and an input that is missing give a blank with the reason, never 0 %.

mod dictionary;
#[cfg(test)]
mod golden;
mod native;

use serde::{Deserialize, Serialize};

pub use dictionary::{all, find};
pub use native::Native;

/// One input of a key figure: a value per bucket or order line, `None` where nothing is known. One
/// value stands for all of them.
pub type Series<'a> = &'a [Option<f64>];

/// What a value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A fraction, shown × 100 with `%`: 0.95 is 95 %.
    Percent,
    /// A difference of two fractions, shown × 100 in percentage points.
    Points,
    Money,
    MoneyPerShare,
    Days,
    /// So many times, `×`.
    Times,
    Count,
    /// A pure number.
    Number,
}

impl Unit {
    /// As the scorecard says it; a pure number has none.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Percent => "%",
            Self::Points => "pp",
            Self::Money => "money",
            Self::MoneyPerShare => "money per share",
            Self::Days => "days",
            Self::Times => "×",
            Self::Count => "count",
            Self::Number => "",
        }
    }
}

/// An input by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    pub name: String,
    /// Used when the input is not given; `None`: it must be given.
    pub default: Option<f64>,
}

/// How the value follows from the inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Formula {
    /// Sums of inputs over sums of inputs, each with its sign (+1 or −1). An empty denominator is 1.
    Ratio { numerator: Vec<(f64, String)>, denominator: Vec<(f64, String)> },
    /// Arithmetic of its own.
    Native(Native),
}

/// Which values are better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// A target is a lower bound.
    Higher,
    /// A target is an upper bound.
    Lower,
    /// The sign only tells the direction: a target bounds the distance from zero.
    NearZero,
}

impl Better {
    /// As the scorecard says it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Higher => "higher",
            Self::Lower => "lower",
            Self::NearZero => "near zero",
        }
    }

    /// What a person entered; `None` for anything else.
    pub fn named(words: &str) -> Option<Self> {
        let words = words.trim();
        [Self::Higher, Self::Lower, Self::NearZero].into_iter().find(|it| it.in_words().eq_ignore_ascii_case(words))
    }

    /// Whether a value is as good as its target asks.
    pub fn meets(self, value: f64, target: f64) -> bool {
        match self {
            Self::Higher => value >= target,
            Self::Lower => value <= target,
            Self::NearZero => value.abs() <= target.abs(),
        }
    }

    /// Whether a value is better than another.
    pub fn is_improvement(self, before: f64, after: f64) -> bool {
        match self {
            Self::Higher => after > before,
            Self::Lower => after < before,
            Self::NearZero => after.abs() < before.abs(),
        }
    }
}

/// One key figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    pub id: String,
    pub name: String,
    pub unit: Unit,
    pub better: Better,
    pub inputs: Vec<Input>,
    pub formula: Formula,
    /// The definition as people read it.
    pub words: String,
    /// Where it comes from: a textbook, ASCM/APICS, SCOR, accounting.
    pub source: String,
}

/// A key figure's value, or why it is blank.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KpiValue {
    /// Always finite.
    pub value: Option<f64>,
    /// Why there is no value.
    pub reason: Option<String>,
}

impl KpiValue {
    /// A blank with its reason.
    pub fn blank(reason: impl Into<String>) -> Self {
        Self { value: None, reason: Some(reason.into()) }
    }
}

impl From<Result<f64, String>> for KpiValue {
    fn from(result: Result<f64, String>) -> Self {
        match result {
            // Adding zero takes the sign off a zero: nobody reads −0.
            Ok(value) if value.is_finite() => Self { value: Some(value + 0.0), reason: None },
            Ok(_) => Self::blank("the figure is too large to be represented"),
            Err(reason) => Self::blank(reason),
        }
    }
}

/// The name a figure of the scorecard has in rules: its key, and what it is a figure of, in letters, digits and `_`.
///
/// ```
/// use grid_engine::kpi::figure_id;
/// assert_eq!(figure_id("Profit per unit", ""), "profit_per_unit");
/// assert_eq!(figure_id("otif", "Order lines"), "otif_order_lines");
/// ```
pub fn figure_id(key: &str, of: &str) -> String {
    let words = [key, of].into_iter().flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric()));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_").to_lowercase()
}

/// What a figure is called whose row says nothing else: its key in words, `Profit per unit`.
pub fn name_of(key: &str) -> String {
    let words = key.replace('_', " ");
    let mut letters = words.trim().chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl Definition {
    /// Calculates the figure from its inputs, in the order of [`Definition::inputs`].
    ///
    /// Inputs that have a default may be left out from the end. Every input holds one value per bucket
    /// (or order line), or one value for all. An input without any value is missing, and leaves the figure blank; where
    /// only some values are missing, the rows that have them count.
    ///
    /// ```
    /// use grid_engine::kpi;
    /// let fill = kpi::find("unit_fill_rate").unwrap();
    /// let (served, ordered) = ([Some(90.0), Some(120.0)], [Some(100.0), Some(100.0)]);
    /// assert_eq!(fill.evaluate(&[&served, &ordered]).value, Some(0.95));
    ///
    /// let nothing = fill.evaluate(&[&[Some(0.0)], &[Some(0.0)]]);
    /// assert_eq!(nothing.value, None);
    /// assert_eq!(nothing.reason.as_deref(), Some("ordered is zero"));
    /// ```
    pub fn evaluate(&self, inputs: &[Series]) -> KpiValue {
        self.complete(inputs)
            .and_then(|inputs| match &self.formula {
                Formula::Ratio { numerator, denominator } => self.ratio(&inputs, numerator, denominator),
                Formula::Native(native) => native.evaluate(&inputs),
            })
            .into()
    }

    /// The inputs with defaults filled in, checked for count, finite numbers and values at all.
    fn complete<'a>(&'a self, given: &[Series<'a>]) -> Result<Vec<Column<'a>>, String> {
        if given.len() > self.inputs.len() {
            return Err(format!(
                "{} inputs given, {} has {}: {}",
                given.len(),
                self.id,
                self.inputs.len(),
                self.names()
            ));
        }
        let columns: Vec<Column> = self
            .inputs
            .iter()
            .enumerate()
            .map(|(index, input)| match (given.get(index), input.default) {
                (Some(values), _) => Ok(Column { name: &input.name, values: Values::Given(values) }),
                (None, Some(default)) => Ok(Column { name: &input.name, values: Values::Same(default) }),
                (None, None) => Err(format!("{} is missing; {} needs {}", input.name, self.id, self.names())),
            })
            .collect::<Result<_, _>>()?;
        if let Some(bad) = columns.iter().find(|column| column.has_non_finite()) {
            return Err(format!("{} holds a number that is not finite", bad.name));
        }
        if let Some(empty) = columns.iter().find(|column| column.is_empty() && !self.may_be_empty(column.name)) {
            return Err(native::nothing(empty.name));
        }
        Ok(columns)
    }

    /// Of lines that are all open it is not known how late they are: the figure itself says what that means.
    fn may_be_empty(&self, input: &str) -> bool {
        self.formula == Formula::Native(Native::OnTimeInFull) && input == native::LATE_DAYS
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self.inputs.iter().map(|input| input.name.as_str()).collect();
        names.join(", ")
    }

    fn ratio(&self, inputs: &[Column], top: &[(f64, String)], bottom: &[(f64, String)]) -> Result<f64, String> {
        let sum = |terms: &[(f64, String)]| {
            terms.iter().try_fold(0.0, |total, (sign, name)| {
                let column = inputs.iter().find(|column| column.name == name);
                let column = column.ok_or_else(|| format!("{} has no input {name}", self.id))?;
                Ok::<f64, String>(total + sign * column.total())
            })
        };
        let numerator = sum(top)?;
        if bottom.is_empty() {
            return Ok(numerator);
        }
        let name = bottom.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", ");
        native::divide(numerator, sum(bottom)?, &name)
    }
}

/// An input with its name, to speak of it in reasons.
#[derive(Clone, Copy)]
struct Column<'a> {
    name: &'a str,
    values: Values<'a>,
}

#[derive(Clone, Copy)]
enum Values<'a> {
    Given(Series<'a>),
    Same(f64),
}

impl Column<'_> {
    /// The value at a position; one value stands for all positions.
    fn at(&self, index: usize) -> Option<f64> {
        match self.values {
            Values::Given([only]) => *only,
            Values::Given(values) => values.get(index).copied().flatten(),
            Values::Same(value) => Some(value),
        }
    }

    /// `None` where the input is one value for all.
    fn len(&self) -> Option<usize> {
        match self.values {
            Values::Given(values) if values.len() != 1 => Some(values.len()),
            _ => None,
        }
    }

    /// The known values.
    fn known(&self) -> impl Iterator<Item = f64> {
        (0..self.len().unwrap_or(1)).filter_map(|index| self.at(index))
    }

    fn total(&self) -> f64 {
        self.known().sum()
    }

    fn is_empty(&self) -> bool {
        self.known().next().is_none()
    }

    fn has_non_finite(&self) -> bool {
        self.known().any(|value| !value.is_finite())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn value(id: &str, inputs: &[&[f64]]) -> Option<f64> {
        let inputs: Vec<Vec<Option<f64>>> =
            inputs.iter().map(|values| values.iter().map(|v| Some(*v)).collect()).collect();
        let inputs: Vec<Series> = inputs.iter().map(Vec::as_slice).collect();
        let result = find(id).unwrap().evaluate(&inputs);
        assert_ne!(result.value.is_some(), result.reason.is_some(), "{id}: a value or a reason");
        result.value.map(|value| (value * 1e9).round() / 1e9)
    }

    #[test]
    fn textbook_numbers() {
        // Forecast against actual.
        assert_eq!(value("wape", &[&[90.0, 110.0], &[100.0, 100.0]]), Some(0.1));
        assert_eq!(value("forecast_accuracy", &[&[90.0, 110.0], &[100.0, 100.0]]), Some(0.9));
        assert_eq!(value("forecast_accuracy", &[&[900.0], &[100.0]]), Some(0.0), "never negative");
        assert_eq!(value("bias", &[&[110.0, 110.0], &[100.0, 100.0]]), Some(0.1));
        assert_eq!(value("tracking_signal", &[&[12.0, 12.0, 12.0], &[10.0, 10.0, 10.0]]), Some(3.0));
        assert_eq!(value("fva", &[&[80.0], &[95.0], &[100.0]]), Some(0.15), "5 % instead of 20 %");
        assert_eq!(value("mase", &[&[10.0], &[15.0], &[10.0, 12.0, 11.0, 13.0], &[1.0]]), Some(3.0));
        // Service.
        assert_eq!(value("unit_fill_rate", &[&[120.0, 80.0], &[100.0, 100.0]]), Some(0.9), "no credit for more");
        assert_eq!(value("otif", &[&[10.0, 10.0, 10.0], &[10.0, 9.0, 10.0], &[0.0, 0.0, 2.0]]), Some(0.333333333));
        assert_eq!(value("otif", &[&[10.0, 10.0], &[10.0, 9.0], &[0.0, 2.0], &[0.1], &[2.0]]), Some(1.0));
        assert_eq!(value("service_level", &[&[5.0, 0.0, 3.0, 2.0]]), Some(0.75));
        // Stock: COGS 1,200 a year on a mean stock of 100 turns 12 times, every 30.4 days.
        assert_eq!(value("inventory_turnover", &[&[100.0; 12], &[100.0; 12], &[12.0]]), Some(12.0));
        assert_eq!(value("stock_days", &[&[100.0; 12], &[100.0; 12], &[360.0]]), Some(30.0));
        // Money.
        assert_eq!(value("revenue", &[&[10.0, 20.0], &[5.0]]), Some(150.0));
        assert_eq!(value("gross_profit", &[&[150.0], &[90.0]]), Some(60.0));
        assert_eq!(value("gross_margin", &[&[150.0], &[90.0]]), Some(0.4));
        assert_eq!(value("cost_to_serve", &[&[30.0], &[150.0]]), Some(0.2));
        assert_eq!(value("lost_sales", &[&[100.0, 50.0], &[80.0, 60.0], &[5.0, 0.0], &[2.0]]), Some(30.0));
        assert_eq!(value("cash_to_cash", &[&[60.0], &[45.0], &[30.0]]), Some(75.0));
        assert_eq!(value("eps_diluted", &[&[100.0], &[10.0], &[0.0], &[40.0], &[5.0]]), Some(2.0));
        assert_eq!(value("eps_diluted", &[&[90.0], &[10.0], &[30.0], &[40.0], &[10.0]]), Some(2.0), "3 a new share");
    }

    #[test]
    fn every_definition_is_whole() {
        for definition in all() {
            assert!(!definition.words.is_empty() && !definition.name.is_empty(), "{}", definition.id);
            assert_eq!(find(&definition.id), Some(definition), "ids are unique");
            let zero = [Some(0.0)];
            let zeros = vec![&zero[..]; definition.inputs.len()];
            let result = definition.evaluate(&zeros);
            assert_ne!(result.value.is_some(), result.reason.is_some(), "{}", definition.id);
            let nothing = definition.evaluate(&vec![&[][..]; definition.inputs.len()]);
            assert!(nothing.value.is_none() && nothing.reason.is_some(), "{}: {nothing:?}", definition.id);
            let json = serde_json::to_string(definition).unwrap();
            assert_eq!(&serde_json::from_str::<Definition>(&json).unwrap(), definition);
        }
    }

    #[test]
    fn reasons_say_what_to_do() {
        let fill = find("unit_fill_rate").unwrap();
        let reason = |inputs: &[Series]| fill.evaluate(inputs).reason.unwrap();
        assert_eq!(reason(&[&[Some(1.0)]]), "ordered is missing; unit_fill_rate needs served, ordered");
        assert_eq!(reason(&[&[Some(1.0); 2], &[Some(1.0); 3]]), "served has 2 values, ordered has 3");
        assert_eq!(reason(&[&[Some(f64::NAN)], &[Some(1.0)]]), "served holds a number that is not finite");
        assert_eq!(reason(&[&[], &[], &[]]), "3 inputs given, unit_fill_rate has 2: served, ordered");
    }

    /// What is not known at all is not nought: each input in turn is left empty, as one blank and as a range of them.
    #[test]
    fn a_missing_input_leaves_the_figure_blank_and_is_named() {
        for definition in all() {
            for (place, input) in definition.inputs.iter().enumerate() {
                for empty in [&[None][..], &[None, None]] {
                    let mut inputs: Vec<Series> = vec![&[Some(2.0)]; definition.inputs.len()];
                    inputs[place] = empty;
                    let result = definition.evaluate(&inputs);
                    assert_eq!(result.value, None, "{} without {}", definition.id, input.name);
                    assert_eq!(result.reason, Some(format!("{} is empty", input.name)), "{}", definition.id);
                }
            }
        }
    }

    #[test]
    fn lines_that_are_all_open_are_not_on_time() {
        let otif = |delivered, late: Series| find("otif").unwrap().evaluate(&[&[Some(5.0); 2], delivered, late]);
        assert_eq!(otif(&[Some(0.0); 2], &[None; 2]).value, Some(0.0));
        assert_eq!(otif(&[Some(0.0), Some(5.0)], &[None; 2]).reason.as_deref(), Some("late_days is empty"));
    }

    #[test]
    fn rows_count_that_have_what_the_figure_needs() {
        let of = |id: &str, inputs: &[Series]| find(id).unwrap().evaluate(inputs);
        let revenue = of("revenue", &[&[Some(10.0), Some(20.0), None], &[Some(5.0), None, Some(9.0)]]);
        assert_eq!(revenue.value, Some(50.0));
        let apart = of("revenue", &[&[Some(10.0), None], &[None, Some(5.0)]]);
        assert_eq!(apart.reason.as_deref(), Some("no row has quantity, price, fx together"));
        // Only buckets that both versions have can have changed.
        let instability = of("plan_instability", &[&[Some(8.0), Some(5.0), None], &[Some(10.0), None, Some(7.0)]]);
        assert_eq!(instability.value, Some(0.2));
    }

    #[test]
    fn no_figure_is_minus_zero() {
        let assets = find("return_on_assets").unwrap().evaluate(&[&[Some(0.0)], &[Some(-5.0)]]);
        assert!(assets.value.is_some_and(|value| value == 0.0 && value.is_sign_positive()), "{assets:?}");
    }

    #[test]
    fn unknown_actuals_are_not_zero_actuals() {
        let wape = find("wape").unwrap();
        let (forecast, actual) = ([Some(10.0), Some(10.0)], [Some(8.0), None]);
        assert_eq!(wape.evaluate(&[&forecast, &actual]).value, Some(0.25));
        let fill = find("unit_fill_rate").unwrap();
        assert_eq!(fill.evaluate(&[&[Some(8.0), None], &[Some(8.0), Some(8.0)]]).value, Some(0.5));
    }
}
