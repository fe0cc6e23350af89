//! A small OpenID provider on a port of its own: it keeps codes, checks PKCE, signs with RSA, and lies where told to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use openidconnect::core::{
    CoreIdToken, CoreIdTokenClaims, CoreJsonWebKeySet, CoreJwsSigningAlgorithm, CoreRsaPrivateSigningKey,
};
use openidconnect::{
    Audience, EmptyAdditionalClaims, EndUserEmail, IssuerUrl, JsonWebKeyId, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    PrivateSigningKey, StandardClaims, SubjectIdentifier,
};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

pub const CLIENT: &str = "equipoise";

/// What the provider says of who has come, and what of it is not so.
#[derive(Clone)]
pub struct Says {
    /// The account, whatever its address.
    pub subject: &'static str,
    pub email: &'static str,
    pub is_verified: bool,
    pub lie: Lie,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Lie {
    None,
    Nonce,
    Audience,
    Issuer,
    Expired,
    /// Signed with a key that is not the provider's.
    Signature,
}

struct Code {
    nonce: String,
    challenge: String,
    says: Says,
}

#[derive(Clone)]
pub struct Provider {
    pub issuer: String,
    codes: Arc<Mutex<HashMap<String, Code>>>,
}

impl Provider {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let provider = Self { issuer, codes: Arc::default() };
        let answering = provider.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answering.clone().answer(stream));
            }
        });
        provider
    }

    /// Somebody has signed in there: the code to go back with.
    pub fn consent(&self, nonce: &str, challenge: &str, says: Says) -> String {
        let mut codes = self.codes.lock().unwrap();
        let code = format!("code-{}", codes.len());
        codes.insert(code.clone(), Code { nonce: nonce.to_owned(), challenge: challenge.to_owned(), says });
        code
    }

    async fn answer(self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        let (mut first, mut length) = (String::new(), 0);
        stream.read_line(&mut first).await.unwrap();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await.unwrap();
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.unwrap();
        let (status, answer) = match first.split(' ').nth(1).unwrap() {
            "/.well-known/openid-configuration" => (200, self.metadata()),
            "/keys" => {
                let keys = CoreJsonWebKeySet::new(vec![key(false).as_verification_key()]);
                (200, serde_json::to_value(keys).unwrap())
            }
            "/token" => self.token(&String::from_utf8(body).unwrap()),
            _ => (404, json!({})),
        };
        let text = answer.to_string();
        let head = format!(
            "HTTP/1.1 {status} OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            text.len()
        );
        let _ = stream.write_all((head + &text).as_bytes()).await;
    }

    fn metadata(&self) -> serde_json::Value {
        let at = |path: &str| format!("{}/{path}", self.issuer);
        json!({
            "issuer": self.issuer,
            "authorization_endpoint": at("authorize"),
            "token_endpoint": at("token"),
            "jwks_uri": at("keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        })
    }

    fn token(&self, form: &str) -> (u16, serde_json::Value) {
        let field = |name: &str| {
            form.split('&')
                .find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name))
                .map(|(_, value)| value)
        };
        let code = self.codes.lock().unwrap().remove(field("code").unwrap());
        let verifier = PkceCodeVerifier::new(field("code_verifier").unwrap().to_owned());
        let proof = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        let Some(code) = code.filter(|code| code.challenge == proof.as_str()) else {
            return (400, json!({ "error": "invalid_grant" }));
        };
        let token = self.id_token(&code);
        (200, json!({ "access_token": "none", "token_type": "Bearer", "expires_in": 60, "id_token": token }))
    }

    fn id_token(&self, code: &Code) -> CoreIdToken {
        let Says { subject, email, is_verified, lie } = code.says.clone();
        let or = |this: Lie, lied: &str, honest: &str| if lie == this { lied.to_owned() } else { honest.to_owned() };
        let now = SystemTime::now();
        let expires = if lie == Lie::Expired { now - Duration::from_secs(3600) } else { now + Duration::from_secs(60) };
        let claims = StandardClaims::new(SubjectIdentifier::new(subject.into()))
            .set_email(Some(EndUserEmail::new(email.into())))
            .set_email_verified(Some(is_verified));
        let claims = CoreIdTokenClaims::new(
            IssuerUrl::new(or(Lie::Issuer, "http://127.0.0.1:1/other", &self.issuer)).unwrap(),
            vec![Audience::new(or(Lie::Audience, "another client", CLIENT))],
            expires.into(),
            now.into(),
            claims,
            EmptyAdditionalClaims {},
        )
        .set_nonce(Some(Nonce::new(or(Lie::Nonce, "another sign-in", &code.nonce))));
        let algorithm = CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256;
        CoreIdToken::new(claims, &key(lie == Lie::Signature), algorithm, None, None).unwrap()
    }
}

/// Keys of these tests alone.
fn key(is_foreign: bool) -> CoreRsaPrivateSigningKey {
    let pem = if is_foreign { include_str!("foreign_key.pem") } else { include_str!("provider_key.pem") };
    CoreRsaPrivateSigningKey::from_pem(pem, Some(JsonWebKeyId::new("first".into()))).unwrap()
}
