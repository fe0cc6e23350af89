//! Frozen versions: written once, then only their state changes.

use grid_engine::plan::{HEAD, ORIGIN, Origin, StateChange, VersionInfo, VersionState, seal, seal_state};
use grid_engine::refs::{Id, PersonId};
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

use super::audit::{self, AuditKey, NewEntry};
use super::blobs;
use super::{Pending, Store, StoreError, WorkbookId, unpack};
use crate::clock::now_ms;

/// A version to keep.
pub struct NewVersion {
    /// Its hash is that of its parts, chained to the version before it; [`Store::freeze_version`] works it out.
    pub info: VersionInfo,
    /// Named parts of the bundle (`summary`, `sheet:demand`, …) in the order they were hashed.
    pub parts: Vec<(String, Vec<u8>)>,
}

/// The kind of entries about versions in the edit log.
pub(super) const VERSION: &str = "version";

/// What the edit log keeps of a version that is frozen or put into another state.
#[derive(Serialize, Deserialize)]
pub(super) struct VersionRecord {
    pub id: Id,
    pub name: String,
    pub hash: String,
    pub state: VersionState,
    /// Else it was put into the state later.
    pub is_frozen: bool,
    /// The seal of this state; entries of before there were seals have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<String>,
    /// The hash it had where it came from, of one that was brought in from a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
}

impl Store {
    /// Seals a version over the one before it and the edit log as both stand, and keeps it. The version as it is kept, once
    /// the disk has it.
    ///
    /// # Errors
    /// When the store cannot be read or the version cannot be written.
    pub fn freeze_version(
        &self,
        workbook: WorkbookId,
        NewVersion { mut info, mut parts }: NewVersion,
    ) -> Result<(VersionInfo, Pending<()>), StoreError> {
        let previous = self.latest_version_hash(workbook)?;
        info.log = Some(self.log_head()?);
        seal(&mut info, &previous, &mut parts).map_err(|error| StoreError::Invalid(error.to_string()))?;
        let kept = self.put_version(workbook, NewVersion { info: info.clone(), parts }, previous);
        Ok((info, kept))
    }

    /// Keeps a version. `previous` is the hash it was chained to.
    ///
    /// Answers [`StoreError::Invalid`] when another version was frozen in between: chain again and retry.
    pub fn put_version(&self, workbook: WorkbookId, new: NewVersion, previous: String) -> Pending<()> {
        let key = self.audit_key();
        self.write(move |connection| {
            if latest_hash(connection, workbook)? != previous {
                return Err(StoreError::Invalid("another version was frozen at the same moment; try again".into()));
            }
            let id = new.info.id.to_string();
            connection.execute(
                "INSERT INTO versions (id, workbook, info) VALUES (?1, ?2, ?3)",
                (&id, workbook.to_string(), info_text(&new.info)?),
            )?;
            for (name, body) in &new.parts {
                // What did not change since another version is kept once, what did by its difference.
                let shared = blobs::keep_like(connection, body, latest_blob(connection, workbook, name)?)?;
                connection.execute(
                    "INSERT INTO version_parts (version, name, body, blob) VALUES (?1, ?2, x'', ?3)",
                    (&id, name, shared),
                )?;
            }
            let origin = new.parts.iter().find(|(name, _)| name == ORIGIN);
            let origin = origin.map(|(_, part)| told_by(part, new.info.id)).transpose()?;
            let origin = origin.map(|origin| origin.version.hash);
            let record = VersionRecord { origin, ..record_of(&new.info, None) };
            note(connection, &key, workbook, (now_ms(), new.info.by), &record)
        })
    }

    /// The versions of a workbook, newest first.
    ///
    /// # Errors
    /// When one of them is damaged.
    pub fn versions(&self, workbook: WorkbookId) -> Result<Vec<VersionInfo>, StoreError> {
        self.read(|connection| infos(connection, workbook))
    }

    /// The bytes that all versions take, what several share counted once.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn version_bytes(&self) -> Result<u64, StoreError> {
        self.read(|connection| {
            let own = "SELECT coalesce(sum(length(body)), 0) FROM version_parts";
            let shared = "SELECT coalesce(sum(length(body)), 0) FROM blobs
                WHERE id IN (SELECT blob FROM version_parts WHERE blob IS NOT NULL)";
            let sum = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
            Ok((sum(own)? + sum(shared)?).unsigned_abs())
        })
    }

    /// Whether an id is a version's.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn is_version(&self, id: Id) -> Result<bool, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT 1 FROM versions WHERE id = ?1")?;
            Ok(statement.exists([id.to_string()])?)
        })
    }

    /// Where a version came from that was brought in from a file; `None` for one that was frozen here.
    ///
    /// # Errors
    /// When the part that says so is damaged.
    pub fn version_origin(&self, workbook: WorkbookId, id: Id) -> Result<Option<Origin>, StoreError> {
        self.version_part(workbook, id, ORIGIN)?.map(|part| told_by(&part, id)).transpose()
    }

    /// The hash a new version is chained to: empty for the first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn latest_version_hash(&self, workbook: WorkbookId) -> Result<String, StoreError> {
        self.read(|connection| latest_hash(connection, workbook))
    }

    /// One part of a version of a workbook; `None` where there is no such version or part.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn version_part(&self, workbook: WorkbookId, id: Id, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT version_parts.body, blob FROM version_parts JOIN versions ON versions.id = version
                 WHERE workbook = ?1 AND version = ?2 AND name = ?3",
            )?;
            let found: Option<(Vec<u8>, Option<i64>)> = statement
                .query_row((workbook.to_string(), id.to_string(), name), |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            found.map(|(packed, shared)| part_body(connection, &packed, shared, id, name)).transpose()
        })
    }

    /// A version whole, its parts in the order they are hashed, and the hash it was chained to.
    ///
    /// # Errors
    /// When the store cannot be read or a part is damaged.
    pub fn version(&self, workbook: WorkbookId, id: Id) -> Result<Option<(NewVersion, String)>, StoreError> {
        let versions = self.versions(workbook)?;
        let Some(place) = versions.iter().position(|info| info.id == id) else { return Ok(None) };
        let previous = versions.get(place + 1).map(|info| info.hash.clone()).unwrap_or_default();
        let parts = self.read(|connection| {
            let mut statement =
                connection.prepare("SELECT name, body, blob FROM version_parts WHERE version = ?1 ORDER BY rowid")?;
            let rows = statement.query_map([id.to_string()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            rows.map(|row| {
                let (name, packed, shared): (String, Vec<u8>, Option<i64>) = row?;
                let body = part_body(connection, &packed, shared, id, &name)?;
                Ok((name, body))
            })
            .collect::<Result<Vec<_>, StoreError>>()
        })?;
        Ok(versions.into_iter().nth(place).map(|info| (NewVersion { info, parts }, previous)))
    }

    /// Puts a version into a state. There is one consensus: the one before it is superseded.
    pub fn set_version_state(&self, workbook: WorkbookId, id: Id, change: StateChange) -> Pending<VersionInfo> {
        let key = self.audit_key();
        self.write(move |connection| {
            let mut marked = None;
            let is_new_consensus = change.to == VersionState::Consensus;
            for mut info in infos(connection, workbook)? {
                let to = match (info.id == id, info.state) {
                    (true, _) => change.to,
                    (false, VersionState::Consensus) if is_new_consensus => VersionState::Superseded,
                    (false, _) => continue,
                };
                info.state = to;
                info.history.push(StateChange { to, ..change.clone() });
                seal_state(&mut info);
                connection
                    .execute("UPDATE versions SET info = ?2 WHERE id = ?1", (info.id.to_string(), info_text(&info)?))?;
                let step = info.history.last();
                note(connection, &key, workbook, (change.at, change.by), &record_of(&info, step))?;
                if info.id == id {
                    marked = Some(info);
                }
            }
            marked.ok_or_else(|| StoreError::Missing(format!("version {id}")))
        })
    }
}

/// Where a version came from, as its part [`ORIGIN`] tells.
fn told_by(part: &[u8], id: Id) -> Result<Origin, StoreError> {
    serde_json::from_slice(part).map_err(|error| StoreError::Corrupt(format!("part {ORIGIN} of version {id}: {error}")))
}

fn record_of(info: &VersionInfo, step: Option<&StateChange>) -> VersionRecord {
    let comment = step.map(|step| step.comment.clone()).unwrap_or_default();
    let VersionInfo { id, name, hash, state, seals, .. } = info.clone();
    let seal = seals.into_iter().next_back();
    VersionRecord { id, name, hash, state, is_frozen: step.is_none(), seal, origin: None, comment }
}

/// Notes in the edit log what became of a version.
fn note(
    connection: &Connection,
    key: &AuditKey,
    workbook: WorkbookId,
    (at, person): (i64, PersonId),
    record: &VersionRecord,
) -> Result<(), StoreError> {
    let body = serde_json::to_string(record).map_err(|error| StoreError::Invalid(error.to_string()))?;
    let workbook = workbook.to_string();
    let entry = NewEntry { at, person, workbook: &workbook, room: "", kind: VERSION, body: &body, content: &[] };
    audit::append(connection, key, &entry).map(|_| ())
}

/// All versions of all workbooks in the order they were frozen, with the part that seals what they say of themselves.
pub(super) fn sealed(connection: &Connection) -> Result<Vec<NewVersion>, StoreError> {
    let mut statement = connection.prepare("SELECT info FROM versions ORDER BY seq")?;
    let mut part = connection.prepare("SELECT body, blob FROM version_parts WHERE version = ?1 AND name = ?2")?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    rows.map(|text| {
        let info = info(&text?)?;
        let found: Option<(Vec<u8>, Option<i64>)> =
            part.query_row((info.id.to_string(), HEAD), |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let body = found.map(|(packed, shared)| part_body(connection, &packed, shared, info.id, HEAD)).transpose()?;
        let parts = body.into_iter().map(|body| (HEAD.to_owned(), body)).collect();
        Ok(NewVersion { info, parts })
    })
    .collect()
}

/// A part's bytes; those of an older program stand in the row itself.
fn part_body(
    connection: &Connection,
    packed: &[u8],
    shared: Option<i64>,
    id: Id,
    name: &str,
) -> Result<Vec<u8>, StoreError> {
    let what = format!("part {name} of version {id}");
    match shared {
        Some(shared) => blobs::load(connection, shared, &what),
        None => unpack(packed, &what),
    }
}

/// What the latest version with a part of this name keeps it in.
fn latest_blob(connection: &Connection, workbook: WorkbookId, name: &str) -> Result<Option<i64>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT blob FROM version_parts JOIN versions ON versions.id = version
         WHERE workbook = ?1 AND name = ?2 AND blob IS NOT NULL ORDER BY versions.seq DESC LIMIT 1",
    )?;
    Ok(statement.query_row((workbook.to_string(), name), |row| row.get(0)).optional()?)
}

fn latest_hash(connection: &Connection, workbook: WorkbookId) -> Result<String, StoreError> {
    let latest = connection
        .query_row(
            "SELECT info FROM versions WHERE workbook = ?1 ORDER BY seq DESC LIMIT 1",
            [workbook.to_string()],
            |row| row.get::<_, String>(0),
        )
        .optional()?;
    latest.map_or(Ok(String::new()), |text| info(&text).map(|info| info.hash))
}

fn infos(connection: &Connection, workbook: WorkbookId) -> Result<Vec<VersionInfo>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT info FROM versions WHERE workbook = ?1 ORDER BY seq DESC")?;
    let rows = statement.query_map([workbook.to_string()], |row| row.get::<_, String>(0))?;
    rows.map(|text| info(&text?)).collect()
}

/// Whether a version holds what was entered in a workbook's log.
pub(super) fn tell_of(connection: &Connection, workbook: WorkbookId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare("SELECT info FROM versions")?;
    let infos = statement.query_map([], |row| row.get::<_, String>(0))?;
    let infos = infos.map(|text| info(&text?)).collect::<Result<Vec<_>, StoreError>>()?;
    Ok(infos.iter().flat_map(|info| &info.logs).any(|stretch| stretch.workbook == workbook))
}

fn info(text: &str) -> Result<VersionInfo, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(format!("a version is damaged: {error}")))
}

fn info_text(info: &VersionInfo) -> Result<String, StoreError> {
    serde_json::to_string(info).map_err(|error| StoreError::Invalid(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::NewWorkbook;
    use grid_engine::plan::{Headline, VersionKind};
    use grid_engine::refs::PersonId;

    fn freeze(store: &Store, workbook: WorkbookId, name: &str, previous: &str) -> Result<Id, StoreError> {
        freeze_parts(store, workbook, name, previous, vec![("summary".to_owned(), name.as_bytes().to_vec())])
    }

    fn freeze_parts(
        store: &Store,
        workbook: WorkbookId,
        name: &str,
        previous: &str,
        parts: Vec<(String, Vec<u8>)>,
    ) -> Result<Id, StoreError> {
        let id = Id::of_key(&[name]);
        let info = VersionInfo {
            id,
            name: name.into(),
            kind: VersionKind::Consensus,
            state: VersionState::Proposed,
            comment: String::new(),
            by: PersonId::of_key(&["ada"]),
            by_name: "Ada".into(),
            at: 1,
            hash: format!("hash of {name}"),
            headline: Headline::default(),
            history: Vec::new(),
            log: None,
            logs: Vec::new(),
            seals: Vec::new(),
        };
        store.put_version(workbook, NewVersion { info, parts }, previous.to_owned()).wait().map(|()| id)
    }

    fn workbook_in(store: &Store) -> WorkbookId {
        let id = WorkbookId::named("plan").unwrap();
        let (title, currency) = ("Plan".into(), "EUR".into());
        store.create_workbook(NewWorkbook { id, title, currency, rooms: Vec::new(), facts: Vec::new() }).unwrap();
        id
    }

    #[test]
    fn versions_take_what_they_change_and_are_read_whole() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let workbook = workbook_in(&store);
        let mut numbers: Vec<u64> = (0..20_000_u64).map(|at| at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20).collect();
        let mut frozen: Vec<(Id, Vec<u8>)> = Vec::new();
        let mut sizes = Vec::new();
        for version in 0..80_usize {
            for change in 0..100 {
                numbers[(version * 7919 + change * 131) % 20_000] = (version * 1000 + change) as u64;
            }
            // Once everything is another.
            if version == 70 {
                numbers.iter_mut().for_each(|number| *number = number.rotate_left(7));
            }
            let bytes = serde_json::to_vec(&numbers).unwrap();
            let name = format!("Version {version}");
            let previous = store.latest_version_hash(workbook).unwrap();
            let id =
                freeze_parts(&store, workbook, &name, &previous, vec![("sheet".to_owned(), bytes.clone())]).unwrap();
            frozen.push((id, bytes));
            sizes.push(store.version_bytes().unwrap());
        }
        let each = |at: usize| sizes[at] - sizes[at - 1];
        assert!((1..60).all(|at| each(at) < 100 * 15), "{:?}", (1..60).map(each).collect::<Vec<_>>());
        assert!(each(70) > sizes[0] / 2, "what is another altogether is kept whole");
        for (id, bytes) in &frozen {
            assert_eq!(store.version_part(workbook, *id, "sheet").unwrap().as_ref(), Some(bytes));
        }
        // A damaged difference is noticed by every version that is read through it, and by no other.
        let read: Vec<Id> = frozen.iter().map(|(id, _)| *id).collect();
        let broken = read[40].to_string();
        let damage = move |connection: &Connection| {
            let sql = "UPDATE blobs SET body = zeroblob(length(body)) WHERE id =
                (SELECT blob FROM version_parts WHERE version = ?1)";
            Ok(connection.execute(sql, [broken])?)
        };
        assert_eq!(store.write(damage).wait().unwrap(), 1);
        let part = |at: usize| store.version_part(workbook, read[at], "sheet");
        assert!(part(39).is_ok() && part(75).is_ok());
        for at in [40, 41, 60] {
            let error = part(at).unwrap_err().to_string();
            assert!(error.contains(&format!("part sheet of version {}", read[at])), "{error}");
        }
    }

    #[test]
    fn there_is_one_consensus_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let workbook = workbook_in(&store);
        let march = freeze(&store, workbook, "March", "").unwrap();
        assert!(freeze(&store, workbook, "April", "").is_err(), "not chained to March");
        let april = freeze(&store, workbook, "April", &store.latest_version_hash(workbook).unwrap()).unwrap();
        let change = |to, at| {
            let comment = format!("at {at}");
            StateChange { to, by: PersonId::of_key(&["eva"]), by_name: "Eva".into(), at, comment }
        };
        let set = |id, to, at| store.set_version_state(workbook, id, change(to, at)).wait();
        set(march, VersionState::Consensus, 2).unwrap();
        set(april, VersionState::Approved, 3).unwrap();
        set(april, VersionState::Consensus, 4).unwrap();
        let states: Vec<_> = store.versions(workbook).unwrap().into_iter().map(|v| (v.id, v.state)).collect();
        assert_eq!(states, [(april, VersionState::Consensus), (march, VersionState::Superseded)]);
        assert_eq!(store.version_part(workbook, march, "summary").unwrap().as_deref(), Some(b"March".as_slice()));
        let elsewhere = WorkbookId::named("other").unwrap();
        assert_eq!(store.version_part(elsewhere, march, "summary").unwrap(), None);
        let history = |id: Id| {
            let found = store.versions(workbook).unwrap().into_iter().find(|version| version.id == id).unwrap();
            found.history.into_iter().map(|step| (step.to, step.at)).collect::<Vec<_>>()
        };
        assert_eq!(history(march), [(VersionState::Consensus, 2), (VersionState::Superseded, 4)]);
        assert_eq!(history(april), [(VersionState::Approved, 3), (VersionState::Consensus, 4)]);
        assert!(matches!(set(Id::of_key(&["?"]), VersionState::Consensus, 5), Err(StoreError::Missing(_))));
    }
}
