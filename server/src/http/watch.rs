//! For those who watch the server: is it alive, is it ready, what does it measure.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;

use super::files;
use super::status::Problem;
use crate::app::App;
use crate::metrics::write_gauge;

/// The process answers and its data can be read.
pub(super) async fn health(State(app): State<Arc<App>>) -> Result<&'static str, Problem> {
    app.store.check()?;
    Ok("ok")
}

/// The workbooks have been opened, and writing works. One that cannot be opened among others that can is in the log and in
/// the metrics: people work in the others.
pub(super) async fn ready(State(app): State<Arc<App>>) -> Result<&'static str, Problem> {
    app.store.check()?;
    match app.opened.get() {
        None => return Err(Problem::NotReady("workbooks are being opened".into())),
        Some(opened) if opened.count == 0 && !opened.failed.is_empty() => {
            return Err(Problem::NotReady(format!("no workbook can be opened: {}", opened.failed.join("; "))));
        }
        Some(_) => {}
    }
    match app.store.trouble_now().await {
        Some(trouble) => Err(Problem::NotReady(trouble)),
        None => Ok("ready"),
    }
}

/// Metrics in the text form of Prometheus. They name no one and nothing of the plan.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    let mut text = app.store.metrics().text();
    let loads = app.hub.loads().await;
    let sum = |of: fn(&crate::sync::Load) -> usize| loads.iter().map(of).sum::<usize>() as f64;
    let longest = loads.iter().map(|load| load.longest_queue).max().unwrap_or(0) as f64;
    let job = loads.iter().map(|load| load.oldest_job).max().unwrap_or_default().as_secs_f64();
    for (name, help, value) in [
        ("equipoise_workbooks", "Open workbooks.", loads.len() as f64),
        (
            "equipoise_workbooks_failed",
            "Workbooks that could not be opened at the start.",
            app.opened.get().map_or(0, |opened| opened.failed.len()) as f64,
        ),
        ("equipoise_rooms", "Open rooms.", sum(|load| load.rooms)),
        ("equipoise_peers", "Connections to rooms and values.", sum(|load| load.peers)),
        ("equipoise_queue_bytes", "Bytes waiting for peers.", sum(|load| load.waiting_bytes)),
        ("equipoise_longest_queue_bytes", "Bytes waiting for the slowest peer.", longest),
        ("equipoise_oldest_job_seconds", "Age of the oldest running job.", job),
        ("equipoise_files_in_line", "Files of sheets being read or waiting for it.", files::in_line() as f64),
        (
            "equipoise_store_ok",
            "Whether the last write was stored.",
            f64::from(u8::from(app.store.trouble().is_none())),
        ),
    ] {
        write_gauge(&mut text, name, help, value);
    }
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], text)
}
