//! A sheet as spreadsheet users know it: keys, menus, formulas by pointing, find and replace, notes, totals.

use serde_json::json;

use crate::driver::{
    ALT, Browser, CTRL, DELETE, DOWN, Driver, END, ENTER, ESCAPE, F2, HOME, LEFT, RIGHT, SHIFT, TAB, UP,
};
use crate::{TURN, demo_company};
use equipoise_tests::serve;

const RIGHT_BUTTON: u64 = 2;
const LEFT_BUTTON: u64 = 0;

impl Browser {
    /// A new, empty sheet on show, the keyboard at its first cell.
    pub async fn new_sheet(&self) {
        self.until_cells().await;
        self.press_on("[aria-label='Add a sheet']", LEFT_BUTTON).await;
        self.choose("New sheet").await;
        let shown = "return document.getElementById('grid-mirror').getAttribute('aria-label') === 'Sheet 1'
            && document.getElementById('cell-0-0')?.textContent === ''";
        self.until("the new sheet", shown, vec![]).await;
        let ready = "return document.activeElement?.classList.contains('grid-editor') ?? false";
        self.until("the keyboard to be the new sheet's", ready, vec![]).await;
        self.chord(&[CTRL], HOME).await;
    }

    /// Types texts down a column, each taken with Enter.
    pub async fn type_down(&self, texts: &[&str]) {
        for text in texts {
            self.type_text(text).await;
            self.press(&[ENTER]).await;
        }
    }
}

#[tokio::test]
async fn a_new_sheet_works_as_spreadsheets_do() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let ada = driver.sign_in(&address, "admin").await;
    ada.new_sheet().await;

    // Numbers, and Alt+= below them.
    ada.type_down(&["1", "2", "3"]).await;
    ada.chord(&[ALT], '=').await;
    ada.press(&[ENTER]).await;
    ada.until_shows((3, 0), "6").await;

    // A row inserted within the range, and undone.
    ada.go_to("A2").await;
    ada.chord(&[CTRL, ALT], '=').await;
    ada.until_shows((4, 0), "6").await;
    ada.type_down(&["10"]).await;
    ada.until_shows((4, 0), "16").await;
    ada.chord(&[CTRL], 'z').await;
    ada.chord(&[CTRL], 'z').await;
    ada.until_shows((3, 0), "6").await;

    // The same by the menu, and away again.
    ada.go_to("A1").await;
    ada.press_on("#cell-0-0", RIGHT_BUTTON).await;
    ada.choose("Insert row below").await;
    ada.until_shows((4, 0), "6").await;
    ada.press_on("#cell-1-0", RIGHT_BUTTON).await;
    ada.choose("Delete row").await;
    ada.until_shows((3, 0), "6").await;

    // Columns: inserted before, the sum moves along.
    ada.press_on("#cell-0-0", RIGHT_BUTTON).await;
    ada.choose("Insert column left").await;
    ada.until_shows((3, 1), "6").await;
    ada.chord(&[CTRL], 'z').await;
    ada.until_shows((3, 0), "6").await;

    // A formula by pointing: click, arrows, and Tab takes it.
    ada.go_to("C1").await;
    ada.type_text("=").await;
    ada.press_on("#cell-1-0", LEFT_BUTTON).await;
    let typed = "return document.querySelector('.grid-editor').value === arguments[0]";
    ada.until("the reference pointed at", typed, vec![json!("=A2")]).await;
    ada.type_text("*").await;
    ada.press(&[DOWN, DOWN]).await;
    ada.until("the reference by arrows", typed, vec![json!("=A2*C3")]).await;
    ada.press(&[UP, TAB]).await;
    ada.until_shows((0, 2), "0").await;

    // By headers, by the edge of the data, and wider with Shift.
    ada.go_to("G1").await;
    ada.type_text("=SUM(").await;
    ada.press_on("#grid-mirror [role=columnheader][aria-colindex='1']", LEFT_BUTTON).await;
    ada.until("the column by its header", typed, vec![json!("=SUM(A:A")]).await;
    ada.type_text("*2").await;
    ada.press(&[ENTER]).await;
    ada.until_shows((0, 6), "24").await;
    ada.go_to("G2").await;
    ada.type_text("=SUM(").await;
    ada.press_on("#cell-0-0", LEFT_BUTTON).await;
    ada.chord(&[CTRL, SHIFT], DOWN).await;
    ada.until("all down to the edge of the data", typed, vec![json!("=SUM(A1:A4")]).await;
    ada.press(&[ENTER]).await;
    ada.until_shows((1, 6), "12").await;

    // Fill down, replace everywhere, clear.
    ada.go_to("E1").await;
    ada.type_text("west 7").await;
    ada.press(&[ENTER]).await;
    ada.go_to("E1").await;
    ada.chord(&[SHIFT], DOWN).await;
    ada.chord(&[CTRL], 'd').await;
    ada.until_shows((1, 4), "west 7").await;
    ada.chord(&[CTRL], 'h').await;
    ada.type_text("WEST").await;
    ada.press(&[ENTER]).await;
    ada.press_on("[aria-label='Replace with']", LEFT_BUTTON).await;
    ada.type_text("east").await;
    let all = "[...document.querySelectorAll('.find-bar button')].find(it => it.textContent === 'All').click()";
    ada.read(all, vec![]).await;
    ada.until_shows((0, 4), "east 7").await;
    ada.until_shows((1, 4), "east 7").await;
    ada.press(&[ESCAPE]).await;
    ada.go_to("E1").await;
    ada.press(&[DELETE]).await;
    ada.until_shows((0, 4), "").await;
    ada.until_mark("Saved").await;

    // What the sheet holds came to the server.
    ada.reload().await;
    let tab = "const tab = [...document.querySelectorAll('[role=tab]')].find(it => it.textContent === 'Sheet 1');
        tab?.click();
        return tab !== undefined";
    ada.until("the tab of the new sheet", tab, vec![]).await;
    ada.until_shows((3, 0), "6").await;
    ada.until_shows((1, 4), "east 7").await;
}

#[tokio::test]
async fn a_formula_points_at_other_sheets_and_is_helped_to_its_end() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let ada = driver.sign_in(&address, "admin").await;
    ada.new_sheet().await;
    let on_show = "return document.getElementById('grid-mirror').getAttribute('aria-label') === arguments[0]";
    let in_bar = "return document.querySelector('.formulabar .entry').value === arguments[0]";

    // Another sheet is turned to while the formula is written, and its cell pressed; Enter takes it at home.
    ada.go_to("E5").await;
    ada.type_text("=2*").await;
    ada.press_words("[role=tab][data-sheet]", "Summary").await;
    ada.until("the other sheet", on_show, vec![json!("Summary")]).await;
    // Its cells stand elsewhere than those of the sheet before.
    ada.until_shows((1, 0), "Status").await;
    ada.until("the formula in the bar", in_bar, vec![json!("=2*")]).await;
    ada.press_on("#cell-1-1", LEFT_BUTTON).await;
    ada.until("the cell pointed at", in_bar, vec![json!("=2*Summary!B2")]).await;
    ada.press(&[ENTER]).await;
    ada.until("the sheet of the formula", on_show, vec![json!("Sheet 1")]).await;
    ada.go_to("E5").await;
    ada.until("the formula entered", in_bar, vec![json!("=2*Summary!B2")]).await;

    // Escape comes back too, and leaves the cell as it was.
    ada.go_to("E6").await;
    ada.type_text("=").await;
    ada.press_words("[role=tab][data-sheet]", "Summary").await;
    ada.until("the other sheet", on_show, vec![json!("Summary")]).await;
    ada.press(&[ESCAPE]).await;
    ada.until("the sheet left for it", on_show, vec![json!("Sheet 1")]).await;
    ada.until("nothing in the cell", in_bar, vec![json!("")]).await;

    // A bracket left open is closed; several columns are summed at once, below them.
    ada.go_to("A1").await;
    ada.type_down(&["1", "2"]).await;
    ada.go_to("B1").await;
    ada.type_down(&["10", "=SUM(A1:A2"]).await;
    ada.until_shows((1, 1), "3").await;
    ada.go_to("A1").await;
    ada.chord(&[SHIFT], RIGHT).await;
    ada.chord(&[SHIFT], DOWN).await;
    ada.chord(&[ALT], '=').await;
    ada.until_shows((2, 0), "3").await;
    ada.until_shows((2, 1), "13").await;

    // Lines of a text stand in the formula bar as lines, and another is begun there.
    ada.go_to("C1").await;
    ada.type_text("one").await;
    ada.chord(&[ALT], ENTER).await;
    ada.type_text("two").await;
    ada.press(&[ENTER, UP]).await;
    ada.until("both lines in the bar", in_bar, vec![json!("one\ntwo")]).await;
    ada.press_on(".formulabar .entry", LEFT_BUTTON).await;
    ada.chord(&[CTRL], END).await;
    ada.chord(&[ALT], ENTER).await;
    ada.type_text("three").await;
    ada.press(&[ENTER, UP]).await;
    ada.until("three lines in the bar", in_bar, vec![json!("one\ntwo\nthree")]).await;
}

#[tokio::test]
async fn a_total_spreads_over_its_rows_and_a_note_says_why() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let dana = driver.sign_in(&address, "dana").await;
    dana.until_measure("override").await;

    // A reason on a cell shows beside its contents, for others too.
    let overrides = dana.cells("[data-measure=override][aria-readonly=false]").await;
    let first = overrides.first().expect("an override in view");
    dana.click(first).await;
    dana.chord(&[SHIFT], F2).await;
    let writing = "return document.activeElement?.closest('.note-editor') !== null";
    dana.until("the note", writing, vec![]).await;
    dana.type_text("trade fair").await;
    dana.chord(&[CTRL], ENTER).await;
    let beside = "return document.querySelector('.formulabar').innerText.includes('trade fair')";
    dana.until("the note beside the cell", beside, vec![]).await;
    let jonas = driver.sign_in(&address, "jonas").await;
    jonas.until_measure("override").await;
    jonas.click(first).await;
    jonas.until("the note of another", beside, vec![]).await;

    // Sorting is one's own: the other's rows stay as they are.
    let top = "return document.getElementById('cell-0-0').textContent";
    let before = dana.read(top, vec![]).await;
    dana.press_on("#grid-mirror [role=columnheader]", RIGHT_BUTTON).await;
    dana.choose("Sort Z to A").await;
    let other = "return document.getElementById('cell-0-0').textContent !== arguments[0]";
    dana.until("another row at the top", other, vec![before.clone()]).await;
    assert_eq!(jonas.read(top, vec![]).await, before);
    dana.press_on(".toolbar .arranged", LEFT_BUTTON).await;
    dana.until(
        "the sheet's own order",
        "return document.getElementById('cell-0-0').textContent === arguments[0]",
        vec![before],
    )
    .await;

    // By region, folded: a total takes a number, and its rows share it.
    let group = "const choice = document.querySelector('.toolbar select');
        choice.value = [...choice.options].find(it => it.textContent === 'By region').value;
        choice.dispatchEvent(new Event('change', { bubbles: true }));
        return true";
    dana.until("groups by region", group, vec![]).await;
    let fold = "[...document.querySelectorAll('.toolbar button')].find(it => it.textContent === 'Collapse').click()";
    dana.until(
        "the tool to fold groups",
        "return document.querySelector('.toolbar').innerText.includes('Collapse')",
        vec![],
    )
    .await;
    dana.read(fold, vec![]).await;
    let total = "return document.querySelector('#grid-mirror [data-total=override]:not([data-under])') !== null
        && document.querySelector('#grid-mirror [data-measure=override]') === null";
    dana.until("totals alone", total, vec![]).await;
    // A bucket of the plan in which there are overrides already.
    let mark = "const plan = [...document.querySelectorAll('#grid-mirror [data-total=override]')]
        .filter(cell => !cell.dataset.under && cell.textContent !== '');
        window.spreads = plan[0].id;
        return window.spreads";
    let id = dana.read(mark, vec![]).await;
    dana.press_on(&format!("#{}", id.as_str().unwrap()), LEFT_BUTTON).await;
    dana.type_text("90000").await;
    dana.press(&[ENTER]).await;
    let spread = "return document.getElementById(window.spreads)?.textContent === '90,000'";
    dana.until("the total that was typed", spread, vec![]).await;
    dana.until_mark("Saved").await;
    dana.chord(&[CTRL], 'z').await;
    let undone = "return document.getElementById(window.spreads)?.textContent !== '90,000'";
    dana.until("one step back for the whole gesture", undone, vec![]).await;

    // The group of the total is opened and closed by keys, and says which it is.
    let opened = "return document.querySelector('#grid-mirror [aria-expanded=true]') !== null
        && document.querySelector('#grid-mirror [data-measure=override]') !== null";
    dana.chord(&[ALT, SHIFT], RIGHT).await;
    dana.until("the rows of the group", opened, vec![]).await;
    dana.press(&[DOWN]).await;
    dana.chord(&[ALT, SHIFT], LEFT).await;
    dana.until("totals alone again", total, vec![]).await;
    assert_eq!(dana.read(opened, vec![]).await, json!(false));
}

#[tokio::test]
async fn what_is_being_typed_stays_with_its_cell() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let ada = driver.sign_in(&address, "admin").await;
    ada.new_sheet().await;
    ada.type_down(&["tea", "soap", "salt"]).await;
    ada.until_mark("Saved").await;
    let other = driver.sign_in(&address, "admin").await;
    other.until_cells().await;
    other.turn_to_free("Sheet 1").await;
    other.until_shows((2, 0), "salt").await;
    // Somebody inserts a row above.
    ada.go_to("A2").await;
    ada.press(&[F2]).await;
    ada.type_text("-edit").await;
    other.go_to("A1").await;
    other.chord(&[CTRL, ALT], '=').await;
    ada.until_shows((3, 0), "salt").await;
    ada.press(&[ENTER]).await;
    ada.until_shows((2, 0), "soap-edit").await;
    other.until_shows((2, 0), "soap-edit").await;
    other.until_shows((1, 0), "tea").await;
    // Somebody deletes the row: what was typed goes nowhere else, and is told.
    ada.go_to("A3").await;
    ada.press(&[F2]).await;
    ada.type_text(" again").await;
    other.go_to("A3").await;
    other.chord(&[CTRL, ALT], '-').await;
    let told = "return document.body.textContent.includes('“soap-edit again” was not entered')";
    ada.until("to be told", told, vec![]).await;
    ada.until_shows((2, 0), "salt").await;
    other.until_shows((1, 0), "tea").await;
}
