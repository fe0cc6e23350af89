//! What was acknowledged survives, however the server ends.

use grid_engine::doc::Input;

use crate::peer::Peer;
use crate::plan::{cell, override_of, part};
use crate::server::Server;

#[tokio::test]
async fn a_killed_server_keeps_every_acknowledged_edit() {
    let mut server = Server::start().await;
    for round in 0..3 {
        let mut nora = Peer::join(&server, "nora").await;
        for month in ["2026-04", "2026-05", "2026-06"] {
            let value = f64::from(round * 100) + 1.0;
            nora.enter(cell("override", "Tea", "North", month), Input::Number(value)).await;
        }
        nora.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
        server.crash_and_restart().await;
        let after = Peer::join(&server, "vic").await;
        for month in ["2026-04", "2026-05", "2026-06"] {
            let kept = after.input(cell("override", "Tea", "North", month));
            assert_eq!(kept, Some(Input::Number(f64::from(round * 100) + 1.0)), "round {round}, {month}");
        }
    }
}

#[tokio::test]
async fn a_server_told_to_stop_says_so_and_ends_well() {
    let mut server = Server::start().await;
    let mut nora = Peer::join(&server, "nora").await;
    nora.enter(override_of("Tea", "North"), Input::Number(7.0)).await;
    nora.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
    assert_eq!(server.terminate().await, Some(0));
    nora.until("the farewell on every socket", |peer| {
        peer.closed.len() == peer.grants.len() + 1 && peer.closed.iter().all(|(_, code)| *code == 1012)
    })
    .await;
}

#[tokio::test]
async fn a_folder_has_one_server() {
    let server = Server::start().await;
    let folder = server.folder().to_owned();
    let second = equipoise_server::app::serve(
        equipoise_server::config::Config {
            data: folder,
            listen: "127.0.0.1:0".parse().unwrap(),
            public_url: None,
            sockets_per_address: 10,
            job_program: "none".into(),
        },
        |_| panic!("it serves"),
        std::future::pending(),
    );
    assert!(matches!(second.await, Err(equipoise_server::app::StartError::InUse(_))));
}
