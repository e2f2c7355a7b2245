use std::collections::VecDeque;

/// A queue whose first element needs no allocation: most hold one at a time, and those of idle sessions none.
#[derive(Debug)]
pub(super) struct Fifo<T> {
    /// Before all of `rest`.
    first: Option<T>,
    rest: VecDeque<T>,
}

impl<T> Fifo<T> {
    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none() && self.rest.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.rest.len()
    }

    pub(super) fn front(&self) -> Option<&T> {
        self.first.as_ref().or_else(|| self.rest.front())
    }

    pub(super) fn back(&self) -> Option<&T> {
        self.rest.back().or(self.first.as_ref())
    }

    pub(super) fn contains(&self, element: &T) -> bool
    where
        T: PartialEq,
    {
        self.first.as_ref() == Some(element) || self.rest.contains(element)
    }

    #[inline]
    pub(super) fn push_back(&mut self, element: T) {
        if self.is_empty() {
            self.first = Some(element);
        } else {
            self.push_behind(element);
        }
    }

    #[cold]
    fn push_behind(&mut self, element: T) {
        if self.rest.capacity() == 0 {
            // Who has to queue a second one has to queue more.
            self.rest.reserve(FIRST_ROOM);
        }
        self.rest.push_back(element);
    }

    pub(super) fn push_front(&mut self, element: T) {
        if let Some(second) = self.first.replace(element) {
            self.rest.push_front(second);
        }
    }

    #[inline]
    pub(super) fn pop_front(&mut self) -> Option<T> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        let element = self.rest.pop_front()?;
        if self.rest.is_empty() {
            self.rest = VecDeque::new();
        }
        Some(element)
    }
}

/// Elements that the queue has room for when it first needs any.
const FIRST_ROOM: usize = 16;

impl<T> Default for Fifo<T> {
    fn default() -> Self {
        Self { first: None, rest: VecDeque::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_a_queue() {
        let (mut fifo, mut model) = (Fifo::default(), VecDeque::new());
        // Each number is an operation: 0 takes, the others add at the back or the front.
        let operations = [1, 0, 0, 1, 1, 0, 1, 2, 0, 1, 0, 0, 0, 2, 2, 1, 0, 0, 0, 0];
        for (number, operation) in operations.into_iter().enumerate() {
            match operation {
                0 => assert_eq!(fifo.pop_front(), model.pop_front(), "operation {number}"),
                1 => {
                    fifo.push_back(number);
                    model.push_back(number);
                }
                _ => {
                    fifo.push_front(number);
                    model.push_front(number);
                }
            }
            assert_eq!(fifo.front(), model.front());
            assert_eq!(fifo.back(), model.back());
            assert_eq!((fifo.is_empty(), fifo.len()), (model.is_empty(), model.len()));
        }
    }
}
