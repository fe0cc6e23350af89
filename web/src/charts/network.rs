//! Where places and links of a supply network stand in its picture: suppliers on the left, regions on the right, places
//! between them by how far down the lanes they are.

use std::collections::BTreeMap;

use grid_engine::plan::{LinkKind, LinkLine};
use grid_engine::value::order::sort_by;

/// A supplier, place or region.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    pub name: String,
    pub column: usize,
    /// From the top of its column.
    pub row: usize,
    /// Of a place, its fullest resource; of a region, the share of demand served.
    pub used: Option<f64>,
}

/// All links from one spot to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Tie {
    /// Indexes of spots.
    pub from: usize,
    pub to: usize,
    pub kind: LinkKind,
    pub amount: f64,
    /// Of the fullest of them, the share of its limit.
    pub used: Option<f64>,
}

/// The picture: spots in columns, ties between them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network {
    pub spots: Vec<Spot>,
    pub ties: Vec<Tie>,
    pub columns: usize,
    /// Of the fullest column.
    pub rows: usize,
}

/// What a spot is; the order is that of the columns.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Supplier,
    Place,
    Region,
}

impl Network {
    /// Lays links out. Links over which nothing flows are left out, and what has no link then.
    pub fn of(links: &[LinkLine]) -> Self {
        let mut found = BTreeMap::new();
        let mut spot = |kind: Kind, name: &str| {
            let next = found.len();
            *found.entry((kind, name.to_owned())).or_insert(next)
        };
        let mut ties: BTreeMap<(usize, usize), Tie> = BTreeMap::new();
        for link in links.iter().filter(|link| link.amount > 0.0) {
            let (from, to) = match link.kind {
                LinkKind::Supply => (spot(Kind::Supplier, &link.from), spot(Kind::Place, &link.to)),
                LinkKind::Lane => (spot(Kind::Place, &link.from), spot(Kind::Place, &link.to)),
                LinkKind::Service => (spot(Kind::Place, &link.from), spot(Kind::Region, &link.to)),
                LinkKind::Resource => continue,
            };
            let tie = ties.entry((from, to)).or_insert(Tie { from, to, kind: link.kind, amount: 0.0, used: None });
            tie.amount += link.amount;
            tie.used = larger(tie.used, link.used);
        }
        let mut kinds = vec![(Kind::Place, String::new()); found.len()];
        found.into_iter().for_each(|(key, index)| kinds[index] = key);
        let ties: Vec<Tie> = ties.into_values().collect();
        let column = columns(&kinds, &ties);
        let mut network =
            Self { columns: column.iter().map(|column| column + 1).max().unwrap_or(0), ties, ..Self::default() };
        network.spots = kinds
            .into_iter()
            .zip(column)
            .map(|((kind, name), column)| Spot { used: used(links, kind, &name), name, column, row: 0 })
            .collect();
        network.order();
        network
    }

    /// Rows within the columns: each spot beside what leads to it, so that ties cross little.
    fn order(&mut self) {
        for column in 0..self.columns {
            let mut here: Vec<(f64, usize)> = (0..self.spots.len())
                .filter(|spot| self.spots[*spot].column == column)
                .map(|spot| (self.height(spot), spot))
                .collect();
            sort_by(&mut here, |a, b| {
                a.0.total_cmp(&b.0).then_with(|| self.spots[a.1].name.cmp(&self.spots[b.1].name))
            });
            self.rows = self.rows.max(here.len());
            here.into_iter().enumerate().for_each(|(row, (_, spot))| self.spots[spot].row = row);
        }
    }

    /// The mean row of what leads to a spot from the left.
    fn height(&self, spot: usize) -> f64 {
        let before =
            self.ties.iter().filter(|tie| tie.to == spot && self.spots[tie.from].column < self.spots[spot].column);
        let (count, sum) =
            before.fold((0.0, 0.0), |(count, sum), tie| (count + 1.0, sum + self.spots[tie.from].row as f64));
        if count > 0.0 { sum / count } else { 0.0 }
    }
}

/// Places as far right as the longest way of lanes to them; a circle of lanes ends where it has gone round once.
fn columns(kinds: &[(Kind, String)], ties: &[Tie]) -> Vec<usize> {
    let first = usize::from(kinds.iter().any(|(kind, _)| *kind == Kind::Supplier));
    let mut column: Vec<usize> =
        kinds.iter().map(|(kind, _)| if *kind == Kind::Supplier { 0 } else { first }).collect();
    let places = kinds.iter().filter(|(kind, _)| *kind == Kind::Place).count();
    for _ in 1..places {
        let mut moved = false;
        for tie in ties.iter().filter(|tie| tie.kind == LinkKind::Lane && tie.from != tie.to) {
            let wanted = column[tie.from] + 1;
            if column[tie.to] < wanted && wanted < first + places {
                (column[tie.to], moved) = (wanted, true);
            }
        }
        if !moved {
            break;
        }
    }
    let last = column.iter().copied().max().unwrap_or(0);
    for (column, (kind, _)) in column.iter_mut().zip(kinds) {
        if *kind == Kind::Region {
            *column = last + 1;
        }
    }
    column
}

fn used(links: &[LinkLine], kind: Kind, name: &str) -> Option<f64> {
    let of = |link: &&LinkLine| match kind {
        Kind::Supplier => link.kind == LinkKind::Supply && link.from == name,
        Kind::Place => link.kind == LinkKind::Resource && link.from == name,
        Kind::Region => false,
    };
    if kind == Kind::Region {
        return served(links, name);
    }
    links.iter().filter(of).fold(None, |most, link| larger(most, link.used))
}

/// Over all places that serve a region.
fn served(links: &[LinkLine], region: &str) -> Option<f64> {
    let of_region = links.iter().filter(|link| link.kind == LinkKind::Service && link.to == region);
    let (served, wanted) = of_region
        .filter_map(|link| Some((link.amount, link.amount / link.used.filter(|share| *share > 0.0)?)))
        .fold((0.0, 0.0), |(served, wanted), link| (served + link.0, wanted + link.1));
    (wanted > 0.0).then(|| served / wanted)
}

fn larger(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(kind: LinkKind, from: &str, to: &str, amount: f64, used: Option<f64>) -> LinkLine {
        let text = str::to_owned;
        LinkLine { kind, from: text(from), to: text(to), by: String::new(), amount, used, bucket: String::new() }
    }

    fn spots(network: &Network) -> Vec<(&str, usize, usize)> {
        network.spots.iter().map(|spot| (spot.name.as_str(), spot.column, spot.row)).collect()
    }

    #[test]
    fn goods_flow_from_left_to_right() {
        use LinkKind::{Lane, Resource, Service, Supply};
        let network = Network::of(&[
            link(Service, "D1", "North", 80.0, Some(0.8)),
            link(Service, "P1", "North", 10.0, Some(1.0)),
            link(Lane, "P1", "D1", 90.0, Some(0.5)),
            link(Lane, "P1", "D1", 5.0, Some(1.0)),
            link(Lane, "P1", "D2", 0.0, None),
            link(Supply, "S1", "P1", 40.0, None),
            link(Resource, "P1", "", 7.0, Some(0.9)),
        ]);
        assert_eq!(spots(&network), [("D1", 2, 0), ("North", 3, 0), ("P1", 1, 0), ("S1", 0, 0)]);
        assert_eq!((network.columns, network.rows), (4, 1));
        let lane = network.ties.iter().find(|tie| tie.kind == Lane).cloned();
        assert_eq!(lane.map(|tie| (tie.amount, tie.used)), Some((95.0, Some(1.0))));
        assert_eq!(network.spots[2].used, Some(0.9));
        assert_eq!(network.spots[1].used, Some(90.0 / 110.0));
    }

    #[test]
    fn ties_cross_little_and_circles_end() {
        use LinkKind::{Lane, Supply};
        let network = Network::of(&[
            link(Supply, "S1", "B", 1.0, None),
            link(Supply, "S2", "A", 1.0, None),
            link(Lane, "A", "B", 1.0, None),
            link(Lane, "B", "A", 1.0, None),
        ]);
        assert!(network.columns <= 3, "{network:?}");
        let network = Network::of(&[link(Supply, "S1", "B", 1.0, None), link(Supply, "S2", "A", 1.0, None)]);
        assert_eq!(spots(&network), [("S1", 0, 0), ("B", 1, 0), ("S2", 0, 1), ("A", 1, 1)]);
        assert_eq!(Network::of(&[]), Network::default());
    }
}
