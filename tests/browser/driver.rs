//! Headless Chromium behind its WebDriver, and what people do in it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use equipoise_tests::PATIENCE;
use fantoccini::actions::{InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

const CHROMIUM: &str = "/usr/bin/chromium";
const CHROMEDRIVER: &str = "/usr/bin/chromedriver";
const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,900",
];
/// Keys as the WebDriver standard numbers them.
pub const ENTER: char = '\u{e007}';
pub const RIGHT: char = '\u{e014}';
pub const DOWN: char = '\u{e015}';
pub const UP: char = '\u{e013}';
pub const HOME: char = '\u{e011}';
pub const END: char = '\u{e010}';
pub const LEFT: char = '\u{e012}';
pub const PAGE_UP: char = '\u{e00e}';
pub const PAGE_DOWN: char = '\u{e00f}';
pub const ESCAPE: char = '\u{e00c}';
pub const DELETE: char = '\u{e017}';
pub const TAB: char = '\u{e004}';
pub const F2: char = '\u{e032}';
pub const F4: char = '\u{e034}';
pub const SHIFT: char = '\u{e008}';
pub const CTRL: char = '\u{e009}';
pub const ALT: char = '\u{e00a}';

/// The driver of this test's browsers; it ends them when it goes.
pub struct Driver {
    // Kept for its end.
    _child: Child,
    port: u16,
}

impl Driver {
    /// Starts on a free port; nothing where Chromium is not installed.
    pub async fn start() -> Option<Self> {
        if !Path::new(CHROMIUM).exists() || !Path::new(CHROMEDRIVER).exists() {
            println!("skipped: Chromium and its driver are not installed");
            return None;
        }
        let mut child =
            Command::new(CHROMEDRIVER).arg("--port=0").stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = loop {
            let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap();
            let line = line.expect("the driver says its port before it ends");
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                break port.trim_end_matches('.').parse().unwrap();
            }
        };
        // Read on, so that the driver never waits for a reader.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Some(Self { _child: child, port })
    }

    /// A fresh browser in which a person of the demo company has signed in, on the page it led to.
    pub async fn sign_in(&self, address: &str, user: &str) -> Browser {
        let browser = self.browser(TempDir::new().unwrap(), address, user).await;
        browser.open("/login").await;
        let form = "return document.querySelector('form input[type=password]') !== null";
        browser.until("the sign-in form", form, vec![]).await;
        for (field, text) in [("form input:not([type=password])", user), ("form input[type=password]", "equipoise")] {
            let field = browser.client.find(fantoccini::Locator::Css(field)).await.unwrap();
            field.send_keys(text).await.unwrap();
        }
        browser.press(&[ENTER]).await;
        browser.until_in().await;
        browser
    }

    /// The browser of someone who had signed in when it was [closed](Browser::quit), with all it has kept.
    pub async fn come_back(&self, profile: TempDir, address: &str, user: &str) -> Browser {
        let browser = self.browser(profile, address, user).await;
        browser.open("/").await;
        browser.until_in().await;
        browser
    }

    async fn browser(&self, profile: TempDir, address: &str, user: &str) -> Browser {
        let mut flags: Vec<String> = FLAGS.map(str::to_owned).to_vec();
        flags.push(format!("--user-data-dir={}", profile.path().display()));
        let options = json!({ "goog:chromeOptions": { "binary": CHROMIUM, "args": flags } });
        let Value::Object(capabilities) = options else { unreachable!() };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{}", self.port))
            .await
            .unwrap();
        let (address, user) = (address.to_owned(), user.to_owned());
        Browser { client, address, user, profile, driver_port: self.port }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Killed outright, the driver would leave its browsers behind.
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
            let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
            let _ = stream.write_all(b"GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
            let _ = stream.read_to_end(&mut Vec::new());
        }
    }
}

/// A person's browser.
pub struct Browser {
    client: Client,
    address: String,
    user: String,
    /// Where it keeps what it keeps.
    profile: TempDir,
    /// Where its driver listens.
    driver_port: u16,
}

impl Browser {
    pub async fn open(&self, path: &str) {
        self.client.goto(&format!("http://{}{path}", self.address)).await.unwrap();
    }

    async fn until_in(&self) {
        self.until("a workbook's page", "return location.pathname.startsWith('/w/')", vec![]).await;
    }

    /// Closes the page and the browser; what it has kept is left.
    pub async fn quit(self) -> TempDir {
        self.client.goto("about:blank").await.unwrap();
        self.client.close().await.unwrap();
        self.profile
    }

    pub async fn reload(&self) {
        self.client.refresh().await.unwrap();
    }

    /// What a script returns.
    pub async fn read(&self, script: &str, args: Vec<Value>) -> Value {
        self.client.execute(script, args).await.unwrap()
    }

    /// What a script hands to its last argument, a function.
    pub async fn read_later(&self, script: &str, args: Vec<Value>) -> Value {
        self.client.execute_async(script, args).await.unwrap()
    }

    /// Asks Chromium itself, beside the standard of WebDriver.
    pub async fn devtools(&self, command: &str, params: Value) -> Value {
        let session = self.client.session_id().await.unwrap().unwrap();
        let address = format!("http://127.0.0.1:{}/session/{session}/goog/cdp/execute", self.driver_port);
        let body = json!({ "cmd": command, "params": params });
        let answer = reqwest::Client::new().post(address).json(&body).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        answer["value"].clone()
    }

    /// Opens a page in which a script runs before anything else does.
    pub async fn watched(&self, path: &str, script: &str) {
        self.open("/healthz").await;
        let added = self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
        self.open(path).await;
        self.devtools("Page.removeScriptToEvaluateOnNewDocument", added).await;
    }

    /// Waits until a script returns `true`.
    pub async fn until(&self, what: &str, script: &str, args: Vec<Value>) {
        let start = Instant::now();
        loop {
            if self.read(script, args.clone()).await == json!(true) {
                return;
            }
            if start.elapsed() > PATIENCE {
                let page = self.read("return location.href + '\\n' + document.body.innerText", vec![]).await;
                panic!("{} waited in vain for {what}; {}", self.user, page.as_str().unwrap_or_default());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Presses the first element of a kind that bears these words.
    pub async fn press_words(&self, selector: &str, words: &str) {
        let press = "const found = [...document.querySelectorAll(arguments[0])]
            .find(one => !one.disabled && one.textContent.includes(arguments[1]));
            found?.click();
            return found !== undefined";
        self.until(&format!("“{words}”"), press, vec![json!(selector), json!(words)]).await;
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

    /// Opens a sheet by its tab and waits for its figures.
    pub async fn turn_to(&self, title: &str) {
        let press = "const tab = [...document.querySelectorAll('[role=tab][data-sheet]')]
            .find(tab => tab.textContent === arguments[0]);
            tab?.click();
            return tab !== undefined";
        self.until(&format!("the tab “{title}”"), press, vec![json!(title)]).await;
        let shown = "return document.getElementById('grid-mirror').getAttribute('aria-label') === arguments[0]
            && document.querySelector('[data-opening]').dataset.opening === 'open'
            && document.querySelector('#grid-mirror [data-measure]:not(:empty)') !== null";
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

    /// Presses the mouse on a cell.
    pub async fn click(&self, cell: &Cell) {
        let script = format!(
            "{FIND}; const box = find(arguments).getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2]"
        );
        let place = self.read(&script, vec![json!(cell.row), json!(cell.col)]).await;
        let place: (f64, f64) = serde_json::from_value(place).unwrap();
        self.press_at(place, MOUSE_BUTTON_LEFT).await;
    }

    /// Presses a mouse button on the middle of an element.
    pub async fn press_on(&self, selector: &str, button: u64) {
        let there = "return document.querySelector(arguments[0]) !== null";
        self.until(selector, there, vec![json!(selector)]).await;
        let script = "const it = document.querySelector(arguments[0]);
            let box = it.getBoundingClientRect();
            if (box.bottom > innerHeight || box.top < 0) {
                it.scrollIntoView({ block: 'center', behavior: 'instant' });
                box = it.getBoundingClientRect();
            }
            return [box.x + box.width / 2, box.y + box.height / 2]";
        let place: (f64, f64) = serde_json::from_value(self.read(script, vec![json!(selector)]).await).unwrap();
        self.press_at(place, button).await;
    }

    async fn press_at(&self, (x, y): (f64, f64), button: u64) {
        let mouse = MouseActions::new("mouse".into())
            .then(PointerAction::MoveTo { duration: None, x, y })
            .then(PointerAction::Down { button })
            .then(PointerAction::Up { button });
        self.client.perform_actions(mouse).await.unwrap();
    }

    /// Drags the mouse from one place to another, with keys held.
    pub async fn drag(&self, (x, y): (f64, f64), (to_x, to_y): (f64, f64), held: &[char]) {
        let mut down = KeyActions::new("keyboard".into());
        for &value in held {
            down = down.then(KeyAction::Down { value });
        }
        self.client.perform_actions(down).await.unwrap();
        let mut mouse = MouseActions::new("mouse".into())
            .then(PointerAction::MoveTo { duration: None, x, y })
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT });
        if (x, y) != (to_x, to_y) {
            // By way of the middle, as a hand does.
            mouse = mouse
                .then(PointerAction::MoveTo { duration: None, x: (x + to_x) / 2.0, y: (y + to_y) / 2.0 })
                .then(PointerAction::MoveTo { duration: None, x: to_x, y: to_y });
        }
        self.client.perform_actions(mouse.then(PointerAction::Up { button: MOUSE_BUTTON_LEFT })).await.unwrap();
        let mut up = KeyActions::new("keyboard".into());
        for &value in held.iter().rev() {
            up = up.then(KeyAction::Up { value });
        }
        self.client.perform_actions(up).await.unwrap();
    }

    /// Presses twice at a place.
    pub async fn press_twice(&self, (x, y): (f64, f64)) {
        let mut mouse = MouseActions::new("mouse".into()).then(PointerAction::MoveTo { duration: None, x, y });
        for _ in 0..2 {
            mouse = mouse
                .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
                .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        }
        self.client.perform_actions(mouse).await.unwrap();
    }

    /// Takes an entry of the menu that is open.
    pub async fn choose(&self, words: &str) {
        let script = "const item = [...document.querySelectorAll('[role=menu] .menu-item')]
            .find(item => item.textContent.startsWith(arguments[0]));
            item?.click();
            return item !== undefined";
        self.until(&format!("the entry “{words}”"), script, vec![json!(words)]).await;
    }

    /// Waits until a place of the grid, by zero-based line and column, shows a text.
    pub async fn until_shows(&self, (line, col): (usize, usize), text: &str) {
        let script = "return (document.getElementById(arguments[0])?.textContent ?? '') === arguments[1]";
        let id = format!("cell-{line}-{col}");
        self.until(&format!("“{text}” in {id}"), script, vec![json!(id), json!(text)]).await;
    }

    /// Goes to a cell by its name.
    pub async fn go_to(&self, name: &str) {
        self.chord(&[CTRL], 'g').await;
        let ready = "return document.activeElement?.classList.contains('name-box') ?? false";
        self.until("the name box", ready, vec![]).await;
        self.type_text(name).await;
        self.press(&[ENTER]).await;
        let back = "return document.activeElement?.classList.contains('grid-editor') ?? false";
        self.until(&format!("to stand at {name}"), back, vec![]).await;
    }

    /// Presses a key with others held.
    pub async fn chord(&self, held: &[char], key: char) {
        let mut actions = KeyActions::new("keyboard".into());
        for &value in held {
            actions = actions.then(KeyAction::Down { value });
        }
        actions = actions.then(KeyAction::Down { value: key }).then(KeyAction::Up { value: key });
        for &value in held.iter().rev() {
            actions = actions.then(KeyAction::Up { value });
        }
        self.client.perform_actions(actions).await.unwrap();
    }

    /// Presses keys one after the other, wherever the focus is.
    pub async fn press(&self, keys: &[char]) {
        let mut actions = KeyActions::new("keyboard".into());
        for &value in keys {
            actions = actions.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        }
        self.client.perform_actions(actions).await.unwrap();
    }

    pub async fn type_text(&self, text: &str) {
        self.press(&text.chars().collect::<Vec<_>>()).await;
    }
}

/// A cell by the ids its element carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    pub row: String,
    pub col: String,
}

/// The element of a cell, given its row and column.
const FIND: &str =
    "const find = ([row, col]) => document.querySelector(`#grid-mirror [data-row=\"${row}\"][data-col=\"${col}\"]`)";
