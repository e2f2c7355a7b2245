//! Many frames, one system call.

use std::{collections::VecDeque, io::IoSlice};

use smallvec::SmallVec;

/// The first of these frames, as many as go into one system call.
///
/// Neighbours that are small are copied together into `room`, which costs less than what the kernel does for a slice.
pub(crate) fn gather<'a, F: AsRef<[u8]>>(frames: &'a VecDeque<F>, mut room: &'a mut [u8]) -> Slices<'a> {
    let (mut slices, mut frames) = (Slices::new(), frames.iter().map(F::as_ref).peekable());
    while slices.len() < MAX_SLICES && frames.peek().is_some() {
        let mut copied = 0;
        while let Some(frame) = frames.next_if(|frame| frame.len() <= MAX_COPIED.min(room.len() - copied)) {
            room[copied..][..frame.len()].copy_from_slice(frame);
            copied += frame.len();
        }
        let (run, rest) = std::mem::take(&mut room).split_at_mut(copied);
        room = rest;
        match copied {
            0 => slices.extend(frames.next().map(IoSlice::new)),
            _ => slices.push(IoSlice::new(run)),
        }
    }
    slices
}

pub(crate) type Slices<'a> = SmallVec<[IoSlice<'a>; MAX_SLICES]>;

/// Slices that the kernel is given at a time.
const MAX_SLICES: usize = 64;

/// Bytes of a frame that is rather copied than given to the kernel by itself.
const MAX_COPIED: usize = 512;

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    /// Frames of these lengths in a room of this size; the lengths of the slices, after a look at their bytes.
    fn lengths(frames: &[usize], room: usize) -> Vec<usize> {
        let numbered = frames.iter().zip(0_u8..);
        let frames: VecDeque<_> = numbered.map(|(len, byte)| Bytes::from(vec![byte; *len])).collect();
        let mut room = vec![0; room];
        let slices = gather(&frames, &mut room);
        let gathered: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
        let all: Vec<u8> = frames.iter().flatten().copied().collect();
        assert_eq!(gathered, all[..gathered.len()]);
        slices.iter().map(|slice| slice.len()).collect()
    }

    #[test]
    fn small_neighbours_become_one_slice() {
        assert_eq!(lengths(&[3, 200, 512], 1000), [715]);
        assert_eq!(lengths(&[3, 2000, 5, 6, 513, 7], 1000), [3, 2000, 11, 513, 7]);
        assert_eq!(lengths(&[100, 100, 100], 250), [200, 100], "there is no more room");
        assert_eq!(lengths(&[600; 100], 0), [600; MAX_SLICES], "the kernel takes no more at a time");
    }
}
