//! How a person chooses to see a sheet: measures under each other or side by side, and the course of every line.

use serde_json::json;

use crate::driver::{Browser, CTRL, DOWN, Driver, ENTER, ESCAPE, LEFT, RIGHT, SHIFT};
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
        let there = "return document.querySelector('.name-box')?.value === arguments[0]";
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
    // What one chose holds for sheets one comes to later, too.
    ada.change_view("Measures side by side").await;
    ada.reload().await;
    ada.until_cells().await;
    ada.until("a line for each row again", once, vec![]).await;
}

#[tokio::test]
async fn a_link_leads_to_a_cell_and_a_menu_from_plan_to_plan() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let ada = driver.sign_in(&address, "admin").await;
    ada.until_cells().await;
    ada.turn_to("Prices").await;
    let at = "return document.querySelector('.name-box').value";
    ada.until("a cell of the prices", &format!("{at}.startsWith('Prices!')"), vec![]).await;
    ada.press(&[DOWN, DOWN, RIGHT]).await;
    ada.until(
        "a cell below",
        "return document.querySelector('#grid-mirror [aria-selected=true]').id.startsWith('cell-2')",
        vec![],
    )
    .await;
    let name = ada.read(at, vec![]).await.as_str().unwrap().to_owned();

    // As on a page that came over plain HTTP: no clipboard, so the link is shown.
    ada.read("Object.defineProperty(navigator, 'clipboard', { value: undefined })", vec![]).await;
    ada.press_words("button.share", "").await;
    ada.until_said(".toasts", "sheet=").await;
    let path = "return document.querySelector('.toasts').innerText.match(/http:[^\\s/]*\\/\\/[^\\s/]*(\\S+)/)[1]";
    let path = ada.read(path, vec![]).await.as_str().unwrap().to_owned();
    let bob = driver.sign_in(&address, "claire").await;
    bob.open(&path).await;
    bob.until_at(&name).await;

    // From the live plan to a frozen version, where the same link leads to the same cell, and back.
    bob.press_words("button.plan-menu", "Live").await;
    // The month is that of the clock.
    bob.choose("Consensus 20").await;
    bob.until_mark("Read-only").await;
    bob.until_cells().await;
    let frozen = bob.read("return location.pathname", vec![]).await.as_str().unwrap().to_owned();
    bob.open(&format!("{frozen}?{}", path.split_once('?').unwrap().1)).await;
    bob.until_at(&name).await;
    bob.press_words("button.plan-menu", "Consensus 20").await;
    bob.choose("Live").await;
    bob.until_mark("Saved").await;

    // One to a sheet that is not there says so.
    bob.open("/w/demo?sheet=nowhere&row=x&col=y").await;
    bob.until_said(".toasts", "The link leads nowhere").await;
    bob.until_cells().await;
    bob.open("/w/nowhere").await;
    bob.until_said(".grid-cover", "There is no workbook nowhere.").await;
}

#[tokio::test]
async fn the_name_box_leads_to_ranges_and_other_sheets_and_gives_names() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let ada = driver.sign_in(&address, "admin").await;
    ada.turn_to("Demand").await;
    let [cell, _] = ada.two_overrides().await;
    ada.click(&cell).await;
    let before = ada.read("return document.querySelector('.name-box').value", vec![]).await;
    let before = before.as_str().unwrap().to_owned();
    let selected = "return Number(document.getElementById('grid-mirror').dataset.selected) === arguments[0]";

    ada.go_to("Summary!B2:C4").await;
    ada.until_at("Summary!B2").await;
    ada.until("six cells selected", selected, vec![json!(6)]).await;
    // A name nothing has yet is given to what is selected; from elsewhere it leads back.
    ada.go_to("first_figures").await;
    ada.until_said(".toasts", "first_figures").await;
    ada.go_to("A1").await;
    ada.until_at("Summary!A1").await;
    ada.go_to("FIRST_FIGURES").await;
    ada.until_at("Summary!B2").await;
    ada.until("the same six", selected, vec![json!(6)]).await;
    // A formula may refer to rows the sheet does not have yet: they come with it, and go when it is undone.
    ada.go_to("H1").await;
    ada.until_at("Summary!H1").await;
    ada.type_text("=ROWS(A1:A5000)").await;
    ada.press(&[ENTER]).await;
    ada.until_shows((0, 7), "5000").await;
    ada.chord(&[CTRL], 'z').await;
    ada.until_shows((0, 7), "").await;
    ada.go_to("A5000").await;
    ada.until_at("Summary!A100").await;
    // An array has room to spill.
    ada.go_to("J1").await;
    ada.type_text("=SEQUENCE(300)").await;
    ada.press(&[ENTER]).await;
    ada.until_shows((1, 9), "2").await;
    ada.go_to("J300").await;
    ada.until_at("Summary!J300").await;
    ada.until_shows((299, 9), "300").await;
    // What the box shows of a cell leads to it.
    ada.go_to(&before).await;
    ada.until_at(&before).await;
    ada.until_mark("Saved").await;
}

#[tokio::test]
async fn several_selected_rows_are_charted_together() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let ada = driver.sign_in(&address, "admin").await;
    ada.turn_to("Demand").await;
    let [cell, _] = ada.two_overrides().await;
    ada.click(&cell).await;
    ada.press_words(".sidepanel [role=tab]", "Row").await;
    let title = "const title = document.querySelector('.sidepanel .panel-head h3')?.textContent ?? ''";
    ada.until("one row", &format!("{title}; return title !== '' && !title.endsWith(' rows')"), vec![]).await;
    for _ in 0..12 {
        ada.chord(&[SHIFT], DOWN).await;
    }
    ada.until("several rows", &format!("{title}; return title.endsWith(' rows')"), vec![]).await;
    // What is entered meanwhile is part of it.
    let total = "return document.querySelector('.sidepanel .facts').textContent";
    let known = ada.read(total, vec![]).await;
    ada.type_text("876543").await;
    ada.press(&[ENTER]).await;
    ada.until("another total", &format!("{total} !== arguments[0]"), vec![known]).await;
    ada.until("the same rows", &format!("{title}; return title.endsWith(' rows')"), vec![]).await;
}
