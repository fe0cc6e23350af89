//! A store that cannot be written to.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use grid_engine::doc::Input;
use rusqlite::Connection;

use crate::peer::Peer;
use crate::plan::{override_of, part};
use crate::server::{PATIENCE, Server};

/// Nobody in particular, on every Linux.
const NOBODY: u32 = 65_534;

#[tokio::test]
async fn d7_while_the_store_is_out_nothing_is_acknowledged_and_then_all_goes_on() {
    let server = Server::start().await;
    let (mut nora, mut vic) = (Peer::join(&server, "nora").await, Peer::join(&server, "vic").await);
    let tea = override_of("Tea", "North");
    nora.enter(tea, Input::Number(1.0)).await;
    nora.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
    vic.until("the entry", |peer| peer.input(tea) == Some(Input::Number(1.0))).await;
    let held = Connection::open(server.folder().join("equipoise.db")).unwrap();
    held.execute_batch("BEGIN IMMEDIATE").unwrap();
    nora.enter(tea, Input::Number(2.0)).await;
    // Try again later, says the server; a browser keeps what it could not hand in and does.
    nora.until("word that it could not be stored", |peer| peer.closed.contains(&(Some(part("North")), 1013))).await;
    assert!(!nora.is_saved(part("North")), "not acknowledged");
    assert_eq!(vic.input(tea), Some(Input::Number(1.0)), "nobody else has seen it");
    held.execute_batch("ROLLBACK").unwrap();
    let mut nora = Peer::join(&server, "nora").await;
    nora.enter(tea, Input::Number(2.0)).await;
    nora.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
    let deadline = Instant::now() + PATIENCE;
    while server.get("/readyz", "").await.status() != 200 {
        assert!(Instant::now() < deadline, "never ready again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn d2_a_folder_that_cannot_be_written_is_refused_by_name() {
    let mut server = Server::start().await;
    assert_eq!(server.terminate().await, Some(0));
    let allow = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    for file in std::fs::read_dir(server.folder()).unwrap() {
        allow(&file.unwrap().path(), 0o444);
    }
    allow(server.folder(), 0o555);
    // To root every folder is writable: the server is then somebody else, who can reach its program.
    let place = tempfile::tempdir().unwrap();
    allow(place.path(), 0o755);
    let program = place.path().join("equipoise");
    std::fs::copy(equipoise_tests::program(), &program).unwrap();
    let mut serving = tokio::process::Command::new(program);
    serving.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(server.folder());
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if is_root {
        serving.uid(NOBODY);
    }
    let refused = tokio::time::timeout(PATIENCE, serving.kill_on_drop(true).output()).await.unwrap().unwrap();
    allow(server.folder(), 0o755);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    let folder = server.folder().display().to_string();
    assert!(said.contains(&folder) && (said.contains("read-only") || said.contains("ermission")), "{said}");
}
