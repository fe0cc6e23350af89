//! A planner locks what was agreed: nobody types over it, everyone reads why, until the lock is taken off.

use serde_json::json;

use crate::driver::{Browser, Cell, Driver, ENTER};
use crate::{TURN, demo_company};
use equipoise_tests::serve;

/// The right mouse button.
const RIGHT_BUTTON: u64 = 2;

fn selector(cell: &Cell) -> String {
    format!("#grid-mirror [data-row='{}'][data-col='{}']", cell.row, cell.col)
}

impl Browser {
    async fn until_writable(&self, cell: &Cell, is: bool) {
        let script =
            "return document.querySelector(arguments[0])?.getAttribute('aria-readonly') === String(!arguments[1])";
        self.until("the cell to say whether it takes input", script, vec![json!(selector(cell)), json!(is)]).await;
    }
}

#[tokio::test]
async fn what_is_locked_is_read_only_for_everyone_until_it_is_unlocked() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let jonas = driver.sign_in(&address, "jonas").await;
    let dana = driver.sign_in(&address, "dana").await;
    dana.until_cells().await;
    let [cell, beside] = &jonas.two_overrides().await;
    jonas.click(cell).await;
    jonas.type_text("4321").await;
    jonas.press(&[ENTER]).await;
    dana.until_text(cell, "4,321").await;

    dana.click(cell).await;
    dana.press_on(&selector(cell), RIGHT_BUTTON).await;
    dana.choose("Lock…").await;
    dana.until("the form", "return document.activeElement?.name === 'why'", vec![]).await;
    dana.type_text("Agreed on Friday").await;
    dana.press(&[ENTER]).await;
    for person in [&dana, &jonas] {
        person.until_writable(cell, false).await;
        person.until_writable(beside, true).await;
    }

    // Whoever types is told who locked it and why, and nothing changes.
    jonas.click(cell).await;
    jonas.type_text("1").await;
    jonas.until_said(".toasts", "It is locked by Dana Okafor: Agreed on Friday").await;
    jonas.press(&[ENTER]).await;
    jonas.click(beside).await;
    jonas.type_text("77").await;
    jonas.press(&[ENTER]).await;
    dana.until_text(beside, "77").await;
    dana.until_text(cell, "4,321").await;

    dana.click(cell).await;
    dana.press_on(&selector(cell), RIGHT_BUTTON).await;
    dana.choose("Lock…").await;
    dana.until_said("dialog", "Agreed on Friday").await;
    dana.press_words("dialog button", "Take off").await;
    jonas.until_writable(cell, true).await;
    jonas.click(cell).await;
    jonas.type_text("5432").await;
    jonas.press(&[ENTER]).await;
    dana.until_text(cell, "5,432").await;
}
