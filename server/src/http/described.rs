//! The description of all routes, as OpenAPI 3.1 for programs and as a page for people.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use axum::Extension;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::api::{Said, Who};
use super::schemas::{reference, schemas};
use crate::auth::SESSION_COOKIE;
use crate::functions::page::STYLE;

/// Both forms, made once.
pub(super) struct Described {
    json: String,
    page: String,
}

impl Described {
    pub fn of(said: &[Said]) -> Self {
        Self { json: description(said).to_string(), page: page_of(said) }
    }
}

/// `GET /api/openapi.json`
pub(super) async fn json(Extension(described): Extension<Arc<Described>>) -> Response {
    ([(CONTENT_TYPE, "application/json")], described.json.clone()).into_response()
}

/// `GET /help/api`
pub(super) async fn page(Extension(described): Extension<Arc<Described>>) -> Html<String> {
    Html(described.page.clone())
}

/// What a sentence says.
#[derive(Debug, Default, PartialEq)]
struct Words {
    summary: &'static str,
    asks: Vec<&'static str>,
    takes: Option<&'static str>,
    gives: &'static str,
    fails: Vec<&'static str>,
    /// Parts that say nothing known.
    strange: Vec<&'static str>,
}

impl Words {
    fn read(words: &'static str) -> Self {
        let mut parts = words.split('|').map(str::trim);
        let mut read = Self { summary: parts.next().unwrap_or_default(), gives: "nothing", ..Self::default() };
        for part in parts {
            match part.split_once(' ') {
                Some(("asks", names)) => read.asks = names.split_whitespace().collect(),
                Some(("takes", what)) => read.takes = Some(what),
                Some(("gives", what)) => read.gives = what,
                Some(("fails", codes)) => read.fails = codes.split_whitespace().collect(),
                _ => read.strange.push(part),
            }
        }
        read
    }
}

/// Every code of a refusal and its status, or its two.
const STATUSES: [(&str, u16); 43] = [
    ("acl.denied", 403),
    ("alert.owner", 422),
    ("auth.required", 401),
    ("bridge.impossible", 422),
    ("compare.impossible", 422),
    ("conflict", 409),
    ("csrf", 403),
    ("exists", 409),
    ("login.throttled", 429),
    ("login.wrong", 401),
    ("not_found", 404),
    ("not_ready", 503),
    ("oidc.aud", 400),
    ("oidc.code", 400),
    ("oidc.email", 400),
    ("oidc.error", 400),
    ("oidc.exp", 400),
    ("oidc.iss", 400),
    ("oidc.nonce", 400),
    ("oidc.provider", 502),
    ("oidc.redirect", 400),
    ("oidc.signature", 400),
    ("oidc.state", 400),
    ("oidc.sub", 400),
    ("origin.denied", 403),
    ("request.invalid", 422),
    ("request.malformed", 400),
    ("request.method", 405),
    ("request.too_large", 413),
    ("room.full", 503),
    ("server.restart", 503),
    ("store.failed", 500),
    // While nothing can be written at all.
    ("store.failed", 503),
    ("store.full", 507),
    ("store.restored", 409),
    ("version.engine", 409),
    ("version.frozen", 403),
    ("version.frozen", 405),
    ("version.name", 409),
    ("version.pending", 409),
    ("version.unsolved", 409),
    ("workbook.reopening", 503),
    ("workbook.unreadable", 503),
];

/// The description of all routes, as OpenAPI 3.1.
fn description(said: &[Said]) -> Value {
    let mut paths = Map::new();
    for route in said {
        let path = paths.entry(route.path.clone()).or_insert_with(|| json!({}));
        path[route.method] = operation(route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Equipoise",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "The planning server's requests. What people enter goes over the sockets.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": {
                "session": {
                    "type": "apiKey", "in": "cookie", "name": SESSION_COOKIE,
                    "description": "Set by POST /api/login; over TLS its name begins with __Host-. Requests that \
                        change something carry the header x-equipoise: 1 as well.",
                },
                "token": { "type": "http", "scheme": "bearer", "description": "A personal access token." },
            },
        },
    })
}

fn operation(route: &Said) -> Value {
    let words = Words::read(route.words);
    let mut codes = words.fails.clone();
    let changes = route.method != "get";
    if route.who != Who::Everyone {
        codes.extend(["auth.required", "store.failed"]);
    }
    if route.who == Who::WholePlan {
        codes.push("acl.denied");
    }
    if changes {
        codes.extend(["csrf", "origin.denied"]);
    }
    if words.takes.is_some() {
        codes.push("request.too_large");
    }
    let takes_json = words.takes.is_some_and(|what| !what.starts_with("file"));
    if takes_json || !words.asks.is_empty() || route.path.contains('{') {
        codes.push("request.malformed");
    }
    if route.path.contains('{') {
        codes.push("not_found");
    }
    let named = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let in_path = named.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": text() }));
    let in_query = words.asks.iter().map(|name| {
        let required = !name.ends_with('?');
        json!({ "name": name.trim_end_matches('?'), "in": "query", "required": required, "schema": text() })
    });
    let header = changes.then(|| {
        let meaning = "1; not needed with a token";
        json!({ "name": "x-equipoise", "in": "header", "required": false, "schema": text(), "description": meaning })
    });
    let mut operation = json!({
        "summary": words.summary,
        "parameters": in_path.chain(in_query).chain(header).collect::<Vec<_>>(),
        "responses": responses(&words, &codes),
        "security": match route.who {
            Who::Everyone => json!([]),
            Who::SignedIn | Who::WholePlan => json!([{ "session": [] }, { "token": [] }]),
        },
    });
    if let Some(takes) = words.takes {
        operation["requestBody"] = json!({ "required": true, "content": content(takes) });
    }
    operation
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn responses(words: &Words, codes: &[&str]) -> Value {
    let mut responses = Map::new();
    let done = match words.gives {
        "nothing" => json!({ "description": "Done." }),
        "socket" => json!({ "description": "The connection becomes a WebSocket." }),
        gives => json!({ "description": "The answer.", "content": content(gives) }),
    };
    responses.insert(if words.gives == "socket" { "101" } else { "200" }.to_owned(), done);
    let mut by_status: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for code in codes {
        for (_, status) in STATUSES.iter().filter(|(known, _)| known == code) {
            let known = by_status.entry(*status).or_default();
            if !known.contains(code) {
                known.push(code);
            }
        }
    }
    for (status, codes) in by_status {
        let refusal = json!({ "application/json": { "schema": reference("Refusal") } });
        responses.insert(status.to_string(), json!({ "description": codes.join(", "), "content": refusal }));
    }
    Value::Object(responses)
}

fn content(what: &str) -> Value {
    match what.strip_prefix("file ") {
        Some(kinds) => kinds.split(' ').map(|kind| (kind.to_owned(), json!({}))).collect(),
        None => json!({ "application/json": { "schema": reference(what) } }),
    }
}

/// The page: what the description says, one request after the other.
fn page_of(said: &[Said]) -> String {
    let mut out = String::from("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    out.push_str(
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><link rel=\"icon\" href=\"data:,\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>Requests · Equipoise</title><script>\
         try{const t=localStorage.getItem(\"equipoise.theme\");if(t)document.documentElement.dataset.theme=t}catch{}\
         </script>",
    );
    // Writing to a string does not fail.
    let _ = write!(out, "<style>{}\n{}</style></head><body>", STYLE.join("\n"), include_str!("described.css"));
    out.push_str(
        "<header><h1>Requests</h1><p>What programs may ask of this server, with a session’s cookie or an access token \
         (<code>Authorization: Bearer …</code>, made under your name in the interface). The same for programs: \
         <a href=\"/api/openapi.json\">openapi.json</a> (OpenAPI 3.1).</p></header><main class=\"requests\">",
    );
    for route in said {
        let words = Words::read(route.words);
        let (method, path) = (route.method.to_uppercase(), escaped(&route.path));
        let _ = write!(out, "<section><h2><code>{method} {path}</code></h2><p>{}.", escaped(words.summary));
        let mut also = |name: &str, what: &str| {
            if !what.is_empty() {
                let _ = write!(out, " <span>{name}</span> <code>{}</code>", escaped(what));
            }
        };
        also("asks", &words.asks.join(" "));
        also("takes", words.takes.unwrap_or_default());
        also("gives", words.gives);
        also("may fail with", &words.fails.join(" "));
        out.push_str("</p></section>");
    }
    out.push_str("</main></body></html>");
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::http::status::Problem;

    #[test]
    fn a_sentence_says_what_goes_in_and_out() {
        let words = Words::read("Signs in | asks a b? | takes Login | gives Me | fails login.wrong csrf");
        let expected = Words {
            summary: "Signs in",
            asks: vec!["a", "b?"],
            takes: Some("Login"),
            gives: "Me",
            fails: vec!["login.wrong", "csrf"],
            strange: Vec::new(),
        };
        assert_eq!(words, expected);
        assert_eq!(Words::read("Ends it | yields Me").strange, ["yields Me"]);
    }

    #[test]
    fn every_code_has_the_status_it_is_answered_with() {
        for problem in Problem::some_of_each() {
            let (status, code, _) = problem.parts();
            let known = STATUSES.contains(&(code, status.as_u16()));
            assert!(known || status.as_u16() == 500, "{code}: {status}");
        }
    }

    /// What a request's schema asks for is what its type asks for.
    #[test]
    fn bodies_are_read_as_they_are_described() {
        use grid_engine::plan::{AlertRule, Cycle, NewBranch, ProposeScenario, SetVersionState, SettleBranch};
        use grid_engine::wire::{FreezeVersion, Login, NewLock, NewToken, PutPerson};
        fn check<T: serde::de::DeserializeOwned>(name: &str, given: &Value) {
            let schema = &schemas()[name];
            let described: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
            assert_eq!(described, given.as_object().unwrap().keys().collect::<Vec<_>>(), "{name}");
            serde_json::from_value::<T>(given.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
            for (field, _) in given.as_object().unwrap() {
                let mut less = given.clone();
                less.as_object_mut().unwrap().remove(field);
                let is_required = schema["required"].as_array().unwrap().contains(&Value::from(field.as_str()));
                let reads = serde_json::from_value::<T>(less).is_ok();
                // What may be left out for convenience of our own pages is asked of others all the same.
                assert!(reads || is_required, "{name}.{field} is required and not said to be");
            }
        }
        check::<Login>("Login", &json!({ "user": "ada", "password": "x" }));
        check::<PutPerson>(
            "PutPerson",
            &json!({ "name": "Ada", "title": "", "role": "admin", "scope": [], "colour": "#345", "password": "x",
                "disabled": false }),
        );
        check::<NewToken>("NewToken", &json!({ "name": "erp", "days": 30 }));
        check::<NewLock>("NewLock", &json!({ "sheet": "demand", "rows": "all", "cols": [], "why": "" }));
        check::<FreezeVersion>("FreezeVersion", &json!({ "name": "A", "kind": "demand", "comment": "" }));
        check::<SetVersionState>("SetVersionState", &json!({ "state": "approved", "comment": "" }));
        check::<NewBranch>("NewBranch", &json!({ "name": "A", "comment": "", "version": null }));
        check::<SettleBranch>("SettleBranch", &json!({ "settled": [], "layers": true }));
        let scenario = json!({ "demand": "a", "supply": "b", "cost": "c" });
        check::<ProposeScenario>("ProposeScenario", &json!({ "scenario": scenario, "name": "A", "comment": "" }));
        check::<AlertRule>(
            "AlertRule",
            &json!({ "name": "A", "by": "", "when": "a < 1", "until": "", "severity": "warning", "owner": "" }),
        );
        let steps = json!([{ "kind": "demand", "owner": "", "due": "", "done": null }]);
        check::<Cycle>(
            "Cycle",
            &json!({ "month": "2026-11", "steps": steps, "agenda": "", "minutes": "", "decisions": [], "revision": 1 }),
        );
    }
}
