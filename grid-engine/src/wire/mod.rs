//! What crosses the network, besides the y-protocol messages of `/sync/{workbook}/{room}`.
//!
//! HTTP, all JSON, all under a session cookie; a refusal is an [`Refusal`] with a status of 4xx/5xx.
//! State-changing requests carry the header `x-equipoise: 1` (no form on another site can send it).
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /api/openapi.json` | this table for programs, with parameters, types and codes; `/help/api` for people |
//! | `GET /api/about` | [`About`] (no session needed) |
//! | `POST /api/login` [`Login`] | [`Me`] and the cookie |
//! | `POST /api/logout` | empty; every connection of the session closes |
//! | `GET /api/people` | `[PersonInfo]` (admin) |
//! | `PUT /api/people/{user}` [`PutPerson`] | [`PersonInfo`] (admin); open connections learn within two seconds |
//! | `GET /api/tokens` | `[TokenInfo]`: one's own |
//! | `POST /api/tokens` [`NewToken`] | [`IssuedToken`]; sent as `Authorization: Bearer …` |
//! | `DELETE /api/tokens/{id}` | empty |
//! | `GET /api/me` | [`Me`] |
//! | `GET /api/preferences` | [`Preferences`]: one's own |
//! | `PUT /api/preferences` [`Preferences`] | empty |
//! | `GET /api/workbooks` | `[WorkbookInfo]` |
//! | `GET /api/workbooks/{wb}/facts` | `[FactsInfo]` |
//! | `GET /api/workbooks/{wb}/facts/{sheet}/{measure}` | [`FactsData`] |
//! | `GET /api/workbooks/{wb}/versions` | `[VersionInfo]`, newest first |
//! | `GET /api/workbooks/{wb}/revision` | a number; another one once versions, actuals, alerts, scenarios or decisions have changed |
//! | `POST /api/workbooks/{wb}/versions` [`FreezeVersion`] | `VersionInfo` |
//! | `POST /api/workbooks/{wb}/versions/{id}/consensus` | `VersionInfo` |
//! | `POST /api/workbooks/{wb}/versions/{id}/state` `SetVersionState` | `VersionInfo` |
//! | `GET /api/workbooks/{wb}/file.xlsx` | the live sheets with their formulas; `?sheet={id}` only that |
//! | `GET /api/workbooks/{wb}/file.csv?sheet={id}` | the values of a live sheet |
//! | `GET /api/workbooks/{wb}/versions/{id}/file.xlsx` | the values of a frozen version |
//! | `POST /api/workbooks/{wb}/sheets/{sheet}/reading` CSV or XLSX | [`FileReading`]; nothing changes yet |
//! | `GET /api/workbooks/{wb}/versions/{id}/bundle` | the version as one file, for `equipoise verify` |
//! | `POST /api/workbooks/{wb}/versions/bundle?name=` | `VersionInfo` of what such a file became; the body is the file |
//! | `GET /api/workbooks/{wb}/versions/{id}/summary` | `PlanSummary`; `id` may be `live`, or `branch.` and a branch's |
//! | `GET /api/workbooks/{wb}/versions/{id}/sheets` | `[SheetInfo]` |
//! | `GET /api/workbooks/{wb}/versions/{id}/sheets/{sheet}` | [`SheetFrame`] |
//! | `GET /api/workbooks/{wb}/cycle?month=2026-11` | `CyclePage`; the present month without one |
//! | `PUT /api/workbooks/{wb}/cycle` `Cycle` | empty; 409 where somebody else has changed it |
//! | `POST /api/workbooks/{wb}/cycle/step` `{month, step, done}` | empty |
//! | `POST /api/workbooks/{wb}/cycle/submissions` `{month, part, submitted}` | empty |
//! | `GET /api/workbooks/{wb}/branches` | `[BranchInfo]`, newest first |
//! | `POST /api/workbooks/{wb}/branches` `NewBranch` | `BranchInfo`; it is opened as the workbook of its id |
//! | `GET /api/workbooks/{wb}/branch` | `BranchInfo` of a branch, `null` otherwise |
//! | `DELETE /api/workbooks/{branch}/branch` | empty |
//! | `GET /api/workbooks/{branch}/branch/differences?direction=` | `BranchDifferences` of `merge` or `rebase` |
//! | `POST /api/workbooks/{branch}/branch/settled` `SettleBranch` | empty; before the edit that carries it out |
//! | `DELETE /api/workbooks/{branch}/branch/layers` | empty; the layers from before it last took some |
//! | `GET /api/workbooks/{wb}/scenarios?demand=&supply=&cost=&rule=` | `Matrix`, as far as it is |
//! | `POST /api/workbooks/{wb}/scenarios?demand=&supply=&cost=` | empty; what is missing is worked out |
//! | `DELETE /api/workbooks/{wb}/scenarios` | empty; what waits is forgotten, what is being worked out ends |
//! | `POST /api/workbooks/{wb}/scenarios/propose` `ProposeScenario` | `VersionInfo` |
//! | `GET /api/workbooks/{wb}/supply?known=` | `SupplyState`; `Same` where the plan with the key `known` still holds |
//! | `POST /api/workbooks/{wb}/supply` `AskPlan` | `PlanAnswer`; asked again while it is being worked out |
//! | `GET /api/workbooks/{wb}/versions/{id}/causes/{kpi}` | `RootCause` of a key figure |
//! | `GET /api/workbooks/{wb}/actuals?by=&lag=` | `ActualsReport`: plan against actual, and the alerts |
//! | `POST /api/workbooks/{wb}/actuals` | `ImportedActuals`; the body is a CSV table |
//! | `PUT /api/workbooks/{wb}/actuals/rules` `[AlertRule]` | empty |
//! | `GET /api/workbooks/{wb}/compare?a=&b=&c=&d=&e=&measure=&by=` | `Comparison` of two to five versions |
//! | `GET /api/workbooks/{wb}/bridge?a=&b=&figure=&by=` | `Bridge` of `profit`, `revenue`, `cost` or a key figure by its id |
//! | `GET /api/workbooks/{wb}/threads` | [`CommentsPage`]: what one sees of the comments |
//! | `POST /api/workbooks/{wb}/threads` [`NewThread`] | the thread's id |
//! | `POST /api/workbooks/{wb}/threads/{id}/comments` [`CommentText`] | the comment's id |
//! | `PUT /api/workbooks/{wb}/threads/{id}/state` [`ThreadState`] | empty |
//! | `PUT /api/workbooks/{wb}/comments/{id}` [`CommentText`] | empty; one's own |
//! | `DELETE /api/workbooks/{wb}/comments/{id}` | empty; one's own |
//! | `GET /api/workbooks/{wb}/locks` | `[Lock]`: what nobody may change at present |
//! | `POST /api/workbooks/{wb}/locks` [`NewLock`] | [`Lock`] |
//! | `DELETE /api/workbooks/{wb}/locks/{id}` | empty |
//! | `GET /api/inbox` | `[Call]`: where one was called, newest first |
//! | `PUT /api/inbox` [`ReadCalls`] | empty |
//! | `POST /api/workbooks/{wb}/jobs/{id}/cancel` | empty |
//! | `GET /api/workbooks/{wb}/history?sheet=&row=&col=` | `[CellEdit]`, newest first |
//! | `GET /healthz`, `/readyz`, `/metrics` | plain text; `503` where not ready; Prometheus |
//! | `WS /sync/{wb}/{room}` | y-protocols: sync steps, updates, awareness (presence, in `book`); larger ones in [`pieces`] |
//! | `WS /sync/{wb}` | the same for many rooms on one connection: see [`RoomRequest`] |
//! | `WS /live/{wb}` | [`FromPeer`] in, [`ToPeer`] out, JSON text frames |

mod comments;
mod lock_index;
mod locks;
mod people;
mod pieces;
mod preferences;
mod rooms;
mod scalar;

use serde::{Deserialize, Serialize};

use crate::calendar::Bucket;
use crate::doc::{Measure, Op, SheetInfo, SheetMeta};
use crate::plan::VersionKind;
use crate::refs::{CellRef, ColId, MeasureId, PersonId, RoomId, RowId, SheetId};
pub use comments::{
    Call, Colleague, Comment, CommentText, CommentThread, CommentsPage, MAX_COMMENT, NewThread, ReadCalls, ThreadState,
    mentions,
};
pub use locks::{Lock, LockedRows, Locks, MAX_LOCK_REASON, MAX_LOCKED, MAX_LOCKS, NewLock};
pub use people::{CellEdit, IssuedToken, NewToken, PersonInfo, PutPerson, TokenInfo};
pub use pieces::{MAX_FRAME, MAX_WHOLE, Piece, pieces, read_piece};
pub use preferences::{CurrencyStyle, Density, Preferences, StartPage, ThemeChoice};
pub use rooms::{RoomClosed, RoomRequest, addressed, split_address};
pub use scalar::Scalar;

/// Largest file of sheets that is read, in bytes, and largest table of actuals.
pub const MAX_SHEETS_FILE: usize = 32 << 20;
pub const MAX_ACTUALS_FILE: usize = 64 << 20;
/// Largest file of a frozen version that is brought in, in bytes: a plan of some hundred thousand cells has two million.
pub const MAX_BUNDLE_FILE: usize = 64 << 20;

/// A refused request: what is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Stable and dotted, e.g. `auth.required`.
    pub code: String,
    pub message: String,
}

/// What the sign-in page may know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    pub version: String,
    /// People of the demo company; empty on a real installation.
    pub demo_users: Vec<DemoUser>,
    /// Accounts kept elsewhere (OpenID Connect) may sign in too.
    pub company_accounts: bool,
}

/// Someone to try the demo as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoUser {
    pub user: String,
    pub password: String,
    pub name: String,
    /// What this person does, in words.
    pub title: String,
}

/// Signing in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    pub user: String,
    pub password: String,
}

/// What people may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Admin,
    /// Writes demand in the regions of their scope.
    Sales,
    /// Writes demand everywhere, freezes demand versions.
    Demand,
    /// Writes capacity, materials and stock policy, starts solves.
    Supply,
    /// Writes prices and cost rates.
    Finance,
    /// Reads frozen versions and marks the consensus.
    Executive,
    Viewer,
}

/// The signed-in person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    pub person: PersonId,
    pub name: String,
    pub role: Role,
    /// Regions a sales person writes, as the partition's key values.
    pub scope: Vec<String>,
    /// CSS colour of this person's cursor.
    pub colour: String,
    /// Rights the pages ask about.
    pub may_freeze: bool,
    pub may_mark_consensus: bool,
    /// `false`: only frozen versions, no live workbook.
    pub may_read_live: bool,
}

impl Me {
    /// The key values of the parts this person sees, from entries such as `reads:DACH` in the scope; none: every row.
    pub fn reads(&self) -> impl Iterator<Item = &str> {
        self.scope.iter().filter_map(|entry| entry.strip_prefix("reads:")).map(str::trim)
    }

    /// Whether there are rows this person may not see.
    pub fn is_confined(&self) -> bool {
        self.reads().next().is_some()
    }
}

/// A workbook of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkbookInfo {
    pub id: SheetId,
    /// Of a branch, its name: lists of branches can be read as lists of workbooks.
    #[serde(alias = "name")]
    pub title: String,
}

/// A room as one person may use it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomGrant {
    pub room: RoomId,
    pub write: bool,
}

/// A layer the server holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactsInfo {
    pub sheet: SheetId,
    pub measure: MeasureId,
    /// Changes whenever the facts do.
    pub version: u64,
}

/// A layer's facts (see `workbook::Facts`); `null` where nothing is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FactsData {
    pub rows: Vec<RowId>,
    pub first: Option<Bucket>,
    pub width: usize,
    pub values: Vec<Option<f64>>,
}

/// Freezing the live plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreezeVersion {
    pub name: String,
    pub kind: VersionKind,
    pub comment: String,
}

/// A frozen sheet, whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SheetFrame {
    pub info: SheetInfo,
    pub meta: SheetMeta,
    pub measures: Vec<Measure>,
    pub rows: Vec<RowId>,
    /// Every column in order with its values, row by row.
    pub columns: Vec<FrameColumn>,
}

/// A column of a frozen sheet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrameColumn {
    pub col: ColId,
    pub values: Vec<Scalar>,
    /// What was entered, as people read it, where it is not simply the value: row index and text.
    #[serde(default)]
    pub entered: Vec<(usize, String)>,
    /// Why key figures are blank: row index and reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blanks: Vec<(usize, String)>,
    /// How cells are written: row index and the words of the cell's style.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub styles: Vec<(usize, String)>,
    /// Notes and reasons: row index and text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<(usize, String)>,
    /// How wide people made the column, in CSS pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// How its values stand out, in words; empty: they do not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub highlight: String,
}

/// What a file would change in a sheet: the steps of one edit, for its reader to make and to undo.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FileReading {
    pub ops: Vec<Op>,
    /// Cells that get another value, and cells that are emptied.
    pub set: usize,
    pub cleared: usize,
    /// Cells that hold what the file says already.
    pub same: usize,
    /// Rows that are added.
    pub added: usize,
    /// Columns that were not read, and why.
    pub left_out: Vec<String>,
}

/// A calculated cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellValue {
    pub row: RowId,
    pub col: ColId,
    pub value: Scalar,
    /// A newer value is being computed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pending: bool,
}

/// From a browser to `/live`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromPeer {
    /// The sheets this peer looks at: it gets their official values.
    Watch { sheets: Vec<SheetId> },
    /// Why the change up to this clock of this peer's writer id was made: kept in the edit log.
    Why { room: RoomId, writer: u64, clock: u64, why: String },
    /// These notices were seen: they are not told again.
    Told { notices: Vec<u64> },
    /// Still here.
    Ping,
}

/// From `/live` to a browser.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToPeer {
    /// First message.
    Hello {
        me: Me,
        title: String,
        currency: String,
        rooms: Vec<RoomGrant>,
        facts: Vec<FactsInfo>,
        jobs: Vec<JobInfo>,
        /// The writer id this connection's changes may bear: nobody else's will.
        writer: u64,
        /// Another one than before: the data was restored, and what a peer holds of it is worth nothing.
        incarnation: String,
    },
    /// The rooms one may use have changed (a sheet or a part was added).
    Rooms {
        rooms: Vec<RoomGrant>,
    },
    /// What this person wrote into the room up to the base64 state vector is on disk. A greeting's covers everyone.
    Saved {
        room: RoomId,
        state: String,
    },
    /// Values of cells with heavy functions: only the server has them.
    Official {
        sheet: SheetId,
        cells: Vec<CellValue>,
    },
    /// The server's values of other formula cells that changed: the browser checks its own against them.
    Values {
        sheet: SheetId,
        cells: Vec<CellValue>,
    },
    /// A layer has new facts: fetch them.
    Facts {
        facts: FactsInfo,
    },
    Job {
        job: JobInfo,
    },
    /// Someone else wrote a cell at the same moment. Both are told, at every visit until they have [seen it](FromPeer::Told).
    Conflict {
        number: u64,
        cell: CellRef,
        by: PersonId,
        by_name: String,
        /// When they met, in milliseconds since 1970.
        at: i64,
        mine: Scalar,
        theirs: Scalar,
        /// What the cell holds now.
        holds: Scalar,
    },
    /// One person deleted a row that another edited: it stays deleted, and can be restored with what was entered. Both
    /// are told, as of a cell.
    RowConflict {
        number: u64,
        sheet: SheetId,
        row: RowId,
        by: PersonId,
        by_name: String,
        /// When they met, in milliseconds since 1970.
        at: i64,
        /// Whether whoever is told deleted it; otherwise `by` did.
        deleted: bool,
    },
    /// This person has seen these notices, here or in another window.
    Told {
        notices: Vec<u64>,
    },
    /// A version was frozen or marked.
    Versions,
    /// Somebody has commented on a cell, or changed what was said.
    Comments,
    /// The locks as far as one sees what they lock, after the greeting where there are any and whenever they change.
    Locks {
        locks: Vec<Lock>,
    },
    /// A change was not accepted; the room must be joined afresh.
    Refused {
        room: RoomId,
        code: String,
        message: String,
        /// Whose changes: the writer id, its first clock and the one after the last. Absent for bytes that were no
        /// change at all.
        #[serde(default)]
        clocks: Option<(u64, u64, u64)>,
        /// The cells concerned, ten at most.
        #[serde(default)]
        cells: Vec<CellRef>,
    },
    Pong,
}

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    Queued,
    Running,
    Done,
    Failed,
    Cancelled,
}

/// A forecast or solve in the background.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobInfo {
    pub id: u64,
    /// `Forecasting 900 series`, `Solving supply`.
    pub title: String,
    pub state: JobState,
    pub done: u64,
    /// 0: not known.
    pub total: u64,
    /// The phase, or why it failed.
    pub message: String,
}
