//! Locking cells, and taking locks off again. Those lock who freeze versions, in sheets they write; whoever put a lock on
//! takes it off, and so may administrators. Nobody writes through a lock: not who put it on, and not administrators.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use grid_engine::doc::{Mirror, SheetMirror};
use grid_engine::refs::RoomId;
use grid_engine::value::is_unseen;
use grid_engine::wire::{Lock, LockedRows, MAX_LOCK_REASON, MAX_LOCKED, Me, NewLock, Role};

use super::request::{Body, LiveSession, Path};
use super::status::Problem;
use super::workbooks::{open, workbook_id};
use crate::app::App;
use crate::clock::now_ms;
use crate::store::StoredLock;
use crate::sync::{Command, is_confined_writer, may_write};

/// Ten thousand rows and columns by their ids, and a reason.
pub(super) const MAX_LOCK_BODY: usize = 512 << 10;

pub(super) async fn list(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path(workbook): Path<String>,
) -> Result<Json<Vec<Lock>>, Problem> {
    let live = open(&app, &workbook).await?;
    Ok(Json(live.ask(move |replica| replica.locks_for(&session.me)).await?))
}

pub(super) async fn put(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path(workbook): Path<String>,
    Body(of): Body<NewLock>,
) -> Result<Json<Lock>, Problem> {
    let id = workbook_id(&workbook)?;
    let live = open(&app, &workbook).await?;
    let (me, asked) = (session.me.clone(), of.clone());
    let note = live.ask(move |replica| check(&me, replica.workbook.mirror(), &asked)).await??;
    let (by, at) = (session.me.person, now_ms());
    let lock_id = app.store.put_lock(id, StoredLock { of: of.clone(), by, at, note }).await?;
    let lock = Lock { id: lock_id, of, by, by_name: session.me.name, at };
    // What is taken after this is judged with it.
    live.send(Command::Lock(lock.clone())).await?;
    live.ask(|_| ()).await?;
    Ok(Json(lock))
}

pub(super) async fn take_off(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path((workbook, lock)): Path<(String, i64)>,
) -> Result<(), Problem> {
    let id = workbook_id(&workbook)?;
    let me = session.me;
    let known = app.store.locks(id)?.into_iter().find(|known| known.id == lock);
    let known = known.ok_or_else(|| Problem::NotFound(format!("lock {lock}")))?;
    if known.by != me.person && me.role != Role::Admin {
        return Err(Problem::Forbidden("take this lock off: who put it on may, and administrators"));
    }
    let live = open(&app, &workbook).await?;
    let note = format!("took off lock {lock}");
    app.store.take_lock_off(id, lock, me.person, now_ms(), note).await?;
    live.send(Command::Unlock(lock)).await?;
    Ok(live.ask(|_| ()).await?)
}

/// Checks a lock; what the edit log says of it.
fn check(me: &Me, mirror: &Mirror, of: &NewLock) -> Result<String, Problem> {
    let sheet = mirror.sheet(of.sheet).ok_or_else(|| Problem::NotFound(format!("sheet {:?}", of.sheet)))?;
    if !me.may_freeze || is_confined_writer(me) || !may_write(me, mirror, RoomId::Sheet(of.sheet)) {
        return Err(Problem::Forbidden("lock cells of this sheet: those may who freeze versions and write all of it"));
    }
    if of.why.chars().count() > MAX_LOCK_REASON || of.why.chars().any(|c| c != '\n' && is_unseen(c)) {
        return Err(Problem::Invalid(format!(
            "The reason has more than {MAX_LOCK_REASON} characters, or some that cannot be seen."
        )));
    }
    let rows = rows(sheet, &of.rows)?;
    if of.cols.len() > MAX_LOCKED {
        return Err(Problem::Invalid(format!("A lock names {MAX_LOCKED} columns at most.")));
    }
    if let Some(col) = of.cols.iter().find(|col| sheet.col_index(**col).is_none()) {
        return Err(Problem::Invalid(format!("There is no column {col} on {}.", sheet.meta().title)));
    }
    let cols = match of.cols.len() {
        0 => String::new(),
        1 => " in 1 column".to_owned(),
        count => format!(" in {count} columns"),
    };
    let why = if of.why.trim().is_empty() { String::new() } else { format!(": {}", of.why.trim()) };
    Ok(format!("locked {rows} of {}{cols}{why}", sheet.meta().title))
}

/// Checks the rows of a lock; what they are called.
fn rows(sheet: &SheetMirror, rows: &LockedRows) -> Result<String, Problem> {
    match rows {
        LockedRows::All => Ok("all rows".to_owned()),
        LockedRows::Part(part) => match sheet.meta().parts.get(part) {
            Some(label) => Ok(format!("the part {label}")),
            None => Err(Problem::Invalid(format!("{} has no such part.", sheet.meta().title))),
        },
        LockedRows::These(rows) if rows.is_empty() || rows.len() > MAX_LOCKED => Err(Problem::Invalid(format!(
            "A lock names between 1 and {MAX_LOCKED} rows; lock the part or the sheet to lock more."
        ))),
        LockedRows::These(rows) => match rows.iter().find(|row| sheet.row_index(**row).is_none()) {
            Some(row) => Err(Problem::Invalid(format!("There is no row {row} on {}.", sheet.meta().title))),
            None if rows.len() == 1 => Ok("1 row".to_owned()),
            None => Ok(format!("{} rows", rows.len())),
        },
    }
}
