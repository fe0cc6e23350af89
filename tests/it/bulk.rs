//! Large edits: one bounded batch, taken or refused as one, in frames no larger than any.

use equipoise_server::exchange::blueprint::SheetBlueprint;
use futures_util::{SinkExt, StreamExt};
use grid_engine::doc::{Edit, Guard, Input, Op};
use grid_engine::refs::{CellRef, RoomId};
use grid_engine::wire::{MAX_FRAME, MAX_WHOLE, pieces};
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::Message;

use crate::peer::{Peer, connect};
use crate::plan::{self, sheet};
use crate::server::{PATIENCE, Server};

const WIDE: &str = "wide";
const ROWS: u32 = 2000;
const COLS: u32 = 25;
/// Columns of a pasted block of ten thousand cells.
const FEW: u32 = 5;

/// The plan of the other tests, and a workbook with one large sheet of ordinary cells.
async fn start() -> Server {
    let folder = TempDir::new().unwrap();
    let path = folder.path().to_owned();
    let fill = move || {
        plan::fill(&path);
        let paper = SheetBlueprint::free("paper", "Paper").long(ROWS).cell(0, COLS - 1, 1.0);
        plan::keep(&path, WIDE, "Wide", vec![paper]);
    };
    tokio::task::spawn_blocking(fill).await.unwrap();
    Server::serve(folder).await
}

fn paper() -> RoomId {
    RoomId::Sheet(sheet("paper"))
}

/// The first columns of the sheet, row by row.
fn cells(peer: &Peer, columns: u32) -> Vec<CellRef> {
    let found = peer.workbook.sheet(sheet("paper")).unwrap();
    let cols: Vec<_> = found.cols().iter().take(columns as usize).copied().collect();
    let of_row = |row: &grid_engine::refs::RowId| {
        let row = *row;
        cols.iter().map(move |col| CellRef { sheet: sheet("paper"), row, col: *col }).collect::<Vec<_>>()
    };
    found.rows().iter().flat_map(of_row).collect()
}

/// Enters numbers from this one on in one edit; the update's bytes.
async fn paste(peer: &mut Peer, cells: &[CellRef], first: u32) -> usize {
    let set = |(at, cell): (usize, &CellRef)| Op::SetCell {
        cell: *cell,
        input: Some(Input::Number(f64::from(first) + at as f64 + 0.5)),
        guard: Guard::Always,
    };
    let edit = Edit { by: peer.me, at: 1, why: None, ops: cells.iter().enumerate().map(set).collect() };
    let updates = peer.workbook.apply(&edit).unwrap().updates;
    assert_eq!(updates.len(), 1);
    let (room, update) = updates.into_iter().next().unwrap();
    let bytes = update.len();
    peer.send_update(room, update).await;
    bytes
}

/// How many of the cells hold what was entered from this number on.
fn held(peer: &Peer, cells: &[CellRef], first: u32) -> usize {
    let holds =
        |(at, cell): &(usize, &CellRef)| peer.input(**cell) == Some(Input::Number(f64::from(first) + *at as f64 + 0.5));
    cells.iter().enumerate().filter(holds).count()
}

async fn entries(server: &Server) -> f64 {
    server.metric("equipoise_updates_total").await
}

#[tokio::test]
async fn b7_a_pasted_block_is_one_batch_one_edit_and_one_step_of_undo() {
    let server = start().await;
    let (mut ada, mut dan) =
        (Peer::join_workbook(&server, "ada", WIDE).await, Peer::join_workbook(&server, "dan", WIDE).await);
    // Ten thousand cells, the same again over them, and five times as many.
    for (columns, first) in [(FEW, 10), (FEW, 20_010), (COLS, 100_010)] {
        let cells = cells(&ada, columns);
        let before = entries(&server).await;
        let bytes = paste(&mut ada, &cells, first).await;
        assert!(columns < COLS || bytes > 2 * MAX_FRAME, "{bytes} bytes prove nothing");
        ada.until("the saved mark", |peer| peer.is_saved(paper())).await;
        dan.until("all of it", |peer| held(peer, &cells, first) == cells.len()).await;
        assert_eq!(entries(&server).await - before, 1.0, "one update in the log");
        let CellRef { row, col, .. } = cells[cells.len() - 2];
        let path = format!("/api/workbooks/{WIDE}/history?sheet=paper&row={row}&col={col}");
        let cookie = server.sign_in("ada").await;
        let history: serde_json::Value = server.get(&path, &cookie).await.json().await.unwrap();
        assert_eq!(history[0]["name"], "ADA");
    }
    let all = cells(&ada, COLS);
    let undone = ada.workbook.undo(ada.me, 2).unwrap();
    for (room, update) in undone.updates {
        ada.send_update(room, update).await;
    }
    dan.until("all of it undone", |peer| {
        let left = all.chunks(COLS as usize).filter(|row| peer.input(row[20]).is_some()).count();
        left == 0 && held(peer, &cells(peer, FEW), 20_010) == (FEW * ROWS) as usize
    })
    .await;
    assert!(ada.refused.is_empty() && ada.closed.is_empty(), "{:?} {:?}", ada.refused, ada.closed);
}

#[tokio::test]
async fn b7_a_large_edit_is_there_whole_or_not_at_all() {
    let server = start().await;
    let mut ada = Peer::join_workbook(&server, "ada", WIDE).await;
    let cells = cells(&ada, COLS);
    // The line is cut before the last piece.
    let set = |cell: &CellRef| Op::SetCell { cell: *cell, input: Some(Input::Number(0.25)), guard: Guard::Always };
    let edit = Edit { by: ada.me, at: 1, why: None, ops: cells.iter().map(set).collect() };
    let (room, update) = ada.workbook.apply(&edit).unwrap().updates.remove(0);
    let mut sent = pieces(frame_of(&update));
    assert!(sent.len() > 1);
    let last = sent.pop().unwrap();
    for piece in sent {
        ada.send(Some(room), Message::binary(piece)).await;
    }
    ada.hang_up(room).await;
    let mut dan = Peer::join_workbook(&server, "dan", WIDE).await;
    assert_eq!(cells.iter().filter(|cell| dan.input(**cell) == Some(Input::Number(0.25))).count(), 0);
    // Its end alone is no frame of anybody's.
    dan.send(Some(room), Message::binary(last)).await;
    dan.send_update(room, vec![0, 0]).await;
    dan.until("the close", |peer| peer.closed.contains(&(Some(room), 4400))).await;
    // Who comes back sends all of it, whatever has arrived before.
    ada.rejoin(&server, "ada", room).await;
    ada.until("the saved mark", |peer| peer.is_saved(room)).await;
    // One cell that is not hers to write refuses all of it.
    let mut vic = Peer::join_workbook(&server, "vic", WIDE).await;
    paste(&mut vic, &cells, 7).await;
    vic.until("the refusal", |peer| peer.refusals.contains(&(room, "acl.write".into()))).await;
    let dan = Peer::join_workbook(&server, "dan", WIDE).await;
    assert_eq!(cells.iter().filter(|cell| dan.input(**cell) == Some(Input::Number(0.25))).count(), cells.len());
}

fn frame_of(update: &[u8]) -> Vec<u8> {
    use yrs::updates::encoder::Encode;
    yrs::sync::Message::Sync(yrs::sync::SyncMessage::Update(update.to_vec())).encode_v1()
}

#[tokio::test]
async fn b1_a_frame_has_its_limit_and_so_has_what_comes_in_pieces() {
    let server = start().await;
    let cookie = server.sign_in("ada").await;
    let closing = async |path: &str, message: Message| {
        let mut socket = connect(&server, path, &cookie).await.unwrap();
        socket.send(message).await.unwrap();
        let closed = async {
            while let Some(Ok(message)) = socket.next().await {
                if let Message::Close(Some(frame)) = message {
                    return (u16::from(frame.code), frame.reason.to_string());
                }
            }
            panic!("no farewell");
        };
        tokio::time::timeout(PATIENCE, closed).await.unwrap()
    };
    let got = MAX_FRAME + 1;
    let too_large = (1009, format!("frame.too_large({MAX_FRAME}, {got})"));
    for path in ["/sync/plan", "/sync/plan/book"] {
        assert_eq!(closing(path, Message::binary(vec![0; got])).await, too_large, "{path}");
    }
    let claims = [&[100][..], &(MAX_WHOLE as u32 + 1).to_be_bytes(), &[0]].concat();
    let too_large = (1009, format!("frame.too_large({MAX_WHOLE}, {})", MAX_WHOLE + 1));
    assert_eq!(closing("/sync/plan/book", Message::binary(claims)).await, too_large);
    let (code, _) = closing("/live/plan", Message::text("x".repeat(100_000))).await;
    assert_eq!(code, 1009);
    assert!(server.is_well().await);
}
