//! What is known of the columns that were asked about last.

/// As many columns as formulas commonly read side by side.
const MOST: usize = 16;

/// Something for each of the last columns asked about, by sheet and column: a table of all of them would outgrow its use.
pub(super) struct Recent<T> {
    list: Vec<((u32, u32), T)>,
    /// The place that is given away next.
    next: usize,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self { list: Vec::new(), next: 0 }
    }
}

impl<T: Default> Recent<T> {
    /// What is known of a column; nothing of one that was not asked about for long.
    pub(super) fn of(&mut self, column: (u32, u32)) -> &mut T {
        let place = match self.list.iter().position(|(known, _)| *known == column) {
            Some(place) => place,
            None => {
                let place = self.next;
                self.next = (self.next + 1) % MOST;
                if place == self.list.len() {
                    self.list.push((column, T::default()));
                } else {
                    self.list[place] = (column, T::default());
                }
                place
            }
        };
        &mut self.list[place].1
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_are_known_and_the_oldest_given_away() {
        let mut recent = Recent::<u32>::default();
        (0..MOST as u32).for_each(|col| *recent.of((0, col)) = col + 1);
        assert_eq!((*recent.of((0, 0)), *recent.of((0, 7))), (1, 8));
        *recent.of((1, 0)) = 50;
        assert_eq!((*recent.of((1, 0)), *recent.of((0, 1))), (50, 2));
        assert_eq!(*recent.of((0, 0)), 0, "the first was given away");
    }
}
