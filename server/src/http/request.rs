//! Who asks, and whether the request is one of ours.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::Method;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use serde::de::DeserializeOwned;

use super::status::Problem;
use crate::app::App;
use crate::auth::{Session, Token, check_origin};

/// What no page of another site can send.
const OWN_HEADER: &str = "x-equipoise";

impl FromRequestParts<Arc<App>> for Session {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let token = Token::of(&parts.headers, app.config.is_secure()).ok_or(Problem::SignedOut)?;
        Self::find(&app.store, token.hash())?.ok_or(Problem::SignedOut)
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

/// A JSON body.
pub(super) struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Body<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        let body = Json::<T>::from_request(request, app).await;
        body.map(|Json(body)| Self(body)).map_err(|error| Problem::Unreadable(error.body_text()))
    }
}

/// Refuses state-changing requests that another site could have caused.
pub(super) async fn refuse_foreign(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        check_origin(request.headers(), app.config.public_url.as_deref(), false)?;
        if request.headers().get(OWN_HEADER).is_none_or(|value| value != "1") {
            return Err(Problem::Forged);
        }
    }
    Ok(next.run(request).await)
}
