//! A server in a process of its own, on a free port, with a data folder that goes with the test.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::Duration;

use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::plan::{self, PASSWORD};

/// Generous: the machine may be busy with other tests.
pub const PATIENCE: Duration = Duration::from_secs(60);

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

    async fn serve(folder: TempDir) -> Self {
        let (child, address) = spawn(folder.path()).await;
        Self { child, folder, address, http: Client::new() }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Kills the process where it stands and starts another on the same folder.
    pub async fn crash_and_restart(&mut self) {
        self.child.kill().await.unwrap();
        (self.child, self.address) = spawn(self.folder.path()).await;
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

    pub fn request(&self, method: Method, path: &str, cookie: &str) -> RequestBuilder {
        let url = format!("http://{}{path}", self.address);
        self.http.request(method, url).header("x-equipoise", "1").header(COOKIE, cookie)
    }

    pub async fn get(&self, path: &str, cookie: &str) -> Response {
        self.request(Method::GET, path, cookie).send().await.unwrap()
    }

    /// Whether it still answers.
    pub async fn is_well(&self) -> bool {
        self.get("/healthz", "").await.status() == 200
    }
}

async fn spawn(folder: &Path) -> (Child, String) {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("server.log")).unwrap();
    let mut child = Command::new(program())
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder)
        .stdout(Stdio::piped())
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    tokio::time::timeout(PATIENCE, stdout.read_line(&mut line)).await.unwrap().unwrap();
    let address = line.trim().strip_prefix("Equipoise listens on http://");
    let log = || std::fs::read_to_string(folder.join("server.log")).unwrap();
    (child, address.unwrap_or_else(|| panic!("{line}{}", log())).to_owned())
}

/// The program under test, built from this source with the profile of the tests.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        if let Some(program) = std::env::var_os("EQUIPOISE_PROGRAM") {
            return program.into();
        }
        let deps = std::env::current_exe().unwrap();
        let profile = deps.ancestors().nth(2).unwrap();
        let mut build = std::process::Command::new(env!("CARGO"));
        // The whole workspace's selection of features, so that what the tests built is used again.
        build.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        build.args(["build", "--quiet", "--bin", "equipoise", "--target-dir"]);
        build.arg(profile.parent().unwrap());
        if profile.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().unwrap().success());
        profile.join("equipoise")
    })
}
