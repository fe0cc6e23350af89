//! Proving the values of a bundle that somebody sends, in a process of its own: whatever it holds, it takes nothing else down.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::message::{Report, Task};
use super::process::run_task;
use crate::bundles::prove_values;
use crate::exchange::bundle_file::BundleFile;

/// Calculates a bundle again in a process of its own.
///
/// # Errors
/// In words: what does not hold of it, or why that could not be found out.
pub async fn prove(program: &Path, bundle: &[u8]) -> Result<(), Vec<String>> {
    let task = Task::Prove { bundle: STANDARD.encode(bundle) };
    match run_task(program, &task, |_, _, _| ()).await {
        Ok(Report::Proven { problems }) if problems.is_empty() => Ok(()),
        Ok(Report::Proven { problems }) => Err(problems),
        Ok(_) => Err(vec!["a job answered something else".to_owned()]),
        Err(reason) => Err(vec![format!("its values could not be calculated again: {reason}")]),
    }
}

/// What does not hold of a bundle in base 64.
pub(super) fn problems(bundle: &str) -> Vec<String> {
    let bytes = STANDARD.decode(bundle).map_err(|error| error.to_string());
    let bundle = bytes.and_then(|bytes| BundleFile::read(&bytes).map_err(|error| error.to_string()));
    bundle.map_err(|error| vec![error]).and_then(|bundle| prove_values(&bundle)).err().unwrap_or_default()
}
