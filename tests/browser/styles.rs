//! How people have cells written: styles, and conditional formats.

use serde_json::json;

use crate::driver::{Browser, CTRL, Driver};
use crate::{TURN, demo_company};
use equipoise_tests::serve;

const LEFT_BUTTON: u64 = 0;

impl Browser {
    /// Waits until the ground of a place of the grid is a colour of the theme, or, without one, that of no style.
    async fn has_ground(&self, (line, col): (usize, usize), colour: Option<&str>) {
        let script = "const box = document.getElementById(arguments[0]).getBoundingClientRect();
            const canvas = document.querySelector('.grid-canvas');
            const place = canvas.getBoundingClientRect();
            const scale = canvas.width / place.width;
            const shown = canvas.getContext('2d')
                .getImageData((box.x - place.x + 4) * scale, (box.y - place.y + 4) * scale, 1, 1).data;
            const probe = document.createElement('canvas').getContext('2d');
            probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(arguments[1]).trim();
            probe.fillRect(0, 0, 1, 1);
            const meant = probe.getImageData(0, 0, 1, 1).data;
            return [0, 1, 2].every(part => Math.abs(shown[part] - meant[part]) <= 1)";
        let token = colour.map_or_else(|| "--surface".to_owned(), |colour| format!("--fill-{colour}"));
        let what = format!("{token} at {line}, {col}");
        self.until(&what, script, vec![json!(format!("cell-{line}-{col}")), json!(token)]).await;
    }

    /// Opens the menu of styles and presses an entry.
    async fn style(&self, label: &str) {
        self.press_words("[aria-label=Style]", "").await;
        let press = "const found = [...document.querySelectorAll('[role=menuitemradio], [role=menuitem]')]
            .find(entry => entry.textContent.startsWith(arguments[0]) || entry.getAttribute('aria-label') === arguments[0]);
            found?.click();
            return found !== undefined";
        self.until(label, press, vec![json!(label)]).await;
    }

    /// The words of style of a place, as the menu tells them with the cell active.
    async fn styles_at(&self, (line, col): (usize, usize), expected: &[&str]) {
        self.press_on(&format!("#cell-{line}-{col}"), LEFT_BUTTON).await;
        self.press_words("[aria-label=Style]", "").await;
        let script = "return [...document.querySelectorAll('[role=menuitemradio][aria-checked=true]')]
            .map(entry => entry.getAttribute('aria-label') ?? entry.textContent.replace(/Ctrl.*/, ''))
            .join(', ') === arguments[0]";
        self.until(&format!("{expected:?} at {line}, {col}"), script, vec![json!(expected.join(", "))]).await;
        self.press_words(".menu-ground", "").await;
    }
}

#[tokio::test]
async fn cells_are_written_as_people_style_them() {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start().await else { return };
    let company = demo_company().await;
    let (_server, address) = serve(company.path(), "127.0.0.1:0").await;
    let ada = driver.sign_in(&address, "admin").await;
    ada.new_sheet().await;
    ada.type_down(&["5", "12.5%", "900"]).await;
    ada.go_to("A2").await;
    ada.chord(&[CTRL], 'b').await;
    ada.style("Ground yellow").await;
    ada.style("Ground teal").await;
    ada.has_ground((1, 0), Some("teal")).await;
    ada.has_ground((0, 0), None).await;
    // The number format stays, and a cell has one colour of ground.
    ada.until_shows((1, 0), "12.5 %").await;
    ada.styles_at((1, 0), &["Bold", "Ground teal"]).await;
    ada.styles_at((0, 0), &[]).await;
    ada.press_on("#cell-1-0", LEFT_BUTTON).await;
    ada.chord(&[CTRL], 'z').await;
    ada.has_ground((1, 0), Some("yellow")).await;
    ada.until_mark("Saved").await;
    ada.reload().await;
    ada.turn_to_free("Sheet 1").await;
    ada.styles_at((1, 0), &["Bold", "Ground yellow"]).await;
    ada.check_canvas_within(2.0, "styles").await;
    ada.press_on("#cell-1-0", LEFT_BUTTON).await;
    ada.style("No style").await;
    ada.has_ground((1, 0), None).await;
    ada.until_shows((1, 0), "12.5 %").await;

    // Values that stand out, of a whole column and as they come to be.
    ada.go_to("A1").await;
    ada.press_words("[aria-label^='Names, rules']", "").await;
    ada.choose("Conditional format…").await;
    let pick = "const select = document.querySelector('dialog[open] [aria-label=\"How values stand out\"]');
        if (!select) return false;
        select.value = 'above';
        select.dispatchEvent(new Event('change', { bubbles: true }));
        return true";
    ada.until("the dialog of conditional formats", pick, vec![]).await;
    let limit = "const field = document.querySelector('dialog[open] input[name=first]');
        if (!field) return false;
        field.value = '100';
        field.dispatchEvent(new Event('input', { bubbles: true }));
        return true";
    ada.until("the limit", limit, vec![]).await;
    ada.press_words("dialog[open] button[type=submit]", "Keep").await;
    ada.has_ground((2, 0), Some("yellow")).await;
    ada.has_ground((0, 0), None).await;
    ada.go_to("A1").await;
    ada.type_down(&["101"]).await;
    ada.has_ground((0, 0), Some("yellow")).await;
    ada.check_canvas_within(2.0, "conditional formats").await;
}
