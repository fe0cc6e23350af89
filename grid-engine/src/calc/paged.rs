//! Long lists that grow without being copied.

/// Items of a page, a power of two so that a place is found by shifting.
const PAGE: usize = 1024;

/// A list in pages. One that doubles leaves half of a large workbook's memory idle, and leaves holes of its former
/// sizes behind; here all but the last page is full, and nothing ever moves.
pub(super) struct Paged<T> {
    pages: Vec<Vec<T>>,
}

impl<T> Default for Paged<T> {
    fn default() -> Self {
        Self { pages: Vec::new() }
    }
}

impl<T> Paged<T> {
    pub(super) fn len(&self) -> usize {
        self.pages.last().map_or(0, |last| (self.pages.len() - 1) * PAGE + last.len())
    }

    pub(super) fn get(&self, index: usize) -> Option<&T> {
        self.pages.get(index / PAGE)?.get(index % PAGE)
    }

    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.pages.get_mut(index / PAGE)?.get_mut(index % PAGE)
    }

    pub(super) fn push(&mut self, item: T) {
        match self.pages.last_mut().filter(|page| page.len() < PAGE) {
            Some(page) => page.push(item),
            None => {
                // A small workbook has one page, which grows like any list.
                let mut page = if self.pages.is_empty() { Vec::new() } else { Vec::with_capacity(PAGE) };
                page.push(item);
                self.pages.push(page);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_stay_where_they_were_pushed() {
        let mut list = Paged::default();
        assert_eq!((list.len(), list.get(0)), (0, None));
        for item in 0..PAGE * 2 + 3 {
            assert_eq!(list.len(), item);
            list.push(item);
        }
        assert!((0..PAGE * 2 + 3).all(|place| list.get(place) == Some(&place)));
        for place in [0, PAGE - 1, PAGE, PAGE * 2 + 2] {
            assert_eq!(list.get(place), Some(&place));
        }
        assert_eq!(list.get(PAGE * 2 + 3), None);
        *list.get_mut(PAGE).unwrap() = 7;
        assert_eq!(list.get(PAGE), Some(&7));
    }
}
