//! Where in a supply network to keep safety stock: the guaranteed-service model (Graves & Willems 2000, Manufacturing &
//! Service Operations Management 2(1); Snyder & Shen, Fundamentals of Supply Chain Theory, 2nd ed., 6.5).
//!
//! Every stage quotes a service time within which it surely delivers, and holds the stock that demand over its net lead
//! time (what it waits for, plus its own processing, less what it quotes) may need. Quoting nothing decouples what follows;
//! quoting all passes the waiting on. On networks that are trees a dynamic program finds the cheapest quotes exactly.

/// A stage: an item at a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Buckets it takes from having everything to being done.
    pub processing: u32,
    /// Cost of a unit of stock per bucket.
    pub holding_cost: f64,
    /// Standard deviation of demand per bucket, of all customers it serves in the end.
    pub deviation: f64,
    /// Safety factor: standard deviations that are covered.
    pub safety_factor: f64,
    /// Buckets that suppliers outside the network take.
    pub supplied_within: u32,
    /// Buckets within which customers outside the network are promised delivery; `None` where there are none.
    pub promised_within: Option<u32>,
}

/// What a stage quotes and keeps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    /// Buckets until its suppliers have delivered.
    pub inbound: u32,
    /// Buckets within which it delivers.
    pub outbound: u32,
    /// Buckets of demand its stock must cover.
    pub net_lead_time: u32,
    pub safety_stock: f64,
    /// Of holding the safety stock, per bucket.
    pub cost: f64,
}

/// Why nothing can be placed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlacementError {
    #[error("there are no stages")]
    Empty,
    #[error("stage {0} has a negative or infinite cost, deviation or safety factor")]
    Invalid(usize),
    #[error("a link leads from or to a stage that is not there")]
    Unknown,
    #[error("the links form no tree: {0}")]
    NotATree(&'static str),
    #[error("the lead times add up to more than {MOST_BUCKETS} buckets: take longer buckets")]
    TooLong,
}

/// The longest lead time through a network, in buckets: the work grows with its square.
const MOST_BUCKETS: u32 = 1_000;

/// The cheapest safety stocks of a network, by stage; `links` lead from supplier to customer.
///
/// ```
/// use grid_engine::inventory::{Stage, place_safety_stock};
/// let stage = |processing, holding_cost, promised_within| Stage {
///     processing, holding_cost, deviation: 1.0, safety_factor: 1.0, supplied_within: 0, promised_within,
/// };
/// // Cheap stock two buckets upstream, dear stock where the customer is served at once.
/// let placed = place_safety_stock(&[stage(2, 1.0, None), stage(2, 10.0, Some(0))], &[(0, 1)])?;
/// assert_eq!((placed[0].outbound, placed[1].net_lead_time), (0, 2));
/// # Ok::<(), grid_engine::inventory::PlacementError>(())
/// ```
///
/// # Errors
/// See [`PlacementError`]. A link too few leaves parts of the network apart: place them one by one.
pub fn place_safety_stock(stages: &[Stage], links: &[(usize, usize)]) -> Result<Vec<Placed>, PlacementError> {
    let tree = Tree::of(stages, links)?;
    let mut costs = Costs { tree: &tree, stages, best: vec![Vec::new(); stages.len()] };
    for place in 0..tree.order.len() {
        costs.settle(place);
    }
    let mut placed = vec![None; stages.len()];
    costs.read_back(&mut placed);
    Ok(placed.into_iter().flatten().collect())
}

/// A stage's one neighbour nearer the root, and which way the link to it leads.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Parent {
    Root,
    /// It supplies its parent.
    Customer(usize),
    /// Its parent supplies it.
    Supplier(usize),
}

/// The network as a tree, leaves first.
struct Tree {
    order: Vec<usize>,
    parent: Vec<Parent>,
    /// Neighbours farther from the root that supply a stage, and that it supplies.
    suppliers: Vec<Vec<usize>>,
    customers: Vec<Vec<usize>>,
    /// The longest wait for a stage's output, nobody keeping stock.
    longest: Vec<u32>,
}

impl Tree {
    fn of(stages: &[Stage], links: &[(usize, usize)]) -> Result<Self, PlacementError> {
        let count = stages.len();
        if count == 0 {
            return Err(PlacementError::Empty);
        }
        let is_valid = |value: f64| value.is_finite() && value >= 0.0;
        let valid =
            |stage: &Stage| is_valid(stage.holding_cost) && is_valid(stage.deviation) && is_valid(stage.safety_factor);
        if let Some(at) = stages.iter().position(|stage| !valid(stage)) {
            return Err(PlacementError::Invalid(at));
        }
        if links.iter().any(|&(from, to)| from >= count || to >= count) {
            return Err(PlacementError::Unknown);
        }
        if links.len() + 1 != count {
            let why = if links.len() >= count { "two ways lead to one stage" } else { "some stages are apart" };
            return Err(PlacementError::NotATree(why));
        }
        let mut near: Vec<Vec<(usize, bool)>> = vec![Vec::new(); count];
        for &(from, to) in links {
            near[from].push((to, true));
            near[to].push((from, false));
        }
        let mut tree = Self {
            order: vec![0],
            parent: vec![Parent::Root; count],
            suppliers: vec![Vec::new(); count],
            customers: vec![Vec::new(); count],
            longest: vec![0; count],
        };
        let mut seen = vec![false; count];
        seen[0] = true;
        let mut at = 0;
        while let Some(&stage) = tree.order.get(at) {
            at += 1;
            for &(other, supplies) in &near[stage] {
                if std::mem::replace(&mut seen[other], true) {
                    continue;
                }
                tree.order.push(other);
                if supplies {
                    tree.customers[stage].push(other);
                    tree.parent[other] = Parent::Supplier(stage);
                } else {
                    tree.suppliers[stage].push(other);
                    tree.parent[other] = Parent::Customer(stage);
                }
            }
        }
        if tree.order.len() != count {
            return Err(PlacementError::NotATree("some stages are apart, others in a circle"));
        }
        tree.order.reverse();
        // A tree has no circles, so as many rounds as stages pass the longest waits on to the end.
        for _ in 0..count {
            for (at, stage) in stages.iter().enumerate() {
                let before = near[at].iter().filter(|(_, supplies)| !supplies).map(|(from, _)| tree.longest[*from]);
                let wait = before.max().unwrap_or(0).max(stage.supplied_within);
                tree.longest[at] = wait.saturating_add(stage.processing);
            }
        }
        if tree.longest.iter().any(|longest| *longest > MOST_BUCKETS) {
            return Err(PlacementError::TooLong);
        }
        Ok(tree)
    }
}

/// A choice of times for a stage and the cost of its whole subtree.
#[derive(Clone, Copy, Debug)]
struct Best {
    cost: f64,
    inbound: u32,
    outbound: u32,
}

/// The dynamic program.
struct Costs<'a> {
    tree: &'a Tree,
    stages: &'a [Stage],
    /// By stage and the time its parent sees: the outbound time of a supplier, the inbound time of a customer. What a
    /// parent may not see costs infinity.
    best: Vec<Vec<Best>>,
}

impl Costs<'_> {
    /// Works out a stage for every time its parent may see.
    fn settle(&mut self, place: usize) {
        let at = self.tree.order[place];
        let stage = &self.stages[at];
        let longest = self.tree.longest[at];
        let waits = longest - stage.processing;
        let times = match self.tree.parent[at] {
            Parent::Customer(_) => longest,
            Parent::Supplier(_) => waits,
            Parent::Root => 0,
        };
        let none = Best { cost: f64::INFINITY, inbound: 0, outbound: 0 };
        let mut best = vec![none; times as usize + 1];
        // What suppliers cost that may take at most so long, and customers that are quoted at least so much.
        let supplied: Vec<f64> = (0..=waits).map(|inbound| self.below(at, inbound)).collect();
        let served: Vec<f64> = (0..=longest).map(|outbound| self.above(at, outbound)).collect();
        for inbound in stage.supplied_within..=waits {
            let most = (inbound + stage.processing).min(stage.promised_within.unwrap_or(u32::MAX));
            for outbound in 0..=most.min(longest) {
                let net = f64::from(inbound + stage.processing - outbound);
                let stock = stage.safety_factor * stage.deviation * net.sqrt();
                let cost = stage.holding_cost * stock + supplied[inbound as usize] + served[outbound as usize];
                let seen = match self.tree.parent[at] {
                    Parent::Customer(_) => outbound,
                    Parent::Supplier(_) => inbound,
                    Parent::Root => 0,
                };
                if cost < best[seen as usize].cost {
                    best[seen as usize] = Best { cost, inbound, outbound };
                }
            }
        }
        self.best[at] = best;
    }

    /// The cheapest suppliers farther from the root that deliver within a time.
    fn below(&self, at: usize, inbound: u32) -> f64 {
        self.tree.suppliers[at]
            .iter()
            .map(|&other| self.within(other, 0, inbound).map_or(f64::INFINITY, |it| it.cost))
            .sum()
    }

    /// The cheapest customers farther from the root that wait at least a time.
    fn above(&self, at: usize, outbound: u32) -> f64 {
        let most = u32::MAX;
        self.tree.customers[at]
            .iter()
            .map(|&other| self.within(other, outbound, most).map_or(f64::INFINITY, |it| it.cost))
            .sum()
    }

    /// The cheapest choice of a stage whose parent sees a time from `least` to `most`.
    fn within(&self, at: usize, least: u32, most: u32) -> Option<Best> {
        let times = self.best[at].iter().enumerate();
        let allowed = times.filter(|(time, _)| (least as usize..=most as usize).contains(time)).map(|(_, best)| *best);
        allowed.filter(|best| best.cost.is_finite()).min_by(|a, b| a.cost.total_cmp(&b.cost))
    }

    /// From the root on, the choices that made the cheapest whole.
    fn read_back(&self, placed: &mut [Option<Placed>]) {
        let mut open: Vec<(usize, Option<Best>)> = Vec::new();
        let root = self.tree.order.last().copied().unwrap_or(0);
        open.push((root, self.best[root].first().copied().filter(|best| best.cost.is_finite())));
        while let Some((at, chosen)) = open.pop() {
            let Some(best) = chosen else { continue };
            let stage = &self.stages[at];
            let net = best.inbound + stage.processing - best.outbound;
            let stock = stage.safety_factor * stage.deviation * f64::from(net).sqrt();
            placed[at] = Some(Placed {
                inbound: best.inbound,
                outbound: best.outbound,
                net_lead_time: net,
                safety_stock: stock,
                cost: stage.holding_cost * stock,
            });
            let suppliers = self.tree.suppliers[at].iter();
            open.extend(suppliers.map(|&other| (other, self.within(other, 0, best.inbound))));
            let customers = self.tree.customers[at].iter();
            open.extend(customers.map(|&other| (other, self.within(other, best.outbound, u32::MAX))));
        }
    }
}

#[cfg(test)]
mod tests {
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
        let case: Case = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
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
}
