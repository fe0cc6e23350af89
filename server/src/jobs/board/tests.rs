//! What the board starts, when, and what it makes of reports.

#![allow(clippy::unwrap_used, clippy::panic)]
use super::*;
use crate::jobs::message::SolvedTable;
use grid_engine::formula::ForecastCall;
use grid_engine::refs::{ColId, MeasureId, RowId, SheetId};
use grid_engine::supply::study::Change;
use grid_engine::value::Value;

const LATER: Duration = Duration::from_secs(3600);

fn board(folder: &std::path::Path) -> (Board, mpsc::Receiver<Command>, mpsc::Sender<Command>) {
    let (commands, inbox) = mpsc::channel(16);
    let store = Store::open(folder).unwrap();
    let id = WorkbookId::named("plan").unwrap();
    (Board::new(store, id, "/nowhere/at/all".into(), commands.downgrade()), inbox, commands)
}

fn request(call: PendingCall) -> JobRequest {
    let cell = CellRef {
        sheet: SheetId::named("s").unwrap(),
        row: RowId::named("r").unwrap(),
        col: ColId::fixed(MeasureId::named("m").unwrap()),
    };
    JobRequest { key: JobKey::of(&call), cell, call }
}

fn solve(objective: &str) -> JobRequest {
    request(PendingCall::Solve(
        SolveCall { tables: BTreeMap::new(), objective: objective.into(), of_consensus: true, study: Study::Plan }
            .into(),
    ))
}

fn forecast(value: f64) -> JobRequest {
    let call = ForecastCall {
        history: vec![Some(value)],
        horizon: 1,
        season: 1,
        models: "auto".into(),
        ..ForecastCall::default()
    };
    request(PendingCall::Forecast(Box::new(call)))
}

/// Makes the waiting solves due without waiting.
fn rest(board: &mut Board) {
    let (first, last) = board.waiting_since.unwrap();
    board.waiting_since = Some((first - LATER, last - LATER));
}

async fn event(inbox: &mut mpsc::Receiver<Command>) -> (u64, JobEvent) {
    match inbox.recv().await.unwrap() {
        Command::Job { id, event } => (id, event),
        _ => panic!("no report"),
    }
}

#[tokio::test]
async fn a_solve_waits_until_inputs_rest_and_only_the_newest_starts() {
    let folder = tempfile::tempdir().unwrap();
    let (mut board, _inbox, _commands) = board(folder.path());
    let asked = Instant::now();
    board.request(vec![solve("cost")]);
    board.request(vec![solve("profit")]);
    assert!(board.start_due(|_| true).is_empty(), "inputs do not rest yet");
    assert!(board.next_due().unwrap() >= asked + REST);
    board.waiting_since = Some((asked - LATER, asked));
    board.inputs_moved();
    assert!(board.next_due().unwrap() <= Instant::now(), "never longer than the longest wait");
    let started = board.start_due(|_| true);
    assert_eq!(started.len(), 1);
    assert_eq!(board.running[&started[0].id].keys, [solve("profit").key]);
    board.request(vec![solve("service")]);
    rest(&mut board);
    let states: Vec<_> = board.start_due(|_| true).into_iter().map(|job| (job.id, job.state)).collect();
    assert_eq!(states, [(1, JobState::Cancelled), (2, JobState::Running)], "changed inputs end the running one");
}

#[tokio::test]
async fn a_solve_ends_when_no_cell_shows_it_any_more_whichever_asks_next() {
    let folder = tempfile::tempdir().unwrap();
    let (mut board, _inbox, _commands) = board(folder.path());
    board.request(vec![solve("cost")]);
    rest(&mut board);
    board.start_due(|_| true);
    let other = CellRef { row: RowId::named("other").unwrap(), ..solve("cost").cell };
    board.request(vec![JobRequest { cell: other, ..solve("profit") }]);
    rest(&mut board);
    let states: Vec<_> = board.start_due(|key| key == solve("profit").key).into_iter().map(|job| job.state).collect();
    assert_eq!(states, [JobState::Cancelled, JobState::Running]);
    board.request(vec![JobRequest { cell: other, ..solve("fair") }]);
    board.request(vec![solve("service")]);
    rest(&mut board);
    let states: Vec<_> = board.start_due(|_| true).into_iter().map(|job| job.state).collect();
    assert_eq!(states, [JobState::Running, JobState::Cancelled, JobState::Running], "a solve of another cell goes on");
}

#[tokio::test]
async fn what_nobody_waits_for_is_not_computed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut board, _inbox, _commands) = board(folder.path());
    board.request(vec![solve("cost"), forecast(1.0)]);
    rest(&mut board);
    assert!(board.start_due(|_| false).is_empty());
    assert!(board.next_due().is_none());
}

#[tokio::test]
async fn forecasts_go_together_and_a_failure_is_an_answer_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let (mut board, mut inbox, _commands) = board(folder.path());
    board.request(vec![forecast(1.0), forecast(2.0)]);
    let started = board.start_due(|_| true);
    assert_eq!(started[0].title, "Forecasting 2 series");
    board.request(vec![forecast(2.0)]);
    assert!(board.forecasts.is_empty(), "it runs already");
    let (id, failure) = event(&mut inbox).await;
    let outcome = board.report(id, failure, |_| true);
    assert_eq!(outcome.info.unwrap().state, JobState::Failed);
    assert_eq!(outcome.given_up.len(), 2);
    let reason = outcome.given_up[0].1.as_error().unwrap().detail().cloned().unwrap();
    assert!(reason.contains("did not start"), "{reason}");
    assert!(board.cancel(id).is_none(), "it has ended");
}

#[tokio::test]
async fn a_kept_answer_comes_back_at_once_and_a_stale_plan_is_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let (mut board, mut inbox, _commands) = board(folder.path());
    board.request(vec![solve("cost")]);
    rest(&mut board);
    board.start_due(|_| true);
    event(&mut inbox).await;
    let table = SolvedTable { role: "supply".into(), measures: Vec::new(), rows: Vec::new() };
    let plan = || KeptAnswer { value: 5.0.into(), tables: vec![table.clone()], report: None };
    let solved = || JobEvent::Solved { key: solve("cost").key, answer: Box::new(plan()) };
    let outcome = board.report(1, solved(), |_| false);
    assert!(outcome.plans.is_empty(), "inputs have changed meanwhile");
    outcome.kept.unwrap().await.unwrap();
    let again = board.request(vec![solve("cost")]);
    assert_eq!(again.answers, [(solve("cost").key, 5.0.into())]);
    assert_eq!(again.plans, [SolvedPlan { key: solve("cost").key, tables: vec![table], report: None }]);
    assert!(board.next_due().is_none());
}

#[tokio::test]
async fn a_plan_from_the_last_one_is_shown_and_only_what_follows_it_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (mut board, mut inbox, _commands) = board(folder.path());
    board.request(vec![solve("cost")]);
    rest(&mut board);
    board.start_due(|_| true);
    event(&mut inbox).await;
    let table = SolvedTable { role: "supply".into(), measures: Vec::new(), rows: Vec::new() };
    let plan = |value: f64| Box::new(KeptAnswer { value: value.into(), tables: vec![table.clone()], report: None });
    let key = solve("cost").key;
    let gone = board.report(1, JobEvent::Early { key, answer: plan(5.0) }, |_| false);
    assert!(gone.early.is_empty() && gone.plans.is_empty(), "inputs have changed meanwhile");
    let early = board.report(1, JobEvent::Early { key, answer: plan(5.0) }, |_| true);
    assert_eq!((early.early, early.plans.len(), early.answers.len()), (vec![(key, 5.0.into())], 1, 0));
    assert!(early.kept.is_none() && early.info.is_none() && !board.is_idle(), "it is still being solved");
    let other = CellRef { row: RowId::named("other").unwrap(), ..solve("cost").cell };
    board.request(vec![JobRequest { cell: other, ..solve("profit") }]);
    rest(&mut board);
    let started = board.start_due(|_| true);
    assert_eq!(started.len(), 1, "another plan does not end it: its cell shows it and waits for what follows");
    let last = board.report(1, JobEvent::Solved { key, answer: plan(6.0) }, |_| true);
    assert_eq!((last.answers, last.plans.len()), (vec![(key, 6.0.into())], 1));
    last.kept.unwrap().await.unwrap();
    assert_eq!(board.request(vec![solve("cost")]).answers, [(key, 6.0.into())]);
}

fn what_if(step: &str) -> JobRequest {
    let change = Change::read("capacity", "saw", step, "", "").unwrap();
    let study = Study::WhatIf { changes: vec![change] };
    let call = SolveCall { tables: BTreeMap::new(), objective: "cost".into(), of_consensus: true, study };
    let cell = CellRef { row: RowId::named("other").unwrap(), ..solve("cost").cell };
    JobRequest { cell, ..request(PendingCall::Solve(call.into())) }
}

#[tokio::test]
async fn questions_wait_for_their_plan_and_come_one_after_another() {
    let folder = tempfile::tempdir().unwrap();
    let (mut board, mut inbox, _commands) = board(folder.path());
    board.request(vec![what_if("+1"), solve("cost"), what_if("+2")]);
    assert!(board.start_due(|_| true).is_empty(), "inputs do not rest yet");
    rest(&mut board);
    let started = board.start_due(|_| true);
    assert_eq!(started.iter().map(|job| job.title.as_str()).collect::<Vec<_>>(), ["Solving supply"]);
    for step in ["+1", "+2"] {
        let (id, report) = event(&mut inbox).await;
        board.report(id, report, |_| true);
        assert!(board.next_due().unwrap() <= Instant::now());
        let started = board.start_due(|_| true);
        assert_eq!(board.running[&started[0].id].keys, [what_if(step).key]);
        assert!(board.start_due(|_| true).is_empty(), "the next one waits");
    }
    let (id, report) = event(&mut inbox).await;
    board.report(id, report, |_| true);
    assert!(board.is_idle() && board.next_due().is_none());
}

#[tokio::test]
async fn a_question_from_outside_the_cells_is_answered_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (mut board, mut inbox, _commands) = board(folder.path());
    let PendingCall::Solve(call) = what_if("+1").call else { unreachable!() };
    let (told, answer) = oneshot::channel();
    let (gone, _) = oneshot::channel();
    board.ask(call.clone(), told);
    board.ask(call.clone(), gone);
    let started = board.start_due(|_| false);
    assert_eq!(started.len(), 1, "both are one job");
    let (id, _crashed) = event(&mut inbox).await;
    let solved = JobEvent::Solved { key: what_if("+1").key, answer: Box::new(Value::from(7.0).into()) };
    let outcome = board.report(id, solved, |_| false);
    assert_eq!(answer.await.unwrap().value, Value::from(7.0));
    outcome.kept.unwrap().await.unwrap();
    let (told, answer) = oneshot::channel();
    board.ask(call.clone(), told);
    assert_eq!(answer.await.unwrap().value, Value::from(7.0));
    assert!(board.next_due().is_none(), "it was kept");
    // Whoever has gone is not worked for.
    let PendingCall::Solve(other) = what_if("+2").call else { unreachable!() };
    let (told, answer) = oneshot::channel();
    drop(answer);
    board.ask(other, told);
    assert!(board.start_due(|_| false).is_empty() && board.next_due().is_none());
}

#[tokio::test]
async fn a_kept_answer_to_a_question_leaves_the_rows_of_the_plan() {
    let folder = tempfile::tempdir().unwrap();
    let (board, _inbox, _commands) = board(folder.path());
    let table = SolvedTable { role: "supply".into(), measures: Vec::new(), rows: Vec::new() };
    let plan = KeptAnswer { value: 5.0.into(), tables: vec![table.clone()], report: None };
    let question = KeptAnswer::from(Value::from(7.0));
    board.keep(vec![(solve("cost").key, &plan), (what_if("+1").key, &question)]).unwrap().await.unwrap();
    let mut board = board;
    let outcome = board.request(vec![solve("cost"), what_if("+1")]);
    let shown = SolvedPlan { key: solve("cost").key, tables: vec![table], report: None };
    assert_eq!((outcome.answers.len(), outcome.plans), (2, vec![shown]));
}
