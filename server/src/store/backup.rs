//! Copies of the data while it is in use, and the way back.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::audit::{KEY_FILE, verify_audit, verify_log};
use super::{FILE, Store, StoreError, contents, open_for_reading};

/// Pages copied between two pauses: writers wait only that long.
const PAGES: std::ffi::c_int = 1024;
const PAUSE: Duration = Duration::from_millis(5);
/// Pauses in a row for want of a lock, after which it is given up.
const PATIENCE: u32 = 2_000;
/// The folder, in the one to make, where a backup is copied to and checked.
const RESTORING: &str = "restoring";

/// The file beside a backup that holds the edit log's key.
fn key_beside(backup: &Path) -> PathBuf {
    let mut name = backup.as_os_str().to_owned();
    name.push(".key");
    name.into()
}

/// Copies a data folder that may be in use into one file, checks the copy, and puts the edit log's key beside it.
///
/// # Errors
/// When the output exists, cannot be written, or the copy is not sound: its pages, what they hold, or its edit log.
pub fn back_up(folder: &Path, output: &Path) -> Result<(), StoreError> {
    if output.exists() {
        return Err(StoreError::Exists(format!("the file {}", output.display())));
    }
    let source = open_for_reading(folder)?;
    // Written under another name, so that what bears the right one is complete.
    let mut partial = output.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    // Of a backup that was killed.
    let _ = std::fs::remove_file(&partial);
    let copied = copy(&source, &partial).and_then(|()| {
        // A backup that cannot be restored is none.
        verify_log(&Connection::open_with_flags(&partial, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?, folder)?;
        copy_file(&folder.join(KEY_FILE), &key_beside(output))?;
        rename(&partial, output)
    });
    if copied.is_err() {
        let _ = std::fs::remove_file(&partial);
    }
    copied
}

/// Makes a data folder from a backup. What peers still hold of the data as it was is worth nothing afterwards.
///
/// # Errors
/// When the folder holds data already, or the backup is not sound: its pages, or its edit log. Nothing is left behind then.
pub fn restore(backup: &Path, folder: &Path) -> Result<(), StoreError> {
    for name in [FILE, KEY_FILE] {
        if folder.join(name).exists() {
            let there = format!("{name} in {} (a backup is restored into an empty folder)", folder.display());
            return Err(StoreError::Exists(there));
        }
    }
    let is_new = !folder.exists();
    super::private_folder(folder)?;
    let partial = folder.join(RESTORING);
    // Of a restore that was killed.
    let _ = std::fs::remove_dir_all(&partial);
    // What bears the right names has been checked: a server that is started meanwhile finds nothing, or all of it.
    let restored = restore_into(backup, &partial).and_then(|()| {
        rename(&partial.join(KEY_FILE), &folder.join(KEY_FILE))?;
        rename(&partial.join(FILE), &folder.join(FILE)).inspect_err(|_| {
            let _ = std::fs::remove_file(folder.join(KEY_FILE));
        })
    });
    let _ = std::fs::remove_dir_all(&partial);
    if restored.is_err() && is_new {
        let _ = std::fs::remove_dir(folder);
    }
    restored
}

/// Makes a checked copy of a backup, in another incarnation.
fn restore_into(backup: &Path, folder: &Path) -> Result<(), StoreError> {
    let source = Connection::open_with_flags(backup, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    check_pages(&source, backup)?;
    if !source.table_exists(None, "audit")? {
        return Err(StoreError::Corrupt(format!("{} is no backup: it holds no edit log", backup.display())));
    }
    super::private_folder(folder)?;
    copy(&source, &folder.join(FILE))?;
    copy_file(&key_beside(backup), &folder.join(KEY_FILE))?;
    verify_audit(folder)?;
    // Closed at the end, so that the file is whole without the log beside it.
    let store = Store::open_checked(folder)?;
    store.start_incarnation().wait()
}

fn copy(source: &Connection, to: &Path) -> Result<(), StoreError> {
    super::private_file(to).map_err(|error| StoreError::Folder { path: to.to_owned(), error: Arc::new(error) })?;
    let mut target = Connection::open(to)?;
    // Of one moment: without a transaction of its own the copy begins anew whenever somebody else writes.
    let moment = source.unchecked_transaction()?;
    moment.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    let copying = Backup::new(source, &mut target)?;
    let mut busy = 0;
    loop {
        match copying.step(PAGES)? {
            StepResult::Done => break,
            StepResult::More => busy = 0,
            _ if busy == PATIENCE => {
                return Err(StoreError::Invalid("another program keeps the data file locked; try again".to_owned()));
            }
            _ => busy += 1,
        }
        std::thread::sleep(PAUSE);
    }
    drop(copying);
    drop(moment);
    // One file, not three: the copy has no log beside it.
    target.pragma_update(None, "journal_mode", "DELETE")?;
    check_pages(&target, to)?;
    contents::check(&target)
}

/// Has every page read.
pub(super) fn check_pages(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" {
        return Ok(());
    }
    Err(StoreError::Corrupt(format!("{} is damaged: {found}. Restore a backup (equipoise restore)", path.display())))
}

fn copy_file(from: &Path, to: &Path) -> Result<(), StoreError> {
    let fail = |path: &Path| {
        let path = path.to_owned();
        move |error| StoreError::Folder { path, error: Arc::new(error) }
    };
    let bytes = std::fs::read(from).map_err(fail(from))?;
    let mut file = super::private_file(to).map_err(fail(to))?;
    std::io::Write::write_all(&mut file, &bytes).and_then(|()| file.sync_all()).map_err(fail(to))
}

fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    std::fs::rename(from, to).map_err(|error| StoreError::Folder { path: to.to_owned(), error: Arc::new(error) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use grid_engine::refs::PersonId;

    #[test]
    fn d5_a_restored_folder_is_the_one_backed_up_in_another_incarnation() {
        let (folder, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let store = Store::open(folder.path()).unwrap();
        let note = |text: &str| store.note(1, PersonId::named("ada").unwrap(), "person", text.into()).wait().unwrap();
        note("before");
        let backup = place.path().join("monday.db");
        back_up(folder.path(), &backup).unwrap();
        note("after");
        assert!(back_up(folder.path(), &backup).is_err(), "nothing is overwritten");
        let restored = place.path().join("data");
        restore(&backup, &restored).unwrap();
        assert!(restore(&backup, &restored).is_err(), "nor here");
        assert_eq!(verify_audit(folder.path()).unwrap().entries, 2);
        assert_eq!(verify_audit(&restored).unwrap().entries, 1);
        let again = Store::open(&restored).unwrap();
        assert_ne!(again.incarnation().unwrap(), store.incarnation().unwrap());
    }

    #[test]
    fn d5_a_backup_is_of_one_moment_however_much_is_written_meanwhile() {
        let (folder, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let store = Store::open(folder.path()).unwrap();
        let note = |store: &Store, text: String| store.note(1, PersonId::named("ada").unwrap(), "person", text).wait();
        // Many times what is copied between two pauses.
        (0..60).for_each(|_| note(&store, "x".repeat(1 << 20)).unwrap());
        let ends = std::sync::atomic::AtomicBool::new(false);
        let backup = place.path().join("monday.db");
        std::thread::scope(|scope| {
            let (store, ends) = (store.clone(), &ends);
            scope.spawn(move || {
                while !ends.load(std::sync::atomic::Ordering::Relaxed) {
                    note(&store, "meanwhile".into()).unwrap();
                }
            });
            // What a backup that was killed has left is in nobody's way.
            std::fs::write(place.path().join("monday.db.partial"), "torn").unwrap();
            let done = back_up(folder.path(), &backup);
            ends.store(true, std::sync::atomic::Ordering::Relaxed);
            done.unwrap();
        });
        restore(&backup, &place.path().join("data")).unwrap();
        assert!(verify_audit(&place.path().join("data")).unwrap().entries >= 60);
    }

    #[test]
    fn d5_what_could_not_be_restored_is_no_backup() {
        let (folder, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let store = Store::open(folder.path()).unwrap();
        store.note(1, PersonId::named("ada").unwrap(), "person", "before".into()).wait().unwrap();
        let connection = Connection::open(folder.path().join(FILE)).unwrap();
        connection.execute("UPDATE audit SET body = 'forged'", []).unwrap();
        let error = back_up(folder.path(), &place.path().join("monday.db")).unwrap_err().to_string();
        assert!(error.contains("entry 1 of the edit log is not as it was written"), "{error}");
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
    }

    #[test]
    fn d5_a_refused_restore_leaves_nothing_behind() {
        let (folder, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let store = Store::open(folder.path()).unwrap();
        store.note(1, PersonId::named("ada").unwrap(), "person", "before".into()).wait().unwrap();
        let backup = place.path().join("monday.db");
        back_up(folder.path(), &backup).unwrap();
        let (bytes, key) = (std::fs::read(&backup).unwrap(), std::fs::read(key_beside(&backup)).unwrap());
        let target = place.path().join("data");
        let refused = |bytes: &[u8], key: Option<&[u8]>| {
            std::fs::write(&backup, bytes).unwrap();
            let _ = std::fs::remove_file(key_beside(&backup));
            if let Some(key) = key {
                std::fs::write(key_beside(&backup), key).unwrap();
            }
            let error = restore(&backup, &target).unwrap_err().to_string();
            assert!(!target.exists(), "{error}");
            error
        };
        let other = "ab".repeat(32);
        assert!(refused(&bytes, Some(other.as_bytes())).contains("entry 1 of the edit log"));
        assert!(refused(&bytes, Some(b"no key")).contains("is not a key"));
        assert!(refused(&bytes, None).contains("monday.db.key"));
        assert!(refused(b"", Some(&key)).contains("monday.db is no backup"));
        refused(b"not a database, whatever it is called", Some(&key));
        // What is there already stays as it is.
        std::fs::create_dir(&target).unwrap();
        std::fs::write(target.join("notes.txt"), "mine").unwrap();
        std::fs::write(&backup, &bytes).unwrap();
        std::fs::write(key_beside(&backup), &other).unwrap();
        assert!(restore(&backup, &target).is_err());
        assert_eq!(std::fs::read_dir(&target).unwrap().count(), 1);
        std::fs::write(key_beside(&backup), &key).unwrap();
        restore(&backup, &target).unwrap();
        let mut names: Vec<_> = std::fs::read_dir(&target).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["audit.key", "equipoise.db", "notes.txt"]);
        assert_eq!(verify_audit(&target).unwrap().entries, 1);
    }

    #[test]
    fn d2_a_damaged_page_is_named_before_anything_is_served() {
        let folder = tempfile::tempdir().unwrap();
        {
            let store = Store::open(folder.path()).unwrap();
            for n in 0..200 {
                store.note(n, PersonId::named("ada").unwrap(), "person", "x".repeat(500)).wait().unwrap();
            }
        }
        let path = folder.path().join(FILE);
        let mut bytes = std::fs::read(&path).unwrap();
        let page = bytes.len() / 2 / 4096 * 4096;
        bytes[page..page + 64].iter_mut().for_each(|byte| *byte = 0xa5);
        std::fs::write(&path, bytes).unwrap();
        let error = Store::open_checked(folder.path()).err().unwrap().to_string();
        assert!(error.contains("equipoise.db") && error.to_lowercase().contains("page"), "{error}");
    }
}
