//! Sessions: a random token in a cookie, its hash in the store.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use grid_engine::wire::Me;
use sha2::{Digest, Sha256};

use super::me_of;
use crate::clock::now_ms;
use crate::store::{Store, StoreError};

/// A working day and the evening after it.
const LASTS_SECONDS: i64 = 14 * 60 * 60;
pub const SESSION_COOKIE: &str = "equipoise_session";
/// With this prefix browsers take the cookie only over TLS and from this very host.
const SECURE_NAME: &str = "__Host-equipoise_session";

/// The secret of a session: 256 random bits, in hex.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A fresh one, drawn at every sign-in.
    pub fn draw() -> Self {
        let bytes: [u8; 32] = rand::random();
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// What the store knows of it.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// The secret itself.
    pub fn into_secret(self) -> String {
        self.0
    }

    /// The token a request carries.
    pub fn of(headers: &HeaderMap, secure: bool) -> Option<Self> {
        let name = cookie_name(secure);
        let cookies = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        cookies
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(found, value)| *found == name && value.len() == 64)
            .map(|(_, value)| Self(value.to_owned()))
    }
}

/// A signed-in person on one request.
#[derive(Clone)]
pub struct Session {
    pub me: Me,
    pub token_hash: [u8; 32],
    /// Signed in by a personal access token, not by a cookie.
    pub is_bearer: bool,
}

impl Session {
    /// The session a token stands for; `None` for an unknown or expired one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn find(store: &Store, token_hash: [u8; 32]) -> Result<Option<Self>, StoreError> {
        let found = store.session(&token_hash, now_ms())?;
        Ok(found.map(|(person, _)| Self { me: me_of(person), token_hash, is_bearer: false }))
    }

    /// The same session as it stands now; `None` where it has ended.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn again(&self, store: &Store) -> Result<Option<Self>, StoreError> {
        if self.is_bearer { super::find_bearer(store, self.token_hash) } else { Self::find(store, self.token_hash) }
    }

    /// When a session that begins at `now` ends, both in milliseconds since 1970.
    pub fn ends_at(now: i64) -> i64 {
        now + LASTS_SECONDS * 1000
    }
}

/// The cookie of a new session.
pub fn session_cookie(token: &Token, secure: bool) -> String {
    cookie(&token.0, LASTS_SECONDS, secure)
}

/// The cookie that ends one.
pub fn clearing_cookie(secure: bool) -> String {
    cookie("", 0, secure)
}

fn cookie_name(secure: bool) -> &'static str {
    if secure { SECURE_NAME } else { SESSION_COOKIE }
}

fn cookie(value: &str, seconds: i64, secure: bool) -> String {
    let name = cookie_name(secure);
    let secure = if secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::NewPerson;
    use grid_engine::wire::Role;

    fn headers(cookie: &str) -> HeaderMap {
        HeaderMap::from_iter([(COOKIE, cookie.parse().unwrap())])
    }

    #[test]
    fn a_cookie_comes_back_as_its_token() {
        for secure in [false, true] {
            let token = Token::draw();
            let cookie = session_cookie(&token, secure);
            assert_eq!(cookie.contains("Secure"), secure);
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
            let sent = format!("theme=dark; {}", cookie.split(';').next().unwrap());
            assert_eq!(Token::of(&headers(&sent), secure).unwrap().hash(), token.hash());
            assert!(Token::of(&headers(&sent), !secure).is_none(), "a cookie set without TLS counts for nothing");
        }
    }

    #[test]
    fn the_store_never_sees_the_token() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let person = store
            .put_person(NewPerson {
                user: "eva".into(),
                password: "known to her".into(),
                name: "Eva".into(),
                title: String::new(),
                role: Role::Executive,
                scope: vec![],
                colour: "#333".into(),
                demo_password_shown: false,
            })
            .unwrap();
        let token = Token::draw();
        let now = now_ms();
        store.put_session(token.hash(), person, now, Session::ends_at(now)).wait().unwrap();
        let session = Session::find(&store, token.hash()).unwrap().unwrap();
        assert!(!session.me.may_read_live && session.me.may_mark_consensus && !session.me.may_freeze);
        assert!(Session::find(&store, Token::draw().hash()).unwrap().is_none());
        assert!(store.session(&token.hash(), Session::ends_at(now)).unwrap().is_none(), "expired");
        let wal = std::fs::read(folder.path().join("equipoise.db-wal")).unwrap();
        assert!(!wal.windows(64).any(|window| window == token.0.as_bytes()));
        store.end_session(token.hash()).wait().unwrap();
        assert!(Session::find(&store, token.hash()).unwrap().is_none());
    }
}
