//! Requests to the server, in JSON.

use grid_engine::wire::Refusal;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response};

/// `GET` of a path such as `/api/me`.
pub async fn get<T: DeserializeOwned>(path: &str) -> Result<T, Refusal> {
    let init = RequestInit::new();
    init.set_method("GET");
    send(path, &init).await
}

/// `POST` with a JSON body; `()` on either side stands for nothing.
pub async fn post<B: Serialize + ?Sized, T: DeserializeOwned>(path: &str, body: &B) -> Result<T, Refusal> {
    let init = RequestInit::new();
    init.set_method("POST");
    let headers = Headers::new().map_err(unexpected)?;
    headers.set("content-type", "application/json").map_err(unexpected)?;
    // No form on another site can send this header.
    headers.set("x-equipoise", "1").map_err(unexpected)?;
    init.set_headers(&headers);
    let text = serde_json::to_string(body).map_err(|error| refusal("request.unreadable", &error.to_string()))?;
    init.set_body(&JsValue::from_str(&text));
    send(path, &init).await
}

async fn send<T: DeserializeOwned>(path: &str, init: &RequestInit) -> Result<T, Refusal> {
    let window = web_sys::window().ok_or_else(|| refusal("page.gone", "the page is being closed"))?;
    let response = JsFuture::from(window.fetch_with_str_and_init(path, init))
        .await
        .map_err(|_| refusal("network.offline", "The server cannot be reached. Check the connection and try again."))?;
    let response: Response = response.dyn_into().map_err(unexpected)?;
    let text = JsFuture::from(response.text().map_err(unexpected)?).await.map_err(unexpected)?;
    let text = text.as_string().unwrap_or_default();
    if !response.ok() {
        return Err(serde_json::from_str(&text).unwrap_or_else(|_| {
            let status = response.status();
            refusal("server.error", &format!("The server answered with status {status}. Try again in a moment."))
        }));
    }
    let text = if text.is_empty() { "null" } else { &text };
    serde_json::from_str(text)
        .map_err(|error| refusal("answer.unreadable", &format!("The server's answer could not be read: {error}")))
}

fn refusal(code: &str, message: &str) -> Refusal {
    Refusal { code: code.to_owned(), message: message.to_owned() }
}

fn unexpected(error: JsValue) -> Refusal {
    refusal("browser.error", &format!("The browser refused the request: {error:?}"))
}
