//! Which usernames a file has had already.

use siphasher::sip128::SipHasher13;

/// The usernames seen so far, as hashes of 96 bits with the row that had them first: 16 bytes for a row.
///
/// Two of a million different usernames are taken for one with a probability below 10⁻¹⁷.
#[derive(Debug)]
pub(super) struct Duplicates {
    slots: Vec<Slot>,
    used: usize,
    /// It has a secret, so that nobody can choose names that collide.
    hasher: SipHasher13,
    folded: String,
}

/// What tells one username from others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hash((u64, u64));

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    hash: u64,
    check: u32,
    /// 0 marks a free slot; rows count from 1.
    row: u32,
}

impl Duplicates {
    pub(super) fn new() -> Self {
        let hasher = SipHasher13::new_with_keys(rand::random(), rand::random());
        Self { slots: vec![Slot::default(); 1024], used: 0, hasher, folded: String::new() }
    }

    /// Makes room for `rows` usernames.
    pub(super) fn reserve(&mut self, rows: u64) {
        let slots = usize::try_from(rows / 3 * 4 + 8).unwrap_or(usize::MAX).min(MOST_RESERVED);
        if slots > self.slots.len() {
            self.resize(slots);
        }
    }

    /// What tells `username` from others, letter case ignored.
    pub(super) fn hash(&mut self, username: &str) -> Hash {
        self.folded.clear();
        if username.is_ascii() {
            self.folded.push_str(username);
            self.folded.make_ascii_lowercase();
        } else {
            self.folded.extend(username.chars().flat_map(char::to_lowercase));
        }
        Hash(self.hasher.hash(self.folded.as_bytes()).as_u64())
    }

    /// Has what [`Self::note`] is going to look at come into the cache all at once. One name after the other would wait
    /// for the memory each time, which takes several times as long as everything else here.
    pub(super) fn fetch(&self, hashes: impl Iterator<Item = Hash>) {
        let slots = hashes.filter_map(|hash| self.slots.get(self.place(hash)));
        std::hint::black_box(slots.fold(0, |sum, slot| sum ^ slot.row));
    }

    /// Notes that `row` has the name that `hash` is of; gives the row that had it first.
    pub(super) fn note(&mut self, hash: Hash, row: u64) -> Option<u64> {
        if self.used * 4 >= self.slots.len() * 3 {
            // By a half only: at a million rows, doubling would take most of the memory that an import may use.
            self.resize(self.slots.len() * 3 / 2);
        }
        // Files of four thousand million rows are beyond the rows that a ledger entry can name anyway.
        let row = u32::try_from(row).unwrap_or(u32::MAX);
        let Hash((hash, check)) = hash;
        self.insert(Slot { hash, check: (check >> 32) as u32, row })
    }

    fn insert(&mut self, slot: Slot) -> Option<u64> {
        let length = self.slots.len();
        let mut at = self.place(Hash((slot.hash, 0)));
        loop {
            let found = &mut self.slots[at];
            if found.row == 0 {
                *found = slot;
                self.used += 1;
                return None;
            }
            if found.hash == slot.hash && found.check == slot.check {
                return Some(u64::from(found.row));
            }
            at = if at + 1 == length { 0 } else { at + 1 };
        }
    }

    /// Where to begin to look for a hash.
    fn place(&self, Hash((hash, _)): Hash) -> usize {
        // The upper half of a product is as even as a remainder, and division takes long.
        ((u128::from(hash) * self.slots.len() as u128) >> 64) as usize
    }

    fn resize(&mut self, slots: usize) {
        let larger = vec![Slot::default(); slots];
        let smaller = std::mem::replace(&mut self.slots, larger);
        self.used = 0;
        for slot in smaller.into_iter().filter(|slot| slot.row != 0) {
            self.insert(slot);
        }
    }
}

/// A file's own count is believed up to 100 million rows.
const MOST_RESERVED: usize = 134_000_000;

#[cfg(test)]
mod tests {
    use super::Duplicates;

    fn note(duplicates: &mut Duplicates, username: &str, row: u64) -> Option<u64> {
        let hash = duplicates.hash(username);
        duplicates.fetch(std::iter::once(hash));
        duplicates.note(hash, row)
    }

    #[test]
    fn letter_case_does_not_count() {
        let mut duplicates = Duplicates::new();
        assert_eq!(note(&mut duplicates, "Ada", 1), None);
        assert_eq!(note(&mut duplicates, "Ödön", 2), None);
        assert_eq!(note(&mut duplicates, "aDA", 3), Some(1));
        assert_eq!(note(&mut duplicates, "öDÖN", 4), Some(2));
    }

    #[test]
    fn the_first_row_is_named_after_growth() {
        let mut duplicates = Duplicates::new();
        for row in 1..=20_000 {
            assert_eq!(note(&mut duplicates, &format!("user{row}"), row), None);
        }
        for row in 1..=20_000 {
            assert_eq!(note(&mut duplicates, &format!("USER{row}"), row + 20_000), Some(row));
        }
    }
}
