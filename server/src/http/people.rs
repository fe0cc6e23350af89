//! People and their tokens.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use grid_engine::refs::Id;
use grid_engine::wire::{IssuedToken, NewToken, PersonInfo, PutPerson, TokenInfo};

use super::request::{AdminSession, Body, Path};
use super::status::Problem;
use crate::app::App;
use crate::auth::{Session, issue_token};
use crate::store::StoreError;
use crate::sync::ScopeNames;

pub(super) async fn list(State(app): State<Arc<App>>, _: AdminSession) -> Result<Json<Vec<PersonInfo>>, Problem> {
    Ok(Json(app.store.people()?))
}

pub(super) async fn put(
    State(app): State<Arc<App>>,
    AdminSession(session): AdminSession,
    Path(user): Path<String>,
    Body(change): Body<PutPerson>,
) -> Result<Json<PersonInfo>, Problem> {
    if let Some(scope) = &change.scope {
        check_scope(&app, &user, scope).await?;
    }
    let store = app.store.clone();
    // A password takes its time to hash.
    let changed = tokio::task::spawn_blocking(move || store.change_person(&user, change, session.me.person));
    let info = changed.await.unwrap_or(Err(StoreError::Closed))?;
    app.rights.changed();
    Ok(Json(info))
}

/// Refuses what would confine to something that is in no workbook; what somebody is confined to already may stay, and
/// before there is a workbook everything may be said.
async fn check_scope(app: &App, user: &str, scope: &[String]) -> Result<(), Problem> {
    let people = app.store.people()?;
    let before = people.iter().find(|person| person.user == user).map_or(&[][..], |person| &person.scope);
    let new: Vec<&String> = scope.iter().filter(|entry| !before.contains(entry)).collect();
    let workbooks = app.store.list_workbooks()?;
    if new.is_empty() || workbooks.is_empty() {
        return Ok(());
    }
    let mut known = ScopeNames::default();
    for workbook in workbooks {
        let live = app.hub.workbook(workbook.id).await?;
        known = live
            .ask(move |replica| {
                known.add(replica.workbook.mirror());
                known
            })
            .await?;
    }
    match new.into_iter().find_map(|entry| known.objection(entry)) {
        Some(objection) => Err(Problem::Invalid(objection)),
        None => Ok(()),
    }
}

pub(super) async fn tokens(State(app): State<Arc<App>>, session: Session) -> Result<Json<Vec<TokenInfo>>, Problem> {
    Ok(Json(app.store.tokens(session.me.person)?))
}

pub(super) async fn issue(
    State(app): State<Arc<App>>,
    session: Session,
    Body(new): Body<NewToken>,
) -> Result<Json<IssuedToken>, Problem> {
    if session.is_bearer {
        return Err(Problem::Forbidden("issue a token with a token"));
    }
    Ok(Json(issue_token(&app.store, &session, new).await?))
}

pub(super) async fn end(State(app): State<Arc<App>>, session: Session, Path(id): Path<String>) -> Result<(), Problem> {
    let id: Id = id.parse().map_err(|_| Problem::NotFound(format!("token {id:?}")))?;
    app.store.end_token(session.me.person, id).await?;
    app.rights.changed();
    Ok(())
}
