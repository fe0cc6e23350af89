//! The functions, one file per family, and the registry that knows them by name.

mod aggregate;
mod args;
mod arrays;
mod assets;
mod bessel;
mod bonds;
mod characters;
mod complex;
mod computed_references;
mod conditional;
mod criteria;
mod database;
mod dates;
mod distributions;
mod engineering;
mod ets;
mod euro;
mod families;
mod finance;
mod fits;
mod forecast_calendar;
mod forecasts;
mod grouping;
mod growing;
mod key_figures;
mod lambda;
mod local_texts;
mod lookup;
mod matrix;
mod older_names;
mod plan_results;
mod plan_studies;
mod position;
mod ranks;
mod regex;
mod regression;
mod rounding;
mod sample_tests;
mod scorecard;
mod sheet_info;
mod sorting;
mod special;
mod statements;
mod stock;
mod stock_policy;
mod subtotal;
mod taking;
mod text;
mod text_format;
mod text_numbers;
mod text_show;
mod text_split;
mod trigonometry;
mod two_forecasts;
mod units;
mod versions;
mod workdays;

mod arithmetic;
mod information;
mod logical;
mod planning;
mod supply_tables;

pub use args::{Arg, Args, Passing};
pub(in crate::formula) use families::coming;
pub use families::{Family, further, provide, wanted};
pub(in crate::formula) use growing::{grow, surely_enough};
pub(in crate::formula) use key_figures::{Scorecard, asks_scorecard};
pub(in crate::formula) use position::{cells_of, range_of, read, referenced, values};
pub(in crate::formula) use taking::Taking;
pub(in crate::formula) use text::limited;
pub(in crate::formula) use two_forecasts::meant;

use super::ast::Expr;
use super::eval::{Evaluation, Meaning, Outcome, Running};
use crate::value::CellError;

/// What people see of a function while they type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionInfo {
    pub name: &'static str,
    pub category: Category,
    pub min_arguments: u8,
    /// `None`: any number.
    pub max_arguments: Option<u8>,
    /// `ROUND(number, digits)`; optional arguments in brackets, `…` for more of the last.
    pub signature: &'static str,
    /// What it gives, in one line.
    #[cfg(any(test, feature = "reference"))]
    pub help: &'static str,
    #[cfg(any(test, feature = "reference"))]
    pub example: &'static str,
    /// Where its meaning is laid down.
    pub source: &'static str,
}

/// Families as the function list shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    Planning,
    Math,
    Statistics,
    Logical,
    Text,
    Date,
    Lookup,
    Array,
    Information,
    Finance,
    Engineering,
    Database,
}

impl Category {
    /// Where the meaning of its functions is laid down.
    pub fn source(self) -> &'static str {
        match self {
            Self::Planning => "Equipoise: forecast, supply and kpi rooms of the engine",
            Self::Array => "Microsoft Excel, dynamic array functions",
            _ => "ECMA-376 part 1, 18.17.7, as Microsoft Excel computes it",
        }
    }

    /// As people read it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Planning => "Planning",
            Self::Math => "Math",
            Self::Statistics => "Statistics",
            Self::Logical => "Logical",
            Self::Text => "Text",
            Self::Date => "Date and time",
            Self::Lookup => "Lookup and reference",
            Self::Array => "Arrays",
            Self::Information => "Information",
            Self::Finance => "Finance",
            Self::Engineering => "Engineering",
            Self::Database => "Database",
        }
    }
}

/// A function of the language.
#[derive(Debug)]
pub struct Function {
    pub info: FunctionInfo,
    pub(in crate::formula) body: Body,
    pub(in crate::formula) nature: Nature,
    /// The cells its result consists of, for one that gives values quicker than references, and whose result counts as
    /// a reference where that matters (`SUM(INDEX(…))` ignores texts, `A1:INDEX(…)` is a range).
    pub(in crate::formula) refers: Option<Refers>,
    /// Reads the tables of the supply model.
    pub(in crate::formula) reads_tables: bool,
    /// The same for a single range, from its numbers as they pass.
    pub(in crate::formula) stream: Option<Stream>,
    /// Its third argument begins where it says and is as large as the first.
    pub(in crate::formula) grows: bool,
}

/// What a call stands for; `None` where that is nothing but its value.
pub(in crate::formula) type Refers = fn(&Evaluation<'_>, &[Expr]) -> Result<Option<Meaning>, CellError>;

/// A result from the numbers of a range.
pub(in crate::formula) type Stream = fn(&Running) -> Outcome;

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.info.name == other.info.name
    }
}

impl Function {
    /// Whether its result may be a reference.
    pub(in crate::formula) fn gives_references(&self) -> bool {
        self.refers.is_some() || matches!(self.body, Body::Means(_))
    }
}

/// When a function's result changes although its arguments do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::formula) enum Nature {
    Pure,
    /// With time or chance, at every recalculation.
    Volatile,
    /// When a job delivers its answer.
    Pending,
    /// When a frozen version has been read.
    Version,
}

/// How a function is called.
#[derive(Clone, Copy)]
pub(in crate::formula) enum Body {
    /// With single values, once for each place of arrays; errors in arguments are the result.
    Each(fn(&Args<'_>) -> Outcome),
    /// Like `Each` for the arguments of which the first function says so, whole for the others; errors are seen.
    Lifted(fn(usize) -> bool, fn(&Args<'_>) -> Outcome),
    /// With whole values.
    Whole(fn(&Args<'_>) -> Outcome),
    /// With the expressions, to evaluate only what is needed or to look at references.
    Lazy(fn(&Evaluation<'_>, &[Expr]) -> Outcome),
    /// The same; the result may be a reference or a function.
    Means(fn(&Evaluation<'_>, &[Expr]) -> Result<Meaning, CellError>),
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Each(_) => "Each",
            Self::Lifted(..) => "Lifted",
            Self::Whole(_) => "Whole",
            Self::Lazy(_) => "Lazy",
            Self::Means(_) => "Means",
        })
    }
}

/// A function as its family declares it; name and arity are read off the signature.
pub(in crate::formula) struct Declared {
    signature: &'static str,
    #[cfg(any(test, feature = "reference"))]
    help: &'static str,
    #[cfg(any(test, feature = "reference"))]
    example: &'static str,
    body: Body,
    nature: Nature,
    refers: Option<Refers>,
    reads_tables: bool,
    stream: Option<Stream>,
    grows: bool,
}

/// What tells people of it stays out of programs that do not tell it.
#[cfg_attr(not(any(test, feature = "reference")), allow(unused_variables))]
const fn declare(signature: &'static str, help: &'static str, example: &'static str, body: Body) -> Declared {
    Declared {
        signature,
        #[cfg(any(test, feature = "reference"))]
        help,
        #[cfg(any(test, feature = "reference"))]
        example,
        body,
        nature: Nature::Pure,
        refers: None,
        reads_tables: false,
        stream: None,
        grows: false,
    }
}

impl Declared {
    const fn nature(mut self, nature: Nature) -> Self {
        self.nature = nature;
        self
    }

    const fn streaming(mut self, stream: Stream) -> Self {
        self.stream = Some(stream);
        self
    }

    const fn growing(mut self) -> Self {
        self.grows = true;
        self
    }

    const fn tables(mut self) -> Self {
        self.reads_tables = true;
        self
    }

    const fn reference(mut self, refers: Refers) -> Self {
        self.refers = Some(refers);
        self
    }

    fn register(&self, category: Category) -> Function {
        let (name, inside) = self.signature.split_once('(').unwrap_or((self.signature, ""));
        let inside = inside.trim_end_matches(')');
        let (mut min, mut max, mut many) = (0_u8, 0_u8, false);
        for parameter in inside.split(',').map(str::trim).filter(|parameter| !parameter.is_empty()) {
            if parameter == "…" {
                many = true;
            } else {
                max += 1;
                min += u8::from(!parameter.starts_with('['));
            }
        }
        Function {
            info: FunctionInfo {
                name,
                category,
                min_arguments: min,
                max_arguments: (!many).then_some(max),
                signature: self.signature,
                #[cfg(any(test, feature = "reference"))]
                help: self.help,
                #[cfg(any(test, feature = "reference"))]
                example: self.example,
                source: category.source(),
            },
            body: self.body,
            nature: self.nature,
            refers: self.refers,
            reads_tables: self.reads_tables,
            stream: self.stream,
            grows: self.grows,
        }
    }
}

/// All functions by name that are here.
fn registry() -> &'static [Function] {
    families::registry()
}

/// A function by its name in upper case.
pub(in crate::formula) fn find(name: &str) -> Option<&'static Function> {
    let all = registry();
    let found = all.binary_search_by_key(&name, |function| function.info.name).ok().and_then(|index| all.get(index));
    if found.is_none() {
        families::miss();
    }
    found
}

/// Every function, by name: for completion and help.
pub fn catalogue() -> impl ExactSizeIterator<Item = &'static FunctionInfo> {
    registry().iter().map(|function| &function.info)
}

/// The function spelt most like `name`, within two typing mistakes; short names are all within two of each other, so that
/// one is the most there.
pub(in crate::formula) fn similar(name: &str) -> Option<&'static str> {
    let name: Vec<char> = name.to_uppercase().chars().take(32).collect();
    registry()
        .iter()
        .map(|function| (typing_mistakes(&name, function.info.name), function.info.name))
        .min()
        .filter(|(mistakes, near)| *mistakes <= if near.len() > 4 { 2 } else { 1 } && *mistakes < near.len())
        .map(|(_, near)| near)
}

/// Levenshtein distance.
fn typing_mistakes(a: &[char], b: &str) -> usize {
    let mut row: Vec<usize> = (0..=a.len()).collect();
    for (index, other) in b.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for at in 0..a.len() {
            let change = diagonal + usize::from(a[at] != other);
            diagonal = row[at + 1];
            row[at + 1] = change.min(row[at] + 1).min(diagonal + 1);
        }
    }
    row[a.len()]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_catalogue_is_sorted_unique_and_complete() {
        let all: Vec<_> = catalogue().collect();
        for pair in all.windows(2) {
            assert!(pair[0].name < pair[1].name, "{} {}", pair[0].name, pair[1].name);
        }
        for info in catalogue() {
            assert!(info.signature.starts_with(info.name) && info.signature.ends_with(')'), "{}", info.signature);
            assert!(!info.help.is_empty() && info.help.ends_with('.'), "{}", info.name);
            assert!(info.example.starts_with('=') && info.example.contains(info.name), "{}", info.name);
            assert_eq!(find(info.name).unwrap().info, *info);
        }
    }

    #[test]
    fn every_example_is_a_formula_that_gives_something() {
        let mut mock = crate::formula::mock::Mock::with_rows(&std::array::from_fn::<_, 9, _>(|_| {
            [1.0, 2.0, 3.0, 4.0].map(crate::value::Value::from)
        }));
        for (sheet, measures) in
            [("demand", ["history", "consensus", "baseline", "stock"]), ("prices", ["netprice"; 4])]
        {
            for measure in measures {
                let key = (crate::formula::mock::sheet(sheet), crate::formula::mock::measure(measure));
                mock.measures.insert(key, vec![vec![1.0.into(); 6]]);
            }
        }
        let (mut wrong, mut unnamed) = (Vec::new(), Vec::new());
        for info in catalogue() {
            match mock.eval(info.example) {
                // A text in place of a value says why it is no formula.
                crate::value::Value::Text(text) if text.contains("(at character") => unnamed.push((info.name, text)),
                crate::value::Value::Error(error) if error.kind == crate::value::ErrorKind::Name => {
                    wrong.push((info.name, error.detail().cloned()));
                }
                _ => {}
            }
        }
        // Examples over a planning sheet name measures this small workbook does not have.
        unnamed.retain(|(_, text)| !text.contains("has no measure") && !text.contains("there is no sheet"));
        assert_eq!((wrong, unnamed), (Vec::new(), Vec::new()));
    }

    #[test]
    fn misspelt_names_are_recognised() {
        assert_eq!(similar("SUMM"), Some("SUM"));
        assert_eq!(similar("sumprodct"), Some("SUMPRODUCT"));
        assert_eq!(similar("SOMETHINGELSE"), None);
        assert_eq!(similar("foo"), None);
    }
}
