//! Which usernames a file has had already.

use std::hash::{BuildHasher, RandomState};

/// The usernames seen so far, as hashes of 96 bits with the row that had them first: 16 bytes for a row.
///
/// Two of a million different usernames are taken for one with a probability below 10⁻¹⁷.
#[derive(Debug)]
pub(super) struct Duplicates {
    slots: Vec<Slot>,
    used: usize,
    hashers: [RandomState; 2],
    folded: String,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    hash: u64,
    check: u32,
    /// 0 marks a free slot; rows count from 1.
    row: u32,
}

impl Duplicates {
    pub(super) fn new() -> Self {
        Self {
            slots: vec![Slot::default(); 1024],
            used: 0,
            hashers: Default::default(),
            folded: String::new(),
        }
    }

    /// Makes room for `rows` usernames.
    pub(super) fn reserve(&mut self, rows: u64) {
        let slots = usize::try_from(rows / 3 * 4 + 8).unwrap_or(usize::MAX).min(MOST_RESERVED);
        if slots > self.slots.len() {
            self.resize(slots);
        }
    }

    /// Notes that `row` has `username`; gives the row that had it first, letter case ignored.
    pub(super) fn note(&mut self, username: &str, row: u64) -> Option<u64> {
        self.folded.clear();
        if username.is_ascii() {
            self.folded.push_str(username);
            self.folded.make_ascii_lowercase();
        } else {
            self.folded.extend(username.chars().flat_map(char::to_lowercase));
        }
        let [first, second] = &self.hashers;
        let hash = first.hash_one(self.folded.as_bytes());
        let check = (second.hash_one(self.folded.as_bytes()) >> 32) as u32;
        if self.used * 4 >= self.slots.len() * 3 {
            // By a half only: at a million rows, doubling would take most of the memory that an import may use.
            self.resize(self.slots.len() * 3 / 2);
        }
        // Files of four thousand million rows are beyond the rows that a ledger entry can name anyway.
        let row = u32::try_from(row).unwrap_or(u32::MAX);
        self.insert(Slot { hash, check, row })
    }

    fn insert(&mut self, slot: Slot) -> Option<u64> {
        let length = self.slots.len();
        // The upper half of a product is as even as a remainder, and division takes long.
        let mut at = ((u128::from(slot.hash) * length as u128) >> 64) as usize;
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

    #[test]
    fn letter_case_does_not_count() {
        let mut duplicates = Duplicates::new();
        assert_eq!(duplicates.note("Ada", 1), None);
        assert_eq!(duplicates.note("Ödön", 2), None);
        assert_eq!(duplicates.note("aDA", 3), Some(1));
        assert_eq!(duplicates.note("öDÖN", 4), Some(2));
    }

    #[test]
    fn the_first_row_is_named_after_growth() {
        let mut duplicates = Duplicates::new();
        for row in 1..=20_000 {
            assert_eq!(duplicates.note(&format!("user{row}"), row), None);
        }
        for row in 1..=20_000 {
            assert_eq!(duplicates.note(&format!("USER{row}"), row + 20_000), Some(row));
        }
    }
}
