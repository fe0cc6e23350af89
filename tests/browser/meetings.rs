//! Two people at the same cells: both are told until they have seen it, and choose what stands.

use serde_json::json;

use crate::driver::{Browser, DELETE, Driver, ENTER};
use crate::{TURN, demo_company};
use equipoise_tests::serve;

const CLOSE: &str = ".toast-close";

impl Browser {
    async fn until_no_notice(&self) {
        let gone = "return !document.querySelector('.toasts').textContent.includes('the same cell')";
        self.until("no notice any more", gone, vec![]).await;
    }
}

#[tokio::test]
async fn both_are_told_until_they_have_seen_it_and_choose_what_stands() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (mut server, address) = serve(company.path(), "127.0.0.1:0").await;
    let jonas = driver.sign_in(&address, "jonas").await;
    let dana = driver.sign_in(&address, "dana").await;
    let cells = &jonas.two_overrides().await;
    dana.until_measure("override").await;
    server.kill().await.unwrap();
    for (person, values) in [(&jonas, ["1111", "1222"]), (&dana, ["3111", "3222"])] {
        person.until_mark("Offline").await;
        for (cell, value) in cells.iter().zip(values) {
            person.click(cell).await;
            person.type_text(value).await;
            person.press(&[ENTER]).await;
        }
        person.until_mark("Offline · 2 unsent edits").await;
    }
    let (_server, _) = serve(company.path(), &address).await;

    // The newest stands first, and says how many wait behind it.
    for (person, other) in [(&jonas, "Dana"), (&dana, "Jonas")] {
        person.until_mark("Saved").await;
        person.until_said(".toast-warn strong", "edited the same cell").await;
        person.until_said(".toast-warn strong", other).await;
        person.until_said(".toast-warn strong", "· 1 more").await;
    }
    // Whoever leaves without having seen them is told again.
    dana.reload().await;
    dana.until_measure("override").await;
    dana.until_said(".toast-warn strong", "· 1 more").await;
    // The tray has them all, and they stay there until they are seen.
    dana.press_words(".toast-action", "See all 2").await;
    dana.until_no_notice().await;
    let lines = "return document.querySelectorAll('.sidepanel .declined > li').length === arguments[0]";
    dana.until("both in the tray", lines, vec![json!(2)]).await;
    dana.press_words(".sidepanel .declined button", "Go to the cell").await;
    let newest = "return document.querySelector('.sidepanel .declined p').textContent
        .startsWith(document.querySelector('.name-box').value)";
    dana.until("to stand where the newest was", newest, vec![]).await;
    dana.press_words(".sidepanel .declined button", "Leave as it is").await;
    dana.until("one left in the tray", lines, vec![json!(1)]).await;
    dana.press_words(".sidepanel .declined button", "Leave as it is").await;
    dana.until("none left", lines, vec![json!(0)]).await;
    dana.until_no_notice().await;

    // Who chooses within a moment of the other's entry meets them once more.
    tokio::time::sleep(std::time::Duration::from_millis(3_100)).await;
    // The other value is taken with one click; then comes the one before.
    let notice = "return document.querySelector('.toast-warn span').textContent";
    let of_cell = |text: &str| usize::from(text.contains("1,222"));
    let told = jonas.read(notice, vec![]).await;
    let told = told.as_str().unwrap();
    let at = of_cell(told);
    let (mine, theirs) = [("1,111", "3,111"), ("1,222", "3,222")][at];
    let taken = if told.contains("Yours stands") { theirs } else { mine };
    jonas.press_words(".toast-action", if taken == mine { "Restore mine" } else { "Take theirs" }).await;
    jonas.until_text(&cells[at], taken).await;
    dana.until_text(&cells[at], taken).await;
    let next = format!("{notice}.includes(arguments[0])");
    jonas.until("the notice before", &next, vec![json!(["1,111", "1,222"][1 - at])]).await;
    jonas.press_on(CLOSE, 0).await;
    jonas.until_no_notice().await;

    // Seen is seen.
    jonas.until_mark("Saved").await;
    for person in [&jonas, &dana] {
        person.reload().await;
        person.until_measure("override").await;
        person.until_text(&cells[at], taken).await;
        person.until_no_notice().await;
    }
}

#[tokio::test]
async fn a_clear_against_an_entry_is_told_as_such_and_either_is_one_click_away() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (mut server, address) = serve(company.path(), "127.0.0.1:0").await;
    let jonas = driver.sign_in(&address, "jonas").await;
    let dana = driver.sign_in(&address, "dana").await;
    let [first, _] = &jonas.two_overrides().await;
    dana.until_measure("override").await;
    jonas.click(first).await;
    jonas.type_text("1111").await;
    jonas.press(&[ENTER]).await;
    dana.until_text(first, "1,111").await;
    jonas.until_mark("Saved").await;
    server.kill().await.unwrap();
    for person in [&jonas, &dana] {
        person.until_mark("Offline").await;
        person.click(first).await;
    }
    jonas.press(&[DELETE]).await;
    dana.type_text("3111").await;
    dana.press(&[ENTER]).await;
    for person in [&jonas, &dana] {
        person.until_mark("Offline · 1 unsent edit").await;
    }
    let (_server, _) = serve(company.path(), &address).await;
    jonas.until_said(".toast-warn span", "you cleared it, they entered 3,111. Theirs stands").await;
    dana.until_said(".toast-warn span", "you entered 3,111, they cleared it. Yours stands").await;
    for person in [&jonas, &dana] {
        person.until_mark("Saved").await;
        person.until_text(first, "3,111").await;
    }
    // Later than a moment, so that choosing is no meeting of its own.
    tokio::time::sleep(std::time::Duration::from_millis(3_100)).await;
    dana.press_words(".toast-action", "Take theirs").await;
    jonas.until_text(first, "").await;
}
