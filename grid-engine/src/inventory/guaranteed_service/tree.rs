//! The network as a tree, and the longest waits through it.

use super::{MOST_BUCKETS, PlacementError, Stage};

/// A stage's one neighbour nearer the root, and which way the link to it leads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Parent {
    Root,
    /// It supplies its parent.
    Customer(usize),
    /// Its parent supplies it.
    Supplier(usize),
}

/// The network as a tree, leaves first.
pub(super) struct Tree {
    pub order: Vec<usize>,
    pub parent: Vec<Parent>,
    /// Neighbours farther from the root that supply a stage, and that it supplies.
    pub suppliers: Vec<Vec<usize>>,
    pub customers: Vec<Vec<usize>>,
    /// The longest wait for a stage's output, nobody keeping stock.
    pub longest: Vec<u32>,
}

impl Tree {
    /// The tree of stages and links, rooted at the first stage.
    ///
    /// # Errors
    /// Stages that are invalid, and links that make no tree.
    pub fn of(stages: &[Stage], links: &[(usize, usize)]) -> Result<Self, PlacementError> {
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
