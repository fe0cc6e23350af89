//! Why a figure is as it is: of a forecast and of what is short beside the grid, of a plan on the consensus page.

use fantoccini::actions::MOUSE_BUTTON_LEFT;

use crate::driver::{Driver, ENTER};
use crate::{TURN, demo_company};
use equipoise_tests::serve;

#[tokio::test]
async fn a_row_says_how_it_is_forecast_and_why_it_is_short_and_a_version_who_changed_it() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let dana = driver.sign_in(&address, "dana").await;
    dana.until_cells().await;
    let cells = dana.cells("[role=gridcell]").await;
    dana.click(&cells[0]).await;
    // The band stands in the chart, and every method with its errors below.
    dana.until_said("[data-testid=forecast-made]", "Demand is").await;
    let methods = "const rows = document.querySelectorAll('[data-testid=forecast-made] tr');
        return rows.length > 4 && !!document.querySelector('.sidepanel .chart .band')";
    dana.until("methods and the band", methods, vec![]).await;

    // What the supply plan leaves short of a row stands there with its cause.
    let supply = "return (async () => JSON.stringify(await (await fetch('/api/workbooks/demo/supply')).json()))()";
    let supply = dana.read(supply, vec![]).await;
    let supply: serde_json::Value = serde_json::from_str(supply.as_str().unwrap()).unwrap();
    let line = &supply["report"]["shortages"][0];
    let [item, region, channel] = ["item", "region", "channel"].map(|key| line[key].as_str().unwrap());
    dana.press_on(".grid-filter", MOUSE_BUTTON_LEFT).await;
    dana.type_text(&format!("{item} {region} {channel}")).await;
    dana.press(&[ENTER]).await;
    let alone = "return [...document.querySelectorAll('#grid-mirror [role=gridcell]')].length > 0
        && document.querySelector('#grid-mirror').textContent.includes(arguments[0])";
    dana.until("the row", alone, vec![item.into()]).await;
    let first = dana.cells("[role=gridcell]").await;
    dana.click(&first[0]).await;
    dana.until_said("[data-testid=shortfall]", "By the live supply plan").await;
    dana.until_said("[data-testid=shortfall] .cause", " of ").await;

    // An executive reads who changed the plan, and what is to be decided.
    let elena = driver.sign_in(&address, "elena").await;
    elena.open("/w/demo/consensus").await;
    elena.until_said("[data-testid=decisions]", "needed").await;
    elena.until_said("[data-testid=changes]", "to “Proposal").await;
    // Ten questions are answered before she looks any further, from what the page was sent and what it asked for since.
    elena.until_said("[data-testid=brief]", "stay as profit").await;
    elena.until_said("[data-testid=brief]", "Marek Nowak").await;
    elena.until_said("[data-testid=brief]", "The product review is open (Dana Okafor").await;
    // An item launched five months ago is new, with what is sold and planned of it below.
    elena.until_said("[data-testid=brief]", "Volt Focus").await;
    elena.until_said("#items", "Volt Focus").await;
    let answers = elena.read("return document.querySelectorAll('[data-testid=brief] li p').length", vec![]).await;
    assert_eq!(answers, 10);
    elena.open("/w/demo/compare").await;
    elena.until_said("[data-testid=changes]", "Jonas").await;
    elena.until_said("[data-testid=changes] .who", "Summer promotion").await;
    elena.press_words("[data-testid=bridge] summary", "Volume").await;
    elena.until_said("[data-testid=bridge] td.reason", "Jonas Weber: Summer promotion").await;
    elena.until_said("[data-testid=bridge] .who", "Hotel season").await;
}

#[tokio::test]
async fn beside_a_row_stands_what_it_rests_on_and_what_is_to_be_decided() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let dana = driver.sign_in(&address, "dana").await;
    dana.until_cells().await;
    let cells = dana.cells("[role=gridcell]").await;
    dana.click(&cells[0]).await;
    // Prices of the item, the cost of its routes, and through these the lines it is made on.
    dana.press_words(".panel-tabs [role=tab]", "Assumptions").await;
    dana.until_said("[data-testid=assumptions] h3", "Still 0.33 L · DACH · Retail").await;
    for sheet in ["Prices", "Service cost", "Routings", "Line times", "Capacity"] {
        dana.until_said("[data-testid=assumptions]", sheet).await;
    }
    // A figure leads to its cell, and from there to what rests beside it.
    dana.press_words("[data-testid=assumptions] .assumed-figure", "Net price").await;
    let prices = "return document.getElementById('grid-mirror').getAttribute('aria-label') === 'Prices'";
    dana.until("the prices", prices, vec![]).await;
    dana.press_words(".panel-tabs [role=tab]", "Decisions").await;
    dana.until_said("[data-testid=panel-decisions]", "How to cover the summer peak").await;
    dana.until_said("[data-testid=panel-decisions]", "0 of 6 steps are done. Next: Product review").await;
    dana.press_words(".panel-tabs [role=tab]", "Alerts").await;
    dana.until_said("[data-testid=panel-alerts]", "Nothing has come yet").await;
}
