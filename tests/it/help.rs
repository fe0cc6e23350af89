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
