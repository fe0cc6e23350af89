//! Signing in and out.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse};
use grid_engine::wire::{About, Login, Me, Preferences};

use super::request::Body;
use super::status::Problem;
use crate::app::App;
use crate::auth::{Session, clearing_cookie, session_cookie};

pub(super) async fn about(State(app): State<Arc<App>>) -> Result<Json<About>, Problem> {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Ok(Json(About { version, demo_users: app.store.demo_users()?, company_accounts: app.oidc.is_some() }))
}

pub(super) async fn login(
    State(app): State<Arc<App>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Body(login): Body<Login>,
) -> Result<impl IntoResponse, Problem> {
    let (session, token) = app.sign_in.sign_in(&app.store, login, from.ip()).await?;
    let cookie = session_cookie(&token, app.config.is_secure());
    Ok((AppendHeaders([(SET_COOKIE, cookie)]), Json(session.me)))
}

pub(super) async fn logout(State(app): State<Arc<App>>, session: Session) -> Result<impl IntoResponse, Problem> {
    app.store.end_session(session.token_hash).await?;
    app.rights.changed();
    Ok(AppendHeaders([(SET_COOKIE, clearing_cookie(app.config.is_secure()))]))
}

pub(super) async fn me(session: Session) -> Json<Me> {
    Json(session.me)
}

/// How one has the interface.
pub(super) async fn preferences(State(app): State<Arc<App>>, session: Session) -> Result<Json<Preferences>, Problem> {
    Ok(Json(app.store.preferences(session.me.person)?))
}

pub(super) async fn put_preferences(
    State(app): State<Arc<App>>,
    session: Session,
    Body(preferences): Body<Preferences>,
) -> Result<(), Problem> {
    match preferences.problem() {
        Some(problem) => Err(Problem::Invalid(problem)),
        None => Ok(app.store.put_preferences(session.me.person, preferences).await?),
    }
}
