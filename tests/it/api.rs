//! The description of the API is true: of every route, and of what answers hold.

use reqwest::Method;
use serde_json::{Value, json};

use crate::plan::override_of;
use crate::server::Server;

async fn described(server: &Server) -> Value {
    let answer = server.get("/api/openapi.json", "").await;
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

/// A path with something in every place.
fn filled(path: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { "x".to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn what_is_described_is_there_and_nothing_else_is() {
    let server = Server::start().await;
    let description = described(&server).await;
    assert_eq!(description["openapi"], "3.1.0");
    let ada = server.sign_in("ada").await;
    let paths = description["paths"].as_object().unwrap();
    assert!(paths.len() > 45, "{}", paths.len());
    for (path, said) in paths {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let operation = &said[method.as_str().to_lowercase()];
            // What is not there is told to who may ask for what is.
            let cookie = if operation.is_null() { ada.as_str() } else { "" };
            let answer = server.request(method.clone(), &filled(path), cookie).send().await.unwrap();
            let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
            if operation.is_null() {
                let is_socket = !said["get"]["responses"]["101"].is_null();
                assert!(status == 405 || is_socket, "{method} {path} is not described and answers {status}");
                continue;
            }
            assert!(
                status != 405 && !text.contains("no this address"),
                "{method} {path} is not there: {status} {text}"
            );
            let protected = operation["security"].as_array().unwrap().len() == 2;
            let is_known = !operation["responses"][status.to_string()].is_null() || status == 303 || status == 426;
            assert!(is_known || status == 400, "{method} {path} answers {status}, which is not described: {text}");
            if protected && status != 400 && status != 426 {
                assert_eq!(status, 401, "{method} {path} takes no session");
                assert!(text.contains("auth.required"), "{text}");
            }
            let in_path = operation["parameters"].as_array().unwrap().iter().filter(|it| it["in"] == "path").count();
            assert_eq!(in_path, path.matches('{').count(), "{path}");
        }
    }
    let page = server.get("/help/api", "").await.text().await.unwrap();
    assert!(page.contains("/api/openapi.json") && paths.keys().all(|path| page.contains(path.as_str())));
}

/// Where a value is not as a schema says.
fn mismatch(all: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
        let schema = &all[name];
        return if schema.is_null() {
            Some(format!("{name} is not described"))
        } else {
            mismatch(all, schema, value, at)
        };
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let wrong: Vec<_> = any.iter().map(|one| mismatch(all, one, value, at)).collect();
        return if wrong.contains(&None) { None } else { wrong.into_iter().next().flatten() };
    }
    if let Some(words) = schema["enum"].as_array() {
        return (!words.contains(value)).then(|| format!("{at}: {value} is none of {words:?}"));
    }
    let is_of_type = match schema["type"].as_str() {
        Some("string") => value.is_string(),
        Some("number") => value.is_number(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => true,
    };
    if !is_of_type {
        return Some(format!("{at}: {value} is no {}", schema["type"]));
    }
    if let Some(properties) = schema["properties"].as_object() {
        let required = schema["required"].as_array().unwrap().iter().filter_map(Value::as_str);
        let missing = required.filter(|name| value.get(name).is_none()).map(|name| format!("{at}.{name} is missing"));
        let strange = value.as_object().unwrap().keys().filter(|name| !properties.contains_key(*name));
        let strange = strange.map(|name| format!("{at}.{name} is not described"));
        let inside =
            properties.iter().filter_map(|(name, of)| mismatch(all, of, value.get(name)?, &format!("{at}.{name}")));
        return missing.chain(strange).chain(inside).next();
    }
    let items = &schema["items"];
    value.as_array()?.iter().find_map(|item| mismatch(all, items, item, &format!("{at}[]")))
}

#[tokio::test]
async fn answers_are_as_they_are_described() {
    let server = Server::start().await;
    let description = described(&server).await;
    let (ada, dan) = (server.sign_in("ada").await, server.sign_in("dan").await);
    let version = crate::versions::freeze(&server, &dan, "March").await.id;
    let made = json!({ "name": "What if" });
    let branch = server.request(Method::POST, "/api/workbooks/plan/branches", &dan).json(&made).send().await.unwrap();
    let branch: Value = branch.json().await.unwrap();
    let branch = branch["id"].as_str().unwrap();
    let token = json!({ "name": "erp", "days": 3 });
    let issued = server.request(Method::POST, "/api/tokens", &ada).json(&token).send().await.unwrap();
    let schemas = &description["components"]["schemas"];
    let issued: Value = issued.json().await.unwrap();
    assert_eq!(mismatch(schemas, &schemas["IssuedToken"], &issued, "IssuedToken"), None);
    let tea = override_of("Tea", "North");
    let cell = format!("?sheet={}&row={}&col={}", tea.sheet, tea.row, tea.col);
    for (path, asked) in [
        ("/api/about", String::new()),
        ("/api/me", String::new()),
        ("/api/people", String::new()),
        ("/api/tokens", String::new()),
        ("/api/workbooks", String::new()),
        ("/api/workbooks/{wb}/facts", String::new()),
        ("/api/workbooks/{wb}/facts/{sheet}/{measure}", String::new()),
        ("/api/workbooks/{wb}/versions", String::new()),
        ("/api/workbooks/{wb}/versions/{id}/summary", String::new()),
        ("/api/workbooks/{wb}/versions/{id}/sheets", String::new()),
        ("/api/workbooks/{wb}/versions/{id}/sheets/{sheet}", String::new()),
        ("/api/workbooks/{wb}/cycle", "?month=2026-11".into()),
        ("/api/workbooks/{wb}/history", cell),
        ("/api/workbooks/{wb}/branches", String::new()),
        ("/api/workbooks/{wb}/branch", String::new()),
        ("/api/workbooks/{branch}/branch", String::new()),
        ("/api/workbooks/{branch}/branch/differences", "?direction=merge".into()),
        ("/api/workbooks/{wb}/actuals", String::new()),
        ("/api/workbooks/{wb}/compare", format!("?a={version}&b=live&measure=consensus&by=region")),
    ] {
        let address = path
            .replace("{wb}", "plan")
            .replace("{branch}", branch)
            .replace("{id}", &version.to_string())
            .replace("{sheet}", "demand")
            .replace("{measure}", "history");
        let answer = server.get(&format!("{address}{asked}"), &ada).await;
        assert_eq!(answer.status(), 200, "{address}{asked}");
        let said = &description["paths"][path.replace("{branch}", "{wb}")]["get"]["responses"]["200"];
        let schema = &said["content"]["application/json"]["schema"];
        assert!(!schema.is_null(), "{path}");
        assert_eq!(mismatch(schemas, schema, &answer.json().await.unwrap(), path), None);
    }
    // Refusals are what they are said to be, and every name that is used is described.
    let refused: Value = server.get("/api/workbooks/nowhere/facts", &ada).await.json().await.unwrap();
    assert_eq!(mismatch(schemas, &schemas["Refusal"], &refused, "Refusal"), None);
    let text = description.to_string();
    for name in text.split("#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(!schemas[name].is_null(), "{name} is not described");
    }
}
