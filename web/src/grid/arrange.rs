//! Which rows are shown, in which order and groups.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use grid_engine::doc::SheetKind;
use grid_engine::refs::{ColId, MeasureId, RowId};
use grid_engine::value::order::sort_by;

use super::layout::{Group, View};
use super::source::Shape;

/// Rows in the order of one column's values; equal ones and blanks keep the sheet's order, blanks last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    pub by: ColId,
    pub descending: bool,
}

/// What laying out reads of the cells.
pub trait Cells {
    /// The text of a row's untimed cell.
    fn text(&self, row: RowId, measure: MeasureId) -> String;
    /// The number in a cell.
    fn number(&self, row: RowId, col: ColId) -> Option<f64>;
    /// Whether a row of a free sheet is written as the headings of what is under it.
    fn is_heading(&self, row: RowId) -> bool {
        let _ = row;
        false
    }
}

impl<F: Fn(RowId, MeasureId) -> String> Cells for F {
    fn text(&self, row: RowId, measure: MeasureId) -> String {
        self(row, measure)
    }

    fn number(&self, row: RowId, col: ColId) -> Option<f64> {
        self(row, col.measure).parse().ok()
    }
}

/// How many leading rows of a free sheet stay in view.
pub fn frozen_rows(shape: &Shape, view: &View) -> usize {
    let row = view.freeze.row.filter(|_| shape.kind == SheetKind::Free);
    row.and_then(|row| shape.rows.iter().position(|known| *known == row)).map_or(0, |row| row + 1)
}

/// How many leading rows of a free sheet have their place whatever its order and filters: the frozen ones, or those down
/// to its headings. Where no row is written as such, the first one is it, unless it has a number in the columns that give
/// the order or are filtered.
pub fn heading_rows(shape: &Shape, view: &View, cells: &dyn Cells) -> usize {
    /// Headings further down than this are those of other tables.
    const SOUGHT: usize = 20;
    let frozen = frozen_rows(shape, view);
    if frozen > 0 || shape.kind != SheetKind::Free || (view.sort.is_none() && view.excluded.is_empty()) {
        return frozen;
    }
    let is_heading = |row: &RowId| cells.is_heading(*row);
    if let Some(first) = shape.rows.iter().take(SOUGHT).position(is_heading) {
        return first + shape.rows[first..].iter().take_while(|row| is_heading(row)).count();
    }
    let mut cols = view.excluded.keys().map(|&measure| ColId::fixed(measure)).chain(view.sort.map(|sort| sort.by));
    usize::from(shape.rows.first().is_some_and(|&first| cols.all(|col| cells.number(first, col).is_none())))
}

/// The rows on show in order, and their groups where asked for.
pub fn arrange(shape: &Shape, view: &View, cells: &dyn Cells) -> (Vec<u32>, Vec<Group>) {
    let words: Vec<String> = view.filter.split_whitespace().map(str::to_lowercase).collect();
    // The keys and attributes of a planning sheet, all cells of a free one.
    let untimed = shape.measures.iter().filter(|measure| !measure.timed).map(|measure| measure.id);
    let texts: Vec<MeasureId> = untimed.chain(shape.cols.iter().map(|col| col.measure)).collect();
    let matches = |row: RowId| {
        let joined =
            texts.iter().map(|&measure| cells.text(row, measure).to_lowercase()).collect::<Vec<_>>().join("\u{1f}");
        words.iter().all(|word| joined.contains(word.as_str()))
    };
    let excluded = |row: RowId| {
        view.excluded.iter().any(|(&measure, texts)| !texts.is_empty() && texts.contains(&cells.text(row, measure)))
    };
    let heading = heading_rows(shape, view, cells);
    let mut shown: Vec<u32> = shape
        .rows
        .iter()
        .enumerate()
        .filter(|(index, row)| *index < heading || ((words.is_empty() || matches(**row)) && !excluded(**row)))
        .map(|(index, _)| index as u32)
        .collect();
    if let Some(sort) = view.sort {
        put_in_order(&mut shown[heading..], shape, sort, cells);
    }
    let Some(by) = view.group else { return (shown, Vec::new()) };
    let mut groups = BTreeMap::<String, Vec<u32>>::new();
    for &row in &shown {
        if let Some(&id) = shape.rows.get(row as usize) {
            groups.entry(cells.text(id, by)).or_default().push(row);
        }
    }
    let groups = groups
        .into_iter()
        .map(|(name, rows)| Group { collapsed: view.collapsed.contains(&name), name, rows })
        .collect();
    (shown, groups)
}

fn put_in_order(rows: &mut [u32], shape: &Shape, sort: Sort, cells: &dyn Cells) {
    let mut keyed: Vec<(Option<f64>, String, u32)> = rows
        .iter()
        .filter_map(|&row| {
            let id = *shape.rows.get(row as usize)?;
            let text = if sort.by.bucket.is_none() { cells.text(id, sort.by.measure) } else { String::new() };
            Some((cells.number(id, sort.by), text.to_lowercase(), row))
        })
        .collect();
    // Numbers before texts before blanks, as spreadsheets sort.
    let rank = |key: &(Option<f64>, String, u32)| if key.0.is_some() { 0 } else { 1 + u8::from(key.1.is_empty()) };
    sort_by(&mut keyed, |a, b| {
        let values = match (a.0, b.0) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            _ => a.1.cmp(&b.1),
        };
        let blank = (rank(a) == 2).cmp(&(rank(b) == 2));
        let values = if blank == Ordering::Equal { rank(a).cmp(&rank(b)).then(values) } else { return blank };
        if sort.descending { values.reverse() } else { values }
    });
    for (row, (.., sorted)) in rows.iter_mut().zip(keyed) {
        *row = sorted;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::layout::tests::demand;
    use super::super::layout::{Freeze, Layout, Line};
    use super::*;

    #[test]
    fn a_person_sorts_and_filters_for_themselves() {
        let shape = demand(4);
        let item = shape.measures[0].id;
        let names = ["b", "10", "", "9"];
        let text = |row: RowId, _: MeasureId| {
            names[shape.rows.iter().position(|&known| known == row).unwrap_or_default()].to_owned()
        };
        let rows = |view: &View| {
            let layout = Layout::new(&shape, view, 1400.0, 7.1, &text);
            let stride = layout.stride();
            let rows = layout.lines.iter().step_by(stride).filter_map(|line| match line {
                Line::Row { row, .. } => Some(*row),
                Line::Group { .. } => None,
            });
            rows.collect::<Vec<u32>>()
        };
        let sorted = |descending| View { sort: Some(Sort { by: ColId::fixed(item), descending }), ..View::default() };
        assert_eq!(rows(&sorted(false)), [3, 1, 0, 2], "numbers, texts, blanks");
        assert_eq!(rows(&sorted(true)), [0, 1, 3, 2], "blanks last either way");
        let excluded = BTreeMap::from([(item, BTreeSet::from(["b".to_owned()]))]);
        assert_eq!(rows(&View { excluded, ..View::default() }), [1, 2, 3]);
    }

    #[test]
    fn a_free_sheet_is_filtered_by_all_its_cells() {
        let col = |name: &str| ColId::fixed(MeasureId::of_key(&[name]));
        let free = Shape { kind: SheetKind::Free, measures: Vec::new(), cols: vec![col("a"), col("b")], ..demand(3) };
        let text = |row: RowId, measure: MeasureId| {
            let line = free.rows.iter().position(|&known| known == row).unwrap_or_default();
            if measure == col("b").measure { format!("Note {line}") } else { "Price".to_owned() }
        };
        let view = View { filter: "price note 2".to_owned(), ..View::default() };
        assert_eq!(arrange(&free, &view, &text).0, [2]);
    }

    /// A free sheet with names in its first column and numbers in its second, and whether a row is written as headings.
    struct Lines(Vec<(&'static str, &'static str)>, Option<usize>);

    impl Lines {
        fn col(at: usize) -> ColId {
            ColId::fixed(MeasureId::of_key(&[["name", "number"][at]]))
        }

        fn at(&self, row: RowId, measure: MeasureId) -> &'static str {
            let line = (0..self.0.len()).find(|line| RowId::of_key(&[&line.to_string()]) == row);
            let (name, number) = line.map(|line| self.0[line]).unwrap_or_default();
            if measure == Self::col(0).measure { name } else { number }
        }

        fn shown(&self, view: &View) -> Vec<u32> {
            let cols = vec![Self::col(0), Self::col(1)];
            let shape = Shape { kind: SheetKind::Free, measures: Vec::new(), cols, ..demand(self.0.len()) };
            arrange(&shape, view, self).0
        }
    }

    impl Cells for Lines {
        fn text(&self, row: RowId, measure: MeasureId) -> String {
            self.at(row, measure).to_owned()
        }
        fn number(&self, row: RowId, col: ColId) -> Option<f64> {
            self.at(row, col.measure).parse().ok()
        }
        fn is_heading(&self, row: RowId) -> bool {
            self.1.is_some_and(|line| RowId::of_key(&[&line.to_string()]) == row)
        }
    }

    #[test]
    fn headings_of_a_free_sheet_stay_where_it_is_sorted_and_filtered() {
        let sort = |at: usize| View { sort: Some(Sort { by: Lines::col(at), descending: false }), ..View::default() };
        let table = vec![("Item", "Litres"), ("b", "2"), ("a", "30"), ("", "1"), ("c", "")];
        let plain = Lines(table.clone(), None);
        assert_eq!(plain.shown(&sort(0)), [0, 2, 1, 4, 3]);
        assert_eq!(plain.shown(&sort(1)), [0, 3, 1, 2, 4]);
        let without = |name: &str, text: &str| {
            let excluded = BTreeMap::from([(MeasureId::of_key(&[name]), BTreeSet::from([text.to_owned()]))]);
            View { excluded, ..View::default() }
        };
        assert_eq!(plain.shown(&without("name", "b")), [0, 2, 3, 4]);
        assert_eq!(plain.shown(&without("name", "Item")), [0, 1, 2, 3, 4], "the heading is no value");
        // Numbers alone have no heading; one that is written as such is found further down.
        assert_eq!(Lines(vec![("", "3"), ("", "1"), ("", "2")], None).shown(&sort(1)), [1, 2, 0]);
        assert_eq!(Lines(table.clone(), Some(1)).shown(&sort(0)), [0, 1, 2, 4, 3]);
        // Frozen rows stay, also where words are sought.
        let freeze = Freeze { row: Some(RowId::of_key(&["1"])), col: None };
        assert_eq!(plain.shown(&View { freeze, ..sort(0) }), [0, 1, 2, 4, 3]);
        assert_eq!(plain.shown(&View { freeze, filter: "c".to_owned(), ..View::default() }), [0, 1, 4]);
    }
}
