//! What becomes of a frozen version: every step is asked with room for words, and stays with who took it.

use crate::compare::freeze;
use crate::driver::{Browser, Driver};
use crate::{TURN, demo_company};
use equipoise_tests::serve;
use serde_json::json;

impl Browser {
    /// Takes an entry of a menu, which is opened again where the list it stands in has been made anew meanwhile.
    async fn take_from(&self, menu: &str, words: &str) {
        let script = "const items = [...document.querySelectorAll('[role=menu] .menu-item')];
            if (items.length === 0) document.querySelector(arguments[0])?.click();
            const item = items.find(item => item.textContent.startsWith(arguments[1]));
            item?.click();
            return item !== undefined";
        self.until(&format!("the entry “{words}”"), script, vec![json!(menu), json!(words)]).await;
    }

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
        dana.take_from(menu, step).await;
        dana.say_why(step, why).await;
        dana.until_said(march, state).await;
        dana.until_said(march, why).await;
    }
    // Approving and deciding are not hers.
    let items = "const items = [...document.querySelectorAll('[role=menu] .menu-item')].map(one => one.textContent);
        if (items.length === 0) document.querySelector(arguments[0])?.click();
        return items.some(one => one.includes('Back to draft')) && !items.some(one => /Approve|consensus/.test(one))";
    dana.until("her steps only", items, vec![json!(menu)]).await;

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
