//! Who asks, and whether the request is one of ours.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{self, FromRequest, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use grid_engine::wire::Role;
use serde::de::DeserializeOwned;
use tracing::Instrument;

use super::MAX_BODY;
use super::status::{Problem, RefusalCode};
use crate::app::App;
use crate::auth::{Session, Token, bearer_of, check_origin, find_bearer};

/// What no page of another site can send.
const OWN_HEADER: &str = "x-equipoise";

impl FromRequestParts<Arc<App>> for Session {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        if let Some(hash) = bearer_of(&parts.headers) {
            return find_bearer(&app.store, hash)?.ok_or(Problem::SignedOut);
        }
        let token = Token::of(&parts.headers, app.config.is_secure()).ok_or(Problem::SignedOut)?;
        Self::find(&app.store, token.hash())?.ok_or(Problem::SignedOut)
    }
}

/// A session of someone who administers.
pub(super) struct AdminSession(pub Session);

impl FromRequestParts<Arc<App>> for AdminSession {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let session = Session::from_request_parts(parts, app).await?;
        if session.me.role == Role::Admin { Ok(Self(session)) } else { Err(Problem::Forbidden("administer people")) }
    }
}

/// A session that may see the live workbook.
pub(super) struct LiveSession(pub Session);

impl FromRequestParts<Arc<App>> for LiveSession {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let session = Session::from_request_parts(parts, app).await?;
        if session.me.may_read_live { Ok(Self(session)) } else { Err(Problem::Forbidden("see the live plan")) }
    }
}

/// Lets only those pass who see every row: what is behind speaks of the whole plan.
pub(super) async fn whole_plan(session: Session, request: Request, next: Next) -> Result<Response, Problem> {
    if !session.me.is_confined() {
        Ok(next.run(request).await)
    } else {
        Err(Problem::Forbidden("see the whole plan, and versions hold all of it"))
    }
}

/// A JSON body.
pub(super) struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Body<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        let most = MostBytes::of(&request);
        let body = Json::<T>::from_request(request, app).await;
        body.map(|Json(body)| Self(body)).map_err(|error| most.problem(error.status(), error.body_text()))
    }
}

/// A file as a body.
pub(super) struct FileBody(pub Bytes);

impl FromRequest<Arc<App>> for FileBody {
    type Rejection = Problem;
    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        let most = MostBytes::of(&request);
        let body = Bytes::from_request(request, app).await;
        body.map(Self).map_err(|error| most.problem(error.status(), error.body_text()))
    }
}

/// How many bytes the body of a request may have, where it is not [`MAX_BODY`].
#[derive(Clone, Copy)]
pub(super) struct MostBytes(pub usize);

impl MostBytes {
    fn of(request: &Request) -> Self {
        request.extensions().get().copied().unwrap_or(Self(MAX_BODY))
    }

    fn problem(self, status: StatusCode, reason: String) -> Problem {
        if status == StatusCode::PAYLOAD_TOO_LARGE { Problem::TooLarge(self.0) } else { Problem::Unreadable(reason) }
    }
}

/// What stands for the names in a route's path.
pub(super) struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Arc<App>> for Path<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let path = extract::Path::<T>::from_request_parts(parts, app).await;
        path.map(|extract::Path(path)| Self(path)).map_err(|error| Problem::Unreadable(error.body_text()))
    }
}

/// The parameters of an address.
pub(super) struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Arc<App>> for Query<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let query = extract::Query::<T>::from_request_parts(parts, app).await;
        query.map(|extract::Query(query)| Self(query)).map_err(|error| Problem::Unreadable(error.body_text()))
    }
}

/// Counts requests that were refused, by code.
pub(super) async fn count_refusals(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if let Some(RefusalCode(code)) = response.extensions().get::<RefusalCode>() {
        app.store.metrics().refused(code);
    }
    response
}

/// Gives every request an id, for the log and for whoever reports a problem.
pub(super) async fn with_id(request: Request, next: Next) -> Response {
    let id = format!("{:016x}", rand::random::<u64>());
    let span = tracing::info_span!("request", id, method = %request.method(), path = request.uri().path());
    let mut response = next.run(request).instrument(span).await;
    if let Ok(value) = id.parse() {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

/// Refuses state-changing requests that another site could have caused.
pub(super) async fn refuse_foreign(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        check_origin(request.headers(), app.config.public_url.as_deref(), false)?;
        // No page of another site can send either.
        let is_own = request.headers().get(OWN_HEADER).is_some_and(|value| value == "1");
        if !is_own && bearer_of(request.headers()).is_none() {
            return Err(Problem::Forged);
        }
        let site = request.headers().get("sec-fetch-site").map(|value| value.as_bytes());
        if site.is_some_and(|site| !matches!(site, b"same-origin" | b"none")) {
            return Err(Problem::Forged);
        }
    }
    Ok(next.run(request).await)
}
