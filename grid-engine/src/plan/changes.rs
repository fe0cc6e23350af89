//! What changed between two versions of the demand, by whom and why.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use serde::{Deserialize, Serialize};

use super::frame::FrameReader;
use crate::calendar::Bucket;
use crate::refs::RowId;
use crate::value::order::{alike, sort_by, sort_largest_first};
use crate::wire::{Scalar, SheetFrame};

/// Rows that are told of: those that moved most.
const MOST: usize = 40;
/// Entries told of one row, the newest.
const ENTRIES: usize = 20;
/// Reasons told of one person.
const REASONS: usize = 5;

/// A row whose plan is another in some bucket.
#[derive(Clone, Debug, PartialEq)]
pub struct MovedRow {
    pub id: RowId,
    /// The row's key as people read it.
    pub title: String,
    pub before: f64,
    pub after: f64,
    /// Units that are more or less in their bucket: 40 taken from December to July are 80, while the total stays.
    pub moved: f64,
}

/// What changed from one version to another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VersionChanges {
    /// Units of all rows in the buckets that both versions plan.
    pub before: f64,
    pub after: f64,
    /// Those that moved most, the largest move first.
    pub rows: Vec<RowChange>,
    /// How many rows moved.
    pub row_count: usize,
    /// Who entered something in any of the rows that moved, whoever entered most first.
    pub people: Vec<WhoChanged>,
    /// What was entered in other rows of the sheet, whose plan is what it was.
    #[serde(default)]
    pub unmoved: Unmoved,
}

/// Rows in which something was entered that changed no quantity of the plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmoved {
    pub rows: usize,
    pub entries: usize,
}

/// A row that moved, and what people entered in it meanwhile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RowChange {
    pub title: String,
    pub before: f64,
    pub after: f64,
    /// Units that are more or less in their bucket.
    pub moved: f64,
    /// The newest first; none where it followed from something else, such as a new forecast.
    pub edits: Vec<ChangeEdit>,
}

/// An entry in a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangeEdit {
    pub name: String,
    /// Milliseconds since 1970.
    pub at: i64,
    /// The measure, and the bucket of a timed one.
    pub what: String,
    pub old: Scalar,
    pub new: Scalar,
    pub why: Option<String>,
}

/// What one person did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhoChanged {
    pub name: String,
    pub rows: usize,
    pub entries: usize,
    /// Each reason once.
    pub whys: Vec<String>,
}

impl WhoChanged {
    /// The person with the reasons given.
    ///
    /// ```
    /// # use grid_engine::plan::WhoChanged;
    /// let who = WhoChanged { name: "Dana".into(), rows: 2, entries: 5, whys: vec!["Delisted".into(), "Launch".into()] };
    /// assert_eq!(who.in_short(), "Dana: Delisted; Launch");
    /// ```
    pub fn in_short(&self) -> String {
        if self.whys.is_empty() { self.name.clone() } else { format!("{}: {}", self.name, self.whys.join("; ")) }
    }
}

/// Rows of two demand sheets whose consensus differs in a bucket that both plan, those that moved most first, with both
/// totals over all rows. A row that only one of them has counts as 0 in the other.
pub fn moved_rows(before: &SheetFrame, after: &SheetFrame) -> (f64, f64, Vec<MovedRow>) {
    let sides = [FrameReader::new(before), FrameReader::new(after)];
    let planned = |reader: &FrameReader<'_>| {
        let (buckets, current) = reader.buckets();
        buckets.get(current..).map(<[Bucket]>::to_vec).unwrap_or_default()
    };
    let earlier = planned(&sides[0]);
    let buckets: Vec<Bucket> = planned(&sides[1]).into_iter().filter(|bucket| earlier.contains(bucket)).collect();
    let plans = sides.map(|reader| {
        let measure = reader.measure("consensus").map(|measure| measure.id);
        let plan = |row: usize| -> Vec<f64> {
            let at = |bucket: &Bucket| measure.and_then(|id| reader.at(id, row, *bucket)).unwrap_or(0.0);
            buckets.iter().map(at).collect()
        };
        let rows = reader.frame().rows.iter().enumerate();
        rows.map(|(row, &id)| (id, (plan(row), reader.key_text(row)))).collect::<HashMap<_, _>>()
    });
    let [old, new] = &plans;
    let total = |plan: &[f64]| plan.iter().fold(0.0, |sum, units| sum + units);
    let sum = |side: &SheetFrame, of: &HashMap<RowId, (Vec<f64>, String)>| {
        side.rows.iter().fold(0.0, |sum, row| sum + total(&of[row].0))
    };
    let gone = before.rows.iter().filter(|id| !new.contains_key(id));
    let nothing = vec![0.0; buckets.len()];
    let mut moved: Vec<MovedRow> = after
        .rows
        .iter()
        .chain(gone)
        .filter_map(|&id| {
            let (was, is) = (old.get(&id), new.get(&id));
            let title = is.or(was).map(|(_, title)| title.clone())?;
            let [was, is] = [was, is].map(|side| side.map_or(&nothing, |(plan, _)| plan));
            let cells = was.iter().zip(is).filter(|(was, is)| !alike(**was, **is));
            let moved = cells.map(|(was, is)| (is - was).abs()).fold(0.0, |sum, units| sum + units);
            (moved > 0.0).then(|| MovedRow { id, title, before: total(was), after: total(is), moved })
        })
        .collect();
    sort_largest_first(&mut moved, |row| row.moved);
    (sum(before, old), sum(after, new), moved)
}

impl VersionChanges {
    /// From what moved; `edits` finds what people entered in a row, newest first. People are counted over all rows that
    /// moved, of which those that moved most are told one by one.
    ///
    /// # Errors
    /// Those of `edits`.
    pub fn of<E>(
        (before, after, moved): (f64, f64, Vec<MovedRow>),
        mut edits: impl FnMut(RowId) -> Result<Vec<ChangeEdit>, E>,
    ) -> Result<Self, E> {
        let row_count = moved.len();
        let rows = moved.into_iter().map(|MovedRow { id, title, before, after, moved }| {
            Ok(RowChange { title, before, after, moved, edits: edits(id)? })
        });
        let mut rows: Vec<RowChange> = rows.collect::<Result<_, E>>()?;
        let entries = rows.iter().enumerate().flat_map(|(at, row)| row.edits.iter().map(move |edit| (at, edit)));
        let people = who_changed(entries.map(|(at, edit)| (at, edit.name.as_str(), edit.why.as_deref())));
        rows.truncate(MOST);
        rows.iter_mut().for_each(|row| row.edits.truncate(ENTRIES));
        Ok(Self { before, after, rows, row_count, people, unmoved: Unmoved::default() })
    }
}

/// Who made entries, whoever made most first, from the row, the person and the reason of each.
pub fn who_changed<'a, R: Eq + Hash>(
    entries: impl IntoIterator<Item = (R, &'a str, Option<&'a str>)>,
) -> Vec<WhoChanged> {
    let mut people: Vec<(WhoChanged, HashSet<R>)> = Vec::new();
    for (row, name, why) in entries {
        let place = people.iter().position(|(person, _)| person.name == name).unwrap_or_else(|| {
            people.push((WhoChanged { name: name.to_owned(), ..WhoChanged::default() }, HashSet::new()));
            people.len() - 1
        });
        let (person, rows) = &mut people[place];
        person.entries += 1;
        person.rows += usize::from(rows.insert(row));
        if let Some(why) =
            why.filter(|why| person.whys.len() < REASONS && !person.whys.iter().any(|known| known == why))
        {
            person.whys.push(why.to_owned());
        }
    }
    sort_by(&mut people, |(a, _), (b, _)| b.entries.cmp(&a.entries));
    people.into_iter().map(|(person, _)| person).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;
    use crate::calendar::Horizon;

    /// A demand sheet of one row, planned from April to June.
    fn demand(item: &str, plan: [f64; 3]) -> SheetFrame {
        let months = ["2026-04", "2026-05", "2026-06"];
        let [first, _, last] = months.map(|month| month.parse().unwrap());
        let measure =
            |id: &str, kind: &str| json!({"id": id, "name": id, "kind": kind, "timed": kind != "key", "order": 0});
        let mut columns = vec![json!({"col": "item", "values": [item]})];
        for (month, units) in months.iter().zip(plan) {
            columns.push(json!({"col": format!("consensus@{month}"), "values": [units]}));
        }
        serde_json::from_value(json!({
            "info": {"id": "demand", "title": "Demand", "kind": "planning", "position": "a", "role": "demand"},
            "meta": {"kind": "planning", "title": "Demand", "epoch": 0, "horizon": Horizon { first, current: first, last }},
            "measures": [measure("item", "key"), measure("consensus", "input")],
            "columns": columns,
            "rows": [RowId::of_key(&[item])],
        }))
        .unwrap()
    }

    fn edit(name: &str, why: Option<&str>) -> ChangeEdit {
        ChangeEdit {
            name: name.to_owned(),
            at: 0,
            what: "Override 2026-04".to_owned(),
            old: Scalar::Blank(()),
            new: Scalar::Number(1.0),
            why: why.map(str::to_owned),
        }
    }

    #[test]
    fn people_are_told_by_entries_with_each_reason_once() {
        let row = |id: &str, after: f64| MovedRow {
            id: RowId::of_key(&[id]),
            title: id.to_owned(),
            before: 5.0,
            after,
            moved: 1.0,
        };
        let moved = vec![row("tea", 90.0), row("soap", 4.0), row("salt", 6.0)];
        let entries = |id: RowId| {
            let found = match id {
                id if id == RowId::of_key(&["tea"]) => vec![edit("Ines", Some("Hotels")), edit("Dana", None)],
                id if id == RowId::of_key(&["soap"]) => {
                    vec![edit("Ines", Some("Hotels")), edit("Ines", Some("Promotion"))]
                }
                _ => Vec::new(),
            };
            Ok::<_, ()>(found)
        };
        let found = VersionChanges::of((15.0, 100.0, moved), entries).unwrap_or_default();
        let told: Vec<_> = found.people.iter().map(|who| (who.name.as_str(), who.rows, who.entries)).collect();
        assert_eq!(told, [("Ines", 2, 3), ("Dana", 1, 1)]);
        assert_eq!(found.people[0].whys, ["Hotels", "Promotion"]);
        assert_eq!((found.row_count, found.rows[2].edits.len()), (3, 0));
        assert_eq!(VersionChanges::of((0.0, 0.0, vec![row("tea", 1.0)]), |_| Err("damaged")), Err("damaged"));
    }

    #[test]
    fn people_are_counted_over_all_rows_that_moved() {
        let count = MOST + 3;
        let moved = (0..count).map(|at| MovedRow {
            id: RowId::of_key(&[&at.to_string()]),
            title: at.to_string(),
            before: 0.0,
            after: 1.0,
            moved: 1.0,
        });
        let edits = |_| Ok::<_, ()>(vec![edit("Ines", None); ENTRIES + 5]);
        let found = VersionChanges::of((0.0, count as f64, moved.collect()), edits).unwrap_or_default();
        assert_eq!((found.rows.len(), found.row_count, found.rows[0].edits.len()), (MOST, count, ENTRIES));
        assert_eq!((found.people[0].rows, found.people[0].entries), (count, count * (ENTRIES + 5)));
    }

    #[test]
    fn what_moves_between_buckets_has_moved() {
        let (before, after) = (demand("tea", [5.0, 40.0, 0.0]), demand("tea", [5.0, 0.0, 40.0]));
        let (was, is, moved) = moved_rows(&before, &after);
        assert_eq!((was, is), (45.0, 45.0));
        let told: Vec<_> = moved.iter().map(|row| (row.before, row.after, row.moved)).collect();
        assert_eq!(told, [(45.0, 45.0, 80.0)]);
        assert_eq!(moved_rows(&before, &before).2, []);
        // A row that only one of them has was or is nothing in the other, and sums of nothing are 0.
        let (_, _, moved) = moved_rows(&before, &demand("salt", [0.0, 0.0, -3.0]));
        let told: Vec<_> = moved.iter().map(|row| (row.title.as_str(), row.before, row.after, row.moved)).collect();
        assert_eq!(told, [("tea", 45.0, 0.0, 45.0), ("salt", 0.0, -3.0, 3.0)]);
    }
}
