//! The browser application, embedded in the program.

use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::status::Problem;

#[derive(rust_embed::RustEmbed)]
#[folder = "../web/dist"]
struct Files;

/// A file of the application, or its first page for addresses within the application.
pub(super) async fn page(uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    let path = uri.path().trim_start_matches('/');
    if let Some(file) = Files::get(path).filter(|_| !path.is_empty()) {
        return Ok(respond(file, is_named_by_content(path)));
    }
    let wants_page = headers.get(ACCEPT).is_none_or(|accept| {
        accept.to_str().is_ok_and(|accept| accept.contains("text/html") || accept.contains("*/*"))
    });
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    if is_file || !wants_page {
        return Err(Problem::NotFound(format!("file {path}")));
    }
    Ok(match Files::get("index.html") {
        Some(index) => respond(index, false),
        None => (
            StatusCode::NOT_FOUND,
            "The browser application is not built: run `trunk build` and start the server again.\n",
        )
            .into_response(),
    })
}

fn respond(file: rust_embed::EmbeddedFile, is_named_by_content: bool) -> Response {
    let caching = if is_named_by_content { "public, max-age=31536000, immutable" } else { "no-cache" };
    let kind = file.metadata.mimetype().to_owned();
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, caching.to_owned())], file.data).into_response()
}

/// Whether a file's name holds a hash of what it is, as the build names scripts: `app-0123456789abcdef_bg.wasm`.
fn is_named_by_content(path: &str) -> bool {
    path.split(['-', '.', '_']).any(|word| word.len() == 16 && word.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        for (path, kept) in [
            ("equipoise-web-0123456789abcdef_bg.wasm", true),
            ("style-0123456789abcdef.css", true),
            ("index.html", false),
            ("favicon.svg", false),
            ("snippets/wasm-streams-0123/inline0.js", false),
        ] {
            assert_eq!(is_named_by_content(path), kept, "{path}");
        }
    }
}
