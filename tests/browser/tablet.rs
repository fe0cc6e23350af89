//! The workbook between a telephone and a desk: what can be pressed lies in view and under nothing else.

use serde_json::{Value, json};

use crate::driver::{Browser, Driver};
use crate::{TURN, demo_company};
use equipoise_tests::serve;

/// Names of buttons and fields among `arguments[0]` that do not lie where they can be pressed.
const OUT_OF_REACH: &str = "return [...document.querySelectorAll(arguments[0])]
    .filter(it => it.checkVisibility())
    .filter(it => {
        const {left, top, width, height} = it.getBoundingClientRect();
        const hit = document.elementFromPoint(left + width / 2, top + height / 2);
        return hit === null || !(it === hit || it.contains(hit));
    })
    .map(it => it.getAttribute('aria-label') ?? it.textContent)";

impl Browser {
    async fn resize(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        self.until("the size", "return innerWidth === arguments[0]", vec![json!(width)]).await;
    }

    async fn expect_reach(&self, selector: &str, width: u32) {
        let out = self.read(OUT_OF_REACH, vec![json!(selector)]).await;
        assert_eq!(out, Value::Array(Vec::new()), "{selector}, {width} wide");
    }
}

#[tokio::test]
async fn what_can_be_pressed_lies_in_view_on_a_tablet() {
    const TOP: &str = ".topbar > :is(a, button, .menu-anchor, .inbox-place) button, .topbar > button";
    const TOOLS: &str = ".toolbar :is(button, input, select)";
    const PANEL: &str = ".sidepanel .panel-tabs button";
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let dana = driver.sign_in(&address, "dana").await;
    dana.until_cells().await;
    let toggle = "[aria-label='Side panel'].button";
    for (width, height) in [(820, 1180), (1024, 768), (1140, 800), (1400, 900)] {
        dana.resize(width, height).await;
        let open = dana.read("return document.querySelector('.sidepanel') !== null", vec![]).await;
        if open == json!(true) {
            dana.press_on(toggle, 0).await;
        }
        dana.until("the panel to be closed", "return document.querySelector('.sidepanel') === null", vec![]).await;
        dana.expect_reach(TOP, width).await;
        dana.expect_reach(TOOLS, width).await;
        dana.press_on(toggle, 0).await;
        dana.until("the panel", "return document.querySelector('.sidepanel') !== null", vec![]).await;
        dana.expect_reach(TOP, width).await;
        dana.expect_reach(PANEL, width).await;
        // Where the panel lies over the sheet, it may lie over the tools, too.
        if width >= 1100 {
            dana.expect_reach(TOOLS, width).await;
        }
    }
}
