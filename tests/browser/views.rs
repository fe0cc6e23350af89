//! How a person chooses to see a sheet: measures under each other or side by side, and the course of every line.

use serde_json::json;

use crate::driver::{Browser, Driver, ENTER, ESCAPE, LEFT, RIGHT};
use crate::{TURN, demo_company};
use equipoise_tests::serve;

/// Browsers round the edges of slanted lines by this much where they are clipped otherwise.
const SLANTED: f64 = 8.0;

impl Browser {
    async fn change_view(&self, words: &str) {
        self.press_words("[aria-label='What the sheet shows']", "View").await;
        self.choose(words).await;
        self.press(&[ESCAPE]).await;
    }

    /// The cell the editor stands on, as its name says.
    async fn until_at(&self, name: &str) {
        let there = "return document.querySelector('.name-box').value === arguments[0]";
        self.until(&format!("to stand at {name}"), there, vec![json!(name)]).await;
    }
}

#[tokio::test]
async fn measures_lie_side_by_side_or_under_each_other_and_every_line_shows_its_course() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let ada = driver.sign_in(&address, "admin").await;
    let [cell, _] = ada.two_overrides().await;
    ada.click(&cell).await;
    let name = ada.read("return document.querySelector('.name-box').value", vec![]).await;
    let name = name.as_str().unwrap().to_owned();

    // One line a row; one stays where one was, and it is in view.
    ada.change_view("Measures side by side").await;
    ada.until_at(&name).await;
    let once =
        "const rows = [...document.querySelectorAll('#grid-mirror [role=row][data-row]')].map(row => row.dataset.row);
        return rows.length > 3 && new Set(rows).size === rows.length
            && document.querySelector('#grid-mirror [role=rowheader]') === null";
    ada.until("a line for each row", once, vec![]).await;
    let heading = "return [...document.querySelectorAll('#grid-mirror [role=columnheader]')]
        .some(one => one.textContent.includes('Override'))";
    ada.until("the name of the measure over its buckets", heading, vec![]).await;
    ada.click(&cell).await;
    ada.type_text("4321").await;
    ada.press(&[ENTER]).await;
    ada.until_text(&cell, "4,321").await;
    // The measure before ends where this one begins.
    ada.click(&cell).await;
    ada.press(&[LEFT]).await;
    ada.until(
        "the measure before",
        "return document.querySelector('.name-box').value.startsWith('Demand!Baseline')",
        vec![],
    )
    .await;
    ada.press(&[RIGHT]).await;
    ada.until_at(&name).await;

    // The course of every line is painted as the rest is: only where it differs.
    ada.change_view("Sparklines").await;
    ada.check_canvas_within(SLANTED, "showing sparklines").await;
    ada.click(&cell).await;
    ada.type_text("9000").await;
    ada.press(&[ENTER]).await;
    ada.until_text(&cell, "9,000").await;
    ada.check_canvas_within(SLANTED, "an entry that changes a sparkline").await;
    ada.change_view("Measures stacked").await;
    ada.until_text(&cell, "9,000").await;
    ada.check_canvas_within(SLANTED, "stacking the measures").await;
    ada.until_mark("Saved").await;
}
