//! Pages that people who cannot see them well, or use no mouse, can work with: axe-core's rules, in both themes.

use serde_json::json;

use crate::driver::{Browser, Driver, ENTER};
use crate::{TURN, demo_company};
use equipoise_tests::{node_folder, serve};

/// What axe-core finds on the page that is open, of serious and critical impact: rule, element, summary.
async fn violations(browser: &Browser, axe: &str) -> Vec<String> {
    browser.read(axe, vec![]).await;
    let script = "window.found = null;
        axe.run(document, { resultTypes: ['violations'] }).then(result => { window.found = result.violations
            .filter(it => ['serious', 'critical'].includes(it.impact))
            .flatMap(it => it.nodes.map(node => `${it.id}: ${node.target} ${node.failureSummary}`)); });";
    browser.read(script, vec![]).await;
    browser.until("axe-core to end", "return window.found !== null", vec![]).await;
    let found = browser.read("return window.found", vec![]).await;
    found.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn no_page_has_a_serious_fault_in_either_theme() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let Some(packages) = node_folder().await else { return };
    let axe = std::fs::read_to_string(packages.join("node_modules/axe-core/axe.min.js")).unwrap();
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let ada = driver.sign_in(&address, "admin").await;
    ada.until_cells().await;
    let workbook = ada.read("return location.pathname", vec![]).await;
    let workbook = workbook.as_str().unwrap().to_owned();
    let mut faults = Vec::new();
    for theme in ["light", "dark"] {
        for (page, ready) in [
            (workbook.clone(), "#grid-mirror [data-col]"),
            (format!("{workbook}/consensus"), "main h2, .report h2, section h2"),
            (format!("{workbook}/compare"), "select"),
            (format!("{workbook}/tower"), ".matrix-card"),
            (format!("{workbook}/supply"), "section[aria-label='Projected stock'] svg"),
            (format!("{workbook}/cycle"), ".steps"),
            ("/people".to_owned(), "table"),
            ("/tokens".to_owned(), "form, table, h1"),
            ("/help/functions".to_owned(), "h2"),
        ] {
            ada.open(&page).await;
            let there = "return document.querySelector(arguments[0]) !== null";
            ada.until(&format!("{page} to show"), there, vec![json!(ready)]).await;
            let set = "document.documentElement.dataset.theme = arguments[0]";
            ada.read(set, vec![json!(theme)]).await;
            // Colours that are on their way are nobody's.
            let rests = "return !document.getAnimations().some(one => one instanceof CSSTransition)";
            ada.until("the colours to settle", rests, vec![]).await;
            faults.extend(violations(&ada, &axe).await.into_iter().map(|fault| format!("{theme} {page} {fault}")));
        }
    }
    assert_eq!(faults, Vec::<String>::new());
    // The rules do find what is wrong.
    let wrong = "document.body.innerHTML = '<main><img src=x><button></button></main>'";
    ada.read(wrong, vec![]).await;
    assert!(!violations(&ada, &axe).await.is_empty());
}

#[tokio::test]
async fn what_a_screen_reader_reads_waits_for_no_painting() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let ada = driver.sign_in(&address, "admin").await;
    let bob = driver.sign_in(&address, "dana").await;
    ada.until_measure("override").await;
    // As in a window behind others: no frame is painted.
    ada.read("window.requestAnimationFrame = () => 0", vec![]).await;
    let [cell, _] = bob.two_overrides().await;
    for (text, shown) in [("4100", "4,100"), ("4200", "4,200"), ("4300", "4,300")] {
        bob.click(&cell).await;
        bob.type_text(text).await;
        bob.press(&[ENTER]).await;
        ada.until_text(&cell, shown).await;
    }
}
