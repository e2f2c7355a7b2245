//! Keys on the disk: sorted runs in a file without a name, and what tells in memory that a key is in none of them.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::Slot;

/// Keys that memory has no room for.
#[derive(Debug)]
pub(super) struct Spilled {
    file: File,
    runs: Vec<Run>,
    /// A filter of Bloom's: a key whose four bits are not all set is in no run.
    filter: Vec<u64>,
}

/// Sorted slots.
#[derive(Debug)]
struct Run {
    /// Where it begins in the file.
    start: u64,
    slots: usize,
    /// The first hash of each page.
    pages: Vec<u64>,
}

impl Spilled {
    /// A file in `dir` that is gone when this is, whatever ends the process.
    pub(super) fn new(dir: &Path) -> io::Result<Self> {
        Ok(Self { file: tempfile::tempfile_in(dir)?, runs: Vec::new(), filter: vec![0; FILTER] })
    }

    /// Writes slots, which are in order, as one run.
    pub(super) fn push(&mut self, slots: &[Slot]) -> io::Result<()> {
        let start = self.file.seek(SeekFrom::End(0))?;
        let mut out = BufWriter::new(&self.file);
        for slot in slots {
            out.write_all(&slot.bytes())?;
            let (word, bits) = place(*slot);
            self.filter[word] |= bits;
        }
        out.flush()?;
        drop(out);
        let pages = slots.iter().step_by(PAGE).map(|slot| slot.hash).collect();
        self.runs.push(Run { start, slots: slots.len(), pages });
        Ok(())
    }

    /// What the filter has where it has this key.
    pub(super) fn look(&self, slot: Slot) -> u64 {
        self.filter[place(slot).0]
    }

    /// The number of the key that `slot` has, if it is here.
    pub(super) fn find(&self, slot: Slot) -> io::Result<Option<u64>> {
        let (word, bits) = place(slot);
        if self.filter[word] & bits != bits {
            return Ok(None);
        }
        for run in &self.runs {
            if let Some(number) = self.find_in(run, slot)? {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    fn find_in(&self, run: &Run, slot: Slot) -> io::Result<Option<u64>> {
        let after = run.pages.partition_point(|first| *first <= slot.hash);
        let Some(page) = after.checked_sub(1) else { return Ok(None) };
        let mut bytes = [0; PAGE * SLOT];
        let slots = (run.slots - page * PAGE).min(PAGE);
        let bytes = &mut bytes[..slots * SLOT];
        let mut file = &self.file;
        file.seek(SeekFrom::Start(run.start + (page * PAGE * SLOT) as u64))?;
        file.read_exact(bytes)?;
        let mut slots = bytes.chunks_exact(SLOT).map(Slot::read);
        let found = slots.find(|found| found.hash == slot.hash && found.check == slot.check);
        Ok(found.map(|found| u64::from(found.number)))
    }
}

impl Slot {
    fn bytes(self) -> [u8; SLOT] {
        let rest = u64::from(self.check) << 32 | u64::from(self.number);
        (u128::from(self.hash) << 64 | u128::from(rest)).to_be_bytes()
    }

    fn read(bytes: &[u8]) -> Self {
        let number = bytes.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        Self { hash: (number >> 64) as u64, check: (number >> 32) as u32, number: number as u32 }
    }
}

/// The word of the filter that a key has its bits in, and the bits.
fn place(slot: Slot) -> (usize, u64) {
    // The upper bits of the hash are alike in what is looked for and found at one place.
    let bit = |index: u32| 1_u64 << (slot.hash >> (6 * index) & 63);
    (slot.check as usize % FILTER, bit(0) | bit(1) | bit(2) | bit(3))
}

/// Words of the filter, 32 MiB: with 25 million keys about one that was never seen in a hundred is looked for on the disk.
const FILTER: usize = 4 * 1024 * 1024;

/// Slots that are read at a time.
const PAGE: usize = 256;

/// Bytes of a slot.
const SLOT: usize = 16;
