//! Branches: made, listed, compared with what they came from, deleted. They are opened and edited as any workbook is.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use grid_engine::plan::{
    self, BranchDifferences, BranchInfo, Difference, Direction, NamedDifference, NewBranch, Place, PlaceName,
    SettleBranch, States, TakenLayers, branch_differences, place_name,
};
use grid_engine::refs::{Id, SheetId};
use grid_engine::wire::{Me, Role};
use serde::Deserialize;

use super::request::{Body, LiveSession, Path, Query};
use super::status::Problem;
use super::versions::check_name;
use super::workbooks::{open, workbook_id};
use crate::app::App;
use crate::clock::now_ms;
use crate::store::{BranchStart, NewStoredBranch, StoreError, WorkbookId};
use crate::sync::{Command, LiveWorkbook, Replica, objections};

/// Differences of one answer: more are merged in turns.
const MAX_DIFFERENCES: usize = 5000;
/// The decisions on all of them, with room for long formulas.
pub(super) const MAX_SETTLED_BODY: usize = 16 << 20;

pub(super) async fn list(
    State(app): State<Arc<App>>,
    _: LiveSession,
    Path(workbook): Path<String>,
) -> Result<Json<Vec<BranchInfo>>, Problem> {
    Ok(Json(app.store.branches(home(&app, &workbook)?)?))
}

/// What this workbook is a branch of; `null` for a workbook that is none.
pub(super) async fn read(
    State(app): State<Arc<App>>,
    _: LiveSession,
    Path(workbook): Path<String>,
) -> Result<Json<Option<BranchInfo>>, Problem> {
    let workbook = workbook_id(&workbook)?;
    home_of(&app, workbook)?;
    Ok(Json(app.store.branch(workbook)?))
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path(workbook): Path<String>,
    Body(request): Body<NewBranch>,
) -> Result<Json<BranchInfo>, Problem> {
    if session.me.role == Role::Viewer {
        return Err(Problem::Forbidden("make a branch"));
    }
    let (name, comment) = (request.name.trim().to_owned(), request.comment.trim().to_owned());
    check_name("A branch", &name, &comment)?;
    let of = workbook_id(&workbook)?;
    let home = home_of(&app, of)?;
    let version = request.version.map(|id| version_of(&app, home, id)).transpose()?;
    let (parent, start) = match request.version {
        Some(id) => (home, start_of(&app, home, id).await?),
        None => {
            fold(&app, &workbook).await?;
            (of, BranchStart::Parent)
        }
    };
    let title = app.store.workbook(parent)?.ok_or_else(|| Problem::NotFound(format!("workbook {workbook:?}")))?.0;
    let info = BranchInfo {
        id: SheetId(Id::from_number(rand::random())),
        name,
        home,
        parent,
        parent_name: app.store.branch(parent)?.map_or(title, |branch| branch.name),
        version: request.version,
        version_name: version,
        by: session.me.person,
        by_name: session.me.name.clone(),
        at: now_ms(),
        comment,
    };
    let made = app.store.create_branch(NewStoredBranch { info, start }).await?;
    note(&app, &session.me, "made", &made).await?;
    tell(&app, &made).await;
    Ok(Json(made))
}

pub(super) async fn delete(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path(workbook): Path<String>,
) -> Result<(), Problem> {
    let branch = find(&app, &workbook)?;
    if branch.by != session.me.person && session.me.role != Role::Admin {
        return Err(Problem::Forbidden("delete somebody else's branch"));
    }
    // Nothing may be written any more when it goes.
    app.hub.close(branch.id).await;
    app.store.delete_branch(branch.id).await?;
    app.hub.close(branch.id).await;
    app.bases.forget(branch.id);
    note(&app, &session.me, "deleted", &branch).await?;
    tell(&app, &branch).await;
    Ok(())
}

/// Which way to compare.
#[derive(Deserialize)]
pub(super) struct Question {
    direction: Direction,
}

pub(super) async fn differences(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path(workbook): Path<String>,
    Query(Question { direction }): Query<Question>,
) -> Result<Json<BranchDifferences>, Problem> {
    let branch = find(&app, &workbook)?;
    let base = tokio::task::spawn_blocking({
        let (app, id) = (app.clone(), branch.id);
        move || app.bases.read(&app.store, id)
    });
    let (branch_book, live_book) = (app.hub.workbook(branch.id).await?, app.hub.workbook(branch.parent).await?);
    let base = base.await.map_err(|error| Problem::Invalid(error.to_string()))??;
    let settled = app.store.settled(branch.id)?;
    let here = branch_book.ask(|replica| plan::inputs(replica.workbook.mirror())).await?;
    let there = live_book.ask(|replica| plan::inputs(replica.workbook.mirror())).await?;
    let mut found = tokio::task::spawn_blocking(move || {
        branch_differences(States { base: &base, branch: &here, live: &there }, direction, &settled)
    })
    .await
    .map_err(|error| Problem::Invalid(error.to_string()))?;
    let total = found.len();
    let conflicts = found.iter().filter(|difference| difference.is_conflict()).count();
    // Conflicts, which take a person, before all else.
    found.sort_by_key(|difference| !difference.is_conflict());
    found.truncate(MAX_DIFFERENCES);
    let (from, to) = match direction {
        Direction::Merge => (branch_book, live_book),
        Direction::Rebase => (live_book, branch_book),
    };
    let differences = named(found, &from, &to, session.me).await?;
    // Layers are the plan's: what a branch has worked out itself never goes back.
    let (layers, taken) = match direction {
        Direction::Merge => (0, None),
        Direction::Rebase => (app.store.newer_layers(&branch)?, app.store.taken_layers(branch.id)?),
    };
    Ok(Json(BranchDifferences { branch, direction, differences, total, conflicts, layers, taken }))
}

/// Gives differences their names and says which of them this person may take over.
async fn named(
    found: Vec<Difference>,
    from: &LiveWorkbook,
    to: &LiveWorkbook,
    me: Me,
) -> Result<Vec<NamedDifference>, Problem> {
    // Of all differences, and after them of what goes with what they delete.
    let lost = found.iter().flat_map(|difference| &difference.lost).map(|lost| &lost.place);
    let places: Arc<[Place]> = found.iter().map(|difference| &difference.place).chain(lost).cloned().collect();
    let names = |workbook: &LiveWorkbook| {
        let (workbook, places) = (workbook.clone(), places.clone());
        async move {
            let read = move |replica: &Replica| {
                let name = |place: &Place| place_name(replica.workbook.mirror(), place);
                places.iter().map(name).collect::<Vec<Option<PlaceName>>>()
            };
            workbook.ask(read).await
        }
    };
    // What one side has deleted is named by the other.
    let (names, other_names): (Vec<Option<PlaceName>>, Vec<_>) = (names(from).await?, names(to).await?);
    let found = Arc::new(found);
    let judged = found.clone();
    let objections = to.ask(move |replica| objections(&me, replica, &judged)).await?;
    let named = names.into_iter().zip(other_names).map(|(name, other)| name.or(other).unwrap_or_default());
    let mut named: Vec<PlaceName> = named.collect();
    let mut lost_names = named.split_off(found.len()).into_iter();
    let differences = found.iter().cloned().zip(named).zip(objections).map(|((difference, name), objection)| {
        let lost = lost_names.by_ref().take(difference.lost.len()).collect();
        NamedDifference { difference, name, objection, lost }
    });
    let mut differences: Vec<NamedDifference> = differences.collect();
    // As people look for them: row by row, what is said of a row before what is in it.
    differences.sort_by(|a, b| {
        let rank = |one: &NamedDifference| !one.difference.is_conflict();
        rank(a).cmp(&rank(b)).then_with(|| a.name.cmp(&b.name))
    });
    Ok(differences)
}

/// Remembers what was decided; sent before the edit that carries it out, and void until that is there.
pub(super) async fn settle(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path(workbook): Path<String>,
    Body(SettleBranch { settled, layers }): Body<SettleBranch>,
) -> Result<(), Problem> {
    if session.me.role == Role::Viewer {
        return Err(Problem::Forbidden("merge a branch"));
    }
    if settled.len() > MAX_DIFFERENCES {
        return Err(Problem::Invalid(format!("At most {MAX_DIFFERENCES} differences are decided on at once.")));
    }
    let branch = find(&app, &workbook)?;
    app.store.settle(branch.id, settled).await?;
    if layers {
        // On disk before anyone is told.
        let by = TakenLayers { by: session.me.person, by_name: session.me.name.clone(), at: now_ms(), layers: 0 };
        let taken = app.store.take_newer_layers(&branch, by).await?;
        if !taken.is_empty() {
            app.hub.workbook(branch.id).await?.send(Command::Imported(taken)).await?;
        }
    }
    Ok(())
}

/// Puts back the layers that were there before the branch last took some of the plan.
pub(super) async fn put_back_layers(
    State(app): State<Arc<App>>,
    LiveSession(session): LiveSession,
    Path(workbook): Path<String>,
) -> Result<(), Problem> {
    let branch = find(&app, &workbook)?;
    let Some(taken) = app.store.taken_layers(branch.id)? else {
        return Err(Problem::Invalid("No layers of the plan were brought in, or they are put back already.".into()));
    };
    if session.me.role == Role::Viewer || taken.by != session.me.person && session.me.role != Role::Admin {
        return Err(Problem::Forbidden("put back what somebody else brought in"));
    }
    let layers = app.store.put_back_layers(branch.id, taken).await?;
    note(&app, &session.me, "put back the layers of", &branch).await?;
    if !layers.is_empty() {
        app.hub.workbook(branch.id).await?.send(Command::Imported(layers)).await?;
    }
    Ok(())
}

/// The workbook of an address whose versions, branches and cycles are meant, see [`home_of`].
pub(super) fn home(app: &App, workbook: &str) -> Result<WorkbookId, Problem> {
    home_of(app, workbook_id(workbook)?)
}

/// The workbook whose versions and branches this one shares: itself, unless it is a branch.
pub(super) fn home_of(app: &App, workbook: WorkbookId) -> Result<WorkbookId, Problem> {
    match app.store.branch(workbook)? {
        Some(branch) => Ok(branch.home),
        None if app.store.workbook(workbook)?.is_some() => Ok(workbook),
        None => Err(Problem::NotFound(format!("workbook {workbook}"))),
    }
}

fn find(app: &App, workbook: &str) -> Result<BranchInfo, Problem> {
    app.store.branch(workbook_id(workbook)?)?.ok_or_else(|| Problem::NotFound(format!("branch {workbook:?}")))
}

fn version_of(app: &App, home: WorkbookId, id: Id) -> Result<String, Problem> {
    let found = app.store.versions(home)?.into_iter().find(|info| info.id == id);
    found.map(|info| info.name).ok_or_else(|| Problem::NotFound(format!("version {id}")))
}

/// Has the logs of a workbook become checkpoints: what is in these need not be copied. It is on its way to the store once
/// the question is answered.
async fn fold(app: &App, workbook: &str) -> Result<(), Problem> {
    let live = open(app, workbook).await?;
    live.send(Command::Fold).await?;
    live.ask(|_| ()).await?;
    Ok(())
}

/// What a branch of a version begins with: its documents, and its layers as they stand in its frames. A version that holds
/// one side of the plan gives the sheets of that side; the others are the plan's as it is.
async fn start_of(app: &Arc<App>, home: WorkbookId, version: Id) -> Result<BranchStart, Problem> {
    let store = app.store.clone();
    let read = move || -> Result<BranchStart, Problem> {
        let damaged = |error: plan::ReopenError| StoreError::Corrupt(format!("version {version}: {error}"));
        let (found, _) =
            store.version(home, version)?.ok_or_else(|| Problem::NotFound(format!("version {version}")))?;
        let mut layers = plan::frozen_layers(&found.parts).map_err(damaged)?;
        Ok(match plan::side(&found.parts).map_err(damaged)? {
            None => BranchStart::Version { version, layers },
            Some(side) => {
                layers.retain(|(sheet, ..)| side.own.contains(sheet));
                BranchStart::Side { version, sheets: side.own, layers }
            }
        })
    };
    let start = tokio::task::spawn_blocking(read).await.map_err(|error| Problem::Invalid(error.to_string()))??;
    if matches!(start, BranchStart::Side { .. }) {
        fold(app, &home.to_string()).await?;
    }
    Ok(start)
}

async fn note(app: &App, me: &Me, what: &str, branch: &BranchInfo) -> Result<(), Problem> {
    let body = format!("{what} branch {} {:?} of {}", branch.id, branch.name, branch.parent);
    Ok(app.store.note(now_ms(), me.person, "branch", body).await?)
}

/// Has everyone's list of versions and branches read again.
async fn tell(app: &App, branch: &BranchInfo) {
    app.revisions.changed(branch.home);
    for workbook in [branch.home, branch.parent] {
        if let Ok(live) = app.hub.workbook(workbook).await {
            // It may be closing: then nobody is there to be told.
            let _ = live.send(Command::VersionsChanged).await;
        }
    }
}
