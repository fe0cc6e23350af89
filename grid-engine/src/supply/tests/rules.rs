//! Rules that every plan keeps, on one small factory and random variations of it.

use proptest::prelude::*;

use super::data::{Tables, one_factory, with};
use crate::supply::plan::{CostKind, Status};
use crate::supply::reasons::Limit;
use crate::supply::verify::verify;
use crate::supply::{Objective, Phase, Plan, SolveError, SolveOptions, solve_tables};

fn try_solve(tables: &Tables, objective: Objective) -> Result<Plan, SolveError> {
    let options = SolveOptions { objective, ..SolveOptions::default() };
    let plan = solve_tables(tables, &options, &mut |_| ())?;
    assert_eq!(verify(&plan), []);
    Ok(plan)
}

fn solve(tables: &Tables) -> Plan {
    try_solve(tables, Objective::Cost).unwrap()
}

fn demand(first: f64, second: f64) -> String {
    format!("item,stream,m1,m2\nCHAIR,SHOP,{first},{second}")
}

fn capacity(hours: [f64; 2], overtime: f64) -> String {
    let [first, second] = hours;
    format!("resource,kind,m1,m2\nSAW,regular_hours,{first},{second}\nSAW,max_overtime_hours,{overtime},{overtime}")
}

fn near(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-6 * (1.0 + right.abs())
}

/// 18 chairs at 10 and 3 wood at 2 each; two of them made a month early at 1 instead of overtime at 5.
#[test]
fn the_cheapest_plan_builds_ahead_before_it_pays_overtime() {
    let plan = solve(&one_factory());
    assert_eq!(plan.status, Status::Optimal);
    assert!(near(plan.objective, 290.0));
    assert!(near(plan.costs.get(CostKind::Purchase), 108.0) && near(plan.costs.get(CostKind::Holding), 2.0));
    let chairs = &plan.stock_series()[0];
    assert_eq!((chairs.stock[0], chairs.production[1], chairs.served[1]), (2.0, 10.0, 12.0));
    let saw = &plan.utilisation_series()[0];
    assert_eq!((saw.hours[0], saw.available[0], saw.overtime[1]), (8.0, 10.0, 0.0));
    assert!(near(saw.marginal_value[1], 1.0), "one more hour in m2 saves a month of holding");
    let customer = &plan.customer_series()[0];
    assert!(near(customer.supply_cost.iter().sum::<f64>(), 290.0));
    assert!(
        near(customer.opening_value.iter().sum::<f64>(), 2.0 * 16.0),
        "the two chairs there were, at standard cost"
    );
    assert!(near(customer.cost_of_goods_sold().iter().sum::<f64>(), 290.0 + 32.0), "nothing is left of either");
}

#[test]
fn phases_are_told_in_order() {
    let mut phases = Vec::new();
    solve_tables(&one_factory(), &SolveOptions::default(), &mut |phase| phases.push(phase)).unwrap();
    assert_eq!(phases, [Phase::Check, Phase::Build, Phase::Solve { rows: 10, columns: 16 }, Phase::Explain]);
}

#[test]
fn what_is_lost_is_blamed_on_what_is_scarce() {
    let blamed = |tables: Tables| -> Vec<(&'static str, String, f64)> {
        let plan = solve(&tables);
        let name = |limit: Limit| (limit.class(), limit.object(&plan.network));
        let mut blamed: Vec<(&'static str, String, f64)> = Vec::new();
        for reason in &plan.reasons {
            let (class, object) = name(reason.cause);
            match blamed.iter_mut().find(|(known, other, _)| *known == class && *other == object) {
                Some(known) => known.2 += reason.quantity,
                None => blamed.push((class, object, reason.quantity)),
            }
        }
        blamed
    };
    // 30 hours at most, 32 chairs asked for besides the two there are.
    let busy = with(one_factory(), "demand_base", &demand(14.0, 20.0));
    let busy = with(busy, "capacity", &capacity([10.0, 12.0], 4.0));
    assert_eq!(blamed(busy), [("capacity", "SAW".to_owned(), 2.0)]);
    let dry = with(one_factory(), "supplier_capacity", "supplier,mode,m1,m2\nFOREST,regular,100,24");
    let dry = with(dry, "bom", "route,component,qty_per\nMAKE,WOOD,12");
    let dry = with(dry, "demand_base", &demand(2.0, 12.0));
    let dry = with(dry, "capacity", &capacity([0.0, 40.0], 0.0));
    let dry = with(
        dry,
        "stock_policy",
        "item,loc,initial,safety,max,hold_cost,ss_penalty\n\
        CHAIR,WORKS,2,0,,1,0\nWOOD,WORKS,0,0,0,0,0",
    );
    assert_eq!(blamed(dry), [("material", "FOREST".to_owned(), 10.0)]);
    let slow = "contract,item,loc,supplier,mode,lead_time,unit_cost\nBUY,WOOD,WORKS,FOREST,regular,1,2";
    let slow = with(one_factory(), "contracts", slow);
    assert_eq!(blamed(slow), [("leadtime", "WOOD".to_owned(), 6.0)]);
    let cheap = "item,channel,late_cost,lost_cost\nCHAIR,RETAIL,3,12";
    let cheap = with(one_factory(), "service_cost", cheap);
    let not_worth_it = blamed(cheap);
    assert_eq!(not_worth_it.len(), 1);
    assert_eq!(not_worth_it[0].0, "economic");
}

#[test]
fn late_units_are_served_later_and_cost_by_the_period() {
    let tables = with(one_factory(), "streams", "stream,region,channel,loc,allow_backlog\nSHOP,NORTH,RETAIL,WORKS,1");
    let tables = with(tables, "demand_base", &demand(20.0, 0.0));
    let plan = solve(&tables);
    // 2 at hand, 10 in time; 8 a month late at 3 rather than 4 of them in overtime at 5.
    assert_eq!(plan.quantities.backlog.of(0), [8.0, 0.0]);
    assert!(near(plan.costs.get(CostKind::Late), 24.0));
    assert!(near(plan.served_on_time_units(), 12.0));
}

/// Units late and lost are counted over the whole plan: a share of them, however small, would be many units of a plan that can serve few.
#[test]
fn not_a_unit_of_service_is_given_away_for_cost() {
    let cheap = with(one_factory(), "service_cost", "item,channel,late_cost,lost_cost\nCHAIR,RETAIL,0,1");
    let plan = try_solve(&with(cheap, "demand_base", &demand(8.0, 3e6)), Objective::Service).unwrap();
    // Twenty in regular hours, eight in overtime, and the two there are.
    assert!(near(plan.served_units(), 30.0), "{}", plan.served_units());
}

#[test]
fn service_comes_before_cost_and_profit_sells_only_what_pays() {
    let cheap = with(one_factory(), "service_cost", "item,channel,late_cost,lost_cost\nCHAIR,RETAIL,0,1");
    assert!(near(solve(&cheap).lost_units(), 18.0), "least cost loses what costs more to make");
    assert!(near(try_solve(&cheap, Objective::Service).unwrap().lost_units(), 0.0));
    let profit = try_solve(&cheap, Objective::Profit).unwrap();
    assert!(near(profit.lost_units(), 0.0));
    assert!(near(profit.objective, 290.0 - 20.0 * 40.0));
}

#[test]
fn fair_share_keeps_regions_within_a_band_of_each_other() {
    let streams = "stream,region,channel,loc,allow_backlog\nSHOP,NORTH,RETAIL,WORKS,0\nSTALL,SOUTH,MARKET,WORKS,0";
    let tables = with(one_factory(), "streams", streams);
    let tables = with(tables, "demand_base", "item,stream,m1,m2\nCHAIR,SHOP,20,20\nCHAIR,STALL,10,10");
    let costs = "item,channel,late_cost,lost_cost\nCHAIR,RETAIL,3,200\nCHAIR,MARKET,3,100";
    let tables = with(tables, "service_cost", costs);
    let fills = |objective: Objective, band: f64| {
        let options = SolveOptions { objective, fair_band: band, ..SolveOptions::default() };
        let plan = solve_tables(&tables, &options, &mut |_| ()).unwrap();
        assert_eq!(verify(&plan), []);
        let lost = |demand: usize| plan.quantities.lost.of(demand).iter().sum::<f64>();
        let told: f64 = plan.reasons.iter().map(|reason| reason.quantity).sum();
        assert!(near(told, lost(0) + lost(1)), "every unit lost has its cause");
        ([1.0 - lost(0) / 40.0, 1.0 - lost(1) / 20.0], plan.lost_units())
    };
    let ([north, south], least) = fills(Objective::Cost, 0.0);
    assert!(north - south > 0.5, "least cost serves the dearer customer alone: {north} {south}");
    for band in [0.0, 0.1] {
        let ([north, south], lost) = fills(Objective::FairShare, band);
        assert!(near(north - south, band), "{band}: {north} {south}");
        assert!(near(lost, least), "fairness wastes nothing here");
    }
}

#[test]
fn c2_what_cannot_be_met_is_said_in_words() {
    let must = "stream,region,channel,loc,allow_backlog,allow_lost\nSHOP,NORTH,RETAIL,WORKS,0,0";
    let tables = with(one_factory(), "streams", must);
    let tables = with(tables, "demand_base", &demand(8.0, 40.0));
    let Err(SolveError::Infeasible(words)) = try_solve(&tables, Objective::Cost) else { panic!("feasible") };
    assert_eq!(words[0], "demand CHAIR>SHOP in m2 cannot be met: 18 units short");
    assert!(words[1].starts_with("in conflict: hours of SAW in m1, m2"), "{words:?}");
    let policy = "item,loc,initial,safety,max,hold_cost,ss_penalty,terminal_min\n\
                  CHAIR,WORKS,2,0,,1,0,99\nWOOD,WORKS,0,0,,0,0,0";
    let tables = with(with(one_factory(), "stock_policy", policy), "demand_base", &demand(0.0, 0.0));
    let Err(SolveError::Infeasible(words)) = try_solve(&tables, Objective::Cost) else { panic!("feasible") };
    assert_eq!(words[0], "stock of CHAIR@WORKS after the last period cannot be met: 69 units short");
}

#[test]
fn unasked_receipts_without_room_are_thrown_away_not_infeasible() {
    let policy = "item,loc,initial,safety,max,hold_cost,ss_penalty\nCHAIR,WORKS,50,0,5,1,0\nWOOD,WORKS,0,0,,0,0";
    let plan = solve(&with(one_factory(), "stock_policy", policy));
    assert!(near(plan.quantities.disposal.total(), 50.0 - 8.0 - 5.0));
    assert!(plan.costs.get(CostKind::Disposal) > 0.0);
}

#[test]
fn lots_run_whole_or_not_at_all() {
    let lots = "route,fixed_cost,min_run,max_run,setup_hours\nMAKE,50,5,,1";
    let tables = with(with(one_factory(), "routing_lot", lots), "demand_base", &demand(3.0, 4.0));
    let plan = solve(&tables);
    assert_eq!(plan.quantities.running.of(0), [1.0, 0.0], "one run serves both months");
    assert!(near(plan.costs.get(CostKind::Fixed), 50.0));
    assert!(near(plan.utilisation_series()[0].hours[0], 6.0));
}

#[test]
fn runs_keep_to_their_largest_size_and_setups_take_hours() {
    let runs = |lots: &str| {
        let lots = format!("route,fixed_cost,min_run,max_run,setup_hours\n{lots}");
        let tables = with(with(one_factory(), "routing_lot", &lots), "demand_base", &demand(20.0, 20.0));
        solve(&with(tables, "capacity", &capacity([10.0, 10.0], 0.0))).quantities.made.of(0).to_vec()
    };
    assert_eq!(runs("MAKE,1,0,6,0"), [6.0, 6.0], "with a switch");
    assert_eq!(runs("MAKE,0,0,6,0"), [6.0, 6.0], "without one");
    assert_eq!(runs("MAKE,0,0,,3"), [7.0, 7.0], "three of ten hours are gone");
}

/// Wood on hand costs 5 a month to hold, a chair made of it next to nothing: it pays to make more than anybody asks for.
#[test]
fn runs_may_clear_stock_that_is_dear_to_hold() {
    let policy = "item,loc,initial,safety,max,hold_cost,ss_penalty\nCHAIR,WORKS,0,0,,0.1,0\nWOOD,WORKS,1500,0,,5,0";
    let tables = with(with(one_factory(), "stock_policy", policy), "capacity", &capacity([900.0, 900.0], 0.0));
    let tables = with(tables, "routing_lot", "route,fixed_cost,min_run,max_run,setup_hours\nMAKE,50,20,450,0");
    let plan = solve(&tables);
    assert_eq!(plan.quantities.made.of(0), [450.0, 50.0]);
}

/// One worker gives ten hours and two of overtime; a second may not be hired at that price.
#[test]
fn workers_limit_their_overtime() {
    let crew =
        "resource,initial,hours_per_worker,ot_hours_per_worker,wage,hire_cost,fire_cost,integer\nSAW,1,10,2,0,9999,0,1";
    let tables = with(with(one_factory(), "workforce", crew), "capacity", &capacity([0.0, 0.0], 0.0));
    let plan = solve(&with(tables, "demand_base", &demand(20.0, 20.0)));
    assert_eq!((plan.quantities.made.of(0), plan.quantities.overtime.of(0)), (&[12.0, 12.0][..], &[2.0, 2.0][..]));
    assert_eq!(plan.quantities.workers.of(0), [1.0, 1.0]);
}

#[test]
fn no_more_is_received_than_a_place_can_take() {
    let tables = with(one_factory(), "locations", "loc,type,storage_m3,throughput\nWORKS,plant,,\nDEPOT,dc,,5");
    let policy = "item,loc,initial,safety,max,hold_cost,ss_penalty\nCHAIR,WORKS,0,0,,1,0\nCHAIR,DEPOT,0,0,,1,0\nWOOD,WORKS,0,0,,0,0";
    let tables = with(
        with(tables, "stock_policy", policy),
        "lanes",
        "lane,from,to,mode,lead_time,cost_per_m3\nTRUCK,WORKS,DEPOT,road,0,1",
    );
    let tables = with(tables, "streams", "stream,region,channel,loc,allow_backlog\nSHOP,NORTH,RETAIL,DEPOT,0");
    let plan = solve(&with(tables, "demand_base", &demand(8.0, 8.0)));
    assert_eq!(plan.quantities.shipped.of(0), [5.0, 5.0]);
    let blamed: Vec<_> = plan.reasons.iter().map(|reason| (reason.cause.class(), reason.quantity)).collect();
    assert_eq!(blamed, [("throughput", 3.0), ("throughput", 3.0)]);
}

#[test]
fn c2_huge_but_accepted_numbers_are_solved() {
    let plan = solve(&with(one_factory(), "capacity", &capacity([1e12, 1e12], 1e12)));
    assert!(near(plan.objective, 18.0 * 16.0));
}

#[test]
fn equal_inputs_give_equal_plans() {
    let tables = with(one_factory(), "demand_base", &demand(13.0, 17.0));
    assert_eq!(solve(&tables).quantities, solve(&tables).quantities);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn more_hours_never_cost_more(
        asked in (0_u8..40, 0_u8..40),
        hours in (0_u8..20, 0_u8..20),
        more in (0_u8..20, 0_u8..20),
    ) {
        let tables = with(one_factory(), "demand_base", &demand(asked.0.into(), asked.1.into()));
        let few = capacity([hours.0.into(), hours.1.into()], 2.0);
        let many = capacity([f64::from(hours.0) + f64::from(more.0), f64::from(hours.1) + f64::from(more.1)], 2.0);
        let (few, many) = (solve(&with(tables.clone(), "capacity", &few)), solve(&with(tables, "capacity", &many)));
        prop_assert!(many.objective <= few.objective + 1e-6);
        // What the prices promise is a bound on what more hours save.
        let promised: f64 = few.prices.hour.of(0).iter().zip([more.0, more.1]).map(|(price, by)| price * f64::from(by)).sum();
        prop_assert!(few.objective - many.objective <= promised + 1e-6);
    }

    /// A set-up cost is paid where it pays: no other choice of months to run in is better.
    #[test]
    fn runs_are_those_of_the_best_choice_of_months(
        asked in prop::array::uniform2(0_u8..30),
        wood in 0_u16..300,
        hold in prop::array::uniform2(0_u8..9),
        fixed in 1_u8..200,
        most in 1_u8..90,
    ) {
        let policy = format!(
            "item,loc,initial,safety,max,hold_cost,ss_penalty\nCHAIR,WORKS,0,4,,{},2\nWOOD,WORKS,{wood},0,,{},0", hold[0], hold[1]
        );
        let tables = with(with(one_factory(), "stock_policy", &policy), "capacity", &capacity([200.0, 200.0], 0.0));
        let tables = with(tables, "demand_base", &demand(asked[0].into(), asked[1].into()));
        let lots = format!("route,fixed_cost,min_run,max_run,setup_hours\nMAKE,{fixed},0,{most},0");
        let chosen = solve(&with(tables.clone(), "routing_lot", &lots)).objective;
        let choices = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(first, second)| {
            let limits = format!("route,kind,m1,m2\nMAKE,max_run,{},{}", first * u32::from(most), second * u32::from(most));
            solve(&with(tables.clone(), "routing_lot_wide", &limits)).objective + f64::from((first + second) * u32::from(fixed))
        });
        let best = choices.into_iter().fold(f64::INFINITY, f64::min);
        prop_assert!(near(chosen, best), "{chosen} {choices:?}");
    }

    #[test]
    fn without_demand_only_stock_costs(initial in 0_u8..50, safety in 0_u8..50) {
        let policy = format!(
            "item,loc,initial,safety,max,hold_cost,ss_penalty\nCHAIR,WORKS,{initial},{safety},,1,2\nWOOD,WORKS,0,0,,0,0"
        );
        let tables = with(with(one_factory(), "stock_policy", &policy), "demand_base", &demand(0.0, 0.0));
        let plan = solve(&tables);
        let stock = plan.costs.get(CostKind::Holding) + plan.costs.get(CostKind::SafetyPenalty);
        prop_assert!(near(plan.objective, stock), "making chairs to fill safety stock costs more than its penalty here");
        prop_assert!(plan.reasons.is_empty());
    }

    #[test]
    fn costs_and_causes_always_add_up(
        asked in prop::array::uniform2(0_u8..60),
        wood in prop::array::uniform2(0_u8..90),
        initial in 0_u8..20,
        safety in 0_u8..20,
        lead_time in 0_usize..3,
    ) {
        let policy = format!(
            "item,loc,initial,safety,max,hold_cost,ss_penalty\nCHAIR,WORKS,{initial},{safety},,1,150\nWOOD,WORKS,5,3,,0.1,1"
        );
        let tables = with(one_factory(), "stock_policy", &policy);
        let tables = with(tables, "demand_base", &demand(asked[0].into(), asked[1].into()));
        let supply = format!("supplier,mode,m1,m2\nFOREST,regular,{},{}", wood[0], wood[1]);
        let tables = with(tables, "supplier_capacity", &supply);
        let contract = format!(
            "contract,item,loc,supplier,mode,lead_time,unit_cost\nBUY,WOOD,WORKS,FOREST,regular,{lead_time},2"
        );
        let plan = solve(&with(tables, "contracts", &contract));
        let pegged: f64 = plan.cost_to_serve.pegs.iter().map(|peg| peg.amount).sum();
        prop_assert!(near(pegged, plan.costs.total()) && near(plan.costs.total(), plan.objective));
        let blamed: f64 = plan.reasons.iter().map(|reason| reason.quantity).sum();
        prop_assert!(near(blamed, plan.lost_units() + plan.late_unit_periods()));
        prop_assert!(plan.reasons.iter().all(|reason| reason.quantity > 0.0));
    }
}
