//! Two people at one cell: both learn who wrote what, from the server.

use grid_engine::doc::{Edit, Guard, Input, Op};
use grid_engine::refs::CellRef;
use grid_engine::wire::{Scalar, ToPeer};

use crate::peer::Peer;
use crate::plan::{cell, override_of, part, row, sheet};
use crate::server::Server;

/// Conflicts a peer was told of: cell, the other's name, own value, theirs, and whether the own stands.
pub fn conflicts(peer: &Peer) -> Vec<(CellRef, String, Scalar, Scalar, bool)> {
    let told = |notice: &ToPeer| match notice {
        ToPeer::Conflict { cell, by_name, mine, theirs, holds, .. } => {
            Some((*cell, by_name.clone(), mine.clone(), theirs.clone(), holds == mine))
        }
        _ => None,
    };
    peer.notices.iter().filter_map(told).collect()
}

/// The numbers of the notices a peer was told.
fn meetings(peer: &Peer) -> Vec<u64> {
    let number = |notice: &ToPeer| match notice {
        ToPeer::Conflict { number, .. } | ToPeer::RowConflict { number, .. } => Some(*number),
        _ => None,
    };
    peer.notices.iter().filter_map(number).collect()
}

/// Waits until the server knows that who has gone is gone: until then they are told what others do.
pub async fn until_lines(server: &Server, lines: f64) {
    while server.metric("equipoise_peers").await > lines {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// Makes an edit and keeps it: its update.
fn hold_back(peer: &mut Peer, ops: Vec<Op>) -> Vec<u8> {
    let edit = Edit { by: peer.me, at: 1, why: None, ops };
    peer.workbook.apply(&edit).unwrap().updates.remove(0).1
}

fn set(cell: CellRef, input: impl Into<Option<Input>>) -> Op {
    Op::SetCell { cell, input: input.into(), guard: Guard::Always }
}

fn number(value: f64) -> Scalar {
    Scalar::Number(value)
}

#[tokio::test]
async fn both_learn_of_a_race_with_both_values_and_whose_they_are() {
    let server = Server::start().await;
    let (mut nora, mut dan) = (Peer::join(&server, "nora").await, Peer::join(&server, "dan").await);
    let mut vic = Peer::join(&server, "vic").await;
    let (tea, room) = (override_of("Tea", "North"), part("North"));
    // Neither has seen the other's; nobody's presence says where they are.
    let hers = hold_back(&mut nora, vec![set(tea, Input::Number(5.0))]);
    let his = hold_back(&mut dan, vec![set(tea, Input::Number(7.0))]);
    nora.send_update(room, hers).await;
    nora.until("the saved mark", |peer| peer.is_saved(room)).await;
    dan.send_update(room, his).await;
    dan.until("the notice", |peer| !conflicts(peer).is_empty()).await;
    nora.until("the notice", |peer| !conflicts(peer).is_empty()).await;
    vic.until("what stands", |peer| peer.input(tea).is_some()).await;
    dan.until("the saved mark", |peer| peer.is_saved(room)).await;
    let vic_again = Peer::join(&server, "vic").await;
    let nora_stands = vic_again.input(tea) == Some(Input::Number(5.0));
    assert_eq!(conflicts(&nora), [(tea, "DAN".to_owned(), number(5.0), number(7.0), nora_stands)]);
    assert_eq!(conflicts(&dan), [(tea, "NORA".to_owned(), number(7.0), number(5.0), !nora_stands)]);
    assert_eq!(conflicts(&vic), [], "it is nobody else's matter");
}

#[tokio::test]
async fn who_comes_back_learns_what_was_written_meanwhile() {
    let server = Server::start().await;
    let (mut nora, mut dan) = (Peer::join(&server, "nora").await, Peer::join(&server, "dan").await);
    let (tea, room) = (override_of("Tea", "North"), part("North"));
    let lines = server.metric("equipoise_peers").await;
    nora.hang_up(room).await;
    until_lines(&server, lines - 1.0).await;
    nora.enter_offline(tea, Some(Input::Number(5.0)));
    dan.enter(tea, Input::Number(7.0)).await;
    dan.until("the saved mark", |peer| peer.is_saved(room)).await;
    // Longer than a moment ago: the document itself says that she has not seen it.
    tokio::time::sleep(std::time::Duration::from_millis(3_100)).await;
    nora.rejoin(&server, "nora", room).await;
    nora.until("the notice", |peer| !conflicts(peer).is_empty()).await;
    let (_, by, mine, theirs, _) = conflicts(&nora).remove(0);
    assert_eq!((by.as_str(), mine, theirs), ("DAN", number(5.0), number(7.0)));
    dan.until("the notice", |peer| !conflicts(peer).is_empty()).await;
    // What was seen, and is not of this moment, is no race.
    for peer in [&mut nora, &mut dan] {
        peer.see(meetings(peer)).await;
        let is_told = |peer: &Peer| peer.notices.iter().any(|notice| matches!(notice, ToPeer::Told { .. }));
        peer.until("that it is seen", is_told).await;
        peer.until("the same", |peer| peer.is_saved(room)).await;
        peer.notices.clear();
    }
    tokio::time::sleep(std::time::Duration::from_millis(3_100)).await;
    let mut nora = Peer::join(&server, "nora").await;
    nora.enter(tea, Input::Number(9.0)).await;
    nora.until("the saved mark", |peer| peer.is_saved(room)).await;
    dan.until("her value", |peer| peer.input(tea) == Some(Input::Number(9.0))).await;
    assert_eq!((conflicts(&nora), conflicts(&dan)), (vec![], vec![]));
    // Written over within a moment it is one, seen or not; and additions never are.
    for value in 10..20 {
        nora.enter(tea, Input::Number(f64::from(value))).await;
        dan.until("hers", |peer| peer.input(tea) == Some(Input::Number(f64::from(value)))).await;
        dan.enter(tea, Input::Number(f64::from(value) + 0.5)).await;
        dan.until("the saved mark", |peer| peer.is_saved(room)).await;
        nora.until("his", |peer| peer.input(tea) == Some(Input::Number(f64::from(value) + 0.5))).await;
        // A machine that is very busy takes longer than a moment for it.
        if !conflicts(&dan).is_empty() {
            break;
        }
    }
    dan.until("the notice", |peer| !conflicts(peer).is_empty()).await;
    let uplift = cell("uplift", "Tea", "North", "2026-05");
    for peer in [&mut nora, &mut dan] {
        peer.notices.clear();
        peer.enter(uplift, Input::Number(10.0)).await;
        peer.until("the saved mark", |peer| peer.is_saved(room)).await;
    }
    dan.until("both", |peer| peer.input(uplift) == Some(Input::Number(20.0))).await;
    assert!(conflicts(&dan).iter().all(|(cell, ..)| *cell != uplift));
}

#[tokio::test]
async fn an_edit_of_a_closed_page_meets_who_wrote_meanwhile_and_arrives_once() {
    let server = Server::start().await;
    let (mut nora, mut dan) = (Peer::join(&server, "nora").await, Peer::join(&server, "dan").await);
    let (tea, soap, room) = (override_of("Tea", "North"), override_of("Soap", "North"), part("North"));
    // One arrived without her knowing, one did not.
    let arrived = hold_back(&mut nora, vec![set(soap, Input::Number(2.0))]);
    nora.send_update(room, arrived.clone()).await;
    nora.until("the saved mark", |peer| peer.is_saved(room)).await;
    let kept = hold_back(&mut nora, vec![set(tea, Input::Number(5.0))]);
    nora.leave().await;
    dan.until("hers", |peer| peer.input(soap).is_some()).await;
    tokio::time::sleep(std::time::Duration::from_millis(3_100)).await;
    dan.enter(soap, Input::Number(3.0)).await;
    dan.enter(tea, Input::Number(7.0)).await;
    dan.until("the saved mark", |peer| peer.is_saved(room)).await;
    tokio::time::sleep(std::time::Duration::from_millis(3_100)).await;
    // The page that comes after has a writer id of its own, and brings both as they were made.
    let mut nora = Peer::join(&server, "nora").await;
    for update in [&arrived, &kept, &kept] {
        nora.send_update(room, update.clone()).await;
    }
    nora.until("the notice", |peer| !conflicts(peer).is_empty()).await;
    dan.until("the notice", |peer| !conflicts(peer).is_empty()).await;
    let stands = Peer::join(&server, "vic").await.input(tea);
    let hers = stands == Some(Input::Number(5.0));
    assert_eq!(conflicts(&nora), [(tea, "DAN".to_owned(), number(5.0), number(7.0), hers)]);
    assert_eq!(conflicts(&dan), [(tea, "NORA".to_owned(), number(7.0), number(5.0), !hers)]);
    assert_eq!(Peer::join(&server, "vic").await.input(soap), Some(Input::Number(3.0)), "that had arrived before his");
    // An id is one person's: nobody brings edits in another's name.
    let mut eve = Peer::join(&server, "dan").await;
    let forged = hold_back(&mut nora, vec![set(tea, Input::Number(9.0))]);
    eve.send_update(room, forged).await;
    eve.until("the refusal", |peer| peer.refusals.iter().any(|(_, code)| code == "update.writer")).await;
}

/// Row D4.
#[tokio::test]
async fn who_was_away_learns_of_it_on_coming_back() {
    let mut server = Server::start().await;
    let (tea, room) = (override_of("Tea", "North"), part("North"));
    let mut dan = Peer::join(&server, "dan").await;
    let his_lines = server.metric("equipoise_peers").await - 1.0;
    dan.hang_up(room).await;
    until_lines(&server, his_lines).await;
    dan.enter_offline(tea, Some(Input::Number(7.0)));
    let mut nora = Peer::join(&server, "nora").await;
    nora.enter(tea, Input::Number(5.0)).await;
    nora.until("the saved mark", |peer| peer.is_saved(room)).await;
    nora.leave().await;
    until_lines(&server, his_lines).await;
    dan.rejoin(&server, "dan", room).await;
    dan.until("the notice", |peer| !conflicts(peer).is_empty()).await;
    // What is saved is told of, whatever becomes of the server the moment after.
    server.crash_and_restart().await;
    let holds = Peer::join(&server, "vic").await.input(tea);
    let told = [(tea, "DAN".to_owned(), number(5.0), number(7.0), holds == Some(Input::Number(5.0)))];
    // A window that went before anybody looked at it told nobody.
    for _ in 0..2 {
        let mut nora = Peer::join(&server, "nora").await;
        nora.until("the notice", |peer| !conflicts(peer).is_empty()).await;
        assert_eq!(conflicts(&nora), told);
        nora.leave().await;
    }
    let (mut nora, mut other) = (Peer::join(&server, "nora").await, Peer::join(&server, "nora").await);
    for window in [&mut nora, &mut other] {
        window.until("the notice", |peer| !conflicts(peer).is_empty()).await;
    }
    // Nobody else can say it for her.
    dan.come_back(&server, "dan").await;
    let numbers = meetings(&nora);
    dan.see(numbers.clone()).await;
    nora.see(numbers.clone()).await;
    let is_told = |peer: &Peer| peer.notices.contains(&ToPeer::Told { notices: numbers.clone() });
    for window in [&mut nora, &mut other] {
        window.until("that it is seen", is_told).await;
        window.notices.clear();
    }
    assert!(!is_told(&dan));
    nora.enter(override_of("Soap", "North"), Input::Number(1.0)).await;
    nora.until("the saved mark", |peer| peer.is_saved(room)).await;
    server.crash_and_restart().await;
    let mut nora = Peer::join(&server, "nora").await;
    nora.enter(override_of("Soap", "North"), Input::Number(2.0)).await;
    nora.until("the saved mark", |peer| peer.is_saved(room)).await;
    assert_eq!(conflicts(&nora), []);
}

#[tokio::test]
async fn a_row_deleted_and_edited_at_once_is_told_to_both() {
    let server = Server::start().await;
    let (mut nora, mut dan) = (Peer::join(&server, "nora").await, Peer::join(&server, "dan").await);
    let (tea, room) = (override_of("Tea", "North"), part("North"));
    let hers = hold_back(&mut nora, vec![set(tea, Input::Number(5.0))]);
    let rows = vec![row("Tea", "North")];
    let his = hold_back(&mut dan, vec![Op::DeleteRows { sheet: sheet("demand"), rows }]);
    dan.send_update(room, his).await;
    dan.until("the saved mark", |peer| peer.is_saved(room)).await;
    nora.send_update(room, hers).await;
    let told = |peer: &Peer| {
        let found = peer.notices.iter().find_map(|notice| match notice {
            ToPeer::RowConflict { row, by_name, deleted, .. } => Some((*row, by_name.clone(), *deleted)),
            _ => None,
        });
        found.unwrap_or((tea.row, String::new(), false))
    };
    for peer in [&mut nora, &mut dan] {
        peer.until("the notice", |peer| !told(peer).1.is_empty()).await;
    }
    assert_eq!((told(&nora).1.as_str(), told(&nora).2), ("DAN", false));
    assert_eq!((told(&dan).1.as_str(), told(&dan).2), ("NORA", true));
    // Restored, the row is there with what was entered.
    let is_deleted = |peer: &Peer| peer.workbook.sheet(tea.sheet).unwrap().is_deleted(tea.row);
    nora.until("the deletion", is_deleted).await;
    let restored = hold_back(&mut nora, vec![Op::RestoreRows { sheet: tea.sheet, rows: vec![tea.row] }]);
    nora.send_update(room, restored).await;
    nora.until("the saved mark", |peer| peer.is_saved(room)).await;
    let vic = Peer::join(&server, "vic").await;
    assert_eq!(vic.input(tea), Some(Input::Number(5.0)));
    // The other way round: she edits, and within a moment he deletes.
    for peer in [&mut nora, &mut dan] {
        peer.until("the row", |peer| !is_deleted(peer)).await;
        peer.notices.clear();
    }
    for value in 10..20 {
        nora.enter(tea, Input::Number(f64::from(value))).await;
        dan.until("her value", |peer| peer.input(tea) == Some(Input::Number(f64::from(value)))).await;
        let his = hold_back(&mut dan, vec![Op::DeleteRows { sheet: tea.sheet, rows: vec![tea.row] }]);
        dan.send_update(room, his).await;
        dan.until("the saved mark", |peer| peer.is_saved(room)).await;
        nora.until("the deletion", is_deleted).await;
        if !told(&dan).1.is_empty() {
            break;
        }
        let restored = hold_back(&mut nora, vec![Op::RestoreRows { sheet: tea.sheet, rows: vec![tea.row] }]);
        nora.send_update(room, restored).await;
        dan.until("the row", |peer| !is_deleted(peer)).await;
    }
    nora.until("the notice", |peer| told(peer).1 == "DAN" && !told(peer).2).await;
    dan.until("the notice", |peer| told(peer).1 == "NORA" && told(peer).2).await;
}

/// Who has met whom, as each is told: the own value and the other's.
fn met(peer: &Peer) -> Vec<(Scalar, Scalar)> {
    conflicts(peer).into_iter().map(|(_, _, mine, theirs, _)| (mine, theirs)).collect()
}

#[tokio::test]
async fn a_clear_against_an_entry_is_told_with_what_each_did() {
    let server = Server::start().await;
    let (mut nora, mut dan) = (Peer::join(&server, "nora").await, Peer::join(&server, "dan").await);
    let room = part("North");
    let empty = Scalar::Blank(());
    // Whichever comes first. A clear tells of itself whom it met; what is entered over one does within a moment.
    for (round, (clear_first, is_late)) in [(true, false), (false, false), (false, true)].into_iter().enumerate() {
        let month = ["2026-04", "2026-05", "2026-06"][round];
        let tea = cell("override", "Tea", "North", month);
        nora.enter(tea, Input::Number(5.0)).await;
        nora.until("the saved mark", |peer| peer.is_saved(room)).await;
        dan.until("hers", |peer| peer.input(tea) == Some(Input::Number(5.0))).await;
        tokio::time::sleep(std::time::Duration::from_millis(3_100)).await;
        for peer in [&mut nora, &mut dan] {
            peer.notices.clear();
        }
        // Dan clears what he sees; Nora, who has not heard of it, enters another value.
        let clear = hold_back(&mut dan, vec![set(tea, None)]);
        let entry = hold_back(&mut nora, vec![set(tea, Input::Number(7.0))]);
        let (first, second) =
            if clear_first { ((&mut dan, clear), (&mut nora, entry)) } else { ((&mut nora, entry), (&mut dan, clear)) };
        first.0.send_update(room, first.1).await;
        first.0.until("the saved mark", |peer| peer.is_saved(room)).await;
        if is_late {
            tokio::time::sleep(std::time::Duration::from_millis(3_100)).await;
        }
        second.0.send_update(room, second.1).await;
        for peer in [&mut nora, &mut dan] {
            peer.until("the notice", |peer| !conflicts(peer).is_empty()).await;
        }
        let case = format!("clear first: {clear_first}, late: {is_late}");
        assert_eq!(met(&nora), [(Scalar::Number(7.0), empty.clone())], "{case}");
        assert_eq!(met(&dan), [(empty.clone(), Scalar::Number(7.0))], "{case}");
        assert_eq!(Peer::join(&server, "vic").await.input(tea), Some(Input::Number(7.0)), "{case}");
    }
}
