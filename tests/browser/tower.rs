//! What profit hangs on: finance has it worked out, and whoever reads the tower sees it.

use crate::driver::Driver;
use crate::{TURN, demo_company};
use equipoise_tests::serve;

#[tokio::test]
async fn finance_works_out_what_profit_hangs_on_and_an_executive_reads_it() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let fiona = driver.sign_in(&address, "fiona").await;
    fiona.until_cells().await;
    fiona.open("/w/demo/tower").await;
    fiona.press_words(".profitability button", "Calculate").await;
    // As figures come, they are drawn: the plan itself, and demand by a tenth less and more.
    fiona.until_said(".profitability", "So far, profit hangs most on").await;
    fiona.until_said(".profitability .chart", "Demand").await;
    // What waits is given up; what is known stays.
    fiona.press_words(".profitability button", "Stop").await;
    fiona.until_said(".profitability button", "Calculate").await;
    let bars = "return document.querySelectorAll('.profitability .chart rect').length >= 4";
    fiona.until("bars on both sides", bars, vec![]).await;

    let elena = driver.sign_in(&address, "elena").await;
    elena.open("/w/demo/tower").await;
    elena.until_said(".profitability", "So far, profit hangs most on").await;
    // What she works out changes nothing.
    elena.until_said(".profitability button", "Calculate").await;
    // What she reads she takes along: each page as Excel and CSV, the bridge too.
    for (page, files) in [("tower", 2), ("consensus", 2), ("compare", 4)] {
        elena.open(&format!("/w/demo/{page}")).await;
        let offered = format!("return document.querySelectorAll('a[download]').length === {files}");
        elena.until(page, &offered, vec![]).await;
        let taken = "return (async () => {
            const begins = { xlsx: 'PK', csv: '\\ufeff' };
            for (const link of document.querySelectorAll('a[download]')) {
                const answer = await fetch(link.href);
                const text = await new Response((await answer.blob()).slice(0, 3)).arrayBuffer();
                const start = new TextDecoder('utf-8', { ignoreBOM: true }).decode(text);
                const ending = new URL(link.href).pathname.split('.').pop();
                if (answer.status !== 200 || !start.startsWith(begins[ending])) return `${link.href}: ${answer.status}`;
            }
            return 'all';
        })()";
        assert_eq!(elena.read(taken, vec![]).await, "all", "{page}");
    }
}

#[tokio::test]
async fn a_link_to_the_tower_leads_to_what_was_chosen() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let fiona = driver.sign_in(&address, "fiona").await;
    fiona.until_cells().await;
    fiona.open("/w/demo/tower").await;
    let there = "return document.querySelector('.matrix-card [name=rule]') !== null
        && document.querySelector('.actuals [aria-label=Compare]') !== null";
    fiona.until("the tower", there, vec![]).await;
    // As long as nothing is chosen, the link leads to what is newest.
    assert_eq!(fiona.read("return location.search", vec![]).await, "");
    let choose = "const put = (field, value) => {
            field.value = value;
            field.dispatchEvent(new Event('change', { bubbles: true }));
        };
        put(document.querySelector('.matrix-card [name=rule]'), 'profit - 2 * cost');
        put(document.querySelector('.actuals [aria-label=Compare]'), 'Region');
        put(document.querySelector('[aria-label=\"Each driver alone\"]'), '20');
        const first = document.querySelector('.axis input');
        first.click();
        return true";
    fiona.until("choices", choose, vec![]).await;
    let chosen = "return JSON.stringify([
        document.querySelector('.matrix-card [name=rule]')?.value,
        document.querySelector('.actuals [aria-label=Compare]')?.value,
        document.querySelector('[aria-label=\"Each driver alone\"]')?.value,
        [...document.querySelectorAll('.axis input')].map(one => one.checked),
    ])";
    let carried = "return ['rule=', 'by=Region', 'swing=20', 'supply='].every(one => location.search.includes(one))";
    fiona.until("all of it in the address", carried, vec![]).await;
    let hers = fiona.read(chosen, vec![]).await;
    let link = fiona.read("return location.pathname + location.search", vec![]).await;
    let elena = driver.sign_in(&address, "elena").await;
    elena.open(link.as_str().unwrap()).await;
    elena.until("the same", &format!("return (() => {{ {chosen} }})() === arguments[0]"), vec![hers]).await;
}
