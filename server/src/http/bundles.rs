//! Frozen versions as files: taken out, and brought in.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use grid_engine::plan::VersionInfo;
use grid_engine::wire::MAX_BUNDLE_FILE;
use serde::Deserialize;

use super::branches::home;
use super::request::{FileBody, LiveSession, Path, Query};
use super::status::Problem;
use super::workbooks::open;
use crate::app::App;
use crate::auth::Session;
use crate::bundles::{Bringer, NotBroughtIn, Unproven, bring_in, name_for, prove_seals};
use crate::clock::now_ms;
use crate::exchange::bundle_file::BundleFile;
use crate::jobs::prove;
use crate::store::NewVersion;
use crate::sync::Command;

/// Largest file that is taken.
pub(super) const MAX_FILE: usize = MAX_BUNDLE_FILE;
/// What it may unpack to: the server reads it beside everything else it does. Larger ones come in by the command line.
const MAX_UNPACKED: u64 = 256 << 20;

/// One at a time: each is calculated again, and none may come in twice.
static BRINGING_IN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// A frozen version as one file.
pub(super) async fn take_out(
    State(app): State<Arc<App>>,
    session: Session,
    Path((workbook, version)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let none = || Problem::NotFound(format!("version {version:?}"));
    let (workbook, id) = (home(&app, &workbook)?, version.parse().map_err(|_| none())?);
    if !session.me.may_read_live && !session.me.may_mark_consensus {
        return Err(Problem::Forbidden("take versions out of the system"));
    }
    let packed = tokio::task::spawn_blocking(move || {
        let Some((NewVersion { info, parts }, previous)) = app.store.version(workbook, id)? else { return Ok(None) };
        let name = info.id;
        let bytes = BundleFile { info, previous, parts }.write();
        Ok::<_, Problem>(Some((name, bytes.map_err(|error| Problem::Invalid(error.to_string()))?)))
    })
    .await;
    let (name, bytes) = packed.map_err(|error| Problem::Invalid(error.to_string()))??.ok_or_else(none)?;
    let kept_as = format!("attachment; filename=\"{name}.equipoise\"");
    Ok(([(CONTENT_TYPE, "application/gzip".to_owned()), (CONTENT_DISPOSITION, kept_as)], bytes).into_response())
}

/// How a version comes in.
#[derive(Deserialize)]
pub(super) struct Given {
    /// The name it is given here; its own where there is none.
    #[serde(default)]
    name: String,
    /// Whether what another version of the engine froze is taken as it was, where this one calculates differently.
    #[serde(default)]
    as_frozen: bool,
}

/// Makes a file a version, once it is proven: by whoever may freeze.
pub(super) async fn take_in(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path(workbook): Path<String>,
    Query(given): Query<Given>,
    FileBody(bytes): FileBody,
) -> Result<Json<VersionInfo>, Problem> {
    if !session.me.may_freeze {
        return Err(Problem::Forbidden("bring in a version"));
    }
    let home = home(&app, &workbook)?;
    let _one = BRINGING_IN.lock().await;
    let (reading, store) = (bytes.clone(), app.store.clone());
    let Given { name, as_frozen } = given;
    let read = tokio::task::spawn_blocking(move || {
        let bundle =
            BundleFile::read_up_to(&reading, MAX_UNPACKED).map_err(|error| refused(vec![error.to_string()]))?;
        prove_seals(&bundle).map_err(refused)?;
        let name = name_for(&store, home, &bundle, &name)?;
        Ok::<_, Problem>((bundle, name))
    });
    let (bundle, name) = read.await.map_err(|error| Problem::Invalid(error.to_string()))??;
    let unproven = match prove(&app.config.job_program, &bytes).await {
        Ok(()) => None,
        Err(unproven) if unproven.frozen_by.is_some() && as_frozen => Some(unproven),
        Err(Unproven { reasons, frozen_by: Some(_) }) => return Err(Problem::OtherEngine(reasons.join("\n"))),
        Err(Unproven { reasons, frozen_by: None }) => return Err(refused(reasons)),
    };
    let by = Bringer { person: session.me.person, name: session.me.name.clone() };
    let store = app.store.clone();
    let brought =
        tokio::task::spawn_blocking(move || bring_in(&store, home, bundle, name, by, unproven.as_ref(), now_ms()));
    let (info, kept) = brought.await.map_err(|error| Problem::Invalid(error.to_string()))??;
    kept.await?;
    app.revisions.changed(home);
    open(&app, &workbook).await?.send(Command::VersionsChanged).await?;
    Ok(Json(info))
}

/// Nothing was brought in, a reason a line.
fn refused(reasons: Vec<String>) -> Problem {
    Problem::Invalid(reasons.join("\n"))
}

impl From<NotBroughtIn> for Problem {
    fn from(error: NotBroughtIn) -> Self {
        match error {
            NotBroughtIn::Store(error) => Self::Store(error),
            error @ NotBroughtIn::Name(_) => Self::Named(error.to_string()),
            NotBroughtIn::There(reason) => Self::Invalid(reason),
        }
    }
}
