//! Headless Chromium behind its WebDriver, and what people do in it.

mod hands;
mod page;

pub use hands::{
    ALT, CTRL, DELETE, DOWN, END, ENTER, ESCAPE, F2, F4, HOME, LEFT, PAGE_DOWN, PAGE_UP, RIGHT, SHIFT, TAB, UP,
};
pub use page::Cell;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use equipoise_tests::PATIENCE;
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
        browser.fill_in_login().await;
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

    /// Signs in on the page that asks for it.
    pub async fn fill_in_login(&self) {
        let form = "return document.querySelector('form input[type=password]') !== null";
        self.until("the sign-in form", form, vec![]).await;
        let fields = [("form input:not([type=password])", &*self.user), ("form input[type=password]", "equipoise")];
        for (field, text) in fields {
            let field = self.client.find(fantoccini::Locator::Css(field)).await.unwrap();
            field.send_keys(text).await.unwrap();
        }
        self.press(&[ENTER]).await;
        self.until_in().await;
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
}
