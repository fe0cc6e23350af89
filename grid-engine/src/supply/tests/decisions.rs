//! Quantities that people have decided: kept, priced, blamed where they are the cause, and named where they cannot be kept.

use proptest::prelude::*;

use super::data::{Tables, one_factory, read_folder, shared, with};
use crate::supply::reasons::Limit;
use crate::supply::study::{Change, Study, StudyCell, reliefs, study};
use crate::supply::verify::verify;
use crate::supply::{
    LimitClass, Plan, RawCell, RawTable, Resolver, SolveError, SolveOptions, but_for, read_network, solve_tables,
};

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

/// What is decided may be more than any demand asks for; only the largest run says no.
#[test]
fn a_run_may_be_decided_larger_than_it_need_be() {
    let lots = "route,fixed_cost,min_run,max_run,setup_hours\nMAKE,50,5,500,0";
    let hours = "resource,kind,m1,m2\nSAW,regular_hours,900,900";
    let wood = "supplier,mode,m1,m2\nFOREST,regular,9000,9000";
    let run = |line: &str| {
        let tables = with(with(decided(line), "routing_lot", lots), "capacity", hours);
        with(tables, "supplier_capacity", wood)
    };
    for units in [19.0, 200.0, 500.0] {
        assert_eq!(solve(&run(&format!("production,MAKE,,{units},"))).quantities.made.of(0)[0], units);
    }
    let lacking =
        with(run("production,MAKE,,200,"), "supplier_capacity", "supplier,mode,m1,m2\nFOREST,regular,90,9000");
    let words = refused(&lacking);
    assert!(words[0].contains("200 decided, 30 possible"), "{words:?}");
    assert!(words.iter().all(|line| !line.contains("run")), "{words:?}");
}

#[test]
fn what_if_and_relief_ask_what_a_decision_costs() {
    let mut network = read_network(&decided("production,MAKE,,0,"), "base").unwrap();
    let mut resolver = Resolver::new(SolveOptions::default());
    let plan = resolver.solve(network.clone(), &mut |_| ()).unwrap();
    let found = reliefs(&plan, &mut resolver, &mut |_, _| ()).unwrap();
    let of_it: Vec<_> = found.iter().filter(|relief| relief.object == "MAKE").collect();
    let [back, more] = of_it[..] else { panic!("{of_it:?}") };
    assert!(near(more.units_freed, 1.0) && more.step == Some(1.0) && more.buckets == [0], "{more:?}");
    assert!(near(back.units_freed, 6.0) && back.step.is_none() && back.buckets == [0], "{back:?}");
    Change::read("decision", "chair", "+4", "m1", "").unwrap().apply(&mut network).unwrap();
    assert!(near(resolver.solve(network, &mut |_| ()).unwrap().lost_units(), 2.0));
    assert_eq!(Limit::Decision(crate::supply::network::DecisionId(0)).object(&plan.network), "MAKE");
}

/// Two goods from one saw, one of them decided.
fn two_goods(decided: &str, demand: &str, wood: &str) -> Tables {
    let changes = [
        ("products", "item,family,volume,price\nCHAIR,SEATS,0.5,40\nSTOOL,SEATS,0.5,30"),
        (
            "stock_policy",
            "item,loc,initial,safety,max,hold_cost,ss_penalty\nCHAIR,WORKS,0,0,,1,0\nSTOOL,WORKS,0,0,,1,0\n\
             WOOD,WORKS,0,0,0,0,0",
        ),
        ("routings", "route,item,loc,lead_time,unit_cost\nMAKE,CHAIR,WORKS,0,10\nCUT,STOOL,WORKS,0,8"),
        ("routing_resources", "route,resource,hours_per_unit\nMAKE,SAW,1\nCUT,SAW,0.5"),
        ("bom", "route,component,qty_per\nMAKE,WOOD,3\nCUT,WOOD,3"),
        ("capacity", "resource,kind,m1,m2\nSAW,regular_hours,10,10\nSAW,max_overtime_hours,0,0"),
        ("service_cost", "item,channel,late_cost,lost_cost\nCHAIR,RETAIL,3,100\nSTOOL,RETAIL,3,20"),
        ("supplier_capacity", wood),
        ("demand_base", demand),
    ];
    changes.into_iter().fold(self::decided(decided), |tables, (name, text)| with(tables, name, text))
}

/// Units by cause and what it is, and what is lost.
fn blamed(tables: &Tables) -> (Vec<(&'static str, String, f64)>, f64) {
    let plan = solve(tables);
    let mut found: std::collections::BTreeMap<(&'static str, String), f64> = Default::default();
    for reason in &plan.reasons {
        *found.entry((reason.cause.class(), reason.cause.object(&plan.network))).or_default() += reason.quantity;
    }
    let units = |units: f64| (units * 1e6).round() / 1e6;
    (found.into_iter().map(|((class, object), quantity)| (class, object, units(quantity))).collect(), plan.lost_units())
}

#[test]
fn a_decision_for_too_much_is_named_before_what_it_takes() {
    const WOOD: &str = "supplier,mode,m1,m2\nFOREST,regular,100,100";
    let check = |tables: &Tables, expected: &[(&'static str, &str, f64)]| {
        let (found, lost) = blamed(tables);
        let expected: Vec<_> = expected.iter().map(|(class, of, units)| (*class, (*of).to_owned(), *units)).collect();
        assert_eq!(found, expected);
        assert!(near(lost, expected.iter().map(|(.., units)| units).sum()), "{lost}");
    };
    // Twelve stools take six of ten hours: four of eight chairs are left.
    let demand = "item,stream,m1,m2\nCHAIR,SHOP,8,0\nSTOOL,SHOP,0,0";
    check(&two_goods("production,CUT,,12,", demand, WOOD), &[("decision", "CUT", 4.0)]);
    // Two more chairs than hours, whatever is decided.
    let demand = "item,stream,m1,m2\nCHAIR,SHOP,12,0\nSTOOL,SHOP,0,0";
    check(&two_goods("production,CUT,,12,", demand, WOOD), &[("capacity", "SAW", 2.0), ("decision", "CUT", 6.0)]);
    // The stools are wanted too, though less: without the decision they would be short in place of the chairs.
    let demand = "item,stream,m1,m2\nCHAIR,SHOP,8,0\nSTOOL,SHOP,12,0";
    check(&two_goods("production,CUT,,12,", demand, WOOD), &[("decision", "CUT", 4.0)]);
    // They take the hours of the month before, in which chairs could have been made for the second.
    let demand = "item,stream,m1,m2\nCHAIR,SHOP,0,20\nSTOOL,SHOP,0,0";
    check(&two_goods("production,CUT,,12,", demand, WOOD), &[("decision", "CUT", 6.0)]);
    // It is the wood that they take: 36 of 48 boards.
    let scarce = "supplier,mode,m1,m2\nFOREST,regular,48,0";
    let demand = "item,stream,m1,m2\nCHAIR,SHOP,8,0\nSTOOL,SHOP,0,0";
    check(&two_goods("production,CUT,,12,", demand, scarce), &[("decision", "CUT", 4.0)]);
    // A decision that nobody lacks anything for is no cause.
    let demand = "item,stream,m1,m2\nCHAIR,SHOP,8,10\nSTOOL,SHOP,0,0";
    check(&two_goods("production,CUT,,4,", demand, WOOD), &[]);
    // Nothing decided takes nothing: that no stools are made is for want of hours, which chairs are worth more of.
    let demand = "item,stream,m1,m2\nCHAIR,SHOP,14,0\nSTOOL,SHOP,4,0";
    check(&two_goods("production,CUT,,0,", demand, WOOD), &[("capacity", "SAW", 8.0)]);
}

#[test]
fn a_decision_is_tried_as_taken_back_among_what_would_free_it() {
    let demand = "item,stream,m1,m2\nCHAIR,SHOP,12,0\nSTOOL,SHOP,0,0";
    let wood = "supplier,mode,m1,m2\nFOREST,regular,100,100";
    let tables = two_goods("production,CUT,,12,", demand, wood);
    let mut resolver = Resolver::new(SolveOptions::default());
    let plan = resolver.solve(read_network(&tables, "base").unwrap(), &mut |_| ()).unwrap();
    let found = reliefs(&plan, &mut resolver, &mut |_, _| ()).unwrap();
    let back = found.iter().find(|relief| relief.object == "CUT").unwrap();
    assert_eq!((back.step, &back.buckets[..], back.when.as_str()), (None, &[0][..], "m1"));
    assert!(near(back.units_freed, 6.0) && near(back.late_freed, 0.0), "{back:?}");
    // Six chairs more for twelve stools less: what they cost to make, to hold and in wood.
    assert!(near(back.saves, 6.0 * (100.0 - 16.0) + 12.0 * (8.0 + 6.0 + 2.0)), "{}", back.saves);
    assert!(resolver.was_warm(), "a decision taken back changes bounds only");
    let last = found.iter().rposition(|relief| relief.cost.is_some()).map_or(0, |at| at + 1);
    assert!(found[last..].is_sorted_by(|a, b| a.saves >= b.saves), "{found:?}");
}

/// Twelve wood are there, and more can be had a month later: enough for four chairs.
#[test]
fn a_decision_that_wants_for_material_names_what_there_is_of_it() {
    let late = "contract,item,loc,supplier,mode,lead_time,unit_cost\nBUY,WOOD,WORKS,FOREST,regular,1,2";
    let policy = "item,loc,initial,safety,max,hold_cost,ss_penalty\nCHAIR,WORKS,2,0,,1,0\nWOOD,WORKS,12,0,,0,0";
    let tables = with(with(decided("production,MAKE,,6,"), "contracts", late), "stock_policy", policy);
    let Err(SolveError::Infeasible(words)) = try_solve(&tables) else { unreachable!("a plan of too little wood") };
    let short = "the decision on production MAKE in m1 cannot be kept: 6 decided, 4 possible";
    let limit = "in conflict: what there is of WOOD@WORKS, 12 units at the start, as nothing more arrives in m1";
    assert_eq!(words, [short, limit]);
}

/// What a plan does, as decisions on all of it.
fn kept(plan: &Plan, tables: &Tables) -> Tables {
    let mut resolver = Resolver::new(SolveOptions::default());
    let table = study(plan, &Study::Quantities, &mut resolver, &mut |_, _| ()).unwrap();
    let columns = table.header.iter().map(|name| name.to_lowercase().into()).collect();
    let cell = |cell: &StudyCell| match cell {
        StudyCell::Text(text) => RawCell::Text(text.as_str().into()),
        StudyCell::Number(number) => RawCell::Number(*number),
        StudyCell::Unknown => RawCell::Blank,
    };
    let rows = table.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
    let mut tables = tables.clone();
    tables.insert("decisions".to_owned(), RawTable { columns, rows });
    tables
}

#[test]
fn to_keep_all_that_a_plan_does_is_a_plan_of_the_same_cost() {
    let mut instances = vec![
        one_factory(),
        two_goods(
            "",
            "item,stream,m1,m2\nCHAIR,SHOP,9.7,13.1\nSTOOL,SHOP,1.3,0.1",
            "supplier,mode,m1,m2\nFOREST,regular,40.1,31.7",
        ),
    ];
    instances.extend(shared().map(|folder| read_folder(&folder.join("s20"))));
    for tables in instances {
        let plan = solve(&tables);
        let again = solve(&kept(&plan, &tables));
        assert!(near(again.objective, plan.objective), "{} for {}", again.objective, plan.objective);
    }
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
