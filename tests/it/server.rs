//! A server in a process of its own, on a free port, with a data folder that goes with the test.

use std::path::Path;

pub use equipoise_tests::PATIENCE;
use equipoise_tests::{serve, serve_with};
use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::json;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::plan::{self, PASSWORD};

const ANY_PORT: &str = "127.0.0.1:0";

pub struct Server {
    child: Child,
    folder: TempDir,
    /// Host and port.
    pub address: String,
    http: Client,
}

impl Server {
    /// A server with the plan of these tests.
    pub async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().to_owned();
        tokio::task::spawn_blocking(move || plan::fill(&path)).await.unwrap();
        Self::serve(folder).await
    }

    /// The same with what the plan earns.
    pub async fn start_with_profit() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().to_owned();
        tokio::task::spawn_blocking(move || plan::fill_with(&path, vec![plan::profit()])).await.unwrap();
        Self::serve(folder).await
    }

    /// The same, started with more arguments.
    pub async fn start_with(more: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().to_owned();
        tokio::task::spawn_blocking(move || plan::fill(&path)).await.unwrap();
        let (child, address) = serve_with(folder.path(), ANY_PORT, more).await;
        Self { child, folder, address, http: Client::new() }
    }

    /// A server on a folder that is filled already.
    pub async fn serve(folder: TempDir) -> Self {
        let (child, address) = serve(folder.path(), ANY_PORT).await;
        Self { child, folder, address, http: Client::new() }
    }

    /// The process, until it ends.
    pub fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Kills the process where it stands and starts another on the same folder.
    pub async fn crash_and_restart(&mut self) {
        self.child.kill().await.unwrap();
        (self.child, self.address) = serve(self.folder.path(), ANY_PORT).await;
    }

    /// Asks the process to end, as a service supervisor does; its exit code.
    pub async fn terminate(&mut self) -> Option<i32> {
        let pid = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
        tokio::time::timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap().code()
    }

    /// Signs in; the cookie.
    pub async fn sign_in(&self, user: &str) -> String {
        let login = json!({ "user": user, "password": PASSWORD });
        let answer = self.request(Method::POST, "/api/login", "").json(&login).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{user}");
        let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    /// Gives a person another scope, as the administrator whose cookie this is.
    pub async fn confine(&self, user: &str, scope: &[&str], cookie: &str) {
        let path = format!("/api/people/{user}");
        let put = self.request(Method::PUT, &path, cookie).json(&json!({ "scope": scope })).send();
        assert!(put.await.unwrap().status().is_success(), "{user}");
    }

    pub fn request(&self, method: Method, path: &str, cookie: &str) -> RequestBuilder {
        let url = format!("http://{}{path}", self.address);
        self.http.request(method, url).header("x-equipoise", "1").header(COOKIE, cookie)
    }

    pub async fn get(&self, path: &str, cookie: &str) -> Response {
        self.request(Method::GET, path, cookie).send().await.unwrap()
    }

    /// Starts another process on the folder of one that has ended.
    pub async fn start_again(&mut self) {
        (self.child, self.address) = serve(self.folder.path(), ANY_PORT).await;
    }

    /// Asks for a WebSocket as a client would, for the answer of a server that gives none.
    pub async fn ask_for_socket(&self, path: &str, cookie: &str, origin: Option<&str>) -> Response {
        let mut request = self.request(Method::GET, path, cookie);
        for (name, value) in [
            ("connection", "upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ] {
            request = request.header(name, value);
        }
        let request = match origin {
            Some(origin) => request.header("origin", origin),
            None => request,
        };
        request.send().await.unwrap()
    }

    /// One line of the metrics, by its name.
    pub async fn metric(&self, name: &str) -> f64 {
        let text = self.get("/metrics", "").await.text().await.unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name} in {text}")).parse().unwrap()
    }

    /// Whether it still answers.
    pub async fn is_well(&self) -> bool {
        self.get("/healthz", "").await.status() == 200
    }
}
