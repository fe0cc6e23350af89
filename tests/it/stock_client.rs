//! The stock `yjs` + `y-websocket` client, unchanged, works against a room.

use std::process::Stdio;

use equipoise_tests::node_folder;
use grid_engine::doc::Input;
use tokio::process::Command;

use crate::peer::Peer;
use crate::plan::{override_of, part, row};
use crate::server::Server;

#[tokio::test]
async fn the_stock_client_joins_reads_and_edits() {
    let Some(folder) = node_folder().await else { return };
    let server = Server::start().await;
    let mut nora = Peer::join(&server, "nora").await;
    let (theirs, ours) = (override_of("Tea", "North"), override_of("Soap", "North"));
    nora.enter(ours, Input::Number(21.0)).await;
    let cookie = server.sign_in("dan").await;
    let client = Command::new("node")
        .arg("stock_client.mjs")
        .args([&server.address, &cookie, "plan", &part("North").to_string()])
        .args([theirs.col.to_string(), row("Tea", "North").to_string(), row("Soap", "North").to_string()])
        .current_dir(&folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    nora.until("the stock client's edit", |peer| peer.input(theirs) == Some(Input::Number(42.0))).await;
    nora.enter(ours, Input::Number(77.0)).await;
    let done = client.wait_with_output().await.unwrap();
    let (said, complained) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{said}{complained}");
    assert_eq!(said.trim(), "21 77");
}
