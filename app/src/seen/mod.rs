//! Which keys were seen already, such as the usernames of a file, in memory that does not grow with their number.

mod spilled;
#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};

use siphasher::sip128::SipHasher13;

use spilled::Spilled;

/// The keys seen so far, as hashes of 96 bits with the number that had them first: 16 bytes for a key.
///
/// The newest are in memory; when these are too many, they go to a file without a name, sorted.
/// Two of a million different keys are taken for one with a probability below 10⁻¹⁷.
#[derive(Debug)]
pub(crate) struct Seen {
    slots: Vec<Slot>,
    used: usize,
    /// How many slots there may be.
    most: usize,
    keys: u64,
    spilled: Option<Spilled>,
    /// Where the file is when there is one.
    dir: PathBuf,
    /// It has a secret, so that nobody can choose names that collide.
    hasher: SipHasher13,
    folded: String,
}

/// What tells one key from others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hash((u64, u64));

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Slot {
    hash: u64,
    check: u32,
    /// 0 marks a free slot; numbers count from 1.
    number: u32,
}

impl Seen {
    /// Nothing was seen yet; what does not fit into memory goes to a file in `dir`.
    pub(crate) fn new(dir: &Path) -> Self {
        Self::with_most(dir, MOST)
    }

    /// As [`Self::new`], with so many slots at most.
    fn with_most(dir: &Path, most: usize) -> Self {
        let hasher = SipHasher13::new_with_keys(rand::random(), rand::random());
        Self {
            slots: vec![Slot::default(); most.min(LEAST)],
            used: 0,
            most,
            keys: 0,
            spilled: None,
            dir: dir.to_owned(),
            hasher,
            folded: String::new(),
        }
    }

    /// Nothing was seen yet, and a hash of `self` is good for both.
    pub(crate) fn sibling(&self) -> Self {
        Self { hasher: self.hasher, ..Self::with_most(&self.dir, self.most) }
    }

    /// Makes room for so many keys, so that memory need not grow step by step.
    pub(crate) fn reserve(&mut self, keys: u64) {
        let slots = usize::try_from(keys / 3 * 4 + 8).unwrap_or(usize::MAX).min(self.most);
        if slots > self.slots.len() {
            self.resize(slots);
        }
    }

    /// What tells the name `name` from others, letter case ignored.
    pub(crate) fn name(&mut self, name: &str) -> Hash {
        self.folded.clear();
        if name.is_ascii() {
            self.folded.push_str(name);
            self.folded.make_ascii_lowercase();
        } else {
            self.folded.extend(name.chars().flat_map(char::to_lowercase));
        }
        Hash(self.hasher.hash(self.folded.as_bytes()).as_u64())
    }

    /// What tells `bytes` from others.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Hash {
        Hash(self.hasher.hash(bytes).as_u64())
    }

    /// Has what [`Self::note`] is going to look at come into the cache all at once. One key after the other would wait
    /// for the memory each time, which takes several times as long as everything else here.
    pub(crate) fn fetch(&self, hashes: impl Iterator<Item = Hash>) {
        let look = |hash: Hash| {
            let slot = hash.slot(0);
            let filter = self.spilled.as_ref().map_or(0, |spilled| spilled.look(slot));
            filter ^ u64::from(self.slots[self.place(slot)].number)
        };
        std::hint::black_box(hashes.map(look).fold(0, |sum, looked| sum ^ looked));
    }

    /// Notes that `number` has the key that `hash` is of; gives the number that had it first.
    ///
    /// # Errors
    /// When the disk fails.
    pub(crate) fn note(&mut self, hash: Hash, number: u64) -> io::Result<Option<u64>> {
        if self.used * 4 >= self.slots.len() * 3 {
            self.make_room()?;
        }
        // Files of four thousand million rows are beyond what is taken.
        let slot = hash.slot(u32::try_from(number).unwrap_or(u32::MAX));
        if let Some(earlier) = self.earlier(slot)? {
            return Ok(Some(earlier));
        }
        let earlier = self.insert(slot);
        self.keys += u64::from(earlier.is_none());
        Ok(earlier)
    }

    /// Whether the key was seen that `hash` is of.
    ///
    /// # Errors
    /// When the disk fails.
    pub(crate) fn contains(&self, hash: Hash) -> io::Result<bool> {
        let slot = hash.slot(0);
        Ok(self.slots[self.find(slot)].number != 0 || self.earlier(slot)?.is_some())
    }

    /// How many keys were seen.
    pub(crate) fn len(&self) -> u64 {
        self.keys
    }

    /// The number of a key that is not in memory any more.
    fn earlier(&self, slot: Slot) -> io::Result<Option<u64>> {
        self.spilled.as_ref().map_or(Ok(None), |spilled| spilled.find(slot))
    }

    fn make_room(&mut self) -> io::Result<()> {
        if self.slots.len() < self.most {
            // By a half only: at a million rows, doubling would take most of the memory that an import may use.
            self.resize((self.slots.len() * 3 / 2).min(self.most));
            return Ok(());
        }
        let spilled = match self.spilled.take() {
            Some(spilled) => spilled,
            None => Spilled::new(&self.dir)?,
        };
        let spilled = self.spilled.insert(spilled);
        self.slots.retain(|slot| slot.number != 0);
        self.slots.sort_unstable();
        spilled.push(&self.slots)?;
        self.slots.clear();
        self.slots.resize(self.most, Slot::default());
        self.used = 0;
        Ok(())
    }

    fn insert(&mut self, slot: Slot) -> Option<u64> {
        let at = self.find(slot);
        let found = &mut self.slots[at];
        if found.number != 0 {
            return Some(u64::from(found.number));
        }
        *found = slot;
        self.used += 1;
        None
    }

    /// Where a key is, or would be.
    fn find(&self, slot: Slot) -> usize {
        let mut at = self.place(slot);
        loop {
            let found = self.slots[at];
            if found.number == 0 || (found.hash == slot.hash && found.check == slot.check) {
                return at;
            }
            at = if at + 1 == self.slots.len() { 0 } else { at + 1 };
        }
    }

    /// Where to begin to look for a hash.
    fn place(&self, slot: Slot) -> usize {
        // The upper half of a product is as even as a remainder, and division takes long.
        ((u128::from(slot.hash) * self.slots.len() as u128) >> 64) as usize
    }

    fn resize(&mut self, slots: usize) {
        let larger = vec![Slot::default(); slots];
        let smaller = std::mem::replace(&mut self.slots, larger);
        self.used = 0;
        for slot in smaller.into_iter().filter(|slot| slot.number != 0) {
            self.insert(slot);
        }
    }
}

impl Hash {
    fn slot(self, number: u32) -> Slot {
        let Self((hash, check)) = self;
        Slot { hash, check: (check >> 32) as u32, number }
    }
}

const LEAST: usize = 1024;

/// 32 MiB of them, for a million and a half keys.
const MOST: usize = 2 * 1024 * 1024;
