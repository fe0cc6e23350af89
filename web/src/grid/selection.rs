//! Which cells are selected, and how keys and the mouse move the selection.

/// A place of the grid: zero-based line and column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    pub line: usize,
    pub col: usize,
}

/// A rectangle of places, borders included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    pub top: usize,
    pub left: usize,
    pub bottom: usize,
    pub right: usize,
}

impl Area {
    /// The rectangle with these two corners.
    pub fn between(a: Spot, b: Spot) -> Self {
        Self { top: a.line.min(b.line), left: a.col.min(b.col), bottom: a.line.max(b.line), right: a.col.max(b.col) }
    }

    /// Whether a place lies inside.
    pub fn contains(&self, at: Spot) -> bool {
        (self.top..=self.bottom).contains(&at.line) && (self.left..=self.right).contains(&at.col)
    }

    /// Lines and columns.
    pub fn size(&self) -> (usize, usize) {
        (self.bottom - self.top + 1, self.right - self.left + 1)
    }

    /// A place and all filled ones that hang together with it, as a rectangle: the current region, as Ctrl+A selects it first.
    pub fn around(at: Spot, extent: Extent, filled: impl Fn(Spot) -> bool) -> Self {
        let mut area = Self::between(at, at);
        loop {
            // One place further on every side; a corner that touches hangs together, too.
            let wider = Self {
                top: area.top.saturating_sub(1),
                left: area.left.saturating_sub(1),
                bottom: (area.bottom + 1).min(extent.lines.saturating_sub(1)),
                right: (area.right + 1).min(extent.cols.saturating_sub(1)),
            };
            let any = |border: Self| border.spots().any(&filled);
            let grown = Self {
                top: if any(Self { bottom: wider.top, ..wider }) { wider.top } else { area.top },
                bottom: if any(Self { top: wider.bottom, ..wider }) { wider.bottom } else { area.bottom },
                left: if any(Self { right: wider.left, ..wider }) { wider.left } else { area.left },
                right: if any(Self { left: wider.right, ..wider }) { wider.right } else { area.right },
            };
            if grown == area {
                return area;
            }
            area = grown;
        }
    }

    /// All places, line by line.
    pub fn spots(self) -> impl Iterator<Item = Spot> {
        (self.top..=self.bottom).flat_map(move |line| (self.left..=self.right).map(move |col| Spot { line, col }))
    }
}

/// A direction on the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Up,
    Down,
    Left,
    Right,
}

/// How many lines and columns there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    pub lines: usize,
    pub cols: usize,
}

impl Extent {
    /// The nearest place inside.
    pub fn clamp(&self, at: Spot) -> Spot {
        Spot { line: at.line.min(self.lines.saturating_sub(1)), col: at.col.min(self.cols.saturating_sub(1)) }
    }

    /// One step from a place; the place itself at the border.
    pub fn step(&self, at: Spot, way: Way, by: usize) -> Spot {
        self.clamp(match way {
            Way::Up => Spot { line: at.line.saturating_sub(by), ..at },
            Way::Down => Spot { line: at.line.saturating_add(by), ..at },
            Way::Left => Spot { col: at.col.saturating_sub(by), ..at },
            Way::Right => Spot { col: at.col.saturating_add(by), ..at },
        })
    }

    /// To the edge of the data, as Ctrl+arrow goes: to the last filled cell of a run, or else the next filled one.
    pub fn jump(&self, at: Spot, way: Way, filled: impl Fn(Spot) -> bool) -> Spot {
        let next = self.step(at, way, 1);
        if next == at {
            return at;
        }
        let in_run = filled(at) && filled(next);
        let mut here = next;
        loop {
            let beyond = self.step(here, way, 1);
            if beyond == here || (in_run && !filled(beyond)) || (!in_run && filled(here)) {
                return here;
            }
            here = beyond;
        }
    }
}

/// The selected cells: one area that moves, and others added with Ctrl.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// The active cell: the one that is edited.
    pub active: Spot,
    /// The corner the area grew from.
    pub anchor: Spot,
    /// The corner that moves.
    pub focus: Spot,
    /// Areas selected before with Ctrl.
    pub others: Vec<Area>,
    /// The column where Tab began; Enter returns to it.
    tab_from: Option<usize>,
}

impl Selection {
    /// The area being selected.
    pub fn area(&self) -> Area {
        Area::between(self.anchor, self.focus)
    }

    /// All areas, the current one last.
    pub fn areas(&self) -> impl Iterator<Item = Area> + '_ {
        self.others.iter().copied().chain([self.area()])
    }

    /// All cells, area after area.
    pub fn spots(&self) -> impl Iterator<Item = Spot> + '_ {
        self.areas().flat_map(Area::spots)
    }

    /// The lines and columns of all areas, where together they make one table: areas of the same columns stand below one
    /// another in it, areas of the same lines side by side.
    pub fn table(&self) -> Option<(Vec<usize>, Vec<usize>)> {
        let Area { top, left, bottom, right } = self.area();
        let within = |side: fn(Area) -> (usize, usize)| {
            let sides = || self.areas().map(side);
            let first = sides().map(|(from, _)| from).min().unwrap_or_default();
            let last = sides().map(|(_, to)| to).max().unwrap_or_default();
            (first..=last).filter(|at| sides().any(|(from, to)| (from..=to).contains(at))).collect()
        };
        if self.areas().all(|area| (area.left, area.right) == (left, right)) {
            return Some((within(|area| (area.top, area.bottom)), (left..=right).collect()));
        }
        let is_beside = self.areas().all(|area| (area.top, area.bottom) == (top, bottom));
        is_beside.then(|| ((top..=bottom).collect(), within(|area| (area.left, area.right))))
    }

    /// Whether more than one cell is selected.
    pub fn is_wide(&self) -> bool {
        !self.others.is_empty() || self.area().size() != (1, 1)
    }

    /// Selects one cell.
    pub fn put(&mut self, at: Spot) {
        *self = Self { active: at, anchor: at, focus: at, others: Vec::new(), tab_from: None };
    }

    /// Moves the far corner.
    pub fn extend(&mut self, to: Spot) {
        self.focus = to;
        self.tab_from = None;
    }

    /// Keeps what is selected and starts another area.
    pub fn add(&mut self, at: Spot) {
        self.others.push(self.area());
        (self.active, self.anchor, self.focus) = (at, at, at);
    }

    /// Selects an area whole; the active cell is its first.
    pub fn cover(&mut self, area: Area) {
        self.put(Spot { line: area.top, col: area.left });
        self.focus = Spot { line: area.bottom, col: area.right };
    }

    /// Selects an area whole around the active cell, which stays the active one.
    pub fn widen(&mut self, area: Area) {
        let active = self.active;
        self.cover(area);
        self.active = active;
    }

    /// Moves on after Tab or Enter. Within a wide selection the active cell walks through it; else Tab remembers
    /// where it began and Enter returns to that column.
    pub fn advance(&mut self, way: Way, extent: Extent) {
        let area = self.area();
        if area.size() != (1, 1) {
            self.active = walk(area, self.active, way);
            return;
        }
        let from = self.tab_from;
        let mut next = extent.step(self.active, way, 1);
        match way {
            Way::Left | Way::Right => {
                self.put(next);
                self.tab_from = Some(from.unwrap_or(self.active.col.min(next.col)));
                // The column where Tab began is where it left, not where it arrived.
                if from.is_none() && way == Way::Right {
                    self.tab_from = Some(next.col.saturating_sub(1));
                }
            }
            Way::Up | Way::Down => {
                if let Some(col) = from {
                    next.col = col;
                }
                self.put(next);
            }
        }
    }

    /// Keeps everything inside a grid that has changed its size.
    pub fn fit(&mut self, extent: Extent) {
        (self.active, self.anchor, self.focus) =
            (extent.clamp(self.active), extent.clamp(self.anchor), extent.clamp(self.focus));
        self.others.retain(|area| area.bottom < extent.lines && area.right < extent.cols);
    }
}

/// The next place of an area in reading order (`Right`) or column order (`Down`), and back.
fn walk(area: Area, at: Spot, way: Way) -> Spot {
    let (lines, cols) = area.size();
    let (line, col) = (at.line.saturating_sub(area.top), at.col.saturating_sub(area.left));
    let count = lines * cols;
    let (index, forward) = match way {
        Way::Right => (line * cols + col, true),
        Way::Left => (line * cols + col, false),
        Way::Down => (col * lines + line, true),
        Way::Up => (col * lines + line, false),
    };
    let index = if forward { index + 1 } else { index + count - 1 } % count;
    let (line, col) = match way {
        Way::Left | Way::Right => (index / cols, index % cols),
        Way::Up | Way::Down => (index % lines, index / lines),
    };
    Spot { line: area.top + line, col: area.left + col }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: Extent = Extent { lines: 10, cols: 6 };

    fn spot(line: usize, col: usize) -> Spot {
        Spot { line, col }
    }

    #[test]
    fn jumps_stop_at_the_edge_of_data() {
        let filled = |at: Spot| matches!(at.line, 2..=4 | 7);
        for (from, to) in [(0, 2), (2, 4), (4, 7), (7, 9), (3, 4)] {
            assert_eq!(GRID.jump(spot(from, 0), Way::Down, filled), spot(to, 0), "from {from}");
        }
        assert_eq!(GRID.jump(spot(7, 0), Way::Up, filled), spot(4, 0));
        assert_eq!(GRID.jump(spot(0, 0), Way::Up, filled), spot(0, 0));
    }

    #[test]
    fn enter_returns_to_where_tab_began() {
        let mut selection = Selection::default();
        selection.put(spot(1, 2));
        selection.advance(Way::Right, GRID);
        selection.advance(Way::Right, GRID);
        assert_eq!(selection.active, spot(1, 4));
        selection.advance(Way::Down, GRID);
        assert_eq!(selection.active, spot(2, 2));
        selection.advance(Way::Down, GRID);
        assert_eq!(selection.active, spot(3, 2), "without Tab, Enter goes straight down");
    }

    #[test]
    fn a_wide_selection_keeps_its_area_while_the_active_cell_walks() {
        let mut selection = Selection::default();
        selection.cover(Area { top: 1, left: 1, bottom: 2, right: 2 });
        let walked: Vec<Spot> = (0..4)
            .map(|_| {
                selection.advance(Way::Down, GRID);
                selection.active
            })
            .collect();
        assert_eq!(walked, [spot(2, 1), spot(1, 2), spot(2, 2), spot(1, 1)]);
        assert_eq!(selection.area().size(), (2, 2));
    }

    #[test]
    fn a_region_is_what_hangs_together() {
        // A table of three by two with a hole, a cell that touches its corner, and one apart.
        let filled = |at: Spot| {
            (1..=3).contains(&at.line) && (1..=2).contains(&at.col) && at != spot(2, 1)
                || at == spot(4, 3)
                || at == spot(9, 5)
        };
        let table = Area { top: 1, left: 1, bottom: 4, right: 3 };
        for from in [spot(1, 1), spot(2, 1), spot(4, 3)] {
            assert_eq!(Area::around(from, GRID, filled), table, "{from:?}");
        }
        assert_eq!(Area::around(spot(7, 5), GRID, filled), Area::between(spot(7, 5), spot(7, 5)));
        assert_eq!(Area::around(spot(3, 3), GRID, |_| true), Area { top: 0, left: 0, bottom: 9, right: 5 });
    }

    #[test]
    fn areas_of_the_same_lines_or_columns_make_one_table() {
        let selected = |areas: &[(usize, usize, usize, usize)]| {
            let mut selection = Selection::default();
            for (index, &(top, left, bottom, right)) in areas.iter().enumerate() {
                let at = spot(top, left);
                if index == 0 {
                    selection.put(at)
                } else {
                    selection.add(at)
                }
                selection.extend(spot(bottom, right));
            }
            selection.table()
        };
        assert_eq!(selected(&[(5, 1, 6, 2), (1, 1, 1, 2)]), Some((vec![1, 5, 6], vec![1, 2])));
        assert_eq!(selected(&[(1, 4, 2, 4), (1, 0, 2, 1)]), Some((vec![1, 2], vec![0, 1, 4])));
        assert_eq!(
            selected(&[(1, 1, 3, 1), (2, 1, 4, 1)]),
            Some((vec![1, 2, 3, 4], vec![1])),
            "what overlaps counts once"
        );
        assert_eq!(selected(&[(1, 1, 1, 1), (2, 2, 2, 2)]), None);
    }

    #[test]
    fn a_selection_that_widens_keeps_its_active_cell() {
        let mut selection = Selection::default();
        selection.put(spot(3, 2));
        selection.widen(Area { top: 0, left: 2, bottom: 9, right: 2 });
        assert_eq!((selection.active, selection.area().size()), (spot(3, 2), (10, 1)));
        selection.advance(Way::Down, GRID);
        assert_eq!(selection.active, spot(4, 2));
    }

    #[test]
    fn a_shrinking_grid_keeps_the_selection_inside() {
        let mut selection = Selection::default();
        selection.put(spot(9, 5));
        selection.extend(spot(3, 1));
        selection.fit(Extent { lines: 5, cols: 3 });
        assert_eq!((selection.active, selection.area()), (spot(4, 2), Area { top: 3, left: 1, bottom: 4, right: 2 }));
    }
}
