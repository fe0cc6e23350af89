//! What formulas share that differ only in the cells they refer to.
//!
//! A hundred thousand rows of `=A1*2` are one shape and a hundred thousand references. The stored text of a formula
//! is taken apart into the two and put together again without being parsed; only the shape is parsed, once.

use smallvec::SmallVec;

use super::code::{Code, Operands};
use super::eval::Evaluation;
use super::read::{self, Read, Traits};
use super::reference::stored;
use super::{Cells, Formula, MeasureRef, RangeRef};
use crate::refs::CellRef;
use crate::value::{CellError, ErrorKind, Value};

/// Functions whose value depends on the column they stand in.
const COLUMN_FUNCTIONS: [&str; 4] = ["COLUMN(", "CELL(", "ADDRESS(", "OFFSET("];

/// The references of a formula to cells and rectangles, in order of appearance.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct References {
    pub cells: SmallVec<[CellRef; 2]>,
    pub ranges: SmallVec<[RangeRef; 1]>,
}

/// A formula without its references to cells and rectangles.
#[derive(Debug)]
pub struct Shape {
    /// The stored text with holes in their place.
    skeleton: Box<str>,
    code: Option<Code>,
    cell_count: usize,
    range_count: usize,
    traits: Traits,
    /// A text that is no formula, and why.
    error: Option<CellError>,
    /// Measures it reads.
    pub measures: Vec<MeasureRef>,
    /// Roles of sheets read as tables, perhaps ending in `*`.
    pub tables: Vec<&'static str>,
    /// Names it uses that it does not bind itself, in lower case.
    pub names: Vec<String>,
    pub volatile: bool,
    /// Its value may differ from column to column even where it reads the same.
    pub knows_column: bool,
    /// SUBTOTAL and AGGREGATE leave out each other's results.
    pub is_total: bool,
}

impl Shape {
    pub(super) fn new(skeleton: &str, stored: &str, references: &References) -> Self {
        let mut shape = Self {
            skeleton: skeleton.into(),
            code: None,
            cell_count: references.cells.len(),
            range_count: references.ranges.len(),
            traits: Traits::default(),
            error: None,
            measures: Vec::new(),
            tables: Vec::new(),
            names: Vec::new(),
            volatile: false,
            knows_column: COLUMN_FUNCTIONS.iter().any(|function| stored.contains(function)),
            is_total: false,
        };
        let formula = match Formula::from_stored(stored) {
            Ok(formula) => formula,
            Err(error) => {
                let detail = format!("this is not a formula: {error}");
                shape.error = Some(CellError::because(ErrorKind::Name, detail));
                return shape;
            }
        };
        shape.code = Code::compile(formula.root(), &references.cells, &references.ranges);
        shape.traits = formula.traits;
        shape.volatile = formula.traits.volatile;
        shape.is_total = formula.is_total();
        for read in formula.reads() {
            match read {
                Read::Cell(_) | Read::Range(_) => {}
                Read::Measure(reference) => shape.measures.push(reference),
                Read::Table(role) => shape.tables.push(role),
                Read::Volatile => shape.volatile = true,
                Read::Name(name) => shape.names.push(name.to_lowercase()),
            }
        }
        shape
    }

    /// References to cells; those to rectangles follow.
    pub fn cell_count(&self) -> usize {
        self.cell_count
    }

    /// References to rectangles.
    pub fn range_count(&self) -> usize {
        self.range_count
    }

    /// Whether it runs as code, without a tree.
    pub fn is_code(&self) -> bool {
        self.code.is_some()
    }

    /// Whether it holds a call whose answer a job computes.
    pub fn is_pending(&self) -> bool {
        self.traits.pending
    }

    /// Whether it reads frozen versions.
    pub fn reads_versions(&self) -> bool {
        self.traits.versions
    }

    /// Whether it holds a figure that may be blank for a reason.
    pub fn keeps_blank(&self) -> bool {
        self.traits.keeps_blank
    }

    /// Why it is no formula, if it is none.
    pub fn error(&self) -> Option<&CellError> {
        self.error.as_ref()
    }

    /// The stored text with these references.
    pub fn put_together(&self, cells: &mut dyn Iterator<Item = CellRef>, ranges: &[RangeRef]) -> String {
        join(&self.skeleton, cells, ranges)
    }

    /// The value with these operands; `None` where only the tree can tell. A blank result is 0, as in Excel.
    pub fn evaluate(&self, cells: &dyn Cells, operands: &dyn Operands, at: CellRef) -> Option<Value> {
        let value = self.code.as_ref()?.run(&Evaluation::new(cells, at), operands)?;
        Some(read::finish(value, self.traits, at))
    }
}

/// A stored formula with references to cells that have moved led to where they stand now, a rectangle when both its
/// corners have; `None` where it refers to none of them.
pub fn lead(stored: &str, moved: &dyn Fn(CellRef) -> Option<CellRef>) -> Option<String> {
    let mut skeleton = String::new();
    let mut references = split(stored, &mut skeleton);
    let mut leads = false;
    for cell in &mut references.cells {
        if let Some(to) = moved(*cell) {
            (*cell, leads) = (to, true);
        }
    }
    for range in &mut references.ranges {
        let (Some(rows), Some(cols)) = (range.rows, range.cols) else { continue };
        let corner = |row, col| moved(CellRef { sheet: range.sheet, row, col });
        if let (Some(first), Some(last)) = (corner(rows.0, cols.0), corner(rows.1, cols.1))
            && first.sheet == last.sheet
        {
            *range =
                RangeRef { sheet: first.sheet, rows: Some((first.row, last.row)), cols: Some((first.col, last.col)) };
            leads = true;
        }
    }
    leads.then(|| join(&skeleton, &mut references.cells.iter().copied(), &references.ranges))
}

/// Takes the references out of a stored text; what is left goes to `skeleton`.
pub(super) fn split(stored: &str, skeleton: &mut String) -> References {
    let mut references = References::default();
    let mut rest = stored;
    // References stand in brackets, and brackets inside of texts in quotes are none.
    while let Some(at) = mark(rest) {
        let (before, from) = rest.split_at(at);
        skeleton.push_str(before);
        // What is not closed is no formula; it stays as it is.
        let Some((token, after)) = token_of(from) else {
            rest = from;
            break;
        };
        if from.starts_with('"') || !stored::take_out(&token[1..token.len() - 1], skeleton, &mut references) {
            skeleton.push_str(token);
        }
        rest = after;
    }
    skeleton.push_str(rest);
    references
}

/// The opposite of [`split`].
fn join(skeleton: &str, cells: &mut dyn Iterator<Item = CellRef>, ranges: &[RangeRef]) -> String {
    let mut out = String::with_capacity(skeleton.len() + 64);
    let mut ranges = ranges.iter();
    let mut rest = skeleton;
    while let Some(at) = mark(rest) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let Some((token, after)) = token_of(from) else {
            rest = from;
            break;
        };
        if from.starts_with('"') || !stored::put_in(&token[1..token.len() - 1], &mut out, cells, &mut ranges) {
            out.push_str(token);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Where the next quote or bracket stands.
fn mark(text: &str) -> Option<usize> {
    text.as_bytes().iter().position(|byte| matches!(byte, b'"' | b'['))
}

/// The text in quotes or the reference in brackets that this begins with, marks included, and what follows.
fn token_of(text: &str) -> Option<(&str, &str)> {
    let mut inside = text.chars();
    let mark = if inside.next()? == '"' { '"' } else { ']' };
    let end = inside.as_str().find(mark)?;
    // Both marks are one byte long.
    text.split_at_checked(end + 2)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::formula::mock::{Mock, home};
    use crate::formula::shapes::Shapes;
    use proptest::prelude::*;

    fn stored(typed: &str) -> String {
        Formula::parse(typed, &Mock::default(), home()).unwrap().to_stored()
    }

    #[test]
    fn a_formula_taken_apart_and_put_together_is_the_same() {
        let mut shapes = Shapes::default();
        for typed in [
            "=A1*2",
            "=$A$1&\"[c:x]\"&\"a\"\"b\"",
            "=SUM(A1:B2,C:C,3:4)+'My sheet'!B2",
            "=Demand[Consensus, 2026-03]+[@Baseline]",
            "=LET(x,A1,x*2)+A1:INDEX(A:A,5)",
            "=my_name+{1,\"[\";2,\"]\"}",
            "=\"ends with [\"",
        ] {
            let stored = stored(typed);
            let (shape, references) = shapes.take_apart(&stored);
            assert_eq!(
                shapes.get(shape).unwrap().put_together(&mut references.cells.iter().copied(), &references.ranges),
                stored,
                "{typed}"
            );
        }
    }

    #[test]
    fn formulas_that_differ_in_cells_only_share_a_shape() {
        let mut shapes = Shapes::default();
        let (a, _) = shapes.take_apart(&stored("=IF(A1>0,SUM(B1:C1),\"\")"));
        let (b, references) = shapes.take_apart(&stored("=IF(A7>0,SUM(B9:C9),\"\")"));
        assert!(a == b && shapes.get(a).unwrap().is_code());
        assert_eq!((references.cells.len(), references.ranges.len()), (1, 1));
        for other in ["=IF($A7>0,SUM(B9:C9),\"\")", "=IF(A7>0,SUM(B:C),\"\")", "=IF(A7>0,SUM(B9:C9),\"x\")"] {
            assert!(a != shapes.take_apart(&stored(other)).0, "{other}");
        }
    }

    #[test]
    fn what_looks_at_expressions_stays_with_the_tree() {
        let mut shapes = Shapes::default();
        for typed in ["=LET(x,A1,x)", "=ROW(A1)", "=@A1:A3", "=OFFSET(A1,1,0)", "=IFS(A1,1)", "=A1#"] {
            let (shape, _) = shapes.take_apart(&stored(typed));
            assert!(!shapes.get(shape).unwrap().is_code(), "{typed}");
        }
        let (shape, _) = shapes.take_apart("=[c:nonsense");
        assert!(shapes.get(shape).unwrap().error().is_some());
    }

    /// The values of a mock's cells, by reference.
    struct Read<'a>(&'a Mock, References);

    impl Operands for Read<'_> {
        fn cell(&self, index: usize) -> Value {
            self.0.value(self.1.cells[index])
        }

        fn range(&self, index: usize) -> Option<&RangeRef> {
            self.1.ranges.get(index)
        }
    }

    /// The value as code, where a formula is code at all, and the value as a tree.
    fn both(shapes: &mut Shapes, mock: &Mock, typed: &str) -> Option<(Value, Value)> {
        let formula = Formula::parse(typed, mock, home()).ok()?;
        let (shape, references) = shapes.take_apart(&formula.to_stored());
        let run = shapes.get(shape)?.evaluate(mock, &Read(mock, references), home())?;
        Some((run, formula.evaluate(mock, home())))
    }

    fn mock() -> Mock {
        let (number, text) = (|number: f64| Value::Number(number), Value::text);
        Mock::with_rows(&[
            [number(1.0), text("x"), Value::Blank],
            [number(-2.5), text("7"), Value::Bool(true)],
            [ErrorKind::Div0.into(), ErrorKind::Na.into(), number(0.0)],
        ])
    }

    #[test]
    fn examples_give_the_same_as_code() {
        let (mut shapes, mock) = (Shapes::default(), mock());
        let mut ran = 0;
        for function in crate::formula::functions::catalogue() {
            if let Some((run, walked)) = both(&mut shapes, &mock, function.example) {
                assert_eq!(format!("{run:?}"), format!("{walked:?}"), "{}", function.example);
                ran += 1;
            }
        }
        assert!(ran > 250, "only {ran} examples are code");
    }

    fn part() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            (0..3_u8, 1..4_u8).prop_map(|(col, row)| format!("{}{row}", char::from(b'A' + col))),
            prop::sample::select(vec!["1", "0", "2.5", "\"\"", "\"a\"", "TRUE", "#N/A", "A1:B2", "C:C", "{1,2}", ""])
                .prop_map(str::to_owned),
        ];
        leaf.prop_recursive(4, 24, 3, |inner| {
            prop_oneof![
                (
                    inner.clone(),
                    prop::sample::select(vec!["+", "-", "*", "/", "^", "&", "=", "<", ">="]),
                    inner.clone()
                )
                    .prop_map(|(a, operator, b)| format!("({a}{operator}{b})")),
                inner.clone().prop_map(|a| format!("-{a}%")),
                (
                    prop::sample::select(vec!["IF", "IFERROR", "IFNA", "SUM", "MAX", "ROUND", "AND", "COUNT", "LEFT"]),
                    prop::collection::vec(inner, 1..4)
                )
                    .prop_map(|(name, list)| format!("{name}({})", list.join(","))),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn code_and_tree_give_the_same(part in part()) {
            if let Some((run, walked)) = both(&mut Shapes::default(), &mock(), &format!("={part}")) {
                prop_assert_eq!(format!("{:?}", run), format!("{:?}", walked));
            }
        }
    }
}
