use std::{
    collections::{HashMap, hash_map::Entry},
    hash::{BuildHasher, Hash, RandomState},
    sync::Arc,
};

use parking_lot::RwLock;

use crate::connection::Link;

/// The live sessions by a name that they have, in shards so that connects on several workers do not wait for each other.
#[derive(Debug)]
pub(crate) struct Table<K> {
    shards: Box<[Shard<K>]>,
    hasher: RandomState,
}

type Shard<K> = RwLock<HashMap<K, Arc<Link>>>;

impl<K: Eq + Hash> Table<K> {
    pub(crate) fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| RwLock::default()).collect(), hasher: RandomState::new() }
    }

    pub(crate) fn insert(&self, name: K, link: Arc<Link>) {
        self.shard(&name).write().insert(name, link);
    }

    /// Gives the session that has this name, which is the new one if there was none.
    pub(crate) fn find_or_insert(&self, name: K, new: Arc<Link>) -> Arc<Link> {
        match self.shard(&name).write().entry(name) {
            Entry::Occupied(entry) => Arc::clone(entry.get()),
            Entry::Vacant(entry) => Arc::clone(entry.insert(new)),
        }
    }

    pub(crate) fn find(&self, name: &K) -> Option<Arc<Link>> {
        self.shard(name).read().get(name).cloned()
    }

    pub(crate) fn remove(&self, name: &K) {
        self.shard(name).write().remove(name);
    }

    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().len()).sum()
    }

    /// All sessions at this moment.
    pub(crate) fn snapshot(&self) -> Vec<Arc<Link>> {
        self.shards.iter().flat_map(|shard| shard.read().values().cloned().collect::<Vec<_>>()).collect()
    }

    fn shard(&self, name: &K) -> &Shard<K> {
        #[expect(clippy::cast_possible_truncation, reason = "only the lowest bits select the shard")]
        let index = self.hasher.hash_one(name) as usize % SHARDS;
        &self.shards[index]
    }
}

const SHARDS: usize = 32;
