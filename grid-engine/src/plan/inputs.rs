//! What people entered into a plan, as one table: what two states of it are compared by.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::doc::{
    Input, Measure, MeasureKind, Merge, Mirror, SheetInfo, SheetKind, SheetMeta, SheetMirror, Validation,
};
use crate::refs::a1::column_letters;
use crate::refs::{CellRef, ColId, MeasureId, PartId, RowId, SheetId};

/// Something a person can change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    Sheet(SheetId),
    /// A defined name.
    Name(Arc<str>),
    /// What a measure of a planning sheet is: its formula, its name, its place among the others.
    Measure(SheetId, MeasureId),
    /// What a measure or column accepts.
    Rule(SheetId, MeasureId),
    /// Whether a free sheet's column is there.
    Column(SheetId, ColId),
    /// Whether a row is there.
    Row(SheetId, RowId),
    /// Where a row stands.
    Order(SheetId, RowId),
    /// Where a free sheet's column stands.
    ColumnOrder(SheetId, ColId),
    /// How wide a free sheet's column or a measure is, for everyone.
    Width(SheetId, ColId),
    Cell(CellRef),
    Note(CellRef),
    Style(CellRef),
}

impl Place {
    /// The sheet it belongs to; `None` for a defined name.
    pub fn sheet(&self) -> Option<SheetId> {
        match self {
            Self::Name(_) => None,
            Self::Sheet(sheet) | Self::Measure(sheet, _) | Self::Rule(sheet, _) => Some(*sheet),
            Self::Column(sheet, _) | Self::ColumnOrder(sheet, _) | Self::Width(sheet, _) => Some(*sheet),
            Self::Row(sheet, _) | Self::Order(sheet, _) => Some(*sheet),
            Self::Cell(cell) | Self::Note(cell) | Self::Style(cell) => Some(cell.sheet),
        }
    }

    /// The row it belongs to.
    pub fn row(&self) -> Option<RowId> {
        match self {
            Self::Row(_, row) | Self::Order(_, row) => Some(*row),
            Self::Cell(cell) | Self::Note(cell) | Self::Style(cell) => Some(cell.row),
            _ => None,
        }
    }

    /// The cell it is in.
    pub fn cell(&self) -> Option<CellRef> {
        match self {
            Self::Cell(cell) | Self::Note(cell) | Self::Style(cell) => Some(*cell),
            _ => None,
        }
    }
}

/// What stands at a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Held {
    /// Of an additive measure the sum of contributions, of an allocation measure the weight.
    Input(Input),
    /// A row is there: with its key, after another one of its part.
    Row {
        part: Option<PartId>,
        after: Option<RowId>,
        keys: Vec<(ColId, Input)>,
    },
    Column {
        after: Option<ColId>,
    },
    /// A row stands after another one; its position is another one only when it was moved.
    After {
        row: Option<RowId>,
        position: Arc<str>,
    },
    /// The same of a column.
    Behind {
        col: Option<ColId>,
        position: Arc<str>,
    },
    /// In CSS pixels.
    Width(u32),
    /// A note, the name of a style, the formula of a name.
    Text(Arc<str>),
    Measure(Box<Measure>),
    Rule(Validation),
    Sheet(Box<(SheetInfo, SheetMeta)>),
}

impl Held {
    /// Whether two things are the same to whoever reads the plan.
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Row { part: a, .. }, Self::Row { part: b, .. }) => a == b,
            (Self::Column { .. }, Self::Column { .. }) => true,
            (Self::After { row: a, position: at }, Self::After { row: b, position: bt }) => a == b || at == bt,
            (Self::Behind { col: a, position: at }, Self::Behind { col: b, position: bt }) => a == b || at == bt,
            (a, b) => a == b,
        }
    }

    /// Where a row or column stands, for those that stand somewhere.
    pub(super) fn position(&self) -> Option<&str> {
        match self {
            Self::After { position, .. } | Self::Behind { position, .. } => Some(position),
            _ => None,
        }
    }

    /// The number it is, blank as 0.
    pub fn number(held: Option<&Self>) -> f64 {
        match held {
            Some(Self::Input(Input::Number(number))) => *number,
            _ => 0.0,
        }
    }
}

/// Everything people entered into a plan.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    pub(super) held: HashMap<Place, Held>,
    pub(super) additive: HashSet<(SheetId, MeasureId)>,
}

impl Inputs {
    /// What stands at a place.
    pub fn get(&self, place: &Place) -> Option<&Held> {
        self.held.get(place)
    }

    /// How many things there are.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether nothing was entered at all.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }
}

/// Reads everything people entered.
pub fn inputs(mirror: &Mirror) -> Inputs {
    let mut found = Inputs::default();
    for (name, formula) in mirror.names() {
        found.held.insert(Place::Name(name.clone()), Held::Text(formula.clone()));
    }
    for info in mirror.sheets() {
        let Some(sheet) = mirror.sheet(info.id) else { continue };
        // How often a room was rebased is no part of the plan.
        let meta = SheetMeta { epoch: 0, ..sheet.meta().clone() };
        found.held.insert(Place::Sheet(info.id), Held::Sheet(Box::new((info.clone(), meta))));
        read_sheet(sheet, &mut found);
    }
    found
}

fn read_sheet(sheet: &SheetMirror, found: &mut Inputs) {
    let id = sheet.id();
    let held = &mut found.held;
    let keys: Vec<ColId> = keys(sheet).map(|measure| ColId::fixed(measure.id)).collect();
    held.reserve(sheet.rows().len() * 2);
    let mut last: Option<(Option<PartId>, RowId)> = None;
    for &row in sheet.rows() {
        let part = sheet.part_of(row);
        let after = last.filter(|(of, _)| *of == part).map(|(_, row)| row);
        last = Some((part, row));
        let key = |&col: &ColId| Some((col, sheet.input(row, col)?.clone()));
        let keys = keys.iter().filter_map(key).collect();
        held.insert(Place::Row(id, row), Held::Row { part, after, keys });
        if let Some(position) = sheet.position(row) {
            held.insert(Place::Order(id, row), Held::After { row: after, position: position.clone() });
        }
    }
    if sheet.meta().kind == SheetKind::Planning {
        let measure = |measure: &Measure| (Place::Measure(id, measure.id), Held::Measure(Box::new(measure.clone())));
        held.extend(sheet.measures().iter().map(measure));
    }
    if sheet.meta().kind == SheetKind::Free {
        let mut after = None;
        for &col in sheet.cols() {
            held.insert(Place::Column(id, col), Held::Column { after });
            if let Some(position) = sheet.col_position(col) {
                held.insert(Place::ColumnOrder(id, col), Held::Behind { col: after, position: position.clone() });
            }
            after = Some(col);
        }
    }
    let measures = sheet.measures().iter().map(|measure| ColId::fixed(measure.id));
    let columns: HashSet<ColId> = sheet.cols().iter().copied().chain(measures).collect();
    let width = |col: ColId| Some((Place::Width(id, col), Held::Width(sheet.width(col)?)));
    held.extend(columns.into_iter().filter_map(width));
    let cell = |row, col| CellRef { sheet: id, row, col };
    // A key is part of its row.
    let cells = sheet.entered().filter(|(_, col, _)| !keys.contains(col));
    held.extend(cells.map(|(row, col, input)| (Place::Cell(cell(row, col)), Held::Input(input))));
    let styles = sheet.styles().map(|(row, col, style)| (Place::Style(cell(row, col)), Held::Text(style.clone())));
    held.extend(styles);
    let notes =
        sheet.notes().map(|(row, col, note)| (Place::Note(cell(row, col)), Held::Text(note.text.as_str().into())));
    held.extend(notes);
    held.extend(sheet.validations().map(|(measure, rule)| (Place::Rule(id, measure), Held::Rule(rule.clone()))));
    let additive = sheet.measures().iter().filter(|measure| measure.merge == Merge::Additive);
    found.additive.extend(additive.map(|measure| (id, measure.id)));
}

fn keys(sheet: &SheetMirror) -> impl Iterator<Item = &Measure> {
    sheet.measures().iter().filter(|measure| measure.kind == MeasureKind::Key)
}

/// A place as people name it; empty where it has no such thing.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PlaceName {
    pub sheet: String,
    /// The part of a partitioned sheet, say the region.
    pub part: String,
    /// The row's key, or its number.
    pub row: String,
    /// The measure and bucket, or the column's letters.
    pub column: String,
}

/// What people call a place; `None` where the plan does not have it.
pub fn place_name(mirror: &Mirror, place: &Place) -> Option<PlaceName> {
    if let Place::Name(name) = place {
        return Some(PlaceName { row: name.to_string(), ..PlaceName::default() });
    }
    let id = place.sheet()?;
    let title = mirror.sheets().iter().find(|info| info.id == id)?.title.clone();
    let sheet = mirror.sheet(id)?;
    let col = match place {
        Place::Measure(_, measure) | Place::Rule(_, measure) => Some(ColId::fixed(*measure)),
        Place::Column(_, col) | Place::ColumnOrder(_, col) | Place::Width(_, col) => Some(*col),
        _ => place.cell().map(|cell| cell.col),
    };
    let row = match place.row() {
        Some(row) => row_name(sheet, row)?,
        None => String::new(),
    };
    let part = place.row().and_then(|row| sheet.meta().parts.get(&sheet.part_of(row)?)).cloned().unwrap_or_default();
    let column = col.map_or(Some(String::new()), |col| column_name(sheet, col))?;
    Some(PlaceName { sheet: title, part, row, column })
}

fn row_name(sheet: &SheetMirror, row: RowId) -> Option<String> {
    let place = sheet.row_index(row)?;
    let key = |measure: &Measure| match sheet.input(row, ColId::fixed(measure.id)) {
        Some(Input::Text(text)) => Some(text.to_string()),
        Some(Input::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let key: Vec<String> = keys(sheet).filter_map(key).collect();
    Some(if key.is_empty() { (place + 1).to_string() } else { key.join(" · ") })
}

fn column_name(sheet: &SheetMirror, col: ColId) -> Option<String> {
    match (sheet.meta().kind, sheet.measure(col.measure)) {
        (SheetKind::Planning, Some(measure)) => Some(match col.bucket {
            Some(bucket) => format!("{} {bucket}", measure.name),
            None => measure.name.clone(),
        }),
        (SheetKind::Planning, None) => None,
        (SheetKind::Free, _) => sheet.col_index(col).map(|place| column_letters(place as u32)),
    }
}
