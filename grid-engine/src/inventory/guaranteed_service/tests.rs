//! Published and tried optima.

#![allow(clippy::unwrap_used)]
use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Case {
    nodes: Vec<Node>,
    edges: Vec<(u32, u32)>,
}

#[derive(Deserialize)]
struct Node {
    id: u32,
    processing_time: u32,
    holding_cost: f64,
    ext_inbound_cst: u32,
    ext_outbound_cst: Option<u32>,
    z: f64,
    net_sd: f64,
}

fn cost(placed: &[Placed]) -> f64 {
    placed.iter().map(|one| one.cost).sum()
}

/// Example 6.5 of Snyder & Shen, solved by another program (stockpyl 1.0.2): 8.277916867529369.
#[test]
fn the_textbook_network_costs_what_the_book_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/supply/gsm_example_6_5.json");
    let Ok(text) = std::fs::read_to_string(path) else { return eprintln!("skipped: no instance at {path}") };
    let case: Case = serde_json::from_str(&text).unwrap();
    let place = |id: u32| case.nodes.iter().position(|node| node.id == id).unwrap();
    let stages: Vec<Stage> = case
        .nodes
        .iter()
        .map(|node| Stage {
            processing: node.processing_time,
            holding_cost: node.holding_cost,
            deviation: node.net_sd,
            safety_factor: node.z,
            supplied_within: node.ext_inbound_cst,
            promised_within: node.ext_outbound_cst,
        })
        .collect();
    let links: Vec<(usize, usize)> = case.edges.iter().map(|(from, to)| (place(*from), place(*to))).collect();
    let placed = place_safety_stock(&stages, &links).unwrap();
    assert!((cost(&placed) - 8.277916867529369).abs() < 1e-9, "{placed:?}");
}

#[test]
fn what_is_no_tree_is_refused() {
    let stage = Stage {
        processing: 1,
        holding_cost: 1.0,
        deviation: 1.0,
        safety_factor: 1.0,
        supplied_within: 0,
        promised_within: None,
    };
    let three = vec![stage.clone(); 3];
    assert_eq!(place_safety_stock(&[], &[]), Err(PlacementError::Empty));
    assert_eq!(place_safety_stock(&three, &[(0, 3), (0, 1)]), Err(PlacementError::Unknown));
    assert!(matches!(place_safety_stock(&three, &[(0, 1)]), Err(PlacementError::NotATree(_))));
    assert!(matches!(place_safety_stock(&three, &[(0, 1), (1, 2), (0, 2)]), Err(PlacementError::NotATree(_))));
    assert!(matches!(place_safety_stock(&three, &[(0, 1), (1, 0)]), Err(PlacementError::NotATree(_))));
    let long = Stage { processing: 2_000, ..stage.clone() };
    assert_eq!(place_safety_stock(&[long], &[]), Err(PlacementError::TooLong));
    let negative = Stage { deviation: -1.0, ..stage };
    assert_eq!(place_safety_stock(&[negative], &[]), Err(PlacementError::Invalid(0)));
}

/// The cheapest of all quotes, tried one by one.
fn tried(stages: &[Stage], links: &[(usize, usize)]) -> f64 {
    let most = 7_u32;
    let mut best = f64::INFINITY;
    let mut quotes = vec![0_u32; stages.len()];
    loop {
        let cost = stages.iter().enumerate().try_fold(0.0, |sum, (at, stage)| {
            let suppliers = links.iter().filter(|(_, to)| *to == at).map(|(from, _)| quotes[*from]);
            let inbound = suppliers.max().unwrap_or(0).max(stage.supplied_within);
            let promised = stage.promised_within.is_none_or(|most| quotes[at] <= most);
            let net = (inbound + stage.processing).checked_sub(quotes[at]).filter(|_| promised)?;
            Some(sum + stage.holding_cost * stage.safety_factor * stage.deviation * f64::from(net).sqrt())
        });
        best = best.min(cost.unwrap_or(f64::INFINITY));
        let Some(at) = quotes.iter().position(|quote| *quote < most) else { return best };
        quotes[at] += 1;
        quotes[..at].fill(0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]
    #[test]
    fn no_other_quotes_are_cheaper(
        stages in prop::collection::vec((0_u32..3, 1_u32..6, 1_u32..4, 0_u32..2, any::<bool>()), 1..5),
        shape in prop::collection::vec((any::<u8>(), any::<bool>()), 4),
    ) {
        let count = stages.len();
        let links: Vec<(usize, usize)> = (1..count)
            .map(|at| {
                let (to, supplies) = shape[at - 1];
                let other = to as usize % at;
                if supplies { (at, other) } else { (other, at) }
            })
            .collect();
        let stages: Vec<Stage> = stages
            .iter()
            .enumerate()
            .map(|(at, &(processing, cost, deviation, supplied_within, at_once))| Stage {
                processing,
                holding_cost: f64::from(cost),
                deviation: f64::from(deviation),
                safety_factor: 1.5,
                supplied_within,
                promised_within: (at_once || !links.iter().any(|(from, _)| *from == at)).then_some(0),
            })
            .collect();
        let placed = place_safety_stock(&stages, &links).unwrap();
        prop_assert_eq!(placed.len(), count);
        let (ours, theirs) = (cost(&placed), tried(&stages, &links));
        prop_assert!((ours - theirs).abs() < 1e-9, "{} {}", ours, theirs);
    }
}
