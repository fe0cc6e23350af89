//! A sheet goes out as a table, is changed elsewhere, and comes back: seen before it is done, and undone in one step.

use serde_json::json;

use crate::driver::{Browser, CTRL, Driver};
use crate::{TURN, demo_company};
use equipoise_tests::serve;

/// Chooses a file with this text in the dialog that is open.
async fn hand_in(browser: &Browser, table: &str) {
    let script = "const data = new DataTransfer(); data.items.add(new File([arguments[0]], 'plan.csv'));
        const input = document.querySelector('dialog[open] input[type=file]');
        input.files = data.files; input.dispatchEvent(new Event('change', { bubbles: true }));";
    browser.read(script, vec![json!(table)]).await;
}

async fn until_said(browser: &Browser, words: &str) {
    let said = "return document.querySelector('dialog[open]')?.innerText.includes(arguments[0])";
    browser.until(words, said, vec![json!(words)]).await;
}

#[tokio::test]
async fn changes_come_back_from_a_file() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let jonas = driver.sign_in(&address, "jonas").await;
    let [first, _] = &jonas.two_overrides().await;
    let before = jonas.text(first).await.unwrap();

    // The keys of the first row of each region, as they leave.
    let csv = "return (async () => (await fetch('/api/workbooks/demo/file.csv?sheet=demand')).text())()";
    let csv = jonas.read(csv, vec![]).await.as_str().unwrap().to_owned();
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    let column = |name: &str| lines[0].iter().position(|it| it.trim_start_matches('\u{feff}') == name).unwrap();
    let keys = ["Item", "Region", "Channel"].map(column);
    let row = |region: &str| {
        let line = lines[1..].iter().find(|line| line[keys[1]] == region).unwrap();
        keys.map(|at| line[at]).join(",")
    };
    let (_, bucket) = first.col.split_once('@').unwrap();
    let table = |region: &str, value: &str| format!("Item,Region,Channel,Override {bucket}\n{},{value}\n", row(region));

    jonas.press_on("button[aria-label=Files]", 0).await;
    jonas.choose("Take changes from a file").await;
    hand_in(&jonas, &table("France", "1")).await;
    until_said(&jonas, "may read Demand, France, not change it").await;
    hand_in(&jonas, &table("DACH", "many")).await;
    until_said(&jonas, "CSV line 2, column").await;
    assert_eq!(jonas.text(first).await.as_deref(), Some(before.as_str()), "nothing changes by reading");
    hand_in(&jonas, &table("DACH", "7171")).await;
    until_said(&jonas, "1 cell changes").await;
    jonas.press_on("dialog[open] .actions button:last-child:not(:disabled)", 0).await;
    jonas.until_text(first, "7,171").await;
    jonas.until_mark("Saved").await;
    jonas.chord(&[CTRL], 'z').await;
    jonas.until_text(first, &before).await;
}
