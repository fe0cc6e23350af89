//! What each stage quotes: the dynamic program over the tree.

use super::tree::{Parent, Tree};
use super::{Placed, Stage};

/// A choice of times for a stage and the cost of its whole subtree.
#[derive(Clone, Copy, Debug)]
struct Best {
    cost: f64,
    inbound: u32,
    outbound: u32,
}

/// The dynamic program: from the leaves on, the cheapest subtree for every time its parent may see.
pub(super) struct Quotes<'a> {
    tree: &'a Tree,
    stages: &'a [Stage],
    /// By stage and the time its parent sees: the outbound time of a supplier, the inbound time of a customer. What a
    /// parent may not see costs infinity.
    best: Vec<Vec<Best>>,
}

impl<'a> Quotes<'a> {
    /// Nothing settled yet.
    pub fn of(tree: &'a Tree, stages: &'a [Stage]) -> Self {
        Self { tree, stages, best: vec![Vec::new(); stages.len()] }
    }

    /// Works out a stage for every time its parent may see; those farther from the root have been settled.
    pub fn settle(&mut self, at: usize) {
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
    pub fn cheapest(&self) -> Vec<Placed> {
        let mut placed = vec![None; self.stages.len()];
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
        placed.into_iter().flatten().collect()
    }
}
