//! Edits that have not reached the server, or are not known to have: nothing is lost, and nothing made twice.

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::driver::{Browser, CTRL, Cell, DELETE, Driver, ENTER};
use crate::{TURN, demo_company};
use equipoise_tests::{program, serve};

/// What is written over so long after is not written at the same moment.
const LATER: Duration = Duration::from_millis(3_100);

impl Browser {
    async fn type_into(&self, cell: &Cell, text: &str) {
        self.click(cell).await;
        self.type_text(text).await;
        self.press(&[ENTER]).await;
    }

    async fn says(&self, words: &str) -> bool {
        let said = "return document.querySelector('.toasts').innerText.includes(arguments[0])";
        self.read(said, vec![json!(words)]).await == json!(true)
    }
}

async fn signal(server: &Child, signal: &str) {
    let pid = server.id().unwrap().to_string();
    assert!(Command::new("kill").args([signal, &pid]).status().await.unwrap().success());
}

async fn run(command: &str, folder: &Path, more: &[&Path]) {
    let mut started = Command::new(program());
    started.arg(command).arg("--data").arg(folder).args(more);
    let done = started.output().await.unwrap();
    assert!(done.status.success(), "{command}: {}", String::from_utf8_lossy(&done.stderr));
}

#[tokio::test]
async fn what_had_arrived_and_what_changes_nothing_is_not_made_again() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (server, address) = serve(company.path(), "127.0.0.1:0").await;
    let jonas = driver.sign_in(&address, "jonas").await;
    let [first, second] = &jonas.two_overrides().await;
    jonas.click(first).await;
    jonas.press(&[DELETE]).await;
    jonas.until_mark("Saved").await;
    // The server takes what is sent, and tells nobody before the browser is closed.
    signal(&server, "-STOP").await;
    jonas.type_into(second, "200").await;
    jonas.until_mark("Saving").await;
    let kept = jonas.quit().await;
    signal(&server, "-CONT").await;

    let dana = driver.sign_in(&address, "dana").await;
    dana.until_text(second, "200").await;
    dana.type_into(first, "500").await;
    dana.type_into(second, "4444").await;
    dana.until_mark("Saved").await;
    let jonas = driver.come_back(kept, &address, "jonas").await;
    jonas.until_text(second, "4,444").await;
    jonas.until_text(first, "500").await;
    jonas.until_mark("Saved").await;
    assert!(!jonas.says("made again").await);
    dana.until_text(second, "4,444").await;
    dana.until_text(first, "500").await;
}

#[tokio::test]
async fn who_comes_back_in_another_page_meets_who_wrote_meanwhile() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (mut server, address) = serve(company.path(), "127.0.0.1:0").await;
    let jonas = driver.sign_in(&address, "jonas").await;
    let dana = driver.sign_in(&address, "dana").await;
    let [first, second] = &jonas.two_overrides().await;
    dana.until_measure("override").await;
    server.kill().await.unwrap();
    for (person, value) in [(&jonas, "2001"), (&dana, "4001")] {
        person.until_mark("Offline").await;
        person.type_into(first, value).await;
        person.until_mark("Offline · 1 unsent edit").await;
    }
    jonas.type_into(second, "2002").await;
    jonas.until_mark("Offline · 2 unsent edits").await;
    let kept = jonas.quit().await;
    let (_server, _) = serve(company.path(), &address).await;
    dana.until_mark("Saved").await;
    tokio::time::sleep(LATER).await;

    let jonas = driver.come_back(kept, &address, "jonas").await;
    jonas.until_said(".toast-warn strong", "Dana").await;
    dana.until_said(".toast-warn strong", "Jonas").await;
    for (person, words) in [(&jonas, "you entered 2,001, they entered 4,001"), (&dana, "they entered 2,001")] {
        person.until_said(".toast-warn span", words).await;
        person.until_mark("Saved").await;
        person.until_text(second, "2,002").await;
    }
    assert_eq!(jonas.text(first).await, dana.text(first).await);
}

#[tokio::test]
async fn an_undo_made_offline_outlives_the_browser() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (mut server, address) = serve(company.path(), "127.0.0.1:0").await;
    let jonas = driver.sign_in(&address, "jonas").await;
    let [first, second] = &jonas.two_overrides().await;
    jonas.type_into(first, "123").await;
    jonas.until_text(first, "123").await;
    jonas.until_mark("Saved").await;
    server.kill().await.unwrap();
    jonas.until_mark("Offline").await;
    jonas.chord(&[CTRL], 'z').await;
    jonas.until_text(first, "").await;
    jonas.type_into(second, "321").await;
    jonas.until_mark("Offline · 2 unsent edits").await;
    let kept = jonas.quit().await;

    let (_server, _) = serve(company.path(), &address).await;
    let jonas = driver.come_back(kept, &address, "jonas").await;
    jonas.until_text(second, "321").await;
    jonas.until_text(first, "").await;
    jonas.until_mark("Saved").await;
    let dana = driver.sign_in(&address, "dana").await;
    dana.until_text(second, "321").await;
    dana.until_text(first, "").await;
}

#[tokio::test]
async fn after_a_restore_only_what_was_unsent_is_made_again() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (mut server, address) = serve(company.path(), "127.0.0.1:0").await;
    let jonas = driver.sign_in(&address, "jonas").await;
    let [first, second] = &jonas.two_overrides().await;
    let place = TempDir::new().unwrap();
    let backup = place.path().join("monday.db");
    run("backup", company.path(), &[Path::new("--output"), &backup]).await;
    jonas.type_into(first, "7001").await;
    jonas.until_text(first, "7,001").await;
    jonas.until_mark("Saved").await;
    server.kill().await.unwrap();
    jonas.until_mark("Offline").await;
    jonas.type_into(second, "7002").await;
    jonas.until_mark("Offline · 1 unsent edit").await;
    let restored = TempDir::new().unwrap();
    run("restore", restored.path(), &[&backup]).await;
    let (_server, _) = serve(restored.path(), &address).await;

    jonas.until_text(first, "").await;
    jonas.until_text(second, "7,002").await;
    // What was saved and is not there any more is not made again behind anybody's back, nor lost silently.
    jonas.until_mark("1 edit not accepted").await;
    let dana = driver.sign_in(&address, "dana").await;
    dana.until_text(second, "7,002").await;
    dana.until_text(first, "").await;
}

/// Row D5, at the browser.
#[tokio::test]
async fn d5_after_a_restore_an_open_page_says_what_is_gone_and_makes_it_again_on_demand() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (mut server, address) = serve(company.path(), "127.0.0.1:0").await;
    let jonas = driver.sign_in(&address, "jonas").await;
    let [first, second] = &jonas.two_overrides().await;
    for (cell, text) in [(first, "6001"), (second, "5555")] {
        jonas.type_into(cell, text).await;
        jonas.until_mark("Saved").await;
    }
    let place = TempDir::new().unwrap();
    let backup = place.path().join("monday.db");
    run("backup", company.path(), &[Path::new("--output"), &backup]).await;
    jonas.type_into(first, "7001").await;
    jonas.until_text(first, "7,001").await;
    jonas.until_mark("Saved").await;
    server.kill().await.unwrap();
    jonas.until_mark("Offline").await;
    let restored = TempDir::new().unwrap();
    run("restore", restored.path(), &[&backup]).await;
    let (_server, _) = serve(restored.path(), &address).await;

    jonas.until_mark("1 edit not accepted").await;
    jonas.until_text(first, "6,001").await;
    jonas.until_text(second, "5,555").await;
    assert!(jonas.says("restored from a backup").await);
    jonas.press_on("[data-testid=saved]", 0).await;
    jonas.until_said(".declined strong", "7,001").await;
    jonas.press_words(".declined button", "Try again").await;
    jonas.until_text(first, "7,001").await;
    jonas.until_mark("Saved").await;
    let dana = driver.sign_in(&address, "dana").await;
    dana.until_text(first, "7,001").await;
    dana.until_text(second, "5,555").await;
}

/// Undo reaches back to when the page was loaded, and never to what another person did.
#[tokio::test]
async fn after_a_reload_undo_takes_back_nothing_of_before_and_unsent_edits_are_still_sent() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (mut server, address) = serve(company.path(), "127.0.0.1:0").await;
    let jonas = driver.sign_in(&address, "jonas").await;
    let dana = driver.sign_in(&address, "dana").await;
    let [first, second] = &jonas.two_overrides().await;
    dana.until_measure("override").await;
    jonas.type_into(first, "111").await;
    jonas.until_mark("Saved").await;
    dana.type_into(second, "222").await;
    jonas.until_text(second, "222").await;
    jonas.reload().await;
    jonas.until_measure("override").await;
    jonas.until_text(second, "222").await;
    jonas.click(first).await;
    jonas.chord(&[CTRL], 'z').await;
    // A marker that comes after: had anything been undone, it would be so by now.
    jonas.type_into(second, "333").await;
    dana.until_text(second, "333").await;
    assert_eq!(jonas.text(first).await.as_deref(), Some("111"));
    jonas.chord(&[CTRL], 'z').await;
    dana.until_text(second, "222").await;
    jonas.until_mark("Saved").await;
    jonas.chord(&[CTRL], 'z').await;

    server.kill().await.unwrap();
    jonas.until_mark("Offline").await;
    jonas.type_into(first, "444").await;
    jonas.until_mark("Offline · 1 unsent edit").await;
    let kept = jonas.quit().await;
    let (_server, _) = serve(company.path(), &address).await;
    let jonas = driver.come_back(kept, &address, "jonas").await;
    dana.until_text(first, "444").await;
    jonas.until_text(first, "444").await;
    jonas.until_mark("Saved").await;
    jonas.click(first).await;
    jonas.chord(&[CTRL], 'z').await;
    jonas.type_into(second, "555").await;
    dana.until_text(second, "555").await;
    assert_eq!(dana.text(first).await.as_deref(), Some("444"), "the page before it made that");
}

#[tokio::test]
async fn what_was_not_accepted_is_kept_until_it_is_let_go() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let jonas = driver.sign_in(&address, "jonas").await;
    let [first, _] = &jonas.two_overrides().await;
    // Demand is not negative.
    jonas.type_into(first, "-500").await;
    jonas.until_mark("1 edit not accepted").await;
    jonas.reload().await;
    jonas.until_mark("1 edit not accepted").await;
    let kept = jonas.quit().await;
    let jonas = driver.come_back(kept, &address, "jonas").await;
    jonas.until_mark("1 edit not accepted").await;
    jonas.press_on("[data-testid=saved]", 0).await;
    jonas.until_said(".declined strong", "500").await;
    jonas.press_words(".declined button", "Try again").await;
    jonas.until_mark("1 edit not accepted").await;
    jonas.press_words(".declined button", "Discard").await;
    jonas.until_mark("Saved").await;
    jonas.reload().await;
    jonas.until_cells().await;
    jonas.until_mark("Saved").await;
}

/// The database the browser keeps edits in follows a moment after the edit: a page that goes at once takes the rest along.
#[tokio::test]
async fn what_was_entered_and_let_go_right_before_a_reload_is_as_it_was_left() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let jonas = driver.sign_in(&address, "jonas").await;
    let [first, _] = &jonas.two_overrides().await;
    jonas.type_into(first, "-500").await;
    jonas.until_mark("1 edit not accepted").await;
    jonas.press_on("[data-testid=saved]", 0).await;
    jonas.until_said(".declined strong", "500").await;
    let at_once =
        "[...document.querySelectorAll('.declined button')].find(one => one.textContent === arguments[0]).click();
        location.reload()";
    jonas.read(at_once, vec![json!("Try again")]).await;
    jonas.until_mark("1 edit not accepted").await;
    jonas.press_on("[data-testid=saved]", 0).await;
    jonas.until_said(".declined strong", "500").await;
    jonas.read(at_once, vec![json!("Discard")]).await;
    jonas.until_cells().await;
    jonas.until_mark("Saved").await;
    jonas.until_text(first, "").await;
    // Nothing of it is left either for the next page.
    jonas.reload().await;
    jonas.until_cells().await;
    jonas.until_mark("Saved").await;
}

#[tokio::test]
async fn a_session_that_ended_while_the_server_was_away_is_called_to_sign_in() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (mut server, address) = serve(company.path(), "127.0.0.1:0").await;
    let jonas = driver.sign_in(&address, "jonas").await;
    let [first, _] = &jonas.two_overrides().await;
    server.kill().await.unwrap();
    jonas.until_mark("Offline").await;
    jonas.type_into(first, "7003").await;
    jonas.until_mark("Offline · 1 unsent edit").await;
    jonas.devtools("Network.clearBrowserCookies", json!({})).await;
    let (_server, _) = serve(company.path(), &address).await;
    jonas.fill_in_login().await;
    jonas.until_text(first, "7,003").await;
    jonas.until_mark("Saved").await;
}
