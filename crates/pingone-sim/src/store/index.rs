use hashbrown::HashTable;
use uuid::Uuid;

use crate::ids::mix;

/// Finds a slot by the hash of something in its record. The record holds the key, so an entry takes five bytes.
#[derive(Debug, Default)]
pub(super) struct Index(HashTable<u32>);

impl Index {
    pub(super) fn insert(&mut self, hash: u64, slot: u32, rehash: impl Fn(u32) -> u64) {
        self.0.insert_unique(hash, slot, |slot| rehash(*slot));
    }

    pub(super) fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        self.0.find(hash, |slot| is_it(*slot)).copied()
    }

    pub(super) fn remove(&mut self, hash: u64, slot: u32) {
        if let Ok(entry) = self.0.find_entry(hash, |candidate| *candidate == slot) {
            entry.remove();
        }
    }
}

pub(super) fn hash_id(id: Uuid) -> u64 {
    let (high, low) = id.as_u64_pair();
    mix(high ^ mix(low))
}

pub(super) fn hash_text(text: &str, case_sensitive: bool) -> u64 {
    let mut hash = 0;
    let mut feed = |c: char| hash = mix(hash ^ u64::from(c));
    if case_sensitive {
        text.chars().for_each(feed);
    } else {
        text.chars().flat_map(char::to_lowercase).for_each(&mut feed);
    }
    hash
}

/// Whether two texts are the same name.
pub(crate) fn same(a: &str, b: &str, case_sensitive: bool) -> bool {
    a == b
        || !case_sensitive
            && a.chars().flat_map(char::to_lowercase).eq(b.chars().flat_map(char::to_lowercase))
}
