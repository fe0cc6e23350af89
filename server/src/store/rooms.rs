//! Room states: a checkpoint, and the updates since.

use grid_engine::refs::{PersonId, RoomId};
use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};

use super::audit::{self, EDIT, EditRecord, NewEntry};
use super::blobs;
use super::branches::ANCESTRY;
use super::notices::{self, NewNotice};
use super::{Pending, Store, StoreError, WorkbookId, parse};

/// A room as stored: its state is the checkpoint followed by the updates in order.
pub struct StoredRoom {
    pub room: RoomId,
    pub checkpoint: Vec<u8>,
    pub updates: Vec<Vec<u8>>,
    /// Sequence number of the last update, 0 when there is none.
    pub last_seq: i64,
}

/// An update to append.
pub struct NewUpdate {
    pub room: RoomId,
    pub by: PersonId,
    /// Milliseconds since 1970.
    pub at: i64,
    pub body: Vec<u8>,
    /// What the edit log keeps of it.
    pub record: EditRecord,
    /// Whether its writer id is used for the first time, and is this person's from now on.
    pub first_use: bool,
}

/// An update on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppendedUpdate {
    pub room: RoomId,
    pub seq: i64,
}

impl Store {
    /// All rooms of a workbook.
    ///
    /// # Errors
    /// When the file cannot be read or a room's id is damaged.
    pub fn load_rooms(&self, workbook: WorkbookId) -> Result<Vec<StoredRoom>, StoreError> {
        self.read(|connection| {
            let id = workbook.to_string();
            let snapshot = connection.unchecked_transaction()?;
            let mut rooms = Vec::new();
            let mut statement =
                snapshot.prepare_cached("SELECT room, checkpoint, sum, blob FROM rooms WHERE workbook = ?1")?;
            let found = statement
                .query_map([&id], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
            for row in found {
                let (room, checkpoint, sum, shared): (_, Vec<u8>, Option<Vec<u8>>, Option<i64>) = row?;
                let what = || format!("the checkpoint of room {room} of workbook {id}");
                let checkpoint = match shared {
                    Some(shared) => blobs::load(&snapshot, shared, &what())?,
                    None => checkpoint,
                };
                check_sum(&checkpoint, sum, what)?;
                rooms.push((parse(&room, "room")?, room, checkpoint));
            }
            let mut statement = snapshot
                .prepare_cached("SELECT seq, body, sum FROM updates WHERE workbook = ?1 AND room = ?2 ORDER BY seq")?;
            rooms
                .into_iter()
                .map(|(room, name, checkpoint)| {
                    let found = statement.query_map([&id, &name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
                    let mut last_seq = 0;
                    let mut updates = Vec::new();
                    for row in found {
                        let (seq, body, sum): (i64, Vec<u8>, Option<Vec<u8>>) = row?;
                        check_sum(&body, sum, || format!("update {seq} of room {name} of workbook {id}"))?;
                        updates.push(body);
                        last_seq = seq;
                    }
                    Ok(StoredRoom { room, checkpoint, updates, last_seq })
                })
                .collect()
        })
    }

    /// Appends updates to the rooms' logs, all or none, each with its entry in the edit log, and keeps what people are
    /// to be told of them.
    pub fn append_updates(
        &self,
        workbook: WorkbookId,
        updates: Vec<NewUpdate>,
        told: Vec<NewNotice>,
    ) -> Pending<Vec<AppendedUpdate>> {
        let key = self.audit_key();
        self.write(move |connection| {
            let id = workbook.to_string();
            notices::keep(connection, &id, &told)?;
            let mut log =
                connection.prepare_cached("INSERT INTO updates (workbook, room, body, sum) VALUES (?1, ?2, ?3, ?4)")?;
            let mut writers = connection
                .prepare_cached("INSERT OR IGNORE INTO writers (workbook, writer, person) VALUES (?1, ?2, ?3)")?;
            let mut cells = connection
                .prepare_cached("INSERT OR IGNORE INTO audit_cells (workbook, cell, seq) VALUES (?1, ?2, ?3)")?;
            updates
                .iter()
                .map(|update| {
                    let room = update.room.to_string();
                    let seq = log.insert((&id, &room, &update.body, sum(&update.body)))?;
                    if update.first_use {
                        writers.execute((&id, update.record.writer as i64, update.by.to_string()))?;
                    }
                    let body = serde_json::to_string(&update.record)
                        .map_err(|error| StoreError::Invalid(error.to_string()))?;
                    let entry = NewEntry {
                        at: update.at,
                        person: update.by,
                        workbook: &id,
                        room: &room,
                        kind: EDIT,
                        body: &body,
                        content: &update.body,
                    };
                    let entry = audit::append(connection, &key, &entry)?;
                    for change in &update.record.cells {
                        cells.execute((&id, audit::cell_key(change.cell), entry))?;
                    }
                    Ok(AppendedUpdate { room: update.room, seq })
                })
                .collect()
        })
    }

    /// Whose changes bear which writer id; in a branch also what it shares with the workbooks it comes from.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn writers(&self, workbook: WorkbookId) -> Result<Vec<(u64, PersonId)>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!(
                "{ANCESTRY} SELECT DISTINCT writer, person FROM writers WHERE workbook IN ancestry"
            ))?;
            let rows = statement
                .query_map([workbook.to_string()], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
            rows.map(|row| {
                let (writer, person) = row?;
                Ok((writer as u64, parse(&person, "person")?))
            })
            .collect()
        })
    }

    /// Replaces a room's checkpoint by `state`, which holds every update up to `upto`, and drops those.
    pub fn checkpoint(&self, workbook: WorkbookId, room: RoomId, state: Vec<u8>, upto: i64) -> Pending<()> {
        self.replace_room(workbook, room, state, upto, Vec::new())
    }

    /// The same with a state that says nothing of some writers any more, each with the clock after its last change: they
    /// are noted apart.
    pub fn replace_room(
        &self,
        workbook: WorkbookId,
        room: RoomId,
        state: Vec<u8>,
        upto: i64,
        forgotten: Vec<(u64, u64)>,
    ) -> Pending<()> {
        self.write(move |connection| {
            let (id, room) = (workbook.to_string(), room.to_string());
            let mut note = connection.prepare_cached(
                "INSERT OR REPLACE INTO swept (workbook, room, writer, clock) VALUES (?1, ?2, ?3, ?4)",
            )?;
            for (writer, clock) in &forgotten {
                note.execute((&id, &room, *writer as i64, *clock as i64))?;
            }
            let shared = connection
                .query_row("SELECT blob FROM rooms WHERE workbook = ?1 AND room = ?2", (&id, &room), |row| row.get(0))
                .optional()?;
            let shared: Option<i64> =
                shared.ok_or_else(|| StoreError::Missing(format!("room {room} of workbook {id}")))?;
            connection.execute(
                "UPDATE rooms SET checkpoint = ?3, sum = ?4, blob = NULL WHERE workbook = ?1 AND room = ?2",
                (&id, &room, &state, sum(&state)),
            )?;
            blobs::release(connection, shared)?;
            connection
                .execute("DELETE FROM updates WHERE workbook = ?1 AND room = ?2 AND seq <= ?3", (&id, &room, upto))?;
            Ok(())
        })
    }

    /// Writers that rooms have forgotten, each with the clock after its last change.
    ///
    /// # Errors
    /// When the file cannot be read or a room's id is damaged.
    pub fn swept(&self, workbook: WorkbookId) -> Result<Vec<(RoomId, u64, u64)>, StoreError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT room, writer, clock FROM swept WHERE workbook = ?1")?;
            let rows = statement.query_map([workbook.to_string()], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
            })?;
            rows.map(|row| {
                let (room, writer, clock) = row?;
                Ok((parse(&room, "room")?, writer as u64, clock as u64))
            })
            .collect()
        })
    }

    /// Appends to a room's log what brings writers back into its document. Nobody has entered anything by it, so it has
    /// no entry in the edit log.
    pub fn append_recall(&self, workbook: WorkbookId, room: RoomId, body: Vec<u8>) -> Pending<AppendedUpdate> {
        self.write(move |connection| {
            let seq = connection
                .prepare_cached("INSERT INTO updates (workbook, room, body, sum) VALUES (?1, ?2, ?3, ?4)")?
                .insert((workbook.to_string(), room.to_string(), &body, sum(&body)))?;
            Ok(AppendedUpdate { room, seq })
        })
    }

    /// Adds a room to a workbook (a new sheet or part).
    pub fn add_room(&self, workbook: WorkbookId, room: RoomId, state: Vec<u8>) -> Pending<()> {
        self.write(move |connection| insert(connection, workbook, room, &state))
    }
}

pub(super) fn insert(
    connection: &Connection,
    workbook: WorkbookId,
    room: RoomId,
    state: &[u8],
) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO rooms (workbook, room, checkpoint, sum) VALUES (?1, ?2, ?3, ?4)",
        (workbook.to_string(), room.to_string(), state, sum(state)),
    )?;
    Ok(())
}

/// What is kept to notice a flipped bit.
pub(super) fn sum(body: &[u8]) -> [u8; 8] {
    let hash: [u8; 32] = Sha256::digest(body).into();
    let mut sum = [0; 8];
    sum.copy_from_slice(&hash[..8]);
    sum
}

/// `None`: written by a version that kept no sums.
pub(super) fn check_sum(body: &[u8], kept: Option<Vec<u8>>, what: impl Fn() -> String) -> Result<(), StoreError> {
    match kept {
        Some(kept) if kept != sum(body) => {
            Err(StoreError::Corrupt(format!("{} is damaged: restore a backup (equipoise restore)", what())))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::NewWorkbook;
    use grid_engine::refs::{MeasureId, SheetId};
    use grid_engine::workbook::Facts;

    fn book(store: &Store) -> WorkbookId {
        let id = WorkbookId::named("plan").unwrap();
        let facts = Facts { rows: vec![], first: None, width: 1, values: vec![] };
        let sheet = SheetId::named("demand").unwrap();
        store
            .create_workbook(NewWorkbook {
                id,
                title: "Plan".into(),
                currency: "EUR".into(),
                rooms: vec![(RoomId::Book, vec![0, 0]), (RoomId::Sheet(sheet), vec![0, 0])],
                facts: vec![(sheet, MeasureId::named("history").unwrap(), facts)],
            })
            .unwrap();
        id
    }

    fn update(room: RoomId, body: &[u8]) -> NewUpdate {
        let record = EditRecord { writer: 7, from: 0, to: 1, cells: Vec::new(), others: 1 };
        NewUpdate { room, by: PersonId::named("mia").unwrap(), at: 1, body: body.to_vec(), record, first_use: true }
    }

    fn stored(store: &Store, room: RoomId) -> StoredRoom {
        let id = WorkbookId::named("plan").unwrap();
        store.load_rooms(id).unwrap().into_iter().find(|found| found.room == room).unwrap()
    }

    #[test]
    fn a_copy_taken_while_running_holds_what_was_acknowledged() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let id = book(&store);
        store
            .append_updates(id, vec![update(RoomId::Book, b"one"), update(RoomId::Book, b"two")], Vec::new())
            .wait()
            .unwrap();
        // What a killed process leaves: the file and its log as they are now, nothing closed.
        let copy = tempfile::tempdir().unwrap();
        for file in ["equipoise.db", "equipoise.db-wal", "audit.key"] {
            std::fs::copy(folder.path().join(file), copy.path().join(file)).unwrap();
        }
        let reopened = Store::open(copy.path()).unwrap();
        assert_eq!(stored(&reopened, RoomId::Book).updates, [b"one".to_vec(), b"two".to_vec()]);
        assert_eq!(reopened.list_workbooks().unwrap().len(), 1);
        assert_eq!(reopened.writers(id).unwrap(), [(7, PersonId::named("mia").unwrap())]);
        assert_eq!(crate::store::verify_audit(copy.path()).unwrap().entries, 2);
    }

    /// Row D2: of a log that was torn off, what was committed whole before is there.
    #[test]
    fn d2_a_torn_log_gives_back_what_was_whole() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let id = book(&store);
        let written: Vec<Vec<u8>> = (0..8_u8).map(|at| vec![at; 900]).collect();
        for body in &written {
            store.append_updates(id, vec![update(RoomId::Book, body)], Vec::new()).wait().unwrap();
        }
        let log = std::fs::read(folder.path().join("equipoise.db-wal")).unwrap();
        let mut lengths = std::collections::BTreeSet::new();
        for tenth in 0..=10 {
            let copy = tempfile::tempdir().unwrap();
            for file in ["equipoise.db", "audit.key"] {
                std::fs::copy(folder.path().join(file), copy.path().join(file)).unwrap();
            }
            let torn = &log[..log.len() * tenth / 10];
            std::fs::write(copy.path().join("equipoise.db-wal"), torn).unwrap();
            let reopened = Store::open_checked(copy.path()).unwrap();
            let rooms = reopened.load_rooms(id).unwrap_or_default();
            let found = rooms.into_iter().find(|found| found.room == RoomId::Book).map(|room| room.updates);
            let found = found.unwrap_or_default();
            assert_eq!(found, written[..found.len()], "{tenth} tenths");
            lengths.insert(found.len());
            crate::store::verify_audit(copy.path()).unwrap();
        }
        assert!(lengths.len() > 3 && lengths.contains(&written.len()), "{lengths:?}");
    }

    /// Row D2: what was lost is not begun anew over what may still be found.
    #[test]
    fn d2_a_key_without_its_data_and_data_without_its_key_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let id = book(&store);
        store.append_updates(id, vec![update(RoomId::Book, b"one")], Vec::new()).wait().unwrap();
        let refusal = |files: &[(&str, Option<&[u8]>)]| {
            let copy = tempfile::tempdir().unwrap();
            for file in ["equipoise.db", "equipoise.db-wal", "audit.key"] {
                std::fs::copy(folder.path().join(file), copy.path().join(file)).unwrap();
            }
            for (file, content) in files {
                match content {
                    Some(content) => std::fs::write(copy.path().join(file), content).unwrap(),
                    None => std::fs::remove_file(copy.path().join(file)).unwrap(),
                }
            }
            let told = Store::open(copy.path()).err().map(|error| error.to_string()).unwrap_or_default();
            (told, copy.path().join("equipoise.db").metadata().map_or(0, |about| about.len()))
        };
        let log = ("equipoise.db-wal", None);
        for content in [None, Some(&b""[..])] {
            let (said, size) = refusal(&[("equipoise.db", content), log]);
            assert_eq!(size, 0, "nothing is begun in its place");
            assert!(said.contains("equipoise.db is missing or empty") && said.contains("audit.key is there"), "{said}");
        }
        let other = "0b".repeat(32);
        let (said, _) = refusal(&[("audit.key", Some(other.as_bytes()))]);
        assert!(said.contains("does not end with the seal of") && said.contains("audit.key"), "{said}");
    }

    /// Row D2: a flipped bit is named, not believed.
    #[test]
    fn d2_a_damaged_body_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let id = book(&store);
        store.append_updates(id, vec![update(RoomId::Book, b"one")], Vec::new()).wait().unwrap();
        let other = Connection::open(folder.path().join("equipoise.db")).unwrap();
        for (sql, named) in [
            ("UPDATE updates SET body = x'6f6e64'", "update 1 of room book of workbook plan is damaged"),
            ("UPDATE rooms SET checkpoint = x'0001' WHERE room = 'book'", "the checkpoint of room book"),
        ] {
            other.execute_batch(sql).unwrap();
            let error = store.load_rooms(id).err().unwrap().to_string();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn a_checkpoint_replaces_the_updates_it_holds() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let id = book(&store);
        let first = store.append_updates(id, vec![update(RoomId::Book, b"one")], Vec::new()).wait().unwrap();
        store.append_updates(id, vec![update(RoomId::Book, b"two")], Vec::new()).wait().unwrap();
        store.checkpoint(id, RoomId::Book, b"state".to_vec(), first[0].seq).wait().unwrap();
        let room = stored(&store, RoomId::Book);
        assert_eq!((room.checkpoint, room.updates), (b"state".to_vec(), vec![b"two".to_vec()]));
        let later = store.append_updates(id, vec![update(RoomId::Book, b"three")], Vec::new()).wait().unwrap();
        assert!(later[0].seq > room.last_seq, "numbers are never used again");
    }

    #[test]
    fn a_batch_with_an_unknown_room_stores_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let id = book(&store);
        let stranger = RoomId::Sheet(SheetId::named("nowhere").unwrap());
        let batch = vec![update(RoomId::Book, b"one"), update(stranger, b"two")];
        assert!(store.append_updates(id, batch, Vec::new()).wait().is_err());
        assert!(stored(&store, RoomId::Book).updates.is_empty());
    }

    #[test]
    fn a_workbook_is_created_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let twice = NewWorkbook {
            id: WorkbookId::named("half").unwrap(),
            title: "Half".into(),
            currency: "EUR".into(),
            rooms: vec![(RoomId::Book, vec![0, 0]), (RoomId::Book, vec![0, 0])],
            facts: vec![],
        };
        assert!(store.create_workbook(twice).is_err());
        assert!(store.list_workbooks().unwrap().is_empty());
        book(&store);
        assert_eq!(store.list_workbooks().unwrap().len(), 1);
    }
}
