//! A supply planner sees what is short, finds what would free it, and asks what if.

use serde_json::json;

use crate::driver::{Browser, Driver};
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
