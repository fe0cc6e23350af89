//! The HTTP interface: the routes of [`grid_engine::wire`].

mod account;
mod actuals;
mod branches;
mod causes;
mod cycle;
mod facts;
mod files;
mod help;
mod oidc;
mod pages;
mod people;
mod request;
mod scenarios;
mod sockets;
mod status;
mod supply;
mod versions;
mod watch;
mod workbooks;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, delete, get, post, put};
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::app::App;

/// Requests carry names and comments, never tables.
const MAX_BODY: usize = 64 << 10;
/// A cycle with its agenda, minutes and decisions.
const MAX_CYCLE: usize = 1 << 20;
/// Scripts and styles come from this server alone; wasm may be compiled. Styles may stand on elements: the grid
/// places its parts so.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'unsafe-inline'; \
    style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ws: wss:; object-src 'none'; \
    base-uri 'self'; frame-ancestors 'none'; form-action 'self'";

/// What speaks of the whole plan.
fn whole_plan(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/workbooks/{wb}/versions", get(versions::list).post(versions::freeze))
        .route("/workbooks/{wb}/versions/{id}/consensus", post(versions::mark_consensus))
        .route("/workbooks/{wb}/versions/{id}/state", post(versions::set_state))
        .route("/workbooks/{wb}/versions/{id}/bundle", get(versions::bundle))
        .route("/workbooks/{wb}/versions/{id}/summary", get(versions::summary))
        .route("/workbooks/{wb}/versions/{id}/sheets", get(versions::sheets))
        .route("/workbooks/{wb}/versions/{id}/sheets/{sheet}", get(versions::sheet))
        .route("/workbooks/{wb}/versions/{id}/file.xlsx", get(files::frozen_xlsx))
        .route("/workbooks/{wb}/file.xlsx", get(files::live_xlsx))
        .route("/workbooks/{wb}/file.csv", get(files::live_csv))
        .route(
            "/workbooks/{wb}/sheets/{sheet}/reading",
            post(files::reading).layer(DefaultBodyLimit::max(files::MAX_FILE)),
        )
        .route("/workbooks/{wb}/branches", get(branches::list).post(branches::create))
        .route("/workbooks/{wb}/branch", get(branches::read).delete(branches::delete))
        .route("/workbooks/{wb}/branch/differences", get(branches::differences))
        .route(
            "/workbooks/{wb}/branch/settled",
            post(branches::settle).layer(DefaultBodyLimit::max(branches::MAX_SETTLED_BODY)),
        )
        .route("/workbooks/{wb}/scenarios", get(scenarios::read).post(scenarios::run).delete(scenarios::cancel))
        .route("/workbooks/{wb}/scenarios/propose", post(scenarios::propose))
        .route(
            "/workbooks/{wb}/actuals",
            get(actuals::read).post(actuals::import).layer(DefaultBodyLimit::max(actuals::MAX_FILE)),
        )
        .route("/workbooks/{wb}/actuals/rules", put(actuals::put_rules))
        .route("/workbooks/{wb}/versions/{id}/causes/{kpi}", get(causes::read))
        .route("/workbooks/{wb}/supply", get(supply::read).post(supply::ask))
        .route("/workbooks/{wb}/compare", get(versions::compare))
        .route("/workbooks/{wb}/bridge", get(versions::bridge))
        .route_layer(from_fn_with_state(app.clone(), request::whole_plan))
}

/// All routes.
pub fn router(app: Arc<App>) -> Router {
    let api = Router::new()
        .route("/about", get(account::about))
        .route("/login", post(account::login))
        .route("/logout", post(account::logout))
        .route("/oidc/begin", get(oidc::begin))
        .route("/oidc/callback", get(oidc::finish))
        .route("/me", get(account::me))
        .route("/people", get(people::list))
        .route("/people/{user}", put(people::put))
        .route("/tokens", get(people::tokens).post(people::issue))
        .route("/tokens/{id}", delete(people::end))
        .route("/workbooks", get(workbooks::list))
        .route("/workbooks/{wb}/cycle", get(cycle::read).put(cycle::put).layer(DefaultBodyLimit::max(MAX_CYCLE)))
        .route("/workbooks/{wb}/cycle/step", post(cycle::step))
        .route("/workbooks/{wb}/cycle/submissions", post(cycle::submit))
        .route("/workbooks/{wb}/history", get(workbooks::history))
        .route("/workbooks/{wb}/facts", get(facts::list))
        .route("/workbooks/{wb}/facts/{sheet}/{measure}", get(facts::layer))
        .route("/workbooks/{wb}/jobs/{job}/cancel", post(workbooks::cancel_job))
        .merge(whole_plan(&app))
        .fallback(async || status::Problem::NotFound("this address".into()))
        .layer(from_fn_with_state(app.clone(), request::refuse_foreign))
        .layer(DefaultBodyLimit::max(MAX_BODY));
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    Router::new()
        .nest("/api", api)
        .route("/sync/{wb}", any(sockets::sync_rooms))
        .route("/sync/{wb}/{room}", any(sockets::sync))
        .route("/live/{wb}", any(sockets::live))
        .route("/help/functions", get(help::functions))
        .route("/help/functions.json", get(help::meanings))
        .route("/healthz", get(watch::health))
        .route("/readyz", get(watch::ready))
        .route("/metrics", get(watch::metrics))
        .fallback(pages::page)
        .layer(CompressionLayer::new())
        .layer(header(CONTENT_SECURITY_POLICY, POLICY))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(X_FRAME_OPTIONS, "DENY"))
        .layer(header(REFERRER_POLICY, "same-origin"))
        .layer(from_fn(request::with_id))
        .with_state(app)
}
