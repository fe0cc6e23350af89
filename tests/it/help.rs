//! Pages of help.

use crate::server::Server;

#[tokio::test]
async fn the_function_reference_is_there_for_anyone() {
    let server = Server::start().await;
    let answer = server.get("/help/functions", "").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
    assert!(answer.text().await.unwrap().contains("<article id=\"XLOOKUP\">"));
}

#[tokio::test]
async fn the_formula_editor_is_told_what_functions_give() {
    let server = Server::start().await;
    let answer = server.get("/help/functions.json", "").await;
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert!(answer.headers()["cache-control"].to_str().unwrap().contains("max-age"));
    let meanings: std::collections::BTreeMap<String, String> = answer.json().await.unwrap();
    assert_eq!(meanings.len(), grid_engine::formula::functions::catalogue().len());
    assert!(meanings["SUM"].ends_with('.'), "{}", meanings["SUM"]);
}
