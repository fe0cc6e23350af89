//! A supply planner sees what is short, finds what would free it, and asks what if.

use serde_json::json;

use crate::driver::{Browser, CTRL, Driver, ENTER};
use crate::{TURN, demo_company};
use equipoise_tests::serve;

/// What a section of the page says.
async fn until_in(browser: &Browser, section: &str, words: &str) {
    let said = "return document.querySelector(`section[aria-label='${arguments[0]}']`)?.innerText.includes(arguments[1]) ?? false";
    browser.until(&format!("{section:?} to say {words:?}"), said, vec![json!(section), json!(words)]).await;
}

/// Fills a field of the what-if form, as typing does.
async fn fill(browser: &Browser, field: &str, text: &str) {
    let script = "const field = document.querySelector(arguments[0]); field.value = arguments[1];
        field.dispatchEvent(new Event('input', { bubbles: true })); field.dispatchEvent(new Event('change', { bubbles: true }));";
    browser.read(script, vec![json!(field), json!(text)]).await;
}

#[tokio::test]
async fn a_planner_sees_a_shortage_and_tries_what_would_end_it() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let owen = driver.sign_in(&address, "owen").await;
    owen.until_cells().await;
    owen.open("/w/demo/supply").await;
    until_in(&owen, "The plan in a few figures", "Served in time").await;
    let shortages = "return /Shortages by cause[^]*Capacity of/.test(document.querySelector('main').innerText)";
    owen.until("shortages with their cause", shortages, vec![]).await;
    until_in(&owen, "Bottlenecks", "One more saves").await;
    until_in(&owen, "What would free it", "Saves per cost").await;
    until_in(&owen, "Whether the causes hold", "Hours of resources").await;

    // What is not there is said at once, in the form.
    fill(&owen, ".what-if [name=change]", "a lot").await;
    owen.press_on(".what-if button[type=submit]", 0).await;
    until_in(&owen, "What if", "+10%").await;
    // All capacity doubled frees what capacity holds up.
    fill(&owen, ".what-if [name=of]", "").await;
    fill(&owen, ".what-if [name=change]", "+100%").await;
    owen.press_on(".what-if button[type=submit]", 0).await;
    until_in(&owen, "What if", "Capacity of everything +100%: profit +").await;
    until_in(&owen, "What if", "As it is").await;

    // The curve of stock against service has a point of least cost.
    owen.press_on("section[aria-label='Stock against service'] .button", 0).await;
    until_in(&owen, "Stock against service", "Total cost is least at").await;
}

/// How many quantities are decided, of those in view.
async fn decided(browser: &Browser) -> usize {
    let mut count = 0;
    for cell in browser.cells("[data-measure=units]").await {
        count += usize::from(browser.text(&cell).await.is_some_and(|text| !text.is_empty()));
    }
    count
}

#[tokio::test]
async fn what_a_planner_keeps_of_the_plan_stands_in_the_next_one() {
    const SAYS_SO: &str = "All of it is decided like this already.";
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let marek = driver.sign_in(&address, "marek").await;
    marek.until_cells().await;
    // The sheet is there, and nothing is decided yet.
    marek.press_words("[role=tab][data-sheet]", "Decisions").await;
    marek.until_measure("units").await;
    assert_eq!(decided(&marek).await, 0);
    marek.open("/w/demo/supply").await;
    until_in(&marek, "The plan in a few figures", "Served in time").await;
    marek.press_words(".plan-head a", "Keep as decisions…").await;
    marek.until_said("dialog[open]", "Decides ").await;
    let first = "return document.activeElement?.getAttribute('aria-label') === 'What'";
    marek.until("the keyboard in the first field", first, vec![]).await;
    marek.press_words("dialog[open] button", "Keep").await;
    marek.until_said(".toasts", "Undo (Ctrl+Z) takes them back").await;
    marek.until_measure("units").await;
    let kept = decided(&marek).await;
    assert!(kept > 0, "nothing is decided");
    marek.until_mark("Saved").await;

    // One step takes all of it back, and one does it again.
    marek.chord(&[CTRL], 'z').await;
    let none = "return [...document.querySelectorAll('[data-measure=units]')].every(cell => cell.textContent === '')";
    marek.until("no decisions", none, vec![]).await;
    marek.chord(&[CTRL], 'y').await;
    marek.until("decisions", &none.replace("return ", "return !"), vec![]).await;
    assert_eq!(decided(&marek).await, kept);
    marek.until_mark("Saved").await;

    // Somebody asks for much more; the plan is solved again and does the same where it is decided.
    let dana = driver.sign_in(&address, "dana").await;
    let [first, _] = &dana.two_overrides().await;
    dana.click(first).await;
    dana.type_text("98765").await;
    dana.press(&[ENTER]).await;
    dana.until_text(first, "98,765").await;
    dana.until_mark("Saved").await;
    marek.open("/w/demo/supply").await;
    marek.until_said(".plan-head", "up to date").await;
    marek.press_words(".plan-head a", "Keep as decisions…").await;
    marek.until_said("dialog[open]", SAYS_SO).await;
    // Next month nothing is decided yet.
    let next = "const last = document.querySelector('dialog[open] select[aria-label=Until]'); last.value = '1';
        last.dispatchEvent(new Event('change', { bubbles: true })); return true";
    marek.read(next, vec![]).await;
    marek.until_said("dialog[open]", "are decided like this already").await;
    marek.until_said("dialog[open]", "Decides ").await;
}
