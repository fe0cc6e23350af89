//! What the machine must have, and how it gets it: each thing is looked for first, then installed
//! with a line saying what and why.

use std::path::Path;
use std::process::Command;

use crate::shell::{self, Failure};

/// The browser's target.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";
/// 0.22 needs a newer compiler than this project asks for.
const TRUNK: &str = "0.21.14";
/// The same version as the crate in Cargo.lock: the two only work together.
const WASM_BINDGEN: &str = "0.2.130";
const CARGO_DENY: &str = "0.20.2";

/// A Debian package, how to see that it is there, and why it is needed.
struct Package {
    name: &'static str,
    present: fn() -> bool,
    why: &'static str,
}

const FOR_BUILDING: &[Package] = &[
    Package {
        name: "build-essential",
        present: || shell::has("c++") && shell::has("make"),
        why: "compiles SQLite and HiGHS",
    },
    Package { name: "cmake", present: || shell::has("cmake"), why: "builds the HiGHS solver" },
    Package { name: "clang", present: || shell::has("clang"), why: "reads the headers of HiGHS" },
    Package { name: "libclang-dev", present: has_libclang, why: "reads the headers of HiGHS" },
];

const FOR_TESTING: &[Package] = &[
    Package { name: "chromium", present: || shell::has("chromium"), why: "the browser of the browser tests" },
    Package { name: "chromium-driver", present: || shell::has("chromedriver"), why: "drives that browser" },
    Package { name: "nodejs", present: || shell::has("node"), why: "runs the stock Yjs client of the sync tests" },
    Package { name: "npm", present: || shell::has("npm"), why: "installs the stock Yjs client of the sync tests" },
];

/// Everything the server and the web interface are built with.
pub fn for_building() -> Result<(), Failure> {
    packages(FOR_BUILDING)?;
    let installed = shell::output(shell::command("rustup").args(["target", "list", "--installed"]));
    // Without rustup the compiler came with its targets; a missing one shows when the web is built.
    if installed.is_some_and(|targets| !targets.contains(WASM_TARGET)) {
        shell::say("adding the compiler's wasm32 target, for the web interface");
        shell::run(shell::command("rustup").args(["target", "add", WASM_TARGET]))
            .map_err(|failure| Failure::new(format!("{failure}\n  remedy: rustup target add {WASM_TARGET}")))?;
    }
    cargo_program("trunk", TRUNK, &["--locked"], "bundles the web interface")?;
    // Its lock file holds older versions than the registry offers; none of them matters to the output.
    cargo_program("wasm-bindgen", WASM_BINDGEN, &[], "writes the web interface's JavaScript side")
}

/// What the tests need besides.
pub fn for_testing() -> Result<(), Failure> {
    packages(FOR_TESTING)
}

/// The licence check.
pub fn cargo_deny() -> Result<(), Failure> {
    cargo_program("cargo-deny", CARGO_DENY, &["--locked"], "checks the licences of the dependencies")
}

fn cargo_program(program: &str, version: &str, options: &[&str], why: &str) -> Result<(), Failure> {
    let found = shell::output(shell::command(program).arg("--version")).unwrap_or_default();
    if found.split_whitespace().nth(1) == Some(version) {
        return Ok(());
    }
    let package = if program == "wasm-bindgen" { "wasm-bindgen-cli" } else { program };
    shell::say(&format!("installing {package} {version} (some minutes, once): it {why}"));
    shell::run(shell::cargo().args(["install", package, "--version", version]).args(options))
        .map_err(|failure| Failure::new(format!("{failure}\n  remedy: cargo install {package} --version {version}")))
}

fn packages(wanted: &[Package]) -> Result<(), Failure> {
    let missing: Vec<&Package> = wanted.iter().filter(|package| !(package.present)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    for package in &missing {
        shell::say(&format!("installing the system package {}: {}", package.name, package.why));
    }
    let remedy = format!("install these packages, then run again: {}", names.join(" "));
    if !shell::has("apt-get") {
        return Err(Failure::new(format!("this is not a Debian system; {remedy}")));
    }
    let install = |arguments: &[&str]| {
        shell::run(as_root()?.arg("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    install(&["update", "--quiet=2"])
        .and_then(|()| {
            install(&[&["install", "--yes", "--quiet=2", "--no-install-recommends"], names.as_slice()].concat())
        })
        .map_err(|failure| Failure::new(format!("{failure}\n  remedy: {remedy}")))
}

/// A command prefix with the rights to install packages.
fn as_root() -> Result<Command, Failure> {
    let root = shell::output(shell::command("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    if root {
        return Ok(shell::command("env"));
    }
    if shell::has("sudo") {
        let mut sudo = shell::command("sudo");
        sudo.arg("--non-interactive");
        return Ok(sudo);
    }
    Err(Failure::new("installing system packages needs root or sudo"))
}

fn has_libclang() -> bool {
    let folders =
        ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"];
    let llvm = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let llvm = llvm
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("llvm-"))
        .map(|entry| entry.path().join("lib"));
    std::env::var_os("LIBCLANG_PATH").is_some()
        || folders.iter().map(Into::into).chain(llvm).any(|folder| holds_libclang(&folder))
}

fn holds_libclang(folder: &Path) -> bool {
    std::fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        name.starts_with("libclang") && !name.starts_with("libclang-cpp") && name.contains(".so")
    })
}
