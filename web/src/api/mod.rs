//! The server, as the pages ask it: one function for each request of the wire contract.

mod request;

pub use request::{Answer, SIGN_IN};

use std::collections::BTreeMap;

use grid_engine::formula::ForecastDetails;
use grid_engine::plan::{
    ActualsReport, AlertRule, AskPlan, BranchDifferences, BranchInfo, Bridge, Comparison, Cycle, CyclePage, Direction,
    ImportedActuals, Matrix, NewBranch, PlanAnswer, PlanSummary, ProposeScenario, RootCause, SetVersionState,
    SettleBranch, ShortageLine, StepKind, SupplyState, Varied, VersionChanges, VersionInfo,
};
use grid_engine::refs::{CellRef, Id, MeasureId, RowId, SheetId};
use grid_engine::wire::{
    About, Call, CellEdit, CommentText, CommentsPage, FactsData, FileReading, FreezeVersion, IssuedToken, Lock, Login,
    Me, NewLock, NewThread, NewToken, PersonInfo, Preferences, PutPerson, ReadCalls, SheetFrame, ThreadState,
    TokenInfo, WorkbookInfo,
};
use wasm_bindgen::JsValue;

use crate::locale;
use request::{command, get, post, read, send, send_any, with_body};

/// What the sign-in page may know.
pub async fn about() -> Answer<About> {
    get("/api/about").await
}

/// Signs in; the session is a cookie.
pub async fn login(login: &Login) -> Answer<Me> {
    post("/api/login", login).await
}

/// Ends the session.
pub async fn logout() -> Answer<()> {
    command("/api/logout").await
}

/// The signed-in person.
pub async fn me() -> Answer<Me> {
    get("/api/me").await
}

/// How the signed-in person has the interface.
pub async fn preferences() -> Answer<Preferences> {
    get("/api/preferences").await
}

/// Keeps how the signed-in person has the interface.
pub async fn put_preferences(preferences: &Preferences) -> Answer<()> {
    with_body("PUT", "/api/preferences", preferences).await
}

/// What each function of formulas gives, by name.
pub async fn meanings() -> Answer<BTreeMap<String, String>> {
    get("/help/functions.json").await
}

/// The workbooks this person may open.
pub async fn workbooks() -> Answer<Vec<WorkbookInfo>> {
    get("/api/workbooks").await
}

/// The facts of one layer.
pub async fn facts(workbook: SheetId, sheet: SheetId, measure: MeasureId) -> Answer<FactsData> {
    get(&format!("/api/workbooks/{workbook}/facts/{sheet}/{measure}")).await
}

/// Frozen versions, newest first.
pub async fn versions(workbook: SheetId) -> Answer<Vec<VersionInfo>> {
    get(&format!("/api/workbooks/{workbook}/versions")).await
}

/// A number that is another one once versions, actuals, alerts, scenarios or decisions have changed.
pub async fn revision(workbook: SheetId) -> Answer<i64> {
    get(&format!("/api/workbooks/{workbook}/revision")).await
}

/// Freezes the live plan.
pub async fn freeze_version(workbook: SheetId, freeze: &FreezeVersion) -> Answer<VersionInfo> {
    post(&format!("/api/workbooks/{workbook}/versions"), freeze).await
}

/// Puts a version into another state.
pub async fn set_version_state(workbook: SheetId, version: Id, set: &SetVersionState) -> Answer<VersionInfo> {
    post(&format!("/api/workbooks/{workbook}/versions/{version}/state"), set).await
}

/// What people read of a version; `version` is an id or `live`.
pub async fn summary(workbook: SheetId, version: &str) -> Answer<PlanSummary> {
    let summary: PlanSummary = get(&format!("/api/workbooks/{workbook}/versions/{version}/summary")).await?;
    let currency = locale::currency(&summary.currency);
    Ok(PlanSummary { currency, ..summary })
}

/// The sheets of a frozen version.
pub async fn version_sheets(workbook: SheetId, version: Id) -> Answer<Vec<grid_engine::doc::SheetInfo>> {
    get(&format!("/api/workbooks/{workbook}/versions/{version}/sheets")).await
}

/// A frozen sheet, whole.
pub async fn version_sheet(workbook: SheetId, version: Id, sheet: SheetId) -> Answer<SheetFrame> {
    get(&format!("/api/workbooks/{workbook}/versions/{version}/sheets/{sheet}")).await
}

/// Two to five versions side by side; each is an id or `live`, the first is the base. `by` may be empty.
pub async fn compare(workbook: SheetId, versions: &[String], measure: &str, by: &str) -> Answer<Comparison> {
    get(&format!("/api/workbooks/{workbook}/compare{}", comparison_asked(versions, measure, by))).await
}

/// Where a comparison is downloaded as a file, `xlsx` or `csv`.
pub fn comparison_file(workbook: SheetId, ending: &str, versions: &[String], measure: &str, by: &str) -> String {
    format!("/api/workbooks/{workbook}/compare/file.{ending}{}", comparison_asked(versions, measure, by))
}

fn comparison_asked(versions: &[String], measure: &str, by: &str) -> String {
    let (versions, by) = (versions_asked(versions), String::from(js_sys::encode_uri_component(by)));
    format!("?{versions}&measure={measure}&by={by}")
}

/// Versions as addresses ask for them: `a=…&b=…&c=…`.
pub fn versions_asked(versions: &[String]) -> String {
    let asked = ('a'..).zip(versions).map(|(letter, version)| format!("{letter}={version}"));
    asked.collect::<Vec<_>>().join("&")
}

/// The branches of a workbook, newest first.
pub async fn branches(workbook: SheetId) -> Answer<Vec<BranchInfo>> {
    get(&format!("/api/workbooks/{workbook}/branches")).await
}

/// Makes a branch of a workbook, or of one of its versions.
pub async fn make_branch(workbook: SheetId, new: &NewBranch) -> Answer<BranchInfo> {
    post(&format!("/api/workbooks/{workbook}/branches"), new).await
}

/// The same as workbooks with their names: pages that only name branches need not know more of them.
pub async fn branch_titles(workbook: SheetId) -> Answer<Vec<WorkbookInfo>> {
    get(&format!("/api/workbooks/{workbook}/branches")).await
}

/// What a workbook is a branch of, if it is one.
pub async fn branch(workbook: SheetId) -> Answer<Option<BranchInfo>> {
    get(&format!("/api/workbooks/{workbook}/branch")).await
}

/// Deletes a branch.
pub async fn delete_branch(branch: SheetId) -> Answer<()> {
    send("DELETE", &format!("/api/workbooks/{branch}/branch"), None).await.map(drop)
}

/// What merging or rebasing a branch would bring.
pub async fn branch_differences(branch: SheetId, direction: Direction) -> Answer<BranchDifferences> {
    let direction = if direction == Direction::Merge { "merge" } else { "rebase" };
    get(&format!("/api/workbooks/{branch}/branch/differences?direction={direction}")).await
}

/// Remembers what was decided on differences.
pub async fn settle_branch(branch: SheetId, settle: &SettleBranch) -> Answer<()> {
    post(&format!("/api/workbooks/{branch}/branch/settled"), settle).await
}

/// Puts back the layers a branch held before it last followed the plan.
pub async fn put_back_layers(branch: SheetId) -> Answer<()> {
    send("DELETE", &format!("/api/workbooks/{branch}/branch/layers"), None).await.map(drop)
}

/// Scenarios side by side, as far as they are known; `question` says which and how they are ranked.
pub async fn scenarios(workbook: SheetId, question: &str) -> Answer<Matrix> {
    get(&format!("/api/workbooks/{workbook}/scenarios?{question}")).await
}

/// Has the scenarios worked out that are not known yet.
pub async fn run_scenarios(workbook: SheetId, question: &str) -> Answer<()> {
    command(&format!("/api/workbooks/{workbook}/scenarios?{question}")).await
}

/// Forgets the scenarios that wait.
pub async fn stop_scenarios(workbook: SheetId) -> Answer<()> {
    send("DELETE", &format!("/api/workbooks/{workbook}/scenarios"), None).await.map(drop)
}

/// A version with drivers changed: several changes, escaped, apart by semicolons.
pub async fn variations(workbook: SheetId, version: Id, changes: &str) -> Answer<Vec<Varied>> {
    get(&format!("/api/workbooks/{workbook}/versions/{version}/variations?changes={changes}")).await
}

/// Has those worked out that are not known yet.
pub async fn run_variations(workbook: SheetId, version: Id, changes: &str) -> Answer<()> {
    command(&format!("/api/workbooks/{workbook}/versions/{version}/variations?changes={changes}")).await
}

/// Freezes a scenario as a version.
pub async fn propose_scenario(workbook: SheetId, propose: &ProposeScenario) -> Answer<VersionInfo> {
    post(&format!("/api/workbooks/{workbook}/scenarios/propose"), propose).await
}

/// How the supply plan stands; `known` is the key of the plan one has.
pub async fn supply_plan(workbook: SheetId, known: &str) -> Answer<SupplyState> {
    get(&format!("/api/workbooks/{workbook}/supply?known={known}")).await
}

/// Asks a question to the supply plan.
pub async fn ask_plan(workbook: SheetId, question: &AskPlan) -> Answer<PlanAnswer> {
    post(&format!("/api/workbooks/{workbook}/supply"), question).await
}

/// What drives a key figure of a version (an id or `live`).
pub async fn root_cause(workbook: SheetId, version: &str, kpi: &str) -> Answer<RootCause> {
    get(&format!("/api/workbooks/{workbook}/versions/{version}/causes/{kpi}")).await
}

/// Plan against actual, by a column of the demand sheet (empty: in all), and the alerts.
pub async fn actuals(workbook: SheetId, by: &str) -> Answer<ActualsReport> {
    let by = String::from(js_sys::encode_uri_component(by));
    get(&format!("/api/workbooks/{workbook}/actuals?by={by}")).await
}

/// Takes a CSV table of actuals, as an input element holds it, into the live plan.
pub async fn import_actuals(workbook: SheetId, table: JsValue) -> Answer<ImportedActuals> {
    send_any("POST", &format!("/api/workbooks/{workbook}/actuals"), Some(table)).await.and_then(read)
}

/// Makes a file, as an input element holds it, a version: under its own name where `name` is empty; with `as_frozen` also what another
/// version of the engine froze and this one calculates differently.
pub async fn import_version(workbook: SheetId, name: &str, as_frozen: bool, file: JsValue) -> Answer<VersionInfo> {
    let name = String::from(js_sys::encode_uri_component(name));
    let path = format!("/api/workbooks/{workbook}/versions/bundle?name={name}&as_frozen={as_frozen}");
    send_any("POST", &path, Some(file)).await.and_then(read)
}

/// What a file, as an input element holds it, would change in a sheet.
pub async fn read_file(workbook: SheetId, sheet: SheetId, how: &str, file: JsValue) -> Answer<FileReading> {
    let path = format!("/api/workbooks/{workbook}/sheets/{sheet}/reading?{how}");
    send_any("POST", &path, Some(file)).await.and_then(read)
}

/// Where sheets are downloaded as a file, `xlsx` or `csv`.
pub fn sheet_file(workbook: SheetId, ending: &str, sheet: Option<SheetId>) -> String {
    let only = sheet.map(|sheet| format!("?sheet={sheet}")).unwrap_or_default();
    format!("/api/workbooks/{workbook}/file.{ending}{only}")
}

/// Where a frozen version is downloaded as a file, `xlsx` or `csv`.
pub fn version_file(workbook: SheetId, version: Id, ending: &str) -> String {
    format!("/api/workbooks/{workbook}/versions/{version}/file.{ending}")
}

/// Where the tower is downloaded as a file, `xlsx` or `csv`, with the scenarios and cases asked for.
pub fn tower_file(workbook: SheetId, ending: &str, scenarios: &str, cases: &str) -> String {
    format!("/api/workbooks/{workbook}/tower/file.{ending}?{scenarios}&{cases}")
}

/// Replaces the rules that raise alerts.
pub async fn put_alert_rules(workbook: SheetId, rules: &[AlertRule]) -> Answer<()> {
    with_body("PUT", &format!("/api/workbooks/{workbook}/actuals/rules"), rules).await
}

/// The cycle of a month; of the present one without any.
pub async fn cycle(workbook: SheetId, month: Option<&str>) -> Answer<CyclePage> {
    let month = month.map(|month| format!("?month={month}")).unwrap_or_default();
    get(&format!("/api/workbooks/{workbook}/cycle{month}")).await
}

/// Keeps a cycle as it was changed.
pub async fn put_cycle(workbook: SheetId, cycle: &Cycle) -> Answer<()> {
    with_body("PUT", &format!("/api/workbooks/{workbook}/cycle"), cycle).await
}

/// Says that a step is done, or is not after all.
pub async fn cycle_step(workbook: SheetId, month: &str, step: StepKind, done: bool) -> Answer<()> {
    let body = serde_json::json!({ "month": month, "step": step, "done": done });
    with_body("POST", &format!("/api/workbooks/{workbook}/cycle/step"), &body).await
}

/// Says that a part of the demand is submitted, or is not after all.
pub async fn submit_part(workbook: SheetId, month: &str, part: &str, submitted: bool) -> Answer<()> {
    let body = serde_json::json!({ "month": month, "part": part, "submitted": submitted });
    with_body("POST", &format!("/api/workbooks/{workbook}/cycle/submissions"), &body).await
}

/// What changed in the demand from one version to another, by whom and why.
pub async fn version_changes(workbook: SheetId, version: &str, since: &str) -> Answer<VersionChanges> {
    get(&format!("/api/workbooks/{workbook}/versions/{version}/changes?since={since}")).await
}

/// Where a frozen version is downloaded as one file.
pub fn bundle(workbook: SheetId, version: Id) -> String {
    format!("/api/workbooks/{workbook}/versions/{version}/bundle")
}

/// Why a figure (`profit`, `revenue`, `cost`) differs between two versions.
pub async fn bridge(workbook: SheetId, a: &str, b: &str, figure: &str, by: &str) -> Answer<Bridge> {
    get(&format!("/api/workbooks/{workbook}/bridge{}", bridge_asked(a, b, figure, by))).await
}

/// Where a bridge is downloaded as a file, `xlsx` or `csv`.
pub fn bridge_file(workbook: SheetId, ending: &str, a: &str, b: &str, figure: &str, by: &str) -> String {
    format!("/api/workbooks/{workbook}/bridge/file.{ending}{}", bridge_asked(a, b, figure, by))
}

fn bridge_asked(a: &str, b: &str, figure: &str, by: &str) -> String {
    format!("?a={a}&b={b}&figure={figure}&by={}", String::from(js_sys::encode_uri_component(by)))
}

/// What is said about the cells of a workbook.
pub async fn comments(workbook: SheetId) -> Answer<CommentsPage> {
    get(&format!("/api/workbooks/{workbook}/threads")).await
}

/// Begins a thread on a cell.
pub async fn begin_thread(workbook: SheetId, cell: CellRef, text: String) -> Answer<i64> {
    post(&format!("/api/workbooks/{workbook}/threads"), &NewThread { cell, text }).await
}

/// Answers in a thread.
pub async fn reply(workbook: SheetId, thread: i64, text: String) -> Answer<i64> {
    post(&format!("/api/workbooks/{workbook}/threads/{thread}/comments"), &CommentText { text }).await
}

/// Closes a thread, or opens it again.
pub async fn resolve_thread(workbook: SheetId, thread: i64, resolved: bool) -> Answer<()> {
    let path = format!("/api/workbooks/{workbook}/threads/{thread}/state");
    with_body("PUT", &path, &ThreadState { resolved }).await
}

/// Changes a comment of one's own.
pub async fn change_comment(workbook: SheetId, comment: i64, text: String) -> Answer<()> {
    with_body("PUT", &format!("/api/workbooks/{workbook}/comments/{comment}"), &CommentText { text }).await
}

/// Takes a comment of one's own back.
pub async fn take_back_comment(workbook: SheetId, comment: i64) -> Answer<()> {
    send("DELETE", &format!("/api/workbooks/{workbook}/comments/{comment}"), None).await.map(drop)
}

/// Where one was called, newest first.
pub async fn inbox() -> Answer<Vec<Call>> {
    get("/api/inbox").await
}

/// Marks calls as read.
pub async fn read_calls(comments: Vec<i64>) -> Answer<()> {
    with_body("PUT", "/api/inbox", &ReadCalls { comments }).await
}

/// What was entered in a cell, newest first.
pub async fn cell_history(workbook: SheetId, cell: CellRef) -> Answer<Vec<CellEdit>> {
    let CellRef { sheet, row, col } = cell;
    get(&format!("/api/workbooks/{workbook}/history?sheet={sheet}&row={row}&col={col}")).await
}

/// How the forecast that a cell shows was made; `None` while it is being made.
pub async fn forecast_details(workbook: SheetId, cell: CellRef) -> Answer<Option<ForecastDetails>> {
    let CellRef { sheet, row, col } = cell;
    get(&format!("/api/workbooks/{workbook}/forecast?sheet={sheet}&row={row}&col={col}")).await
}

/// What comes late or never of a row, by the live supply plan; `None` while it is being solved.
pub async fn row_shortages(workbook: SheetId, sheet: SheetId, row: RowId) -> Answer<Option<Vec<ShortageLine>>> {
    get(&format!("/api/workbooks/{workbook}/shortages?sheet={sheet}&row={row}")).await
}

/// Asks a running job to stop.
pub async fn cancel_job(workbook: SheetId, job: u64) -> Answer<()> {
    command(&format!("/api/workbooks/{workbook}/jobs/{job}/cancel")).await
}

/// Has the jobs that were cancelled or failed started anew.
pub async fn try_jobs_again(workbook: SheetId) -> Answer<()> {
    command(&format!("/api/workbooks/{workbook}/jobs/again")).await
}

/// Everyone who may sign in; for administrators.
pub async fn people() -> Answer<Vec<PersonInfo>> {
    get("/api/people").await
}

/// Adds a person or changes one; for administrators.
pub async fn put_person(user: &str, change: &PutPerson) -> Answer<PersonInfo> {
    let user = String::from(js_sys::encode_uri_component(user));
    with_body("PUT", &format!("/api/people/{user}"), change).await
}

/// One's own access tokens, without their secrets.
pub async fn tokens() -> Answer<Vec<TokenInfo>> {
    get("/api/tokens").await
}

/// Makes an access token.
pub async fn issue_token(new: &NewToken) -> Answer<IssuedToken> {
    post("/api/tokens", new).await
}

/// Revokes an access token.
pub async fn end_token(token: Id) -> Answer<()> {
    send("DELETE", &format!("/api/tokens/{token}"), None).await.map(drop)
}

/// Locks cells.
pub async fn put_lock(workbook: SheetId, new: &NewLock) -> Answer<Lock> {
    post(&format!("/api/workbooks/{workbook}/locks"), new).await
}

/// Takes a lock off.
pub async fn take_lock_off(workbook: SheetId, lock: i64) -> Answer<()> {
    send("DELETE", &format!("/api/workbooks/{workbook}/locks/{lock}"), None).await.map(drop)
}
