//! The shapes that formulas have, each once.

use std::collections::HashMap;
use std::num::NonZeroU32;

use super::shape::{References, Shape, split};

/// Shapes that are known are looked through for ones no formula has any more when there are so many.
const FIRST_SWEEP: usize = 4096;

/// A shape by its number among those in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShapeId(NonZeroU32);

/// The shapes in use.
#[derive(Default)]
pub struct Shapes {
    by_skeleton: HashMap<Box<str>, ShapeId>,
    list: Vec<Option<InUse>>,
    free: Vec<ShapeId>,
    next_sweep: usize,
    /// The last text taken apart; kept for its room.
    scratch: String,
}

/// A shape, and how many formulas have it.
struct InUse {
    shape: Shape,
    formulas: u32,
}

impl Shapes {
    /// A shape that was [taken](Self::take_apart) and not [given back](Self::give_back) as often.
    pub fn get(&self, id: ShapeId) -> Option<&Shape> {
        self.list.get(id.index())?.as_ref().map(|in_use| &in_use.shape)
    }

    /// Takes a stored formula apart. A text that is no formula has a shape too: its value is `#NAME?`.
    pub fn take_apart(&mut self, stored: &str) -> (ShapeId, References) {
        let mut skeleton = std::mem::take(&mut self.scratch);
        skeleton.clear();
        let references = split(stored, &mut skeleton);
        let id = match self.by_skeleton.get(skeleton.as_str()) {
            Some(&id) => id,
            None => {
                self.sweep();
                let id = self.put(Shape::new(&skeleton, stored, &references));
                self.by_skeleton.insert(skeleton.as_str().into(), id);
                id
            }
        };
        if let Some(Some(in_use)) = self.list.get_mut(id.index()) {
            in_use.formulas += 1;
        }
        self.scratch = skeleton;
        (id, references)
    }

    /// A formula with this shape is gone.
    pub fn give_back(&mut self, id: ShapeId) {
        if let Some(Some(in_use)) = self.list.get_mut(id.index()) {
            in_use.formulas -= 1;
        }
    }

    fn put(&mut self, shape: Shape) -> ShapeId {
        let id = self.free.pop().unwrap_or_else(|| {
            self.list.push(None);
            ShapeId(NonZeroU32::new(self.list.len() as u32).unwrap_or(NonZeroU32::MAX))
        });
        self.list[id.index()] = Some(InUse { shape, formulas: 0 });
        id
    }

    /// Drops shapes that no formula has any more. They stay for a while: what was deleted often comes back.
    fn sweep(&mut self) {
        if self.by_skeleton.len() < self.next_sweep.max(FIRST_SWEEP) {
            return;
        }
        self.by_skeleton.retain(|_, &mut id| {
            let place = &mut self.list[id.index()];
            let is_used = place.as_ref().is_some_and(|in_use| in_use.formulas > 0);
            if !is_used {
                *place = None;
                self.free.push(id);
            }
            is_used
        });
        self.next_sweep = 2 * self.by_skeleton.len();
    }
}

impl ShapeId {
    fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn shapes_nobody_has_make_room_for_others() {
        let mut shapes = Shapes::default();
        let (kept, _) = shapes.take_apart("=1+1");
        let (gone, _) = shapes.take_apart("=1+2");
        shapes.give_back(gone);
        for number in 0..3 * FIRST_SWEEP {
            let (id, _) = shapes.take_apart(&format!("={number}*2"));
            shapes.give_back(id);
        }
        assert!(shapes.list.len() <= FIRST_SWEEP, "{}", shapes.list.len());
        assert_eq!(shapes.take_apart("=1+1").0, kept);
        let (again, _) = shapes.take_apart("=1+2");
        assert!(again != kept && shapes.get(again).unwrap().is_code());
    }
}
