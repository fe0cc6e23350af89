//! Who someone is and what they may do: sign-in, sessions, and the checks that no other site can act for them.

mod oidc;
mod origin;
mod rights;
mod rights_watch;
mod session;
mod sign_in;
mod throttle;
mod tokens;

pub use oidc::{CALLBACK, Oidc, OidcConfig, OidcRefused};
pub use origin::{OriginDenied, check_origin};
pub use rights::me_of;
pub use rights_watch::RightsWatch;
pub use session::{SESSION_COOKIE, Session, Token, clearing_cookie, session_cookie};
pub use sign_in::{SignIn, SignInRefused};
pub use tokens::{bearer_of, find_bearer, issue_token};
