//! Starting a job process, hearing from it, ending it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;

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

/// Runs a task in a new process; `progress` hears of its steps. Dropping the future ends the process.
///
/// # Errors
/// In words: it did not start, crashed, took too long, or said nothing of use.
pub(super) async fn run_task(
    program: &Path,
    task: &Task,
    mut progress: impl FnMut(u64, u64, String),
) -> Result<Report, String> {
    let mut input = serde_json::to_vec(task).map_err(|error| error.to_string())?;
    input.push(b'\n');
    let mut child = limited(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("the job process did not start: {error}"))?;
    let (Some(mut stdin), Some(stdout), Some(mut stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err("the job process has no pipes".to_owned());
    };
    let conversation = async {
        let feed = async {
            // A process that ends early is noticed on its output.
            let _ = stdin.write_all(&input).await;
            drop(stdin);
        };
        let listen = async {
            let mut answer = None;
            let mut lines = BufReader::new(stdout).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                // Reports are objects; between them the solver writes its log.
                if !line.starts_with('{') {
                    step(&line).into_iter().for_each(|message| progress(0, 0, message));
                    continue;
                }
                match serde_json::from_str(&line) {
                    Ok(Report::Progress { done, total, message }) => progress(done, total, message),
                    Ok(report) => answer = Some(report),
                    Err(error) => tracing::warn!(%error, "a job process wrote something else than a report"),
                }
            }
            answer
        };
        let complaints = async {
            let mut text = vec![0; ERROR_BYTES];
            let read = stderr.read(&mut text).await.unwrap_or(0);
            text.truncate(read);
            let mut rest = tokio::io::sink();
            let _ = tokio::io::copy(&mut stderr, &mut rest).await;
            String::from_utf8_lossy(&text).trim().to_owned()
        };
        let ((), answer, complaint) = tokio::join!(feed, listen, complaints);
        let status = child.wait().await.map_err(|error| error.to_string())?;
        match answer {
            Some(report) if status.success() => Ok(report),
            // The shell that sets the limits answers so for a program it cannot run.
            _ if matches!(status.code(), Some(126 | 127)) => Err(format!("the job process did not start: {complaint}")),
            _ if complaint.is_empty() => Err(format!("the job process ended with {status}")),
            _ => Err(format!("the job process ended with {status}: {complaint}")),
        }
    };
    let limited = tokio::time::timeout(TIME_LIMIT, conversation).await;
    limited.unwrap_or_else(|_| Err(format!("it took longer than {} minutes", TIME_LIMIT.as_secs() / 60)))
}
