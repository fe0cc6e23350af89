//! Bytes kept once, however many rooms, layers and versions are made of them: named by the hash of their contents.

use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};

use super::{StoreError, pack, unpack};

/// How new bytes are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As they are: they are read often, or packed already.
    Plain,
    Packed,
}

/// Keeps bytes, once; their number.
pub(super) fn keep(connection: &Connection, bytes: &[u8], form: Form) -> Result<i64, StoreError> {
    let hash = hash_of(bytes);
    let known = connection
        .prepare_cached("SELECT id FROM blobs WHERE hash = ?1")?
        .query_row([&hash[..]], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    let is_packed = form == Form::Packed;
    let packed = is_packed.then(|| pack(bytes));
    let mut insert = connection.prepare_cached("INSERT INTO blobs (hash, packed, body) VALUES (?1, ?2, ?3)")?;
    Ok(insert.insert((&hash[..], is_packed, packed.as_deref().unwrap_or(bytes)))?)
}

/// The bytes with a number; `what` names them where they are damaged.
pub(super) fn load(connection: &Connection, id: i64, what: &str) -> Result<Vec<u8>, StoreError> {
    let damaged = || StoreError::Corrupt(format!("{what} is damaged: restore a backup (equipoise restore)"));
    let found: Option<(Vec<u8>, bool, Vec<u8>)> = connection
        .prepare_cached("SELECT hash, packed, body FROM blobs WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let (hash, is_packed, body) = found.ok_or_else(damaged)?;
    let bytes = if is_packed { unpack(&body, what)? } else { body };
    if hash_of(&bytes)[..] == hash[..] { Ok(bytes) } else { Err(damaged()) }
}

/// Drops bytes that nothing names any more.
pub(super) fn release(connection: &Connection, id: Option<i64>) -> Result<(), StoreError> {
    let Some(id) = id else { return Ok(()) };
    connection
        .prepare_cached(
            "DELETE FROM blobs WHERE id = ?1
             AND NOT EXISTS (SELECT 1 FROM rooms WHERE blob = ?1)
             AND NOT EXISTS (SELECT 1 FROM facts WHERE blob = ?1)
             AND NOT EXISTS (SELECT 1 FROM version_parts WHERE blob = ?1)
             AND NOT EXISTS (SELECT 1 FROM branch_rooms WHERE blob = ?1)",
        )?
        .execute([id])?;
    Ok(())
}

fn hash_of(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
