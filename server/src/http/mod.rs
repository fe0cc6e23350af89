//! The HTTP interface: the routes of [`grid_engine::wire`].

mod account;
mod actuals;
mod api;
mod branches;
mod bundles;
mod causes;
mod changes;
mod comments;
mod compared;
mod cycle;
mod described;
mod facts;
mod files;
mod help;
mod locks;
mod oidc;
mod pages;
mod people;
mod reading;
mod request;
mod scenarios;
mod schemas;
mod sockets;
mod status;
mod supply;
mod tower;
mod variations;
mod versions;
mod watch;
mod workbooks;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::{Extension, Router};
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::app::App;
use api::Api;
use described::Described;

/// Requests carry names and comments, never tables.
const MAX_BODY: usize = 64 << 10;
/// A cycle with its agenda, minutes and decisions.
const MAX_CYCLE: usize = 1 << 20;
/// Scripts and styles come from this server alone; wasm may be compiled. Styles may stand on elements: the grid
/// places its parts so.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'unsafe-inline'; \
    style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ws: wss:; object-src 'none'; \
    base-uri 'self'; frame-ancestors 'none'; form-action 'self'";

const API: &str = "/api";

/// What speaks of the whole plan.
fn whole_plan(app: &Arc<App>) -> Api {
    Api::whole_plan(API)
        .get("/workbooks/{wb}/versions", versions::list, "Frozen versions, newest first | gives [VersionInfo]")
        .get(
            "/workbooks/{wb}/revision",
            versions::revision,
            "A number that is another one once versions, their states, actuals, alerts, scenarios or decisions have changed | \
             gives integer",
        )
        .post(
            "/workbooks/{wb}/versions",
            versions::freeze,
            "Freezes the plan as it is | takes FreezeVersion | gives VersionInfo | fails request.invalid version.pending version.unsolved",
        )
        .post(
            "/workbooks/{wb}/versions/{id}/consensus",
            versions::mark_consensus,
            "Makes a version the consensus | gives VersionInfo | fails request.invalid",
        )
        .post(
            "/workbooks/{wb}/versions/{id}/state",
            versions::set_state,
            "Puts a version into another state | takes SetVersionState | gives VersionInfo | fails request.invalid",
        )
        .get(
            "/workbooks/{wb}/versions/{id}/bundle",
            bundles::take_out,
            "The version as one file, for equipoise verify | gives file application/gzip",
        )
        .post_up_to(
            "/workbooks/{wb}/versions/bundle",
            bundles::MAX_FILE,
            bundles::take_in,
            "Makes such a file a version, once all its values are proven again: a draft, under its own name or the given one | \
             asks name? as_frozen? | takes file application/gzip | gives VersionInfo | fails request.invalid version.name version.engine",
        )
        .get(
            "/workbooks/{wb}/versions/{id}/summary",
            versions::summary,
            "The figures of a version; id may be live, or branch. and a branch's | gives PlanSummary",
        )
        .get(
            "/workbooks/{wb}/versions/{id}/changes",
            changes::read,
            "What changed in the demand since a frozen version, by whom and why; id may be live | asks since | gives VersionChanges | \
             fails request.invalid",
        )
        .get("/workbooks/{wb}/versions/{id}/sheets", versions::sheets, "Its sheets | gives [SheetInfo]")
        .get("/workbooks/{wb}/versions/{id}/sheets/{sheet}", versions::sheet, "One sheet, whole | gives SheetFrame")
        .get(
            "/workbooks/{wb}/versions/{id}/file.xlsx",
            files::frozen,
            "What is read of a version and the values of its sheets as an Excel workbook | gives file \
             application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
        .get("/workbooks/{wb}/versions/{id}/file.csv", files::frozen, "Its key figures | gives file text/csv")
        .get(
            "/workbooks/{wb}/file.xlsx",
            files::live,
            "The live sheets with their formulas, or one of them | asks sheet? | gives file \
             application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
        .get(
            "/workbooks/{wb}/file.csv",
            files::live,
            "The values of a live sheet | asks sheet | gives file text/csv | fails request.invalid",
        )
        .post_up_to(
            "/workbooks/{wb}/sheets/{sheet}/reading",
            files::MAX_FILE,
            files::reading,
            "What a file would change in a sheet; nothing changes yet | asks locale? clears? adds_rows? | takes file \
             text/csv application/vnd.openxmlformats-officedocument.spreadsheetml.sheet | gives FileReading | fails \
             request.invalid",
        )
        .get("/workbooks/{wb}/branches", branches::list, "Branches, newest first | gives [BranchInfo]")
        .post(
            "/workbooks/{wb}/branches",
            branches::create,
            "Makes a branch, to be opened as the workbook of its id | takes NewBranch | gives BranchInfo | fails \
             request.invalid exists",
        )
        .get("/workbooks/{wb}/branch", branches::read, "What a branch came from | gives BranchInfo or null")
        .delete("/workbooks/{wb}/branch", branches::delete, "Deletes a branch")
        .get(
            "/workbooks/{wb}/branch/differences",
            branches::differences,
            "What a merge or rebase would bring | asks direction | gives BranchDifferences",
        )
        .post_up_to(
            "/workbooks/{wb}/branch/settled",
            branches::MAX_SETTLED_BODY,
            branches::settle,
            "Remembers decisions, before the edit that carries them out | takes SettleBranch | fails request.invalid",
        )
        .delete(
            "/workbooks/{wb}/branch/layers",
            branches::put_back_layers,
            "Puts back the actuals and imports a branch held before it last followed the plan: by whoever brought them in \
             | fails request.invalid",
        )
        .get(
            "/workbooks/{wb}/scenarios",
            scenarios::read,
            "Scenarios of these versions, as far as they are | asks demand supply cost rule? | gives Matrix | fails \
             request.invalid",
        )
        .post(
            "/workbooks/{wb}/scenarios",
            scenarios::run,
            "Works out those that are missing | asks demand supply cost | fails request.invalid",
        )
        .delete("/workbooks/{wb}/scenarios", scenarios::cancel, "Forgets those that wait")
        .post(
            "/workbooks/{wb}/scenarios/propose",
            scenarios::propose,
            "Freezes a scenario as a version | takes ProposeScenario | gives VersionInfo | fails request.invalid",
        )
        .get(
            "/workbooks/{wb}/versions/{id}/variations",
            variations::read,
            "A version with drivers changed, e.g. demand:-10,price:5, several apart by semicolons, as far as they are | asks \
             changes? | gives [Varied] | fails request.invalid",
        )
        .post(
            "/workbooks/{wb}/versions/{id}/variations",
            variations::run,
            "Works out those that are missing | asks changes? | fails request.invalid",
        )
        .get(
            "/workbooks/{wb}/actuals",
            actuals::read,
            "Plan against actual, and the alerts | asks by? lag? | gives ActualsReport | fails request.invalid",
        )
        .post_up_to(
            "/workbooks/{wb}/actuals",
            actuals::MAX_FILE,
            actuals::import,
            "Takes actuals from a table | takes file text/csv | gives ImportedActuals | fails request.invalid",
        )
        .put(
            "/workbooks/{wb}/actuals/rules",
            actuals::put_rules,
            "Replaces the alert rules | takes [AlertRule] | fails request.invalid alert.owner",
        )
        .get(
            "/workbooks/{wb}/versions/{id}/causes/{kpi}",
            causes::read,
            "What drives a key figure | gives RootCause | fails request.invalid",
        )
        .get(
            "/workbooks/{wb}/supply",
            supply::read,
            "What the live supply plan says, or that nothing is new since known | asks known? | gives SupplyState",
        )
        .get(
            "/workbooks/{wb}/shortages",
            supply::shortages,
            "What comes late or never of a row with its causes, by the live supply plan; null while it is solved | asks sheet row | gives \
             [ShortageLine] or null",
        )
        .post(
            "/workbooks/{wb}/supply",
            supply::ask,
            "A what-if, what would free limits, a trade-off, or the plan's quantities; asked again until it is answered | takes AskPlan | gives \
             PlanAnswer | fails request.invalid",
        )
        .get(
            "/workbooks/{wb}/compare",
            compared::compare,
            "A measure in two to five versions, told against the first; by is a column or several with commas between, empty \
             the one with the fewest lines | asks a b c? d? e? measure by | gives Comparison | fails compare.impossible \
             request.invalid",
        )
        .get(
            "/workbooks/{wb}/compare/file.xlsx",
            compared::compare_file,
            "A comparison as an Excel workbook: its lines, its lines by bucket, and the key figures | asks a b c? d? e? measure by | \
             gives file application/vnd.openxmlformats-officedocument.spreadsheetml.sheet | fails compare.impossible \
             request.invalid",
        )
        .get(
            "/workbooks/{wb}/compare/file.csv",
            compared::compare_file,
            "The lines of a comparison | asks a b c? d? e? measure by | gives file text/csv | fails compare.impossible \
             request.invalid",
        )
        .get(
            "/workbooks/{wb}/bridge",
            compared::bridge,
            "Why profit, revenue, cost or a key figure (by its id in the dictionary) differs | asks a b figure by | gives Bridge | \
             fails bridge.impossible",
        )
        .get(
            "/workbooks/{wb}/bridge/file.xlsx",
            compared::bridge_file,
            "A bridge as an Excel workbook | asks a b figure by | gives file \
             application/vnd.openxmlformats-officedocument.spreadsheetml.sheet | fails bridge.impossible",
        )
        .get(
            "/workbooks/{wb}/bridge/file.csv",
            compared::bridge_file,
            "A bridge, its causes and the lines behind them | asks a b figure by | gives file text/csv | fails \
             bridge.impossible",
        )
        .get(
            "/workbooks/{wb}/tower/file.xlsx",
            tower::file,
            "The tower as an Excel workbook: scenarios, cases of a version, key figures from version to version, plan \
             against actual, alerts, bottlenecks | asks demand supply cost rule? varied? cases? | gives file \
             application/vnd.openxmlformats-officedocument.spreadsheetml.sheet | fails request.invalid",
        )
        .get(
            "/workbooks/{wb}/tower/file.csv",
            tower::file,
            "Its scenarios | asks demand supply cost rule? varied? cases? | gives file text/csv | fails request.invalid",
        )
        .layered(|router| router.route_layer(from_fn_with_state(app.clone(), request::whole_plan)))
}

/// What anyone may ask.
fn open() -> Api {
    Api::open(API)
        .get("/about", account::about, "What the sign-in page may know | gives About")
        .get("/openapi.json", described::json, "This description | gives object")
        .post(
            "/login",
            account::login,
            "Signs in and sets the session's cookie | takes Login | gives Me | fails login.wrong login.throttled",
        )
        .get(
            "/oidc/begin",
            oidc::begin,
            "Leads to the company's sign-in page | asks to? | fails not_found oidc.provider",
        )
        .get(
            "/oidc/callback",
            oidc::finish,
            "Where the company's sign-in page leads back to | asks code? state? error? | fails not_found oidc.aud \
             oidc.code oidc.email oidc.error oidc.exp oidc.iss oidc.nonce oidc.redirect oidc.signature oidc.state \
             oidc.sub oidc.provider",
        )
}

/// What takes a session, and shows each what is theirs to see.
fn signed_in() -> Api {
    Api::signed_in(API)
        .post("/logout", account::logout, "Ends the session and every connection of it")
        .get("/me", account::me, "Who one is | gives Me")
        .get("/preferences", account::preferences, "How one has the interface | gives Preferences")
        .put(
            "/preferences",
            account::put_preferences,
            "Keeps how one has the interface | takes Preferences | fails request.invalid",
        )
        .get("/people", people::list, "Everyone (administrators) | gives [PersonInfo] | fails acl.denied")
        .put(
            "/people/{user}",
            people::put,
            "Adds or changes a person (administrators) | takes PutPerson | gives PersonInfo | fails acl.denied \
             request.invalid",
        )
        .get("/tokens", people::tokens, "One's own access tokens | gives [TokenInfo]")
        .post(
            "/tokens",
            people::issue,
            "Issues an access token | takes NewToken | gives IssuedToken | fails request.invalid",
        )
        .delete("/tokens/{id}", people::end, "Ends a token")
        .get("/workbooks", workbooks::list, "Workbooks | gives [WorkbookInfo]")
        .get("/workbooks/{wb}/cycle", cycle::read, "The month's cycle | asks month? | gives CyclePage")
        .put_up_to(
            "/workbooks/{wb}/cycle",
            MAX_CYCLE,
            cycle::put,
            "Changes a cycle as its latest revision was seen | takes Cycle | fails acl.denied conflict request.invalid",
        )
        .post(
            "/workbooks/{wb}/cycle/step",
            cycle::step,
            "Says that a step is done | takes StepDone | fails acl.denied request.invalid",
        )
        .post(
            "/workbooks/{wb}/cycle/submissions",
            cycle::submit,
            "Submits a part of the demand | takes Submit | fails acl.denied request.invalid",
        )
        .get(
            "/workbooks/{wb}/history",
            workbooks::history,
            "What was entered in a cell, newest first | asks sheet row col | gives [CellEdit] | fails acl.denied",
        )
        .get(
            "/workbooks/{wb}/forecast",
            workbooks::forecast,
            "How the forecast that a cell shows was made, or null where there is none or it is being made | asks sheet row col | \
             gives ForecastDetails or null | fails acl.denied",
        )
        .get("/workbooks/{wb}/threads", comments::read, "What is said about cells one sees | gives CommentsPage")
        .post(
            "/workbooks/{wb}/threads",
            comments::begin,
            "Begins a thread on a cell; the number of it | takes NewThread | gives integer | fails request.invalid",
        )
        .post(
            "/workbooks/{wb}/threads/{id}/comments",
            comments::reply,
            "Replies in a thread; the number of the comment | takes CommentText | gives integer | fails request.invalid",
        )
        .put("/workbooks/{wb}/threads/{id}/state", comments::set_state, "Closes a thread or opens it again | takes ThreadState")
        .put(
            "/workbooks/{wb}/comments/{id}",
            comments::change,
            "Changes one's own comment | takes CommentText | fails request.invalid",
        )
        .delete("/workbooks/{wb}/comments/{id}", comments::take_back, "Takes one's own comment back")
        .get("/workbooks/{wb}/locks", locks::list, "What nobody may change at present, as far as one sees it | gives [Lock]")
        .post_up_to(
            "/workbooks/{wb}/locks",
            locks::MAX_LOCK_BODY,
            locks::put,
            "Locks cells | takes NewLock | gives Lock | fails acl.denied request.invalid",
        )
        .delete("/workbooks/{wb}/locks/{id}", locks::take_off, "Takes a lock off | fails acl.denied")
        .get("/inbox", comments::inbox, "Comments in which one was called, newest first | gives [Call]")
        .put("/inbox", comments::mark_read, "Marks calls as read | takes ReadCalls | fails request.invalid")
        .get("/workbooks/{wb}/facts", facts::list, "Layers one may see | gives [FactsInfo] | fails acl.denied")
        .get(
            "/workbooks/{wb}/facts/{sheet}/{measure}",
            facts::layer,
            "A layer's facts | gives FactsData | fails acl.denied",
        )
        .post("/workbooks/{wb}/jobs/{job}/cancel", workbooks::cancel_job, "Ends a job | fails acl.denied")
        .post(
            "/workbooks/{wb}/jobs/again",
            workbooks::try_jobs_again,
            "Starts anew what was cancelled or has failed | fails acl.denied",
        )
}

/// Everything under `/api`.
fn api(app: &Arc<App>) -> Api {
    open().with(signed_in()).with(whole_plan(app)).layered(|router| {
        router
            .fallback(async || status::Problem::NotFound("this address".into()))
            .method_not_allowed_fallback(async |asked: axum::http::Uri| status::Problem::Method {
                frozen: asked.path().contains("/versions/"),
            })
            .layer(from_fn_with_state(app.clone(), request::refuse_foreign))
            .layer(DefaultBodyLimit::max(MAX_BODY))
    })
}

/// What is asked for without `/api`: connections, help, and how the server is.
fn beside() -> Api {
    let sockets = Api::signed_in("")
        .socket(
            "/sync/{wb}",
            sockets::sync_rooms,
            "Many rooms on one connection | asks incarnation? | gives socket | fails origin.denied room.full \
             store.restored version.frozen workbook.unreadable",
        )
        .socket(
            "/sync/{wb}/{room}",
            sockets::sync,
            "A room, in the y-protocols | asks incarnation? writers? | gives socket | fails origin.denied room.full \
             store.restored version.frozen workbook.unreadable",
        )
        .socket(
            "/live/{wb}",
            sockets::live,
            "Values, saved marks and notices | gives socket | fails origin.denied room.full version.frozen workbook.unreadable",
        );
    Api::open("")
        .get("/help/functions", help::functions, "The functions of formulas, for people | gives file text/html")
        .get("/help/functions.json", help::meanings, "The same, for the formula editor | gives object")
        .get("/help/api", described::page, "This description, for people | gives file text/html")
        .get("/healthz", watch::health, "Whether the server is there | gives file text/plain | fails store.failed")
        .get("/readyz", watch::ready, "Whether it takes work | gives file text/plain | fails not_ready")
        .get("/metrics", watch::metrics, "Counts and times for Prometheus | gives file text/plain")
        .with(sockets)
}

/// All routes.
pub fn router(app: Arc<App>) -> Router {
    let (api, mut said) = api(&app).into_parts();
    let (beside, more) = beside().into_parts();
    said.extend(more);
    let described = Arc::new(Described::of(&said));
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    Router::new()
        .nest(API, api)
        .merge(beside)
        .fallback(pages::page)
        .layer(CompressionLayer::new())
        .layer(header(CONTENT_SECURITY_POLICY, POLICY))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(X_FRAME_OPTIONS, "DENY"))
        .layer(header(REFERRER_POLICY, "same-origin"))
        .layer(Extension(described))
        .layer(from_fn_with_state(app.clone(), request::count_refusals))
        .layer(from_fn(request::with_id))
        .with_state(app)
}
