//! `equipoise serve`.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use grid_engine::wire::Role;
use tracing_subscriber::EnvFilter;

use super::Refused;
use crate::app;
use crate::auth::OidcConfig;
use crate::config::Config;

/// Serves the workbooks of a data folder.
#[derive(clap::Args)]
pub struct Args {
    /// The data folder; made when missing.
    #[arg(long)]
    data: PathBuf,
    /// Address and port to listen on, e.g. 127.0.0.1:8080; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: std::net::SocketAddr,
    /// Where people reach this server, e.g. https://plan.example, when a proxy stands in front of it.
    #[arg(long)]
    public_url: Option<String>,
    /// Sockets open at once from one address. Behind a proxy everyone has the proxy's: raise it there.
    #[arg(long, default_value_t = 2000)]
    sockets_per_address: usize,
    /// Address of the OpenID provider people may sign in with; needs --public-url and --oidc-client-id.
    #[arg(long, requires_all = ["public_url", "oidc_client_id"])]
    oidc_issuer: Option<String>,
    /// What the provider calls this server. Its secret, where there is one, is read from EQUIPOISE_OIDC_SECRET.
    #[arg(long, requires = "oidc_issuer")]
    oidc_client_id: Option<String>,
    /// Role of people who come from the provider for the first time, e.g. viewer. Without it only people whose user
    /// name is their e-mail address may come.
    #[arg(long, requires = "oidc_issuer", value_parser = role)]
    oidc_new_people: Option<Role>,
    /// Seconds after which a workbook that nobody has open is forgotten until the next one comes.
    #[arg(long, default_value_t = 1800)]
    idle_seconds: u64,
    /// Writes the log as JSON, one object a line.
    #[arg(long)]
    log_json: bool,
    /// The program started for jobs; this one by default.
    #[arg(long, hide = true)]
    job_program: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Refused> {
    log(args.log_json);
    let one = |error: String| vec![error];
    let job_program = match &args.job_program {
        Some(program) => program.clone(),
        None => std::env::current_exe().map_err(|error| one(error.to_string()))?,
    };
    let config = Config {
        data: args.data.clone(),
        listen: args.listen,
        public_url: args.public_url.clone(),
        sockets_per_address: args.sockets_per_address,
        oidc: oidc_of(args),
        idle: std::time::Duration::from_secs(args.idle_seconds),
        job_program,
    };
    let runtime = tokio::runtime::Runtime::new().map_err(|error| one(error.to_string()))?;
    let stop = {
        let _entered = runtime.enter();
        stop_signal().map_err(|error| one(format!("signals cannot be heard: {error}")))?
    };
    let ready = |address| {
        // Scripts wait for this line; without a reader the server serves all the same.
        let _ = writeln!(std::io::stdout(), "Equipoise listens on http://{address}");
    };
    runtime.block_on(app::serve(config, ready, stop)).map_err(|error| one(error.to_string()))
}

fn oidc_of(args: &Args) -> Option<OidcConfig> {
    let (issuer, client_id) = args.oidc_issuer.clone().zip(args.oidc_client_id.clone())?;
    // Command lines are seen by everyone on the machine.
    let client_secret = std::env::var("EQUIPOISE_OIDC_SECRET").ok().filter(|secret| !secret.is_empty());
    Some(OidcConfig { issuer, client_id, client_secret, new_people: args.oidc_new_people })
}

fn role(text: &str) -> Result<Role, String> {
    serde_json::from_value(serde_json::Value::String(text.to_owned()))
        .map_err(|_| "use viewer, sales, demand, supply, finance, executive or admin".to_owned())
}

/// The log goes to stderr; `EQUIPOISE_LOG` sets what it holds, e.g. `debug`.
fn log(json: bool) {
    let filter = EnvFilter::try_from_env("EQUIPOISE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // A second server in one process keeps the first one's log.
    let _ = if json { builder.json().try_init() } else { builder.try_init() };
}

/// Resolves at SIGTERM or SIGINT.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut term, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Resolves at Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
