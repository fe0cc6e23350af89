//! What becomes of a frozen version: every step is asked with room for words, and stays with who took it.

use crate::compare::freeze;
use crate::driver::{Browser, Driver};
use crate::{TURN, demo_company};
use equipoise_tests::serve;

impl Browser {
    /// Writes why into the dialog that asks, and carries the step out.
    async fn say_why(&self, title: &str, why: &str) {
        self.until_said("dialog[open] h2", title).await;
        let there =
            "const field = document.querySelector('dialog[open] textarea'); field?.focus(); return field !== null";
        self.until("room for words", there, vec![]).await;
        self.type_text(why).await;
        self.press_words("dialog[open] button[type=submit]", title).await;
        self.until("the dialog to go", "return document.querySelector('dialog[open]') === null", vec![]).await;
    }
}

#[tokio::test]
async fn steps_of_a_version_are_told_with_who_took_them_and_why() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let dana = driver.sign_in(&address, "dana").await;
    dana.until_cells().await;
    freeze(&dana, "March").await;
    let open =
        "if (!document.querySelector('.sidepanel')) document.querySelector('[aria-label=\"Side panel\"]').click();
        return document.querySelector('.sidepanel') !== null";
    dana.until("the side panel", open, vec![]).await;
    dana.press_words(".panel-tabs [role=tab]", "Versions").await;
    let march = ".version:has([aria-label='Actions for March'])";
    let menu = "[aria-label='Actions for March']";
    for (step, why, state) in [
        ("Back to draft", "Prices are not in yet", "Draft by Dana"),
        ("Propose", "Prices are in now", "Proposed by Dana"),
    ] {
        dana.press_on(menu, 0).await;
        dana.choose(step).await;
        dana.say_why(step, why).await;
        dana.until_said(march, state).await;
        dana.until_said(march, why).await;
    }
    // Approving and deciding are not hers.
    dana.press_on(menu, 0).await;
    let items = "return [...document.querySelectorAll('[role=menuitem]')].some(one => one.textContent.includes('Back to draft'))
        && ![...document.querySelectorAll('[role=menuitem]')].some(one => /Approve|consensus/.test(one.textContent))";
    dana.until("her steps only", items, vec![]).await;

    let elena = driver.sign_in(&address, "elena").await;
    let id = dana.read(&format!("return document.querySelector(\"{march}\").dataset.version"), vec![]).await;
    elena.open(&format!("/w/demo/consensus?version={}", id.as_str().unwrap())).await;
    elena.until_said(".page h1", "March").await;
    elena.press_words(".plan-head button", "Mark as consensus").await;
    elena.say_why("Mark as consensus", "Until the second line is running").await;
    elena.until_said(".states", "Consensus by Elena").await;
    elena.until_said(".states", "Until the second line is running").await;
    // What led to it is folded away, and there.
    elena.press_words(".states summary", "2 steps before").await;
    elena.until_said(".states details[open]", "Prices are in now").await;
}
