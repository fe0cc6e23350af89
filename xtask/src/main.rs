//! Chores of the repository: `cargo xtask run`, `cargo xtask test`, and what they are made of.

mod build;
mod check;
mod setup;
mod shell;
mod web;

use std::process::ExitCode;

use shell::Failure;

const HELP: &str = "\
cargo xtask <task>

  run [--listen ADDR] [--data DIR]   install what is missing, build, start with the demo company
  test                               install what is missing, run every test, the browser's too
  web                                build the web interface into web/dist, say what browsers fetch
  dist                               one self-contained release binary: target/release/equipoise
  ci                                 formatting, lints, tests, web build, dependency and licence checks
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rest = arguments.get(1..).unwrap_or_default();
    let outcome = match arguments.first().map(String::as_str) {
        Some("run") => run(rest),
        Some("test") if rest.is_empty() => test(),
        Some("web") if rest.is_empty() => {
            setup::for_building().and_then(|()| build::web()).and_then(|()| check::web_size())
        }
        Some("parts") if rest.is_empty() => web::parts(),
        Some("dist") if rest.is_empty() => dist(),
        Some("ci") if rest.is_empty() => ci(),
        Some("help" | "--help" | "-h") => {
            print!("{HELP}");
            Ok(())
        }
        _ => {
            eprint!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &[String]) -> Result<(), Failure> {
    let mut listen = "127.0.0.1:8080".to_owned();
    let mut data = "data".to_owned();
    for pair in options.chunks(2) {
        match pair {
            [name, value] if name == "--listen" => listen.clone_from(value),
            [name, value] if name == "--data" => data.clone_from(value),
            _ => return Err(Failure::new(format!("run: unknown option {}; see cargo xtask help", pair[0]))),
        }
    }
    setup::for_building()?;
    build::web()?;
    let equipoise = build::server()?;
    if !shell::root().join(&data).join("equipoise.db").exists() {
        shell::say("filling the data folder with the demo company");
        shell::run(shell::command(&equipoise).args(["demo", "--data", &data]))?;
    }
    shell::run(shell::command(&equipoise).args(["serve", "--data", &data, "--listen", &listen]))
}

fn test() -> Result<(), Failure> {
    setup::for_building()?;
    setup::for_testing()?;
    build::web()?;
    let equipoise = build::server()?;
    build::node_packages()?;
    shell::run(shell::cargo().args(["test", "--locked"]).env("EQUIPOISE_PROGRAM", &equipoise))?;
    // As browsers are built.
    let later =
        ["test", "--locked", "--package", "grid-engine", "--features", "later-families", "--test", "later_families"];
    shell::run(shell::cargo().args(later))?;
    // The interface's pure parts (viewport, hit testing, keys, clipboard, chart layout) run natively.
    shell::run(shell::cargo().args(["test", "--locked", "--package", "equipoise-web"]))?;
    web::test_tool()
}

fn dist() -> Result<(), Failure> {
    setup::for_building()?;
    build::web()?;
    shell::run(shell::cargo().args(["build", "--locked", "--release", "--package", "equipoise-server"]))?;
    shell::say("target/release/equipoise is complete: copy that one file");
    Ok(())
}

fn ci() -> Result<(), Failure> {
    setup::for_building()?;
    shell::run(shell::cargo().args(["fmt", "--all", "--check"]))?;
    shell::run(shell::cargo().args(["clippy", "--locked", "--all-targets", "--", "-D", "warnings"]))?;
    let web =
        ["clippy", "--locked", "--package", "equipoise-web", "--target", setup::WASM_TARGET, "--", "-D", "warnings"];
    shell::run(shell::cargo().args(web))?;
    test()?;
    check::web_dependencies()?;
    check::web_size()?;
    setup::cargo_deny()?;
    for manifest in ["Cargo.toml", "xtask/split/Cargo.toml"] {
        let deny = ["deny", "--manifest-path", manifest, "--locked", "check", "licenses", "bans", "sources"];
        shell::run(shell::cargo().args(deny))?;
    }
    Ok(())
}
