//! Questions to a plan: what they answer agrees with plans solved afresh.

use proptest::prelude::*;

use super::data::{Tables, one_factory, read_folder, shared, with};
use crate::supply::network::Network;
use crate::supply::study::{
    Change, ChangeError, Lever, Margin, Outcome, Relief, lever_choices, margins, reliefs, trade_off, what_if,
};
use crate::supply::{Plan, Resolver, SolveOptions, read_network, solve_network};

fn solved(network: Network) -> (Plan, Resolver) {
    let mut resolver = Resolver::new(SolveOptions::default());
    let plan = resolver.solve(network, &mut |_| ()).unwrap();
    (plan, resolver)
}

fn network(tables: &Tables) -> Network {
    read_network(tables, "base").unwrap()
}

fn near(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-6 * (1.0 + right.abs())
}

/// Thirty-two chairs asked for besides the two there are, thirty hours at most.
fn busy() -> Tables {
    let tables = with(one_factory(), "demand_base", "item,stream,m1,m2\nCHAIR,SHOP,14,20");
    with(tables, "capacity", "resource,kind,m1,m2\nSAW,regular_hours,10,12\nSAW,max_overtime_hours,4,4")
}

#[test]
fn one_hour_more_is_one_chair_more() {
    let (base, mut resolver) = solved(network(&busy()));
    let change = Change::read("capacity", "saw", "+1", "m2", "m2").unwrap();
    let answer = what_if(&base, &[change], &mut resolver).unwrap();
    assert!(near(answer.base.lost - answer.changed.lost, 1.0));
    // A lost chair costs 100, a made one 10 and three wood at 2.
    assert!(near(answer.base.objective - answer.changed.objective, 84.0), "{answer:?}");
    assert!(near(answer.changed.revenue - answer.base.revenue, 40.0));
    assert!(resolver.was_warm());
}

#[test]
fn changes_are_made_together_and_the_base_stays() {
    let (base, mut resolver) = solved(network(&busy()));
    let changes = [
        Change::read("overtime", "", "=0", "", "").unwrap(),
        Change::read("demand", "chair", "-50%", "m1", "").unwrap(),
    ];
    let answer = what_if(&base, &changes, &mut resolver).unwrap();
    assert!(near(answer.changed.demand, 17.0));
    assert!(near(answer.base.demand, 34.0));
    assert_eq!(answer.changed.costs.get(crate::supply::plan::CostKind::Overtime), 0.0);
}

#[test]
fn changes_of_nothing_say_what_there_is() {
    let mut held = network(&busy());
    let mut error = |lever: &str, of: &str, step: &str, from: &str, until: &str| {
        let change = Change::read(lever, of, step, from, until).and_then(|change| change.apply(&mut held));
        change.unwrap_err().to_string()
    };
    assert_eq!(error("capacity", "axe", "+1", "", ""), "no resource is called \"axe\": there are SAW");
    assert!(error("weather", "", "+1", "", "").contains("capacity, overtime"));
    assert!(error("capacity", "saw", "more", "", "").contains("+10%"));
    assert!(error("capacity", "saw", "+1", "m9", "").contains("from m1 to m2"));
    assert!(error("capacity", "saw", "+1", "m2", "m1").contains("after"));
    assert!(error("price", "chair", "+1", "m1", "").contains("all buckets"));
    assert!(error("storage", "works", "+1", "", "").contains("unlimited"));
    assert!(error("price", "chair", "=-4", "", "").contains("0 or more"));
    assert_eq!(Change::read("price", "chair", "=NaN", "", "").unwrap_err(), ChangeError::Step("=NaN".into()));
}

#[test]
fn every_lever_moves_what_it_is_called() {
    for choices in lever_choices(&network(&busy())) {
        // Of what there is no limit, there is nothing to add to.
        let step =
            if matches!(choices.lever, Lever::Storage | Lever::Throughput | Lever::LargestStock | Lever::LargestRun) {
                "=7"
            } else {
                "+7"
            };
        for name in choices.names {
            let mut changed = network(&busy());
            Change::read(choices.lever.key(), &name, step, "", "").unwrap().apply(&mut changed).unwrap();
            assert_ne!(changed, network(&busy()), "{} of {name}", choices.lever.key());
        }
    }
}

#[test]
fn what_would_free_it_is_found_with_its_price() {
    let (base, mut resolver) = solved(network(&busy()));
    let found = reliefs(&base, &mut resolver, &mut |_, _| ()).unwrap();
    let capacity = found.iter().find(|one| one.lever == Lever::Capacity).unwrap();
    // 1.1 hours in both months make 2 chairs that were lost, and 0.2 hours of overtime less; an hour costs 5 in overtime.
    assert!(near(capacity.units_freed, 2.0), "{capacity:?}");
    assert!(near(capacity.cost.unwrap(), 2.2 * 5.0), "{capacity:?}");
    assert!(capacity.saves_per_cost().unwrap() > 10.0);
    assert_eq!((capacity.object.as_str(), capacity.when.as_str()), ("SAW", "m1 to m2"));
    let order: Vec<f64> = found.iter().filter_map(|one| one.saves_per_cost()).collect();
    assert!(order.is_sorted_by(|a, b| a >= b), "{order:?}");
    let (idle, mut resolver) = solved(network(&with(busy(), "demand_base", "item,stream,m1,m2\nCHAIR,SHOP,0,0")));
    assert_eq!(reliefs(&idle, &mut resolver, &mut |_, _| ()).unwrap(), []);
}

/// The step found for a lever, or nothing.
fn relief_of(tables: &Tables, lever: Lever) -> Option<Relief> {
    let (base, mut resolver) = solved(network(tables));
    let found = reliefs(&base, &mut resolver, &mut |_, _| ()).unwrap();
    found.into_iter().find(|one| one.lever == lever)
}

/// Wood takes a month, so the first month's six chairs have none; an express delivers at once for 1.5 more.
#[test]
fn a_quicker_contract_frees_what_waits_for_it() {
    let slow = "contract,item,loc,supplier,mode,lead_time,unit_cost
BUY,WOOD,WORKS,FOREST,regular,1,2";
    let found = relief_of(&with(one_factory(), "contracts", slow), Lever::LeadTime).unwrap();
    assert_eq!((found.object.as_str(), found.when.as_str(), found.step), ("BUY", "m1", Some(1.0)));
    assert!(near(found.units_freed, 6.0) && found.cost.is_none(), "{found:?}");
    // A lost chair costs 100, a made one 16; two are made ahead for the second month, at 1, and not in overtime at 5.
    assert!(near(found.saves, 6.0 * 84.0 + 2.0 * 4.0), "{found:?}");
    let policy = "item,loc,initial,safety,max,hold_cost,ss_penalty\nCHAIR,WORKS,2,0,,1,0\nWOOD,WORKS,0,0,,0.1,0";
    let express = format!("{slow}\nFLY,WOOD,WORKS,WINGS,expedite,0,3.5");
    let tables = with(with(one_factory(), "stock_policy", policy), "contracts", &express);
    let tables = with(tables, "supplier_capacity", "supplier,mode,m1,m2\nFOREST,regular,100,100\nWINGS,expedite,6,6");
    let found = relief_of(&tables, Lever::LeadTime).unwrap();
    assert!(near(found.units_freed, 4.0), "{found:?}");
    assert!(near(found.cost.unwrap(), 24.0 * 1.5), "{found:?}");
}

#[test]
fn a_quicker_route_frees_what_waits_for_it() {
    let slow = with(one_factory(), "routings", "route,item,loc,lead_time,unit_cost\nMAKE,CHAIR,WORKS,1,10");
    let (base, mut resolver) = solved(network(&slow));
    let found = reliefs(&base, &mut resolver, &mut |_, _| ()).unwrap();
    let found = found.iter().find(|one| one.lever == Lever::LeadTime).unwrap();
    assert_eq!(found.object, "MAKE");
    assert!(near(found.units_freed, 6.0), "{found:?}");
    // Another shape of program leaves what was kept for the next question.
    what_if(&base, &[Change::read("capacity", "saw", "+1", "m2", "m2").unwrap()], &mut resolver).unwrap();
    assert!(resolver.was_warm());
    // What comes in time needs no quicker way.
    assert_eq!(relief_of(&busy(), Lever::LeadTime), None);
}

#[test]
fn larger_and_smaller_runs_free_what_they_keep_back() {
    let runs = |line: &str| {
        with(one_factory(), "routing_lot", &format!("route,fixed_cost,min_run,max_run,setup_hours\n{line}"))
    };
    // Six chairs a month at most; two are there, twenty are asked for.
    let found = relief_of(&runs("MAKE,0,0,6,0"), Lever::LargestRun).unwrap();
    assert!(near(found.step.unwrap(), 0.6) && near(found.units_freed, 1.2), "{found:?}");
    // Fifteen at least, and hours for fourteen: nothing is made at all, until 13.5 will do.
    let found = relief_of(&runs("MAKE,0,15,,0"), Lever::SmallestRun).unwrap();
    assert!(near(found.step.unwrap(), 1.5) && near(found.units_freed, 18.0), "{found:?}");
    assert_eq!(relief_of(&runs("MAKE,0,2,,0"), Lever::SmallestRun), None);
}

#[test]
fn lead_times_are_whole_buckets_and_never_a_circle() {
    let mut held = network(&busy());
    let mut change = |of: &str, step: &str| {
        Change::read("lead time", of, step, "", "").unwrap().apply(&mut held).map_err(|error| error.to_string())
    };
    assert!(change("make", "+0.5").unwrap_err().contains("whole number of buckets"));
    assert!(change("make", "+10%").is_ok(), "a tenth of nothing is nothing");
    assert_eq!(change("buy", "+2"), Ok(()));
    assert!(change("buy", "-5").unwrap_err().contains("is 2, so it cannot be 5 less"));
    assert_eq!(change("buy", "-2"), Ok(()));
    assert!(change("buy", "=20000").unwrap_err().contains("10000"));
    let two = with(busy(), "locations", "loc,type,storage_m3\nWORKS,plant,\nDEPOT,dc,");
    let policy = "item,loc,initial,safety,max,hold_cost,ss_penalty\nCHAIR,WORKS,2,0,,1,0\nCHAIR,DEPOT,0,0,,1,0\nWOOD,WORKS,0,0,,0,0";
    let lanes = "lane,from,to,mode,lead_time,cost_per_m3\nOUT,WORKS,DEPOT,road,0,1\nBACK,DEPOT,WORKS,road,1,1";
    let mut held = network(&with(with(two, "stock_policy", policy), "lanes", lanes));
    let circle = Change::read("lead time", "back", "-1", "", "").unwrap().apply(&mut held).unwrap_err();
    assert_eq!(circle, ChangeError::Loop("BACK".into()));
}

fn kept_for_safety(safety: f64) -> Tables {
    let policy =
        format!("item,loc,initial,safety,max,hold_cost,ss_penalty\nCHAIR,WORKS,2,{safety},,1,500\nWOOD,WORKS,0,0,,0,0");
    with(one_factory(), "stock_policy", &policy)
}

#[test]
fn more_service_takes_more_stock() {
    let (base, mut resolver) = solved(network(&kept_for_safety(3.29)));
    let points = trade_off(&base, &[0.95, 0.5, 0.9, 0.99], 0.95, &mut resolver, &mut |_, _| ()).unwrap();
    let levels: Vec<f64> = points.iter().map(|point| point.service_level).collect();
    assert_eq!(levels, [0.5, 0.9, 0.95, 0.99]);
    assert!(points[0].safety_stock.abs() < 1e-9, "half of all cycles need none");
    assert!(near(points[2].safety_stock, 3.29), "the present level needs the present stock");
    // 3.29 is 1.645 deviations, 2.33 of them give 99 %.
    assert!((points[3].safety_stock - 3.29 * 2.3263 / 1.6449).abs() < 1e-3);
    assert!(points.is_sorted_by(|a, b| a.stock <= b.stock && a.fill_rate <= b.fill_rate), "{points:?}");
    assert!(points.is_sorted_by(|a, b| a.plan_cost <= b.plan_cost + 1e-6 && a.chance_cost >= b.chance_cost - 1e-6));
    assert!(resolver.was_warm());
    let (none, mut resolver) = solved(network(&kept_for_safety(0.0)));
    let refused = trade_off(&none, &[0.9], 0.95, &mut resolver, &mut |_, _| ()).unwrap_err();
    assert!(refused.to_string().contains("safety stock"), "{refused}");
}

#[test]
fn a_study_of_a_real_network_is_warm_and_bounded_by_its_marginal_values() {
    let Some(folder) = shared() else { return };
    let held = read_network(&read_folder(&folder.join("s20")), "upside")
        .or_else(|_| read_network(&read_folder(&folder.join("s20")), "base"));
    let (base, mut resolver) = solved(held.unwrap());
    for one in reliefs(&base, &mut resolver, &mut |_, _| ()).unwrap() {
        let promise = one.marginal_value * one.step.unwrap() * one.buckets.len() as f64;
        let paid = if one.lever == Lever::Overtime { one.cost.unwrap_or_default() } else { 0.0 };
        // Lead times are no limits in which least cost is convex.
        let is_limit = one.lever != Lever::LeadTime;
        assert!(!is_limit || one.saves <= promise + paid + 1e-6 * base.objective, "{one:?}");
        assert!(one.saves >= 0.0 && resolver.was_warm(), "{one:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn a_what_if_is_the_plan_of_the_changed_network(
        lever in 0_usize..Lever::ALL.len(),
        factor in prop_oneof![0.0..3.0_f64, (0_u8..3).prop_map(f64::from)],
        asked in prop::array::uniform2(0_u8..40),
    ) {
        let tables = with(busy(), "demand_base", &format!("item,stream,m1,m2\nCHAIR,SHOP,{},{}", asked[0], asked[1]));
        let (base, mut resolver) = solved(network(&tables));
        let step = format!("={factor}");
        let change = Change::read(Lever::ALL[lever].key(), "", &step, "", "").unwrap();
        let mut changed = network(&tables);
        match change.apply(&mut changed) {
            // There are no lanes and decisions here, and lead times are whole buckets.
            Err(error) => {
                let is_right = match Lever::ALL[lever] {
                    Lever::Lane | Lever::FreightCost | Lever::Decision => true,
                    Lever::LeadTime => matches!(error, ChangeError::NotWhole { .. }),
                    _ => false,
                };
                prop_assert!(is_right, "{}", error);
            }
            Ok(()) => {
                let fresh = Outcome::of(&solve_network(changed, &SolveOptions::default(), &mut |_| ()).unwrap());
                let answer = what_if(&base, &[change], &mut resolver).unwrap();
                prop_assert!(near(answer.changed.objective, fresh.objective), "{} {}", answer.changed.objective, fresh.objective);
                prop_assert!(near(answer.base.objective, base.objective));
            }
        }
    }
}

/// Ten hours and thirty boards give out at the same chair: whatever the prices say, one more of either alone saves nothing, and one
/// less costs what a chair is worth.
#[test]
fn a_price_that_holds_in_one_direction_only_is_told_by_a_re_solve() {
    let tried = |boards: &str| {
        let changes = [
            (
                "stock_policy",
                "item,loc,initial,safety,max,hold_cost,ss_penalty\nCHAIR,WORKS,0,0,,1,0\nWOOD,WORKS,0,0,0,0,0"
                    .to_owned(),
            ),
            ("capacity", "resource,kind,m1,m2\nSAW,regular_hours,10,10\nSAW,max_overtime_hours,0,0".to_owned()),
            ("supplier_capacity", format!("supplier,mode,m1,m2\nFOREST,regular,{boards},90")),
            ("demand_base", "item,stream,m1,m2\nCHAIR,SHOP,14,0".to_owned()),
        ];
        let tables = changes.iter().fold(one_factory(), |tables, (name, text)| with(tables, name, text));
        let (plan, mut resolver) = solved(network(&tables));
        margins(&plan, &mut resolver, &mut |_, _| ()).unwrap()
    };
    let of = |found: &[Margin], object: &str| found.iter().find(|one| one.object.starts_with(object)).cloned();
    // A chair saves 100 less 16; without a rival, one more hour makes one more.
    let saw = of(&tried("90"), "SAW").unwrap();
    assert_eq!(saw.bucket, Some(0));
    let all = [Some(saw.marginal_value), saw.one_more, saw.one_less];
    assert!(all.into_iter().all(|one| near(one.unwrap(), 84.0)), "{saw:?}");
    let both = tried("30");
    let rivals: Vec<Margin> = ["SAW", "FOREST"].iter().filter_map(|object| of(&both, object)).collect();
    assert!(!rivals.is_empty());
    for margin in rivals {
        assert!(near(margin.one_more.unwrap(), 0.0) && margin.marginal_value > 1.0, "{margin:?}");
        assert!(margin.one_less.unwrap() >= margin.marginal_value - 1e-6, "{margin:?}");
    }
}
