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
    fn a_shrinking_grid_keeps_the_selection_inside() {
        let mut selection = Selection::default();
        selection.put(spot(9, 5));
        selection.extend(spot(3, 1));
        selection.fit(Extent { lines: 5, cols: 3 });
        assert_eq!((selection.active, selection.area()), (spot(4, 2), Area { top: 3, left: 1, bottom: 4, right: 2 }));
    }
}
