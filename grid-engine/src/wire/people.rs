//! People, their tokens, and what they did: the messages of administration.

use serde::{Deserialize, Serialize};

use super::{Role, Scalar};
use crate::refs::{Id, PersonId};

/// Someone who may sign in, as an administrator sees them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonInfo {
    pub person: PersonId,
    pub user: String,
    pub name: String,
    /// What this person does, in words.
    pub title: String,
    pub role: Role,
    /// What a planner's rights are confined to, see [`PutPerson::scope`].
    pub scope: Vec<String>,
    pub colour: String,
    /// May not sign in any more; what they did stays.
    pub disabled: bool,
}

/// A person to add or change; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PutPerson {
    pub name: Option<String>,
    pub title: Option<String>,
    pub role: Option<Role>,
    /// Each entry confines what may be written: `North` a part of a partitioned sheet, `sheet:demand` a sheet,
    /// `measure:override` a measure, `channel=Retail` the rows with this value of a key. Entries of one kind add up.
    pub scope: Option<Vec<String>>,
    pub colour: Option<String>,
    /// Required for a new person.
    pub password: Option<String>,
    pub disabled: Option<bool>,
}

/// A token to issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// How long it is good, 1 to 366 days.
    pub days: u32,
}

/// A token a script acts with for its person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenInfo {
    pub id: Id,
    pub name: String,
    /// Milliseconds since 1970.
    pub created_at: i64,
    pub expires_at: i64,
}

/// A new token: its secret is shown this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedToken {
    pub token: TokenInfo,
    pub secret: String,
}

/// One change of a cell, from the edit log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellEdit {
    /// Place in the edit log.
    pub seq: i64,
    /// Milliseconds since 1970, by the server's clock.
    pub at: i64,
    pub person: PersonId,
    pub name: String,
    /// What had been entered, and what was entered then; formulas in stored form.
    pub old: Scalar,
    pub new: Scalar,
    pub why: Option<String>,
}
