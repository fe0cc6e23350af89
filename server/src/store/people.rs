//! People, and the proof of their passwords.

use argon2::Argon2;
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use grid_engine::refs::{Id, PersonId};
use grid_engine::wire::{DemoUser, Role};
use rusqlite::{OptionalExtension, Row};

use super::{Store, StoreError, parse};

/// Someone to add, or to change when the user name exists.
pub struct NewPerson {
    /// What one signs in with: 1–64 characters without spaces.
    pub user: String,
    pub password: String,
    pub name: String,
    /// What this person does, in words.
    pub title: String,
    pub role: Role,
    /// Regions a sales person writes, as the partition's key values.
    pub scope: Vec<String>,
    /// CSS colour of the cursor.
    pub colour: String,
    /// Keeps the password readable and shows it on the sign-in page: for the demo company only.
    pub demo_password_shown: bool,
}

/// A person as stored.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: PersonId,
    pub user: String,
    pub name: String,
    pub title: String,
    pub role: Role,
    pub scope: Vec<String>,
    pub colour: String,
}

/// The id of a person, derived from the user name.
pub fn person_id(user: &str) -> PersonId {
    PersonId(Id::of_name(user))
}

impl Store {
    /// Adds a person or replaces the one with this user name. Takes the time of one password hash.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for an empty or overlong user name or password.
    pub fn put_person(&self, new: NewPerson) -> Result<PersonId, StoreError> {
        if new.user.is_empty() || new.user.len() > 64 || new.user.contains(char::is_whitespace) {
            return Err(StoreError::Invalid(format!("user name {:?}: 1 to 64 characters without spaces", new.user)));
        }
        if new.password.is_empty() || new.password.len() > MAX_PASSWORD {
            return Err(StoreError::Invalid(format!("password of {}: 1 to {MAX_PASSWORD} bytes", new.user)));
        }
        let id = person_id(&new.user);
        let hash = hash_password(&new.password)?;
        let json = |error: serde_json::Error| StoreError::Invalid(error.to_string());
        let role = serde_json::to_string(&new.role).map_err(json)?;
        let scope = serde_json::to_string(&new.scope).map_err(json)?;
        let shown = new.demo_password_shown.then_some(new.password);
        self.write(move |connection| {
            connection.execute(
                "INSERT INTO people (id, user, password_hash, name, title, role, scope, colour, shown_password)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                 ON CONFLICT (user) DO UPDATE SET password_hash = ?3, name = ?4, title = ?5, role = ?6, scope = ?7,
                    colour = ?8, shown_password = ?9",
                (id.to_string(), new.user, hash, new.name, new.title, role, scope, new.colour, shown),
            )?;
            Ok(id)
        })
        .wait()
    }

    /// The person of a user name and the hash to check the password against.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn sign_in_data(&self, user: &str) -> Result<Option<(Person, String)>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, user, name, title, role, scope, colour, password_hash FROM people WHERE user = ?1",
            )?;
            let found =
                statement.query_row([user], |row| Ok((person_columns(row)?, row.get::<_, String>(7)?))).optional()?;
            found.map(|(columns, hash)| Ok((person(columns)?, hash))).transpose()
        })
    }

    /// Who may be shown on the sign-in page, in the order they were added.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn demo_users(&self) -> Result<Vec<DemoUser>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT user, shown_password, name, title FROM people WHERE shown_password IS NOT NULL ORDER BY rowid",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(DemoUser { user: row.get(0)?, password: row.get(1)?, name: row.get(2)?, title: row.get(3)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

/// Longer passwords only cost hashing time.
pub(crate) const MAX_PASSWORD: usize = 256;

/// Argon2id with the library's defaults (19 MiB, 2 passes: OWASP's minimum recommendation) and a fresh salt.
pub(crate) fn hash_password(password: &str) -> Result<String, StoreError> {
    let salt = SaltString::generate(&mut OsRng);
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(|error| StoreError::Invalid(error.to_string()))
}

/// Whether a password is the one of a hash; `false` for a damaged hash.
pub(crate) fn is_password(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
}

pub(super) type PersonColumns = [String; 7];

/// The columns `id, user, name, title, role, scope, colour`.
pub(super) fn person_columns(row: &Row<'_>) -> rusqlite::Result<PersonColumns> {
    Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?])
}

pub(super) fn person([id, user, name, title, role, scope, colour]: PersonColumns) -> Result<Person, StoreError> {
    let damaged = |what: &str| StoreError::Corrupt(format!("{what} of {user} in the data file is not valid"));
    Ok(Person {
        id: parse(&id, "person")?,
        role: serde_json::from_str(&role).map_err(|_| damaged("the role"))?,
        scope: serde_json::from_str(&scope).map_err(|_| damaged("the scope"))?,
        user,
        name,
        title,
        colour,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mia(password: &str, shown: bool) -> NewPerson {
        NewPerson {
            user: "mia".into(),
            password: password.into(),
            name: "Mia Berger".into(),
            title: "Sales Germany".into(),
            role: Role::Sales,
            scope: vec!["DE".into()],
            colour: "#08a".into(),
            demo_password_shown: shown,
        }
    }

    #[test]
    fn only_the_last_password_opens() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.put_person(mia("first", true)).unwrap();
        assert_eq!(store.demo_users().unwrap().len(), 1);
        store.put_person(mia("second", false)).unwrap();
        assert!(store.demo_users().unwrap().is_empty(), "a real password is never shown");
        let (person, hash) = store.sign_in_data("mia").unwrap().unwrap();
        assert_eq!((person.role, person.scope), (Role::Sales, vec!["DE".to_owned()]));
        assert!(is_password("second", &hash) && !is_password("first", &hash));
        assert!(!is_password("second", "not a hash"));
    }

    #[test]
    fn an_empty_password_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        assert!(matches!(store.put_person(mia("", false)), Err(StoreError::Invalid(_))));
    }
}
