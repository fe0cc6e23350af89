//! Signing in with a company's account, against a provider with real HTTP and signed tokens.

mod provider;

use std::collections::HashMap;

use grid_engine::wire::{About, Me, Refusal, Role};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Response, redirect};

use crate::server::Server;
use provider::{CLIENT, Lie, Provider, Says};

const HONEST: Says = Says { subject: "mia", email: "Mia@Plan.Example", is_verified: true, lie: Lie::None };

struct Visit {
    http: Client,
    server: Server,
    provider: Provider,
}

/// Where a browser stands after it was sent to the provider.
struct Begun {
    cookie: String,
    state: String,
    nonce: String,
    challenge: String,
}

impl Visit {
    async fn new(more: &[&str]) -> Self {
        let provider = Provider::start().await;
        let issuer = provider.issuer.clone();
        let args = ["--public-url", "http://plan.example", "--oidc-issuer", &issuer, "--oidc-client-id", CLIENT];
        let server = Server::start_with(&[&args[..], more].concat()).await;
        let http = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
        Self { http, server, provider }
    }

    async fn get(&self, path: &str, cookie: &str) -> Response {
        let url = format!("http://{}{path}", self.server.address);
        self.http.get(url).header(COOKIE, cookie).send().await.unwrap()
    }

    async fn begin(&self) -> Begun {
        let sent = self.get("/api/oidc/begin?to=/workbooks/plan", "").await;
        assert_eq!(sent.status(), 303, "{}", sent.text().await.unwrap());
        let cookie = sent.headers()[SET_COOKIE].to_str().unwrap();
        assert!(cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let url = sent.headers()[LOCATION].to_str().unwrap();
        let (address, query) = url.split_once('?').unwrap();
        assert_eq!(address, format!("{}/authorize", self.provider.issuer));
        let fields: HashMap<&str, &str> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        assert_eq!((fields["response_type"], fields["code_challenge_method"]), ("code", "S256"));
        assert_eq!(fields["redirect_uri"], "http%3A%2F%2Fplan.example%2Fapi%2Foidc%2Fcallback");
        let field = |name: &str| fields[name].to_owned();
        Begun { cookie, state: field("state"), nonce: field("nonce"), challenge: field("code_challenge") }
    }

    async fn come_back(&self, begun: &Begun, code: &str) -> Response {
        self.get(&format!("/api/oidc/callback?code={code}&state={}", begun.state), &begun.cookie).await
    }

    async fn sign_in(&self, says: Says) -> Response {
        let begun = self.begin().await;
        let code = self.provider.consent(&begun.nonce, &begun.challenge, says);
        self.come_back(&begun, &code).await
    }
}

async fn code_of(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    (status, answer.json::<Refusal>().await.unwrap().code)
}

#[tokio::test]
async fn a_person_is_known_by_a_verified_address_and_made_where_the_setting_says_so() {
    let visit = Visit::new(&["--oidc-new-people", "viewer"]).await;
    for _ in 0..2 {
        let back = visit.sign_in(HONEST).await;
        assert_eq!(back.status(), 303, "{}", back.text().await.unwrap());
        assert_eq!(back.headers()[LOCATION], "/workbooks/plan");
        let cookies: Vec<&str> = back.headers().get_all(SET_COOKIE).iter().map(|c| c.to_str().unwrap()).collect();
        let session = cookies.iter().find(|cookie| cookie.starts_with("equipoise_session=")).unwrap();
        let me: Me = visit.get("/api/me", session.split(';').next().unwrap()).await.json().await.unwrap();
        assert_eq!(me.role, Role::Viewer);
    }
    let ada = visit.server.sign_in("ada").await;
    let people = visit.get("/api/people", &ada).await.text().await.unwrap();
    assert_eq!(people.matches("mia@plan.example").count(), 2, "one person, by user and name: {people}");
}

#[tokio::test]
async fn a5_what_the_provider_says_must_be_meant_for_this_sign_in() {
    let visit = Visit::new(&["--oidc-new-people", "viewer"]).await;
    for (lie, code) in [
        (Lie::Nonce, "oidc.nonce"),
        (Lie::Audience, "oidc.aud"),
        (Lie::Issuer, "oidc.iss"),
        (Lie::Expired, "oidc.exp"),
        (Lie::Signature, "oidc.signature"),
    ] {
        let refused = visit.sign_in(Says { lie, ..HONEST }).await;
        assert!(!refused.headers().contains_key(SET_COOKIE));
        assert_eq!(code_of(refused).await, (400, code.to_owned()));
    }
    let unverified = visit.sign_in(Says { is_verified: false, ..HONEST }).await;
    assert_eq!(code_of(unverified).await, (400, "oidc.email".to_owned()));
    // A name that people here go by is no address.
    let named = visit.sign_in(Says { email: "ada", ..HONEST }).await;
    assert_eq!(code_of(named).await, (400, "oidc.email".to_owned()));

    // A code is good once, a state is good once, and only in the browser that began.
    let begun = visit.begin().await;
    let code = visit.provider.consent(&begun.nonce, &begun.challenge, HONEST);
    assert_eq!(visit.come_back(&begun, &code).await.status(), 303);
    assert_eq!(code_of(visit.come_back(&begun, &code).await).await, (400, "oidc.state".to_owned()));
    let other = visit.begin().await;
    assert_eq!(code_of(visit.come_back(&other, &code).await).await, (400, "oidc.code".to_owned()));
    let victim = visit.begin().await;
    let planted = Begun { cookie: String::new(), ..victim };
    let code = visit.provider.consent(&planted.nonce, &planted.challenge, HONEST);
    assert_eq!(code_of(visit.come_back(&planted, &code).await).await, (400, "oidc.state".to_owned()));

    // The code of somebody else's sign-in lacks the proof of this one.
    let (mine, theirs) = (visit.begin().await, visit.begin().await);
    let stolen = visit.provider.consent(&mine.nonce, &theirs.challenge, HONEST);
    assert_eq!(code_of(visit.come_back(&mine, &stolen).await).await, (400, "oidc.code".to_owned()));

    for elsewhere in
        ["https://evil.example", "//evil.example", "/%5Cevil.example", "/%09/evil.example", "/%0A/evil.example", "evil"]
    {
        let refused = visit.get(&format!("/api/oidc/begin?to={elsewhere}"), "").await;
        assert_eq!(code_of(refused).await, (400, "oidc.redirect".to_owned()), "{elsewhere}");
    }
    let denied = visit.get("/api/oidc/callback?error=access_denied&state=x", "").await;
    assert_eq!(code_of(denied).await, (400, "oidc.error".to_owned()));
}

#[tokio::test]
async fn an_account_is_one_persons_whatever_its_address() {
    let visit = Visit::new(&["--oidc-new-people", "viewer"]).await;
    assert_eq!(visit.sign_in(HONEST).await.status(), 303);
    // She married, and is herself still; her old address went to somebody new, who is not she.
    assert_eq!(visit.sign_in(Says { email: "mia.roth@plan.example", ..HONEST }).await.status(), 303);
    let heir = Says { subject: "max", ..HONEST };
    assert_eq!(code_of(visit.sign_in(heir.clone()).await).await, (400, "oidc.sub".to_owned()));
    let ada = visit.server.sign_in("ada").await;
    let people = visit.get("/api/people", &ada).await.text().await.unwrap();
    assert!(!people.contains("mia.roth"), "one person: {people}");

    for disabled in [true, false] {
        let url = format!("http://{}/api/people/mia@plan.example", visit.server.address);
        let put = visit.http.put(url).header(COOKIE, &ada).header("x-equipoise", "1");
        let answer = put.json(&serde_json::json!({ "disabled": disabled })).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }
    assert_eq!(visit.sign_in(heir).await.status(), 303);
}

#[tokio::test]
async fn a5_strangers_stay_outside_where_nobody_is_made() {
    let visit = Visit::new(&[]).await;
    assert_eq!(code_of(visit.sign_in(HONEST).await).await, (400, "oidc.email".to_owned()));
}

#[tokio::test]
async fn the_sign_in_page_is_told_what_is_set_up() {
    let told = |visit: Visit| async move { visit.get("/api/about", "").await.json::<About>().await.unwrap() };
    assert!(told(Visit::new(&[]).await).await.company_accounts);
}
