//! What holds for the whole data folder.

use rusqlite::OptionalExtension;

use super::{Pending, Store, StoreError};

impl Store {
    /// Tells this data from what it was before a restore.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn incarnation(&self) -> Result<String, StoreError> {
        self.setting("incarnation")
    }

    /// Begins another incarnation.
    pub fn start_incarnation(&self) -> Pending<()> {
        self.write(|connection| {
            connection
                .execute("UPDATE settings SET value = lower(hex(randomblob(8))) WHERE name = 'incarnation'", [])?;
            Ok(())
        })
    }

    /// Changes whenever a person is changed or a session ends, whichever process did it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn rights_epoch(&self) -> Result<String, StoreError> {
        self.setting("rights")
    }

    fn setting(&self, name: &'static str) -> Result<String, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT value FROM settings WHERE name = ?1")?;
            let found = statement.query_row([name], |row| row.get(0)).optional()?;
            found.ok_or_else(|| StoreError::Corrupt(format!("the setting {name} is missing in the data file")))
        })
    }
}
