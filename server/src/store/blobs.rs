//! Bytes kept once, however many rooms, layers and versions are made of them: named by the hash of their contents.

use std::io::{Read, Write};

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

/// Bytes that differ from others are kept as the difference while no more than this must be read to have them back:
/// steps, and bytes unpacked on the way.
const MAX_STEPS: i64 = 64;
const MAX_READ: usize = 256 << 20;
/// A difference is kept where the bytes are so many times as long: packed alone, they are about a quarter of themselves.
const MUCH_SHORTER: usize = 8;
/// Differences are found between bytes as large as this together.
const WINDOW_LOG: u32 = 27;
/// How hard differences are looked for.
const EFFORT: i32 = 6;

/// Keeps bytes, once; their number.
pub(super) fn keep(connection: &Connection, bytes: &[u8], form: Form) -> Result<i64, StoreError> {
    let hash = hash_of(bytes);
    if let Some(known) = find(connection, &hash)? {
        return Ok(known);
    }
    let is_packed = form == Form::Packed;
    let packed = is_packed.then(|| pack(bytes));
    let mut insert = connection.prepare_cached("INSERT INTO blobs (hash, packed, body) VALUES (?1, ?2, ?3)")?;
    Ok(insert.insert((&hash[..], is_packed, packed.as_deref().unwrap_or(bytes)))?)
}

/// Keeps bytes, once, as what they differ by from those with the number `like`, where that is much less.
pub(super) fn keep_like(connection: &Connection, bytes: &[u8], like: Option<i64>) -> Result<i64, StoreError> {
    let hash = hash_of(bytes);
    if let Some(known) = find(connection, &hash)? {
        return Ok(known);
    }
    let Some(base) = like else { return keep(connection, bytes, Form::Packed) };
    let steps: i64 =
        connection.prepare_cached("SELECT steps FROM blobs WHERE id = ?1")?.query_row([base], |row| row.get(0))?;
    let steps = steps + 1;
    let old = unfold(connection, base, "what a version is like")?;
    let is_near = steps <= MAX_STEPS && (steps as usize).saturating_mul(old.len().max(bytes.len())) <= MAX_READ;
    let fits = old.len() + bytes.len() < 1 << WINDOW_LOG;
    let difference = if is_near && fits { difference(&old, bytes).ok() } else { None };
    // A part rewritten as a whole begins anew.
    match difference.filter(|difference| difference.len() < bytes.len() / MUCH_SHORTER) {
        None => keep(connection, bytes, Form::Packed),
        Some(difference) => {
            let sql = "INSERT INTO blobs (hash, packed, body, base, steps) VALUES (?1, 1, ?2, ?3, ?4)";
            Ok(connection.prepare_cached(sql)?.insert((&hash[..], difference, base, steps))?)
        }
    }
}

fn find(connection: &Connection, hash: &[u8; 32]) -> Result<Option<i64>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id FROM blobs WHERE hash = ?1")?;
    Ok(statement.query_row([&hash[..]], |row| row.get(0)).optional()?)
}

/// The bytes with a number; `what` names them where they are damaged.
pub(super) fn load(connection: &Connection, id: i64, what: &str) -> Result<Vec<u8>, StoreError> {
    let bytes = unfold(connection, id, what)?;
    let hash: Vec<u8> =
        connection.prepare_cached("SELECT hash FROM blobs WHERE id = ?1")?.query_row([id], |row| row.get(0))?;
    if hash_of(&bytes)[..] == hash[..] { Ok(bytes) } else { Err(damaged(what)) }
}

fn damaged(what: &str) -> StoreError {
    StoreError::Corrupt(format!("{what} is damaged: restore a backup (equipoise restore)"))
}

/// The bytes with a number, not yet compared with their hash: those they differ from, then each difference in turn.
fn unfold(connection: &Connection, id: i64, what: &str) -> Result<Vec<u8>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT packed, body, base FROM blobs WHERE id = ?1")?;
    let mut differences = Vec::new();
    let mut next = id;
    let mut bytes = loop {
        let found: Option<(bool, Vec<u8>, Option<i64>)> =
            statement.query_row([next], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
        match found.ok_or_else(|| damaged(what))? {
            (_, difference, Some(base)) if differences.len() < MAX_STEPS as usize => {
                differences.push(difference);
                next = base;
            }
            (_, _, Some(_)) => return Err(damaged(what)),
            (true, body, None) => break unpack(&body, what)?,
            (false, body, None) => break body,
        }
    };
    for difference in differences.into_iter().rev() {
        bytes = applied(&bytes, &difference).map_err(|_| damaged(what))?;
    }
    Ok(bytes)
}

/// What bytes differ by from others.
fn difference(old: &[u8], new: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = zstd::stream::write::Encoder::with_ref_prefix(Vec::new(), EFFORT, old)?;
    encoder.window_log(WINDOW_LOG)?;
    encoder.long_distance_matching(true)?;
    encoder.include_contentsize(true)?;
    encoder.set_pledged_src_size(Some(new.len() as u64))?;
    encoder.write_all(new)?;
    encoder.finish()
}

/// The bytes that differ from others by this.
fn applied(old: &[u8], difference: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut decoder = zstd::stream::read::Decoder::with_ref_prefix(difference, old)?;
    decoder.window_log_max(WINDOW_LOG)?;
    let mut bytes = Vec::new();
    // More than that cannot have gone in.
    decoder.by_ref().take(1 << WINDOW_LOG).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Drops bytes that nothing names any more, and those they differed from.
pub(super) fn release(connection: &Connection, id: Option<i64>) -> Result<(), StoreError> {
    let mut next = id;
    while let Some(id) = next {
        let gone = connection
            .prepare_cached(
                "DELETE FROM blobs WHERE id = ?1
                 AND NOT EXISTS (SELECT 1 FROM rooms WHERE blob = ?1)
                 AND NOT EXISTS (SELECT 1 FROM facts WHERE blob = ?1)
                 AND NOT EXISTS (SELECT 1 FROM version_parts WHERE blob = ?1)
                 AND NOT EXISTS (SELECT 1 FROM branch_rooms WHERE blob = ?1)
                 AND NOT EXISTS (SELECT 1 FROM layers_before WHERE blob = ?1 OR taken = ?1)
                 AND NOT EXISTS (SELECT 1 FROM blobs AS later WHERE later.base = ?1)
                 RETURNING base",
            )?
            .query_row([id], |row| row.get::<_, Option<i64>>(0))
            .optional()?;
        next = gone.flatten();
    }
    Ok(())
}

fn hash_of(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    /// Bytes that cannot be packed any smaller.
    fn noise(seed: u64, length: usize) -> Vec<u8> {
        let number = |at: u64| (at ^ seed << 40).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        (0..length as u64).map(|at| number(number(at) ^ at << 7) as u8).collect()
    }

    /// Runs what is to be tested where blobs are.
    fn with_blobs<T: Send + 'static>(
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let folder = tempfile::tempdir().unwrap();
        Store::open(folder.path())?.write(move |connection| work(connection)).wait()
    }

    /// What these bytes are kept as a difference from, and after how many steps.
    fn base_of(connection: &Connection, id: i64) -> (Option<i64>, i64) {
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        connection.query_row("SELECT base, steps FROM blobs WHERE id = ?1", [id], read).unwrap()
    }

    #[test]
    fn a_difference_is_kept_while_it_is_short_and_little_must_be_read_for_it() {
        with_blobs(|connection| {
            let old = noise(1, 40_000);
            let first = keep(connection, &old, Form::Packed)?;
            // So much of it is another: a difference of a tenth is kept, of a quarter not.
            for (changed, is_difference) in [(4_000, true), (10_000, false)] {
                let mut new = old.clone();
                new[..changed].copy_from_slice(&noise(2, changed));
                let id = keep_like(connection, &new, Some(first))?;
                assert_eq!(base_of(connection, id), if is_difference { (Some(first), 1) } else { (None, 0) });
                assert_eq!(load(connection, id, "it")?, new);
            }
            // As if it had been made of so many differences: too many of any size, or too many of this size.
            let mut number = 2;
            for (length, steps, is_difference) in
                [(40_000, MAX_STEPS - 1, true), (40_000, MAX_STEPS, false), (9 << 20, 20, true), (9 << 20, 40, false)]
            {
                number += 1;
                let old = noise(number, length);
                let base = keep(connection, &old, Form::Packed)?;
                connection.execute("UPDATE blobs SET steps = ?2 WHERE id = ?1", (base, steps))?;
                let id = keep_like(connection, &[&old[..], b"!"].concat(), Some(base))?;
                assert_eq!(base_of(connection, id).0.is_some(), is_difference, "{length} bytes after {steps} steps");
            }
            Ok(())
        })
        .unwrap();
    }

    #[test]
    fn bytes_stay_while_others_are_kept_as_their_difference_and_go_with_them() {
        with_blobs(|connection| {
            let old = noise(1, 40_000);
            let first = keep(connection, &old, Form::Packed)?;
            let second = keep_like(connection, &[&old[..], b"!"].concat(), Some(first))?;
            let third = keep_like(connection, &[&old[..], b"?!"].concat(), Some(second))?;
            release(connection, Some(first))?;
            release(connection, Some(second))?;
            assert_eq!(load(connection, third, "it")?.len(), 40_002, "nobody names the others");
            release(connection, Some(third))?;
            let left: i64 = connection.query_row("SELECT count(*) FROM blobs", [], |row| row.get(0))?;
            assert_eq!(left, 0);
            Ok(())
        })
        .unwrap();
    }
}
