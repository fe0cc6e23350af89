//! Frozen versions: made, marked, read. `live` stands for the plan as it is now.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use grid_engine::doc::SheetInfo;
use grid_engine::plan::{
    self, Bundle, LogStretch, PlanSummary, SetVersionState, StateChange, VersionInfo, VersionKind, VersionState,
    sheet_part,
};
use grid_engine::refs::Id;
use grid_engine::wire::FreezeVersion;

use super::branches::home;
use super::reading::Version;
use super::request::{Body, LiveSession, Path};
use super::status::Problem;
use super::workbooks::{open, workbook_id};
use crate::app::App;
use crate::auth::Session;
use crate::clock::now_ms;
use crate::lineage;
use crate::store::{MAX_COMMENT, NewVersion, WorkbookId, flaw_of_name, taken_name};
use crate::sync::{Command, Replica};

pub(super) async fn list(
    State(app): State<Arc<App>>,
    _: Session,
    Path(workbook): Path<String>,
) -> Result<Json<Vec<VersionInfo>>, Problem> {
    Ok(Json(app.store.versions(home(&app, &workbook)?)?))
}

/// How often what pages show of versions, actuals, scenarios and decisions has changed.
pub(super) async fn revision(
    State(app): State<Arc<App>>,
    _: Session,
    Path(workbook): Path<String>,
) -> Result<Json<i64>, Problem> {
    Ok(Json(app.revisions.of(home(&app, &workbook)?)))
}

pub(super) async fn freeze(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path(workbook): Path<String>,
    Body(request): Body<FreezeVersion>,
) -> Result<Json<VersionInfo>, Problem> {
    if !session.me.may_freeze {
        return Err(Problem::Forbidden("freeze a version"));
    }
    // A branch is frozen among the versions of the plan it comes from, to be compared with them.
    let id = home(&app, &workbook)?;
    let name = request.name.trim().to_owned();
    check_new(&name, &request.comment, &app.store.versions(id)?)?;
    let live = open(&app, &workbook).await?;
    let kind = request.kind;
    let freeze = move |of: &Replica| plan::freeze_kind(&of.workbook, kind, &of.title, &of.currency);
    let bundle = live.ask(freeze).await??;
    let request = FreezeVersion { name, ..request };
    let at = now_ms();
    let logs = lineage::of_workbook(&app.store, workbook_id(&workbook)?, at)?;
    let info = keep_version(&app, id, &session, request, bundle, (at, logs, Vec::new())).await?;
    live.send(Command::VersionsChanged).await?;
    // Those who have the plan open see what was frozen of a branch.
    if let Ok(plan) = app.hub.workbook(id).await {
        plan.send(Command::VersionsChanged).await?;
    }
    Ok(Json(info))
}

/// Keeps a bundle as a version of a plan; `at` is what time it was in it, `logs` hold what was entered in it, and `history`
/// how it came to be proposed where it was not frozen then.
pub(super) async fn keep_version(
    app: &App,
    home: WorkbookId,
    session: &Session,
    request: FreezeVersion,
    bundle: Bundle,
    (at, logs, history): (i64, Vec<LogStretch>, Vec<StateChange>),
) -> Result<VersionInfo, Problem> {
    let info = VersionInfo {
        id: Id::from_number(rand::random()),
        name: request.name,
        kind: request.kind,
        state: VersionState::Proposed,
        comment: request.comment,
        by: session.me.person,
        by_name: session.me.name.clone(),
        at,
        hash: String::new(),
        headline: bundle.headline,
        history,
        log: None,
        logs,
        seals: Vec::new(),
    };
    let (info, kept) = app.store.freeze_version(home, NewVersion { info, parts: bundle.parts })?;
    kept.await?;
    app.revisions.changed(home);
    Ok(info)
}

/// Whether a version may be called so beside these.
pub(super) fn check_new(name: &str, comment: &str, others: &[VersionInfo]) -> Result<(), Problem> {
    check_name("A version", name, comment)?;
    let taken = taken_name(name, others.iter().map(|other| other.name.as_str()));
    taken.map_or(Ok(()), |reason| Err(Problem::Invalid(reason)))
}

/// Whether a version or branch may be called so.
pub(super) fn check_name(what: &str, name: &str, comment: &str) -> Result<(), Problem> {
    flaw_of_name(what, name, comment).map_or(Ok(()), |flaw| Err(Problem::Invalid(flaw)))
}

pub(super) async fn mark_consensus(
    State(app): State<Arc<App>>,
    session: Session,
    Path((workbook, version)): Path<(String, String)>,
) -> Result<Json<VersionInfo>, Problem> {
    if !session.me.may_mark_consensus {
        return Err(Problem::Forbidden("mark the consensus"));
    }
    let id = version.parse().map_err(|_| Problem::NotFound(format!("version {version:?}")))?;
    let request = SetVersionState { state: VersionState::Consensus, comment: String::new() };
    change_state(&app, &session, &workbook, id, request).await
}

/// Puts a version into another state: whoever may freeze drafts and proposes, whoever may decide approves and decides.
pub(super) async fn set_state(
    State(app): State<Arc<App>>,
    session: Session,
    Path((workbook, version)): Path<(String, String)>,
    Body(request): Body<SetVersionState>,
) -> Result<Json<VersionInfo>, Problem> {
    let id = version.parse().map_err(|_| Problem::NotFound(format!("version {version:?}")))?;
    let may = match request.state {
        VersionState::Draft | VersionState::Proposed => session.me.may_freeze || session.me.may_mark_consensus,
        VersionState::Approved | VersionState::Consensus => session.me.may_mark_consensus,
        VersionState::Superseded => {
            return Err(Problem::Invalid("A version is superseded by making another one the consensus.".into()));
        }
    };
    if !may {
        return Err(Problem::Forbidden("put a version into this state"));
    }
    if request.comment.chars().count() > MAX_COMMENT {
        return Err(Problem::Invalid(format!("A comment has at most {MAX_COMMENT} characters.")));
    }
    change_state(&app, &session, &workbook, id, request).await
}

async fn change_state(
    app: &App,
    session: &Session,
    workbook: &str,
    id: Id,
    request: SetVersionState,
) -> Result<Json<VersionInfo>, Problem> {
    let home = home(app, workbook)?;
    let found = app.store.versions(home)?.into_iter().find(|info| info.id == id);
    let VersionInfo { name, kind, state, .. } =
        found.ok_or_else(|| Problem::NotFound(format!("version {:?}", id.to_string())))?;
    if request.state == VersionState::Consensus && kind != VersionKind::Consensus {
        return Err(Problem::Invalid(
            "Only a whole plan can be the consensus: put this version into a scenario and propose that, or freeze the whole \
             plan."
                .into(),
        ));
    }
    if !state.may_become(request.state) {
        return Err(Problem::Invalid(match state {
            VersionState::Consensus | VersionState::Superseded => {
                "What was the consensus stays so until another version takes its place.".into()
            }
            state if state == request.state => format!("{name:?} is {} already.", state.word()),
            VersionState::Draft => format!("{name:?} is a draft: propose it first."),
            VersionState::Proposed | VersionState::Approved => {
                format!("{name:?} is {}: withdraw that first.", state.word())
            }
        }));
    }
    let change = StateChange {
        to: request.state,
        by: session.me.person,
        by_name: session.me.name.clone(),
        at: now_ms(),
        comment: request.comment.trim().to_owned(),
    };
    let info = app.store.set_version_state(home, id, change).await?;
    app.revisions.changed(home);
    open(app, workbook).await?.send(Command::VersionsChanged).await?;
    Ok(Json(info))
}

pub(super) async fn summary(
    State(app): State<Arc<App>>,
    session: Session,
    Path((workbook, version)): Path<(String, String)>,
) -> Result<Json<PlanSummary>, Problem> {
    let (summary, _) = Version::find(&app, &session, &workbook, &version)?.told(&app).await?;
    Ok(Json(summary))
}

pub(super) async fn sheets(
    State(app): State<Arc<App>>,
    session: Session,
    Path((workbook, version)): Path<(String, String)>,
) -> Result<Json<Vec<SheetInfo>>, Problem> {
    let version = Version::find(&app, &session, &workbook, &version)?;
    let mut sheets = version.sheets(&app).await?;
    // A version of one side is read as that; the rest is there so that its values can be calculated again.
    sheets.retain(|info| version.gives(plan::axis_of(&info.role)));
    Ok(Json(sheets))
}

pub(super) async fn sheet(
    State(app): State<Arc<App>>,
    session: Session,
    Path((workbook, version, sheet)): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    let id = sheet.parse().map_err(|_| Problem::NotFound(format!("sheet {sheet:?}")))?;
    let version = Version::find(&app, &session, &workbook, &version)?;
    match version.frozen {
        // Megabytes that were JSON when they were frozen.
        Some(frozen) => {
            let bytes = version.bytes(&app, frozen, &sheet_part(id))?;
            Ok(([(CONTENT_TYPE, "application/json")], bytes).into_response())
        }
        None => Ok(Json(version.sheet(&app, id).await?).into_response()),
    }
}
