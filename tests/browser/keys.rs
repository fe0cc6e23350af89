//! The keyboard as spreadsheet users know it, case by case.

use serde_json::json;

use crate::driver::{
    ALT, Browser, CTRL, DELETE, DOWN, Driver, END, ENTER, ESCAPE, F2, F4, HOME, LEFT, PAGE_DOWN, PAGE_UP, RIGHT, SHIFT,
    TAB, UP,
};
use crate::{TURN, demo_company};
use equipoise_tests::serve;

/// Where one begins, the keys held and pressed, the cell one stands at then and how many cells are selected.
type Case<'a> = (&'a str, &'a [char], char, &'a str, usize);

/// A block of numbers from A1 to C5; the sheet has 26 columns and 200 rows.
const MOVES: [Case; 30] = [
    ("A1", &[], RIGHT, "B1", 1),
    ("B1", &[], LEFT, "A1", 1),
    ("A1", &[], LEFT, "A1", 1),
    ("A1", &[], UP, "A1", 1),
    ("A2", &[], DOWN, "A3", 1),
    ("A1", &[CTRL], DOWN, "A5", 1),
    ("A5", &[CTRL], DOWN, "A200", 1),
    ("A1", &[CTRL], RIGHT, "C1", 1),
    ("C1", &[CTRL], RIGHT, "Z1", 1),
    ("C3", &[CTRL], LEFT, "A3", 1),
    ("C5", &[CTRL], UP, "C1", 1),
    ("A1", &[SHIFT], DOWN, "A1", 2),
    ("B2", &[SHIFT], RIGHT, "B2", 2),
    ("A1", &[CTRL, SHIFT], DOWN, "A1", 5),
    ("A1", &[CTRL, SHIFT], RIGHT, "A1", 3),
    ("C3", &[], HOME, "A3", 1),
    ("A3", &[], END, "Z3", 1),
    ("C3", &[CTRL], HOME, "A1", 1),
    ("A1", &[CTRL], END, "C5", 1),
    ("C3", &[SHIFT], HOME, "C3", 3),
    ("A1", &[], TAB, "B1", 1),
    ("B1", &[SHIFT], TAB, "A1", 1),
    ("A1", &[], ENTER, "A2", 1),
    ("A2", &[SHIFT], ENTER, "A1", 1),
    ("A1", &[CTRL], ' ', "A1", 200),
    ("A1", &[SHIFT], ' ', "A1", 26),
    ("B3", &[CTRL], ' ', "B3", 200),
    ("B3", &[SHIFT], ' ', "B3", 26),
    ("B3", &[CTRL], 'a', "B3", 15),
    ("E9", &[CTRL], 'a', "E9", 5200),
];

impl Browser {
    async fn stands_at(&self, name: &str) {
        let script = "return document.querySelector('.name-box').value === arguments[0]";
        self.until(&format!("to stand at {name}"), script, vec![json!(format!("Sheet 1!{name}"))]).await;
    }

    /// Waits until the editor holds a text.
    async fn edits(&self, text: &str) {
        let script = "return document.querySelector('.grid-editor').value === arguments[0]";
        self.until(&format!("“{text}” in the editor"), script, vec![json!(text)]).await;
    }

    /// What is selected, in rows times columns as the grid says it to screen readers.
    async fn selects(&self, cells: usize, case: &str) {
        let script = "return Number(document.getElementById('grid-mirror').dataset.selected) === arguments[0]";
        self.until(&format!("{cells} cells selected after {case}"), script, vec![json!(cells)]).await;
    }
}

#[tokio::test]
async fn every_key_does_what_spreadsheet_users_expect() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let ada = driver.sign_in(&address, "admin").await;
    ada.new_sheet().await;
    // Tab goes along, Enter returns to the column where Tab began.
    for line in 0..5 {
        for text in [format!("{}", 3 * line + 1), format!("{}", 3 * line + 2)] {
            ada.type_text(&text).await;
            ada.press(&[TAB]).await;
        }
        ada.type_text(&format!("{}", 3 * line + 3)).await;
        ada.press(&[ENTER]).await;
    }
    ada.stands_at("A6").await;
    ada.until_shows((4, 2), "15").await;

    for (from, held, key, to, selected) in MOVES {
        ada.go_to(from).await;
        ada.stands_at(from).await;
        ada.chord(held, key).await;
        ada.stands_at(to).await;
        ada.selects(selected, &format!("{held:?} {key:?} at {from}")).await;
    }
    ada.go_to("A1").await;
    ada.press(&[PAGE_DOWN]).await;
    let moved = "return Number(/\\d+$/.exec(document.querySelector('.name-box').value)[0]) > 10";
    ada.until("a page down", moved, vec![]).await;
    ada.press(&[PAGE_UP]).await;
    ada.stands_at("A1").await;

    // Editing.
    ada.go_to("E1").await;
    ada.type_text("ab").await;
    ada.press(&[F2]).await;
    ada.press(&[ENTER, UP, F2]).await;
    ada.edits("ab").await;
    ada.type_text("c").await;
    ada.press(&[ESCAPE]).await;
    ada.until_shows((0, 4), "ab").await;
    ada.type_text("x").await;
    ada.chord(&[ALT], ENTER).await;
    ada.type_text("y").await;
    ada.edits("x\ny").await;
    ada.press(&[ESCAPE]).await;
    ada.chord(&[SHIFT], DOWN).await;
    ada.type_text("7").await;
    ada.chord(&[CTRL], ENTER).await;
    ada.until_shows((0, 4), "7").await;
    ada.until_shows((1, 4), "7").await;
    ada.press(&[DELETE]).await;
    ada.until_shows((0, 4), "").await;
    ada.until_shows((1, 4), "").await;
    ada.chord(&[CTRL], 'z').await;
    ada.until_shows((1, 4), "7").await;
    ada.chord(&[CTRL], 'y').await;
    ada.until_shows((1, 4), "").await;

    // Filling, dates, sums, references.
    ada.go_to("A5").await;
    ada.chord(&[SHIFT], DOWN).await;
    ada.chord(&[CTRL], 'd').await;
    ada.until_shows((5, 0), "13").await;
    ada.go_to("C5").await;
    ada.chord(&[SHIFT], RIGHT).await;
    ada.chord(&[CTRL], 'r').await;
    ada.until_shows((4, 3), "15").await;
    ada.go_to("F1").await;
    ada.type_text("=A1").await;
    ada.press(&[F4]).await;
    ada.edits("=$A$1").await;
    ada.press(&[F4]).await;
    ada.edits("=A$1").await;
    ada.press(&[F4]).await;
    ada.edits("=$A1").await;
    ada.press(&[F4]).await;
    ada.edits("=A1").await;
    ada.press(&[ENTER]).await;
    ada.go_to("B6").await;
    ada.chord(&[ALT], '=').await;
    ada.press(&[ENTER]).await;
    ada.until_shows((5, 1), "40").await;
    ada.go_to("G1").await;
    ada.chord(&[CTRL], ';').await;
    ada.press(&[ENTER]).await;
    let dated = "return /^\\d{4}-\\d\\d-\\d\\d$|\\/|\\./.test(document.getElementById('cell-0-6').textContent)";
    ada.until("today's date", dated, vec![]).await;

    // Another sheet and back.
    let shows = "return document.getElementById('grid-mirror').getAttribute('aria-label') === arguments[0]";
    ada.chord(&[CTRL], PAGE_DOWN).await;
    ada.until("the first sheet", shows, vec![json!("Demand")]).await;
    ada.chord(&[CTRL], PAGE_UP).await;
    ada.until("the sheet again", shows, vec![json!("Sheet 1")]).await;
    ada.until_mark("Saved").await;
}

#[tokio::test]
async fn cells_offer_what_they_accept_and_names_stand_for_cells() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let ada = driver.sign_in(&address, "admin").await;
    ada.new_sheet().await;
    ada.type_down(&["12"]).await;
    ada.go_to("A1").await;
    ada.define("Names").await;
    ada.fill("name", "price_up").await;
    ada.send_form("price_up").await;
    ada.press(&[ESCAPE]).await;
    ada.until(
        "the keyboard to be the grid's again",
        "return document.activeElement?.classList.contains('grid-editor') ?? false",
        vec![],
    )
    .await;
    ada.go_to("B1").await;
    ada.type_text("=price_up*2").await;
    ada.press(&[ENTER]).await;
    ada.until_shows((0, 1), "24").await;

    ada.go_to("C1").await;
    ada.define("What cells accept").await;
    let choose = "const kind = document.querySelector('dialog[open] select');
        kind.value = 'list';
        kind.dispatchEvent(new Event('change', { bubbles: true }))";
    ada.read(choose, vec![]).await;
    ada.fill("list", "Open\nClosed").await;
    ada.send_form("").await;
    // The keyboard is the grid's again.
    ada.type_text("Else").await;
    ada.press(&[ENTER]).await;
    let refused = "return document.body.innerText.includes('one of Open, Closed is expected')";
    ada.until("the refusal", refused, vec![]).await;
    ada.press(&[ESCAPE]).await;
    ada.chord(&[ALT], DOWN).await;
    ada.until("the list", "return document.querySelectorAll('.grid-completion [role=option]').length === 2", vec![])
        .await;
    ada.press(&[DOWN, DOWN, ENTER]).await;
    ada.until_shows((0, 2), "Closed").await;
    ada.until_mark("Saved").await;
}

impl Browser {
    /// Opens a dialog of the menu "Define".
    async fn define(&self, words: &str) {
        self.press_on("[aria-label='Names, rules and measures']", 0).await;
        self.choose(words).await;
        self.until("the dialog", "return document.querySelector('dialog[open] form') !== null", vec![]).await;
    }

    /// Writes into a field of the dialog that is open.
    async fn fill(&self, field: &str, text: &str) {
        let script = "const field = document.querySelector(`dialog[open] [name=${arguments[0]}]`);
            if (!field) return false;
            field.value = arguments[1];
            field.dispatchEvent(new Event('input', { bubbles: true }));
            return true";
        self.until(field, script, vec![json!(field), json!(text)]).await;
    }

    /// Sends the form, and waits until it shows a text, or for an empty one until it is gone.
    async fn send_form(&self, shows: &str) {
        self.read("document.querySelector('dialog[open] button[type=submit]').click()", vec![]).await;
        let script = "const dialog = document.querySelector('dialog[open]');
            return arguments[0] === '' ? dialog === null : dialog?.textContent.includes(arguments[0]) ?? false";
        self.until("the form to be taken", script, vec![json!(shows)]).await;
    }
}
