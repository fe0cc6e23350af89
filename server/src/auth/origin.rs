//! No other site may act for someone who is signed in here.

use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};

/// Why a request's origin is not accepted, in words.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "Requests from {found} are not accepted. If people reach this server at that address, start it with --public-url."
)]
pub struct OriginDenied {
    found: String,
}

/// Checks that a request comes from a page of this server: the `Origin` is the public address, or the very host that
/// was asked. `required` says whether it may be missing: browsers always send it with a WebSocket, while scripts that
/// post carry the header `x-equipoise` instead, which no foreign page can send.
pub fn check_origin(headers: &HeaderMap, public_url: Option<&str>, required: bool) -> Result<(), OriginDenied> {
    let Some(origin) = headers.get(ORIGIN) else {
        return if required { Err(OriginDenied { found: "nowhere (no Origin header)".into() }) } else { Ok(()) };
    };
    let origin = origin.to_str().unwrap_or("an unreadable address");
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    let same_host = authority.is_some() && authority == host;
    let public = public_url.is_some_and(|url| url.trim_end_matches('/') == origin);
    if same_host || public { Ok(()) } else { Err(OriginDenied { found: origin.to_owned() }) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(origin: Option<&str>, public_url: Option<&str>, required: bool) -> bool {
        let mut headers = HeaderMap::from_iter([(HOST, "plan.example:8080".parse().unwrap())]);
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().unwrap());
        }
        check_origin(&headers, public_url, required).is_ok()
    }

    #[test]
    fn only_our_own_pages_are_heard() {
        assert!(check(Some("http://plan.example:8080"), None, true));
        assert!(check(Some("https://plan.example"), Some("https://plan.example/"), true), "behind a proxy");
        assert!(check(None, None, false), "a script");
        for foreign in ["http://evil.example", "null", "http://plan.example", "http://plan.example:8080.evil.example"] {
            assert!(!check(Some(foreign), None, true), "{foreign}");
            assert!(!check(Some(foreign), None, false), "{foreign}");
        }
        assert!(!check(None, None, true));
    }
}
