//! The tables, and how an older file becomes a current one.

use rusqlite::Connection;

use super::StoreError;

/// One script per version of the file; `user_version` counts those that ran.
const MIGRATIONS: &[&str] = &[
    r"
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
",
    r"
    -- The first eight bytes of a body's SHA-256: a flipped bit is noticed before it is believed.
    ALTER TABLE rooms ADD COLUMN sum BLOB;
    ALTER TABLE updates ADD COLUMN sum BLOB;

    -- Whose changes bear which writer id.
    CREATE TABLE writers (
        workbook TEXT NOT NULL, writer INTEGER NOT NULL, person TEXT NOT NULL, PRIMARY KEY (workbook, writer)
    ) STRICT, WITHOUT ROWID;

    -- The edit log: each entry's hash covers the one before it.
    DROP TABLE edits;
    CREATE TABLE audit (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, person TEXT NOT NULL, workbook TEXT NOT NULL,
        room TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, content_hash BLOB NOT NULL, hash BLOB NOT NULL
    ) STRICT;
    -- Where to look in it for a cell, and for the reason of a change.
    CREATE TABLE audit_cells (
        workbook TEXT NOT NULL, cell TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (workbook, cell, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE audit_whys (
        workbook TEXT NOT NULL, writer INTEGER NOT NULL, clock INTEGER NOT NULL, seq INTEGER NOT NULL,
        PRIMARY KEY (workbook, writer, clock, seq)
    ) STRICT, WITHOUT ROWID;

    -- Another incarnation after every restore: what peers held before is worth nothing then.
    CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    INSERT INTO settings VALUES ('incarnation', lower(hex(randomblob(8)))), ('rights', '1');

    ALTER TABLE people ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE tokens (
        id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, person TEXT NOT NULL REFERENCES people, name TEXT NOT NULL,
        created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
    ) STRICT;
    -- Counts what may end a connection, whoever changed it: the server asks for it twice a second.
    CREATE TRIGGER person_changed AFTER UPDATE ON people BEGIN
        UPDATE settings SET value = value + 1 WHERE name = 'rights';
    END;
    CREATE TRIGGER session_ended AFTER DELETE ON sessions BEGIN
        UPDATE settings SET value = value + 1 WHERE name = 'rights';
    END;
    CREATE TRIGGER token_ended AFTER DELETE ON tokens BEGIN
        UPDATE settings SET value = value + 1 WHERE name = 'rights';
    END;
",
    r"
    -- Bytes that several things share, each kept once: what a branch began with, and what versions have in common.
    -- The hash is of the bytes as they are read; `packed` says whether they are compressed here.
    CREATE TABLE blobs (
        id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, packed INTEGER NOT NULL, body BLOB NOT NULL
    ) STRICT;
    -- Where one is named, it stands in place of the column beside it, which is empty then.
    ALTER TABLE rooms ADD COLUMN blob INTEGER REFERENCES blobs;
    ALTER TABLE facts ADD COLUMN blob INTEGER REFERENCES blobs;
    ALTER TABLE version_parts ADD COLUMN blob INTEGER REFERENCES blobs;
    CREATE INDEX rooms_blob ON rooms (blob) WHERE blob IS NOT NULL;
    CREATE INDEX facts_blob ON facts (blob) WHERE blob IS NOT NULL;
    CREATE INDEX version_parts_blob ON version_parts (blob) WHERE blob IS NOT NULL;

    -- A branch is a workbook of its own; what it began with stays, to compare it with.
    CREATE TABLE branches (
        id TEXT PRIMARY KEY REFERENCES workbooks, home TEXT NOT NULL REFERENCES workbooks,
        parent TEXT NOT NULL REFERENCES workbooks, info TEXT NOT NULL
    ) STRICT;
    CREATE TABLE branch_rooms (
        branch TEXT NOT NULL REFERENCES branches, room TEXT NOT NULL, blob INTEGER NOT NULL REFERENCES blobs,
        -- Updates since, each with its length before it.
        tail BLOB NOT NULL, PRIMARY KEY (branch, room)
    ) STRICT;
    CREATE INDEX branch_rooms_blob ON branch_rooms (blob);
    -- Differences that were decided on.
    CREATE TABLE settled (
        branch TEXT NOT NULL REFERENCES branches, place TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (branch, place)
    ) STRICT, WITHOUT ROWID;
",
    r"
    -- What is watched over plan and actual, and what is raised at present.
    CREATE TABLE alerts (
        workbook TEXT PRIMARY KEY REFERENCES workbooks, rules TEXT, raised TEXT NOT NULL DEFAULT '[]'
    ) STRICT, WITHOUT ROWID;
",
    r"
    -- The months' cycles, and who has submitted which part of the demand.
    CREATE TABLE cycles (
        workbook TEXT NOT NULL REFERENCES workbooks, month TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (workbook, month)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE submissions (
        workbook TEXT NOT NULL REFERENCES workbooks, month TEXT NOT NULL, part TEXT NOT NULL, by TEXT NOT NULL,
        at INTEGER NOT NULL, PRIMARY KEY (workbook, month, part)
    ) STRICT, WITHOUT ROWID;
",
    r"
    -- What people say about cells, by the cells' ids, and whom they call. A comment taken back leaves an empty one.
    CREATE TABLE threads (
        id INTEGER PRIMARY KEY AUTOINCREMENT, workbook TEXT NOT NULL REFERENCES workbooks, sheet TEXT NOT NULL,
        row TEXT NOT NULL, col TEXT NOT NULL, resolved_by TEXT, resolved_at INTEGER
    ) STRICT;
    CREATE INDEX threads_of_workbook ON threads (workbook);
    CREATE TABLE comments (
        id INTEGER PRIMARY KEY AUTOINCREMENT, thread INTEGER NOT NULL REFERENCES threads,
        person TEXT NOT NULL REFERENCES people, at INTEGER NOT NULL, edited_at INTEGER, text TEXT NOT NULL
    ) STRICT;
    CREATE INDEX comments_of_thread ON comments (thread);
    CREATE TABLE calls (
        comment INTEGER NOT NULL REFERENCES comments, person TEXT NOT NULL REFERENCES people,
        read INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (comment, person)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX calls_of_person ON calls (person, comment);

    -- The edit log's last entry when a part was submitted: what comes after it has changed the part since.
    ALTER TABLE submissions ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;

    -- How a person has the interface, whichever browser shows it.
    CREATE TABLE preferences (person TEXT PRIMARY KEY REFERENCES people, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
",
    r"
    -- The scenarios that were asked for, each once: what formulas read as the matrix. Their figures are among the answers.
    CREATE TABLE scenarios (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, workbook TEXT NOT NULL REFERENCES workbooks, demand TEXT NOT NULL,
        supply TEXT NOT NULL, cost TEXT NOT NULL, UNIQUE (workbook, demand, supply, cost)
    ) STRICT;

    -- What a branch took a layer from: while it still holds that, a newer one of the plan may take its place.
    ALTER TABLE facts ADD COLUMN origin INTEGER;
    UPDATE facts SET origin = blob WHERE version = 1 AND workbook IN (SELECT id FROM branches);
",
    r"
    -- Cells that nobody may change at present, by the ids of their rows and columns.
    CREATE TABLE locks (
        id INTEGER PRIMARY KEY AUTOINCREMENT, workbook TEXT NOT NULL REFERENCES workbooks, person TEXT NOT NULL,
        at INTEGER NOT NULL, body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX locks_of_workbook ON locks (workbook);

    -- What a version has changed since the one before: the body says how these bytes differ from those of another blob.
    ALTER TABLE blobs ADD COLUMN base INTEGER REFERENCES blobs;
    ALTER TABLE blobs ADD COLUMN steps INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX blobs_base ON blobs (base) WHERE base IS NOT NULL;
",
    r"
    -- Whom somebody met in a cell or row, until a window of theirs says that they have seen it.
    CREATE TABLE notices (
        workbook TEXT NOT NULL REFERENCES workbooks, person TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (workbook, person, number)
    ) STRICT, WITHOUT ROWID;
",
    r"
    -- What a branch held before it last took layers of the plan, until it puts them back or takes others: no blob where it
    -- had none. `taken` holds what it took, to see whether it has that still; in `branches`, by whom.
    CREATE TABLE layers_before (
        branch TEXT NOT NULL REFERENCES branches, sheet TEXT NOT NULL, measure TEXT NOT NULL,
        blob INTEGER REFERENCES blobs, taken INTEGER NOT NULL REFERENCES blobs, PRIMARY KEY (branch, sheet, measure)
    ) STRICT;
    CREATE INDEX layers_before_blob ON layers_before (blob);
    CREATE INDEX layers_before_taken ON layers_before (taken);
    ALTER TABLE branches ADD COLUMN taken TEXT;
",
    "-- From here on the end of the edit log is sealed, by a setting (`audit`).",
    r"
    -- The same sum over the updates a branch began with as over those of a room.
    ALTER TABLE branch_rooms ADD COLUMN sum BLOB;
",
    r"
    -- Alerts that have ended, and how far each rule was judged.
    ALTER TABLE alerts ADD COLUMN past TEXT NOT NULL DEFAULT '{}';
",
    r"
    -- How far writers had come whom a room's document has forgotten: whoever was away for several epochs asks for it.
    CREATE TABLE swept (
        workbook TEXT NOT NULL REFERENCES workbooks, room TEXT NOT NULL, writer INTEGER NOT NULL, clock INTEGER NOT NULL,
        PRIMARY KEY (workbook, room, writer)
    ) STRICT, WITHOUT ROWID;
",
    r"
    -- Accounts with a sign-in provider: an address may come to belong to somebody else, a subject never does.
    CREATE TABLE accounts (
        issuer TEXT NOT NULL, subject TEXT NOT NULL, person TEXT NOT NULL REFERENCES people (id),
        PRIMARY KEY (issuer, subject), UNIQUE (issuer, person)
    ) STRICT, WITHOUT ROWID;
",
];
/// The first version of the file with a sealed end of the edit log, and the first with sums of what branches began with.
pub(super) const SEALED: u32 = 11;
pub(super) const WITH_TAIL_SUMS: u32 = 12;

/// Takes back what came with tail sums and since: a file is one of an earlier program then.
#[cfg(test)]
pub(super) const WITHOUT_TAIL_SUMS: &str = "ALTER TABLE branch_rooms DROP COLUMN sum; ALTER TABLE alerts DROP COLUMN past; DROP TABLE swept; DROP TABLE accounts";

/// The version of the file.
pub(super) fn version(connection: &Connection) -> Result<u32, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Whether the file is of the current version.
pub(super) fn is_current(connection: &Connection) -> Result<bool, StoreError> {
    Ok(version(connection)? == MIGRATIONS.len() as u32)
}

/// Brings the file to the current version, all steps or none. The last step is `finish`, told which version was found.
pub(super) fn migrate<T>(
    connection: &mut Connection,
    finish: impl FnOnce(&Connection, u32) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let known = MIGRATIONS.len() as u32;
    // Immediate, so that two programs opening a new folder at once do not both create the tables.
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    if found > known {
        return Err(StoreError::Corrupt(format!(
            "the data file has format {found}, this program knows {known}; use the newer program"
        )));
    }
    for script in MIGRATIONS.iter().skip(found as usize) {
        transaction.execute_batch(script)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    let finished = finish(&transaction, found)?;
    transaction.commit()?;
    Ok(finished)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_a_newer_program_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        assert_eq!(migrate(&mut connection, |_, found| Ok(found)).unwrap(), 0);
        assert_eq!(migrate(&mut connection, |_, found| Ok(found)).unwrap(), MIGRATIONS.len() as u32);
        connection.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(migrate(&mut connection, |_, _| Ok(())), Err(StoreError::Corrupt(_))));
    }
}
