//! What a page shows: waiting for it, and reading cells.

use std::time::{Duration, Instant};

use equipoise_tests::PATIENCE;
use serde_json::{Value, json};

use super::Browser;

impl Browser {
    /// Waits until a script returns `true`.
    pub async fn until(&self, what: &str, script: &str, args: Vec<Value>) {
        let start = Instant::now();
        loop {
            // A page that goes while it is asked has not said so yet.
            if self.client.execute(script, args.clone()).await.is_ok_and(|said| said == json!(true)) {
                return;
            }
            if start.elapsed() > PATIENCE {
                let page = "return [location.href, 'at ' + document.querySelector('.name-box')?.value,
                    ...[...document.querySelectorAll('#grid-mirror [role=gridcell]:not(:empty)')].slice(0, 12)
                        .map(cell => cell.id + ' ' + cell.textContent), document.body.innerText].join('\\n')";
                let page = self.read(page, vec![]).await;
                panic!("{} waited in vain for {what}; {}", self.user, page.as_str().unwrap_or_default());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until an element says something.
    pub async fn until_said(&self, selector: &str, words: &str) {
        let said =
            "return [...document.querySelectorAll(arguments[0])].some(one => one.innerText.includes(arguments[1]))";
        self.until(&format!("“{words}” in {selector}"), said, vec![json!(selector), json!(words)]).await;
    }

    /// Waits until the mark of saving begins with a word.
    pub async fn until_mark(&self, word: &str) {
        let script =
            "return document.querySelector('[data-testid=saved]')?.textContent.startsWith(arguments[0]) ?? false";
        self.until(&format!("the mark “{word}”"), script, vec![json!(word)]).await;
    }

    /// Waits until the grid shows cells.
    pub async fn until_cells(&self) {
        self.until("cells", "return document.querySelector('#grid-mirror [data-col]') !== null", vec![]).await;
    }

    /// Opens a planning sheet by its tab and waits for its figures.
    pub async fn turn_to(&self, title: &str) {
        self.turn_to_free(title).await;
        let figures = "return document.querySelector('#grid-mirror [data-measure]:not(:empty)') !== null";
        self.until(&format!("figures of “{title}”"), figures, vec![]).await;
    }

    /// Opens a sheet by its tab.
    pub async fn turn_to_free(&self, title: &str) {
        let press = "const tab = [...document.querySelectorAll('[role=tab][data-sheet]')]
            .find(tab => tab.textContent === arguments[0]);
            tab?.click();
            return tab !== undefined";
        self.until(&format!("the tab “{title}”"), press, vec![json!(title)]).await;
        let shown = "return document.getElementById('grid-mirror').getAttribute('aria-label') === arguments[0]
            && document.querySelector('[data-opening]').dataset.opening === 'open'";
        self.until(&format!("the sheet “{title}”"), shown, vec![json!(title)]).await;
    }

    /// Waits until cells of a measure are in view.
    pub async fn until_measure(&self, measure: &str) {
        let script = "return document.querySelector(`#grid-mirror [data-measure=${arguments[0]}]`) !== null";
        self.until(&format!("cells of {measure}"), script, vec![json!(measure)]).await;
    }

    /// Waits until a cell shows a text.
    pub async fn until_text(&self, cell: &Cell, text: &str) {
        let script = format!("{FIND}; return find(arguments)?.textContent === arguments[2]");
        let what = format!("“{text}” in {}", cell.col);
        self.until(&what, &script, vec![json!(cell.row), json!(cell.col), json!(text)]).await;
    }

    /// What a cell shows, if it is in view.
    pub async fn text(&self, cell: &Cell) -> Option<String> {
        let script = format!("{FIND}; return find(arguments)?.textContent ?? null");
        self.read(&script, vec![json!(cell.row), json!(cell.col)]).await.as_str().map(str::to_owned)
    }

    /// The cells in view that a selector finds, as row and column.
    pub async fn cells(&self, selector: &str) -> Vec<Cell> {
        let script = "return [...document.querySelectorAll('#grid-mirror ' + arguments[0])]
            .filter(cell => !cell.dataset.under)
            .map(cell => [cell.dataset.row, cell.dataset.col])";
        let found: Vec<(String, String)> =
            serde_json::from_value(self.read(script, vec![json!(selector)]).await).unwrap();
        found.into_iter().map(|(row, col)| Cell { row, col }).collect()
    }

    /// Two overrides in view that this person may write.
    pub async fn two_overrides(&self) -> [Cell; 2] {
        self.until_cells().await;
        let overrides = self.cells("[data-measure=override][aria-readonly=false]").await;
        let [first, second, ..] = overrides.as_slice() else { panic!("no override in view: {overrides:?}") };
        [first.clone(), second.clone()]
    }

    /// Waits until a place of the grid, by zero-based line and column, shows a text.
    pub async fn until_shows(&self, (line, col): (usize, usize), text: &str) {
        let script = "return (document.getElementById(arguments[0])?.textContent ?? '') === arguments[1]";
        let id = format!("cell-{line}-{col}");
        self.until(&format!("“{text}” in {id}"), script, vec![json!(id), json!(text)]).await;
    }
}

/// A cell by the ids its element carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    pub row: String,
    pub col: String,
}

/// The element of a cell, given its row and column.
pub(super) const FIND: &str =
    "const find = ([row, col]) => document.querySelector(`#grid-mirror [data-row=\"${row}\"][data-col=\"${col}\"]`)";
