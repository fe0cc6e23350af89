//! Who may come in: sessions, origins, guesses and names, by the rows of the list of bad inputs.

use equipoise_server::auth::{Session, Token, session_cookie};
use equipoise_server::clock::now_ms;
use equipoise_server::store::{Store, person_id};
use grid_engine::wire::Refusal;
use reqwest::header::{RETRY_AFTER, SET_COOKIE};
use reqwest::{Method, Response};
use serde_json::json;

use crate::peer::connect;
use crate::plan::{PASSWORD, part};
use crate::server::{PATIENCE, Server};

async fn code_of(answer: Response) -> (u16, String, String) {
    let status = answer.status().as_u16();
    let Refusal { code, message } = answer.json().await.unwrap();
    (status, code, message)
}

#[tokio::test]
async fn a1_without_a_session_no_socket_opens_and_an_ended_one_closes_it() {
    let server = Server::start().await;
    let origin = format!("http://{}", server.address);
    let paths = ["/live/plan".to_owned(), "/sync/plan".to_owned(), format!("/sync/plan/{}", part("North"))];
    let unknown = format!("equipoise_session={}", "a".repeat(64));
    for path in &paths {
        for cookie in ["", "equipoise_session=short", unknown.as_str()] {
            let (status, code, _) = code_of(server.ask_for_socket(path, cookie, Some(&origin)).await).await;
            assert_eq!((status, code.as_str()), (401, "auth.required"), "{path} with {cookie:?}");
        }
    }
    // A session of a moment: it opens a socket, ends, and the socket with it.
    let (store, token, now) = (Store::open(server.folder()).unwrap(), Token::draw(), now_ms());
    assert!(Session::ends_at(now) > now);
    store.put_session(token.hash(), person_id("dan"), now, now + 4000).await.unwrap();
    let cookie = session_cookie(&token, false);
    let cookie = cookie.split(';').next().unwrap();
    let mut socket = connect(&server, &paths[0], cookie).await.unwrap();
    use futures_util::StreamExt;
    let closed = async {
        while let Some(Ok(message)) = socket.next().await {
            if let tokio_tungstenite::tungstenite::Message::Close(Some(frame)) = message {
                return (u16::from(frame.code), frame.reason.to_string());
            }
        }
        panic!("no farewell");
    };
    let closed = tokio::time::timeout(PATIENCE, closed).await.unwrap();
    assert_eq!(closed, (4401, "auth.required".to_owned()));
    let (status, code, _) = code_of(server.ask_for_socket(&paths[0], cookie, Some(&origin)).await).await;
    assert_eq!((status, code.as_str()), (401, "auth.required"));
}

#[tokio::test]
async fn a2_foreign_origin_is_refused_naming_the_setting() {
    let server = Server::start().await;
    let cookie = server.sign_in("dan").await;
    let own = format!("http://{}", server.address);
    let longer = format!("{own}.evil.example");
    for path in ["/live/plan", "/sync/plan"] {
        for origin in [None, Some("null"), Some("https://evil.example"), Some(longer.as_str())] {
            let (status, code, message) = code_of(server.ask_for_socket(path, &cookie, origin).await).await;
            assert_eq!((status, code.as_str()), (403, "origin.denied"), "{origin:?}");
            assert!(message.contains("--public-url"), "{message}");
        }
        assert_eq!(server.ask_for_socket(path, &cookie, Some(&own)).await.status(), 101);
    }
    let login = json!({ "user": "dan", "password": PASSWORD });
    let from_afar = server.request(Method::POST, "/api/login", "").header("origin", "https://evil.example");
    let (status, code, _) = code_of(from_afar.json(&login).send().await.unwrap()).await;
    assert_eq!((status, code.as_str()), (403, "origin.denied"));
}

#[tokio::test]
async fn a2_the_public_address_is_an_origin() {
    let server = Server::start_with(&["--public-url", "http://plan.example"]).await;
    let cookie = server.sign_in("dan").await;
    assert_eq!(server.ask_for_socket("/live/plan", &cookie, Some("http://plan.example")).await.status(), 101);
    assert_eq!(server.ask_for_socket("/live/plan", &cookie, Some("http://plan.example.org")).await.status(), 403);
}

#[tokio::test]
async fn a4_guessing_is_slowed_whether_the_name_exists_or_not() {
    let server = Server::start().await;
    for user in ["nora", "nobody"] {
        let guess = |password: &str| {
            let login = json!({ "user": user, "password": password });
            server.request(Method::POST, "/api/login", "").json(&login).send()
        };
        for _ in 0..5 {
            let (status, code, message) = code_of(guess("wrong").await.unwrap()).await;
            assert_eq!((status, code.as_str()), (401, "login.wrong"), "{user}");
            assert!(!message.contains(user), "it says nothing of the name: {message}");
        }
        let waits = guess(PASSWORD).await.unwrap();
        let seconds: u64 = waits.headers()[RETRY_AFTER].to_str().unwrap().parse().unwrap();
        assert!(seconds >= 1);
        let (status, code, _) = code_of(waits).await;
        assert_eq!((status, code.as_str()), (429, "login.throttled"), "{user}: even the right one waits");
    }
    server.sign_in("dan").await;
}

#[tokio::test]
async fn a7_cookies_are_bound_to_the_host_and_never_taken_from_outside() {
    let server = Server::start_with(&["--public-url", "https://plan.example"]).await;
    let planted = format!("__Host-equipoise_session={}", "b".repeat(64));
    let login = json!({ "user": "dan", "password": PASSWORD });
    let answer = server.request(Method::POST, "/api/login", &planted).json(&login).send().await.unwrap();
    let cookie = answer.headers()[SET_COOKIE].to_str().unwrap().to_owned();
    for part in ["__Host-equipoise_session=", "; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    let own = cookie.split(';').next().unwrap();
    assert_ne!(own, planted, "a session is drawn at sign-in, not brought along");
    assert_eq!(server.get("/api/me", &planted).await.status(), 401);
    assert_eq!(server.get("/api/me", own).await.status(), 200);
    let without_prefix = own.strip_prefix("__Host-").unwrap();
    assert_eq!(server.get("/api/me", without_prefix).await.status(), 401, "a cookie any page of the host could set");
}

#[tokio::test]
async fn c4_names_that_lead_elsewhere_or_look_alike_are_refused() {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    for path in [
        "/api/workbooks/..%2F..%2Fequipoise/facts",
        "/api/workbooks/plan'%20OR%201=1--/facts",
        "/api/workbooks/plan/facts/..%2F..%2Fetc/passwd",
        "/api/workbooks/plan/versions/%00/summary",
        "/..%2F..%2Fequipoise.db",
        "/assets/..%2F..%2F..%2Fetc%2Fpasswd.js",
    ] {
        let answer = server.get(path, &ada).await;
        assert!(answer.status().is_client_error(), "{path}: {}", answer.status());
    }
    let injected = json!({ "user": "x' OR '1'='1", "password": "x' OR '1'='1" });
    let answer = server.request(Method::POST, "/api/login", "").json(&injected).send().await.unwrap();
    assert_eq!(answer.status(), 401);
    let put = async |user: &str, name: &str| {
        let new = json!({ "name": name, "role": "viewer", "password": "correct horse" });
        let path = format!("/api/people/{user}");
        let answer = server.request(Method::PUT, &path, &ada).json(&new).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let long = "n".repeat(65);
    for (user, name) in [
        (long.as_str(), "Long"),
        ("n%C3%B6ra", "Umlaut"),
        // A Cyrillic letter that looks like the Latin one.
        ("n%D0%BEra", "Nora"),
        ("NORA", "Nora"),
        ("..%2Fnora", "Path"),
        ("new", "No\u{200b}ra"),
        ("new", &"x".repeat(201)),
    ] {
        let (status, said) = put(user, name).await;
        assert_eq!(status, 422, "{user} {name}: {said}");
        assert!(said.contains("request.invalid"), "{said}");
    }
    let (status, said) = put("new", "'); DROP TABLE people; --").await;
    assert_eq!(status, 200, "a text is a text: {said}");
    let people = server.get("/api/people", &ada).await.text().await.unwrap();
    assert!(people.contains("DROP TABLE people") && people.contains("nora"), "{people}");
}
