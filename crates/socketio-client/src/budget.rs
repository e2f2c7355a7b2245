use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::Notify;

/// Bytes that events may occupy while they wait to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<Account>);

#[derive(Debug)]
struct Account {
    used: AtomicUsize,
    max: usize,
    /// Told when nothing is used.
    unused: Notify,
}

impl Budget {
    pub(crate) fn new(max: usize) -> Self {
        Self(Arc::new(Account { used: AtomicUsize::new(0), max, unused: Notify::new() }))
    }

    /// Takes bytes until the reservation is dropped; a single event may exceed the budget.
    pub(crate) fn reserve(&self, bytes: usize) -> Option<Reservation> {
        let fits =
            |used: usize| (used == 0 || used.saturating_add(bytes) <= self.0.max).then_some(used + bytes);
        self.0.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).ok()?;
        Some(Reservation { account: Arc::clone(&self.0), bytes })
    }

    /// Waits until nothing is used.
    pub(crate) async fn is_unused(&self) {
        loop {
            // From here on no notification is missed.
            let unused = self.0.unused.notified();
            if self.used() == 0 {
                return;
            }
            unused.await;
        }
    }

    pub(crate) fn used(&self) -> usize {
        self.0.used.load(Ordering::Relaxed)
    }
}

/// A part of a [`Budget`] that is given back when dropped.
#[derive(Debug)]
pub(crate) struct Reservation {
    account: Arc<Account>,
    bytes: usize,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.account.used.fetch_sub(self.bytes, Ordering::Relaxed) == self.bytes {
            self.account.unused.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_used_up_and_given_back() {
        let budget = Budget::new(10);
        let large = budget.reserve(100);
        assert!(large.is_some() && budget.reserve(1).is_none());
        drop(large);
        let (first, second) = (budget.reserve(6), budget.reserve(4));
        assert!(first.is_some() && second.is_some() && budget.reserve(1).is_none());
        assert_eq!(budget.used(), 10);
        drop((first, second));
        assert_eq!(budget.used(), 0);
    }
}
