//! Every refusal with its status and code: the one place that maps them.

use std::time::Duration;

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use grid_engine::plan::{BridgeError, FreezeError};
use grid_engine::wire::Refusal;

use crate::auth::{OidcRefused, OriginDenied, SignInRefused};
use crate::frames::CompareError;
use crate::store::StoreError;
use crate::sync::{Gone, LoadError};

const FROZEN: &str = "A frozen version is read and never changed. Make a branch from it, or change the live plan.";

/// Why a request is refused.
#[derive(Debug)]
pub enum Problem {
    SignedOut,
    SignIn(SignInRefused),
    Oidc(OidcRefused),
    Origin(OriginDenied),
    /// A state-changing request without the header no foreign page can send.
    Forged,
    /// What was to change is a frozen version.
    Frozen,
    /// The address does not take this method; `frozen`: it is a frozen version's.
    Method {
        frozen: bool,
    },
    /// Not this person's to do; says what.
    Forbidden(&'static str),
    /// Says what does not exist.
    NotFound(String),
    /// The body or the address cannot be read.
    Unreadable(String),
    /// The body has more than this many bytes.
    TooLarge(usize),
    /// The request is understood and cannot be done as it is.
    Invalid(String),
    /// A rule's owner is nobody who could see to it.
    AlertOwner(String),
    /// Only under another name.
    Named(String),
    /// Only as it was frozen: another version of the engine calculated it.
    OtherEngine(String),
    Freeze(FreezeError),
    Compare(CompareError),
    Bridge(BridgeError),
    Load(LoadError),
    Store(StoreError),
    Reopening,
    /// More sockets than one address or person may have.
    Full,
    /// What the client holds is of a time before a restore.
    Restored,
    /// Not ready to serve; says why.
    NotReady(String),
}

/// Why a request counts as another site's.
const FORGED: &str = "Requests that change something carry the header x-equipoise: 1 and come from a page of this server, \
                      not from another site's (Sec-Fetch-Site).";

/// The code of a refusal, beside the response that tells it: for who counts them.
#[derive(Clone, Copy, Debug)]
pub(super) struct RefusalCode(pub &'static str);

impl Problem {
    pub(super) fn parts(&self) -> (StatusCode, &'static str, String) {
        match self {
            Self::SignedOut => (StatusCode::UNAUTHORIZED, "auth.required", "Sign in first.".into()),
            Self::SignIn(SignInRefused::Store(error)) | Self::Oidc(OidcRefused::Store(error)) | Self::Store(error) => {
                store_parts(error)
            }
            Self::Oidc(OidcRefused::Claim { code, reason }) => (StatusCode::BAD_REQUEST, code, reason.clone()),
            Self::Oidc(error @ OidcRefused::Provider(_)) => {
                (StatusCode::BAD_GATEWAY, "oidc.provider", error.to_string())
            }
            Self::SignIn(refused @ SignInRefused::Wrong) => {
                (StatusCode::UNAUTHORIZED, "login.wrong", refused.to_string())
            }
            Self::SignIn(refused @ SignInRefused::Wait(_)) => {
                (StatusCode::TOO_MANY_REQUESTS, "login.throttled", refused.to_string())
            }
            Self::Origin(denied) => (StatusCode::FORBIDDEN, "origin.denied", denied.to_string()),
            Self::Forged => (StatusCode::FORBIDDEN, "csrf", FORGED.into()),
            Self::Frozen => (StatusCode::FORBIDDEN, "version.frozen", FROZEN.into()),
            Self::Method { frozen: true } => (StatusCode::METHOD_NOT_ALLOWED, "version.frozen", FROZEN.into()),
            Self::Method { frozen: false } => {
                let message = "This address is not asked this way; /help/api says how.";
                (StatusCode::METHOD_NOT_ALLOWED, "request.method", message.into())
            }
            Self::Forbidden(what) => {
                (StatusCode::FORBIDDEN, "acl.denied", format!("You do not have the right to {what}."))
            }
            Self::NotFound(what) => (StatusCode::NOT_FOUND, "not_found", format!("There is no {what}.")),
            Self::Unreadable(what) => (StatusCode::BAD_REQUEST, "request.malformed", what.clone()),
            Self::TooLarge(most) => {
                let most = if *most < 1 << 20 { format!("{} kB", most >> 10) } else { format!("{} MB", most >> 20) };
                let message = format!("The request's body has more than {most}, the most that is taken here.");
                (StatusCode::PAYLOAD_TOO_LARGE, "request.too_large", message)
            }
            Self::Invalid(what) => (StatusCode::UNPROCESSABLE_ENTITY, "request.invalid", what.clone()),
            Self::AlertOwner(what) => (StatusCode::UNPROCESSABLE_ENTITY, "alert.owner", what.clone()),
            Self::Named(what) => (StatusCode::CONFLICT, "version.name", what.clone()),
            Self::OtherEngine(what) => (StatusCode::CONFLICT, "version.engine", what.clone()),
            Self::Freeze(error @ FreezeError::Pending(_)) => {
                (StatusCode::CONFLICT, "version.pending", error.to_string())
            }
            Self::Freeze(error @ FreezeError::Unsolved(_)) => {
                (StatusCode::CONFLICT, "version.unsolved", error.to_string())
            }
            Self::Freeze(error) => (StatusCode::INTERNAL_SERVER_ERROR, "version.unwritable", error.to_string()),
            Self::Compare(error) => (StatusCode::UNPROCESSABLE_ENTITY, "compare.impossible", error.to_string()),
            Self::Bridge(error) => (StatusCode::UNPROCESSABLE_ENTITY, "bridge.impossible", error.to_string()),
            Self::Load(LoadError::Missing(id)) => {
                (StatusCode::NOT_FOUND, "not_found", format!("There is no workbook {id}."))
            }
            Self::Load(LoadError::Store(error)) => store_parts(error),
            Self::Load(error) => (StatusCode::SERVICE_UNAVAILABLE, "workbook.unreadable", error.to_string()),
            Self::Full => {
                let message = "Too many connections from here. Close some windows, or have the limit raised.";
                (StatusCode::SERVICE_UNAVAILABLE, "room.full", message.into())
            }
            Self::Restored => {
                (StatusCode::CONFLICT, "store.restored", "The data was restored from a backup: join afresh.".into())
            }
            Self::NotReady(why) => (StatusCode::SERVICE_UNAVAILABLE, "not_ready", why.clone()),
            Self::Reopening => (StatusCode::SERVICE_UNAVAILABLE, "workbook.reopening", "Try again in a moment.".into()),
        }
    }
}

#[cfg(test)]
impl Problem {
    /// Problems of each kind that can be had without their causes.
    pub(super) fn some_of_each() -> Vec<Self> {
        let store = |error: StoreError| Self::Store(error);
        let claim = |code| Self::Oidc(OidcRefused::Claim { code, reason: String::new() });
        let mut all = vec![
            Self::SignedOut,
            Self::SignIn(SignInRefused::Wrong),
            Self::SignIn(SignInRefused::Wait(Duration::from_secs(1))),
            Self::Oidc(OidcRefused::Provider(String::new())),
            Self::Forged,
            Self::Frozen,
            Self::Method { frozen: true },
            Self::Method { frozen: false },
            Self::Forbidden("do it"),
            Self::NotFound("it".into()),
            Self::Unreadable(String::new()),
            Self::TooLarge(1),
            Self::Invalid(String::new()),
            Self::AlertOwner(String::new()),
            Self::Named(String::new()),
            Self::OtherEngine(String::new()),
            Self::Freeze(FreezeError::Pending(1)),
            Self::Freeze(FreezeError::Unsolved(String::new())),
            Self::Load(LoadError::Thread(String::new())),
            Self::Reopening,
            Self::Full,
            Self::Restored,
            Self::NotReady(String::new()),
            store(StoreError::Missing(String::new())),
            store(StoreError::Exists(String::new())),
            store(StoreError::Invalid(String::new())),
            store(StoreError::Unfit(String::new())),
            store(StoreError::Broken(String::new())),
            store(StoreError::Closed),
        ];
        all.extend(["oidc.aud", "oidc.code", "oidc.email", "oidc.error", "oidc.exp", "oidc.iss"].map(claim));
        all.extend(["oidc.nonce", "oidc.redirect", "oidc.signature", "oidc.state", "oidc.sub"].map(claim));
        all
    }
}

fn store_parts(error: &StoreError) -> (StatusCode, &'static str, String) {
    let (status, code) = match error {
        StoreError::Missing(_) => (StatusCode::NOT_FOUND, "not_found"),
        StoreError::Exists(_) => (StatusCode::CONFLICT, "exists"),
        StoreError::Invalid(_) => (StatusCode::CONFLICT, "conflict"),
        StoreError::Unfit(_) => (StatusCode::UNPROCESSABLE_ENTITY, "request.invalid"),
        StoreError::Broken(_) => (StatusCode::SERVICE_UNAVAILABLE, "store.failed"),
        StoreError::Closed => (StatusCode::SERVICE_UNAVAILABLE, "server.restart"),
        _ if error.is_full() => (StatusCode::INSUFFICIENT_STORAGE, "store.full"),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "store.failed"),
    };
    let advice = if error.is_full() {
        ". Make room on the server's disk: what was saved is safe, and open pages go on reading"
    } else {
        ""
    };
    (status, code, format!("{error}{advice}"))
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code, message) = self.parts();
        match status {
            // Whoever watches over the server asks until it is ready.
            _ if matches!(self, Self::NotReady(_)) => tracing::debug!(code, message, "not ready"),
            _ if status.is_server_error() => tracing::error!(code, message, "a request failed"),
            // Who tries passwords, or what they may not, is to be found in the log.
            StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS => {
                tracing::info!(code, message, "a request was refused")
            }
            _ if matches!(self, Self::SignIn(_) | Self::Oidc(_)) => tracing::info!(code, message, "nobody was let in"),
            _ => {}
        }
        let mut response = (status, Json(Refusal { code: code.to_owned(), message })).into_response();
        response.extensions_mut().insert(RefusalCode(code));
        if let Self::SignIn(SignInRefused::Wait(wait)) = &self {
            response.headers_mut().insert(RETRY_AFTER, seconds(*wait));
        }
        response
    }
}

fn seconds(wait: Duration) -> HeaderValue {
    HeaderValue::from(wait.as_secs() + 1)
}

macro_rules! problem_from {
    ($($source:ty => $variant:ident),* $(,)?) => {$(
        impl From<$source> for Problem {
            fn from(error: $source) -> Self {
                Self::$variant(error)
            }
        }
    )*};
}
problem_from!(
    SignInRefused => SignIn,
    OidcRefused => Oidc,
    OriginDenied => Origin,
    FreezeError => Freeze,
    BridgeError => Bridge,
    CompareError => Compare,
    LoadError => Load,
    StoreError => Store,
);

impl From<Gone> for Problem {
    fn from(_: Gone) -> Self {
        Self::Reopening
    }
}
