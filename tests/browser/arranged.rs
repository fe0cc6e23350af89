//! A free sheet as one person arranges it: sorted, filtered, with rows and columns that stay in view.

use serde_json::json;

use crate::driver::{Browser, Driver, ENTER};
use crate::{TURN, demo_company};
use equipoise_tests::serve;

const RIGHT_BUTTON: u64 = 2;
const LEFT_BUTTON: u64 = 0;

impl Browser {
    async fn until_column(&self, texts: &[&str]) {
        for (line, text) in texts.iter().enumerate() {
            self.until_shows((line, 0), text).await;
        }
    }

    async fn take_from_heading(&self, col: usize, words: &str) {
        self.press_on(&format!("#grid-mirror [role=columnheader]:nth-child({col})"), RIGHT_BUTTON).await;
        self.choose(words).await;
    }

    async fn until_frozen(&self, is_frozen: bool) {
        self.go_to("H150").await;
        let script =
            "return document.getElementById('cell-149-7') !== null && document.getElementById('cell-20-7') === null
            && (document.getElementById('cell-0-0')?.textContent === 'Item') === arguments[0]";
        self.until(&format!("the first row and column to stay: {is_frozen}"), script, vec![json!(is_frozen)]).await;
    }

    async fn take_from_view(&self, words: &str) {
        self.press_on("[aria-label='What of the sheet stays in view']", LEFT_BUTTON).await;
        self.choose(words).await;
    }
}

#[tokio::test]
async fn a_person_sorts_filters_and_freezes_a_free_sheet() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let ada = driver.sign_in(&address, "admin").await;
    ada.new_sheet().await;
    ada.type_down(&["Item", "pear", "apple", "fig"]).await;
    ada.go_to("B1").await;
    ada.type_down(&["Litres", "2", "30", "1"]).await;

    // The headings stay; rows keep their numbers, by which they are found and referred to.
    ada.take_from_heading(2, "Sort A to Z").await;
    ada.until_column(&["Item", "fig", "pear", "apple", ""]).await;
    let at = "return document.querySelector('.name-box').value === arguments[0]";
    ada.go_to("A3").await;
    ada.until("the row of apples", at, vec![json!("Sheet 1!A3")]).await;
    let selected =
        "return document.querySelector('#grid-mirror [role=gridcell][aria-selected=true]').id === 'cell-3-0'";
    ada.until("where it stands now", selected, vec![]).await;
    ada.go_to("D1").await;
    ada.type_text("=B2*10").await;
    ada.press(&[ENTER]).await;
    ada.until_shows((0, 3), "20").await;

    // Other people's order is their own.
    let bob = driver.sign_in(&address, "admin").await;
    bob.until_cells().await;
    bob.turn_to_free("Sheet 1").await;
    bob.until_column(&["Item", "pear", "apple", "fig", ""]).await;

    // Values, chosen one by one.
    ada.take_from_heading(1, "Filter by value").await;
    ada.press_words(".choice-tools button", "None").await;
    ada.press_words(".choices .choice", "apple").await;
    ada.press_words(".actions button", "Show these").await;
    ada.until_column(&["Item", "apple"]).await;
    let lines = "return document.getElementById('grid-mirror').getAttribute('aria-rowcount') === '3'";
    ada.until("nothing else", lines, vec![]).await;
    ada.press_on("[aria-label='Take your order and filters away']", LEFT_BUTTON).await;
    ada.until_column(&["Item", "pear", "apple", "fig", ""]).await;

    ada.press_on("#cell-0-0", LEFT_BUTTON).await;
    // What is frozen stays while the rest scrolls, also when this browser comes back.
    ada.until_frozen(false).await;
    ada.go_to("B2").await;
    ada.take_from_view("Freeze above and left of B2").await;
    ada.until_frozen(true).await;
    ada.check_canvas_within(2.0, "scrolling under what is frozen").await;
    ada.type_text("7").await;
    ada.press(&[ENTER]).await;
    ada.until_shows((149, 7), "7").await;
    ada.check_canvas_within(2.0, "an entry under what is frozen").await;
    ada.press_on("#cell-0-0", LEFT_BUTTON).await;
    ada.until("the frozen cell", at, vec![json!("Sheet 1!A1")]).await;
    ada.check_canvas_within(2.0, "a press on what is frozen").await;
    ada.until_mark("Saved").await;
    ada.reload().await;
    ada.until_cells().await;
    ada.turn_to_free("Sheet 1").await;
    ada.until_frozen(true).await;
    ada.take_from_view("Unfreeze").await;
    ada.until_frozen(false).await;
}
