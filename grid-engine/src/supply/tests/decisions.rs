//! Quantities that people have decided: kept, priced, blamed where they are the cause, and named where they cannot be kept.

use proptest::prelude::*;

use super::data::{Tables, one_factory, with};
use crate::supply::reasons::Limit;
use crate::supply::study::{Change, reliefs};
use crate::supply::verify::verify;
use crate::supply::{LimitClass, Plan, Resolver, SolveError, SolveOptions, but_for, read_network, solve_tables};

fn decided(lines: &str) -> Tables {
    with(one_factory(), "decisions", &format!("kind,object,item,m1,m2\n{lines}"))
}

fn try_solve(tables: &Tables) -> Result<Plan, SolveError> {
    let plan = solve_tables(tables, &SolveOptions::default(), &mut |_| ())?;
    assert_eq!(verify(&plan), []);
    Ok(plan)
}

fn solve(tables: &Tables) -> Plan {
    try_solve(tables).unwrap()
}

fn refused(tables: &Tables) -> Vec<String> {
    match try_solve(tables) {
        Err(SolveError::Infeasible(words)) => words,
        other => panic!("{:?}", other.map(|plan| plan.objective)),
    }
}

fn near(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-6 * (1.0 + right.abs())
}

#[test]
fn a_plan_keeps_what_is_decided_and_plans_the_rest() {
    let plan = solve(&decided("production,MAKE,,14,"));
    assert_eq!(plan.quantities.made.of(0), [14.0, 4.0]);
    // Four hours of overtime at 5, eight chairs kept a month at 1; one chair less would spare both.
    assert!(near(plan.objective, 18.0 * 16.0 + 20.0 + 8.0), "{}", plan.objective);
    let line = plan.constraints.iter().find(|line| line.kind == "DECISION").unwrap();
    assert_eq!((line.object.as_str(), line.period, line.slack), ("MAKE", 0, 0.0));
    assert!(near(line.marginal_value, 6.0), "{}", line.marginal_value);
    let plan = solve(&decided("purchase,BUY,WOOD,54,0"));
    assert_eq!(plan.quantities.bought.of(0), [54.0, 0.0]);
    assert!(near(plan.objective, 290.0), "wood waits for nothing");
}

/// Nothing is to be made in the first month: of its eight chairs two are there.
#[test]
fn a_decision_that_leaves_units_short_is_their_cause() {
    for (line, object) in [("production,MAKE,CHAIR,0,", "MAKE"), ("purchase,BUY,,0,", "BUY")] {
        let network = read_network(&decided(line), "base").unwrap();
        let mut resolver = Resolver::new(SolveOptions::default());
        let plan = resolver.solve(network.clone(), &mut |_| ()).unwrap();
        assert!(near(plan.lost_units(), 6.0), "{line}: {}", plan.lost_units());
        for reason in &plan.reasons {
            let blamed = (reason.cause.class(), reason.cause.object(&plan.network), reason.cause_period);
            assert_eq!(blamed, ("decision", object.to_owned(), 0));
        }
        assert!(near(plan.reasons.iter().map(|reason| reason.quantity).sum(), 6.0));
        assert!(near(but_for(&network, LimitClass::Decision, &mut resolver).unwrap().lost_units, 0.0));
        assert!(resolver.was_warm());
        assert!(near(but_for(&network, LimitClass::Capacity, &mut resolver).unwrap().lost_units, 6.0));
    }
}

#[test]
fn c2_what_cannot_be_kept_is_named_with_what_stands_against_it() {
    let words = refused(&decided("production,MAKE,,20,"));
    assert_eq!(
        words,
        [
            "the decision on production MAKE in m1 cannot be kept: 20 decided, 14 possible",
            "in conflict: hours of SAW in m1",
        ]
    );
    // Two decisions against each other.
    let words = refused(&decided("production,MAKE,,5,\npurchase,BUY,,0,"));
    assert_eq!(
        words,
        [
            "the decision on production MAKE in m1 cannot be kept: 5 decided, 0 possible",
            "in conflict: the decision on purchase BUY in m1",
        ]
    );
    // One that stands in nobody's way is not named, whatever price the solver gives it.
    let idle = "route,item,loc,lead_time,unit_cost\nMAKE,CHAIR,WORKS,0,10\nAGAIN,CHAIR,WORKS,0,11";
    let words = refused(&with(decided("production,MAKE,,20,\nproduction,AGAIN,,0,"), "routings", idle));
    assert_eq!(words.len(), 2, "{words:?}");
    let policy = "item,loc,initial,safety,max,hold_cost,ss_penalty\nCHAIR,WORKS,2,0,,1,0\nWOOD,WORKS,0,0,5,0,0";
    let words = refused(&with(decided("purchase,BUY,,60,"), "stock_policy", policy));
    assert_eq!(words[0], "the decision on purchase BUY in m1 cannot be kept: 60 decided, 47 possible");
    assert_eq!(words[1..], ["in conflict: hours of SAW in m1", "in conflict: largest stock of WOOD@WORKS in m1"]);
    // A customer who must be served, and a works that is not to make anything.
    let must = "stream,region,channel,loc,allow_backlog,allow_lost\nSHOP,NORTH,RETAIL,WORKS,0,0";
    let words = refused(&with(decided("production,MAKE,,0,0"), "streams", must));
    assert!(words.iter().any(|words| words.contains("decision on production MAKE")), "{words:?}");
}

#[test]
fn impossible_decisions_are_refused_where_they_stand() {
    let check = |tables: &Tables, expected: &[&str]| {
        let problems = read_network(tables, "base").unwrap_err();
        assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
    };
    check(
        &decided("order,MAKE,,1,"),
        &["decisions, row 1, column kind: \"order\" is none of production, purchase, shipment"],
    );
    check(&decided("production,BUY,,1,"), &["decisions, row 1, column object: \"BUY\" is not a known route"]);
    check(
        &decided("production,MAKE,WOOD,1,"),
        &["decisions, row 1, column item: \"WOOD\" is not what it is about, which is \"CHAIR\""],
    );
    check(
        &decided("production,MAKE,,1,\nproduction,MAKE,CHAIR,,2"),
        &["decisions, row 2, column object: the same quantity is decided twice"],
    );
    check(&decided("production,MAKE,,-1,"), &["decisions, row 1, column m1: -1 is negative"]);
    let slow = "contract,item,loc,supplier,mode,lead_time,unit_cost\nBUY,WOOD,WORKS,FOREST,regular,1,2";
    check(
        &with(decided("purchase,BUY,,3,3"), "contracts", slow),
        &["decisions, row 1, column m1: nothing can arrive so soon: what is ordered now arrives in m2 at the earliest"],
    );
    let lots = "route,fixed_cost,min_run,max_run,setup_hours\nMAKE,0,4,9,0";
    check(
        &with(decided("production,MAKE,,2,12"), "routing_lot", lots),
        &[
            "decisions, row 1, column m1: 2 is less than the least run, 4",
            "decisions, row 1, column m2: 12 is more than the largest run, 9",
        ],
    );
    let lanes = "lane,from,to,mode,lead_time,cost_per_m3\nTRUCK,WORKS,SHOPS,road,0,1";
    let places = "loc,type,storage_m3\nWORKS,plant,\nSHOPS,dc,";
    let moved = with(with(decided("shipment,TRUCK,CHAIR,1,"), "lanes", lanes), "locations", places);
    check(
        &moved,
        &["decisions, row 1, column item: does not go over this lane: it is not stocked at both of its ends"],
    );
}

#[test]
fn a_decided_shipment_and_a_run_with_a_set_up() {
    let places = "loc,type,storage_m3\nWORKS,plant,\nSHOPS,dc,";
    let lanes = "lane,from,to,mode,lead_time,cost_per_m3\nTRUCK,WORKS,SHOPS,road,1,1";
    let policy = "item,loc,initial,safety,max,hold_cost,ss_penalty\nCHAIR,WORKS,2,0,,1,0\nWOOD,WORKS,0,0,,0,0\n\
                  CHAIR,SHOPS,0,0,,1,0";
    let tables = [("locations", places), ("lanes", lanes), ("stock_policy", policy)]
        .into_iter()
        .fold(decided("shipment,TRUCK,CHAIR,3,"), |tables, (name, text)| with(tables, name, text));
    let plan = solve(&tables);
    assert_eq!(plan.quantities.shipped.of(0), [3.0, 0.0]);
    let lots = "route,fixed_cost,min_run,max_run,setup_hours\nMAKE,50,5,,1";
    let plan = solve(&with(decided("production,MAKE,,0,6"), "routing_lot", lots));
    assert_eq!((plan.quantities.made.of(0), plan.quantities.running.of(0)), (&[0.0, 6.0][..], &[0.0, 1.0][..]));
}

#[test]
fn what_if_and_relief_ask_what_a_decision_costs() {
    let mut network = read_network(&decided("production,MAKE,,0,"), "base").unwrap();
    let mut resolver = Resolver::new(SolveOptions::default());
    let plan = resolver.solve(network.clone(), &mut |_| ()).unwrap();
    let found = reliefs(&plan, &mut resolver, &mut |_, _| ()).unwrap();
    let freed = found.iter().find(|relief| relief.object == "MAKE").unwrap();
    assert!(near(freed.units_freed, 1.0) && freed.buckets == [0], "{freed:?}");
    Change::read("decision", "chair", "+4", "m1", "").unwrap().apply(&mut network).unwrap();
    assert!(near(resolver.solve(network, &mut |_| ()).unwrap().lost_units(), 2.0));
    assert_eq!(Limit::Decision(crate::supply::network::DecisionId(0)).object(&plan.network), "MAKE");
}

proptest! {
    /// To decide what is planned anyway costs nothing; to decide anything else is never cheaper, and never ends without words.
    #[test]
    fn deciding_never_saves(made in 0.0..30.0_f64, bought in 0.0..120.0_f64, month in 0..2_usize) {
        let free = solve(&one_factory());
        let cells = |units: f64| if month == 0 { format!("{units},") } else { format!(",{units}") };
        let (made_now, bought_now) = (free.quantities.made.of(0)[month], free.quantities.bought.of(0)[month]);
        let same = solve(&decided(&format!("production,MAKE,,{}\npurchase,BUY,,{}", cells(made_now), cells(bought_now))));
        prop_assert!(near(same.objective, free.objective));
        match try_solve(&decided(&format!("production,MAKE,,{}\npurchase,BUY,,{}", cells(made), cells(bought)))) {
            Ok(plan) => prop_assert!(plan.objective >= free.objective - 1e-6),
            Err(SolveError::Infeasible(words)) => {
                prop_assert!(words[0].contains("cannot be kept"), "{words:?}");
                prop_assert!(words.len() > 1, "{words:?}");
            }
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        }
    }
}
