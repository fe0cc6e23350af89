//! Pages of help, for anyone: they tell of the program, not of the plan.

use axum::response::Html;

/// `GET /help/functions`
pub(super) async fn functions() -> Html<&'static str> {
    Html(crate::functions::page::page())
}
