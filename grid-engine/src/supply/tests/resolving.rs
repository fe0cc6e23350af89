//! A plan solved from the last one is as good as one solved afresh.

use proptest::prelude::*;

use super::data::{read_folder, shared};
use crate::supply::network::Network;
use crate::supply::verify::verify;
use crate::supply::{Objective, Resolver, SolveOptions, read_network, solve_network};

fn network(instance: &str) -> Option<Network> {
    Some(read_network(&read_folder(&shared()?.join(instance)), "base").unwrap())
}

/// One number of a network changed: which kind, of which object, in which period, by which factor.
type Change = (u8, prop::sample::Index, prop::sample::Index, f64);

fn apply(network: &mut Network, (kind, object, period, factor): &Change) {
    let at = period.index(network.periods.len());
    let scale = |value: &mut f64| *value *= factor;
    match kind % 8 {
        0 => scale(&mut object.get_mut(&mut network.resources).regular_hours[at]),
        1 => scale(&mut object.get_mut(&mut network.suppliers).capacity[at]),
        2 => scale(&mut object.get_mut(&mut network.demands).quantity[at]),
        3 => scale(&mut object.get_mut(&mut network.lanes).capacity_m3[at]),
        4 => scale(&mut object.get_mut(&mut network.contracts).unit_cost),
        5 => scale(&mut object.get_mut(&mut network.nodes).safety),
        6 => scale(&mut object.get_mut(&mut network.resources).max_overtime_hours[at]),
        _ => scale(&mut object.get_mut(&mut network.routes).unit_cost[at]),
    }
}

fn change() -> impl Strategy<Value = Change> {
    (any::<u8>(), any::<prop::sample::Index>(), any::<prop::sample::Index>(), prop_oneof![Just(0.0), 0.0..3.0_f64])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn changed_numbers_give_the_optimum_of_a_fresh_solve(changes in prop::collection::vec(change(), 1..5), aim in 0_u8..3) {
        let Some(mut network) = network("s20") else { return Ok(()) };
        let objective = [Objective::Cost, Objective::Profit, Objective::FairShare][usize::from(aim)];
        let options = SolveOptions { objective, ..SolveOptions::default() };
        let mut resolver = Resolver::new(options.clone());
        resolver.solve(network.clone(), &mut |_| ()).unwrap();
        for change in &changes {
            apply(&mut network, change);
            let again = resolver.solve(network.clone(), &mut |_| ()).unwrap();
            let fresh = solve_network(network.clone(), &options, &mut |_| ()).unwrap();
            let near = (again.objective - fresh.objective).abs() <= 1e-6 * fresh.objective.abs();
            prop_assert!(near, "{} {} after {change:?}", again.objective, fresh.objective);
            // Fill rates divide by demand: there it is a coefficient.
            let rates_moved = objective == Objective::FairShare && change.0 % 8 == 2;
            prop_assert!(resolver.was_warm() || rates_moved, "{change:?}");
            prop_assert_eq!(verify(&again), []);
        }
    }
}

#[test]
fn a_plan_that_cannot_begin_from_the_last_one_is_left_to_others() {
    let Some(mut network) = network("s20") else { return };
    let options = SolveOptions::default();
    let mut resolver = Resolver::new(options.clone());
    assert!(resolver.solve_again(network.clone(), &mut |_| ()).unwrap().is_none(), "there is no last plan");
    resolver.solve(network.clone(), &mut |_| ()).unwrap();
    network.resources[0].regular_hours[3] *= 0.5;
    let again = resolver.solve_again(network.clone(), &mut |_| ()).unwrap().unwrap();
    let fresh = solve_network(network.clone(), &options, &mut |_| ()).unwrap();
    assert!((again.objective - fresh.objective).abs() <= 1e-6 * fresh.objective.abs());
    let mut other = network.clone();
    other.routes[0].hours[0].1 *= 2.0;
    assert!(resolver.solve_again(other, &mut |_| ()).unwrap().is_none(), "a coefficient is another program");
    network.resources[0].regular_hours[4] *= 0.5;
    assert!(resolver.solve_again(network, &mut |_| ()).unwrap().is_some(), "the last plan is still there");
}

#[test]
fn service_first_is_kept_in_both_its_steps() {
    let Some(mut network) = network("s20") else { return };
    let options = SolveOptions { objective: Objective::Service, ..SolveOptions::default() };
    let mut resolver = Resolver::new(options.clone());
    resolver.solve(network.clone(), &mut |_| ()).unwrap();
    assert!(!resolver.was_warm());
    network.resources[0].regular_hours[3] *= 0.5;
    let again = resolver.solve(network.clone(), &mut |_| ()).unwrap();
    let fresh = solve_network(network, &options, &mut |_| ()).unwrap();
    assert!(resolver.was_warm());
    assert!(
        (again.objective - fresh.objective).abs() <= 1e-5 * fresh.objective,
        "{} {}",
        again.objective,
        fresh.objective
    );
}
