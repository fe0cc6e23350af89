//! Settings hold at once, and follow their person to another browser.

use serde_json::json;

use crate::driver::{Browser, Driver};
use crate::{TURN, demo_company};
use equipoise_tests::serve;

impl Browser {
    async fn set(&self, group: &str, words: &str) {
        let script = "const found = [...document.querySelectorAll(`[role=radiogroup][aria-label=\"${arguments[0]}\"] [role=radio]`)]
            .find(it => it.textContent === arguments[1]);
            found?.click(); return found?.getAttribute('aria-checked') === 'true'";
        self.until(&format!("{group}: {words}"), script, vec![json!(group), json!(words)]).await;
    }

    async fn write_as_in_german(&self) {
        self.open("/settings").await;
        let choose = "const choice = document.querySelector('.settings select');
            if (!choice) return false;
            choice.value = 'de-DE';
            choice.dispatchEvent(new Event('change', { bubbles: true }));
            return document.querySelector('[data-testid=sample]').textContent.includes('1.234.567,89')";
        self.until("numbers as in German", choose, vec![]).await;
    }

    /// The height of the first cell in view.
    async fn line(&self) -> f64 {
        self.until_cells().await;
        let script = "return parseFloat(document.querySelector('#grid-mirror [data-col]').style.height)";
        self.read(script, vec![]).await.as_f64().unwrap()
    }
}

#[tokio::test]
async fn settings_hold_at_once_and_follow_their_person() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let dana = driver.sign_in(&address, "dana").await;
    assert_eq!(dana.line().await, 24.0);
    dana.write_as_in_german().await;
    dana.set("Currency", "€").await;
    dana.set("Rows", "Compact").await;
    dana.set("Theme", "Dark").await;
    let dark = "return document.documentElement.dataset.theme === 'dark'
        && document.documentElement.dataset.density === 'compact'";
    dana.until("a dark and dense page", dark, vec![]).await;
    dana.set("Start page", "Tower").await;
    let kept = "return (async () => (await (await fetch('/api/preferences')).json()).start === 'tower')()";
    dana.until("the server to keep it", kept, vec![]).await;
    dana.open("/w/demo").await;
    assert_eq!(dana.line().await, 20.0);

    // Another browser, the same person.
    let again = driver.sign_in(&address, "dana").await;
    again.until("the start page", "return location.pathname === '/w/demo/tower'", vec![]).await;
    again.until("dark and dense there too", dark, vec![]).await;
    again.open("/w/demo").await;
    assert_eq!(again.line().await, 20.0);
    let german = "return [...document.querySelectorAll('#grid-mirror [data-measure]')]
        .some(it => /^\\d{1,3}\\.\\d{3}$/.test(it.textContent))";
    again.until("numbers as in German", german, vec![]).await;
    // Somebody else at this browser has their own.
    let jonas = driver.sign_in(&address, "jonas").await;
    assert_eq!(jonas.line().await, 24.0);
}

#[tokio::test]
async fn formulas_have_the_signs_of_whoever_reads_them() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let ada = driver.sign_in(&address, "admin").await;
    ada.write_as_in_german().await;
    ada.open("/w/demo").await;
    ada.new_sheet().await;
    ada.type_down(&["1,5", "=ROUND(A1*2,5;1)", "=MAX(A1,A2)"]).await;
    ada.until_shows((1, 0), "3,8").await;
    ada.until_shows((2, 0), "3,8").await;
    let in_bar = "return document.querySelector('.formulabar .entry').value === arguments[0]";
    ada.go_to("A2").await;
    ada.until("the signs of German", in_bar, vec![json!("=ROUND(A1*2,5;1)")]).await;
    ada.go_to("A3").await;
    ada.until("the signs of German", in_bar, vec![json!("=MAX(A1;A2)")]).await;
    ada.until_mark("Saved").await;

    let fiona = driver.sign_in(&address, "fiona").await;
    fiona.until_cells().await;
    fiona.turn_to_free("Sheet 1").await;
    fiona.until_shows((1, 0), "3.8").await;
    fiona.go_to("A2").await;
    fiona.until("the signs of English", in_bar, vec![json!("=ROUND(A1*2.5,1)")]).await;
}
