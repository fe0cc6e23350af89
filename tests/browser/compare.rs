//! Versions side by side, as executives read them.

use serde_json::{Value, json};

use crate::driver::{Browser, Driver};
use crate::{TURN, demo_company};
use equipoise_tests::serve;

/// Freezes the live plan, once its forecasts and its solve are in.
pub async fn freeze(browser: &Browser, name: &str) {
    let script = "const [name, done] = arguments;
        const tries = async () => {
            for (;;) {
                const answer = await fetch('/api/workbooks/demo/versions', {
                    method: 'POST',
                    headers: { 'content-type': 'application/json', 'x-equipoise': '1' },
                    body: JSON.stringify({ name, kind: 'consensus', comment: '' }),
                });
                if (answer.status !== 409) return answer.status;
                await new Promise(wait => setTimeout(wait, 300));
            }
        };
        tries().then(done)";
    assert_eq!(browser.read_later(script, vec![json!(name)]).await, json!(200), "{name}");
}

/// The words over the columns of a table, and the cells of its first line.
async fn table(browser: &Browser, label: &str) -> (Vec<String>, Vec<String>) {
    let script = "const table = document.querySelector(`[aria-label='${arguments[0]}'] table`);
        const words = found => [...found].map(one => one.innerText.trim());
        return [words(table.querySelectorAll('thead tr:first-child th')), words(table.querySelectorAll('tbody tr:first-child > *'))]";
    let read: Value = browser.read(script, vec![json!(label)]).await;
    serde_json::from_value(read).unwrap()
}

const KPIS: &str = "Key figures of the versions";
const LINES: &str = "Lines of the versions, largest difference first";

#[tokio::test]
async fn an_executive_compares_three_versions_and_takes_one_away() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let dana = driver.sign_in(&address, "dana").await;
    dana.until_cells().await;
    for name in ["March", "April", "May"] {
        freeze(&dana, name).await;
    }

    let elena = driver.sign_in(&address, "elena").await;
    elena.open("/w/demo/compare").await;
    elena.until_said(&format!("[aria-label='{LINES}']"), "Total").await;
    let (heads, cells) = table(&elena, LINES).await;
    assert_eq!((heads.len(), cells.len()), (7, 7), "{heads:?}");
    elena.press_words("button", "Add a version").await;
    let three = "return document.querySelectorAll('.compared select').length === 3
        && document.querySelectorAll('[aria-label^=\"Lines of\"] thead .group').length === 2";
    elena.until("three versions", three, vec![]).await;
    // The address can be sent to somebody.
    let server_address = address;
    let address = elena.read("return location.search", vec![]).await;
    let address = address.as_str().unwrap();
    assert!(["?a=", "&b=", "&c="].iter().all(|side| address.contains(side)) && !address.contains("&d="), "{address}");
    elena.open(&format!("/w/demo/compare{address}")).await;
    elena.until("three versions", three, vec![]).await;
    let names = "return [...document.querySelectorAll('.compared select')].map(one => one.selectedOptions[0].text)";
    let names: Vec<String> = serde_json::from_value(elena.read(names, vec![]).await).unwrap();
    for (label, columns) in [(KPIS, 2 + 2 * 2), (LINES, 3 + 2 * 3)] {
        let (heads, cells) = table(&elena, label).await;
        assert_eq!(heads[heads.len() - 3..], names, "{label}");
        assert_eq!(cells.len(), columns, "{label}: {cells:?}");
    }
    // The bridge stays between two, whichever.
    elena.until_said("[data-testid=bridge] .ends", "to").await;
    let choose = "const select = document.querySelector(`[aria-label='Bridge to']`);
        select.value = '2';
        select.dispatchEvent(new Event('change', { bubbles: true }))";
    elena.read(choose, vec![]).await;
    elena.until_said("[data-testid=bridge]", &names[2]).await;
    // Lines go down to single rows.
    elena.press_words("[role=radio]", "Item, Region, Channel").await;
    elena.until_said(&format!("[aria-label='{LINES}'] tbody"), " / DACH / ").await;
    elena.press_on(&format!("[aria-label='Leave out {}']", names[1]), 0).await;
    let two = "return document.querySelectorAll('.compared select').length === 2
        && document.querySelectorAll('.figures .group').length === 0
        && !location.search.includes('&c=')";
    elena.until("two versions", two, vec![]).await;
    // The link carries what else was chosen, too.
    let choose = "for (const [label, value] of Object.entries(arguments[0])) {
            const select = document.querySelector(`[aria-label='${label}']`);
            select.value = value;
            select.dispatchEvent(new Event('change', { bubbles: true }));
        }";
    elena.read(choose, vec![json!({ "Measure": "revenue", "Figure": "cost" })]).await;
    let carried = "return ['measure=revenue', 'figure=cost', 'by=Item'].every(one => location.search.includes(one))";
    elena.until("all of it in the address", carried, vec![]).await;
    let link = elena.read("return location.pathname + location.search", vec![]).await;
    let dana_too = driver.sign_in(&server_address, "dana").await;
    dana_too.open(link.as_str().unwrap()).await;
    dana_too.until_said(&format!("[aria-label='{LINES}'] tbody"), " / DACH / ").await;
    let same = "return [['Measure', 'revenue'], ['Figure', 'cost']].every(([label, value]) =>
        document.querySelector(`[aria-label='${label}']`)?.value === value)";
    dana_too.until("the same measure and figure", same, vec![]).await;
}
