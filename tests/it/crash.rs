//! What was acknowledged survives, however the server ends.

use grid_engine::doc::{Edit, Guard, Input, Op};

use crate::peer::Peer;
use crate::plan::{cell, override_of, part};
use crate::server::{PATIENCE, Server};

#[tokio::test]
async fn d1_a_killed_server_keeps_every_acknowledged_edit() {
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
async fn d3_a_server_told_to_stop_says_so_and_ends_well() {
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

/// Two cells are written by each edit: they must always hold the same.
async fn enter_pair(peer: &mut Peer, value: u32) {
    let set = |month| Op::SetCell {
        cell: cell("override", "Tea", "North", month),
        input: Some(Input::Number(f64::from(value))),
        guard: Guard::Always,
    };
    let edit = Edit { by: peer.me, at: 1, why: None, ops: vec![set("2026-04"), set("2026-05")] };
    for (room, update) in peer.workbook.apply(&edit).unwrap().updates {
        peer.send_update(room, update).await;
    }
}

fn pair(peer: &Peer) -> u32 {
    let held = ["2026-04", "2026-05"].map(|month| peer.input(cell("override", "Tea", "North", month)));
    assert_eq!(held[0], held[1], "an edit is there whole or not at all");
    match held[0] {
        Some(Input::Number(number)) => number as u32,
        _ => 0,
    }
}

#[tokio::test]
async fn d1_killed_while_people_edit_it_has_what_it_acknowledged_and_no_half_edits() {
    let mut server = Server::start().await;
    for round in 1..=4_u32 {
        let mut nora = Peer::join(&server, "nora").await;
        let first = round * 1000;
        enter_pair(&mut nora, first).await;
        nora.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
        // The more rounds, the later it dies.
        for value in 1..=round * 40 {
            enter_pair(&mut nora, first + value).await;
        }
        server.crash_and_restart().await;
        let after = Peer::join(&server, "vic").await;
        assert!((first..=first + round * 40).contains(&pair(&after)), "round {round}: {}", pair(&after));
    }
    let audit = equipoise_server::store::verify_audit(server.folder()).unwrap();
    assert!(audit.entries >= 4);
}

#[tokio::test]
async fn d3_told_to_stop_under_load_it_keeps_what_it_acknowledged_and_says_goodbye() {
    let mut server = Server::start().await;
    let mut nora = Peer::join(&server, "nora").await;
    for value in 1..=200 {
        enter_pair(&mut nora, value).await;
    }
    assert_eq!(server.terminate().await, Some(0));
    nora.until("the farewell", |peer| peer.closed.len() == peer.grants.len() + 1).await;
    assert!(nora.closed.iter().all(|(_, code)| *code == 1012), "{:?}", nora.closed);
    let acknowledged = nora.saved_clock(part("North"));
    server.start_again().await;
    let mut vic = Peer::join(&server, "vic").await;
    // Each edit moves the clock by its two cells.
    assert!(pair(&vic) >= acknowledged / 2, "{} of {acknowledged}", pair(&vic));
    // What was neither stored nor refused is sent again, and nothing twice.
    nora.come_back(&server, "nora").await;
    nora.until("the saved mark", |peer| peer.is_saved(part("North"))).await;
    vic.until("all of it", |peer| pair(peer) == 200).await;
}

#[tokio::test]
async fn d4_two_tabs_one_of_them_flapping_and_offline_come_to_the_same() {
    let server = Server::start().await;
    let room = part("North");
    let (mut desk, mut train) = (Peer::join(&server, "nora").await, Peer::join(&server, "nora").await);
    let uplift = cell("uplift", "Tea", "North", "2026-04");
    for round in 1..=5_u32 {
        train.hang_up(room).await;
        train.enter_offline(cell("override", "Soap", "North", "2026-04"), Some(Input::Number(f64::from(round))));
        train.enter_offline(uplift, Some(Input::Number(f64::from(round))));
        desk.enter(cell("override", "Tea", "North", "2026-04"), Input::Number(f64::from(round))).await;
        desk.until("the saved mark", |peer| peer.is_saved(room)).await;
        train.rejoin(&server, "nora", room).await;
        train.until("what it wrote offline", |peer| peer.is_saved(room)).await;
        for peer in [&mut train, &mut desk] {
            peer.until("both tabs' edits", |peer| {
                ["Tea", "Soap"]
                    .iter()
                    .all(|item| peer.input(override_of(item, "North")) == Some(Input::Number(f64::from(round))))
            })
            .await;
        }
    }
    desk.until("one contribution of one person", |peer| peer.input(uplift) == Some(Input::Number(5.0))).await;
    let rows = |peer: &Peer| peer.workbook.sheet(uplift.sheet).unwrap().rows().to_vec();
    assert_eq!((rows(&desk), rows(&desk).len()), (rows(&train), 4), "no row is there twice");
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
            idle: PATIENCE,
            oidc: None,
            job_program: "none".into(),
        },
        |_| panic!("it serves"),
        std::future::pending(),
    );
    assert!(matches!(second.await, Err(equipoise_server::app::StartError::InUse(_))));
}
