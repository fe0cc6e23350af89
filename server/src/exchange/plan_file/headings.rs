//! What the columns of a table mean for a planning sheet, by their headings.

use std::collections::HashSet;

use grid_engine::calendar::Bucket;
use grid_engine::doc::{Measure, MeasureKind, SheetMirror};
use grid_engine::refs::ColId;

use super::reading::text_of;
use super::table::{Line, Table};
use crate::exchange::table_file::Problems;

/// A table's first row, understood.
pub(super) struct Headings<'a> {
    pub keys: Vec<&'a Measure>,
    /// The table's column of each key.
    pub key_places: Vec<usize>,
    pub names: Vec<String>,
    pub columns: Vec<Column<'a>>,
    /// Columns that are not read, and why.
    pub left_out: Vec<String>,
}

/// What a column of a table is.
pub(super) enum Column<'a> {
    Key(usize),
    Cells(&'a Measure, ColId),
    LeftOut,
}

impl<'a> Headings<'a> {
    /// Understands the first row; the lines below it.
    pub fn read<'t>(sheet: &'a SheetMirror, table: &'t Table) -> Result<(Self, &'t [Line]), Vec<String>> {
        let keys: Vec<&Measure> = sheet.measures().iter().filter(|it| it.kind == MeasureKind::Key).collect();
        let Some((head, lines)) = table.lines.split_first() else {
            return Err(vec!["The file is empty: its first row names the columns.".to_owned()]);
        };
        let names: Vec<String> = head.cells.iter().map(|cell| text_of(cell).trim().to_owned()).collect();
        let mut left_out = LeftOut::default();
        let columns: Vec<Column<'a>> = names.iter().map(|name| column(sheet, &keys, name, &mut left_out)).collect();
        let mut problems = Problems::default();
        let mut key_places = Vec::new();
        for (number, key) in keys.iter().enumerate() {
            let is_this = |&at: &usize| matches!(columns[at], Column::Key(of) if of == number);
            match (0..columns.len()).find(is_this) {
                Some(place) => key_places.push(place),
                None => problems.file(&table.name, &format!("has no column {} in its first row", key.name)),
            }
        }
        let mut named = HashSet::new();
        for (name, column) in names.iter().zip(&columns) {
            let is_second = match column {
                Column::Key(number) => !named.insert(ColId::fixed(keys[*number].id)),
                Column::Cells(_, col) => !named.insert(*col),
                Column::LeftOut => false,
            };
            if is_second {
                problems.file(&table.name, &format!("has column {name} twice"));
            }
        }
        problems.into_result()?;
        Ok((Self { keys, key_places, names, columns, left_out: left_out.told() }, lines))
    }
}

/// What a heading means: a key, a measure, or a measure and a bucket.
fn column<'a>(sheet: &'a SheetMirror, keys: &[&Measure], name: &str, left_out: &mut LeftOut) -> Column<'a> {
    let is = |measure: &&Measure, name: &str| measure.name.to_lowercase() == name.to_lowercase();
    if let Some(number) = keys.iter().position(|key| is(key, name)) {
        return Column::Key(number);
    }
    let whole = sheet.measures().iter().find(|measure| !measure.timed && is(measure, name)).map(|it| (it, None));
    let timed = || {
        let (start, end) = name.rsplit_once([' ', '@'])?;
        let bucket: Bucket = end.parse().ok()?;
        let measure = sheet.measures().iter().find(|measure| measure.timed && is(measure, start.trim()))?;
        Some((measure, Some(bucket)))
    };
    let Some((measure, bucket)) = whole.or_else(timed) else {
        if !name.is_empty() {
            left_out.add(name, "the sheet has no such column");
        }
        return Column::LeftOut;
    };
    let col = ColId { measure: measure.id, bucket };
    let reason = match &measure.kind {
        MeasureKind::Formula(_) => "calculated in the sheet",
        MeasureKind::Layer => "imported, or computed by a job",
        _ if measure.merge.is_allocation() => "shares are entered in the sheet",
        _ if sheet.col_index(col).is_none() => {
            left_out.add(name, "outside the sheet's horizon");
            return Column::LeftOut;
        }
        _ => return Column::Cells(measure, col),
    };
    left_out.add(&measure.name, reason);
    Column::LeftOut
}

/// Columns that are not read, by reason.
#[derive(Default)]
struct LeftOut(Vec<(&'static str, Vec<String>)>);

impl LeftOut {
    fn add(&mut self, name: &str, reason: &'static str) {
        match self.0.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) if names.iter().any(|known| known == name) => {}
            Some((_, names)) => names.push(name.to_owned()),
            None => self.0.push((reason, vec![name.to_owned()])),
        }
    }

    fn told(self) -> Vec<String> {
        self.0.into_iter().map(|(reason, names)| format!("{}: {reason}", names.join(", "))).collect()
    }
}
