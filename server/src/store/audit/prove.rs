//! Proof of the edit log: its chain, what finds its entries, and the versions that know of it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use grid_engine::plan::{VersionState, altered_head, has_head};
use grid_engine::refs::{Id, PersonId};
use rusqlite::{Connection, OptionalExtension};

use super::{AuditKey, EDIT, EditRecord, KEY_FILE, NewEntry, cell_key, hex, kept_end};
use crate::store::versions::{self, VERSION, VersionRecord};
use crate::store::{NewVersion, StoreError, open_for_reading, schema};

/// How the log stands, see [`verify_audit`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditReport {
    pub entries: i64,
    /// The hash of the last entry, in hex.
    pub head: String,
}

/// Walks the whole edit log of a data folder, which may be in use, and compares it with the versions frozen since.
///
/// # Errors
/// Names the first entry that is not as it was written: changed, missing, out of order or cut off; then the first version
/// that knows of an entry which is not there, or that is not as the log has it.
pub fn verify_audit(folder: &Path) -> Result<AuditReport, StoreError> {
    verify_log(&open_for_reading(folder)?, folder)
}

/// The same of a file that may lie elsewhere; the folder is the one with the key.
///
/// # Errors
/// As [`verify_audit`].
pub(in crate::store) fn verify_log(connection: &Connection, folder: &Path) -> Result<AuditReport, StoreError> {
    let path = folder.join(KEY_FILE);
    let text = std::fs::read_to_string(&path)
        .map_err(|error| StoreError::Folder { path: path.clone(), error: Arc::new(error) })?;
    let key = AuditKey::read(text.trim())
        .ok_or_else(|| StoreError::Corrupt(format!("{} is not a key of 64 hex digits", path.display())))?;
    let snapshot = connection.unchecked_transaction()?;
    let mut statement = snapshot
        .prepare("SELECT seq, at, person, workbook, room, kind, body, content_hash, hash FROM audit ORDER BY seq")?;
    let mut rows = statement.query([])?;
    let (mut previous, mut expected): (Vec<u8>, i64) = (Vec::new(), 1);
    let mut told = ToldVersions::default();
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get(0)?;
        if seq != expected {
            return Err(StoreError::Corrupt(format!(
                "entry {expected} of the edit log is missing; entry {seq} follows"
            )));
        }
        let changed = || StoreError::Corrupt(format!("entry {seq} of the edit log is not as it was written"));
        let text = |at: usize| row.get::<_, String>(at).map_err(|_| changed());
        let person: Id = text(2)?.parse().map_err(|_| changed())?;
        let (workbook, room, kind, body) = (text(3)?, text(4)?, text(5)?, text(6)?);
        let entry = NewEntry {
            at: row.get(1).map_err(|_| changed())?,
            person: PersonId(person),
            workbook: &workbook,
            room: &room,
            kind: &kind,
            body: &body,
            content: &[],
        };
        let content_hash: Vec<u8> = row.get(7).map_err(|_| changed())?;
        let hash: Vec<u8> = row.get(8).map_err(|_| changed())?;
        if key.seal_entry(&previous, seq, &entry, &content_hash)[..] != hash[..] {
            return Err(changed());
        }
        if kind == EDIT {
            check_index(&snapshot, seq, &workbook, entry.person, &body)?;
        }
        if kind == VERSION {
            told.take(serde_json::from_str(&body).map_err(|_| changed())?);
        }
        (previous, expected) = (hash, seq + 1);
    }
    let ever: Option<i64> =
        snapshot.query_row("SELECT seq FROM sqlite_sequence WHERE name = 'audit'", [], |row| row.get(0)).optional()?;
    let (ever, last) = (ever.unwrap_or(0), expected - 1);
    if ever != last {
        return Err(StoreError::Corrupt(format!(
            "entry {expected} of the edit log is missing: it was cut off after {last}, and there were {ever}"
        )));
    }
    // Versions tell more of what is missing.
    verify_versions(&snapshot, last, told)?;
    let end = kept_end(&snapshot)?;
    let is_sealed = schema::version(&snapshot)? >= schema::SEALED;
    if last > 0 && is_sealed && end.as_ref() != Some(&key.seal_end(last, &previous)) {
        return Err(StoreError::Corrupt(format!(
            "entry {expected} of the edit log is missing: it was cut off after {last}, and ended otherwise"
        )));
    }
    Ok(AuditReport { entries: ever, head: hex(&previous) })
}

/// Whether an edit is found by its cells, and its writer id is still whose it was. A deleted branch has no such lists.
fn check_index(
    connection: &Connection,
    seq: i64,
    workbook: &str,
    person: PersonId,
    body: &str,
) -> Result<(), StoreError> {
    let wrong = |what: String| Err(StoreError::Corrupt(format!("entry {seq} of the edit log {what}")));
    let record: EditRecord = serde_json::from_str(body)
        .map_err(|_| StoreError::Corrupt(format!("entry {seq} of the edit log cannot be read")))?;
    let mut is_there = connection.prepare_cached("SELECT 1 FROM workbooks WHERE id = ?1")?;
    if !is_there.exists([workbook])? {
        return Ok(());
    }
    let mut found =
        connection.prepare_cached("SELECT 1 FROM audit_cells WHERE workbook = ?1 AND cell = ?2 AND seq = ?3")?;
    for change in &record.cells {
        let cell = cell_key(change.cell);
        if !found.exists((workbook, &cell, seq))? {
            return wrong(format!("is not in the list of what happened to the cell {cell}"));
        }
    }
    let mut whose = connection.prepare_cached("SELECT person FROM writers WHERE workbook = ?1 AND writer = ?2")?;
    let whose: Option<String> = whose.query_row((workbook, record.writer as i64), |row| row.get(0)).optional()?;
    match whose.filter(|whose| *whose != person.to_string()) {
        Some(other) => wrong(format!("is of {person}, while the list of writers has its writer as {other}")),
        None => Ok(()),
    }
}

/// What a log tells of versions.
#[derive(Default)]
struct ToldVersions {
    frozen: HashMap<Id, VersionRecord>,
    states: HashMap<Id, (VersionState, Option<String>)>,
}

impl ToldVersions {
    fn take(&mut self, record: VersionRecord) {
        self.states.insert(record.id, (record.state, record.seal.clone()));
        if record.is_frozen {
            self.frozen.insert(record.id, record);
        }
    }
}

/// Compares the versions with a log whose chain holds up to its entry `last`: what versions know of the log first, as a
/// log that was cut off no longer tells of versions either.
fn verify_versions(connection: &Connection, last: i64, mut told: ToldVersions) -> Result<(), StoreError> {
    let versions = versions::sealed(connection)?;
    for version in &versions {
        verify_head(connection, last, version, told.frozen.get(&version.info.id))?;
    }
    for NewVersion { info, parts } in versions {
        let name = &info.name;
        let (state, seal) = told.states.remove(&info.id).unwrap_or((info.state, None));
        if state != info.state {
            return Err(StoreError::Corrupt(format!(
                "the version {name:?} is {:?}, while the edit log has it as {state:?}",
                info.state
            )));
        }
        let Some(record) = told.frozen.remove(&info.id) else { continue };
        let altered = altered_head(&info, &parts).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        if record.hash != info.hash || !altered.is_empty() {
            // Seals are over the hash, so that another one is what is told first.
            let is_same = record.hash == info.hash;
            let what = altered.first().filter(|_| is_same).map_or("it has another hash", String::as_str);
            return Err(StoreError::Corrupt(format!("the version {name:?} is not as the edit log has it ({what})")));
        }
        if seal.is_some() && seal.as_ref() != info.seals.last() {
            return Err(StoreError::Corrupt(format!(
                "the history of the version {name:?} is not as the edit log has it: it has another seal"
            )));
        }
    }
    match told.frozen.into_values().next() {
        Some(gone) => Err(StoreError::Corrupt(format!("the version {:?} is missing; the edit log has it", gone.name))),
        None => Ok(()),
    }
}

/// Whether the log still has what a version knows of it, and the entry that says that it was frozen.
fn verify_head(
    connection: &Connection,
    last: i64,
    NewVersion { info, parts }: &NewVersion,
    record: Option<&VersionRecord>,
) -> Result<(), StoreError> {
    let wrong = |what: String| Err(StoreError::Corrupt(what));
    let name = &info.name;
    let Some(head) = info.log.as_ref().filter(|_| has_head(parts)) else {
        // Frozen before versions and log knew of each other, or made to look so.
        return if record.is_some() || info.log.is_some() || has_head(parts) {
            wrong(format!("the version {name:?} does not say any more where the edit log stood"))
        } else {
            Ok(())
        };
    };
    let mut hash_of = connection.prepare_cached("SELECT hash FROM audit WHERE seq = ?1")?;
    let known: Option<Vec<u8>> = hash_of.query_row([head.seq], |row| row.get(0)).optional()?;
    let there = format!("when the version {name:?} was frozen; the last entry that is there is {last}");
    match known {
        None if head.seq > 0 => wrong(format!("entry {} of the edit log is missing: it was there {there}", head.seq)),
        Some(hash) if hex(&hash) != head.hash => {
            wrong(format!("entry {} of the edit log is not the one that was there {there}", head.seq))
        }
        _ if record.is_none() => {
            wrong(format!("the entry of the edit log is missing that was made after entry {} {there}", head.seq))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use grid_engine::plan::{Headline, StateChange, VersionInfo, VersionKind, seal_state};
    use grid_engine::refs::{CellRef, RoomId};
    use grid_engine::wire::Scalar;

    use super::super::CellChange;
    use super::*;
    use crate::store::{FILE, NewUpdate, NewWorkbook, Store, WorkbookId};

    fn noted(count: usize) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        for n in 0..count {
            store.note(n as i64, PersonId::named("ada").unwrap(), "person", format!("change {n}")).wait().unwrap();
        }
        folder
    }

    fn tampered(sql: &str) -> String {
        let folder = noted(5);
        let connection = Connection::open(folder.path().join(FILE)).unwrap();
        connection.execute_batch(sql).unwrap();
        verify_audit(folder.path()).unwrap_err().to_string()
    }

    /// Row D6.
    #[test]
    fn d6_whatever_is_done_to_the_log_is_noticed_at_its_first_bad_entry() {
        assert_eq!(verify_audit(noted(5).path()).unwrap().entries, 5);
        assert_eq!(verify_audit(noted(0).path()).unwrap().entries, 0);
        let of_kinds = tempfile::tempdir().unwrap();
        let store = Store::open(of_kinds.path()).unwrap();
        for kind in ["cycle", "actuals", "branch"] {
            store.note(1, PersonId::named("ada").unwrap(), kind, String::new()).wait().unwrap();
        }
        assert_eq!(verify_audit(of_kinds.path()).unwrap().entries, 3);
        for (sql, expected) in [
            ("UPDATE audit SET body = 'forged' WHERE seq = 3", "entry 3 of the edit log is not as it was written"),
            ("UPDATE audit SET person = 'eve' WHERE seq = 2", "entry 2 of the edit log is not as it was written"),
            ("UPDATE audit SET at = 9 WHERE seq = 1", "entry 1 of the edit log is not as it was written"),
            ("DELETE FROM audit WHERE seq = 2", "entry 2 of the edit log is missing; entry 3 follows"),
            ("DELETE FROM audit WHERE seq >= 4", "entry 4 of the edit log is missing: it was cut off after 3"),
            (
                "DELETE FROM audit WHERE seq >= 4; UPDATE sqlite_sequence SET seq = 3 WHERE name = 'audit'",
                "entry 4 of the edit log is missing: it was cut off after 3",
            ),
            (
                "DELETE FROM audit WHERE seq >= 4; UPDATE sqlite_sequence SET seq = 3 WHERE name = 'audit'; \
                 DELETE FROM settings WHERE name = 'audit_end'",
                "entry 4 of the edit log is missing: it was cut off after 3",
            ),
            ("DELETE FROM audit", "entry 1 of the edit log is missing: it was cut off after 0"),
            (
                "UPDATE audit SET seq = 99 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3; \
                 UPDATE audit SET seq = 3 WHERE seq = 99",
                "entry 2 of the edit log is not as it was written",
            ),
        ] {
            let found = tampered(sql);
            assert!(found.starts_with(expected), "{sql}: {found}");
        }
    }

    #[test]
    fn the_end_of_a_log_of_an_earlier_program_is_sealed_when_it_is_opened() {
        let folder = noted(3);
        let connection = Connection::open(folder.path().join(FILE)).unwrap();
        connection.execute_batch("DELETE FROM settings WHERE name = 'audit_end'").unwrap();
        connection.execute_batch(schema::WITHOUT_TAIL_SUMS).unwrap();
        connection.pragma_update(None, "user_version", schema::SEALED - 1).unwrap();
        assert_eq!(verify_audit(folder.path()).unwrap().entries, 3);
        drop(Store::open(folder.path()).unwrap());
        assert_eq!(verify_audit(folder.path()).unwrap().entries, 3);
        connection
            .execute_batch("DELETE FROM audit WHERE seq = 3; UPDATE sqlite_sequence SET seq = 2 WHERE name = 'audit'")
            .unwrap();
        assert!(verify_audit(folder.path()).is_err());
    }

    /// What finds entries is not sealed: it is compared with what is.
    #[test]
    fn d6_lists_that_do_not_agree_with_the_log_are_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let id = WorkbookId::named("plan").unwrap();
        let (title, currency) = ("Plan".into(), "EUR".into());
        store
            .create_workbook(NewWorkbook {
                id,
                title,
                currency,
                rooms: vec![(RoomId::Book, Vec::new())],
                facts: Vec::new(),
            })
            .unwrap();
        let cell: CellRef = CellRef { sheet: id, row: "tea".parse().unwrap(), col: "price".parse().unwrap() };
        let change = CellChange { cell, old: Scalar::Blank(()), new: Scalar::Number(7.0) };
        let record = EditRecord { writer: 9, from: 0, to: 1, cells: vec![change], others: 0 };
        let by = PersonId::named("ada").unwrap();
        let update = NewUpdate { room: RoomId::Book, by, at: 1, body: vec![1], record, first_use: true };
        store.append_updates(id, vec![update], Vec::new()).wait().unwrap();
        assert_eq!(verify_audit(folder.path()).unwrap().entries, 1);
        let connection = Connection::open(folder.path().join(FILE)).unwrap();
        for (harm, mended, expected) in [
            (
                "DELETE FROM audit_cells",
                "INSERT INTO audit_cells VALUES ('plan', 'plan/tea/price', 1)",
                "entry 1 of the edit log is not in the list of what happened to the cell plan/tea/price",
            ),
            (
                "UPDATE writers SET person = 'eve'",
                "UPDATE writers SET person = 'ada'",
                "entry 1 of the edit log is of ada, while the list of writers has its writer as eve",
            ),
        ] {
            connection.execute_batch(harm).unwrap();
            assert_eq!(verify_audit(folder.path()).unwrap_err().to_string(), expected);
            connection.execute_batch(mended).unwrap();
            assert_eq!(verify_audit(folder.path()).unwrap().entries, 1);
        }
    }

    /// A folder with two frozen versions, the second after entry 4, and an entry after it.
    fn frozen() -> tempfile::TempDir {
        let folder = noted(1);
        let store = Store::open(folder.path()).unwrap();
        let id = WorkbookId::named("plan").unwrap();
        let (title, currency) = ("Plan".into(), "EUR".into());
        store.create_workbook(NewWorkbook { id, title, currency, rooms: Vec::new(), facts: Vec::new() }).unwrap();
        let ada = PersonId::named("ada").unwrap();
        for name in ["March", "April"] {
            store.note(1, ada, "person", name.into()).wait().unwrap();
            let info = VersionInfo {
                id: Id::of_key(&[name]),
                name: name.into(),
                kind: VersionKind::Consensus,
                state: VersionState::Proposed,
                comment: String::new(),
                by: ada,
                by_name: "Ada".into(),
                at: 1,
                hash: String::new(),
                headline: Headline::default(),
                history: Vec::new(),
                log: None,
                logs: Vec::new(),
                seals: Vec::new(),
            };
            let parts = vec![("summary".to_owned(), name.as_bytes().to_vec())];
            let (kept, written) = store.freeze_version(id, NewVersion { info, parts }).unwrap();
            written.wait().unwrap();
            assert_eq!(store.versions(id).unwrap()[0], kept);
        }
        let to = VersionState::Approved;
        let step = StateChange { to, by: ada, by_name: "Ada".into(), at: 2, comment: "as agreed".into() };
        store.set_version_state(id, Id::of_key(&["March"]), step).wait().unwrap();
        folder
    }

    /// Row D6.
    #[test]
    fn d6_a_log_that_was_cut_off_is_noticed_by_the_versions_frozen_since() {
        let cut = |from: i64| {
            format!(
                "DELETE FROM audit WHERE seq >= {from}; UPDATE sqlite_sequence SET seq = {from} - 1 WHERE name = 'audit'"
            )
        };
        let of = |sql: &str| {
            let folder = frozen();
            let connection = Connection::open(folder.path().join(FILE)).unwrap();
            connection.execute_batch(sql).unwrap();
            verify_audit(folder.path())
        };
        assert_eq!(of("").unwrap().entries, 6);
        let set =
            |what: &str| format!("UPDATE versions SET info = json_set(info, {what}) WHERE info LIKE '%\"April\"%'");
        for (sql, expected) in [
            (cut(6), "the version \"March\" is Approved, while the edit log has it as Proposed"),
            (
                cut(5),
                "the entry of the edit log is missing that was made after entry 4 when the version \"April\" was frozen; the last entry that is there is 4",
            ),
            (
                cut(4),
                "entry 4 of the edit log is missing: it was there when the version \"April\" was frozen; the last entry that is there is 3",
            ),
            (
                cut(2),
                "entry 2 of the edit log is missing: it was there when the version \"March\" was frozen; the last entry that is there is 1",
            ),
            (
                set("'$.log.hash', 'ab'"),
                "entry 4 of the edit log is not the one that was there when the version \"April\" was frozen",
            ),
            (cut(4) + ";" + &set("'$.log.seq', 0"), "the entry of the edit log is missing that was made after entry 0"),
            (
                cut(4) + ";" + &set("'$.log', NULL"),
                "the version \"April\" does not say any more where the edit log stood",
            ),
            (
                set("'$.by_name', 'Eve'"),
                "the version \"April\" is not as the edit log has it (by_name: frozen \"Ada\", now \"Eve\")",
            ),
            (
                set("'$.state', 'consensus'"),
                "the version \"April\" is Consensus, while the edit log has it as Proposed",
            ),
            (
                "UPDATE versions SET info = json_set(info, '$.history[0].comment', 'never agreed') WHERE seq = 1"
                    .into(),
                "the version \"March\" is not as the edit log has it (history: step 1, approved by Ada is not as it was taken)",
            ),
            (
                set("'$.seals', json('[\"ab\"]')"),
                "the version \"April\" is not as the edit log has it (state: it was not",
            ),
            (set("'$.hash', 'ab'"), "the version \"April\" is not as the edit log has it (it has another hash)"),
            ("DELETE FROM version_parts; DELETE FROM versions WHERE seq = 2".into(), "entry"),
        ] {
            let found = of(&sql).unwrap_err().to_string();
            assert!(found.starts_with(expected) || expected == "entry", "{sql}: {found}");
        }
    }

    /// Whoever makes all seals of a history anew is told by the log.
    #[test]
    fn d6_a_history_that_was_written_anew_is_not_the_one_the_log_has() {
        let folder = frozen();
        let store = Store::open(folder.path()).unwrap();
        let mut march = store.versions(WorkbookId::named("plan").unwrap()).unwrap().remove(1);
        march.history[0].comment = "never agreed".into();
        march.seals.truncate(1);
        seal_state(&mut march);
        drop(store);
        let connection = Connection::open(folder.path().join(FILE)).unwrap();
        let text = serde_json::to_string(&march).unwrap();
        connection.execute("UPDATE versions SET info = ?2 WHERE id = ?1", [march.id.to_string(), text]).unwrap();
        let error = verify_audit(folder.path()).unwrap_err().to_string();
        assert_eq!(error, "the history of the version \"March\" is not as the edit log has it: it has another seal");
    }

    #[test]
    fn the_chain_is_sealed_with_the_key_beside_the_file() {
        let folder = noted(2);
        std::fs::write(folder.path().join(KEY_FILE), "00".repeat(32)).unwrap();
        let error = verify_audit(folder.path()).unwrap_err().to_string();
        assert!(error.contains("entry 1"), "{error}");
        std::fs::remove_file(folder.path().join(KEY_FILE)).unwrap();
        let Err(error) = Store::open(folder.path()) else { unreachable!() };
        assert!(error.to_string().contains("Restore the file from a backup"), "{error}");
    }
}
