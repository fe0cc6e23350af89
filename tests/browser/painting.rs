//! The canvas: what is painted line by line, where only some look different, is what is painted at once.

use serde_json::json;

use crate::driver::{Browser, CTRL, DOWN, Driver, ENTER, ESCAPE, RIGHT, SHIFT};
use crate::{TURN, demo_company};
use equipoise_tests::serve;

/// Compares the canvas with itself painted anew, once nothing is left to be painted: the largest difference of a colour.
/// Where soft edges are clipped otherwise, browsers round by one.
const DIFFERENCE: &str = r"
    const done = arguments[0];
    const canvas = document.querySelector('.grid-canvas');
    const frames = then => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(then)));
    const pixels = () => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    frames(() => {
        const pieces = pixels();
        canvas.dispatchEvent(new Event('contextrestored'));
        frames(() => done(pixels().reduce((most, value, at) => Math.max(most, Math.abs(value - pieces[at])), 0)));
    });
";
const ROUNDING: f64 = 2.0;

impl Browser {
    async fn check_canvas(&self, after: &str) {
        self.check_canvas_within(ROUNDING, after).await;
    }

    pub async fn check_canvas_within(&self, rounding: f64, after: &str) {
        // What is being computed moves with time.
        let rests = "return document.querySelector('#grid-mirror [aria-busy]') === null";
        self.until("nothing to be computed", rests, vec![]).await;
        let difference = self.read_later(DIFFERENCE, vec![]).await.as_f64().unwrap();
        assert!(difference <= rounding, "the canvas after {after} is off by {difference}");
    }
}

#[tokio::test]
async fn what_is_painted_line_by_line_is_what_is_painted_at_once() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let ada = driver.sign_in(&address, "admin").await;
    ada.until_measure("override").await;
    // On screens whose pixels do not end where lines do, too.
    for scale in [1.0, 1.25, 1.5] {
        let screen = json!({ "width": 1400, "height": 900, "deviceScaleFactor": scale, "mobile": false });
        ada.devtools("Emulation.setDeviceMetricsOverride", screen).await;
        let overrides = ada.cells("[data-measure=override][aria-readonly=false]").await;
        let cell = overrides.first().expect("an override in view");
        ada.click(cell).await;
        ada.check_canvas("a click").await;
        ada.type_text(&format!("{}", 4_000.0 * scale)).await;
        ada.press(&[ENTER]).await;
        ada.until_mark("Saved").await;
        ada.check_canvas("an entry").await;
        ada.chord(&[SHIFT], DOWN).await;
        ada.chord(&[SHIFT], RIGHT).await;
        ada.chord(&[CTRL], 'c').await;
        ada.check_canvas("copying an area").await;
        ada.press(&[DOWN, DOWN, DOWN]).await;
        ada.check_canvas("moving on").await;
        ada.press(&[ESCAPE]).await;
        ada.chord(&[CTRL], 'z').await;
        ada.check_canvas("undoing").await;
    }
}
