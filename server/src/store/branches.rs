//! Branches: workbooks that share what they began with and keep only what was changed since.

use grid_engine::plan::{BranchInfo, Settled};
use grid_engine::refs::{Id, MeasureId, RoomId, SheetId};
use grid_engine::workbook::Facts;
use rusqlite::{Connection, OptionalExtension};

use super::blobs::{self, Form};
use super::comments::forget_comments;
use super::sharing::{insert_facts, share_facts, share_rooms, share_version, split};
use super::taken::forget_taken;
use super::{Pending, Store, StoreError, StoredRoom, WorkbookId, are_alike, facts, parse, rooms, versions};
use crate::clock::now_ms;

/// A workbook and all it is a branch of, by way of one another: the start of a query about `?1`.
pub(super) const ANCESTRY: &str = "WITH RECURSIVE ancestry (id) AS (
    VALUES (?1) UNION SELECT parent FROM branches JOIN ancestry ON branches.id = ancestry.id)";

/// Branches of one workbook: more than anybody keeps in mind.
const MAX_BRANCHES: u32 = 200;

/// A branch to make.
pub struct NewStoredBranch {
    pub info: BranchInfo,
    pub start: BranchStart,
}

/// What a branch begins with.
pub enum BranchStart {
    /// The workbook `parent` as it is on disk at that moment.
    Parent,
    /// A frozen version's documents; its layers, which versions keep among their values.
    Version { version: Id, layers: Vec<(SheetId, MeasureId, Facts)> },
    /// These sheets of a frozen version, and the others of the workbook `parent` as they are.
    Side { version: Id, sheets: Vec<SheetId>, layers: Vec<(SheetId, MeasureId, Facts)> },
}

impl Store {
    /// Makes a branch, all of it or nothing.
    ///
    /// Answers [`StoreError::Exists`] for a name in use, [`StoreError::Invalid`] where there are too many.
    pub fn create_branch(&self, new: NewStoredBranch) -> Pending<BranchInfo> {
        self.write(move |connection| {
            let NewStoredBranch { info, start } = new;
            let (id, home, parent) = (info.id.to_string(), info.home.to_string(), info.parent.to_string());
            let others = infos(connection, info.home)?;
            if let Some(other) = others.iter().find(|other| are_alike(&other.name, &info.name)) {
                return Err(StoreError::Exists(format!("a branch named {:?}", other.name)));
            }
            if others.len() >= MAX_BRANCHES as usize {
                return Err(StoreError::Invalid(format!(
                    "there are {MAX_BRANCHES} branches already: delete those nobody needs any more"
                )));
            }
            let made = connection.execute(
                "INSERT INTO workbooks (id, title, currency, created_at)
                 SELECT ?1, ?2, currency, ?3 FROM workbooks WHERE id = ?4",
                (&id, &info.name, now_ms(), &parent),
            )?;
            if made == 0 {
                return Err(StoreError::Missing(format!("workbook {parent}")));
            }
            connection.execute(
                "INSERT INTO branches (id, home, parent, info) VALUES (?1, ?2, ?3, ?4)",
                (&id, &home, &parent, text(&info)?),
            )?;
            match &start {
                BranchStart::Parent => {
                    share_rooms(connection, &parent, &id, &|_| true)?;
                    share_facts(connection, &parent, &id, &|_| true)?;
                }
                BranchStart::Version { version, layers } => {
                    share_version(connection, *version, &id, &|_| true)?;
                    add_layers(connection, &id, layers)?;
                }
                BranchStart::Side { version, sheets, layers } => {
                    let own = |room: RoomId| room.sheet().is_some_and(|sheet| sheets.contains(&sheet));
                    share_rooms(connection, &parent, &id, &|room| !own(room))?;
                    share_facts(connection, &parent, &id, &|sheet| !sheets.contains(&sheet))?;
                    share_version(connection, *version, &id, &own)?;
                    add_layers(connection, &id, layers)?;
                }
            }
            Ok(info)
        })
    }

    /// The branches of a workbook and of its branches, newest first.
    ///
    /// # Errors
    /// When one of them is damaged.
    pub fn branches(&self, home: WorkbookId) -> Result<Vec<BranchInfo>, StoreError> {
        self.read(|connection| infos(connection, home))
    }

    /// What a workbook is a branch of; `None` where it is none.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn branch(&self, id: WorkbookId) -> Result<Option<BranchInfo>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT info FROM branches WHERE id = ?1")?;
            let found: Option<String> = statement.query_row([id.to_string()], |row| row.get(0)).optional()?;
            found.map(|info| read(&info, "a branch")).transpose()
        })
    }

    /// What a branch began with.
    ///
    /// # Errors
    /// When a room of it is damaged.
    pub fn branch_base(&self, branch: WorkbookId) -> Result<Vec<StoredRoom>, StoreError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT room, blob, tail, sum FROM branch_rooms WHERE branch = ?1")?;
            let found = statement
                .query_map([branch.to_string()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
            found
                .map(|row| {
                    let (room, shared, tail, kept): (String, i64, Vec<u8>, Option<Vec<u8>>) = row?;
                    let what = format!("room {room} of what branch {branch} began with");
                    let checkpoint = blobs::load(connection, shared, &what)?;
                    rooms::check_sum(&tail, kept, || what.clone())?;
                    let updates = split(&tail).ok_or_else(|| StoreError::Corrupt(format!("{what} is damaged")))?;
                    Ok(StoredRoom { room: parse(&room, "room")?, checkpoint, updates, last_seq: 0 })
                })
                .collect()
        })
    }

    /// Remembers decisions on differences, in place of earlier ones on the same places.
    pub fn settle(&self, branch: WorkbookId, settled: Vec<Settled>) -> Pending<()> {
        self.write(move |connection| {
            let id = branch.to_string();
            let mut statement = connection.prepare_cached(
                "INSERT INTO settled (branch, place, body) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET body = excluded.body",
            )?;
            for decision in &settled {
                statement.execute((&id, text(&decision.place)?, text(decision)?))?;
            }
            Ok(())
        })
    }

    /// Differences of a branch that were decided on.
    ///
    /// # Errors
    /// When one of them is damaged.
    pub fn settled(&self, branch: WorkbookId) -> Result<Vec<Settled>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT body FROM settled WHERE branch = ?1")?;
            let rows = statement.query_map([branch.to_string()], |row| row.get::<_, String>(0))?;
            rows.map(|body| read(&body?, "a decision on a difference")).collect()
        })
    }

    /// Deletes a branch with all that is only its own; the edit log stays.
    ///
    /// Answers [`StoreError::Invalid`] where other branches come from it.
    pub fn delete_branch(&self, branch: WorkbookId) -> Pending<()> {
        self.write(move |connection| {
            let id = branch.to_string();
            let child: Option<String> = connection
                .query_row(
                    "SELECT title FROM branches JOIN workbooks USING (id) WHERE parent = ?1 LIMIT 1",
                    [&id],
                    |row| row.get(0),
                )
                .optional()?;
            if let Some(child) = child {
                return Err(StoreError::Invalid(format!(
                    "the branch {child:?} was made from it: delete that one first"
                )));
            }
            let mut statement = connection.prepare(
                "SELECT blob FROM rooms WHERE workbook = ?1 UNION SELECT blob FROM facts WHERE workbook = ?1
                 UNION SELECT blob FROM branch_rooms WHERE branch = ?1",
            )?;
            let shared = statement.query_map([&id], |row| row.get(0))?.collect::<Result<Vec<Option<i64>>, _>>()?;
            forget_comments(connection, &id)?;
            forget_taken(connection, &id)?;
            for table in ["updates", "rooms", "facts", "writers", "swept", "locks", "notices", "answers"] {
                connection.execute(&format!("DELETE FROM {table} WHERE workbook = ?1"), [&id])?;
            }
            // What was entered in it goes on being told of the versions that hold it.
            if !versions::tell_of(connection, branch)? {
                for table in ["audit_cells", "audit_whys"] {
                    connection.execute(&format!("DELETE FROM {table} WHERE workbook = ?1"), [&id])?;
                }
            }
            for table in ["settled", "branch_rooms"] {
                connection.execute(&format!("DELETE FROM {table} WHERE branch = ?1"), [&id])?;
            }
            if connection.execute("DELETE FROM branches WHERE id = ?1", [&id])? == 0 {
                return Err(StoreError::Missing(format!("branch {id}")));
            }
            connection.execute("DELETE FROM workbooks WHERE id = ?1", [&id])?;
            shared.into_iter().try_for_each(|shared| blobs::release(connection, shared))
        })
    }
}

fn add_layers(connection: &Connection, branch: &str, layers: &[(SheetId, MeasureId, Facts)]) -> Result<(), StoreError> {
    for (sheet, measure, layer) in layers {
        let shared = blobs::keep(connection, &facts::encode(layer)?, Form::Plain)?;
        insert_facts(connection, branch, &sheet.to_string(), &measure.to_string(), shared)?;
    }
    Ok(())
}

fn infos(connection: &Connection, home: WorkbookId) -> Result<Vec<BranchInfo>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT info FROM branches WHERE home = ?1 ORDER BY rowid DESC")?;
    let rows = statement.query_map([home.to_string()], |row| row.get::<_, String>(0))?;
    rows.map(|info| read(&info?, "a branch")).collect()
}

fn read<T: serde::de::DeserializeOwned>(text: &str, what: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(format!("{what} is damaged: {error}")))
}

fn text<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Invalid(error.to_string()))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::store::{EditRecord, NewUpdate, NewWorkbook};
    use grid_engine::refs::PersonId;

    const BASE: usize = 200_000;

    pub(in crate::store) fn plan(store: &Store) -> WorkbookId {
        let id = WorkbookId::named("plan").unwrap();
        // Bytes that cannot be packed any smaller.
        let state = (0..BASE as u64).map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as u8).collect();
        let facts = Facts { rows: vec![], first: None, width: 1, values: vec![] };
        let sheet = SheetId::named("demand").unwrap();
        let new = NewWorkbook {
            id,
            title: "Plan".into(),
            currency: "EUR".into(),
            rooms: vec![(RoomId::Book, state)],
            facts: vec![(sheet, MeasureId::named("history").unwrap(), facts)],
        };
        store.create_workbook(new).unwrap();
        id
    }

    pub(in crate::store) fn branch(store: &Store, parent: WorkbookId, name: &str) -> Result<BranchInfo, StoreError> {
        let info = BranchInfo {
            id: WorkbookId::of_key(&[name]),
            name: name.into(),
            home: WorkbookId::named("plan").unwrap(),
            parent,
            parent_name: String::new(),
            version: None,
            version_name: None,
            by: PersonId::named("mia").unwrap(),
            by_name: "Mia".into(),
            at: 1,
            comment: String::new(),
        };
        store.create_branch(NewStoredBranch { info, start: BranchStart::Parent }).wait()
    }

    pub(in crate::store) fn write(store: &Store, workbook: WorkbookId, body: &[u8]) {
        let record = EditRecord { writer: 7, from: 0, to: 1, cells: Vec::new(), others: 1 };
        let by = PersonId::named("mia").unwrap();
        let update = NewUpdate { room: RoomId::Book, by, at: 1, body: body.to_vec(), record, first_use: true };
        store.append_updates(workbook, vec![update], Vec::new()).wait().unwrap();
    }

    fn bytes(store: &Store) -> i64 {
        let sum = "SELECT (SELECT coalesce(sum(length(body)), 0) FROM blobs)
            + (SELECT coalesce(sum(length(checkpoint)), 0) FROM rooms)";
        store.read(|connection| Ok(connection.query_row(sum, [], |row| row.get(0))?)).unwrap()
    }

    #[test]
    fn a_branch_costs_its_edits_and_goes_without_a_trace() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let plan = plan(&store);
        write(&store, plan, b"one");
        let before = bytes(&store);
        let first = branch(&store, plan, "first").unwrap();
        let second = branch(&store, first.id, "second").unwrap();
        assert!(bytes(&store) - before < 1000, "shared, not copied");
        write(&store, plan, b"two");
        write(&store, first.id, b"three");
        let updates = |id| store.load_rooms(id).unwrap().remove(0).updates;
        assert_eq!(updates(plan), [b"one".to_vec(), b"two".to_vec()]);
        assert_eq!(updates(first.id), [b"one".to_vec(), b"three".to_vec()]);
        let base = store.branch_base(first.id).unwrap().remove(0);
        assert_eq!((base.checkpoint.len(), base.updates), (BASE, vec![b"one".to_vec()]));
        assert_eq!(store.load_facts(second.id).unwrap().len(), 1);
        assert_eq!(store.writers(second.id).unwrap().len(), 1, "known through what it comes from");
        assert_eq!(store.list_workbooks().unwrap().len(), 1, "branches are listed apart");
        assert_eq!(store.workbook(second.id).unwrap().unwrap().0, "second (branch of first)");
        assert!(matches!(branch(&store, plan, "First"), Err(StoreError::Exists(_))));
        assert!(matches!(store.delete_branch(first.id).wait(), Err(StoreError::Invalid(_))), "second comes from it");
        // A fold of the plan leaves what the branches began with.
        store.checkpoint(plan, RoomId::Book, b"folded".to_vec(), i64::MAX).wait().unwrap();
        assert_eq!(store.branch_base(second.id).unwrap()[0].checkpoint.len(), BASE);
        store.delete_branch(second.id).wait().unwrap();
        store.delete_branch(first.id).wait().unwrap();
        assert!(matches!(store.delete_branch(first.id).wait(), Err(StoreError::Missing(_))));
        assert_eq!(store.branches(plan).unwrap(), []);
        assert!(bytes(&store) < 1000, "what nobody names any more is gone");
        assert_eq!(store.load_rooms(plan).unwrap()[0].checkpoint, b"folded");
    }

    #[test]
    fn damage_of_what_is_shared_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let plan = plan(&store);
        let first = branch(&store, plan, "first").unwrap();
        let other = Connection::open(folder.path().join("equipoise.db")).unwrap();
        other.execute_batch("UPDATE blobs SET body = x'00' WHERE length(body) > 1000").unwrap();
        let error = store.load_rooms(first.id).err().unwrap().to_string();
        assert!(error.contains("the checkpoint of room book") && error.contains("restore"), "{error}");
        assert!(store.branch_base(first.id).is_err());
    }
}
