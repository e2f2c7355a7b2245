use std::{
    collections::{HashSet, VecDeque},
    time::{Duration, Instant},
};

use engineio_proto::session::adaptive::Key;
use parking_lot::Mutex;

use crate::clock;

/// Keys of sessions that have ended lately.
#[derive(Debug, Default)]
pub(crate) struct EndedKeys {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    keys: HashSet<Key>,
    /// The same in the order in which they are forgotten.
    order: VecDeque<(Instant, Key)>,
}

impl EndedKeys {
    pub(crate) fn insert(&self, key: Key) {
        let now = clock::now();
        let mut inner = self.inner.lock();
        inner.forget(now);
        if inner.keys.insert(key.clone()) {
            inner.order.push_back((now, key));
        }
    }

    pub(crate) fn contains(&self, key: &Key) -> bool {
        self.inner.lock().keys.contains(key)
    }
}

impl Inner {
    fn forget(&mut self, now: Instant) {
        while self.order.len() >= MOST
            || self.order.front().is_some_and(|(ended, _)| now.duration_since(*ended) > REMEMBERED)
        {
            let Some((_, key)) = self.order.pop_front() else { return };
            self.keys.remove(&key);
        }
    }
}

/// No proxy repeats a request later than this.
const REMEMBERED: Duration = Duration::from_secs(120);

/// Some megabytes of keys; beyond, the oldest are forgotten early.
const MOST: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_keys_make_room() {
        let key = |number: usize| format!("{number:022}").parse::<Key>().unwrap();
        let ended = EndedKeys::default();
        (0..=MOST).for_each(|number| ended.insert(key(number)));
        assert!(!ended.contains(&key(0)));
        assert!(ended.contains(&key(1)) && ended.contains(&key(MOST)));
        assert_eq!(ended.inner.lock().keys.len(), MOST);
    }
}
