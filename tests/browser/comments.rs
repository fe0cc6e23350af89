//! Two people talk about a cell: one calls the other, who is told, goes there, answers, and sees it stay with its cell.

use serde_json::json;

use crate::driver::{ALT, Browser, CTRL, Driver, ENTER};
use crate::{TURN, demo_company};
use equipoise_tests::serve;

impl Browser {
    async fn until_thread(&self, words: &str) {
        let script = "return [...document.querySelectorAll('.thread')].some(it => it.innerText.includes(arguments[0]))";
        self.until(&format!("a thread with “{words}”"), script, vec![json!(words)]).await;
    }

    /// Presses the first button with these words in the side panel.
    async fn press_in_panel(&self, words: &str) {
        let script = "const found = [...document.querySelectorAll('.sidepanel button')]
            .find(it => it.textContent.trim() === arguments[0] || it.getAttribute('aria-label') === arguments[0]);
            found?.click(); return found !== undefined";
        self.until(&format!("“{words}”"), script, vec![json!(words)]).await;
    }

    async fn until_field(&self) {
        let script = "return document.activeElement?.closest('.comment-field') !== null";
        self.until("the field of a comment", script, vec![]).await;
    }
}

#[tokio::test]
async fn two_people_talk_about_a_cell() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let ada = driver.sign_in(&address, "admin").await;
    let dana = driver.sign_in(&address, "dana").await;
    let elsewhere = driver.sign_in(&address, "admin").await;
    ada.new_sheet().await;
    dana.until_cells().await;
    elsewhere.until_cells().await;
    ada.type_down(&["12", "13"]).await;
    ada.go_to("A2").await;

    // `@` offers people; Enter takes one, Ctrl+Enter sends.
    ada.chord(&[CTRL, ALT], 'm').await;
    ada.until_field().await;
    // What is half written stays, whatever others do to the workbook and whichever panel is looked at meanwhile.
    ada.type_text("Is this").await;
    elsewhere.press_on("[aria-label='Add a sheet']", 0).await;
    elsewhere.choose("New sheet").await;
    let added = "return [...document.querySelectorAll('[role=tab]')].some(it => it.textContent.includes('Sheet 2'))";
    ada.until("the sheet added elsewhere", added, vec![]).await;
    ada.press_in_panel("Cell").await;
    ada.press_in_panel("Comments").await;
    ada.until_field().await;
    ada.type_text(" right, @dan").await;
    let offered = "return document.querySelector('.offers [aria-selected=true]')?.innerText.includes('Dana') ?? false";
    ada.until("Dana to be offered", offered, vec![]).await;
    ada.press(&[ENTER]).await;
    let written = "return /^Is this right, @Dana \\S.* $/.test(document.activeElement.value)";
    ada.until("the whole name", written, vec![]).await;
    ada.type_text("?").await;
    ada.chord(&[CTRL], ENTER).await;
    ada.until_thread("Is this right").await;
    let marked = "return document.querySelectorAll('#grid-mirror [data-commented]').length === 1
        && document.querySelector('#grid-mirror [data-commented]').textContent === arguments[0]";
    ada.until("the mark on the cell", marked, vec![json!("13")]).await;

    // Dana is told on whichever sheet she is, and goes there.
    dana.until("one unread call", "return document.querySelector('.inbox')?.dataset.unread === '1'", vec![]).await;
    dana.press_on(".inbox button", 0).await;
    dana.press_on(".inbox .call", 0).await;
    let there = "return document.getElementById('grid-mirror').getAttribute('aria-label') === 'Sheet 1'
        && document.querySelector('.name-box').value === 'Sheet 1!A2'";
    dana.until("to stand at the cell", there, vec![]).await;
    dana.until("nothing unread", "return document.querySelector('.inbox')?.dataset.unread === '0'", vec![]).await;
    dana.until_thread("Is this right").await;
    dana.press_in_panel("Reply").await;
    dana.until_field().await;
    dana.type_text("It is").await;
    dana.chord(&[CTRL], ENTER).await;
    ada.until_thread("It is").await;

    // The thread stays with its cell, whatever is inserted before it.
    ada.read("document.querySelector('.grid-editor').focus()", vec![]).await;
    ada.go_to("A1").await;
    ada.chord(&[CTRL, ALT], '=').await;
    ada.until_shows((2, 0), "13").await;
    ada.until("the mark one row below", marked, vec![json!("13")]).await;
    ada.until_thread("Sheet 1!A3").await;

    // What is settled leaves the open ones, for both; it can be opened again.
    dana.press_in_panel("Resolve").await;
    let none = "return document.querySelectorAll('.thread').length === 0
        && document.querySelectorAll('#grid-mirror [data-commented]').length === 0";
    dana.until("no open thread", none, vec![]).await;
    ada.until("no open thread", none, vec![]).await;
    ada.press_in_panel("All").await;
    ada.until_thread("Resolved by").await;
    ada.press_in_panel("Open again").await;
    dana.until_thread("Is this right").await;

    // One's own can be changed and taken back.
    let others = "return [...document.querySelectorAll('.said')].filter(it => it.querySelector('.own')).length";
    assert_eq!(dana.read(others, vec![]).await, json!(1), "what others said is theirs");
    dana.press_in_panel("Change").await;
    dana.until_field().await;
    dana.type_text(" not").await;
    dana.chord(&[CTRL], ENTER).await;
    ada.until_thread("It is not").await;
    dana.press_in_panel("Take back").await;
    ada.until_thread("Taken back").await;
}
