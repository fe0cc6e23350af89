//! The groups of one axis, in order, with the totals between them.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::rc::Rc;

use super::Table;
use crate::formula::functions::args::wrong;
use crate::formula::functions::sorting::identity;
use crate::value::order::ordered;
use crate::value::{Array, CellError, Value};

/// A column to order by: of the fields, and after them of the results.
#[derive(Clone, Copy)]
pub struct Order {
    column: usize,
    descending: bool,
}

impl Order {
    /// From a number: columns count from 1, negative ones are descending.
    pub fn read(number: f64, columns: usize) -> Result<Self, CellError> {
        let column = number.trunc().abs();
        if column < 1.0 || column > columns as f64 {
            return Err(wrong("there is no such column to order by"));
        }
        Ok(Self { column: column as usize - 1, descending: number < 0.0 })
    }

    fn directed(self, order: Ordering) -> Ordering {
        if self.descending { order.reverse() } else { order }
    }
}

/// A row or column of the result.
pub struct Line {
    /// What stands in its heading, one per field.
    pub keys: Vec<Value>,
    /// The rows of the values it is about, in their order.
    pub rows: Vec<usize>,
    /// The rows of the group one level up, which all groups within it share.
    pub parent: Rc<[usize]>,
}

/// All groups of an axis, in order.
pub struct Axis {
    groups: Vec<Line>,
    depth: usize,
    /// Rows by the first of their keys, none to all.
    within: HashMap<Vec<String>, Rc<[usize]>>,
}

impl Axis {
    /// The groups of rows with equal keys in `fields`. In a hierarchy a group stays within its parent.
    pub fn of(table: &Table<'_>, fields: &Array, order: &[Order], hierarchy: bool) -> Self {
        let depth = fields.cols();
        let mut places: HashMap<Vec<String>, usize> = HashMap::new();
        let mut groups: Vec<Line> = Vec::new();
        let mut within: HashMap<Vec<String>, Vec<usize>> = HashMap::new();
        for &row in &table.kept {
            let key = |col| match fields.get(row, col) {
                None | Some(Value::Blank) => Value::text(""),
                Some(value) => value.clone(),
            };
            let keys: Vec<Value> = (0..depth).map(key).collect();
            let marks: Vec<String> = keys.iter().map(identity).collect();
            for level in 0..=depth {
                within.entry(marks[..level].to_vec()).or_default().push(row);
            }
            let place = *places.entry(marks).or_insert(groups.len());
            match groups.get_mut(place) {
                Some(group) => group.rows.push(row),
                None => groups.push(Line { keys, rows: vec![row], parent: Rc::default() }),
            }
        }
        let within = within.into_iter().map(|(marks, rows)| (marks, rows.into())).collect();
        let mut axis = Self { groups, depth, within };
        axis.sort(table, order, hierarchy);
        for index in 0..axis.groups.len() {
            axis.groups[index].parent = axis.rows_with(&axis.groups[index].keys[..depth.saturating_sub(1)]);
        }
        axis
    }

    /// Rows of all groups whose keys begin so.
    fn rows_with(&self, prefix: &[Value]) -> Rc<[usize]> {
        let marks: Vec<String> = prefix.iter().map(identity).collect();
        self.within.get(&marks).cloned().unwrap_or_default()
    }

    fn sort(&mut self, table: &Table<'_>, order: &[Order], hierarchy: bool) {
        // What each ordering by results compares: for each group, the results at each of its levels.
        let from = if hierarchy { 1 } else { self.depth };
        let results = |order: &Order| -> Vec<Vec<Value>> {
            let Some(index) = order.column.checked_sub(self.depth) else { return Vec::new() };
            let at_level = |group: &Line, level: usize| {
                let rows = self.rows_with(&group.keys[..level]);
                table.result(index, &rows, &table.kept)
            };
            self.groups.iter().map(|group| (from..=self.depth).map(|level| at_level(group, level)).collect()).collect()
        };
        let by_results: Vec<Vec<Vec<Value>>> = order.iter().map(results).collect();
        let by_keys = |a: &Line, b: &Line, level: usize| {
            let direction = order.iter().find(|order| order.column == level);
            let plain = a.keys[level].compare(&b.keys[level]);
            direction.map_or(plain, |order| order.directed(plain))
        };
        let groups = &self.groups;
        let places = ordered(groups.len(), &mut |a, b| {
            let (one, other) = (&groups[a], &groups[b]);
            if !hierarchy {
                let chosen = order.iter().zip(&by_results).map(|(order, results)| match results.get(a) {
                    Some(_) => order.directed(results[a][0].compare(&results[b][0])),
                    None => by_keys(one, other, order.column),
                });
                let keys = (0..self.depth).map(|level| by_keys(one, other, level));
                return chosen.chain(keys).find(|order| order.is_ne()).unwrap_or(Ordering::Equal);
            }
            let Some(level) =
                (0..self.depth).find(|&level| !same(&one.keys[level..=level], &other.keys[level..=level]))
            else {
                return Ordering::Equal;
            };
            let by_result = order.iter().zip(&by_results).filter(|(_, results)| !results.is_empty());
            by_result
                .map(|(order, results)| order.directed(results[a][level].compare(&results[b][level])))
                .find(|order| order.is_ne())
                .unwrap_or_else(|| by_keys(one, other, level))
        });
        let mut groups: Vec<Option<Line>> = std::mem::take(&mut self.groups).into_iter().map(Some).collect();
        self.groups = places.into_iter().filter_map(|place| groups[place].take()).collect();
    }

    /// The groups with so many levels of totals: 1 for the grand total, more for those of the outer fields.
    pub fn lines(self, totals: usize, totals_first: bool) -> Vec<Line> {
        let mut lines = Vec::new();
        let title = if totals > 1 { "Grand Total" } else { "Total" };
        let total = |axis: &Self, keys: &[Value], parent: &[Value]| {
            let mut shown = keys.to_vec();
            shown.resize(axis.depth, Value::text(""));
            if keys.is_empty() {
                shown[0] = Value::text(title);
            }
            Line { keys: shown, rows: axis.rows_with(keys).to_vec(), parent: axis.rows_with(parent) }
        };
        // Totals belong to levels 0 (all) up to the outermost fields.
        let between = |axis: &Self, at: usize, other: Option<usize>, lines: &mut Vec<Line>, outer_first: bool| {
            let keys = &axis.groups[at].keys;
            let differs = |level: usize| match other.and_then(|other| axis.groups.get(other)) {
                Some(other) => !same(&keys[..level], &other.keys[..level]),
                None => true,
            };
            let mut levels: Vec<usize> = (0..totals).filter(|&level| differs(level)).collect();
            if !outer_first {
                levels.reverse();
            }
            lines.extend(levels.iter().map(|&level| total(axis, &keys[..level], &keys[..level.saturating_sub(1)])));
        };
        for at in 0..self.groups.len() {
            if totals_first {
                between(&self, at, at.checked_sub(1), &mut lines, true);
            }
            let group = &self.groups[at];
            lines.push(Line { keys: group.keys.clone(), rows: group.rows.clone(), parent: group.parent.clone() });
            if !totals_first {
                between(&self, at, Some(at + 1), &mut lines, false);
            }
        }
        lines
    }
}

fn same(a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.compare(b).is_eq())
}
