//! Sheets as files of other programs, and files as changes of sheets.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use grid_engine::plan;
use grid_engine::refs::SheetId;
use grid_engine::value::Locale;
use grid_engine::wire::{FileReading, MAX_SHEETS_FILE};
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::reading::Version;
use super::request::{FileBody, LiveSession, Path, Query};
use super::status::Problem;
use super::workbooks::open;
use crate::app::App;
use crate::auth::Session;
use crate::exchange::plan_file::reading::Reader;
use crate::exchange::plan_file::table::Table;
use crate::exchange::plan_file::{Pages, csv_out, xlsx_out};
use crate::sync::objection;

/// Largest file that is read; an Excel workbook's parts are limited when they are unpacked, too.
pub(super) const MAX_FILE: usize = MAX_SHEETS_FILE;
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Where files are read, one after another: a table takes many times the file's size.
static DESK: Semaphore = Semaphore::const_new(1);
/// Files that are read or wait for it.
static IN_LINE: AtomicUsize = AtomicUsize::new(0);

/// How many files are being read or wait for it.
pub(super) fn in_line() -> usize {
    IN_LINE.load(Ordering::Relaxed)
}

/// A place in the line of files, until it is dropped.
struct Place;

impl Place {
    fn take() -> Self {
        IN_LINE.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        IN_LINE.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Which sheet; all that are shown where there is none.
#[derive(Deserialize)]
pub(super) struct Wanted {
    sheet: Option<String>,
}

pub(super) async fn live(
    State(app): State<Arc<App>>,
    LiveSession(_): LiveSession,
    kind: FileKind,
    Path(workbook): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    if kind == FileKind::Csv && wanted.sheet.is_none() {
        return Err(Problem::Invalid("A CSV file holds one sheet: say which (?sheet=…).".to_owned()));
    }
    let (name, pages) = live_pages(&app, &workbook, wanted).await?;
    kind.answer(name, pages).await
}

/// A version as a file: what is read of it, then its sheets.
pub(super) async fn frozen(
    State(app): State<Arc<App>>,
    session: Session,
    kind: FileKind,
    Path((workbook, version)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let version = Version::find(&app, &session, &workbook, &version)?;
    let mut pages = Pages::of_summary(&version.in_full(&app).await?);
    if kind == FileKind::Xlsx {
        let mut frames = Vec::new();
        for info in version.sheets(&app).await? {
            if !info.hidden && version.gives(plan::axis_of(&info.role)) {
                frames.push(version.sheet(&app, info.id).await?);
            }
        }
        pages = pages.before(Pages::of_frames(frames));
    }
    kind.answer(version.name.clone(), pages).await
}

/// The sheets as they stand between two turns of the workbook's task, and what the file is called.
async fn live_pages(app: &Arc<App>, workbook: &str, wanted: Wanted) -> Result<(String, Pages), Problem> {
    let none = |sheet: &str| Problem::NotFound(format!("sheet {sheet:?}"));
    let only: Option<SheetId> =
        wanted.sheet.as_deref().map(|sheet| sheet.parse().map_err(|_| none(sheet))).transpose()?;
    let live = open(app, workbook).await?;
    let read = live.ask(move |replica| {
        let infos = replica.workbook.mirror().sheets().iter();
        let infos: Vec<_> = infos.filter(|info| only.map_or(!info.hidden, |only| info.id == only)).cloned().collect();
        let ids: Vec<SheetId> = infos.iter().map(|info| info.id).collect();
        (
            infos.first().filter(|_| only.is_some()).map(|info| info.title.clone()),
            Pages::of_workbook(&replica.workbook, &ids),
        )
    });
    let (title, pages) = read.await?;
    if pages.sheets.is_empty() {
        return Err(none(wanted.sheet.as_deref().unwrap_or_default()));
    }
    let book = app.store.list_workbooks()?.into_iter().find(|info| info.id.to_string() == workbook);
    Ok((title.or(book.map(|info| info.title)).unwrap_or_else(|| "Workbook".to_owned()), pages))
}

/// What a file is asked for as: the ending of its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileKind {
    /// An Excel workbook with all pages.
    Xlsx,
    /// The first page.
    Csv,
}

impl FromRequestParts<Arc<App>> for FileKind {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Problem> {
        match parts.uri.path().rsplit_once('.') {
            Some((_, "xlsx")) => Ok(Self::Xlsx),
            Some((_, "csv")) => Ok(Self::Csv),
            _ => Err(Problem::NotFound(format!("file {}", parts.uri.path()))),
        }
    }
}

impl FileKind {
    /// Answers with the pages as such a file.
    pub(super) async fn answer(self, name: String, pages: Pages) -> Result<Response, Problem> {
        let write_csv = move |pages: &Pages| match pages.sheets.first() {
            Some(page) => csv_out::write(page).map_err(|error| error.to_string()),
            None => Err("The sheet is not there any more.".to_owned()),
        };
        match self {
            Self::Xlsx => written(name, "xlsx", XLSX, move || xlsx_out::write(&pages)).await,
            Self::Csv => written(name, "csv", "text/csv; charset=utf-8", move || write_csv(&pages)).await,
        }
    }
}

/// Writes a file away from the threads that serve, and answers with it.
async fn written(
    name: String,
    ending: &str,
    kind: &'static str,
    write: impl FnOnce() -> Result<Vec<u8>, String> + Send + 'static,
) -> Result<Response, Problem> {
    let bytes = tokio::task::spawn_blocking(write).await.map_err(|error| Problem::Invalid(error.to_string()))?;
    let bytes = bytes.map_err(Problem::Invalid)?;
    // Headers hold ASCII; the rest of a name is told in the form for everything else (RFC 6266, RFC 8187).
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || " -_.".contains(c) { c } else { '_' }).collect();
    let coded: String = name
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    let kept_as = format!("attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{coded}.{ending}");
    Ok(([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, kept_as)], bytes).into_response())
}

/// How a file is to be read.
#[derive(Deserialize)]
pub(super) struct How {
    /// The language whose numbers its texts are written in.
    #[serde(default)]
    locale: String,
    #[serde(default)]
    clears: bool,
    #[serde(default)]
    adds_rows: bool,
}

/// Reads a file as changes of a sheet. They are made by whoever sent it, as any other edit.
pub(super) async fn reading(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path((workbook, sheet)): Path<(String, String)>,
    Query(how): Query<How>,
    FileBody(bytes): FileBody,
) -> Result<Json<FileReading>, Problem> {
    let none = || Problem::NotFound(format!("sheet {sheet:?}"));
    let id: SheetId = sheet.parse().map_err(|_| none())?;
    let live = open(&app, &workbook).await?;
    let title = live.ask(move |replica| replica.workbook.sheet(id).map(|sheet| sheet.meta().title.clone())).await?;
    let title = title.ok_or_else(none)?;
    let _place = Place::take();
    let _desk = DESK.acquire().await.map_err(|_| Problem::Reopening)?;
    let table = tokio::task::spawn_blocking(move || Table::read(&bytes, &title)).await;
    let table = table.map_err(|error| Problem::Invalid(error.to_string()))?.map_err(Problem::Invalid)?;
    let me = session.me;
    let read = live
        .ask(move |replica| {
            let reader = Reader {
                by: me.person,
                objection: &|ops| objection(&me, replica, ops),
                locale: Locale::of(&how.locale),
                clears: how.clears,
                adds_rows: how.adds_rows,
            };
            reader.read(&replica.workbook, id, &table)
        })
        .await?;
    read.map(Json).map_err(|problems| Problem::Invalid(problems.join("\n")))
}
