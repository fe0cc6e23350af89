//! Proving the values of a bundle that somebody sends, in a process of its own: whatever it holds, it takes nothing else down.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::message::{Report, Task};
use super::process::run_task;
use crate::bundles::{Unproven, prove_values};
use crate::exchange::bundle_file::BundleFile;

/// Calculates a bundle again in a process of its own.
///
/// # Errors
/// What does not hold of it, or why that could not be found out.
pub async fn prove(program: &Path, bundle: &[u8]) -> Result<(), Unproven> {
    let task = Task::Prove { bundle: STANDARD.encode(bundle) };
    let unknown = |reason: String| Unproven { reasons: vec![reason], frozen_by: None };
    match run_task(program, &task, |_, _, _| ()).await {
        Ok(Report::Proven { problems, .. }) if problems.is_empty() => Ok(()),
        Ok(Report::Proven { problems, frozen_by }) => Err(Unproven { reasons: problems, frozen_by }),
        Ok(_) => Err(unknown("a job answered something else".to_owned())),
        Err(reason) => Err(unknown(format!("its values could not be calculated again: {reason}"))),
    }
}

/// What a process finds of a bundle in base 64.
pub(super) fn report(bundle: &str) -> Report {
    let bytes = STANDARD.decode(bundle).map_err(|error| error.to_string());
    let bundle = bytes.and_then(|bytes| BundleFile::read(&bytes).map_err(|error| error.to_string()));
    match bundle.map(|bundle| prove_values(&bundle)) {
        Ok(Ok(_)) => Report::Proven { problems: Vec::new(), frozen_by: None },
        Ok(Err(Unproven { reasons, frozen_by })) => Report::Proven { problems: reasons, frozen_by },
        Err(error) => Report::Proven { problems: vec![error], frozen_by: None },
    }
}
