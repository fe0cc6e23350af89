//! Levels of a plan's hierarchy: what lines of figures stand for, from families down to single rows.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::actuals::comparable_by;
use super::frame::FrameReader;
use crate::doc::MeasureKind;
use crate::refs::{MeasureId, RowId};
use crate::value::order::sort_by_key;
use crate::wire::SheetFrame;

/// The columns whose texts name a line; rows with the same texts are one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    columns: Vec<MeasureId>,
}

impl Level {
    /// The level of this name: an untimed column by its id or name, or several with commas between them
    /// (`item,region`); `None` where the sheet lacks one.
    pub fn named(frame: &SheetFrame, by: &str) -> Option<Self> {
        let column = |by: &str| {
            let is_meant = |name: &str, id: MeasureId| name.eq_ignore_ascii_case(by) || id.to_string() == by;
            let found = frame.measures.iter().find(|found| !found.timed && is_meant(&found.name, found.id));
            found.map(|found| found.id)
        };
        // A column's name may have a comma in it.
        let columns = match column(by) {
            Some(one) => vec![one],
            None => by.split(',').map(|by| column(by.trim())).collect::<Option<_>>()?,
        };
        Some(Self { columns })
    }

    /// The name of the line a row belongs to, e.g. `Beverages`, or `Still 1 L / DACH` at a level of two columns.
    pub fn line<'a>(&self, reader: &FrameReader<'a>, row: usize) -> Cow<'a, str> {
        match self.columns[..] {
            [only] => reader.text(only, row).into(),
            _ => self.columns.iter().map(|&column| reader.text(column, row)).collect::<Vec<_>>().join(" / ").into(),
        }
    }
}

/// The line of every row at a level; empty where the sheet has no such level.
pub fn lines_by_row(frame: &SheetFrame, by: &str) -> HashMap<RowId, String> {
    let reader = FrameReader::new(frame);
    let Some(level) = Level::named(frame, by) else { return HashMap::new() };
    let line = |(place, row): (usize, &RowId)| (*row, level.line(&reader, place).into_owned());
    frame.rows.iter().enumerate().map(line).collect()
}

/// The levels figures of a sheet can be told at, fewest lines first, those of one line last. A sheet with several
/// keys has one more, its single rows: `Item, Region`.
pub fn levels(frame: &SheetFrame) -> Vec<String> {
    let reader = FrameReader::new(frame);
    let keys = frame.measures.iter().filter(|measure| measure.kind == MeasureKind::Key);
    let keys: Vec<&str> = keys.map(|key| key.name.as_str()).collect();
    let rows = (keys.len() > 1).then(|| keys.join(", "));
    let lines = |by: &str| {
        let level = Level::named(frame, by)?;
        Some((0..reader.len()).map(|row| level.line(&reader, row)).collect::<HashSet<_>>().len())
    };
    let named = comparable_by(frame).into_iter().chain(rows);
    let mut levels: Vec<(usize, String)> = named.filter_map(|by| Some((lines(&by)?, by))).collect();
    sort_by_key(&mut levels, |(lines, _)| (*lines < 2, *lines));
    levels.into_iter().map(|(_, by)| by).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn frame(rows: &[[&str; 3]]) -> SheetFrame {
        let column = |at: usize| rows.iter().map(|row| row[at]).collect::<Vec<_>>();
        serde_json::from_value(json!({
            "info": {"id": "demand", "title": "Demand", "kind": "planning", "position": "a", "role": "demand"},
            "meta": {"kind": "planning", "title": "Demand", "epoch": 0},
            "measures": [
                {"id": "item", "name": "Item", "kind": "key", "timed": false, "order": 0},
                {"id": "region", "name": "Region", "kind": "key", "timed": false, "order": 1},
                {"id": "group", "name": "Group, as sold", "kind": "input", "timed": false, "order": 2},
            ],
            "rows": rows.iter().map(|[item, region, _]| crate::refs::RowId::of_key(&[item, region])).collect::<Vec<_>>(),
            "columns": [
                {"col": "item", "values": column(0)},
                {"col": "region", "values": column(1)},
                {"col": "group", "values": column(2)},
            ],
        }))
        .unwrap()
    }

    #[test]
    fn a_level_is_a_column_or_several() {
        let frame = frame(&[["Tea", "North", "Drinks"], ["Soap", "South", "Care"]]);
        let reader = FrameReader::new(&frame);
        for (by, line) in [
            ("region", Some("South")),
            ("REGION", Some("South")),
            ("item,region", Some("Soap / South")),
            ("Region, Item", Some("South / Soap")),
            ("Group, as sold", Some("Care")),
            ("item,moon", None),
            ("", None),
        ] {
            let found = Level::named(&frame, by).map(|level| level.line(&reader, 1));
            assert_eq!(found.as_deref(), line, "{by:?}");
        }
    }

    #[test]
    fn levels_go_from_the_fewest_lines_to_single_rows() {
        let rows =
            [["Tea", "North", "All"], ["Soap", "North", "All"], ["Rice", "South", "All"], ["Tea", "South", "All"]];
        assert_eq!(levels(&frame(&rows)), ["Region", "Item", "Item, Region", "Group, as sold"]);
        assert_eq!(levels(&frame(&[])), ["Item, Region"], "columns without a text are none");
    }
}
