//! Starting a job process, hearing from it, ending it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

use super::message::{Report, Task};
use super::solver_log::step;

/// A job that takes longer is given up: its inputs are not what anyone meant.
const TIME_LIMIT: Duration = Duration::from_secs(15 * 60);
/// Of what a crashing job says, enough to see why.
const ERROR_BYTES: usize = 2000;

/// Address space of a job, in kilobytes: the largest models known take a tenth of it.
const MEMORY_KB: u64 = 6 << 20;

/// The command of a job, which may not take the machine's memory from those who edit.
#[cfg(unix)]
fn limited(program: &Path) -> Command {
    let mut command = Command::new("sh");
    // A system that knows no such limit runs the job all the same.
    let script = format!("ulimit -v {MEMORY_KB} 2>/dev/null; exec \"$0\" job");
    command.arg("-c").arg(script).arg(program);
    command
}

#[cfg(not(unix))]
fn limited(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg("job");
    command
}

/// A job process that answers one task after another. Dropping it ends it.
pub(super) struct JobProcess {
    child: Child,
    tasks: ChildStdin,
    reports: Lines<BufReader<ChildStdout>>,
    complaints: JoinHandle<String>,
}

impl JobProcess {
    /// Starts a process.
    ///
    /// # Errors
    /// In words.
    pub fn start(program: &Path) -> Result<Self, String> {
        let mut child = limited(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("the job process did not start: {error}"))?;
        let (Some(tasks), Some(stdout), Some(mut stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err("the job process has no pipes".to_owned());
        };
        let complaints = tokio::spawn(async move {
            let mut text = vec![0; ERROR_BYTES];
            let read = stderr.read(&mut text).await.unwrap_or(0);
            text.truncate(read);
            let mut rest = tokio::io::sink();
            let _ = tokio::io::copy(&mut stderr, &mut rest).await;
            String::from_utf8_lossy(&text).trim().to_owned()
        });
        Ok(Self { child, tasks, reports: BufReader::new(stdout).lines(), complaints })
    }

    /// Has the process do a task; `progress` hears of its steps. After a failure the process is of no more use.
    ///
    /// # Errors
    /// In words: it did not start, crashed, took too long, or said nothing of use.
    pub async fn ask(&mut self, task: &Task, progress: impl FnMut(u64, u64, String)) -> Result<Report, String> {
        let limited = tokio::time::timeout(TIME_LIMIT, self.converse(task, progress)).await;
        limited.unwrap_or_else(|_| Err(format!("it took longer than {} minutes", TIME_LIMIT.as_secs() / 60)))
    }

    async fn converse(&mut self, task: &Task, mut progress: impl FnMut(u64, u64, String)) -> Result<Report, String> {
        let mut input = serde_json::to_vec(task).map_err(|error| error.to_string())?;
        input.push(b'\n');
        // A process that ends early is noticed on its output.
        let _ = self.tasks.write_all(&input).await;
        drop(input);
        while let Ok(Some(line)) = self.reports.next_line().await {
            // Reports are objects; between them the solver writes its log.
            if !line.starts_with('{') {
                step(&line).into_iter().for_each(|message| progress(0, 0, message));
                continue;
            }
            match serde_json::from_str(&line) {
                Ok(Report::Progress { done, total, message }) => progress(done, total, message),
                Ok(report) => return Ok(report),
                Err(error) => tracing::warn!(%error, "a job process wrote something else than a report"),
            }
        }
        Err(self.why_it_ended().await)
    }

    async fn why_it_ended(&mut self) -> String {
        let status = match self.child.wait().await {
            Ok(status) => status,
            Err(error) => return error.to_string(),
        };
        let complaint = (&mut self.complaints).await.unwrap_or_default();
        match status.code() {
            // The shell that sets the limits answers so for a program it cannot run.
            Some(126 | 127) => format!("the job process did not start: {complaint}"),
            _ if complaint.is_empty() => format!("the job process ended with {status}"),
            _ => format!("the job process ended with {status}: {complaint}"),
        }
    }
}

/// Runs a task in a new process; `progress` hears of its steps. Dropping the future ends the process.
///
/// # Errors
/// As [`JobProcess::ask`].
pub(super) async fn run_task(
    program: &Path,
    task: &Task,
    progress: impl FnMut(u64, u64, String),
) -> Result<Report, String> {
    JobProcess::start(program)?.ask(task, progress).await
}
