//! `equipoise bench forecast`: scores beside what others reach.

use std::path::{Path, PathBuf};

use super::say;
use crate::bench::forecast::{self, RIVAL_FILES, RIVALS, Scores};
use crate::cli::Refused;

/// Where the development data lies, seen from the repository's root.
const DEVELOPMENT_DATA: &str = "../shared/data/forecast";

pub(super) fn learn(files: &[PathBuf]) -> Result<(), Refused> {
    let files = if files.is_empty() { development_files()? } else { files.to_vec() };
    say(forecast::learn(&files)?.trim_end()).map(|_| ())
}

pub(super) fn forecast(files: &[PathBuf], within: usize) -> Result<(), Refused> {
    let files = if files.is_empty() { development_files()? } else { files.to_vec() };
    let header = format!(
        "{:<14} {:>6} {:>7} {:>6} {:>6} {:>6} {:>6} {:>6} {:>7} {:>6} {:>8}",
        "file", "series", "sMAPE", "MASE", "OWA", "RMSSE", "in 80", "in 95", "bias", "global", "ms CPU"
    );
    if !say(&header)? {
        return Ok(());
    }
    let mut all: Vec<(String, Scores)> = Vec::new();
    for path in &files {
        let scores = forecast::score(path, within)?;
        let name = name_of(path);
        if !say(&line(&name, &scores))? {
            return Ok(());
        }
        all.push((name, scores));
    }
    if within == 0 && all.iter().any(|(name, _)| RIVAL_FILES.contains(&name.as_str())) {
        say(&rivals(&all))?;
    }
    let failures: Vec<String> = all
        .iter()
        .filter(|(_, scores)| scores.failures > 0)
        .map(|(name, scores)| format!("{name}: {} series could not be forecast", scores.failures))
        .collect();
    if failures.is_empty() { Ok(()) } else { Err(failures) }
}

fn development_files() -> Result<Vec<PathBuf>, Refused> {
    let refused = |error: std::io::Error| vec![format!("name the files to score ({DEVELOPMENT_DATA}: {error})")];
    let entries = std::fs::read_dir(DEVELOPMENT_DATA).map_err(refused)?;
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    let mut files: Vec<PathBuf> = paths.filter(|path| path.to_string_lossy().ends_with(".csv.gz")).collect();
    files.sort();
    if files.is_empty() { Err(vec![format!("{DEVELOPMENT_DATA} holds no .csv.gz file")]) } else { Ok(files) }
}

/// The file's name up to its first dot.
fn name_of(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.split('.').next().unwrap_or_default().to_owned()
}

fn line(name: &str, scores: &Scores) -> String {
    format!(
        "{name:<14} {:>6} {:>7.3} {:>6.3} {:>6} {:>6.3} {:>5.1}% {:>5.1}% {:>6.1}% {:>6.2} {:>8.2}",
        scores.series,
        scores.smape,
        scores.mase,
        scores.owa.map_or_else(|| "-".to_owned(), |owa| format!("{owa:.3}")),
        scores.rmsse,
        100.0 * scores.coverage[0],
        100.0 * scores.coverage[1],
        100.0 * scores.bias,
        scores.global,
        scores.milliseconds
    )
}

fn rivals(all: &[(String, Scores)]) -> String {
    let names = RIVAL_FILES.map(|name| format!("{name:>12}")).concat();
    let mut lines = vec![format!("\nOWA, lower is better{}{names}", " ".repeat(14))];
    let cells = |values: [Option<f64>; 4], time: &str| {
        let text =
            values.map(|value| format!("{:>12}", value.map_or_else(|| "-".to_owned(), |owa| format!("{owa:.3}"))));
        format!("{} {time:>12} ms", text.concat())
    };
    let ours = RIVAL_FILES.map(|file| all.iter().find(|(name, _)| name == file));
    let times: Vec<f64> = ours.iter().flatten().map(|(_, scores)| scores.milliseconds).collect();
    let mean = times.iter().sum::<f64>() / times.len().max(1) as f64;
    let own = ours.map(|found| found.and_then(|(_, scores)| scores.owa));
    lines.push(format!("{:<34}{}", "equipoise", cells(own, &format!("{mean:.1}"))));
    for rival in &RIVALS {
        let values = rival.owa.map(|owa| (!owa.is_nan()).then_some(owa));
        lines.push(format!("{:<34}{}", rival.name, cells(values, rival.milliseconds)));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_name() {
        assert_eq!(name_of(Path::new("/some/where/m3m.csv.gz")), "m3m");
        assert_eq!(name_of(Path::new("plain")), "plain");
    }
}
