//! What people say about cells. Whoever sees a cell of the live plan may speak of it, viewers too: a comment changes no
//! figure. Executives read frozen versions, of which nothing can change: what they have to say is a decision of the cycle.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use grid_engine::doc::{Mirror, SheetKind};
use grid_engine::refs::CellRef;
use grid_engine::wire::{
    Call, Colleague, CommentText, CommentsPage, MAX_COMMENT, Me, NewThread, PersonInfo, ReadCalls, ThreadState,
};

use super::request::{Body, LiveSession, Path};
use super::status::Problem;
use super::workbooks::{open, workbook_id};
use crate::app::App;
use crate::auth::{Session, me_of};
use crate::store::{NewCall, Person, WorkbookId, is_blank};
use crate::sync::{Command, sees_comments};

/// Calls that are marked as read at once.
const MAX_READ: usize = 1000;

pub(super) async fn read(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path(workbook): Path<String>,
) -> Result<Json<CommentsPage>, Problem> {
    let id = workbook_id(&workbook)?;
    let live = open(&app, &workbook).await?;
    let mut threads = app.store.threads(id)?;
    let me = session.me;
    if me.is_confined() {
        let keep = move |replica: &crate::sync::Replica| {
            threads.retain(|thread| sees_comments(&me, replica.workbook.mirror(), thread.cell));
            threads
        };
        threads = live.ask(keep).await?;
    }
    let readers = app.store.people()?.into_iter().filter(|person| !person.disabled && reader(person).may_read_live);
    let callable = |person: PersonInfo| Colleague { name: person.name, title: person.title, colour: person.colour };
    Ok(Json(CommentsPage { threads, people: readers.map(callable).collect() }))
}

pub(super) async fn begin(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path(workbook): Path<String>,
    Body(NewThread { cell, text }): Body<NewThread>,
) -> Result<Json<i64>, Problem> {
    let text = checked(&text)?;
    let about = About::find(&app, &workbook, &session.me, Some(cell)).await?;
    if !about.is_there {
        return Err(Problem::NotFound(format!("cell {}/{}/{}", cell.sheet, cell.row, cell.col)));
    }
    let thread = app.store.begin_thread(about.workbook, cell, session.me.person, text, about.callable).await?;
    about.live.send(Command::Commented(cell)).await?;
    Ok(Json(thread))
}

pub(super) async fn reply(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path((workbook, thread)): Path<(String, i64)>,
    Body(CommentText { text }): Body<CommentText>,
) -> Result<Json<i64>, Problem> {
    let text = checked(&text)?;
    let cell = app.store.thread_cell(workbook_id(&workbook)?, thread)?;
    let about = About::find(&app, &workbook, &session.me, cell).await?;
    let comment = app.store.reply(about.workbook, thread, session.me.person, text, about.callable).await?;
    about.live.send(Command::Commented(about.cell)).await?;
    Ok(Json(comment))
}

pub(super) async fn set_state(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path((workbook, thread)): Path<(String, i64)>,
    Body(ThreadState { resolved }): Body<ThreadState>,
) -> Result<(), Problem> {
    let cell = app.store.thread_cell(workbook_id(&workbook)?, thread)?;
    let about = About::find(&app, &workbook, &session.me, cell).await?;
    app.store.resolve_thread(about.workbook, thread, session.me.person, resolved).await?;
    Ok(about.live.send(Command::Commented(about.cell)).await?)
}

pub(super) async fn change(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path((workbook, comment)): Path<(String, i64)>,
    Body(CommentText { text }): Body<CommentText>,
) -> Result<(), Problem> {
    let text = checked(&text)?;
    let cell = app.store.comment_cell(workbook_id(&workbook)?, comment)?;
    let about = About::find(&app, &workbook, &session.me, cell).await?;
    app.store.change_comment(about.workbook, comment, session.me.person, text, about.callable).await?;
    Ok(about.live.send(Command::Commented(about.cell)).await?)
}

pub(super) async fn take_back(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path((workbook, comment)): Path<(String, i64)>,
) -> Result<(), Problem> {
    let cell = app.store.comment_cell(workbook_id(&workbook)?, comment)?;
    let about = About::find(&app, &workbook, &session.me, cell).await?;
    app.store.take_back_comment(about.workbook, comment, session.me.person).await?;
    Ok(about.live.send(Command::Commented(about.cell)).await?)
}

/// Where one was called. What one may not read any more is left out.
pub(super) async fn inbox(State(app): State<Arc<App>>, session: Session) -> Result<Json<Vec<Call>>, Problem> {
    if !session.me.may_read_live {
        return Ok(Json(Vec::new()));
    }
    let mut calls = app.store.calls(session.me.person)?;
    if session.me.is_confined() {
        let mut seen = Vec::new();
        let mut by_workbook: BTreeMap<WorkbookId, Vec<Call>> = BTreeMap::new();
        calls.into_iter().for_each(|call| by_workbook.entry(call.workbook).or_default().push(call));
        for (workbook, mut calls) in by_workbook {
            let me = session.me.clone();
            let keep = move |replica: &crate::sync::Replica| {
                calls.retain(|call| sees_comments(&me, replica.workbook.mirror(), call.cell));
                calls
            };
            seen.extend(app.hub.workbook(workbook).await?.ask(keep).await?);
        }
        seen.sort_by_key(|call| std::cmp::Reverse(call.comment));
        calls = seen;
    }
    Ok(Json(calls))
}

pub(super) async fn mark_read(
    State(app): State<Arc<App>>,
    session: Session,
    Body(ReadCalls { comments }): Body<ReadCalls>,
) -> Result<(), Problem> {
    if comments.len() > MAX_READ {
        return Err(Problem::Invalid(format!("{MAX_READ} calls are marked as read at once, not more.")));
    }
    Ok(app.store.read_calls(session.me.person, comments).await?)
}

/// A text that can be said.
fn checked(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 || length > MAX_COMMENT {
        return Err(Problem::Invalid(format!("A comment has 1 to {MAX_COMMENT} characters; this one has {length}.")));
    }
    if is_blank(text) {
        return Err(Problem::Invalid("A comment says something: this one has nothing that can be seen.".into()));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Problem::Invalid("A comment holds letters and line ends, no control characters.".into()));
    }
    Ok(text.to_owned())
}

/// What a comment is about, once it is clear that this person may speak of it.
struct About {
    workbook: WorkbookId,
    cell: CellRef,
    live: crate::sync::LiveWorkbook,
    /// Whether the cell is part of the plan as it stands.
    is_there: bool,
    /// Who sees the cell, and can be called to it.
    callable: Vec<NewCall>,
}

impl About {
    async fn find(app: &App, workbook: &str, me: &Me, cell: Option<CellRef>) -> Result<Self, Problem> {
        let id = workbook_id(workbook)?;
        let live = open(app, workbook).await?;
        let Some(cell) = cell else { return Err(Problem::NotFound("such comment".into())) };
        let people: Vec<Me> = app.store.people()?.iter().filter(|person| !person.disabled).map(reader).collect();
        let asked = me.clone();
        let look = move |replica: &crate::sync::Replica| {
            let mirror = replica.workbook.mirror();
            let sees = sees_comments(&asked, mirror, cell);
            let readers = people.into_iter().filter(|person| sees_comments(person, mirror, cell));
            let callable = readers.map(|person| NewCall { person: person.person, name: person.name }).collect();
            (sees, is_there(mirror, cell), callable)
        };
        let (sees, is_there, callable) = live.ask(look).await?;
        if !sees {
            return Err(Problem::Forbidden("speak of that cell: it is none of those you see in full"));
        }
        Ok(Self { workbook: id, cell, live, is_there, callable })
    }
}

fn is_there(mirror: &Mirror, cell: CellRef) -> bool {
    mirror.sheet(cell.sheet).is_some_and(|sheet| {
        let is_column = match sheet.meta().kind {
            SheetKind::Free => sheet.col_index(cell.col).is_some(),
            SheetKind::Planning => sheet.measure(cell.col.measure).is_some(),
        };
        is_column && sheet.row_index(cell.row).is_some()
    })
}

/// A person as the one who reads.
fn reader(info: &PersonInfo) -> Me {
    me_of(Person {
        id: info.person,
        user: info.user.clone(),
        name: info.name.clone(),
        title: info.title.clone(),
        role: info.role,
        scope: info.scope.clone(),
        colour: info.colour.clone(),
    })
}
