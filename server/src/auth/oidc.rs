//! Signing in with a company's account: OpenID Connect, by authorization code with PKCE, state and nonce.
//!
//! The provider is asked for its addresses and keys at every sign-in: there are few, and keys change.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use grid_engine::wire::{PersonInfo, PutPerson, Role};
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    TokenResponse,
};

use super::Token;
use crate::store::{Store, StoreError, person_id};

/// Where the provider sends people back to, on this server.
pub const CALLBACK: &str = "/api/oidc/callback";
/// A sign-in must be finished in this time.
const PATIENCE: Duration = Duration::from_secs(600);
/// Sign-ins under way; beyond it the oldest are forgotten.
const UNDER_WAY: usize = 10_000;
/// The provider must answer in this time, with at most so much.
const ANSWER: Duration = Duration::from_secs(10);
const ANSWER_BYTES: u64 = 1 << 20;

/// How people sign in with accounts kept elsewhere.
#[derive(Clone)]
pub struct OidcConfig {
    /// The provider's address, as it calls itself in its tokens.
    pub issuer: String,
    pub client_id: String,
    /// `None` for a client that has none.
    pub client_secret: Option<String>,
    /// The role of people who come for the first time; `None`: only those who were added before may come.
    pub new_people: Option<Role>,
}

impl std::fmt::Debug for OidcConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The secret stays out of logs.
        write!(f, "OidcConfig({} as {}, new people: {:?})", self.issuer, self.client_id, self.new_people)
    }
}

/// Why someone was not let in: what was wrong, as the last part of the code `oidc.…`, and why.
#[derive(Debug, thiserror::Error)]
pub enum OidcRefused {
    #[error("{reason}")]
    Claim { code: &'static str, reason: String },
    #[error("The sign-in provider does not answer as it should: {0}")]
    Provider(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn refused(code: &'static str, reason: impl Into<String>) -> OidcRefused {
    OidcRefused::Claim { code, reason: reason.into() }
}

/// A sign-in on its way.
struct Pending {
    nonce: Nonce,
    verifier: String,
    to: String,
    since: Instant,
}

/// Sign-ins by way of the provider.
pub struct Oidc {
    config: OidcConfig,
    callback: String,
    http: ureq::Agent,
    pending: Mutex<HashMap<String, Pending>>,
}

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

impl Oidc {
    /// Sign-ins of people who reach this server at `public_url`.
    pub fn new(config: OidcConfig, public_url: &str) -> Self {
        let http = ureq::Agent::config_builder()
            .timeout_global(Some(ANSWER))
            // Whoever answers for the provider must not send this server elsewhere.
            .max_redirects(0)
            .http_status_as_error(false)
            .build()
            .into();
        let callback = format!("{}{CALLBACK}", public_url.trim_end_matches('/'));
        Self { config, callback, http, pending: Mutex::default() }
    }

    /// Begins a sign-in that ends at the local address `to`: where to send the browser, and the state it must come back
    /// with. Blocks while the provider is asked.
    ///
    /// # Errors
    /// For a `to` that leads elsewhere, and where the provider does not answer.
    pub fn begin(&self, to: &str) -> Result<(String, String), OidcRefused> {
        // Browsers leave tabs and line breaks out of addresses and read `\` as `/`: what is left would lead elsewhere.
        let is_local =
            to.starts_with('/') && !to.starts_with("//") && !to.contains(|c: char| c == '\\' || c.is_control());
        if !is_local {
            return Err(refused(
                "oidc.redirect",
                "A sign-in ends on a page of this server: an address beginning with /.",
            ));
        }
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = self
            .client()?
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
            .add_scope(Scope::new("email".into()))
            .add_scope(Scope::new("profile".into()))
            .set_pkce_challenge(challenge)
            .url();
        let state = state.into_secret();
        let mut pending = self.pending();
        pending.retain(|_, one| one.since.elapsed() < PATIENCE);
        if pending.len() >= UNDER_WAY {
            let oldest = pending.iter().min_by_key(|(_, one)| one.since).map(|(state, _)| state.clone());
            oldest.and_then(|oldest| pending.remove(&oldest));
        }
        let one = Pending { nonce, verifier: verifier.into_secret(), to: to.to_owned(), since: Instant::now() };
        pending.insert(state.clone(), one);
        Ok((url.into(), state))
    }

    /// Ends a sign-in: who has come, and where to. `cookie` is the state this browser began with. Blocks while the
    /// provider is asked.
    ///
    /// # Errors
    /// See [`OidcRefused`]; a state and a code are good once.
    pub fn finish(
        &self,
        store: &Store,
        code: &str,
        state: &str,
        cookie: Option<&str>,
    ) -> Result<(PersonInfo, String), OidcRefused> {
        if cookie != Some(state) {
            return Err(refused("oidc.state", "This sign-in was not begun in this browser. Begin again."));
        }
        let pending = self.pending().remove(state).filter(|one| one.since.elapsed() < PATIENCE);
        let Some(Pending { nonce, verifier, to, .. }) = pending else {
            return Err(refused("oidc.state", "This sign-in has ended or took too long. Begin again."));
        };
        let client = self.client()?;
        let tokens = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| OidcRefused::Provider(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier))
            .request(&|request| self.fetch(request))
            .map_err(|error| refused("oidc.code", format!("The provider does not accept the code: {error}.")))?;
        let Some(token) = tokens.id_token() else {
            return Err(refused("oidc.id_token", "The provider says nothing of who has come."));
        };
        let claims = token.claims(&client.id_token_verifier(), &nonce).map_err(|error| unfit(&error))?;
        if claims.subject().as_str().is_empty() {
            return Err(refused("oidc.sub", "The provider does not say whose account it is."));
        }
        // People here may go by names without an @: no provider's word lets anyone in by one.
        let address = claims.email().filter(|email| email.contains('@'));
        let (Some(email), Some(true)) = (address, claims.email_verified()) else {
            return Err(refused("oidc.email", "The provider vouches for no e-mail address of yours."));
        };
        let name = claims.name().and_then(|name| name.get(None)).map(|name| name.as_str().to_owned());
        Ok((self.person(store, claims.subject().as_str(), &email.to_ascii_lowercase(), name)?, to))
    }

    /// The person who comes with this account: who came with it before, or who has its address, and comes with no other one from
    /// now on; made where the settings say so.
    fn person(
        &self,
        store: &Store,
        subject: &str,
        email: &str,
        name: Option<String>,
    ) -> Result<PersonInfo, OidcRefused> {
        let issuer = &self.config.issuer;
        let known = store.account(issuer, subject)?;
        let is_meant = |person: &PersonInfo| match known {
            Some(known) => person.person == known,
            None => person.user.eq_ignore_ascii_case(email),
        };
        let person = match (store.people()?.into_iter().find(is_meant), self.config.new_people) {
            (Some(person), _) if person.disabled => {
                return Err(refused("oidc.email", format!("{email} may not sign in here.")));
            }
            (Some(person), _) => person,
            (None, None) => {
                let reason = format!("Nobody here has the address {email}. Have an administrator add you.");
                return Err(refused("oidc.email", reason));
            }
            (None, Some(role)) => {
                // Nobody knows the password: whoever comes this way needs none.
                let password = Some(Token::draw().into_secret());
                let change = PutPerson { name, role: Some(role), password, ..PutPerson::default() };
                store.change_person(email, change, person_id(email))?
            }
        };
        if known.is_none() && !store.tie_account(issuer, subject, person.person)? {
            let reason = format!(
                "{email} has signed in with another account of the provider before. If the address is yours now, have an \
                 administrator disable {email} and enable it again."
            );
            return Err(refused("oidc.sub", reason));
        }
        Ok(person)
    }

    fn client(&self) -> Result<Client, OidcRefused> {
        let trouble = |error: String| OidcRefused::Provider(error);
        let issuer = IssuerUrl::new(self.config.issuer.clone()).map_err(|error| trouble(error.to_string()))?;
        let metadata = CoreProviderMetadata::discover(&issuer, &|request| self.fetch(request))
            .map_err(|error| trouble(with_cause(&error)))?;
        let secret = self.config.client_secret.clone().map(ClientSecret::new);
        let callback = RedirectUrl::new(self.callback.clone()).map_err(|error| trouble(error.to_string()))?;
        let id = ClientId::new(self.config.client_id.clone());
        Ok(CoreClient::from_provider_metadata(metadata, id, secret).set_redirect_uri(callback))
    }

    fn fetch(&self, request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
        let (parts, mut body) = self.http.run(request)?.into_parts();
        let bytes = body.with_config().limit(ANSWER_BYTES).read_to_vec()?;
        Ok(HttpResponse::from_parts(parts, bytes))
    }

    fn pending(&self) -> MutexGuard<'_, HashMap<String, Pending>> {
        // The list is whole after any panic: it is only added to and taken from.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unfit(error: &ClaimsVerificationError) -> OidcRefused {
    let code = match error {
        ClaimsVerificationError::InvalidNonce(_) => "oidc.nonce",
        ClaimsVerificationError::InvalidAudience(_) => "oidc.aud",
        ClaimsVerificationError::InvalidIssuer(_) => "oidc.iss",
        ClaimsVerificationError::Expired(_) => "oidc.exp",
        ClaimsVerificationError::InvalidSubject(_) => "oidc.sub",
        ClaimsVerificationError::SignatureVerification(_) => "oidc.signature",
        _ => "oidc.id_token",
    };
    refused(code, format!("The provider's word is not accepted: {error}."))
}

fn with_cause(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
