//! The tables, and how an older file becomes a current one.

use rusqlite::Connection;

use super::StoreError;

/// One script per version of the file; `user_version` counts those that ran.
const MIGRATIONS: &[&str] = &[r"
    CREATE TABLE workbooks (
        id TEXT PRIMARY KEY, title TEXT NOT NULL, currency TEXT NOT NULL, created_at INTEGER NOT NULL
    ) STRICT;

    -- A room's state is its checkpoint followed by its updates in order.
    CREATE TABLE rooms (
        workbook TEXT NOT NULL REFERENCES workbooks, room TEXT NOT NULL, checkpoint BLOB NOT NULL,
        PRIMARY KEY (workbook, room)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE updates (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, workbook TEXT NOT NULL, room TEXT NOT NULL, body BLOB NOT NULL,
        FOREIGN KEY (workbook, room) REFERENCES rooms
    ) STRICT;
    CREATE INDEX updates_of_room ON updates (workbook, room, seq);

    -- Who wrote when: kept when updates are folded into a checkpoint.
    CREATE TABLE edits (
        seq INTEGER PRIMARY KEY, workbook TEXT NOT NULL, room TEXT NOT NULL, person TEXT NOT NULL,
        at INTEGER NOT NULL, bytes INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE facts (
        workbook TEXT NOT NULL REFERENCES workbooks, sheet TEXT NOT NULL, measure TEXT NOT NULL,
        version INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (workbook, sheet, measure)
    ) STRICT;

    CREATE TABLE people (
        id TEXT PRIMARY KEY, user TEXT NOT NULL UNIQUE, password_hash TEXT NOT NULL, name TEXT NOT NULL,
        title TEXT NOT NULL, role TEXT NOT NULL, scope TEXT NOT NULL, colour TEXT NOT NULL, shown_password TEXT
    ) STRICT;
    CREATE TABLE sessions (
        token_hash BLOB PRIMARY KEY, person TEXT NOT NULL REFERENCES people, expires_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE versions (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, workbook TEXT NOT NULL REFERENCES workbooks,
        info TEXT NOT NULL
    ) STRICT;
    CREATE TABLE version_parts (
        version TEXT NOT NULL REFERENCES versions (id), name TEXT NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (version, name)
    ) STRICT;

    CREATE TABLE answers (
        workbook TEXT NOT NULL, key BLOB NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (workbook, key)
    ) STRICT;
"];

/// Brings the file to the current version, all steps or none.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let known = MIGRATIONS.len() as u32;
    // Immediate, so that two programs opening a new folder at once do not both create the tables.
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(StoreError::Corrupt(format!(
            "the data file has format {found}, this program knows {known}; use the newer program"
        )));
    }
    for script in MIGRATIONS.iter().skip(found as usize) {
        transaction.execute_batch(script)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_a_newer_program_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        migrate(&mut connection).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(migrate(&mut connection), Err(StoreError::Corrupt(_))));
    }
}
