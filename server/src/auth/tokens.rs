//! Personal access tokens: what a script signs in with.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use grid_engine::refs::Id;
use grid_engine::value::is_unseen;
use grid_engine::wire::{IssuedToken, NewToken, TokenInfo};
use sha2::{Digest, Sha256};

use super::{Session, me_of};
use crate::clock::now_ms;
use crate::store::{Store, StoreError};

/// What secrets begin with, so that people and scanners know one when they see it.
const PREFIX: &str = "eqp_";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const LONGEST_DAYS: u32 = 366;
const MAX_NAME: usize = 100;
/// Tokens of one person.
const MAX_TOKENS: usize = 20;

/// The hash of the token a request carries.
pub fn bearer_of(headers: &HeaderMap) -> Option<[u8; 32]> {
    let (scheme, secret) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let is_ours = scheme.eq_ignore_ascii_case("bearer") && secret.starts_with(PREFIX);
    is_ours.then(|| Sha256::digest(secret.trim().as_bytes()).into())
}

/// Who a token stands for; `None` for an unknown or expired one.
///
/// # Errors
/// When the store cannot be read.
pub fn find_bearer(store: &Store, hash: [u8; 32]) -> Result<Option<Session>, StoreError> {
    let person = store.token_person(&hash, now_ms())?;
    Ok(person.map(|person| Session { me: me_of(person), token_hash: hash, is_bearer: true }))
}

/// Issues a token to the person of a session.
///
/// # Errors
/// [`StoreError::Invalid`] for a name or term that cannot be, or one token too many.
pub async fn issue_token(store: &Store, session: &Session, new: NewToken) -> Result<IssuedToken, StoreError> {
    let invalid = |text: String| Err(StoreError::Invalid(text));
    if new.name.trim().is_empty() || new.name.len() > MAX_NAME {
        return invalid(format!("a token's name has 1 to {MAX_NAME} bytes"));
    }
    if new.name.chars().any(is_unseen) {
        return Err(StoreError::Unfit("a token's name has no control or invisible characters".to_owned()));
    }
    if !(1..=LONGEST_DAYS).contains(&new.days) {
        return invalid(format!("a token is good for 1 to {LONGEST_DAYS} days, not {}", new.days));
    }
    if store.tokens(session.me.person)?.len() >= MAX_TOKENS {
        return invalid(format!("you have {MAX_TOKENS} tokens already; end one first"));
    }
    let bytes: [u8; 32] = rand::random();
    let secret = bytes.iter().fold(PREFIX.to_owned(), |text, byte| format!("{text}{byte:02x}"));
    let now = now_ms();
    let expires_at = now + i64::from(new.days) * DAY_MS;
    let token = TokenInfo { id: Id::from_number(rand::random()), name: new.name, created_at: now, expires_at };
    let hash = Sha256::digest(secret.as_bytes()).into();
    store.put_token(session.me.person, hash, token.clone()).await?;
    store.note(now, session.me.person, "token", format!("{} {}", token.id, token.name)).await?;
    Ok(IssuedToken { token, secret })
}
