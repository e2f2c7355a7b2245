//! The hash function `SipHash` with 128 bits.

/// A secret under which texts are hashed, so that nobody can choose texts that collide.
#[derive(Debug)]
pub(super) struct SipKey([u64; 2]);

impl SipKey {
    pub(super) fn random() -> Self {
        Self(rand::random())
    }

    /// Few rounds, as in the maps of the standard library, and twice as many bits.
    pub(super) fn hash(&self, bytes: &[u8]) -> [u64; 2] {
        sip::<1, 3>(self.0, bytes)
    }
}

fn sip<const COMPRESSION: usize, const FINALIZATION: usize>([low, high]: [u64; 2], bytes: &[u8]) -> [u64; 2] {
    let mut state = [
        low ^ u64::from_be_bytes(*b"somepseu"),
        high ^ u64::from_be_bytes(*b"dorandom") ^ 0xEE,
        low ^ u64::from_be_bytes(*b"lygenera"),
        high ^ u64::from_be_bytes(*b"tedbytes"),
    ];
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        absorb::<COMPRESSION>(&mut state, u64::from_le_bytes(*word));
    }
    // What is left of the bytes, and their number in the highest byte.
    let left = match bytes.last_chunk::<8>() {
        Some(last) => u64::from_le_bytes(*last).checked_shr(64 - 8 * rest.len() as u32).unwrap_or(0),
        None => rest.iter().rev().fold(0, |left, byte| left << 8 | u64::from(*byte)),
    };
    absorb::<COMPRESSION>(&mut state, left | (bytes.len() as u64) << 56);
    state[2] ^= 0xEE;
    let first = squeeze::<FINALIZATION>(&mut state);
    state[1] ^= 0xDD;
    [first, squeeze::<FINALIZATION>(&mut state)]
}

fn absorb<const ROUNDS: usize>(state: &mut [u64; 4], word: u64) {
    state[3] ^= word;
    (0..ROUNDS).for_each(|_| round(state));
    state[0] ^= word;
}

fn squeeze<const ROUNDS: usize>(state: &mut [u64; 4]) -> u64 {
    (0..ROUNDS).for_each(|_| round(state));
    state.iter().fold(0, |sum, word| sum ^ word)
}

fn round([a, b, c, d]: &mut [u64; 4]) {
    *a = a.wrapping_add(*b);
    *b = b.rotate_left(13) ^ *a;
    *a = a.rotate_left(32);
    *c = c.wrapping_add(*d);
    *d = d.rotate_left(16) ^ *c;
    *a = a.wrapping_add(*d);
    *d = d.rotate_left(21) ^ *a;
    *c = c.wrapping_add(*b);
    *b = b.rotate_left(17) ^ *c;
    *c = c.rotate_left(32);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key 00 01 … 0F, and the first bytes of 00 01 02 …, as in the reference implementation's vectors.
    #[test]
    fn the_published_vectors_of_siphash_2_4() {
        let key = [0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908];
        let table: [(usize, u128); 2] =
            [(0, 0xA381_7F04_BA25_A8E6_6DF6_7214_C755_0293), (1, 0xDA87_C1D8_6B99_AF44_3476_5911_9B22_FC45)];
        for (length, expected) in table {
            let bytes: Vec<u8> = (0..length as u8).collect();
            let [first, second] = sip::<2, 4>(key, &bytes);
            let found = [first.to_le_bytes(), second.to_le_bytes()].concat();
            assert_eq!(found, expected.to_be_bytes(), "{length} bytes");
        }
    }

    #[test]
    fn every_byte_counts_at_every_length() {
        let key = SipKey::random();
        let mut seen = std::collections::HashSet::new();
        for length in 0..40 {
            let mut bytes = vec![0; length];
            assert!(seen.insert(key.hash(&bytes)), "{length} bytes");
            for at in 0..length {
                bytes[at] = 1;
                assert!(seen.insert(key.hash(&bytes)), "byte {at} of {length}");
                bytes[at] = 0;
            }
        }
        assert_ne!(SipKey::random().hash(b"ada"), key.hash(b"ada"), "each key gives other hashes");
    }
}
