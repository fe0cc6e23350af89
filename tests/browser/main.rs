//! People at real browsers, on the demo company.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod accessible;
mod arranged;
mod branches;
mod comments;
mod compare;
mod driver;
mod files;
mod following;
mod keys;
mod locks;
mod meetings;
mod mouse;
mod painting;
mod reasons;
mod settings;
mod sheet;
mod speed;
mod states;
mod styles;
mod supply;
mod tablet;
mod tower;
mod unsent;
mod views;

use std::ffi::OsString;
use std::path::Path;

use equipoise_tests::{program, serve};
use serde_json::json;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::sync::{Mutex, OnceCell};

use driver::{Cell, Driver, ENTER, RIGHT};

/// Browsers are heavy: one test at a time.
static TURN: Mutex<()> = Mutex::const_new(());

/// A data folder of its own with the demo company, made up once for all tests.
async fn demo_company() -> TempDir {
    static FILES: OnceCell<Vec<(OsString, Vec<u8>)>> = OnceCell::const_new();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/dist/index.html");
    assert!(page.exists(), "the web interface is not built: {} is missing", page.display());
    let files = FILES.get_or_init(|| async {
        let program = tokio::task::spawn_blocking(program).await.unwrap();
        let folder = TempDir::new().unwrap();
        let made = Command::new(program).args(["demo", "--data"]).arg(folder.path()).output().await.unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let entries = std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap);
        entries.map(|entry| (entry.file_name(), std::fs::read(entry.path()).unwrap())).collect()
    });
    let folder = TempDir::new().unwrap();
    for (name, bytes) in files.await {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

#[tokio::test]
async fn what_one_person_types_another_sees() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let jonas = driver.sign_in(&address, "jonas").await;
    let dana = driver.sign_in(&address, "dana").await;
    dana.until_cells().await;
    let [first, second] = &jonas.two_overrides().await;
    jonas.click(first).await;
    jonas.press(&[RIGHT]).await;
    jonas.type_text("4321").await;
    jonas.press(&[ENTER]).await;
    jonas.until_text(second, "4,321").await;
    dana.until_text(second, "4,321").await;
    jonas.until_mark("Saved").await;
    assert_eq!(jonas.text(first).await.as_deref(), Some(""), "only the cell beside it was meant");
}

#[tokio::test]
async fn what_the_server_refuses_counts_nowhere() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let jonas = driver.sign_in(&address, "jonas").await;
    let [overridden, _] = jonas.two_overrides().await;
    let consensus = Cell { col: overridden.col.replace("override", "consensus"), ..overridden.clone() };
    // Its forecast may still be on its way.
    let before = loop {
        match jonas.text(&consensus).await {
            Some(text) if !text.is_empty() && !text.starts_with('#') => break text,
            _ => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
        }
    };
    jonas.click(&overridden).await;
    // Demand is not negative; the server says so when the sheet shows it already.
    jonas.type_text("-500").await;
    jonas.press(&[ENTER]).await;
    jonas.until_mark("1 edit not accepted").await;
    jonas.until_text(&overridden, "").await;
    jonas.until_text(&consensus, &before).await;
}

#[tokio::test]
async fn an_executive_reads_and_cannot_write() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let elena = driver.sign_in(&address, "elena").await;
    let headline = "return location.pathname === '/w/demo/consensus'
        && /Revenue[^]*Profit/.test(document.querySelector('[aria-label=Headline]')?.innerText ?? '')";
    elena.until("the consensus with its headline", headline, vec![]).await;
    let sheets = elena.read("return document.querySelector('a[href*=\"/w/demo/v/\"]').pathname", vec![]).await;

    elena.open("/w/demo").await;
    elena.until("the consensus in place of the live workbook", headline, vec![]).await;
    assert_eq!(elena.cells("[data-col]").await, [], "the live grid is not for executives");

    elena.open(sheets.as_str().unwrap()).await;
    elena.turn_to("Demand").await;
    elena.until_measure("override").await;
    let overrides = elena.cells("[data-measure=override]").await;
    let cell = overrides.first().expect("an override of the frozen demand in view");
    let before = elena.text(cell).await.unwrap();
    assert_eq!(elena.cells("[aria-readonly=false]").await, [], "a frozen cell calls itself writable");
    elena.click(cell).await;
    elena.type_text("7654").await;
    elena.press(&[ENTER]).await;
    let said = "return document.querySelector('.toasts').innerText.includes('This cell is read-only')";
    elena.until("to be told that the cell is read-only", said, vec![]).await;
    elena.until_text(cell, &before).await;
    elena.reload().await;
    elena.turn_to("Demand").await;
    elena.until_measure("override").await;
    elena.until_text(cell, &before).await;
}

#[tokio::test]
async fn a_killed_server_comes_back_with_what_was_saved() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (mut server, address) = serve(company.path(), "127.0.0.1:0").await;
    let jonas = driver.sign_in(&address, "jonas").await;
    let [first, second] = &jonas.two_overrides().await;
    jonas.click(first).await;
    jonas.type_text("8765").await;
    jonas.press(&[ENTER]).await;
    jonas.until_text(first, "8,765").await;
    jonas.until_mark("Saved").await;
    server.kill().await.unwrap();
    jonas.until_mark("Offline").await;
    let stays = jonas.read("return window.stays = Math.floor(Math.random() * 1e9)", vec![]).await;

    // What is typed meanwhile waits in the browser.
    jonas.click(second).await;
    jonas.type_text("5678").await;
    jonas.press(&[ENTER]).await;
    jonas.until_mark("Offline · 1 unsent edit").await;
    let (_server, _) = serve(company.path(), &address).await;
    jonas.until_mark("Saved").await;
    jonas.until("the same page as before", "return window.stays === arguments[0]", vec![json!(stays)]).await;

    jonas.reload().await;
    jonas.until_text(first, "8,765").await;
    jonas.until_text(second, "5,678").await;
}

#[tokio::test]
async fn a_page_loaded_while_the_server_is_away_says_what_is_kept_and_goes_on_by_itself() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (mut server, address) = serve(company.path(), "127.0.0.1:0").await;
    let jonas = driver.sign_in(&address, "jonas").await;
    let [first, second] = &jonas.two_overrides().await;
    let ready = "return navigator.serviceWorker.ready.then(() => true)";
    jonas.until("what stands in for the server", ready, vec![]).await;
    server.kill().await.unwrap();
    jonas.until_mark("Offline").await;
    let says = "return document.querySelector('#kept')?.hidden === arguments[0]
        && document.querySelector('main').innerText.includes('cannot be reached')";
    jonas.open("/w/demo/tower").await;
    jonas.until("a page without unsent edits", says, vec![json!(true)]).await;
    let (mut server, _) = serve(company.path(), &address).await;
    jonas.until("the tower", "return !!document.querySelector('main.page h1, main.page h2')", vec![]).await;

    jonas.open("/w/demo").await;
    jonas.until_text(first, "").await;
    server.kill().await.unwrap();
    jonas.until_mark("Offline").await;
    jonas.click(second).await;
    jonas.type_text("5678").await;
    jonas.press(&[ENTER]).await;
    jonas.until_mark("Offline · 1 unsent edit").await;
    jonas.reload().await;
    jonas.until("a page that tells of the unsent edit", says, vec![json!(false)]).await;
    let (_server, _) = serve(company.path(), &address).await;
    jonas.until_text(second, "5,678").await;
    jonas.until_mark("Saved").await;
}

#[tokio::test]
async fn what_was_typed_offline_outlives_the_browser() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (mut server, address) = serve(company.path(), "127.0.0.1:0").await;
    let jonas = driver.sign_in(&address, "jonas").await;
    let [first, second] = &jonas.two_overrides().await;
    server.kill().await.unwrap();
    jonas.until_mark("Offline").await;
    for (cell, text) in [(first, "2345"), (second, "3456")] {
        jonas.click(cell).await;
        jonas.type_text(text).await;
        jonas.press(&[ENTER]).await;
    }
    jonas.until_mark("Offline · 2 unsent edits").await;
    let kept = jonas.quit().await;

    let (_server, _) = serve(company.path(), &address).await;
    let jonas = driver.come_back(kept, &address, "jonas").await;
    jonas.until_text(first, "2,345").await;
    jonas.until_text(second, "3,456").await;
    jonas.until_mark("Saved").await;
    let dana = driver.sign_in(&address, "dana").await;
    dana.until_text(second, "3,456").await;
}
