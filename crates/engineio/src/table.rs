use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use engineio_proto::Sid;
use parking_lot::RwLock;

use crate::connection::Link;

/// The live sessions, in shards so that connects on several workers do not wait for each other.
#[derive(Debug)]
pub(crate) struct Table {
    shards: Box<[Shard]>,
    hasher: RandomState,
}

type Shard = RwLock<HashMap<Sid, Arc<Link>>>;

impl Table {
    pub(crate) fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| RwLock::default()).collect(), hasher: RandomState::new() }
    }

    pub(crate) fn insert(&self, sid: Sid, link: Arc<Link>) {
        self.shard(&sid).write().insert(sid, link);
    }

    pub(crate) fn find(&self, sid: &Sid) -> Option<Arc<Link>> {
        self.shard(sid).read().get(sid).cloned()
    }

    pub(crate) fn remove(&self, sid: &Sid) {
        self.shard(sid).write().remove(sid);
    }

    /// All sessions at this moment.
    pub(crate) fn snapshot(&self) -> Vec<Arc<Link>> {
        self.shards.iter().flat_map(|shard| shard.read().values().cloned().collect::<Vec<_>>()).collect()
    }

    fn shard(&self, sid: &Sid) -> &Shard {
        #[expect(clippy::cast_possible_truncation, reason = "only the lowest bits select the shard")]
        let index = self.hasher.hash_one(sid) as usize % SHARDS;
        &self.shards[index]
    }
}

const SHARDS: usize = 32;
