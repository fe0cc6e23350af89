//! The server under load: a process of its own, on one core where the system can pin it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running server; it ends with this value.
pub struct ServerProcess {
    child: Child,
    /// Host and port.
    pub address: String,
}

impl ServerProcess {
    /// Starts this program's server on a folder. `core` pins it.
    pub fn start(folder: &Path, core: Option<usize>) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = match core.filter(|_| Path::new("/usr/bin/taskset").exists()) {
            Some(core) => {
                let mut command = Command::new("taskset");
                command.args(["-c", &core.to_string()]).arg(program);
                command
            }
            None => Command::new(program),
        };
        let log = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("server.log"));
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0", "--sockets-per-address", "100000", "--data"])
            .arg(folder)
            .stdout(Stdio::piped())
            .stderr(log.map_or_else(|_| Stdio::null(), Stdio::from))
            .spawn()
            .map_err(|error| format!("the server did not start: {error}"))?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(|error| error.to_string())?;
        }
        match line.trim().strip_prefix("Equipoise listens on http://") {
            Some(address) => Ok(Self { address: address.to_owned(), child }),
            None => Err(format!("the server did not start; see {}", folder.join("server.log").display())),
        }
    }

    /// Its memory now and at most, in MB; `None` where the system does not tell.
    pub fn memory_mb(&self) -> Option<(f64, f64)> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let kilobytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<f64>().ok()
        };
        Some((kilobytes("VmRSS:")? / 1024.0, kilobytes("VmHWM:")? / 1024.0))
    }

    /// Kills it where it stands.
    pub fn kill(mut self) -> Result<(), String> {
        self.child.kill().and_then(|()| self.child.wait()).map(|_| ()).map_err(|error| error.to_string())
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
