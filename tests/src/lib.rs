//! The program under test in processes of its own, as every whole-system test runs it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::OnceCell;

/// Generous: the machine may be busy with other tests.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A server on a data folder; `listen` is host and port, port 0 for a free one. The process and where it listens.
pub async fn serve(folder: &Path, listen: &str) -> (Child, String) {
    serve_with(folder, listen, &[]).await
}

/// The same with more arguments.
pub async fn serve_with(folder: &Path, listen: &str, more: &[&str]) -> (Child, String) {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("server.log")).unwrap();
    let mut child = Command::new(program())
        .args(["serve", "--listen", listen, "--data"])
        .arg(folder)
        .args(more)
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
pub fn program() -> &'static Path {
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

/// The folder with the packages of the tests, installed if need be; `None`, with a message, where that is not possible.
pub async fn node_folder() -> Option<PathBuf> {
    static INSTALLED: OnceCell<bool> = OnceCell::const_new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("node");
    let installed = INSTALLED.get_or_init(async || {
        if folder.join("node_modules").exists() {
            return true;
        }
        let install =
            Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--silent"]).current_dir(&folder).status();
        install.await.is_ok_and(|status| status.success())
    });
    if *installed.await {
        return Some(folder);
    }
    println!("skipped: packages cannot be installed here");
    None
}
