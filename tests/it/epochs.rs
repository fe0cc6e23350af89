//! A room whose past outgrows it goes on in a fresh document, and nobody loses anything by it.

use std::process::Stdio;

use grid_engine::doc::Input;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::peer::Peer;
use crate::plan::{cell, override_of, part, row};
use crate::races::until_lines;
use crate::server::Server;
use equipoise_tests::node_folder;

/// Writes two cells over and over until the server rebases their room.
async fn outgrow(peer: &mut Peer) {
    let cells = [cell("override", "Tea", "North", "2026-05"), cell("override", "Tea", "North", "2026-06")];
    let room = part("North");
    for batch in 0..2 {
        let known = peer.workbook.state_vector(room).unwrap();
        for value in 0..11_000 {
            let value = f64::from(batch * 11_000 + value);
            peer.enter_offline(cells[value as usize % 2], Some(Input::Number(value)));
        }
        let update = peer.workbook.encode_state(room, Some(&known)).unwrap();
        peer.send_update(room, update).await;
    }
    peer.until("the rebase", |peer| peer.past.contains(&room)).await;
}

fn number(value: f64) -> Option<Input> {
    Some(Input::Number(value))
}

#[tokio::test]
async fn a_rebase_loses_nothing_and_doubles_nothing() {
    let mut server = Server::start().await;
    let room = part("North");
    let (tea, soap) = (override_of("Tea", "North"), override_of("Soap", "North"));
    let uplift = cell("uplift", "Tea", "North", "2026-04");
    let (mut nora, mut dan) = (Peer::join(&server, "nora").await, Peer::join(&server, "dan").await);
    nora.enter(tea, Input::Number(1.0)).await;
    nora.enter(uplift, Input::Number(10.0)).await;
    dan.enter(uplift, Input::Number(5.0)).await;
    dan.until("the saved mark", |peer| peer.is_saved(room)).await;
    dan.until("what nora entered", |peer| peer.input(uplift) == number(15.0)).await;
    // Dan loses the line, and works on.
    dan.hang_up(room).await;
    dan.enter_offline(soap, number(7.0));
    dan.enter_offline(tea, None);
    dan.enter_offline(uplift, number(6.0));
    outgrow(&mut nora).await;
    nora.rejoin(&server, "nora", room).await;
    nora.until("the next epoch", |peer| peer.past.is_empty()).await;
    assert_eq!((nora.input(tea), nora.input(uplift)), (number(1.0), number(15.0)));
    dan.rejoin(&server, "dan", room).await;
    dan.until("being sent away", |peer| peer.past.contains(&room)).await;
    dan.rejoin(&server, "dan", room).await;
    dan.until("the next epoch", |peer| peer.past.is_empty()).await;
    for peer in [&mut dan, &mut nora] {
        peer.until("dan's unsent edits", |peer| {
            (peer.input(soap), peer.input(tea), peer.input(uplift)) == (number(7.0), None, number(16.0))
        })
        .await;
    }
    nora.enter(soap, Input::Number(8.0)).await;
    nora.until("the saved mark", |peer| peer.is_saved(room)).await;
    server.crash_and_restart().await;
    let late = Peer::join(&server, "vic").await;
    assert_eq!((late.input(soap), late.input(tea), late.input(uplift)), (number(8.0), None, number(16.0)));
    assert_eq!(late.workbook.epoch(room), 1);
    assert!(late.workbook.encode_state(room, None).unwrap().len() < 10_000);
}

/// A document remembers a writer for one epoch more than it holds anything of that one; the server remembers beside it.
#[tokio::test]
async fn who_was_away_for_two_rebases_loses_nothing_and_doubles_nothing() {
    let mut server = Server::start().await;
    let room = part("North");
    let (tea, soap) = (override_of("Tea", "North"), override_of("Soap", "North"));
    let (mut nora, mut dan) = (Peer::join(&server, "nora").await, Peer::join(&server, "dan").await);
    // One edit arrives, which the server says on a line that Dan has lost by then; one does not. Then she writes over the first.
    let lines = server.metric("equipoise_peers").await;
    dan.hang_up_live().await;
    until_lines(&server, lines - 1.0).await;
    dan.enter(tea, Input::Number(7.0)).await;
    nora.until("dan's edit", |peer| peer.input(tea) == number(7.0)).await;
    dan.hang_up(room).await;
    dan.enter_offline(soap, number(8.0));
    nora.enter(tea, Input::Number(70.0)).await;
    nora.until("the saved mark", |peer| peer.is_saved(room)).await;
    assert!(!dan.is_saved(room), "he has not heard that any of it arrived");
    for _ in 0..2 {
        outgrow(&mut nora).await;
        nora.rejoin(&server, "nora", room).await;
        nora.until("the next epoch", |peer| peer.past.is_empty()).await;
    }
    // What the server noted of him outlives it.
    server.crash_and_restart().await;
    dan.come_back(&server, "dan").await;
    dan.until("being sent away", |peer| peer.past.contains(&room)).await;
    dan.rejoin(&server, "dan", room).await;
    dan.until("the next epoch", |peer| peer.past.is_empty()).await;
    dan.until("the saved mark", |peer| peer.is_saved(room)).await;
    let mut late = Peer::join(&server, "vic").await;
    for peer in [&mut late, &mut dan] {
        assert_eq!((peer.input(tea), peer.input(soap)), (number(70.0), number(8.0)));
    }
    assert_eq!(late.workbook.epoch(room), 2);
    // His clock goes on where it was: what he enters now is news.
    dan.enter(soap, Input::Number(9.0)).await;
    late.until("dan's next edit", |peer| peer.input(soap) == number(9.0)).await;
    server.crash_and_restart().await;
    assert_eq!(Peer::join(&server, "vic").await.input(soap), number(9.0));
}

#[tokio::test]
async fn a_stock_client_of_the_past_is_kept_out_until_it_begins_anew() {
    let Some(folder) = node_folder().await else { return };
    let server = Server::start().await;
    let (theirs, ours) = (override_of("Tea", "North"), override_of("Soap", "North"));
    let mut nora = Peer::join(&server, "nora").await;
    nora.enter(ours, Input::Number(21.0)).await;
    let cookie = server.sign_in("dan").await;
    let mut client = Command::new("node")
        .arg("stock_epoch.mjs")
        .args([&server.address, &cookie, "plan", &part("North").to_string()])
        .args([theirs.col.to_string(), row("Tea", "North").to_string(), row("Soap", "North").to_string()])
        .current_dir(&folder)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(client.stdout.take().unwrap()).lines();
    assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("joined"));
    outgrow(&mut nora).await;
    nora.rejoin(&server, "nora", part("North")).await;
    nora.until("the next epoch", |peer| peer.past.is_empty()).await;
    nora.enter(ours, Input::Number(77.0)).await;
    nora.until("the stock client's edit", |peer| peer.input(theirs) == number(42.0)).await;
    assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("sent away with 4409"));
    assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("began anew with 77"));
    assert!(client.wait().await.unwrap().success());
    assert_eq!(nora.input(ours), number(77.0), "nothing of the past came back");
}
