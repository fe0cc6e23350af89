//! What changed between two versions of the demand, by whom and why.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use serde::{Deserialize, Serialize};

use super::frame::FrameReader;
use crate::calendar::Bucket;
use crate::refs::RowId;
use crate::value::order::sort_by;
use crate::wire::{Scalar, SheetFrame};

/// Rows that are told of: those that moved most.
const MOST: usize = 40;
/// Reasons told of one person.
const REASONS: usize = 5;

/// A row whose planned total is another.
#[derive(Clone, Debug, PartialEq)]
pub struct MovedRow {
    pub id: RowId,
    /// The row's key as people read it.
    pub title: String,
    pub before: f64,
    pub after: f64,
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
    /// Who changed the rows that are told of, whoever changed most first.
    pub people: Vec<WhoChanged>,
}

/// A row that moved, and what people entered in it meanwhile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RowChange {
    pub title: String,
    pub before: f64,
    pub after: f64,
    /// Newest first; none where it followed from something else, such as a new forecast.
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

/// Rows of two demand sheets whose consensus differs over the buckets that both plan, the largest difference first, with both
/// totals over all rows. A row that only one of them has counts as 0 in the other.
pub fn moved_rows(before: &SheetFrame, after: &SheetFrame) -> (f64, f64, Vec<MovedRow>) {
    let sides = [FrameReader::new(before), FrameReader::new(after)];
    let planned = |reader: &FrameReader<'_>| {
        let (buckets, current) = reader.buckets();
        buckets.get(current..).map(<[Bucket]>::to_vec).unwrap_or_default()
    };
    let earlier = planned(&sides[0]);
    let buckets: Vec<Bucket> = planned(&sides[1]).into_iter().filter(|bucket| earlier.contains(bucket)).collect();
    let totals = sides.map(|reader| {
        let measure = reader.measure("consensus").map(|measure| measure.id);
        let total = |row: usize| -> f64 {
            measure.map_or(0.0, |id| buckets.iter().filter_map(|&bucket| reader.at(id, row, bucket)).sum())
        };
        let rows = reader.frame().rows.iter().enumerate();
        rows.map(|(row, &id)| (id, (total(row), reader.key_text(row)))).collect::<HashMap<_, _>>()
    });
    let [old, new] = &totals;
    let sum = |side: &HashMap<RowId, (f64, String)>| side.values().map(|(total, _)| total).sum::<f64>();
    let gone = before.rows.iter().filter(|id| !new.contains_key(id));
    let mut moved: Vec<MovedRow> = after
        .rows
        .iter()
        .chain(gone)
        .filter_map(|&id| {
            let (was, is) = (old.get(&id), new.get(&id));
            let title = is.or(was).map(|(_, title)| title.clone())?;
            let total = |side: Option<&(f64, String)>| side.map_or(0.0, |(total, _)| *total);
            Some(MovedRow { id, title, before: total(was), after: total(is) })
        })
        .filter(|row| (row.after - row.before).abs() > 1e-6 * row.before.abs().max(1.0))
        .collect();
    sort_by(&mut moved, |a, b| (b.after - b.before).abs().total_cmp(&(a.after - a.before).abs()));
    (sum(old), sum(new), moved)
}

impl VersionChanges {
    /// From what moved; `edits` finds what people entered in a row, newest first.
    ///
    /// # Errors
    /// Those of `edits`.
    pub fn of<E>(
        (before, after, moved): (f64, f64, Vec<MovedRow>),
        mut edits: impl FnMut(RowId) -> Result<Vec<ChangeEdit>, E>,
    ) -> Result<Self, E> {
        let row_count = moved.len();
        let rows = moved
            .into_iter()
            .take(MOST)
            .map(|MovedRow { id, title, before, after }| Ok(RowChange { title, before, after, edits: edits(id)? }));
        let rows: Vec<RowChange> = rows.collect::<Result<_, E>>()?;
        let edits = rows.iter().enumerate().flat_map(|(at, row)| row.edits.iter().map(move |edit| (at, edit)));
        let people = who_changed(edits.map(|(at, edit)| (at, edit.name.as_str(), edit.why.as_deref())));
        Ok(Self { before, after, rows, row_count, people })
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
    use super::*;

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
        let row =
            |id: &str, after: f64| MovedRow { id: RowId::of_key(&[id]), title: id.to_owned(), before: 5.0, after };
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
}
