//! How a server is set up.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::auth::OidcConfig;

/// The settings of one server.
#[derive(Clone, Debug)]
pub struct Config {
    pub data: PathBuf,
    /// Port 0 picks a free one.
    pub listen: SocketAddr,
    /// Where people reach the server, e.g. `https://plan.example`, when that differs from the host they ask.
    pub public_url: Option<String>,
    /// Sockets open at once from one address; behind a proxy everyone has the proxy's.
    pub sockets_per_address: usize,
    /// A workbook nobody has open for this long is forgotten until the next one comes.
    pub idle: Duration,
    /// Sign-in with accounts kept elsewhere; needs `public_url`.
    pub oidc: Option<OidcConfig>,
    /// The program started for jobs, with the argument `job`.
    pub job_program: PathBuf,
}

impl Config {
    /// Whether people reach the server over TLS: cookies are then marked so that nothing else carries them.
    pub fn is_secure(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }
}
