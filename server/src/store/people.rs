//! People, and the proof of their passwords.

use argon2::Argon2;
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use grid_engine::refs::{Id, PersonId};
use grid_engine::value::is_unseen;
use grid_engine::wire::{DemoUser, PersonInfo, PutPerson, Role};
use rusqlite::{OptionalExtension, Row};

use super::audit::{self, NewEntry};
use super::{Store, StoreError, parse};
use crate::clock::now_ms;

/// Someone to add, or to change when the user name exists.
pub struct NewPerson {
    /// What one signs in with: 1–64 ASCII letters, digits and `.`, `_`, `-`, `+`, `@`.
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
    /// [`StoreError::Unfit`] for a user name or a text that may not be, [`StoreError::Invalid`] for such a password.
    pub fn put_person(&self, new: NewPerson) -> Result<PersonId, StoreError> {
        self.check_user(&new.user)?;
        check_texts([&new.name, &new.title].into_iter().chain(&new.scope))?;
        check_colour(&new.colour)?;
        let hash = hash_new_password(&new.user, &new.password)?;
        let id = person_id(&new.user);
        let role = role_text(new.role)?;
        let scope = scope_text(&new.scope)?;
        let shown = new.demo_password_shown.then_some(new.password);
        let key = self.audit_key();
        self.write(move |connection| {
            connection.execute(
                "INSERT INTO people (id, user, password_hash, name, title, role, scope, colour, shown_password)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                 ON CONFLICT (user) DO UPDATE SET password_hash = ?3, name = ?4, title = ?5, role = ?6, scope = ?7,
                    colour = ?8, shown_password = ?9, disabled = 0",
                (id.to_string(), &new.user, hash, new.name, new.title, &role, &scope, new.colour, shown),
            )?;
            let body = format!("{} {role} {scope}", new.user);
            audit::append(connection, &key, &entry_of(id, &body))?;
            Ok(id)
        })
        .wait()
    }

    /// A user name must not be taken for another: no letters that look like others, none that differ in case alone.
    fn check_user(&self, user: &str) -> Result<(), StoreError> {
        let is_fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '@');
        if user.is_empty() || user.len() > 64 || !user.chars().all(is_fit) {
            let shown: String = user.chars().take(64).collect();
            return Err(StoreError::Unfit(format!(
                "user name {shown:?}: use 1 to 64 of the letters a to z, digits and . _ - + @"
            )));
        }
        let clash =
            self.people()?.into_iter().find(|other| other.user != user && other.user.eq_ignore_ascii_case(user));
        match clash {
            Some(other) => Err(StoreError::Unfit(format!("user name {user:?}: there is {:?} already", other.user))),
            None => Ok(()),
        }
    }

    /// Changes a person, or adds one where role and password are given; what is left out stays. Noted in the edit
    /// log as `by`'s doing.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] where something is missing for a new person, or would leave nobody to administer.
    pub fn change_person(&self, user: &str, change: PutPerson, by: PersonId) -> Result<PersonInfo, StoreError> {
        let found = self.people()?.into_iter().find(|person| person.user == user);
        let Some(before) = found else {
            let (Some(role), Some(password)) = (change.role, change.password) else {
                return Err(StoreError::Invalid(format!("{user} is new: a role and a password are needed")));
            };
            self.put_person(NewPerson {
                user: user.to_owned(),
                password,
                name: change.name.unwrap_or_else(|| user.to_owned()),
                title: change.title.unwrap_or_default(),
                role,
                scope: change.scope.unwrap_or_default(),
                colour: change.colour.unwrap_or_else(|| "#0f766e".to_owned()),
                demo_password_shown: false,
            })?;
            return self.people()?.into_iter().find(|person| person.user == user).ok_or(StoreError::Closed);
        };
        check_texts(change.name.iter().chain(&change.title).chain(change.scope.iter().flatten()))?;
        change.colour.iter().try_for_each(|colour| check_colour(colour))?;
        let hash = change.password.as_deref().map(|password| hash_new_password(user, password)).transpose()?;
        let after = PersonInfo {
            name: change.name.unwrap_or(before.name),
            title: change.title.unwrap_or(before.title),
            role: change.role.unwrap_or(before.role),
            scope: change.scope.unwrap_or(before.scope),
            colour: change.colour.unwrap_or(before.colour),
            disabled: change.disabled.unwrap_or(before.disabled),
            ..before
        };
        let (role, scope) = (role_text(after.role)?, scope_text(&after.scope)?);
        let (told, key) = (after.clone(), self.audit_key());
        self.write(move |connection| {
            let id = after.person.to_string();
            connection.execute(
                "UPDATE people SET name = ?2, title = ?3, role = ?4, scope = ?5, colour = ?6, disabled = ?7,
                    password_hash = coalesce(?8, password_hash),
                    shown_password = CASE WHEN ?8 IS NULL THEN shown_password END WHERE id = ?1",
                (&id, &after.name, &after.title, &role, &scope, &after.colour, after.disabled, &hash),
            )?;
            let administrators: i64 = connection.query_row(
                "SELECT count(*) FROM people WHERE role = ?1 AND disabled = 0",
                [role_text(Role::Admin)?],
                |row| row.get(0),
            )?;
            if administrators == 0 {
                return Err(StoreError::Invalid("nobody would be left to administer; name another admin first".into()));
            }
            if hash.is_some() || after.disabled {
                // A new password ends what was opened with the old one.
                connection.execute("DELETE FROM sessions WHERE person = ?1", [&id])?;
                connection.execute("DELETE FROM tokens WHERE person = ?1", [&id])?;
            }
            if after.disabled {
                // Whoever has the address when the person is enabled again may come with an account of their own.
                connection.execute("DELETE FROM accounts WHERE person = ?1", [&id])?;
            }
            let body = format!("{} {role} {scope}{}", after.user, if after.disabled { " disabled" } else { "" });
            audit::append(connection, &key, &entry_of(by, &body))?;
            Ok(())
        })
        .wait()?;
        Ok(told)
    }

    /// Everyone, in the order they were added.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn people(&self) -> Result<Vec<PersonInfo>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, user, name, title, role, scope, colour, disabled FROM people ORDER BY rowid",
            )?;
            let rows = statement.query_map([], |row| Ok((person_columns(row)?, row.get::<_, bool>(7)?)))?;
            rows.map(|row| {
                let (columns, disabled) = row?;
                let Person { id, user, name, title, role, scope, colour } = person(columns)?;
                Ok(PersonInfo { person: id, user, name, title, role, scope, colour, disabled })
            })
            .collect()
        })
    }

    /// The person of a user name and the hash to check the password against.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn sign_in_data(&self, user: &str) -> Result<Option<(Person, String)>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, user, name, title, role, scope, colour, password_hash FROM people
                 WHERE user = ?1 AND disabled = 0",
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

fn entry_of(by: PersonId, body: &str) -> NewEntry<'_> {
    NewEntry { at: now_ms(), person: by, workbook: "", room: "", kind: "person", body, content: &[] }
}

/// Texts about people are shown to others: short, and nothing in them that is not seen.
fn check_texts<'a>(texts: impl Iterator<Item = &'a String>) -> Result<(), StoreError> {
    const LONGEST: usize = 200;
    for text in texts {
        if text.len() > LONGEST || text.chars().any(is_unseen) {
            let shown: String = text.chars().take(40).collect();
            return Err(StoreError::Unfit(format!(
                "{shown:?}: names, titles and scopes have {LONGEST} bytes at most and no invisible characters"
            )));
        }
    }
    Ok(())
}

/// A colour becomes part of styles in everybody's browser.
fn check_colour(colour: &str) -> Result<(), StoreError> {
    let digits = colour.strip_prefix('#').unwrap_or_default();
    if matches!(digits.len(), 3 | 6) && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Ok(());
    }
    let shown: String = colour.chars().take(40).collect();
    Err(StoreError::Unfit(format!("{shown:?} is no colour: use # and 3 or 6 hex digits, e.g. #0f766e")))
}

fn role_text(role: Role) -> Result<String, StoreError> {
    serde_json::to_string(&role).map_err(|error| StoreError::Invalid(error.to_string()))
}

fn scope_text(scope: &[String]) -> Result<String, StoreError> {
    serde_json::to_string(scope).map_err(|error| StoreError::Invalid(error.to_string()))
}

fn hash_new_password(user: &str, password: &str) -> Result<String, StoreError> {
    if password.chars().count() < MIN_PASSWORD || password.len() > MAX_PASSWORD {
        return Err(StoreError::Invalid(format!(
            "password of {user}: at least {MIN_PASSWORD} characters and at most {MAX_PASSWORD} bytes"
        )));
    }
    hash_password(password)
}

/// The least that NIST SP 800-63B takes from people.
const MIN_PASSWORD: usize = 8;
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
        store.put_person(mia("first word", true)).unwrap();
        assert_eq!(store.demo_users().unwrap().len(), 1);
        store.put_person(mia("second word", false)).unwrap();
        assert!(store.demo_users().unwrap().is_empty(), "a real password is never shown");
        let (person, hash) = store.sign_in_data("mia").unwrap().unwrap();
        assert_eq!((person.role, person.scope), (Role::Sales, vec!["DE".to_owned()]));
        assert!(is_password("second word", &hash) && !is_password("first word", &hash));
        assert!(!is_password("second word", "not a hash"));
    }

    #[test]
    fn somebody_can_always_administer() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let ada =
            store.put_person(NewPerson { user: "ada".into(), role: Role::Admin, ..mia("hers alone", false) }).unwrap();
        let epoch = store.rights_epoch().unwrap();
        store.put_person(mia("first word", false)).unwrap();
        let put = |user, change| store.change_person(user, change, ada);
        let finance = put("mia", PutPerson { role: Some(Role::Finance), ..PutPerson::default() }).unwrap();
        assert_eq!((finance.role, finance.name.as_str()), (Role::Finance, "Mia Berger"));
        assert_ne!(store.rights_epoch().unwrap(), epoch);
        assert!(put("ada", PutPerson { role: Some(Role::Viewer), ..PutPerson::default() }).is_err());
        assert!(put("ada", PutPerson { disabled: Some(true), ..PutPerson::default() }).is_err());
        assert!(put("new", PutPerson { role: Some(Role::Viewer), ..PutPerson::default() }).is_err(), "no password");
        for (password, is_taken) in [("1234567", false), ("12345678", true), ("ääääääää", true)] {
            let change = PutPerson { password: Some(password.to_owned()), ..PutPerson::default() };
            assert_eq!(put("mia", change).is_ok(), is_taken, "{password}");
        }
        put("mia", PutPerson { disabled: Some(true), ..PutPerson::default() }).unwrap();
        assert!(store.sign_in_data("mia").unwrap().is_none());
    }

    #[test]
    fn an_empty_password_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        assert!(matches!(store.put_person(mia("", false)), Err(StoreError::Invalid(_))));
    }
}
