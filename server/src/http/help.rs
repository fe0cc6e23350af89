//! Help, for anyone: it tells of the program, not of the plan.

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::response::{Html, IntoResponse, Response};

use super::pages::{packed, takes};

/// `GET /help/functions`
pub(super) async fn functions() -> Html<&'static str> {
    Html(crate::functions::page::page())
}

/// `GET /help/functions.json`
pub(super) async fn meanings(headers: HeaderMap) -> Response {
    let text = crate::functions::meanings();
    let about =
        [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=3600"), (VARY, "accept-encoding")];
    match takes(&headers, "gzip").then(|| packed("help/functions.json", text.as_bytes())).flatten() {
        Some(packed) => (about, [(CONTENT_ENCODING, "gzip")], packed).into_response(),
        None => (about, Bytes::from_static(text.as_bytes())).into_response(),
    }
}
