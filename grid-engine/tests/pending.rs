//! Heavy functions: asked for once, answered by jobs, shown meanwhile, the same on both sides.
#![allow(clippy::unwrap_used)]

mod table;

use std::sync::Arc;

use grid_engine::calc::JobRequest;
use grid_engine::calendar::Date;
use grid_engine::formula::{CalendarCall, ForecastCall, PendingCall, PlanTable};
use grid_engine::plan;
use grid_engine::refs::RoomId;
use grid_engine::value::{Array, CellError, ErrorKind, Value};
use grid_engine::workbook::{Side, Source};
use table::{CLOCK, Table, measure, months, sheet};

/// Two months of history, three of plan, and a baseline that a job forecasts.
fn demand() -> Table {
    let mut table = Table::server();
    table.planning("demand", "Demand", "demand", months("2026-01", 2, 3), &["Item"], &[measure("History", true)]);
    table.formula("demand", "Baseline", true, "=FORECAST([@History:all])");
    table.formula("demand", "Consensus", true, "=[@Baseline]*2");
    table.row("demand", &["A"]);
    table.row("demand", &["B"]);
    for item in ["A", "B"] {
        table.enter(table.at("demand", &[item], "History", "2026-01"), "4");
        table.enter(table.at("demand", &[item], "History", "2026-02"), "6");
    }
    table
}

fn answer(numbers: &[f64]) -> Value {
    Value::Array(Arc::new(Array::row(numbers.iter().map(|&number| number.into()).collect()).unwrap()))
}

fn forecast(request: &JobRequest) -> Vec<f64> {
    match &request.call {
        PendingCall::Forecast(call) => {
            let last = call.history.iter().flatten().last().copied().unwrap_or_default();
            (1..=call.horizon).map(|step| last + step as f64).collect()
        }
        PendingCall::Solve(_) => Vec::new(),
    }
}

#[test]
fn an_answer_is_asked_for_once_and_fills_the_plan() {
    let mut table = demand();
    let requests = table.recalculate().requests;
    assert_eq!(requests.len(), 1, "both rows have the same history");
    assert_eq!(table.line("demand", &["A"], "Baseline"), "#BUSY! #BUSY! #BUSY! #BUSY! #BUSY!");
    let cell = table.at("demand", &["A"], "Baseline", "2026-03");
    assert!(table.book.cell(cell).pending);
    assert!(table.book.is_wanted(requests[0].key));
    assert!(table.recalculate().requests.is_empty());
    table.book.complete(requests[0].key, answer(&forecast(&requests[0])));
    let done = table.recalculate();
    assert_eq!(table.line("demand", &["A"], "Baseline"), "_ _ 7 8 9");
    assert_eq!(table.line("demand", &["B"], "Consensus"), "0 0 14 16 18");
    assert!(!table.book.cell(cell).pending && !table.book.is_wanted(requests[0].key));
    assert!(done.official.contains(&cell));
    assert!(!done.official.contains(&table.at("demand", &["A"], "Consensus", "2026-03")));
}

#[test]
fn companions_of_a_forecast_share_its_answer() {
    let mut table = demand();
    table.formula("demand", "High", true, "=FORECAST.QUANTILE([@History:all],0.9)");
    table.formula("demand", "Class", true, "=FORECAST.CLASS([@History:all])");
    let requests = table.recalculate().requests;
    assert_eq!(requests.len(), 1, "one question, two rows, three measures");
    let details = "class\tsmooth\ninterval\t80\t6\t6\t6\t9\t10\t11\n";
    let cells = [7.0, 8.0, 9.0].map(Value::Number).into_iter().chain([Value::Text(details.into())]);
    table.book.complete(requests[0].key, Value::Array(Arc::new(Array::row(cells.collect()).unwrap())));
    assert!(table.recalculate().requests.is_empty());
    assert_eq!(table.line("demand", &["A"], "Baseline"), "_ _ 7 8 9");
    assert_eq!(table.line("demand", &["A"], "High"), "_ _ 9 10 11");
    assert_eq!(table.line("demand", &["B"], "Class").split(' ').next_back(), Some("\"smooth\""));
}

/// Two years of A, of family x; B of the same family and C of another are sold since the last month known, D of the first for
/// eight months, too few to show B the way. What the month after brought is not known yet.
#[test]
fn new_items_ask_with_their_family_and_the_calendar_with_the_sheets_buckets() {
    let mut table = Table::server();
    let keys = ["Item", "Family"];
    table.planning("demand", "Demand", "demand", months("2024-01", 26, 3), &keys, &[measure("History", true)]);
    let new = "FORECAST.NEW([@History:all],Demand[History,history],,,,,Demand[Family],[@Family])";
    table.formula("demand", "New", true, &format!("={new}"));
    table.formula("demand", "Why", true, &format!("=FORECAST.EXPLANATION({new})"));
    table.formula("demand", "Dated", true, "=FORECAST([@History:all],,,,,TRUE)");
    for row in [["A", "x"], ["B", "x"], ["C", "y"], ["D", "x"]] {
        table.row("demand", &row);
        table.enter(table.at("demand", &row, "History", "2026-01"), "8");
    }
    table.enter(table.at("demand", &["A", "x"], "History", "2024-01"), "5");
    table.enter(table.at("demand", &["D", "x"], "History", "2025-06"), "3");
    let requests = table.recalculate().requests;
    let calls = forecasts(&requests);
    let likes =
        |call: &ForecastCall| call.newcomer.as_ref().map(|new| new.likes.iter().map(Vec::len).collect::<Vec<_>>());
    let mut asked: Vec<_> = calls.iter().filter_map(likes).collect();
    asked.sort();
    // A has nobody older and C no family, B and D have A; what explains asks nothing of its own. The month that is not known
    // yet is forecast and not shown.
    assert_eq!(asked, [vec![], vec![], vec![25], vec![25]]);
    assert!(
        calls.iter().filter(|call| call.newcomer.is_some()).all(|call| (call.horizon, call.history.len()) == (4, 25))
    );
    let january = Date::from_ymd(2024, 1, 1).unwrap().days();
    let dated: Vec<_> = calls.iter().filter_map(|call| call.calendar).collect();
    assert_eq!(dated, [CalendarCall { first_day: january, daily: false }; 3], "A's history, that of B and C, and D's");
    for (request, call) in requests.iter().zip(&calls).filter(|(_, call)| call.newcomer.is_some()) {
        table.book.complete(request.key, answer(&[1.0, 2.0, 3.0, 4.0][..call.horizon]));
    }
    table.recalculate();
    assert!(table.line("demand", &["B", "x"], "New").ends_with("_ 2 3 4"));
}

#[test]
fn who_asks_again_for_what_was_given_up_has_it_tried_again() {
    let mut table = demand();
    let key = table.recalculate().requests[0].key;
    let reason = || Value::Error(CellError::because(ErrorKind::Na, "Cancelled."));
    table.book.give_up(key, reason());
    assert!(table.recalculate().requests.is_empty(), "nobody asks anew");
    assert_eq!(table.line("demand", &["A"], "Baseline"), "#N/A #N/A #N/A #N/A #N/A");
    // A third row with the same history asks as well: all of them wait again.
    table.row("demand", &["C"]);
    for (bucket, value) in [("2026-01", "4"), ("2026-02", "6")] {
        table.enter(table.at("demand", &["C"], "History", bucket), value);
    }
    let again = table.recalculate().requests;
    assert_eq!(again.iter().map(|request| request.key).collect::<Vec<_>>(), [key]);
    assert!(table.book.is_wanted(key));
    table.book.complete(key, answer(&forecast(&again[0])));
    table.recalculate();
    assert_eq!(table.line("demand", &["A"], "Baseline"), "_ _ 7 8 9");
}

#[test]
fn what_was_given_up_is_tried_again_on_request() {
    let mut table = demand();
    let requests = table.recalculate().requests;
    for request in &requests {
        table.book.give_up(request.key, Value::Error(CellError::because(ErrorKind::Na, "Cancelled.")));
    }
    assert!(table.recalculate().requests.is_empty());
    assert!(table.book.try_given_up());
    let again = table.recalculate().requests;
    assert_eq!(again.len(), requests.len());
    for request in &again {
        table.book.complete(request.key, answer(&forecast(request)));
    }
    table.recalculate();
    assert_eq!(table.line("demand", &["A"], "Baseline"), "_ _ 7 8 9");
    assert!(!table.book.try_given_up(), "nothing is given up any more");
}

#[test]
fn a_formula_cleared_and_typed_again_has_what_was_given_up_tried_again() {
    let mut table = Table::server();
    table.free("notes", "Notes", 5, 5);
    table.set("notes", "A1", "=FORECAST({4,6},3)");
    let key = table.recalculate().requests[0].key;
    table.book.give_up(key, Value::Error(CellError::because(ErrorKind::Na, "Cancelled.")));
    table.recalculate();
    assert_eq!(table.text(table.a1("notes", "A1")), "#N/A");
    table.set("notes", "A1", "");
    assert!(table.recalculate().requests.is_empty());
    table.set("notes", "A1", "=FORECAST({4,6},3)");
    let again = table.recalculate().requests;
    assert_eq!(again.iter().map(|request| request.key).collect::<Vec<_>>(), [key]);
}

/// The calls for forecasts.
fn forecasts(requests: &[JobRequest]) -> Vec<ForecastCall> {
    let forecast = |request: &JobRequest| match &request.call {
        PendingCall::Forecast(call) => Some((**call).clone()),
        PendingCall::Solve(_) => None,
    };
    requests.iter().filter_map(forecast).collect()
}

#[test]
fn the_calendar_begins_with_the_buckets_that_are_read_and_knows_no_weeks() {
    let mut table = Table::server();
    let measures = [measure("History", true), measure("Entered", true)];
    table.planning("demand", "Demand", "demand", months("2024-01", 3, 3), &["Item"], &measures);
    table.formula("demand", "Before", false, "=SUM(FORECAST([@History:history],2,12,,,TRUE))");
    table.formula("demand", "After", false, "=SUM(FORECAST([@Entered:plan],2,12,,,TRUE))");
    table.row("demand", &["A"]);
    for (measure, month) in
        [("History", "2024-01"), ("History", "2024-03"), ("Entered", "2024-04"), ("Entered", "2024-06")]
    {
        table.enter(table.at("demand", &["A"], measure, month), "7");
    }
    let mut days: Vec<i32> =
        forecasts(&table.recalculate().requests).iter().map(|call| call.calendar.unwrap().first_day).collect();
    days.sort_unstable();
    assert_eq!(days, [(2024, 1), (2024, 4)].map(|(year, month)| Date::from_ymd(year, month, 1).unwrap().days()));
    table.planning("weeks", "Weeks", "", months("2024-W01", 3, 3), &["Item"], &[measure("Sold", true)]);
    table.formula("weeks", "Dated", false, "=SUM(FORECAST([@Sold:all],2,,,,TRUE))");
    table.row("weeks", &["A"]);
    table.enter(table.at("weeks", &["A"], "Sold", "2024-W02"), "7");
    assert_eq!(forecasts(&table.recalculate().requests), []);
    let error = table.book.value(table.at("weeks", &["A"], "Dated", "")).as_error().unwrap().clone();
    assert!(error.detail().unwrap().contains("these are weeks"), "{error:?}");
}

#[test]
fn a_new_question_keeps_the_last_value_and_an_old_answer_is_ignored() {
    let mut table = demand();
    let first = table.recalculate().requests.remove(0);
    table.book.complete(first.key, answer(&forecast(&first)));
    table.recalculate();
    let (history, cell) =
        (table.at("demand", &["A"], "History", "2026-02"), table.at("demand", &["A"], "Baseline", "2026-03"));
    table.enter(history, "10");
    let second = table.recalculate().requests.remove(0);
    assert_eq!(table.line("demand", &["A"], "Baseline"), "_ _ 7 8 9");
    assert!(table.book.cell(cell).pending);
    assert!(!table.book.cell(table.at("demand", &["B"], "Baseline", "2026-03")).pending);
    table.enter(history, "20");
    let third = table.recalculate().requests.remove(0);
    assert!(!table.book.is_wanted(second.key));
    table.book.complete(second.key, answer(&forecast(&second)));
    table.recalculate();
    assert_eq!(table.line("demand", &["A"], "Baseline"), "_ _ 7 8 9", "the second answer is for inputs that changed");
    table.book.complete(third.key, answer(&forecast(&third)));
    table.recalculate();
    assert_eq!(table.line("demand", &["A"], "Baseline"), "_ _ 21 22 23");
    // Back to inputs whose answers are known: no job at all.
    for (entered, shown) in [("10", "_ _ 11 12 13"), ("6", "_ _ 7 8 9")] {
        table.enter(history, entered);
        assert!(table.recalculate().requests.is_empty());
        assert_eq!(table.line("demand", &["A"], "Baseline"), shown);
        assert!(!table.book.cell(cell).pending);
    }
}

#[test]
fn an_early_answer_is_shown_and_never_taken_for_the_final_one() {
    let mut table = demand();
    let first = table.recalculate().requests.remove(0);
    table.book.complete_early(first.key, answer(&[1.0, 2.0, 3.0]));
    assert!(table.recalculate().requests.is_empty(), "it is being worked out");
    assert_eq!(table.line("demand", &["A"], "Baseline"), "_ _ 1 2 3");
    assert!(plan::freeze(&table.book, "T", "EUR").is_err(), "what is shown early is not frozen");
    table.book.complete(first.key, answer(&[1.0, 2.0, 4.0]));
    table.recalculate();
    assert_eq!(table.line("demand", &["A"], "Baseline"), "_ _ 1 2 4");
    let history = table.at("demand", &["A"], "History", "2026-02");
    table.enter(history, "10");
    let second = table.recalculate().requests.remove(0);
    table.book.complete_early(second.key, answer(&[7.0, 7.0, 7.0]));
    table.recalculate();
    table.enter(history, "6");
    assert!(table.recalculate().requests.is_empty(), "the final answer of before is known");
    table.enter(history, "10");
    let again: Vec<_> = table.recalculate().requests.iter().map(|request| request.key).collect();
    assert_eq!(again, [second.key], "what came early is asked for again");
    table.enter(history, "30");
    table.recalculate();
    table.book.complete_early(second.key, answer(&[9.0, 9.0, 9.0]));
    assert_eq!(table.book.early_answers(), 0, "nobody asks for it any more");
}

#[test]
fn a_failed_job_shows_and_can_be_asked_again() {
    let mut table = demand();
    let request = table.recalculate().requests.remove(0);
    table.book.complete(request.key, Value::error(grid_engine::value::ErrorKind::Limit));
    table.recalculate();
    assert_eq!(table.text(table.at("demand", &["A"], "Consensus", "2026-03")), "#LIMIT!");
    table.book.ask_again(request.key);
    let again = table.recalculate().requests;
    assert_eq!(again.iter().map(|request| request.key).collect::<Vec<_>>(), [request.key]);
    table.book.complete(request.key, answer(&[1.0, 2.0, 3.0]));
    table.recalculate();
    assert_eq!(table.line("demand", &["A"], "Baseline"), "_ _ 1 2 3");
}

#[test]
fn an_overridden_forecast_comes_back() {
    let mut table = demand();
    let request = table.recalculate().requests.remove(0);
    table.book.complete(request.key, answer(&forecast(&request)));
    let cell = table.at("demand", &["A"], "Baseline", "2026-03");
    table.enter(cell, "100");
    table.recalculate();
    assert_eq!(table.line("demand", &["A"], "Baseline"), "_ _ 100 8 9");
    assert_eq!(table.book.cell(cell).source, Source::OverriddenFormula);
    table.enter(cell, "");
    table.recalculate();
    assert_eq!(table.line("demand", &["A"], "Baseline"), "_ _ 7 8 9");
}

/// Another workbook with the same documents.
fn browser(server: &Table) -> Table {
    let mut browser = Table::new(Side::Browser, 2);
    for room in server.book.known_rooms() {
        browser.book.open_room(room, &server.book.encode_state(room, None).unwrap()).unwrap();
    }
    browser
}

#[test]
fn a_browser_shows_what_the_server_sends_and_calculates_the_rest() {
    let mut server = demand();
    let mut browser = browser(&server);
    let request = server.recalculate().requests.remove(0);
    assert!(browser.recalculate().requests.is_empty());
    assert_eq!(browser.text(browser.at("demand", &["A"], "Consensus", "2026-03")), "#BUSY!");
    browser.book.set_official(&server.book.official(sheet("demand")));
    browser.recalculate();
    let cell = browser.at("demand", &["A"], "Baseline", "2026-03");
    assert!(browser.book.cell(cell).pending);
    server.book.complete(request.key, answer(&forecast(&request)));
    let changed = server.recalculate().official;
    let sent: Vec<_> =
        changed.iter().map(|&cell| (cell, server.book.value(cell).clone(), server.book.cell(cell).pending)).collect();
    browser.book.set_official(&sent);
    let here = browser.recalculate();
    assert!(here.changed.contains(&browser.at("demand", &["A"], "Consensus", "2026-03")));
    assert_eq!(browser.line("demand", &["A"], "Baseline"), "_ _ 7 8 9");
    assert_eq!(browser.line("demand", &["A"], "Consensus"), "0 0 14 16 18");
    assert!(!browser.book.cell(cell).pending);
    assert_eq!(server.difference(&browser), None);
    // An override here is seen at once, and what was given comes back when it goes.
    browser.enter(cell, "50");
    browser.recalculate();
    assert_eq!(browser.line("demand", &["A"], "Consensus"), "0 0 100 16 18");
    browser.enter(cell, "");
    browser.recalculate();
    assert_eq!(browser.line("demand", &["A"], "Consensus"), "0 0 14 16 18");
    // A browser that joins later gets everything at once.
    let mut late = self::browser(&server);
    late.book.set_official(&server.book.official(sheet("demand")));
    late.recalculate();
    assert_eq!(server.difference(&late), None);
}

#[test]
fn two_sides_exchanging_updates_end_with_equal_values() {
    let mut server = demand();
    let request = server.recalculate().requests.remove(0);
    server.book.complete(request.key, answer(&forecast(&request)));
    server.recalculate();
    let mut browser = browser(&server);
    browser.book.set_official(&server.book.official(sheet("demand")));
    server.sent.clear();
    // Both edit at once, then hear of each other.
    browser.type_as("bob", browser.at("demand", &["A"], "Baseline", "2026-04"), "11");
    server.type_as("ada", server.at("demand", &["A"], "Baseline", "2026-05"), "12");
    browser.row("demand", &["C"]);
    server.row("demand", &["D"]);
    for (room, update) in browser.sent.drain(..).collect::<Vec<(RoomId, Vec<u8>)>>() {
        server.book.apply_update(room, &update).unwrap();
    }
    for (room, update) in server.sent.drain(..).collect::<Vec<_>>() {
        browser.book.apply_update(room, &update).unwrap();
    }
    loop {
        let done = server.book.recalculate(CLOCK);
        for request in &done.requests {
            server.book.complete(request.key, answer(&forecast(request)));
        }
        if done.requests.is_empty() {
            break;
        }
    }
    browser.book.set_official(&server.book.official(sheet("demand")));
    browser.recalculate();
    assert_eq!(server.difference(&browser), None);
    assert_eq!(browser.line("demand", &["A"], "Consensus"), "0 0 14 22 24");
}

#[test]
fn a_heavy_call_on_a_free_sheet_spills_on_both_sides() {
    let mut server = demand();
    server.free("notes", "Notes", 5, 5);
    server.set("notes", "A1", "=FORECAST({4,6},3)");
    server.set("notes", "A2", "=SUM(A1:E1)");
    let mut browser = browser(&server);
    let sync = |server: &Table, browser: &mut Table| {
        browser.book.set_official(&server.book.official(sheet("notes")));
        browser.book.set_official(&server.book.official(sheet("demand")));
        browser.recalculate();
    };
    let requests = server.recalculate().requests;
    sync(&server, &mut browser);
    assert_eq!(browser.shown("notes", "A1 A2"), "A1=#BUSY! A2=#BUSY!");
    for request in requests {
        server.book.complete(request.key, answer(&[1.0, 2.0, 3.0]));
    }
    server.recalculate();
    sync(&server, &mut browser);
    assert_eq!(server.shown("notes", "A1 B1 C1 A2"), "A1=1 B1=2 C1=3 A2=6");
    assert_eq!(browser.shown("notes", "A1 B1 C1 A2"), "A1=1 B1=2 C1=3 A2=6");
    assert_eq!(browser.book.cell(browser.a1("notes", "B1")).source, Source::Spill);
    // Something in its way: the cells it leaves are reported, once.
    server.set("notes", "C1", "x");
    let left = server.recalculate().official;
    assert!(left.contains(&server.a1("notes", "B1")) && left.contains(&server.a1("notes", "A1")), "{left:?}");
}

#[test]
fn a_solve_waits_for_the_forecasts_it_rests_on() {
    let mut table = demand();
    let streams = [measure("Region", false)];
    table.planning("streams", "Streams", "supply.streams", months("2026-01", 2, 3), &["Stream"], &streams);
    table.row("streams", &["S1"]);
    table.free("notes", "Notes", 5, 5);
    table.set("notes", "A1", "=SUPPLY.SOLVE(Demand[Consensus])");
    let forecasts = table.recalculate().requests;
    assert_eq!(forecasts.len(), 1, "{forecasts:?}");
    let solve = table.a1("notes", "A1");
    assert_eq!(table.text(solve), "#BUSY!");
    assert!(table.book.cell(solve).pending);
    table.book.complete(forecasts[0].key, answer(&forecast(&forecasts[0])));
    let solves = table.recalculate().requests;
    let [JobRequest { key, call: PendingCall::Solve(call), .. }] = &solves[..] else {
        unreachable!("one solve: {solves:?}")
    };
    let demand = &call.tables["demand_base"];
    assert_eq!(
        demand.columns.iter().map(|name| &**name).collect::<Vec<_>>(),
        ["item", "stream", "2026-03", "2026-04", "2026-05"]
    );
    let streams = &call.tables["streams"];
    assert_eq!(streams.columns.iter().map(|name| &**name).collect::<Vec<_>>(), ["stream", "region"]);
    assert_eq!(call.tables["periods"].rows.len(), 3);
    let summary = Array::new(2, 2, vec!["cost".into(), 5.0.into(), "lost".into(), 0.0.into()]).unwrap();
    let summary = Value::Array(Arc::new(summary));
    table.book.complete(*key, PlanTable::answer(|_| summary.clone()));
    assert_eq!(table.shown("notes", "A1 B1 A2 B2"), "A1=\"cost\" B1=5 A2=\"lost\" B2=0");
    // The last plan stays while a forecast, and then the solve, are done again.
    table.enter(table.at("demand", &["A"], "History", "2026-02"), "9");
    let again = table.recalculate().requests;
    assert!(matches!(again[..], [JobRequest { call: PendingCall::Forecast(_), .. }]), "{again:?}");
    assert_eq!((table.text(table.a1("notes", "B1")), table.book.cell(solve).pending), ("5".into(), true));
    table.book.complete(again[0].key, answer(&forecast(&again[0])));
    let again = table.recalculate().requests;
    assert!(matches!(again[..], [JobRequest { call: PendingCall::Solve(_), .. }]), "{again:?}");
    assert_eq!((table.text(table.a1("notes", "B1")), table.book.cell(solve).pending), ("5".into(), true));
}

/// Which solve is the company's plan follows from what is asked for: not from which was typed or solved last.
#[test]
fn the_plan_is_that_for_the_consensus_at_least_cost() {
    let mut table = demand();
    let streams = [measure("Region", false)];
    table.planning("streams", "Streams", "supply.streams", months("2026-01", 2, 3), &["Stream"], &streams);
    table.row("streams", &["S1"]);
    table.formula("demand", "Wish", true, "=[@Consensus]*2");
    table.free("notes", "Notes", 5, 5);
    let plan = |table: &mut Table| {
        for _ in 0..2 {
            for request in table.recalculate().requests {
                let solved = || PlanTable::answer(|_| 5.0.into());
                let forecast = forecast(&request);
                table.book.complete(request.key, if forecast.is_empty() { solved() } else { answer(&forecast) });
            }
        }
        table.book.supply_plan().map(|plan| (plan.call.objective.clone(), plan.call.of_consensus))
    };
    assert_eq!(plan(&mut table), None);
    table.set("notes", "A1", "=SUPPLY.SOLVE(Demand[Wish])");
    assert_eq!(plan(&mut table), None, "a plan for another demand is nobody's plan");
    table.set("notes", "C1", "=SUPPLY.SOLVE(Demand[Consensus],\"profit\")");
    assert_eq!(plan(&mut table), Some(("profit".into(), true)));
    table.set("notes", "E5", "=SUPPLY.SOLVE(Demand[Consensus],\"cost\")");
    assert_eq!(plan(&mut table), Some(("cost".into(), true)));
    table.set("notes", "C1", "=SUPPLY.SOLVE(Demand[Consensus],\"fair\")");
    assert_eq!(plan(&mut table), Some(("cost".into(), true)));
    table.set("notes", "E5", "");
    assert_eq!(plan(&mut table), Some(("fair".into(), true)));
}

#[test]
fn what_was_given_goes_with_its_formula() {
    let mut server = demand();
    server.free("notes", "Notes", 5, 5);
    server.set("notes", "A1", "=FORECAST({4,6},3)");
    let mut browser = browser(&server);
    for request in server.recalculate().requests {
        server.book.complete(request.key, answer(&[1.0, 2.0, 3.0]));
    }
    server.recalculate();
    browser.book.set_official(&server.book.official(sheet("notes")));
    assert_eq!(browser.shown("notes", "A1 B1 C1"), "A1=1 B1=2 C1=3");
    browser.set("notes", "A1", "");
    assert_eq!(browser.shown("notes", "A1"), "A1=_");
    for (room, update) in browser.sent.drain(..).collect::<Vec<_>>() {
        server.book.apply_update(room, &update).unwrap();
    }
    let left = server.recalculate().official;
    let sent: Vec<_> = left.iter().map(|&cell| (cell, server.book.value(cell).clone(), false)).collect();
    browser.book.set_official(&sent);
    assert_eq!(browser.shown("notes", "A1 B1 C1"), "A1=_ B1=_ C1=_");
    assert_eq!(browser.book.cell(browser.a1("notes", "B1")).source, Source::Empty);
}
