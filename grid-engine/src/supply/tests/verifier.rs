//! The verifier is only worth what it finds: every rule broken on purpose in a sound plan is named.

use super::data::{Tables, one_factory, with};
use crate::supply::plan::Quantities;
use crate::supply::verify::verify;
use crate::supply::{Plan, SolveOptions, solve_tables};

/// Two factories' worth of rules: a depot behind a lane, room and goods received limited, safety and largest stocks, workers
/// that are whole, runs with a least and a largest size.
fn everything() -> Tables {
    let tables = [
        ("locations", "loc,type,storage_m3,throughput\nWORKS,plant,50,\nDEPOT,dc,20,30"),
        (
            "stock_policy",
            "item,loc,initial,safety,max,hold_cost,ss_penalty,terminal_min\nCHAIR,WORKS,2,0,,1,0,\n\
             CHAIR,DEPOT,3,2,9,1,50,1\nWOOD,WORKS,0,0,,0.1,0,",
        ),
        ("lanes", "lane,from,to,mode,lead_time,cost_per_m3\nTRUCK,WORKS,DEPOT,road,0,0.5"),
        ("lane_capacity", "lane,m1,m2\nTRUCK,10,10"),
        ("streams", "stream,region,channel,loc,allow_backlog\nSHOP,NORTH,RETAIL,DEPOT,0"),
        (
            "workforce",
            "resource,initial,hours_per_worker,ot_hours_per_worker,wage,hire_cost,fire_cost,integer\nSAW,1,5,2,1,3,3,1",
        ),
        ("capacity", "resource,kind,m1,m2\nSAW,regular_hours,0,0\nSAW,max_overtime_hours,0,0"),
        ("routing_lot", "route,fixed_cost,min_run,max_run,setup_hours\nMAKE,1,3,12,0"),
        ("contracts", "contract,item,loc,supplier,mode,lead_time,unit_cost\nBUY,WOOD,WORKS,FOREST,regular,0,2"),
        ("supplier_capacity", "supplier,mode,m1,m2\nFOREST,regular,40,40"),
        ("demand_base", "item,stream,m1,m2\nCHAIR,SHOP,8,9"),
    ];
    tables.into_iter().fold(one_factory(), |tables, (name, text)| with(tables, name, text))
}

fn solved(tables: &Tables) -> Plan {
    let plan = solve_tables(tables, &SolveOptions::default(), &mut |_| ()).unwrap();
    assert_eq!(verify(&plan), []);
    plan
}

/// The rules found broken after a change to the quantities of the plan.
fn broken(plan: &Plan, change: impl Fn(&mut Quantities)) -> Vec<String> {
    let mut plan = plan.clone();
    change(&mut plan.quantities);
    verify(&plan).into_iter().map(|violation| violation.rule).collect()
}

#[test]
fn every_quantity_out_of_balance_is_found() {
    let plan = solved(&everything());
    let finds = |rule: &str, change: &dyn Fn(&mut Quantities)| {
        let found = broken(&plan, change);
        assert!(found.iter().any(|name| name == rule), "{rule} is not among {found:?}");
    };
    let chairs_at_works = "balance of CHAIR@WORKS";
    finds(chairs_at_works, &|plan| plan.made.of_mut(0)[0] += 1.0);
    finds("balance of WOOD@WORKS", &|plan| plan.made.of_mut(0)[0] += 1.0);
    finds("balance of WOOD@WORKS", &|plan| plan.bought.of_mut(0)[0] += 1.0);
    finds(chairs_at_works, &|plan| plan.shipped.of_mut(0)[1] += 1.0);
    finds("balance of CHAIR@DEPOT", &|plan| plan.shipped.of_mut(0)[1] += 1.0);
    finds("balance of CHAIR@DEPOT", &|plan| plan.stock.of_mut(1)[0] += 1.0);
    finds("balance of CHAIR@DEPOT", &|plan| plan.served.of_mut(0)[0] += 1.0);
    finds("balance of CHAIR@DEPOT", &|plan| plan.disposal.of_mut(1)[1] += 1.0);
    finds("demand CHAIR>SHOP", &|plan| plan.served.of_mut(0)[0] += 1.0);
    finds("demand CHAIR>SHOP", &|plan| plan.lost.of_mut(0)[1] += 1.0);
    finds("demand CHAIR>SHOP", &|plan| plan.backlog.of_mut(0)[0] += 1.0);
    finds("workers of SAW", &|plan| plan.hired.of_mut(0)[1] += 1.0);
    finds("workers of SAW", &|plan| plan.fired.of_mut(0)[1] += 1.0);
    finds("workers of SAW", &|plan| plan.overtime.of_mut(0)[0] += 100.0);
    finds("workers of SAW", &|plan| plan.workers.of_mut(0)[0] += 0.5);
}

#[test]
fn every_limit_passed_is_found() {
    let plan = solved(&everything());
    let finds = |rule: &str, change: &dyn Fn(&mut Quantities)| {
        let found = broken(&plan, change);
        assert!(found.iter().any(|name| name == rule), "{rule} is not among {found:?}");
    };
    finds("hours of SAW", &|plan| plan.made.of_mut(0)[0] += 100.0);
    finds("lots of MAKE", &|plan| plan.made.of_mut(0)[0] = 13.0);
    finds("lots of MAKE", &|plan| plan.made.of_mut(0)[0] = 1.0);
    finds("lots of MAKE", &|plan| plan.running.of_mut(0)[0] = 0.0);
    finds("lots of MAKE", &|plan| plan.running.of_mut(0)[0] = 0.6);
    finds("lane TRUCK", &|plan| plan.shipped.of_mut(0)[0] += 100.0);
    finds("throughput of DEPOT", &|plan| plan.shipped.of_mut(0)[0] += 100.0);
    finds("storage in DEPOT", &|plan| plan.stock.of_mut(1)[0] += 100.0);
    finds("maximum stock of CHAIR@DEPOT", &|plan| plan.stock.of_mut(1)[0] = 10.0);
    finds("safety stock of CHAIR@DEPOT", &|plan| plan.stock.of_mut(1)[0] = 0.0);
    finds("terminal stock of CHAIR@DEPOT", &|plan| plan.stock.of_mut(1)[1] = 0.5);
    finds("supplier FOREST:regular", &|plan| plan.bought.of_mut(0)[0] += 100.0);
    for value in [-1.0, f64::NAN, f64::INFINITY] {
        finds("stock is a quantity", &|plan| plan.stock.of_mut(1)[0] = value);
        finds("production is a quantity", &|plan| plan.made.of_mut(0)[0] = value);
        finds("overtime is a quantity", &|plan| plan.overtime.of_mut(0)[0] = value);
        finds("lost is a quantity", &|plan| plan.lost.of_mut(0)[0] = value);
    }
}

#[test]
fn what_is_too_early_or_not_allowed_is_found() {
    let slow = "contract,item,loc,supplier,mode,lead_time,unit_cost\nBUY,WOOD,WORKS,FOREST,regular,1,2";
    let plan = solved(&with(one_factory(), "contracts", slow));
    let found = broken(&plan, |plan| plan.bought.of_mut(0)[0] = 1.0);
    assert!(found.contains(&"lead time of contract BUY".to_owned()), "{found:?}");
    let found = broken(&plan, |plan| plan.overtime.of_mut(0)[1] = 5.0);
    assert!(found.contains(&"hours of SAW".to_owned()), "overtime beyond its limit: {found:?}");
    let must = "stream,region,channel,loc,allow_backlog,allow_lost\nSHOP,NORTH,RETAIL,WORKS,0,0";
    let plan = solved(&with(one_factory(), "streams", must));
    let found = broken(&plan, |plan| {
        plan.lost.of_mut(0)[0] = 1.0;
        plan.served.of_mut(0)[0] -= 1.0;
        plan.stock.of_mut(0).iter_mut().for_each(|stock| *stock += 1.0);
    });
    assert_eq!(found, ["demand CHAIR>SHOP"], "nobody may be left unserved");
}

#[test]
fn a_decision_that_is_not_kept_is_found() {
    let decisions = "kind,object,item,m1,m2\nproduction,MAKE,,5,\npurchase,BUY,,,5\nshipment,TRUCK,CHAIR,4,";
    let plan = solved(&with(everything(), "decisions", decisions));
    let finds = |rule: &str, change: &dyn Fn(&mut Quantities)| {
        let found = broken(&plan, change);
        assert!(found.iter().any(|name| name == rule), "{rule} is not among {found:?}");
    };
    finds("decision on production MAKE", &|plan| plan.made.of_mut(0)[0] -= 1.0);
    finds("decision on purchase BUY", &|plan| plan.bought.of_mut(0)[1] += 1.0);
    finds("decision on shipment TRUCK:CHAIR", &|plan| plan.shipped.of_mut(0)[0] += 1.0);
    let free = broken(&plan, |plan| plan.made.of_mut(0)[1] += 1.0);
    assert!(!free.iter().any(|name| name.starts_with("decision")), "{free:?}");
}
