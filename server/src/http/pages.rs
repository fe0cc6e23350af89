//! The browser application, embedded in the program.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{LazyLock, Mutex};

use axum::body::Bytes;
use axum::http::header::{ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::status::Problem;

#[derive(rust_embed::RustEmbed)]
#[folder = "../web/dist"]
struct Files;

const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// A file of the application, or its first page for addresses within the application.
pub(super) async fn page(uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    let path = uri.path().trim_start_matches('/');
    if let Some(file) = Files::get(path).filter(|_| !path.is_empty()) {
        let is_named_by_content = is_named_by_content(path);
        if is_named_by_content {
            let kind = file.metadata.mimetype().to_owned();
            // The first is the tighter one; both come with the build, and where they do not, gzip is made here.
            let brotli = || takes(&headers, "br").then(|| with_the_build(path, "br")).flatten();
            let gzip = || with_the_build(path, "gz").or_else(|| packed(path, &file.data));
            let gzip = || takes(&headers, "gzip").then(gzip).flatten();
            let packed = brotli().map(|packed| ("br", packed)).or_else(|| Some(("gzip", gzip()?)));
            if let Some((coding, packed)) = packed {
                let headers = [(CONTENT_ENCODING, coding), (VARY, "accept-encoding"), (CACHE_CONTROL, FOR_EVER)];
                return Ok((headers, [(CONTENT_TYPE, kind)], packed).into_response());
            }
        }
        return Ok(respond(file, is_named_by_content));
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

/// A file as the build packed it.
fn with_the_build(path: &str, ending: &str) -> Option<Bytes> {
    Files::get(&format!("{path}.{ending}")).map(|packed| match packed.data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => data.into(),
    })
}

/// Whether a browser unpacks what is packed so.
pub(super) fn takes(headers: &HeaderMap, coding: &str) -> bool {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|accepted| {
        let (name, weight) = accepted.split_once(';').unwrap_or((accepted, ""));
        name.trim() == coding && !matches!(weight.trim(), "q=0" | "q=0.0")
    })
}

/// A file as tightly as gzip can, packed at its first request and kept: there are a few, and they never change.
pub(super) fn packed(path: &str, data: &[u8]) -> Option<Bytes> {
    static PACKED: LazyLock<Mutex<HashMap<String, Bytes>>> = LazyLock::new(Mutex::default);
    // A request that failed while it held the lock has left the map as it was.
    let mut known = PACKED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(packed) = known.get(path) {
        return Some(packed.clone());
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(data).ok()?;
    let packed = Bytes::from(gzip.finish().ok()?);
    known.insert(path.to_owned(), packed.clone());
    Some(packed)
}

fn respond(file: rust_embed::EmbeddedFile, is_named_by_content: bool) -> Response {
    let caching = if is_named_by_content { FOR_EVER } else { "no-cache" };
    let kind = file.metadata.mimetype().to_owned();
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, caching.to_owned())], file.data).into_response()
}

/// Whether a file's name, or its folder's, is a hash of what it is, as the build names styles and programs:
/// `base-0123456789abcdef.css`, `0123456789abcdef/app_bg.wasm`.
fn is_named_by_content(path: &str) -> bool {
    path.split(['/', '-', '.', '_'])
        .any(|word| (12..=16).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_packed_is_sent_to_who_takes_it() {
        for (accepted, gzip, brotli) in [
            ("gzip, deflate, br", true, true),
            ("br;q=1.0, gzip;q=0.8", true, true),
            ("gzip, deflate", true, false),
            ("br, gzip;q=0", false, true),
            ("identity", false, false),
            ("gzip;q=0", false, false),
            ("", false, false),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, accepted.parse().unwrap())]);
            assert_eq!((takes(&headers, "gzip"), takes(&headers, "br")), (gzip, brotli), "{accepted}");
        }
        let data = b"the same words again, the same words again".repeat(50);
        let packed = packed("same.js", &data).unwrap();
        assert!(packed.len() < data.len() / 4);
        let mut read = String::new();
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&packed[..]), &mut read).unwrap();
        assert_eq!(read.as_bytes(), data);
    }

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        for (path, kept) in [
            ("0123456789abcdef/app_bg.wasm", true),
            ("style-0123456789abcdef.css", true),
            ("index.html", false),
            ("favicon.svg", false),
            ("snippets/wasm-streams-0123/inline0.js", false),
        ] {
            assert_eq!(is_named_by_content(path), kept, "{path}");
        }
    }
}
