//! What sheets, measures, rows and columns are called.

use std::sync::Arc;

use super::Workbook;
use crate::formula::{Formula, FormulaError, Names, from_local, to_local};
use crate::refs::{CellRef, ColId, MeasureId, RowId, SheetId};

impl Names for Workbook {
    fn sheet_by_title(&self, title: &str) -> Option<SheetId> {
        let wanted = title.to_lowercase();
        self.mirror().sheets().iter().find(|info| info.title.to_lowercase() == wanted).map(|info| info.id)
    }

    fn sheet_title(&self, sheet: SheetId) -> Option<&str> {
        self.mirror().sheets().iter().find(|info| info.id == sheet).map(|info| info.title.as_str())
    }

    fn measure_by_name(&self, sheet: SheetId, name: &str) -> Option<MeasureId> {
        let wanted = name.to_lowercase();
        self.sheet(sheet)?.measures().iter().find(|measure| measure.name.to_lowercase() == wanted).map(|m| m.id)
    }

    fn measure_name(&self, sheet: SheetId, measure: MeasureId) -> Option<&str> {
        Some(self.sheet(sheet)?.measure(measure)?.name.as_str())
    }

    fn row_at(&self, sheet: SheetId, index: u32) -> Option<RowId> {
        self.sheet(sheet)?.rows().get(index as usize).copied()
    }

    fn col_at(&self, sheet: SheetId, index: u32) -> Option<ColId> {
        self.sheet(sheet)?.cols().get(index as usize).copied()
    }

    fn row_index(&self, sheet: SheetId, row: RowId) -> Option<u32> {
        self.sheet(sheet)?.row_index(row).map(|index| index as u32)
    }

    fn col_index(&self, sheet: SheetId, col: ColId) -> Option<u32> {
        self.sheet(sheet)?.col_index(col).map(|index| index as u32)
    }

    fn row_gap(&self, sheet: SheetId, row: RowId) -> Option<u32> {
        self.sheet(sheet)?.row_gap(row).map(|index| index as u32)
    }

    fn col_gap(&self, sheet: SheetId, col: ColId) -> Option<u32> {
        let deleted = self.sheet(sheet)?.deleted_cols();
        deleted.into_iter().find(|(gone, _)| *gone == col).map(|(_, index)| index as u32)
    }

    fn defined_name(&self, name: &str) -> Option<Arc<str>> {
        let wanted = name.to_lowercase();
        self.mirror().names().iter().find(|(name, _)| name.to_lowercase() == wanted).map(|(_, stored)| stored.clone())
    }
}

impl Workbook {
    /// A formula's stored text as people read it at `cell`, in the signs of the locale.
    pub fn formula_text(&self, cell: CellRef, stored: &str) -> String {
        let print = |formula: Formula| to_local(&formula.print(self, cell), self.locale).into_owned();
        Formula::from_stored(stored).map_or_else(|_| stored.to_owned(), print)
    }

    /// The stored form of a formula as typed at `cell`, in the signs of the locale.
    ///
    /// Sheets and measures it names must be there already. The row of `cell` need not: for the formula of a measure
    /// any row of its sheet does, see [`measure_formula_stored`](Self::measure_formula_stored).
    pub fn formula_stored(&self, cell: CellRef, typed: &str) -> Result<String, FormulaError> {
        Formula::parse(&from_local(typed, self.locale), self, cell).map(|formula| formula.to_stored())
    }

    /// The stored form of a measure's formula as typed, for `MeasureKind::Formula`.
    ///
    /// Every sheet and measure it names must be in the workbook, the measure itself too if it refers to itself
    /// (`[@Stock:-1]`). So build a workbook in this order: all sheets; all measures, those with formulas as
    /// `MeasureKind::Input` or with the formula `=0` for the time being; then the measures with formulas again.
    ///
    /// ```
    /// # use grid_engine::{doc::*, refs::*, workbook::*};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sheet = SheetId::named("demand")?;
    /// # let mut workbook = Workbook::new(Side::Server, 1);
    /// # workbook.open_room(RoomId::Book, &[])?;
    /// # let info = SheetInfo { id: sheet, title: "Demand".into(), kind: SheetKind::Planning, position: "a0".into(),
    /// #     role: String::new(), group: String::new(), hidden: false, published: false, colour: None };
    /// # let meta = SheetMeta { kind: SheetKind::Planning, title: "Demand".into(), epoch: 0, horizon: None,
    /// #     partition: None, parts: Default::default() };
    /// # let measure = |name: &str, order| Measure { id: MeasureId(Id::of_name(name)), name: name.into(),
    /// #     kind: MeasureKind::Input, timed: false, span: Span::All, merge: Merge::Override,
    /// #     aggregate: Aggregate::Sum, format: Default::default(), unit: String::new(), order, help: String::new() };
    /// # let (price, units) = (measure("Price", 1), measure("Units", 2));
    /// # let ops = vec![Op::PutSheet { info, meta }, Op::PutMeasure { sheet, measure: price },
    /// #     Op::PutMeasure { sheet, measure: units }];
    /// # workbook.apply(&Edit { by: PersonId::named("ada")?, at: 0, why: None, ops })?;
    /// let stored = workbook.measure_formula_stored(sheet, "=[@price] * [@units]")?;
    /// assert_eq!(workbook.measure_formula_text(sheet, &stored), "=[@Price]*[@Units]");
    /// # Ok(())
    /// # }
    /// ```
    pub fn measure_formula_stored(&self, sheet: SheetId, typed: &str) -> Result<String, FormulaError> {
        self.formula_stored(nowhere_in(sheet), typed)
    }

    /// The formula of a measure as people read it.
    pub fn measure_formula_text(&self, sheet: SheetId, stored: &str) -> String {
        self.formula_text(nowhere_in(sheet), stored)
    }
}

/// A place in a sheet that is no cell: for formulas that have none of their own.
fn nowhere_in(sheet: SheetId) -> CellRef {
    CellRef { sheet, row: RowId::of_key(&[]), col: ColId::fixed(MeasureId::of_key(&[])) }
}
