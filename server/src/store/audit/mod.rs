//! The edit log: who changed what, when and why, each entry sealed by a hash over the one before it.
//!
//! `h(n) = HMAC-SHA256(key, h(n−1) ‖ seq ‖ at ‖ person ‖ workbook ‖ room ‖ kind ‖ body ‖ content hash)`, every field
//! with its length. The key lies beside the data file, not in it, so that whoever edits the file alone cannot mend
//! the chain. Entries number from 1 without a gap; how many there ever were is kept apart from them, and which is the last is
//! sealed with the key as well. Where the log stood is part of every version that is frozen, and every version of the log:
//! neither can be cut off alone.

mod prove;

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use grid_engine::plan::LogHead;
use grid_engine::refs::{CellRef, PersonId, RoomId, SheetId};
use grid_engine::wire::{CellEdit, Scalar};
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Pending, Store, StoreError, WorkbookId, parse};

pub(super) use prove::verify_log;
pub use prove::{AuditReport, verify_audit};

/// Name of the key's file in the data folder.
pub(super) const KEY_FILE: &str = "audit.key";
/// The setting that seals the end of the log: entries cannot be cut off by whoever lacks the key.
const END: &str = "audit_end";
/// What an entry is about that tells of an update.
pub(super) const EDIT: &str = "edit";
/// What HMAC pads its key to for SHA-256.
const BLOCK: usize = 64;

/// What the log keeps of one update.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EditRecord {
    /// The writer id, its first clock and the one after the last.
    pub writer: u64,
    pub from: u64,
    pub to: u64,
    pub cells: Vec<CellChange>,
    /// Changes to rows, columns, styles and notes.
    #[serde(default)]
    pub others: usize,
}

/// One cell of an update.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellChange {
    pub cell: CellRef,
    pub old: Scalar,
    pub new: Scalar,
}

#[derive(Serialize, Deserialize)]
struct WhyRecord {
    writer: u64,
    clock: u64,
    why: String,
}

/// An entry to append.
pub(super) struct NewEntry<'a> {
    pub at: i64,
    pub person: PersonId,
    pub workbook: &'a str,
    pub room: &'a str,
    /// What it is about.
    pub kind: &'a str,
    pub body: &'a str,
    pub content: &'a [u8],
}

/// The secret the chain is sealed with.
#[derive(Clone)]
pub(super) struct AuditKey(Arc<[u8; 32]>);

impl AuditKey {
    /// Reads the folder's key, or draws one where there is no log yet.
    pub fn load(folder: &Path, connection: &Connection) -> Result<Self, StoreError> {
        let path = folder.join(KEY_FILE);
        let fail = |error| StoreError::Folder { path: path.clone(), error: Arc::new(error) };
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::read(text.trim()).ok_or_else(|| {
                StoreError::Corrupt(format!(
                    "{} is not a key of 64 hex digits; restore it from a backup",
                    path.display()
                ))
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let entries: i64 = connection.query_row("SELECT count(*) FROM audit", [], |row| row.get(0))?;
                if entries > 0 {
                    return Err(StoreError::Corrupt(format!(
                        "{} is missing: the edit log of {entries} entries cannot be continued. Restore the file from a \
                         backup",
                        path.display()
                    )));
                }
                let key: [u8; 32] = rand::random();
                let mut file = super::private_file(&path).map_err(fail)?;
                file.write_all(hex(&key).as_bytes()).and_then(|()| file.sync_all()).map_err(fail)?;
                Ok(Self(Arc::new(key)))
            }
            Err(error) => Err(fail(error)),
        }
    }

    fn read(text: &str) -> Option<Self> {
        let byte = |at: usize| u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok();
        let bytes: Vec<u8> = (0..32).map_while(byte).collect();
        let key = (text.len() == 64).then_some(bytes)?.try_into().ok()?;
        Some(Self(Arc::new(key)))
    }

    /// HMAC (RFC 2104) over fields with their lengths.
    fn seal(&self, fields: &[&[u8]]) -> [u8; 32] {
        let pad = |with: u8| {
            let mut block = [with; BLOCK];
            block.iter_mut().zip(self.0.iter()).for_each(|(byte, key)| *byte ^= key);
            block
        };
        let mut inner = Sha256::new_with_prefix(pad(0x36));
        for field in fields {
            inner.update((field.len() as u64).to_be_bytes());
            inner.update(field);
        }
        Sha256::new_with_prefix(pad(0x5c)).chain_update(inner.finalize()).finalize().into()
    }

    /// What says that an entry is the last one.
    fn seal_end(&self, seq: i64, hash: &[u8]) -> String {
        hex(&self.seal(&[END.as_bytes(), &seq.to_be_bytes(), hash]))
    }

    /// Seals the end of a log that an earlier program has written, which did not.
    pub fn seal_found_end(&self, connection: &Connection) -> Result<(), StoreError> {
        last_entry(connection)?.map_or(Ok(()), |(seq, hash)| keep_end(connection, &self.seal_end(seq, &hash)))
    }

    /// Refuses to go on with a log whose end was not sealed with this key: what would be written under another one could never
    /// be proven with the rest.
    pub fn check_end(&self, connection: &Connection, folder: &Path) -> Result<(), StoreError> {
        let Some((seq, hash)) = last_entry(connection)? else { return Ok(()) };
        if kept_end(connection)?.as_ref() == Some(&self.seal_end(seq, &hash)) {
            return Ok(());
        }
        Err(StoreError::Corrupt(format!(
            "the edit log does not end with the seal of {}: it is the key of other data, or the log was altered (equipoise \
             audit names the first entry). Restore the key, or the data, from a backup",
            folder.join(KEY_FILE).display()
        )))
    }

    fn seal_entry(&self, previous: &[u8], seq: i64, entry: &NewEntry<'_>, content_hash: &[u8]) -> [u8; 32] {
        let person = entry.person.to_string();
        self.seal(&[
            previous,
            &seq.to_be_bytes(),
            &entry.at.to_be_bytes(),
            person.as_bytes(),
            entry.workbook.as_bytes(),
            entry.room.as_bytes(),
            entry.kind.as_bytes(),
            entry.body.as_bytes(),
            content_hash,
        ])
    }
}

/// Appends an entry to the log of an open transaction; its number.
pub(super) fn append(connection: &Connection, key: &AuditKey, entry: &NewEntry<'_>) -> Result<i64, StoreError> {
    let mut last = connection.prepare_cached("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")?;
    let last = last.query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))).optional()?;
    let (last, previous) = last.unwrap_or_default();
    let seq = last + 1;
    let content_hash: [u8; 32] = Sha256::digest(entry.content).into();
    let hash = key.seal_entry(&previous, seq, entry, &content_hash);
    connection
        .prepare_cached(
            "INSERT INTO audit (seq, at, person, workbook, room, kind, body, content_hash, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute((
            seq,
            entry.at,
            entry.person.to_string(),
            entry.workbook,
            entry.room,
            entry.kind,
            entry.body,
            content_hash,
            hash,
        ))?;
    keep_end(connection, &key.seal_end(seq, &hash))?;
    Ok(seq)
}

/// The number and hash of the last entry.
fn last_entry(connection: &Connection) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
    let mut last = connection.prepare("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")?;
    Ok(last.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// The seal of the log's end as it is kept.
fn kept_end(connection: &Connection) -> Result<Option<String>, StoreError> {
    let mut kept = connection.prepare("SELECT value FROM settings WHERE name = ?1")?;
    Ok(kept.query_row([END], |row| row.get(0)).optional()?)
}

fn keep_end(connection: &Connection, seal: &str) -> Result<(), StoreError> {
    let mut keep = connection.prepare_cached(
        "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )?;
    keep.execute((END, seal))?;
    Ok(())
}

/// The text under which a cell is found.
pub(super) fn cell_key(cell: CellRef) -> String {
    format!("{}/{}/{}", cell.sheet, cell.row, cell.col)
}

impl Store {
    /// Notes what happened outside of the documents: a role changed, a version was frozen.
    pub fn note(&self, at: i64, person: PersonId, kind: &'static str, body: String) -> Pending<()> {
        let key = self.audit_key();
        self.write(move |connection| {
            let entry = NewEntry { at, person, workbook: "", room: "", kind, body: &body, content: &[] };
            append(connection, &key, &entry).map(|_| ())
        })
    }

    /// The last entry of the log; number 0 where there is none yet.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn log_head(&self) -> Result<LogHead, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")?;
            let head =
                statement.query_row([], |row| Ok(LogHead { seq: row.get(0)?, hash: hex(&row.get::<_, Vec<u8>>(1)?) }));
            Ok(head.optional()?.unwrap_or_default())
        })
    }

    /// Whether the log has an entry with this number and hash.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn has_log_entry(&self, LogHead { seq, hash }: &LogHead) -> Result<bool, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT hash FROM audit WHERE seq = ?1")?;
            let known: Option<Vec<u8>> = statement.query_row([seq], |row| row.get(0)).optional()?;
            Ok(known.is_some_and(|known| hex(&known) == *hash))
        })
    }

    /// Notes why the change up to a clock of a writer was made.
    pub fn note_why(
        &self,
        workbook: WorkbookId,
        room: RoomId,
        person: PersonId,
        at: i64,
        (writer, clock): (u64, u64),
        why: String,
    ) -> Pending<()> {
        let key = self.audit_key();
        self.write(move |connection| {
            let (workbook, room) = (workbook.to_string(), room.to_string());
            let body = serde_json::to_string(&WhyRecord { writer, clock, why })
                .map_err(|error| StoreError::Invalid(error.to_string()))?;
            let entry =
                NewEntry { at, person, workbook: &workbook, room: &room, kind: "why", body: &body, content: &[] };
            let seq = append(connection, &key, &entry)?;
            connection.execute(
                "INSERT INTO audit_whys (workbook, writer, clock, seq) VALUES (?1, ?2, ?3, ?4)",
                (workbook, writer as i64, clock as i64, seq),
            )?;
            Ok(())
        })
    }

    /// The changes of one cell, newest first, `limit` at most.
    ///
    /// # Errors
    /// When the log is damaged.
    pub fn cell_history(&self, workbook: WorkbookId, cell: CellRef, limit: u32) -> Result<Vec<CellEdit>, StoreError> {
        let key = cell_key(cell);
        let found = self.changes(workbook, (&key, &key), (0, i64::MAX), limit)?;
        Ok(found.into_iter().filter(|(of, _)| *of == cell).map(|(_, edit)| edit).collect())
    }

    /// The changes made in a sheet after one moment and until another, newest first.
    ///
    /// # Errors
    /// When the log is damaged.
    pub fn sheet_history(
        &self,
        workbook: WorkbookId,
        sheet: SheetId,
        between: (i64, i64),
        limit: u32,
    ) -> Result<Vec<(CellRef, CellEdit)>, StoreError> {
        let (from, to) = (format!("{sheet}/"), format!("{sheet}/\u{10ffff}"));
        let mut found = self.changes(workbook, (&from, &to), between, limit)?;
        found.retain(|(cell, _)| cell.sheet == sheet);
        Ok(found)
    }

    /// The changes of updates that touched cells of these keys; each update with all its cells.
    fn changes(
        &self,
        workbook: WorkbookId,
        (first, last): (&str, &str),
        (after, until): (i64, i64),
        limit: u32,
    ) -> Result<Vec<(CellRef, CellEdit)>, StoreError> {
        self.read(|connection| {
            let workbook = workbook.to_string();
            let mut statement = connection.prepare_cached(
                "SELECT audit.seq, audit.at, audit.person, audit.body, coalesce(people.name, '')
                 FROM audit LEFT JOIN people ON people.id = audit.person
                 WHERE audit.seq IN
                 (SELECT seq FROM audit_cells WHERE audit_cells.workbook = ?1 AND audit_cells.cell BETWEEN ?2 AND ?3)
                 AND audit.at > ?4 AND audit.at <= ?5 ORDER BY audit.seq DESC LIMIT ?6",
            )?;
            let mut why = connection.prepare_cached(
                "SELECT audit.body FROM audit_whys JOIN audit ON audit.seq = audit_whys.seq
                 WHERE audit_whys.workbook = ?1 AND writer = ?2 AND clock > ?3 AND clock <= ?4 AND audit.person = ?5
                 ORDER BY audit_whys.seq DESC LIMIT 1",
            )?;
            let rows = statement.query_map((&workbook, first, last, after, until, limit), |row| {
                Ok((
                    row.get::<_, i64>(0)?,
                    row.get(1)?,
                    row.get::<_, String>(2)?,
                    row.get::<_, String>(3)?,
                    row.get(4)?,
                ))
            })?;
            let mut edits = Vec::new();
            for row in rows {
                let (seq, at, person, body, name) = row?;
                let damaged = |_| StoreError::Corrupt(format!("entry {seq} of the edit log cannot be read"));
                let record: EditRecord = serde_json::from_str(&body).map_err(damaged)?;
                let clocks = (&workbook, record.writer as i64, record.from as i64, record.to as i64, &person);
                let said: Option<String> = why.query_row(clocks, |row| row.get(0)).optional()?;
                let why = match said {
                    Some(body) => Some(serde_json::from_str::<WhyRecord>(&body).map_err(damaged)?.why),
                    None => None,
                };
                let person = parse(&person, "person")?;
                edits.extend(record.cells.into_iter().map(|CellChange { cell, old, new }| {
                    let (name, why) = (String::clone(&name), why.clone());
                    (cell, CellEdit { seq, at, person, name, old, new, why })
                }));
            }
            Ok(edits)
        })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seal_is_an_hmac() {
        // RFC 4231, test case 6 in spirit: the same construction over one field, computed independently.
        let key = AuditKey(Arc::new([0x0b; 32]));
        let (one, other) = (key.seal(&[b"ab", b"c"]), key.seal(&[b"a", b"bc"]));
        assert_ne!(one, other, "fields keep their borders");
    }
}
