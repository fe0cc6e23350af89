//! Signing in with a company's account: the two addresses a browser visits.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse};

use super::request::Query;
use super::status::Problem;
use crate::app::App;
use crate::auth::{CALLBACK, Oidc, OidcRefused, Session, Token, session_cookie};
use crate::clock::now_ms;
use crate::store::StoreError;

/// Ties a sign-in to the browser that began it.
const STATE_COOKIE: &str = "equipoise_oidc";

/// Where a sign-in leads.
#[derive(serde::Deserialize)]
pub(super) struct Begin {
    to: Option<String>,
}

/// What the provider sends a browser back with.
#[derive(serde::Deserialize)]
pub(super) struct Finish {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

pub(super) async fn begin(
    State(app): State<Arc<App>>,
    Query(Begin { to }): Query<Begin>,
) -> Result<impl IntoResponse, Problem> {
    let to = to.unwrap_or_else(|| "/".to_owned());
    let (url, state) = with_provider(&app, move |oidc, _| oidc.begin(&to)).await?;
    Ok((StatusCode::SEE_OTHER, AppendHeaders([(LOCATION, url), (SET_COOKIE, state_cookie(&app, &state, 600))])))
}

pub(super) async fn finish(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(Finish { code, state, error }): Query<Finish>,
) -> Result<impl IntoResponse, Problem> {
    if let Some(error) = error {
        let said: String = error.chars().filter(char::is_ascii_graphic).take(60).collect();
        return Err(OidcRefused::Claim { code: "oidc.error", reason: format!("The provider says: {said}.") }.into());
    }
    let (Some(code), Some(state)) = (code, state) else {
        let reason = "The provider sent no code and state. Begin again.".to_owned();
        return Err(OidcRefused::Claim { code: "oidc.code", reason }.into());
    };
    let cookie = cookie_of(&headers);
    let (person, to) =
        with_provider(&app, move |oidc, app| oidc.finish(&app.store, &code, &state, cookie.as_deref())).await?;
    let (token, now) = (Token::draw(), now_ms());
    app.store.put_session(token.hash(), person.person, now, Session::ends_at(now)).await?;
    let cookies = [session_cookie(&token, app.config.is_secure()), state_cookie(&app, "", 0)];
    let [session, state] = cookies.map(|cookie| (SET_COOKIE, cookie));
    Ok((StatusCode::SEE_OTHER, AppendHeaders([(LOCATION, to), session, state])))
}

/// Asks the provider, off the threads that serve requests.
async fn with_provider<T: Send + 'static>(
    app: &Arc<App>,
    ask: impl FnOnce(&Oidc, &App) -> Result<T, OidcRefused> + Send + 'static,
) -> Result<T, Problem> {
    let app = app.clone();
    let asked = tokio::task::spawn_blocking(move || match &app.oidc {
        Some(oidc) => ask(oidc, &app).map_err(Problem::from),
        None => Err(Problem::NotFound("sign-in with an account kept elsewhere (serve --oidc-issuer)".into())),
    });
    asked.await.unwrap_or(Err(Problem::Store(StoreError::Closed)))
}

fn state_cookie(app: &App, state: &str, seconds: u32) -> String {
    let secure = if app.config.is_secure() { "; Secure" } else { "" };
    format!("{STATE_COOKIE}={state}; Path={CALLBACK}; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

fn cookie_of(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == STATE_COOKIE).map(|(_, value)| value.to_owned())
}
