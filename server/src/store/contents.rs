//! Whether what the pages hold is what was written: a page may be sound and its bytes not.

use rusqlite::Connection;

use super::{StoreError, blobs, facts, rooms, schema};

/// Who names shared bytes, to say what is damaged.
const NAMED_BY: &str = "
    SELECT 'the checkpoint of room ' || room || ' of workbook ' || workbook FROM rooms WHERE blob = ?1
    UNION ALL SELECT 'layer ' || measure || ' of sheet ' || sheet || ' of workbook ' || workbook FROM facts WHERE blob = ?1
    UNION ALL SELECT 'the part ' || name || ' of version ' || version FROM version_parts WHERE blob = ?1
    UNION ALL SELECT 'what branch ' || branch || ' began with' FROM branch_rooms WHERE blob = ?1
    UNION ALL SELECT 'bytes ' || ?1 || ', which are shared,'
    LIMIT 1";

/// Reads every room's state and log, what branches began with, every layer and every version's parts, and compares them
/// with their sums. A file of an earlier program, which kept fewer of these, is not looked into: it is brought to the
/// current version first.
///
/// # Errors
/// When one is not as it was written; it is named.
pub(super) fn check(connection: &Connection) -> Result<(), StoreError> {
    if !schema::is_current(connection)? {
        return Ok(());
    }
    let mut statement = connection.prepare("SELECT workbook, room, checkpoint, sum FROM rooms WHERE blob IS NULL")?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        let (workbook, room): (String, String) = (row.get(0)?, row.get(1)?);
        let body: Vec<u8> = row.get(2)?;
        rooms::check_sum(&body, row.get(3)?, || format!("the checkpoint of room {room} of workbook {workbook}"))?;
    }
    let mut statement = connection.prepare("SELECT workbook, room, seq, body, sum FROM updates")?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        let (workbook, room, seq): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let body: Vec<u8> = row.get(3)?;
        rooms::check_sum(&body, row.get(4)?, || format!("update {seq} of room {room} of workbook {workbook}"))?;
    }
    let mut statement = connection.prepare("SELECT workbook, sheet, measure, body FROM facts WHERE blob IS NULL")?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        let (workbook, sheet, measure): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let body: Vec<u8> = row.get(3)?;
        facts::decode(&body, &format!("layer {measure} of sheet {sheet} of workbook {workbook}"))?;
    }
    let mut statement = connection.prepare("SELECT branch, room, tail, sum FROM branch_rooms")?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        let (branch, room): (String, String) = (row.get(0)?, row.get(1)?);
        let tail: Vec<u8> = row.get(2)?;
        rooms::check_sum(&tail, row.get(3)?, || format!("room {room} of what branch {branch} began with"))?;
    }
    // Bytes that others differ from are read with these.
    let ends = "SELECT id FROM blobs AS first WHERE NOT EXISTS (SELECT 1 FROM blobs WHERE base = first.id)";
    let mut statement = connection.prepare(ends)?;
    let mut named_by = connection.prepare(NAMED_BY)?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        let id: i64 = row.get(0)?;
        let what: String = named_by.query_row([id], |row| row.get(0))?;
        blobs::load(connection, id, &what)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use grid_engine::refs::{RoomId, SheetId};

    use super::super::branches::tests as branches;
    use super::super::{FILE, NewWorkbook, Store, schema};
    use crate::store::{back_up, restore};

    /// What is said of a damaged checkpoint: at the start, by a backup, and by restoring a backup that holds it.
    #[test]
    fn d2_damage_inside_a_sound_page_is_neither_served_nor_backed_up_nor_restored() {
        let (folder, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let id = SheetId::named("plan").unwrap();
        {
            let store = Store::open(folder.path()).unwrap();
            let rooms = vec![(RoomId::Book, b"what the book holds".to_vec())];
            let new = NewWorkbook { id, title: "Plan".into(), currency: "EUR".into(), rooms, facts: Vec::new() };
            store.create_workbook(new).unwrap();
        }
        let backup = place.path().join("monday.db");
        back_up(folder.path(), &backup).unwrap();
        for file in [folder.path().join(FILE), backup.clone()] {
            let connection = rusqlite::Connection::open(file).unwrap();
            let damage = "UPDATE rooms SET checkpoint = x'0102030405' WHERE room = 'book'";
            assert_eq!(connection.execute(damage, []).unwrap(), 1);
        }
        let target = place.path().join("data");
        let refused = [
            Store::open_checked(folder.path()).err().unwrap(),
            back_up(folder.path(), &place.path().join("tuesday.db")).unwrap_err(),
            restore(&backup, &target).unwrap_err(),
        ];
        for error in refused.map(|error| error.to_string()) {
            assert!(error.contains("the checkpoint of room book of workbook plan is damaged"), "{error}");
        }
        assert!(!place.path().join("tuesday.db").exists() && !target.exists());
    }

    /// The updates a branch began with: one flipped byte of them, found where they are read and at the start.
    #[test]
    fn d2_a_flipped_byte_in_what_a_branch_began_with_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let branch = {
            let store = Store::open(folder.path()).unwrap();
            let plan = branches::plan(&store);
            branches::write(&store, plan, b"one");
            branches::branch(&store, plan, "What if").unwrap().id
        };
        let connection = rusqlite::Connection::open(folder.path().join(FILE)).unwrap();
        // A file of an earlier program has no sums: they come with the first start.
        let earlier = schema::WITH_TAIL_SUMS - 1;
        connection.execute_batch(schema::WITHOUT_TAIL_SUMS).unwrap();
        connection.pragma_update(None, "user_version", earlier).unwrap();
        drop(Store::open_checked(folder.path()).unwrap());
        let tail = "SELECT tail FROM branch_rooms";
        let mut tail: Vec<u8> = connection.query_row(tail, [], |row| row.get(0)).unwrap();
        assert!(tail.ends_with(b"one"));
        *tail.last_mut().unwrap() ^= 1;
        connection.execute("UPDATE branch_rooms SET tail = ?1", [tail]).unwrap();
        let read = Store::open(folder.path()).unwrap().branch_base(branch).err().unwrap().to_string();
        let served = Store::open_checked(folder.path()).err().unwrap().to_string();
        let expected = format!("room book of what branch {branch} began with is damaged: restore a backup");
        for error in [read, served] {
            assert!(error.starts_with(&expected), "{error}");
        }
    }
}
