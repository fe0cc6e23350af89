//! The order in which evaluation goes best: measures after those they read, and within a circle of measures (a
//! recurrence over time) bucket by bucket.
//!
//! It saves evaluating formulas twice. Nothing depends on it for being right.

use super::calculation::Calculation;
use super::ids::IdMap;
use super::program::Home;
use crate::refs::{MeasureId, SheetId};
use crate::value::order::sort;

type Node = (SheetId, MeasureId);

/// A rank per measure; those of one circle share one.
#[derive(Default)]
pub(super) struct Ranks(IdMap<Node, u32>);

impl Calculation {
    /// Takes the columns with something out of date, best first.
    pub(super) fn take_dirty_cols(&mut self) -> Vec<(u32, u32)> {
        let mut cols = std::mem::take(&mut self.store.dirty_cols);
        if cols.is_empty() {
            return cols;
        }
        if self.ranks.is_none() {
            self.ranks = Some(self.rank());
        }
        for &(sheet, col) in &cols {
            self.store.col_mut(sheet, col).listed = false;
        }
        let store = &self.store;
        cols.retain(|&(sheet, col)| !store.sheet(sheet).cols[col as usize].dirty.is_empty());
        let ranks = self.ranks.as_ref();
        let place = |(sheet, col): (u32, u32)| {
            let of = store.sheet(sheet);
            let rank = of.measure_of_col(col).and_then(|measure| ranks?.0.get(&(of.id, measure.id)).copied());
            let bucket = of.cols[col as usize].id.bucket;
            // Free sheets sum up what planning sheets hold more often than they feed them.
            (rank.unwrap_or(u32::MAX), bucket, sheet, col)
        };
        let mut placed: Vec<_> = cols.into_iter().map(place).collect();
        sort(&mut placed);
        placed.into_iter().map(|(.., sheet, col)| (sheet, col)).collect()
    }

    /// Puts back columns of those taken in which something is still out of date.
    pub(super) fn put_back_dirty_cols(&mut self, cols: &[(u32, u32)]) {
        for &(sheet, col) in cols {
            let column = self.store.col_mut(sheet, col);
            if !column.dirty.is_empty() && !std::mem::replace(&mut column.listed, true) {
                self.store.dirty_cols.push((sheet, col));
            }
        }
    }

    /// Strongly connected measures in topological order (Tarjan 1972, with a stack of its own).
    fn rank(&self) -> Ranks {
        let mut reads: IdMap<Node, Vec<Node>> = IdMap::default();
        for (_, program) in self.edges.readers() {
            if let Home::Measure(sheet, measure) = program.home {
                let of = self.store.sheet(sheet);
                let targets = program.measures().map(|reference| (reference.sheet.unwrap_or(of.id), reference.measure));
                reads.insert((of.id, of.measures[measure as usize].id), targets.collect());
            }
        }
        let mut nodes: Vec<Node> = reads.keys().copied().collect();
        sort(&mut nodes);
        let mut search = Search::default();
        for node in nodes {
            search.from(node, &reads);
        }
        Ranks(search.ranks)
    }
}

#[derive(Default)]
struct Search {
    /// When a node was first met, and the earliest node on the stack it leads to.
    met: IdMap<Node, (u32, u32)>,
    stack: Vec<Node>,
    ranks: IdMap<Node, u32>,
    next_rank: u32,
}

impl Search {
    fn from(&mut self, start: Node, reads: &IdMap<Node, Vec<Node>>) {
        if self.met.contains_key(&start) {
            return;
        }
        let mut path = vec![(self.meet(start), 0_usize)];
        while let Some((node, place)) = path.last_mut() {
            let node = *node;
            let next = reads.get(&node).and_then(|targets| targets.get(*place)).copied();
            *place += 1;
            match next {
                Some(target) if !reads.contains_key(&target) => {}
                Some(target) => match self.met.get(&target).map(|met| met.0) {
                    None => path.push((self.meet(target), 0)),
                    Some(met) if !self.ranks.contains_key(&target) => self.lower(node, met),
                    Some(_) => {}
                },
                None => {
                    path.pop();
                    let (met, low) = self.met.get(&node).copied().unwrap_or_default();
                    if let Some((parent, _)) = path.last() {
                        self.lower(*parent, low);
                    }
                    if met == low {
                        self.close(node);
                    }
                }
            }
        }
    }

    fn meet(&mut self, node: Node) -> Node {
        let number = self.met.len() as u32;
        self.met.insert(node, (number, number));
        self.stack.push(node);
        node
    }

    fn lower(&mut self, node: Node, low: u32) {
        if let Some(met) = self.met.get_mut(&node) {
            met.1 = met.1.min(low);
        }
    }

    fn close(&mut self, root: Node) {
        while let Some(node) = self.stack.pop() {
            self.ranks.insert(node, self.next_rank);
            if node == root {
                break;
            }
        }
        self.next_rank += 1;
    }
}
