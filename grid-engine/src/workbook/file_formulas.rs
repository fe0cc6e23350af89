//! Formulas as a workbook file (`.xlsx`) states them, for people who go on in a spreadsheet.
//!
//! A planning sheet lies in a file as it does under A1 references here, below a row of headings: a row each, its keys
//! first, then its measures, timed ones bucket by bucket.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Workbook;
use crate::doc::{Input, MeasureKind, SheetInfo, SheetKind};
use crate::formula::{Formula, Names, RangeRef};
use crate::refs::{CellRef, ColId, Id, MeasureId, RowId, SheetId};

/// Excel's limit, in characters.
const LONGEST_TITLE: usize = 31;

/// A formula in the words of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFormula {
    /// With its `=`.
    pub text: String,
    /// It takes ranges where older files mean one value, or fills several cells: files call it an array formula.
    pub is_array: bool,
    /// Rows and columns it fills, its own cell included.
    pub fills: (u32, u32),
}

/// What the formulas of a workbook are in a file.
pub struct FileFormulas<'a> {
    workbook: &'a Workbook,
    /// Stored formulas read so far; a measure's serves all its cells.
    read: HashMap<Arc<str>, Option<Formula>>,
    names: Vec<(Arc<str>, String)>,
    titles: HashMap<SheetId, String>,
}

impl<'a> FileFormulas<'a> {
    pub fn new(workbook: &'a Workbook) -> Self {
        let titles = file_titles(workbook.mirror().sheets().iter());
        let mut formulas = Self { workbook, read: HashMap::new(), names: Vec::new(), titles };
        for (name, stored) in workbook.mirror().names() {
            let text = formulas.read(stored).and_then(|formula| formulas.stated(&formula.fixed(), None));
            formulas.names.extend(text.map(|formula| (name.clone(), formula.text)));
        }
        formulas
    }

    /// Rows of headings above a sheet's first row.
    pub fn headings(workbook: &Workbook, sheet: SheetId) -> u32 {
        u32::from(workbook.sheet(sheet).is_some_and(|sheet| sheet.meta().kind == SheetKind::Planning))
    }

    /// Defined names, with formulas whose references name their sheets and stay where they are. Names that a file cannot
    /// state are left out, as are names of such names.
    pub fn names(&self) -> &[(Arc<str>, String)] {
        &self.names
    }

    /// The formula that gives a cell its value; `None` where it has none, or a file cannot state it.
    pub fn of(&mut self, cell: CellRef) -> Option<FileFormula> {
        let sheet = self.workbook.sheet(cell.sheet)?;
        let formula = match sheet.input(cell.row, cell.col) {
            Some(Input::Formula(stored)) => self.read(stored)?,
            Some(_) => return None,
            None => match &sheet.measure(cell.col.measure)?.kind {
                MeasureKind::Formula(stored) => self.read(&Arc::from(stored.as_str()))?,
                _ => return None,
            },
        };
        let formula = self.stated(&formula, Some(cell))?;
        let (rows, cols) = self.filled(cell);
        Some(FileFormula { is_array: formula.is_array || rows * cols > 1, fills: (rows, cols), ..formula })
    }

    /// What a sheet is called in a file, where titles are shorter and lack some signs.
    pub fn title(&self, sheet: SheetId) -> &str {
        self.titles.get(&sheet).map_or("", String::as_str)
    }

    fn filled(&self, cell: CellRef) -> (u32, u32) {
        let Some(last) = self.workbook.calculation.spilled_from(cell).pop() else { return (1, 1) };
        let place = |cell: CellRef| {
            self.workbook.row_index(cell.sheet, cell.row).zip(self.workbook.col_index(cell.sheet, cell.col))
        };
        let (Some(from), Some(to)) = (place(cell), place(last)) else { return (1, 1) };
        (to.0.saturating_sub(from.0) + 1, to.1.saturating_sub(from.1) + 1)
    }

    fn read(&mut self, stored: &Arc<str>) -> Option<Formula> {
        if let Some(read) = self.read.get(stored) {
            return read.clone();
        }
        let read = Formula::from_stored(stored).ok();
        self.read.insert(stored.clone(), read.clone());
        read
    }

    fn stated(&self, formula: &Formula, at: Option<CellRef>) -> Option<FileFormula> {
        let cells = |reference: &crate::formula::MeasureRef| {
            let area = self.workbook.calculation.meant(reference, at?)?;
            Some(RangeRef { sheet: area.sheet, rows: Some(area.rows), cols: Some(area.cols) })
        };
        // A whole column would take the heading with it.
        let rows = |range: &RangeRef| match self.workbook.sheet(range.sheet).map(|sheet| sheet.rows()) {
            Some([first, .., last]) if range.rows.is_none() && Self::headings(self.workbook, range.sheet) > 0 => {
                RangeRef { rows: Some((*first, *last)), ..range.clone() }
            }
            _ => range.clone(),
        };
        let is_known = |name: &str| self.names.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        let (stated, is_array) = formula.statable(&cells, &rows, &is_known)?;
        // A name stands on no sheet, so its references name theirs.
        let at = at.unwrap_or_else(|| {
            let nowhere = Id::of_name("no sheet");
            CellRef { sheet: SheetId(nowhere), row: RowId(nowhere), col: ColId::fixed(MeasureId(nowhere)) }
        });
        let text = stated.print(&InFile { workbook: self.workbook, titles: &self.titles }, at);
        Some(FileFormula { text, is_array, fills: (1, 1) })
    }
}

/// Titles that a file may have, each once: at most 31 characters, none of `[]:*?/\\`, no `'` at an end.
pub fn file_titles<'a>(sheets: impl Iterator<Item = &'a SheetInfo>) -> HashMap<SheetId, String> {
    let mut taken: HashSet<String> = HashSet::new();
    let title_of = |info: &SheetInfo| {
        let plain: String = info.title.chars().map(|c| if "[]:*?/\\".contains(c) { '_' } else { c }).collect();
        let plain = plain.trim_matches('\'').to_owned();
        let plain = if plain.is_empty() { "Sheet".to_owned() } else { plain };
        let numbered = |number: usize| {
            let end = if number > 1 { format!(" ({number})") } else { String::new() };
            plain.chars().take(LONGEST_TITLE - end.len()).chain(end.chars()).collect::<String>()
        };
        let title = (1..).map(numbered).find(|title| taken.insert(title.to_lowercase())).unwrap_or_default();
        (info.id, title)
    };
    sheets.map(title_of).collect()
}

/// A workbook as it lies in a file: planning sheets begin below their headings.
struct InFile<'a> {
    workbook: &'a Workbook,
    titles: &'a HashMap<SheetId, String>,
}

impl InFile<'_> {
    fn below(&self, sheet: SheetId, index: Option<u32>) -> Option<u32> {
        Some(index? + FileFormulas::headings(self.workbook, sheet))
    }
}

impl Names for InFile<'_> {
    fn sheet_by_title(&self, title: &str) -> Option<SheetId> {
        self.workbook.sheet_by_title(title)
    }

    fn sheet_title(&self, sheet: SheetId) -> Option<&str> {
        self.titles.get(&sheet).map(String::as_str)
    }

    fn measure_by_name(&self, sheet: SheetId, name: &str) -> Option<MeasureId> {
        self.workbook.measure_by_name(sheet, name)
    }

    fn measure_name(&self, sheet: SheetId, measure: MeasureId) -> Option<&str> {
        self.workbook.measure_name(sheet, measure)
    }

    fn row_at(&self, sheet: SheetId, index: u32) -> Option<RowId> {
        self.workbook.row_at(sheet, index.checked_sub(FileFormulas::headings(self.workbook, sheet))?)
    }

    fn col_at(&self, sheet: SheetId, index: u32) -> Option<ColId> {
        self.workbook.col_at(sheet, index)
    }

    fn row_index(&self, sheet: SheetId, row: RowId) -> Option<u32> {
        self.below(sheet, self.workbook.row_index(sheet, row))
    }

    fn col_index(&self, sheet: SheetId, col: ColId) -> Option<u32> {
        self.workbook.col_index(sheet, col)
    }

    fn row_gap(&self, sheet: SheetId, row: RowId) -> Option<u32> {
        self.below(sheet, self.workbook.row_gap(sheet, row))
    }

    fn col_gap(&self, sheet: SheetId, col: ColId) -> Option<u32> {
        self.workbook.col_gap(sheet, col)
    }

    fn defined_name(&self, name: &str) -> Option<Arc<str>> {
        self.workbook.defined_name(name)
    }
}
