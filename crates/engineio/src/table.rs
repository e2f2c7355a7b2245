use std::{
    hash::{BuildHasher, Hash, RandomState},
    sync::Arc,
};

use hashbrown::{HashTable, hash_table::Entry};
use parking_lot::RwLock;

use crate::connection::Link;

/// The live sessions by a name that they have, in shards so that connects on several workers do not wait for each other.
///
/// A name is hashed once, for its shard and for its place there.
#[derive(Debug)]
pub(crate) struct Table<K> {
    shards: Box<[Shard<K>]>,
    /// With random keys, as clients choose what is looked up.
    hasher: RandomState,
}

type Shard<K> = RwLock<HashTable<(K, Arc<Link>)>>;

impl<K: Eq + Hash> Table<K> {
    pub(crate) fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| RwLock::default()).collect(), hasher: RandomState::new() }
    }

    /// Gives the name to this session, whoever had it before.
    pub(crate) fn insert(&self, name: K, link: Arc<Link>) {
        let (shard, hash) = self.shard(&name);
        match shard.write().entry(hash, |(known, _)| *known == name, |(name, _)| self.hasher.hash_one(name)) {
            Entry::Occupied(mut entry) => entry.get_mut().1 = link,
            Entry::Vacant(entry) => drop(entry.insert((name, link))),
        }
    }

    /// Gives the session that has this name, which is the new one if there was none.
    pub(crate) fn find_or_insert(&self, name: K, new: Arc<Link>) -> Arc<Link> {
        let (shard, hash) = self.shard(&name);
        match shard.write().entry(hash, |(known, _)| *known == name, |(name, _)| self.hasher.hash_one(name)) {
            Entry::Occupied(entry) => Arc::clone(&entry.get().1),
            Entry::Vacant(entry) => Arc::clone(&entry.insert((name, new)).get().1),
        }
    }

    pub(crate) fn find(&self, name: &K) -> Option<Arc<Link>> {
        let (shard, hash) = self.shard(name);
        shard.read().find(hash, |(known, _)| known == name).map(|(_, link)| Arc::clone(link))
    }

    pub(crate) fn remove(&self, name: &K) {
        let (shard, hash) = self.shard(name);
        let removed = match shard.write().find_entry(hash, |(known, _)| known == name) {
            Ok(entry) => Some(entry.remove().0),
            Err(_) => None,
        };
        // The last handle of a session frees it, which nobody has to wait for.
        drop(removed);
    }

    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().len()).sum()
    }

    /// All sessions at this moment.
    pub(crate) fn snapshot(&self) -> Vec<Arc<Link>> {
        self.shards.iter().flat_map(Self::links).collect()
    }

    /// Whether there is such a session.
    pub(crate) fn any(&self, is_one: impl Fn(&Link) -> bool) -> bool {
        self.shards.iter().any(|shard| Self::links(shard).iter().any(|link| is_one(link)))
    }

    /// A copy, since a session must not be locked while its shard is.
    fn links(shard: &Shard<K>) -> Vec<Arc<Link>> {
        shard.read().iter().map(|(_, link)| Arc::clone(link)).collect()
    }

    fn shard(&self, name: &K) -> (&Shard<K>, u64) {
        let hash = self.hasher.hash_one(name);
        // The table takes its lowest bits and its highest ones.
        let index = (hash >> 32) as usize % SHARDS;
        (&self.shards[index], hash)
    }
}

const SHARDS: usize = 32;
