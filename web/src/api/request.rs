//! How a request is sent, and what its answer or the lack of one means.

use grid_engine::wire::Refusal;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response};

/// What a request came to: the answer, or why there is none and what to do.
pub type Answer<T> = Result<T, Refusal>;

/// The code of a [`Refusal`] made here because the server could not be reached.
const UNREACHABLE: &str = "net.unreachable";
/// The code of a [`Refusal`] for a request without a valid session.
pub const SIGN_IN: &str = "auth.required";

/// `GET` of a path such as `/api/me`.
pub(super) async fn get<T: DeserializeOwned>(path: &str) -> Answer<T> {
    send("GET", path, None).await.and_then(read)
}

/// `POST` with a JSON body.
pub(super) async fn post<B: Serialize + ?Sized, T: DeserializeOwned>(path: &str, body: &B) -> Answer<T> {
    with_body("POST", path, body).await
}

pub(super) async fn with_body<B: Serialize + ?Sized, T: DeserializeOwned>(
    method: &str,
    path: &str,
    body: &B,
) -> Answer<T> {
    let body = serde_json::to_string(body).map_err(|error| refusal("client.request", &error.to_string()))?;
    send(method, path, Some(&body)).await.and_then(read)
}

pub(super) async fn command(path: &str) -> Answer<()> {
    send("POST", path, None).await.map(drop)
}

pub(super) fn read<T: DeserializeOwned>(text: String) -> Answer<T> {
    let text = if text.is_empty() { "null" } else { &text };
    serde_json::from_str(text).map_err(|error| {
        refusal("client.answer", &format!("The server's answer could not be read ({error}). Reload the page."))
    })
}

/// Sends a request and returns the body of its answer.
pub(super) async fn send(method: &str, path: &str, body: Option<&str>) -> Answer<String> {
    send_any(method, path, body.map(JsValue::from_str)).await
}

pub(super) async fn send_any(method: &str, path: &str, body: Option<JsValue>) -> Answer<String> {
    let response = fetch(method, path, body).await.map_err(|_| {
        refusal(UNREACHABLE, "The server cannot be reached. Check the connection and try again; nothing was changed.")
    })?;
    let text = text_of(&response).await.unwrap_or_default();
    if response.ok() {
        return Ok(text);
    }
    Err(serde_json::from_str(&text).unwrap_or_else(|_| match response.status() {
        401 => refusal(SIGN_IN, "Sign in to continue."),
        403 => refusal("auth.forbidden", "Your role does not allow this."),
        404 => refusal("not_found", "This is not here any more."),
        status => refusal("server", &format!("The server refused the request (status {status}). Try again.")),
    }))
}

async fn fetch(method: &str, path: &str, body: Option<JsValue>) -> Result<Response, JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let headers = Headers::new()?;
    headers.set("accept", "application/json")?;
    let init = RequestInit::new();
    init.set_method(method);
    if method != "GET" {
        headers.set("x-equipoise", "1")?;
    }
    if let Some(body) = body {
        if body.is_string() {
            headers.set("content-type", "application/json")?;
        }
        init.set_body(&body);
    }
    init.set_headers(&headers);
    JsFuture::from(window.fetch_with_str_and_init(path, &init)).await?.dyn_into()
}

async fn text_of(response: &Response) -> Option<String> {
    JsFuture::from(response.text().ok()?).await.ok()?.as_string()
}

fn refusal(code: &str, message: &str) -> Refusal {
    Refusal { code: code.to_owned(), message: message.to_owned() }
}
