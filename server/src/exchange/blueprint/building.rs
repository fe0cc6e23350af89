//! A blueprint becomes documents: structure first, then what is entered, and formulas when all they may name is there.

use std::sync::Arc;

use grid_engine::doc::{
    Edit, Guard, Input, MAKER, Measure, MeasureKind, Op, SheetInfo, SheetKind, SheetMeta, position,
};
use grid_engine::refs::{CellRef, ColId, MeasureId, PartId, PersonId, RoomId, RowId, SheetId};
use grid_engine::workbook::{Side, Workbook};

use super::{Blueprint, BlueprintError, Entry, Kind, MeasureBlueprint, SheetBlueprint, part_id, row_id};

impl Blueprint {
    /// Makes the workbook, as edits by `by` at `at` (milliseconds since 1970).
    pub fn build(&self, by: PersonId, at: i64) -> Result<Workbook, BlueprintError> {
        let mut workbook = Workbook::new(Side::Server, MAKER);
        workbook.open_room(RoomId::Book, &[])?;
        let mut last = None;
        for sheet in &self.sheets {
            let place = position::between(last.as_deref(), None);
            last = Some(place.clone());
            workbook.open_room(RoomId::Sheet(sheet.id), &[])?;
            let edit = |ops| Edit { by, at, why: None, ops };
            workbook.apply(&edit(sheet.structure(place)))?;
            for part in sheet.parts().keys() {
                workbook.open_room(RoomId::Part(sheet.id, *part), &[])?;
            }
            workbook.apply(&edit(sheet.content()))?;
            for (measure, facts) in &sheet.facts {
                workbook.set_facts(sheet.id, *measure, facts.clone());
            }
        }
        // Formulas last: they may name any sheet.
        for sheet in &self.sheets {
            let ops = sheet.formulas(&workbook)?;
            if !ops.is_empty() {
                workbook.apply(&Edit { by, at, why: None, ops })?;
            }
        }
        Ok(workbook)
    }
}

impl SheetBlueprint {
    fn parts(&self) -> std::collections::BTreeMap<PartId, String> {
        self.rows
            .iter()
            .filter_map(|row| self.partition_value(row))
            .map(|value| (part_id(value), value.clone()))
            .collect()
    }

    fn structure(&self, position: String) -> Vec<Op> {
        let info = SheetInfo {
            id: self.id,
            title: self.title.clone(),
            kind: self.kind,
            position,
            role: self.role.clone(),
            group: self.group.clone(),
            hidden: false,
            published: false,
            colour: None,
        };
        let meta = SheetMeta {
            kind: self.kind,
            title: self.title.clone(),
            epoch: 0,
            horizon: self.horizon,
            partition: self.partition,
            parts: self.parts(),
        };
        let mut ops = vec![Op::PutSheet { info, meta }];
        for (order, measure) in self.measures.iter().enumerate() {
            let kind = match &measure.kind {
                Kind::Key => MeasureKind::Key,
                // A formula is put in place once all it may name exists.
                Kind::Input | Kind::Formula(_) => MeasureKind::Input,
                Kind::Layer => MeasureKind::Layer,
            };
            ops.push(Op::PutMeasure { sheet: self.id, measure: measure.with_kind(kind, order) });
        }
        ops
    }

    fn content(&self) -> Vec<Op> {
        let sheet = self.id;
        let mut ops = Vec::new();
        if self.kind == SheetKind::Free {
            let rows: Vec<RowId> = (0..self.free_rows).map(|row| free_row(sheet, row)).collect();
            let cols: Vec<ColId> = (0..self.free_cols).map(|col| free_col(sheet, col)).collect();
            ops.push(Op::InsertRows { sheet, part: None, after: None, rows });
            ops.push(Op::InsertCols { sheet, after: None, cols });
            ops.extend((0..).zip(&self.widths).map(|(col, width)| Op::SetColWidth {
                sheet,
                col: free_col(sheet, col),
                width: Some(*width),
            }));
            for (cols, rows, format) in &self.formats {
                let style: Option<Arc<str>> = Some((*format).into());
                for (row, col) in rows
                    .clone()
                    .take_while(|row| *row < self.free_rows)
                    .flat_map(|row| cols.clone().map(move |col| (row, col)))
                {
                    let cell = CellRef { sheet, row: free_row(sheet, row), col: free_col(sheet, col) };
                    ops.push(Op::SetStyle { cell, style: style.clone() });
                }
            }
        }
        let mut by_part: std::collections::BTreeMap<Option<PartId>, Vec<RowId>> = std::collections::BTreeMap::new();
        for row in &self.rows {
            by_part.entry(self.partition_value(row).map(|value| part_id(value))).or_default().push(row_id(&row.key));
        }
        ops.extend(by_part.into_iter().map(|(part, rows)| Op::InsertRows { sheet, part, after: None, rows }));
        for row in &self.rows {
            let id = row_id(&row.key);
            for (measure, value) in self.key_measures().zip(&row.key) {
                let cell = CellRef { sheet, row: id, col: ColId::fixed(measure.id) };
                ops.push(set(cell, Input::Text(value.as_str().into())));
            }
            for (col, entry) in &row.cells {
                if let Some(input) = entry.plain() {
                    ops.push(set(CellRef { sheet, row: id, col: *col }, input));
                }
            }
        }
        ops.extend(self.styles.iter().map(|(row, col, format)| Op::SetStyle {
            cell: CellRef { sheet, row: *row, col: *col },
            style: Some((*format).into()),
        }));
        for (row, col, entry) in &self.free_cells {
            if let Some(input) = entry.plain() {
                ops.push(set(CellRef { sheet, row: free_row(sheet, *row), col: free_col(sheet, *col) }, input));
            }
        }
        ops
    }

    fn formulas(&self, workbook: &Workbook) -> Result<Vec<Op>, BlueprintError> {
        let sheet = self.id;
        let stored = |cell: CellRef, place: String, formula: &str| {
            workbook.formula_stored(cell, formula).map_err(|error| BlueprintError::Formula {
                place,
                formula: formula.to_owned(),
                error,
            })
        };
        let anywhere = RowId::of_key(&[]);
        let mut ops = Vec::new();
        for (order, measure) in self.measures.iter().enumerate() {
            if let Kind::Formula(formula) = &measure.kind {
                let cell = CellRef { sheet, row: anywhere, col: ColId::fixed(measure.id) };
                let formula = stored(cell, format!("{}, measure {}", self.title, measure.name), formula)?;
                ops.push(Op::PutMeasure { sheet, measure: measure.with_kind(MeasureKind::Formula(formula), order) });
            }
        }
        let keyed =
            self.rows.iter().flat_map(|row| row.cells.iter().map(|(col, entry)| (row_id(&row.key), *col, entry)));
        let free =
            self.free_cells.iter().map(|(row, col, entry)| (free_row(sheet, *row), free_col(sheet, *col), entry));
        for (row, col, entry) in keyed.chain(free) {
            if let Entry::Formula(formula) = entry {
                let cell = CellRef { sheet, row, col };
                let formula = stored(cell, format!("{}, {col}", self.title), formula)?;
                ops.push(set(cell, Input::Formula(formula.into())));
            }
        }
        Ok(ops)
    }
}

fn free_row(sheet: SheetId, row: u32) -> RowId {
    RowId::of_key(&[&sheet.to_string(), "row", &row.to_string()])
}

fn free_col(sheet: SheetId, col: u32) -> ColId {
    ColId::fixed(MeasureId::of_key(&[&sheet.to_string(), "col", &col.to_string()]))
}

fn set(cell: CellRef, input: Input) -> Op {
    Op::SetCell { cell, input: Some(input), guard: Guard::Always }
}

impl Entry {
    fn plain(&self) -> Option<Input> {
        match self {
            Self::Number(number) => Some(Input::Number(*number)),
            Self::Text(text) => Some(Input::Text(text.as_str().into())),
            Self::Formula(_) => None,
        }
    }
}

impl MeasureBlueprint {
    pub(super) fn with_kind(&self, kind: MeasureKind, order: usize) -> Measure {
        Measure {
            id: self.id,
            name: self.name.clone(),
            kind,
            timed: self.timed,
            span: self.span,
            merge: self.merge,
            aggregate: self.aggregate,
            format: self.format,
            unit: self.unit.clone(),
            order: order as u32,
            help: self.help.clone(),
        }
    }
}
