//! Layers a branch takes from the workbook it came from, and puts back.

use grid_engine::plan::{BranchInfo, TakenLayers};
use grid_engine::refs::{MeasureId, SheetId};
use grid_engine::workbook::Facts;
use rusqlite::{Connection, OptionalExtension};

use super::blobs::{self, Form};
use super::sharing::{insert_facts, share_layer};
use super::{Pending, Store, StoreError, WorkbookId, facts, parse};

/// A layer with what it is of.
type Layer = (SheetId, MeasureId, Facts);

impl Store {
    /// How many layers of the workbook it came from a branch could take: newer ones, and those it has not got.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn newer_layers(&self, branch: &BranchInfo) -> Result<usize, StoreError> {
        let (parent, id) = (branch.parent.to_string(), branch.id.to_string());
        self.read(|connection| count_newer(connection, &parent, &id))
    }

    /// Has a branch take them, all or none; what it took. `taken` says by whom; what the branch held before is kept
    /// until the next time, to be put back.
    pub fn take_newer_layers(&self, branch: &BranchInfo, taken: TakenLayers) -> Pending<Vec<Layer>> {
        let (parent, id) = (branch.parent.to_string(), branch.id.to_string());
        self.write(move |connection| take_newer(connection, &parent, &id, taken))
    }

    /// Who had a branch take layers last, where they can be put back.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn taken_layers(&self, branch: WorkbookId) -> Result<Option<TakenLayers>, StoreError> {
        self.read(|connection| taken(connection, &branch.to_string()))
    }

    /// Puts back what a branch held before it last took layers, all or none; what it holds now. A layer it has worked out
    /// itself since is left, and one it did not have is empty.
    ///
    /// Answers [`StoreError::Invalid`] where `last` is not what it took last.
    pub fn put_back_layers(&self, branch: WorkbookId, last: TakenLayers) -> Pending<Vec<Layer>> {
        self.write(move |connection| {
            let branch = branch.to_string();
            if taken(connection, &branch)? != Some(last) {
                return Err(StoreError::Invalid("other layers were brought in at the same moment; look again".into()));
            }
            put_back(connection, &branch)
        })
    }
}

/// The layers a branch began with, or took since, that are others by now in the workbook it came from, and those it has not
/// got. What the branch has worked out itself is its own.
const NEWER: &str =
    "SELECT theirs.sheet, theirs.measure, theirs.body, theirs.blob FROM facts AS theirs LEFT JOIN facts AS ours
    ON ours.workbook = ?2 AND ours.sheet = theirs.sheet AND ours.measure = theirs.measure
    WHERE theirs.workbook = ?1 AND (ours.sheet IS NULL OR ours.blob = ours.origin AND ours.blob IS NOT theirs.blob)
    ORDER BY theirs.rowid";

/// How many layers of the workbook `parent` a branch could take.
fn count_newer(connection: &Connection, parent: &str, branch: &str) -> Result<usize, StoreError> {
    let count = format!("SELECT COUNT(*) FROM ({NEWER})");
    let count: u32 = connection.query_row(&count, (parent, branch), |row| row.get(0))?;
    Ok(count as usize)
}

/// Has a branch take them; what it took.
fn take_newer(
    connection: &Connection,
    parent: &str,
    branch: &str,
    mut taken: TakenLayers,
) -> Result<Vec<Layer>, StoreError> {
    let mut statement = connection.prepare_cached(NEWER)?;
    let found =
        statement.query_map((parent, branch), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let found = found.collect::<Result<Vec<(String, String, Vec<u8>, Option<i64>)>, _>>()?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    forget_taken(connection, branch)?;
    let mut layers = Vec::new();
    for (sheet, measure, body, shared) in found {
        let what = format!("layer {measure} of sheet {sheet}");
        let body = match shared {
            Some(shared) => blobs::load(connection, shared, &what)?,
            None => body,
        };
        let before = held(connection, branch, &sheet, &measure)?;
        let shared = share_layer(connection, parent, (&sheet, &measure), &body, shared)?;
        connection.execute(
            "INSERT INTO layers_before (branch, sheet, measure, blob, taken) VALUES (?1, ?2, ?3, ?4, ?5)",
            (branch, &sheet, &measure, before, shared),
        )?;
        insert_facts(connection, branch, &sheet, &measure, shared)?;
        layers.push((SheetId(parse(&sheet, "sheet")?), parse(&measure, "measure")?, facts::decode(&body, &what)?));
    }
    taken.layers = layers.len();
    let said = serde_json::to_string(&taken).map_err(|error| StoreError::Invalid(error.to_string()))?;
    connection.execute("UPDATE branches SET taken = ?2 WHERE id = ?1", (branch, said))?;
    Ok(layers)
}

fn taken(connection: &Connection, branch: &str) -> Result<Option<TakenLayers>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT taken FROM branches WHERE id = ?1")?;
    let found: Option<Option<String>> = statement.query_row([branch], |row| row.get(0)).optional()?;
    let read = |said: String| {
        serde_json::from_str(&said)
            .map_err(|error| StoreError::Corrupt(format!("what branch {branch} took is damaged: {error}")))
    };
    found.flatten().map(read).transpose()
}

/// The bytes a branch shares of a layer.
fn held(connection: &Connection, branch: &str, sheet: &str, measure: &str) -> Result<Option<i64>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT blob FROM facts WHERE workbook = ?1 AND sheet = ?2 AND measure = ?3")?;
    let found: Option<Option<i64>> = statement.query_row((branch, sheet, measure), |row| row.get(0)).optional()?;
    Ok(found.flatten())
}

fn put_back(connection: &Connection, branch: &str) -> Result<Vec<Layer>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT sheet, measure, blob, taken FROM layers_before WHERE branch = ?1")?;
    let found = statement.query_map([branch], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let mut layers = Vec::new();
    for (sheet, measure, before, taken) in found.collect::<Result<Vec<(String, String, Option<i64>, i64)>, _>>()? {
        if held(connection, branch, &sheet, &measure)? != Some(taken) {
            continue;
        }
        let what = format!("layer {measure} of sheet {sheet}");
        let before = match before {
            Some(before) => before,
            None => {
                let nothing = Facts { rows: Vec::new(), first: None, width: 1, values: Vec::new() };
                blobs::keep(connection, &facts::encode(&nothing)?, Form::Plain)?
            }
        };
        insert_facts(connection, branch, &sheet, &measure, before)?;
        let facts = facts::decode(&blobs::load(connection, before, &what)?, &what)?;
        layers.push((SheetId(parse(&sheet, "sheet")?), parse(&measure, "measure")?, facts));
    }
    forget_taken(connection, branch)?;
    Ok(layers)
}

/// Forgets what a branch held before it took layers.
pub(super) fn forget_taken(connection: &Connection, branch: &str) -> Result<(), StoreError> {
    let mut statement =
        connection.prepare_cached("DELETE FROM layers_before WHERE branch = ?1 RETURNING blob, taken")?;
    let named = statement.query_map([branch], |row| Ok([row.get(0)?, row.get(1)?]))?;
    let named = named.collect::<Result<Vec<[Option<i64>; 2]>, _>>()?;
    connection.execute("UPDATE branches SET taken = NULL WHERE id = ?1", [branch])?;
    named.into_iter().flatten().try_for_each(|blob| blobs::release(connection, blob))
}

#[cfg(test)]
mod tests {
    use super::super::branches::tests::{branch, plan};
    use super::*;
    use grid_engine::refs::{PersonId, RowId};
    use std::collections::BTreeMap;

    #[test]
    fn a_branch_takes_newer_layers_but_none_in_place_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let plan = plan(&store);
        let sheet = SheetId::named("demand").unwrap();
        let put = |workbook, measure: &str, number| {
            let facts = Facts { rows: vec![RowId::of_key(&["a"])], first: None, width: 1, values: vec![number] };
            store.put_facts(workbook, vec![(sheet, MeasureId::named(measure).unwrap(), facts)]).wait().unwrap();
        };
        let held = |workbook| -> BTreeMap<String, (f64, u64)> {
            let layers = store.load_facts(workbook).unwrap().into_iter();
            layers.map(|layer| (layer.measure.to_string(), (layer.facts.values[0], layer.version))).collect()
        };
        let taken_by = |name: &str| TakenLayers {
            by: PersonId::named(name).unwrap(),
            by_name: name.to_uppercase(),
            at: 7,
            layers: 0,
        };
        put(plan, "history", 1.0);
        put(plan, "stock", 1.0);
        let first = branch(&store, plan, "first").unwrap();
        let take = |name: &str| store.take_newer_layers(&first, taken_by(name)).wait();
        assert_eq!(store.newer_layers(&first).unwrap(), 0, "it begins with these");
        assert_eq!((take("mia").unwrap().len(), store.taken_layers(first.id).unwrap()), (0, None));
        // The branch works its stock out itself, and has not got the orders.
        put(first.id, "stock", 2.0);
        for (measure, number) in [("stock", 3.0), ("history", 4.0), ("orders", 5.0)] {
            put(plan, measure, number);
        }
        // What others share of the plan is no more the first one's.
        let second = branch(&store, plan, "second").unwrap();
        assert_eq!(store.newer_layers(&first).unwrap(), 2);
        let taken = take("mia").unwrap();
        assert_eq!(taken.iter().map(|(.., facts)| facts.values[0]).collect::<Vec<_>>(), [4.0, 5.0]);
        assert_eq!(store.newer_layers(&first).unwrap(), 0);
        // Browsers ask by the version of a layer whether theirs is still the one.
        let of = |number, version| (number, version);
        let all = [("history", of(4.0, 2)), ("orders", of(5.0, 1)), ("stock", of(2.0, 2))];
        assert_eq!(held(first.id), all.map(|(measure, layer)| (measure.to_owned(), layer)).into());
        // What it took is the plan's too, so the next one is newer again.
        put(plan, "history", 6.0);
        assert_eq!(take("mia").unwrap().len(), 1);
        assert_eq!(held(first.id)["history"], (6.0, 3));
        let blobs = || -> i64 {
            store
                .read(|connection| Ok(connection.query_row("SELECT COUNT(*) FROM blobs", [], |row| row.get(0))?))
                .unwrap()
        };
        store.delete_branch(second.id).wait().unwrap();
        assert_eq!(blobs(), 5, "the room, history, orders, the plan's stock, and what the history was before");
        store.delete_branch(first.id).wait().unwrap();
        assert_eq!(blobs(), 4, "nothing is kept of what was before");
    }

    #[test]
    fn what_a_branch_took_is_put_back_unless_it_has_worked_it_out_itself_since() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let plan = plan(&store);
        let sheet = SheetId::named("demand").unwrap();
        let put = |workbook, measure: &str, number| {
            let facts = Facts { rows: vec![RowId::of_key(&["a"])], first: None, width: 1, values: vec![number] };
            store.put_facts(workbook, vec![(sheet, MeasureId::named(measure).unwrap(), facts)]).wait().unwrap();
        };
        let held = |workbook| -> BTreeMap<String, Vec<f64>> {
            let layers = store.load_facts(workbook).unwrap().into_iter();
            layers.map(|layer| (layer.measure.to_string(), layer.facts.values)).collect()
        };
        let all =
            |layers: [(&str, &[f64]); 3]| layers.map(|(measure, values)| (measure.to_owned(), values.to_vec())).into();
        let names =
            |layers: Vec<Layer>| layers.into_iter().map(|(_, measure, _)| measure.to_string()).collect::<Vec<_>>();
        for measure in ["history", "stock"] {
            put(plan, measure, 1.0);
        }
        let first = branch(&store, plan, "first").unwrap();
        for measure in ["history", "stock", "orders"] {
            put(plan, measure, 2.0);
        }
        let mia = TakenLayers { by: PersonId::named("mia").unwrap(), by_name: "Mia".into(), at: 7, layers: 0 };
        let take = || names(store.take_newer_layers(&first, mia.clone()).wait().unwrap());
        let back = |layers| {
            let last = TakenLayers { layers, ..mia.clone() };
            store.put_back_layers(first.id, last).wait().map(names)
        };
        assert_eq!(take(), ["history", "stock", "orders"]);
        assert_eq!(store.taken_layers(first.id).unwrap(), Some(TakenLayers { layers: 3, ..mia.clone() }));
        assert!(matches!(back(2), Err(StoreError::Invalid(_))), "somebody else took others meanwhile");
        put(first.id, "stock", 5.0);
        assert_eq!(back(3).unwrap(), ["history", "orders"], "the stock is its own by now");
        assert_eq!(held(first.id), all([("history", &[1.0]), ("stock", &[5.0]), ("orders", &[])]));
        assert_eq!(store.taken_layers(first.id).unwrap(), None);
        assert!(back(3).is_err(), "once");
        // It can take them again, and a later taking is what is put back then.
        assert_eq!(store.newer_layers(&first).unwrap(), 2);
        assert_eq!(take(), ["history", "orders"]);
        put(plan, "history", 3.0);
        assert_eq!(take(), ["history"]);
        assert_eq!(back(1).unwrap(), ["history"]);
        assert_eq!(held(first.id), all([("history", &[2.0]), ("stock", &[5.0]), ("orders", &[2.0])]));
    }
}
