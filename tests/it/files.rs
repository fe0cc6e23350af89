//! Sheets as files and back, over HTTP: who may, and that nothing changes by reading.

use grid_engine::wire::{FileReading, Refusal};
use reqwest::Method;

use crate::peer::Peer;
use crate::plan::{cell, override_of, part};
use crate::server::Server;
use crate::versions::freeze;
use equipoise_server::exchange::workbook_file;
use grid_engine::doc::Input;

const FILE: &str = "/api/workbooks/plan/file";
const READING: &str = "/api/workbooks/plan/sheets/demand/reading";

#[tokio::test]
async fn a_plan_leaves_as_excel_and_csv_and_comes_back_as_changes() {
    let server = Server::start().await;
    let mut ada = Peer::join(&server, "ada").await;
    ada.enter(override_of("Tea", "North"), Input::Number(70.0)).await;
    ada.enter(cell("override", "Tea", "South", "2026-04"), Input::Formula("=1/4".into())).await;
    ada.until("the saved marks", |peer| peer.is_saved(part("North")) && peer.is_saved(part("South"))).await;
    let (nora, eva) = (server.sign_in("nora").await, server.sign_in("eva").await);

    let xlsx = server.get(&format!("{FILE}.xlsx"), &nora).await;
    assert!(xlsx.headers()["content-disposition"].to_str().unwrap().contains("Test plan.xlsx"));
    let bytes = xlsx.bytes().await.unwrap();
    let file = workbook_file::read_bytes(&bytes).unwrap();
    assert_eq!(file.sheets.iter().map(|sheet| &*sheet.title).collect::<Vec<_>>(), ["Demand", "Prices"]);
    let csv = server.get(&format!("{FILE}.csv?sheet=demand"), &nora).await.text().await.unwrap();
    assert!(csv.starts_with("\u{feff}Item,Region,"), "{csv}");
    assert_eq!(server.get(&format!("{FILE}.csv"), &nora).await.status(), 422);
    assert_eq!(server.get(&format!("{FILE}.csv?sheet=nowhere"), &nora).await.status(), 404);
    // An executive reads what was decided, not what is being worked on.
    assert_eq!(server.get(&format!("{FILE}.xlsx"), &eva).await.status(), 403);

    let read = async |cookie: &str, table: Vec<u8>| {
        server.request(Method::POST, READING, cookie).body(table).send().await.unwrap()
    };
    let same: FileReading = read(&nora, bytes.to_vec()).await.json().await.unwrap();
    assert_eq!((same.ops.len(), same.set), (0, 0));
    let changed: FileReading =
        read(&nora, b"Item,Region,Override 2026-04\nTea,North,71\n".to_vec()).await.json().await.unwrap();
    assert_eq!((changed.ops.len(), changed.set), (1, 1));
    let south = read(&nora, b"Item,Region,Override 2026-04\nTea,North,71\nTea,South,5\nSoap,North,-1\n".to_vec()).await;
    assert_eq!(south.status(), 422);
    let said = south.json::<Refusal>().await.unwrap().message;
    assert!(said.starts_with("CSV line 3, column Override 2026-04: ") && said.contains("\nCSV line 4, "), "{said}");
    assert_eq!(read(&eva, b"Item,Region\n".to_vec()).await.status(), 403);

    let dan = server.sign_in("dan").await;
    let version = freeze(&server, &dan, "June").await;
    let frozen = server.get(&format!("/api/workbooks/plan/versions/{}/file.xlsx", version.id), &eva).await;
    let frozen = workbook_file::read_bytes(&frozen.bytes().await.unwrap()).unwrap();
    let demand = frozen.sheets.iter().find(|sheet| &*sheet.title == "Demand").unwrap();
    assert!(demand.cells.iter().all(|cell| cell.formula.is_none()));
    assert!(demand.cells.iter().any(|cell| cell.value == 70.0.into()));

    assert_eq!(&*frozen.sheets[0].title, "Key figures", "what is read of a version stands before its sheets");
    let figures = server.get(&format!("/api/workbooks/plan/versions/{}/file.csv", version.id), &eva).await;
    let figures = figures.text().await.unwrap();
    assert!(figures.contains("Key figure,Unit,Value,Target") && figures.contains("\nProfit,"), "{figures}");

    // Larger than any file that is taken. The server answers before it has all of it, which may cut the line instead.
    let large = server.request(Method::POST, READING, &nora).body(vec![b','; 33 << 20]).send().await;
    assert!(large.is_err() || large.is_ok_and(|answer| answer.status() == 413));
}

/// A table takes many times the file's size while it is read: whoever sends another file meanwhile waits.
#[tokio::test]
async fn one_file_is_read_at_a_time() {
    let server = Server::start().await;
    let (nora, dan) = (server.sign_in("nora").await, server.sign_in("dan").await);
    let read = |cookie: &str, table: Vec<u8>| server.request(Method::POST, READING, cookie).body(table).send();
    let in_line = |count: f64| {
        let server = &server;
        async move {
            let deadline = std::time::Instant::now() + crate::server::PATIENCE;
            while server.metric("equipoise_files_in_line").await < count {
                assert!(std::time::Instant::now() < deadline, "it never comes to the desk");
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
        }
    };
    // Many lines that no row answers to, which takes a while to find.
    let mut long = b"Item,Region,Override 2026-04\n".to_vec();
    for line in 0..800_000 {
        long.extend_from_slice(format!("Milk {line},North,1\n").as_bytes());
    }
    let small = b"Item,Region,Override 2026-04\nTea,North,71\n".to_vec();
    let mut first = Box::pin(read(&nora, long));
    tokio::select! {
        answer = &mut first => panic!("it is answered before it is seen at the desk: {answer:?}"),
        () = in_line(1.0) => {}
    }
    let mut second = Box::pin(read(&dan, small));
    let answered = async {
        let mut answered = Vec::new();
        let (mut has_first, mut has_second) = (false, false);
        while !(has_first && has_second) {
            tokio::select! {
                answer = &mut first, if !has_first => {
                    has_first = true;
                    answered.push(("first", answer.unwrap().status().as_u16()));
                }
                answer = &mut second, if !has_second => {
                    has_second = true;
                    answered.push(("second", answer.unwrap().status().as_u16()));
                }
            }
        }
        answered
    };
    let deadline = crate::server::PATIENCE;
    let answered = tokio::time::timeout(deadline, answered).await.unwrap();
    assert_eq!(answered, [("first", 422), ("second", 200)]);
    assert_eq!(server.metric("equipoise_files_in_line").await, 0.0);
}
