//! What people say about cells, and whom they call.

use std::collections::BTreeMap;

use grid_engine::refs::{CellRef, PersonId};
use grid_engine::wire::{Call, Comment, CommentThread, mentions};
use rusqlite::{Connection, OptionalExtension, Row};

use super::audit::{self, AuditKey, NewEntry};
use super::{Pending, Store, StoreError, WorkbookId, parse};
use crate::clock::now_ms;

/// Threads of one workbook: their list is read whole.
const MAX_THREADS: i64 = 5000;
/// Comments of one thread.
const MAX_COMMENTS: i64 = 200;
/// Calls that an inbox lists.
const MAX_CALLS: i64 = 100;

/// Someone whom a text can call.
#[derive(Clone, Debug)]
pub struct NewCall {
    pub person: PersonId,
    pub name: String,
}

impl Store {
    /// All threads of a workbook, those with the newest comment first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn threads(&self, workbook: WorkbookId) -> Result<Vec<CommentThread>, StoreError> {
        self.read(|connection| {
            let workbook = workbook.to_string();
            let mut called: BTreeMap<i64, Vec<String>> = BTreeMap::new();
            let mut statement = connection.prepare_cached(
                "SELECT calls.comment, people.name FROM calls JOIN comments ON comments.id = calls.comment
                 JOIN threads ON threads.id = comments.thread JOIN people ON people.id = calls.person
                 WHERE threads.workbook = ?1",
            )?;
            let rows = statement.query_map([&workbook], |row| Ok((row.get(0)?, row.get(1)?)))?;
            for row in rows {
                let (comment, name) = row?;
                called.entry(comment).or_default().push(name);
            }
            let mut statement = connection.prepare_cached(
                "SELECT threads.id, sheet, row, col, coalesce(closer.name, ''), resolved_at, comments.id, comments.person,
                    people.name, people.colour, comments.at, comments.edited_at, comments.text
                 FROM threads JOIN comments ON comments.thread = threads.id JOIN people ON people.id = comments.person
                 LEFT JOIN people AS closer ON closer.id = threads.resolved_by
                 WHERE threads.workbook = ?1 ORDER BY comments.id",
            )?;
            let mut rows = statement.query([&workbook])?;
            let mut threads: BTreeMap<i64, CommentThread> = BTreeMap::new();
            while let Some(row) = rows.next()? {
                let (id, comment) = (row.get(0)?, row.get(6)?);
                let resolved: Option<i64> = row.get(5)?;
                let thread = threads.entry(id).or_insert(CommentThread {
                    id,
                    cell: cell(row, 1)?,
                    comments: Vec::new(),
                    resolved: resolved.map(|at| Ok::<_, StoreError>((row.get(4)?, at))).transpose()?,
                });
                thread.comments.push(Comment {
                    id: comment,
                    by: parse(&row.get::<_, String>(7)?, "person")?,
                    name: row.get(8)?,
                    colour: row.get(9)?,
                    at: row.get(10)?,
                    edited: row.get(11)?,
                    text: row.get(12)?,
                    called: called.remove(&comment).unwrap_or_default(),
                });
            }
            let mut threads: Vec<CommentThread> = threads.into_values().collect();
            threads.sort_by_key(|thread| std::cmp::Reverse(thread.comments.last().map(|comment| comment.id)));
            Ok(threads)
        })
    }

    /// The cell of a thread; `None` where there is no such thread in the workbook.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn thread_cell(&self, workbook: WorkbookId, thread: i64) -> Result<Option<CellRef>, StoreError> {
        self.find_cell("SELECT sheet, row, col FROM threads WHERE workbook = ?1 AND id = ?2", workbook, thread)
    }

    /// The cell a comment is about; `None` where there is no such comment in the workbook.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn comment_cell(&self, workbook: WorkbookId, comment: i64) -> Result<Option<CellRef>, StoreError> {
        let find = "SELECT sheet, row, col FROM threads JOIN comments ON comments.thread = threads.id
            WHERE workbook = ?1 AND comments.id = ?2";
        self.find_cell(find, workbook, comment)
    }

    fn find_cell(&self, find: &str, workbook: WorkbookId, id: i64) -> Result<Option<CellRef>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(find)?;
            let mut rows = statement.query((workbook.to_string(), id))?;
            rows.next()?.map(|row| cell(row, 0)).transpose()
        })
    }

    /// Begins a thread on a cell; answers its id. `callable` are those whom the text can call.
    pub fn begin_thread(
        &self,
        workbook: WorkbookId,
        cell: CellRef,
        by: PersonId,
        text: String,
        callable: Vec<NewCall>,
    ) -> Pending<i64> {
        let key = self.audit_key();
        self.write(move |connection| {
            let id = workbook.to_string();
            let count: i64 =
                connection.query_row("SELECT count(*) FROM threads WHERE workbook = ?1", [&id], |row| row.get(0))?;
            if count >= MAX_THREADS {
                return Err(StoreError::Invalid(format!(
                    "this workbook has {MAX_THREADS} threads of comments: take back some that are settled"
                )));
            }
            connection.execute(
                "INSERT INTO threads (workbook, sheet, row, col) VALUES (?1, ?2, ?3, ?4)",
                (&id, cell.sheet.to_string(), cell.row.to_string(), cell.col.to_string()),
            )?;
            let thread = connection.last_insert_rowid();
            insert(connection, thread, by, &text, &callable)?;
            note(connection, &key, &id, by, &format!("{} #{thread}: {text}", audit::cell_key(cell)))?;
            Ok(thread)
        })
    }

    /// Adds a comment to a thread, which is open again from then on; answers the comment's id.
    pub fn reply(
        &self,
        workbook: WorkbookId,
        thread: i64,
        by: PersonId,
        text: String,
        callable: Vec<NewCall>,
    ) -> Pending<i64> {
        let key = self.audit_key();
        self.write(move |connection| {
            let count: i64 =
                connection.query_row("SELECT count(*) FROM comments WHERE thread = ?1", [thread], |row| row.get(0))?;
            if count >= MAX_COMMENTS {
                return Err(StoreError::Invalid(format!(
                    "this thread has {MAX_COMMENTS} comments: begin another on the cell"
                )));
            }
            let comment = insert(connection, thread, by, &text, &callable)?;
            connection.execute("UPDATE threads SET resolved_by = NULL, resolved_at = NULL WHERE id = ?1", [thread])?;
            note(connection, &key, &workbook.to_string(), by, &format!("#{thread}, reply {comment}: {text}"))?;
            Ok(comment)
        })
    }

    /// Closes a thread, or opens it again.
    pub fn resolve_thread(&self, workbook: WorkbookId, thread: i64, by: PersonId, resolved: bool) -> Pending<()> {
        let key = self.audit_key();
        self.write(move |connection| {
            let (closer, at) = if resolved { (Some(by.to_string()), Some(now_ms())) } else { (None, None) };
            connection
                .execute("UPDATE threads SET resolved_by = ?2, resolved_at = ?3 WHERE id = ?1", (thread, closer, at))?;
            let what = if resolved { "resolved" } else { "open again" };
            note(connection, &key, &workbook.to_string(), by, &format!("#{thread}: {what}"))
        })
    }

    /// Changes what one has said. Who is called anew learns of it, who was called and is not any more does not.
    pub fn change_comment(
        &self,
        workbook: WorkbookId,
        comment: i64,
        by: PersonId,
        text: String,
        callable: Vec<NewCall>,
    ) -> Pending<()> {
        let key = self.audit_key();
        self.write(move |connection| {
            own(connection, comment, by)?;
            connection
                .execute("UPDATE comments SET text = ?2, edited_at = ?3 WHERE id = ?1", (comment, &text, now_ms()))?;
            let called = called(&text, &callable);
            let mut statement = connection.prepare_cached("SELECT person FROM calls WHERE comment = ?1")?;
            let before: Vec<String> = statement.query_map([comment], |row| row.get(0))?.collect::<Result<_, _>>()?;
            for person in before.iter().filter(|person| !called.contains(person)) {
                connection.execute("DELETE FROM calls WHERE comment = ?1 AND person = ?2", (comment, person))?;
            }
            call(connection, comment, &called)?;
            note(connection, &key, &workbook.to_string(), by, &format!("comment {comment} changed: {text}"))
        })
    }

    /// Takes back what one has said; a thread in which nothing is said any more goes.
    pub fn take_back_comment(&self, workbook: WorkbookId, comment: i64, by: PersonId) -> Pending<()> {
        let key = self.audit_key();
        self.write(move |connection| {
            let thread = own(connection, comment, by)?;
            connection.execute("DELETE FROM calls WHERE comment = ?1", [comment])?;
            connection.execute("UPDATE comments SET text = '', edited_at = ?2 WHERE id = ?1", (comment, now_ms()))?;
            let said: i64 = connection.query_row(
                "SELECT count(*) FROM comments WHERE thread = ?1 AND text <> ''",
                [thread],
                |row| row.get(0),
            )?;
            if said == 0 {
                connection.execute("DELETE FROM comments WHERE thread = ?1", [thread])?;
                connection.execute("DELETE FROM threads WHERE id = ?1", [thread])?;
            }
            note(connection, &key, &workbook.to_string(), by, &format!("comment {comment} taken back"))
        })
    }

    /// Where a person was called, newest first.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn calls(&self, person: PersonId) -> Result<Vec<Call>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT calls.comment, threads.id, threads.workbook, workbooks.title, sheet, row, col, people.name,
                    people.colour, comments.at, comments.text, calls.read
                 FROM calls JOIN comments ON comments.id = calls.comment JOIN threads ON threads.id = comments.thread
                 JOIN workbooks ON workbooks.id = threads.workbook JOIN people ON people.id = comments.person
                 WHERE calls.person = ?1 ORDER BY calls.comment DESC LIMIT ?2",
            )?;
            let mut rows = statement.query((person.to_string(), MAX_CALLS))?;
            let mut calls = Vec::new();
            while let Some(row) = rows.next()? {
                calls.push(Call {
                    comment: row.get(0)?,
                    thread: row.get(1)?,
                    workbook: parse(&row.get::<_, String>(2)?, "workbook")?,
                    title: row.get(3)?,
                    cell: cell(row, 4)?,
                    by: row.get(7)?,
                    colour: row.get(8)?,
                    at: row.get(9)?,
                    text: row.get(10)?,
                    read: row.get(11)?,
                });
            }
            Ok(calls)
        })
    }

    /// Marks calls of a person as read.
    pub fn read_calls(&self, person: PersonId, comments: Vec<i64>) -> Pending<()> {
        self.write(move |connection| {
            let mut statement =
                connection.prepare_cached("UPDATE calls SET read = 1 WHERE person = ?1 AND comment = ?2")?;
            let person = person.to_string();
            comments.iter().try_for_each(|comment| statement.execute((&person, comment)).map(drop))?;
            Ok(())
        })
    }
}

/// Forgets what was said in a workbook that goes.
pub(super) fn forget_comments(connection: &Connection, workbook: &str) -> Result<(), StoreError> {
    let of_workbook = "SELECT comments.id FROM comments JOIN threads ON threads.id = thread WHERE workbook = ?1";
    connection.execute(&format!("DELETE FROM calls WHERE comment IN ({of_workbook})"), [workbook])?;
    connection.execute(&format!("DELETE FROM comments WHERE id IN ({of_workbook})"), [workbook])?;
    connection.execute("DELETE FROM threads WHERE workbook = ?1", [workbook])?;
    Ok(())
}

fn insert(
    connection: &Connection,
    thread: i64,
    by: PersonId,
    text: &str,
    callable: &[NewCall],
) -> Result<i64, StoreError> {
    connection.execute(
        "INSERT INTO comments (thread, person, at, text) VALUES (?1, ?2, ?3, ?4)",
        (thread, by.to_string(), now_ms(), text),
    )?;
    let comment = connection.last_insert_rowid();
    call(connection, comment, &called(text, callable))?;
    Ok(comment)
}

/// The ids of those whom a text calls. People of the same name are called together: the text does not tell them apart.
fn called(text: &str, callable: &[NewCall]) -> Vec<String> {
    let names: Vec<&str> = callable.iter().map(|one| one.name.as_str()).collect();
    let found = mentions(text, &names).into_iter().filter_map(|(_, index)| names.get(index).copied());
    let people = found.flat_map(|name| callable.iter().filter(move |one| one.name == name));
    people.map(|one| one.person.to_string()).collect()
}

fn call(connection: &Connection, comment: i64, people: &[String]) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached("INSERT OR IGNORE INTO calls (comment, person) VALUES (?1, ?2)")?;
    people.iter().try_for_each(|person| statement.execute((comment, person)).map(drop))?;
    Ok(())
}

/// The thread of a comment that is this person's own and not taken back.
fn own(connection: &Connection, comment: i64, by: PersonId) -> Result<i64, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT thread, person FROM comments WHERE id = ?1 AND text <> ''")?;
    let found: Option<(i64, String)> =
        statement.query_row([comment], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    match found {
        None => Err(StoreError::Missing(format!("comment {comment}"))),
        Some((thread, person)) if person == by.to_string() => Ok(thread),
        Some(_) => Err(StoreError::Invalid("a comment is changed and taken back by its author alone".to_owned())),
    }
}

fn note(
    connection: &Connection,
    key: &AuditKey,
    workbook: &str,
    person: PersonId,
    body: &str,
) -> Result<(), StoreError> {
    let entry = NewEntry { at: now_ms(), person, workbook, room: "", kind: "comment", body, content: &[] };
    audit::append(connection, key, &entry).map(drop)
}

/// The cell in three columns from `first` on.
fn cell(row: &Row<'_>, first: usize) -> Result<CellRef, StoreError> {
    let text = |at: usize| row.get::<_, String>(first + at);
    Ok(CellRef { sheet: parse(&text(0)?, "sheet")?, row: parse(&text(1)?, "row")?, col: parse(&text(2)?, "column")? })
}
