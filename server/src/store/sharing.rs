//! Having a branch begin with what another workbook or a version holds, by naming the same bytes.

use grid_engine::refs::{Id, RoomId, SheetId};
use rusqlite::Connection;

use super::blobs::{self, Form};
use super::{StoreError, parse, rooms, unpack};

/// Has a branch begin with some of a workbook's rooms: their checkpoints are shared from now on, the updates since are copied.
pub(super) fn share_rooms(
    connection: &Connection,
    parent: &str,
    branch: &str,
    which: &dyn Fn(RoomId) -> bool,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached("SELECT room, checkpoint, blob FROM rooms WHERE workbook = ?1")?;
    let found = statement.query_map([parent], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut log =
        connection.prepare_cached("SELECT body FROM updates WHERE workbook = ?1 AND room = ?2 ORDER BY seq")?;
    for row in found.collect::<Result<Vec<_>, _>>()? {
        let (room, checkpoint, shared): (String, Vec<u8>, Option<i64>) = row;
        if !which(parse(&room, "room")?) {
            continue;
        }
        let shared = match shared {
            Some(shared) => shared,
            None => {
                let shared = blobs::keep(connection, &checkpoint, Form::Plain)?;
                connection.execute(
                    "UPDATE rooms SET checkpoint = x'', blob = ?3 WHERE workbook = ?1 AND room = ?2",
                    (parent, &room, shared),
                )?;
                shared
            }
        };
        let updates =
            log.query_map([parent, &room], |row| row.get(0))?.collect::<Result<Vec<Vec<u8>>, rusqlite::Error>>()?;
        connection.execute(
            "INSERT INTO rooms (workbook, room, checkpoint, sum, blob)
             SELECT ?3, room, x'', sum, blob FROM rooms WHERE workbook = ?1 AND room = ?2",
            (parent, &room, branch),
        )?;
        connection.execute(
            "INSERT INTO updates (workbook, room, body, sum)
             SELECT ?3, room, body, sum FROM updates WHERE workbook = ?1 AND room = ?2 ORDER BY seq",
            (parent, &room, branch),
        )?;
        begin_room(connection, branch, &room, shared, &updates)?;
    }
    Ok(())
}

/// The same with the layers of some sheets.
pub(super) fn share_facts(
    connection: &Connection,
    parent: &str,
    branch: &str,
    which: &dyn Fn(SheetId) -> bool,
) -> Result<(), StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT sheet, measure, body, blob FROM facts WHERE workbook = ?1 ORDER BY rowid")?;
    let found = statement.query_map([parent], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    for row in found.collect::<Result<Vec<_>, _>>()? {
        let (sheet, measure, body, shared): (String, String, Vec<u8>, Option<i64>) = row;
        if !which(SheetId(parse(&sheet, "sheet")?)) {
            continue;
        }
        let shared = share_layer(connection, parent, (&sheet, &measure), &body, shared)?;
        insert_facts(connection, branch, &sheet, &measure, shared)?;
    }
    Ok(())
}

/// Has a layer lie where it can be shared.
pub(super) fn share_layer(
    connection: &Connection,
    parent: &str,
    (sheet, measure): (&str, &str),
    body: &[u8],
    shared: Option<i64>,
) -> Result<i64, StoreError> {
    if let Some(shared) = shared {
        return Ok(shared);
    }
    let shared = blobs::keep(connection, body, Form::Plain)?;
    connection.execute(
        "UPDATE facts SET body = x'', blob = ?4 WHERE workbook = ?1 AND sheet = ?2 AND measure = ?3",
        (parent, sheet, measure, shared),
    )?;
    Ok(shared)
}

pub(super) fn insert_facts(
    connection: &Connection,
    branch: &str,
    sheet: &str,
    measure: &str,
    shared: i64,
) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO facts (workbook, sheet, measure, version, body, blob, origin) VALUES (?1, ?2, ?3, 1, x'', ?4, ?4)
         ON CONFLICT DO UPDATE SET version = version + 1, blob = excluded.blob, origin = excluded.origin",
        (branch, sheet, measure, shared),
    )?;
    Ok(())
}

/// Has a branch begin with documents of a version, which go on being the version's.
pub(super) fn share_version(
    connection: &Connection,
    version: Id,
    branch: &str,
    which: &dyn Fn(RoomId) -> bool,
) -> Result<(), StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT name, body, blob FROM version_parts WHERE version = ?1 AND name LIKE 'room:%'")?;
    let version = version.to_string();
    let found = statement.query_map([&version], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for row in found.collect::<Result<Vec<_>, _>>()? {
        let (name, packed, shared): (String, Vec<u8>, Option<i64>) = row;
        let what = format!("part {name} of version {version}");
        let room = name.trim_start_matches("room:");
        if !which(parse(room, "room")?) {
            continue;
        }
        let (shared, state) = match shared {
            Some(shared) => (shared, blobs::load(connection, shared, &what)?),
            None => {
                let state = unpack(&packed, &what)?;
                let shared = blobs::keep(connection, &state, Form::Packed)?;
                connection.execute(
                    "UPDATE version_parts SET body = x'', blob = ?3 WHERE version = ?1 AND name = ?2",
                    (&version, &name, shared),
                )?;
                (shared, state)
            }
        };
        connection.execute(
            "INSERT INTO rooms (workbook, room, checkpoint, sum, blob) VALUES (?1, ?2, x'', ?3, ?4)",
            (branch, room, rooms::sum(&state), shared),
        )?;
        begin_room(connection, branch, room, shared, &[])?;
    }
    Ok(())
}

fn begin_room(
    connection: &Connection,
    branch: &str,
    room: &str,
    shared: i64,
    updates: &[Vec<u8>],
) -> Result<(), StoreError> {
    let tail = join(updates);
    connection.execute(
        "INSERT INTO branch_rooms (branch, room, blob, tail, sum) VALUES (?1, ?2, ?3, ?4, ?5)",
        (branch, room, shared, &tail, rooms::sum(&tail)),
    )?;
    Ok(())
}

/// Keeps sums of what branches of an earlier program began with, which kept none.
pub(super) fn sum_found_tails(connection: &Connection) -> Result<(), StoreError> {
    let mut keep = connection.prepare("UPDATE branch_rooms SET sum = ?3 WHERE branch = ?1 AND room = ?2")?;
    let mut statement = connection.prepare("SELECT branch, room, tail FROM branch_rooms WHERE sum IS NULL")?;
    let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for row in found.collect::<Result<Vec<(String, String, Vec<u8>)>, _>>()? {
        let (branch, room, tail) = row;
        keep.execute((branch, room, rooms::sum(&tail)))?;
    }
    Ok(())
}

/// Updates in one run of bytes, each with its length before it.
fn join(updates: &[Vec<u8>]) -> Vec<u8> {
    let framed = updates.iter().flat_map(|update| [&(update.len() as u64).to_le_bytes()[..], update].concat());
    framed.collect()
}

pub(super) fn split(mut tail: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut updates = Vec::new();
    while let Some((length, rest)) = tail.split_first_chunk::<8>() {
        let (update, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        updates.push(update.to_vec());
        tail = rest;
    }
    tail.is_empty().then_some(updates)
}
